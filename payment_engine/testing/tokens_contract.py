"""Test tokens under a fenced lease: one process renews, and one that was overtaken cannot write."""
# ruff: noqa: S101 - these are tests

from __future__ import annotations

from payment_engine.store import Store
from payment_engine.testing.samples import MINUTE, NOW, at_once
from payment_engine.tokens import StoredRefusals, StoredTokens, TokenStore

PAIR = StoredTokens("access" * 1000, "refresh", NOW)
NEWER = StoredTokens("another access", "another refresh", NOW + MINUTE)
LONG = 600.0  #: seconds
OVER = 0.0


class TokensContract:
    """Test how processes share tokens under a fenced lease.

    A part of :class:`~payment_engine.testing.store_contract.StoreContract`: subclass that.
    """

    def test_a_pair_is_read_back_by_everyone(self, store: Store) -> None:
        tokens = store.tokens("account")
        assert tokens.read() is None
        assert tokens.write(PAIR, _leased(tokens))
        assert store.tokens("account").read() == PAIR

    def test_accounts_are_separate(self, store: Store) -> None:
        mine, theirs = store.tokens("account"), store.tokens("another")
        assert mine.write(PAIR, _leased(mine))
        assert theirs.read() is None
        assert theirs.try_lease(LONG) is not None

    def test_one_of_many_gets_the_lease(self, store: Store) -> None:
        leases = at_once(4, lambda: store.tokens("account").try_lease(LONG))
        assert leases.count(None) == 3

    def test_a_lease_that_was_given_back_or_ended_is_given_again_with_a_higher_number(
        self, store: Store
    ) -> None:
        tokens = store.tokens("account")
        first = _leased(tokens)
        tokens.release(first)
        second = _leased(tokens, OVER)
        third = _leased(tokens)
        assert first < second < third
        assert tokens.try_lease(LONG) is None

    def test_who_was_overtaken_neither_writes_nor_gives_the_lease_back(self, store: Store) -> None:
        tokens = store.tokens("account")
        slow, quick = _leased(tokens, OVER), _leased(tokens)
        assert tokens.write(NEWER, quick)
        assert not tokens.write(PAIR, slow)
        tokens.release(slow)
        assert tokens.read() == NEWER
        assert tokens.try_lease(LONG) is None

    def test_refusals_are_counted_without_a_lease_and_forgotten_with_the_next_pair(
        self, store: Store
    ) -> None:
        tokens = store.tokens("account")
        assert tokens.refusals() is None
        for count in (1, 2):
            tokens.note_refusal(NOW + count * MINUTE)
            assert store.tokens("account").refusals() == StoredRefusals(count, NOW + count * MINUTE)
        assert tokens.write(PAIR, _leased(tokens))
        assert tokens.refusals() is None

    def test_a_pair_that_came_too_late_forgets_no_refusal(self, store: Store) -> None:
        tokens = store.tokens("account")
        slow = _leased(tokens, OVER)
        _leased(tokens)
        tokens.note_refusal(NOW)
        assert not tokens.write(PAIR, slow)
        assert tokens.refusals() == StoredRefusals(1, NOW)


def _leased(tokens: TokenStore, seconds: float = LONG) -> int:
    fence = tokens.try_lease(seconds)
    assert fence is not None
    return fence
