"""A shop that sells one thing: `flask --app shop run`, and `python shop.py worker` beside it."""

import os
import secrets
import sqlite3
import sys

import requests
from apscheduler.schedulers.blocking import BlockingScheduler
from clock import now
from flask import Flask, abort, g, jsonify, redirect, render_template_string, request, url_for

DATABASE = os.environ.get("DATABASE", "shop.db")
PRICE_RIALS = 1_250_000
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:5000")
GATEWAY_URL = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8001/ppg/v2")
KEYS = {
    "apiKey": os.environ.get("API_KEY", "sandbox-api-key"),
    "secretKey": os.environ.get("SECRET_KEY", "sandbox-secret-key"),
}
LIFETIME = 15 * 60  # seconds in which a payment can be made and captured
TIMEOUTS = (3, 10)  # seconds to connect, and to wait for the answer

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY,
    form_key TEXT NOT NULL UNIQUE,
    mobile TEXT NOT NULL,
    amount_rials INTEGER NOT NULL,
    state TEXT NOT NULL,
    reference TEXT UNIQUE,
    gateway_id TEXT,
    url TEXT,
    ends_at REAL,
    verify_sent_at REAL
);
"""

HOME = """<!doctype html><title>Tea glass</title>
<h1>Tea glass</h1>
<p>{{ "{:,}".format(price // 10) }} Toman</p>
<form method="post" action="{{ url_for('place_order') }}">
  <label>Mobile <input name="mobile" value="09121234567"></label>
  <input type="hidden" name="form_key" value="{{ form_key }}">
  <button>Buy</button>
</form>"""

ORDER = """<!doctype html><title>Order {{ order.number }}</title>
<h1>Order {{ order.number }}</h1>
<p>{{ "{:,}".format(order.amount_rials // 10) }} Toman</p>
<p>State: <b id="state">{{ order.state }}</b></p>
{% if order.state == "open" %}
<form method="post" action="{{ url_for('pay', number=order.number) }}"><button>Pay</button></form>
{% elif order.state == "waiting" %}
<p>The gateway has not confirmed a payment yet. If you have paid, do not pay again:
<a href="{{ url_for('callback', number=order.number) }}">ask the gateway</a>.</p>
<p><a href="{{ order.url }}">Go on to the gateway</a></p>
{% elif order.state == "in_doubt" %}
<p>It is not clear yet whether this is paid. Do not pay again.</p>
{% endif %}"""

app = Flask(__name__)


def database():
    """Return this request's connection; it is closed when the request is over."""
    if "database" not in g:
        g.database = sqlite3.connect(DATABASE, timeout=10)
        g.database.row_factory = sqlite3.Row
        g.database.executescript(SCHEMA)
    return g.database


@app.teardown_appcontext
def close_database(_error):
    if "database" in g:
        g.database.close()


def write(statement, *values):
    """Change something and commit; return how many rows were changed."""
    with database() as connection:
        return connection.execute(statement, values).rowcount


def rows(question, *values):
    """Return the rows of a question."""
    return database().execute(question, values).fetchall()


def order_by(number):
    """Return an order; a number that nobody has is a 404."""
    found = rows("SELECT * FROM orders WHERE number = ?", number)
    return found[0] if found else abort(404)


class NoAnswer(Exception):
    """Nothing is known: the call may have been carried out or not."""


class Refused(Exception):
    """The gateway has said no, in its own words."""


def call_gateway(method, path, **more):
    """Call the gateway with a new token; return what it answers."""
    try:
        token = text(send("POST", "/tokens/generate", json=KEYS), "accessToken")
    except Refused as error:  # the keys were refused, which says nothing about an order
        raise NoAnswer("no token") from error
    return send(method, path, headers={"Authorization": f"Bearer {token}"}, **more)


def send(method, path, **more):
    """Return the gateway's answer to one request; raise NoAnswer or Refused."""
    try:
        response = requests.request(
            method, f"{GATEWAY_URL}{path}", timeout=TIMEOUTS, allow_redirects=False, **more
        )
        answer = response.json()
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__) from error
    status = response.status_code
    if not isinstance(answer, dict):
        raise NoAnswer("no JSON object")
    if status == 200:
        return answer
    # 401 and 429 are about the token and the number of calls, not about the order.
    if 400 <= status < 500 and status not in (401, 429) and "errors" in answer:
        raise Refused(answer["errors"])
    raise NoAnswer(f"HTTP {status}")


def text(answer, name):
    """Return a text of an answer; an answer without it says nothing."""
    if not isinstance(answer.get(name), str):
        raise NoAnswer(f"no {name}")
    return answer[name]


def is_ours(order, inquiry):
    """Return whether the gateway speaks of this order, its amount and its currency."""
    ours = {
        "id": order["gateway_id"],
        "referenceNumber": order["reference"],
        "amount": order["amount_rials"],
        "currency": "RIALS",
    }
    return ours == {name: inquiry.get(name) for name in ours}


def create_payment(order, reference):
    """Create an order at the gateway under our reference; return what it answers."""
    return call_gateway(
        "POST",
        "/orders",
        json={
            "amount": order["amount_rials"],
            "currency": "RIALS",
            "referenceNumber": reference,
            "userIdentifier": order["mobile"],
            "callbackUrl": f"{PUBLIC_URL}/callback/{order['number']}",
        },
    )


@app.get("/")
def home():
    return render_template_string(HOME, price=PRICE_RIALS, form_key=secrets.token_hex(16))


@app.post("/orders")
def place_order():
    number, form_key = secrets.token_hex(4), request.form["form_key"]
    try:
        write(
            "INSERT INTO orders (number, form_key, mobile, amount_rials, state)"
            " VALUES (?, ?, ?, ?, 'open')",
            number,
            form_key,
            request.form["mobile"],
            PRICE_RIALS,
        )
    except sqlite3.IntegrityError:  # the form was sent before: this is the same order
        return go_on(rows("SELECT * FROM orders WHERE form_key = ?", form_key)[0])
    return pay(number)


@app.post("/orders/<number>/pay")
def pay(number):
    reference = secrets.token_hex(8)  # a new one for each try: a lost create may have arrived
    intent = "UPDATE orders SET reference = ?, ends_at = ? WHERE number = ? AND state = 'open'"
    if write(intent, reference, now() + LIFETIME, number):
        try:
            created = create_payment(order_by(number), reference)
            write(
                "UPDATE orders SET state = 'waiting', gateway_id = ?, url = ? WHERE reference = ?",
                text(created, "orderIdentifier"),
                text(created, "pspSwitchingUrl"),
                reference,
            )
        except NoAnswer:
            pass  # the order stays open
        except Refused:
            write("UPDATE orders SET state = 'failed' WHERE reference = ?", reference)
    return go_on(order_by(number))


def go_on(order):
    """Redirect to the gateway while it waits for the payer, otherwise to the order's page."""
    page = url_for("show_order", number=order["number"])
    return redirect(order["url"] if order["state"] == "waiting" else page, 303)


@app.route("/callback/<number>", methods=["GET", "POST"])
def callback(number):
    order = order_by(number)
    if order["state"] == "waiting":  # doubts are the worker's: a second callback asks nothing
        settle(order)
    return redirect(url_for("show_order", number=number), 303)


def settle(order):
    """Find out what became of an order's payment: the only way to `paid`."""
    sent_at, answer = order["verify_sent_at"], None
    unanswered, over = sent_at is not None, now() >= order["ends_at"]
    status = inquire(order)
    if status == "IN_PROGRESS":
        sent_at = now()
        if not announce_verify(order, sent_at):
            return  # somebody else does it
        answer = verify(order)
        unanswered = unanswered or answer not in ("Successful", "Failed")
        if answer == "Failed":  # not paid yet, or a mistake: the inquiry has the last word
            status = inquire(order)
    record(order, decide(status, answer, unanswered, over), sent_at, unanswered)


def inquire(order):
    """Return the gateway's word for an order, None if it is silent, OTHER for another order's."""
    try:
        inquiry = call_gateway("GET", f"/orders/{order['gateway_id']}")
    except (NoAnswer, Refused) as error:
        app.logger.warning("order %s, inquiry: %r", order["number"], error)
        return None
    return inquiry.get("status") if is_ours(order, inquiry) else "OTHER"


def announce_verify(order, sent_at):
    """Commit that verify is about to be sent, unless somebody else has changed the row."""
    return write(
        "UPDATE orders SET state = 'in_doubt', verify_sent_at = ?"
        " WHERE number = ? AND state = ? AND verify_sent_at IS ?",
        sent_at,
        order["number"],
        order["state"],
        order["verify_sent_at"],
    )


def verify(order):
    """Take the money; return the gateway's word, or None if it does not answer.

    It may be sent again while the gateway says IN_PROGRESS: an order is captured once.
    """
    try:
        return call_gateway("GET", f"/orders/{order['gateway_id']}/verify").get("status")
    except NoAnswer as error:
        app.logger.warning("order %s, verify: %r", order["number"], error)
        return None
    except Refused:
        return "Failed"


def decide(status, answer, unanswered, over):
    """Return the state that follows from what is known: the decision table.

    status: what the last inquiry said, None if it was not answered.
    answer: what verify said now, None if it was not sent or not answered.
    unanswered: a verify was sent, now or before, and never answered.
    over: the time in which the payment can be made is over.
    """
    if answer == "Successful":
        return "paid"
    if status in ("FAILED", "EXPIRED"):
        return status.lower()
    if status == "OTHER":
        return "in_doubt"
    return "expired" if over and status else "waiting"


def record(order, state, sent_at, unanswered):
    """Commit what is known now, unless it is older than a verify that somebody else has sent.

    A final state stays as it is.
    """
    write(
        "UPDATE orders SET state = ?, verify_sent_at = CASE WHEN ? THEN verify_sent_at END"
        " WHERE number = ? AND state IN ('waiting', 'in_doubt')"
        " AND (? = 'paid' OR verify_sent_at IS ?)",
        state,
        unanswered,
        order["number"],
        state,
        sent_at,
    )


def work():
    """Ask about every order without an end, whether its browser came back or not."""
    with app.app_context():
        question = "SELECT * FROM orders WHERE state IN ('waiting', 'in_doubt') ORDER BY ends_at"
        for order in rows(question):
            try:
                settle(order)
            except Exception:  # one order that fails must not stop the others
                app.logger.exception("order %s", order["number"])


@app.get("/orders/<number>")
def show_order(number):
    return render_template_string(ORDER, order=order_by(number))


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    return jsonify([dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")])


def work_for_ever():
    """Run a pass every 15 seconds, never two at once."""
    scheduler = BlockingScheduler()
    scheduler.add_job(work, "interval", seconds=15)
    scheduler.start()


if __name__ == "__main__":
    {"work": work, "worker": work_for_ever}[sys.argv[1]]()
