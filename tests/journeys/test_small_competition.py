"""A small competition from an empty site to its preferred bidders, all of it through pages.

Three lots, two bidders, six people of the authority: two of three key holders open.
"""

from __future__ import annotations

import pytest

from tests.journeys import applying, arriving, awarding, bidding, evaluating, setting_up

pytestmark = pytest.mark.journey


def test_a_competition_goes_from_its_set_up_to_the_preferred_bidders(site):
    arriving.authority_arrives(site)
    arriving.bidders_register(site)

    setting_up.competition_is_set_up(site)
    site["rival"].finds_nothing_at(f"{setting_up.HOME}/published")
    setting_up.issue_is_approved(site, of="the PQQ")

    applying.everybody_applies(site)
    assert site.passes_to(2026, 3, 30, 12, 1) == [setting_up.REFERENCE]
    applying.shortlist_is_decided(site)

    site.passes_to(2026, 4, 13, 9)
    setting_up.keys_are_prepared(site)
    setting_up.issue_is_approved(site, of="the ITN")

    bidding.everybody_bids(site)
    assert site.passes_to(2026, 5, 29, 12) == [], "what is on its way may still arrive"
    bidding.is_too_late(site["halcyon"])
    assert site.passes_to(2026, 5, 29, 12, 1) == [setting_up.REFERENCE]

    site.passes_to(2026, 6, 1, 10)
    evaluating.envelopes_are_opened(site, "quality")
    evaluating.teams_are_assigned(site)
    evaluating.quality_is_marked(site)
    evaluating.consensus_is_reached(site)
    evaluating.quality_is_locked(site)
    evaluating.envelopes_are_opened(site, "price")
    evaluating.prices_are_completed(site)

    awarding.award_is_recommended(site)
    awarding.award_is_approved(site)
    awarding.award_is_announced(site)
    awarding.everybody_can_read_it(site)
