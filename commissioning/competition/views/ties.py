"""The ties that count: what was kept at the deadline, and what two people decided since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain.lifecycle import CORRECTION
from commissioning.competition.domain.ties import Act, Correction, TiesOfRecord
from commissioning.competition.forms import TieForm, TieReasonForm
from commissioning.competition.models import Decision, TieRecord
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.identity import queries as identity
from commissioning.identity import services as identity_services
from commissioning.identity.domain.ties import TieKind
from commissioning.kernel.errors import BadInput, NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on


@blueprint.get("/<string:reference>/ties")
@requires(Permission.COMPETITION_READ_TIES)
def ties(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_READ_TIES)
    records = queries.tie_records(frame.competition)
    found = queries.ties_of_record(frame.competition) if records else TiesOfRecord()
    names = _names(found)
    by_two = _decided(records)
    return shown(
        "ties",
        frame,
        records=list(records),
        counting=[_row(tie, names, by_two) for tie in found.counting],
        open_ones=[
            _row((one.kind, one.first, one.second), names, by_two)
            | {"status": one.status, "declared_by": names.get(one.declared_by, "")}
            for one in found.unconfirmed
            if (one.kind, one.first, one.second) not in found.counting
        ],
        people=identity.names_of(
            person
            for record in records
            if record.decision is not None
            for person in (record.decision.proposed_by, record.decision.decided_by)
            if person
        ),
        told=_told_of(records),
        waiting=queries.open_decision_for(frame.competition, CORRECTION),
        may_propose=frame.may(Permission.COMPETITION_PROPOSE_TIES),
    )


@blueprint.route(
    "/<string:reference>/ties/<string:act>/<string:kind>/<string:first>/<string:second>",
    methods=["GET", "POST"],
)
@requires(Permission.COMPETITION_PROPOSE_TIES)
def propose_tie(
    reference: str, act: str, kind: str, first: str, second: str
) -> ResponseReturnValue:
    """A tie that the page of ties names: it counts, or it does not."""
    frame = team_frame(reference, Permission.COMPETITION_PROPOSE_TIES)
    names = identity.names_of([first, second])
    if act not in set(Act) or kind not in set(TieKind) or len(names) != 2:
        raise NotFound
    correction = Correction(Act(act), TieKind(kind), first, second)
    form = TieReasonForm()
    if form.validate_on_submit():
        with shown_on(form):
            return _proposed(reference, correction, form.reason.data)
    sentence = TieKind(kind).in_words(names[first], names[second])
    return shown("propose_tie", frame, form=form, act=act, sentence=sentence), form.status


@blueprint.route("/<string:reference>/ties/put", methods=["GET", "POST"])
@requires(Permission.COMPETITION_PROPOSE_TIES)
def put_tie(reference: str) -> ResponseReturnValue:
    """A tie that no organisation declared."""
    frame = team_frame(reference, Permission.COMPETITION_PROPOSE_TIES)
    form = TieForm()
    form.bidder.choices = sorted(
        {
            (row.organisation.reference, row.organisation.name)
            for row in queries.admissions_of(frame.competition)
        },
        key=lambda pair: pair[1].casefold(),
    )
    if form.validate_on_submit():
        with shown_on(form):
            try:
                other = identity_services.other_organisation(form.scheme.data, form.other.data)
            except BadInput as wrong:
                raise BadInput("other", wrong.sentence) from wrong
            correction = Correction(Act.PUT, *form.tie(other.reference))
            return _proposed(reference, correction, form.reason.data)
    return shown("put_tie", frame, form=form), form.status


def correction_in_words(decision: Decision, names: dict[str, str] | None = None) -> str:
    """What a decision on a tie says, for the page on which the second person decides."""
    correction = Correction.from_dict(decision.payload)
    if names is None:
        names = identity.names_of([correction.first, correction.second])
    tie = correction.kind.in_words(names[correction.first], names[correction.second])
    return f"{tie}: this {'counts' if correction.act is Act.PUT else 'does not count'} here."


def _proposed(reference: str, correction: Correction, reason: str) -> ResponseReturnValue:
    made = services.propose_tie(
        current_actor(), reference, correction, reason=reason, clock=clock()
    )
    flash("It is proposed. An approver decides on it.")
    return redirect(url_for(".decision", reference=reference, decision=made.reference), 303)


def _told_of(records: Sequence[TieRecord]) -> list[dict[str, Any] | None]:
    """What each version corrected, with the names of all in one query."""
    corrected = [Correction.from_dict(row.decision.payload) for row in records if row.decision]
    names = identity.names_of(end for one in corrected for end in (one.first, one.second))
    return [
        {"sentence": correction_in_words(row.decision, names), "decision": row.decision}
        if row.decision
        else None
        for row in records
    ]


def _names(found: TiesOfRecord) -> dict[str, str]:
    return identity.names_of(
        end
        for one, other in (
            *((first, second) for _kind, first, second in found.counting),
            *((row.first, row.second) for row in found.unconfirmed),
        )
        for end in (one, other)
    )


def _decided(records: Any) -> set[tuple[TieKind, str, str]]:
    """The ties that two people have put into the record."""
    every = (Correction.from_dict(one.decision.payload) for one in records if one.decision)
    return {(one.kind, one.first, one.second) for one in every if one.act is Act.PUT}


def _row(
    tie: tuple[TieKind, str, str],
    names: dict[str, str],
    by_two: set[tuple[TieKind, str, str]],
) -> dict[str, Any]:
    kind, first, second = tie
    return {
        "sentence": kind.in_words(names.get(first, first), names.get(second, second)),
        "kind": kind.value,
        "first": first,
        "second": second,
        "by_two": tie in by_two,
    }
