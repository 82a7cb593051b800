"""Every row of the tables, proved: a new row is tested before anyone remembers to."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
import sympy
from conftest import mostly_swept

from backcalc.equations.losses import LOSSES, loss_expression
from backcalc.formulas.expression import (
    Call,
    Expression,
    Function,
    Name,
    Number,
    Scalar,
    apply,
    evaluate,
    rebuilt,
)
from backcalc.formulas.functions import (
    CONVENTIONS,
    FUNCTIONS,
    call_derivatives,
    default_conventions,
    defined,
    kinks_of,
    partials,
)
from backcalc.symbolic import to_sympy

ROWS = list(FUNCTIONS.values())
MOVING = [row for row in ROWS if not row.held]
POSITIVE_ONLY = {"log", "log1p", "sqrt"}
OVERFLOWS, NEEDS_POSITIVE = [-800, -50, 50], [50, 800]
LARGE_ONLY_IN_PART = {
    "exp": OVERFLOWS, "expm1": OVERFLOWS, "cosh": [-50, 50],
    "log": NEEDS_POSITIVE, "log1p": NEEDS_POSITIVE, "sqrt": NEEDS_POSITIVE,
}  # fmt: skip
ROOTS = {  # decimals of the table that stand for numbers with no end
    Fraction("1.7724538509055160272981674833411"): sympy.sqrt(sympy.pi),
    Fraction("2.5066282746310005024157652848110"): sympy.sqrt(2 * sympy.pi),
}
SIZES = (1, 2, 3, 4)
"""How many arguments a variadic row is tested with."""


def row_id(row: object) -> str:
    return getattr(row, "name", str(row))


def calls_of(row: Function, size: int = 3) -> list[Call]:
    """The row on plain names, one call for each output."""
    count = size if row.variadic else len(row.parameters) - len(row.defaults)
    names = tuple(Name(f"z{place}") for place in range(count))
    arguments = (*names, *map(Number, row.defaults))
    return [Call(row, arguments, place if row.outputs else None)
            for place in range(count if row.outputs else 1)]  # fmt: skip


def names_of(call: Call) -> list[str]:
    return [argument.id for argument in call.arguments if isinstance(argument, Name)]


def slopes(call: Call, settings: dict[str, Fraction] | None = None) -> tuple[Any, ...]:
    """The row's derivatives, with the outputs spelled out as calls."""
    answers = [call]
    if call.function.outputs:
        answers = [
            Call(call.function, call.arguments, place) for place in range(len(call.arguments))
        ]
    found = call_derivatives(call, answers, settings or default_conventions())
    return found[: len(names_of(call))]


def points_of(call: Call) -> list[dict[str, Fraction]]:
    """Points on every side of every kink of a row, and of every order of several arguments."""
    names = names_of(call)
    if len(names) == 1:
        line = (
            ["1/3", "5/2"]
            if call.function.name in POSITIVE_ONLY
            else ["-5/2", "-1/3", "1/4", "7/3"]
        )
        return [{names[0]: Fraction(text)} for text in line]
    orders = itertools.permutations(
        [Fraction(-3, 2), Fraction(1, 3), Fraction(2), Fraction(5)][: len(names)]
    )
    return [dict(zip(names, order, strict=True)) for order in orders]


def on_side(expression: Any, point: dict[str, Fraction]) -> Any:
    """A sympy expression on the piece that a point lies in."""
    where = {
        sympy.Symbol(name, real=True): sympy.Rational(str(value)) for name, value in point.items()
    }

    def piece(node: Any) -> Any:
        return next(value for value, condition in node.args if condition.subs(where) == True)  # noqa: E712

    pieces = expression.replace(lambda node: isinstance(node, sympy.Piecewise), piece)
    signs = pieces.replace(sympy.Abs, lambda inner: inner * sympy.sign(inner.subs(where)))
    return signs.replace(sympy.sign, lambda inner: sympy.sign(inner.subs(where)))


def with_roots(expression: Expression) -> Expression:
    """The expression with decimals that stand for roots replaced by names."""
    if isinstance(expression, Number) and expression.value in ROOTS:
        return Name(str(expression.value))
    return rebuilt(expression, with_roots)


def exactly(expression: Expression) -> Any:
    """In sympy, with roots for the decimals that stand for them."""
    roots = {sympy.Symbol(str(value), real=True): root for value, root in ROOTS.items()}
    return to_sympy(with_roots(expression)).subs(roots)


def proved_equal(first: Any, second: Any) -> bool:
    ways = (sympy.expand, sympy.simplify, lambda it: sympy.simplify(it.rewrite(sympy.exp)))
    return any(way(first - second) == 0 for way in ways)


@pytest.mark.sweep
@pytest.mark.parametrize("row", MOVING, ids=row_id)
def test_the_derivative_is_that_of_the_definition(row: Function) -> None:
    for call in calls_of(row):
        meaning = to_sympy(call)
        for name, slope in zip(names_of(call), slopes(call), strict=True):
            told = exactly(slope)
            for point in points_of(call):
                expected = sympy.diff(on_side(meaning, point), sympy.Symbol(name, real=True))
                assert proved_equal(expected, on_side(told, point)), (row.name, name, point)


