"""Following every link that somebody is shown, as a browser without scripts would."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient

_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')


def links_of(page: str, address: str) -> list[str]:
    """The addresses on this site to which a page leads, each once, without their fragments."""
    found: dict[str, None] = {}
    for href in _LINK.findall(page):
        target = urlsplit(urljoin(address, html.unescape(href)))
        if target.scheme in {"", "http"} and target.netloc in {"", "localhost"} and target.path:
            query = f"?{target.query}" if target.query else ""
            found.setdefault(f"{target.path}{query}")
    return list(found)


def dead_links(client: FlaskClient, starts: Iterable[str], *, depth: int) -> set[tuple[str, str]]:
    """Every (page, link) whose link answers with an error, to so many links from the starts.

    A list that can be sorted or paged is followed to its first order only: its address without the
    question mark is visited already.
    """
    seen: set[str] = set()
    dead: set[tuple[str, str]] = set()
    waiting = [("", start) for start in starts]
    for _step in range(depth + 1):
        ahead: list[tuple[str, str]] = []
        for source, address in waiting:
            path = urlsplit(address).path
            if path in seen:
                continue
            seen.add(path)
            answer = client.get(address, follow_redirects=True)
            if answer.status_code >= 400:
                if source:
                    dead.add((source, f"{path} {answer.status_code}"))
                continue
            if answer.mimetype == "text/html":
                text = answer.get_data(as_text=True)
                ahead += [(path, link) for link in links_of(text, answer.request.path)]
            answer.close()
        waiting = ahead
    return dead
