"""`repeat:` against networks that are unrolled by hand, central differences and its mistakes."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from conftest import effort

from backcalc.checking.lint import lint
from backcalc.equations.calculation import backward, step
from backcalc.equations.named import with_numbers
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.explaining.explanation import explain
from backcalc.loading.loader import load, loads

CELL = """\
repeat: 3
inputs: {x: [1, 0.5, -1]}
targets: {y: 0.5}
weights: {wx: 0.6, wh: 0.8, wy: 1.5}
constants: {h[0]: 0}
equations:
  z[t]: wx*x[t] + wh*h[t-1]
  h[t]: tanh(z[t])
  yhat: wy*h[3]
loss: half_l2
"""


def without_index(name: str) -> str:
    """The name in a network that is unrolled by hand: h2 for h[2], h2' for h'[2]."""
    return re.sub(r"('*)\[(\d+)\]", r"\2\1", name)


def test_the_bundled_cell_is_the_bundled_network_that_is_written_out() -> None:
    once, by_hand = step(load("rnn_repeat")), step(load("rnn"))
    assert {without_index(name): value for name, value in once.values.items()} == by_hand.values
    for part in ("forward", "backward", "update"):
        lines = [without_index(each.name) for each in getattr(once.program, part)]
        assert lines == [each.name for each in getattr(by_hand.program, part)]


def test_the_figures_of_the_bundled_cell() -> None:
    report = lint(load("rnn_repeat"), "rnn_repeat")
    assert {each.verdict for each in report.answers} == {"rounded"}


# What a cell may hold, each beside the same network written out: x1 stands for x[1].

UNROLLED = {
    "a trained start, T and spaces": (
        """
repeat: 2
inputs: {x: [1, 2]}
targets: {y: 1}
weights: {w: 1/2, h[0]: 1/4}
equations:
  h[t]: sigmoid(w*x[t] + h[ t - 1 ])
  yhat: h[T]*h[1]
loss: l2
""",
        """
inputs: {x1: 1, x2: 2}
targets: {y: 1}
weights: {w: 1/2, h0: 1/4}
equations:
  h1: sigmoid(w*x1 + h0)
  h2: sigmoid(w*x2 + h1)
  yhat: h2*h1
loss: l2
""",
    ),
    "an output and a target at each step": (
        """
repeat: 2
inputs: {x: [1, 2], k: 3}
targets: {y: [1, -1]}
weights: {w: 1/2}
constants: {s[0]: 0, m: [1, 1/2]}
equations:
  s[t]: s[t-1] + m[t]*w*x[t] + k
loss: mse
outputs: [s]
""",
        """
inputs: {x1: 1, x2: 2, k: 3}
targets: {y1: 1, y2: -1}
weights: {w: 1/2}
constants: {s0: 0, m1: 1, m2: 1/2}
equations:
  s1: s0 + m1*w*x1 + k
  s2: s1 + m2*w*x2 + k
loss: mse
outputs: [s1, s2]
""",
    ),
    "softmax at each step, two targets": (
        """
repeat: 2
inputs: {x: [1, 2]}
targets: {one: [1, 0], two: [0, 1]}
weights: {v: 1/2, w: -1}
equations:
  p[t], q[t]: softmax(v*x[t], w*x[t])
loss: cross_entropy
""",
        """
inputs: {x1: 1, x2: 2}
targets: {one1: 1, two1: 0, one2: 0, two2: 1}
weights: {v: 1/2, w: -1}
equations:
  p1, q1: softmax(v*x1, w*x1)
  p2, q2: softmax(v*x2, w*x2)
loss: cross_entropy
""",
    ),
    "a start that is worked out, a sum over the steps as the loss": (
        """
repeat: 3
inputs: {x: [1, 2, 3]}
weights: {w: 1/2, c: 2}
constants: {E[0]: 0}
equations:
  h[0]: c*w
  h[t]: w*h[t-1] + x[t]
  E[t]: E[t-1] + h[t]**2
