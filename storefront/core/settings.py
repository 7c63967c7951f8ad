"""Every setting of the shop: its name, its default, what it means and what it must look like.

A setting comes from its default, then `instance/config.py`, then the environment with the prefix
`STOREFRONT_`; the last one wins. All are checked at start, so that a wrong one is named before the
first shopper meets it. The defaults point at the bundled sandbox.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask

from storefront.core.gateways import GATEWAYS, Entry

logger = logging.getLogger(__name__)

OFF = "off"  # in the place of a gateway's address
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class WrongSetting(click.ClickException):
    """A setting is not what it should be; the message names it and says what it should be."""


def is_local(url: str) -> bool:
    """Return whether a URL points at this machine, where no real money moves."""
    return urlsplit(url).hostname in LOCAL_HOSTS


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _url(value: Any) -> str:
    url = _text(value).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address such as https://shop.example, without query or fragment")
    _ = parts.port  # a wrong port number raises ValueError here
    return url


def _gateway(value: Any) -> str | None:
    return None if value == OFF else _url(value)


def _origin(value: Any) -> str:
    url = _url(value)
    if urlsplit(url).path:
        raise ValueError("an address without a path, such as https://shop.example")
    return url


def _database_url(value: Any) -> str:
    url = _text(value)
    if url.startswith("postgresql://"):
        return url.replace("postgresql://", "postgresql+psycopg://", 1)
    if url.startswith(("postgresql+psycopg://", "sqlite:///")):
        return url
    raise ValueError("sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")


def _password(value: Any) -> str:
    if len(_text(value)) < 16:
        raise ValueError("a password of 16 characters or more")
    return _text(value)


def _smtp_url(value: Any) -> str:
    url = _text(value)
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465")
    _ = parts.port
    return url


def _one_of(*words: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in words:
            raise ValueError(" or ".join(words))
        return str(value)

    return parse


def _hosts(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    hosts = tuple(name.strip().lower() for name in names if name.strip())
    if any("/" in host or " " in host for host in hosts):
        raise ValueError("host names with commas between them, such as psp.example,127.0.0.1:8001")
    return hosts


def _number(kind: type[int] | type[float], low: float, high: float) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        wanted = f"a{' whole' if kind is int else ''} number from {low:g} to {high:g}"
        try:
            number = kind(value)
        except (TypeError, ValueError):
            raise ValueError(wanted) from None
        if isinstance(value, bool) or not low <= number <= high:
            raise ValueError(wanted)
        return number

    return parse


@dataclass(frozen=True)
class Setting:
    """One setting. ``parse`` returns the value, or raises ValueError saying what it should be.

    ``old_name`` is understood for one release, with a warning.
    """

    name: str
    default: Any
    meaning: str
    parse: Callable[[Any], Any] = _text
    old_name: str | None = None


SETTINGS = (
    Setting("SECRET_KEY", None, "Signs sessions and forms. Unset: made on first run and kept in `instance/secret_key` (only while the gateway is local)"),
    Setting("DATABASE_URL", None, "`sqlite:///FILE` or `postgresql://...`. Unset: `instance/storefront.sqlite3`", _database_url),
    Setting("PUBLIC_URL", "http://127.0.0.1:8000", "Where shoppers reach the shop; callbacks are built from it", _origin),
    Setting("PPG_BASE_URL", "http://127.0.0.1:8001/ppg/v2", "The card gateway's base address; real: `https://api.jibit.ir/ppg/v2`. `off`: shoppers cannot pay by card. Unset beside a real wallet it is off, too", _gateway),
    Setting("PPG_API_KEY", "sandbox-api-key", "The merchant's API key"),
    Setting("PPG_SECRET_KEY", "sandbox-secret-key", "The merchant's secret key"),
    Setting("WALLET_BASE_URL", "http://127.0.0.1:8001/pg", "The wallet gateway's base address; real: `https://pg.jibit.mobi`. `off`: shoppers cannot pay from their wallet. Unset beside a real card gateway it is off, too", _gateway),
    Setting("WALLET_USERNAME", "sandbox", "The merchant's name at the wallet gateway"),
    Setting("WALLET_PASSWORD", "sandbox-password", "The merchant's password there"),
    Setting("TRUSTED_PROXIES", 0, "How many web servers stand between shoppers and the shop: so many entries of `X-Forwarded-For` and `-Proto` are believed", _number(int, 0, 5)),
    Setting("GATEWAY_CONNECT_TIMEOUT", 3.0, "Seconds to wait for a connection to the gateway", _number(float, 0.05, 60)),
    Setting("GATEWAY_READ_TIMEOUT", 10.0, "Seconds to wait for an answer of the gateway", _number(float, 0.05, 60)),
    Setting("GATEWAY_CREATE_SLOTS", 8, "How many threads of one process may wait for new payments to be opened; a shopper beyond them is asked to try again", _number(int, 1, 1000)),
    Setting("GATEWAY_ASK_SLOTS", 8, "How many threads of one process may wait for answers about payments; a question beyond them is left to the worker", _number(int, 1, 1000)),
    Setting("BREAKER_FAILURES", 5, "After how many calls without an answer in a row new payments pause", _number(int, 1, 1000)),
    Setting("BREAKER_PAUSE_SECONDS", 30, "How long they pause before one is tried again", _number(int, 1, 600)),
    Setting("PSP_HOSTS", (), "Hosts the shop may send a shopper to, with commas between them; also the bank's, if the gateway's address redirects there at once. Unset: the gateways' own", _hosts),
    Setting("PAYMENT_WINDOW_SECONDS", 900, "How long a payment can be verified, from its creation: the gateway's own 15 minutes", _number(int, 1, 900)),
    Setting("RECOVER_AFTER_SECONDS", 60, "After how long without a callback the worker asks the gateway about a payment, and how long until it asks again", _number(int, 1, 600), "RECONCILE_AFTER_SECONDS"),
    Setting("SETTLE_AFTER_SECONDS", 3600, "For how long a gateway whose SUCCESS may mean \"paid, not captured\" must keep saying it after its end of a payment before an unanswered verification counts as captured; longer than the gateway's own expiry is ever late. At least 3600 with a real gateway", _number(int, 1, 86400)),
    Setting("VERIFY_WITHOUT_CALLBACK", "poll", "When the worker verifies a payment whose browser has not come back and that may be unpaid: `poll`, at every question, assumes that verifying an unpaid payment is harmless; `last_minute` waits until shortly before the window ends", _one_of("poll", "last_minute")),
    Setting("WORKER_TICK_SECONDS", 15, "How often each job of the worker looks whether something is due", _number(float, 0.1, 300)),
    Setting("WORKER_THREADS", 16, "How many payments a worker asks about at once", _number(int, 1, 100)),
    Setting("SMTP_URL", None, "The mail server: `smtp://USER:PASSWORD@HOST:587` or `smtps://...:465`. Unset: e-mails are only named in the log", _smtp_url),
    Setting("MAIL_FROM", "Eyvan <shop@localhost>", "The sender of e-mails to shoppers"),
    Setting("WEBHOOK_URL", None, "The merchant's own address that receives paid orders, failed payments and returned money, by signed POST. Unset: nothing is sent", _url, "HOOK_URL"),
    Setting("WEBHOOK_SECRET", None, "Signs those calls; needed with `WEBHOOK_URL`", old_name="HOOK_SECRET"),
    Setting("OPERATIONS_PASSWORD", None, "Opens `/operations` and `/metrics` for the people on duty, with any user name. Unset: open while every gateway is local, closed otherwise. At least 16 characters", _password),
    Setting("SANDBOX_DATABASE", None, "The sandbox's SQLite file. Unset: `instance/sandbox.sqlite3`"),
    Setting("DELIVERY_FEE_RIALS", 850_000, "Delivery, in Rials, added once to every order", _number(int, 0, 10**12)),
    Setting("VAT_PERCENT", 10, "Value added tax on products and delivery, in whole percent", _number(int, 0, 100)),
)  # fmt: skip


def load(app: Flask, overrides: Mapping[str, Any] | None = None) -> None:
    """Fill ``app.config`` with every setting, checked. Raises :class:`WrongSetting`."""
    app.config.from_pyfile("config.py", silent=True)
    app.config.from_prefixed_env("STOREFRONT", loads=str)
    app.config.from_mapping(overrides or {})
    folder = Path(app.instance_path)
    found = {setting.name: _checked(setting, _given(app, setting)) for setting in SETTINGS}
    found["DATABASE_URL"] = found["DATABASE_URL"] or _sqlite(folder / "storefront.sqlite3")
    found["SANDBOX_DATABASE"] = found["SANDBOX_DATABASE"] or str(folder / "sandbox.sqlite3")
    if found["WEBHOOK_URL"] and not found["WEBHOOK_SECRET"]:
        raise WrongSetting("STOREFRONT_WEBHOOK_SECRET should be set when STOREFRONT_WEBHOOK_URL is")
    _never_mix_test_and_real(found)
    for gateway in configured(found):
        if not is_local(found[gateway.address]):
            _refuse_test_values_against_a_real_gateway(found, gateway)
    found["PSP_HOSTS"] = found["PSP_HOSTS"] or _own_hosts(found)
    found["SECRET_KEY"] = found["SECRET_KEY"] or _secret_of_this_machine(folder)
    app.config.from_mapping(found)


def default_of(name: str) -> Any:
    """Return what a setting is when nobody sets it."""
    return next(setting.default for setting in SETTINGS if setting.name == name)


def configured(settings: Mapping[str, Any]) -> list[Entry]:
    """Return the gateways that are not off."""
    return [gateway for gateway in GATEWAYS if settings[gateway.address]]


def is_test_mode(settings: Mapping[str, Any]) -> bool:
    """Return whether no real money moves. Test and real gateways are never mixed."""
    return is_local(settings[configured(settings)[0].address])


def _own_hosts(settings: Mapping[str, Any]) -> tuple[str, ...]:
    hosts = (urlsplit(settings[gateway.address]).netloc.lower() for gateway in configured(settings))
    return tuple(dict.fromkeys(hosts))


def _given(app: Flask, setting: Setting) -> Any:
    """Return what was set under the setting's name or, with a warning, under its old one."""
    value = app.config.get(setting.name)
    if value is not None or setting.old_name not in app.config:
        return value
    logger.warning("STOREFRONT_%s is now STOREFRONT_%s", setting.old_name, setting.name)
    return app.config[setting.old_name]


