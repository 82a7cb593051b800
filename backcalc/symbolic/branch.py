"""The branch that the numbers took: every choice made, and the conditions that made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

Conditions: TypeAlias = tuple[Comparison, ...]
"""The conditions that a piece of an expression depends on, in order."""


@dataclass(frozen=True, slots=True)
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
            case Call(function, arguments) if function.variadic and len(arguments) > 1:
                if isinstance(defined(Call(function, arguments[:2])), Choice):
                    return self.extreme(function, arguments)
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

    def extreme(
        self, function: Function, arguments: Sequence[Expression]
    ) -> tuple[Expression, Conditions]:
        """Return the winner of max or min, found pair by pair, compared with each of the others."""
        best = arguments[0]
        for rival in arguments[1:]:
            pair = defined(Call(function, (best, rival)))
            if isinstance(pair, Choice):
                best = pair.then if holds(pair.condition, self.values) else pair.otherwise
        rivals = [rival for rival in arguments if rival != best]
        winner, met = self.taken(best)
        return winner, (*met, *(self.strict(Comparison(best, "==", rival)) for rival in rivals))

    def strict(self, condition: Comparison) -> Comparison:
        """Return a condition as the numbers have it (<, > or ==), a difference on both sides."""
        left, right = condition.left, condition.right
        one, other = evaluate(left, self.values), evaluate(right, self.values)
        relation = ">" if one > other else "<" if one < other else "=="
        left, right = (
            side if names_in(side) else Number(value)
            for side, value in ((left, one), (right, other))
        )
        if isinstance(left, Number):
            left, right, relation = right, left, _TURNED[relation]
        if right == ZERO and isinstance(left, Sum) and len(left.terms) == 2:
            match left.terms:
                case (Negation(second), first) | (first, Negation(second)):
                    left, right = first, second
        if isinstance(left, Number):
            left, right, relation = right, left, _TURNED[relation]
        return Comparison(left, relation, right)


_TURNED = {">": "<", "<": ">", "==": "=="}


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
