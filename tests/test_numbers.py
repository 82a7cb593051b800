"""Numbers at their limits: each printed one is right to its last digit, or its equation undefined.

The answers come from mpmath at 700 digits with unbounded exponents and from exact fractions, each
line worked out from the numbers that the sheet gives for what stands in it. A figure marked ≈ may
be off by half a unit of its last digit and by what the roundings of its own line can do: `Known`
carries that bound through the line, 4 units in the last place of a double for a function and half
a unit for everything else. It is some 1e-16 of the result unless the line itself cancels.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Result
from mpmath import mp, mpf

from backcalc import expression as tree
from backcalc.functions import FUNCTIONS
from backcalc.losses import LOSSES
from backcalc.notation import rounded
from backcalc.optimizers import OPTIMIZERS
from backcalc.parser import parse

Run = Callable[..., Result]

LEAST, MOST = mpf(sys.float_info.min), mpf(sys.float_info.max)
ULP = mpf(2) ** -53
TINIEST = mpf(2) ** -1074
DIGITS = 700


@pytest.fixture(autouse=True)
def _many_digits() -> Iterator[None]:
    with mp.workdps(DIGITS):
        yield


# The functions, once more and independently.


def _erfc(z: Any) -> Any:
    if z > 1000:  # its series, good to more digits than a double has
        return mp.exp(-z * z) / (z * mp.sqrt(mp.pi)) * (1 - 1 / (2 * z * z) + 3 / (4 * z**4))
    return 2 - _erfc(-z) if z < -1000 else mp.erfc(z)


def _gelu_tanh(z: Any) -> Any:
    inner = 2 * mp.sqrt(2 / mp.pi) * (z + mpf("0.044715") * z**3)
    return z * _sigmoid(inner)


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + mp.exp(-z)) if z > 0 else mp.exp(z) / (1 + mp.exp(z))


def _tanh(z: Any) -> Any:
    return z if abs(z) < mpf("1e-150") else mp.tanh(z) if abs(z) < 10**4 else mpf(mp.sign(z))


def _softmax(*z: Any) -> list[Any]:
    powers = [mp.exp(each - max(z)) for each in z]
    return [power / mp.fsum(powers) for power in powers]


def _log_softmax(*z: Any) -> list[Any]:
    top = max(range(len(z)), key=lambda place: z[place])
    rest = mp.fsum(mp.exp(each - z[top]) for place, each in enumerate(z) if place != top)
    return [each - z[top] - mp.log1p(rest) for each in z]


def _log(z: Any) -> Any:
    if z <= 0:
        raise ValueError
    return mp.log(z)


def _root(z: Any) -> Any:
    if z < 0:
        raise ValueError
    return mp.sqrt(z)


def _mean(*z: Any) -> Any:
    return mp.fsum(z) / len(z)


SCALE, ALPHA = mpf("1.0507009873554804934193349852946"), mpf("1.6732632423543772848170429916717")
TRUTH: dict[str, Callable[..., Any]] = {
    "identity": lambda z: z,
    "relu": lambda z: max(z, mpf(0)),
    "leaky_relu": lambda z, slope: z if z > 0 else slope * z,
    "elu": lambda z, alpha: z if z > 0 else alpha * mp.expm1(z),
    "selu": lambda z: SCALE * (z if z > 0 else ALPHA * mp.expm1(z)),
    "gelu": lambda z: z * _erfc(-z / mp.sqrt(2)) / 2,
    "gelu_tanh": _gelu_tanh,
    "softplus": lambda z: max(z, mpf(0)) + mp.log1p(mp.exp(-abs(z))),
    "silu": lambda z: z * _sigmoid(z),
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "hard_tanh": lambda z: min(max(z, mpf(-1)), mpf(1)),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "exp": mp.exp,
    "log": _log,
    "expm1": mp.expm1,
    "log1p": lambda z: _log(1 + z) if z <= -1 else mp.log1p(z),
    "sqrt": _root,
    "square": lambda z: z * z,
    "abs": abs,
    "sign": mp.sign,
    "sin": mp.sin,
    "cos": mp.cos,
    "erf": lambda z: mp.erf(z) if abs(z) < 1000 else mpf(mp.sign(z)),
    "erfc": _erfc,
    "max": lambda *z: max(z),
    "min": lambda *z: min(z),
    "product": lambda *z: mp.fprod(z),
    "mean": _mean,
    "variance": lambda *z: _mean(*((each - _mean(*z)) ** 2 for each in z)),
}


def test_every_function_has_its_truth() -> None:
    assert set(TRUTH) == set(FUNCTIONS)


# A line, worked out with a bound on what its roundings can do.


@dataclass(frozen=True)
class Known:
    """A number of a line: what it is, and how far off doubles may have come out."""

    value: Any
    off: Any = mpf(0)

    def rounded(self, units: int = 1) -> Known:
        return Known(self.value, self.off + units * ULP * (abs(self.value) + self.off) + TINIEST)


def true_value(node: tree.Expression, values: Mapping[str, Known]) -> Known:
    """The number that a formula stands for; ArithmeticError or ValueError where there is none."""
    match node:
        case tree.Number(value):
            return number(Fraction(value))
        case tree.Name(name):
            return values[name]
        case tree.Negation(operand):
            inner = true_value(operand, values)
            return Known(-inner.value, inner.off)
        case tree.Sum(terms):
            total = true_value(terms[0], values)
            for term in terms[1:]:
                other = true_value(term, values)
                total = Known(total.value + other.value, total.off + other.off).rounded()
            return total
        case tree.Product(factors):
            total = true_value(factors[0], values)
            for factor in factors[1:]:
                total = times(total, true_value(factor, values)).rounded()
            return total
        case tree.Inverse(operand):
            return called(lambda z: 1 / z, [true_value(operand, values)], 1)
        case tree.Power(base, exponent):
            pair = [true_value(each, values) for each in (base, exponent)]
            return called(power, pair, 4)
        case tree.Call(function, arguments, output):
            known = [true_value(argument, values) for argument in arguments]
            truth = TRUTH[function.name]
            if function.outputs:
                return called(lambda *z: truth(*z)[output or 0], known, 4 + 2 * len(known))
            return called(truth, known, 4 + 2 * len(known))
        case tree.Choice(condition, then, otherwise):
            left, right = (
                true_value(side, values).value for side in (condition.left, condition.right)
            )
            return true_value(
                then if tree.RELATIONS[condition.relation](left, right) else otherwise, values
            )
    raise TypeError(node)


def number(value: Fraction) -> Known:
    return Known(mpf(value.numerator) / value.denominator).rounded()


def is_double(value: Any) -> bool:
    return abs(value) < MOST and mpf(float(value)) == value


def times(one: Known, other: Known) -> Known:
    off = abs(one.value) * other.off + abs(other.value) * one.off + one.off * other.off
    return Known(one.value * other.value, off)


def power(base: Any, exponent: Any) -> Any:
    if base < 0 and exponent != int(exponent):
        raise ValueError
    return (
        mpf(1)
        if exponent == 0
        else base ** (int(exponent) if exponent == int(exponent) else exponent)
    )


def called(truth: Callable[..., Any], known: list[Known], units: int) -> Known:
    """A function of numbers that may each be off, as doubles: how far it moves from end to end."""
    known = [each if is_double(each.value) else each.rounded() for each in known]
    middle = truth(*(each.value for each in known))
    off = mpf(0)
    for place, each in enumerate(known):
        for shift in (-each.off, each.off) if each.off else ():
            moved = [other.value for other in known]
            moved[place] += shift
            try:
                off += abs(truth(*moved) - middle)
            except (ArithmeticError, ValueError):
                continue
    return Known(middle, off).rounded(units)


# A sheet, line by line.


def assert_right(text: str, true: Known, exact: str | None, digits: int, notes: str) -> None:
    """A printed result is its number to the last digit shown."""
    *short, shown = re.split(r" ?(?=[=≈] )", text)
    assert not shown.endswith((" -0", "nan", "inf"))
    if exact is not None:
        value = Fraction(exact)
        assert abs(mpf(value.numerator) / value.denominator - true.value) <= true.off * (
            mpf(10) ** -300
        ) or (
            abs(mpf(value.numerator) / value.denominator - true.value)
            <= abs(true.value) * mpf(10) ** -(DIGITS - 20)
        )
        for part in short:
            assert Fraction(part.removeprefix("= ") or value) == value
        assert shown[2:] == half_up(value, digits)
        assert (shown[0] == "=") == (Fraction(shown[2:]) == value)
        return
    assert shown[0] == "≈"
    printed = Fraction(shown[2:])
    figure = mpf(printed.numerator) / printed.denominator
    miss = abs(figure - true.value)
    if abs(true.value) < LEAST and miss:
        assert "2.2e-308" in notes or abs(true.value) <= true.off, text
    if printed == 0:
        assert abs(true.value) < LEAST or abs(true.value) <= true.off, text
        return
    assert miss <= unit(shown[2:], digits) / 2 + true.off, (text, mp.nstr(true.value, 25))
    if abs(true.value) >= LEAST and abs(figure) >= LEAST:
        WORST.append(float(miss / abs(true.value)) if digits == 17 else 0.0)


WORST: list[float] = []


def half_up(value: Fraction, digits: int) -> str:
    return rounded(value, digits)[0]


def unit(text: str, digits: int) -> Any:
    """One unit in the last digit; a number below LEAST shows only the digits that it has."""
    mantissa, _, power_of_ten = text.lstrip("-").partition("e")
    value = Fraction(text)
    place = len(str(int(abs(value)))) if abs(value) >= 1 else None
    if abs(mpf(value.numerator) / value.denominator) < LEAST:
        after = len(mantissa.partition(".")[2])
        return 2 * mpf(10) ** (int(power_of_ten) - after) + TINIEST
    if place is None:
        place = int(mp.floor(mp.log10(abs(mpf(value.numerator) / value.denominator)))) + 1
    return mpf(10) ** (place - digits)


def lines(text: str) -> dict[str, str]:
    """Each quantity's result, from tables and from what is written one line below the other."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        cells = re.split(r" {2,}", line.strip())
        if not line.startswith(" "):
            name = plain(cells[0])
        if cells[-1][:2] in ("= ", "≈ ") and (cells[0] in ("result", "new") or len(cells) > 2):
            found[name] = cells[-1]
    return found


