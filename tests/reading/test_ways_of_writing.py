"""Ways of writing a statement that people use, each with what it says and of which quantity."""

from __future__ import annotations

import pytest
from conftest import marking, mostly_swept

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import load, loads
from backcalc.reading import read

HAN = """$$O_6 = \\frac{1}{1 + e^{0.105}} = 0.447$$
$$Err_6 = (0.447)(1 - 0.447)(1 - 0.447) = 0.1367$$
$$Err_5 = (0.525)(1 - 0.525)(0.1367)(-0.2) = -0.0068$$
"""

SAID: list[tuple[str, str, dict[str, str]]] = [
    ("skip", "The derivative $L_{w_0} = 0.75$.", {"dL/dw0": "0.75"}),
    # two formulas with a comma between, each in its own dollars
    ("skip", r"$z_0 = 0.5$, $h_0 = 0.5$.", {"z0": "0.5", "h0": "0.5"}),
    ("skip", "$z_0 = 0.5$,\n$h_0 = 0.5$,\nand so on", {"z0": "0.5", "h0": "0.5"}),
    ("skip", "z0=0.5,h0=0.5,z1=0.25", {"z0": "0.5", "h0": "0.5", "z1": "0.25"}),
    ("skip", "z0=0,5,h0=0,5,z2=0,375", {"z0": "0.5", "h0": "0.5", "z2": "0.375"}),
    # signs of equality set below each other
    ("skip", "sheet 3\n\nz0  =  0.5\nh0      =  0.5", {"z0": "0.5", "h0": "0.5"}),
    ("skip", "sheet 3\n\nz0  =  0.5   h0  =  0.5", {"z0": "0.5", "h0": "0.5"}),
    # the number first
    ("skip", "h1 = 0.25\n3.375 = L\nz0 = 0.5", {"h1": "0.25", "L": "3.375", "z0": "0.5"}),
    # a label that says new
    ("skip", "- **w₁ (new):** 0.5 − 0.25 = **0.25**", {"w1'": "0.25"}),
    ("skip", "- **w2 new:** 0.25", {"w2'": "0.25"}),
    ("skip", "updated w1 = 0.25", {"w1'": "0.25"}),
    ("skip", "w1: gradient 0.25, new value 0.25", {"dL/dw1": "0.25", "w1'": "0.25"}),
    ("skip", "w1: Gradient = 0.25; neu = 0.25", {"dL/dw1": "0.25", "w1'": "0.25"}),
    ("skip", "w1: gradient 0.25, new value 0.25 or so", {}),
    ("skip", "updated = 0.25", {}),
    ("skip", "grad w0 = 0.75", {"dL/dw0": "0.75"}),
    ("skip", "Gradients: w1 = 0.25", {"dL/dw1": "0.25"}),
    # indicators, sums and derivatives
    ("skip", r"$\partial L/\partial z_1 = 0.5\cdot\mathbf{1}[z_1>0] = 0.5$", {"dL/dz1": "0.5"}),
    ("skip", r"$\partial L/\partial z_1 = 0.5\,\mathbb{1}_{z_1>0} = 0.5$", {"dL/dz1": "0.5"}),
    ("skip", r"$L = \sum_k |y_k - \hat{y}_k| = 3.375$", {"L": "3.375"}),
    ("skip", r"$\dv{L}{w_s} = 1\cdot h_0 = 0.5$", {"dL/dws": "0.5"}),
    ("skip", r"$\pdv{L}{h_1} = 0.5$", {"dL/dh1": "0.5"}),
    ("skip", r"$\partial_{w_1} L = 0.25$", {"dL/dw1": "0.25"}),
    ("skip", r"$\partial_{w_1} = 0.25$", {}),
    ("skip", r"$D_{w_1} L = 0.25$ and $D_{w_2} = 0.25$", {"dL/dw1": "0.25"}),
    ("skip", r"$\nabla_{(w_1, w_2)} L = (0.25, 0.25)$", {"dL/dw1": "0.25", "dL/dw2": "0.25"}),
    ("skip", r"$\nabla_{w_1, 2} L = (0.25, 0.25)$", {}),
    # the sign of an error term, though a figure further up is wrong
    ("han_kamber", HAN, {"yhat": "0.447", "dL/dz6": "-0.1367", "dL/dz5": "0.0068"}),
    ("han_kamber", r"$Err_6 = 0.2 = 0.2$", {}),
    ("han_kamber", r"$\theta_6 \leftarrow 0.1 + 0.9\cdot 0.1311 = 0.218$", {"b6'": "0.218"}),
    # the loss after the step is told beforehand
    ("skip", "$L = 3.375$, later $L' = 3$.\n\n$dL/dw_0 = 0.75$",
     {"L": "3.375", "L'": "3", "dL/dw0": "0.75"}),
    # what may mean something else is left unread
    ("skip", "zo = 0.375", {}),
    ("skip", r"$L = 3\tfrac{3}{8}$", {}),
    ("skip", "if w0 were 1 then z0 = 1", {}),
    ("skip", "Show that dL/dw0 = 0.5.", {}),
    ("skip", "Assume $z_1 = -1$: then $h_1 = 0$ and $\\hat y = 0$.", {}),
    ("skip", "With $h_0 = 2$ we would get $\\hat y = 1.5$.", {}),
    ("skip", "For $x = 2$: $z_0 = 1$, $\\hat y = 0.75$.", {}),
    ("skip", "$w_1^{(0)} = 0.25$", {}),
    ("softmax", "$s_1 = 0.3603$", {}),
    ("skip", "|dL/dw0| = 0.75", {}),
    ("skip", "$|dL/dw0| = 0.75$", {}),
    ("skip", "e = y - yhat = -3.375\nE = 3.375", {"L": "3.375"}),
    ("skip", "error = -3.375", {}),
    ("skip", "z2 = 0.37\N{COMBINING OVERLINE}5", {}),
    ("skip", "$h_1 = 0.2554(1)$", {}),
    ("skip", "# Epoch 3\nz0 = 0.3", {}),
    ("skip", "z1 = 0.4\nz2 = 0.25\nz3 = 0.3\nL = 3.375", {"L": "3.375"}),
    ("skip", "z1 = 750 (in 10^-3)\nz2 = 375\nL = 3375\n# Exact\nh0 = 0.5", {"h0": "0.5"}),
    ("skip", "Given.\n\nnew loss L = 3.375", {}),
    ("skip", "z1 = 0.5 h0 = 0.25", {"z1": "0.25"}),
    ("skip", "z0 = 0.4 h0 = 0.4", {}),
    ("skip", "A small one: dL/dw1 = -3.75x10^-3", {"dL/dw1": "-3.75*10**(-3)"}),
    ("skip", "A small one: dL/dw1 = -3.75 x10^{-3}", {"dL/dw1": "-3.75*10**(-3)"}),
    ("skip", "A small one: dL/dw1 = 3.75X10⁻³", {"dL/dw1": "3.75*10**(-3)"}),
    ("skip", "A small one: dL/dw1 = 3.75x10**-3", {"dL/dw1": "3.75*10**(-3)"}),
    ("skip", "The slope is small.\n\nz0 = 0.5, dL/dw1 = 3.75x10-3", {"z0": "0.5"}),
    ("skip", "w1* = 0.25, z1* = 0.3", {"w1'": "0.25", "z1'": "0.3"}),
    ("mazur", "input h1 = 0.3775, output h1 = 0.5933", {"h1": "0.5933"}),
    # units counted from 1, and a for the weighted sums, where the figures prove it
    ("skip", "z1 = 0.5\nz2 = 0.25\nz3 = 0.375\nL = 3.375",
     {"z0": "0.5", "z1": "0.25", "z2": "0.375", "L": "3.375"}),
    ("mazur", "a1 = 0.3775, z1 = 0.5933\na2 = 0.3925, z2 = 0.5969",
     {"z1": "0.3775", "h1": "0.5933", "z2": "0.3925", "h2": "0.5969"}),
    # another reading is taken where the rest of the chain bears it out
    ("skip", r"$L = |-3 - \tfrac38| = 3\tfrac38$", {"L": "3 + 3/8"}),
    ("skip", "L = |-3 - 3/8| = 27/8 = 3,375", {"L": "3.375"}),
    ("skip", "dL/dh0 = ws + 0.5w1 = 0.75", {"dL/dh0": "0.75"}),
    # prose
    ("skip", "The output is 0.375 and the loss L is 3.375.", {"yhat": "0.375", "L": "3.375"}),
    ("skip", "The gradient dL/dw0 is 0.75", {"dL/dw0": "0.75"}),
    ("skip", "The slope of the relu at z1 is 1.", {}),
    ("skip", "old loss L = 3.375, new loss L = 3", {"L": "3.375", "L'": "3"}),
    ("skip", "L = 3.375 (loss)", {"L": "3.375"}),
    ("skip", "* error at out 2: `dL/dz2 = 1`", {"dL/dz2": "1"}),
    ("skip", "h0 = 0.5\n~~z1 = 0.5~~ z1 = 0.25", {"h0": "0.5", "z1": "0.25"}),
    ("skip", "new: w0=-0.25 w1=0.25 w2=0.2", {"w0'": "-0.25", "w1'": "0.25", "w2'": "0.2"}),
    ("skip", "(z0, h0) = (0.5, 0.4)", {"z0": "0.5", "h0": "0.4"}),
    ("softmax", "p = (0.36, 0.40, 0.24)", {"yhat1": "0.36", "yhat2": "0.4", "yhat3": "0.24"}),
    # older and rarer forms of a derivative
    ("skip", r"$\frac{\partial}{\partial w_0} L = 0.75$", {"dL/dw0": "0.75"}),
    ("skip", r"${\partial L \over \partial w_1} = {1 \over 4}$", {"dL/dw1": "1/4"}),
    ("skip", "dl/dw1 = 0.25", {"dL/dw1": "0.25"}),
    # a line that breaks off behind a sign
    ("skip", "dL/dw0 = 0.75 * 1 =\n     0.75", {"dL/dw0": "0.75"}),
    ("skip", "w0 (new) = 0.5 -\n   0.5 = 0", {"w0'": "0"}),
    ("mazur", "delta1 = 0.1385\ndelta2 = -0.0381\ndeltah1 = 0.00877", {"dL/dz1": "0.00877"}),
    ("mazur", "a1 = 0.7514, a2 = 0.7729", {}),
    # one path of a sum, a part of a quantity, a clause that supposes something, what was wrong
    ("skip", "Path 1 (skip): dL/dh0 = 0.5\n\nSum: dL/dh0 = 0.75", {"dL/dh0": "0.75"}),
    ("skip", r"$\frac{\partial L}{\partial h_0}\Big|_{skip} = 0.5$", {}),
    ("skip", "$h_0|_{x=2} = 1$ and $h_1|_{x=1} = 0.25$", {"h1": "0.25"}),
    ("skip", "Without the skip connection: dL/dw0 = 0.25", {}),
    ("skip", "If we forget the skip edge, we get dL/dh0 = 0.25, which is wrong.", {}),
    ("skip", "I get dL/dw0 = 0.25 but my friend has 0.75. Who is right?", {}),
    # a word before a colon is a title where the formula has a name of its own
    ("skip", r"Loss: $\hat{y} = 0.375$, $L = 3.375$", {"yhat": "0.375", "L": "3.375"}),
    ("skip", r"Für $h_1$: $\frac{\partial L}{\partial h_1} = 0.5$", {"dL/dh1": "0.5"}),
    ("skip", "yhat: z2 = 0.375", {"yhat": "0.375", "z2": "0.375"}),
    ("skip", "Loss: 3.375", {"L": "3.375"}),
    # what goes into a unit H1, what it puts out outH1; h1 for both is never sure
    ("mazur", "H1 = 0.3775, outH1 = 0.59327, H2 = 0.3925, outH2 = 0.59688",
     {"z1": "0.3775", "h1": "0.59327", "z2": "0.3925", "h2": "0.59688"}),
    ("mazur", "$H_1 = 0.3775$", {}),
    # a pass that may be the second one
    ("skip", "$z_0 = 0.5$\n\n$dL/dw_0 = 0.75$\n\n$w_x$ is\n\n$z_0 = -0.2$, $h_0 = 0$",
     {"z0": "0.5", "dL/dw0": "0.75"}),
    ("skip",
     "| | $w_0$ | $w_1$ |\n|-|-|-|\n| old | .5 | .5 |\n| grad | .75 | .25 |\n| new | -0.2 | 0.2 |",
     {"dL/dw0": "0.75", "dL/dw1": "0.25", "w0'": "-0.2", "w1'": "0.2"}),
    # names that the sheet defines
    ("skip", r"Let $a_1 = h_0$ and $a_2 = h_1$." + "\n\n$a_1 = 0.5$, $a_2 = 0.25$",
     {"h0": "0.5", "h1": "0.25"}),
    ("mazur", "delta_o1 = dE/dnet_o1 and so on.", {}),
    # boxes, and signs above signs
    ("skip", r"$$\boxed{z_1 = 0.25} \qquad \boxed{h_1 = 0.25}$$", {"z1": "0.25", "h1": "0.25"}),
    ("skip", r"**Loss:** $$\boxed{L = 3.375}$$", {"L": "3.375"}),
    ("skip", r"$\boxed{z_1} \boxed{= 0.25} \boxed{h_1 = \boxed{0.25}}$",
     {"z1": "0.25", "h1": "0.25"}),
    ("skip", r"$$z_1 = 0.5\cdot 0.5 \overset{(3)}{=} 0.25$$", {"z1": "0.25"}),
    # tables by unit, and with columns for before and after
    ("han_kamber",
     "| unit j | net input $I_j$ | output $O_j$ |\n|---|---|---|\n| 4 | -0.7 | 0.332 |",
     {"z4": "-0.7", "h4": "0.332"}),
    ("mazur", "| | net | out |\n|---|---|---|\n| h1 | 0.3775 | 0.5933 |",
     {"z1": "0.3775", "h1": "0.5933"}),
    ("han_kamber", "| unit | Err |\n|---|---|\n| 6 | 0.1311 |", {"dL/dz6": "-0.1311"}),
    ("skip", "| | before | after |\n|---|---|---|\n| z0 | 0.5 | -0.25 |\n| L | 3.375 | 3 |",
     {"z0": "0.5", "z0'": "-0.25", "L": "3.375", "L'": "3"}),
    ("xor", "| x1 | x2 | L |\n|---|---|---|\n| 0 | 0 | 0.7913 |\n| 0 | 1 | 0.6 |",
     {"L[1]": "0.7913", "L[2]": "0.6"}),
    # a sum over several lines is never cut short
    ("skip", "dL/dh0 = dL/dz2 * ws\n    + dL/dz1 * w1\n    = 0.75", {"dL/dh0": "0.75"}),
    ("skip", "The sum:\n\nz2 = 0.125\n     + 0.25\n   = 0.375\n", {"z2": "0.375"}),
    # arrays whose rows are statements, and environments that only set lines
    ("skip", r"$$\left\{\begin{array}{l} z_0 = 0.5 \\ h_0 = 0.5 \end{array}\right.$$",
     {"z0": "0.5", "h0": "0.5"}),
    ("skip", r"$$\begin{cases} w_0' = -0.25 \\ w_1' = 0.25 \end{cases}$$",
     {"w0'": "-0.25", "w1'": "0.25"}),
    ("skip", (r"$$\begin{array}{ll} { z_0 = 0.5 } & h_0 = 0.5 \\ z_1 = 0.25 & h_1 = 0.25 "
     r"\end{array}$$"),
     {"z0": "0.5", "h0": "0.5", "z1": "0.25", "h1": "0.25"}),
    ("skip", r"$\begin{cases} z_0 = 0.5, & z_0 > 0 \\ z_0 = 0 & z_0 \le 0 \end{cases}$", {}),
    ("skip", (r"$\begin{cases} h_0 = z_0 = 0.5 & \text{if } z_0 > 0 \\ h_0 = 0 & "
     r"\text{else}\end{cases}$"),
     {}),
    ("skip", "\\begin{IEEEeqnarray*}{rCl} z_0 &=& 0.5 \\end{IEEEeqnarray*}\n\\textbf{Backwards:}",
     {"z0": "0.5"}),
    ("skip", (r"\begin{align} z_2 &= 0.125 \\ &\quad + 0.25 = 0.375 \\ \intertext{The loss is} L "
     r"&= 3.375 \end{align}"),
     {"z2": "0.375", "L": "3.375"}),
    # GitHub's dollars, HTML's indexes and line ends, formulas copied off a page
    ("skip", "so $`z_0 = 0.5`$ and $`h_0 = 0.5`$", {"z0": "0.5", "h0": "0.5"}),
    ("skip", "$z_0 = 0.5$ <br>\n$h_0 = 0.5$\\\n$z_1 = 0.25$", {"z0": "0.5", "h0": "0.5",
      "z1": "0.25"}),
    ("skip", "w<sub>0</sub>' = <b>-0.25</b><br>z<sub>0</sub> = 0.5<sup>2</sup> = 0.25",
     {"w0'": "-0.25", "z0": "0.25"}),
    ("skip", ("h1=12=0.5h_1 = \\frac{1}{2} = 0.5h1\u200b=21\u200b=0.5 and z0=0.4z_0 = "
     "0.4z0\u200b=0.4"),
     {"h1": "0.5", "z0": "0.4"}),
    ("skip", "h0=0.4h_0 = 0.5h0\u200b=0.4", {}),
    # a bar for the derivative, only where the sheet says so
    ("skip", (r"We write $\bar{v} = \frac{\partial L}{\partial v}$: $\bar{z}_1 = 0.5$, "
     r"$\overline{h_0} = 0.75$"),
     {"dL/dz1": "0.5", "dL/dh0": "0.75"}),
    ("skip", r"$\bar{z}_1 = 0.5$ and $\overline{h_0} = 0.75$", {}),
    ("skip", "We write v̄ = ∂L/∂v.\n\nz̄₁ = 0.5, h̄<sub>0</sub> = 0.75",
     {"dL/dz1": "0.5", "dL/dh0": "0.75"}),
    ("skip", "z̄₁ = 0.5, h̄<sub>0</sub> = 0.75", {}),
    # steps above the names, arrows, stars
    ("skip", r"$w_0^{(1)} = w_0^{(0)} - 0.75 = -0.25$, then $z_0^{(1)} = -0.25$, $L^{(1)} = 3$",
     {"w0'": "-0.25", "z0'": "-0.25", "L'": "3"}),
    ("skip", r"$w_0: 0.5 \to -0.25$, $w_1\colon 0.5 \to 0.25$", {"w0'": "-0.25", "w1'": "0.25"}),
    ("skip", "w0 <- .5 - .75 = -.25\nz1 = .25     <-- two terms!", {"w0'": "-0.25", "z1": "0.25"}),
    ("skip", r"$\omega_0^{*} = -0.25$, $w_1^* = 0.25$, $z_0^* = 1$", {"w0'": "-0.25",
      "w1'": "0.25"}),
    ("skip", "dL/dw0 = 0.75\n\nUpdate:\n*w0 = -0.25\n*w1 = 0.25",
     {"dL/dw0": "0.75", "w0'": "-0.25", "w1'": "0.25"}),
    ("skip", "dL/dh1 = dL/dz2\n*w2 = 0.5", {}),
    # the loss with its kind, all weights of one unit, what a numbered unit puts out
    ("skip", (r"$L_{MAE} = 3.375$ and $\partial L_{MAE}/\partial w_0 = 0.75$, $L_1 = 3$, "
     r"$L_{val} = 4$"),
     {"L": "3.375", "dL/dw0": "0.75"}),
    ("ridge", r"$L_{MSE} = 0.1$", {}),
    ("sentiment", r"$\nabla_w L_{CE} = [-0.9, -0.6, -0.3, -0.9, 0, -1.3]$",
     {"dL/dw1": "-0.9", "dL/dw2": "-0.6", "dL/dw3": "-0.3", "dL/dw4": "-0.9", "dL/dw5": "0",
      "dL/dw6": "-1.3"}),
    ("geeks", "y_3 = 0.552 and y_5 = 0.67", {"h3": "0.552", "yhat": "0.67"}),
    ("lstm", r"$state_0 = 0.78572$, $out_0 = 0.53631$", {"s0": "0.78572", "h0": "0.53631"}),
    # names of functions in pieces, other words for them, bars in braces
    ("skip", r"$h_0 = \operatorname{Re} L U(z_0) = \operatorname* { m a x } ( 0, 0.5 ) = 0.5$",
     {"h0": "0.5"}),
    ("tanh_neuron", "o = tgh(0,8814) = 0,7071", {"o": "0.7071"}),
    ("skip", r"${\mathcal L} = {\bigl|}y - {\hat y}{\bigr|} = 3.375$", {"L": "3.375"}),




    ("skip", (r"$\partial L/\partial w_0 = 0.75 x = 0.75$, $h_0 = 0.5 z_1 = "
     r"0.25$"), {"dL/dw0": "0.75"}),
    # rows of a table that say of which pass they are, and columns that comment
    ("skip", ("| pass | $z_0$ | $L$ |\n|---|---|---|\n| before | 0.5 | 3.375 |\n| after | -0.25 "
     "| 3 |"),
     {"z0": "0.5", "L": "3.375", "z0'": "-0.25", "L'": "3"}),
    ("skip", ("| | w1 | L |\n|---|---|---|\n| vorher | 0.5 | 3.375 |\n| nachher | 0.25 | 3 |\n| "
     "gradient | 0.25 | |"),
     {"L": "3.375", "w1'": "0.25", "L'": "3", "dL/dw1": "0.25"}),
    ("skip", "| pass | z0 | L |\n|---|---|---|\n| 1 | 0.6 | 3.4 |\n| 2 | -0.25 | 3 |", {}),
    ("skip", ("| name | value | note |\n|---|---|---|\n| z1 | **0.25** | see h1 |\n| dL/dw0 | "
     "0.75 | via h0 + skip |"),
     {"z1": "0.25", "dL/dw0": "0.75"}),
    ("skip", ("| grad | value | |\n|---|---|---|\n| dL/dw1 | **0.25** | via the block |\n| "
     "dL/dw2 | **0.25** | block + shortcut |"),
     {"dL/dw1": "0.25", "dL/dw2": "0.25"}),
    # lines of another that are quoted
    ("skip", "z0 = 0.5\n\n> I get L = 3, is that right?\n> h0 = 0.4\n", {"z0": "0.5"}),
    ("skip", "Anna wrote:\n> h0 = 0.4\n\nNo, h0 = 0.5.", {"h0": "0.5"}),
    ("skip", "> h0 = 0.4\n\nThat is all.", {"h0": "0.4"}),
    ("skip", "h0 = 0.5\n> h0 = 0.4\n", {"h0": "0.5"}),
    ("skip", "$h_0 = 0.5$\n\n> In short:\n>\n> $$z_1 = w_1 h_0$$\n", {"h0": "0.5", "z1": "w1*h0"}),
    ("skip", "h0 = 0.5\n\n-----Original Message-----\nh1 = 0.4\n", {"h0": "0.5"}),
    ("skip", ">>> h0 = 0.5\n>>> h1 = 0.4\nz0 = 0.5\n", {"h0": "0.5", "h1": "0.4", "z0": "0.5"}),
    ("skip",
      "Path 1 (skip): dL/dh0 = 1 * 0.5 = 0.5\nso dL/dh0 = 0.75", {"dL/dh0": "0.75"}),
    # a table with a formula in a cell and its value in the next one
    ("skip", ("| unit | net | value | out | value |\n|---|---|---|---|---|\n"
     "| 0 | $z_0 = w_0 x$ | 0.5 | $h_0 = \\max(0, z_0)$ | 0.5 |"), {"z0": "0.5", "h0": "0.5"}),
    # what may be the ends of two statements, or a line that goes on
    ("skip", "dL/dz2 = dL/dw2 = dL/dz2*h1 = 0.25", {"dL/dw2": "0.25"}),
    ("skip", "h0 = 0.5\ndL/dz1 = dL/dh1\n* (1 - 0) = 0.5", {"h0": "0.5"}),
    # a figure of the first pass, which was not read, below the update
    ("skip", "$z_0 = 0.5$, $dL/dw_0 = 0.75$\n\n### Update\n\n$w_0^{new} = -0.25$\n\nL = 3.375",
     {"z0": "0.5", "dL/dw0": "0.75", "w0'": "-0.25"}),
    # letters for digits, only where the figure bears it out
    ("skip", "zo = 0.5   ho = max(0, zo) = 0.5\nzl = wl*ho = 0.25\ndL/dwo = 0.75",
     {"z0": "0.5", "h0": "0.5", "z1": "0.25", "dL/dw0": "0.75"}),
    ("skip", "$z_o = 0.5$, $h_l = 0.3$", {"z0": "0.5"}),
    ("skip", "Hier, wo z0 = 0.5", {"z0": "0.5"}),
    ("skip", "z1 = 0. 5 x 0. 5 = 0. 25\nh1 = O.5 . O.5 = O.25", {"z1": "0.25", "h1": "0.25"}),
    ("skip", "z1 = 0. 5 x 0. 5 = 0. 35\nh1 = O.35", {}),
    # a list in bold with arrows
    ("skip", "- **w0** → 0.5 - 0.75 = **-0.25**\n- **w1** → **0.25**",
     {"w0'": "-0.25", "w1'": "0.25"}),
    ("skip", ":= 0.5\n*w1 = 0.25", {}),
    # a word that says new, of all names on its line
    ("skip", "Second pass: z0 = -0.25, h0 = 0, L = 3", {"z0'": "-0.25", "h0'": "0", "L'": "3"}),
    ("skip", r"Neue Werte: $z_0 = -0.25 \Rightarrow h_0 = 0$", {"z0'": "-0.25", "h0'": "0"}),
    ("skip", ("$z_0 = 0.5$, $L = 3.375$\n\nAfter the update: z0 = -0.25, z1 = 0, yhat = 0"),
     {"z0": "0.5", "L": "3.375", "z0'": "-0.25", "z1'": "0", "yhat'": "0"}),
    # figures of the first pass once more below the update
    ("skip", ("$L = 3.375$, $dL/dw_0 = 0.75$\n\n### Update\n\n$w_0^{new} = -0.25$\n\n"
     "**Final answer:** $L \\approx 3.38$"),
     {"L": "3.38", "dL/dw0": "0.75", "w0'": "-0.25"}),
    # the name of what comes next at the end of a chain of formulas
    ("skip", r"$z_2 = h_1 w_2 + h_0 w_s = \hat y$",
     {"z2": "h1*w2 + h0*ws", "yhat": "h1*w2 + h0*ws"}),
    # marks of new values
    ("skip", (r"$\tilde{w}_0 = \frac12 - \frac34 = -\frac14$, $\tilde{z}_0 = -0.25$, "
     r"$\tilde{y} = 0$"), {"w0'": "-1/4", "z0'": "-0.25", "yhat'": "0"}),
    ("skip", r"$\tilde{z}_0 = 0.5$", {}),
    ("skip", (r"$w_0^{*} = w_0 - 0.75 = -0.25$, $h_0^{*} = 0$, $L^{*} = 3$"),
     {"w0'": "-0.25", "h0'": "0", "L'": "3"}),
    ("skip", r"$h_0^{*} = 0.5$", {}),
    ("rnn", r"$h^{\langle 1 \rangle} = 0.25$", {"h1": "0.25"}),
    # signs
    ("skip", (r"$l = 3 + \frac38 = 3.375$, $\frac{\delta l}{\delta w_2} = "
     r"\frac{\delta l}{\delta z_2} h_1 = 0.25$"), {"L": "3.375", "dL/dw2": "0.25"}),
    ("skip", "l = 3.375", {}),
    ("skip", r"$\overset{\wedge}{y} = 0.375$", {"yhat": "0.375"}),
    ("skip", r"$\boxed{w_0' = -0.25, \quad w_1' = 0.25}$", {"w0'": "-0.25", "w1'": "0.25"}),
    ("skip", "L = |−3 − ⅜| = 3⅜", {"L": "3 + 3/8"}),
    ("skip", "$z_0 = 0.5$\n$\\not{4} h_0 = 0.5$", {"z0": "0.5"}),
    # other languages
    ("skip", "y_dak = 0.375\ndus L = 3.375\nw0_nieuw = 0.5 - 0.75 = -0.25",
     {"yhat": "0.375", "L": "3.375", "w0'": "-0.25"}),
    # a title with a sign in it, and words before a name that are not known
    ("rnn", "- t=1: $z_1 = 0.6$, so $h_1 = 0.537$", {"z1": "0.6", "h1": "0.537"}),
    ("skip", "第一层 z0 = 0.5", {"z0": "0.5"}),
    ("skip", "第一层 z0 = 0.4", {}),
    ("skip", "next $z_1 = 0.25$", {"z1": "0.25"}),
    ("tree_sigmoid", "z1 = -1.07, so h1 = 0.2554", {"z1": "-1.07", "h1": "0.2554"}),
    ("skip", "z1 = 0.25 and h1 is also 0.25", {"z1": "0.25", "h1": "0.25"}),
    ("skip", "the sign, i.e. dL/dyhat = 1", {"dL/dyhat": "1"}),
    ("skip", "the new ones are w0 = -0.25 and w1 = 0.25", {"w0'": "-0.25", "w1'": "0.25"}),
    # names by the letters that people use
    ("mazur", "$h_1 = 0.5933$ and $o_1 = 0.7514$", {"h1": "0.5933", "yhat1": "0.7514"}),
    ("mazur", "$h_1 = 0.5933$ and $o_1 = 0.5933$", {"h1": "0.5933"}),
    ("rnn", r"$w_{hh} = 0.8 + 0.08575 = 0.8858$", {"wh'": "0.8858"}),
    ("geeks", "d3 = 0.002728\nd4 = 0.008071", {"dL/dz3": "0.002728", "dL/dz4": "0.008071"}),
    ("geeks", "d3 = 0.002728\nd4 = -0.008071", {}),
    ("mazur", "E_ges = 0,2748 + 0,0236 = 0,2984", {"L": "0.2984"}),
    ("autodiff_survey", "$\\bar v_i = \\partial v_5/\\partial v_i$\n\n$\\bar v_4 = 1$",
     {"dv5/dv4": "1"}),
    # several names, several numbers
    ("skip", "z0, h0, z1 = 0.5, 0.5, 0.25", {"z0": "0.5", "h0": "0.5", "z1": "0.25"}),
    ("skip", "z0, h0, z1 = 0.5, 0.5", {}),
    ("linear_net", "out = .191 L = .3272 < .4", {"yhat": "0.191", "L": "0.3272"}),
    ("conv1d", "dL/dc1 = dL/dc2 = dL/dc3 = 0.25",
     {"dL/dc1": "0.25", "dL/dc2": "0.25", "dL/dc3": "0.25"}),
    # a cross for times, a colon before the working of a derivative
    ("linear_net", "L = .3272\nw5: -.809 x .85 = -.6877", {"L": "0.3272", "dL/dw5": "-0.6877"}),
    ("linear_net", "h1: 0.22 + 0.63 = 0.85", {"h1": "0.85"}),
    # a heading of new values with nothing before it
    ("skip", "## New values\n\nz0 = -0.25, h0 = 0", {"z0'": "-0.25", "h0'": "0"}),
    ("skip", "## New values\n\nz0 = -0.5", {}),
    ("linear_net", "w1' = 0.1213\n\nnew out = 0.2558\nnew Error = 0.2770",
     {"w1'": "0.1213", "yhat'": "0.2558", "L'": "0.277"}),
    # a brace that only \\right. closes
    ("skip", r"$h_0=\left\{\begin{array}{ll}z_0 & z_0>0 \\ 0 & \text{else}\end{array}=0.5\right.$",
     {"h0": "0.5"}),
    # tables: columns by their titles, units by words, tabs, samples, two names in a row
    ("skip", "| weight | dL/d(weight) | updated |\n|---|---|---|\n| ws | 0.5 | 0 |",
     {"dL/dws": "0.5", "ws'": "0"}),
    ("skip", "| 参数 | 旧值 | 梯度 | 新值 |\n|--|--|--|--|\n| $w_s$ | 0.5 | 0.5 | 0 |",
     {"dL/dws": "0.5", "ws'": "0"}),
    ("han_kamber", "| Neuron | Pobudzenie | Wyjście |\n|---|---|---|\n| 4 | -0.7 | 0.332 |",
     {"z4": "-0.7", "h4": "0.332"}),
    ("geeks", "node\tnet\tout\terror (delta)\n3\t0.21\t0.5523\t0.00273",
     {"z3": "0.21", "h3": "0.5523", "dL/dz3": "0.00273"}),
    ("ridge", ("| sample | yhat | note |\n|---|---|---|\n| 1 | 2.7 | a |\n| 2 | 0.2 | b |\n"
     "| 3 | 1.2 | c |\n\nand $L_1 = 0.1075$"),
     {"yhat[1]": "2.7", "yhat[2]": "0.2", "yhat[3]": "1.2", "L[1]": "0.1075"}),
    ("skip", ("| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n"
     "| $z_0$ | $w_0 x$ | 0.5 | $h_0$ | $\\max(0,z_0)$ | 0.5 |"), {"z0": "0.5", "h0": "0.5"}),
    ("tree_sigmoid", "| step | value |\n|---|---|\n| z1 = -1.7(0.7) + 0.1(1.2) | -1.07 |",
     {"z1": "-1.07"}),
    ("softmax", "| clase | z | ŷ |\n|---|---|---|\n| 1 | 0.5 | 0.3603 |\n| 2 | 0.6 | 0.3982 |",
     {"z1": "0.5", "yhat1": "0.3603", "z2": "0.6", "yhat2": "0.3982"}),
    ("vanishing", "dw4=.1481*.6626=.0981 dw3=.0223 dw2=.00531",
     {"dL/dw4": "0.0981", "dL/dw3": "0.0223", "dL/dw2": "0.00531"}),
    # a quantity behind one with a prime from which it comes
    ("skip", "yhat' = 0\nL = 3", {"yhat'": "0", "L'": "3"}),
    ("skip", "yhat' = 1.95\nL = 4.2", {"yhat'": "1.95"}),
    # an update that breaks off behind its rate
    ("skip", r"$w_0' = w_0 - \eta, \frac{\partial L}{\partial w_0} = -0.25$", {}),
    # a column or a row for each sample, and one for each step in time
    ("huber", "| | sample 1 | sample 2 |\n|---|---|---|\n| ŷ | 0 | 1 |\n| ∂L/∂ŷ | -0.3 | -0.2 |",
     {"yhat[1]": "0", "yhat[2]": "1", "dL[1]/dyhat[1]": "-0.3", "dL[2]/dyhat[2]": "-0.2"}),
    ("huber", "∂L/∂ŷ\n  sample 1   0 - 0.3 = -0.3\n  sample 2   1 - 1.2 = -0.2\n\nas above",
     {"dL[1]/dyhat[1]": "-0.3", "dL[2]/dyhat[2]": "-0.2"}),
    ("rnn", "| t | z_t | dL/dh_t |\n|---|---|---|\n| 1 | 0.6 | -0.379 |\n| 3 | -0.1017 | -0.978 |",
     {"z1": "0.6", "dL/dh1": "-0.379", "z3": "-0.1017", "dL/dh3": "-0.978"}),
    ("rnn_repeat", "| t | z | h |\n|---|---|---|\n| 1 | 0.6 | 0.537 |\n| 3 | -0.1017 | -0.101 |",
     {"z[1]": "0.6", "h[1]": "0.537", "z[3]": "-0.1017", "h[3]": "-0.101"}),
    ("rnn_repeat", "| t | h_t | ŷ |\n|---|---|---|\n| 1 | 0.537 | 0.3 |", {"h[1]": "0.537"}),
    ("rnn_repeat", "h₁ = 0.537, z_2 = 0.7296, $\\delta_2 = -0.474$, dL/dz3 = -0.968",
     {"h[1]": "0.537", "z[2]": "0.7296", "dL/dz[2]": "-0.474", "dL/dz[3]": "-0.968"}),
    ("rnn_repeat", r"$\partial L/\partial h_2 = w_h\,\partial L/\partial z_3 = -0.7744$",
     {"dL/dh[2]": "-0.7744"}),
    # a weight's name above the working of its derivative, and above one that shows nothing
    ("skip", ("z0 = 0.5\n\n| a | b | c |\n|---|---|---|\n| $w_s$ | "
     r"$\frac{\partial L}{\partial \hat y} h_0$ | 0.5 |"), {"z0": "0.5", "dL/dws": "0.5"}),
    ("skip", "dL/dyhat = 1\n\n| a | b | c |\n|---|---|---|\n| $w_0$ | $w_2 x$ | 0.3 |",
     {"dL/dyhat": "1"}),
    # decimal commas between blanks, letters below a name with commas, z for the only unit
    ("fan_out", r"\( a ^ { \prime } = 2 - 0 , 1 \cdot 2 = 1,8 \)", {"a'": "1.8"}),
    ("sentiment", r"$z = 0.833$, $\partial L/\partial z = -0.303$",
     {"z1": "0.833", "dL/dz1": "-0.303"}),
    ("skip", "L = 0.5 (ŷ + 3)² = 5.6953", {"L": "5.6953"}),
    # a rule below the title of a sheet
    ("skip", "Sheet 5        Group 12\n-----------------\nz0 = w0 x = 0.5        h0 = 0.5",
     {"z0": "0.5", "h0": "0.5"}),
    # conditions behind a number, prompts of a session, letters that recognition sets apart
    ("skip", "∂L/∂z1 = 0.5 (z1 > 0) and h1 = 0.25", {"dL/dz1": "0.5", "h1": "0.25"}),
    ("skip", "∂L/∂z1 = 0.5 (z1 < 0) and h1 = 0.25", {"h1": "0.25"}),
    ("skip", "```python\n>>> h0 = 0.5\n>>> print(h1)\nh1 = 0.25\n```", {"h0": "0.5", "h1": "0.25"}),
    ("mazur", r"$n e t _ { h 1 } = 0.3775 , \quad o u t _ { h 1 } = 0.5933$",
     {"z1": "0.3775", "h1": "0.5933"}),
    ("micrograd", r"b stands two times in $d$: $\frac{\partial d}{\partial b}$ counts both", {}),
    # the old value and an arrow to the new one; words behind a name; a heading with the rate
    ("skip", "w0 = 0.5 -> -0.25\nw1 = 0.5 --> 0.25", {"w0'": "-0.25", "w1'": "0.25"}),
    ("skip", r"$w_0 = 0.5 \to -0.25$ and $h_0 = 0.5 \to z_1 = 0.25$",
     {"w0'": "-0.25", "h0": "0.5", "z1": "0.25"}),
    ("skip", "w1 = 0.3 -> 0.25", {}),
    ("skip", "w0 = 0.5 -> h0 = 0.5", {"h0": "0.5"}),
    ("skip", "w1 after the first step: 0.25\nw0 nach dem Update = -0.25",
     {"w1'": "0.25", "w0'": "-0.25"}),
    ("skip", "Neue Gewichte (η = 1)\nw0 = -0.25\nw1 = 0.25", {"w0'": "-0.25", "w1'": "0.25"}),
    # primes before the number; words of one letter; a derivative on a line of its own, or on two
    ("skip", "w′1 = 0.25, w'_0 = -0.25", {"w1'": "0.25", "w0'": "-0.25"}),
    ("skip", "$w_1' = 0.25$, ${w'}_0 = -0.25$", {"w1'": "0.25", "w0'": "-0.25"}),
    ("skip", "On a z1 = 0.25 a h1 = 0.25", {"z1": "0.25", "h1": "0.25"}),
    ("skip", "We get\n\n∂L/∂w₁\n= 0.5 · 0.5\n= 0.25", {"dL/dw1": "0.25"}),
    # code that defines a function; a row with two names of one quantity
    ("skip", "```python\nrelu = lambda z: max(0.25, z)\nreturn 0.125\nz0 = 0.5\n```",
     {"z0": "0.5"}),
    ("mazur", "| a | b | c |\n|---|---|---|\n| δ_o1 = ∂E/∂net_o1 | 0.7414 · 0.1868 | 0.1385 |",
     {"dL/dz3": "0.1385"}),
    # layers counted from the inputs, as a textbook has it, or from the first hidden one
    ("mazur", r"$z^2_1 = 0.3775$, $\delta^3_1 = 0.1385$, $\partial C/\partial w^3_{11} = 0.0822$",
     {"z1": "0.3775", "dL/dz3": "0.1385", "dL/dw5": "0.0822"}),
    ("mazur", "z¹₁ = 0.3775, z²₁ = 1.1059", {"z1": "0.3775", "z3": "1.1059"}),
    ("mazur", r"$z^2_1 = 1.1059$, $z^2_2 = 1.2249$", {}),
    # words of other languages; a condition as a factor; two slopes that are equal; code without
    # figures
    ("mazur", "out_h1 gleich 0,5933, on a z1 = 0,3775 d'où h2 = 0,5969, nová váha w5 = 0,3589",
     {"h1": "0.5933", "z1": "0.3775", "h2": "0.5969", "w5'": "0.3589"}),
    ("skip", "dz1 = dh1 * (z1 > 0) = 0.5", {"dL/dz1": "0.5"}),
    ("skip", r"$\partial h_0/\partial z_0 = \partial h_1/\partial z_1 = 1$",
     {"dh0/dz0": "1", "dh1/dz1": "1"}),
    # a list of names with colons; a table without a head; pairs side by side; bold new values
    ("skip", " - z0: 0.5\n - h0: 0.5\n - w0 neu: -0.25",
     {"z0": "0.5", "h0": "0.5", "w0'": "-0.25"}),
    ("skip", "| $z_0$ | $w_0 x$ | $0.5$ |\n|---|---|---|\n| $h_0$ | $\\max(0, z_0)$ | $0.5$ |",
     {"z0": "0.5", "h0": "0.5"}),
    ("mazur", "new weights:\nw1 0.1498   w2 0.1996\nw3 0.2498   w4 0.2995",
     {"w1'": "0.1498", "w2'": "0.1996", "w3'": "0.2498", "w4'": "0.2995"}),
    ("mazur", "- `w6`: 0.45 → **0.4087**", {"w6'": "0.4087"}),
    ("skip", "dL/dw2 = 0.25, e siccome z1 > 0 anche h1 = 0.25", {"dL/dw2": "0.25", "h1": "0.25"}),
    # numbered examples, some samples of a batch in a table, a word for the output
    ("xor", "Example 1: z1 = 0.1\n\nExample 2 (0, 1): z1 = -0.3",
     {"z1[1]": "0.1", "z1[2]": "-0.3"}),
    ("xor", "# Sample 1\n\nh1 = 0.525\n\nExample: z2 = 3", {"h1[1]": "0.525"}),
    ("xor", "| sample | x1 | z1 |\n|---|---|---|\n| 1 | 0 | 0.1 |\n| 2 | 0 | -0.3 |",
     {"z1[1]": "0.1", "z1[2]": "-0.3"}),
    ("xor", "| step | z1 |\n|---|---|\n| 1 | 0.1 |\n| 2 | -0.3 |", {}),
    ("sigmoid_neuron", "delta_out = (f - 1) * f * (1 - f)", {}),
    ("two_in_a_row", "delta_out = (yhat - y) * yhat * (1 - yhat)",
     {"dL/dz2": "(yhat - y)*yhat*(1 - yhat)"}),
    ("two_in_a_row", "delta_out = (y - yhat) * yhat * (1 - yhat)", {}),
    # a letter that is none of the network's behind a number
    ("skip", "z0 = 0,75d", {}),
]  # fmt: skip


