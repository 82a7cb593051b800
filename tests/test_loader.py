"""Network files, right and wrong; every class of mistake has its whole message here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from backcalc.equations.losses import LOSSES, loss_expression
from backcalc.equations.network import Edge, Expected
from backcalc.errors import BackcalcError
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS, default_conventions
from backcalc.formulas.parser import parse
from backcalc.loading.loader import bundled, load, loads

# The tables below change one of these files in one place. A case is three things: which file and
# what is replaced by what (`\n` for a line's end), and the message, caret and hint included.

UNIT = """\
inputs: {x: 1}
targets: {y: 1}
weights: {w: 1}
nodes:
  0: {from: {x: w}}
loss: l2
"""

LAYER = """\
inputs: {x1: 1, x2: 2}
targets: {y1: 0, y2: 1}
layers:
  - {name: h, units: 2, weights: [[1, 2], [3, 4]], bias: [0, 0.5]}
loss: mse
"""

DATA = """\
inputs: [x]
targets: [y]
data:
  - {x: 1, y: 2}
weights: {w: 1}
nodes:
  0: {from: {x: w}}
loss: l2
"""

EQUATION = """\
inputs: {x: 1}
weights: {w: 1}
equations:
  f: w*x
loss: f
"""

KEYS = r"""
UNIT: loss: l2 => lss: l2
net.yaml:6:1: unknown key 'lss'
6 | lss: l2
  | ^^^
hint: did you mean 'loss'?

UNIT: {from => {form
net.yaml:5:7: unknown key 'form'
5 |   0: {form: {x: w}}
  |       ^^^^
hint: did you mean 'from'?

LAYER: name: h => nam: h
net.yaml:4:6: unknown key 'nam'
4 |   - {nam: h, units: 2, weights: [[1, 2], [3, 4]], bias: [0, 0.5]}
  |      ^^^
hint: did you mean 'name'?

UNIT: loss: l2 => loss: l2\nconventions: {relu_at_zer: 1}
net.yaml:7:15: unknown key 'relu_at_zer'
7 | conventions: {relu_at_zer: 1}
  |               ^^^^^^^^^^^
hint: did you mean 'relu_at_zero'?
"""

ACTIVATIONS_AND_LOSSES = r"""
UNIT: w}} => w}, activation: rellu}
net.yaml:5:33: unknown activation 'rellu'
5 |   0: {from: {x: w}, activation: rellu}
  |                                 ^^^^^
hint: did you mean 'relu' or 'elu'?

UNIT: w}} => w}, activation: relu(1)}
net.yaml:5:33: relu takes 0 numbers, not 1
5 |   0: {from: {x: w}, activation: relu(1)}
  |                                 ^^^^^^^

UNIT: w}} => w}, activation: leaky_relu(a)}
net.yaml:5:44: 'a' is not a number
5 |   0: {from: {x: w}, activation: leaky_relu(a)}
  |                                            ^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: w}} => w}, activation: leaky_relu(0.2}
net.yaml:5:33: 'leaky_relu(0.2' must end with a closing bracket
5 |   0: {from: {x: w}, activation: leaky_relu(0.2}
  |                                 ^^^^^^^^^^^^^^

UNIT: l2 => l22
net.yaml:6:7: unknown loss 'l22'
6 | loss: l22
  |       ^^^
hint: did you mean 'l2'?

UNIT: l2 => mae
net.yaml:6:7: unknown loss 'mae'
6 | loss: mae
  |       ^^^
hint: here it is 'l1', summed over the outputs

UNIT: l2 => huber(0.5, 1)
net.yaml:6:7: huber takes 1 number, not 2
6 | loss: huber(0.5, 1)
  |       ^^^^^^^^^^^^^

UNIT: l2 => '(yhat - z1)**2'
net.yaml:6:16: unknown name 'z1'
6 | loss: '(yhat - z1)**2'
  |                ^^

UNIT: l2 => |\n  (yhat\n  - z1)**2
net.yaml:6:9: unknown name 'z1'
6 | (yhat - z1)**2
  |         ^^

UNIT: loss: l2\n =>
net.yaml:1:1: the network has no loss
1 | inputs: {x: 1}
  | ^
hint: add loss: with an expression or one of LOSSES

UNIT: l2 => softmax(x, y)
net.yaml:6:7: softmax must stand alone on the right side of an equation
6 | loss: softmax(x, y)
  |       ^
hint: give its values names of their own: p1, p2: softmax(z1, z2)
"""

EDGES_AND_WEIGHTS = r"""
UNIT: {x: w} => {x3: w}
net.yaml:5:14: edge from nowhere: there is no unit or input 'x3'
5 |   0: {from: {x3: w}}
  |              ^^
hint: did you mean 'x'?

UNIT: {x: w} => {xx: w}
net.yaml:5:14: edge from nowhere: there is no unit or input 'xx'
5 |   0: {from: {xx: w}}
  |              ^^
hint: did you mean 'x'?

UNIT: 0: {from: {x: w}} => 0: {from: {x: w}}\n  1: {from: {h0: w}}
net.yaml:6:14: edge from nowhere: there is no unit or input 'h0'
6 |   1: {from: {h0: w}}
  |              ^^
hint: write 0: an edge names the unit that it comes from

UNIT: loss: l2 => loss: l2\nskip:\n  - {from: x, to: 7, weight: w}
net.yaml:8:19: edge to nowhere: there is no unit '7'
8 |   - {from: x, to: 7, weight: w}
  |                   ^
hint: the units are 0

UNIT: loss: l2 => loss: l2\nskip:\n  - {from: x, weight: w}
net.yaml:8:5: this skip edge has no 'to'
8 |   - {from: x, weight: w}
  |     ^

UNIT: {x: w} => {x: ww}
net.yaml:5:17: weight 'ww' has no value
5 |   0: {from: {x: ww}}
  |                 ^^
hint: did you mean 'w'?

UNIT: {x: w} => {x: 0.5}
net.yaml:5:17: '0.5' is not a weight's name
5 |   0: {from: {x: 0.5}}
  |                 ^^^
hint: write a name here and its number under weights:

UNIT: w}} => w}, bias: b0}
net.yaml:5:27: bias 'b0' has no value
5 |   0: {from: {x: w}, bias: b0}
  |                           ^^
