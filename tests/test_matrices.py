"""Vectors and matrices: what flows back, against central differences."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

import pytest

from backcalc.equations.matrix_form import MatrixForm, MatrixLine, matrix_gradients
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


A, B, C, D, E, F, S, a, b, c = map(Name, ["A", "B", "C", "D", "E", "F", "S", "a", "b", "c"])
k1, K2, K3, K4 = map(Name, ["k1", "K2", "K3", "K4"])
SHAPES = {
    "A": Shape((3, 2)), "B": Shape((2, 4)), "C": Shape((3, 4)),
    "a": Shape((3,)), "b": Shape((2,)), "c": Shape((4,)), "S": Shape(),
    "G": Shape((1, 4)), "r": Row((4,)), "D": Shape((4, 4)), "E": Shape((2, 3, 4)),
    "k1": Shape((2,)), "K2": Shape((2, 2)), "K3": Shape((3, 2, 3)), "K4": Shape((2, 1, 2, 2)),
    "F": Shape((2, 1, 4, 3)),
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
    "max": Product((op("max", C), a)),
    "max of rows": Product((op("max", C, axis=1), a)),
    "min of columns": op("min", op("@", A, B), axis=0),
    "min kept": Product((op("min", C, axis=1, keep=True), C)),
    "variance": op("variance", C),
    "variance of rows": Product((op("variance", C, axis=1), a)),
    "variance kept": Product((op("variance", C, axis=0, keep=True), C)),
    "norm": Product((op("norm", op("@", C, c)), a)),
    "norm of rows": Product((op("norm", C, axis=1), a)),
    "unit rows": Product((C, Inverse(op("norm", C, axis=1, keep=True)))),
    "trace": Product((S, op("trace", op("@", C, op(".T", C))))),
    "trace of a product": op("trace", op("@", op("@", A, B), op(".T", C))),
    "element": Product((op("index", C, at=(1, 2)), a)),
    "column": op("index", C, at=(None, 1)),
    "slice": Sum((op("index", C, at=((0, 2),)), op("index", C, at=((1, None),)))),
    "look-up": op("@", op("index", C, at=(2,)), c),
    "last": op("index", c, at=(-1,)),
    "placed": op("placed", b, at=(None, 1), shape=Shape((2, 3))),
    "concat": op("@", op("concat", a, tanh(b), a, axis=0), op("concat", b, a, a, axis=0)),
    "concat of columns": op("concat", C, tanh(A), axis=1),
    "reshape": op("@", op("reshape", C, shape=Shape((2, 6))), op("reshape", A, shape=None)),
    "flatten": op("reshape", op("@", A, B), shape=None),
    "permute": Product((op("permute", E, axes=(2, 0, 1)), op("index", E, at=(0, 1, 2)))),
    "layer_norm": op("layer_norm", op("@", A, B), eps=Fraction(1, 10)),
    "layer_norm of a vector": op("layer_norm", c),
    "batch_norm": Sum((Product((op("batch_norm", C), c)), c)),
    "conv": op("conv", c, k1),
    "conv, stride": op("conv", tanh(c), tanh(k1), stride=2, padding=1),
    "conv of an image": op("conv", C, K2, padding=1),
    "conv of an image, stride": op("conv", C, K2, stride=(1, 2)),
    "conv of channels": op("conv", op("@", B, D), K3, padding=1),
    "conv of a batch": op("conv", F, K4, stride=2, padding=(1, 0)),
    "full_conv": op("full_conv", c, k1, padding=0, shape=Shape((5,))),
    "full_conv, channels": op("full_conv", C, K3, padding=1, shape=Shape((2, 4))),
    "correlation": op("correlation", a, c, shape=Shape((2,))),
    "max_pool": op("max_pool", op("@", D, D), size=2),
    "max_pool, overlapping": op("max_pool", E, size=(2,), stride=1),
    "mean_pool": op("mean_pool", E, size=(3, 2), stride=(1, 2)),
    "mean_unpool": op("mean_unpool", k1, size=2, shape=Shape((4,))),
    "attention mask": op("softmax", Sum((D, op("placed", b, at=(0, (0, 2)), shape=Shape((4, 4)))))),
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
        (op("trace", A), "trace of 3x2: only a square matrix has a trace"),
        (op("index", A, at=(0, 2)), "3x2[0, 2]: an axis of 2 has places 0 to 1"),
        (op("index", a, at=((1, 1),)), "3[1:1]: nothing stands there"),
        (op("index", a, at=(0, 0)), "3[0, 0]: 2 places, 1 axes"),
        (op("concat", A, C, axis=0), "concat(3x2, 3x4) do not fit along axis=0"),
        (op("permute", A, axes=(0, 2)), "axes=(0, 2) is no order of the 2 axes of 3x2, from 0 on"),
        (
            op("reshape", A, shape=Shape((4,))),
            "3x2 has 6 elements and cannot be 4, which has 4",
        ),
        (op("batch_norm", a), "batch_norm(3): it takes a batch of rows"),
        (op("conv", k1, c), "conv(2, 4): a window of 4 is longer than 2+0"),
        (op("conv", A, K3), "conv(3x2, 3x2x3): 3 channels by 2"),
        (op("conv", c, k1, stride=0), "stride=0 does not fit 1 axes: whole numbers from 1 on"),
        (op("max_pool", a, size=4), "pooling 3: a window of 4 is longer than 3+0"),
    ],
)
def test_shapes_that_do_not_fit_are_both_named(formula: Expression, message: str) -> None:
    with pytest.raises(ShapeError) as raised:
        shape_of(formula, SHAPES)
    assert raised.value.message == message


LETTERS = {
    "X": Shape("Nd"), "W": Shape("hd"), "x": Shape("d"), "h": Shape("h"), "k": Shape("k"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "shape"),
    [
        (op("@", Name("X"), op(".T", Name("W"))), "Nxh"),
        (op("concat", Name("h"), Name("x")), "h + d"),
        (op("index", op("concat", Name("h"), Name("x")), at=(("h", None),)), "d"),
        (op("index", Name("X"), at=(None, 0)), "N"),
        (op("conv", Name("x"), Name("k")), "d - k + 1"),
        (op("conv", Name("x"), Name("k"), stride=2), "(d - k)/2 + 1"),
        (op("reshape", Name("X"), shape=None), "N*d"),
        (op("layer_norm", Name("X")), "Nxd"),
    ],
)
def test_sizes_may_be_letters(formula: Expression, shape: str) -> None:
    assert str(shape_of(formula, LETTERS)) == shape


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


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (op("softmax", A, axis=-1), "softmax(A)"),
        (op("sum", A, axis=0, keep=True), "sum(A, axis=0, keep=True)"),
        (op("index", op("@", A, B), at=(None, (0, 2))), "(A @ B)[:, 0:2]"),
        (op("placed", b, at=(1,), shape=Shape((3, 2))), "placed(b, at=[1], shape=(3, 2))"),
        (Product((op("upright", a, axis=1), A)), "a[:, None]*A"),
        (op("conv", C, K2, stride=2, padding=0), "conv(C, K2, stride=2)"),
    ],
)
def test_settings_are_written_where_they_are_not_the_usual_ones(
    formula: Expression, text: str
) -> None:
    assert formula_text(formula) == text


X, Y, W, w, Z, P, N = map(Name, ["X", "Y", "W", "w", "Z", "P", "N"])


def log(z: Expression) -> Expression:
    return Call(FUNCTIONS["log"], (z,))


def gradients_of(
    lines: Mapping[str, Expression], letters: Mapping[str, str], weights: str
) -> dict[str, str]:
    """The gradients of a network whose sizes are letters, as text."""
    shapes = {name: Shape(sizes) for name, sizes in letters.items()}
    known = dict(shapes)
    for name, expression in lines.items():
        known[name] = shape_of(expression, known)
    form = MatrixForm(
        known, ("X",), ("Y",), tuple(weights), (),
        tuple(MatrixLine(parsed(name), each, known[name]) for name, each in lines.items()), {},
    )  # fmt: skip
    found = matrix_gradients(form, default_conventions())
    return {line.name: formula_text(line.expression) for line in found}


SCORES = {"Z": op("@", X, W), "P": op("softmax", Z)}
AVERAGED = Inverse(N)
BCE = Sum((Product((Y, log(P))), Product((Sum((Number(Fraction(1)), Negation(Y))),
          log(Sum((Number(Fraction(1)), Negation(P))))))))  # fmt: skip
ROWS = op("sum", Product((Y, log(P))), axis=1)


@pytest.mark.parametrize(
    ("lines", "slope"),
    [
        (
            {**SCORES, "L": Product((Negation(op("sum", Product((Y, log(P))))), AVERAGED))},
            "(P - Y)/N",
        ),
        ({**SCORES, "l": Negation(ROWS), "L": op("mean", Name("l"))}, "dL/dl[:, None]*(P - Y)"),
        ({**SCORES, "L": Negation(op("mean", ROWS))}, "(P - Y)/N"),
        (
            {
                "Z": op("@", X, W),
                "P": op("log_softmax", Z),
                "L": Product((Negation(op("sum", Product((Y, P)))), AVERAGED)),
            },
            "(exp(P) - Y)/N",
        ),
        (
            {
                "Z": op("@", X, W),
                "P": Call(FUNCTIONS["sigmoid"], (Z,)),
                "L": Product((Negation(op("sum", BCE)), AVERAGED)),
            },
            "(P - Y)/N",
        ),
        # No pair: each element of a line has a weight of its own, or another power of p.
        (
            {**SCORES, "L": op("sum", Product((Name("C"), Y, log(P))))},
            "P*(dL/dP - sum(dL/dP*P, axis=-1, keep=True))",
        ),
        (
            {**SCORES, "L": op("sum", Product((Y, Power(P, TWO))))},
            "P*(dL/dP - sum(dL/dP*P, axis=-1, keep=True))",
        ),
    ],
)
def test_an_activation_and_its_loss_shorten_each_other(
    lines: Mapping[str, Expression], slope: str
) -> None:
    found = gradients_of(lines, {"X": "Nd", "Y": "NK", "W": "dK", "C": "NK"}, "W")
    assert found["dL/dZ"] == slope
    assert found["dL/dW"] == "X.T @ dL/dZ"
