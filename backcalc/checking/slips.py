"""THE table of named mistakes: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backcalc.checking.mistakes import (
    activation,
    derivative,
    figure,
    line,
    loss,
    update,
    whole_matrices,
)
from backcalc.checking.mistakes.form import Forms, Spot
from backcalc.checking.mistakes.whole_matrices import FormulaSlip


@dataclass(frozen=True, slots=True, eq=False)
class Slip:
    """One row: a mistake that people make, what it makes of a line, and what to do instead."""

    name: str
    """The identifier that files and JSON use."""
    title: str
    """What was done, in a few words for tables, with `{}` for what a form names."""
    comment: str
    """What is said to the person: what went wrong, and what to do instead."""
    forms: Callable[[Spot], Forms]
    """How a line reads with this mistake in it, in every way in which it can be made there."""
    weight: float = 0.01
    """The share of all wrong figures that are wrong in this way."""
    covers: tuple[str, ...] = ()
    """The rows that say less where this one holds."""
    figure: bool = False
    """True for a slip with the figure only, which is made anew wherever it is made."""
    verbatim: bool = False
    """True if the figure must be the slip's to the last digit."""
    mild: bool = False
    """True if a figure that is off by no more than the tolerance is only close."""
    own: bool = False
    """True if its forms hold what the person has written before."""
    of_one_value: bool = False
    """True if it is the same mistake only with what comes back from the same value."""
    joint: bool = False
    """True if only several lines together tell of it."""
    edits: FormulaSlip | None = None
    """How a formula of vectors and matrices reads with it; None: it is made with scalars only."""

    @property
    def group(self) -> str:
        """What kind of mistake it is, by the module that holds it."""
        return self.forms.__module__.rpartition(".")[2]

    @property
    def about_one_figure(self) -> bool:
        """True for a mistake that tells of one figure, and nothing of a formula."""
        return self.figure or self.name == "misread-given"

    def __reduce__(self) -> tuple[Callable[[str], Slip], tuple[str]]:
        """Go from process to process by its name: a row stands once in each."""
        return row, (self.name,)


