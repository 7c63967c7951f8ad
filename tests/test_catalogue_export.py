"""What is exported can be imported again; what was retired stays where it was bought."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select, text

from storefront.catalogue import stock
from storefront.catalogue.models import Product, product_by_slug
from storefront.cli.progress import ProgressLine
from storefront.core.database import db, transaction
from testkit.clock import MovingClock
from testkit.shopper import Shopper

SUFFIXES = (".csv", ".xlsx", ".json")
UNCHANGED = "imported: 0 added, 0 changed, {} unchanged, 0 retired\n"


def run(app: Flask, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=["catalogue", *words])
    assert result.exit_code == 0, result.output
    return result.output


def everything(app: Flask) -> list[tuple[object, ...]]:
    with app.app_context():
        columns = [c for c in Product.__table__.c if c.name not in {"id", "category_id"}]
        return [tuple(row) for row in db.session.execute(select(*columns).order_by(Product.slug))]


def counted(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Without the stock: pieces that were reserved are free in another shop."""
    return [row[:8] for row in rows]


def odd_product(app: Flask) -> None:
    """A product with what files stumble over."""
    with app.app_context(), transaction():
        product = product_by_slug("sun-lady-plate")
        assert product is not None
        product.name_fa = product.name_en = "=1+1"
        product.description_fa = 'یک؛ "دو"\n\nسه, چهار'
        product.price_rials = 1_234_565
        stock.reserve({product.id: 2})


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_export_is_imported_again_as_it_was(app: Flask, tmp_path: Path, suffix: str) -> None:
    odd_product(app)
    before = everything(app)
    file = str(tmp_path / f"goods{suffix}")
    run(app, "export", file)
    assert run(app, "import", file, "--retire-missing") == UNCHANGED.format(len(before))
    assert everything(app) == before
    with app.app_context(), transaction():
        for table in ("product_words", "products", "categories"):
            db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own tables
    assert run(app, "import", file).startswith(f"imported: {len(before)} added")
    anew, product = everything(app), "sun-lady-plate"
    assert [row for row in anew if row[0] != product] == [
        row for row in before if row[0] != product
    ]


@pytest.mark.parametrize("words", [["export"], ["template"]], ids=" ".join)
def test_a_file_that_is_there_is_kept_unless_it_may_be_overwritten(
    app: Flask, tmp_path: Path, words: list[str]
) -> None:
    file = tmp_path / "my-products.csv"
    file.write_text("an hour's work")
    refused = app.test_cli_runner().invoke(args=["catalogue", *words, str(file)])
    assert (refused.exit_code, file.read_text()) == (1, "an hour's work")
    assert "--overwrite" in refused.stderr
    run(app, *words, str(file), "--overwrite")
    assert "slug" in file.read_text(encoding="utf-8-sig") or "شناسه" in file.read_text("utf-8-sig")


def test_an_export_without_stock_changes_no_stock(app: Flask, tmp_path: Path) -> None:
    said = run(app, "export", "--without-stock")
    assert "stock" not in said
    (tmp_path / "goods.csv").write_text(said, encoding="utf-8")
    odd_product(app)
    run(app, "import", str(tmp_path / "goods.csv"))
    with app.app_context():
        plate = product_by_slug("sun-lady-plate")
        assert plate is not None
        assert plate.stock_reserved == 2


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_template_is_a_file_that_can_be_imported(
    bare_app: Flask, tmp_path: Path, suffix: str, language: str
) -> None:
    file = str(tmp_path / f"template{suffix}")
    run(bare_app, "template", file, "--lang", language)
    said = run(bare_app, "import", file, "--dry-run", "--lang", "en")
    assert "would be: 2 added" in said


def test_a_retired_product_is_neither_shown_nor_sold_but_its_page_stays(
    app: Flask, shopper: Shopper, tmp_path: Path
) -> None:
    page = shopper.open("/products/speckled-mug")
    assert page.soup.select_one("form.buy") is not None
    rows = run(app, "export").splitlines(keepends=True)
    without = tmp_path / "without.csv"
    without.write_text("".join(r for r in rows if "speckled-mug" not in r), encoding="utf-8")
    assert run(app, "import", str(without)) == UNCHANGED.format(len(rows) - 2)
    assert shopper.open("/products/speckled-mug").soup.select_one("form.buy") is not None
    said = run(app, "import", str(without), "--retire-missing")
    assert said == f"imported: 0 added, 0 changed, {len(rows) - 2} unchanged, 1 retired\n"
    for path in (
        "/products?sort=newest",
        "/categories/ceramics",
        "/search?q=mug",
        "/sitemaps/0.xml",
    ):
        assert "/products/speckled-mug" not in shopper.open(path).html, path
    page = shopper.open("/products/speckled-mug")
    assert "no longer sold" in page.text
    assert page.soup.select_one("form.buy") is None
    assert page.soup.select_one("meta[name=robots][content=noindex]") is not None
    with app.app_context():
        mug = product_by_slug("speckled-mug")
        assert mug is not None
        with pytest.raises(stock.OutOfStock), transaction():
            stock.reserve({mug.id: 1})


def test_a_retired_product_that_a_file_names_again_is_sold_again(
    app: Flask, shopper: Shopper, tmp_path: Path
) -> None:
    (tmp_path / "one.csv").write_text("slug\nspeckled-mug\n", encoding="utf-8")
    run(app, "import", str(tmp_path / "one.csv"), "--retire-missing")
    assert [
        str(link["href"]) for link in shopper.open("/products").soup.select("li.good h3 a")
    ] == ["/products/speckled-mug"]
    (tmp_path / "two.csv").write_text("slug\nsaffron-tin\n", encoding="utf-8")
    dry = run(app, "import", str(tmp_path / "two.csv"), "--dry-run")
    assert "sold again" in dry
    run(app, "import", str(tmp_path / "two.csv"))
    assert "/products/saffron-tin" in shopper.open("/search?q=saffron").html


def test_progress_is_shown_from_two_seconds_on(
    app: Flask, clock: MovingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    with app.app_context(), force_locale("en"), ProgressLine(clock.steady) as progress:
        progress("stored", 500, 5000)
        assert capsys.readouterr().err == ""
        clock.advance(2)
        progress("stored", 2500, 5000)
        assert capsys.readouterr().err == f"[{'#' * 15}{'-' * 15}] stored 2,500 / 5,000\n"
