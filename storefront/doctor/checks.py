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
    Check("texts and theme", files.own_texts_and_theme),
    Check("folders", folders.writable),
    Check("private files", folders.private),
    Check("disk space", folders.disk_space),
    Check("database", database.server),
    Check("migrations", database.tables),
    Check("secret key", upkeep.secret_key),
    Check("other hosts", upkeep.other_hosts),
    Check("owner", upkeep.owner),
    Check("worker", upkeep.worker),
    Check("alarms", upkeep.alarms),
    Check("metrics", upkeep.metrics),
    Check("clock", ntp.synchronised),
    Check("https", front.certificate),
    Check("web server", front.web_server),
    Check("static files", front.static_files),
    Check("redirect to https", front.redirect),
    Check("e-mail", messages.mail_server),
    Check("SMS", messages.sms),
    Check("webhook", messages.webhook),
    *(Check(f"gateway {each.name}", partial(gateways.tokens_and_clock, each)) for each in GATEWAYS),
)
# Only where it is asked for: each look leaves one or two unpaid orders at a gateway.
GATEWAY_FACTS = Check("gateway facts", gateways.facts, seconds=gateways.FACTS_SECONDS + 10)
