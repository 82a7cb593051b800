"""Damaged sheets: what is not sure is not read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from conftest import mostly_swept, shared
from damage import PAGES, SHEETS, WAYS, Way, damaged, good, misread

from backcalc.errors import BackcalcError
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import load
from backcalc.reading import read

SEEDS = 1  # of each; the soak goes on from there


DAMAGED: list[tuple[str, str, dict[str, str]]] = [
    # a number that a blank or a new line has broken
    ("skip", "- dw2 = 0.25, dw1 = 0  .25, dw0 = 0.75", {"dL/dw2": "0.25"}),
    ("skip", "- dw1 = 0.  25, dw0 = 0.75", {}),
    ("skip", "- h0 = 0.5, z1 = 0.\n25, h1 = 0.25", {"h0": "0.5"}),
    ("skip", "$dL/dw_1 = 0.2$5 $\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    # a fraction without its sign, whose lower half is no name of its own
    ("mazur", "z1 = 0.3775\n- dL db = dL dz1 + dL dz2 = 0.02", {"z1": "0.3775"}),
    ("mazur", "z1 = 0.3775\n- dE dw5 = 0.0822", {"z1": "0.3775"}),
    # a row of a table that goes on on the next line
    ("skip", "| a | b |\n|---|---|\n| z1 | 0 \n.25 |\n", {}),
    ("skip", "| a | b |\n|---|---|\n| z1 | 0.2\n5 |\n| h1 | 0.25 |\n", {}),
    # the head of a table without its rule, or on one line with it
    ("skip", "| z0 | h0 | z1 |\n1---|---|---|\n", {}),
    ("skip", "| $z_0$ | $h_0$ | $z_1$ | |---|---|---|\n| 0.5 | 0.5 | 0.25 |\n", {}),
    ("skip", "dL/dw0 = 0.75\n\n| | gradient ||\n:--|--:|\n| w1 | 0.2 |\n", {"dL/dw0": "0.75"}),
    # two lines that have become one
    ("skip", "- **w1 new:** 0.25 - **w2 new:** 0.3 - 0.1 = 0.2", {}),
    ("closed_relu", "dL_dz3 = -0.29\ndL_dw5 = -0.319 dL_dw6 = 0", {"dL/dz3": "-0.29"}),
    ("skip", "- dw0 = 0.75 - w0 = 0.5 + 0.75 = 1.25", {}),
    ("skip", "So - $z_0 = 0.5$\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    ("skip", "$`w_1' = 0.25`$ - $`w_2' = 0.25`$", {}),
    ("skip", r"$w_s' = 0.5 - 0.5 = {0}" + "\n" + r"w_2' = 0.5 - 0.25 = 0.25$", {}),
    # a sign of HTML that is damaged
    ("skip", "h1 = 0.25&mid!dot;2 = 0.5", {}),
    # a row's end inside a formula
    ("skip", r"$$\begin{align} z_2 &= w_2 h_1 \\ , w_s h_0 \\ &= 0.375 \end{align}$$", {}),
    ("skip", r"$$\begin{align} z_1 &= w_1 \\cdot h_0 \\ &= 0.25 \end{align}$$", {}),
    # a gap inside a formula, a name that begins on the line before, a dash for a minus
    ("mazur", "E = ½  (0.01 − 0.7542)² + ½(0.99 − 0.7762)² = 0.2998", {}),
    ("skip", "- df/d\nL = 2", {}),
    ("skip", "-d L/dz2 = 1\n- dL/dw2 = 0.25", {"dL/dw2": "0.25"}),
    ("tree_sigmoid", "z3': -0.043741y", {}),
    # words between formulas that damage has made mathematics
    ("skip", "For 2$ we would have $z_0 = 1$ and $\\hat y = 0.75$.", {}),
    # a first pass that is torn, and a rule on the line of a statement
    ("skip", "# Iteration 1\nz0 = 0 5\n# Iteration 2\nz0 = 1.25\n", {}),
    ("skip", "--------- dL/dyhat = 1", {}),
    ("skip", "z2 = w2*h1 \n+ ws*h0 = 0.375\n\nL = 3.375", {"L": "3.375"}),
    # a formula that stops behind a sign, so that the next line may be its rest
    ("skip", "dL/dh0 = 0.25 + dL/dz2 * \nws = 0.25 + 0.5 = 0.75\n\nz0 = 0.5", {"z0": "0.5"}),
    (
        "vanishing",
        "h1 = 0.7311\nw4 = 1 - 0.0981 = 0.9019 w3 = 1 - 0.0223 = 0.9777",
        {"h1": "0.7311"},
    ),
    ("skip", "dL/d  yhat = 1", {}),
    ("linear_net", "z1 = 0.85\nh1 = 2*0.12 + 3*0, 2*0.12 + 3*0.23 = 0.85", {"z1": "0.85"}),
    # a formula that a comma, a semicolon or a condition cuts off
    (
        "skip",
        r"$\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial z_1}\ , x = 0.016$",
        {},
    ),
    ("skip", r"$z_2 = w_2 h_1;\, q(z_2) = 0.0021$", {}),
    (
        "skip",
        r"$\partial L/\partial z_0 = \partial L/\partial h_0 \quad \text(if } z_0 \not= 0$",
        {},
    ),
    (
        "skip",
        r"$h_1 = 0.25$, $\partial L/\partial w_2 = \partial L/\partial z_2\ ,h_1 = 0.3$",
        {"h1": "0.25"},
    ),
    ("skip", "1. so z0 = 0.5\n2. z1 = 0.2\n53. h1 = 0.25\n", {"z0": "0.5", "h1": "0.25"}),
    ("skip", "$$\\dv{L}{w_s} = 1 \\cdot h_1 = 0\\\n\\pdv{L}{h_1} = w_2 = 0.5$$", {}),
    # a number cut by a dollar, by the end of a cell, by a name
    ("skip", "so $h_1=0.25$, $\\hat{y}=0.$375$.\n\nh0 = 0.5", {"h1": "0.25", "h0": "0.5"}),
    ("skip", "| z0 | h0 |\n|---|---|\n| 0.5 | 0. |\n", {"z0": "0.5"}),
    ("skip", "z2 = 0.71y\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", r"$\nabla_{w_s} L = \frac{1}{2} \  quad \nabla_{w_2} L = 1$", {}),
    ("skip", "w0' = -0.25 - w1' = 0.25", {}),
    # what goes on below: a row of a table, a sentence that supposes something
    (
        "skip",
        (
            "dL/dw1 = 0.25\n\n## new weights\n\n|\n weight | old | new |\n|---|---|---|\n"
            "| w0 | 0.5 | -0.25 |\n| w1 | 0.3 |\n 0.25 |\n| w2 | 0.5 | 0.25 |\n"
        ),
        {"dL/dw1": "0.25"},
    ),
    ("skip", "If $w_0$ were negati\nve, then $h_0 = 0$.", {}),
    ("skip", "| a | b | c |\n|---|---|---|\n| first | $z_0 = 0.5$ | |\n", {"z0": "0.5"}),
    (
        "skip",
        "| $i$ | $\\partial L / \\partial z_i$ |\n|---|---|\n| 1 | 0.5 |\n| 2 | 0.5 |\n| 2 | 1 |\n",
        {"dL/dz1": "0.5"},
    ),
    ("skip", "$$\\pdv{L}{h_1} = \\pdv{L}{z_2} \\cdot w\n z_1 = w_1 \\cdot h_0$$", {}),
    ("closed_relu", "dL/db2 = 0; dL/dw4 = -0.232\n * 2 = -0.464", {"dL/db2": "0"}),
    ("mazur", "8. E = 0.2769 + 0.02\n29 = 0.2998\n", {}),
    (
        "skip",
        "h1 = 0,25\nz1 = 0,\n25 too, z0 = 1,\ndL/dw1 = 0,25",
        {"h1": "0.25", "z0": "1", "dL/dw1": "0.25"},
    ),
    ("skip", "For $x = 2$ we would have $z_0 = 1$ and $\\hat y = 0.75$\n.\nand $h_0 = 1$.", {}),
    ("skip", "$$\\pdv{L}{h_0} = \\pdv{L}{z_1} \\cdot w_1 /\\\n z_0 = w_0 \\cdot x$$", {}),
    ("skip", "z2 = w2*h1 +\n ws = 0.375, L = 3.375", {"L": "3.375"}),
    ("skip", "z1 = w1*h0 = 0.5\nx 0.5 = 0.25\nh1 = 0.25", {"h1": "0.25"}),
    ("skip", "Δ = ŷ ≈ 0.375\n\nΔ = ŷ - y = 0.375 + 3 = 3.375\n", {"yhat": "0.375"}),
    # an environment that does not end, so that a statement goes on in the next one
    (
        "skip",
        (
            "\\begin{align*}\nw_s' &= w_s - 0.5 \\\\ &= 0\n\\end{align}*\n"
            "\\begin{align*}\nw_0' &= w_0 - 0.75 \\\\ &= -0.25\n\\end{align*}"
        ),
        {},
    ),
    # a row that is lost, so that the one below it goes on with the one above it
    (
        "skip",
        r"$$\begin{align} z_1 &= \tfrac14 \\ &= \tfrac14 + \tfrac12 = \tfrac34 \end{align}$$",
        {},
    ),
    ("skip", "dL/d:w1 = 0.25*1 = 0.25\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", "h0 = 0,5\nh1 = 0,2\n5    z2 = 0,375\n", {"h0": "0.5", "z2": "0.375"}),
    # what stands right behind a statement or right before it may belong to it
    ("skip", r"$$\frac{dL}{dz_2} = -\quad \frac{dL}{dw_2} = 1 \cdot h_1 = 0.25$$", {}),
    ("skip", "z0 = 0,5\nyhat = 37,5  %\nh1 = 0,25\n", {"z0": "0.5", "h1": "0.25"}),
    ("skip", "so z0 = 0.5\n(0.675 - 0.5)^2 = 0.0153\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", "$z_1 = 0.5 \\cdot 0.5$z_1 = 0.5 \\cdot 0.5 = 0.25$\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    ("skip", "h0 = 0,5\nw0_new = 0,s + 0,1 * 0,1258 = 0,512\n", {"h0": "0.5"}),
    ("skip", "h0 = 0.5\n$h_1 = (z_1 - h_0)\\\n,x = 0.3$\n", {"h0": "0.5"}),
    (
        "skip",
        r"- \( z_0 = 0.5 \) - \( z_1 = -0.5 + 0.75 = 0.25 \), so \( h_1 = 0.25 \)",
        {"h1": "0.25"},
    ),
    ("skip", r"\( h_0 = 0.5 \) \( z_1 = f\rac {1} {4} /) \( h_1 = w_s = 0.5 \)", {"h0": "0.5"}),
    ("skip", r"$h_0 = 0.5 \\ z_1 = \overlin, h_1 = 0.3$", {"h0": "0.5"}),
    ("skip", "dL/dyhat = 2 * 0.5 = -1.8L/dw2 = -1.8 * 0.5 = 0.25\nh0 = 0.5\n", {"h0": "0.5"}),
    ("skip", "| a | b | c |\n|---|---|---|\n| $h_1$ | $w_1 x$  $-0.25$ | |\n", {}),
    ("skip", "h0 = 0.5\n\n∂;L\u200b=0.75⋅x=0.75\n", {"h0": "0.5"}),
    (
        "skip",
        "h0 = 0,5\nz1 = 0,5*0,5 = 0,2\n5salida: yhat = 0,375\n",
        {"h0": "0.5", "yhat": "0.375"},
    ),
    ("skip", "h0 = 0.5\nyhat = O -> L = 3.375\n\nws' = O\n", {"h0": "0.5", "L": "3.375"}),
    ("skip", r"$w_0: 0.5\ to -0.25$, $h_0 = 0.5$", {"h0": "0.5"}),
    # a name that is torn, and what is left of it
    (
        "tree_sigmoid",
        "\\begin{align*}\nw_1' &o= w_1 - \\eta dL/dw_1 \\\\\nz_1 &= 0.5\n\\end{align*}",
        {"z1": "0.5"},
    ),
    ("skip", "$z_2 = h_1 \\ cdot w_2 + h_0 \\cdot w_s = \\hat y$\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    # a copy of what was not read
    (
        "skip",
        "For $x = 2$ we would have $\\hat y = 0.75$.\nTnd $\\hat y = 0.75$.\n\n$h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    # a step that was not read, and the pass after it
    (
        "skip",
        "z2 = 0.375\n\nw0 = -0.25.\n\nNew forward pass:\n- z0 = -0.25\n- ŷ = 0, also Loss = 3\n",
        {"z2": "0.375"},
    ),
    (
        "skip",
        "h0 = 0.5\n\nw0 = 1.25, w1 = 0.75\n\n- L = |-3 - 1.95| = 4.95\n",
        {"h0": "0.5"},
    ),
    ("skip", "h_0 = 0.5\n\\pdv{L}{z_1} &= \\pdv{L}{z_2}\n\\,w_2 a = 0.5\n", {"h0": "0.5"}),
    ("skip", r"\[ \pdv{L}{z_2} = \pdv{L}{\hat y}\,\\,\hat y(1 - \hat y) = -0.0055 \]", {}),
    ("skip", "h0 = 0,5\nz2 = 0,3*1 - 0,4*2 - 0, 2= -0,7\n", {"h0": "0.5"}),
    # two statements that have become one
    ("skip", "z1 = w1 = w1*h0 = 0.25\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", r"$w_0 := 0.5 - 1 \cdot 0.75 = w_1 = 0.5 - 1 \cdot 0.25 = 0.25$", {}),
    ("skip", r"$\frac{dL}{d\hat y} = \hat y - y = 3.375 {1} = \max(0, z_1) = 0.25$", {}),
    (
        "skip",
        r"\[ \pdv{L}{z_2} = \pdv{L}{\hat y}\,,\pdv{\hat y}{z_2} = 1\cdot 1 = 1 \]",
        {},
    ),
    ("skip", "h0 = 0.51\n\nh1 = w8*3 = 0.51\n\nz1 = w8*3 = 0.255\n", {"h0": "0.51", "z1": "0.255"}),
    # two rows of one name
    (
        "skip",
        "| a | z | h |\n|---|---|---|\n| h0 | | 0.5 |\n| h1 | | 0.5 |\n| h1 | | 0.25 |\n",
        {"h0": "0.5"},
    ),
    ("skip", "I f$w_0$ were negative, say $w_0 = -2$, then $h_0 = 0$.", {}),
    ("skip", "Forward pass after the updatez0' = -0.25", {}),
    (
        "skip",
        "$$z_1 = 0.25 \\Rightarrow h_1 = \\max(0, -0.25) = 0\nz_1 = w_1 h_0 = -0.25$$",
        {"z1": "0.25"},
    ),
    # the same name twice on a line, and a sign before a name in the head of a table
    ("skip", "h0 = 0.5 z1 = 0.25 z1 = w1 * h0 = 0.3\n", {}),
    ("skip", "| z0 | -$h_0$ |\n|---|---|\n| 0.5 | 0.5 |\n", {"z0": "0.5"}),
    # a column whose title is broken
    (
        "skip",
        "dL/dh1 = 0.5\n\n| weight | gradent |\n|---|---|\n| w2 | 0.27 |\n| w1 | 0.25 |\n",
        {"dL/dh1": "0.5"},
    ),
    # a name that is parted behind its sign of what stands low, and two statements in one formula
    ("mazur", "out\\_h1 = 0.5933 3. net\\_  h2 = 0.3925\n\nE = 0.3", {"L": "0.3"}),
    (
        "skip",
        r"$\frac{dL}{dw_1} = 0.5 \cdot 0.5 = \mathbf{0.25}\frac{dL}{dw_0} = 0 = 0$, $h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    # a row whose name is lost, so that its number goes on with the row above
    ("skip", "$$z_1 = 0.5 - 0.2383 = 0.2617\\\n= 0.2601$$\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    # a cell under a name that says another one itself
    ("skip", "| Net | Output |\n|---|---|\n| 0.5 | $h_0 = 0.5$ |\n", {"h0": "0.5"}),
    ("skip", "$L = 3.375$\n\n$L(\\tilde{y}, y) = 4$\n", {"L": "3.375"}),
    # lines of the pass before that stand below the step
    (
        "skip",
        "Sheet.\n\ndL/dw1 = 0.25\nw0' = -0.25\nz0' = -0.25\ndL/dw0 = 0.75\nh0' = 0\n",
        {"dL/dw1": "0.25", "w0'": "-0.25", "z0'": "-0.25", "h0'": "0"},
    ),
    (
        "skip",
        "dL/dw0 = 0.75\n\nw0 := -0.25\n\nz0 = -0.25, h0 = 0\n\nw1 := 0.25\n",
        {"dL/dw0": "0.75", "w0'": "-0.25", "z0'": "-0.25", "h0'": "0"},
    ),
    # digits alone on the next line
    ("skip", "# Sheet\n\nz0 = 0.5\nL = 3.3\n  75\n", {"z0": "0.5"}),
    ("skip", "# Sheet\n\nh0 = 0.5\nz1 = 0.2\n  5    h1 = 0.25\n", {"h0": "0.5", "h1": "0.25"}),
    ("skip", "# Sheet\n\nz0 = 0.5\nz1 = 0.2\n5              Page 2\n", {"z0": "0.5"}),
    ("skip", "# Sheet\n\nz0 = 0.5\nz1 = 0.2\n5\th1 = 0.25\n", {"z0": "0.5", "h1": "0.25"}),
    ("tree_sigmoid", "# Sheet\n\nz1 = 0.5\ndL/dw1 = 0.0\n726\n", {"z1": "0.5"}),
    ("skip", "# Sheet\n\nz0 = 0.5\nyhat = 0.4\n  03483\n", {"z0": "0.5"}),
    ("skip", "# Sheet\n\nz0 = 0.5\nz1 = 0.2\n5 Page 2\n", {"z0": "0.5"}),
    ("skip", "Here $h_0 = 0.5$ and $w_1 \\gets 0$.25 once.\n", {"h0": "0.5"}),
    # a minus that stands twice, a fraction without its bar, a list whose marks have no blank
    ("skip", "$z_0 = - -0.5$\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    ("skip", "$L = |\\tfrac38 + 3| = 27 8$\n\n$h_0 = 0.5$", {"h0": "0.5"}),
    ("skip", "So\n\n-dL/dw2 = 0.25\n-dL/dw1 = 0.25\n\nh0 = 0.5\n", {"h0": "0.5"}),
    # a letter that may be a digit, as the target in the forward pass
    ("skip", "$h_0 = \\max(t, z_0)$\n\n$h_1 = 0.25$", {"h1": "0.25"}),
    # a number that a blank behind its comma breaks, and goes on behind it
    ("skip", "h0 = 0,5\ndL/dws = -1,  8280 * 1 = -1,8280\n", {"h0": "0.5"}),
    # a row's end that is lost behind a fraction
    (
        "skip",
        r"$\frac{dL}{dw_1} = h_0 = \tfrac14 \  \frac{dL}{dz_0} = \tfrac34$, $h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    # the step is lost, so that the second figures may be of the next pass or of the first
    (
        "skip",
        "Mail.\n\nz0 = 0,5; h0 = 0,5\ndL/dw0 = 0,75\nh0 = 0\n",
        {"z0": "0.5", "h0": "0.5", "dL/dw0": "0.75"},
    ),
    (
        "skip",
        "Mail.\n\nh0 = 0.5\nz1 = 0 + 0 . 2.5\ndL/dw1 = 0.25\nz1 = 0\n",
        {"h0": "0.5", "dL/dw1": "0.25"},
    ),
    # the title of a column is lost, so that a gradient may be taken for a new weight
    ("skip", "h0 = 0.5\n\n## New weights\n\nw0 = 0.75\n", {"h0": "0.5"}),
    # all numbers of the names are lost
    (
        "linear_net",
        "$$z = 0.85 \\\\ z = 0.191$$\n\n$\\hat y = 0.191$\n",
        {"yhat": "0.191"},
    ),
    # a list whose dollar is lost, a row's end that is the backslash of a command
    (
        "skip",
        "* $z_1 = w_1 h_0 = 0.2\n* $h_0 = z_0 = 0.5$\n",
        {"h0": "0.5", "z0": "0.5"},
    ),
    ("skip", r"$\frac{dL}{dw_1} = 0.5\\times0.5 = 0.25$, $h_0 = 0.5$", {"h0": "0.5"}),
    ("skip", r"$z_1 = h_0(1 - w_1)\\sum_k w_k = 0.25$, $h_0 = 0.5$", {"h0": "0.5"}),
    # two columns side by side, two tables that have become one
    (
        "skip",
        "- z0 = 0.5, h0 = 0.5\n- y_hat = 0.375, loss = 3.375  - z0 = 1.25, h0 = 1.25\n",
        {"z0": "0.5", "h0": "0.5", "yhat": "0.375"},
    ),
    ("skip", "So\n\n| z0 | h0 | z1 |\n| 0.5 | 0.3 | 0.25 |\n", {"z0": "0.5", "z1": "0.25"}),
    (
        "skip",
        "So\n\n| z0 | h0 |\n|--|--|--|\n| before | 0.5 | 0.5 |\n| 0.5 | 0 |\n",
        {"z0": "0.5"},
    ),
    ("skip", "```\nz1 = 0.25\nz0 = 0\n  .\n  5\n```\n", {"z1": "0.25"}),
    # figures that may be of the pass before
    (
        "skip",
        "So\n\nL = 3.375\ndL/dw0 = 0.75\n\n## New\n\nw0 = -0.25\nyhat = 0\nL = 3.38\n",
        {"L": "3.375", "dL/dw0": "0.75", "w0'": "-0.25", "yhat'": "0"},
    ),
    (
        "skip",
        "So\n\ndL/dw2 = 0.25\nz0' = -0.25\ndL/dyhat = 1\nw0' = -0.25\n",
        {"dL/dw2": "0.25", "z0'": "-0.25"},
    ),
    (
        "skip",
        "So\n\nw0' = 0.5 - 0.75 = -0.25\nz0' = -0.25\n\n$dL/dw_0 = dL/dz_0 \\cdot x$\n",
        {"w0'": "-0.25", "z0'": "-0.25"},
    ),
    (
        "skip",
        "z0 = 0.5\n\n## Update of the weights\n\nw0_new = -0.25\n\nL = |-3 - 0.1| = 3.1\n",
        {"z0": "0.5", "w0'": "-0.25"},
    ),
    (
        "skip",
        "z1 = 0 25, h1 = 0 25\nyhat = 0.375\nz1 = 0.3125, h1 = 0.3125\nyhat = 0.08\n",
        {"yhat": "0.375"},
    ),
    ("skip", "h0 = 0.5\n\n## New weights\n\nw0 = 0.757\n", {"h0": "0.5"}),
    (
        "skip",
        "So\n\nz1 = 0.25\ndL/dw1 = 0.25\nz0 = -0.25\n",
        {"z1": "0.25", "dL/dw1": "0.25"},
    ),
    (
        "skip",
        "# Summary\n\nz1 = 0.25, h1 = 0.25, L = 3.375\n\nz1 = 2.3, h1 = 2.3, L = 61.3\n",
        {"z1": "0.25", "h1": "0.25", "L": "3.375"},
    ),
    # an arrow from the old weight to what is no number
    (
        "skip",
        "So\n\n$dL/dw_0 = 0.75$\n\n## Update\n\n$w_0: 0.5 \\to -0.25$, $w_s: 0.5 \\to O$\n",
        {"dL/dw0": "0.75", "w0'": "-0.25"},
    ),
    # what is supposed goes on on the next line, a formula behind a gap
    (
        "skip",
        "If $w_0$ were below 0, then $h_0 = 0$ and \n$\\hat y = 0$.\n\n$z_0 = 0.5$",
        {"z0": "0.5"},
    ),
    ("skip", "h0 = 0.5\n\nyhat = w2  h1 + ws h0 = 0.125 + 0.25 = 0.375\n", {"h0": "0.5"}),
    # a brace that is not closed, with a condition in it
    (
        "skip",
        "$dL/dz_0 = dL/dh_0 \\quad \\text{ad \\text{if } z_0 \\not= 0$\n\n$h_0 = 0.5$\n",
        {"h0": "0.5"},
    ),
    (
        "skip",
        "So\n\nh0 = 0.5\ndL/dw0 = 0.75\nz0 = 1.25\nh0 = 1.25\n",
        {"h0": "0.5", "dL/dw0": "0.75"},
    ),
    ("skip", "h1 = 0.25\n\nh1 = ReLU(-1/16) = 0\n", {"h1": "0.25"}),
    # the dash of a list between two names, a heading with a word divided between two lines
    ("skip", "So\n\nh0 = 0.5\ndw0 = - w0 = 0.5 + 0.75 = 1.25\n", {"h0": "0.5"}),
    ("skip", "dL/dw1 = 0.25\n\n# Ite-\nration 2\nz0 = 1.25\n", {"dL/dw1": "0.25"}),
    ("skip", "So\n\ndL/dw1 = 0.25\n\n# Ite\u00adration 2\nz0 = 1.25\n", {"dL/dw1": "0.25"}),
    ("skip", "So\n\ndL/dw1 = 0.25\n\n# Ite- ration 2\nz0 = 1.25\n", {"dL/dw1": "0.25"}),
    (
        "skip",
        "z0 = 0.5\n\n## Update\n\nw0_new = -0.25\n\nh1 = z1 = 0.25\n\nh0 = 0\n",
        {"z0": "0.5", "w0'": "-0.25", "h0'": "0"},
    ),
    # a name that is none among several of one value
    ("skip", "w_0 = w_7 = w_2 = 0.5\n\nh0 = 0.5\n\nw_7 = w_7 - 0.25 = 0.25\n", {"h0": "0.5"}),
    # a sign between words, and nothing with it
    ("skip", "$z_0 = 0.5$, ~as expected\n\n$h_0 = 0.5$", {"z0": "0.5", "h0": "0.5"}),
    # tabs for all blanks of a line
    (
        "skip",
        "z_1\t=\tw_1\th_0\t=\t0.25\t⇒\th_1\t=\t0.25\n\nh0 = 0.5",
        {"z1": "0.25", "h1": "0.25", "h0": "0.5"},
    ),
    # a star that is a sign of multiplication, or the mark of a list
    (
        "skip",
        "dL/dh1 = dL/dz2\n* w2 = 0.5   dL/dz1 = 0.5 * 1 = 0.5\n\nh0 = 0.5",
        {"dL/dz1": "0.5", "h0": "0.5"},
    ),
    # an arrow to a number whose nought is an O, words of each line below the other, a star twice
    (
        "skip",
        "So\n\n$dL/dw_0 = 0.75$\n\n## Update\n\n$w_0: 0.5 \\to -0.25$, $w_1: 0.5 \\to O.25$\n",
        {"dL/dw0": "0.75", "w0'": "-0.25"},
    ),
    ("skip", "If $w_0$ were\nbelow 0,\nthen\n$h_0\n= 0$.\n\n$z_0 = 0.5$", {"z0": "0.5"}),
    ("skip", "h0 = 0.5\n\n$w_1^{*}^{*} = 0.5 - 0.25 = 0.25$", {"h0": "0.5"}),
    # nothing but a sign behind an equals sign
    ("skip", "h0 = 0.5\n\n$z_1$ = > $z_2 = 0.375$\n", {"h0": "0.5", "z2": "0.375"}),
    # a dash between two environments
    (
        "skip",
        (
            "h0 = 0.5\n\\begin{align*}\ndL/dw_2 &= 0.25\n\\end{align*} - \\begin{align*}\n"
            "dL/dw_1 &= dL/dz_1 h_0 \\\\ &= 0.25\n\\end{align*}\n"
        ),
        {"h0": "0.5"},
    ),
    # an empty display between a formula and its result, a factor behind a speck
    ("skip", "$$\nz_1 = w_1 h_0\n$$\n$$\n\n$$= 0.25$$\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", r"$\pdv{L}{h_1} = \pdv{L}{z_2}\ ,w_2 = 0.51$, $h_0 = 0.5$", {"h0": "0.5"}),
    # a gap of LaTeX between factors, a name on the line below its sign
    ("skip", "So a = 1\n\\bar{q}  &=  \\bar{r}\\,   h_1  =  0.125\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", "$$\\pdv{L}{h_1} =\nz_1 = w_1 h_0 = 0.25$$\n\nh0 = 0.5", {"h0": "0.5"}),
    # a gap inside a formula, the form feed of a page inside a number, a step that is lost
    ("skip", "yhat = w2 h1 + ws  h0 = 0.5*0.25 + 0.5*0.5 = 0.375\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", "# So\n\nh0 = 0.5\nyhat = 0.\n\f375, z1 = 0.25\n", {"h0": "0.5"}),
    (
        "linear_net",
        "# So\n\nz1 = 0.85\nyhat = 0.191\n\nyhat = 0.259\n",
        {"z1": "0.85", "yhat": "0.191"},
    ),
    ("skip", "h0 = 0,5\ndL/dz1 = 0,5 · 0,  25 = 0,125\n", {"h0": "0.5"}),
    # a row that is broken before the bar of a cell
    (
        "skip",
        "| unit | a | b |\n|---|---|---|\n| h1 | 0.3\n | 0.25 |\n| h2 | 1 | 2 |\n\nh0 = 0.5",
        {"h0": "0.5"},
    ),
    # two tables without a line between them
    (
        "skip",
        "| z0 | h0 |\n|---|---|\n| 0.5 | 0.5 |\n| z1 | h1 |\n|---|---|\n| 0.25 | 0.3 |\n",
        {"z0": "0.5", "h0": "0.5", "z1": "0.25", "h1": "0.3"},
    ),
    # a brace that is closed rows below
    (
        "skip",
        (
            "$$\\begin{aligned} dL/dh_1 &= \\pdv{L}{zac{z_2} w_2 = 0.5 \\\\ dL/dz_1 &= 0.5 \\\\ "
            "dL/dw_1 &= \\frac 1} h_0 = 0.25 \\end{aligned}$$\n\nh0 = 0.5"
        ),
        {"h0": "0.5"},
    ),
    # a hat that is lost
    (
        "tree_sigmoid",
        "# So\n\nz1 = 0.5\ndL/dyhat = -0.44\ndL/dy = -0.43\n",
        {"z1": "0.5", "dL/dyhat": "-0.44"},
    ),
    # a condition that is damaged
    (
        "skip",
        "$dL/dz_0 = dL/dh_0 \\quad \\text{if } z_0 /not= 0$\n\n$h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    # a row whose head is torn off, below new weights
    (
        "skip",
        "h0 = 0.5\n\n## Gradients ## Update\n\nw_1 = 0.5 - 0.1 = 0.4\n\n| `w_1` | 0.1 |\n",
        {"h0": "0.5", "w1'": "0.4"},
    ),
    ("skip", "$$z_1 = 0.5 \\cdot 0.5$$\n$$= 0.75$$\n\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", "$$z_1 = w_1 h_0$$\n$$= 1 \\times 0.5 = 0.5$$\n\nh0 = 0.5", {"h0": "0.5"}),
    # lines between two displays, the end of a display, and a row's end are lost
    ("skip", "h0 = 0.5\n\n$$\nw_1' = w_1 - 0.25\n\n$$= 0.52$$", {"h0": "0.5"}),
    ("skip", "$$z_0 = w_0 x$$\n$$= 0.125 + 0.250 = 0.375$$\n\nh0 = 0.5", {"h0": "0.5"}),
    (
        "skip",
        r"$\pdv{L}{h_1} = \pdv{L}{z_2} \cdot w_2 z_1 = w_1 \cdot h_0$, $h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    (
        "skip",
        r"$\pdv{L}{z_2} = 1\cdot1 \pdv{L}{w_1} = \pdv{L}{z_1} h_0 = \tfrac14$, $h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    # two rows side by side, a column that is lost, the mark of a point on the line before
    ("skip", r"$L = (\hat y - y)^2    z_1 = 0.5 \cdot 0.5 = 0.25$, $h_0 = 0.5$", {"h0": "0.5"}),
    (
        "skip",
        (
            "\\begin{align*}\nh_0 &= 0.5 && dL/dz_2 = 1 \\\\\n"
            "= w_1 h_0 && dL/dw_2 = h_1 \\\\\n= w_2 h_1 && dL/dh_1 = w_2\n\\end{align*}\n"
        ),
        {"h0": "0.5", "dL/dh1": "w2"},
    ),
    (
        "skip",
        "* h0 = 0.5, dL/dh1 = 0.5 * dL/dw2 = 0.5 * 0.5 = 0.25\n* z0 = 0.5\n",
        {"h0": "0.5", "z0": "0.5"},
    ),
    (
        "skip",
        "* h0 = 0.5, dL/dh1 = 0.5    * dL/dw2 = 0.5 * 0.5 = 0.25\n* z0 = 0.5\n",
        {"h0": "0.5", "z0": "0.5"},
    ),
    # a figure that was not clear to whoever wrote it off, decimals on the next line
    ("skip", "$h_0 = 0.5$\n\n$z_1 = 0.25$ [unclear: 0.26?]\n", {"h0": "0.5"}),
    ("skip", "h0 = 0.5\nyhat = 0.4\n  78\nz0 = 0.5\n", {"h0": "0.5", "z0": "0.5"}),
    # a factor behind a gap, the last digits of a number above
    ("skip", "h0 = 0.5\nyhat = 0.5*0.25 + (0.5)  x(0.5)\n", {"h0": "0.5"}),
    ("skip", "h0 = 0.5\ndL/dw1 = 0.5 * 0.5 = 0\n.\n2\n5 = dL/dw1\n", {"h0": "0.5"}),
    # a speck behind a name
    ("skip", "h0 = 0.5\n$dL/dz_2 = 1$\n\n$dL/dh_1' = 0.5$\n", {"h0": "0.5", "dL/dz2": "1"}),
    # the old weights below a head that is lost
    (
        "skip",
        "h0 = 0.5\ndL/dw1 = 0.25\n\n## New weights\n\n| w1 | 0.5 |\n",
        {"h0": "0.5", "dL/dw1": "0.25"},
    ),
    # a gap before a cross, signs of HTML that have lost a sign
    (
        "skip",
        "h0 = 0.5\n\nyhat = 0.5*0.25 + 0.25 = 0.25  x 0.5 + 0.25 = 0.375\n",
        {"h0": "0.5", "yhat": "0.375"},
    ),
    ("skip", "h0 = 0.5\np = w_2\nmiddot;h_1 = 0.3\n", {"h0": "0.5"}),
    ("skip", "h0 = 0.5\nz1 = w1&middoth0 = 0.25\n", {"h0": "0.5"}),
    # the last factor behind a gap of a formula that was not read
    ("skip", "h0 = 0.5\n\nSo\n\n&= dL/dz_2    h_1    =    0.3\n", {"h0": "0.5"}),
    # a loss behind new weights of which one was not read, a column without its head
    ("skip", "So\n\nw0' = 0.5 - 0.75# = -0.25\nw1' = 0.25\n\nL = 3.1\n", {"w1'": "0.25"}),
    ("skip", "So\n\n| a | before | |\n|---|---|---|\n| z1 | 0.25 | 0 |\n", {}),
    # a letter for derivatives by itself, a letter with another meaning than is usual
    (
        "skip",
        "h0 = 0.5\n\nThe errors $a_j = \\partial L/\\partial a_j$ are\n\n$a_1 = 0.3$\n",
        {"h0": "0.5", "h1": "0.3"},
    ),
    ("skip", "h0 = 0.5\n\np := +w1\n\np := 0.375\n", {"h0": "0.5"}),
    # the rest of a row behind the end of a row and a comma
    ("skip", "h0 = 0.5\n\n$$h_1 = 0.25 \\\\, z_1 = 0.3$$\n", {"h0": "0.5", "h1": "0.25"}),
    # a guess on the next line, a row that has run into the one before, a target for an output
    ("skip", "$h_0 = 0.5$\n\n$z_1 = 0.3$\n[unclear: 0.25?]\n", {"h0": "0.5"}),
    (
        "skip",
        r"$$h_0 = 0.5 \\ z_1 &= w_1 h_0 q^3 &= 0.3 \\ h_1 &= 0.25$$",
        {"h0": "0.5", "h1": "0.25"},
    ),
    ("skip", "$h_0 = 0.5$\n\n$dL/dh_1 = h_1 - y = 3.375$\n", {"h0": "0.5"}),
    ("skip", "$h_0 = 0.5$\n\n$w_0 := 0.5 - 1; (0.75) = -0.25$\n", {"h0": "0.5"}),
    # rows of a table that have not the same number of cells
    (
        "skip",
        "| a | formula | value |\n|--|--|--|\n| z1 | 0.3 |\n| h0 | z0 | 0.3 |\n| z0 | x | 0.5 |\n",
        {"z0": "0.5"},
    ),
    # a row that has run into the one before it, behind a name, a number, or the start of a word
    (
        "skip",
        r"$\frac{dL}{dw_0} = {-0.3} \frac{dL}{dw_1} = {-0.3} \cdot 3 = -0.9$, $h_0 = 0.5$",
        {"h0": "0.5"},
    ),
    ("skip", "h0 = 0.5\nyhat = 0.25 + 0.125 = 0.3751 - h0^2 = 1 - 0.4^2 = 0.84\n", {"h0": "0.5"}),
    ("skip", "h0 = 0.5\n - dL/dz0 = dL/dh0 x\nyes z0 > 0, so 0.75\n", {"h0": "0.5"}),
    # a hat that is lost in the title of a column, whose rows are steps
    (
        "skip",
        "| step | z0 | L | dL/dy |\n|---|---|---|---|\n| 0 | 0.5 | 3.375 | 1 |\n",
        {"z0": "0.5", "L": "3.375"},
    ),
    # a plus alone on the next line, a sign of HTML that is divided between two lines
    ("skip", "h0 = 0.5\n\nyhat = w2*h1\n+\nws*h0\n", {"h0": "0.5"}),
    ("skip", "h0 = 0.5\n\ndL/dh0 = dL/dz1<s\nub>1</sub>\n", {"h0": "0.5"}),
    # a semicolon before a factor
    ("skip", "h0 = 0.5\ndL/dw1 = -0.6; x 0.8 = -0.48\n", {"h0": "0.5"}),
    # two displays between which lines are lost, the second with the number of another quantity
    ("skip", "$$L = |\\hat y - y|$$\n\n$$= 0.375$$\n\nh0 = 0.5", {"h0": "0.5"}),
    # a digit on the last line, where a point of a list would have something behind it
    ("skip", "h0 = 0.5\n\nws becomes 0.5 and w0 becomes 0.\n25. \n", {"h0": "0.5", "ws'": "0.5"}),
]
"""Damaged lines, and what is read of them."""


HELD: list[tuple[str, int, Sequence[Way]]] = [
    ("own-14-bishop", 71022058, WAYS),
    ("more-02-delta-textbook", 71023682, WAYS),
    ("more-16-two-passes", 71030959, PAGES),
    ("own-01-geeks-lecture", 71031890, PAGES),
    ("third-02-ocr-nabla-bias", 72001219, PAGES),
    ("third-11-chat-boxed-bullets", 88200307, WAYS),
    ("02-ocr-biases", 88300433, PAGES),
    ("more-23-chinese", 88300925, WAYS),
    ("third-02-ocr-nabla-bias", 91000691, PAGES),
    ("wide of leaky_relu", 91001919, PAGES),
    ("code of closed_relu", 91003573, PAGES),
    ("05-net-and-out-names", 91004316, PAGES),
    ("06-chinese-inline-matrices", 91007629, PAGES),
    ("more-40-what-if", 91007941, WAYS),
    ("more-16-two-passes", 91008759, PAGES),
    ("own-05-tum-tutorial", 91009049, WAYS),
    ("also-22-math-fences", 91009479, PAGES),
    ("also-36-br-lines", 91009484, PAGES),
    ("also-26-paths-skip", 91010309, WAYS),
    ("also-26-paths-skip", 91014081, PAGES),
    ("03-ocr-fractions", 91012318, WAYS),
    ("more-16-two-passes", 91014647, PAGES),
    ("also-02-tex-macros-relu", 91014811, PAGES),
    ("12-ocr-two-columns", 91014994, PAGES),
    ("also-23-sentiment-notes", 91015276, WAYS),
    ("more-16-two-passes", 92000611, WAYS),
    ("more-16-two-passes", 92006039, PAGES),
    ("also-10-ocr-two-col-frac", 92010253, PAGES),
    ("third-11-chat-boxed-bullets", 92015455, PAGES),
    ("08-email-decimal-comma", 91015174, PAGES),
    ("german_mail of leaky_relu", 1565, PAGES),
    ("third-01-ocr-h1-for-h0", 1834, PAGES),
    ("also-36-br-lines", 1888, WAYS),
    ("own-14-bishop", 2566, PAGES),
    ("more-06-mazur-superscript", 2813, WAYS),
    ("wide of skip", 3062, PAGES),
    ("german_mail of skip", 5612, PAGES),
    ("third-05-ocr-raw-o-and-l", 3493, PAGES),
    ("wide of leaky_relu", 11895, PAGES),
    ("german_mail of leaky_relu", 17573, PAGES),
    ("also-22-math-fences", 18535, PAGES),
    ("table of vanishing", 6176, PAGES),
    ("also-26-paths-skip", 7221, WAYS),
    ("also-26-paths-skip", 8049, PAGES),
    ("table of vanishing", 350326, PAGES),
    ("fresh-b08-html-adjoints-momentum", 350097, PAGES),
    ("fresh-b09-asciidoc-korean-tables", 350098, PAGES),
    ("fresh-b10-r-console", 351377, WAYS),
    ("fresh-b10-r-console", 712251, PAGES),
    ("fresh-a11-csv-italian", 713110, WAYS),
    ("fresh-a07-phone-ocr-l-and-O", 722502, WAYS),
    ("fresh-f11-tabela-portugues", 713682, PAGES),
    ("fresh-a03-obsidian-callouts", 801321, PAGES),
    ("fresh-b08-html-adjoints-momentum", 802903, WAYS),
    ("wide of leaky_relu", 820785, PAGES),
    ("fresh-h09-tabulka-cesky", 800878, WAYS),
    ("fresh-h09-tabulka-cesky", 802792, PAGES),
    ("fresh-b10-r-console", 801339, PAGES),
    ("fresh-c04-spanish-inline-matrices", 802737, PAGES),
    ("fresh-a09-forum-post-quotes", 804458, PAGES),
    ("fresh-a07-phone-ocr-l-and-O", 700254, WAYS),
    ("fresh-b07-gdocs-spanish-batch", 702426, WAYS),
    ("fresh-b10-r-console", 703149, WAYS),
    ("fresh-g05-layers-superscript", 704099, PAGES),
    ("fresh-f20-polish-table-passes", 714909, PAGES),
    ("fresh-d03-russian-net-out", 705683, WAYS),
    ("fresh-b05-llm-transcription", 706204, PAGES),
    ("fresh-f17-latex-layers-nabla", 707694, PAGES),
    ("fresh-d03-russian-net-out", 709823, PAGES),
    ("fresh-f18-japanese-fullwidth", 711115, WAYS),
    ("fresh-g05-layers-superscript", 711299, PAGES),
    ("fresh-c09-turkish-table-two-samples", 713419, PAGES),
    ("own-14-bishop", 714956, WAYS),
    ("fresh-f02-ocr-leaky-biases", 720820, WAYS),
    ("fresh-g06-tablas-2-3-2", 721200, WAYS),
    ("also-29-bar-notation", 270159, WAYS),
    ("fresh-b02-rst-softmax", 350091, PAGES),
    ("fresh-c06-swedish-mail-decimal-comma", 352946, PAGES),
    ("fresh-c04-spanish-inline-matrices", 353229, PAGES),
    ("fresh-b09-asciidoc-korean-tables", 803426, PAGES),
    ("fresh-f04-align-softmax", 821556, PAGES),
    ("fresh-b03-octave-console", 822038, WAYS),
    ("fresh-a10-typst-japanese", 900530, PAGES),
    ("fresh-b08-html-adjoints-momentum", 901989, WAYS),
    ("fresh-f19-latex-macros", 902199, PAGES),
    ("more-16-two-passes", 905431, PAGES),
    ("more-10-ocr-han", 906876, WAYS),
    ("fresh-b10-r-console", 907143, WAYS),
    ("fresh-c06-swedish-mail-decimal-comma", 834994, WAYS),
    ("fresh-f12-ocr-hebrew-two-columns", 709129, PAGES),
    ("fresh-f16-francais-e-signe", 711113, WAYS),
    ("fresh-f19-latex-macros", 760764, WAYS),
    ("fresh-k16-spanish-triples-torch", 760602, PAGES),
    ("also-29-bar-notation", 840449, WAYS),
    ("fresh-e03-net-out-italian", 841085, PAGES),
    ("fresh-a02-pandas-printed", 842422, WAYS),
    ("fresh-a07-phone-ocr-l-and-O", 843017, PAGES),
    ("fresh-d10-ocr-zweispaltig", 842658, PAGES),
    ("fresh-l17-whiteboard-photo", 842518, WAYS),
    ("own-18-maxgate-email", 842561, WAYS),
    ("fresh-b09-asciidoc-korean-tables", 847168, WAYS),
    ("fresh-f19-latex-macros", 847019, PAGES),
    ("fresh-b10-r-console", 849139, WAYS),
    ("fresh-h02-align-portugues", 852942, PAGES),
    ("fresh-f16-francais-e-signe", 855093, WAYS),
    ("fresh-a07-phone-ocr-l-and-O", 856019, PAGES),
]
"""Sheets, seeds and ways of damage of which a line was misread once."""


@pytest.mark.parametrize(("network", "text", "expected"), DAMAGED)
def test_what_is_torn_is_not_read(network: str, text: str, expected: dict[str, str]) -> None:
    found = read(text, "sheet.md", load(network)).assertions
    assert {each.quantity: formula_text(each.said.expression) for each in found} == expected


def test_a_fraction_may_be_worked_out_wrongly() -> None:
    text = "dL/dw1 = 1/4 = 0.75\n\ndL/dw0 = 3/4\n= 0.25\n\nh1 = 0.25 = 0.75\n"
    found = read(text, "sheet.md", load("skip")).assertions
    assert [(e.quantity, formula_text(e.said.expression)) for e in found] == [("dL/dw1", "0.75")]


def test_a_name_with_nothing_behind_it_is_a_blank() -> None:
    reading = read("# Sheet\n\nz0 = 0.5 is the sum.\n\nz1 = \n\nh0 = 0.5\n", "a.md", load("skip"))
    assert [each.quantity for each in reading.assertions] == ["z0", "h0"]
    assert reading.blanks == ("z1",)


def test_a_name_between_two_signs_must_be_borne_out() -> None:
    found = read("dz1 = dh1 = dz2 * h1 = 0.25\n\nh0 = 0.5\n", "a.md", load("skip")).assertions
    assert [each.quantity for each in found] == ["dL/dz1", "h0"]


def test_a_new_pass_that_is_not_seen_to_begin_is_not_read() -> None:
    text = "z0 = 0.5\nw0' = 0.5 - 0.75 = -0.25\n\n## With the new weights\n\nz0 = -0.25 * 1 = 0.5\n"
    found = read(text, "sheet.md", load("skip")).assertions
    assert [each.quantity for each in found] == ["z0", "w0'"]


def test_a_number_that_a_percent_sign_breaks_is_not_read() -> None:
    for rest in ("%.25", ".1 %+ 0.15 = 0.25"):
        text = f"\\[z_0 = 0.5\\]\n\n\\[z_1 = 0{rest}\n\\]\n"
        found = read(text, "sheet.tex", load("skip")).assertions
        assert [each.quantity for each in found] == ["z0"]


def test_a_number_before_a_comment_that_is_none_is_not_read() -> None:
    found = read(
        "h0 = 0.5 # yes\nw0' ≈ 0.5 #- 0.75 ≈ -0.25\n", "sheet.txt", load("skip")
    ).assertions
    assert [each.quantity for each in found] == ["h0"]


def test_a_row_that_ends_in_a_comment_is_not_read() -> None:
    text = r"""\[ h_1 = 0.25 \]
\begin{align*}
h_0 = %\begin{cases} 0, z_0<0 \\ z_0, else \end{cases} = 0.5 \\
z_0 = w_0 x = 0.7 \\
\end{align*}"""
    found = read(text, "sheet.tex", load("skip")).assertions
    assert [each.quantity for each in found] == ["h1"]


@pytest.mark.parametrize("name", mostly_swept(shared([*SHEETS], "damage", 6), 4))
def test_no_damaged_line_is_misread(name: str) -> None:
    for seed in range(SEEDS):
        assert found_wrong(name, seed * len(SHEETS) + [*SHEETS].index(name)) == [], seed


@pytest.mark.parametrize(("name", "seed", "ways"), HELD)
def test_what_was_misread_once_is_not_misread(name: str, seed: int, ways: Sequence[Way]) -> None:
    assert found_wrong(name, seed, ways) == []


def found_wrong(name: str, seed: int, ways: Sequence[Way] = ()) -> list[str]:
    whole = good(name)
    try:
        text = damaged(whole.text, seed, ways)
        hurt = read(text, whole.file, whole.network, rate=whole.rate)
    except BackcalcError:
        return []
    return [*misread(whole, hurt)]
