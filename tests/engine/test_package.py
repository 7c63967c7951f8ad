"""The engine as a package: its version, its extras, and what its imports load."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import payment_engine

FOLDER = Path(payment_engine.__file__).parent
NO_INDEX = re.compile("No matching distribution|Could not find a version|Failed to establish")
HEAVY = {"flask", "sqlalchemy", "requests", "urllib3", "pytest", "jibit_client", "storefront"}


def loaded_by(module: str) -> set[str]:
    """Return which of the heavy libraries an import loads in a fresh interpreter."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, check=True
    )
    return set(done.stdout.decode().split()) & HEAVY


@pytest.mark.one_case_in(2)
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


@pytest.mark.long
def test_a_wheel_has_every_module_and_works_without_anything_else(tmp_path: Path) -> None:
    before = set(FOLDER.iterdir())
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(tmp_path), str(FOLDER)]
    built = subprocess.run(pip, capture_output=True, text=True, check=False)
    if NO_INDEX.search(built.stderr):
        pytest.skip("no package index can be reached, so that there is no build backend")
    assert built.returncode == 0, built.stderr
    assert set(FOLDER.iterdir()) == before, "the build left something behind"
    (wheel,) = tmp_path.glob("payment_engine-*.whl")
    modules = {f"payment_engine/{each.relative_to(FOLDER)}" for each in FOLDER.rglob("*.py")}
    assert modules | {"payment_engine/py.typed"} <= _files(wheel)
    program = f"import sys; sys.path.insert(0, {str(wheel)!r}); import payment_engine as p"
    alone = [sys.executable, "-I", "-S", "-c", f"{program}; print(p.__version__)"]
    done = subprocess.run(alone, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == payment_engine.__version__


def _files(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_package_has_its_version_in_one_place_and_depends_on_nothing() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == []
    assert set(project["optional-dependencies"]) == {"sqlalchemy", "jibit", "testing"}
    assert project["dynamic"] == ["version"]
    assert f"## {payment_engine.__version__}" in (FOLDER / "CHANGELOG.md").read_text()
    assert (FOLDER / "py.typed").exists()
