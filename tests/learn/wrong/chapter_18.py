"""Chapter 18: typical wrong solutions. Each old text stands in one of the folder's files."""

VERIFIED = "UPDATE payments SET state = 'waiting' WHERE reference = 'd5f61954c18fd63f';\n"
FORGED = "UPDATE payments SET state = 'failed' WHERE reference = 'e44a6fc9ad7785ad';\n"
EVERYTHING = "UPDATE payments SET state = 'expired' WHERE state = 'in_doubt';\n"
WAITING = (
    "UPDATE payments SET state = 'expired' WHERE reference = 'b75ecfb53752145c';\n"
    "UPDATE orders SET state = 'expired', has_piece = 0 WHERE number = '7e60df30';\n"
    "UPDATE product SET stock = stock + 1;\n"
)
DELETED = "DELETE FROM payments WHERE reference = '530e60cb1e353f29';\n"
DOUBTED = "UPDATE payments SET state = '{}' WHERE reference = '530e60cb1e353f29';\n"
AMOUNT = "UPDATE payments SET amount_rials = 125000 WHERE reference = 'ddae9b602ca106ed';\n"
CLAIMED = "has_piece = 1, claimed_by = '3cc608422b456d91'"
FORGED_CLAIM = "has_piece = 0, claimed_by = NULL WHERE number = 'cf7dd283'"
PART = "## cf7dd283"
SILENT = "cause: gateway_silent"

WRONG = [
    ("everything in doubt is closed as well", [(FORGED, FORGED + EVERYTHING)]),
    ("the money that can still be captured is left", [(VERIFIED, "")]),
    ("a silent gateway is taken for a dead process", [(SILENT, "cause: killed_between")]),
    ("an order that can still be paid is closed", [(FORGED, FORGED + WAITING)]),
    ("the second payment is deleted", [(FORGED, FORGED + DELETED)]),
    ("the second payment is expired", [(FORGED, FORGED + DOUBTED.format("expired"))]),
    ("the second payment is failed", [(FORGED, FORGED + DOUBTED.format("failed"))]),
    ("the second payment is paid", [(FORGED, FORGED + DOUBTED.format("paid"))]),
    ("the wrong amount is written over", [(FORGED, FORGED + AMOUNT)]),
    ("a repaired order belongs to no payment", [(CLAIMED, "has_piece = 1, claimed_by = NULL")]),
    (
        "a closed order still belongs to a payment",
        [(FORGED_CLAIM, FORGED_CLAIM.replace(", claimed_by = NULL", ""))],
    ),
    ("the report is about an order that nobody has", [(PART, "## 12345678\n\n" + PART)]),
]
