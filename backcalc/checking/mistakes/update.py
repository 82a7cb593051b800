"""Mistakes with the update, and with which weights are used when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from math import isclose

from backcalc.arithmetic.intervals import number, numeric, start
from backcalc.checking.key import FORWARD, GRADIENT, UPDATE, Key
from backcalc.checking.mistakes.form import RARE, Forms, Spot, exchanges, reads
from backcalc.equations.optimizers import OPTIMIZERS, RATE, Descent, known_options, update_lines
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    multiplied,
    names_in,
    negated,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.quantity import Derivative, Quantity, parsed

AVERAGING = tuple(map(Name, ("beta", "beta1", "beta2", "alpha")))  # shares of the old average
DECAY, EPSILON_INSIDE = "weight_decay", "epsilon inside the root"
NEARLY_SAME = 1e-4  # how near, relatively, a step is to another that is the likelier one
KEPT = 5.0  # how much likelier it is that a weight was kept where the old number itself is written


def update_sign(spot: Spot) -> Forms:
    """The change added that belongs subtracted."""
    match spot.equation.expression:
        case Sum((*kept, Negation(change))) if spot.line.role == UPDATE:
            yield reads(Sum((*kept, change)), spot.equation.expression)


def added_subtracted(spot: Spot) -> Forms:
    """The velocity or the gradient subtracted where the optimizer adds it."""
    match spot.equation.expression:
        case Sum((*kept, change)) if spot.line.role == UPDATE and type(change) is not Negation:
            yield reads(Sum((*kept, Negation(change))), spot.equation.expression)


def turned_round(spot: Spot) -> Forms:
    """The old weight subtracted from the change, or a minus lost before the result."""
    if _is_new_weight(spot):
        yield reads(negated(spot.equation.expression), spot.equation.expression)


def rate_omitted(spot: Spot) -> Forms:
    """The change without the learning rate."""
    match spot.equation.expression:
        case Sum((*kept, Negation(Product(factors)))) if spot.line.role == UPDATE:
            bare = [each for each in factors if each != Name(RATE)]
            if bare and len(bare) < len(factors):
                yield reads(Sum((*kept, Negation(multiplied(*bare)))))


def old_weight_omitted(spot: Spot) -> Forms:
    """The change alone, or what is subtracted."""
    match spot.equation.expression:
        case Sum((Name(old), Negation(change))) if _is_new_weight(spot) and old in spot.weights:
            yield reads(Negation(change), spot.equation.expression)
            yield reads(change, spot.equation.expression, share=RARE)


def rate_factor(spot: Spot) -> Forms:
    """Half the change, for example: another learning rate than the sheet's."""
    match spot.equation.expression:
        case Sum((*kept, Negation(change))) if _is_new_weight(spot):
            half = multiplied(Number(Fraction(1, 2)), change)
            yield reads(Sum((*kept, Negation(half))), "1/2")


def updated_weights(spot: Spot) -> Forms:
    """New weights in the backward pass; or the whole step done by somebody who overwrote them."""
    steps = spot.line.steps
    if spot.line.role == GRADIENT and RATE in spot.key.given:
        new = {n: f"{n}'" for n in names_in(spot.equation.expression) if n in spot.weights}
        known = {old: name for old, name in new.items() if name in spot.key.lines}
        if known:
            meaning = {old: _found(spot, name) for old, name in known.items()}
            yield exchanges(spot, meaning)
    if steps < 2 and spot.line.role in (FORWARD, UPDATE) and "'" in spot.line.name:
        value = overwritten(spot.key).get(spot.line.name)
        if value is not None:
            yield reads(Number(value))


def _found(spot: Spot, name: str) -> Expression:
    """A quantity of a later line: what the person's own figures give, else its right value."""
    own = Name(name), spot.key.lines[name].equation.expression
    value = next((each for each in map(spot.work.value, own) if each is not None), None)
    return Number(spot.key.value(name) if value is None else value)


@lru_cache(maxsize=8)
def overwritten(key: Key) -> Mapping[str, float]:
    """The first step of somebody who overwrites each weight as soon as its derivative is known."""
    if RATE not in key.given or len(key.network.samples) > 1 or not key.network.descent.plain:
        return {}
    at = start(key.given).at
    new: dict[str, float] = {}
    trained = [name for name in key.network.weights if name not in key.network.frozen]
    layer: dict[str, float] = {}
    for line in (key.lines[each.name] for each in (*key.program.forward, *key.program.backward)):
        if line.role == GRADIENT and line.by not in trained:
            at |= layer  # a whole layer's weights are overwritten before the next one
            layer = {}
        value = number(numeric(line.equation.expression), at)
        if value is None:
            return {}
        at[line.name] = value
        if line.role == GRADIENT and line.by in trained:
            layer[line.by] = at[line.by] - at[RATE] * value
            new[parsed(line.by).after(1)] = layer[line.by]
    at = start(key.given).at | new
    for line in key.lines.values():
        if line.steps == 1 and line.role == FORWARD:
            value = number(numeric(line.equation.expression), at)
            if value is not None:
                at[line.name] = new[line.name] = value
    return new


