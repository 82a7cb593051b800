"""Closed forms: a value down to inputs and weights, as far as the line stays readable."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from backcalc.equations.program import Equation, needed
from backcalc.formulas import record
from backcalc.formulas.expression import (
    RELATIONS,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
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
    replaced,
    walk,
)
from backcalc.formulas.functions import defined, formula, simplified
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.symbolic.tidy import size, tidied

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


_BASIC = {name: name for name in ("exp", "log", "sign", "sin", "cos", "erf")} | {"abs": "Abs"}
_RELATIONAL = {">": "Gt", ">=": "Ge", "<": "Lt", "<=": "Le", "==": "Eq", "!=": "Ne"}


def to_sympy(expression: Expression) -> Any:
    """Build the same expression in sympy: no text is read.

    Names are real symbols; a call is what its row defines.
    """

    def built(node: Expression) -> Any:
        match node:
            case Number(value):
                return sympy.Rational(*value.as_integer_ratio())
            case Name(name):
                return sympy.Symbol(name, real=True)
            case Sum(terms):
                return sympy.Add(*map(built, terms))
            case Product(factors):
                return sympy.Mul(*map(built, factors))
            case Negation(operand):
                return -built(operand)
            case Inverse(operand):
                return 1 / built(operand)
            case Power(base, exponent):
                return sympy.Pow(built(base), built(exponent))
            case Call(function, arguments):
                definition = defined(node)
                if definition is not None:
                    return built(definition)
                return getattr(sympy, _BASIC[function.name])(*map(built, arguments))
        condition = getattr(sympy, _RELATIONAL[node.condition.relation])(
            built(node.condition.left), built(node.condition.right)
        )
        return sympy.Piecewise(
            (built(node.then), condition), (built(node.otherwise), True), evaluate=False
        )

    return built(expression)


MOST = 40  # operands in a line that is still readable
LARGEST = 4 * MOST  # operands that are tidied at all
MOST_OPENED = 4  # arguments of a mean or variance that is written out
DEEPEST = 100  # levels of a composed tree

ANSWERS, FORWARD, ALL = range(3)
"""The names that are kept: answers such as sigmoid's, all values of the forward pass, all."""


@record(frozen=True, slots=True)
class ClosedForm:
    """A value in terms of inputs, weights, targets and constants, on the branch that was taken."""

    name: str
    """The value."""
    expression: Expression
    """Its formula."""
    conditions: Conditions = ()
    """The conditions under which it holds, in order of the forward pass."""
    shared: tuple[Equation, ...] = ()
    """The meaning of names that it keeps, because it would be too long without them."""


def closed_forms(
    equations: Sequence[Equation],
    wanted: Sequence[str],
    values: Mapping[str, Scalar] | None = None,
) -> list[ClosedForm]:
    """Write each wanted value down to what is given, as far as the line stays readable.

    With `values`, the numbers of a run, on the branch that they took; else choices stay choices.
    A line with more than MOST operands keeps names, whose meaning it lists.
    """
    forms = _Forms(equations, wanted, values)
    return [forms.closed_form(name) for name in wanted]


