"""Bidders register and answer the PQQ; assessors assess it; the shortlist is decided."""

from __future__ import annotations

from commissioning.competition import queries as competitions
from commissioning.competition import services as competition
from commissioning.evaluation import services as evaluation
from commissioning.identity import services as identity
from commissioning.identity.domain.ties import TieKind
from commissioning.kernel.actor import ANONYMOUS, Role
from commissioning.replay.cast import PASSWORD, Cast, address
from commissioning.replay.invention import draw
from commissioning.replay.scenario import InventedBidder, Scenario, as_instant, wall_text
from commissioning.replay.setting_up import Progress
from commissioning.submission import queries as submissions
from commissioning.submission import services as submission

_FIRST = ("Alder", "Briar", "Cato", "Dinah", "Edwin", "Flora", "Gwen", "Hector", "Iris", "Jasper")
_LAST = ("Ashgrove", "Blythe-Moor", "Copperfield-Hay", "Drummond-Lea", "Eastlake", "Foxley")


def register_bidders(scenario: Scenario, cast: Cast) -> Progress:
    """Thirty-five organisations register themselves, each with its bid manager."""
    cast.clock.move_to(scenario.act("registration"))
    for done, bidder in enumerate(scenario.bidders, start=1):
        name = f"{_FIRST[done % len(_FIRST)]} {_LAST[done % len(_LAST)]}"
        email = address(name, bidder.key)
        identity.register_organisation(
            ANONYMOUS,
            name=bidder.name,
            kind="bidder",
            legal_form=bidder.legal_form,
            identifier_scheme="company-number",
            identifier=bidder.company_number,
            person_name=name,
            email=email,
            password=PASSWORD,
            is_invented=True,
            clock=cast.clock,
        )
        cast.enter(f"bidder:{bidder.key}", email)
        yield done, len(scenario.bidders)
    for bidder in scenario.bidders:
        for member in bidder.members:
            identity.record_consortium_member(
                cast.actor(f"bidder:{bidder.key}"),
                cast.people[f"bidder:{bidder.key}"].organisation,
                cast.people[f"bidder:{member}"].organisation,
                share_ppm=None,
                clock=cast.clock,
            )
            identity.confirm_tie(
                cast.actor(f"bidder:{member}"),
                TieKind.MEMBERSHIP,
                cast.people[f"bidder:{bidder.key}"].organisation,
                cast.people[f"bidder:{member}"].organisation,
                clock=cast.clock,
            )


def bring_in_others(scenario: Scenario, cast: Cast) -> Progress:
    """A bid manager invites a bid writer and lets them in to the drafts; a provider registers."""
    writer = scenario.raw["people"]["bid_writer"]
    manager = f"bidder:{writer['bidder']}"
    invited = cast.invite(
        manager,
        "bid_writer",
        cast.people[manager].organisation,
        writer["name"],
        [Role.BID_WRITER],
        domain=writer["bidder"],
    )
    identity.admit_to_key(cast.actor(manager), invited.reference, clock=cast.clock)
    yield 1, 2
    contact = scenario.raw["people"]["provider_contact"]
    email = address(contact["name"], contact["organisation"].partition(" ")[0])
    identity.register_organisation(
        ANONYMOUS,
        name=contact["organisation"],
        kind="provider",
        legal_form="charity",
        identifier_scheme="other",
        identifier=contact["number"],
        person_name=contact["name"],
        email=email,
        password=PASSWORD,
        is_invented=True,
        clock=cast.clock,
    )
    cast.enter("provider_contact", email)
    yield 2, 2


def extend_deadline(scenario: Scenario, cast: Cast) -> Progress:
    """The PQQ deadline is moved once, for everyone, by two people."""
    told, reference = scenario.raw["extension"], scenario.raw["competition"]["reference"]
    cast.clock.move_to(as_instant(told["decided"]))
    decision = competition.propose_extension(
        cast.actor("lead"),
        reference,
        deadline=wall_text(told["pqq_deadline"]),
        reason=told["reason"],
        clock=cast.clock,
    )
    competition.approve_extension(cast.actor("approver"), decision.reference, clock=cast.clock)
    yield 1, 1


