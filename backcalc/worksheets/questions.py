"""The lines of variants as questions with a number for an answer, for every learning platform."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from html import escape

from backcalc.checking.checked import points
from backcalc.equations.calculation import Step
from backcalc.equations.network import Network
from backcalc.equations.optimizers import inside_names
from backcalc.errors import BackcalcError, printable
from backcalc.formulas.expression import Call, Name, Number, names_in, walk
from backcalc.formulas.notation import DIGITS, LATEX, UNICODE, Phrase, part_text, rounded
from backcalc.formulas.quantity import Derivative, Quantity, called, parsed
from backcalc.sheets import worked
from backcalc.sheets.blocks import Sentences, Table
from backcalc.sheets.worked import Wishes
from backcalc.worksheets.asked import Exercise, KindAsked, given, room
from backcalc.worksheets.search import Variant

TAKEN = 12  # digits of a right answer
FEW = 2  # numbers that an optimizer starts from and that are 0, which are told one by one


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One line of one variant."""

    variant: str
    """Name of the variant's folder."""
    place: int
    """Place of the line on the sheet, from 1; the same in every variant."""
    name: str
    """The quantity."""
    sheet: str
    """The given numbers and formulas, as HTML with nothing in it that a file could inject."""
    quantity: str
    """The quantity as HTML."""
    value: str
    """The right answer."""
    width: str
    """How far off an answer may be."""
    worth: Fraction
    """Its points."""
    digits: int
    """The significant digits that are asked."""
    sentence: str = ""
    """For a question whose answer is no quantity the question as HTML."""
    spellings: tuple[str, ...] = ()
    """The texts that are right where the answer is no number, the usual one first."""
    choices: tuple[str, ...] = ()
    """The answers that are offered, where one is to be chosen."""

    @property
    def line(self) -> str:
        """Name of the line, which all variants have in common."""
        return f"{self.place:03} {self.name}"

    @property
    def title(self) -> str:
        """Name of the question."""
        return f"{self.variant} {self.line}"

    @property
    def identifier(self) -> str:
        """Name of the question in letters, digits and dashes."""
        return f"{self.variant}-{self.place:03}"

    @property
    def text(self) -> str:
        """The whole question as HTML."""
        ask = f"What is <b>{self.quantity}</b>, to {self.digits} significant digits?"
        return f"{self.sheet}<p>{self.sentence or ask}</p>"

    @property
    def points(self) -> str:
        """Its points as a decimal."""
        return points(self.worth)

    @property
    def bounds(self) -> tuple[str, str]:
        """The least and the largest answer that is right, as decimals without an exponent."""
        value, width = Decimal(self.value), Decimal(self.width)
        return f"{value - width:f}", f"{value + width:f}"


@dataclass(frozen=True, eq=False)
class Handout:
    """What a class is handed out, for a package to be made of it."""

    heading: str
    """Title of the network."""
    variants: Sequence[Variant]
    networks: Mapping[str, str]
    """The text of each variant's network file, by the variant's name."""
    digits: int
    """The significant digits that are asked."""
    latex: bool = False
    """True for a platform that sets what stands between \\( and \\) as mathematics."""

    @property
    def title(self) -> str:
        """The heading on one line."""
        return " ".join(printable(self.heading).split())

    @cached_property
    def lines(self) -> dict[str, list[Question]]:
        """The questions of each line over all variants; raises BackcalcError if there are none."""
        found: dict[str, list[Question]] = {}
        for variant in self.variants:
            for each in _questions(variant, self.digits, latex=self.latex):
                found.setdefault(each.line, []).append(each)
        if not found:
            message = "no line of the sheet earns a point, so there is nothing to ask"
            raise BackcalcError(message, hint="give a line points under `points:` or `ask:`")
        return found

    @property
    def questions(self) -> Iterator[Question]:
        """Yield all questions, line by line."""
        for group in self.lines.values():
            yield from group


def _questions(variant: Variant, digits: int, *, latex: bool) -> Iterator[Question]:
    """Yield the lines of a variant that earn points."""
    exercise = variant.exercise
    grades = exercise.grades
    asked = {step.name: exercise.digits.get(step.name, digits) for step in exercise.steps}
    rooms = {each: room(exercise, each) for each in {*asked.values()}}
    for place, step in enumerate(exercise.steps, 1):
        if worth := grades[step.name]:
            own = asked[step.name]
            said = (Name(step.name), *_where(exercise.network, step.name))
            quantity = _html(said, exercise.network, latex=latex)
            value, width = rounded(step.value, TAKEN)[0], rounded(rooms[own][step.name], DIGITS)[0]
            name = called(step.name, exercise.network.names)
            sheet = sheet_html(exercise, step, latex=latex)
            yield Question(variant.name, place, name, sheet, quantity, value, width, worth, own)
    yield from _queries(variant, digits, sum(1 for _ in exercise.steps), latex=latex)


def _queries(variant: Variant, digits: int, before: int, *, latex: bool) -> Iterator[Question]:
    """Yield the questions whose answers are no quantities, and that earn points."""
    exercise, place = variant.exercise, before
    for each in exercise.questions:
        sheet = sheet_html(exercise, latex=latex) + shown(exercise, each, latex=latex)
        for query in each.posed.queries:
            place += 1
            if worth := exercise.worth(query.name):
                texts = tuple(query.form.spellings(query.right))
                hint = f" Write {query.hint}." if texts and not query.choices else ""
                yield Question(
                    variant.name, place, query.name, sheet,
                    _html(query.label, exercise.network, latex=latex),
                    "" if texts else query.answer,
                    str(abs(Decimal(query.answer)) * query.form.room) if query.form.room else "0",
                    worth, digits,
                    _html((*query.question, hint), exercise.network, latex=latex), texts,
                    query.choices,
                )  # fmt: skip


