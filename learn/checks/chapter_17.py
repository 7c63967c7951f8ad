"""Chapter 17: going live."""

from __future__ import annotations

from learn.chapters import Bench
from learn.lab import Lab, require

NOT_FOUND = 404
REAL = {  # nothing of this is called: the addresses lead nowhere
    "GATEWAY_URL": "https://gateway.invalid/ppg/v2",
    "API_KEY": "merchants-own-api-key",
    "SECRET_KEY": "merchants-own-secret-key",
    "WALLET_URL": "https://wallet.invalid/pg",
    "WALLET_USERNAME": "merchants-own-name",
    "WALLET_PASSWORD": "merchants-own-password",
    "PUBLIC_URL": "https://shop.invalid",
    "FLASK_DEBUG": "0",
}
START = ("-m", "flask", "--app", "shop", "routes")  # reads the whole program, and serves nothing
WRONG = [  # several at a time, because each start takes a while
    {"API_KEY": "sandbox-api-key", "WALLET_URL": "http://127.0.0.1:8001/pg"},
    {"SECRET_KEY": "sandbox-secret-key", "PUBLIC_URL": "http://shop.invalid", "FLASK_DEBUG": "1"},
    {
        "WALLET_USERNAME": "sandbox",
        "WALLET_PASSWORD": "sandbox-password",
        "GATEWAY_URL": "http://gateway.invalid/ppg/v2",
        "WALLET_URL": "http://wallet.invalid/pg",
    },
    {"GATEWAY_URL": "http://127.0.0.1:8001/ppg/v2", "PUBLIC_URL": "https://localhost"},
]


def last_words(shop: Lab, *command: str, **settings: str) -> tuple[int, str]:
    """Run a command; return its exit code and all that it says."""
    done = shop.run(*command, **(REAL | settings))
    return done.returncode, (done.stdout + done.stderr).strip()


def the_merchants_own_settings_are_ready(bench: Bench) -> None:
    with bench.shop(**REAL) as shop:
        code, said = last_words(shop, "shop.py", "ready")
        last = said.splitlines()[-1:] or ["-"]
        require(
            code == 0,
            "Every setting is right for a real gateway, and `python shop.py ready` ends with"
            f" {code}: {last[0]}",
            "همهٔ تنظیمات برای درگاه واقعی درست است، ولی «python shop.py ready» با کد"
            f" {code} تمام می‌شود: {last[0]}",
        )
        status = shop.shopper().open("/ledger").status
        require(
            status == NOT_FOUND,
            f"The gateway is real, and `/ledger` answers {status} to everybody: it shows who has"
            f" bought, with mobile numbers. Right is {NOT_FOUND}.",
            f"درگاه واقعی است و «/ledger» به همه {status} می‌دهد: هر کسی می‌بیند چه کسی خریده، با"
            f" شمارهٔ موبایل. درستش {NOT_FOUND} است.",
        )


def test_money_is_not_ready_and_wrong_settings_stop_the_start(bench: Bench) -> None:
    with bench.shop() as shop:
        done = shop.run("shop.py", "ready")
        require(
            done.returncode == 1 and "Traceback" not in done.stderr,
            "The shop stands beside the sandbox, where money is test money, and `python shop.py"
            f" ready` ends with {done.returncode}; right is 1.",
            "فروشگاه کنار سندباکس است و پولش آزمایشی، ولی «python shop.py ready» با کد"
            f" {done.returncode} تمام می‌شود؛ درستش ۱ است.",
        )
        require(
            shop.ledger() == [],
            "Beside the sandbox `/ledger` should stay open: the course looks at it.",
            "کنار سندباکس «/ledger» باید باز بماند: دوره آن را نگاه می‌کند.",
        )
        for wrong in WRONG:
            require_refusal(shop, wrong)
        code, _ = last_words(shop, "shop.py", "work", API_KEY="sandbox-api-key")
        require(
            code != 0,
            "The shop refuses the sandbox's keys beside a real gateway, and `python shop.py work`"
            " accepts them: check where both pass by.",
            "فروشگاه کلیدهای سندباکس را کنار درگاه واقعی نمی‌پذیرد، ولی «python shop.py work»"
            " می‌پذیرد: جایی بررسی کنید که هر دو از آن رد می‌شوند.",
        )


def require_refusal(shop: Lab, wrong: dict[str, str]) -> None:
    """Raise NotYet unless the program ends at once and names each of these settings."""
    code, said = last_words(shop, *START, **wrong)
    shown = ", ".join(f"{name}={value}" for name, value in wrong.items())
    require(
        code != 0,
        f"A gateway is real, with {shown}: the shop starts. It should end at once.",
        f"یک درگاه واقعی است، با {shown}: فروشگاه بالا می‌آید. باید همان اول تمام شود.",
    )
    for name, value in wrong.items():
        require(
            name in said and "Traceback" not in said,
            f"A gateway is real, with {shown}. The shop does not start, and says:"
            f" {said[-300:]!r}. Right is a sentence with {name} in it, and no traceback.",
            f"یک درگاه واقعی است، با {shown}. فروشگاه بالا نمی‌آید و می‌گوید: {said[-300:]!r}. درستش"
            f" جمله‌ای است که {name} در آن باشد، بی traceback.",
        )
        require(
            value not in said or not name.endswith(("KEY", "PASSWORD")),
            f"The message about {name} prints the secret itself; it will stand in a log.",
            f"پیام دربارهٔ {name} خود رمز را چاپ می‌کند؛ این پیام در لاگ می‌ماند.",
        )


STEPS = [
    the_merchants_own_settings_are_ready,
    test_money_is_not_ready_and_wrong_settings_stop_the_start,
]
