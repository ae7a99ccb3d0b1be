from __future__ import annotations

from commissioning.competition import queries, services
from commissioning.kernel.errors import Conflict, NotFound
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory


def test_admissions_say_who_may_bid_for_which_lot(session, clock, recorded):
    tender = tenders.pqq_closed(clock, lots=3)
    one, two = OrganisationFactory(name="One"), OrganisationFactory(name="Two")
    wanted = [
        ("L2", two.reference, 500),
        ("L1", one.reference, 700),
        ("L1", two.reference, 500),
    ]
    with recorded() as events:
        services.record_admissions(tender.as_approver, tender.row, wanted, at=clock.now())

    rows = queries.admissions_of(tender.row)
    assert [
        (row.lot.reference, row.organisation.name, row.proved_funding_pence) for row in rows
    ] == [
        ("L1", "One", 700),
        ("L1", "Two", 500),
        ("L2", "Two", 500),
    ]
    assert [row.lot.reference for row in queries.admissions_of(tender.row, one.reference)] == ["L1"]
    assert queries.lot_for(tender.row, "L2", two.reference)[1]
    assert not queries.lot_for(tender.row, "L2", one.reference)[1]
    assert [row.reference for row in queries.competitions_admitting(one.reference)] == [
        tender.reference
    ]
    assert [event.event for event in events] == ["admissions_recorded"]


def test_admission_is_for_a_known_lot_and_organisation_and_once(session, clock, refused):
    tender = tenders.pqq_closed(clock)
    one = OrganisationFactory().reference

    def record(*wanted):
        services.record_admissions(tender.as_approver, tender.row, wanted, at=clock.now())

    with refused(NotFound):
        record(("L9", one, 1))
    with refused(NotFound):
        record(("L1", "ORG-NOWHERE", 1))
    with refused(Conflict, match="once"):
        record(("L1", one, 1), ("L1", one, 1))
    with refused(Conflict, match="one amount"):
        record(("L1", one, 1), ("L2", one, 2))
    record(("L1", one, 1))
    with refused(Conflict, match="once"):
        record(("L1", one, 1))


def test_keys_and_rehearsal_are_kept_until_the_itn(session, clock, recorded, refused):
    tender = tenders.shortlisted(clock)
    at = clock.now()
    with refused(Conflict, match="Prepare them first"):
        services.record_rehearsal(tender.as_lead, tender.row, at=at)
    with recorded() as events:
        services.record_opening_keys(tender.as_lead, tender.row, sha256="a" * 64, at=at)
        services.record_rehearsal(tender.as_lead, tender.row, at=at)
    assert [event.event for event in events] == ["opening_keys_recorded", "rehearsal_recorded"]
    assert (tender.row.opening_keys_sha256, tender.row.rehearsed_at) == ("a" * 64, at)

    services.record_opening_keys(tender.as_lead, tender.row, sha256="b" * 64, at=at)
    assert tender.row.rehearsed_at is None

    issued = tenders.itn_open(clock)
    with refused(Conflict, match="they stay"):
        services.record_opening_keys(issued.as_lead, issued.row, sha256="c" * 64, at=at)
    with refused(Conflict, match="they stay"):
        services.record_rehearsal(issued.as_lead, issued.row, at=at)
