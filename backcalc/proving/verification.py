"""Each derivative of the equations beside the figures of every other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from math import isfinite

from backcalc.arithmetic import decimal_of, digits_of
from backcalc.equations.calculation import WIDE, Calculation, backward, run, start_values
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, dependents, needed
from backcalc.errors import BackcalcError, UndefinedError, listed
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Number,
    Numbers,
    Rounded,
    Scalar,
    evaluate,
    rebuilt,
)
from backcalc.formulas.functions import kinks_in
from backcalc.formulas.notation import ROUNDING, InDigits, Phrase, phrase_text, rounded, sentence
from backcalc.formulas.quantity import Derivative
from backcalc.sheets.blocks import Block, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number
from backcalc.sheets.worked import title

NEAR, NOTHING = Decimal("1e-9"), Decimal("5e-324")
"""The largest difference between equal figures: as a share of the larger one, and the smallest
double, below which nothing counts."""
DOUBT = 10  # times that a figure may be off by the change that more care makes in it
MANY = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN)  # arithmetic for comparing figures
SlopeFigures = Mapping[str, Decimal]  # a number for each derivative, by its name


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One way to find the same derivatives, and its figures."""

    name: str
    """Its name in the table."""
    figures: SlopeFigures
    """Its figures; a derivative that it cannot find is missing."""
    why: str = ""
    """The reason where figures are missing."""
    noise: SlopeFigures = field(default_factory=dict)
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


def differing(ours: SlopeFigures, theirs: SlopeFigures) -> list[str]:
    """Return the derivatives whose figures are not the same."""
    return [name for name, figure in theirs.items() if not same(ours[name], figure)]


SYMPY_DIGITS = 40, 400
"""Digits of a first attempt, and of a second where a figure differs: too many may cancel."""


def by_sympy(calculation: Calculation, ours: SlopeFigures) -> Evidence:
    """Let sympy differentiate every equation and chain its derivatives."""
    try:
        figures, more = _figures(calculation, SYMPY_DIGITS[0]), None
        if differing(ours, figures):
            more = _figures(calculation, SYMPY_DIGITS[1])
    except BackcalcError as error:
        return Evidence("sympy", {}, error.message)
    except ArithmeticError:
        return Evidence("sympy", {}, "its formulas have no value at these numbers")
    if more is None:
        return Evidence("sympy", figures)
    noise = {name: DOUBT * abs(more[name] - figures[name]) + NOTHING for name in figures}
    return Evidence("sympy", more, noise=noise)


def _figures(calculation: Calculation, digits: int) -> dict[str, Decimal]:
    """Return sympy's derivatives, worked out with so many digits."""
    from backcalc.symbolic import sympy_slopes  # sympy takes long to load

    of, weights = calculation.of, list(calculation.network.weights)
    found = sympy_slopes(calculation.program.forward, of, weights, calculation.values, digits)
    return {Derivative(of, name): slope for name, slope in found.items()}


PYTORCH = "PyTorch"
DOUBLES = 1000
"""Times that PyTorch's doubles may be off by the error of our own, as its code is other code."""
PATIENCE = 120  # seconds to wait for PyTorch; most of them go into loading it


def by_pytorch(calculation: Calculation, ours: SlopeFigures) -> Evidence:
    """Run the exported network, where PyTorch is installed, and read its gradients."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return Evidence(PYTORCH, {}, "it is not installed")
    import subprocess
    import sys

    from backcalc.exporting.as_torch import gradients_alone

    command = [sys.executable, "-I", "-X", "utf8", "-"]
    try:
        code = gradients_alone(calculation)
        done = subprocess.run(
            command, input=code.encode(), capture_output=True, check=False, timeout=PATIENCE
        )
    except BackcalcError as error:
        return Evidence(PYTORCH, {}, error.message)
    except subprocess.TimeoutExpired:
        return Evidence(PYTORCH, {}, f"it took more than {PATIENCE} s")
    if done.returncode:
        return Evidence(PYTORCH, {}, "it could not run the exported network")
    slopes = map(float, done.stdout.split())
    return _in_doubles(calculation, ours, dict(zip(ours, slopes, strict=True)))


def _in_doubles(
    calculation: Calculation, ours: SlopeFigures, theirs: Mapping[str, float]
) -> Evidence:
    """Return PyTorch's figures, with those set apart that no double could come nearer to."""
    figures = {name: Decimal(slope) for name, slope in theirs.items() if isfinite(slope)}
    missing = [name for name in theirs if name not in figures]
    why = f"no finite value for {listed(missing)} in its doubles" if missing else ""
    odd = differing(ours, figures)
    if not odd:
        return Evidence(PYTORCH, figures, why)
    values: dict[str, Scalar] = {n: float(v) for n, v in start_values(calculation.network).items()}
    with suppress(UndefinedError):
        run((*calculation.program.forward, *calculation.program.backward), values)
    own = {name: Decimal(float(values[name])) for name in odd if name in values}
    lost = tuple(
        name for name in odd
        if name not in own or same(ours[name], figures[name], DOUBLES * abs(own[name] - ours[name]))
    )  # fmt: skip
    return Evidence(PYTORCH, figures, why, lost=lost)


