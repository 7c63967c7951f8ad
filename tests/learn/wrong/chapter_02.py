"""Chapter 2: typical wrong solutions. Each old text stands in one of the folder's files."""

VERIFY = 'curl -sS "$GATEWAY_URL/orders/$1/verify"'

WRONG = [
    ("the price is sent in Toman", [('"amount": 1250000', '"amount": 125000')]),
    ("the order is asked about, not verified", [(VERIFY, VERIFY.replace("/verify", ""))]),
    ("verify is sent as a POST", [(VERIFY, VERIFY.replace("-sS", "-sS -X POST"))]),
]
