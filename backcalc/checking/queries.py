"""What is asked besides quantities: how such an answer is read from a sheet, and judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING, Any, TypeAlias

from backcalc.checking.heads import BLANKS, QUOTED
from backcalc.checking.verdict import CORRECT, MISSING, NO_ANSWER, NOTHING, WRONG, Answer, Marked
from backcalc.checking.written import written_number
from backcalc.errors import BackcalcError, Place
from backcalc.errors.patterns import regex
from backcalc.formulas import record, replace
from backcalc.formulas.expression import Name, Scalar, evaluate, names_in
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import Shape
from backcalc.formulas.notation import PLAIN, Phrase, phrase_text, rounded
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import typed
from backcalc.sheets.worked import joined

if TYPE_CHECKING:
    from backcalc.symbolic.rates import Stretch

Sayings: TypeAlias = "Mapping[Query, tuple[re.Pattern[str], ...]]"
QuantityWords: TypeAlias = Mapping[str, str]
"""What people may write, each with the name that it means."""

UNREADABLE = (BackcalcError, LookupError, ValueError, ArithmeticError)
LONGEST = 400  # letters of a line that are read for an answer
MOST_TRIED = 1000  # lines of a sheet that may hold one
NO_WORDS: QuantityWords = {}
MOST_ORDERS = 3  # names whose every order is a spelling
PLANTED = "Find the mistake"  # heading of a worked sheet with a mistake in it
LINE_ASKED = "line with the slip"  # what stands below such a sheet
NAME_ASKED = "name of the slip"  # and below that
ROOM = Decimal("0.01")  # how far off a number may be that was worked out from rounded ones
NEARLY = Fraction(1, 50)  # how far off the end of an interval may be that is rounded


@record(frozen=True, slots=True, eq=False)
class AnswerForm:
    """One row: a kind of answer, how it is read, judged and written."""

    name: str
    """What it is."""
    hint: str
    """What to write, in words."""
    read: Callable[[str, QuantityWords], Any]
    """Makes the value of a text; raises ValueError or BackcalcError where it is none."""
    fits: Callable[[Any, Any], bool]
    """True if a right value and a given one agree."""
    shown: Callable[[Any], str]
    """How the right value is written."""
    spellings: Callable[[Any], Sequence[str]]
    """The texts that a learning platform takes for right; none for a number."""
    room: Decimal = Decimal(0)
    """How far off a number may be, as a share of it."""


@record(frozen=True, slots=True, eq=False)
class Query:
    """One question whose answer is no quantity of the sheet."""

    name: str
    """What stands left of the equals sign where it is answered: shape of W1."""
    label: Phrase
    """The same as a phrase."""
    question: Phrase
    """The whole question."""
    form: AnswerForm
    """What kind of answer it has."""
    right: Any
    """The right answer."""
    why: Phrase
    """Why it is right, for the key."""
    words: QuantityWords = field(default_factory=dict)
    """For an answer in names: what people may write, with the name that it means."""
    choices: tuple[str, ...] = ()
    """For one of several names: those that are offered."""

    @property
    def answer(self) -> str:
        """The right answer as people type it."""
        return self.form.shown(self.right)

    @property
    def shown(self) -> Phrase:
        """The right answer as it is set."""
        names = {LINE: [self.right], NAMES: self.right}.get(self.form)
        return joined([(Name(each),) for each in names]) if names else (self.answer,)

    @property
    def hint(self) -> str:
        """What to write, in words."""
        return f"one of {', '.join(self.choices)}" if self.choices else self.form.hint


# The forms of answers.


def _number(text: str) -> Fraction:
    formula = parse(text.replace("×", "*").replace("·", "*"), FUNCTIONS)
    if names_in(formula):
        raise ValueError(text)
    return Fraction(evaluate(formula, {}))


def _whole(text: str, _: QuantityWords) -> Fraction:
    """The last of a chain of numbers: 3*2 + 3 = 9."""
    plain = re.sub(r"(?<=\d)[ ,](?=\d{3}(?!\d))", "", text)
    plain = re.sub(r"(?<=[\d)])\s*[a-z]+(?: [a-z]+)*\.?$", "", plain)  # 12 parameters
    last = [_number(each) for each in re.split(r"=|≈|->|→", plain)][-1]
    if last.denominator > 1:
        raise ValueError(text)
    return last


def _measure(text: str, _: QuantityWords) -> tuple[Fraction, str]:
    """The last of a chain of numbers, and how it is written: sqrt(0.01 + 0.04) = 0.224."""
    last = re.split(r"=|≈|->|→", text.replace("√", "sqrt"))[-1].strip(" .")
    last = re.sub(r"^0,(?=\d+$)|(?<=^\d),(?=(?:\d\d?|\d{4,})$)", lambda m: f"{m[0][:-1]}.", last)
    return _number(last.replace("%", "/100")), last.replace("%", "/100")


def _is_near(right: Scalar, given: tuple[Fraction, str]) -> bool:
    """Return True for what is rounded, or off by no more than rounding on the way makes it."""
    value, text = given
    off = abs(value - Fraction(right))
    rounds = written_number(parse(text, FUNCTIONS), text).fits(Fraction(right))
    return off <= (NEARLY if rounds else Fraction(ROOM)) * abs(Fraction(right))


YES = ("yes", "y", "true", "always", "ja", "oui", "si", "sí")
NO = ("no", "n", "false", "never", "nein", "non")


def _yes_or_no(text: str, _: QuantityWords) -> bool:
    word = re.split(r"[^\w]", text.strip().casefold())[0]
    return (*YES, *NO).index(word) < len(YES)


SHAPE_WORDS = regex(r"[()\[\]]|\bthe\b|\ba\b|matrix|vector|column|shape|\bof (?:length|size)\b")


def _shape(text: str, _: QuantityWords) -> Shape:
    plain = SHAPE_WORDS.sub(" ", text.casefold()).strip(" .;")
    if plain in ("scalar", "number", ""):
        return Shape()
    parts = [each for each in re.split(r"\s*(?:[x×*,]|\bby\b|\s)\s*", plain) if each]
    return Shape(map(int, parts))


def _as_matrix(shape: Shape) -> tuple[object, ...]:
    """The lengths of a shape as of a matrix: a vector is a column, a scalar 1x1."""
    written = str(shape).partition("x")
    if written[1] and len(shape) == 1:  # a vector that lies
        return (1, *shape)
    return (*shape, 1, 1)[: max(len(shape), 2)]


def _shape_spellings(shape: Shape) -> Sequence[str]:
    if not shape:
        return ("scalar", "a scalar", "1x1", "()", "1")
    own = [[*map(str, shape)], [*map(str, _as_matrix(shape))]]
    found = [
        text for each in own
        for text in ("x".join(each), " x ".join(each), "×".join(each), f"({', '.join(each)})",
                     f"({','.join(each)})", f"[{', '.join(each)}]")
    ]  # fmt: skip
    return tuple(dict.fromkeys(found))


def _names(text: str, words: QuantityWords) -> frozenset[str]:
    plain = text.strip().strip("{}[]()").strip()
    if plain.casefold().rstrip(".") in ("none", "no unit", "no units", "no", "nothing", "0", "∅"):
        return frozenset()
    parts = [p for p in re.split(r"\s*(?:[,;]|\band\b|\s)\s*", plain) if p and p != "unit"]
    return frozenset(_name(each, words) for each in parts)


def _name(text: str, words: QuantityWords) -> str:
    name = bare(typed(text.strip().rstrip(".")))
    if name not in words:
        raise ValueError(text)
    return words[name]


def _first_name(text: str, words: QuantityWords) -> str:
    """The name that a text begins with; behind it people say what is wrong there."""
    start = re.match(r"\s*(?:line\s+)?([^\s,;:(]+)", text)
    return _name(start[1] if start else "", words)


def letters(text: str) -> str:
    """Return a text's letters and digits: Path dropped and path-dropped are one name."""
    return re.sub(r"[\W_]", "", text.casefold())


