"""The learner's shop as a process: started again when it is edited, and when it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from learn.controls import listens
from learn.killing import REQUESTED
from learn.workshop import Workshop

RUNNER = Path(__file__).with_name("runner.py")
GLANCE = 0.3  # seconds between two looks at the shop's files
PATIENCE = 10.0  # seconds, for its start
LAST_LINES = 20_000  # bytes of the shop's output that are looked through for an error
Signature = tuple[object, ...]


class ShopProcess:
    """`flask run` of instance/learn/shop, and a thread that watches over it."""

    def __init__(
        self,
        workshop: Workshop,
        port: int,
        settings: Mapping[str, str],
        before_start: Callable[[], None] = lambda: None,
    ) -> None:
        self.workshop, self.url = workshop, f"http://127.0.0.1:{port}"
        self._port, self._settings, self._before_start = port, dict(settings), before_start
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: Signature | None = None
        self._request = 0
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, name="learner's shop", daemon=True)

    def start(self) -> None:
        """Watch the shop's folder from now on, and run what is in it."""
        self.workshop.folder.mkdir(parents=True, exist_ok=True)
        self._log.write_bytes(b"")
        self._watcher.start()

    def stop(self) -> None:
        """End the shop and the thread."""
        self._stop.set()
        self._watcher.join()
        self._end()

    def kill(self) -> bool:
        """Kill the shop, as a machine that loses its power; it starts again by itself.

        Returns False if it does not run.
        """
        with self._guard:
            if self._process is None or self._process.poll() is not None:
                return False
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            return True

    def standing(self) -> tuple[str, str]:
        """Return "missing", "starts", "runs" or "fails", and the last line of the error."""
        if not (self.workshop.shop / "shop.py").is_file():
            return "missing", ""
        if listens(self.url) and self._process is not None and self._process.poll() is None:
            return "runs", ""
        if self._process is not None and (self._process.poll() or 0) > 0:
            return "fails", self._last_line()
        return "starts", ""

    def wait_until_settled(self) -> None:
        """Wait until the shop runs, or will not."""
        deadline = time.monotonic() + PATIENCE
        while self.standing()[0] == "starts" and time.monotonic() < deadline:
            time.sleep(GLANCE / 3)

    def look(self) -> None:
        """Start the shop if its files have changed, or if it was killed."""
        now = self._signature()
        with self._guard:
            was_killed = self._process is not None and (self._process.poll() or 0) < 0
            request = _changed(self.workshop.folder / REQUESTED)
            if now == self._seen and not was_killed and request in (0, self._request):
                return
            self._end()
            self._seen, self._request = now, request
            if now:
                self._begin()

    def _watch(self) -> None:
        while not self._stop.wait(GLANCE):
            try:
                self.look()
            except OSError as error:  # a folder that is being replaced at this moment
                print(f"learn: {error}", file=sys.stderr)

    def _begin(self) -> None:
        self._before_start()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(RUNNER), str(self._port), str(self.workshop.folder.resolve())],
                cwd=self.workshop.shop,
                env={**os.environ, **self._settings, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _signature(self) -> Signature:
        """Return what changes when the shop is edited or begun anew."""
        folder = self.workshop.shop
        files = sorted(folder.glob("*.py")) if (folder / "shop.py").is_file() else []
        if not files:
            return ()
        return (folder.stat().st_ino, *((one.name, _changed(one)) for one in files))

    @property
    def _log(self) -> Path:
        return self.workshop.folder / "shop.log"

    def _last_line(self) -> str:
        said = self._log.read_bytes()[-LAST_LINES:].decode(errors="replace").strip()
        return said.splitlines()[-1] if said else ""


def _changed(file: Path) -> int:
    """Return when a file was written last; 0 if it is not there."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
