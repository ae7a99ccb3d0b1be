"""A file that was loaded before, for another answer or another lot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.permissions import Permission
from commissioning.submission import services
from commissioning.submission.forms import LoadedForm
from commissioning.submission.views.answers import question_of, tell_added
from commissioning.submission.views.bids import READ, shown
from commissioning.submission.views.frame import bid_frame, blueprint
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on
from commissioning.web.filters import file_size

_WRITE = Permission.SUBMISSION_WRITE_BID
_URL = "/competitions/<string:reference>/bids/<string:lot>/answers/<string:leaf>/loaded-file"


@blueprint.route(_URL, methods=["GET", "POST"])
@requires(READ, _WRITE)
def loaded_file(reference: str, lot: str, leaf: str) -> ResponseReturnValue:
    frame = bid_frame(reference, lot)
    question = question_of(frame, leaf)
    found = services.loaded_files(current_actor(), reference, frame.place[2])
    form = LoadedForm()
    form.offer(_offered(found, lot, leaf))
    if form.validate_on_submit():
        with shown_on(form):
            added = services.use_loaded_file(
                current_actor(), *frame.place, leaf=leaf, file=form.file.data or "", clock=clock()
            )
            tell_added(added)
            return redirect(url_for(".answer", reference=reference, lot=lot, leaf=leaf), 303)
    page = shown("loaded_file", frame, form=form, question=question, has_files=bool(found))
    return page, form.status


def _offered(
    found: Iterable[services.LoadedFile], lot: str, leaf: str
) -> Iterator[tuple[str, str, str]]:
    """Each file once, however often it is used, unless it goes with this very answer already."""
    uses: dict[tuple[str, str], list[services.LoadedFile]] = {}
    for one in found:
        uses.setdefault((one.entry.sha256, one.entry.name), []).append(one)
    for same in uses.values():
        if any(one.lot.reference == lot and one.entry.leaf == leaf for one in same):
            continue
        entry = same[0].entry
        where = "; ".join(dict.fromkeys(f"{one.entry.leaf} in {one.lot.name}" for one in same))
        yield entry.reference, f"{entry.name} ({file_size(entry.size)})", f"Used for {where}."
