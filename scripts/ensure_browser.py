"""Print the path of a Chromium for the browser tests; install one first where none is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")  # no windows: half the CPU time
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path(os.environ.get("PROGRAMFILES", "C:/")) / "Google/Chrome/Application/chrome.exe",
)


def find_browser() -> str | None:
    """The first Chromium that can run: named in the environment, installed, or playwright's own."""
    candidates = [os.environ.get("TEST_BROWSER"), *map(shutil.which, SHELLS + NAMES)]
    candidates += [str(path) for path in APPLICATIONS]
    return next(filter(_runs, candidates), None) or _playwrights_own()


def _runs(path: str | None) -> bool:
    if not path or not Path(path).is_file():
        return False
    if sys.platform == "win32":  # there the browser prints no version, it opens a window
        return True
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # slow to import, and rarely needed

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if _runs(path) else None


def install_browser() -> None:
    """Take the system's package where we may, else playwright's; their words go to stderr."""
    if shutil.which("apt-get") and os.geteuid() == 0 and _apt_installs_chromium():
        return
    _say("Downloading playwright's Chromium.")
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _apt_installs_chromium() -> bool:
    _say("Installing Chromium with apt-get.")
    install = ("apt-get", "install", "-qq", "-y", "--no-install-recommends")
    return _run("apt-get", "update", "-qq") and (
        _run(*install, SHELLS[0]) or _run(*install, NAMES[0])  # older Debians know only the second
    )


def _run(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, stdout=sys.stderr, env=environment, check=False)
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Print the path. Exit code 1: there is none and none could be installed."""
    if not find_browser():
        install_browser()
    path = find_browser()
    if path is None:
        _say(
            "The browser tests need Chromium, and none could be installed here. Install Chromium or"
            " Google Chrome, or set TEST_BROWSER to the program's path. On Linux without"
            " root: sudo .venv/bin/python -m playwright install --with-deps chromium"
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