def _choice(text: str, words: QuantityWords) -> str:
    """The name that a text is, or begins with; behind it people explain, but with no other name."""
    parts = [letters(each) for each in re.split(r"[,.;:(/]| - | – |\b(?:or|and)\b", text)]
    if letters(text) not in words and len({words[part] for part in parts if part in words}) != 1:
        raise ValueError(text)
    return words.get(letters(text)) or words[parts[0]]


def _name_spellings(names: Iterable[str]) -> Sequence[str]:
    own = [*names]
    if not own:
        return ("none", "no unit", "no")
    orders = permutations(own) if len(own) <= MOST_ORDERS else [own]
    signs = (", ", ",", " ", " and ")
    return tuple(dict.fromkeys(sign.join(each) for each in orders for sign in signs))


def _ends(text: str, _: QuantityWords) -> tuple[tuple[str, str | None], ...]:
    """The intervals of learning rates that a text gives, each by its ends as written."""
    plain = re.sub(r"\s+", " ", text.strip().casefold()).rstrip(".")
    for sign, mark in (("≤", "<"), ("<=", "<"), ("≥", ">"), (">=", ">"), ("η", "lr"),
                       ("alpha", "lr"), ("α", "lr"), ("eta", "lr"), ("infinity", "∞"),
                       ("inf", "∞"), ("lr in", ""), ("lr ∈", "")):  # fmt: skip
        plain = plain.replace(sign, mark)
    plain = re.sub(r"(?:lr )?between (\S+) and (\S+)", r"\1 < lr < \2", plain)
    if plain in ("none", "never", "no rate", "for no rate", "no", "∅"):
        return ()
    if plain in ("all", "always", "any", "every rate", "all rates", "lr > 0", "lr>0"):
        return (("0", None),)
    found: list[tuple[str, str | None]] = []
    for part in re.split(r"\s*(?:\bor\b|∪|\bu\b|;|\band\b(?! lr\s*<))\s*", plain):
        number = r"([^<>,\[\]]+?)"
        patterns = (
            rf"{number}\s*<\s*lr\s*<\s*{number}", rf"[(\[\]]\s*{number}\s*,\s*{number}\s*[)\[\]]",
            rf"lr\s*>\s*{number} and lr\s*<\s*{number}", rf"{number}\s*to\s*{number}",
        )  # fmt: skip
        both = next(filter(None, (re.fullmatch(each, part) for each in patterns)), None)
        low = re.fullmatch(rf"lr\s*>\s*{number}|{number}\s*<\s*lr", part)
        high = re.fullmatch(rf"lr\s*<\s*{number}|{number}\s*>\s*lr(?:\s*>\s*0)?", part)
        if both:
            found.append((both[1].strip(" ()"), None if "∞" in both[2] else both[2].strip(" ()")))
        elif low:
            found.append(((low[1] or low[2]).strip(), None))
        elif high:
            found.append(("0", (high[1] or high[2]).strip()))
        else:
            raise ValueError(text)
    for end in (end for pair in found for end in pair if end):
        _number(end)
    return tuple(found)


