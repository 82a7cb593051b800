from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from conftest import mostly_swept

from backcalc.equations.calculation import backward, run
from backcalc.equations.losses import LOSSES, loss_expression
from backcalc.equations.program import Equation, differentiate
from backcalc.formulas.expression import (
    Expression,
    Scalar,
    evaluate,
    holds,
    names_in,
    replaced,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS, default_conventions
from backcalc.formulas.notation import formula_text
from backcalc.formulas.parser import parse
from backcalc.loading.loader import loads
from backcalc.symbolic import ClosedForm, closed_forms, to_sympy

SKIP = """
z0: w0*x
h0: relu(z0)
z1: w1*h0
h1: relu(z1)
z2: w2*h1 + ws*h0
yhat: z2
L: abs(yhat - y)
"""
SKIP_NUMBERS = {"x": "1", "y": "-3", "w0": "1/2", "w1": "1/2", "w2": "1/2", "ws": "1/2"}

MAZUR = """
z1: w1*i1 + w2*i2 + b1
h1: sigmoid(z1)
z2: w3*i1 + w4*i2 + b1
h2: sigmoid(z2)
z3: w5*h1 + w6*h2 + b2
yhat1: sigmoid(z3)
z4: w7*h1 + w8*h2 + b2
yhat2: sigmoid(z4)
L: 1/2*(yhat1 - y1)**2 + 1/2*(yhat2 - y2)**2
"""


def forward(text: str) -> list[Equation]:
    lines = (line.split(":", 1) for line in text.strip().splitlines())
    return [Equation(name.strip(), parse(right.strip(), FUNCTIONS)) for name, right in lines]


def leaves(equations: Sequence[Equation]) -> list[str]:
    """All names that no equation assigns, in order of appearance."""
    own = {equation.name for equation in equations}
    names = (name for equation in equations for name in names_in(equation.expression))
    return list(dict.fromkeys(name for name in names if name not in own))


def program(text: str) -> tuple[list[Equation], list[str]]:
    """A network's equations with the derivatives by all that is given, and their names."""
    first = forward(text)
    given = leaves(first)
    last = first[-1].name
    back = differentiate(first, last, given, default_conventions())
    return [*first, *back], [f"d{last}/d{name}" for name in given]


def worked(equations: Sequence[Equation], given: Mapping[str, str]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {name: Fraction(text) for name, text in given.items()}
    run(equations, values)
    return values


def shown(form: ClosedForm) -> str:
    conditions = ", ".join(map(formula_text, form.conditions))
    line = f"{form.name} = {formula_text(form.expression)}"
    return f"{line} if {conditions}" if conditions else line


def value_of(form: ClosedForm, values: Mapping[str, Scalar], given: Sequence[str]) -> Scalar:
    """A closed form's value from what is given alone."""
    known = {name: values[name] for name in given}
    for equation in form.shared:
        known[equation.name] = evaluate(equation.expression, known)
    return evaluate(form.expression, known)


def one_form(text: str, wanted: str, given: Mapping[str, str] | None = None) -> str:
    equations, _ = program(text)
    values = worked(equations, given) if given else None
    (form,) = closed_forms(equations, [wanted], values)
    return shown(form)


def test_skip_network_in_words() -> None:
    equations, _ = program(SKIP)
    wanted = ["dL/dw0", "dL/dw1", "dL/dw2", "dL/dws"]
    forms = closed_forms(equations, wanted, worked(equations, SKIP_NUMBERS))
    assert list(map(shown, forms)) == [
        "dL/dw0 = x*(w1*w2 + ws) if z0 > 0, z1 > 0, yhat > y",
        "dL/dw1 = w0*w2*x if z0 > 0, z1 > 0, yhat > y",
        "dL/dw2 = w0*w1*x if z0 > 0, z1 > 0, yhat > y",
        "dL/dws = w0*x if z0 > 0, yhat > y",
    ]


def test_a_dead_unit_needs_only_its_own_condition() -> None:
    equations, _ = program(SKIP)
    values = worked(equations, SKIP_NUMBERS | {"w1": "-1"})
    forms = closed_forms(equations, ["dL/dw0", "dL/dw1", "dL/dw2", "yhat"], values)
    assert list(map(shown, forms)) == [
        "dL/dw0 = ws*x if z0 > 0, z1 < 0, yhat > y",
        "dL/dw1 = 0 if z1 < 0",
        "dL/dw2 = 0 if z1 < 0",
        "yhat = w0*ws*x if z0 > 0, z1 < 0",
    ]


def test_without_numbers_choices_stay() -> None:
    assert one_form(SKIP, "dL/dws") == (
        "dL/dws = relu(w0*x)*sign(w2*relu(w1*relu(w0*x)) + ws*relu(w0*x) - y)"
    )
    assert one_form("h: relu(w*x)\nL: h", "dL/dw") == "dL/dw = x*(1 if w*x > 0 else 0)"


def test_sigmoid_answers_keep_their_names() -> None:
    equations, _ = program(MAZUR)
    weight, bias = closed_forms(equations, ["dL/dw1", "dL/db2"])
    assert shown(weight) == (
        "dL/dw1 = i1*h1*(1 - h1)*(w5*yhat1*(1 - yhat1)*(yhat1 - y1)"
        " + w7*yhat2*(1 - yhat2)*(yhat2 - y2))"
    )
    assert [f"{line.name} = {formula_text(line.expression)}" for line in weight.shared] == [
        "h1 = sigmoid(w1*i1 + w2*i2 + b1)",
        "h2 = sigmoid(w3*i1 + w4*i2 + b1)",
        "yhat1 = sigmoid(w5*h1 + w6*h2 + b2)",
        "yhat2 = sigmoid(w7*h1 + w8*h2 + b2)",
    ]
    assert shown(bias) == (
        "dL/db2 = yhat1*(1 - yhat1)*(yhat1 - y1) + yhat2*(1 - yhat2)*(yhat2 - y2)"
    )


@pytest.mark.parametrize(
    ("text", "wanted", "given", "line"),
    [
        ("z: w*x\np: sigmoid(z)\nL: -(y*log(p) + (1 - y)*log(1 - p))", "dL/dw", None,
         "dL/dw = x*(p - y)"),
        ("yhat: w*x\nL: 1/2*(y - yhat)**2", "dL/dw", None, "dL/dw = -x*(y - w*x)"),
        ("h: leaky_relu(w*x)\nL: h", "dL/dw", {"w": "-1", "x": "2"},
         "dL/dw = 0.01*x if w*x < 0"),
        ("h: relu(w*x)\nL: h", "dL/dw", {"w": "0", "x": "2"}, "dL/dw = 0 if w*x == 0"),
        ("h: hard_tanh(w*x)\nL: h", "L", {"w": "-2", "x": "2"}, "L = -1 if w*x < -1"),
        ("h: max(a, b, c)\nL: h*h", "dL/db", {"a": "1", "b": "3", "c": "2"},
         "dL/db = 2*b if b > a, b > c"),
        ("L: max(0, 1 - y*p)", "dL/dp", {"y": "1", "p": "1/2"}, "dL/dp = -y if y*p < 1"),
        ("L: abs(y - p)", "dL/dp", {"y": "1", "p": "3"}, "dL/dp = 1 if y < p"),
        ("h: elu(w*x)\nL: h", "dL/dw", {"w": "-1", "x": "1"}, "dL/dw = x*(h + 1) if w*x < 0"),
        ("h: exp(w)\nL: a*b + a*c + h*b + h*c", "L", None, "L = (a + h)*(b + c)"),
        ("L: mean(a, b)*square(c)", "L", None, "L = c**2*(a + b)/2"),
        ("L: (x + 1)**2 - x*x - 2*x", "L", None, "L = 1"),
        ("a: sigmoid(w)\nL: y/(1 - a) - y", "L", None, "L = y*a/(1 - a)"),
        ("L: (1/x - 2)**2", "L", None, "L = (1/x - 2)**2"),
        ("yhat: v*relu(w*x)\nL: (yhat - y)**2 + lam*abs(w)", "dL/dw",
         {"v": "1", "w": "1", "x": "1", "y": "0", "lam": "1"},
         "dL/dw = 2*v*x*(v*w*x - y) + lam if w > 0, w*x > 0"),
        ("L: w*x/(w*y)", "L", None, "L = x/y"),
        ("L: w**(1/3)", "dL/dw", None, "dL/dw = w**(-2/3)/3"),
        ("L: w**(2/3)", "dL/dw", {"w": "8"}, "dL/dw = 2*w**(-1/3)/3"),
        ("L: w**(-1/3)", "dL/dw", None, "dL/dw = -w**(-4/3)/3"),
        ("L: (8 - 1/3)**(1/3 - 1/2)*w", "dL/dw", None, "dL/dw = (23/3)**(-1/6)"),
    ],
)  # fmt: skip
def test_lines_read_as_a_student_writes_them(
    text: str, wanted: str, given: dict[str, str] | None, line: str
) -> None:
    assert one_form(text, wanted, given) == line


@pytest.mark.sweep
def test_a_long_line_keeps_names_and_says_what_they_mean() -> None:
    text = dense([4, 6, 6, 2], "relu", "l2")
    equations, given = program(text)
    forms = closed_forms(equations, given)
    assert all(len(formula_text(form.expression)) < 500 for form in forms)
    assert any("dL/d" in line.name for form in forms for line in form.shared)


def dense(widths: Sequence[int], activation: str, loss: str) -> str:
    """The equations of a dense network."""
    lines, below = [], [f"x{place}" for place in range(widths[0])]
    for layer, width in enumerate(widths[1:], 1):
        for unit in range(width):
            weighted = " + ".join(
                f"w{layer}_{unit}_{place}*{name}" for place, name in enumerate(below)
            )
            lines.append(f"z{layer}_{unit}: {weighted} + b{layer}_{unit}")
            lines.append(f"h{layer}_{unit}: {activation}(z{layer}_{unit})")
        below = [f"h{layer}_{unit}" for unit in range(width)]
    targets = [f"y{place}" for place in range(len(below))]
    lines.append(f"L: {formula_text(loss_expression(LOSSES[loss], below, targets))}")
    return "\n".join(lines)


def random_net(seed: int) -> str:
    """Equations with skip edges, shared weights and any functions that are defined everywhere."""
    draw = random.Random(seed)
    names = ["x1", "x2"]
    exact = ["relu", "leaky_relu", "abs", "hard_tanh", "square", "identity"]
    smooth = ["sigmoid", "tanh", "elu", "softplus", "silu", "sin", "exp"]
    pool = exact if seed % 2 else exact + smooth
    lines = []
    for unit in range(draw.randint(1, 5)):
        used = draw.sample(names, min(len(names), draw.randint(1, 3)))
        weighted = " + ".join(f"w{draw.randint(0, 5)}*{name}" for name in used)
        lines += [f"z{unit}: {weighted} - b{draw.randint(0, 2)}"]
        lines += [f"h{unit}: {draw.choice(pool)}(z{unit})"]
        names.append(f"h{unit}")
    lines.append(
        f"m: {draw.choice(['max', 'min', 'mean', 'product', 'variance'])}({', '.join(names[-3:])})"
    )
    lines.append(f"L: {draw.choice(['abs(m - y)', '(y - m)**2', '(m - y)**2/(1 + y**2) + w0*w0'])}")
    return "\n".join(lines)


def random_numbers(names: Sequence[str], seed: int) -> dict[str, str]:
    draw = random.Random(seed)
    return {name: f"{draw.choice([-1, 1]) * draw.randint(1, 15)}/10" for name in names}


NETS = {
    "skip": SKIP,
    "mazur": MAZUR,
    "dense relu": dense([2, 3, 2], "relu", "l2"),
    "dense tanh": dense([2, 2, 2, 1], "tanh", "huber"),
    "deep sigmoid": dense([2, 3, 3, 3, 2], "sigmoid", "bce"),
    "dense elu": dense([3, 4, 2], "elu", "hinge"),
} | {f"random {seed}": random_net(seed) for seed in range(10)}


@pytest.mark.parametrize(("loss", "line"), [
    ("max(b, a)", "dL/dw = 2*a if a > b"), ("min(a, b)", "dL/dw = (w + 2)*exp(w) if a > b"),
    ("relu(a - b)", "dL/dw = 2*a - (w + 2)*exp(w) if a > b"),
])  # fmt: skip
def test_a_branch_goes_by_the_digits_of_the_sheet(loss: str, line: str) -> None:
    """To doubles exp(2w) and exp(w)(1 + w) are equal where w is 1e-9."""
    lines = f"a: exp(2*w), b: exp(w)*(1 + w), L: '{loss}'"
    network = loads(f"weights: {{w: 1e-9}}\nequations: {{{lines}}}\nloss: L\n")
    found = backward(network)
    (form,) = closed_forms(
        [*found.program.forward, *found.program.backward], ["dL/dw"], found.values
    )
    assert shown(form) == line


def test_samples_come_in_their_order() -> None:
    each = "z[{0}]: w*x[{0}]\nh[{0}]: relu(z[{0}])\nL[{0}]: (h[{0}] - y[{0}])**2\n"
    text = each.format(1) + each.format(2) + "J: (L[1] + L[2])/2"
    assert one_form(text, "dJ/dw") == (
        "dJ/dw = x[1]*(1 if w*x[1] > 0 else 0)*(relu(w*x[1]) - y[1])"
        " + x[2]*(1 if w*x[2] > 0 else 0)*(relu(w*x[2]) - y[2])"
    )
    given = {"w": "1", "x[1]": "2", "x[2]": "-3", "y[1]": "1", "y[2]": "4"}
    assert one_form(text, "dJ/dw", given) == ("dJ/dw = x[1]*(w*x[1] - y[1]) if z[1] > 0, z[2] < 0")


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "branch"),
    [(name, branch) for place, name in enumerate(NETS) for branch in (True, False)
     if not name.startswith("random") or branch == place % 2],
)  # fmt: skip
def test_closed_forms_have_the_values_of_the_equations(name: str, branch: bool) -> None:
    equations, wanted = program(NETS[name])
    given = leaves(equations)
    for seed in range(1 if name.startswith("random") else 2):
        values = worked(equations, random_numbers(given, seed))
        forms = closed_forms(equations, [*wanted, "L"], values if branch else None)
        for form in forms:
            assert set(names_in(form.expression)) <= {*given, *(line.name for line in form.shared)}
            found = value_of(form, values, given)
            assert float(found) == pytest.approx(float(values[form.name]), rel=1e-9, abs=1e-9)
            assert all(holds(condition, values) for condition in form.conditions)
        if not branch:
            break


