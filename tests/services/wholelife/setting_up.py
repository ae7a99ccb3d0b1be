"""Commands: everything by which a competition is set up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from commissioning.competition import services
from commissioning.competition.domain.lots_csv import COLUMNS
from commissioning.competition.services.criteria import LeafInput
from commissioning.kernel.actor import Role
from tests.services.wholelife.command import Command
from tests.services.wholelife.twin import EXTRA_LOT, EXTRA_LOT_VALUE, HOLDERS
from tests.support import small_competition as small

LEAD = Role.PROCUREMENT_LEAD
ISSUES = ("pqq_issued", "itn_issued")
NOTICE = timedelta(days=small.DAYS["notice"])
# No person holds both on one competition.
EXCLUDED = {
    frozenset(pair)
    for pair in (
        (Role.EVALUATOR, Role.COMMERCIAL_OFFICER),
        (Role.MODERATOR, Role.COMMERCIAL_OFFICER),
        (Role.EVALUATOR, Role.KEY_HOLDER),
        (Role.EVALUATOR, Role.PROCUREMENT_LEAD),
        (Role.EVALUATOR, Role.APPROVER),
        (Role.KEY_HOLDER, Role.PROCUREMENT_LEAD),
        (Role.APPROVER, Role.PROCUREMENT_LEAD),
        (Role.APPROVER, Role.COMMERCIAL_OFFICER),
    )
}


class _ByTheLead(Command):
    """An act of the lead until some stage, which one event records."""

    until = "pqq_open"
    event = ""
    issues: tuple[str, ...] = ()

    def may(self, twin, who, **args):
        return twin.acts_as(who, LEAD) and twin.before(self.until)

    def then(self, twin, who, result, **args):
        """What is issued rests on it, as it is now."""
        twin.versions += 1
        for issue in self.issues:
            twin.content[issue][self.name] = args
        return [self.event]


class CreateProgramme(Command):
    name = "competition.setup.create_programme"

    def may(self, twin, who, **args):
        return who == "lead"

    def call(self, world, actor, **args):
        return services.create_programme(
            actor, authority=world.authority, name="Another", clock=world.clock
        )

    def then(self, twin, who, result, **args):
        return ["programme_created"]


class CreateCompetition(Command):
    name = "competition.setup.create_competition"

    def options(self, twin, n):
        return [{"reference": f"OTHER-{len(twin.competitions)}"}, {"reference": small.REFERENCE}]

    def may(self, twin, who, reference):
        return who == "lead" and reference not in twin.competitions

    def call(self, world, actor, reference):
        return services.create_competition(
            actor,
            programme=world.programme,
            reference=reference,
            title="Another",
            commenced_on=world.clock.now().date(),
            light_touch=True,
            clock=world.clock,
        )

    def then(self, twin, who, result, reference):
        twin.competitions.append(reference)
        return ["competition_created"]


class EditCompetition(_ByTheLead):
    name = "competition.setup.edit_competition"
    event = "competition_changed"

    def options(self, twin, n):
        return [{"title": f"Title {n}"}, {"title": " "}]

    def may(self, twin, who, title):
        return super().may(twin, who) and bool(title.strip())

    def call(self, world, actor, title):
        return services.edit_competition(
            actor,
            world.reference,
            title=title,
            summary="",
            commenced_on=small.START.date(),
            light_touch=True,
            profile="short",
            clock=world.clock,
        )


class SaveLot(_ByTheLead):
    name = "competition.lots.save_lot"
    event = "lots_changed"

    def options(self, twin, n):
        yield {"lot": "L1", "version": twin.versions}
        yield {"lot": "L9", "version": twin.versions}
        if EXTRA_LOT not in twin.lots:
            yield {"lot": None, "version": twin.versions}

    def may(self, twin, who, lot, version):
        is_known = lot in twin.lots if lot else EXTRA_LOT not in twin.lots
        return super().may(twin, who) and is_known

    def call(self, world, actor, lot, version):
        reference = lot or EXTRA_LOT
        return services.save_lot(
            actor,
            world.reference,
            lot=lot,
            reference=reference,
            name=f"Area {reference}, version {version}",
            annual_value_pence=small.LOTS.get(reference, EXTRA_LOT_VALUE),
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, version):
        if lot is None:
            twin.lots.append(EXTRA_LOT)
        else:
            twin.content["pqq_issued"]["the name of the first lot"] = version
        twin.versions += 1
        return [self.event]


class RemoveLot(_ByTheLead):
    name = "competition.lots.remove_lot"
    event = "lots_changed"

    def options(self, twin, n):
        return [{"lot": EXTRA_LOT}]

    def may(self, twin, who, lot):
        return super().may(twin, who) and lot in twin.lots

    def call(self, world, actor, lot):
        return services.remove_lot(actor, world.reference, lot, clock=world.clock)

    def then(self, twin, who, result, lot):
        twin.lots.remove(lot)
        return [self.event]


def lots_csv(name: str) -> str:
    """A file that renames the first lot."""
    row = dict.fromkeys(COLUMNS, "") | {
        "reference": "L1",
        "name": name,
        "annual_value_gbp": str(small.LOTS["L1"] // 100),
        "term_years": "7",
    }
    return ",".join(COLUMNS) + "\n" + ",".join(row[column] for column in COLUMNS) + "\n"


class PreviewLots(_ByTheLead):
    name = "competition.lots.preview_lots"

    def call(self, world, actor):
        return services.preview_lots(
            actor, world.reference, lots_csv("Shown only"), clock=world.clock
        )

    def then(self, twin, who, result):
        assert [line.effect for line in result.rows] == ["changed"]
        return []


class ImportLots(_ByTheLead):
    name = "competition.lots.import_lots"
    event = "lots_changed"

    def options(self, twin, n):
        return [{"name": f"Area L1 from a file {twin.versions}"}, {"name": ""}]

    def may(self, twin, who, name):
        return super().may(twin, who) and bool(name)

    def call(self, world, actor, name):
        return services.import_lots(actor, world.reference, lots_csv(name), clock=world.clock)

    def then(self, twin, who, result, name):
        twin.content["pqq_issued"]["the name of the first lot"] = name
        twin.versions += 1
        return [self.event]


class SaveCriterion(_ByTheLead):
    """Only the question's text changes: the importance is part of the notice."""

    name = "competition.criteria.save_criterion"
    until = "itn_open"
    event = "criteria_changed"
    issues = ("itn_issued",)

    def options(self, twin, n):
        text = f"How will you do it, version {twin.versions}?"
        return [{"weight": "60", "text": text}, {"weight": "61", "text": text}]

    def may(self, twin, who, weight, text):
        return super().may(twin, who) and weight == "60"

    def call(self, world, actor, weight, text):
        name, _weight, minimum, leaves = small.CRITERIA["C1"]
        return services.save_criterion(
            actor,
            world.reference,
            criterion="C1",
            reference="C1",
            name=name,
            weight=Decimal(weight),
            minimum_mark=minimum,
            leaves=[LeafInput(leaf, text, Decimal(part)) for leaf, part in leaves.items()],
            clock=world.clock,
        )


