"""One person's sheet, marked: the verdicts, the first mistake, the score."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from backcalc.checking.each_sample import without_general
from backcalc.checking.heads import Head, headed, named_by_file, variant_in, without_printed
from backcalc.checking.key import FORWARD, GIVEN, Key, find, key_for, steps_named
from backcalc.checking.kinds import QUESTIONS, unasked
from backcalc.checking.marking import mark
from backcalc.checking.points import Wanted, asked_steps, wanted
from backcalc.checking.queries import Reply, answers_to, judged, unanswered
from backcalc.checking.together import NO_VALUE, has_other_numbers
from backcalc.checking.undecided import undecided_after
from backcalc.checking.verdict import (
    ABSENT,
    AGAIN,
    CLOSE,
    CORRECT,
    FOLLOWS,
    MISSING,
    NO_ANSWER,
    NOTHING,
    UNDECIDED,
    UNREAD,
    VERDICTS,
    WHOLE,
    WRONG,
    Answer,
    Marked,
)
from backcalc.equations.named import elements_named, whole_lines, whole_named
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.errors import BackcalcError, Place
from backcalc.errors.patterns import regex
from backcalc.formulas import replace
from backcalc.formulas.expression import Expression, Name, evaluate, names_in, renamed
from backcalc.formulas.notation import PLAIN, Phrase, phrase_text, sentence
from backcalc.formulas.quantity import parsed as name_of
from backcalc.loading.policies import Policies
from backcalc.reading import Assertion, Document, Reading, Unread, read_document
from backcalc.reading.answers import refused
from backcalc.reading.documents import document
from backcalc.reading.pieces import WITHDRAWN
from backcalc.reading.silent import FIGURE
from backcalc.reading.tokens import blanked

if TYPE_CHECKING:
    from backcalc.reading.matrix_answers import MatrixAnswer

NAMELESS = Head()
OTHER_NUMBERS = (
    "Most figures do not fit these numbers. Is this the sheet of another variant or exercise?"
)
OTHER_EXERCISE = "None of its figures is right. Is it the sheet of another exercise?"
LAST_COUNTS = "Your sheet answers this again below, and the last answer counts."
PROSE_ONLY = "there is no answer on this sheet"
UNSURE = "this may answer {!r}, but we are not sure: write {}"
FOLLOW_THROUGH = Policies()
ONE_NUMBER = regex(r"\s*[-+]?\s*[0-9]*\.?[0-9]+\s*")
COUNTS_UNITS = "its number may count units or layers: write the vector, or its element as z1_2"
UNKNOWN_FORMULA = "a word of this formula is no vector, matrix or operation that we know"
ETA = regex(r"\\eta\b|η|\beta\b")
SEVERAL = 4  # wrong figures and no right one: perhaps the sheet is for another exercise
MOST_OTHERS = 2  # given numbers; of more, if most are misread, a sheet is another variant's
OTHER_SHEET: Phrase = (
    " Most of your given numbers are not this sheet's. Is it the sheet of another variant?",
)


@dataclass(frozen=True, slots=True, eq=False)
class Marking:
    """How sheets of one network are marked."""

    network: Network
    """The network with the numbers that are used."""
    rate: Fraction | None = None
    """The learning rate; the file's own unless given."""
    policies: Policies = FOLLOW_THROUGH
    """What graders have decided."""
    steps: int = 0
    """Steps that are worked even where no answer names them."""
    number: int | None = None
    """Which variant it is, where its title does not say."""
    online: bool = False
    """True if each sample has an update of its own."""
    strict: bool = False
    """True if a line that is only close, or could not be read, makes the exit status 1."""
    keys: dict[tuple[int, bool], Key] = field(default_factory=dict)
    """The key for each number of steps, made when first needed."""

    @property
    def variant(self) -> int | None:
        """Which variant it is, if it is one."""
        number = variant_in(self.network.title)
        return self.number if number is None else number

    def knows(self, name: str) -> bool:
        """Return true if the network has a quantity of this very name."""
        key = self.key(0)
        return name in key.lines or name in key.right

    def key(self, steps: int, online: bool | None = None) -> Key:
        """Return the key to sheets that go so far."""
        how = max(steps, self.steps), self.online if online is None else online
        if how not in self.keys:
            self.keys[how] = key_for(self.network, self.rate, *how)
        return self.keys[how]


