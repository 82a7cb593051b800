"""The working before a figure on its line: what it says of the figure, and of a mistake in it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product

from backcalc.arithmetic.intervals import Range, Ranges, way
from backcalc.checking.formulas import judge
from backcalc.checking.naming import NAMELESS, Finding, Named, copies, same
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.checking.symbols import AIMS, is_identity, points_of, with_names
from backcalc.checking.verdict import Answer
from backcalc.checking.written import FEWEST_DIGITS, WrittenNumber, written_number
from backcalc.equations.optimizers import RATE
from backcalc.errors import UndefinedError
from backcalc.formulas import replace
from backcalc.formulas.expression import (
    ONE,
    Call,
    Expression,
    Name,
    Negation,
    Number,
    Sum,
    evaluate,
    names_in,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.notation import InDigits, Phrase
from backcalc.formulas.quantity import Derivative, parsed

LEAF = 0.02  # how far off, relatively, a number in the working may be that is rounded
SMALL = 0.1  # numbers that leave so much open have few digits
LINK = 0.005  # and what stands on the two sides of an equals sign
SIGNS = ("loss-sign", "softmax-sign")  # behind a right difference its sign is lost
WORKED_OUT = ("log10-for-ln", "degrees", "gradient-sign", "update-sign")
"""Mistakes that are made behind a working that is right."""
MOST_NEARBY = 40  # names, one of which may belong where a formula has another


def doubts(work: OwnWork, answer: Answer, written: WrittenNumber) -> Phrase:
    """Return what is wrong with the working before a right figure, if anything is."""
    right, (low, high) = work.key.lines[answer.name].equation.expression, written.ends
    for part in answer.working:
        if not names_in(part):
            with suppress(ArithmeticError, ValueError):
                least, most = written_number(part, "").ends  # its decimals may be rounded ones
                image = None if least <= high and low <= most else _unrounded(work, part)
                if image and not image.meets(written.ends):
                    return ("The figure is right, but ", part, " does not give it.")
            continue
        made = work.ways(answer.name)[0] if part == right else way(part)
        here, due = work.own.image((made,)), work.due(answer.name)
        apart = here and due and _apart(part, here.middle, due.middle)
        if here and here.meets(written.ends) and not apart:
            continue  # right here: numbers put in, a factor of 1 left out, this side of a kink
        if isinstance(part, Name) and part.id in work.key.lines and here is None:
            with suppress(UndefinedError):
                if written.fits(float(work.key.value(part.id))):
                    continue  # dL/dw3 = dL/dw4 = 0: two quantities of one value
        if is_another(work, answer.name, part):
            return ("The figure is right, but ", part, " is not the formula for it.")
    return ()


def is_another(work: OwnWork, name: str, formula: Expression) -> bool:
    """Return true if a formula in names is surely not that of a line, in whatever form."""
    right = work.key.lines[name].equation.expression
    return not is_identity(work.key, name, formula) and all(
        judge(formula, right, points_of(work.key, put_in)).same is False for put_in in ("", AIMS)
    )


def about_formula(work: OwnWork, answer: Answer, written: WrittenNumber) -> Phrase:
    """Return what is said of the formula in names before a wrong figure, if anything is."""
    formulas = [part for part in answer.working if names_in(part)]
    if not formulas:
        return ()
    formula, lines, points = formulas[-1], work.key.lines, points_of(work.key)
    right = lines[answer.name].equation.expression
    if judge(formula, right, points).same:
        return (" Your formula is right: work it out again.",)
    image = work.own.image((way(formula),))
    if not image or not image.meets(written.ends):
        return ()
    due, own, nearby = work.due(answer.name), names_in(formula), names_in(right)
    put_in, needed = any(isinstance(n, Number) for n in walk(formula)), {*nearby}
    for each in nearby:  # it grows: what a line comes from that the formula passes over
        through = lines[each].equation.expression if each in lines and each not in own else None
        found = names_in(through) if through and len(nearby) < MOST_NEARBY else ()
        nearby += [other for other in found if other not in nearby]
    for name, belongs in product(own, nearby):
        better = replaced(formula, {name: Name(belongs)})
        alike = isinstance(parsed(name), Derivative) == isinstance(parsed(belongs), Derivative)
        value = work.value(better) if alike and name != belongs else None
        off = abs(value - due.middle) if due and value else math.inf
        close = off <= LEAF * abs(value or 0.0)
        fits = put_in and belongs in needed and off <= LINK * abs(value or 0.0)
        if fits or (close and judge(better, right, points).same):
            return (" Your formula has ", Name(name), " where ", Name(belongs), " belongs.")
    return (" ", formula, " is not the formula for it.")


def put_in_for(work: OwnWork, answer: Answer) -> tuple[str, float] | None:
    """Return the one name for which the working on a line has another number, and that number.

    The other numbers of the line stand in it, and with this one its formula comes to what the
    working comes to: 0.7 + 2*0.0654 has 2 for a rate of 0.5.
    """
    working = answer.working[-1] if answer.working else None
    if working is None or names_in(working) or isinstance(working, Number):
        return None
    comes_to, formula = work.value(working), work.ways(answer.name)[0].expression
    if comes_to is None:
        return None
    rest, found = _leaves(working, {}), list[tuple[str, float]]()
    for name in names_in(formula):
        known = _leaves(replaced(formula, {name: ONE}), work.own.at)
        lost = _without(known, rest)
        left = _without(rest, known)
        here = work.own.at.get(name, 0.0)
        if lost or len(left) != 1 or len(rest) != len(known) + 1:
            continue
        for value in (left[0], -left[0])[: 1 if name == RATE else 2]:
            taken = replaced(formula, {name: Number(Fraction(value))})
            put, turned = work.value(taken), _alike(left, (abs(here),))
            if put is None or abs(put - comes_to) > LINK * abs(comes_to):
                continue
            if not turned or (here < 0 < value and has_signs_of(work, taken, answer)):
                found.append((name, value))
    return found[0] if len(found) == 1 else None


def has_signs_of(work: OwnWork, formula: Expression | None, answer: Answer) -> bool:
    """Return true if the numbers of the working on a line have the signs that a formula's have."""
    own, working = _leaves(formula, work.own.at, signed=True), answer.working[-1]
    there = _leaves(working, work.own.at, signed=True)
    pairs = zip(own, there, strict=False)
    alike = all(a * b > 0 and _alike((abs(a),), (abs(b),)) for a, b in pairs)
    return len(own) == len(there) and alike


