"""The demonstration tells the story of 2013 to 2014, each time the same."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from fractions import Fraction

import pytest

from commissioning.kernel.actor import Role
from commissioning.permissions import Permission
from commissioning.permissions.table import ROWS
from tests.support import source

pytestmark = pytest.mark.slow

COMPETITION = "TR-2013"
LONDON, THAMES_VALLEY = "C17", "C16"


def rows(replay, statement, *values):
    """Rows of a replay's database, read by no code of the platform."""
    with closing(sqlite3.connect(f"file:{replay.database}?mode=ro", uri=True)) as connection:
        return connection.execute(statement, values).fetchall()


def one(replay, statement, *values):
    return rows(replay, statement, *values)[0][0]


RESULTS = """
    SELECT lot.reference, organisation.name, result.quality_millipoints,
           result.evaluated_price_pence, result.rank, result.excluded_because
    FROM bid_result AS result
    JOIN bid ON bid.id = result.bid_id
    JOIN lot ON lot.id = bid.lot_id
    JOIN organisation ON organisation.id = bid.organisation_id
    ORDER BY lot.position, organisation.name
"""


def test_the_replay_ends_well_and_stands_at_its_last_stage(whole):
    assert whole.returncode == 0, whole.said
    assert one(whole, "SELECT stage FROM competition") == "preferred_bidders"
    assert json.loads((whole.data / "replay.json").read_text())["stage"] == "preferred_bidders"


def test_thirty_five_answer_the_pqq_and_thirty_pass(whole):
    submitted = "SELECT COUNT(*) FROM selection_response WHERE status = 'submitted'"
    assert one(whole, submitted) == 35
    passed = """
        SELECT COUNT(DISTINCT response_id) FROM selection_outcome WHERE passed
    """
    assert one(whole, passed) == 30
    assert one(whole, "SELECT COUNT(DISTINCT organisation_id) FROM admission") == 30


def test_nineteen_bidders_send_eighty_three_bids_for_twenty_one_areas(whole):
    assert one(whole, "SELECT COUNT(*) FROM lot") == 21
    bids = rows(whole, "SELECT lot_id, organisation_id FROM bid WHERE status = 'submitted'")
    assert len(bids) == 83
    assert len({bidder for _lot, bidder in bids}) == 19
    assert len({lot for lot, _bidder in bids}) == 21
    admitted = set(rows(whole, "SELECT lot_id, organisation_id FROM admission"))
    assert set(bids) <= admitted


def test_london_and_thames_valley_have_one_compliant_bid_each(whole):
    compliant = Counter(
        lot for lot, _name, _points, _price, _rank, out in rows(whole, RESULTS) if out == "[]"
    )
    assert compliant[LONDON] == 1
    assert compliant[THAMES_VALLEY] == 1
    assert set(compliant) == {lot for (lot,) in rows(whole, "SELECT reference FROM lot")}


def preferred(replay):
    """The preferred bidder of each lot, by name."""
    return dict(
        rows(
            replay,
            """
            SELECT lot.reference, organisation.name FROM preferred_bidder
            JOIN lot ON lot.id = preferred_bidder.lot_id
            JOIN organisation ON organisation.id = preferred_bidder.organisation_id
            """,
        )
    )


def test_at_least_four_lots_go_to_another_than_the_first_ranked(whole):
    chosen = preferred(whole)
    assert len(chosen) == 21
    first = {lot: name for lot, name, _p, _e, rank, _out in rows(whole, RESULTS) if rank == 1}
    assert sum(chosen[lot] != first[lot] for lot in chosen) >= 4


def test_no_bidder_is_preferred_for_more_than_a_quarter_of_the_market(whole):
    values = dict(rows(whole, "SELECT reference, annual_value_pence FROM lot"))
    won = Counter()
    for lot, bidder in preferred(whole).items():
        won[bidder] += values[lot]
    assert max(won.values()) * 4 <= sum(values.values())
    funding = dict(
        rows(
            whole,
            """
            SELECT DISTINCT organisation.name, admission.proved_funding_pence FROM admission
            JOIN organisation ON organisation.id = admission.organisation_id
            """,
        )
    )
    assert all(won[bidder] <= 2 * funding[bidder] for bidder in won)


