"""Every setting of the shop: its name, its default, what it means and what it must look like.

A setting comes from its default, then `instance/config.py`, then the environment with the prefix
`STOREFRONT_`; the last one wins. All are checked at start, so that a wrong one is named before the
first shopper meets it. The defaults point at the bundled sandbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from storefront.core.delivery import DEFAULT_METHODS, WrongMethod, delivery_methods
from storefront.core.gateways import CARD_GATEWAYS, GATEWAYS, Entry
from storefront.core.private_files import kept_secret, protect
from storefront.core.seller import refuse_missing_logo
from storefront.core.seller_types import (
    colour,
    economic_code,
    email,
    national_id,
    phone,
    seal,
    theme_file,
    words,
)
from storefront.core.setting_sources import (
    OuterSettings,
    Source,
    WrongSetting,
    outer_settings,
)
from storefront.core.setting_types import (
    LOCAL_HOSTS,
    MAKE_A_SECRET,
    OFF,
    SECRETS,
    URLS,
    addresses,
    database_url,
    file_path,
    gateway_url,
    hosts,
    is_local,
    local_origin,
    mailbox,
    number,
    one_of,
    origin,
    password,
    prefix,
    redis_url,
    secret,
    secret_list,
    sms_url,
    smtp_url,
    text,
    web_url,
    yes_or_no,
)

__all__ = ["LOCAL_HOSTS", "OFF", "SETTINGS", "WrongSetting", "is_local", "load"]

logger = logging.getLogger(__name__)

SANDBOX_INBOX = "/_sandbox/sms"


@dataclass(frozen=True)
class Setting:
    """One setting. ``parse`` returns the value, or raises ValueError saying what it should be.

    ``old_name`` is understood for one release, with a warning.
    """

    name: str
    default: Any
    meaning: str
    parse: Callable[[Any], Any] = text
    old_name: str | None = None


SETTINGS = (
    Setting("SECRET_KEY", None, "Signs sessions and forms. Unset: made on first run and kept in `instance/secret_key` (only while the gateway is local). At least 32 characters, the same on every host", secret),
    Setting("SECRET_KEY_FALLBACKS", (), "Former values of `SECRET_KEY`, with commas between them: what they signed or encrypted can still be read", secret_list),
    Setting("DATABASE_URL", None, "`sqlite:///FILE`, `postgresql://...`, or with a standby `postgresql://USER:PASSWORD@HOST1:5432,HOST2:5432/NAME`. Unset: `instance/storefront.sqlite3`", database_url),
    Setting("LIMITS_URL", None, "Where shoppers' tries are counted: `redis://...`, `rediss://...` or `redis+unix://...` of a Redis server (needs `pip install redis`). Unset: in the shop's own database; on SQLite in a file beside it", redis_url),
    Setting("PUBLIC_URL", "http://127.0.0.1:8000", "Where shoppers reach the shop; callbacks are built from it", origin),
    Setting("SHOP_NAME_FA", None, "The shop's name in Persian (`docs/your-shop.md`). Unset: as in English; if both are unset, the sample's ایوان", words),
    Setting("SHOP_NAME_EN", None, "The same in English. Unset: as in Persian; if both are unset, Eyvan", words),
    Setting("SHOP_SLOGAN_FA", None, "One line about the shop: on its front page, below every page, for search engines. Unset: as in English, or none", words),
    Setting("SHOP_SLOGAN_EN", None, "The same in English. Unset: as in Persian, or none", words),
    Setting("SHOP_LOGO", None, "The shop's sign beside its name: a picture in `instance/theme/static`, such as `logo.svg`. Unset: `favicon.svg`", theme_file),
    Setting("SHOP_COLOUR", None, "The colour of buttons and links, such as `#1c6460`; refused if it could not be read on a light page. That of dark pages is made from it", colour),
    Setting("SHOP_PHONE", None, "Where shoppers call: below every page, beside a payment in doubt, on receipts and in letters. Unset together with `SHOP_EMAIL`: a made-up sample in test mode, nothing beside a real gateway", phone),
    Setting("SHOP_EMAIL", None, "Where shoppers write. Unset together with `SHOP_PHONE` beside a real gateway: the address of `MAIL_FROM`", email),
    Setting("SHOP_ADDRESS_FA", None, "Where the shop is, on its contact page and on address labels. Unset: as in English, or none", words),
    Setting("SHOP_ADDRESS_EN", None, "The same in English. Unset: as in Persian, or none", words),
    Setting("SHOP_HOURS_FA", None, "When somebody answers, and orders can be collected. Unset: as in English, or none", words),
    Setting("SHOP_HOURS_EN", None, "The same in English. Unset: as in Persian, or none", words),
    Setting("SHOP_ECONOMIC_CODE", None, "The merchant's number at the tax office, on the contact page and receipts", economic_code),
    Setting("SHOP_NATIONAL_ID", None, "The company's national id (11 digits, on the contact page and receipts), or a person's national code (10 digits, on no public page)", national_id),
    Setting("ENAMAD", None, "The trust seal: what Enamad gives, or `id=123456&Code=AbCd` out of it. The shop writes link and picture itself, and lets pages load pictures from `trustseal.enamad.ir`", seal),
    Setting("SHOP_FOLDER", None, "Where `theme/` and `pages/` with the merchant's own design and texts are; several hosts need a folder that all of them see. Unset: `instance`", file_path),
    Setting("PPG_BASE_URL", "http://127.0.0.1:8001/ppg/v2", "The card gateway's base address (version 2.4); real: `https://api.jibit.ir/ppg/v2`. `off`: shoppers cannot pay by card. Unset beside a real wallet it is off, too", gateway_url),
    Setting("PPG_API_KEY", "sandbox-api-key", "The merchant's API key"),
    Setting("PPG_SECRET_KEY", "sandbox-secret-key", "The merchant's secret key"),
    Setting("PPG_V3_BASE_URL", "http://127.0.0.1:8001/ppg/v3", "The base address of the card gateway's version 3; real: `https://napi.jibit.ir/ppg/v3`. `off`, and unset beside another real gateway: not used", gateway_url),
    Setting("PPG_V3_API_KEY", "sandbox-api-key", "The merchant's API key there"),
    Setting("PPG_V3_SECRET_KEY", "sandbox-secret-key", "The merchant's secret key there"),
    Setting("CARD_GATEWAY", "ppg", "Which version of the card gateway shoppers are offered while both are configured: `ppg` or `ppg_v3`. Payments of the other one are finished all the same", one_of("ppg", "ppg_v3")),
    Setting("WALLET_BASE_URL", "http://127.0.0.1:8001/pg", "The wallet gateway's base address; real: `https://pg.jibit.mobi`. `off`: shoppers cannot pay from their wallet. Unset beside a real card gateway it is off, too", gateway_url),
    Setting("WALLET_USERNAME", "sandbox", "The merchant's name at the wallet gateway"),
    Setting("WALLET_PASSWORD", "sandbox-password", "The merchant's password there"),
    Setting("TRUSTED_PROXIES", 0, "How many web servers stand between shoppers and the shop: so many entries of `X-Forwarded-For` and `-Proto` are believed", number(int, 0, 5)),
    Setting("LOG_FORMAT", "text", "How the log is written: `text`, or `json` with one object a line, also for each call of a gateway (`docs/operations/logs.md`)", one_of("text", "json")),
    Setting("TRACES", None, "`otlp`: each purchase is traced over shop, worker and gateway with OpenTelemetry, whose variables (`OTEL_...`) say where the traces go; needs `requirements-otel.txt`. Unset: the same if `OTEL_EXPORTER_OTLP_ENDPOINT` is set. `off`: never", one_of("otlp", OFF)),
    Setting("GATEWAY_CONNECT_TIMEOUT", 3.0, "Seconds to wait for a connection to the gateway", number(float, 0.05, 60)),
    Setting("GATEWAY_READ_TIMEOUT", 10.0, "Seconds to wait for an answer of the gateway", number(float, 0.05, 60)),
    Setting("GATEWAY_CREATE_SLOTS", 8, "How many threads of one process may wait for new payments to be opened; a shopper beyond them is asked to try again", number(int, 1, 1000)),
    Setting("GATEWAY_ASK_SLOTS", 8, "How many threads of one process may wait for answers about payments; a question beyond them is left to the worker", number(int, 1, 1000)),
    Setting("BREAKER_FAILURES", 5, "After how many calls without an answer in a row new payments pause", number(int, 1, 1000)),
    Setting("BREAKER_PAUSE_SECONDS", 30, "How long they pause before one is tried again", number(int, 1, 600)),
    Setting("PSP_HOSTS", (), "Hosts the shop may send a shopper to, with commas between them; also the bank's, if the gateway's address redirects there at once. Unset: the gateways' own", hosts),
    Setting("REFERENCE_PREFIX", "", "What the references of new payments begin with: up to 8 of a-z and 0-9, another one for each shop that uses the same account at a gateway. Then reconciliation counts the other shops' payments and does not list them", prefix),
    Setting("PAYMENT_WINDOW_SECONDS", 900, "How long a payment can be verified, from its creation: the gateway's own 15 minutes. An order holds its stock for as long", number(int, 1, 900)),
    Setting("RECOVER_AFTER_SECONDS", 60, "After how long without a callback the worker asks the gateway about a payment, and how long until it asks again", number(int, 1, 600), "RECONCILE_AFTER_SECONDS"),
    Setting("SETTLE_AFTER_SECONDS", 3600, "For how long a gateway whose SUCCESS may mean \"paid, not captured\" must keep saying it after its end of a payment before an unanswered verification counts as captured; longer than the gateway's own expiry is ever late. At least 3600 with a real gateway", number(int, 1, 86400)),
    Setting("REFUND_SETTLES_AFTER_SECONDS", 600, "For how long a gateway must keep saying that it has no such refund before one whose answer was lost is ordered again; longer than an order for a refund can be on its way. At least 600 with a real gateway", number(int, 1, 86400)),
    Setting("VERIFY_WITHOUT_CALLBACK", "poll", "When the worker verifies a payment whose browser has not come back and that may be unpaid: `poll`, at every question, assumes that verifying an unpaid payment is harmless; `last_minute` waits until shortly before the window ends", one_of("poll", "last_minute")),
    Setting("WORKER_TICK_SECONDS", 15, "How often each job of the worker looks whether something is due", number(float, 0.1, 300)),
    Setting("WORKER_THREADS", 16, "How many payments a worker asks about at once", number(int, 1, 100)),
    Setting("SMTP_URL", None, "The mail server: `smtp://USER:PASSWORD@HOST:587` or `smtps://...:465`. Without TLS nothing is sent to a server on another machine. Unset: e-mails are only named in the log", smtp_url),
    Setting("MAIL_FROM", "shop@localhost", "The sender of e-mails, `shop@shop.example` or with a name before it in angle brackets; without one the letters have the shop's. `/privacy` names the address for questions about personal data, if `SHOP_EMAIL` is unset", mailbox),
    Setting("ALARM_EMAILS", (), "Who is told by e-mail when something in the shop wants a person, and when it is over: addresses with commas between them. Unset: nobody; the pages of the back office show it all the same", addresses),
    Setting("SMS_URL", None, "Who sends text messages to shoppers (`docs/sms.md`): `kavenegar://API_KEY@/?sender=LINE`, or `https://...` of a bridge of your own, which is called as a webhook is. Unset: the sandbox's inbox in test mode, nobody beside a real gateway. `off`: nobody", sms_url),
    Setting("SMS_SECRET", (), "Signs the calls to your own bridge; needed with an `SMS_URL` that begins with `https://`. At least 32 characters; to change it, set `NEW,OLD`", secret_list),
    Setting("SMS_PER_DAY", 1000, "How many text messages the shop sends in a day at most; a quarter of them may say that an order is not paid", number(int, 1, 1_000_000)),
    Setting("WEBHOOK_URL", None, "The merchant's own address that receives paid orders, failed payments, returned money and alarms, by signed POST (`docs/webhooks.md`); `https://` beside a real gateway. Unset: nothing is sent", web_url, "HOOK_URL"),
    Setting("WEBHOOK_SECRET", (), "Signs those calls; needed with `WEBHOOK_URL`. At least 32 characters; to change it, set `NEW,OLD` until the receiver knows the new one", secret_list, "HOOK_SECRET"),
    Setting("ERASE_UNPAID_AFTER_DAYS", 30, "How many days after it was placed an order that expired or was cancelled loses name, address, mobile and all else that is personal (`docs/privacy.md`)", number(int, 4, 5000)),
    Setting("ERASE_PAID_AFTER_DAYS", 730, "The same for a paid order, from its payment; what accounting needs stays", number(int, 30, 5000)),
    Setting("METRICS_TOKEN", None, "Opens `/metrics` for Prometheus, as a Bearer token or as the password of HTTP Basic. Unset: open while every gateway is local, closed otherwise. At least 16 characters", password, "OPERATIONS_PASSWORD"),
    Setting("SANDBOX_DATABASE", None, "The sandbox's SQLite file. Unset: `instance/sandbox.sqlite3`", file_path),
    Setting("KILL_URL", None, "Where the kill button of `make run` is (`docs/kill-button.md`); `make run` sets this itself, and it is used in test mode only", local_origin),
    Setting("UPLOADS_FOLDER", None, "Where the pictures that are uploaded in the back office are kept; several hosts need a folder that all of them see. Unset: `instance/uploads`", file_path),
    Setting("DELIVERY_FEE_RIALS", 850_000, "The price of a delivery method that names none, in Rials, once for every order", number(int, 0, 10**12)),
    Setting("DELIVERY_METHODS", DEFAULT_METHODS, "How orders reach their buyers, the first by default: `KEY: PERSIAN NAME / ENGLISH NAME` and, with commas, `price` in Rials, `days` from-to, `free from` so many Rials of products, `only` one province, `pickup` for what buyers come for; semicolons between the methods. In `instance/config.py` also a list of dicts (`docs/delivery.md`)", delivery_methods),
    Setting("VAT_PERCENT", 10, "Value added tax on products and delivery, in whole percent", number(int, 0, 100)),
    Setting("PRICES_WITH_TAX", True, "Whether the prices of products and delivery contain this tax. `false`: it is added to them in the cart", yes_or_no),
)  # fmt: skip


def _refusal(setting: Setting) -> str:
    """Return what a setting should be that is no text."""
    try:
        return str(setting.parse("a word"))
    except ValueError as error:
        return str(error)


NAMES = frozenset({name for each in SETTINGS for name in (each.name, each.old_name) if name})
WANTED = {each.name: _refusal(each) for each in SETTINGS if isinstance(each.default, int | float)}
SHOWN = frozenset({each.name for each in SETTINGS if each.parse not in SECRETS | URLS})


def load(app: Flask, overrides: Mapping[str, Any] | None = None) -> None:
    """Fill ``app.config`` with every setting, checked. Raises :class:`WrongSetting`.

    ``overrides`` may also hold what is no setting, such as Flask's ``TESTING``; the file and the
    environment may not: a misspelt name, or a switch that turns a protection off, stops the start.
    """
    folder = Path(app.instance_path)
    protect(folder)
    outer = outer_settings(folder, NAMES, SHOWN, WANTED)
    given = outer.values | dict(overrides or {})
    app.config.from_mapping(given)
    app.extensions["setting_sources"] = _sources(outer.sources, overrides or {})
    by_program = frozenset(overrides or ())
    found = {each.name: _checked(each, _given(given, each), outer, by_program) for each in SETTINGS}
    try:
        _check_together(app, folder, found)
    except WrongSetting as refusal:
        raise outer.placed(refusal) from None
    app.config.from_mapping(found)


def _check_together(app: Flask, folder: Path, found: dict[str, Any]) -> None:
    """Fill in what follows from other settings. Raises WrongSetting for what does not fit them."""
    found["DATABASE_URL"] = found["DATABASE_URL"] or _sqlite(folder / "storefront.sqlite3")
    found["SANDBOX_DATABASE"] = found["SANDBOX_DATABASE"] or str(folder / "sandbox.sqlite3")
    found["UPLOADS_FOLDER"] = found["UPLOADS_FOLDER"] or str(folder / "uploads")
    found["SHOP_FOLDER"] = found["SHOP_FOLDER"] or str(folder)
    refuse_missing_logo(found)
    if found["WEBHOOK_URL"] and not found["WEBHOOK_SECRET"]:
        raise WrongSetting("STOREFRONT_WEBHOOK_SECRET should be set when STOREFRONT_WEBHOOK_URL is")
    _never_mix_test_and_real(found)
    for gateway in configured(found):
        if not is_local(found[gateway.address]):
            _refuse_test_values_against_a_real_gateway(found, gateway)
            _refuse_unsafe_values_beside_a_real_gateway(found, debug=app.debug)
            _refuse_webhooks_that_leave_this_machine_without_tls(found["WEBHOOK_URL"])
    found["SMS_URL"] = _sms_url(found)
    found["PSP_HOSTS"] = found["PSP_HOSTS"] or _own_hosts(found)
    found["SECRET_KEY"] = found["SECRET_KEY"] or _secret_of_this_machine(folder)


def default_of(name: str) -> Any:
    """Return what a setting is when nobody sets it."""
    return next(setting.default for setting in SETTINGS if setting.name == name)


def configured(settings: Mapping[str, Any]) -> list[Entry]:
    """Return the gateways that are not off."""
    return [gateway for gateway in GATEWAYS if settings[gateway.address]]


def offered(settings: Mapping[str, Any]) -> list[str]:
    """Return the names of the configured gateways that new payments may use, the first by default."""
    names = [gateway.name for gateway in configured(settings)]
    if set(CARD_GATEWAYS) <= set(names):
        names = [n for n in names if n not in CARD_GATEWAYS or n == settings["CARD_GATEWAY"]]
    return names


def is_test_mode(settings: Mapping[str, Any]) -> bool:
    """Return whether no real money moves. Test and real gateways are never mixed."""
    return is_local(settings[configured(settings)[0].address])


def _own_hosts(settings: Mapping[str, Any]) -> tuple[str, ...]:
    hosts = (urlsplit(settings[gateway.address]).netloc.lower() for gateway in configured(settings))
    return tuple(dict.fromkeys(hosts))


def _sources(outer: Mapping[str, Source], overrides: Mapping[str, Any]) -> dict[str, Source]:
    """Return where each setting comes from; an empty value leaves the default in force."""
    given = dict(outer)
    for name, value in overrides.items():
        given[name] = Source.PROGRAM if value not in (None, "") else Source.DEFAULT
    return {
        each.name: given.get(each.name) or given.get(each.old_name or "") or Source.DEFAULT
        for each in SETTINGS
    }


def _given(given: Mapping[str, Any], setting: Setting) -> Any:
    """Return what was set under the setting's name or, with a warning, under its old one."""
    value = given.get(setting.name)
    if value is not None or setting.old_name is None or setting.old_name not in given:
        return value
    logger.warning("STOREFRONT_%s is now STOREFRONT_%s", setting.old_name, setting.name)
    return given[setting.old_name]


