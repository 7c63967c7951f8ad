"""PPG v3's money: settlements, one a day and terminal, and the client's balances.

Amount and wage of a captured purchase enter the balance WLT. At the midnight after the capture, in
UTC, the PSP settles: what the fees leave then is in STL. Refunds are taken from WLT first.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from jibit_sandbox.bank.transfers import refunded_amount
from jibit_sandbox.core.context import Fields, Work
from jibit_sandbox.core.models import Order, Purchase, Transfer
from jibit_sandbox.core.worlds import switches_of
from jibit_sandbox.gateways.ppg_v3.fees import net_amount
from jibit_sandbox.gateways.ppg_v3.fields import page_and_size
from jibit_sandbox.gateways.ppg_v3.listing import DEFAULT_SIZE, LARGEST_SIZE, LAST_PAGE, page_of
from jibit_sandbox.gateways.ppg_v3.settling import is_settled, settled_at, settlement_id
from jibit_sandbox.gateways.ppg_v3.shapes import moment, without_empty
from jibit_sandbox.gateways.ppg_v3.states import SUCCESSFUL


def find_settlements(work: Work, query: MultiDict[str, str]) -> Fields:
    """Return one page of the settlements, the newest first."""
    page, size = page_and_size(query, last_page=LAST_PAGE, size=DEFAULT_SIZE, largest=LARGEST_SIZE)
    settled = [each for each in successful(work) if is_settled(each, work.now)]
    by_id = groupby(sorted(settled, key=settlement_id), settlement_id)
    by_day = [settlement(work, list(group)) for _, group in by_id]
    wanted = query.get("settlementId")
    found = [each for each in by_day[::-1] if not wanted or each["settlementId"] == wanted]
    return page_of(found[(page - 1) * size : page * size], page, size, len(found))


def settlement(work: Work, purchases: list[Purchase]) -> Fields:
    """Return the settlement of what was captured on one day at one terminal."""
    first = purchases[0]
    number, at = settlement_id(first), settled_at(first)
    said = {
        "settlementId": number,
        "terminalId": str(uuid5(NAMESPACE_URL, f"{first.order.world}/{first.psp_terminal_id}")),
        "fileName": f"{number}.csv",
        "state": "SETTLED",
        "amount": sum(each.order.amount for each in purchases),
        "wage": sum(each.wage for each in purchases),
        "currency": "IRR",
        "directSettlement": False,
        "cutoff": "1",
        "acceptorCode": "000000012345678",
        "ledgerAccount": None,
        "iin": "581672111",
        "paymentFacilitatorIban": "IR580540105180021273113007",
        "settlementIban": "IR062960000000100324200001",
        "resellerCode": None,
        "affiliateFee": 0,
        "shaparakFailReason": None,
        "shaparakReferenceNumber": f"{number}01",
        "shaparakTrackingNumber": f"{number}02",
        "shaparakTransactionId": f"{number}03",
        "clientCode": first.order.world,
        "clientName": first.order.world,
        "variance": 0,
        "createdAt": moment(at),
        "modifiedAt": moment(at),
        "settledAt": moment(at),
    }
    return without_empty(said, switches_of(work.world))


def successful(work: Work) -> list[Purchase]:
    """Return the purchases whose money is the merchant's, by the time of their capture."""
    mine = (
        select(Purchase)
        .join(Order)
        .where(Order.world == work.world.name, Order.state.in_(SUCCESSFUL))
        .order_by(Purchase.verified_at)
    )
    return list(work.session.scalars(mine))


def balances(work: Work) -> Fields:
    """Return the five balances; those for debts and blocked money are always empty here."""
    purchases = successful(work)
    in_wallet = sum(p.order.amount_rials for p in purchases if not is_settled(p, work.now))
    settled = sum(net_amount(p.order.amount_rials) for p in purchases if is_settled(p, work.now))
    left = in_wallet - refunded_amount(transfers_in(work), work.now)
    amounts = {"WLT": max(left, 0), "STL": settled + min(left, 0), "FEE": 0, "SHW": 0, "BLK": 0}
    return {
        "balances": [
            {"balanceType": kind, "amount": amount, "currency": "IRR"}
            for kind, amount in amounts.items()
        ]
    }


def transfers_in(work: Work) -> Iterable[Transfer]:
    mine = select(Transfer).join(Order, Order.identifier == Transfer.order_identifier)
    return work.session.scalars(mine.where(Order.world == work.world.name))
