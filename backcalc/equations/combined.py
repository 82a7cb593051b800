"""The short derivatives of an activation and the loss behind it: softmax with cross entropy."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction

from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Product,
    Scalar,
    Sum,
    added,
    evaluate,
    multiplied,
    names_in,
    negated,
    parts,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import Shapes, settings_of, shape_of

POINTS = tuple((Fraction(p, 7), Fraction(y, 11)) for p, y in ((1, 2), (3, 5), (5, 9), (2, 8)))
"""Values of output and target at which two formulas are compared exactly."""


@record(frozen=True, slots=True, eq=False)
class Combination:
    """One row: an activation whose derivative and that of a loss shorten each other."""

    activation: str
    """The activation p of z."""
    multiple: Callable[[Scalar, Scalar, Scalar], Scalar]
    """By how much a short derivative is larger than p - y, from p, y and the loss's by p."""
    rule: str
    """The rule in a sentence; {p} and {y} are the names, {line} is what adds up to 1."""
    by_line: bool = False
    """True if the targets of each line must add up to 1."""


COMBINATIONS = {
    row.activation: row
    for row in (
        Combination(
            "softmax",
            lambda p, y, slope: -slope * p / y,
            "softmax and cross entropy together: {line} adds up to 1, so"
            " {p} * (G - sum(G * {p})) with G = -{y}/{p} is {p} - {y}",
            by_line=True,
        ),
        Combination(
            "log_softmax",
            lambda p, y, slope: -slope / y,
            "log_softmax and the negative log-likelihood together: {line} adds up to 1,"
            " so G - exp({p}) * sum(G) with G = -{y} is exp({p}) - {y}",
            by_line=True,
        ),
        Combination(
            "sigmoid",
            lambda p, y, slope: slope * p * (1 - p) / (p - y),
            "sigmoid and binary cross entropy together:"
            " ({p} - {y})/({p} * (1 - {p})) from the loss times {p} * (1 - {p}) is {p} - {y}",
        ),
    )
}
"""The activations that a loss may be combined with."""


@record(frozen=True, slots=True, eq=False)
class Combined:
    """The short derivative of the loss by what goes into an activation."""

    operand: Expression
    """What goes into the activation."""
    flow: Expression
    """The derivative by it."""
    rule: str
    """The rule in a sentence."""


def combined(
    expression: Expression,
    answer: Name,
    upstream: Expression,
    targets: Collection[str],
    shapes: Shapes,
    distributions: Collection[str] | None = None,
) -> Combined | None:
    """The derivative through an activation and a loss at once; None where they are no pair.

    `upstream` is the derivative of the loss by the activation, written out; `distributions` are
    the targets whose lines add up to 1; nothing said: all.
    """
    kind = getattr(expression, "function", None) or getattr(expression, "row", None)
    name = kind.name if kind and len(parts(expression)) == 1 else ""
    row = COMBINATIONS.get(name)
    if row is None or shape_of(upstream, shapes) != shape_of(answer, shapes):
        return None
    inner = {name for name in names_in(upstream) if name in targets}
    terms = upstream.terms if isinstance(upstream, Sum) else (upstream,)
    split = [_split(term, {answer.id, *inner}) for term in terms]
    outside = [sorted(map(repr, outer)) for outer, _ in split]
    if len(inner) != 1 or any(each != outside[0] for each in outside):
        return None
    (target,) = inner
    outer, core = split[0][0], added(*(core for _, core in split))
    multiple = _multiple(row, core, answer.id, target)
    if multiple is None or shape_of(Name(target), shapes) != shape_of(answer, shapes):
        return None
    if row.by_line and (
        _varies(expression, outer, shapes) or not (distributions is None or target in distributions)
    ):
        return None
    line = target
    if row.by_line and isinstance(expression, Operation) and len(shape_of(answer, shapes)) > 1:
        along = settings_of(expression)["axis"]
        line = f"each {'column' if along in (0, -2) else 'row'} of {target}"
    output = Call(FUNCTIONS["exp"], (answer,)) if name == "log_softmax" else answer
    above = [each for each in outer if not isinstance(each, Inverse)]
    below = [each for each in outer if isinstance(each, Inverse)]
    difference = Sum((output, Negation(Name(target))))
    flow = multiplied(Number(multiple), *above, difference, *below)
    return Combined(parts(expression)[0], flow, row.rule.format(p=answer.id, y=target, line=line))


def _split(term: Expression, names: Collection[str]) -> tuple[list[Expression], Expression]:
    """The factors of a term without these names, and the rest."""
    minus, node = isinstance(term, Negation), term
    if isinstance(term, Negation):
        node = term.operand
    factors = node.factors if isinstance(node, Product) else (node,)
    outer = [each for each in factors if not set(names_in(each)) & set(names)]
    core = multiplied(*(each for each in factors if set(names_in(each)) & set(names)))
    return outer, negated(core) if minus else core


def _multiple(row: Combination, core: Expression, output: str, target: str) -> Fraction | None:
    """The number of times that the short derivative is p - y; None if it is no such thing."""
    matrices = any(isinstance(each, Operation) for each in walk(core))
    if matrices or set(names_in(core)) - {output, target}:
        return None
    found = set()
    for p, y in POINTS:
        try:
            found.add(row.multiple(p, y, evaluate(core, {output: p, target: y})))
        except (ArithmeticError, ValueError):
            return None
    (first, *others) = found
    return first if not others and isinstance(first, Fraction) else None


def _varies(expression: Expression, outer: Collection[Expression], shapes: Shapes) -> bool:
    """True if a factor is not the same all along the axis of a softmax."""
    assert isinstance(expression, Operation)
    axis, size = settings_of(expression)["axis"], shape_of(expression, shapes)
    assert isinstance(axis, int)
    back = axis % len(size) - len(size)
    own = [shape_of(each, shapes) for each in outer]
    return any(-back <= len(each) and each[back] != 1 for each in own)
