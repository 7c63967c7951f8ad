"""A shop that sells one thing: `flask --app shop run`, and `python shop.py worker` beside it."""

import os
import secrets
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from apscheduler.schedulers.blocking import BlockingScheduler
from clock import now
from flask import Flask, abort, g, jsonify, redirect, render_template_string, request, url_for
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from payment_engine import GatewayUnavailable, Hooks, NotPayable, PaymentEngine, Policy, Standing
from payment_engine.gateways.jibit_ppg import JibitPpg
from payment_engine.gateways.jibit_wallet import JibitWallet
from payment_engine.sqlalchemy_store import SqlAlchemyStore
from payment_engine.store import UnknownReference

DATABASE = os.environ.get("DATABASE", "shop.db")
PRICE_RIALS = 1_250_000
STOCK = int(os.environ.get("STOCK", "10"))  # pieces on the day the shop opens
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:5000")
PPG_URL = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8001/ppg/v2")
WALLET_URL = os.environ.get("WALLET_URL", "http://127.0.0.1:8001/pg")

SCHEMA = """
CREATE TABLE IF NOT EXISTS product (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stock INTEGER NOT NULL CHECK (stock >= 0)
);
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY,
    form_key TEXT NOT NULL UNIQUE,
    mobile TEXT NOT NULL,
    amount_rials INTEGER NOT NULL,
    state TEXT NOT NULL,
    has_piece INTEGER NOT NULL DEFAULT 0
);
"""

# The engine's states of a payment and of an order, in the words of the course.
WORDS = {
    "initiated": "open",
    "opening": "open",
    "awaiting_payer": "waiting",
    "verifying": "in_doubt",
    "confirming": "in_doubt",
    "needs_review": "in_doubt",
    "tried_too_often": "failed",
}

HOW = """<select name="gateway">
  {% for name, gateway in gateways.items() %}
  <option value="{{ name }}">{{ gateway.titles.en }}</option>
  {% endfor %}
</select>"""

HOME = (
    """<!doctype html><title>Tea glass</title>
<h1>Tea glass</h1>
<p>{{ "{:,}".format(price // 10) }} Toman, {{ free }} left</p>
<form method="post" action="{{ url_for('place_order') }}">
  <label>Mobile <input name="mobile" value="09121234567"></label>
  <input type="hidden" name="form_key" value="{{ form_key }}">
  """
    + HOW
    + """
  <button>Buy</button>
</form>"""
)

ORDER = (
    """<!doctype html><title>Order {{ order.number }}</title>
<h1>Order {{ order.number }}</h1>
<p>{{ "{:,}".format(order.amount_rials // 10) }} Toman</p>
<p>State: <b id="state">{{ state }}</b></p>
{% if state == "in_doubt" %}
<p>It is not clear yet whether this is paid. Do not pay again.</p>
{% elif state != "paid" %}
{% if state == "waiting" %}
<p>If you have paid, do not pay again: we ask the gateway within a minute.</p>
{% endif %}
<form method="post" action="{{ url_for('pay', number=order.number) }}">
  """
    + HOW
    + """
  <button>Pay</button>
</form>
{% endif %}"""
)

SOLD_OUT = """<!doctype html><title>Sold out</title>
<h1>Sold out</h1>
<p>Somebody was faster: no piece is left, and nothing was taken from your account.</p>"""

NOT_ASKED = """<!doctype html><title>Try again</title>
<h1>Try again in a minute</h1>
<p>The gateway does not answer now. Nothing was ordered, and nothing was paid.</p>"""

PLACE = text(
    "INSERT INTO orders (number, form_key, mobile, amount_rials, state)"
    " VALUES (:number, :form_key, :mobile, :amount_rials, 'open')"
)


