"""schemathesis, all checks, against a sandbox of its own: ``python -m tests.sandbox.fuzz 400``.

The number is how many cases each operation gets in each phase. Gateways and control API are met
one after the other, because the control API's purpose is to make the gateways misbehave. Three
calls are left out: ``held`` waits on purpose, and replaying or pressing waits when the fuzzer has
armed a delay.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from jibit_sandbox.testing import running_sandbox
from tests.sandbox.merchant import Merchant
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

TAGS = ("gateway", "ppg_v3", "wallet", "control")
MERCHANTS = {"wallet": WalletMerchant, "ppg_v3": V3Merchant}
WAITS = (
    "/_sandbox/behaviours/held",
    "/_sandbox/requests/{number}/replay",
    "/_sandbox/orders/{identifier}/press",
)


def fuzz(tag: str, cases: int, seed: int) -> subprocess.CompletedProcess[str]:
    """One run; its return code is 0 if no check failed, its output says which did."""
    with running_sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        merchant = MERCHANTS.get(tag, Merchant)(sandbox.world("fuzz"))
        merchant.generate()
        merchant.session.close()
        arguments = {
            "--checks": "all",
            "--include-tag": tag,
            "--max-examples": str(cases),
            "--seed": str(seed),
            "--header": f"Authorization: Bearer {merchant.access_token}",
        }
        program = Path(sys.executable).with_name("schemathesis")
        command = [str(program), "run", f"{sandbox.base_url}/openapi.json", "--no-color"]
        for name, value in arguments.items():
            command += [name, value]
        if tag == "ppg_v3":  # it has rules that no schema can say: a reference is used once
            command += ["--exclude-checks", "positive_data_acceptance"]
        for path in WAITS:
            command += ["--exclude-path", path]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


if __name__ == "__main__":
    runs = [fuzz(tag, int(sys.argv[1]), seed=1) for tag in TAGS]
    for run in runs:
        sys.stdout.write(run.stdout)
    sys.exit(max(run.returncode for run in runs))
