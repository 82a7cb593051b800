"""Kinds of writing that depend on the network, each with what it says there."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import formula_text, phrase_text
from backcalc.loading.loader import loads
from backcalc.reading import Reading, read

NETWORKS = {
    "chain": """
inputs: {x: 1}
targets: {y: 0}
weights: {w1: 0.5, w2: 0.5}
nodes:
  1: {from: {x: w1}, activation: relu}
  2: {from: {1: w2}, activation: identity}
loss: half_l2
""",
    "rolling": """
inputs: {x: 1}
targets: {y: 0}
weights: {w1: 1, w2: 1}
nodes:
  1: {from: {x: w1}, activation: relu}
  2: {from: {1: w2}, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.9}
state: {v_w1: 0.5}
""",
    "relu": """
inputs: {x1: 2, x2: 1}
targets: {t: 3}
weights: {w11: 1, w12: -1, w21: 0.5, w22: 0.5, u1: 2, u2: -1}
biases: {b1: 0, b2: -0.5}
nodes:
  1: {from: {x1: w11, x2: w12}, bias: b1, activation: relu}
  2: {from: {x1: w21, x2: w22}, bias: b2, activation: relu}
  3: {from: {1: u1, 2: u2}, activation: identity}
loss: l2
learning_rate: 1/10
""",
    "logistic": """
inputs: {x1: -1, x2: 0}
targets: {y1: 0, y2: 1}
weights: {w: 0.8}
biases: {b: 0.2}
equations:
  z1: w*x1 + b
  z2: w*x2 + b
  p1: sigmoid(z1)
  p2: sigmoid(z2)
  L: -log(1 - p1) - log(p2)
loss: L
learning_rate: 0.6
""",
    "steps": """
inputs: {x: 1.5}
targets: {y: 0.5}
weights: {w: 0.8, v: -0.5}
nodes:
  1: {from: {x: w}, activation: tanh}
  2: {from: {1: v}, activation: identity}
loss: half_l2
learning_rate: 0.4
""",
    "softmax": """
inputs: {x1: 1, x2: 2}
targets: {t1: 0, t2: 0, t3: 1}
layers:
  - name: o
    units: 3
    activation: softmax
    weights: [[0.1, 0.2], [0.3, -0.1], [-0.2, 0.4]]
    bias: [0, 0.1, 0]
loss: cross_entropy
learning_rate: 1
""",
    "layers": """
inputs: {x1: 1, x2: 2}
targets: {y1: 1, y2: 0}
layers:
  - name: h
    units: 2
    activation: relu
    weights: [[1, 0.5], [-0.5, 0.5]]
    bias: [-1, 0.5]
  - name: o
    units: 2
    activation: identity
    weights: [[0.5, 1], [0.25, -0.5]]
    bias: [0, 0.75]
loss: half_l2
learning_rate: 0.5
""",
    "sigmoids": """
inputs: {x: 2}
targets: {t: 0.25}
weights: {w1: 0.5, w2: -0.75}
biases: {b1: -0.5, b2: 0.4}
nodes:
  1: {from: {x: w1}, bias: b1, activation: sigmoid}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 2
""",
    "time": """
inputs: {x1: 1, x2: -1}
targets: {y: 0.5}
constants: {h0: 0}
weights: {w: 0.6, u: 0.5, v: 1.5}
equations:
  s1: w*h0 + u*x1
  h1: tanh(s1)
  s2: w*h1 + u*x2
  h2: tanh(s2)
  yhat: v*h2
  L: 1/2*(yhat - y)**2
loss: L
""",
    "classes": """
inputs: {x: 1}
targets: {t1: 0, t2: 1}
weights: {v1: 0.25, v2: 0.25}
nodes:
  1: {from: {x: v1}, activation: softmax}
  2: {from: {x: v2}, activation: softmax}
loss: cross_entropy
""",
    "batch": """
