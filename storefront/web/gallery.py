"""Show the pictures of a product in order: what was uploaded, else its files below ``static``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from storefront.catalogue import pictures
from storefront.catalogue.files.pictures import NO_PICTURE
from storefront.catalogue.models import Product
from storefront.catalogue.picture_files import SIZES
from storefront.catalogue.pictures import ProductPicture
from storefront.web.filters import in_language
from storefront.web.templating import kept_url_for


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture: its address in large, and what it shows; an uploaded one also has a name."""

    large: str
    text: str
    name: str = ""
    width: int = 400
    height: int = 400


def of(product: Product) -> Sequence[Shown]:
    """Return a product's pictures; none where it has only the drawing of a parcel."""
    if product.picture:
        return [_uploaded(each) for each in pictures.of_product(product.id)]
    files = (
        [product.image, *product.more_images.split("\n")]
        if product.more_images
        else [product.image]
    )
    texts = in_language(product, "image_texts").split("\n")
    return [
        Shown(kept_url_for("static", filename=file), text or "")
        for file, text in zip_longest(files, texts[: len(files)])
        if file != NO_PICTURE
    ]


def _uploaded(picture: ProductPicture) -> Shown:
    file = f"{picture.name}-{SIZES[-1]}.webp"
    return Shown(
        kept_url_for("pictures.uploaded", name=file),
        in_language(picture, "text"),
        picture.name,
        picture.width,
        picture.height,
    )