hint: give it a number under biases:

UNIT: {x: w}} => {x: w}, bias: bh9}\nbiases: {wh9: 1, bh1: 2}
net.yaml:5:27: bias 'bh9' has no value
5 |   0: {from: {x: w}, bias: bh9}
  |                           ^^^
hint: did you mean 'bh1'?

UNIT: loss: l2 => loss: half-l2
net.yaml:6:7: unknown loss 'half-l2'
6 | loss: half-l2
  |       ^^^^^^^
hint: did you mean 'half_l2'?

UNIT: loss: l2 => loss: l2\nfrozen: [w, b]
net.yaml:7:13: weight 'b' has no value
7 | frozen: [w, b]
  |             ^
hint: give it a number under weights:

UNIT: {from: {x: w}} => {activation: relu}
net.yaml:5:3: nothing comes into unit '0'
5 |   0: {activation: relu}
  |   ^
hint: from: {x: w0} says what comes in and with which weight

UNIT: {from: {x: w}} =>
net.yaml:5:3: nothing comes into unit '0'
5 |   0:
  |   ^
hint: from: {x: w0} says what comes in and with which weight
"""

OUTPUTS = r"""
UNIT: {x: w}} => {1: w}}\n  1: {from: {0: w}}
net.yaml:5:3: the network has a cycle: 0 -> 1 -> 0
5 |   0: {from: {1: w}}
  |   ^
hint: every value must come before its uses

UNIT: {x: w}} => {x: w, 2: w}}\n  1: {from: {0: w}}\n  2: {from: {1: w}}
net.yaml:5:3: the network has a cycle: 0 -> 1 -> 2 -> 0
5 |   0: {from: {x: w, 2: w}}
  |   ^
hint: every value must come before its uses

UNIT: {x: w}} => {x: w, f: w}}\nequations:\n  f: h0*x
net.yaml:5:3: the network has a cycle: 0 -> f -> 0
5 |   0: {from: {x: w, f: w}}
  |   ^
hint: every value must come before its uses

UNIT: 0: {from: {x: w}} => 2: {from: {x: w}}\n  3: {from: {x: w}}
net.yaml:7:7: 2 outputs (2, 3) for 1 target (y)
7 | loss: l2
  |       ^^
hint: each output needs one target; outputs: [...] says which units are outputs

UNIT: targets: {y: 1}\n =>
net.yaml:5:7: 1 output (0) for 0 targets
5 | loss: l2
  |       ^^
hint: each output needs one target; outputs: [...] says which units are outputs

UNIT: loss: l2 => outputs: [1]\nloss: l2
net.yaml:6:11: unknown output '1'
6 | outputs: [1]
  |           ^
hint: there are 0

UNIT: loss: l2 => outputs: [0, 0]\nloss: l2
net.yaml:6:14: the output '0' is listed twice
6 | outputs: [0, 0]
  |              ^

UNIT: l2 => l2\nequations: {p: yhat2 + 1}\noutputs: [0]
net.yaml:7:16: unknown name 'yhat2'
7 | equations: {p: yhat2 + 1}
  |                ^^^^^
hint: did you mean 'yhat' or 'yhat1'?
"""

GIVEN_TWICE = r"""
UNIT: loss: l2 => loss: l2\ntargets: {y: 2}
net.yaml:7:1: 'targets' stands here and on line 2
7 | targets: {y: 2}
  | ^^^^^^^
hint: each key may stand once

UNIT: {w: 1} => {w: 1, w: 2}
net.yaml:3:17: 'w' stands here and on line 3
3 | weights: {w: 1, w: 2}
  |                 ^
hint: each key may stand once

UNIT: {w: 1} => {x: 1}
net.yaml:3:11: 'x' names two quantities, here and on line 1
3 | weights: {x: 1}
  |           ^
hint: each quantity needs a name of its own

UNIT: {w: 1} => {w: 1, z0: 1}
net.yaml:5:3: 'z0' names two quantities, here and on line 3
5 |   0: {from: {x: w}}
  |   ^
hint: unit '0' gives z0 and yhat

UNIT: {w: 1} => {w: 1, h0: 1}
net.yaml:5:3: 'h0' names two quantities, here and on line 3
5 |   0: {from: {x: w}}
  |   ^
hint: h0 would be the activation of unit '0'

UNIT: {w: 1} => {w: 1, yhat: 1}
net.yaml:5:3: 'yhat' names two quantities, here and on line 3
5 |   0: {from: {x: w}}
  |   ^
hint: unit '0' gives z0 and yhat

UNIT:   0: =>   x:
net.yaml:5:3: 'x' names a unit and another quantity, here and on line 1
5 |   x: {from: {x: w}}
  |   ^
hint: rename one of them

EQUATION: f: w*x => w: 2*x
net.yaml:4:3: 'w' names two quantities, here and on line 2
4 |   w: 2*x
  |   ^
hint: each quantity needs a name of its own

UNIT: {x: 1} => {\xe9: 1, e\u0301: 2}
net.yaml:1:16: 'é' stands here and on line 1
1 | inputs: {é: 1, é: 2}
  |                ^
hint: each key may stand once
"""

WRONG_TYPES = r"""
UNIT: {w: 1} => [1, 2]
net.yaml:3:10: expected a mapping of names to numbers, found a list
3 | weights: [1, 2]
  |          ^

UNIT: l2 => [l2]
net.yaml:6:7: expected the name of a loss, or an expression, found a list
6 | loss: [l2]
  |       ^
hint: write it without [ ]

UNIT:   0: {from: {x: w}} =>   - {from: {x: w}}
net.yaml:5:3: expected a mapping of units, found a list
5 |   - {from: {x: w}}
  |   ^
hint: write each unit as `name: {from: ...}`, without a dash before it

