"""The lines that a sheet asks, in the order of the work, for worksheet, key and answers file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from math import floor, log10

from backcalc.arithmetic.intervals import CLOSE, FloatValues, Numeric, number, numeric
from backcalc.checking.key import GIVEN, GRADIENT, ROLES, Key, key_for
from backcalc.checking.kinds import QUESTIONS, Posed, QuestionKind, posed
from backcalc.checking.points import Wanted, asked_steps, shared, wanted
from backcalc.checking.queries import Query
from backcalc.equations import calculation as calculating
from backcalc.equations.calculation import SHEET, Calculation, Step, start_values
from backcalc.equations.named import elements_named, whole_lines
from backcalc.equations.network import Network, learning_rate
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import assemble
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Expression, Name, Number, Numbers, Sum, names_in, walk
from backcalc.loading.policies import policies
from backcalc.reading.collecting import FURTHER
from backcalc.sheets.worked import worked_stages

MOST_LINES = 2000  # of one pass that somebody works by hand


@dataclass(frozen=True, slots=True, eq=False)
class AskedPart:
    """One part of a sheet."""

    heading: str
    """Its title."""
    role: str
    """The kind of its lines: forward, gradient, update."""
    steps: tuple[Step, ...]
    """The lines."""


@dataclass(frozen=True, slots=True, eq=False)
class KindAsked:
    """One kind of question on a sheet."""

    kind: QuestionKind
    """The row of the table."""
    posed: Posed
    """What it asks here."""


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """A sheet to be worked: the calculation and the lines that are asked."""

    calculation: Calculation
    """The right figures."""
    parts: tuple[AskedPart, ...]
    """The lines in the order of the work."""
    values: Numbers
    """The number of every name on the sheet."""
    lines: tuple[Step, ...] = ()
    """All lines that it is worked in, asked or not, in an order in which they can be."""
    points: Mapping[str, Fraction] = field(default_factory=dict)
    """The points of each line where the file says what is asked or what it earns."""
    tells_points: bool = False
    """True if the file says what lines earn, so that the sheet does."""
    digits: Mapping[str, int] = field(default_factory=dict)
    """The digits that are asked of a line at least, where the file says it."""
    questions: tuple[KindAsked, ...] = ()
    """What is asked besides single lines, in the order of the file."""

    @property
    def network(self) -> Network:
        """The network with the numbers that are used."""
        return self.calculation.network

    @property
    def unfolded(self) -> Exercise:
        """The same sheet scalar by scalar."""
        program = replace(self.calculation.program, network=replace(self.network, matrices=None))
        return replace(self, calculation=replace(self.calculation, program=program))

    @property
    def steps(self) -> Iterator[Step]:
        """Yield every line that is asked."""
        for part in self.parts:
            yield from part.steps

    @property
    def queries(self) -> Iterator[Query]:
        """Yield every question whose answer is no quantity."""
        for each in self.questions:
            yield from each.posed.queries

    @property
    def drawn(self) -> frozenset[str]:
        """The lines that have their places in a drawing."""
        drawings = (each.posed for each in self.questions if each.posed.drawn)
        return frozenset(name for each in drawings for name in each.lines)

    def worth(self, name: str) -> Fraction:
        """Return the points of a line."""
        return self.points.get(name, Fraction(1))

    def worth_together(self, names: Sequence[str]) -> Fraction:
        """Return the points of a line, or of a matrix by its elements, as they are marked."""
        if self.points or policies(self.network.marking).elements:
            return sum(map(self.worth, names), Fraction(0))
        return Fraction(1)

    @property
    def grades(self) -> dict[str, Fraction]:
        """The points of each line by itself: a matrix is split in hundredths, none being lost.

        Where nobody says what lines earn, each is worth one.
        """
        if not self.tells_points:
            return {step.name: Fraction(1) for step in self.steps}
        found: dict[str, Fraction] = {}
        for whole in whole_lines([step.name for step in self.steps], self.network):
            names = elements_named(self.network, whole) if whole not in self.values else (whole,)
            cents = sum(map(self.worth, names), Fraction(0)) * 100
            if cents.denominator == 1 and len(names) > 1:
                each, more = divmod(int(cents), len(names))
                shares = (each + (place < more) for place in range(len(names)))
                found |= {name: Fraction(s, 100) for name, s in zip(names, shares, strict=True)}
            else:
                found |= {name: self.worth(name) for name in names}
        return found

    @property
    def total(self) -> Fraction:
        """The points of the whole sheet."""
        names = (*(step.name for step in self.steps), *(query.name for query in self.queries))
        return sum(map(self.worth, names), Fraction(0))


def exercise(
    network: Network, rate: Fraction | None = None, steps: int = 1, kept: int = 0
) -> Exercise:
    """Work out the whole sheet of a network; without a learning rate the two passes.

    Each line goes on from the digits `kept` of those before it, 0: from all of them.

    Raises BackcalcError for a network that is too large for it.
    """
    rate = learning_rate(network, rate)
    steps = max(steps, asked_steps(network, rate))
    program = assemble(network)
    size = len(program.forward) + len(program.backward)
    if network.ask and all(each.name in QUESTIONS for each in network.ask):
        alone = _questions_alone(key_for(network, rate, steps), steps)
        if alone:
            return alone
    if size > MOST_LINES:
        message = f"{size} lines of forward and backward pass are too many to work by hand"
        hint = f"a sheet has at most {MOST_LINES}; `backcalc train` takes larger networks"
        raise BackcalcError(message, hint=hint)
    if rate is None:
        calculation = calculating.backward(network, kept=kept)
    else:
        calculation = calculating.step(network, rate, steps, kept=kept)
    if calculation.stopped:
        raise calculation.stopped
    listed: dict[str, tuple[str, str, Step]] = {
        step.name: (stage.heading(calculation), ROLES[stage.name], step)
        for stage, steps in worked_stages(calculation)
        for step in steps
    }
    order = [*dict.fromkeys(heading for heading, _, _ in listed.values())]
    if not (network.points or network.ask):
        everything = tuple(step for *_, step in listed.values())
        return Exercise(calculation, _parts(listed.values(), order), calculation.values, everything)
    key = key_for(network, rate, steps)
    expected = wanted(network, key, len(calculation.rounds))
    questions = _questions(key, expected)
    own = {name: each.kind.title for each in questions for name in each.posed.lines}
    asked = {each.name: each for each in expected if not each.query}
    further = [n for n in asked if n not in listed and key.lines[n].role != GIVEN]
    further.sort(key=key.order.__getitem__)
    needed = key.needed(further, key.given)
    worked: dict[str, Step] = {name: step for name, (_, _, step) in listed.items()}
    for name in needed:
        worked.setdefault(name, Step(key.lines[name].equation, key.value(name)))
    listed |= {name: (own.get(name, FURTHER), GRADIENT, worked[name]) for name in further}
    points = _points(network, expected, listed)
    names = [name for name in (asked if network.ask else listed) if name in listed]
    parts = _parts([listed[name] for name in names if points.get(name, 1)], order)
    values = calculation.values.having({**key.right, **calculation.values})
    digits = {name: each.digits for name, each in asked.items() if each.digits}
    told, lines = _tells_points(network), (*worked.values(),)
    return Exercise(calculation, parts, values, lines, points, told, digits, questions)


def _parts(lines: Iterable[tuple[str, str, Step]], order: Sequence[str]) -> tuple[AskedPart, ...]:
    """Runs of lines of one stage; stages that come in another order than the work's lose theirs."""
    lines = [*lines]
    runs = [(key, [step for *_, step in run]) for key, run in groupby(lines, lambda line: line[:2])]
    places = [order.index(heading) for (heading, _), _ in runs if heading in order]
    sorted_once = places == sorted({*places})
    return tuple(
        AskedPart(heading if sorted_once else heading.rpartition(". ")[2], role, tuple(steps))
        for (heading, role), steps in runs
    )


