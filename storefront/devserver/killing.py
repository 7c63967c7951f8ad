"""Put the kill button together: its page, what hears the processes, and the relay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from storefront.core.clock import utc_now
from storefront.devserver import kill_page, ports
from storefront.devserver.kill_button import KillButton
from storefront.devserver.moments import MomentServer
from storefront.devserver.relay import Relay, free_port
from storefront.devserver.supervisor import Supervisor, say

ORDER_OF = "/payments/{reference}/history"  # where the shop shows an order by its reference


@dataclass(frozen=True)
class Killing:
    """The kill button of one supervisor.

    ``url`` is that of its page. The shop listens at ``behind``, the relay before it; ``module`` can
    be killed at a moment. ``for_everybody``: what all are told by their environment.
    """

    url: str
    behind: tuple[str, int]
    moments: MomentServer
    for_everybody: Mapping[str, str]
    module: str = "storefront.devserver.killable"

    def for_one(self, name: str) -> Mapping[str, str]:
        """Return what a process that can be killed is told."""
        return self.moments.environment(name)


def start(
    supervisor: Supervisor, shop_at: tuple[str, int], tried: Iterable[int], links: dict[str, str]
) -> Killing | None:
    """Serve the page at the first free port, and the relay at the shop's; None if no port is."""
    button = KillButton(supervisor, utc_now)
    page = kill_page.make_page(button, links)
    free = next((port for port in tried if ports.is_free(ports.LOCAL, port)), None)
    if free is None:
        say("No port is free for the kill button; KILL_PORT= names one.")
        return None
    kill_page.serve(page, ports.LOCAL, free)
    supervisor.listener = button
    moments = MomentServer(button)
    moments.start()
    behind = (ports.LOCAL, free_port(ports.LOCAL))
    Relay(shop_at, behind).start()
    url = f"http://{ports.LOCAL}:{free}"
    told = {
        "STOREFRONT_KILL_URL": url,
        "SANDBOX_KILL_URL": url,
        "SANDBOX_SHOP_ORDER_URL": links["shop"] + ORDER_OF,
    }
    return Killing(url, behind, moments, told)
