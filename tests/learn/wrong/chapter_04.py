"""Chapter 4: typical wrong solutions."""

INQUIRY = '    inquiry = call_gateway("GET", f"/orders/{order[\'gateway_id\']}")\n'
COMPARED = "    if is_ours(order, inquiry):  # asked before verify: verify takes the money\n"
VERIFY = '        verified = call_gateway("GET", f"/orders/{order[\'gateway_id\']}/verify")\n'
OURS = "    return ours == {name: inquiry.get(name) for name in ours}\n"
CURRENCY = """        "currency": "RIALS",
    }
"""

WRONG = [
    (
        "the price is sent in Toman",
        [('            "amount": PRICE_RIALS,\n', '            "amount": PRICE_RIALS // 10,\n')],
    ),
    ("the currency is not compared", [(CURRENCY, "    }\n")]),
    (
        "the currency is not named in create",
        [
            (
                '            "currency": "RIALS",\n            "referenceNumber"',
                '            "referenceNumber"',
            )
        ],
    ),
    (
        "the money is taken first, then compared",
        [(INQUIRY + COMPARED + VERIFY, INQUIRY + VERIFY[4:] + COMPARED)],
    ),
    (
        "more than the amount is enough",
        [(OURS, '    return inquiry["amount"] >= order["amount_rials"]\n')],
    ),
    (
        "the amount in the callback's address is compared",
        [(COMPARED, '    if int(request.values["amount"]) == order["amount_rials"]:\n')],
    ),
    (
        "today's price is compared, not the order's",
        [('        "amount": order["amount_rials"],\n', '        "amount": PRICE_RIALS,\n')],
    ),
    (
        "a missing currency is Rials",
        [
            (OURS, f'    inquiry.setdefault("currency", "RIALS")\n{OURS}'),
        ],
    ),
    ("a missing field breaks the shop", [(OURS, OURS.replace(".get(name)", "[name]"))]),
    (
        "another amount is a failed order",
        [('        state = "in_doubt"', '        state = "failed"')],
    ),
]