UNIT: {w: 1} => {w: [1]}
net.yaml:3:14: expected a number, found a list
3 | weights: {w: [1]}
  |              ^
hint: write it without [ ]

UNIT: {w: 1} => {w: }
net.yaml:3:14: expected a number, found nothing
3 | weights: {w: }
  |              ^

UNIT: {x: w} => x
net.yaml:5:13: expected a mapping of sources to weights, found 'x'
5 |   0: {from: x}
  |             ^
hint: write a weight for each source: {x1: w1, x2: w2}

UNIT: loss: l2 => loss: l2\nskip: {from: 0}
net.yaml:7:7: expected a list of skip edges, found a mapping
7 | skip: {from: 0}
  |       ^
hint: put it in [ ]

UNIT: loss: l2 => loss: l2\nskip: [{from: 0, to: 1}]
net.yaml:7:8: this skip edge has no 'weight'
7 | skip: [{from: 0, to: 1}]
  |        ^
hint: for an edge that only adds, name a weight that is 1 and list it under frozen:

UNIT: loss: l2 => loss: l2\nlr: 0.5
net.yaml:7:1: unknown key 'lr'
7 | lr: 0.5
  | ^^
hint: did you mean 'learning_rate'?

UNIT: loss: l2 => loss: l2\nnames: {L: E}}
net.yaml:7:14: not YAML: did not find expected key
7 | names: {L: E}}
  |              ^
hint: there is one } too many

UNIT: loss: l2 => loss: l2\nfrozen: w
net.yaml:7:9: expected a list of weights, found 'w'
7 | frozen: w
  |         ^

UNIT: loss: l2 => loss: l2\ntitle: [a]
net.yaml:7:8: expected a line of text, found a list
7 | title: [a]
  |        ^
hint: write it without [ ]

UNIT: loss: l2 => loss: l2\nreduction: median
net.yaml:7:12: unknown reduction 'median'
7 | reduction: median
  |            ^^^^^^
hint: did you mean 'mean'?

EQUATION: w*x => [w, x]
net.yaml:4:6: expected a formula, found a list
4 |   f: [w, x]
  |      ^
"""

NUMBERS = r"""
UNIT: {w: 1} => {w: .inf}
net.yaml:3:14: '.inf' is not a number
3 | weights: {w: .inf}
  |              ^^^^
hint: a number must be finite

UNIT: {w: 1} => {w: -.inf}
net.yaml:3:14: '-.inf' is not a number
3 | weights: {w: -.inf}
  |              ^^^^^
hint: a number must be finite

UNIT: {w: 1} => {w: .NaN}
net.yaml:3:14: '.NaN' is not a number
3 | weights: {w: .NaN}
  |              ^^^^
hint: a number must be finite

UNIT: {w: 1} => {w: 0x10}
net.yaml:3:14: '0x10' is not a number
3 | weights: {w: 0x10}
  |              ^^^^
hint: write the number in decimal digits

UNIT: {w: 1} => {w: 2w}
net.yaml:3:14: '2w' is not a number
3 | weights: {w: 2w}
  |              ^^
hint: a product needs its sign: 2*x

UNIT: {w: 1} => {w: \u0663}
net.yaml:3:14: '٣' is not a number
3 | weights: {w: ٣}
  |              ^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: {w: 1} => {w: --5}
net.yaml:3:14: '--5' is not a number
3 | weights: {w: --5}
  |              ^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: {w: 1} => {w: 1/0}
net.yaml:3:14: '1/0' divides by zero
3 | weights: {w: 1/0}
  |              ^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: {w: 1} => {w: 1e999999999}
net.yaml:3:14: the number '1e999999999' has too many digits
3 | weights: {w: 1e999999999}
  |              ^^^^^^^^^^^

UNIT: w: 1 => w: 010
net.yaml:3:14: '010' is not a number
3 | weights: {w: 010}
  |              ^^^
hint: write it without the leading zero

UNIT: w: 1 => w: 1_000
net.yaml:3:14: '1_000' is not a number
3 | weights: {w: 1_000}
  |              ^^^^^
hint: write it without underscores

UNIT: w: 1 => w: 1:30
net.yaml:3:14: '1:30' is not a number
3 | weights: {w: 1:30}
  |              ^^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: w: 1 => w: yes
net.yaml:3:14: 'yes' is not a number
3 | weights: {w: yes}
  |              ^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: w: 1 => w: '1,5'
net.yaml:3:14: '1,5' is not a number
3 | weights: {w: '1,5'}
  |              ^^^^^
hint: write the decimal point as a point

UNIT: w: 1 => w: 1/0
net.yaml:3:14: '1/0' divides by zero
3 | weights: {w: 1/0}
  |              ^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: w: 1 => w: 9**9**9
net.yaml:3:14: '9**9**9' is not a number
3 | weights: {w: 9**9**9}
  |              ^^^^^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: w: 1 => w: 1e999999999
net.yaml:3:14: the number '1e999999999' has too many digits
3 | weights: {w: 1e999999999}
  |              ^^^^^^^^^^^

UNIT: loss: l2 => loss: l2\nlearning_rate: fast
net.yaml:7:16: 'fast' is not a number
7 | learning_rate: fast
  |                ^^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3
"""

NAMES = r"""
UNIT: {w: 1} => {w\u2080: 1}
net.yaml:3:11: 'w₀' cannot be a name
3 | weights: {w₀: 1}
  |           ^^
hint: a name is a letter or _, then letters, digits and _

UNIT: {w: 1} => {\xbd: 1}
net.yaml:3:11: '½' cannot be a name
3 | weights: {½: 1}
  |           ^
hint: a name is a letter or _, then letters, digits and _

UNIT: {w: 1} => {w-1: 1}
net.yaml:3:11: 'w-1' cannot be a name
3 | weights: {w-1: 1}
  |           ^^^
hint: a name is a letter or _, then letters, digits and _

UNIT: {w: 1} => {1w: 1}
net.yaml:3:11: '1w' cannot be a name
3 | weights: {1w: 1}
  |           ^^
hint: a name is a letter or _, then letters, digits and _

