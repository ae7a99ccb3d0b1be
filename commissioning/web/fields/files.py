"""Files that people upload: bounded, not empty, of a kind that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from govuk_frontend_wtf.wtforms_widgets import GovFileInput
from werkzeug.datastructures import FileStorage
from wtforms import ValidationError
from wtforms import fields as wtf

from commissioning.kernel.file_names import safe_file_name
from commissioning.web.fields.base import PlacedField, Tidy
from commissioning.web.filters import file_size
from commissioning.web.uploads import BoundedUpload


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived; `content_type` is what the browser said, and proves nothing.

    `filename` is safe to show and to keep, `sent_name` is what the browser said.
    """

    filename: str
    content: bytes = field(repr=False)
    content_type: str
    sent_name: str = ""

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.content)


class _FileWidget(Tidy, GovFileInput):
    def map_gov_params(self, field: Any, **kwargs: Any) -> dict[str, Any]:
        """The kinds that were asked for, so that the browser offers them first."""
        params = super().map_gov_params(field, **kwargs)
        params.pop("value", None)
        params.pop("type", None)
        params["attributes"].pop("value", None)
        if field.extensions:
            params["attributes"]["accept"] = ",".join(f".{kind}" for kind in field.extensions)
        return params


class UploadField(PlacedField, wtf.Field):
    """One file; `data` is an Upload, or None.

    What is too large was counted and dropped on its way in, so the refusal costs no memory.
    """

    widget = _FileWidget()

    def __init__(
        self,
        label: str,
        *,
        extensions: Sequence[str] = (),
        max_bytes: int | None = None,
        **rest: Any,
    ) -> None:
        self.extensions = tuple(extensions)
        self._max_bytes = max_bytes
        super().__init__(label, **rest)

    @property
    def max_bytes(self) -> int:
        """The largest file that is taken."""
        largest = int(current_app.config["MAX_FILE_BYTES"])
        return min(self._max_bytes or largest, largest)

    @property
    def is_blank(self) -> bool:
        """Whether no file was chosen."""
        return self._arrived() is None

    def _value(self) -> str:
        return ""

    def _arrived(self) -> FileStorage | None:
        for part in self.raw_data or []:
            if isinstance(part, FileStorage) and part.filename:
                return part
        return None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the file that arrived, if one did."""
        self.data = None
        arrived = self._arrived()
        if arrived is None:
            return
        name = safe_file_name(arrived.filename or "")
        stream: Any = arrived.stream
        size = stream.size if isinstance(stream, BoundedUpload) else None
        if isinstance(stream, BoundedUpload) and (stream.too_large or stream.size > self.max_bytes):
            raise ValueError(
                f"“{name}” is {file_size(size or 0)}; the largest file that can be taken is "
                f"{file_size(self.max_bytes)}. Choose a smaller file."
            )
        content = stream.content() if isinstance(stream, BoundedUpload) else arrived.read()
        if not content:
            raise ValueError(f"“{name}” is empty. Choose the file again.")
        self.data = Upload(name, content, arrived.mimetype, arrived.filename or "")

    def pre_validate(self, form: Any) -> None:
        """Refuse a kind of file that was not asked for, or a file in the place of text."""
        if self.data is None or not self.extensions:
            return
        if self.data.filename.rpartition(".")[2].lower() not in self.extensions:
            kinds = ", ".join(kind.upper() for kind in self.extensions)
            raise ValidationError(f"“{self.data.filename}” is not one of: {kinds}.")
