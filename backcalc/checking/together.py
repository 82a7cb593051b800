"""Lines of a sheet seen together: a mistake made again, one figure everywhere, other numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from math import prod

from backcalc.arithmetic.intervals import Range
from backcalc.checking.key import GIVEN, GRADIENT, UPDATE, Key
from backcalc.checking.links import WORKED_OUT
from backcalc.checking.naming import Finding
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.verdict import (
    AGAIN,
    FOLLOWS,
    MISSING,
    UNDECIDED,
    UNTOLD,
    WRONG,
    Marked,
    from_own,
)
from backcalc.checking.written import WrittenNumber, written_number
from backcalc.equations.named import whole_named
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import Name, Number, names_in
from backcalc.formulas.notation import InDigits, Phrase, sentence

NOUGHT = 1e-20  # what is smaller stands for nothing
HOLLOW: Phrase = (" The same figure stands on most lines, so this one earns no points.",)
EMPTY: Phrase = (" Anything times 0 is 0, so this one earns no points.",)
NO_VALUE: Phrase = ("This is true, but it gives no value. Work it out from the lines before it.",)
SHARING = 3  # lines, at least, that are off by one factor
BY_CHANCE = 4e-4  # how likely figures from nowhere may share one, by what their digits leave open
SIMPLE = 12  # the largest denominator of a factor that is told as a fraction
LEAST_OFF = 4  # figures that must be wrong before a sheet is taken for another variant's


def see_together(
    key: Key,
    marked: dict[int, Marked],
    figures: Mapping[int, WrittenNumber],
    off: Mapping[int, Range],
    twins: Mapping[str, tuple[str, Phrase]],
) -> None:
    """Correct the verdicts on a sheet's answers, by their places, by what all of them show.

    `off` are the factors by which wrong derivatives, and what wrong updates change, are off.
    """
    _first_of_twins(marked, twins)
    for slip, role in (("common-factor", GRADIENT), ("rate-factor", UPDATE)):
        places = {n: each for n, each in off.items() if key.lines[marked[n].name].role == role}
        _of_one_factor(key, marked, places, SLIPS[slip])
    _once(key, marked)
    _identities(key, marked)
    _shorter(marked, figures)
    _hollow(marked, figures)
    _empty(marked, figures)


def _shorter(marked: dict[int, Marked], figures: Mapping[int, WrittenNumber]) -> None:
    """Let a figure with too few digits count where a right one of more digits stands before it."""
    stood: dict[str, int] = {}
    for place in sorted(figures):
        each, figure = marked[place], figures[place]
        before = stood.get(each.name)
        if each.verdict != UNDECIDED:
            stood[each.name] = place
        elif before is not None and figure.fits(figures[before].value):
            same = marked[before]
            if same.right or same.verdict == FOLLOWS:
                marked[place] = replace(
                    each, verdict=same.verdict, comment=same.comment, sources=same.sources
                )


def factor_off(written: WrittenNumber, due: Range | None, old: float) -> Range | None:
    """Return the factor by which a figure is off, or its change from an old one."""
    if due is None:
        return None
    low, high = (end - old for end in written.ends)
    least, most = due.low - old, due.high - old
    if low * high <= 0 or least * most <= 0:
        return None
    ends = [end / whole for end in (low, high) for whole in (least, most)]
    return Range((written.here - old) / (due.middle - old), min(ends), max(ends))


def _of_one_factor(
    key: Key, marked: dict[int, Marked], factors: Mapping[int, Range], slip: Slip
) -> None:
    """Name the mistake of wrong lines that are all off by one factor; a vector is one line."""
    off = {place: each for place, each in factors.items() if marked[place].verdict == WRONG}
    wide = {place: each.width / abs(each.middle) for place, each in off.items()}
    causes = {place: marked[place].finding for place in off}
    untold = [place for place, cause in causes.items() if not cause or cause.slip.figure]
    for place in sorted(untold, key=wide.__getitem__):
        low, high = off[place].low, off[place].high
        sharing = [other for other, each in off.items() if each.meets((low, high))]
        telling = [other for other in untold if other in sharing]
        chance = prod(wide[other] for other in telling) / (wide[place] or 1.0)
        wholes = {whole_named(key.network, marked[n].name) for n in telling}
        if len(wholes) < SHARING or chance > BY_CHANCE:
            continue
        low = max(low, *(off[other].low for other in sharing))
        high = min(high, *(off[other].high for other in sharing))
        for other in sharing:
            found = Finding(slip, marked[other].name, {}, (_simple(low, high),))
            marked[other] = replace(marked[other], comment=found.comment, finding=found)
        return


def _simple(low: float, high: float) -> Number | InDigits:
    """The fraction in a range that people would take, or a number in its middle."""
    for below in range(1, SIMPLE + 1):
        above = round((low + high) / 2 * below)
        if low <= above / below <= high:
            return Number(Fraction(above, below))
    return InDigits((low + high) / 2)


def _once(key: Key, marked: dict[int, Marked]) -> None:
    """Of the lines with one mistake let the first on the person's sheet be the wrong one."""
    by_slip: dict[str, list[tuple[int, Finding]]] = {}
    listed = {each.name for each in marked.values()}
    for place in sorted(marked):
        found = marked[place].finding
        if found and marked[place].verdict in (WRONG, AGAIN) and not found.once:
            by_slip.setdefault(found.mistake(key, listed), []).append((place, found))
    for (first, finding), *rest in by_slip.values():
        cause = marked[first] = replace(marked[first], verdict=WRONG)
        for place, found in rest:
            each = marked[place]
            if each.name == cause.name:  # written once more, it is no other line's
                marked[place] = replace(each, verdict=WRONG)
                continue
            told, worked_out = found.explained(each.name), found.slip.name in WORKED_OUT
            link = each.comment[: -len(told)]  # which does not hold
            same = each.comment[len(link) :] == told and (worked_out or not link)
            if same or each.comment == found.comment:
                said = sentence("The same mistake as in {}.", Name(cause.name))
                if found.title != finding.title:
                    said = sentence("The same mistake as in {}: {}.", Name(cause.name), found.title)
                marked[place] = replace(each, verdict=AGAIN, comment=(*link, *said))