@dataclass(frozen=True, slots=True)
class NotRead:
    """A statement of a sheet that was not marked."""

    place: Place
    """Where it begins."""
    text: str
    """What stands there."""
    reason: str
    """Why it could not be read."""
    start: int = 0
    """Where it begins in the document."""
    answers: str = ""
    """The question that it answers, where it is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """One person's sheet with its verdicts."""

    file: str
    """Where the answers came from."""
    answers: tuple[Marked, ...] = ()
    """The answers in the order of the person's sheet, then the missing ones."""
    error: BackcalcError | None = None
    """Why the file could not be marked, if it could not."""
    head: Head = NAMELESS
    """Whose it is, and of which variant."""
    online: bool = False
    """True if the figures are those of a step with an update for each sample."""
    elsewhere: bool = False
    """True if the figures go on from other numbers than the given ones."""
    figures_of: int | None = None
    """The other variant whose figures they are, where one is known."""
    strict: bool = False
    """True if a line that is only close makes the exit status 1."""
    unread: tuple[NotRead, ...] = ()
    """What could not be read, in the order of the sheet."""
    whole: bool = False
    """True if all must be read: what could not be makes the exit status 1."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """How names of the sheet were taken: a1 as h1."""
    proposed: Mapping[str, str] = field(default_factory=dict)
    """The words of the sheet for quantities, as far as its network could take them: h1: a1."""
    lined: bool = False
    """True for a document, whose answers are shown with their lines."""
    unfound: int = 0
    """How many of the missing answers may stand in what could not be read."""
    lines: int = 0
    """How many lines the whole work has, where some are missing and nothing says what is asked."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The network's own words for quantities."""
    assignment: str = ""
    """The title of the network."""
    document: Document | None = None
    """The document as it was handed in."""
    given: Fraction | None = None
    """The points of the whole sheet, where a person has set them by hand."""
    remark: str = ""
    """What that person says of it."""
    given_of: Fraction | None = None
    """What the whole sheet is worth, where nothing on it was read."""
    letters: str = ""
    """The encoding of the file, where it is not UTF-8."""
    sketch: frozenset[int] = frozenset()
    """What tells it from the other sheets of a class."""

    @property
    def first(self) -> Marked | None:
        """The first mistake that is not put right below, in the order of the person's sheet."""
        wrong = (each for each in self.answers if each.verdict == WRONG and not each.corrected)
        return next(wrong, None)

    @property
    def touched(self) -> int:
        """How many later lines follow from the first mistake, also where it was made again."""
        first = self.first
        if first is None:
            return 0
        slip = first.finding and first.finding.slip.name
        again = ((e.name, e.finding) for e in self.answers if e.verdict == AGAIN)
        start = {first.name, *(name for name, own in again if own and own.slip.name == slip)}
        reached, behind = {*start}, [e for e in self.answers if e.verdict == FOLLOWS]
        while more := {e.name for e in behind if not reached.isdisjoint(e.sources)} - reached:
            reached |= more
        return len(reached - start)

    @property
    def nothing_right(self) -> bool:
        """True if several figures are wrong and hardly any is not: another exercise's, perhaps."""
        wrong = sum(each.verdict in (WRONG, AGAIN) for each in self.answers)
        follow = sum(each.verdict == FOLLOWS for each in self.answers)
        return wrong >= max(SEVERAL, follow) and not any(each.right for each in self.answers)

    @property
    def suspicion(self) -> str:
        """The question whether it is another exercise's; nothing where a person has marked it."""
        if self.given is not None or not (self.elsewhere or self.nothing_right):
            return ""
        return OTHER_NUMBERS if self.elsewhere else OTHER_EXERCISE

    def none_in(self, what: str) -> str:
        """Say that there is no mistake in something, or none but lines that may rest on one."""
        near = {each.name for each in self.answers if each.verdict == CLOSE}
        behind = [each for each in self.answers if each.verdict == FOLLOWS and each.sources]
        while more := {e.name for e in behind if near.issuperset(e.sources)} - near:
            near |= more  # what rests on a figure that is close rests on no mistake
        open_ = (e for e in self.answers if e.verdict in (FOLLOWS, AGAIN, UNDECIDED))
        count = sum(each.name not in near for each in open_)
        but = f", but {count} may come from one in a line not written or not read" if count else ""
        doubted = sum(each.doubted for each in self.answers)
        but += f"; the working beside {doubted} of them does not give it" if doubted else ""
        return f"no {'wrong figure' if doubted else 'mistake'} in {what}{but}"

    @property
    def person(self) -> str:
        """Whose it is, by what it says or by its file; nothing where neither tells."""
        return self.head.name or named_by_file(self.file)

    @property
    def score(self) -> Fraction:
        """What the answers earned, or what a person has given the sheet."""
        earned = [each.earned for each in self.answers]
        return _total(earned) if self.given is None else self.given

    @property
    def points(self) -> Fraction:
        """What they could have earned."""
        worth = [each.worth for each in self.answers]
        return _total(worth) if self.given_of is None else self.given_of

    @property
    def at_stake(self) -> Fraction:
        """The points of lines of which nobody knows whether they are right.

        They are unread, undecided or missing, the last no more than may stand unread.
        """
        if self.given is not None:
            return NOTHING
        missing = [each.worth for each in self.answers if each.verdict == MISSING]
        open_ = [each.worth for each in self.answers if each.verdict in (UNREAD, UNDECIDED)]
        none_read = self.unread and all(each.verdict in ABSENT for each in self.answers)
        most = len(missing) if none_read else self.unfound
        return _total([*open_, *sorted(missing, reverse=True)[:most]])

    def passes(self, marked: Marked) -> bool:
        """Return true if nothing is wrong with an answer.

        One that is close may pass, and so may what follows from such ones alone.
        """
        return marked.right or marked.corrected or (not self.strict and marked.name in _close(self))

    def fails(self, marked: Marked) -> bool:
        """Return true if an answer is wrong; not where a mistake made again has its points."""
        kept = marked.verdict == AGAIN and marked.worth and marked.earned == marked.worth
        return not (kept or self.passes(marked))

    @property
    def unread_apart(self) -> list[NotRead]:
        """What was not read and is told of no line that is asked."""
        told = {each.answer.place for each in self.answers if each.verdict == UNREAD}
        return [each for each in self.unread if each.place not in told]

    @property
    def open_lines(self) -> list[NotRead]:
        """What was not read and is not put right or crossed out by its author."""
        return [each for each in self.unread if each.reason not in WITHDRAWN]

    def written(self, marked: Marked) -> str:
        """Return what stands on the sheet for a line that is off and what should, for programs."""
        right = marked.asked.answer if marked.asked else f"{float(marked.expected):.10g}"
        place, there = marked.answer.place, f"written {marked.answer.text or 'nothing'}"
        why = (f"not read ({each.reason})" for each in self.unread if each.place == place)
        return f"{next(why, there)}, expected {right}"

    def word(self, marked: Marked) -> str:
        """Return an answer's name in plain text, in the network's own words where it has any."""
        if not self.names:
            return marked.name
        return phrase_text(marked.label, PLAIN.with_names(self.names))

    @property
    def own_words(self) -> Mapping[str, str]:
        """The words for quantities: the course's, and the person's own for the learning rate."""
        own = next((name for name, of in self.taken.items() if of == RATE), "")
        if not own and self.document and ETA.search(self.document.text):
            own = "eta"
        return {**({RATE: own} if own else {}), **self.names}

    @property
    def right(self) -> bool:
        """True if nothing is wrong."""
        read = not (self.whole and self.unread)
        return self.error is None and read and all(map(self.passes, self.answers))

    @property
    def status(self) -> int:
        """The exit status that it asks for."""
        return self.error.exit_status if self.error else int(not self.right)

    @property
    def percent(self) -> float | None:
        """The score in percent of the points, to a tenth; None where there are no points."""
        return round(float(100 * self.score / self.points), 1) if self.points else None

    @property
    def mistake(self) -> str:
        """The kind of the first mistake, whatever its line: sheets are grouped by it."""
        first = self.first
        if self.given_of is not None:
            return "marked by hand"
        if self.error:
            return "not marked"
        if self.suspicion:
            return "perhaps of another variant or exercise"
        if first is None and self.right:
            if any(each.doubted for each in self.answers):
                return "right figures beside working that does not give them"
            return "no mistake in what was read" if self.unread else "no mistake"
        if first is None:
            return "no first mistake, but lines are missing, unread, undecided or follow"
        if first.asked:
            return phrase_text(first.label, PLAIN.with_names(self.names))
        if first.finding is None:
            unknown = "marked by hand" if first.by_hand else "we could not tell what went wrong"
            return first.mistake or unknown
        slip = first.finding.slip.name
        return phrase_text(self.title, PLAIN) if slip == "misread-given" else slip  # by what it is

    @property
    def kind(self) -> str:
        """The first mistake with its line, as plain text."""
        first = self.first
        if first is None or first.asked or self.error or self.suspicion:
            return self.mistake
        return phrase_text((*first.label, ": ", *self.title), PLAIN.with_names(self.names))

    @property
    def title(self) -> Phrase:
        """The first mistake in words, without its line."""
        own = self.first and not self.suspicion and self.first.cause
        return own or (self.mistake,)


