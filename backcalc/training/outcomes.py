"""What became of a run: one function for each outcome of the table of diagnoses."""

from __future__ import annotations

import math

from backcalc.formulas.rounding import rounded
from backcalc.training.case import CHANGE, FALL, WINDOW, Case, Seen, share, short


def unbounded(case: Case) -> Seen | None:
    """The loss goes on falling, no slower than before, and is further below 0 than it began."""
    long = case.epochs >= WINDOW or case.run.undefined
    if -case.loss <= abs(case.run.trace.start) or not long or case.fall <= CHANGE or case.slows:
        return None
    seen = f"the loss goes on falling, no slower than before, and is {short(case.loss)} by now:"
    seen += " it has no lowest value, or none in sight"
    return Seen(f"{seen}; {_ended(case)}" if case.run.undefined else seen)


def diverging(case: Case) -> Seen | None:
    """The loss grows beyond that of the start, or grows where descent remembers nothing."""
    beyond = case.above_start and (case.run.undefined or case.grows)
    if not beyond and not (case.grows and case.network.descent.plain):
        return None
    began = case.grows_since
    before = [loss for epoch, loss in case.run.trace.points() if epoch < began]
    seen = f"from epoch {began} on the loss grows, from {short(before[-1])} to {short(case.loss)}"
    return Seen(f"{seen}; {_ended(case)}" if case.run.undefined else seen, began)


def undefined(case: Case) -> Seen | None:
    """There is no next epoch, though the loss did not grow."""
    if not case.run.undefined:
        return None
    seen, epoch = _ended(case), _last_epoch(case)
    outputs = {output for each in case.facts.predictions for output in each.outputs}
    if case.network.loss_name in ("bce", "cross_entropy") and outputs & {0.0, 1.0}:
        near = "1" if 1.0 in outputs else "0"
        seen += f"; an output is so near to {near} that it has become exactly {near} in floating"
        seen += f" point, and {case.network.loss_name} takes the log of 0"
        if case.goal.coding and case.success:
            seen += "; the predictions are right, but the loss has no number any more"
    return Seen(seen, epoch)


def converged(case: Case) -> Seen | None:
    """The goal is reached; where it is right predictions, the loss is low or still as well."""
    run = case.run
    if run.reached:
        return Seen(f"the loss came down to {short(run.loss)} in epoch {run.state.epoch}")
    small = case.goal.coding is None or case.loss <= run.trace.start / 10
    if not case.success or not (small or case.still):
        return None
    return Seen(f"the goal, {case.goal.words}, is reached with a loss of {short(run.loss)}")


def zero_gradient(case: Case) -> Seen | None:
    """No step changes anything."""
    if not case.at_rest:
        return None
    exactly = (
        "0" if case.length == 0 else f"as good as 0 (the gradient's length is {_length(case)})"
    )
    seen = f"every derivative of the loss by a weight is {exactly}: perhaps a minimum, perhaps a"
    return Seen(f"{seen} saddle or flat ground; the loss is {short(case.loss)}{_missed(case)}")


def oscillating(case: Case) -> Seen | None:
    """The loss goes up and down, or stays though the gradient is not small."""
    if not case.swings and not case.jumps:
        return None
    ways = ["take a third of it"]
    if case.run.plan.batches.each(len(case.network.samples)) > 1:
        ways.append("larger batches")
    if "mu" in case.network.descent.numbers:
        ways.append("a smaller mu")
    advice = f"the learning rate is too high: {', or '.join(ways)}"
    if case.swings:
        since = case.swings_since
        seen = f"from epoch {since} on the loss goes up and down; at last between"
        seen += f" {short(case.low)} and {short(case.high)}"
        return Seen(seen, since, advice=advice)
    since = case.flat_since
    seen = f"from epoch {since} on the loss stays at {short(case.loss)} though the gradient is not"
    seen += f" small (its length is {_length(case)}): "
    several = case.run.plan.batches.each(len(case.network.samples)) > 1
    seen += "the updates of an epoch undo each other" if several else BACK_AND_FORTH
    return Seen(seen, since, advice=advice)


def still_falling(case: Case) -> Seen | None:
    """The loss falls."""
    if case.fall <= CHANGE:
        return None
    before = case.closing[0].start[1]
    how = f"by {short(round(100 * case.fall, 1))} %"
    how = how if case.loss >= 0 else f"from {short(before)}"
    seen = f"the loss fell {how} over {_last(case.window)}, to {short(case.loss)}"
    return Seen(f"{case.goal.words} already, and {seen}" if case.success else seen)


def too_few_epochs(case: Case) -> Seen | None:
    """Hardly any change, in hardly any epochs."""
    if case.epochs >= WINDOW or not case.run.plan.rate:
        return None
    changed = _changed(case.closing[0].start[1], case.loss)
    seen = f"{changed} over {_last(case.window)} of {case.epochs}" if case.epochs > 1 else changed
    return Seen(f"{seen}: too few epochs to tell what becomes of it")


def small_steps(case: Case) -> Seen | None:
    """Hardly any change since the start, though the gradient is not small; no rise either."""
    if not case.run.plan.rate:
        advice = "take a learning rate above 0"
        return Seen("the learning rate is 0, so that no weight changes", advice=advice)
    down = case.fall > 0 or (case.network.descent.plain and case.fall == 0)
    near = abs(share(case.run.trace.start, case.loss)) < FALL
    if not case.pulled or not down or not near or case.often:
        return None
    changed = _changed(case.closing[0].start[1], case.loss)
    seen = f"{changed} over {_last(case.window)} though the gradient is not small"
    return Seen(f"{seen} (its length is {_length(case)}); it is {short(case.loss)}")


def plateau(case: Case) -> Seen | None:
    """Whatever else: the loss hardly changes."""
    since = case.flat_since
    seen = f"the loss has changed by less than 1 % since epoch {since}; it is {short(case.loss)}"
    if math.isnan(case.length):
        return Seen(seen, since)
    seen += f", and the gradient's length is {_length(case)}"
    odd = case.pulled and case.often > 0
    advice = "try a third of the learning rate, and three times as much" if odd else None
    return Seen(seen, since, advice=advice)


BACK_AND_FORTH = "the weights jump back and forth over a minimum"


def _ended(case: Case) -> str:
    return f"the run ended in epoch {_last_epoch(case)}: {case.run.undefined}"


def _last_epoch(case: Case) -> int:
    """The epoch that has no answer, or left no loss."""
    return case.run.state.epoch + case.finite


def _missed(case: Case) -> str:
    return f"; the goal, {case.goal.words}, is not reached" if case.success is False else ""


def _changed(before: float, after: float) -> str:
    """By how much a loss that hardly changed did."""
    percent = rounded(100 * abs(share(before, after)), 2)[0]
    if before == after:
        return "the loss did not change"
    return f"the loss {'fell' if after < before else 'rose'} by {percent} %"


def _length(case: Case) -> str:
    return rounded(case.length, 3)[0]


def _last(epochs: int) -> str:
    return f"the last {epochs} epochs" if epochs > 1 else "the last epoch"
