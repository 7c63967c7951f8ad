"""Log in and out, and set a password with a one-time link."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import RateLimitItemPerHour

from storefront.admin import access
from storefront.admin.login_forms import LoginForm, PasswordForm
from storefront.core.limits import current_limits
from storefront.core.services import current_services
from storefront.monitoring.logins import note_failed_login
from storefront.staff import accounts
from storefront.web import limits
from storefront.web.language import is_path
from storefront.web.security import keep_private

blueprint = Blueprint("admin_login", __name__, url_prefix="/admin")

# From everywhere together; one client has ten in ten minutes. Who knows the name only should not be
# able to lock its owner out for long.
TRIES_FOR_ONE_NAME = RateLimitItemPerHour(100, namespace="logins with one name")


@blueprint.after_request
def _private(response: Response) -> Response:
    keep_private(response)
    return response


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    """Return the form that logs in."""
    return _form(LoginForm(), 200)


@blueprint.post("/login")
def log_in() -> ResponseReturnValue:
    """Log in; too many wrong passwords are refused for some minutes."""
    form, counted = LoginForm(), current_limits()
    if not form.validate():
        return _form(form, 422)
    name = accounts.plain_name(form.name.data)
    tries = ((limits.WRONG_PASSWORDS, limits.client()), (TRIES_FOR_ONE_NAME, name))
    if seconds := max(counted.wait(limit, who) for limit, who in tries):
        return limits.refused(_form(form, 429, trouble=limits.advice(seconds)), seconds)
    now, client = current_services().clock(), access.client()
    token = accounts.log_in(name, form.password.data, now, client=client)
    if token is None:
        for limit, who in tries:
            counted.count(limit, who)
        note_failed_login(client)
        return _form(form, 422, trouble=_("Name or password is wrong."))
    access.begin(token)
    asked = request.args.get("next", "")
    return redirect(asked if is_path(asked) else url_for("admin_today.show"), 303)


def _form(form: LoginForm, status: int, trouble: str = "") -> ResponseReturnValue:
    return render_template("admin/login.html", form=form, trouble=trouble), status


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """End the session."""
    access.end()
    return redirect(url_for("admin_login.show"), 303)


@blueprint.get("/welcome/<token>")
def welcome(token: str) -> ResponseReturnValue:
    """Return the form for a password; 410 if the link does not work any more."""
    member = accounts.by_link(token, current_services().clock())
    if member is None:
        return render_template("admin/used_link.html"), 410
    return render_template("admin/password.html", form=PasswordForm(member.name), member=member)


@blueprint.post("/welcome/<token>")
def choose(token: str) -> ResponseReturnValue:
    """Set the password and log in."""
    now = current_services().clock()
    member = accounts.by_link(token, now)
    if member is None:
        return render_template("admin/used_link.html"), 410
    form = PasswordForm(member.name)
    if not form.validate():
        return render_template("admin/password.html", form=form, member=member), 422
    session = accounts.set_password(token, form.password.data, now, client=access.client())
    if session is None:
        return render_template("admin/used_link.html"), 410
    access.begin(session)
    return redirect(url_for("admin_today.show"), 303)
