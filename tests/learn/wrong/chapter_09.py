"""Chapter 9: typical wrong solutions."""

PROVEN = '    if answer == "Successful" or status == "SUCCESS":\n'
FAILED = '    if answer == "Failed":\n        return "failed"\n'
SILENT = 'return "in_doubt" if over or answer else "waiting"'

WRONG = [
    (
        "only the answer to verify proves a payment",
        [(PROVEN, '    if answer == "Successful":\n')],
    ),
    ("the Failed of a verify is the end", [(PROVEN, FAILED + PROVEN)]),
    (
        "a gateway that does not answer after the window has let the order expire",
        [(SILENT, 'return "expired" if over else "waiting"')],
    ),
    (
        "a Failed is believed while the inquiry is silent",
        [(SILENT, 'return "in_doubt" if over else "waiting"')],
    ),
]
