"""docs/security.md answers every requirement, and names what there is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from storefront import create_app
from storefront.core.services import current_services
from storefront.web import payment_methods
from storefront.web.forms import CheckoutForm
from testkit.cases import naming
from testkit.processes import ROOT
from testkit.settings import quiet_settings
from testkit.shopper import DETAILS

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# The level of each requirement of ASVS 5.0.0, by section: the first digit is that of number 1.
LEVELS = """
1.1=22 1.2=1111122223 1.3=112222222223 1.4=222 1.5=123 2.1=122 2.2=112 2.3=12223 2.4=23
3.1=3 3.2=113 3.3=12223 3.4=11222233 3.5=11122333 3.6=3 3.7=22333 4.1=12233 4.2=23333
4.3=22 4.4=1222 5.1=2 5.2=112333 5.3=113 5.4=222 6.1=122 6.2=111111112222 6.3=11223333
6.4=112233 6.5=22222333 6.6=2223 6.7=33 6.8=2222 7.1=222 7.2=1111 7.3=22 7.4=11222 7.5=223
7.6=22 8.1=1233 8.2=1123 8.3=133 8.4=23 9.1=111 9.2=1222 10.1=22 10.2=223 10.3=22223
10.4=1111122222233333 10.5=22222 10.6=22 10.7=222 11.1=2233 11.2=22233 11.3=11233
11.4=1222 11.5=23 11.6=23 11.7=33 12.1=12233 12.2=11 12.3=22223 13.1=2333 13.2=222223
13.3=2233 13.4=1222233 14.1=22 14.2=12223333 14.3=122 15.1=12233 15.2=12233 15.3=1222222
15.4=3333 16.1=2 16.2=22222 16.3=2222 16.4=222 16.5=2223 17.1=23 17.2=22223333 17.3=22
"""
WORDS = ("met", "in part", "not met", "n/a")


class Row(NamedTuple):
    """A row of the table: the requirement's number, and what is said about it."""

    number: str
    level: str
    asked: str
    here: str
    how: str
    test: str


def rows_below(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    _, _, below = PAGE.partition(f"\n{heading}\n")
    table = re.search(r"(?:^\|.*\n)+", below, flags=re.M)
    assert table, heading
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]
    ]


ROWS = [
    Row(*found)
    for found in re.findall(
        r"^\| (v\S+) \| (\d) \| (.*?) \| (.*?) \| (.*) \| (.*?) \|$", PAGE, flags=re.M
    )
]
LEFT_OUT = rows_below("### Sections that do not apply")


def requirements() -> dict[str, str]:
    """The level of every requirement of levels 1 and 2, by its number."""
    found = {}
    for section, levels in (word.split("=") for word in LEVELS.split()):
        for place, level in enumerate(levels, start=1):
            found[f"{section}.{place}"] = level
    return {number: level for number, level in found.items() if level != "3"}


def left_out() -> set[str]:
    """The requirements of the sections that do not apply."""
    found = set()
    for section, _, _ in LEFT_OUT:
        numbers = re.findall(r"[0-9]+(?:\.[0-9]+)+", section)
        found |= {each for each in requirements() if each.startswith(f"{numbers[0]}.")}
        found -= set(numbers[1:])
    return found


def test_every_requirement_of_levels_1_and_2_is_answered_once() -> None:
    numbers = [row.number for row in ROWS]
    assert [number for number, count in Counter(numbers).items() if count > 1] == []
    answered = {
        number.removeprefix("v5.0.0-"): row.level for number, row in zip(numbers, ROWS, strict=True)
    }
    assert all(number.startswith("v5.0.0-") for number in numbers)
    assert left_out() & set(answered) == set()
    applicable = {n: level for n, level in requirements().items() if n not in left_out()}
    assert answered == applicable
    assert all(reason for _, _, reason in LEFT_OUT)


def test_what_is_met_has_a_test_and_what_is_not_has_a_reason() -> None:
    for row in ROWS:
        with naming(row.number):
            assert row.here in WORDS
            assert row.asked
            if row.here == "met":
                assert re.findall(r"`tests/\S+?::test_\w+`", row.test)
                assert row.how
            else:
                assert len(row.how) >= (8 if row.here == "n/a" else 30), "the reason, or what to do"


TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize("file", sorted({file for file, _ in TESTS}))
def test_every_test_that_the_page_names_exists(file: str) -> None:
    names = {node.name for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef)}
    assert {name for named, name in TESTS if named == file} - names == set()


@cache
def parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def test_every_file_that_the_page_names_exists() -> None:
    folders = (
        "storefront",
        "payment_engine",
        "jibit_client",
        "jibit_sandbox",
        "migrations",
        "tests",
        "static",
        "docs",
    )
    named = set(re.findall(rf"`((?:{'|'.join(folders)})/[\w/.-]*)[`:]", PAGE)) | {
        "requirements.txt"
    }
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    for target in re.findall(r"\]\(([^)h][^)]*)\)", PAGE):
        path, _, anchor = target.partition("#")
        with naming(target):
            text = (ROOT / "docs" / path).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
            anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
            assert not anchor or anchor in anchors


@pytest.fixture(scope="module")
def app() -> Flask:
    """A shop whose database nobody asks."""
    return create_app(quiet_settings(DATABASE_URL="sqlite:///:memory:"))


def test_every_address_of_the_shop_is_an_entry_point_on_the_page(app: Flask) -> None:
    rows = rows_below("## Entry points, and who may do what")
    named = [address for row in rows for address in re.findall(r"`(/\S*?)`", row[0])]
    assert sorted(named) == sorted({entry_point(rule.rule) for rule in app.url_map.iter_rules()})


def entry_point(address: str) -> str:
    """What the page names an address by: in the back office, the area that it belongs to."""
    return "/".join(address.split("/")[:3]) if address.startswith("/admin/") else address


def test_what_the_page_says_may_be_typed_is_what_the_checkout_takes(app: Flask) -> None:
    rows = rows_below("### What may be typed")
    assert {field for field, *_ in rows} == {
        f"`{name}`" for name in (*DETAILS, "email", "national_code", "note")
    }
    for field, _, taken, refused in rows:
        with naming(field):
            assert wrong_fields(app, field, taken) == set()
            assert not refused or wrong_fields(app, field, refused) == {field.strip("`")}


def wrong_fields(app: Flask, field: str, typed: str) -> set[str]:
    """The fields of the checkout that are refused if this is typed into one of them."""
    values = DETAILS | {field.strip("`"): typed.strip("`")}
    with app.test_request_context():
        gateways = [SelectChoice(name) for name in payment_methods.offered()]
        methods = current_services().prices.methods
        chosen = {"gateway": gateways[0].value, "delivery": methods[0].key}
        form = CheckoutForm(MultiDict({**values, **chosen}), meta={"csrf": False})
        form.gateway.choices, form.methods = gateways, methods
        form.validate()
        return set(form.errors)


def test_the_policy_says_what_a_reporter_needs_to_know() -> None:
    policy = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", policy, flags=re.M)
    assert headings == [
        "How to report",
        "What happens then",
        "What is in scope",
        "Safe harbour",
        "Versions, and libraries",
    ]
    assert "three working days" in policy
