"""List what waits to be sent and what could not be sent, and send it again."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.admin.access import area, person
from storefront.admin.message_words import CHANNELS, KINDS, reason_in_words
from storefront.admin.words import shown_number
from storefront.core.services import current_services
from storefront.notifications import dispatcher, listing
from storefront.notifications.listing import Which
from storefront.staff.models import Role

blueprint = area("messages", needs=Role.OWNER)


@blueprint.get("/messages")
def show_list() -> ResponseReturnValue:
    """Return a page of what waits, or of what could not be sent."""
    asked = request.args.get("list", "")
    which = Which(asked) if asked in set(Which) else Which.WAITING
    after, before = (request.args.get(name, type=int) for name in ("after", "before"))
    return render_template(
        "admin/messages.html",
        which=which,
        counts={each: listing.count(each) for each in Which},
        most_counted=listing.MOST_COUNTED,
        found=listing.page_of(which, after=_id(after), before=_id(before)),
        now=current_services().clock(),
        kinds=KINDS,
        channels=CHANNELS,
        reason=reason_in_words,
    )


def _id(number: int | None) -> int | None:
    """Return an id that both databases can compare."""
    return number if number is not None and 0 < number < 2**31 else None


@blueprint.post("/messages/again")
def send_again() -> ResponseReturnValue:
    """Give one dead letter, or all of them, its three days back; the worker sends it."""
    key, every = request.form.get("key", ""), "every" in request.form
    if bool(key) is every or len(key) > 100:
        abort(400)
    now, by = current_services().clock(), person().name
    count = dispatcher.try_again(now, key=None if every else key, by=by)
    if count:
        flash(
            _("To be sent again within a minute: %(count)s.", count=shown_number(count)), "success"
        )
    else:
        flash(_("It was sent, or waits to be sent, by now."), "error")
    kept: dict[str, Any] = {"list": Which.DEAD.value}
    return redirect(url_for("admin_messages.show_list", **kept), 303)