def plain(name: str) -> str:
    return name.replace("∂", "d").replace("ŷ", "yhat")


@dataclass(frozen=True)
class Sheet:
    """What one command made of a network, as data and as text at 9 and 17 digits."""

    rows: tuple[Mapping[str, Any], ...]
    texts: Mapping[int, Mapping[str, str]]
    notes: str
    known: Mapping[str, Known]


def rows_of(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from data.get("forward", ())
    yield from data.get("backward", ())
    for each in data.get("steps", ()):
        for key in ("forward", "backward", "update", "after"):
            yield from each[key]


def read(text: str) -> tree.Expression:
    """A formula as JSON has it; softmax(z1, z2)[1] is the first of several outputs."""
    whole, _, output = text.partition(")[")
    formula = parse(f"{whole})" if output else text, FUNCTIONS, derivatives=True)
    if output:
        assert isinstance(formula, tree.Call)
        return replace(formula, output=int(output[:-1]) - 1)
    return formula


def no_constant(text: str) -> Any:
    raise AssertionError(f"{text} is no JSON")


def checked(run: Run, network: str, *command: str, given: Mapping[str, str]) -> Result:
    """Run a command and check every number that it prints, or that it names what is undefined."""
    result = run(*command, "-", "--format", "json", stdin=network)
    text = {
        digits: run(*command, "-", "--brief", "--digits", str(digits), stdin=network)
        for digits in (9, 17)
    }
    assert {each.exit_code for each in text.values()} == {result.exit_code}, result.stderr
    if result.exit_code:
        assert (result.exit_code, result.stdout) == (3, "")
        assert re.search(r"^(\S+) is undefined: \1 = ", result.stderr, re.M), result.stderr
        return result
    data = json.loads(result.stdout, parse_constant=no_constant)
    notes = " ".join(data["notes"])
    values = {name: number(Fraction(value)) for name, value in given.items()}
    values = {name: Known(each.value) for name, each in values.items()}
    for row in rows_of(data):
        true = true_value(read(row["formula"]), values)
        value = Fraction(row["exact"]) if row["exact"] else Fraction(row["value"])
        values[row["name"]] = Known(mpf(value.numerator) / value.denominator)
        for digits, each in text.items():
            assert_right(lines(each.stdout)[row["name"]], true, row["exact"], digits, notes)
    return result


# Every function of the table at extreme arguments.

EXTREMES = (
    "1e-320", "5e-324", "1e-16", "0", "1e16", "709.8", "745.2", "1000", "1e154", "1e155", "1e300",
    "1.797e308", "40", "1e-200", "0.5", "1e-400",
)  # fmt: skip
ARGUMENTS = [*EXTREMES, *(f"-{each}" for each in EXTREMES), "1e309"]

CIRCUIT = "weights: {{w: {w}, v: 16}}\nequations:\n{equations}\nloss: f\nlearning_rate: 1\n"


def circuit(name: str, argument: str) -> str:
    function = FUNCTIONS[name]
    if function.outputs:
        return f"  p, q: {name}({argument}, 1)\n  f: p"
    if function.variadic:
        return f"  f: {name}({argument}, 3)"
    return f"  f: {name}({argument})"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_at_extreme_arguments(name: str, run: Run) -> None:
    for w in ARGUMENTS:
        network = CIRCUIT.format(w=w, equations=circuit(name, "w"))
        result = checked(run, network, "step", "--lr", "0", given={"w": w, "v": "16", "lr": "0"})
        if result.exit_code:
            print(name, w, result.stderr)
