"""What a page costs: the shop beside a baseline, a minimal Flask app that does the least it must.

Catalogue and product have a limit beside the baseline. The callback, and with it the whole flow,
have theirs beside the careful baseline, which keeps what no shop may lose (see
`baseline/careful.py`). Everything else is shown only, the p99 included.

All are served as `make run` serves the shop and buy at the same gateway, in turns, each on its own
copy of the same database. The figure is requests per CPU second of the server's processes, so
that it hardly matters what else the machine does; the p99 is that of the same requests, one by one.
Answers are not compressed: that costs all the same, and would only flatter the ratio.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

import requests
from urllib3 import HTTPConnectionPool

from benchmarks.client import in_another_process
from benchmarks.rig.databases import both
from benchmarks.rig.gateway import ORDERS, serve_paid_stub
from benchmarks.rig.server import SHOP, Server, serving
from benchmarks.rig.visitor import Visitor
from testkit.shopper import DETAILS

SIDES = {
    "shop": SHOP,
    "baseline": "benchmarks.baseline.app:create_app",
    "careful baseline": "benchmarks.baseline.app:create_careful_app",
}
ROUNDS, SHOPPERS = 36, 10  # many short rounds: a busy moment spoils few of them
LIMITS = {"catalogue": 0.70, "product": 0.70}
CAREFUL_LIMITS = {"add to cart": None, "checkout": None, "callback": 0.55}
FLOW_LIMIT = 0.60
SIZE_TOLERANCE = 0.10  # how far the baseline's page may be from the shop's size


def _buy(slug: str) -> Callable[[Visitor], None]:
    return lambda visitor: visitor.send(f"/cart/add/{slug}", {"quantity": "2"})


def _come_back(visitor: Visitor) -> None:
    """As the gateway sends the shopper back; its own answer knows where to."""
    identifier = visitor.location.split("/")[-2]
    gateway = urlsplit(visitor.location)
    order = requests.get(f"http://{gateway.netloc}{ORDERS}/{identifier}", timeout=10).json()
    said = {"amount": order["amount"], "refnum": identifier, "state": "SUCCESSFUL"}
    visitor.location = f"{order['callbackUrl']}?{urlencode(said)}"


HEAD = """
{:16} requests per CPU second                 p99, ms              bytes
                    shop   base  ratio  limit    shop   base  ratio    shop   base"""
STEPS: dict[str, Callable[[Visitor], None]] = {
    "catalogue": lambda visitor: visitor.get("/products"),
    "product": lambda visitor: visitor.get("/products/turquoise-bowl"),
    "add to cart": _buy("turquoise-bowl"),
    "another product": lambda visitor: visitor.get("/products/saffron-tin"),
    "add it, too": _buy("saffron-tin"),
    "cart": lambda visitor: visitor.get("/cart"),
    "checkout form": lambda visitor: visitor.get("/checkout"),
    "checkout": lambda visitor: visitor.send("/checkout", DETAILS | {"delivery": "post"}),
    "callback": lambda visitor: visitor.get(visitor.location),
    "order": lambda visitor: visitor.get(visitor.location),
}


@dataclass
class Costs:
    """What each step cost one side: CPU seconds of a request by round, and every latency."""

    cpu: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    sizes: dict[str, int] = field(default_factory=dict)

    def typical(self, step: str) -> float:
        """CPU seconds of a request, the median of the rounds."""
        return median(self.cpu[step])

    def p99(self, step: str) -> float:
        """Seconds that 99 of 100 requests take at most."""
        return quantiles(self.seconds[step], n=100)[98]

    def whole_flow(self) -> float:
        """CPU seconds of a whole purchase."""
        return sum(map(self.typical, STEPS))


def main() -> int:
    """Print a table for each database; exit code 1 if a limit is broken."""
    broken = []
    for database, urls in both(tuple(SIDES)):
        with ExitStack() as stack:
            gateway = stack.enter_context(in_another_process(serve_paid_stub))
            log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "log"
            servers = {
                side: stack.enter_context(serving(SIDES[side], url, gateway, log))
                for side, url in urls.items()
            }
            costs = measured(servers)
            print(HEAD.format(database))
            broken += [f"{database}, {what}" for what in report(costs)]
    for sentence in broken:
        print(f"BROKEN: {sentence}")
    return int(bool(broken))


def measured(servers: dict[str, Server]) -> dict[str, Costs]:
    """Let shoppers buy on every side in turns; the first round only warms up."""
    costs = {side: Costs() for side in servers}
    purchases(servers, {side: Costs() for side in servers})
    for turn in range(ROUNDS):
        order = list(servers)[:: -1 if turn % 2 else 1]  # who comes first finds the machine cold
        purchases({side: servers[side] for side in order}, costs)
    return costs


def purchases(servers: dict[str, Server], costs: dict[str, Costs]) -> None:
    """Some shoppers buy, step by step together, so that each step has its own CPU time.

    All sides take a step before any takes the next: what slows the machine down slows all.
    """
    with ExitStack() as stack:
        visitors = {side: _visitors(stack, server) for side, server in servers.items()}
        for name, step in STEPS.items():
            for side, server in servers.items():
                _take(name, step, visitors[side], server, costs[side])


def _visitors(stack: ExitStack, server: Server) -> list[Visitor]:
    address = urlsplit(server.url)
    pool = HTTPConnectionPool(str(address.hostname), address.port, maxsize=1)
    stack.enter_context(pool)
    return [Visitor(pool) for _ in range(SHOPPERS)]


def _take(
    name: str,
    step: Callable[[Visitor], None],
    visitors: list[Visitor],
    server: Server,
    costs: Costs,
) -> None:
    if name == "callback":
        for visitor in visitors:
            _come_back(visitor)
    before = server.cpu_seconds()
    for visitor in visitors:
        step(visitor)
        costs.seconds[name].append(visitor.seconds)
    costs.cpu[name].append((server.cpu_seconds() - before) / SHOPPERS)
    costs.sizes[name] = len(visitors[0].page.encode())


def report(costs: dict[str, Costs]) -> list[str]:
    """Print a table, and return what is over its limit."""
    shop, baseline, careful = costs.values()
    broken = []
    for step in STEPS:
        broken += _compared(step, LIMITS.get(step), shop, baseline, step)
        if step in CAREFUL_LIMITS:
            broken += _compared(step, CAREFUL_LIMITS[step], shop, careful, "  beside careful")
    _whole_flow("whole flow", shop, baseline)
    whole = _whole_flow("  beside careful", shop, careful, FLOW_LIMIT)
    if whole < FLOW_LIMIT:
        broken.append(f"whole flow: {whole:.2f} of the careful baseline is below {FLOW_LIMIT}")
    return broken


def _whole_flow(title: str, shop: Costs, baseline: Costs, limit: float | str = "") -> float:
    here, there = 1 / shop.whole_flow(), 1 / baseline.whole_flow()
    print(f"  {title:16}{here:6.0f} {there:6.0f}  {here / there:5.2f}  {limit:5}", flush=True)
    return here / there


def _compared(
    step: str, limit: float | None, shop: Costs, baseline: Costs, title: str
) -> list[str]:
    """Print a line of the table, and return what is wrong with it."""
    here, there = 1 / shop.typical(step), 1 / baseline.typical(step)
    slow, quick = shop.p99(step) * 1000, baseline.p99(step) * 1000
    print(
        f"  {title:16}{here:6.0f} {there:6.0f}  {here / there:5.2f}  {limit or '':5}"
        f"  {slow:6.1f} {quick:6.1f}  {slow / quick:5.2f}"
        f"  {shop.sizes[step]:6} {baseline.sizes[step]:6}",
        flush=True,
    )
    complaints = []
    if limit and here / there < limit:
        complaints.append(f"{here / there:.2f} of the baseline is below {limit}")
    if abs(shop.sizes[step] / baseline.sizes[step] - 1) > SIZE_TOLERANCE:
        complaints.append("the two pages are no longer of one size")
    return [f"{title.strip()}: {complaint}" for complaint in complaints]


if __name__ == "__main__":
    sys.exit(main())
