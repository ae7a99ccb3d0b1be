from __future__ import annotations

import hashlib
import io
import re

import pytest


def upload(content: bytes, name: str = "terms.pdf", **more: str) -> dict:
    return {"title": "Draft terms", "part": "pqq", "file": (io.BytesIO(content), name), **more}


def addresses(page: str) -> list[str]:
    return re.findall(r'href="(/competitions/[^"]+/documents/DOC-[^"/]+/\d+)"', page)


@pytest.fixture
def draft(site):
    return site()


def test_a_document_is_added_with_its_digest_and_read_by_the_team(draft):
    assert draft.post("add-document", upload(b"%PDF one")).status_code == 303

    page = draft.page("documents")
    (address,) = addresses(page)
    assert hashlib.sha256(b"%PDF one").hexdigest() in page
    assert "Not public yet" in page
    answer = draft.approver.get(address)
    assert answer.get_data() == b"%PDF one"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="terms.pdf"')
    assert answer.mimetype == "application/pdf"


def test_a_new_version_stays_beside_the_one_before(draft):
    draft.post("add-document", upload(b"%PDF one"))
    document = addresses(draft.page("documents"))[0].split("/")[-2]

    answer = draft.post(
        f"documents/{document}/new", {"file": (io.BytesIO(b"%PDF two"), "terms.pdf")}
    )

    assert answer.status_code == 303
    second, first = addresses(draft.page("documents"))
    assert draft.lead.get(first).get_data() == b"%PDF one"
    assert draft.lead.get(second).get_data() == b"%PDF two"


@pytest.mark.parametrize(
    ("field", "sent", "sentence"),
    [
        ("file", {"title": "Terms", "part": "pqq"}, "Choose a file."),
        ("file", upload(b"x", "terms.exe"), "is not one of: PDF"),
        ("file", upload(b"", "terms.pdf"), "is empty"),
        ("title", upload(b"x") | {"title": ""}, "Enter the title of the document."),
        ("part", upload(b"x") | {"part": "later"}, "Choose one of what is shown on the page."),
    ],
)
def test_a_document_that_is_wrong_is_refused_beside_its_field(draft, rows, field, sent, sentence):
    draft.page("add-document")
    before = rows()

    answer = draft.post("add-document", sent)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{field}-error"' in page
    assert rows() == before


def test_a_document_is_public_from_the_issue_with_which_it_goes_out(site, bidder, clock):
    draft = site()
    draft.post("add-document", upload(b"with the PQQ"))
    draft.post("add-document", upload(b"with the ITN", part="itn"))
    with_pqq, with_itn = addresses(draft.page("documents"))
    for client in (bidder, draft.visitor):
        assert client.get(with_pqq).status_code == 404

    draft.post("issue-pqq")
    decision = draft.page("decisions").split("/decisions/")[1].split('"')[0]
    draft.post(f"decisions/{decision}", {"decision": "approve"}, client=draft.approver)

    for client in (bidder, draft.visitor):
        assert client.get(with_pqq).get_data() == b"with the PQQ"
        assert client.get(with_itn).status_code == 404
    published = draft.visitor.get(draft.path("published")).get_data(as_text=True)
    assert addresses(published) == [with_pqq]


def test_a_document_is_not_there_under_another_competition(site):
    draft, other = site(), site()
    draft.post("add-document", upload(b"x"))
    (address,) = addresses(draft.page("documents"))

    elsewhere = address.replace(draft.reference, other.reference)

    assert draft.lead.get(elsewhere).status_code == 404
    assert other.lead.get(address).status_code == 404
    assert draft.lead.get(address.rsplit("/", 1)[0] + "/9").status_code == 404
