"""A shop that sells one thing: `flask --app shop run`."""

import secrets

from flask import Flask, abort, jsonify, redirect, render_template_string, request, url_for

PRICE = 125_000

HOME = """<!doctype html><title>Tea glass</title>
<h1>Tea glass</h1>
<p>{{ "{:,}".format(price) }} Toman</p>
<form method="post" action="{{ url_for('place_order') }}">
  <label>Mobile <input name="mobile" value="09121234567"></label>
  <button>Buy</button>
</form>"""

ORDER = """<!doctype html><title>Order {{ order.number }}</title>
<h1>Order {{ order.number }}</h1>
<p>{{ "{:,}".format(order.amount_rials // 10) }} Toman</p>
<p>State: <b id="state">{{ order.state }}</b></p>"""

app = Flask(__name__)
orders = {}


def order_by(number):
    """Return an order; a number that nobody has is a 404."""
    return orders.get(number) or abort(404)


@app.get("/")
def home():
    return render_template_string(HOME, price=PRICE)


@app.post("/orders")
def place_order():
    number, mobile = secrets.token_hex(4), request.form["mobile"]
    order = {"number": number, "mobile": mobile, "amount_rials": PRICE, "state": "open"}
    orders[number] = order
    return redirect(url_for("show_order", number=number), 303)


@app.get("/orders/<number>")
def show_order(number):
    return render_template_string(ORDER, order=order_by(number))


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    return jsonify(list(orders.values()))
