"""Many runs from random weights, under one setting or several: how many reach the goal."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from statistics import median

from backcalc.equations.initial import drawn
from backcalc.equations.network import Network
from backcalc.training.diagnosis import DIAGNOSES, Case, diagnose
from backcalc.training.engines.engine import Engine, State, start
from backcalc.training.goal import MOST_WORK, Goal, Probe
from backcalc.training.run import LossPoint, Pace, Plan, Run, Trace, chosen_engine

CHECKPOINTS = 100  # how often the losses are looked at on the way, evenly spread
CLOSING = 100
"""At most so many epochs at the end are looked at one by one, to see whether the loss swings."""

STILL = 0.001
"""A loss that has changed by less than this share since it was no goal is not judged again."""
ALIKE = 1e-4
"""Losses within this share of the lowest are called the lowest, where many runs are counted."""

Told = Callable[[int], None]  # is told how many epochs are done
WeightDraw = Callable[[Network, int], Network]  # gives the network with random weights from a seed


@dataclass(slots=True, eq=False)
class Trial:
    """One of many runs."""

    network: Network
    """The network with the weights of the start."""
    seed: int
    """The seed of its weights, and of the order of its samples."""
    state: State
    """Where it stands, at last where it ended."""
    undefined: bool = False
    """True if the next epoch has no finite answer, so that it ends here."""
    loss: float = math.nan
    """The loss where it ended; nan where it has no finite value."""
    success: bool | None = None
    """True if it ended at the goal; None without one."""
    reached: int | None = None
    """The first epoch among those looked at in which it was at the goal."""
    epochs: array[int] = field(default_factory=lambda: array("q"))
    """The epochs that were looked at."""
    losses: array[float] = field(default_factory=lambda: array("d"))
    """The losses there."""
    judged: float = math.nan
    """The loss that was last looked at and was no goal."""
    diagnoses: tuple[str, ...] = ()
    """The names of what was found, the outcome first; none for a success or if interrupted."""

    @property
    def points(self) -> list[LossPoint]:
        """Its curve."""
        return list(zip(self.epochs, self.losses, strict=True))

    @property
    def curve(self) -> list[tuple[float, float]]:
        """Its curve as points of a chart, as far as its losses have a value."""
        return [(float(n), each) for n, each in self.points if math.isfinite(each)]

    def look(self, losses: Sequence[float], probe: Probe | None, goal: Goal) -> None:
        """Note the losses from here on, and with a probe whether this is the goal."""
        self.epochs.extend(range(self.state.epoch, self.state.epoch + len(losses)))
        self.losses.extend(losses)
        if not probe or not losses or self.reached is not None:
            return
        if abs(losses[0] - self.judged) <= STILL * abs(self.judged):
            return  # it was not the goal, and a forward pass of the samples costs more than a run
        self.judged = losses[0]
        if probe.reached(goal, self.state, losses[0]):
            self.reached = self.state.epoch

    def end(self, engine: Engine, probe: Probe, goal: Goal) -> None:
        """Note how it ended."""
        self.loss = engine.loss(self.state)
        if math.isfinite(self.loss) and (not self.epochs or self.epochs[-1] < self.state.epoch):
            self.look((self.loss,), None, goal)
        self.success = probe.reached(goal, self.state, self.loss) if goal.known else None
        if self.success and self.reached is None:
            self.reached = self.state.epoch

    def diagnosed(self, plan: Plan, goal: Goal, probe: Probe, work: int) -> tuple[str, ...]:
        """Return the names of the diagnoses of a failure."""
        if not self.epochs:
            return ("undefined",)  # from the start
        trace = Trace()
        for epoch, loss in self.points:
            trace.add(epoch, (loss,))
        own, why = replace(plan, seed=self.seed), "undefined" if self.undefined else ""
        run = Run(self.network, own, self.state, self.loss, trace, why)
        return tuple(each.name for each in diagnose(Case(run, goal, probe, work)))


@dataclass(frozen=True, slots=True, eq=False)
class Restarts:
    """The results of many runs."""

    network: Network
    plan: Plan
    """The plan of each run, with the first seed."""
    goal: Goal
    """The aim of each run."""
    trials: tuple[Trial, ...]
    """The runs by their seeds."""
    stride: int
    """Epochs from one look at whether a run is at its goal to the next."""
    interrupted: bool = False
    """True if the person stopped it."""
    note: str = ""
    """A note about the engine; empty where it is the one that was wished for."""
    changes: Mapping[str, Fraction] = field(default_factory=dict)
    """The numbers that were set for them, where they are a row of a sweep."""

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
        found = [trial.reached for trial in self.trials if trial.reached is not None]
        return float(median(found)) if found else None

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


def restarts(
    network: Network, plan: Plan, goal: Goal, count: int, draw: WeightDraw = drawn, *,
    chosen: tuple[Engine, str] | None = None, told: Told | None = None,
) -> Restarts:  # fmt: skip
    """So many runs with the seeds plan.seed, plan.seed + 1, ... for weights and samples.

    A KeyboardInterrupt from `told` ends them all.
    """
    engine, note = chosen or chosen_engine(network, plan, count)
    starts = [draw(network, seed) for seed in range(plan.seed, plan.seed + count)]
    trials = [Trial(net, seed, start(net)) for seed, net in enumerate(starts, plan.seed)]
    probe = Probe(network)
    closing = min(max(plan.epochs // 10, 10), CLOSING, plan.epochs)
    stride = max((plan.epochs - closing) // CHECKPOINTS, 1)
    interrupted = False
    try:
        for first, size, kept, judged in _lots(plan.epochs, closing, stride):
            going = [trial for trial in trials if not trial.undefined]
            states, seeds = [trial.state for trial in going], [trial.seed for trial in going]
            come = engine.advance(states, size, plan.rate, seeds, keep=kept)
            for trial, each in zip(going, come, strict=True):
                if kept:
                    trial.look(each.losses, probe if judged else None, goal)
                trial.state, trial.undefined = each.state, each.undefined
            if told:
                told(first + size)
        for trial in trials:
            trial.end(engine, probe, goal)
        for trial in trials:  # this may take longer than the runs themselves
            if not trial.success:
                trial.diagnoses = trial.diagnosed(plan, goal, probe, MOST_WORK // count)
                if told:
                    told(plan.epochs)
    except KeyboardInterrupt:
        interrupted = True
        for trial in trials:
            trial.end(engine, probe, goal)
            trial.diagnoses = ()
    return Restarts(network, plan, goal, tuple(trials), stride, interrupted, note)


def _lots(epochs: int, closing: int, stride: int) -> Iterator[tuple[int, int, bool, bool]]:
    """All epochs in lots: the first one, how many, whether to keep their losses, and judge those.

    Of each stride the first epoch is looked at, and of the closing ones every one.
    """
    pace = Pace()
    for first in range(0, epochs, stride):
        end = min(first + stride, epochs)
        kept = first + stride > epochs - closing
        done = first
        while done < end:
            size = 1 if done == first and not kept else pace.chunk(end - done)
            yield done, size, kept or done == first, done == first
            done += size


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One row of a sweep, before it is run."""

    network: Network
    """The network with its optimizer and numbers."""
    plan: Plan
    """The plan of each run, with its learning rate."""
    changes: Mapping[str, Fraction] = field(default_factory=dict)
    """The numbers that were set."""


def sweep(
    settings: Sequence[Setting], goal: Goal, count: int,
    draw: Callable[[Setting], WeightDraw] = lambda setting: drawn, *,
    engine: Callable[[Network, Plan, int], tuple[Engine, str]] = chosen_engine,
    told: Callable[[int], Told] | None = None,
) -> tuple[Restarts, ...]:  # fmt: skip
    """Return a row for each setting; the last one is marked where the person stopped it.

    Settings that differ only in the learning rate share an engine.
    """
    rows: list[Restarts] = []
    network, chosen = None, None
    for place, setting in enumerate(settings):
        if setting.network is not network or chosen is None:
            network = setting.network
            try:
                chosen = engine(network, setting.plan, count)
            except KeyboardInterrupt:
                if not rows:
                    raise
                rows[-1] = replace(rows[-1], interrupted=True)
                break
        done = restarts(network, setting.plan, goal, count, draw(setting), chosen=chosen,
                        told=told(place) if told else None)  # fmt: skip
        rows.append(replace(done, changes=setting.changes))
        if done.interrupted:
            break
    return tuple(rows)
