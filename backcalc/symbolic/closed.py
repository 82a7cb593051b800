"""Closed forms: a value down to inputs and weights, as far as the line stays readable."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from backcalc.equations.program import Equation, needed
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
from backcalc.formulas.record import record
from backcalc.symbolic.branch import TURNED, Branch, Conditions, implied
from backcalc.symbolic.tidy import size, tidied

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
