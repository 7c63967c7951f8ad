"""List orders, and change or print many at once. One of them is `order.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _

from storefront.admin import days
from storefront.admin.access import area, person
from storefront.admin.words import (
    HOLDS,
    LEFT_OUT,
    NOT_PACKED,
    NOT_POSSIBLE,
    STAGES,
    named,
    shown_number,
)
from storefront.core.keyset import id_in
from storefront.core.services import current_services
from storefront.core.typed import ascii_digits, one_line
from storefront.fulfilment import shipping
from storefront.fulfilment.shipping import Held, NotNow
from storefront.orders import finding
from storefront.orders import models as orders
from storefront.orders.finding import Found, Stage, Wanted, stage_of
from storefront.orders.sendable import holds_of, why_held
from storefront.staff.models import Role

blueprint = area("orders", needs=Role.CLERK)

MOST_AT_ONCE = 100  # orders of one bulk action
LONGEST_NUMBER = 20  # letters; what is not possible is named in a cookie
PRINTED = {
    "slips": "admin_packing.slips",
    "labels": "admin_packing.labels",
    "pick": "admin_packing.pick",
}


@blueprint.get("/orders")
def show_list() -> ResponseReturnValue:
    """Return a page of orders that fit the filters; what cannot be read is said beside it."""
    asked = request.args
    wanted, wrong = _wanted(asked)
    after, before = (id_in(asked.get(name)) for name in ("after", "before"))
    found = Found([], None, None) if wrong else finding.find(wanted, after=after, before=before)
    return render_template(
        "admin/orders.html",
        found=found,
        asked=asked,
        wrong=wrong,
        stages=STAGES,
        stage_of=stage_of,
        holds=holds_of(found.orders),
        hold_words=HOLDS,
        gateways=tuple(current_services().engine.gateways),
        kept=_kept(asked),
    ), 422 if wrong else 200


def _wanted(asked: Mapping[str, str]) -> tuple[Wanted, dict[str, str]]:
    """Return what the filters say, and which of them cannot be understood."""
    wrong = {}
    since, until = (days.day_in(asked.get(name, "")) for name in ("since", "until"))
    for name, day in (("since", since), ("until", until)):
        if asked.get(name, "").strip() and day is None:
            wrong[name] = _("Write a day as 1405/09/09 or 2026-11-30.")
    toman = ascii_digits(asked.get("amount", "")).replace(",", "").replace(" ", "")
    if toman and not (toman.isdecimal() and len(toman) <= 15):
        wrong["amount"] = _("Write the amount in Toman, in digits.")
    stage, gateway = asked.get("stage", ""), asked.get("gateway", "")
    wanted = Wanted(
        stage=Stage(stage) if stage in set(Stage) else None,
        gateway=gateway if gateway in tuple(current_services().engine.gateways) else None,
        since=days.begin_of(since) if since else None,
        until=days.end_of(until) if until else None,
        amount_rials=int(toman) * 10 if toman and "amount" not in wrong else None,
        question=one_line(asked.get("q", ""))[: finding.LONGEST_QUESTION],
    )
    return wanted, wrong


def _kept(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the filters, for the addresses of the next pages."""
    names = ("q", "stage", "gateway", "since", "until", "amount")
    return {name: asked[name] for name in names if asked.get(name, "").strip()}


@blueprint.post("/orders/bulk")
def change_many() -> ResponseReturnValue:
    """Mark the chosen orders as packed or sent, each in a transaction of its own; or print them."""
    action = request.form.get("action", "")
    chosen = (number[:LONGEST_NUMBER] for number in request.form.getlist("number"))
    numbers = list(dict.fromkeys(chosen))[:MOST_AT_ONCE]
    if not numbers:
        flash(_("Choose one order or more first."), "error")
    elif action in PRINTED:
        return redirect(url_for(PRINTED[action], number=numbers), 303)
    elif action in CHANGES:
        _change_each(numbers, CHANGES[action])
    else:
        abort(400)
    kept: dict[str, Any] = _kept(request.args)
    return redirect(url_for("admin_orders.show_list", **kept), 303)


def _change_each(numbers: Sequence[str], act: Callable[[str], None]) -> None:
    done, left = 0, defaultdict[LazyString, list[str]](list)
    for number in numbers:
        try:
            act(number)
            done += 1
        except Held as held:
            left[LEFT_OUT[held.why]].append(number)
        except NotPacked:
            left[NOT_PACKED].append(number)
        except (NotNow, LookupError):
            left[NOT_POSSIBLE].append(number)
    if done:
        flash(_("%(count)s orders were changed.", count=shown_number(done)), "success")
    for why, those in left.items():
        flash(f"{why} {named(those)}", "error")


class NotPacked(Exception):
    """Raised for a paid order that is among those to send and not packed yet."""


def _pack(number: str) -> None:
    shipping.pack(current_services(), number, by=person().name)


def _send_packed(number: str) -> None:
    """Of many at once only those that are packed: a wrong button tells no shopper."""
    order = orders.by_number(number)
    if order is not None and order.packed_at is None and why_held(order) is None:
        raise NotPacked(number)
    shipping.send(current_services(), number, by=person().name)


CHANGES = {"pack": _pack, "send": _send_packed}
