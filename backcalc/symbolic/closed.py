"""Closed forms: a value down to inputs and weights, as far as the line stays readable."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backcalc.equations.program import Equation, needed
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import (
    Call,
    Choice,
    Comparison,
    Expression,
    Name,
    Number,
    Product,
    Scalar,
    Sum,
    names_in,
    parts,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.functions import defined, formula, simplified
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.symbolic.branch import Branch, Met, implied
from backcalc.symbolic.tidy import size, tidied

MOST = 40  # operands in a line that is still readable
LARGEST = 4 * MOST  # operands that are tidied at all
MOST_OPENED = 4  # arguments of a mean or variance that is written out
DEEPEST = 100  # levels of a composed tree

ANSWERS, FORWARD, ALL = range(3)
"""Which names are kept: answers such as sigmoid's, all values of the forward pass, all."""


def compose(equations: Sequence[Equation], name: str, most: int = 10_000) -> Expression:
    """A value's expression with every name of an equation replaced until only leaves are left.

    Raises BackcalcError where that would have more than `most` operands.
    """
    wanted = needed(equations, name)
    lines: dict[str, Expression] = {
        line.name: line.expression for line in equations if line.name in wanted
    }
    composed = _composed(lines, lines.keys(), most).get(name, Name(name))
    if composed is None:
        raise BackcalcError(f"{name} written out is too long: more than {most} operands")
    return composed


def _composed(
    lines: Mapping[str, Expression], open_names: Collection[str], most: int
) -> dict[str, Expression | None]:
    """Each line with these names replaced by their lines; None where it would be too long."""
    extents: dict[str, tuple[int, int]] = {}
    meaning: dict[str, Expression] = {}
    composed: dict[str, Expression | None] = {}
    for name, expression in lines.items():
        extent = _extent(expression, extents)
        composed[name] = None
        if extent[0] <= most and extent[1] <= DEEPEST:
            composed[name] = whole = replaced(expression, meaning)
            if name in open_names:
                meaning[name] = whole
        if name in open_names:
            extents[name] = extent
    return composed


