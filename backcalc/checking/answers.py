"""Answers as people write them: YAML, or plain lines with an equals sign."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias
from unicodedata import category, normalize

from backcalc.errors import BackcalcError, Place, printable
from backcalc.formulas.expression import Expression, Number, names_in, renamed
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import parse
from backcalc.loading.document import LINE_END, NOT_YAML, Entries, Word, compose

MAX_BYTES = 1_000_000
MAX_ANSWERS = 10_000

PLAIN = re.compile(r"(?P<name>[^=:#≈~→←<]*[^=:#≈~→←<\s])\s*(?P<sign>:=|<-|←|[=≈~→]|:(?!=))")
SEVERAL = re.compile(r"[,;]\s*(?=[^\W\d][^=:,;()]*[^=:,;()<>!]?=(?!=))")
LIST_MARK = re.compile(r"\s*(?:[-*•]\s+|\(?\d{1,3}[.)]\s+)(?=\S)")
COMMENT = re.compile(r"#|//")
ASSIGNED = (":=", "<-", "←")
"""Signs by which people write that a weight gets a new value."""

SYMBOLS = str.maketrans("⋅∙•∗⁎÷⁄∕", "****" + "*///")
POWERS_OF_TEN = re.compile(r"(?<=\d)\s*[x×·*]\s*10\s*(?:\^|\*\*)\s*\(?([-+−]?\d+)\)?")
FUNCTIONS_AS_WRITTEN = {**FUNCTIONS, **{
    alias: FUNCTIONS[name]
    for alias, name in {"ln": "log", "σ": "sigmoid", "sigma": "sigmoid", "sgn": "sign"}.items()
}}  # fmt: skip
"""The functions, under the names too that people use on paper."""

HEADS = ("name", "variant")
"""Words for what a sheet says of itself, where the network has no quantity of that name."""

HEAD_LINE = re.compile(
    r"(?:[ \t>*_%{-]|\\[a-zA-Z]+\b)*(?P<word>name|variant)[ \t*_}~]*(?:=|:|:=)[ \t*_}~$]*"
    r"(?P<value>.*)",
    re.IGNORECASE,
)
AROUND = " \t*_}~$\\"
"""What may stand around such a line in Markdown and LaTeX."""

AFTER_NAME = re.compile(
    r"(?P<name>.+?)(?:[\s,;|&~*_{}]|\\[a-zA-Z]+)+variant[\s:=#*_{}]*(?P<number>\d{1,9})",
    re.IGNORECASE,
)
"""A name with the variant on the same line."""

QUOTED = re.compile(r'[ \t]*"(?P<inside>.*?)(?:\\n)?",?[ \t]*')
"""A line of a notebook's file."""

TITLED = re.compile(r", variant (\d{1,9})$")
NUMBER = re.compile(r"(?:variant[-\s]*)?(\d{1,9})", re.IGNORECASE)
LONGEST_NAME = 100
DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d*),(\d+)(?![\d.,])")

BLANKS = ("", "?", "-", "–", "—", "null", "~", "...", "…")
"""What people leave where they have no answer."""


NO_NUMBERS = ("n/a", "na", "nan", "none", "inf", "infinity", "undefined", "undef", "k.a.")
"""What people write instead of one; a quantity may be called so all the same."""
LEFT_OUT = "write nothing, or -, where you have no answer"
NOTE = "put a # before a note"


Entry: TypeAlias = tuple[Word, Word]
"""A quantity's name and the answer to it, as they stand in a file."""

Find: TypeAlias = Callable[[str, Place | None], str]
"""Gives the sheet's name for a quantity as people type it, or raises BackcalcError."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What somebody wrote for one quantity."""

    name: str
    """The quantity, as the sheet calls it."""
    text: str
    """What stands there, as written."""
    formula: Expression | None
    """The number, arithmetic or formula that it is; None for a blank."""
    place: Place | None = None
    """Where it stands."""
    working: tuple[Expression, ...] = ()
    """What stands before it in a line with several equals signs."""
    start: int | None = None
    """Where it begins in the document that it was read from."""

    @property
    def symbolic(self) -> bool:
        """Whether it is a formula in names and no number."""
        formula = self.formula
        return not (formula is None or isinstance(formula, Number) or not names_in(formula))


@dataclass(frozen=True, slots=True)
class Head:
    """What a sheet says of itself."""

    name: str = ""
    """Whose it is."""
    variant: int | None = None
    """Of which variant it is."""
    place: Place | None = None
    """Where it says of which."""


def variant_in(title: str) -> int | None:
    """The number of a variant, which its network's title ends with.

    >>> variant_in("Skip connection, variant 7"), variant_in("Skip connection")
    (7, None)
    """
    match = TITLED.search(title)
    return int(match[1]) if match else None


