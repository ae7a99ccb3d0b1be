"""Bidders who submit over and over, and never believe anything but a receipt."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode
from uuid import uuid4

RECEIPT = re.compile(r"/receipts/([A-Z0-9-]+)$")
PATIENCE_SECONDS = 90


@dataclass
class Bidder:
    """One signed-in signatory: where the bid is sent, with which cookie and which hidden fields."""

    reference: str
    bid: str
    path: str
    cookie: str
    hidden: dict[str, str]
    acknowledged: list[tuple[str, str]] = field(default_factory=list)  # key, receipt


class Client:
    """Sends submissions; whatever fails is sent again under the same key, until a receipt comes."""

    def __init__(self, port: int, draw: Random) -> None:
        self._port = port
        self._draw = draw
        self.counts: Counter[str] = Counter()
        self._guard = threading.Lock()

    def count(self, what: str) -> None:
        with self._guard:
            self.counts[what] += 1

    def submit(self, bidder: Bidder, *, key: str | None = None, kill_at: str | None = None) -> str:
        """Submit until it is acknowledged, and check that a retry gives the same receipt."""
        key = key or uuid4().hex
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            receipt = self.send(bidder, key, kill_at=kill_at)
            kill_at = None
            if receipt is not None:
                bidder.acknowledged.append((key, receipt))
                self.count("acknowledged")
                return receipt
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{bidder.reference} was never answered: {dict(self.counts)}")
            self.count("sent again")
            time.sleep(0.05)

    def send(
        self,
        bidder: Bidder,
        key: str,
        *,
        kill_at: str | None = None,
        hang_up: bool = False,
        **changes: str,
    ) -> str | None:
        """One request; the receipt it was answered with, or None for anything else."""
        body = urlencode({**bidder.hidden, "idempotency_key": key, **changes})
        headers = {
            "Cookie": bidder.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Connection": "close",
        }
        if kill_at:
            headers["X-Kill-At"] = kill_at
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("POST", bidder.path, body, headers)
            if hang_up:
                self.count("hung up")
                return None
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.count("broken")
            return None
        finally:
            connection.close()
        found = RECEIPT.search(answer.headers.get("Location") or "")
        if answer.status == 303 and found:
            return found[1]
        self.count(f"answered {answer.status}")
        return None

    def misbehave(self, bidder: Bidder) -> None:
        """Hang up, click twice at once, send an old key again, or an old key with other content."""
        act = self._draw.choice(["hang up", "double click", "old key", "other content"])
        if act == "hang up":
            key = uuid4().hex
            self.send(bidder, key, hang_up=True)
            self.submit(bidder, key=key)
        elif act == "double click":
            self._double_click(bidder)
        elif bidder.acknowledged:
            key, receipt = self._draw.choice(bidder.acknowledged)
            if act == "old key":
                again = self.send(bidder, key)
                assert again in {receipt, None}, f"another receipt for one key: {receipt}, {again}"
            else:
                other = self.send(bidder, key, checked_price="0" * 64)
                assert other is None, f"other content was taken under the key of {receipt}"
            self.count(act)

    def _double_click(self, bidder: Bidder) -> None:
        key, found = uuid4().hex, []
        clicks = [
            threading.Thread(target=lambda: found.append(self.send(bidder, key))) for _ in range(2)
        ]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        receipts = {one for one in found if one}
        assert len(receipts) < 2, f"one click was counted twice: {receipts}"
        self.count("double click")
        again = self.submit(bidder, key=key)
        assert receipts <= {again}, f"another receipt for one click: {receipts}, {again}"
