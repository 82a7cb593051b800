"""Each derivative proved in other ways: by sympy, by central differences, by PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backcalc.calculation import Calculation, backward
from backcalc.errors import BackcalcError, listed
from backcalc.evaluate import start_values
from backcalc.expression import (
    Call,
    Choice,
    Expression,
    Number,
    Scalar,
    added,
    evaluate,
    negated,
    walk,
)
from backcalc.functions import kinks_of
from backcalc.network import Network
from backcalc.notation import Phrase, sentence
from backcalc.program import (
    Equation,
    dependents,
    derivative_name,
    loss_name,
    lower,
    needed,
)

DIGITS = 60
SMALL = Decimal("1e-15")
"""The h of the differences, for a weight of about 1; their error is of the order of its square."""
MOST_STEPS = 5
"""How many h are tried, each smaller, where one reaches past a kink or an edge of the domain."""
FINE, NOISE = 200, Decimal("1e-50")
"""Digits at which it is decided whether a float is but rounding, and what is left of it then."""
NEAR, NOTHING = Fraction(1, 10**9), Fraction(1, 10**12)
"""How far apart two figures may be: as a share of the larger one, and in any case."""
ROUNDING = 10
"""How many of the last digits rounding may have spoilt."""
PATIENCE = 120
"""Seconds that PyTorch is waited for; most of what it takes is to be loaded."""

AGREE, DISAGREE, KINK, UNPROVED = "agree", "disagree", "kink: convention", "unproved"


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to find the same derivatives."""

    name: str
    """What it is called."""
    figures: Mapping[str, Fraction]
    """What it finds, by the derivative's name; one that it cannot find is missing."""
    why: str = ""
    """Why it was not gone, or what it did not find."""


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """One derivative and what the other ways say of it."""

    name: str
    """The derivative: dL/dw0."""
    value: Scalar
    """What the equations say."""
    others: Mapping[str, Fraction]
    """What each other way says."""
    verdict: str
    """Whether they agree."""
    kink: Phrase = ()
    """The kink at w, if there is one."""

    @property
    def wrong(self) -> bool:
        """Whether nothing confirms it."""
        return self.verdict in (DISAGREE, UNPROVED)

    def difference(self, way: str) -> Fraction | None:
        """The other way's figure minus that of the equations."""
        other = self.others.get(way)
        return None if other is None else other - Fraction(self.value)


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
    ways = [_by_sympy(calculation)]
    differences, kinks, bent = _by_differences(calculation)
    ways += [differences, *([_by_torch(calculation)] if torch else ())]
    proofs = []
    for weight in network.weights:
        name = derivative_name(calculation.of, weight)
        value = calculation.values[name]
        others = {way.name: way.figures[name] for way in ways if name in way.figures}
        kink = kinks.get(name, ())
        proofs.append(Proof(name, value, others, _verdict(value, others, kink, name in bent), kink))
    return Verification(calculation, tuple(ways), tuple(proofs))


def _verdict(value: Scalar, others: Mapping[str, Fraction], kink: Phrase, bent: bool) -> str:
    if not others:
        return UNPROVED
    if not bent and all(_same(Fraction(value), other) for other in others.values()):
        return AGREE
    return KINK if kink else DISAGREE  # at a kink no convention is the only right one


def _same(ours: Fraction, theirs: Fraction) -> bool:
    return abs(ours - theirs) <= max(NEAR * max(abs(ours), abs(theirs)), NOTHING)


# sympy.


def _by_sympy(calculation: Calculation) -> Way:
    """The loss composed into one formula, and differentiated as that."""
    from backcalc.symbolic.slopes import MOST, sympy_slopes  # sympy takes long to load

    network, of = calculation.network, calculation.of
    own, weights = loss_name(network), list(network.weights)
    known = {**network.constants, **network.weights}
    places = [{**known, **sample} for sample in network.samples]
    try:
        found = sympy_slopes(lower(network), own, weights, places)
    except BackcalcError:
        return Way("sympy", {}, f"the loss as one formula has more than {MOST} operands")
    except ArithmeticError:
        return Way("sympy", {}, "its formulas have no value at these numbers")
    share = len(places) if network.reduction == "mean" else 1
    figures = {
        derivative_name(of, name): Fraction(sum(each, Decimal(0))) / share
        for name, each in found.items()
    }
    return Way("sympy", figures)


# Central differences.


