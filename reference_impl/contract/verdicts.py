"""What became of a clause that does not hold: lost, torn, refused or broken."""

from collections.abc import Iterable

from reference_impl.contract.history import Kind, Operation

# Errors of a reader that met half a write; any other says that it could not read.
_UNREADABLE = ("ValueError", "DecodeError", "KeyError", "IndexError", "TypeError", "EOFError")


class Finding(AssertionError):
    """A promise that does not hold; `verdict` says in one word how."""

    verdict = "broken"


class Lost(Finding):
    """A message that was acknowledged is gone."""

    verdict = "lost"


class Torn(Finding):
    """A read gave a mixture, a gap, or what it could not read."""

    verdict = "torn"


class Refused(Finding):
    """What a store has to do it did not do, and said so."""

    verdict = "refused"


# The worst that may be said of a store comes first.
_SEVERITY = ("lost", "torn", "broken", "refused")


def verdict_of(error: BaseException) -> str:
    """A word for what happened; an exception that is no finding was the store's."""
    return str(getattr(error, "verdict", "broken"))


def severity(error: BaseException) -> int:
    """Where an error stands among the others: 0 is the worst."""
    return _SEVERITY.index(verdict_of(error))


def lost(history: Iterable[Operation]) -> set[str]:
    """The acknowledged messages that the last read, after all writes, does not show.

    Sessions that were cleared, deleted or replaced are left out: there a message may be gone.
    """
    gone: set[str] = set()
    sessions: dict[str, list[Operation]] = {}
    for each in history:
        sessions.setdefault(each.session, []).append(each)
    for operations in sessions.values():
        kinds = {each.kind for each in operations}
        if kinds & {Kind.CLEAR, Kind.DELETE, Kind.REPLACE}:
            continue
        written = [each for each in operations if each.kind is Kind.APPEND and each.certain]
        done = max((each.end or 0 for each in written), default=0)
        whole = [each for each in operations if _is_whole(each) and each.start >= done]
        if whole:
            last = max(whole, key=lambda each: each.start)
            gone |= {message for each in written for message in each.messages} - set(last.answer)
    return gone


def tally(history: Iterable[Operation]) -> str:
    """How many appends were acknowledged, how many of them are lost, how many were refused."""
    history = list(history)
    appends = [each for each in history if each.kind is Kind.APPEND and each.end is not None]
    kept = sum(each.certain for each in appends)
    gone = len(lost(history))
    words = f"{kept} acknowledged"
    words += f", {gone} of them lost" if gone else ""
    return words + (f", {len(appends) - kept} refused" if kept < len(appends) else "")


def in_words(history: Iterable[Operation]) -> str:
    """What became of the appends of a clause, for a reader who has not seen its code."""
    said = f"Of the appends of this clause: {tally(history)}. Acknowledged means answered True"
    return said + ("; refused means False or an error." if "refused" in said else ".")


def finding(history: Iterable[Operation], reason: str) -> type[Finding]:
    """The kind of an unexplained history."""
    history = list(history)
    reads = [each for each in history if each.kind is Kind.READ]
    if any(each.error is None and not isinstance(each.answer, list) for each in reads):
        return Torn
    if "not the beginning" in reason:
        return Torn
    if "which nobody wrote" in reason:
        # What comes back in other words is there.
        return Finding
    writes = [each for each in history if not each.observes]
    if writes and all(each.kind is Kind.REPLACE for each in writes):
        whole = [list(each.messages) for each in writes]
        if any(each.answer and each.answer not in whole for each in reads):
            return Torn
    return Lost if lost(history) else Finding


def accepted(history: Iterable[Operation]) -> list[Operation]:
    """The history, unless an operation raised or a write was not answered with True."""
    history = list(history)
    failed = [
        each
        for each in history
        if each.error is not None
        or (not each.observes and each.end is not None and each.answer is not True)
    ]
    if not failed:
        return history
    first = failed[0]
    outcome = first.error or f"the answer was {first.answer!r}"
    where = f" ({first.raised_at})" if first.raised_at else ""
    unreadable = any(
        each.observes and (each.error or "").partition(":")[0].endswith(_UNREADABLE)
        for each in failed
    )
    raise (Torn if unreadable else Refused)(
        f"{first.method} in {first.client} was not done: {outcome}{where}\n"
        f"{len(failed)} of {len(history)} calls were not done. {in_words(history)}"
    )


def _is_whole(operation: Operation) -> bool:
    is_read = operation.kind is Kind.READ and operation.limit is None and operation.certain
    return is_read and isinstance(operation.answer, list)