inputs: [x]
targets: [y]
data: [{x: 1, y: 0.5}, {x: 3, y: 4}]
layers:
  - {name: h, units: 2, activation: relu, weights: [[1], [0.5]], bias: [0, 1]}
  - {name: o, units: 1, activation: identity, weights: [[1, 1]], bias: [-1]}
loss: half_l2
reduction: mean
""",
    "gate": """
inputs: {x: 2, y: -3}
weights: {a: 0.5, b: -1, c: 4}
equations:
  p: a*x
  q: b*y
  s: p + q
  g: sigmoid(s - 4)
  m: max(p, c)
  f: g*m
loss: f
""",
}


def table(*rows: str) -> str:
    """A table in Markdown of rows with bars between the cells."""
    head, *body = (f"| {row} |" for row in rows)
    return "\n".join((head, "|---" * head.count(" | ") + "|---|", *body)) + "\n"


def matrix(*rows: str) -> str:
    """A matrix in LaTeX."""
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


HIDDEN = matrix("1 & 0.5", "-0.5 & 0.5")
SPELLED = (
    "$\\nabla_W L = " + matrix("\\delta_1 x_1 & \\delta_1 x_2", "\\delta_2 x_1 & \\delta_2 x_2")
    + f" = {matrix('-16 & 9', '7 & 4')}$, $W \\gets {matrix('2.6 & -1.9', '-0.2 & 0.1')}$"
)  # fmt: skip
UNITS = table("unit | input | output", "1 | $z_1 = 1$ | $h_1 = 0.7$", "2 | $z_2 = 1$ | $h_2 = 1$")
STEPS = table("| start | after 1 step | after 2 steps", "$w$ | 0.8 | 0.7161 | 0.6876",
              "$\\hat y$ | -0.4169 | -0.1536 | 0.0098")  # fmt: skip
AHEAD = table("| start | after 1 step", "$v$ | -0.5 | -0.1942", "$\\hat y$ | -0.4169 | -0.1536")
FIRST = (
    "\n#### Iteration 1\n\n$\\frac{\\partial L}{\\partial \\hat y} = \\hat y - y = -0.9169$\n\n"
    "$v \\leftarrow -0.5 - 0.4 \\cdot (-0.7644) = -0.1942$\n"
)

READ: list[tuple[str, str, str, dict[str, str]]] = [
    # d2 for an error term, whose sign its formula says where there is no figure
    ("chain", "a.md", "$d_2 = \\hat y - y$", {"dL/dz2": "yhat - y"}),
    ("chain", "a.txt", "d2 = yhat - y\nd1 = d2*w2\ndw1 = d1*x",
     {"dL/dz2": "yhat - y", "dL/dz1": "dL/dz2*w2", "dL/dw1": "dL/dz1*x"}),
    ("chain", "a.md", "$Err_2 = 2 \\hat y$", {}),
    # a cell that says of what it is; the output of a unit
    ("relu", "a.md", UNITS, {"z1": "1", "h1": "0.7", "z2": "1", "h2": "1"}),
    ("relu", "a.md", table("unit | output", "1 | 0.7"), {"h1": "0.7"}),
    # a check behind the update, with new figures or with the old ones
    ("logistic", "a.txt", "w <- 0.9276\nb <- 0.2476\n\nCheck\n\np_1 = 0.9, p_2 = 0.5616",
     {"w'": "0.9276", "b'": "0.2476", "p1'": "0.9", "p2'": "0.5616"}),
    ("logistic", "a.txt", "p_1 = 0.3543\np_2 = 0.5498\nw <- 0.9276\n\nCheck\n\np_1 = 0.3543",
     {"p1": "0.3543", "p2": "0.5498", "w'": "0.9276"}),
    # results before the calculation, after one step and after two
    ("steps", "a.md", STEPS, {"w'": "0.7161", "w''": "0.6876", "yhat": "-0.4169",
                              "yhat'": "-0.1536", "yhat''": "0.0098"}),
    ("steps", "a.md", table("| start | after step | after step", "$w$ | 0.8 | 0.7 | 0.6"), {}),
    ("steps", "a.md", AHEAD + FIRST,
     {"v'": "-0.1942", "yhat": "-0.4169", "yhat'": "-0.1536", "dL/dyhat": "-0.9169"}),
    ("steps", "a.md", "$v' = -0.1942$, $\\hat y' = -0.1536$\n" + FIRST,
     {"v'": "-0.1942", "yhat'": "-0.1536", "dL/dyhat": "-0.9169"}),
    # one layer, whose first index can only be the unit
    ("softmax", "a.md", "$z_1 = 0.5$, $z_3 = 0.6$, $\\partial L/\\partial w_{11} = 0.3514$",
     {"z_o1": "0.5", "z_o3": "0.6", "dL/dw_o1_x1": "0.3514"}),
    ("softmax", "a.txt", "w_12 = 0.3\nw_23 = 0.4",  # the input first
     {"w_o2_x1": "0.3", "w_o3_x2": "0.4"}),
    ("softmax", "a.md", "$b_2 \\gets 0.1$", {"b_o2'": "0.1"}),
    ("softmax", "a.md", "$z_1 = (0.5, 0.2, 0.6)$", {"z_o1": "0.5", "z_o2": "0.2", "z_o3": "0.6"}),
    ("softmax", "a.md", table("class | $\\partial L/\\partial w_{k1}$", "k = 2 | 0.2603"),
     {"dL/dw_o2_x1": "0.2603"}),
    # cells in braces; a letter without a number for the only unit of such a formula
    ("steps", "a.md", "$$\\begin{array}{ll} {v \\gets 0.1} & {w \\gets 0.2} \\end{array}$$",
     {"v'": "0.1", "w'": "0.2"}),
    ("steps", "a.md", "$s = w x = 1.2$, $h = \\tanh s = 0.83$", {"z1": "1.2", "h1": "0.83"}),
    ("steps", "a.md", "$z = w x = 1.2$\n\n$z = -0.5 \\cdot 0.8337 = -0.4169$", {"z1": "1.2"}),
    ("steps", "a.md", "$z_9 = w x = 1.2$", {}),
    # words for new; o_1 beside o_2; error terms by an index; the length of a vector
    ("steps", "a.md", "$v^{\\text{nouv}} = 0.1$", {"v'": "0.1"}),
    ("sigmoids", "a.md", "$o_1 = 0.6225$, $o_2 = 0.4833$", {"h1": "0.6225", "yhat": "0.4833"}),
    ("sigmoids", "a.md", "$o_1 = 0.6225$", {}),
    ("time", "a.md", "Write $\\delta_t$ for $\\partial L/\\partial s_t$.\n\n$\\delta_2 = 0.1$",
     {"dL/ds2": "0.1"}),
    ("time", "a.md", "Write $e_1$ for $h_1$ and $e_2$ for $h_2$.\n\n$e_2 = 0.1$", {"h2": "0.1"}),
    ("time", "a.md", "$\\delta_2 = 0.1$", {"dL/ds2": "0.1"}),
    ("layers", "a.md", "$L = \\frac12 \\lVert \\hat y - y \\rVert_2^2$",
     {"L": "1/2*((yhat1 - y1)**2 + (yhat2 - y2)**2)"}),
    ("layers", "a.md", "$L = \\| \\hat y - y \\|$", {}),
    # letters for whole vectors and matrices: by their shape, the elements, the given figures, a
    # layer's name, the formula
    ("relu", "a.md", "$\\partial L/\\partial W = " + matrix("-16 & -8", "8 & 4") + "$",
     {"dL/dw11": "-16", "dL/dw12": "-8", "dL/dw21": "8", "dL/dw22": "4"}),
    ("relu", "a.md", "$z = (1, 1)$, $u \\gets (2, 3)$, $b \\gets (0.1, 0.2)$",
     {"z1": "1", "z2": "1", "u1'": "2", "u2'": "3", "b1'": "0.1", "b2'": "0.2"}),
    ("relu", "a.md", "$u = u - \\eta \\frac{\\partial L}{\\partial u}$", {}),
    ("layers", "a.md", "$h = (1, 1)$, $z = (1, 1)$", {"h_h1": "1", "h_h2": "1"}),
    ("layers", "a.md", f"$W = {HIDDEN}$, $z = W x + b = (1, 2)$\n\n$b = (-1, 0.5)$",
     {"z_h1": "1", "z_h2": "2"}),
    ("layers", "a.md", f"$V = {HIDDEN}$, $V \\gets {matrix('1 & 2', '3 & 4')}$",
     {"w_h1_x1'": "1", "w_h1_x2'": "2", "w_h2_x1'": "3", "w_h2_x2'": "4"}),
    ("layers", "a.md", f"$V \\gets {matrix('1 & 2', '3 & 4')}$", {}),
    # rows are rows where both ways say the same, or as in the matrix of the weights
    ("layers", "a.md", f"$\\nabla_{{W^{{[2]}}}} L = {matrix('0.5 & 0.5', '0.5 & 0.5')}$",
     dict.fromkeys(["dL/dw_o1_h1", "dL/dw_o1_h2", "dL/dw_o2_h1", "dL/dw_o2_h2"], "0.5")),
    ("layers", "a.md", f"$W^{{[1]}} = {HIDDEN}$, $dW^{{[1]}} = {matrix('0 & 0.75', '9 & 0')}$",
     {"dL/dw_h1_x1": "0", "dL/dw_h1_x2": "0.75", "dL/dw_h2_x1": "9", "dL/dw_h2_x2": "0"}),
    ("relu", "a.md", SPELLED,
     {"dL/dw11": "-16", "dL/dw12": "9", "dL/dw21": "7", "dL/dw22": "4",
      "w11'": "2.6", "w12'": "-1.9", "w21'": "-0.2", "w22'": "0.1"}),
    ("layers", "a.md", "$g'(z^{[1]}) = (1, 1)$", {"dh_h1/dz_h1": "1", "dh_h2/dz_h2": "1"}),
    # a value and a derivative in one row
    ("gate", "a.md", table("| value | gradient", "$b$ | -1.0 | -3.0", "$q$ | 3.0 | 1.5"),
     {"df/db": "-3.0", "q": "3.0", "df/dq": "1.5"}),
    ("gate", "a.md", table("| formula | gradient", "$b$ | y*1 | -3.0"), {"df/db": "-3.0"}),
    # what momentum remembers, by its letter above a column
    ("rolling", "a.md", table("| old v | $v^+$ | new", "$w_1$ | 0.5 | 0.9·0.5 + 1 = 1.45 | 0.855"),
     {"v_w1'": "1.45", "w1'": "0.855"}),
    ("rolling", "a.md", table("| old v | s | new", "$w_1$ | 0.5 | 1.45 | 0.855"), {"w1'": "0.855"}),
    # capital letters for columns, multiplied element by element; a transpose of a layer
    ("layers", "a.md", (r"$Z^{[1]} = " + matrix("1", "1") + r"$, $dA^{[1]} = W^{[2]T} dZ^{[2]} = "
     + matrix("-0.25", "9") + r"$, $dZ^{[1]} = dA^{[1]} \odot g'(Z^{[1]}) = " + matrix("-0.25", "9")
     + "$"), {"z_h1": "1", "z_h2": "1", "dL/dh_h1": "-0.25", "dL/dh_h2": "9",
              "dL/dz_h1": "-0.25", "dL/dz_h2": "9"}),
    # an error term that is wrong leaves the sign of the others
    ("sigmoids", "a.txt", "then\nd2 = 0.0583\nd1 = 0.3", {"dL/dz2": "0.0583", "dL/dz1": "0.3"}),
    ("sigmoids", "a.txt", "then\nd2 = 0.0583\nd1 = 0.0103", {}),
    # logits beside probabilities; letters for digits where the figure bears it out
    ("classes", "a.md", "$p_1 = 0.5$\n\n$o _ { 1 } = 0.25$ and $\\partial L/\\partial o_1 = 0.5$",
     {"yhat1": "0.5", "z1": "0.25", "dL/dz1": "0.5"}),
    ("classes", "a.md", "$p_1 = 0.5$, $o_1 = 0.3$", {"yhat1": "0.5"}),
    ("sigmoids", "a.txt", "z1 = O.5\nh1 = O.25 + 0.3725 = 0.6225\nyhat = 0.4B33\nb1' = 0.l",
     {"z1": "0.5", "h1": "0.6225", "yhat": "0.4833"}),
    # names with the numbers of layer and sample, and matrices with a column for each sample
    ("batch", "a.md", "$z^{[1](2)}_1 = 1$, $a_2^{[1](1)} = 2$, $z^{[2](3)} = 9$",
     {"z_h1[2]": "1", "h_h2[1]": "2"}),
    ("batch", "a.md", f"$Z^{{[1]}} = {matrix('1 & 3', '1.5 & 2.5')}$, $dZ^{{[2]}} = [1, 0.5]$",
     {"z_h1[1]": "1", "z_h1[2]": "3", "z_h2[1]": "1.5", "z_h2[2]": "2.5",
      "dL[1]/dz_o1[1]": "1", "dL[2]/dz_o1[2]": "0.5"}),
    ("batch", "a.md", f"$Z^{{[1]}} = {matrix('1 & 2 & 3', '3 & 4 & 5')}$", {}),
    # a line of code above a comment
    ("gate", "a.md", "```python\ndx = a * dp  # 0.75\n# backprop q = b*y\n```", {"df/dx": "0.75"}),
    # what momentum remembers before the step is given
    ("rolling", "a.txt", "Start: v_1 = 0.5\nz1 = 1\ndL/dw1 = 1\nv_1 = 0.9*0.5 + 1 = 1.45",
     {"z1": "1", "dL/dw1": "1", "v_w1'": "1.45"}),
    ("rolling", "a.txt", "Given: x = 1, v_1 = 0.5", {}),
    ("rolling", "a.txt", "dL/dw1 = 1, and so v_1 = 1.45", {"dL/dw1": "1", "v_w1'": "1.45"}),
    # a condition behind a name that has its result before it
    ("relu", "a.md", "z1 = 1\ndL/dh1 = -4(2) = -8 = dL/dz1 (z1 > 0)",
     {"z1": "1", "dL/dh1": "-8", "dL/dz1": "-8"}),
    ("relu", "a.md", "z1 = 1\ndL/dz1 = dL/dh1 (z1 > 0)",
     {"z1": "1", "dL/dz1": "dL/dh1*(1 if z1 > 0 else 0)"}),
    # what a result after the step follows from
    ("sigmoids", "a.md", "ŷ = 0.4383, so the loss drops from **0.0272** to **0.0177**.",
     {"yhat'": "0.4383", "L": "0.0272", "L'": "0.0177"}),
    ("sigmoids", "a.txt", "yhat = 0.4833, so the loss falls from 0.0272 to 0.0177",
     {"L": "0.0272", "L'": "0.0177"}),
    ("sigmoids", "a.txt", "The loss falls from 0.0272 to 0.0177\n\nyhat = 0.4383",
     {"L": "0.0272", "L'": "0.0177"}),
    # a hat cut off or spelled; what a hidden unit puts out
    ("sigmoids", "a.txt", "yh = 0.4833\ndL/dyh = 0.2333", {"yhat": "0.4833", "dL/dyhat": "0.2333"}),
    ("sigmoids", "a.txt", "y-hat = 0.4833\nL = 0.5*(y-hat - t)^2 = 0.0272",
     {"yhat": "0.4833", "L": "0.0272"}),
    ("sigmoids", "a.txt", "y_h = 0.6225\nyh1 = 0.6225", {}),
    # a question behind what is stated
    ("sigmoids", "a.txt", "yhat = 0.4833 and z1 = 0.5. Right?", {"yhat": "0.4833", "z1": "0.5"}),
    ("sigmoids", "a.txt", "z1 = 0,5 и z2 = 0,6. Похоже на правду?", {"z1": "0.5", "z2": "0.6"}),
    ("sigmoids", "a.txt", "z1 = 0.5. Is h1 = 0.6225?", {"z1": "0.5"}),
    ("sigmoids", "a.txt", "Is yhat = 0.4833, right?", {}),
    # signs that say new above other letters than w_2
    ("relu", "a.md", "$u_1^{*} = 2 - 0.4 = 1.6$, $u_2^\\ast = -1$, $w_{11}^* = 1 - 0.3 = 0.7$",
     {"u1'": "1.6", "u2'": "-1", "w11'": "0.7"}),
    ("sigmoids", "a.md", "$\\tilde w_1 = 0.5 + 0.041 = 0.541$", {"w1'": "0.541"}),
    ("sigmoids", "a.txt", "b1' = -1 + 0.5205", {"b1'": "-1 + 0.5205"}),  # and no -10.5205
    # a bold title before its colon, and a noun with a hyphen
    ("sigmoids", "a.md", "1. **Activation**: z1 = 0.5\n2. **Pre-activation**: z2 = **-0.0669**",
     {"z1": "0.5", "z2": "-0.0669"}),
    ("sigmoids", "a.txt", "Pre-activation z1 = 0.5\n\nWeight z2 = -0.0669", {"z1": "0.5"}),
    ("gate", "a.txt", "the activation g = 0.5", {"g": "0.5"}),
    # remarks behind a figure, and a teacher's cross
    ("relu", "a.md", table("quantity | value", "$z_1$ | 1", "$h_1$ | 1 (active)"),
     {"z1": "1", "h1": "1"}),
    ("relu", "a.md", table("quantity | value", "$z_1$ | 1", "$h_1$ | 1 (old)"), {"z1": "1"}),
    ("sigmoids", "a.md", "z1 = 0.5  ✓ *(red ink)*\nh1 = 0.7  ✗ *(red ink: \"use h₁!\")*",
     {"z1": "0.5", "h1": "0.7"}),
    ("sigmoids", "a.md", "z1 = 0.7 ✗\n\nz1 = 0.5 *(w1)*\n", {}),
    # blanks of character recognition, a comparison behind the dollar
    ("sigmoids", "a.md", "$z_1 = 0,5$\n\n$\\frac{d L}{d w 2} = \\frac{0 , 0 7 2}{2} = 0 , 0 3 6$",
     {"z1": "0.5", "dL/dw2": "0.036"}),
    ("sigmoids", "a.md", "$L = 0.0177$ < $0.0272$ ok\n\n$z_1 = 0.5$ > 0, so $h_1 = 0.6225$",
     {"L": "0.0177", "z1": "0.5", "h1": "0.6225"}),
    ("relu", "a.md", "$\\frac{d L}{d x 2} = 3$", {}),
    # French sentences
    ("sigmoids", "a.md", "$db_2$ vaut simplement $0{,}0583$, si bien que $z_1 = 0{,}5$ aussi.",
     {"dL/db2": "0.0583", "z1": "0.5"}),
    ("sigmoids", "a.md", "$z_1 = 0{,}5$. Et $b_2$ passe de $0{,}4$ à $0{,}2835$.",
     {"z1": "0.5", "b2'": "0.2835"}),
]  # fmt: skip


def said(reading: Reading) -> dict[str, str]:
    """What a sheet says of each quantity."""
    return {
        each.quantity: each.said.plain or formula_text(each.said.expression)
        for each in reading.assertions
    }


@pytest.mark.parametrize(("network", "file", "text", "expected"), READ)
def test_a_line_is_read_as_this_network_has_it(
    network: str, file: str, text: str, expected: dict[str, str]
) -> None:
    assert said(read(text, file, loads(NETWORKS[network]))) == expected


def marked(network: str, text: str, file: str = "a.txt") -> dict[str, tuple[str, str]]:
    """The verdict and the comment on each line."""
    report = check(Marking(loads(NETWORKS[network])), text, file)
    return {each.name: (each.verdict, phrase_text(each.comment)) for each in report.answers}


@pytest.mark.parametrize(("words", "new"), [
    ("New values carry a bar.", True),
    ("Let $\\bar w$ denote the new weights.", True),
    ("$\\bar w_2 = w_2 - \\eta \\frac{\\partial L}{\\partial w_2}$", True),
    ("$\\bar w_2$ is worked out:", False),
])  # fmt: skip
def test_a_bar_says_new_where_the_sheet_says_so(words: str, new: bool) -> None:
    text = f"$\\partial L/\\partial w_2 = 0.1$\n\n{words}\n\n$\\bar w_2 = -0.75 - 2 · 0.1 = -0.95$"
    found = said(read(text, "a.md", loads(NETWORKS["sigmoids"])))
    assert found == {"dL/dw2": "0.1", **({"w2'": "-0.95"} if new else {})}


@pytest.mark.parametrize(("text", "expected"), [
    ("$a_1 = 1·2 - 1·1 = 1$, $h_1 = \\max(0, a_1) = 1$\n\n$\\partial h_1/\\partial a_1 = 1$",
     {"z1": "1", "h1": "1", "dh1/dz1": "1"}),
    ("$h_1 = 1$, $a_1 = 1$", {"h1": "1"}),
])  # fmt: skip
def test_a_is_the_sum_where_h_is_worked_from_it(text: str, expected: dict[str, str]) -> None:
    assert said(read(text, "a.md", loads(NETWORKS["relu"]))) == expected


def test_one_output_of_a_softmax_is_what_the_others_leave() -> None:
    network = loads(NETWORKS["softmax"])
    found = said(read("p1 = 0.2\np2 = 0.2\np3 = 1 - p1 - p2 = 0.6", "a.txt", network))
    assert [*found.values()] == ["0.2", "0.2", "0.6"]


@pytest.mark.parametrize("words", ["Nova passada:", "Segunda passada", "Pass with new weights"])
def test_a_second_figure_from_weights_that_were_not_read_is_not_of_the_first_pass(
    words: str,
) -> None:
    lines = "$z_1 = w_1 x + b_1 = 0.5$", words, "$z_1 = 0.5312 · 2 - 0.4844 = 0.578$"
    reading = read("\n\n".join(lines), "a.md", loads(NETWORKS["sigmoids"]))
    assert said(reading) == {"z1": "0.5"}
    assert ["z1 from before the update or" in each.reason for each in reading.unread] == [True]


def test_a_product_of_rounded_factors_is_right_from_them() -> None:
    before = "yhat = 0.4833\ndL/dyhat = 0.2333\nh1 = 0.6225\n"
    line = "dL/dz2 = dL/dyhat*yhat*(1 - yhat) = {} * 0.2497 = {}"
    right = marked("sigmoids", before + line.format("0.234", "0.0584"))
    assert right["dL/dz2"][0] == "rounded"
    off = marked("sigmoids", before + line.format("0.2347", "0.0586"))
    assert off["dL/dz2"][0] == "close"


@pytest.mark.parametrize(("network", "text", "quantity"), [
    ("gate", "df/dp = df/ds*ds/dp + df/dm*1 = 1.0 + 0.5 = 1.5", "df/dp"),
    ("gate", "df/da = x*df/dp = 3.0", "df/da"),
])  # fmt: skip
def test_no_mistake_is_named_that_the_formula_on_the_line_contradicts(
    network: str, text: str, quantity: str
) -> None:
    verdict, comment = marked(network, text)[quantity]
    assert verdict == "wrong"
    assert "swapped" not in comment
    assert "added" not in comment


def test_of_several_mistakes_none_is_named_and_all_are_listed() -> None:
    _, comment = marked("softmax", "dL/dw_o3_x1 = 0.3883")["dL/dw_o3_x1"]
    assert "Several mistakes would give your figure" in comment
    for each in ("factors added instead of multiplied; ", "; the target is missing in dL/dz_o3"):
        assert each in comment


MLP = """
inputs: {x1: 1, x2: 0.5}
targets: {y: 1}
layers:
  - {name: h, units: 2, activation: sigmoid, weights: [[0.1, 0.4], [-0.3, 0.2]], bias: [0.1, -0.1]}
  - {name: o, units: 1, activation: sigmoid, weights: [[0.5, -0.6]], bias: [0.2]}