@pytest.mark.parametrize("decimal", ROOTS)
def test_decimals_of_the_table_are_right_to_the_last_digit(decimal: Fraction) -> None:
    assert abs(sympy.N(ROOTS[decimal] - sympy.Rational(str(decimal)), 40)) < 1e-30


def away_from_kinks(call: Call, values: dict[str, Scalar]) -> bool:
    return all(abs(evaluate(kink, values)) > 1e-2 for kink in kinks_of(call))


def seeded_points(call: Call, count: int) -> list[dict[str, Scalar]]:
    """Random points at which the call has a derivative."""
    draw = random.Random(call.function.name)
    low = 0.1 if call.function.name in POSITIVE_ONLY else -4.0
    points: list[dict[str, Scalar]] = []
    while len(points) < count:
        values: dict[str, Scalar] = {name: draw.uniform(low, 4) for name in names_of(call)}
        if away_from_kinks(call, values):
            points.append(values)
    return points


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("row", MOVING, ids=row_id)
def test_the_derivative_agrees_with_central_differences(row: Function, size: int) -> None:
    step = 1e-5
    for call in calls_of(row, size):
        told = slopes(call)
        for values in seeded_points(call, 10):
            for name, slope in zip(names_of(call), told, strict=True):
                sides = [
                    evaluate(call, {**values, name: values[name] + way}) for way in (step, -step)
                ]
                measured = (sides[0] - sides[1]) / (2 * step)
                assert float(evaluate(slope, values)) == pytest.approx(
                    float(measured), rel=1e-6, abs=1e-8
                )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("row", mostly_swept(ROWS), ids=row_id)
def test_the_value_agrees_with_the_definition_at_30_digits(row: Function, size: int) -> None:
    draw = random.Random(row.name)
    for call in calls_of(row, size):
        meaning = to_sympy(call)
        for scale in (0.01, 1, 6, 30):
            low = 0.001 if row.name in POSITIVE_ONLY else -scale
            values = {name: draw.uniform(low, scale) for name in names_of(call)}
            where = {
                sympy.Symbol(name, real=True): sympy.Rational(value)
                for name, value in values.items()
            }
            expected = float(sympy.N(meaning.subs(where), 30, maxn=2000))
            found = float(evaluate(call, values))
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-300), (row.name, values)


@pytest.mark.parametrize("row", [row for row in ROWS if row.exact], ids=row_id)
def test_exact_rows_keep_fractions(row: Function) -> None:
    draw = random.Random(row.name)
    for call in calls_of(row):
        for _ in range(10):
            values = {
                name: Fraction(draw.randint(-9, 9), draw.randint(1, 9)) for name in names_of(call)
            }
            found = evaluate(call, values)
            assert isinstance(found, Fraction)
            where = {
                sympy.Symbol(name, real=True): sympy.Rational(str(value))
                for name, value in values.items()
            }
            assert to_sympy(call).subs(where) == sympy.Rational(str(found))


@pytest.mark.parametrize("row", [row for row in ROWS if not row.exact], ids=row_id)
def test_other_rows_give_floats_but_where_the_answer_is_rational(row: Function) -> None:
    (call, *_) = calls_of(row)
    (name, *_) = names_of(call)
    for argument, answer in row.exact_at:
        found = evaluate(call, {name: Fraction(argument)})
        assert (type(found), found) == (Fraction, answer)
        assert to_sympy(call).subs(sympy.Symbol(name, real=True), argument) == sympy.Rational(
            str(answer)
        )
    values = {name: Fraction(3, 7) for name in names_of(call)}
    assert type(evaluate(call, values)) is float


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_large_arguments_have_an_answer(row: Function) -> None:
    sizes = LARGE_ONLY_IN_PART.get(row.name, [-800, -50, 50, 800])
    for call in calls_of(row):
        count = len(names_of(call))
        for numbers in itertools.product(sizes, repeat=count):
            for kind in (float, Fraction):
                values = dict(zip(names_of(call), map(kind, numbers), strict=True))
                assert math.isfinite(evaluate(call, values))
                assert all(math.isfinite(evaluate(slope, values)) for slope in slopes(call))


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=row_id)
def test_conventions_settle_the_derivative_at_a_kink(convention: Any) -> None:
    rows = [row for row in ROWS if row.convention == convention.name]
    assert rows
    for row in rows:
        (call,) = calls_of(row, 2)
        for value in (convention.default, convention.other, Fraction(1, 2)):
            settings = default_conventions() | {convention.name: value}
            at_kink = {name: Fraction(0) for name in names_of(call)}
            found = [evaluate(slope, at_kink) for slope in slopes(call, settings)]
            assert found == ([value, 1 - value] if row.variadic else [value])
            for point in points_of(call):
                assert [evaluate(slope, point) for slope in slopes(call, settings)] == [
                    evaluate(slope, point) for slope in slopes(call)
                ]


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.kinks and row.convention is None], ids=row_id
)
def test_kinks_are_zero_where_the_derivative_may_jump(row: Function) -> None:
    (call,) = calls_of(row)
    for kink in kinks_of(call):
        (root,) = sympy.solve(to_sympy(kink), sympy.Symbol("z0", real=True))
        assert evaluate(kink, {"z0": Fraction(str(root))}) == 0


