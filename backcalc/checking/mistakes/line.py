"""Mistakes in a line of the forward pass."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

from backcalc.checking.key import FORWARD, UPDATE
from backcalc.checking.mistakes.form import Forms, Spot, reads
from backcalc.formulas.expression import Call, Expression, Name, Power, Sum, names_in, replaced

MOST_SWAPPED = 12  # weights of one line that are tried in each other's place


def bias_omitted(spot: Spot) -> Forms:
    """A weighted sum without its bias."""
    yield from _without_terms(spot, lambda term: isinstance(term, Name) and term.id in spot.weights)


def input_dropped(spot: Spot) -> Forms:
    """A weighted sum without one of its inputs."""
    yield from _without_terms(spot, lambda term: not isinstance(term, Name))


def _without_terms(spot: Spot, droppable: Callable[[Expression], bool]) -> Forms:
    match spot.equation.expression:
        case Sum(terms) if spot.line.role == FORWARD:
            for place, gone in enumerate(terms):
                kept = (*terms[:place], *terms[place + 1 :])  # in w + w there is another w
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
    expression, places = spot.equation.expression, spot.weights
    used = [name for name in names_in(expression) if name in places]
    if spot.line.role == UPDATE:
        return
    for first, second in combinations(used[:MOST_SWAPPED], 2):
        swap = {first: Name(second), second: Name(first)}
        yield reads(spot, replaced(expression, swap), Name(first), Name(second))
    order = tuple(places)
    for name in used[:MOST_SWAPPED]:
        for other in order[max(places[name] - 1, 0) : places[name] + 2]:
            if other not in used:
                yield reads(
                    spot, replaced(expression, {name: Name(other)}), Name(name), Name(other)
                )