def _same_ends(right: Sequence[Stretch], given: Sequence[tuple[str, str | None]]) -> bool:
    return len(right) == len(given) and all(
        _is_end(each.low, low) and _is_end(each.high, high)
        for each, (low, high) in zip(right, given, strict=True)
    )


def _is_end(right: Fraction | None, written: str | None) -> bool:
    if right is None or written is None:
        return right is None and written is None
    value = _number(written)
    near = abs(value - right) <= NEARLY * abs(right)
    formula = parse(written, FUNCTIONS)
    return right == value or (near and written_number(formula, written).fits(right))


def rates_text(stretches: Sequence[Stretch], digits: int = 6) -> str:
    """Return intervals of learning rates in words.

    >>> from backcalc.symbolic.rates import Stretch
    >>> rates_text([Stretch(Fraction(0), Fraction(8, 3)), Stretch(Fraction(4))])
    '0 < lr < 8/3 or lr > 4'
    """
    return " or ".join(
        f"lr > {_end(each.low, digits)}"
        if each.high is None
        else f"{_end(each.low, digits)} < lr < {_end(each.high, digits)}"
        for each in stretches
    ) or "none"  # fmt: skip


def _end(value: Fraction, digits: int) -> str:
    return str(value) if len(str(value)) <= digits else rounded(value, digits)[0]


