"""The closing: one published root that fixes every bid received, and says nothing of their number.

At the deadline each receipt that counts becomes a leaf of a Merkle tree (RFC 6962, section 2.1).
The tree has 1,024 leaves, or the next power of two where more bids could have come, so that it
tells neither their number nor how many were shortlisted; the rest are padding that only the seed
tells from receipts. The leaves stand in the order of
their hashes, so that no place in the tree means anything. At the quality opening the seed and the
number are published, and anybody counts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

KIND: Final = "proof that a bid was received"
SMALLEST: Final = 1024
_LEAF, _NODE = b"\0", b"\1"


@dataclass(frozen=True, slots=True)
class Closing:
    """The tree of a round: its root, its leaves' hashes in order, and the seed of the padding.

    Hashes are 64 hexadecimal digits. `count` is how many leaves are receipts; like the seed, it is
    shown to nobody before the quality opening.
    """

    root: str
    leaves: tuple[str, ...]
    seed: bytes = field(repr=False)
    count: int = field(repr=False)

    @property
    def capacity(self) -> int:
        """The number of leaves, a power of two."""
        return len(self.leaves)


def capacity_for(most: int) -> int:
    """The leaves of a tree for at most so many bids: 1,024, or the next power of two above that."""
    size = SMALLEST
    while size < most:
        size *= 2
    return size


def close(receipts: Iterable[str], *, most: int, seed: bytes) -> Closing:
    """The tree over the SHA-256 of every receipt that counts, padded for `most` bids.

    `most` is how many bids could have come, known to everybody from the shortlist. Raises
    ValueError for more receipts than that, or for the same receipt twice.
    """
    held = list(receipts)
    if len(held) > most or len(set(held)) != len(held):
        raise ValueError("There are more receipts than bids that could have come.")
    capacity = capacity_for(most)
    padding = (padding_leaf(seed, place) for place in range(capacity - len(held)))
    leaves = tuple(sorted([*(receipt_leaf(one) for one in held), *padding]))
    return Closing(root_of(leaves), leaves, seed, len(held))


def receipt_leaf(receipt_sha256: str) -> str:
    """The leaf of a receipt."""
    return _leaf_hash(b"receipt" + bytes.fromhex(receipt_sha256))


def padding_leaf(seed: bytes, place: int) -> str:
    """A leaf that stands for no receipt; without the seed it looks like any other."""
    return _leaf_hash(b"padding" + hmac.digest(seed, place.to_bytes(8, "big"), "sha256"))


def counted(leaves: Sequence[str], *, seed: bytes) -> int:
    """How many leaves of a published tree are receipts, by the published seed.

    Raises ValueError where leaves that the seed makes are missing between others that it makes.
    """
    held = set(leaves)
    number = 0
    while padding_leaf(seed, number) in held:
        number += 1
    if any(padding_leaf(seed, place) in held for place in range(number, len(leaves))):
        raise ValueError("The padding has a gap.")
    return len(leaves) - number


def root_of(leaves: Sequence[str]) -> str:
    """The root over leaves' hashes, whose number is a power of two."""
    level = [bytes.fromhex(leaf) for leaf in leaves]
    if not level or len(level) & (len(level) - 1):
        raise ValueError("The number of leaves is a power of two.")
    while len(level) > 1:
        level = [_node(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0].hex()


def proof(closing: Closing, receipt_sha256: str) -> dict[str, Any]:
    """What a bidder needs to show that its receipt was counted; KeyError for one that was not."""
    leaf = receipt_leaf(receipt_sha256)
    if leaf not in closing.leaves:
        raise KeyError(receipt_sha256)
    place = closing.leaves.index(leaf)
    level = [bytes.fromhex(one) for one in closing.leaves]
    path, at = [], place
    while len(level) > 1:
        path.append(level[at ^ 1].hex())
        level = [_node(level[one], level[one + 1]) for one in range(0, len(level), 2)]
        at //= 2
    return {
        "kind": KIND,
        "receipt_sha256": receipt_sha256,
        "leaves": closing.capacity,
        "place": place,
        "path": path,
        "root": closing.root,
    }


def problems(stated: Mapping[str, Any], *, receipt_sha256: str, root: str) -> list[str]:
    """Why a proof does not show this receipt under this published root; empty when it does."""
    if stated.get("kind") != KIND:
        return ["This is not a proof that a bid was received."]
    if stated.get("receipt_sha256") != receipt_sha256:
        return ["The proof is of another receipt."]
    try:
        place, path = int(stated["place"]), [bytes.fromhex(one) for one in stated["path"]]
        reached = bytes.fromhex(receipt_leaf(receipt_sha256))
        if not 0 <= place < 1 << len(path) or stated["leaves"] != 1 << len(path):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        return ["The proof has not the shape of one."]
    for beside in path:
        reached = _node(beside, reached) if place & 1 else _node(reached, beside)
        place >>= 1
    if reached.hex() != root.lower():
        return ["The receipt is not under the root that was published."]
    return []


def _leaf_hash(content: bytes) -> str:
    return hashlib.sha256(_LEAF + content).hexdigest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