def _extent(node: Expression, extents: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """How many operands and levels an expression has once its names are replaced."""
    if isinstance(node, Name):
        return extents.get(node.id, (1, 0))
    inner = [_extent(part, extents) for part in parts(node)]
    depth = max((depth for _, depth in inner), default=0)
    return max(sum(count for count, _ in inner), 1), 1 + depth


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """A value in terms of inputs, weights, targets and constants, on the branch that was taken."""

    name: str
    """The value."""
    expression: Expression
    """What it is."""
    conditions: tuple[Comparison, ...] = ()
    """The conditions under which it holds, in order of the forward pass."""
    shared: tuple[Equation, ...] = ()
    """What the names mean that it keeps, because it would be too long without them."""


def closed_forms(
    equations: Sequence[Equation],
    wanted: Sequence[str],
    values: Mapping[str, Scalar] | None = None,
    most: int = MOST,
) -> list[ClosedForm]:
    """Each wanted value down to what is given, as far as the line stays readable.

    With `values`, the numbers of a run, on the branch that they took; else choices stay choices.
    A line with more than `most` operands keeps names, whose meaning it lists.
    """
    forms = _Forms(equations, wanted, values, most)
    return [forms.closed_form(name) for name in wanted]


class _Forms:
    """The closed forms of some equations, and which names they keep at each level."""

    def __init__(
        self,
        equations: Sequence[Equation],
        wanted: Sequence[str],
        values: Mapping[str, Scalar] | None,
        most: int,
    ) -> None:
        reached = needed(equations, *wanted)
        self.most = most
        self.order: dict[str, int] = {
            equation.name: place for place, equation in enumerate(equations)
        }
        self.leaves = _leaf_ranks(equations)
        self.met: dict[str, Met] = {}
        self.lines: dict[str, Expression] = {}
        branch = Branch(values or {})
        for equation in equations:
            if equation.name in reached:
                own = equation.name
                taken = branch.taken(_line(equation)) if values else (_line(equation), ())
                if isinstance(taken[0], Number):
                    branch.constants[own] = taken
                self.lines[own], self.met[own] = _opened(taken[0]), taken[1]
        opaque = {own.name for own in equations if _is_answer(own, self.lines)}
        forward = {name for name in self.lines if not isinstance(parsed(name), Derivative)}
        self.replaced = [self.lines.keys() - opaque, self.lines.keys() - forward, set()]
        self.cuts: dict[str, tuple[int, Expression]] = {}
        self.composed = [_composed(self.lines, names, LARGEST) for names in self.replaced]

    def rank(self, name: str) -> tuple[int, ...]:
        """The place of a name in a product: derivatives, weights, inputs, later values."""
        if name in self.order:
            return (0 if isinstance(parsed(name), Derivative) else 2, self.order[name])
        return (1, *self.leaves[name])

    def cut(self, name: str) -> tuple[int, Expression]:
        """The lowest level at which a value's line is readable, and the line; worked out once."""
        if name not in self.cuts:
            self.cuts[name] = self.readable(name)
        return self.cuts[name]

    def readable(self, name: str) -> tuple[int, Expression]:
        """The lowest level at which a value's line is readable, and the line."""
        for level in (ANSWERS, FORWARD, ALL):
            composed = self.composed[level][name]
            if composed is not None:
                line = tidied(composed, self.rank)
                if size(line) <= self.most or level == ALL:
                    return level, line
        return ALL, simplified(self.lines[name])

    def closed_form(self, name: str) -> ClosedForm:
        """A value's line, those of the names that it keeps, and the conditions of all."""
        if name not in self.lines:
            return ClosedForm(name, Name(name))
        conditions: dict[Comparison, None] = {}
        lines: dict[str, Expression] = {}
        pending = [name]
        while pending:
            own = pending.pop()
            if own not in lines:
                level, lines[own] = self.cut(own)
                conditions.update(dict.fromkeys(self.conditions(own, level)))
                pending += [inner for inner in names_in(lines[own]) if inner in self.lines]
        expression = lines.pop(name)
        shared = (
            Equation(parsed(own), lines[own]) for own in sorted(lines, key=self.order.__getitem__)
        )
        return ClosedForm(name, expression, self.sorted(conditions), tuple(shared))

    def conditions(self, name: str, level: int) -> Iterator[Comparison]:
        """The conditions met on the way to a line at that level."""
        seen = {name: None}
        pending = [name]
        while pending:
            own = pending.pop()
            yield from self.met[own]
            fresh = [inner for inner in names_in(self.lines[own]) if inner not in seen]
            fresh = [inner for inner in fresh if inner in self.replaced[level]]
            seen.update(dict.fromkeys(fresh))
            pending += fresh

    def sorted(self, conditions: Mapping[Comparison, None]) -> Met:
        """Conditions in order of the forward pass, without those that others say already."""

        def place(condition: Comparison) -> tuple[int, str]:
            names = [*names_in(condition.left), *names_in(condition.right)]
            last = max((self.order.get(name, -1) for name in names), default=-1)
            return last, formula_text(condition)

        kept = [condition for condition in conditions if not implied(condition, conditions)]
        return tuple(sorted(kept, key=place))


def _line(equation: Equation) -> Expression:
    """An equation's right side; a derivative's uses in order of the forward pass."""
    if len(equation.terms) > 1 and isinstance(equation.expression, Sum):
        return Sum(equation.expression.terms[::-1])
    return equation.expression


def _opened(node: Expression) -> Expression:
    """An expression with means, squares and products of a few arguments written out."""
    node = rebuilt(node, _opened)
    if isinstance(node, Call) and len(node.arguments) <= MOST_OPENED:
        function = node.function
        if function.exact and not (function.kinks or function.convention):
            return defined(node) or node
    return node


def _leaf_ranks(equations: Sequence[Equation]) -> dict[str, tuple[int, int]]:
    """For each given name its first place in a product of the forward pass, and its appearance.

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
    """Whether a call's textbook derivative is written in its answer, as sigmoid's a*(1 - a)."""
    call, line = equation.expression, lines.get(equation.name)
    if line is None or not isinstance(call, Call) or isinstance(line, (Number, Name)):
        return False
    if callable(call.function.derivative):
        return call.function.outputs
    inner = any(isinstance(node, (Call, Choice)) for node in walk(line))
    return inner and "a" in names_in(formula(call.function.derivative))
