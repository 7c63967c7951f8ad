"""`privacy export` and `privacy erase`: what is held about a person, by mobile number."""

from __future__ import annotations

import json
import logging
import re

import click
from flask import current_app
from flask.cli import AppGroup

from payment_engine import Actor
from storefront.cli import privacy_report
from storefront.core.database import end_reading
from storefront.core.formats import masked_mobile
from storefront.core.services import Services, current_services
from storefront.core.typed import plain_mobile
from storefront.core.validation import is_mobile
from storefront.orders import privacy
from storefront.orders.models import Order
from storefront.orders.privacy import RetentionPolicy

logger = logging.getLogger(__name__)

_OBEYED = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b\u200d-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)

privacy_commands = AppGroup("privacy", help="What is held about a person.")


def _mobile(_: click.Context, __: click.Parameter, typed: str) -> str:
    """Accept what the checkout form accepts: Persian digits, blanks, +98."""
    mobile = plain_mobile(typed)
    if not is_mobile(mobile):
        raise click.BadParameter("a mobile number looks like 09121234567")
    return mobile


@privacy_commands.command("export")
@click.argument("mobile", callback=_mobile)
def export(mobile: str) -> None:
    """Print as one JSON object everything that is held about who ordered with MOBILE.

    docs/privacy.md describes it. Money is integer Rials, times are UTC.
    """
    policy = privacy.policy_from(current_app.config)
    orders = [privacy_report.exported(order, policy) for order in privacy.held_about(mobile)]
    held = {"mobile": mobile, "at": current_services().clock().isoformat(), "orders": orders}
    click.echo(_for_terminals(json.dumps(held, ensure_ascii=False, indent=2)))


def _for_terminals(document: str) -> str:
    """Escape what a terminal would obey and json leaves as it is: C1 controls, marks of direction.

    Persian stays readable, the zero-width non-joiner too.
    """
    return _OBEYED.sub(lambda found: json.dumps(found[0])[1:-1], document)


@privacy_commands.command("erase")
@click.argument("mobile", callback=_mobile)
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
def erase(mobile: str, *, yes: bool) -> None:
    """Erase for good the personal data of the orders placed with MOBILE.

    Paid orders keep what accounting needs. What is not settled is kept whole, and said so.
    """
    services, policy = current_services(), privacy.policy_from(current_app.config)
    orders, shown = privacy.held_about(mobile), masked_mobile(mobile, "en")
    end_reading()
    if not orders:
        click.echo(f"nothing is held about {shown}")
        return
    if not yes:
        click.confirm(f"Erase the personal data of {len(orders)} orders of {shown}?", abort=True)
    results = [_erased(services, order, policy) for order in orders]
    if not all(results):
        raise click.ClickException("not everything could be erased; the log says why")


def _erased(services: Services, order: Order, policy: RetentionPolicy) -> bool:
    """Say what became of an order's personal data; one that fails stops none of the others."""
    try:
        outcome = privacy.erase(services, order.number, actor=Actor.OPERATOR)
    except Exception:
        logger.exception("the personal data of order %s could not be erased", order.number)
        return False
    click.echo(privacy_report.told(order, outcome, policy))
    return True
