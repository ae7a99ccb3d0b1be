"""Lists that are sorted, paged and filtered on the server, by the address alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request, url_for

T = TypeVar("T")
DEFAULT_PER_PAGE = 25
_FURTHEST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a sort, its direction, and a page.

    `prefix` tells two lists on one page apart ("bids-page" beside "page").
    """

    sort: str
    descending: bool
    page: int
    per_page: int = DEFAULT_PER_PAGE
    sorts: tuple[str, ...] = ()
    prefix: str = ""

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.per_page

    @property
    def limit(self) -> int:
        """How many rows a page has."""
        return self.per_page


def asked(
    sorts: Collection[str], default: str, *, per_page: int = DEFAULT_PER_PAGE, prefix: str = ""
) -> Asked:
    """Read the address; whatever is not offered counts as the default ("-name" descends)."""
    wanted = request.args.get(f"{prefix}sort", default)
    if wanted.removeprefix("-") not in sorts:
        wanted = default
    page = request.args.get(f"{prefix}page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) <= 6 else 1
    return Asked(
        sort=wanted.removeprefix("-"),
        descending=wanted.startswith("-"),
        page=min(max(number, 1), _FURTHEST_PAGE),
        per_page=per_page,
        sorts=tuple(sorts),
        prefix=prefix,
    )


@dataclass(frozen=True, slots=True)
class PageLink:
    """A step of the pager: a page number and its address, or a gap."""

    number: int | None
    href: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page of rows, and how to get to the others."""

    asked: Asked
    rows: Sequence[T]
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one for an empty list."""
        return max(1, -(-self.total // self.asked.per_page))

    @property
    def first(self) -> int:
        """The number of the first row shown, from 1; 0 for none."""
        return self.asked.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.asked.offset + len(self.rows)

    def _address(self, **changed: str | int) -> str:
        prefix = self.asked.prefix
        # Apart from `url_for`, which reads some names as orders, such as another scheme.
        kept = {name: value for name, value in request.args.items() if not name.startswith("_")}
        kept.update({f"{prefix}{name}": str(value) for name, value in changed.items()})
        here = url_for(request.endpoint or "", **(request.view_args or {}))
        return f"{here}?{urlencode(kept)}"

    def sort_href(self, key: str) -> str:
        """The address of the list by `key`; descending when it already ascends by it."""
        descends = self.asked.sort == key and not self.asked.descending
        return self._address(sort=f"-{key}" if descends else key, page=1)

    def sort_state(self, key: str) -> str:
        """How the list stands by `key`, as `aria-sort` says it."""
        if self.asked.sort != key:
            return "none"
        return "descending" if self.asked.descending else "ascending"

    def page_href(self, number: int) -> str:
        """The address of a page."""
        return self._address(page=number)

    @property
    def previous_href(self) -> str | None:
        """The address of the page before, if there is one."""
        page = min(self.asked.page, self.pages + 1)
        return self.page_href(page - 1) if page > 1 else None

    @property
    def next_href(self) -> str | None:
        """The address of the page after, if there is one."""
        return self.page_href(self.asked.page + 1) if self.asked.page < self.pages else None

    @property
    def steps(self) -> list[PageLink]:
        """First, last, and those around the present page, with gaps between."""
        near = {1, self.pages, *range(self.asked.page - 1, self.asked.page + 2)}
        numbers = sorted(number for number in near if 1 <= number <= self.pages)
        links: list[PageLink] = []
        for before, number in zip([0, *numbers], numbers, strict=False):
            if number > before + 1:
                links.append(PageLink(None))
            links.append(PageLink(number, self.page_href(number), number == self.asked.page))
        return links


def of(
    rows: Sequence[T],
    *,
    sorts: Mapping[str, Callable[[T], Any]],
    default: str,
    per_page: int = DEFAULT_PER_PAGE,
    prefix: str = "",
) -> Listing[T]:
    """Sort and page rows that are already at hand, as the address asks.

    The order is stable: rows that are alike by the sort keep the order they came in.
    """
    wanted = asked(sorts.keys(), default, per_page=per_page, prefix=prefix)
    ordered = sorted(rows, key=sorts[wanted.sort], reverse=wanted.descending)
    return Listing(wanted, ordered[wanted.offset : wanted.offset + wanted.limit], len(rows))


def filters_asked(*names: str) -> dict[str, str]:
    """The filters that the address sets, trimmed; those left empty are left out."""
    values = {name: request.args.get(name, "").replace("\0", "").strip()[:200] for name in names}
    return {name: value for name, value in values.items() if value}
