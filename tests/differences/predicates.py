"""The predicates of all known differences, and the entries that no step can show."""

from tests.differences import (
    of_agents,
    of_arguments,
    of_bots,
    of_calls,
    of_files,
    of_histories,
    of_left_out,
    of_waiting,
)
from tests.differences.explaining import PREDICATES, TABLES, explained

MODULES = (
    *(of_agents, of_arguments, of_bots, of_calls),
    *(of_files, of_histories, of_left_out, of_waiting),
)
__all__ = ["MODULES", "PREDICATES", "SHOWN_ALONE", "TABLES", "explained"]

_ANSWERS = "it takes an agent that asks a model"
_SERVES = "it takes a gateway or a bot that serves"
_IDLE = "the reference has no policy for idle users"

# What no sequence of steps in one process shows; the program of the entry does.
SHOWN_ALONE = {
    "cancelled-turn-mixes-users": "two users have to be answered at once",
    "gateway-keeps-conversations-elsewhere": _SERVES,
    "gateway-killed": _SERVES,
    "gateway-mixes-clients": _SERVES,
    "gateway-resumes-without-the-conversation": _SERVES,
    "half-a-copy": "somebody has to be in the middle of a copy",
    "idle-reset-of-another-worker": _IDLE,
    "no-idle-reset-after-a-restart": _IDLE,
    "one-history-for-all-users": _ANSWERS,
    "place-that-is-no-file": "no step puts a directory in the place of a file",
    "several-event-loops": "it takes event loops in several threads",
    "starved-append": "it is about time",
    "telegram-bot-sends-no-answer": _SERVES,
    "temporary-files-stay": "a process has to be killed",
    "unfair-lock": "it is about time",
}
