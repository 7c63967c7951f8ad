"""How money goes back at PPG v3: one row for each rehearsal."""

from __future__ import annotations

from collections.abc import Callable

from drills.money_back import MoneyBack, Returning, must

Play = Callable[[Returning], object]


def _refunded(trouble: str, operation: str = "refund", **switches: object) -> Play:
    def play(at: Returning) -> None:
        at.buy()
        at.switch(**switches)
        at.trouble(trouble, operation=operation)
        at.refund()

    return play


def _killed(at: Returning) -> None:
    at.buy()
    at.refund_and_die()


def _half(at: Returning) -> None:
    at.buy()
    at.refund("--amount-rials", str(at.amount_rials // 2))
    at.hours_pass()


def _two_halves(at: Returning) -> None:
    _half(at)
    at.refund()


def _two_at_once(at: Returning) -> None:
    at.buy()
    half = ("--amount-rials", str(at.amount_rials // 2))
    at.refund(*half)
    must(not at.refund(*half), "refunded at once")


def _above_the_rest(at: Returning) -> None:
    _half(at)
    must(not at.refund("--amount-rials", str(at.amount_rials)), "more was refunded")


def _too_little_money(at: Returning) -> None:
    at.buy()
    at.switch(v3_refund_balance="refused")
    at.refund()
    at.wait_for_refund("failed")
    at.switch(v3_refund_balance="enough")
    at.refund()


def _cancelled(at: Returning) -> None:
    at.buy()
    at.refund("--cancellable")
    at.wait_for_refund("waiting")
    at.cancel_refund()


def _reversed_then_refunded(at: Returning) -> None:
    at.buy()
    at.switch(v3_reverse=True)
    at.refund()
    at.wait_for_refund("done")
    must(not at.refund(), "refunded twice")


def _order_cancelled(at: Returning) -> None:
    at.switch(v3_auto_verify=True)
    bank_page = at.order()
    at.cancel_order()
    at.pay(bank_page)
    at.wait_for_refund("in_progress")


def _order_cancelled_answer_lost(at: Returning) -> None:
    at.trouble("reset_after_commit", operation="refund")
    _order_cancelled(at)


def _rival_paid(at: Returning) -> None:
    at.switch(v3_auto_verify=True)
    first = at.order()
    second = at.pay_again()
    at.pay(second)
    at.wait_for_order("paid")
    at.pay(first)
    at.wait_for_refund("in_progress")


def _another_amount(at: Returning) -> None:
    at.switch(v3_auto_verify=True)
    bank_page = at.order()
    at.trouble("inquiry_other_amount", operation="inquiry", times=None, amount=at.amount_rials // 2)
    at.pay(bank_page)
    at.wait_for_refund("in_progress")


REFUNDS = (
    MoneyBack("refund: accepted, the answer is lost", _refunded("reset_after_commit")),
    MoneyBack("refund: accepted, the answer says 500", _refunded("error_500_after_commit")),
    MoneyBack("refund: never arrives, is ordered again", _refunded("reset")),
    MoneyBack("refund: accepted, then kill -9 here", _killed),
    MoneyBack("refund: one half, then the other", _two_halves, refunds=("done", "done")),
    MoneyBack("refund: the same half twice at once", _two_at_once, "paid", percent=50),
    MoneyBack("refund: more than the rest", _above_the_rest, "paid", percent=50),
    MoneyBack(
        "refund: balance too low, later enough", _too_little_money, refunds=("failed", "done")
    ),
    MoneyBack(
        "refund: cancelled within the hour", _cancelled, "paid", percent=0, refunds=("cancelled",)
    ),
    MoneyBack("reversed, then a refund is asked for", _reversed_then_refunded, there="reversed"),
    MoneyBack(
        "reversal: the answer is lost",
        _refunded("reset_after_commit", "reverse", v3_reverse=True),
        there="reversed",
    ),
    MoneyBack(
        "reversal: UNKNOWN, is sent again",
        _refunded("reverse_unknown", "reverse", v3_reverse=True),
        there="reversed",
    ),
    MoneyBack(
        "reversal: fails, is refunded instead",
        _refunded("reverse_failed", "reverse", v3_reverse=True),
    ),
    MoneyBack("auto-verified, the order was cancelled", _order_cancelled, "cancelled"),
    MoneyBack("the same, the refund's answer is lost", _order_cancelled_answer_lost, "cancelled"),
    MoneyBack("auto-verified, another payment was faster", _rival_paid, "paid"),
    MoneyBack("auto-verified with another amount for good", _another_amount, "placed", percent=50),
)
