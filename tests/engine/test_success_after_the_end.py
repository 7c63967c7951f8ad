"""SUCCESS after a payment's end: captured, or paid and not expired yet?

The gateway here cannot tell the two apart, and its own expiry runs as late as the test says. Each
test is hours of decisions about one row: `make test-long` takes them on PostgreSQL as well.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from payment_engine.errors import NoAnswer, NotFound, Unreadable
from payment_engine.gateway import InquiryStatus, VerificationStatus
from payment_engine.states import PaymentState
from storefront.orders.states import OrderState
from testkit.clock import MovingClock
from testkit.databases import PostgresServer, SqliteFiles
from testkit.scenario import ScenarioDriver
from tests.engine.gateway import ObedientGateway

MINUTE, HOUR = 60, 3600
END = 20 * MINUTE  # the obedient gateway lets go of a payment then; a verification is late after 15
SILENCE = NoAnswer("verify", "no whole answer in time")
IN_DOUBT, PAID, EXPIRED = PaymentState.IN_DOUBT, PaymentState.PAID, PaymentState.EXPIRED


@pytest.fixture(
    params=[
        pytest.param("sqlite_files", id="sqlite"),
        pytest.param("postgres_server", id="postgresql", marks=pytest.mark.long),
    ]
)
def databases(request: pytest.FixtureRequest) -> SqliteFiles | PostgresServer:
    databases: SqliteFiles | PostgresServer = request.getfixturevalue(request.param)
    return databases


@pytest.fixture
def prepared_url(stocked_database_url: str) -> str:
    return stocked_database_url


@pytest.fixture
def order_id(driver: ScenarioDriver, gateway: ObedientGateway) -> int:
    """An order whose shopper has paid at a gateway that says SUCCESS of paid and captured alike."""
    order_id, _ = driver.send_shopper()
    gateway.says = InquiryStatus.SUCCESS
    return order_id


class Worker:
    """Passes every few minutes of the injected clock, or as often as it is told, and at the end.

    A payment is asked about every ten minutes at most; a quarter of an hour would be a gap.
    """

    def __init__(self, driver: ScenarioDriver, clock: MovingClock) -> None:
        self._walk, self._clock = driver, clock

    def works(self, seconds: int, every: int = 4 * MINUTE) -> None:
        for passed in range(0, seconds, every):
            self._clock.advance(min(every, seconds - passed))
            self._walk.worker_passes()

    def rests(self, seconds: float) -> None:
        self._clock.advance(seconds)


@pytest.fixture
def worker(driver: ScenarioDriver, clock: MovingClock) -> Worker:
    return Worker(driver, clock)


def test_paid_and_never_captured_is_not_shipped_however_late_the_gateways_expiry_is(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
) -> None:
    """Nobody could verify for 22 minutes; then it is too late, and the expiry is late as well."""
    gateway.verifies = VerificationStatus.FAILED
    worker.rests(22 * MINUTE + 1)
    for _ in range(18):  # the shopper looks again and again, so that no gap breaks the series
        worker.works(5 * MINUTE)
        driver.come_back(callback_of(driver, order_id))
    assert driver.states(order_id) == [IN_DOUBT]
    assert driver.order_state(order_id) is OrderState.PLACED
    gateway.says = InquiryStatus.EXPIRED
    worker.works(HOUR)
    assert driver.states(order_id) == [EXPIRED]
    assert driver.stock() == (0, 0)


def test_an_unanswered_verification_counts_as_a_capture_only_after_an_hour_of_success(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
) -> None:
    gateway.errors["verify"] = SILENCE
    worker.works(END + 59 * MINUTE)
    assert driver.states(order_id) == [IN_DOUBT]
    worker.works(30 * MINUTE)
    assert driver.states(order_id) == [PAID]
    assert driver.order_state(order_id) is OrderState.PAID


def test_a_late_expiry_within_the_hour_is_waited_for(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
) -> None:
    gateway.errors["verify"] = SILENCE
    worker.works(END + 50 * MINUTE)
    gateway.says = InquiryStatus.EXPIRED
    worker.works(30 * MINUTE)
    assert driver.states(order_id) == [EXPIRED]
    assert driver.order_state(order_id) is OrderState.EXPIRED


@pytest.mark.one_case_in(2)
@pytest.mark.parametrize(
    "unclear",
    [
        NoAnswer("verify", "the gateway failed", http_status=500),
        Unreadable("verify", "the answer is not JSON"),
        VerificationStatus.UNKNOWN,
        VerificationStatus.UNRECOGNISED,
    ],
    ids=str,
)
def test_what_is_neither_successful_nor_failed_leaves_a_verification_unanswered(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int, unclear: object
) -> None:
    if isinstance(unclear, VerificationStatus):
        gateway.verifies = unclear
    else:
        assert isinstance(unclear, Exception)
        gateway.errors["verify"] = unclear
    worker.works(2 * MINUTE)
    gateway.errors.clear()
    gateway.verifies = VerificationStatus.FAILED
    worker.works(END + 75 * MINUTE)
    assert driver.states(order_id) == [PAID]


@pytest.mark.long
def test_the_hour_begins_with_the_first_answer_after_the_end_not_with_the_end(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
) -> None:
    """An outage of theirs: nobody could be asked, and nothing was expired meanwhile."""
    gateway.errors["verify"] = SILENCE
    worker.works(5 * MINUTE)
    gateway.errors["inquire"] = SILENCE
    worker.works(3 * HOUR)
    del gateway.errors["inquire"]
    worker.works(45 * MINUTE)
    assert driver.states(order_id) == [IN_DOUBT]
    worker.works(90 * MINUTE)
    assert driver.states(order_id) == [PAID]


@pytest.mark.long
def test_a_gap_of_more_than_a_quarter_of_an_hour_begins_the_hour_anew(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
) -> None:
    gateway.errors["verify"] = SILENCE
    worker.works(END + 50 * MINUTE)
    worker.rests(16 * MINUTE)
    worker.works(45 * MINUTE)
    assert driver.states(order_id) == [IN_DOUBT]
    worker.works(30 * MINUTE)
    assert driver.states(order_id) == [PAID]


def test_an_answer_that_says_nothing_is_a_gap_and_another_answer_begins_anew(
    driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
) -> None:
    gateway.errors["verify"] = SILENCE
    worker.works(END + 30 * MINUTE)
    gateway.says = InquiryStatus.UNKNOWN
    worker.works(3 * MINUTE)
    gateway.says = InquiryStatus.SUCCESS
    worker.works(5 * MINUTE)
    gateway.says = InquiryStatus.IN_PROGRESS
    worker.works(11 * MINUTE)
    gateway.says = InquiryStatus.SUCCESS
    worker.works(45 * MINUTE)
    assert driver.states(order_id) == [IN_DOUBT]
    worker.works(30 * MINUTE)
    assert driver.states(order_id) == [PAID]


def test_while_the_hour_runs_the_gateway_is_asked_at_least_every_ten_minutes(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    worker: Worker,
    clock: MovingClock,
    order_id: int,
) -> None:
    gateway.errors["verify"] = SILENCE
    worker.works(END + 40 * MINUTE)
    (payment,) = driver.payments(order_id)
    assert payment.next_check_at - clock.now() <= timedelta(minutes=10)


def test_a_later_end_of_the_gateways_own_is_waited_for(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    worker: Worker,
    clock: MovingClock,
    order_id: int,
) -> None:
    gateway.errors["verify"] = SILENCE
    gateway.changed = {"expires_at": clock.now() + timedelta(hours=3)}
    worker.works(3 * HOUR + 50 * MINUTE)
    assert driver.states(order_id) == [IN_DOUBT]
    worker.works(40 * MINUTE)
    assert driver.states(order_id) == [PAID]


@pytest.mark.long
def test_an_end_in_another_century_is_not_waited_for(
    driver: ScenarioDriver,
    gateway: ObedientGateway,
    worker: Worker,
    clock: MovingClock,
    order_id: int,
) -> None:
    gateway.errors["verify"] = SILENCE
    gateway.changed = {"expires_at": clock.now() + timedelta(days=27_000)}
    worker.works(END + 80 * MINUTE)
    assert driver.states(order_id) == [PAID]


class TestTheGatewaysExpiryWasSeenToRun:
    """A payment that was paid, never verified and had to end later has been expired."""

    @pytest.fixture
    def spare(
        self, driver: ScenarioDriver, gateway: ObedientGateway, clock: MovingClock, order_id: int
    ) -> int:
        """Another order, opened three minutes later and cancelled, which is paid all the same."""
        gateway.errors["verify"] = SILENCE
        clock.advance(MINUTE)
        driver.worker_passes()
        assert driver.states(order_id) == [IN_DOUBT]
        clock.advance(2 * MINUTE)
        gateway.says = InquiryStatus.UNPAID
        spare, _ = driver.send_shopper()
        driver.cancel(spare)
        gateway.says = InquiryStatus.SUCCESS
        return spare

    def test_then_success_means_captured_at_once(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        order_id: int,
        spare: int,
    ) -> None:
        worker.works(END + 5 * MINUTE)
        assert driver.payments(spare)[0].verifications_sent == 0
        gateway.says_of["theirs-2"] = InquiryStatus.EXPIRED
        worker.works(25 * MINUTE)
        assert driver.states(spare) == [EXPIRED]
        assert driver.states(order_id) == [PAID]

    def test_one_that_was_let_go_before_our_end_shows_nothing(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        order_id: int,
        spare: int,
    ) -> None:
        gateway.says_of["theirs-2"] = InquiryStatus.SUCCESS
        worker.works(2 * MINUTE)
        gateway.says_of["theirs-2"] = InquiryStatus.EXPIRED
        worker.works(END + 25 * MINUTE)
        assert (driver.states(spare), driver.states(order_id)) == ([EXPIRED], [IN_DOUBT])

    def test_one_that_was_let_go_while_an_answer_was_on_its_way_shows_nothing(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        order_id: int,
        spare: int,
    ) -> None:
        """Both were let go at the same moment; the older one's SUCCESS is from before it."""
        worker.works(END + 5 * MINUTE)
        last = iter([False, True])  # it is asked before the verification and after it

        def the_gateway_lets_both_go() -> None:
            about = gateway.asked[-1]
            if (about.operation, about.about) == ("inquire", "theirs-1") and next(last, False):
                gateway.says_of["theirs-2"] = InquiryStatus.EXPIRED
                ScenarioDriver(driver.app, driver.gateway).come_back(callback_of(driver, spare))

        gateway.takes(the_gateway_lets_both_go)
        worker.rests(10 * MINUTE)
        driver.come_back(callback_of(driver, order_id))
        assert (driver.states(spare), driver.states(order_id)) == ([EXPIRED], [IN_DOUBT])

    def test_one_that_had_to_end_earlier_shows_nothing(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        order_id: int,
        spare: int,
    ) -> None:
        """The gateway has named a later end of the older one."""
        worker.works(5 * MINUTE)
        (payment,) = driver.payments(order_id)
        gateway.changed = {"expires_at": payment.closes_at + timedelta(minutes=20)}
        worker.works(END + 20 * MINUTE)
        gateway.says_of["theirs-2"] = InquiryStatus.EXPIRED
        worker.works(20 * MINUTE)
        assert (driver.states(spare), driver.states(order_id)) == ([EXPIRED], [IN_DOUBT])

    def test_one_that_was_verified_shows_nothing(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        order_id: int,
        clock: MovingClock,
    ) -> None:
        gateway.errors["verify"] = SILENCE
        clock.advance(3 * MINUTE)
        other, _ = driver.send_shopper()
        worker.works(END + 5 * MINUTE)
        assert driver.payments(other)[0].verifications_sent > 0
        gateway.says_of["theirs-2"] = InquiryStatus.EXPIRED
        worker.works(25 * MINUTE)
        assert (driver.states(other), driver.states(order_id)) == ([EXPIRED], [IN_DOUBT])

    def test_an_unpaid_one_shows_nothing(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        order_id: int,
        spare: int,
    ) -> None:
        gateway.says_of["theirs-2"] = InquiryStatus.UNPAID
        worker.works(END + 5 * MINUTE)
        gateway.says_of["theirs-2"] = InquiryStatus.EXPIRED
        worker.works(25 * MINUTE)
        assert (driver.states(spare), driver.states(order_id)) == ([EXPIRED], [IN_DOUBT])

    def test_what_a_person_has_decided_shows_nothing(
        self, driver: ScenarioDriver, worker: Worker, order_id: int, spare: int
    ) -> None:
        worker.works(END + 5 * MINUTE)
        resolve(driver, spare, EXPIRED)
        worker.works(25 * MINUTE)
        assert (driver.states(spare), driver.states(order_id)) == ([EXPIRED], [IN_DOUBT])


