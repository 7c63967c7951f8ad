"""Judge what only PPG v3 has: its terminals, its lists, and the answer to its create."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .facts import Judge, NotSeen, Observations, tells_nothing
from .judging import field_differs
from .ppg_v3_questions import AMOUNT, DUPLICATED, WAGE
from .wire import Answer

FEE_AS_WAGE = "fee_as_wage.wage_must_be_zero"


def no_terminal_has(flag: str) -> Judge:
    """Expect that the flag is off at every terminal; name those where it is on."""

    def judge(seen: Observations) -> str | None:
        terminals = list(_objects(seen.success("terminals"), "elements"))
        if not any(flag in each for each in terminals):
            raise NotSeen("no terminal tells")
        on = [str(each.get("pspName")) for each in terminals if each.get(flag) is True]
        return f"on at {seen.shown(', '.join(on))}" if on else None

    return judge


def finds_the_purchase(name: str) -> Judge:
    """Expect a list with the check's own purchase alone."""

    def judge(seen: Observations) -> str | None:
        ours = _id(seen.success("create").body)
        found = [_id(row) for row in _objects(seen.success(name), "elements")]
        if found == [ours]:
            return None
        return f"{len(found)} purchases, {found.count(ours)} of them ours"

    return judge


def _id(purchase: Mapping[str, object]) -> str:
    return str(purchase.get("purchaseIdStr") or purchase.get("purchaseId"))


def finds_nothing(seen: Observations) -> str | None:
    """Expect an empty list for an id that no purchase has."""
    answer = seen.answer("unknown_id")
    if not answer.ok:
        return answer.said
    found = len(list(_objects(answer, "elements")))
    return f"{found} purchases" if found else None


def state_is(name: str, state: str) -> Judge:
    """Expect this state of the check's own purchase."""

    def judge(seen: Observations) -> str | None:
        return field_differs(seen, _row(seen, name), "state", state)

    return judge


def has_no_nulls(seen: Observations) -> str | None:
    """Expect that a purchase has no field with null."""
    empty = [name for name, value in _row(seen, "inquiry").body.items() if value is None]
    return f"{len(empty)} fields are null" if empty else None


def _row(seen: Observations, name: str) -> Answer:
    """Return the one purchase in a list as if it were the answer."""
    answer = seen.success(name)
    rows = list(_objects(answer, "elements"))
    if len(rows) != 1:
        raise NotSeen("the inquiry does not show the purchase")
    return Answer(answer.status, rows[0])


def _objects(answer: Answer, name: str) -> Iterator[Mapping[str, object]]:
    rows = answer.body.get(name)
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            yield row


def callback_is_accepted(seen: Observations) -> str | None:
    """Expect that the callback's domain is not refused."""
    answer = seen.answer("create")
    if answer.ok:
        return None
    if "callbackUrl.domain_not_in_whitelist" in answer.codes:
        return answer.said
    raise tells_nothing(answer)


def wage_of_15_percent_is_accepted(seen: Observations) -> str | None:
    """Expect that the first create, which has such a wage, is not refused for it."""
    answer = seen.answer("first_create")
    if answer.ok:
        return None
    if FEE_AS_WAGE not in answer.codes and any("wage" in code for code in answer.codes):
        return answer.said
    raise tells_nothing(answer)


def wages_are_ours(seen: Observations) -> str | None:
    """Expect that a wage of our own is not refused because the fee is the wage."""
    answer = seen.answer("first_create")
    if FEE_AS_WAGE in answer.codes:
        return answer.said
    if not answer.ok:
        raise tells_nothing(answer)
    return None


def reference_is_free_again(seen: Observations) -> str | None:
    """Expect that the reference of a refused create is accepted."""
    if seen.answer("large_amount").ok:
        raise NotSeen("the create with this reference was not refused")
    answer = seen.answer("first_create")
    if answer.ok:
        return None
    if DUPLICATED in answer.codes:
        return answer.said
    raise tells_nothing(answer)


def payable_is_amount_and_wage(seen: Observations) -> str | None:
    """Expect ``payableAmount`` to be what the payer pays."""
    answer = seen.success("create")
    wage = WAGE if seen.answer("first_create").ok else 0
    if "payableAmount" not in answer.body:
        raise NotSeen("the answer has no payableAmount")
    return field_differs(seen, answer, "payableAmount", AMOUNT + wage)


def has_no_early_fees(seen: Observations) -> str | None:
    """Expect that the answer to a create names no fee but Shaparak's."""
    fields = seen.success("create").body
    early = [name for name in ("fee", "affiliateFee", "netAmount") if fields.get(name) is not None]
    return f"the answer has {', '.join(early)}" if early else None


def unknown_address_is_refused(seen: Observations) -> str | None:
    """Expect HTTP 403 where our own address is refused; where it is accepted nothing is seen."""
    answer = seen.any_answer("health")
    if "ip.not_trusted" not in answer.codes:
        raise NotSeen("the gateway accepts our address")
    return None if answer.status == 403 else answer.said
