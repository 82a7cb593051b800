"""Tables as LaTeX sets them, what is crossed out in mathematics, and tables of sums over time."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.loading.loader import loads
from backcalc.reading import read

UNITS = """
inputs: {x1: 1, x2: 2}
targets: {y: 1}
weights: {w1: 0.1, w2: 0.2, w3: -0.3, w4: 0.4, w5: 0.5, w6: -0.6}
nodes:
  h1: {from: {x1: w1, x2: w2}, activation: sigmoid}
  h2: {from: {x1: w3, x2: w4}, activation: sigmoid}
  o: {from: {h1: w5, h2: w6}, activation: sigmoid}
loss: half_l2
learning_rate: 0.1
"""
TIMES = """
inputs: {x1: 1, x2: 0.5}
targets: {y: 0.8}
weights: {w: 0.5, u: 0.4, v: 0.9}
equations:
  z1: w*x1
  h1: tanh(z1)
  z2: w*x2 + u*h1
  h2: tanh(z2)
  yhat: v*h2
loss: half_l2
learning_rate: 0.1
"""
ADAM = """
inputs: {x: 2}
targets: {y: 3}
weights: {w: 0.5}
biases: {b: 0}
equations:
  yhat: w*x + b
  L: (yhat - y)**2
loss: L
learning_rate: 0.1
optimizer: adam
"""
BOOKTABS = r"""
\begin{tabular}{lrrr}
\toprule
{Neurona} & {net} & {out} & {F\'ormula} \\
\midrule
$h_1$ & 0.5 & 0.6225 & \\
\addlinespace[2pt]
$h_2$ & 0.5 & 0.6225 & \\
\bottomrule
\end{tabular}
"""
TWO_HEADS = r"""
\begin{tabular}{ccccc}
\multirow{2}{*}{Weight} & \multirow{2}{*}{old}
 & \multicolumn{2}{c}{Gradient} & \multirow{2}{*}{new} \\
\cmidrule(lr){3-4}
 & & product & $\partial L/\partial w$ & \\
\midrule
$w_1$ & 0.1 & $\delta_{h1}x_1$ & -0.0151 & 0.1015 \\
$w_5$ & 0.5 & $\delta_o h_1$ & -0.0802 & 0.5080 \\
\end{tabular}
"""
PARTS = r"""
| $t$ | $\delta_t$ | part of $\partial L/\partial w$: $\delta_t x_t$ | to $\partial L/\partial u$ |
|---|---|---|---|
| 2 | -0.3233 | -0.1617 | -0.1494 |
| 1 | -0.1017 | -0.1017 | 0 |
| **сумма** | | -0.2634 | -0.1494 |
"""
IN_ROWS = r"""
## Krok 1

$\hat y = 1$

| parametr | $g_1$ | $m_1 = 0.1 g_1$ | $v_1$ | $\hat m_1$ | $\hat v_1$ | nowa wartość |
|---|---|---|---|---|---|---|
| $w$ | -8 | -0.8 | 0.064 | -8 | 64 | 0.6 |
| $b$ | -4 | -0.4 | 0.016 | -4 | 16 | 0.1 |

## Krok 2

$\hat y = 1.3$

| parametr | $g_2$ | $m_2$ | $\hat m_2$ | nowa wartość |
|---|---|---|---|---|
| $w$ | -6.8 | -1.4 | -7.3684 | 0.6993 |
"""
CROSSED = r"""
\begin{align*}
z_{h1} &= 0.1 + 0.4 = \cancel{0.4}\ 0.5 \\
\xcancel{z_{h2} = \frac{1}{2} + 0.8} & \\
\cancel{h_{1} = 0.6} & \\
z_{h2} &= -0.3 + 0.8 = 0.5
\end{align*}
"""
MARGIN = r"""
\newcommand{\pts}[1]{\marginpar{\small\textbf{[#1]}}}
\begin{align*}
z_{h1} &= 0.1 + 0.4 = 0.5 \pts{2} \\
z_{h2} &= 0.5 \marginpar{1 P}
\end{align*}
"""
READ = [
    (UNITS, "a.tex", BOOKTABS, {"z_h1": "0.5", "h_h1": "0.6225", "z_h2": "0.5", "h_h2": "0.6225"}),
    (UNITS, "a.tex", TWO_HEADS,
     {"dL/dw1": "-0.0151", "w1'": "0.1015", "dL/dw5": "-0.0802", "w5'": "0.5080"}),
    (UNITS, "a.tex", CROSSED, {"z_h1": "0.5", "z_h2": "0.5"}),
    (UNITS, "a.tex", MARGIN, {"z_h1": "0.5", "z_h2": "0.5"}),
    (TIMES, "a.md", PARTS,
     {"dL/dz2": "-0.3233", "dL/dz1": "-0.1017", "dL/dw": "-0.2634", "dL/du": "-0.1494"}),
]  # fmt: skip


@pytest.mark.parametrize(("network", "file", "text", "expected"), READ)
def test_what_is_set_is_read(network: str, file: str, text: str, expected: dict[str, str]) -> None:
    said = read(text, file, loads(network)).assertions
    assert {each.quantity: each.said.plain for each in said} == expected


def test_the_parts_of_a_sum_over_time_are_listed() -> None:
    report = check(Marking(loads(TIMES)), PARTS, "a.md")
    assert [each.place.line for each in report.unread] == [4, 5]


def test_each_step_has_its_own_corrected_moments() -> None:
    said = read(IN_ROWS, "a.md", loads(ADAM)).assertions
    found = {each.quantity: each.said.plain for each in said}
    assert found == {
        "yhat": "1", "dL/dw": "-8", "m_w'": "-0.8", "v_w'": "0.064", "mhat_w": "-8",
        "vhat_w": "64", "w'": "0.6", "dL/db": "-4", "m_b'": "-0.4", "v_b'": "0.016",
        "mhat_b": "-4", "vhat_b": "16", "b'": "0.1", "yhat'": "1.3", "dL'/dw'": "-6.8",
        "m_w''": "-1.4", "mhat_w'": "-7.3684", "w''": "0.6993",
    }  # fmt: skip


SCANNED = """Given  xl = l, x2 = 2, t = l.

dE
zhl = 0.l xl + 0.2 x2 = 0.l(l) + 0.2(2) = O.5O
hl = sigmoid(O.50) = O.6225
z_h2 = —0.3(l) + 0.8 = 0.50, l — 0.6225 = 0.3775
"""


def test_an_l_is_a_1_where_a_scanner_took_each_1_for_it() -> None:
    said = read(SCANNED, "a.txt", loads(UNITS)).assertions
    assert {each.quantity: each.said.plain for each in said} == {
        "z_h1": "0.50", "h_h1": "0.6225", "z_h2": "0.50",
    }  # fmt: skip
