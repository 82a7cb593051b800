"""A run with all that can be asked about it, and the thresholds that the answers stand on.

The closing tenth of a run (at least ten epochs, but never more than half of them) is what its
outcome is read from:

- the loss is still where it differs by less than 1 % over the closing epochs, or by less than
  1e-9 of what it was at the start,
- it swings where it rises in a quarter of them or more, and climbs back at least half of the way
  that it covers, and is not still,
- it grows where it rises in more than three quarters of them, or its peaks grow by 10 % from the
  first half of them to the second,
- a gradient is zero where it is shorter than 1e-12, or the loss is still and it is shorter than
  1e-7 of what it was at the start,
- a gradient is small where weights that change by a tenth of their size, or by 0.1, would by it
  change the loss by less than 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from backcalc.errors import listed
from backcalc.formulas.expression import Name
from backcalc.formulas.notation import rounded
from backcalc.formulas.quantity import called, parsed
from backcalc.training.engines.engine import start
from backcalc.training.goal import FLAT, MOST_WORK, Activity, Facts, Goal, Probe, facts
from backcalc.training.run import Run, Watched

CHANGE = 0.01
FALL = 0.1
NOTHING = 1e-12
LEFT = 1e-7  # of the gradient of the start
TRACE = 1e-9  # of the loss of the start
OFTEN, STEADY = 0.25, 0.75
SLOWING = 0.95  # of the pace before: from here on it slows down
WINDOW = 10  # epochs: the closing part has so many at least, unless that is more than half


class Case:
    """A run with all that the rows ask about it, each worked out when it is first asked."""

    def __init__(
        self, run: Run, goal: Goal, probe: Probe | None = None, work: int = MOST_WORK
    ) -> None:
        self.run, self.goal, self.network, self.work = run, goal, run.network, work
        self.probe = probe or Probe(run.network)
        self.finite = math.isfinite(run.loss)
        self.epochs, self.loss = run.trace.end  # of the last loss that has a finite value
        most = max(self.epochs // 10, min(self.epochs // 2, WINDOW), min(self.epochs, 1))
        self.closing = run.trace.since(self.epochs - most)
        self.window = self.epochs - self.closing[0].start[0]
        self.low, self.high = min(group.low[1] for group in self.closing), _high(self.closing)
        self.fall = share(self.closing[0].start[1], self.loss)
        """The share by which the loss fell over the closing epochs; below 0 where it rose."""
        self.often = _often(self.closing[1:] or self.closing)
        """In what share of the closing epochs the loss rose."""

    @cached_property
    def success(self) -> bool | None:
        """True if the goal is reached; None without one."""
        if not self.goal.known:
            return None
        return self.probe.reached(self.goal, self.run.state, self.run.loss)

    @cached_property
    def facts(self) -> Facts:
        """Facts about the last weights, over all samples."""
        return facts(self.probe, self.run.state, self.goal.coding, self.work)

    @cached_property
    def first_facts(self) -> Facts:
        """Facts about the weights of the start, over all samples."""
        return facts(self.probe, start(self.network), self.goal.coding, self.work)

    @property
    def still(self) -> bool:
        """True if the closing losses hardly differ."""
        differ = share(self.high, self.low)
        return differ < CHANGE or self.high - self.low <= TRACE * abs(self.run.trace.start)

    @property
    def swings(self) -> bool:
        """True if the loss goes up and down over the closing epochs."""
        climbed, least = 0.0, math.inf
        for group in self.closing:
            for _, loss in sorted((group.start, group.low, group.high, group.end)):
                least = min(least, loss)
                climbed = max(climbed, loss - least)
        return not self.still and self.often >= OFTEN and climbed >= (self.high - self.low) / 2

    @property
    def grows(self) -> bool:
        """True if the loss grows over the closing epochs, steadily or by its peaks."""
        half = len(self.closing) // 2
        peaks = half and share(_high(self.closing[half:]), _high(self.closing[:half])) > FALL
        return self.fall < -CHANGE and (self.often > STEADY or bool(peaks))

    @property
    def slows(self) -> bool:
        """True if the loss falls less in the second half of the closing epochs."""
        half = len(self.closing) // 2
        (first, one), (middle, two) = self.closing[0].start, self.closing[half].start
        if not first < middle < self.epochs:
            return True
        early, late = (one - two) / (middle - first), (two - self.loss) / (self.epochs - middle)
        return late <= 0 or late < SLOWING * early

    @property
    def grows_since(self) -> int:
        """The first epoch of the growth: from the last time on that the loss was at its least."""
        points = self.run.trace.points()
        least = min(loss for _, loss in points)
        near = (place for place, point in enumerate(points) if share(point[1], least) <= CHANGE)
        place = max(near)
        while place and points[place - 1][1] < points[place][1]:
            place -= 1
        return points[place][0] + 1

    @property
    def flat_since(self) -> int:
        """The epoch since which the loss has changed by less than 1 %."""
        low = high = self.loss
        since = self.epochs
        for group in reversed(self.run.trace.groups):
            low, high = min(low, group.low[1]), max(high, group.high[1])
            if share(high, low) >= CHANGE:
                break
            since = group.start[0]
        return since

    @property
    def swings_since(self) -> int:
        """The first rise of the epochs up to the end in which the loss rose often."""
        began, window = self.epochs, list[Watched]()
        groups = self.run.trace.groups
        for place in range(len(groups) - 1, -1, -1):
            window.insert(0, groups[place])
            if not place or sum(each.count for each in window) >= WINDOW:
                if _often(window) < OFTEN:
                    break
                began = next(each.first_rise for each in window if each.rises) or began
                window = []
        return began

    @cached_property
    def length(self) -> float:
        """The length of the gradient; nan where it has no finite value, or was not worked out."""
        return self.facts.length

    @cached_property
    def at_rest(self) -> bool:
        """True if the gradient is zero."""
        if math.isnan(self.length) or self.length < NOTHING:
            return self.length < NOTHING
        return self.still and self.length < LEFT * self.first_facts.length

    @property
    def pulled(self) -> bool:
        """True if the gradient is not small."""
        size = max(math.hypot(*self.run.state.weights), 1.0)
        return self.length * size > FALL * abs(self.loss)

    @property
    def jumps(self) -> bool:
        """True if the loss stays though plain descent along this gradient would change it."""
        batches, samples = self.run.plan.batches, len(self.network.samples)
        if not self.network.descent.plain or not self.still or self.epochs < WINDOW:
            return False
        promised = self.run.plan.rate * (self.length * self.length) * batches.each(samples)
        return promised > CHANGE * abs(self.loss)


def share(one: float, other: float) -> float:
    """By what share of the larger of the two one number is above another."""
    return one / (size := max(abs(one), abs(other)) or 1.0) - other / size


def short(value: float) -> str:
    """A number of a sentence."""
    return rounded(value, 6)[0]


def _often(groups: Sequence[Watched]) -> float:
    return sum(group.rises for group in groups) / sum(group.count for group in groups)


def _high(groups: Sequence[Watched]) -> float:
    return max(group.high[1] for group in groups)


@dataclass(frozen=True, slots=True)
class Symptom:
    """One diagnosis of one run."""

    sentence: str
    """A sentence that says what was seen."""
    began: int | None = None
    """The epoch from which on it was so, where that is known."""
    units: tuple[str, ...] = ()
    """The units that are meant, where it is about some."""
    advice: str | None = None
    """Advice; empty where there is nothing to do, None where the row's own holds."""
    name: str = ""
    """The row's name."""


