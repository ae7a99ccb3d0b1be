"""A bid that is typed, loaded and submitted on the pages leaves no word in clear anywhere."""

from __future__ import annotations

import io
import logging
import re
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from commissioning.cli.site import GRACE, make_due_moves
from commissioning.infrastructure.database import db
from commissioning.kernel.references import new_reference
from commissioning.submission import services
from tests.factories.submission import ITN_DEADLINE
from tests.support import tools

HIDDEN = re.compile(r'name="(idempotency_key|checked_quality|checked_price)"[^>]*? value="([^"]*)"')


def bid_with(word, site, send):
    """Type a bid full of the word, with some of it refused on the way, load a file, submit."""
    client = site.visit(site.bidders[0])
    send(client, site.bid("/answers/Q1"), {"Q1": f"{word} one."})
    send(client, site.bid("/answers/Q2"), {"Q2": f"{word} " * 60}, status=422)
    send(client, site.bid("/answers/Q2"), {"Q2": f"{word} two."})
    for name, status in (("plan.pdf", 303), ("plan.exe", 422)):
        content = b"%PDF-1.7 " + f"{word} three. ".encode() * 8_000
        upload = {"file": (io.BytesIO(content), f"{word}-{name}")}
        send(client, site.bid("/answers/Q1/file"), upload, status=status)
    price = {f"fee_{year}": "10,000,000" for year in range(1, 8)} | {"note": f"{word} four."}
    send(client, site.bid("/price"), price | {"fee_1": "nothing"}, status=422)
    send(client, site.bid("/price"), price)
    page = client.get(site.bid("/check")).get_data(as_text=True)
    assert word in page
    send(client, site.bid("/check"), dict(HIDDEN.findall(page)))
    assert client.get(site.bid("/submitted")).status_code == 200


def backup(url, folder):
    """A backup as an operator makes it, in plain SQL or as a copy of the file."""
    copy = folder / "backup"
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)
        return copy
    program = tools.postgresql_binaries() / "pg_dump"
    named = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with copy.open("wb") as into:
        subprocess.run([str(program), "--inserts", named], stdout=into, check=True)
    return copy


def database_files(url):
    """The files of the database: with its log of writes, and of a server with its own log.

    A server that TEST_DATABASE_URL names keeps them where only its operator can look.
    """
    if url.get_backend_name() == "sqlite":
        path = Path(url.database)
        return sorted(path.parent.glob(f"{path.name}*"))
    if "host" not in url.query:
        return []
    folder = Path(url.query["host"])
    assert (folder / "cluster" / "pg_wal").is_dir()
    return [path for path in folder.rglob("*") if path.is_file()]


def holding(word, paths):
    """The files in which the word stands."""
    found = []
    for path in paths:
        try:
            if word.encode() in path.read_bytes():
                found.append(path.name)
        except FileNotFoundError:  # a server removes files as it goes on
            continue
    return found


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where the temporary files of this test would lie."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.both_databases
def test_no_word_of_a_bid_lies_anywhere_before_the_opening(
    make_site, send, tmp_path, temporary, caplog
):
    caplog.set_level(logging.DEBUG)
    word = f"CANARY-{new_reference('WORD')}"
    site = make_site().make(make_holders)
    url = make_url(str(site.app.config["SQLALCHEMY_DATABASE_URI"]))

    bid_with(word, site, send)
    site.clock.move_to(ITN_DEADLINE + GRACE)
    with site.app.app_context():
        make_due_moves(site.app, site.clock)
        if url.get_backend_name() == "postgresql":
            db.session.execute(text("CHECKPOINT"))
            db.session.commit()

    kept = [path for path in (tmp_path / "var").rglob("*") if path.is_file()]
    assert any("documents" in str(path) for path in kept)
    assert holding(word, kept) == []
    assert holding(word, database_files(url)) == []
    assert holding(word, [backup(url, tmp_path)]) == []
    assert holding(word, [path for path in temporary.rglob("*") if path.is_file()]) == []
    assert word not in caplog.text

    # The same search finds the word once the quality envelopes are open, so it can find it at all.
    with site.app.app_context():
        for holder in site.kept:
            services.join_opening(holder, site.reference, "quality", clock=site.clock)
        db.session.commit()
    assert holding(word, [backup(url, tmp_path)]) == ["backup"]
    files = database_files(url)
    assert holding(word, files) != [] or not files


def make_holders(made):
    return made.holders(3)
