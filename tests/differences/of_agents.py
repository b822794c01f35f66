"""Where known differences of agents explain that the targets differ."""

from tests.differences.comparison import MISSING, Difference
from tests.differences.explaining import (
    explains,
    file_before,
    file_of,
    is_answer,
    is_in_session,
    own_file,
)


def _is_asked(d: Difference) -> bool:
    return d.step["do"] == "ask the agent"


@explains("copied-turns")
def _(d: Difference) -> bool:
    is_agents = d.step["do"] in ("agent", "ask the agent")
    return is_agents and file_of(d).startswith(".praisonai/memory/") and d.reference is MISSING


@explains("async-turns")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.method not in ("achat", "astart", "arun"):
        return False
    if is_answer(d):
        # It was restored nothing.
        return not d.step.get("lives") and file_before(d) is not None
    messages = (each.files.get(own_file(d) or "", {}).get("value", {}) for each in d.did)
    mine, theirs = (len(each.get("messages", [])) for each in messages)
    return is_in_session(d) and mine > theirs


@explains("agent-reads-once")
def _(d: Difference) -> bool:
    if not _is_asked(d) or not d.step.get("lives") or any(d.raised):
        return False
    is_stored = is_in_session(d) and d.release == d.did[1].answer["returned"]
    return is_answer(d) or (is_stored and d.reference == d.did[0].answer["returned"])


@explains("cost-of-nothing")
def _(d: Difference) -> bool:
    return _is_asked(d) and d.where[-1] == "cost" and d.reference is MISSING and d.release == 0


@explains("tool-turns-not-sent-whole")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.did[1].answer.get("returned", "") is not None:
        return False
    return "tool_call_id" in repr(file_before(d)) and (is_answer(d) or is_in_session(d))
