"""Changes of weights, Delta w: by what their figures or the sheet say, new weights or gradients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from backcalc.equations.optimizers import RATE
from backcalc.formulas.expression import (
    Expression,
    Inverse,
    Name,
    Number,
    Product,
    Sum,
    names_in,
    negated,
)
from backcalc.formulas.notation import number_text
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.figures import ChainPart, Claim, SheetValues, near, worked
from backcalc.reading.names import NameReader, Unreadable

CHANGE = "Delta"
"""Letter of a change: new minus old (1), old minus new (-1) or the gradient (2)."""
GRADIENT = 2
MOST_STEPS = 3


def way_of_changes(
    claims: Iterable[Claim], names: NameReader, figures: SheetValues
) -> dict[str, int]:
    """Return how a sheet's changes are meant: as it says, or as its figures show; 0 for neither.

    A figure that is right in no way is a mistake; a few that are right in another way may be.
    """
    changes = [claim for claim in claims if claim.error == CHANGE]
    if not changes:
        return {}
    if CHANGE in names.defined:
        return {CHANGE: names.defined[CHANGE]}
    fitting = {
        way: [is_changed(claim, way, names, figures) for claim in changes]
        for way in (1, GRADIENT, -1)
    }
    if fitting[-1] == fitting[GRADIENT]:
        del fitting[-1]  # the rate is 1
    votes = sorted(((sum(fits), way) for way, fits in fitting.items()), reverse=True)
    (most, way), (others, _) = votes[:2]
    return {CHANGE: way if most and most >= 3 * others else 0}


def is_changed(claim: Claim, way: int, names: NameReader, figures: SheetValues) -> bool:
    """True if a change is right when meant so, or follows from the sheet's own gradient."""
    slope, rate = Derivative(names.loss, claim.quantity), figures.given.get(RATE)
    said = [worked(part.expression, figures.right) for part in claim.parts]
    expected: list[float | None] = []
    own = figures.claimed.get(slope)
    if own is not None and (way == GRADIENT or rate is not None):
        expected.append(own if way == GRADIENT else -way * own * float(rate or 0))
    for steps in range(MOST_STEPS):
        before, after = (figures.right(figures.at(claim.quantity, n)) for n in (steps, steps + 1))
        if way == GRADIENT:
            expected.append(figures.right(figures.at(slope, steps)))
        elif before is not None and after is not None:
            expected.append(way * (after - before))
    return any(one and two and near(one, two) for one in said for two in expected)


def settled(claim: Claim, names: NameReader, figures: SheetValues, step: int) -> Claim:
    """Return a claim about a change as one about the new weight, or about the gradient.

    Raises Unreadable where it may be either.
    """
    weight, way = claim.quantity, names.signs.get(CHANGE, 0)
    if weight not in names.weights:
        raise Unreadable("only weights change, and this is none")
    slope = Derivative(names.loss, weight)
    if way == GRADIENT:
        names.taken[f"{CHANGE} {weight}"] = slope
        return replace(claim, quantity=slope, error="")
    now = figures.at(weight, step)
    old = figures.given.get(weight) if not step else figures.claimed.get(now, figures.right(now))
    if not way or old is None:
        raise Unreadable("this may be the change of the weight or its gradient")
    names.taken[f"{CHANGE} {weight}"] = parsed(weight).after(step + 1)
    start = Fraction(old) if isinstance(old, Fraction) else Fraction(repr(float(old)))
    parts = [_from(weight, start, part, way) for part in claim.parts]
    return replace(claim, parts=parts, assigned=True, error="")


def _from(weight: str, old: Fraction, part: ChainPart, way: int) -> ChainPart:
    """What is said of a change as what is said of the new weight; the old one is exact."""
    change = part.expression if way > 0 else negated(part.expression)
    if names_in(change):
        return ChainPart(part.text, Sum((Name(weight), change)))
    whole = Number(Fraction(old.numerator))
    first: Expression = whole
    if old.denominator > 1:
        first = Product((whole, Inverse(Number(Fraction(old.denominator)))))
    bare = f"({part.plain})" if part.plain.startswith("-") else part.plain
    plain = f"{number_text(old)} {'+' if way > 0 else '-'} {bare}" if bare else ""
    return ChainPart(part.text, Sum((first, change)), plain)
