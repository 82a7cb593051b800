"""Mistakes with the derivative of an activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from backcalc.checking.key import Line
from backcalc.checking.mistakes.form import Forms, Spot, each_term, is_loss
from backcalc.equations.program import ChainTerm
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Name,
    Number,
    added,
    multiplied,
    names_in,
    negated,
    rebuilt,
    replaced,
)
from backcalc.formulas.functions import (
    CONVENTIONS,
    FUNCTIONS,
    call_derivatives,
    default_conventions,
    partials,
)
from backcalc.formulas.quantity import derivative

KINK_VALUES = tuple(map(Fraction, ("0", "1", "1/2", "-1")))
"""What people take for a derivative at a kink."""

Slope = Callable[[Call, Expression, Expression], Expression | None]
"""Gives the derivative that somebody takes for a call's from the call, its answer and the right
one; None where the mistake cannot be made."""


def _with_slope(slope: Slope) -> Callable[[Spot], Forms]:
    """Forms in which a call's derivative is taken to be something else."""

    def forms(spot: Spot) -> Forms:
        def local(term: ChainTerm) -> Expression | None:
            forward = spot.key.lines.get(term.through)
            of_table = not isinstance(spot.key.network.loss, str)
            if forward is None or (of_table and is_loss(spot.key, forward.name)):
                return None
            changed = _mistaken(forward.equation.expression, slope, spot.key.network.conventions)
            if changed is forward.equation.expression:
                return None
            return _local(term, forward, changed, spot.key.network.conventions)

        right = {Name(term.through): term.local for term in spot.terms}
        for form in each_term(spot, local):
            yield replace(form, parts=tuple(right[part] for part in form.parts if part in right))

    return forms


def _local(
    term: ChainTerm, forward: Line, expression: Expression, conventions: Mapping[str, Fraction]
) -> Expression:
    """The local derivative of a term whose line has this formula."""
    found = partials(expression, forward.equation.siblings or (forward.name,), conventions)
    return found.get(derivative(term.local_name).by, ZERO)


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


def _by_side(call: Call, opened: Expression, closed: Expression) -> Expression | None:
    if "z" not in call.function.kinks or call.function.name == "abs":
        return None
    return Choice(Comparison(call.arguments[0], ">", ZERO), opened, closed)


def _closed_as_one(call: Call, answer: Expression, right: Expression) -> Expression | None:
    return _by_side(call, right, ONE) if call.function.name.startswith("relu") else None


def _at_answer(call: Call, answer: Expression, right: Expression) -> Expression | None:
    moved = replace(call, arguments=(answer, *call.arguments[1:]))
    return call_derivatives(moved, [moved], default_conventions())[0]


def _at_input(call: Call, answer: Expression, right: Expression) -> Expression | None:
    return replaced(right, {"a": call.arguments[0]}) if "a" in names_in(right) else None


_omitted = _with_slope(lambda call, answer, right: ONE)
"""No derivative at all."""


def omitted(spot: Spot) -> Forms:
    """The derivative of an activation left out, in a bias's derivative alone too."""
    yield from _omitted(spot)
    lines, terms = spot.key.lines, spot.terms
    alone = len(terms) == 1 and terms[0].local == ONE and spot.line.by in spot.weights
    if alone and (upstream := lines.get(terms[0].upstream)):
        yield from _omitted(replace(spot, line=upstream))


at_answer = _with_slope(_at_answer)
"""The derivative at the activation instead of the pre-activation."""
at_input = _with_slope(_at_input)
"""The pre-activation where the derivative's formula wants the activation."""
as_answer = _with_slope(lambda call, answer, right: answer if "a" in names_in(right) else None)
"""The function's value in place of its derivative."""
closed_as_one = _with_slope(_closed_as_one)
"""1 where the unit is closed and passes nothing back."""
open_as_zero = _with_slope(lambda call, answer, right: _by_side(call, ZERO, right))
"""0 where the unit is open."""


def half(spot: Spot) -> Forms:
    """One factor of h(1 - h), or one part of 1 - h**2."""
    yield from _with_slope(_other_factor)(spot)
    yield from _with_slope(_only_square)(spot)


def _other_factor(call: Call, answer: Expression, right: Expression) -> Expression | None:
    return added(ONE, negated(answer)) if call.function.name in ("sigmoid", "tanh") else None


def _only_square(call: Call, answer: Expression, right: Expression) -> Expression | None:
    return multiplied(answer, answer) if call.function.name == "tanh" else None


def of_another(spot: Spot) -> Forms:
    """The derivative of another activation, at this one's value."""
    for name in ("relu", "sigmoid", "tanh"):
        other = FUNCTIONS[name]

        def slope(
            call: Call, answer: Expression, right: Expression, other: Function = other
        ) -> Expression | None:
            own = call.function
            if own.name == other.name or not own.activation:
                return None
            if other.name == "relu" and "z" not in own.kinks:
                return None
            moved = Call(other, call.arguments[:1])
            return call_derivatives(moved, [answer], default_conventions())[0]

        for form in _with_slope(slope)(spot):
            yield replace(form, parts=(name,))


def other_convention(spot: Spot) -> Forms:
    """Another derivative at a kink, where the line hits one."""
    conventions = spot.key.network.conventions
    for row in CONVENTIONS.values():
        for value in KINK_VALUES:
            changed = {**conventions, row.name: value}

            def local(
                term: ChainTerm, changed: Mapping[str, Fraction] = changed
            ) -> Expression | None:
                forward = spot.key.lines.get(term.through)
                if forward is None:
                    return None
                other = _local(term, forward, forward.equation.expression, changed)
                return None if other == term.local else other

            if value != conventions[row.name]:
                said = Number(value), row.meaning.format(conventions[row.name])
                for form in each_term(spot, local):
                    yield replace(form, parts=said)
