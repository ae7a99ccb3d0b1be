"""Every page says who may enter, and has an address that people can read."""

from __future__ import annotations

import re

import pytest
from werkzeug.routing import IntegerConverter

from commissioning.permissions import Permission

KEBAB = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
TYPED = re.compile(r"<(?:string|int|uuid|path):[a-z_]+>")


def example_for(converter):
    """What may stand in an address where a converter waits, and names nothing that there is."""
    return 1 if isinstance(converter, IntegerConverter) else "nothing-of-this-name"


def rules(app):
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def declared(app, rule):
    return getattr(app.view_functions[rule.endpoint], "declared_access", None)


def test_every_route_declares_who_may_enter(app):
    assert [rule.rule for rule in rules(app) if declared(app, rule) is None] == []


def test_every_declared_permission_is_in_the_policy(app):
    for rule in rules(app):
        for permission in declared(app, rule).permissions:
            assert isinstance(permission, Permission), rule.rule


def test_addresses_are_kebab_case_and_parameters_are_typed(app):
    wrong = [
        rule.rule
        for rule in rules(app)
        for part in rule.rule.strip("/").split("/")
        if part and not KEBAB.fullmatch(part) and not TYPED.fullmatch(part)
    ]

    assert wrong == []


def test_no_form_is_excused_from_its_token(app):
    csrf = app.extensions["csrf"]

    assert (csrf._exempt_views, csrf._exempt_blueprints) == (set(), set())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_enters_a_closed_page_without_signing_in(app, client, method):
    let_in = []
    for rule in rules(app):
        if declared(app, rule).kind == "public" or method not in rule.methods:
            continue
        values = {name: example_for(converter) for name, converter in rule._converters.items()}
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **values)
        answer = client.open(address, method=method)
        sent_to_sign_in = answer.status_code in {302, 303} and "sign-in" in answer.location
        if not (sent_to_sign_in or answer.status_code in {400, 403, 404}):
            let_in.append((address, answer.status_code))

    assert let_in == []
