"""Documents of a competition, in versions that stay."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.models import Competition, DocumentVersion, TenderDocument
from commissioning.competition.services import mail
from commissioning.competition.services.typed import Faults
from commissioning.infrastructure import documents
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, NotFound
from commissioning.kernel.references import new_reference
from commissioning.permissions import Permission, require

PARTS = ("pqq", "itn")
_LONGEST_FILE_NAME = 200


class Measured:
    """Pieces on their way to the store, counted and hashed as they pass."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._hash = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._hash.update(piece)
            self.size += len(piece)
            yield piece

    @property
    def sha256(self) -> str:
        """The digest of what has passed."""
        return self._hash.hexdigest()


def add_document(
    actor: Actor,
    competition: str,
    *,
    title: str,
    part: str,
    file_name: str,
    media_type: str,
    pieces: Iterable[bytes],
    document: str | None = None,
    clock: Clock,
) -> DocumentVersion:
    """A document, or a new version of one, is added until the ITN; no version is ever replaced.

    `part` says with which issue it goes out, "pqq" or "itn"; `document` is the reference of the one
    of which this is a new version, None for a new document. `pieces` go to the document store as
    they come. Where that issue is made already, everyone concerned is told. Raises NotFound,
    Forbidden, BadInput(s).
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_DOCUMENTS, queries.facts(row, now))
    faults = Faults()
    title = faults.line("title", title, what="the title of the document")
    if part not in PARTS:
        faults.add("part", "Choose whether it goes out with the PQQ or with the ITN.")
    name = checked_file_name(faults, file_name)
    faults.refuse()
    kept = None if document is None else own_document(row, document)
    measured = Measured(pieces)
    key = documents.store().put(measured)
    if not measured.size:
        documents.store().delete(key)
        raise BadInput("file", "The file is empty. Choose another.")
    owner = _document(row, kept, title, part)
    version = DocumentVersion(
        version=len(owner.versions) + 1,
        file_name=name,
        media_type=media_type,
        size_bytes=measured.size,
        sha256=measured.sha256,
        store_key=key,
        added_by=actor.reference,
        added_at=now,
    )
    owner.versions.append(version)
    db.session.flush()
    if owner.part in queries.issued_parts(row):
        mail.tell(queries.everyone_concerned(row), row, "has a new version of a document", at=now)
    _record(actor, row, owner, version, at=now)
    return version


def _document(
    competition: Competition, kept: TenderDocument | None, title: str, part: str
) -> TenderDocument:
    if kept is not None:
        kept.title = title
        return kept
    made = TenderDocument(
        reference=new_reference("DOC"), competition=competition, title=title, part=part, versions=[]
    )
    db.session.add(made)
    return made


def own_document(competition: Competition, reference: str) -> TenderDocument:
    """A document of the competition; NotFound where it has none of that reference."""
    for document in queries.documents_of(competition):
        if document.reference == reference:
            return document
    raise NotFound


def checked_file_name(faults: Faults, typed: str) -> str:
    """The name of the file alone: no folder, nothing that a page or a shell would read as more."""
    name = PurePosixPath(typed.replace("\\", "/")).name
    name = unicodedata.normalize("NFC", name).strip()
    if not name or name in {".", ".."}:
        faults.add("file", "Choose a file with a name.")
    elif len(name) > _LONGEST_FILE_NAME:
        faults.add("file", f"Give the file a name of {_LONGEST_FILE_NAME} characters or fewer.")
    elif any(unicodedata.category(character)[0] == "C" for character in name):
        faults.add("file", "The name of the file holds invisible characters. Rename it.")
    return name


def _record(
    actor: Actor,
    competition: Competition,
    document: TenderDocument,
    version: DocumentVersion,
    *,
    at: datetime,
) -> None:
    audit.record(
        actor,
        Event.DOCUMENT_VERSION_ADDED,
        Subject("document", document.reference),
        {
            "title": document.title,
            "part": document.part,
            "version": version.version,
            "sha256": version.sha256,
            "size_bytes": version.size_bytes,
        },
        at=at,
        stream=competition_stream(competition.reference),
    )
