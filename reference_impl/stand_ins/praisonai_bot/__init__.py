"""Stand-in for `praisonai_bot`."""

from reference_impl.stand_ins import no_such_name

__getattr__ = no_such_name(__name__)