def _first_of_twins(marked: dict[int, Marked], twins: Mapping[str, tuple[str, Phrase]]) -> None:
    """Of two lines with one mistake in a line left out let the first be the wrong one."""
    done = set[str]()
    for place in sorted(marked) if twins else ():
        here = marked[place]
        source, said = twins.get(here.name, ("", ()))
        others = [n for n in marked if marked[n].name == source]
        if here.verdict != FOLLOWS or here.sources != (source,) or source in done:
            continue
        done.add(source)
        if place > min(others) or any(marked[n].verdict != WRONG for n in others):
            continue
        finding = marked[others[0]].finding
        comment = sentence("This should be {}.", InDigits(float(here.expected)))
        if finding:
            shown = any(each.name == finding.line for each in marked.values())
            comment = finding.comment if shown else finding.explained(here.name)
        else:
            comment = (*comment, UNTOLD)
        marked[place] = replace(here, verdict=WRONG, comment=comment, finding=finding, sources=())
        for n in others:
            marked[n] = replace(
                marked[n], verdict=FOLLOWS, comment=said, finding=None, sources=(here.name,)
            )


def _identities(key: Key, marked: dict[int, Marked]) -> None:
    """Let a true statement such as z2 = yhat count for what it names, where that has a value."""
    valued = {each.name: each for each in marked.values() if not each.identity}
    for place, each in marked.items():
        if not each.identity or each.name in valued:
            continue
        used = names_in(each.answer.formula) if each.answer.formula else ()
        off = tuple(name for name in used if name in valued and not valued[name].right)
        if not all(name in valued or name in key.given for name in used):
            marked[place] = replace(each, comment=NO_VALUE)
            continue
        marked[place] = told = replace(each, identity=False)
        if off:
            marked[place] = replace(told, verdict=FOLLOWS, comment=from_own(off), sources=off)


