"""Show how the shop itself is: its jobs, its breakers, what failed, and what the staff did."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.admin.access import area
from storefront.core.services import current_services
from storefront.monitoring import incidents
from storefront.monitoring.alarm_words import words_of
from storefront.monitoring.status import DAY, shop_status
from storefront.staff import log
from storefront.staff.models import Role
from storefront.web.operations import JOB_TITLES

blueprint = area("system", needs=Role.OWNER)


@blueprint.get("/system")
def show() -> ResponseReturnValue:
    """Return the state of the shop, and the log of the day."""
    services = current_services()
    return render_template(
        "admin/system.html",
        now=shop_status(services),
        job_titles=JOB_TITLES,
        open_incidents=incidents.open_incidents(),
        past_incidents=incidents.past_incidents(),
        alarm_words=words_of,
        log=log.since(services.clock() - DAY),
    )
