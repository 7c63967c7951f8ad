"""The documentation site as it is built: no warning, no script or style within a page."""

from __future__ import annotations

import re
from pathlib import Path
from runpy import run_path
from urllib.parse import unquote

import pytest

from scripts import build_site
from testkit.cases import naming
from testkit.processes import ROOT

INLINE = re.compile(r"<script>|<script [^>]*>\s*[^<\s]|<style|\sstyle=|\son\w+=\"")
OTHER_HOST = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"(?:https?:)?//")
ENGLISH = ("Skip to content", "On this page", "Back to top", "Toggle", ">Search<")


def test_no_page_of_the_course_has_a_script_or_a_style_of_its_own(course_site: Path) -> None:
    pages = [path for path in course_site.rglob("*.html") if path.parent != course_site]
    assert len(pages) > 40
    for path in pages:
        with naming(path):
            text = path.read_text(encoding="utf-8")
            assert not INLINE.search(text)
            assert not OTHER_HOST.search(text)
            persian = path.relative_to(course_site).parts[0] == "fa"
            assert ('dir="rtl"' in text) is persian or 'http-equiv="refresh"' in text
            if persian:
                assert not [words for words in ENGLISH if words in text]


@pytest.mark.long
def test_the_whole_site_is_built_without_a_warning(tmp_path: Path) -> None:
    assert build_site.build(tmp_path / "site")
    for name in ("en/docs/index.html", "fa/docs/fa/index.html", "fa/README.fa.html"):
        assert (tmp_path / "site" / name).is_file()
    for page in (tmp_path / "site").rglob("*.html"):
        with naming(page):
            assert broken_links(page) == []


def broken_links(page: Path) -> list[str]:
    """What a page links to and is not there; listings are no links."""
    text = re.sub(r"<pre.*?</pre>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [url for url in re.findall(r'(?:href|src)="([^"#]+)', text) if ":" not in url]
    return [url for url in links if not (page.parent / unquote(url.partition("?")[0])).exists()]


@pytest.mark.parametrize(
    ("left_to_right", "right_to_left"),
    [
        ("a{margin-left:1px}", "a{margin-right:1px}"),
        ("a{color:red;float:right}", "a{color:red;float:left}"),
        (".left{left:0;right:auto}", ".left{right:0;left:auto}"),
        ("a{padding:1px 2px 3px calc(1px + 2px)}", "a{padding:1px calc(1px + 2px) 3px 2px}"),
        ("a{border-left-width:0;border-top:1px}", "a{border-right-width:0;border-top:1px}"),
        ("a{text-align:left;margin:0 auto}", "a{text-align:right;margin:0 auto}"),
    ],
)
def test_a_style_sheet_is_mirrored(left_to_right: str, right_to_left: str) -> None:
    # It stands beside Sphinx's configuration, which is no package.
    mirrored = run_path(str(ROOT / "docs" / "site" / "finishing.py"))["mirrored"]
    assert mirrored(left_to_right) == right_to_left
    assert mirrored(right_to_left) == left_to_right
