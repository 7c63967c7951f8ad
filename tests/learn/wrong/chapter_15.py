"""Chapter 15: typical wrong solutions."""

PAID = '    "PURCHASE_BY_USER": "IN_PROGRESS",  # paid, not captured yet\n'
CODE = "        return error if status == 200 and isinstance(error, int) and error else status\n"
CONTENT = """        if answer.get("errorCode") != 0 or not isinstance(answer.get("result"), dict):
            raise NoAnswer("no result")
        return answer["result"]
"""
ANY_FORM = """        if path.startswith("/order/inquiry/") and "statusV" in answer:
            return answer  # the document shows the inquiry without an envelope
"""
WORD = 'WALLET_STATUSES.get(text(order, "statusV"))'
AMOUNT = """            "amount": order["amount_rials"],
            "merchantOrderId": reference,
"""

ORDERED = """    try:
        answer = call("POST", "/purchases/refund", json=wanted)
    except Refused:
"""
INTENT = (
    """sql("INSERT INTO refunds VALUES (?, ?, ?, 'in_doubt', NULL)", refund_id, number, """
    """amount)"""
)
OWNED = '"SELECT 1 FROM refunds WHERE transfer_id = ?"'
LOOKED_UP = """        for transfer in transfers(waiting["number"]):
"""
SAME_AMOUNT = '    return not known and waiting["amount_rials"] == transfer["amount"]\n'
ONE_DOUBT = "CREATE UNIQUE INDEX IF NOT EXISTS doubts ON refunds (number) WHERE state = 'in_doubt';"
INSERTED = """    try:
        sql("INSERT INTO refunds VALUES (?, ?, ?, 'in_doubt', NULL)", refund_id, number, amount)
    except sqlite3.IntegrityError:
        raise Refused("another refund of this order is in doubt") from None
"""
LOOKED_FIRST = """    doubts = "SELECT 1 FROM refunds WHERE number = ? AND state = 'in_doubt'"
    if sql(doubts, number):
        raise Refused("another refund of this order is in doubt")
    sql("INSERT INTO refunds VALUES (?, ?, ?, 'in_doubt', NULL)", refund_id, number, amount)
"""

WRONG = [
    (
        "who has paid at the wallet is believed to be captured",
        [(PAID, '    "PURCHASE_BY_USER": "SUCCESS",\n')],
    ),
    (
        "HTTP 200 is a yes",
        [
            (CODE, "        return status\n"),
            (CONTENT, '        return answer.get("result", answer)\n'),
        ],
    ),
    (
        "an answer without a result is taken for one",
        [(CONTENT, '        return answer.get("result", answer)\n')],
    ),
    (
        "an error code is taken for a number",
        [(CODE, CODE.replace("isinstance(error, int) and ", ""))],
    ),
    (
        "HTTP 500 of the wallet is a no",
        [(CODE, "        return 409 if isinstance(error, int) and error else status\n")],
    ),
    (
        "an errorCode of 500 in a 200 is a no",
        [
            (
                CONTENT,
                """        if answer.get("errorCode"):
            raise Refused(answer["errorCode"])
"""
                + CONTENT,
            ),
            (CODE, "        return status\n"),
        ],
    ),
    (
        "every errorCode that no document explains is a no",
        [
            (
                CODE,
                """        if status == 200 and isinstance(error, int) and error:
            return error if error == 500 else 409
        return status
""",
            )
        ],
    ),
    ("a no inside a 200 is silence", [(CODE, "        return status\n")]),
    (
        "HTTP 409 of the wallet is silence",
        [(CODE, "        return 500 if isinstance(error, int) and error else status\n")],
    ),
    ("an unknown statusV has failed", [(WORD, f'{WORD[:-1]}, "FAILED")')]),
    ("an inquiry without an envelope is not understood", [(ANY_FORM, "")]),
    (
        "any answer with a statusV is one",
        [(ANY_FORM, ANY_FORM.replace('path.startswith("/order/inquiry/") and ', ""))],
    ),
    (
        "the wallet is told the amount in Toman",
        [(AMOUNT, AMOUNT.replace('["amount_rials"]', '["amount_rials"] // 10'))],
    ),
    (
        "a refund without an answer is sent again",
        [
            (
                ORDERED,
                ORDERED.replace(
                    "    except Refused:\n",
                    """    except NoAnswer:
        answer = call("POST", "/purchases/refund", json=wanted)
    except Refused:
""",
                ),
            )
        ],
    ),
    (
        "a refund is stored when the gateway has answered",
        [
            (INTENT, "pass"),
            (
                '    store(refund_id, "under_way", answer["transferId"])\n',
                "    insert = \"INSERT INTO refunds VALUES (?, ?, ?, 'under_way', ?)\"\n"
                '    sql(insert, refund_id, number, amount, answer["transferId"])\n',
            ),
        ],
    ),
    (
        "a refund that the gateway does not have yet has failed",
        [
            (
                LOOKED_UP,
                """        if not transfers(waiting["number"]):
            store(waiting["id"], "failed", None)
"""
                + LOOKED_UP,
            )
        ],
    ),
    (
        "a transfer of another refund is taken for the one in doubt",
        [("    return not known and waiting", "    return waiting")],
    ),
    (
        "the transfer of a refund that is done is nobody's",
        [(OWNED, OWNED[:-1] + """ AND state = 'under_way'\"""")],
    ),
    (
        "a transfer is matched without its amount",
        [(SAME_AMOUNT, "    return not known\n")],
    ),
    (
        "two processes look for a doubt before either writes its own",
        [(ONE_DOUBT, ""), (INSERTED, LOOKED_FIRST)],
    ),
    (
        "only the errorCodes that the wallet's document has are a no",
        [
            (
                CODE,
                """        if status == 200 and isinstance(error, int) and error:
            return error if error in (400, 401, 404, 409, 429) else 500
        return status
""",
            )
        ],
    ),
    (
        "an errorCode of 429 is a no",
        [
            (
                CODE,
                """        if status == 200 and isinstance(error, int) and error:
            return 409 if error == 429 else error
        return status
""",
            )
        ],
    ),
    (
        "an errorCode of 401 is a no",
        [
            (
                CODE,
                """        if status == 200 and isinstance(error, int) and error:
            return 409 if error == 401 else error
        return status
""",
            )
        ],
    ),
    ("two refunds of an order may be in doubt", [(ONE_DOUBT, "")]),
    (
        "a doubt holds up the refunds of all orders",
        [(ONE_DOUBT, ONE_DOUBT.replace("(number)", "(state)"))],
    ),
    (
        "what was reversed has failed",
        [('    "REVERSED": "returned",', '    "REVERSED": "failed",')],
    ),
]
