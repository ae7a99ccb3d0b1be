"""Ownership and consortia: who may declare them, what is refused, and the groups that follow."""

from __future__ import annotations

import pytest

from commissioning.identity import queries
from commissioning.identity.domain.ties import TieKind
from commissioning.identity.services import (
    confirm_tie,
    end_ownership,
    end_tie,
    keep_tie,
    other_organisation,
    record_consortium_member,
    record_ownership,
    refuse_tie,
    remove_consortium_member,
)
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Conflict, Forbidden, NotFound
from tests.factories.identity import OrganisationFactory, PersonFactory, actor_of

OWNERSHIP = TieKind.OWNERSHIP


@pytest.fixture
def bidders(session):
    """Three managers, each of a bidder of their own."""
    return [PersonFactory() for _ in range(3)]


def of(*people):
    return [person.organisation.reference for person in people]


def declare(kind, first, second, clock):
    """The first end declares a tie; nobody has answered."""
    if kind is OWNERSHIP:
        record_ownership(actor_of(first), *of(first, second), clock=clock)
    else:
        record_consortium_member(actor_of(first), *of(first, second), None, clock=clock)


def tie(kind, first, second, clock):
    """A tie that both ends confirm."""
    declare(kind, first, second, clock)
    confirm_tie(actor_of(second), kind, *of(first, second), clock=clock)


def counting(kind):
    return queries.ownership_pairs() if kind is OWNERSHIP else queries.consortium_pairs()


def test_an_organisation_declares_its_owner_and_the_owner_is_told(bidders, clock, events, letters):
    owner, owned, _ = bidders
    record_ownership(actor_of(owned), *of(owner, owned), clock=clock)

    assert events() == ["ownership_recorded"]
    assert queries.ownership_pairs() == set(), "it waits for the owner"
    confirm_tie(actor_of(owner), OWNERSHIP, *of(owner, owned), clock=clock)
    assert events() == ["tie_confirmed"]
    assert queries.ownership_pairs() == {tuple(of(owner, owned))}
    (recipient, _, body), (answered, _, _) = letters()
    assert (recipient, answered) == (owner.email, owned.email)
    assert owned.organisation.name not in body, "mail carries no content"
    assert [row.owner for row in queries.ties_of(owned.organisation).owners] == [owner.organisation]
    assert [row.owned for row in queries.ties_of(owner.organisation).owned] == [owned.organisation]


def test_either_end_declares_and_takes_back_and_nobody_else(bidders, clock, events):
    owner, owned, third = bidders
    pair = of(owner, owned)
    with pytest.raises(Forbidden):
        record_ownership(actor_of(third), *pair, clock=clock)
    record_ownership(actor_of(owner), *pair, clock=clock)
    with pytest.raises(Forbidden):
        end_ownership(actor_of(third), *pair, clock=clock)
    with pytest.raises(NotFound):
        end_ownership(actor_of(owner), *reversed(pair), clock=clock)
    with pytest.raises(Conflict, match="Refuse it"):
        end_ownership(actor_of(owned), *pair, clock=clock)
    assert end_ownership(actor_of(owner), *pair, clock=clock)

    assert queries.ties_of(owner.organisation).owned == []
    assert events() == ["ownership_recorded", "ownership_ended"]


@pytest.mark.parametrize("kind", TieKind)
def test_only_the_other_end_confirms_and_then_it_counts(bidders, clock, events, kind):
    first, second, third = bidders
    declare(kind, first, second, clock)
    events()
    pair = of(first, second)
    for answer in (confirm_tie, refuse_tie):
        with pytest.raises(Conflict):
            answer(actor_of(first), kind, *pair, clock=clock)
        with pytest.raises(Forbidden):
            answer(actor_of(third), kind, *pair, clock=clock)
    writer = PersonFactory(organisation=second.organisation, roles=[Role.BID_WRITER])
    with pytest.raises(Forbidden):
        confirm_tie(actor_of(writer), kind, *pair, clock=clock)
    with pytest.raises(NotFound):
        confirm_tie(actor_of(second), kind, *reversed(pair), clock=clock)
    assert counting(kind) == set()
    confirm_tie(actor_of(second), kind, *pair, clock=clock)

    assert counting(kind) == {tuple(pair)}
    assert events() == ["tie_confirmed"]
    with pytest.raises(Conflict):
        refuse_tie(actor_of(second), kind, *pair, clock=clock)


