"""The dense layers of a network: groups of units that all read the whole layer before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from backcalc.equations.network import Network, Unit
from backcalc.errors import BackcalcError

HINT = "--view scalar shows every network"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Units that read the same sources in the same order and share an activation."""

    mark: str
    """What follows the names of its matrices: `1` by its place, `_h` where it has a name."""
    units: tuple[Unit, ...]
    """Its units, one for each row of W."""
    sources: tuple[str, ...]
    """What comes in, one for each column of W."""
    activations: tuple[str, ...]
    """The names of what its units give."""


def dense_layers(network: Network) -> tuple[Layer, ...]:
    """The layers from the inputs to the outputs.

    Raises BackcalcError, naming the unit, where one does not read exactly the layer before.
    """
    groups: dict[tuple[str, ...], list[Unit]] = {}
    for unit in network.units:
        groups.setdefault(tuple(edge.source for edge in unit.edges), []).append(unit)
    if not groups:
        raise BackcalcError("this network has no units, so it has no dense layers", hint=HINT)
    left, names = dict(groups), network.activations
    layers: list[Layer] = []
    sources = next((each for each in groups if each and set(each) <= {*network.inputs}), ())
    while sources in left and len(set(sources)) == len(sources) > 0:
        units = left.pop(sources)
        _check_alike(units)
        mark = f"_{units[0].layer}" if units[0].layer else str(len(layers) + 1)
        activations = tuple(names[unit.name] for unit in units)
        layers.append(Layer(mark, tuple(units), sources, activations))
        sources = activations
    stray = [unit for units in left.values() for unit in units]
    for unit in sorted(stray, key=lambda unit: not any(edge.skip for edge in unit.edges)):
        skips = [edge.source for edge in unit.edges if edge.skip]
        reads = ", ".join(edge.source for edge in unit.edges)[:60]
        none = f"it reads {reads}, which is no whole layer" if reads else "it reads nothing"
        outside(unit, f"a skip edge brings in {skips[0]}" if skips else none)
    return tuple(layers)


def _check_alike(units: list[Unit]) -> None:
    """Whether one function of the whole column Z gives H."""
    first = units[0]
    for unit in units:
        if (unit.activation, unit.settings) != (first.activation, first.settings):
            outside(unit, f"its activation is not that of unit {first.name} beside it")
        if unit.group and set(unit.group) != {each.name for each in units}:
            outside(unit, f"its {unit.activation.name} is not over the whole layer")


def outside(unit: Unit, reason: str) -> NoReturn:
    """The error for a unit that no product of matrices describes."""
    raise BackcalcError(f"unit {unit.name} is in no dense layer: {reason}", unit.where, HINT)
