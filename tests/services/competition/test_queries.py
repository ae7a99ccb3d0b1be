from __future__ import annotations

from datetime import timedelta

import pytest

from commissioning.competition import queries, services
from commissioning.competition.queries.competition import competition_for_change
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.kernel.errors import Forbidden, NotFound
from commissioning.kernel.stage import Stage
from tests.factories import competition as tenders
from tests.factories.competition import (
    CompetitionFactory,
    CriterionFactory,
    LotFactory,
    ProgrammeFactory,
    SelectionQuestionFactory,
    TimetableEntryFactory,
)
from tests.factories.identity import AuthorityFactory, PersonFactory, actor_of, team_member

# Who may know of it ----------------------------------------------------------------------------


def test_list_holds_the_competitions_on_which_one_holds_a_role(session):
    authority = AuthorityFactory()
    programme = ProgrammeFactory(authority=authority)
    mine, _other = (CompetitionFactory(programme=programme) for _ in range(2))
    elsewhere = CompetitionFactory()
    evaluator = team_member(authority, mine.reference, Role.EVALUATOR)
    auditor = PersonFactory(organisation=authority, roles=[Role.AUDITOR])
    lead = PersonFactory(organisation=authority, roles=[Role.PROCUREMENT_LEAD])

    assert [row.reference for row in queries.competitions_for(actor_of(evaluator))] == [
        mine.reference
    ]
    assert {row.reference for row in queries.competitions_for(actor_of(auditor))} == {
        mine.reference,
        _other.reference,
    }
    assert queries.competitions_for(actor_of(lead)) == []
    assert queries.competitions_for(ANONYMOUS) == []
    assert elsewhere.reference not in {
        row.reference for row in queries.competitions_for(actor_of(auditor))
    }


def test_draft_is_read_by_its_team_and_the_authoritys_auditor_alone(session, clock):
    tender = tenders.bare_draft(clock)
    other = tenders.bare_draft(clock)
    auditor = actor_of(PersonFactory(organisation=tender.authority, roles=[Role.AUDITOR]))
    theirs = actor_of(PersonFactory(organisation=other.authority, roles=[Role.AUDITOR]))

    for actor in (tender.as_lead, tender.as_approver, auditor):
        assert queries.readable_competition(actor, tender.reference, now=clock.now())
    for actor in (other.as_lead, theirs, ANONYMOUS):
        with pytest.raises(Forbidden):
            queries.readable_competition(actor, tender.reference, now=clock.now())
    with pytest.raises(NotFound):
        queries.readable_competition(tender.as_lead, "NOWHERE", now=clock.now())


def test_published_page_is_everyones_from_the_notice_on(session, clock):
    draft, issued = tenders.sound_draft(clock), tenders.pqq_open(clock)

    assert queries.published_competition(ANONYMOUS, issued.reference, now=clock.now())
    with pytest.raises(Forbidden):
        queries.published_competition(ANONYMOUS, draft.reference, now=clock.now())
    assert [row.reference for row in queries.published_competitions()] == [issued.reference]


def test_programmes_are_those_of_the_own_authority(session):
    authority = AuthorityFactory()
    mine = [ProgrammeFactory(authority=authority, name=name) for name in ("B", "A")]
    ProgrammeFactory()
    lead = actor_of(PersonFactory(organisation=authority, roles=[Role.PROCUREMENT_LEAD]))
    other = actor_of(PersonFactory(organisation=authority, roles=[Role.AUDITOR]))

    assert list(queries.programmes_for(lead)) == mine[::-1]
    assert queries.programmes_for(other) == []


def test_absent_things_are_not_found(session, clock):
    tender = tenders.bare_draft(clock)
    for read in (
        lambda: queries.competition_by_reference("NOWHERE"),
        lambda: competition_for_change("NOWHERE"),
        lambda: queries.programme_by_reference("NOWHERE"),
        lambda: queries.decision_by_reference("NOWHERE"),
        lambda: queries.lot_by_reference(tender.row, "NOWHERE"),
        lambda: queries.readable_document_version(ANONYMOUS, "NOWHERE", 1, now=clock.now()),
    ):
        with pytest.raises(NotFound):
            read()


