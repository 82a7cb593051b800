"""The lines that a sheet asks, in the order of the work, for worksheet, key and answers file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.arithmetic import decimal_of
from backcalc.checking.key import GIVEN, GRADIENT, ROLES, Key, key_for
from backcalc.checking.kinds import QUESTIONS, Posed, QuestionKind, posed
from backcalc.checking.queries import Query
from backcalc.checking.report import Wanted, asked_steps, wanted
from backcalc.equations import calculation as calculating
from backcalc.equations.calculation import SHEET, Calculation, Step, start_values
from backcalc.equations.network import Network, learning_rate
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import assemble
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import (
    Expression,
    Name,
    Number,
    Numbers,
    Scalar,
    Sum,
    evaluate,
    names_in,
    walk,
)
from backcalc.formulas.notation import rounded
from backcalc.reading.collecting import FURTHER
from backcalc.sheets.worked import worked_stages

MOST_LINES = 2000  # of one pass that somebody works by hand
PRECISE = 40  # digits that show how large a number is


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
    points: Mapping[str, Fraction] = field(default_factory=dict)
    """The points of each line where the file gives them."""
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
        network = replace(self.network, matrices=None)
        program = replace(self.calculation.program, network=network)
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
        if len(names) == 1:
            return self.worth(names[0])
        from backcalc.checking.matrix_marks import matrix_worth  # few networks have matrices
        from backcalc.loading.policies import policies

        each = policies(self.network.marking).elements
        return matrix_worth({name: self.worth(name) for name in names}, self.network, each)


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
    lines = len(program.forward) + len(program.backward)
    if network.ask and all(each.name in QUESTIONS for each in network.ask):
        alone = _questions_alone(key_for(network, rate, steps), steps)
        if alone:
            return alone
    if lines > MOST_LINES:
        message = f"{lines} lines of forward and backward pass are too many to work by hand"
        raise BackcalcError(message, hint=f"at most {MOST_LINES} are; `backcalc train` goes on")
    if rate is None:
        calculation = calculating.backward(network, kept=kept)
    else:
        calculation = calculating.step(network, rate, steps, kept=kept)
    if calculation.stopped:
        raise calculation.stopped
    parts = tuple(
        AskedPart(stage.heading(calculation), ROLES[stage.name], steps)
        for stage, steps in worked_stages(calculation)
        if steps
    )
    if not (network.points or network.ask):
        return Exercise(calculation, parts, calculation.values)
    key = key_for(network, rate, steps)
    everything = wanted(network, key, len(calculation.rounds))
    questions = _questions(key, everything)
    asked = {each.name: each for each in everything if not each.query}
    listed = {step.name for part in parts for step in part.steps}
    names = [n for n in asked if n not in listed and key.lines[n].role != GIVEN]
    names.sort(key=key.order.__getitem__)
    own = {name: each.kind.title for each in questions for name in each.posed.lines}
    for heading in dict.fromkeys(own.get(name, FURTHER) for name in names):
        further = tuple(
            Step(key.lines[name].equation, key.value(name))
            for name in names if own.get(name, FURTHER) == heading
        )  # fmt: skip
        parts += (AskedPart(heading, GRADIENT, further),)
    values = calculation.values.having({**key.right, **calculation.values})
    shown = tuple(_shown(network, asked, parts))
    digits = {name: each.digits for name, each in asked.items() if each.digits}
    points = _points(network, everything)
    return Exercise(calculation, shown, values, points, digits, questions)


def _points(network: Network, everything: Iterable[Wanted]) -> Mapping[str, Fraction]:
    """The points of all that is asked; nothing where each is worth one and nobody says so."""
    points = {each.name: each.points for each in everything}
    plain = network.ask and not network.points and set(points.values()) <= {1}
    return {} if plain else points


def _questions(key: Key, everything: Iterable[Wanted]) -> tuple[KindAsked, ...]:
    """The kinds of questions that are asked, each once."""
    kinds = {each.kind.name: (each.kind, each.seed) for each in everything if each.kind}
    return tuple(KindAsked(kind, posed(kind, key, seed)) for kind, seed in kinds.values())


def _questions_alone(key: Key, steps: int) -> Exercise | None:
    """A sheet of questions that ask no quantity, for which nothing is worked out; None: it has one.

    So it may be of a network that is too large to be worked by hand.
    """
    everything = wanted(key.network, key, steps)
    if not all(each.query for each in everything):
        return None
    bare = Calculation(key.program, Numbers(key.given, SHEET))
    points = _points(key.network, everything)
    return Exercise(bare, (), bare.values, points, {}, _questions(key, everything))


def _shown(
    network: Network, asked: Mapping[str, Wanted], parts: tuple[AskedPart, ...]
) -> Iterator[AskedPart]:
    """The parts with the lines that are asked, in the order in which they are; none for nothing."""
    places = {name: place for place, name in enumerate(asked)}
    for part in parts:
        steps = [
            step for step in part.steps
            if (asked[step.name].points if step.name in asked else not network.ask)
        ]  # fmt: skip
        if network.ask:
            steps.sort(key=lambda step: places[step.name])
        if steps:
            yield replace(part, steps=tuple(steps))


def given(network: Network, calculation: Calculation) -> Numbers:
    """Return the numbers that a sheet starts from: those of a network, and the learning rate."""
    rate = {RATE: calculation.values[RATE]} if RATE in calculation.values else {}
    return start_values(network).having(rate)


def room(exercise: Exercise, digits: int) -> dict[str, Fraction]:
    """Return how far faultless work may end from each answer if its figures have so many digits.

    One unit of its last digit, and what the figures that it is made from are off, at worst all in
    the same direction; a figure that has no more digits is not off.
    """
    values, off, found = exercise.values, dict[str, Fraction](), dict[str, Fraction]()
    for step in exercise.steps:
        formula = step.equation.expression
        carried = sum((_lost(term, digits) for term in _terms(formula, values)), Fraction(0))
        for name in names_in(formula):
            if off.get(name):
                beside = {**values, name: values[name] + off[name]}
                carried += abs(_worked(formula, beside, step.value) - Fraction(step.value))
        off[step.name] = carried + _lost(step.value, digits)
        found[step.name] = carried + last_digit(step.value, digits)
    return found


def _lost(value: Scalar, digits: int) -> Fraction:
    """Return the most that rounding takes from a figure: half a unit of its last digit, or 0."""
    return Fraction(0) if rounded(value, digits)[1] else last_digit(value, digits) / 2


def _terms(formula: Expression, values: Mapping[str, Scalar]) -> Iterator[Scalar]:
    """Yield the numbers that are written on the way to a result: the worked terms of a sum."""
    for node in walk(formula):
        if isinstance(node, Sum):
            terms = [each for each in node.terms if not isinstance(each, (Name, Number))]
            yield from (evaluate(each, values) for each in terms)


def _worked(formula: Expression, values: Mapping[str, Scalar], otherwise: Scalar) -> Fraction:
    """Return a formula's number, or the other one where figures that are a little off have none."""
    try:
        return Fraction(evaluate(formula, values))
    except (ArithmeticError, ValueError):
        return Fraction(otherwise)


def last_digit(value: Scalar, digits: int) -> Fraction:
    """Return one unit of the last of so many significant digits.

    >>> last_digit(Fraction(3, 8), 3), last_digit(Fraction(-1234), 3)
    (Fraction(1, 1000), Fraction(10, 1))
    """
    places = decimal_of(value, PRECISE).adjusted() if value else -1
    return Fraction(10) ** (places + 1 - digits)
