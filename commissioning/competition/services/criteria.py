"""Quality criteria, their questions, and the rules by which bids are compared."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from commissioning import paths
from commissioning.audit import services as audit
from commissioning.audit.domain.events import Event, Subject, competition_stream
from commissioning.competition import queries
from commissioning.competition.domain.criteria import Scope, decimal_text
from commissioning.competition.domain.scale import standard_scale
from commissioning.competition.models import Competition, Criterion, Leaf
from commissioning.competition.services.typed import Faults
from commissioning.infrastructure.database import db
from commissioning.kernel.actor import Actor
from commissioning.kernel.clock import Clock
from commissioning.kernel.errors import BadInput, Conflict, NotFound
from commissioning.permissions import Permission, may, require

_HUNDRED = Decimal(100)
_LEAST_WEIGHT = Decimal("0.000001")
_PLACES = 6
_LONGEST_REFERENCE = 20
_MOST_WORDS = 20_000
_FIXED = "This is part of the published notice and cannot be changed any more."


@dataclass(frozen=True, slots=True)
class LeafInput:
    """A question as it is typed: its part of the criterion's weight, whether it is answered once
    for all lots ("common") or for each ("lot"), and how many words an answer may have.
    """

    reference: str
    question: str
    weight: Decimal | None
    scope: str = Scope.LOT.value
    word_limit: int | None = 1000
    allows_file: bool = True


def save_criterion(
    actor: Actor,
    competition: str,
    *,
    criterion: str | None,
    reference: str,
    name: str,
    weight: Decimal | None,
    minimum_mark: int | None,
    leaves: Sequence[LeafInput],
    clock: Clock,
) -> Criterion:
    """A criterion with its questions is set up or changed; its importance only until the notice.

    `criterion` is the reference of the one to change, None for a new one. The weights of the
    leaves sum to the criterion's exactly; that those of the criteria sum to 100 is checked on issue
    and by `set_weights`. Questions, minimum mark and the weights within the criterion change until
    the ITN. A fault in a leaf is named "leaves.<index>.<field>". Raises NotFound, Forbidden,
    BadInput(s).
    """
    now = clock.now()
    row = queries.competition_for_change(competition)
    facts = queries.facts(row, now)
    require(actor, Permission.COMPETITION_EDIT_MODEL, facts)
    kept = None if criterion is None else _own(row, criterion)
    faults = Faults()
    reference = faults.reference("reference", reference, longest=_LONGEST_REFERENCE)
    if reference.casefold() in {o.reference.casefold() for o in row.criteria if o is not kept}:
        faults.add("reference", "Another criterion has this reference. Change one.")
    name = faults.line("name", name, what="the name of the criterion")
    importance = faults.decimal(
        "weight", weight, what="the weight", least=_LEAST_WEIGHT, most=_HUNDRED, places=_PLACES
    )
    minimum = faults.whole(
        "minimum_mark", minimum_mark, what="the minimum mark", least=0, most=row.max_mark
    )
    if not may(actor, Permission.COMPETITION_EDIT_NOTICE, facts):
        # What the notice fixed is refused at its field, and not as a page that is not there.
        _refuse_fixed(faults, kept, reference=reference, name=name, weight=importance)
    wanted = _checked_leaves(faults, row, kept, leaves)
    total = sum((leaf["weight"] for leaf in wanted), Decimal(0))
    if not faults.found and total != importance:
        faults.add(
            "leaves",
            f"The weights of the questions sum to {decimal_text(total)}, not to "
            f"{decimal_text(importance)}. Change them.",
        )
    faults.refuse()
    saved = _write(
        row,
        kept,
        reference=reference,
        name=name,
        weight=importance,
        minimum_mark=minimum,
        leaves=wanted,
    )
    db.session.flush()
    _record(actor, Event.CRITERIA_CHANGED, row, {"saved": _told(saved)}, clock)
    return saved


def remove_criterion(actor: Actor, competition: str, criterion: str, *, clock: Clock) -> None:
    """A criterion is taken out until the notice. Raises NotFound, Forbidden."""
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    gone = _own(row, criterion)
    db.session.delete(gone)  # first: it loads what goes with it
    row.criteria.remove(gone)
    db.session.flush()
    _record(actor, Event.CRITERIA_CHANGED, row, {"removed": criterion}, clock)


def set_weights(
    actor: Actor, competition: str, weights: Mapping[str, Decimal], *, clock: Clock
) -> Competition:
    """All weights are set at once, and sum to 100 exactly; 99.5 is refused.

    `weights` are by the leaf's reference, one for every leaf; a criterion weighs what its leaves
    do. Only until the notice. Raises NotFound, Forbidden, BadInput(s) on a leaf's reference or
    `weights`.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    leaves = {leaf.reference: leaf for criterion in row.criteria for leaf in criterion.leaves}
    if weights.keys() != leaves.keys():
        raise BadInput("weights", "Enter one weight for every question, and for no other.")
    faults = Faults()
    wanted = {
        reference: faults.decimal(
            reference,
            weight,
            what="the weight",
            least=_LEAST_WEIGHT,
            most=_HUNDRED,
            places=_PLACES,
        )
        for reference, weight in weights.items()
    }
    total = sum(wanted.values(), Decimal(0))
    if not faults.found and total != _HUNDRED:
        faults.add("weights", f"The weights sum to {decimal_text(total)}, not to 100. Change them.")
    faults.refuse()
    for reference, weight in wanted.items():
        leaves[reference].weight = weight
    for criterion in row.criteria:
        criterion.weight = sum((leaf.weight for leaf in criterion.leaves), Decimal(0))
    db.session.flush()
    _record(
        actor,
        Event.CRITERIA_CHANGED,
        row,
        {"weights": {reference: decimal_text(weight) for reference, weight in wanted.items()}},
        clock,
    )
    return row


