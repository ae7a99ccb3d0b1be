from __future__ import annotations

import pytest
from sqlalchemy import select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.events import competition_stream
from commissioning.competition import queries as competition_queries
from commissioning.evaluation import services
from commissioning.evaluation.models import Assignment, Mark
from commissioning.infrastructure import scanner
from commissioning.infrastructure.database import db
from commissioning.kernel.stage import Stage
from tests.factories.evaluation import attach_file, world_at
from tests.support.clamd import EICAR, clamd, closed_port
from tests.support.pages import page_token
from tests.support.visits import words

SHEET = "evaluation/sheets/CPA1/C2"


@pytest.fixture
def marking(site, clock):
    return site.make(prepare=lambda world: world.assign(clock))


def answer_path(site, leaf="C2.1", bid=0, lot="CPA1"):
    return f"evaluation/answers/{site.bids[lot][bid]}/{leaf}"


def mark(site, name="e1", *, value="3", reason="See paragraph 2.", **where):
    return site.post(name, answer_path(site, **where), {"mark": value, "reason": reason})


def saved(site):
    return site.ask(
        lambda _c: [(m.evaluator, m.mark, m.reason) for m in db.session.scalars(select(Mark))]
    )


def test_evaluator_finds_every_sheet_with_what_is_to_do(marking):
    page = marking.text("e1", "evaluation/marking")

    assert "0 of 4 of your sheets submitted" in page
    assert page.count("0 of 4 To mark") == 2
    assert page.count("0 of 2 To mark") == 2
    assert "No answers are assigned" in marking.text("e4", "evaluation/marking")


def test_moderator_finds_sheets_that_wait_for_others(marking):
    assert marking.text("moderator", "evaluation/marking").count("Waiting for others") == 4


def test_sheet_lists_every_answer_and_what_is_missing(marking):
    page = marking.text("e1", SHEET)

    assert page.count("Bidder 1") == 2 * 2  # in the link's hidden words, and in its column
    assert "Mark 4 more answers" in page
    assert "Check and submit" not in page


def test_answer_is_shown_in_numbered_paragraphs_with_the_scale(marking):
    page = marking.text("e1", answer_path(marking))

    assert "Question C2.1 How will you do C2.1?" in page
    assert "Paragraph 1 Answer to C2.1." in page
    assert f"Paragraph 2 CANARY-{marking.bids['CPA1'][0]}." in page
    assert "4, excellent" in page
    assert "Answer 1 of 4" in page
    assert "Previous answer" not in page


def test_saved_mark_leads_to_the_next_answer_and_the_last_to_the_sheet(marking):
    first = mark(marking)
    assert first.status_code == 303
    assert first.location.endswith(answer_path(marking, leaf="C2.2"))
    last = mark(marking, bid=1, leaf="C2.2")
    assert last.location.endswith(SHEET)
    assert saved(marking) == [(marking.people["e1"], 3, "See paragraph 2.")] * 2


@pytest.mark.parametrize(
    ("value", "reason", "sentence"),
    [
        ("", "Why.", "Select a mark."),
        ("3", "  ", "Enter the reason for the mark."),
        ("5", "Why.", "Choose one of what is shown on the page."),
    ],
)
def test_mark_that_cannot_be_is_refused_beside_its_field(marking, value, reason, sentence):
    answer = mark(marking, value=value, reason=reason)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert saved(marking) == []


def test_own_mark_stands_in_the_form_again(marking):
    mark(marking, value="2", reason="Thin evidence.")

    page = marking.get("e1", answer_path(marking)).get_data(as_text=True)
    assert "Thin evidence." in page
    assert 'value="2" checked' in page
    assert "Thin evidence." not in marking.get("e2", answer_path(marking)).get_data(as_text=True)


def test_sheet_is_checked_and_submitted_once(marking):
    for bid in (0, 1):
        for leaf in ("C2.1", "C2.2"):
            mark(marking, bid=bid, leaf=leaf, reason=f"Reason {leaf} {bid}.")
    check = marking.text("e1", f"{SHEET}/submit")
    assert "Reason C2.2 1." in check

    assert marking.post("e1", f"{SHEET}/submit").status_code == 303

    page = marking.text("e1", SHEET)
    assert "You submitted this sheet on" in page
    assert "Your marks do not change any more" in page
    assert "Save and go on" not in marking.text("e1", answer_path(marking))
    assert "This sheet is submitted" in marking.text("e1", f"{SHEET}/submit")
    assert marking.ask(
        lambda _c: db.session.scalars(
            select(Assignment.person).where(Assignment.submitted_at.is_not(None))
        ).all()
    ) == [marking.people["e1"]]


def test_incomplete_sheet_says_what_is_missing_and_offers_no_button(marking):
    mark(marking)
    page = marking.text("e1", f"{SHEET}/submit")
    assert "Mark 3 more answers before you submit." in page
    assert "Submit your marks" not in page


def test_mark_after_submission_is_a_conflict_and_changes_nothing(marking, clock):
    client = marking.visit("e1")
    path = marking.path(answer_path(marking))
    token = page_token(client, path)
    entries = {
        (bid, leaf): (3, "Why.") for bid in marking.bids["CPA1"] for leaf in ("C2.1", "C2.2")
    }
    marking.act(services.submit_marks, "e1", marking.reference, "CPA1", "C2", entries=entries)

    late = client.post(path, data={"mark": "0", "reason": "Late.", "csrf_token": token})

    assert late.status_code == 422
    assert "cannot be done now" in words(late)
    assert {value for _who, value, _why in saved(marking)} == {3}


@pytest.mark.parametrize("name", ["e4", "commercial", "approver", "moderator2", "a1", "holder"])
def test_answers_are_absent_for_whoever_may_not_read_them(marking, name):
    for rest in (SHEET, answer_path(marking), f"{SHEET}/submit"):
        assert marking.get(name, rest).status_code == 404


