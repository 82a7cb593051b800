"""What went wrong out of sight: in a line left out, or in a given number that was misread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from backcalc.arithmetic.intervals import Range, number, point
from backcalc.checking.naming import NAMELESS, Finding, Named, Search
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.checking.written import WrittenNumber, misreadings
from backcalc.equations.optimizers import RATE
from backcalc.formulas.expression import Name
from backcalc.formulas.notation import InDigits

MOST_GUESSES = 12  # lines left out before a wrong one that may have made it wrong
TELLING = 0.2  # how wide a figure may be, relatively, that confirms a guess


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """What a quantity that the sheet does not show must have been to make a line wrong."""

    ranges: Mapping[str, Range]
    """What it must have been: a line left out, perhaps in every sample, or a misread number."""
    source: str
    """The wrong line."""

    @property
    def name(self) -> str:
        """The quantity, or the first of several."""
        return next(iter(self.ranges))


@dataclass(slots=True, eq=False)
class OutOfSight:
    """What is known of a sheet's mistakes that no line shows."""

    work: OwnWork
    """The person's own work, as far as the sheet has been read."""
    search: Search
    """The search for its mistakes."""
    guesses: list[Guess] = field(default_factory=list)
    """What may have gone wrong."""
    causes: dict[str, Named] = field(default_factory=dict)
    """For each wrong line what may have made it so."""
    shared: dict[str, Finding] = field(default_factory=dict)
    """For each wrong line the mistake in a line left out that explains others as well."""
    adopted: dict[str, Range | None] = field(default_factory=dict)
    """What each misread number or guessed line was before: later work may go on from that too."""
    taken: dict[str, Guess] = field(default_factory=dict)
    """The guesses that later lines have confirmed, by the quantity."""

    def suppose(self, name: str, written: WrittenNumber, known: Named) -> None:
        """Note what may have made a line wrong: each line left out before it, or a given number.

        A number that was surely misread is taken so from here on.
        """
        for each in [*reversed(self.work.gap(name))][:MOST_GUESSES]:
            found = self.search.solved(each, name, written)
            if found is not None:
                self.guesses.append(Guess({each: found}, name))
        self.guesses += self._misread(name, written)
        misread = [g for g in self.guesses if g.source == name and g.name in self.work.key.given]
        if known.slip == "misread-given" and len(misread) == 1:
            self.adopt(misread[0])

    def _misread(self, name: str, written: WrittenNumber) -> Iterator[Guess]:
        """Yield each given number of a line with what it may have been read as."""
        way, own, given = self.work.ways(name)[0], self.work.own, self.work.key.given
        whole, (low, high) = self.work.due(name), written.ends
        spread = min(whole.width / 2, written.width / 2) if whole else 0.0
        others = {n: v for n, v in given.items() if n != RATE and v and n in way.names}
        for each in (n for n in way.names if n in given and n in own.at):
            here, right = own.at[each], Fraction(given[each])
            read = [float(value) for value in misreadings(right)]
            if each == RATE:
                read = [value for value in read if value > 0]
            else:
                read += [float(value) for value in others.values() if value != right]
            for value in dict.fromkeys(read):
                own.at[each] = value
                found = number(way.function, own.at)
                if found is not None and low - spread <= found <= high + spread:
                    yield Guess({each: point(value)}, name)
            own.at[each] = here

    def confirmed(
        self, name: str, written: WrittenNumber, *, given: bool, known: Named = NAMELESS
    ) -> tuple[Guess, Range] | None:
        """Return the guess that a figure shares with an earlier one, and what it makes of the line.

        It is one about a given number, or about a line left out; the work then goes on from it.
        """
        work, key = self.work, self.work.key
        gap = work.gap(name) if self.guesses else ()
        needed = {*work.ways(name)[0].names, *gap, *(n for each in gap for n in key.used(each))}
        for guess in self.guesses:
            if (guess.name in key.given) != given or needed.isdisjoint(guess.ranges):
                continue
            found = work.image_if(name, guess.ranges)
            if found is None or not _tells(found, written):
                continue
            cause = self.causes[guess.source]
            if known.several and known.slips() & cause.slips():
                continue  # one mistake with the formula explains both as well
            finding = cause.out_of(guess.name)
            if finding and cause.finding and finding.slip.name in cause.finding.slip.covers:
                continue  # what the line itself was called says more
            if given:
                parts = Name(guess.name), InDigits(guess.ranges[guess.name].middle)
                finding = Finding(SLIPS["misread-given"], guess.source, {}, parts)
            if finding:
                self.shared[guess.source] = finding
            self.guesses = [each for each in self.guesses if each.source != guess.source]
            self.adopt(guess)
            self.search.known.clear()
            return guess, found
        return None

    def adopt(self, guess: Guess) -> None:
        """Go on from what a quantity out of sight must have been."""
        for name in guess.ranges:
            self.adopted.setdefault(name, self.work.own.range(name))
            self.taken[name] = guess
        self.work.rests_on(guess.source, guess.ranges)


def _tells(found: Range, written: WrittenNumber) -> bool:
    """True if a figure confirms a guess: it has digits enough, or is the very number."""
    value, wide = written.here, max(found.width, written.width)
    return found.meets(written.ends) and (
        wide <= TELLING * abs(value) or abs(found.middle - value) <= 1e-9 * abs(value)
    )