@pytest.mark.parametrize("kind", TieKind)
def test_a_tie_that_is_refused_never_counts_and_is_its_declarers_to_take_back(
    bidders, clock, events, kind
):
    first, second, _ = bidders
    declare(kind, first, second, clock)
    pair = of(first, second)
    refuse_tie(actor_of(second), kind, *pair, clock=clock)
    assert events()[-1] == "tie_refused"
    assert counting(kind) == set()
    with pytest.raises(Conflict, match="You have refused this"):
        end_tie(actor_of(second), kind, *pair, clock=clock)

    declare(kind, first, second, clock)
    confirm_tie(actor_of(second), kind, *pair, clock=clock)
    assert counting(kind) == {tuple(pair)}, "declared again, and confirmed at last"


@pytest.mark.parametrize("kind", TieKind)
@pytest.mark.parametrize("asks", [0, 1])
def test_a_tie_that_counts_ends_by_both_ends_only(bidders, clock, events, kind, asks):
    ends = bidders[:2]
    tie(kind, *ends, clock)
    events()
    pair, one, other = of(*ends), ends[asks], ends[1 - asks]
    with pytest.raises(Conflict, match="has not asked"):
        keep_tie(actor_of(other), kind, *pair, clock=clock)
    assert not end_tie(actor_of(one), kind, *pair, clock=clock)
    assert counting(kind) == {tuple(pair)}, "it counts until the other end agrees"
    with pytest.raises(Conflict, match="already"):
        end_tie(actor_of(one), kind, *pair, clock=clock)
    keep_tie(actor_of(other), kind, *pair, clock=clock)
    assert not end_tie(actor_of(one), kind, *pair, clock=clock)
    assert end_tie(actor_of(other), kind, *pair, clock=clock)

    assert counting(kind) == set()
    *before, last = events()
    assert before == ["tie_end_asked", "tie_kept", "tie_end_asked"]
    assert last in {"ownership_ended", "consortium_member_removed"}


def test_whoever_has_to_answer_finds_it_on_their_first_page(bidders, clock):
    first, second, _ = bidders
    own = second.organisation

    def asked(person):
        items = queries.waiting_for(actor_of(person), clock.now())
        return [item.title for item in items if item.endpoint == "identity.ties"]

    declare(OWNERSHIP, first, second, clock)
    writer = PersonFactory(organisation=own, roles=[Role.BID_WRITER])
    assert asked(second) == [f"Confirm or refuse the tie to {first.organisation.name}"]
    assert asked(first) == asked(writer) == []
    confirm_tie(actor_of(second), OWNERSHIP, *of(first, second), clock=clock)
    assert asked(second) == []
    end_tie(actor_of(second), OWNERSHIP, *of(first, second), clock=clock)
    assert asked(first) == [f"Say whether the tie to {own.name} has ended"]
    own.status = "suspended"
    first.organisation.status = "suspended"
    assert asked(first) == []


def test_what_both_ends_declare_is_confirmed_and_not_declared_twice(bidders, clock):
    first, second, _ = bidders
    declare(OWNERSHIP, first, second, clock)
    with pytest.raises(BadInput, match="Confirm it instead"):
        record_ownership(actor_of(second), *of(first, second), clock=clock)


def test_a_confirmation_closes_no_circle(bidders, clock):
    first, second, third = bidders
    tie(OWNERSHIP, first, second, clock)
    record_ownership(actor_of(second), *of(second, third), clock=clock)
    record_ownership(actor_of(third), *of(third, first), clock=clock)
    confirm_tie(actor_of(third), OWNERSHIP, *of(second, third), clock=clock)
    with pytest.raises(Conflict, match="look at the direction"):
        confirm_tie(actor_of(first), OWNERSHIP, *of(third, first), clock=clock)


def test_the_ties_behind_bidders_are_theirs_alone_and_say_what_is_one_sided(bidders, clock):
    first, second, third = bidders
    parent, apart = PersonFactory(), PersonFactory()
    tie(OWNERSHIP, parent, first, clock)
    tie(TieKind.MEMBERSHIP, second, first, clock)
    tie(OWNERSHIP, first, apart, clock)
    declare(OWNERSHIP, third, second, clock)
    found = queries.ties_behind(of(second))

    assert found["ownerships"] == [of(parent, first)]
    assert found["memberships"] == [of(second, first)]
    assert found["unconfirmed"] == [
        {
            "kind": "ownership",
            "first": third.organisation.reference,
            "second": second.organisation.reference,
            "status": "waiting",
            "declared_by": third.organisation.reference,
        }
    ]


