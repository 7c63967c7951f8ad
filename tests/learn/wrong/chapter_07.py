"""Chapter 7: typical wrong solutions."""

TAKE = (
    "if write(\"UPDATE orders SET state = 'in_doubt' WHERE number = ? AND state = 'waiting'\","
    " number):"
)
SILENT = '        except NoAnswer:\n            state = "waiting"\n'
PLACED = '    number, form_key = secrets.token_hex(4), request.form["form_key"]\n'
LOOK = """    found = rows("SELECT * FROM orders WHERE form_key = ?", form_key)
    if found:
        return go_on(found[0])
"""
READ_AFTER = "ask(order_by(number))  # read after it was taken: the gateway's id is in it\n"
FOUND = '        return go_on(rows("SELECT * FROM orders WHERE form_key = ?", form_key)[0])\n'
HIDDEN = '  <input type="hidden" name="form_key" value="{{ form_key }}">\n'

WRONG = [
    (
        "the button is disabled after the first click, and the server takes every form",
        [
            ("form_key TEXT NOT NULL UNIQUE", "form_key TEXT NOT NULL"),
            ("<button>Buy</button>", '<button onclick="this.disabled=true">Buy</button>'),
        ],
    ),
    (
        "the key is the customer, not the form",
        [('request.form["form_key"]', 'request.form["mobile"]')],
    ),
    (
        "the state is looked at before the call, and nothing is taken",
        [
            (TAKE, 'if order_by(number)["state"] == "waiting":'),
            (
                "WHERE number = ? AND state = 'in_doubt'\"",
                "WHERE number = ? AND state = 'waiting'\"",
            ),
        ],
    ),
    (
        "the form's order is looked for, and the database takes every row",
        [("form_key TEXT NOT NULL UNIQUE", "form_key TEXT NOT NULL"), (PLACED, PLACED + LOOK)],
    ),
    (
        "the row is read before the order is taken",
        [(TAKE, f"order = order_by(number)\n    {TAKE}"), (READ_AFTER, "ask(order)\n")],
    ),
    (
        "the outcome is stored whatever the order has become meanwhile",
        [("WHERE number = ? AND state = 'in_doubt'\"", 'WHERE number = ?"')],
    ),
    (
        "a callback takes an order that has failed",
        [(TAKE, TAKE.replace("state = 'waiting'", "state IN ('waiting', 'failed')"))],
    ),
    (
        "the same form again pays again",
        [(FOUND, FOUND.replace("go_on", "pay").replace("[0])", '[0]["number"])'))],
    ),
    ("silence is a failed payment", [(SILENT, SILENT.replace("waiting", "failed"))]),
    ("silence keeps the order for ever", [(SILENT, SILENT.replace("waiting", "in_doubt"))]),
    ("the form has no key", [(HIDDEN, "")]),
    (
        "a word that says nothing keeps the order for ever",
        [('text(verified, "status"), "waiting")', 'text(verified, "status"), "in_doubt")')],
    ),
]
