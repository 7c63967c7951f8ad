"""Settings for a shop under test: the defaults, so that no one's instance/config.py leaks in."""

from __future__ import annotations

from typing import Any

from jibit_sandbox.testing import SandboxWorld
from storefront.core.settings import OFF, SETTINGS

SECRET_KEY = "a secret for tests alone, longer than thirty-two letters"


QUIET = {"SECRET_KEY": SECRET_KEY, "WALLET_BASE_URL": OFF}
ADDRESSES = {"ppg": "PPG_BASE_URL", "wallet": "WALLET_BASE_URL"}


def quiet_settings(**changed: Any) -> dict[str, Any]:
    """Every setting at its default, save those named, for ``create_app``.

    Without a wallet, unless one is named: at its default nobody would answer.
    """
    return {s.name: s.default for s in SETTINGS} | QUIET | changed


def quiet_environment(**changed: Any) -> dict[str, str]:
    """The same for a process: an empty variable means the default."""
    settings = {s.name: "" for s in SETTINGS} | QUIET | changed
    return {f"STOREFRONT_{name}": str(value) for name, value in settings.items()}


def at_gateways(world: SandboxWorld) -> dict[str, str]:
    """The settings that connect a shop to both gateways of a world."""
    return {
        "PPG_BASE_URL": world.ppg_base_url,
        "PPG_API_KEY": world.api_key,
        "PPG_SECRET_KEY": world.secret_key,
        "WALLET_BASE_URL": world.wallet_base_url,
        "WALLET_USERNAME": world.username,
        "WALLET_PASSWORD": world.password,
    }


def at_gateway(world: SandboxWorld, gateway: str) -> dict[str, str]:
    """The same for one of them, by the shop's name for it; the other is off."""
    others = {address: OFF for name, address in ADDRESSES.items() if name != gateway}
    return at_gateways(world) | others