def test_lot_of_another_competition_is_not_found(session):
    lot = LotFactory()

    with pytest.raises(NotFound):
        queries.lot_by_reference(CompetitionFactory(), lot.reference)


# Facts -----------------------------------------------------------------------------------------


def test_facts_say_where_it_stands_and_until_when(session, clock):
    tender = tenders.itn_open(clock)
    facts = queries.facts(tender.row, clock.now(), proposer="USR-1")

    assert facts.authority == tender.authority.reference
    assert facts.competition == tender.reference
    assert (facts.stage, facts.reached) == (Stage.ITN_OPEN, None)
    assert facts.deadline == tender.deadline("itn_deadline")
    assert (facts.now, facts.proposer) == (clock.now(), "USR-1")


@pytest.mark.parametrize(
    "build", [tenders.sound_draft, tenders.pqq_closed, tenders.shortlisted, tenders.itn_closed]
)
def test_there_is_no_deadline_while_nothing_is_open(session, clock, build):
    tender = build(clock)

    assert queries.facts(tender.row, clock.now()).deadline is None


def test_change_reads_what_others_have_written_meanwhile(session, clock):
    tender = tenders.bare_draft(clock)
    row = tender.row
    table = row.__table__
    db.session.execute(
        table.update().where(table.c.reference == tender.reference).values(title="Changed")
    )

    assert competition_for_change(tender.reference).title == "Changed"
    assert row.title == "Changed"


# Lists send as many statements for many rows as for few ----------------------------------------


def populate(count, authority):
    for _ in range(count):
        competition = CompetitionFactory(
            programme=ProgrammeFactory(authority=authority), stage="pqq_open"
        )
        for _ in range(count):
            LotFactory(competition=competition)
            CriterionFactory(competition=competition)
            SelectionQuestionFactory(competition=competition)
        TimetableEntryFactory(competition=competition)
        team_member(authority, competition.reference, Role.EVALUATOR, admitted=False)
    return competition


def look_at(competition):
    """What a line of a list shows."""
    return (
        competition.title,
        competition.programme.authority.name,
        queries.open_deadline(competition),
        competition.stage,
    )


def test_lists_of_competitions_take_as_many_statements_for_many_as_for_few(session, statements):
    authority = AuthorityFactory()
    auditor = actor_of(PersonFactory(organisation=authority, roles=[Role.AUDITOR]))

    def read():
        rows = [look_at(row) for row in queries.competitions_for(auditor)]
        assert rows == [look_at(row) for row in queries.published_competitions()]
        return len(rows)

    populate(2, authority)
    with statements() as few:
        assert read() == 2
    authority = db.session.merge(authority)
    populate(6, authority)
    with statements() as many:
        assert read() == 8

    assert len(many) == len(few) <= 4


def test_parts_of_a_competition_take_as_many_statements_for_many_as_for_few(session, statements):
    def read(reference):
        row = queries.competition_by_reference(reference)
        model = queries.drafted_model(row)
        return (
            len(model.lots),
            sum(len(criterion.leaves) for criterion in model.criteria),
            len(queries.selection_rules(row).questions),
            len(queries.team(row)),
            len(queries.current_timetable(row)),
        )

    small = populate(1, AuthorityFactory()).reference
    large = populate(7, AuthorityFactory()).reference
    with statements() as few:
        assert read(small) == (1, 1, 1, 1, 1)
    with statements() as many:
        assert read(large) == (7, 7, 7, 1, 1)

    assert len(many) == len(few)


