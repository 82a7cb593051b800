"""Each derivative proved in other ways: by sympy, by central differences, by PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backcalc.calculation import Calculation, backward
from backcalc.errors import BackcalcError, listed
from backcalc.evaluate import start_values
from backcalc.expression import Call, Choice, Expression, Number, Scalar, added, negated, walk
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
NEAR, NOTHING = Fraction(1, 10**9), Fraction(1, 10**12)
"""How far apart two figures may be: as a share of the larger one, and in any case."""
NEARLY = Decimal("1e-50")
"""What rounding may leave of a zero."""

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
    """The kink between w - h and w + h, if there is one."""

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


def _by_differences(calculation: Calculation) -> tuple[Way, dict[str, Phrase], set[str]]:
    """(loss at w + h - loss at w - h)/2h in decimals of many digits.

    With it the kinks in between, and the derivatives that jump there.
    """
    from backcalc.symbolic.digits import decimal_of

    network, of = calculation.network, calculation.of
    equations = calculation.program.forward
    wanted = needed(equations, of)
    equations = tuple(each for each in equations if each.name in wanted)
    given = start_values(network)
    now = _forward(equations, {name: decimal_of(n, DIGITS) for name, n in given.items()})
    figures: dict[str, Fraction] = {}
    kinks: dict[str, Phrase] = {}
    bent: set[str] = set()
    missing = []
    for weight in network.weights:
        name = derivative_name(of, weight)
        reached = dependents(equations, [weight])
        moved = [each for each in equations if each.name in reached]
        h = SMALL * max(abs(now[weight]), Decimal(1))
        try:
            down, up = (_forward(moved, {**now, weight: now[weight] + s}) for s in (-h, h))
        except ArithmeticError:
            missing.append(weight)
            continue
        slope, left, right = (
            (Fraction(b[of]) - Fraction(a[of])) / (Fraction(b[weight]) - Fraction(a[weight]))
            for a, b in ((down, up), (down, now), (now, up))
        )
        figures[name] = slope
        for crossed in _crossed(moved, (down, now, up)):
            if not _same(left, right):
                bent.add(name)
            text = "{} = 0 is a kink: the slope of the loss is {} on one side, {} on the other"
            kinks[name] = sentence(text, crossed, Number(left), Number(right))
            break
    why = f"no value on both sides of {listed(missing)}" if missing else ""
    return Way("differences", figures, why), kinks, bent


def _forward(equations: Sequence[Equation], values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Every value, worked out anew where an equation gives it."""
    from backcalc.symbolic.digits import digits_of

    worked = dict(values)
    for equation in equations:
        worked[equation.name] = digits_of(equation.expression, worked, DIGITS)
    return worked


def _crossed(
    equations: Sequence[Equation], places: Sequence[Mapping[str, Decimal]]
) -> Iterator[Expression]:
    """The expressions that turn their sign between these places, where a derivative may jump."""
    from backcalc.symbolic.digits import digits_of

    for equation in equations:
        for kink in _kinks(equation.expression):
            values = (digits_of(kink, place, DIGITS) for place in places)
            if len({(value > NEARLY) - (value < -NEARLY) for value in values}) > 1:
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
    done = subprocess.run(command, input=code.encode(), capture_output=True, check=False)
    if done.returncode:
        return Way("PyTorch", {}, "it could not run the exported network")
    names = [derivative_name(calculation.of, name) for name in calculation.network.weights]
    slopes = map(float, done.stdout.split())
    return Way("PyTorch", {n: Fraction(s) for n, s in zip(names, slopes, strict=True)})
