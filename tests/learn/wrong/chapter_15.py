"""Chapter 15: typical wrong solutions."""

PAID = '    "PURCHASE_BY_USER": "IN_PROGRESS",  # paid, not captured yet\n'
CODE = "        return error if status == 200 and isinstance(error, int) and error else status\n"
CONTENT = """        if answer.get("errorCode") != 0 or not isinstance(answer.get("result"), dict):
            raise NoAnswer("no result")
        return answer["result"]
"""
AMOUNT = """            "amount": order["amount_rials"],
            "merchantOrderId": reference,
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
        "the wallet is told the amount in Toman",
        [(AMOUNT, AMOUNT.replace('["amount_rials"]', '["amount_rials"] // 10'))],
    ),
]
