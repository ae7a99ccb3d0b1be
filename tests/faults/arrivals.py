"""Sends prepared requests at their own instants, however slow the answers are: an open loop.

A process of its own, which reads the plan from its standard input and writes what came of it to its
standard output, both in JSON. It does nothing while it sends but send and note the time, so that
what it measures is the server's doing; how late it was itself is noted as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from contextlib import suppress
from datetime import datetime

from commissioning.kernel.clock import SystemClock

_PATIENCE_SECONDS = 60
_EARLY_SECONDS = 0.02
"""A connection is made so long before its instant: a browser has one, or makes one meanwhile."""
_AHEAD_OF_OTHERS = -10


class _Request(asyncio.Protocol):
    """One request: when it went, when the answer was there, and how the answer begins."""

    def __init__(self, done: asyncio.Future[None]) -> None:
        self.done = done
        self.head = b""

    def data_received(self, data: bytes) -> None:
        if len(self.head) < 4096:
            self.head += data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def _send(at: float, content: bytes, port: int, start: float) -> dict[str, object]:
    """Send one request at its instant, in seconds from the deadline; `start` is the loop's zero."""
    loop = asyncio.get_running_loop()

    def now() -> float:
        return loop.time() - start

    await asyncio.sleep(at - _EARLY_SECONDS - now())
    one = _Request(loop.create_future())
    sent = now()
    try:
        way, _ = await loop.create_connection(lambda: one, "127.0.0.1", port)
        await asyncio.sleep(at - now())
        sent = now()
        way.write(content)
        await asyncio.wait_for(one.done, _PATIENCE_SECONDS)
    except (OSError, TimeoutError):
        pass
    lines = one.head.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")
    location = next((line[10:] for line in lines if line.lower().startswith("location: ")), "")
    return {
        "sent": sent,
        "answered": now(),
        "status": int(lines[0].split()[1]) if lines[0] else 0,
        "location": location,
    }


async def _send_all(plan: dict) -> list[dict[str, object]]:
    loop = asyncio.get_running_loop()
    deadline = datetime.fromisoformat(plan["deadline"])
    start = loop.time() + (deadline - SystemClock().now()).total_seconds()
    return await asyncio.gather(
        *(
            _send(at, content.encode("latin-1"), plan["port"], start)
            for at, content in plan["requests"]
        )
    )


def main() -> int:
    """Read the plan, carry it out, and write what came of it."""
    plan = json.load(sys.stdin)
    with suppress(OSError):  # not everybody may: how late the sender was tells
        os.nice(_AHEAD_OF_OTHERS)
    answers = asyncio.run(_send_all(plan))
    used = resource.getrusage(resource.RUSAGE_SELF)
    json.dump({"answers": answers, "cpu": used.ru_utime + used.ru_stime}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
