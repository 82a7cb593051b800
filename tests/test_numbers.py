"""Numbers at their limits: each printed one is right to its last digit, or its equation undefined.

The answers come from mpmath at 420 digits with unbounded exponents and from exact fractions, each
line worked out from the given numbers, through all lines before it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import cycle, product
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from conftest import Result, rendered, shared
from mpmath import mp, mpf  # type: ignore[import-untyped]

from backcalc import load, loads
from backcalc.equations import calculation
from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network
from backcalc.equations.optimizers import OPTIMIZERS
from backcalc.equations.program import assemble
from backcalc.errors import UndefinedError
from backcalc.formats import FORMATS
from backcalc.formulas import expression as tree
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import PLAIN, is_exact, number_text, result_text
from backcalc.formulas.parser import parse
from backcalc.loading.sections import parse_descent
from backcalc.sheets.data import worked_data
from backcalc.sheets.worked import Wishes, worked_sheet

Run = Callable[..., Result]

MOST, TINIEST = mpf(sys.float_info.max), mpf(2) ** -1074
DIGITS = 420
FAR = mpf(10) ** 20
mp.dps = DIGITS


@pytest.fixture(autouse=True)
def _many_digits() -> Iterator[None]:
    with mp.workdps(DIGITS):
        yield


# The functions, once more and independently.


def _near(z: Any) -> Any:
    """A number that stands for all beyond it: exp gives nothing there, or is far too large."""
    return min(max(z, -FAR), FAR)


def _exp(z: Any) -> Any:
    return mp.exp(_near(z))


def _erfc(z: Any) -> Any:
    if z > 1000:  # its series, good to more digits than a double has
        return _exp(-z * z) / (z * mp.sqrt(mp.pi)) * (1 - 1 / (2 * z * z) + 3 / (4 * z**4))
    return 2 - _erfc(-z) if z < -1000 else mp.erfc(z)


def _gelu_tanh(z: Any) -> Any:
    inner = 2 * mp.sqrt(2 / mp.pi) * (z + mpf("0.044715") * z**3)
    return z * _sigmoid(inner)


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + _exp(-z)) if z > 0 else _exp(z) / (1 + _exp(z))


def _tanh(z: Any) -> Any:
    return z if abs(z) < mpf("1e-150") else mp.tanh(z) if abs(z) < 10**4 else mpf(mp.sign(z))


def _mish(z: Any) -> Any:
    power = _exp(-abs(z))
    above = 1 + 2 * power if z > 0 else power * (power + 2)
    return z * above / (above + (2 * power**2 if z > 0 else 2))


def _softmax(*z: Any) -> list[Any]:
    powers = [_exp(each - max(z)) for each in z]
    return [power / mp.fsum(powers) for power in powers]


def _log_softmax(*z: Any) -> list[Any]:
    top = max(range(len(z)), key=lambda place: z[place])
    rest = mp.fsum(_exp(each - z[top]) for place, each in enumerate(z) if place != top)
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


SCALE, SCALED = mpf("1.0507009873554804934193349852946"), mpf("1.7580993408473768599402175208123")
TRUTH: dict[str, Callable[..., Any]] = {
    "identity": lambda z: z,
    "relu": lambda z: max(z, mpf(0)),
    "leaky_relu": lambda z, slope: z if z > 0 else slope * z,
    "elu": lambda z, alpha: z if z > 0 else alpha * mp.expm1(_near(z)),
    "selu": lambda z: SCALE * z if z > 0 else SCALED * mp.expm1(_near(z)),
    "gelu": lambda z: z * _erfc(-z / mp.sqrt(2)) / 2,
    "gelu_tanh": _gelu_tanh,
    "softplus": lambda z: max(z, mpf(0)) + mp.log1p(_exp(-abs(z))),
    "silu": lambda z: z * _sigmoid(z),
    "mish": _mish,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "hard_tanh": lambda z: min(max(z, mpf(-1)), mpf(1)),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "exp": _exp,
    "log": _log,
    "expm1": lambda z: mp.expm1(_near(z)),
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


# A line, worked out once more.

NOTHING = mpf(10) ** -350  # where 400 digits cancel, what is left may be but rounding


def true_value(node: tree.Expression, values: Mapping[str, Any]) -> Any:
    """The number that a formula stands for; ArithmeticError or ValueError where there is none."""
    inner = [true_value(each, values) for each in tree.parts(node) if type(node) is not tree.Choice]
    match node:
        case tree.Number(value):
            return number(Fraction(value))
        case tree.Name(name):
            return values[name]
        case tree.Negation():
            return -inner[0]
        case tree.Sum():
            return mp.fsum(inner)
        case tree.Product():
            return mp.fprod(inner)
        case tree.Inverse():
            return 1 / inner[0]
        case tree.Power():
            return power(*inner)
        case tree.Call(function, _, output):
            found = TRUTH[function.name](*inner)
            return found[output or 0] if function.outputs else found
        case tree.Choice(condition, then, otherwise):
            left, right = (true_value(side, values) for side in (condition.left, condition.right))
            holds = tree.RELATIONS[condition.relation](left, right)
            return true_value(then if holds else otherwise, values)
    raise TypeError(node)


def number(value: Fraction) -> Any:
    return mpf(value.numerator) / value.denominator


def power(base: Any, exponent: Any) -> Any:
    if exponent == 0:
        return mpf(1)
    if exponent == int(exponent):
        return base ** int(exponent)
    if base < 0:
        raise ValueError
    return base**exponent


# A sheet, line by line.


def assert_right(text: str, true: Any, exact: str | None, digits: int) -> None:
    """A printed result is its number to the last digit shown."""
    *short, shown = re.split(r" ?(?=[=≈] )", text)
    printed = mpf(shown[2:])
    assert not shown.endswith(" -0")
    assert alike(printed, half_up(true, digits)) or (not printed and abs(true) < NOTHING), text
    if exact is not None:
        value = Fraction(exact)
        assert alike(number(value), true)
        assert all(Fraction(part.removeprefix("= ") or value) == value for part in short)
        assert (shown[0] == "=") == (Fraction(shown[2:]) == value)
    else:
        assert shown[0] == "≈"


def alike(one: Any, other: Any) -> bool:
    return bool(abs(one - other) <= abs(other) * mpf(10) ** -(DIGITS - 60))


def half_up(value: Any, digits: int) -> Any:
    """A number rounded to so many digits."""
    if not value:
        return value
    unit = mpf(10) ** (int(mp.floor(mp.log10(abs(value)))) - digits + 1)
    return mp.sign(value) * mp.floor(abs(value) / unit + mpf(1) / 2 + mpf(10) ** -300) * unit


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


def checked(network: Network, given: Mapping[str, str], digits: int) -> None:
    """Take a step and check every number of its sheet and JSON, or that the undefined is named."""
    values = {name: number(Fraction(value)) for name, value in given.items()}
    try:
        worked = calculation.step(network, Fraction(given["lr"]))
    except UndefinedError as error:
        assert_named(error.message, undefined_first(network, values))
        return
    assert not worked.stopped
    wishes = Wishes(brief=True, digits=digits)
    text = lines(rendered("text", worked_sheet(worked, wishes), wishes, network))
    data = FORMATS["json"].write(worked_data(worked))
    for row in rows_of(json.loads(data, parse_constant=no_constant)):
        true = values[row["name"]] = true_value(read(row["formula"]), values)
        assert abs(true) <= MOST
        assert row["value"] == float(true) or abs(true) < TINIEST == abs(row["value"])
        assert_right(text[row["name"]], true, row["exact"], digits)


def assert_named(message: str, first: str | None) -> None:
    """A message names the equation that is first undefined; None: it is one after the update."""
    told = re.match(r"(\S+) is undefined: \1 = ", message)
    assert told, message
    assert first == told[1] or (first is None and "'" in told[1]), message


IN_TURN = (9, 17)
"""Digits of the sheets that are read, one after the other."""


def undefined_first(network: Network, values: Mapping[str, Any]) -> str | None:
    """The first equation of the two passes that has no answer within a double's range."""
    values = dict(values)
    program = assemble(network)
    beyond = [name for name, value in values.items() if abs(value) > MOST]
    for equation in () if beyond else (*program.forward, *program.backward):
        try:
            for formula in (*(term.local for term in equation.terms), equation.expression):
                values[equation.name] = true_value(formula, values)
                if abs(values[equation.name]) > MOST:
                    return equation.name
        except (ArithmeticError, ValueError):
            return equation.name
    return beyond[0] if beyond else None


