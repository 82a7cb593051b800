"""Derivatives by central differences, (loss at w + h - loss at w - h)/2h, in many digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from backcalc.arithmetic import decimal_of, digits_of
from backcalc.equations.calculation import WIDE, Calculation, run, start_values
from backcalc.equations.program import Equation, dependents, needed
from backcalc.errors import listed
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Number,
    Numbers,
    added,
    evaluate,
    negated,
    walk,
)
from backcalc.formulas.functions import kinks_of
from backcalc.formulas.notation import Phrase, sentence
from backcalc.formulas.quantity import Derivative
from backcalc.proving.way import DOUBT, MANY, NEAR, NOTHING, Figures, Way, same

DIGITS = 60
SMALL = Decimal("1e-15")
"""The first h; the error of a difference is of the order of its square."""
MOST_STEPS = 5
"""Number of h to try, each smaller, where one reaches past a kink or an edge of the domain, or
where the slope has not settled."""
ROUNDING = 10
"""Last digits that rounding may have spoilt."""

Sample = Mapping[str, Decimal]
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


class _Differences:
    """Values of all equations at the weights and near them."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation, self.of = calculation, calculation.of
        wanted = needed(calculation.program.forward, self.of)
        self.equations = [each for each in calculation.program.forward if each.name in wanted]
        self.known: dict[int, Sample] = {}
        self.fine: Numbers | None = None

    def now(self, digits: int) -> Sample:
        """Return every value at the weights themselves."""
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
        the slope is that of the equations (then none with twice the h is needed) or no longer
        depends on h. None: there is none.
        """
        reached = dependents(self.equations, [weight])
        moved = [each for each in self.equations if each.name in reached]
        found = None
        for h in _steps(decimal_of(self.calculation.network.weights[weight], DIGITS)):
            with suppress(ArithmeticError):
                slopes, crossed = self.slopes(moved, weight, h)
                wider = None
                if crossed or not same(ours, slopes.central):
                    wider = slopes
                    with suppress(ArithmeticError):
                        wider, _ = self.slopes(moved, weight, 2 * h)
                found = slopes, wider, crossed
                settled = wider is None or same(slopes.central, wider.central)
                if all(map(self.at_zero, crossed)) if crossed else settled:
                    break
        return found

    def slopes(
        self, moved: Sequence[Equation], weight: str, h: Decimal
    ) -> tuple[_Slopes, list[Expression]]:
        """Return the slopes on either side of a weight, and the kinks in between."""
        size = decimal_of(self.calculation.network.weights[weight], DIGITS).adjusted()
        digits = DIGITS + max(SMALL.adjusted() - h.adjusted(), 0) + max(size, 0)
        now = self.now(digits)
        with localcontext(MANY) as context:
            context.prec = digits
            down, up = (_forward(moved, {**now, weight: now[weight] + s}, digits) for s in (-h, h))
            central, left, right = (
                (b[self.of] - a[self.of]) / (b[weight] - a[weight])
                for a, b in ((down, up), (down, now), (now, up))
            )
        rounding = abs(now[self.of]).scaleb(ROUNDING - digits) / h
        return _Slopes(central, left, right, rounding), [*_crossed(moved, (down, now, up), digits)]

    def at_zero(self, kink: Expression) -> bool:
        """Return True if an expression is 0 at the weights but for rounding."""
        if self.fine is None:
            self.fine = Numbers(start_values(self.calculation.network), WIDE)
            run(self.equations, self.fine)
        return evaluate(kink, self.fine) == 0


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


def _forward(equations: Sequence[Equation], values: Sample, digits: int) -> dict[str, Decimal]:
    """Return all values, worked out anew where an equation gives them."""
    worked = dict(values)
    for equation in equations:
        worked[equation.name] = digits_of(equation.expression, worked, digits)
    return worked


def _crossed(
    equations: Sequence[Equation], places: Sequence[Sample], digits: int
) -> Iterator[Expression]:
    """Yield the expressions whose sign changes between these places: a derivative may jump."""
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
