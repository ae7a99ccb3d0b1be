"""What keeps a competition from being issued: the list that the lead works through."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select

from commissioning.competition.domain.conflicts import excluded_pairs
from commissioning.competition.domain.criteria import ModelProblem, notice_problems, problems
from commissioning.competition.domain.frozen_model import ModelNotReady, notice_dict
from commissioning.competition.domain.lifecycle import ACTUAL_DATES, fixed_dates
from commissioning.competition.domain.selection_rules import rule_problems
from commissioning.competition.domain.timetable import (
    Deadline,
    TimetableEvent,
    TimetableProblem,
    WallTimeError,
    day_in_words,
    deadline_at,
    timetable_problems,
)
from commissioning.competition.models import Admission, Competition
from commissioning.competition.queries.model import drafted_model, selection_rules
from commissioning.competition.queries.people import key_holders, key_holders_needed, team
from commissioning.competition.queries.timetable import current_timetable
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Role
from commissioning.kernel.stage import Stage
from commissioning.kernel.statutory import Regime

PARTS: Final = {
    "lots": "Lots",
    "criteria": "Criteria and weights",
    "rules": "Scale, price, limits and award rule",
    "questions": "PQQ questions",
    "timetable": "Timetable",
    "people": "People",
    "notice": "The published notice",
    "keys": "Opening keys",
    "rehearsal": "Rehearsal of the opening",
}
"""The parts of the set-up, in the order in which they are worked through."""

_MODEL_PARTS: Final = frozenset({"lots", "criteria", "rules", "questions", "people", "notice"})
_OF_THE_RULES: Final = ("limits", "max_mark", "descriptors", "minimum_points", "price", "objective")
_RULES_WITH_STANDARDS: Final = (
    "max_mark",
    "mark_descriptors",
    "minimum_points",
    "discount_rate",
    "price_years",
    "objective",
    "award_rule",
    "group_rule",
    "closing_rule",
    "limits",
    "funding_multiple",
)


@dataclass(frozen=True, slots=True)
class CheckProblem:
    """One thing to mend before issue: the part of the set-up, the place in it, and a sentence."""

    part: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SetUpTask:
    """One part of the set-up with what is still to do in it; nothing means complete."""

    part: str
    title: str
    problems: tuple[str, ...]
    is_as_it_began: bool = False
    """Whether it is complete because it began so: nobody has changed anything in it."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing keeps this part from being issued."""
        return not self.problems


def next_issue(competition: Competition) -> str | None:
    """Which issue the competition heads for: "pqq_issued", "itn_issued", or None after both."""
    stage = Stage(competition.stage)
    if stage is Stage.DRAFT:
        return "pqq_issued"
    if stage in {Stage.PQQ_OPEN, Stage.PQQ_CLOSED, Stage.SHORTLISTED}:
        return "itn_issued"
    return None


def check_list(
    competition: Competition, now: datetime, *, event: str | None = None
) -> list[CheckProblem]:
    """Everything that keeps the next issue from being proposed and approved, part by part.

    `event` is "pqq_issued" or "itn_issued"; without it, the issue that comes next.
    """
    event = event or next_issue(competition)
    if event is None:
        return []
    found = [*_set_up(competition, event, now), *_of_planned_day(competition, event, now)]
    order = list(PARTS)
    return sorted(found, key=lambda problem: order.index(problem.part))


def _set_up(competition: Competition, event: str, now: datetime) -> list[CheckProblem]:
    """What there is to mend; the day on which the issue may be made is no part of it."""
    found = [*_of_model(competition, event), *_of_timetable(competition, event, now)]
    found += _of_people(competition)
    if event == "pqq_issued":
        found += [
            CheckProblem("questions", problem.question, problem.sentence)
            for problem in rule_problems(selection_rules(competition))
        ]
    else:
        found += [*_of_notice(competition), *_of_keys(competition)]
    return found


