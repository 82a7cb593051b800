"""One run: the engine that pays, and the losses as they come, kept in bounded memory."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from operator import lt
from time import monotonic

from backcalc.equations.calculation import check_names
from backcalc.equations.network import Network, needed_rate
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.training.engines.engine import Batches, Engine, State, start
from backcalc.training.engines.equations import Equations
from backcalc.training.engines.plan import Fragments, Planner

ENGINES = ("auto", "python", "c", "equations")

# Seconds, as measured on one machine; what counts is how they compare.
PYTHON_OPERATION = 7e-9
C_START, C_STATEMENT, C_OPERATION = 0.05, 80e-6, 0.5e-9

LARGEST = sys.float_info.max
FEW, LARGE = 25, 500
"""Passes through a network of so many weights that are over before code for it is made."""
MOST_STATEMENTS = 50_000
"""Operations beyond which a C compiler takes longer than any run; it is used only by name then."""


def engine_for(
    network: Network, batches: Batches, wish: str = "auto", *, epochs: int, runs: int = 1
) -> tuple[Engine, str]:
    """An engine for so many epochs of so many runs, and a note where it is not what was wished.

    `wish` is one of ENGINES.
    """
    _check_sizes(network)
    passes = epochs * runs * len(network.samples)
    few = passes <= FEW and len(network.weights) >= LARGE
    if wish == "equations" or (wish == "auto" and few):
        return Equations(network, batches), ""
    from backcalc.training.engines.python import Python

    plan, note = Planner(network, batches).plan(), ""
    if wish == "c" or (wish == "auto" and worth_c(plan, epochs * runs)):
        from backcalc.training.engines.c import PATIENCE, C, CompilerError

        try:
            return C(plan, patience=PATIENCE if wish == "c" else PATIENCE / 3), ""
        except CompilerError as error:
            note = f"{error.message}; the equations run as Python, to the same figures"
    return Python(plan), note


def _check_sizes(network: Network) -> None:
    """Say so where a number of the file is too large for a float, in which training works."""
    several = len(network.samples) > 1
    given: list[tuple[str, Mapping[str, Fraction]]]
    given = [("", {**network.weights, **network.constants, **network.descent.numbers})]
    given += [(f"[{n}]" if several else "", s) for n, s in enumerate(network.samples, 1)]
    for index, numbers in given:
        for name, number in numbers.items():
            if abs(number) > LARGEST:
                message = f"{name}{index} is too large to train with"
                raise BackcalcError(message, hint="floats end at 1.8e308")


def worth_c(plan: Fragments, epochs: int) -> bool:
    """True if a C compiler pays for itself within so many epochs."""
    operations = plan.operations * epochs
    saved = operations * (PYTHON_OPERATION - C_OPERATION)
    cost = C_START + C_STATEMENT * plan.statements
    return plan.statements <= MOST_STATEMENTS and cost < saved


LossPoint = tuple[int, float]  # how many epochs are done, and the loss then

MOST_GROUPS = 1000
MILESTONES = (0, *(10**power for power in range(13)))
ROUNDING = 1e-12
"""A loss that is greater by no more than this share of it has not risen: that is rounding."""


def is_rise(before: float, after: float) -> bool:
    """True if a loss is greater than the one before by more than rounding."""
    return after > before and after - before > ROUNDING * abs(before)


@dataclass(frozen=True, slots=True)
class Watched:
    """Neighbouring epochs of which only some losses are kept."""

    start: LossPoint
    """The first."""
    low: LossPoint
    """The least loss."""
    high: LossPoint
    """The greatest."""
    end: LossPoint
    """The last."""
    count: int
    """How many losses are known of."""
    rises: int = 0
    """In how many of these epochs the loss rose."""
    first_rise: int | None = None
    """The first of those epochs."""

    def joined(self, later: Watched) -> Watched:
        """Two neighbours as one."""
        low = min(self.low, later.low, key=lambda point: point[1])
        high = max(self.high, later.high, key=lambda point: point[1])
        first = later.first_rise if self.first_rise is None else self.first_rise
        count, rises = self.count + later.count, self.rises + later.rises
        return Watched(self.start, low, high, later.end, count, rises, first)


class Trace:
    """The curve of a run's losses; it takes the same memory however many epochs there are."""

    def __init__(self) -> None:
        self.groups: list[Watched] = []
        self.stride = 1
        self.milestones: list[LossPoint] = []
        self.above_since: int | None = None
        """From which epoch to the end the loss is greater than it was at the start, if it is."""

    @property
    def start(self) -> float:
        """The loss before the first epoch."""
        return self.groups[0].start[1]

    @property
    def end(self) -> LossPoint:
        """The last epoch and its loss."""
        return self.groups[-1].end

    @property
    def rises(self) -> int:
        """In how many epochs the loss rose."""
        return sum(group.rises for group in self.groups)

    @property
    def first_rise(self) -> int | None:
        """The first epoch in which the loss rose."""
        return next((group.first_rise for group in self.groups if group.rises), None)

    def points(self) -> list[LossPoint]:
        """The curve: every loss of a short run, else the least and greatest of each group."""
        return sorted({p for g in self.groups for p in (g.start, g.low, g.high, g.end)})

    def add(self, epoch: int, losses: Sequence[float]) -> None:
        """The losses after so many epochs, after one more, and so on."""
        if not losses:
            return
        last = epoch + len(losses) - 1
        self.milestones += [(e, losses[e - epoch]) for e in MILESTONES if epoch <= e <= last]
        self._compare_with_start(epoch, losses)
        done = 0
        while done < len(losses):
            room = self.stride - (epoch + done) % self.stride
            self._put(self._group(epoch + done, losses[done : done + room]))
            done += room

    def _compare_with_start(self, epoch: int, losses: Sequence[float]) -> None:
        start = self.start if self.groups else losses[0]
        above = len(losses)
        if max(losses) > start:
            while above and is_rise(start, losses[above - 1]):
                above -= 1
        if above == len(losses):
            self.above_since = None
        elif above or self.above_since is None:
            self.above_since = epoch + above

    def _group(self, epoch: int, losses: Sequence[float]) -> Watched:
        low, high = min(losses), max(losses)
        before = self.groups[-1].end[1] if self.groups else losses[0]
        rose: list[int] = []
        if before < losses[0] or any(map(lt, losses, losses[1:])):
            pairs = enumerate(pairwise((before, *losses)), epoch)
            rose = [place for place, pair in pairs if is_rise(*pair)]
        lowest, highest = (epoch + losses.index(end) for end in (low, high))
        return Watched(
            (epoch, losses[0]), (lowest, low), (highest, high),
            (epoch + len(losses) - 1, losses[-1]), len(losses), len(rose),
            rose[0] if rose else None,
        )  # fmt: skip

    def _put(self, group: Watched) -> None:
        last = self.groups[-1] if self.groups else None
        if last and last.start[0] // self.stride == group.start[0] // self.stride:
            self.groups[-1] = last.joined(group)
            return
        self.groups.append(group)
        if len(self.groups) > MOST_GROUPS:
            self.stride *= 2
            groups, self.groups = self.groups, []
            for each in groups:
                self._put(each)

    def since(self, epoch: int) -> list[Watched]:
        """The groups that end at this epoch or later."""
        return [group for group in self.groups if group.end[0] >= epoch]


