"""Show where the gateways' ledgers and ours differ, decide about it, and have them compared."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from payment_engine import NotDecidable, Outcome
from payment_engine.bounds import LONGEST_REASON
from storefront.admin import keyset, ledgers, money_words
from storefront.admin.access import area, person
from storefront.admin.words import PAYMENT_STATES, shown_number
from storefront.core.database import end_reading, transaction
from storefront.core.services import current_services
from storefront.core.typed import several_lines
from storefront.orders.payments import Discrepancy
from storefront.staff import log
from storefront.staff.models import Role
from storefront.worker import wanted

blueprint = area("discrepancies", needs=Role.OWNER)
RUNS_SHOWN = 10
MOST_AT_ONCE = 100
LONGEST_SECONDS = 15  # of one page; what is left then is decided with the next press


@blueprint.get("/money/discrepancies")
def show() -> ResponseReturnValue:
    """Return the open discrepancies, a page of the others, and the last runs."""
    return _page()


def _page(status: int = 200, **also: Any) -> ResponseReturnValue:
    query = select(Discrepancy).where(Discrepancy.closed_at.is_not(None))
    is_first = not ({"after", "before"} & set(request.args))
    page = {
        "is_first": is_first,
        "waiting": ledgers.open_ones() if is_first else (),
        "count": ledgers.count_open(),
        "closed": keyset.page_of(query, Discrepancy.id, request.args),
        "runs": ledgers.last_runs(RUNS_SHOWN),
        "asked": wanted.asked_for("reconcile"),
        "kinds": money_words.KINDS,
        "outcomes": money_words.OUTCOMES,
        "closings": money_words.CLOSINGS,
        "count_words": money_words.COUNTS,
        "our_words": {state.value: words for state, words in PAYMENT_STATES.items()},
        "chosen": frozenset[int](),
        "reason": "",
        "outcome": "",
    }
    return render_template("admin/discrepancies.html", **(page | also)), status


@blueprint.post("/money/discrepancies")
def decide() -> ResponseReturnValue:
    """Decide about the chosen ones; each is a transaction, and a refused one stays open."""
    chosen = _chosen()
    reason = several_lines(request.form.get("reason", ""))
    outcome = request.form.get("outcome", "")
    typed = {"chosen": frozenset(chosen), "reason": reason, "outcome": outcome}
    if not chosen:
        return _page(422, trouble=_("Choose one difference or more first."), **typed)
    if outcome not in set(Outcome):
        return _page(422, trouble=_("Choose what is decided."), **typed)
    if not reason or len(reason) > LONGEST_REASON:
        trouble = _("Write why, in 1 to 1,000 letters. It is kept.")
        return _page(422, trouble=trouble, **typed)
    done, refused, left = _decide_all(chosen, Outcome(outcome), reason)
    if done:
        flash(_("%(count)s differences are decided.", count=shown_number(done)), "success")
    if left:
        flash(
            _(
                "The gateway is slow: %(count)s were not reached. Press again.",
                count=shown_number(left),
            ),
            "error",
        )
    if refused:
        still = typed | {"chosen": frozenset(refused)}
        return _page(409, refused=refused, **still)
    return redirect(url_for("admin_discrepancies.show"), 303)


def _chosen() -> list[int]:
    typed = request.form.getlist("id")[:MOST_AT_ONCE]
    return list(dict.fromkeys(int(text) for text in typed if text.isdecimal() and len(text) < 10))


def _decide_all(
    chosen: list[int], outcome: Outcome, reason: str
) -> tuple[int, dict[int, str], int]:
    """Return how many were decided, why others were not, and how many nobody came to in time."""
    services, done, refused = current_services(), 0, dict[int, str]()
    until = services.steady() + LONGEST_SECONDS
    for number, discrepancy_id in enumerate(chosen):
        if services.steady() > until:
            return done, refused, len(chosen) - number
        why = _decide_one(discrepancy_id, outcome, reason)
        done += not why
        if why:
            refused[discrepancy_id] = why
    return done, refused, 0


def _decide_one(discrepancy_id: int, outcome: Outcome, reason: str) -> str:
    """Decide about one; return why that was refused, or nothing."""
    services, by = current_services(), person().name
    end_reading()
    try:
        row = services.engine.decide_discrepancy(discrepancy_id, reason, outcome=outcome, by=by)
    except LookupError:
        return str(money_words.DECIDED_MEANWHILE)
    except NotDecidable as refusal:
        return str(money_words.UNFIT[refusal.why])
    with transaction():
        log.note(
            "discrepancy_decided",
            by,
            services.clock(),
            number=row.id,
            kind=row.kind.value,
            outcome=outcome.value,
        )
    return ""


@blueprint.post("/money/discrepancies/compare")
def compare() -> ResponseReturnValue:
    """Have the worker compare the ledgers at its next tick: it may take minutes, this page not."""
    services, by = current_services(), person().name
    with transaction():
        wanted.ask_for("reconcile", by, services.clock())
        log.note("reconciliation_wanted", by, services.clock())
    flash(
        _("The books are being compared now. The result is below when that has finished."),
        "success",
    )
    return redirect(url_for("admin_discrepancies.show", _anchor="runs"), 303)
