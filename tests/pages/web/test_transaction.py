from __future__ import annotations

import pytest

from tests.pages.web.probe import written
from tests.support.pages import post


def test_a_get_that_ends_well_is_committed(site, lead):
    lead.get("/probe/recorded")
    assert written(site) == ["a reading"]


def test_a_reading_that_turns_out_to_write_is_committed_too(site, lead):
    lead.get("/probe/lead")
    assert written(site) == ["lead page"]


@pytest.mark.parametrize(
    ("status", "kept"), [(200, True), (303, True), (422, True), (400, False), (500, False)]
)
def test_the_status_decides(site, visitor, status, kept):
    visitor.get(f"/probe/status/{status}")
    assert (written(site) != []) is kept


@pytest.mark.parametrize(
    "name", ["absent", "forbidden", "illegal", "conflict", "bad", "bads", "locked", "broken"]
)
def test_what_is_refused_leaves_nothing(site, visitor, name):
    assert visitor.get(f"/probe/raise/{name}").status_code >= 400
    assert written(site) == []


def test_a_form_that_is_taken_is_committed(site, visitor):
    assert post(visitor, "/probe/form", {"word": "plain"}).text == "taken"
    assert written(site) == ["plain"]


def test_a_form_that_a_service_refuses_loses_what_the_service_did_and_no_more(site, visitor):
    answer = post(visitor, "/probe/form", {"word": "bad"})
    assert answer.status_code == 422
    assert written(site) == ["after bad"]
