"""Mistakes with the update, and with which weights are used when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from backcalc.checking.key import FORWARD, GRADIENT, UPDATE, Key
from backcalc.checking.mistakes.form import Forms, Spot, reads
from backcalc.checking.work import worked_out
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import denominator, primed
from backcalc.formulas.expression import (
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Scalar,
    Sum,
    names_in,
    rebuilt,
    renamed,
    replaced,
)


def update_sign(spot: Spot) -> Forms:
    """The gradient added."""
    for old, gradient in _update_parts(spot):
        yield reads(spot, Sum((old, Product((Name(RATE), gradient)))))


def rate_omitted(spot: Spot) -> Forms:
    """The whole gradient subtracted."""
    for old, gradient in _update_parts(spot):
        yield reads(spot, Sum((old, Negation(gradient))))


def _update_parts(spot: Spot) -> Iterator[tuple[Name, Name]]:
    """The old weight and its gradient, where the line is an update that still has both."""
    names = names_in(spot.equation.expression)
    gradients = [name for name in names if "/d" in name]
    if spot.line.role == UPDATE and gradients and denominator(gradients[0]) in names:
        yield Name(denominator(gradients[0])), Name(gradients[0])


def updated_weights(spot: Spot) -> Forms:
    """New weights in the backward pass; or the whole step done by somebody who overwrote them."""
    steps = spot.line.steps
    if spot.line.role == GRADIENT and RATE in spot.key.given:
        new = {n: f"{n}'" for n in names_in(spot.equation.expression) if n in spot.weights}
        known = {old: name for old, name in new.items() if name in spot.key.lines}
        if known:
            meaning = {old: _found(spot, name) for old, name in known.items()}
            yield reads(spot, replaced(spot.equation.expression, meaning))
    if steps < 2 and spot.line.role in (FORWARD, UPDATE) and "'" in spot.line.name:
        value = overwritten(spot.key).get(spot.line.name)
        if value is not None:
            yield reads(spot, Number(value))


def _found(spot: Spot, name: str) -> Expression:
    """A quantity of a later line: its right value, as long as the person has none."""
    value = spot.work.value(Name(name))
    return Number(spot.key.value(name) if value is None else value)


@lru_cache(maxsize=8)
def overwritten(key: Key) -> Mapping[str, Scalar]:
    """The first step of somebody who overwrites each weight as soon as its derivative is known."""
    values: dict[str, Scalar] = dict(key.given)
    if RATE not in values or len(key.network.samples) > 1 or not key.network.descent.plain:
        return {}
    new: dict[str, Scalar] = {}
    trained = [name for name in key.network.weights if name not in key.network.frozen]
    layer: dict[str, Scalar] = {}
    for line in (key.lines[each.name] for each in (*key.program.forward, *key.program.backward)):
        if line.role == GRADIENT and line.by not in trained:
            values |= layer  # a whole layer's weights are overwritten before the next one
            layer = {}
        value = worked_out(line.equation.expression, values)
        if value is None:
            return {}
        values[line.name] = value
        if line.role == GRADIENT and line.by in trained:
            layer[line.by] = values[line.by] - values[RATE] * value
            new[primed(line.by, 1)] = layer[line.by]
    after = dict(key.given) | new
    for line in key.lines.values():
        if line.steps == 1 and line.role == FORWARD:
            value = worked_out(line.equation.expression, after)
            if value is not None:
                after[line.name] = new[line.name] = value
    return new


def old_weights(spot: Spot) -> Forms:
    """The forward pass after the step with the weights from before it."""
    if spot.line.role == FORWARD and spot.line.steps:
        shorter = {
            n: n.replace("'", "", 1)
            for n in names_in(spot.equation.expression)
            if n in spot.weights
        }
        if shorter:
            yield reads(spot, renamed(spot.equation.expression, lambda n: shorter.get(n, n)))
        yield reads(spot, Name(spot.line.name.replace("'", "", 1)))


def bias_correction_omitted(spot: Spot) -> Forms:
    """Adam's averages without the division that makes up for their start at 0."""
    match spot.equation.expression:
        case Product((Name() as average, Inverse())) if spot.line.role == UPDATE:
            yield reads(spot, average)


def root_omitted(spot: Spot) -> Forms:
    """An average of squares without its root."""
    if spot.line.role == UPDATE:
        bare = _without_roots(spot.equation.expression)
        if bare != spot.equation.expression:
            yield reads(spot, bare)


def _without_roots(node: Expression) -> Expression:
    if isinstance(node, Call) and node.function.name == "sqrt":
        return node.arguments[0]
    return rebuilt(node, _without_roots)


def unchanged(spot: Spot) -> Forms:
    """The gradient itself where it belongs clipped or with the weight's decay."""
    gradients = [name for name in names_in(spot.equation.expression) if "/d" in name]
    if spot.line.role == UPDATE and spot.equation.before is None and len(gradients) == 1:
        yield reads(spot, Name(gradients[0]))
