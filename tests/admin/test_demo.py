"""An invented month holds every rule of the database, and is the same for the same seed."""

from __future__ import annotations

import itertools
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from payment_engine import PaymentState, RefundState
from storefront import create_app
from storefront.catalogue.models import Product
from storefront.core.database import db
from storefront.core.services import current_services
from storefront.demo.filling import fill
from storefront.orders import finding, history
from storefront.orders.finding import Stage, Wanted
from storefront.orders.models import LineKind, Order, OrderLine
from storefront.orders.payments import Discrepancy, Payment, Refund
from storefront.orders.states import OrderState
from storefront.orders.timeline import in_words
from storefront.worker.jobs import run_job
from testkit.clock import MovingClock
from testkit.settings import quiet_settings
from testkit.staff import owner

ORDERS = 300


@pytest.fixture
def shop(app: Flask) -> Flask:
    """A shop with an invented month."""
    with app.app_context():
        fill(current_services(), seed=3, orders=ORDERS)
    return app


@pytest.mark.both_databases
def test_the_command_fills_a_shop_once_by_seed(app: Flask) -> None:
    run = app.test_cli_runner()
    done = run.invoke(args=["demo", "month", "--orders", "60"])
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Order)) == 60
    again = run.invoke(args=["demo", "month", "--orders", "60"])
    assert "the shop has the orders of seed 1 already: choose another --seed" in again.output
    assert run.invoke(args=["demo", "month", "--orders", "60", "--seed", "2"]).exit_code == 0
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Order)) == 120


def test_a_fill_that_takes_long_says_how_far_it_is(
    stocked_database_url: str, clock: MovingClock
) -> None:
    seconds = itertools.count(0.0, 10.0)
    settings = quiet_settings(DATABASE_URL=stocked_database_url)
    slow = create_app(settings, clock=clock.now, steady=lambda: next(seconds))
    done = slow.test_cli_runner().invoke(args=["demo", "month", "--orders", "60"])
    assert done.exit_code == 0, done.output
    assert "orders 60 / 60" in done.output
    with slow.app_context():
        db.engine.dispose()


def test_a_shop_without_goods_is_refused(bare_app: Flask) -> None:
    done = bare_app.test_cli_runner().invoke(args=["demo", "month"])
    assert done.exit_code == 1
    assert "there are no goods: run `seed` first" in done.output


def test_a_shop_beside_a_real_gateway_is_refused(
    another_shop: Callable[..., Flask], database_url: str
) -> None:
    app = another_shop(
        DATABASE_URL=database_url,
        PPG_BASE_URL="https://napi.jibit.ir/ppg/v2",
        PPG_API_KEY="a key",
        PPG_SECRET_KEY="a secret",
        PUBLIC_URL="https://shop.example",
    )
    done = app.test_cli_runner().invoke(args=["demo", "month"])
    assert done.exit_code == 1
    assert "the gateway is real" in done.output


def drawn(app: Flask) -> list[tuple[Any, ...]]:
    """What is compared of two shops: everything that a seed decides."""
    with app.app_context():
        order = (Order.number, Order.state, Order.amount_rials, Order.refunded_rials)
        when = (Order.created_at, Order.paid_at, Order.full_name, Order.address)
        paid = (Payment.reference, Payment.gateway, Payment.state, Payment.tracking_number)
        query = select(*order, *when, *paid).join(Payment, Payment.order_key == Order.number)
        return [tuple(row) for row in db.session.execute(query.order_by(Payment.reference))]


def test_the_same_seed_draws_the_same_month(
    shop: Flask, another_shop: Callable[..., Flask], sqlite_files: Any, tmp_path: Any
) -> None:
    with sqlite_files.fresh(tmp_path / "other", stocked=True) as url:
        config = {name: shop.config[name] for name in shop.config if name.endswith("_BASE_URL")}
        config = {name: value or "off" for name, value in config.items()}
        other = another_shop(DATABASE_URL=url, **config)
        with other.app_context():
            fill(current_services(), seed=3, orders=ORDERS)
        assert drawn(shop) == drawn(other)


