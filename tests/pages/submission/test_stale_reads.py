"""What a page read before it waited for a lock is read again after it."""

from __future__ import annotations

import io
import re
import threading
import time

import pytest
from sqlalchemy import select, text

from commissioning.identity.models import Organisation
from commissioning.infrastructure.database import db
from commissioning.submission import services
from commissioning.submission.models import BidFile
from tests.factories.submission import drafted_bid
from tests.support.pages import page_token

pytestmark = pytest.mark.postgres


def adds_a_file(site, client):
    address = site.bid("/answers/Q1/file")
    form = {
        "csrf_token": page_token(client, address),
        "file": (io.BytesIO(b"%PDF-1.4 a plan"), "plan.pdf"),
    }
    answer = client.post(address, data=form, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = client.get(site.bid("/answers/Q1")).get_data(as_text=True)
    (file,) = set(re.findall(r"/files/(FIL-[0-9A-Z]+)", page))
    return file


def until_somebody_waits_for_a_lock():
    until = time.monotonic() + 20
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while db.session.scalar(waits) == 0:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_file_of_a_bid_submitted_meanwhile_is_not_thrown_away(site, app):
    site.make(prepare=lambda made: drafted_bid(made, made.bidders[0]).reference)
    signatory, writer = site.visit(site.bidders[0]), site.visit(site.bidders[0])
    file = adds_a_file(site, signatory)
    place = (site.reference, site.lot, site.organisations[0])
    token = page_token(writer, site.bid("/answers/Q1/file"))
    answers = []

    def remove():
        address = site.bid(f"/answers/Q1/files/{file}/remove")
        answers.append(writer.post(address, data={"csrf_token": token}).status_code)

    with app.app_context():
        held = select(Organisation).where(Organisation.reference == place[-1]).with_for_update()
        db.session.execute(held)
        waiting = threading.Thread(target=remove)
        waiting.start()
        until_somebody_waits_for_a_lock()
        services.submit_bid(site.bidders[0], *place, idempotency_key="k1", clock=site.clock)
        db.session.commit()
    waiting.join(30)

    assert answers == [303]
    with app.app_context():
        quality, _ = services.read_submitted_bid(site.bidders[0], *place)
        (named,) = quality.files
        assert [row.reference for row in db.session.scalars(select(BidFile))] == [named.reference]
