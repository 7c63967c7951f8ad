"""Pass TCP on to another host, as if its server were on this one.

`python -m drills.forwarder LISTEN_PORT HOST PORT`. A shop in test mode wants its gateway on its own
machine, so each host of the drill has one of these in the gateway's place. A connection that the
other side refuses, or that is cut, is reset here, too.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

CONNECT_SECONDS = 5.0
LARGEST = 64 * 1024


async def serve(port: int, to_host: str, to_port: int) -> None:
    """Listen on the port until somebody ends this process."""

    async def accept(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, TimeoutError):
            there = await asyncio.wait_for(
                asyncio.open_connection(to_host, to_port), CONNECT_SECONDS
            )
            await asyncio.gather(_pass(reader, there[1]), _pass(there[0], writer))
        writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def _pass(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while chunk := await reader.read(LARGEST):
            writer.write(chunk)
            await writer.drain()
        writer.close()
    except OSError:
        writer.transport.abort()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
