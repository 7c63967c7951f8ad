"""What shoppers come for: each visit ends in one of these ways, as often as it says."""

from __future__ import annotations

from collections.abc import Callable

from drills.shopper import StubbornShopper

V3_PAGE = "/ppg/v3/"
Ending = Callable[[StubbornShopper], None]


def pay(shopper: StubbornShopper) -> None:
    """Pay and come back, as one should."""
    shopper.come_back(shopper.pay(shopper.leave()))


def pay_and_vanish(shopper: StubbornShopper) -> None:
    """Pay; no browser ever comes back."""
    page = shopper.leave()
    shopper.persist(lambda: shopper.bank.pay_and_vanish(page))


def come_back_twice(shopper: StubbornShopper) -> None:
    """Pay, and come back in two tabs at once."""
    callback = shopper.pay(shopper.leave())
    shopper.in_two_tabs(lambda tab: tab.return_from_bank(callback))
    shopper.look()


def press_twice(shopper: StubbornShopper) -> None:
    """Send the same checkout form twice at once, then pay."""
    shopper.open("/checkout")
    shopper.in_two_tabs(lambda tab: tab.send("/checkout", **shopper.details))
    pay(shopper)


def decline_and_retry(shopper: StubbornShopper) -> None:
    """The bank says no; back in the shop, pay again, and well."""
    page = shopper.leave()
    shopper.come_back(shopper.press(page, "decline"))
    shopper.come_back(shopper.pay(shopper.again()))


def cancel(shopper: StubbornShopper) -> None:
    """Cancel at the bank and come back."""
    page = shopper.leave()
    shopper.come_back(shopper.press(page, "cancel"))


def turn_back(shopper: StubbornShopper) -> None:
    """Be sent to the bank and never pay."""
    shopper.leave()


def forge(shopper: StubbornShopper) -> None:
    """Claim to have paid, which is worth nothing; then do pay."""
    page = shopper.leave()
    callback = f"/payments/{shopper.status()['reference_number']}/callback"
    theirs = page.split("/")[-2]
    card = f"amount=1000&refnum={theirs}&state=SUCCESSFUL"
    wallet = f"orderId={theirs}&status=PURCHASE_BY_USER"
    v3 = f"purchaseId={theirs}&status=SUCCESSFUL"
    shopper.open(f"{callback}?{v3 if V3_PAGE in page else f'{card}&{wallet}'}")
    shopper.come_back(shopper.pay(page))


def pay_both(shopper: StubbornShopper) -> None:
    """Begin a second attempt at the other gateway, and pay both."""
    first, second = shopper.leave(), shopper.again()
    shopper.all_at_once(lambda: shopper.pay(first), lambda: shopper.pay(second))
    shopper.look()


def cancel_order_and_pay(shopper: StubbornShopper) -> None:
    """Give the order up in the shop, and pay all the same, as the bank's page is still open."""
    page = shopper.leave()
    shopper.cancel_order()
    shopper.come_back(shopper.pay(page))


ENDINGS: dict[Ending, int] = {
    pay: 30,
    pay_and_vanish: 16,
    come_back_twice: 10,
    press_twice: 8,
    decline_and_retry: 10,
    cancel: 5,
    turn_back: 5,
    forge: 6,
    pay_both: 6,
    cancel_order_and_pay: 8,
}
