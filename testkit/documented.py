"""The command that the documentation gives for production."""

from __future__ import annotations

import re
import shlex
import sys

from testkit.processes import ROOT


def documented_command(port: int) -> list[str]:
    """Return the command of `docs/operations/index.md` that serves the shop, on another port."""
    page = (ROOT / "docs" / "operations" / "index.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"`(granian [^`]*)`", page)
    assert "--port 8000 " in found
    return [sys.executable, "-m", *shlex.split(found.replace("--port 8000", f"--port {port}"))]