class ShopHooks(Hooks):
    """What the shop does when a payment moves, in the same commit."""

    def on_begin(self, session, payment):
        if not has_piece(session, payment.order_key):
            raise NotPayable(payment.order_key, Standing.CLOSED)

    def may_capture(self, session, payment):
        return has_piece(session, payment.order_key)

    def on_paid(self, session, payment):
        paid = text("UPDATE orders SET state = 'paid' WHERE number = :number")
        session.execute(paid, {"number": payment.order_key})

    def on_failed(self, session, payment):
        """Give the piece back, unless another payment of the order may still be paid."""
        ended = text(
            "UPDATE orders SET has_piece = 0 WHERE number = :number AND has_piece"
            " AND NOT EXISTS (SELECT 1 FROM payments WHERE order_key = :number AND id != :id"
            " AND state NOT IN ('failed', 'expired'))"
        )
        pieces = session.execute(ended, {"number": payment.order_key, "id": payment.id}).rowcount
        session.execute(text("UPDATE product SET stock = stock + :pieces"), {"pieces": pieces})

    on_expired = on_failed


def has_piece(session, number):
    """Reserve a piece for an order that has none; return whether it has one now."""
    order = {"number": number}
    if session.execute(text("SELECT has_piece FROM orders WHERE number = :number"), order).scalar():
        return True
    if not session.execute(text("UPDATE product SET stock = stock - 1 WHERE stock > 0")).rowcount:
        return False
    session.execute(text("UPDATE orders SET has_piece = 1 WHERE number = :number"), order)
    return True


def prepare():
    """Create the tables, and the product with its first stock."""
    with sqlite3.connect(DATABASE, timeout=10) as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT OR IGNORE INTO product VALUES (1, ?)", (STOCK,))


def time_now():
    """Return the shop's time as the engine wants it."""
    return datetime.fromtimestamp(now(), UTC)


prepare()
ppg = JibitPpg(
    base_url=PPG_URL,
    api_key=os.environ.get("API_KEY", "sandbox-api-key"),
    secret_key=os.environ.get("SECRET_KEY", "sandbox-secret-key"),
)
wallet = JibitWallet(
    base_url=WALLET_URL,
    username=os.environ.get("WALLET_USERNAME", "sandbox"),
    password=os.environ.get("WALLET_PASSWORD", "sandbox-password"),
)
store = SqlAlchemyStore(create_engine(f"sqlite:///{DATABASE}"), clock=time_now).create_tables()
policy = Policy(
    callback_url=PUBLIC_URL + "/callback/{reference}",
    redirect_hosts={urlsplit(PPG_URL).netloc, urlsplit(WALLET_URL).netloc},
    recover_after=timedelta(seconds=15),
)
engine = PaymentEngine(
    gateways=[ppg, wallet], store=store, hooks=ShopHooks(), policy=policy, clock=time_now
)

app = Flask(__name__)
app.register_error_handler(UnknownReference, lambda _: ("There is no such payment.", 404))


def database():
    """Return this request's connection; it is closed when the request is over."""
    if "database" not in g:
        g.database = sqlite3.connect(DATABASE, timeout=10)
        g.database.row_factory = sqlite3.Row
    return g.database


@app.teardown_appcontext
def close_database(_error):
    if "database" in g:
        g.database.close()


def rows(question, *values):
    """Return the rows of a question."""
    return database().execute(question, values).fetchall()


def order_by(number):
    """Return an order; a number that nobody has is a 404."""
    found = rows("SELECT * FROM orders WHERE number = ?", number)
    return found[0] if found else abort(404)


def state_of(number):
    """Return how an order stands with its payments, in the words of the course."""
    standing = engine.state_of(number).value
    return WORDS.get(standing, standing)


def chosen_gateway():
    """Return the name of the gateway that the form has chosen; another name is a 400."""
    name = request.form.get("gateway", "ppg")
    return name if name in engine.gateways else abort(400)


def free_pieces():
    """Return how many pieces are neither reserved nor sold."""
    return rows("SELECT stock FROM product")[0]["stock"]


