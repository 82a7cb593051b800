"""Slips of the pen: the figure itself, or the one beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from backcalc.arithmetic.intervals import CLOSE, point
from backcalc.checking.key import FORWARD, GRADIENT, Key, output_minus_target
from backcalc.checking.mistakes.form import RARE, Form, Forms, Spot, exchanges, is_loss, reads
from backcalc.checking.written import FEWEST_DIGITS, NEARLY, SMALLEST, misreadings, rounded_to
from backcalc.equations.optimizers import RATE
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import ONE, Name, Negation, Number, Sum, multiplied, names_in
from backcalc.formulas.notation import Part
from backcalc.formulas.quantity import parsed

ELSEWHERE = 0.2  # how often a number is misread outside the forward pass
MOST_UNITS = 8  # of the last digit, in which honest work may differ where a digit is miswritten
MOST_MISREAD = 20  # given numbers of one line
TURNED = 100  # times as large as a figure may be what belongs there, with a nought turned in front
ROUNDED = 0.1  # how far off, relatively, a figure of few digits may be from another line's value
MOST_COPIED = 200  # other quantities that a value may have been copied from


def decimal_point(spot: Spot) -> Forms:
    """The decimal point one, two or three places off; a nought has none."""
    for places in (1, -1, 2, -2, 3, -3) if spot.written != 0 else ():
        power = Number(Fraction(10) ** places)
        share = 1.0 if abs(places) == 1 else RARE
        yield reads(multiplied(power, spot.equation.expression), share=share)


def common_factor(spot: Spot) -> Forms:
    """A derivative 1.5 times as large, for example: any factor may be one too many."""
    if spot.line.role == GRADIENT:
        yield reads(multiplied(Number(Fraction(3, 2)), spot.equation.expression), "1.5")


def digits_transposed(spot: Spot) -> Forms:
    """Two digits that stand side by side the wrong way round."""
    numbers: dict[float, Part] = {}
    for digits, unit in _digits(spot):
        one = float(unit)
        for place, pair in enumerate(pairwise(digits)):
            if pair[0] != pair[1]:
                turned = int(f"{digits[:place]}{pair[1]}{pair[0]}{digits[place + 2 :]}")
                numbers.setdefault(turned * one, f"{pair[0]} and {pair[1]}")
    yield from _among(spot, numbers)


def digit_wrong(spot: Spot) -> Forms:
    """One digit that is another one."""
    if spot.written is None or spot.digits <= FEWEST_DIGITS:
        return
    for digits, unit in _digits(spot):
        written = spot.written / unit
        if written.denominator == 1 and len(str(written)) == len(digits) and written > 0:
            pairs = zip(digits, str(written), strict=True)
            if sum(one != other for one, other in pairs) == 1:
                yield reads(Number(written * unit), share=1 / (9 * len(digits)))


def _digits(spot: Spot) -> Iterator[tuple[str, Fraction]]:
    """The digits that may belong here, to the last place of what is written, and a unit of it.

    By the person's own figures, and by the right ones where those give others. None where what is
    written is a figure that the line uses: that one was taken, and no digit is wrong.
    """
    here = float(spot.written or 0)
    if spot.digits < FEWEST_DIGITS or abs(here) < SMALLEST:
        return
    used = map(spot.work.own.at.get, names_in(spot.equation.expression))
    power = _last_place(here, spot.digits)
    if any(each and rounded_to(each, spot.digits) == here for each in used):
        return
    own, found = spot.work.due(spot.line.name), dict[tuple[str, Fraction], None]()
    ranges = [own] if own else []
    with suppress(BackcalcError):
        ranges.append(point(float(spot.key.value(spot.line.name))))
    largest = abs(here) * TURNED
    for middle, *ends in (each for each in ranges if SMALLEST < abs(each.middle) < largest):
        low, high = sorted(math.copysign(1, middle) * end / 10.0**power for end in ends)
        if high - low > MOST_UNITS:
            low = high = abs(middle) / 10.0**power
        unit = Fraction(10) ** power * (-1 if middle < 0 else 1)
        for digits in range(math.floor(low + NEARLY), math.floor(high + 0.5 + NEARLY) + 1):
            found[str(digits), unit] = None
    yield from (each for each in found if each[0].isdecimal())


def _last_place(written: float, digits: int) -> int:
    """The power of ten of the last of so many significant digits."""
    return math.floor(math.log10(abs(written))) - digits + 1


def is_class(key: Key, name: str) -> bool:
    """True for a target that is the number of the right class."""
    return key.network.target_is_class and name.partition("[")[0] in key.network.targets


def readings(key: Key, name: str) -> Mapping[Fraction, float]:
    """Return what a given number is taken for, and how often; the number of a class for another."""
    given = Fraction(key.given[name])
    if is_class(key, name):
        return {Fraction(n): 1.0 for n in range(len(key.network.outputs)) if n != given}
    return misreadings(given) if given else {}


def misread(spot: Spot) -> Forms:
    """A given number read as another one."""
    expression, network = spot.equation.expression, spot.key.network
    log_loss = network.loss_name == "bce" and is_loss(spot.key, spot.line.name)
    for name in names_in(expression)[:MOST_MISREAD]:
        given = spot.key.given.get(name)
        forward = spot.line.role == FORWARD or is_class(spot.key, name)
        often = 1.0 if forward else ELSEWHERE
        read = readings(spot.key, name) if given is not None and name != RATE else {}
        if log_loss and given in (0, 1) and name.partition("[")[0] in network.targets:
            read = {**read, Fraction(1 - given): 1.0}  # the other term of the loss
        for value, share in read.items():
            number = Number(value)
            yield exchanges(spot, {name: number}, Name(name), number, share=often * share)

    short = output_minus_target(spot.key, spot.line) if network.target_is_class else None
    output = short.terms[0] if short else None
    if isinstance(output, Name) and (stem := parsed(output.id).stem) in network.outputs:
        (target,), place = network.targets, network.outputs.index(stem)
        name = f"{target}{''.join(output.id.partition('[')[1:])}"
        others = [*readings(spot.key, name)]
        if place in others:
            taken = Sum((output, Negation(ONE)))
            yield reads(taken, Name(name), Number(Fraction(place)))
        else:  # the figure of the right class is the same for all others, or for no target
            one = Number(others[0]) if len(others) == 1 else "another class"
            yield reads(output, Name(name), one, share=ELSEWHERE)


def rounded_early(spot: Spot) -> Forms:
    """Earlier figures rounded to fewer digits than the answer has."""
    at = spot.work.own.at
    for digits in range(min(spot.digits - 1, 4), 0, -1):
        known = [name for name in names_in(spot.equation.expression) if name in at]
        coarse = {n: Number(Fraction(repr(rounded_to(at[n], digits)))) for n in known}
        words = f"{digits} digit{'s' if digits > 1 else ''}"
        yield exchanges(spot, coarse, words)


def copied(spot: Spot) -> Forms:
    """The value of another quantity of the same kind, nearest first.

    One that the sheet leaves out only from before, and where the figure has digits enough to tell.
    A figure that is wrong itself, or that the line goes on from, is seldom copied: more likely the
    same mistake was made twice, or what lies between them left out.
    """
    key, listed, own = spot.key, spot.work.listed, spot.line
    place, sample = key.order[own.name], own.name.partition("[")[2]
    kin = (e.name for e in key.kin(own.name) if e.steps == own.steps and " " not in e.name)
    names = [
        name for name in kin if name.partition("[")[2] in ("", sample)
        and (name in listed or (spot.digits > FEWEST_DIGITS and key.order[name] < place))
    ]  # fmt: skip
    numbers, wrong = dict[float, Name](), set[str]()
    exchanged = {each for each in names if _holds_value_due(spot, each)}
    names.sort(key=lambda each: (each not in exchanged, abs(key.order[each] - place)))
    for name in names[:MOST_COPIED]:
        value, better = spot.work.own.at.get(name), spot.work.instead.get(name)
        if better and name in exchanged:
            value, better = better.middle, None
        if value is None:
            with suppress(BackcalcError):
                value = float(key.value(name))
        if value:
            numbers.setdefault(float(f"{value:.12g}"), Name(name))  # one value in two roundings
            if better:
                wrong.add(name)
    for form in _among(spot, numbers):
        of = next((part.id for part in form.parts if isinstance(part, Name)), "")
        seldom = of in wrong or key.depends(own.name, of)
        yield replace(form, share=form.share * RARE) if seldom else form


def _holds_value_due(spot: Spot, name: str) -> bool:
    """True if another line, which is wrong, has the figure that belongs here."""
    due, there = spot.work.due(spot.line.name), spot.work.own.range(name)
    if not due or not there or name not in spot.work.instead:
        return False
    near = abs(there.middle - due.middle) <= ROUNDED * abs(there.middle)
    return near and there.meets((due.low, due.high))


def _among(spot: Spot, numbers: Mapping[float, Part]) -> Forms:
    """Each of some numbers in the right one's place, where it may be what was written."""
    (low, high), due = spot.near, spot.work.due(spot.line.name)
    close = CLOSE * abs(due.middle) if due else -1.0
    wrong = [each for each in numbers if not due or abs(each - due.middle) > close]
    written, unit = float(spot.written or 0), math.inf
    if written and spot.digits:
        unit = (1 - NEARLY) * 10.0 ** _last_place(written, spot.digits)
    for each in wrong:
        if low <= each <= high:
            share = 1.0 if abs(each - written) < unit else RARE
            yield Form(Number(each), (numbers[each],), share, among=len(wrong))
