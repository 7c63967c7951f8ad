"""Ask a gateway question after question, and remember the answers by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from ..errors import NoAnswer, Unintelligible
from ..jwt_lifetimes import life_of
from ..token_endpoint import TokenEndpointSpec, header_safe
from ..tokens import TokenPair, utc_now
from .facts import Observations
from .target import Target
from .wire import Answer, OutOfTime, Wire

WRONG: Final = "wrong-on-purpose"
MOST_SILENT_CALLS: Final = 5  # in a row; a gateway that hangs would cost a quarter of an hour
NO_JWT: Final = "e30.e30.e30"  # a token in form, which no gateway has issued


class CannotBeAsked(Exception):
    """Raised when the gateway issues no token, or does not answer; its text is a sentence."""


def _why_no_token(base_url: str, answer: Answer) -> str:
    if answer.instead:
        return (
            f"{base_url} does not answer as the gateway's API does: {answer.said}."
            " Nothing is sent to another address; check the base URL."
        )
    told = f" ({' '.join(answer.messages)})" if answer.messages else ""
    lost = f" Is {base_url} the base URL of this API?" if answer.status in (404, 405) else ""
    return f"The gateway issues no token for these keys: {answer.said}{told}.{lost}"


class Asker:
    """Ask one gateway; every question has a name, under which its answer is found later."""

    def __init__(
        self, target: Target, wire: Wire, spec: TokenEndpointSpec, reference_name: str
    ) -> None:
        """Ask nothing yet. ``reference_name`` is the field of a create that has our reference."""
        self.target = target
        self.reference_name = reference_name
        self.wire = wire
        self.spec = spec
        self.token: str | None = None
        self.pair: TokenPair | None = None  # the one that we signed in with
        self._lifetimes: dict[str, timedelta | None] = {}
        self.redirect_url: object = None  # where the payer of the check's order would be sent
        self.left_behind: list[str] = []  # references of orders that nobody will pay
        self._answers: dict[str, Answer] = {}
        self._missing: dict[str, str] = {}
        self._silent_calls = 0  # in a row
        self.is_out_of_time = False

    def ask(self, name: str, method: str, path: str, **request: Any) -> Answer | None:
        """Ask with our token, unless ``token`` is another one, or None for a call without.

        Return None if there is no answer. Raises CannotBeAsked after several of these in a row.
        """
        try:
            answer = self.wire.ask(method, path, **({"token": self.token} | request))
        except NoAnswer as error:
            self._note_silence(name, error.reason)
            return None
        except OutOfTime:
            self.is_out_of_time = True
            self._missing[name] = "the time for the check was up"
            return None
        self._answers[name] = answer
        self._silent_calls = 0
        return answer

    def _note_silence(self, name: str, reason: str) -> None:
        self._missing[name] = f"no answer: {reason}"
        self._silent_calls += 1
        if self._silent_calls == MOST_SILENT_CALLS:
            raise CannotBeAsked(f"The gateway at {self.wire.base_url} stopped answering: {reason}.")

    def call_it(self, name: str, also: str) -> None:
        """Let the answer to a question, or why there is none, be found under another name too."""
        if name in self._answers:
            self._answers[also] = self._answers[name]
        else:
            self._missing[also] = self._missing[name]

    def create(
        self, name: str, path: str, body: Mapping[str, object], **request: Any
    ) -> Answer | None:
        """Ask for an order; note its reference if there is one now, which stays unpaid.

        Without leave for orders nothing more is asked for once there is one.
        """
        if self.left_behind and not self.target.may_order:
            self.miss(f"an order was made that had to be refused: {self.left_behind[0]}", name)
            return None
        answer = self.ask(name, "POST", path, body=body, **request)
        if answer and answer.ok:
            self.note_order(str(body.get(self.reference_name)))
        return answer

    def note_order(self, reference: str) -> None:
        """Remember that there is an order with this reference, which nobody will pay."""
        if reference not in self.left_behind:
            self.left_behind.append(reference)

    def miss(self, why: str, *names: str) -> None:
        """Say why these questions are not asked."""
        self._missing.update(dict.fromkeys(names, why))

    def observations(self, blocking: frozenset[str]) -> Observations:
        """Return what was seen."""
        return Observations(
            base_url=self.wire.base_url,
            answers=self._answers,
            missing=self._missing,
            blocking=blocking,
            lifetimes=self._lifetimes,
            shown=self.wire.shown,
        )

    def sign_in(self) -> None:
        """Get a pair of tokens. Raises CannotBeAsked."""
        answer = self.ask_for_tokens("generate", self.target.credentials)
        if answer is None:
            why = self._missing["generate"]
            raise CannotBeAsked(f"The gateway at {self.target.base_url} could not be asked: {why}.")
        pair = self._pair(answer)
        if pair is None:
            raise CannotBeAsked(_why_no_token(self.wire.base_url, answer))
        self.pair, self.token = pair, pair.access_token

    def ask_about_tokens(self, path: str) -> None:
        """Try tokens of every kind at ``path``, which is asked with GET; end with a fresh pair."""
        self.ask("no_token", "GET", path, token=None)
        self.ask("dead_token", "GET", path, token=NO_JWT)
        keys = dict(self.target.credentials)
        wrong = dict.fromkeys(list(keys)[1:], WRONG)
        self.ask_for_tokens("wrong_keys", keys | wrong)
        self.ask_for_tokens("no_keys", {})
        self.ask_for_tokens("empty_bearer", keys, token="")  # none, as some clients write it
        self._ask_about_refreshing(path)

    def ask_for_tokens(
        self, name: str, body: Mapping[str, object], **request: Any
    ) -> Answer | None:
        """Ask the call that issues tokens, which needs no token itself."""
        return self.ask(
            name, "POST", self.spec.generate_path, **({"token": None} | request), body=body
        )

    def _ask_about_refreshing(self, path: str) -> None:
        second = self._generated("second_pair")
        self.ask("first_pair", "GET", path)
        if second and self._pair(self._refresh("refresh", second)):
            self.ask("old_access", "GET", path, token=second.access_token)
            self._refresh("used_refresh", second)
        else:
            self.miss("the tokens could not be refreshed", "old_access", "used_refresh")
        third = self._generated("third_pair")
        self.token = third.access_token if third else self.token

    def _generated(self, name: str) -> TokenPair | None:
        return self._pair(self.ask_for_tokens(name, self.target.credentials))

    def _refresh(self, name: str, pair: TokenPair) -> Answer | None:
        body = {self.spec.refresh_name: pair.refresh_token}
        if self.spec.refresh_sends_access:
            body[self.spec.access_name] = pair.access_token
        return self.ask(name, "POST", self.spec.refresh_path, token=None, body=body)

    def _pair(self, answer: Answer | None) -> TokenPair | None:
        """Return the tokens of an answer, which are secrets from now on; None without any."""
        if answer is None or not answer.ok:
            return None
        try:
            fields = self.spec.read("generate", answer.body)
            access = header_safe(fields, self.spec.access_name)
            refresh = header_safe(fields, self.spec.refresh_name)
        except Unintelligible:
            return None
        self.wire.keep_secret(access, refresh)
        self._lifetimes = {"access": life_of(access), "refresh": life_of(refresh)}
        return TokenPair(access, refresh, utc_now())
