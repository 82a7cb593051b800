"""A sheet asked line by line: which lines, three hints for each, and what they earn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

from backcalc.checking.heads import BLANKS
from backcalc.checking.key import GIVEN, Key, find, key_for, steps_named
from backcalc.checking.kinds import posed
from backcalc.checking.marking import mark
from backcalc.checking.points import Wanted, asked_steps, wanted
from backcalc.checking.queries import Query, Reply, judged, plain
from backcalc.checking.verdict import ROUNDED, UNDECIDED, Answer, Marked
from backcalc.equations.named import elements_named, is_matrix, whole_lines
from backcalc.equations.network import Network, learning_rate, needed_rate
from backcalc.equations.program import Equation, assemble
from backcalc.errors import BackcalcError, Place
from backcalc.formulas.expression import Expression, Name, Number, Product, added, names_in, renamed
from backcalc.formulas.notation import Phrase, Result, Substituted, rounded, sentence
from backcalc.formulas.quantity import Derivative, parsed, typed
from backcalc.loading.policies import policies
from backcalc.reading import read
from backcalc.reading.answers import refused
from backcalc.sheets.blocks import Block, Heading, Sentences
from backcalc.sheets.worked import joined, stages

HINTS = 3  # for one line; each takes a quarter of its points
WORDS = {"hint": "?", "help": "?", "skip": ""}  # where no quantity is called so


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One line that is asked, and how it went so far."""

    name: str
    """The quantity."""
    helped: int = 0
    """Hints given; one more where the answer was shown for want of further ones."""
    wrong: tuple[Marked, ...] = ()
    """The wrong answers."""
    right: bool = False
    """Whether the right answer was found."""
    answer: Answer | None = None
    """What later lines go on from: the right answer as written, or what was shown."""

    @property
    def earned(self) -> Fraction:
        """The part of its points that the line earned."""
        return Fraction(HINTS + 1 - self.helped, HINTS + 1) if self.right else Fraction(0)


@dataclass(frozen=True, slots=True, eq=False)
class Quiz:
    """A quiz as far as it has come."""

    key: Key
    """The right lines."""
    names: tuple[str, ...]
    """The lines that are asked, in the order of the sheet."""
    turn: Turn | None
    """The line that is being asked; None at the end."""
    past: tuple[Turn, ...] = ()
    """The lines that are over."""
    queries: Mapping[str, Query] = field(default_factory=dict)
    """The questions whose answers are no quantities, by name."""
    before: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    """What is shown before a line is asked, by its name."""
    fewest: Mapping[str, int] = field(default_factory=dict)
    """The digits that a line's figure needs at least, where the file says it."""

    def label(self, name: str) -> Phrase:
        """A line or a question, as it is set."""
        return self.queries[name].label if name in self.queries else (Name(short(name)),)

    @property
    def farewell(self) -> str | None:
        """The word that leaves the quiz: one that is no name in this network."""
        return next((word for word in ("q", "quit") if not self.knows(word)), None)

    def knows(self, word: str) -> bool:
        """Return true for the name of a quantity."""
        return word in self.key.order or word in self.key.given


def quiz(network: Network, rate: Fraction | None, steps: int | None, last: str | None) -> Quiz:
    """A quiz over a whole sheet, or over the lines that the quantity `last` needs.

    Raises BackcalcError for what the network does not have, UndefinedError for a line with no
    value.
    """
    if steps is None:
        steps = int(learning_rate(network, rate) is not None)
    else:
        needed_rate(network, rate)
    steps = max(steps, asked_steps(network, rate) if network.ask else 0)
    ends = elements_named(network, typed(last)) if last is not None else ()
    key = key_for(network, rate, max(steps, steps_named(ends, network)))
    asked = wanted(network, key, steps)
    worth = {each.name: each.points for each in asked}
    queries = {each.name: each.query for each in asked if each.query}
    names = sorted(key.needed([find(key, each) for each in ends], key.given) if ends
                   else _sheet(network, steps), key=key.order.__getitem__)  # fmt: skip
    if not ends and network.ask:
        names = [*worth]
    names = [
        name for name in names
        if (name in queries or key.lines[name].role != GIVEN) and worth.get(name, Fraction(1))
    ]  # fmt: skip
    if not names:
        raise BackcalcError(f"{last} is given; there is nothing to ask")
    for name in names:
        if name not in queries:
            key.value(name)
    lines = whole_lines(names, network)
    fewest = {each.name: each.digits for each in asked if each.digits}
    return Quiz(key, tuple(lines), Turn(lines[0]), (), queries, _before(key, names, asked), fewest)


