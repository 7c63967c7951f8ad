"""`python -m learn`: each command does its work, or says in a sentence why it cannot."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jibit_sandbox.testing import SandboxWorld
from learn.chapters import finish_of, start_of
from learn.commands import main
from learn.controls import Addresses, remember_addresses
from learn.workshop import Workshop
from testkit.cases import naming

LATIN = re.compile(r"(?<![\w'/-])[A-Za-z][A-Za-z-]+")  # neither quoted nor an option
NAMES = {
    *("python", "learn", "start", "check", "solution", "status", "later", "behave", "evening"),
    *("kill", "serve", "fa", "shop", "py", "seconds", "en", "instance", "create", "verify"),
    *("inquiry", "list", "generate", "pay", "lang", "help", "switch", "true"),
}
SHOP_THAT_TAKES_NO_ORDER = """
from flask import Flask, abort

app = Flask(__name__)


@app.get("/")
def home():
    return '<form method="post" action="/orders"><button>Buy</button></form>'


@app.post("/orders")
def place_order():
    abort(503)
"""
Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Your shop is not at chapter 2 yet"),
        ("fa", "فروشگاهتان هنوز به فصل ۲ نرسیده است"),
    ],
)
@pytest.mark.parametrize("begun", [None, 1])
def test_a_check_before_the_chapter_was_begun_names_the_command_that_begins_it(
    tmp_path: Path, capsys: Printed, language: str, says: str, begun: int | None
) -> None:
    workshop = Workshop(tmp_path)
    if begun:
        workshop.start(begun)
        capsys.readouterr()
    assert main(["--lang", language, "check", "2"], workshop) == 2
    assert capsys.readouterr().out == f"{says}: python -m learn start 2\n"


@pytest.mark.long
def test_a_check_of_an_earlier_chapter_leaves_the_learner_where_they_are(
    tmp_path: Path, capsys: Printed
) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(5)
    assert main(["check", "4"], workshop) == 0
    assert (workshop.chapter, workshop.done) == (5, [4])
    assert capsys.readouterr().out == "Chapter 4: right. Next: python -m learn start 5\n"
    assert workshop.program_for(5) == workshop.shop


@pytest.mark.long
@pytest.mark.parametrize("values", ["", "capture", "refund A1 much", "settle A1", "bogus A1"])
@pytest.mark.parametrize("folder", [start_of(15), finish_of(15)])
@pytest.mark.one_case_in(3)
def test_the_refund_program_says_how_it_is_called(
    tmp_path: Path, folder: Path, values: str
) -> None:
    program = shutil.copy(folder / "refunds.py", tmp_path)
    done = subprocess.run(
        [sys.executable, program, *values.split()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("usage: refunds.py create NUMBER")


@pytest.mark.parametrize("command", [["check", "1"], ["kill", "line"]])
def test_a_shop_whose_program_is_gone_is_named(
    tmp_path: Path, capsys: Printed, command: list[str]
) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(1)
    (workshop.shop / "shop.py").unlink()
    assert main(command, workshop) == 2
    said = capsys.readouterr().out
    assert said.startswith(f"There is no {workshop.shop / 'shop.py'}.")
    assert said.endswith("python -m learn start 1\n")


def test_a_command_without_a_sandbox_says_how_to_start_one(tmp_path: Path, capsys: Printed) -> None:
    workshop = Workshop(tmp_path)
    remember_addresses(workshop, Addresses(sandbox="http://127.0.0.1:9"))
    for command in (
        ["later", "60"],
        ["behave", "delay"],
        ["behave"],
        ["switch", "v3_refund=true"],
        ["kill"],
    ):
        assert main(command, workshop) == 2
        assert "python -m learn serve" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [["later", "60"], ["behave", "delay"], ["switch", "v3_refund=true"], ["kill"]]
)
def test_a_command_before_the_course_is_served_says_so_and_names_no_port(
    tmp_path: Path, capsys: Printed, command: list[str]
) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(5)
    assert main(command, workshop) == 2
    assert capsys.readouterr().out == (
        "The course does not run yet: python -m learn serve. If you have just started it, wait"
        " until it names its address.\n"
    )


def test_a_switch_changes_what_the_gateway_can_do(
    tmp_path: Path, capsys: Printed, running: SandboxWorld
) -> None:
    world = running.world("switched")
    workshop = Workshop(tmp_path)
    remember_addresses(workshop, Addresses(running.base_url, world.name))
    assert main(["switch", "v3_refund=true"], workshop) == 0
    assert capsys.readouterr().out == "The sandbox has v3_refund=true now.\n"
    assert world.control("GET", "switches")["switches"]["v3_refund"] is True
    assert main(["switch", "v3_refund=perhaps"], workshop) == 2
    assert capsys.readouterr().out.startswith("The sandbox refuses: ")


@pytest.mark.parametrize(
    "said",
    [
        "delay seconds=3 --operation create",
        "delay --operation create seconds=3",
        "--operation create delay --times 1 seconds=3",
    ],
)
def test_a_behaviour_takes_its_parameters_and_options_in_any_order(
    tmp_path: Path, capsys: Printed, running: SandboxWorld, said: str
) -> None:
    world = running.world("ordered")
    workshop = Workshop(tmp_path)
    remember_addresses(workshop, Addresses(running.base_url, world.name))
    assert main(["behave", *said.split()], workshop) == 0
    assert capsys.readouterr().out.startswith("delay, at the next call of create: ")
    (rule,) = world.control("GET", "behaviours")["active"]
    assert (rule["operation"], rule["parameters"]) == ("create", {"seconds": 3})
    world.forget_behaviours()


@pytest.mark.parametrize("said", ["delay --operation create 3", "delay --never seconds=3"])
def test_a_behaviour_takes_nothing_that_is_no_parameter(
    tmp_path: Path, capsys: Printed, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["behave", *said.split()], Workshop(tmp_path))
    assert ended.value.code == 2
    assert "unrecognized arguments: " in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "19", "99"])
def test_a_chapter_that_is_not_there_leaves_the_shop_as_it_is(
    tmp_path: Path, capsys: Printed, number: str
) -> None:
    workshop = Workshop(tmp_path)
    assert main(["start", "3"], workshop) == 0
    (workshop.shop / "shop.py").write_text("mine = True\n")
    assert main(["start", number], workshop) == 2
    assert f"There is no chapter {number} with a shop: they are 1 to 18." in capsys.readouterr().out
    assert (workshop.shop / "shop.py").read_text() == "mine = True\n"
    assert workshop.chapter == 3


@pytest.mark.parametrize("said", [("--lang", "fa", "status"), ("status", "--lang", "fa")])
def test_the_language_may_stand_before_or_after_the_command(
    tmp_path: Path, capsys: Printed, said: tuple[str, ...]
) -> None:
    assert main(said, Workshop(tmp_path)) == 0
    assert "شروع نشده" in capsys.readouterr().out


def test_the_language_in_which_the_course_was_begun_is_kept(
    tmp_path: Path, capsys: Printed
) -> None:
    workshop = Workshop(tmp_path)
    assert main(["start", "5", "--lang", "fa"], workshop) == 0
    for command, says in (
        (["status"], "فصل ۵ شروع شده است"),
        (["kill", "no such line"], "خطی با این متن در shop.py نیست"),
        (["start", "6"], "فصل ۶ شروع شد"),
        (["status", "--lang", "en"], "Chapter 6 is begun"),
        (["status"], "فصل ۶ شروع شده است"),
        (["start", "7", "--lang", "en"], "Chapter 7 begins"),
        (["status"], "Chapter 7 is begun"),
    ):
        with naming(*command):
            capsys.readouterr()
            main(command, workshop)
            assert says in capsys.readouterr().out


def test_a_wrong_call_is_answered_in_the_language_that_is_kept(
    tmp_path: Path, capsys: Printed
) -> None:
    workshop = Workshop(tmp_path)
    workshop.keep_language("fa")
    for call in (["bogus"], ["later", "soon"], ["status", "--lang", "de"]):
        with naming(*call), pytest.raises(SystemExit):
            main(call, workshop)
        assert "خطا" in capsys.readouterr().err


def test_a_language_that_nobody_speaks_is_not_taken_from_the_folder(
    tmp_path: Path, capsys: Printed
) -> None:
    workshop = Workshop(tmp_path)
    workshop.keep_language("de")
    assert main(["status"], workshop) == 0
    assert capsys.readouterr().out == "Nothing is begun. python -m learn start 1\n"


@pytest.mark.parametrize("seconds", ["-5", "0", "nan", "inf", "soon"])
def test_time_goes_forward_only(seconds: str, tmp_path: Path, capsys: Printed) -> None:
    with pytest.raises(SystemExit):
        main(["later", "--", seconds], Workshop(tmp_path))
    assert "is not a number of seconds above 0" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: Printed, language: str
) -> None:
    (tmp_path / "file").touch()
    workshop = Workshop(tmp_path / "file" / "learn")
    assert main(["start", "1", "--lang", language], workshop) == 2
    assert f"{workshop.folder}" in capsys.readouterr().out


def test_a_start_that_fails_leaves_the_former_shop(tmp_path: Path, capsys: Printed) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(1)
    (workshop.shop / "shop.py").write_text("mine = True\n")
    (tmp_path / "shop-new").touch()  # where the new shop is prepared
    assert main(["start", "2"], workshop) == 2
    assert capsys.readouterr().out.startswith("The course cannot work in ")
    assert (workshop.shop / "shop.py").read_text() == "mine = True\n"
    assert workshop.chapter == 1


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (b"def half(:\n", "The shop does not start: invalid syntax"),
        (b"\xff\xfe", "The shop does not start: 'utf-8' codec"),
        (b"value = 1\n", "There is no line with this text in shop.py: \n"),
    ],
)
def test_no_line_is_found_in_what_is_no_program(
    tmp_path: Path, capsys: Printed, program: bytes, says: str
) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(1)
    (workshop.shop / "shop.py").write_bytes(program)
    assert main(["kill", ""], workshop) == 2
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (
            "def half(:\n",
            "The shop does not start. The shop's last error: SyntaxError: invalid syntax"
            " (shop.py, line 1).\n",
        ),
        ("import sys\nsys.exit(3)\n", "The shop does not start: exit code 3\n"),
    ],
)
def test_a_shop_that_does_not_start_is_not_right_yet(
    tmp_path: Path, capsys: Printed, program: str, says: str
) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(1)
    (workshop.shop / "shop.py").write_text(program)
    assert main(["check", "1"], workshop) == 1
    assert capsys.readouterr().out == f"Chapter 1, not yet: {says}"


def test_a_page_that_a_browser_cannot_open_is_named_with_its_status(
    tmp_path: Path, capsys: Printed
) -> None:
    workshop = Workshop(tmp_path)
    workshop.start(8)
    (workshop.shop / "shop.py").write_text(SHOP_THAT_TAKES_NO_ORDER)
    assert main(["check", "8"], workshop) == 1
    assert capsys.readouterr().out == (
        "Chapter 8, not yet: The browser could not go on: /orders answered 503.\n"
    )


def test_each_part_of_the_course_has_a_port_of_its_own(tmp_path: Path, capsys: Printed) -> None:
    ports = ["--port", "8390", "--shop-port", "8391", "--sandbox-port", "8390"]
    assert main(["serve", *ports], Workshop(tmp_path)) == 2
    assert "need a port each" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("", "این هم لازم است: COMMAND"),
        ("check", "این هم لازم است: NN"),
        ("bogus", "COMMAND: 'bogus' درست نیست؛ یکی از این‌ها را بنویسید: "),
        ("start x", "NN: 'x' عدد صحیح نیست"),
        ("start 1 2", "این اضافه است: 2"),
        ("check 1 --start --solution", "همراه با --start نمی‌آید"),
        ("check 1 --start=3", "--start: مقدار نمی‌گیرد: '3'"),
        ("check 1 --s", "معلوم نیست --s کدام است: --start, --solution"),
        ("later soon", "SECONDS: 'soon' تعداد ثانیه‌ای بیشتر از صفر نیست"),
        ("serve --port", "--port: یک مقدار می‌خواهد"),
        ("serve --port 70000", "--port: '70000' پورت نیست"),
    ],
)
def test_a_wrong_call_is_answered_in_persian(capsys: Printed, call: str, says: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "fa", *call.split()])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert says in said
    assert said.startswith("شکل دستور: python -m learn")
    assert english_words(said) == set()


@pytest.mark.parametrize("command", ["", "start", "check", "behave", "switch", "evening", "serve"])
def test_the_help_is_in_persian(capsys: Printed, command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--lang=fa", "--help"])
    assert ended.value.code == 0
    assert english_words(capsys.readouterr().out) == set()


def english_words(text: str) -> set[str]:
    """The words in Latin letters, without names: of commands, files, and of values in capitals."""
    return {word for word in LATIN.findall(text) if not word.isupper()} - NAMES


@pytest.mark.parametrize("number", ["0", "-1", "65536", "99999", "abc"])
def test_a_number_that_no_port_has_is_refused(tmp_path: Path, capsys: Printed, number: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--sandbox-port={number}"], Workshop(tmp_path))
    assert ended.value.code == 2
    assert f"'{number}' is no port: 1 to 65535" in capsys.readouterr().err
