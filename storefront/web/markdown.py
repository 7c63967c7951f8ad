"""Turn the merchant's Markdown into HTML: without HTML of its own, with links to safe places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

SCHEMES = frozenset({"", "http", "https", "mailto", "tel"})
_INSERTION = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Written:
    """A text of the merchant: its first line, if that is a heading, and the rest.

    ``summary`` is the first paragraph without marks, for search engines and messengers.
    """

    heading: Markup
    body: Markup
    summary: str


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Let nothing be linked that a browser might run."""
        try:
            return urlsplit(url.strip()).scheme.lower() in SCHEMES
        except ValueError:
            return False


def _text(
    _renderer: RendererHTML, tokens: Sequence[Token], at: int, _options: Any, env: Any
) -> str:
    """Fill in ``{phone}`` and the like; what is not known stays as it was written."""
    known: Mapping[str, Markup] = env["insertions"]
    written = escapeHtml(tokens[at].content)
    return _INSERTION.sub(lambda found: known.get(found[1], Markup(found[0])), written)  # noqa: S704 - escaped


def _image(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Show a picture of this shop; pages load none from elsewhere, so its words stand there."""
    source, words = str(tokens[at].attrs.get("src", "")), tokens[at].content
    if not source.startswith("/") or source.startswith("//"):
        return escapeHtml(words)
    return renderer.image(tokens, at, options, env)


_PARSER = _Parser("commonmark", {"html": False}).enable("table")
_PARSER.add_render_rule("text", _text)
_PARSER.add_render_rule("image", _image)


def render(source: str, insertions: Mapping[str, Markup]) -> Written:
    """Return the text as HTML. The page has a heading of its own: others stand below it."""
    env = {"insertions": insertions}
    tokens = _PARSER.parse(source, env)
    heading = Markup("")
    if tokens and (tokens[0].type, tokens[0].tag) == ("heading_open", "h1"):
        heading = _html(tokens[1:2], env)
        tokens = tokens[3:]
    for token in tokens:
        if token.type in ("heading_open", "heading_close") and token.tag == "h1":
            token.tag = "h2"
    return Written(heading, _html(tokens, env), _summary(tokens, env))


def _summary(tokens: Sequence[Token], env: dict[str, Any]) -> str:
    """Return the first paragraph that has words: no table, no list, no mere picture."""
    paragraphs = (
        _html(tokens[at + 1 : at + 2], env).striptags()
        for at, token in enumerate(tokens)
        if token.type == "paragraph_open" and token.level == 0
    )
    return next(filter(None, paragraphs), "")


def _html(tokens: Sequence[Token], env: dict[str, Any]) -> Markup:
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, env))  # noqa: S704 - no HTML gets in
