"""Each derivative of the equations beside the figures of every other way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from backcalc.arithmetic import decimal_of
from backcalc.equations.calculation import Calculation, backward
from backcalc.equations.network import Network
from backcalc.formulas.expression import Rounded, Scalar
from backcalc.formulas.notation import Phrase
from backcalc.formulas.quantity import Derivative
from backcalc.proving.by_differences import by_differences
from backcalc.proving.by_pytorch import PYTORCH, by_pytorch
from backcalc.proving.by_sympy import by_sympy
from backcalc.proving.way import MANY, Figures, Way, same

AGREE, DISAGREE, KINK, UNPROVED = "agree", "disagree", "kink: convention", "unproved"

WAYS: dict[str, Callable[[Calculation, Figures], Way]] = {
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
    others: Figures
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
        other = self.others.get(way)
        return None if other is None else Rounded(MANY.subtract(other, _digits(self.value)))


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """All derivatives of one network, proved."""

    calculation: Calculation
    """The equations' figures."""
    ways: tuple[Way, ...]
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
        ours: Figures = {name: _digits(calculation.values[name]) for name in names}
        rows = [row for name, row in WAYS.items() if torch or name != PYTORCH]
        ways = tuple(row(calculation, ours) for row in rows)
        proofs = tuple(_proof(name, calculation.values[name], ours, ways) for name in names)
    return Verification(calculation, ways, proofs)


def _proof(name: Derivative, value: Scalar, ours: Figures, ways: tuple[Way, ...]) -> Proof:
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
    """Return a figure of the equations with all its digits."""
    return value.digits if isinstance(value, Rounded) else decimal_of(value, MANY.prec)
