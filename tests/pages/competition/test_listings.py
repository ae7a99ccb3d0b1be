from __future__ import annotations

import pytest

from commissioning.kernel.actor import Actor, Grant, Role
from tests.factories.competition import (
    CompetitionFactory,
    CriterionFactory,
    LotFactory,
    SelectionQuestionFactory,
    TimetableEntryFactory,
)
from tests.factories.identity import team_member
from tests.support.pages import client_of


def test_the_lead_finds_the_competition_with_its_stage_and_role(site):
    page = site().lead.get("/competitions").get_data(as_text=True)

    assert "Your competitions" in page
    assert "Rehabilitation of offenders" in page
    assert "procurement lead" in page
    assert "Set up a competition" in page


def test_a_draft_is_listed_for_nobody_else(site, bidder):
    draft = site()

    for client in (draft.visitor, bidder):
        page = client.get("/competitions").get_data(as_text=True)
        assert draft.reference not in page
        assert "No competition is published yet" in page


def test_a_published_competition_is_listed_for_everybody(site):
    issued = site("pqq_open")

    page = issued.visitor.get("/competitions").get_data(as_text=True)

    assert f"/competitions/{issued.reference}/published" in page
    assert "Your competitions" not in page


def test_an_auditor_of_the_authority_finds_its_drafts_and_no_others(site, member):
    own, other = site(), site()

    answer = member(own, Role.AUDITOR, on_competition=False).get("/competitions")

    page = answer.get_data(as_text=True)
    assert own.reference in page
    assert "auditor" in page
    assert other.reference not in page


def test_a_long_list_is_paged_and_keeps_its_sort(app, unit_of_work):
    with unit_of_work():
        CompetitionFactory.create_batch(30, stage="pqq_open")
    client = app.test_client()

    first = client.get("/competitions?published-sort=reference").get_data(as_text=True)
    second = client.get("/competitions?published-sort=reference&published-page=2").get_data(
        as_text=True
    )

    assert "1 to 25 of 30" in first
    assert "26 to 30 of 30" in second
    assert "published-sort=reference&amp;published-page=2" in first


# The number of statements does not grow with the number of rows ---------------------------------


def competitions(number: int) -> str:
    for _ in range(number):
        TimetableEntryFactory(competition=CompetitionFactory(stage="pqq_open"))
    return ""


def lots(number: int) -> str:
    competition = CompetitionFactory()
    LotFactory.create_batch(number, competition=competition)
    return f"/{competition.reference}/lots"


def criteria(number: int) -> str:
    competition = CompetitionFactory()
    CriterionFactory.create_batch(number, competition=competition)
    return f"/{competition.reference}/criteria"


def questions(number: int) -> str:
    competition = CompetitionFactory()
    SelectionQuestionFactory.create_batch(number, competition=competition)
    return f"/{competition.reference}/questions"


def dates(number: int) -> str:
    competition = CompetitionFactory()
    for version in range(1, number + 1):
        TimetableEntryFactory(
            competition=competition,
            version=version,
            superseded_at=None if version == number else competition.created_at,
        )
    return f"/{competition.reference}/timetable"


def people(number: int) -> str:
    competition = CompetitionFactory()
    for _ in range(number):
        team_member(competition.programme.authority, competition.reference, Role.EVALUATOR)
    return f"/{competition.reference}/people"


KINDS = {
    "competition.index": competitions,
    "competition.lots": lots,
    "competition.criteria": criteria,
    "competition.questions": questions,
    "competition.timetable": dates,
    "competition.people": people,
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_three_rows_and_three_hundred_take_as_many_statements(app, unit_of_work, statements, kind):
    counted = []
    for number in (3, 300 if kind is not people else 30):
        with unit_of_work():
            path = kind(number)
        reference = path.split("/")[1] if path else None
        grants = {Grant(Role.EVALUATOR, "ORG-TEST", reference)} if reference else set()
        client = client_of(app, Actor("USR-TEST", "Tess", "ORG-TEST", frozenset(grants)))
        address = f"/competitions{path}"
        client.get(address)  # what is read once for all, such as templates, is read
        with statements() as sent:
            assert client.get(address).status_code == 200
        counted.append(len(sent))

    assert counted[0] == counted[1] > 0
