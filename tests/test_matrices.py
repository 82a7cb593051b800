"""Vectors and matrices: what flows back, against central differences."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

import pytest

from backcalc.equations.matrices import MatrixForm, MatrixLine, matrix_gradients
from backcalc.formulas.expression import (
    TWO,
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Power,
    Product,
    Sum,
    Values,
    evaluate,
)
from backcalc.formulas.functions import FUNCTIONS, default_conventions
from backcalc.formulas.matrices import (
    Array,
    Row,
    Shape,
    ShapeError,
    count,
    elements_of,
    flowing_back,
    operation,
    shape_of,
    spread,
)
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import parsed


def op(name: str, *arguments: Expression, **settings: object) -> Operation:
    return Operation(operation(name), arguments, tuple(settings.items()))


def tanh(z: Expression) -> Expression:
    return Call(FUNCTIONS["tanh"], (z,))


A, B, C, S, a, b, c = map(Name, ["A", "B", "C", "S", "a", "b", "c"])
SHAPES = {
    "A": Shape((3, 2)), "B": Shape((2, 4)), "C": Shape((3, 4)),
    "a": Shape((3,)), "b": Shape((2,)), "c": Shape((4,)), "S": Shape(),
    "G": Shape((1, 4)), "r": Row((4,)),
}  # fmt: skip

FORMULAS = {
    "product": op("@", A, B),
    "matrix by vector": Sum((op("@", A, b), a)),
    "row convention": Sum((op("@", op("@", A, B), op(".T", C)), a)),
    "vector by matrix": op("@", a, C),
    "bias over a batch": tanh(Sum((op("@", A, B), c))),
    "outer with a row": op("@", a, op(".T", c)),
    "inner": op("@", op(".T", a), op("@", A, b)),
    "dot": op("@", a, op("@", C, c)),
    "quadratic": op("@", op("@", op(".T", a), C), c),
    "lying": op("@", op(".T", a), C),
    "transpose": op("@", op(".T", B), b),
    "entrywise": Product((op("@", A, B), C, Inverse(Sum((Power(C, TWO), S, TWO))))),
    "softmax": op("softmax", op("@", A, B), axis=-1),
    "softmax of columns": op("softmax", C, axis=0),
    "log_softmax": op("log_softmax", op("@", C, c), axis=-1),
    "attention": op(
        "@", op("softmax", Product((op("@", A, B), Number(TWO.value / 3))), axis=-1), op(".T", B)
    ),
    "sum": op("sum", Power(C, TWO)),
    "sum of rows": Product((op("sum", C, axis=1), a)),
    "sum of columns": Sum((op("sum", C, axis=0), c)),
    "mean": Product((op("mean", C, axis=1, keep=True), C)),
    "mean of all": op("mean", op("@", A, B)),
    "spread scalar": Product((S, C)),
    "one row": Product((Name("G"), C)),
    "outer": op("outer", tanh(a), c),
    "inner of two": op("dot", a, Power(a, TWO)),
    "negated": Negation(op("@", Negation(A), B)),
}  # fmt: skip


def numbers_of(
    expression: Expression, shape: Shape, shapes: Mapping[str, Shape], values: Values
) -> list[float]:
    """The elements of a formula in numbers."""
    arrays = {
        name: Array(each, tuple(Name(f"{name}_{place}") for place in range(count(each))))
        for name, each in shapes.items()
    }
    found = spread(elements_of(expression, arrays), shape)
    return [float(evaluate(each, values)) for each in found.elements]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_flows_back_is_the_slope(name: str) -> None:
    formula, draw = FORMULAS[name], random.Random(name)
    shape = shape_of(formula, SHAPES)
    size = count(shape)
    shapes = {**SHAPES, "upstream": shape, "answer": shape}
    values: dict[str, float] = {
        f"{each}_{place}": draw.uniform(-1, 1)
        for each, own in shapes.items()
        for place in range(count(own))
    }
    answers = numbers_of(formula, shape, shapes, values)
    values |= {f"answer_{place}": each for place, each in enumerate(answers)}
    flows = flowing_back(formula, Name("answer"), Name("upstream"), shapes, default_conventions())
    assert flows
    for by, flow in flows.items():
        found = numbers_of(flow, SHAPES[by], shapes, values)
        for place, slope in enumerate(found):
            sides = []
            for change in (1e-5, -1e-5):
                moved = {**values, f"{by}_{place}": values[f"{by}_{place}"] + change}
                after = numbers_of(formula, shape, shapes, moved)
                sides.append(sum(values[f"upstream_{k}"] * after[k] for k in range(size)))
            assert slope == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8), by


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (op("@", A, a), "3x2 @ 3 do not fit: 2 columns by 3 rows"),
        (Sum((A, B)), "3x2 + 2x4 do not fit"),
        (op("@", A, S), "3x2 @ a scalar: a scalar is multiplied with *"),
        (op("sum", A, axis=2), "axis=2 of 3x2: axes are counted from 0"),
    ],
)
def test_shapes_that_do_not_fit_are_both_named(formula: Expression, message: str) -> None:
    with pytest.raises(ShapeError) as raised:
        shape_of(formula, SHAPES)
    assert raised.value.message == message


def test_gradients_of_two_layers_as_a_textbook_has_them() -> None:
    x, y, z1, h1, z2, yhat = map(Name, ["x", "y", "z1", "h1", "z2", "yhat"])
    shapes = {
        "x": Shape("d"), "y": Shape("k"), "W1": Shape("hd"), "b1": Shape("h"), "z1": Shape("h"),
        "h1": Shape("h"), "W2": Shape("kh"), "b2": Shape("k"), "z2": Shape("k"),
        "yhat": Shape("k"), "L": Shape(),
    }  # fmt: skip
    half = Number(Fraction(1, 2))
    formulas = {
        "z1": Sum((op("@", Name("W1"), x), Name("b1"))),
        "h1": tanh(z1),
        "z2": Sum((op("@", Name("W2"), h1), Name("b2"))),
        "yhat": z2,
        "L": Product((half, op("sum", Power(Sum((yhat, Negation(y))), TWO)))),
    }
    lines = tuple(MatrixLine(parsed(name), each, shapes[name]) for name, each in formulas.items())
    form = MatrixForm(shapes, ("x",), ("y",), ("W1", "b1", "W2", "b2"), (), lines, {})
    gradients = matrix_gradients(form, default_conventions())
    assert {line.name: formula_text(line.expression) for line in gradients} == {
        "dL/dyhat": "yhat - y",
        "dL/dz2": "dL/dyhat",
        "dL/dh1": "W2.T @ dL/dz2",
        "dL/dz1": "dL/dh1*(1 - h1**2)",
        "dL/dW1": "dL/dz1 @ x.T",
        "dL/db1": "dL/dz1",
        "dL/dW2": "dL/dz2 @ h1.T",
        "dL/db2": "dL/dz2",
    }