@pytest.mark.parametrize(("network", "text", "said"), mostly_swept(SAID))
def test_what_is_said(network: str, text: str, said: dict[str, str]) -> None:
    found = read(text, "sheet.md", load(network)).assertions
    assert {each.quantity: formula_text(each.said.expression) for each in found} == said


def verdicts(network: str, text: str) -> dict[str, str]:
    report = check(marking(network), text, "sheet.txt")
    return {each.name: each.verdict for each in report.answers}


def test_a_line_says_no_more_than_it_does() -> None:
    text = r"Both are open: $\partial h_0/\partial z_0 = \partial h_1/\partial z_1 = 1$"
    report = check(Marking(load("skip")), text, "sheet.md")
    assert not any(each.comment for each in report.answers)
    report = check(Marking(load("skip")), "dL/dw2 = dL/dw1 = 0.25", "sheet.md")  # no formula
    assert [(each.verdict, each.comment) for each in report.answers[:2]] == [("correct", ())] * 2
    code = "h0 = 0.5\n\n```python\nscores = np.dot(h, W)\nZ1 = W @ X + b\n```\n"
    assert not read(code, "sheet.md", load("skip")).unread


@pytest.mark.sweep
def test_numbers_put_in_a_formula_are_right() -> None:
    assert verdicts("tree_sigmoid", "z1 = -1.7*x1 + 0.1*x2\n") == {"z1": "correct"}
    assert verdicts("skip", "Work:\nz2 = 0.5*h1 + 0.5*h0\n") == {"z2": "correct"}
    assert verdicts("skip", "Work:\nz0 = x - 0.5\n") == {"z0": "wrong"}
    text = "Work:\nh2 = tanh(0.3 + 0.8*h1)\nh3 = tanh(0.6 + 0.8*h2)\n"
    assert verdicts("rnn", text) == {"h2": "correct", "h3": "wrong"}


