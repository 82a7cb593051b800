"""Each derivative proved in other ways: by sympy, by central differences, by PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from math import isfinite

from backcalc.equations.calculation import Calculation, backward
from backcalc.equations.evaluate import run, start_values
from backcalc.equations.network import Network
from backcalc.equations.program import (
    Equation,
    dependents,
    loss_name,
    lower,
    needed,
)
from backcalc.errors import BackcalcError, UndefinedError, listed
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Number,
    Rounded,
    Scalar,
    added,
    evaluate,
    negated,
    walk,
)
from backcalc.formulas.functions import kinks_of
from backcalc.formulas.notation import Phrase, sentence
from backcalc.formulas.quantity import Derivative

DIGITS = 60
SMALL = Decimal("1e-15")
"""The h of the differences, for a weight of about 1; their error is of the order of its square."""
MOST_STEPS = 5
"""How many h are tried, each smaller, where one reaches past a kink or an edge of the domain."""
FINE, FINER, NOISE = 400, 800, Decimal("1e-50")
"""Digits at which it is seen whether a number is but rounding, and what more leave of it then."""
NEAR, NOTHING = Decimal("1e-9"), Decimal("5e-324")
"""How far apart two figures may be: as a share of the larger one, and in any case: no double is
smaller."""
DOUBT = 10
"""How many times a figure may be off by what it changes when it is found with more care."""
DOUBLES = 1000
"""The same for what doubles make of the equations, in other code."""
ROUNDING = 10
"""How many of the last digits rounding may have spoilt."""
WIDE = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Arithmetic with the figures themselves."""
PATIENCE = 120
"""Seconds that PyTorch is waited for; most of what it takes is to be loaded."""

AGREE, DISAGREE, KINK, UNPROVED = "agree", "disagree", "kink: convention", "unproved"


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to find the same derivatives."""

    name: str
    """What it is called."""
    figures: Mapping[str, Decimal]
    """What it finds, by the derivative's name; one that it cannot find is missing."""
    why: str = ""
    """Why it was not gone, or what it did not find."""
    noise: Mapping[str, Decimal] = field(default_factory=dict)
    """How far off its own rounding may have taken those that differ from the equations."""
    lost: tuple[str, ...] = ()
    """Those that differ by rounding alone, so that they say nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """One derivative and what the other ways say of it."""

    name: str
    """The derivative: dL/dw0."""
    value: Scalar
    """What the equations say."""
    others: Mapping[str, Decimal]
    """What each other way says."""
    verdict: str
    """Whether they agree."""
    kink: Phrase = ()
    """The kink at w, if there is one."""

    @property
    def wrong(self) -> bool:
        """Whether nothing confirms it."""
        return self.verdict in (DISAGREE, UNPROVED)

    def difference(self, way: str) -> Rounded | None:
        """The other way's figure minus that of the equations."""
        other = self.others.get(way)
        return None if other is None else Rounded(WIDE.subtract(other, _digits(self.value)))


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """All derivatives of one network, proved."""

    calculation: Calculation
    """What the equations say."""
    ways: tuple[Way, ...]
    """The other ways."""
    proofs: tuple[Proof, ...]
    """One for each weight."""

    @property
    def agreed(self) -> bool:
        """Whether no derivative is called wrong, and each is proved."""
        return not any(proof.wrong for proof in self.proofs)


def verify(network: Network, *, torch: bool = True) -> Verification:
    """The derivative of the loss by each weight, worked out in every way that there is."""
    calculation = backward(network)
    names = [Derivative(calculation.of, weight) for weight in network.weights]
    with localcontext(WIDE):
        ours: dict[str, Decimal] = {name: _digits(calculation.values[name]) for name in names}
        differences, kinks, bent = _by_differences(calculation, ours)
        ways = [_by_sympy(calculation, ours), differences]
        ways += [_by_torch(calculation, ours)] if torch else []
        proofs = []
        for name in names:
            said = [way for way in ways if name in way.figures and name not in way.lost]
            same = all(_same(ours[name], w.figures[name], w.noise.get(name)) for w in said)
            verdict = UNPROVED if not said else AGREE if same and name not in bent else DISAGREE
            if verdict == DISAGREE and name in kinks:
                verdict = KINK  # where no convention is the only right one
            others = {way.name: way.figures[name] for way in ways if name in way.figures}
            value = calculation.values[name]
            proofs.append(Proof(name, value, others, verdict, kinks.get(name, ())))
    return Verification(calculation, tuple(ways), tuple(proofs))


def _digits(value: Scalar) -> Decimal:
    """A figure of the equations, with all its digits."""
    from backcalc.arithmetic.digits import decimal_of

    return value.digits if isinstance(value, Rounded) else decimal_of(value, WIDE.prec)


def _same(ours: Decimal, theirs: Decimal, noise: Decimal | None = None) -> bool:
    """Whether two figures are nearly equal, or differ by no more than the noise in one of them."""
    return abs(ours - theirs) <= max(NEAR * max(abs(ours), abs(theirs)), noise or NOTHING)