def old_weights(spot: Spot) -> Forms:
    """A line of the second pass, forward or back, with the weights from before the step."""
    if spot.line.role in (FORWARD, GRADIENT) and spot.line.steps:
        used = (n for n in names_in(spot.equation.expression) if n in spot.weights)
        shorter = {n: n.replace("'", "", 1) for n in used}
        for some in [[*shorter]] * bool(shorter) + [[n] for n in shorter if len(shorter) > 1]:
            old = {name: Name(shorter[name]) for name in some}
            share = 1.0 if len(some) == len(shorter) else RARE
            yield exchanges(spot, old, share=share)
        before = spot.line.name.replace("'", "", 1)
        if spot.line.role == FORWARD and before in spot.key.lines:  # not with an update for each
            yield reads(_found(spot, before))


def not_updated(spot: Spot) -> Forms:
    """The weight from before the step; where that very number is written, most likely so."""
    if _is_new_weight(spot):
        before = Name(str(spot.equation.before))
        kept = spot.written is not None and spot.work.value(before) == float(spot.written)
        yield reads(before, spot.equation.expression, share=KEPT if kept else 1.0)


def _is_new_weight(spot: Spot) -> bool:
    """True for the last line of an update, which gives the weight itself."""
    return spot.line.role == UPDATE and spot.equation.before in spot.key.weights(
        max(spot.line.steps, 0)
    )


def bias_correction_omitted(spot: Spot) -> Forms:
    """Adam's averages without the division that makes up for their start at 0; or both at once."""
    if spot.line.role != UPDATE:
        return
    match spot.equation.expression:
        case Product((Name() as average, Inverse())):
            yield reads(average)
            return
    bare: dict[str, Expression] = {}
    for name in names_in(spot.equation.expression):
        line = spot.key.lines.get(name)
        match line.equation.expression if line and line.role == UPDATE else None:
            case Product((Name() as average, Inverse())):
                bare[name] = average
    if bare:
        yield exchanges(spot, bare)


def other_beta(spot: Spot) -> Forms:
    """Adam's one beta where the other belongs."""
    swap = {"beta1": Name("beta2"), "beta2": Name("beta1")}
    names = names_in(spot.equation.expression) if spot.line.role == UPDATE else ()
    if swap.keys() <= spot.key.network.descent.numbers.keys() and not swap.keys().isdisjoint(names):
        yield exchanges(spot, swap)


def averages_interchanged(spot: Spot) -> Forms:
    """The share of the old average where that of the new gradient belongs."""
    names = names_in(spot.equation.expression) if spot.of_state else ()
    for name in (each for each in names if Name(each) in AVERAGING):
        rest = Sum((ONE, Negation(Name(name))))
        yield exchanges(spot, {name: rest}, Name(name), Name(name))


def other_clock(spot: Spot) -> Forms:
    """The bias correction of another step: t = 1 kept, for example."""
    nodes = [*walk(spot.equation.expression)] if spot.line.role == UPDATE else []
    if any(isinstance(node, Power) and node.base in AVERAGING for node in nodes):
        step = spot.line.steps + 1
        for clock in dict.fromkeys((step - 1, 1, step + 1)):
            if clock not in (0, step):
                taken = Number(Fraction(clock))
                share = 1.0 if clock < step else RARE
                yield reads(_at_clock(spot.equation.expression, taken), taken, share=share)


def _at_clock(node: Expression, clock: Number) -> Expression:
    """A formula with another count of steps."""
    if isinstance(node, Power) and node.base in AVERAGING:
        return replace(node, exponent=clock)
    return rebuilt(node, lambda part: _at_clock(part, clock))


def other_decay(spot: Spot) -> Forms:
    """Half the weight decay, as where a half of it stands in the loss, or twice as much."""
    if spot.line.role == UPDATE and DECAY in names_in(spot.equation.expression):
        for factor in (Fraction(1, 2), Fraction(2)):
            decay = multiplied(Number(factor), Name(DECAY))
            yield exchanges(spot, {DECAY: decay}, Number(factor))


def old_state(spot: Spot) -> Forms:
    """The state from before the step where the new one belongs.

    Where that is still 0, a term with it is left out, and that is another mistake.
    """
    if spot.line.role == UPDATE:
        old = {
            name: Name(before)
            for name in names_in(spot.equation.expression)
            if name in spot.key.lines
            and spot.key.lines[name].role == UPDATE
            and (before := spot.key.lines[name].equation.before)
            and not (spot.of_state and spot.work.value(Name(before)) == 0)
        }
        if old:
            yield exchanges(spot, old)


