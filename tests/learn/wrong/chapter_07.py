"""Chapter 7: typical wrong solutions."""

TAKE = (
    "if write(\"UPDATE orders SET state = 'in_doubt' WHERE number = ? AND state = 'waiting'\","
    " number):"
)
SILENT = '        except NoAnswer:\n            state = "waiting"\n'
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
    ("silence is a failed payment", [(SILENT, SILENT.replace("waiting", "failed"))]),
    ("silence keeps the order for ever", [(SILENT, SILENT.replace("waiting", "in_doubt"))]),
    ("the form has no key", [(HIDDEN, "")]),
    (
        "a word that says nothing keeps the order for ever",
        [('text(verified, "status"), "waiting")', 'text(verified, "status"), "in_doubt")')],
    ),
]
