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
from collections.abc import Sequence
from functools import cached_property

from backcalc.formulas.notation import rounded
from backcalc.training.engines.engine import start
from backcalc.training.facts import MOST_WORK, Facts, Probe, facts
from backcalc.training.goal import Goal, Judge
from backcalc.training.run import Run
from backcalc.training.trace import Watched

CHANGE = 0.01
FALL = 0.1
NOTHING = 1e-12
LEFT = 1e-7  # of the gradient of the start
TRACE = 1e-9  # of the loss of the start
OFTEN, STEADY = 0.25, 0.75
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

    @cached_property
    def success(self) -> bool | None:
        """True if the goal is reached; None without one."""
        if not self.goal.known:
            return None
        predictions = self.facts.predictions if self.goal.coding else ()
        if len(predictions) == len(self.network.samples):
            return all(each.right for each in predictions)
        return Judge(self.network, self.goal).reached(self.run.state, self.run.loss)

    @cached_property
    def facts(self) -> Facts:
        """Facts about the last weights, over all samples."""
        return facts(self.probe, self.run.state, self.goal.coding, self.work)

    @cached_property
    def first_facts(self) -> Facts:
        """Facts about the weights of the start, over all samples."""
        return facts(self.probe, start(self.network), self.goal.coding, self.work)

    @property
    def above_start(self) -> bool:
        """True if the last loss is greater than the first."""
        return self.run.trace.above_since is not None

    @property
    def fall(self) -> float:
        """The share by which the loss fell over the closing epochs; below 0 where it rose."""
        return share(self.closing[0].start[1], self.loss)

    @property
    def often(self) -> float:
        """In what share of the closing epochs the loss rose."""
        return _often(self.closing[1:] or self.closing)

    @property
    def low(self) -> float:
        """The least of the closing losses."""
        return min(group.low[1] for group in self.closing)

    @property
    def high(self) -> float:
        """The greatest of the closing losses."""
        return _high(self.closing)

    @property
    def swing(self) -> float:
        """The share by which the closing losses differ."""
        return share(self.high, self.low)

    @property
    def still(self) -> bool:
        """True if the closing losses hardly differ."""
        return self.swing < CHANGE or self.high - self.low <= TRACE * abs(self.run.trace.start)

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
        return late <= 0 or late < 0.95 * early

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
        return _length(self.facts)

    @cached_property
    def at_rest(self) -> bool:
        """True if the gradient is zero."""
        if math.isnan(self.length) or self.length < NOTHING:
            return self.length < NOTHING
        return self.still and self.length < LEFT * _length(self.first_facts)

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


def _length(found: Facts) -> float:
    gradient = found.gradient
    return math.nan if gradient is None else math.hypot(*gradient.values())


def _often(groups: Sequence[Watched]) -> float:
    return sum(group.rises for group in groups) / sum(group.count for group in groups)


def _high(groups: Sequence[Watched]) -> float:
    return max(group.high[1] for group in groups)