@pytest.mark.parametrize("name", ["max", "min"])
def test_ties_among_three_are_shared_by_the_first_and_the_last(name: str) -> None:
    (call,) = calls_of(FUNCTIONS[name])
    tied = {"z0": Fraction(1), "z1": Fraction(1), "z2": Fraction(1)}
    assert [evaluate(slope, tied) for slope in slopes(call)] == [1, 0, 0]
    for share in (Fraction(0), Fraction(1, 4)):
        conventions = default_conventions() | {"first_at_tie": share}
        found = [evaluate(slope, tied) for slope in slopes(call, conventions)]
        assert found == [share, 0, 1 - share]


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_every_row_says_how_pytorch_spells_it(row: Function) -> None:
    assert re.match(r"(lambda z: .*)?torch\.", row.torch)
    assert (defined(calls_of(row)[0]) is None) == (row.definition is None)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_apply_and_evaluate_agree(row: Function) -> None:
    for call in calls_of(row):
        for point in points_of(call):
            arguments = [*point.values(), *row.defaults]
            assert apply(row, arguments, call.output) == evaluate(call, point)


# Losses, each against the sum that a textbook gives, written here a second time.

Pairs = Sequence[tuple[float, float]]


def _huber(pairs: Pairs, delta: float = 1.0) -> float:
    gaps = [abs(p - y) for p, y in pairs]
    return math.fsum(gap**2 / 2 if gap <= delta else delta * (gap - delta / 2) for gap in gaps)


TEXTBOOK = {
    "l1": lambda pairs: math.fsum(abs(p - y) for p, y in pairs),
    "l2": lambda pairs: math.fsum((p - y) ** 2 for p, y in pairs),
    "half_l2": lambda pairs: math.fsum((p - y) ** 2 for p, y in pairs) / 2,
    "mse": lambda pairs: math.fsum((p - y) ** 2 for p, y in pairs) / len(pairs),
    "bce": lambda pairs: (
        -math.fsum(math.log(p**y) + math.log((1 - p) ** (1 - y)) for p, y in pairs)
    ),
    "cross_entropy": lambda pairs: math.fsum(y * math.log(1 / p) for p, y in pairs),
    "hinge": lambda pairs: math.fsum(1 - y * p for p, y in pairs if y * p < 1),
    "huber": _huber,
    "log_cosh": lambda pairs: math.fsum(math.log(math.cosh(p - y)) for p, y in pairs),
}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(
    "loss", [row for row in LOSSES.values() if row.name in TEXTBOOK], ids=row_id
)
def test_losses_agree_with_the_textbook(loss: Any, count: int) -> None:
    draw = random.Random(count)
    outputs, targets = ([f"{letter}{place}" for place in range(count)] for letter in "py")
    formula = loss_expression(loss, outputs, targets)
    for scale in (1.0, 1.0, 5.0):
        if loss.name in {"bce", "cross_entropy"}:
            scale = 1.0
        values = {name: draw.uniform(0.01, 0.99 * scale) for name in (*outputs, *targets)}
        pairs = [(values[p], values[y]) for p, y in zip(outputs, targets, strict=True)]
        assert float(evaluate(formula, values)) == pytest.approx(
            TEXTBOOK[loss.name](pairs), rel=1e-12
        )


def test_a_loss_takes_its_own_parameters() -> None:
    formula = loss_expression(LOSSES["huber"], ["p"], ["y"], [Fraction(2)])
    for p in (0.5, 1.9, 2.1, -7.0):
        expected = _huber([(p, 0.0)], 2.0)
        assert evaluate(formula, {"p": p, "y": 0.0}) == pytest.approx(expected, rel=1e-12)


def test_a_class_target_picks_its_output() -> None:
    formula = loss_expression(LOSSES["cross_entropy"], ["p0", "p1", "p2"], ["y"])
    values = {"p0": 0.2, "p1": 0.3, "p2": 0.5}
    for right in range(3):
        found = evaluate(formula, {**values, "y": Fraction(right)})
        assert found == pytest.approx(-math.log(values[f"p{right}"]))


@pytest.mark.parametrize("count", [2, 32, 33, 100, 1000])
def test_a_class_number_picks_its_output_however_many_there_are(count: int) -> None:
    """The formula is no deeper than a stack of Python calls: for 1000 it was."""
    outputs = [f"p{number}" for number in range(count)]
    loss = loss_expression(LOSSES["cross_entropy"], outputs, ["y"])
    found = partials(loss, ["L"], {})
    assert {*found} == {*outputs}
    for right in {0, count // 3, count - 1}:
        values = {name: Fraction(2 + place) for place, name in enumerate(outputs)}
        values["y"] = Fraction(right)
        few = {0, 1, right, *range(0, count, count // 10 + 1), count - 1}
        slopes = {place: evaluate(found[outputs[place]], values) for place in few}
        assert slopes[right] == Fraction(-1, 2 + right)
        assert [place for place, slope in slopes.items() if slope] == [right]
