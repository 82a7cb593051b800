"""Facts about weights over all samples: predictions, units that are off or flat, the gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from backcalc.equations.network import Network
from backcalc.equations.program import LOSS, Equation, derivative_name
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import (
    Call,
    Expression,
    Number,
    Scalar,
    evaluate,
    finite,
    names_in,
    replaced,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS, formula
from backcalc.formulas.notation import formula_text
from backcalc.training.engines.by_equations import Equations
from backcalc.training.engines.engine import Batches, State
from backcalc.training.engines.equations import for_loss, is_shared
from backcalc.training.goal import Coding, as_floats, is_right, predicts

CLOSING = ("relu",)
"""Activations that pass nothing back where their argument is 0 or less."""
LEVELLING = ("sigmoid", "tanh", "hard_tanh")
"""Activations that level off on both sides."""
FLAT = 0.01
"""A local derivative below this is called flat; sigmoid's greatest is 0.25, tanh's is 1."""
MOST_WORK = 1_000_000  # weights and equations times samples: a second or two
DEARER = 10  # how many times as much work a gradient is as a forward pass


@dataclass(frozen=True, slots=True)
class Prediction:
    """Outputs of the net for one sample."""

    place: int
    """Which sample, from 0."""
    outputs: tuple[float, ...]
    """The outputs."""
    targets: tuple[float, ...]
    """The targets."""
    right: bool | None
    """True if the prediction is right; None where targets are mere numbers."""


@dataclass(slots=True, eq=False)
class Activity:
    """Counts for one activation over the samples."""

    unit: str
    """The unit's name, or that of the equation where it stands."""
    call: Call
    """The activation with its argument; identity too."""
    output: bool
    """True if it makes an output of the net."""
    incoming: str = ""
    """Its input with the weights' numbers put in: equal for units that do the same."""
    samples: int = 0
    """How many samples were looked at."""
    off: int = 0
    """On how many of them it passes nothing back, its argument being 0 or less."""
    flat: int = 0
    """On how many of them its derivative is below 0.01."""
    flat_wrong: int = 0
    """The same among the samples whose predictions are wrong."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Predictions, activations and gradient of some weights."""

    predictions: tuple[Prediction, ...]
    """One for each sample that was looked at."""
    activities: tuple[Activity, ...]
    """One for each activation, in the order of the equations."""
    gradient: Mapping[str, float] | None
    """The derivative of the loss by each trained weight; None where it has no finite value."""


class Probe:
    """The equations of a network, prepared once to look at as many states as is asked."""

    def __init__(self, network: Network) -> None:
        self.network, self.forward = network, for_loss(network, *network.outputs)
        self.constants = as_floats(network.constants)
        self.work = (len(network.weights) + len(self.forward)) * len(network.samples)

    @cached_property
    def equations(self) -> Equations:
        """The derivatives too."""
        return Equations(self.network, Batches())

    def passed(self, weights: Mapping[str, Scalar], place: int) -> dict[str, Scalar]:
        """The forward pass of a sample, up to the first equation that has no finite answer."""
        sample = as_floats(self.network.samples[place])
        values: dict[str, Scalar] = {**self.constants, **weights, **sample}
        with suppress(ArithmeticError, ValueError):
            for equation in self.forward:
                value = evaluate(equation.expression, values)
                if not finite(value):
                    break
                values[equation.name] = value
        return values


def facts(probe: Probe, state: State, coding: Coding | None, most: int = MOST_WORK) -> Facts:
    """Look at every sample, or at as many as so much work allows; the gradient is left out then."""
    network = probe.network
    weights = dict(zip(network.weights, state.weights, strict=True))
    activities = tuple(_activities(network, probe.forward, weights))
    samples = len(network.samples)
    predictions = []
    for place in range(samples if probe.work <= most else max(most * samples // probe.work, 1)):
        worked = probe.passed(weights, place)
        if not {*network.outputs} <= worked.keys():
            continue
        outputs = tuple(float(worked[name]) for name in network.outputs)
        targets = tuple(float(worked[name]) for name in network.targets)
        right = is_right(coding, outputs, targets) if coding else None
        predictions.append(Prediction(place, outputs, targets, right))
        for activity in activities if probe.forward[-1].name in worked else ():
            _count(activity, worked, right)
    gradient = _gradient(probe.equations, weights) if probe.work * DEARER <= most else None
    kept = tuple(predictions) if predicts(network) else ()
    return Facts(kept, activities, gradient)


def _gradient(equations: Equations, weights: Mapping[str, float]) -> dict[str, float] | None:
    """The derivative of the loss by each trained weight, or nothing where one has no value."""
    network, own = equations.network, equations.own_loss
    values: dict[str, Scalar] = {**network.constants, **weights}
    totals = dict.fromkeys(equations.trained, 0.0)
    try:
        for place in range(len(network.samples)):
            worked = equations.sample(values, place)
            for weight in totals:
                totals[weight] += float(worked[derivative_name(own, weight)])
    except UndefinedError:
        return None
    share = len(network.samples) if network.reduction == "mean" else 1
    return {weight: total / share for weight, total in totals.items()}


def _activities(
    network: Network, forward: tuple[Equation, ...], numbers: Mapping[str, float]
) -> Iterator[Activity]:
    """Every activation with what comes into it; those within the loss are none."""
    units = {activation: unit for unit, activation in network.activations.items()}
    right_sides: dict[str, Expression] = {
        equation.name: equation.expression for equation in forward
    }
    weights = {name: Number(Fraction(value)) for name, value in numbers.items()}
    for equation in forward:
        name, nodes = equation.name, walk(equation.expression)
        calls = [node for node in nodes if isinstance(node, Call)]
        if name in units and not calls:
            calls = [Call(FUNCTIONS["identity"], (equation.expression,))]
        for call in calls if name != LOSS and not is_shared(name) else ():
            if call.function.activation and not call.function.outputs:
                incoming = replaced(call.arguments[0], right_sides)
                trained = not {*names_in(incoming)}.isdisjoint(weights)
                text = formula_text(replaced(incoming, weights)) if trained else ""
                yield Activity(units.get(name, name), call, name in network.outputs, text)


def _count(activity: Activity, worked: Mapping[str, Scalar], right: bool | None) -> None:
    """True if the activation is off or flat on this sample."""
    call, function = activity.call, activity.call.function
    z = evaluate(call.arguments[0], worked)
    activity.samples += 1
    if function.name in CLOSING:
        activity.off += int(z <= 0)
    if function.name not in LEVELLING:
        return
    assert isinstance(function.derivative, str)
    meaning: dict[str, Scalar] = {"z": z, "a": evaluate(call, worked)}
    slope = float(evaluate(formula(function.derivative), meaning))
    if abs(slope) < FLAT:
        activity.flat += 1
        activity.flat_wrong += right is False
