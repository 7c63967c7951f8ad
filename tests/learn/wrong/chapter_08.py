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
SETTLE = "def settle(number):\n"
LOGGED = '            app.logger.warning("order %s: %r", number, error)\n'
SILENT = f'{LOGGED}            state = "waiting"\n'
CALLED_BACK = "    settle(number)\n    return"
GIVEN_BACK = """            except NoAnswer:
                taken = "UPDATE orders SET state = 'waiting' WHERE number = ?"
                write(taken, order["number"])
"""
WHOSE_TIME_ENDS_FIRST = """ ORDER BY ends_at\""""

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
    (
        "silence ends an order in the callback only",
        [
            (SETTLE, 'def settle(number, silence="waiting"):\n'),
            (SILENT, SILENT.replace('"waiting"', "silence")),
            (CALLED_BACK, CALLED_BACK.replace("(number)", '(number, "failed")')),
        ],
    ),
    (
        "silence breaks the callback, and leaves its order taken",
        [(SILENT, SILENT.replace('state = "waiting"', "raise")), (GUARD, GIVEN_BACK + GUARD)],
    ),
    (
        "a no ends an order in the worker only",
        [
            (SETTLE, 'def settle(number, no="failed"):\n'),
            (REFUSED, REFUSED.replace('"failed"', "no")),
            (CALLED_BACK, CALLED_BACK.replace("(number)", '(number, "waiting")')),
        ],
    ),
    ("nobody can see a silence that lasts", [(LOGGED, "")]),
    ("the order that was placed first is asked about first", [(WHOSE_TIME_ENDS_FIRST, '"')]),
    (
        "a pass asks about two orders at most",
        [(WHOSE_TIME_ENDS_FIRST, WHOSE_TIME_ENDS_FIRST.replace('"', ' LIMIT 2"'))],
    ),
]
