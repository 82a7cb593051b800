"""Lists of answers in the network's own names, and why a sheet holds none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from backcalc.equations.calculation import start_values
from backcalc.equations.network import Network
from backcalc.equations.program import update
from backcalc.errors import BackcalcError, Place
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Expression, Negation, Number, names_in
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import parsed
from backcalc.reading.documents import Document
from backcalc.reading.figures import ChainPart, bare_name
from backcalc.reading.pass_parts import counted_title
from backcalc.reading.pieces import Unread
from backcalc.reading.settling import Assertion
from backcalc.reading.signs import FUNCTION_NAMES, saying
from backcalc.reading.vocabulary import vocabulary

KINDS = ("text", "answers", "markdown")
ANSWER = regex(
    r"\s*([^\s=]+)\s*=\s*(?:([-+−]?)((?!0\d)(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,2})?)\s*)?"
)
TYPED = regex(r"\s*(?:[-*•]\s+)?(?P<name>[^=:#≈~→←<]*[^=:#≈~→←<\s])\s*(?::=|<-|[=≈~→←:])")
DECIMAL_COMMA = regex(r"(?<![\d.,])(\d*),(\d+)(?![\d.,])")
COMMENT = regex(r"#|//")
NO_NUMBERS = ("n/a", "na", "nan", "none", "inf", "infinity", "undefined", "undef", "k.a.")
"""What people write instead of a number; a quantity may be called so all the same."""
KNOWN = FUNCTIONS | {word: FUNCTIONS[FUNCTION_NAMES[word]] for word in ("ln", "σ", "sigma", "sgn")}
HOW = "write a line such as z0 = 0.5"

Find: TypeAlias = Callable[[str, Place | None], str]
"""Gives the sheet's name for a quantity as people type it, or raises BackcalcError."""

PASSES = regex(r"(?i)\b(?:epoch|iteration)")
WEIGHT, FORWARD, DERIVATIVE, STATE = range(4)


@lru_cache(maxsize=8)
def _kinds(network: Network) -> dict[str, int]:
    """The kind of each quantity that is worked out."""
    words = vocabulary(network)
    inner = {bare_name(each.name)[0] for each in update(network, words.loss)}
    given = {*start_values(network), *network.descent.numbers}
    kinds = {name: STATE if name in given else DERIVATIVE for name in inner}
    kinds |= dict.fromkeys(words.derivatives, DERIVATIVE)
    kinds |= dict.fromkeys(words.forward, FORWARD) | dict.fromkeys(words.weights, WEIGHT)
    return {name: kind for name, kind in kinds.items() if name not in network.names.values()}


class _NotAlone(Exception):  # noqa: N818
    """Raised where a sheet holds more than answers."""


@dataclass(slots=True)
class _Steps:
    """How far a list of answers has come: what its names without primes mean depends on it."""

    kinds: dict[str, int]
    step: int = 0
    updated: bool = False
    new: bool = False
    """Whether the last heading says that what follows comes after the update."""
    seen: set[str] = field(default_factory=set)

    def take(self, name: str) -> None:
        """Go on over one answer; raise _NotAlone where its name may mean another quantity."""
        bare, steps = bare_name(name)
        kind = self.kinds.get(bare)
        # Whoever writes L' and z0' means what an unprimed derivative says.
        late = kind != DERIVATIVE and steps < self.step + (kind == WEIGHT)
        late = late or (kind == FORWARD and not steps and (self.updated or self.new))
        late = late or (kind == STATE and not steps)
        if kind is None or late or name in self.seen or parsed(bare).after(steps) != name:
            raise _NotAlone
        self.seen.add(name)
        if kind == WEIGHT:
            self.updated = True
        elif kind == FORWARD and steps > self.step:
            self.step, self.updated = steps, False


