"""Texts that tell a secret, each in its own way; whoever masks texts goes through them."""

from __future__ import annotations

JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3NzU3In0.gLfKvw7wUJgipNpxhVAHHSBj4g9caq"

SECRET_TEXTS = (
    f"Authorization: Bearer {JWT}",
    f"the token was {JWT}",
    "Bearer opaque-secret",
    '{"accessToken": "opaque-secret", "refreshToken":"opaque-secret"}',
    r"{\"apiKey\": \"opaque-secret\"}",
    "apiKey=opaque-secret&secretKey=opaque-secret",
    "{'nationalCode': 'opaque-secret'}",
    "password: opaque-secret",
    "Authorization: Basic opaque-secret",
    "PPG_SECRET_KEY=opaque-secret",
    "X-Api-Key: opaque-secret",
    "cvv2=opaque-secret",
)
CARDS = ("6037991234561234", "6037 9912 3456 1234", "6037-9912-3456-1234", "۶۰۳۷۹۹۱۲۳۴۵۶۱۲۳۴")


def assert_masked(told: str) -> None:
    """Of one of the secret texts, something is left and no secret."""
    assert "***" in told
    assert "opaque-secret" not in told
    assert "eyJ" not in told


def assert_card_masked(told: str, card: str) -> None:
    """Of "card ... was declined", only the card is gone."""
    assert card not in told
    assert told.startswith("card ")
    assert told.endswith(" was declined")
