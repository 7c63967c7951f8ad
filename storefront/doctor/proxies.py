"""Judge from one request how many web servers stand in front, and what they pass on."""

from __future__ import annotations

from urllib.parse import urlsplit

from storefront.doctor.findings import Finding, Findings, ok, wrong
from storefront.doctor.question import Seen

# What the request claims to come from; nobody has such an address (RFC 5737).
CLAIMED = "192.0.2.77"


def judged(seen: Seen, public_url: str) -> Findings:
    """Judge what the shop saw of a request that claimed to come from ``CLAIMED``."""
    between, trusted = _between(seen), seen.trusted
    if between is None:
        todo = "in nginx: proxy_set_header X-Forwarded-For $remote_addr;"
        yield wrong("the web server in front does not say who the client is", todo)
    elif between != trusted:
        yield _wrong_number(between, trusted)
    else:
        yield ok(f"TRUSTED_PROXIES={trusted} is right: the shop sees the client {seen.address}")
        yield _scheme(seen.scheme, urlsplit(public_url).scheme)
    yield _host(seen.host, urlsplit(public_url).netloc)


def _between(seen: Seen) -> int | None:
    """Return how many web servers have said who came to them; None if one has hidden it.

    Each adds its client to the end of the header, or begins the header anew.
    """
    if not seen.forwarded:
        return None
    claims = [place for place, entry in enumerate(seen.forwarded) if entry == CLAIMED]
    return len(seen.forwarded) - 1 - claims[-1] if claims else len(seen.forwarded)


def _wrong_number(between: int, trusted: int) -> Finding:
    harm = (
        "every shopper has the web server's address and shares its limits"
        if trusted < between
        else "anybody can choose the address that limits count"
    )
    sentence = f"TRUSTED_PROXIES is {trusted}, web servers in front: {between}; {harm}"
    return wrong(sentence, f"set STOREFRONT_TRUSTED_PROXIES={between}, and restart the shop")


def _scheme(seen: str, public: str) -> Finding:
    if seen == public:
        return ok(f"the shop sees {seen}")
    todo = "in nginx: proxy_set_header X-Forwarded-Proto $scheme;"
    return wrong(f"shoppers come by {public}, the shop sees {seen}", todo)


def _host(seen: str, public: str) -> Finding:
    if seen.lower() == public.lower():
        return ok(f"the name {seen} is passed on")
    todo = "in nginx: proxy_set_header Host $http_host;"
    return wrong(f"shoppers ask for {public}, the shop sees {seen}: pages lead in circles", todo)
