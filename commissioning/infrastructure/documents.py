"""The document store: bytes under a random name, durable before anybody is told so.

What is stored here is already sealed where it must be; the store looks inside nothing. The local
store is a folder; an object store offers the same calls. A row names its document in a column
called `store_key`: what no such column names is an orphan (`discards`).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

_KEY = re.compile(r"[0-9a-f]{32}")
_PIECE = 1 << 16
_UNFINISHED = ".part"


class DocumentStore(Protocol):
    """Where documents are kept."""

    def put(self, pieces: Iterable[bytes]) -> str:
        """Keep the pieces as one document; return its key once it is durable."""
        ...

    def read(self, key: str) -> Iterator[bytes]:
        """The pieces of a document; KeyError where there is none."""
        ...

    def exists(self, key: str) -> bool:
        """Whether a document is kept under this key."""
        ...

    def delete(self, key: str) -> None:
        """Forget a document; nothing happens where there is none."""
        ...

    def keys_before(self, instant: datetime) -> Iterator[str]:
        """The keys of documents put before an instant of real time, unfinished ones included."""
        ...

    def set_aside(self, key: str) -> None:
        """Keep a document apart, where only its operator finds it; it exists no more."""
        ...


class LocalDocumentStore:
    """Documents as files in a folder: written aside, flushed, renamed, and the folder flushed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise KeyError(key)
        return self._folder / key[:2] / key

    def put(self, pieces: Iterable[bytes]) -> str:
        """Keep the pieces as one document; return its key once it is durable."""
        key = secrets.token_hex(16)
        path = self._path(key)
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            _flush_folder(self._folder)
        aside = path.with_suffix(_UNFINISHED)
        try:
            with aside.open("wb") as handle:
                for piece in pieces:
                    handle.write(piece)
                handle.flush()
                os.fsync(handle.fileno())
            aside.rename(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
        return key

    def read(self, key: str) -> Iterator[bytes]:
        """The pieces of a document; KeyError where there is none."""
        path = self._path(key)
        if not path.is_file():
            raise KeyError(key)
        with path.open("rb") as handle:
            while piece := handle.read(_PIECE):
                yield piece

    def exists(self, key: str) -> bool:
        """Whether a document is kept under this key."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Forget a document; nothing happens where there is none."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        path.with_suffix(_UNFINISHED).unlink(missing_ok=True)

    def keys_before(self, instant: datetime) -> Iterator[str]:
        """The keys of documents put before an instant of real time, unfinished ones included."""
        for path in sorted(self._folder.glob("??/*")):
            with suppress(FileNotFoundError):  # deleted since
                if path.stat().st_mtime < instant.timestamp() and _KEY.fullmatch(path.stem):
                    yield path.stem

    def set_aside(self, key: str) -> None:
        """Keep a document apart, where only its operator finds it; it exists no more."""
        apart = self._folder / "set-aside"
        apart.mkdir(exist_ok=True)
        path = self._path(key)
        for found in (path, path.with_suffix(_UNFINISHED)):
            with suppress(FileNotFoundError):
                found.rename(apart / found.name)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Configured:
    """The store that the application was configured with; set once, by `configure`."""

    store: DocumentStore | None = None


def configure(store: DocumentStore) -> None:
    """Say where documents are kept from now on."""
    _Configured.store = store


def store() -> DocumentStore:
    """The configured document store; RuntimeError before the application is configured."""
    if _Configured.store is None:
        raise RuntimeError("No document store is configured.")
    return _Configured.store