# Every function of the table at extreme arguments.

EXTREMES = (
    "1e-320", "5e-324", "1e-15", "0", "1e16", "709.8", "745.2", "1000", "1e154", "1e155", "1e300",
    "1.797e308", "40", "1e-400",
)  # fmt: skip
NEGATIVE = (
    "1e-320",
    "1e-15",
    "1e16",
    "709.8",
    "745.2",
    "1000",
    "1e154",
    "1e300",
    "1.797e308",
    "40",
)
ARGUMENTS = [*EXTREMES, *(f"-{each}" for each in NEGATIVE), "1e309"]

CIRCUIT = "weights: {{w: {w}, v: 16}}\nequations:\n{equations}\nloss: f\nlearning_rate: 1\n"


def circuit(name: str, argument: str) -> str:
    function = FUNCTIONS[name]
    if function.outputs:
        return f"  p, q: {name}({argument}, 1)\n  f: p"
    if function.variadic:
        return f"  f: {name}({argument}, 3)"
    return f"  f: {name}({argument})"


@pytest.mark.sweep
@pytest.mark.parametrize("name", [name for name in TRUTH if name in FUNCTIONS])
def test_a_function_at_extreme_arguments(name: str) -> None:
    for w, digits in zip(shared(ARGUMENTS, name, 4), cycle(IN_TURN), strict=False):
        network = loads(CIRCUIT.format(w=w, equations=circuit(name, "w")))
        checked(network, {"w": w, "v": "16", "lr": "0"}, digits)


