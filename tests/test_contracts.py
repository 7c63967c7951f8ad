"""A new module joins the import contracts of pyproject.toml, or this says that it was forgotten."""

from __future__ import annotations

import pkgutil
import tomllib

import pytest

import storefront
from tests.rig.processes import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
MODULES = {f"storefront.{m.name}" for m in pkgutil.iter_modules(storefront.__path__)}


@pytest.mark.parametrize("alone", ["jibit_client", "jibit_sandbox"])
def test_every_module_is_forbidden_to_those_that_can_be_lifted_out(alone: str) -> None:
    (contract,) = [c for c in CONTRACTS["contracts"] if c["source_modules"] == [alone]]
    assert MODULES - {"storefront.__main__", alone} <= set(contract["forbidden_modules"])


def test_every_module_may_not_import_the_sandbox() -> None:
    (contract,) = [c for c in CONTRACTS["contracts"] if c["forbidden_modules"] == ["jibit_sandbox"]]
    ours = MODULES - {"storefront.__main__", "jibit_sandbox"}
    assert ours == set(contract["source_modules"])
