"""What each switch decides, in one sentence, grouped by the gateway that it is about."""

from __future__ import annotations

from collections.abc import Mapping

from jibit_sandbox.i18n.translations import gettext_noop as _

CARD: Mapping[str, str] = {
    "paid_inquiry": _("What an inquiry says of an order that is paid but not verified yet."),
    "verify_unpaid": _("Whether a verify before the payment changes nothing or fails the order."),
    "verify_again": _("What the second verify of an order answers."),
    "reused_reference": _("Whether a second order may have the same reference number."),
    "old_access": _("Whether the old access token dies or lives on after a refresh."),
    "total_spelling": _("How the list spells its total: as in the document, correctly, or both."),
    "first_page": _("The number of the list's first page."),
    "merchant": _("Whether the gateway knows the merchant as active, inactive or not at all."),
    "channel": _("Whether the merchant's channel is active; PPG v3 has none."),
    "legacy": _(
        "Whether the calls of older clients are understood as well: older names of the keys, and"
        " numbers as text."
    ),
    "expiry_late": _("How many seconds after an order's end the gateway lets it expire."),
    "error_message": _("Whether the errors of PPG have a message for people, or null."),
    "fingerprint": _("Whether a fingerprint has 32 characters, or 36 with dashes."),
}
V2_READINGS: Mapping[str, str] = {
    "dead_token": _("The code for an access token that is wrong or over."),
    "absent_token": _(
        "The code for a call without a token: that of its section in the document, or another one."
    ),
    "wrong_type": _("The code for a field of another JSON type than the document's."),
}
CALLBACKS: Mapping[str, str] = {
    "callback_underscore": _("Whether the host of a callback URL may have an underscore."),
    "callback_user": _("Whether a callback URL may have a user name and a password."),
    "callback_persian_path": _(
        "Whether the path of a callback URL may have Persian letters as they are."
    ),
    "callback_persian_host": _("Whether the host of a callback URL may have Persian letters."),
    "callback_app": _("Whether a callback URL may open an app, like myapp://paid."),
}
WALLET: Mapping[str, str] = {
    "wallet_minutes": _("How many minutes an order of the wallet lives."),
    "wallet_inquiry": _("Whether the wallet's inquiry is flat, in the envelope, or both at once."),
    "wallet_inquiry_by_post": _("Whether the wallet's inquiry is answered by POST, too."),
}
V3_OPEN: Mapping[str, str] = {
    "v3_repeated": _("Whether a second verify or reverse answers with a status or with an error."),
    "v3_invalid_state": _(
        "Whether a verify or reverse that the state does not allow answers with a status or with"
        " an error."
    ),
    "v3_dead_token": _("The code of PPG v3 for an access token that is wrong or over."),
    "v3_http_statuses": _("Whether errors have the HTTP status of their code, or mostly 400."),
    "v3_bad_credentials": _("The HTTP status for wrong keys."),
    "v3_inactive_client": _("The HTTP status for a client that is not active."),
    "v3_wage_of_15_percent": _("Whether a wage of exactly 15 percent is accepted."),
    "v3_number_types": _("Whether an amount that is sent as text or as a fraction is refused."),
    "v3_callback": _("Whether the browser returns to the shop by a posted form or by a link."),
    "v3_reverse_unverified": _("Whether a purchase can be reversed before it is verified."),
    "v3_late_reverse": _("Whether a purchase can be reversed more than 24 hours after its verify."),
    "v3_manual_refund": _("Whether a purchase that was settled by hand can be refunded."),
    "v3_refund_above_the_rest": _("Which error answers a refund of more than is left."),
    "v3_refused_reference": _("Whether the reference of a refused purchase can be used again."),
    "v3_empty_fields": _("Whether fields without a value are left out or sent as null."),
    "v3_list_order": _("Whether lists begin with the newest or with the oldest."),
    "v3_parallel_lists": _("Whether a second list call at the same time is refused with 429."),
}
V3_CLIENT: Mapping[str, str] = {
    "v3_auto_verify": _(
        "Whether a payment is verified by itself: never, at every terminal, or at the first one."
    ),
    "v3_reverse": _("Whether the client may reverse purchases."),
    "v3_refund": _("Whether the client may refund purchases."),
    "v3_refund_verification": _("Whether a refund waits until the merchant verifies it."),
    "v3_refund_balance": _("Whether a refund finds enough money, is refused, or waits for money."),
    "v3_fee_as_wage": _("Whether the client gets the fee as its wage, so that it can set none."),
    "v3_early_fees": _("Whether the answer to a create and the callback already name the fees."),
    "v3_card_check": _("Whether only a card that the shop has named can pay."),
    "v3_mobile_check": _("Whether the card must belong to the payer's mobile number."),
    "v3_national_code_check": _("Whether the card must belong to the payer's national code."),
    "v3_callback_whitelist": _("Whether callbacks may lead to this machine only."),
    "v3_trusted_ip": _("Whether the client's IP address is registered."),
    "v3_wide_histories": _("Whether histories can be asked for without naming a purchase."),
}
GROUPS: Mapping[str, Mapping[str, str]] = {
    _("All gateways and PPG v2"): CARD,
    _("PPG v2: words of errors"): V2_READINGS,
    _("All gateways: callback URLs"): CALLBACKS,
    _("Wallet gateway"): WALLET,
    _("PPG v3: open points"): V3_OPEN,
    _("PPG v3: what the client may do"): V3_CLIENT,
}