@pytest.mark.sweep
@pytest.mark.parametrize("name", [name for name in TRUTH if name in FUNCTIONS])
def test_a_function_of_an_extreme_float(name: str) -> None:
    arguments = ("1e-320", "-1e-200", "0", "-800", "1e155", "1e308")
    for w, digits in zip(shared(arguments, name), cycle(IN_TURN), strict=False):
        network = loads(CIRCUIT.format(w=w, equations="  h: w*sqrt(v)\n" + circuit(name, "h")))
        checked(network, {"w": w, "v": "16", "lr": "0"}, digits)


PAIRS = [
    ("1e-320", "0"), ("-1e-320", "1e-320"), ("0", "1"), ("1", "1"), ("0", "0"), ("0.5", "1e308"),
    ("1e-16", "0"), ("1 - 1e-16", "1"), ("1e154", "-1e154"), ("1e155", "0"), ("1e100", "1e100"),
    ("1.797e308", "-1.797e308"), ("exp(-800*w)", "0"), ("exp(-800*w)", "1"), ("exp(-740*w)", "1"),
    ("sigmoid(40*w)", "0"), ("sigmoid(-800*w)", "1"), ("sigmoid(-800*w)", "0"),
    ("softmax", "1"), ("softmax", "0"),
]  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_at_extreme_numbers(loss: str) -> None:
    """Each line of it is right, or undefined; two losses try every pair."""
    for (prediction, target), digits in zip(shared(PAIRS, loss, 3), cycle(IN_TURN), strict=False):
        outputs = (
            f"  yhat: w*({prediction})"
            if prediction != "softmax"
            else ("  yhat, other: softmax(1e308*w, -1e308*w)")
        )
        network = (
            f"targets: {{y: {target}}}\nweights: {{w: 1}}\noutputs: [yhat]\nequations:\n{outputs}\n"
            f"loss: {loss}\n"
        )
        given = {"w": "1", "lr": "1", "y": target}
        checked(loads(network), given, digits)


# Steps.

RATES = ("-1", "1e308", "1e-320", "0.1")
SLOPES = ("0", "1e200", "-1e200", "1e-200", "-1e-320", "1.797e308")


@pytest.mark.sweep
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_at_extreme_numbers(optimizer: str) -> None:
    """The gradient of c*w is c: exact, and as a float."""
    cases = shared([*product(RATES, SLOPES, ("w", "w*sqrt(2)"))], optimizer, 3)
    for (rate, slope, factor), digits in zip(cases, cycle((*IN_TURN, 9)), strict=False):
        network = f"weights: {{w: 0.5}}\nconstants: {{c: {slope}}}\n"
        network += f"equations: {{f: c*{factor}}}\nloss: f\n"
        options = dict(OPTIMIZERS[optimizer].options)
        given = {"w": "0.5", "c": slope, "lr": rate, **{k: str(v) for k, v in options.items()}}
        given |= {f"{state}_w": "0" for state in OPTIMIZERS[optimizer].states}
        stepped = replace(loads(network), descent=parse_descent(optimizer))
        checked(stepped, given, digits)


