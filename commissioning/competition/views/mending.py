"""From a line of the check list to the page on which it is mended."""

from __future__ import annotations

from flask import current_app, url_for

from commissioning.competition.forms.rules import descriptor_field
from commissioning.competition.models import Competition
from commissioning.competition.queries import CheckProblem

PAGES = {
    "lots": "competition.lots",
    "criteria": "competition.criteria",
    "rules": "competition.change_rules",
    "questions": "competition.questions",
    "timetable": "competition.change_timetable",
    "people": "competition.people",
    "notice": "competition.published",
    "keys": "submission.opening_keys",
    "rehearsal": "submission.opening_keys",
}
"""The page of each part of the set-up; those of later contexts are there once they are."""

_RULE_FIELDS = {
    "price.base_year": "price_base_year",
    "price.years": "price_years",
    "price.discount_rate": "discount_rate",
}


def part_href(competition: Competition, part: str) -> str | None:
    """The page of a part of the set-up; None where the platform has none yet."""
    endpoint = PAGES[part]
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, reference=competition.reference)


def problem_href(competition: Competition, problem: CheckProblem) -> str | None:
    """The page, and where it can be said the place on it, that mends one problem."""
    parts = problem.where.split(".")
    page = part_href(competition, problem.part)
    if problem.part == "lots" and len(parts) >= 2:
        names = [lot.reference for lot in competition.lots]
        name = _named(problem.where, names)
        return (
            page
            if name is None
            else url_for("competition.change_lot", reference=competition.reference, lot=name)
        )
    if problem.part == "criteria" and len(parts) >= 2:
        names = [criterion.reference for criterion in competition.criteria]
        name = _named(problem.where, names)
        return (
            page
            if name is None
            else url_for(
                "competition.change_criterion", reference=competition.reference, criterion=name
            )
        )
    if problem.part == "questions" and problem.where in {
        question.reference for question in competition.questions
    }:
        return url_for(
            "competition.change_question",
            reference=competition.reference,
            question=problem.where,
        )
    if problem.part == "rules" and page:
        field = _RULE_FIELDS.get(problem.where, problem.where.removeprefix("limits."))
        if parts[0] == "descriptors":
            field = descriptor_field(int(parts[1]), parts[2])
        return f"{page}#{field}"
    if problem.where == "commenced_on":
        return url_for("competition.particulars", reference=competition.reference)
    if problem.part == "timetable" and page:
        return f"{page}#{problem.where}-day"
    return page


def _named(where: str, names: list[str]) -> str | None:
    """The lot or criterion whose reference stands second in a place; it may hold dots itself."""
    rest = where.split(".", 1)[1]
    for name in sorted(names, key=len, reverse=True):
        if rest == name or rest.startswith(f"{name}."):
            return name
    return None