def shown(exercise: Exercise, each: KindAsked, *, latex: bool = False) -> str:
    """Return the tables that a kind of question shows as HTML: a platform has no pictures."""
    found = ""
    for block in each.posed.blocks:
        if isinstance(block, Table):
            rows = [[escape(head) for head in block.columns]]
            rows += [[_html(cell, exercise.network, latex=latex) for cell in row]
                     for row in block.rows]  # fmt: skip
            cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
            lines = "".join(f"<tr>{row}</tr>" for row in cells)
            found += f"<table><tbody>{lines}</tbody></table>"
    return found


def _place(network: Network, name: Quantity) -> tuple[Quantity, tuple[int, ...]]:
    """The vector or matrix that an element belongs to, and where it stands there."""
    if network.matrices is None:
        return name, ()
    from backcalc.equations.matrix_form import place_in_whole  # few files have any

    return place_in_whole(name, network.matrices)


def _where(network: Network, name: Quantity) -> Phrase:
    """Which element of which vector or matrix it is: platforms take a number for an answer."""
    whole, place = _place(network, name)
    if not place:
        return ()
    words = {1: "element", 2: "row column"}.get(len(place), "place " * len(place)).split()
    said = ", ".join(f"{word} {at}" for word, at in zip(words, place, strict=True))
    return (f" ({said} of ", Name(whole), ")")


def _needed(exercise: Exercise, step: Step) -> set[str]:
    """The names that a line is worked out from, itself among them.

    For a derivative the value that is differentiated too, with what that is worked out from.
    """
    lines = [step.equation for step in exercise.lines]
    lines += exercise.calculation.program.forward
    uses: dict[str, list[str]] = {each.name: [*names_in(each.expression)] for each in lines}
    found: set[str] = set()
    pending: list[str] = [step.name]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            quantity = parsed(name)
            pending += uses.get(name, ())
            pending += [quantity.of] if isinstance(quantity, Derivative) else []
    return found


def sheet_html(exercise: Exercise, step: Step | None = None, *, latex: bool = False) -> str:
    """Return the given numbers and formulas as HTML: all, or those that one line needs."""
    calculation, network = exercise.calculation, exercise.network
    wanted = _needed(exercise, step) if step else None
    lines = [e for e in calculation.program.forward if wanted is None or e.name in wanted]
    numbers = {name: value for name, value in given(network, calculation).items()
               if wanted is None or name in wanted}  # fmt: skip
    memory = (name for each in network.weights for name in network.descent.state_names(each))
    still = {name for name in memory if numbers.get(name) == 0 and network.matrices is None}
    givens: list[Phrase] = [(Name(each), " = ", Number(value)) for each, value in numbers.items()
                            if each not in still or len(still) <= FEW]  # fmt: skip
    equations: list[Phrase] = [(Name(line.name), " = ", line.expression) for line in lines]
    if network.matrices is not None:
        from backcalc.sheets.arrays import typed_lines  # few files have any

        givens, equations = typed_lines(calculation, wanted)
    shown: list[Phrase] = [("Given: ", *worked.joined(givens)), *equations]
    if len(still) > FEW:
        states = " and ".join(network.descent.optimizer.states)
        shown.insert(1, (f"every other {states} is 0 before the step",))
    asked = worked.index_words(calculation, [step.name]) if step else ()
    shown += [*asked] or worked.index_words(calculation, wanted)
    shown += _conventions(exercise, wanted)
    if step is not None and network.names:
        shown += worked.own_words(network, [_place(network, step.name)[0].stem])
    return f"<p>{'<br>'.join(_html(line, network, latex=latex) for line in shown)}</p>"


def _conventions(exercise: Exercise, wanted: Collection[str] | None) -> Iterator[Phrase]:
    """Yield the conventions that no formula shows, those alone that the wanted names need."""
    calculation, network = exercise.calculation, exercise.network
    forward = (e.expression for e in calculation.program.forward if not wanted or e.name in wanted)
    logs = any(isinstance(each, Call) and each.function.name == "log"
               for line in forward for each in walk(line))  # fmt: skip
    names = [*map(parsed, wanted or ())]
    if wanted is not None and not logs and not any(isinstance(each, Derivative) for each in names):
        return
    own = inside_names(network.descent, network.weights)
    updated = wanted is None or any(each.step for each in names) or not own.isdisjoint(names)
    updated = updated and bool(calculation.rounds)
    if updated and network.frozen:
        yield ("frozen: ", *worked.joined([(Name(name),) for name in network.frozen]))
    *_, last = worked.introduction(calculation, Wishes(), numbers=False)
    assert isinstance(last, Sentences)
    total = calculation.program.loss
    needless = [] if wanted is None else [*worked.own_words(network)]
    needless += [] if updated else [worked.OLD_WEIGHTS]
    for line in last.lines:
        of_all = wanted is not None and line[0] == Name(total) and total not in wanted
        if not (of_all or line in needless or str(line[0]).startswith("loss")):
            yield line
    if updated and not network.descent.plain:
        yield from worked.rule_of(network, numbers=False)


def _html(phrase: Phrase, network: Network, *, latex: bool) -> str:
    """A phrase as HTML, its formulas as LaTeX where it is set."""
    notation = LATEX if latex else UNICODE
    notation = notation.with_numbers(DIGITS, network.fractions, network.names)
    plain = (str, Number) if "[" in phrase else str  # the numbers of a matrix
    marks = (r"\(", r"\)") if latex else ("", "")
    texts = ((part_text(each, notation), isinstance(each, plain)) for each in phrase)
    said = "".join(text if words else text.join(marks) for text, words in texts)
    return escape(printable(said.replace(r"\) = \(", " = ")))