# Outcomes: what became of the run.


def unbounded(case: Case) -> Symptom | None:
    """The loss goes on falling, no slower than before, and is further below 0 than it began."""
    long = case.epochs >= WINDOW or case.run.undefined
    if -case.loss <= abs(case.run.trace.start) or not long or case.fall <= CHANGE or case.slows:
        return None
    seen = f"the loss goes on falling, no slower than before, and is {short(case.loss)} by now:"
    seen += " it has no lowest value, or none in sight"
    return Symptom(f"{seen}; {_ended(case)}" if case.run.undefined else seen)


def diverging(case: Case) -> Symptom | None:
    """The loss grows beyond that of the start, or grows where descent remembers nothing."""
    above = case.run.trace.above_since is not None
    beyond = above and (case.run.undefined or case.grows)
    if not beyond and not (case.grows and case.network.descent.plain):
        return None
    began = case.grows_since
    before = [loss for epoch, loss in case.run.trace.points() if epoch < began]
    seen = f"from epoch {began} on the loss grows, from {short(before[-1])} to {short(case.loss)}"
    return Symptom(f"{seen}; {_ended(case)}" if case.run.undefined else seen, began)


def undefined(case: Case) -> Symptom | None:
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
            seen += "; the predictions are right, but the loss has no finite value any more"
    return Symptom(seen, epoch)


