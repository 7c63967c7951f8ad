"""The same shop with payments: `flask --app shop_with_payments run`."""

import os
import secrets

from flask import Flask, redirect, render_template_string, request, url_for
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from payment_engine import GatewayUnavailable, Hooks, NotPayable, PaymentEngine, Policy
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.store import UnknownReference

HOME = """<h1>Tea, 500 g</h1>
<form method="post" action="/orders"><input name="mobile"><button>Order</button></form>"""
PAGE = """<h1>Your order of {{ order.rials }} Rials</h1>
<p>{{ order.state }}</p>
<p>{{ payment }}</p><form method="post" action="{{ order.key }}/pay"><button>Pay</button></form>"""


class Model(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Model)


class Order(db.Model):
    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: secrets.token_urlsafe(16))
    mobile: Mapped[str]
    rials: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(default="open")


class ShopHooks(Hooks):
    def may_capture(self, session, payment):  # the last word before the money is taken
        return session.get(Order, payment.order_key).state == "open"

    def on_paid(self, session, payment):  # in the same commit as the payment's own move
        session.get(Order, payment.order_key).state = "paid"


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3")
app.config.from_prefixed_env("SHOP")
db.init_app(app)
with app.app_context():
    db.create_all()
    store = SqlAlchemyStore(db.engine).create_tables()

gateway = JibitPpg(**app.config.get_namespace("JIBIT_"))
policy = Policy(callback_url=app.config["CALLBACK_URL"], redirect_hosts={app.config["PAY_HOST"]})
engine = PaymentEngine(gateways=[gateway], store=store, hooks=ShopHooks(), policy=policy)
app.cli.command("recover")(lambda: print(engine.recover_once()))  # from cron, or run worker.py
app.register_error_handler(UnknownReference, lambda _: ("There is no such payment.", 404))


@app.get("/")
def home():
    return HOME


@app.post("/orders")
def place_order():
    order = Order(mobile=request.form["mobile"], rials=2_500_000)
    db.session.add(order)
    db.session.commit()
    return redirect(url_for("show_order", key=order.key), 303)


@app.get("/orders/<key>")
def show_order(key):
    order = db.get_or_404(Order, key)
    return render_template_string(PAGE, order=order, payment=engine.state_of(key))


@app.post("/orders/<key>/pay")
def pay(key):
    order = db.get_or_404(Order, key)
    db.session.close()  # gives the connection back: the gateway may take seconds to answer
    try:
        payment = engine.begin(order_key=key, amount_rials=order.rials, payer_mobile=order.mobile)
    except (NotPayable, GatewayUnavailable):  # the order's page says how it stands
        return redirect(url_for("show_order", key=key), 303)
    return redirect(payment.redirect_url, 303)


@app.route("/pay/<reference>/callback", methods=["GET", "POST"])
def callback(reference):
    payment, knows_payment = engine.handle_callback(reference, request.values)
    return redirect(url_for("show_order", key=payment.order_key) if knows_payment else "/", 303)
