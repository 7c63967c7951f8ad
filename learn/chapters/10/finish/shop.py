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
    claimed_by TEXT
);
CREATE TABLE IF NOT EXISTS payments (
    reference TEXT PRIMARY KEY,
    number TEXT NOT NULL REFERENCES orders (number),
    amount_rials INTEGER NOT NULL,
    state TEXT NOT NULL,
    gateway_id TEXT,
    url TEXT,
    ends_at REAL NOT NULL,
    verify_sent_at REAL
);
"""

# An order is where its most advanced payment is.
FOLLOW = """
UPDATE orders SET state = (
    SELECT state FROM payments WHERE number = orders.number
    ORDER BY state = 'paid' DESC, state = 'in_doubt' DESC, state = 'waiting' DESC, rowid DESC
    LIMIT 1
) WHERE number = ? AND state != 'paid'"""
CLAIM = """
UPDATE orders SET claimed_by = ?1 WHERE number = ?2 AND (claimed_by IS NULL OR claimed_by = ?1)"""
RELEASE = "UPDATE orders SET claimed_by = NULL WHERE claimed_by = ?"

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
{% for payment in payments if payment.state == "waiting" %}
<p>The gateway has not confirmed a payment yet. If you have paid, do not pay again:
<a href="{{ url_for('callback', reference=payment.reference) }}">ask the gateway</a>.</p>
<p><a href="{{ payment.url }}">Go on to the gateway</a></p>
{% endfor %}
{% if order.state == "in_doubt" %}
<p>It is not clear yet whether this is paid. Do not pay again.</p>
{% elif order.state != "paid" %}
<form method="post" action="{{ url_for('pay', number=order.number) }}"><button>Pay</button></form>
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


def change(number, statement, *values):
    """Change a payment and, in the same commit, its order; return how many rows were changed."""
    with database() as connection:
        changed = connection.execute(statement, values).rowcount
        connection.execute(FOLLOW, (number,))
        return changed


def rows(question, *values):
    """Return the rows of a question."""
    return database().execute(question, values).fetchall()


def order_by(number):
    """Return an order; a number that nobody has is a 404."""
    found = rows("SELECT * FROM orders WHERE number = ?", number)
    return found[0] if found else abort(404)


def payment_by(reference):
    """Return a payment; a reference that nobody has is a 404."""
    found = rows("SELECT * FROM payments WHERE reference = ?", reference)
    return found[0] if found else abort(404)


def payments_of(number):
    """Return an order's payments, the latest last."""
    return rows("SELECT * FROM payments WHERE number = ? ORDER BY rowid", number)


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