DIGITS = 60
SMALL = Decimal("1e-15")  # the first h; the error of a difference is of the order of its square
MOST_STEPS = 5
"""Number of h to try, each smaller, where one reaches past a kink or an edge of the domain, or
where the slope has not settled."""
SPOILT = 10  # last digits that rounding may have spoilt
Sample = Mapping[str, Decimal]  # the value of every name at one point


def by_differences(calculation: Calculation, ours: SlopeFigures) -> Evidence:
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
    return Evidence("differences", figures, why, noise, kinks=kinks, jumps=tuple(jumps))


@dataclass(frozen=True, slots=True)
class _SlopesAround:
    """Slopes of the loss around a weight."""

    central: Decimal
    """Slope from w - h to w + h."""
    left: Decimal
    """Slope from w - h to w."""
    right: Decimal
    """Slope from w to w + h."""
    rounding: Decimal
    """The part of each that comes from rounding the loss."""

    def jump(self, wider: _SlopesAround) -> bool:
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
        if digits not in self.known:
            given = start_values(self.calculation.network)
            start = {name: decimal_of(number, digits) for name, number in given.items()}
            self.known[digits] = _forward(self.equations, start, digits)
        return self.known[digits]

    def by(
        self, weight: str, ours: Decimal
    ) -> tuple[_SlopesAround, _SlopesAround | None, list[Expression]] | None:
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
    ) -> tuple[_SlopesAround, list[Expression]]:
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
        rounding = abs(now[self.of]).scaleb(SPOILT - digits) / h
        return _SlopesAround(central, left, right, rounding), [
            *_crossed(moved, (down, now, up), digits)
        ]

    def at_zero(self, kink: Expression) -> bool:
        """Return True if an expression is 0 at the weights but for rounding."""
        if self.fine is None:
            self.fine = Numbers(start_values(self.calculation.network), WIDE)
            run(self.equations, self.fine)
        return evaluate(kink, self.fine) == 0


def _steps(weight: Decimal) -> Iterator[Decimal]:
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
    nearly = Decimal(10) ** (SPOILT - digits)  # what rounding may leave of a zero
    for equation in equations:
        for kink in kinks_in(equation.expression):
            values = (digits_of(kink, place, digits) for place in places)
            if len({(value > nearly) - (value < -nearly) for value in values}) > 1:
                yield kink


AGREE, DISAGREE, KINK, UNPROVED = "agree", "disagree", "kink: convention", "unproved"

WAYS: dict[str, Callable[[Calculation, SlopeFigures], Evidence]] = {
    "sympy": by_sympy,
    "differences": by_differences,
    PYTORCH: by_pytorch,
}
"""The ways, in the order of the table's columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """One derivative and the other ways' figures for it."""

    name: Derivative
    """Name of the derivative: dL/dw0."""
    value: Scalar
    """Its value by the equations."""
    others: SlopeFigures
    """The figures by the name of the way."""
    verdict: str
    """AGREE, DISAGREE, KINK or UNPROVED."""
    kink: Phrase = ()
    """The kink at w, if there is one."""

    @property
    def wrong(self) -> bool:
        """True if nothing confirms it."""
        return self.verdict in (DISAGREE, UNPROVED)

    def difference(self, way: str) -> Rounded | None:
        """Return the other way's figure minus that of the equations."""
        other, own = self.others.get(way), _digits(self.value)
        gap = own - own if other is None else MANY.subtract(other, own)
        gap = gap if abs(gap) > ROUNDING * (abs(own) or 1) else Decimal(0)
        return None if other is None else Rounded(gap)


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """All derivatives of one network, proved."""

    calculation: Calculation
    """The equations' figures."""
    ways: tuple[Evidence, ...]
    """The other ways."""
    proofs: tuple[Proof, ...]
    """One for each weight."""

    @property
    def agreed(self) -> bool:
        """True if no derivative is wrong or unproved."""
        return not any(proof.wrong for proof in self.proofs)


def verify(network: Network, *, torch: bool = True) -> Verification:
    """Work out the derivative of the loss by each weight in every way that there is."""
    calculation = backward(network)
    names = [Derivative(calculation.of, weight) for weight in network.weights]
    with localcontext(MANY):
        ours: SlopeFigures = {name: _digits(calculation.values[name]) for name in names}
        rows = [row for name, row in WAYS.items() if torch or name != PYTORCH]
        held = _held(calculation)
        ways = tuple(row(calculation if row is by_pytorch else held, ours) for row in rows)
        proofs = tuple(_proof(name, calculation.values[name], ours, ways) for name in names)
    return Verification(calculation, ways, proofs)