def _points(
    network: Network, everything: Iterable[Wanted], lines: Iterable[str]
) -> Mapping[str, Fraction]:
    """The points of all that is asked: what `ask:` asks, or else each line of the sheet."""
    points = {each.name: each.points for each in everything}
    rest = [name for name in lines if name not in points and not network.ask]
    return shared(rest, Fraction(1), network, policies(network.marking).elements) | points


def _tells_points(network: Network) -> bool:
    return bool(network.points) or any(each.points not in (None, 1) for each in network.ask)


def _questions(key: Key, everything: Sequence[Wanted]) -> tuple[KindAsked, ...]:
    """The kinds of questions that are asked, each once; none gives the answer to an asked line."""
    kinds = {each.kind.name: (each.kind, each.seed) for each in everything if each.kind}
    found = (KindAsked(kind, posed(kind, key, seed)) for kind, seed in kinds.values())
    if all(each.query for each in everything):
        return tuple(found)
    return tuple(
        replace(each, posed=replace(each.posed, blocks=each.posed.beside or each.posed.blocks))
        for each in found
    )


def _questions_alone(key: Key, steps: int) -> Exercise | None:
    """A sheet of questions that ask no quantity, for which nothing is worked out; None: it has one.

    So it may be of a network that is too large to be worked by hand.
    """
    everything = wanted(key.network, key, steps)
    if not all(each.query for each in everything):
        return None
    bare = Calculation(key.program, Numbers(key.given, SHEET))
    points, told = _points(key.network, everything, ()), _tells_points(key.network)
    questions = _questions(key, everything)
    return Exercise(bare, (), bare.values, (), points, told, {}, questions)


