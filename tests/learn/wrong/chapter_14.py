"""Chapter 14: typical wrong solutions."""

NEXT_PAGE = '        page, more = page + 1, answer["hasNext"]\n'
BOTH_WAYS = "sorted(ours.keys() | theirs.keys())"
SILENT = "            return 2\n"
LEFT_OUT = "            theirs |= left_out(ours, theirs)\n"
NOT_CREATED = """            if here["gateway_id"] or here["state"] == "paid":
"""
PAID_SINCE = "(listed is None or paid_since)"
THEIRS = "            theirs = their_orders()\n"
ASK = "            with suppress(Refused):  # then the gateway does not know it either\n"
LIST = """        answer = call_gateway("GET", "/orders", params={"page": page, "size": 100})
"""
NO_PAGE = """        if not isinstance(answer.get("elements"), list) or "hasNext" not in answer:
            raise NoAnswer("no elements, or no hasNext")
"""
PAID = 'if (here["state"] == "paid") != (there["status"] == "SUCCESS"):'
UNREAD = "        except (NoAnswer, Refused) as error:\n            print"
OPEN_THERE = """        if here is None:
            found"""
PRICE = '(there["amount"], there["currency"]) != (here["amount_rials"], "RIALS")'

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
    (
        "an inquiry without an answer is unknown there",
        [(ASK, ASK.replace("Refused", "Refused, NoAnswer"))],
    ),
    (
        "a list ends with the first page that is not answered",
        [
            (
                LIST,
                """        try:
            answer = call_gateway("GET", "/orders", params={"page": page, "size": 100})
        except NoAnswer:
            if page == 1:
                raise
            break
""",
            )
        ],
    ),
    (
        "a list that breaks off is compared without inquiries",
        [
            (
                LIST,
                """        try:
            answer = call_gateway("GET", "/orders", params={"page": page, "size": 100})
        except NoAnswer:
            if page == 1:
                raise
            break
""",
            ),
            (LEFT_OUT, ""),
        ],
    ),
    (
        "an order in doubt is not compared",
        [(PAID, f'if here["state"] != "in_doubt" and ({PAID[3:-1]}):')],
    ),
    ("the currency is not compared", [(PRICE, 'there["amount"] != here["amount_rials"]')]),
    ("a page without hasNext ends the program", [(NO_PAGE, "")]),
    (
        "a page without hasNext is the last one",
        [(NO_PAGE, ""), (NEXT_PAGE, NEXT_PAGE.replace('["hasNext"]', '.get("hasNext")'))],
    ),
    (
        "a list that is refused ends the program",
        [(UNREAD, UNREAD.replace("(NoAnswer, Refused)", "NoAnswer"))],
    ),
    (
        "an open order that is unknown here is passed over",
        [
            (
                OPEN_THERE,
                """        if here is None and there["status"] == "IN_PROGRESS":
            continue
"""
                + OPEN_THERE,
            )
        ],
    ),
    ("the own ledger is read first", [(THEIRS, ""), (LEFT_OUT, THEIRS + LEFT_OUT)]),
]
