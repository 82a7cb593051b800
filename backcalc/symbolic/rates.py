"""The learning rates at which the loss falls: exact where it is made of polynomials in the rate."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import total_ordering
from itertools import pairwise
from typing import Any

import sympy

from backcalc.equations.calculation import backward
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import after_steps
from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import Scalar, evaluate

MOST_PIECES = 200
DIGITS = 40  # of a root that is no fraction
MOST_POWERS = 16  # of the rate in one piece
NEAR = Fraction(1, 10**24)  # roots that are nearer to each other are one root
LR = sympy.Symbol("lr")


@record(frozen=True, slots=True)
class Stretch:
    """An open interval of learning rates."""

    low: Fraction
    """Its lower end."""
    high: Fraction | None = None
    """Its upper end; None: there is none."""
    exact: bool = True
    """False if an end is no fraction."""


class Walk:
    """One learning rate, and the polynomials that choices between branches have asked about."""

    def __init__(self, at: Fraction) -> None:
        self.at = at
        self.asked: list[Any] = []


@total_ordering
class Along:
    """A number that is a polynomial in the learning rate; comparisons are decided at one rate."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, polynomial: Any, walk: Walk) -> None:
        self.polynomial, self.walk = polynomial, walk

    def _made(self, polynomial: Any) -> Along | Fraction:
        if polynomial.degree() > MOST_POWERS:
            raise ValueError(f"the loss has more than {MOST_POWERS} powers of the learning rate")
        whole = polynomial.degree() > 0
        return Along(polynomial, self.walk) if whole else valued(polynomial, Fraction(0))

    def _other(self, other: Along | Scalar) -> Any:
        if isinstance(other, Along):
            return other.polynomial
        if not isinstance(other, int | Fraction):
            raise TypeError("a number on the way is no fraction")
        return constant(Fraction(other))

    def __add__(self, other: Along | Scalar) -> Along | Fraction:
        return self._made(self.polynomial + self._other(other))

    def __mul__(self, other: Along | Scalar) -> Along | Fraction:
        return self._made(self.polynomial * self._other(other))

    def __neg__(self) -> Along:
        return Along(-self.polynomial, self.walk)

    def __sub__(self, other: Along | Scalar) -> Along | Fraction:
        return self + -other

    def __rsub__(self, other: Scalar) -> Along | Fraction:
        return -self + other

    def __truediv__(self, other: Scalar) -> Along | Fraction:
        return self * (Fraction(1) / other)

    def __pow__(self, times: int) -> Along | Fraction:
        return self._made(self.polynomial**times)

    __radd__, __rmul__ = __add__, __mul__

    def _sign(self, other: Along | Scalar) -> Fraction:
        difference = self + -other
        if isinstance(difference, Along):
            self.walk.asked.append(difference.polynomial)
            return valued(difference.polynomial, self.walk.at)
        return difference

    def __abs__(self) -> Along:
        return self if self > 0 else -self

    def __lt__(self, other: Along | Scalar) -> bool:
        return self._sign(other) < 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Along | int | Fraction) and self._sign(other) == 0


def constant(number: Fraction) -> Any:
    """Return a number as a polynomial in the learning rate."""
    return sympy.Poly(sympy.Rational(*number.as_integer_ratio()), LR, domain="QQ")


def valued(polynomial: Any, at: Fraction) -> Fraction:
    """Return a polynomial's number."""
    found = polynomial(sympy.Rational(*at.as_integer_ratio()))
    return Fraction(int(found.p), int(found.q))


@record(frozen=True, slots=True, eq=False)
class RatePiece:
    """The loss after the step as one polynomial, between two learning rates."""

    low: Fraction
    """The rate where it begins."""
    high: Fraction | None
    """The rate where it ends; None: it goes on for ever."""
    rise: Any
    """The loss after the step minus the loss before it."""
    exact: bool
    """True if both ends are fractions."""


