"""Whether a page is HTML as the standard wants it; browsers would mend it silently."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from tinyhtml5.parser import HTMLParser

# Two pages that differ in words alone, or in the values of attributes, are right or wrong together:
# the parser minds letters, blanks and these signs nowhere between two tags or two quotes.
_PLAIN = r"[\w\s.,;:!?%/()=#@+*،؟٪«»·…–-]"
_ID = re.compile(r'<[a-z][^<>]*\sid="([^"]+)"')
_CHANGING = re.compile(rf'(?<=>){_PLAIN}*\w{_PLAIN}*(?=<)|(?<=="){_PLAIN}+(?=")')
_RIGHT: set[tuple[str, str]] = set()  # two lines, one after the other, of a page that was right


def parse_errors(html: str) -> list[str]:
    """Return what the standard's parser complains about, each with its line and column.

    A quarter of a test's time went into parsing, so a page is parsed if it has two lines, one after
    the other, that no right page had.
    """
    ids = Counter(_ID.findall(html))  # a label would name the first of two fields
    twice = [f"the id {each} stands there twice" for each in ids if ids[each] > 1]
    lines = [line.strip() for line in _CHANGING.sub("0", html).splitlines() if line.strip()]
    pairs = set(pairwise(["", *lines, ""]))
    if pairs <= _RIGHT:
        return twice
    parser = HTMLParser()
    parser.parse(html)
    errors = [f"{place}: {error} {values}" for place, error, values in parser.errors]
    if not errors:
        _RIGHT.update(pairs)
    return errors + twice
