"""Everybody submits in the last minute: every verdict must be right, and nobody may wait long.

    .venv/bin/python -m tests.faults.surge --bidders 2100

Of 2100 bidders 2000 are in time: half of them in the last ten seconds, the others in the fifty
before. The rest come in the second after the deadline. The load is open-loop: each request starts
at its own intended instant, however slow the answers are, and its time counts from there. Prints
its counts; ends with 0 when every verdict was right, all that was acknowledged is stored, and the
99th percentile is within the second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode
from uuid import uuid4

from commissioning.app import create_app
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import SetClock, SystemClock
from commissioning.submission.models import Receipt
from tests.factories.identity import LONG_AGO
from tests.factories.submission import ITN_DEADLINE
from tests.faults.bidders import RECEIPT, Bidder
from tests.faults.servers import Postgresql, Site, Sqlite
from tests.faults.submission import check, is_good, prepare
from tests.support.application import release, settings_for
from tests.support.postgresql import scratch_folder

_TO_START = timedelta(seconds=85)
"""Between the start of the site and the deadline: the minute of the surge, and time to come up."""

_PATIENCE_SECONDS = 60
_SHARE_LATE = 1 / 21
_MOST_SECONDS = 1.0


@dataclass(slots=True)
class Sent:
    """One submission: its seconds before (-) or after the deadline, and what came of it."""

    bidder: Bidder
    key: str
    intended: float
    last_byte: float = 0.0
    answered: float = 0.0
    status: int = 0
    receipt: str | None = None


def intended(bidders: Sequence[Bidder], draw: Random) -> list[Sent]:
    """When each bidder means to submit, a few of them a little too late.

    Of those in time half do so in the last ten seconds.
    """
    late = int(len(bidders) * _SHARE_LATE)
    last = (len(bidders) - late) // 2
    moments = (
        [draw.uniform(0.001, 1) for _ in range(late)]
        + [draw.uniform(-10, -0.001) for _ in range(last)]
        + [draw.uniform(-60, -10) for _ in range(len(bidders) - late - last)]
    )
    draw.shuffle(moments)
    return [Sent(one, uuid4().hex, at) for one, at in zip(bidders, moments, strict=True)]


async def submit(one: Sent, port: int, deadline: datetime, clock: SystemClock) -> None:
    """Send one submission at its own instant, and note when the last byte went and what came."""

    def now() -> float:
        return (clock.now() - deadline).total_seconds()

    await asyncio.sleep(max(0.0, one.intended - now()))
    body = urlencode({**one.bidder.hidden, "idempotency_key": one.key}).encode()
    head = (
        f"POST {one.bidder.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: {one.bidder.cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        await writer.drain()
        one.last_byte = now()
        answer = await asyncio.wait_for(reader.read(), _PATIENCE_SECONDS)
        writer.close()
        await writer.wait_closed()
    except (OSError, TimeoutError):
        answer = b""
    one.answered = now()
    lines = answer.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")
    one.status = int(lines[0].split()[1]) if lines[0] else 0
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        found = RECEIPT.search(value) if name.lower() == "location" else None
        if found and one.status == 303:
            one.receipt = found[1]


async def surge(sent: Sequence[Sent], port: int, deadline: datetime) -> None:
    """Let everybody submit."""
    clock = SystemClock()
    await asyncio.gather(*(submit(one, port, deadline, clock) for one in sent))


def verdicts(sent: Sequence[Sent], database_url: str, folder: Path) -> dict[str, int]:
    """How many were judged otherwise than by the instant of their last byte."""
    app = create_app(settings_for(database_url, folder / "var"), clock=SetClock(LONG_AGO))
    with app.app_context():
        received = {row.reference: row.received_at for row in db.session.query(Receipt)}
    release(app)
    return {
        "in time": sum(one.last_byte < 0 for one in sent),
        "taken": sum(one.receipt is not None for one in sent),
        "refused as late": sum(one.status == 422 for one in sent),
        "in time and not taken": sum(one.last_byte < 0 and one.receipt is None for one in sent),
        "late and taken": sum(one.intended >= 0 and one.receipt is not None for one in sent),
        "stamped at the deadline or later": sum(
            received[one.receipt] >= ITN_DEADLINE for one in sent if one.receipt in received
        ),
        "neither taken nor refused": sum(one.status not in {303, 422} for one in sent),
    }


def seconds(sent: Sequence[Sent]) -> dict[str, float]:
    """How long answers took, from the intended start."""
    took = sorted(one.answered - one.intended for one in sent)

    def at(share: float) -> float:
        return round(took[min(len(took) - 1, int(share * len(took)))], 3)

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": round(took[-1], 3)}


def run(*, database: str, folder: Path, bidders: int, workers: int, threads: int, seed: int):
    """One surge; the counts that it prints."""
    server = Postgresql(folder) if database == "postgresql" else Sqlite(folder)
    try:
        server.wait()
        ready = prepare(server.url, folder, bidders)
        site = Site(
            server.url, folder, anchor=ITN_DEADLINE - _TO_START, workers=workers, threads=threads
        )
        sent = intended(ready, Random(seed))
        try:
            asyncio.run(surge(sent, site.port, site.started + _TO_START))
        finally:
            site.stop()
        for one in sent:
            if one.receipt is not None:
                one.bidder.acknowledged.append((one.key, one.receipt))
        return {
            "database": database,
            "bidders": bidders,
            "workers": workers,
            "threads": threads,
            **verdicts(sent, server.url, folder),
            "seconds": seconds(sent),
            **check(server.url, folder, ready),
        }
    finally:
        server.stop()


def is_right(counts: dict) -> bool:
    """Every verdict right, and nothing acknowledged lost."""
    wrong = (
        "in time and not taken",
        "late and taken",
        "stamped at the deadline or later",
        "neither taken nor refused",
    )
    return is_good(counts) and not any(counts[name] for name in wrong)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--bidders", type=int, default=2100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with scratch_folder(1024) as folder:
        counts = run(folder=folder, **vars(given))
    sys.stdout.write(json.dumps(counts, indent=1) + "\n")
    return 0 if is_right(counts) and counts["seconds"]["p99"] <= _MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
