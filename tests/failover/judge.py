"""What became of the messages of one failover."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from reference_impl.contract.calls import operation
from reference_impl.contract.checker import explain
from reference_impl.contract.history import Kind, Operation, sessions

Record = dict[str, Any]
Texts = dict[str, list[str]]


@dataclass
class Outcome:
    """What came of one failover.

    Args:
        acknowledged: Appends that were answered.
        gone: Those of them that the new primary does not hold.
        raised: Appends of which the caller knows an error, or nothing, at the end.
        stored: Those of them that the new primary holds all the same.
        doubled: Messages that it holds more than once.
        outage: The longest time in which no append was answered, in seconds.
        unexplained: Sessions whose calls no order explains, with the reason.
        errors: What a call raised, and how often.
    """

    acknowledged: int = 0
    gone: list[str] = field(default_factory=list)
    raised: int = 0
    stored: int = 0
    doubled: list[str] = field(default_factory=list)
    outage: float = 0.0
    unexplained: dict[str, str] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)


def judge(records: Sequence[Record], found: Texts, far: str) -> Outcome:
    """Judge the records of a crowd by what the sessions hold in the end.

    Args:
        records: What the clients say of their calls.
        found: The messages of each session.
        far: How the names of those clients begin by whom the outage is measured.
    """
    outcome = Outcome()
    outcome.errors.update(each["raised"] for each in records if "raised" in each)
    history = [operation(each) for each in records if "method" in each]
    appends = [each for each in history if each.kind is Kind.APPEND]
    for each in appends:
        [text] = each.messages
        is_there = text in found[each.session]
        outcome.acknowledged += each.certain
        outcome.raised += not each.certain
        outcome.stored += is_there and not each.certain
        if each.certain and not is_there:
            outcome.gone.append(text)
    for texts in found.values():
        outcome.doubled += [text for text, count in Counter(texts).items() if count > 1]
    outcome.outage = _outage([each for each in appends if each.client.startswith(far)])
    end = max((each.end or each.start for each in history), default=0) + 1
    for session, texts in found.items():
        last = Operation("the end", "get_chat_history", session, end, end + 1, answer=texts)
        calls = sessions([*history, last])[session]
        if reason := explain(calls):
            outcome.unexplained[session] = reason
    return outcome


def _outage(appends: list[Operation]) -> float:
    ends = sorted(each.end for each in appends if each.certain and each.end is not None)
    gaps = (later - earlier for earlier, later in pairwise(ends))
    return max(gaps, default=0) / 1e9
