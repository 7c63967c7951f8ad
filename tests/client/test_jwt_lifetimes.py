"""A JWT tells how long it lives; a wrong clock of ours cannot prolong that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jibit_client.jwt_lifetimes import JwtLifetimes
from jibit_client.tokens import TokenPair
from testkit.cases import naming
from tests.client.v3_documents import jwt

OTHERWISE = JwtLifetimes(access=timedelta(hours=23), refresh=timedelta(hours=47))
ISSUED = datetime(2026, 11, 28, 10, tzinfo=UTC)
NOW = int(ISSUED.timestamp())
HOUR = 3600


def lives(token: str) -> timedelta:
    """Return how long an access token lives."""
    return OTHERWISE.of_access(TokenPair(token, "refresh-1", ISSUED))


def test_a_token_lives_from_its_iat_to_its_exp_whatever_our_clock_says() -> None:
    for ahead in (0, -7 * 24 * HOUR, 7 * 24 * HOUR):
        with naming(ahead):
            token = jwt({"iat": NOW + ahead, "exp": NOW + ahead + 24 * HOUR})
            assert lives(token) == timedelta(hours=24)


def test_without_an_iat_the_exp_can_shorten_the_life_and_not_prolong_it() -> None:
    for expires, hours in ((NOW + 2 * HOUR, 2), (NOW + 24 * HOUR, 23), (NOW + 10**8, 23)):
        with naming(expires):
            assert lives(jwt({"exp": expires})) == timedelta(hours=hours)


def test_a_life_that_cannot_be_meant_is_not_believed() -> None:
    nonsense: list[object] = [
        {"exp": NOW - HOUR},
        {"exp": NOW + 60},
        {"iat": NOW, "exp": NOW},
        {"iat": NOW, "exp": NOW + 299},
        {"iat": NOW + HOUR, "exp": NOW},
        {"exp": str(NOW + HOUR)},
        {"exp": 10**400},
        {"exp": -1},
        {"exp": None},
        {},
        [],
        "text",
    ]
    for claims in nonsense:
        with naming(claims):
            assert lives(jwt(claims)) == timedelta(hours=23)
    assert lives(jwt({"iat": 0, "exp": 32_503_679_999})) == timedelta(days=30)


def test_what_is_no_jwt_lives_as_long_as_other_clients_have_seen() -> None:
    for token in (
        "access-1",
        "..",
        "a.b.c",
        "a.!!!.c",
        f"a.{'W1tb' * 2000}.c",
        "eyJ.e30.",
        "a.e30",
    ):
        with naming(f"{token:.20}"):
            assert lives(token) == timedelta(hours=23)


def test_a_pair_is_judged_by_both_of_its_tokens() -> None:
    pair = TokenPair(
        jwt({"iat": NOW, "exp": NOW + 4 * HOUR}), jwt({"iat": NOW, "exp": NOW + 6 * HOUR}), ISSUED
    )
    for hours, young, alive, refreshable in (
        (2.9, True, True, True),
        (3.1, False, True, True),
        (4, False, False, True),
        (6, False, False, False),
    ):
        with naming(hours):
            now = ISSUED + timedelta(hours=hours)
            assert OTHERWISE.young(pair, now) is young
            assert OTHERWISE.alive(pair, now) is alive
            assert OTHERWISE.refreshable(pair, now) is refreshable