EXACT = ("skip", "skip_equations", "quadratic", "fan_out", "linear_net", "circuit")


@pytest.mark.sweep
@pytest.mark.parametrize("network", EXACT)
def test_fifty_exact_steps(network: str, run: Run) -> None:
    """Each line again in fractions; a float only where there are more than 200 digits, and said."""
    result = run("step", network, "--steps", "50", "--lr", "1/100", "--format", "json")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout, parse_constant=no_constant)
    loaded = load(network)
    (sample,) = loaded.samples
    values: dict[str, Fraction] = {
        **loaded.weights, **loaded.constants, **sample, "lr": Fraction(1, 100)
    }  # fmt: skip
    true = {name: number(Fraction(value)) for name, value in values.items()}
    rounded_from = None
    for row in rows_of(data):
        formula = read(row["formula"])
        true[row["name"]] = true_value(formula, true)
        assert row["value"] == float(true[row["name"]])
        if row["exact"] is not None:
            values[row["name"]] = Fraction(row["exact"])
            assert len(row["exact"]) <= 2 * 200 + 4
            assert rounded_from or in_fractions(formula, values) == Fraction(row["exact"])
        elif rounded_from is None:
            rounded_from = row["name"]
            value = in_fractions(formula, values)
            bits = max(value.numerator.bit_length(), value.denominator.bit_length())
            assert bits > tree.EXACT_BITS
    said = [note for note in data["notes"] if "more than 200 digits" in note]
    assert len(said) == (rounded_from is not None)
    if said:
        assert said[0].startswith(f"from {rounded_from} on numbers are rounded")


def in_fractions(node: tree.Expression, values: Mapping[str, Any]) -> Fraction:
    """The formula in Python's own fractions."""
    inner = [in_fractions(each, values) for each in tree.parts(node)]
    match node:
        case tree.Number(value):
            return Fraction(value)
        case tree.Name(name):
            return Fraction(values[name])
        case tree.Sum():
            return sum(inner, Fraction(0))
        case tree.Product():
            total = Fraction(1)
            for each in inner:
                total *= each
            return total
        case tree.Negation():
            return -inner[0]
        case tree.Inverse():
            return 1 / inner[0]
        case tree.Power():
            return Fraction(inner[0] ** inner[1])
        case tree.Choice(condition):
            then, left, right, otherwise = inner
            return then if tree.RELATIONS[condition.relation](left, right) else otherwise
        case tree.Call(function):
            return Fraction(EXACTLY[function.name](*inner))
    raise TypeError(node)


EXACTLY: dict[str, Callable[..., Any]] = {
    "identity": lambda z: z,
    "relu": lambda z: max(z, Fraction(0)),
    "abs": abs,
    "sign": lambda z: Fraction((z > 0) - (z < 0)),
    "max": max,
    "min": min,
    "square": lambda z: z * z,
}


# What is said, and how.

ONE = "weights: {{w: {w}}}\nequations: {{z: {formula}}}\nloss: z\nlearning_rate: 1\n"


@pytest.mark.parametrize(
    ("w", "formula", "result"),
    [
        ("-1000", "exp(w)", "≈ 5.0759589e-435"),
        ("-740", "exp(w)", "≈ 4.18873988e-322"),
        ("-1e14", "exp(w)", "≈ 6.56500237e-43429448190326"),
        ("-400", "exp(w)*exp(w)", "≈ 3.66787458e-348"),
        ("-400", "exp(w)*exp(w)*exp(-w)*exp(-w)", "≈ 1"),
        ("-1000", "3 + exp(w)", "≈ 3"),
        ("-1000", "0*exp(w)", "= 0"),
        ("-1000", "relu(-exp(w))", "= 0"),
        ("-1000", "1 if exp(w) > 0 else 2", "= 1"),
        ("-0.0", "w", "= 0"),
        ("-0.0", "tanh(w)", "= 0"),
        ("-1", "w*sin(0)*sqrt(2)", "= 0"),
        ("2", "-sin(sqrt(w) - sqrt(w))", "≈ 0"),
        ("1e-320", "w", "≈ 1e-320"),
        ("1e-320", "w*exp(600)", "≈ 3.7730203e-60"),
        ("1e-320", "log(w)", "≈ -736.82723"),
        ("1e-320", "sqrt(w)", "≈ 1e-160"),
        ("1.00000000000000000001", "log(w)", "≈ 1e-20"),
        ("1e300", "sin(w)", "≈ -0.985750425"),
        ("36", "-log(1 - sigmoid(w))", "≈ 36"),
        ("800", "-log(1 - sigmoid(w))", "≈ 800"),
        ("9" * 300, "w", "≈ 1e300"),
        ("0", "w**0", "= 1"),
        ("2", "sqrt(w)*sqrt(w)/16384", "≈ 0.000122070313"),
    ],
)
def test_a_result_that_could_mislead(w: str, formula: str, result: str, run: Run) -> None:
    done = run("forward", "-", stdin=ONE.format(w=w, formula=formula))
    assert done.exit_code == 0, done.stderr
    assert lines(done.stdout)["z"] == result


