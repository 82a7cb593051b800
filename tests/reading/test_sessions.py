"""Sessions of R, Python and Julia: what is typed at a prompt, and what is printed below it."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import load, loads
from backcalc.reading import read

LAYERS = """
inputs: {x1: 0.6, x2: -0.2}
targets: {y: 1}
layers:
  - {name: h, units: 2, activation: sigmoid, weights: [[0.5, -0.4], [-0.3, 0.8]], bias: [0.1, 0.2]}
  - {name: o, units: 1, activation: sigmoid, weights: [[0.9, -0.6]], bias: [-0.1]}
loss: half_l2
learning_rate: 0.5
"""

R = """> x <- 1; y <- -3
> w0 <- 0.5; w1 <- 0.5
> # Forward
> z0 <- w0*x; z0
[1] 0.5
> h <- max(0, z0)  # both
> L
[1] 3.375
> q()
"""
GIVEN = {"x": "1", "y": "-3", "h0": ""}

TORCH = """>>> z1 = fc1(x); z1.retain_grad(); z1
tensor([ 0.4800, -0.1400], grad_fn=<ViewBackward0>)
>>> p = torch.sigmoid(z2); p
tensor([0.5441], grad_fn=<SigmoidBackward0>)
>>> print(fc1.weight.grad)
tensor([[-0.0144,  0.0048],
        [ 0.0101, -0.0034]])
>>> 1 - p.item()
0.4559
"""

READ = [
    ("skip", R, {**GIVEN, "z0": "0.5", "L": "3.375"}),
    ("skip", R.replace(" 3.375", " 3.375 3.5"), {**GIVEN, "z0": "0.5"}),  # two for one name
    ("skip", "julia> z1 = w1*h0\n0.25\n\njulia> h1\n0.25\n", {"z1": "0.25", "h1": "0.25"}),
    ("skip", "In [1]: z1\nOut[1]: 0.25\n\nIn [2]: 2*h1\nOut[2]: 0.5\n", {"z1": "0.25"}),
    ("mazur", ">>> h1, h2\n(0.5933, 0.5969)\n>>> z3\n1.106\n",
     {"h1": "0.5933", "h2": "0.5969", "z3": "1.106"}),
    ("mazur", "> h <- c(h1, h2); h\n[1] 0.5933 0.5969\n> z3\n[1] 1.106\n",
     {"h1": "0.5933", "h2": "0.5969", "z3": "1.106"}),
    ("mazur", "> x <- 1\n> h\n[1] 0.5933 0.5969\n", {"h1": "0.5933", "h2": "0.5969"}),
    ("skip", ">>> dw1 = 1*0.5*0.5; dw1\n0.25\n>>> w1 -= 1*dw1; w1\n0.25\n>>> round(L, 3)\n3.375\n",
     {"dL/dw1": "0.25", "w1'": "0.25", "L": "3.375"}),
    (LAYERS, ("fc1.weight.grad: tensor([[-0.0144,  0.0048],\n        [ 0.0101, -0.0034]])\n"
     "z1 tensor([ 0.4800, -0.1400], grad_fn=<AddBackward0>)\ndb1 =\n[0.1 0.2 0.3]\n"),
     {"dL/dw_h1_x1": "-0.0144", "dL/dw_h1_x2": "0.0048", "dL/dw_h2_x1": "0.0101",
      "dL/dw_h2_x2": "-0.0034", "z_h1": "0.4800", "z_h2": "-0.1400"}),  # without prompts
    (LAYERS, TORCH, {
        "z_h1": "0.4800", "z_h2": "-0.1400", "yhat": "0.5441",
        "dL/dw_h1_x1": "-0.0144", "dL/dw_h1_x2": "0.0048",
        "dL/dw_h2_x1": "0.0101", "dL/dw_h2_x2": "-0.0034",
    }),
    # a dictionary: of gradients it has gradients, and no quotation mark is a prime
    ("mazur", "grads = {'w5': 0.0822, 'w6': 0.0827}", {"dL/dw5": "0.0822", "dL/dw6": "0.0827"}),
    ("mazur", "{'z1': 0.3775, \"h1\": 0.5933}", {"z1": "0.3775", "h1": "0.5933"}),
    ("mazur", """new = {"w5'": 0.3589, "w6'": 0.4087}""", {"w5'": "0.3589", "w6'": "0.4087"}),
]  # fmt: skip


@pytest.mark.parametrize(("network", "text", "expected"), READ)
def test_what_is_printed_below_a_name_is_of_it(
    network: str, text: str, expected: dict[str, str]
) -> None:
    reading = read(text, "a.txt", loads(network) if "\n" in network else load(network))
    assert {each.quantity: each.said.plain for each in reading.assertions} == expected
