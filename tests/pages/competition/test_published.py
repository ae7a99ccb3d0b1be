from __future__ import annotations

import json
import subprocess

import pytest

from commissioning.competition import queries
from tests.factories.competition import CompetitionFactory
from tests.pages.competition.conftest import moment_fields


def test_a_draft_is_published_to_nobody(site, bidder):
    draft = site()

    for client in (draft.lead, bidder, draft.visitor):
        for rest in ("published", "notice.json", "model.json"):
            assert client.get(draft.path(rest)).status_code == 404, rest


def test_a_visitor_who_asks_for_what_is_not_public_yet_writes_no_row(site, rows):
    draft, issued = site(), site("pqq_open")
    before = rows()

    for one, rests in (
        (draft, ("published", "notice.json", "model.json", "preferred-bidders", "")),
        (issued, ("model.json", "preferred-bidders", "no-such-page")),
    ):
        for rest in rests:
            assert one.visitor.get(one.path(rest)).status_code in {303, 404}, rest
    assert rows() == before


def test_everybody_reads_the_notice_from_the_issue_of_the_pqq(site, bidder):
    issued = site("pqq_open")

    for client in (bidder, issued.visitor):
        page = issued.page("published", client=client)
        for told in (
            "Open until <strong>Saturday 11 April 2026, 10am (UK time)</strong>",
            "£20,000,000.00",
            "Delivering the sentence",
            "at most 2 times the funding that it proved",
            "Procurement Act 2023, light touch",
            "follow with the ITN",
        ):
            assert told in page
        assert "Minimum mark" not in page
        assert "model.json" not in page


def test_the_whole_model_is_read_from_the_itn_on(site):
    issued = site("itn_open")

    page = issued.page("published", client=issued.visitor)

    assert "Questions of the ITN" in page
    assert "Minimum mark" in page
    assert "at a real discount rate of 3.5% a year" in page
    assert "follow with the ITN" not in page


@pytest.mark.parametrize("name", ["notice", "model"])
def test_the_command_on_the_page_prints_the_digest_on_the_page(site, tmp_path, name):
    issued = site("itn_open")
    page = issued.page("published", client=issued.visitor)
    answer = issued.visitor.get(issued.path(f"{name}.json"))
    file = tmp_path / f"{issued.reference}-{name}.json"
    file.write_bytes(answer.get_data())
    shown = page.split("<pre")[1].split("<code>")[1].split("</code>")[0]
    command = next(
        line
        for line in shown.replace("&#39;", "'").replace("&#34;", '"').splitlines()
        if file.name in line
    )

    printed = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()[0]

    assert printed in page
    assert printed == json.loads(file.read_text())["sha256"]
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_dates_that_were_drafts_are_not_told(site):
    draft = site()
    draft.post("timetable/change", dates("2026-03-20 12:00"))
    draft.post("timetable/change", dates("2026-04-25 12:00"))
    draft.post("issue-pqq")
    decision = draft.page("decisions").split("/decisions/")[1].split('"')[0]
    draft.post(f"decisions/{decision}", {"decision": "approve"}, client=draft.approver)

    page = draft.page("published", client=draft.visitor)

    assert "25 April 2026" in page
    assert "20 March 2026" not in page
    assert "20 March 2026" in draft.page("timetable")


def dates(pqq_deadline: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for event, at in {
        "notice": "2026-03-02 15:00",
        "pqq_deadline": pqq_deadline,
        "itn_issue": "2026-06-15 09:00",
        "itn_deadline": "2026-09-30 12:00",
    }.items():
        fields |= moment_fields(event, at)
    return fields


def test_the_public_page_names_no_person_of_the_team(site):
    issued = site("itn_open")

    page = issued.page("published", client=issued.visitor)

    for name in issued.people:
        assert name not in page


def test_invented_data_says_so_on_every_page(site, app, unit_of_work):
    issued = site("pqq_open")
    assert "Invented" not in issued.page("published", client=issued.visitor)
    with unit_of_work():
        queries.competition_by_reference(issued.reference).is_invented = True

    assert "Invented" in issued.visitor.get("/competitions").get_data(as_text=True)
    assert "are invented." in issued.page("published", client=issued.visitor)
    for rest in ("", "lots", "criteria", "people", "trail"):
        assert "are invented." in issued.page(rest), rest


@pytest.mark.parametrize("name", ["notice", "model"])
def test_a_frozen_text_that_was_changed_is_not_shown_as_published(site, unit_of_work, name):
    issued = site("itn_open")
    with unit_of_work():
        row = queries.competition_by_reference(issued.reference)
        setattr(row, name, getattr(row, name).replace('"weight":"15"', '"weight":"16"'))

    for rest in ("published", f"{name}.json"):
        answer = issued.visitor.get(issued.path(rest))
        assert answer.status_code == 409, rest
        assert "This frozen text is not the one that was published." in answer.get_data(
            as_text=True
        )


def test_the_public_cannot_read_which_lots_have_one_bid(site, unit_of_work):
    issued = site("itn_closed")
    with unit_of_work():
        row = queries.competition_by_reference(issued.reference)
        row.stage = "quality_evaluation"
        row.lots[0].status, row.lots[1].status = "single_bid", "unbid"

    for words in ("Single bid", "Unbid"):
        assert words in issued.page("lots")
        assert words not in issued.page("published", client=issued.visitor)

    with unit_of_work():
        row = queries.competition_by_reference(issued.reference)
        row.stage = "preferred_bidders"
        row.lots[0].status = "preferred"

    assert "Preferred</strong>" in issued.page("published", client=issued.visitor)


def test_what_is_typed_is_never_read_as_markup(site):
    draft = site("bare_draft")
    evil = "<script>alert(1)</script>"
    draft.post(
        "add-lot",
        {"reference": "L1", "name": evil, "annual_value_pence": "5000000", "term_years": "7"},
    )

    for rest in ("lots", "lots/L1", "lots/L1/change", "lots/L1/remove"):
        page = draft.page(rest)
        assert evil not in page
        assert "&lt;script&gt;" in page


def test_rows_that_the_services_never_made_do_not_break_the_list(app, unit_of_work):
    with unit_of_work():
        CompetitionFactory(stage="terminated", reached_stage="pqq_open", notice_sha256="0" * 64)

    assert "Terminated" in app.test_client().get("/competitions").get_data(as_text=True)
