"""Sheets for which a cause was invented, a mistake excused or an honest line blamed."""

from __future__ import annotations

import pytest
from test_cases import Seen, marked

from backcalc.loading.loader import loads

BATCH = """
inputs: [x]
targets: [y]
data:
  - {x: 1, y: 2}
  - {x: 2, y: 3}
  - {x: 3, y: 5}
reduction: mean
weights: {w: 0.5}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: identity}
loss: l2
learning_rate: 0.1
"""
CHAIN = """
weights: {a0: 0.5}
constants: {k: 0.9}
equations:
  a1: a0*k + 0.1
  a2: a1*k + 0.2
  a3: a2*k + 0.3
  a4: a3*k + 0.4
loss: a4
learning_rate: 0.1
"""


def said(network: str, text: str) -> dict[str, Seen]:
    """What is said of a sheet whose lines are parted by commas; a network by name or text."""
    net = loads(network) if "\n" in network else network
    return marked(net, text.replace(", ", "\n"))[1]


@pytest.mark.parametrize("second", ["1.304", "1.52667"])
def test_a_weight_of_the_second_step_of_a_batch_is_marked(second: str) -> None:
    seen = said(BATCH, f"w' = 0.78, b' = 0.38, w'' = {second}")
    assert seen["w'"].verdict == "wrong"