def broken(work: OwnWork, answer: Answer) -> Phrase:
    """Return the link of a chain of equals signs that does not hold; nothing where all do."""
    for left, right in pairwise([e for e in (*answer.working, answer.formula) if e is not None]):
        value, stated = (None if names_in(each) else work.value(each) for each in (left, right))
        told = isinstance(left, Number) and isinstance(right, Number)
        if told or value is None or stated is None:
            continue
        holds = abs(value - stated) <= LINK * abs(value)
        if answer.text and right is answer.formula:
            holds = written_number(right, answer.text).fits(value)
        image = None if holds else _unrounded(work, left)
        if not (holds or (image and image.meets(written_number(right, answer.text).ends))):
            return (left, " is ", InDigits(value), ", not ", right, ".")
    return ()


def leads_to(work: OwnWork, answer: Answer) -> Range | None:
    """Return what the last arithmetic on a line comes to, with the numbers behind its figures.

    In a figure that may be one which the line uses, rounded, each digit may be a rounded one, and
    the last one may be off by one.
    """
    last, used = answer.working[-1] if answer.working else None, work.key.used(answer.name)
    if last is None or isinstance(last, Number):
        return None
    rounded = [work.own.range(name) for name in used if name not in work.key.given]
    if names_in(last):
        return work.own.image((way(last),))
    return _unrounded(work, last, [each for each in rounded if each])


def is_a_step(work: OwnWork, answer: Answer) -> bool:
    """Return true if the working has one value whatever its figures leave open: sign(0.495 - 1)."""
    last = answer.working[-1] if answer.working else None
    if last is None or not any(isinstance(node, Call) for node in walk(last)):
        return False
    led = leads_to(work, answer)
    return led is not None and not led.width