@pytest.mark.sweep
@pytest.mark.parametrize("name", [name for name in NETS if name.startswith("random")])
def test_branch_lines_hold_no_choices(name: str) -> None:
    equations, wanted = program(NETS[name])
    values = worked(equations, random_numbers(leaves(equations), 7))
    kinked = {"relu", "leaky_relu", "abs", "sign", "hard_tanh", "max", "min", "elu"}
    for form in closed_forms(equations, wanted, values):
        for node in walk(form.expression):
            assert getattr(getattr(node, "function", None), "name", "") not in kinked


SMOOTH = (
    SKIP.replace("relu", "tanh").replace("abs(yhat - y)", "(yhat - y)**2"),
    MAZUR,
    "h: softplus(w*x + b)\nL: sin(h)*cos(v*h) - exp(h)/3",
    "p: silu(w*x)\nq: gelu(v*p)\nL: log(1 + square(q - y))",
)


@pytest.mark.sweep
@pytest.mark.parametrize("text", mostly_swept(SMOOTH))
def test_sympy_agrees_with_the_backward_equations(text: str) -> None:
    """An oracle of its own: the loss as one formula, differentiated by sympy."""
    first = forward(text)
    composed: dict[str, Expression] = {}
    for line in first:
        composed[line.name] = replaced(line.expression, composed)
    loss = to_sympy(composed["L"])
    equations, _ = program(text)
    given = leaves(first)
    values = worked(equations, random_numbers(given, 3))
    numbers = {sympy.Symbol(name, real=True): sympy.Rational(str(values[name])) for name in given}
    for name in given:
        slope = sympy.diff(loss, sympy.Symbol(name, real=True)).subs(numbers).evalf(30)
        assert float(slope) == pytest.approx(float(values[f"dL/d{name}"]), rel=1e-9, abs=1e-12)


