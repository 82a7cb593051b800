"""Formulas are judged as functions: spellings do not matter, one lost condition does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
import sympy
from conftest import NETWORKS, ROOT, shared

from backcalc.arithmetic import decimal_of, digits_of
from backcalc.checking.formulas import Judgement, Points, judge, sample_points
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, after_steps, assemble
from backcalc.formulas.expression import (
    ZERO,
    Call,
    Expression,
    Name,
    Number,
    Product,
    Sum,
    negated,
    rebuilt,
    replaced,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import phrase_text
from backcalc.formulas.parser import parse
from backcalc.loading.loader import load, loads


def points_of(network: Network) -> Points:
    program = assemble(network, by_inputs=True)
    return sample_points(
        network,
        [
            *program.forward,
            *program.backward,
            *program.update,
            *after_steps(program.forward, 1, network),
        ],
    )


@cache
def bundled(file: str) -> Points:
    return points_of(load(str(ROOT / file)))


HEAD = "inputs: {x: 1, u: 2}\nweights: {w: 1, v: 2, b: 1}\n"
SMALL = {
    "skip": (ROOT / "networks/skip.yaml").read_text("utf-8"),
    "functions": HEAD
    + "equations:\n"
    + "".join(
        f"  q_{name}: {name}({'z, x, u' if row.variadic else 'z'})\n"
        for name, row in FUNCTIONS.items()
        if not row.outputs
    )
    + "  z: w*x + b\n  r: log(x/u)\n  f: z*h\n  h: sigmoid(z)\nloss: f\n",
    "bce": HEAD + "targets: {y: 1}\nequations:\n  z: w*x + b\n  yhat: sigmoid(z)\nloss: bce\n",
    "classes": HEAD
    + "targets: {y: 2}\nequations:\n  z1: w*x\n  z2: v*x + b\n  z3: b*u\n"
    + "  yhat1, yhat2, yhat3: softmax(z1, z2, z3)\noutputs: [yhat1, yhat2, yhat3]\n"
    + "loss: cross_entropy\n",
    "hinge": HEAD + "targets: {y: 1}\nequations:\n  yhat: w*x + b\nloss: hinge\n",
    "deep": """
inputs: {x: 1}
targets: {y: 1}
weights: {w0: 1, w1: 1, w2: 1, b0: 1}
nodes:
  0: {from: {x: w0}, bias: b0, activation: relu}
  1: {from: {0: w1}, activation: relu}
  2: {from: {1: w2}, activation: identity}
loss: half_l2
""",
    "biased": """
inputs: {x: 1}
targets: {y: 1}
weights: {w0: 1, w1: 1, b0: 1, b1: 1}
nodes:
  0: {from: {x: w0}, bias: b0, activation: relu}
  1: {from: {0: w1}, bias: b1, activation: relu}
loss: half_l2
""",
    "narrow": """
weights: {a: 1, b: -1, c: 1, d: -1, e: 1, g: -1}
equations:
  f: relu(-a)*relu(-b)*relu(-c)*relu(-d)*relu(e)*relu(-g)
loss: f
""",
    "samples": """
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 3}]
weights: {w: 1, b: 0}
equations:
  yhat: relu(w*x + b)
