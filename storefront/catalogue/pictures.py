"""Keep the uploaded pictures of products in order; the files are in ``picture_files``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from storefront.catalogue import changes, picture_files
from storefront.catalogue.models import Product
from storefront.catalogue.picture_files import MadePicture
from storefront.core.database import Model, db, transaction

MOST_PICTURES = 12  # of one product
_COPIED = ("position", "name", "width", "height", "text_fa", "text_en")


class TooManyPictures(Exception):
    """The product has as many as it may have."""


class ProductPicture(Model):
    """One uploaded picture; ``name`` is what its files' names begin with, and not its address.

    Its texts say what it shows, to who cannot see it.
    """

    __tablename__ = "product_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(picture_files.NAME_LENGTH), index=True)
    width: Mapped[int]
    height: Mapped[int]
    text_fa: Mapped[str] = mapped_column(Text, default="", server_default="")
    text_en: Mapped[str] = mapped_column(Text, default="", server_default="")


def of_product(product_id: int) -> Sequence[ProductPicture]:
    """Return the pictures of a product in their order."""
    query = select(ProductPicture).where(ProductPicture.product_id == product_id)
    return db.session.scalars(query.order_by(ProductPicture.position, ProductPicture.id)).all()


def add(product_id: int, made: MadePicture, folder: Path, *, by: str, now: datetime) -> None:
    """Put a picture behind the others; one that is there already stays where it is.

    The files are written first: a crash leaves at most files that nothing refers to. Raises
    LookupError and :class:`TooManyPictures`.
    """
    with transaction():
        product, shown = _locked(product_id)
        if any(each.name.startswith(made.digest) for each in shown):
            return
        if len(shown) >= MOST_PICTURES:
            raise TooManyPictures
        name = picture_files.keep(made, folder)
        added = ProductPicture(
            product_id=product_id, name=name, width=made.width, height=made.height
        )
        db.session.add(added)
        _put_in_order(product, [*shown, added], by=by, now=now)


def move(product_id: int, picture_id: int, places: int, *, by: str, now: datetime) -> None:
    """Move a picture so many places towards the end. Raises LookupError."""
    with transaction():
        product, shown = _locked(product_id)
        place = _place(shown, picture_id)
        to = min(max(place + places, 0), len(shown) - 1)
        shown.insert(to, shown.pop(place))
        _put_in_order(product, shown, by=by, now=now)


def describe(
    product_id: int, picture_id: int, text_fa: str, text_en: str, *, by: str, now: datetime
) -> None:
    """Keep what a picture shows; no English text means the Persian one. Raises LookupError."""
    with transaction():
        product, shown = _locked(product_id)
        picture = shown[_place(shown, picture_id)]
        texts = {"text_fa": text_fa, "text_en": text_en or text_fa}
        before = {name: getattr(picture, name) for name in texts}
        for name, text in texts.items():
            setattr(picture, name, text)
        made = {f"picture_{name}": [before[name], text] for name, text in texts.items()}
        told = {name: pair for name, pair in made.items() if pair[0] != pair[1]}
        if told:
            changes.note(product, told, by=by, now=now)


def remove(product_id: int, picture_id: int, folder: Path, *, by: str, now: datetime) -> None:
    """Remove a picture, then its files if no other product shows it. Raises LookupError."""
    with transaction():
        product, shown = _locked(product_id)
        gone = shown.pop(_place(shown, picture_id))
        db.session.delete(gone)
        _put_in_order(product, shown, by=by, now=now)
    if not db.session.scalar(select(ProductPicture.id).where(ProductPicture.name == gone.name)):
        picture_files.remove(gone.name, folder)


def copy(source_id: int, target_id: int) -> None:
    """Let another product show the same; call it in the writing transaction, the source locked."""
    for each in of_product(source_id):
        facts = {name: getattr(each, name) for name in _COPIED}
        db.session.add(ProductPicture(product_id=target_id, **facts))


def _locked(product_id: int) -> tuple[Product, list[ProductPicture]]:
    query = select(Product).where(Product.id == product_id).with_for_update()
    product = db.session.scalar(query.execution_options(populate_existing=True))
    if product is None:
        raise LookupError(product_id)
    return product, list(of_product(product_id))


def _place(shown: Sequence[ProductPicture], picture_id: int) -> int:
    ids = [each.id for each in shown]
    if picture_id not in ids:
        raise LookupError(picture_id)
    return ids.index(picture_id)


def _put_in_order(
    product: Product, shown: Sequence[ProductPicture], *, by: str, now: datetime
) -> None:
    for position, each in enumerate(shown):
        each.position = position
    product.picture = shown[0].name if shown else None
    changes.note(product, {"pictures": [None, len(shown)]}, by=by, now=now)