def of_another(spot: Spot) -> Forms:
    """A new weight, or what is remembered, by the formula of an optimizer taken for this one."""
    weights, step = spot.key.weights(max(spot.line.steps, 0)), spot.line.steps
    weight = _weight_of(spot) if spot.of_state else spot.equation.before
    if spot.line.role != UPDATE or weight is None or weight not in weights:
        return
    gradient = Derivative(parsed(spot.key.program.loss).after(step), weight)
    for words, other in _mistaken_for(spot.key.network.descent):
        meaning: dict[str, Expression] = {n: Number(each) for n, each in other.numbers.items()}
        known = {*meaning, *spot.key.given, *spot.key.lines}
        for name, expression, _ in update_lines(other, weight, gradient, step + 1):
            meaning |= {n: ZERO for n in names_in(expression) if n not in known | meaning.keys()}
            meaning[name] = replaced(expression, meaning)
        taken = meaning.get(spot.line.name)
        if taken and (other.optimizer is RATE_WITHIN or not _is_without_rate(spot, taken)):
            yield reads(taken, words)


def _is_without_rate(spot: Spot, taken: Expression) -> bool:
    """True if a new weight is the same as where the learning rate was left out."""
    value = spot.work.value(taken)
    bare = (spot.work.value(form.expression) for form in rate_omitted(spot))
    return value is not None and any(
        each is not None and isclose(each, value, rel_tol=NEARLY_SAME) for each in bare
    )


def _weight_of(spot: Spot) -> Quantity | None:
    """The weight of which a state is, by the derivative that it goes on from."""
    pending = [*names_in(spot.equation.expression)]
    for name in pending:
        of, line = parsed(name), spot.key.lines.get(name)
        if isinstance(of, Derivative):
            return of.by
        if line and line.role == UPDATE and line.equation.before is None:
            pending += names_in(line.equation.expression)
    return None


def _mistaken_for(descent: Descent) -> Iterator[tuple[str, Descent]]:
    """The optimizers that are taken for this one, each in a few words."""
    row, numbers = descent.optimizer, descent.numbers
    options = dict(descent.options or {})
    decay = numbers.get("weight_decay")
    for name, others in CONFUSED.items():
        if row.name == name:
            for other in others:
                known = {k: v for k, v in options.items() if k in known_options(OPTIMIZERS[other])}
                if other == "averaged_momentum":
                    known["beta"] = numbers["mu"]
                yield other, Descent(OPTIMIZERS[other], known)
    if row.name == "momentum":
        yield "momentum with the learning rate in the velocity", Descent(RATE_WITHIN, options)
    if decay and row.name in ("adam", "adamw"):
        other = "adamw" if row.name == "adam" else "adam"
        words = f"weight decay {'outside' if other == 'adamw' else 'inside'} the averages"
        yield words, Descent(OPTIMIZERS[other], {**options, "weight_decay": decay})
    inside = tuple((left, re.sub(r"sqrt\(([\w']+)\) \+ eps", r"sqrt(\1 + eps)", right))
                   for left, right in row.lines)  # fmt: skip
    if inside != row.lines:
        yield EPSILON_INSIDE, Descent(replace(row, lines=inside), descent.options)


RATE_WITHIN = replace(OPTIMIZERS["momentum"], lines=(("v'", "mu*v + lr*g"), ("w'", "w - v'")))
"""Momentum in another convention."""

CONFUSED = {
    "nesterov": ("momentum", "sgd"),
    "momentum": ("averaged_momentum", "heavy_ball", "nesterov", "sgd"),
    "averaged_momentum": ("sgd",),
    "rmsprop": ("adagrad", "sgd"),
    "adagrad": ("rmsprop", "sgd"),
    "adam": ("sgd",),
    "adamw": ("sgd",),
    "heavy_ball": ("momentum", "sgd"),
}
"""Optimizers by name with those whose formula is taken for theirs."""


def root_omitted(spot: Spot) -> Forms:
    """An average of squares without its root."""
    if spot.line.role == UPDATE:
        bare = _without_roots(spot.equation.expression)
        if bare != spot.equation.expression:
            yield reads(bare)


def _without_roots(node: Expression) -> Expression:
    if isinstance(node, Call) and node.function.name == "sqrt":
        return node.arguments[0]
    return rebuilt(node, _without_roots)


def unchanged(spot: Spot) -> Forms:
    """The gradient itself where it belongs clipped or with the weight's decay."""
    names = names_in(spot.equation.expression)
    gradients = [name for name in names if isinstance(parsed(name), Derivative)]
    if spot.line.role == UPDATE and spot.equation.before is None and len(gradients) == 1:
        yield reads(Name(gradients[0]))
