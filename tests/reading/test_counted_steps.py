"""Weights, velocities and gradients whose numbers count steps; titles of other optimizers."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import loads
from backcalc.reading import read

ADAM = """
weights: {w: 1}
constants: {a: 3}
equations:
  f: 1/2*a*w**2
loss: f
learning_rate: 0.1
optimizer: adam
"""
ROLLING = """
inputs: {x: 1}
targets: {y: 2}
weights: {w: 1.5}
equations:
  yhat: w*x
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.9}
state: {v_w: 0.2}
"""
PAIR = """
weights: {x: 1, y: -2}
constants: {a: 3}
equations:
  f: 1/2*(a*x**2 + y**2)
loss: f
learning_rate: 0.1
optimizer: adam
"""
NEURON = """
inputs: {x: 1.5}
targets: {y: 1}
weights: {w: 0.8}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""
TABLE = """
| $t$ | $g_t$ | $m_t$ | $v_t$ | $\\hat m_t$ | $\\hat v_t$ | $w_t$ |
|---|---|---|---|---|---|---|
| 1 | 3 | 0.3 | 0.009 | 3 | 9 | 0.9 |
| 2 | 2.7 | 0.54 | 0.016281 | 2.842105 | 8.144572 | 0.800412228 |
"""
IN_TABLE = {
    "df/dw": "3", "m_w'": "0.3", "v_w'": "0.009", "mhat_w": "3", "vhat_w": "9", "w'": "0.9",
    "df'/dw'": "2.7", "m_w''": "0.54", "v_w''": "0.016281", "mhat_w'": "2.842105",
    "vhat_w'": "8.144572", "w''": "0.800412228",
}  # fmt: skip
READ = [
    # by its letter alone, of the one weight, and as a vector of several
    (ADAM, "g = 3\nm = 0.3\nv = 0.009\nmhat = 3",
     {"df/dw": "3", "m_w'": "0.3", "v_w'": "0.009", "mhat_w": "3"}),
    (PAIR, "g = (3, -2)\nm = (0.3, -0.2)",
     {"df/dx": "3", "df/dy": "-2", "m_x'": "0.3", "m_y'": "-0.2"}),
    # from 0 on, and from 1 on where the given number does not stand at w_1
    (ADAM, "w_0 = 1\nm_1 = 0.3\nw_1 = 0.9\ng_1 = 3", {"m_w'": "0.3", "w'": "0.9", "df/dw": "3"}),
    (ADAM, "g_1 = 3\nw_1 = 0.9\ng_2 = 2.7\nw_2 = 0.8004",
     {"df/dw": "3", "w'": "0.9", "df'/dw'": "2.7", "w''": "0.8004"}),
    (ROLLING, "w_1 = 1.5\ng_1 = -0.5\nv_1 = -0.32\nw_2 = 1.532",
     {"dL/dw": "-0.5", "v_w'": "-0.32", "w'": "1.532"}),
    (ROLLING, "L_0 = 0.125\ng_0 = -0.5\nv_1 = -0.32\nw_1 = 1.532\nL_1 = 0.109512",
     {"L": "0.125", "dL/dw": "-0.5", "v_w'": "-0.32", "w'": "1.532", "L'": "0.109512"}),
    (NEURON, "w_1 = 0.8 + 0.027 = 0.827\nb_1 = 0.118", {"w'": "0.827", "b'": "0.118"}),
    (NEURON, "w_9 = 0.827", {}),
    (ADAM, "f'(w) = 3\nw_1 = 0.9\nf(w_1) = 1.215\nf'(w_1) = 2.7",
     {"df/dw": "3", "w'": "0.9", "f'": "1.215", "df'/dw'": "2.7"}),
    (ADAM, TABLE, IN_TABLE),
    (ADAM, TABLE.replace("_t$", "$").replace("$t$", "step"), IN_TABLE),
    # the letters of an optimizer's options, and another optimizer's section
    (ADAM, "w' = 1 - 0.1*3/(√9 + ε) = 0.9", {"w'": "0.9"}),
    (ROLLING, "**Vanilla SGD (no momentum):**\n\nw' = 1.55\n\n**With momentum:**\n\nw' = 1.532",
     {"w'": "1.532"}),
    (ROLLING, "**SGD with momentum:**\n\nw' = 1.532", {"w'": "1.532"}),
]  # fmt: skip


@pytest.mark.parametrize(("network", "text", "expected"), READ)
def test_numbers_below_names_count_steps(network: str, text: str, expected: dict[str, str]) -> None:
    said = read(text, "a.md", loads(network)).assertions
    assert {each.quantity: each.said.plain for each in said} == expected