def _before(
    key: Key, names: Sequence[str], asked: Iterable[Wanted]
) -> dict[str, tuple[Block, ...]]:
    """What is shown before the first line of each kind of question."""
    found: dict[str, tuple[Block, ...]] = {}
    told: set[str] = set()
    shown = {name: line for line in whole_lines(names, key.network)
             for name in (line, *elements_named(key.network, line))}  # fmt: skip
    for each in asked:
        if each.kind and each.kind.name not in told and each.name in names:
            told.add(each.kind.name)
            blocks = posed(each.kind, key, each.seed).blocks
            heading = (Heading((each.kind.title,)), Sentences(((each.kind.sentence,),)))
            found[shown[each.name]] = (*heading, *blocks)
    return found


def _sheet(network: Network, steps: int) -> Iterator[str]:
    """The lines of a whole sheet; without a step the forward and the backward pass."""
    program = assemble(network)
    for stage in stages(steps):
        yield from (equation.name for equation in stage.equations(program, network))


def short(name: str) -> str:
    """A quantity's name without what tells it from the local one."""
    return name.partition(" along all paths")[0]


def hints(key: Key, name: str) -> tuple[Phrase, ...]:
    """What a line depends on, its rule, the numbers put in; last the answer."""
    if key.network.matrices is not None:
        from backcalc.checking.matrix_turns import matrix_hints  # few networks have matrices

        if found := matrix_hints(key, parsed(name)):
            return found
    expression = key.lines[name].equation.expression
    formula, own = renamed(expression, short), Name(short(name))
    used = names_in(expression)
    numbers = Substituted(formula, {short(each): key.value(each) for each in used})
    depends = joined([(Name(short(each)),) for each in used]) or ("no other line",)
    copied = isinstance(formula, (Name, Number))
    shown = () if copied else (" = ", numbers)
    put_in = sentence("{} is {} itself", own, formula) if copied else (own, " = ", numbers)
    return (
        sentence("{} depends on {}", own, depends),
        sentence("{} = {}", own, _rule(key.lines[name].equation, formula)),
        put_in,
        (own, " = ", formula, *shown, " ", Result(key.value(name))),
    )


def _rule(equation: Equation, formula: Expression) -> Phrase:
    """For a derivative the chain rule with its local derivatives, else the formula."""
    terms = equation.terms
    if not terms or any(t.upstream == Derivative(t.through, t.through) for t in terms):
        return (formula,)
    links = [Product((Name(short(term.upstream)), Name(term.local_name))) for term in terms]
    locals_ = joined([(Name(term.local_name), " = ", term.local) for term in terms])
    return (added(*links), ", with ", *locals_)