loss: half_l2
"""


def test_the_name_of_a_unit_is_what_it_puts_out() -> None:
    """With h1 and h2 as units' names h_2 is no output of layer 2, nor z_2 surely its sum."""
    found = read("$h_1 = 0.5987$, $h_2 = 0.4256$\n\n$z_2 = -0.3$", "a.md", loads(MLP))
    assert [each.quantity for each in found.assertions] == ["h_h1", "h_h2"]
    assert [each.reason for each in found.unread] == ["this may be z_o1 or z_h2"]
    whole = read("$h_1 = [0.5987, 0.4256]$", "a.md", loads(MLP))
    assert [each.quantity for each in whole.assertions] == ["h_h1", "h_h2"]


def test_the_noun_before_a_derivative_may_be_of_what_it_is_by() -> None:
    text = "Then the bias dL/db_o1 = -0.1082\n\nThe weight dL/db_h1 = 0.01"
    found = read(text, "a.md", loads(MLP))
    assert [each.quantity for each in found.assertions] == ["dL/db_o1"]
    assert "the word before it says weight" in found.unread[0].reason


LONE = """
inputs: {x: 1}
targets: {y: -1}
weights: {w: 0.4, v: 1.5}
biases: {b: 0.2, c: -0.5}
nodes: {1: {from: {x: w}, bias: b, activation: tanh}, 2: {from: {1: v}, bias: c}}
loss: l2
"""


