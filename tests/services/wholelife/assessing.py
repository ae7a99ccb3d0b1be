"""Commands: parts of the PQQ, interests, and who marks what."""

from __future__ import annotations

from commissioning.evaluation import services
from commissioning.kernel.actor import Role
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import Seat
from tests.support import small_competition as small

EVALUATORS = ("evaluator_1", "evaluator_2", "evaluator_3")
TEAM_ROLES = set(Role) - {Role.ADMINISTRATOR, Role.PROVIDER_CONTACT}


class AssignPart(Command):
    name = "evaluation.selection.assign_part"

    def options(self, twin, n):
        return [
            {"part": part, "assessor": assessor}
            for part in (*small.PARTS, "Nothing")
            for assessor in ("assessor", "approver")
        ]

    def may(self, twin, who, part, assessor):
        return (
            twin.acts_as(who, Role.PROCUREMENT_LEAD)
            and twin.before("shortlisted")
            and part in small.PARTS
            and twin.holds(assessor, Role.ASSESSOR)
            and assessor not in twin.parts.get(part, set())
            and None not in twin.interests.get(assessor, set())
        )

    def call(self, world, actor, part, assessor):
        return services.assign_part(
            actor, world.reference, part, world.ref(assessor), clock=world.clock
        )

    def then(self, twin, who, result, part, assessor):
        twin.parts.setdefault(part, set()).add(assessor)
        return ["pqq_part_assigned"]


class AssessPart(Command):
    name = "evaluation.selection.assess_part"

    def options(self, twin, n):
        for bidder, response in twin.responses.items():
            place = {"bidder": bidder, "response": response.reference}
            for score in (4 - n % 3, 1 + n % 2, 5):
                yield {**place, "part": "Experience", "score": score, "reason": "As answered."}
            yield {**place, "part": "Experience", "score": 3, "reason": " "}
            yield {**place, "part": "Organisation", "score": None, "reason": "As answered."}
            yield {**place, "part": "Organisation", "score": 3, "reason": "As answered."}

    def may(self, twin, who, bidder, response, part, score, reason):
        is_sound = score in range(5) if part == "Experience" else score is None
        return (
            twin.holds(who, Role.ASSESSOR)
            and twin.at("pqq_closed")
            and bidder in twin.submitted_responses
            and who in twin.parts.get(part, set())
            and not twin.interests.get(who, set()) & {None, bidder}
            and is_sound
            and bool(reason.strip())
        )

    def call(self, world, actor, bidder, response, part, score, reason):
        findings = {"Q3": {"result": "noted", "score": score}} if part == "Experience" else {}
        if part == "Organisation" and score is not None:
            findings = {"Q1": {"result": "noted", "score": score}}
        return services.assess_part(
            actor, response, part, findings=findings, reason=reason, clock=world.clock
        )

    def then(self, twin, who, result, bidder, response, part, score, reason):
        twin.findings[bidder, part] = score
        return ["pqq_part_assessed"]


class DeclareInterest(Command):
    name = "evaluation.interests.declare_interest"

    def options(self, twin, n):
        return [
            {"bidder": bidder, "statement": statement}
            for bidder in (*small.BIDDERS, None)
            for statement in ("A relative works there.", " ")
        ]

    def may(self, twin, who, bidder, statement):
        return twin.holds(who, *TEAM_ROLES) and bool(statement.strip())

    def call(self, world, actor, bidder, statement):
        return services.declare_interest(
            actor,
            world.reference,
            organisation=None if bidder is None else world.organisations[bidder],
            statement=statement,
            clock=world.clock,
        )

    def then(self, twin, who, result, bidder, statement):
        twin.interests.setdefault(who, set()).add(bidder)
        return ["interest_declared"]


class _Assigning(Command):
    def may(self, twin, who, **args):
        return (
            twin.acts_as(who, Role.PROCUREMENT_LEAD, Role.MODERATOR)
            and twin.since("shortlisted")
            and twin.before("quality_locked")
        )

    def is_fit(self, twin, person, role, sheets):
        return twin.holds(person, role) and not any(
            twin.has_conflict(person, sheet) for sheet in sheets
        )


