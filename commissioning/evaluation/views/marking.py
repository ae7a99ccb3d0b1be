"""Marking: a person's sheets, one answer at a time, and the check before a sheet is submitted."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competition_queries
from commissioning.evaluation import queries, services
from commissioning.evaluation.domain.text import numbered_paragraphs, paragraphs_with_money
from commissioning.evaluation.forms import ActForm, MarkForm
from commissioning.evaluation.queries import Item, Sheet
from commissioning.evaluation.views.frame import Frame, blueprint, framed, shown
from commissioning.kernel.actor import Role
from commissioning.permissions import Permission, may, require
from commissioning.submission import queries as submission_queries
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on

_READ = Permission.SUBMISSION_READ_QUALITY_ENVELOPE


@blueprint.get("/evaluation/marking")
@requires(
    Permission.EVALUATION_MARK,
    Permission.EVALUATION_RECORD_CONSENSUS,
    Permission.EVALUATION_AGREE_CONSENSUS,
)
def marking(reference: str) -> ResponseReturnValue:
    """The sheets of the person who asks: to mark, to moderate, to agree to."""
    frame = framed(reference)
    # The list says only what is one's own: whoever could hold a sheet may look whether they do.
    # The list says itself which answers a declared interest has closed, and shows none of them.
    frame.require(_READ, is_assigned=True, interests=frozenset())
    sheets = queries.own_sheets(frame.actor.reference, frame.competition)
    return shown(
        "marking",
        frame,
        to_mark=[sheet for sheet in sheets if sheet.is_evaluator],
        to_moderate=[sheet for sheet in sheets if not sheet.is_evaluator],
    )


@blueprint.get("/evaluation/sheets/<string:lot>/<string:criterion>")
@requires(_READ)
def sheet(reference: str, lot: str, criterion: str) -> ResponseReturnValue:
    """The answers of one criterion on one lot; an evaluator's own marks stand beside them."""
    frame = framed(reference)
    whole = queries.sheet(frame.competition, lot, criterion)
    facts = queries.facts_on(whole, frame.actor, frame.now)
    require(frame.actor, _READ, facts)
    assignment = whole.assignment_of(frame.actor.reference, Role.EVALUATOR)
    marks = queries.marks_of(whole, frame.actor.reference) if assignment else {}
    return shown(
        "sheet",
        frame,
        sheet=whole,
        assignment=assignment,
        marks=marks,
        is_moderator=whole.assignment_of(frame.actor.reference, Role.MODERATOR) is not None,
        may_mark=_may_mark(frame, whole),
        may_read_marks=may(frame.actor, Permission.EVALUATION_READ_MARKS, facts),
        missing=len(whole.items) - len(marks),
    )


@blueprint.route("/evaluation/answers/<string:bid>/<string:leaf>", methods=["GET", "POST"])
@requires(_READ)
def answer(reference: str, bid: str, leaf: str) -> ResponseReturnValue:
    """One answer with its question and files, and for its evaluator the mark and the reason."""
    frame = framed(reference)
    whole = queries.sheet_of_answer(reference, bid, leaf)
    require(frame.actor, _READ, queries.facts_on(whole, frame.actor, frame.now))
    item = whole.item(bid, leaf)
    may_mark = _may_mark(frame, whole)
    is_evaluator = whole.assignment_of(frame.actor.reference, Role.EVALUATOR) is not None
    marks = queries.marks_of(whole, frame.actor.reference) if is_evaluator else {}
    mark = marks.get((bid, leaf))
    form = MarkForm(obj=mark)
    form.offer(competition_queries.evaluation_model(frame.competition).descriptors)
    before, after = _neighbours(whole.items, item)
    if form.validate_on_submit():
        with shown_on(form):
            services.save_mark(
                current_actor(),
                reference,
                bid,
                leaf,
                mark=form.mark.data,
                reason=form.reason.data,
                clock=clock(),
            )
            flash(f"The mark for {leaf} of {item[0].organisation.name} is saved.")
            return redirect(_onward(frame, whole, after), 303)
    document = submission_queries.quality_document(item[0])
    paragraphs = numbered_paragraphs(document.answers.get(leaf, ""))
    page = shown(
        "answer",
        frame,
        sheet=whole,
        bid=item[0],
        leaf=item[1],
        place=whole.items.index(item) + 1,
        paragraphs=paragraphs,
        with_money=paragraphs_with_money(paragraphs),
        files=document.files_for(leaf),
        mark=mark,
        form=form,
        may_mark=may_mark,
        before=before,
        after=after,
    )
    return page, form.status


@blueprint.get("/evaluation/answers/<string:bid>/<string:leaf>/files/<string:file>")
@requires(_READ, records=True)
def bid_file(reference: str, bid: str, leaf: str, file: str) -> ResponseReturnValue:
    """A file of an answer, to take away; each taking is recorded, and what a scanner finds."""
    read = services.read_bid_file(current_actor(), reference, bid, leaf, file, clock=clock())
    if read.harm:
        frame = framed(reference)
        page = shown("harmful_file", frame, file=read.entry, harm=read.harm, bid=bid, leaf=leaf)
        return page, 422  # keeps the record, and hands out nothing
    return attachment(b"".join(read.pieces), read.entry.name, "application/octet-stream")


@blueprint.route(
    "/evaluation/sheets/<string:lot>/<string:criterion>/submit", methods=["GET", "POST"]
)
@requires(Permission.EVALUATION_MARK)
def submit_sheet(reference: str, lot: str, criterion: str) -> ResponseReturnValue:
    """Everything that will be submitted, to be checked once more."""
    frame = framed(reference)
    whole = queries.sheet(frame.competition, lot, criterion)
    facts = queries.facts_on(whole, frame.actor, frame.now, role=Role.EVALUATOR)
    require(frame.actor, Permission.EVALUATION_MARK, facts)
    form = ActForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.submit_marks(current_actor(), reference, lot, criterion, clock=clock())
            flash(f"Your marks for {whole.criterion.name}, {whole.lot.name}, are submitted.")
            return redirect(frame.href("marking"), 303)
    marks = queries.marks_of(whole, frame.actor.reference)
    assignment = whole.assignment_of(frame.actor.reference, Role.EVALUATOR)
    page = shown(
        "submit_sheet",
        frame,
        sheet=whole,
        marks=marks,
        form=form,
        missing=len(whole.items) - len(marks),
        is_submitted=assignment is not None and assignment.submitted_at is not None,
    )
    return page, form.status


def _may_mark(frame: Frame, whole: Sheet) -> bool:
    assignment = whole.assignment_of(frame.actor.reference, Role.EVALUATOR)
    facts = queries.facts_on(whole, frame.actor, frame.now, role=Role.EVALUATOR)
    return (
        assignment is not None
        and assignment.submitted_at is None
        and may(frame.actor, Permission.EVALUATION_MARK, facts)
    )


def _neighbours(items: Sequence[Item], item: Item) -> tuple[Item | None, Item | None]:
    place = items.index(item)
    return (
        items[place - 1] if place > 0 else None,
        items[place + 1] if place + 1 < len(items) else None,
    )


def _onward(frame: Frame, whole: Sheet, after: Item | None) -> str:
    """The next answer of the sheet; after the last, the sheet itself."""
    if after is None:
        return frame.href("sheet", lot=whole.lot.reference, criterion=whole.criterion.reference)
    return frame.href("answer", bid=after[0].reference, leaf=after[1].reference)
