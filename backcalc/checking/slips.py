"""THE table of named mistakes: one row each, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backcalc.checking.mistakes import activation, derivative, figure, line, loss, update
from backcalc.checking.mistakes.form import Forms, Spot


@dataclass(frozen=True, slots=True, eq=False)
class Slip:
    """One row: a mistake that people make, what it makes of a line, and what to do instead."""

    name: str
    """The identifier that files and JSON use."""
    title: str
    """What was done, in a few words."""
    advice: str
    """What to do instead, with `{}` for what a form names."""
    forms: Callable[[Spot], Forms]
    """How a line reads with this mistake in it, in every way in which it can be made there."""
    weight: float = 0.01
    """The share of all wrong figures that are wrong in this way."""
    figure: bool = False
    """Whether it is a slip with the figure only, so that no second mistake hides behind it."""
    verbatim: bool = False
    """Whether the figure must be the slip's to the last digit."""


_ROWS = (
    Slip("softmax-sign", "the short form of the output's derivative with the wrong sign",
         "softmax or sigmoid with its log loss gives output minus target", loss.turned_short_form),
    Slip("loss-sign", "sign of the loss's derivative flipped", "{}",
         loss.loss_sign),
    Slip("target-omitted", "the target is missing",
         "the derivative of the loss compares the output with its target", loss.target_omitted),
    Slip("gradient-sign", "sign flipped", "follow each minus sign through the line",
         derivative.whole_sign),
    Slip("path-dropped", "the path through {} left out",
         "a value that is used in several places gets one term for each", derivative.path_dropped),
    Slip("closed-relu-as-1", "derivative of a closed relu taken as 1",
         "where the pre-activation is below 0, relu passes nothing back",
         activation.closed_as_one),
    Slip("open-relu-as-0", "derivative of an open relu taken as 0",
         "where the pre-activation is above 0, relu passes everything back",
         activation.open_as_zero),
    Slip("activation-derivative-omitted", "activation derivative left out",
         "on the way back through an activation multiply by its derivative",
         activation.omitted),
    Slip("activation-for-derivative", "the activation itself taken for its derivative",
         "sigmoid'(z) is h(1 - h), tanh'(z) is 1 - h**2", activation.as_answer),
    Slip("derivative-at-h", "activation derivative taken at h instead of z",
         "the derivative belongs at the pre-activation z", activation.at_answer),
    Slip("derivative-at-z", "z put in where the activation derivative wants h",
         "h(1 - h) and 1 - h**2 take the activation h", activation.at_input),
    Slip("input-omitted", "input factor left out",
         "a weight's derivative is the one of its weighted sum times its input",
         derivative.input_omitted),
    Slip("weight-for-input", "weight used where the input belongs",
         "the derivative by a weight has the other factor, its input", derivative.weight_for_input),
    Slip("input-for-weight", "the value itself used where its weight belongs",
         "the derivative by a value has the other factor, its weight", derivative.input_for_weight),
    Slip("upstream-omitted", "upstream gradient left out",
         "multiply the local derivative by what comes back from the next line",
         derivative.upstream_omitted),
    Slip("multiplied-for-added", "terms multiplied instead of added",
         "terms of a sum are added, along paths too", derivative.multiplied_terms),
    Slip("factor-two", "a factor {} of the loss missing or extra",
         "look at the loss as it is written: a square gives a 2, a half takes it away",
         loss.loss_factor),
    Slip("mean-or-sum", "mean and sum over {} confused",
         "the sheet says whether the loss is a mean or a sum", loss.mean_or_sum),
    Slip("update-sign", "gradient added instead of subtracted",
         "descent subtracts: new weight = old weight - lr * gradient", update.update_sign),
    Slip("rate-omitted", "learning rate left out", "multiply the gradient by the learning rate",
         update.rate_omitted),
    Slip("updated-weights", "updated weights used in the backward pass",
         "all derivatives come from the old weights; update after the last one",
         update.updated_weights),
    Slip("bias-correction-omitted", "bias correction left out",
         "divide by 1 - beta**t first, which is far from 1 in the first steps",
         update.bias_correction_omitted),
    Slip("root-omitted", "square root left out", "the step is divided by the root of the average",
         update.root_omitted),
    Slip("gradient-as-it-was", "clipping or weight decay left out",
         "the update takes the gradient as the optimizer changes it first", update.unchanged),
    Slip("old-weights", "old weights used in the second forward pass",
         "after the step the forward pass takes the new weights", update.old_weights),
    Slip("bias-omitted", "bias {} forgotten", "add it to the weighted sum", line.bias_omitted),
    Slip("input-dropped", "the term {} left out", "a weighted sum has one term for each edge",
         line.input_dropped),
    Slip("activation-omitted", "{} not applied", "the line ends with it", line.activation_omitted),
    Slip("swapped-weights", "{} and {} swapped", "look up which weight stands on which edge",
         line.swapped_weights),
    Slip("decimal-point", "decimal point slipped", "count the places again", figure.decimal_point,
         figure=True),
    Slip("digits-transposed", "digits {} transposed", "compare digit by digit",
         figure.digits_transposed, figure=True, verbatim=True),
    Slip("rounded-early", "rounded too early, to {} on the way",
         "carry some digits more than you write at the end", figure.rounded_early, figure=True),
    Slip("copied", "this is the value of {}", "look again which line is asked for", figure.copied,
         figure=True),
)  # fmt: skip

SLIPS: dict[str, Slip] = {row.name: row for row in _ROWS}
