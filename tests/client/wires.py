"""The gateways' wires side by side, for tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jibit_client import (
    CreateOrderRequest,
    CreatePurchaseRequest,
    InitiateRequest,
    PpgClient,
    PpgV3Client,
    WalletClient,
)
from jibit_sandbox.testing import SandboxWorld
from tests.client import documents as ppg
from tests.client import v3_documents as v3
from tests.client import wallet_documents as wallet
from tests.client.scripted import Reply, refuses, says

AnyClient = PpgClient | PpgV3Client | WalletClient

ORDER = CreateOrderRequest(200_000, "our-reference", "09121234567", "https://merchant.ir/callback")
WALLET_ORDER = InitiateRequest(
    200_000, "our-reference", "09121234567", "https://merchant.ir/callback"
)
PURCHASE = CreatePurchaseRequest(250_000, "our-reference", "https://merchant.ir/callback")


@dataclass(frozen=True)
class Wire:
    """Where a gateway's calls go, what it answers when all is well, and how it refuses.

    ``token_names`` are those of the access and the refresh token; ``wrap`` puts an answer into
    the envelope of a success; ``refuses`` answers with a failure of this HTTP status, which
    ``codes`` are told of. ``creates`` makes the client create the order and returns its identifier;
    ``secret`` names the secret credential; ``listed`` puts an order into the answer to an inquiry.
    """

    name: str
    base_path: str
    connect: Callable[..., AnyClient]
    credentials: Mapping[str, str]
    generate: str
    refresh: str
    create: str
    inquiry: str
    verify: str
    identifier: str
    token_names: tuple[str, str]
    wrap: Callable[[object], object]
    created: object
    order: object
    verified: object
    refuses: Callable[[int], Reply]
    codes: Callable[[int], tuple[str, ...]]
    refresh_lives_hours: int
    creates: Callable[[Any], str]
    secret: str
    in_world: Callable[[SandboxWorld], dict[str, str]]
    access_lives_hours: int = 24
    refresh_sends_access: bool = True
    listed: Callable[[object], object] = lambda order: order

    def pair(self, number: int) -> dict[str, str]:
        """The pair of tokens with this number, in this gateway's spelling."""
        access, refresh = self.token_names
        return {access: f"access-{number}", refresh: f"refresh-{number}"}

    def refresh_body(self, number: int) -> dict[str, str]:
        """What a refresh of the pair with this number sends."""
        pair = self.pair(number)
        if not self.refresh_sends_access:
            del pair[self.token_names[0]]
        return pair

    def tokens(self, number: int, **changed: Any) -> Reply:
        """The answer that gives this pair; ``access`` and ``refresh`` replace, None leaves out."""
        named = dict(zip(("access", "refresh"), self.token_names, strict=True))
        pair = self.pair(number) | {named[name]: value for name, value in changed.items()}
        return says(self.wrap({name: value for name, value in pair.items() if value is not None}))

    def calls(self) -> dict[str, Callable[[Any], object]]:
        """Every call that all gateways have, by its route."""
        return {
            self.create: self.creates,
            self.verify: lambda client: client.verify(self.identifier),
            self.inquiry: lambda client: client.inquire(self.identifier),
        }

    def opens(self) -> Reply:
        """The answer to a create."""
        return says(self.created)

    def tells(self) -> Reply:
        """The answer to an inquiry."""
        return says(self.listed(self.order))

    def verifies(self) -> Reply:
        """The answer to a verification."""
        return says(self.verified)


PPG = Wire(
    name="ppg",
    base_path="/ppg/v2",
    connect=PpgClient.connect,
    credentials={"api_key": "the-api-key", "secret_key": "the-secret-key"},
    generate=ppg.GENERATE,
    refresh=ppg.REFRESH,
    create=ppg.CREATE,
    inquiry=ppg.INQUIRY,
    verify=ppg.VERIFY,
    identifier="1ObK7QrL",
    token_names=("accessToken", "refreshToken"),
    wrap=lambda fields: fields,
    created=ppg.CREATED,
    order=ppg.ORDER,
    verified={"status": "Successful"},
    refuses=lambda status: refuses(status, "some.code"),
    codes=lambda _: ("some.code",),
    refresh_lives_hours=48,
    creates=lambda client: client.create(ORDER).order_identifier,
    secret="secret_key",
    in_world=lambda world: {
        "base_url": world.ppg_base_url,
        "api_key": world.api_key,
        "secret_key": world.secret_key,
    },
)
WALLET = Wire(
    name="wallet",
    base_path="/pg",
    connect=WalletClient.connect,
    credentials={"username": "7746", "password": "the-secret-key"},
    generate=wallet.GENERATE,
    refresh=wallet.REFRESH,
    create=wallet.CREATE,
    inquiry=wallet.INQUIRY,
    verify=wallet.VERIFY,
    identifier="7wvkgrn0",
    token_names=("token", "refreshToken"),
    wrap=wallet.result,
    created=wallet.result(wallet.INITIATED),
    order=wallet.ORDER,
    verified=wallet.result(wallet.VERIFIED),
    refuses=lambda status: says({"errorCode": status, "message": "said"}, status),
    codes=lambda status: (str(status),),
    refresh_lives_hours=90 * 24,
    creates=lambda client: client.initiate(WALLET_ORDER).order_id,
    secret="password",
    in_world=lambda world: {
        "base_url": world.wallet_base_url,
        "username": world.username,
        "password": world.password,
    },
)


PPG_V3 = Wire(
    name="ppg v3",
    base_path=v3.BASE,
    connect=PpgV3Client.connect,
    credentials={"api_key": "the-api-key", "secret_key": "the-secret-key"},
    generate=v3.GENERATE,
    refresh=v3.REFRESH,
    create=v3.CREATE,
    inquiry=v3.LIST,
    verify=v3.VERIFY,
    identifier=v3.ID,
    token_names=("accessToken", "refreshToken"),
    wrap=lambda fields: fields,
    created=v3.CREATED,
    order=v3.PURCHASE,
    verified={"status": "SUCCESSFUL"},
    refuses=lambda status: refuses(status, "some.code"),
    codes=lambda _: ("some.code",),
    access_lives_hours=23,
    refresh_lives_hours=47,
    refresh_sends_access=False,
    listed=v3.page,
    creates=lambda client: client.create(PURCHASE).purchase_id,
    secret="secret_key",
    in_world=lambda world: {
        "base_url": world.ppg_v3_base_url,
        "api_key": world.api_key,
        "secret_key": world.secret_key,
    },
)