class RemoveCriterion(_ByTheLead):
    """A criterion that is not there; its removal would leave the weights short of 100."""

    name = "competition.criteria.remove_criterion"

    def may(self, twin, who):
        return False

    def call(self, world, actor):
        return services.remove_criterion(actor, world.reference, "C9", clock=world.clock)


class SetWeights(_ByTheLead):
    name = "competition.criteria.set_weights"
    event = "criteria_changed"

    def options(self, twin, n):
        return [{"first": "60"}, {"first": "59.5"}]

    def may(self, twin, who, first):
        return super().may(twin, who) and first == "60"

    def call(self, world, actor, first):
        weights = {"C1": first, "C2.1": "25", "C2.2": "15"}
        return services.set_weights(
            actor,
            world.reference,
            {leaf: Decimal(weight) for leaf, weight in weights.items()},
            clock=world.clock,
        )


class LoadStandardCriteria(_ByTheLead):
    name = "competition.criteria.load_standard_criteria"

    def may(self, twin, who):
        return False

    def call(self, world, actor):
        return services.load_standard_criteria(actor, world.reference, clock=world.clock)


class SetRules(_ByTheLead):
    name = "competition.rules.set_rules"
    until = "itn_open"
    event = "rules_changed"
    issues = ("itn_issued",)

    def options(self, twin, n):
        points = 45_000 + twin.versions % 9000
        yield {"points": points, "limit": small.SHARE_PPM}
        yield {"points": 100_001, "limit": small.SHARE_PPM}
        if not twin.at("draft"):  # the notice has fixed it
            yield {"points": points, "limit": small.SHARE_PPM + 1}

    def may(self, twin, who, points, limit):
        return super().may(twin, who) and points <= 100_000 and limit == small.SHARE_PPM

    def call(self, world, actor, points, limit):
        limits = {"max_value_share_per_bidder_ppm": limit}
        return services.set_rules(
            actor,
            world.reference,
            **small.rules(minimum_points=points, limits=limits),
            clock=world.clock,
        )

    def then(self, twin, who, result, points, limit):
        twin.minimum_points = points
        return super().then(twin, who, result, points=points)


class SetTimetable(_ByTheLead):
    name = "competition.timetable.set_timetable"
    until = "itn_open"
    event = "timetable_changed"
    issues = ISSUES

    def options(self, twin, n):
        later = small.START + timedelta(days=300, minutes=twin.versions + 1)
        return [{"at": later}, {"at": small.START - timedelta(days=1)}]

    def may(self, twin, who, at):
        # Until the notice went out, its own date must lie ahead as well.
        is_ahead = not twin.at("draft") or twin.now <= small.START + NOTICE
        return super().may(twin, who) and at > small.START and is_ahead

    def call(self, world, actor, at):
        return services.set_timetable(
            actor, world.reference, {"award_decision": at}, clock=world.clock
        )

    def then(self, twin, who, result, at):
        is_new = twin.content["pqq_issued"].get(self.name) != {"at": at}
        events = super().then(twin, who, result, at=at)
        return events if is_new else []


