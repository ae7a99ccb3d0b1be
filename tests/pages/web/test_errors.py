from __future__ import annotations

import re

import pytest

from commissioning.app import create_app
from commissioning.kernel.clock import SetClock
from tests.factories.identity import LONG_AGO
from tests.pages.web.probe import written
from tests.support.application import settings_for
from tests.support.pages import page_token, post


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("absent", 404, "not yours to see"),
        ("forbidden", 404, "not yours to see"),
        ("illegal", 409, "It is not open any more."),
        ("conflict", 409, "Somebody was quicker."),
        ("bad", 422, "That word is taken."),
        ("bads", 422, "Second."),
        ("locked", 409, "key is locked"),
        ("broken", 500, "There is a problem with the service"),
    ],
)
def test_each_error_has_its_page(visitor, name, status, words):
    answer = visitor.get(f"/probe/raise/{name}")
    assert answer.status_code == status
    assert words in answer.text


def test_forbidden_and_absent_look_alike(visitor):
    pages = [visitor.get(f"/probe/raise/{name}").text for name in ("absent", "forbidden")]
    assert len({re.sub(r'nonce="[^"]+"', "", page) for page in pages}) == 1


def test_a_failure_says_nothing_of_its_cause_but_a_number_that_the_log_has(visitor, caplog):
    page = visitor.get("/probe/raise/broken").text
    assert "secret cause" not in page
    assert "ZeroDivisionError" not in page
    number = re.search(r"<strong>([0-9A-F]{8})</strong>", page)
    assert number
    assert number[1] in caplog.text


def test_a_wrong_method_says_which_are_right(visitor):
    answer = visitor.post("/probe/public")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_refusal_stands_beside_its_field_and_in_the_summary(visitor):
    page = post(visitor, "/probe/form", {"word": "bad"})
    assert page.status_code == 422
    assert "<title>Error: A form – Commissioning</title>" in page.text
    assert '<a href="#word">That word is taken.</a>' in page.text
    assert 'id="word-error"' in page.text
    assert 'value="bad"' in page.text


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("illegal", "It is not open any more."),
        ("conflict", "Somebody was quicker."),
        ("unplaced", "Something else is wrong."),
        ("locked", "cannot open your organisation’s key".replace("’", "&#39;")),
    ],
)
def test_a_refusal_without_a_place_stands_on_top(visitor, word, sentence):
    page = post(visitor, "/probe/form", {"word": word})
    assert page.status_code == 422
    assert sentence in page.text
    assert 'id="word-error"' not in page.text


@pytest.mark.parametrize("word", ["absent", "forbidden"])
def test_a_form_never_tells_of_what_one_may_not_know(visitor, word):
    page = post(visitor, "/probe/form", {"word": word})
    assert page.status_code == 404


def test_a_form_that_is_blank_is_handed_back(visitor):
    page = post(visitor, "/probe/form", {"word": "  "})
    assert page.status_code == 422
    assert '<a href="#word">Enter a word.</a>' in page.text


class TestToken:
    """A form is taken only with the token of its own session."""

    @pytest.mark.parametrize("token", ["", "wrong", "IjEi.aaaa.bbbb"])
    def test_a_missing_or_wrong_token_is_refused(self, site, visitor, token):
        visitor.get("/probe/form")
        answer = visitor.post("/probe/form", data={"word": "plain", "csrf_token": token})
        assert answer.status_code == 400
        assert "out of date" in answer.text
        assert written(site) == []

    def test_the_token_of_somebody_else_is_refused(self, site, visitor, lead):
        lead.get("/probe/form")
        stolen = page_token(visitor, "/probe/form")
        answer = lead.post("/probe/form", data={"word": "plain", "csrf_token": stolen})
        assert answer.status_code == 400
        assert written(site) == []

    def test_a_token_lasts_as_long_as_the_session(self, site):
        assert site.config["WTF_CSRF_TIME_LIMIT"] is None

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_what_another_site_posts_is_refused_even_with_the_token(self, site, visitor, headers):
        answer = post(visitor, "/probe/form", {"word": "plain"}, headers=headers)
        assert answer.status_code == 400
        assert written(site) == []

    def test_what_our_own_page_posts_is_taken(self, visitor):
        ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        assert post(visitor, "/probe/form", {"word": "plain"}, headers=ours).status_code == 200


def test_a_database_that_is_away_is_said_without_asking_it(tmp_path):
    nowhere = f"postgresql+psycopg://tests@/postgres?host={tmp_path}"
    app = create_app(settings_for(nowhere, tmp_path), clock=SetClock(LONG_AGO))
    answer = app.test_client().get("/help/deadlines")
    assert answer.status_code == 503
    assert "see whether it has arrived before you send it again" in answer.text
    assert 'lang="en"' in answer.text
