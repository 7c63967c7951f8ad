"""Breaks each rule of docs/correctness.md in a copy, and looks whether its guard notices.

    python scripts/break_rules.py          every rule
    python scripts/break_rules.py 9 18     these rules

Run it when `make test` is green: a guard that is red anyhow says nothing here. Prints a row for
each break and ends with 1 if a guard stayed green. The tests are those of the page itself; the
breaks stand below, each the smallest change that does what its rule forbids.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
NOT_COPIED = shutil.ignore_patterns(".*", "instance", "mutants", "screenshots", "__pycache__")
FAILED = 1  # pytest's exit code for red tests; a break that cannot even be imported gives another


class Break(NamedTuple):
    """``old`` stands once in ``file`` and becomes ``new``; ``only`` narrows a slow guard."""

    rule: int
    file: str
    old: str
    new: str
    what: str
    only: str = ""


BREAKS = [
    Break(
        1,
        "storefront/orders/pricing.py",
        "self.products_rials + self.delivery_rials + self.vat_rials",
        "self.products_rials + self.delivery_rials",
        "the tax is left out of the total",
    ),
    Break(
        2,
        "payment_engine/decision.py",
        '        "amount_rials": (payment.amount_rials, inquiry.amount_rials),\n',
        "",
        "the amount is not compared",
    ),
    Break(
        3,
        "payment_engine/sqlalchemy_store.py",
        "                session.commit()  # a rollback would expire what the caller has read\n",
        "                pass\n",
        "a transaction stays open during the calls",
    ),
    Break(
        4,
        "storefront/orders/models.py",
        "select(Order).where(Order.checkout_key == key)",
        "select(Order).where(Order.checkout_key != key)",
        "the order of an earlier click is not found",
    ),
    Break(
        5,
        "payment_engine/decision.py",
        "        return PaymentState.AWAITING_PAYER\n    return PaymentState.IN_DOUBT\n",
        "        return PaymentState.AWAITING_PAYER\n    return PaymentState.FAILED\n",
        "what is not known counts as failed",
    ),
    Break(
        5,
        "payment_engine/decision.py",
        "is InquiryStatus.SUCCESS and settled and unanswered:",
        "is InquiryStatus.SUCCESS and settled:",
        "SUCCESS counts as captured although every verification was answered",
        only="not_shipped",
    ),
    Break(
        5,
        "payment_engine/evidence.py",
        "if asked_at - payment.success_since >= settle_after:",
        "if asked_at >= payment.success_since:",
        "the first SUCCESS after the end is believed",
        only="only_after_an_hour",
    ),
    Break(
        6,
        "jibit_client/transport.py",
        "        response = self._adapter.send(request, **self._settings)\n",
        "        try:\n"
        "            response = self._adapter.send(request, **self._settings)\n"
        "        except requests.RequestException:\n"
        "            response = self._adapter.send(request, **self._settings)\n",
        "the adapter repeats what was not answered",
    ),
    Break(
        7,
        "jibit_client/connection.py",
        "self._deadline = monotonic() + seconds",
        "self._deadline = monotonic() + 60 * seconds",
        "the read timeout is not that of the whole answer",
    ),
    Break(
        8,
        "payment_engine/resilience.py",
        "threading.BoundedSemaphore(create_slots)",
        "threading.BoundedSemaphore(create_slots + 2)",
        "two more than allowed may wait",
    ),
    Break(
        9,
        "payment_engine/completion.py",
        "        payment.callback_at = payment.callback_at or now\n",
        "        payment.callback_at = payment.callback_at or now\n        payment.gateway_payment_id = callback.gateway_payment_id\n",
        "the callback's identifier is believed",
    ),
    Break(
        10,
        "payment_engine/recording.py",
        "        if payment.is_final:\n            said =",
        "        if payment.is_final and not seen.captured:\n            said =",
        "who comes second records it again",
    ),
    Break(
        11,
        "payment_engine/states.py",
        "    PaymentState.PAID: frozenset(),\n",
        "    PaymentState.PAID: frozenset({PaymentState.FAILED}),\n",
        "a paid payment may fail",
    ),
    Break(
        12,
        "payment_engine/completion.py",
        "            work.append(event_about(payment, now, actor, Event.CLAIMED))\n",
        "",
        "the journal does not tell of the verification",
    ),
    Break(
        13,
        "storefront/catalogue/stock.py",
        ".where(_products.c.id == product_id, here >= pieces)",
        ".where(_products.c.id == product_id)",
        "stock is taken without looking",
    ),
    Break(
        14,
        "storefront/notifications/dispatcher.py",
        "notice.next_try_at = now + pause_after(notice.tries)",
        "notice.next_try_at = None",
        "what was not delivered is forgotten",
    ),
    Break(
        15,
        "payment_engine/recovery.py",
        "_taken(services, ASKABLE)",
        "_taken(services, ())",
        "the worker asks about nothing",
    ),
    Break(
        16,
        "payment_engine/comparison.py",
        "if taken and (late or is_open):",
        "if taken and is_open:",
        "a final payment is not compared",
    ),
    Break(
        17,
        "storefront/orders/expiry.py",
        "        if not all(payment.is_final for payment in locked.payments):\n            return False\n",
        "",
        "an order lapses while a payment is in doubt",
    ),
    Break(
        18,
        "migrations/versions/0001_the_shop.py",
        '"stock_received = stock_free + stock_reserved + stock_sold"',
        '"1 = 1"',
        "the database lets pieces vanish",
        only="refuses_to_lose",
    ),
    Break(
        18,
        "storefront/payments/hooks.py",
        "return orders.locked(payment.order_key).state is OrderState.PLACED",
        "return True",
        "a cancelled order is captured",
        only="cancelling",
    ),
    Break(
        19,
        "payment_engine/completion.py",
        "            rivals = [each for each in attempts.values() if each.claimed]\n",
        "            rivals: list[Payment] = []\n",
        "nobody looks who has the claim",
    ),
    Break(
        20,
        "payment_engine/sqlalchemy_tokens.py",
        "            query = lease.where(free).returning",
        "            query = lease.returning",
        "everybody is given the lease",
    ),
    Break(
        21,
        "jibit_client/redaction.py",
        '    text = _BEARER.sub(f"Bearer {HIDDEN}", text)\n',
        "",
        "bearer tokens are written down",
    ),
    Break(
        22,
        "storefront/web/payments.py",
        "    if order is None:\n",
        "    if order is None or not request.cookies:\n",
        "the way back wants a cookie",
    ),
    Break(
        23,
        "payment_engine/policy.py",
        "return parts.netloc.lower() in self.redirect_hosts and (",
        "return True or (",
        "every host is trusted",
    ),
    Break(
        24,
        "payment_engine/states.py",
        "CAPTURABLE = (PaymentState.AWAITING_PAYER, PaymentState.VERIFYING, ",
        "CAPTURABLE = (PaymentState.AWAITING_PAYER, ",
        "nobody asks about a verification that a crash left behind",
        only="callback",
    ),
    Break(
        25,
        "payment_engine/payment.py",
        "payment.in_doubt_since = (payment.in_doubt_since or now) if doubtful else None",
        "payment.in_doubt_since = None",
        "nobody knows how old a doubt is",
    ),
    Break(
        26,
        "payment_engine/recording.py",
        "        if services.store.is_temporary(error) or isinstance(error, Conflict):\n",
        "        if True:\n",
        "what cannot be recorded is raised",
        only="waits_for_a_person",
    ),
    Break(
        26,
        "jibit_client/ppg/messages.py",
        'additional_data=fields.optional_text("additionalData"),',
        'additional_data=fields.text("additionalData"),',
        "a field that nobody needs stops all capture",
        only="ppg",
    ),
    Break(
        29,
        "payment_engine/sqlalchemy_work.py",
        "            taken = self._most_urgent(states, gateways, now, self._too_far_ahead(now, until))\n",
        "            taken = None\n",
        "a due time in the future is waited for",
    ),
]


def guards() -> dict[int, list[str]]:
    """The tests that docs/correctness.md names, by rule."""
    page = (ROOT / "docs" / "correctness.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", page, flags=re.M)
    return {int(rule): re.findall(r"`(tests/\S+?::\w+)`", cell) for rule, cell in rows}


def is_red(copy: Path, tests: list[str], only: str) -> bool:
    """Whether the tests fail, on SQLite; RuntimeError if they neither fail nor pass."""
    chosen = "not postgresql" + (f" and {only}" if only else "")
    options = ["-q", "-x", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "-k", chosen]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if run.returncode not in (0, FAILED):
        raise RuntimeError(run.stdout + run.stderr)
    return run.returncode == FAILED


@contextmanager
def broken(copy: Path, change: Break) -> Iterator[None]:
    """The copy with one rule broken; ValueError if the place to break is not there once."""
    path = copy / change.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(change.old) != 1:
        raise ValueError(f"rule {change.rule}: {change.file} has changed")
    path.write_text(whole.replace(change.old, change.new), encoding="utf-8")
    yield
    path.write_text(whole, encoding="utf-8")


def main(chosen: list[int]) -> int:
    """A row for each break: red as it should be, or GREEN."""
    green = 0
    tests = guards()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        for change in BREAKS:
            if chosen and change.rule not in chosen:
                continue
            if is_red(copy, tests[change.rule], change.only):
                raise RuntimeError(
                    f"rule {change.rule}: its guard is red before anything is broken"
                )
            with broken(copy, change):
                red = is_red(copy, tests[change.rule], change.only)
            green += not red
            print(f"| {change.rule} | {change.what} | {'red' if red else 'GREEN'} |", flush=True)
    return int(green > 0)


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