UNIT: {w: 1} => {if: 1}
net.yaml:3:11: 'if' is a word of formulas and cannot be a name
3 | weights: {if: 1}
  |           ^^

UNIT: {w: 1} => {L: 1}
net.yaml:3:11: 'L' is the name of the loss
3 | weights: {L: 1}
  |           ^
hint: choose another name

UNIT: {w: 1} => {lr: 1}
net.yaml:3:11: 'lr' is the name of the learning rate
3 | weights: {lr: 1}
  |           ^^
hint: choose another name

UNIT:   0: =>   0.5:
net.yaml:5:3: '0.5' cannot be a unit's name
5 |   0.5: {from: {x: w}}
  |   ^^^
hint: a name is a letter or _, then letters, digits and _
"""

LAYERS = r"""
LAYER: [3, 4] => [3]
net.yaml:4:43: the weights are 2x2 or 1, but 2 units with 2 sources need 2x2
4 |   - {name: h, units: 2, weights: [[1, 2], [3]], bias: [0, 0.5]}
  |                                           ^
hint: a row for each receiving unit

LAYER: , [3, 4] =>
net.yaml:4:34: the weights are 1x2, but 2 units with 2 sources need 2x2
4 |   - {name: h, units: 2, weights: [[1, 2]], bias: [0, 0.5]}
  |                                  ^
hint: a row for each receiving unit

LAYER: [0, 0.5] => [0]
net.yaml:4:58: 1 bias for 2 units
4 |   - {name: h, units: 2, weights: [[1, 2], [3, 4]], bias: [0]}
  |                                                          ^

LAYER: [0, 0.5] => b
net.yaml:4:58: bias 'b' has no value
4 |   - {name: h, units: 2, weights: [[1, 2], [3, 4]], bias: b}
  |                                                          ^
hint: give it a number under biases:

LAYER: [0, 0.5] => 0.5
net.yaml:4:58: '0.5' is not a weight's name
4 |   - {name: h, units: 2, weights: [[1, 2], [3, 4]], bias: 0.5}
  |                                                          ^^^
hint: write a name here and its number under weights:

LAYER: [3, 4] => [3, v]
net.yaml:4:47: weight 'v' has no value
4 |   - {name: h, units: 2, weights: [[1, 2], [3, v]], bias: [0, 0.5]}
  |                                               ^
hint: give it a number under weights:

LAYER: units: 2 => units: 1.5
net.yaml:4:22: a layer has 1 to 20000 units
4 |   - {name: h, units: 1.5, weights: [[1, 2], [3, 4]], bias: [0, 0.5]}
  |                      ^^^

LAYER: [[1, 2], [3, 4]] => 3
net.yaml:4:34: expected a matrix of weights, or random, found '3'
4 |   - {name: h, units: 2, weights: 3, bias: [0, 0.5]}
  |                                  ^

LAYER: bias: => from: [x1, x1], bias:
net.yaml:4:63: the source 'x1' is listed twice
4 |   - {name: h, units: 2, weights: [[1, 2], [3, 4]], from: [x1, x1], bias: [0, 0.5]}
  |                                                               ^^

LAYER: units: 2,  =>
net.yaml:4:5: this layer has no 'units'
4 |   - {name: h, weights: [[1, 2], [3, 4]], bias: [0, 0.5]}
  |     ^
"""

EQUATIONS = r"""
EQUATION: w*x => |\n    w*xx
net.yaml:4:3: unknown name 'xx'
4 | w*xx
  |   ^^
hint: did you mean 'x'?

EQUATION: w*x => w *\n    x +\n    xx
net.yaml:4:9: unknown name 'xx'
4 | w * x + xx
  |         ^^
hint: did you mean 'x'?

EQUATION: w*x => 'w*xx'
net.yaml:4:9: unknown name 'xx'
4 |   f: 'w*xx'
  |         ^^
hint: did you mean 'x'?

EQUATION: w*x => w*xx
net.yaml:4:8: unknown name 'xx'
4 |   f: w*xx
  |        ^^
hint: did you mean 'x'?

EQUATION: w*x => w*(x
net.yaml:4:10: expected ')' to close the bracket, but the formula ends
4 |   f: w*(x
  |          ^

EQUATION: w*x => "w * 2x"
net.yaml:4:11: '2x' is not a number
4 |   f: "w * 2x"
  |           ^^
hint: a product needs its sign: 2*x

EQUATION: f: w*x => f: softmax(w, x)
net.yaml:4:3: softmax gives 2 values, but the left side has 1 name
4 |   f: softmax(w, x)
  |   ^
hint: one name for each: p1, p2: softmax(...)

EQUATION: f: w*x => f, g: w*x
net.yaml:4:3: one value has several names
4 |   f, g: w*x
  |   ^^^^
hint: functions with several values: softmax, log_softmax

EQUATION: w*x => 1 + softmax(w, x)
net.yaml:4:6: softmax must stand alone on the right side of an equation
4 |   f: 1 + softmax(w, x)
  |      ^
hint: give its values names of their own: p1, p2: softmax(z1, z2)

EQUATION: w*x => relu
net.yaml:4:6: unknown name 'relu'
4 |   f: relu
  |      ^^^^
hint: relu is a function: write relu(...)

EQUATION: w*x => rel(w)
net.yaml:4:6: unknown function 'rel'
4 |   f: rel(w)
  |      ^^^
hint: did you mean 'relu'?

EQUATION: w*x => 9**9**9
net.yaml:4:7: the exponent is larger than 1000
4 |   f: 9**9**9
  |       ^^
"""

SAMPLES = r"""
DATA: {x: 1, y: 2} => {x: 1}
net.yaml:4:5: this sample has no 'y'
4 |   - {x: 1}
  |     ^

DATA: y: 2} => y: 2, z: 3}
net.yaml:4:18: unknown key 'z'
4 |   - {x: 1, y: 2, z: 3}
  |                  ^
hint: known keys: x, y

DATA: {x: 1, y: 2} => [1, 2]
net.yaml:4:5: expected a sample such as {x: 1, y: -3}, found a list
4 |   - [1, 2]
  |     ^