def _rate_spellings(stretches: Sequence[Stretch]) -> Sequence[str]:
    texts = [rates_text(stretches, digits) for digits in (3, 4, 5, 6)]
    return tuple(dict.fromkeys(text for each in texts for text in (each, each.replace(" ", ""))))


WHOLE_NUMBER = AnswerForm(
    "whole number", "a whole number", _whole, lambda right, given: bool(right == given),
    lambda right: str(right), lambda right: (),
)  # fmt: skip
MEASURE = AnswerForm(
    "measure", "a number, to three significant digits", _measure, _is_near,
    lambda right: rounded(right, 5)[0], lambda right: (), ROOM,
)  # fmt: skip
YES_OR_NO = AnswerForm(
    "yes or no", "yes or no", _yes_or_no, lambda right, given: right is given,
    lambda right: "yes" if right else "no", lambda right: (YES if right else NO)[:3],
)  # fmt: skip
SHAPE = AnswerForm(
    "shape", "rows x columns, as 3x2; a vector of three as 3, a single number as scalar", _shape,
    lambda right, given: _as_matrix(right) == _as_matrix(given), str, _shape_spellings,
)  # fmt: skip
NAMES = AnswerForm(
    "names", "names with commas between them, or none", _names,
    lambda right, given: {*right} == given,
    lambda right: ", ".join(right) or "none", _name_spellings,
)  # fmt: skip
LINE = AnswerForm(
    "line", "the name of one line, as the sheet calls it", _first_name,
    lambda right, given: bool(right == given), str, lambda right: (right,),
)  # fmt: skip
CHOICE = AnswerForm(
    "choice", "one of the names in the list", _choice,
    lambda right, given: bool(right == given), str,
    lambda right: (right, right.replace("-", " ")),
)  # fmt: skip
RATES = AnswerForm(
    "rates",
    "an interval such as 0 < lr < 0.125, to three digits; lr > 0 for every rate, or none", _ends,
    _same_ends, rates_text, _rate_spellings,
)  # fmt: skip


# Answers on a sheet.

