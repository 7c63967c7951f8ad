"""Chapter 1: typical wrong solutions."""

COMMITTED = """    with database() as connection:
        return connection.execute(statement, values).rowcount
"""

STARTED = "app = Flask(__name__)\n"

WRONG = [
    ("the price is kept in Toman", [("PRICE_RIALS = 1_250_000", "PRICE_RIALS = 125_000")]),
    (
        "the order is written and not committed",
        [(COMMITTED, "    return database().execute(statement, values).rowcount\n")],
    ),
    (
        "an unknown number is the shop's own failure",
        [("    return found[0] if found else abort(404)", "    return found[0]")],
    ),
    (
        "every start begins with an empty table",
        [(STARTED, STARTED + "if os.path.exists(DATABASE):\n    os.remove(DATABASE)\n")],
    ),
    (
        "the price is a float",
        [("PRICE_RIALS = 1_250_000", "PRICE_RIALS = 125_000 * 10.0")],
    ),
    (
        "the price is a float in the table as well",
        [
            ("PRICE_RIALS = 1_250_000", "PRICE_RIALS = 125_000 * 10.0"),
            ("amount_rials INTEGER NOT NULL", "amount_rials REAL NOT NULL"),
        ],
    ),
]
