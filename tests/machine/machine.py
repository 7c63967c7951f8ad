"""Shoppers, bank, gateway, workers, time and crashes, a rule each; the promises after every step.

A step may also happen `During` another one: between two touches of the world by a process that is
in the middle of something, as in a real shop with many of them.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from tests.machine.environment import Environment
from tests.machine.faults import FAULTS, LATE, READINGS, Reading
from tests.machine.network import CHANGES_SOMETHING
from tests.machine.promises import Promises
from tests.machine.review import decide_what_is_clear
from tests.machine.steps import During, Steps, Visit
from tests.machine.world import GOODS

MINUTE, HOUR = 60, 3600
CARTS = st.dictionaries(
    st.integers(1, len(GOODS)), st.integers(1, 2), min_size=1, max_size=len(GOODS)
)
TOUCHES = st.integers(0, 40)
DURING = st.builds(During, st.sampled_from(["server", "worker"]), TOUCHES)
MOMENTS = st.one_of(st.none(), st.none(), DURING)
VICTIMS = st.sampled_from(["server", "server", "worker", "worker", "other server", "other worker"])
MOST_ORDERS = 3
WORKED = st.sampled_from([15, MINUTE, MINUTE, 2 * MINUTE, 10 * MINUTE, 15 * MINUTE, 25 * HOUR])
UNATTENDED = st.sampled_from([1, 29, MINUTE, MINUTE, 5 * MINUTE, 16 * MINUTE])
LONGEST_CALL = 30  # seconds that may pass in the middle of something
# By more than a quarter of the hour for which a gateway must keep saying SUCCESS: a smaller step
# shortens that hour without being noticed, which docs/states.md names as a limit.
CLOCK_STEPS = st.sampled_from([-HOUR, -20 * MINUTE, 20 * MINUTE, HOUR])
MOST_CLOCK_STEPS = 2
ODD_CONTENTS = [
    (name, operation)
    for name in ("far_future_date", "overlong_fields", "odd_fields", "hostile_texts")
    for operation in ("inquiry", "verify", "list")
    if operation in BEHAVIOURS[name].fits
]


class Machine(Steps, RuleBasedStateMachine):
    """The whole shop, and everything that may happen around it."""

    visits = Bundle("visits")

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment, self._stack = environment, ExitStack()
        self._steps_of_clock = 0

    @initialize(target=visits, reading=READINGS, pieces=CARTS, pays=st.booleans())
    def a_world_begins(self, reading: Reading, pieces: dict[int, int], pays: bool) -> Visit:
        """With somebody in it who has gone to pay, and perhaps has paid."""
        self.world = self._stack.enter_context(self._environment.world(reading))
        self.promises = Promises(self.world)
        visit = self._order(pieces)
        if pays:
            self._at_the_bank(visit, "pay", back_to=None)
        return visit

    # What shoppers do

    @precondition(lambda self: self._forms < MOST_ORDERS)
    @rule(target=visits, pieces=CARTS)
    def another_shopper_orders(self, pieces: dict[int, int]) -> Visit:
        return self._order(pieces)

    @rule(target=visits, first=visits, when=MOMENTS)
    def the_shopper_tries_again_in_another_tab(self, first: Visit, when: During | None) -> Visit:
        visit = Visit(first.purchase)
        self._at(when, lambda name: self._go_to_pay(visit, name))
        return visit

    @rule(visit=visits, returns=st.booleans(), when=MOMENTS)
    def the_shopper_pays(self, visit: Visit, returns: bool, when: During | None) -> None:
        """And comes back at once, or later, or never."""
        self._at(when, lambda name: self._at_the_bank(visit, "pay", name if returns else None))

    @rule(visit=visits, what=st.sampled_from(["decline", "cancel"]), when=MOMENTS)
    def the_payment_fails(self, visit: Visit, what: str, when: During | None) -> None:
        self._at(when, lambda name: self._at_the_bank(visit, what, name))

    @rule(visit=visits, when=MOMENTS)
    def the_shopper_comes_back(self, visit: Visit, when: During | None) -> None:
        """As often as they like, in any order, before or after the worker."""
        self._at(when, lambda name: self._open(visit.callback, name))

    @rule(visit=visits, other=visits, state=st.sampled_from(["SUCCESSFUL", "FAILED", ""]))
    def somebody_forges_a_callback(self, visit: Visit, other: Visit, state: str) -> None:
        """Also before anything was paid, and with another payment's identifier."""
        claims = urlencode({"amount": 1, "refnum": other.identifier, "state": state})
        address = f"http://shop/payments/{visit.reference}/callback?{claims}"
        self._open(address if visit.url else None, "server")

    @rule(visit=visits, gives_up=st.sampled_from([False, False, True]), when=MOMENTS)
    def the_shopper_opens_the_order(
        self, visit: Visit, gives_up: bool, when: During | None
    ) -> None:
        """And sometimes presses "cancel"."""
        deed = self._cancel if gives_up else self._look
        self._at(when, lambda name: deed(visit.purchase, name))

    # What time and workers do

    @rule(seconds=WORKED)
    def time_passes(self, seconds: float) -> None:
        """The worker is at work, and ticks whenever something is due."""
        self._work_for(seconds)

    @rule(seconds=UNATTENDED, when=MOMENTS)
    def nobody_works(self, seconds: float, when: During | None) -> None:
        """Or a call takes its time."""
        self._at(when, lambda _: self.world.wait(min(seconds, LONGEST_CALL) if when else seconds))

    @rule(job=st.sampled_from(["everything due", "reconcile"]), when=MOMENTS)
    def another_worker_passes(self, job: str, when: During | None) -> None:
        """Also while the first one is asking about the same payment."""
        if job == "reconcile":
            self._at(when, lambda _: self.world.do_job("reconcile", "other worker"))
        else:
            self._at(when, lambda _: self.world.worker_ticks("other worker"))

    @precondition(lambda self: self.promises.somebody_must_decide)
    @rule()
    def a_person_decides_what_is_clear(self) -> None:
        decide_what_is_clear(self.world)

    # What goes wrong

    @rule(process=VICTIMS, touches=TOUCHES)
    def a_process_will_be_killed(self, process: str, touches: int) -> None:
        self.world.process(process).touches.die_after(touches)

    @rule(fault=FAULTS, times=st.sampled_from([1, 1, 2, 3, None]))
    def the_gateway_will_fail(self, fault: tuple[str, str], times: int | None) -> None:
        self.world.behave(*fault, times=times)

    @precondition(lambda self: self.world.behaves_badly)
    @rule()
    def the_gateway_is_well_again(self) -> None:
        self.world.forget_behaviours()

    @rule(late=st.sampled_from(LATE))
    def the_gateways_expiry_runs_late_or_in_time_again(self, late: int) -> None:
        self.world.expire_late(late)

    @rule(odd=st.sampled_from(ODD_CONTENTS), times=st.sampled_from([1, 3, None]))
    def an_answer_has_odd_contents(self, odd: tuple[str, str], times: int | None) -> None:
        """In fields that decide nothing, so that nothing may come of it."""
        self.world.behave(*odd, times=times)

    @precondition(lambda self: self._steps_of_clock < MOST_CLOCK_STEPS)
    @rule(seconds=CLOCK_STEPS, when=MOMENTS)
    def the_shops_clock_jumps(self, seconds: int, when: During | None) -> None:
        self._steps_of_clock += 1
        self._at(when, lambda _: self.world.step_clock(seconds))

    @rule(call=st.sampled_from(CHANGES_SOMETHING))
    def a_call_will_be_slower_than_the_shop_is_patient(self, call: str) -> None:
        self.world.network.slow_down(call)

    @precondition(lambda self: self.world.network.troubled)
    @rule(when=MOMENTS)
    def what_was_slow_arrives(self, when: During | None) -> None:
        self._at(when, lambda _: self.world.network.deliver())

    # What must be true all the while, and in the end

    @invariant()
    def every_promise_holds(self) -> None:
        self.promises.hold_now()

    def teardown(self) -> None:
        """Faults end and time runs out; nothing of this matters where a step has failed already."""
        with self._stack:
            if sys.exception() is None:
                self.world.recover()
                self._work_for(
                    5 * HOUR
                )  # two clock steps back, the windows, and an hour of SUCCESS
                decide_what_is_clear(self.world)
                self._work_for(HOUR)
                self.promises.hold_in_the_end()
