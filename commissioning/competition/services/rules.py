"""The rules by which bids are compared and lots are awarded: scale, price, limits, award rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.criteria import (
    AwardRule,
    ClosingRule,
    Limits,
    Objective,
    PriceModel,
    decimal_text,
    problems,
)
from commissioning.competition.domain.scale import (
    LONGEST_MEANING,
    LONGEST_NAME,
    MOST_MARKS,
    Descriptor,
    scale_faults,
    standard_scale,
)
from commissioning.competition.models import Competition
from commissioning.competition.services.typed import Faults
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput
from commissioning.permissions import Permission, may, require

_FIXED = "This is part of the published notice and cannot be changed any more."
_NOTICE_FIELDS = ("award_rule", "limits", "funding_multiple")
_PLACES_IN_MODEL = {
    "price.base_year": "price_base_year",
    "price.years": "price_years",
    "price.discount_rate": "discount_rate",
}


def set_rules(
    actor: Actor,
    competition: str,
    *,
    max_mark: int | None,
    descriptors: Sequence[tuple[str, str]] | None = None,
    minimum_points: int | None,
    discount_rate: Decimal | None,
    price_years: int | None,
    price_base_year: int | None,
    closing_rule: str,
    objective: str,
    award_rule: str,
    limits: Mapping[str, Any],
    funding_multiple: int | None,
    clock: Clock,
) -> Competition:
    """The rules are set until the ITN; the limits and the award rule only until the notice.

    `descriptors` are the name and the meaning of each mark from 0 to the highest; without any,
    those that stand are kept, or, on another scale, the standard ones where it has such. A fault in
    one is named "descriptors.<mark>.name" or ".meaning". `closing_rule` says how an agreed mark
    closes over a dissent (`criteria.ClosingRule`). `minimum_points` is in milli-points,
    `discount_rate` a fraction (0.035). `limits` are by the names of
    `competition.domain.criteria.Limits`, in pence and parts per million, None or absent for no
    limit; a fault in one is named "limits.<name>". Raises NotFound, Forbidden, BadInput(s).
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    facts = queries.facts(row, now)
    require(actor, Permission.COMPETITION_EDIT_MODEL, facts)
    faults = Faults()
    wanted: dict[str, Any] = {
        "max_mark": faults.whole(
            "max_mark", max_mark, what="the highest mark", least=1, most=MOST_MARKS
        ),
        "minimum_points": faults.whole(
            "minimum_points", minimum_points, what="the minimum points", least=0, most=100_000
        ),
        "discount_rate": faults.decimal(
            "discount_rate",
            discount_rate,
            what="the discount rate",
            least=Decimal(0),
            most=Decimal("0.999999"),
            places=6,
        ),
        "price_years": faults.whole(
            "price_years", price_years, what="the years of fees", least=1, most=50
        ),
        "price_base_year": faults.whole(
            "price_base_year", price_base_year, what="the year of the prices", least=1, most=2200
        ),
        "closing_rule": closing_rule,
        "objective": objective,
        "award_rule": award_rule,
        "limits": _limits(faults, limits),
        "funding_multiple": faults.whole(
            "funding_multiple", funding_multiple, what="the funding multiple", least=1, most=100
        ),
    }
    wanted["mark_descriptors"] = _descriptors(faults, row, wanted["max_mark"], descriptors)
    if closing_rule not in set(ClosingRule):
        faults.add("closing_rule", "Choose how an agreed mark closes.")
    if objective not in set(Objective):
        faults.add("objective", "Choose an objective.")
    if award_rule not in set(AwardRule):
        faults.add("award_rule", "Choose an award rule.")
    if not may(actor, Permission.COMPETITION_EDIT_NOTICE, facts):
        for field in _NOTICE_FIELDS:
            if getattr(row, field) != wanted[field]:
                faults.add(field, _FIXED)
    faults.refuse()
    _refuse_unsound(row, wanted)
    changes = {
        name: [_told(getattr(row, name)), _told(value)]
        for name, value in wanted.items()
        if getattr(row, name) != value
    }
    for name, value in wanted.items():
        setattr(row, name, value)
    db.session.flush()
    audit.record(
        actor,
        Event.RULES_CHANGED,
        Subject("competition", row.reference),
        changes,
        at=now,
        stream=competition_stream(row.reference),
    )
    return row


def _descriptors(
    faults: Faults,
    row: Competition,
    max_mark: int | None,
    typed: Sequence[tuple[str, str]] | None,
) -> list[dict[str, Any]]:
    """What each mark means, as the row keeps it."""
    if max_mark is None or not 1 <= max_mark <= MOST_MARKS:
        return row.mark_descriptors
    if typed is None:
        if max_mark == row.max_mark and row.mark_descriptors:
            return row.mark_descriptors
        scale = standard_scale(max_mark)
        found = scale_faults(scale, max_mark)
    else:
        before = len(faults.found)
        scale = tuple(
            Descriptor(
                mark,
                faults.line(
                    f"descriptors.{mark}.name",
                    name,
                    what=f"the name of the mark {mark}",
                    longest=LONGEST_NAME,
                ),
                faults.line(
                    f"descriptors.{mark}.meaning",
                    meaning,
                    what=f"the meaning of the mark {mark}",
                    longest=LONGEST_MEANING,
                ),
            )
            for mark, (name, meaning) in enumerate(typed)
        )
        found = [] if len(faults.found) > before else scale_faults(scale, max_mark)
    for mark, part, sentence in found:
        faults.add(f"descriptors.{mark}.{part}", sentence)
    return [descriptor.as_dict() for descriptor in scale]


def _limits(faults: Faults, limits: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in limits.items() if value not in (None, (), [])}
    if "funding_multiple" in given:
        faults.add("limits", "The funding multiple is set beside the limits.")
        del given["funding_multiple"]
    for name, value in given.items():
        if name != "incompatible_lots" and (isinstance(value, bool) or not isinstance(value, int)):
            faults.add(f"limits.{name}", "Enter a whole number, or leave it empty.")
    if faults.found:
        return {}
    try:
        return Limits.from_dict(given).as_dict()
    except BadInput as error:
        faults.add(error.field, error.sentence)
        return {}


def _refuse_unsound(competition: Competition, wanted: Mapping[str, Any]) -> None:
    """The rules that are typed must fit the lots and criteria that are there already."""
    model = replace(
        queries.drafted_model(competition),
        max_mark=wanted["max_mark"],
        descriptors=tuple(Descriptor.from_dict(told) for told in wanted["mark_descriptors"]),
        minimum_points_milli=wanted["minimum_points"],
        price=PriceModel(wanted["price_base_year"], wanted["discount_rate"], wanted["price_years"]),
        closing_rule=ClosingRule(wanted["closing_rule"]),
        objective=Objective(wanted["objective"]),
        award_rule=AwardRule(wanted["award_rule"]),
        limits=Limits.from_dict(
            {**wanted["limits"], "funding_multiple": wanted["funding_multiple"]}
        ),
    )
    faults = Faults()
    found = {problem.where: problem.sentence for problem in problems(model)}
    if not model.lots:
        # Without lots no limit on them can be judged yet.
        found = {where: text for where, text in found.items() if not where.startswith("limits.")}
    for where, sentence in found.items():
        if where.endswith(".minimum_mark"):
            faults.add("max_mark", sentence)
        elif where.split(".")[0] in {"max_mark", "minimum_points", "price", "objective", "limits"}:
            faults.add(_PLACES_IN_MODEL.get(where, where), sentence)
    faults.refuse()


def _told(value: Any) -> Any:
    return decimal_text(value) if isinstance(value, Decimal) else value