def _total(points: Sequence[Fraction]) -> Fraction:
    """The sum of points, which are whole on most sheets."""
    if all(each.denominator == 1 for each in points):
        return Fraction(sum(each.numerator for each in points))
    return sum(points, NOTHING)


@lru_cache(maxsize=2)
def _close(report: Report) -> frozenset[str]:
    """The quantities with an answer that is close, or follows only from such ones."""
    fine = {each.name for each in report.answers if each.right}
    found = {each.name for each in report.answers if each.verdict == CLOSE}
    behind = {each.name: each.sources for each in report.answers if each.verdict == FOLLOWS}
    while found and (more := {n for n, used in behind.items() if {*used} <= found | fine} - found):
        found |= more
    return frozenset(found)


def check(marking: Marking, text: str, file: str, kind: str = "") -> Report:
    """Mark the sheet in a text; the kind of document is found unless it is said.

    Raises BackcalcError where nothing in it can be read or it is of another variant,
    UndefinedError where a line has no right value.
    """
    head, rest = headed(text, file, marking.knows)
    _check_variant(marking, head)
    network = marking.network
    posed_queries, rest = _queries(marking, without_printed(rest), file)
    called = _as_called(rest, network)
    sheet, matrices = sheet_of(rest, file, called, kind)
    reading = read_document(sheet, called, marking.rate)
    steps = max(steps_read(reading, matrices, network), asked_steps(network, marking.rate))
    key = marking.key(steps)
    reading = without_general(reading, key)
    answers, unread, matrices, other = all_answers(key, reading, matrices)
    further, left = _judged_queries(posed_queries)
    if not answers and not matrices and not posed_queries:
        _refuse_query(marking, rest, file)
        if not (network.ask or network.points) or not _is_prose(rest):
            example = next((n for n, line in key.lines.items() if line.role != GIVEN), "z0")
            example = network.names.get(example, example)
            more = [Unread(e.start, e.start + len(e.text), e.reason) for e in unread]
            raise refused(reading.document, reading.unread or more, partial(find, key), example)
        unread = (NotRead(Place(file), rest.strip().partition("\n")[0].strip(), PROSE_ONLY),)
    rules = marking.policies
    everything = wanted(network, key, max(steps, marking.steps), rules.elements)
    asked = {each.name: each for each in everything}
    there = {answer.name for answer in answers}
    if marking.policies.missing:
        gone = (each.name for each in asked.values()
                if each.points and each.name not in there and not each.query)  # fmt: skip
        answers += tuple(Answer(name, "", None) for name in gone)
    digits = {each.name: each.digits for each in asked.values() if each.digits}
    marked = mark(key, answers, rules.tolerance, rules.digits, digits)
    marked = tuple(undecided_after(key, marked, reading))
    found = marked_report(marking, key, marked, file, asked)
    found = gathered_report(found, matrices, key, marking, asked)
    if any(each.verdict == MISSING for each in found.answers):
        found = replace(found, answers=_by_another_name(found.answers, key, rules))
    if network.ask:
        found = replace(found, answers=tuple(_borne(found.answers, asked, network)))
    found = replace(found, answers=tuple(_with_corrections(found.answers)))
    found = _with_queries(marking, found, further, asked)
    strict, head = marking.strict, replace(head, variant=marking.variant)
    found = replace(found, head=head, strict=strict, whole=strict)
    found = replace(found, names=network.names, assignment=network.title or "")
    own = {each.place.line for each in left}
    unread = (*(each for each in unread if each.place.line not in own), *left)
    unread = tuple(sorted(unread, key=lambda each: each.place.line))
    lined = reading.lined or bool(unread)
    found = replace(found, unread=unread, taken={**other, **reading.taken}, lined=lined)
    words = {of: n for n, of in reading.taken.items() if of not in network.names}
    fine = {each.name for each in found.answers if each.right or each.verdict == FOLLOWS}
    fitting = {of: n for of, n in words.items() if of in fine and _is_free(n, of, key)}
    found = replace(found, proposed=fitting, document=reading.document.as_it_was(text))
    found = _looked_for(found, reading, key)
    whole = 0 if network.ask or network.points else _lines_in_all(key, found, rules)
    return replace(found, lines=whole, online=_is_online(marking, steps, answers, found))


