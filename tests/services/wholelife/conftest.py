"""What every test of a whole life needs."""

from __future__ import annotations

import pytest

from commissioning.submission.domain import file_pieces
from tests.services.wholelife.uploading import PIECE_BYTES


@pytest.fixture(autouse=True)
def pieces_are_small(monkeypatch):
    """A file of three pieces is a line of text."""
    monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", PIECE_BYTES)
