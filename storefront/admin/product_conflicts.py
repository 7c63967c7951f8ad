"""Bring two people's changes of one product together in the form of the second."""

from __future__ import annotations

from typing import Any

from storefront.admin.product_forms import FIELD_OF, ProductForm
from storefront.admin.product_words import label_of, shown
from storefront.catalogue import editing
from storefront.catalogue.changes import ChangedMeanwhile
from storefront.catalogue.models import Product

Theirs = list[dict[str, Any]]


def keep_both(form: ProductForm, meanwhile: ChangedMeanwhile, product: Product) -> Theirs:
    """Return what the others changed, and put it into the fields that this person left alone.

    A field that both changed keeps what this person typed. Sent again, the form is of today's
    version.
    """
    typed, today = form.product_fields(), editing.fields_of(product)
    form.version.data = str(product.version)
    theirs = []
    for name, before in _before(meanwhile).items():
        mine, now = getattr(typed, name), getattr(today, name)
        is_mine = mine not in (before, now)
        if not is_mine:
            form.put(name, now)
        theirs.append(
            {
                "label": label_of(name),
                "before": shown(name, before),
                "now": shown(name, now),
                "is_mine": is_mine,
                "field": FIELD_OF.get(name, name),
            }
        )
    return theirs


def _before(meanwhile: ChangedMeanwhile) -> dict[str, Any]:
    """Return what each field was before the first change that this person has not seen."""
    known = editing.ProductFields.__slots__
    before: dict[str, Any] = {}
    for change in meanwhile.changes:
        for name, (old, _new) in change.changes.items():
            if name in known:
                before.setdefault(name, old)
    return before
