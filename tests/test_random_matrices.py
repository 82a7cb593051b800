"""Random programs of matrices: derivations and Jacobians against scalar derivatives."""

from __future__ import annotations

import json
import math
import random

import pytest

from backcalc.equations.calculation import backward
from backcalc.equations.costs import measure
from backcalc.equations.derivation import derive
from backcalc.equations.jacobian import jacobian
from backcalc.equations.matrix_form import elements_called
from backcalc.equations.named import with_layout
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, evaluate
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.matrices import Array, Shape, elements_of, shape_of, spread
from backcalc.formulas.matrix_reader import parse_matrices
from backcalc.formulas.notation import LATEX, formula_text
from backcalc.formulas.quantity import Derivative
from backcalc.loading.loader import loads

GIVEN = {"A": (2, 3), "B": (3, 2), "C": (2, 2), "u": (2,), "v": (3,), "s": ()}

PATTERNS = (
    "{a} @ {b}", "{a}.T @ {b}", "{a} @ {b}.T", "{a} + {b}*{c}", "{a}*{b}", "{a} - 2*{b}/3",
    "tanh({a})", "sigmoid({a} + {b})", "relu({a})", "softmax({a})", "softmax({a}, axis=0)",
    "log_softmax({a})", "sum({a}, axis=0)", "sum({a}, axis=1)", "mean({a}, axis=1)",
    "max({a}, axis=1)", "min({a}, axis=0)", "norm({a}, axis=1)", "norm({a})*{b}",
    "variance({a}, axis=0)", "concat({a}, {b})", "concat({a}, {b}, axis=1)", "{a}[0]",
    "{a}[:, 1]", "{a}[1:]*{b}", "outer({a}, {b})", "dot({a}, {b})*{c}", "trace({a})*{b}",
    "layer_norm({a})", "batch_norm({a})", "reshape({a}, shape=(3, 2))", "{a}/({b}**2 + 1)",
    "({a} @ {b} + {c}) @ {a}", "-{a} @ {b}", "exp({a}/3)@{b}", "abs({a})", "{a} - mean({b})",
    "s*{a} @ {b}", "conv({a}, {b}, padding=1)", "max_pool({a}, size=2)",
    "mean_pool({a}, size=2, stride=1)", "max({a})*{b}", "{a} if s > 0 else 2*{a}",
)  # fmt: skip


def nested(shape: tuple[int, ...], draw: random.Random) -> object:
    if not shape:
        return draw.choice([-1, 1]) * draw.randint(1, 9) / 5
    return [nested(shape[1:], draw) for _ in range(shape[0])]


def program(draw: random.Random) -> str:
    """A file of two to five random lines that fit each other."""
    shapes = {name: Shape(shape) for name, shape in GIVEN.items()}
    lines: dict[str, str] = {}
    wanted = draw.randint(2, 5)
    while len(lines) < wanted:
        a, b, c = (draw.choice(list(shapes)) for _ in range(3))
        text = draw.choice(PATTERNS).format(a=a, b=b, c=c)
        try:
            shape = shape_of(parse_matrices(text).expression, shapes)
        except BackcalcError:
            continue
        if len(shape) <= 3 and math.prod(map(int, map(str, shape))) <= 16:
            name = f"q{len(lines)}"
            shapes[name], lines[name] = shape, text
    ends = [name for name in lines if not any(name in text for text in lines.values())]
    lines["L"] = " + ".join(f"sum({n}**2)" if shapes[n] else f"{n}**2" for n in ends)
    weights = {name: nested(shape, draw) for name, shape in GIVEN.items()}
    return json.dumps({"weights": weights, "equations": lines, "loss": "L"})


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(2))
def test_derivations_of_random_programs(seed: int) -> None:
    for number in range(5):
        draw = random.Random(f"{seed} {number}")
        text = program(draw)
        network = loads(text)
        form, values = network.matrices, dict(backward(network).values)
        assert form is not None
        for name in form.shapes:
            for each in elements_called(Derivative(form.loss, name), form.shapes):
                values.setdefault(each, 0)
        for layout in LAYOUTS:
            arrays = dict(form.elements)
            for each in derive(with_layout(network, layout)).derived:
                own, shape = elements_called(each.name, form.shapes), each.shape
                if layout == "numerator" and len(shape) == 2:
                    rows, columns = map(int, map(str, shape))
                    own = tuple(own[r + rows * c] for r in range(rows) for c in range(columns))
                found = spread(elements_of(each.expression, arrays), shape)
                arrays[each.name] = Array(shape, tuple(map(Name, own)))
                assert formula_text(each.expression, LATEX)
                for element, formula in zip(own, found.elements, strict=True):
                    number_found = float(evaluate(formula, values))
                    assert number_found == pytest.approx(float(values[element])), (text, element)
        assert measure(network).parameters
        used = {each.name.by for each in derive(network).derived}
        for by in used.intersection(form.weights):
            check_jacobian(text, by)


def check_jacobian(text: str, by: str) -> None:
    """The symbols of each local Jacobian of the loss have its numbers."""
    network = loads(text)
    form = network.matrices
    assert form is not None
    values = backward(network).values
    found = jacobian(network, form.loss, by)
    for chain in found.chains:
        for each in chain.factors:
            if each.expression is not None and each.numbers is not None:
                symbols = elements_of(each.expression, form.elements).elements
                numbers = [float(evaluate(one, values)) for one in symbols]
                assert numbers == pytest.approx([float(one) for one in each.numbers]), text
