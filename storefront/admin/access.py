"""Let in who is logged in and has the role that an area needs; everything else is refused.

Flask-Login keeps a session's token in the browser's signed cookie. Who it belongs to, and until
when, stands in the database: a session ends there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as WerkzeugResponse

from storefront.core.services import current_services
from storefront.staff import accounts
from storefront.staff.models import Role
from storefront.web import limits
from storefront.web.security import keep_private

manager = LoginManager()
# Flask-Login would end sessions of telephones that change their network; ours end in the database.
manager.session_protection = None


@dataclass(frozen=True, slots=True)
class Person(UserMixin):
    """Who is logged in. ``get_id`` is the session's token, which the cookie keeps."""

    member_id: int
    name: str
    role: Role
    token: str

    def get_id(self) -> str:
        """Return what the cookie keeps."""
        return self.token

    def may(self, role: str) -> bool:
        """Return whether they may do what needs a role; for templates, too."""
        return self.role.includes(Role(role))


def init_app(app: Flask) -> None:
    """Connect Flask-Login; shoppers' pages ask nothing about the staff."""
    manager.init_app(app, add_context_processor=False)


@manager.user_loader
def _load(token: str) -> Person | None:
    member = accounts.in_session(token, current_services().clock())
    return Person(member.id, member.name, member.role, token) if member else None


def person() -> Person:
    """Return who is logged in; call it in areas only."""
    return cast(Person, current_user._get_current_object())


def area(name: str, *, needs: Role) -> Blueprint:
    """Return the blueprint of an area that only people with this role get into."""
    blueprint = Blueprint(f"admin_{name}", __name__, url_prefix="/admin")

    @blueprint.before_request
    def ask_who() -> ResponseReturnValue | None:
        if not current_user.is_authenticated:
            return log_in_first()
        if not person().may(needs):
            abort(403)
        return None

    blueprint.after_request(_private)
    blueprint.context_processor(_of_every_page)
    return blueprint


def _private(response: Response) -> Response:
    return cast(Response, keep_private(response))


def _of_every_page() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {}
    return {"person": person(), "areas": [each for each in NAVIGATION if person().may(each.needs)]}


def log_in_first() -> WerkzeugResponse:
    """Send to the login; what was to be sent is not lost: it can be sent again from there."""
    if request.method in ("GET", "HEAD"):
        asked = request.full_path.rstrip("?") if request.path != url_for("admin_today.show") else ""
        return redirect(url_for("admin_login.show", next=asked or None), 303)
    page = render_template("admin/ended.html")
    return keep_private(Response(page, 401))


@dataclass(frozen=True, slots=True)
class Entry:
    """An area in the navigation: the word in ``admin/base.html``, and the endpoint."""

    word: str
    endpoint: str
    needs: Role


NAVIGATION = (
    Entry("today", "admin_today.show", Role.CLERK),
    Entry("orders", "admin_orders.show_list", Role.CLERK),
    Entry("products", "admin_products.show_list", Role.CLERK),
    Entry("money", "admin_money.show", Role.OWNER),
    Entry("sales", "admin_sales.show", Role.OWNER),
    Entry("messages", "admin_messages.show_list", Role.OWNER),
    Entry("staff", "admin_staff.show_list", Role.OWNER),
    Entry("system", "admin_system.show", Role.OWNER),
)


def begin(token: str) -> None:
    """Log this browser in with a session's token."""
    person = _load(token)
    if person is not None:
        login_user(person)


def end() -> None:
    """Log this browser out, here and in the database."""
    if current_user.is_authenticated:
        accounts.log_out(person().token, person().name, current_services().clock())
    logout_user()


def client() -> str:
    """Return the address prefix that this request comes from, for the log."""
    return limits.prefix_of(request.remote_addr)
