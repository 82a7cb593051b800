"""Mistakes in a line of the forward pass, or in what an optimizer remembers."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, islice

from backcalc.checking.key import FORWARD, UPDATE, output_minus_target
from backcalc.checking.mistakes.form import RARE, Forms, Spot, exchanges, reads
from backcalc.formulas.expression import (
    Call,
    Expression,
    Inverse,
    Name,
    Number,
    Power,
    Product,
    Sum,
    exchanged,
    multiplied,
    names_in,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS

LN_10, DEGREE = Fraction(math.log(10)), Fraction(math.pi / 180)
ACTIVATIONS = ("sigmoid", "tanh", "relu")
"""The activations that are taken for others."""
MOST_SWAPPED = 12  # weights of one line that are tried in each other's place


def bias_omitted(spot: Spot) -> Forms:
    """A weighted sum without its bias."""
    yield from _without_terms(spot, lambda term: isinstance(term, Name) and term.id in spot.weights)


def input_dropped(spot: Spot) -> Forms:
    """A weighted sum without one of its inputs, a velocity without the old one."""
    yield from _without_terms(spot, lambda term: not isinstance(term, Name))


def _without_terms(spot: Spot, droppable: Callable[[Expression], bool]) -> Forms:
    match spot.equation.expression:
        case Sum(terms) if spot.line.role == FORWARD or spot.of_state:
            for place, gone in enumerate(terms):
                kept = (*terms[:place], *terms[place + 1 :])  # in w + w there is another w
                if droppable(gone):
                    yield reads(Sum(kept) if len(kept) > 1 else kept[0], gone)


def activation_omitted(spot: Spot) -> Forms:
    """The pre-activation passed on as the activation."""
    match spot.equation.expression:
        case Call(function, arguments, output) if spot.line.role == FORWARD:
            yield reads(arguments[output or 0], function.name)
        case Power(base) if spot.line.role == FORWARD:
            yield reads(base, "the power")


def sum_omitted(spot: Spot) -> Forms:
    """An exponential that is not divided by the sum of all."""
    match spot.equation.expression:
        case Call(function, arguments, output) if function.name == "softmax":
            yield reads(Call(FUNCTIONS["exp"], (arguments[output or 0],)))


def other_activation(spot: Spot) -> Forms:
    """Another activation of the same pre-activation."""
    match spot.equation.expression:
        case Call(function, arguments, output) if (
            function.activation or function.name == "softmax"
        ) and spot.line.role == FORWARD:
            for name in ACTIVATIONS if function.name != "softmax" else ("sigmoid",):
                if name != function.name:
                    other = Call(FUNCTIONS[name], (arguments[output or 0],))
                    yield reads(other, name, function.name)


def swapped_weights(spot: Spot) -> Forms:
    """Two weights of a line swapped, or another one taken, often one that stands beside it.

    A bias is taken for a bias only, on the way forward a weight for one of the same layer.
    """
    expression, places, network = spot.equation.expression, spot.weights, spot.key.network
    added = {n for n, weight in zip(places, network.weights, strict=False)
             if weight in network.biases}  # fmt: skip
    used = [name for name in names_in(expression) if name in places]
    if spot.line.role == UPDATE:
        return
    for first, second in combinations(used[:MOST_SWAPPED], 2):
        swap = {first: Name(second), second: Name(first)}
        yield exchanges(spot, swap, Name(first), Name(second))
    steps = spot.line.steps
    own = spot.key.weights_in(expression, steps) if spot.line.role == FORWARD else {}
    sums = spot.key.weighted_sums(steps)
    layer = {each[value] for each in sums for value in own if value in each}
    order = tuple(places)
    for name in used[:MOST_SWAPPED]:
        for other in order[max(places[name] - MOST_SWAPPED, 0) : places[name] + MOST_SWAPPED]:
            alike = name not in own.values() or other in layer
            if other not in used and (other in added) == (name in added) and alike:
                share = 1.0 if abs(places[other] - places[name]) == 1 else RARE
                taken = {name: Name(other)}
                yield exchanges(spot, taken, Name(name), Name(other), share=share)


def not_transposed(spot: Spot) -> Forms:
    """On the way back the weights of a layer mirrored: for that from i to k the one from k to i."""
    key, by = spot.key, spot.line.by
    units = sorted((term.through for term in spot.terms), key=key.order.__getitem__)
    sums = (key.lines[unit].equation.expression for unit in units)
    rows = [key.weights_in(each, spot.line.steps) for each in sums]
    inputs = [*rows[0]] if len(rows) > 1 else []
    dense = len(rows) <= len(inputs) and all([*row] == inputs for row in rows)
    if dense and by in inputs[: len(rows)]:
        mirror = rows[inputs.index(by)]
        yield exchanges(spot, {r[by]: Name(mirror[n]) for r, n in zip(rows, inputs, strict=False)})


def other_sample(spot: Spot) -> Forms:
    """An input or a target taken from another sample, or for another one of the same sample."""
    network = spot.key.network
    several = len(network.samples) > 1
    for name in names_in(spot.equation.expression)[:MOST_SWAPPED]:
        stem, _, number = name.partition("[")
        of_sample = several and name.endswith("]") and stem in network.samples[0]
        others = [f"{stem}[{n}]" for n in range(1, len(network.samples) + 1)] if of_sample else []
        for group in (network.inputs, network.targets):
            if name in group or (of_sample and stem in group):
                others += [each + (f"[{number}" if number else "") for each in group]
        for other in dict.fromkeys(others[: 2 * MOST_SWAPPED]):
            if other != name and other in spot.key.given:
                yield exchanges(spot, {name: Name(other)}, Name(other), Name(name))
    short = output_minus_target(spot.key, spot.line)
    if short:
        for name in (each for each in names_in(short) if each in network.targets):
            for other in (each for each in network.targets[:MOST_SWAPPED] if each != name):
                yield reads(replaced(short, {name: Name(other)}), Name(other), Name(name))


def other_unit(spot: Spot) -> Forms:
    """The value of one unit taken for that of another one of its layer."""
    key, names = spot.key, names_in(spot.equation.expression)
    layers = dict.fromkeys(map(tuple, key.weighted_sums(spot.line.steps)))
    before = key.order[spot.line.name]
    for name in (each for each in names[:MOST_SWAPPED] if spot.line.role != UPDATE):
        beside = dict.fromkeys(n for layer in layers if name in layer for n in layer if n != name)
        known = (each for each in beside if key.order.get(each, before) < before)
        for other in islice(known, MOST_SWAPPED):
            yield exchanges(spot, {name: Name(other)}, Name(other), Name(name))


def scale_omitted(spot: Spot) -> Forms:
    """A product without one of its constant factors."""
    network = spot.key.network
    constants = {*network.constants, *(network.descent.numbers if spot.of_state else ())}
    if spot.line.role == UPDATE and not spot.of_state:
        return
    nodes = walk(spot.equation.expression)
    for node in (each for each in nodes if isinstance(each, Product)):
        for factor in node.factors:
            bare = factor.operand if isinstance(factor, Inverse) else factor
            if bare != node and all(name in constants for name in names_in(bare)):
                kept = [each for each in node.factors if each is not factor]
                yield reads(exchanged(spot.equation.expression, node, multiplied(*kept)), factor)


def decimal_logarithm(spot: Spot) -> Forms:
    """The logarithm to base 10."""
    yield from _each_call(spot, ("log",), lambda call: Product((call, Inverse(Number(LN_10)))))


def degrees(spot: Spot) -> Forms:
    """A sine or cosine of so many degrees."""

    def of_degrees(call: Call) -> Expression:
        return replace(call, arguments=(Product((call.arguments[0], Number(DEGREE))),))

    yield from _each_call(spot, ("sin", "cos", "tan"), of_degrees)


def _each_call(
    spot: Spot, functions: Collection[str], change: Callable[[Call], Expression]
) -> Forms:
    """The line with every call of some functions changed."""

    def changed(node: Expression) -> Expression:
        node = rebuilt(node, changed)
        return change(node) if isinstance(node, Call) and node.function.name in functions else node

    found = changed(spot.equation.expression)
    if found != spot.equation.expression:
        yield reads(found)
