"""The award, from the locked record to the preferred bidders, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from commissioning.audit import queries as audit_queries
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import competition_stream
from commissioning.award import queries, services
from commissioning.award.domain.optimiser import solve
from commissioning.award.domain.problem import parse_problem
from commissioning.award.models import AwardRun, PreferredBidder
from commissioning.award.services import awarding
from commissioning.competition import services as competitions
from commissioning.competition.domain.ties import Act, Correction
from commissioning.competition.queries import competition_by_reference
from commissioning.evaluation.models import BidResult
from commissioning.evaluation.services import declare_interest
from commissioning.identity import queries as identities
from commissioning.identity import services as identity
from commissioning.identity.domain.ties import TieKind
from commissioning.infrastructure.outbox import waiting_messages
from commissioning.kernel.actor import Grant, Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, IllegalTransition
from commissioning.kernel.stage import Stage
from commissioning.permissions import Permission, may
from tests.factories.award import priced_world
from tests.factories.identity import OrganisationFactory, PersonFactory, actor_of

# Going lot by lot gives the first bidder both; with one lot each the optimum is 600 + 700.
PRICES = {
    ("CPA1", 1): 500_00,
    ("CPA1", 2): 600_00,
    ("CPA2", 1): 700_00,
    ("CPA2", 2): 2000_00,
}
ONE_EACH = {"max_lots_per_bidder": 1}


@pytest.fixture
def world(session):
    return priced_world(PRICES, limits=ONE_EACH)


def events(world):
    stream = competition_stream(world.reference)
    return [link.event for link in audit_queries.links(stream)]


def solved(world, clock):
    return services.solve_award(world.actor("commercial"), world.reference, clock=clock)


def recommended(world, clock):
    run = solved(world, clock)
    return services.recommend_award(
        world.actor("commercial"), run.reference, "It is the optimum.", clock=clock
    )


def approved(world, clock):
    recommended(world, clock)
    return services.approve_award(world.actor("approver"), world.reference, "Checked.", clock=clock)


def winners(world, run):
    references = [bidder.reference for bidder in world.bidders]
    award = json.loads(run.answer)["award"]
    return {lot: references.index(bidder) + 1 for lot, bidder in award.items()}


def test_the_optimum_over_all_lots_wins_not_the_best_lot_first(world, clock):
    run = solved(world, clock)
    assert winners(world, run) == {"CPA1": 2, "CPA2": 1}
    assert json.loads(run.answer)["status"] == "optimal"
    # 600 and 700 pounds, each at 75 points: pence over milli-points
    assert json.loads(run.answer)["objective"] == "26/15"


def test_the_table_says_who_was_displaced_by_which_limit(world, clock):
    table = queries.award_table(world.competition, solved(world, clock))
    first, second = table.lots
    assert (first.rank, second.rank) == (2, 1)
    (displaced,) = first.displaced
    assert displaced.bidder == world.bidders[0].reference
    assert "the most lots that one bidder may win" in displaced.because
    assert second.displaced == ()
    assert table.broken_without_limits


def test_the_problem_carries_the_frozen_limits_and_the_proved_funding(world):
    problem = queries.problem_of_record(world.competition)
    assert problem["limits"] == ONE_EACH
    assert {bidder["max_value"] for bidder in problem["bidders"]} == {2_000_000_000}
    assert problem["share_base_value"] == sum(lot["value"] for lot in problem["lots"])


def test_a_lot_without_a_valid_bid_is_left_out_and_the_base_stays(session, clock):
    world = priced_world(PRICES, excluded={("CPA1", 1), ("CPA1", 2)})
    problem = queries.problem_of_record(world.competition)
    assert [lot["id"] for lot in problem["lots"]] == ["CPA2"]
    assert problem["share_base_value"] == 2 * problem["lots"][0]["value"]
    table = queries.award_table(world.competition, solved(world, clock))
    assert table.lots[0].winner is None


def test_no_valid_bid_at_all_is_said_and_nothing_is_kept(session, clock):
    world = priced_world(PRICES, excluded=set(PRICES))
    with pytest.raises(Conflict, match="No lot has a valid bid"):
        solved(world, clock)
    assert session.scalar(select(AwardRun)) is None


def test_a_supplier_behind_two_bidders_is_a_group(session, clock):
    world = priced_world(PRICES, limits={"max_value_share_per_group_ppm": 500_000})
    member = OrganisationFactory()
    for bidder in world.bidders:
        put_tie(world, clock, TieKind.MEMBERSHIP, bidder, member)
    (group,) = queries.problem_of_record(world.competition)["groups"]
    assert group["members"] == sorted(bidder.reference for bidder in world.bidders)
    run = solved(world, clock)
    assert json.loads(run.answer)["status"] == "infeasible"


def put_tie(world, clock, kind, first, second, act=Act.PUT):
    correction = Correction(act, kind, first.reference, second.reference)
    decision = competitions.propose_tie(
        world.actor("lead"), world.reference, correction, reason="Their accounts.", clock=clock
    )
    competitions.approve_tie(world.actor("approver"), decision.reference, clock=clock)


def test_ties_after_the_deadline_change_no_award(session, clock):
    """The problem reads what was kept, never what organisations are to each other now."""
    world = priced_world(PRICES)
    before = queries.problem_of_record(world.competition)
    member = PersonFactory()
    for bidder in world.bidders:
        manager = PersonFactory(organisation=bidder)
        pair = bidder.reference, member.organisation.reference
        identity.record_consortium_member(actor_of(manager), *pair, None, clock=clock)
        identity.confirm_tie(actor_of(member), TieKind.MEMBERSHIP, *pair, clock=clock)

    assert identities.award_groups([bidder.reference for bidder in world.bidders])
    assert queries.problem_of_record(world.competition) == before
    assert before["groups"] == []


def test_a_corrected_tie_makes_every_award_before_it_void(session, clock):
    """Recommended, and even approved, it goes back and is solved anew before it is announced."""
    world = priced_world(PRICES)
    lead, commercial, approver = (world.actor(name) for name in ("lead", "commercial", "approver"))
    first, second = world.bidders

    run = solved(world, clock)
    put_tie(world, clock, TieKind.OWNERSHIP, first, second)
    with pytest.raises(IllegalTransition, match="Solve it again"):
        services.recommend_award(commercial, run.reference, "The best.", clock=clock)

    run = solved(world, clock)
    services.recommend_award(commercial, run.reference, "The best.", clock=clock)
    put_tie(world, clock, TieKind.OWNERSHIP, first, second, Act.STRIKE)
    with pytest.raises(IllegalTransition, match="solved anew"):
        services.approve_award(approver, world.reference, "Checked.", clock=clock)
    services.send_back_award(approver, world.reference, "The ties changed.", clock=clock)

    run = solved(world, clock)
    services.recommend_award(commercial, run.reference, "The best.", clock=clock)
    services.approve_award(approver, world.reference, "Checked.", clock=clock)
    with pytest.raises(IllegalTransition, match="nothing has changed"):
        services.send_back_award(approver, world.reference, "On second thoughts.", clock=clock)
    put_tie(world, clock, TieKind.MEMBERSHIP, first, second)
    with pytest.raises(Conflict, match="solved anew"):
        services.announce_preferred_bidders(lead, world.reference, clock=clock)
    (item,) = queries.waiting_for(world.actor("approver"), clock.now())
    assert "Send the award back" in item.title
    services.send_back_award(approver, world.reference, "The ties changed.", clock=clock)

    run = solved(world, clock)
    services.recommend_award(commercial, run.reference, "The best.", clock=clock)
    services.approve_award(approver, world.reference, "Checked.", clock=clock)
    services.announce_preferred_bidders(lead, world.reference, clock=clock)
    with pytest.raises(Forbidden):
        put_tie(world, clock, TieKind.MEMBERSHIP, first, second, Act.STRIKE)


@pytest.mark.parametrize("name", ["lead", "commercial", "approver"])
@pytest.mark.parametrize("whole", [True, False])
def test_whoever_declared_an_interest_neither_reads_nor_decides_an_award(
    session, clock, name, whole
):
    world = priced_world(PRICES)
    solved(world, clock)
    facts = queries.facts(world.competition, world.actor(name), clock.now(), None)
    assert may(world.actor(name), Permission.AWARD_READ, facts)
    declare_interest(
        world.actor(name),
        world.reference,
        organisation=None if whole else world.bidders[0].reference,
        statement="A share.",
        clock=clock,
    )

    facts = queries.facts(world.competition, world.actor(name), clock.now(), None)
    for permission in (
        Permission.AWARD_READ,
        Permission.AWARD_BUILD,
        Permission.AWARD_RECOMMEND,
        Permission.EVALUATION_READ_RANKING,
        Permission.SUBMISSION_READ_PRICE_ENVELOPE,
    ):
        assert not may(world.actor(name), permission, facts), permission
    with pytest.raises(Forbidden):
        services.solve_award(world.actor(name), world.reference, clock=clock)


def test_an_infeasible_answer_is_kept_and_can_not_be_recommended(session, clock):
    world = priced_world(
        PRICES,
        limits={"max_lots_per_bidder": 1},
        bidders=2,
        lots=("CPA1", "CPA2"),
        excluded={("CPA1", 2), ("CPA2", 2)},
    )
    run = solved(world, clock)
    assert queries.shortfall_of(run.problem, run.answer).sentences
    assert not queries.award_table(world.competition, run).is_proven
    with pytest.raises(IllegalTransition, match="proven to give"):
        services.recommend_award(world.actor("commercial"), run.reference, "Why not", clock=clock)
    assert world.competition.stage == Stage.AWARD_MODELLING


def test_the_award_is_recommended_approved_and_announced(world, clock):
    run = approved(world, clock)
    assert world.competition.stage == Stage.AWARD_RECOMMENDED
    services.announce_preferred_bidders(world.actor("lead"), world.reference, clock=clock)
    assert world.competition.stage == Stage.PREFERRED_BIDDERS
    rows = queries.preferred_bidders(world.competition)
    assert [row.organisation for row in rows] == [world.bidders[1], world.bidders[0]]
    assert {row.lot.status for row in rows} == {"preferred"}
    assert run.approved_by != run.proposed_by
    assert events(world)[-5:] == [
        "award_recommended",
        "award_approved",
        "lot_preferred_bidder_announced",
        "lot_preferred_bidder_announced",
        "preferred_bidders_announced",
    ]
    assert breaks(audit_queries.links(), heads=audit_queries.heads()) == []


def test_mail_about_an_award_says_nothing_of_it(world, clock):
    approved(world, clock)
    services.announce_preferred_bidders(world.actor("lead"), world.reference, clock=clock)
    names = [bidder.name for bidder in world.bidders]
    for message in waiting_messages():
        assert not any(name in message.body or name in message.subject for name in names)


@pytest.mark.parametrize("who", ["lead", "auditor", "moderator", "e1", "holder", "approver"])
def test_only_the_commercial_officer_recommends(world, clock, who):
    run = solved(world, clock)
    with pytest.raises(Forbidden):
        services.recommend_award(world.actor(who), run.reference, "Mine", clock=clock)
    assert run.status == "solved"


def test_who_recommended_never_approves_even_as_approver(world, clock, session):
    recommended(world, clock)
    commercial = world.actor("commercial")
    both = commercial.with_grants(
        {*commercial.grants, Grant(Role.APPROVER, commercial.organisation, world.reference)}
    )
    with pytest.raises(Forbidden) as refusal:
        services.approve_award(both, world.reference, "Mine too", clock=clock)
    assert refusal.value.reason == "fails: not the person who proposed"


def test_an_award_that_was_changed_behind_the_services_is_not_approved(world, clock):
    run = recommended(world, clock)
    answer = json.loads(run.answer)
    answer["award"] = dict.fromkeys(answer["award"], world.bidders[0].reference)
    run.answer = json.dumps(answer)
    with pytest.raises(IllegalTransition, match="breaks a published rule"):
        services.approve_award(world.actor("approver"), world.reference, "Fine", clock=clock)


def test_a_record_that_changed_after_solving_is_solved_again_first(world, clock, session):
    run = solved(world, clock)
    row = world.bids_for("CPA1")[1]
    result = session.scalar(select(BidResult).where(BidResult.bid_id == row.id))
    result.evaluated_price_pence += 1
    session.flush()
    with pytest.raises(IllegalTransition, match="record has changed"):
        services.recommend_award(world.actor("commercial"), run.reference, "Go", clock=clock)


def test_a_record_that_changes_under_the_solver_keeps_nothing(world, clock, session):
    """The solver holds no lock, so the record is compared once more before its answer is kept."""
    result = session.scalar(select(BidResult).where(BidResult.bid_id == world.bids[0].id))

    def somebody_writes():
        result.evaluated_price_pence += 1
        session.flush()

    commercial = world.actor("commercial")
    with pytest.raises(Conflict, match="while the award was solved"):
        services.solve_award(commercial, world.reference, let_go=somebody_writes, clock=clock)
    assert session.scalar(select(AwardRun)) is None


def test_sent_back_can_be_solved_and_recommended_again(world, clock):
    recommended(world, clock)
    services.send_back_award(world.actor("approver"), world.reference, "Explain CPA1.", clock=clock)
    assert world.competition.stage == Stage.AWARD_MODELLING
    recommended(world, clock)
    assert world.competition.stage == Stage.AWARD_RECOMMENDED


def test_nothing_is_announced_before_the_approval(world, clock, session):
    recommended(world, clock)
    with pytest.raises(Forbidden):
        services.announce_preferred_bidders(world.actor("lead"), world.reference, clock=clock)
    assert session.scalar(select(PreferredBidder)) is None


@pytest.mark.parametrize("text", ["", "   "])
def test_reasons_are_asked_for(world, clock, text):
    run = solved(world, clock)
    with pytest.raises(BadInput):
        services.recommend_award(world.actor("commercial"), run.reference, text, clock=clock)
    recommended(world, clock)
    with pytest.raises(BadInput):
        services.approve_award(world.actor("approver"), world.reference, text, clock=clock)


def test_a_published_ceiling_is_frozen_and_keeps_a_dearer_bid_out(session, clock):
    world = priced_world(PRICES, ceilings={"CPA1": 550_00})
    problem = queries.problem_of_record(world.competition)
    assert {lot["id"]: lot.get("max_price") for lot in problem["lots"]} == {
        "CPA1": 550_00,
        "CPA2": None,
    }
    for lot in world.lots:
        lot.ceiling_price_pence = 1
    assert queries.problem_of_record(world.competition) == problem


def test_an_answer_that_breaks_a_limit_is_not_kept_whoever_made_it(world, clock, session):
    problem = parse_problem(queries.problem_of_record(competition_by_reference(world.reference)))
    answer = solve(problem, explain=False)
    first = world.bidders[0].reference
    greedy = replace(answer, award=dict.fromkeys(answer.award, first))

    with pytest.raises(Conflict, match="does not verify"):
        awarding._keep(world.actor("commercial"), world.reference, problem, greedy, clock.now())

    assert session.scalars(select(AwardRun)).all() == []
