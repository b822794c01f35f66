"""A session id that is accepted has to be found again."""

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    try:
        append(None, "hello")
    except Exception as error:
        print(f"refused: {type(error).__name__}")
    else:
        found = read(None)
        assert found == ["hello"], f"accepted for the session None, where {found} is read"
