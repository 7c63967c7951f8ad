"""The address that payers are sent to can be another one than that of the calls, such as https."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from jibit_sandbox.core.settings import settings_from
from jibit_sandbox.testing import SandboxWorld, running_sandbox
from tests.sandbox.merchant import Merchant, joined
from tests.sandbox.v3_merchant import V3Merchant
from tests.sandbox.wallet_merchant import WalletMerchant

PUBLIC = "https://pay.example"


@pytest.fixture(scope="module")
def proxied() -> Iterator[SandboxWorld]:
    with running_sandbox(public_url=PUBLIC) as sandbox:
        yield sandbox


def test_the_switching_url_of_every_gateway_is_under_the_public_address(
    proxied: SandboxWorld,
) -> None:
    with joined(Merchant(proxied)) as v2, joined(V3Merchant(proxied)) as v3:
        assert v2.opened()[1].startswith(f"{PUBLIC}/ppg/v2/orders/")
        identifier, address = v3.opened()
        assert address == f"{PUBLIC}/ppg/v3/purchases/{identifier}/payments"
    with joined(WalletMerchant(proxied)) as payee:
        assert payee.opened()[1].startswith(f"{PUBLIC}/pg/order/")


def test_the_payer_presses_buttons_there(proxied: SandboxWorld) -> None:
    with joined(V3Merchant(proxied)) as v3:
        identifier, _ = v3.opened()
        page = f"{v3.base_url}/purchases/{identifier}/payments"
        headers = {"Host": "pay.example", "Origin": PUBLIC}
        pressed = requests.post(page, data={"action": "cancel"}, headers=headers, timeout=10)
        assert pressed.status_code == 200
        assert v3.status(identifier) == "FAILED"


def test_the_environment_names_it() -> None:
    assert settings_from({}).public_url == ""
    assert settings_from({"SANDBOX_PUBLIC_URL": f"{PUBLIC}:8443/"}).public_url == f"{PUBLIC}:8443"
    for wrong in ("pay.example", "ftp://pay.example", f"{PUBLIC}/somewhere"):
        with pytest.raises(ValueError, match="SANDBOX_PUBLIC_URL must be an address"):
            settings_from({"SANDBOX_PUBLIC_URL": wrong})
