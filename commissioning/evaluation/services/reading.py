"""Reading what a bidder sent in, by whoever may, and with a record where a file leaves."""

from __future__ import annotations

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.evaluation import queries
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, require
from commissioning.submission import queries as submission_queries
from commissioning.submission import services as submission_services
from commissioning.submission.services import ReadFile


def read_bid_file(
    actor: Actor, competition: str, bid: str, leaf: str, file: str, *, clock: Clock
) -> ReadFile:
    """Whoever may read an answer may take its files away, and each taking is recorded.

    `leaf` is the answer to which the file belongs. A file in which a virus scanner finds something
    is not handed out, and that is recorded in place of the reading: see `harm` of what is returned.
    Raises NotFound for a file that does not belong to the answer, Forbidden for anybody who may not
    read it, and FileWithheld where a configured scanner gives no answer.
    """
    now = clock.now()
    sheet = queries.sheet_of_answer(competition, bid, leaf)
    facts = queries.facts_on(sheet, actor, now)
    require(actor, Permission.SUBMISSION_READ_QUALITY_ENVELOPE, facts)
    sheet.item(bid, leaf)
    opened = submission_queries.opened_bid(sheet.competition, bid)
    entry = submission_queries.quality_document(opened).file(file)
    if entry is None or entry.leaf != leaf:
        raise NotFound
    read = submission_services.read_opened_file(opened, file)
    changes = {"leaf": leaf, "file": file}
    audit.record(
        actor,
        Event.BID_FILE_FOUND_HARMFUL if read.harm else Event.BID_READ,
        Subject("bid", bid),
        {**changes, "found": read.harm} if read.harm else changes,
        at=now,
        stream=competition_stream(competition),
    )
    return read
