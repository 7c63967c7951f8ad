"""Chapter 14: typical wrong solutions."""

NEXT_PAGE = '        page, more = page + 1, answer["hasNext"]\n'
BOTH_WAYS = "sorted(ours.keys() | theirs.keys())"
SILENT = "            return 2\n"
LEFT_OUT = "            theirs |= left_out(ours, theirs)\n"

WRONG = [
    (
        "only the first page is read",
        [(NEXT_PAGE, "        more = False\n")],
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
]
