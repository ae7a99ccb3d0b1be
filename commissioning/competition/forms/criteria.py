"""Quality criteria, their questions, and all their weights at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from commissioning.competition.domain.criteria import Scope
from commissioning.web.fields import (
    CheckboxField,
    DecimalField,
    Form,
    HiddenField,
    ParagraphField,
    PlacedError,
    RadiosField,
    TextField,
    WholeNumberField,
)

MOST_LEAVES = 6
_WHOLE = Decimal(100)
_PLACES = 6
_TYPED = ("reference", "question", "weight")


class LeafForm(Form):
    """A question of a criterion; one that is left blank is none."""

    class Meta:
        """It is no form of its own."""

        csrf = False  # it is a part of the criterion's form, which has the token

    reference = TextField(
        "Reference", hint="Such as C1.1.", required="Enter a reference.", max_length=20, width=10
    )
    question = ParagraphField("Question", required="Enter the question.", rows=4, max_length=20_000)
    weight = DecimalField(
        "Weight",
        hint="Its part of the criterion’s weight.",
        required="Enter the weight of the question.",
        maximum=100,
        places=_PLACES,
    )
    scope = RadiosField(
        "Answered",
        choices=[(Scope.LOT.value, "For each lot"), (Scope.COMMON.value, "Once for all lots")],
        default=Scope.LOT.value,
        required="Choose whether it is answered for each lot or once.",
    )
    word_limit = WholeNumberField(
        "Word limit",
        suffix="words",
        minimum=1,
        maximum=20_000,
        default=1000,
        required="Enter the word limit.",
    )
    allows_file = CheckboxField("Bidders may attach files", default=True)

    @property
    def is_left_blank(self) -> bool:
        """Whether nothing was typed into it."""
        return not any(str(self._fields[name].data or "").strip() for name in _TYPED) and not any(
            self._fields[name].raw_data and str(self._fields[name].raw_data[0]).strip()
            for name in _TYPED
        )


class CriterionForm(Form):
    """A criterion with the forms of its questions, of which so many are shown."""

    reference = TextField(
        "Reference", hint="Such as C1.", required="Enter a reference.", max_length=20, width=10
    )
    name = TextField("Name", required="Enter the name of the criterion.")
    weight = DecimalField(
        "Weight",
        hint="Out of 100 over all criteria. The weights of its questions sum to it exactly.",
        required="Enter the weight.",
        maximum=100,
        places=_PLACES,
    )
    minimum_mark = WholeNumberField(
        "Minimum mark",
        hint="The least agreed mark of each of its questions. A bid with less is out.",
        maximum=100,
        default=1,
        required="Enter the minimum mark.",
    )
    shown_leaves = HiddenField("Questions on the page", default="1", max_length=2)

    def __init__(self, *args: Any, leaves: Sequence[dict[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = max(len(leaves), 1) if not self.is_submitted() else self._asked()
        stored = [*leaves, *({} for _ in range(MOST_LEAVES))]
        self.leaves = [
            LeafForm(prefix=f"leaves-{index}-", data=stored[index] or None)
            for index in range(min(shown, MOST_LEAVES))
        ]
        self.shown_leaves.data = str(len(self.leaves))

    def _asked(self) -> int:
        typed = self.shown_leaves.data or ""
        return max(1, int(typed)) if typed.isascii() and typed.isdigit() else 1

    def add_leaf(self) -> None:
        """Room for one more question."""
        index = len(self.leaves)
        if index < MOST_LEAVES:
            self.leaves.append(LeafForm(formdata=None, prefix=f"leaves-{index}-"))
            self.shown_leaves.data = str(len(self.leaves))
            self.shown_leaves.raw_data = [str(len(self.leaves))]

    @property
    def filled(self) -> list[LeafForm]:
        """The questions in which something was typed."""
        return [leaf for leaf in self.leaves if not leaf.is_left_blank]

    def validate(self, extra_validators: Any = None) -> bool:
        """The criterion and each of its questions."""
        is_valid = super().validate(extra_validators)
        # Every question is looked at, also after one that is wrong.
        leaves = [leaf.validate() for leaf in self.filled]
        return all(leaves) and is_valid

    def add_error(self, field_name: str | None, sentence: str) -> None:
        """A fault of a question is named "leaves.<index>.<field>", counted over those filled in."""
        parts = (field_name or "").split(".")
        if parts == ["leaves"]:  # what is wrong with all of them stands beside the first
            first = (self.filled or self.leaves)[0]
            first.add_error("weight" if self.filled else "question", sentence)
        elif len(parts) == 3 and parts[0] == "leaves" and int(parts[1]) < len(self.filled):
            self.filled[int(parts[1])].add_error(parts[2], sentence)
        else:
            super().add_error(field_name, sentence)

    @property
    def error_list(self) -> list[PlacedError]:
        """The faults of the criterion, then those of its questions."""
        own = super().error_list
        return [*own, *(error for leaf in self.leaves for error in leaf.error_list)]


class WeightsForm(Form):
    """One weight for each question; `places` names its field by the question's reference."""

    places: dict[str, str] = {}

    def weights(self) -> dict[str, Decimal]:
        return {reference: self._fields[name].data for reference, name in self.places.items()}

    def validate(self, extra_validators: Any = None) -> bool:
        """The weights of a competition sum to 100 exactly; the service says the same."""
        is_valid = super().validate(extra_validators)
        total = sum(self.weights().values(), Decimal(0)) if is_valid else _WHOLE
        if total != _WHOLE:
            self.add_error(None, _wrong_total(total))
            return False
        return is_valid

    def add_error(self, field_name: str | None, sentence: str) -> None:
        """A fault is named by the question's reference."""
        super().add_error(self.places.get(field_name or ""), sentence)

    @property
    def error_list(self) -> list[PlacedError]:
        """What is wrong with the sum leads to the first of the weights."""
        return [
            PlacedError(error.sentence, error.anchor or next(iter(self.places.values()), ""))
            for error in super().error_list
        ]


def weights_form(leaves: Iterable[tuple[str, Decimal]]) -> WeightsForm:
    """A form with a weight for each question, given as reference and present weight."""
    fields: dict[str, Any] = {"places": {}}
    for index, (reference, weight) in enumerate(leaves):
        name = f"weight_{index}"
        fields["places"][reference] = name
        fields[name] = DecimalField(
            f"Weight of {reference}",
            required=f"Enter the weight of {reference}.",
            maximum=100,
            places=_PLACES,
            default=weight.normalize() + 0,
        )
    made: WeightsForm = type("TheseWeightsForm", (WeightsForm,), fields)()
    return made


def _wrong_total(total: Decimal) -> str:
    away = abs(_WHOLE - total)
    do = "Add" if total < _WHOLE else "Take away"
    return f"The weights sum to {total.normalize():f}, not to 100. {do} {away.normalize():f}."