def converged(case: Case) -> Symptom | None:
    """The goal is reached; where it is right predictions, the loss is low or still as well."""
    run = case.run
    if run.reached:
        return Symptom(f"the loss came down to {short(run.loss)} in epoch {run.state.epoch}")
    small = case.goal.coding is None or case.loss <= run.trace.start / 10
    if not case.success or not (small or case.still):
        return None
    if case.goal.coding is None and run.trace.start <= (case.goal.loss or -math.inf):
        seen = f"the loss was below the goal, {case.goal.words}, from the start: it went from"
        return Symptom(f"{seen} {short(run.trace.start)} to {short(run.loss)}")
    return Symptom(f"the goal, {case.goal.words}, is reached with a loss of {short(run.loss)}")


def zero_gradient(case: Case) -> Symptom | None:
    """No step changes anything."""
    if not case.at_rest:
        return None
    near = f"as good as 0 (the gradient's length is {_length(case)})"
    exactly = near if case.length else "0"
    seen = f"every derivative of the loss by a weight is {exactly}: perhaps a minimum, perhaps a"
    missed = f"; the goal, {case.goal.words}, is not reached" if case.success is False else ""
    return Symptom(f"{seen} saddle or flat ground; the loss is {short(case.loss)}{missed}")


def oscillating(case: Case) -> Symptom | None:
    """The loss goes up and down, or stays though the gradient is not small."""
    if not case.swings and not case.jumps:
        return None
    several = case.run.plan.batches.each(len(case.network.samples)) > 1
    ways = ["take a third of it", *(["larger batches"] if several else [])]
    ways += ["a smaller mu"] if "mu" in case.network.descent.numbers else []
    advice = f"the learning rate is too high: {', or '.join(ways)}"
    if case.swings:
        since = case.swings_since
        seen = f"from epoch {since} on the loss goes up and down; at last between"
        seen += f" {short(case.low)} and {short(case.high)}"
        return Symptom(seen, since, advice=advice)
    since = case.flat_since
    seen = f"from epoch {since} on the loss stays at {short(case.loss)} though the gradient is not"
    seen += f" small (its length is {_length(case)}): "
    back_and_forth = "the weights jump back and forth over a minimum"
    seen += "the updates of an epoch undo each other" if several else back_and_forth
    return Symptom(seen, since, advice=advice)


def still_falling(case: Case) -> Symptom | None:
    """The loss falls."""
    if case.fall <= CHANGE:
        return None
    before = case.closing[0].start[1]
    how = f"by {short(round(100 * case.fall, 1))} %"
    how = how if case.loss >= 0 else f"from {short(before)}"
    seen = f"the loss fell {how} over {_last(case.window)}, to {short(case.loss)}"
    seen = f"{case.goal.words} already, and {seen}" if case.success else seen
    return Symptom(seen, advice=f"train for more epochs{_ahead(case)}")


def _ahead(case: Case) -> str:
    """What as many epochs again would bring, where the closing epochs let one tell.

    The loss is continued as it fell over both halves of them: towards a level that it nears, or
    where it does not slow down by the same share in each half.
    """
    half = len(case.closing) // 2
    (first, one), (middle, two) = case.closing[0].start, case.closing[half].start
    if not first < middle < case.epochs or case.swings or not one > two > case.loss > 0:
        return ""
    spans = case.epochs / (case.epochs - middle)  # of the second half's length
    early, late = (one - two) / (middle - first), (two - case.loss) / (case.epochs - middle)
    keeps = late / early
    if keeps < SLOWING:
        rest = (two - case.loss) * keeps / (1 - keeps)  # of a geometric series
        found = case.loss - rest * (1 - keeps**spans)
    else:
        found = case.loss * (case.loss / two) ** spans
    if not 0 < found < case.loss:
        return ""
    more = f"{case.epochs} more would bring the loss to about {rounded(found, 2)[0]}"
    return f": if it goes on like this, {more}"


