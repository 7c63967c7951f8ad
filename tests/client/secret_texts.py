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
    "merchantCode=opaque-secret",
    "GET /orders?page=1&nationalCode=opaque-secret&api_key=opaque-secret",
    "callbackUrl=https%3A%2F%2Fshop.example%2F%3Ftoken%3Dopaque-secret%26a%3D1",
    '{"additionalData": "{\\"password\\": \\"an opaque-secret\\"}"}',
    '{"nationalCode": ["opaque-secret", "opaque-secret"]}',
    '"password": "an opaque-secret with blanks"',
)
V3_SECRET_TEXTS = (
    '{"payerCardNumbers": ["opaque-secret", "opaque-secret"]}',
    '{"payerNationalCode": "opaque-secret", "payerCardNumber": "opaque-secret"}',
    '{"pspCardOwner": "opaque-secret", "pspHashedCardNumber": "opaque-secret"}',
    '{"destinationFirstName": "opaque-secret", "destinationLastName": "opaque-secret"}',
    "settlementIban=opaque-secret&paymentFacilitatorIban=opaque-secret",
)
#: The id of a purchase, which has as many digits as some cards, where its name tells what it is.
ID_TEXTS = (
    "POST /ppg/v3/purchases/123456789012345678/verify",
    "GET /ppg/v3/purchases/refunds/123456789012345678",
    '{"purchaseId": 123456789012345678, "purchaseIdStr":"123456789012345678"}',
    r"{\"refundId\": 123456789012345678}",
    "{'gateway_payment_id': '123456789012345678'}",
    "purchase id 123456789012345678 is not payable",
    "?purchaseId=123456789012345678&transferID=123456789012345678",
    "back=%2F%3FpurchaseId%3D123456789012345678%26a%3D1",
)
IBANS = (
    "IR062960000000100324200001",
    "ir062960000000100324200001",
    "IR06 2960 0000 0010 0324 2000 01",
    "IR۰۶۲۹۶۰۰۰۰۰۰۰۱۰۰۳۲۴۲۰۰۰۰۱",
)
CARDS = (
    *("6037991234561234", "6037 9912 3456 1234", "6037-9912-3456-1234", "۶۰۳۷۹۹۱۲۳۴۵۶۱۲۳۴"),
    *(
        "۶۰۳۷ ۹۹۱۲ ۳۴۵۶ ۱۲۳۴",
        "٦٠٣٧-٩٩١٢-٣٤٥٦-١٢٣٤",
        "6037 9912-3456.1234",
        "6037\u202f9912\u202f3456\u202f1234",
    ),
    *("6037\u202e9912 3456 1234", "6037991234561234567"),
)
#: Each of them alone ends a line, moves a cursor, turns the text around or hides.
HARMFUL = (
    *("\n", "\r", "\t", "\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029"),
    *(chr(code) for code in (0x200B, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xE0041)),
    *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
)
PEOPLE = (
    "کد ملی 0499370899",
    "کد ملی: ۰۴۹۹۳۷۰۸۹۹",
    "national code 049-937089-9",
    "nationalId 1234567890",
)
PHONES = (
    "09121234567",
    "۰۹۱۲۱۲۳۴۵۶۷",
    "0912 123 4567",
    "+98 912 1234567",
    "989121234567",
    "%2B989121234567",
)


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


def assert_nobody_is_named(told: str) -> None:
    """Of "... is wrong", only the number is gone."""
    assert told.endswith(" is wrong")
    assert "***" in told
    assert len([letter for letter in told if letter.isdigit()]) <= 11
    assert not any(
        part in told for part in ("370899", "۳۷۰۸۹۹", "937089", "567890", "1234567", "۱۲۳۴۵۶۷")
    )
