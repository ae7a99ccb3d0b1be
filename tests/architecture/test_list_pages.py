"""Every page that shows rows is tried with few and with many, or it is said why it need not be."""

from __future__ import annotations

import inspect
import re

import pytest

from tests.pages.competition import test_listings
from tests.pages.test_list_pages import KINDS
from tests.support import source

TEMPLATES = source.ROOT / "templates"
SHOWS_ROWS = re.compile(r"{%-?\s*for |table\(")
NEXT = re.compile(r'{%-?\s*(?:extends|include)\s+"([^"]+)"')
TRIED = {*KINDS, *test_listings.KINDS}

_SAME_AS = "the rows are those of a page that is tried, asked for by the same query: "
NOT_TRIED = {
    "what is fixed by the platform: its rules, its questions, its front page": (
        "pages.home",
        "pages.permissions",
        "submission.checking_receipts",
    ),
    "one thing with its own parts, which come with it": (
        "award.own_lot_result",
        "competition.criterion",
        "competition.decision",
        "competition.rules",
        "evaluation.agreed_mark",
        "evaluation.answer",
        "evaluation.assess",
        "evaluation.outcome",
        "evaluation.part",
        "evaluation.price",
        "evaluation.selection_result",
        "identity.person",
        "submission.answer",
        "submission.add_file",
        "submission.bid",
        "submission.check_bid",
        "submission.confirm_bid",
        "submission.opening",
        "submission.pqq",
        "submission.pqq_check",
        "submission.pqq_funding",
        "submission.pqq_lots",
        "submission.pqq_part",
        "submission.pqq_submitted",
        "submission.price",
        "submission.submitted_bid",
    ),
    "one form, whose fields or choices are its rows": (
        "award.change_scenario",
        "award.new_scenario",
        "competition.add_criterion",
        "competition.add_lot",
        "competition.change_criterion",
        "competition.change_lot",
        "competition.change_rules",
        "competition.change_timetable",
        "competition.extend",
        "competition.give_role",
        "competition.lots_file",
        "competition.weights",
        "submission.load_price_file",
    ),
    "the sign-ins of the demonstration, from a file": ("identity.sign_in",),
    "the task list of one competition: a line a task": ("competition.home",),
    _SAME_AS + "what goes out with the issue, on the published page": (
        "competition.issue_itn",
        "competition.issue_pqq",
    ),
    _SAME_AS + "the sheet, its marks and its consensus": (
        "evaluation.agree",
        "evaluation.submit_sheet",
    ),
    _SAME_AS + "the assignments": ("evaluation.assign_team",),
    _SAME_AS + "the award": ("award.announce", "award.decide", "award.recommend"),
    _SAME_AS + "the trails of competitions and organisations": (
        "identity.platform_trail",
        "identity.sealed_trail",
    ),
    _SAME_AS + "the requests for help of one competition": ("submission.help_queue",),
    "the circle of key holders: three people, or five": ("submission.opening_keys",),
    "a bidder's own few bids": ("award.own_result",),
    "one answer of the engine, kept as one document": (
        "award.alternatives",
        "award.rehearsal",
        "award.robustness",
        "award.scenario",
        "award.why",
        "award.why_lot",
    ),
    "at most four scenarios beside the award": ("award.compare_scenarios",),
    "the rules of one competition, in words": ("competition.award_rules",),
    "an organisation's own ties, each with its other end": ("identity.ties",),
    "what every competition publishes at its deadline: one root, and one row a lot": (
        "submission.closing",
    ),
}


def rows_in(template: str, seen: set[str]) -> bool:
    """Whether a template, or one that it extends or includes, goes through rows."""
    path = TEMPLATES / template
    if template in seen or template.startswith("layouts/") or not path.exists():
        return False
    seen.add(template)
    text = path.read_text(encoding="utf-8")
    return bool(SHOWS_ROWS.search(text)) or any(rows_in(each, seen) for each in NEXT.findall(text))


def templates_of(app, endpoint):
    """What a view renders, itself or by the functions of its module that it calls."""
    view = inspect.unwrap(app.view_functions[endpoint])
    module = inspect.getmodule(view)
    texts, waiting, seen = [], [view], set()
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        text = inspect.getsource(function)
        texts.append(text)
        for name in re.findall(r"\b(\w+)\(", text):
            called = getattr(module, name, None)
            if inspect.isfunction(called) and inspect.getmodule(called) is module:
                waiting.append(called)
    whole, context = "\n".join(texts), endpoint.partition(".")[0]
    return {
        *re.findall(r'"([\w/]+\.html)"', whole),
        *(f"{context}/{name}.html" for name in re.findall(r'\b_?shown\(\s*"(\w+)"', whole)),
    }


@pytest.fixture
def listing(app):
    """The endpoints whose pages show rows."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
        and rule.endpoint != "static"
        and any(rows_in(name, set()) for name in templates_of(app, rule.endpoint))
    }


def test_every_page_with_rows_is_tried_or_excused(listing):
    excused = [endpoint for endpoints in NOT_TRIED.values() for endpoint in endpoints]

    assert len(excused) == len(set(excused))
    assert sorted(listing - TRIED - set(excused)) == [], "try it, or say why it need not be"
    assert sorted(set(excused) & TRIED) == []
    assert sorted(set(excused) - listing) == [], "it shows no rows any more"
    assert sorted(TRIED - listing) == []


def test_the_pages_with_rows_are_found(listing):
    assert {"dashboard.home", "submission.late_bids", "competition.trail"} <= listing
    assert len(listing) > 60