loss: E[T]
""",
        """
inputs: {x1: 1, x2: 2, x3: 3}
weights: {w: 1/2, c: 2}
constants: {E0: 0}
equations:
  h0: c*w
  h1: w*h0 + x1
  E1: E0 + h1**2
  h2: w*h1 + x2
  E2: E1 + h2**2
  h3: w*h2 + x3
  E3: E2 + h3**2
loss: E3
""",
    ),
    "one step, and units beside the cell": (
        """
repeat: 1
inputs: {x: [2]}
targets: {y: 1}
weights: {w: 1/2, v: 3}
equations:
  h[t]: w*x[t]
nodes:
  9: {from: {h[1]: v}}
loss: (yhat - y)**2 + h[1]
""",
        """
inputs: {x1: 2}
targets: {y: 1}
weights: {w: 1/2, v: 3}
equations:
  h1: w*x1
nodes:
  9: {from: {h1: v}}
loss: (yhat - y)**2 + h1
""",
    ),
}


@pytest.mark.parametrize(("once", "by_hand"), UNROLLED.values(), ids=UNROLLED)
def test_a_cell_is_the_network_written_out(once: str, by_hand: str) -> None:
    found = step(loads(once), Fraction(1, 10), by_inputs=True)
    right = step(loads(by_hand), Fraction(1, 10), by_inputs=True)
    assert {without_index(name): value for name, value in found.values.items()} == right.values


def central(network: Network, name: str, loss: str) -> float:
    """The derivative of the loss by a weight or input, by its two neighbours."""
    numbers = {**network.samples[0], **network.weights}
    apart = Fraction(1, 10**6)
    high, low = (
        backward(with_numbers(network, {name: numbers[name] + way})).values[loss]
        for way in (apart, -apart)
    )
    return float(high - low) / float(2 * apart)


@pytest.mark.parametrize("text", [CELL, *(once for once, _ in UNROLLED.values())])
def test_gradients_by_central_differences(text: str) -> None:
    network = loads(text)
    worked = backward(network, by_inputs=True)
    loss = worked.program.loss
    for name in (*network.weights, *network.inputs):
        expected = central(network, name, loss)
        assert float(worked.values[f"d{loss}/d{name}"]) == pytest.approx(expected, 1e-6, 1e-8)


def test_a_shared_weight_has_a_term_and_a_path_for_each_step() -> None:
    explanation = explain(loads(CELL), "dL/dwh")
    terms = explanation.calculation.backward[-1].equation.terms
    assert [term.through for term in terms] == ["z[3]", "z[2]", "z[1]"]
    assert [path.links[-1].name for path in explanation.paths] == [
        "dz[3]/dwh", "dz[2]/dwh", "dz[1]/dwh",
    ]  # fmt: skip
    assert explanation.agrees


# Several samples: the step comes first, then the sample.

SAMPLES = """\
repeat: 2
inputs: [x, b]
targets: [y]
data:
  - {x: [1, 2], b: 1, y: 3}
  - {x: [-1, 0.5], b: 2, y: 1}
weights: {w: 0.6, h[0]: 0.1}
equations:
  h[t]: tanh(w*x[t] + h[t-1] + b)
  yhat: 2*h[T]
