"""Formulas that name no sample because they hold for each, as the head of a table has them."""

from __future__ import annotations

import re
from contextlib import suppress
from math import isclose

from backcalc.arithmetic.intervals import CLOSE
from backcalc.checking.key import Key, find
from backcalc.errors import BackcalcError
from backcalc.formulas import replace
from backcalc.formulas.expression import Number, evaluate, names_in
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.reading import Assertion, Reading, Unread, read

ABOVE = 4  # lines of which a line without a name may go on with one
ROW_END = re.compile(r"\\\\")
SIGNS = re.compile(
    r"[$`]|\\displaystyle(?![a-z])|\\text\{[^{}]*\}|\s|(?:&|\\\\)(?!.*\\end\{cases\})", re.DOTALL
)


def without_general(reading: Reading, key: Key) -> Reading:
    """Return a reading without what stayed unread but is right for every sample.

    It gives no value, so it answers nothing: only what is answered otherwise is left out.
    """
    network = key.network
    if len(network.samples) == 1 or not reading.unread:
        return reading
    text, named = "", list[str]()
    said: list[tuple[Unread, list[list[slice]]]] = []
    for each in reading.unread:
        whole = reading.document.text[each.start : each.end]
        parts = [whole] if "{cases}" in whole else ROW_END.split(whole) if "=" in whole else []
        said.append((each, []))
        for bare in filter(str.strip, (SIGNS.sub(" ", part) for part in parts)):
            goes_on = bare.lstrip().startswith("=")  # with a line above it, not always the last
            named += [] if goes_on else [bare]
            said[-1][1].append([])
            for line in [before + bare for before in named[-ABOVE:]] if goes_on else [bare]:
                start = len(text)
                text += f"${line}$\n\n" if "\\" in line else f"{line}\n\n"
                said[-1][1][-1].append(slice(start, len(text)))
    one = replace(network, samples=network.samples[:1], matrices=None)
    again = read(text, "sheet.md", one)
    there = {parsed(str(each.quantity), several=True).of_sample(None)
             for each in reading.assertions}  # fmt: skip

    def right(line: slice) -> bool:
        own = [each for each in again.assertions if line.start <= each.start < line.stop]
        lost = any(line.start <= each.start < line.stop for each in again.unread)
        return bool(own) and not lost and all(_holds(each, key, there) for each in own)

    kept = (u for u, parts in said if not parts or not all(any(map(right, p)) for p in parts))
    return replace(reading, unread=tuple(kept))


def _holds(said: Assertion, key: Key, there: set[Quantity]) -> bool:
    """True for a formula that is right in each sample and gives no number of what is not there."""
    formula = said.said.expression
    of, number = parsed(said.quantity), isinstance(formula, Number)
    local = isinstance(of, Derivative) and of.of.stem != key.program.loss.stem
    if not local and (number or of not in there):
        return False
    with suppress(BackcalcError, ArithmeticError, ValueError):
        for sample in range(1, len(key.network.samples) + 1):
            right = _value(of, sample, key)
            own = {each: _value(parsed(each), sample, key) for each in names_in(formula)}
            if not isclose(float(evaluate(formula, own)), right, rel_tol=CLOSE, abs_tol=CLOSE):
                return False
        return True
    return False


def _value(name: Quantity, sample: int, key: Key) -> float:
    return float(key.value(find(key, _of_sample(name, sample, key))))


def _of_sample(name: Quantity, sample: int, key: Key) -> Quantity:
    """The quantity in one sample; what all samples share stays as it is."""
    if isinstance(name, Derivative):
        return Derivative(*(_of_sample(each, sample, key) for each in (name.of, name.by)))
    own = name.of_sample(sample)
    return own if own in key.lines or own in key.right else name
