"""Prepare a shop that somebody starts for the first time: translations, database, products."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click
import flask_migrate
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.cli import ScriptInfo
from flask.helpers import get_debug_flag
from werkzeug.serving import is_running_from_reloader

from storefront.catalogue import files
from storefront.cli.staff import link_for
from storefront.core.availability import KINDS
from storefront.core.clock import Clock
from storefront.core.settings import default_of, is_test_mode
from storefront.staff import first_owner

TRANSLATIONS = Path(__file__).parents[1] / "translations"
FOR_THE_OWNER = """\
  The back office: choose a password at this address, which works once and for a day;
  then you are logged in as "owner". Each start prints a new one until you have.

    {link}

  برای ورود به مدیریت فروشگاه، این پیوند را باز کنید و رمزی انتخاب کنید. پیوند یک بار و
  تا یک روز کار می‌کند؛ نام شما owner است. تا وقتی رمز نگذاشته‌اید، هر اجرا پیوند تازه‌ای می‌دهد.
"""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def prepare_for_flask_run(app: Flask, clock: Clock) -> None:
    """Do all that is missing when ``flask run`` starts the shop in test mode.

    A shop with a real gateway prepares nothing by itself: its operator migrates the database.
    """
    context = click.get_current_context(silent=True)
    if context is None or not _is_flask_run(context) or not is_test_mode(app.config):
        return
    if app.config["PUBLIC_URL"] == default_of("PUBLIC_URL"):
        app.config["PUBLIC_URL"] = _address(**context.params)
    prepare(app)
    if _serves(**context.params) and (link := link_for_first_owner(app, clock())):
        click.echo(FOR_THE_OWNER.format(link=link))


def _serves(*, reload: bool | None, **_others: object) -> bool:
    """Return whether this process serves, and is not the one that watches the files for it."""
    watches = get_debug_flag() if reload is None else reload
    return not watches or is_running_from_reloader()


def link_for_first_owner(app: Flask, now: datetime, public_url: str = "") -> str | None:
    """Return where the first owner chooses a password; None beside a real gateway, and afterwards.

    ``public_url`` is where the shop will be reached, if that is not the setting's value.
    """
    if not is_test_mode(app.config):
        return None
    # A shop that can only be read at the moment is opened all the same.
    with app.app_context(), suppress(*KINDS):
        token = first_owner.new_link(now)
        return link_for(token, public_url) if token else None
    return None


def _is_flask_run(context: click.Context) -> bool:
    """Return whether this is Flask's ``run``: other programs have a command of this name, too."""
    return context.info_name == "run" and context.find_object(ScriptInfo) is not None


def _address(host: str, port: int, **_others: object) -> str:
    """Return where ``flask run`` serves, so that the bank leads shoppers back there."""
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def prepare(app: Flask) -> None:
    """Compile the translations, migrate the database and put the products into an empty shop."""
    compile_translations()
    with app.app_context():
        flask_migrate.upgrade()
        files.seed()


def compile_translations(folder: Path = TRANSLATIONS) -> None:
    """Compile every ``.po`` file in the folder that has no ``.mo`` file as new as itself."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    """Write the compiled file whole: another process may read it at this moment."""
    fresh = target.with_suffix(f".{os.getpid()}")
    with source.open("rb") as text, fresh.open("wb") as compiled:
        write_mo(compiled, read_po(text))
    fresh.replace(target)
