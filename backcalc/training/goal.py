"""Success: all predictions right, or a loss that is low enough."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network
from backcalc.equations.program import dependents, lower, needed
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Number, Scalar, evaluate, names_in, replaced
from backcalc.training.engines.engine import State
from backcalc.training.engines.equations import for_loss
from backcalc.training.trace import ROUNDING

LOW = 0.01
"""The loss of the table that counts as success where the targets are no classes."""


@dataclass(frozen=True, slots=True)
class Coding:
    """One way of writing classes as targets."""

    name: str
    """Its name."""
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
    row = LOSSES.get(network.loss_name or "")
    if row and row.classes and len(targets) == 1 < len(outputs):
        return NUMBERED
    if not targets or len(outputs) != len(targets) or not predicts(network):
        return None
    rows = [[sample[target] for target in targets] for sample in network.samples]
    found = {value for each in rows for value in each}
    both = len(found) == 2 or network.loss_name in ("bce", "cross_entropy", "hinge")
    if both and found <= {0, 1}:
        several = len(targets) > 1 and all(sum(each) == 1 for each in rows)
        return ONE_HOT if several and network.loss_name != "bce" else HALVES
    return SIGNS if both and found <= {-1, 1} else None


def as_floats(numbers: Mapping[str, Scalar]) -> dict[str, float]:
    """Numbers as floats, with which arithmetic is fast."""
    return {name: float(value) for name, value in numbers.items()}


def is_right(coding: Coding, outputs: Sequence[Scalar], targets: Sequence[Scalar]) -> bool:
    """True if the predictions for one sample are right; an output between two classes is not."""
    if coding in (ONE_HOT, NUMBERED):
        place = int(targets[0]) if coding is NUMBERED else list(targets).index(1)
        others = (*outputs[:place], *outputs[place + 1 :])
        return all(outputs[place] > other for other in others)
    middle = 0.5 if coding is HALVES else 0
    pairs = zip(outputs, targets, strict=True)
    return all(output != middle and (output > middle) == (y > middle) for output, y in pairs)


class Judge:
    """Tells whether weights reach a goal, with as little work as it takes.

    Predictions need a forward pass of every sample up to the first wrong one; the sample that
    was wrong last is tried first. A loss so low that no sample can be wrong, or so high that not
    all can be right, needs none.
    """

    def __init__(self, network: Network, goal: Goal) -> None:
        self.network, self.goal = network, goal
        equations = for_loss(network, *network.outputs)
        wanted = needed(equations, *network.outputs)
        self.equations = [each for each in equations if each.name in wanted]
        self.places = list(range(len(network.samples)))
        low = -math.inf if goal.loss is None else goal.loss
        self.surely, self.never = _certain(network) if goal.coding else (low, math.inf)
        self.constants = as_floats(network.constants)
        self.samples = [as_floats(sample) for sample in network.samples]

    def reached(self, state: State, loss: float) -> bool:
        """True if the goal is reached; a loss of nan is none, but predictions may be right."""
        if self.goal.coding is None or loss < self.surely:
            return loss <= self.surely
        if loss > self.never:
            return False
        values = dict(zip(self.network.weights, state.weights, strict=True))
        for rank, place in enumerate(self.places):
            if not self._right(values, place):
                self.places.insert(0, self.places.pop(rank))
                return False
        return True

    def _right(self, weights: Mapping[str, Scalar], place: int) -> bool:
        network, sample = self.network, self.samples[place]
        values: dict[str, Scalar] = {**self.constants, **weights, **sample}
        try:
            for each in self.equations:
                values[each.name] = evaluate(each.expression, values)
        except (ArithmeticError, ValueError):
            return False
        outputs = [values[name] for name in network.outputs]
        assert self.goal.coding
        return is_right(self.goal.coding, outputs, [sample[name] for name in network.targets])


BOUNDED = ("bce", "hinge")
"""Losses that are no greater for a right prediction than for one halfway, however far it goes."""


def _certain(network: Network) -> tuple[float, float]:
    """A loss below which no sample can be wrong, and one above which not all can be right.

    The losses of the table are never negative and grow away from the target, so that a wrong
    sample costs at least what an output halfway between two classes does. Where nothing is known
    the two are infinite.
    """
    coding, loss = coding_of(network), network.loss
    unknown = -math.inf, math.inf
    if not network.loss_name or isinstance(loss, str) or coding not in (HALVES, SIGNS):
        return unknown
    halfway = Number(Fraction(1, 2) if coding is HALVES else Fraction(0))
    cost = replaced(loss, dict.fromkeys(network.outputs, halfway))
    if len(network.outputs) > 1 or not {*names_in(cost)} <= {*network.targets}:
        return unknown
    costs = [float(evaluate(cost, sample)) for sample in network.samples]
    share = len(network.samples) if network.reduction == "mean" else 1
    never = sum(costs) / share * (1 + ROUNDING) if network.loss_name in BOUNDED else math.inf
    return min(costs) / share * (1 - ROUNDING), never
