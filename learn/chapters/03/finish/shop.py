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
    gateway_id TEXT
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
<p>State: <b id="state">{{ order.state }}</b></p>"""

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


@app.get("/")
def home():
    return render_template_string(HOME, price=PRICE_RIALS)


@app.post("/orders")
def place_order():
    number, mobile = secrets.token_hex(4), request.form["mobile"]
    created = call_gateway(
        "POST",
        "/orders",
        json={
            "amount": PRICE_RIALS,
            "referenceNumber": number,
            "userIdentifier": mobile,
            "callbackUrl": f"{PUBLIC_URL}/callback/{number}",
        },
    )
    write(
        "INSERT INTO orders VALUES (?, ?, ?, 'open', ?)",
        number,
        mobile,
        PRICE_RIALS,
        created["orderIdentifier"],
    )
    return redirect(created["pspSwitchingUrl"], 303)


@app.route("/callback/<number>", methods=["GET", "POST"])
def callback(number):
    order = order_by(number)
    verified = call_gateway("GET", f"/orders/{order['gateway_id']}/verify")
    paid = verified["status"] == "Successful"
    write("UPDATE orders SET state = ? WHERE number = ?", "paid" if paid else "failed", number)
    return redirect(url_for("show_order", number=number), 303)


@app.get("/orders/<number>")
def show_order(number):
    return render_template_string(ORDER, order=order_by(number))


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    return jsonify([dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")])
