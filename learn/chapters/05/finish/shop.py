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
<p><a href="{{ order.url }}">Go on to the gateway</a></p>
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


def call_gateway(method, path, **more):
    """Call the gateway with a new token; return what it answers."""
    answer = requests.post(f"{GATEWAY_URL}/tokens/generate", json=KEYS, timeout=10)
    token = answer.json()["accessToken"]
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(
        method, f"{GATEWAY_URL}{path}", headers=headers, timeout=10, **more
    ).json()


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
                created["orderIdentifier"],
                created["pspSwitchingUrl"],
                reference,
            )
        except (requests.RequestException, KeyError):
            pass  # not answered: nothing is known, so the order stays open
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
    inquiry = call_gateway("GET", f"/orders/{order['gateway_id']}")
    if is_ours(order, inquiry):  # asked before verify: verify takes the money
        verified = call_gateway("GET", f"/orders/{order['gateway_id']}/verify")
        state = "paid" if verified.get("status") == "Successful" else "failed"
    else:
        state = "in_doubt"
    write("UPDATE orders SET state = ? WHERE number = ?", state, number)
    return redirect(url_for("show_order", number=number), 303)


@app.get("/orders/<number>")
def show_order(number):
    return render_template_string(ORDER, order=order_by(number))


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    return jsonify([dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")])
