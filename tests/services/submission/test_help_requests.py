"""Help with the service: received at once, answered to its bidder alone, known to nobody else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from commissioning.audit import queries as trail
from commissioning.audit.domain.events import competition_stream, sealed_stream
from commissioning.competition import queries as competitions
from commissioning.competition import services as competing
from commissioning.competition.models import Interest
from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, BadInputs, Conflict, Forbidden, NotFound
from commissioning.kernel.stage import Stage
from commissioning.submission import queries, services
from commissioning.submission.models import HelpRequest
from tests.factories.identity import (
    LONG_AGO,
    OrganisationFactory,
    PersonFactory,
    team_member,
)
from tests.factories.submission import ITN_DEADLINE, Bidder, colleague, contest

MINUTE = timedelta(minutes=1)
TEXT = "CANARY-HELP: the file of question 1 is refused."


@pytest.fixture
def made(session):
    """Six minutes before the deadline, with a duty officer."""
    made = contest(bidders=2)
    made.people["duty_officer"] = [
        team_member(made.authority, made.reference, Role.DUTY_OFFICER, admitted=False)
    ]
    made.clock.move_to(ITN_DEADLINE - 6 * MINUTE)
    return made


def ask(made, number=0, actor=None, key="key", **changes):
    bidder = made.bidders[number]
    fields = {"text": TEXT, "phone": "020 7946 0000", "lot": made.lot}
    return services.ask_for_help(
        actor or bidder.actor,
        made.reference,
        bidder.reference,
        **(fields | changes),
        idempotency_key=key,
        clock=made.clock,
    )


def on_duty(made):
    return made.person(Role.DUTY_OFFICER)


def answer(made, row, actor=None, text="Save the file as PDF and load it again."):
    return services.answer_help(
        actor or on_duty(made), row.reference, answer=text, clock=made.clock
    )


def own_events(made, number=0):
    return list(trail.links(sealed_stream(made.reference, made.bidders[number].reference)))


def new_mail(before):
    return [row for row in db.session.scalars(select(OutboxMessage)) if row.id not in before]


@pytest.fixture
def mailed(session):
    return lambda: {row.id for row in db.session.scalars(select(OutboxMessage))}


def test_a_request_is_kept_with_its_instant_and_the_duty_officer_is_told(made, mailed):
    before, received = mailed(), made.clock.now() - timedelta(seconds=2)
    row = ask(made, received_at=received)

    assert (row.asked_at, row.deadline) == (received, ITN_DEADLINE)
    (letter,) = new_mail(before)
    assert letter.recipient == made.people["duty_officer"][0].email
    assert "Sign in to read more" in letter.body
    (said,) = own_events(made)
    assert said.event == "help_asked"
    assert "CANARY" not in json.dumps(said.changes)
    assert "7946" not in json.dumps(said.changes)


def test_the_duty_officer_sees_it_first_and_as_urgent(made):
    row = ask(made)
    ((found, is_urgent),) = queries.waiting_help_requests(on_duty(made), made.clock.now())
    assert (found.reference, is_urgent) == (row.reference, True)
    (item,) = [
        one
        for one in queries.waiting_for(on_duty(made), made.clock.now())
        if one.title == "A bidder asks for help"
    ]

    assert (item.is_urgent, item.due_at) == (True, ITN_DEADLINE)


@pytest.mark.parametrize(
    "changes",
    [{"text": "Something else."}, {"phone": "020 7946 0001"}, {"lot": "L2"}, {"lot": None}],
    ids=str,
)
def test_the_same_page_with_other_words_is_not_taken_for_the_same(made, changes):
    first = ask(made)
    with pytest.raises(Conflict, match="with other words"):
        ask(made, **changes)
    assert ask(made, text=f" {TEXT} ") is first


def test_asking_the_same_page_twice_is_one_request(made):
    assert ask(made).id == ask(made).id
    assert ask(made, key="another").id != ask(made).id
    assert ask(made, 1).id != ask(made).id


def test_an_answer_goes_to_its_organisation_alone_and_once(made, mailed):
    row = ask(made)
    before = mailed()
    made.clock.advance(MINUTE)
    answer(made, row)

    assert [m.recipient for m in new_mail(before)] == [made.bidders[0].person.email]
    (_, said) = own_events(made)
    assert (said.event, said.actor) == ("help_answered", on_duty(made).reference)
    assert "PDF" not in json.dumps(said.changes)
    assert queries.waiting_help_requests(on_duty(made), made.clock.now()) == []
    with pytest.raises(Conflict):
        answer(made, row)
    (mine,) = queries.own_help_requests(made.bidders[0].organisation, made.row)
    assert mine.answered_at == made.clock.now()
    assert queries.own_help_requests(made.bidders[1].organisation, made.row) == []


def test_nobody_else_learns_of_it_before_the_opening(made):
    competition = len(list(trail.links(competition_stream(made.reference))))
    platform = len(list(trail.links("platform")))
    row = ask(made)
    answer(made, row)
    others = [
        made.person(role)
        for role in (
            Role.PROCUREMENT_LEAD,
            Role.APPROVER,
            Role.COMMERCIAL_OFFICER,
            Role.EVALUATOR,
            Role.MODERATOR,
            Role.KEY_HOLDER,
            Role.AUDITOR,
        )
    ]
    now = made.clock.now()
    for actor in (*others, made.bidders[0].actor, made.bidders[1].actor):
        assert queries.waiting_help_requests(actor, now) == []
        with pytest.raises(Forbidden):
            queries.help_requests(actor, made.row, now=now)
        with pytest.raises(Forbidden):
            queries.readable_help_request(actor, row.reference, now=now)
        with pytest.raises(Forbidden):
            answer(made, ask(made, key="open"), actor)
    assert len(list(trail.links(competition_stream(made.reference)))) == competition
    assert len(list(trail.links("platform"))) == platform


def test_the_auditor_reads_everything_after_the_closing(made):
    row = ask(made)
    made.clock.move_to(ITN_DEADLINE)
    services.pass_deadlines(clock=made.clock)
    auditor, now = made.person(Role.AUDITOR), made.clock.now()

    assert [one.reference for one, _ in queries.help_requests(auditor, made.row, now=now)] == [
        row.reference
    ]
    assert queries.readable_help_request(auditor, row.reference, now=now).text == TEXT
    with pytest.raises(Forbidden):
        answer(made, row, auditor)
    with pytest.raises(Forbidden):
        queries.help_requests(made.person(Role.PROCUREMENT_LEAD), made.row, now=now)


def test_a_duty_officer_with_an_interest_is_neither_told_nor_let_in(made, mailed):
    duty = made.people["duty_officer"][0]
    db.session.add(
        Interest(
            competition_id=made.row.id,
            person=duty.reference,
            organisation=made.bidders[0].reference,
            statement="A relative.",
            declared_at=LONG_AGO,
        )
    )
    db.session.flush()
    before = mailed()
    row = ask(made)

    assert new_mail(before) == []
    with pytest.raises(Forbidden):
        answer(made, row)


def test_whoever_is_not_shortlisted_asks_nothing_in_the_itn(made):
    organisation = OrganisationFactory()
    stranger = Bidder(organisation, PersonFactory(organisation=organisation))
    made.bidders.append(stranger)
    with pytest.raises(Forbidden):
        ask(made, 2, lot=None)
    with pytest.raises(Forbidden):
        ask(made, 0, actor=made.bidders[1].actor)


@pytest.mark.parametrize("role", [Role.BID_WRITER, Role.BID_MANAGER, Role.SIGNATORY])
def test_every_person_of_a_bidder_may_ask(made, role):
    assert ask(made, actor=colleague(made.bidders[0], role)).asked_by


def test_a_bidder_asks_in_the_pqq_as_well(session):
    made = contest(stage=Stage.PQQ_OPEN)
    assert ask(made, lot=None).lot is None


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.QUALITY_EVALUATION])
def test_nothing_is_asked_before_the_pqq_or_after_the_opening(made, stage):
    made.move_to(stage)
    with pytest.raises(Forbidden):
        ask(made)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"text": " "}, BadInputs),
        ({"text": "x" * 1501}, BadInputs),
        ({"phone": "0" * 41}, BadInputs),
        ({"lot": "L9"}, BadInput),
        ({"key": ""}, BadInput),
    ],
)
def test_what_is_typed_wrongly_is_refused_and_nothing_is_kept(made, changes, error):
    with pytest.raises(error):
        ask(made, **changes)
    assert db.session.scalars(select(HelpRequest)).all() == []


def test_an_answer_says_something(made):
    row = ask(made)
    for text in (" ", "x" * 4001):
        with pytest.raises(BadInput):
            answer(made, row, text=text)
    with pytest.raises(NotFound):
        services.answer_help(on_duty(made), "HLP-NONE", answer="Yes.", clock=made.clock)


def test_the_nearest_deadline_is_the_one_that_holds_now(made):
    ask(made)
    made.clock.advance(MINUTE)
    lead, approver = made.person(Role.PROCUREMENT_LEAD), made.person(Role.APPROVER)
    decision = competing.propose_extension(
        lead,
        made.reference,
        deadline=ITN_DEADLINE + timedelta(days=1),
        reason="More time.",
        clock=made.clock,
    )
    competing.approve_extension(approver, decision.reference, clock=made.clock)
    ((_, is_urgent),) = queries.waiting_help_requests(on_duty(made), made.clock.now())

    assert not is_urgent
    assert competitions.open_deadline(made.row).instant_utc == ITN_DEADLINE + timedelta(days=1)
