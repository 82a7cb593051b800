"""What every construct means, written from the mathematics once more: the answers of the soak.

The same definitions are read in several arithmetics: in 50 digits (`Plain`), on a tape that also
bounds what doubles may lose to rounding (`Tape`), in sympy and in PyTorch (`others`). Nothing here
reads backcalc.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import digits
from digits import TooLargeError, UndefinedHereError, decimal

Exactly = Fraction | Decimal
RELATIONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
             "==": operator.eq, "!=": operator.ne}  # fmt: skip
SELU_SCALE = Fraction("1.0507009873554804934193349852946")
SELU_ALPHA = Fraction("1.6732632423543772848170429916717")
MOST_EXACT = 50  # powers of fractions that stay fractions
CUBE = Fraction("0.044715")


@dataclass(frozen=True)
class Row:
    """A function of one number: what it is, and its slope by hand."""

    value: Callable[..., Any]
    """In an arithmetic: value(ar, z, *settings)."""
    slope: Callable[..., Any]
    """In digits: slope(ar, z, a, *settings), a being the value."""
    bend: Callable[..., float]
    """No less than the size of the second derivative: bend(z, a, *settings), in doubles."""
    rough: Callable[..., float] | None = None
    """The size of the terms that the textbook's slope adds, 1 + a**2 for tanh; else the slope's."""
    wobble: Callable[[float], float] = lambda z: 1.0
    """By how many roundings the value is off."""
    settings: tuple[Fraction, ...] = ()
    """What further numbers are unless given."""


def flat(*_: float) -> float:
    return 0.0


def _sigmoid(ar: Any, z: Any) -> Any:
    return 1 / (1 + ar.exp(-z))


def _tanh(ar: Any, z: Any) -> Any:
    return 1 - 2 / (1 + ar.exp(2 * z))


def _gelu_inner(ar: Any, z: Any) -> Any:
    return ar.root(ar.const(Fraction(8)) / ar.pi()) * (z + ar.const(CUBE) * z * z * z)


def _gelu_tanh_slope(ar: Any, z: Any, a: Any) -> Any:
    s = _sigmoid(ar, _gelu_inner(ar, z))
    inner = ar.root(ar.const(Fraction(8)) / ar.pi()) * (1 + 3 * ar.const(CUBE) * z * z)
    return s + z * s * (1 - s) * inner


def _gelu_tanh_rough(z: float, a: float) -> float:
    return 2 + abs(z) * (1 + z * z) if abs(z) < 9 else 2


def _bell(ar: Any, z: Any) -> Any:
    """exp(-z**2/2) over the root of 2 pi."""
    return ar.exp(-z * z / 2) / ar.root(2 * ar.pi())


def _hard_tanh(ar: Any, z: Any) -> Any:
    if not ar.holds("<", z, ar.const(Fraction(1))):
        return ar.const(Fraction(1))
    return z if ar.holds(">", z, ar.const(Fraction(-1))) else ar.const(Fraction(-1))


def _sign(ar: Any, z: Any) -> Any:
    above = ar.holds(">", z, ar.const(Fraction(0)))
    below = not above and ar.holds("<", z, ar.const(Fraction(0)))
    return ar.const(Fraction(above - below))


def _above(ar: Any, z: Any, then: Callable[[], Any], other: Callable[[], Any]) -> Any:
    return then() if ar.holds(">", z, ar.const(Fraction(0))) else other()


def _zero(ar: Any) -> Any:
    return ar.const(Fraction(0))


ROWS: dict[str, Row] = {
    "identity": Row(lambda ar, z: z, lambda ar, z, a: 1, flat),
    "relu": Row(lambda ar, z: _above(ar, z, lambda: z, lambda: _zero(ar)),
                lambda ar, z, a: ar.convention("relu_at_zero", 0) if z == 0 else int(z > 0), flat),
    "leaky_relu": Row(lambda ar, z, slope: _above(ar, z, lambda: z, lambda: slope * z),
                      lambda ar, z, a, slope: 1 if z > 0 else slope, flat,
                      settings=(Fraction(1, 100),)),
    "elu": Row(lambda ar, z, alpha: _above(ar, z, lambda: z, lambda: alpha * (ar.exp(z) - 1)),
               lambda ar, z, a, alpha: 1 if z > 0 else alpha * ar.exp(z),
               lambda z, a, alpha: abs(alpha), lambda z, a, alpha: 1 + abs(alpha) + abs(a),
               settings=(Fraction(1),)),
    "selu": Row(lambda ar, z: ar.const(SELU_SCALE) * _above(
                    ar, z, lambda: z, lambda: ar.const(SELU_ALPHA) * (ar.exp(z) - 1)),
                lambda ar, z, a: SELU_SCALE if z > 0 else
                decimal(SELU_SCALE * SELU_ALPHA) * ar.exp(z),
                lambda z, a: 1.76, lambda z, a: 1.76 + abs(a), lambda z: 3.0),
    "gelu": Row(lambda ar, z: z * ar.erfc(-z / ar.root(ar.const(Fraction(2)))) / 2,
                lambda ar, z, a: ar.erfc(-z / ar.root(ar.const(Fraction(2)))) / 2
                + z * _bell(ar, z),
                lambda z, a: 1.2, lambda z, a: 1 + abs(z), lambda z: 4 + z * z),
    "gelu_tanh": Row(lambda ar, z: z * _sigmoid(ar, _gelu_inner(ar, z)), _gelu_tanh_slope,
                     lambda z, a: 2 + z * z, _gelu_tanh_rough,
                     lambda z: 4 + abs(z) * (2 + z * z / 10)),
    "softplus": Row(lambda ar, z: ar.log(1 + ar.exp(z)), lambda ar, z, a: _sigmoid(ar, z),
                    lambda z, a: 0.25, wobble=lambda z: 3.0),
    "silu": Row(lambda ar, z: z * _sigmoid(ar, z),
                lambda ar, z, a: _sigmoid(ar, z) * (1 + z - a),
                lambda z, a: 0.5, lambda z, a: min(1, 3 * 2 ** min(z, 0)) * (1 + abs(z) + abs(a)),
                lambda z: 3.0),
    "mish": Row(lambda ar, z: z * _tanh(ar, ar.log(1 + ar.exp(z))),
                lambda ar, z, a: _tanh(ar, ar.log(1 + ar.exp(z)))
                + z * _sigmoid(ar, z) * (1 - _tanh(ar, ar.log(1 + ar.exp(z))) ** 2),
                lambda z, a: 0.7, lambda z, a: min(1, 6 * 2 ** min(z, 0)) * (1 + abs(z) + abs(a)),
                lambda z: 5.0),
    "sigmoid": Row(_sigmoid, lambda ar, z, a: a * (1 - a), lambda z, a: a, lambda z, a: a * (1 + a),
                   lambda z: 3.0),
    "tanh": Row(_tanh, lambda ar, z, a: 1 - a * a, lambda z, a: 2 * abs(a), lambda z, a: 1 + a * a,
                lambda z: 2.0),
    "hard_tanh": Row(_hard_tanh, lambda ar, z, a: int(-1 < z < 1), flat),
    "exp": Row(lambda ar, z: ar.exp(z), lambda ar, z, a: a, lambda z, a: a),
    "log": Row(lambda ar, z: ar.log(z), lambda ar, z, a: 1 / z, lambda z, a: 1 / z**2),
    "expm1": Row(lambda ar, z: ar.exp(z) - 1, lambda ar, z, a: ar.exp(z),
                 lambda z, a: abs(a) + 1, lambda z, a: abs(a) + 1),
    "log1p": Row(lambda ar, z: ar.log(1 + z), lambda ar, z, a: 1 / (1 + z),
                 lambda z, a: 1 / (1 + z) ** 2, lambda z, a: (1 + abs(z)) / (1 + z) ** 2),
    "sqrt": Row(lambda ar, z: ar.root(z), lambda ar, z, a: 1 / (2 * a),
                lambda z, a: 1 / (4 * a**3)),
    "square": Row(lambda ar, z: z * z, lambda ar, z, a: 2 * z, lambda z, a: 2.0),
    "abs": Row(lambda ar, z: _above(ar, z, lambda: z, lambda: -z),
               lambda ar, z, a: ar.convention("abs_at_zero", 0) if z == 0 else 1 if z > 0 else -1,
               flat),
    "sign": Row(_sign, lambda ar, z, a: 0, flat),
    "sin": Row(lambda ar, z: ar.sin(z), lambda ar, z, a: ar.cos(z), lambda z, a: 1.0),
    "cos": Row(lambda ar, z: ar.cos(z), lambda ar, z, a: -ar.sin(z), lambda z, a: 1.0),
    "erf": Row(lambda ar, z: ar.erf(z), lambda ar, z, a: 2 * ar.exp(-z * z) / ar.root(ar.pi()),
               lambda z, a: 1.0, lambda z, a: 1.2 if abs(z) < 9 else 1e-30),
    "erfc": Row(lambda ar, z: ar.erfc(z), lambda ar, z, a: -2 * ar.exp(-z * z) / ar.root(ar.pi()),
                lambda z, a: 1.0, lambda z, a: 1.2 if abs(z) < 9 else 1e-30, lambda z: 3.0),
}  # fmt: skip
"""The functions of one number."""


def _product(ar: Any, *z: Any) -> Any:
    result = z[0]
    for each in z[1:]:
        result = result * each
    return result


def _mean(ar: Any, *z: Any) -> Any:
    return sum(z[1:], z[0]) / len(z)


def _variance(ar: Any, *z: Any) -> Any:
    middle = _mean(ar, *z)
    return _mean(ar, *((each - middle) * (each - middle) for each in z))


def _softmax(ar: Any, *z: Any) -> tuple[Any, ...]:
    powers = [ar.exp(each) for each in z]
    total = sum(powers[1:], powers[0])
    return tuple(power / total for power in powers)


def _log_softmax(ar: Any, *z: Any) -> tuple[Any, ...]:
    powers = [ar.exp(each) for each in z]
    total = ar.log(sum(powers[1:], powers[0]))
    return tuple(each - total for each in z)


SEVERAL: dict[str, Callable[..., Any]] = {
    "max": lambda ar, *z: ar.extreme("<", *z),
    "min": lambda ar, *z: ar.extreme(">", *z),
    "product": _product,
    "mean": _mean,
    "variance": _variance,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}
"""The functions of any number of numbers."""


def _cross_entropy(ar: Any, p: Any, y: Any) -> Any:
    return -y * ar.call("log", p)


def _bce(ar: Any, p: Any, y: Any) -> Any:
    return -(y * ar.call("log", p) + (1 - y) * ar.call("log", 1 - p))


def _huber(ar: Any, p: Any, y: Any, delta: Any) -> Any:
    far = ar.call("abs", p - y)
    if ar.holds("<=", far, delta):
        return (p - y) * (p - y) / 2
    return delta * (ar.call("abs", p - y) - delta / 2)


def _log_cosh(ar: Any, p: Any, y: Any) -> Any:
    return ar.call("softplus", 2 * (p - y)) - (p - y) - ar.call("log", ar.const(Fraction(2)))


LOSSES: dict[str, Callable[..., Any]] = {
    "l1": lambda ar, p, y: ar.call("abs", p - y),
    "l2": lambda ar, p, y: (p - y) * (p - y),
    "half_l2": lambda ar, p, y: (p - y) * (p - y) / 2,
    "mse": lambda ar, p, y: (p - y) * (p - y),
    "bce": _bce,
    "cross_entropy": _cross_entropy,
    "hinge": lambda ar, p, y: ar.call("max", ar.const(Fraction(0)), 1 - y * p),
    "huber": _huber,
    "log_cosh": _log_cosh,
}
"""The loss of one output p whose target is y; for mse the mean over the outputs, else the sum."""
LOSS_SETTINGS = {"huber": (Fraction(1),)}


@dataclass
class Plain:
    """Plain numbers of 50 digits, or fractions for as long as they last."""

    conventions: Mapping[str, Fraction] = field(default_factory=dict)
    """The conventions that are given."""
    outcomes: list[bool] = field(default_factory=list)
    """What came of each comparison, in order."""

    def const(self, value: Fraction) -> Any:
        return decimal(value)

    def named(self, value: Any) -> Any:
        return value

    def holds(self, relation: str, left: Any, right: Any) -> bool:
        """Whether a comparison is true."""
        outcome = RELATIONS[relation](left, right)
        self.outcomes.append(outcome)
        return outcome

    def convention(self, name: str, default: int) -> Fraction:
        """What a derivative is taken to be where it has none."""
        return self.conventions.get(name, Fraction(default))

    def call(self, name: str, *arguments: Any) -> Any:
        """A function of the table."""
        if name in SEVERAL:
            return SEVERAL[name](self, *arguments)
        row = ROWS[name]
        missing = row.settings[len(arguments) - 1 :]
        return row.value(self, *arguments, *map(self.const, missing))

    def extreme(self, relation: str, *z: Any) -> Any:
        """The largest or smallest, the first one at a tie."""
        best = z[0]
        for each in z[1:]:
            if self.holds(relation, best, each):
                best = each
        return best

    def whole(self, value: Any) -> int:
        """A number that counts."""
        return int(value)

    def power(self, base: Any, exponent: Any) -> Any:
        """Base to the exponent."""
        return power(base, exponent)

    pi = staticmethod(digits.pi)

    def exp(self, z: Any) -> Decimal:
        return digits.exp(decimal(z))

    def log(self, z: Any) -> Decimal:
        return digits.log(decimal(z))

    def root(self, z: Any) -> Decimal:
        return digits.sqrt(decimal(z))

    def sin(self, z: Any) -> Decimal:
        return digits.sin(decimal(z))

    def cos(self, z: Any) -> Decimal:
        return digits.cos(decimal(z))

    def erf(self, z: Any) -> Decimal:
        return digits.erf(decimal(z))

    def erfc(self, z: Any) -> Decimal:
        return digits.erfc(decimal(z))


def power(base: Exactly, exponent: Exactly) -> Exactly:
    """Base to the exponent, a fraction where both allow it."""
    if not isinstance(exponent, Fraction):
        base = decimal(base)
    if base == 0:
        if exponent < 0:
            raise UndefinedHereError("0 to a negative power")
        return type(base)(int(exponent == 0))
    if abs(exponent) < 10**4 and exponent == int(exponent):
        small = isinstance(base, Fraction) and abs(exponent) <= MOST_EXACT
        return (base if small else decimal(base)) ** int(exponent)
    if base < 0:
        raise UndefinedHereError("a negative number to a broken power")
    if abs(digits.log(decimal(base)) * decimal(exponent)) > digits.FAR:
        raise TooLargeError("too large a number")
    return digits.exp(digits.log(decimal(base)) * decimal(exponent))
