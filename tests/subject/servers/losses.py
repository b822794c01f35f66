"""How a machine is lost."""

from typing import Literal, get_args

# `kill`: all its processes end at once, with what is on its way to others. `stop`: it stands still,
# and goes on later. `partition`: it is alive, and so are some of its clients; others do not
# reach it.
Loss = Literal["kill", "stop", "partition"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
# On loopback a replica has a write before its client is answered. So far away is another machine.
LATENCY = 0.005