@pytest.mark.long
@pytest.mark.both_databases
def test_every_state_is_there(shop: Flask) -> None:
    with shop.app_context():
        for stage in Stage:
            assert finding.find(Wanted(stage=stage)).orders, stage
        states = set(db.session.scalars(select(Payment.state).distinct()))
        refunds = set(db.session.scalars(select(Refund.state).distinct()))
        gateways = set(db.session.scalars(select(Payment.gateway).distinct()))
        disputed = db.session.scalars(select(Discrepancy)).all()
        parts = [
            order.refunded_rials < order.amount_rials
            for order in db.session.scalars(select(Order).where(Order.refunded_rials > 0))
        ]
    assert states == set(PaymentState) - {PaymentState.INITIATED, PaymentState.VERIFYING}
    assert RefundState.DONE in refunds
    assert gateways == set(shop.extensions["services"].engine.gateways)
    assert len(disputed) == 2
    assert set(parts) == {True, False}


@pytest.mark.long
@pytest.mark.both_databases
def test_stock_and_money_are_those_of_the_orders(shop: Flask) -> None:
    with shop.app_context():
        held: Counter[tuple[int | None, str]] = Counter()
        for line in db.session.scalars(select(OrderLine).where(OrderLine.product_id.is_not(None))):
            order = db.session.get_one(Order, line.order_id)
            if order.paid_at:
                held[line.product_id, "sold"] += line.quantity - line.taken_back
            elif order.state is OrderState.PLACED:
                held[line.product_id, "reserved"] += line.quantity
        for product in db.session.scalars(select(Product)):
            assert product.stock_sold == held[product.id, "sold"], product.slug
            assert product.stock_reserved == held[product.id, "reserved"], product.slug
        for order in db.session.scalars(select(Order)):
            assert order.amount_rials == sum(line.amount_rials for line in order.lines)
            assert {line.kind for line in order.lines} == set(LineKind) - {LineKind.VAT}
            assert order.tax_included_rials > 0


def moments(order: Order) -> Iterator[Any]:
    """The steps of an order that were taken."""
    steps = (order.created_at, order.paid_at, order.packed_at)
    yield from filter(None, (*steps, order.fulfilled_at, order.delivered_at))


@pytest.mark.long
def test_steps_follow_each_other_and_none_is_to_come(shop: Flask, clock: MovingClock) -> None:
    with shop.app_context():
        for order in db.session.scalars(select(Order)):
            steps = list(moments(order))
            assert steps == sorted(steps), order.number
            assert steps[-1] <= clock.now()
        ends = db.session.scalars(select(Refund.ended_at)).all()
        assert max(end for end in ends if end) <= clock.now()


@pytest.mark.long
def test_each_history_can_be_read(shop: Flask) -> None:
    with shop.app_context():
        orders = db.session.scalars(select(Order)).all()
        with shop.test_request_context():
            for order in orders:
                told = [in_words(entry) for entry in history.of_order(order)]
                assert [entry.at for entry in told] == sorted(entry.at for entry in told)
                assert all(entry.sentences for entry in told), order.number


@pytest.mark.long
def test_the_back_office_shows_it(shop: Flask) -> None:
    person = owner(shop)
    for path in ("/admin", "/admin/orders", "/admin/sales", "/admin/system"):
        assert person.open(path).status == 200
    with shop.app_context():
        names = db.session.execute(select(Order.number, Order.state)).all()
    for number in {state: number for number, state in names}.values():
        assert person.open(f"/admin/orders/{number}").status == 200


@pytest.mark.long
def test_the_worker_can_go_on_with_it(shop: Flask, clock: MovingClock) -> None:
    for job in ("recover_payments", "advance_refunds", "expire_orders", "reconcile"):
        run_job(shop, job)
    clock.advance(3600)
    for job in ("recover_payments", "advance_refunds", "expire_orders"):
        run_job(shop, job)
    with shop.app_context():
        paid = select(func.count()).select_from(Payment).where(Payment.state == "paid")
        sold = select(func.count()).select_from(Order).where(Order.paid_at.is_not(None))
        assert db.session.scalar(paid) == db.session.scalar(sold)


@pytest.mark.long
def test_a_long_history_takes_no_more_memory(app: Flask) -> None:
    with app.app_context():
        peaks = []
        for seed, orders in ((1, 200), (2, 200), (3, 1600)):
            tracemalloc.start()
            fill(current_services(), seed=seed, orders=orders, days=365)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[2] < peaks[1] * 3, peaks
