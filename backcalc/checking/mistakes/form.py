"""A line as it reads with a mistake in it, and the ways of building one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.checking.key import GRADIENT, UPDATE, Key, Line
from backcalc.checking.own_work import OwnWork, is_first
from backcalc.equations.program import ChainTerm, Equation, accumulated, loss_name
from backcalc.formulas.expression import Expression, Name, replaced
from backcalc.formulas.notation import Part, Phrase
from backcalc.formulas.quantity import derivative

RARE = 0.15  # how often a mistake is made in a rarer way, such as in one of several terms


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A line as it reads with one mistake in it."""

    right: Expression
    """Its formula, in which nothing yet stands in the place of a name."""
    parts: tuple[Part | Phrase, ...] = ()
    """What the advice names: the path that was dropped, the value that was copied."""
    share: float = 1.0
    """How often it is made in this way, beside the others."""
    instead: Mapping[str, Expression] = field(default_factory=dict)
    """What stands in the place of some names; then the formula itself is the line's own."""
    among: int = 1
    """In how many ways the mistake can be made, those that do not give the figure among them."""

    @property
    def expression(self) -> Expression:
        """The formula that was worked out instead of the right one."""
        return replaced(self.right, self.instead) if self.instead else self.right


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Where a mistake may have been made."""

    line: Line
    """The right line; its equation may already hold another mistake."""
    work: OwnWork
    """The person's own figures before it."""
    digits: int
    """Significant digits of the answer."""
    written: Fraction | None = None
    """The number that was written, where the line is the wrong one."""
    near: tuple[float, float] = (-math.inf, math.inf)
    """What a mistake comes to that gives the written number; others need not be told."""

    @property
    def key(self) -> Key:
        """The right lines."""
        return self.work.key

    @property
    def equation(self) -> Equation:
        """The line's equation."""
        return self.line.equation

    @property
    def terms(self) -> tuple[ChainTerm, ...]:
        """For a derivative one term for each use."""
        return self.equation.terms

    @property
    def weights(self) -> Mapping[str, int]:
        """The weights by their names at this line, with their place in the file."""
        return self.key.weights(self.line.steps)

    @property
    def of_state(self) -> bool:
        """True for what an optimizer remembers, such as a velocity."""
        before = self.equation.before
        weights = self.key.weights(max(self.line.steps, 0))
        return self.line.role == UPDATE and before is not None and before not in weights

    @property
    def of_loss(self) -> bool:
        """Whether a term of this derivative comes straight from the loss."""
        return self.line.role == GRADIENT and any(map(is_first, self.terms))


Forms = Iterator[Form]


def reads(expression: Expression, *parts: Part | Phrase, share: float = 1.0) -> Form:
    """Return the line with another right side."""
    return Form(expression, parts, share)


def exchanges(
    spot: Spot, instead: Mapping[str, Expression], *parts: Part | Phrase, share: float = 1.0
) -> Form:
    """Return the line with other names or numbers in the place of some of its names."""
    return Form(spot.equation.expression, parts, share, instead)


def with_terms(
    spot: Spot, terms: Iterable[ChainTerm], *parts: Part | Phrase, share: float = 1.0
) -> Form:
    """Return the derivative with other terms."""
    name = derivative(spot.line.name)
    return Form(accumulated(name.of, spot.line.by, tuple(terms)).expression, parts, share)


def each_term(
    spot: Spot, change: Callable[[ChainTerm], Expression | None], in_one: float = 1.0
) -> Forms:
    """Change the local derivative in one term of a derivative, then in all of them.

    `in_one` is the share of those who do so in one of several.
    """
    new = [change(term) for term in spot.terms]
    made = [place for place, local in enumerate(new) if local is not None]
    for chosen in [[place] for place in made] + ([made] if len(made) > 1 else []):
        terms = (
            replace(term, local=new[place] or term.local) if place in chosen else term
            for place, term in enumerate(spot.terms)
        )
        share = 1.0 if len(chosen) == len(spot.terms) else in_one
        yield with_terms(spot, terms, Name(spot.terms[chosen[0]].through), share=share)


def is_loss(key: Key, name: str) -> bool:
    """Whether a line is the loss, of one sample or of all."""
    stem = name.replace("'", "").partition("[")[0]
    return stem in (key.program.loss, loss_name(key.network))