def _held(calculation: Calculation) -> Calculation:
    """The calculation with the value of what is detached in its place: there nothing moves."""

    def held(expression: Expression) -> Expression:
        if isinstance(expression, Call) and expression.function.held:
            return Number(evaluate(expression, calculation.values))
        return rebuilt(expression, held)

    forward = (
        replace(equation, expression=held(equation.expression))
        for equation in calculation.program.forward
    )
    return replace(calculation, program=replace(calculation.program, forward=tuple(forward)))


def _proof(
    name: Derivative, value: Scalar, ours: SlopeFigures, ways: tuple[Evidence, ...]
) -> Proof:
    """Compare one derivative with the figures of all ways that found it."""
    others = {way.name: way.figures[name] for way in ways if name in way.figures}
    said = [way for way in ways if name in way.figures and name not in way.lost]
    agree = all(same(ours[name], way.figures[name], way.noise.get(name)) for way in said)
    kink = next((way.kinks[name] for way in ways if name in way.kinks), ())
    if not said:
        verdict = UNPROVED
    elif agree and not any(name in way.jumps for way in ways):
        verdict = AGREE
    else:  # at a kink no convention is the only right one
        verdict = KINK if kink else DISAGREE
    return Proof(name, value, others, verdict, kink)


def _digits(value: Scalar) -> Decimal:
    return value.digits if isinstance(value, Rounded) else decimal_of(value, MANY.prec)


SHOWN = 2  # digits of a difference


def verify_sheet(shown: Verification) -> SheetBlocks:
    """Return a table with a row for each derivative, and the sentences that go with it."""
    heading = Heading(("Each derivative, found in other ways",))
    blocks: tuple[Block, ...] = (heading, *_table(shown), Sentences(tuple(_remarks(shown))))
    if not shown.proofs:
        nothing = "there is nothing to check: this network has no weights."
        blocks = (heading, Sentences(((nothing,),)))
    return SheetBlocks(title(shown.calculation.network), blocks)


def _table(shown: Verification) -> Iterator[Block]:
    ways = [way.name for way in shown.ways if way.figures]
    rows: tuple[tuple[Phrase, ...], ...] = tuple(
        (
            (Name(proof.name),),
            (InDigits(proof.value),),
            *(("-" if found is None else rounded(found, SHOWN)[0],)
              for found in map(proof.difference, ways)),
            (proof.verdict,),
        )
        for proof in shown.proofs
    )  # fmt: skip
    if ways:
        yield Sentences((("below each way: its figure minus that of the equations.",),))
    yield Table(("derivative", "equations", *ways, "verdict"), rows)
    kinks = tuple(
        (Name(proof.name), ": ", *proof.kink, "; a convention chooses.")
        for proof in shown.proofs if proof.verdict == KINK
    )  # fmt: skip
    if kinks:
        yield Sentences(kinks, marked=True)


def _remarks(shown: Verification) -> Iterator[Phrase]:
    """Yield the figures that are missing or prove nothing, and the outcome."""
    yield from ((f"without {way.name}: {way.why}.",) for way in shown.ways if way.why)
    for way in shown.ways:
        if way.lost:
            digits = f"{way.name}'s doubles have lost digits of {listed(way.lost)}"
            yield (f"{digits}: they prove nothing there.",)
    count, wrong = len(shown.proofs), sum(proof.wrong for proof in shown.proofs)
    if wrong:
        few = "the derivative is" if count == 1 else f"{wrong} of {count} derivatives are"
        yield (f"{few} not confirmed.",)
        return
    kinks = sum(proof.verdict == KINK for proof in shown.proofs)
    if count == 1:
        yield (f"the derivative is confirmed{', at a kink' if kinks else ''}.",)
        return
    but = f", {kinks} of them at a kink" if kinks else ""
    yield (f"all {count} derivatives are confirmed{but}.",)


def verify_data(shown: Verification) -> Data:
    """Return `backcalc/verify/1`: each derivative with every way's figure and its verdict."""
    return {
        "schema": "backcalc/verify/1",
        "network": network_data(shown.calculation.network),
        "of": shown.calculation.of,
        "ways": [
            {
                "name": way.name,
                "used": bool(way.figures),
                "note": way.why or None,
                "lost": list(way.lost),
            }
            for way in shown.ways
        ],
        "derivatives": [
            {
                "name": proof.name,
                **number(proof.value),
                "ways": {
                    way: {"value": float(figure), "difference": float(proof.difference(way) or 0)}
                    for way, figure in proof.others.items()
                },
                "verdict": proof.verdict,
                "kink": phrase_text(proof.kink) if proof.verdict == KINK else None,
            }
            for proof in shown.proofs
        ],
        "agree": shown.agreed,
    }
