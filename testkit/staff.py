"""Somebody of the shop in front of the back office, logged in with a plain browser."""

from __future__ import annotations

import secrets

from flask import Flask
from flask_login import FlaskLoginClient

from storefront.admin import access
from storefront.core.services import current_services
from storefront.staff import accounts
from storefront.staff.models import Role
from testkit.shopper import Page, Shopper

PASSWORD = "four words and a comma"


class Person(Shopper):
    """One browser of one person with a role; further ones have names of their own."""

    def __init__(self, app: Flask, role: Role, language: str = "en", name: str = "") -> None:
        self.name = name or f"{role}-{secrets.token_hex(3)}"
        with app.app_context():
            now = current_services().clock()
            member, link = accounts.add(self.name, role, now, by="a test")
            token = accounts.set_password(link, PASSWORD, now, client="127.0.0.1")
            assert token
            user = access.Person(member.id, self.name, role, token)
        app.test_client_class = FlaskLoginClient
        super().__init__(app, language, user=user)


def owner(app: Flask, language: str = "en") -> Person:
    """Return an owner who is logged in."""
    return Person(app, Role.OWNER, language)


def clerk(app: Flask, language: str = "en") -> Person:
    """Return a clerk who is logged in."""
    return Person(app, Role.CLERK, language)


def system_page(app: Flask, language: str = "en") -> Page:
    """Return the page that shows an owner how the shop is; each look is a new login."""
    return owner(app, language).open("/admin/system")
