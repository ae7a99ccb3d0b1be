"""Working days: the days that statutory periods count.

A working day is not a Saturday, a Sunday or a bank holiday in any part of the United Kingdom
(Procurement Act 2023, section 123), so that a holiday kept in Scotland or in Northern Ireland alone
lengthens an English standstill too.
"""

from __future__ import annotations

from datetime import date, timedelta

from commissioning.kernel.bank_holidays import BANK_HOLIDAYS, FIRST_YEAR, LAST_YEAR
from commissioning.kernel.errors import DomainError

_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarUnknown(DomainError, ValueError):
    """The bank holidays of that year are not in the table, so no working day can be counted."""


def is_working_day(day: date) -> bool:
    """A working day is no Saturday, Sunday or bank holiday in any part of the United Kingdom.

    Raises CalendarUnknown outside the years of the table, because a guess could end a standstill
    too early.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CalendarUnknown(
            f"The bank holidays of {day.year} are not in the table, which holds {FIRST_YEAR} to "
            f"{LAST_YEAR}. Choose a date in those years, or ask the operator to add the year."
        )
    return day.weekday() < _SATURDAY and day not in BANK_HOLIDAYS


def next_working_day(day: date) -> date:
    """The day itself where it is a working day, else the first working day after it."""
    while not is_working_day(day):
        day += _DAY
    return day


def nth_working_day(first: date, count: int) -> date:
    """The last day of a period of `count` working days that begins with `first`.

    A first day that is no working day is not counted. `count` is 1 or more; ValueError otherwise.
    """
    if count < 1:
        raise ValueError("A period has at least one working day.")
    day = next_working_day(first)
    for _ in range(count - 1):
        day = next_working_day(day + _DAY)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie from `first` to `last`, both included; 0 where last is earlier."""
    span = (last - first).days + 1
    return sum(is_working_day(first + offset * _DAY) for offset in range(max(span, 0)))
