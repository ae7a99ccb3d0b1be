from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from commissioning.web import fields as kinds
from commissioning.web.fields.dates import UK, PartError, parse_date, parse_time, place_in_uk
from commissioning.web.fields.numbers import LARGEST_PENCE, parse_decimal, parse_pounds
from commissioning.web.fields.text import one_line, paragraphs_of, word_count


class TestPounds:
    @pytest.mark.parametrize(
        ("typed", "pence"),
        [
            ("0", 0),
            ("1", 100),
            ("£1", 100),
            (" £ 1,234,567.89 ", 123_456_789),
            ("1234567.89", 123_456_789),
            ("0.05", 5),
            ("-3.00", -300),
            ("£1,000", 100_000),
            ("\u22122", -200),  # a minus sign
            ("007", 700),
        ],
    )
    def test_an_amount_is_read_exactly(self, typed, pence):
        assert parse_pounds(typed) == pence

    @pytest.mark.parametrize(
        ("typed", "hint"),
        [
            ("12.5", "two digits"),
            ("12.5m", "in full"),
            ("12 million", "in full"),
            ("£65k", "in full"),
            ("50p", "0.50 for 50 pence"),
            ("1,23", "commas only between thousands"),
            ("1,2345", "commas only between thousands"),
            (",100", "commas only between thousands"),
            ("1.234", "no more than two"),
            ("$100", "sterling"),
            ("100 euros", "sterling"),
            ("--5", "amount in pounds"),
            ("abc", "amount in pounds"),
            ("1e6", "amount in pounds"),
            ("12.", "amount in pounds"),
            (".5", "amount in pounds"),
            ("1_000", "amount in pounds"),
            ("\u0661\u0662", "amount in pounds"),  # Arabic digits
            ("\uff11\uff12", "amount in pounds"),  # digits of full width
            ("1 000", "amount in pounds"),
            ("NaN", "amount in pounds"),
            ("9" * 21, "smaller amount"),
        ],
    )
    def test_what_could_be_meant_in_two_ways_is_refused(self, typed, hint):
        with pytest.raises(ValueError, match=hint):
            parse_pounds(typed)

    @given(st.integers(min_value=-LARGEST_PENCE, max_value=LARGEST_PENCE), st.booleans())
    def test_every_amount_survives_being_written_and_read(self, pence, grouped):
        pounds, rest = divmod(abs(pence), 100)
        sign = "-" if pence < 0 else ""
        text = f"{sign}£{pounds:,}.{rest:02d}" if grouped else f"{sign}{pounds}.{rest:02d}"
        assert parse_pounds(text) == pence

    @given(st.text(max_size=40))
    def test_nothing_but_an_amount_gives_an_amount(self, text):
        pence = amount_or_none(text)
        if pence is not None:
            digits = "".join(letter for letter in text if letter.isdigit())
            assert digits.isascii()
            assert abs(pence) == int(digits) * (1 if "." in text else 100)


def amount_or_none(text):
    try:
        return parse_pounds(text)
    except ValueError:
        return None


class TestDecimals:
    def test_a_decimal_keeps_what_was_written(self):
        assert str(parse_decimal("12.50", places=4)) == "12.50"

    @pytest.mark.parametrize("typed", ["1,5", "1e3", "12.", ".5", "+1", "\u0661", "1.00001", "inf"])
    def test_anything_else_is_refused(self, typed):
        with pytest.raises(ValueError, match="Enter a"):
            parse_decimal(typed, places=4)

    @given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
    def test_a_decimal_survives_being_written_and_read(self, value):
        assert parse_decimal(f"{value:f}", places=4) == value


class TestDates:
    @pytest.mark.parametrize("month", ["10", "October", "oct", "Oct.", " 10 "])
    def test_a_month_may_be_a_number_or_a_name(self, month):
        assert parse_date("29", month, "2014") == date(2014, 10, 29)

    @pytest.mark.parametrize(
        ("typed", "part", "words"),
        [
            (("", "10", "2014"), "day", "must include a day"),
            (("29", "", ""), "month", "must include a month and a year"),
            (("31", "4", "2014"), "day", "must be a real date"),
            (("29", "2", "2015"), "day", "must be a real date"),
            (("1", "13", "2014"), "month", "month"),
            (("1", "Octember", "2014"), "month", "month"),
            (("1", "1", "14"), "year", "four digits"),
            (("1", "1", "\u0662\u0660\u0661\u0664"), "year", "four digits"),
            (("x", "1", "2014"), "day", "must be a real date"),
        ],
    )
    def test_the_first_box_to_correct_is_named(self, typed, part, words):
        with pytest.raises(PartError, match=words) as refused:
            parse_date(*typed)
        assert refused.value.part == part

    @given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)))
    def test_every_date_survives_being_written_and_read(self, day):
        assert parse_date(str(day.day), str(day.month), str(day.year)) == day

    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            ("12:00", time(12)),
            ("17.30", time(17, 30)),
            ("5pm", time(17)),
            ("5:30 PM", time(17, 30)),
            ("12am", time(0)),
            ("12 noon", time(12)),
            ("noon", time(12)),
            ("00:00", time(0)),
        ],
    )
    def test_a_time_is_read(self, typed, read):
        assert parse_time(typed) == read

    @pytest.mark.parametrize("typed", ["5", "25:00", "12:60", "13pm", "midnight", "3 noon", ""])
    def test_a_time_that_says_too_little_is_refused(self, typed):
        with pytest.raises(PartError, match="must be a time"):
            parse_time(typed)

    def test_an_hour_that_the_clocks_leave_out_is_refused(self):
        with pytest.raises(PartError, match="does not exist"):
            place_in_uk(datetime(2026, 3, 29, 1, 30))

    def test_an_hour_that_happens_twice_is_refused(self):
        with pytest.raises(PartError, match="happens twice"):
            place_in_uk(datetime(2026, 10, 25, 1, 30))

    @pytest.mark.parametrize(
        ("wall", "instant"),
        [
            (datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 11, tzinfo=UTC)),
            (datetime(2026, 1, 1, 12), datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ],
    )
    def test_a_wall_time_becomes_an_instant(self, wall, instant):
        assert place_in_uk(wall) == instant


