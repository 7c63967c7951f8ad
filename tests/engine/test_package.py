"""The engine as a package: its version, its extras, and what its imports load."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import payment_engine

FOLDER = Path(payment_engine.__file__).parent
HEAVY = {"flask", "sqlalchemy", "requests", "urllib3", "pytest", "jibit_client", "storefront"}


def loaded_by(module: str) -> set[str]:
    """Return which of the heavy libraries an import loads in a fresh interpreter."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, check=True
    )
    return set(done.stdout.decode().split()) & HEAVY


@pytest.mark.parametrize(
    ("module", "loads"),
    [
        ("payment_engine", set()),
        ("payment_engine.gateway", set()),
        ("payment_engine.store", set()),
        ("payment_engine.sqlalchemy_store", {"sqlalchemy"}),
        ("payment_engine.gateways.jibit_ppg", {"jibit_client", "requests", "urllib3"}),
        ("payment_engine.testing", {"pytest"}),
    ],
)
def test_an_import_loads_what_its_name_says(module: str, loads: set[str]) -> None:
    assert loaded_by(module) == loads


def test_every_public_name_can_be_imported() -> None:
    for name in payment_engine.__all__:
        assert getattr(payment_engine, name) is not None


def test_the_package_has_its_version_in_one_place_and_depends_on_nothing() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == []
    assert set(project["optional-dependencies"]) == {"sqlalchemy", "jibit", "testing"}
    assert project["dynamic"] == ["version"]
    assert f"## {payment_engine.__version__}" in (FOLDER / "CHANGELOG.md").read_text()
    assert (FOLDER / "py.typed").exists()
