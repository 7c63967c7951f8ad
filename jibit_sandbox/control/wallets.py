"""The control API of wallets: read and set balances."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from jibit_sandbox.bank.wallets import is_mobile, wallet_of, wallets_in
from jibit_sandbox.control.parameters import body_object, text_in, whole_in, world_work
from jibit_sandbox.control.views import wallet_view
from jibit_sandbox.core.context import Work
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.web.json_requests import LARGEST_AMOUNT

wallets = Blueprint("wallets", __name__, url_prefix="/_sandbox")


@wallets.get("/wallets")
def show_wallets() -> Response:
    """Return the balance (Rials) of each used or set wallet, and the default of the others."""
    with world_work() as work:
        return wallets_answer(work)


@wallets.put("/wallets")
def set_balance() -> Response:
    """Set ``{"mobile": "09121234567", "balance_rials": 0}``; without a mobile the default."""
    body = body_object()
    mobile, balance = text_in(body, "mobile"), whole_in(body, "balance_rials", None)
    if balance is None or not 0 <= balance <= LARGEST_AMOUNT:
        raise ControlError(f"balance_rials must be between 0 and {LARGEST_AMOUNT}, not {balance}")
    with world_work() as work:
        set_wallet_balance(work, mobile, balance)
        return wallets_answer(work)


def set_wallet_balance(work: Work, mobile: str | None, balance_rials: int) -> None:
    """Set one wallet, or without a mobile the default of all unused ones."""
    if mobile is None:
        work.world.default_balance_rials = balance_rials
    elif is_mobile(mobile):
        wallet_of(work.session, work.world.name, mobile).balance_rials = balance_rials
    else:
        raise ControlError(f"a mobile number is like 09121234567, not {mobile!r}")


def wallets_answer(work: Work) -> Response:
    return jsonify(
        default_balance_rials=work.world.default_balance_rials,
        wallets=[wallet_view(wallet) for wallet in wallets_in(work.session, work.world.name)],
    )
