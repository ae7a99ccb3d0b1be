"""What waits for bidders, and for those who prepare and hold the openings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from commissioning.competition import queries as competitions
from commissioning.competition.domain.lifecycle import LATE_BID
from commissioning.competition.domain.timetable import LONDON
from commissioning.competition.models import Competition
from commissioning.identity import queries as identities
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import BIDDER_ROLES, Actor
from commissioning.kernel.stage import Stage
from commissioning.kernel.waiting import WaitingItem
from commissioning.permissions import Permission, may
from commissioning.submission.domain.lifecycle import BidStatus, ResponseStatus
from commissioning.submission.domain.sealing import Envelope
from commissioning.submission.models import Bid, SelectionResponse
from commissioning.submission.queries.ceremonies import joined_by, open_replacements
from commissioning.submission.queries.confirmations import UnderVersion, own_unconfirmed
from commissioning.submission.queries.help_requests import (
    deadline_for_help,
    waiting_help_requests,
)
from commissioning.submission.queries.late import with_undecided_late_bids

_LONDON = ZoneInfo(LONDON)


def waiting_for(actor: Actor, now: datetime) -> list[WaitingItem]:
    """What a person should do next about PQQs, bids and openings; a bidder sees its own only."""
    return [*_for_bidder(actor, now), *_for_duty_officer(actor, now), *_for_team(actor, now)]


def _for_bidder(actor: Actor, now: datetime) -> list[WaitingItem]:
    own = actor.organisation
    if own is None or not actor.roles_in(own) & BIDDER_ROLES:
        return []
    return [*_open_pqqs(own, now), *_outcomes(own), *_open_itns(own, now)]


def _open_pqqs(own: str, now: datetime) -> list[WaitingItem]:
    open_now = [
        row
        for row in competitions.published_competitions()
        if row.stage == Stage.PQQ_OPEN.value and _is_before_deadline(row, now)
    ]
    statuses = _response_statuses(own, open_now)
    items = []
    for row in open_now:
        status = statuses.get(row.id)
        if status == ResponseStatus.SUBMITTED.value:
            continue
        begun = status is not None
        items.append(
            WaitingItem(
                "Finish and submit your PQQ response" if begun else "Answer the PQQ",
                "What is not submitted before the deadline does not count.",
                "submission.pqq",
                {"reference": row.reference},
                _deadline(row),
                row.title,
            )
        )
    return items


def _outcomes(own: str) -> list[WaitingItem]:
    """The outcome of a selection is there to read, from the shortlist until the ITN."""
    decided = [
        row for row in competitions.published_competitions() if row.stage == Stage.SHORTLISTED.value
    ]
    statuses = _response_statuses(own, decided)
    return [
        WaitingItem(
            "Read the outcome of the selection",
            "For which lots you go on, with the reasons.",
            "evaluation.selection_result",
            {"reference": row.reference},
            context=row.title,
        )
        for row in decided
        if statuses.get(row.id) == ResponseStatus.SUBMITTED.value
    ]


def _open_itns(own: str, now: datetime) -> list[WaitingItem]:
    open_now = [
        row
        for row in competitions.competitions_admitting(own)
        if row.stage == Stage.ITN_OPEN.value and _is_before_deadline(row, now)
    ]
    submitted = _lots_submitted(own, open_now)
    if not open_now:
        return []
    unconfirmed: dict[int, list[UnderVersion]] = {}
    for found in own_unconfirmed(identities.organisation_by_reference(own), *open_now):
        unconfirmed.setdefault(found.bid.competition_id, []).append(found)
    admitted = competitions.lots_admitted_to(own, *open_now)
    items = []
    for row in open_now:
        if row.id in unconfirmed:
            items.append(_to_confirm(row, unconfirmed[row.id]))
        lots = admitted[row.id]
        missing = len(lots - submitted.get(row.id, set()))
        if missing:
            items.append(
                WaitingItem(
                    "Submit your bids",
                    f"{missing} of your {len(lots)} {'lot' if len(lots) == 1 else 'lots'} "
                    f"{'has' if missing == 1 else 'have'} no submitted bid.",
                    "submission.bids",
                    {"reference": row.reference},
                    _deadline(row),
                    row.title,
                )
            )
    return items


def _to_confirm(row: Competition, unconfirmed: Sequence[UnderVersion]) -> WaitingItem:
    """The invitation has changed since these bids were submitted."""
    lots = ", ".join(found.bid.lot.name for found in unconfirmed)
    fails = any(not found.counts for found in unconfirmed)
    return WaitingItem(
        "The invitation changed: confirm your bids again or replace them",
        f"The change alters the form of the bid. What you do not confirm or replace does not count "
        f"after the deadline: {lots}."
        if fails
        else f"What you do not confirm stands as it is: {lots}.",
        "submission.bids",
        {"reference": row.reference},
        _deadline(row),
        row.title,
    )


def _response_statuses(own: str, rows: Sequence[Competition]) -> dict[int, str]:
    if not rows:
        return {}
    found = db.session.execute(
        select(SelectionResponse.competition_id, SelectionResponse.status)
        .join(SelectionResponse.organisation)
        .where(
            SelectionResponse.competition_id.in_([row.id for row in rows]),
            SelectionResponse.organisation.has(reference=own),
        )
    )
    return dict(found.tuples().all())


def _lots_submitted(own: str, rows: Sequence[Competition]) -> dict[int, set[str]]:
    if not rows:
        return {}
    found: dict[int, set[str]] = {}
    for bid in db.session.scalars(
        select(Bid)
        .join(Bid.lot)
        .options(contains_eager(Bid.lot))
        .where(
            Bid.competition_id.in_([row.id for row in rows]),
            Bid.organisation.has(reference=own),
            Bid.status == BidStatus.SUBMITTED.value,
        )
    ):
        found.setdefault(bid.competition_id, set()).add(bid.lot.reference)
    return found


def _is_before_deadline(row: Competition, now: datetime) -> bool:
    deadline = _deadline(row)
    return deadline is not None and now < deadline


def _deadline(row: Competition) -> datetime | None:
    found = competitions.open_deadline(row)
    return None if found is None else found.instant_utc


def _for_duty_officer(actor: Actor, now: datetime) -> list[WaitingItem]:
    """Requests for help, which nobody else is told of; urgent in the last hour."""
    return [
        WaitingItem(
            "A bidder asks for help",
            f"Received at {row.asked_at.astimezone(_LONDON):%H:%M:%S} (UK time), not answered yet.",
            "submission.help_request",
            {"request": row.reference},
            deadline_for_help(row.competition),
            row.competition.title,
            is_urgent=is_urgent,
        )
        for row, is_urgent in waiting_help_requests(actor, now)
    ]


def _for_team(actor: Actor, now: datetime) -> list[WaitingItem]:
    items = []
    mine = competitions.competitions_for(actor)
    about = competitions.facts_of_each(mine, now)
    proposed = competitions.events_proposed(*mine)
    replacements = open_replacements(*mine)
    undecided = with_undecided_late_bids(*mine)
    joined = joined_by(actor.reference, *mine)
    for row in mine:
        facts = about[row.id]
        replacement = replacements.get(row.id)
        if (
            may(actor, Permission.SUBMISSION_PREPARE_KEYS, facts)
            and row.opening_keys_sha256 is None
        ):
            items.append(
                _item(
                    row,
                    "Prepare the opening keys",
                    "The ITN cannot be issued before the keys are made and rehearsed.",
                    "submission.opening_keys",
                )
            )
        if (
            may(actor, Permission.SUBMISSION_HOLD_REHEARSAL, facts)
            and row.opening_keys_sha256 is not None
            and row.rehearsed_at is None
            and (row.id, Envelope.QUALITY, "rehearsal") not in joined
        ):
            items.append(
                _item(
                    row,
                    "Join the rehearsal of the opening",
                    "It shows that bids can be opened, before anybody bids.",
                    "submission.opening_keys",
                )
            )
        if (
            may(actor, Permission.SUBMISSION_RENEW_SHARES, facts)
            and replacement is not None
            and replacement.approved_by is not None
            and (row.id, Envelope.QUALITY, "renewal") not in joined
        ):
            items.append(
                _item(
                    row,
                    "Join the replacement of a key holder",
                    "Enough of you make fresh shares of the opening keys.",
                    "submission.opening_keys",
                )
            )
        if (
            replacement is not None
            and replacement.approved_by is None
            and may(
                actor,
                Permission.SUBMISSION_APPROVE_REPLACEMENT,
                replace(facts, proposer=replacement.proposed_by),
            )
        ):
            items.append(
                _item(
                    row,
                    "Approve the replacement of a key holder",
                    "The key holders then make fresh shares of the opening keys.",
                    "submission.opening_keys",
                )
            )
        is_undecided = row.id in undecided
        if (
            is_undecided
            and may(actor, Permission.SUBMISSION_PROPOSE_LATE_BID, facts)
            and (row.id, LATE_BID) not in proposed
        ):
            items.append(
                _item(
                    row,
                    "Propose what happens to a late bid",
                    "Nothing is opened before two people have accepted it or refused it.",
                    "submission.late_bids",
                )
            )
        for envelope, permission in (
            (Envelope.QUALITY, Permission.SUBMISSION_OPEN_QUALITY),
            (Envelope.PRICE, Permission.SUBMISSION_OPEN_PRICE),
        ):
            if is_undecided and envelope is Envelope.QUALITY:
                continue
            if may(actor, permission, facts) and (row.id, envelope, "opening") not in joined:
                items.append(
                    _item(
                        row,
                        f"Join the opening of the {envelope.value} envelopes",
                        "They open when enough key holders have joined.",
                        "submission.opening",
                    )
                )
    return items


def _item(row: Competition, title: str, detail: str, endpoint: str, **values: str) -> WaitingItem:
    return WaitingItem(
        title, detail, endpoint, {"reference": row.reference, **values}, context=row.title
    )