def reply(quiz: Quiz, text: str) -> tuple[Quiz, tuple[Phrase, ...]]:
    """The quiz after one more line from the person, and what to say to it.

    Raises BackcalcError where the line cannot be read; nothing has happened then.
    """
    assert quiz.turn is not None
    turn, text = quiz.turn, text.strip()
    word = text.strip("?!.'\" ").casefold()
    if not word and "?" in text:
        text = "?"
    elif word in WORDS and not quiz.knows(word):
        text = WORDS[word]
    if turn.name in quiz.queries:
        return _question(quiz, turn, quiz.queries[turn.name], text)
    if text == "?":
        return _helped(quiz, turn)
    if text in BLANKS:
        return _shown(quiz, turn)
    earlier = [each.answer for each in quiz.past if each.answer]
    try:
        if quiz.key.network.matrices is None:
            answer = _answer(quiz, turn.name, text)
            rules = policies(quiz.key.network.marking)
            given = (*earlier, answer)
            marked = mark(quiz.key, given, rules.tolerance, rules.digits, quiz.fewest)[-1]
        else:
            from backcalc.checking.matrix_turns import judged_line  # few networks have matrices

            marked = judged_line(quiz.key, turn.name, text, earlier)
            answer = marked.answer
    except (ArithmeticError, ValueError):
        raise BackcalcError(f"{text[:60]!r} is too large or too small to be judged") from None
    if marked.verdict == UNDECIDED:
        hint: Phrase = (" Write it in another way, or as a number.",) if answer.symbolic else ()
        return quiz, ((*marked.comment, *hint),)
    if marked.right:
        words = "right to the digits written" if marked.verdict == ROUNDED else "correct"
        symbolic = marked.formula is not None or answer.symbolic
        if not symbolic:
            return _next(quiz, replace(turn, right=True, answer=answer)), ((words,),)
        over = replace(turn, right=True, answer=_right(quiz.key, turn.name))
        here = replace(marked, formula=None).shown() if marked.rows else (Result(marked.expected),)
        return _next(quiz, over), (("correct, here ", *here),)
    # Without a name for the mistake the comment on a number holds the answer.
    told = marked.finding or marked.formula is not None or answer.symbolic
    why: Phrase = (": ", *marked.comment) if told else ()
    return _helped(quiz, replace(turn, wrong=(*turn.wrong, marked)), ("wrong", *why))


def _question(quiz: Quiz, turn: Turn, query: Query, text: str) -> tuple[Quiz, tuple[Phrase, ...]]:
    """The quiz after an answer to a question: a wrong one ends it, as there is no second try."""
    told: Phrase = ("the answer: ", *query.shown, *((". ", *query.why) if any(query.why) else ()))
    if text == "?" or text in BLANKS:
        return _next(quiz, replace(turn, helped=HINTS + 1)), (told,)
    marked = judged(Reply(query, plain(text), Place("answer", text=text), 0))
    if marked.right:
        return _next(quiz, replace(turn, right=True)), (("correct",),)
    wrong = replace(turn, helped=HINTS + 1, wrong=(*turn.wrong, marked))
    return _next(quiz, wrong), (("wrong",), told)


def _answer(quiz: Quiz, name: str, text: str) -> Answer:
    """The answer in a line; a formula may use what stands above it on the sheet."""
    place, key = Place("answer", text=text), quiz.key
    own = typed(text, key.program.loss)
    if own == name:
        raise BackcalcError(f"{short(name)} is the very thing that is asked")
    if key.order.get(own, -1) > key.order[name]:
        raise BackcalcError(f"{own} comes only later on the sheet")
    reading = read(f"{short(name)} = {text}", "answer", key.network, "answers")
    if not reading.assertions:
        raise _moved(refused(reading.document, reading.unread, partial(find, key)), place, name)
    said = reading.assertions[0].said
    try:
        formula = renamed(said.expression, lambda used: find(key, used, place))
    except BackcalcError as error:
        raise _moved(error, place, name) from None
    for used in names_in(formula):
        if key.order.get(used, -1) >= key.order[name]:
            raise BackcalcError(f"{used} comes only later on the sheet")
    return Answer(name, reading.shown(said), formula, place)


def _moved(error: BackcalcError, place: Place, name: str) -> BackcalcError:
    """The error as it is in what was typed, behind the name that was asked."""
    where = error.where
    if where and where.text != place.text:
        before = len(short(name)) + len(" = ")
        column = max(where.column - before, 1)
        where = replace(place, column=column, length=where.length)
    return BackcalcError(error.message, where, error.hint)


