"""schemathesis, all checks, against a sandbox of its own: ``python -m tests.sandbox.fuzz 400``.

The number is how many cases each operation gets in each phase; tags behind it choose the gateways,
such as ``ppg_v3``, and the word ``switches`` lets every two positions of the switches meet, one run
for each set of them. Gateways and control API are met one after the other, because the control
API's purpose is to make the gateways misbehave. Three calls are left out: ``held`` waits on
purpose, and replaying or pressing waits when the fuzzer has armed a delay.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jibit_sandbox.testing import running_sandbox
from tests.sandbox.merchant import Merchant
from tests.sandbox.pairwise import all_positions
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.v3_rows import FEATURES, PURCHASES
from tests.sandbox.wallet_merchant import WalletMerchant

TAGS = ("gateway", "ppg_v3", "wallet", "control")
MERCHANTS = {"wallet": WalletMerchant, "ppg_v3": V3Merchant}
WAITS = (
    "/_sandbox/behaviours/held",
    "/_sandbox/requests/{number}/replay",
    "/_sandbox/orders/{identifier}/press",
)
# PPG v3 has rules that no schema can say, such as that a reference is used once: they are a 400.
ACCEPTING = """[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404"]"""
# A position of the switches can refuse every call, or let pass what the document refuses.
SWITCHED = """[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "403", "404", "405", "409"]
[checks.negative_data_rejection]
expected-statuses = ["2xx", "4xx"]"""
DOCUMENTED = {"wallet_inquiry_by_post": "answered"}  # a call of /openapi.json by this switch only
MOST_OF_A_KIND = 10  # purchases that the fuzzer knows


def fuzz(
    tag: str, cases: int, seed: int, switches: Mapping[str, Any] | None = None
) -> subprocess.CompletedProcess[str]:
    """One run; its return code is 0 if no check failed, its output says which did."""
    with running_sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        merchant = MERCHANTS.get(tag, Merchant)(sandbox.world("fuzz"))
        merchant.generate()
        settings = SWITCHED if switches else ACCEPTING
        if isinstance(merchant, V3Merchant):
            settings += "\n" + known_to_fuzzer(merchant, min(cases, MOST_OF_A_KIND))
        if switches or isinstance(merchant, V3Merchant):
            Path(folder, "schemathesis.toml").write_text(settings, "utf-8")
        for world in (sandbox, merchant.world):  # the first is that of calls without a token
            world.switch(**switches or DOCUMENTED)
        merchant.session.close()
        arguments = {
            "--checks": "all",
            "--include-tag": tag,
            "--max-examples": str(cases),
            "--seed": str(seed),
            "--phases": "examples,coverage,fuzzing,stateful",
            "--header": f"Authorization: Bearer {merchant.access_token}",
        }
        program = Path(sys.executable).with_name("schemathesis")
        command = [str(program), "run", f"{sandbox.base_url}/openapi.json", "--no-color"]
        for name, value in arguments.items():
            command += [name, value]
        for check in left_out(tag, switches or {}):
            command += ["--exclude-checks", check]
        for path in WAITS:
            command += ["--exclude-path", path]
        return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def left_out(tag: str, switches: Mapping[str, Any]) -> list[str]:
    """Name the checks that contradict a position of the switches."""
    checks = ["unsupported_method"] if switches.get("v3_http_statuses") == "mostly_400" else []
    refused = switches.get("wallet_inquiry_by_post") == "refused"  # a 405 comes before any 401
    return [*checks, *(["missing_required_header"] if refused and tag == "wallet" else [])]


def known_to_fuzzer(merchant: V3Merchant, of_each_kind: int) -> str:
    """schemathesis' settings: purchases in every state, and credentials, for most of its cases."""
    merchant.world.switch(**FEATURES, v3_wide_histories=True)
    made = [make(merchant) for make in PURCHASES.values() for _ in range(of_each_kind)]
    in_use = merchant.pair
    spare = [merchant.generate().json()["refreshToken"] for _ in range(of_each_kind)]
    merchant.pair = in_use
    words = {
        "purchases": [each for each in made if each.isdigit()],
        "references": [each for each in made if not each.isdigit()],
        "keys": [merchant.world.api_key],
        "secrets": [merchant.world.secret_key],
        "tokens": spare,
    }
    fields = {
        "path.purchaseId": "purchases",
        "path.refundId": "purchases",
        "query.purchaseId": "purchases",
        "body.purchaseId": "purchases",
        "body.clientReferenceNumber": "references",
        "body.apiKey": "keys",
        "body.secretKey": "secrets",
        "body.refreshToken": "tokens",
    }
    lines = [f"[dictionaries.{name}]\nvalues = {json.dumps(said)}" for name, said in words.items()]
    bound = (
        f'"{field}" = {{ dictionary = "{name}", probability = 0.6 }}'
        for field, name in fields.items()
    )
    return "\n".join([*lines, "[parameters]", *bound])


if __name__ == "__main__":
    said = sys.argv[2:]
    positions = all_positions() if "switches" in said else (None,)
    tags = [tag for tag in said if tag != "switches"] or TAGS
    failed = 0
    for switches in positions:
        for tag in tags:
            run = fuzz(tag, int(sys.argv[1]), 1, switches)
            failed = max(failed, run.returncode)
            if switches is None or run.returncode:
                sys.stdout.write(f"{switches or ''}\n{run.stdout}")
    sys.exit(failed)