def test_ranks_follow_from_points_and_prices(whole):
    by_lot = {}
    for lot, _name, points, price, rank, out in rows(whole, RESULTS):
        if out == "[]":
            by_lot.setdefault(lot, []).append((Fraction(price, points), rank))
    for stood in by_lot.values():
        for ratio, rank in stood:
            assert rank == 1 + sum(other < ratio for other, _rank in stood)


def test_the_award_is_proven_and_valid_on_its_files(whole, tmp_path):
    problem, answer = rows(whole, "SELECT problem, answer FROM award_run WHERE status='approved'")[
        0
    ]
    assert json.loads(answer)["status"] == "optimal"
    (tmp_path / "problem.json").write_text(problem)
    (tmp_path / "answer.json").write_text(answer)
    files = [str(tmp_path / "problem.json"), str(tmp_path / "answer.json")]
    verified = whole.command("award", "verify", *files)
    assert verified.returncode == 0, verified.stdout + verified.stderr

    # It can fail: the same award for another lot's winner is not valid.
    stated = json.loads(answer)
    stated["award"][LONDON] = next(
        b for b in stated["award"].values() if b != stated["award"][LONDON]
    )
    (tmp_path / "answer.json").write_text(json.dumps(stated))
    assert whole.command("award", "verify", *files).returncode == 1

    solved = whole.command("award", "solve", files[0], "-o", str(tmp_path / "again.json"))
    assert solved.returncode == 0, solved.stderr
    again = json.loads((tmp_path / "again.json").read_text())
    assert again["award"] == json.loads(answer)["award"]
    assert again["objective"] == json.loads(answer)["objective"]


