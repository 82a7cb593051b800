"""Derivatives by central differences, (loss at w + h - loss at w - h)/2h, in many digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from backcalc.equations.calculation import Calculation
from backcalc.equations.evaluate import start_values
from backcalc.equations.program import Equation, dependents, needed
from backcalc.errors import listed
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Number,
    added,
    evaluate,
    negated,
    walk,
)
from backcalc.formulas.functions import kinks_of
from backcalc.formulas.notation import Phrase, sentence
from backcalc.formulas.quantity import Derivative
from backcalc.proving.way import DOUBT, NEAR, NOTHING, WIDE, Figures, Way, same

DIGITS = 60
SMALL = Decimal("1e-15")
"""The first h; the error of a difference is of the order of its square."""
MOST_STEPS = 5
"""Number of h to try, each smaller, where one reaches past a kink or an edge of the domain, or
where the slope has not settled."""
FINE, FINER, NOISE = 400, 800, Decimal("1e-50")
"""A number is zero but for rounding if it shrinks so much between FINE and FINER digits."""
ROUNDING = 10
"""Last digits that rounding may have spoilt."""

Place = Mapping[str, Decimal]
"""The value of every name at one point."""


def by_differences(calculation: Calculation, ours: Figures) -> Way:
    """Measure the slope of the loss around each weight, and find the kinks that stand there."""
    differences = _Differences(calculation)
    figures: dict[str, Decimal] = {}
    noise: dict[str, Decimal] = {}
    kinks: dict[str, Phrase] = {}
    jumps: list[str] = []
    missing = []
    for weight in calculation.network.weights:
        name = Derivative(calculation.of, weight)
        found = differences.by(weight, ours[name])
        if found is None:
            missing.append(weight)
            continue
        slopes, wider, crossed = found
        figures[name] = slopes.central
        if wider:
            noise[name] = DOUBT * abs(wider.central - slopes.central) + slopes.rounding + NOTHING
            if crossed and slopes.jump(wider):
                jumps.append(name)
        if crossed:
            text = "{} = 0 is a kink: the slope of the loss is {} on one side, {} on the other"
            kinks[name] = sentence(text, crossed[0], *_sides(slopes.left, slopes.right))
    why = f"no value on both sides of {listed(missing)}" if missing else ""
    return Way("differences", figures, why, noise, kinks=kinks, jumps=tuple(jumps))


@dataclass(frozen=True, slots=True)
class _Slopes:
    """Slopes of the loss around a weight."""

    h: Decimal
    """Distance to either side."""
    central: Decimal
    """Slope from w - h to w + h."""
    left: Decimal
    """Slope from w - h to w."""
    right: Decimal
    """Slope from w to w + h."""
    rounding: Decimal
    """The part of each that comes from rounding the loss."""

    def jump(self, wider: _Slopes) -> bool:
        """Return True if the slope jumps at w: then it jumps as far however small h is."""
        now, before = abs(self.right - self.left), abs(wider.right - wider.left)
        return not same(self.left, self.right, self.rounding) and 2 * before < 3 * now


@dataclass(slots=True)
class _Differences:
    """Values of all equations at the weights and near them."""

    calculation: Calculation
    """The network and its equations."""
    equations: list[Equation] = field(init=False)
    """Those that the loss needs."""
    known: dict[int, Place] = field(default_factory=dict)
    """Every value at the weights themselves, by the number of digits."""

    def __post_init__(self) -> None:
        forward = self.calculation.program.forward
        wanted = needed(forward, self.calculation.of)
        self.equations = [each for each in forward if each.name in wanted]

    def now(self, digits: int) -> Place:
        """Return every value at the weights themselves."""
        from backcalc.arithmetic.digits import decimal_of

        if digits not in self.known:
            given = start_values(self.calculation.network)
            start = {name: decimal_of(number, digits) for name, number in given.items()}
            self.known[digits] = _forward(self.equations, start, digits)
        return self.known[digits]

    def by(
        self, weight: str, ours: Decimal
    ) -> tuple[_Slopes, _Slopes | None, list[Expression]] | None:
        """Return the slopes at a weight, those with twice the h, and the kinks that stand there.

        The h is the largest that reaches past no kink and no edge of the domain, and for which
        the slope is that of the equations or no longer depends on h. None: there is none.
        """
        reached = dependents(self.equations, [weight])
        moved = [each for each in self.equations if each.name in reached]
        found = None
        with suppress(ArithmeticError):
            for h in _steps(self.now(DIGITS)[weight]):
                with suppress(ArithmeticError):
                    slopes, crossed = self.slopes(moved, weight, h)
                    found = slopes, self.wider(moved, weight, slopes, crossed, ours), crossed
                    wider = found[1]
                    settled = wider is None or same(slopes.central, wider.central)
                    if all(map(self.at_zero, crossed)) if crossed else settled:
                        break
        return found

    def slopes(
        self, moved: Sequence[Equation], weight: str, h: Decimal
    ) -> tuple[_Slopes, list[Expression]]:
        """Return the slopes on either side of a weight, and the kinks in between."""
        size = max(self.now(DIGITS)[weight].adjusted(), 0)
        digits = DIGITS + max(SMALL.adjusted() - h.adjusted(), 0) + size
        now, of = self.now(digits), self.calculation.of
        with localcontext(WIDE) as context:
            context.prec = digits
            down, up = (_forward(moved, {**now, weight: now[weight] + s}, digits) for s in (-h, h))
            central, left, right = (
                (b[of] - a[of]) / (b[weight] - a[weight])
                for a, b in ((down, up), (down, now), (now, up))
            )
            rounding = abs(now[of]).scaleb(ROUNDING - digits) / h
        crossed = [*_crossed(moved, (down, now, up), digits)]
        return _Slopes(h, central, left, right, rounding), crossed

    def wider(
        self, moved: Sequence[Equation], weight: str, slopes: _Slopes,
        crossed: Sequence[Expression], ours: Decimal,
    ) -> _Slopes | None:  # fmt: skip
        """Return the slopes with twice the h, from which the error is seen; None if none is."""
        if not crossed and same(ours, slopes.central):
            return None
        try:
            return self.slopes(moved, weight, 2 * slopes.h)[0]
        except ArithmeticError:
            return slopes

    def at_zero(self, kink: Expression) -> bool:
        """Return True if an expression is 0 at the weights but for rounding."""
        from backcalc.arithmetic.digits import digits_of

        with suppress(ArithmeticError, ValueError):
            exact = evaluate(kink, self.calculation.values)
            if isinstance(exact, Fraction):
                return not exact
        fine, finer = (digits_of(kink, self.now(each), each) for each in (FINE, FINER))
        return abs(finer) <= NOISE * abs(fine)


def _steps(weight: Decimal) -> Iterator[Decimal]:
    """Yield each h to try, from the largest."""
    yield SMALL
    h = SMALL * (abs(weight) if 0 < abs(weight) < 1 else SMALL)
    for _ in range(MOST_STEPS - 1):
        yield h
        h *= SMALL


def _sides(*slopes: Decimal) -> list[Number]:
    """Return slopes without the error that the width of the step makes in them."""
    noise = NEAR * max(map(abs, slopes))
    return [Number(Fraction(f"{float(s):.9g}") if abs(s) > noise else Fraction(0)) for s in slopes]


def _forward(equations: Sequence[Equation], values: Place, digits: int) -> dict[str, Decimal]:
    """Return all values, worked out anew where an equation gives them."""
    from backcalc.arithmetic.digits import digits_of

    worked = dict(values)
    for equation in equations:
        worked[equation.name] = digits_of(equation.expression, worked, digits)
    return worked


def _crossed(
    equations: Sequence[Equation], places: Sequence[Place], digits: int
) -> Iterator[Expression]:
    """Yield the expressions whose sign changes between these places: a derivative may jump."""
    from backcalc.arithmetic.digits import digits_of

    nearly = Decimal(10) ** (ROUNDING - digits)  # what rounding may leave of a zero
    for equation in equations:
        for kink in _kinks(equation.expression):
            values = (digits_of(kink, place, digits) for place in places)
            if len({(value > nearly) - (value < -nearly) for value in values}) > 1:
                yield kink


def _kinks(expression: Expression) -> Iterator[Expression]:
    for node in walk(expression):
        if isinstance(node, Call):
            yield from kinks_of(node)
        elif isinstance(node, Choice):
            yield added(node.condition.left, negated(node.condition.right))
