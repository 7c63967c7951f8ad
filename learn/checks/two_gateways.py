"""Buy at the card gateway or at the wallet, and compare the shop's ledger with the gateways'."""

from __future__ import annotations

from learn.lab import Lab, Shopper, require

CHOICE = "gateway"  # the form's field
WALLET = {CHOICE: "wallet"}
CARD = {CHOICE: "ppg"}
LONG = 1000  # seconds; longer than the gateways' 15 minutes


def buy(shop: Lab, shopper: Shopper, **chosen: str) -> str:
    """Buy at the wallet; return the address of its page."""
    page = shopper.buy(**(chosen or WALLET))
    require(
        page.startswith(shop.world.wallet_base_url),
        f"The form was sent with `{CHOICE}=wallet`; the browser stands on {page}, not on the"
        " wallet's page.",
        f"فرم با «{CHOICE}=wallet» فرستاده شد، ولی مرورگر روی {page} است، نه روی صفحهٔ کیف پول.",
    )
    return page


def later(shop: Lab) -> None:
    """Let everything end at the gateways, and let the worker look twice."""
    for _ in range(2):
        shop.later(LONG)
        shop.work()


def seen(shop: Lab) -> tuple[list[str], list[str]]:
    """Return the states of the shop's orders, and of the gateways'."""
    return shop.states(), shop.bank()


def require_states(shop: Lab, en: str, fa: str, *right: tuple[list[str], list[str]]) -> None:
    """Raise NotYet unless the orders here and there are in one of these states."""
    here, there = seen(shop)
    require(
        (here, there) in right,
        f"{en} The shop's order is {here}, the gateway's {there}.",
        f"{fa} سفارش در فروشگاه {here} است و در درگاه {there}.",
    )