def set_up_tasks(competition: Competition, now: datetime) -> list[SetUpTask]:
    """The parts of the set-up that the next issue needs, each with what is still to do."""
    event = next_issue(competition)
    if event is None:
        return []
    found = _set_up(competition, event, now)
    needed = [
        part
        for part in PARTS
        if part not in ({"notice", "keys", "rehearsal"} if event == "pqq_issued" else {"questions"})
    ]
    return [
        SetUpTask(
            part,
            PARTS[part],
            tuple(p.sentence for p in found if p.part == part),
            is_as_it_began=part == "rules" and has_standard_rules(competition),
        )
        for part in needed
    ]


def to_look_at(competition: Competition, *, event: str) -> list[str]:
    """What keeps nothing from being issued, and is seldom meant: for both people to read."""
    found = []
    terms = terms_without_fees(competition)
    if terms:
        told = " or ".join(str(term) for term in terms)
        found.append(
            f"Years of fees that bidders give: {competition.price_years}. "
            f"Years of a contract: {told}."
        )
    if not any(Role.DUTY_OFFICER in one.roles for one in team(competition) if one.is_active):
        found.append(
            "Nobody is duty officer: a bidder who asks for help before a deadline would reach "
            "nobody."
        )
    if event == "itn_issued" and not _has_admissions(competition):
        found.append("No bidder was shortlisted: nobody could bid. Terminate the competition.")
    return found


def terms_without_fees(competition: Competition) -> list[int]:
    """The terms of lots, in years, for which bidders do not give one fee a year, shortest first."""
    return sorted({lot.term_years for lot in competition.lots} - {competition.price_years})


def _has_admissions(competition: Competition) -> bool:
    admitted = select(Admission.id).where(Admission.competition_id == competition.id)
    return db.session.scalar(select(admitted.exists())) is True


def has_standard_rules(competition: Competition) -> bool:
    """Whether the rules are still those with which every competition begins."""
    return all(
        getattr(competition, name) == _value_at_the_start(name) for name in _RULES_WITH_STANDARDS
    )


def _value_at_the_start(column: str) -> object:
    default = Competition.__table__.c[column].default
    return default.arg(None) if default.is_callable else default.arg


def guard_facts(competition: Competition, now: datetime, *, event: str) -> Mapping[str, bool]:
    """The facts that the guards of an issue ask for, each true where nothing is to be mended."""
    parts = {problem.part for problem in check_list(competition, now, event=event)}
    return {
        "model_is_sound": not parts & _MODEL_PARTS,
        "timetable_is_sound": "timetable" not in parts,
        "keys_are_held": "keys" not in parts,
        "rehearsal_is_done": "rehearsal" not in parts,
    }


def minute_of(at: datetime) -> Deadline:
    """The minute of an instant as a date of the timetable.

    In London; in the hour that happens twice there in UTC, which has no such hour.
    """
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    try:
        return deadline_at(minute)
    except WallTimeError:
        return deadline_at(minute, "UTC")


def timetable_if_issued(
    competition: Competition, event: str, now: datetime
) -> dict[TimetableEvent, Deadline]:
    """The timetable as it would stand if the issue were made now."""
    dates = {**current_timetable(competition), ACTUAL_DATES[event]: minute_of(now)}
    return {key: dates[key] for key in TimetableEvent if key in dates}


def _of_model(competition: Competition, event: str) -> list[CheckProblem]:
    model = drafted_model(competition)
    found = notice_problems(model) if event == "pqq_issued" else problems(model)
    return [CheckProblem(_part(problem), problem.where, problem.sentence) for problem in found]


def _part(problem: ModelProblem) -> str:
    first = problem.where.split(".")[0]
    if first == "lots":
        return "lots"
    return "rules" if first in _OF_THE_RULES else "criteria"


def timetable_faults(
    competition: Competition,
    dates: Mapping[TimetableEvent, Deadline],
    *,
    now: datetime,
    settled: Collection[TimetableEvent],
    required: Collection[TimetableEvent] = (),
) -> list[TimetableProblem]:
    """Why these dates cannot hold in this competition, by the law under which it runs.

    `settled` are over, or promised: they may lie in the past, and no fault is looked for in them
    (two steps that were taken in one minute stand in no order).
    """
    found = timetable_problems(
        dates,
        regime=Regime(competition.regime),
        commenced_on=competition.commenced_on,
        now=now,
        happened=settled,
        required=required,
    )
    return [problem for problem in found if problem.event not in settled]


