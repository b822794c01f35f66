"""Clauses about reads: they see what others wrote, whichever method reads."""

from reference_impl.contract.kit import Kit, clause


class Sharing:
    """What a reader may rely on when somebody else writes."""

    @clause("fresh-reads")
    def test_another_instance_is_seen(self, kit: Kit) -> None:
        """An instance that has read sees what another instance adds, clears and deletes."""
        writer, reader, session = kit.client(), kit.client(), kit.session()
        for write in _WRITES:
            writer(write[0], session, *write[1:])
            for client in (reader, writer):
                client("get_chat_history", session)
                client("get_chat_history", session, max_messages=2)
        kit.check()

    @clause("fresh-reads")
    def test_another_process_is_seen(self, kit: Kit) -> None:
        """A process that has read sees what another process adds, clears and deletes."""
        writer, reader = kit.processes(2)
        session = kit.session()
        look = kit.steps(session, "get_chat_history")
        kit.history += reader.run(look)
        for write in _WRITES:
            kit.history += writer.run(kit.steps(session, write, "get_chat_history"))
            kit.history += reader.run(look)
        kit.check()

    @clause("fresh-reads")
    def test_each_writer_sees_the_other(self, kit: Kit) -> None:
        """Two instances that add in turn both read all messages after each one."""
        clients, session = [kit.client(), kit.client()], kit.session()
        for number in range(6):
            clients[number % 2]("add_message", session, "user", f"m{number}")
            for client in clients:
                client("get_chat_history", session)
        kit.check()

    @clause("fresh-reads", "get_session")
    def test_get_session_is_fresh(self, kit: Kit) -> None:
        """get_session sees what another instance and another process wrote."""
        _seen_by(kit, "get_session")

    @clause("fresh-reads", "get_sessions_by_agent")
    def test_get_sessions_by_agent_is_fresh(self, kit: Kit) -> None:
        """get_sessions_by_agent sees what another instance and another process wrote."""
        session = kit.session()
        agent = f"agent {session}"
        kit.open().set_agent_info(session, agent_name=agent)
        _seen_by(kit, "get_sessions_by_agent", agent, session=session)

    @clause("fresh-reads", "get_working_history")
    def test_get_working_history_is_fresh(self, kit: Kit) -> None:
        """get_working_history sees what another instance and another process wrote."""
        _seen_by(kit, "get_working_history")


_WRITES = (
    ("add_message", "user", "m1"),
    ("add_message", "user", "m2"),
    ("add_message", "user", "m3"),
    ("clear_session",),
    ("add_message", "user", "m4"),
    ("delete_session",),
    ("add_message", "user", "m5"),
)


def _seen_by(kit: Kit, method: str, *arguments: str, session: str | None = None) -> None:
    """Read by one method in three places after each of two writers has written."""
    session = session or kit.session()
    near, other = kit.client(), kit.client()
    [process] = kit.processes(1)
    look = kit.steps(session, (method, *arguments))
    for number in range(4):
        write = ("add_message", "user", f"m{number}")
        if number % 2:
            kit.history += process.run(kit.steps(session, write))
        else:
            other(write[0], session, *write[1:])
        near(method, session, *arguments)
        other(method, session, *arguments)
        kit.history += process.run(look)
    kit.check()