def _hollow(marked: dict[int, Marked], figures: Mapping[int, WrittenNumber]) -> None:
    """Let lines earn nothing that follow only because one figure stands nearly everywhere."""
    size = {n: each.here if abs(each.here) >= NOUGHT else 0.0 for n, each in figures.items()}
    wrong = Counter(size[n] for n, each in marked.items() if each.verdict == WRONG and n in size)
    everywhere = Counter(size.values())
    for place, each in marked.items():
        value = size.get(place)
        if value is None or each.verdict not in (FOLLOWS, AGAIN) or value == float(each.expected):
            continue
        if wrong[value] > 1 and everywhere[value] > len(size) / 2:
            marked[place] = replace(each, comment=(*each.comment, *HOLLOW), hollow=True)


def _empty(marked: dict[int, Marked], figures: Mapping[int, WrittenNumber]) -> None:
    """Let noughts earn nothing that follow from one without a reason, and show no working."""
    noughts = set[str]()
    for place in sorted(figures):
        each = marked[place]
        if abs(figures[place].here) >= NOUGHT or not each.expected:
            continue
        if each.verdict == FOLLOWS and not noughts.isdisjoint(each.sources):
            noughts.add(each.name)
            if all(isinstance(part, Number) for part in each.answer.working) and not each.hollow:
                marked[place] = replace(each, comment=(*each.comment, *EMPTY), hollow=True)
        elif each.verdict == WRONG and each.finding is None:
            noughts.add(each.name)


def has_other_numbers(key: Key, marked: Sequence[Marked]) -> bool:
    """Return true if most figures are wrong where the given numbers enter, and nothing says why.

    Then the sheet may be of another variant: it goes on from numbers that are not given here.
    """
    if sum(each.verdict in (WRONG, AGAIN) for each in marked) < LEAST_OFF:
        return False
    entered = [
        each for each in marked
        if each.verdict != MISSING and key.lines[each.name].role != GIVEN
        and not each.answer.symbolic
        and any(name in key.given for name in key.used(each.name))
    ]  # fmt: skip
    off = [each for each in entered if each.verdict in (WRONG, AGAIN)]
    named = [each for each in off if each.finding and not each.finding.slip.about_one_figure]
    causes = Counter((*each.sources, each.name)[0] for each in off)
    return (
        len(off) >= LEAST_OFF
        and off[0] is entered[0]
        and len(off) > len(entered) / 2
        and len(named) < len(off) / 4
        and max(causes.values()) < len(off) / 2
        and sum(each.right for each in marked) < len(marked) / 4
    )


def are_figures_of(key: Key, marked: Sequence[Marked]) -> bool:
    """Return true if most figures of a sheet with other numbers are right with these ones."""
    figures = [
        each for each in marked
        if each.answer.formula and not each.answer.symbolic and each.name in key.lines
    ]  # fmt: skip
    fitting = 0
    for each in figures:
        with suppress(UndefinedError):
            written = written_number(each.answer.formula, each.answer.text)
            fitting += written.fits(key.value(each.name))
    return fitting >= LEAST_OFF and fitting > len(figures) / 2


def without_names(marked: Marked) -> Marked:
    """Return a line of a sheet with other numbers, without a name for what is off."""
    if marked.verdict not in (WRONG, AGAIN):
        return marked
    comment = marked.comment[:-1] if marked.comment[-1:] == (UNTOLD,) else ()
    if not comment:
        comment = sentence("This should be {}.", InDigits(float(marked.expected)))
    return replace(marked, verdict=WRONG, comment=comment, finding=None, sources=())
