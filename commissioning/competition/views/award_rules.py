"""The award rules as one text: a page to read and print, and a file for the tender documents."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from commissioning.competition import queries
from commissioning.competition.domain.award_rules import (
    Section,
    as_plain_text,
    numbered,
    published_text,
    rules_of,
)
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.downloads import attachment


def _frame(reference: str) -> Frame:
    """Before the notice the team reads the draft; from then on everybody reads the text."""
    now = clock().now()
    try:
        competition = queries.published_competition(current_actor(), reference, now=now)
    except NotFound:
        return team_frame(reference)
    return Frame(competition, queries.facts(competition, now))


def _sections(frame: Frame) -> tuple[Section, ...]:
    queries.frozen_notice(frame.competition)  # refuses a text that is not the one published
    model = queries.evaluation_model(frame.competition)
    return published_text(rules_of(model), tie_seed=model.tie_seed)


def _standing(frame: Frame) -> str:
    """How far the text is settled, in a sentence."""
    competition = frame.competition
    if competition.model_sha256 is not None:
        return (
            "Generated from the frozen evaluation model, whose SHA-256 is "
            f"{competition.model_sha256}. The award is solved by the same model."
        )
    if competition.notice_sha256 is not None:
        return (
            "The notice, whose SHA-256 is "
            f"{competition.notice_sha256}, fixed the lots, the limits and the award rule. What "
            "the best award is, is frozen with the ITN."
        )
    return "DRAFT: nothing of this is published yet, and all of it can still change."


@blueprint.get("/<string:reference>/award-rules")
@requires(Permission.COMPETITION_READ_PUBLISHED, Permission.COMPETITION_READ)
def award_rules(reference: str) -> ResponseReturnValue:
    frame = _frame(reference)
    return shown(
        "award_rules",
        frame,
        sections=numbered(_sections(frame)),
        standing=_standing(frame),
        is_draft=frame.competition.notice_sha256 is None,
    )


@blueprint.get("/<string:reference>/award-rules.txt")
@requires(Permission.COMPETITION_READ_PUBLISHED, Permission.COMPETITION_READ)
def award_rules_text(reference: str) -> Response:
    """The same text as a file, to be put into the tender documents as it is."""
    frame = _frame(reference)
    competition = frame.competition
    heading = (f"Award rules of {competition.title}", competition.reference, _standing(frame))
    return attachment(
        as_plain_text(heading, _sections(frame)).encode("utf-8"),
        f"{reference}-award-rules.txt",
        "text/plain; charset=utf-8",
    )
