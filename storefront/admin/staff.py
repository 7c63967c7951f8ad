"""Add people, give them a link for a password, change their role, let them in no more."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import NoResultFound

from storefront.admin.access import area, person
from storefront.admin.staff_words import ASKED
from storefront.core.services import current_services
from storefront.staff import accounts
from storefront.staff.accounts import NotPossible
from storefront.staff.models import Role
from storefront.web import asking

blueprint = area("staff", needs=Role.OWNER)


@blueprint.get("/staff")
def show_list() -> ResponseReturnValue:
    """Return everybody, and the form that adds somebody."""
    return _page(200)


def _page(status: int, **also: str) -> ResponseReturnValue:
    """Return the list; ``link`` is a new one-time link, ``trouble`` why nothing was changed."""
    return render_template("admin/staff.html", people=accounts.everybody(), **also), status


def _link(token: str) -> str:
    path = url_for("admin_login.welcome", token=token)
    return str(current_app.config["PUBLIC_URL"] + path)


def _reason(refusal: NotPossible) -> str:
    words: dict[str, str] = {
        "name_wrong": _("Enter a name of 2 to 40 letters."),
        "name_taken": _("Somebody has this name already."),
        "last_owner": _("The shop needs one owner at least."),
    }
    return words[str(refusal)]


@blueprint.post("/staff")
def add() -> ResponseReturnValue:
    """Add somebody, and show the link once."""
    name, role = request.form.get("name", "")[:200], request.form.get("role", "")
    if role not in set(Role):
        abort(400)
    try:
        _member, token = accounts.add(
            name, Role(role), current_services().clock(), by=person().name
        )
    except NotPossible as refusal:
        return _page(422, trouble=_reason(refusal), typed=name)
    return _page(200, link=_link(token))


@blueprint.post("/staff/<int:member_id>/link")
def make_link(member_id: int) -> ResponseReturnValue:
    """Show a new link once; the password stays until it is used."""
    try:
        token = accounts.new_link(member_id, current_services().clock(), by=person().name)
    except NoResultFound:
        abort(404)
    return _page(200, link=_link(token))


@blueprint.post("/staff/<int:member_id>/<any(owner, clerk, disable, enable):what>")
def change(member_id: int, what: str) -> ResponseReturnValue:
    """Change a role, or whether somebody is let in."""
    if what in ASKED and not asking.is_sure():
        return _ask(member_id, what)
    now, by = current_services().clock(), person().name
    acts: dict[str, Callable[[], None]] = {
        "disable": lambda: accounts.disable(member_id, now, by=by),
        "enable": lambda: accounts.enable(member_id, now, by=by),
        "owner": lambda: accounts.change_role(member_id, Role.OWNER, now, by=by),
        "clerk": lambda: accounts.change_role(member_id, Role.CLERK, now, by=by),
    }
    try:
        acts[what]()
    except NoResultFound:
        abort(404)
    except NotPossible as refusal:
        return _page(409, trouble=_reason(refusal))
    flash(_("The change is kept."), "success")
    return redirect(url_for("admin_staff.show_list"), 303)


def _ask(member_id: int, what: str) -> ResponseReturnValue:
    member = accounts.with_id(member_id) or abort(404)
    question, happens, yes = ASKED[what]
    return asking.ask(
        question % {"name": member.name},
        str(happens),
        yes=str(yes),
        no=_("Change nothing"),
        back=url_for("admin_staff.show_list"),
        layout=asking.OFFICE,
        area="staff",
    )
