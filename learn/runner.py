"""Serve the shop of the current folder as `flask run` does; it can be killed at a line.

Run as a program, with the port and the folder of requests: `python runner.py 5000 FOLDER`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[1])


def main(port: str, requests: str) -> None:
    """Serve until the process is killed."""
    # What the shop imports is looked for in its own folder first, then in the project.
    sys.path[:] = [os.getcwd(), *sys.path[1:], ROOT]
    from learn.killing import NoSuchLine, find_line, take_request
    from learn.speaking import Speaker

    program = Path("shop.py").resolve()
    text = take_request(Path(requests))
    if text is not None:
        try:
            _watch(program, find_line(program, text).number, Path(requests))
        except NoSuchLine as error:
            print(Speaker("en").sentence(error.key, **error.values), file=sys.stderr)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    from flask.cli import main as flask_main

    sys.argv = ["flask", "--app", "shop", "run", "--port", port]
    flask_main()


def _watch(program: Path, number: int, requests: Path) -> None:
    """Trace the program's functions that have this line, in every thread."""
    name = str(program)

    def at_a_call(frame: types.FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        if code.co_filename != name or code.co_firstlineno > number:
            return None
        return at_a_line if any(line == number for *_, line in code.co_lines()) else None

    def at_a_line(frame: types.FrameType, event: str, _argument: Any) -> Any:
        if event == "line" and frame.f_lineno == number:
            _die(number, requests)
        return at_a_line

    threading.settrace(at_a_call)
    sys.settrace(at_a_call)


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it is gone, however that came."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


def _die(number: int, requests: Path) -> None:
    from learn.killing import forget_request

    forget_request(requests)
    print(f"Killed before line {number}.", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