loss: l2
""",
}


@cache
def small(name: str) -> Points:
    return points_of(loads(SMALL[name], name))


def right_of(points: Points, name: str) -> Expression:
    return next(each.expression for each in points.equations if each.name == name)


def judged(points: Points, name: str, formula: str | Expression) -> Judgement:
    if isinstance(formula, str):
        formula = parse(formula, FUNCTIONS, derivatives=True)
    return judge(formula, right_of(points, name), points)


SAME = [
    ("skip", "dL/dw1", "dL/dz2*w2*h0 if z1 > 0 else 0"),
    ("skip", "dL/dw1", "h0*w2*dL/dyhat*(1 if z1 >= 0 else 0)"),
    ("skip", "dL/dw1", "(1 if yhat > y else -1)*(w2*h0 if z1 > 0 else 0)"),
    ("skip", "dL/dw1", "sign(w2*max(0, w1*h0) + ws*h0 - y)*w2*h0*(0 if z1 <= 0 else 1)"),
    ("skip", "dL/dz1", "dL/dh1 if z1 > 0 else 0"),
    ("skip", "dL/dz1", "dL/dh1 if z1 >= 0 else 0"),
    ("skip", "dL/dz1", "0 if 0 > z1 else dL/dh1"),
    ("skip", "dL/dh0", "dL/dz2*ws + (w1*dL/dh1 if 0 <= z1 else 0)"),
    ("skip", "dL/dyhat", "(yhat - y)/abs(yhat - y)"),
    ("skip", "dL/dyhat", "1 if y < yhat else -1"),
    ("skip", "w1'", "w1 - lr*dL/dw1"),
    ("skip", "w1'", "w1 - lr*w2*h0*dL/dyhat*(z1 > 0)".replace("(z1 > 0)", "(1 if z1 > 0 else 0)")),
    ("skip", "h0", "max(0, z0)"),
    ("skip", "h0", "(z0 + abs(z0))/2"),
    ("skip", "h0", "z0 if z0 > 0 else 0"),
    ("skip", "L", "sqrt((y - yhat)**2)"),
    ("functions", "q_tanh", "(exp(z) - exp(-z))/(exp(z) + exp(-z))"),
    ("functions", "q_tanh", "2*sigmoid(2*z) - 1"),
    ("functions", "q_tanh", "1 - 2/(exp(2*w*x + 2*b) + 1)"),
    ("functions", "q_sin", "sin(z + 6.283185307179586476925286766559005768394338798750)"),
    ("functions", "q_cos", "1 - 2*sin(z/2)**2"),
    ("functions", "q_gelu", "z - z/2*(1 - erf(z/2**0.5))"),
    ("functions", "q_softplus", "-log(sigmoid(-z))"),
    ("functions", "r", "log(x) - log(u)"),
    ("functions", "q_sigmoid", "(1 + exp(-40))/(1 + exp(-z))/(1 + exp(-40))"),
    ("functions", "df/dw", "(h + z*(1 - h - (1 - h)**2))*x"),
    ("functions", "df/dw", "(h + z*(1e45 + h*(1 - h)) - z*1e45)*x"),
    ("functions", "df/dh", "z"),
    ("functions", "df/dz", "h + z*h*(1 - h)"),
    ("functions", "df/dz", "h + z*sigmoid(z)*(1 - sigmoid(z))"),
    ("functions", "df/dz", "h + z*exp(-z)/(1 + exp(-z))**2"),
    ("functions", "df/dz", "h + z/(2 + exp(z) + exp(-z))"),
    ("bce", "dL/dz", "yhat - y"),
    ("bce", "dL/dw", "(1/(1 + exp(-w*x - b)) - y)*x"),
    ("classes", "dL/dz1", "yhat1 - (1 if y == 0 else 0)"),
    ("classes", "dL/dz3", "exp(z3)/(exp(z1) + exp(z2) + exp(z3)) - (1 if y == 2 else 0)"),
    ("hinge", "dL/dyhat", "-y if y*yhat < 1 else 0"),
    ("hinge", "dL/dyhat", "-1/y if 1 > yhat/y else 0"),
    ("deep", "dL/dz0", "dL/dh1*w1 if z1 > 0 else 0"),
    ("deep", "dL/dz0", "dL/dh0*(1 if z0 > 0 else 0)"),
    ("samples", "dJ/dw", "(dL[1]/dw + dL[2]/dw)/2"),
    ("samples", "L[2]", "(y[2] - max(w*x[2] + b, 0))**2"),
    ("networks/softmax.yaml", "dL/dz1", "yhat1 - y1"),
    ("networks/softmax.yaml", "dL/dw4", "x2*(yhat2 - y2)"),
]

DIFFERENT = [
    ("skip", "dL/dw1", "w2*h0", "right only where z1 > 0 and yhat > y"),
    ("skip", "dL/dw1", "dL/dz2*w2*h0", "right only where z1 > 0"),
    ("skip", "dL/dw1", "-w2*h0 if z1 > 0 else 0", "right only where yhat < y, or where both are 0"),
    ("skip", "dL/dyhat", "1", "right only where yhat > y"),
    ("skip", "dL/dyhat", "-1", "right only where yhat < y"),
    ("skip", "dL/dyhat", "yhat - y", ""),
    ("skip", "dL/dw1", "-dL/dz2*w2*h0 if z1 > 0 else 0", ""),
    ("skip", "dL/dw1", "dL/dz2*w2*h0 if z1 > 0 else 1", "right only where z1 > 0"),
    ("skip", "dL/dz1", "dL/dh1 if z1 < 0 else 0", ""),
    ("skip", "z2", "w2*h1", None),
    ("skip", "z2", "w2*h1 + ws*h0 + 1e-15", ""),
    ("skip", "h0", "h0 if z0 < 100 else 0", "right only where z0 < 100"),
    ("skip", "h0", "z0", "right only where z0 > 0"),
    ("skip", "w1'", "w1 + lr*dL/dw1", None),
    ("deep", "dL/dz0", "dL/dh1*w1 if z1 >= 0 else 0", "right only where z0 > 0"),
    ("narrow", "f", "-relu(-a)*relu(-b)*relu(-c)*relu(-d)*relu(e)*relu(-g)", ""),
    ("biased", "dL/dw1", "dL/dyhat*h0", "right only where z1 > 0, or where both are 0"),
    ("functions", "df/dz", "h + z*h*h", ""),
    ("functions", "df/dz", "h + z*h*(1 - h) + 1e-15", ""),
    ("functions", "q_sin", "sin(z + 6.28318530717958647692)", ""),
    ("functions", "q_sigmoid", "1/(1 + exp(-w*x))", ""),
    ("functions", "q_gelu", "gelu_tanh(z)", ""),
    ("bce", "dL/dz", "y - yhat", ""),
    ("bce", "dL/dz", "yhat", ""),
    ("classes", "dL/dz1", "yhat1 - 1", None),
    ("classes", "dL/dz1", "yhat1 - y", None),
    ("hinge", "dL/dyhat", "-y", "right only where 1 - y*yhat > 0"),
    ("samples", "dJ/dw", "dL[1]/dw + dL[2]/dw", ""),
    ("networks/softmax.yaml", "dL/dz1", "yhat1 - y2", ""),
]


def points_named(name: str) -> Points:
    return bundled(name) if name in NETWORKS else small(name)


@pytest.mark.parametrize(("network", "name", "formula"), SAME)
def test_the_same_function_however_it_is_written(network: str, name: str, formula: str) -> None:
    assert judged(points_named(network), name, formula).same is True


@pytest.mark.parametrize(("network", "name", "formula", "remark"), DIFFERENT)
def test_another_function_and_where_it_is_right(
    network: str, name: str, formula: str, remark: str | None
) -> None:
    found = judged(points_named(network), name, formula)
    assert found.same is False
    if remark is not None:
        assert phrase_text(found.remark) == remark


UNDECIDED = ["nosuch*2", "log(-abs(z0) - 1)", "1/(z0 - z0)", "exp(exp(exp(exp(9 + abs(z0)))))"]


@pytest.mark.parametrize("formula", UNDECIDED)
def test_what_has_no_value_is_neither_proved_nor_refuted(formula: str) -> None:
    assert judged(small("skip"), "h0", formula).same is None


def test_a_formula_without_a_value_on_one_side_is_not_proved() -> None:
    assert judged(small("functions"), "q_relu", "exp(log(z))").same is None


# Every equation of every bundled network.


def written_out(points: Points, expression: Expression) -> Expression:
    """The expression with every name that an equation defines replaced by its right side."""
    meaning = {each.name: each.expression for each in points.equations}
    return replaced(expression, {name: meaning[name] for name in meaning})


def shuffled(node: Expression) -> Expression:
    node = rebuilt(node, shuffled)
    match node:
        case Sum(terms):
            return Sum(terms[::-1])
        case Product(factors):
            return Product(factors[::-1])
    return node


def variants(points: Points, equation: Equation) -> Iterator[tuple[bool, Expression]]:
    right = equation.expression
    yield True, right
    yield True, written_out(points, right)
    yield True, written_out(points, written_out(points, right))
    yield True, shuffled(written_out(points, right))
    if right != ZERO:
        yield False, negated(right)
        yield False, Product((right, Number(Fraction("1.0000000001"))))
    if isinstance(right, Sum):
        yield False, Sum(right.terms[1:])


@pytest.mark.sweep
@pytest.mark.parametrize("file", shared(NETWORKS, "every derivative", 4))
def test_every_derivative_of_the_bundled_networks(file: str) -> None:
    points = bundled(file)
    if points.network.matrices and len(points.network.weights) > 12:
        pytest.skip("many elements of a few formulas")
    equations = assemble(points.network).backward
    for equation in equations[:: len(equations) // 5 + 1]:  # those of a layer are alike
        nought = judge(ZERO, equation.expression, points).same  # by a constant that is 0
        for formula, same in dict(map(reversed, variants(points, equation))).items():
            found = judge(formula, equation.expression, points)
            assert found.same is (same or nought), (equation.name, formula)


def test_the_verdict_does_not_depend_on_what_was_judged_before() -> None:
    def remarks(cases: list[tuple[str, str, str, str | None]]) -> dict[str, str]:
        points = points_of(loads(SMALL["skip"], "skip"))
        return {
            formula: phrase_text(judged(points, name, formula).remark)
            for network, name, formula, _ in cases
            if network == "skip"
        }

    assert remarks(DIFFERENT) == remarks(DIFFERENT[::-1])


# Hostile formulas.

HOSTILE = [
    "+".join(f"gelu(z0/{k})" for k in range(1, 240)),
    "gelu(" * 39 + "z0" + ")" * 39,
    "exp(" * 39 + "z0" + ")" * 39,
    "max(" + ", ".join(["z0 + 1"] * 32) + ")",
    "max(0, " * 38 + "z0 - 1" + ")" * 38,
    "**".join(["(2 + z0*z0)"] * 39),
    "(9**1000)**(81*z0*z0)",
    "*".join(["(1 + z0)**1000"] * 199),
    "+".join(["z0/" + str(k + 3) for k in range(900)]),
    "+".join(["z0"] * 33_000),
    "sin(" * 20 + "1e300*z0" + ")" * 20,
    "1e400*z0 - 1e400*z0 + 1e-400",
    "variance(" * 10 + ", ".join(["z0", "w0", "x"] * 10) + ")" * 10,
    "(z0 if z0 > 0 else " * 19 + "1" + ")" * 19,
    "(1 if " * 30 + "z0" + " > 0 else 0)" * 30,
    "max(x, y, w0, w1, w2, ws, z0 + 1, " * 30 + "x" + ")" * 30,
    "+".join(f"erf(13.{k})" for k in range(1, 745)),
    "+".join(f"sin({k}.7*z0)**z1" for k in range(1, 99)),
    "+".join(f"(z0**{k + 500} if z0 + {k} > h0**{k} else 1)" for k in range(1, 300)),
    "+".join([f"(z0 if z0 > {k} else 0)" for k in range(300)]),
    "softmax(" + ", ".join(["exp(z0)"] * 32) + ")",
]


@pytest.mark.sweep
@pytest.mark.parametrize("formula", HOSTILE, ids=lambda formula: formula[:20])
def test_no_formula_takes_long_or_is_proved(formula: str) -> None:
    assert judged(small("skip"), "h0", formula).same is not True


# Many digits.


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items()])
@pytest.mark.parametrize("at", ["-2.5", "-0.25", "0.75", "3"])
def test_many_digits_agree_with_the_table(name: str, at: str) -> None:
    function = FUNCTIONS[name]
    if name in ("log", "log1p", "sqrt"):
        at = at.lstrip("-")
    count = 3 if function.variadic else 1
    arguments = tuple(Number(Fraction(at) + k) for k in range(count))
    settings = tuple(map(Number, function.defaults))
    call = Call(function, (*arguments, *settings), 0 if function.outputs else None)
    value = function.value(*(float(each.value) for each in call.arguments))
    expected = value[0] if isinstance(value, tuple) else value
    assert float(digits_of(call, {}, 60)) == pytest.approx(float(expected), rel=1e-13)


def test_many_digits_are_right_to_the_last() -> None:
    for name in ("exp", "log", "sin", "cos", "erf", "sqrt"):
        for at in ("0.1", "1.7", "5.5", "13.9"):
            ours = digits_of(Call(FUNCTIONS[name], (Name("z"),)), {"z": Decimal(at)}, 60)
            theirs = sympy.N(getattr(sympy, name)(sympy.Rational(at)), 75)
            assert abs(ours / Decimal(str(theirs)) - 1) < Decimal("1e-50")


def test_a_number_keeps_its_digits() -> None:
    assert str(decimal_of(Fraction("1/3"), 60)) == "0." + "3" * 60
