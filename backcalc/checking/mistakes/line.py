"""Mistakes in a line of the forward pass."""

from __future__ import annotations

from collections.abc import Callable

from backcalc.checking.key import FORWARD, UPDATE
from backcalc.checking.mistakes.form import Forms, Spot, reads
from backcalc.expression import Call, Expression, Name, Power, Sum, names_in, renamed, replaced
from backcalc.program import primed


def bias_omitted(spot: Spot) -> Forms:
    """A weighted sum without its bias."""
    yield from _without_terms(spot, lambda term: isinstance(term, Name) and term.id in spot.weights)


def input_dropped(spot: Spot) -> Forms:
    """A weighted sum without one of its inputs."""
    yield from _without_terms(spot, lambda term: not isinstance(term, Name))


def _without_terms(spot: Spot, droppable: Callable[[Expression], bool]) -> Forms:
    match spot.equation.expression:
        case Sum(terms) if spot.line.role == FORWARD:
            for gone in terms:
                kept = tuple(term for term in terms if term is not gone)
                if droppable(gone):
                    yield reads(spot, Sum(kept) if len(kept) > 1 else kept[0], gone)


def activation_omitted(spot: Spot) -> Forms:
    """The pre-activation passed on as the activation."""
    match spot.equation.expression:
        case Call(function, arguments, output) if spot.line.role == FORWARD:
            yield reads(spot, arguments[output or 0], function.name)
        case Power(base) if spot.line.role == FORWARD:
            yield reads(spot, base, "the power")


def swapped_weights(spot: Spot) -> Forms:
    """Two weights of a line swapped, or one taken for its neighbour in the file."""
    names = names_in(spot.equation.expression)
    used = [name for name in names if name in spot.weights]
    if spot.line.role == UPDATE:
        return
    for place, first in enumerate(used[:12]):
        for second in used[place + 1 : 12]:
            swap = {first: second, second: first}
            swapped = renamed(spot.equation.expression, lambda n: swap.get(n, n))  # noqa: B023
            yield reads(spot, swapped, Name(first), Name(second))
    order = (
        sorted(spot.weights, key=list(spot.key.network.weights).index)
        if not spot.line.steps
        else [
            name if name in spot.weights else primed(name, spot.line.steps)
            for name in spot.key.network.weights
        ]
    )
    for name in used[:12]:
        place = order.index(name)
        for other in order[max(place - 1, 0) : place + 2]:
            if other not in used:
                taken = replaced(spot.equation.expression, {name: Name(other)})
                yield reads(spot, taken, Name(name), Name(other))
