"""Section 2 of the sheet, row by row: tokens, access, and what every call refuses."""

from __future__ import annotations

from tests.sandbox.v3_rows import CALLS, TOKEN_CALLS, WITH_BODY, WITH_TOKEN, Row

BLANK = (..., None, "", "  ")
WRONG_BODY = "web.invalid_or_missing_body"
DEAD = "token.verification_failed"
NO_OBJECT = ("", "{", "[]", "NaN", '"text"', '{"a":')
ROWS = [
    *(
        Row("2 tokens", "generate", f"{name}.is_required", change={name: value})
        for name in ("apiKey", "secretKey")
        for value in BLANK
    ),
    *(
        Row("2 tokens", "refresh", "refreshToken.is_required", change={"refreshToken": value})
        for value in BLANK
    ),
    *(
        Row("2 tokens", "generate", "security.bad_credentials", change=change)
        for change in ({"secretKey": "x"}, {"apiKey": "x y"})
    ),
    *(
        Row("2 tokens", "refresh", "security.bad_credentials", change={"refreshToken": token})
        for token in ("{access}", "x")
    ),
    Row(
        "2 tokens",
        "generate",
        "security.bad_credentials",
        401,
        {"secretKey": "x"},
        switches={"v3_bad_credentials": 401},
    ),
    *(
        Row("2 tokens", call, WRONG_BODY, change={name: 1})
        for call, name in (("generate", "apiKey"), ("refresh", "refreshToken"))
    ),
    *(
        Row("2 access", call, "security.auth_required", 401, headers={"Authorization": said})
        for call, said in (*((call, None) for call in WITH_TOKEN), ("inquiry", "Basic eDp5"))
    ),
    *(
        Row("2 access", call, DEAD, 401, headers={"Authorization": f"Bearer {token}"})
        for call, token in (*((call, "x") for call in WITH_TOKEN), ("inquiry", "{refresh}"))
    ),
    *(
        Row("2 access", call, "client.not_active", switches={"merchant": "inactive"})
        for call in CALLS
    ),
    *(
        Row(
            "2 access",
            call,
            "client.not_active",
            403,
            switches={"merchant": "inactive", "v3_inactive_client": 403},
        )
        for call in TOKEN_CALLS
    ),
    *(
        Row("2 access", call, "ip.not_trusted", 403, switches={"v3_trusted_ip": False})
        for call in WITH_TOKEN
    ),
    *(
        Row("2 any call", call, WRONG_BODY, body=body)
        for call in WITH_BODY
        for body in (NO_OBJECT if call == "create" else ("", "[]"))
    ),
    *(Row("2 any call", call, "web.method_not_allowed", 405, method="DELETE") for call in CALLS),
    *(
        Row("2 any call", call, "web.unsupported_media_type", 415, headers={"Content-Type": kind})
        for call, kind in (
            *((call, "application/x-www-form-urlencoded") for call in WITH_BODY),
            ("create", "text/plain"),
        )
    ),
    *(
        Row("2 any call", call, code, status, behaviour=behaviour)
        for call in CALLS
        for code, status, behaviour in (
            ("server.error", 500, "error_500"),
            ("too_many_requests", 429, "too_many_requests"),
        )
    ),
    *(
        Row("2 any call", call, "web.no_handler", 404, path=path)
        for call, path in (
            ("inquiry", "/purchases/{paid}"),
            ("create", "/orders"),
            ("generate", "/tokens/generate"),
            ("health", "/sandbox"),
        )
    ),
]
