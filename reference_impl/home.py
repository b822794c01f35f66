"""Where sessions live."""

import os
from pathlib import Path


def sessions_directory() -> Path:
    """`$PRAISONAI_HOME/sessions`, or `~/.praisonai/sessions` when the variable is not set."""
    home = os.environ.get("PRAISONAI_HOME")
    return (Path(home).expanduser() if home else Path.home() / ".praisonai") / "sessions"