def load_standard_criteria(actor: Actor, competition: str, *, clock: Clock) -> Sequence[Criterion]:
    """A draft without criteria can begin with the platform's ten, and change them.

    Raises NotFound, Forbidden, and Conflict where the competition has criteria already.
    """
    row = queries.competition_for_change(competition)
    require(actor, Permission.COMPETITION_EDIT_NOTICE, queries.facts(row, clock.now()))
    if row.criteria:
        raise Conflict("This competition has criteria already. Remove them first.")
    stated = tomllib.loads((paths.seed() / "criteria.toml").read_text(encoding="utf-8"))
    if row.max_mark != stated["max_mark"]:
        row.max_mark = stated["max_mark"]
        row.mark_descriptors = [step.as_dict() for step in standard_scale(row.max_mark)]
    for entry in stated["criteria"]:
        _write(
            row,
            None,
            reference=entry["reference"],
            name=entry["name"],
            weight=Decimal(entry["weight"]),
            minimum_mark=entry["minimum_mark"],
            leaves=[
                {
                    "reference": leaf["reference"],
                    "question": leaf["question"].strip(),
                    "weight": Decimal(leaf["weight"]),
                    "scope": leaf["scope"],
                    "word_limit": leaf["word_limit"],
                    "allows_file": leaf["allows_file"],
                }
                for leaf in entry["leaves"]
            ],
        )
    db.session.flush()
    _record(
        actor,
        Event.CRITERIA_CHANGED,
        row,
        {"standard": [_told(criterion) for criterion in row.criteria]},
        clock,
    )
    return row.criteria


def _refuse_fixed(
    faults: Faults, kept: Criterion | None, *, reference: str, name: str, weight: Decimal
) -> None:
    if kept is None:
        faults.add("reference", "The criteria are published. No other can be added.")
        return
    for field, before, after in (
        ("reference", kept.reference, reference),
        ("name", kept.name, name),
        ("weight", kept.weight, weight),
    ):
        if before != after:
            faults.add(field, _FIXED)


def _checked_leaves(
    faults: Faults,
    competition: Competition,
    kept: Criterion | None,
    leaves: Sequence[LeafInput],
) -> list[dict[str, Any]]:
    if not leaves:
        faults.add("leaves", "Enter at least one question.")
    elsewhere = {
        leaf.reference.casefold()
        for criterion in competition.criteria
        if criterion is not kept
        for leaf in criterion.leaves
    }
    wanted = []
    for index, leaf in enumerate(leaves):
        place = f"leaves.{index}"
        reference = faults.reference(
            f"{place}.reference", leaf.reference, longest=_LONGEST_REFERENCE
        )
        if reference.casefold() in elsewhere:
            faults.add(f"{place}.reference", "Another question has this reference. Change one.")
        elsewhere.add(reference.casefold())
        if leaf.scope not in set(Scope):
            faults.add(f"{place}.scope", "Choose whether it is answered for each lot or once.")
        wanted.append(
            {
                "reference": reference,
                "question": faults.text(
                    f"{place}.question", leaf.question, what="the question", is_needed=True
                ),
                "weight": faults.decimal(
                    f"{place}.weight",
                    leaf.weight,
                    what="the weight of the question",
                    least=_LEAST_WEIGHT,
                    most=_HUNDRED,
                    places=_PLACES,
                ),
                "scope": leaf.scope,
                "word_limit": faults.whole(
                    f"{place}.word_limit",
                    leaf.word_limit,
                    what="the word limit",
                    least=1,
                    most=_MOST_WORDS,
                ),
                "allows_file": bool(leaf.allows_file),
            }
        )
    return wanted


def _own(competition: Competition, reference: str) -> Criterion:
    for criterion in competition.criteria:
        if criterion.reference == reference:
            return criterion
    raise NotFound


def _write(
    competition: Competition,
    kept: Criterion | None,
    *,
    reference: str,
    name: str,
    weight: Decimal,
    minimum_mark: int,
    leaves: Sequence[Mapping[str, Any]],
) -> Criterion:
    row = kept
    if row is None:
        last = max((other.position for other in competition.criteria), default=0)
        row = Criterion(position=last + 1)
        competition.criteria.append(row)
    row.reference, row.name, row.weight, row.minimum_mark = reference, name, weight, minimum_mark
    before = {leaf.reference: leaf for leaf in row.leaves}
    written = []
    for position, fields in enumerate(leaves, start=1):
        leaf = before.get(fields["reference"]) or Leaf()
        leaf.position = position
        for field, value in fields.items():
            setattr(leaf, field, value)
        written.append(leaf)
    row.leaves = written
    return row


def _told(criterion: Criterion) -> list[Any]:
    return [
        criterion.reference,
        decimal_text(criterion.weight),
        criterion.minimum_mark,
        [[leaf.reference, decimal_text(leaf.weight), leaf.scope] for leaf in criterion.leaves],
    ]


def _record(
    actor: Actor, event: Event, competition: Competition, changes: dict[str, Any], clock: Clock
) -> None:
    audit.record(
        actor,
        event,
        Subject("competition", competition.reference),
        changes,
        at=clock.now(),
        stream=competition_stream(competition.reference),
    )