def test_to_sympy_builds_what_is_written() -> None:
    x, y = sympy.symbols("x y", real=True)
    assert to_sympy(parse("x**2 - y/3", FUNCTIONS)) == x**2 - y / 3
    assert to_sympy(parse("abs(x)", FUNCTIONS)) == sympy.Abs(x)
    assert to_sympy(parse("x if x > y else 0", FUNCTIONS)) == sympy.Piecewise((x, x > y), (0, True))
    derivative = parse("dL/dz2", FUNCTIONS, derivatives=True)
    assert to_sympy(derivative) == sympy.Symbol("dL/dz2", real=True)
    assert to_sympy(parse("E + I + lambda", FUNCTIONS)).free_symbols == set(
        sympy.symbols("E I lambda", real=True)
    )


HOSTILE = {
    "long sum": "L: " + " + ".join(f"w{n}*x{n}" for n in range(1000)),
    "long product": "L: " + "*".join(f"(w{n} + x{n} - {n})" for n in range(100)),
    "doubling": "\n".join(["a0: x + y", *(f"a{n}: a{n - 1}*w + a{n - 1}**2" for n in range(1, 60)),
                           "L: a59"]),
    "deep": "\n".join(["a0: w*x", *(f"a{n}: sigmoid(w*a{n - 1})" for n in range(1, 400)),
                       "L: a399"]),
    "wide": dense([2, 8, 1], "sigmoid", "l2"),
    "powers": "L: (1 + x + y + z + w)**1000 + (x - y)**8*(w + z)**8",
    "towers": "a: (2*x + 3)**1000\nb: a**1000\nL: (b + 1)**1000 - 7**1000",
    "no answer": "a: x - x\nL: y/a",
}  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_equations_stay_bounded(name: str) -> None:
    first = forward(HOSTILE[name])
    equations = first
    wanted = ["L"]
    if name in {"deep", "wide", "long sum", "doubling"}:
        equations, wanted = program(HOSTILE[name])
    for form in closed_forms(equations, wanted[:40]):
        assert len(formula_text(form.expression)) < 20_000


EVERY_LINE = """
import test_symbolic as t

for text in list(t.NETS.values())[:10:5]:
    equations, wanted = t.program(text)
    values = t.worked(equations, t.random_numbers(t.leaves(equations), 1))
    for form in (*t.closed_forms(equations, wanted, values), *t.closed_forms(equations, wanted)):
        print(t.shown(form), *(line.name for line in form.shared))
"""


def printed(code: str, hash_seed: str = "0") -> str:
    """What some code prints in a process of its own."""
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parent)])
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.sweep
def test_the_same_lines_under_another_hash_seed() -> None:
    lines = printed(EVERY_LINE)
    assert lines.count("\n") > 50
    assert printed(EVERY_LINE, "1") == lines
