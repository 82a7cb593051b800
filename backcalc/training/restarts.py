"""Many runs from random weights: how many reach the goal, how the others fail, which seeds."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from backcalc.equations.initial import drawn
from backcalc.equations.network import Network
from backcalc.training.case import Case
from backcalc.training.diagnosis import DIAGNOSES, diagnose
from backcalc.training.engines.engine import Engine, State, start
from backcalc.training.facts import MOST_WORK, Probe
from backcalc.training.goal import Goal, Judge
from backcalc.training.run import Pace, Plan, Run, chosen_engine
from backcalc.training.trace import Point, Trace

CHECKPOINTS = 100
"""How often the losses are looked at on the way, evenly spread."""
CLOSING = 100
"""At most so many epochs at the end are looked at one by one, to see whether the loss swings."""

STILL = 0.001
"""A loss that has changed by less than this share since it was no goal is not judged again."""
ALIKE = 1e-4
"""Losses within this share of the lowest are called the lowest, where many runs are counted."""

Told = Callable[[int], None]
"""Is told how many epochs are done."""

Draw = Callable[[Network, int], Network]
"""Gives the network with random weights from a seed."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One of many runs."""

    seed: int
    """The seed of its weights, and of the order of its samples."""
    state: State
    """Where it ended."""
    loss: float
    """The loss there; nan where it has no finite value."""
    success: bool | None
    """Whether it ended at the goal; None without one."""
    reached: int | None
    """The first epoch among those looked at in which it was at the goal."""
    epochs: array[int]
    """The epochs that were looked at."""
    losses: array[float]
    """The losses there."""
    diagnoses: tuple[str, ...] = ()
    """The names of what was found, the outcome first; none for a success or if interrupted."""

    @property
    def points(self) -> list[Point]:
        """Its curve."""
        return list(zip(self.epochs, self.losses, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Restarts:
    """What came of many runs."""

    network: Network
    """The network."""
    plan: Plan
    """What was asked of each, with the first seed."""
    goal: Goal
    """What counts as success."""
    trials: tuple[Trial, ...]
    """The runs by their seeds."""
    stride: int
    """Whether a run was at its goal was looked at every so many epochs."""
    interrupted: bool = False
    """Whether the person stopped it."""
    note: str = ""
    """What is to be said of the engine."""

    @property
    def successes(self) -> list[Trial]:
        """The runs that ended at the goal."""
        return [trial for trial in self.trials if trial.success]

    @property
    def failures(self) -> list[Trial]:
        """The others; all, where there is no goal."""
        return [trial for trial in self.trials if not trial.success]

    @property
    def by_loss(self) -> list[Trial]:
        """The runs from the least last loss to the greatest, those without one last."""
        return sorted(self.trials, key=lambda each: (math.isnan(each.loss), each.loss, each.seed))

    @property
    def ranked(self) -> list[Trial]:
        """The runs by their losses, but those at the goal before the others."""
        return sorted(self.by_loss, key=lambda each: not each.success)

    @property
    def lowest(self) -> list[Trial]:
        """The runs that ended at the lowest loss that was found."""
        least = self.by_loss[0].loss
        return [each for each in self.trials if each.loss - least <= ALIKE * abs(least)]

    @property
    def undefined(self) -> list[Trial]:
        """The runs whose last loss has no value."""
        return [trial for trial in self.trials if math.isnan(trial.loss)]

    @property
    def epochs(self) -> int:
        """How many epochs the longest run did."""
        return max(trial.state.epoch for trial in self.trials)

    @property
    def told(self) -> dict[str, Trial]:
        """The best run, the one with the median loss, and the worst."""
        ranked = self.ranked
        middle = self.by_loss[(len(ranked) - 1) // 2]
        return {"best": ranked[0], "median": middle, "worst": ranked[-1]}

    @property
    def median_reached(self) -> float | None:
        """The median of the epochs that the successful runs took to the goal."""
        found = sorted(trial.reached for trial in self.trials if trial.reached is not None)
        if not found:
            return None
        return (found[(len(found) - 1) // 2] + found[len(found) // 2]) / 2

    @property
    def diverged(self) -> int:
        """How many runs grew, or failed because their loss has no value any more."""
        counts = self.counts()
        return len(counts.get("diverging", ())) + len(counts.get("undefined", ()))

    def counts(self) -> dict[str, list[int]]:
        """For each diagnosis among the failures the seeds, in the order of the table."""
        seeds: dict[str, list[int]] = {row.name: [] for row in DIAGNOSES}
        for trial in self.failures:
            for name in trial.diagnoses:
                seeds[name].append(trial.seed)
        return {name: found for name, found in seeds.items() if found}


class _Way:
    """One run while it goes on."""

    def __init__(self, network: Network, seed: int) -> None:
        self.network, self.seed, self.state = network, seed, start(network)
        self.epochs, self.losses = array("q"), array("d")
        self.reached: int | None = None
        self.judged = math.nan
        self.undefined = False

    def look(self, losses: Sequence[float], judge: Judge | None) -> None:
        """Note the losses from here on, and whether this is the goal if that is to be judged."""
        self.epochs.extend(range(self.state.epoch, self.state.epoch + len(losses)))
        self.losses.extend(losses)
        if not judge or not losses or self.reached is not None:
            return
        if abs(losses[0] - self.judged) <= STILL * abs(self.judged):
            return  # it was not the goal, and a forward pass of the samples costs more than a run
        self.judged = losses[0]
        if judge.reached(self.state, losses[0]):
            self.reached = self.state.epoch


def restarts(
    network: Network,
    plan: Plan,
    goal: Goal,
    count: int,
    draw: Draw = drawn,
    *,
    chosen: tuple[Engine, str] | None = None,
    told: Told | None = None,
) -> Restarts:
    """So many runs with the seeds plan.seed, plan.seed + 1, ... for weights and samples.

    A KeyboardInterrupt from `told` ends them all.
    """
    engine, note = chosen or chosen_engine(network, plan, count)
    ways = [_Way(draw(network, seed), seed) for seed in range(plan.seed, plan.seed + count)]
    judge = Judge(network, goal)
    closing = min(max(plan.epochs // 10, 10), CLOSING, plan.epochs)
    stride = max((plan.epochs - closing) // CHECKPOINTS, 1)
    trials, interrupted = None, False
    try:
        for lot in _lots(plan.epochs, closing, stride):
            _advance(ways, engine, plan.rate, lot, judge)
            if told:
                told(lot.first + lot.size)
        trials = _judged(_ended(ways, engine, judge), ways, plan, judge, told)
    except KeyboardInterrupt:
        interrupted = True
    trials = trials or _ended(ways, engine, judge)
    return Restarts(network, plan, goal, trials, stride, interrupted, note)


@dataclass(frozen=True, slots=True)
class _Lot:
    """Some epochs that are done at once."""

    first: int
    size: int
    kept: bool
    judged: bool


def _lots(epochs: int, closing: int, stride: int) -> Iterator[_Lot]:
    """All epochs; of each stride the first is looked at, and of the closing ones every one."""
    pace = Pace()
    for first in range(0, epochs, stride):
        end = min(first + stride, epochs)
        kept = first + stride > epochs - closing
        done = first
        while done < end:
            size = 1 if done == first and not kept else pace.chunk(end - done)
            yield _Lot(done, size, kept or done == first, done == first)
            done += size


def _advance(ways: Sequence[_Way], engine: Engine, rate: float, lot: _Lot, judge: Judge) -> None:
    """Take all runs that are still defined further; look at them first if that is wanted."""
    going = [way for way in ways if not way.undefined]
    states, seeds = [way.state for way in going], [way.seed for way in going]
    come = engine.advance(states, lot.size, rate, seeds, keep=lot.kept)
    for way, each in zip(going, come, strict=True):
        if lot.kept:
            way.look(each.losses, judge if lot.judged else None)
        way.state, way.undefined = each.state, each.undefined


def _ended(ways: Sequence[_Way], engine: Engine, judge: Judge) -> tuple[Trial, ...]:
    """Every run as it ended."""
    trials = []
    for way in ways:
        loss = engine.loss(way.state)
        if math.isfinite(loss) and (not way.epochs or way.epochs[-1] < way.state.epoch):
            way.look((loss,), None)
        success = judge.reached(way.state, loss) if judge.goal.known else None
        if success and way.reached is None:
            way.reached = way.state.epoch
        trials.append(
            Trial(way.seed, way.state, loss, success, way.reached, way.epochs, way.losses)
        )
    return tuple(trials)


def _judged(
    trials: Sequence[Trial], ways: Sequence[_Way], plan: Plan, judge: Judge, told: Told | None
) -> tuple[Trial, ...]:
    """The runs with the failures diagnosed, which may take longer than the runs themselves."""
    probe, found = Probe(judge.network), []
    for trial, way in zip(trials, ways, strict=True):
        names: tuple[str, ...] = ()
        if not trial.success:
            names = _diagnosed(trial, way, plan, judge.goal, probe, MOST_WORK // len(ways))
            if told:
                told(plan.epochs)
        found.append(replace(trial, diagnoses=names))
    return tuple(found)


def _diagnosed(
    trial: Trial, way: _Way, plan: Plan, goal: Goal, probe: Probe, work: int
) -> tuple[str, ...]:
    """What is found of a failure."""
    if not trial.points:
        return ("undefined",)  # from the start
    trace = Trace()
    for epoch, loss in trial.points:
        trace.add(epoch, (loss,))
    own = replace(plan, seed=way.seed)
    why = "undefined" if way.undefined else ""
    run = Run(way.network, own, way.state, trial.loss, trace, why)
    return tuple(each.name for each in diagnose(Case(run, goal, probe, work)))
