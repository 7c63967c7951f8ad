"""An empty environment that borrows a few distributions, and what they need, from ours."""

from __future__ import annotations

import re
import sys
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9._-]+")


def empty_environment(folder: Path, borrowed: Iterable[str]) -> Path:
    """Make the environment without pip; return its site-packages."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    for each in closure(borrowed):
        for top in {file.parts[0] for file in each.files or () if file.parts[0] != ".."}:
            link = site / top
            if not link.exists() and top != "__pycache__":
                link.symlink_to(Path(str(each.locate_file(top))))
    return site


def closure(names: Iterable[str]) -> list[Distribution]:
    """Return the distributions and all that they require, without their extras."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # another system's or another Python's
        required = found[name].requires or []
        waiting += [NAME.match(line)[0] for line in required if "extra ==" not in line]  # type: ignore[index]
    return list(found.values())
