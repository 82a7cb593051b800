"""Names and numbers as people spell them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from conftest import mostly_swept
from spellings import NAMES, NUMBERS

from backcalc.formulas.expression import evaluate
from backcalc.loading.loader import load
from backcalc.reading import read


def names() -> list[tuple[str, str, str]]:
    return [
        (network, quantity, spelling)
        for network, rows in NAMES.items()
        for quantity, spellings in rows.items()
        for spelling in spellings.split()
    ]


@pytest.mark.parametrize(("network", "quantity", "spelling"), mostly_swept(names()))
def test_a_name_is_read_as_it_is_meant(network: str, quantity: str, spelling: str) -> None:
    spelling, _, refused = spelling.partition(":")
    found = read(f"{spelling} = 0.1875", "sheet.md", load(network)).assertions
    assert [each.quantity for each in found] == ([] if refused else [quantity])


@pytest.mark.parametrize(
    ("value", "spelling"),
    [(value, each) for value, spellings in NUMBERS.items() for each in spellings.split()],
)
def test_a_number_is_read_as_it_is_meant(value: str, spelling: str) -> None:
    spelling, _, refused = spelling.partition(":")
    (*found,) = read(f"z1 = {spelling}", "sheet.md", load("skip")).assertions
    if refused:
        assert found == []
    else:
        (one,) = found
        assert abs(evaluate(one.said.expression, {}) - Fraction(value)) < 1e-12
