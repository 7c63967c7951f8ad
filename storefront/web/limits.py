"""Who a client is, what it may repeat how often, and why so often.

A client is an address prefix: an IPv4 address, or the /64 that an IPv6 network gives to one home or
one telephone. Behind one IPv4 address of an Iranian mobile carrier stand thousands of people, so
each limit is far above what they do in this shop at a busy time, and still stops a flood. What a
limit of that size lets through is bounded elsewhere: stock by the pieces that one client may hold
unpaid (`storefront/orders/holds.py`), guesses by what is counted for each order
(`storefront/web/tracking.py`). Pages are not counted at all; a web server in front limits those.
"""

from __future__ import annotations

import math
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from werkzeug.exceptions import TooManyRequests

from storefront.core.formats import how_long
from storefront.core.limits import current_limits, pseudonym
from storefront.web.language import current_language

# A shop that takes an order every second, from three carriers with some dozen addresses each, sees
# about twenty in ten minutes from one of them. Each order costs a call to the gateway and ten rows.
CHECKOUTS = RateLimitItemPerMinute(60, 10, namespace="checkouts")
# One in ten who fill a cart orders. Each cart stands in the database for 30 days: a client has
# at most 300,000 of them, one row and at most 30 short lines each.
CARTS = RateLimitItemPerDay(10_000, namespace="carts")
# Each form that comes back is one row beside its cart, written anew.
DRAFTS = RateLimitItemPerMinute(300, 10, namespace="drafts")
# Who pays again does so two or three times; whoever was sent away by the bank is among them.
PAYMENTS = RateLimitItemPerMinute(120, 10, namespace="payments")
PAYMENTS_OF_ONE_ORDER = RateLimitItemPerMinute(20, 10, namespace="payments of one order")
# Every payer comes back once, some reload. The worker finds a payment whose callback was refused.
CALLBACKS = RateLimitItemPerMinute(300, namespace="callbacks")
# Nobody types so many passwords wrong; at this rate a weak one of 16 letters lasts for ever.
WRONG_PASSWORDS = RateLimitItemPerMinute(10, 10, namespace="wrong passwords")

NOBODY = "no address"  # on a Unix socket without a proxy that is trusted
Address = IPv4Address | IPv6Address


def prefix_of(address: str | None, ipv6_bits: int = 64) -> str:
    """Return the prefix that stands for a client: the IPv4 address, or the IPv6 network."""
    try:
        found = _plain(ip_address((address or "").partition("%")[0]))
    except ValueError:
        return NOBODY
    return str(found) if found.version == 4 else str(ip_network((found, ipv6_bits), strict=False))


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 socket shows as ``::ffff:192.0.2.1``."""
    return getattr(address, "ipv4_mapped", None) or address


def client() -> str:
    """Return the pseudonym of who sends this request; TRUSTED_PROXIES says whom we believe."""
    return pseudonym(prefix_of(request.remote_addr))


def site() -> str:
    """Return the same for the whole /48 that IPv6 gives to a site, which may hold many clients."""
    return pseudonym(prefix_of(request.remote_addr, ipv6_bits=48))


def take(limit: RateLimitItem) -> int:
    """Count this request for its client; if it is over, return for how many seconds."""
    return current_limits().take(limit, client())


def take_for(what: str, limit: RateLimitItem) -> int:
    """Count this request for one thing, such as an order, whoever sends it."""
    return current_limits().take(limit, what)


def advice(seconds: int) -> str:
    """Say in the page's language when to try again."""
    minutes = timedelta(minutes=math.ceil(seconds / 60))
    time = how_long(minutes, current_language())
    return str(
        _("There were too many tries from your network. Please try again in %(time)s.", time=time)
    )


def refused(page: ResponseReturnValue, seconds: int) -> ResponseReturnValue:
    """Return a page as the answer 429, which says when to try again."""
    answer = make_response(page)
    answer.status_code = TooManyRequests.code
    answer.headers["Retry-After"] = str(seconds)
    return answer