def _is_free(word: str, of: str, key: Key) -> bool:
    """True if a word may be a quantity's name in a network's file."""
    taken = "'" in of or word in key.lines or word in key.right
    return not taken and re.fullmatch(r"[^\W\d]\w*", word) is not None


def _is_prose(text: str) -> bool:
    """True for words with nothing that might be an answer: no figure, no sign of mathematics."""
    told = re.search(r"[=≈≃∂\\$]|\d[.,]\d|[:|]\s*[-+−]?\d", text)
    return any(map(str.isalpha, text)) and not told


def blank_report(marking: Marking, text: str, file: str, head: Head) -> Report:
    """Return the report on a sheet that a person has marked by hand, as nothing on it was read.

    Where the network does not say what is asked, each line of the work counts for one point.
    """
    network = marking.network
    steps = asked_steps(network, marking.rate)
    key = marking.key(steps)
    lines = wanted(network, key, steps, marking.policies.elements)
    whole = Fraction(len(_lines(key, marking.policies)))
    worth = _total([each.points for each in lines]) if lines else whole
    found = Report(file, head=head, names=network.names, lined=True, given_of=worth)
    return replace(found, document=document(text, file, "text"), assignment=network.title or "")


def _lines(key: Key, rules: Policies) -> Sequence[str]:
    """The lines of the whole work; a matrix is one, unless its elements count."""
    whole = key.network.matrices is not None and not rules.elements
    return whole_lines(key.worked, key.network) if whole else key.worked


def _lines_in_all(key: Key, report: Report, rules: Policies) -> int:
    """How many lines the whole work has; 0 for a sheet that has all of them by some name."""
    lines = _lines(key, rules)
    there = {each.name for each in report.answers}
    more = sum(bool(also_called(key, each, there)) for each in lines if each not in there)
    return len(lines) if len(there.intersection(lines)) + more < len(lines) else 0


def _queries(marking: Marking, text: str, file: str) -> tuple[list[Reply], str]:
    """Return what a sheet says to questions that ask no quantity, and the sheet without that."""
    network = marking.network
    steps = asked_steps(network, marking.rate)
    asks = any(each.name in QUESTIONS for each in network.ask)
    asked = wanted(network, marking.key(steps), steps) if asks else ()
    queries = [each.query for each in asked if each.query]
    key = marking.key(0)
    names = {each.name for each in queries}
    more = {each.name: each for each in unasked(key, text) if each.name not in names}
    queries += more.values()
    return answers_to(queries, text, file, network.names, more) if queries else ([], text)


def _refuse_query(marking: Marking, text: str, file: str) -> None:
    """Raise BackcalcError for an answer that cannot be read, to a question that nobody asks."""
    queries = [*unasked(marking.key(0), text)]
    for each in answers_to(queries, text, file, marking.network.names)[0] if queries else ():
        if each.sure:
            judged(each)


def _judged_queries(found: Iterable[Reply]) -> tuple[list[Marked], list[NotRead]]:
    """The verdicts on answers to questions, and those answers that could not be read."""
    marked: dict[str, Marked] = {}
    left: list[NotRead] = []
    for each in found:
        if not each.sure:
            reason = UNSURE.format(each.query.name, each.query.hint)
            left.append(NotRead(each.place, each.text, reason, each.start, each.query.name))
            continue
        try:
            marked[each.query.name] = judged(each)
        except BackcalcError as error:
            said = f"{each.query.name} = {each.text}"
            reason = f"{error.message}: {error.hint}"
            left.append(NotRead(each.place, said, reason, each.start, each.query.name))
    return [*marked.values()], left


def _with_queries(
    marking: Marking, report: Report, said: Sequence[Marked], asked: Mapping[str, Wanted]
) -> Report:
    """The report with the answers to questions in their places, and those that are missing."""
    there = {each.name: each for each in said}
    if marking.policies.missing:
        gone = [e.query for e in asked.values() if e.query and e.points and e.name not in there]
        there |= {query.name: unanswered(query) for query in gone}
    found = []
    for each in there.values():
        worth = asked[each.name].points if each.name in asked else NOTHING
        worth = worth if marking.network.ask else WHOLE
        share = VERDICTS[each.verdict].share(marking.policies)
        order = [*asked].index(each.name) if marking.network.ask and each.name in asked else inf
        found.append(replace(each, worth=worth, earned=worth * share, order=order))
    if not found:
        return report
    return replace(report, answers=tuple(sorted((*report.answers, *found), key=_start)))


