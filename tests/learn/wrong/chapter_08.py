"""Chapter 8: typical wrong solutions."""

ASKED = """    inquiry = call_gateway("GET", f"/orders/{order['gateway_id']}")\n"""
EXPIRED = '    if now() >= order["ends_at"]:'
SETTLED = '                settle(order["number"])\n'
TAKEN_BY_NOBODY = """                state = ask(order)
                write("UPDATE orders SET state = ? WHERE number = ?", state, order["number"])
"""
ENDS = """    if now() >= order["ends_at"]:  # the gateway was asked, and captures nothing any more
        return "expired"
"""
GUARDED = """            try:
                settle(order["number"])
            except Exception:  # one order that fails must not stop the others
                app.logger.exception("order %s", order["number"])
"""
GUARD = "            except Exception:  # one order that fails must not stop the others\n"
REFUSED = """        except Refused:
            state = "failed"
"""

WRONG = [
    (
        "an order expires by the shop's own clock, and the gateway is not asked",
        [(ASKED, f'{EXPIRED}\n        return "expired"\n{ASKED}')],
    ),
    (
        "a verify that fails while the payer is still typing ends the order",
        [
            (
                'return "paid" if text(verified, "status") == "Successful" else "waiting"',
                'return "paid" if text(verified, "status") == "Successful" else "failed"',
            )
        ],
    ),
    (
        "an inquiry without a status is an answer",
        [('status = text(inquiry, "status")', 'status = inquiry["status"]')],
    ),
    ("the worker asks without taking the order", [(SETTLED, TAKEN_BY_NOBODY)]),
    ("an order past its time is asked about for ever", [(ENDS, "")]),
    (
        "one order that raises stops the others",
        [(GUARDED, '            settle(order["number"])\n')],
    ),
    (
        "only an answer that is missing is expected",
        [(GUARD, "            except (NoAnswer, Refused):\n")],
    ),
    ("a refused order stays taken", [(REFUSED, "")]),
]
