"""Ownership and consortia: who may declare them, what is refused, and the groups that follow."""

from __future__ import annotations

import pytest

from commissioning.identity import queries
from commissioning.identity.services import (
    end_ownership,
    other_organisation,
    record_consortium_member,
    record_ownership,
    remove_consortium_member,
)
from commissioning.kernel.actor import Role
from commissioning.kernel.errors import BadInput, Forbidden, NotFound
from tests.factories.identity import OrganisationFactory, PersonFactory, actor_of

pytestmark = pytest.mark.both_databases


@pytest.fixture
def bidders(session):
    """Three managers, each of a bidder of their own."""
    return [PersonFactory() for _ in range(3)]


def of(*people):
    return [person.organisation.reference for person in people]


def test_an_organisation_declares_its_owner_and_the_owner_is_told(bidders, clock, events, letters):
    owner, owned, _ = bidders
    record_ownership(actor_of(owned), *of(owner, owned), clock=clock)

    assert events() == ["ownership_recorded"]
    assert queries.ownership_pairs() == {tuple(of(owner, owned))}
    [(recipient, _, body)] = letters()
    assert recipient == owner.email
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
    end_ownership(actor_of(owned), *pair, clock=clock)

    assert queries.ownership_pairs() == set()
    assert events() == ["ownership_recorded", "ownership_ended"]


def test_ownership_goes_in_no_circle(bidders, clock):
    first, second, third = bidders
    record_ownership(actor_of(first), *of(first, second), clock=clock)
    record_ownership(actor_of(second), *of(second, third), clock=clock)
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
    remove_consortium_member(actor_of(member), *of(lead, member), clock=clock)

    assert queries.consortium_pairs() == set()
    assert events() == ["consortium_member_recorded", "consortium_member_removed"]
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
    record_ownership(actor_of(owner), *of(owner, first), clock=clock)
    record_consortium_member(actor_of(second), *of(second, owner), None, clock=clock)
    order = of(third, second, first)

    [group] = queries.award_groups(order, max_value_share_ppm=250_000)
    assert group["members"] == of(second, first)
    assert group["max_value_share_ppm"] == 250_000
    assert queries.award_groups(of(third, first)) == []