Whole: TypeAlias = "Sequence[tuple[MatrixAnswer, Place]]"
"""What a sheet says of whole vectors and matrices, each with its place."""


def _as_called(text: str, network: Network) -> Network:
    """A network of matrices with the sheet's own letters for its weighted sums."""
    if network.matrices is None:
        return network
    from backcalc.reading.matrix_answers import with_sums_called  # few have matrices

    return with_sums_called(text, network)


def sheet_of(
    text: str, file: str, network: Network, kind: str = "", part: slice = slice(None)
) -> tuple[Document, Whole]:
    """Return the document that a text is, and what a part of it says of whole matrices."""
    answering = part == slice(None)  # else it is a part of a course's document
    if network.matrices is None:
        return document(text, file, kind, answering=answering), ()
    from backcalc.reading.matrix_answers import in_section, matrix_answers  # few have matrices
    from backcalc.reading.sample_parts import samples_at  # as above

    found: list[MatrixAnswer] = []

    def without(text: str) -> str:
        start, end, _ = part.indices(len(text))
        outside = blanked(text, [(0, start), (end, len(text))])
        answers, rest = matrix_answers(outside, network)
        found.extend(answers)
        return text[:start] + rest[start:end] + text[end:]

    sheet = document(text, file, kind, without, answering=answering)
    samples = samples_at(sheet, network, [each.start for each in found])
    own = [
        in_section(each, sheet.text[each.start : each.end], sample, network)
        for each, sample in zip(found, samples, strict=True)
    ]
    return sheet, [(each, sheet.place(each.start, each.end)) for each in own]


def _laid_out(whole: Whole, key: Key, network: Network) -> tuple[Whole, dict[str, str]]:
    """The matrices in the denominator layout, and the layout of the sheet if it is another one."""
    numerator = network.layout == "numerator"
    if not whole:
        return whole, {}
    from backcalc.checking.matrix_marks import other_layout  # as above

    own = [(each.in_layout() if numerator else each, place) for each, place in whole]
    if not other_layout(own, key):
        return own, {}
    turned = [(each if numerator else each.in_layout(), place) for each, place in whole]
    return turned, {"the layout": "denominator" if numerator else "numerator"}


def steps_read(reading: Reading, whole: Whole, network: Network) -> int:
    """Return the steps that a sheet speaks of."""
    said = ((each.quantity, *each.said.names) for each in reading.assertions)
    names = [*chain.from_iterable(said), *reading.blanks]
    names += [element for each, _ in whole for element in elements_named(network, each.name)]
    return steps_named(names, network)


def all_answers(
    key: Key, reading: Reading, whole: Whole
) -> tuple[tuple[Answer, ...], tuple[NotRead, ...], Whole, dict[str, str]]:
    """Return the answers of a sheet with those to the elements of matrices, and what is not read.

    Third the matrices that say something, in the network's layout; fourth the sheet's own layout.
    """
    network = key.network
    answers, unread = answers_in(key, reading)
    known: list[tuple[MatrixAnswer, Place]] = []
    said = [*(each.name for each in answers), *(each.name for each, _ in whole)]
    for each, place in whole:  # of several samples none may be said
        try:
            assert all(find(key, name) for name in elements_named(network, each.name))
            known.append((each, place))
        except BackcalcError as error:
            if not _is_of_each(key, each, place, said):
                why = error.hint or error.message
                unread += (NotRead(place, f"{each.name} = {each.text}", why, each.start),)
    whole, other = _laid_out(known, key, network)
    unread += tuple(
        NotRead(place, each.text, UNKNOWN_FORMULA, each.start)
        for each, place in whole
        if each.text and not (each.cells or each.formula)
    )
    counted = [(each, place) for each, place in whole if _counts_units(key, each, whole)]
    whole = [each for each in whole if each not in counted]
    unread += tuple(NotRead(place, f"{each.name} = {each.text}", COUNTS_UNITS, each.start)
                    for each, place in counted)  # fmt: skip
    empty = (each.name for each, _ in whole if not each.text)
    blanks = chain.from_iterable(elements_named(network, name) for name in empty)
    answers += tuple(Answer(find(key, each), "", None) for each in blanks)
    whole = [each for each in whole if each[0].cells or each[0].formula]
    if whole:
        answers = _with_matrices(key, answers, whole, network)
    return answers, unread, whole, other


def _counts_units(key: Key, matrix: MatrixAnswer, whole: Whole) -> bool:
    """True for one number said of a vector, and for what has such a name beside it and is off."""
    letters = str(matrix.name).rstrip("0123456789'")
    if not any(_is_one_number(m) and str(m.name).startswith(letters) for m, _ in whole):
        return False
    if _is_one_number(matrix):
        return True
    if {*matrix.shape} != {1} or not matrix.cells:
        return False
    right = float(key.value(elements_named(key.network, matrix.name)[0]))
    return abs(float(evaluate(matrix.cells[0].value, {})) - right) > 0.05 * abs(right)


def _is_one_number(matrix: MatrixAnswer) -> bool:
    """True for a number that is said of a vector or matrix of several."""
    several = any(size != 1 for size in matrix.shape)
    return several and not matrix.cells and bool(ONE_NUMBER.fullmatch(matrix.formula))


