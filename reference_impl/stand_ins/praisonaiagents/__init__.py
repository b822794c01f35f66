"""Stand-in for `praisonaiagents`: the reference implementation under upstream's name."""

from reference_impl.agent import Agent, MemoryConfig
from reference_impl.stand_ins import no_such_name

from . import session

__all__ = ["Agent", "MemoryConfig", "session"]

__getattr__ = no_such_name(__name__)
