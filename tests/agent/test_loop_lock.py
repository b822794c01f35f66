"""The lock of a bot manager: fair, for any loop and thread, and never left locked."""

import asyncio
import gc
import os
import threading
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from reference_impl.loop_lock import LoopLock, LoopLocks


async def _enter(lock: LoopLock, name: str, order: list[str]) -> None:
    release = await lock.acquire()
    order.append(name)
    await asyncio.sleep(0)
    release()


def _wait_for_queue(lock: LoopLock, length: int) -> None:
    deadline = time.monotonic() + 20
    while len(lock._queue) < length:
        time.sleep(0.001)
        assert time.monotonic() < deadline


def _started(*turns: Coroutine[Any, Any, None]) -> list[threading.Thread]:
    """A thread and a loop for each turn."""
    threads = [threading.Thread(target=asyncio.run, args=(turn,), daemon=True) for turn in turns]
    for thread in threads:
        thread.start()
    return threads


def _join(threads: list[threading.Thread]) -> None:
    deadline = time.monotonic() + 20
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))


def test_threads_with_loops_of_their_own_exclude_each_other() -> None:
    """Of forty loops in forty threads no two hold the lock at once, and all get it."""
    lock, inside, most, done = LoopLock(), [0], [0], []

    async def turn(number: int) -> None:
        release = await lock.acquire()
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        await asyncio.sleep(0.001)
        inside[0] -= 1
        release()
        done.append(number)

    _join(_started(*(turn(number) for number in range(40))))
    assert sorted(done) == list(range(40))
    assert most == [1]


def test_who_came_first_is_served_first() -> None:
    """Those who wait get the lock in the order in which they came, whatever their loop."""
    lock, order = LoopLock(), list[str]()
    release, threads = asyncio.run(lock.acquire()), list[threading.Thread]()
    for number in range(8):
        threads += _started(_enter(lock, str(number), order))
        _wait_for_queue(lock, number + 2)
    release()
    _join(threads)
    assert order == [str(number) for number in range(8)]


def test_a_cancelled_waiter_leaves_the_queue() -> None:
    """Whoever is cancelled while waiting, at any moment, keeps nobody else from the lock."""

    async def crowd() -> list[str]:
        lock, order = LoopLock(), list[str]()
        release = await lock.acquire()
        waiting = [asyncio.create_task(_enter(lock, str(n), order)) for n in range(4)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        # The head is cancelled in the same step in which it is given the lock.
        release()
        waiting[0].cancel()
        await asyncio.wait(waiting, timeout=10)
        (await asyncio.wait_for(lock.acquire(), 10))()
        return order

    assert asyncio.run(crowd()) == ["2", "3"]


def test_a_waiter_whose_loop_is_gone_leaves_the_queue() -> None:
    """A task that its closed loop abandoned keeps nobody from the lock, which forgets the task."""
    lock, order = LoopLock(), list[str]()
    release = asyncio.run(lock.acquire())
    loop = asyncio.new_event_loop()
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, about: complaints.append(about["message"]))
    task = loop.create_task(_enter(lock, "abandoned", order))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    del task
    gc.collect()
    release()
    asyncio.run(asyncio.wait_for(_enter(lock, "next", order), 10))
    assert order == ["next"]
    gc.collect()
    assert complaints == ["Task was destroyed but it is pending!"]


def test_locks_are_kept_while_they_are_used() -> None:
    """A key has one lock as long as somebody holds it, and costs nothing afterwards."""
    locks = LoopLocks()

    async def hold() -> None:
        release = await locks["a"].acquire()
        assert len(locks["a"]._queue) == 1
        assert locks["b"] is not locks["a"]
        release()

    asyncio.run(hold())
    gc.collect()
    assert len(locks._locks) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_does_not_wait_for_its_parent() -> None:
    """A lock that was held when the process forked is free in the child."""
    locks = LoopLocks()
    release = asyncio.run(locks["a"].acquire())
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(asyncio.wait_for(locks["a"].acquire(), 10))
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    release()


def test_a_thread_waits_in_the_same_queue() -> None:
    """Threads that block and coroutines that wait get the lock in the order in which they came."""
    lock, order = LoopLock(), list[str]()
    release, threads = lock.acquire_blocking(), list[threading.Thread]()

    def enter(name: str) -> None:
        let_go = lock.acquire_blocking()
        order.append(name)
        let_go()

    for number in range(0, 8, 2):
        threads.append(threading.Thread(target=enter, args=(str(number),), daemon=True))
        threads[-1].start()
        _wait_for_queue(lock, number + 2)
        threads += _started(_enter(lock, str(number + 1), order))
        _wait_for_queue(lock, number + 3)
    release()
    _join(threads)
    assert order == [str(number) for number in range(8)]


def test_a_loop_is_not_stopped_by_a_wait_for_itself() -> None:
    """Blocking for a coroutine of the same loop raises; for one of another loop it waits."""
    lock = LoopLock()

    async def own() -> None:
        release = await lock.acquire()
        with pytest.raises(RuntimeError, match="stop the event loop"):
            lock.acquire_blocking()
        release()
        lock.acquire_blocking()()

    asyncio.run(own())

    async def other(held: threading.Event, may_end: threading.Event) -> None:
        release = await lock.acquire()
        held.set()
        await asyncio.to_thread(may_end.wait, 20)
        release()

    async def blocking() -> None:
        threading.Timer(0.05, may_end.set).start()
        lock.acquire_blocking()()

    held, may_end = threading.Event(), threading.Event()
    threads = _started(other(held, may_end))
    assert held.wait(20)
    asyncio.run(blocking())
    _join(threads)
    assert not lock._queue
