"""Chapter 13: typical wrong solutions."""

CREATE = "        created = create_payment(order_by(number), reference)\n"
LOOK = "        if not free_pieces():\n            return SOLD_OUT, 409\n"
COUNT = '        write("UPDATE product SET stock = MAX(stock - 1, 0)")\n'
RESERVE = '    connection.execute("UPDATE product SET stock = stock - ?", (pieces,))\n'
RELEASE = '    connection.execute("UPDATE product SET stock = stock + ?", (ended,))\n'
ENDED = "\" WHERE number = ? AND has_piece AND state IN ('failed', 'expired')\""
GIVEN_BACK = '"UPDATE orders SET has_piece = 0"'
TOGETHER = """            reference = intend(connection, number)
    except sqlite3.IntegrityError:  # no piece is left, or the form was sent before
"""
SENT_BEFORE = """ if same else (SOLD_OUT, 409)
    return open_payment(number, reference)
"""

WRONG = [
    (
        "the piece is counted when the gateway has answered",
        [
            (RESERVE, ""),
            (
                CREATE,
                LOOK + CREATE + COUNT,
            ),
        ],
    ),
    (
        "who does not pay keeps the piece",
        [(RELEASE, "")],
    ),
    (
        "an order in doubt gives its piece back",
        [(ENDED, ENDED.replace("'expired'", "'expired', 'in_doubt'"))],
    ),
    (
        "the piece is given back, and the order still says that it has one",
        [(GIVEN_BACK, '"UPDATE orders SET has_piece = has_piece"')],
    ),
    (
        "the order is committed before the piece is taken",
        [
            (TOGETHER, "    except sqlite3.IntegrityError:\n"),
            (SENT_BEFORE, "\n    return pay(number)\n"),
        ],
    ),
]
