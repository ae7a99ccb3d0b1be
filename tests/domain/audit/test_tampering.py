"""Whoever can write the whole database still leaves traces: every forgery is found.

`TAMPERING_TRIALS` sets how many forgeries are tried; 100 000 of them take about 20 seconds.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, replace
from random import Random

import pytest

from commissioning.audit.domain.chain import GENESIS, Link, breaks, link_hash
from tests.domain.audit.test_chain import heads_of, make_chain

TRIALS = int(os.environ.get("TAMPERING_TRIALS", "100000"))
LENGTH = 8
WHOLE = tuple(make_chain(LENGTH))
HEADS = heads_of(list(WHOLE))
OTHER = tuple(make_chain(LENGTH, stream="competition:OTHER"))


def rehashed(links, start=0):
    """The chain computed anew from a position on, as somebody with full write access would."""
    made = list(links[:start])
    for link in links[start:]:
        written = asdict(link) | {
            "position": len(made) + 1,
            "previous_hash": made[-1].hash if made else GENESIS,
        }
        del written["hash"]
        made.append(Link(**written, hash=link_hash(**written)))
    return made


def changed(draw, text):
    """A text that differs in one sign."""
    at = draw.randrange(len(text))
    sign = draw.choice([one for one in "0123456789abcdefXYZ" if one != text[at]])
    return text[:at] + sign + text[at + 1 :]


def edit(draw, links):
    at = draw.randrange(LENGTH)
    names = ("stream", "at", "actor", "event", "subject_type", "subject", "previous_hash", "hash")
    name = draw.choice(names)
    links[at] = replace(links[at], **{name: changed(draw, getattr(links[at], name))})
    return links


def edit_content(draw, links):
    at = draw.randrange(LENGTH)
    content = {**links[at].changes}
    content[draw.choice(["sha256", "more"])] = draw.choice(["x", None, 1, [], "0" * 64])
    links[at] = replace(links[at], changes=content)
    return links


def renumber(draw, links):
    at = draw.randrange(LENGTH)
    links[at] = replace(links[at], position=links[at].position + draw.choice([-1, 1, 100]))
    return links


def drop(draw, links):
    del links[draw.randrange(LENGTH)]
    return links


def swap(draw, links):
    one, other = draw.sample(range(LENGTH), 2)
    links[one], links[other] = links[other], links[one]
    return links


def repeat(draw, links):
    links.insert(draw.randrange(LENGTH + 1), draw.choice(links))
    return links


def cut(draw, links):
    return links[: draw.randrange(LENGTH)]


def graft(draw, links):
    at = draw.randrange(LENGTH)
    links[at] = replace(OTHER[at], stream=links[at].stream)
    return links


def forge(draw, links):
    """An edit, and every hash after it computed anew: only a head held outside shows it."""
    at = draw.randrange(LENGTH)
    links[at] = replace(links[at], subject=changed(draw, links[at].subject))
    return rehashed(links, at)


def forge_a_shorter_past(draw, links):
    del links[draw.randrange(LENGTH)]
    return rehashed(links)


def forge_one_more(draw, links):
    links.insert(draw.randrange(LENGTH + 1), replace(draw.choice(links), actor="USR-2"))
    return rehashed(links)


FORGERIES = (
    edit,
    edit_content,
    renumber,
    drop,
    swap,
    repeat,
    cut,
    graft,
    forge,
    forge_a_shorter_past,
    forge_one_more,
)


def test_every_forgery_is_found():
    draw = Random("tampering")
    tried = Counter()
    for number in range(TRIALS):
        forgery = FORGERIES[number % len(FORGERIES)]
        links = forgery(draw, list(WHOLE))
        assert breaks(links, heads=HEADS), (number, forgery.__name__, links)
        tried[forgery.__name__] += 1
    assert len(tried) == len(FORGERIES)


@pytest.mark.parametrize("forgery", [forge, forge_a_shorter_past, forge_one_more])
def test_without_a_head_from_outside_a_forged_past_looks_whole(forgery):
    """Why heads are published, and why each bidder's receipt names the hash of its event."""
    forged = forgery(Random("alone"), list(WHOLE))
    assert breaks(forged) == []
    held_by_bidder = WHOLE[-1].hash
    assert held_by_bidder not in {link.hash for link in forged}
