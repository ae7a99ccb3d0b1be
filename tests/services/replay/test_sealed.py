"""After the deadline and before the opening, no file of the installation can be read as a bid.

Every answer and every note of the demonstration carries `CANARY-` and its bid's reference, so that
whatever was written down in clear can be found by those bytes alone.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest

from commissioning.app import create_app
from commissioning.cli.installation import demonstration_clock
from commissioning.config import PasswordHashing, Settings
from commissioning.identity import services as identity
from commissioning.infrastructure.database import db
from commissioning.kernel.clock import SetClock, SystemClock
from commissioning.submission import services as submission
from tests.support.application import release
from tests.support.replays import Replay

pytestmark = pytest.mark.slow

CANARY = b"CANARY-"
COMPETITION = "TR-2013"


def files_with(folder, wanted):
    """The files below a folder that hold these bytes, also as UTF-16 or in base64."""
    forms = (wanted, wanted.decode().encode("utf-16-le"), b"Q0FOQVJZL")
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


@pytest.fixture
def copied(itn_closed, tmp_path):
    """A copy of the replay, for a test that goes on with it."""
    shutil.copytree(itn_closed.folder, tmp_path / "copy")
    return Replay(tmp_path / "copy", itn_closed.said, itn_closed.returncode)


def test_no_file_holds_a_word_of_a_bid_before_the_opening(itn_closed):
    assert itn_closed.returncode == 0, itn_closed.said
    held = {path.relative_to(itn_closed.data).parts[0] for path in itn_closed.data.rglob("*")}
    assert {"commissioning.sqlite3", "outbox", "sign-ins.json"} <= held

    assert files_with(itn_closed.folder, CANARY) == []
    assert CANARY.decode() not in itn_closed.said


def test_the_words_are_there_once_the_key_holders_open(copied):
    """The same bytes, the same search: it finds them as soon as they may be found."""
    settings = Settings(
        database_url=f"sqlite:///{copied.database}",
        data_folder=copied.data,
        secret_key=(copied.data / "secret.key").read_text().strip(),
        is_demo=True,
        password_hashing=PasswordHashing.CHEAP,
    )
    clock = SetClock(demonstration_clock(settings).now() + timedelta(days=1))
    app = create_app(settings, clock=clock)
    with app.app_context():
        for actor in key_holders(copied, clock):
            submission.join_opening(actor, COMPETITION, "quality", clock=clock)
            db.session.commit()
    release(app)

    found = files_with(copied.data, CANARY)
    assert found == ["commissioning.sqlite3"]


def key_holders(replay, clock):
    """Three key holders, each in a session of their own."""
    people = json.loads((replay.data / "sign-ins.json").read_text())
    password = people[0]["password"]
    for name in ("beatrix.lowell", "farah.nightingale", "hester.vaughan-roe"):
        entered = identity.sign_in(
            f"{name}@authority.example", password, clock=clock, real_clock=SystemClock()
        )
        db.session.commit()
        yield identity.actor_for_token(entered.token, real_clock=SystemClock())
