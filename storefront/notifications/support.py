"""Tell the reader of a letter whom to ask, below what the letter says."""

from __future__ import annotations

from markupsafe import Markup

from storefront.core import formats
from storefront.core.seller import Seller
from storefront.notifications.insertions import Insertions

SUPPORT = {"fa": "پشتیبانی", "en": "Support"}
SAMPLE = {"fa": "(نمونه)", "en": "(sample)"}
_LINK = Markup('<a href="{}" dir="ltr">{}</a>')


def support_as_text(seller: Seller, language: str) -> str:
    """Return one line; empty where the shop has told neither telephone nor e-mail address."""
    put = Insertions(language)
    ways: list[str] = [put.number(seller.phone)] if seller.phone else []
    ways += [put.code(seller.email)] if seller.email else []
    told = " · ".join(ways + _hours(seller, language))
    return put.as_text(f"{SUPPORT[language]}: {told}{_mark(seller, language)}") if ways else ""


def support_as_html(seller: Seller, language: str) -> Markup:
    """Return the same line with links that call and write."""
    number = formats.digits(seller.phone, language)
    ways: list[str] = [_LINK.format(seller.phone_link, number)] if seller.phone else []
    ways += [_LINK.format(f"mailto:{seller.email}", seller.email)] if seller.email else []
    told = Markup(" · ").join(ways + _hours(seller, language))
    line = Markup("{}: {}{}").format(SUPPORT[language], told, _mark(seller, language))
    return line if ways else Markup("")


def _hours(seller: Seller, language: str) -> list[str]:
    hours = seller.hours_fa if language == "fa" else seller.hours_en
    return [hours] if hours else []


def _mark(seller: Seller, language: str) -> str:
    return f" {SAMPLE[language]}" if seller.is_sample_contact else ""