def test_the_trail_is_whole_in_the_database_and_in_its_export(whole, tmp_path):
    verified = whole.command("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    exported = tmp_path / "trail.jsonl"
    assert whole.command("audit", "export", COMPETITION, "-o", str(exported)).returncode == 0
    assert whole.command("audit", "verify", str(exported)).returncode == 0
    lines = exported.read_text().splitlines()
    exported.write_text("\n".join([*lines[:100], *lines[101:]]) + "\n")
    assert whole.command("audit", "verify", str(exported)).returncode == 1


def test_the_table_and_one_sign_in_for_each_role_are_printed(whole):
    assert "proven optimal" in whole.said
    for lot, name in preferred(whole).items():
        line = next(line for line in whole.said.splitlines() if line.startswith(f"{lot} "))
        assert name[:42] in line
    by_supplier = [line for line in whole.said.splitlines() if "one supplier may win" in line]
    assert by_supplier
    assert all(line.endswith("(Brightwater Public Services plc)") for line in by_supplier)
    for person in json.loads((whole.data / "sign-ins.json").read_text()):
        assert person["email"] in whole.said
        assert person["password"] in whole.said


EVERYBODYS = {
    role
    for row in ROWS
    if row.permission is Permission.EVALUATION_DECLARE_INTEREST
    for role in row.roles
} - {Role.AUDITOR}
HAVE_SOMETHING_TO_DO = {role for row in ROWS if not row.roles >= EVERYBODYS for role in row.roles}
"""The roles that the policy lets do something which it does not let the whole team do."""


def test_everybody_who_has_something_to_do_has_a_sign_in(whole):
    printed = json.loads((whole.data / "sign-ins.json").read_text())
    held = {
        (email, role)
        for email, role in rows(
            whole,
            """
            SELECT person.email, held.role FROM role_grant AS held
            JOIN app_user AS person ON person.id = held.user_id WHERE held.ended_at IS NULL
            """,
        )
    }
    shown = {
        role
        for person in printed
        for role in Role
        if role.label in person["role"].lower() and (person["email"], role.value) in held
    }

    assert {Role.DUTY_OFFICER, Role.BID_WRITER, Role.PROVIDER_CONTACT} <= HAVE_SOMETHING_TO_DO
    assert shown == HAVE_SOMETHING_TO_DO


def test_the_readme_names_those_who_are_printed(whole):
    printed = json.loads((whole.data / "sign-ins.json").read_text())
    readme = (source.ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"`([^`@ ]+@[^` ]+\.example)`", readme)

    assert set(told) <= {person["email"] for person in printed}
    assert {line.split("|")[1].strip() for line in readme.splitlines() if ".example`" in line} == {
        person["role"].lower() for person in printed
    }


def test_the_same_stage_is_used_again(itn_closed):
    state = (itn_closed.data / "replay.json").read_text()
    references = rows(itn_closed, "SELECT reference FROM organisation ORDER BY id")

    again = itn_closed.command("demo", "--no-serve", "--stage", "itn_closed")

    assert again.returncode == 0, again.stderr
    assert "Replayed" not in again.stderr
    assert "Sign-ins" in again.stdout
    assert (itn_closed.data / "replay.json").read_text() == state
    assert rows(itn_closed, "SELECT reference FROM organisation ORDER BY id") == references


def test_fresh_and_another_stage_start_over(replays):
    replay = replays.of("draft", ["--stage", "draft"])
    assert replay.returncode == 0, replay.said
    assert one(replay, "SELECT stage FROM competition") == "draft"
    drawn = one(replay, "SELECT reference FROM organisation WHERE kind = 'authority'")

    fresh = replay.command("demo", "--no-serve", "--stage", "draft", "--fresh")
    assert fresh.returncode == 0, fresh.stderr
    assert one(replay, "SELECT reference FROM organisation WHERE kind = 'authority'") != drawn

    later = replay.command("demo", "--no-serve", "--stage", "pqq_open")
    assert later.returncode == 0, later.stderr
    assert one(replay, "SELECT stage FROM competition") == "pqq_open"
    assert one(replay, "SELECT COUNT(*) FROM selection_response WHERE status='submitted'") == 35
    assert one(replay, "SELECT COUNT(*) FROM bid") == 0


# Two replays that were made apart tell the same, but for the references that are drawn --------


def answers(replay):
    told = rows(
        replay,
        """
        SELECT organisation.name, response.answers, response.lots, response.proved_funding_pence,
               response.status, response.submitted_at
        FROM selection_response AS response
        JOIN organisation ON organisation.id = response.organisation_id ORDER BY organisation.name
        """,
    )
    assert len(told) == 35
    return told


def acts(replay):
    """What happened in the competition's own stream up to the end of the ITN, and when."""
    stream = f"competition:{COMPETITION}"
    found = rows(
        replay, "SELECT event, at FROM audit_event WHERE stream = ? ORDER BY position", stream
    )
    return found[: [event for event, _at in found].index("itn_deadline_passed") + 1]


def test_two_replays_tell_the_same_story(whole, itn_closed):
    assert itn_closed.returncode == 0, itn_closed.said
    assert answers(whole) == answers(itn_closed)
    assert acts(whole) == acts(itn_closed)
    for told in (
        "SELECT name, kind, identifier FROM organisation ORDER BY name",
        "SELECT reference, name, annual_value_pence FROM lot ORDER BY position",
        "SELECT event, wall_text, version FROM timetable_entry ORDER BY id",
        "SELECT email, name FROM app_user ORDER BY email",
    ):
        assert rows(whole, told) == rows(itn_closed, told)


def test_a_replay_stops_an_hour_into_the_stage_that_was_asked_for(itn_closed):
    assert one(itn_closed, "SELECT stage FROM competition") == "itn_closed"
    state = json.loads((itn_closed.data / "replay.json").read_text())
    assert state["stage"] == "itn_closed"
    assert state["business_time"].startswith("2014-06-30T12:00:01")
    assert one(itn_closed, "SELECT COUNT(*) FROM bid_envelope WHERE opened IS NOT NULL") == 0
    # Nothing that it prints says how many bid.
    assert "83" not in itn_closed.said