class TestText:
    def test_a_line_is_trimmed_and_composed(self):
        assert one_line("  Cafe\u0301\t1 ") == "Café 1"

    @pytest.mark.parametrize("letter", ["\x00", "\u202e", "\n", "\x1b", "\u2028"])
    def test_a_line_with_hidden_characters_is_refused(self, letter):
        with pytest.raises(ValueError, match="hidden"):
            one_line(f"a{letter}b")

    def test_paragraphs_keep_their_breaks_of_one_kind(self):
        assert paragraphs_of(" a\r\nb\rc\n\nd ") == "a\nb\nc\n\nd"

    def test_words_are_runs_between_spaces(self):
        assert word_count("one  two\nthree-four 5") == 4


class Everything(kinds.Form):
    class Meta:
        csrf = False

    name = kinds.TextField("Name", required="Enter the name.", max_length=5)
    email = kinds.EmailField()
    secret = kinds.PasswordField()
    about = kinds.ParagraphField("About")
    answer = kinds.WordsField("Answer", max_words=3)
    colour = kinds.RadiosField("Colour", choices=[("r", "Red", "like blood"), ("g", "Green")])
    areas = kinds.CheckboxesField("Areas", choices=[("a", "A"), ("b", "B")])
    regime = kinds.SelectField("Regime", choices=[("x", "X"), ("y", "Y")])
    sure = kinds.CheckboxField("Sure")
    days = kinds.WholeNumberField("Days", minimum=1, maximum=10)
    fee = kinds.MoneyField("Fee", positive=True, maximum_pence=100_000)
    share = kinds.PercentField("Share")
    weight = kinds.DecimalField("Weight", places=2)
    start = kinds.DateField("Start")
    deadline = kinds.DateTimeField("Deadline")


GOOD = {
    "name": " Ada ",
    "email": "ada@example.org",
    "secret": "  spaces stay ",
    "about": "one\r\ntwo",
    "answer": "one two three",
    "colour": "g",
    "areas": ["a", "b", "a"],
    "regime": "y",
    "sure": "y",
    "days": "7",
    "fee": "£1,000.00",
    "share": "12.5%",
    "weight": "0.10",
    "start-day": "1",
    "start-month": "feb",
    "start-year": "2015",
    "deadline-day": "1",
    "deadline-month": "7",
    "deadline-year": "2026",
    "deadline-time": "12 noon",
}


@pytest.fixture
def fill(app):
    """A form filled with what is good, changed as a test says."""
    with app.test_request_context("/"):
        yield lambda **changes: Everything(
            MultiDict(
                {
                    name: value
                    for name, value in (GOOD | with_hyphens(changes)).items()
                    if value is not None
                }
            )
        )


def with_hyphens(changes):
    return {name.replace("__", "-"): value for name, value in changes.items()}


def test_every_field_gives_its_exact_value(fill):
    form = fill()
    assert form.validate(), form.errors
    assert form.data == {
        "name": "Ada",
        "email": "ada@example.org",
        "secret": "  spaces stay ",
        "about": "one\ntwo",
        "answer": "one two three",
        "colour": "g",
        "areas": ["a", "b"],
        "regime": "y",
        "sure": True,
        "days": 7,
        "fee": 100_000,
        "share": Decimal("12.5"),
        "weight": Decimal("0.10"),
        "start": date(2015, 2, 1),
        "deadline": datetime(2026, 7, 1, 12, tzinfo=UK),
    }
    assert form.status == 200


