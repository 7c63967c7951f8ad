"""A list of orders without an end: every page is filled with invented orders."""

from __future__ import annotations

from datetime import datetime

from flask import request

from jibit_sandbox.bank.orders import new_identifier
from jibit_sandbox.core.chance import chance
from jibit_sandbox.core.clock import as_text, from_query
from jibit_sandbox.core.context import Call, Fields, work_in
from jibit_sandbox.core.models import World

TOTALS = ("numberOfElemnts", "numberOfElements")


def endless(call: Call, page: Fields) -> Fields:
    """Fill the page up with invented orders and announce another page."""
    with work_in(call.world) as work:
        created_at = moment_within_filters(work.now)
        missing = range(page["size"] - len(page["elements"]))
        invented = [invented_order(work.world, call.wire.name, created_at) for _ in missing]
    more = (page["pageNumber"] + 2) * page["size"]  # above what was listed, also from page 0 on
    return {
        **page,
        **{name: more for name in TOTALS if name in page},
        "hasNext": True,
        "elements": page["elements"] + invented,
    }


def moment_within_filters(now: datetime) -> datetime:
    """Return a creation time that passes the call's ``from`` and ``to``."""
    said = request.args.get("from") or request.args.get("to")
    return from_query(said) if said else now


def invented_order(world: World, gateway: str, created_at: datetime) -> Fields:
    """Return an element with a new identifier, expired or in the status of the filter.

    It expires at the moment of its creation, because that moment has to pass every filter.
    """
    invented = invented_v3 if gateway == "ppg_v3" else invented_v2
    return invented(world, request.args.get("status", "EXPIRED"), as_text(created_at))


def invented_v2(world: World, status: str, moment: str) -> Fields:
    identifier = new_identifier(world)
    return {
        "id": identifier,
        "amount": 250_000,
        "currency": "RIALS",
        "referenceNumber": f"ENDLESS-{identifier}",
        "userIdentifier": "09120000000",
        "callbackUrl": "https://elsewhere.example/",
        "description": None,
        "additionalData": None,
        "status": status,
        "initPayerIp": None,
        "redirectPayerIp": None,
        "createdAt": moment,
        "modifiedAt": moment,
        "expirationDate": moment,
        "payerCard": None,
        "nationalCode": None,
    }


def invented_v3(world: World, status: str, moment: str) -> Fields:
    identifier = chance(world, "order").randrange(10**17, 9 * 10**17)
    return {
        "purchaseId": identifier,
        "purchaseIdStr": str(identifier),
        "amount": 250_000,
        "wage": 0,
        "currency": "IRR",
        "callbackUrl": "https://elsewhere.example/",
        "state": status,
        "clientReferenceNumber": f"ENDLESS-{identifier}",
        "refunded": False,
        "hasContradiction": False,
        "createdAt": moment,
        "expirationDate": moment,
    }
