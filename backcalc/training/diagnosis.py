"""THE table of diagnoses: what became of a run, and why, a row each.

One outcome, the first that is found, and every cause. The closing tenth of a run (at least ten
epochs) is what its outcome is read from:

- the loss hardly changes where it differs by less than 1 % over the closing tenth,
- it swings where it rises in a quarter to three quarters of those epochs, by 1 % or more in all,
  and has not fallen by 10 %,
- it grows where it rises in more of them, or its peaks grow by 10 % from the first half of the
  closing tenth to the second,
- converged means that the goal is reached, and where the goal is right predictions that the loss
  is also down to a tenth of its start or hardly changes,
- a derivative below 1e-9 is called zero, a local derivative below 0.01 flat, and outputs that
  differ by less than 1 % of what the targets do are called the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from backcalc.errors import listed
from backcalc.notation import rounded
from backcalc.training.facts import MOST_WORK, Activity, Facts, Probe, facts
from backcalc.training.goal import Goal, Judge
from backcalc.training.run import Run
from backcalc.training.trace import Group

CHANGE = 0.01
FALL = 0.1
NOTHING = 1e-9
OFTEN, STEADY = 0.25, 0.75
WINDOW = 10  # losses: how often a loss rises is counted over so many at least


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnosis of one run."""

    name: str
    """The row's name."""
    sentence: str
    """What was seen."""
    advice: str
    """What to do about it; empty where there is nothing to do."""
    began: int | None = None
    """The epoch from which on it was so, where that is known."""
    units: tuple[str, ...] = ()
    """The units that are meant, where it is about some."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row has found."""

    sentence: str
    """What was seen."""
    began: int | None = None
    """The epoch from which on it was so."""
    units: tuple[str, ...] = ()
    """The units that are meant."""


