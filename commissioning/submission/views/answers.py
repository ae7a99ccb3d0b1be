"""The answers of a bid with their files, and its price schedule."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries as competitions
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.submission import queries, services
from commissioning.submission.domain import file_limits
from commissioning.submission.domain.completeness import Question
from commissioning.submission.domain.envelopes import FileEntry
from commissioning.submission.domain.file_pieces import UPLOAD_PIECE_BYTES
from commissioning.submission.forms import FileForm, PlainForm, answer_form, price_form
from commissioning.submission.views.bids import READ, evaluated_price, shown
from commissioning.submission.views.frame import BidFrame, bid_frame, blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on

_WRITE = Permission.SUBMISSION_WRITE_BID
_URL = "/competitions/<string:reference>/bids/<string:lot>"


def question_of(frame: BidFrame, leaf: str) -> Question:
    """The question of an answer; NotFound where the competition asks none of this reference."""
    for question in queries.bid_questions(frame.competition):
        if question.reference == leaf:
            return question
    raise NotFound


def _back(frame: BidFrame) -> ResponseReturnValue:
    return redirect(url_for(".bid", reference=frame.reference, lot=frame.lot.reference), 303)


@blueprint.route(f"{_URL}/answers/<string:leaf>", methods=["GET", "POST"])
@requires(READ, _WRITE)
def answer(reference: str, lot: str, leaf: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    question = question_of(frame, leaf)
    form = answer_form(question)(data={leaf: frame.own.answers.get(leaf, "")})
    if form.validate_on_submit():
        with shown_on(form):
            services.save_quality_draft(
                current_actor(), *frame.place, {leaf: form[leaf].data or ""}, clock=clock()
            )
            flash(f"The answer to {leaf} is saved.")
            return _back(frame)
    page = shown(
        "answer",
        frame,
        form=form,
        question=question,
        files=[file for file in _files(frame) if file.leaf == leaf],
        plain=PlainForm(),
        room=_room(frame),
        uploads=_uploads(frame, leaf),
    )
    return page, form.status


def _uploads(frame: BidFrame, leaf: str) -> list[services.UnderWay]:
    """The files under way for an answer, with those of which nobody can say for which they are."""
    if not frame.may_write:
        return []
    found = services.uploads_under_way(current_actor(), *frame.place)
    return [one for one in found if one.announced is None or one.announced.leaf == leaf]


def _files(frame: BidFrame) -> tuple[FileEntry, ...]:
    return frame.own.quality.files if frame.own.quality is not None else ()


def _room(frame: BidFrame) -> dict[str, int]:
    """How many files a bid takes, and what this one has of them already."""
    files = _files(frame)
    return {
        "most_for_answer": file_limits.MOST_FILES_PER_ANSWER,
        "most_files": file_limits.MOST_FILES_PER_BID,
        "most_bytes": file_limits.MOST_BYTES_PER_BID,
        "files": len(files),
        "bytes": file_limits.bytes_of(files),
    }


@blueprint.route(f"{_URL}/answers/<string:leaf>/file", methods=["GET", "POST"])
@requires(READ, _WRITE)
def add_file(reference: str, lot: str, leaf: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    question = question_of(frame, leaf)
    form = FileForm()
    if form.validate_on_submit() and form.file.data is not None:
        upload = form.file.data
        with shown_on(form):
            added = services.add_file(
                current_actor(),
                *frame.place,
                leaf=leaf,
                file_name=upload.sent_name,
                media_type=upload.content_type,
                pieces=[upload.content],
                clock=clock(),
            )
            tell_added(added)
            return redirect(url_for(".answer", reference=reference, lot=lot, leaf=leaf), 303)
    page = shown(
        "add_file",
        frame,
        form=form,
        question=question,
        room=_room(frame),
        uploads=_uploads(frame, leaf),
        meant=request.args.get("upload", ""),
        piece_bytes=UPLOAD_PIECE_BYTES,
        plain=PlainForm(),
    )
    return page, form.status


def tell_added(added: FileEntry) -> None:
    """Say, on the next page, that a file is in, and what was found about it."""
    flash(" ".join([f"“{added.name}” is added.", *added.warnings]))


@blueprint.get(f"{_URL}/files/<string:file>")
@requires(READ)
def file(reference: str, lot: str, file: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    found = services.read_own_file(current_actor(), *frame.place, file)
    # Read to its end before the first byte leaves: a file that was changed is not sent in part.
    return attachment(b"".join(found.pieces), found.entry.name, found.entry.media_type)


@blueprint.post(f"{_URL}/answers/<string:leaf>/files/<string:file>/remove")
@requires(_WRITE)
def remove_file(reference: str, lot: str, leaf: str, file: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    services.remove_file(current_actor(), *frame.place, file, clock=clock())
    flash("The file is removed from the draft.")
    return redirect(url_for(".answer", reference=reference, lot=lot, leaf=leaf), 303)


@blueprint.route(f"{_URL}/price", methods=["GET", "POST"])
@requires(READ, _WRITE)
def price(reference: str, lot: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    model = competitions.evaluation_model(frame.competition)
    years = range(1, model.price.years + 1)
    form = price_form(model.price.years)(data=_typed_before(frame))
    if form.validate_on_submit():
        with shown_on(form):
            services.save_price_draft(
                current_actor(),
                *frame.place,
                fees_pence=[form[f"fee_{year}"].data for year in years],
                adjustments_pence=form.adjustments_pence.data or 0,
                note=form.note.data or "",
                clock=clock(),
            )
            flash("The price schedule is saved.")
            return redirect(url_for(".price", reference=reference, lot=lot), 303)
    page = shown(
        "price",
        frame,
        form=form,
        model=model.price,
        years=years,
        price_pence=evaluated_price(frame),
    )
    return page, form.status


def _typed_before(frame: BidFrame) -> dict[str, object]:
    drafted = frame.own.price
    if drafted is None:
        return {}
    fees = {f"fee_{year}": fee for year, fee in enumerate(drafted.fees_pence, start=1)}
    return {
        **fees,
        "adjustments_pence": drafted.adjustments_pence or None,
        "note": drafted.note,
    }
