"""Mistakes with the derivative of an activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from backcalc.checking.mistakes.form import Forms, Spot, each_term, is_loss
from backcalc.equations.program import Term, denominator
from backcalc.formulas.calculus import partials
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Name,
    names_in,
    rebuilt,
    replaced,
)
from backcalc.formulas.functions import call_derivatives, default_conventions

Slope = Callable[[Call, Expression, Expression], Expression | None]
"""Gives the derivative that somebody takes for a call's from the call, its answer and the right
one; None where the mistake cannot be made."""


def _with_slope(slope: Slope) -> Callable[[Spot], Forms]:
    """Forms in which a call's derivative is taken to be something else."""

    def forms(spot: Spot) -> Forms:
        def local(term: Term) -> Expression | None:
            forward = spot.key.lines.get(term.through)
            if forward is None or is_loss(spot.key, forward.name):
                return None
            changed = _mistaken(forward.equation.expression, slope, spot.key.network.conventions)
            if changed is forward.equation.expression:
                return None
            answers = forward.equation.siblings or (forward.name,)
            found = partials(changed, answers, spot.key.network.conventions)
            return found.get(denominator(term.local_name), ZERO)

        yield from each_term(spot, local)

    return forms


def _mistaken(node: Expression, slope: Slope, conventions: Mapping[str, Fraction]) -> Expression:
    """An expression whose calls of activations have another derivative, or the very same one."""
    if not isinstance(node, Call) or isinstance(node.function.derivative, str) is False:
        operands = rebuilt(node, lambda operand: _mistaken(operand, slope, conventions))
        return node if operands == node else operands
    answer = Name("a")
    (right, *_) = call_derivatives(node, [answer], conventions)
    taken = slope(node, answer, right)
    if taken is None:
        return node

    def derivative(
        arguments: tuple[Expression, ...], answers: tuple[Expression, ...], context: object
    ) -> tuple[Expression, ...]:
        return (replaced(taken, {"a": answers[0]}),)

    return replace(node, function=replace(node.function, derivative=derivative))


@_with_slope
def omitted(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """No derivative at all."""
    return ONE


@_with_slope
def at_answer(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """The derivative at the activation instead of the pre-activation."""
    moved = replace(call, arguments=(answer, *call.arguments[1:]))
    return call_derivatives(moved, [moved], default_conventions())[0]


@_with_slope
def at_input(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """The pre-activation where the derivative's formula wants the activation."""
    return replaced(right, {"a": call.arguments[0]}) if "a" in names_in(right) else None


@_with_slope
def as_answer(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """The function's value in place of its derivative."""
    return answer if "a" in names_in(right) else None


@_with_slope
def closed_as_one(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """1 where the unit is closed."""
    return _by_side(call, right, ONE)


@_with_slope
def open_as_zero(call: Call, answer: Expression, right: Expression) -> Expression | None:
    """0 where the unit is open."""
    return _by_side(call, ZERO, right)


def _by_side(call: Call, opened: Expression, closed: Expression) -> Expression | None:
    if "z" not in call.function.kinks or call.function.name == "abs":
        return None
    return Choice(Comparison(call.arguments[0], ">", ZERO), opened, closed)
