"""The lies that a person tells the reference implementation: each breaks one promise."""

from tests.mutants import agents, disk, locks, salvage, sessions, storage

LIES = [
    *locks.LIES,
    *disk.LIES,
    *sessions.LIES,
    *storage.LIES,
    *salvage.LIES,
    *agents.LIES,
]
