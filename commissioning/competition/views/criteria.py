"""Criteria, their questions and their weights."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import services
from commissioning.competition.domain.criteria import decimal_text
from commissioning.competition.forms import MOST_LEAVES, CriterionForm, Form, weights_form
from commissioning.competition.models import Criterion
from commissioning.competition.views import tables
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.kernel.errors import NotFound
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on

_FIXED_BY_NOTICE = ("reference", "name", "weight")


@blueprint.get("/<string:reference>/criteria")
@requires(Permission.COMPETITION_READ)
def criteria(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    rows = frame.competition.criteria
    total = sum((criterion.weight for criterion in rows), Decimal(0))
    return shown(
        "criteria",
        frame,
        rows=tables.criterion_rows(rows, linked=True),
        total=decimal_text(total),
        is_whole=total == 100,
        missing=decimal_text(abs(100 - total)),
        is_too_much=total > 100,
        form=Form(),
    )


@blueprint.get("/<string:reference>/criteria/<string:criterion>")
@requires(Permission.COMPETITION_READ)
def criterion(reference: str, criterion: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    return shown(
        "criterion",
        frame,
        criterion=_own(frame, criterion),
        scope_words=tables.scope_words,
        decimal_text=decimal_text,
    )


@blueprint.route("/<string:reference>/add-criterion", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def add_criterion(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    return _save(frame, CriterionForm(), None)


@blueprint.route("/<string:reference>/criteria/<string:criterion>/change", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_MODEL)
def change_criterion(reference: str, criterion: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_MODEL)
    row = _own(frame, criterion)
    form = CriterionForm(
        data={
            "reference": row.reference,
            "name": row.name,
            "weight": _plain(row.weight),
            "minimum_mark": row.minimum_mark,
        },
        leaves=[
            {
                "reference": leaf.reference,
                "question": leaf.question,
                "weight": _plain(leaf.weight),
                "scope": leaf.scope,
                "word_limit": leaf.word_limit,
                "allows_file": leaf.allows_file,
            }
            for leaf in row.leaves
        ],
    )
    if not frame.may_edit_notice:
        for name in _FIXED_BY_NOTICE:
            del form[name]
    return _save(frame, form, row)


@blueprint.route("/<string:reference>/criteria/<string:criterion>/remove", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def remove_criterion(reference: str, criterion: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    row = _own(frame, criterion)
    form = Form()
    if form.validate_on_submit():
        with shown_on(form):
            services.remove_criterion(current_actor(), reference, criterion, clock=clock())
            flash(f"The criterion {criterion} is removed. Make the weights sum to 100 again.")
            return redirect(url_for(".criteria", reference=reference), 303)
    return shown("remove_criterion", frame, criterion=row, form=form), form.status


@blueprint.post("/<string:reference>/standard-criteria")
@requires(Permission.COMPETITION_EDIT_NOTICE)
def load_standard_criteria(reference: str) -> ResponseReturnValue:
    team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    services.load_standard_criteria(current_actor(), reference, clock=clock())
    flash("The ten standard criteria are loaded. Change what is different in this competition.")
    return redirect(url_for(".criteria", reference=reference), 303)


@blueprint.route("/<string:reference>/weights", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_NOTICE)
def weights(reference: str) -> ResponseReturnValue:
    """All weights at once, since changing one alone never sums to 100."""
    frame = team_frame(reference, Permission.COMPETITION_EDIT_NOTICE)
    leaves = [leaf for criterion in frame.competition.criteria for leaf in criterion.leaves]
    form = weights_form((leaf.reference, leaf.weight) for leaf in leaves)
    if form.validate_on_submit():
        with shown_on(form):
            services.set_weights(current_actor(), reference, form.weights(), clock=clock())
            flash("The weights are changed, and sum to 100.")
            return redirect(url_for(".criteria", reference=reference), 303)
    typed = form.weights()
    total = sum((weight for weight in typed.values() if weight is not None), Decimal(0))
    return shown("weights", frame, form=form, total=decimal_text(total)), form.status


def _save(frame: Frame, form: CriterionForm, kept: Criterion | None) -> ResponseReturnValue:
    reference = frame.competition.reference
    if form.is_submitted() and "more" in request.form:
        form.add_leaf()
    elif form.validate_on_submit():
        given = {
            name: form[name].data if name in form else getattr(kept, name)
            for name in _FIXED_BY_NOTICE
        }
        with shown_on(form):
            saved = services.save_criterion(
                current_actor(),
                reference,
                criterion=kept.reference if kept else None,
                minimum_mark=form.minimum_mark.data,
                leaves=[
                    services.LeafInput(
                        reference=leaf.reference.data or "",
                        question=leaf.question.data or "",
                        weight=leaf.weight.data,
                        scope=leaf.scope.data,
                        word_limit=leaf.word_limit.data,
                        allows_file=leaf.allows_file.data,
                    )
                    for leaf in form.filled
                ],
                clock=clock(),
                **given,
            )
            flash(f"The criterion {saved.reference} is saved.")
            return redirect(url_for(".criteria", reference=reference), 303)
    page = shown(
        "save_criterion",
        frame,
        form=form,
        criterion=kept,
        has_room=len(form.leaves) < MOST_LEAVES,
        decimal_text=decimal_text,
    )
    return page, form.status


def _own(frame: Frame, reference: str) -> Criterion:
    for row in frame.competition.criteria:
        if row.reference == reference:
            return row
    raise NotFound


def _plain(weight: Decimal) -> Decimal:
    return Decimal(decimal_text(weight))