class _Differences:
    """The values of all equations at the weights, and near them."""

    def __init__(self, calculation: Calculation) -> None:
        self.calculation, self.of = calculation, calculation.of
        wanted = needed(calculation.program.forward, self.of)
        self.equations = [each for each in calculation.program.forward if each.name in wanted]
        self._now: dict[int, Mapping[str, Decimal]] = {}

    def now(self, digits: int) -> Mapping[str, Decimal]:
        """Every value at the weights themselves."""
        from backcalc.digits import decimal_of

        if digits not in self._now:
            given = start_values(self.calculation.network)
            start = {name: decimal_of(number, digits) for name, number in given.items()}
            self._now[digits] = _forward(self.equations, start, digits)
        return self._now[digits]

    def by(self, weight: str) -> tuple[list[Fraction], list[Expression]] | None:
        """The slopes from w - h to w + h and on either side of w, and the kinks that stand at w.

        With the largest h that reaches past no kink and no edge of the domain; None: there is none.
        """
        try:
            self.now(DIGITS)
        except ArithmeticError:
            return None
        reached = dependents(self.equations, [weight])
        moved = [each for each in self.equations if each.name in reached]
        found = None
        for h in _steps(self.now(DIGITS)[weight]):
            digits = DIGITS + max(SMALL.adjusted() - h.adjusted(), 0)
            try:
                now = self.now(digits)
                down, up = (
                    _forward(moved, {**now, weight: now[weight] + s}, digits) for s in (-h, h)
                )
                slopes = [
                    (Fraction(b[self.of]) - Fraction(a[self.of]))
                    / (Fraction(b[weight]) - Fraction(a[weight]))
                    for a, b in ((down, up), (down, now), (now, up))
                ]
                crossed = [*_crossed(moved, (down, now, up), digits)]
            except ArithmeticError:
                continue
            found = slopes, crossed
            if all(map(self.at_zero, crossed)):
                break
        return found

    def at_zero(self, kink: Expression) -> bool:
        """Whether it is 0 at the weights: exactly, or to the floats that the equations go by."""
        from backcalc.digits import digits_of

        ours = evaluate(kink, self.calculation.values)
        if not ours or isinstance(ours, Fraction):
            return not ours
        return abs(digits_of(kink, self.now(FINE), FINE)) < NOISE * abs(Decimal(ours))


def _steps(weight: Decimal) -> Iterator[Decimal]:
    """Each h that is tried, from the largest."""
    yield SMALL * max(abs(weight), Decimal(1))
    h = SMALL * (abs(weight) or SMALL)
    for _ in range(MOST_STEPS - 1):
        yield h
        h *= SMALL


def _by_differences(calculation: Calculation) -> tuple[Way, dict[str, Phrase], set[str]]:
    """(loss at w + h - loss at w - h)/2h in decimals of many digits.

    With it the kinks at w, and the derivatives that jump there.
    """
    differences = _Differences(calculation)
    figures: dict[str, Fraction] = {}
    kinks: dict[str, Phrase] = {}
    bent: set[str] = set()
    missing = []
    for weight in calculation.network.weights:
        name = derivative_name(calculation.of, weight)
        found = differences.by(weight)
        if found is None:
            missing.append(weight)
            continue
        (figures[name], left, right), crossed = found
        if crossed:
            if not _same(left, right):
                bent.add(name)
            text = "{} = 0 is a kink: the slope of the loss is {} on one side, {} on the other"
            kinks[name] = sentence(text, crossed[0], *_sides(left, right))
    why = f"no value on both sides of {listed(missing)}" if missing else ""
    return Way("differences", figures, why), kinks, bent


def _sides(*slopes: Fraction) -> list[Number]:
    """Slopes without what the width of the step makes of them."""
    noise = NEAR * max(map(abs, slopes))
    return [Number(Fraction(f"{float(s):.9g}") if abs(s) > noise else Fraction(0)) for s in slopes]


def _forward(
    equations: Sequence[Equation], values: Mapping[str, Decimal], digits: int
) -> dict[str, Decimal]:
    """Every value, worked out anew where an equation gives it."""
    from backcalc.digits import digits_of

    worked = dict(values)
    for equation in equations:
        worked[equation.name] = digits_of(equation.expression, worked, digits)
    return worked


def _crossed(
    equations: Sequence[Equation], places: Sequence[Mapping[str, Decimal]], digits: int
) -> Iterator[Expression]:
    """The expressions that turn their sign between these places, where a derivative may jump."""
    from backcalc.digits import digits_of

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


def _by_torch(calculation: Calculation) -> Way:
    """The exported module's own gradients, from a process of its own."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return Way("PyTorch", {}, "it is not installed")
    import subprocess
    import sys

    from backcalc.exporting.torch import gradients_alone

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
    names = [derivative_name(calculation.of, name) for name in calculation.network.weights]
    slopes = map(float, done.stdout.split())
    return Way("PyTorch", {n: Fraction(s) for n, s in zip(names, slopes, strict=True)})
