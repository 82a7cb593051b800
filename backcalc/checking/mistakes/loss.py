"""Mistakes with the loss: its sign, its factor, its target, mean and sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from backcalc.checking.key import output_minus_target
from backcalc.checking.mistakes.form import Forms, Spot, exchanges, is_loss, reads, with_terms
from backcalc.checking.own_work import is_first
from backcalc.equations.losses import LOSSES, loss_expression
from backcalc.formulas.expression import (
    ZERO,
    Name,
    Number,
    Sum,
    added,
    multiplied,
    names_in,
    negated,
)
from backcalc.formulas.functions import default_conventions, partials
from backcalc.formulas.notation import Phrase
from backcalc.formulas.quantity import Derivative, derivative, parsed


def loss_sign(spot: Spot) -> Forms:
    """The derivative of the loss with its sign turned."""
    if spot.of_loss:
        turned = (replace(t, local=negated(t.local)) if is_first(t) else t for t in spot.terms)
        yield with_terms(spot, turned, _direction(spot))


def _direction(spot: Spot) -> Phrase:
    """Whether the loss grows or falls with a value, and for an output why."""
    name, target = spot.line.by, _compared(spot)
    right = spot.work.value(spot.equation.expression) or 0
    grows, sign = ("grows", "positive") if right > 0 else ("falls", "negative")
    side: Phrase = ()
    output, aim = spot.work.value(Name(name)), spot.work.value(target) if target else None
    if target and output is not None and aim is not None and output != aim:
        compared = " is above " if output > aim else " is below "
        side = (Name(name), compared, target, ", so ")
    loss = Name(derivative(spot.line.name).of)
    return (*side, loss, f" {grows} with ", Name(name), f" and the derivative is {sign}")


def loss_factor(spot: Spot) -> Forms:
    """A factor 2 or one half of the loss missing or extra; logarithms have none."""
    row = LOSSES.get(spot.key.network.loss_name or "")
    of_loss = spot.of_loss or is_loss(spot.key, spot.line.name)
    squared = of_loss and (row is None or "log(" not in row.term)
    for factor, words in ((Fraction(2), "twice"), (Fraction(1, 2), "half")) if squared else ():
        yield reads(multiplied(Number(factor), spot.equation.expression), words)


def mean_or_sum(spot: Spot) -> Forms:
    """A mean taken for a sum, or a sum for a mean; of one sample's loss the mean of all."""
    network, of = spot.key.network, parsed(spot.line.name)
    row = LOSSES.get(network.loss_name or "")
    total = not (isinstance(of, Derivative) and of.of.sample is not None)
    means = {
        (len(network.outputs), row.mean if row else None): "outputs",
        (len(network.samples), total and network.reduction == "mean"): "samples",
    }
    inner = (parsed(name) for name in names_in(spot.equation.expression))
    before = [each for each in inner if isinstance(each, Derivative)]
    further = {each.by.of_sample(None) for each in before}.isdisjoint(network.outputs)
    if before and further and spot.work.listed.issuperset(map(str, before)):  # they would show it
        means = {each: over for each, over in means.items() if over == "samples"}
    if spot.of_loss or is_loss(spot.key, spot.line.name) or isinstance(of, Derivative):
        for count, mean in sorted((each for each in means if each[0] > 1), key=str):
            for factor in (Fraction(count), Fraction(1, count)):
                if mean is None or mean == (factor > 1):
                    expression = multiplied(Number(factor), spot.equation.expression)
                    yield reads(expression, f"{count} {means[count, mean]}")


def target_omitted(spot: Spot) -> Forms:
    """The derivative of the loss without its target."""
    network = spot.key.network
    used = names_in(spot.equation.expression) if spot.of_loss else ()
    if gone := {name: ZERO for name in used if name.partition("[")[0] in network.targets}:
        yield exchanges(spot, gone)
    if short := output_minus_target(spot.key, spot.line):
        yield reads(short.terms[0])


def turned_short_form(spot: Spot) -> Forms:
    """Target minus output at an output whose loss and activation belong together."""
    if output_minus_target(spot.key, spot.line):
        yield reads(negated(spot.equation.expression))


def short_form_again(spot: Spot) -> Forms:
    """Output minus target, and the activation's derivative once more."""
    if short := output_minus_target(spot.key, spot.line):
        for term in spot.terms:
            yield reads(multiplied(short, term.local))


def short_form_early(spot: Spot) -> Forms:
    """Output minus target as the derivative by the output."""
    target = _compared(spot)
    if spot.of_loss and target and spot.key.network.loss_name in ("bce", "cross_entropy"):
        yield reads(Sum((Name(spot.line.by), negated(target))))


def _compared(spot: Spot) -> Name | None:
    """The target that an output is compared with, where each has its own."""
    network = spot.key.network
    stem, bracket, sample = spot.line.by.replace("'", "").partition("[")
    if stem not in network.outputs or len(network.targets) != len(network.outputs):
        return None
    return Name(network.targets[network.outputs.index(stem)] + bracket + sample)


def of_another(spot: Spot) -> Forms:
    """The derivative of another loss of the table by an output."""
    target = _compared(spot)
    output = spot.line.by
    for row in LOSSES.values() if spot.of_loss else ():
        if target and row.name != spot.key.network.loss_name and not row.parameters:
            whole = loss_expression(row, [output], [target.id])
            slope = partials(whole, ["L"], default_conventions()).get(output)
            if slope is not None:
                yield reads(slope, row.title)


def penalty_omitted(spot: Spot) -> Forms:
    """The loss or a weight's derivative without the terms that hold nothing but weights."""
    fixed = {*spot.weights, *spot.key.network.constants}
    if is_loss(spot.key, spot.line.name):
        match spot.equation.expression:
            case Sum(terms):
                kept = tuple(t for t in terms if not fixed.issuperset(names_in(t)))
                if 0 < len(kept) < len(terms):
                    yield reads(added(*kept))
    elif spot.of_loss and spot.line.by in spot.weights and len(spot.terms) > 1:
        yield with_terms(spot, (term for term in spot.terms if not is_first(term)))
