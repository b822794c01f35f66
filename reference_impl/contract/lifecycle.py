"""Clauses about clearing, deleting and existing, and about writes that cannot be done."""

from reference_impl.contract.kit import Kit, clause


class Lifecycle:
    """What happens to a session over its life, as every client sees it."""

    @clause("clear-keeps-session", "clear_session")
    def test_clear_empties_and_keeps(self, kit: Kit) -> None:
        """After a clear every client sees an empty session that exists and can be continued."""
        one, other, late, session = kit.client(), kit.client(), kit.client(), kit.session()
        one("add_message", session, "user", "m1")
        other("get_chat_history", session)
        one("clear_session", session)
        for client in (other, one, late):
            client("session_exists", session)
            client("get_chat_history", session)
        other("add_message", session, "user", "m2")
        for client in (one, other, kit.client()):
            client("get_chat_history", session)
        kit.check()

    @clause("clear-keeps-session", "clear_session")
    def test_clear_is_seen_by_a_process(self, kit: Kit) -> None:
        """A clear, and the existence of what was cleared, is seen by a process that had read."""
        client, session = kit.client(), kit.session()
        [process] = kit.processes(1)
        client("add_message", session, "user", "m1")
        look = kit.steps(session, "get_chat_history", "session_exists")
        kit.history += process.run(look)
        client("clear_session", session)
        kit.history += process.run(look)
        kit.check()

    @clause("delete-removes-session", "delete_session")
    def test_delete_removes_everything(self, kit: Kit) -> None:
        """After a delete no client sees the session, and the next message begins a new one."""
        one, other, session = kit.client(), kit.client(), kit.session()
        for content in ("m1", "m2"):
            one("add_message", session, "user", content)
        other("get_chat_history", session)
        one("delete_session", session)
        for client in (other, one, kit.client()):
            client("session_exists", session)
            client("get_chat_history", session)
        one("add_message", session, "user", "m3")
        for client in (other, one, kit.client()):
            client("get_chat_history", session)
        kit.check()

    @clause("delete-removes-session", "delete_session")
    def test_delete_is_seen_by_a_process(self, kit: Kit) -> None:
        """A delete is seen by a process that had read the session."""
        client, session = kit.client(), kit.session()
        [process] = kit.processes(1)
        client("add_message", session, "user", "m1")
        look = kit.steps(session, "get_chat_history", "session_exists")
        kit.history += process.run(look)
        client("delete_session", session)
        kit.history += process.run(look)
        kit.check()

    @clause("delete-removes-session", "delete_session")
    def test_delete_leaves_other_sessions(self, kit: Kit) -> None:
        """Deleting or clearing one session changes no other."""
        store, sessions = kit.open(), [kit.session() for _ in range(3)]
        for session in sessions:
            store.add_message(session, "user", session)
        store.delete_session(sessions[0])
        if kit.offers("clear_session"):
            store.clear_session(sessions[1])
        read = [each["content"] for each in kit.open().get_chat_history(sessions[2])]
        assert read == [sessions[2]]

    @clause("delete-removes-session", "delete_session", "update_session_metadata")
    def test_delete_removes_metadata(self, kit: Kit) -> None:
        """A session made anew after a delete has none of the metadata of the old one."""
        store, session = kit.open(), kit.session()
        store.add_message(session, "user", "m1")
        store.update_session_metadata(session, secret="old")
        store.delete_session(session)
        store.add_message(session, "user", "m2")
        assert "secret" not in kit.open().get_session(session).metadata

    @clause("existence-agrees", "session_exists")
    def test_existence_follows_the_session(self, kit: Kit) -> None:
        """A session exists after its first write, after a clear, and not before or once deleted."""
        one, other, session = kit.client(), kit.client(), kit.session()
        for write in ("", "add_message", "clear_session", "delete_session", "add_message"):
            if write:
                content = ["user", f"m{len(kit.history)}"] if write == "add_message" else []
                one(write, session, *content)
            for client in (other, one):
                client("session_exists", session)
                client("get_chat_history", session)
        kit.check()

    @clause("existence-agrees", "session_exists")
    def test_reading_creates_nothing(self, kit: Kit) -> None:
        """Reading an unknown session gives an empty list and leaves it unknown."""
        store, session = kit.open(), kit.session()
        assert store.get_chat_history(session) == []
        assert store.get_chat_history(session, 5) == []
        assert store.session_exists(session) is False
        assert kit.open().session_exists(session) is False

    @clause("honest-writes")
    def test_true_means_stored(self, kit: Kit) -> None:
        """A message with metadata that cannot be written is stored, or refused and not stored."""
        store, session = kit.open(), kit.session()
        store.add_message(session, "user", "before")
        metadata = {"value": object()}
        kept = kit.attempt("metadata", store, "add_message", session, "user", "m1", metadata)
        other = kit.open()
        read = [each["content"] for each in other.get_chat_history(session)]
        assert read == (["before", "m1"] if kept else ["before"]), f"the answer was {kept}"
        kit.still_works(session, "metadata", store, other)
