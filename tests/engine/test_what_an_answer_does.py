"""The one door to `paid`: what is asked, in which order, and what each answer moves and tells."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from payment_engine import Actor, GatewayUnavailable, ImpossibleTransition
from payment_engine.errors import GatewayError, NoAnswer, NotExecuted, NotFound, NotSent, Refused
from payment_engine.events import Event
from payment_engine.gateway import InquiryStatus, VerificationStatus
from payment_engine.states import PaymentState
from storefront.notifications.outbox import Channel, Kind
from storefront.orders.cancellation import NotCancellable, NotCancellableYet
from storefront.orders.payments import Payment
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

WINDOW = 900  # seconds
TEN_MINUTES = 600
MOMENT = 0.000001
THERE = InquiryStatus.AWAITING_VERIFICATION
SILENCE = NoAnswer("inquiry", "no whole answer in time")


def only_payment(driver: ScenarioDriver, order_id: int) -> Payment:
    (payment,) = driver.payments(order_id)
    return payment


def comes_back(
    driver: ScenarioDriver, order_id: int, query: str = "their=theirs-1&state=OK"
) -> object:
    reference = driver.payments(order_id)[-1].reference
    return driver.come_back(f"/payments/{reference}/callback?{query}")


def worker_asks(driver: ScenarioDriver, order_id: int) -> None:
    with driver.in_the_shop() as services:
        services.engine.complete(driver.payments(order_id)[-1].id, actor=Actor.WORKER)


def order_id_of(driver: ScenarioDriver, payment: Payment) -> int:
    return next(each for each in driver.orders() if driver.number(each) == payment.order_key)


def last_entry(driver: ScenarioDriver, order_id: int) -> tuple[str, Actor, dict[str, Any]]:
    entry = driver.history_entries(order_id)[-1]
    return entry.event, entry.actor, entry.details


@pytest.fixture
def order_id(driver: ScenarioDriver) -> int:
    """An order whose shopper was sent to the gateway; news goes to the merchant's hook."""
    driver.set_channels((Channel.WEBHOOK,))
    order_id, _ = driver.send_shopper()
    return order_id


