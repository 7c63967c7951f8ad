"""What each failure rehearses, for docs/sandbox/failures.md; cards and amounts are the source's."""

from __future__ import annotations

from collections.abc import Iterator

from jibit_sandbox.bank.test_cards import TEST_CARDS, CardScenario
from jibit_sandbox.behaviours.magic_amounts import ABOVE, MAGIC_AMOUNTS, PURCHASE_AMOUNTS

HEADS = ("What happens", "By", "Rials", "at PPG v3", "What a right shop does")
ASK = "asks by inquiry; the order ends paid"
AGAIN = "asks, sees that nothing happened, and verifies again"
REFUSE = "does not deliver, and tells somebody"
REHEARSALS: dict[str, tuple[str, str]] = {
    "reset_after_commit": ("the line breaks after the money moved", ASK),
    "hang_after_commit": ("no answer comes within your time limit", ASK),
    "error_500_after_commit": ("an error 500, although the money moved", ASK),
    "bad_gateway_after_commit": ("a proxy's error page, although the money moved", ASK),
    "truncated_json": ("half an answer", ASK),
    "reset": ("the line breaks before anything happened", AGAIN),
    "error_500": ("an error 500, and nothing happened", AGAIN),
    "too_many_requests": (
        "the gateway has too many calls",
        "waits as `Retry-After` says",
    ),
    "token_expired": ("the token ends between two calls", "renews it and goes on, once"),
    "token_revoked": ("token and refresh token are over", "takes a new token by its keys"),
    "verify_unknown": ("the gateway does not know yet", "leaves the order open and asks later"),
    "verify_unknown_after_commit": ("captured, but the answer says Unknown", ASK),
    "verify_failed_after_commit": ("captured, but the answer says Failed", ASK),
    "verify_failed": ("the answer says Failed, the payment waits still", "asks before it tells"),
    "capture_refused": ("the capture is refused; the payer gets the money back", "is unpaid"),
    "unknown_status": ("a status of next year's version", "takes it neither for yes nor for no"),
    "callback_missing": ("the shopper pays and closes the browser", "a job asks about open orders"),
    "callback_late": ("the shopper returns late", "delivers once"),
    "callback_twice": ("the shopper loads the return page again", "delivers once"),
    "callback_parallel": ("five callbacks at the same moment", "delivers once"),
    "callback_before_money": ("a callback says paid, and nothing is", "believes the verification"),
    "callback_other_order": ("the callback names another order", "asks about its own order"),
    "callback_other_amount": ("the callback has another amount", REFUSE),
    "inquiry_other_amount": ("the inquiry has another amount", REFUSE),
    "inquiry_in_progress": (
        "an order that never ends",
        "asks more rarely, then tells somebody",
    ),
    "hostile_texts": ("control characters and a card in the texts", "stores and shows them"),
    "contradiction": ("a failed payment turns out paid", "looks again at failed ones, for a day"),
}


def rehearsals() -> Iterator[tuple[object, ...]]:
    """Return the rows: first the payments that the bank refuses, then the failures."""
    for card in TEST_CARDS:
        if card.refused:
            yield (
                f"{card.description[0].lower()}{card.description[1:]}",
                f"card `{card.number}`",
                "",
                "",
                "is unpaid; the cart stays",
            )
    for name, (rehearses, result) in REHEARSALS.items():
        cards = [f"card `{card.number}`" for card in TEST_CARDS if name in behaviours_of(card)]
        yield rehearses, ", ".join([f"`{name}`", *cards]), *amounts_of(name), result


def amounts_of(behaviour: str) -> tuple[object, object]:
    """Return the amounts that bring a behaviour, at PPG v2 and at v3; empty where there is none."""
    amount = next((each for each, b in PURCHASE_AMOUNTS.items() if b.name == behaviour), None)
    if amount is None:
        return "", ""
    return amount - ABOVE if amount - ABOVE in MAGIC_AMOUNTS else "", amount


def behaviours_of(card: CardScenario) -> set[str | None]:
    return {card.paying, *(each.behaviour for each in card.follow_ups)}
