"""What people type about an award: reasons, and what if."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError

from commissioning.competition.domain.award_rules import (
    OBJECTIVE_NAMES,
    OBJECTIVES,
    RULE_NAMES,
    award_rule_in_words,
)
from commissioning.web.fields import (
    CheckboxesField,
    CheckboxField,
    Form,
    HiddenField,
    MoneyField,
    ParagraphField,
    PercentField,
    RadiosField,
    TextField,
    WholeNumberField,
)


class SolveForm(Form):
    """Asks nothing: the problem is built from the record."""


class _AboutForm(Form):
    """`about` is the answer that was read: what was solved since is not meant."""

    about = HiddenField("About", max_length=40)


class RecommendForm(_AboutForm):
    """Why the award is recommended."""

    text = ParagraphField(
        "Why do you recommend this award?",
        hint="The approver, the auditor and, in a challenge, the court read this.",
        required="Enter why this award is recommended.",
    )


class DecideForm(_AboutForm):
    """Approve, or send back, with the reason."""

    decision = RadiosField(
        "What do you decide?",
        choices=[
            ("approve", "Approve the award"),
            ("send_back", "Send it back", "The commercial officer solves and recommends again."),
        ],
        required="Select whether you approve the award or send it back.",
    )
    reason = ParagraphField("Why?", required="Enter the reason for your decision.")


class AnnounceForm(_AboutForm):
    """Asks nothing: the page says what will happen."""


class ScenarioForm(Form):
    """What a scenario has instead of what was published."""

    name = TextField(
        "Name of the scenario",
        hint="For example: two lots each, or without Bidder 3.",
        max_length=100,
        required="Enter a name by which you will know the scenario.",
    )
    award_rule = RadiosField(
        "Award rule",
        choices=[(r.value, RULE_NAMES[r], award_rule_in_words(r)) for r in RULE_NAMES],
        required="Choose an award rule.",
    )
    objective = RadiosField(
        "Best award",
        choices=[(o.value, OBJECTIVE_NAMES[o], OBJECTIVES[o]) for o in OBJECTIVE_NAMES],
        required="Choose what the best award is.",
    )
    max_lots_per_bidder = WholeNumberField(
        "Lots for one bidder", hint="Leave a limit empty where there is none.", minimum=1,
        maximum=1000,
    )  # fmt: skip
    max_value_share_per_bidder_ppm = PercentField("Share of the market for one bidder")
    max_lots_per_group = WholeNumberField("Lots for one supplier", minimum=1, maximum=1000)
    max_value_share_per_group_ppm = PercentField(
        "Share of the market for one supplier",
        hint="Through all the bidders that it is, owns or is a member of.",
    )
    min_distinct_winners = WholeNumberField("Least number of winners", minimum=1, maximum=1000)
    incompatible_lots = ParagraphField(
        "Lots that never go to one bidder",
        hint="One pair a line, with a comma between: C01, C02.",
        rows=3,
    )
    budget = MoneyField("Budget", hint="The most that all net prices total.", positive=True)
    ignores_funding = CheckboxField("Leave aside the funding that bidders proved")
    without = CheckboxesField("Bidders to leave out", hint="Their bids go with them.")

    def validate_incompatible_lots(self, field: Any) -> None:
        """Each line names two lots."""
        wrong = [line for line in pair_lines(field.data) if len(pair_of(line)) != 2]
        if wrong:
            raise ValidationError(f"“{wrong[0][:60]}” is no pair. Write two lots with a comma.")


class StartForm(Form):
    """Asks nothing: what is solved is on the record."""


class AlternativesForm(Form):
    """How far from the optimum other awards are sought."""

    within = PercentField(
        "How far from the best award?",
        hint="A percentage of the objective, from 0 to 10. 0 is every other award that is equally "
        "good.",
        maximum=10,
        required="Enter a percentage from 0 to 10.",
    )


def _bidders(label: str) -> WholeNumberField:
    return WholeNumberField(
        label, minimum=0, maximum=30, required="Enter a whole number from 0 to 30."
    )


class RobustnessForm(Form):
    """How far weights are moved in a study of how firmly the award stands."""

    furthest = WholeNumberField(
        "How far are weights moved?",
        hint="In points out of 100, from 1 to 20. Each criterion in turn weighs so much more or "
        "less, a point at a time, and the others make room in proportion.",
        minimum=1,
        maximum=20,
        suffix="points",
        required="Enter a whole number of points from 1 to 20.",
    )


class RehearsalForm(Form):
    """How many invented markets, and how many bidders of each kind come to them."""

    markets = WholeNumberField(
        "Number of invented markets",
        hint="From 20 to 500. 200 take about a minute for twenty lots.",
        minimum=20,
        maximum=500,
        required="Enter a whole number from 20 to 500.",
    )
    large_least = _bidders("Large bidders, at least")
    large_most = _bidders("Large bidders, at most")
    small_least = _bidders("Small firms, at least")
    small_most = _bidders("Small firms, at most")
    voluntary_least = _bidders("Voluntary and community bodies, at least")
    voluntary_most = _bidders("Voluntary and community bodies, at most")
    seed = TextField(
        "Seed",
        hint="Any word. The same seed and the same rules give the same markets, so that changed "
        "rules are compared on alike ones.",
        max_length=100,
        width=20,
        required="Enter a seed: any word or number.",
    )


def pair_lines(text: str | None) -> list[str]:
    """The lines on which something was typed."""
    return [line for line in (text or "").split("\n") if line.strip()]


def pair_of(line: str) -> tuple[str, ...]:
    """The lots that a line names."""
    return tuple(part.strip() for part in line.split(",") if part.strip())