def headed(text: str, file: str, known: Callable[[str], bool]) -> tuple[Head, str]:
    """What a sheet says of itself, and the sheet without that; `known` tells the quantities.

    A sheet whose line with the variant is gone may still have its title.
    """
    head, said = Head(), set[str]()
    lines = LINE_END.split(text)
    notebook = text.lstrip("\ufeff \t\r\n").startswith("{")
    for number, line in enumerate(lines, 1):
        quoted = QUOTED.fullmatch(line) if notebook else None
        inside = quoted["inside"] if quoted else line.lstrip("\ufeff")
        match = HEAD_LINE.fullmatch(inside)
        word = match["word"].casefold() if match else ""
        if not match or known(match["word"]):
            continue
        start = line.index(inside)
        value = match["value"].rstrip(AROUND)
        length = max(len(value), 1)
        place = Place(file, number, match.start("value") + start + 1, line, length)
        if word in said:
            where = place.moved(match.start("word") - match.start("value"), len(word))
            raise BackcalcError(f"{word!r} stands here a second time", where, "once will do")
        said.add(word)
        both = AFTER_NAME.fullmatch(value[: 2 * LONGEST_NAME]) if word == "name" else None
        if both and not known("variant"):
            value = both["name"].rstrip(AROUND)
            said.add("variant")
            head = replace(head, variant=int(both["number"]), place=place)
        if word == "name":
            value = json_text(value) if quoted else value
            head = replace(head, name=printable("" if value in BLANKS else value)[:LONGEST_NAME])
        elif value not in BLANKS:
            head = replace(head, variant=_number(Word(value, place)), place=place)
        blank = line.replace(inside, " " * len(inside), 1)
        text = text.replace(line, blank, 1)
    title = _by_title(head, text, file)
    if head.variant is None:
        head = title
    elif title.variant != head.variant:
        message = f"the sheet is of variant {head.variant} here and of variant {title.variant} in "
        hint = "keep the line that is right"
        raise BackcalcError(f"{message}its title", head.place, hint)
    return head, text


def json_text(inside: str) -> str:
    """Return what stands inside the quotes of a JSON string; itself where it is none."""
    import json  # few sheets are notebooks

    try:
        return str(json.loads(f'"{inside}"'))
    except ValueError:
        return inside


def _number(value: Word) -> int:
    """The number behind `variant =`."""
    match = NUMBER.fullmatch(value.text.strip())
    if not match:
        message = f"{value.text[:60]!r} is no variant's number"
        raise BackcalcError(message, value.place, "write a line such as variant = 7")
    return int(match[1])


def _by_title(head: Head, text: str, file: str) -> Head:
    """The head with the variant of the comment that is a skeleton's title."""
    for number, line in enumerate(LINE_END.split(text), 1):
        title = line.strip('\ufeff \t",').removesuffix("\\n").removesuffix(": answers")
        variant = variant_in(title.rstrip(AROUND))
        if variant is not None and title.startswith(("#", "\\section", "\\title")):
            return replace(head, variant=variant, place=Place(file, number, 1, line, len(line)))
    return head


def read_entries(text: str, file: str) -> tuple[Entry, ...]:
    """The names and answers in a text, as they stand there."""
    text = text.lstrip("\ufeff")
    entries = tuple(_plain(text, file) if _is_plain(text) else _mapping(text, file))
    if not entries:
        raise BackcalcError("there are no answers", Place(file), "write lines such as z0 = 0.5")
    if len(entries) > MAX_ANSWERS:
        raise BackcalcError(f"more than {MAX_ANSWERS} answers in one file", entries[-1][0].place)
    return entries


def parsed(entries: Iterable[Entry], find: Find) -> tuple[Answer, ...]:
    """The answers, with `find` giving the sheet's name for each quantity as people type it.

    Raises BackcalcError at the first that cannot be read.
    """
    return tuple(_answer(_found(name, find), value, find) for name, value in entries)


def _found(name: Word, find: Find) -> str:
    """The quantity that is answered; words that are none are most likely a note."""
    try:
        return find(name.text, name.place)
    except BackcalcError as error:
        if " " in name.text.strip() and not set("/∂") & set(name.text):
            raise BackcalcError(error.message, error.where, NOTE) from None
        raise


def _answer(name: str, value: Word, find: Find) -> Answer:
    """One answer; where a line has several equals signs the last part counts."""
    if value.text.strip() in BLANKS:
        return Answer(name, "", None, value.place)
    parts: list[tuple[str, Expression]] = []
    start = 0
    for sign in [*re.finditer(r"(?<![<>=!])[=≈](?!=)|^~", value.text), None]:
        end = sign.start() if sign else len(value.text)
        if value.text[start:end].strip():
            parts.append(_part(value.text[start:end], value.inside.moved(start), find))
        start = sign.end() if sign else end
    if not parts:
        return Answer(name, "", None, value.place)
    *working, (text, formula) = parts
    return Answer(name, text, formula, value.place, tuple(part for _, part in working))