def test_what_waits_takes_as_many_statements_for_many_as_for_few(session, clock, statements):
    auditor_of = {}

    def add(count, authority):
        for _ in range(count):
            competition = CompetitionFactory(programme=ProgrammeFactory(authority=authority))
            team_member(authority, competition.reference, Role.PROCUREMENT_LEAD)
        return auditor_of.setdefault(
            authority.reference, PersonFactory(organisation=authority, roles=[Role.AUDITOR])
        )

    few_of = actor_of(add(1, AuthorityFactory()))
    many_of = actor_of(add(5, AuthorityFactory()))
    with statements() as few:
        queries.waiting_for(few_of, clock.now())
    with statements() as many:
        queries.waiting_for(many_of, clock.now())

    assert len(many) == len(few)


# What waits, and what is still to do -----------------------------------------------------------


def test_decision_waits_for_whoever_may_make_it_and_for_nobody_else(session, clock):
    tender = tenders.sound_draft(clock)
    commercial = tender.member(Role.COMMERCIAL_OFFICER)
    decision = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)

    def waits_for(actor):
        return [(i.endpoint, i.values) for i in queries.waiting_for(actor, clock.now())]

    page = {"reference": tender.reference, "decision": decision.reference}
    assert waits_for(tender.as_approver) == [("competition.decision", page)]
    assert waits_for(commercial) == []
    assert waits_for(tender.as_lead) == []
    assert queries.may_decide(tender.as_approver, decision, clock.now())
    assert not queries.may_decide(tender.as_lead, decision, clock.now())
    services.send_back(tender.as_approver, decision.reference, reason="No", clock=clock)
    assert waits_for(tender.as_approver) == []
    assert not queries.may_decide(tender.as_approver, decision, clock.now())


def test_draft_waits_for_its_lead(session, clock):
    tender = tenders.bare_draft(clock)

    (item,) = queries.waiting_for(tender.as_lead, clock.now())

    assert (item.endpoint, item.values) == ("competition.home", {"reference": tender.reference})
    assert queries.waiting_for(tender.as_approver, clock.now()) == []


def test_extension_waits_with_its_deadline(session, clock):
    tender = tenders.pqq_open(clock)
    deadline = tender.deadline("pqq_deadline")
    services.propose_extension(
        tender.as_lead,
        tender.reference,
        deadline=deadline + timedelta(days=1),
        reason="More time",
        clock=clock,
    )

    (item,) = queries.waiting_for(tender.as_approver, clock.now())
    assert item.due_at == deadline


def test_task_list_names_what_is_still_to_do(session, clock):
    tender = tenders.bare_draft(clock)

    tasks = {task.part: task for task in queries.set_up_tasks(tender.row, clock.now())}

    assert list(tasks) == ["lots", "criteria", "rules", "questions", "timetable", "people"]
    complete = {part for part, task in tasks.items() if task.is_complete}
    assert complete == {"rules", "people"}
    assert tasks["lots"].problems == ("There is no lot. Add at least one.",)


def test_task_list_of_the_itn_includes_keys_and_rehearsal(session, clock):
    tender = tenders.shortlisted(clock)

    tasks = {task.part: task.is_complete for task in queries.set_up_tasks(tender.row, clock.now())}

    assert [part for part, is_complete in tasks.items() if not is_complete] == ["keys", "rehearsal"]
    assert "questions" not in tasks


def test_nothing_is_to_be_checked_once_both_are_issued(session, clock):
    tender = tenders.itn_open(clock)

    assert queries.check_list(tender.row, clock.now()) == []
    assert queries.set_up_tasks(tender.row, clock.now()) == []


def test_sound_draft_has_an_empty_check_list(session, clock):
    tender = tenders.sound_draft(clock)

    assert queries.check_list(tender.row, clock.now()) == []
    assert all(task.is_complete for task in queries.set_up_tasks(tender.row, clock.now()))


def test_competition_of_21_lots_is_set_up_and_issued_quickly(session, clock, statements):
    with statements() as sent:
        tender = tenders.itn_open(clock, lots=21)

    assert len(queries.evaluation_model(tender.row).lots) == 21
    assert len(sent) < 1500
