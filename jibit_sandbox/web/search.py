"""Find orders and calls by anything that names them: one search for the dashboard and the API.

That is an order's identifier, reference, mobile number, amount or masked card, a fingerprint, the
code of an error, or any other part of a request or an answer as the log has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from unicodedata import decimal

from sqlalchemy import ColumnElement, Select, String, cast, or_, select

from jibit_sandbox.bank.cards import is_card_number, plain
from jibit_sandbox.core.models import Exchange, Order, Purchase
from jibit_sandbox.web.redaction import mask_card

LONGEST = 200  # characters of a search
NAMES = (Order.identifier, Order.reference_number, Order.user_identifier, Order.payer_card)
NUMBERS = (Order.amount, Order.amount_rials)
OF_PSP = (Purchase.psp_rrn, Purchase.psp_reference_number, Purchase.payer_mobile)
OF_CALL = (Exchange.fingerprint, Exchange.order_identifier, Exchange.reference_number)
BETWEEN_DIGITS = " ,٬"
TEXTS = (Exchange.path, Exchange.request_body, Exchange.response_body)
SHORTEST_NUMBER = 4  # digits; a shorter one is in every timestamp


def said_in(wanted: Mapping[str, str]) -> str:
    """Return what is searched for: Latin digits, and of a whole card only what the log keeps."""
    said = wanted.get("q", "").strip()[:LONGEST]
    if is_card_number(plain(said)):
        return mask_card(plain(said))
    number = "".join(str(decimal(sign, sign)) for sign in said if sign not in BETWEEN_DIGITS)
    return number if number.isascii() and number.isdigit() else said


def orders_found(world: str, wanted: Mapping[str, str]) -> Select[Order]:
    """Return the world's orders that ``gateway`` and ``q`` ask for."""
    found = select(Order).where(Order.world == world)
    if wanted.get("gateway"):
        found = found.where(Order.gateway == wanted["gateway"])
    said = said_in(wanted)
    return found.where(order_has(world, said)) if said else found


def order_has(world: str, said: str) -> ColumnElement[bool]:
    """Return whether an order has what is searched for, or a call about it has."""
    by_psp = select(Purchase.identifier).where(or_(*(each == said for each in OF_PSP)))
    by_call = select(Exchange.order_identifier).where(Exchange.world == world, call_says(said))
    return or_(
        *(column == said for column in (*NAMES, Order.tracking_number)),
        *(cast(column, String) == said for column in NUMBERS),
        Order.identifier.in_(by_psp),
        Order.identifier.in_(by_call),
    )


def call_has(world: str, said: str) -> ColumnElement[bool]:
    """Return whether a call has what is searched for, or its order has."""
    names = or_(*(column == said for column in (*NAMES, Order.tracking_number)))
    amounts = or_(*(cast(column, String) == said for column in NUMBERS))
    mine = select(Order.identifier).where(Order.world == world, or_(names, amounts))
    return or_(call_says(said), Exchange.order_identifier.in_(mine))


def call_says(said: str) -> ColumnElement[bool]:
    """Return whether a call itself has what is searched for; numbers are found as whole numbers."""
    exact: list[ColumnElement[bool]] = [column == said for column in OF_CALL]
    if not said.isdigit():
        return or_(*exact, *(column.contains(said, autoescape=True) for column in TEXTS))
    if len(said) < SHORTEST_NUMBER:
        return or_(*exact)
    return or_(*exact, *(has_number(column, said) for column in TEXTS))


def has_number(column: Any, number: str) -> ColumnElement[bool]:
    """Return whether a text has a number that is not a part of a longer one."""
    between: ColumnElement[bool] = (" " + column + " ").op("GLOB")(f"*[^0-9]{number}[^0-9]*")
    return between
