"""Settings for a shop under test: the defaults, so that no one's instance/config.py leaks in."""

from __future__ import annotations

from typing import Any

from storefront.config import SETTINGS

SECRET_KEY = "a secret for tests alone, longer than thirty-two letters"


QUIET = {"SECRET_KEY": SECRET_KEY, "WALLET_BASE_URL": "off"}


def quiet_settings(**changed: Any) -> dict[str, Any]:
    """Every setting at its default, save those named, for ``create_app``.

    Without a wallet, unless one is named: at its default nobody would answer.
    """
    return {s.name: s.default for s in SETTINGS} | QUIET | changed


def quiet_environment(**changed: Any) -> dict[str, str]:
    """The same for a process: an empty variable means the default."""
    settings = {s.name: "" for s in SETTINGS} | QUIET | changed
    return {f"STOREFRONT_{name}": str(value) for name, value in settings.items()}
