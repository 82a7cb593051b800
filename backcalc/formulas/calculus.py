"""The derivative of one equation's right side by each name in it, in one walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    added,
    chosen,
    multiplied,
    names_in,
    negated,
)
from backcalc.formulas.functions import FUNCTIONS, call_derivatives

Partials = dict[str, Expression]


def partials(
    expression: Expression, answers: Sequence[str], conventions: Mapping[str, Fraction]
) -> Partials:
    """The local derivative by each name, in order of appearance; a zero one is left out.

    `answers` names what the expression as a whole is called, so that a derivative may use it.
    One walk from the top with the factors met on the way: the cost grows with the length of the
    expression, not with length times names.

    >>> from backcalc.formulas.parser import parse
    >>> from backcalc.formulas.notation import formula_text
    >>> found = partials(parse("w2*h1 + ws*h0", FUNCTIONS), ["z2"], {})
    >>> {name: formula_text(local) for name, local in found.items()}
    {'w2': 'h1', 'h1': 'w2', 'ws': 'h0', 'h0': 'ws'}
    """
    found: dict[str, list[Expression]] = {}
    _collect(expression, ONE, [Name(answer) for answer in answers], conventions, found)
    sums = {name: terms[0] if len(terms) == 1 else added(*terms) for name, terms in found.items()}
    return {name: local for name, local in sums.items() if local != ZERO}


def _collect(
    node: Expression,
    outer: Expression,
    answers: Sequence[Expression] | None,
    conventions: Mapping[str, Fraction],
    found: dict[str, list[Expression]],
) -> None:
    """Add what each name below `node` contributes; `outer` is the derivative by `node`."""
    match node:
        case Name(name):
            found.setdefault(name, []).append(outer)
        case Sum(terms):
            for term in terms:
                _collect(term, outer, None, conventions, found)
        case Negation(operand):
            _collect(operand, negated(outer), None, conventions, found)
        case Product(factors):
            for place, factor in enumerate(factors):
                others = factors[:place] + factors[place + 1 :]
                _collect(factor, multiplied(outer, *others), None, conventions, found)
        case Inverse(operand):
            slope = negated(Inverse(Power(operand, Number(Fraction(2)))))
            _collect(operand, multiplied(outer, slope), None, conventions, found)
        case Power(base, exponent):
            _collect(
                base, multiplied(outer, _power_slope(base, exponent)), None, conventions, found
            )
            if names_in(exponent):
                slope = multiplied(node, Call(FUNCTIONS["log"], (base,)))
                _collect(exponent, multiplied(outer, slope), None, conventions, found)
        case Call(_, arguments):
            slopes = call_derivatives(node, answers or _own_answers(node), conventions)
            for argument, slope in zip(arguments, slopes, strict=False):
                if slope != ZERO:
                    _collect(argument, multiplied(outer, slope), None, conventions, found)
        case Choice(condition, then, otherwise):
            sides: tuple[dict[str, list[Expression]], ...] = ({}, {})
            for side, branch in zip(sides, (then, otherwise), strict=True):
                _collect(branch, ONE, None, conventions, side)
            for name in dict.fromkeys([*sides[0], *sides[1]]):
                then_slope, else_slope = (added(*side.get(name, ())) for side in sides)
                slope = chosen(condition, then_slope, else_slope)
                found.setdefault(name, []).append(multiplied(outer, slope))


def _power_slope(base: Expression, exponent: Expression) -> Expression:
    """n·base^(n - 1), with the first power left out."""
    match exponent:
        case Number(value):
            lower = Number(value - 1)
        case Negation(Number(value)):
            lower = Number(-value - 1)
        case _:
            lower = added(exponent, negated(ONE))  # type: ignore[assignment]
    if lower == ONE:
        return multiplied(exponent, base)
    return ZERO if exponent == ZERO else multiplied(exponent, Power(base, lower))


def _own_answers(call: Call) -> list[Expression]:
    """Return the names of a nested call's outputs: the calls themselves."""
    if not call.function.outputs:
        return [call]
    return [Call(call.function, call.arguments, place) for place in range(len(call.arguments))]
