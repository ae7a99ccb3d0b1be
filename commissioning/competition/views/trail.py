"""The trail of a competition: what happened, by whom, and whether the chain is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask.typing import ResponseReturnValue

from commissioning.audit import queries as audit
from commissioning.audit.domain.chain import breaks
from commissioning.audit.domain.events import FOLLOWS_FROM_PRICES, competition_stream
from commissioning.audit.models import AuditEvent
from commissioning.competition import queries
from commissioning.competition.views.frame import Frame, blueprint, shown, team_frame
from commissioning.competition.views.tables import in_words
from commissioning.identity import queries as identity
from commissioning.kernel.actor import SYSTEM, Role
from commissioning.kernel.statutory import Regime
from commissioning.permissions import Permission, may
from commissioning.web import listing
from commissioning.web.access import current_actor, requires

_LONGEST_SHOWN = 300
_MOST_LINES = 60
_WORDS = {"from", "to", "event", "role", "regime", "profile", "how", "part", "kind", "effect"}
"""The values that are names of ours rather than what somebody typed."""

_WITHHELD = [("Withheld", "It follows from prices, which nobody sees who marks or moderates here.")]
_PEOPLE = ("USR-", "ORG-")


@blueprint.get("/<string:reference>/trail")
@requires(Permission.AUDIT_READ_COMPETITION)
def trail(reference: str) -> ResponseReturnValue:
    frame = team_frame(reference, Permission.AUDIT_READ_COMPETITION)
    stream = competition_stream(reference)
    asked = listing.asked(("position",), "-position", per_page=25)
    only = listing.filters_asked("event", "actor")
    kinds, actors = audit.events_and_actors(stream)
    events = audit.page_of(
        stream,
        offset=asked.offset,
        limit=asked.limit,
        oldest_first=not asked.descending,
        only=only,
    )
    sees_prices = _sees_prices(frame)
    names = identity.names_of(
        set(actors) | {text for event in events for text in _texts([event.subject, event.changes])}
    )
    rows = [
        {
            "position": event.position,
            "at": event.at,
            "actor": _actor_of(event.actor, names),
            "event": in_words(event.event),
            "subject_type": in_words(event.subject_type),
            "subject": names.get(event.subject, event.subject),
            "changes": _WITHHELD
            if event.event in FOLLOWS_FROM_PRICES and not sees_prices
            else _lines_of(event, names),
            "hash": event.hash,
        }
        for event in events
    ]
    heads = audit.heads(stream)
    return shown(
        "trail",
        frame,
        events=listing.Listing(asked, rows, audit.event_count(stream, only=only)),
        broken=breaks(audit.links(stream), heads=heads),
        head=heads.get(stream),
        total=audit.event_count(stream),
        only=only,
        kinds=[(kind, in_words(kind)) for kind in kinds],
        actors=sorted(
            ((one, _actor_of(one, names)) for one in actors), key=lambda pair: pair[1].casefold()
        ),
    )


def _actor_of(reference: str, names: Mapping[str, str]) -> str:
    return "The platform" if reference == SYSTEM.reference else names.get(reference, reference)


def _sees_prices(frame: Frame) -> bool:
    """Whoever marks or moderates here, or once did, reads the trail without what prices led to."""
    actor = current_actor()
    held = queries.roles_ever_held(frame.competition, actor.reference)
    facts = replace(frame.facts, has_marked_here=bool(held & {Role.EVALUATOR, Role.MODERATOR}))
    return may(actor, Permission.AUDIT_READ_PRICES, facts)


def _texts(value: Any) -> Iterator[str]:
    """Every reference of a person or organisation in a value of JSON."""
    if isinstance(value, str):
        if value.startswith(_PEOPLE):
            yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts([key, one])
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _lines_of(event: AuditEvent, names: dict[str, str]) -> list[tuple[str, str]]:
    """What an event changed, a line for each value; what was left empty is left out."""
    # Two values beside each other are before and after, where the event is a change of something.
    between = " → " if event.event.endswith(("_changed", "_extended")) else ", "
    found: list[tuple[str, str]] = []
    waiting: list[tuple[tuple[str, ...], Any]] = [((), event.changes)]
    while waiting and len(found) < _MOST_LINES:
        said, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting[:0] = [((*said, key), one) for key, one in value.items()]
        elif value not in ("", [], None):
            label = ", ".join(names.get(key, in_words(key)) for key in said)
            is_word = bool(said) and said[-1] in _WORDS
            found.append((label, _cut(_told(value, names, between, is_word=is_word))))
    if waiting:
        found.append(("", f"and {len(waiting)} more, in the export of the trail"))
    return found


def _told(value: Any, names: dict[str, str], between: str, *, is_word: bool) -> str:
    """A value as a person reads it: names for references, words for our own names."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        if value in set(Regime):
            return Regime(value).label
        return names.get(value, in_words(value) if is_word else value)
    if isinstance(value, dict):
        inside = (
            f"{in_words(key)} {_told(one, names, ', ', is_word=False)}"
            for key, one in value.items()
        )
        return ", ".join(inside) or "nothing"
    if isinstance(value, list):
        is_deep = any(isinstance(one, list | dict) for one in value)
        joint = "; " if is_deep else between if len(value) == 2 else ", "
        return joint.join(_told(one, names, ", ", is_word=is_word) for one in value)
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
