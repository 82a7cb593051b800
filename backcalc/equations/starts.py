"""Where descent starts: the numbers of weights that are drawn, by the units that they stand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from backcalc.equations.initial import Initial, drawn_number
from backcalc.equations.network import Network, Unit
from backcalc.errors import BackcalcError, Place

Fans = dict[str, tuple[int, int]]


def fans(units: Collection[Unit]) -> Fans:
    """Fan_in and fan_out of each weight on an edge, those of its first use if it is shared.

    fan_in counts the edges into the unit that it leads to, fan_out those out of its source.
    """
    leaving = Counter(edge.source for unit in units for edge in unit.edges)
    found: Fans = {}
    for unit in units:
        for edge in unit.edges:
            found.setdefault(edge.weight, (len(unit.edges), leaving[edge.source]))
    return found


def start_numbers(
    initial: Initial,
    weights: Iterable[str],
    units: Collection[Unit],
    biases: Collection[str],
    places: Mapping[str, Place | None] | None = None,
) -> dict[str, Fraction]:
    """A number for each of these weights, all from one stream, in this order."""
    from random import Random  # few files need it

    rng, numbers, found = Random(initial.seed), initial.numbers, fans(units)
    started = {}
    for name in weights:
        if initial.row.by_fans and name not in found and name not in biases:
            message = f"{initial.row.name} counts edges, and {name!r} is on none"
            hint = "draw it with init: normal; only units of nodes: and layers: have edges"
            raise BackcalcError(message, (places or {}).get(name), hint)
        started[name] = drawn_number(initial, rng, numbers, found.get(name))
    return started


def drawn(network: Network, seed: int, initial: Initial | None = None) -> Network:
    """The network with its random weights drawn anew; with `initial` all but the frozen ones.

    A file whose `init:` says how draws all of them too where it gives none as random.
    """
    names: Collection[str] = network.random
    if initial is not None or (not names and network.initial.asked):
        names = [n for n in network.weights if n not in network.frozen or n in network.random]
    if not names:
        hint = "write `random` for a weight's number in the file, or add --init normal"
        raise BackcalcError("no weight of this network is random", hint=hint)
    chosen = replace(network.initial if initial is None else initial, seed=seed)
    numbers = start_numbers(chosen, names, network.units, network.biases)
    return replace(
        network,
        weights={**network.weights, **numbers},
        initial=chosen,
        random=tuple(names),
        fractions=False,
    )