def given(network: Network, calculation: Calculation) -> Numbers:
    """Return the numbers that a sheet starts from: those of a network, and the learning rate."""
    rate = {RATE: calculation.values[RATE]} if RATE in calculation.values else {}
    return start_values(network).having(rate)


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """How far faultless work may end from each figure of a sheet, whatever its numbers are."""

    lines: tuple[tuple[str, Numeric, tuple[str, ...], tuple[Numeric, ...]], ...]
    """Each line, asked or not: its quantity, its formula, the names in it, its sums' terms."""

    @classmethod
    def of(cls, exercise: Exercise) -> Room:
        """Take a sheet apart."""
        lines = ((step.name, step.equation.expression) for step in exercise.lines)
        return cls(tuple((name, numeric(own), (*names_in(own),), (*map(numeric, _terms(own)),))
                         for name, own in lines))  # fmt: skip

    def at(self, at: FloatValues, digits: int) -> dict[str, float]:
        """Return how far off each figure may be at some numbers if all have so many digits.

        One unit of its last digit, and what the figures that it is made from are off, at worst all
        in the same direction; a figure that has no more digits is not off. Lines that nobody asks
        for are worked all the same.
        """
        off, found = dict[str, float](), dict[str, float]()
        for name, formula, names, terms in self.lines:
            right = at[name]
            carried = sum([_lost(number(term, at) or 0.0, digits) for term in terms])
            for each in names:
                if off.get(each):
                    moved = ({**at, each: at[each] + by} for by in (off[each], -off[each]))
                    ends = (number(formula, values) for values in moved)
                    carried += max(0.0 if end is None else abs(end - right) for end in ends)
            off[name] = carried + _lost(right, digits)
            found[name] = carried + last_digit(right, digits)
        return found


def room(exercise: Exercise, digits: int) -> dict[str, float]:
    """Return how far faultless work may end from each figure if all have so many digits."""
    values = {name: float(value) for name, value in exercise.values.items()}
    return Room.of(exercise).at(values, digits)


def _lost(value: float, digits: int) -> float:
    """Return the most that rounding takes from a figure: half a unit of its last digit, or 0."""
    if abs(float(f"{value:.{digits - 1}e}") - value) <= CLOSE * abs(value):
        return 0.0
    return last_digit(value, digits) / 2


def _terms(formula: Expression) -> Iterator[Expression]:
    """Yield what is written on the way to a result: the worked terms of a sum."""
    for node in walk(formula):
        if isinstance(node, Sum):
            yield from (each for each in node.terms if not isinstance(each, (Name, Number)))


def last_digit(value: float, digits: int) -> float:
    """Return one unit of the last of so many significant digits.

    >>> last_digit(0.375, 3), last_digit(-1234.0, 3)
    (0.001, 10.0)
    """
    places = floor(log10(abs(value))) if value else -1
    return 10.0 ** (places + 1 - digits)
