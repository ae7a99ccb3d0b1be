"""The rules by which bids are compared and lots awarded, with what they say in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from commissioning.competition import queries, services
from commissioning.competition.domain import wording
from commissioning.competition.domain.award_rules import published_text, rules_of
from commissioning.competition.domain.criteria import EvaluationModel, decimal_text
from commissioning.competition.domain.scale import MOST_MARKS, standard_scale
from commissioning.competition.forms import NOTICE_FIELDS, descriptor_field, rules_form
from commissioning.competition.models import Competition
from commissioning.competition.views.frame import blueprint, shown, team_frame
from commissioning.permissions import Permission
from commissioning.web.access import clock, current_actor, requires
from commissioning.web.errors import shown_on


def in_words(model: EvaluationModel) -> list[tuple[str, list[str]]]:
    """The rules by topic, in sentences."""
    return [
        ("Quality", wording.quality_in_words(model)),
        ("Price", wording.price_in_words(model.price)),
        *award_in_words(model),
    ]


def award_in_words(model: EvaluationModel) -> list[tuple[str, list[str]]]:
    """The part of the rules that the notice fixes, and the objective: how lots go to bidders."""
    said = published_text(rules_of(model), tie_seed=model.tie_seed)
    return [(section.title, list(section.paragraphs)) for section in said]


@blueprint.get("/<string:reference>/rules")
@requires(Permission.COMPETITION_READ)
def rules(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference)
    model = queries.evaluation_model(frame.competition)
    years = model.price.years
    return shown(
        "rules",
        frame,
        words=in_words(model),
        descriptors=model.descriptors,
        years=years,
        other_terms=queries.terms_without_fees(frame.competition),
    )


@blueprint.route("/<string:reference>/rules/change", methods=["GET", "POST"])
@requires(Permission.COMPETITION_EDIT_MODEL)
def change_rules(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.COMPETITION_EDIT_MODEL)
    row = frame.competition
    form = rules_form(_highest_mark(row))(data=_typed(row))
    if not frame.may_edit_notice:
        for name in NOTICE_FIELDS:
            del form[name]
    if form.validate_on_submit():
        if frame.may_edit_notice:
            fixed = {
                "limits": form.limits(),
                "award_rule": form.award_rule.data,
                "funding_multiple": form.funding_multiple.data,
            }
        else:
            fixed = {
                "limits": row.limits,
                "award_rule": row.award_rule,
                "funding_multiple": row.funding_multiple,
            }
        with shown_on(form):
            services.set_rules(
                current_actor(),
                reference,
                max_mark=form.max_mark.data,
                descriptors=form.descriptors(),
                minimum_points=int((form.minimum_points.data or Decimal(0)) * 1000),
                discount_rate=(form.discount_rate.data or Decimal(0)) / 100,
                price_years=form.price_years.data,
                price_base_year=form.price_base_year.data,
                closing_rule=form.closing_rule.data,
                objective=form.objective.data,
                clock=clock(),
                **fixed,
            )
            flash("The rules are changed. Read here what they say now.")
            return redirect(url_for(".rules", reference=reference), 303)
    words = in_words(queries.drafted_model(queries.competition_by_reference(reference)))
    return shown("change_rules", frame, form=form, words=words), form.status


def _highest_mark(row: Competition) -> int:
    """The highest mark that is typed, so that the form asks for every mark; else the saved one."""
    typed = request.form.get("max_mark", "").strip()
    is_one = typed.isascii() and typed.isdecimal() and len(typed) < 4
    return int(typed) if is_one and 1 <= int(typed) <= MOST_MARKS else row.max_mark


def _typed(row: Competition) -> dict[str, Any]:
    """The rules as one would type them."""
    limits = queries.limits_of(row)
    scale = queries.drafted_model(row).descriptors or standard_scale(row.max_mark)
    return {
        **{descriptor_field(step.mark, "name"): step.name for step in scale},
        **{descriptor_field(step.mark, "meaning"): step.meaning for step in scale},
        "max_mark": row.max_mark,
        "minimum_points": _plain(Decimal(row.minimum_points) / 1000),
        "discount_rate": _plain(row.discount_rate * 100),
        "price_years": row.price_years,
        "price_base_year": row.price_base_year,
        "closing_rule": row.closing_rule,
        "objective": row.objective,
        "award_rule": row.award_rule,
        "max_value_share_per_bidder_ppm": _percent(limits.max_value_share_per_bidder_ppm),
        "max_value_share_per_group_ppm": _percent(limits.max_value_share_per_group_ppm),
        "max_lots_per_bidder": limits.max_lots_per_bidder,
        "max_lots_per_group": limits.max_lots_per_group,
        "min_distinct_winners": limits.min_distinct_winners,
        "incompatible_lots": "\n".join(", ".join(pair) for pair in limits.incompatible_lots),
        "budget": limits.budget,
        "funding_multiple": limits.funding_multiple,
    }


def _percent(ppm: int | None) -> Decimal | None:
    return None if ppm is None else _plain(Decimal(ppm) / 10_000)


def _plain(number: Decimal) -> Decimal:
    return Decimal(decimal_text(number))