def _helped(quiz: Quiz, turn: Turn, *said: Phrase) -> tuple[Quiz, tuple[Phrase, ...]]:
    """The next hint, or after the last one the answer."""
    turn = replace(turn, helped=turn.helped + 1)
    if turn.helped > HINTS:
        return _shown(quiz, turn, *said)
    hint = hints(quiz.key, turn.name)[turn.helped - 1]
    return replace(quiz, turn=turn), (*said, (f"hint {turn.helped} of {HINTS}: ", *hint))


def _shown(quiz: Quiz, turn: Turn, *said: Phrase) -> tuple[Quiz, tuple[Phrase, ...]]:
    """The answer, and on to the next line."""
    told: Phrase = ("the answer: ", *hints(quiz.key, turn.name)[-1])
    return _next(quiz, replace(turn, answer=_right(quiz.key, turn.name))), (*said, told)


def _right(key: Key, name: str) -> Answer:
    """The right value of a line as it is shown."""
    if is_matrix(key.network, name):
        from backcalc.checking.matrix_turns import right_text  # as above

        return Answer(name, right_text(key, parsed(name)), None)
    text, _ = rounded(key.value(name))
    return Answer(name, text, Number(Fraction(text)))


def _next(quiz: Quiz, turn: Turn) -> Quiz:
    past = (*quiz.past, turn)
    over = len(past) == len(quiz.names)
    return replace(quiz, past=past, turn=None if over else Turn(quiz.names[len(past)]))


def summary(quiz: Quiz) -> Iterator[Phrase]:
    """The score, and the mistakes made."""
    steps = max(line.steps for line in quiz.key.lines.values())
    known = wanted(quiz.key.network, quiz.key, steps)
    points = {each.name: each.points for each in known}
    worth = {name: _worth(quiz.key.network, name, points) for name in quiz.names}
    score = sum((worth[turn.name] * turn.earned for turn in quiz.past), Fraction(0))
    total = sum(worth.values(), Fraction(0))
    unit = "point" if total == 1 else "points"
    yield sentence(f"score: {{}} of {{}} {unit}", Number(score), Number(total))
    first = sum(turn.earned == 1 for turn in quiz.past)
    yield (f"right at the first try: {first} of {len(quiz.names)}",)
    yield from _mistakes(quiz, (*quiz.past, quiz.turn) if quiz.turn else quiz.past)
    lost = [quiz.label(turn.name) for turn in quiz.past if not turn.right]
    if lost:
        yield ("answer shown: ", *joined(lost))
    if quiz.turn:
        yield (f"lines left: {len(quiz.names) - len(quiz.past)}",)


def _worth(network: Network, name: str, points: Mapping[str, Fraction]) -> Fraction:
    """The points of a line: of a matrix those that the file gives its elements, or one."""
    names = elements_named(network, name)
    return sum((points.get(each, Fraction(1, len(names))) for each in names), Fraction(0))


def _mistakes(quiz: Quiz, turns: tuple[Turn, ...]) -> Iterator[Phrase]:
    """Each mistake with how often it was made and where."""
    made: dict[Phrase, list[str]] = {}
    for turn in turns:
        for marked in turn.wrong:
            title: Phrase = marked.finding.title if marked.finding else ()
            made.setdefault(title, []).append(turn.name)
    nameless = made.pop((), [])
    for title, names in [*made.items(), *([((), nameless)] if nameless else [])]:
        times = "once" if len(names) == 1 else f"{len(names)} times"
        places = joined([quiz.label(name) for name in dict.fromkeys(names)])
        untold = f"wrong {'in another way ' if made else ''}{times}"
        said = (f"mistake made {times}: ", *title) if title else (untold,)
        yield (*said, " (in ", *places, ")")