def test_h_and_z_are_of_the_only_hidden_unit() -> None:
    text = "z = wx + b = 0.6\n\nh = 0.537\n\nŷ = vh + c = 0.305\n\ndL/dh = 3.92\n"
    found = read(text, "a.md", loads(LONE)).assertions
    assert [each.quantity for each in found] == ["z1", "h1", "yhat", "dL/dh1"]


def test_a_state_beside_a_new_one_is_new_whatever_its_figure() -> None:
    text = "inputs: {x1: 0.5, x2: 2}\ntargets: {y: 0}\nweights: {w1: 0.4, w2: -0.1}\n"
    text += "biases: {b: 0.3}\nnodes: {1: {from: {x1: w1, x2: w2}, bias: b, activation: sigmoid}}\n"
    text += "loss: bce\nlearning_rate: 0.1\noptimizer: {name: momentum, mu: 0.9}\n"
    text += "state: {v_w1: 0.2, v_w2: -0.1}\n"
    sheet = "v_w1 = 0.9*0.2 + 0.2872 = 0.4672\nv_w2 = 0.9*(-0.1) + 1.1489 = 1.0589\nv_b = 0.0574\n"
    report = check(Marking(loads(text)), sheet, "a.txt")
    assert {m.name: m.verdict for m in report.answers}["v_b'"] == "wrong"
