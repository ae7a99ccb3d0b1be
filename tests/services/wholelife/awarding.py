"""Commands: prices, the award, its approval and its announcement."""

from __future__ import annotations

import json
from fractions import Fraction

from commissioning.award import services
from commissioning.evaluation import services as evaluation
from commissioning.kernel.actor import Role
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import Run

COMMERCIAL, APPROVER = Role.COMMERCIAL_OFFICER, Role.APPROVER


class CompletePrices(Command):
    name = "evaluation.prices.complete_prices"

    def may(self, twin, who):
        return (
            twin.at("price_evaluation")
            and twin.acts_as(who, COMMERCIAL)
            and not twin.holds(who, Role.EVALUATOR, Role.MODERATOR)
            and not twin.has_marked_here(who)
        )

    def call(self, world, actor):
        return evaluation.complete_prices(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        for row in result:
            bid = row.bid.reference
            assert row.quality_millipoints == twin.millipoints(bid)
            assert row.evaluated_price_pence == twin.price(bid)
            assert (row.rank is None) == twin.is_out(bid)
            if row.rank is not None:
                rivals = twin.standing()[row.bid.lot.reference].values()
                assert Fraction(row.price_per_quality_point) == twin.ratio(bid)
                assert row.rank == 1 + sum(rival < twin.ratio(bid) for rival in rivals)
        return ["ranking_computed", *twin.move("prices_completed")]


class SolveAward(Command):
    name = "award.awarding.solve_award"

    def may(self, twin, who):
        return (
            twin.at("award_modelling")
            and twin.acts_as(who, COMMERCIAL, Role.PROCUREMENT_LEAD)
            and bool(twin.standing())
        )

    def call(self, world, actor):
        return services.solve_award(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        answer = json.loads(result.answer)
        best = twin.optimum()
        assert answer["status"] == ("infeasible" if best is None else "optimal")
        if best is not None:
            assert Fraction(answer["objective"]) == best
        twin.run = Run(result.reference, is_proven=best is not None, ties_version=twin.ties_version)
        return ["award_solved"]


class RecommendAward(Command):
    name = "award.awarding.recommend_award"

    def options(self, twin, n):
        runs = [twin.run.reference] if twin.run else []
        return [{"run": run, "text": text} for run in (*runs, "AWD-NONE") for text in ("Best.", "")]

    def may(self, twin, who, run, text):
        return (
            twin.at("award_modelling")
            and twin.acts_as(who, COMMERCIAL)
            and twin.run is not None
            and run == twin.run.reference
            and twin.run.is_proven
            and not twin.is_outdated
            and twin.run.status == "solved"
            and bool(text)
        )

    def call(self, world, actor, run, text):
        return services.recommend_award(actor, run, text, clock=world.clock)

    def then(self, twin, who, result, run, text):
        twin.run.status, twin.run.proposed_by = "recommended", who
        return twin.move("award_recommended")


class _Decide(Command):
    def options(self, twin, n):
        return [{"reason": "Checked."}, {"reason": " "}]

    def may(self, twin, who, reason):
        return (
            twin.at("award_recommended")
            and twin.acts_as(who, APPROVER)
            and who != twin.run.proposed_by
            and self.is_possible(twin)
            and bool(reason.strip())
        )

    def call(self, world, actor, reason):
        return type(self).service(actor, world.reference, reason, clock=world.clock)


class ApproveAward(_Decide):
    name = "award.awarding.approve_award"
    service = services.approve_award

    def is_possible(self, twin):
        return twin.run.status == "recommended" and not twin.is_outdated

    def then(self, twin, who, result, reason):
        twin.run.status = "approved"
        return ["award_approved"]


class SendBackAward(_Decide):
    name = "award.awarding.send_back_award"
    service = services.send_back_award

    def is_possible(self, twin):
        return twin.run.status == "recommended" or (
            twin.run.status == "approved" and twin.is_outdated
        )

    def then(self, twin, who, result, reason):
        twin.run.status = "sent_back"
        return twin.move("award_sent_back")


class Announce(Command):
    name = "award.awarding.announce_preferred_bidders"

    def may(self, twin, who):
        return (
            twin.at("award_recommended")
            and twin.acts_as(who, Role.PROCUREMENT_LEAD)
            and twin.run.status == "approved"
            and not twin.is_outdated
        )

    def call(self, world, actor):
        return services.announce_preferred_bidders(actor, world.reference, clock=world.clock)

    def then(self, twin, who, result):
        lots = ["lot_preferred_bidder_announced"] * len(twin.standing())
        return [*lots, *twin.move("preferred_bidders_announced")]
