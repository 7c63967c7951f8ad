"""Chapter 16: typical wrong solutions."""

BEGIN = """        if not has_piece(session, payment.order_key):
            raise NotPayable(payment.order_key, Standing.CLOSED)
"""
AMOUNT = '            amount_rials=order["amount_rials"],\n'

WRONG = [
    ("recovery is never run", [("    engine.recover_once()\n", "    pass\n")]),
    ("the last piece is looked for after the payment only", [(BEGIN, "        pass\n")]),
    ("the engine is given Toman", [(AMOUNT, AMOUNT.replace("]", "] // 10"))]),
]
