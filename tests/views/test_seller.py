"""The merchant's own words and look: from settings, texts and a theme, without editing source."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, abort

from storefront.web import own_texts
from testkit.cases import naming
from testkit.databases import SqliteFiles
from testkit.shopper import Shopper

OpenShop = Callable[..., Flask]

SEAL = "id=123456&Code=AbCd9"
SNIPPET = (
    f"<a href='https://trustseal.enamad.ir/?{SEAL}'>"
    f"<img src='https://trustseal.enamad.ir/logo.aspx?{SEAL}' onclick='x()'></a>"
)
OURS = {
    "SHOP_NAME_FA": "کفش باران",
    "SHOP_NAME_EN": "Baran Shoes",
    "SHOP_SLOGAN_FA": "کفش راحت برای همه",
    "SHOP_COLOUR": "#7a1fa2",
    "SHOP_PHONE": "۰۲۱-۸۸۷۷۶۶۵۵",
    "SHOP_EMAIL": "help@baran.example",
    "SHOP_ADDRESS_FA": "تهران، خیابان آزادی، پلاک ۱",
    "SHOP_HOURS_EN": "Every day, 9 to 21",
    "SHOP_NATIONAL_ID": "10380284790",
    "SHOP_ECONOMIC_CODE": "4111-2345-6789",
    "ENAMAD": SNIPPET,
}


@pytest.fixture
def open_own(
    another_shop: OpenShop, sqlite_files: SqliteFiles, tmp_path: Path
) -> Iterator[OpenShop]:
    """Opens a shop whose theme and texts are in the folder of the test."""
    with sqlite_files.fresh(tmp_path / "data", stocked=True) as url:
        usual = {"DATABASE_URL": url, "SHOP_FOLDER": str(tmp_path)}
        yield lambda **settings: another_shop(**(usual | settings))


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def sample_text(name: str) -> str:
    return (own_texts.SAMPLES / name).read_text(encoding="utf-8")


def test_a_named_shop_is_named_everywhere_and_says_nothing_of_the_sample(
    open_own: OpenShop,
) -> None:
    app = open_own(**OURS)
    english, persian = Shopper(app), Shopper(app, "fa")
    for path in ("/", "/products/saffron-tin", "/contact", "/privacy", "/none"):
        with naming(path):
            assert "· Baran Shoes" in str(english.open(path).soup.title)
            page = persian.open(path)
            assert "· کفش باران" in str(page.soup.title)
            assert "ایوان" not in page.html
            assert "ترمه…" not in page.html
    assert english.open("/").heading == "کفش راحت برای همه", "written in one language alone"


def test_the_support_line_calls_and_writes_on_every_page(open_own: OpenShop) -> None:
    app = open_own(**OURS)
    for shopper, number in ((Shopper(app), "021-88776655"), (Shopper(app, "fa"), "۰۲۱-۸۸۷۷۶۶۵۵")):
        line = shopper.open("/").soup.select_one("footer .support")
        assert line is not None
        assert [link["href"] for link in line.select("a")] == [
            "tel:+982188776655",
            "mailto:help@baran.example",
        ]
        assert number in line.text
        assert "Every day" in line.text
    told = Shopper(app).open("/contact").text
    assert "10380284790" in told
    assert "411123456789" in told
    assert "تهران، خیابان آزادی" in told


def test_a_shop_that_told_nothing_is_a_marked_sample_in_test_mode(shopper: Shopper) -> None:
    assert "021-00000000 support@shop.example" in shopper.open("/").text
    assert "(sample)" in shopper.open("/").text
    for path in ("/contact", "/terms", "/delivery"):
        with naming(path):
            page = shopper.open(path)
            assert "This is a sample text" in page.text
            assert "noindex" in str(page.soup.select_one("meta[name=robots]"))


def test_beside_a_real_gateway_nothing_is_made_up(open_own: OpenShop) -> None:
    real = {
        "PUBLIC_URL": "https://shop.example",
        "PPG_BASE_URL": "https://api.jibit.ir/ppg/v2",
        "PPG_API_KEY": "a-merchants-key",
        "PPG_SECRET_KEY": "a-merchants-secret",
    }
    for sender, line in (("shop@localhost", ""), ("a@b.example", "mailto:a@b.example")):
        client = open_own(**real, MAIL_FROM=sender).test_client()
        page = client.get("/terms", base_url="https://shop.example")
        assert page.status_code == 200
        assert "00000000" not in page.text
        assert "متن نمونه" in page.text, "a sample says so where money is real, too"
        assert ("mailto:" in page.text) == bool(line)
        assert line in page.text


def test_the_merchants_own_texts_take_the_samples_place(open_own: OpenShop, tmp_path: Path) -> None:
    app = open_own(**OURS)
    write(tmp_path, "pages/terms.fa.md", "# شرایط {shop_name}\n\nبا {phone} تماس بگیرید {other}.")
    write(tmp_path, "pages/privacy.en.md", "We also keep your shoe size.")
    write(tmp_path, "pages/home.en.md", "Shoes **for rain**.")
    page = Shopper(app, "fa").open("/terms")
    assert page.heading == "شرایط کفش باران"
    assert page.soup.select_one(".prose a[href='tel:+982188776655']")
    assert "{other}" in page.text
    assert "متن نمونه" not in page.text
    write(tmp_path, "pages/delivery.fa.md", sample_text("delivery.fa.md"))
    assert "متن نمونه" in Shopper(app, "fa").open("/delivery").text, "a mere copy"
    english = Shopper(app)
    assert english.open("/terms").soup.select_one(".prose[lang=fa][dir=rtl]"), "better than another"
    told = english.open("/privacy").text
    assert "shoe size" in told
    assert "30 days" in told, "what the settings do is told beside it"
    assert "Enamad" in told
    assert english.open("/").soup.select_one(".hero strong")


def test_a_copy_of_any_released_sample_stays_a_sample(open_own: OpenShop, tmp_path: Path) -> None:
    shopper = Shopper(open_own())
    released = own_texts.RELEASED.read_text(encoding="utf-8")
    for sample in own_texts.SAMPLES.glob("*.md"):
        with naming(sample.name):
            text = sample.read_text(encoding="utf-8")
            assert f"{own_texts.fingerprint(text)} {sample.name}\n" in released, "add its line"
    path = write(tmp_path, "pages/terms.en.md", text := sample_text("terms.en.md"))
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert "This is a sample text" in shopper.open("/terms").text
    path.write_text(f"{text}\nWe pay for sending it back.", encoding="utf-8")
    assert "This is a sample text" not in shopper.open("/terms").text


def test_a_text_brings_no_html_and_links_to_safe_places_alone(
    open_own: OpenShop, tmp_path: Path
) -> None:
    app = open_own()
    source = (
        "<script>x()</script>\n\n[a](javascript:x()) [b](data:text/html,x) <vbscript:x>\n\n"
        "[c](https://post.ir) [d](/orders) ![far](https://evil.example/x.png)"
        " ![near](/static/a.png)"
    )
    write(tmp_path, "pages/delivery.en.md", source)
    text = Shopper(app).open("/delivery").soup.select_one(".prose")
    assert text is not None
    assert [a["href"] for a in text.select("a")] == ["https://post.ir", "/orders"]
    assert [img["src"] for img in text.select("img")] == ["/static/a.png"]
    assert "<script>x()</script>" in text.text


def test_a_text_that_cannot_be_read_is_told_once_and_the_sample_stands_there(
    open_own: OpenShop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shopper = Shopper(open_own())
    unreadable = ((b"\xff\xfe\xff", "UTF-8"), (b"a" * 70_000, "65536 bytes"), (b" \n", "is empty"))
    for source, told in unreadable:
        with naming(told):
            caplog.clear()
            write(tmp_path, "pages/terms.en.md", source)
            with caplog.at_level(logging.ERROR):
                pages = [shopper.open("/terms"), shopper.open("/terms")]
            assert all("sample text" in page.text for page in pages)
            (line,) = [each.getMessage() for each in caplog.records]
            assert "terms.en.md" in line
            assert told in line


def test_who_comes_for_an_order_reads_where_before_buying(open_own: OpenShop) -> None:
    shopper = Shopper(open_own(**OURS))
    for path in ("/delivery", "/products/saffron-tin"):
        with naming(path):
            ways = [each.text for each in shopper.open(path).soup.select(".deliveries > li")]
            assert OURS["SHOP_ADDRESS_FA"] in ways[2], "to be collected"
            assert "Tehran province only" in ways[1], "by the courier"


def test_the_theme_stands_before_the_shops_templates_and_files(
    open_own: OpenShop, tmp_path: Path
) -> None:
    write(tmp_path, "theme/static/logo.svg", "<svg/>")
    write(tmp_path, "theme/static/favicon.svg", "<svg id='ours'/>")
    write(tmp_path, "theme/static/theme.css", ":root{--round:0}")
    write(
        tmp_path,
        "theme/templates/base.html",
        '{% extends "bundled/base.html" %}{% block foot %}{{ super() }}<p>Ours</p>{% endblock %}',
    )
    shopper = Shopper(open_own(SHOP_LOGO="logo.svg", **OURS))
    page = shopper.open("/")
    assert "Ours" in page.text
    logo = page.soup.select_one(".shop-name img")
    assert logo is not None
    sheets = [str(link["href"]) for link in page.soup.select("link[rel=stylesheet]")]
    assert sheets[1].startswith("/colours/")
    assert sheets[-1].startswith("/static/theme.css?v=")
    for address in (str(logo["src"]), *sheets):
        with naming(address), shopper.client.get(address) as answer:
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
    icons = ("favicon.ico", "apple-touch-icon.png")
    for name in icons:
        write(tmp_path, f"theme/static/icons/{name}", f"{name} of ours")
    served = [(f"/{name}", f"{name} of ours") for name in icons]
    served += [("/static/favicon.svg", "ours"), (sheets[1], "--brand: #7a1fa2")]
    for address, text in served:
        with shopper.client.get(address) as answer:
            assert text in answer.get_data(as_text=True)


def test_a_broken_template_is_named_with_its_line_and_the_shops_own_is_used(
    open_own: OpenShop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    template = "theme/templates/catalogue/category.html"
    extended = '{% extends "bundled/catalogue/category.html" %}\n{% block content %}\nOurs '
    for rest, told, when in (
        ("{{ super() }", "line 3: TemplateSyntaxError, unexpected '}'", "start"),
        ("{{ 1|no_filter }}{% endblock %}", "line 3: TemplateAssertionError, No filter", "start"),
        ("{% endblok %}", "line 3: TemplateSyntaxError", "start"),
        ("{{ nothing.name }}{% endblock %}", "line 3: UndefinedError, 'nothing'", "page"),
        ('{% include "none.html" %}{% endblock %}', "line 3: TemplateNotFound", "page"),
        ("{{ super() }}{% endblock %}", "", ""),
    ):
        with naming(rest), caplog.at_level(logging.ERROR):
            caplog.clear()
            path = write(tmp_path, template, extended + rest)
            app = open_own()
            at_start = len(caplog.records)
            page = Shopper(app).open("/categories/ceramics")
            assert page.status == 200
            assert page.heading == "Pottery"
            assert ("Ours" in page.text) == (not when)
            assert at_start == (1 if when == "start" else 0)
            lines = [each.getMessage() for each in caplog.records]
            assert len(lines) == bool(when)
            assert all(f"{path}, {told}" in line for line in lines)


def test_a_file_of_the_theme_that_replaces_nothing_is_named_at_the_start(
    open_own: OpenShop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "theme/templates/catalog/category.html", "Ours")
    open_own()
    assert "did you mean catalogue/category.html?" in caplog.text


def test_a_heading_in_the_other_language_takes_its_direction(
    open_own: OpenShop, tmp_path: Path
) -> None:
    write(tmp_path, "pages/terms.fa.md", "# شرایط\n\nمتن")
    heading = Shopper(open_own()).open("/terms?lang=en").soup.select_one("h1")
    assert heading is not None
    assert (heading["dir"], heading["lang"]) == ("rtl", "fa")


def test_nothing_outside_of_the_themes_folder_is_served(open_own: OpenShop, tmp_path: Path) -> None:
    secret = write(tmp_path, "secret_key", "a secret")
    write(tmp_path, "theme/static/a.css", "")
    (tmp_path / "theme/static/key.txt").symlink_to(secret)
    (tmp_path / "theme/static/up").symlink_to(tmp_path)
    client = open_own().test_client()
    for path in ("key.txt", "up/secret_key", "../../secret_key", "..%2f..%2fsecret_key", "a\0b"):
        with naming(path):
            assert client.get(f"/static/{path}").status_code == 404


def test_pages_load_the_trust_seal_from_its_host_and_from_no_other(
    open_own: OpenShop, shopper: Shopper
) -> None:
    with_seal = Shopper(open_own(ENAMAD=SNIPPET)).open("/")
    assert (
        "img-src 'self' https://trustseal.enamad.ir;"
        in (with_seal.headers["Content-Security-Policy"])
    )
    picture = with_seal.soup.select_one("footer img")
    assert picture is not None
    assert picture["src"] == f"https://trustseal.enamad.ir/logo.aspx?{SEAL}"
    assert "onclick" not in with_seal.html
    assert "img-src 'self';" in shopper.open("/").headers["Content-Security-Policy"]


def test_whoever_meets_a_defect_or_a_closed_shop_is_told_whom_to_call(open_own: OpenShop) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    app = open_own(**OURS, DATABASE_URL=nowhere)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/goes-wrong", view_func=lambda: abort(500))
    for path, status in (("/", 503), ("/goes-wrong", 500)):
        page = Shopper(app).open(path)
        assert page.status == status
        assert page.soup.select_one("main .support a[href^='tel:']")
