"""The whole system on many hosts: three with shops, two with workers, one each for the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

import requests

from drills.front import front_command
from drills.host_faults import HostFaults
from drills.host_network import Network
from drills.host_picture import upload_picture
from drills.host_watch import HostWatch, ask
from drills.plan import Plan
from drills.system import PATIENCE, System, refunder_command
from storefront.devserver.main import flask_command, shop_command
from testkit.processes import Process, wait_until

PEOPLE, FRONT, GATEWAY, DATABASE = "people", "front", "gateway", "database"
SHOPS, WORKERS = ("shop 1", "shop 2", "shop 3"), ("worker 1", "worker 2")
HOSTS = (PEOPLE, FRONT, GATEWAY, DATABASE, *SHOPS, *WORKERS)
CALLING = (PEOPLE, *SHOPS, *WORKERS)  # those who call the gateway
PORTS = {"ppg": 8000, "ppg_v3": 8002}
FRONTS = {"ppg": 80, "ppg_v3": 8080}
V3_SHOPS = {f"v3 {host}": host for host in SHOPS[1:]}
MERCHANT = "merchant"  # a process where the people are


class HostSystem(System):
    """Each part in the namespace of its host; shoppers come through nginx."""

    victims: Mapping[str, int] = {
        **dict.fromkeys(SHOPS, 2),
        **dict.fromkeys(V3_SHOPS, 1),
        **dict.fromkeys(WORKERS, 2),
        MERCHANT: 1,
        GATEWAY: 2,
    }

    def __init__(
        self,
        network: Network,
        database_url: str,
        folder: Path,
        plan: Plan,
        webhook: Mapping[str, str],
        code: Path,
    ) -> None:
        self.network = network
        # One folder that all hosts see, in the place of NFS.
        uploads = {"UPLOADS_FOLDER": str(folder / "uploads")}
        super().__init__(database_url, folder, plan, {**webhook, **uploads}, code)
        self.faults = HostFaults(self, plan)
        self.watch = HostWatch(self)

    def start_all(self) -> None:
        """Start everything; fill a cart and upload a picture, for all hosts to show."""
        super().start_all()
        self.watch.fill_cart()
        front, database = self.shop_urls["ppg"], self.environment["STOREFRONT_DATABASE_URL"]
        self.watch.picture = upload_picture(database, front)
        self.watch.ask_all_hosts()

    def _choose_addresses(self) -> dict[str, str]:
        front = self.network.address(FRONT)
        return {
            card: f"http://{front}" if port == 80 else f"http://{front}:{port}"
            for card, port in FRONTS.items()
        }

    def _bank_host(self) -> str:
        return self.network.address(GATEWAY)

    def troubles(self, over: Event) -> Sequence[Callable[[], object]]:
        """Return what happens to hosts, and who looks at the pages meanwhile."""
        return lambda: self.faults.run(over), lambda: self.watch.run(over)

    def _own(self, name: str) -> dict[str, str]:
        own = super()._own(name)
        return own and own | {"STOREFRONT_PUBLIC_URL": self.shop_urls["ppg_v3"]}

    def within(self, name: str) -> tuple[str, ...]:
        """Return what puts a part on its host."""
        return self.network.within(host_of(name))

    def _release(self, code: Path) -> dict[str, Process]:
        forward = [sys.executable, "-m", "drills.forwarder", str(self._bank_port)]
        forward += [self._bank_host(), str(self._bank_port)]
        commands = {
            **{f"line of {host}": forward for host in CALLING},
            **{host: self._serving(host, "ppg") for host in SHOPS},
            **{part: self._serving(host, "ppg_v3") for part, host in V3_SHOPS.items()},
            **{host: flask_command("worker") for host in WORKERS},
            MERCHANT: refunder_command(self._plan),
            FRONT: self._front("ppg", SHOPS),
            f"v3 {FRONT}": self._front("ppg_v3", V3_SHOPS.values()),
        }
        return {name: self._process(name, command, code) for name, command in commands.items()}

    def _serving(self, host: str, card: str) -> list[str]:
        return shop_command(self.network.address(host), PORTS[card])

    def _front(self, card: str, hosts: Iterable[str]) -> list[str]:
        listens = f"{self.network.address(FRONT)}:{FRONTS[card]}"
        shops = [f"{self.network.address(host)}:{PORTS[card]}" for host in hosts]
        return front_command(self.folder / f"nginx-{card}", listens, shops)

    def direct(self, host: str, card: str = "ppg") -> str:
        """Return where one shop is reached past nginx."""
        return f"http://{self.network.address(host)}:{PORTS[card]}"

    def connected(self) -> list[str]:
        """Return the shops' hosts that are not cut off."""
        return [host for host in SHOPS if host not in self.faults.away]

    def wait_for_bank(self) -> None:
        """Wait until the gateway answers."""
        clock = f"{self.bank.base_url}/_sandbox/clock"
        wait_until(lambda: is_well(clock), "the gateway answers", PATIENCE)

    def wait_for_shop(self) -> None:
        """Wait until all shops that are not cut off can sell, and nginx leads to them."""

        def ready() -> bool:
            self.revive()
            places = [self.direct(host) for host in self.connected()]
            places += [
                self.direct(host, "ppg_v3")
                for host in V3_SHOPS.values()
                if host not in self.faults.away
            ]
            return all(is_well(f"{url}/readyz") for url in (*places, *self.shop_urls.values()))

        wait_until(ready, "the shops are ready", PATIENCE)


def host_of(part: str) -> str:
    """Return where a part runs."""
    if part == MERCHANT:
        return PEOPLE
    return part.removeprefix("line of ").removeprefix("v3 ")


def is_well(url: str) -> bool:
    """Return whether this page is answered well."""
    with suppress(requests.RequestException):
        return ask(url, timeout=5).ok
    return False
