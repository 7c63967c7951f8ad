"""Know payment methods as shoppers do: what is offered, in which words, what was chosen."""

from __future__ import annotations

from flask import current_app, session

from storefront.core import settings
from storefront.core.services import current_services
from storefront.web.language import current_language


def offered() -> list[str]:
    """Return the names of the gateways to pay at, first the one that this browser chose last."""
    closed = {each.name for each in settings.configured(current_app.config)}
    closed -= set(settings.offered(current_app.config))
    names = (name for name in current_services().engine.gateways if name not in closed)
    return sorted(names, key=lambda name: name != session.get("gateway"))


def chosen(asked: str | None) -> str:
    """Return the gateway to pay at: what was asked for, if it is offered, else the first."""
    names = offered()
    name = asked if asked in names else names[0]
    session["gateway"] = name
    return name


def title(gateway: str) -> str:
    """Return what a shopper calls it; one that is no longer configured keeps its name."""
    known = current_services().engine.gateways.get(gateway)
    return known.titles[current_language()] if known else gateway
