"""Chapter 11: typical wrong solutions."""

AGAIN = "        return send(method, path, headers=bearer(new_token(token)), **more)\n"
MINE = "        if write(lease, time.time() + LEASE, dead, time.time()):\n"
DEAD_REFRESH = """    except (NoAnswer, Refused):
        return None


def send("""

WRONG = [
    (
        "everybody whose call got 401 renews the token",
        [(MINE, "        if write(lease, time.time() + LEASE, dead, time.time()) or True:\n")],
    ),
    (
        "a dead refresh token is the end",
        [(DEAD_REFRESH, DEAD_REFRESH.replace("return None", "raise"))],
    ),
    (
        "a call is repeated until it works",
        [(AGAIN, "        new_token(token)\n        return call_gateway(method, path, **more)\n")],
    ),
]
