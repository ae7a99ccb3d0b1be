"""The closing of a round: at the deadline one root fixes every bid that was received."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.models import Competition
from commissioning.infrastructure import vault
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import SYSTEM, Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.stage import Stage
from commissioning.submission import queries
from commissioning.submission.domain import closing
from commissioning.submission.domain.sealing import FIRST_ROUND
from commissioning.submission.models import RoundClosing
from commissioning.submission.services.confirming import lapse_unconfirmed

_SEED_BYTES = 32


def pass_deadlines(*, clock: Clock, grace: timedelta = timedelta(0)) -> list[str]:
    """Stages close whose deadline has passed, and the root over the bids received is published.

    The root is in the same transaction as the closing of its stage. `grace` is how long after the
    deadline that happens. Returns the references of the competitions that moved.
    """
    now = clock.now()

    def seal_the_round(competition: Competition) -> None:
        if competition.stage == Stage.ITN_CLOSED.value:
            close_round(competition, at=now)

    return competing.pass_deadlines(clock=clock, grace=grace, then=seal_the_round)


def close_round(competition: Competition, *, at: datetime) -> RoundClosing:
    """The root over the receipts that count, padded so that it says nothing of their number.

    A step of the passing of a deadline, and of an opening that finds none: nothing that counts can
    have changed since the deadline. A bid that had to be confirmed after a change, and was not,
    does not count: it lapses here. A round is closed once.
    """
    closed = queries.round_closing(competition)
    if closed is not None:
        return closed
    lapse_unconfirmed(competition, at=at)
    bids = db.session.scalars(queries.sealed_bids(competition)).all()
    receipts = {queries.stored_sha256(row) for row in queries.last_receipts(bids).values()}
    most = max(len(competitions.admissions_of(competition)), len(receipts))
    tree = closing.close(receipts, most=most, seed=secrets.token_bytes(_SEED_BYTES))
    closed = RoundClosing(
        competition_id=competition.id,
        round=FIRST_ROUND,
        root=tree.root,
        leaves=list(tree.leaves),
        sealed_seed=vault.seal(tree.seed, purpose=_seed_purpose(competition)),
        closed_at=at,
    )
    db.session.add(closed)
    db.session.flush()
    audit.record(
        SYSTEM,
        Event.ROUND_CLOSED,
        Subject("competition", competition.reference),
        {"round": FIRST_ROUND, "root": tree.root, "leaves": tree.capacity},
        at=at,
        stream=competition_stream(competition.reference),
    )
    return closed


def count_round(actor: Actor, competition: Competition, *, at: datetime) -> None:
    """The number of bids under the root, with the seed by which anybody can count them.

    A step of the quality opening, authorised there. What was published at the closing is compared
    with what lies here now, in both directions; a difference is recorded for everybody to read, and
    keeps no bid under the root from opening. Without its seed the round is not counted.
    """
    published = queries.published_root(competition)
    if published is None:
        published = close_round(competition, at=at).root
    closed = queries.round_closing(competition)
    number = None
    if closed is not None:
        try:
            seed = vault.unseal(closed.sealed_seed, purpose=_seed_purpose(competition))
            number = closing.counted(closed.leaves, seed=seed)
            closed.seed = seed
        except (InvalidTag, ValueError):
            number = None
    audit.record(
        actor,
        Event.ROUND_COUNTED,
        Subject("competition", competition.reference),
        {
            "round": FIRST_ROUND,
            "root": published,
            "number": number,
            "seed": None if closed is None or closed.seed is None else closed.seed.hex(),
        },
        at=at,
        stream=competition_stream(competition.reference),
    )
    differences = _differences(competition, number)
    if differences:
        audit.record(
            actor,
            Event.ROUND_DIFFERS,
            Subject("competition", competition.reference),
            {"round": FIRST_ROUND, "root": published, "differences": differences},
            at=at,
            stream=competition_stream(competition.reference),
        )


def _differences(competition: Competition, number: int | None) -> list[str]:
    """What lies here that was not there at the closing, or the other way round, in words."""
    found = []
    closed = queries.round_closing(competition)
    bids = db.session.scalars(queries.sealed_bids(competition)).all()
    if queries.leaves_as_published(competition) is None:
        found.append("The leaves that are kept do not give the root that was published.")
    if number is None:
        found.append("The seed of the padding is lost, so the bids cannot be counted by it.")
    leaves = frozenset() if closed is None else frozenset(closed.leaves)
    late = queries.accepted_late_leaves(competition)
    received = queries.last_receipts(bids)
    found_leaves = {bid: queries.leaf_of(received[bid.id]) for bid in bids if bid.id in received}
    under = [bid for bid in bids if found_leaves.get(bid) in leaves]
    found += [
        f"{bid.reference} is not under the root."
        for bid in bids
        if found_leaves.get(bid) not in leaves | late
    ]
    if number is not None and number > len(under):
        found.append(f"{number - len(under)} under the root lie here no more.")
    return found


def _seed_purpose(competition: Competition) -> str:
    return f"seed of the closing of {competition.reference}, round {FIRST_ROUND}"
