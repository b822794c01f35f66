"""What is wrong with a page."""


class Wrong(AssertionError):
    """A page says what is not so; the message begins with `page:line`."""

    def __init__(self, message: str) -> None:
        # Half a surrogate pair cannot be written to a terminal or sent to another process.
        super().__init__(message.encode("utf-8", "backslashreplace").decode("utf-8"))
