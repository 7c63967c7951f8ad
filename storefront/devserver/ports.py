"""Find out whether the ports that `make run` needs are free; run alone, before the installation.

`python storefront/devserver/ports.py` needs nothing that is not in Python itself.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping

LOCAL = "127.0.0.1"
SHOP_PORT, SANDBOX_PORT = 8000, 8001
# Set: perhaps there is no sandbox.
GATEWAYS = tuple(f"STOREFRONT_{each}_BASE_URL" for each in ("PPG", "PPG_V3", "WALLET"))


def problem_with(wanted: Mapping[str, tuple[str, int]]) -> str | None:
    """Return what is wrong with the hosts and ports wanted, by variable; None if nothing is."""
    if len(wanted) > len({port for _, port in wanted.values()}):
        return "the shop, the sandbox and the kill button need different ports"
    for variable, (host, port) in wanted.items():
        if not is_free(host, port):
            flag = "--" + variable.lower().replace("_", "-")
            other = port + (1000 if port < 64000 else -1000)
            return (
                f"port {port} of {host} is taken by another program. Stop that one, or"
                f" choose another port: {variable}={other} make run"
                f" (without make: python -m storefront {flag} {other})"
            )
    return None


def is_free(host: str, port: int) -> bool:
    """Return whether nobody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # a port left a moment ago is free; on Windows the option means "share"
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def as_port(text: str) -> int:
    """Return a port's number. Raises ValueError with a sentence."""
    number = int(text) if text.isdecimal() and len(text) <= 5 else 0
    if not 0 < number < 65536:
        raise ValueError(f"a port is a number from 1 to 65535, not {text[:40]!r}")
    return number


def main(environment: Mapping[str, str]) -> str | None:
    """Check the ports that the environment names; return what is wrong, None if nothing is."""
    asked = {"PORT": SHOP_PORT, "SANDBOX_PORT": SANDBOX_PORT}
    if any(environment.get(name) for name in GATEWAYS):
        del asked["SANDBOX_PORT"]
    if environment.get("KILL_PORT"):  # else it takes one that is free
        asked["KILL_PORT"] = 0
    try:
        ports = {
            name: as_port(environment.get(name) or str(usual)) for name, usual in asked.items()
        }
    except ValueError as error:
        return f"storefront cannot start: {error}."
    problem = problem_with({name: (LOCAL, port) for name, port in ports.items()})
    return f"storefront cannot start: {problem}." if problem else None


if __name__ == "__main__":
    sys.exit(main(os.environ))
