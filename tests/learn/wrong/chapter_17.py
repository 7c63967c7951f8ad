"""Chapter 17: typical wrong solutions."""

AT_IMPORT = """if REAL and wrong_settings():  # shop, worker and every other command pass here
    raise SystemExit("\\n".join(wrong_settings()))
"""
ADDRESSES = '{"GATEWAY_URL": PPG_URL, "WALLET_URL": WALLET_URL, "PUBLIC_URL": PUBLIC_URL}'
COMMANDS = '    commands = {"work": work,'
BOTH = "not (is_local(PPG_URL) and is_local(WALLET_URL))"
SAME = "        if KEYS[name] == known:\n"
CLOSED = "    if REAL:\n        abort(404)\n"

WRONG = [
    (
        "settings are looked at by one command only",
        [
            (AT_IMPORT, ""),
            (COMMANDS, f"    if REAL and wrong_settings():\n        sys.exit(1)\n{COMMANDS}"),
        ],
    ),
    (
        "a real gateway and the sandbox's wallet stand side by side",
        [(ADDRESSES, '{"GATEWAY_URL": PPG_URL, "PUBLIC_URL": PUBLIC_URL}')],
    ),
    (
        "the ledger stays open",
        [(CLOSED, "")],
    ),
    ("a real wallet beside a test gateway is test money", [(BOTH, "not is_local(PPG_URL)")]),
    (
        "keys and passwords are looked at, names are not",
        [(SAME, SAME.replace("known", 'known and name != "WALLET_USERNAME"'))],
    ),
]
