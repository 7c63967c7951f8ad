"""Know who sells here: the merchant's name and words, in both languages, and how to reach them.

Until somebody sets a name the shop is the sample: Eyvan, with a telephone that nobody answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, cast

from flask import current_app

from storefront.core import colours
from storefront.core.setting_sources import WrongSetting

SAMPLE_NAME = ("ایوان", "Eyvan")
SAMPLE_SLOGAN = ("دست‌ساز، برای سفره و خانه", "Handmade for table and home")
SAMPLE_PHONE, SAMPLE_EMAIL = "021-00000000", "support@shop.example"
SAMPLE_ADDRESS = ("تهران، خیابان نمونه، پلاک ۱", "1 Sample St., Tehran")
SAMPLE_HOURS = ("شنبه تا چهارشنبه، ۹ تا ۱۷", "Saturday to Wednesday, 9 to 17")
SEAL = "https://trustseal.enamad.ir"  # the one other host that a page may load a picture from
HOUSE_COLOURS = ("#1c6460", "#7fcfc8")
COMPANY_DIGITS = 11  # of its national id; a person's has ten, and stands on invoices alone


@dataclass(frozen=True, slots=True)
class Seller:
    """What is known of the merchant; what is not is empty.

    ``is_sample``: nobody has named the shop yet. ``is_sample_contact``: whom to call is made up.
    """

    name_fa: str
    name_en: str
    slogan_fa: str
    slogan_en: str
    address_fa: str
    address_en: str
    hours_fa: str
    hours_en: str
    phone: str
    email: str
    economic_code: str
    national_id: str
    logo: str
    colour: str
    enamad: str
    is_sample: bool
    is_sample_contact: bool

    def name(self, language: str) -> str:
        """Return the shop's name in a language."""
        return self.name_fa if language == "fa" else self.name_en

    def address(self, language: str) -> str:
        """Return the shop's address in a language; empty if none was told."""
        return self.address_fa if language == "fa" else self.address_en

    def hours(self, language: str) -> str:
        """Return when somebody is there, in a language; empty if it was not told."""
        return self.hours_fa if language == "fa" else self.hours_en

    @property
    def phone_link(self) -> str:
        """The address that a telephone calls: a number of Iran with its country's code."""
        digits = "".join(sign for sign in self.phone if sign.isdigit())
        if self.phone.startswith("+"):
            return f"tel:+{digits}"
        return f"tel:+98{digits[1:]}" if digits.startswith("0") else f"tel:{digits}"

    @property
    def link_colours(self) -> tuple[str, str]:
        """The colours of links on light and on dark ground, for letters, which know no files."""
        if not self.colour:
            return HOUSE_COLOURS
        return colours.light(self.colour).brand, colours.dark(self.colour).brand

    @property
    def company_id(self) -> str:
        """The national id of a company; a person's national code is not for everybody."""
        return self.national_id if len(self.national_id) == COMPANY_DIGITS else ""


def seller_from(settings: Mapping[str, Any], *, test_mode: bool) -> Seller:
    """Return who sells, with the sample's words where nothing is set."""
    named = settings["SHOP_NAME_FA"] or settings["SHOP_NAME_EN"]
    reachable = settings["SHOP_PHONE"] or settings["SHOP_EMAIL"]
    invented = test_mode and not reachable
    names = _both(settings, "NAME") if named else SAMPLE_NAME
    slogans = _both(settings, "SLOGAN", ("", "") if named else SAMPLE_SLOGAN)
    address = _both(settings, "ADDRESS", SAMPLE_ADDRESS if invented else ("", ""))
    hours = _both(settings, "HOURS", SAMPLE_HOURS if invented else ("", ""))
    return Seller(
        *(*names, *slogans, *address, *hours),
        phone=SAMPLE_PHONE if invented else settings["SHOP_PHONE"] or "",
        email=SAMPLE_EMAIL if invented else _email(settings),
        economic_code=settings["SHOP_ECONOMIC_CODE"] or "",
        national_id=settings["SHOP_NATIONAL_ID"] or "",
        logo=settings["SHOP_LOGO"] or "",
        colour=settings["SHOP_COLOUR"] or "",
        enamad=settings["ENAMAD"] or "",
        is_sample=not named,
        is_sample_contact=invented,
    )


def _both(
    settings: Mapping[str, Any], name: str, otherwise: tuple[str, str] = ("", "")
) -> tuple[str, str]:
    """Return it in Persian and English; who has set one language alone is read in both."""
    persian, english = settings[f"SHOP_{name}_FA"], settings[f"SHOP_{name}_EN"]
    return persian or english or otherwise[0], english or persian or otherwise[1]


def _email(settings: Mapping[str, Any]) -> str:
    """Return where shoppers write: what was set, else where letters come from, if one can."""
    if settings["SHOP_EMAIL"] or settings["SHOP_PHONE"]:
        return settings["SHOP_EMAIL"] or ""
    address = parseaddr(settings["MAIL_FROM"])[1]
    return "" if address.endswith("@localhost") else address


def theme_folder(settings: Mapping[str, Any]) -> Path:
    """Return where the merchant's own templates and static files are."""
    return Path(settings["SHOP_FOLDER"]) / "theme"


def pages_folder(settings: Mapping[str, Any]) -> Path:
    """Return where the merchant's own texts are."""
    return Path(settings["SHOP_FOLDER"]) / "pages"


def refuse_missing_logo(settings: Mapping[str, Any]) -> None:
    """Raise WrongSetting if the logo's file is not there."""
    logo, folder = settings["SHOP_LOGO"], theme_folder(settings) / "static"
    if logo and not (folder / logo).is_file():
        raise WrongSetting(f"STOREFRONT_SHOP_LOGO names {logo}, which is not in {folder}")


def current_seller() -> Seller:
    """Return the seller of the running application."""
    return cast(Seller, current_app.extensions["seller"])
