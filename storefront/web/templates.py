"""Compiles each template once for each language, with the words that never change written in.

A page holds dozens of words and addresses. Looking all of them up for every request would cost
more than the rest of the page: here a word becomes part of the compiled template, and an address
is put together once. Views call Flask's own ``render_template``.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast

from babel.support import NullTranslations, Translations
from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from storefront.core import formats
from storefront.web.language import LANGUAGES, current_language

MOST_ADDRESSES = 4096  # kept at once: those used last
FORMATS = (
    formats.digits,
    formats.grouped,
    formats.toman,
    formats.rials,
    formats.jalali,
    formats.jalali_seconds,
    formats.how_long,
    formats.masked_mobile,
)


class Templates(Environment):
    """Flask's environment, and under it one for each language, to which it hands every page."""

    spoken: dict[str, Templates]
    words: NullTranslations | None = None

    def get_or_select_template(self, *arguments: Any, **named: Any) -> Template:
        """As Jinja's, in the language of the page that is asked for."""
        speaks = self if self.words else self.spoken[current_language()]
        return super(Templates, speaks).get_or_select_template(*arguments, **named)

    def _generate(self, source: nodes.Template, *arguments: Any, **named: Any) -> str:
        if self.words:
            source = _WordsWrittenIn(self.words).visit(source)
        return super()._generate(source, *arguments, **named)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dict in the place of Jinja's chain of two: each import of a macro goes through
        its keys, for every page."""
        return {**self.globals, **(d or {})}

    def speaking(self, language: str, words: NullTranslations) -> Templates:
        """The same environment for one language; what is added to this one later it never sees."""
        other = self.overlay()
        other.words, other.globals, other.filters = words, {**self.globals}, {**self.filters}
        for format_ in FORMATS:
            other.filters[format_.__name__] = partial(format_, lang=language)
        other.filters["in_language"] = lambda thing, text: getattr(thing, f"{text}_{language}")
        other.globals.update(
            _=_translator(words),
            language=language,
            direction="rtl" if language == "fa" else "ltr",
            other_languages={code: name for code, name in LANGUAGES.items() if code != language},
        )
        return other


def prepare(app: Flask) -> None:
    """Let the application's environment be one of these; call it before anything else uses it."""
    app.jinja_environment = Templates


def init_app(app: Flask) -> None:
    """Make the environment of each language, once all else is known to the first one."""
    templates = cast(Templates, app.jinja_env)
    if not app.debug:  # there, a static file that was changed gets a new address
        templates.globals["url_for"] = lru_cache(MOST_ADDRESSES)(app.url_for)
    folder = Path(app.root_path) / "translations"
    templates.spoken = {
        language: templates.speaking(language, Translations.load(folder, [language]))
        for language in LANGUAGES
    }


def _translator(words: NullTranslations) -> Callable[..., str]:
    """What ``_("Only %(left)s left", left=...)`` calls: as Jinja's own, without asking which
    language."""

    @pass_eval_context
    def translated(context: EvalContext, text: str, **values: object) -> str:
        found = words.ugettext(text)
        return (_safe(found) if context.autoescape else found) % values

    return translated


def _safe(translation: str) -> Markup:
    return Markup(translation)  # noqa: S704 - written by us; what is filled in gets escaped


class _WordsWrittenIn(NodeTransformer):
    """Puts the translation in the place of each ``_("...")`` that has nothing to fill in."""

    def __init__(self, words: NullTranslations) -> None:
        self._words = words

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's own spelling
        """Leave what is no such call as it is."""
        self.generic_visit(call)
        asked = [argument.value for argument in call.args if isinstance(argument, nodes.Const)]
        is_word = isinstance(call.node, nodes.Name) and call.node.name == "_"
        if not is_word or len(asked) != 1 or call.kwargs:
            return call
        text = self._words.ugettext(asked[0]) % {}
        return nodes.TemplateData(text, lineno=call.lineno, environment=call.environment)
