"""Settings for a shop under test: the defaults, so that no one's instance/config.py leaks in.

A shop within a test has not the default addresses: whoever tries the shop out meanwhile has one
there.
"""

from __future__ import annotations

import os
from typing import Any

from jibit_sandbox.testing import SandboxWorld
from storefront.core.gateways import GATEWAYS
from storefront.core.settings import OFF, SETTINGS

SECRET_KEY = "a secret for tests alone, longer than thirty-two letters"
NOWHERE = "http://127.0.0.1:1"  # nothing listens at this port
QUIET = {
    "SECRET_KEY": SECRET_KEY,
    "WALLET_BASE_URL": OFF,
    "PPG_V3_BASE_URL": OFF,
    "SMS_URL": OFF,
    "SHOP_FOLDER": os.devnull,  # no theme and no texts of one's own
}
AWAY = {"PUBLIC_URL": NOWHERE, "PPG_BASE_URL": f"{NOWHERE}/ppg/v2"}
ADDRESSES = {each.name: each.address for each in GATEWAYS}


def quiet_settings(**changed: Any) -> dict[str, Any]:
    """Every setting at its default, save those named, for ``create_app``.

    Unless they are named: no wallet, no PPG v3 and no SMS, and the shop's own address and the
    card gateway's are where nobody answers.
    """
    return {s.name: s.default for s in SETTINGS} | QUIET | AWAY | changed


def quiet_environment(**changed: Any) -> dict[str, str]:
    """The same for a process: an empty variable is the default, so addresses follow its ports."""
    settings = {s.name: "" for s in SETTINGS} | QUIET | changed
    return {f"STOREFRONT_{name}": str(value) for name, value in settings.items()}


def at_gateways(world: SandboxWorld, card: str = "ppg") -> dict[str, str]:
    """The settings that connect a shop to a world: to one version of the card gateway, and the
    wallet."""
    other = {"ppg": "PPG_V3_BASE_URL", "ppg_v3": "PPG_BASE_URL"}[card]
    return at_all_gateways(world) | {other: OFF}


def at_all_gateways(world: SandboxWorld) -> dict[str, str]:
    """The settings that connect a shop to every gateway of a world."""
    return {
        "PPG_BASE_URL": world.ppg_base_url,
        "PPG_API_KEY": world.api_key,
        "PPG_SECRET_KEY": world.secret_key,
        "PPG_V3_BASE_URL": world.ppg_v3_base_url,
        "PPG_V3_API_KEY": world.api_key,
        "PPG_V3_SECRET_KEY": world.secret_key,
        "WALLET_BASE_URL": world.wallet_base_url,
        "WALLET_USERNAME": world.username,
        "WALLET_PASSWORD": world.password,
    }


def at_gateway(world: SandboxWorld, gateway: str) -> dict[str, str]:
    """The same for one of them, by the shop's name for it; the others are off."""
    others = {address: OFF for name, address in ADDRESSES.items() if name != gateway}
    return at_all_gateways(world) | others
