"""The interface of every engine: states of a run, and how far they came."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from backcalc.equations.network import Network


@dataclass(frozen=True, slots=True)
class State:
    """Where a run of training stands."""

    weights: tuple[float, ...]
    """The weights in the network's order, the frozen ones too."""
    memory: tuple[float, ...] = ()
    """The optimizer's memory, weight by weight: v of momentum, m and v of adam."""
    epoch: int = 0
    """How many epochs are done."""


@dataclass(frozen=True, slots=True)
class Batches:
    """How an epoch goes through the samples: an update for each batch."""

    size: int | None = None
    """Samples in a batch; None takes all at once."""
    shuffled: bool = False
    """True if each epoch takes the samples in another order."""

    def each(self, samples: int) -> int:
        """How many batches make an epoch."""
        return -(-samples // (self.size or samples))

    def order(self, samples: int, epoch: int, seed: int) -> list[list[int]]:
        """The batches of one epoch, each a list of places of samples, the last perhaps shorter."""
        places = list(range(samples))
        if self.shuffled:
            random.Random(f"{seed} {epoch}").shuffle(places)
        size = self.size or samples
        return [places[start : start + size] for start in range(0, samples, size)]


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a run came."""

    state: State
    """Where it stands now."""
    losses: tuple[float, ...] = ()
    """The loss before each epoch that was done, where they were asked for."""
    undefined: bool = False
    """True if the next epoch has no finite answer, so that the run ends here."""


class Engine(Protocol):
    """A way to run the equations of one network; all give the same figures, bit for bit."""

    name: str
    """equations, python or c."""

    def advance(
        self, runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], *, keep: bool
    ) -> list[Advance]:
        """Take each run so many epochs further; `seeds` shuffle its samples, `keep` its losses."""

    def loss(self, state: State) -> float:
        """The loss over all samples; nan where it has no finite value."""


def cores() -> int:
    """The processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start(network: Network) -> State:
    """The weights of the file, and what the optimizer remembers at the start."""
    descent, before = network.descent, network.descent.start or {}
    trained = (weight for weight in network.weights if weight not in network.frozen)
    remembered = (name for weight in trained for name in descent.state_names(weight))
    weights = tuple(float(value) for value in network.weights.values())
    return State(weights, tuple(float(before.get(name, 0)) for name in remembered))