loss: half_l2
reduction: sum
"""


def test_several_samples() -> None:
    network = loads(SAMPLES)
    assert network.inputs == ("x[1]", "x[2]", "b")
    both = step(network, Fraction(1, 10), 2).values
    assert {"h[1][2]", "h'[2][1]", "h''[0]", "x[2][2]", "b[1]", "dJ'/dh'[0]"} <= both.keys()
    assert not {"x'[1][1]", "y'[1]", "b'[2]"} & both.keys()
    alone = []
    for x, b, y in (("[1, 2]", 1, 3), ("[-1, 0.5]", 2, 1)):
        head, tail = SAMPLES.split("inputs")[0], SAMPLES.split("weights")[1]
        text = f"{head}inputs: {{x: {x}, b: {b}}}\ntargets: {{y: {y}}}\nweights{tail}"
        alone.append(backward(loads(text)).values)
    for number, values in enumerate(alone, 1):
        assert both[f"h[2][{number}]"] == values["h[2]"]
    for name in ("w", "h[0]"):
        total = sum(values[f"dL/d{name}"] for values in alone)
        assert float(both[f"dJ/d{name}"]) == pytest.approx(float(total))


@pytest.mark.parametrize(
    ("text", "name", "changed"),
    [
        (CELL, "x[2]", ["x[2]"]),
        (CELL, "h[0]", ["h[0]"]),
        (SAMPLES, "x[2]", ["x[2][1]", "x[2][2]"]),
        (SAMPLES, "x[2][1]", ["x[2][1]"]),
        (SAMPLES, "b[2]", ["b[2]"]),
    ],
)
def test_other_numbers(text: str, name: str, changed: list[str]) -> None:
    values = backward(with_numbers(loads(text), {name: Fraction(7)})).values
    assert [each for each, value in values.items() if value == 7] == changed


def test_commands_know_the_names(run) -> None:
    sheet = run("forward", "rnn_repeat", "--brief").stdout
    assert sheet.count("quantity") == 1  # the steps are no samples: one table
    sheet = run("forward", "-", "--brief", stdin=SAMPLES).stdout
    heads = next(line for line in sheet.splitlines() if line.startswith("quantity"))
    assert [each.strip() for each in re.split(" {3,}", heads)][-3:] == [
        "sample 1", "sample 2", "all",
    ]  # fmt: skip
    latex = run("backward", "rnn_repeat", "--format", "latex", "--no-expand").stdout
    assert r"1 - \left(h^{(3)}\right)^{2}" in latex
    assert "this sample" not in run("backward", "rnn_repeat", "--of", "h[3]").stdout
    asked = run("backward", "rnn_repeat", "--of", "h").stderr
    assert asked.endswith("hint: name the step too: h[1] to h[3]\n")
    assert run("backward", "rnn_repeat", "--wrt", "h[1]").exit_code == 0
    assert run("symbolic", "rnn_repeat", "--expand").exit_code == 0


# Mistakes: what is replaced by what in the cell, and the whole message.

MISTAKES = r"""
repeat: 3 => repeat: 0
net.yaml:1:9: expected a number of steps from 1 to 10000, found '0'
1 | repeat: 0
  |         ^
hint: repeat: 3 writes each line with t on its left side for t = 1, 2 and 3

repeat: 3 => repeat: 10001
net.yaml:1:9: expected a number of steps from 1 to 10000, found '10001'
1 | repeat: 10001
  |         ^^^^^
hint: repeat: 3 writes each line with t on its left side for t = 1, 2 and 3

repeat: 3 => repeat: 1.5
net.yaml:1:9: expected a number of steps from 1 to 10000, found '1.5'
1 | repeat: 1.5
  |         ^^^
hint: repeat: 3 writes each line with t on its left side for t = 1, 2 and 3

repeat: 3 => repeat: [3]
net.yaml:1:9: expected a number of steps from 1 to 10000, found a list
1 | repeat: [3]
  |         ^
hint: repeat: 3 writes each line with t on its left side for t = 1, 2 and 3

repeat: 3 => repeat: 2
net.yaml:2:13: the sequence 'x' has 3 numbers, but repeat: 2 on line 1 needs 2
2 | inputs: {x: [1, 0.5, -1]}
  |             ^
hint: a sequence has one number for each step

y: 0.5} => y: [0.5]}
net.yaml:3:14: the sequence 'y' has 1 number, but repeat: 3 on line 1 needs 3
3 | targets: {y: [0.5]}
  |              ^
hint: a sequence has one number for each step

[1, 0.5, -1] => 1
net.yaml:7:12: 'x' is not a sequence
7 |   z[t]: wx*x[t] + wh*h[t-1]
  |            ^^^^
