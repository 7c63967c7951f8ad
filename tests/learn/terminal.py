"""Run the console blocks of a page in a copy of the checkout, and compare what they print."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from jibit_sandbox.testing import SandboxWorld
from learn.controls import SANDBOX_URL, Addresses, remember_addresses
from learn.workshop import Workshop
from testkit.processes import ROOT
from tests.learn.pages import CoursePage

SECONDS = 300
NOBODY = "http://127.0.0.1:9"  # no shop runs while the commands are tried
ANYTHING = "..."  # a line that stands for any number of lines
MASKED = [
    (re.compile(re.escape(f"{ROOT}/")), ""),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00:00)?"), "TIME"),
    (re.compile(r"\b\d\d:\d\d(?::\d\d)?\b"), "TIME"),
    (re.compile(r"\beyJ[\w.-]+"), "TOKEN"),
    (re.compile(r"\b[0-9a-f]{8,}\b"), "ID"),
    (re.compile(r"\b(?=[A-Za-z]*\d)[A-Za-z0-9]{8}\b"), "ID"),
    (re.compile(r"\bR-\d+\b"), "ID"),
]


@dataclass(frozen=True)
class Command:
    """A command of a console block, and what the page says that it prints."""

    line: str
    expected: str


def commands_of(page: CoursePage) -> list[Command]:
    """Every command of the page's console blocks, in order."""
    found: list[Command] = []
    for block in page.blocks_of("console"):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            while line.endswith("\\"):
                more, _, expected = expected.partition("\n")
                line = f"{line}\n{more.removeprefix('> ')}"
            found.append(Command(line, expected.strip("\n")))
    return found


def run_all(page: CoursePage, sandbox: SandboxWorld, folder: Path) -> list[str]:
    """Run the page's commands one after the other in one shell; return what each printed."""
    world = sandbox.world(f"page{secrets.token_hex(6)}")
    checkout = copy_of_checkout(folder)
    workshop = Workshop(checkout / "instance" / "learn")
    remember_addresses(workshop, Addresses(world.base_url, world.name, NOBODY))
    own = {
        "LEARN_FOLDER": str(workshop.folder),
        "GATEWAY_URL": world.ppg_base_url,
        "API_KEY": world.api_key,
        "SECRET_KEY": world.secret_key,
        "PPG_V3_URL": world.ppg_v3_base_url,
        "WALLET_URL": world.wallet_base_url,
        "WALLET_USERNAME": world.username,
        "WALLET_PASSWORD": world.password,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NO_PROXY": "*",
    }
    end = secrets.token_hex(8)
    script = "".join(
        f"{command.line.replace(SANDBOX_URL, world.base_url)}\nprintf '%s\\n' {end}\n"
        for command in commands_of(page)
    )
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1 </dev/null\n{script}"],
        cwd=checkout,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return [printed.strip("\n") for printed in done.stdout.split(f"{end}\n")[:-1]]


def copy_of_checkout(folder: Path) -> Path:
    """A folder that looks like the project's, with an instance/ of its own."""
    checkout = folder / "checkout"
    (checkout / "instance").mkdir(parents=True)
    for entry in ROOT.iterdir():
        if entry.name != "instance" and not entry.name.startswith(".git"):
            (checkout / entry.name).symlink_to(entry)
    return checkout


def masked(text: str) -> list[str]:
    """The lines without what is another one at each run."""
    for pattern, word in MASKED:
        text = pattern.sub(word, text)
    return [line.rstrip() for line in text.splitlines()]


def fits(expected: str, printed: str) -> bool:
    """Whether a command printed what the page says."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ANYTHING else re.escape(f"{line}\n")
        for line in masked(expected)
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in masked(printed))) is not None