@pytest.mark.parametrize("name", ["lead", "auditor", "moderator"])
def test_others_read_an_answer_without_a_form_or_marks(marking, name):
    mark(marking, reason="BLIND-REASON")

    page = marking.text(name, answer_path(marking))
    assert "Answer to C2.1." in page
    assert "BLIND-REASON" not in page
    assert "Your mark" not in page
    assert "BLIND-REASON" not in marking.text(name, SHEET)


def test_evaluator_reads_no_answer_to_a_criterion_of_others(site, clock):
    site.make(prepare=lambda world: world.assign(clock, "e1", "e2", criteria=["C1"]))

    assert site.get("e1", answer_path(site, leaf="C1")).status_code == 200
    assert site.get("e1", answer_path(site, leaf="C2.1")).status_code == 404


def test_declared_interest_closes_the_answers_at_the_next_look(marking):
    assert marking.get("e1", answer_path(marking)).status_code == 200
    bidder = next(iter(marking.bidders))

    marking.act(
        services.declare_interest,
        "e1",
        marking.reference,
        organisation=bidder,
        statement="A share.",
    )

    assert marking.get("e1", answer_path(marking)).status_code == 404
    assert "Interest declared" in marking.text("e1", "evaluation/marking")
    assert marking.get("e2", answer_path(marking)).status_code == 200


def test_nothing_is_marked_before_the_opening(site, clock):
    site.make(Stage.ITN_CLOSED, prepare=lambda world: world.assign(clock))

    for rest in ("evaluation/marking", SHEET, answer_path(site)):
        assert site.get("e1", rest).status_code == 404


def test_answer_to_an_unknown_bid_is_absent(marking):
    assert marking.get("e1", "evaluation/answers/BID-NOWHERE/C1").status_code == 404
    assert marking.get("e1", "evaluation/sheets/CPA9/C1").status_code == 404


def test_pages_of_another_competition_are_absent(marking):
    with marking.app.app_context():
        other = world_at().reference
        db.session.commit()
    marking.reference, own = other, marking.reference
    assert marking.get("e1", "evaluation/marking").status_code == 404
    marking.reference = own


def test_script_in_an_answer_stays_text(site, clock):
    def prepare(world):
        world.assign(clock)
        for bid in world.bids_for("CPA1"):
            envelope = next(e for e in bid.envelopes if e.envelope == "quality")
            envelope.opened = envelope.opened.replace(
                "Answer to C2.1.", "<script>alert(1)</script><img src=x onerror=alert(2)>"
            )

    site.make(prepare=prepare)
    page = site.get("e1", answer_path(site)).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_trail_of_marking_holds_no_mark_and_no_reason(marking):
    mark(marking, reason="BLIND-REASON")
    links = marking.ask(lambda c: list(audit_queries.links(competition_stream(c.reference))))
    assert links[-1].event == "mark_saved"
    assert "BLIND-REASON" not in str(links)
    assert set(links[-1].changes) == {"bid", "leaf"}


def test_answer_that_names_money_warns_whoever_reads_it(site, clock):
    def prepare(world):
        world.assign(clock)
        bid = min(world.bids_for("CPA1"), key=lambda b: b.reference)
        envelope = next(e for e in bid.envelopes if e.envelope == "quality")
        envelope.opened = envelope.opened.replace("Answer to C2.1.", "All for £1,000 a day.")

    site.make(prepare=prepare)
    assert "named in paragraph 1." in site.text("e1", answer_path(site))
    assert "An amount of money" not in site.text("e1", answer_path(site, leaf="C2.2"))


@pytest.fixture
def scanned_by():
    yield scanner.configure
    scanner.configure("")


def events(site):
    return site.ask(
        lambda c: [link.event for link in audit_queries.links(competition_stream(c.reference))]
    )


def test_a_harmful_file_is_not_handed_out_and_that_stays_on_the_record(site, clock, scanned_by):
    def prepare(world):
        world.assign(clock)
        bid = world.bids_for("CPA1")[0]
        return bid.reference, attach_file(bid, "C2.1", EICAR).reference

    site.make(prepare=prepare)
    address = site.path("evaluation/answers/{}/C2.1/files/{}".format(*site.kept))
    client = site.visit("e1")
    with clamd() as (_, scanner_address):
        scanned_by(scanner_address)
        answer = client.get(address)
    assert answer.status_code == 422
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert EICAR not in answer.data
    assert "Eicar-Signature" in answer.get_data(as_text=True)
    assert "bid_file_found_harmful" in events(site)

    scanned_by(closed_port())
    answer = client.get(address)
    assert answer.status_code == 409
    assert "virus scanner did not answer" in answer.get_data(as_text=True)
    scanned_by("")
    assert client.get(address).data == EICAR


def test_evaluators_read_what_the_published_model_says_of_each_mark(site, clock):
    scale = [
        {"mark": mark, "name": f"Step {mark}", "meaning": f"Given at {mark}."} for mark in range(7)
    ]
    site.make(prepare=lambda world: world.assign(clock), max_mark=6, mark_descriptors=scale)
    bid = site.bids["CPA1"][0]

    page = site.text("e1", f"evaluation/answers/{bid}/C1")

    for mark in range(7):
        assert f"{mark}, step {mark} Given at {mark}." in page
    # A row that is changed behind the back of the frozen model changes nothing of it.
    with site.app.app_context():
        row = competition_queries.competition_by_reference(site.reference)
        row.mark_descriptors = [step | {"meaning": "Changed."} for step in scale]
        db.session.commit()
    assert "Changed." not in site.text("e1", f"evaluation/answers/{bid}/C1")
