"""Damaged sheets: what is not sure is not read."""

from __future__ import annotations

import pytest
from damage import damaged, misread, sheets

from backcalc.errors import BackcalcError
from backcalc.reading import read

SEEDS = 2  # of each; the soak goes on from there


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(each, marks=pytest.mark.sweep if each % 5 else ())
        for each in range(len(sheets()))
    ],
)
def test_no_damaged_line_is_misread(place: int) -> None:
    good = sheets()[place]
    for seed in range(SEEDS):
        text = damaged(good.text, seed * len(sheets()) + place)
        try:
            hurt = read(text, good.file, good.network, rate=good.rate)
        except BackcalcError:
            continue
        assert [*misread(good.reading, hurt)] == [], (good.name, seed)
