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
INCOMPLETE = """    if not report.complete:
        print(f"Not everything could be read: {report.error}.")
        return 2
"""
LAST_WORD = "        return has_piece(session, payment.order_key)\n"
KNOWN = 'page if knows_payment else url_for("home")'
NOT_ASKED = """        if place and not error.was_asked:
            return NOT_ASKED, 503
"""
STATE = """<p>State: <b id="state">{{ state }}</b></p>
"""
LEDGER = """@app.get("/ledger")
"""
ASKED_BY_A_LINK = [
    (STATE, STATE + """<p><a href="/orders/{{ order.number }}/ask">ask the gateway</a></p>\n"""),
    (
        LEDGER,
        """@app.get("/orders/<number>/ask")
def ask(number):
    for payment in engine.payments_of(number):
        engine.complete(payment.id, actor=Actor.WORKER)
    return redirect(url_for("show_order", number=number), 303)


"""
        + LEDGER,
    ),
    ("from payment_engine import ", "from payment_engine import Actor, "),
]
HANDLER = "app.register_error_handler(UnknownReference, "

WRONG = [
    ("recovery is never run", [("    engine.recover_once()\n", "    pass\n")]),
    ("the last piece is looked for after the payment only", [(BEGIN, "        pass\n")]),
    ("the engine is given Toman", [(AMOUNT, AMOUNT.replace("]", "] // 10"))]),
    ("a failed payment gives away a piece that another one may pay", [(GUARD, "")]),
    ("an order for which no piece is left is stored", [(PLACED, STORED)]),
    ("a reconciliation that is not complete agrees", [(INCOMPLETE, "")]),
    ("the money is taken for an order without a piece", [(LAST_WORD, "        return True\n")]),
    ("whoever opens a callback sees the order", [(KNOWN, "page")]),
    (
        "an order that was not stored has a page",
        [(NOT_ASKED, '        app.logger.warning("%s", error)\n')],
    ),
    (
        "who has an order is told that nothing was ordered",
        [(NOT_ASKED, NOT_ASKED.replace(" and not error.was_asked", ""))],
    ),
    ("a link to ask the gateway has no limit", ASKED_BY_A_LINK),
    (
        "the callback of a payment that is not there is an error of the shop",
        [(HANDLER, HANDLER.replace("UnknownReference", "ZeroDivisionError"))],
    ),
]
