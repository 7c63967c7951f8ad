"""The baseline: the least that each page of a shop must do, written as simply as one can.

One language, written into the templates; no security headers, no history, no stock, no states, no
worker; the careful one has some of it. The goods, the database and its settings are the shop's, so
that both do the same work where they do the same thing.
"""

from __future__ import annotations

import os
from datetime import datetime

from flask import Flask, session
from flask_wtf.csrf import CSRFProtect

from benchmarks.baseline import views
from benchmarks.baseline.prices import DELIVERIES
from benchmarks.baseline.tables import TABLES
from benchmarks.rig.pairs import bare_session
from storefront.core import database
from storefront.core.database import Base, db
from storefront.core.formats import jalali
from storefront.core.provinces import names_of_provinces

PERSIAN = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")


def create_app() -> Flask:
    """Read the shop's own settings from the environment, as far as there is use for them."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ["STOREFRONT_SECRET_KEY"]
    app.config["DATABASE_URL"] = os.environ["STOREFRONT_DATABASE_URL"]
    app.config["PUBLIC_URL"] = os.environ["STOREFRONT_PUBLIC_URL"]
    app.config["PPG_BASE_URL"] = os.environ["STOREFRONT_PPG_BASE_URL"]
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    database.init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine, tables=TABLES)
    CSRFProtect(app)
    app.extensions["gateway"] = bare_session(app.config["PPG_BASE_URL"])
    for function in (digits, grouped, toman, fee, persian_moment):
        app.add_template_filter(function)
    app.jinja_env.globals.update(
        public_url=app.config["PUBLIC_URL"],
        categories=views.CATEGORIES.values(),
        deliveries=DELIVERIES,
        provinces=names_of_provinces("fa"),
    )
    app.context_processor(
        lambda: {"pieces": session.get("pieces") or sum(session.get("cart", {}).values())}
    )
    app.register_blueprint(views.blueprint)
    return app


def create_careful_app() -> Flask:
    """Return the same with the checkout, the callback and the cart of the careful baseline."""
    app = create_app()
    app.config["CAREFUL"] = True
    return app


def _pieces() -> int:
    """How many there are in the cart; the careful one counts them in the session."""
    return int(session.get("pieces") or sum(session.get("cart", {}).values()))


def digits(value: object) -> str:
    """In Persian digits."""
    return str(value).translate(PERSIAN)


def grouped(number: int) -> str:
    """In Persian digits, in groups of three."""
    return f"{number:,}".translate(PERSIAN)


def toman(amount_rials: int) -> str:
    """Rials, shown in Toman."""
    return f"{amount_rials // 10:,} تومان".translate(PERSIAN)


def fee(amount_rials: int) -> str:
    """Return what a delivery costs."""
    return toman(amount_rials) if amount_rials else "رایگان"


def persian_moment(moment: datetime) -> str:
    """The one thing that is not simple, so it is the shop's."""
    return jalali(moment, "fa")
