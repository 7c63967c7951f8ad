"""An empty environment that borrows a few distributions, and what they need, from ours."""

from __future__ import annotations

import sys
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


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
    """Return the distributions and all that they require on this system, without extras."""
    found: dict[str, Distribution] = {}
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = distribution(name)
            needed = map(Requirement, found[name].requires or ())
            waiting += [canonicalize_name(each.name) for each in needed if is_needed(each)]
    return list(found.values())


def is_needed(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
