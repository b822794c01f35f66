"""Broken stores that take one session for another."""

import re
import unicodedata

from tests.contract.base import Base
from tests.contract.zoo import caught_by


@caught_by("separators_tell_ids_apart", "holds")
class MergesIds(Base):
    """Names the file after the letters and digits of the id."""

    def name(self, session_id):
        return super().name(re.sub(r"[^A-Za-z0-9_-]", "_", session_id))


@caught_by("case_tells_ids_apart", "holds")
class FoldsCase(Base):
    """Compares ids as a file system does that folds case."""

    def name(self, session_id):
        return super().name(session_id.casefold())


@caught_by("dots_do_not_leave_the_store", "holds|changed|left|exists|No such|Error")
class TakesIdsForPaths(Base):
    """Lets dots and slashes in an id find their way through the directories."""

    def name(self, session_id):
        parts = []
        for part in session_id.split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part != ".":
                parts.append(part)
        return super().name("/".join(parts))


@caught_by("look_alikes_are_different", "holds")
class NormalisesIds(Base):
    """Brings ids into one Unicode form and strips them."""

    def name(self, session_id):
        return super().name(unicodedata.normalize("NFKC", session_id).strip())


@caught_by("long_ids_are_whole", "holds")
class CutsIds(Base):
    """Keeps ids in a column of 255 characters."""

    def name(self, session_id):
        return super().name(session_id[:255])


@caught_by("the_empty_id_is_refused_or_isolated", "assert")
class EmptyMeansLast(Base):
    """Takes the empty id for the session that was written last."""

    last = ""

    def change(self, session_id, edit):
        Base.last = session_id or Base.last
        return super().change(session_id, edit)

    def name(self, session_id):
        return super().name(session_id or Base.last)


@caught_by("get_session_is_fresh", "did not read")
class HashesIds(Base):
    """Names files by what each process makes of an id with a seed of its own."""

    def name(self, session_id):
        return f"{hash(session_id):x}"
