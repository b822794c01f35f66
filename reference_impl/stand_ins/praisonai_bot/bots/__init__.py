"""Stand-in for `praisonai_bot.bots`."""

from reference_impl.bots import BotSessionManager
from reference_impl.stand_ins import no_such_name

__all__ = ["BotSessionManager"]

__getattr__ = no_such_name(__name__)
