"""A gateway that answers at once and at which every order is paid, so that it hides nothing."""

from __future__ import annotations

import asyncio
import json
from multiprocessing.connection import Connection
from typing import Any, ClassVar
from uuid import uuid4

from benchmarks.client import Stub

ORDERS = "/ppg/v2/orders"


class PaidStub(Stub):
    """Remembers what it was asked to sell, as far as the answers need it."""

    orders: ClassVar[dict[str, dict[str, Any]]] = {}

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """What PPG v2.4 says in its sections "Create Order", "Verify Order", "Inquiry Order"."""
        if path == ORDERS:
            return self._created(json.loads(body))
        if path.startswith(ORDERS) and not path.endswith("/verify"):
            return self.orders[path.rpartition("/")[2]]
        return super().answer(path, body)

    def _created(self, asked: dict[str, Any]) -> dict[str, Any]:
        identifier = uuid4().hex[:8]
        kept = ("amount", "currency", "referenceNumber", "userIdentifier", "callbackUrl")
        self.orders[identifier] = {name: asked[name] for name in kept} | {
            "id": identifier,
            "status": "IN_PROGRESS",
            "payerCard": "603799******7893",
        }
        host, port = self.transport.get_extra_info("sockname")
        return {
            "orderIdentifier": identifier,
            "referenceNumber": asked["referenceNumber"],
            "pspSwitchingUrl": f"http://{host}:{port}{ORDERS}/{identifier}/payments",
        }


def serve_paid_stub(tell: Connection) -> None:
    """Run it, and tell its address."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(PaidStub, "127.0.0.1", 0)
        tell.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    asyncio.run(serve())
