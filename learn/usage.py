"""How the commands are called: their help, and what argparse says of a wrong call, in Persian too.

argparse makes its sentences in English. For a learner who reads Persian each is recognised by its
pattern and said anew; one that no pattern knows stays English.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar, NoReturn

from learn.speaking import SAID

LAST_PORT = 65_535
HELP = {
    "en": {
        "about": "The course in a terminal: `start 3`, `check 3`, `solution 3`, `status`.",
        "help": "show this help and exit",
        "lang": "language of the messages",
        "start": "put the chapter's first state into instance/learn/shop",
        "check": "try your shop, and say in a sentence what is missing",
        "check start": "check the chapter's first state, not your shop",
        "check solution": "check the chapter's solution, not your shop",
        "solution": "say where a solution of the chapter stands",
        "status": "say how far you are",
        "later": "move the clocks of your shop and the sandbox",
        "behave": "make the sandbox misbehave at its next calls",
        "behave name": "without one it behaves again",
        "behave parameters": "as in seconds=3",
        "behave operation": "create, verify, inquiry, list, generate, pay, ...",
        "behave times": "how often; 0: from now on",
        "switch": "change what the sandbox's gateway can do, or how it reads an open point",
        "switch value": "as in v3_refund=true",
        "evening": "build the broken evening of chapter 18 anew",
        "evening mend": "and run your repairs in it",
        "evening open": "and keep its shop and gateway open",
        "kill": "kill your shop when it is about to run a line",
        "kill line": "the line of shop.py, or a part of it; without one nothing kills it",
        "serve": "show the course, your shop and the sandbox",
        "serve port": "of the course; default {port}",
        "serve shop-port": "of your shop; default {port}",
        "serve sandbox-port": "of the sandbox; default {port}",
        "serve no browser": "open no window",
    },
    "fa": {
        "about": "دوره در ترمینال: `start 3`، `check 3`، `solution 3`، `status`.",
        "help": "نمایش این راهنما",
        "lang": "زبان پیام‌ها",
        "start": "نقطهٔ شروع فصل را در instance/learn/shop می‌گذارد",
        "check": "فروشگاه شما را می‌آزماید و در یک جمله می‌گوید چه کم است",
        "check start": "به‌جای فروشگاه شما، نقطهٔ شروع فصل را می‌آزماید",
        "check solution": "به‌جای فروشگاه شما، پاسخ فصل را می‌آزماید",
        "solution": "می‌گوید یک پاسخ آمادهٔ فصل کجاست",
        "status": "می‌گوید تا کجا آمده‌اید",
        "later": "ساعت فروشگاه و سندباکس را جلو می‌برد",
        "behave": "کاری می‌کند که سندباکس در درخواست‌های بعدی درست رفتار نکند",
        "behave name": "نام رفتار؛ بدون آن سندباکس دوباره درست رفتار می‌کند",
        "behave parameters": "مثل seconds=3",
        "behave operation": "create، verify، inquiry، list، generate، pay و ...",
        "behave times": "چند بار؛ 0 یعنی از این به بعد",
        "switch": "توانایی‌های درگاه سندباکس یا برداشتش از یک نکتهٔ باز را عوض می‌کند",
        "switch value": "مثل v3_refund=true",
        "evening": "شب خراب فصل ۱۸ را از نو می‌سازد",
        "evening mend": "و تعمیرهای شما را در آن اجرا می‌کند",
        "evening open": "و فروشگاه و درگاهش را باز نگه می‌دارد",
        "kill": "فروشگاه را درست پیش از اجرای یک خط می‌کشد",
        "kill line": "آن خط از shop.py، یا بخشی از آن؛ بدون آن دیگر کشته نمی‌شود",
        "serve": "متن دوره، فروشگاه شما و سندباکس را نشان می‌دهد",
        "serve port": "پورت صفحه‌های دوره؛ پیش‌فرض {port}",
        "serve shop-port": "پورت فروشگاه شما؛ پیش‌فرض {port}",
        "serve sandbox-port": "پورت سندباکس؛ پیش‌فرض {port}",
        "serve no browser": "مرورگر باز نشود",
    },
}
HEADINGS = {"options": "گزینه‌ها", "positional arguments": "آرگومان‌ها"}
WRONG = {
    r"the following arguments are required: (.*)": r"این هم لازم است: \1",
    r"unrecognized arguments: (.*)": r"این اضافه است: \1",
    r"argument (.+?): (.*)": r"\1: \2",
    r"invalid choice: (.*?) \(choose from (.*)\)": r"\1 درست نیست؛ یکی از این‌ها را بنویسید: \2",
    r"invalid int value: (.*)": r"\1 عدد صحیح نیست",
    r"expected one argument": "یک مقدار می‌خواهد",
    r"not allowed with argument (.*)": r"همراه با \1 نمی‌آید",
    r"ignored explicit argument (.*)": r"مقدار نمی‌گیرد: \1",
    r"ambiguous option: (.*?) could match (.*)": r"معلوم نیست \1 کدام است: \2",
    r"(.*) is not a number of seconds above 0": r"\1 تعداد ثانیه‌ای بیشتر از صفر نیست",
    r"(.*) is no port: 1 to 65535": r"\1 پورت نیست: ۱ تا ۶۵۵۳۵",
}


def language_in(arguments: Sequence[str] | None, kept: str | None) -> str:
    """Return the language that a call names, even if the call is wrong otherwise; else the kept."""
    usual = kept if kept in SAID else "en"
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--lang")
    with suppress(argparse.ArgumentError):
        found = parser.parse_known_args(arguments)[0].lang
        return found if found in SAID else usual
    return usual


class PersianFormatter(argparse.HelpFormatter):
    """Give argparse's help Persian headings."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Add the line that shows how the command is called."""
        super().add_usage(usage, actions, groups, "شکل دستور: " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """Begin a part of the help."""
        super().start_section(HEADINGS.get(heading or "", heading))


class Parser(argparse.ArgumentParser):
    """Parse a call; the commands of a parser have parsers of its own class."""

    language: ClassVar[str] = "en"

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_help=False, **settings)
        self.add_argument("-h", "--help", action="help", help=HELP[self.language]["help"])


class PersianParser(Parser):
    """Say in Persian how a command is called, and what is wrong with a call."""

    language = "fa"

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=PersianFormatter, **settings)

    def error(self, message: str) -> NoReturn:
        """Print a usage message; end with 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: خطا: {in_persian(message)}\n")


def in_persian(message: str) -> str:
    """Return a sentence of argparse in Persian."""
    for pattern, said in WRONG.items():
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found and pattern.startswith("argument"):
            return f"{found[1]}: {in_persian(found[2])}"
        if found:
            return found.expand(said)
    return message


def seconds_forward(text: str) -> float:
    """Return a number of seconds above 0."""
    with suppress(ValueError):
        if 0 < (seconds := float(text)) < math.inf:
            return seconds
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")


def port(text: str) -> int:
    """Return the number of a port."""
    with suppress(ValueError):
        if 0 < (number := int(text)) <= LAST_PORT:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to {LAST_PORT}")
