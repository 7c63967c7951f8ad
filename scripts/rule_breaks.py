"""How each rule of docs/correctness.md is broken: the smallest change that does what it forbids."""

from __future__ import annotations

from typing import NamedTuple

from scripts.mutation_operators import (
    Operator,
    becomes,
    begins_with,
    condition,
    drop_call,
    drop_raise,
    repeated_on_error,
    returns,
)


class Break(NamedTuple):
    """``place`` is `module:name`; ``only`` chooses among the rule's tests, as pytest's ``-k``."""

    rule: int
    place: str
    operator: Operator
    what: str
    only: str = ""


BELIEVES_CALLBACK = """
with self.services.store.transaction() as work:
    attempt = work.by_reference(reference)
    said = self.services.gateways[attempt.gateway].read_callback(parameters)
    attempt.gateway_payment_id = said.gateway_payment_id
    work.save(attempt)
"""

BREAKS = [
    Break(
        1,
        "storefront.orders.pricing:Quote.total_rials",
        returns("self.products_rials"),
        "the delivery is left out of the total",
    ),
    Break(
        2,
        "payment_engine.decision:mismatches_of",
        returns("tuple(name for name in RESULT if name != 'amount_rials')"),
        "the amount is not compared",
    ),
    Break(
        3,
        "payment_engine.sqlalchemy_writing:end_reading",
        drop_call("commit"),
        "a transaction stays open during the calls",
    ),
    Break(
        4,
        "storefront.orders.models:by_checkout_key",
        returns("None"),
        "the order of an earlier click is not found",
    ),
    Break(
        5,
        "payment_engine.decision:verdict",
        returns("PaymentState.FAILED", instead_of="IN_DOUBT"),
        "what is not known counts as failed",
    ),
    Break(
        5,
        "payment_engine.payment:Payment.has_unanswered_verification",
        returns("self.verifications_sent > 0"),
        "SUCCESS counts as captured although every verification was answered",
        only="not_shipped",
    ),
    Break(
        5,
        "payment_engine.evidence:is_settled",
        condition(True, mentions="settle_after"),
        "the first SUCCESS after the end is believed",
        only="only_after_an_hour",
    ),
    Break(
        6,
        "jibit_client.transport:Transport.call",
        repeated_on_error(),
        "the client repeats what was not answered",
    ),
    Break(
        7,
        "jibit_client.connection:DeadlineHTTPConnection.response_class",
        becomes("HTTPConnection.response_class"),
        "the read timeout begins again with every byte",
    ),
    Break(
        8,
        "payment_engine.resilience:Bulkhead.__init__",
        begins_with("create_slots += 2"),
        "two more than allowed may wait",
    ),
    Break(
        9,
        "payment_engine.engine:PaymentEngine.handle_callback",
        begins_with(BELIEVES_CALLBACK),
        "the callback's identifier is believed",
    ),
    Break(
        10,
        "payment_engine.payment:Payment.is_final",
        returns("RESULT and self.state is not PaymentState.PAID"),
        "who comes second records the capture again",
    ),
    Break(
        11,
        "payment_engine.states:TRANSITIONS",
        becomes("{state: frozenset(PaymentState) for state in PaymentState}"),
        "a paid payment may fail",
        only="never_one_that_is_paid",
    ),
    Break(
        11,
        "payment_engine.payment:apply_transition",
        drop_raise("ImpossibleTransition"),
        "the table is not asked",
        only="no_other",
    ),
    Break(
        12,
        "payment_engine.completion:",
        drop_call("append", mentions="CLAIMED"),
        "the history does not tell of the verification",
    ),
    Break(
        13,
        "storefront.catalogue.stock:reserve",
        drop_raise("OutOfStock"),
        "an order is placed without its pieces",
    ),
    Break(
        14,
        "storefront.notifications.outbox:LASTS",
        becomes("timedelta(0)"),
        "what was not delivered at once is given up",
    ),
    Break(
        15,
        "payment_engine.recovery:ask_due",
        returns("{}"),
        "the worker asks about nothing",
    ),
    Break(
        16,
        "payment_engine.comparison:may_still_change",
        returns("True"),
        "a final payment is not compared",
    ),
    Break(
        17,
        "storefront.orders.expiry:",
        condition(False, mentions="is_final"),
        "an order lapses while a payment is in doubt",
    ),
    Break(
        18,
        "migrations.versions.0001_the_shop:upgrade",
        drop_call("CheckConstraint", mentions="ck_products_stock_conserved"),
        "the database lets pieces vanish",
        only="refuses_to_lose",
    ),
    Break(
        18,
        "storefront.payments.hooks:ShopHooks.may_capture",
        returns("True"),
        "a cancelled order is captured",
        only="cancelling",
    ),
    Break(
        19,
        "payment_engine.completion:",
        condition(False, mentions=".claimed"),
        "nobody looks who has the claim",
    ),
    Break(
        20,
        "payment_engine.sqlalchemy_tokens:CLOCK_SKEW",
        becomes("-timedelta(days=1)"),
        "everybody is given the lease",
    ),
    Break(
        21,
        "jibit_client.redaction:redact_text",
        begins_with("return text"),
        "texts are written down as they are",
    ),
    Break(
        22,
        "storefront.web.payments:callback",
        begins_with("if not request.cookies: abort(403)"),
        "the way back wants a cookie",
    ),
    Break(
        23,
        "payment_engine.policy:Policy.may_redirect_to",
        returns("True"),
        "every host is trusted",
    ),
    Break(
        24,
        "payment_engine.states:CAPTURABLE",
        becomes("(PaymentState.AWAITING_PAYER, PaymentState.IN_DOUBT)"),
        "nobody asks about a verification that a crash left behind",
        only="callback",
    ),
    Break(
        25,
        "payment_engine.states:MONEY_MAY_HAVE_MOVED",
        becomes("frozenset()"),
        "nobody knows how old a doubt is",
    ),
    Break(
        26,
        "payment_engine.recording:record",
        condition(True, mentions="is_temporary"),
        "what cannot be recorded is raised",
        only="waits_for_a_person",
    ),
    Break(
        26,
        "jibit_client.fields:Fields.optional_text",
        returns("self.text(name, most)"),
        "a field that nobody needs stops all capture",
        only="ppg",
    ),
    Break(
        27,
        "payment_engine.row_queue:process_due",
        begins_with("return dict(Counter(spread(queue.process, _claimed(queue, monotonic))))"),
        "what a row raises ends the loop",
    ),
    Break(
        28,
        "payment_engine.callbacks:_names",
        returns("True"),
        "every callback is taken for one that names the payment",
        only="guesses",
    ),
    Break(
        28,
        "payment_engine.pacing:take_turn",
        returns("True"),
        "each callback has the gateway asked",
        only="knows_the_number",
    ),
    Break(
        28,
        "storefront.orders.checkout:place",
        drop_call("check"),
        "unpaid orders hold what they like",
        only="29_orders",
    ),
    Break(
        28,
        "storefront.orders.holds:outlives",
        returns("False"),
        "stock is held until the gateway ends a later attempt",
        only="prolongs",
    ),
    Break(
        28,
        "storefront.core.limits:Limits.wait",
        returns("0"),
        "nobody is ever over a limit",
        only="limited",
    ),
    Break(
        29,
        "payment_engine.sqlalchemy_work:CLOCK_SKEW",
        becomes("timedelta(days=999)"),
        "a due time in the future is waited for",
    ),
    Break(
        30,
        "payment_engine.refund_search:_mine",
        returns("None"),
        "a refund that arrived is not recognised",
        only="answer_was_lost",
    ),
    Break(
        30,
        "payment_engine.refund_search:_note_absence",
        condition(True, mentions="refund_settles_after"),
        "an unanswered transfer is ordered again at once",
        only="long_absence",
    ),
    Break(
        30,
        "payment_engine.refund_requests:rest_of",
        returns("payment.amount_rials"),
        "what has gone back already is not counted",
        only="never_more",
    ),
]
