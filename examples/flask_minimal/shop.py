"""A shop that takes orders and no payments: `flask --app shop run`."""

import os
import secrets

from flask import Flask, redirect, render_template_string, request, url_for
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HOME = """<h1>Tea, 500 g</h1>
<form method="post" action="/orders"><input name="mobile"><button>Order</button></form>"""
PAGE = """<h1>Your order of {{ order.rials }} Rials</h1>
<p>{{ order.state }}</p>"""


class Model(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Model)


class Order(db.Model):
    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: secrets.token_urlsafe(16))
    mobile: Mapped[str]
    rials: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(default="open")


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3")
db.init_app(app)
with app.app_context():
    db.create_all()


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
    return render_template_string(PAGE, order=order)
