"""Whatever file a merchant sends: it ends in the right products, or in words that help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from storefront.catalogue import files
from storefront.catalogue.models import products
from storefront.core.delivery import DEFAULT_METHODS
from storefront.core.services import PricePolicy
from testkit.cases import naming
from tests.catalogue_files import CASES
from tests.catalogue_files.building import Case

TAXED = PricePolicy(
    delivery_fee_rials=0, vat_percent=10, with_tax=False, methods=DEFAULT_METHODS.methods[:1]
)


def read(case: Case, folder: Path) -> files.CatalogueFile:
    path = folder / case.file
    path.write_bytes(case.content)
    return files.read(path, prices=TAXED, prices_in=case.prices_in)


def test_there_are_more_than_sixty() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 60


@pytest.mark.parametrize("case", [case for case in CASES if case.rials], ids=lambda case: case.name)
def test_a_right_file_is_understood(case: Case, tmp_path: Path) -> None:
    content = read(case, tmp_path)
    products = {product["slug"]: product for product in content.products}
    priced = {slug: row["price_rials"] for slug, row in products.items() if "price_rials" in row}
    assert priced == case.rials
    categories = {row["slug"]: row for row in content.categories}
    for slug, values in case.values.items():
        assert values.items() <= _with_category(products[slug], categories).items()
    said = " ".join(f"{text} {details['names']}" for text, details in content.notes)
    assert [note for note in case.notes if note not in said] == []


def _with_category(product: Any, categories: Any) -> dict[str, Any]:
    category = categories.get(product.get("category"), {})
    return {**product, "category_name_fa": category.get("name_fa")}


@pytest.mark.parametrize("case", [case for case in CASES if case.says], ids=lambda case: case.name)
def test_a_wrong_file_is_refused_in_words_that_help(case: Case, tmp_path: Path) -> None:
    with pytest.raises(files.WrongFile) as caught:
        read(case, tmp_path)
    sentences = [problem.sentence(str) for problem in caught.value.problems]
    said = "\n".join([*sentences, f"and {caught.value.more} more"])
    assert [part for part in case.says if part not in said] == [], said
    assert len(sentences) <= 20


def test_every_right_file_is_stored_and_every_wrong_one_refused_by_the_command(
    bare_app: Flask, tmp_path: Path
) -> None:
    for case in CASES:
        with naming(case.name):
            (tmp_path / case.file).write_bytes(case.content)
            unit = ["--prices-in", case.prices_in] if case.prices_in else []
            words = ["catalogue", "import", str(tmp_path / case.file), "--lang", "fa", *unit]
            result = bare_app.test_cli_runner().invoke(args=words)
            understood = bool(case.rials) and "کالای تازه‌ای است" not in result.output
            assert result.exit_code == (0 if understood else 1), result.output
            assert ("وارد شد: افزوده" in result.output) is understood
            if understood:
                assert prices(bare_app).items() >= case.rials.items()


def prices(app: Flask) -> dict[str, int]:
    with app.app_context():
        return {product.slug: product.price_rials for product in products()}
