"""The price of a bid: yearly fixed fees, published adjustments, and the one figure they make.

The evaluated price is the net present value of the fees at the published real rate, plus the
adjustments, rounded once, at the end, to the penny. Ranking and award use that integer and nothing
finer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from commissioning.kernel.errors import DomainError
from commissioning.kernel.money import Money

MAX_PENCE: Final = 10**15
"""Ten million million pounds: more is a slip of the keyboard."""

# A yearly fee that is so many times the lot's annual value, or so small a part of it, was typed in
# another unit: pence are a hundredfold, thousands a thousandth, millions a millionth.
_TOO_MANY_TIMES: Final = 30
_THOUSANDTH_BELOW: Final = Fraction(1, 100)
_MILLIONTH_BELOW: Final = Fraction(1, 30_000)


class BadPrice(DomainError, ValueError):
    """The price schedule does not make a price that can be evaluated."""


@dataclass(frozen=True, slots=True)
class PriceSchedule:
    """What a bidder asks for one lot: a fixed fee for each year, and adjustments, in pence.

    An adjustment may be negative; it is not discounted.
    """

    fees_pence: tuple[int, ...]
    adjustments_pence: int = 0


@dataclass(frozen=True, slots=True)
class PriceProblem:
    """Why a schedule cannot be submitted: the place ("fees.3", "adjustments"), and a sentence."""

    where: str
    sentence: str


def evaluated_price_pence(
    fees_pence: Sequence[int], adjustments_pence: int, discount_rate: Decimal
) -> int:
    """The evaluated price of a bid, in pence: the net present value of its fees, plus adjustments.

    round_half_even(sum of fee_k / (1 + r)^(k - 1) + adjustments) over the years k = 1, 2, ...; the
    adjustments are not discounted. Computed in exact rationals and rounded to the penny once, at
    the end. `discount_rate` is the published yearly rate, 0.035 for 3.5 %. Raises BadPrice where
    the price is not above 0, and ValueError on amounts that are no whole pence or a rate of -1 or
    less.
    """
    if not all(_is_whole(pence) for pence in (*fees_pence, adjustments_pence)):
        raise ValueError("Fees and adjustments are whole pence.")
    if not discount_rate.is_finite() or discount_rate <= -1:
        raise ValueError("A discount rate is a number above -1, such as 0.035.")
    growth = 1 + Fraction(discount_rate)
    present_value = sum(
        (fee / growth**year for year, fee in enumerate(fees_pence)), Fraction(adjustments_pence)
    )
    price = round(present_value)  # half to even, as Python rounds a Fraction
    if price <= 0:
        raise BadPrice(
            f"The evaluated price is {Money(price)}; it must be above £0. Check the fees and the "
            "adjustments."
        )
    return price


def schedule_problems(
    fees_pence: Sequence[int | None],
    adjustments_pence: int | None,
    *,
    years: int,
    discount_rate: Decimal,
    annual_value_pence: int | None = None,
) -> list[PriceProblem]:
    """Everything that keeps a price schedule from being submitted, each at its place.

    One fee for each year, in whole pence, above 0; None is a fee that is not filled in. Where the
    lot's indicative annual value is given, a fee in the wrong unit is recognised. The evaluated
    price must be above 0.
    """
    if len(fees_pence) != years:
        sentence = f"The schedule has {len(fees_pence)} yearly fees; {years} are needed."
        return [PriceProblem("fees", sentence)]
    found = [
        PriceProblem(f"fees.{year}", fault)
        for year, fee in enumerate(fees_pence, start=1)
        if (fault := _fee_fault(year, fee, annual_value_pence))
    ]
    adjustments = 0 if adjustments_pence is None else adjustments_pence
    if not _is_whole(adjustments) or abs(adjustments) > MAX_PENCE:
        found.append(
            PriceProblem("adjustments", "The adjustments must be an amount in pounds and pence.")
        )
    if found:
        return found
    try:
        evaluated_price_pence(
            [fee for fee in fees_pence if fee is not None], adjustments, discount_rate
        )
    except BadPrice as refusal:
        return [PriceProblem("adjustments", refusal.sentence)]
    return []


def _fee_fault(year: int, fee: int | None, annual_value_pence: int | None) -> str | None:
    if fee is None:
        return f"Enter the fee for year {year}."
    if not _is_whole(fee):
        return f"The fee for year {year} must be an amount in pounds and pence."
    if fee <= 0:
        return f"The fee for year {year} must be above £0."
    if fee > MAX_PENCE:
        return f"The fee for year {year} is too large to be meant. Check its unit."
    if not annual_value_pence:
        return None
    unit = _suspected_unit(Fraction(fee, annual_value_pence))
    if unit is None:
        return None
    return (
        f"The fee for year {year} is {Money(fee)}, and the lot is worth about "
        f"{Money(annual_value_pence)} a year: it looks like it is in {unit}. Enter it in pounds."
    )


def _suspected_unit(ratio: Fraction) -> str | None:
    if ratio > _TOO_MANY_TIMES:
        return "pence"
    if ratio < _MILLIONTH_BELOW:
        return "millions"
    if ratio < _THOUSANDTH_BELOW:
        return "thousands"
    return None


def _is_whole(amount: object) -> bool:
    return isinstance(amount, int) and not isinstance(amount, bool)