@app.get("/")
def home():
    form_key, free = secrets.token_hex(16), free_pieces()
    return render_template_string(
        HOME, price=PRICE_RIALS, form_key=form_key, free=free, gateways=engine.gateways
    )


@app.post("/orders")
def place_order():
    order = {
        "number": secrets.token_hex(4),
        "form_key": request.form["form_key"],
        "mobile": request.form["mobile"],
        "amount_rials": PRICE_RIALS,
    }
    same = rows("SELECT * FROM orders WHERE form_key = ?", order["form_key"])
    if same:  # the form was sent before: the engine goes on with its order's payment
        return begin_payment(same[0])
    # Order, piece and payment are one commit: an order for which no piece is left is not stored.
    return begin_payment(order, lambda session: session.execute(PLACE, order))


@app.post("/orders/<number>/pay")
def pay(number):
    return begin_payment(order_by(number))


def begin_payment(order, place=None):
    """Begin a payment and redirect to the gateway; `place` stores a new order with it."""
    try:
        payment = engine.begin(
            order_key=order["number"],
            amount_rials=order["amount_rials"],
            payer_mobile=order["mobile"],
            gateway=chosen_gateway(),
            alongside=place,
        )
    except IntegrityError:  # the same form has come twice at once: this is its order
        (same,) = rows("SELECT * FROM orders WHERE form_key = ?", order["form_key"])
        return begin_payment(same)
    except NotPayable as error:
        if error.state is Standing.CLOSED:
            return SOLD_OUT, 409
    except GatewayUnavailable as error:
        if place and not error.was_asked:
            return NOT_ASKED, 503
    else:
        return redirect(payment.redirect_url, 303)
    return redirect(url_for("show_order", number=order["number"]), 303)  # it says how it stands


@app.route("/callback/<reference>", methods=["GET", "POST"])
def callback(reference):
    payment, knows_payment = engine.handle_callback(reference, request.values)
    page = url_for("show_order", number=payment.order_key)
    return redirect(page if knows_payment else url_for("home"), 303)


@app.get("/orders/<number>")
def show_order(number):
    order, state = order_by(number), state_of(number)
    return render_template_string(ORDER, order=order, state=state, gateways=engine.gateways)


@app.get("/stock")
def stock():
    return jsonify(free=free_pieces())


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    orders = [dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")]
    for order in orders:
        order["state"] = state_of(order["number"])
        order["payments"] = [shown(payment) for payment in engine.payments_of(order["number"])]
        order["gateway_id"] = order["payments"][-1]["gateway_id"] if order["payments"] else None
    return jsonify(orders)


def shown(payment):
    """Return what the ledger shows of a payment."""
    return {
        "reference": payment.reference,
        "gateway": payment.gateway,
        "gateway_id": payment.gateway_payment_id,
        "amount_rials": payment.amount_rials,
        "state": WORDS.get(payment.state.value, payment.state.value),
    }


def reconcile():
    """Compare all ledgers and print each discrepancy; return the exit code, 1 if there is one."""
    report = engine.reconcile_once()
    if not report.complete:
        print(f"Not everything could be read: {report.error}.")
        return 2
    for row in report.open_discrepancies:
        print(f"{row.reference or row.gateway_payment_id}: {row.kind}")
    if not report.open_discrepancies:
        print("The ledgers agree.")
    return 1 if report.open_discrepancies else 0


def work():
    """Ask about every payment that is due."""
    engine.recover_once()


def work_for_ever():
    """Run recovery every 15 seconds, and beside it what is due less often."""
    scheduler = BlockingScheduler()
    scheduler.add_job(work, "interval", seconds=15)
    scheduler.add_job(engine.refresh_tokens_once, "interval", minutes=5)
    scheduler.add_job(engine.reconcile_when_due, "interval", minutes=10)
    scheduler.start()


if __name__ == "__main__":
    commands = {"work": work, "worker": work_for_ever, "reconcile": reconcile}
    sys.exit(commands[sys.argv[1]]())
