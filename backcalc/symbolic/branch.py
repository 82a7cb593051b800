"""The branch that the numbers took: every choice made, and the conditions that made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from fractions import Fraction
from typing import TypeAlias

from backcalc.formulas.expression import (
    RELATIONS,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Name,
    Negation,
    Number,
    Product,
    Scalar,
    Sum,
    added,
    evaluate,
    holds,
    multiplied,
    names_in,
    negated,
    parts,
    rebuilt,
)
from backcalc.formulas.functions import defined
from backcalc.formulas.record import record

Conditions: TypeAlias = tuple[Comparison, ...]
"""The conditions that a piece of an expression depends on, in order."""


@record(frozen=True, slots=True)
class Branch:
    """Expressions with every choice made as the numbers have it."""

    values: Mapping[str, Scalar]
    """The number of every name."""
    constants: dict[str, tuple[Expression, Conditions]] = field(default_factory=dict)
    """Names that turned out to be plain numbers."""

    def taken(self, node: Expression) -> tuple[Expression, Conditions]:
        """Return an expression on this branch and the conditions that it depends on."""
        match node:
            case Name(name):
                return self.constants.get(name, (node, ()))
            case Choice(condition, then, otherwise):
                side, met = self.taken(then if holds(condition, self.values) else otherwise)
                return side, (*met, self.strict(condition))
            case Call(Function(name="abs" | "sign" as name), (operand,)):
                return self.signed(name, operand)
            case Call(function) if function.variadic and function.convention:
                return self.extreme(node)
            case Call():
                definition = defined(node)
                if isinstance(definition, Choice):
                    return self.taken(definition)
        return self.whole(node)

    def whole(self, node: Expression) -> tuple[Expression, Conditions]:
        """Return a node with its operands on this branch; a product ends at its first zero."""
        conditions: dict[Comparison, None] = {}
        operands: dict[int, Expression] = {}
        for place, part in enumerate(parts(node)):
            operands[place], met = self.taken(part)
            if isinstance(node, Product) and operands[place] == ZERO:
                return ZERO, met
            conditions.update(dict.fromkeys(met))
        left = iter(operands.values())
        node = rebuilt(node, lambda _: next(left))
        match node:
            case Sum(terms):
                node = added(*terms)
            case Product(factors):
                node = multiplied(*factors)
            case Negation(operand):
                node = negated(operand)
        return node, tuple(conditions)

    def signed(self, name: str, operand: Expression) -> tuple[Expression, Conditions]:
        """Return abs(u) as u or -u, sign(u) as 1, -1 or 0."""
        value = evaluate(operand, self.values)
        sign = Number(Fraction((value > 0) - (value < 0)))
        condition = self.strict(Comparison(operand, "==", ZERO))
        if name == "sign" or sign == ZERO:
            return sign, (condition,)
        inner, met = self.taken(operand)
        return multiplied(sign, inner), (*met, condition)

    def extreme(self, call: Call) -> tuple[Expression, Conditions]:
        """Return the winner of max or min, the first at a tie, compared with each of the others."""
        best, *others = call.arguments
        for rival in others:
            if holds(
                Comparison(rival, ">" if call.function.name == "max" else "<", best), self.values
            ):
                best = rival
        winner, met = self.taken(best)
        rivals = (rival for rival in call.arguments if rival != best)
        return winner, (*met, *(self.strict(Comparison(best, "==", rival)) for rival in rivals))

    def strict(self, condition: Comparison) -> Comparison:
        """Return a condition as the numbers have it (<, > or ==), a difference on both sides."""
        left, right = (
            side if names_in(side) else Number(evaluate(side, self.values))
            for side in (condition.left, condition.right)
        )
        if isinstance(left, Number):
            left, right = right, left
        match left:
            case Sum((Negation(second), first) | (first, Negation(second))) if right == ZERO:
                left, right = first, second
        if isinstance(left, Number):
            left, right = right, left
        found = (Comparison(left, relation, right) for relation in TURNED)
        return next(each for each in found if holds(each, self.values))


TURNED = {">": "<", "<": ">", "==": "=="}
"""The relation of the sides in the other order."""


def implied(condition: Comparison, others: Iterable[Comparison]) -> bool:
    """Return True if another condition on the same quantity says this one: z > 1 says z > 0."""
    return any(
        other.left == condition.left
        and other != condition
        and other.relation in ("==", condition.relation)
        and isinstance(other.right, Number)
        and isinstance(condition.right, Number)
        and RELATIONS[condition.relation](other.right.value, condition.right.value)
        for other in others
    )
