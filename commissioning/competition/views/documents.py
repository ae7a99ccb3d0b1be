"""Documents of a competition, in versions that stay."""

from __future__ import annotations

import mimetypes
from typing import Any

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.forms import DocumentForm, DocumentVersionForm
from commissioning.competition.models import Competition, TenderDocument
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.identity import queries as identity
from commissioning.infrastructure import documents as store
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment
from commissioning.web.errors import shown_on
from commissioning.web.fields import Upload

PARTS = {"pqq": "With the PQQ", "itn": "With the ITN"}


@blueprint.get("/<string:reference>/documents")
@requires(Permission.COMPETITION_READ)
def documents(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    held = queries.documents_of(frame.competition)
    names = identity.names_of(version.added_by for row in held for version in row.versions)
    return shown(
        "documents",
        frame,
        documents=held,
        parts=PARTS,
        names=names,
        issued=queries.issued_parts(frame.competition),
        may_change=frame.may(Permission.COMPETITION_PROPOSE_CHANGE),
        in_hand=queries.drafted_change(frame.competition),
        version=queries.invitation_version(frame.competition),
    )


@blueprint.route("/<string:reference>/add-document", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_DOCUMENTS)
def add_document(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_DOCUMENTS)
    form = DocumentForm()
    if form.validate_on_submit():
        with shown_on(form):
            services.add_document(
                current_actor(),
                reference,
                title=form.title.data,
                part=form.part.data,
                clock=clock(),
                **_file(form.file.data),
            )
            flash(f"“{form.title.data}” is added.")
            return redirect(url_for(".documents", reference=reference), 303)
    return shown("add_document", frame, form=form), form.status


@blueprint.route("/<string:reference>/documents/<string:document>/new", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_DOCUMENTS)
def new_version(reference: str, document: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_DOCUMENTS)
    row = _own(frame.competition, document)
    form = DocumentVersionForm()
    if form.validate_on_submit():
        with shown_on(form):
            made = services.add_document(
                current_actor(),
                reference,
                title=row.title,
                part=row.part,
                document=document,
                clock=clock(),
                **_file(form.file.data),
            )
            flash(f"Version {made.version} of “{row.title}” is added.")
            return redirect(url_for(".documents", reference=reference), 303)
    return shown("new_version", frame, form=form, document=row), form.status


@blueprint.get("/<string:reference>/documents/<string:document>/<int:version>")
@requires(Permission.COMPETITION_READ, Permission.COMPETITION_READ_PUBLISHED)
def download(reference: str, document: str, version: int) -> Response:
    """For the team always; for everybody from the issue with which the document goes out."""
    found = queries.readable_document_version(current_actor(), document, version, now=clock().now())
    if found.document.competition.reference != reference:
        raise NotFound
    try:
        if not store.store().exists(found.store_key):
            raise NotFound
    except KeyError as error:
        raise NotFound from error
    return attachment(store.store().read(found.store_key), found.file_name, found.media_type)


def _file(upload: Upload) -> dict[str, Any]:
    """A file as the service takes it; its kind is told by its name, not by the browser."""
    kind, _encoding = mimetypes.guess_type(upload.filename)
    return {
        "file_name": upload.filename,
        "media_type": kind or "application/octet-stream",
        "pieces": [upload.content],
    }


def _own(competition: Competition, reference: str) -> TenderDocument:
    for row in queries.documents_of(competition):
        if row.reference == reference:
            return row
    raise NotFound
