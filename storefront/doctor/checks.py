"""List the checks, in the order in which they are printed; a new one is a row here."""

from __future__ import annotations

from functools import partial

from storefront.core.gateways import GATEWAYS
from storefront.doctor import database, files, folders, front, gateways, messages, ntp, upkeep
from storefront.doctor.findings import Check

CHECKS: tuple[Check, ...] = (
    Check("translations", files.translations),
    Check("styles and fonts", files.static_files),
    Check("templates", files.templates),
    Check("folders", folders.writable),
    Check("private files", folders.private),
    Check("disk space", folders.disk_space),
    Check("database", database.server),
    Check("migrations", database.tables),
    Check("secret key", upkeep.secret_key),
    Check("owner", upkeep.owner),
    Check("worker", upkeep.worker),
    Check("alarms", upkeep.alarms),
    Check("metrics", upkeep.metrics),
    Check("clock", ntp.synchronised, asks_others=True),
    Check("https", front.certificate, asks_others=True),
    Check("web server", front.web_server, asks_others=True),
    Check("static files", front.static_files, asks_others=True),
    Check("redirect to https", front.redirect, asks_others=True),
    Check("e-mail", messages.mail_server, asks_others=True),
    Check("SMS", messages.sms, asks_others=True),
    Check("webhook", messages.webhook, asks_others=True),
    *(
        Check(f"gateway {each.name}", partial(gateways.tokens_and_clock, each), asks_others=True)
        for each in GATEWAYS
    ),
)
# Only where it is asked for: each look leaves one or two unpaid orders at a gateway.
GATEWAY_FACTS = Check(
    "gateway facts", gateways.facts, asks_others=True, seconds=gateways.FACTS_SECONDS + 10
)
HERE = tuple(each for each in CHECKS if not each.asks_others)
