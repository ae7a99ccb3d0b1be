"""Who stands behind whom, and the groups that follow for the limits of an award.

A group is one organisation, with those it controls, and every bidder of which it is the bidder, a
member or an owner. Groups overlap and are never merged transitively, which would tie rivals
together. A sub-contract never makes a group, so none is asked for here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ownership:
    """One organisation owns another, or a part of it; usually so much that it controls it."""

    owner: str
    owned: str
    controls: bool = True


@dataclass(frozen=True, slots=True)
class ConsortiumMembership:
    """One organisation is a member of a bidder that is a consortium or a joint venture."""

    consortium: str
    member: str


@dataclass(frozen=True, slots=True)
class Group:
    """An organisation and the bidders that it stands in, in the order in which they were given."""

    organisation: str
    bidders: tuple[str, ...]

    @property
    def id(self) -> str:
        """The name of the group, which no bidder's own reference can be mistaken for."""
        return f"group:{self.organisation}"


def controlled_by(organisation: str, ownerships: Iterable[Ownership]) -> frozenset[str]:
    """The organisation with all that it controls, directly or through others that it controls."""
    rows = tuple(ownerships)
    found = {organisation}
    waiting = [organisation]
    while waiting:
        owner = waiting.pop()
        for row in rows:
            if row.controls and row.owner == owner and row.owned not in found:
                found.add(row.owned)
                waiting.append(row.owned)
    return frozenset(found)


def group_of(
    organisation: str,
    bidders: Iterable[str],
    ownerships: Iterable[Ownership],
    memberships: Iterable[ConsortiumMembership],
) -> Group:
    """An organisation's group: every bidder of which it, or one it controls, stands behind.

    That is, of which one of them is the bidder itself, a member or an owner, whatever the share: a
    share counts whole. Other members of the same bidder are no part of the group, and neither are
    the bidders that only they stand in.
    """
    owned = tuple(ownerships)
    those = controlled_by(organisation, owned)
    stood_in = (
        those
        | {row.consortium for row in memberships if row.member in those}
        | {row.owned for row in owned if row.owner in those}
    )
    return Group(organisation, tuple(bidder for bidder in bidders if bidder in stood_in))


def behind(
    bidders: Iterable[str],
    ownerships: Iterable[tuple[str, str]],
    memberships: Iterable[tuple[str, str]],
) -> frozenset[str]:
    """The bidders with everybody who stands behind them: owners and members, and theirs in turn.

    Pairs are (owner, owned) and (consortium, member). No tie that ends at another organisation can
    make a group of these bidders.
    """
    rows = [*ownerships, *((member, whole) for whole, member in memberships)]
    found = set(bidders)
    waiting = list(found)
    while waiting:
        below = waiting.pop()
        above = {one for one, other in rows if other == below} - found
        found |= above
        waiting += above
    return frozenset(found)


def groups_for_award(
    bidders: Sequence[str],
    ownerships: Iterable[Ownership],
    memberships: Iterable[ConsortiumMembership],
) -> list[dict[str, Any]]:
    """The groups of an award problem: each supplier that stands in more than one of its bidders.

    Rows of the format award-wdp/1, in the order of the organisations' references: `id`, and
    `members` in the order of `bidders`. The published share of a group is a limit of the problem
    and stands there alone: stated twice, it would seem to cost nothing when one is taken out. Of
    several organisations behind the same bidders one is enough (the first by reference), since its
    limit is theirs.
    """
    owned, joined = tuple(ownerships), tuple(memberships)
    organisations = {
        *bidders,
        *(row.owner for row in owned),
        *(row.owned for row in owned),
        *(row.member for row in joined),
    }
    groups: dict[tuple[str, ...], Group] = {}
    for organisation in sorted(organisations):
        group = group_of(organisation, bidders, owned, joined)
        if len(group.bidders) > 1:
            groups.setdefault(group.bidders, group)
    return [{"id": group.id, "members": list(group.bidders)} for group in groups.values()]