_ROWS = (
    Slip("other-convention", "at a kink, right with {} for the derivative",
         "You are at a kink, where there is no derivative. Your figure is right with {} for it, "
         "but here {}.",
         activation.other_convention, 0.5,
         ("closed-relu-as-1", "open-relu-as-0", "activation-derivative-omitted",
          "other-derivative")),
    Slip("softmax-sign", "the short form of the output's derivative with the wrong sign",
         "You have the wrong sign in the short form: softmax or sigmoid with its log loss gives "
         "output minus target.",
         loss.turned_short_form, 0.08, ("gradient-sign", "loss-sign")),
    Slip("loss-sign", "sign of the loss's derivative flipped",
         "You flipped the sign of the loss's derivative: {}.",
         loss.loss_sign, 0.12, ("gradient-sign",), own=True),
    Slip("gradient-sign", "sign flipped",
         "You flipped a sign: follow each minus sign through the line.",
         derivative.whole_sign, 0.08, own=True, of_one_value=True, edits=whole_matrices.turned),
    Slip("path-dropped", "{} left out",
         "You left out {}: a value that is used in several places gets one term for each.",
         derivative.path_dropped, 0.08),
    Slip("sample-dropped", "{} left out of the total",
         "You left out {}: the total has a part from each sample.",
         derivative.sample_dropped, 0.05),
    Slip("one-sample", "only {} taken",
         "You took only {}: the total has a part from each sample.",
         derivative.one_sample, 0.03, ("copied", "sample-dropped")),
    Slip("path-twice", "the path through {} counted twice",
         "You counted the path through {} twice: each path from the value to the loss gives one "
         "term.",
         derivative.path_twice, 0.005),
    Slip("closed-relu-as-1", "derivative of a closed relu taken as 1",
         "You took the derivative of a closed relu as 1: where the pre-activation is below 0, "
         "relu passes nothing back.",
         activation.closed_as_one, 0.07, ("activation-derivative-omitted", "other-derivative")),
    Slip("open-relu-as-0", "derivative of an open relu taken as 0",
         "You took the derivative of an open relu as 0: where the pre-activation is above 0, "
         "relu passes everything back.",
         activation.open_as_zero, 0.02),
    Slip("activation-derivative-omitted", "activation derivative left out",
         "You left out the activation's derivative: multiply by it on the way back through an "
         "activation.",
         activation.omitted, 0.06, edits=whole_matrices.factor_left_out),
    Slip("activation-for-derivative", "the activation itself taken for its derivative",
         "You took the activation itself for its derivative, which is {}.",
         activation.as_answer, 0.02),
    Slip("half-derivative", "only one factor of the activation's derivative",
         "You took only one factor of the activation's derivative, which is {}.",
         activation.half, 0.012),
    Slip("other-derivative", "the derivative of another activation, {}",
         "You took the derivative of another activation, {}: look up which activation this unit "
         "has.",
         activation.of_another, 0.012),
    Slip("derivative-at-h", "derivative taken at the activation itself",
         "You took the activation's derivative at the activation: at the pre-activation it is {}.",
         activation.at_answer, 0.015),
    Slip("derivative-at-z", "pre-activation put into the derivative",
         "You put the pre-activation where the activation belongs: the derivative is {}.",
         activation.at_input, 0.015),
    Slip("short-form-again", "the short form multiplied by the activation's derivative again",
         "You multiplied the short form by the activation's derivative again: output minus "
         "target holds it already.",
         loss.short_form_again, 0.02),
    Slip("short-form-early", "the short form put one line too early",
         "You put the short form one line too early: output minus target is the derivative by "
         "the pre-activation.",
         loss.short_form_early, 0.02, ("other-loss", "copied")),
    Slip("sign-inside", "a plus where {} has a minus",
         "You wrote a plus where the derivative has a minus: it is {}.",
         derivative.sign_inside, 0.01),
    Slip("bias-as-constant", "a bias's derivative taken as 0",
         "You took the derivative by a bias as 0: a bias is added to the weighted sum, so its "
         "derivative is the derivative by that sum.",
         derivative.bias_as_constant, 0.02),
    Slip("other-step", "the values of another time step taken",
         "You took the values of another time step: look up which step each factor belongs to.",
         derivative.other_step, 0.01),
    Slip("input-omitted", "input factor left out",
         "You left out the input: a weight's derivative is the derivative by its weighted "
         "sum, times its input.",
         derivative.input_omitted, 0.03),
    Slip("input-for-bias", "a bias's derivative multiplied by {}",
         "You multiplied by {}: a bias has no input as a factor, so its derivative is the "
         "derivative by its weighted sum.",
         derivative.input_for_bias, 0.02),
    Slip("weight-omitted", "weight left out on the way back",
         "You left out the weight on the way back: multiply what comes back by the weight on "
         "the edge.",
         derivative.weight_omitted, 0.03),
    Slip("weight-for-input", "weight used where the input belongs",
         "You used the weight where its input belongs: the derivative by a weight has the other "
         "factor, its input.",
         derivative.weight_for_input, 0.02),
    Slip("input-for-weight", "the value itself used where its weight belongs",
         "You used the value where its weight belongs: the derivative by a value has the other "
         "factor, its weight.",
         derivative.input_for_weight, 0.015),
    Slip("sum-for-input", "the pre-activation used where the activation belongs",
         "You used the pre-activation where the activation belongs: the input of a weight is "
         "what comes out of the unit before it.",
         derivative.sum_for_input, 0.015),
    Slip("upstream-omitted", "upstream gradient left out",
         "You left out the upstream gradient: multiply the local derivative by what comes back "
         "from the next line.",
         derivative.upstream_omitted, 0.03),
    Slip("multiplied-for-added", "terms multiplied instead of added",
         "You multiplied terms that are added: terms of a sum are added, along paths too.",
         derivative.multiplied_terms, 0.005),
    Slip("added-for-multiplied", "factors added instead of multiplied",
         "You added factors that are multiplied: along a path derivatives are multiplied, and "
         "so are a weight and its input.",
         derivative.added_factors, 0.008),
    Slip("factor-two", "{} as large because of a factor of the loss",
         "Your figure is {} as large as it should be: look at the factors of the loss. A square "
         "gives a 2, and a half before it cancels that.",
         loss.loss_factor, 0.05, ("other-loss", "scale-omitted")),
    Slip("mean-or-sum", "mean and sum over {} confused",
         "You confused mean and sum over {}: the sheet says whether the loss is a mean or a "
         "sum.",
         loss.mean_or_sum, 0.03, ("scale-omitted",)),
    Slip("target-omitted", "the target is missing",
         "You left out the target: the derivative of the loss compares the output with it.",
         loss.target_omitted, 0.015),
    Slip("other-loss", "the derivative of another loss, {}",
         "You took the derivative of another loss, {}: look at the loss as it is written.",
         loss.of_another, 0.015),
    Slip("penalty-omitted", "the penalty on the weights left out",
         "You left out the penalty on the weights: the loss has it as a term of its own, and so "
         "has each weight's derivative.",
         loss.penalty_omitted, 0.03, ("input-dropped", "path-dropped")),
    Slip("update-sign", "gradient added instead of subtracted",
         "You added the gradient, but descent subtracts it: the line is {}.",
         update.update_sign, 0.06),
    Slip("change-sign", "subtracted in the update where it is added",
         "You subtracted what the update adds: the line is {}.",
         update.added_subtracted, 0.01),
    Slip("update-turned", "sign of the new weight turned",
         "Your new weight has the wrong sign: it is {}, in this order.",
         update.turned_round, 0.005),
    Slip("rate-omitted", "learning rate left out",
         "You left out the learning rate: multiply the gradient by it.",
         update.rate_omitted, 0.03),
    Slip("not-updated", "the old weight kept",
         "You kept the old weight: the new one is {}.",
         update.not_updated, 0.02, own=True),
    Slip("old-weight-omitted", "only the change, without the old weight",
         "You wrote only the change: the new weight is {}.",
         update.old_weight_omitted, 0.01),
    Slip("rate-factor", "moved by {} times the right step, and other weights too",
         "This weight moves by {} times what your own figures give, and so do other weights: look "
         "at the learning rate.",
         update.rate_factor, joint=True),
    Slip("updated-weights", "updated weights used in the backward pass",
         "You used updated weights in the backward pass: all derivatives come from the old "
         "weights, so update after the last one.",
         update.updated_weights, 0.03, own=True),
    Slip("bias-correction-omitted", "bias correction left out",
         "You left out the bias correction: divide by 1 - beta**t first, which is far from 1 in "
         "the first steps.",
         update.bias_correction_omitted, 0.05),
    Slip("other-beta", "one beta taken for the other",
         "You took one beta for the other: beta1 is for the average of the gradients, beta2 for "
         "that of their squares.",
         update.other_beta, 0.02, ("decimal-point",)),
    Slip("averages-interchanged", "{} and 1 - {} interchanged",
         "You interchanged {} and 1 - {}: the first is for the old average, the second for what "
         "is new.",
         update.averages_interchanged, 0.02, ("misread-given",)),
    Slip("other-clock", "bias correction of step {}",
         "You took the bias correction of step {}: in 1 - beta**t the t counts all steps so far.",
         update.other_clock, 0.02),
    Slip("other-decay", "{} times the weight decay",
         "You took {} times the weight decay: here the gradient gets weight_decay * weight, with "
         "no further factor.",
         update.other_decay, 0.01),
    Slip("root-omitted", "square root left out",
         "You left out the square root: the step is divided by the root of the average.",
         update.root_omitted, 0.02),
    Slip("gradient-as-it-was", "clipping or weight decay left out",
         "You left out clipping or weight decay: the update takes the gradient as the optimizer "
         "changes it first.",
         update.unchanged, 0.05),
    Slip("old-state", "the average from before the step used",
         "You used the average from before the step: the update takes the new average.",
         update.old_state, 0.02),
    Slip("other-optimizer", "the step of another optimizer: {}",
         "This is the step of another optimizer, {}: look up the formula of the one that the "
         "sheet names.",
         update.of_another, 0.03, ("rate-omitted",)),
    Slip("old-weights", "old weights used in the second pass",
         "You used the old weights in the second pass: after the step it takes the new ones.",
         update.old_weights, 0.05, own=True),
    Slip("bias-omitted", "bias {} forgotten",
         "You forgot the bias {}: add it to the weighted sum.",
         line.bias_omitted, 0.04),
    Slip("input-dropped", "the term {} left out",
         "You left out the term {}: write down every term of the sum.",
         line.input_dropped, 0.03),
    Slip("activation-omitted", "{} not applied",
         "You did not apply {}: it is the last thing to do on this line.",
         line.activation_omitted, 0.03),
    Slip("sum-omitted", "not divided by the sum of all exponentials",
         "You did not divide by the sum of all exponentials: softmax is exp(z) over that sum, "
         "and its outputs add up to 1.",
         line.sum_omitted, 0.03),
    Slip("other-activation", "{} taken for {}",
         "You took {} for {}: look up which activation this unit has.",
         line.other_activation, 0.02),
    Slip("swapped-weights", "{} and {} swapped",
         "You swapped {} and {}: look up which of them belongs here.",
         line.swapped_weights, 0.03),
    Slip("other-sample", "{} taken for {}",
         "You took {} for {}: look up which of them belongs here.",
         line.other_sample, 0.02),
    Slip("other-unit", "{} taken for {}",
         "You took {} for {}: look up which unit belongs here.",
         line.other_unit, 0.002),
    Slip("scale-omitted", "the constant factor {} left out",
         "You left out the constant factor {}: the formula has it.",
         line.scale_omitted, 0.015),
    Slip("log10-for-ln", "log10 taken for the natural logarithm",
         "You took log10 for the natural logarithm: log is the natural logarithm here, so press "
         "ln.",
         line.decimal_logarithm, 0.02),
    Slip("degrees", "the angle taken in degrees",
         "You took the angle in degrees: set the calculator to radians.",
         line.degrees, 0.02),
    Slip("misread-given", "{} read as {}",
         "You read {} as {}: copy the given numbers again.",
         figure.misread, 0.01),
    Slip("decimal-point", "decimal point slipped",
         "The decimal point slipped: count the places again.",
         figure.decimal_point, 0.03, ("misread-given", "digits-transposed"), figure=True),
    Slip("digits-transposed", "digits {} transposed",
         "You transposed the digits {}: compare digit by digit.",
         figure.digits_transposed, 0.01, figure=True, verbatim=True, own=True),
    Slip("digit-wrong", "one digit wrong",
         "One digit is wrong: compare digit by digit.",
         figure.digit_wrong, 0.03, figure=True, verbatim=True, mild=True, own=True),
    Slip("rounded-early", "rounded too early, to {} on the way",
         "You rounded too early, to {} on the way: carry some digits more than you write at the "
         "end.",
         figure.rounded_early, 0.01, figure=True, mild=True, own=True),
    Slip("common-factor", "{} times what it should be, and other lines too",
         "This is {} times what your own figures give, and so are other lines: look for one factor "
         "too many or too few in all of them.",
         figure.common_factor, joint=True),
    Slip("batch-not-averaged", "not divided by the size of the batch",
         "You did not divide by the size of the batch: the loss is the mean over its samples.",
         whole_matrices.no_forms, edits=whole_matrices.not_averaged),
    Slip("batch-not-summed", "not summed over the batch",
         "You did not sum over the batch: each of its samples adds to the weight's derivative.",
         whole_matrices.no_forms, edits=whole_matrices.not_summed),
    Slip("axis-confused", "summed over the other axis",
         "You summed over the other axis: a sum over the batch goes down the rows.",
         whole_matrices.no_forms, edits=whole_matrices.other_axis),
    Slip("matrix-transposed", "the matrix transposed",
         "You have the transpose of the right matrix: a gradient has the shape of its weight.",
         whole_matrices.no_forms, edits=whole_matrices.laid),
    Slip("factor-not-transposed", "a factor not transposed",
         "You left out a transpose: on the way back a product takes the other factor transposed.",
         line.not_transposed, 0.02, ("swapped-weights",), edits=whole_matrices.untransposed),
    Slip("outer-product-missing", "the outer product missing",
         "You need the outer product here: a column times a row gives a matrix.",
         whole_matrices.no_forms, edits=whole_matrices.outer_missing),
    Slip("product-order", "the factors of a product in the wrong order",
         "You have the factors in the wrong order: for matrices A·B is not B·A.",
         whole_matrices.no_forms, edits=whole_matrices.swapped),
    Slip("entrywise-product", "multiplied element by element instead of as matrices",
         "You multiplied element by element: here the product of matrices belongs.",
         whole_matrices.no_forms, edits=whole_matrices.entrywise),
    Slip("matrix-product", "multiplied as matrices instead of element by element",
         "You multiplied as matrices: here each element is multiplied by its own factor.",
         whole_matrices.no_forms, edits=whole_matrices.as_matrices),
    Slip("copied", "this is the value of {}",
         "This is the value of {}: look again which line is asked for.",
         figure.copied, 0.03, ("other-unit",), figure=True, own=True),
)  # fmt: skip

SLIPS: dict[str, Slip] = {row.name: row for row in _ROWS}


def row(name: str) -> Slip:
    """Return the row of the table with a name."""
    return SLIPS[name]
