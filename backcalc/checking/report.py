"""One person's sheet, marked: the verdicts, the first mistake, the score."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.checking.answers import Answer, Head, headed, parsed, variant_in
from backcalc.checking.key import GIVEN, Key, find, key_for, steps_named
from backcalc.checking.marking import mark
from backcalc.checking.verdict import FOLLOWS, WRONG, Marked
from backcalc.equations.calculation import quantity
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, Place

NOUGHT = Fraction(0)
NAMELESS = Head()
CARRY = {"full": Fraction(1), "half": Fraction(1, 2), "none": Fraction(0)}
"""What part of its points a line earns that follows from a wrong one."""


@dataclass(frozen=True, slots=True, eq=False)
class Marking:
    """How sheets of one network are marked."""

    network: Network
    """The network with the numbers that are used."""
    rate: Fraction | None = None
    """The learning rate; the file's own unless given."""
    carry: str = "full"
    """What a line earns that follows from a wrong one: full, half or none of its points."""
    steps: int = 0
    """Steps that are worked even where no answer names them."""
    number: int | None = None
    """Which variant it is, where its title does not say."""
    keys: dict[int, Key] = field(default_factory=dict)
    """The key for each number of steps, made when first needed."""

    @property
    def variant(self) -> int | None:
        """Which variant it is, if it is one."""
        number = variant_in(self.network.title)
        return self.number if number is None else number

    def knows(self, name: str) -> bool:
        """Whether the network has a quantity of this very name."""
        key = self.key(0)
        return name in key.lines or name in key.right

    def key(self, steps: int) -> Key:
        """The key to sheets that go so far."""
        steps = max(steps, self.steps)
        if steps not in self.keys:
            self.keys[steps] = key_for(self.network, self.rate, steps)
        return self.keys[steps]


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """One person's sheet with its verdicts."""

    file: str
    """Where the answers came from."""
    answers: tuple[Marked, ...] = ()
    """The answers in the order of the person's sheet, then the missing ones."""
    first: Marked | None = None
    """The first mistake, in the order of the calculation."""
    touched: int = 0
    """How many later lines follow from the first mistake."""
    score: Fraction = Fraction(0)
    """What the answers earned."""
    points: Fraction = Fraction(0)
    """What they could have earned."""
    error: BackcalcError | None = None
    """Why the file could not be marked, if it could not."""
    head: Head = NAMELESS
    """Whose it is, and of which variant."""

    @property
    def right(self) -> bool:
        """Whether every answer is correct or rounded."""
        return self.error is None and all(each.right for each in self.answers)

    @property
    def status(self) -> int:
        """The exit status that it asks for."""
        return self.error.exit_status if self.error else int(not self.right)

    @property
    def percent(self) -> float | None:
        """The score in percent of the points, to a tenth; None where there are no points."""
        return round(float(100 * self.score / self.points), 1) if self.points else None


def check(marking: Marking, text: str, file: str) -> Report:
    """The answers in a text, marked.

    Raises BackcalcError where they cannot be read or are of another variant, UndefinedError where
    a line has no right value.
    """
    head, entries = headed(text, file, marking.knows)
    _check_variant(marking, head)
    names = [quantity(part.text) for entry in entries for part in entry]
    key = marking.key(steps_named([*names, *marking.network.points], marking.network))
    answers = parsed(entries, lambda name, place: _found(key, name, place))
    answered = {answer.name for answer in answers}
    asked = [find(key, name) for name in marking.network.points]
    blanks = tuple(Answer(name, "", None) for name in asked if name not in answered)
    report = summed(marking, key, mark(key, (*answers, *blanks)), file)
    return replace(report, head=replace(head, variant=marking.variant))


def _check_variant(marking: Marking, head: Head) -> None:
    """The error for a sheet of another variant, or of one where the network is none."""
    if head.variant in (None, marking.variant):
        return
    other = (
        f"not of variant {marking.variant}" if marking.variant else "and the network is no variant"
    )
    message = f"this is a sheet of variant {head.variant}, {other}"
    hint = "mark it against its own network, or give `backcalc check` the folder of all variants"
    raise BackcalcError(message, head.place, hint)


def _found(key: Key, name: str, place: Place | None) -> str:
    """The line that is meant; z_0, as subscripts are typed, is z0 where nothing else has that name.

    Raises BackcalcError where there is none.
    """
    try:
        return find(key, name, place)
    except BackcalcError:
        bare = quantity(name, key.program.loss).replace("_", "")
        known = [each for each in {**key.lines, **key.right} if each.replace("_", "") == bare]
        if len(known) != 1 and (known or "_" not in name):
            raise
        with suppress(BackcalcError):
            return find(key, known[0] if known else bare)
        raise


def summed(marking: Marking, key: Key, answers: tuple[Marked, ...], file: str) -> Report:
    """Marked answers with the first mistake and the score."""
    points = {find(key, name): value for name, value in marking.network.points.items()}
    wrong = [each for each in answers if each.verdict == WRONG]
    first = min(wrong, key=lambda each: key.order[each.name], default=None)
    worth = [_worth(key, each, points) for each in answers]
    earnings = (value * earned(e, marking.carry) for value, e in zip(worth, answers, strict=True))
    touched = _touched(answers, first)
    return Report(file, answers, first, touched, sum(earnings, NOUGHT), sum(worth, NOUGHT))


def _worth(key: Key, marked: Marked, points: Mapping[str, Fraction]) -> Fraction:
    """The points of a line; what the sheet gives earns nothing."""
    given = key.lines[marked.name].role == GIVEN
    return points.get(marked.name, Fraction(0 if given else 1))


def earned(marked: Marked, carry: str) -> Fraction:
    """The part of its points that an answer earns."""
    if marked.trivial:
        return NOUGHT
    if marked.right:
        return Fraction(1)
    return CARRY[carry] if marked.verdict == FOLLOWS else NOUGHT


def _touched(answers: tuple[Marked, ...], first: Marked | None) -> int:
    """How many lines follow from a mistake, directly or through others."""
    if first is None:
        return 0
    reached = {first.name}
    growing = True
    while growing:
        more = {
            a.name for a in answers if a.verdict == FOLLOWS and not reached.isdisjoint(a.sources)
        }
        growing = not more <= reached
        reached |= more
    return len(reached) - 1