def test_a_number_near_1_is_not_put_in_as_1(run: Run) -> None:
    network = "weights: {w: 36}\nequations: {h: sigmoid(w), f: 1 - h}\nloss: f\n"
    done = run("forward", "-", stdin=network)
    assert "1 - 0.99999999999999977   ≈ 2.31952283e-16" in done.stdout


LARGE = "too large for a number"


@pytest.mark.parametrize(
    ("w", "formula", "message"),
    [
        ("1e300", "w*w", f"z = w*w = 1e300*1e300: the result is {LARGE}"),
        ("1e309", "1", f"w = 1e309: {LARGE}"),
        ("-1000", "1/exp(w)", f"z = 1/exp(w) = 1/exp(-1000): the result is {LARGE}"),
        ("0", "log(w)", None),
        ("0", "0/w", "z = 0/w = 0/0: division by zero"),
        ("0", "0*log(w)", None),
        ("-8", "w**(1/3)", None),
        ("0", "w**-1", "z = w**(-1) = 0**(-1): division by zero"),
        ("2", "1/(sqrt(w) - sqrt(w))", None),
    ],
)  # fmt: skip
def test_a_result_that_there_is_not(w: str, formula: str, message: str | None, run: Run) -> None:
    for command in ("forward", "step"):
        result = run(command, "-", stdin=ONE.format(w=w, formula=formula))
        assert (result.exit_code, result.stdout) == (3, "")
        assert re.fullmatch(r"(note: .*\n)?(\w) is undefined: \2 = .*\n", result.stderr)
        if message:
            assert result.stderr.endswith(f" is undefined: {message}\n")


@pytest.mark.parametrize(
    ("rate", "status"),
    [
        ("nan", 2), ("inf", 2), ("-inf", 2), ("", 2), ("1/0", 2), ("0x10", 2), ("1e401", 2),
        ("1e309", 3), ("1e400", 3), ("1e-400", 0), ("0", 0), ("-0", 0), ("-0.0", 0), ("1e308", 0),
        ("-1", 0), ("1e-320", 0),
    ],
)  # fmt: skip
def test_a_learning_rate(rate: str, status: int, run: Run) -> None:
    for form in ("text", "json"):
        result = run("step", "skip", f"--lr={rate}", "--format", form)
        assert result.exit_code == status, result.stderr
        assert "Traceback" not in result.stderr
        assert not re.search(r"(?<![\w.])-0(?![\d.e])|\bnan\b|\binf\b", result.stdout, re.I)
        if status == 3:
            assert result.stderr == f"lr is undefined: lr = {rate}: {LARGE}\n"


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("0", "step 1 changes nothing: the learning rate is 0."),
        ("1e-60", "step 1 changes nothing: its changes are lost in the rounding of the weights."),
    ],
)
def test_why_a_step_changes_nothing(rate: str, words: str, run: Run) -> None:
    network = ONE.format(w="2", formula="exp(w)*sqrt(2)")
    assert f"▸ {words}\n" in run("step", "-", "--lr", rate, stdin=network).stdout


@pytest.mark.parametrize("digits", range(1, 18))
def test_a_tie_is_rounded_up(digits: int, run: Run) -> None:
    for tie in (f"0.{'1' * digits}5", f"-{'2' * digits}.5e-340", f"0.0{'9' * digits}5"):
        network = ONE.format(w=tie, formula="w")
        value = Fraction(tie)
        power = next(p for p in range(-400, 400) if 10 ** Fraction(p) > abs(value)) - digits
        whole = (abs(value) / Fraction(10) ** power + Fraction(1, 2)).__floor__()
        shown = lines(run("forward", "-", "--digits", str(digits), stdin=network).stdout)["z"]
        assert Fraction(shown.split()[-1]) == whole * Fraction(10) ** power * (
            -1 if value < 0 else 1
        )


