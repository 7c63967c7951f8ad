"""`make drill`: every rehearsal against the running shop, a line each, before real money comes.

A line says for card, PPG v3 and wallet where the payment ended in our ledger and in the gateway's,
whether that is right (captured there and paid here are the same set, always), and what the shopper
saw or what went back.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

from drills.balance import balance
from drills.money_back import MoneyBack
from drills.refund_scenarios import REFUNDS
from drills.rehearsal import Outcome, Rehearsal
from drills.scenarios import (
    SCENARIOS,
    SETTLE_AFTER,
    SHORT_WINDOWS,
    STEPPED_CLOCK,
    USUAL,
    WINDOW,
    Scenario,
)
from jibit_sandbox.testing import running_sandbox
from storefront.core.gateways import CARD_GATEWAYS
from testkit.databases import SqliteFiles, fill_catalogue
from testkit.live import LiveShop
from testkit.settings import at_all_gateways

GATEWAYS = {"ppg": "card", "ppg_v3": "v3", "wallet": "wallet"}
PATIENCE_SECONDS = 30.0
ROW = "{:48} {:22} {:22} {:22} {}"
# A refund is ordered again soon after it has certainly not arrived.
QUICK: Mapping[str, object] = {"GATEWAY_CONNECT_TIMEOUT": 0.5, "REFUND_SETTLES_AFTER_SECONDS": 3}
Played = Scenario | MoneyBack


def main(
    words: Sequence[str] = (),
    scenarios: Sequence[Played] = (*SCENARIOS, *REFUNDS),
    patience: float = PATIENCE_SECONDS,
) -> int:
    """Run all scenarios, or those whose name has one of ``words``; exit code 1 if any is wrong."""
    chosen = [s for s in scenarios if not words or any(word in s.name for word in words)]
    print(ROW.format("scenario", *GATEWAYS.values(), "what the shopper saw, or what went back"))
    with ExitStack() as stack:
        columns = [_Column(stack, chosen, gateway, patience) for gateway in GATEWAYS]
        outcomes = [column.outcomes for column in columns]
        rows = [_printed(scenario, row) for scenario, *row in zip(chosen, *outcomes, strict=True)]
        balances = [balance(column.shops.values()) for column in columns]
    for number, (name, counts) in enumerate(zip(GATEWAYS.values(), balances, strict=True)):
        counted = ", ".join(f"{count} {what}" for what, count in counts.items())
        print(f"{name}: {_summary([row[number] for row in rows])}; {counted}")
    wrong = any(outcome.good is False for row in rows for outcome in row)
    return int(wrong or any(count for counts in balances for count in counts.values()))


class _Column:
    """Plays all of them at one gateway, in shops of its own: clocks are moved there."""

    def __init__(
        self, stack: ExitStack, scenarios: Sequence[Played], gateway: str, patience: float
    ) -> None:
        places = dict.fromkeys(scenario.place for scenario in scenarios)
        self.shops = {place: stack.enter_context(PLACES[place](gateway)) for place in places}
        self._gateway, self._patience = gateway, patience
        pool = ThreadPoolExecutor(1)
        stack.callback(pool.shutdown, cancel_futures=True)
        self.outcomes: Iterator[Outcome] = pool.map(self._play, scenarios)

    def _play(self, scenario: Played) -> Outcome:
        shop = self.shops[scenario.place]
        if isinstance(scenario, MoneyBack):
            return scenario.run(shop, self._gateway, self._patience)
        return Rehearsal(shop, scenario, self._gateway, self._patience).run()


@contextmanager
def _shop(
    gateway: str,
    worker: Sequence[str] | None = None,
    order_seconds: int = 900,
    **settings: object,
) -> Iterator[LiveShop]:
    """A shop at work with all gateways; shoppers are offered this one, and the wallet."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_sandbox(order_seconds=order_seconds) as sandbox,
    ):
        folder = Path(name)
        with SqliteFiles(folder).fresh(folder / "shop", stocked=True) as url:
            fill_catalogue(url)
            offered = {"CARD_GATEWAY": gateway} if gateway in CARD_GATEWAYS else {}
            settings = {**at_all_gateways(sandbox), **offered, **QUICK, **settings}
            shop = LiveShop(url, sandbox, folder, worker=worker, **settings)
            shop.start()
            try:
                with shop.at_work():
                    yield shop
            finally:
                shop.stop()


PLACES: Mapping[str, Callable[[str], AbstractContextManager[LiveShop]]] = {
    USUAL: _shop,
    SHORT_WINDOWS: partial(
        _shop,
        order_seconds=WINDOW,
        PAYMENT_WINDOW_SECONDS=WINDOW,
        SETTLE_AFTER_SECONDS=SETTLE_AFTER,
    ),
    STEPPED_CLOCK: partial(_shop, worker=[sys.executable, "-m", "testkit.stepped_worker"]),
}


def _printed(scenario: Played, row: Sequence[Outcome]) -> Sequence[Outcome]:
    """The row, printed; what was seen is told once where all saw the same."""
    sights = dict.fromkeys(" → ".join(outcome.saw) for outcome in row if outcome.saw)
    cells = [outcome.words for outcome in row]
    print(ROW.format(scenario.name, *cells, " | ".join(sights)), flush=True)
    return row


def _summary(column: Sequence[Outcome]) -> str:
    played = [outcome for outcome in column if outcome.good is not None]
    good = sum(outcome.good is True for outcome in played)
    others = len(column) - len(played)
    left_out = f", {others} cannot happen there" if others else ""
    return f"{good} of {len(played)} scenarios ended as they must{left_out}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
