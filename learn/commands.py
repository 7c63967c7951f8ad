"""`python -m learn start 3`, `check 3`, `solution 3`, `status`: the course in a terminal."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jibit_sandbox.testing import running_sandbox
from learn import chapters, evening
from learn.controls import Controls
from learn.errors import CannotDo
from learn.lab import NotYet
from learn.speaking import SAID, SEPARATORS, Speaker
from learn.usage import HELP, Parser, PersianParser, language_in, port, seconds_forward
from learn.workshop import WORKSHOP, Workshop

PARAMETER = re.compile(r"\w+=")
INTERRUPTED = 130  # as a shell reports Ctrl-C


def main(arguments: Sequence[str] | None = None, workshop: Workshop | None = None) -> int:
    """Do what the command line says; return 0, 1 if a shop is not right yet, 2 for a wrong call."""
    workshop = workshop or Workshop(Path(os.environ.get("LEARN_FOLDER", WORKSHOP)))
    wanted = _parsed(arguments, workshop.language)
    say = Speaker(wanted.lang)
    try:
        return int(wanted.do(wanted, workshop, say))
    except CannotDo as error:
        say(error.key, **error.values)
    except OSError as error:
        say("no access", folder=_short(workshop.folder), why=_reason(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 2


def _reason(error: OSError) -> str:
    """Return what the system says; of a folder that was copied, what it says of the first file."""
    first = error.args[0][0][-1] if isinstance(error, shutil.Error) else error
    return re.sub(r"^\[Errno \d+\] ", "", str(first))


def _parsed(arguments: Sequence[str] | None, kept: str | None) -> argparse.Namespace:
    """Parse a call; `KEY=VALUE` may stand anywhere behind a behaviour's name.

    argparse takes such arguments in one place only, and leaves those behind the next option over.
    """
    parser = _parser(language_in(arguments, kept))
    wanted, left = parser.parse_known_args(arguments)
    if "parameters" in wanted and all(PARAMETER.match(one) for one in left):
        wanted.parameters = [*wanted.parameters, *left]
    elif left:
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    return wanted


def _parser(language: str) -> Parser:
    kind, about = PersianParser if language == "fa" else Parser, HELP[language]
    parser = kind(prog="python -m learn", description=about["about"])
    parser.add_argument("--lang", choices=list(SAID), default=language, help=about["lang"])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Callable[..., int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about[name], description=about[name])
        command.set_defaults(do=function)
        command.add_argument(
            "--lang", choices=list(SAID), default=argparse.SUPPRESS, help=about["lang"]
        )
        return command

    for name, function in (("start", _start), ("check", _check), ("solution", _solution)):
        add(name, function).add_argument("number", type=int, metavar="NN")
    which = commands.choices["check"].add_mutually_exclusive_group()
    for kept in ("start", "solution"):
        which.add_argument(
            f"--{kept}", dest="kept", action="store_const", const=kept, help=about[f"check {kept}"]
        )
    add("status", _status)
    _add_controls(add, about)
    return parser


def _add_controls(
    add: Callable[[str, Callable[..., int]], argparse.ArgumentParser], about: dict[str, str]
) -> None:
    add("later", _later).add_argument("seconds", type=seconds_forward, metavar="SECONDS")

    behave = add("behave", _behave)
    behave.add_argument("name", nargs="?", metavar="NAME", help=about["behave name"])
    behave.add_argument(
        "parameters", nargs="*", metavar="KEY=VALUE", help=about["behave parameters"]
    )
    behave.add_argument("--operation", help=about["behave operation"])
    behave.add_argument("--times", type=int, default=1, metavar="N", help=about["behave times"])

    switch = add("switch", _switch)
    switch.add_argument("switches", nargs="+", metavar="NAME=VALUE", help=about["switch value"])

    broken = add("evening", _evening)
    broken.add_argument("--mend", action="store_true", help=about["evening mend"])
    broken.add_argument("--open", action="store_true", help=about["evening open"])

    add("kill", _kill).add_argument("text", nargs="?", metavar="LINE", help=about["kill line"])

    serve = add("serve", _serve)
    for option, default in (("--port", 8080), ("--shop-port", 5000), ("--sandbox-port", 8001)):
        whose = about[f"serve {option[2:]}"].format(port=default)
        serve.add_argument(option, type=port, default=default, metavar="PORT", help=whose)
    serve.add_argument("--no-browser", action="store_true", help=about["serve no browser"])


def _start(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    aside = workshop.start(wanted.number)
    workshop.keep_language(say.language)
    Controls(workshop).begin_anew()
    say("started", number=wanted.number, shop=_short(workshop.shop))
    if aside:
        say("aside", aside=_short(aside))
    return 0


def _check(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    number, program = wanted.number, _program(wanted, workshop)
    try:
        with running_sandbox() as sandbox:
            chapters.check(number, program, sandbox, say.language)
    except NotYet as error:
        say("wrong", number=number, why=error.said[say.language])
        return 1
    if wanted.kept:
        say("state", number=number, state=wanted.kept)
    else:
        workshop.finish(number)
        say("last" if number == chapters.LAST else "right", number=number, next=number + 1)
    return 0


def _program(wanted: argparse.Namespace, workshop: Workshop) -> Path:
    if wanted.kept == "start":
        return chapters.start_of(wanted.number)
    return chapters.finish_of(wanted.number) if wanted.kept else workshop.program_for(wanted.number)


def _solution(wanted: argparse.Namespace, _workshop: Workshop, say: Speaker) -> int:
    say("solution", number=wanted.number, solution=_short(chapters.finish_of(wanted.number)))
    return 0


def _status(_wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    if workshop.chapter is None:
        say("nothing")
        return 0
    done = SEPARATORS[say.language].join(map(str, workshop.done)) or SAID[say.language]["none"]
    say("status", number=workshop.chapter, done=done)
    return 0


def _later(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    Controls(workshop).later(wanted.seconds)
    say("later", minutes=say.duration(wanted.seconds))
    return 0


def _behave(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    controls = Controls(workshop)
    if wanted.name is None:
        controls.behave_again()
        say("behaves again")
        return 0
    description = controls.behave(
        wanted.name, wanted.operation, wanted.times or None, _parameters(wanted.parameters)
    )
    print(say.behaviour(wanted.name, wanted.operation, wanted.times or None, description))
    return 0


def _switch(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    Controls(workshop).switch(_parameters(wanted.switches))
    say("switched", switches=SEPARATORS[say.language].join(wanted.switches))
    return 0


def _parameters(said: Sequence[str]) -> dict[str, Any]:
    """Return `seconds=3` as {"seconds": 3}; what is not JSON is text."""
    pairs = (one.partition("=") for one in said)
    return {name: _value(text) for name, _, text in pairs}


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _evening(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    try:
        return evening.run(workshop, say, mended=wanted.mend, opened=wanted.open)
    except NotYet as error:
        print(error.said[say.language])
        return 1


def _kill(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    controls = Controls(workshop)
    if wanted.text is None:
        controls.kill_at_no_line()
        say("disarmed")
        return 0
    line = controls.kill_at(wanted.text)
    say("armed", number=line.number, text=line.text)
    return 0


def _serve(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    from learn.serving import Ports, serve  # only now: no other command needs a server

    workshop.keep_language(say.language)
    ports = Ports(wanted.port, wanted.shop_port, wanted.sandbox_port)
    return serve(workshop, say, ports, opens_browser=not wanted.no_browser)


def _short(path: Path) -> Path:
    """Return a path as it is typed from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
