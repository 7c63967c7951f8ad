"""Show what needs a person first, then the figures of the day."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.admin.access import area
from storefront.admin.figures import figures_of_today
from storefront.core.services import current_services
from storefront.monitoring import incidents
from storefront.monitoring.alarm_words import words_of
from storefront.staff.models import Role

blueprint = area("today", needs=Role.CLERK)


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Return the first page of the back office."""
    services = current_services()
    return render_template(
        "admin/today.html",
        figures=figures_of_today(services.clock()),
        open_incidents=incidents.open_incidents(),
        alarm_words=words_of,
    )
