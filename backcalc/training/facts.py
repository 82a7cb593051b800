"""What weights do on every sample: predictions, units that are off or flat, the gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from backcalc.compiler.engine import Batches, State
from backcalc.compiler.equations import Equations
from backcalc.errors import UndefinedError
from backcalc.expression import Call, Number, Scalar, evaluate, finite, names_in, replaced, walk
from backcalc.functions import FUNCTIONS, formula
from backcalc.network import Network
from backcalc.notation import formula_text
from backcalc.program import LOSS, Equation, derivative_name, lower
from backcalc.training.goal import Coding, is_right

CLOSING = ("relu",)
"""Activations that pass nothing back where their argument is 0 or less."""
LEVELLING = ("sigmoid", "tanh", "hard_tanh")
"""Activations that level off on both sides."""
FLAT = 0.01
"""A local derivative below this is called flat; sigmoid's greatest is 0.25, tanh's is 1."""
MOST_WORK = 1_000_000  # weights and equations times samples: a second or two


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the net says of one sample."""

    place: int
    """Which sample, from 0."""
    outputs: tuple[float, ...]
    """The outputs."""
    targets: tuple[float, ...]
    """The targets."""
    right: bool | None
    """Whether the prediction is right; None where targets are mere numbers."""


@dataclass(slots=True, eq=False)
class Activity:
    """What one activation does over the samples."""

    unit: str
    """The unit's name, or that of the equation where it stands."""
    call: Call
    """The activation with its argument; identity too."""
    output: bool
    """Whether it makes an output of the net."""
    incoming: str = ""
    """What comes in, with the numbers of the weights: equal for units that do the same."""
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
    """What was found."""

    predictions: tuple[Prediction, ...]
    """One for each sample that was looked at."""
    activities: tuple[Activity, ...]
    """One for each activation, in the order of the equations."""
    gradient: Mapping[str, float] | None
    """The derivative of the loss by each trained weight; None where it has no finite value."""


class Probe:
    """The equations of a network, prepared once to look at as many states as is asked."""

    def __init__(self, network: Network, batches: Batches) -> None:
        self.network, self.equations = network, Equations(network, batches)
        self.forward = lower(network)


def facts(probe: Probe, state: State, coding: Coding | None, most: int = MOST_WORK) -> Facts:
    """Look at every sample, or at as many as so much work allows."""
    network, equations = probe.network, probe.equations
    weights = dict(zip(network.weights, state.weights, strict=True))
    values: dict[str, Scalar] = {**network.constants, **weights}
    activities = tuple(_activities(network, probe.forward, weights))
    work = len(network.weights) + len(probe.forward)
    looked = min(len(network.samples), max(most // work, 1))
    totals = dict.fromkeys(equations.trained, 0.0)
    defined = True
    predictions = []
    for place in range(looked):
        sample, whole = network.samples[place], True
        try:
            worked = equations.sample(values, place)
        except UndefinedError:
            defined = whole = False
            worked = _as_far_as_it_goes(probe.forward, {**values, **sample})
            if not {*network.outputs} <= {*worked}:
                continue
        outputs = tuple(float(worked[name]) for name in network.outputs)
        targets = tuple(sample[name] for name in network.targets)
        right = is_right(coding, outputs, targets) if coding else None
        predictions.append(Prediction(place, outputs, tuple(map(float, targets)), right))
        for activity in activities if whole else ():
            _count(activity, worked, right)
        for weight in totals if defined else ():
            totals[weight] += float(worked[derivative_name(equations.own_loss, weight)])
    share = looked if network.reduction == "mean" else 1
    gradient = {weight: total / share for weight, total in totals.items()}
    return Facts(tuple(predictions), activities, gradient if defined else None)


def _as_far_as_it_goes(
    forward: tuple[Equation, ...], values: dict[str, Scalar]
) -> dict[str, Scalar]:
    """The forward pass up to the first equation that has no answer."""
    with suppress(ArithmeticError, ValueError):
        for equation in forward:
            value = evaluate(equation.expression, values)
            if not finite(value):
                break
            values[equation.name] = value
    return values


def _activities(
    network: Network, forward: tuple[Equation, ...], numbers: Mapping[str, float]
) -> Iterator[Activity]:
    """Every activation with what comes into it; those within the loss are none."""
    units = {activation: unit for unit, activation in network.activations.items()}
    right_sides = {equation.name: equation.expression for equation in forward}
    weights = {name: Number(Fraction(value)) for name, value in numbers.items()}
    for equation in forward:
        name, nodes = equation.name, walk(equation.expression)
        calls = [node for node in nodes if isinstance(node, Call)]
        if name in units and not calls:
            calls = [Call(FUNCTIONS["identity"], (equation.expression,))]
        for call in calls if name != LOSS else ():
            if call.function.activation and not call.function.outputs:
                incoming = replaced(call.arguments[0], right_sides)
                trained = not {*names_in(incoming)}.isdisjoint(weights)
                text = formula_text(replaced(incoming, weights)) if trained else ""
                yield Activity(units.get(name, name), call, name in network.outputs, text)


def _count(activity: Activity, worked: Mapping[str, Scalar], right: bool | None) -> None:
    """Whether the activation is off or flat on this sample."""
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
