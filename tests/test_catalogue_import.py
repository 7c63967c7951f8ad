"""How goods get into the shop: all or nothing, with every mistake named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from flask import Flask

from storefront.catalogue import stock
from storefront.catalogue.models import Product, categories, product_by_slug, products
from storefront.core.database import db, transaction
from testkit.cases import naming

GOOD: dict[str, Any] = {
    "slug": "tea-glass",
    "category": "tea",
    "name_fa": "استکان کمرباریک",
    "name_en": "Slim-waisted tea glass",
    "description_fa": "دست‌ساز",
    "description_en": "Blown by hand",
    "image": "goods/tea-glass.svg",
    "price_rials": 1_200_000,
    "stock": 12,
}
SHELF = {"slug": "tea", "name_fa": "چای", "name_en": "Tea"}


def json_file(folder: Path, *goods: dict[str, Any]) -> str:
    path = folder / "goods.json"
    path.write_text(json.dumps({"categories": [SHELF], "products": list(goods)}))
    return str(path)


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_products_are_imported_from_json(bare_app: Flask, tmp_path: Path) -> None:
    assert run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD)) == (
        0,
        "imported: 1 added, 1 categories, 0 updated\n",
    )
    with bare_app.app_context():
        product = product_by_slug("tea-glass")
        assert product is not None
        assert (product.name_fa, product.price_rials) == ("استکان کمرباریک", 1_200_000)
        assert (product.stock_received, product.stock_free) == (12, 12)
        assert [shelf.name_en for shelf in categories()] == ["Tea"]


def test_products_are_imported_from_csv_with_persian_digits(
    bare_app: Flask, tmp_path: Path
) -> None:
    row = GOOD | {"category_name_fa": "چای", "category_name_en": "Tea", "price_rials": "۱۲۰۰۰۰۰"}
    path = tmp_path / "goods.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=row)
        writer.writeheader()
        writer.writerow(row)
    assert run(bare_app, "catalogue", "import", str(path))[0] == 0
    with bare_app.app_context():
        assert products("tea")[0].price_rials == 1_200_000


def test_a_second_import_updates_and_leaves_reserved_pieces_alone(
    bare_app: Flask, tmp_path: Path
) -> None:
    run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD))
    with bare_app.app_context(), transaction():
        stock.reserve({1: 5})
    changed = GOOD | {"price_rials": 1_300_000, "stock": 20}
    code, said = run(bare_app, "catalogue", "import", json_file(tmp_path, changed))
    assert (code, said) == (0, "imported: 0 added, 1 categories, 1 updated\n")
    with bare_app.app_context():
        product = products()[0]
        assert product.price_rials == 1_300_000
        assert (product.stock_free, product.stock_reserved, product.stock_received) == (20, 5, 25)


def test_any_mistake_is_named_and_nothing_is_imported(bare_app: Flask, tmp_path: Path) -> None:
    for change, problem in (
        ({"slug": "Tea Glass"}, "product 2: slug should be small Latin letters"),
        ({"slug": "tea-glass"}, "product 2: slug tea-glass stands in the file twice"),
        ({"category": "rugs"}, "product 2: category rugs is not among the categories"),
        ({"price_rials": 0}, "product 2: price_rials should be a whole number of Rials from 1 to"),
        ({"price_rials": 10**12 + 1}, "product 2: price_rials should be"),
        ({"price_rials": "9" * 5000}, "product 2: price_rials should be"),
        ({"price_rials": 12.5}, "product 2: price_rials should be"),
        ({"price_rials": "12.5"}, "product 2: price_rials should be"),
        ({"stock": -1}, "product 2: stock should be a whole number"),
        ({"stock": 2**63}, "product 2: stock should be a whole number"),
        ({"stock": True}, "product 2: stock should be"),
        ({"name_fa": " "}, "product 2: name_fa is missing"),
    ):
        with naming(change, problem):
            other = GOOD | {"slug": "tea-pot"} | change
            code, said = run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD, other))
            assert code == 1
            assert problem in said
            with bare_app.app_context():
                assert products() == []


def test_a_file_of_another_shape_gets_a_sentence_not_a_trace(
    bare_app: Flask, tmp_path: Path
) -> None:
    for content in ("", "[]", "{", '{"products": 1}', '{"categories": [1]}'):
        with naming(content):
            path = tmp_path / "goods.json"
            path.write_text(content)
            code, said = run(bare_app, "catalogue", "import", str(path))
            assert code == 1
            assert "nothing was imported from goods.json" in said
            assert "Traceback" not in said


def test_a_csv_without_its_columns_names_them(bare_app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("slug,stock\ntea,1\n")
    _, said = run(bare_app, "catalogue", "import", str(path))
    assert "these columns are missing" in said
    assert "price_rials" in said


def test_an_empty_shop_is_seeded_once(bare_app: Flask) -> None:
    assert run(bare_app, "seed")[1].startswith("seeded: ")
    assert run(bare_app, "seed")[1] == "the shop has products already\n"
    with bare_app.app_context():
        assert len(categories()) >= 5
        assert len(products()) >= 24
        assert all(product.stock_free >= 0 for product in db.session.query(Product))
