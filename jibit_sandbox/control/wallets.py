"""The wallets of one world: looking into them, and putting money in or out."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from jibit_sandbox.bank.wallets import is_mobile, wallet_of, wallets_in
from jibit_sandbox.control.parameters import body_object, text_in, whole_in, world_work
from jibit_sandbox.control.views import wallet_view
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.errors import Complaint
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT

wallets = Blueprint("wallets", __name__, url_prefix="/_sandbox")


@wallets.get("/wallets")
def show_wallets() -> Response:
    """What is in every wallet that was used or set (Rials), and in all the others."""
    with world_work() as work:
        return wallets_answer(work)


@wallets.put("/wallets")
def set_balance() -> Response:
    """``{"mobile": "09121234567", "balance_rials": 0}``; without a mobile the default is set."""
    body = body_object()
    mobile, balance = text_in(body, "mobile"), whole_in(body, "balance_rials", None)
    if balance is None or not 0 <= balance <= LARGEST_AMOUNT:
        raise Complaint(f"balance_rials must be between 0 and {LARGEST_AMOUNT}, not {balance}")
    with world_work() as work:
        put_money(work, mobile, balance)
        return wallets_answer(work)


def put_money(work: Work, mobile: str | None, balance_rials: int) -> None:
    """Into one wallet, or without a mobile into all that nobody has used or set yet."""
    if mobile is None:
        work.world.default_balance_rials = balance_rials
    elif is_mobile(mobile):
        wallet_of(work.session, work.world.name, mobile).balance_rials = balance_rials
    else:
        raise Complaint(f"a mobile number is like 09121234567, not {mobile!r}")


def wallets_answer(work: Work) -> Response:
    return jsonify(
        default_balance_rials=work.world.default_balance_rials,
        wallets=[wallet_view(wallet) for wallet in wallets_in(work.session, work.world.name)],
    )
