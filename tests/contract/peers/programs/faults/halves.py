"""A history that goes to a model has no call of a tool without its result in the middle."""

from tests.contract.peers.programs.store import append, call, newest

if __name__ == "__main__":
    append("chat", "What is the weather?")
    call("chat")
    append("chat", "Are you there?")
    found = newest("chat", 2)
    halves = [each for each in found[:-1] if each.get("tool_calls")]
    assert not halves, f"the {len(found)} newest messages have a call and no result"