def _part(text: str, place: Place, find: Find) -> tuple[str, Expression]:
    """One part of an answer as it stands, and what it means."""
    shown = re.sub(r"(\.\.\.|…|[.;,])\s*$", "", text)
    plain = _typed(shown)
    try:
        formula = parse(plain, FUNCTIONS_AS_WRITTEN, place=place, derivatives=True)
    except BackcalcError as error:
        where, hint = error.where, error.hint
        if where and plain != shown:
            where = _as_written(where, place, shown)
        comma = DECIMAL_COMMA.search(shown)
        if comma and "found ','" in error.message:
            hint = f"write {comma[1] or 0}.{comma[2]}, with a point"
        raise BackcalcError(error.message, where, hint) from None
    try:
        meant = renamed(formula, lambda used: find(used, place))
    except BackcalcError:
        if shown.strip().casefold() not in NO_NUMBERS:
            raise
        where = place.moved(0, len(shown.rstrip()))
        raise BackcalcError(f"{shown.strip()!r} is no number", where, LEFT_OUT) from None
    return shown.strip().replace("−", "-"), meant


def _typed(text: str) -> str:
    """A part of an answer in the signs of formulas."""
    return POWERS_OF_TEN.sub(r"e\1", _unfolded(text)).replace("²", "**2").replace("−", "-")


def _as_written(where: Place, start: Place, text: str) -> Place:
    """Where something stands that was found in a part of an answer once it was typed anew."""
    offset = where.column - start.column

    def behind(end: int) -> int:
        return bisect_right(range(len(text)), end, key=lambda place: len(_typed(text[: place + 1])))

    first = behind(offset)
    past = behind(offset + where.length - 1) if where.length > 1 else first
    return start.moved(first, max(past - first + 1, 1))


def _unfolded(text: str) -> str:
    """A text with ½ and the like written out and every multiplication dot a star."""
    if text.isascii():
        return text
    fraction = (
        f"({normalize('NFKC', char)})" if category(char) == "No" and "⁄" in normalize("NFKC", char)
        else char
        for char in text
    )  # fmt: skip
    return "".join(fraction).translate(SYMBOLS)


def _is_plain(text: str) -> bool:
    """Whether the first line that could be an answer has an equals sign behind a name."""
    for line in text.splitlines():
        said = COMMENT.split(line)[0].strip()
        if said and said != "---":
            mark = LIST_MARK.match(said)
            match = PLAIN.match(said, mark.end() if mark else 0)
            heading = match and match["sign"] == ":" and (
                said.endswith(":") or match["name"].strip().casefold() in HEADS
            )  # fmt: skip
            if match and not heading:
                return match["sign"] != ":"
    return False


def _plain(text: str, file: str) -> Iterator[Entry]:
    """Names and answers of plain lines; several may stand on one line."""
    for number, line in enumerate(LINE_END.split(text), 1):
        said = COMMENT.split(line)[0].rstrip()
        start = 0
        for gap in [*SEVERAL.finditer(said), None]:
            end = gap.start() if gap else len(said)
            if said[start:end].strip():
                yield from _entry(said[start:end], Place(file, number, start + 1, line))
            start = gap.end() if gap else end


def _entry(text: str, place: Place) -> Iterator[Entry]:
    """One name and its answer; nothing for a heading."""
    mark = LIST_MARK.match(text)
    start = mark.end() if mark else len(text) - len(text.lstrip())
    match = PLAIN.match(text, start)
    if not match:
        whole = place.moved(0, len(text))
        raise BackcalcError("this is no answer", whole, "write a line such as z0 = 0.5")
    name, rest = match["name"], text[match.end() :]
    if match["sign"] == ":" and not rest.strip() and " " in name:
        return
    name += "'" if match["sign"] in ASSIGNED and "'" not in name else ""
    blank = len(rest) - len(rest.lstrip())
    value = place.moved(match.end() + blank, max(len(rest.strip()), 1))
    yield Word(name, place.moved(start, len(match["name"]))), Word(rest.lstrip(), value)


def _mapping(text: str, file: str) -> Iterator[Entry]:
    """Names and answers of a YAML mapping."""
    if not text.strip():
        return
    try:
        root = compose(text, file)
    except BackcalcError as error:
        if not error.message.startswith(NOT_YAML):
            raise
        message = "this line cannot be read as a name and an answer"
        raise BackcalcError(message, error.where, f"write z0: 0.5; {NOTE}") from None
    if not isinstance(root, Entries):
        hint = "write lines such as z0 = 0.5, or z0: 0.5"
        raise BackcalcError("these are no answers", root.place, hint)
    for name, value in root.entries:
        if not isinstance(value, Word):
            message = f"the answer to {name.text[:60]!r} is no number and no formula"
            raise BackcalcError(message, value.place, "write a line such as z0: 0.5")
        yield name, value
