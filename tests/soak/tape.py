"""Numbers that remember where they came from: derivatives, and what doubles may lose.

Each number has its value, exact as a fraction or in 50 digits, and a bound to first order on what a
double in its place may be off by, under rounding at every operation on the way. Derivatives are
bounded in the same way. So the size of an error is judged by the conditioning of the problem and
by nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import digits
from digits import UndefinedHereError, decimal
from reference import RELATIONS, ROWS, SEVERAL, Exactly, Plain, Row, power

ROUNDING = 2.0**-53
EXACT_BITS = 664  # 200 digits, past which backcalc goes on in doubles
LARGEST, TINIEST = 300, -290  # powers of ten, short of the ends of what a double can hold
EDGES = {"log": 0, "log1p": 1, "sqrt": 0}  # these end where so much more than the number is 0
RATIONAL = {"identity", "relu", "leaky_relu", "hard_tanh", "square", "abs", "sign"}


class Node:
    """A number with its bound, and the numbers that it came from with the slopes by each."""

    __slots__ = ("gradient", "gradient_off", "links", "off", "reached", "tape", "value",
                 "wanted")  # fmt: skip

    def __init__(self, tape: Tape, value: Exactly, off: float = 0.0) -> None:
        self.tape, self.off = tape, off
        self.value = bounded(value)
        if isinstance(value, Fraction) and not isinstance(self.value, Fraction):
            self.off += ROUNDING * size(value)
        self.links: list[tuple[Node, Exactly | None, float]] = []
        self.gradient: Exactly = Fraction(0)
        self.gradient_off = 0.0
        self.reached = self.wanted = False
        tape.nodes.append(self)
        tape.see(self.value)

    def link(self, other: Node, slope: Exactly | None, off: float = 0.0) -> None:
        """Remember that this came from another, with the slope and its bound; None is undefined."""
        if other.wanted:
            self.wanted = True
            self.links.append((other, slope, off))

    def rounded(self, times: float = 1.0) -> None:
        """Count the roundings of an operation whose result is no fraction."""
        if not isinstance(self.value, Fraction):
            self.off += times * ROUNDING * size(self.value)

    def __add__(self, other: Any) -> Node:
        return added(self, self.tape.node(other), 1)

    def __sub__(self, other: Any) -> Node:
        return added(self, self.tape.node(other), -1)

    def __rsub__(self, other: Any) -> Node:
        return added(self.tape.node(other), self, -1)

    def __neg__(self) -> Node:
        result = Node(self.tape, -self.value, self.off)
        result.link(self, Fraction(-1))
        return result

    def __mul__(self, other: Any) -> Node:
        a, b = self, self.tape.node(other)
        off = size(a.value) * b.off + size(b.value) * a.off + a.off * b.off
        result = Node(self.tape, times(a.value, b.value), off)
        result.rounded(3)
        result.link(a, b.value, b.off)
        result.link(b, a.value, a.off)
        return result

    def __truediv__(self, other: Any) -> Node:
        a, b = self, self.tape.node(other)
        if b.value == 0:
            raise UndefinedHereError("division by zero")
        value = over(a.value, b.value)
        under = size(b.value)
        self.tape.edge(under, b.off)
        result = Node(self.tape, value, (a.off + size(value) * b.off) / under)
        result.rounded(3)
        slope = over(Fraction(1), b.value)
        result.link(a, slope, b.off / under / under)
        off = (2 * size(value) * b.off / under + a.off / under) / under
        result.link(b, -times(value, slope), off + 2 * ROUNDING * size(value) / under)
        return result

    __radd__, __rmul__ = __add__, __mul__

    def __rtruediv__(self, other: Any) -> Node:
        return self.tape.node(other) / self

    def __lt__(self, other: Any) -> bool:
        return self.tape.holds("<", self, other)


def size(value: Exactly) -> float:
    """How large a number is, as a double."""
    try:
        return abs(float(value))
    except OverflowError:
        return float("inf")


def bounded(value: Exactly) -> Exactly:
    """The value, in 50 digits once it is a fraction of more than 200."""
    if isinstance(value, Fraction) and (
        value.denominator.bit_length() > EXACT_BITS or value.numerator.bit_length() > EXACT_BITS
    ):
        return decimal(value)
    return value


def times(a: Exactly, b: Exactly) -> Exactly:
    """The product; an exact zero stays one."""
    if type(a) is type(b):
        return a * b  # type: ignore[operator]
    if a == 0 or b == 0:
        exact = a if isinstance(a, Fraction) else b
        return Fraction(0) if exact == 0 else Decimal(0)
    return decimal(a) * decimal(b)


def plus(a: Exactly, b: Exactly) -> Exactly:
    """The sum."""
    return a + b if type(a) is type(b) else decimal(a) + decimal(b)  # type: ignore[operator]


def over(a: Exactly, b: Exactly) -> Exactly:
    """The quotient."""
    if type(a) is type(b):
        return a / b  # type: ignore[operator]
    return decimal(a) / decimal(b)


def added(a: Node, b: Node, sign: int) -> Node:
    """a + b, or a - b."""
    result = Node(a.tape, plus(a.value, b.value if sign > 0 else -b.value), a.off + b.off)
    if not isinstance(result.value, Fraction):
        result.off += ROUNDING * (size(a.value) + size(b.value) + size(result.value))
    result.link(a, Fraction(1))
    result.link(b, Fraction(sign))
    return result


class Tape(Plain):
    """The arithmetic of nodes."""

    rounding = ROUNDING

    def __init__(self, conventions: Mapping[str, Fraction]) -> None:
        super().__init__(conventions)
        self.nodes: list[Node] = []
        self.nearest = float("inf")  # how near the sides of a comparison come
        self.unsure = False  # whether rounding may turn a comparison round
        self.brittle = False  # whether a double may have no value, or be too large or vanish
        self.inside = Inside(self)

    def see(self, value: Exactly) -> None:
        """Notice numbers near the ends of what a double can hold."""
        if isinstance(value, Decimal) and value and not TINIEST < value.adjusted() < LARGEST:
            self.brittle = True

    def edge(self, distance: float, off: float) -> None:
        """Notice a number that rounding may move to where a function ends."""
        self.brittle |= off != 0 and not abs(distance) > 64 * off

    def node(self, value: Any) -> Node:
        """A number as a node."""
        return value if isinstance(value, Node) else Node(self, Fraction(value))

    def const(self, value: Fraction) -> Node:
        return Node(self, value)

    def named(self, value: Any) -> Node:
        """The same number under a name, whose own derivative counts what flows through it."""
        result = self.copy(self.node(value))
        result.wanted = True
        return result

    def copy(self, value: Node) -> Node:
        """The same number once more."""
        result = Node(self, value.value, value.off)
        result.link(value, Fraction(1))
        return result

    def holds(self, relation: str, left: Any, right: Any) -> bool:
        a, b = self.node(left), self.node(right)
        return self.decided(relation, a.value, b.value, a.off + b.off)

    def decided(self, relation: str, a: Exactly, b: Exactly, off: float) -> bool:
        """Whether a comparison is true, and whether rounding could change that."""
        both = type(a) is type(b) is Fraction
        gap = a - b if both else decimal(a) - decimal(b)  # type: ignore[operator]
        self.nearest = min(self.nearest, size(gap))
        if not both and (off or gap) and not size(gap) > 64 * off + 1e-40:
            self.unsure = True
        outcome = RELATIONS[relation](gap, 0)
        self.outcomes.append(outcome)
        return outcome

    def whole(self, value: Any) -> int:
        return int(value.value)

    # Functions.

    def call(self, name: str, *arguments: Any) -> Any:
        nodes = [self.node(each) for each in arguments]
        if name in ("softmax", "log_softmax"):
            return self.shared_powers(name, nodes)
        if name in SEVERAL:
            return SEVERAL[name](self, *nodes)
        row = ROWS[name]
        (z, *given) = nodes
        inside = self.inside
        inside.exact = name in RATIONAL and isinstance(z.value, Fraction)
        off = z.off if inside.exact else z.off + ROUNDING * size(z.value)
        inside.off = off
        numbers = [each.value for each in given] + [*row.settings[len(given) :]]
        settings = [*map(inside.const, numbers)]
        argument = inside.const(z.value)
        if name in EDGES:
            self.edge(float(argument) + EDGES[name], off)
        value = row.value(inside, argument, *settings)
        try:
            slope = row.slope(inside, argument, value, *settings)
        except (ArithmeticError, ValueError):
            slope = None
        bend, rough = self.roughly(row, slope, [argument, value, *settings])
        own = size(slope) * off + bend * off * off if slope is not None else off**0.5
        result = Node(self, value, own)
        result.rounded(3 * row.wobble(float(argument)))
        self.see(slope or 0)
        result.link(z, slope, bend * off + 3 * ROUNDING * rough)
        return result

    @staticmethod
    def roughly(row: Row, slope: Exactly | None, numbers: list[Exactly]) -> tuple[float, float]:
        """How much a slope may change, and the size of its terms."""
        doubles = [*map(float, numbers)]
        try:
            return row.bend(*doubles), row.rough(*doubles) if row.rough else size(slope or 0)
        except ArithmeticError:
            return float("inf"), float("inf")

    def shared_powers(self, name: str, z: list[Node]) -> tuple[Node, ...]:
        """softmax and log_softmax, whose powers are of differences from the largest."""
        powers = []
        for each in z:
            power_of = Node(self, digits.exp(decimal(each.value)))
            slack = 2 + size(each.value) + max(size(other.value) for other in z)
            power_of.off = size(power_of.value) * (each.off + slack * ROUNDING)
            power_of.link(each, power_of.value, power_of.off)
            powers.append(power_of)
        total = sum(powers[1:], powers[0])
        if name == "softmax":
            return tuple(each / total for each in powers)
        log = self.call("log", total)
        return tuple(each - log for each in z)

    def extreme(self, relation: str, *z: Any) -> Node:
        """The largest or smallest; a tie is settled by the convention."""
        nodes = [self.node(each) for each in z]
        best = super().extreme(relation, *nodes)
        share = self.convention("first_at_tie", 1)
        tied = [each for each in nodes if each.value == best.value]
        result = Node(self, best.value, max(each.off for each in nodes))
        if len(tied) == 1:
            result.link(best, Fraction(1))
        else:
            result.link(tied[0], share)
            result.link(tied[-1], 1 - share)
        for each in nodes:
            if each not in tied:
                result.link(each, Fraction(0))
        return result

    def power(self, base: Any, exponent: Any) -> Node:
        b, n = self.node(base), self.node(exponent)
        self.edge(size(b.value), b.off)
        value = power(b.value, n.value)
        result = Node(self, value)
        if n.value == 0:
            slope: Exactly | None = type(n.value)(0)
        else:
            slope = attempt(lambda: times(n.value, power(b.value, n.value - 1)))
        under = size(b.value) or 1.0
        bend = size(slope or 0) * (size(n.value) + 1) / under * b.off
        result.off = size(slope or 0) * b.off + bend * b.off
        by_exponent = None
        if n.wanted or n.off:
            by_exponent = attempt(lambda: times(value, digits.log(decimal(b.value))))
            result.off += size(by_exponent or 0) * n.off
        result.rounded(3 + size(n.value) + size(by_exponent or 0) / (size(value) or 1))
        result.link(b, slope, bend + 6 * ROUNDING * size(slope or 0) + n.off * size(value) / under
                    * (1 + size(by_exponent or 0)))  # fmt: skip
        if n.wanted:
            own = size(by_exponent or 0)
            off = (result.off * (own / (size(value) or 1)) + size(value) * b.off / under
                   + 6 * ROUNDING * (own + size(value)))  # fmt: skip
            result.link(n, by_exponent, off)
        return result

    # Derivatives.

    def backward(self, end: Node) -> None:
        """The derivative of one number by every other, each with its bound."""
        end.gradient, end.reached = Fraction(1), True
        for node in reversed(self.nodes):
            if not node.reached or not node.links:
                continue
            upstream, loose = node.gradient, node.gradient_off
            for other, slope, off in node.links:
                if slope is None:
                    raise UndefinedHereError("a slope that is not defined")
                flow = times(upstream, slope)
                other.gradient = bounded(plus(other.gradient, flow))
                other.gradient_off += size(slope) * loose + size(upstream) * off + loose * off
                if not isinstance(other.gradient, Fraction):
                    other.gradient_off += ROUNDING * (3 * size(flow) + size(other.gradient))
                other.reached = True
                self.see(flow)


def attempt(make: Any) -> Exactly | None:
    """The number, or None where there is none."""
    try:
        return make()
    except ArithmeticError:
        return None


class Inside(Plain):
    """The numbers inside a function of the tape: all fractions, or all of 50 digits."""

    def __init__(self, tape: Tape) -> None:
        super().__init__(tape.conventions, tape.outcomes)
        self.tape = tape
        self.exact, self.off = False, 0.0

    def const(self, value: Any) -> Any:
        return value if self.exact else decimal(value)

    def holds(self, relation: str, left: Any, right: Any) -> bool:
        return self.tape.decided(relation, left, right, self.off)
