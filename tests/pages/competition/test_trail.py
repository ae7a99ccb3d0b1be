from __future__ import annotations

from sqlalchemy import select, update

from commissioning.audit.domain.events import (
    FOLLOWS_FROM_PRICES,
    Event,
    Subject,
    competition_stream,
)
from commissioning.audit.models import AuditEvent
from commissioning.audit.services import record
from commissioning.identity.models import RoleGrant
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor, Grant, Role
from tests.plugins.application import START
from tests.support.pages import client_of


def test_the_trail_says_who_did_what_and_that_it_is_whole(site):
    issued = site("pqq_open")

    page = issued.page("trail")

    assert "The chain is whole" in page
    assert "Every one of the 9 events" in page
    assert "PQQ issued" in page
    assert "Timetable changed" in page
    assert issued.lead_actor.name in page
    assert issued.approver_actor.name in page
    assert "USR-" not in page.replace('value="USR-', "")  # a name is said wherever one is read
    assert "2 Mar 2026, 09:00:00 GMT" in page


def test_the_trail_is_read_by_what_happened_and_by_whom(site):
    issued = site("pqq_open")
    lead, approver = issued.lead_actor.reference, issued.approver_actor.reference

    page = issued.page("trail?event=pqq_issued")
    assert "PQQ issued</strong>" in page
    assert "Timetable changed</strong>" not in page
    assert "Every one of the 9 events" in page  # the chain is checked as a whole
    # The lead proposed the issue, and the approver made it.
    assert "PQQ issued</strong>" not in issued.page(f"trail?event=pqq_issued&actor={lead}")
    assert "PQQ issued</strong>" in issued.page(f"trail?event=pqq_issued&actor={approver}")
    assert "No event is of this kind and by this person." in issued.page("trail?event=x")


def test_a_trail_that_was_changed_is_said_to_be_broken(site, app, unit_of_work):
    issued = site("pqq_open")
    with unit_of_work():
        db.session.execute(
            update(AuditEvent)
            .where(AuditEvent.stream == f"competition:{issued.reference}", AuditEvent.position == 3)
            .values(actor="USR-SOMEBODY")
        )

    page = issued.page("trail")

    assert "The chain is broken." in page
    assert "Event 3 was changed after it was written." in page
    assert "The chain is whole" not in page


def test_the_lead_and_the_auditors_read_the_trail_and_nobody_else(site, member, bidder):
    issued = site("pqq_open")

    for client in (
        issued.lead,
        member(issued, Role.AUDITOR),
        member(issued, Role.AUDITOR, on_competition=False),
    ):
        assert "The chain is whole" in issued.page("trail", client=client)
    for client in (issued.approver, member(issued, Role.EVALUATOR), bidder):
        assert client.get(issued.path("trail")).status_code == 404


def test_a_role_elsewhere_opens_nothing_here(site, app):
    """A lead of the authority who marks in this competition is no lead of it."""
    draft = site()
    organisation = draft.lead_actor.organisation
    grants = [
        Grant(Role.PROCUREMENT_LEAD, organisation),
        Grant(Role.EVALUATOR, organisation, draft.reference),
    ]
    client = client_of(app, Actor("USR-BOTH", "Bo Both", organisation, frozenset(grants)))

    assert draft.path("trail") not in draft.page(client=client)
    for rest in (
        "trail", "add-lot", "lots-file", "weights", "rules/change", "timetable/change",
        "add-question", "add-document", "give-role", "particulars", "issue-pqq", "terminate",
    ):  # fmt: skip
        assert client.get(draft.path(rest)).status_code == 404, rest


def test_what_follows_from_prices_is_withheld_from_whoever_marks_or_moderates(
    site, app, member, unit_of_work
):
    """Also from those whose role here has ended; the chain is whole for everybody."""
    draft = site()
    with unit_of_work():
        for event in FOLLOWS_FROM_PRICES:
            record(
                draft.lead_actor,
                event,
                Subject("competition", draft.reference),
                {"ranking": [{"bid": "BID-1", "evaluated_price_pence": 98_765_432}]},
                at=START,
                stream=competition_stream(draft.reference),
            )
    auditor = member(draft, Role.AUDITOR)
    both = member(draft, Role.PROCUREMENT_LEAD, Role.MODERATOR)
    marking = member(draft, Role.AUDITOR, Role.EVALUATOR)
    once = member(draft, Role.AUDITOR, Role.MODERATOR)
    everywhere = member(draft, Role.AUDITOR, on_competition=False)
    with unit_of_work():
        row = db.session.scalars(
            select(RoleGrant).where(RoleGrant.role == "moderator").order_by(RoleGrant.id.desc())
        ).first()
        row.ended_at = row.given_at

    for client in (draft.lead, auditor, everywhere):
        page = draft.page("trail", client=client)
        assert page.count("98765432") == len(FOLLOWS_FROM_PRICES)
        assert "Withheld" not in page
    for client in (both, marking, once):
        page = draft.page("trail", client=client)
        assert "98765432" not in page
        assert page.count("Withheld") == len(FOLLOWS_FROM_PRICES)
        assert "The chain is whole" in page


def test_a_denial_is_not_told_from_absence(site, bidder):
    issued = site("pqq_open")

    denied = bidder.get(issued.path("trail")).get_data(as_text=True)
    absent = bidder.get("/competitions/NOTHING/trail").get_data(as_text=True)

    assert "There is no such page, or it is not yours to see." in denied
    assert "There is no such page, or it is not yours to see." in absent


def test_a_long_trail_is_paged_newest_first(site):
    draft = site()
    for number in range(30):
        draft.post(
            "particulars",
            {
                "title": f"Title {number}",
                "commenced_on-day": "2",
                "commenced_on-month": "3",
                "commenced_on-year": "2026",
                "light_touch": "yes",
                "profile": "short",
            },
        )

    first, second = draft.page("trail"), draft.page("trail?page=2")
    oldest = draft.page("trail?sort=position")

    assert "Title 28 → Title 29" in first
    assert "Title 28 → Title 29" not in second
    assert "1 to 25 of 37" in first
    assert "26 to 37 of 37" in second
    assert "Competition created</strong>" in oldest
    assert "Competition created</strong>" not in first


def test_a_record_of_many_values_is_not_cut_in_silence(site, app, unit_of_work):
    draft = site()
    with unit_of_work():
        record(
            draft.lead_actor,
            Event.ADMISSIONS_RECORDED,
            Subject("competition", draft.reference),
            {"admitted": {f"ORG-{number}": ["L1", "L2"] for number in range(70)}},
            at=START,
            stream=competition_stream(draft.reference),
        )

    page = draft.page("trail")

    assert page.count("L1, L2") == 60
    assert "and 10 more, in the export of the trail" in page
    assert "The chain is whole" in page


def test_the_trail_takes_as_many_statements_for_many_events(site, statements):
    few, many = site("bare_draft"), site("ready_for_itn")
    counted = []
    for one in (few, many):
        one.page("trail")
        with statements() as sent:
            one.page("trail")
        counted.append(len(sent))

    assert counted[0] == counted[1]
