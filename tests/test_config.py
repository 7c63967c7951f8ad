"""Settings: a wrong one is named at start, with what it should be."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from storefront.core import settings
from storefront.core.postgresql import connect_args
from storefront.core.settings import SETTINGS, WrongSetting, configured
from storefront.core.settings import offered as gateways_offered
from testkit.cases import naming

SECRET = "0123456789abcdef" * 2
REAL_WALLET = {
    "WALLET_BASE_URL": "https://pg.jibit.mobi",
    "WALLET_USERNAME": "7746",
    "WALLET_PASSWORD": "merchant-password",
}
REAL = {
    "PPG_BASE_URL": "https://api.jibit.ir/ppg/v2",
    "PPG_API_KEY": "merchant-key",
    "PPG_SECRET_KEY": "merchant-secret",
    "SECRET_KEY": SECRET,
    "PUBLIC_URL": "https://shop.example",
}


KEY, OTHER_KEY = "k" + SECRET[1:], "o" + SECRET[1:]
NO_PROVIDERS = (
    *("http://sms.example/send", "https://u:p@sms.example/", "https://sms.example/#x", "sms"),
    *("kavenegar://", "kavenegar://0123456789abcdef@evil.example/", "kavenegar://k y@/?sender=1"),
    *("kavenegar://0123456789abcdef@/?sender=me", "kavenegar://0123456789abcdef@/v1/?sender=1000"),
)
SENDERS = (
    "x",
    "Shop",
    "@shop.example",
    "Shop <shop>",
    "shop@shop.example, other@shop.example",
    "Shop <shop@shop.example> <other@shop.example>",
    "Shop\nBcc: a@b.example <shop@shop.example>",
    "=?utf-8?q?a?= <shop@shop.example>",
    "Shop <فروشگاه@shop.example>",
)


def loaded(folder: Path, **overrides: Any) -> dict[str, Any]:
    app = Flask("shop", instance_path=str(folder), instance_relative_config=True)
    settings.load(app, overrides)
    return dict(app.config)


def test_the_defaults_point_at_the_sandbox(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings["PPG_BASE_URL"] == "http://127.0.0.1:8001/ppg/v2"
    assert settings["WALLET_BASE_URL"] == "http://127.0.0.1:8001/pg"
    assert settings["PSP_HOSTS"] == ("127.0.0.1:8001",)
    assert settings["DATABASE_URL"] == f"sqlite:///{(tmp_path / 'storefront.sqlite3').as_posix()}"


def test_a_wrong_setting_is_named_with_what_it_should_be(tmp_path: Path) -> None:
    for name, value, should_be in (
        ("PUBLIC_URL", "shop.example", "an address such as https://shop.example"),
        ("PUBLIC_URL", "https://shop.example/path", "without a path"),
        ("PPG_BASE_URL", "ftp://api.jibit.ir", "an address"),
        ("PPG_BASE_URL", "http://127.0.0.1:99999/", "Port out of range"),
        ("DATABASE_URL", "mysql://localhost/shop", "postgresql://"),
        ("GATEWAY_READ_TIMEOUT", "soon", "a number from 0.05 to 60"),
        ("GATEWAY_CONNECT_TIMEOUT", "0", "a number from 0.05 to 60"),
        ("PAYMENT_WINDOW_SECONDS", "901", "a whole number from 1 to 900"),
        ("PAYMENT_WINDOW_SECONDS", "1.5", "a whole number"),
        ("RECOVER_AFTER_SECONDS", "0", "a whole number from 1 to 600"),
        ("WORKER_TICK_SECONDS", "nan", "a number from 0.1 to 300"),
        ("PSP_HOSTS", "https://psp.example/", "host names"),
        ("PSP_HOSTS", "*", "host names"),
        ("PSP_HOSTS", "http:", "host names"),
        ("LIMITS_URL", "memory://", "redis://HOST:6379/0"),
        ("VAT_PERCENT", True, "a whole number from 0 to 100"),
        ("DELIVERY_FEE_RIALS", "-1", "a whole number"),
        ("PRICES_WITH_TAX", "perhaps", "true or false"),
        ("DELIVERY_METHODS", " ; ", "1 to 6 delivery methods"),
        ("DELIVERY_METHODS", "post", "KEY: PERSIAN NAME / ENGLISH NAME"),
        ("DELIVERY_METHODS", "post: پست / Post", "post with its working days"),
        ("DELIVERY_METHODS", "post: پست / Post, days 6-3", "post with days in order"),
        ("DELIVERY_METHODS", "post: پست / Post, days 3-6, soon", "post with each of these facts"),
        ("DELIVERY_METHODS", "p: پ / P, days 1-2, price 8.5", "p with whole Rials"),
        ("DELIVERY_METHODS", "p: پ / P, days 1-2, only mars", "p with the code of a province"),
        ("DELIVERY_METHODS", "Post: پ / P, days 1-2", "methods whose keys"),
        ("DELIVERY_METHODS", "p: پ / P, days 1-2; p: ت / T, days 1-2", "with different keys"),
        ("DELIVERY_METHODS", [{"key": "p", "prise": 1}], "dicts with the keys"),
        ("PPG_API_KEY", "   ", "a text that is not empty"),
        ("SECRET_KEY", SECRET[1:], "a secret of 32 characters or more"),
        ("SECRET_KEY", "x" * 40, "drawn at random"),
        ("SECRET_KEY", "secret" * 6, "drawn at random"),
        ("SECRET_KEY_FALLBACKS", SECRET[1:], "secrets of 32 characters or more"),
        ("SECRET_KEY_FALLBACKS", SECRET + ",y", "with commas between them"),
        ("SECRET_KEY_FALLBACKS", SECRET + ",", "with commas between them"),
        ("SECRET_KEY_FALLBACKS", SECRET.encode(), "with commas between them"),
        ("SECRET_KEY_FALLBACKS", 7, "with commas between them"),
        ("WEBHOOK_SECRET", "s", "secrets of 32 characters or more"),
        *(("SMS_URL", url, "kavenegar://API_KEY@/?sender=LINE") for url in NO_PROVIDERS),
        *(("MAIL_FROM", sender, "a sender such as Shop <shop@shop.example>") for sender in SENDERS),
    ):
        with naming(name, value, should_be):
            with pytest.raises(WrongSetting) as refusal:
                loaded(tmp_path, **{name: value})
            assert f"STOREFRONT_{name} should be" in str(refusal.value.message)
            assert should_be in refusal.value.message


def test_the_message_never_repeats_the_value_since_it_may_be_a_secret(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refusal:
        loaded(tmp_path, DATABASE_URL="mysql://root:hunter2@localhost/shop")
    assert "hunter2" not in refusal.value.message


def test_every_setting_has_a_meaning_and_its_default_passes_its_own_check() -> None:
    for setting in SETTINGS:
        assert setting.meaning
        if setting.default is not None:
            assert setting.parse(setting.default) == setting.default


def test_the_environment_wins_over_the_file_and_numbers_stay_text_in_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.py").write_text("PPG_API_KEY = 'from the file'\nVAT_PERCENT = 9\n")
    monkeypatch.setenv("STOREFRONT_PPG_API_KEY", "007")
    settings = loaded(tmp_path)
    assert settings["PPG_API_KEY"] == "007"
    assert settings["VAT_PERCENT"] == 9


def test_delivery_methods_are_the_same_as_a_line_and_as_a_list(tmp_path: Path) -> None:
    line = (
        "post: پست / Post, price 9, days 3-6, free from 90, only fars; p: پ / P, pickup, days 1-1"
    )
    methods = [
        {
            "key": "post",
            "name_fa": "پست",
            "name_en": "Post",
            "price_rials": 9,
            "days": [3, 6],
            "free_from_rials": 90,
            "only": "fars",
        },
        {"key": "p", "name_fa": "پ", "name_en": "P", "pickup": True, "days": "1-1"},
    ]
    read = [loaded(tmp_path, DELIVERY_METHODS=each)["DELIVERY_METHODS"] for each in (line, methods)]
    assert read[0] == read[1]
    assert loaded(tmp_path, DELIVERY_METHODS=str(read[0]))["DELIVERY_METHODS"] == read[0]


def test_a_setting_is_understood_under_its_old_name_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = {"RECONCILE_AFTER_SECONDS": "30", "HOOK_URL": "https://a.example", "HOOK_SECRET": KEY}
    found = loaded(tmp_path, **old)
    assert (found["RECOVER_AFTER_SECONDS"], found["WEBHOOK_URL"]) == (30, "https://a.example")
    assert found["WEBHOOK_SECRET"] == (KEY,)
    assert "STOREFRONT_HOOK_URL is now STOREFRONT_WEBHOOK_URL" in caplog.messages
    both = loaded(tmp_path, RECONCILE_AFTER_SECONDS="30", RECOVER_AFTER_SECONDS="20")
    assert both["RECOVER_AFTER_SECONDS"] == 20


MISSPELT = (
    ("PPG_API_KEI", "did you mean STOREFRONT_PPG_API_KEY?"),
    ("SECRETKEY", "did you mean STOREFRONT_SECRET_KEY?"),
    ("DEBUG", "is no setting of the shop"),
    ("TESTING", "is no setting of the shop"),
    ("WTF_CSRF_ENABLED", "is no setting of the shop"),
    ("SESSION_COOKIE_SECURE", "is no setting of the shop"),
    ("SQLALCHEMY_DATABASE_URI", "is no setting of the shop"),
    ("PPG__API_KEY", "is no setting of the shop"),
    ("", "is no setting of the shop"),
)


@pytest.mark.parametrize("value", ["1", ""], ids=["set", "empty"])
def test_a_name_in_the_environment_that_is_no_setting_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name, said in MISSPELT:
        with naming(name), monkeypatch.context() as changed:
            changed.setenv(f"STOREFRONT_{name}", value)
            with pytest.raises(WrongSetting) as refusal:
                loaded(tmp_path)
            assert f"STOREFRONT_{name} is no setting" in refusal.value.message
            assert said in refusal.value.message


def test_a_name_in_small_letters_is_no_setting_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("storefront_VAT_Percent", "5")
    with pytest.raises(WrongSetting) as refusal:
        loaded(tmp_path)
    assert "storefront_VAT_Percent is no setting of the shop" in refusal.value.message
    assert "did you mean STOREFRONT_VAT_PERCENT?" in refusal.value.message


def test_a_name_in_the_file_that_is_no_setting_stops_the_start(tmp_path: Path) -> None:
    for name, said in (
        ("DEBUG", "DEBUG in instance/config.py, line 1 is no setting of the shop"),
        ("VAT_PERCENTS", "did you mean VAT_PERCENT?"),
        ("STOREFRONT_VAT_PERCENT", "did you mean VAT_PERCENT?"),
    ):
        (tmp_path / "config.py").write_text(f"{name} = 'hunter2'\n")
        with naming(name), pytest.raises(WrongSetting) as refusal:
            loaded(tmp_path)
        assert said in refusal.value.message
        assert "hunter2" not in refusal.value.message


def test_a_file_may_import_and_compute_in_small_letters(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(f"import os\nkey = '{SECRET}'[:16] * 2\nSECRET_KEY = key\n")
    assert loaded(tmp_path)["SECRET_KEY"] == SECRET


@pytest.mark.parametrize("given", [f"{KEY}, {OTHER_KEY}", [KEY, OTHER_KEY]], ids=["text", "list"])
def test_former_keys_are_whole_keys_and_never_letters(tmp_path: Path, given: object) -> None:
    assert loaded(tmp_path, SECRET_KEY_FALLBACKS=given)["SECRET_KEY_FALLBACKS"] == (KEY, OTHER_KEY)


def test_a_sender_with_or_without_a_name_is_accepted(tmp_path: Path) -> None:
    for sender in (
        "shop@shop.example",
        "Eyvan <shop@localhost>",
        "فروشگاه‌های ایوان <shop@shop.example>",
        '"Eyvan, Tehran" <shop+orders@mail.shop.example>',
    ):
        assert loaded(tmp_path, MAIL_FROM=sender)["MAIL_FROM"] == sender


def test_a_plain_postgresql_address_gets_the_driver_that_is_installed(tmp_path: Path) -> None:
    settings = loaded(tmp_path, DATABASE_URL="postgresql://shop@localhost/shop")
    assert settings["DATABASE_URL"] == "postgresql+psycopg://shop@localhost/shop"


def test_several_hosts_are_read_however_they_are_written(tmp_path: Path) -> None:
    apart = "postgresql+psycopg://shop:p%40s@/shop?host=a:5432&host=b:5433"
    for written in (
        "postgresql://shop:p%40s@a:5432,b:5433/shop",
        "postgresql://shop:p%40s@/shop?host=a:5432,b:5433",
        "postgresql://shop:p%40s@/shop?host=a:5432&host=b:5433",
    ):
        with naming(written):
            settings = loaded(tmp_path, DATABASE_URL=written)
            assert settings["DATABASE_URL"] == apart
    more = loaded(tmp_path, DATABASE_URL="postgresql://a:1,b:2/shop?sslmode=verify-full")
    assert more["DATABASE_URL"].endswith("///shop?host=a:1&host=b:2&sslmode=verify-full")


def test_of_several_hosts_the_one_that_takes_writes_is_used(tmp_path: Path) -> None:
    for url, wanted in (
        ("postgresql://a:1,b:2/shop", "read-write"),
        ("postgresql://a,b/shop", "read-write"),
        ("postgresql://a:1,b:2/shop?target_session_attrs=any", None),
        ("postgresql://a:1/shop", None),
    ):
        with naming(url):
            told = connect_args(loaded(tmp_path, DATABASE_URL=url)["DATABASE_URL"])
            assert told.get("target_session_attrs") == wanted
            assert told["tcp_user_timeout"] > 0
    quick = connect_args("postgresql+psycopg://a/shop?connect_timeout=1")
    assert "connect_timeout" not in quick  # what the address says stays


def test_a_real_gateway_with_real_values_is_accepted(tmp_path: Path) -> None:
    assert loaded(tmp_path, **REAL)["PSP_HOSTS"] == ("api.jibit.ir",)


def offered(settings: dict[str, Any]) -> list[str]:
    return gateways_offered(settings)


def test_both_gateways_are_offered_and_their_hosts_trusted_when_both_are_real(
    tmp_path: Path,
) -> None:
    settings = loaded(tmp_path, **REAL, **REAL_WALLET)
    assert offered(settings) == ["ppg", "wallet"]
    assert settings["PSP_HOSTS"] == ("api.jibit.ir", "pg.jibit.mobi")


def test_a_gateway_left_at_the_sandbox_is_not_offered_beside_a_real_one(tmp_path: Path) -> None:
    assert offered(loaded(tmp_path, **REAL)) == ["ppg"]
    only_wallet = {name: REAL[name] for name in ("SECRET_KEY", "PUBLIC_URL")} | REAL_WALLET
    assert offered(loaded(tmp_path, **only_wallet)) == ["wallet"]


def test_a_gateway_that_is_off_is_not_offered(tmp_path: Path) -> None:
    assert offered(loaded(tmp_path)) == ["ppg", "wallet"]
    assert offered(loaded(tmp_path, PPG_BASE_URL="off")) == ["ppg_v3", "wallet"]
    assert offered(loaded(tmp_path, WALLET_BASE_URL="off")) == ["ppg"]


def test_of_the_two_versions_of_the_card_gateway_one_setting_says_which_is_offered(
    tmp_path: Path,
) -> None:
    assert offered(loaded(tmp_path, CARD_GATEWAY="ppg_v3")) == ["ppg_v3", "wallet"]
    assert offered(loaded(tmp_path, CARD_GATEWAY="ppg_v3", PPG_V3_BASE_URL="off")) == [
        "ppg",
        "wallet",
    ]
    assert [each.name for each in configured(loaded(tmp_path))] == ["ppg", "ppg_v3", "wallet"]


def test_at_least_one_gateway_remains(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"STOREFRONT_PPG_BASE_URL or STOREFRONT_PPG_V3"):
        loaded(tmp_path, PPG_BASE_URL="off", PPG_V3_BASE_URL="off", WALLET_BASE_URL="off")


@pytest.mark.parametrize("host", ["127.0.0.1:9001", "localhost:8001"])
def test_play_money_never_buys_beside_a_real_gateway(tmp_path: Path, host: str) -> None:
    with pytest.raises(WrongSetting, match="STOREFRONT_WALLET_BASE_URL is on this machine"):
        loaded(tmp_path, **REAL, WALLET_BASE_URL=f"http://{host}/pg")


def test_a_test_value_against_a_real_gateway_is_refused(tmp_path: Path) -> None:
    for changed, named in (
        ({"WALLET_USERNAME": "sandbox"}, "STOREFRONT_WALLET_USERNAME"),
        ({"WALLET_PASSWORD": "sandbox-password"}, "STOREFRONT_WALLET_PASSWORD"),
        ({"WALLET_BASE_URL": "http://pg.jibit.mobi"}, "https://"),
        ({"PPG_API_KEY": "sandbox-api-key"}, "STOREFRONT_PPG_API_KEY"),
        ({"PPG_SECRET_KEY": "sandbox-secret-key"}, "STOREFRONT_PPG_SECRET_KEY"),
        ({"SECRET_KEY": None}, "STOREFRONT_SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "STOREFRONT_SECRET_KEY"),
        ({"PPG_BASE_URL": "http://api.jibit.ir/ppg/v2"}, "https://"),
        ({"PUBLIC_URL": "http://shop.example"}, "STOREFRONT_PUBLIC_URL"),
        ({"WEBHOOK_URL": "http://erp.example", "WEBHOOK_SECRET": KEY}, "STOREFRONT_WEBHOOK_URL"),
        ({"SETTLE_AFTER_SECONDS": 3599}, "STOREFRONT_SETTLE_AFTER_SECONDS"),
        ({"REFUND_SETTLES_AFTER_SECONDS": 599}, "STOREFRONT_REFUND_SETTLES_AFTER_SECONDS"),
    ):
        with naming(changed, named), pytest.raises(WrongSetting, match=named):
            loaded(tmp_path, **(REAL | REAL_WALLET | changed))


def test_a_webhook_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    webhook = {"WEBHOOK_URL": "http://127.0.0.1:9000/hook", "WEBHOOK_SECRET": KEY}
    assert loaded(tmp_path, **REAL, **webhook)["WEBHOOK_URL"] == webhook["WEBHOOK_URL"]


def test_text_messages_go_to_the_sandbox_beside_it_to_a_provider_or_nowhere(tmp_path: Path) -> None:
    kavenegar = "kavenegar://0123456789abcdef@/?sender=10004346"
    beside = {"PPG_BASE_URL": "http://127.0.0.1:8431/ppg/v2"}
    bridge = {"SMS_URL": "https://sms.example/send?line=1", "SMS_SECRET": KEY}
    for given, found in (
        ({"SMS_URL": None}, "http://127.0.0.1:8001/_sandbox/sms"),
        ({"SMS_URL": None} | beside, "http://127.0.0.1:8431/_sandbox/sms"),
        ({"SMS_URL": None} | REAL, None),
        ({"SMS_URL": "off"}, None),
        ({"SMS_URL": "off"} | REAL, None),
        ({"SMS_URL": kavenegar} | REAL, kavenegar),
        (bridge | REAL, bridge["SMS_URL"]),
    ):
        with naming(given):
            assert loaded(tmp_path, **given)["SMS_URL"] == found
    with pytest.raises(WrongSetting, match="STOREFRONT_SMS_SECRET should be set"):
        loaded(tmp_path, SMS_URL=bridge["SMS_URL"])


def test_flasks_debugger_never_runs_beside_a_real_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert loaded(tmp_path)["DEBUG"] is True
    with pytest.raises(WrongSetting, match="FLASK_DEBUG should not be set"):
        loaded(tmp_path, **REAL)


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = loaded(tmp_path)["SECRET_KEY"], loaded(tmp_path)["SECRET_KEY"]
    assert first == second
    assert len(first) == 64
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_secret_that_cannot_be_kept_is_asked_for(tmp_path: Path) -> None:
    no_folder = tmp_path / "instance"
    no_folder.touch()  # not even root can make a folder of this name
    with pytest.raises(WrongSetting, match="STOREFRONT_SECRET_KEY should be set"):
        loaded(no_folder)
    assert loaded(no_folder, SECRET_KEY=SECRET)["SECRET_KEY"] == SECRET


SLIPS = {
    "PPG_API_KEY = 'merchant-key'\nPPG_SECRET_KEY = 'very-secret\n": "write a quotation mark",
    "\nPPG_SECRET_KEY = verysecret\n": "straight quotation marks",
    "\nPPG_SECRET_KEY = very secret value\n": "straight quotation marks",
    "\nPPG_SECRET_KEY = 0123very_secret\n": "quotation marks",
    "\nPPG_SECRET_KEY = int('very-secret')\n": "ValueError",
    "\nPPG_SECRET_KEY = ‘very-secret’\n": "write a straight quotation mark",
    "VAT_PERCENT = 9\nPPG_SECRET_KEY: very-secret value\n": "straight quotation marks",
    "VAT_PERCENT = 9\n  PPG_SECRET_KEY = 'very-secret'\n": "the left edge",
    "VAT_PERCENT = 9\nvery secret\n": "straight quotation marks",
    "VAT_PERCENT = 9\nkey = very_secret\n": "straight quotation marks",
}


def test_a_slip_in_the_file_is_named_by_its_line_and_no_secret_is_shown(tmp_path: Path) -> None:
    for text, advice in SLIPS.items():
        (tmp_path / "config.py").write_text(text, encoding="utf-8")
        with naming(text), pytest.raises(WrongSetting) as refusal:
            loaded(tmp_path)
        assert refusal.value.message.startswith("instance/config.py, line 2")
        assert advice in refusal.value.message
        assert "secret" not in refusal.value.message
        assert refusal.value.__suppress_context__


def method(fact: str) -> str:
    rest = '"name_fa": "پست", "name_en": "Post"' + ', "days": (3, 6)' * ("days" not in fact)
    return f'DELIVERY_METHODS = [\n    {{"key": "post", {rest},\n    {fact},\n    }},\n]\n'


def test_a_line_without_secrets_is_shown_with_what_to_write_instead(tmp_path: Path) -> None:
    methods = 'DELIVERY_METHODS = [\n    {"key": "post", "pickup": true},\n]\n'
    for text, told in (
        ("PRICES_WITH_TAX = false", "line 1 (PRICES_WITH_TAX = false): write False instead of"),
        (methods, 'line 2 ({"key": "post", "pickup": true},): write True instead of true'),
        ("SHOP_NAME_EN = “Baran”", "(SHOP_NAME_EN = “Baran”): a sign that Python does not know"),
        ("SHOP_NAME_EN = Baran", "(SHOP_NAME_EN = Baran): write a text in straight quotation"),
        ("VAT_PERCENT = ۱۰", "write digits of the Latin keyboard"),
        ('shop_colour = "#1c6460"', "shop_colour in instance/config.py, line 1 is no setting"),
        (
            'my_colour = "#1c6460"\nVAT_PERCENT = ten',
            "VAT_PERCENT should be a whole number from 0 to",
        ),
        ('SHOP_LOGO: "logo.svg"', "line 1 has a colon behind it: write SHOP_LOGO = and the value"),
        (
            '# sign\nSHOP_LOGO = "a.png"',
            'config.py, line 2 (SHOP_LOGO = "a.png"): SHOP_LOGO names a.png',
        ),
        ("SHOP_NATIONAL_ID = 10380284790", "should be a text: put it in quotation marks"),
        ("DELIVERY_FEE_RIALS = 850,000", "write 850000 or 850_000, without a comma"),
        (method('"price_rial": 850_000'), 'line 3 ("price_rial": 850_000,): '),
        (method('"price_rial": 850_000'), "post with price_rials instead of price_rial"),
        (method('"price_rials": 850,000'), 'line 3 ("price_rials": 850,000,): write 850000 or'),
        (method('"days": (6, 3)'), "the first is larger than the second: (3, 6)"),
        (method('"only": "teheran"'), 'line 3 ("only": "teheran",): '),
        (method('"only": "teheran"'), '"only": "tehran"'),
        ("DELIVERY_METHODS = [", "a bracket is opened here and not closed"),
        ('SHOP_PHONE = "021', '(SHOP_PHONE = "021): a text is opened and not closed'),
        (
            "# tax\nVAT_PERCENT = 'ten'",
            "line 2 (VAT_PERCENT = 'ten'): VAT_PERCENT should be a whole",
        ),
        ("PPG_SECRET_KEY = 7", "line 1 (PPG_SECRET_KEY = ...): PPG_SECRET_KEY should be a text"),
        (
            "ALARM_EMAILS = 7",
            "(ALARM_EMAILS = 7): ALARM_EMAILS should be up to 20 e-mail addresses",
        ),
    ):
        (tmp_path / "config.py").write_text(text, encoding="utf-8")
        with naming(text), pytest.raises(WrongSetting) as refusal:
            loaded(tmp_path)
        assert told in refusal.value.message
    (tmp_path / "config.py").write_bytes(b"SHOP_NAME_FA = '\xc7\xe6'\n")
    with pytest.raises(WrongSetting, match="not written in UTF-8"):
        loaded(tmp_path)


def test_no_value_of_any_kind_makes_a_check_fail_without_a_word() -> None:
    odd = (5, float("inf"), None, True, [5], ["a", 5], {"a": 1}, (), b"x", object(), "http://[")
    for setting in SETTINGS:
        for value in odd:
            with naming(setting.name, value), suppress(ValueError):
                setting.parse(value)
