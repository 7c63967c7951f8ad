"""`python -m learn start 3`, `check 3`, `solution 3`, `status`: the course in a terminal."""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jibit_sandbox.testing import running_sandbox
from learn import chapters, evening
from learn.controls import Controls
from learn.errors import CannotDo
from learn.lab import NotYet
from learn.speaking import SAID, SEPARATORS, Speaker
from learn.workshop import WORKSHOP, Workshop


def main(arguments: Sequence[str] | None = None, workshop: Workshop | None = None) -> int:
    """Do what the command line says; return 0, 1 if a shop is not right yet, 2 for a wrong call."""
    wanted = _parser().parse_args(arguments)
    say = Speaker(wanted.lang)
    folder = Path(os.environ.get("LEARN_FOLDER", WORKSHOP))
    try:
        return int(wanted.do(wanted, workshop or Workshop(folder), say))
    except CannotDo as error:
        say(error.key, **error.values)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m learn", description=__doc__)
    parser.add_argument("--lang", choices=list(SAID), default="en")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, function, about in (
        ("start", _start, "put the chapter's first state into instance/learn/shop"),
        ("check", _check, "try your shop, and say in a sentence what is missing"),
        ("solution", _solution, "say where a solution of the chapter stands"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("number", type=int, metavar="NN")
        command.set_defaults(do=function)
        if name == "check":
            which = command.add_mutually_exclusive_group()
            which.add_argument("--start", dest="kept", action="store_const", const="start")
            which.add_argument("--solution", dest="kept", action="store_const", const="solution")
    commands.add_parser("status", help="say how far you are").set_defaults(do=_status)
    _add_controls(commands)
    for command in {id(one): one for one in commands.choices.values()}.values():
        command.add_argument("--lang", choices=list(SAID), default=argparse.SUPPRESS)
    return parser


def _add_controls(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    later = commands.add_parser("later", help="move the clocks of your shop and the sandbox")
    later.add_argument("seconds", type=_forward, metavar="SECONDS")
    later.set_defaults(do=_later)

    behave = commands.add_parser("behave", help="let the sandbox misbehave at its next calls")
    behave.add_argument("name", nargs="?", metavar="NAME", help="without one it behaves again")
    behave.add_argument("parameters", nargs="*", metavar="KEY=VALUE", help="as in seconds=3")
    behave.add_argument("--operation", help="create, verify, inquiry, list, generate, pay, ...")
    behave.add_argument("--times", type=int, default=1, metavar="N", help="0: from now on")
    behave.set_defaults(do=_behave)

    broken = commands.add_parser("evening", help="build the broken evening of chapter 18 anew")
    broken.add_argument("--mend", action="store_true", help="and run your repairs in it")
    broken.add_argument("--open", action="store_true", help="and keep its shop and gateway open")
    broken.set_defaults(do=_evening)

    kill = commands.add_parser("kill", help="kill your shop when it is about to run a line")
    kill.add_argument("text", metavar="LINE", help="the line of shop.py, or a part of it")
    kill.set_defaults(do=_kill)

    serve = commands.add_parser("serve", help="show the course, your shop and the sandbox")
    serve.add_argument("--port", type=int, default=8080, help="of the course; default 8080")
    serve.add_argument("--shop-port", type=int, default=5000, help="default 5000")
    serve.add_argument("--sandbox-port", type=int, default=8001, help="default 8001")
    serve.add_argument("--no-browser", action="store_true", help="open no window")
    serve.set_defaults(do=_serve)


def _forward(text: str) -> float:
    """Return a number of seconds above 0."""
    with suppress(ValueError):
        if 0 < (seconds := float(text)) < math.inf:
            return seconds
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")


def _start(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    aside = workshop.start(wanted.number)
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
    try:
        description = controls.behave(
            wanted.name, wanted.operation, wanted.times or None, _parameters(wanted.parameters)
        )
    except ValueError as error:
        say("refused", why=error)
        return 2
    print(say.behaviour(wanted.name, wanted.operation, wanted.times or None, description))
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
    line = Controls(workshop).kill_at(wanted.text)
    say("armed", number=line.number, text=line.text)
    return 0


def _serve(wanted: argparse.Namespace, workshop: Workshop, say: Speaker) -> int:
    from learn.serving import Ports, serve  # only now: no other command needs a server

    ports = Ports(wanted.port, wanted.shop_port, wanted.sandbox_port)
    return serve(workshop, say, ports, opens_browser=not wanted.no_browser)


def _short(path: Path) -> Path:
    """Return a path as it is typed from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
