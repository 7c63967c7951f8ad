"""`staff ...`: add the people of the shop, and let them choose a password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from storefront.core.services import current_services
from storefront.staff import accounts
from storefront.staff.accounts import NotPossible
from storefront.staff.models import Role, StaffMember

staff_commands = AppGroup("staff", help="Who may log in to the back office at /admin.")
BY = "command line"
WHY_NOT = {
    "name_wrong": "a name has 2 to 40 letters",
    "name_taken": "somebody has this name already: see `staff list`",
    "last_owner": "the shop needs one owner at least",
}
ROLE = click.Choice([role.value for role in Role])


def link_for(token: str, public_url: str = "") -> str:
    """Return the address at which a password is set once, within a day."""
    return f"{public_url or current_app.config['PUBLIC_URL']}/admin/welcome/{token}"


@staff_commands.command("add")
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="A clerk sees no money and no settings.")
def add(name: str, role: str) -> None:
    """Add somebody; print the link with which they choose a password, once within a day."""
    try:
        _member, token = accounts.add(name, Role(role), current_services().clock(), by=BY)
    except NotPossible as refusal:
        raise click.ClickException(WHY_NOT[str(refusal)]) from None
    click.echo(link_for(token))


@staff_commands.command("list")
def show() -> None:
    """Print everybody, with their role and their last login (UTC)."""
    for member in accounts.everybody():
        seen = f"{member.last_login_at:%Y-%m-%d %H:%M}" if member.last_login_at else "never"
        off = ", disabled" if member.disabled_at else ""
        click.echo(f"{member.name}: {member.role}{off}, last login {seen}")


@staff_commands.command("link")
@click.argument("name")
def make_link(name: str) -> None:
    """Print a new link, for who has forgotten the password; the one before works no more."""
    token = accounts.new_link(_named(name).id, current_services().clock(), by=BY)
    click.echo(link_for(token))


def _change(change: Callable[[StaffMember], None], name: str) -> None:
    try:
        change(_named(name))
    except NotPossible as refusal:
        raise click.ClickException(WHY_NOT[str(refusal)]) from None


def _named(name: str) -> StaffMember:
    member = accounts.named(name)
    if member is None:
        raise click.ClickException(f"there is nobody {name}: see `staff list`")
    return member


def _now() -> datetime:
    return current_services().clock()


@staff_commands.command("role")
@click.argument("name")
@click.argument("role", type=ROLE)
def change_role(name: str, role: str) -> None:
    """Give somebody another role."""
    _change(lambda member: accounts.change_role(member.id, Role(role), _now(), by=BY), name)


@staff_commands.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Let somebody in no more; their sessions end at once."""
    _change(lambda member: accounts.disable(member.id, _now(), by=BY), name)


@staff_commands.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Let somebody in again."""
    _change(lambda member: accounts.enable(member.id, _now(), by=BY), name)
