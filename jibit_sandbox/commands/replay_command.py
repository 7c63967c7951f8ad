"""``jibit-sandbox replay``: send recorded calls again, and say which are answered otherwise.

Masked secrets are filled in: tokens with fresh ones, keys with those of the world or of the
environment. Identifiers that the new answers give take the place of the recorded ones.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from ipaddress import ip_address
from urllib.parse import urlsplit

from jibit_sandbox.commands.asking import NotAnswered, send, url_of
from jibit_sandbox.commands.merchant import Merchant
from jibit_sandbox.commands.recordings import Recorded, recorded_in

KEPT = ("accept", "accept-language", "content-type", "x-sandbox-behaviour")
LONGEST = 300  # characters of an answer that is printed


def run(said: Namespace) -> int:
    """Return 0 if every call is answered with the recorded status, else 1."""
    url = url_of(said)
    if not said.anywhere and not is_here(url):
        raise ValueError(f"{url} is not this machine: to send calls there, add --anywhere")
    merchant = Merchant(url, said.world)
    same = [replay(merchant, call) for call in recorded_in(said.file) if not call.is_callback]
    sys.stdout.write(f"{sum(same)} of {len(same)} calls are answered as recorded\n")
    return 0 if all(same) else 1


def is_here(url: str) -> bool:
    """Return whether a URL leads to this machine by its name or number."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def replay(merchant: Merchant, call: Recorded) -> bool:
    """Send a call and print what came of it; return whether its status is the recorded one."""
    headers = {name: value for name, value in call.headers.items() if name.lower() in KEPT}
    if any(name.lower() == "authorization" for name in call.headers):
        headers["Authorization"] = f"Bearer {merchant.token_for(call.path)}"
    url, body = merchant.url + merchant.renamed(call.path), merchant.filled(call)
    try:
        answer = send(url, call.method, body, headers)
    except NotAnswered:
        return report(call, None, "")
    merchant.learn(call, answer.json)
    return report(call, answer.status, answer.body)


def report(call: Recorded, status: int | None, body: str) -> bool:
    """Print a line about a call; an answer that differs is shown."""
    is_same = status == call.status
    said = "as recorded" if is_same else f"recorded {call.status or 'without an answer'}"
    sys.stdout.write(f"{call.method} {call.path}: {status or 'no answer'}, {said}\n")
    if not is_same and body:
        sys.stdout.write(f"  {body[:LONGEST].strip()}\n")
    return is_same