def _is_of_each(key: Key, matrix: MatrixAnswer, place: Place, said: Iterable[str]) -> bool:
    """True for a right formula of vectors that names no sample, where each has its own answer."""
    from backcalc.checking.matrix_marks import Worth, is_of_each  # few networks have matrices

    names = (name_of(str(name), several=True) for name in said)
    answered = any(name != matrix.name == name.of_sample(None) for name in names)
    return answered and is_of_each(matrix, place, Worth(key, False, {}))


def _with_matrices(
    key: Key, answers: tuple[Answer, ...], whole: Whole, network: Network
) -> tuple[Answer, ...]:
    """The answers with those to the elements of matrices, in the order of the sheet."""
    from backcalc.checking.matrix_marks import element_answers  # as above

    form = network.matrix_form
    more = [a for each, place in whole for a in element_answers(each, form, place)]
    more = [replace(each, name=find(key, each.name, each.place)) for each in more]
    return tuple(sorted((*answers, *more), key=lambda each: each.start or 0))


def gathered_report(
    report: Report, whole: Whole, key: Key, marking: Marking, asked: Mapping[str, Wanted]
) -> Report:
    """Return the report with one verdict for each matrix, in the order of the sheet."""
    network, by_element = marking.network, marking.policies.elements
    form = network.matrices
    if form is None:
        return report
    from backcalc.checking.matrix_marks import Worth, element_answers, gathered, judged_matrix

    worth = Worth(key, by_element, {name: each.points for name, each in asked.items()})
    found = list(gathered(report.answers, whole, worth))
    missing = {each.name: each for each in found if each.verdict == MISSING}
    there = {each.name for each in found}
    for each, place in whole:
        if not any(element_answers(each, form, place)):
            one = judged_matrix(each, place, worth)
            if one.identity:
                found.append(replace(one, worth=NOTHING, earned=NOTHING))
                continue
            gone = missing.get(one.name)
            if gone:  # a formula stands for all the elements
                found = [other for other in found if other is not gone]
            if gone or (network.ask and one.name not in there):
                points = gone.worth if gone else NOTHING
                share = one.earned / one.worth if one.worth else NOTHING
                one = replace(one, worth=points, earned=points * share)
            found.append(one)
    found.sort(key=_start)
    last = _last_places(found)
    counted = {*last} if not by_element and not asked else set()
    answers = tuple(  # of several statements about a matrix the last one counts, no element of it
        each
        if last[each.name] == place and whole_named(network, each.name) not in counted - {each.name}
        else replace(each, worth=NOTHING, earned=NOTHING)
        for place, each in enumerate(found)
    )
    return replace(report, answers=answers)


def answers_in(key: Key, reading: Reading) -> tuple[tuple[Answer, ...], tuple[NotRead, ...]]:
    """Return the statements of a sheet as answers, and those that are none, each with its line."""
    answers: list[Answer] = []
    unread = [*unread_in(reading)]
    for each in reading.assertions:
        place = reading.document.place(each.start, each.end)
        try:
            name = find(key, each.quantity, place)
            formula = _meant(key, each.said.expression, place)
        except BackcalcError as error:
            unread.append(_left_out(reading, each, error.message))
            continue
        working: list[Expression] = []
        for part in each.chain[:-1]:
            with suppress(BackcalcError):
                working.append(_meant(key, part.expression, place))
        said = reading.shown(each.said)
        answers.append(Answer(name, said, formula, place, tuple(working), each.start))
    for blank in reading.blanks:
        with suppress(BackcalcError):
            answers.append(Answer(find(key, blank), "", None))
    return tuple(answers), tuple(sorted(unread, key=lambda each: each.place.line))


def unread_in(reading: Reading) -> tuple[NotRead, ...]:
    """Return what was not read of a sheet, each with its line."""
    return tuple(_left_out(reading, each, each.reason) for each in reading.unread)


def _left_out(reading: Reading, said: Assertion | Unread, reason: str) -> NotRead:
    place = reading.document.place(said.start, said.end)
    return NotRead(place, reading.text(said), reason, said.start)


def _meant(key: Key, formula: Expression, place: Place) -> Expression:
    """A formula in the names of the key; raises BackcalcError where one is no line of it."""
    meant = {used: find(key, used, place) for used in names_in(formula)}
    own = all(used == name for used, name in meant.items())
    return formula if own else renamed(formula, meant.__getitem__)


def _is_online(marking: Marking, steps: int, answers: Sequence[Answer], report: Report) -> bool:
    """True if the figures are right with an update for each sample, and only so."""
    several = 1 < len(marking.network.samples) <= 20
    wrong = [each.name for each in report.answers if each.verdict == WRONG]
    if marking.online or not several or not wrong:
        return False
    with suppress(BackcalcError):
        key = marking.key(max(steps, 1), online=True)
        found = mark(key, [each for each in answers if find(key, each.name)])
        return sum(each.verdict == WRONG for each in found) < len(wrong) / 2
    return False


def _check_variant(marking: Marking, head: Head) -> None:
    """Raise BackcalcError for a sheet of another variant, or of one where the network is none."""
    if head.variant in (None, marking.variant):
        return
    own = marking.variant
    other = f"not of variant {own}" if own else "and the network is no variant"
    message = f"this is a sheet of variant {head.variant}, {other}"
    hint = "mark it against its own network, or give `backcalc check` the folder of all variants"
    raise BackcalcError(message, head.place, hint)