@pytest.fixture
def in_review(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> Payment:
    """A payment that the gateway does not know when its window is over, nor ten minutes later."""
    gateway.errors["inquire"] = NotFound("inquiry", "no such order")
    clock.advance(WINDOW + 1)
    assert driver.worker_passes() == {"in_doubt": 1}
    clock.advance(TEN_MINUTES)
    assert driver.worker_passes() == {"needs_review": 1}
    del gateway.errors["inquire"]
    return only_payment(driver, order_id)


def resolve(driver: ScenarioDriver, payment: Payment, state: PaymentState) -> None:
    with driver.in_the_shop() as services:
        services.engine.resolve(payment.reference, state, reason="seen at the bank")


def test_who_paid_is_asked_about_once_verified_once_and_told(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    gateway.changed = {"payer_card": "603799******1234", "tracking_number": "t-77"}
    assert comes_back(driver, order_id) is not None
    asked = [(call.operation, call.about, call.language) for call in gateway.asked[1:]]
    assert asked == [("inquire", "theirs-1", "en"), ("verify", "theirs-1", "en")]
    payment = only_payment(driver, order_id)
    assert (payment.verifications_sent, payment.verifications_answered) == (1, 1)
    assert (payment.state, payment.paid_at) == (PaymentState.PAID, clock.now())
    assert (payment.payer_card, payment.tracking_number) == ("603799******1234", "t-77")
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.stock() == (0, 2)
    assert driver.notifications(order_id) == [Kind.ORDER_PAID]
    told = [(entry.event, entry.actor) for entry in driver.history_entries(order_id)[-3:]]
    assert told == [
        ("callback", Actor.PAYER),
        ("verifying", Actor.PAYER),
        ("payment_paid", Actor.PAYER),
    ]
    assert last_entry(driver, order_id)[2] == {
        "inquiry": "AWAITING_VERIFICATION",
        "verification": "successful",
    }


@pytest.mark.parametrize(
    ("query", "named_us"),
    [("their=theirs-1&state=OK", True), ("their=theirs-2&state=OK", False), ("state=OK", False)],
)
def test_a_callback_is_noted_and_shows_the_order_to_who_names_the_payment(
    driver: ScenarioDriver, order_id: int, query: str, *, named_us: bool
) -> None:
    shown = comes_back(driver, order_id, query)
    assert (shown is not None) is named_us
    entry = next(e for e in driver.history_entries(order_id) if e.event.endswith("callback"))
    assert entry.event == ("callback" if named_us else "unmatched_callback")
    assert entry.details == {"named_us": named_us, "state": "OK", "amount_rials": None}


def test_a_callback_about_a_payment_we_never_had_is_refused_by_its_name(
    driver: ScenarioDriver,
) -> None:
    for reference in ("nobody", "n" * 256):  # the second could not even be looked for
        with pytest.raises(LookupError, match=reference):
            driver.come_back(f"/payments/{reference}/callback?their=theirs-1")


def test_every_verification_that_was_answered_is_counted(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says, gateway.verifies = InquiryStatus.IN_PROGRESS, VerificationStatus.FAILED
    for _ in range(2):
        clock.advance(60)
        assert driver.worker_passes() == {"awaiting_payer": 1}
    payment = only_payment(driver, order_id)
    assert (payment.verifications_sent, payment.verifications_answered) == (2, 2)


def test_a_payment_without_an_identifier_is_named_by_nobody(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id = driver.place()
    gateway.errors["open"] = SILENCE
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    assert comes_back(driver, order_id, "their=None") is None


def test_the_first_return_of_the_browser_is_the_one_that_is_kept(
    driver: ScenarioDriver, clock: MovingClock, order_id: int
) -> None:
    first = clock.now()
    comes_back(driver, order_id)
    clock.advance(60)
    comes_back(driver, order_id)
    assert only_payment(driver, order_id).callback_at == first


@pytest.mark.parametrize("says", [THERE, InquiryStatus.FAILED, InquiryStatus.UNPAID, None])
def test_the_first_return_is_written_down_and_each_is_counted_whatever_the_gateway_says(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    order_id: int,
    says: InquiryStatus | None,
) -> None:
    if says is None:
        gateway.errors["inquire"] = SILENCE
    else:
        gateway.says = says
    times = []
    for _ in range(2):  # the second one finds the payment where the first has brought it
        clock.advance(5)
        times.append(clock.now())
        comes_back(driver, order_id)
    entries = driver.history_entries(order_id)
    assert [entry.at for entry in entries if entry.event == "callback"] == times[:1]
    payment = only_payment(driver, order_id)
    assert (payment.callback_at, payment.last_callback_at) == (times[0], times[1])
    assert payment.callbacks_seen == 2


def test_a_callback_that_finds_all_askers_busy_leaves_the_question_to_the_worker(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    with ExitStack() as busy:
        for _ in range(driver.app.config["GATEWAY_ASK_SLOTS"]):
            assert busy.enter_context(
                driver.services.engine.services.bulkheads["obedient"].asking()
            )
        clock.advance(5)
        comes_back(driver, order_id)
    assert gateway.calls("inquire") == []
    payment = only_payment(driver, order_id)
    assert payment.next_check_at == payment.callback_at == clock.now()
    assert last_entry(driver, order_id)[0] == "callback"


def test_at_the_last_minute_what_may_be_unpaid_is_verified_half_a_minute_before_the_end(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    driver.set_policy(verify_without_callback=False)
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]
    gateway.says = InquiryStatus.IN_PROGRESS
    clock.advance(WINDOW - 30 - MOMENT)
    driver.worker_passes()
    assert gateway.calls("verify") == []
    clock.advance(MOMENT)
    assert driver.worker_passes() == {"paid": 1}


@pytest.mark.parametrize("returned", [True, False])
def test_at_the_last_minute_a_callback_or_money_that_is_there_is_enough_to_verify(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    order_id: int,
    *,
    returned: bool,
) -> None:
    driver.set_policy(verify_without_callback=False)
    gateway.says = InquiryStatus.IN_PROGRESS if returned else THERE
    if returned:
        comes_back(driver, order_id)
    else:
        clock.advance(60)
        assert driver.worker_passes() == {"paid": 1}
    assert driver.states(order_id) == [PaymentState.PAID]


@pytest.mark.parametrize(
    ("verified_as", "error", "answered"),
    [
        (VerificationStatus.FAILED, None, 1),
        (VerificationStatus.UNKNOWN, None, 0),
        (VerificationStatus.UNRECOGNISED, None, 0),
        (None, SILENCE, 0),
        (None, Refused("verify", "no"), 0),  # perhaps to a copy of one that was carried out
        (None, NotExecuted("verify", "no"), 1),
        (None, NotSent("verify", "no connection could be made"), 1),
    ],
)
def test_after_an_unclear_verification_the_gateway_is_asked_once_more(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    order_id: int,
    verified_as: VerificationStatus | None,
    error: GatewayError | None,
    answered: int,
) -> None:
    gateway.says = THERE
    if error:
        gateway.errors["verify"] = error
    if verified_as:
        gateway.verifies = verified_as
    comes_back(driver, order_id)
    assert [call.operation for call in gateway.asked[1:]] == ["inquire", "verify", "inquire"]
    assert gateway.calls("inquire")[-1].language == "en"
    payment = only_payment(driver, order_id)
    assert payment.state is PaymentState.IN_DOUBT
    assert (payment.verifications_sent, payment.verifications_answered) == (1, answered)
    _, _, details = last_entry(driver, order_id)
    assert details.get("verification") == (verified_as and verified_as.value)
    assert details.get("errors", []) == ([error.facts()] if error else [])


def test_silence_is_a_doubt_that_names_what_happened(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.errors["inquire"] = SILENCE
    comes_back(driver, order_id)
    assert last_entry(driver, order_id) == (
        "payment_in_doubt",
        Actor.PAYER,
        {"errors": [SILENCE.facts()]},
    )
    assert only_payment(driver, order_id).next_check_at == clock.now() + timedelta(seconds=60)


def test_what_was_heard_once_of_card_and_tracking_number_stays(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.changed = {"payer_card": "603799******1234", "tracking_number": "t-77"}
    comes_back(driver, order_id)
    gateway.changed = {}
    clock.advance(60)
    driver.worker_passes()
    payment = only_payment(driver, order_id)
    assert (payment.payer_card, payment.tracking_number) == ("603799******1234", "t-77")


def test_fields_that_made_no_sense_are_named_in_the_history(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    gateway.changed = {"odd_fields": ("payer_card", "expires_at")}
    comes_back(driver, order_id)
    entry = driver.history_entries(order_id)[-2]
    assert (entry.event, entry.actor) == (Event.ODD_ANSWER, Actor.PAYER)
    assert entry.details == {"fields": ["payer_card", "expires_at"]}


@pytest.mark.parametrize(
    ("says", "returned", "news"),
    [
        (InquiryStatus.FAILED, True, [Kind.PAYMENT_FAILED]),
        (InquiryStatus.FAILED, False, [Kind.PAYMENT_FAILED]),
        (InquiryStatus.EXPIRED, True, [Kind.PAYMENT_FAILED]),  # within its window: declined
        (InquiryStatus.EXPIRED, False, [Kind.PAYMENT_FAILED]),
        (InquiryStatus.UNPAID, True, []),
    ],
)
def test_the_notification_says_whether_money_goes_home(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    order_id: int,
    says: InquiryStatus,
    news: list[Kind],
    *,
    returned: bool,
) -> None:
    gateway.says = says
    if returned:
        comes_back(driver, order_id)
    else:
        clock.advance(60)
        driver.worker_passes()
    assert driver.notifications(order_id) == news


def test_what_expired_late_after_the_shopper_came_back_goes_home(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = InquiryStatus.EXPIRED
    clock.advance(16 * 60)
    comes_back(driver, order_id)
    assert driver.notifications(order_id) == [Kind.MONEY_RETURNED]


def test_nobody_is_told_that_a_spare_attempt_was_not_paid(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    driver.add_gateway("other", gateway)
    driver.begin(order_id, "other")
    gateway.says = THERE
    comes_back(driver, order_id, "their=theirs-2")
    gateway.says = InquiryStatus.EXPIRED
    clock.advance(WINDOW)
    driver.worker_passes()
    assert driver.states(order_id) == [PaymentState.EXPIRED, PaymentState.PAID]
    assert driver.notifications(order_id) == [Kind.ORDER_PAID]


def test_while_another_payment_has_the_claim_none_is_verified(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    driver.add_gateway("other", gateway)
    driver.begin(order_id, "other")
    gateway.says = THERE
    gateway.errors["verify"] = SILENCE
    comes_back(driver, order_id, "their=theirs-2")
    clock.advance(60)
    assert driver.worker_passes() == {"awaiting_payer": 1, "in_doubt": 1}
    assert {call.about for call in gateway.calls("verify")} == {"theirs-2"}
    assert driver.payments(order_id)[1].verifications_sent == 2


def test_who_is_kept_out_by_another_attempt_is_asked_about_again_five_seconds_later(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    other = ObedientGateway()
    driver.add_gateway("other", other)
    driver.begin(order_id, "other")
    gateway.says = other.says = THERE
    gateway.errors["verify"] = SILENCE
    clock.advance(60)
    assert driver.worker_passes() == {"in_doubt": 1, "awaiting_payer": 1}
    assert other.calls("verify") == []
    claimed, waiting = driver.payments(order_id)
    assert claimed.next_check_at == clock.now() + timedelta(seconds=60)
    assert waiting.next_check_at == clock.now() + timedelta(seconds=5)


def test_what_a_gateway_captured_by_itself_waits_for_another_attempt_for_five_seconds_at_a_time(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    other = ObedientGateway()
    other.unverified_money_returns = False
    driver.add_gateway("other", other)
    driver.begin(order_id, "other")
    gateway.says, other.says = THERE, InquiryStatus.CAPTURED
    gateway.errors["verify"] = SILENCE
    clock.advance(60)
    driver.worker_passes()
    claimed, waiting = driver.payments(order_id)
    assert (claimed.claimed, waiting.claimed, waiting.is_final) == (True, False, False)
    assert waiting.next_check_at == clock.now() + timedelta(seconds=5)


def test_what_differs_from_what_was_ordered_is_not_verified(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    gateway.says, gateway.changed = THERE, {"amount_rials": 1}
    comes_back(driver, order_id)
    assert gateway.calls("verify") == []
    event, _, details = last_entry(driver, order_id)
    assert (event, details["differences"]) == ("payment_in_doubt", ["amount_rials"])


def test_who_pays_for_a_cancelled_order_is_not_verified(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    driver.cancel(order_id)
    gateway.says = THERE
    clock.advance(5)  # until a visitor may have the gateway asked again
    comes_back(driver, order_id)
    assert gateway.calls("verify") == []
    payment = only_payment(driver, order_id)
    assert payment.state is PaymentState.AWAITING_PAYER
    assert payment.next_check_at == clock.now() + timedelta(seconds=60)


def test_who_pays_again_for_a_paid_order_is_not_verified_and_waits_for_no_rival(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    other = ObedientGateway()
    driver.add_gateway("other", other)
    driver.begin(order_id, "other")
    gateway.says = other.says = THERE
    reference = driver.payments(order_id)[0].reference
    driver.come_back(f"/payments/{reference}/callback?their=theirs-1")
    comes_back(driver, order_id)
    assert other.calls("verify") == []
    paid, spare = driver.payments(order_id)
    assert (paid.state, spare.state) == (PaymentState.PAID, PaymentState.AWAITING_PAYER)
    assert spare.next_check_at == clock.now() + timedelta(seconds=60)


@pytest.mark.parametrize("paid", [True, False])
def test_who_paid_is_asked_about_as_soon_as_an_unpaid_rival_lets_go_of_the_claim(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    clock: MovingClock,
    order_id: int,
    *,
    paid: bool,
) -> None:
    other = ObedientGateway()
    driver.add_gateway("other", other)
    driver.begin(order_id, "other")
    unpaid, rival = driver.payments(order_id)
    gateway.says, gateway.verifies = InquiryStatus.IN_PROGRESS, VerificationStatus.FAILED
    other.says = THERE if paid else InquiryStatus.UNPAID

    def the_inquiry_after_the_verification_fails() -> None:
        if gateway.calls("verify"):
            gateway.errors["inquire"] = SILENCE

    with driver.in_the_shop() as services:
        gateway.takes(the_inquiry_after_the_verification_fails)
        services.engine.complete(unpaid.id, actor=Actor.WORKER)
        gateway.takes(lambda: None)
        del gateway.errors["inquire"]
        services.engine.complete(rival.id, actor=Actor.WORKER)
    unpaid, rival = driver.payments(order_id)
    assert unpaid.state is PaymentState.IN_DOUBT
    assert other.calls("verify") == []
    next_check, now = rival.next_check_at, clock.now()
    assert next_check > now
    with driver.in_the_shop() as services:
        services.engine.complete(unpaid.id, actor=Actor.WORKER)
    unpaid, rival = driver.payments(order_id)
    assert unpaid.state is PaymentState.AWAITING_PAYER
    assert rival.next_check_at == (now if paid else next_check)
    gateway.says = InquiryStatus.UNPAID  # it is asked, and claims nothing
    driver.worker_passes()
    assert driver.order_state(order_id) is (OrderState.PAID if paid else OrderState.PLACED)


def test_a_payment_that_ends_while_it_is_asked_about_is_not_verified(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    def the_worker_hears_that_it_failed() -> None:
        if len(gateway.calls("inquire")) == 1:
            gateway.says = InquiryStatus.FAILED
            worker_asks(driver, order_id)
            gateway.says = THERE

    gateway.takes(the_worker_hears_that_it_failed)
    comes_back(driver, order_id)
    assert gateway.calls("verify") == []
    assert driver.states(order_id) == [PaymentState.FAILED]


def test_a_final_payment_is_not_asked_about_any_more(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    gateway.says = THERE
    comes_back(driver, order_id)
    asked = len(gateway.asked)
    comes_back(driver, order_id)
    assert len(gateway.asked) == asked


def test_who_hears_second_that_it_is_captured_records_nothing_again(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    def the_worker_hears_it_first() -> None:
        if gateway.asked[-1].operation == "verify" and len(gateway.calls("verify")) == 1:
            worker_asks(driver, order_id)

    gateway.says = THERE
    gateway.takes(the_worker_hears_it_first)
    comes_back(driver, order_id)
    assert len(gateway.calls("verify")) == 2
    assert driver.states(order_id) == [PaymentState.PAID]
    assert driver.stock() == (0, 2)
    assert driver.notifications(order_id) == [Kind.ORDER_PAID]
    assert driver.history(order_id).count("payment_paid") == 1


def test_a_capture_that_is_told_after_the_end_is_kept_beside_it(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    def the_worker_hears_that_it_failed() -> None:
        if gateway.asked[-1].operation == "verify":
            gateway.says = InquiryStatus.FAILED
            worker_asks(driver, order_id)

    gateway.says = THERE
    gateway.takes(the_worker_hears_that_it_failed)
    comes_back(driver, order_id)
    assert driver.states(order_id) == [PaymentState.FAILED]
    assert last_entry(driver, order_id) == (
        "contradiction",
        Actor.PAYER,
        {
            "now_said_to_be": "paid",
            "inquiry": "AWAITING_VERIFICATION",
            "verification": "successful",
        },
    )


@pytest.mark.parametrize("says", [InquiryStatus.FAILED, InquiryStatus.UNPAID])
def test_what_is_said_after_the_end_and_is_no_other_end_is_no_contradiction(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int, says: InquiryStatus
) -> None:
    def the_worker_hears_that_it_failed() -> None:
        if gateway.asked[-1].operation == "verify":
            gateway.says = InquiryStatus.FAILED
            worker_asks(driver, order_id)
            gateway.says = says

    gateway.says = THERE
    gateway.takes(the_worker_hears_that_it_failed)
    gateway.errors["verify"] = SILENCE
    comes_back(driver, order_id)
    assert driver.states(order_id) == [PaymentState.FAILED]
    assert last_entry(driver, order_id)[0] == "payment_failed"


def test_a_person_decides_about_a_review_and_the_reason_is_kept(
    driver: ScenarioDriver, in_review: Payment
) -> None:
    order_id = order_id_of(driver, in_review)
    resolve(driver, in_review, PaymentState.PAID)
    assert last_entry(driver, order_id) == (
        "resolved_as_paid",
        Actor.OPERATOR,
        {"reason": "seen at the bank", "by": "operator"},
    )
    assert only_payment(driver, order_id).claimed
    assert driver.order_state(order_id) is OrderState.PAID
    assert driver.notifications(order_id) == [Kind.ORDER_PAID]


def test_a_decision_is_a_final_state(driver: ScenarioDriver, in_review: Payment) -> None:
    with pytest.raises(ValueError, match="paid, failed, expired"):
        resolve(driver, in_review, PaymentState.NEEDS_REVIEW)
    assert only_payment(driver, order_id_of(driver, in_review)).state is PaymentState.NEEDS_REVIEW


def test_a_person_may_find_that_nothing_was_paid(
    driver: ScenarioDriver, in_review: Payment
) -> None:
    resolve(driver, in_review, PaymentState.FAILED)
    payment = only_payment(driver, order_id_of(driver, in_review))
    assert (payment.state, payment.claimed) == (PaymentState.FAILED, False)
    assert driver.notifications(order_id_of(driver, in_review)) == [Kind.PAYMENT_FAILED]


@pytest.mark.parametrize("state", [PaymentState.PAID, PaymentState.FAILED, PaymentState.EXPIRED])
def test_a_person_may_decide_about_any_payment_that_is_not_final(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int, state: PaymentState
) -> None:
    payment = only_payment(driver, order_id)
    assert payment.state is PaymentState.AWAITING_PAYER
    resolve(driver, payment, state)
    assert only_payment(driver, order_id).state is state
    assert driver.history(order_id)[-2:] == ["payment_needs_review", f"resolved_as_{state}"]
    with pytest.raises(ImpossibleTransition, match="is final"):
        resolve(driver, payment, PaymentState.PAID)
    assert gateway.calls("verify") == []


def test_a_person_may_decide_about_a_payment_whose_create_was_never_answered(
    driver: ScenarioDriver, gateway: ObedientGateway
) -> None:
    order_id = driver.place()
    gateway.errors["open"] = SILENCE
    with pytest.raises(GatewayUnavailable):
        driver.begin(order_id)
    resolve(driver, only_payment(driver, order_id), PaymentState.EXPIRED)
    assert driver.states(order_id) == [PaymentState.EXPIRED]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_decision_needs_a_reason_of_a_sensible_length(
    driver: ScenarioDriver, order_id: int, reason: str
) -> None:
    reference = only_payment(driver, order_id).reference
    with pytest.raises(ValueError, match="reason"), driver.in_the_shop() as services:
        services.engine.resolve(reference, PaymentState.PAID, reason=reason)
    assert driver.states(order_id) == [PaymentState.AWAITING_PAYER]


def test_a_decision_runs_the_hooks_and_keeps_a_long_reason_whole(
    driver: ScenarioDriver, in_review: Payment
) -> None:
    with driver.in_the_shop() as services:
        services.engine.resolve(in_review.reference, PaymentState.PAID, reason="x" * 1000)
    (order_id,) = driver.orders()
    assert driver.order_state(order_id) is OrderState.PAID
    assert last_entry(driver, order_id)[2]["reason"] == "x" * 1000


def test_nobody_decides_about_a_payment_that_does_not_exist(driver: ScenarioDriver) -> None:
    with pytest.raises(LookupError, match="nobody's"), driver.in_the_shop() as services:
        services.engine.resolve("nobody's", PaymentState.PAID, reason="because")


def test_an_attempt_without_the_claim_keeps_no_other_from_being_resolved_as_paid(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    other = ObedientGateway()
    driver.add_gateway("other", other)
    driver.begin(order_id, "other")
    gateway.errors["inquire"] = NotFound("inquiry", "no such order")
    for seconds in (WINDOW + 1, TEN_MINUTES):
        clock.advance(seconds)
        driver.worker_passes()
    first, second = driver.payments(order_id)
    assert (first.state, second.state) == (
        PaymentState.NEEDS_REVIEW,
        PaymentState.AWAITING_PAYER,
    )
    resolve(driver, first, PaymentState.PAID)
    assert driver.order_state(order_id) is OrderState.PAID


def test_nobody_may_resolve_a_payment_as_paid_beside_one_that_has_the_claim(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    other = ObedientGateway()
    driver.add_gateway("other", other)
    second = driver.begin(order_id, "other")
    gateway.errors["inquire"] = NotFound("inquiry", "no such order")
    clock.advance(WINDOW + 1)
    driver.worker_passes()
    other.says = THERE
    other.errors["verify"] = SILENCE
    comes_back(driver, order_id, "their=theirs-1")
    first, _ = driver.payments(order_id)
    claim = f"payment {second.reference} (in_doubt) has the order's claim"
    with pytest.raises(ImpossibleTransition) as refusal:
        resolve(driver, first, PaymentState.PAID)
    assert str(refusal.value) == f"payment {first.reference}: {claim}"


def test_an_order_is_cancelled_once_after_the_gateway_was_asked(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    driver.cancel(order_id)
    driver.cancel(order_id)
    assert [call.language for call in gateway.calls("inquire")] == ["en"]
    assert driver.order_state(order_id) is OrderState.CANCELLED
    assert driver.stock() == (0, 0)
    cancelled = [e for e in driver.history_entries(order_id) if e.event == "order_cancelled"]
    assert [entry.actor for entry in cancelled] == [Actor.PAYER]


def test_who_has_paid_keeps_the_order(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    gateway.says = THERE
    with pytest.raises(NotCancellable, match="is paid"):
        driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.PAID
    (verification,) = gateway.calls("verify")
    assert verification.language == "en"
    told = [(e.event, e.actor) for e in driver.history_entries(order_id)][-2:]
    assert told == [("verifying", Actor.PAYER), ("payment_paid", Actor.PAYER)]


def test_while_a_payment_is_in_doubt_or_being_opened_nothing_is_cancelled(
    driver: ScenarioDriver, gateway: ObedientGateway, order_id: int
) -> None:
    gateway.errors["inquire"] = SILENCE
    with pytest.raises(NotCancellable):
        driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.PLACED
    assert driver.stock() == (2, 0)


def test_nothing_is_cancelled_while_too_many_wait_for_the_gateway_to_be_asked(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    with ExitStack() as busy:
        for _ in range(driver.app.config["GATEWAY_ASK_SLOTS"]):
            assert busy.enter_context(
                driver.services.engine.services.bulkheads["obedient"].asking()
            )
        with pytest.raises(NotCancellableYet, match="too many wait"):
            driver.cancel(order_id)
    assert driver.order_state(order_id) is OrderState.PLACED
    clock.advance(5)
    with pytest.raises(NotCancellable, match="is paid"):
        driver.cancel(order_id)


def test_nothing_is_cancelled_while_its_gateway_is_turned_off(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    gateway.says = THERE
    driver.turn_gateways_off()
    with pytest.raises(NotCancellableYet, match="turned off"):
        driver.cancel(order_id)
    clock.advance(5)
    driver.set_gateway(gateway)
    with pytest.raises(NotCancellable, match="is paid"):
        driver.cancel(order_id)


def test_nobody_decides_while_a_verification_may_still_be_answered(
    driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
) -> None:
    refused = []

    def a_person_decides() -> None:
        if gateway.asked[-1].operation == "verify":
            with pytest.raises(ImpossibleTransition, match="is being verified") as refusal:
                resolve(driver, only_payment(driver, order_id), PaymentState.FAILED)
            refused.append(refusal)
            raise SystemExit  # and the process dies before the answer is recorded

    gateway.says = THERE
    gateway.takes(a_person_decides)
    with pytest.raises(SystemExit):
        comes_back(driver, order_id)
    assert refused
    assert driver.states(order_id) == [PaymentState.VERIFYING]
    clock.advance(driver.services.engine.services.policy.patience.total_seconds())
    resolve(driver, only_payment(driver, order_id), PaymentState.FAILED)
    assert driver.states(order_id) == [PaymentState.FAILED]
