"""What people type while they assess, assign, mark, agree and decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commissioning.competition.domain.interests import OUTCOMES, Outcome
from commissioning.competition.domain.scale import Scale
from commissioning.competition.domain.selection_rules import Question, QuestionKind
from commissioning.web.fields import (
    CheckboxesField,
    CheckboxField,
    Form,
    HiddenField,
    ParagraphField,
    RadiosField,
    SelectField,
)

Choices = Iterable[tuple[str, str]]


class ActForm(Form):
    """Asks nothing: the page says what will happen."""


class ProposeForm(Form):
    reason = ParagraphField(
        "What should the second person know?", hint="You can leave this empty.", rows=3
    )


class DecideForm(Form):
    """`about` is the proposal that was read: what was proposed since is not decided by it."""

    about = HiddenField("About", max_length=40)
    decision = RadiosField(
        "What do you decide?",
        choices=[
            ("approve", "Approve it"),
            ("send_back", "Send it back", "Nothing happens until it is proposed again."),
        ],
        required="Select whether you approve it or send it back.",
    )
    reason = ParagraphField(
        "Why?", hint="Needed when you send it back; it stays on the record.", rows=3
    )

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        is_valid = super().validate(extra_validators)
        if self.decision.data == "send_back" and not self.reason.data:
            self.add_error("reason", "Enter why you send it back.")
            return False
        return bool(is_valid)


# Selection -------------------------------------------------------------------------------------


class PartForm(Form):
    part = SelectField("Part of the PQQ", required="Select a part.")
    assessor = SelectField("Assessor", required="Select an assessor.")

    def offer(self, parts: Sequence[str], assessors: Choices) -> None:
        self.part.choices = [(part, part) for part in parts]
        self.assessor.choices = list(assessors)


class FindingsForm(Form):
    """One field for each question that an assessor decides, then the reason for all of them.

    Made by `findings_form`; a refusal that names a question goes to that question's field.
    """

    def add_error(self, field_name: str | None, sentence: str) -> None:
        place = f"finding-{field_name}"
        super().add_error(place if place in self else field_name, sentence)

    def findings(self, questions: Sequence[Question]) -> dict[str, dict[str, Any]]:
        """What was found, as the service takes it; what the rule decides is left to the rule."""
        found: dict[str, dict[str, Any]] = {}
        for question in questions:
            field = self._fields.get(_name(question))
            if field is None or field.data is None:
                continue
            if question.kind is QuestionKind.SCORED:
                found[question.id] = {"result": "noted", "score": int(field.data)}
            else:
                found[question.id] = {"result": field.data, "score": None}
        return found


def _name(question: Question) -> str:
    return f"finding-{question.id}"


def findings_form(
    questions: Sequence[Question], before: Mapping[str, Any] | None = None, reason: str = ""
) -> FindingsForm:
    """The form for one part of the PQQ; `before` are the findings that stand, if any do."""
    fields: dict[str, Any] = {}
    stored: dict[str, Any] = {"reason": reason}
    for question in questions:
        finding = (before or {}).get(question.id, {})
        if question.kind is QuestionKind.SCORED:
            highest, minimum = question.max_score or 0, question.minimum_score or 0
            fields[_name(question)] = RadiosField(
                f"Score of {question.id}",
                hint=f"At least {minimum} is needed to pass.",
                choices=[(str(score), str(score)) for score in range(highest + 1)],
                required=f"Select a score for {question.id}.",
            )
            score = finding.get("score")
            stored[_name(question)] = None if score is None else str(score)
        elif question.kind is QuestionKind.PASS_FAIL and not question.passing_answers:
            fields[_name(question)] = RadiosField(
                f"Finding on {question.id}",
                choices=[("pass", "Pass"), ("fail", "Fail")],
                required=f"Select whether {question.id} is passed or failed.",
            )
            stored[_name(question)] = finding.get("result")
    fields["reason"] = ParagraphField(
        "Reason for these findings",
        hint="The bidder, the auditor and a court may read it.",
        required="Enter the reason for these findings.",
        rows=4,
    )
    made: FindingsForm = type("FindingsForm", (FindingsForm,), fields)(data=stored)
    return made


# Interests and assignments -----------------------------------------------------------------------


class InterestForm(Form):
    organisation = SelectField(
        "Which organisation does it concern?",
        required="Select the organisation, or the competition as a whole.",
    )
    statement = ParagraphField(
        "What is the interest?",
        hint="One or two sentences. The lead, the approver and the auditor read it.",
        required="Enter what the interest is.",
        rows=4,
        max_length=2000,
    )
    understood = CheckboxField(
        "I understand that I lose access at once, and that I cannot take this back",
        required="Tick the box to declare the interest.",
    )

    def offer(self, organisations: Choices) -> None:
        self.organisation.choices = [
            ("*", "The competition as a whole"),
            *organisations,
        ]


class InterestDecisionForm(Form):
    outcome = RadiosField(
        "What do you propose?",
        choices=[(each.value, *OUTCOMES[each]) for each in Outcome],
        required="Select what you propose.",
    )
    lots = CheckboxesField(
        "Lots for which the bar is lifted", hint="Only where it is lifted in part."
    )
    bidders = CheckboxesField(
        "Bidders for which the bar is lifted",
        hint="Only where it is lifted in part. A lot for which others bid as well stays barred.",
    )
    reason = ParagraphField(
        "Why is it, or is it not, a conflict?",
        hint="The person concerned, the approver and the auditor read it.",
        required="Enter the reason.",
        rows=5,
        max_length=4000,
    )

    def offer(self, lots: Choices, bidders: Choices) -> None:
        self.lots.choices = lots
        self.bidders.choices = bidders
        if not bidders:
            del self.bidders


class TeamForm(Form):
    evaluators = CheckboxesField(
        "Evaluators", hint="Three are usual.", required="Select at least one evaluator."
    )
    moderator = SelectField("Moderator", required="Select a moderator.")
    lots = CheckboxesField("On these lots", required="Select at least one lot.")

    def offer(self, evaluators: Choices, moderators: Choices, lots: Choices) -> None:
        self.evaluators.choices = list(evaluators)
        self.moderator.choices = list(moderators)
        self.lots.choices = list(lots)


class ReassignForm(Form):
    leaving = SelectField("Who leaves?", required="Select who leaves.")
    joining = SelectField("Who takes over?", required="Select who takes over.")
    lots = CheckboxesField("On these lots", required="Select at least one lot.")
    reason = ParagraphField(
        "Why?",
        hint="It stays on the record.",
        required="Enter why somebody else takes over.",
        rows=3,
    )

    def offer(self, leaving: Choices, joining: Choices, lots: Choices) -> None:
        self.leaving.choices = list(leaving)
        self.joining.choices = list(joining)
        self.lots.choices = list(lots)


# Marks and consensus -----------------------------------------------------------------------------


class MarkForm(Form):
    mark = RadiosField("Mark", coerce=int, required="Select a mark.")
    reason = ParagraphField(
        "Reason for the mark",
        hint="Cite paragraphs by their numbers. The bidder may read this later.",
        required="Enter the reason for the mark.",
        rows=6,
    )

    def offer(self, scale: Scale) -> None:
        """The marks of the published scale, each with what it means."""
        self.mark.choices = [
            (step.mark, f"{step.mark}, {step.name.lower()}", step.meaning) for step in scale
        ]


class AgreedMarkForm(MarkForm):
    mark = RadiosField("Agreed mark", coerce=int, required="Select the agreed mark.")
    reason = ParagraphField(
        "Reason for the agreed mark",
        hint="Say why it is not higher or lower where the evaluators differed. The bidder reads "
        "this word for word after the award: do not name another bidder or its answer.",
        required="Enter the reason for the agreed mark.",
        rows=6,
    )


class DissentForm(Form):
    reason = ParagraphField(
        "Why do you not agree?",
        hint="It stays on the record beside the agreed mark.",
        required="Enter why you do not agree.",
        rows=5,
    )
