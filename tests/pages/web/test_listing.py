from __future__ import annotations

import pytest

from commissioning.web import listing

ROWS = [{"name": f"n{number:02d}", "size": number % 3} for number in range(30)]
SORTS = {"name": lambda row: row["name"], "size": lambda row: row["size"]}


@pytest.fixture
def asked_for(site):
    def ask(query, **options):
        with site.test_request_context(f"/help/permissions?{query}"):
            shown = listing.of(ROWS, sorts=SORTS, default="name", per_page=10, **options)
            return shown, {
                "next": shown.next_href,
                "previous": shown.previous_href,
                "name": shown.sort_href("name"),
                "size": shown.sort_href("size"),
                "steps": [(step.number, step.current) for step in shown.steps],
            }

    return ask


def test_the_first_page_is_sorted_by_the_default(asked_for):
    shown, links = asked_for("")
    assert [row["name"] for row in shown.rows] == [f"n{number:02d}" for number in range(10)]
    assert (shown.first, shown.last, shown.total, shown.pages) == (1, 10, 30, 3)
    assert links["previous"] is None
    assert links["next"] == "/help/permissions?page=2"
    assert links["name"] == "/help/permissions?sort=-name&page=1"


def test_a_page_and_a_sort_can_be_asked_for_together(asked_for):
    shown, links = asked_for("sort=-size&page=3&q=keep")
    assert [row["size"] for row in shown.rows] == [0] * 10
    assert shown.sort_state("size") == "descending"
    assert shown.sort_state("name") == "none"
    assert links["next"] is None
    assert links["size"] == "/help/permissions?sort=size&page=1&q=keep"
    assert links["steps"] == [(1, False), (2, False), (3, True)]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=²", "page=99999999"])
def test_a_page_that_is_none_is_the_first(asked_for, query):
    assert asked_for(query)[0].first == 1


@pytest.mark.parametrize("query", ["sort=secret", "sort=", "sort=--name"])
def test_a_sort_that_is_not_offered_is_the_default(asked_for, query):
    assert asked_for(query)[0].rows[0]["name"] == "n00"


def test_a_page_past_the_end_is_empty_and_leads_back(asked_for):
    shown, links = asked_for("page=9")
    assert list(shown.rows) == []
    assert (shown.first, shown.pages) == (0, 3)
    assert links["previous"] == "/help/permissions?page=3"


def test_the_address_gives_no_orders(asked_for):
    _shown, links = asked_for("_external=1&_scheme=javascript&_anchor=x")
    assert links["next"] == "/help/permissions?page=2"


def test_two_lists_on_one_page_keep_apart(asked_for):
    shown, links = asked_for("page=2", prefix="bids-")
    assert shown.first == 1
    assert links["next"] == "/help/permissions?page=2&bids-page=2"


def test_filters_are_trimmed_and_left_out_when_empty(site):
    with site.test_request_context("/?q=%20x%20&stage=&other=1"):
        assert listing.filters_asked("q", "stage") == {"q": "x"}