BRACED = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
TYPESET = tuple(
    (regex(mark), written)
    for mark, written in (
        (r"\\rule\{0pt\}\{\w*\}\\underline\{\\hspace\{\w*\}\}", ""),  # a line to write on
        (r"_\{(\\mathrm\{)?(\w+),(\d+)\}(?(1)\})", r"_\2\3"),  # W_{1,12}
        (rf"\\[dt]?frac{BRACED}{BRACED}", r"\1/\2"),
        (r"\\hat\s*\{?\\?y\}?|ŷ", "yhat"), (r"(?:\\partial|∂)\s*", "d"), (r"\\times", "x"),
        (r"\\(?:eta|alpha)\b", "lr"), (r"\\infty", "∞"), (r"\\leq?\b", "<="), (r"\\geq?\b", ">="),
        (r"\\(?:lt|textless)\b", "<"), (r"\\(?:gt|textgreater)\b", ">"), (r"\\cup", "∪"),
        (r"\\in\b", "∈"),
        (r"\\(?:text|mathrm|mathbf|textbf|textit|textrm|operatorname)\b", ""),
        (r"\\item\b|\\(?:quad|qquad|left|right|[,;! ])|\\\\", " "),
        (r"(?<!\w)(\*\*|__)([^*\n]+?)\1(?!\w)", r"\2"), (r"[$`{}\\]", ""),
    )
)  # fmt: skip
"""Marks of LaTeX and Markdown, and what is read for each."""
NEXT = regex(r"^\W*[^\W\d]+:\s+|[,;.]\s+(?=[^\W\d])")
"""Where one of several answers on a line begins."""
LIST_MARK = regex(r"^(?:[-*•+>|&\s]|\(?\d{1,3}[.)]\s|\(?[a-h]\)\s)+")
BETWEEN = regex(r"[=:≈|&]|\bis\b|\bare\b|\?|(?<=\S) {2,}(?![\s=:≈|&?]|is\b|are\b)")
OF_CELLS = regex(rf"{BETWEEN.pattern}|[,;\t]")
"""The same in a table of CSV."""
UNSIGNED = regex(r"(?<=[^\W\d]) (?=[$\\(]*(?:\d|lr\b|\\eta\b))")
"""Where an answer begins that no sign stands before: the loss falls for 0 < lr < 0.5."""
ARTICLE = regex(r"(?i)^the\s+")
WORTH = regex(r"\s\([\d.]+ points?\)$")  # what a sheet says of a question's points
COLUMNS = ("|", "&", "  ")  # how the cells of a row are kept apart
COMMENT = regex(r"\s+(?:#|//).*$")


def _sayings(*begun: str, whole: str, mark: str) -> tuple[re.Pattern[str], ...]:
    """What may stand before a sign, a sentence that answers, what a line has that may answer."""
    return tuple(regex(each, re.IGNORECASE) for each in ("|".join(begun), whole, mark))


COUNTED = r"(?:(?:trainable|learnable|free|model) )?param(?:eter)?s?"
UNITS = r"(?:units?|neurons?|nodes?|einheit(?:en)?|neuron(?:en)?)"
SAYINGS = {
    "parameters": _sayings(
        "parameter(?:zahl| count)",
        "how many parameters.{0,60}",
        rf"(?:#+ ?)?(?:the )?(?:total )?(?:(?:number|count|no\.) of |anzahl (?:der )?)?{COUNTED}",
        whole=r"(?:(?:so|thus),? )?(?:(?:there are|(?:the|this|our) (?:net(?:work)?|model) has"
        rf"|(?:it|this) has|(?:we|i) (?:have|get|count)) )?(?P<said>\d[\d +*·×()=]*?) {COUNTED}"
        r"(?: (?:in (?:all|total)|altogether))?",
        mark=r"^(?=.*\bpar[aá]m).*(?<![\w.,])\d",
    ),
    "dead units": _sayings(
        rf"(?:#+ ?)?(?:the )?(?:only )?(?:dead|tote)(?: {UNITS})?",
        whole=rf"(?:only )?(?:the )?(?:{UNITS} )?(?P<said>.{{1,60}}?) (?:is|are) (?:a )?dead"
        rf"(?: {UNITS})?|(?:there (?:is|are) )?(?P<no>no) dead {UNITS}",
        mark=r"\b(?:dead|die[sd]?|tote?)\b",
    ),
    "loss falls": _sayings(
        "(?:does )?(?:the )?(?:loss )?falls?",
        whole="(?P<yes>(?:yes,? )?the loss (?:falls|decreases|goes down|gets smaller))"
        "|(?P<no>(?:no,? )?the loss (?:do(?:es not|esn't) (?:fall|decrease)|rises|increases))",
        mark=r"\b(?:loss|it)\b.*\b(?:fall|rise|decreas|increas|goes|grow|gets|small|larg)",
    ),
}
"""Other words in which these questions are answered, where they are asked."""


def bare(name: str) -> str:
    """Return a name without the signs in which spellings of it differ.

    >>> bare("shape of W_1"), bare("dL/dh[2] surely 0")
    ('shapeofW1', 'dL/dh[2]surely0')
    """
    return re.sub(r"[\s_]", "", name)