DATA: y: 2 => y: two
net.yaml:4:15: 'two' is not a number
4 |   - {x: 1, y: two}
  |               ^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

DATA: \n  - {x: 1, y: 2} =>  []
net.yaml:3:7: there are no samples
3 | data: []
  |       ^

DATA: \n  - {x: 1, y: 2} =>  ../more.csv
net.yaml:3:7: '../more.csv' is not the name of a CSV file
3 | data: ../more.csv
  |       ^^^^^^^^^^^
hint: put it beside the network file and give its name

DATA: [x] => {x: 1}
net.yaml:1:13: 'x' has a number here and in data:
1 | inputs: {x: 1}
  |             ^
hint: with data:, inputs is a list of names: [x]

DATA: data:\n  - {x: 1, y: 2}\n =>
net.yaml:1:9: 'x' has no number
1 | inputs: [x]
  |         ^
hint: write inputs: {x: 1}, or give samples under data:
"""

FIGURES = r"""
UNIT: loss: l2 => loss: l2\nexpect: {z 0: 1}
net.yaml:7:10: 'z 0' is not a quantity
7 | expect: {z 0: 1}
  |          ^^^
hint: quantities are written z0, dL/dw0, w0', yhat[2]

UNIT: loss: l2 => loss: l2\nexpect: {z0: 1 2}
net.yaml:7:16: expected an operator, but found '2'
7 | expect: {z0: 1 2}
  |                ^

UNIT: loss: l2 => loss: l2\nexpect: {z0: {wrong: sign}}
net.yaml:7:14: the figure of 'z0' has no value
7 | expect: {z0: {wrong: sign}}
  |              ^

UNIT: loss: l2 => loss: l2\nexpect: {z0: {value: 1, wrong: A slip}}
net.yaml:7:32: 'A slip' is not the name of a mistake
7 | expect: {z0: {value: 1, wrong: A slip}}
  |                                ^^^^^^

UNIT: loss: l2 => loss: l2\npoints: {z0: many}
net.yaml:7:14: 'many' is not a number
7 | points: {z0: many}
  |              ^^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3