hint: write x; a sequence is a list of 3, or a line x[t]

x[t] => x
net.yaml:7:12: 'x' has a value for each step
7 |   z[t]: wx*x + wh*h[t-1]
  |            ^
hint: write which step's value is meant: x[t]

h[3] => h
net.yaml:9:12: 'h' has a value for each step
9 |   yhat: wy*h
  |            ^
hint: write which step's value is meant: h[3]

h[3] => h[t]
net.yaml:9:12: h[t] stands in a line whose left side has no [t]
9 |   yhat: wy*h[t]
  |            ^^^^
hint: write a step's number: h[3], or h[T] for the last step

half_l2 => (h[t-1] - y)**2
net.yaml:10:8: h[t-1] stands in a line whose left side has no [t]
10 | loss: (h[t-1] - y)**2
   |        ^^^^^^
hint: write a step's number: h[3], or h[T] for the last step

h[3] => h[4]
net.yaml:9:12: h[4] is out of range
9 |   yhat: wy*h[4]
  |            ^^^^
hint: repeat: 3 makes the steps 1 to 3

h[0]: => h[4]:
net.yaml:5:13: 'h[4]' is out of range
5 | constants: {h[4]: 0}
  |             ^^^^
hint: repeat: 3 makes the steps 1 to 3; [0] is what comes before

h[3] => x[0]
net.yaml:9:12: x[0] has no value
9 |   yhat: wy*x[0]
  |            ^^^^
hint: add x[0]: 0 under constants:, or under weights: to train it

h[0]: => c:
net.yaml:7:22: h[t-1] is h[0] at t = 1, which has no value
7 |   z[t]: wx*x[t] + wh*h[t-1]
  |                      ^^^^^^
hint: add h[0]: 0 under constants:, or under weights: to train it

h[t-1] => h[t+1]
net.yaml:7:22: h[t+1] comes after step t
7 |   z[t]: wx*x[t] + wh*h[t+1]
  |                      ^^^^^^
hint: a line uses its own step, h[t], and the one before, h[t-1]

h[t-1] => h[2*t]
net.yaml:7:22: '2*t' is not an index
7 |   z[t]: wx*x[t] + wh*h[2*t]
  |                      ^^^^^^
hint: an index is t, t-1, the number of a step, or T for the last step

h[t-1] => hh[t-1]
net.yaml:7:22: unknown name 'hh'
7 |   z[t]: wx*x[t] + wh*hh[t-1]
  |                      ^^^^^^^
hint: did you mean 'h'?

h[t-1] => t*h[t-1]
net.yaml:7:22: t is not a number
7 |   z[t]: wx*x[t] + wh*t*h[t-1]
  |                      ^
hint: t is an index and stands in brackets: h[t]

h[0]: 0 => h: 0
net.yaml:8:3: 'h' is both one quantity and one for each step, here and on line 5
8 |   h[t]: tanh(z[t])
  |   ^^^^
hint: rename one of them

yhat: => h:
net.yaml:9:3: 'h' is both one quantity and one for each step, here and on line 5
9 |   h: wy*h[3]
  |   ^
hint: rename one of them

h[0]: 0 => h[0]: 0, h[2]: 0
net.yaml:8:3: 'h[2]' names two quantities, here and on line 5
8 |   h[t]: tanh(z[t])
  |   ^^^^
hint: each quantity needs a name of its own

h[t]: => L[t]:
net.yaml:8:3: 'L' is the name of the loss
8 |   L[t]: tanh(z[t])
  |   ^^^^
hint: choose another name

h[t]: => h[t-1]:
net.yaml:8:3: 'h[t-1]' cannot be a quantity's name
8 |   h[t-1]: tanh(z[t])
  |   ^^^^^^
hint: write h[t] for a line at each step, or the number of one step

h[t]: => h[t], q:
net.yaml:8:3: 'h[t], q' has names with [t] and names without
8 |   h[t], q: tanh(z[t])
  |   ^^^^^^^
