"""A shop that sells one thing: `flask --app shop run`."""

import os
import secrets
import sqlite3

import requests
from flask import Flask, abort, g, jsonify, redirect, render_template_string, request, url_for

DATABASE = os.environ.get("DATABASE", "shop.db")
PRICE_RIALS = 1_250_000
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:5000")
GATEWAY_URL = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8001/ppg/v2")
KEYS = {
    "apiKey": os.environ.get("API_KEY", "sandbox-api-key"),
    "secretKey": os.environ.get("SECRET_KEY", "sandbox-secret-key"),
}
TIMEOUTS = (3, 10)  # seconds to connect, and to wait for the answer

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY,
    mobile TEXT NOT NULL,
    amount_rials INTEGER NOT NULL,
    state TEXT NOT NULL,
    reference TEXT UNIQUE,
    gateway_id TEXT,
    url TEXT
);
"""

HOME = """<!doctype html><title>Tea glass</title>
<h1>Tea glass</h1>
<p>{{ "{:,}".format(price // 10) }} Toman</p>
<form method="post" action="{{ url_for('place_order') }}">
  <label>Mobile <input name="mobile" value="09121234567"></label>
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
    return render_template_string(HOME, price=PRICE_RIALS)


@app.post("/orders")
def place_order():
    number = secrets.token_hex(4)
    write(
        "INSERT INTO orders (number, mobile, amount_rials, state) VALUES (?, ?, ?, 'open')",
        number,
        request.form["mobile"],
        PRICE_RIALS,
    )
    return pay(number)


@app.post("/orders/<number>/pay")
def pay(number):
    reference = secrets.token_hex(8)  # a new one for each try: a lost create may have arrived
    intent = "UPDATE orders SET reference = ? WHERE number = ? AND state = 'open'"
    if write(intent, reference, number):
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
    if order["state"] == "open":
        return go_on(order)
    try:
        state = ask(order)
    except NoAnswer:
        state = order["state"]
    except Refused:
        state = "failed"
    write("UPDATE orders SET state = ? WHERE number = ?", state, number)
    return redirect(url_for("show_order", number=number), 303)


def ask(order):
    """Ask about an order's payment and capture it; return the order's new state."""
    inquiry = call_gateway("GET", f"/orders/{order['gateway_id']}")
    if not is_ours(order, inquiry):  # asked before verify: verify takes the money
        return "in_doubt"
    verified = call_gateway("GET", f"/orders/{order['gateway_id']}/verify")
    states = {"Successful": "paid", "Failed": "failed"}  # any other word says nothing
    return states.get(text(verified, "status"), order["state"])


@app.get("/orders/<number>")
def show_order(number):
    return render_template_string(ORDER, order=order_by(number))


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    return jsonify([dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")])
