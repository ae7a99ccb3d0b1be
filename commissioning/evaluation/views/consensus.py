"""Consensus: marks beside each other once all are in, the agreed mark, and who agrees to it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competition_queries
from commissioning.competition.domain.wording import CLOSING_RULES
from commissioning.evaluation import queries, services
from commissioning.evaluation.forms import ActForm, AgreedMarkForm, DissentForm
from commissioning.evaluation.models import Assignment, Consensus
from commissioning.evaluation.queries import Sheet
from commissioning.evaluation.views.frame import Frame, blueprint, framed, shown
from commissioning.identity import queries as identity_queries
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission, may, require
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

_READ = Permission.EVALUATION_READ_MARKS


@blueprint.get("/evaluation/consensus/<string:lot>/<string:criterion>")
@requires(_READ)
def consensus(reference: str, lot: str, criterion: str) -> ResponseReturnValue:
    """Every mark of a sheet beside the others, with what was agreed."""
    frame, whole = _readable(reference, lot, criterion)
    standing = queries.consensus_on(whole)
    me = frame.actor.reference
    names = _names(whole)
    silent = [
        key
        for key, row in standing.items()
        if row.closed_at is None and not any(a.evaluator == me for a in row.agreements)
    ]
    return shown(
        "consensus",
        frame,
        sheet=whole,
        marks=queries.submitted_marks(whole),
        standing=standing,
        evaluators=_by_name(whole, names),
        names=names,
        closing_rule=_closing_rule(frame),
        may_record=_may_record(frame, whole),
        may_agree=_may_agree(frame, whole) and bool(silent) and len(standing) == len(whole.items),
    )


@blueprint.route("/evaluation/agreed-marks/<string:bid>/<string:leaf>", methods=["GET", "POST"])
@requires(_READ)
def agreed_mark(reference: str, bid: str, leaf: str) -> ResponseReturnValue:
    """One answer: the marks with their reasons, the agreed mark with its history."""
    frame = framed(reference)
    whole = _allowed(frame, queries.sheet_of_answer(reference, bid, leaf))
    item = whole.item(bid, leaf)
    versions = queries.consensus_versions(whole).get((bid, leaf), [])
    standing = versions[-1] if versions and versions[-1].superseded_at is None else None
    form = AgreedMarkForm(obj=standing)
    form.offer(competition_queries.evaluation_model(frame.competition).descriptors)
    if form.validate_on_submit():
        with shown_on(form):
            act = services.change_consensus if standing else services.record_consensus
            entry = {(bid, leaf): (form.mark.data, form.reason.data)}
            act(
                current_actor(),
                reference,
                whole.lot.reference,
                whole.criterion.reference,
                entry,
                clock=clock(),
            )
            flash(f"The agreed mark for {leaf} of {item[0].organisation.name} is recorded.")
            return redirect(_next_to_record(frame, whole), 303)
    own = None
    if standing is not None:
        own = next((a for a in standing.agreements if a.evaluator == frame.actor.reference), None)
    names = _names(whole, versions)
    page = shown(
        "agreed_mark",
        frame,
        sheet=whole,
        bid=item[0],
        leaf=item[1],
        marks=queries.submitted_marks(whole).get((bid, leaf), {}),
        versions=list(reversed(versions)),
        standing=standing,
        own=own,
        evaluators=_by_name(whole, names),
        names=names,
        form=form,
        may_record=_may_record(frame, whole),
        may_speak=_may_agree(frame, whole) and standing is not None and standing.closed_at is None,
        act=ActForm(),
    )
    return page, form.status


@blueprint.route(
    "/evaluation/consensus/<string:lot>/<string:criterion>/agree", methods=["GET", "POST"]
)
@requires(Permission.EVALUATION_AGREE_CONSENSUS)
def agree(reference: str, lot: str, criterion: str) -> ResponseReturnValue:
    """Every agreed mark of a sheet on which the evaluator has not spoken, to agree to at once."""
    frame, whole = _readable(reference, lot, criterion)
    facts = queries.facts_on(whole, frame.actor, frame.now, role=Role.EVALUATOR)
    require(frame.actor, Permission.EVALUATION_AGREE_CONSENSUS, facts)
    form = ActForm()
    if form.validate_on_submit():
        with shown_on(form):
            closed = services.agree_consensus(
                current_actor(), reference, lot, criterion, clock=clock()
            )
            flash(
                "You have agreed. This closes what everyone has spoken on."
                if closed
                else "You have agreed. It closes when everyone has spoken."
            )
            return redirect(frame.href("marking"), 303)
    return shown(
        "agree",
        frame,
        sheet=whole,
        form=form,
        closing_rule=_closing_rule(frame),
        standing=queries.consensus_on(whole),
        own=queries.marks_of(whole, frame.actor.reference),
    ), form.status


@blueprint.route(
    "/evaluation/agreed-marks/<string:bid>/<string:leaf>/dissent", methods=["GET", "POST"]
)
@requires(Permission.EVALUATION_AGREE_CONSENSUS)
def dissent(reference: str, bid: str, leaf: str) -> ResponseReturnValue:
    frame = framed(reference)
    whole = _allowed(frame, queries.sheet_of_answer(reference, bid, leaf))
    facts = queries.facts_on(whole, frame.actor, frame.now, role=Role.EVALUATOR)
    require(frame.actor, Permission.EVALUATION_AGREE_CONSENSUS, facts)
    item = whole.item(bid, leaf)
    standing = queries.consensus_on(whole).get((bid, leaf))
    if standing is None:
        raise NotFound
    form = DissentForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.dissent(
                current_actor(), reference, bid, leaf, reason=form.reason.data, clock=clock()
            )
            flash(f"Your dissent on {leaf} of {item[0].organisation.name} is recorded.")
            return redirect(_sheet_href(frame, whole), 303)
    page = shown(
        "dissent", frame, sheet=whole, bid=item[0], leaf=item[1], standing=standing, form=form
    )
    return page, form.status


@blueprint.post("/evaluation/agreed-marks/<string:bid>/<string:leaf>/agree")
@requires(Permission.EVALUATION_AGREE_CONSENSUS)
def withdraw_dissent(reference: str, bid: str, leaf: str) -> ResponseReturnValue:
    services.withdraw_dissent(current_actor(), reference, bid, leaf, clock=clock())
    flash("You agree to this mark now. Your dissent stays in the trail.")
    return redirect(framed(reference).href("agreed_mark", bid=bid, leaf=leaf), 303)


def _readable(reference: str, lot: str, criterion: str) -> tuple[Frame, Sheet]:
    frame = framed(reference)
    return frame, _allowed(frame, queries.sheet(frame.competition, lot, criterion))


def _allowed(frame: Frame, whole: Sheet) -> Sheet:
    """The sheet, for whoever may read its marks: nobody before every evaluator has submitted."""
    require(frame.actor, _READ, queries.facts_on(whole, frame.actor, frame.now))
    return whole


def _closing_rule(frame: Frame) -> str:
    """How an agreed mark closes here, as the published model says."""
    return CLOSING_RULES[competition_queries.evaluation_model(frame.competition).closing_rule]


def _sheet_href(frame: Frame, whole: Sheet) -> str:
    return frame.href("consensus", lot=whole.lot.reference, criterion=whole.criterion.reference)


def _may_record(frame: Frame, whole: Sheet) -> bool:
    facts = queries.facts_on(whole, frame.actor, frame.now, role=Role.MODERATOR)
    return may(frame.actor, Permission.EVALUATION_RECORD_CONSENSUS, facts)


def _may_agree(frame: Frame, whole: Sheet) -> bool:
    facts = queries.facts_on(whole, frame.actor, frame.now, role=Role.EVALUATOR)
    return may(frame.actor, Permission.EVALUATION_AGREE_CONSENSUS, facts)


def _names(whole: Sheet, versions: Iterable[Consensus] = ()) -> dict[str, str]:
    people = {a.person for a in whole.assignments}
    for row in versions:
        people.add(row.moderator)
        people.update(a.evaluator for a in row.agreements)
    return identity_queries.names_of(people)


def _by_name(whole: Sheet, names: dict[str, str]) -> list[Assignment]:
    return sorted(whole.evaluators, key=lambda a: (names.get(a.person, ""), a.person))


def _next_to_record(frame: Frame, whole: Sheet) -> str:
    """The next answer of the sheet without an agreed mark; the sheet when all have one."""
    standing = queries.consensus_on(whole)
    for bid, leaf in whole.items:
        if (bid.reference, leaf.reference) not in standing:
            return frame.href("agreed_mark", bid=bid.reference, leaf=leaf.reference)
    return _sheet_href(frame, whole)
