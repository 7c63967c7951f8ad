"""A Django shop with payments in one file: `python shop.py runserver`, `python shop.py recover`.

The payment engine has a SQLAlchemy engine of its own on Django's database. Its hooks move the order
with plain SQL in the engine's session, so that order and payment move in one commit.
"""
# ruff: noqa: ARG001 - Django passes the request to every view

import os
import secrets
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST
from sqlalchemy import column, create_engine, make_url, select, table, update

from payment_engine import (
    CallerTransactionOpen,
    GatewayUnavailable,
    Hooks,
    NotPayable,
    PaymentEngine,
    Policy,
    UnknownReference,
)
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.sqlalchemy_store import SqlAlchemyStore

DATABASE = make_url(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))
BACKEND = {"sqlite": "sqlite3"}.get(DATABASE.get_backend_name(), DATABASE.get_backend_name())
CONNECTION = {"NAME": DATABASE.database, "USER": DATABASE.username, "PASSWORD": DATABASE.password}
ADDRESS = {"HOST": DATABASE.host or "", "PORT": DATABASE.port or "", **DATABASE.query}

HOME = """<h1>Tea, 500 g</h1>
<form method="post" action="/orders"><input name="mobile"><button>Order</button></form>"""
PAGE = """<h1>Your order of {order.rials} Rials</h1>
<p>{order.state}</p>
<p>{payment}</p><form method="post" action="{order.key}/pay"><button>Pay</button></form>"""

settings.configure(
    SECRET_KEY=secrets.token_hex(),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {"ENGINE": f"django.db.backends.{BACKEND}", **CONNECTION, **ADDRESS},
    },
)
django.setup()


class Order(models.Model):
    key = models.CharField(primary_key=True, max_length=43, default=secrets.token_urlsafe)
    mobile = models.CharField(max_length=11)
    rials = models.BigIntegerField()
    state = models.CharField(max_length=10, default="open")

    class Meta:
        app_label = "shop"


orders = table("shop_order", column("key"), column("state"))  # the same for SQLAlchemy


class ShopHooks(Hooks):
    def may_capture(self, session, payment):  # the last word before the money is taken
        state = select(orders.c.state).where(orders.c.key == payment.order_key)
        return session.scalar(state) == "open"

    def on_paid(self, session, payment):  # in the same commit as the payment's own move
        of_this_order = update(orders).where(orders.c.key == payment.order_key)
        session.execute(of_this_order.values(state="paid"))


class ShopStore(SqlAlchemyStore):
    def check_idle(self):  # no transaction waits for the gateway
        if connection.in_atomic_block:
            raise CallerTransactionOpen("call the payment engine outside of atomic()")


database = create_engine(DATABASE)
store = ShopStore(database)
engine = PaymentEngine(
    gateways=[
        JibitPpg(
            base_url=os.environ["JIBIT_BASE_URL"],
            api_key=os.environ["JIBIT_API_KEY"],
            secret_key=os.environ["JIBIT_SECRET_KEY"],
        )
    ],
    store=store,
    hooks=ShopHooks(),
    policy=Policy(callback_url=os.environ["CALLBACK_URL"], redirect_hosts={os.environ["PAY_HOST"]}),
)


def home(request):
    return HttpResponse(HOME)


@require_POST
def place_order(request):
    order = Order.objects.create(mobile=request.POST["mobile"], rials=2_500_000)
    return redirect("order", order.key)


def show_order(request, key):
    order = get_object_or_404(Order, key=key)
    return HttpResponse(PAGE.format(order=order, payment=engine.state_of(key)))


@require_POST
def pay(request, key):
    order = get_object_or_404(Order, key=key)
    try:
        payment = engine.begin(order_key=key, amount_rials=order.rials, payer_mobile=order.mobile)
    except (NotPayable, GatewayUnavailable):  # the order's page says how it stands
        return redirect("order", key)
    return redirect(payment.redirect_url)


def callback(request, reference):
    parameters = {**request.GET.dict(), **request.POST.dict()}
    try:
        payment, knows_payment = engine.handle_callback(reference, parameters)
    except UnknownReference:
        raise Http404 from None
    return redirect("order", payment.order_key) if knows_payment else redirect("home")


urlpatterns = [
    path("", home, name="home"),
    path("orders", place_order),
    path("orders/<key>", show_order, name="order"),
    path("orders/<key>/pay", pay),
    path("pay/<reference>/callback", callback),
]


def create_tables():
    """Create Django's table and the payment engine's; a grown project migrates both."""
    if Order._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Order)
    store.create_tables()


create_tables()
application = get_wsgi_application()

if __name__ == "__main__":
    if sys.argv[1:] == ["recover"]:
        engine.recover_once()
    else:
        execute_from_command_line(sys.argv)
