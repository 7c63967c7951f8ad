"""What is done to the pages when Sphinx has written them.

No page has a script or a style of its own, so the site may be served with a strict content security
policy. Persian pages are read from the right: the style sheets of the theme are mirrored.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
THEME_SCRIPT = re.compile(r"<script>\s*document\.body\.dataset\.theme\b.*?</script>", re.DOTALL)
THEME_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
STYLES = {"display: none;": "no-icons", "opacity: 50%": "faint"}
REACHABLE = {  # what is scrolled must be reached without a mouse, and what is a landmark named
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Site">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
}
EVALUATED = re.compile(r"new Function\(\s*\"n\",\s*`return \(\$\{catalog\.plural_expr\}\)`,?\s*\)")
CORNER = re.compile(r"<th\b[^>]*>\s*(?:<p>\s*</p>)?\s*</th>")  # of a table: it heads nothing
STATIC = re.compile(r'href="([^"]*_static/)')
OWN = ("site.css", "pygments.css")  # these are written for both directions
PERSIAN = {  # words of the theme that its templates do not translate
    "Toggle site navigation sidebar": "باز و بسته کردن فهرست سایت",
    "Toggle table of contents sidebar": "باز و بسته کردن فهرست صفحه",
    "Toggle Light / Dark / Auto color theme": "روشن، تیره یا خودکار",
    "Skip to content": "پرش به متن",
    "Back to top": "برگشت به بالا",
    "On this page": "در این صفحه",
    'aria-label="Site"': 'aria-label="سایت"',
    "Toggle navigation of ": "باز و بسته کردن ",
    "Made with": "ساخته‌شده با",
}


def finish_site(app: Sphinx, error: Exception | None) -> None:
    """Change the pages and the style sheets of a build that went well."""
    if error is not None or app.builder.format != "html":
        return
    out, language = Path(app.outdir), app.config.language
    colours = ""
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        colours = colours or "".join(THEME_STYLE.findall(text)[:1])
        page.write_text(finished(text, language), encoding="utf-8")
    if colours:
        style = re.sub(r"</?style>", "", colours)
        (out / "_static" / "colours.css").write_text(style, encoding="utf-8")
    if language == "fa":
        for sheet in (out / "_static").rglob("*.css"):
            if sheet.name not in (*OWN, "colours.css"):
                mirror_sheet(sheet)
        forbid_evaluation(out / "_static" / "doctools.js")
    if "course" not in app.tags:
        # README.md shows them with HTML, which Sphinx passes on as it is.
        shutil.copytree(ROOT / "docs/pictures", out / "docs/pictures", dirs_exist_ok=True)


def forbid_evaluation(script: Path) -> None:
    """Write Persian's plural form into Sphinx's script, which else evaluates a text for it."""
    text = script.read_text(encoding="utf-8")
    changed = EVALUATED.sub("(n) => Number(n > 1)", text)
    script.write_text(changed, encoding="utf-8")


def finished(text: str, language: str) -> str:
    """Return a page without scripts and styles of its own, in the direction of its language."""
    found = STATIC.search(text)
    static = found[1] if found else "_static/"
    text = THEME_SCRIPT.sub(f'<script src="{static}theme.js"></script>', text)
    text = THEME_STYLE.sub(f'<link rel="stylesheet" href="{static}colours.css">', text)
    for plain, reachable in REACHABLE.items():
        text = text.replace(plain, reachable)
    text = CORNER.sub("<td></td>", text)
    for style, name in STYLES.items():
        text = text.replace(f' style="{style}"', f' class="{name}"')
    if language == "fa":
        text = re.sub(r'(<html [^>]*lang="fa")(?! dir)', r'\1 dir="rtl"', text)
        for english, persian in PERSIAN.items():
            text = text.replace(english, persian)
    return text


MIRRORED = "/* mirrored for right-to-left pages */\n"
_DECLARATION = re.compile(r"(?<=[{;])\s*([\w-]+)\s*:\s*([^;{}]+)")
_SIDE = re.compile(r"\b(left|right)\b")
_SIDED = re.compile(
    r"(margin|padding|border)-(left|right)|^(left|right)$|^border-\w+-(left|right)-"
)
_FOUR = ("margin", "padding", "border-width", "border-color", "border-style")


def mirror_sheet(sheet: Path) -> None:
    """Exchange left and right in a style sheet, once."""
    text = sheet.read_text(encoding="utf-8")
    if not text.startswith(MIRRORED):
        sheet.write_text(MIRRORED + mirrored(text), encoding="utf-8")


def mirrored(text: str) -> str:
    """Return a style sheet with left and right exchanged."""
    return _DECLARATION.sub(_mirrored_declaration, text)


def _mirrored_declaration(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if _SIDED.search(name):
        return f"{_SIDE.sub(_other_side, name)}:{value}"
    if name in ("float", "clear", "text-align"):
        return f"{name}:{_SIDE.sub(_other_side, value)}"
    parts = re.findall(r"(?:[^\s(]|\([^()]*(?:\([^()]*\)[^()]*)*\))+", value)
    if name in _FOUR and len(parts) == 4:
        top, right, bottom, left = parts
        return f"{name}:{top} {left} {bottom} {right}"
    return found[0]


def _other_side(found: re.Match[str]) -> str:
    return "right" if found[1] == "left" else "left"