ASKED = """
inputs: {x1: 1, x2: -0.5}
targets: {t1: 1, t2: 0}
weights: {w1: 0.4, w2: -0.6, w3: -0.3, w4: 0.5, w5: 0.7, w6: -0.4, w7: -0.5, w8: 0.9}
nodes:
  1: {from: {x1: w1, x2: w2}, activation: tanh}
  2: {from: {x1: w3, x2: w4}, activation: tanh}
  3: {from: {1: w5, 2: w6}, activation: sigmoid}
  4: {from: {1: w7, 2: w8}, activation: sigmoid}
outputs: [3, 4]
loss: half_l2
ask: [forward, gradients]
"""


@pytest.mark.parametrize("working", ["o2*o2*(1-o2) = 0.1174", "0.1174"])
def test_what_may_go_on_from_a_name_with_two_meanings_is_not_wrong(working: str) -> None:
    """Though what is asked and missing stands among the answers."""
    text = f"z4 = -0.3348\no2 = 0.4711\ndL/dz4 = {working}\n"
    report = check(Marking(loads(ASKED)), text, "sheet.txt")
    assert [each.reason for each in report.unread] == ["o2 may be h2 or yhat2"]
    assert [e.verdict for e in report.answers if e.name == "dL/dz4"] == ["undecided"]


