"""Give every page its language: gettext in the templates, and filters for numbers and times."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, g, request

from jibit_sandbox.i18n import formats, labels
from jibit_sandbox.i18n.translations import gettext, ngettext

FILTERS = (
    *(formats.number, formats.toman, formats.moment),
    *(
        formats.digits,
        formats.hour,
        formats.stamp,
        formats.utc,
        formats.indented,
        formats.with_facts,
    ),
)


def install_i18n(app: Flask) -> None:
    """Choose each request's language, and give the templates ``_``, labels and filters."""
    app.before_request(choose_language)
    app.context_processor(language_for_templates)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
        gettext, ngettext, newstyle=False
    )
    for each in FILTERS:
        app.template_filter(each.__name__)(each)


def choose_language() -> None:
    g.language = language_of(request)


def language_of(asking: Request) -> str:
    """Return the language of ``?lang=``, else of Accept-Language; Persian by default."""
    wanted = asking.args.get("lang")
    if wanted in ("fa", "en"):
        return wanted
    return asking.accept_languages.best_match(["fa", "en"], "fa")


def language_for_templates() -> dict[str, Any]:
    other = "en" if g.language == "fa" else "fa"
    return {"language": g.language, "other_language": other, "labels": labels}