def plain(text: str) -> str:
    r"""Return a text without the marks of LaTeX and Markdown.

    >>> plain(r"$\frac{\partial L}{\partial w_{3}}$ surely 0"), plain(r"$0 < \eta < 2$")
    ('dL/dw_3 surely 0', '0 < lr < 2')
    """
    for mark, written in TYPESET:
        text = mark.sub(written, text)
    return " ".join(text.split())


@record(frozen=True, slots=True, eq=False)
class Reply:
    """What a sheet says to a question, and where."""

    query: Query
    """The question."""
    text: str
    """The answer as written."""
    place: Place
    """Where it stands."""
    start: int
    """Where it begins in the text."""
    sure: bool = True
    """False for a line that may be an answer in words that are not known."""


def answers_to(
    queries: Iterable[Query],
    text: str,
    file: str,
    names: QuantityWords = NO_WORDS,
    also: Container[str] = (),
) -> tuple[list[Reply], str]:
    """Return what a text says to questions, and the text with that blanked out.

    `names` are the sheet's own words for quantities. What nobody has asked, which `also` names, is
    taken only where it can be read: otherwise the words may mean something else.
    """
    queries = [*queries]
    key = bare
    if len({bare(each.name) for each in queries}) < len(queries):  # w1 and w_1 are two weights
        key = _closed_up
    own = PLAIN.with_names(names)
    called = {key(typed(phrase_text(each.label, own))): each for each in queries}
    called |= {key(each.name): each for each in queries}
    marks = {max(re.findall(r"[a-z]+", each.name.casefold()), key=len) for each in queries}
    more = {each: SAYINGS[each.name] for each in queries
            if each.name in SAYINGS and each.name not in also}  # fmt: skip
    cells = file.lower().endswith((".csv", ".tsv"))
    said_in = partial(_said, called=called, key=key, more=more, cells=cells)
    unsure: list[Reply] = []
    told: dict[Query, list[Reply]] = {}
    found: list[Reply] = []
    lines: list[str] = []
    offset = tried = 0
    notebook = text.lstrip("\ufeff \t\r\n").startswith("{")
    for number, line in enumerate(text.split("\n"), 1):
        small, kept = line[:LONGEST].casefold(), line
        if tried < MOST_TRIED and (
            any(mark in small for mark in marks)
            or any(mark.search(small) for *_, mark in more.values())
        ):
            tried += 1
            quoted = QUOTED.fullmatch(line) if notebook else None
            start, end = quoted.span("inside") if quoted else (0, len(line))
            whole = COMMENT.sub("", line[start : min(end, LONGEST)])
            several = [said_in(each) for each in NEXT.split(whole) if each.strip()]
            if None in several or not all(_is_read(*each) for each in several if each):
                several = [said_in(whole)]
            place = Place(file, number, start + 1, line, max(end - start, 1))
            if not any(several) and (sentence := _told(whole, more)):
                several = [sentence]
                told.setdefault(sentence[0], []).append(Reply(*sentence, place, offset + start))
            unsure += (Reply(each, whole.strip(), place, offset + start, sure=False)
                       for each in _meant(whole, more) if not any(several))  # fmt: skip
            for said in several:
                if not said or (said[0].name in also and not _is_read(*said)):
                    continue
                found.append(Reply(*said, place, offset + start))
                kept = line[:start] + " " * (end - start) + line[end:]
                if said[0].name == LINE_ASKED:
                    _take_out_planted(lines)
        lines.append(kept)
        offset += len(line) + 1
    for alike in told.values():
        if len({each.text for each in alike}) > 1:  # perhaps of a layer each
            found = [each for each in found if each.start not in {one.start for one in alike}]
            unsure += (replace(each, text=each.place.text.strip(), sure=False) for each in alike)
    answered = {each.query for each in found}
    return [*found, *(e for e in unsure if e.query not in answered)], "\n".join(lines)


