"""The sandbox as a package of its own: its wheel, what an installed one loads, its README."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

import jibit_sandbox
from tests.sandbox.borrowed import closure, empty_environment

FOLDER = Path(jibit_sandbox.__file__).parent
DEPENDENCIES = {"flask", "werkzeug", "sqlalchemy", "persiantools", "requests"}
OTHERS = {"storefront", "payment_engine", "jibit_client", "alembic", "apscheduler"}
NO_INDEX = re.compile("No matching distribution|Could not find a version|Failed to establish")

USE = """
import json, requests, sys
from jibit_sandbox import running_sandbox
with running_sandbox() as sandbox:
    assert requests.get(sandbox.base_url).ok
    keys = {"apiKey": sandbox.api_key, "secretKey": sandbox.secret_key}
    assert requests.post(f"{sandbox.ppg_base_url}/tokens/generate", json=keys).ok
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""
TEST_OF_A_USER = """
def test_a_new_world_has_no_orders(jibit_world):
    assert jibit_world.orders() == []
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel; pip fetches the build backend from the package index."""
    folder, before = tmp_path_factory.mktemp("wheel"), set(FOLDER.iterdir())
    pip = (sys.executable, "-m", "pip")
    command: list[str | Path] = [*pip, "wheel", "--no-deps", "-w", folder, FOLDER]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if NO_INDEX.search(built.stderr):
        pytest.skip("no package index can be reached")
    assert built.returncode == 0, built.stderr
    assert set(FOLDER.iterdir()) == before, "the build left something behind"
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, its dependencies and pytest, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    empty_environment(folder, [*DEPENDENCIES, "pytest"])
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-compile")
    run(*pip, "--no-deps", "--no-index", wheel, cwd=folder)
    return python


@pytest.mark.long
def test_the_wheel_has_everything_and_asks_for_little(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith("/METADATA"))
        needed = message_from_bytes(archive.read(metadata)).get_all("Requires-Dist", [])
    files = (
        path
        for path in FOLDER.rglob("*")
        if path.suffix in {".py", ".html", ".css", ".js", ".svg", ".po", ".mo", ".typed"}
    )
    assert {f"jibit_sandbox/{path.relative_to(FOLDER).as_posix()}" for path in files} <= names
    always = (name for name in needed if "extra ==" not in name)
    assert {re.split("[<>=]", name)[0] for name in always} == DEPENDENCIES
    assert len(closure(DEPENDENCIES)) <= 15, "with itself, 16 packages beside pip"


@pytest.mark.long
def test_an_installed_sandbox_loads_nothing_of_the_shop(python: Path, tmp_path: Path) -> None:
    loaded = json.loads(run(python, "-c", USE, cwd=tmp_path))
    assert Path(loaded["jibit_sandbox"]).is_relative_to(python.parents[1])
    assert {name.partition(".")[0] for name in loaded} & OTHERS == set()


@pytest.mark.long
def test_the_installed_command_serves_both_languages(python: Path, tmp_path: Path) -> None:
    program = str(python.with_name("jibit-sandbox"))
    command = [program, "--port", "0", "--database", "a.sqlite3"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            address = running.stdout.readline().split()[2]
            pages = [requests.get(address, {"lang": lang}, timeout=20) for lang in ("fa", "en")]
            style = requests.get(f"{address}/_sandbox/static/dashboard.css", timeout=20)
        finally:
            running.kill()
    assert "سندباکس جیبیت" in pages[0].text
    assert "Jibit sandbox" in pages[1].text
    assert style.headers["Server"] == "jibit-sandbox"


@pytest.mark.long
def test_pytest_finds_the_fixtures_by_itself(python: Path, tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(TEST_OF_A_USER)
    pytest_run = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in run(*pytest_run, cwd=tmp_path)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["jibit_sandbox.pytest_plugin"]\n')
    assert "1 passed" in run(*pytest_run, cwd=tmp_path)


def test_the_example_of_the_readme_runs() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    example = re.search("```python\n(import.*?)```", readme, re.DOTALL)
    assert example
    printed = run(sys.executable, "-c", example[1], cwd=FOLDER.parent)
    assert printed == "the answer is lost, the order is captured\n"


def test_the_package_alone_loads_nothing_but_itself() -> None:
    program = (
        "import sys; old = set(sys.modules); import jibit_sandbox; print(set(sys.modules) - old)"
    )
    assert run(sys.executable, "-c", program, cwd=FOLDER.parent) == "{'jibit_sandbox'}\n"


def test_the_pytest_plugin_loads_no_server_before_a_test_asks_for_one() -> None:
    program = "import jibit_sandbox.pytest_plugin, sys; print('flask' in sys.modules)"
    assert run(sys.executable, "-c", program, cwd=FOLDER.parent) == "False\n"
