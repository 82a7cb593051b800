"""Closed forms: a value down to inputs and weights, as far as the line stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from backcalc.errors import BackcalcError
from backcalc.expression import (
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Name,
    Number,
    Product,
    Scalar,
    Sum,
    names_in,
    parts,
    replaced,
    walk,
)
from backcalc.functions import formula
from backcalc.notation import formula_text
from backcalc.program import Equation, denominator, needed, numerator
from backcalc.symbolic.branch import Branch, Met, implied
from backcalc.symbolic.bridge import Factoring
from backcalc.symbolic.factored import KEPT, Rank, Tidier, is_rational
from backcalc.symbolic.monomials import Monomial

MOST = 40  # operands in a line that is still readable
LARGEST = 4 * MOST  # operands that are tidied at all
DEEPEST = 150  # levels of a composed tree


def compose(equations: Sequence[Equation], name: str, most: int = 10_000) -> Expression:
    """A value's expression with every name of an equation replaced until only leaves are left.

    Raises BackcalcError where that would have more than `most` operands.
    """
    sizes: dict[str, tuple[int, int]] = {}
    wanted = needed(equations, name)
    chain = [equation for equation in equations if equation.name in wanted]
    for equation in chain:
        sizes[equation.name] = _extent(equation.expression, sizes)
    size, depth = sizes.get(name, (1, 0))
    if size > most or depth > DEEPEST:
        raise BackcalcError(f"{name} written out is too long: {min(size, 10**9)} operands")
    composed: dict[str, Expression] = {}
    for equation in chain:
        composed[equation.name] = replaced(equation.expression, composed)
    return composed.get(name, Name(name))


def _extent(node: Expression, sizes: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """How many operands and levels an expression has once its names are replaced."""
    if isinstance(node, Name):
        return sizes.get(node.id, (1, 0))
    inner = [_extent(part, sizes) for part in parts(node)]
    size = sum(size for size, _ in inner)
    return max(size, 1), 1 + max((depth for _, depth in inner), default=0)


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


ANSWERS, OPAQUE, MENTIONED, DERIVATIVE, ANY = range(5)
"""Which names are kept, the lower the sooner: answers such as sigmoid's, other values of calls,
values that derivatives mention, derivatives, all others."""


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
    """The closed forms of some equations, worked out level by level of names that are kept."""

    def __init__(
        self,
        equations: Sequence[Equation],
        wanted: Sequence[str],
        values: Mapping[str, Scalar] | None,
        most: int,
    ) -> None:
        reached = needed(equations, *wanted)
        self.most = most
        self.order = {equation.name: place for place, equation in enumerate(equations)}
        self.leaves = _leaf_ranks(equations)
        self.equations = [equation for equation in equations if equation.name in reached]
        self.resolved, self.met = _resolved(self.equations, values)
        mentioned = {
            name for own in self.resolved if "/" in own for name in names_in(self.resolved[own])
        }
        self.level = {
            equation.name: self.keeping(equation, mentioned) for equation in self.equations
        }
        self.tidier = Tidier(self.rank, Factoring())
        self.worked: dict[int, dict[str, Monomial | None]] = {}
        self.forms(ANY)  # first, so that sums are met as the sheet writes them

    def keeping(self, equation: Equation, mentioned: set[str]) -> int:
        """From which level on a name is kept."""
        expression = self.resolved[equation.name]
        if "/" in equation.name:
            return DERIVATIVE
        if any(map(_is_opaque, walk(expression))):
            own = equation.expression
            return ANSWERS if isinstance(own, Call) and _uses_answer(own.function) else OPAQUE
        return MENTIONED if equation.name in mentioned else ANY

    def rank(self, name: str) -> Rank:
        """The place of a name in a product: derivatives, weights, inputs, later values."""
        if "/" in name:
            places = (self.order.get(side(name), -1) for side in (denominator, numerator))
            return (0, *places)
        if name in self.order:
            return (KEPT, self.order[name], 0)
        return (1, *self.leaves.get(name, (0, len(self.leaves))))

    def forms(self, level: int) -> dict[str, Monomial | None]:
        """Every value's form with the names of that level kept; None where it is too long."""
        if level not in self.worked:
            found: dict[str, Monomial | None] = {}
            for equation in self.equations:
                found[equation.name] = self.form(equation.name, level, found)
            self.worked[level] = found
        return self.worked[level]

    def form(self, name: str, level: int, known: Mapping[str, Monomial | None]) -> Monomial | None:
        """One value's form from those before it, unless it would be too long."""
        expression = self.resolved[name]
        meaning: dict[str, Monomial] = {}
        size = 0
        for node in walk(expression):
            if isinstance(node, Name) and self.level.get(node.id, ANSWERS - 1) > level:
                inner = known[node.id]
                if inner is None:
                    return None
                meaning[node.id] = inner
                size += inner.size
            elif not parts(node):
                size += 1
            if size > LARGEST:
                return None
        try:
            if "/" in name and isinstance(expression, Sum):
                terms = [self.tidier.tidied(term, meaning) for term in expression.terms]
                return self.tidier.total(terms, sort=True)
            return self.tidier.tidied(expression, meaning)
        except ArithmeticError:
            return None

    def cut(self, name: str) -> tuple[int, Expression]:
        """The lowest level at which a value's line is readable, and the line."""
        for level in range(ANY + 1):
            form = self.forms(level)[name]
            if form is not None and (form.size <= self.most or level == ANY):
                return level, self.tidier.written(form)
        return ANY, self.resolved[name]

    def closed_form(self, name: str) -> ClosedForm:
        """A value's line, those of the names that it keeps, and the conditions of all."""
        if name not in self.resolved:
            return ClosedForm(name, Name(name))
        conditions: dict[Comparison, None] = {}
        lines: dict[str, Expression] = {}
        pending = [name]
        while pending:
            own = pending.pop()
            if own in lines:
                continue
            level, lines[own] = self.cut(own)
            conditions.update(dict.fromkeys(self.conditions(own, level)))
            pending += [inner for inner in names_in(lines[own]) if inner in self.resolved]
        expression = lines.pop(name)
        shared = (Equation(own, lines[own]) for own in sorted(lines, key=self.order.__getitem__))
        return ClosedForm(name, expression, self.sorted(conditions), tuple(shared))

    def conditions(self, name: str, level: int) -> dict[Comparison, None]:
        """The conditions met on the way to a line with the names of this level kept."""
        found: dict[Comparison, None] = {}
        seen = {name}
        pending = [name]
        while pending:
            own = pending.pop()
            found.update(dict.fromkeys(self.met[own]))
            for inner in names_in(self.resolved[own]):
                if inner not in seen and self.level.get(inner, ANSWERS - 1) > level:
                    seen.add(inner)
                    pending.append(inner)
        return found

    def sorted(self, conditions: Mapping[Comparison, None]) -> Met:
        """Conditions in order of the forward pass, without those that others say already."""

        def place(condition: Comparison) -> tuple[int, str]:
            names = [*names_in(condition.left), *names_in(condition.right)]
            last = max((self.order.get(name, -1) for name in names), default=-1)
            return last, formula_text(condition)

        kept = [condition for condition in conditions if not implied(condition, conditions)]
        return tuple(sorted(kept, key=place))


