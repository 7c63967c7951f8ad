"""Take the pictures of a product, put them in order and remove them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from storefront.admin.access import area
from storefront.admin.product_forms import in_words
from storefront.admin.products import by_now, page, product_or_404
from storefront.admin.uploads import take_files
from storefront.admin.words import shown_number
from storefront.catalogue import picture_files, pictures
from storefront.catalogue.picture_files import WrongPicture
from storefront.catalogue.pictures import TooManyPictures
from storefront.core.database import end_reading
from storefront.core.formats import persian_letters
from storefront.core.typed import one_line
from storefront.staff.models import Role
from storefront.web import asking
from storefront.web.filters import in_language
from storefront.web.pictures import folder

blueprint = area("pictures", needs=Role.CLERK)
take_files(blueprint, "add")
LONGEST_NAME = 80  # letters of a file's name that are shown
LONGEST_TEXT = 200


@blueprint.post("/products/<int:product_id>/pictures")
def add(product_id: int) -> ResponseReturnValue:
    """Add pictures; those that cannot be taken are named, the others are kept."""
    product_or_404(product_id)
    sent = [file for file in request.files.getlist("pictures") if file.filename]
    wrong = [_("Choose one picture or more first.")] if not sent else _add(product_id, sent)
    if wrong:
        return page(product_id, 422, wrong_pictures=wrong)
    flash(_("The pictures are in the shop."), "success")
    return _back(product_id)


def _add(product_id: int, sent: Iterable[FileStorage]) -> list[str]:
    """Return a sentence for each that was not taken."""
    end_reading()  # to make the files takes seconds
    wrong = []
    for file in sent:
        try:
            made = picture_files.made_from(file.stream.read(picture_files.MOST_BYTES + 1))
            pictures.add(product_id, made, folder(), **by_now())
        except WrongPicture as error:
            wrong.append(f"{one_line(file.filename or '')[:LONGEST_NAME]}: {in_words(error)}")
        except TooManyPictures:
            most = pictures.MOST_PICTURES
            wrong.append(_("A product has %(most)s pictures at most.", most=shown_number(most)))
            break
    return wrong


@blueprint.post("/products/<int:product_id>/pictures/<int:picture_id>/texts")
def describe(product_id: int, picture_id: int) -> ResponseReturnValue:
    """Keep what a picture shows, for who cannot see it."""
    texts = [
        one_line(persian_letters(request.form.get(name, "")))[:LONGEST_TEXT].strip()
        for name in ("text_fa", "text_en")
    ]
    try:
        pictures.describe(product_id, picture_id, *texts, **by_now())
    except LookupError:
        abort(404)
    flash(_("The change is kept."), "success")
    return _back(product_id)


def _back(product_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin_products.show", product_id=product_id, _anchor="pictures"), 303)


@blueprint.post(
    "/products/<int:product_id>/pictures/<int:picture_id>/<any(earlier, later, remove):what>"
)
def change(product_id: int, picture_id: int, what: str) -> ResponseReturnValue:
    """Move a picture by one place, or remove it."""
    if what == "remove" and not asking.is_sure():
        return _ask_to_remove(product_id)
    acts: dict[str, Callable[[], None]] = {
        "earlier": lambda: pictures.move(product_id, picture_id, -1, **by_now()),
        "later": lambda: pictures.move(product_id, picture_id, 1, **by_now()),
        "remove": lambda: pictures.remove(product_id, picture_id, folder(), **by_now()),
    }
    try:
        acts[what]()
    except LookupError:
        abort(404)
    flash(_("The change is kept."), "success")
    return _back(product_id)


def _ask_to_remove(product_id: int) -> ResponseReturnValue:
    product = product_or_404(product_id)
    return asking.ask(
        _("Remove this picture of %(name)s?", name=in_language(product, "name")),
        _("It disappears from the shop, and its file is deleted. This cannot be undone."),
        yes=_("Remove the picture"),
        no=_("Keep the picture"),
        back=url_for("admin_products.show", product_id=product_id, _anchor="pictures"),
        layout=asking.OFFICE,
        area="products",
    )