MOST_AT_ONCE = 20_000  # epochs, so that a chunk's losses take no memory to speak of
LONG = 0.05  # seconds: a chunk that took less is doubled

Watch = Callable[[int, Sequence[float]], None]
"""Is told the losses after so many epochs, after one more, and so on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The request for a run."""

    epochs: int
    """How many epochs at most."""
    rate: float
    """The learning rate."""
    batches: Batches = field(default_factory=Batches)
    """How an epoch goes through the samples."""
    seed: int = 0
    """The seed that shuffles the samples."""
    until: float | None = None
    """The loss at which the run may stop."""
    engine: str = "auto"
    """The engine that is wished for; the figures are the same."""


class Pace:
    """Chunks of epochs so short that a person who stops the run hardly waits; no figure changes."""

    def __init__(self) -> None:
        self.size, self.began = 1, monotonic()

    def chunk(self, left: int) -> int:
        """How many of the epochs that are left to do at once."""
        took, self.began = monotonic() - self.began, monotonic()
        if took < LONG:
            self.size = min(2 * self.size, MOST_AT_ONCE)
        elif took > 3 * LONG:
            self.size = max(self.size // 2, 1)
        return min(self.size, left)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run, as far as it came."""

    network: Network
    """The network with the weights of the start."""
    plan: Plan
    """The request."""
    state: State
    """Where it ended."""
    loss: float
    """The loss there; nan where it has no finite value."""
    trace: Trace
    """The losses on the way."""
    undefined: str = ""
    """Why there is no next epoch, naming the equation, where there is none."""
    interrupted: bool = False
    """True if the person stopped it."""
    note: str = ""
    """A note about the engine; empty where it is the one that was wished for."""

    @property
    def reached(self) -> bool:
        """True if it came to the loss at which it was to stop."""
        return self.plan.until is not None and self.loss <= self.plan.until


def chosen_engine(network: Network, plan: Plan, runs: int = 1) -> tuple[Engine, str]:
    """The engine that a plan asks for, and a note where it cannot be had."""
    return engine_for(network, plan.batches, plan.engine, epochs=plan.epochs, runs=runs)


def check_trained(network: Network) -> None:
    """There is something to train."""
    if {*network.weights} <= {*network.frozen}:
        hint = "take a weight out of frozen:" if network.weights else "add weights:"
        message = "no weight is trained" + (": all are frozen" if network.weights else "")
        raise BackcalcError(message, hint=hint)


def checked_rate(network: Network, rate: Fraction | None) -> float:
    """The learning rate that was given, or the file's."""
    check_names(network)
    try:
        return float(needed_rate(network, rate))
    except OverflowError:
        message = "the learning rate is too large for floating point"
        raise BackcalcError(message, hint="give --lr a number below 1e308") from None


def train(
    network: Network,
    plan: Plan,
    watch: Watch | None = None,
    chosen: tuple[Engine, str] | None = None,
) -> Run:
    """Train from the network's own weights; a KeyboardInterrupt from `watch` ends the run.

    Raises UndefinedError where not even the first loss has a value.
    """
    engine, note = chosen or chosen_engine(network, plan)
    trace, state = Trace(), start(network)
    undefined = interrupted = False
    pace = Pace()
    try:
        while state.epoch < plan.epochs and not undefined:
            size = pace.chunk(plan.epochs - state.epoch)
            (come,) = engine.advance([state], size, plan.rate, [plan.seed], keep=True)
            losses, at = come.losses, None
            if plan.until is not None and losses and min(losses) <= plan.until:
                at = next(place for place, loss in enumerate(losses) if loss <= plan.until)
                # The state of that very epoch, which the chunk went past.
                losses = losses[:at]
                (come,) = engine.advance([state], at, plan.rate, [plan.seed], keep=False)
            done, state, undefined = state.epoch, come.state, come.undefined
            trace.add(done, losses)
            if watch:
                watch(done, losses)
            if at is not None:
                break
    except KeyboardInterrupt:
        interrupted = True
    reason = why_undefined(network, plan, state, plan.seed) if undefined else ""
    loss = engine.loss(state)
    if math.isfinite(loss):
        trace.add(state.epoch, (loss,))
        if watch:
            watch(state.epoch, (loss,))
    elif not trace.groups:
        raise UndefinedError(reason or why_undefined(network, plan, state, plan.seed))
    return Run(network, plan, state, loss, trace, reason, interrupted, note)


def why_undefined(network: Network, plan: Plan, state: State, seed: int) -> str:
    """The equation that has no finite answer in the epoch after a state."""
    for plain in (True, False):  # first as the author wrote the equations, for the message
        equations = Equations(network, plan.batches, plain=plain)
        try:
            equations.losses(state)
            equations.epoch(state, plan.rate, seed)
        except UndefinedError as error:
            return error.message
    return ""