def answers_alone(
    sheet: Document, network: Network
) -> tuple[tuple[Assertion, ...], tuple[str, ...]] | None:
    """Return what a list of answers says and what it leaves blank; None for any other sheet.

    Every line is a quantity by the network's own name, an equals sign and a number or nothing.
    """
    if sheet.kind not in KINDS:
        return None
    found: list[Assertion] = []
    blanks: list[str] = []
    try:
        for name, sign, digits, start, end in _lines(sheet, _Steps(_kinds(network))):
            if not digits:
                blanks.append(name)
                continue
            number: Expression = Number(Fraction(digits))
            minus = "-" if sign in ("-", "−") else ""
            value = Negation(number) if minus else number
            said = ChainPart(f"{sign}{digits}", value, minus + digits)
            found.append(Assertion(name, (said,), start, end))
    except _NotAlone:
        return None
    return tuple(found), tuple(blanks)


def _lines(sheet: Document, steps: _Steps) -> Iterator[tuple[str, str, str, int, int]]:
    """Yield the name, the sign, the digits and the place of each answer.

    Raises _NotAlone at the first line that is none.
    """
    for item in sheet.items:
        span = item.spans[0] if len(item.spans) == 1 else None
        if item.kind == "heading" and span:
            title = sheet.work[span.start : span.end]
            if not title.isascii() or PASSES.search(title) or counted_title(title):
                raise _NotAlone
            steps.new = saying(re.findall(r"[A-Za-z]+", title)) == "new"
            continue
        match = ANSWER.fullmatch(sheet.work, span.start, span.end) if span else None
        if item.kind != "line" or not span or not match:
            raise _NotAlone
        name = match[1].replace("∂", "d")
        steps.take(name)
        yield name, match[2] or "", match[3] or "", span.start, span.end


def refused(
    sheet: Document, unread: Sequence[Unread], find: Find, line: str = "z0"
) -> BackcalcError:
    """Return the error that says why nothing on a sheet is an answer, at the first place.

    `line` is a quantity of its network, for an example.
    """
    plain = sheet.kind in ("text", "answers")
    how = HOW.replace("z0", line)
    if unread:
        first = unread[0]
        place = sheet.place(first.start, first.end)
        hint = _mended(place, find) if plain else None
        several = f"none of {len(unread)} statements could be read; the first: "
        before = several if len(unread) > 1 and not plain else ""
        return hint or BackcalcError(f"{before}{first.reason}", place)
    for number, text in enumerate(sheet.text.splitlines(), 1):
        said = COMMENT.split(text)[0].rstrip()
        if said.strip() and plain:
            start = len(said) - len(said.lstrip())
            place = Place(sheet.file, number, start + 1, text, len(said) - start)
            return _mended(place, find) or BackcalcError("this is no answer", place, how)
    return BackcalcError("there are no answers", Place(sheet.file), how.replace("a line", "lines"))


def _mended(place: Place, find: Find) -> BackcalcError | None:
    """Return what is wrong with a plain line, and what would be right; None if nothing is."""
    line = COMMENT.split(place.text)[0].rstrip()
    match = TYPED.match(line)
    if not match:
        return None
    start = Place(place.file, place.line, 1, place.text)
    name, said = match["name"], line[match.end() :].strip()
    at = line.find(said, match.end())
    try:
        find(name, start.moved(match.start("name"), len(name)))
        if said.casefold() in NO_NUMBERS:
            where = start.moved(at, len(said))
            hint = "write nothing, or -, where you have no answer"
            return BackcalcError(f"{said!r} is no number", where, hint)
        formula = parse(said, KNOWN, place=start.moved(at), derivatives=True)
        for used in names_in(formula):
            find(used, start.moved(line.find(used, match.end()), len(used)))
    except BackcalcError as error:
        comma = DECIMAL_COMMA.search(said)
        if comma and "found ','" in error.message:
            hint = f"write {comma[1] or 0}.{comma[2]}, with a point"
            return BackcalcError(error.message, error.where, hint)
        if " " in name and error.where and error.where.column <= match.end():
            said = f"this is no answer: {' '.join(name.split())!r} is no quantity of this network"
            return BackcalcError(said, error.where, "if it is a note, put a # before it")
        return error
    return None
