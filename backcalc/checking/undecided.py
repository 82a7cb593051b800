"""Lines that may go on from one that was not read: nobody can call them wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from backcalc.arithmetic.intervals import Range
from backcalc.checking.key import Key
from backcalc.checking.marking import figure_of
from backcalc.checking.own_work import OwnWork
from backcalc.checking.verdict import AGAIN, MISSING, UNDECIDED, WRONG, Answer, Marked
from backcalc.checking.written import FEWEST_DIGITS, WrittenNumber, written_number
from backcalc.errors import BackcalcError
from backcalc.errors.patterns import regex
from backcalc.formulas import replace
from backcalc.formulas.expression import Number, evaluate, names_in
from backcalc.formulas.quantity import parsed
from backcalc.reading import Reading
from backcalc.reading.pieces import REMARK, WITHDRAWN, Unread

DECIMALS = regex(r"[-+]?\s*(?<![\w.,])(?:\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d{1,2})?(?![\w.,]?\d)")
"""A number in what was not read, but for those in its names."""
LISTED = regex(r"[\[&;|]|,\s|^\s*\(")
OPERATED = regex(r"[*/·^]|\\cdot|\\times|\s[-+]\s")
LEFT_OUT, NOT_FOUND = "which your sheet leaves out", "which was not found on your sheet"
MOST_TRIED = 2_000  # lines worked out again for one sheet; what is not tried is undecided
MOST_NAMELESS = 5
"""Statements with unknown names, beside which nobody can say what a wrong line goes on from."""


@dataclass(frozen=True, slots=True)
class Illegible:
    """A statement that was not read, as far as it can be used."""

    unread: Unread
    """Where it stands, and what it may be about."""
    text: str
    """What stands there."""
    line: int
    """The line on which it begins."""
    letters: str
    """Its letters and digits."""
    figures: tuple[WrittenNumber, ...]
    """The figures that it gives."""


def undecided_after(key: Key, marked: Sequence[Marked], reading: Reading) -> Iterator[Marked]:
    """Yield the verdicts, but no line is wrong that may go on from one that was not read.

    It may if a figure that was not read explains it, or by the names on both; but not because of
    what stands there unread and right.
    """
    if not reading.unread:
        yield from marked
        return
    quoted = {start for start, _ in reading.document.quoted}
    texts = [
        (u, reading.text(u)) for u in reading.unread
        if u.start not in quoted and u.reason != REMARK
    ]  # fmt: skip
    stretches = [Illegible(u, text, reading.line(u.start), _letters(text), _figures_in(text))
                 for u, text in texts]  # fmt: skip
    known = {each.name for each in marked if each.verdict != MISSING} | {*key.given}
    work: OwnWork | None = None
    for each in marked:
        place = each.answer.place
        if each.verdict in (WRONG, AGAIN) and place:
            work = work or _own_figures(key, marked)
            before = [u for u in stretches if u.line <= place.line]
            each = _or_undecided(work, each, known, before, place.text)
        said = (p.replace(LEFT_OUT, NOT_FOUND) if isinstance(p, str) else p for p in each.comment)
        yield replace(each, comment=tuple(said))


def _or_undecided(
    work: OwnWork, marked: Marked, known: Collection[str], before: Sequence[Illegible], line: str
) -> Marked:
    """A wrong line, or undecided where it may go on from one of the statements before it."""
    key, name = work.key, marked.name
    rests = {*key.needs(name, {*known} - {name})} - {name}
    right = {each for each in rests if _stands_right(key, each, known, before)}
    rests = {*key.needs(name, ({*known} | right) - {name})} - {name}
    withdrawn = [u for u in before if u.unread.reason in WITHDRAWN]
    upstream = {*key.needs(name, key.given)} - {name} if withdrawn else {}
    explained = _explained(work, marked, rests, before)
    explained = explained or _explained(work, marked, upstream, withdrawn)
    before = [u for u in before if u not in withdrawn]
    nowhere = [u for u in before if not u.unread.meant]
    nameless = any(_named(each) in u.letters for each in rests for u in nowhere)
    holds = _working_holds(marked.answer)
    used = any(_uses(line, u.text, known) for u in before if {*known}.isdisjoint(u.unread.meant))
    if marked.verdict == AGAIN and marked.finding:
        rests &= {marked.finding.line}  # it is told to be left out
    meant = any(not rests.isdisjoint(u.unread.meant) for u in before)
    by_name = holds is not False and (used or meant)
    if explained or (rests and (by_name or (nameless and holds))):
        comment = ("It may follow from a line that we could not read.",)
        return replace(marked, verdict=UNDECIDED, comment=comment, finding=None)
    if rests and marked.finding and len(nowhere) > MOST_NAMELESS:
        comment = ("Some lines before it could not be read: look whether it follows.",)
        return replace(marked, comment=comment, finding=None)
    return marked


def _named(name: str) -> str:
    """The letters by which a statement may name a quantity, or a derivative by it."""
    return _letters(getattr(parsed(name), "by", name))


def _stands_right(key: Key, name: str, known: Collection[str], before: Sequence[Illegible]) -> bool:
    """True if a quantity stands among what was not read, with its right value.

    Each statement that may name it ends so; or one figure is its value and that of no other
    quantity which may stand there.
    """
    there = [u.figures for u in before if _named(name) in u.letters]
    if there and all(each and _is_value(key, each[-1], name) for each in there):
        return True
    figures = {
        each.value: each for u in before for each in u.figures if each.digits > FEWEST_DIGITS
    }
    for each in (one for one in figures.values() if _is_value(key, one, name)):
        alike = (n for n in key.lines if n not in known and _is_value(key, each, n))
        if {*alike} == {name}:
            return True
    return False


def _is_value(key: Key, figure: WrittenNumber, name: str) -> bool:
    """True if a figure is the right value of a quantity."""
    with suppress(BackcalcError):
        return figure.fits(key.value(name))
    return False


def _own_figures(key: Key, marked: Sequence[Marked]) -> OwnWork:
    """The figures of a sheet as they stand there, and what right work makes of them between."""
    figures = {each.name: figure_of(each.answer) for each in marked
               if each.answer.formula is not None and not each.answer.symbolic}  # fmt: skip
    work = OwnWork(key, frozenset(figures), room=MOST_TRIED)
    for name in key.needed({each.name for each in marked}, key.given):
        if name in figures:
            work.own.set(name, figures[name].range)
        else:
            work.leave_out(name)
    return work


def _explained(
    work: OwnWork, marked: Marked, rests: Collection[str], before: Sequence[Illegible]
) -> bool:
    """True if a line follows from a figure that was not read."""
    if marked.answer.formula is None or marked.answer.symbolic:
        return False
    written = figure_of(marked.answer)
    found = {e.value: e.range for u in before for e in u.figures if e.digits >= FEWEST_DIGITS}
    order = sorted(rests, key=work.key.order.__getitem__)
    ways: list[dict[str, Range]] = [{each: figure} for each in order for figure in found.values()]
    images = (work.image_if(marked.name, each) for each in ways)
    narrow = (i for i in images if i and i.high - i.low <= abs(i.middle) / 100)  # not by chance
    return any(each.meets(written.ends) for each in narrow) or work.room < 0


def _figures_in(text: str) -> tuple[WrittenNumber, ...]:
    """The figures that a statement gives, each alone behind its sign or in a list."""
    plain = re.sub(r"\{([.,])\}", r"\1", text).translate(str.maketrans("−–", "--"))
    found: list[WrittenNumber] = []
    parts = re.split(r"[=≈:]|\\approx|\b(?:is|ist|est|es|è|é)\b", plain)
    for part in parts if DECIMALS.fullmatch(plain.strip()) else parts[1:]:  # a cell of a table
        numbers = DECIMALS.findall(part)
        listed = LISTED.search(part) and not OPERATED.search(part)
        for each in numbers if len(numbers) == 1 or listed else ():
            said = re.sub(r"\s", "", each).replace(",", ".")
            found.append(written_number(Number(Fraction(said)), said))
    return tuple(found)


def _uses(line: str, unread: str, known: Collection[str]) -> bool:
    """True if the name that an unread statement gives a value stands elsewhere on a line."""
    name, *more = _names(unread.partition("=")[0]) or ["", ""]
    if more or name not in _names(line.replace(unread, " ")):
        return False
    return name not in {each.rstrip("0123456789") for each in known}


def _names(text: str) -> list[str]:
    """The names and numbers in a line, without what only sets them."""
    return re.findall(r"[^\W_]+", re.sub(r"\\mathrm|\\text|[\\{}_$^*`]", "", text))


def _letters(text: str) -> str:
    """The letters and digits of a text, with a blank between factors in brackets: (z)(1 - z)."""
    return " ".join("".join(filter(str.isalnum, part)) for part in text.split(")("))


def _working_holds(answer: Answer) -> bool | None:
    """True if a figure is what the numbers before it come to; None if there are none."""
    numbers = [part for part in answer.working if not names_in(part)]
    if answer.formula is None or names_in(answer.formula) or not numbers:
        return None
    with suppress(ArithmeticError, ValueError, BackcalcError):
        return figure_of(answer).fits(evaluate(numbers[-1], {}))
    return False
