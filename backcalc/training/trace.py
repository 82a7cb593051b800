"""The losses of a run as they come: kept in bounded memory, with their rises counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import lt

LossPoint = tuple[int, float]
"""How many epochs are done, and the loss then."""

MOST_GROUPS = 1000
MILESTONES = (0, *(10**power for power in range(13)))
ROUNDING = 1e-12
"""A loss that is greater by no more than this share of it has not risen: that is rounding."""


def is_rise(before: float, after: float) -> bool:
    """True if a loss is greater than the one before by more than rounding."""
    return after > before and after - before > ROUNDING * abs(before)


@dataclass(frozen=True, slots=True)
class Watched:
    """Neighbouring epochs of which only some losses are kept."""

    start: LossPoint
    """The first."""
    low: LossPoint
    """The least loss."""
    high: LossPoint
    """The greatest."""
    end: LossPoint
    """The last."""
    count: int
    """How many losses are known of."""
    rises: int = 0
    """In how many of these epochs the loss rose."""
    first_rise: int | None = None
    """The first of those epochs."""

    def joined(self, later: Watched) -> Watched:
        """Two neighbours as one."""
        low = min(self.low, later.low, key=lambda point: point[1])
        high = max(self.high, later.high, key=lambda point: point[1])
        first = later.first_rise if self.first_rise is None else self.first_rise
        count, rises = self.count + later.count, self.rises + later.rises
        return Watched(self.start, low, high, later.end, count, rises, first)


class Trace:
    """The curve of a run's losses; it takes the same memory however many epochs there are."""

    def __init__(self) -> None:
        self.groups: list[Watched] = []
        self.stride = 1
        self.milestones: list[LossPoint] = []
        self.above_since: int | None = None
        """From which epoch to the end the loss is greater than it was at the start, if it is."""

    @property
    def start(self) -> float:
        """The loss before the first epoch."""
        return self.groups[0].start[1]

    @property
    def end(self) -> LossPoint:
        """The last epoch and its loss."""
        return self.groups[-1].end

    @property
    def rises(self) -> int:
        """In how many epochs the loss rose."""
        return sum(group.rises for group in self.groups)

    @property
    def first_rise(self) -> int | None:
        """The first epoch in which the loss rose."""
        return next((group.first_rise for group in self.groups if group.rises), None)

    def points(self) -> list[LossPoint]:
        """The curve: every loss of a short run, else the least and greatest of each group."""
        return sorted({p for g in self.groups for p in (g.start, g.low, g.high, g.end)})

    def add(self, epoch: int, losses: Sequence[float]) -> None:
        """The losses after so many epochs, after one more, and so on."""
        if not losses:
            return
        last = epoch + len(losses) - 1
        self.milestones += [(e, losses[e - epoch]) for e in MILESTONES if epoch <= e <= last]
        self._compare_with_start(epoch, losses)
        done = 0
        while done < len(losses):
            room = self.stride - (epoch + done) % self.stride
            self._put(self._group(epoch + done, losses[done : done + room]))
            done += room

    def _compare_with_start(self, epoch: int, losses: Sequence[float]) -> None:
        start = self.start if self.groups else losses[0]
        above = len(losses)
        if max(losses) > start:
            while above and is_rise(start, losses[above - 1]):
                above -= 1
        if above == len(losses):
            self.above_since = None
        elif above or self.above_since is None:
            self.above_since = epoch + above

    def _group(self, epoch: int, losses: Sequence[float]) -> Watched:
        low, high = min(losses), max(losses)
        before = self.groups[-1].end[1] if self.groups else losses[0]
        rose: list[int] = []
        if before < losses[0] or any(map(lt, losses, losses[1:])):
            pairs = enumerate(pairwise((before, *losses)), epoch)
            rose = [place for place, pair in pairs if is_rise(*pair)]
        return Watched(
            (epoch, losses[0]),
            (epoch + losses.index(low), low),
            (epoch + losses.index(high), high),
            (epoch + len(losses) - 1, losses[-1]),
            len(losses),
            len(rose),
            rose[0] if rose else None,
        )

    def _put(self, group: Watched) -> None:
        last = self.groups[-1] if self.groups else None
        if last and last.start[0] // self.stride == group.start[0] // self.stride:
            self.groups[-1] = last.joined(group)
            return
        self.groups.append(group)
        if len(self.groups) > MOST_GROUPS:
            self.stride *= 2
            groups, self.groups = self.groups, []
            for each in groups:
                self._put(each)

    def since(self, epoch: int) -> list[Watched]:
        """The groups that end at this epoch or later."""
        return [group for group in self.groups if group.end[0] >= epoch]
