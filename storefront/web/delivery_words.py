"""Say how soon an order reaches its buyer; what the settings say is put into words once."""

from __future__ import annotations

from functools import lru_cache

from flask_babel import gettext as _

from storefront.core.formats import grouped
from storefront.web.language import current_language


def how_soon(days: tuple[int, int], pickup: bool) -> str:
    """Return the working days until an order arrives, or can be fetched."""
    return _in_words(days, pickup, current_language())


@lru_cache(maxsize=256)
def _in_words(days: tuple[int, int], pickup: bool, language: str) -> str:
    """Return the same in the language of the page, which is this one."""
    words = _days(*days, language)
    return str(_("ready in %(days)s", days=words)) if pickup else words


def _days(first: int, last: int, language: str) -> str:
    if first == last == 1:
        return str(_("one working day"))
    if first == last:
        return str(_("%(count)s working days", count=grouped(last, language)))
    start, end = grouped(first, language), grouped(last, language)
    return str(_("%(first)s to %(last)s working days", first=start, last=end))
