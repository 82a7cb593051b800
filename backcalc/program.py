"""Network to equations: lower, differentiate, update; names in, names out, no numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.calculus import partials
from backcalc.errors import BackcalcError, Place, listed
from backcalc.expression import (
    ONE,
    ZERO,
    Call,
    Expression,
    Inverse,
    Name,
    Number,
    Product,
    Sum,
    added,
    multiplied,
    names_in,
    negated,
    renamed,
)
from backcalc.network import Network, Unit


@dataclass(frozen=True, slots=True)
class Term:
    """One use of a value: what flows back through one equation that uses it."""

    upstream: str
    """The derivative of the result by the equation's value: `dL/dz2`."""
    local_name: str
    """The derivative of that value by the one in question: `dz2/dh0`."""
    local: Expression
    """The local derivative worked out: `ws`."""


@dataclass(frozen=True, slots=True)
class Equation:
    """One line of the program: a name, assigned once."""

    name: str
    """What is computed: `z2`, `dL/dh0`, `w0'`."""
    expression: Expression
    """How, in the author's order."""
    siblings: tuple[str, ...] = ()
    """For an output of softmax the names of all its outputs."""
    terms: tuple[Term, ...] = ()
    """For a derivative one term for each use; they add up to the expression."""
    before: str | None = None
    """For an update the name of the old value."""
    where: Place | None = None
    """Where it stands in the file."""