def callback_of(driver: ScenarioDriver, order_id: int) -> str:
    payment = driver.payments(order_id)[-1]
    return f"/payments/{payment.reference}/callback?their={payment.gateway_payment_id}"


def resolve(
    driver: ScenarioDriver, order_id: int, state: PaymentState, reason: str = "seen there"
) -> None:
    reference = driver.payments(order_id)[-1].reference
    with driver.in_the_shop() as services:
        services.engine.resolve(reference, state, reason=reason)


class TestAReview:
    """A person is asked, and the gateway is asked on."""

    @pytest.fixture
    def in_review(
        self, driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, order_id: int
    ) -> int:
        """The gateway does not know it when its window is over."""
        gateway.errors["verify"] = SILENCE
        worker.works(5 * MINUTE)
        gateway.errors["inquire"] = NotFound("inquiry", "no such order", http_status=404)
        worker.works(END)
        assert driver.states(order_id) == [PaymentState.NEEDS_REVIEW]
        del gateway.errors["inquire"]
        gateway.asked.clear()
        return order_id

    @pytest.mark.parametrize(
        ("says", "state"),
        [
            (InquiryStatus.EXPIRED, EXPIRED),
            (InquiryStatus.FAILED, PaymentState.FAILED),
            (InquiryStatus.CAPTURED, PAID),
        ],
    )
    def test_is_closed_by_later_proof(
        self,
        driver: ScenarioDriver,
        gateway: ObedientGateway,
        worker: Worker,
        in_review: int,
        says: InquiryStatus,
        state: PaymentState,
    ) -> None:
        gateway.says = says
        worker.works(HOUR)
        assert driver.states(in_review) == [state]
        assert gateway.calls("verify") == []

    def test_is_closed_by_an_hour_of_success(
        self, driver: ScenarioDriver, worker: Worker, in_review: int
    ) -> None:
        worker.works(50 * MINUTE)
        assert driver.states(in_review) == [PaymentState.NEEDS_REVIEW]
        worker.works(HOUR)
        assert driver.states(in_review) == [PAID]
        assert driver.order_state(in_review) is OrderState.PAID

    def test_stays_where_the_gateway_says_nothing_new_and_writes_no_more_of_it(
        self, driver: ScenarioDriver, gateway: ObedientGateway, worker: Worker, in_review: int
    ) -> None:
        gateway.says = InquiryStatus.IN_PROGRESS
        told = driver.history(in_review)
        worker.works(10 * HOUR, every=20 * MINUTE)
        assert driver.states(in_review) == [PaymentState.NEEDS_REVIEW]
        assert driver.history(in_review) == told
        assert 5 <= len(gateway.calls("inquire")) <= 20