class AssignTeam(_Assigning):
    name = "evaluation.assignments.assign_team"

    def options(self, twin, n):
        pairs = [EVALUATORS[:2], EVALUATORS[1:], EVALUATORS, EVALUATORS[:1]]
        for criterion in small.CRITERIA:
            for lots in (tuple(twin.lots), (twin.lots[n % len(twin.lots)],)):
                team = {"evaluators": pairs[n % 4], "moderator": "moderator"}
                where = {"criterion": criterion, "lots": lots}
                yield {**where, **team}
                yield {**where, **team, "moderator": None}
                yield {**where, **team, "evaluators": ("evaluator_1", "holder_1")}
        yield {"criterion": "C9", "lots": ("L1",), **team}
        yield {"criterion": "C1", "lots": ("L9",), **team}
        yield {"criterion": "C1", "lots": ("L1",), "evaluators": (), "moderator": None}

    def may(self, twin, who, criterion, lots, evaluators, moderator):
        if not super().may(twin, who) or criterion == "C9" or "L9" in lots or not evaluators:
            return False
        sheets = [(lot, criterion) for lot in lots]
        fit = all(self.is_fit(twin, one, Role.EVALUATOR, sheets) for one in evaluators)
        chair = moderator is None or self.is_fit(twin, moderator, Role.MODERATOR, sheets)
        # Whoever has left a sheet does not come back to it.
        gone = any(
            seat.has_ended
            for sheet in sheets
            for person, seat in twin.seats.get(sheet, {}).items()
            if person in (*evaluators, moderator)
        )
        return fit and chair and not gone and not any(twin.is_marked(sheet) for sheet in sheets)

    def call(self, world, actor, criterion, lots, evaluators, moderator):
        return services.assign_team(
            actor,
            world.reference,
            criterion,
            lots=lots,
            evaluators=world.refs(*evaluators),
            moderator=None if moderator is None else world.ref(moderator),
            clock=world.clock,
        )

    def then(self, twin, who, result, criterion, lots, evaluators, moderator):
        wanted = dict.fromkeys(evaluators, Role.EVALUATOR)
        if moderator is not None:
            wanted[moderator] = Role.MODERATOR
        for lot in lots:
            before = twin.seats.get((lot, criterion), {})
            after = {name: seat for name, seat in before.items() if seat.has_ended}
            for person, role in wanted.items():
                seat = before.get(person)
                after[person] = seat if seat and seat.role is role else Seat(role)
            twin.seats[lot, criterion] = after
        twin.ever_seated |= set(wanted)
        return ["answers_assigned"]


class Assign(_Assigning):
    name = "evaluation.assignments.assign"

    def options(self, twin, n):
        for lot, criterion in twin.sheets():
            where = {"lot": lot, "criterion": criterion}
            yield {**where, "person": EVALUATORS[n % 3], "role": Role.EVALUATOR}
            yield {**where, "person": "moderator", "role": Role.MODERATOR}
            yield {**where, "person": "commercial", "role": Role.EVALUATOR}
        yield {**where, "person": "evaluator_1", "role": Role.AUDITOR}

    def may(self, twin, who, lot, criterion, person, role):
        sheet = (lot, criterion)
        return (
            super().may(twin, who)
            and role is not Role.AUDITOR
            and self.is_fit(twin, person, role, [sheet])
            and person not in twin.seats.get(sheet, {})
            and not twin.is_marked(sheet)
        )

    def call(self, world, actor, lot, criterion, person, role):
        return services.assign(
            actor,
            world.reference,
            lot=lot,
            criterion=criterion,
            person=world.ref(person),
            role=role,
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, criterion, person, role):
        twin.seats.setdefault((lot, criterion), {})[person] = Seat(role)
        twin.ever_seated.add(person)
        return ["answers_assigned"]


class Reassign(_Assigning):
    name = "evaluation.assignments.reassign"

    def options(self, twin, n):
        for lot, criterion in twin.sheets():
            for leaving, joining in (
                (EVALUATORS[n % 3], EVALUATORS[(n + 1) % 3]),
                (EVALUATORS[n % 3], "holder_1"),
            ):
                for reason in ("Ill.", ""):
                    yield {
                        "lot": lot,
                        "criterion": criterion,
                        "leaving": leaving,
                        "joining": joining,
                        "reason": reason,
                    }

    def may(self, twin, who, lot, criterion, leaving, joining, reason):
        sheet = (lot, criterion)
        return (
            super().may(twin, who)
            and bool(reason)
            and leaving in twin.seated(sheet, Role.EVALUATOR)
            and joining not in twin.seats[sheet]
            and self.is_fit(twin, joining, Role.EVALUATOR, [sheet])
        )

    def call(self, world, actor, lot, criterion, leaving, joining, reason):
        return services.reassign(
            actor,
            world.reference,
            criterion,
            lots=[lot],
            leaving=world.ref(leaving),
            joining=world.ref(joining),
            reason=reason,
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, criterion, leaving, joining, reason):
        seats = twin.seats[lot, criterion]
        seats[leaving].has_ended = True
        seats[joining] = Seat(Role.EVALUATOR)
        twin.ever_seated.add(joining)
        for item in twin.items(lot, criterion):
            twin.agreed.pop(item, None)
        return ["answers_reassigned"]
