"""A derivative as the sum over all paths, counted without walking them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import nlargest

from backcalc.equations.evaluate import number_of
from backcalc.equations.program import Equation, dependents, needed
from backcalc.formulas.calculus import partials
from backcalc.formulas.expression import Expression, Name, Product, Scalar, Values, bounded
from backcalc.formulas.quantity import Derivative

MOST_PATHS = 64
LARGEST = 8  # of the paths, where there are too many to print all


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One factor of a path: the derivative of a value by one that it uses directly."""

    name: Derivative
    """The local derivative: `dz2/dh0`."""
    local: Expression
    """The local derivative worked out: `ws`."""
    value: Scalar
    """Its number."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One way from the result back to the value in question."""

    links: tuple[Link, ...]
    """The factors, from the result on."""
    value: Scalar
    """Their product."""

    @property
    def chain(self) -> Expression:
        """The product of the local derivatives by name."""
        return _product([Name(link.name) for link in self.links])

    @property
    def formula(self) -> Expression:
        """The product of the local derivatives worked out, ones left in."""
        return _product([link.local for link in self.links])


def _product(factors: Sequence[Expression]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


@dataclass(frozen=True, slots=True, eq=False)
class PathSum:
    """All paths of one derivative."""

    of: str
    """The result."""
    by: str
    """The value in question."""
    count: int
    """How many paths there are."""
    paths: tuple[Path, ...]
    """All of them, or the largest where there are more than 64."""

    @property
    def complete(self) -> bool:
        """Whether all paths are listed."""
        return self.count == len(self.paths)

    @property
    def total(self) -> Scalar:
        """The sum of the listed paths."""
        return sum((path.value for path in self.paths), Fraction(0))


_Chain = tuple[Link, "_Chain | None"]  # links from the value in question up to the result
_Ways = list[tuple[Scalar, "_Chain | None"]]


def path_sum(
    equations: Sequence[Equation],
    of: str,
    by: str,
    values: Values,
    conventions: Mapping[str, Fraction],
) -> PathSum:
    """The paths from `of` back to `by`, in the order in which backpropagation meets them.

    Each value keeps at most its 64 largest ways to the result, so the cost is linear in the
    number of equations however many paths there are.
    """
    carries = dependents(equations, [by])
    reached = needed(equations, of)
    counts: dict[str, int] = {of: 1}
    ways: dict[str, _Ways] = {of: [(Fraction(1), None)]}
    for equation in reversed(equations):
        name = equation.name
        if name not in counts or name not in carries or name not in reached or name == by:
            continue
        answers = equation.siblings or (name,)
        for used, local in partials(equation.expression, answers, conventions).items():
            if used in carries:
                link = Link(Derivative(name, used), local, number_of(local, values))
                counts[used] = counts.get(used, 0) + counts[name]
                found = ways.setdefault(used, [])
                found += [(bounded(value * link.value), (link, rest)) for value, rest in ways[name]]
                if len(found) > MOST_PATHS:
                    ways[used] = nlargest(MOST_PATHS, found, key=lambda way: abs(way[0]))
    count = counts.get(by, 0) if of != by else 1
    kept = ways.get(by, [])
    if count > MOST_PATHS:
        kept = nlargest(LARGEST, kept, key=lambda way: abs(way[0]))
    return PathSum(of, by, count, tuple(Path(_links(chain), value) for value, chain in kept))


def _links(chain: _Chain | None) -> tuple[Link, ...]:
    """The links from the result on."""
    links = []
    while chain is not None:
        link, chain = chain
        links.append(link)
    return tuple(reversed(links))
