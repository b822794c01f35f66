"""A store that does odd things, where another process can import it without pytest."""

import os
import time


class Odd:
    """A store of which some calls print, hang, die, raise or answer with what is no JSON."""

    def add_message(self, session_id: str, role: str, content: str) -> object:
        """Do what the content says."""
        match content:
            case "print":
                print("a store that prints")
            case "hang":
                time.sleep(60)
            case "die":
                os._exit(3)
            case "raise":
                raise OSError("disk full")
            case "object":
                return object()
        return True


def open_odd() -> Odd:
    """Open it, unless the environment says that there is no server."""
    if "NO_SERVER" in os.environ:
        raise ConnectionError("no server")
    return Odd()
