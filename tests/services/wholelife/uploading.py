"""Commands: files that come in pieces, files that are used again, and prices from a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from commissioning.kernel.csv_text import csv_text
from commissioning.submission import services
from tests.services.wholelife.bidding import MOST_FILES, _Bid
from tests.support import small_competition as small
from tests.support.price_files import rows

PIECE_BYTES = 40
MOST_UNDER_WAY = 8


@dataclass
class Upload:
    """A file under way: what was announced, and which pieces are there."""

    name: str
    content: bytes
    has: set[int] = field(default_factory=set)
    became: str = ""


def content_of(n):
    """A file of one, two or three pieces."""
    return f"CANARY-Q {n % 3} goes in pieces. ".encode() * (n % 3 * 2 + 1)


def pieces_of(content):
    return [content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES)]


def under_way(bid):
    return {ref: one for ref, one in bid.uploads.items() if not one.became} if bid else {}


class BeginUpload(_Bid):
    """Begun, begun again, and begun with another file of the same name."""

    name = "submission.uploads.begin_upload"

    def options(self, twin, n):
        for place in super().options(twin, n):
            for number in (n, n + 1):
                told = {**place, "file_name": f"CANARY-Q {n % 2}.txt", "number": number}
                for anew in (False, True):
                    yield {**told, "anew": anew, "is_sound": True}
            yield {**told, "anew": False, "is_sound": False}

    def may(self, twin, who, lot, bidder, file_name, number, anew, is_sound):
        if not super().may(twin, who, lot, bidder) or not is_sound:
            return False
        bid = twin.bids.get((lot, bidder))
        others = under_way(bid)
        named = [one for one in others.values() if one.name == file_name]
        if any(one.content == content_of(number) for one in named):
            return True
        has_room = bid is None or len(bid.files) < MOST_FILES
        return has_room and (anew or not named) and len(others) - len(named) < MOST_UNDER_WAY

    def call(self, world, actor, lot, bidder, file_name, number, anew, is_sound):
        content = content_of(number)
        digests = [hashlib.sha256(piece).hexdigest() for piece in pieces_of(content)]
        return services.begin_upload(
            actor,
            world.reference,
            lot,
            world.organisations[bidder],
            leaf="C1",
            file_name=file_name,
            media_type="text/plain",
            size=len(content),
            digests=digests if is_sound else digests[1:],
            anew=anew,
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, bidder, file_name, number, anew, is_sound):
        bid = self.begun(twin, lot, bidder, "")
        content, events = content_of(number), []
        for reference, one in under_way(bid).items():
            if one.name == file_name and one.content == content:
                assert (result.upload, set(result.has)) == (reference, one.has)
                return []
            if one.name == file_name:
                del bid.uploads[reference]
                events.append("bid_upload_discarded")
        bid.uploads[result.upload] = Upload(file_name, content)
        return [*events, "bid_upload_begun"]


class AddPiece(_Bid):
    """A piece in its place, in another's, and once more."""

    name = "submission.uploads.add_piece"

    def options(self, twin, n):
        for place in super().options(twin, n):
            bid = twin.bids.get((place["lot"], place["bidder"]))
            for reference, one in (bid.uploads if bid else {}).items():
                pieces = pieces_of(one.content)
                for number, piece in enumerate(pieces):
                    yield {**place, "upload": reference, "number": number, "content": piece}
                yield {**place, "upload": reference, "number": 0, "content": pieces[0][:-1]}
                last = len(pieces)
                yield {**place, "upload": reference, "number": last, "content": pieces[0]}
            yield {**place, "upload": "UPL-NONE", "number": 0, "content": b"CANARY-Q"}

    def may(self, twin, who, lot, bidder, upload, number, content):
        bid = twin.bids.get((lot, bidder))
        one = bid.uploads.get(upload) if bid else None
        if one is None or not super().may(twin, who, lot, bidder):
            return False
        pieces = pieces_of(one.content)
        if number >= len(pieces) or pieces[number] != content:
            return False
        is_last = one.has | {number} == set(range(len(pieces)))
        return bool(one.became) or not is_last or len(bid.files) < MOST_FILES

    def call(self, world, actor, lot, bidder, upload, number, content):
        return services.add_piece(
            actor,
            world.reference,
            lot,
            world.organisations[bidder],
            upload,
            number=number,
            content=content,
            clock=world.clock,
        )

    def then(self, twin, who, result, lot, bidder, upload, number, content):
        bid = twin.bids[lot, bidder]
        one = bid.uploads[upload]
        if one.became:
            assert result.became == one.became
            return []
        one.has.add(number)
        if len(one.has) < len(pieces_of(one.content)):
            assert set(result.has) == one.has
            return []
        one.became = result.entry.reference
        assert result.entry.sha256 == hashlib.sha256(one.content).hexdigest()
        bid.files[one.became] = "C1"
        bid.has_quality = True
        bid.version += 1
        return ["bid_file_added"]


