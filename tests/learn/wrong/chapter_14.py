"""Chapter 14: typical wrong solutions."""

NEXT_PAGE = '        page, more = page + 1, answer["hasNext"]\n'
BOTH_WAYS = "sorted(ours.keys() | theirs.keys())"
SILENT = "            return 2\n"
LEFT_OUT = "            theirs |= left_out(ours, theirs)\n"
NOT_CREATED = """            if here["gateway_id"] or here["state"] == "paid":
"""
PAID_SINCE = "(listed is None or paid_since)"
THEIRS = "            theirs = their_orders()\n"

WRONG = [
    (
        "only the first page is read",
        [(NEXT_PAGE, "        more = False\n")],
    ),
    (
        "the first page is read again and again",
        [('{"page": page, "size": 100}', '{"pageNumber": page, "size": 25}')],
    ),
    ("what was paid after the list was made is not asked for", [(PAID_SINCE, "listed is None")]),
    (
        "the exit code is 0 whatever is found",
        [("    return 1 if found else 0\n", "    return 0\n")],
    ),
    (
        "only our payments are looked up there",
        [(BOTH_WAYS, "sorted(ours)")],
    ),
    (
        "a list that is not answered agrees",
        [(SILENT, "            return 0\n")],
    ),
    ("what the list leaves out is unknown there", [(LEFT_OUT, "")]),
    (
        "a create that never arrived is missing there",
        [(NOT_CREATED, "            if here:\n")],
    ),
    (
        "a payment without the gateway's name is unknown here",
        [
            ('{payment["reference"]: payment for', '{payment["gateway_id"]: payment for'),
            ('{order["referenceNumber"]: order for', '{order["id"]: order for'),
            (BOTH_WAYS, "sorted(set(filter(None, ours)) | set(theirs))"),
        ],
    ),
    ("the own ledger is read first", [(THEIRS, ""), (LEFT_OUT, THEIRS + LEFT_OUT)]),
]
