"""A worked sheet with one mistake in it, drawn from a seed, which the checker itself finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

from backcalc.checking.key import Key
from backcalc.checking.mistakes import figure
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.naming import told
from backcalc.checking.own_work import Work
from backcalc.checking.report import Marking, check
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.verdict import VERDICTS, WRONG
from backcalc.equations.calculation import run
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, assemble
from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import Number, Numbers, Scalar
from backcalc.formulas.notation import Phrase, rounded
from backcalc.sheets.worked import AFTER, stages

DIGITS = 4  # of the figures on the sheet
MOST_LINES = 120
MOST_TRIED = 80  # ways of making a mistake


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
    draw = Random(seed)
    for name, slip, form in _candidates(key, [each.name for each in lines], draw):
        found = _worked(key, lines, name, slip, form)
        if found and _is_found(marking, found):
            return found
    raise BackcalcError("no mistake on this sheet could be told from every other")


def _candidates(key: Key, names: Sequence[str], draw: Random) -> Iterator[tuple[str, Slip, Form]]:
    """Yield lines with a mistake in them, in an order that the seed draws."""
    work = Work(key, frozenset())
    for name in names:
        work.own.set(name, work.own.image(work.ways(name)))
    slips = [each for each in SLIPS.values() if each.forms.__module__ != figure.__name__]
    draw.shuffle(slips)
    tried = 0
    for slip in slips:
        for name in draw.sample(names, len(names)):
            right = Fraction(key.value(name))
            forms = [*slip.forms(Spot(key.lines[name], work, DIGITS, right + 1))]
            own = [each for each in forms if not isinstance(each.equation.expression, Number)]
            if own and tried < MOST_TRIED:
                tried += 1
                yield name, slip, draw.choice(own)


def _worked(
    key: Key, lines: Sequence[Equation], name: str, slip: Slip, form: Form
) -> Planted | None:
    """Return the sheet with one line as it reads with the mistake; None where it has no number."""
    changed = tuple(form.equation if each.name == name else each for each in lines)
    values = Numbers(key.given, getattr(key.given, "arithmetic"))  # noqa: B009 - a Mapping here
    try:
        run(changed, values)
    except BackcalcError:
        return None
    if rounded(values[name], DIGITS)[0] == rounded(key.value(name), DIGITS)[0]:
        return None
    right = key.lines[name].equation
    return Planted(changed, values, name, slip, told(slip, form)[0], right, key.value(name))


def _is_found(marking: Marking, sheet: Planted) -> bool:
    """Return True if the checker finds the mistake, calls it by its name, and finds no other."""
    try:
        report = check(marking, sheet.text, "sheet")
    except BackcalcError:
        return False
    off = [each for each in report.answers if not VERDICTS[each.verdict].passes]
    wrong = [each for each in off if each.verdict == WRONG]
    return (
        len(wrong) == 1
        and wrong[0].name == sheet.name == off[0].name
        and wrong[0].finding is not None
        and wrong[0].finding.names == (sheet.slip.name,)
        and all(each.verdict in (WRONG, "follows") for each in off)
    )