class DiscardUpload(_Bid):
    name = "submission.uploads.discard_upload"
    service = services.discard_upload

    def options(self, twin, n):
        for place in super().options(twin, n):
            bid = twin.bids.get((place["lot"], place["bidder"]))
            for reference in (*(bid.uploads if bid else ()), "UPL-NONE"):
                yield {**place, "upload": reference}

    def may(self, twin, who, lot, bidder, upload):
        bid = twin.bids.get((lot, bidder))
        return super().may(twin, who, lot, bidder) and upload in under_way(bid)

    def then(self, twin, who, result, lot, bidder, upload):
        del twin.bids[lot, bidder].uploads[upload]
        return ["bid_upload_discarded"]


class UseLoadedFile(_Bid):
    """A file of any of the bidder's own bids, for an answer of this one."""

    name = "submission.loaded.use_loaded_file"
    service = services.use_loaded_file

    def options(self, twin, n):
        for place in super().options(twin, n):
            known = [file for bidder in small.BIDDERS for file in self.loaded(twin, bidder)]
            for file in (*known, "FIL-NONE"):
                yield {**place, "leaf": "C1", "file": file}
                yield {**place, "leaf": "C9", "file": file}

    def loaded(self, twin, bidder):
        """The files that the drafts of a bidder name, or what counts as submitted."""
        found = set()
        for (_lot, whose), bid in twin.bids.items():
            if whose == bidder:
                counts = bid.submitted_files if bid.status == "submitted" else ()
                found |= {*bid.files, *counts}
        return sorted(found)

    def may(self, twin, who, lot, bidder, leaf, file):
        bid = twin.bids.get((lot, bidder))
        return (
            super().may(twin, who, lot, bidder)
            and leaf == "C1"
            and file in self.loaded(twin, bidder)
            and (bid is None or len(bid.files) < MOST_FILES)
        )

    def then(self, twin, who, result, lot, bidder, leaf, file):
        bid = self.begun(twin, lot, bidder, "")
        bid.files[result.reference] = leaf
        bid.has_quality = True
        bid.version += 1
        return ["bid_file_added"]


class PreviewPriceFile(_Bid):
    """Whole or not, it is looked at, and nothing changes."""

    name = "submission.price_file.preview_price_file"

    def options(self, twin, n):
        years = small.PRICE_YEARS + n % 2
        table = csv_text(rows(years=years, fee=str(n * 10**4))).encode()
        for place in super().options(twin, n):
            yield {**place, "content": table}
            yield {**place, "content": b"CANARY-P"}

    def call(self, world, actor, lot, bidder, content):
        return services.preview_price_file(
            actor, world.reference, lot, world.organisations[bidder], content, clock=world.clock
        )

    def then(self, twin, who, result, lot, bidder, content):
        assert (result.schedule is None) == bool(result.problems)
        return []