def falling_rates(network: Network) -> tuple[Stretch, ...]:
    """Return the learning rates above 0 at which one step makes the loss smaller, in order.

    Raises BackcalcError where the loss is not made of polynomials in the rate.
    """
    pieces = [*_pieces(network)]
    turns: dict[Fraction, bool] = {}
    level: set[Fraction] = set()
    for piece in pieces:
        turns |= {each: piece.exact for each in (piece.low, piece.high) if each is not None}
        for root, exact in real_roots(piece.rise):
            at = next((each for each in turns if abs(each - root) < NEAR), root)
            inside = at >= piece.low and (piece.high is None or at <= piece.high)
            if inside and piece.rise.degree() > 0:
                turns[at] = exact
                level.add(at)
    ends = sorted(turns)
    found: list[Stretch] = []
    for low, high in [*pairwise(ends), (ends[-1], None)]:
        middle = low + 1 if high is None else (low + high) / 2
        piece = next(e for e in pieces if e.low <= middle and (e.high is None or middle < e.high))
        if valued(piece.rise, middle) >= 0:
            continue
        exact = turns[low] and (high is None or turns[high])
        before = found[-1] if found else None
        if before and before.high == low and low not in level:
            found[-1] = Stretch(before.low, high, before.exact and exact)
        else:
            found.append(Stretch(low, high, exact))
    return tuple(found)


def real_roots(polynomial: Any) -> tuple[tuple[Fraction, bool], ...]:
    """Return each real root of a polynomial, in order, and whether it is exact.

    >>> real_roots(sympy.Poly(-2 + 3 * LR - LR**2, LR, domain="QQ"))
    ((Fraction(1, 1), True), (Fraction(2, 1), True))
    """
    if polynomial.degree() < 1:
        return ()
    found = polynomial.real_roots(multiple=False)
    return tuple(
        (Fraction(int(root.p), int(root.q)), True)
        if root.is_Rational
        else (Fraction(str(root.evalf(DIGITS))), False)
        for root, _ in found
    )


def _pieces(network: Network) -> Iterator[RatePiece]:
    worked = backward(network)
    losses = (*worked.program.update, *after_steps(worked.program.forward, 1, network))
    before = worked.values[worked.of]

    def seen_from(at: Fraction) -> tuple[Any, list[Any]]:
        walk = Walk(at)
        values: dict[str, Scalar] = dict(worked.values)
        values[RATE] = Along(sympy.Poly(LR, LR, domain="QQ"), walk)  # type: ignore[assignment]
        try:
            for each in losses:
                values[each.name] = evaluate(each.expression, values)
            rise: Along | Scalar = values[worked.of.after(1)] - before
            whole = rise.polynomial if isinstance(rise, Along) else constant(Fraction(rise))
            return whole, walk.asked
        except (TypeError, ValueError, ArithmeticError):
            message = "the loss after the step is not made of polynomials in the learning rate"
            hint = (
                "relu, abs, max, squares and products are; sigmoid, tanh, exp and softmax are not"
            )
            raise BackcalcError(message, hint=hint) from None

    pending: list[tuple[Fraction, Fraction | None, bool]] = [(Fraction(0), None, True)]
    count = 0
    while pending:
        low, high, exact = pending.pop()
        if high is not None and high - low < NEAR:
            continue
        count += 1
        if count > MOST_PIECES:
            raise BackcalcError(f"the loss after the step has more than {MOST_PIECES} pieces")
        at = 2 * low + 1 if high is None else (low + high) / 2
        rise, asked = seen_from(at)
        turns = sorted({root for each in asked for root in real_roots(each)})
        if any(root == at for root, _ in turns):  # just where a branch changes: look beside it
            pending += [(at, high, exact), (low, at, exact)]
            continue
        below = max((t for t in turns if low < t[0] < at), default=(low, exact))
        above = min((t for t in turns if at < t[0] and (high is None or t[0] < high)),
                    default=(high, exact))  # fmt: skip
        if below[0] - low >= NEAR:
            rest = [] if above[0] is None else [(above[0], high, exact)]
            pending += [*rest, (below[0], above[0], exact), (low, below[0], below[1])]
            continue
        if above[0] is not None:
            pending.append((above[0], high, exact))
        yield RatePiece(low, above[0], rise, bool(exact and above[1]))