def _unrounded(
    work: OwnWork, left: Expression, rounded: Sequence[Range] | None = None
) -> Range | None:
    """What arithmetic comes to with the numbers behind its own figures.

    Those that the sheet gives stand for themselves, as those of one digit do, unless they may be
    some that are `rounded`, where the last digit may be off by one; one that is exact has nothing
    behind it. Of h and 1 - h the second has what is behind the first.
    """
    given, own = {abs(float(each)) for each in work.key.given.values()}, Ranges({})

    def behind(node: Expression) -> Expression:
        if not isinstance(node, Number):
            return rebuilt(node, behind)
        figure = written_number(node, "")
        exact = abs(figure.here) in given or figure.digits < FEWEST_DIGITS
        near = [each for each in rounded or () if each.meets(figure.ends)]
        whole = any(each.width < 1e-12 and same(each.middle, figure.here) for each in near)
        if whole or (exact and not near):
            return node
        for name, before in own.at.items():
            if abs(figure.here + before - 1) < 1e-9:
                return Sum((Number(Fraction(1)), Negation(Name(name))))
        name = f"figure {len(own.at)}"
        here, low, high = figure.range
        reach = 0.0 if rounded is None else max(here - low, high - here)
        own.set(name, Range(here, min(low, here - reach), max(high, here + reach)))
        return Name(name)

    return own.image((way(behind(left)),))


def as_working_says(work: OwnWork, known: Named, answer: Answer, figure: WrittenNumber) -> Named:
    """Return the mistake that the working on the line shows, or none where it shows another one."""
    name, working = answer.name, answer.working
    here = [each for each in known.candidates if each.line == name and not each.slip.figure]
    bare = Named(candidates=known.candidates)
    led, due = leads_to(work, answer), work.due(name)
    if led and due and led.meets((due.low, due.high)) and broken(work, answer):
        made = known.finding if known.finding and known.finding.line == name else None
        if made is None or not made.once:  # all is put in as it should be
            behind = [e for e in here if e.slip.name in (*WORKED_OUT, *SIGNS)]
            told = made in behind or known.several
            made = max(behind, key=lambda each: each.weight, default=None) if told else None
        if made and made.slip.name in SIGNS:
            made = replace(made, slip=SLIPS["gradient-sign"], parts=())
        return Named(made, candidates=known.candidates) if made else NAMELESS
    formulas = [part for part in working if names_in(part)]
    if formulas:
        found = known.finding
        if known.several or (found and _contradicts(work, formulas[-1], figure, found, name)):
            known = bare  # of several mistakes the formula shows which it was, or that none was
        known = _on_its_line(work, known, formulas[-1], figure, name)
        others = copies(work, name) if known.slip in ("", "swapped-weights") else ()
        likely = sorted(known.candidates, key=lambda each: -each.weight)
        ways = [(e, way) for e in likely if not e.slip.figure for way in _in_line(work, e, name)]
        ways += [(each, each.expression) for each in others if each.expression]
        shown = (each for each, way in ways if _is_form_of(work, formulas[-1], way))
        if found := next(shown, None):
            value = work.value(formulas[-1])
            if found.line != name and value is not None:
                found = replace(found, line=name, values={name: value})
            known = Named(found, candidates=known.candidates)
        if known.finding or not any(isinstance(node, Number) for node in walk(formulas[-1])):
            return known
    written = _leaves([*working, *formulas][-1], work.own.at) if working else []
    if len(written) < 2:
        return known
    matched = [each for each in here if _is_put_in(work, each.expression, written)]
    if matched:
        return Named(max(matched, key=lambda each: each.weight), candidates=known.candidates)
    right = _leaves(work.ways(name)[0].expression, work.own.at)
    if known.finding and len(written) == len(right) and known.slip in {e.slip.name for e in here}:
        so = _leaves(known.finding.expression, work.own.at)
        lost, gained = _without(right, so), _without(so, right)
        if not lost or _without(lost, written) != lost or _without(gained, written):
            return bare  # all is put in, and not as with that mistake
    return known


def _apart(formula: Expression, value: float, right: float) -> bool:
    """True if a formula's value is not the right one, even with its own numbers rounded ones."""
    put_in = any(isinstance(each, Number) for each in walk(formula))
    return abs(value - right) > (LEAF if put_in else LINK) * abs(right)


def _contradicts(
    work: OwnWork, formula: Expression, written: WrittenNumber, finding: Finding, name: str
) -> bool:
    """True if the formula on a line shows that it was not made with this mistake."""
    if finding.line != name:
        return False
    value, made = work.value(formula), work.value(finding.expression or formula)
    whole = all(n.value == int(n.value) for n in walk(formula) if isinstance(n, Number))
    if value is not None and whole and written.fits(value) and not same(value, made):
        return True  # it gives the very figure, and is another formula
    if finding.slip.name == "added-for-multiplied":
        return not any(isinstance(node, Sum) for node in walk(formula))
    swapped = {part.id for part in finding.comment if isinstance(part, Name)}
    return finding.slip.name == "swapped-weights" and swapped.isdisjoint(names_in(formula))


