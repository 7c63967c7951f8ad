"""Import products from a file; it is checked whole before anything is changed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from storefront.catalogue.files import shopify, woocommerce
from storefront.catalogue.files.checking import CatalogueFile, Checks, checked
from storefront.catalogue.files.pictures import STATIC, Pictures
from storefront.catalogue.files.problems import Problems, Progress, silent
from storefront.catalogue.files.reading import read_table
from storefront.catalogue.files.storing import store
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.core.delivery import DEFAULT_METHODS
from storefront.core.services import PricePolicy

BUNDLED = Path(__file__).parents[1] / "data" / "catalogue.json"
MOST_PAYABLE_RIALS = 2_000_000_000  # at once, by card; gateways refuse more
NOTHING_BESIDE = PricePolicy(
    delivery_fee_rials=0, vat_percent=0, methods=DEFAULT_METHODS.methods[:1]
)


def read(
    path: Path,
    *,
    prices: PricePolicy = NOTHING_BESIDE,
    prices_in: str = "",
    static: Path = STATIC,
    progress: Progress = silent,
) -> CatalogueFile:
    """Read and check a file: CSV, XLSX or JSON. Raises WrongFile with every problem.

    ``prices_in`` is ``"toman"`` or ``"rials"``: what a price means whose heading does not say it.
    ``prices`` is what an order costs beside its products. docs/catalogue.md describes the columns.
    """
    problems = Problems()
    foreign = woocommerce.HEADINGS | shopify.HEADINGS
    table = read_table(path, foreign, problems)
    checks = Checks(Pictures(static), dearest_rials(prices), prices_in)
    for shop in (woocommerce, shopify):
        if shop.is_export(table.headings):
            table = shop.converted(table, checks, problems)
            break
    return checked(table, checks, problems, progress)


def dearest_rials(prices: PricePolicy) -> int:
    """Return the highest price, in Rials, of which one piece can be paid with tax and delivery."""
    added_percent = 0 if prices.with_tax else prices.vat_percent
    without_added = MOST_PAYABLE_RIALS * 100 // (100 + added_percent)
    return without_added - max(map(prices.fee_rials, prices.methods))


def seed() -> dict[str, int] | None:
    """Put the bundled products into an empty shop; None if there is something to sell already."""
    if db.session.scalar(select(func.count()).select_from(Product)):
        return None
    return store(read(BUNDLED))