def marked_report(
    marking: Marking, key: Key, answers: Sequence[Marked], file: str, asked: Mapping[str, Wanted]
) -> Report:
    """Return marked answers with what each earns."""
    before = [(each.name, each.verdict) for each in answers]
    answers = [_restated(key, each) for each in answers]
    last = _last_places(answers)
    misread = [each for each in answers if each.verdict == WRONG and _is_given(key, each)]
    restated = {each.name for each in answers if _is_given(key, each)}
    other = len(restated) > MOST_OTHERS and 2 * len(misread) > len(restated)
    found = []
    places = {n: place for place, n in enumerate(asked)} if marking.network.ask else {}
    for place, each in enumerate(answers):
        worth = _worth(marking, key, each, asked) if last[each.name] == place else NOTHING
        if each.identity and worth and each.name in asked and marking.policies.missing:
            each = replace(each, verdict=MISSING, comment=NO_VALUE)
        elif each.identity:  # a true statement that gives no value
            worth = NOTHING
        share = VERDICTS[each.verdict].share(marking.policies)
        again = each.verdict == AGAIN and (each.name, WRONG) in before[:place]
        repeated = again or each.name in each.sources
        if each.hollow or repeated or (other and each.verdict == FOLLOWS):
            share = NOTHING
        if other and each is misread[0]:
            each = replace(each, comment=each.comment + OTHER_SHEET)
        own = len(places) + key.order.get(elements_named(key.network, each.name)[0], inf)
        own = places.get(each.name, own)
        earned = worth if share is WHOLE else worth * share
        found.append(replace(each, worth=worth, earned=earned, order=own))
    marked = tuple(found)
    return Report(file, marked, elsewhere=has_other_numbers(key, marked))


def _start(marked: Marked) -> float:
    """Where an answer begins on its sheet; what is missing comes last."""
    return inf if marked.answer.start is None else marked.answer.start


def _last_places(answers: Sequence[Marked]) -> dict[str, int]:
    """The last answer to each quantity by its place; a true statement only where no other is."""
    last = {each.name: place for place, each in enumerate(answers) if each.identity}
    return last | {each.name: place for place, each in enumerate(answers) if not each.identity}


def _restated(key: Key, marked: Marked) -> Marked:
    """The verdict on an equation of the forward pass as the exercise gives it, with no number."""
    own, said = marked.formula, marked.answer.formula
    if own is None or said is None or marked.verdict != CORRECT:
        return marked
    given = key.lines[marked.name].role == FORWARD and {*names_in(said)} <= {*names_in(own)}
    return replace(marked, identity=True) if given else marked


def _with_corrections(answers: Sequence[Marked]) -> Iterator[Marked]:
    """Yield the answers, those whose line is answered otherwise further down with the rule."""
    last = {each.name: each for each in answers if not (each.identity or each.verdict in ABSENT)}
    resting = {name for each in answers for name in each.sources}
    for each in answers:
        final = last.get(each.name, each)
        if final is not each and final.right != each.right and not each.identity:
            said = (" " * bool(each.comment) + LAST_COUNTS,)
            corrected = each.verdict == WRONG and final.right and each.name not in resting
            each = replace(each, comment=each.comment + said, corrected=corrected)
        yield each


def _by_another_name(answers: Sequence[Marked], key: Key, rules: Policies) -> tuple[Marked, ...]:
    """The answers, a missing one answered where its number stands on the sheet by another name."""
    there = {e.name: e for e in answers if not (e.verdict in ABSENT or _is_name(e))}
    behind: dict[str, list[Marked]] = {}
    for each in answers:
        if each.verdict == MISSING and (name := also_called(key, each.name, there)):
            other = there[name]
            wrong = other.verdict in (WRONG, AGAIN)
            verdict = FOLLOWS if wrong else other.verdict
            sources = (name,) if wrong else other.sources
            share = NOTHING if other.hollow else VERDICTS[verdict].share(rules)
            said = sentence("The same as {}, which stands on the sheet.", Name(name))
            behind.setdefault(name, []).append(replace(
                each, verdict=verdict, comment=said, sources=sources, hollow=other.hollow,
                earned=each.worth * share,
            ))  # fmt: skip
    again = {each.name for found in behind.values() for each in found}
    kept = (each for each in answers if each.verdict != MISSING or each.name not in again)
    return tuple(
        one for each in kept
        for one in (each, *(behind.pop(each.name, ()) if each is there.get(each.name) else ()))
    )  # fmt: skip


def _is_name(marked: Marked) -> bool:
    """True for the bare name of another line, such as z2 in ŷ = z2, which tells no number."""
    name = re.fullmatch(r"[\w/'∂]+", marked.answer.text) if marked.formula else None
    return bool(name) or isinstance(marked.answer.formula, Name)


def also_called(key: Key, name: str, there: Collection[str]) -> str:
    """Return another name among some of a line's number, or of all elements of a matrix; or ''."""
    own = elements_named(key.network, name)
    ways = [[*key.also_called(each)] for each in own]
    if key.network.matrices is None or (len(own) == 1 and name == own[0]):
        return next((each for each in ways[0] if each in there), "")
    for each in there:
        other = elements_named(key.network, each)
        if len(other) == len(own) and all(map(operator.contains, ways, other)):
            return each
    return ""


