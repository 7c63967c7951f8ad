"""`make drill`: every rehearsal against the running shop, a line each, before real money comes.

A line says for card, PPG v3 and wallet where the payment ended in our ledger and in the gateway's,
whether that is right (captured there and paid here are the same set, always), and what the shopper
saw or what went back.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, InvalidStateError, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Lock

from drills.balance import PROMISES, balance
from drills.money_back import MoneyBack
from drills.refund_scenarios import REFUNDS
from drills.rehearsal import Outcome, Rehearsal
from drills.scenarios import (
    REFUNDING,
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
PATIENCE_SECONDS = 60.0  # in short windows a payment may be in doubt for 31 of them
ROW = "{:48} {:22} {:22} {:22} {}"
# A refund is ordered again soon after it has certainly not arrived.
QUICK: Mapping[str, object] = {"GATEWAY_CONNECT_TIMEOUT": 0.5, "REFUND_SETTLES_AFTER_SECONDS": 3}
OPENING = Lock()
Played = Scenario | MoneyBack
NO_REFUNDS = Outcome(None, "-     has no refunds")


def main(
    words: Sequence[str] = (),
    scenarios: Sequence[Played] = (*SCENARIOS, *REFUNDS),
    patience: float = PATIENCE_SECONDS,
) -> int:
    """Run all scenarios, or those whose name has one of ``words``; exit code 1 if any is wrong."""
    chosen = [s for s in scenarios if not words or any(word in s.name for word in words)]
    print(ROW.format("scenario", *GATEWAYS.values(), "what the shopper saw, or what went back"))
    with ThreadPoolExecutor(len(GATEWAYS) * len(PLACES)) as pool:
        columns = [_Column(pool, chosen, gateway, patience) for gateway in GATEWAYS]
        outcomes = [column.outcomes for column in columns]
        rows = [_printed(scenario, row) for scenario, *row in zip(chosen, *outcomes, strict=True)]
        balances = [column.balance() for column in columns]
    for number, (name, counts) in enumerate(zip(GATEWAYS.values(), balances, strict=True)):
        counted = ", ".join(f"{count} {what}" for what, count in counts.items())
        print(f"{name}: {_summary([row[number] for row in rows])}; {counted}")
    wrong = any(outcome.good is False for row in rows for outcome in row)
    return int(wrong or any(count for counts in balances for count in counts.values()))


class _Column:
    """Plays all of them at one gateway, in shops of its own: clocks are moved there.

    What is played in one place is played one after the other; then its shop is closed. ``balance``
    counts over all its shops.
    """

    def __init__(
        self, pool: Executor, scenarios: Sequence[Played], gateway: str, patience: float
    ) -> None:
        self._gateway, self._patience = gateway, patience
        ends = {scenario.name: Future[Outcome]() for scenario in scenarios if self._has(scenario)}
        here = [scenario for scenario in scenarios if self._has(scenario)]
        self._places = [
            pool.submit(self._play_in, place, [s for s in here if s.place == place], ends)
            for place in dict.fromkeys(scenario.place for scenario in here)
        ]
        self.outcomes = (ends[s.name].result() if s.name in ends else NO_REFUNDS for s in scenarios)

    def _has(self, scenario: Played) -> bool:
        return self._gateway == "ppg_v3" or not isinstance(scenario, MoneyBack)

    def _play_in(
        self, place: str, scenarios: Sequence[Played], ends: Mapping[str, Future[Outcome]]
    ) -> Counter[str]:
        try:
            with _one_by_one(PLACES[place](self._gateway)) as shop:
                for scenario in scenarios:
                    ends[scenario.name].set_result(self._play(shop, scenario))
                return balance(shop)
        except BaseException as error:
            for scenario in scenarios:  # whoever waits for one of them must not wait for ever
                with suppress(InvalidStateError):
                    ends[scenario.name].set_exception(error)
            raise

    def _play(self, shop: LiveShop, scenario: Played) -> Outcome:
        if isinstance(scenario, MoneyBack):
            return scenario.run(shop, self._patience)
        return Rehearsal(shop, scenario, self._gateway, self._patience).run()

    def balance(self) -> Counter[str]:
        """Return how often each promise was broken, when all is played."""
        counts = Counter(dict.fromkeys(PROMISES, 0))
        for place in self._places:
            counts.update(place.result())
        return counts


@contextmanager
def _one_by_one(shop: AbstractContextManager[LiveShop]) -> Iterator[LiveShop]:
    """Open and close no two shops at once: migrations and forks do not like other threads."""
    with ExitStack() as stack:
        with OPENING:
            opened = stack.enter_context(shop)
            closing = stack.pop_all()
        try:
            yield opened
        finally:
            with OPENING:
                closing.close()


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
    REFUNDING: _shop,
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