def test_what_is_left_blank_gives_nothing_and_no_error(app):
    with app.test_request_context("/"):
        form = Everything(MultiDict({"name": "Ada", "start-day": "", "regime": "", "fee": " "}))
        assert form.validate(), form.errors
        assert {name: form[name].data for name in ("regime", "colour", "days", "fee", "share")} == (
            dict.fromkeys(("regime", "colour", "days", "fee", "share"))
        )
        assert (form.start.data, form.deadline.data, form.areas.data, form.sure.data) == (
            None,
            None,
            [],
            False,
        )
        assert form.about.data == ""


@pytest.mark.parametrize(
    ("changes", "anchor", "words"),
    [
        ({"name": ""}, "name", "Enter the name."),
        ({"name": "Adalbert"}, "name", "5 characters or fewer; it has 8"),
        ({"name": "a\x00b"}, "name", "hidden characters"),
        ({"email": "nobody"}, "email", "correct format"),
        ({"answer": "one two three four"}, "answer", "it has 4, 1 too many"),
        ({"colour": "b"}, "colour", "Choose one of what is shown"),
        ({"areas": ["a", "z"]}, "areas", "Choose from what is shown"),
        ({"regime": "z"}, "regime", "Choose one of what is shown"),
        ({"days": "0"}, "days", "between 1 and 10"),
        ({"days": "1.5"}, "days", "whole number"),
        ({"fee": "0"}, "fee", "more than £0"),
        ({"fee": "-1"}, "fee", "more than £0"),
        ({"fee": "1000.01"}, "fee", "£1,000.00 or less"),
        ({"fee": "12.5"}, "fee", "two digits"),
        ({"share": "101"}, "share", "between 0% and 100%"),
        ({"share": "12.55555"}, "share", "no more than 4 digits"),
        ({"weight": "0.123"}, "weight", "no more than 2 digits"),
        ({"start__month": ""}, "start-month", "Start must include a month"),
        ({"start__day": "30"}, "start-day", "Start must be a real date"),
        ({"deadline__time": ""}, "deadline-time", "must include a time"),
        (
            {"deadline__day": "29", "deadline__month": "3", "deadline__time": "01:30"},
            "deadline-time",
            "does not exist",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_place(fill, changes, anchor, words):
    form = fill(**changes)
    assert not form.validate()
    assert form.status == 422
    [problem] = form.error_list
    assert problem.anchor == anchor
    assert words in problem.sentence


def test_every_anchor_of_the_summary_is_on_the_page_and_typed_values_stay(fill):
    wrong = {
        "name": "Adalbert",
        "email": "nobody",
        "colour": "b",
        "areas": ["z"],
        "regime": "z",
        "fee": "12.5m",
        "start__year": "15",
        "deadline__time": "5",
    }
    form = fill(**wrong)
    assert not form.validate()
    page = "".join(str(field.shown()) for field in form)
    for problem in form.error_list:
        assert f'id="{problem.anchor}"' in page, problem
    for typed in ("Adalbert", "nobody", "12.5m", 'value="15"', 'value="5"'):
        assert typed in page
    assert "spaces stay" not in page


def test_a_stored_value_is_shown_as_one_would_type_it(app):
    with app.test_request_context("/"):
        form = Everything(
            formdata=None,
            data={
                "fee": 123_456_789,
                "share": Decimal("12.5"),
                "start": date(2015, 2, 1),
                "deadline": datetime(2026, 7, 1, 11, 30, tzinfo=UTC),
                "regime": "y",
                "areas": ["b"],
            },
        )
        assert 'value="1,234,567.89"' in str(form.fee.shown())
        assert 'value="12.5"' in str(form.share.shown())
        assert 'value="2015"' in str(form.start.shown())
        assert 'value="12:30"' in str(form.deadline.shown())
        assert '<option value="y" selected>' in str(form.regime.shown())
        assert str(form.areas.shown()).count("checked") == 1


def test_a_hint_is_tied_to_its_field_and_an_empty_one_is_not_there(app):
    with app.test_request_context("/"):
        form = Everything(formdata=None)
        assert "like blood" in str(form.colour.shown())
        assert str(form.colour.shown()).count("govuk-hint") == 1
        assert "govuk-hint" not in str(form.name.shown())
        assert "<style" not in str(form.answer.shown())


def test_a_label_can_be_the_heading_of_the_page(app):
    with app.test_request_context("/"):
        form = Everything(formdata=None)
        assert '<h1 class="govuk-label-wrapper">' in str(form.name.shown("l", heading=True))
        assert '<h1 class="govuk-fieldset__heading">' in str(form.start.shown("l", heading=True))


def test_an_error_can_be_put_on_a_field_or_on_the_whole_form(fill):
    form = fill()
    form.validate()
    form.add_error("start", "That day is a holiday.")
    form.add_error(None, "Somebody was quicker.")
    form.add_error("no_such_field", "And this.")
    assert [(problem.anchor, problem.sentence) for problem in form.error_list] == [
        ("", "Somebody was quicker."),
        ("", "And this."),
        ("start-day", "That day is a holiday."),
    ]
