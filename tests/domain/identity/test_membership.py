from __future__ import annotations

import inspect

from hypothesis import given
from hypothesis import strategies as st

from commissioning.identity.domain.membership import (
    ConsortiumMembership,
    Group,
    Ownership,
    controlled_by,
    group_of,
    groups_for_award,
)


def owns(owner, owned, *, controls=True):
    return Ownership(owner, owned, controls)


def member(consortium, name):
    return ConsortiumMembership(consortium, name)


def bidders_of(organisation, bidders, ownerships=(), memberships=()):
    return group_of(organisation, bidders, ownerships, memberships).bidders


def test_control_reaches_through_those_who_are_controlled():
    ownerships = [owns("A", "B"), owns("B", "C"), owns("X", "Y"), owns("C", "A")]
    assert controlled_by("A", ownerships) == {"A", "B", "C"}
    assert controlled_by("Y", ownerships) == {"Y"}


def test_part_without_control_does_not_carry_further():
    ownerships = [owns("A", "B", controls=False), owns("B", "C")]
    assert controlled_by("A", ownerships) == {"A"}
    assert bidders_of("A", ["B", "C"], ownerships) == ("B",)


def test_group_holds_the_bidders_of_which_one_is_the_bidder_a_member_or_an_owner():
    bidders = ["own", "consortium", "venture", "other"]
    assert bidders_of(
        "own", bidders, [owns("own", "venture", controls=False)], [member("consortium", "own")]
    ) == ("own", "consortium", "venture")


def test_group_reaches_through_a_controlled_organisation():
    ownerships = [owns("parent", "daughter")]
    memberships = [member("consortium", "daughter")]
    assert bidders_of("parent", ["consortium"], ownerships, memberships) == ("consortium",)
    # Looking up is not looking down: the daughter does not hold what its parent stands in.
    assert bidders_of("daughter", ["bid"], ownerships, [member("bid", "parent")]) == ()


def test_groups_overlap_and_are_never_merged():
    # Rivals A and C meet B in two consortia; B is tied to both, A and C are not tied together.
    bidders = ["AB", "BC"]
    memberships = [member("AB", "A"), member("AB", "B"), member("BC", "B"), member("BC", "C")]
    assert bidders_of("A", bidders, (), memberships) == ("AB",)
    assert bidders_of("B", bidders, (), memberships) == ("AB", "BC")
    assert bidders_of("C", bidders, (), memberships) == ("BC",)
    assert groups_for_award(bidders, (), memberships) == [
        {"id": "group:B", "members": ["AB", "BC"]}
    ]


def test_supplier_in_one_bidder_alone_needs_no_group():
    assert groups_for_award(["A", "B"], [owns("P", "A")], [member("B", "M")]) == []


def test_group_of_the_award_states_no_limit_of_its_own():
    """The published share is a limit of the problem: stated twice, it seems to cost nothing."""
    (group,) = groups_for_award(["AB", "B", "C"], (), [member("AB", "B")])
    assert group == {"id": "group:B", "members": ["AB", "B"]}


def test_several_organisations_behind_the_same_bidders_are_one_group():
    ownerships = [owns("parent", "child"), owns("grandparent", "parent")]
    memberships = [member("X", "child"), member("Y", "child")]
    assert groups_for_award(["X", "Y"], ownerships, memberships) == [
        {"id": "group:child", "members": ["X", "Y"]}
    ]


def test_members_stand_in_the_order_of_the_bidders():
    memberships = [member(name, "M") for name in "CAB"]
    (group,) = groups_for_award(["B", "C", "A"], (), memberships)
    assert group["members"] == ["B", "C", "A"]


def test_sub_contracts_are_not_even_asked_for():
    assert list(inspect.signature(groups_for_award).parameters) == [
        "bidders",
        "ownerships",
        "memberships",
    ]


def test_group_is_named_apart_from_every_bidder():
    assert Group("ORG-1", ("ORG-1",)).id == "group:ORG-1"


organisations = st.sampled_from("ABCDEFGH")
ownership_lists = st.lists(st.builds(Ownership, organisations, organisations, st.booleans()))
membership_lists = st.lists(st.builds(ConsortiumMembership, organisations, organisations))
bidder_lists = st.lists(organisations, unique=True)


@given(organisations, bidder_lists, ownership_lists, membership_lists)
def test_bidder_is_in_a_group_exactly_where_somebody_controlled_stands_in_it(
    organisation, bidders, ownerships, memberships
):
    those = controlled_by(organisation, ownerships)
    group = group_of(organisation, bidders, ownerships, memberships)
    for bidder in bidders:
        stands = (
            bidder in those
            or any(m.consortium == bidder and m.member in those for m in memberships)
            or any(o.owned == bidder and o.owner in those for o in ownerships)
        )
        assert (bidder in group.bidders) == stands
    assert list(group.bidders) == [b for b in bidders if b in group.bidders]


@given(bidder_lists, ownership_lists, membership_lists, st.randoms())
def test_groups_of_an_award_hold_every_supplier_in_several_bidders_once(
    bidders, ownerships, memberships, random
):
    groups = groups_for_award(bidders, ownerships, memberships)
    members = [tuple(group["members"]) for group in groups]
    assert len(members) == len(set(members))
    expected = {
        found
        for name in "ABCDEFGH"
        if len(found := group_of(name, bidders, ownerships, memberships).bidders) > 1
    }
    assert set(members) == expected
    random.shuffle(ownerships)
    random.shuffle(memberships)
    assert groups_for_award(bidders, ownerships, memberships) == groups


@given(bidder_lists, membership_lists, organisations, organisations)
def test_stranger_who_joins_a_rival_never_enlarges_ones_own_group(
    bidders, memberships, rival, stranger
):
    before = group_of("A", bidders, (), memberships)
    if stranger != "A":
        after = group_of("A", bidders, (), [*memberships, member(rival, stranger)])
        assert after == before


@given(ownership_lists, organisations, organisations)
def test_control_is_transitive_and_includes_oneself(ownerships, one, other):
    assert one in controlled_by(one, ownerships)
    if other in controlled_by(one, ownerships):
        assert controlled_by(other, ownerships) <= controlled_by(one, ownerships)
