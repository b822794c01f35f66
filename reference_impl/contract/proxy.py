"""A network that fails: a TCP proxy on loopback that harms chosen packets on their way."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeVar

T = TypeVar("T")
Kind = Literal["cut", "reset", "silence", "delay", "slow"]
CHUNK = 65_536
PIECES = 8
# A close that says "reset" and not "end", as of a machine that has restarted.
AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """What is done to which packets.

    Args:
        kind: `cut` closes the connection in the place of the packet, and `reset` as a machine does
            that has restarted; `silence` keeps it open and lets nothing through any more; `delay`
            holds the packet back; `slow` sends it in pieces.
        at: The numbers of the packets, in both directions, counted from 0 when the fault is set.
        seconds: How long the packet, or all its pieces, take.
        meanwhile: Called when the first of them is harmed, before anybody can notice.
    """

    kind: Kind
    at: frozenset[int]
    seconds: float = 0.0
    meanwhile: Callable[[], object] | None = None


class Proxy:
    """Stands on loopback before the server on a port of a host, while a `with` block lasts.

    Args:
        server: The port of the server.
        host: Where it is.
        late: What a client says whose connection is slow, as a replica's to a machine far away.
        latency: How many seconds each packet takes there.
    """

    def __init__(
        self,
        server: int,
        host: str = "127.0.0.1",
        late: bytes | None = None,
        latency: float = 0.0,
    ) -> None:
        self._server, self._host = server, host
        self._late, self._latency, self._parted = late, latency, False
        self._fault: Fault | None = None
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._lock = threading.Lock()
        self.packets = self.harmed = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._do(self._listen(0))
        return self

    def __exit__(self, *error: object) -> None:
        self.refuse()
        self._do(self._ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def set(self, fault: Fault | None) -> None:
        """Count packets anew, and harm those of the fault; None harms nothing."""
        with self._lock:
            self._fault, self.packets, self.harmed = fault, 0, 0

    def refuse(self) -> None:
        """Let nobody listen, as when the server does not run; open connections end."""
        self._do(self._close())

    def accept(self) -> None:
        """Listen again on the same port."""
        self._do(self._listen(self.port))

    def part(self) -> None:
        """Let nothing through, and say so to nobody; who connects is not answered."""
        self._do(self._part(True))

    def heal(self) -> None:
        """Let through what comes from now on; connections that lost something end."""
        self._do(self._part(False))

    async def _part(self, parted: bool) -> None:
        self._parted = parted
        for link in [*self._links]:
            if parted:
                link.silent = True
            elif link.silent:
                link.end()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self, port: int) -> int:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", port)
        found: int = self._listener.sockets[0].getsockname()[1]
        return found

    async def _close(self) -> None:
        self._listener.close()
        for link in [*self._links]:
            link.end()

    async def _ended(self) -> None:
        # Their tasks end in the next rounds of the loop.
        while self._links:
            await asyncio.sleep(0.001)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, away = await asyncio.open_connection(self._host, self._server)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, away)
        link.silent = self._parted
        self._links.add(link)
        try:
            await asyncio.gather(self._carry(reader, away, link), self._carry(there, writer, link))
        finally:
            self._links.discard(link)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: "_Link"
    ) -> None:
        writer.transport.set_write_buffer_limits(0)
        try:
            while data := await reader.read(CHUNK):
                pieces = [data]
                if fault := self._harms():
                    if fault.meanwhile is not None and self.harmed == 1:
                        await asyncio.to_thread(fault.meanwhile)
                    pieces = await self._harm(fault, data, link)
                link.late = link.late or (self._late is not None and self._late in data)
                if link.late:
                    await asyncio.sleep(self._latency)
                for piece in pieces if not link.silent else []:
                    if len(pieces) > 1 and fault is not None:
                        await asyncio.sleep(fault.seconds / PIECES)
                    writer.write(piece)
                    await writer.drain()
        except OSError:
            pass
        finally:
            link.end()

    def _harms(self) -> Fault | None:
        with self._lock:
            fault, number = self._fault, self.packets
            self.packets += 1
            if fault is None or number not in fault.at:
                return None
            self.harmed += 1
            return fault

    async def _harm(self, fault: Fault, data: bytes, link: "_Link") -> list[bytes]:
        """What is left to be sent of a packet."""
        match fault.kind:
            case "cut":
                link.end()
            case "reset":
                link.end(AT_ONCE)
            case "silence":
                link.silent = True
            case "delay":
                await asyncio.sleep(fault.seconds)
                return [data]
            case "slow":
                size = -(-len(data) // PIECES)
                return [data[start : start + size] for start in range(0, len(data), size)]
        return []


class _Link:
    """The two connections that are one for the client and the server."""

    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers
        self.silent = self.late = False

    def end(self, linger: bytes | None = None) -> None:
        """Close both; what has not been sent is dropped."""
        for each in self._writers:
            if linger is not None and not each.transport.is_closing():
                raw = each.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            each.transport.abort()
