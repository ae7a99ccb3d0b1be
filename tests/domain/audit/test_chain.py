"""The chain shows every change, gap, swap and cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.audit.domain.chain import GENESIS, Link, breaks, link_hash


def make_chain(length: int, stream: str = "competition:T") -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for position in range(1, length + 1):
        fields = {
            "stream": stream,
            "position": position,
            "at": "2014-06-30T11:00:00.000000Z",
            "actor": "USR-1",
            "event": "bid_submitted",
            "subject_type": "bid",
            "subject": f"BID-{position}",
            "changes": {"sha256": f"{position:064x}"},
            "previous_hash": previous,
        }
        digest = link_hash(**fields)
        links.append(Link(**fields, hash=digest))
        previous = digest
    return links


def heads_of(links: list[Link]) -> dict[str, tuple[int, str]]:
    return {link.stream: (link.position, link.hash) for link in links}


@given(st.integers(0, 12))
def test_a_whole_chain_has_no_break(length):
    links = make_chain(length)
    assert breaks(links, heads=heads_of(links)) == []


@given(st.data())
def test_every_single_tampering_is_found(data):
    links = make_chain(data.draw(st.integers(2, 10)))
    heads = heads_of(links)
    index = data.draw(st.integers(0, len(links) - 1))
    kind = data.draw(st.sampled_from(["edit", "drop", "swap", "insert", "cut"]))
    if kind == "edit":
        field = data.draw(st.sampled_from(["at", "actor", "event", "subject", "subject_type"]))
        links[index] = replace(links[index], **{field: "forged"})
    elif kind == "drop":
        del links[index]
    elif kind == "swap":
        other = (index + 1) % len(links)
        links[index], links[other] = links[other], links[index]
    elif kind == "insert":
        links.insert(index, links[index])
    else:
        links = links[:-1]
    assert breaks(links, heads=heads)


def test_changed_content_with_a_recomputed_hash_breaks_the_next_link():
    links = make_chain(3)
    fields = {key: value for key, value in links[0].to_dict().items() if key != "hash"}
    fields["actor"] = "USR-9"
    links[0] = Link(**fields, hash=link_hash(**fields))
    found = breaks(links)
    assert [item.position for item in found] == [2]


def test_streams_are_judged_apart():
    first, second = make_chain(3, "competition:A"), make_chain(3, "competition:B")
    mixed = [link for pair in zip(first, second, strict=True) for link in pair]
    assert breaks(mixed, heads=heads_of(mixed)) == []


def test_a_missing_stream_is_found_by_its_head():
    links = make_chain(2)
    found = breaks([], heads=heads_of(links))
    assert [item.stream for item in found] == ["competition:T"]


@pytest.mark.parametrize("value", [1.5, float("nan")])
def test_no_float_enters_the_chain(value):
    with pytest.raises((TypeError, ValueError)):
        link_hash(
            stream="s",
            position=1,
            at="",
            actor="",
            event="",
            subject_type="",
            subject="",
            changes={"price": value},
            previous_hash=GENESIS,
        )
