"""The figures that one way finds, and when two figures are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

from backcalc.formulas.notation import Phrase

NEAR, NOTHING = Decimal("1e-9"), Decimal("5e-324")
"""The largest difference between equal figures: as a share of the larger one, and the smallest
double, below which nothing counts."""
DOUBT = 10
"""Times that a figure may be off by the change that more care makes in it."""
MANY = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Arithmetic for comparing figures."""

Figures = Mapping[str, Decimal]
"""A number for each derivative, by its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to find the same derivatives, and its figures."""

    name: str
    """Its name in the table."""
    figures: Figures
    """Its figures; a derivative that it cannot find is missing."""
    why: str = ""
    """The reason where figures are missing."""
    noise: Figures = field(default_factory=dict)
    """For figures that differ from the equations, how far their own rounding may take them."""
    lost: tuple[str, ...] = ()
    """Derivatives that differ by rounding alone, so that they say nothing."""
    kinks: Mapping[str, Phrase] = field(default_factory=dict)
    """For derivatives at a kink of the loss, a sentence with the slopes on both sides."""
    jumps: tuple[str, ...] = ()
    """Derivatives that jump at their kink."""


def same(ours: Decimal, theirs: Decimal, noise: Decimal | None = None) -> bool:
    """Return True if two figures are nearly equal, or differ by no more than the noise."""
    return abs(ours - theirs) <= max(NEAR * max(abs(ours), abs(theirs)), noise or NOTHING)


def differing(ours: Figures, theirs: Figures) -> list[str]:
    """Return the derivatives whose figures are not the same."""
    return [name for name, figure in theirs.items() if not same(ours[name], figure)]