def test_what_goes_on_from_an_unread_line_is_not_wrong() -> None:
    text = "dL/dws = 1*?!h0 = 0.25\nnew ws = 0.5 - 0.25 = 0.25\nz0 = 0.4\n"
    assert verdicts("skip", text) == {"z0": "wrong", "ws'": "undecided"}
    text = "z0 = 0.4\nnew ws = 0.5 - 0.25 = 0.25\n"
    assert verdicts("skip", text)["ws'"] == "wrong"


def test_a_line_whose_own_numbers_do_not_come_out_is_wrong_whatever_was_not_read() -> None:
    text = "dL/dws = 1*?!h0 = 0.25\nnew ws = 0.5 - 0.25 = 0.75\nz0 = 0.4\n"
    assert verdicts("skip", text)["ws'"] == "wrong"


def test_the_elements_of_a_vector_keep_their_digits() -> None:
    text = "Work: $\\hat y = [0.3600, 0.40, 0.24]$\n"
    report = check(Marking(load("softmax")), text, "sheet.md")
    assert [each.answer.text for each in report.answers] == ["0.3600", "0.40", "0.24"]


def test_a_change_of_a_weight_may_show_in_the_working_alone() -> None:
    text = "z1 = 0.3775\nw1' = 0.15 - 0.00022 = 0.15\n"
    assert verdicts("mazur", text)["w1'"] == "rounded"
    assert verdicts("mazur", "z1 = 0.3775\nw1' = 0.15 = 0.15\n")["w1'"] == "undecided"


