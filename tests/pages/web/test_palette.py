from __future__ import annotations

import itertools

import pytest

from commissioning.web import palette


def test_there_are_24_colours_and_no_two_alike():
    assert len({swatch.fill for swatch in palette.SWATCHES}) == 24


@pytest.mark.parametrize("swatch", [*palette.SWATCHES, palette.NEUTRAL], ids=lambda s: s.fill)
def test_ink_can_be_read_on_its_fill(swatch):
    assert palette.contrast(swatch.fill, swatch.ink) >= 4.5


def test_neighbours_in_the_order_differ_in_brightness():
    for one, other in itertools.pairwise(palette.SWATCHES):
        assert palette.contrast(one.fill, other.fill) >= 2


def test_contrast_is_that_of_the_guidelines():
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


def test_more_than_24_begin_again():
    assert palette.swatch(24) == palette.swatch(0)
    assert palette.swatch(None) == palette.NEUTRAL


@pytest.mark.parametrize(
    ("value", "maximum", "width"),
    [(0, 10, "0"), (5, 10, "50.0"), (10, 10, "100.0"), (20, 10, "100.0"), (1, 10**9, "0.5")],
)
def test_a_bar_is_as_long_as_its_value(value, maximum, width):
    assert palette.bar_width(value, maximum) == width


@pytest.mark.parametrize(
    ("status", "colour"),
    [("approved", "green"), ("not_started", "grey"), ("in progress", "blue"), ("odd", "grey")],
)
def test_a_status_has_a_colour(status, colour):
    assert palette.status_colour(status) == colour