class Case:
    """A run with all that the rows ask about it, each worked out when it is first asked."""

    def __init__(
        self, run: Run, goal: Goal, probe: Probe | None = None, work: int = MOST_WORK
    ) -> None:
        self.run, self.goal, self.network, self.work = run, goal, run.network, work
        self.probe = probe or Probe(run.network, run.plan.batches)
        self.finite = math.isfinite(run.loss)
        last = run.trace.end[0]
        self.closing = run.trace.since(last - max(last // 10, min(last, WINDOW)))

    @cached_property
    def success(self) -> bool:
        """Whether the goal is reached."""
        return Judge(self.network, self.goal).reached(self.run.state, self.run.loss)

    @cached_property
    def facts(self) -> Facts:
        """What the last weights do on every sample."""
        return facts(self.probe, self.run.state, self.goal.coding, self.work)

    @property
    def loss(self) -> float:
        """The last loss that has a finite value."""
        return self.run.trace.end[1]

    @property
    def fall(self) -> float:
        """The share by which the loss fell over the closing tenth; below 0 where it rose."""
        return _share(self.closing[0].start[1], self.loss)

    @property
    def often(self) -> float:
        """In what share of the closing epochs the loss rose."""
        return _often(self.closing)

    @property
    def swing(self) -> float:
        """The share by which the closing losses differ."""
        return _share(_high(self.closing), min(group.low[1] for group in self.closing))

    @property
    def grows(self) -> bool:
        """Whether the loss grows over the closing tenth, steadily or by its peaks."""
        half = len(self.closing) // 2
        peaks = half and _share(_high(self.closing[half:]), _high(self.closing[:half])) > FALL
        return self.fall < -CHANGE and (self.often > STEADY or bool(peaks))

    @property
    def flat_since(self) -> int:
        """The epoch since which the loss has changed by less than 1 %."""
        low = high = self.loss
        since = self.run.trace.end[0]
        for group in reversed(self.run.trace.groups):
            low, high = min(low, group.low[1]), max(high, group.high[1])
            if _share(high, low) >= CHANGE:
                break
            since = group.start[0]
        return since

    @property
    def swings_since(self) -> int:
        """The first rise of the epochs up to the end in which the loss rose often."""
        began, window = self.run.trace.end[0], list[Group]()
        for group in reversed(self.run.trace.groups):
            window.insert(0, group)
            if sum(each.count for each in window) >= WINDOW:
                if _often(window) < OFTEN:
                    break
                began = next(each.first_rise for each in window if each.rises) or began
                window = []
        return began

    @cached_property
    def length(self) -> float:
        """The length of the gradient; nan where it has no finite value."""
        gradient = self.facts.gradient
        return math.nan if gradient is None else math.hypot(*gradient.values())


def _share(one: float, other: float) -> float:
    """By what share of the larger of the two one number is above another."""
    return (one - other) / (max(abs(one), abs(other)) or 1.0)


def _often(groups: Sequence[Group]) -> float:
    return sum(group.rises for group in groups) / sum(group.count for group in groups)


def _high(groups: Sequence[Group]) -> float:
    return max(group.high[1] for group in groups)


def _short(value: float) -> str:
    return rounded(value, 6)[0]


# Outcomes.


def _diverging(case: Case) -> Seen | None:
    run, trace = case.run, case.run.trace
    began = trace.above_since
    if run.undefined and not case.success:
        epoch = run.state.epoch + case.finite  # the epoch that has no answer, or left none
        seen = f"the run ended in epoch {epoch}: {run.undefined}"
        if began is not None:
            seen = f"from epoch {began} on the loss was above that of the start; {seen}"
        return Seen(seen, epoch if began is None else began)
    if began is None or not case.grows:
        return None
    seen = f"the loss grows: from epoch {began} on it is above that of the start"
    return Seen(f"{seen}, {_short(trace.start)}, and it ends at {_short(case.loss)}", began)


def _converged(case: Case) -> Seen | None:
    run = case.run
    if run.reached:
        return Seen(f"the loss came down to {_short(run.loss)} in epoch {run.state.epoch}")
    small = case.goal.coding is None or case.loss <= run.trace.start * FALL
    if not case.success or not (small or case.swing < CHANGE or run.undefined):
        return None
    seen = f"the goal, {case.goal.words}, is reached"
    return Seen(f"{seen} with a loss of {_short(run.loss)}" if case.finite else seen)


def _oscillating(case: Case) -> Seen | None:
    if case.swing >= CHANGE and case.fall <= FALL and OFTEN <= case.often <= STEADY:
        high = _short(_high(case.closing))
        low = _short(min(group.low[1] for group in case.closing))
        since = case.swings_since
        seen = f"from epoch {since} on the loss goes up and down; at last between {low} and {high}"
        return Seen(seen, since)
    descent, batches = case.network.descent, case.run.plan.batches
    promised = case.run.plan.rate * case.length**2 if descent.plain and not batches.size else 0.0
    if case.swing < CHANGE and promised > 10 * CHANGE * abs(case.loss):
        since = case.flat_since
        seen = f"from epoch {since} on the loss stays at {_short(case.loss)} though the gradient"
        return Seen(f"{seen} is not small: the weights jump back and forth over a minimum", since)
    return None


def _falling(case: Case) -> Seen | None:
    if case.fall <= CHANGE:
        return None
    done = f"{case.goal.words} already, and " if case.success else ""
    share = _short(round(100 * case.fall, 1))
    seen = f"the loss fell by {share} % over the last tenth of the epochs, to {_short(case.loss)}"
    return Seen(done + seen)


def _plateau(case: Case) -> Seen | None:
    since = case.flat_since
    seen = f"the loss has changed by less than 1 % since epoch {since}; it is {_short(case.loss)}"
    if math.isfinite(case.length):
        seen += f", and the gradient's length is {rounded(case.length, 3)[0]}"
    return Seen(seen, since)


# Causes.


def _undefined(case: Case) -> Seen | None:
    run = case.run
    if not run.undefined or not case.success:
        return None
    return Seen(f"the run ended in epoch {run.state.epoch + case.finite}: {run.undefined}")


def _dead(case: Case) -> Seen | None:
    dead = [each for each in case.facts.activities if 0 < each.off == each.samples]
    if not dead:
        return None
    one, units = len(dead) == 1, tuple(each.unit for each in dead)
    seen = f"{_named(units)} {'is' if one else 'are'} dead: z <= 0 on {_all(dead[0].samples)}, so"
    return Seen(f"{seen} that relu passes nothing on and nothing back", units=units)


def _symmetry(case: Case) -> Seen | None:
    alike: dict[tuple[str, str], list[str]] = {}
    for each in case.facts.activities:
        if each.incoming:
            alike.setdefault((each.call.function.name, each.incoming), []).append(each.unit)
    groups = [units for units in alike.values() if len(units) > 1]
    if not groups:
        return None
    names = listed(("units " + _and(units) for units in groups), 4)
    seen = f"{names} have identical weights, so that they do the same on every sample"
    return Seen(seen, units=tuple(unit for units in groups for unit in units))


def _saturated(case: Case) -> Seen | None:
    flat = [each for each in case.facts.activities if _is_saturated(each)]
    if not flat:
        return None
    words = [f"{each.unit} on {each.flat} of {each.samples}" for each in flat]
    seen = f"saturated on most samples ({'unit' if len(flat) == 1 else 'units'} {listed(words)}):"
    units = tuple(each.unit for each in flat)
    return Seen(f"{seen} the local derivative is below {FLAT_TEXT}", units=units)


def _is_saturated(activity: Activity) -> bool:
    """Flat on more than half of the samples; an output only where it is wrong there."""
    if activity.output:
        return activity.flat_wrong > 0
    return 2 * activity.flat > activity.samples


FLAT_TEXT = "0.01, so that little passes back"


def _zero_gradient(case: Case) -> Seen | None:
    gradient = case.facts.gradient
    if not gradient or max(map(abs, gradient.values())) >= NOTHING:
        return None
    return Seen("every derivative of the loss by a weight is zero: no step changes anything")


def _same_output(case: Case) -> Seen | None:
    predictions = case.facts.predictions
    if len(predictions) < 2 or not predictions[0].targets:
        return None
    spread = _spread([each.targets for each in predictions])
    if not spread or _spread([each.outputs for each in predictions]) >= CHANGE * spread:
        return None
    outputs = listed((_short(round(each, 4)) for each in predictions[0].outputs), 6)
    seen = f"the net gives the same output, {outputs}, for every sample"
    if case.network.loss_name == "bce" and abs(case.loss - math.log(2)) < 0.001:
        seen += "; 0.693 = ln 2 is what bce gives for 1/2, whatever the target"
    return Seen(seen)


def _spread(rows: Sequence[tuple[float, ...]]) -> float:
    """The greatest difference within a column."""
    columns: list[tuple[float, ...]] = list(zip(*rows, strict=True))
    return max(max(column) - min(column) for column in columns)


def _and(words: Sequence[str]) -> str:
    *most, last = words if len(words) <= 12 else (*words[:12], f"{len(words) - 12} more")
    return f"{', '.join(most)} and {last}" if most else last


def _named(units: Sequence[str]) -> str:
    return f"unit{'s' if len(units) > 1 else ''} {_and(units)}"


def _all(samples: int) -> str:
    return f"all {samples} samples" if samples > 1 else "the sample"


# The table.


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """One row."""

    name: str
    """What it is called."""
    find: Callable[[Case], Seen | None]
    """What is seen of it in a run, or nothing."""
    advice: str
    """What to do."""
    cause: bool = False
    """Whether it says why; else it says what became of the run."""
    always: bool = False
    """Whether it is said of a converged run too."""


DIAGNOSES = (
    Diagnosis("diverging", _diverging, "take a smaller learning rate"),
    Diagnosis("converged", _converged, ""),
    Diagnosis("oscillating", _oscillating,
              "the learning rate is too high: take a third of it, or larger batches if they"
              " are small"),
    Diagnosis("still falling", _falling, "train for more epochs"),
    Diagnosis("plateau", _plateau,
              "if this is no minimum, more epochs or a larger learning rate; if it is one, other"
              " starting weights (--restarts) or more units"),
    Diagnosis("undefined", _undefined,
              "stop earlier (--until-loss) or take a smaller learning rate",
              cause=True, always=True),
    Diagnosis("stuck by symmetry", _symmetry,
              "start from random weights, so that the units can become different",
              cause=True, always=True),
    Diagnosis("dead units", _dead,
              "take a smaller learning rate, other starting weights, or leaky_relu",
              cause=True, always=True),
    Diagnosis("saturated units", _saturated,
              "start from smaller weights, or take a smaller learning rate", cause=True),
    Diagnosis("zero gradient", _zero_gradient,
              "start from other weights; no learning rate helps here", cause=True),
    Diagnosis("same output", _same_output,
              "look at what keeps the hidden units from telling the samples apart", cause=True),
)  # fmt: skip
"""The outcomes, of which the first that is found is a run's, then the causes."""


def diagnose(case: Case) -> tuple[Finding, ...]:
    """The outcome of a run, then its causes."""
    found: list[Finding] = []
    for row in DIAGNOSES:
        if (found and not row.cause) or (row.cause and not _is_asked(row, case, found)):
            continue
        if seen := row.find(case):
            found.append(Finding(row.name, seen.sentence, row.advice, seen.began, seen.units))
    if found[0].name == "plateau" and len(found) > 1:
        found[0] = replace(found[0], advice="")  # the causes say what to do
    return tuple(found)


def _is_asked(row: Diagnosis, case: Case, found: Sequence[Finding]) -> bool:
    """Whether a cause is of interest: all where a run got stuck, few where it did well."""
    return found[0].name != "diverging" and (row.always or found[0].name != "converged")
