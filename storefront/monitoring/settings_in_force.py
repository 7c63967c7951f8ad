"""Show which settings are in force and where each comes from; no secret leaves this module.

What may be shown is decided by the check of a setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from storefront.core import setting_types as types
from storefront.core.setting_sources import Source
from storefront.core.setting_types import SECRETS, URLS
from storefront.core.settings import SETTINGS, Setting

PATH_IS_SECRET: frozenset[Callable[[Any], Any]] = frozenset({types.web_url, types.sms_url})


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """One setting. ``value`` is None if nothing is set; of a secret it is empty."""

    name: str
    value: str | None
    source: Source
    is_secret: bool


def settings_in_force(
    config: Mapping[str, Any], sources: Mapping[str, Source]
) -> list[SettingInForce]:
    """Return every setting, in the order of the README's table."""
    return [
        SettingInForce(
            each.name,
            _shown(each, config[each.name]),
            sources[each.name],
            each.parse in SECRETS,
        )
        for each in SETTINGS
    ]


def _shown(setting: Setting, value: Any) -> str | None:
    if value in (None, (), ""):
        return None
    if setting.parse in SECRETS:
        return ""
    if setting.parse in URLS:
        return without_credentials(str(value), with_path=setting.parse not in PATH_IS_SECRET)
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def without_credentials(url: str, *, with_path: bool = True) -> str:
    """Return an address without user, password and query.

    Without its path, too, where that may be a secret: chat programs take calls at such addresses.
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path if with_path else ''}"