def _of_timetable(competition: Competition, event: str, now: datetime) -> list[CheckProblem]:
    closes = TimetableEvent.PQQ_DEADLINE if event == "pqq_issued" else TimetableEvent.ITN_DEADLINE
    found = timetable_faults(
        competition,
        timetable_if_issued(competition, event, now),
        now=now,
        settled={*fixed_dates(Stage(competition.stage)), ACTUAL_DATES[event]},
        required={closes},
    )
    return [CheckProblem("timetable", problem.event.value, problem.sentence) for problem in found]


def _of_planned_day(competition: Competition, event: str, now: datetime) -> list[CheckProblem]:
    """The PQQ goes out on the day planned for the notice or later, in a procurement that began."""
    if event != "pqq_issued":
        return []
    today = minute_of(now).local_date
    found = []
    planned = current_timetable(competition).get(TimetableEvent.NOTICE)
    if planned is not None and today < planned.local_date:
        found.append(
            CheckProblem(
                "timetable",
                TimetableEvent.NOTICE.value,
                f"The notice is planned for {planned.in_words}: the issue is proposed on that day, "
                "or after it. To issue the PQQ sooner, change the date of the notice in the "
                "timetable.",
            )
        )
    if today < competition.commenced_on:
        found.append(
            CheckProblem(
                "timetable",
                "commenced_on",
                f"The procurement starts on {day_in_words(competition.commenced_on)}, by its "
                "particulars. Issue the PQQ on that day, or after it, or change the start.",
            )
        )
    return found


def _of_people(competition: Competition) -> list[CheckProblem]:
    members = [member for member in team(competition) if member.is_active]
    held = {role for member in members for role in member.roles}
    # The giving of a role keeps pairs apart; a change of the procedure can bring these together.
    together = [
        CheckProblem(
            "people",
            pair.first.value,
            f"{member.name} is {pair.first.label} and {pair.second.label}. {pair.reason} End one "
            "of the two roles.",
        )
        for member in members
        for pair in excluded_pairs(competition.profile)
        if not pair.in_short_form and {pair.first, pair.second} <= set(member.roles)
    ]
    return together + [
        CheckProblem("people", role.value, f"Nobody is {what} yet. Give somebody that role.")
        for role, what in ((Role.APPROVER, "the approver"), (Role.PROCUREMENT_LEAD, "the lead"))
        if role not in held
    ]


def _of_notice(competition: Competition) -> list[CheckProblem]:
    """The notice is kept: what it fixed is still what the rows say."""
    try:
        is_kept = notice_dict(drafted_model(competition))["sha256"] == competition.notice_sha256
    except ModelNotReady:
        return []  # named above, part by part
    if is_kept:
        return []
    return [
        CheckProblem(
            "notice",
            "notice",
            "The lots, limits, award rule or weights are not those of the published notice. "
            "Stop, and call the auditor.",
        )
    ]


def _of_keys(competition: Competition) -> list[CheckProblem]:
    found = []
    holders, (needed, _threshold) = key_holders(competition), key_holders_needed(competition)
    if len(holders) != needed:
        found.append(
            CheckProblem(
                "keys",
                Role.KEY_HOLDER.value,
                f"{needed} people hold a share of the opening keys; {len(holders)} "
                f"{'is' if len(holders) == 1 else 'are'} named. Change the key holders.",
            )
        )
    elif competition.opening_keys_sha256 is None:
        found.append(CheckProblem("keys", "opening_keys", "The opening keys are not prepared yet."))
    if competition.rehearsed_at is None:
        found.append(
            CheckProblem("rehearsal", "rehearsal", "No opening with these keys was rehearsed yet.")
        )
    return found