def _checked(setting: Setting, value: Any) -> Any:
    if value is None or value == "":
        return setting.default
    try:
        return setting.parse(value)
    except ValueError as error:
        raise WrongSetting(f"STOREFRONT_{setting.name} should be {error}") from None


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def _never_mix_test_and_real(found: dict[str, Any]) -> None:
    """Leave a gateway out that nobody pointed away from the sandbox, once another one is real."""
    real = [each.address for each in configured(found) if not is_local(found[each.address])]
    for gateway in configured(found) if real else ():
        if found[gateway.address] == default_of(gateway.address):
            found[gateway.address] = None
        elif is_local(found[gateway.address]):
            raise WrongSetting(
                f"STOREFRONT_{gateway.address} is on this machine and STOREFRONT_{real[0]} is not: "
                f"test money would buy real products. Set the first to the real gateway, or to {OFF}"
            )
    if not configured(found):
        names = " or ".join(f"STOREFRONT_{gateway.address}" for gateway in GATEWAYS)
        raise WrongSetting(f"{names} should be the address of a gateway: all are {OFF}")


def _refuse_test_values_against_a_real_gateway(found: Mapping[str, Any], gateway: Entry) -> None:
    credentials = gateway.credentials.values()
    if any(found[name] == default_of(name) for name in credentials):
        names = " and ".join(f"STOREFRONT_{name}" for name in credentials)
        raise WrongSetting(
            f"{names} are the sandbox's, but STOREFRONT_{gateway.address} is not on this machine: "
            "set the merchant's own"
        )
    if not found["SECRET_KEY"] or len(found["SECRET_KEY"]) < 32:
        raise WrongSetting(
            "STOREFRONT_SECRET_KEY should be a secret of 32 characters or more when the gateway is "
            "real; make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    if found["SETTLE_AFTER_SECONDS"] < default_of("SETTLE_AFTER_SECONDS"):
        raise WrongSetting(
            "STOREFRONT_SETTLE_AFTER_SECONDS should be at least "
            f"{default_of('SETTLE_AFTER_SECONDS')} for a real gateway: it must outlast the "
            "gateway's own expiry, or an unpaid order could be shipped"
        )
    for name in (gateway.address, "PUBLIC_URL"):
        if not found[name].startswith("https://"):
            raise WrongSetting(f"STOREFRONT_{name} should start with https:// for a real gateway")


def _secret_of_this_machine(folder: Path) -> str:
    try:
        return _kept_secret(folder)
    except OSError as error:
        raise WrongSetting(
            f"STOREFRONT_SECRET_KEY should be set, since none can be kept in {folder}:"
            f" {error.strerror}"
        ) from None


def _kept_secret(folder: Path) -> str:
    """Read the secret of this machine; the first process to start makes it, the others read it."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"secret_key.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        _publish(fresh, path)
    return path.read_text()


def _publish(fresh: Path, path: Path) -> None:
    """Give the finished file its name, unless another process was first."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
