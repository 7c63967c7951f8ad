"""Each library stands alone at run time: what an import loads is what its name promises."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from testkit.processes import ROOT

FORBIDDEN = {
    "jibit_client": {"flask", "sqlalchemy", "payment_engine", "jibit_sandbox", "storefront"},
    "payment_engine": {"flask", "jibit_client", "jibit_sandbox", "storefront"},
    "jibit_sandbox": {"payment_engine", "jibit_client", "storefront", "alembic", "apscheduler"},
    "jibit_sandbox.testing": {"payment_engine", "jibit_client", "storefront", "alembic"},
    "storefront": {"flask", "sqlalchemy", "jibit_client", "jibit_sandbox"},
}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_an_import_loads_nothing_that_the_name_does_not_promise(package: str) -> None:
    program = f"import json, sys, {package}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & FORBIDDEN[package] == set()