def _resolved(
    equations: Sequence[Equation], values: Mapping[str, Scalar] | None
) -> tuple[dict[str, Expression], dict[str, Met]]:
    """Each equation's expression on the branch of the numbers, and the conditions that it met."""
    if values is None:
        lines = {equation.name: equation.expression for equation in equations}
        return lines, dict.fromkeys(lines, ())
    branch = Branch(values)
    resolved: dict[str, Expression] = {}
    met: dict[str, Met] = {}
    for equation in equations:
        resolved[equation.name], met[equation.name] = branch.taken(equation.expression)
        if isinstance(resolved[equation.name], Number):
            branch.constants[equation.name] = resolved[equation.name], met[equation.name]
    return resolved, met


def _leaf_ranks(equations: Sequence[Equation]) -> dict[str, tuple[int, int]]:
    """For each given name its first place in a product of the forward pass, and its appearance.

    So weights come before inputs where the author writes w*x.
    """
    ranks: dict[str, tuple[int, int]] = {}
    own = {equation.name for equation in equations}
    for equation in equations:
        for node in walk(equation.expression) if "/" not in equation.name else ():
            inner = node.factors if isinstance(node, Product) else (node,)
            for place, factor in enumerate(inner):
                if isinstance(factor, Name) and factor.id not in own:
                    ranks.setdefault(factor.id, (place, len(ranks)))
    return ranks


def _is_opaque(node: Expression) -> bool:
    """Whether a node is no sum, product or whole power."""
    return isinstance(node, Choice) or (isinstance(node, Call) and not is_rational(node.function))


@cache
def _uses_answer(function: Function) -> bool:
    """Whether the textbook derivative is written in the answer: a*(1 - a)."""
    if callable(function.derivative):
        return function.outputs
    return "a" in names_in(formula(function.derivative))
