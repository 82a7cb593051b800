"""Each derivative of the equations beside the figures of every other way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from backcalc.arithmetic import decimal_of
from backcalc.equations.calculation import Calculation, backward
from backcalc.equations.network import Network
from backcalc.errors import listed
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Number,
    Rounded,
    Scalar,
    evaluate,
    rebuilt,
)
from backcalc.formulas.notation import ROUNDING, InDigits, Phrase, phrase_text, rounded
from backcalc.formulas.quantity import Derivative
from backcalc.proving.ways import (
    MANY,
    PYTORCH,
    Evidence,
    SlopeFigures,
    by_differences,
    by_pytorch,
    by_sympy,
    same,
)
from backcalc.sheets.blocks import Block, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number
from backcalc.sheets.worked import title

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


DIGITS = 2  # of a difference


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
            *(("-" if found is None else rounded(found, DIGITS)[0],)
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
