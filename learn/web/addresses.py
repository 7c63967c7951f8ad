"""Name the learner's own shop and sandbox in the pages of the course, which are built only once.

The pages are written for the usual ports. A listing stays as it is: it shows what is in a file.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from learn.controls import SANDBOX_URL, SHOP_URL, Addresses

LISTING = re.compile(r'(<div class="literal-block-wrapper\b.*?</pre>)', re.DOTALL)


def with_addresses(html: str, addresses: Addresses) -> str:
    """Return a page of the course that names these addresses outside of its listings."""
    moved = {_host(SHOP_URL): _host(addresses.shop), _host(SANDBOX_URL): _host(addresses.sandbox)}
    usual = re.compile("|".join(rf"{re.escape(host)}\b" for host in moved))
    parts = LISTING.split(html)
    parts[::2] = [usual.sub(lambda found: moved[found[0]], part) for part in parts[::2]]
    return "".join(parts)


def _host(url: str) -> str:
    return urlsplit(url).netloc
