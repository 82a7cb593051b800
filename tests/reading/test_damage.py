"""Damaged sheets: what is not sure is not read."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
from damage import damaged, misread
from styles import NETWORKS, STYLES, rows_of

from backcalc.errors import BackcalcError
from backcalc.loading.loader import load
from backcalc.reading import Reading, read

SHEETS = [
    (NETWORKS[(place + shift) % len(NETWORKS)], style)
    for place, style in enumerate(STYLES)
    for shift in (0, 5)
]
SEEDS = 4  # of each; the soak goes on from there


@cache
def whole(place: int) -> tuple[str, str, Reading]:
    name, style = SHEETS[place]
    text, file = style(rows_of(load(name)))
    return text, file, read(text, file, load(name), rate=Fraction(1, 2))


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(each, marks=pytest.mark.sweep if each % 5 else ())
        for each in range(len(SHEETS))
    ],
)
def test_no_damaged_line_is_misread(place: int) -> None:
    text, file, good = whole(place)
    network = load(SHEETS[place][0])
    for seed in range(SEEDS):
        hurt_text = damaged(text, seed * len(SHEETS) + place)
        try:
            hurt = read(hurt_text, file, network, rate=Fraction(1, 2))
        except BackcalcError:
            continue
        assert [*misread(good, hurt)] == [], (place, seed)
