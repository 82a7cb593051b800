"""What a soak has seen: what was compared, the largest figure of each kind, what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, with all that it takes to see it again."""

    file: str
    """A name for the file that reproduces it, such as network-17.yaml."""
    content: bytes
    """What stands in that file."""
    why: str
    """What is wrong, in a line."""


@dataclass(slots=True)
class Tally:
    """What one batch has seen, or several together."""

    counts: Counter[str] = field(default_factory=Counter)
    """How often each thing was done, by what it is."""
    largest: dict[str, tuple[float, str]] = field(default_factory=dict)
    """The largest figure of each kind (an error, seconds, megabytes), and where it was seen."""
    faults: list[Fault] = field(default_factory=list)
    """What is wrong."""

    def measure(self, what: str, figure: float, where: str) -> None:
        """Keep a figure if it is the largest of its kind; nan is larger than any."""
        before, _ = self.largest.get(what, (-1.0, ""))
        if not figure <= before:
            self.largest[what] = figure, where

    def add(self, other: Tally) -> None:
        """Take in what another batch has seen."""
        self.counts.update(other.counts)
        for what, (figure, where) in other.largest.items():
            self.measure(what, figure, where)
        self.faults += other.faults
