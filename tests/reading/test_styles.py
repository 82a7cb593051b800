"""Sheets of many styles and networks: every line is read, and none as something else."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from styles import NETWORKS, STYLES, Row, rows_of, two_columns

from backcalc.formulas.expression import evaluate, names_in
from backcalc.loading.loader import load
from backcalc.reading import read

CASES = [
    pytest.param(
        network, style, id=f"{network}-{style.__name__}", marks=pytest.mark.sweep if turn else ()
    )
    for place, network in enumerate(NETWORKS)
    for at, style in enumerate(STYLES)
    if (turn := (place + at) % 10) % 5 < 1
]
"""Every style on a network of five; `make quick` takes one of ten."""


@pytest.mark.parametrize(("network", "style"), CASES)
def test_every_line_is_read(network: str, style: Callable[[list[Row]], tuple[str, str]]) -> None:
    loaded = load(network)
    rows = rows_of(loaded)
    text, file = style(rows)
    rate = loaded.learning_rate or Fraction(1, 2)
    found = [
        (each.quantity, Fraction(evaluate(each.said.expression, {})))
        for each in read(text, file, loaded, rate=rate).assertions
        if not names_in(each.said.expression)
    ]
    told = [row for row in rows if style is not two_columns or row.stage != "after"]
    said = {(row.name, Fraction(row.value)) for row in told}
    assert {*found} == said
