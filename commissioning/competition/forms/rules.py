"""The rules by which bids are compared and lots awarded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import ValidationError

from commissioning.competition.domain.award_rules import (
    OBJECTIVE_NAMES,
    OBJECTIVES,
    RULE_NAMES,
    award_rule_in_words,
)
from commissioning.competition.domain.criteria import AwardRule, ClosingRule
from commissioning.competition.domain.scale import LONGEST_MEANING, LONGEST_NAME
from commissioning.competition.domain.wording import CLOSING_RULES
from commissioning.web.fields import (
    DecimalField,
    Form,
    MoneyField,
    ParagraphField,
    PercentField,
    RadiosField,
    TextField,
    WholeNumberField,
    YearField,
)

NOTICE_FIELDS = (
    "max_value_share_per_bidder_ppm",
    "max_value_share_per_group_ppm",
    "max_lots_per_bidder",
    "max_lots_per_group",
    "min_distinct_winners",
    "incompatible_lots",
    "budget",
    "funding_multiple",
    "award_rule",
)
"""What the notice fixes: the limits and the award rule."""

_SHARES = ("max_value_share_per_bidder_ppm", "max_value_share_per_group_ppm")
_COUNTS = ("max_lots_per_bidder", "max_lots_per_group", "min_distinct_winners")
_CLOSING_NAMES = {
    ClosingRule.MAJORITY: "More agree than dissent",
    ClosingRule.ALL_AGREE: "All agree",
}


def descriptor_field(mark: int, part: str) -> str:
    """The field of a mark's name or meaning."""
    return f"descriptor_{mark}_{part}"


class RulesForm(Form):
    marks: tuple[int, ...] = ()

    max_mark = WholeNumberField(
        "Highest mark",
        hint="Marks are whole numbers from 0. When you change it, save the rules: this page then "
        "asks what each further mark means.",
        minimum=1,
        maximum=100,
        required="Enter the highest mark.",
    )
    minimum_points = DecimalField(
        "Minimum quality points",
        hint="Out of 100. A bid with fewer is out.",
        maximum=100,
        places=3,
        required="Enter the minimum points.",
    )
    discount_rate = PercentField(
        "Discount rate",
        hint="The real rate a year at which later fees are brought to today’s value.",
        maximum=99,
        required="Enter the discount rate.",
    )
    price_years = WholeNumberField(
        "Years of fees",
        minimum=1,
        maximum=50,
        suffix="years",
        required="Enter the years of fees.",
    )
    price_base_year = YearField(
        "Price base",
        hint="The year in whose prices every fee is stated, such as 2026.",
        minimum=1900,
        maximum=2200,
        required="Enter the year of the prices.",
    )
    closing_rule = RadiosField(
        "When does an agreed mark close?",
        choices=[(r.value, _CLOSING_NAMES[r], CLOSING_RULES[r]) for r in _CLOSING_NAMES],
        required="Choose how an agreed mark closes.",
    )
    objective = RadiosField(
        "What is the best award?",
        hint="Price per quality point ranks the bids, so only the first of these can be published.",
        choices=[(o.value, OBJECTIVE_NAMES[o], OBJECTIVES[o]) for o in OBJECTIVE_NAMES],
        required="Choose an objective.",
    )
    award_rule = RadiosField(
        "What happens where a limit stands in the way?",
        choices=[(r.value, RULE_NAMES[r], award_rule_in_words(r)) for r in AwardRule],
        required="Choose an award rule.",
    )
    max_value_share_per_bidder_ppm = PercentField(
        "Share of the market for one bidder",
        hint="Of the total annual value of all lots. Leave a limit empty where there is none.",
    )
    max_value_share_per_group_ppm = PercentField(
        "Share of the market for one supplier",
        hint="Through all the bidders that it is, owns or is a member of.",
    )
    max_lots_per_bidder = WholeNumberField("Lots for one bidder", minimum=1, maximum=1000)
    max_lots_per_group = WholeNumberField("Lots for one supplier", minimum=1, maximum=1000)
    min_distinct_winners = WholeNumberField("Least number of winners", minimum=1, maximum=1000)
    incompatible_lots = ParagraphField(
        "Lots that never go to one bidder",
        hint="One pair a line, with a comma between: C01, C02.",
        rows=3,
    )
    budget = MoneyField(
        "Budget", hint="The most that the evaluated prices of all awards total.", positive=True
    )
    funding_multiple = WholeNumberField(
        "Funding multiple",
        hint="The annual value won is at most so many times the funding proved.",
        minimum=1,
        maximum=100,
        required="Enter the funding multiple.",
    )

    def validate_incompatible_lots(self, field: Any) -> None:
        """Each line names two lots."""
        wrong = [line for line in _pair_lines(field.data) if len(_pair(line)) != 2]
        if wrong:
            raise ValidationError(f"“{wrong[0][:60]}” is no pair. Write two lots with a comma.")

    def add_error(self, field_name: str | None, sentence: str) -> None:
        """A fault in a limit is named "limits.<name>" by the service."""
        name = (field_name or "").removeprefix("limits.")
        first, _, rest = name.partition(".")
        if first == "descriptors":
            mark, _, part = rest.partition(".")
            name = descriptor_field(int(mark), part)
        super().add_error("funding_multiple" if name == "limits" else name or None, sentence)

    def descriptors(self) -> list[tuple[str, str]]:
        """What was typed of each mark: its name and its meaning."""
        return [
            (
                self._fields[descriptor_field(mark, "name")].data or "",
                self._fields[descriptor_field(mark, "meaning")].data or "",
            )
            for mark in self.marks
        ]

    def limits(self) -> dict[str, Any]:
        """The limits that were typed, by their names, in pence and parts per million."""
        found: dict[str, Any] = {
            name: _ppm(self._fields[name].data) for name in _SHARES if self._fields[name].data
        }
        found |= {name: self._fields[name].data for name in (*_COUNTS, "budget")}
        found["incompatible_lots"] = [
            _pair(line) for line in _pair_lines(self.incompatible_lots.data)
        ]
        return {name: value for name, value in found.items() if value not in (None, [])}


def rules_form(max_mark: int) -> type[RulesForm]:
    """The form of the rules, with a name and a meaning for each mark from 0 to the highest."""
    marks = tuple(range(max_mark + 1))
    fields: dict[str, Any] = {"marks": marks}
    for mark in marks:
        fields[descriptor_field(mark, "name")] = TextField(
            f"Name of the mark {mark}",
            required=f"Give the mark {mark} a short name.",
            width=20,
            max_length=LONGEST_NAME,
        )
        fields[descriptor_field(mark, "meaning")] = ParagraphField(
            f"When is the mark {mark} given?",
            required=f"Say in a sentence when the mark {mark} is given.",
            rows=2,
            max_length=LONGEST_MEANING,
        )
    return type("ThisRulesForm", (RulesForm,), fields)


def _pair_lines(text: str | None) -> list[str]:
    return [line for line in (text or "").split("\n") if line.strip()]


def _pair(line: str) -> list[str]:
    return [part.strip() for part in line.split(",") if part.strip()]


def _ppm(percent: Decimal) -> int:
    # Four places of a percentage are whole parts of a million.
    return int(percent * 10_000)
