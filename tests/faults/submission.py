"""Kill workers and the database while bidders submit; count what was lost: nothing may be.

    .venv/bin/python -m tests.faults.submission --acknowledgements 20000 --worker-kills 200 \
        --database-kills 20 --full-disks 5

prints its counts and ends with 0 when no acknowledged submission was lost and none stored twice.
`--database sqlite` has no server to kill. Every named point of the submission is killed at first.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from commissioning.app import create_app
from commissioning.audit import queries as trail
from commissioning.audit.domain.chain import breaks
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import SetClock
from commissioning.submission import queries, services
from commissioning.submission.domain import receipts
from commissioning.submission.models import Bid, Receipt
from tests.factories.identity import LONG_AGO, PASSWORD
from tests.factories.submission import ITN_DEADLINE, contest, freeze_model
from tests.faults.bidders import Bidder, Client
from tests.faults.points import OF_STORING, POINTS
from tests.faults.servers import Postgresql, Site, Sqlite
from tests.support.application import migrate, release, settings_for
from tests.support.pages import post
from tests.support.postgresql import scratch_folder

_HIDDEN = re.compile(r'<input[^>]*?name="([^"]+)"[^>]*?type="hidden"[^>]*?value="([^"]*)"')
_LANES = 8
_SMALLEST_DISK_BYTES = 64 * 1024


def prepare(database_url: str, folder: Path, bidders: int) -> list[Bidder]:
    """A competition a day before its deadline, with a drafted bid of everybody, all signed in."""
    settings = settings_for(database_url, folder / "var")
    migrate(settings)
    app = create_app(settings, clock=SetClock(LONG_AGO))
    with app.app_context():
        made = contest(lots=1, bidders=bidders)
        freeze_model(made)
        place, answers, fees = (made.reference, made.lot), made.answers(), made.fees()
        people = [(one.reference, one.actor, one.person.email) for one in made.bidders]
        db.session.commit()
        known = []
        for reference, actor, email in people:
            db.session.expunge_all()  # a session that remembers all bidders is slow with each
            where = (actor, *place, reference)
            services.save_quality_draft(*where, answers, clock=made.clock)
            bid = services.save_price_draft(*where, fees_pence=fees, clock=made.clock)
            known.append((reference, bid.reference, email))
            db.session.commit()
        path = f"/competitions/{place[0]}/bids/{place[1]}/check"
    ready = []
    for reference, bid, email in known:
        client = app.test_client()
        entered = post(client, "/sign-in", {"email": email, "password": PASSWORD})
        assert entered.status_code == 303, email
        page = client.get(path).get_data(as_text=True)
        hidden = dict(_HIDDEN.findall(page))
        cookie = client.get_cookie("session")
        ready.append(Bidder(reference, bid, path, f"session={cookie.value}", hidden))
    release(app)
    return ready


def check(database_url: str, folder: Path, bidders: Sequence[Bidder]) -> dict[str, int]:
    """Compare what was acknowledged with what is stored, byte by byte and in order."""
    app = create_app(settings_for(database_url, folder / "var"), clock=SetClock(LONG_AGO))
    found: Counter[str] = Counter(dict.fromkeys(("lost", "receipts that do not verify"), 0))
    with app.app_context():
        stored: dict[str, list[Receipt]] = {}
        for row in db.session.query(Receipt).order_by(Receipt.id):
            stored.setdefault(row.bid.reference, []).append(row)
        for bidder in bidders:
            rows = stored.get(bidder.bid, [])
            by_key = Counter(row.idempotency_key for row in rows)
            known = {row.idempotency_key: row for row in rows}
            found["stored twice"] += sum(number - 1 for number in by_key.values())
            for key, receipt in bidder.acknowledged:
                row = known.get(key)
                if row is None or row.reference != receipt:
                    found["lost"] += 1
                elif receipts.problems(queries.receipt_body(row)):
                    found["receipts that do not verify"] += 1
            found["stored and never acknowledged"] += len(
                set(by_key) - {key for key, _ in bidder.acknowledged}
            )
            found["envelopes of another submission"] += bool(rows) and not _is_stored(rows[-1])
            in_order = [row.reference for row in rows]
            told = list(dict.fromkeys(receipt for _, receipt in bidder.acknowledged))
            found["out of order"] += told != [one for one in in_order if one in set(told)]
            bid = db.session.query(Bid).filter_by(reference=bidder.bid).one()
            counting = queries.counting_receipt(bid)
            found["another receipt counts"] += bool(told) and (
                counting is None or counting.reference != told[-1]
            )
        found["chain breaks"] = len(breaks(trail.links(), heads=trail.heads()))
        found["stored"] = sum(len(rows) for rows in stored.values())
    release(app)
    return dict(found)


def _is_stored(receipt: Receipt) -> bool:
    """Whether the envelopes that lie there are those that the newest receipt names."""
    digests = receipts.digests_of(queries.receipt_body(receipt)).to_dict()
    rows = {row.envelope: row for row in receipt.bid.envelopes}
    return all(
        rows[envelope].sealed is not None and rows[envelope].sha256 == sha256
        for envelope, sha256 in digests.items()
    )


def run(
    *,
    database: str,
    folder: Path,
    bidders: int,
    acknowledgements: int,
    worker_kills: int,
    database_kills: int,
    full_disks: int,
    seed: int,
    pauses: int = 0,
) -> dict[str, object]:
    """One run; the counts that it prints."""
    server = Postgresql(folder) if database == "postgresql" else Sqlite(folder)
    try:
        server.wait()
        ready = prepare(server.url, folder, bidders)
        site = Site(server.url, folder, anchor=ITN_DEADLINE - timedelta(days=1))
        client = Client(site.port, Random(seed))
        began = time.monotonic()
        try:
            killed = _kill_at_every_point(client, ready, site)
            if pauses:
                _submit_while_it_stands_still(client, ready, server, pauses)
            plan = Plan(acknowledgements, worker_kills, database_kills, full_disks)
            full = _surge(client, ready, site, server, plan)
        except Exception as error:
            error.add_note(_last_words(folder))
            raise
        finally:
            site.stop()
        seconds = time.monotonic() - began
        server.wait()
        return {
            "database": database,
            "seconds": round(seconds, 1),
            "worker kills": site.kills,
            "database kills": server.kills,
            "points killed": killed,
            "pauses": pauses,
            "full disks": full,
            **client.counts,
            **check(server.url, folder, ready),
        }
    finally:
        server.stop()


def _last_words(folder: Path) -> str:
    """The ends of the logs: what the servers said when a run went wrong."""
    logs = [folder / "server.log", folder / "site.log"]
    return "\n".join(
        f"{log.name}:\n{log.read_text(errors='replace')[-4000:]}" for log in logs if log.exists()
    )


def _kill_at_every_point(client: Client, bidders: Sequence[Bidder], site: Site) -> int:
    """Each point once on a first submission, and once when an acknowledged one is sent again.

    What was acknowledged is told again without being stored again, so the second request does not
    come to the points of storing. Returns how often a worker died.
    """
    killed = 0
    for number, point in enumerate(POINTS):
        bidder = bidders[number % len(bidders)]
        alive = set(site.workers())
        receipt = client.submit(bidder, kill_at=point)
        assert _has_died(site, alive), f"nobody died {point}"
        key = bidder.acknowledged[-1][0]
        alive = set(site.workers())
        again = client.submit(bidder, key=key, kill_at=point)
        assert again == receipt, (point, receipt, again)
        is_of_storing = point in OF_STORING
        assert is_of_storing != _has_died(site, alive, seconds=0.2 if is_of_storing else 10)
        killed += 2 - is_of_storing
    return killed


def _has_died(site: Site, alive: set[int], *, seconds: float = 10) -> bool:
    """Whether one of these workers is there no more, or is not a little later."""
    until = time.monotonic() + seconds
    while alive <= set(site.workers()):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _submit_while_it_stands_still(
    client: Client, bidders: Sequence[Bidder], server: Postgresql | Sqlite, pauses: int
) -> None:
    """The database answers nobody for twenty seconds: whoever waits is answered afterwards."""
    for number in range(pauses):
        waiting = threading.Thread(target=client.submit, args=[bidders[number % len(bidders)]])
        pausing = threading.Thread(target=server.pause, args=[20])
        pausing.start()
        time.sleep(1)
        waiting.start()
        waiting.join()
        pausing.join()


def _refused(client: Client) -> int:
    return sum(client.counts[what] for what in ("answered 500", "answered 503", "broken"))


@dataclass(frozen=True)
class Plan:
    """How much of everything a run wants."""

    acknowledgements: int
    worker_kills: int
    database_kills: int
    full_disks: int


def _surge(client, bidders, site, server, plan) -> int:
    done = threading.Event()

    def lane(number: int) -> None:
        own = Random(f"{number}")
        mine = bidders[number::_LANES]
        while not done.is_set():
            bidder = own.choice(mine)
            client.misbehave(bidder) if own.random() < 0.1 else client.submit(bidder)

    with ThreadPoolExecutor(_LANES) as pool:
        lanes = [pool.submit(lane, number) for number in range(_LANES)]
        try:
            full = _kill(client, site, server, lanes, plan)
        finally:
            done.set()
    for one in lanes:
        one.result()  # what a lane found wrong is raised here
    return full


def _kill(client, site, server, lanes, plan) -> int:
    """Kill as the surge goes on, until it has its acknowledgements or a lane found a fault.

    Returns how often the disk was full.
    """
    draw = Random("kills")
    killed = full = 0
    while not any(one.done() for one in lanes):
        time.sleep(draw.uniform(0.3, 0.9))
        share = client.counts["acknowledged"] / plan.acknowledgements
        if server.kills < plan.database_kills and server.kills <= share * plan.database_kills:
            server.kill()
        elif full < plan.full_disks and full <= share * plan.full_disks:
            _fill_the_disk(client, site, server)
            full += 1
        elif killed < plan.worker_kills and killed <= share * plan.worker_kills:
            site.kill_a_worker(draw)
            killed += 1
        wanted = (plan.worker_kills, plan.database_kills, plan.full_disks)
        if share >= 1 and (killed, server.kills, full) >= wanted:
            return full
    return full


def _fill_the_disk(client, site, server) -> None:
    """Let no file grow until somebody was refused for it, then make room again."""
    before = _refused(client)
    give_up_at = time.monotonic() + 20
    while _refused(client) == before:
        for one in (server, site):
            one.bound_files(_SMALLEST_DISK_BYTES)
        time.sleep(0.2)
        if time.monotonic() > give_up_at:
            raise RuntimeError("the disk was never full")
    time.sleep(1)
    for one in (server, site):
        one.bound_files(None)
    server.wait()


def is_good(counts: dict[str, object]) -> bool:
    """Nothing lost, nothing twice, every receipt and chain whole."""
    wrong = (
        "lost",
        "stored twice",
        "receipts that do not verify",
        "out of order",
        "another receipt counts",
        "envelopes of another submission",
        "chain breaks",
    )
    return not any(counts.get(name) for name in wrong)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--bidders", type=int, default=24)
    parser.add_argument("--acknowledgements", type=int, default=300)
    parser.add_argument("--worker-kills", type=int, default=10)
    parser.add_argument("--database-kills", type=int, default=2)
    parser.add_argument("--full-disks", type=int, default=1)
    parser.add_argument("--pauses", type=int, default=0, help="of the database, 20 seconds each")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with scratch_folder(512) as folder:
        counts = run(
            database=given.database,
            folder=folder,
            bidders=given.bidders,
            acknowledgements=given.acknowledgements,
            worker_kills=given.worker_kills,
            database_kills=given.database_kills if given.database == "postgresql" else 0,
            full_disks=given.full_disks,
            seed=given.seed,
            pauses=given.pauses,
        )
    sys.stdout.write(json.dumps(counts, indent=1) + "\n")
    return 0 if is_good(counts) else 1


if __name__ == "__main__":
    sys.exit(main())