class _Forms:
    """The closed forms of some equations, and the names that they keep at each level."""

    def __init__(
        self,
        equations: Sequence[Equation],
        wanted: Sequence[str],
        values: Mapping[str, Scalar] | None,
    ) -> None:
        reached = needed(equations, *wanted)
        self.order: dict[str, int] = {line.name: place for place, line in enumerate(equations)}
        self.leaves = _leaf_ranks(equations)
        self.met: dict[str, Conditions] = {}
        self.lines: dict[str, Expression] = {}
        branch = Branch(values or {})
        for equation in equations:
            if (own := equation.name) in reached:
                taken = branch.taken(_line(equation)) if values else (_line(equation), ())
                if isinstance(taken[0], Number):
                    branch.constants[own] = taken
                self.lines[own], self.met[own] = _opened(taken[0]), taken[1]
        answers = {own.name for own in equations if _is_answer(own, self.lines)}
        backward = {name for name in self.lines if isinstance(parsed(name), Derivative)}
        self.replaced = [self.lines.keys() - answers, backward, set[str]()]
        self.composed = [self.compose(names) for names in self.replaced]
        self.cuts: dict[str, tuple[int, Expression]] = {}

    def compose(self, open_names: Collection[str]) -> dict[str, Expression]:
        """Replace these names by their lines in every line that does not become too long."""
        extents: dict[str, tuple[int, int]] = {}
        meaning: dict[str, Expression] = {}
        composed: dict[str, Expression] = {}
        for name, line in self.lines.items():
            count, depth = extent = _extent(line, extents)
            if count <= LARGEST and depth <= DEEPEST:
                composed[name] = replaced(line, meaning)
            if name in open_names:
                extents[name] = extent
                meaning[name] = composed.get(name, line)
        return composed

    def rank(self, name: str) -> tuple[int, ...]:
        """Return the place of a name in a product: derivatives, weights, inputs, later values."""
        if name in self.order:
            return (0 if isinstance(parsed(name), Derivative) else 2, self.order[name])
        return (1, *self.leaves[name])

    def cut(self, name: str) -> tuple[int, Expression]:
        """Return the lowest level at which a value's line is readable, and the line."""
        if name not in self.cuts:
            self.cuts[name] = self.readable(name)
        return self.cuts[name]

    def readable(self, name: str) -> tuple[int, Expression]:
        """Look for that level."""
        for level in (ANSWERS, FORWARD, ALL):
            if name in self.composed[level]:
                line = tidied(self.composed[level][name], self.rank)
                if size(line) <= MOST or level == ALL:
                    return level, line
        return ALL, simplified(self.lines[name])

    def closed_form(self, name: str) -> ClosedForm:
        """Return a value's line, those of the names that it keeps, and the conditions of all."""
        if name not in self.lines:
            return ClosedForm(name, Name(name))
        conditions: dict[Comparison, None] = {}
        lines: dict[str, Expression] = {}
        pending = [name]
        while pending:
            if (own := pending.pop()) not in lines:
                level, lines[own] = self.cut(own)
                conditions.update(dict.fromkeys(self.conditions(own, level)))
                pending += [inner for inner in names_in(lines[own]) if inner in self.lines]
        expression = lines.pop(name)
        kept = sorted(lines, key=self.order.__getitem__)
        shared = tuple(Equation(parsed(own), lines[own]) for own in kept)
        return ClosedForm(name, expression, self.sorted(conditions), shared)

    def conditions(self, name: str, level: int) -> Iterator[Comparison]:
        """Yield the conditions met on the way to a line at that level."""
        seen = {name: None}
        pending = [name]
        while pending:
            own = pending.pop()
            yield from self.met[own]
            inner = [each for each in names_in(self.lines[own]) if each in self.replaced[level]]
            pending += [each for each in inner if each not in seen]
            seen.update(dict.fromkeys(inner))

    def sorted(self, conditions: Mapping[Comparison, None]) -> Conditions:
        """Return conditions in order of the forward pass, without those that others imply."""

        def place(condition: Comparison) -> tuple[int, str]:
            names = [*names_in(condition.left), *names_in(condition.right)]
            last = max((self.order.get(name, -1) for name in names), default=-1)
            return last, formula_text(condition)

        kept: dict[Comparison, None] = {}
        for each in sorted(conditions, key=place):
            turned = Comparison(each.right, TURNED[each.relation], each.left)
            if turned not in kept and not implied(each, conditions):
                kept[each] = None
        return tuple(kept)


def _extent(node: Expression, extents: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Count the operands and levels of an expression once its names are replaced."""
    if isinstance(node, Name):
        return extents.get(node.id, (1, 0))
    inner = [_extent(part, extents) for part in parts(node)]
    depth = max((depth for _, depth in inner), default=0)
    return max(sum(count for count, _ in inner), 1), 1 + depth


def _line(equation: Equation) -> Expression:
    """Return an equation's right side; a derivative's uses in order of the forward pass."""
    if len(equation.terms) > 1 and isinstance(equation.expression, Sum):
        return Sum(equation.expression.terms[::-1])
    return equation.expression


def _opened(node: Expression) -> Expression:
    """Write out means, squares and products of a few arguments."""
    node = rebuilt(node, _opened)
    if isinstance(node, Call) and len(node.arguments) <= MOST_OPENED:
        function = node.function
        if function.exact and not (function.kinks or function.convention):
            return defined(node) or node
    return node


def _leaf_ranks(equations: Sequence[Equation]) -> dict[str, tuple[int, int]]:
    """Return for each given name its first place in a product, and its appearance.

    So weights come before inputs where the author writes w*x.
    """
    ranks: dict[str, tuple[int, int]] = {}
    for equation in equations:
        for node in walk(equation.expression):
            inner = node.factors if isinstance(node, Product) else (node,)
            for place, factor in enumerate(inner):
                if isinstance(factor, Name):
                    ranks.setdefault(factor.id, (place, len(ranks)))
    return ranks


def _is_answer(equation: Equation, lines: Mapping[str, Expression]) -> bool:
    """Return True if a call's derivative is written in its answer, as sigmoid's a*(1 - a)."""
    call, line = equation.expression, lines.get(equation.name)
    if line is None or not isinstance(call, Call) or isinstance(line, (Number, Name)):
        return False
    if callable(call.function.derivative):
        return call.function.outputs
    inner = any(isinstance(node, (Call, Choice)) for node in walk(line))
    return inner and "a" in names_in(formula(call.function.derivative))