"""

YAML = r"""
UNIT: loss: l2 => loss: [l2
net.yaml:6:7: not YAML: this [ is not closed
6 | loss: [l2
  |       ^
hint: put a ] where it ends

UNIT: {w: 1} => {w: 1
net.yaml:3:10: not YAML: this { is not closed
3 | weights: {w: 1
  |          ^
hint: put a } where it ends

UNIT: {w: 1} => {w:1}
net.yaml:3:11: 'w:1' lacks a blank behind its colon
3 | weights: {w:1}
  |           ^^^
hint: write w: 1

UNIT: {x: w} => {x w}
net.yaml:5:14: 'x w' lacks a colon
5 |   0: {from: {x w}}
  |              ^^^
hint: write x: w

UNIT: loss: l2 => loss:l2
net.yaml:6:1: not YAML: could not find expected ':'
6 | loss:l2
  | ^
hint: write a colon and a blank behind the key

UNIT: loss: l2 => loss: l2\nlearnrate: 1
net.yaml:7:1: unknown key 'learnrate'
7 | learnrate: 1
  | ^^^^^^^^^
hint: did you mean 'learning_rate'?

UNIT: {x: w} => {q: w}
net.yaml:5:14: edge from nowhere: there is no unit or input 'q'
5 |   0: {from: {q: w}}
  |              ^
hint: there are 0, x

UNIT: {w: 1} => \n\tw: 1
net.yaml:4:1: not YAML: found character that cannot start any token
4 |  w: 1
  | ^
hint: indent with spaces, not tabs

UNIT: l2 => a: b
net.yaml:6:8: not YAML: mapping values are not allowed in this context
6 | loss: a: b
  |        ^
hint: write one key and one value on a line; put a text with a colon in quotes

UNIT: l2 => @l2
net.yaml:6:7: not YAML: found character that cannot start any token
6 | loss: @l2
  |       ^
hint: a word cannot start with @; put a text in quotes

UNIT: l2 => *l2
net.yaml:6:7: aliases are not supported here
6 | loss: *l2
  |       ^^^
hint: write the value out

UNIT: {w: 1} => &w {w: 1}
net.yaml:3:10: anchors and aliases are not supported here
3 | weights: &w {w: 1}
  |          ^^^^
hint: write the value out

UNIT: {w: 1} => {<<: {w: 1}}
net.yaml:3:11: merge keys are not supported here
3 | weights: {<<: {w: 1}}
  |           ^^
hint: write the keys out

UNIT: w: 1 => w: !!float 1
net.yaml:3:14: tags such as 'tag:yaml.org,2002:float' are not supported here
3 | weights: {w: !!float 1}
  |              ^^^^^^^^^

UNIT: loss: l2\n => loss: l2\n---\na: 1\n
net.yaml:7:1: more than one document in the file
7 | ---
  | ^^^

UNIT: w: 1 => [w]: 1
net.yaml:3:11: a key must be a word
3 | weights: {[w]: 1}
  |           ^
"""
FILES = {"UNIT": UNIT, "LAYER": LAYER, "DATA": DATA, "EQUATION": EQUATION}
TABLES = (
    KEYS, ACTIVATIONS_AND_LOSSES, EDGES_AND_WEIGHTS, OUTPUTS, GIVEN_TWICE, WRONG_TYPES, NUMBERS,
    NAMES, LAYERS, EQUATIONS, SAMPLES, FIGURES, YAML,
)  # fmt: skip


def cases() -> Iterator[tuple[str, str]]:
    """All cases as a file's text and its message."""
    for table in TABLES:
        for block in table.strip("\n").split("\n\n"):
            change, _, message = block.partition("\n")
            file, _, words = change.partition(": ")
            old, new = words.encode().decode("unicode_escape").split(" =>")
            assert FILES[file].count(old), change
            text = FILES[file].replace(old, new.removeprefix(" "), 1)
            yield text, message.replace("LOSSES", ", ".join(LOSSES))


def message_of(text: str) -> str:
    """The error that a file gives."""
    with pytest.raises(BackcalcError) as caught:
        loads(text, "net.yaml")
    return str(caught.value)


CASES = tuple(cases())


@pytest.mark.parametrize(
    ("text", "message"), CASES, ids=[message.partition("\n")[0] for _, message in CASES]
)
def test_mistake(text: str, message: str) -> None:
    assert message_of(text) == message


@pytest.mark.parametrize("text", tuple(FILES.values()), ids=tuple(FILES))
def test_the_files_are_right_unchanged(text: str) -> None:
    assert loads(text).remarks == ()


# What a right file means.


def test_nodes_skips_and_remarks() -> None:
    network = loads(
        "inputs: {x: 1/2}\ntargets: {y: -3}\nweights: {w: .5, s: 1e-1, spare: '2'}\n"
        "biases: {b: -1}\n"
        "nodes:\n  0: {from: {x: w}, bias: b, activation: leaky_relu(0.2)}\n  out: {from: {0: w}}\n"
        "skip: [{from: x, to: out, weight: s}]\nfrozen: [b, b]\nloss: huber(1/2)\n"
        "learning_rate: 0.1\n"
    )
    first, last = network.units
    assert (first.bias, first.activation.name, first.settings) == (
        "b",
        "leaky_relu",
        (Fraction(1, 5),),
    )
    assert last.edges == (Edge("h0", "w"), Edge("x", "s", skip=True))
    assert (network.outputs, network.output_units) == (("yhat",), ("out",))
    assert network.weights == {
        "w": Fraction(1, 2), "s": Fraction(1, 10), "spare": 2, "b": -1
    }  # fmt: skip
    assert (network.frozen, network.learning_rate) == (("b",), Fraction(1, 10))
    assert network.loss_name == "huber"
    assert network.loss == loss_expression(LOSSES["huber"], ["yhat"], ["y"], [Fraction(1, 2)])
    assert [each.partition(": ")[2] for each in network.remarks] == [
        "weight 'spare' is used nowhere"
    ]


def test_layers_name_their_units_and_weights() -> None:
    network = loads(
        "inputs: {a: 1, b: 2}\ntargets: {y: 1}\nweights: {v: 3, c: 1/3}\nlayers:\n"
        "  - {name: h, units: 2, activation: softmax, weights: [[1, v], [3, 4]], bias: [0.5, c]}\n"
        "  - {name: o, units: 1, weights: [[5, 6]], bias: c}\n"
        "  - {name: p, units: 1, weights: [[7, 8]], from: [a, o1]}\nloss: l2\n"
    )
    h1, h2, o1, p1 = network.units
    assert list(network.weights) == [
        "v", "c", "w_h1_a", "w_h2_a", "w_h2_b", "b_h1", "w_o1_h1", "w_o1_h2", "w_p1_a", "w_p1_o1"
    ]  # fmt: skip
    assert h1.edges == (Edge("a", "w_h1_a"), Edge("b", "v"))
    assert (h1.bias, h2.bias, o1.bias, p1.bias) == ("b_h1", "c", "c", None)
    assert h1.group == h2.group == ("h1", "h2")
    assert (o1.edges[0].source, p1.edges[1].source, h1.layer) == ("h_h1", "h_o1", "h")
    assert network.outputs == ("yhat",)


def test_targets_of_a_softmax_that_are_no_shares_are_remarked() -> None:
    def remarks(targets: str, form: str) -> tuple[str, ...]:
        return loads(f"{targets}\nloss: cross_entropy\n{form}").remarks

    units = "weights: {v: 1, w: 2}\nnodes:\n" + "".join(
        f"  {unit}: {{from: {{x: {weight}}}, activation: softmax}}\n"
        for unit, weight in ("1v", "2w")
    )
    said = "the targets y1, y2 sum to 2: those of a softmax with cross_entropy should sum to 1"
    assert remarks("inputs: {x: 1}\ntargets: {y1: 1, y2: 1}", units) == (said,)
    assert remarks("inputs: {x: 1}\ntargets: {y1: 0.667, y2: 0.333}", units) == ()
    rows = "inputs: [x]\ntargets: [y1, y2]\ndata: [{x: 1, y1: 1, y2: 0}, {x: 2, y1: 1, y2: 1}]"
    assert remarks(rows, units) == (said.replace(":", " in sample 2:"),)
    vectors = "weights: {w: [1, 2]}\nequations:\n  z: w*x\n  p: softmax(z)\n"
    (found,) = remarks("inputs: {x: 1}\ntargets: {y: [0, 2]}", vectors)
    assert found.startswith("the targets y_1, y_2 sum to 2")
    assert remarks("inputs: {x: 1}\ntargets: {y: 1}", vectors) == ()


def test_fractions_are_noticed_where_no_decimal_stands_beside_them() -> None:
    assert loads(UNIT.replace("{w: 1}", "{w: 1/2}")).fractions
    assert not loads(UNIT.replace("{w: 1}", "{w: 1/2, v: 0.5}")).fractions
    assert not loads(UNIT).fractions
    assert loads(LAYER.replace("0.5", "1/2")).fractions
    assert not loads(LAYER.replace("[1, 2]", "[1/2, 2]")).fractions


@pytest.mark.parametrize(
    ("change", "outputs", "units"),
    [
        ("", ("yhat1", "yhat2"), ("1", "2")),
        ("outputs: [2]\n", ("yhat",), ("2",)),
        ("outputs: [2, 1]\n", ("yhat1", "yhat2"), ("2", "1")),
        ("equations: {p: h1 + h2}\n", ("p",), ("",)),
        ("equations: {p: z1 + z2}\n", ("p",), ("",)),
        ("equations: {p: h1*w}\n", ("yhat", "p"), ("2", "")),
        ("equations: {p: yhat1*w}\noutputs: [1, 2]\n", ("yhat1", "yhat2"), ("1", "2")),
    ],
)
def test_outputs(change: str, outputs: tuple[str, ...], units: tuple[str, ...]) -> None:
    text = UNIT.replace("0: {from: {x: w}}", "1: {from: {x: w}}\n  2: {from: {x: w}}")
    network = loads(text.replace("loss: l2", "loss: w**2") + change)
    assert (network.outputs, network.output_units) == (outputs, units)


def test_a_loss_that_is_an_equation_is_no_output_beside_a_unit() -> None:
    network = loads(UNIT.replace("l2", "L") + "equations: {L: (yhat - y)**2}\n")
    assert (network.loss, network.outputs, network.loss_name) == ("L", ("yhat",), None)


def test_an_equation_wins_over_a_loss_of_the_table() -> None:
    assert loads(EQUATION.replace("f", "l2")).loss == "l2"


def test_a_loss_written_out() -> None:
    network = loads(UNIT.replace("l2", "(yhat - y)**2 + 0.1*w**2"))
    assert network.loss == parse("(yhat - y)**2 + 0.1*w**2", FUNCTIONS)


def test_a_loss_of_several_outputs_with_one_class() -> None:
    text = UNIT.replace("w}}", "w}, activation: softmax}\n  1: {from: {x: w}, activation: softmax}")
    assert loads(text.replace("l2", "cross_entropy")).loss_name == "cross_entropy"
    assert message_of(text.replace("l2", "cross_entropy").replace("y: 1", "y: 2")) == (
        "net.yaml:7:7: the class y = 2 is not a number from 0 to 1\n"
        "7 | loss: cross_entropy\n"
        "  |       ^^^^^^^^^^^^^\n"
        "hint: classes are counted from 0"
    )


def test_several_left_sides_are_one_definition() -> None:
    (definition,) = loads(
        EQUATION.replace("f: w*x\nloss: f", "p, q: softmax(w, x)\nloss: p")
    ).definitions
    assert definition.names == ("p", "q")
    assert definition.expression == parse("softmax(w, x)", FUNCTIONS)


def test_equations_may_use_later_ones() -> None:
    network = loads(EQUATION.replace("f: w*x", "f: w*g\n  g: x"))
    assert [each.names for each in network.definitions] == [("f",), ("g",)]


def test_what_is_left_out_has_its_default() -> None:
    network = loads(EQUATION)
    assert network.samples == ({"x": Fraction(1)},)
    assert (network.reduction, network.learning_rate, network.frozen) == ("mean", None, ())
    assert network.conventions == default_conventions()
    assert (
        loads(EQUATION + "conventions: {abs_at_zero: 1}\n").conventions.keys() == CONVENTIONS.keys()
    )


def test_words_that_other_dialects_read_as_booleans_are_names() -> None:
    network = loads(
        "inputs: {y: 1, no: 2}\nweights: {on: 3, null: 4}\nequations: {f: y*no*on*null}\nloss: f\n"
    )
    assert (network.inputs, list(network.weights)) == (("y", "no"), ["on", "null"])


def test_names_are_composed() -> None:
    text = EQUATION.replace("{w:", "{e\u0301:").replace("w*x", "\xe9*x")
    assert loads(text).weights == {"\xe9": 1}


def test_figures() -> None:
    figures = "expect:\n  '∂L/∂w0': 1/3\n  w0': {value: 2, wrong: updated-weights}\n  z0[2]: w*x\n"
    assert [(each.name, each.written, each.wrong) for each in loads(EQUATION + figures).expect] == [
        ("∂L/∂w0", "1/3", None), ("w0'", "2", "updated-weights"), ("z0[2]", "w*x", None)
    ]  # fmt: skip
    assert isinstance(loads(EQUATION + figures).expect[0], Expected)


# Samples in a CSV file.


@pytest.fixture
def with_csv(tmp_path: Path) -> Callable[[str], str]:
    """A network file beside a CSV file with this text; its path."""

    def written(table: str) -> str:
        (tmp_path / "data.csv").write_text(table, encoding="utf-8", newline="")
        path = tmp_path / "net.yaml"
        path.write_text(DATA.replace("\n  - {x: 1, y: 2}", " data.csv"), encoding="utf-8")
        return str(path)

    return written


def test_a_csv_file(with_csv: Callable[[str], str]) -> None:
    path = with_csv("\ufeffy, x\r\n1/2,0.1\r\n\r\n-3,2\r\n")
    assert load(path).samples == (
        {"x": Fraction(1, 10), "y": Fraction(1, 2)},
        {"x": 2, "y": -3},
    )


BAD_CSV = {
    "x,y\n1,2\n3\n": ":3:1: 1 cell for 2 columns\n3 | 3\n  | ^",
    "x,y\n1,two\n": (
        ":2:3: 'two' is not a number\n2 | 1,two\n  |   ^^^\n"
        "hint: numbers are written as 0.5, -3, 1/2 or 1e-3"
    ),
    "x\n1\n": (
        ":1:1: there is no column 'y'\n1 | x\n  | ^\nhint: the first line names the columns"
    ),
    "x,yy\n1,2\n": (
        ":1:1: the column 'yy' is neither an input nor a target\n1 | x,yy\n  | ^^^^\n"
        "hint: did you mean 'y'?"
    ),
    "x,y,x\n1,2,3\n": ":1:1: the column 'x' appears twice\n1 | x,y,x\n  | ^^^^^",
    "x,y\n": ":1:1: there are no samples",
    "": ":1:1: there is no column 'x'\nhint: the first line names the columns",
    "x,y\n" + "1" * 200_000: ":2:1: not CSV: field larger than field limit (131072)",
}


@pytest.mark.parametrize(("table", "message"), tuple(BAD_CSV.items()), ids=range(len(BAD_CSV)))
def test_a_bad_csv_file(with_csv: Callable[[str], str], table: str, message: str) -> None:
    path = with_csv(table)
    with pytest.raises(BackcalcError) as caught:
        load(path)
    assert str(caught.value) == path.replace("net.yaml", "data.csv") + message


@pytest.mark.parametrize(
    "name", ["/etc/hosts", "a/b.csv", "..", "'..\\b.csv'", "C:b.csv", '"a\\0b"']
)
def test_a_csv_file_stands_beside_the_network(name: str) -> None:
    message = message_of(DATA.replace("\n  - {x: 1, y: 2}", f" {name}"))
    assert "is not the name of a CSV file" in message.splitlines()[0]


def test_a_csv_file_that_is_not_there() -> None:
    assert message_of(DATA.replace("\n  - {x: 1, y: 2}", " nowhere.csv")) == (
        "net.yaml:3:7: cannot read nowhere.csv: No such file or directory\n"
        "3 | data: nowhere.csv\n"
        "  |       ^^^^^^^^^^^\n"
        "hint: these come with backcalc: and.csv, hours.csv, moons.csv, nand.csv, noisy_line.csv, "
        "or.csv, spiral.csv, xor.csv"
    )


# Finding a network.


@pytest.mark.parametrize("path", bundled(), ids=lambda path: path.stem)
def test_a_bundled_network(path: Path) -> None:
    network = load(path.stem)
    assert network.file == path.stem
    assert network.title
    assert network.topic
    assert network.about.endswith(".")
    assert network.remarks == ()
    assert network.expect
    assert f"({path.name})" in (path.parent / "README.md").read_text("utf-8")


def test_a_file_wins_over_a_bundled_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "skip").write_text(UNIT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load("skip").title == ""


EXAMPLES = "hint: `backcalc networks` lists the networks that come with it"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("skipp", "no such file: skipp\nhint: did you mean 'skip'?"),
        ("mine.yml", "no such file: mine.yml\nhint: did you mean 'mine.yaml'?"),
        ("", f"no such file: \n{EXAMPLES}"),
        ("a\0b", f"no such file: a\\x00b\n{EXAMPLES}"),
    ],
)
def test_a_file_that_is_not_there(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(UNIT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackcalcError) as caught:
        load(name)
    assert str(caught.value) == message


def test_all_errors_of_a_file_are_told_at_once() -> None:
    text = (
        "inputs: {x: 1}\ntargets: {y: oops}\nweights: {w: 1}\nequations: {yhat: w*x}\n"
        "loss: l2\nlearning_rate: fast\noptimizer: adamm\n"
    )
    with pytest.raises(BackcalcError) as caught:
        loads(text)
    said = str(caught.value)
    for words in ("'oops' is not a number", "'fast' is not a number", "unknown optimizer 'adamm'"):
        assert said.count(words) == 1
    assert said.index("oops") < said.index("fast") < said.index("adamm")
    with pytest.raises(BackcalcError) as caught:
        loads("weigths: {w: 1}\nnods: {}\nloss: l2\n")
    assert str(caught.value).count("unknown key") == 2
    many = "".join(f"key{place}: 1\n" for place in range(30))
    with pytest.raises(BackcalcError) as caught:
        loads(many)
    assert str(caught.value).count("unknown key") == 10
    assert str(caught.value).endswith("and 20 more")


# Several errors.

SEVERAL = """\
title: Five things
inputs: {x: 1, v: 1..2}
targets: {y: -3}
weights: {w0: 0.5, w1: abc, w2: 1}
nodes:
  0: {from: {x: w0}, activation: reluu}
  1: {from: {0: w9}, activation: relu}
  2: {from: {7: w2, 1: w1}, activatin: identity}
loss: l3
learning_rat: 1
"""

EQUATIONS = """\
inputs: {x: [1, 2], v: }
weights: {W: [[1, 2], [3]], V: [[1, 2, 3]], u: 1/0}
equations:
  z: W @ x
  h: V @ x
  f: foo(h)
  g: (f +
  k: 0.5 u
loss: sum(z)
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SEVERAL, ["2:19: '1..2' is not a number", "4:24: 'abc' is not a number",
                   "6:34: unknown activation 'reluu'", "7:17: weight 'w9' has no value",
                   "8:14: edge from nowhere: there is no unit or input '7'",
                   "8:29: unknown key 'activatin'", "10:1: unknown key 'learning_rat'"]),
        (EQUATIONS, ["1:24: expected a number, found nothing", "2:23: a row of 'W' has 1 number",
                     "2:48: '1/0' divides by zero", "5:6: V @ x: 1x3 by 2",
                     "6:6: unknown function 'foo'", "7:10: expected a number", "8:10: expected"]),
        ("inputs: {x: [1, 2]}\nweights: {W: random -2x2}\nequations: {z: W @ x}\nloss: sum(z)\n",
         ["2:14: 'random -2x2' has no shape"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_in_a_file_is_told_at_once(text: str, told: list[str]) -> None:
    """And nothing that only follows from it: unit 1 has no other edge, W no other shape."""
    with pytest.raises(BackcalcError) as error:
        loads(text, "net.yaml")
    found = [each for each in str(error.value).splitlines() if each.startswith("net.yaml:")]
    assert len(found) == len(told), found
    for line, start in zip(found, told, strict=True):
        assert line.startswith(f"net.yaml:{start}")


def test_an_error_that_follows_from_another_is_not_told() -> None:
    for line in ("weigths: {w: 1}", "weights: {w0: 1}\nnodes: {0: {from: {x: w}}}"):
        with pytest.raises(BackcalcError) as error:
            loads(f"inputs: {{x: 1}}\n{line}\nequations: {{f: w*x}}\nloss: f\n", "net.yaml")
        assert len(re.findall("^net.yaml:", str(error.value), re.M)) == 1 + ("nodes" in line)


def test_what_else_is_wrong_is_said_beside_a_misspelt_key() -> None:
    """The key is taken for the one that is meant, whether or not others go on from it."""
    with pytest.raises(BackcalcError) as caught:
        loads(
            "inputs: {x: 1}\ntarget: {y: 1}\nweights: {w: 0.5}\nloss: l2\n"
            "equations:\n  z: w*x + c\n  yhat: sigmoid(z\n"
        )
    said = [each.message for each in (caught.value, *caught.value.others)]
    assert said[:2] == ["unknown key 'target'", "unknown name 'c'"]
    assert len(said) == 3
    assert said[2].startswith("expected ')'")
