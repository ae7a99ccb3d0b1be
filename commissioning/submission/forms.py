"""The forms of bidders and key holders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import ValidationError

from commissioning.competition.models import Lot
from commissioning.submission.domain.completeness import Question, word_count
from commissioning.submission.domain.file_limits import LARGEST_FILE_BYTES
from commissioning.submission.domain.help_requests import (
    LONGEST_ANSWER,
    LONGEST_PHONE,
    LONGEST_TEXT,
)
from commissioning.submission.domain.lateness import Verdict
from commissioning.web.fields import (
    CheckboxesField,
    CheckboxField,
    DateTimeField,
    Form,
    HiddenField,
    MoneyField,
    ParagraphField,
    RadiosField,
    SelectField,
    TextField,
    UploadField,
    WordsField,
)
from commissioning.web.filters import money, money_compact

LARGEST_PRICE_FILE_BYTES = 1_000_000
_LEAST_PENCE = -10_000_000_000_000
_YES_NO = [("yes", "Yes"), ("no", "No")]


class PlainForm(Form):
    """Nothing to fill in: only a token, for a button."""


class ReplacementForm(Form):
    leaving = SelectField("Who gives up their share?", required="Choose who gives up their share.")
    joining = SelectField(
        "Who takes it over?",
        hint="Choose the same person for a fresh share, such as after a reset of the password.",
        required="Choose who takes it over.",
    )
    reason = ParagraphField(
        "Why?", hint="It stays on the record.", required="Enter why the holder is replaced."
    )


class AnswerField(WordsField):
    """An answer to a question, whose errors call it by its reference: questions can be long."""

    def __init__(self, label: str, *, reference: str, **rest: Any) -> None:
        self.reference = reference
        super().__init__(label, **rest)

    def pre_validate(self, form: Any) -> None:
        words = word_count(self.data or "")
        if words > self.max_words:
            raise ValidationError(
                f"{self.reference}: the answer has {words:,} words and the limit is "
                f"{self.max_words:,}. Take out {words - self.max_words:,}."
            )
        super().pre_validate(form)


def answer_form(question: Question, *, label: str = "Your answer") -> type[Form]:
    """A form for one answer; its field bears the question's reference."""
    return _form_of("AnswerForm", [(question.reference, _answer_field(question, label))])


def part_form(questions: Iterable[Question]) -> type[Form]:
    """A form for the questions of one part of the PQQ, each field by its question's reference."""
    return _form_of(
        "PartForm", [(q.reference, _answer_field(q, f"{q.reference}. {q.text}")) for q in questions]
    )


def _answer_field(question: Question, label: str) -> Any:
    if question.is_yes_no:
        return RadiosField(label, choices=_YES_NO)
    rows = 18 if question.word_limit > 300 else 6
    return AnswerField(
        label, reference=question.reference, max_words=question.word_limit, rows=rows
    )


class FeeField(MoneyField):
    """The fee of one year: it is needed, above £0, and every sentence about it names its year."""

    def __init__(self, label: str, *, year: int, **rest: Any) -> None:
        self.year = year
        needed = f"Enter the fee for year {year}."
        super().__init__(label, required=needed, minimum_pence=_LEAST_PENCE, **rest)

    def understand(self, typed: str) -> int:
        """Pounds as pence; ValueError with a sentence that names the year."""
        try:
            return super().understand(typed)
        except ValueError as wrong:
            sentence = str(wrong)
            raise ValueError(f"Year {self.year}: {sentence[0].lower()}{sentence[1:]}") from wrong

    def pre_validate(self, form: Any) -> None:
        """Refuse a fee of nothing or less, beside whatever is wrong with the other years."""
        if self.data is not None and self.data <= 0:
            raise ValidationError(f"The fee for year {self.year} must be above £0.")
        super().pre_validate(form)


def price_form(years: int) -> type[Form]:
    """A form with one fee for each year, the adjustments and a note."""
    fees = [(f"fee_{year}", FeeField(f"Year {year}", year=year)) for year in range(1, years + 1)]
    return _form_of(
        "PriceForm",
        [
            *fees,
            (
                "adjustments_pence",
                MoneyField(
                    "Adjustments",
                    minimum_pence=_LEAST_PENCE,
                    hint="Only those that the documents publish; leave empty for none. "
                    "A reduction begins with a minus sign.",
                ),
            ),
            (
                "note",
                ParagraphField(
                    "Note to the price schedule", hint="Optional, up to 500 words.", rows=4
                ),
            ),
        ],
    )


def _form_of(name: str, fields: Sequence[tuple[str, Any]]) -> type[Form]:
    return type(name, (Form,), dict(fields))


class LotsForm(Form):
    lots = CheckboxesField("Which lots do you apply for?")

    def offer(self, lots: Iterable[Lot], funding_needed: dict[str, int]) -> None:
        self.lots.choices = [
            (lot.reference, lot.name, _asked_of(lot, funding_needed[lot.reference])) for lot in lots
        ]


def _asked_of(lot: Lot, funding_pence: int) -> str:
    value = money_compact(lot.annual_value_pence)
    return f"{value} a year; asks for {money(funding_pence)} of proved funding"


