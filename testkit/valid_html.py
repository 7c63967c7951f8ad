"""Whether a page is HTML as the standard wants it; browsers would mend it silently."""

from __future__ import annotations

import re

from tinyhtml5.parser import HTMLParser

# Numbers, keys and tokens: two pages that differ in these alone are right or wrong together.
_CHANGING = re.compile(r"[\w-]{16,}|\d+")
_RIGHT: set[int] = set()


def parse_errors(html: str) -> list[str]:
    """Return what the standard's parser complains about, each with its line and column.

    A quarter of a test's time went into parsing the same page again, so each is parsed once.
    """
    page = hash(_CHANGING.sub("0", html))
    if page in _RIGHT:
        return []
    parser = HTMLParser()
    parser.parse(html)
    errors = [f"{place}: {error} {values}" for place, error, values in parser.errors]
    if not errors:
        _RIGHT.add(page)
    return errors
