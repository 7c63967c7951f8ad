"""The client as a package: its example, its version, and what its import loads."""

from __future__ import annotations

import builtins
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import jibit_client
from jibit_sandbox.testing import SandboxWorld

FOLDER = Path(jibit_client.__file__).parent


def the_example() -> str:
    """Return the code of the README's one example."""
    (_, code, _) = (FOLDER / "README.md").read_text().replace("```python", "```").split("```")
    return code.strip()


def test_the_readmes_example_takes_a_payment(
    sandbox: SandboxWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(the_example().splitlines()) <= 20
    send_the_payer_to: Callable[[str], object] = sandbox.pay
    names = {
        "__builtins__": builtins,
        "BASE_URL": sandbox.ppg_base_url,
        "API_KEY": sandbox.api_key,
        "SECRET_KEY": sandbox.secret_key,
        "send_the_payer_to": send_the_payer_to,
    }
    exec(the_example(), names)  # noqa: S102  # our own README
    assert capsys.readouterr().out == "Successful\n"
    (order,) = sandbox.orders()
    assert order["state"] == "captured"


def test_every_public_name_can_be_imported() -> None:
    for name in jibit_client.__all__:
        assert getattr(jibit_client, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(jibit_client, "nonsense")  # noqa: B009  # what an import of the name does


def test_a_bare_import_loads_no_other_library() -> None:
    program = "import sys, jibit_client; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parent, capture_output=True, check=True
    )
    loaded = set(done.stdout.decode().split())
    assert "jibit_client" in loaded
    assert loaded & {"requests", "urllib3", "flask", "sqlalchemy"} == set()


def test_the_package_depends_on_requests_only_and_has_its_version_in_one_place() -> None:
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    assert [each.partition(">")[0] for each in project["dependencies"]] == ["requests"]
    assert project["dynamic"] == ["version"]
    assert project["scripts"] == {"jibit-client": "jibit_client.cli:main"}
    assert f"## {jibit_client.__version__}" in (FOLDER / "CHANGELOG.md").read_text()
    assert (FOLDER / "py.typed").exists()
