"""Check single settings: return the value, or raise ValueError saying what it should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from storefront.core.setting_slips import without_commas

OFF = "off"  # in the place of a gateway's address
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_ADDRESSES = 20
LEAST_SECRET = 32  # characters; with fewer, a key can be found by trying
LEAST_DIFFERENT = 8  # of them; among 32 hexadecimal digits that were drawn there are 14
MAKE_A_SECRET = "python -c 'import secrets; print(secrets.token_hex(32))'"  # noqa: S105 - a command

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_NAME = r'(?:"[^"\\\x00-\x1f\x7f]*"|[^"\\<>()@,;:\x00-\x1f\x7f]*)'
_MAILBOX = re.compile(rf"{_ADDRESS}|{_NAME}\s*<{_ADDRESS}>")


def is_local(address: str) -> bool:
    """Return whether a URL points at this machine, where no real money moves."""
    return urlsplit(address).hostname in LOCAL_HOSTS


def text(value: Any) -> str:
    """Return a text without blanks around it."""
    if isinstance(value, int | float):
        raise ValueError("a text: put it in quotation marks")  # noqa: TRY004 - caught as such
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def file_path(value: Any) -> str:
    """Return the path of a file."""
    return text(value)


def web_url(value: Any) -> str:
    """Return an http or https address without a slash at its end."""
    address = text(value).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address such as https://shop.example, without query or fragment")
    _ = parts.port  # a wrong port number raises ValueError here
    return address


def gateway_url(value: Any) -> str | None:
    """Return a gateway's address, None if it is off."""
    return None if value == OFF else web_url(value)


def origin(value: Any) -> str:
    """Return an address without a path."""
    address = web_url(value)
    if urlsplit(address).path:
        raise ValueError("an address without a path, such as https://shop.example")
    return address


def local_origin(value: Any) -> str:
    """Return an address of this machine without a path."""
    address = origin(value)
    if not is_local(address):
        raise ValueError("an address of this machine, such as http://127.0.0.1:8002")
    return address