def _differing(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> list[str]:
    return [name for name, figure in theirs.items() if not _same(ours[name], figure)]


# sympy.


def _by_sympy(calculation: Calculation, ours: Mapping[str, Decimal]) -> Way:
    """The loss composed into one formula, and differentiated as that."""
    from backcalc.symbolic.slopes import MOST  # sympy takes long to load

    try:
        figures = _sympy_figures(calculation, DIGITS)
        if not _differing(ours, figures):
            return Way("sympy", figures)
        more = _sympy_figures(calculation, FINE)  # too many digits may have cancelled
        noise = {name: DOUBT * abs(more[name] - figures[name]) + NOTHING for name in figures}
        return Way("sympy", more, noise=noise)
    except BackcalcError:
        return Way("sympy", {}, f"the loss as one formula has more than {MOST} operands")
    except ArithmeticError:
        return Way("sympy", {}, "its formulas have no value at these numbers")


def _sympy_figures(calculation: Calculation, digits: int) -> dict[str, Decimal]:
    """What sympy finds, worked out with so many digits."""
    from backcalc.symbolic.slopes import sympy_slopes

    network, of = calculation.network, calculation.of
    own, weights = loss_name(network), list(network.weights)
    known = {**network.constants, **network.weights}
    places = [{**known, **sample} for sample in network.samples]
    found = sympy_slopes(lower(network), own, weights, places, digits)
    share = len(places) if network.reduction == "mean" else 1
    return {Derivative(of, name): sum(each, Decimal(0)) / share for name, each in found.items()}


# Central differences.


@dataclass(frozen=True, slots=True)
class _Slopes:
    """How steep the loss is around a weight."""

    h: Decimal
    """How far around."""
    digits: int
    """What it was worked out with."""
    central: Decimal
    """From w - h to w + h."""
    left: Decimal
    """From w - h to w."""
    right: Decimal
    """From w to w + h."""
    rounding: Decimal
    """What rounding the loss makes of each."""

    def bent(self, wider: _Slopes) -> bool:
        """Whether the slope jumps at w: then it jumps as far however small h is."""
        jump, before = abs(self.right - self.left), abs(wider.right - wider.left)
        smooth = _same(self.left, self.right, self.rounding)
        return not smooth and 2 * before < 3 * jump


class _Differences:
    """The values of all equations at the weights, and near them."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation, self.of = calculation, calculation.of
        wanted = needed(calculation.program.forward, self.of)
        self.equations = [each for each in calculation.program.forward if each.name in wanted]
        self._now: dict[int, Mapping[str, Decimal]] = {}

    def now(self, digits: int) -> Mapping[str, Decimal]:
        """Every value at the weights themselves."""
        from backcalc.arithmetic.digits import decimal_of

        if digits not in self._now:
            given = start_values(self.calculation.network)
            start = {name: decimal_of(number, digits) for name, number in given.items()}
            self._now[digits] = _forward(self.equations, start, digits)
        return self._now[digits]

    def by(self, weight: str) -> tuple[_Slopes, list[Expression]] | None:
        """The slopes at the weight, and the kinks that stand there.

        With the largest h that reaches past no kink and no edge of the domain; None: there is none.
        """
        try:
            self.now(DIGITS)
        except ArithmeticError:
            return None
        found = None
        for h in _steps(self.now(DIGITS)[weight]):
            try:
                slopes, places = self.slopes(weight, h)
                crossed = [*_crossed(self.moved(weight), places, slopes.digits)]
            except ArithmeticError:
                continue
            found = slopes, crossed
            if all(map(self.at_zero, crossed)):
                break
        return found

    def moved(self, weight: str) -> list[Equation]:
        """The equations whose values depend on a weight."""
        reached = dependents(self.equations, [weight])
        return [each for each in self.equations if each.name in reached]

    def slopes(self, weight: str, h: Decimal) -> tuple[_Slopes, tuple[Mapping[str, Decimal], ...]]:
        """The slopes from w - h to w + h and on either side of w, and all values at these."""
        digits = DIGITS + max(SMALL.adjusted() - h.adjusted(), 0)
        now, moved = self.now(digits), self.moved(weight)
        at = {name: now[name] for name in (self.of, weight)}
        down, up = (_forward(moved, {**now, weight: now[weight] + s}, digits) for s in (-h, h))
        central, left, right = (
            (b[self.of] - a[self.of]) / (b[weight] - a[weight])
            for a, b in ((down, up), (down, at), (at, up))
        )
        rounding = abs(at[self.of]).scaleb(ROUNDING - digits) / h
        return _Slopes(h, digits, central, left, right, rounding), (down, now, up)

    def wider(self, weight: str, slopes: _Slopes) -> _Slopes:
        """The slopes with twice the h: what changes is the error of the first."""
        try:
            return self.slopes(weight, 2 * slopes.h)[0]
        except ArithmeticError:
            return slopes

    def at_zero(self, kink: Expression) -> bool:
        """Whether it is 0 at the weights: exactly, or the less the more digits there are."""
        from backcalc.arithmetic.digits import digits_of

        with suppress(ArithmeticError, ValueError):
            exact = evaluate(kink, self.calculation.values)
            if isinstance(exact, Fraction):
                return not exact
        fine, finer = (digits_of(kink, self.now(each), each) for each in (FINE, FINER))
        return abs(finer) <= NOISE * abs(fine)


def _steps(weight: Decimal) -> Iterator[Decimal]:
    """Each h that is tried, from the largest."""
    yield SMALL * max(abs(weight), Decimal(1))
    h = SMALL * (abs(weight) or SMALL)
    for _ in range(MOST_STEPS - 1):
        yield h
        h *= SMALL


def _by_differences(
    calculation: Calculation, ours: Mapping[str, Decimal]
) -> tuple[Way, dict[str, Phrase], set[str]]:
    """(loss at w + h - loss at w - h)/2h in decimals of many digits.

    With it the kinks at w, and the derivatives that jump there.
    """
    differences = _Differences(calculation)
    figures: dict[str, Decimal] = {}
    noise: dict[str, Decimal] = {}
    kinks: dict[str, Phrase] = {}
    bent: set[str] = set()
    missing = []
    for weight in calculation.network.weights:
        name = Derivative(calculation.of, weight)
        found = differences.by(weight)
        if found is None:
            missing.append(weight)
            continue
        slopes, crossed = found
        figures[name] = slopes.central
        if not crossed and _same(ours[name], slopes.central):
            continue
        wider = differences.wider(weight, slopes)
        noise[name] = DOUBT * abs(wider.central - slopes.central) + slopes.rounding + NOTHING
        if crossed:
            if slopes.bent(wider):
                bent.add(name)
            text = "{} = 0 is a kink: the slope of the loss is {} on one side, {} on the other"
            kinks[name] = sentence(text, crossed[0], *_sides(slopes.left, slopes.right))
    why = f"no value on both sides of {listed(missing)}" if missing else ""
    return Way("differences", figures, why, noise), kinks, bent


def _sides(*slopes: Decimal) -> list[Number]:
    """Slopes without what the width of the step makes of them."""
    noise = NEAR * max(map(abs, slopes))
    return [Number(Fraction(f"{float(s):.9g}") if abs(s) > noise else Fraction(0)) for s in slopes]


def _forward(
    equations: Sequence[Equation], values: Mapping[str, Decimal], digits: int
) -> dict[str, Decimal]:
    """Every value, worked out anew where an equation gives it."""
    from backcalc.arithmetic.digits import digits_of

    worked = dict(values)
    for equation in equations:
        worked[equation.name] = digits_of(equation.expression, worked, digits)
    return worked


def _crossed(
    equations: Sequence[Equation], places: Sequence[Mapping[str, Decimal]], digits: int
) -> Iterator[Expression]:
    """The expressions that turn their sign between these places, where a derivative may jump."""
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


# PyTorch.


def _by_torch(calculation: Calculation, ours: Mapping[str, Decimal]) -> Way:
    """The exported module's own gradients, from a process of its own."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return Way("PyTorch", {}, "it is not installed")
    import subprocess
    import sys

    from backcalc.exporting.as_torch import gradients_alone

    try:
        code = gradients_alone(calculation)
    except BackcalcError as error:
        return Way("PyTorch", {}, error.message)
    command = [sys.executable, "-I", "-X", "utf8", "-"]
    try:
        done = subprocess.run(
            command, input=code.encode(), capture_output=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return Way("PyTorch", {}, f"it took more than {PATIENCE} s")
    if done.returncode:
        return Way("PyTorch", {}, "it could not run the exported network")
    slopes = map(float, done.stdout.split())
    return _in_doubles(calculation, ours, dict(zip(ours, slopes, strict=True)))


def _in_doubles(
    calculation: Calculation, ours: Mapping[str, Decimal], theirs: Mapping[str, float]
) -> Way:
    """PyTorch's figures, those set apart that no double could have come nearer to.

    How near doubles come is seen from the equations themselves, worked out in them.
    """
    figures = {name: Decimal(slope) for name, slope in theirs.items() if isfinite(slope)}
    missing = [name for name in theirs if name not in figures]
    why = f"no finite value for {listed(missing)} in its doubles" if missing else ""
    differing = _differing(ours, figures)
    if not differing:
        return Way("PyTorch", figures, why)
    values: dict[str, Scalar] = {n: float(v) for n, v in start_values(calculation.network).items()}
    with suppress(UndefinedError):
        run((*calculation.program.forward, *calculation.program.backward), values)
    own = {name: Decimal(float(values[name])) for name in differing if name in values}
    lost = tuple(
        name
        for name in differing
        if name not in own
        or _same(ours[name], figures[name], DOUBLES * abs(own[name] - ours[name]))
    )
    return Way("PyTorch", figures, why, lost=lost)
