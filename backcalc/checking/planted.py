"""A worked sheet with one mistake in it, drawn from a seed, which the checker itself finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from random import Random

from backcalc.checking.key import Key
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.own_work import OwnWork
from backcalc.checking.report import Marking, check
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.verdict import FOLLOWS, VERDICTS, WRONG
from backcalc.equations.calculation import run
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, assemble
from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import Number, Numbers, Scalar
from backcalc.formulas.notation import Phrase, rounded, sentence
from backcalc.formulas.quantity import parsed
from backcalc.sheets.worked import AFTER, stages

DIGITS = 4  # of the figures on the sheet
MOST_LINES = 120
MOST_TRIED = 80  # ways of making a mistake
OFFERED = 5  # mistakes from which the one is chosen


@record(frozen=True, slots=True, eq=False)
class Planted:
    """A worked sheet on which one line is wrong, and the later ones follow from it."""

    lines: tuple[Equation, ...]
    """The lines as they are worked out."""
    values: Mapping[str, Scalar]
    """The number of each name."""
    name: str
    """The line with the mistake."""
    slip: Slip
    """The mistake."""
    told: Phrase
    """What was done."""
    equation: Equation
    """The line as it should be."""
    right: Scalar
    """The number that it should have."""
    offered: tuple[Slip, ...] = ()
    """Mistakes from which this one is to be chosen, in the order of the table."""

    @property
    def text(self) -> str:
        """The sheet as somebody would hand it in."""
        rows = (f"{e.name} = {rounded(self.values[e.name], DIGITS)[0]}\n" for e in self.lines)
        return "".join(rows)


def planted(network: Network, rate: Fraction | None, seed: int) -> Planted:
    """Return a sheet of a network with a mistake that the checker calls by its name.

    Without a learning rate it has the two passes alone.

    Raises BackcalcError for a network on which no mistake can be told.
    """
    network, steps = replace(network, ask=(), points={}, marking={}), int(rate is not None)
    program = assemble(network)
    lines = [e for stage in stages(steps) if stage.name != AFTER
             for e in stage.equations(program, network)]  # fmt: skip
    if len(lines) > MOST_LINES:
        raise BackcalcError(f"a sheet of {len(lines)} lines is too long to look for a mistake in")
    marking = Marking(network, rate)
    key = marking.key(steps)
    names, work = [each.name for each in lines], OwnWork(key, frozenset())
    for line in names:
        work.own.set(line, work.own.image(work.ways(line)))
    for name, slip, form in _candidates(work, names, seed):
        found = _worked(key, lines, name, slip, form)
        if found and _is_found(marking, found):
            return replace(found, offered=tuple(_offered(work, names, found, seed)))
    raise BackcalcError("every mistake on this sheet could be taken for another one")


def _shuffled(seed: str) -> list[Slip]:
    """The mistakes that are made in a formula; a new row of the table moves no other one."""
    slips = [each for each in SLIPS.values() if each.group != "figure"]
    return sorted(slips, key=lambda each: Random(f"{seed} {each.name}").random())


def _forms(work: OwnWork, slip: Slip, name: str) -> list[Form]:
    """How a line reads with a mistake in its formula."""
    spot = Spot(work.key.lines[name], work, DIGITS, Fraction(work.key.value(name)) + 1)
    return [e for e in slip.forms(spot) if not isinstance(e.expression, Number)]


def _candidates(work: OwnWork, names: Sequence[str], seed: int) -> Iterator[tuple[str, Slip, Form]]:
    """Yield lines with a mistake in them, in an order that the seed draws."""
    tried = 0
    for slip in _shuffled(f"{seed} made"):
        draw = Random(f"{seed} {slip.name}")
        for name in draw.sample(names, len(names)):
            own = _forms(work, slip, name)
            if own and tried < MOST_TRIED:
                tried += 1
                yield name, slip, draw.choice(own)


def _offered(work: OwnWork, names: Sequence[str], sheet: Planted, seed: int) -> Iterator[Slip]:
    """Yield the mistake among others that could be made on that line, or else on the sheet."""
    own = sheet.slip
    said = (own.name, *own.covers)
    others = [
        e for e in _shuffled(f"{seed} offered") if e.name not in said and own.name not in e.covers
    ]
    here = [each for each in others if _forms(work, each, sheet.name)]
    there = (each for each in others
             if each not in here and any(_forms(work, each, name) for name in names))  # fmt: skip
    chosen = [own, *islice(chain(here, there), OFFERED - 1)]
    yield from (each for each in SLIPS.values() if each in chosen)


def _worked(
    key: Key, lines: Sequence[Equation], name: str, slip: Slip, form: Form
) -> Planted | None:
    """Return the sheet with one line as it reads with the mistake; None where it has no number."""
    wrong = Equation(parsed(name), form.expression)
    changed = tuple(wrong if each.name == name else each for each in lines)
    values = Numbers(key.given, getattr(key.given, "arithmetic"))  # noqa: B009 - a Mapping here
    try:
        run(changed, values)
    except BackcalcError:
        return None
    if rounded(values[name], DIGITS)[0] == rounded(key.value(name), DIGITS)[0]:
        return None
    right, told = key.lines[name].equation, sentence(slip.title, *form.parts)
    return Planted(changed, values, name, slip, told, right, key.value(name))


def _is_found(marking: Marking, sheet: Planted) -> bool:
    """Return True if the checker finds the mistake, calls it by its name, and finds no other."""
    try:
        report = check(marking, sheet.text, "sheet")
    except BackcalcError:
        return False
    off = [each for each in report.answers if not VERDICTS[each.verdict].passes]
    finding = off[0].finding if off and off[0].verdict == WRONG else None
    named = finding is not None and finding.slip.name == sheet.slip.name
    return named and off[0].name == sheet.name and all(e.verdict == FOLLOWS for e in off[1:])
