"""Files that a browser sends in pieces: asked by its script, answered in JSON.

Everything here can be done without a script as well: a file in one request, and a button to discard
what is under way.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from commissioning.kernel.errors import BadInput
from commissioning.kernel.file_names import safe_file_name
from commissioning.permissions import Permission
from commissioning.submission import services
from commissioning.submission.forms import AnnouncedForm, FileForm, PlainForm
from commissioning.submission.views.answers import question_of, tell_added
from commissioning.submission.views.frame import bid_frame, blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.fields import Form
from commissioning.web.filters import file_size, moment

_WRITE = Permission.SUBMISSION_WRITE_BID
_URL = "/competitions/<string:reference>/bids/<string:lot>/answers/<string:leaf>/uploads"


@blueprint.post(_URL)
@requires(_WRITE)
def begin_upload(reference: str, lot: str, leaf: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    question_of(frame, leaf)
    form, another = AnnouncedForm(), ""
    if form.validate_on_submit():
        with shown_on(form):
            _check_size(form)
            try:
                found = services.begin_upload(
                    current_actor(),
                    *frame.place,
                    leaf=leaf,
                    file_name=form.file_name.data or "",
                    media_type=form.media_type.data or "",
                    size=form.bytes_announced,
                    digests=(form.digests.data or "").split(),
                    upload=form.upload.data or "",
                    anew=form.anew.data == "yes",
                    clock=clock(),
                )
            except services.AnotherFile as error:
                another = error.upload
                raise
            return _told(reference, lot, leaf, found)
    return _refused(form, another)


def _check_size(form: AnnouncedForm) -> None:
    """The operator's own limit, said before a byte is sent."""
    most = FileForm().file.max_bytes
    if form.bytes_announced > most:
        name = safe_file_name(form.file_name.data or "")
        raise BadInput(
            "file",
            f"“{name}” is {file_size(form.bytes_announced)}; the largest file that can be taken is "
            f"{file_size(most)}. Choose a smaller file.",
        )


@blueprint.post(f"{_URL}/<string:upload>/pieces/<int:number>")
@requires(_WRITE)
def add_piece(reference: str, lot: str, leaf: str, upload: str, number: int) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    form, is_unfit = PlainForm(), False
    if form.validate_on_submit():
        with shown_on(form):
            try:
                found = services.add_piece(
                    current_actor(),
                    *frame.place,
                    upload,
                    number=number,
                    content=request.get_data(),
                    clock=clock(),
                )
            except services.UnfitFile:
                is_unfit = True
                raise
            if found.entry is not None:
                tell_added(found.entry)
            return _told(reference, lot, leaf, found)
    return _refused(form, is_unfit=is_unfit)


@blueprint.post(f"{_URL}/<string:upload>/discard")
@requires(_WRITE)
def discard_upload(reference: str, lot: str, leaf: str, upload: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    services.discard_upload(current_actor(), *frame.place, upload, clock=clock())
    flash("What had arrived of the file is discarded.")
    return redirect(url_for(".answer", reference=reference, lot=lot, leaf=leaf), 303)


def _told(reference: str, lot: str, leaf: str, found: services.UnderWay) -> dict[str, Any]:
    """Which pieces are here, where the others go, and where to go when the file is in."""
    if found.became is not None:
        return {"done": url_for(".answer", reference=reference, lot=lot, leaf=leaf)}
    base = url_for(".begin_upload", reference=reference, lot=lot, leaf=leaf)
    return {
        "upload": found.upload,
        "pieces": f"{base}/{found.upload}/pieces/",
        "discard": f"{base}/{found.upload}/discard",
        "has": list(found.has),
        "keptUntil": moment(found.kept_until),
    }


def _refused(
    form: Form, another: str = "", *, is_unfit: bool = False
) -> tuple[dict[str, Any], int]:
    """Why not: `another` is the upload that the file is not, `isUnfit` a file never to be taken."""
    sentences = " ".join(problem.sentence for problem in form.error_list)
    return {"error": sentences, "another": another, "isUnfit": is_unfit}, 422
