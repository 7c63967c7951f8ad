"""Show how the shop itself is: jobs, tokens, breakers, settings, versions, what the staff did."""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute

from storefront.admin import job_words, log_words
from storefront.admin.access import area, person
from storefront.admin.doctor_words import CHECK_TITLES, VERDICTS
from storefront.admin.setting_words import SETTING_TITLES, SOURCES
from storefront.admin.words import PAYMENT_STATES, REFUND_STATES
from storefront.core.database import transaction
from storefront.core.services import current_services
from storefront.doctor import checks
from storefront.doctor.running import look
from storefront.monitoring import incidents
from storefront.monitoring.alarm_words import words_of
from storefront.monitoring.installation import installation
from storefront.monitoring.settings_in_force import settings_in_force
from storefront.monitoring.status import DAY, shop_status
from storefront.monitoring.tokens import tokens_in_store
from storefront.orders.gateway_words import DISCREPANCY_KINDS
from storefront.payments.gateway_check import check_within
from storefront.staff import log
from storefront.staff.models import Role
from storefront.web import limits

blueprint = area("system", needs=Role.OWNER)

CHECK_SECONDS = 12  # of some forty calls; a browser waits so long without a sign of life
# Each check leaves one or two unpaid orders at the gateway.
CHECKS = RateLimitItemPerMinute(6, 10, namespace="gateway checks")


@blueprint.context_processor
def _bound_of_a_check() -> dict[str, int]:
    return {"check_seconds": CHECK_SECONDS}


@blueprint.get("/system")
def show() -> ResponseReturnValue:
    """Return the state of the shop, and the log of the day."""
    services = current_services()
    return render_template(
        "admin/system.html",
        now=shop_status(services),
        tokens=tokens_in_store(services),
        settings=settings_in_force(current_app.config, current_app.extensions["setting_sources"]),
        here_runs=installation(),
        checked=[
            found for check in checks.CHECKS if check.title in CHECK_TITLES for found in look(check)
        ],
        trouble=current_app.extensions["readiness"].trouble(),
        open_incidents=incidents.open_incidents(),
        past_incidents=incidents.past_incidents(),
        alarm_words=words_of,
        log=log.since(services.clock() - DAY),
        job_words=job_words,
        check_titles=CHECK_TITLES,
        verdicts=VERDICTS,
        log_words=log_words,
        setting_titles=SETTING_TITLES,
        sources=SOURCES,
        payment_states=PAYMENT_STATES,
        refund_states=REFUND_STATES,
        discrepancy_kinds=DISCREPANCY_KINDS,
    )


@blueprint.get("/system/check")
def show_check() -> ResponseReturnValue:
    """Return what the check of the gateways does, and its button."""
    return render_template("admin/gateway_check.html")


@blueprint.post("/system/check")
def check() -> ResponseReturnValue:
    """Ask the gateways, and return what each of them answered."""
    if seconds := limits.take_for("the shop", CHECKS):
        page = render_template("admin/gateway_check.html", trouble=limits.advice(seconds))
        return limits.refused(page, seconds)
    with transaction():
        log.note("gateways_checked", person().name, current_services().clock())
    checked = check_within(current_app.config, CHECK_SECONDS)
    return render_template("admin/gateway_check.html", checked=checked)