def _checked(
    setting: Setting, value: Any, outer: OuterSettings, by_program: Collection[str]
) -> Any:
    """Return the value. The refusal begins with its line, if the file sets it."""
    if value is None or value == "":
        return setting.default
    try:
        return setting.parse(value)
    except ValueError as error:
        parts = error.parts if isinstance(error, WrongMethod) else ()
        place = "" if setting.name in by_program else outer.place(setting.name, *parts)
        name = setting.name if place else f"STOREFRONT_{setting.name}"
        raise WrongSetting(f"{place}{name} should be {error}") from None


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
    if not found[gateway.address].startswith("https://"):
        raise WrongSetting(f"STOREFRONT_{gateway.address} should start with https://: it is real")


def _refuse_unsafe_values_beside_a_real_gateway(found: Mapping[str, Any], *, debug: bool) -> None:
    if debug:
        raise WrongSetting("FLASK_DEBUG should not be set: the gateway is real")
    if not found["SECRET_KEY"]:
        raise WrongSetting(
            "STOREFRONT_SECRET_KEY should be set when the gateway is real; make one with: "
            f"{MAKE_A_SECRET}"
        )
    if found["SETTLE_AFTER_SECONDS"] < default_of("SETTLE_AFTER_SECONDS"):
        raise WrongSetting(
            "STOREFRONT_SETTLE_AFTER_SECONDS should be at least "
            f"{default_of('SETTLE_AFTER_SECONDS')} for a real gateway: it must outlast the "
            "gateway's own expiry, or an unpaid order could be shipped"
        )
    if found["REFUND_SETTLES_AFTER_SECONDS"] < default_of("REFUND_SETTLES_AFTER_SECONDS"):
        raise WrongSetting(
            "STOREFRONT_REFUND_SETTLES_AFTER_SECONDS should be at least "
            f"{default_of('REFUND_SETTLES_AFTER_SECONDS')} for a real gateway: an order for a "
            "refund that is still on its way could be given twice"
        )
    if not found["PUBLIC_URL"].startswith("https://"):
        raise WrongSetting("STOREFRONT_PUBLIC_URL should start with https:// for a real gateway")


def _refuse_webhooks_that_leave_this_machine_without_tls(url: str | None) -> None:
    if url and not url.startswith("https://") and not is_local(url):
        raise WrongSetting(
            "STOREFRONT_WEBHOOK_URL should start with https://: the gateway is real, and the calls"
            " leave this machine"
        )


def _sms_url(found: Mapping[str, Any]) -> str | None:
    """Return where text messages go: unset, in test mode, to the sandbox beside the gateway."""
    url: str | None = found["SMS_URL"]
    if url is None and is_test_mode(found):
        gateway = urlsplit(found[configured(found)[0].address])
        return f"{gateway.scheme}://{gateway.netloc}{SANDBOX_INBOX}"
    if url and url.startswith("https://") and not found["SMS_SECRET"]:
        raise WrongSetting(
            "STOREFRONT_SMS_SECRET should be set when STOREFRONT_SMS_URL is https://"
        )
    return None if url == OFF else url


def _secret_of_this_machine(folder: Path) -> str:
    try:
        return kept_secret(folder / "secret_key")
    except OSError as error:
        raise WrongSetting(
            f"STOREFRONT_SECRET_KEY should be set, since none can be kept in {folder}:"
            f" {error.strerror}"
        ) from None
