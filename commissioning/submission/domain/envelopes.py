"""What lies in an envelope: the one canonical document of each, and how it is read back.

Quality holds the answers and the list of files with their keys; price holds the yearly fees. Each
carries a salt, so that its digest, which stands on receipts and in the trail, can be compared with
no guess of the content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from commissioning.kernel.canonical import sha256_hex
from commissioning.submission.domain.file_findings import warnings_of
from commissioning.submission.domain.sealing import Envelope, Place, SealBroken


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a bid: what it answers, what it is, and the key that opens it.

    `size` is in bytes and `sha256` of the file in clear; `key` is 64 hexadecimal digits.
    `findings` names what the bidder was told of the file when it arrived (`file_findings`).
    """

    reference: str
    leaf: str
    name: str
    media_type: str
    size: int
    sha256: str
    key: str = field(repr=False)
    findings: Sequence[str] = ()

    @property
    def warnings(self) -> list[str]:
        """What was found about the file, in sentences for its bidder and its readers."""
        return warnings_of(self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The entry as it stands in the quality document; findings only where there are any."""
        entry: dict[str, Any] = {
            "reference": self.reference,
            "leaf": self.leaf,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
            "key": self.key,
        }
        return {**entry, "findings": list(self.findings)} if self.findings else entry


@dataclass(frozen=True, slots=True)
class QualityDocument:
    """The quality envelope's content: answers {leaf: text} and files."""

    place: Place
    salt: str
    answers: Mapping[str, str] = field(repr=False)
    files: tuple[FileEntry, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The canonical document; an empty answer is left out, as if it was never begun."""
        return {
            **_place_to_dict(self.place, Envelope.QUALITY),
            "salt": self.salt,
            "answers": {leaf: text for leaf, text in self.answers.items() if text},
            "files": [file.to_dict() for file in self.files],
        }

    @property
    def sha256(self) -> str:
        """The digest that the receipt names."""
        return sha256_hex(self.to_dict())

    def answering(self, answers: Mapping[str, str], *, salt: str) -> QualityDocument:
        """The same document with these answers put in place of those to the same questions."""
        return replace(self, answers={**self.answers, **answers}, salt=salt)

    def with_file(self, file: FileEntry, *, salt: str) -> QualityDocument:
        """The same document with one file more."""
        return replace(self, files=(*self.files, file), salt=salt)

    def without_file(self, reference: str, *, salt: str) -> QualityDocument:
        """The same document without a file."""
        kept = tuple(file for file in self.files if file.reference != reference)
        return replace(self, files=kept, salt=salt)

    def file(self, reference: str) -> FileEntry | None:
        """The file of this reference, if it lies in the envelope."""
        return next((file for file in self.files if file.reference == reference), None)

    def files_for(self, leaf: str) -> tuple[FileEntry, ...]:
        """The files that belong to one answer."""
        return tuple(file for file in self.files if file.leaf == leaf)


@dataclass(frozen=True, slots=True)
class PriceDocument:
    """The price envelope's content: yearly fees and adjustments in pence, and a note."""

    place: Place
    salt: str
    fees_pence: tuple[int, ...] = field(repr=False)
    adjustments_pence: int = field(default=0, repr=False)
    note: str = field(default="", repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The canonical document."""
        return {
            **_place_to_dict(self.place, Envelope.PRICE),
            "salt": self.salt,
            "fees_pence": list(self.fees_pence),
            "adjustments_pence": self.adjustments_pence,
            "note": self.note,
        }

    @property
    def sha256(self) -> str:
        """The digest that the receipt names."""
        return sha256_hex(self.to_dict())


def quality_from(document: Mapping[str, Any], place: Place) -> QualityDocument:
    """Read a quality document that must belong to this place.

    Raises SealBroken for a document of another bid, or of another shape.
    """
    _check_place(document, place, Envelope.QUALITY)
    try:
        answers = document["answers"]
        if not all(isinstance(text, str) for text in (*answers.values(), document["salt"])):
            raise TypeError
        files = tuple(_entry_from(file) for file in document["files"])
        return QualityDocument(place, document["salt"], dict(answers), files)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SealBroken("the quality document has another shape") from error


def _entry_from(file: Mapping[str, Any]) -> FileEntry:
    findings = file.get("findings", [])
    if not isinstance(findings, list) or not all(isinstance(one, str) for one in findings):
        raise TypeError
    return FileEntry(**{**file, "findings": tuple(findings)})


def price_from(document: Mapping[str, Any], place: Place) -> PriceDocument:
    """Read a price document that must belong to this place.

    Raises SealBroken for a document of another bid, or of another shape.
    """
    _check_place(document, place, Envelope.PRICE)
    try:
        amounts = (*document["fees_pence"], document["adjustments_pence"])
        if not all(isinstance(amount, int) for amount in amounts):
            raise TypeError
        if not all(isinstance(document[name], str) for name in ("salt", "note")):
            raise TypeError
        return PriceDocument(place, document["salt"], amounts[:-1], amounts[-1], document["note"])
    except (KeyError, TypeError, ValueError) as error:
        raise SealBroken("the price document has another shape") from error


def _place_to_dict(place: Place, envelope: Envelope) -> dict[str, Any]:
    return {
        "envelope": envelope.value,
        "competition": place.competition,
        "round": place.round,
        "lot": place.lot,
        "bidder": place.bidder,
        "bid": place.bid,
    }


def _check_place(document: Mapping[str, Any], place: Place, envelope: Envelope) -> None:
    for name, value in _place_to_dict(place, envelope).items():
        if document.get(name) != value:
            raise SealBroken(f"the document belongs elsewhere: {name}")
