"""`make drill`: every rehearsal against the running shop, a line each, before real money comes.

A line says for card and wallet where the payment ended in our ledger and in the gateway's, whether
that is right (captured there and paid here are the same set, always), and what the shopper saw.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path

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
from testkit.databases import SqliteFiles, fill_catalogue
from testkit.live import LiveShop

GATEWAYS = {"ppg": "card", "wallet": "wallet"}
PATIENCE_SECONDS = 30.0
ROW = "{:48} {:22} {:22} {}"


def main(
    words: Sequence[str] = (),
    scenarios: Sequence[Scenario] = SCENARIOS,
    patience: float = PATIENCE_SECONDS,
) -> int:
    """Run all scenarios, or those whose name has one of ``words``; exit code 1 if any is wrong."""
    chosen = [s for s in scenarios if not words or any(word in s.name for word in words)]
    print(ROW.format("scenario", *GATEWAYS.values(), "what the shopper saw"))
    with ExitStack() as stack:
        columns = [_column(stack, chosen, gateway, patience) for gateway in GATEWAYS]
        rows = [_printed(scenario, row) for scenario, *row in zip(chosen, *columns, strict=True)]
    for number, name in enumerate(GATEWAYS.values()):
        print(f"{name}: {_summary([row[number] for row in rows])}")
    return int(any(outcome.good is False for row in rows for outcome in row))


def _column(
    stack: ExitStack, scenarios: Sequence[Scenario], gateway: str, patience: float
) -> Iterator[Outcome]:
    """Play all of them at one gateway, in shops of its own: clocks are moved there."""
    places = dict.fromkeys(scenario.place for scenario in scenarios)
    shops = {place: stack.enter_context(PLACES[place]()) for place in places}
    pool = ThreadPoolExecutor(1)
    stack.callback(pool.shutdown, cancel_futures=True)

    def play(scenario: Scenario) -> Outcome:
        return Rehearsal(shops[scenario.place], scenario, gateway, patience).run()

    return pool.map(play, scenarios)


@contextmanager
def _shop(
    worker: Sequence[str] | None = None, order_seconds: int = 900, **settings: object
) -> Iterator[LiveShop]:
    """A shop at work, with both gateways."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_sandbox(order_seconds=order_seconds) as sandbox,
    ):
        folder = Path(name)
        with SqliteFiles(folder).fresh(folder / "shop", stocked=True) as url:
            fill_catalogue(url)
            shop = LiveShop(url, sandbox, folder, worker=worker, **settings)
            shop.start()
            try:
                with shop.at_work():
                    yield shop
            finally:
                shop.stop()


PLACES: Mapping[str, Callable[[], AbstractContextManager[LiveShop]]] = {
    USUAL: _shop,
    SHORT_WINDOWS: partial(
        _shop,
        order_seconds=WINDOW,
        PAYMENT_WINDOW_SECONDS=WINDOW,
        SETTLE_AFTER_SECONDS=SETTLE_AFTER,
    ),
    STEPPED_CLOCK: partial(_shop, worker=[sys.executable, "-m", "testkit.stepped_worker"]),
}


def _printed(scenario: Scenario, row: Sequence[Outcome]) -> Sequence[Outcome]:
    """The row, printed; what was seen is told once where both saw the same."""
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
