"""The settings about the seller: what is understood, and what is refused with a word of help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from storefront.core import settings
from storefront.core.seller import Seller, seller_from
from storefront.core.settings import WrongSetting
from testkit.cases import naming

SEAL = "id=123456&Code=AbCd9"


def loaded(folder: Path, **overrides: Any) -> dict[str, Any]:
    app = Flask("shop", instance_path=str(folder), instance_relative_config=True)
    settings.load(app, overrides)
    return dict(app.config)


def seller(folder: Path, *, test_mode: bool = False, **overrides: Any) -> Seller:
    return seller_from(loaded(folder, **overrides), test_mode=test_mode)


def test_what_people_type_or_paste_is_understood(tmp_path: Path) -> None:
    for name, typed, kept in (
        ("SHOP_PHONE", "+98 (21) ۸۸۷۷ ۶۶۵۵", "+98 (21) 8877 6655"),
        ("SHOP_PHONE", "1512", "1512"),
        ("SHOP_NAME_FA", " کفش\u200c باران\u202e ", "کفش باران"),
        ("SHOP_COLOUR", "#7A1FA2", "#7a1fa2"),
        ("SHOP_NATIONAL_ID", "1038-0284790", "10380284790"),
        ("SHOP_NATIONAL_ID", "۰۰۱۲۳۴۵۶۷۹", "0012345679"),
        ("SHOP_ECONOMIC_CODE", "4111-2345-6789", "411123456789"),
        ("ENAMAD", f"https://trustseal.enamad.ir/?{SEAL}", SEAL),
        ("ENAMAD", f"<a href='x?{SEAL.replace('&', '&amp;')}'><img code='AbCd9'></a>", SEAL),
    ):
        with naming(name, typed):
            assert loaded(tmp_path, **{name: typed})[name] == kept


def test_what_cannot_be_right_is_refused_with_what_it_should_be(tmp_path: Path) -> None:
    for name, value, should_be in (
        ("SHOP_NAME_EN", "x" * 201, "one line of at most 200 characters"),
        ("SHOP_PHONE", "call us", "a telephone number such as 021-88776655"),
        ("SHOP_EMAIL", "a@b.example, c@d.example", "an e-mail address"),
        ("SHOP_COLOUR", "#ffcc00", "4.5 is needed"),
        ("SHOP_NATIONAL_ID", "1038028479", "a person's national code without a slip"),
        ("SHOP_NATIONAL_ID", "10380284791", "a company's national id without a slip"),
        ("SHOP_NATIONAL_ID", "103802847901", "of 11 digits, or a person's national code of 10"),
        ("SHOP_ECONOMIC_CODE", "12", "10 to 14 digits"),
        ("ENAMAD", "<script src=//evil.example></script>", "the code that Enamad gives"),
        ("ENAMAD", f"{SEAL} id=7&Code=x", "the code that Enamad gives"),
        ("SHOP_LOGO", "../secret_key.svg", "a picture in instance/theme/static"),
        ("SHOP_LOGO", "logo.exe", "a picture in instance/theme/static"),
        ("SHOP_LOGO", "logo.svg", "which is not in"),
    ):
        with naming(name, value), pytest.raises(WrongSetting) as refusal:
            loaded(tmp_path, **{name: value})
        assert f"STOREFRONT_{name}" in refusal.value.message
        assert should_be in refusal.value.message


def test_a_telephone_number_of_iran_is_called_with_its_countrys_code(tmp_path: Path) -> None:
    for typed, link in (
        ("021-88776655", "tel:+982188776655"),
        ("+98 21 88776655", "tel:+982188776655"),
        ("1512", "tel:1512"),
    ):
        assert seller(tmp_path, SHOP_PHONE=typed).phone_link == link


def test_what_is_not_set_is_made_up_in_test_mode_alone(tmp_path: Path) -> None:
    assert seller(tmp_path, test_mode=True).is_sample_contact
    assert not seller(tmp_path, test_mode=True, SHOP_PHONE="1512").email
    real = seller(tmp_path, SHOP_NAME_FA="کفش باران")
    assert (real.phone, real.email, real.slogan_en) == ("", "", "")
    assert real.name("en") == "کفش باران"
    assert seller(tmp_path, MAIL_FROM="Shop <a@b.example>").email == "a@b.example"


def test_a_persons_national_code_is_not_for_everybody(tmp_path: Path) -> None:
    assert seller(tmp_path, SHOP_NATIONAL_ID="0012345679").company_id == ""
    assert seller(tmp_path, SHOP_NATIONAL_ID="10380284790").company_id == "10380284790"