def _on_its_line(
    work: OwnWork, known: Named, formula: Expression, written: WrittenNumber, name: str
) -> Named:
    """What is known, where the formula on a line shows that a mistake was made there."""
    found, value = known.finding, work.value(formula)
    if found is None or found.line == name or len(found.values) > 1 or value is None:
        return known
    if found.line in names_in(formula) or not written.fits(value):
        return known
    made = work.middle_if(name, found.line, found.values[found.line])
    if not same(value, made):
        return Named(candidates=known.candidates)
    return Named(replace(found, line=name, values={name: value}), candidates=known.candidates)


def _in_line(work: OwnWork, found: Finding, name: str) -> Iterator[Expression]:
    """The formula for a line with a mistake in it, or in a line left out that it goes on from."""
    lines, whole = work.key.lines, found.expression
    formula = lines[name].equation.expression
    if whole and found.line == name:
        yield whole
        if hidden := [n for n in names_in(whole) if n in lines and n not in work.listed]:
            yield replaced(whole, {n: lines[n].equation.expression for n in hidden})
    elif whole and found.line in names_in(formula):
        yield replaced(formula, {found.line: whole})


def _is_form_of(work: OwnWork, formula: Expression, made: Expression) -> bool:
    """True if a formula is one with a mistake, by other names of the same, or numbers for some."""
    lines, named = work.key.lines, with_names(work, formula, made)
    other = {n for n in names_in(made) if n in lines and n not in names_in(named)}
    whole = replaced(made, {n: lines[n].equation.expression for n in other})
    return any(_equal(one, two) for one in (formula, named) for two in (made, whole))


def _equal(one: Expression, two: Expression | None) -> bool:
    """True if two formulas in the same names come to the same at some point."""
    names = {*names_in(one)}
    if two is None or names != {*names_in(two)}:
        return False
    draw = random.Random(len(names))
    at = {each: draw.uniform(0.5, 2) for each in sorted(names)}
    with suppress(ArithmeticError, ValueError):
        return same(float(evaluate(one, at)), float(evaluate(two, at)))
    return False


def _is_put_in(work: OwnWork, formula: Expression | None, written: Sequence[float]) -> bool:
    """True if the numbers written are those of a formula, one of its names worked out or none."""
    lines, names = work.key.lines, names_in(formula) if formula else ()
    parts = {name: lines[name].equation.expression for name in names if name in lines}
    worked = [replaced(formula, {name: part}) for name, part in parts.items() if formula]
    return any(_alike(written, _leaves(each, work.own.at)) for each in (formula, *worked))


def _leaves(
    expression: Expression | None, at: Mapping[str, float], *, signed: bool = False
) -> list[float]:
    """The sizes of the numbers in a formula, names by their values, but for each 1.

    What is taken from 1 counts as one number, since 0.26 may stand for 1 - h. A minus before a
    product is its first number's.
    """

    def counted(node: Expression) -> Expression:
        if isinstance(node, Sum) and node.terms[0] == ONE:
            with suppress(ArithmeticError, KeyError, ValueError):
                return Number(Fraction(float(evaluate(node, at))))
        return rebuilt(node, counted)

    found, sign = list[float](), 1.0
    for node in walk(counted(expression)) if expression else ():
        if isinstance(node, Negation):
            sign = -sign
        elif isinstance(node, (Name, Number)):
            value = at.get(node.id, math.nan) if isinstance(node, Name) else float(node.value)
            found.append(sign * value if signed else abs(value))
            sign = 1.0
    return sorted(each for each in found if each != 1)


def _without(some: Sequence[float], others: Sequence[float]) -> list[float]:
    """The numbers that stand in one formula only, but for rounding."""
    return [each for each in some if not any(_alike((each,), (other,)) for other in others)]


def _alike(one: Sequence[float], two: Sequence[float]) -> bool:
    """True if the same numbers stand in two formulas, but for rounding."""
    return len(one) == len(two) and all(
        abs(a - b) <= max(LEAF * max(a, b), _left_open(a), _left_open(b))
        for a, b in zip(one, two, strict=True)
    )


def _left_open(size: float) -> float:
    """Half a unit of the last digit of a small number of few digits, which is rounded: 0.004."""
    _, digits, exponent = Decimal(repr(size)).as_tuple()
    small = size < SMALL and len(digits) < 3
    return 0.51 * 10.0**exponent if small and isinstance(exponent, int) else 0.0