TRAINED = (
    ("skip", "1e308"), ("skip", "-1"), ("skip", "0"), ("quadratic", "1e308"), ("mazur", "1e308"),
    ("mazur", "0"), ("mazur", "-1"), ("skip", "1e-320"), ("xor", "1e308"),
)  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize(("network", "rate"), TRAINED)
def test_training_at_extreme_rates_is_one_in_all_engines(network: str, rate: str, run: Run) -> None:
    found = []
    for engine in ("equations", "python", "c"):
        if engine == "c" and not which("cc"):
            continue
        command = ("train", network, f"--lr={rate}", "--epochs", "5", "--engine", engine)
        result = run(*command, "--format", "json")
        assert result.exit_code in (0, 1, 3), result.stderr
        data = json.loads(result.stdout, parse_constant=no_constant) if result.stdout else {}
        found.append((result.exit_code, {k: v for k, v in data.items() if k != "engine"}))
        text = run(*command)
        assert not re.search(r"\bnan\b|\binf\b", text.stdout, re.I)
    assert all(each == found[0] for each in found)


OTHERS = (
    ("symbolic",), ("backward", "--inputs"), ("explain", "dL/dw"), ("verify", "--no-torch"),
    ("draw",),
    ("sweep", "--lr", "0,-1,1e308", "--epochs", "3"), ("landscape", "w", "b", "--range", "1e308"),
    ("landscape", "w", "b", "--range", "1e-320"), ("train", "--epochs", "2"), ("worksheet",),
)  # fmt: skip
UNIT = """\
inputs: {{x: {x}}}
targets: {{y: 1}}
weights: {{w: {w}, b: 1}}
nodes:
  0: {{from: {{x: w}}, bias: b, activation: {activation}}}
loss: {loss}
learning_rate: 1
"""
UNITS = [
    UNIT.format(w=w, x=x, activation=activation, loss=loss)
    for w, (x, activation, loss) in product(
        ("1e-320", "-0.0", "1e400", "1e154", "-1000", "9" * 300),
        (("1", "sigmoid", "bce"), ("1e-320", "identity", "l1"), ("2", "tanh", "half_l2")),
    )
]


@pytest.mark.sweep
@pytest.mark.parametrize("command", OTHERS, ids=" ".join)
def test_every_command_at_extreme_numbers(command: tuple[str, ...], run: Run) -> None:
    for network in UNITS:
        result = run(command[0], "-", *command[1:], stdin=network)
        assert result.exit_code in (0, 1, 2, 3), result.stderr
        assert not re.search(r"(?<![\w.])-0(?![\d.e])|\bnan\b|\binf\b", result.stdout, re.I)


@pytest.mark.parametrize(
    "answer", ["1e-320", "-0", "1e400", "nan", "inf", "0x10", "1e-400", "1e999"]
)
def test_an_extreme_answer(answer: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(f"z0: {answer}\ndL/dw0: {answer}\n", encoding="utf-8")
    result = run("check", "skip", str(path))
    assert result.exit_code in (1, 2), result.stderr
    assert "Traceback" not in result.stderr


def test_a_fraction_of_thousands_of_digits_is_written_as_a_decimal() -> None:
    value = Fraction(10**5000 + 1, 3 * 10**5000)  # as the Hessian of multi_head meets
    assert (number_text(value), result_text(value, PLAIN)) == ("0.333333333", "~ 0.333333333")


@pytest.mark.parametrize(
    ("value", "fractions", "shown", "result"),
    [
        (Fraction(956, 625), False, "1.5296", "= 1.5296 ~ 1.53"),
        (Fraction(-1386, 125), False, "-11.088", "= -11.088 ~ -11.09"),
        (Fraction(956, 625), True, "956/625", "= 956/625 ~ 1.53"),
        (Fraction(3, 64), False, "0.046875", "= 3/64 ~ 0.04688"),
        (Fraction(1, 3), False, "1/3", "= 1/3 ~ 0.3333"),
    ],
)
def test_a_decimal_that_ends_is_no_fraction(
    value: Fraction, fractions: bool, shown: str, result: str
) -> None:
    own = PLAIN.with_numbers(4, fractions)
    assert (number_text(value, own), result_text(value, own)) == (shown, result)
    assert is_exact(value, own)
