"""How goods get into the shop: all or nothing, with every mistake named."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from storefront.catalogue import files, stock
from storefront.catalogue.models import Product, categories, product_by_slug, products
from storefront.core.database import db, transaction
from testkit.cases import naming
from testkit.shopper import Shopper

GOOD: dict[str, Any] = {
    "slug": "tea-glass",
    "category": "tea",
    "name_fa": "استکان کمرباریک",
    "name_en": "Slim-waisted tea glass",
    "description_fa": "دست‌ساز",
    "description_en": "Blown by hand",
    "image": "goods/slim-waist-glasses.svg",
    "price_rials": 1_200_000,
    "stock": 12,
}
SHELF = {"slug": "tea", "name_fa": "چای", "name_en": "Tea"}


def json_file(folder: Path, *goods: dict[str, Any]) -> str:
    path = folder / "goods.json"
    path.write_text(json.dumps({"categories": [SHELF], "products": goods}, indent=1))
    return str(path)


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def run_csv(app: Flask, folder: Path, text: str, *options: str) -> tuple[int, str]:
    path = folder / "goods.csv"
    path.write_text(text, encoding="utf-8")
    return run(app, "catalogue", "import", str(path), *options)


def test_products_are_imported_from_json(bare_app: Flask, tmp_path: Path) -> None:
    assert run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD)) == (
        0,
        "imported: 1 added, 0 changed, 0 unchanged, 0 retired\n",
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


def test_a_product_shows_its_pictures_in_the_order_of_the_file(
    bare_app: Flask, tmp_path: Path
) -> None:
    names = {"more_images": "speckled-mug.svg، goods/reed-pens.svg | gaz-box.svg"}
    texts = {"image_texts_fa": "استکان | ماگ || گز", "image_texts_en": "A glass | | Pens"}
    assert run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD | names | texts))[0] == 0
    pictures = Shopper(bare_app).open("/products/tea-glass").soup.select(".gallery img")
    assert [str(each["alt"]) for each in pictures] == [
        *("A glass", "Picture 2 of Slim-waisted tea glass", "Pens"),
        "Picture 4 of Slim-waisted tea glass",
    ]
    files = ["slim-waist-glasses", "speckled-mug", "reed-pens", "gaz-box"]
    assert [Path(str(each["src"]).partition("?")[0]).stem for each in pictures] == files
    for cell, says in (
        ({"more_images": ", ".join(["gaz-box.svg"] * 12)}, "names more than 11 pictures"),
        ({"more_images": "gaz-box.svg, nothing.svg"}, "there is no such picture"),
        ({"image_texts_fa": "|" * 12}, "has more than 12 texts"),
        ({"image_texts_fa": "ا" * 201}, "there is room for 200"),
    ):
        code, said = run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD | cell))
        with naming(says):
            assert code == 1
            assert says in said


def test_a_count_of_the_shelf_includes_reserved_pieces(bare_app: Flask, tmp_path: Path) -> None:
    run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD))
    with bare_app.app_context(), transaction():
        stock.reserve({1: 5})
    changed = GOOD | {"price_rials": 1_300_000, "stock": 20}
    code, said = run(bare_app, "catalogue", "import", json_file(tmp_path, changed))
    assert (code, said) == (0, "imported: 0 added, 1 changed, 0 unchanged, 0 retired\n")
    with bare_app.app_context():
        product = products()[0]
        assert product.price_rials == 1_300_000
        assert (product.stock_free, product.stock_reserved, product.stock_received) == (15, 5, 20)


def test_a_mistake_is_named_with_its_place_and_nothing_is_imported(
    bare_app: Flask, tmp_path: Path
) -> None:
    for change, problem in (
        ({"slug": "Tea Glass"}, "line 21, slug «Tea Glass»: should be small Latin letters"),
        ({"slug": "tea-glass"}, "line 21, slug «tea-glass»: stands in line 10 already"),
        ({"category": "rugs"}, "line 21, category «rugs»: is a new category: write its Persian"),
        ({"price_rials": 10**12}, "line 21, price_rials «1000000000000»: should be a price"),
        ({"stock": 2**31 - 1}, "line 21, stock «2147483647»: should be a number from 0 to"),
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


def test_a_count_below_what_is_reserved_is_refused(bare_app: Flask, tmp_path: Path) -> None:
    run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD))
    with bare_app.app_context(), transaction():
        stock.reserve({1: 5})
    code, said = run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD | {"stock": 4}))
    assert code == 1
    assert "stock «4»: is fewer than the 5 pieces that are reserved" in said


def test_a_file_without_a_column_leaves_alone_what_would_stand_there(
    bare_app: Flask, tmp_path: Path
) -> None:
    run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD))
    assert run_csv(bare_app, tmp_path, "slug,price_toman\ntea-glass,95000\n") == (
        0,
        "imported: 0 added, 1 changed, 0 unchanged, 0 retired\n",
    )
    with bare_app.app_context():
        product = products()[0]
        assert (product.price_rials, product.stock_free, product.name_en) == (
            *(950_000, 12),
            "Slim-waisted tea glass",
        )


def test_what_is_added_to_the_stock_is_added(bare_app: Flask, tmp_path: Path) -> None:
    run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD))
    assert run_csv(bare_app, tmp_path, "شناسه;افزودن به موجودی\ntea-glass;۸\n")[0] == 0
    with bare_app.app_context():
        assert (products()[0].stock_free, products()[0].stock_received) == (20, 20)


def test_a_new_product_needs_its_price(bare_app: Flask, tmp_path: Path) -> None:
    code, said = run_csv(bare_app, tmp_path, "slug,stock\ntea-glass,8\n")
    assert code == 1
    assert "line 2, slug «tea-glass»: is a new product" in said


def test_an_english_text_that_is_not_there_is_the_persian_one_and_follows_it(
    bare_app: Flask, tmp_path: Path
) -> None:
    row = "slug,category,category_name_fa,name_fa,price_toman\nglass,tea,چای,{},1000\n"
    for name in ("استکان", "لیوان"):
        assert run_csv(bare_app, tmp_path, row.format(name))[0] == 0
        with bare_app.app_context():
            product = products()[0]
            assert (product.name_fa, product.name_en) == (name, name)
            assert product.category.name_en == "چای"


def test_a_renamed_category_is_found_by_its_new_name_at_once(
    app: Flask, shopper: Shopper, tmp_path: Path
) -> None:
    assert "گلدان" not in shopper.open("/search?q=pottery").text
    before = shopper.open("/search?q=pottery").soup.select("main li.good")
    row = "slug,category,category_name_en\nspeckled-mug,ceramics,Earthenware\n"
    assert run_csv(app, tmp_path, row)[0] == 0
    assert len(shopper.open("/search?q=earthenware").soup.select("main li.good")) == len(before) > 1
    left = shopper.open("/search?q=pottery").soup.select("main li.good h3")
    assert [each.text for each in left] == ["Sun Lady plate"]  # whose description has the word


def test_a_dry_run_shows_what_would_change_and_changes_nothing(
    bare_app: Flask, tmp_path: Path
) -> None:
    run(bare_app, "catalogue", "import", json_file(tmp_path, GOOD, GOOD | {"slug": "old"}))
    rows = (
        "slug,category,category_name_fa,name_fa,price_toman,stock\n"
        "tea-glass,tea,نوشیدنی,استکان,95000,20\nnew,cups,فنجان,قوری,1000,3\n"
    )
    code, said = run_csv(bare_app, tmp_path, rows, "--dry-run", "--retire-missing")
    assert code == 0
    assert [" ".join(line.split()) for line in said.splitlines()] == [
        "new category cups فنجان",
        "category changed tea Persian name from «چای» to «نوشیدنی»",
        "added new قوری, 1,000 Toman, 3 pieces",
        "changed tea-glass Persian name from «استکان کمرباریک» to «استکان»,"
        " price from 120,000 Toman to 95,000 Toman, stock from 12 to 20",
        "retired old استکان کمرباریک",
        "nothing was changed; the import would be: 1 added, 1 changed, 0 unchanged, 1 retired",
    ]
    with bare_app.app_context():
        assert [product.slug for product in products()] == ["tea-glass", "old"]


def test_messages_are_persian_where_they_are_wanted(bare_app: Flask, tmp_path: Path) -> None:
    code, said = run_csv(bare_app, tmp_path, "slug,stock\ntea,x\n", "--lang", "fa")
    assert code == 1
    assert "سطر ۲، stock «x»: عدد نیست" in said


def test_mistakes_beyond_twenty_are_counted(bare_app: Flask, tmp_path: Path) -> None:
    rows = "".join(f"cup-{n},many\n" for n in range(25))
    _, said = run_csv(bare_app, tmp_path, "slug,stock\n" + rows)
    assert len(said.splitlines()) == 1 + 20 + 1
    assert said.splitlines()[-1] == "  and 5 more"


def test_an_import_that_takes_long_shows_how_far_it_is(bare_app: Flask, tmp_path: Path) -> None:
    path = json_file(tmp_path, *(GOOD | {"slug": f"glass-{n}"} for n in range(3)))
    with bare_app.app_context():
        said: list[tuple[str, int, int]] = []

        def show(what: str, done: int, total: int) -> None:
            said.append((what, done, total))

        files.store(files.read(Path(path), progress=show), progress=show)
        assert said == [("checked", 0, 3), ("stored", 3, 3)]


def test_an_empty_shop_is_seeded_once(bare_app: Flask) -> None:
    assert run(bare_app, "seed")[1].startswith("seeded: ")
    assert run(bare_app, "seed")[1] == "the shop has products already\n"
    with bare_app.app_context():
        assert len(categories()) >= 5
        assert len(products()) >= 24
        assert all(product.stock_free >= 0 for product in db.session.query(Product))


@pytest.mark.both_databases
def test_two_imports_at_once_wait_for_one_another(app: Flask, tmp_path: Path) -> None:
    path = Path(json_file(tmp_path, *(GOOD | {"slug": f"glass-{n}"} for n in range(50))))

    def store(_number: int) -> int:
        with app.app_context():
            return files.store(files.read(path))["added"]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(store, range(2))) == [0, 50]
