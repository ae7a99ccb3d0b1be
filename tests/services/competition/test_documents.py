from __future__ import annotations

import hashlib

import pytest

from commissioning.competition import queries, services
from commissioning.infrastructure import documents
from commissioning.infrastructure.outbox import waiting_messages
from commissioning.kernel.actor import ANONYMOUS
from commissioning.kernel.errors import Forbidden, NotFound
from commissioning.permissions import Permission
from tests.factories import competition as tenders
from tests.factories.identity import OrganisationFactory, PersonFactory


@pytest.fixture
def tender(session, clock):
    return tenders.sound_draft(clock)


def add(tender, actor=None, **changes):
    fields = {
        "title": "Target operating model",
        "part": "itn",
        "file_name": "model.pdf",
        "media_type": "application/pdf",
        "pieces": [b"%PDF", b"-1.7"],
    }
    return services.add_document(
        actor or tender.as_lead, tender.reference, **(fields | changes), clock=tender.clock
    )


def test_document_is_kept_with_its_digest(tender, recorded):
    with recorded() as events:
        version = add(tender)

    assert b"".join(documents.store().read(version.store_key)) == b"%PDF-1.7"
    assert version.sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert (version.version, version.size_bytes, version.file_name) == (1, 8, "model.pdf")
    assert [event.event for event in events] == ["document_version_added"]
    assert events[0].changes["sha256"] == version.sha256


def test_new_version_stands_beside_the_old_one(tender):
    first = add(tender)
    reference = first.document.reference
    second = add(tender, document=reference, pieces=[b"better"])

    (document,) = queries.documents_of(tender.row)
    assert document.versions == [first, second]
    assert [version.version for version in document.versions] == [1, 2]
    assert documents.store().exists(first.store_key)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"part": "annex"}, "part"),
        ({"file_name": ""}, "file"),
        ({"file_name": ".."}, "file"),
        ({"file_name": "a" * 201}, "file"),
        ({"file_name": "model\u202efdp.exe"}, "file"),
        ({"pieces": []}, "file"),
    ],
)
def test_what_is_wrong_is_named_at_its_field(tender, refused, changes, field):
    with refused(field=field):
        add(tender, **changes)


def test_folder_of_the_sender_is_no_part_of_the_name(tender):
    assert add(tender, file_name="C:\\Desktop\\final.pdf").file_name == "final.pdf"
    assert add(tender, file_name="../../etc/passwd").file_name == "passwd"


def test_document_of_another_competition_is_absent(tender, clock, refused):
    other = tenders.bare_draft(clock)
    theirs = add(other).document.reference

    with refused(NotFound):
        add(tender, document=theirs)


def test_only_the_lead_adds_documents_and_not_after_the_itn(tender, clock, forbidden):
    with forbidden(Permission.COMPETITION_EDIT_DOCUMENTS):
        add(tender, actor=tender.as_approver)

    issued = tenders.itn_open(clock)
    with forbidden(Permission.COMPETITION_EDIT_DOCUMENTS):
        add(issued)


def test_document_is_read_by_the_team_and_from_its_issue_by_everyone(session, clock):
    tender = tenders.sound_draft(clock)
    pqq = add(tender, part="pqq").document.reference
    itn = add(tender, part="itn").document.reference

    def may_read(actor, document):
        try:
            return queries.readable_document_version(actor, document, 1, now=clock.now()) and True
        except Forbidden:
            return False

    assert may_read(tender.as_approver, pqq)
    assert not may_read(ANONYMOUS, pqq)
    decision = services.propose_pqq_issue(tender.as_lead, tender.reference, clock=clock)
    services.approve_pqq_issue(tender.as_approver, decision.reference, clock=clock)
    assert may_read(ANONYMOUS, pqq)
    assert not may_read(ANONYMOUS, itn)
    assert may_read(tender.as_lead, itn)
    with pytest.raises(NotFound):
        queries.readable_document_version(tender.as_lead, pqq, 2, now=clock.now())


def test_everyone_is_told_of_a_document_that_is_out_already(session, clock):
    tender = tenders.pqq_open(clock)
    bidder = PersonFactory(organisation=OrganisationFactory())

    def told(part):
        before = len(waiting_messages())
        add(tender, part=part)
        return [message.recipient for message in waiting_messages()[before:]]

    assert bidder.email in told("pqq")
    assert told("itn") == []
