"""A shop that sells one thing: `flask --app shop run`, and `python shop.py worker` beside it."""

import os
import secrets
import sqlite3
import sys
import threading
import time
from contextlib import suppress

import requests
from apscheduler.schedulers.blocking import BlockingScheduler
from clock import now
from flask import Flask, abort, g, jsonify, redirect, render_template_string, request, url_for

DATABASE = os.environ.get("DATABASE", "shop.db")
PRICE_RIALS = 1_250_000
STOCK = int(os.environ.get("STOCK", "10"))  # pieces on the day the shop opens
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:5000")
PPG_URL = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8001/ppg/v2")
PPG_KEYS = {
    "apiKey": os.environ.get("API_KEY", "sandbox-api-key"),
    "secretKey": os.environ.get("SECRET_KEY", "sandbox-secret-key"),
}
WALLET_URL = os.environ.get("WALLET_URL", "http://127.0.0.1:8001/pg")
WALLET_KEYS = {
    "username": os.environ.get("WALLET_USERNAME", "sandbox"),
    "password": os.environ.get("WALLET_PASSWORD", "sandbox-password"),
}
WALLET_STATUSES = {  # in the words of PPG
    "INITIAL": "IN_PROGRESS",
    "PGENTRY": "IN_PROGRESS",
    "PURCHASE_BY_USER": "SUCCESS",
    "PURCHASE_CONFIRM_BY_MERCHANT": "SUCCESS",
    "CANCEL_BY_USER": "FAILED",
    "CANCEL_BY_SYSTEM": "EXPIRED",
}
LIFETIME = 15 * 60  # seconds in which a payment can be made and captured
LEASE = 30  # seconds in which one process renews the token and the others wait
CONNECT, READ, WHOLE_CALL = 2, 5, 8  # seconds; a whole call has its token calls in it
SLOTS, SLOT_WAIT = 4, 0.5  # calls at a time, and seconds to wait for one of them to end
MOST_SILENT, PAUSE = 5, 30  # unanswered calls in a row, and seconds until one more is tried

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
    has_piece INTEGER NOT NULL DEFAULT 0,
    claimed_by TEXT
);
CREATE TABLE IF NOT EXISTS payments (
    reference TEXT PRIMARY KEY,
    number TEXT NOT NULL REFERENCES orders (number),
    amount_rials INTEGER NOT NULL,
    state TEXT NOT NULL,
    gateway TEXT NOT NULL,
    gateway_id TEXT,
    url TEXT,
    ends_at REAL NOT NULL,
    verify_sent_at REAL
);
CREATE TABLE IF NOT EXISTS tokens (
    gateway TEXT PRIMARY KEY,
    access TEXT,
    refresh TEXT,
    leased_until REAL NOT NULL DEFAULT 0
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
UPDATE orders SET claimed_by = ?1
WHERE number = ?2 AND has_piece AND (claimed_by IS NULL OR claimed_by = ?1)"""
RELEASE = "UPDATE orders SET claimed_by = NULL WHERE claimed_by = ?"

HOW = """<select name="gateway">
  {% for name, gateway in gateways.items() %}<option value="{{ name }}">{{ gateway.title }}</option>
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
<p>State: <b id="state">{{ order.state }}</b></p>
{% for payment in payments if payment.state == "waiting" %}
<p>The gateway has not confirmed a payment yet. If you have paid, do not pay again:
<a href="{{ url_for('callback', reference=payment.reference) }}">ask the gateway</a>.</p>
<p><a href="{{ payment.url }}">Go on to the gateway</a></p>
{% endfor %}
{% if order.state == "open" %}
<p>The gateway does not answer now. Your order is kept: try again in a minute.</p>
{% endif %}
{% if order.state == "in_doubt" %}
<p>It is not clear yet whether this is paid. Do not pay again.</p>
{% elif order.state != "paid" %}
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

app = Flask(__name__)


def prepare():
    """Create the tables, and the product with its first stock."""
    with sqlite3.connect(DATABASE, timeout=10) as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT OR IGNORE INTO product VALUES (1, ?)", (STOCK,))


prepare()


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


def write(statement, *values):
    """Change something and commit; return how many rows were changed."""
    with database() as connection:
        return connection.execute(statement, values).rowcount


def change(number, statement, *values):
    """Change a payment and, in the same commit, its order; return how many rows were changed."""
    with database() as connection:
        changed = connection.execute(statement, values).rowcount
        follow(connection, number)
        return changed


def follow(connection, number):
    """Move an order to where its payments are; an order that ends gives its piece back."""
    connection.execute(FOLLOW, (number,))
    ended = connection.execute(
        "UPDATE orders SET has_piece = 0"
        " WHERE number = ? AND has_piece AND state IN ('failed', 'expired')",
        (number,),
    ).rowcount
    connection.execute("UPDATE product SET stock = stock + ?", (ended,))


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


class DeadToken(NoAnswer):
    """The gateway does not know the token or the keys; it has not looked at the call."""


class Breaker:
    """Stops the calls of this process to a gateway that does not answer."""

    def __init__(self):
        self.lock, self.silent, self.retry_at = threading.Lock(), 0, 0

    def allows(self):
        """Return whether to call: always, or one call after each pause when it is dead."""
        with self.lock:
            if self.silent < MOST_SILENT:
                return True
            if now() < self.retry_at:
                return False
            self.retry_at = now() + PAUSE
            return True

    def count(self, answered):
        """Count a call that was answered or not."""
        with self.lock:
            self.silent = 0 if answered else self.silent + 1
            self.retry_at = now() + PAUSE


class Ppg:
    """Card payments: PPG v2. Each method returns our words for what the gateway says."""

    title, envelope = "Bank card", "errors"
    url, keys = PPG_URL, PPG_KEYS
    generate, refresh, access_name = "/tokens/generate", "/tokens/refresh", "accessToken"

    def __init__(self, name):
        self.name, self.breaker = name, Breaker()
        self.slots = threading.BoundedSemaphore(SLOTS)

    def create(self, order, reference):
        """Create an order under our reference; return its id and the address of its page."""
        body = {
            "amount": order["amount_rials"],
            "currency": "RIALS",
            "referenceNumber": reference,
            "userIdentifier": order["mobile"],
            "callbackUrl": f"{PUBLIC_URL}/callback/{reference}",
        }
        created = call_gateway(self, "POST", "/orders", json=body)
        return text(created, "orderIdentifier"), text(created, "pspSwitchingUrl")

    def inquire(self, payment):
        """Return what the gateway says of a payment."""
        return self.facts(call_gateway(self, "GET", f"/orders/{payment['gateway_id']}"))

    def verify(self, payment):
        """Take the money; return the gateway's word."""
        return call_gateway(self, "GET", f"/orders/{payment['gateway_id']}/verify").get("status")

    def orders(self):
        """Read the gateway's list page by page; return its orders by our reference."""
        found, page, more = {}, 1, True
        while more:
            answer = call_gateway(self, "GET", "/orders", params={"page": page, "size": 100})
            if not isinstance(answer.get("elements"), list) or "hasNext" not in answer:
                raise NoAnswer("no elements, or no hasNext")
            found |= {order["referenceNumber"]: self.facts(order) for order in answer["elements"]}
            page, more = page + 1, answer["hasNext"]
        return found

    def facts(self, order):
        """Return what an order of the wire says, in our words."""
        names = {"id": "gateway_id", "referenceNumber": "reference"}
        wanted = ("id", "referenceNumber", "amount", "currency", "status")
        return {names.get(name, name): order.get(name) for name in wanted}

    def content(self, _path, answer):
        """Return the content of a successful answer."""
        return answer

    def code(self, status, _answer):
        """Return the HTTP status that an answer means."""
        return status


class Wallet(Ppg):
    """Payments from the Jibit wallet: another wire, the same methods."""

    title, envelope = "Jibit wallet", "errorCode"
    url, keys = WALLET_URL, WALLET_KEYS
    generate, refresh, access_name = "/authenticate", "/authenticate/refresh", "token"

    def create(self, order, reference):
        body = {
            "amount": order["amount_rials"],
            "merchantOrderId": reference,
            "userIdentity": order["mobile"],
            "callBackUrl": f"{PUBLIC_URL}/callback/{reference}",
        }
        created = call_gateway(self, "POST", "/order/initiate", json=body)
        return text(created, "orderId"), text(created, "redirectUrl")

    def inquire(self, payment):
        order = call_gateway(self, "GET", f"/order/inquiry/{payment['gateway_id']}")
        return {
            "gateway_id": payment["gateway_id"],  # the answer does not repeat it
            "reference": order.get("merchantOrderId"),
            "amount": order.get("amount"),
            "currency": "RIALS",  # the wallet has no other
            "status": WALLET_STATUSES.get(text(order, "statusV")),
        }

    def verify(self, payment):
        call_gateway(self, "POST", f"/order/verify/{payment['gateway_id']}")
        return "Successful"  # the wallet has no word for it: its "no" is a refusal

    def orders(self):
        return {}  # the wallet has no list: its payments are asked about one by one

    def content(self, _path, answer):
        return answer.get("result", answer)


GATEWAYS = {"ppg": Ppg("ppg"), "wallet": Wallet("wallet")}


def call_gateway(gateway, method, path, **more):
    """Call a gateway, unless it is dead or busy; return what it answers."""
    if not gateway.slots.acquire(timeout=SLOT_WAIT):
        raise NoAnswer("all slots are taken")
    try:
        if not gateway.breaker.allows():
            raise NoAnswer("the gateway does not answer")
        return counted(gateway, method, path, **more)
    finally:
        gateway.slots.release()


def counted(gateway, method, path, **more):
    """Make a call within its time and count whether it was answered; a refusal is an answer."""
    g.give_up = time.monotonic() + WHOLE_CALL
    answered = False
    try:
        answer = call_with_token(gateway, method, path, **more)
        answered = True
    except (Refused, DeadToken):
        answered = True
        raise
    finally:
        gateway.breaker.count(answered)
    return answer


def call_with_token(gateway, method, path, **more):
    """Call with the shop's token, twice if it is dead; return what the gateway answers."""
    question = "SELECT access FROM tokens WHERE gateway = ? AND access IS NOT NULL"
    kept = rows(question, gateway.name)
    token = kept[0]["access"] if kept else new_token(gateway, None)
    try:
        return send(gateway, method, path, headers=bearer(token), **more)
    except DeadToken:
        return send(gateway, method, path, headers=bearer(new_token(gateway, token)), **more)


def bearer(token):
    """Return the header that carries a token, which is written nowhere else."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def new_token(gateway, dead):
    """Return another token than the dead one; one process renews it, the others wait for it."""
    write("INSERT OR IGNORE INTO tokens (gateway) VALUES (?)", gateway.name)
    lease = (
        "UPDATE tokens SET leased_until = ? WHERE gateway = ? AND access IS ? AND leased_until < ?"
    )
    while time.monotonic() < g.give_up:
        (kept,) = rows("SELECT * FROM tokens WHERE gateway = ?", gateway.name)
        if kept["access"] != dead:
            return kept["access"]
        if write(lease, time.time() + LEASE, gateway.name, dead, time.time()):
            return renew(gateway, kept)
        time.sleep(0.1)
    raise NoAnswer("no token")


def renew(gateway, kept):
    """Refresh the tokens, or begin anew with the keys; commit both and return the access token."""
    change_tokens = "UPDATE tokens SET access = ?, refresh = ? WHERE gateway = ?"
    try:
        pair = refreshed(gateway, kept) or send(
            gateway, "POST", gateway.generate, json=gateway.keys
        )
        access, refresh = text(pair, gateway.access_name), text(pair, "refreshToken")
        write(change_tokens, access, refresh, gateway.name)
    except Refused as error:
        raise DeadToken("the keys are refused") from error
    finally:
        write("UPDATE tokens SET leased_until = 0 WHERE gateway = ?", gateway.name)
    return access


def refreshed(gateway, kept):
    """Return a pair of tokens for the kept one, None if the refresh token is dead as well."""
    if kept["refresh"] is None:
        return None
    try:
        pair = {gateway.access_name: kept["access"], "refreshToken": kept["refresh"]}
        return send(gateway, "POST", gateway.refresh, json=pair)
    except (NoAnswer, Refused):
        return None


def send(gateway, method, path, **more):
    """Return the content of an answer to one request; raise NoAnswer, DeadToken or Refused."""
    left = g.give_up - time.monotonic()
    if left <= 0:
        raise NoAnswer("no time is left")
    timeouts = (min(CONNECT, left), min(READ, left))
    try:
        response = requests.request(
            method, f"{gateway.url}{path}", timeout=timeouts, allow_redirects=False, **more
        )
        answer = response.json()
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__) from error
    if not isinstance(answer, dict):
        raise NoAnswer("no JSON object")
    status = gateway.code(response.status_code, answer)
    if status == 200:
        return gateway.content(path, answer)
    if status == 401:
        raise DeadToken("HTTP 401")
    # 429 is about the number of calls, not about the order.
    if 400 <= status < 500 and status != 429 and gateway.envelope in answer:
        raise Refused(answer[gateway.envelope])
    raise NoAnswer(f"HTTP {status}")


def text(answer, name):
    """Return a text of an answer; an answer without it says nothing."""
    if not isinstance(answer.get(name), str):
        raise NoAnswer(f"no {name}")
    return answer[name]


def is_ours(payment, inquiry):
    """Return whether the gateway speaks of this payment, its amount and its currency."""
    ours = {
        "gateway_id": payment["gateway_id"],
        "reference": payment["reference"],
        "amount": payment["amount_rials"],
        "currency": "RIALS",
    }
    return ours == {name: inquiry.get(name) for name in ours}


def chosen_gateway():
    """Return the name of the gateway that the form has chosen; another name is a 400."""
    name = request.form.get("gateway", "ppg")
    return name if name in GATEWAYS else abort(400)


@app.get("/")
def home():
    form_key, free = secrets.token_hex(16), free_pieces()
    return render_template_string(
        HOME, price=PRICE_RIALS, form_key=form_key, free=free, gateways=GATEWAYS
    )


@app.post("/orders")
def place_order():
    number, form_key = secrets.token_hex(4), request.form["form_key"]
    gateway = chosen_gateway()
    try:
        with database() as connection:
            connection.execute(
                "INSERT INTO orders (number, form_key, mobile, amount_rials, state)"
                " VALUES (?, ?, ?, ?, 'open')",
                (number, form_key, request.form["mobile"], PRICE_RIALS),
            )
            reference = intend(connection, number, gateway)
    except sqlite3.IntegrityError:  # no piece is left, or the form was sent before
        same = rows("SELECT number FROM orders WHERE form_key = ?", form_key)
        return go_on(same[0]["number"]) if same else (SOLD_OUT, 409)
    return open_payment(GATEWAYS[gateway], number, reference)


@app.post("/orders/<number>/pay")
def pay(number):
    gateway = chosen_gateway()
    try:
        with database() as connection:
            reference = intend(connection, number, gateway)
    except sqlite3.IntegrityError:
        return SOLD_OUT, 409
    return open_payment(GATEWAYS[gateway], number, reference) if reference else go_on(number)


def intend(connection, number, gateway):
    """Begin a payment and reserve a piece if the order has none; return the payment's reference.

    An order that is paid or in doubt stays as it is; then there is none.
    """
    reference = secrets.token_hex(8)  # a new one for each try: a lost create may have arrived
    begun = connection.execute(
        "INSERT INTO payments (reference, number, amount_rials, state, gateway, ends_at)"
        " SELECT ?, number, amount_rials, 'open', ?, ? FROM orders"
        " WHERE number = ? AND state NOT IN ('paid', 'in_doubt')",
        (reference, gateway, now() + LIFETIME, number),
    ).rowcount
    if not begun:
        return None
    reserve = "UPDATE orders SET has_piece = 1 WHERE number = ? AND NOT has_piece"
    pieces = connection.execute(reserve, (number,)).rowcount
    connection.execute("UPDATE product SET stock = stock - ?", (pieces,))
    follow(connection, number)
    return reference


def open_payment(gateway, number, reference):
    """Create a payment at the gateway and redirect to it."""
    try:
        gateway_id, url = gateway.create(order_by(number), reference)
        change(
            number,
            "UPDATE payments SET state = 'waiting', gateway_id = ?, url = ?"
            " WHERE reference = ? AND state = 'open'",
            gateway_id,
            url,
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
        inquiry = GATEWAYS[payment["gateway"]].inquire(payment)
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
        follow(connection, number)
        if not (mine and unchanged):
            connection.rollback()
    return mine and unchanged


def verify(payment):
    """Take the money; return the gateway's word, or None if it does not answer.

    It may be sent again while the gateway says IN_PROGRESS: a payment is captured once.
    """
    try:
        return GATEWAYS[payment["gateway"]].verify(payment)
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
        follow(connection, number)


def work():
    """Ask about every payment without an end, whether its browser came back or not."""
    with app.app_context():
        question = "SELECT * FROM payments WHERE state IN ('waiting', 'in_doubt') ORDER BY ends_at"
        for payment in rows(question):
            try:
                settle(payment)
            except Exception:  # one payment that fails must not stop the others
                app.logger.exception("payment %s", payment["reference"])
        expire = "UPDATE payments SET state = 'expired' WHERE reference = ? AND state = 'open'"
        # Their create was never answered: nobody was sent to the gateway.
        for payment in rows("SELECT * FROM payments WHERE state = 'open' AND ends_at <= ?", now()):
            change(payment["number"], expire, payment["reference"])


@app.get("/orders/<number>")
def show_order(number):
    order, payments = order_by(number), payments_of(number)
    return render_template_string(ORDER, order=order, payments=payments, gateways=GATEWAYS)


def free_pieces():
    """Return how many pieces are neither reserved nor sold."""
    return rows("SELECT stock FROM product")[0]["stock"]


@app.get("/stock")
def stock():
    return jsonify(free=free_pieces())


@app.get("/ledger")
def ledger():
    """What the course looks at; a real shop would not show it to everybody."""
    orders = [dict(order) for order in rows("SELECT * FROM orders ORDER BY rowid")]
    for order in orders:
        order["payments"] = [dict(payment) for payment in payments_of(order["number"])]
        order["gateway_id"] = order["payments"][-1]["gateway_id"] if order["payments"] else None
    return jsonify(orders)


def reconcile():
    """Compare all ledgers and print each discrepancy; return the exit code, 1 if there is one."""
    with app.app_context():
        try:
            theirs = {}
            for gateway in GATEWAYS.values():
                theirs |= gateway.orders()
            ours = {payment["reference"]: payment for payment in rows("SELECT * FROM payments")}
            theirs |= left_out(ours, theirs)
        except (NoAnswer, Refused) as error:
            print(f"Not everything could be read: {error}.")
            return 2
    found = discrepancies(ours, theirs)
    print("\n".join(found) or "The ledgers agree.")
    return 1 if found else 0


def left_out(ours, theirs):
    """Ask for each payment that no list has: a page may have a gap, and the wallet has no list."""
    found = {}
    for reference, payment in ours.items():
        listed = theirs.get(reference)
        paid_since = listed and payment["state"] == "paid" and listed["status"] != "SUCCESS"
        if payment["gateway_id"] and (listed is None or paid_since):
            with suppress(Refused):  # then the gateway does not know it either
                found[reference] = GATEWAYS[payment["gateway"]].inquire(payment)
    return found


def discrepancies(ours, theirs):
    """Return a sentence for each payment that is not the same in both ledgers, or in one only."""
    found = []
    for reference in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(reference), theirs.get(reference)
        if here is None:
            found.append(f"{reference}: unknown here, {there['status']} there")
        elif there is None:
            if here["gateway_id"] or here["state"] == "paid":
                found.append(f"{reference}: {here['state']} here, unknown there")
        else:
            if (there["amount"], there["currency"]) != (here["amount_rials"], "RIALS"):
                amount = f"{there['amount']} {there['currency']}"
                found.append(f"{reference}: {here['amount_rials']} RIALS here, {amount} there")
            if (here["state"] == "paid") != (there["status"] == "SUCCESS"):
                found.append(f"{reference}: {here['state']} here, {there['status']} there")
    return found


def work_for_ever():
    """Run a pass every 15 seconds, never two at once."""
    scheduler = BlockingScheduler()
    scheduler.add_job(work, "interval", seconds=15)
    scheduler.start()


if __name__ == "__main__":
    commands = {"work": work, "worker": work_for_ever, "reconcile": reconcile}
    sys.exit(commands[sys.argv[1]]())