def test_what_an_optimizer_remembers_is_meant_after_the_step() -> None:
    text = "m_x = 0.9·0 + 0.1·3 = 0.3\nv_x = 0.001·9 = 0.009\n"
    assert verdicts("adam", text) == {"m_x'": "correct", "v_x'": "correct"}


def test_a_quoted_line_is_listed_with_its_reason() -> None:
    report = check(Marking(load("skip")), "z0 = 0.5\n> z0 = 0.4\n> so far\n", "mail")
    assert [(each.text, each.reason[:26]) for each in report.unread] == [
        ("> z0 = 0.4", "this quotes another person")
    ]


MOMENTUM = """
inputs: {x: 1}
targets: {t: 2}
weights: {w41: 0.5, w54: 0.4}
nodes:
  4: {from: {x: w41}, activation: tanh}
  5: {from: {4: w54}, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.9}
state: {v_w41: 0.5}
"""


def test_the_velocity_of_a_weight_has_its_number() -> None:
    text = "v41 <- 0.9*v41 + dE/dw41 = -0.121\nw41 <- w41 - 0.1*v41 = 0.5121\nv54 <- -0.8388\n"
    report = check(Marking(loads(MOMENTUM)), text, "a.txt")
    assert {each.name: each.verdict for each in report.answers} == {
        "v_w41'": "rounded", "w41'": "rounded", "v_w54'": "rounded"
    }  # fmt: skip
    assert not any(each.comment for each in report.answers)
    biased = MOMENTUM.replace("nodes:", "biases: {b4: 0, b5: 0}\nnodes:").replace("w41", "w4")
    report = check(Marking(loads(biased)), "h4 = 0.4621\nv4 <- 0.3\n", "a.txt")
    assert [each.reason for each in report.unread] == ["v4 may be v_b4 or v_w4"]


@pytest.mark.parametrize(
    "line", ["dh4/dz4 = (1 — h4²)·1 = 0.7864", "w41' = 0.5 — 0.1·(-0.121) = 0.5121"]
)
def test_a_long_dash_is_a_minus_within_a_formula(line: str) -> None:
    report = check(Marking(loads(MOMENTUM)), f"h4 = 0.4621\n{line}\n", "a.txt")
    assert not report.unread
    assert len(report.answers) == 2
    assert {each.verdict for each in report.answers} <= {"rounded", "correct"}


def test_a_long_dash_between_statements_is_no_minus() -> None:
    report = check(Marking(loads(MOMENTUM)), "z4 = 0.5\nh4 = 0.4621 — z4 = 0.4\n", "a.txt")
    assert "wrong" not in {each.verdict for each in report.answers}
