"""The way between the shop and the gateway: a call may be slower than the shop is patient."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from payment_engine.errors import GatewayError, NoAnswer

CALLS = ("open", "inquire", "verify", "find", "payments_between", "keep_fresh")
CHANGES_SOMETHING = ("verify", "verify", "open")  # what matters if it is heard late


class Network:
    """Calls that the shop has given up and the gateway has not heard yet.

    ``carrier`` is a gateway of its own, through which they arrive in the end.
    """

    def __init__(self, carrier: Any) -> None:
        self._carrier = carrier
        self._slow: list[str] = []
        self._under_way: list[Callable[[], object]] = []

    def slow_down(self, call: str) -> None:
        """Let the next call of this name arrive when nobody waits for its answer any more."""
        self._slow.append(call)

    @property
    def troubled(self) -> bool:
        """Whether some call will be, or has been, held up."""
        return bool(self._slow or self._under_way)

    def takes(self, call: str, *arguments: Any, **named: Any) -> bool:
        """Whether it held this call up."""
        if call not in self._slow:
            return False
        self._slow.remove(call)
        self._under_way.append(partial(getattr(self._carrier, call), *arguments, **named))
        return True

    def deliver(self) -> None:
        """Let everything that is under way arrive; nobody hears the answers."""
        arriving, self._under_way = self._under_way, []
        for call in arriving:
            with suppress(GatewayError):
                call()

    def calm_down(self) -> None:
        """Hold up nothing more, and deliver the rest."""
        self._slow.clear()
        self.deliver()


class Wire:
    """Stands in front of a process's gateway; every call through it is a touch of the world."""

    def __init__(self, gateway: Any, network: Network, touch: Callable[[], None]) -> None:
        self._gateway, self._network, self._touch = gateway, network, touch

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._gateway, name)
        return partial(self._call, name, attribute) if name in CALLS else attribute

    def _call(self, name: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self._touch()
        if self._network.takes(name, *arguments, **named):
            raise NoAnswer(name, "no answer in time")
        return call(*arguments, **named)
