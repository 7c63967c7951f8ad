"""Put the theme's templates before the shop's, and do without those that are broken.

A template that cannot be read is named in the log when the shop starts, with its line, and the
shop's own stands in its place. One that breaks while a page is made is named then, and the page is
made once more without the theme: a shop that looks otherwise for a while still sells.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    Template,
    TemplateNotFound,
)
from jinja2 import TemplateSyntaxError as Slip
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

logger = logging.getLogger(__name__)

NO_FAULT_OF_THE_THEME = (HTTPException, SQLAlchemyError)
Source = tuple[str, str, Callable[[], bool]]


class ThemeLoader(FileSystemLoader):
    """Load the theme's templates, those that are broken excepted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.broken: set[str] = set()
        self.told: set[str] = set()  # places that the log has named: visitors repeat them at will

    def get_source(self, environment: Environment, template: str) -> Source:
        """Return a template's text; the next loader is asked for what is broken."""
        if template in self.broken:
            raise TemplateNotFound(template)
        return super().get_source(environment, template)


class ThemedTemplate(Template):
    """A template that is rendered without the theme where the theme breaks it."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Return the page. Raises what the shop's own templates raise."""
        try:
            return super().render(*args, **kwargs)
        except NO_FAULT_OF_THE_THEME:
            raise
        except Exception as error:
            place = _place_in_theme(error)
            if place is None or self.name is None:
                raise
            _tell_once(place, error)
        return _without_theme().get_template(self.name).render(*args, **kwargs)


def put_first(app: Flask, folder: Path) -> None:
    """Look for every template in this folder of the theme before the shop's own."""
    own = app.extensions["theme_loader"] = ThemeLoader(folder)
    app.jinja_loader = ChoiceLoader([own, *_shops_own(app)])


def _shops_own(app: Flask) -> list[BaseLoader]:
    bundled = FileSystemLoader(str(app.template_folder))
    return [bundled, PrefixLoader({"bundled": bundled})]


def check(app: Flask) -> None:
    """Name every template that cannot be read. Call it when templates know all filters."""
    loader: ThemeLoader = app.extensions["theme_loader"]
    if loader.folder.is_dir():
        app.extensions["without_theme"] = app.jinja_env.overlay(
            loader=ChoiceLoader(_shops_own(app))
        )
        app.jinja_env.template_class = ThemedTemplate
    shops_own = frozenset(FileSystemLoader(str(app.template_folder)).list_templates())
    for name in loader.list_templates():
        if name not in shops_own:
            _tell_unused(loader.folder / name, name, shops_own)
        try:
            text = loader.get_source(app.jinja_env, name)[0]
            app.jinja_env.compile(text, name, str(loader.folder / name))
        except (Slip, UnicodeError) as error:
            loader.broken.add(name)
            where = f"{loader.folder / name}, line {getattr(error, 'lineno', 1)}"
            logger.error("%s: %s; the shop's own template is used", where, _reason(error))  # noqa: TRY400 - the merchant's file, no defect


def _tell_unused(path: Path, name: str, shops_own: Collection[str]) -> None:
    """Name a file that no page asks for, and the template that it may be meant for."""
    nearest = get_close_matches(name, shops_own, 1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    logger.warning("%s takes the place of no template of the shop%s", path, hint)


def _tell_once(place: str, error: Exception) -> None:
    told = current_app.extensions["theme_loader"].told
    if place not in told:
        told.add(place)
        logger.error("%s: %s; the page is shown without the theme", place, _reason(error))


def _place_in_theme(error: Exception) -> str | None:
    """Return the last line of the theme that was at work."""
    folder = current_app.extensions["theme_loader"].folder
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, Slip):
        frames.append((str(error.filename), error.lineno))
    ours = [each for each in frames if Path(each[0]).is_relative_to(folder)]
    return f"{ours[-1][0]}, line {ours[-1][1]}" if ours else None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}, {error}"[:300]


def _without_theme() -> Environment:
    environment: Environment = current_app.extensions["without_theme"]
    return environment