def _borne(
    answers: Sequence[Marked], asked: Mapping[str, Wanted], network: Network
) -> Iterator[Marked]:
    """Yield the answers, the first asked line after a mistake that nobody asks bearing its points.

    So a person who writes a wrong line down loses what one loses who leaves it out.
    """
    own = {each.name for each in answers if each.worth} | {*asked}
    own |= {whole_named(network, name) for name in asked}
    owed = {each.name: each for each in answers if each.verdict == WRONG and each.name not in own}
    reached = {name: {name} for name in owed}
    for each in answers:
        repeated = each.finding.slip.name if each.verdict == AGAIN and each.finding else None
        for name, lines in reached.items():
            cause = owed.get(name)
            same = repeated and cause and cause.finding and cause.finding.slip.name == repeated
            if each.verdict == FOLLOWS and not lines.isdisjoint(each.sources):
                lines.add(each.name)
            elif not same:
                continue
            if cause and each.worth and each.earned and not each.bears:
                del owed[name]
                said = sentence(" Its points are lost for {}, which is not asked.", Name(name))
                comment = (*each.comment, *said)
                each = replace(each, earned=NOTHING, bears=name, comment=comment)
        yield each


def _looked_for(report: Report, reading: Reading, key: Key) -> Report:
    """The report, its missing lines with the statements unread that may hold them."""
    document = reading.document
    lines = document.text.splitlines()
    places = {each: document.row(each.start) if document.lines else each.place.line - 1
              for each in report.unread}  # fmt: skip
    sides = {each: _names_on(lines[row]) for each, row in places.items() if row < len(lines)}
    meant = {each.start: each.meant for each in reading.unread}
    answers, named = [*report.answers], Counter[int]()
    for place, each in enumerate(answers):
        if each.verdict == MISSING:
            others = [] if each.asked else key.also_called(each.name)
            names = (each.name, *others, key.network.names.get(each.name, each.name))
            called = (
                u for name in names for u, side in sides.items()
                if (name == u.answers if each.asked
                    else name in meant.get(u.start, ()) or any(_is_called(s, name) for s in side))
            )  # fmt: skip
            if unread := next(called, None):
                where = unread.place.within or f"line {unread.place.line}"
                said = f"Not read, {where}: a person marks it."
                answer = replace(each.answer, place=unread.place)
                answers[place] = replace(each, answer=answer, verdict=UNREAD, comment=(said,))
                named[unread.start] += 1
    lost = any(each.verdict == MISSING for each in answers)
    there = {*key.given, *(each.name for each in answers if each.verdict not in ABSENT)}
    counts = [
        max(_answers_in(u.text, lines[places[u]]) - named[u.start], 0) for u, side in sides.items()
        if lost and (named[u.start] or not any(_is_called(s, n) for n in there for s in side))
    ]  # fmt: skip
    if any(counts):
        many = len(report.unread)
        unread_lines = "1 line" if many == 1 else f"{many} lines"
        said = f"Not found: {unread_lines} of this sheet could not be read, see below."
        answers = [replace(each, comment=(said,))
                   if each.comment == NO_ANSWER and not each.asked else each
                   for each in answers]  # fmt: skip
    return replace(report, answers=tuple(answers), unfound=sum(counts))


LAST_FIGURE = regex(r"(?P<words>.*?)(?P<figure>[-−–]?\d*[.,]?\d+)[\s.$)\]}]*")
"""Words and the figure behind them: so the new loss is 0.2."""


def _names_on(line: str) -> list[str]:
    """What may be the name of a quantity on a line: what stands before its sign, or its words."""
    before, sign, _ = line.partition("=")
    words = re.findall(r"[^\s|]+", re.split(r"[-−]?\d[.,]\d", before)[0]) if not sign else []
    return [*(" ".join(words[: n + 1]) for n in range(len(words))), *words[-1:], before]


def _answers_in(unread: str, line: str) -> int:
    """How many quantities a statement on a line, which was not read, may give a value."""
    name, sign, rest = re.sub(r"\{([.,])\}", r"\1", unread).partition("=")
    if not sign:
        name, _, rest = unread.partition(":")
    if not (sign or rest):
        last, count = LAST_FIGURE.fullmatch(unread), len(FIGURE.findall(unread))
        if count > 1 or "|" in unread or not last:
            return count
        name, rest = last["words"] or line.partition(unread)[0], last["figure"]
    parts = re.split(r"[,;](?!\d)|[&|]", rest)
    figures = sum(bool(re.search(r"[\d.]\s*[\])}$.]*$", each.strip())) for each in parts)
    letters = any(map(str.isalpha, name))
    return (figures or bool(sign and rest.strip())) if letters else 0


def _is_called(side: str, name: str) -> bool:
    """True if the left side of an equals sign is a quantity's name, or a derivative by it."""
    quantity = name_of(name)
    by = getattr(quantity, "by", None)
    plain = re.sub(r"[\\{}$_&^*()\s]|mathrm|frac", "", side)
    before, found, after = plain.rpartition(str(by or quantity).replace("_", ""))
    if not found or after:
        return False
    if by:
        return re.search("(?:d|∂|partial|grad|nabla|∇|(?:grad|deriv)[a-z]+)$", before) is not None
    return not before or (not before[-1].isalnum() and before[-1] not in "∂/")


def _is_given(key: Key, marked: Marked) -> bool:
    return key.lines[marked.name].role == GIVEN


def _worth(marking: Marking, key: Key, marked: Marked, asked: Mapping[str, Wanted]) -> Fraction:
    """The points of a line; a number that the sheet gives costs one only where it is misread."""
    if marked.name in asked:
        return asked[marked.name].points
    counts = marked.verdict == WRONG if _is_given(key, marked) else not marking.network.ask
    return WHOLE if counts else NOTHING