def answer_pqq(scenario: Scenario, cast: Cast) -> Progress:
    """Each bidder answers every question, states its funding, and its signatory submits."""
    cast.clock.move_to(scenario.act("pqq_answers"))
    reference = scenario.raw["competition"]["reference"]
    for done, bidder in enumerate(scenario.bidders, start=1):
        actor = cast.actor(f"bidder:{bidder.key}")
        organisation = cast.people[f"bidder:{bidder.key}"].organisation
        questions = competitions.competition_by_reference(reference).questions
        submission.save_response(
            actor,
            reference,
            organisation,
            answers={q.reference: _pqq_answer(bidder, q.reference, q.answer) for q in questions}
            | _failed_declaration(bidder, questions),
            lots=list(bidder.lots),
            proved_funding_pence=bidder.funding_pence,
            funding_source="A parent company guarantee and a revolving facility (invented).",
            clock=cast.clock,
        )
        submission.submit_response(actor, reference, organisation, clock=cast.clock)
        yield done, len(scenario.bidders)


def _pqq_answer(bidder: InventedBidder, question: str, kind: str) -> str:
    if kind == "yes_no":
        return "yes"
    return f"Invented answer of {bidder.name} to {question}: done in two areas since 2009."


def _failed_declaration(bidder: InventedBidder, questions: list) -> dict[str, str]:
    """The declaration that a bidder cannot make, where the scenario says that it fails on one."""
    if bidder.fails_on != "declaration":
        return {}
    failing = [q.reference for q in questions if q.kind == "pass_fail" and q.answer == "yes_no"]
    return {failing[draw(bidder.key, len(failing))]: "no"}


def close_pqq(scenario: Scenario, cast: Cast) -> Progress:
    """The deadline passes."""
    cast.clock.move_to(scenario.act("pqq_close"))
    competition.pass_deadlines(clock=cast.clock)
    yield 1, 1


def assess_responses(scenario: Scenario, cast: Cast) -> Progress:
    """Each part of the PQQ goes to an assessor, who assesses it over all responses."""
    cast.clock.move_to(scenario.act("pqq_assessment"))
    reference = scenario.raw["competition"]["reference"]
    row = competitions.competition_by_reference(reference)
    questions = row.questions
    parts = list(dict.fromkeys(question.part for question in questions))
    by_part = {
        part: [(q.reference, q.kind, dict(q.rule)) for q in questions if q.part == part]
        for part in parts
    }
    assessors = [key for key in cast.people if key.startswith("assessor:")]
    failing = {
        cast.people[f"bidder:{bidder.key}"].organisation: bidder.fails_on
        for bidder in scenario.bidders
    }
    responses = [
        (
            response.reference,
            response.organisation.reference,
            submissions.response_snapshot(response)["answers"],
        )
        for response in submissions.submitted_responses(row)
    ]
    total = len(parts) * len(responses)
    for index, part in enumerate(parts):
        key = assessors[index % len(assessors)]
        evaluation.assign_part(
            cast.actor("lead"), reference, part, cast.people[key].reference, clock=cast.clock
        )
        actor = cast.actor(key)
        for number, (response, organisation, answers) in enumerate(responses, start=1):
            evaluation.assess_part(
                actor,
                response,
                part,
                findings=_findings(by_part[part], answers, failing[organisation], response),
                reason="Assessed against the published pass rules (invented).",
                clock=cast.clock,
            )
            yield index * len(responses) + number, total


def _findings(
    questions: list[tuple[str, str, dict]],
    answers: dict[str, str],
    fails_on: str | None,
    response: str,
) -> dict[str, dict]:
    found = {}
    for reference, kind, rule in questions:
        if kind == "scored":
            best = int(rule["max_score"])
            score = 0 if fails_on == "score" else best - draw(f"{response}|{reference}", 2)
            found[reference] = {"result": "noted", "score": score}
        elif kind == "pass_fail":
            passes = rule.get("passes") or ["yes"]
            given = answers.get(reference, "")
            failed = given in {"yes", "no"} and given not in passes
            found[reference] = {"result": "fail" if failed else "pass", "score": None}
        else:
            found[reference] = {"result": "noted", "score": None}
    return found


def decide_shortlist(scenario: Scenario, cast: Cast) -> Progress:
    """The lead proposes the shortlist, the approver approves it."""
    reference = scenario.raw["competition"]["reference"]
    decision = evaluation.propose_shortlist(cast.actor("lead"), reference, clock=cast.clock)
    cast.clock.move_to(scenario.act("shortlist"))
    evaluation.approve_shortlist(cast.actor("approver"), decision.reference, clock=cast.clock)
    yield 1, 1
