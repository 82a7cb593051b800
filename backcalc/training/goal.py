"""Success: all predictions right, or a loss that is low enough."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from backcalc.equations.network import Network
from backcalc.equations.program import LOSS, Equation, dependents, lower, needed
from backcalc.errors import BackcalcError, UndefinedError
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
from backcalc.training.engines.engine import Batches, State
from backcalc.training.engines.equations import Equations, for_loss, is_shared

LOW = 0.01  # the loss of the table that counts as success where the targets are no classes


@dataclass(frozen=True, slots=True)
class Coding:
    """One way of writing classes as targets."""

    name: str
    meaning: str
    """When a prediction is right."""


HALVES = Coding("0 or 1", "on the target's side of 1/2")
SIGNS = Coding("-1 or 1", "of the target's sign")
ONE_HOT = Coding("one-hot", "the greatest where the target is 1")
NUMBERED = Coding("class number", "the greatest where the target says")


@dataclass(frozen=True, slots=True)
class Goal:
    """The aim of a run."""

    coding: Coding | None
    """How the targets name classes, where predictions are to be right."""
    loss: float | None = LOW
    """The loss not to be exceeded otherwise; None where success is not judged."""

    @property
    def known(self) -> bool:
        """True if there is a goal."""
        return self.coding is not None or self.loss is not None

    @property
    def words(self) -> str:
        """The goal in words."""
        if not self.known:
            return "none; --success 0.01 names one"
        return "all predictions right" if self.coding else f"a loss of at most {self.loss:g}"


def goal(network: Network, asked: str | float | None = None) -> Goal:
    """The goal that was asked for: `right`, a loss, or what suits the network.

    A loss that is none of the table may have any lowest value, so that no number suits it.
    """
    if isinstance(asked, float):
        return Goal(None, asked)
    coding = coding_of(network)
    if asked and coding is None:
        message = "the targets are no classes, so that no prediction is right or wrong"
        if not predicts(network):
            message = "no output is a prediction: each is worked out from the targets"
        raise BackcalcError(message, hint="name a loss that is low enough: --success 0.01")
    return Goal(coding, LOW if network.loss_name else None)


def predicts(network: Network) -> bool:
    """True if outputs can be held against targets: none is itself worked out from one."""
    return dependents(lower(network), network.targets).isdisjoint(network.outputs)


def coding_of(network: Network) -> Coding | None:
    """How the targets name classes; None where they are mere numbers.

    Targets that are all 0 or 1 (or all -1 or 1) name classes where both occur, or where the loss
    is one for classes.
    """
    outputs, targets = network.outputs, network.targets
    if network.target_is_class:
        return NUMBERED
    if not targets or len(outputs) != len(targets) or not predicts(network):
        return None
    given = ([sample[target] for target in targets] for sample in network.samples)
    rows = [row for each in given for row in by_sample(network, each)]
    found = {value for each in rows for value in each}
    both = len(found) == 2 or network.loss_name in ("bce", "cross_entropy", "hinge")
    if both and found <= {0, 1}:
        several = len(rows[0]) > 1 and all(sum(each) == 1 for each in rows)
        return ONE_HOT if several and network.loss_name != "bce" else HALVES
    return SIGNS if both and found <= {-1, 1} else None


def by_sample(network: Network, numbers: Sequence[Scalar]) -> list[Sequence[Scalar]]:
    """The numbers of all outputs, or of all targets, for each sample of a batch in one matrix."""
    batch = network.matrices.batch if network.matrices else None
    count = batch.size if batch and isinstance(batch.size, int) else 1
    if batch is None or len(numbers) % count:
        return [numbers]
    width = len(numbers) // count
    if batch.axis:
        return [numbers[n::count] for n in range(count)]
    return [numbers[n * width : (n + 1) * width] for n in range(count)]


def as_floats(numbers: Mapping[str, Scalar]) -> dict[str, float]:
    """Numbers as floats, with which arithmetic is fast."""
    return {name: float(value) for name, value in numbers.items()}


def if_finite(value: float) -> float | None:
    """A number; None where it is infinite or nan, which JSON has not."""
    return value if math.isfinite(value) else None


def is_right(coding: Coding, outputs: Sequence[Scalar], targets: Sequence[Scalar]) -> bool:
    """True if the predictions for one sample are right; an output between two classes is not."""
    if coding in (ONE_HOT, NUMBERED):
        place = int(targets[0]) if coding is NUMBERED else list(targets).index(1)
        others = (*outputs[:place], *outputs[place + 1 :])
        return all(outputs[place] > other for other in others)
    middle = 0.5 if coding is HALVES else 0
    pairs = zip(outputs, targets, strict=True)
    return all(output != middle and (output > middle) == (y > middle) for output, y in pairs)


CLOSING = ("relu",)  # activations that pass nothing back where their argument is 0 or less
LEVELLING = ("sigmoid", "tanh", "hard_tanh")  # activations that level off on both sides
FLAT = 0.01  # a local derivative below this is called flat; sigmoid's greatest is 0.25, tanh's is 1
MOST_WORK = 1_000_000  # weights and equations times samples: a second or two
DEARER = 10  # how many times as much work a gradient is as a forward pass


@dataclass(frozen=True, slots=True)
class Prediction:
    """Outputs of the net for one sample."""

    place: int
    """Which sample, from 0."""
    outputs: tuple[float, ...]
    targets: tuple[float, ...]
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
    """Facts about some weights."""

    predictions: tuple[Prediction, ...]
    """One for each sample that was looked at."""
    activities: tuple[Activity, ...]
    """One for each activation, in the order of the equations."""
    length: float
    """The length of the gradient; nan where it has no finite value, or was not worked out."""


class Probe:
    """The equations of a network, prepared once to look at as many states as is asked."""

    def __init__(self, network: Network) -> None:
        self.network, self.forward = network, for_loss(network, *network.outputs)
        wanted = needed(self.forward, *network.outputs)
        self.predicting = [each for each in self.forward if each.name in wanted]
        self.constants = as_floats(network.constants)
        self.samples = [as_floats(sample) for sample in network.samples]
        self.places = list(range(len(network.samples)))
        self.work = (len(network.weights) + len(self.forward)) * len(network.samples)

    @cached_property
    def equations(self) -> Equations:
        """The derivatives too."""
        return Equations(self.network, Batches())

    def passed(
        self, weights: Mapping[str, Scalar], place: int, equations: Iterable[Equation]
    ) -> dict[str, Scalar]:
        """The forward pass of a sample, up to the first equation that has no finite answer."""
        values: dict[str, Scalar] = {**self.constants, **weights, **self.samples[place]}
        with suppress(ArithmeticError, ValueError):
            for equation in equations:
                value = evaluate(equation.expression, values)
                if not finite(value):
                    break
                values[equation.name] = value
        return values

    def prediction(
        self, values: Mapping[str, Scalar], place: int, coding: Coding | None
    ) -> Prediction | None:
        """The prediction for a sample; None where an output has no finite value."""
        if not values.keys() >= {*self.network.outputs}:
            return None
        outputs = tuple(float(values[name]) for name in self.network.outputs)
        targets = tuple(self.samples[place][name] for name in self.network.targets)
        pairs = zip(*(by_sample(self.network, each) for each in (outputs, targets)), strict=True)
        right = all(is_right(coding, *pair) for pair in pairs) if coding else None
        return Prediction(place, outputs, targets, right)

    def reached(self, goal: Goal, state: State, loss: float) -> bool:
        """True if weights reach a goal; a loss of nan does not, but predictions may be right.

        That takes a forward pass of every sample up to the first wrong one; the sample that was
        wrong last is tried first.
        """
        if goal.coding is None:
            return goal.loss is not None and loss <= goal.loss
        weights = dict(zip(self.network.weights, state.weights, strict=True))
        for rank, place in enumerate(self.places):
            values = self.passed(weights, place, self.predicting)
            prediction = self.prediction(values, place, goal.coding)
            if not (prediction and prediction.right):
                self.places.insert(0, self.places.pop(rank))
                return False
        return True


def facts(probe: Probe, state: State, coding: Coding | None, most: int = MOST_WORK) -> Facts:
    """Look at every sample, or at as many as so much work allows; the gradient is left out then."""
    network, samples = probe.network, len(probe.samples)
    weights = dict(zip(network.weights, state.weights, strict=True))
    activities = tuple(_activities(network, probe.forward, weights))
    predictions = []
    for place in range(samples if probe.work <= most else max(most * samples // probe.work, 1)):
        worked = probe.passed(weights, place, probe.forward)
        if prediction := probe.prediction(worked, place, coding):
            predictions.append(prediction)
            for activity in activities if probe.forward[-1].name in worked else ():
                _count(activity, worked, prediction.right)
    length = math.nan
    if probe.work * DEARER <= most:
        with suppress(UndefinedError):
            slopes = probe.equations.gradient({**network.constants, **weights}, range(samples))
            length = math.hypot(*(slopes[weight] for weight in probe.equations.trained))
    return Facts(tuple(predictions) if predicts(network) else (), activities, length)


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
    if abs(float(evaluate(formula(function.derivative), meaning))) < FLAT:
        activity.flat += 1
        activity.flat_wrong += right is False