def database_url(value: Any) -> str:
    """Return SQLAlchemy's URL, with the PostgreSQL driver that is installed."""
    address = text(value)
    if address.startswith("postgresql://"):
        address = address.replace("postgresql://", "postgresql+psycopg://", 1)
    if address.startswith("postgresql+psycopg://"):
        return _with_hosts_apart(address)
    if address.startswith("sqlite:///"):
        return address
    raise ValueError("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def _with_hosts_apart(address: str) -> str:
    """Return a URL with each of several hosts in a parameter of its own, as SQLAlchemy reads them.

    PostgreSQL's own programs write ``USER@HOST:PORT,HOST:PORT`` or ``?host=HOST:PORT,HOST:PORT``.
    """
    parts = urlsplit(address)
    login, at, place = parts.netloc.rpartition("@")
    asked = parse_qsl(parts.query)
    named = [value for name, value in asked if name == "host"]
    if "," not in place and not any("," in each and ":" in each for each in named):
        return address
    apart = [("host", host) for each in [place, *named] if each for host in each.split(",")]
    others = [pair for pair in asked if pair[0] != "host"]
    query = urlencode(apart + others, safe=":/")
    return f"{parts.scheme}://{login}{at}{parts.path}?{query}"


def redis_url(value: Any) -> str:
    """Return the address of a Redis server. Raises ValueError."""
    url = text(value)
    if not url.startswith(("redis://", "rediss://", "redis+unix://")):
        raise ValueError("redis://HOST:6379/0, rediss://... or redis+unix://...")
    return url


def password(value: Any) -> str:
    """Return a password of 16 characters or more."""
    if len(text(value)) < 16:
        raise ValueError("a password of 16 characters or more")
    return text(value)


def prefix(value: Any) -> str:
    """Return the beginning of our references: 0 to 8 of a-z and 0-9."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]{0,8}", value.strip()):
        raise ValueError("up to 8 of the characters a-z and 0-9")
    return value.strip()


def secret(value: Any) -> str:
    """Return one key of 32 characters or more, with at least 8 different ones among them."""
    key = value.strip() if isinstance(value, str) else ""
    if len(key) < LEAST_SECRET or len(set(key)) < LEAST_DIFFERENT:
        raise ValueError(
            f"a secret of {LEAST_SECRET} characters or more, drawn at random; make one with:"
            f" {MAKE_A_SECRET}"
        )
    return key


def secret_list(value: Any) -> tuple[str, ...]:
    """Return several keys; a text has commas between them, and each of them is checked."""
    keys = value.split(",") if isinstance(value, str) else value
    try:
        return tuple(secret(key) for key in keys)
    except (TypeError, ValueError):
        raise ValueError(
            f"secrets of {LEAST_SECRET} characters or more, with commas between them;"
            f" make one with: {MAKE_A_SECRET}"
        ) from None


def smtp_url(value: Any) -> str:
    """Return a mail server's address."""
    address = text(value)
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465")
    _ = parts.port
    return address


_KAVENEGAR = re.compile(
    r"kavenegar://[A-Za-z0-9._~%-]{8,300}@(?:(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?)?/?"
    r"(?:\?sender=[0-9]{3,20})?"
)


def sms_url(value: Any) -> str:
    """Return who sends text messages, or OFF; without TLS on this machine only."""
    address = text(value)
    parts = urlsplit(address)
    is_bridge = bool(parts.hostname) and not parts.username and not parts.fragment
    is_bridge &= parts.scheme == "https" or (parts.scheme == "http" and is_local(address))
    if address != OFF and not is_bridge and not _KAVENEGAR.fullmatch(address):
        raise ValueError("kavenegar://API_KEY@/?sender=LINE, https://sms.example/send, or off")
    _ = parts.port  # a wrong port number raises ValueError here
    return address


def mailbox(value: Any) -> str:
    """Return a sender with one address, which a letter's header can bear as it is."""
    sender = text(value)
    if "=?" in sender or not _MAILBOX.fullmatch(sender):  # "=?" would be decoded into another name
        raise ValueError("a sender such as Shop <shop@shop.example>")
    return sender


def addresses(value: Any) -> tuple[str, ...]:
    """Return e-mail addresses, none of them twice."""
    found = tuple(dict.fromkeys(_listed(value)))
    if len(found) > MOST_ADDRESSES or not all(re.fullmatch(_ADDRESS, each) for each in found):
        raise ValueError(f"up to {MOST_ADDRESSES} e-mail addresses with commas between them")
    return found


def _listed(value: Any) -> list[str]:
    """Return the texts of a list, or of one text with commas; what is neither fits no check."""
    given = value.split(",") if isinstance(value, str) else value
    given = given if isinstance(given, list | tuple) else [value]
    return [text for text in (str(each).strip() for each in given) if text]


def one_of(*words: str) -> Callable[[Any], str]:
    """Return a check for one of these words."""

    def parse(value: Any) -> str:
        if value not in words:
            raise ValueError(" or ".join(words))
        return str(value)

    return parse


def yes_or_no(value: Any) -> bool:
    """Return whether a setting is switched on."""
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = known.get(str(value).strip().lower())
    if found is None:
        raise ValueError("true or false")
    return found


_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


def hosts(value: Any) -> tuple[str, ...]:
    """Return host names, with their ports if they have one."""
    found = tuple(name.lower() for name in _listed(value))
    if not all(map(_HOST.fullmatch, found)):
        raise ValueError("host names with commas between them, such as psp.example,127.0.0.1:8001")
    return found


def number(kind: type[int] | type[float], low: float, high: float) -> Callable[[Any], Any]:
    """Return a check for a number from ``low`` to ``high``."""

    def parse(value: Any) -> Any:
        wanted = f"a{' whole' if kind is int else ''} number from {low:g} to {high:g}"
        if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value):
            groups = (f"{value[0]}", *(f"{each:03}" for each in value[1:]))
            raise ValueError(f"{wanted}: {without_commas(groups)}")
        try:
            found = kind(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(wanted) from None
        if isinstance(value, bool) or not low <= found <= high:
            raise ValueError(wanted)
        return found

    return parse


# What of a value may be seen is decided by its check: free texts are the gateways' credentials, so
# a new setting with a free text is hidden until somebody gives it a check of its own.
SECRETS: frozenset[Callable[[Any], Any]] = frozenset({text, secret, secret_list, password})
URLS: frozenset[Callable[[Any], Any]] = frozenset(
    {database_url, redis_url, smtp_url, sms_url, web_url, gateway_url, origin}
)
