"""What a crash leaves in the document store is set aside a day later, and nothing with a row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.infrastructure import discards, documents
from commissioning.infrastructure.database import Base, db
from commissioning.infrastructure.discards import OLDEST_ORPHAN
from commissioning.kernel.clock import SystemClock
from commissioning.submission.domain import file_pieces
from tests.factories.submission import contest
from tests.services.submission.test_files import add, remove
from tests.support.pieces import SMALL, begin, content_of, pieces_of, send

A_DAY_LATER = OLDEST_ORPHAN + timedelta(minutes=1)


def sweep(after=A_DAY_LATER):
    return discards.set_aside_orphans(real_now=SystemClock().now() + after)


def kept():
    """Every document that a row names, whatever table it is of."""
    return {
        key
        for table in Base.metadata.sorted_tables
        if "store_key" in table.c
        for key in db.session.scalars(select(table.c.store_key))
    }


def test_documents_that_rows_name_stay_and_the_orphan_goes(session, monkeypatch):
    monkeypatch.setattr(file_pieces, "UPLOAD_PIECE_BYTES", SMALL)
    made = contest()
    (bidder,) = made.bidders
    add(made, bidder)
    remove(made, bidder, add(made, bidder, file_name="old.pdf"))
    begun = begin(made, bidder, content_of())
    send(made, bidder, begun.upload, 0, pieces_of(content_of())[0])
    orphan = documents.store().put([b"written, and never named"])
    named = kept()
    assert len(named) >= 3

    assert sweep() == 1

    assert not documents.store().exists(orphan)
    assert all(documents.store().exists(key) for key in named)


def test_store_of_which_the_database_names_nothing_is_left_alone(session):
    key = documents.store().put([b"of another installation"])
    with pytest.raises(discards.NotItsStore, match="Is DATABASE_URL that of this installation"):
        sweep()
    assert documents.store().exists(key)


def test_young_document_may_still_be_named_by_an_act_under_way(session):
    key = documents.store().put([b"just written"])
    assert sweep(OLDEST_ORPHAN - timedelta(minutes=1)) == 0
    assert documents.store().exists(key)


def test_unfinished_document_goes_as_well(session, tmp_path):
    made = contest()
    add(made, made.bidders[0])
    key = documents.store().put([b"half"])
    (whole,) = (tmp_path / "var" / "documents").glob(f"*/{key}")
    whole.rename(whole.with_suffix(".part"))

    assert sweep() == 1
    (apart,) = (tmp_path / "var" / "documents").glob(f"*/{key}*")
    assert apart.parent.name == "set-aside"
    assert sweep() == 0
