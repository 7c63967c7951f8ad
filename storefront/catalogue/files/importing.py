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
from storefront.core.services import PricePolicy

BUNDLED = Path(__file__).parents[1] / "data" / "catalogue.json"
MOST_PAYABLE_RIALS = 2_000_000_000  # at once, by card; gateways refuse more
NOTHING_BESIDE = PricePolicy(delivery_fee_rials=0, vat_percent=0)


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
    before_tax = MOST_PAYABLE_RIALS * 100 // (100 + prices.vat_percent)
    return before_tax - prices.delivery_fee_rials


def seed() -> dict[str, int] | None:
    """Put the bundled products into an empty shop; None if there is something to sell already."""
    if db.session.scalar(select(func.count()).select_from(Product)):
        return None
    return store(read(BUNDLED))