def is_ours(payment, inquiry):
    """Return whether the gateway speaks of this payment, its amount and its currency."""
    ours = {
        "id": payment["gateway_id"],
        "referenceNumber": payment["reference"],
        "amount": payment["amount_rials"],
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
            "callbackUrl": f"{PUBLIC_URL}/callback/{reference}",
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
        return go_on(rows("SELECT number FROM orders WHERE form_key = ?", form_key)[0]["number"])
    return pay(number)


@app.post("/orders/<number>/pay")
def pay(number):
    reference = secrets.token_hex(8)  # a new one for each try: a lost create may have arrived
    intent = (
        "INSERT INTO payments (reference, number, amount_rials, state, ends_at)"
        " SELECT ?, number, amount_rials, 'open', ? FROM orders"
        " WHERE number = ? AND state NOT IN ('paid', 'in_doubt')"
    )
    if change(number, intent, reference, now() + LIFETIME, number):
        try:
            created = create_payment(order_by(number), reference)
            change(
                number,
                "UPDATE payments SET state = 'waiting', gateway_id = ?, url = ?"
                " WHERE reference = ?",
                text(created, "orderIdentifier"),
                text(created, "pspSwitchingUrl"),
                reference,
            )
        except NoAnswer:
            pass  # the payment stays open
        except Refused:
            change(number, "UPDATE payments SET state = 'failed' WHERE reference = ?", reference)
    return go_on(number)


def go_on(number):
    """Redirect to the gateway while it waits for the payer, otherwise to the order's page."""
    for payment in payments_of(number)[-1:]:
        if payment["state"] == "waiting":
            return redirect(payment["url"], 303)
    return redirect(url_for("show_order", number=number), 303)


@app.route("/callback/<reference>", methods=["GET", "POST"])
def callback(reference):
    payment = payment_by(reference)
    if payment["state"] == "waiting":  # doubts are the worker's: a second callback asks nothing
        settle(payment)
    return redirect(url_for("show_order", number=payment["number"]), 303)


def settle(payment):
    """Find out what became of a payment: the only way to `paid`."""
    sent_at, answer = payment["verify_sent_at"], None
    unanswered, over = sent_at is not None, now() >= payment["ends_at"]
    status = inquire(payment)
    if status == "IN_PROGRESS":
        sent_at = now()
        if not claim(payment, sent_at):
            return  # another payment has the order: this one's money goes back by itself
        answer = verify(payment)
        unanswered = unanswered or answer not in ("Successful", "Failed")
        if answer == "Failed":  # not paid yet, or a mistake: the inquiry has the last word
            status = inquire(payment)
    record(payment, decide(status, answer, unanswered, over), sent_at, unanswered)


def inquire(payment):
    """Return the gateway's word for a payment, None if it is silent, OTHER for another one's."""
    try:
        inquiry = call_gateway("GET", f"/orders/{payment['gateway_id']}")
    except (NoAnswer, Refused) as error:
        app.logger.warning("payment %s, inquiry: %r", payment["reference"], error)
        return None
    return inquiry.get("status") if is_ours(payment, inquiry) else "OTHER"


def claim(payment, sent_at):
    """Commit that the order is this payment's and verify is about to be sent, or change nothing."""
    reference, number = payment["reference"], payment["number"]
    seen = (payment["state"], payment["verify_sent_at"])
    with database() as connection:
        mine = connection.execute(CLAIM, (reference, number)).rowcount
        unchanged = connection.execute(
            "UPDATE payments SET state = 'in_doubt', verify_sent_at = ?"
            " WHERE reference = ? AND state = ? AND verify_sent_at IS ?",
            (sent_at, reference, *seen),
        ).rowcount
        connection.execute(FOLLOW, (number,))
        if not (mine and unchanged):
            connection.rollback()
    return mine and unchanged


def verify(payment):
    """Take the money; return the gateway's word, or None if it does not answer.

    It may be sent again while the gateway says IN_PROGRESS: a payment is captured once.
    """
    try:
        return call_gateway("GET", f"/orders/{payment['gateway_id']}/verify").get("status")
    except NoAnswer as error:
        app.logger.warning("payment %s, verify: %r", payment["reference"], error)
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
    if answer == "Successful" or status == "SUCCESS":
        return "paid"
    if status in ("FAILED", "EXPIRED"):
        return status.lower()
    if unanswered or status == "OTHER":
        return "in_doubt"
    if status == "IN_PROGRESS":
        return "expired" if over else "waiting"
    # The gateway is silent: that is no "expired".
    return "in_doubt" if over or answer else "waiting"


def record(payment, state, sent_at, unanswered):
    """Commit what is known now, unless it is older than a verify that somebody else has sent.

    A final state stays as it is.
    """
    reference, number = payment["reference"], payment["number"]
    with database() as connection:
        if state == "paid" and not connection.execute(CLAIM, (reference, number)).rowcount:
            state = "in_doubt"  # captured, and the order is another payment's: for a person
        changed = connection.execute(
            "UPDATE payments SET state = ?, verify_sent_at = CASE WHEN ? THEN verify_sent_at END"
            " WHERE reference = ? AND state IN ('waiting', 'in_doubt')"
            " AND (? = 'paid' OR verify_sent_at IS ?)",
            (state, unanswered, reference, state, sent_at),
        ).rowcount
        if changed and state in ("waiting", "failed", "expired"):  # it has captured nothing
            connection.execute(RELEASE, (reference,))
        connection.execute(FOLLOW, (number,))


def work():
    """Ask about every payment without an end, whether its browser came back or not."""
    with app.app_context():
        question = "SELECT * FROM payments WHERE state IN ('waiting', 'in_doubt') ORDER BY ends_at"
        for payment in rows(question):
            try:
                settle(payment)
            except Exception:  # one payment that fails must not stop the others
                app.logger.exception("payment %s", payment["reference"])


@app.get("/orders/<number>")
def show_order(number):
    return render_template_string(ORDER, order=order_by(number), payments=payments_of(number))


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    orders = [dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")]
    for order in orders:
        order["payments"] = [dict(payment) for payment in payments_of(order["number"])]
        order["gateway_id"] = order["payments"][-1]["gateway_id"] if order["payments"] else None
    return jsonify(orders)


def work_for_ever():
    """Run a pass every 15 seconds, never two at once."""
    scheduler = BlockingScheduler()
    scheduler.add_job(work, "interval", seconds=15)
    scheduler.start()


if __name__ == "__main__":
    {"work": work, "worker": work_for_ever}[sys.argv[1]]()
