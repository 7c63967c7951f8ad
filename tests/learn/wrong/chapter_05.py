"""Chapter 5: typical wrong solutions."""

STORED = """    write(
        "INSERT INTO orders (number, mobile, amount_rials, state) VALUES (?, ?, ?, 'open')",
        number,
        request.form["mobile"],
        PRICE_RIALS,
    )
"""
NOT_COMMITTED = """    database().execute(
        "INSERT INTO orders (number, mobile, amount_rials, state) VALUES (?, ?, ?, 'open')",
        (number, request.form["mobile"], PRICE_RIALS),
    )
"""
INTENT = "    if write(intent, reference, number):\n"
INTENT_NOT_COMMITTED = "    if database().execute(intent, (reference, number)).rowcount:\n"
TRY = """@app.post("/orders/<number>/pay")
def pay(number):
"""
PAID_IN_ONE = """    with database() as connection:
        return pay(number, lambda said, *values: connection.execute(said, values).rowcount)
"""
LOST = "            pass  # not answered: nothing is known, so the order stays open\n"

FAILED = "write(\"UPDATE orders SET state = 'failed' WHERE number = ?\", number)"

ANSWERED = """                created["pspSwitchingUrl"],
                reference,
"""
NOT_OPEN = """    if order["state"] == "open":
        return go_on(order)
"""

WRONG = [
    (
        "one transaction around everything",
        [(STORED, NOT_COMMITTED), (INTENT, INTENT_NOT_COMMITTED)],
    ),
    ("the intent is committed after the call", [(INTENT, INTENT_NOT_COMMITTED)]),
    (
        "the first try is one transaction, from the reference to the address",
        [
            ("    return pay(number)\n", PAID_IN_ONE),
            (TRY, TRY.replace("def pay(number):", "def pay(number, write=write):")),
        ],
    ),
    (
        "the reference is stored with the answer, not before the call",
        [
            (INTENT, '    if order_by(number)["state"] == "open":\n'),
            (
                'url = ? WHERE reference = ?",',
                """url = ?, reference = ?"
                " WHERE number = ? AND state = 'open'",""",
            ),
            (ANSWERED, f"{ANSWERED}                number,\n"),
        ],
    ),
    (
        "a lost answer is the shop's own failure",
        [("except (requests.RequestException, KeyError):", "except sqlite3.Error:")],
    ),
    (
        "a lost answer is a failed order",
        [
            (
                LOST,
                LOST.replace("pass  #", FAILED + "  #"),
            )
        ],
    ),
    (
        "every try has the same reference",
        [("    reference = secrets.token_hex(8)", "    reference = number")],
    ),
    (
        "the order waits for the payer before the gateway has answered",
        [
            (
                'intent = "UPDATE orders SET reference = ? WHERE',
                "intent = \"UPDATE orders SET reference = ?, state = 'waiting' WHERE",
            )
        ],
    ),
    ("a callback asks about an order that the gateway does not know yet", [(NOT_OPEN, "")]),
    (
        "the button takes an order that is not open any more",
        [("WHERE number = ? AND state = 'open'\"", 'WHERE number = ?"')],
    ),
    (
        "an answer is written in the order's row, whatever its reference is now",
        [
            ('url = ? WHERE reference = ?",', 'url = ? WHERE number = ?",'),
            (ANSWERED, ANSWERED.replace("reference", "number")),
        ],
    ),
]