hint: one line stands once, or once for each step

tanh(z[t]) => tanh(zz)
net.yaml:8:14: unknown name 'zz'
8 |   h[t]: tanh(zz)
  |              ^^
"""


def mistakes(table: str) -> list[tuple[str, str, str]]:
    """What is replaced, by what, and the message."""
    cases = []
    for block in table.strip().split("\n\n"):
        change, _, message = block.partition("\n")
        old, _, new = change.partition(" =>")
        cases.append((old, new.strip().replace(r"\n", "\n"), message))
    return cases


def message_of(text: str) -> str:
    with pytest.raises(BackcalcError) as caught:
        loads(text, "net.yaml")
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize(("old", "new", "message"), mistakes(MISTAKES))
def test_a_mistake(old: str, new: str, message: str) -> None:
    assert old in CELL
    assert message_of(CELL.replace(old, new, 1)) == message


UNUSED = """\
repeat: 2
inputs: {x: 1}
weights: {w: 1}
equations:
  f: w*x
loss: f
"""

OTHERS = {
    UNUSED: """\
net.yaml:1:9: nothing is repeated: no equation has [t] on its left side
1 | repeat: 2
  |         ^
hint: write a line for each step as h[t]: tanh(z[t])""",
    UNUSED.replace("repeat: 2\n", "").replace("f: w", "f[t]: w"): """\
net.yaml:4:3: 'f[t]' cannot be a quantity's name
4 |   f[t]: w*x
  |   ^^^^
hint: a line for each step needs repeat: with the number of steps""",
    UNUSED.replace("repeat: 2\n", "").replace("w: 1", "w[0]: 1"): """\
net.yaml:2:12: not YAML: did not find expected ',' or '}'
2 | weights: {w[0]: 1}
  |            ^
hint: put a name with brackets in quotes: 'z0[2]'""",
    SAMPLES.replace("[-1, 0.5]", "2"): """\
net.yaml:6:9: 'x' is '2' here, but a list in the first sample
6 |   - {x: 2, b: 2, y: 1}
  |         ^
hint: a sequence is one in every sample""",
    SAMPLES.replace("b: 2", "b: [2, 3]"): """\
net.yaml:6:23: 'b' is a list here, but one number in the first sample
6 |   - {x: [-1, 0.5], b: [2, 3], y: 1}
  |                       ^
hint: a sequence is one in every sample""",
    SAMPLES.replace("[-1, 0.5]", "[1, 2, 3]"): """\
net.yaml:6:9: the sequence 'x' has 3 numbers, but repeat: 2 on line 1 needs 2
6 |   - {x: [1, 2, 3], b: 2, y: 1}
  |         ^
hint: a sequence has one number for each step""",
    f"repeat: 10000\nloss: f[T]\nequations:\n  f[t]: {'1+' * 400}1\n": """\
net.yaml:1:9: written out 10000 times, the equations take 8.1 MB
1 | repeat: 10000
  |         ^^^^^
hint: at most 0.5 MB are allowed""",
}


@pytest.mark.parametrize(("text", "message"), OTHERS.items(), ids=range(len(OTHERS)))
def test_another_mistake(text: str, message: str) -> None:
    assert message_of(text) == message


# Long sequences.


def long_cell(steps: int) -> str:
    numbers = ", ".join(str((7 * k % 11 - 5) / 10) for k in range(steps))
    return (
        CELL.replace("repeat: 3", f"repeat: {steps}")
        .replace("1, 0.5, -1", numbers)
        .replace("h[3]", "h[T]")
    )


@pytest.mark.sweep
def test_a_thousand_steps_are_linear(run) -> None:
    def calls(steps: int) -> int:
        return effort(lambda: backward(loads(long_cell(steps))))

    calls(10)
    assert calls(1000) < 5 * calls(250)
    done = run("backward", "-", "--format", "json", stdin=long_cell(1000))
    assert done.exit_code == 0
    assert '"h[1000]"' in done.stdout
