"""Derivatives of random networks against central differences, sympy and exact fractions."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from random_networks import EXACT, SMOOTH, random_network

from backcalc.calculation import backward, forward, with_numbers
from backcalc.errors import UndefinedError
from backcalc.expression import Call, Scalar, evaluate, walk
from backcalc.functions import kinks_of
from backcalc.loader import loads
from backcalc.network import Network

SEEDS = range(240)
STEP = Fraction(1, 10**5)


def worked(network: Network):
    """The backward pass, or a skip where the numbers leave a function's domain."""
    try:
        return backward(network, by_inputs=True)
    except UndefinedError:
        pytest.skip("the numbers drawn leave a function's domain")


def gradients(calculation) -> dict[str, Scalar]:
    network = calculation.network
    names = {f"dL/d{name}": name for name in (*network.weights, *network.inputs)}
    return {names[each.name]: each.value for each in calculation.backward if each.name in names}


def branches(calculation) -> list[bool]:
    """On which side of each kink the numbers are."""
    return [
        evaluate(kink, calculation.values) > 0
        for equation in calculation.program.forward
        for call in walk(equation.expression)
        if isinstance(call, Call)
        for kink in kinks_of(call)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_central_differences(seed: int) -> None:
    network = loads(random_network(seed))
    values = {**network.weights, **network.samples[0]}
    for name, gradient in gradients(worked(network)).items():
        ahead = forward(with_numbers(network, {name: values[name] + STEP}))
        behind = forward(with_numbers(network, {name: values[name] - STEP}))
        if branches(ahead) != branches(behind):
            continue
        difference = Fraction(ahead.forward[-1].value) - Fraction(behind.forward[-1].value)
        slope = float(difference / (2 * STEP))
        assert float(gradient) == pytest.approx(slope, rel=2e-5, abs=2e-6), name


def sympy_slope(calculation, name: str):
    """The derivative of the composed loss by one name, by sympy's diff, the rest put in before."""
    import sympy

    from backcalc.symbolic import to_sympy

    network = calculation.network
    numbers = {**network.weights, **network.samples[0]}
    exact = all(isinstance(step.value, Fraction) for step in calculation.forward)
    meaning = {
        other: sympy.Rational(*value.as_integer_ratio())
        if exact
        else sympy.Float(str(float(value)), 30)
        for other, value in numbers.items()
    }
    symbol = sympy.Symbol(name, real=True)
    point = meaning.pop(name)
    for equation in calculation.program.forward:
        meaning[equation.name] = to_sympy(equation.expression, meaning)
    return sympy.diff(meaning["L"], symbol).subs(symbol, point).doit()


@pytest.mark.parametrize("seed", SEEDS)
def test_sympy_diff_of_the_composed_loss(seed: int) -> None:
    calculation = worked(loads(random_network(seed, SMOOTH)))
    name, gradient = random.Random(seed).choice(list(gradients(calculation).items()))
    expected = float(sympy_slope(calculation, name).evalf(20))
    assert float(gradient) == pytest.approx(expected, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_fractions_stay_exact_and_equal_sympy(seed: int) -> None:
    calculation = worked(loads(random_network(seed, EXACT)))
    found = gradients(calculation)
    assert all(isinstance(gradient, Fraction) for gradient in found.values())
    name, gradient = random.Random(seed).choice(list(found.items()))
    slope = sympy_slope(calculation, name)
    assert Fraction(int(slope.p), int(slope.q)) == gradient, name
