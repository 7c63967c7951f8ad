"""Chapter 3: typical wrong solutions."""

CALL = '    verified = call_gateway("GET", f"/orders/{order[\'gateway_id\']}/verify")\n'
PAID = '    paid = verified["status"] == "Successful"\n'

WRONG = [
    (
        "both the callback and the gateway must say yes",
        [(PAID, PAID[:-1] + ' and request.values["state"] == "SUCCESSFUL"\n')],
    ),
    (
        "the payment of the address is verified, not the stored one",
        [(CALL, CALL.replace("order['gateway_id']", "request.values['refnum']"))],
    ),
    (
        "the gateway is asked, and never told to take the money",
        [
            (CALL, CALL.replace("/verify", "")),
            (PAID, '    paid = verified["status"] in ("IN_PROGRESS", "SUCCESS")\n'),
        ],
    ),
]
