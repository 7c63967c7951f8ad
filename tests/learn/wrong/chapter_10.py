"""Chapter 10: typical wrong solutions."""

FREE = 'AND (claimed_by IS NULL OR claimed_by = ?1)"""'
RELEASED = 'if changed and state in ("waiting", "failed", "expired"):'

WRONG = [
    (
        "whether the order is paid is looked at, and nothing is claimed",
        [(FREE, 'AND state != \'paid\'"""')],
    ),
    (
        "an attempt in doubt gives the order back",
        [(RELEASED, 'if changed and state != "paid":')],
    ),
    (
        "an attempt that was not paid yet keeps the order",
        [(RELEASED, 'if changed and state in ("failed", "expired"):')],
    ),
]