def too_few_epochs(case: Case) -> Symptom | None:
    """Hardly any change, in hardly any epochs."""
    if case.epochs >= WINDOW or not case.run.plan.rate:
        return None
    changed = _changed(case.closing[0].start[1], case.loss)
    seen = f"{changed} over {_last(case.window)} of {case.epochs}" if case.epochs > 1 else changed
    return Symptom(f"{seen}: too few epochs to tell what becomes of it")


def small_steps(case: Case) -> Symptom | None:
    """Hardly any change since the start, though the gradient is not small; no rise either."""
    if not case.run.plan.rate:
        advice = "take a learning rate above 0"
        return Symptom("the learning rate is 0, so that no weight changes", advice=advice)
    down = case.fall > 0 or (case.network.descent.plain and case.fall == 0)
    near = abs(share(case.run.trace.start, case.loss)) < FALL
    if not case.pulled or not down or not near or case.often:
        return None
    changed = _changed(case.closing[0].start[1], case.loss)
    seen = f"{changed} over {_last(case.window)} though the gradient is not small"
    return Symptom(f"{seen} (its length is {_length(case)}); it is {short(case.loss)}")


def plateau(case: Case) -> Symptom | None:
    """Whatever else: the loss hardly changes."""
    since = case.flat_since
    seen = f"the loss has changed by less than 1 % since epoch {since}; it is {short(case.loss)}"
    if math.isnan(case.length):
        return Symptom(seen, since)
    seen += f", and the gradient's length is {_length(case)}"
    odd = case.pulled and case.often > 0
    advice = "try a third of the learning rate, and three times as much" if odd else None
    return Symptom(seen, since, advice=advice)


def _ended(case: Case) -> str:
    return f"the run ended in epoch {_last_epoch(case)}: {case.run.undefined}"


def _last_epoch(case: Case) -> int:
    return case.run.state.epoch + case.finite


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


# Causes: why it became so.


def dead(case: Case) -> Symptom | None:
    """Units whose relu passes nothing on for any sample."""
    found = _off(case.facts)
    if not found:
        return None
    one, units = len(found) == 1, tuple(each.unit for each in found)
    named = f"unit {units[0]} is" if one else f"units {_and(units)} are"
    number = found[0].samples
    every = {1: "the sample", 2: "both samples"}.get(number, f"all {number} samples")
    own = case.network.names
    inputs = [each.call.arguments[0] for each in found]
    stems = [parsed(each.id).of_sample(None) for each in inputs if isinstance(each, Name)]
    z = listed([called(each, own) for each in stems if each in own]) or "z"
    seen = f"{named} dead: {z} <= 0 on {every}, so that relu passes nothing on and nothing back"
    if {*units} <= {each.unit for each in _off(case.first_facts)}:
        seen += f"; {'it was' if one else 'they were'} so at the start already"
        return Symptom(seen, units=units, advice="take other starting weights, or leaky_relu")
    return Symptom(seen, units=units)


def _off(facts: Facts) -> list[Activity]:
    return [each for each in facts.activities if 0 < each.off == each.samples]


def symmetry(case: Case) -> Symptom | None:
    """Units that cannot become different."""
    alike: dict[tuple[str, str], list[str]] = {}
    for each in case.facts.activities:
        if each.incoming:
            alike.setdefault((each.call.function.name, each.incoming), []).append(each.unit)
    groups = [units for units in alike.values() if len(units) > 1]
    if not groups:
        return None
    names = listed(("units " + _and(units) for units in groups), 4)
    seen = f"{names} have identical weights, so that they do the same on every sample"
    return Symptom(seen, units=tuple(unit for units in groups for unit in units))


def saturated(case: Case) -> Symptom | None:
    """Units that pass little back."""
    flat = [  # on more than half of the samples; an output only where it is wrong there
        each for each in case.facts.activities
        if (each.flat_wrong if each.output else 2 * each.flat > each.samples)
    ]  # fmt: skip
    if not flat:
        return None
    words = [f"{each.unit} on {each.flat} of {each.samples}" for each in flat]
    seen = f"saturated on most samples ({'unit' if len(flat) == 1 else 'units'} {listed(words)}):"
    units = tuple(each.unit for each in flat)
    seen += f" the local derivative is below {FLAT:g}, so that little passes back"
    return Symptom(seen, units=units)


