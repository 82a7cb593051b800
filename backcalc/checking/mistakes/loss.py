"""Mistakes with the loss: its sign, its factor, its target, mean and sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from backcalc.checking.key import output_minus_target
from backcalc.checking.mistakes.form import Forms, Spot, is_first, is_loss, reads, with_terms
from backcalc.equations.program import numerator
from backcalc.formulas.expression import (
    ZERO,
    Name,
    Number,
    multiplied,
    names_in,
    negated,
    replaced,
)
from backcalc.formulas.notation import Phrase


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
    short = output_minus_target(spot.key, spot.line)
    if short:
        yield reads(spot, short.terms[0])


def turned_short_form(spot: Spot) -> Forms:
    """Target minus output at an output whose loss and activation belong together."""
    if output_minus_target(spot.key, spot.line):
        yield reads(spot, negated(spot.equation.expression))