def _meant(line: str, more: Sayings) -> Iterator[Query]:
    """Yield the questions that a line may answer in words that are not known."""
    said = WORTH.sub("", LIST_MARK.sub("", plain(line)).rstrip(" |&")).rpartition("?")[2]
    words = {bare(typed(each)) for each in re.findall(r"[^\W\d]\w*", said)}
    for query, (*_, mark) in more.items():
        if mark.search(said) and not (query.words and words.isdisjoint(query.words)):
            yield query


def _said(
    line: str, called: Mapping[str, Query], key: Callable[[str], str], more: Sayings, cells: bool
) -> tuple[Query, str] | None:
    """Return the question that a line answers, and what it says to it."""

    def asked(left: str) -> Query | None:
        own = WORTH.sub("", LIST_MARK.sub("", plain(left)).rstrip(" |&"))
        known = (called.get(key(each)) for each in (own, own[:1].casefold() + own[1:]))
        query = next(filter(None, known), None) or called.get(key(ARTICLE.sub("", own)))
        return query or next((each for each in more if more[each][0].fullmatch(own)), None)

    for sign in (OF_CELLS if cells else BETWEEN).finditer(line):
        query = asked(line[: sign.start()].strip('"'))
        rest = line[sign.end() :].lstrip(' |&?=:*,;"')
        cut = next((each for each in COLUMNS if each in sign[0]), "")  # a third cell says why
        if cells and query and query.form is not NAMES:
            cut = sign[0]
        rest = rest.partition(cut)[0] if cut else rest
        said = plain(rest).strip(' |&?=:*,;"')
        if query and (said or sign[0] == "="):
            return query, said
    for space in UNSIGNED.finditer(line):
        query, said = asked(line[: space.start()]), plain(line[space.end() :]).rstrip(" .")
        if query and _is_read(query, said):
            return query, said
    return None


def _told(line: str, more: Sayings) -> tuple[Query, str] | None:
    """Return the question that a line answers in a sentence, and what it says to it."""
    sentence = LIST_MARK.sub("", plain(line)).strip(" .!|")
    for query, (_, way, _) in more.items():
        if whole := way.fullmatch(sentence):
            said = whole["said"] if whole.lastgroup == "said" else str(whole.lastgroup)
            if _is_read(query, said):
                return query, said
    return None


def _take_out_planted(lines: list[str]) -> None:
    """Blank the worked sheet above its question: nobody who hands it in has written it."""
    top = max((i for i, line in enumerate(lines) if PLANTED in line), default=len(lines))
    lines[top:] = [" " * len(line) for line in lines[top:]]


def _is_read(query: Query, said: str) -> bool:
    try:
        query.form.read(said, query.words)
    except UNREADABLE:
        return False
    return True


def _closed_up(name: str) -> str:
    return re.sub(r"\s", "", name)


def judged(found: Reply) -> Marked:
    """Return the verdict on an answer to a question.

    Raises BackcalcError where it cannot be read.
    """
    query = found.query
    answer = Answer(query.name, found.text, None, found.place, start=found.start)
    if found.text.strip("_") in BLANKS:
        return unanswered(query)
    try:
        given = query.form.read(found.text, query.words)
        right = query.form.fits(query.right, given)
    except UNREADABLE:
        message = f"{found.text[:60]!r} is no answer to {query.name!r}"
        raise BackcalcError(message, found.place, f"write {query.hint}") from None
    if right:
        return Marked(answer, NOTHING, CORRECT, asked=query)
    return Marked(answer, NOTHING, WRONG, query.why, asked=query)


def unanswered(query: Query) -> Marked:
    """Return the verdict on a question without an answer."""
    none = Answer(query.name, "", None)
    return Marked(none, NOTHING, MISSING, NO_ANSWER, asked=query)


def spelled(names: Iterable[str], other: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return how people may write some names, each without the signs in which spellings differ."""
    found = {bare(word): name for word, name in other}
    return found | {bare(name): name for name in names}