def same_output(case: Case) -> Symptom | None:
    """One answer for all samples, though the targets differ."""
    predictions = case.facts.predictions
    if len(predictions) < 2 or not predictions[0].targets:
        return None
    spread = _spread([each.targets for each in predictions])
    if not spread or _spread([each.outputs for each in predictions]) >= CHANGE * spread:
        return None
    outputs = listed((short(round(each, 4)) for each in predictions[0].outputs), 6)
    seen = f"the net gives the same output, {outputs}, for every sample"
    if case.network.loss_name == "bce" and abs(case.loss - math.log(2)) < 0.001:
        seen += "; 0.693 = ln 2 is what bce gives for 1/2, whatever the target"
    hidden = any(not each.output for each in case.facts.activities)
    return Symptom(seen, advice=None if hidden else "")


def _spread(rows: Sequence[tuple[float, ...]]) -> float:
    columns: list[tuple[float, ...]] = list(zip(*rows, strict=True))
    return max(max(column) - min(column) for column in columns)


def _and(words: Sequence[str]) -> str:
    *most, last = words if len(words) <= 12 else (*words[:12], f"{len(words) - 12} more")
    return f"{', '.join(most)} and {last}" if most else last


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """One row."""

    name: str
    find: Callable[[Case], Symptom | None]
    """Finds it in a run; None where it is not there."""
    advice: str
    """Advice, unless the finding has its own."""
    cause: bool = False
    """True if it says why; else it says what became of the run."""
    after: tuple[str, ...] = ()
    """The outcomes after which a cause is asked for."""
    vague: bool = False
    """True if an outcome's advice is left to its causes where they have some."""


STUCK = ("zero gradient", "oscillating", "still falling", "plateau")

DIAGNOSES = (
    Diagnosis("falling without bound", unbounded,
              "look at the loss and its sign: descent needs one that cannot fall for ever"),
    Diagnosis("diverging", diverging, "take a smaller learning rate"),
    Diagnosis("undefined", undefined,
              "take a smaller learning rate, or stop earlier (--until-loss)"),
    Diagnosis("converged", converged, ""),
    Diagnosis("zero gradient", zero_gradient,
              "if it is the minimum, this net cannot do better on these samples; if not, other"
              " starting weights (--restarts) lead elsewhere", vague=True),
    Diagnosis("oscillating", oscillating, ""),
    Diagnosis("still falling", still_falling, "train for more epochs"),
    Diagnosis("too few epochs", too_few_epochs, "train for more epochs"),
    Diagnosis("steps too small", small_steps,
              "take a larger learning rate, for example ten times this one, or many more epochs"),
    Diagnosis("plateau", plateau,
              "more epochs or a larger learning rate, unless this is nearly a minimum; if it is,"
              " other starting weights (--restarts) or more units", vague=True),
    Diagnosis("stuck by symmetry", symmetry,
              "start from random weights, so that the units can become different",
              cause=True, after=STUCK),
    Diagnosis("dead units", dead,
              "take a smaller learning rate, other starting weights, or leaky_relu",
              cause=True, after=(*STUCK, "converged")),
    Diagnosis("saturated units", saturated,
              "start from smaller weights, or take a smaller learning rate",
              cause=True, after=STUCK),
    Diagnosis("same output", same_output,
              "look at what keeps the hidden units from telling the samples apart",
              cause=True, after=STUCK),
)  # fmt: skip
"""The outcomes, of which the first that is found is a run's, then the causes."""

UPHILL = "the learning rate is below 0, so that every step goes uphill: take one above 0"


def diagnose(case: Case) -> tuple[Symptom, ...]:
    """Return the outcome of a run, then its causes."""
    outcome = next(each for row in DIAGNOSES if not row.cause and (each := _found(row, case)))
    rows = [row for row in DIAGNOSES if outcome.name in row.after]
    causes = [each for row in rows if (each := _found(row, case))]
    if outcome.name == "converged":  # a remark: there is nothing to do
        causes = [replace(each, advice="") for each in causes]
    vague = any(row.vague for row in DIAGNOSES if row.name == outcome.name)
    if vague and any(each.advice for each in causes):
        outcome = replace(outcome, advice="")
    if case.run.plan.rate < 0 and outcome.name != "converged":
        outcome = replace(outcome, advice=UPHILL)
    return outcome, *causes


def _found(row: Diagnosis, case: Case) -> Symptom | None:
    found = row.find(case)
    advice = found.advice if found and found.advice is not None else row.advice
    return found and replace(found, name=row.name, advice=advice)