def test_ownership_goes_in_no_circle(bidders, clock):
    first, second, third = bidders
    tie(OWNERSHIP, first, second, clock)
    tie(OWNERSHIP, second, third, clock)
    for actor, pair in (
        (first, of(first, first)),
        (first, of(first, second)),
        (second, of(second, first)),
        (third, of(third, first)),
    ):
        with pytest.raises(BadInput) as refused:
            record_ownership(actor_of(actor), *pair, clock=clock)
        assert refused.value.field == "identifier"


def test_a_consortium_names_its_members_with_shares(bidders, clock, events, letters):
    lead, member, other = bidders
    record_consortium_member(actor_of(lead), *of(lead, member), 600_000, clock=clock)
    record_consortium_member(actor_of(lead), *of(lead, other), 400_000, clock=clock)

    assert events() == ["consortium_member_recorded"] * 2
    assert {recipient for recipient, _, _ in letters()} == {member.email, other.email}
    shares = [row.share_ppm for row in queries.ties_of(lead.organisation).members]
    assert sorted(shares) == [400_000, 600_000]
    assert len(queries.ties_of(member.organisation).consortia) == 1


@pytest.mark.parametrize("share", [0, -1, 400_001, 1_000_001])
def test_shares_come_to_the_whole_at_most(bidders, clock, share):
    lead, member, other = bidders
    record_consortium_member(actor_of(lead), *of(lead, member), 600_000, clock=clock)

    with pytest.raises(BadInput) as refused:
        record_consortium_member(actor_of(lead), *of(lead, other), share, clock=clock)
    assert refused.value.field == "share"


def test_a_member_is_named_once_by_the_lead_alone_and_may_leave(bidders, clock, events):
    lead, member, third = bidders
    with pytest.raises(Forbidden):
        record_consortium_member(actor_of(member), *of(lead, member), None, clock=clock)
    record_consortium_member(actor_of(lead), *of(lead, member), None, clock=clock)
    for pair in (of(lead, member), of(lead, lead)):
        with pytest.raises(BadInput):
            record_consortium_member(actor_of(lead), *pair, None, clock=clock)
    with pytest.raises(Forbidden):
        remove_consortium_member(actor_of(third), *of(lead, member), clock=clock)
    confirm_tie(actor_of(member), TieKind.MEMBERSHIP, *of(lead, member), clock=clock)
    assert not remove_consortium_member(actor_of(member), *of(lead, member), clock=clock)
    assert remove_consortium_member(actor_of(lead), *of(lead, member), clock=clock)

    assert queries.consortium_pairs() == set()
    assert events() == [
        "consortium_member_recorded",
        "tie_confirmed",
        "tie_end_asked",
        "consortium_member_removed",
    ]
    with pytest.raises(NotFound):
        remove_consortium_member(actor_of(lead), *of(lead, member), clock=clock)


def test_a_writer_declares_nothing(bidders, clock):
    lead, member, _ = bidders
    writer = PersonFactory(organisation=lead.organisation, roles=[Role.BID_WRITER])

    with pytest.raises(Forbidden):
        record_consortium_member(actor_of(writer), *of(lead, member), None, clock=clock)


def test_the_other_organisation_is_found_by_its_number(session):
    known = OrganisationFactory(identifier="00012345")

    assert other_organisation("company-number", "12345") is known
    for number in ("99999999", "no number"):
        with pytest.raises(BadInput) as refused:
            other_organisation("company-number", number)
        assert refused.value.field == "identifier"


def test_the_groups_of_an_award_follow_owners_and_members(bidders, clock):
    """Two bidders that share an owner, and one apart."""
    first, second, third = bidders
    owner = PersonFactory()
    declare(OWNERSHIP, owner, first, clock)
    tie(TieKind.MEMBERSHIP, second, owner, clock)
    assert queries.award_groups(of(third, second, first)) == [], "one end alone ties nobody"
    confirm_tie(actor_of(first), OWNERSHIP, *of(owner, first), clock=clock)
    order = of(third, second, first)

    [group] = queries.award_groups(order)
    assert group["members"] == of(second, first)
    assert queries.award_groups(of(third, first)) == []
