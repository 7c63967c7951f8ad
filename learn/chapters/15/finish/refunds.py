"""Tea glasses that are paid at PPG v3, and their refunds: `python refunds.py create A1`."""

import os
import secrets
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import requests

DATABASE = Path(__file__).with_name("refunds.db")
PRICE_RIALS = 1_250_000  # PPG v3 takes nothing below 5,000
CALLBACK_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:5000") + "/callback/"
PPG_V3_URL = os.environ.get("PPG_V3_URL", "http://127.0.0.1:8001/ppg/v3")
KEYS = {
    "apiKey": os.environ.get("API_KEY", "sandbox-api-key"),
    "secretKey": os.environ.get("SECRET_KEY", "sandbox-secret-key"),
}
STATES = {  # of a purchase, in our words; any other word says nothing
    "IN_PROGRESS": "open",
    "READY_TO_VERIFY": "open",
    "SUCCESS": "paid",  # also after a refund
    "MANUALLY_SUCCESS": "paid",
    "FAILED": "failed",
    "EXPIRED": "expired",
    "REVERSED": "returned",  # it was paid, and went back
}
TRANSFERS = {"TRANSFERRED": "done", "CANCELLED": "failed"}  # any other word: under way
TRANSFERS |= {"FAILED": "failed", "MANUALLY_FAILED": "failed"}

USAGE = "usage: refunds.py create NUMBER, capture NUMBER, refund NUMBER RIALS, or settle"

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (number TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL REFERENCES orders (number),
    amount_rials INTEGER NOT NULL,
    state TEXT NOT NULL,
    transfer_id TEXT UNIQUE
);
CREATE UNIQUE INDEX IF NOT EXISTS doubts ON refunds (number) WHERE state = 'in_doubt';
"""


class NoAnswer(Exception):
    """Nothing is known: what was asked for may have happened."""


class Refused(Exception):
    """Nothing has happened; the code says why."""


def sql(statement, *values):
    """Run a statement and commit; return its rows."""
    with closing(sqlite3.connect(DATABASE, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(statement, values).fetchall()


def call(method, path, **more):
    """Return the gateway's answer, with a new token: chapter 11 shows how to keep one."""
    token = send("POST", "/tokens", json=KEYS)["accessToken"]
    return send(method, path, headers={"Authorization": f"Bearer {token}"}, **more)


def send(method, path, **more):
    """Return the answer to one request; raise NoAnswer or Refused."""
    try:
        response = requests.request(method, f"{PPG_V3_URL}{path}", timeout=(2, 5), **more)
        answer = response.json()
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__) from error
    if response.status_code == 200:
        return answer
    if response.status_code in (400, 404) and "errors" in answer:
        raise Refused(answer["errors"][0]["code"])
    raise NoAnswer(f"HTTP {response.status_code}")


def find(number):
    """Return the purchase of an order; compare what the filter has let through."""
    found = call("GET", "/purchases", params={"clientReferenceNumber": number})["elements"]
    for purchase in found:
        if (purchase["clientReferenceNumber"], purchase["amount"]) == (number, PRICE_RIALS):
            return purchase
    raise NoAnswer("no such purchase")


def create(number):
    """Open the purchase of an order, and print its page. It may be repeated."""
    sql("INSERT OR IGNORE INTO orders VALUES (?, 'open')", number)
    wanted = {"clientReferenceNumber": number, "amount": PRICE_RIALS, "currency": "IRR"}
    try:
        purchase = call("POST", "/purchases", json=wanted | {"callbackUrl": CALLBACK_URL + number})
    except Refused as error:
        if str(error) != "clientReferenceNumber.duplicated":
            raise
        purchase = find(number)  # the create whose answer was lost has arrived
    print(f"{PPG_V3_URL}/purchases/{purchase['purchaseIdStr']}/payments")


def capture(number):
    """Take the money if the payer has paid, and store what became of the purchase."""
    purchase = find(number)
    if purchase["state"] == "READY_TO_VERIFY":
        call("POST", f"/purchases/{purchase['purchaseIdStr']}/verify")
        purchase = find(number)  # the inquiry has the last word
    if purchase["state"] in STATES:
        sql("UPDATE orders SET state = ? WHERE number = ?", STATES[purchase["state"]], number)


def refund(number, amount):
    """Order a transfer to the payer, once: the intent is committed before it is sent."""
    refund_id, wanted = secrets.token_hex(4), {"clientReferenceNumber": number, "amount": amount}
    try:
        sql("INSERT INTO refunds VALUES (?, ?, ?, 'in_doubt', NULL)", refund_id, number, amount)
    except sqlite3.IntegrityError:
        raise Refused("another refund of this order is in doubt") from None
    try:
        answer = call("POST", "/purchases/refund", json=wanted)
    except Refused:
        sql("UPDATE refunds SET state = 'failed' WHERE id = ?", refund_id)
        raise
    store(refund_id, "under_way", answer["transferId"])


def settle():
    """Find out what became of every refund that is not over; order nothing again."""
    for waiting in sql("SELECT * FROM refunds WHERE state IN ('in_doubt', 'under_way')"):
        for transfer in transfers(waiting["number"]):
            if is_its(waiting, transfer):
                state = TRANSFERS.get(transfer["state"], "under_way")
                store(waiting["id"], state, transfer["transferID"])
                break


def transfers(number):
    """Return what the gateway has sent back for an order; nothing if it does not say."""
    try:
        purchase_id = find(number)["purchaseIdStr"]  # a refund has no other id
        return call("GET", f"/purchases/refunds/{purchase_id}")["transfers"]
    except (NoAnswer, Refused):
        return []


def is_its(waiting, transfer):
    """Return whether a transfer is this refund's: by its id, else as the one no record has."""
    if waiting["transfer_id"]:
        return waiting["transfer_id"] == transfer["transferID"]
    known = sql("SELECT 1 FROM refunds WHERE transfer_id = ?", transfer["transferID"])
    return not known and waiting["amount_rials"] == transfer["amount"]


def store(refund_id, state, transfer_id):
    """Store how a refund stands, and its transfer."""
    change = "UPDATE refunds SET state = ?, transfer_id = ? WHERE id = ?"
    sql(change, state, transfer_id, refund_id)


def show():
    """Print how all orders and refunds stand."""
    for order in sql("SELECT * FROM orders ORDER BY number"):
        print(order["number"], order["state"])
        for one in sql("SELECT * FROM refunds WHERE number = ? ORDER BY rowid", order["number"]):
            print(order["number"], "refund", one["amount_rials"], one["state"])


if __name__ == "__main__":
    commands = {("create", 1): create, ("capture", 1): capture, ("refund", 2): refund}
    commands |= {("settle", 0): settle}
    name, *values = sys.argv[1:] or [""]
    if (name, len(values)) not in commands or not all(map(str.isdecimal, values[1:])):
        sys.exit(USAGE)
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.executescript(SCHEMA)
    try:
        commands[name, len(values)](*values[:1], *map(int, values[1:]))
    except (NoAnswer, Refused) as error:
        print(f"{type(error).__name__}: {error}")
    show()
