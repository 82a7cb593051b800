"""Heads of columns and rows of units that are formulas or other words, and no names."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import loads
from backcalc.reading import read

NETWORK = loads("""
inputs: {x1: 1, x2: 2}
targets: {y: 1}
weights: {w1: 0.1, w2: 0.2, w3: -0.3, w4: 0.4, w5: 0.5, w6: -0.6}
nodes:
  h1: {from: {x1: w1, x2: w2}, activation: sigmoid}
  h2: {from: {x1: w3, x2: w4}, activation: sigmoid}
  o: {from: {h1: w5, h2: w6}, activation: sigmoid}
loss: half_l2
learning_rate: 0.1
""")
OUT, NET = {"h_h1": "0.2", "h_h2": "0.3"}, {"z_h1": "0.2", "z_h2": "0.3"}
OWN = {"dh_h1/dz_h1": "0.2", "dh_h2/dz_h2": "0.3"}
DELTAS, BY_OUT = ({f"dL/d{q}_h1": "0.2", f"dL/d{q}_h2": "0.3"} for q in "zh")
STRANGE = ("exp(-net)", "$e^{-net}$", "1+e^-net", "1-out", "net - bias", "net·w", "out - t",
           "(t-out)^2", "2·out", "out/2", "delta·x1", "difference", "w·x", "bias")  # fmt: skip
COLUMNS = [
    ("out", OUT), ("sigmoid(net)", OUT), ("$o_j = \\sigma(net_j)$", OUT), ("a (σ(z))", OUT),
    ("net", NET), ("net (w·x+b)", NET), ("$z = Wx + b$", NET), ("net input z = w·x", NET),
    ("out(1-out)", OWN), ("$\\text{out}(1-\\text{out})$", OWN), ("O_j(1-O_j)", OWN),
    ("f'(net)", OWN), ("1-h²", {}), *((head, {}) for head in STRANGE),
]  # fmt: skip
ROWS = [
    ("net", NET), ("out", OUT), ("activation", OUT), ("out(1-out)", OWN), ("σ'(z)", OWN),
    ("dL/dz", DELTAS), ("dL/dh", BY_OUT), ("$\\partial L/\\partial z$", DELTAS),
    ("derivative", {}), ("slope", {}), ("sigmoid", {}), ("q", {}), *((row, {}) for row in STRANGE),
]  # fmt: skip


def said(text: str) -> dict[str, str]:
    """What a sheet says of each quantity."""
    return {each.quantity: each.said.plain for each in read(text, "a.md", NETWORK).assertions}


@pytest.mark.parametrize(("head", "expected"), COLUMNS)
def test_a_column_of_units_is_of_what_its_head_names(head: str, expected: dict[str, str]) -> None:
    table = f"| Unit | {head} | x |\n|---|---|---|\n| h1 | 0.2 | 7 |\n| h2 | 0.3 | 7 |\n"
    assert said(table) == expected


@pytest.mark.parametrize(("label", "expected"), ROWS)
def test_a_row_below_units_is_of_what_its_label_names(label: str, expected: dict[str, str]) -> None:
    assert said(f"| | h1 | h2 |\n|---|---|---|\n| {label} | 0.2 | 0.3 |\n") == expected
