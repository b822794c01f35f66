"""While one process appends for three seconds, do the reads of another one starve?"""

import time
from multiprocessing import get_context
from statistics import median

from tests.contract.peers.programs.store import append, read


def write():
    spans, end = [], time.monotonic() + 3
    while time.monotonic() < end:
        start = time.monotonic()
        append("chat", "x" * 1000)
        spans.append(time.monotonic() - start)
    return median(spans)


if __name__ == "__main__":
    append("chat", "first")
    read("chat")
    with get_context("spawn").Pool(1) as pool:
        writer, spans = pool.apply_async(write), []
        while not writer.ready():
            start = time.monotonic()
            read("chat")
            spans.append(time.monotonic() - start)
            time.sleep(0.003)
        pace = writer.get()
    waited = sum(each for each in spans if each > 20 * pace)
    slowest = f"the slowest {max(spans):.1f} s, {max(spans) / pace:.0f} times one write"
    assert waited < 0.75, f"{len(spans)} reads waited {waited:.1f} s, {slowest}"
