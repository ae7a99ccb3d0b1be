"""What time does, and what nobody can make it do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from commissioning.audit.domain.chain import breaks
from commissioning.audit.queries import heads, links
from commissioning.cli.site import GRACE, make_due_moves, probe
from commissioning.infrastructure import discards, documents, outbox, signing
from commissioning.infrastructure.database import db
from commissioning.infrastructure.service_log import OutageRow, ServiceRun
from commissioning.submission import queries as receipts
from tests.factories.competition import pqq_open


def test_a_stage_closes_only_when_nothing_in_time_can_still_be_waiting(app, session, clock):
    tender = pqq_open(clock)
    clock.move_to(tender.deadline("pqq_deadline"))
    assert make_due_moves(app, clock) == []
    clock.advance(GRACE - timedelta(microseconds=1))
    assert make_due_moves(app, clock) == []
    clock.advance(timedelta(microseconds=1))
    assert make_due_moves(app, clock) == [tender.reference]


def test_a_letter_that_cannot_be_written_holds_no_deadline_back(app, session, clock):
    tender = pqq_open(clock)
    outbox.post("a@[x.org", "Odd", "Sign in to read.", at=clock.now())
    clock.move_to(tender.deadline("pqq_deadline") + GRACE)
    assert make_due_moves(app, clock) == [tender.reference]


def test_every_signing_key_stays_on_record_with_its_day(app, session, clock):
    made = receipts.signing_keys
    make_due_moves(app, clock)
    first, began = signing.public_key().hex(), clock.now()
    clock.advance(timedelta(days=1))
    make_due_moves(app, clock)
    assert [(key.public_key, key.since) for key in made()] == [(first, began)]

    signing.configure("another secret of this installation, of 32 signs")
    try:
        make_due_moves(app, clock)
        second = signing.public_key().hex()
    finally:
        signing.configure(app.config["COMMISSIONING"].secret_key)

    assert [(key.public_key, key.since) for key in made()] == [
        (first, began),
        (second, clock.now()),
    ]
    session.rollback()
    page = app.test_client().get("/help/receipts").text
    assert page.index(second) < page.rindex(first)
    assert not breaks(links(), heads=heads())


def test_what_was_discarded_is_deleted_with_the_due_moves(app, session, clock):
    key = documents.store().put([b"sealed"])
    discards.discard(key, at=clock.now())

    make_due_moves(app, clock)

    assert not documents.store().exists(key)


def test_no_operator_makes_a_deadline_come_early(monkeypatch, tmp_path):
    from commissioning.cli.site import run_due

    monkeypatch.setenv("COMMISSIONING_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    answer = CliRunner().invoke(run_due, ["--at", "2099-01-01T12:00"])
    assert answer.exit_code != 0
    assert "passed by the clock alone" in answer.output


@pytest.mark.parametrize(("is_demo", "runs"), [(False, 1), (True, 0)])
def test_the_service_is_looked_at_but_not_in_a_demonstration(make_app, clock, is_demo, runs):
    app = make_app(is_demo=is_demo)
    with app.app_context():
        assert probe(app, clock) is None
        assert len(db.session.scalars(select(ServiceRun)).all()) == runs


def test_an_outage_is_told_on_the_command_line_and_kept(app, session, clock):
    probe(app, clock)
    clock.advance(timedelta(minutes=5))

    assert probe(app, clock) == "2026-03-02 09:00:00 UTC, The service gave no sign of life."
    db.session.rollback()
    assert len(db.session.scalars(select(OutageRow)).all()) == 1
