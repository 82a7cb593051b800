"""Mistakes with the loss: its sign, its factor, its target, mean and sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from backcalc.checking.key import GRADIENT
from backcalc.checking.mistakes.form import Forms, Spot, is_first, is_loss, reads, with_terms
from backcalc.expression import (
    ZERO,
    Call,
    Name,
    Number,
    multiplied,
    names_in,
    negated,
    replaced,
)
from backcalc.notation import Phrase
from backcalc.program import numerator


def loss_sign(spot: Spot) -> Forms:
    """The derivative of the loss with its sign turned."""
    if spot.of_loss:
        turned = (replace(t, local=negated(t.local)) if is_first(t) else t for t in spot.terms)
        yield with_terms(spot, turned, _direction(spot))


def _direction(spot: Spot) -> Phrase:
    """Whether the loss grows or falls with a value, and for an output why."""
    network, name = spot.key.network, spot.line.by
    stem, bracket, sample = name.replace("'", "").partition("[")
    right = spot.work.value(spot.equation.expression) or 0
    grows, sign = ("grows", "positive") if right > 0 else ("falls", "negative")
    side: Phrase = ()
    if stem in network.outputs and len(network.targets) == len(network.outputs):
        target = network.targets[network.outputs.index(stem)] + bracket + sample
        output, aim = (spot.work.value(Name(each)) for each in (name, target))
        if output is not None and aim is not None and output != aim:
            compared = " is above " if output > aim else " is below "
            side = (Name(name), compared, Name(target), ", so ")
    loss = Name(numerator(spot.line.name))
    return (*side, loss, f" {grows} with ", Name(name), f" and the derivative is {sign}")


def loss_factor(spot: Spot) -> Forms:
    """A factor 2 or one half of the loss missing or extra."""
    of_loss = spot.of_loss or is_loss(spot.key, spot.line.name)
    for factor, words in ((Fraction(2), "2"), (Fraction(1, 2), "1/2")) if of_loss else ():
        yield reads(spot, multiplied(Number(factor), spot.equation.expression), words)


def mean_or_sum(spot: Spot) -> Forms:
    """A mean taken for a sum, or a sum for a mean."""
    counts = {len(spot.key.network.outputs), len(spot.key.network.samples)} - {1}
    if spot.of_loss or is_loss(spot.key, spot.line.name) or "/d" in spot.line.name:
        for count in counts:
            for factor in (Fraction(count), Fraction(1, count)):
                expression = multiplied(Number(factor), spot.equation.expression)
                yield reads(spot, expression, str(count))


def target_omitted(spot: Spot) -> Forms:
    """The derivative of the loss without its target."""
    network = spot.key.network
    targets = dict.fromkeys(network.targets, ZERO)
    if spot.of_loss:
        gone = {
            n: ZERO for n in names_in(spot.equation.expression) if n.partition("[")[0] in targets
        }
        if gone:
            yield reads(spot, replaced(spot.equation.expression, gone))
    output = _output_of(spot)
    if output:
        yield reads(spot, Name(output))


def turned_short_form(spot: Spot) -> Forms:
    """Target minus output at an output whose loss and activation belong together."""
    if _output_of(spot):
        yield reads(spot, negated(spot.equation.expression))


def _output_of(spot: Spot) -> str | None:
    """The output that a derivative goes through, where softmax or sigmoid meets its log loss."""
    if spot.line.role != GRADIENT or spot.key.network.loss_name not in ("cross_entropy", "bce"):
        return None
    stems = set(spot.key.network.outputs)
    for term in spot.terms:
        forward = spot.key.lines.get(term.through)
        if forward and forward.name.replace("'", "").partition("[")[0] in stems:
            match forward.equation.expression:
                case Call(function, arguments, output) if function.name in (
                    "softmax",
                    "sigmoid",
                ) and arguments[output or 0] == Name(spot.line.by):
                    return forward.name
    return None
