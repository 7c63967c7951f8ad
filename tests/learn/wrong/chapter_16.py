"""Chapter 16: typical wrong solutions."""

BEGIN = """        if not has_piece(session, payment.order_key):
            raise NotPayable(payment.order_key, Standing.CLOSED)
"""
AMOUNT = '            amount_rials=order["amount_rials"],\n'
GUARD = (
    '            " AND NOT EXISTS (SELECT 1 FROM payments WHERE order_key = :number'
    ' AND id != :id"\n'
    """            " AND state NOT IN ('failed', 'expired'))"\n"""
)
PLACED = "    return begin_payment(order, lambda session: session.execute(PLACE, order))\n"
STORED = """    with store.transaction() as work:
        work.session.execute(PLACE, order)
    return begin_payment(order)
"""

WRONG = [
    ("recovery is never run", [("    engine.recover_once()\n", "    pass\n")]),
    ("the last piece is looked for after the payment only", [(BEGIN, "        pass\n")]),
    ("the engine is given Toman", [(AMOUNT, AMOUNT.replace("]", "] // 10"))]),
    ("a failed payment gives away a piece that another one may pay", [(GUARD, "")]),
    ("an order for which no piece is left is stored", [(PLACED, STORED)]),
]
