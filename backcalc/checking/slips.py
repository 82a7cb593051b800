"""THE table of named mistakes: one row each, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backcalc.checking import forms
from backcalc.checking.forms import Forms, Spot, activation_slope


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
    figure: bool = False
    """Whether it is a slip with the figure only, so that no second mistake hides behind it."""


_ROWS = (
    Slip("softmax-sign", "the short form of the output's derivative with the wrong sign",
         "softmax or sigmoid with its log loss gives output minus target", forms.turned_short_form),
    Slip("loss-sign", "sign of the loss's derivative flipped", "{}",
         forms.loss_sign),
    Slip("target-omitted", "the target is missing",
         "the derivative of the loss compares the output with its target", forms.target_omitted),
    Slip("gradient-sign", "sign flipped", "follow each minus sign through the line",
         forms.whole_sign),
    Slip("path-dropped", "one path left out: the one through {}",
         "a value that is used in several places gets one term for each", forms.path_dropped),
    Slip("closed-relu-as-1", "derivative of a closed relu taken as 1",
         "where the pre-activation is below 0, relu passes nothing back",
         activation_slope(forms.slope_closed_as_one)),
    Slip("open-relu-as-0", "derivative of an open relu taken as 0",
         "where the pre-activation is above 0, relu passes everything back",
         activation_slope(forms.slope_open_as_zero)),
    Slip("activation-derivative-omitted", "activation derivative left out",
         "on the way back through an activation multiply by its derivative",
         activation_slope(forms.slope_one)),
    Slip("activation-for-derivative", "the activation itself taken for its derivative",
         "sigmoid'(z) is h(1 - h), tanh'(z) is 1 - h**2", activation_slope(forms.slope_as_answer)),
    Slip("derivative-at-h", "activation derivative taken at h instead of z",
         "the derivative belongs at the pre-activation z", activation_slope(forms.slope_at_answer)),
    Slip("derivative-at-z", "z put in where the activation derivative wants h",
         "h(1 - h) and 1 - h**2 take the activation h", activation_slope(forms.slope_at_input)),
    Slip("input-omitted", "input factor left out",
         "a weight's derivative is the one of its weighted sum times its input",
         forms.input_omitted),
    Slip("weight-for-input", "weight used where the input belongs",
         "the derivative by a weight has the other factor, its input", forms.weight_for_input),
    Slip("input-for-weight", "the value itself used where its weight belongs",
         "the derivative by a value has the other factor, its weight", forms.input_for_weight),
    Slip("upstream-omitted", "upstream gradient left out",
         "multiply the local derivative by what comes back from the next line",
         forms.upstream_omitted),
    Slip("multiplied-for-added", "terms multiplied instead of added",
         "terms of a sum are added, along paths too", forms.multiplied_terms),
    Slip("factor-two", "a factor {} of the loss missing or extra",
         "look at the loss as it is written: a square gives a 2, a half takes it away",
         forms.loss_factor),
    Slip("mean-or-sum", "mean and sum over {} confused",
         "the sheet says whether the loss is a mean or a sum", forms.mean_or_sum),
    Slip("update-sign", "gradient added instead of subtracted",
         "descent subtracts: new weight = old weight - lr * gradient", forms.update_sign),
    Slip("rate-omitted", "learning rate left out", "multiply the gradient by the learning rate",
         forms.rate_omitted),
    Slip("updated-weights", "updated weights used in the backward pass",
         "all derivatives come from the old weights; update after the last one",
         forms.updated_weights),
    Slip("old-weights", "old weights used in the second forward pass",
         "after the step the forward pass takes the new weights", forms.old_weights),
    Slip("bias-omitted", "bias {} forgotten", "add it to the weighted sum", forms.bias_omitted),
    Slip("input-dropped", "the term {} left out", "a weighted sum has one term for each edge",
         forms.input_dropped),
    Slip("activation-omitted", "{} not applied", "the line ends with it", forms.activation_omitted),
    Slip("swapped-weights", "{} and {} swapped", "look up which weight stands on which edge",
         forms.swapped_weights),
    Slip("decimal-point", "decimal point slipped", "count the places again", forms.decimal_point,
         figure=True),
    Slip("digits-transposed", "digits {} transposed", "compare digit by digit",
         forms.digits_transposed, figure=True),
    Slip("rounded-early", "rounded too early, to {} digits on the way",
         "carry some digits more than you write at the end", forms.rounded_early, figure=True),
    Slip("copied", "this is the value of {}", "take the figure of this line", forms.copied,
         figure=True),
)  # fmt: skip

SLIPS: dict[str, Slip] = {row.name: row for row in _ROWS}
