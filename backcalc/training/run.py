"""One run of training: many epochs in one go, watched on the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic

from backcalc.equations.calculation import check_names
from backcalc.equations.network import Network, needed_rate
from backcalc.equations.program import TOTAL, update
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.training.engines.by_equations import Equations
from backcalc.training.engines.choice import engine_for
from backcalc.training.engines.engine import Batches, Engine, State, start
from backcalc.training.engines.equations import derivatives, for_loss
from backcalc.training.trace import Trace

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
            losses, at = come.losses, _first(come.losses, plan.until)
            if at is not None:  # the state of that very epoch, which the chunk went past
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


def _first(losses: Sequence[float], until: float | None) -> int | None:
    """The place of the first loss that is low enough."""
    if until is None or not losses or min(losses) > until:
        return None
    return next(place for place, loss in enumerate(losses) if loss <= until)


def why_undefined(network: Network, plan: Plan, state: State, seed: int) -> str:
    """The equation that has no finite answer in the epoch after a state."""
    in_floats, plain = (Equations(network, plan.batches) for _ in range(2))
    forward = for_loss(network)
    plain.forward = forward  # as the author wrote them, for the message
    plain.backward = derivatives(forward, network, tuple(network.weights))
    plain.update = update(network, TOTAL, None)
    for equations in (plain, in_floats):
        try:
            equations.losses(state)
            equations.epoch(state, plan.rate, seed)
        except UndefinedError as error:
            return error.message
    return ""
