"""Two worlds that differ in one secret, and what an observer can tell of it.

An observer reads every page that links lead to, every address that somebody could guess, every
letter to them, and every download among these. Two readings are compared byte by byte after the
few things are taken out that are fresh in any reading.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from itertools import product

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from commissioning.infrastructure.database import db
from commissioning.infrastructure.outbox import OutboxMessage
from tests.support.crawling import links_of
from tests.support.pages import page_token

Answer = tuple[int, tuple[str, ...], bytes]
"""Status, headers, body."""

Reading = dict[str, Answer]
"""By address."""

_ACTION = re.compile(r'<form\b[^>]*?\baction="(/[^"#]*)')
_NEVER = ("/static/", "/sign-out")
_MOST_PAGES, _MOST_ORDERS = 400, 3
_WRITTEN = "docProps/core.xml"

FRESH = (
    (re.compile(rb'(name="csrf_token"[^>]*? value=")[^"]+'), rb"\1TOKEN"),
    (re.compile(rb"(name=\"idempotency_key\"[^>]*? value=\")[^\"]+"), rb"\1KEY"),
    (re.compile(rb'(data-token=")[^"]+'), rb"\1TOKEN"),
    (re.compile(rb'(nonce=")[^"]+'), rb"\1NONCE"),
    (re.compile(rb"'nonce-[^']+'"), b"'nonce-NONCE'"),
    (re.compile(rb'("seconds":")[0-9.]+"'), rb'\1SECONDS"'),  # how long a solver took
    # A digest commits to content and a random salt: it differs where nothing else does. How many
    # there are is not taken out. A page breaks them into groups.
    (re.compile(rb"\b[0-9a-f]{64}\b"), b"DIGEST"),
    (re.compile(rb"\b[0-9a-f]{128}\b"), b"SIGNATURE"),
    (re.compile(rb'("salt":")[0-9a-f]{32}"'), rb'\1SALT"'),
    (re.compile(rb'("place": )[0-9]+'), rb"\1PLACE"),  # among the leaves, by digest
    (re.compile(rb'(title="DIGEST">)[0-9a-f]{12}<'), rb"\1DIGEST<"),
    (re.compile(rb"\b(?:[0-9a-f]{8}(?:<wbr>| )){7}[0-9a-f]{8}\b"), b"DIGEST"),
)
"""All that is taken out before two readings are compared."""

_HAS_LENGTH_BY_CHANCE = re.compile(rb'"place": |"seconds":|\APK')
"""A place among the leaves has one digit or two, so has a time, and a compressed digest is as long
as it may be; everything else that is taken out has one length, so that the length of an answer must
be equal."""


def reading_of(
    app: Flask, client: FlaskClient, known: dict[str, Iterable[str]], names: dict[str, str]
) -> Reading:
    """What one observer is answered, from the front page on and at every address made of `known`.

    `names` are references that were made at random in this world, and the words that stand for
    them in a comparison.
    """
    waiting = ["/", "/dashboard", *guesses(app, known)]
    seen: Reading = {}
    asked = set()
    orders: dict[str, set[str]] = {}
    while waiting:
        address = waiting.pop(0)
        if address in asked or address.startswith(_NEVER):
            continue
        asked.add(address)
        assert len(asked) <= _MOST_PAGES, "an observer never comes to an end"
        answer = client.get(address)
        seen[_named(address.encode(), names).decode()] = answer_of(answer, names)
        if answer.mimetype == "text/html":
            page = answer.get_data(as_text=True)
            found = links_of(page, answer.request.path)
            waiting += [link for link in found if _is_new_order(link, orders)]
            waiting += [html.unescape(action) for action in _ACTION.findall(page)]
        if answer.status_code in {301, 302, 303, 308} and answer.location.startswith("/"):
            waiting.append(answer.location)
    return seen


def _is_new_order(link: str, orders: dict[str, set[str]]) -> bool:
    """Whether to follow a link: of the orders of a list, which may be hundreds, a few are read."""
    path, _, query = link.partition("?")
    if "sort=" not in query:
        return True
    read = orders.setdefault(path, set())
    if len(read) < _MOST_ORDERS:
        read.add(query)
    return query in read


def answer_of(answer: TestResponse, names: dict[str, str]) -> Answer:
    """One answer as it is compared: status, headers, body."""
    headers = sorted(
        _named(f"{name}: {value}".encode(), names).decode()
        for name, value in answer.headers
        if name not in {"Set-Cookie", "Date"}
        and not (name == "Content-Length" and _HAS_LENGTH_BY_CHANCE.search(answer.data))
    )
    return answer.status_code, tuple(headers), _named(_unzipped(answer.data), names)


def posted_by(
    client: FlaskClient,
    addresses: Iterable[str],
    form: str,
    names: Callable[[], dict[str, str]],
) -> Reading:
    """What one observer is answered who sends an empty form, with a good token, to each address.

    `form` is a page of theirs with a form, from which the token is taken; `names` is asked for
    after everything is sent, since what is not refused may make something new.
    """
    token = page_token(client, form)
    answers = {address: client.post(address, data={"csrf_token": token}) for address in addresses}
    known = names()
    return {
        _named(address.encode(), known).decode(): answer_of(answer, known)
        for address, answer in answers.items()
    }


def guesses(app: Flask, known: dict[str, Iterable[str]], method: str = "GET") -> list[str]:
    """Every address of one bid or of what belongs to it, with references that one may know.

    Everything else is reached by links. What `reference` refers to is said by the first part of an
    address, such as competitions.
    """
    telling = {"lot", "leaf", "bid", "file", "receipt", "criterion"}
    found = set()
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        names = sorted(rule.arguments)
        kinds = [rule.rule.split("/")[1] if name == "reference" else name for name in names]
        if method in rule.methods and telling & set(names) and known.keys() >= set(kinds):
            found |= {
                addresses.build(rule.endpoint, dict(zip(names, chosen, strict=True)))
                for chosen in product(*(known[kind] for kind in kinds))
            }
    return sorted(found)


def letters() -> list[tuple[str, str, str]]:
    """Every letter that was written, by recipient."""
    rows = db.session.execute(
        select(OutboxMessage.recipient, OutboxMessage.subject, OutboxMessage.body)
    )
    return sorted(tuple(row) for row in rows)


def differing(one: Reading, other: Reading) -> dict[str, str]:
    """The addresses at which two readings differ, and where first."""
    found = {}
    for address in sorted(one.keys() | other.keys()):
        if address not in one or address not in other:
            found[address] = "is linked in one world only"
        elif one[address] != other[address]:
            found[address] = _first_difference(one[address], other[address])
    return found


def _first_difference(one, other) -> str:
    if one[:2] != other[:2]:
        return f"{one[:2]} or {other[:2]}"
    place = next(
        (at for at, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b),
        min(len(one[2]), len(other[2])),
    )
    around = slice(max(0, place - 60), place + 60)
    return f"{one[2][around]!r} or {other[2][around]!r}"


def _unzipped(content: bytes) -> bytes:
    """The parts of a workbook but for the moment at which it was written, else the bytes."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist() if name != _WRITTEN)


def _named(content: bytes, names: dict[str, str]) -> bytes:
    for reference, name in names.items():
        content = content.replace(reference.encode(), name.encode())
    for pattern, instead in FRESH:
        content = pattern.sub(instead, content)
    return content
