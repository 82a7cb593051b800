"""Values and derivatives against PyTorch: every function, every loss, whole networks."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from conftest import ROOT
from in_torch import NEAR, Tensors, forward, leaves, lost, slopes, tensor, worked
from random_networks import random_network
from torch import Tensor

from backcalc.equations.calculation import Calculation, backward, run
from backcalc.equations.losses import LOSSES, Loss, loss_expression
from backcalc.equations.program import Equation, differentiate
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import Call, Function, Name, Number, evaluate, walk
from backcalc.formulas.functions import FUNCTIONS, default_conventions, kinks_of
from backcalc.formulas.quantity import derivative
from backcalc.loading.loader import load, loads

POINTS = [Fraction(text) for text in ("-20.5", "-1.5", "-0.25", "0", "0.25", "1.5", "20.5")]
POSITIVE_ONLY = {"log", "log1p", "sqrt"}
TARGETS = {"bce": (1, 0, 1), "cross_entropy": (0, 0, 1), "hinge": (1, -1, 1)}


def agree(numbers: Mapping[str, Fraction], by: Tensors, theirs: Mapping[Equation, Tensor]) -> None:
    """Each equation's value and its derivatives by these tensors, here and in PyTorch."""
    values = dict(numbers)
    for line, answer in zip(run(theirs, values), theirs.values(), strict=True):
        assert float(line.value) == pytest.approx(answer.item(), **NEAR)
        ours = run(differentiate([line.equation], line.name, [*by], default_conventions()), values)
        expected = {f"d{line.name}/d{name}": slope for name, slope in slopes(answer, by).items()}
        assert {each.name: float(each.value) for each in ours} == pytest.approx(expected, **NEAR)


def points_of(row: Function) -> list[dict[str, Fraction]]:
    """Arguments for a function, kinks among them."""
    if row.variadic:
        return [{f"z{place}": point for place, point in enumerate(POINTS[1:-1])}]
    return [{"z": point} for point in POINTS if point > 0 or row.name not in POSITIVE_ONLY]


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_every_function(row: Function) -> None:
    settings = [Number(default) for default in row.defaults]
    for numbers in points_of(row):
        by = {name: tensor(value) for name, value in numbers.items()}
        outputs = range(len(numbers)) if row.outputs else [None]
        answers = tuple(f"a{output}" for output in outputs)
        calls = [Call(row, (*map(Name, numbers), *settings), output) for output in outputs]
        lines = [Equation(*line, answers) for line in zip(answers, calls, strict=True)]
        agree(numbers, by, {line: worked(line.expression, by) for line in lines})


@pytest.mark.parametrize("settings", [(), (Fraction(1, 4),)])
@pytest.mark.parametrize("row", LOSSES.values(), ids=lambda row: row.name)
def test_every_loss(row: Loss, settings: tuple[Fraction, ...]) -> None:
    outputs = {"p1": Fraction("0.2"), "p2": Fraction("0.7"), "p3": Fraction("0.1")}
    chosen = TARGETS.get(row.name, (0, 2, Fraction("-0.5")))
    targets = {f"y{place}": Fraction(target) for place, target in enumerate(chosen, 1)}
    by = {name: tensor(value) for name, value in outputs.items()}
    numbers = map(float, settings or dict(row.parameters).values())
    theirs = lost(
        row, [*by.values()], [*map(tensor, targets.values())],
        **dict(zip(dict(row.parameters), numbers, strict=False)),
    )  # fmt: skip
    loss = loss_expression(row, [*outputs], [*targets], settings)
    agree(outputs | targets, by, {Equation("a", loss): theirs})


def same_everywhere(calculation: Calculation) -> None:
    """Every value and every derivative, intermediate ones too."""
    if ties(calculation):
        pytest.skip("PyTorch shares a tie's gradient out, backcalc gives it to the first")
    values = forward(calculation.network, leaves(calculation.network))
    ours = {each.name: float(each.value) for each in calculation.forward}
    assert {name: values[name].item() for name in ours} == pytest.approx(ours, **NEAR)
    by_result: dict[str, dict[str, float]] = {}
    for each in calculation.backward:
        found = by_result.setdefault(derivative(each.name).of, {})
        found[derivative(each.name).by] = float(each.value)
    for result, expected in by_result.items():
        by = {name: values[name] for name in expected}
        assert slopes(values[result], by) == pytest.approx(expected, **NEAR), result


def ties(calculation: Calculation) -> bool:
    """Whether two arguments of a max or min are equal."""
    return any(
        evaluate(kink, calculation.values) == 0
        for equation in calculation.program.forward
        for call in walk(equation.expression)
        if isinstance(call, Call) and call.function.convention == "first_at_tie"
        for kink in kinks_of(call)
    )


def test_every_bundled_network(network_file: str) -> None:
    same_everywhere(backward(load(ROOT / network_file), by_inputs=True))


@pytest.mark.parametrize("seed", range(60))
def test_random_networks(seed: int) -> None:
    try:
        calculation = backward(loads(random_network(seed)), by_inputs=True)
    except UndefinedError:
        pytest.skip("the numbers drawn leave a function's domain")
    same_everywhere(calculation)