class AddDocument(_ByTheLead):
    name = "competition.documents.add_document"
    until = "itn_open"
    event = "document_version_added"

    def options(self, twin, n):
        return [
            {"part": part, "content": content}
            for part in ("pqq", "itn")
            for content in (f"Version {twin.versions}".encode(), b"")
        ]

    def may(self, twin, who, part, content):
        return super().may(twin, who) and bool(content)

    def call(self, world, actor, part, content):
        return services.add_document(
            actor,
            world.reference,
            title="Terms",
            part=part,
            file_name="terms.txt",
            media_type="text/plain",
            pieces=[content],
            clock=world.clock,
        )

    def then(self, twin, who, result, part, content):
        twin.content[f"{part}_issued"][f"document {twin.versions}"] = content
        twin.versions += 1
        return [self.event]


class SaveQuestion(_ByTheLead):
    name = "competition.selection.save_question"
    event = "selection_questions_changed"
    issues = ("pqq_issued",)

    def options(self, twin, n):
        return [{"kind": "not_scored", "version": twin.versions}, {"kind": "", "version": 0}]

    def may(self, twin, who, kind, version):
        return super().may(twin, who) and bool(kind)

    def call(self, world, actor, kind, version):
        return services.save_question(
            actor,
            world.reference,
            question="Q1",
            reference="Q1",
            part="Organisation",
            kind=kind,
            text=f"Who are you, version {version}?",
            clock=world.clock,
        )


class RemoveQuestion(_ByTheLead):
    name = "competition.selection.remove_question"

    def may(self, twin, who):
        return False

    def call(self, world, actor):
        return services.remove_question(actor, world.reference, "Q9", clock=world.clock)


class LoadStandardQuestions(_ByTheLead):
    name = "competition.selection.load_standard_questions"

    def may(self, twin, who):
        return False

    def call(self, world, actor):
        return services.load_standard_questions(actor, world.reference, clock=world.clock)


_GIVEN = (
    ("nobody", Role.KEY_HOLDER),
    ("nobody", Role.EVALUATOR),
    ("nobody", Role.COMMERCIAL_OFFICER),
    ("nobody", Role.APPROVER),
    ("evaluator_1", Role.COMMERCIAL_OFFICER),
    ("approver", Role.PROCUREMENT_LEAD),
    ("south", Role.AUDITOR),
    ("stranger", Role.AUDITOR),
)


class _Role(Command):
    def may(self, twin, who, person, role):
        is_frozen = twin.since("itn_open") and twin.before("price_evaluation")
        return twin.acts_as(who, LEAD) and not (role is Role.KEY_HOLDER and is_frozen)

    def then(self, twin, who, result, person, role):
        # Other holders need other keys.
        if role is Role.KEY_HOLDER and twin.before("itn_open") and twin.has_keys:
            twin.has_keys = twin.is_rehearsed = False
        return [f"competition_role_{self.verb}"]


class GiveRole(_Role):
    name = "competition.people.give_role"
    verb = "given"

    def options(self, twin, n):
        return [{"person": person, "role": role} for person, role in _GIVEN]

    def may(self, twin, who, person, role):
        held = twin.roles.get(person, set())
        # What somebody has seen does not end with a role.
        counts = twin.ever.get(person, set()) | held if twin.since("quality_evaluation") else held
        return (
            super().may(twin, who, person, role)
            and person in small.TEAM
            and role not in held
            and not (role is Role.KEY_HOLDER and len(twin.holders()) >= HOLDERS)
            and not any(frozenset({role, other}) in EXCLUDED for other in counts)
        )

    def call(self, world, actor, person, role):
        return services.give_role(
            actor, world.reference, world.ref(person), role, clock=world.clock
        )

    def then(self, twin, who, result, person, role):
        twin.roles.setdefault(person, set()).add(role)
        twin.ever.setdefault(person, set()).add(role)
        return super().then(twin, who, result, person, role)


class EndRole(_Role):
    name = "competition.people.end_role"
    verb = "ended"

    def options(self, twin, n):
        held = [{"person": "nobody", "role": role} for role in sorted(twin.roles["nobody"])]
        return [*held, {"person": "lead", "role": LEAD}, {"person": "south", "role": Role.AUDITOR}]

    def may(self, twin, who, person, role):
        is_held = person == "nobody" and role in twin.roles[person]
        return super().may(twin, who, person, role) and is_held

    def call(self, world, actor, person, role):
        return services.end_role(actor, world.reference, world.ref(person), role, clock=world.clock)

    def then(self, twin, who, result, person, role):
        twin.roles[person].discard(role)
        return super().then(twin, who, result, person, role)
