"""The same restarts under several settings, to see what a learning rate or an optimizer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.equations.initial import drawn
from backcalc.equations.network import Network
from backcalc.training.engines.engine import Engine
from backcalc.training.goal import Goal
from backcalc.training.restarts import Draw, Restarts, Told, restarts
from backcalc.training.run import Plan, chosen_engine


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """One row of a sweep, before it is run."""

    network: Network
    """The network with its optimizer and numbers."""
    plan: Plan
    """What is asked of each run, the learning rate too."""
    changes: Mapping[str, Fraction] = field(default_factory=dict)
    """The numbers that were set."""


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """One row of a sweep."""

    setting: Setting
    """What was set."""
    restarts: Restarts
    """What came of it."""


def sweep(
    settings: Sequence[Setting],
    goal: Goal,
    count: int,
    draw: Callable[[Setting], Draw] = lambda setting: drawn,
    *,
    engine: Callable[[Network, Plan, int], tuple[Engine, str]] = chosen_engine,
    told: Callable[[int], Told] | None = None,
) -> tuple[Swept, ...]:
    """Return a row for each setting; the last one is marked where the person stopped it.

    Settings that differ only in the learning rate share an engine.
    """
    rows: list[Swept] = []
    network, chosen = None, None
    for place, setting in enumerate(settings):
        if setting.network is not network or chosen is None:
            network = setting.network
            try:
                chosen = engine(network, setting.plan, count)
            except KeyboardInterrupt:
                if not rows:
                    raise
                rows[-1] = replace(rows[-1], restarts=replace(rows[-1].restarts, interrupted=True))
                break
        done = restarts(network, setting.plan, goal, count, draw(setting), chosen=chosen,
                        told=told(place) if told else None)  # fmt: skip
        rows.append(Swept(setting, done))
        if done.interrupted:
            break
    return tuple(rows)
