"""The two languages of the site: which page is which page's other one, and links between both."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
HOME = {"en": "docs/index", "fa": "docs/fa/index"}
COURSE = {"en": "learn/course/en/index", "fa": "learn/course/fa/index"}
GUIDES = {"en": "docs/", "fa": "docs/fa/"}  # a guide has one name in both languages
NAMES = {"en": "English", "fa": "فارسی"}


def counterpart(page: str, language: str, *, only_course: bool) -> str:
    """Return the page of the other language that says the same, or else its first page."""
    other = "fa" if language == "en" else "en"
    if page.startswith(f"learn/course/{language}/"):
        found = page.replace(f"/{language}/", f"/{other}/")
    elif page.startswith("docs/"):
        name = page.removeprefix(GUIDES[language])
        found = f"{GUIDES[other]}{name}"
    else:
        found = {"README": "README.fa", "README.fa": "README"}.get(page, HOME[other])
    if any((ROOT / f"{found}{ending}").is_file() for ending in (".md", ".rst")):
        return found
    return (COURSE if only_course else HOME)[other]


def link_to_other_language(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object
) -> None:
    """Give the templates the address of the same page in the other language."""
    language = app.config.language
    other = "fa" if language == "en" else "en"
    target = counterpart(page, language, only_course="course" in app.tags)
    context["other_language"] = other
    context["other_language_name"] = NAMES[other]
    context["other_language_url"] = to_other_language(page, other, target)


def to_other_language(page: str, other: str, target: str) -> str:
    """Return the address of a page of the other language, as it is written on this page."""
    return posixpath.relpath(f"../{other}/{target}.html", posixpath.dirname(page) or ".")


def link_over(app: Sphinx, doctree: nodes.document) -> None:
    """Let a page link to one that is built in the other language only."""
    page, other = app.env.docname, "en" if app.config.language == "fa" else "fa"
    for node in list(doctree.findall(addnodes.pending_xref)):
        target = str(node["reftarget"]).partition("#")[0].lstrip("/")
        if node.get("refdomain") != "doc" or target in app.env.found_docs:
            continue
        if any((ROOT / f"{target}{ending}").is_file() for ending in (".md", ".rst")):
            url = to_other_language(page, other, target)
            link = nodes.reference("", "", *node.children, refuri=url, internal=False)
            link["classes"] = ["english" if other == "en" else "persian"]
            node.replace_self(link)


def open_own_tab(_app: Sphinx, doctree: nodes.document, _page: str) -> None:
    """Open the shop and the sandbox in a tab of their own: the course stays where it is."""
    for node in doctree.findall(nodes.reference):
        if re.match(r"https?://(127\.0\.0\.1|localhost)\b", node.get("refuri", "")):
            node["target"] = "_blank"
