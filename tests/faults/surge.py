"""Everybody submits in the last minute: every verdict must be right, and nobody may wait long.

    .venv/bin/python -m tests.faults.surge --bidders 2100

Of 2100 bidders 2000 are in time: half of them in the last ten seconds, the others in the fifty
before. The rest come in the second after the deadline. The load is open-loop: each request starts
at its own intended instant, however slow the answers are, and its time counts from there. It comes
from a process of its own. Prints its counts, with the CPU that each side used and how late the
sender was, so that a slow server can be told from a busy machine. Ends with 0 when every verdict
was right, all that was acknowledged is stored, and the 99th percentile is within the second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
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
from tests.faults.servers import Postgresql, Site, Sqlite, cpu_seconds
from tests.faults.submission import check, is_good, prepare
from tests.support.application import release, settings_for
from tests.support.postgresql import scratch_folder
from tests.support.source import ROOT

_TO_START = timedelta(seconds=85)
"""Between the start of the site and the deadline: the minute of the surge, and time to come up."""

_FIRST = timedelta(seconds=63)
"""Before the deadline: from then on it is counted who uses how much."""
_LAST = 10
"""Half of those in time come in so many seconds before the deadline."""
_SHARE_LATE = 1 / 21
_MOST_SECONDS = 1.0


@dataclass(slots=True)
class Sent:
    """One submission: its seconds before (-) or after the deadline, and what came of it."""

    bidder: Bidder
    key: str
    intended: float
    sent: float = 0.0
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
        + [draw.uniform(-_LAST, -0.001) for _ in range(last)]
        + [draw.uniform(-60, -_LAST) for _ in range(len(bidders) - late - last)]
    )
    draw.shuffle(moments)
    return [Sent(one, uuid4().hex, at) for one, at in zip(bidders, moments, strict=True)]


def request_of(one: Sent, port: int) -> str:
    """The whole request, made beforehand."""
    body = urlencode({**one.bidder.hidden, "idempotency_key": one.key})
    return (
        f"POST {one.bidder.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: {one.bidder.cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )


def surge(sent: Sequence[Sent], port: int, deadline: datetime) -> float:
    """Let everybody submit, by a process of its own; the CPU seconds that it used."""
    plan = {
        "port": port,
        "deadline": deadline.isoformat(),
        "requests": [(one.intended, request_of(one, port)) for one in sent],
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.arrivals"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    found = json.loads(done.stdout)
    for one, answer in zip(sent, found["answers"], strict=True):
        one.sent, one.answered = answer["sent"], answer["answered"]
        one.status = answer["status"]
        receipt = RECEIPT.search(answer["location"])
        if receipt and one.status == 303:
            one.receipt = receipt[1]
    return found["cpu"]


def verdicts(sent: Sequence[Sent], database_url: str, folder: Path) -> dict[str, int]:
    """How many were judged otherwise than by the instant of their last byte."""
    app = create_app(settings_for(database_url, folder / "var"), clock=SetClock(LONG_AGO))
    with app.app_context():
        received = {row.reference: row.received_at for row in db.session.query(Receipt)}
    release(app)
    return {
        "in time": sum(one.sent < 0 for one in sent),
        "taken": sum(one.receipt is not None for one in sent),
        "refused as late": sum(one.status == 422 for one in sent),
        "in time and not taken": sum(one.sent < 0 and one.receipt is None for one in sent),
        "late and taken": sum(one.intended >= 0 and one.receipt is not None for one in sent),
        "stamped at the deadline or later": sum(
            received[one.receipt] >= ITN_DEADLINE for one in sent if one.receipt in received
        ),
        "neither taken nor refused": sum(one.status not in {303, 422} for one in sent),
    }


def seconds(took: Iterable[float]) -> dict[str, float]:
    """How long something took, for one in two, in twenty, in a hundred, and at most."""
    took = sorted(took)

    def at(share: float) -> float:
        return round(took[min(len(took) - 1, int(share * len(took)))], 3)

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": round(took[-1], 3)}


def used(site: Site, server: Postgresql | Sqlite) -> dict[str, float]:
    """The CPU seconds that the site and the database have used so far."""
    return {"site": cpu_seconds(site.pid), "database": cpu_seconds(server.pid)}


def machine() -> float:
    """The CPU seconds that everything on this machine has used so far."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    busy = sum(int(one) for one in fields[:8]) - int(fields[3]) - int(fields[4])
    return busy / os.sysconf("SC_CLK_TCK")


def spent(before: tuple, after: tuple, generator: float) -> dict[str, float]:
    """Who used how much: a slow server differs from a machine on which others are at work."""
    own = {name: after[0][name] - before[0][name] for name in before[0]}
    own["generator"] = generator
    own["others"] = after[1] - before[1] - sum(own.values())
    return {name: round(each, 1) for name, each in own.items()}


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
            deadline = site.started + _TO_START
            time.sleep((deadline - _FIRST - SystemClock().now()).total_seconds())
            before = used(site, server), machine()
            generator = surge(sent, site.port, deadline)
            after = used(site, server), machine()
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
            "seconds from the intended start": seconds(one.answered - one.intended for one in sent),
            "of the last ten seconds": seconds(
                one.answered - one.intended for one in sent if one.intended >= -_LAST
            ),
            "seconds that the sender was late": seconds(one.sent - one.intended for one in sent),
            "CPU seconds": spent(before, after, generator),
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
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with scratch_folder(1024) as folder:
        counts = run(folder=folder, **vars(given))
    sys.stdout.write(json.dumps(counts, indent=1) + "\n")
    return (
        0
        if is_right(counts) and counts["seconds from the intended start"]["p99"] <= _MOST_SECONDS
        else 1
    )


if __name__ == "__main__":
    sys.exit(main())