class FundingForm(Form):
    proved_funding_pence = MoneyField(
        "How much funding can you prove?",
        required="Enter the funding that you can prove, in pounds.",
        positive=True,
        hint="In pounds. The same amount is looked at for each lot that you apply for.",
    )
    funding_source = WordsField(
        "What proves it?",
        required="Say what proves the funding, such as a letter from a bank.",
        max_words=300,
        rows=5,
    )


class FileForm(Form):
    file = UploadField("Choose a file", required="Choose a file.", max_bytes=LARGEST_FILE_BYTES)


class AnnouncedForm(Form):
    """What a browser says of a file before it sends the pieces."""

    file_name = HiddenField("Name", required=True, max_length=1000)
    media_type = HiddenField("Type", max_length=200)
    size = HiddenField("Size", required=True, max_length=20)
    digests = HiddenField("Digests", max_length=10_000)
    upload = HiddenField("Upload", max_length=40)
    anew = HiddenField("Anew", max_length=3)

    @property
    def bytes_announced(self) -> int:
        """The size in bytes; 0 for what is no number."""
        text = self.size.data or ""
        return int(text) if text.isascii() and text.isdecimal() else 0


class LoadedForm(Form):
    file = RadiosField("Which file?", required="Choose a file.")

    def offer(self, files: Iterable[tuple[str, str, str]]) -> None:
        """Offer files: the reference, the name with its size, and where it is used already."""
        self.file.choices = list(files)


class PriceFileForm(Form):
    file = UploadField(
        "Choose a file",
        required="Choose a file.",
        extensions=("xlsx", "csv"),
        max_bytes=LARGEST_PRICE_FILE_BYTES,
    )


class SubmitBidForm(Form):
    idempotency_key = HiddenField("Key", max_length=64)
    checked_quality = HiddenField("Answers", max_length=64)
    checked_price = HiddenField("Prices", max_length=64)
    confirmed_incomplete = CheckboxField("I submit the bid as it is, with what is listed above.")


class ConfirmBidForm(Form):
    receipt = HiddenField("Receipt", max_length=40)
    version = HiddenField("Version", max_length=6)

    def validate_version(self, field: Any) -> None:
        """A page fills it in."""
        if not (field.data or "").isdecimal():
            raise ValidationError("Go back to your bid and look again.")


class LateBidForm(SubmitBidForm):
    reason = ParagraphField(
        "Why is it late?",
        hint="The authority decides by it, and reads it before anything is opened: write nothing "
        "of your bid here.",
        required="Enter why the bid is late: the authority decides by it.",
        max_length=2000,
    )


class LateProposalForm(Form):
    verdict = RadiosField(
        "What do you propose?",
        choices=[
            (Verdict.ACCEPT.value, "Accept it", "It is opened with the bids in time."),
            (Verdict.REFUSE.value, "Refuse it", "It stays sealed, and nobody ever opens it."),
        ],
        required="Choose whether it is accepted or refused.",
    )
    reason = ParagraphField(
        "Why?",
        hint="The bidder reads it with the decision, and it stays on the record.",
        required="Enter the reason: the bidder, the auditor and a court read it.",
        max_length=4000,
    )


class LateDecisionForm(Form):
    decision = RadiosField(
        "What do you decide?",
        choices=[
            ("approve", "Approve the proposal"),
            ("send_back", "Send it back", "Nothing happens until it is proposed again."),
        ],
        required="Choose whether you approve it or send it back.",
    )
    reason = ParagraphField(
        "Reason", hint="Needed where you send it back.", rows=3, max_length=4000
    )

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        if is_valid and self.decision.data == "send_back" and not self.reason.data:
            self.add_error("reason", "Say why you send it back.")
            return False
        return is_valid


class OutageForm(Form):
    started_at = DateTimeField("When did it begin?", required="Enter when the outage began.")
    ended_at = DateTimeField("When was it over?", required="Enter when the outage was over.")
    reason = ParagraphField(
        "What failed?",
        hint="Everybody can read it.",
        required="Say what failed: everybody can read it.",
        max_length=4000,
    )


class HelpForm(Form):
    idempotency_key = HiddenField("Key", max_length=64)
    text = ParagraphField(
        "What happens?",
        hint="Which page, what you did, and what the service answered. Do not paste anything of "
        "your bid: nobody who helps you may read it.",
        required="Say what happens, so that somebody can help.",
        rows=4,
        max_length=LONGEST_TEXT,
    )
    lot = SelectField("Which lot is it about?", hint="Optional.")
    phone = TextField(
        "A number on which somebody can call you",
        hint="Optional.",
        width=20,
        max_length=LONGEST_PHONE,
    )


class HelpAnswerForm(Form):
    answer = ParagraphField(
        "Your answer",
        hint="About using the service alone: nothing that one bidder would know before the others. "
        "The people of this organisation read it, and after the closing the auditor.",
        required="Enter the answer: the people of this organisation read it.",
        max_length=LONGEST_ANSWER,
    )
