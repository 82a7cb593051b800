"""The printed answers of a network file, tested like anybody's sheet."""

from __future__ import annotations

from dataclasses import replace

from backcalc.checking.answers import Answer
from backcalc.checking.key import find, steps_named
from backcalc.checking.marking import mark
from backcalc.checking.report import Marking, Report, marked_report
from backcalc.checking.slips import SLIPS
from backcalc.checking.verdict import KNOWN, WRONG, Marked
from backcalc.equations.network import Expected, Network
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import renamed
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import Part, Phrase
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import typed

WORDS = {
    "Your own figures give": "The file's figures give",
    "your own figures give": "the file's figures give",
    "your own": "the file's",
    "your figure": "this figure",
}
"""What is said to a student, and what to the author of a file."""


def lint(network: Network, file: str) -> Report:
    """The file's own `expect:` block, marked; a figure known to be wrong must be wrong that way.

    Raises BackcalcError where a figure's quantity or mistake is unknown.
    """
    marking = Marking(replace(network, points={}, ask=()))
    names = [typed(text) for each in network.expect for text in (each.name, each.written)]
    key = marking.key(steps_named(names, network))
    for expected in network.expect:
        if expected.wrong and expected.wrong not in SLIPS:
            hint = did_you_mean(expected.wrong, SLIPS) or f"known mistakes: {listed(SLIPS, 40)}"
            message = f"unknown mistake {expected.wrong!r}"
            raise BackcalcError(message, expected.where, hint)
    answers = []
    for expected in network.expect:
        formula = parse(expected.written, FUNCTIONS, derivatives=True)
        formula = renamed(formula, lambda name: find(key, name, expected.where))  # noqa: B023
        name = find(key, expected.name, expected.where)
        answers.append(Answer(name, expected.written, formula, expected.where))
    judged = zip(mark(key, answers, digits=1), network.expect, strict=True)
    held = tuple(_held(marked, expected) for marked, expected in judged)
    return replace(marked_report(marking, key, held, file, {}), strict=True)


def _of_the_file(part: Part) -> Part:
    """Part of a comment for the author of a file, who has no figures of their own."""
    if not isinstance(part, str):
        return part
    for said, meant in WORDS.items():
        part = part.replace(said, meant)
    return part


def _held(marked: Marked, expected: Expected) -> Marked:
    """A figure that is known to be wrong, held to that."""
    if expected.wrong is None:
        return replace(marked, comment=tuple(map(_of_the_file, marked.comment)))
    title = SLIPS[expected.wrong].title
    if marked.verdict == WRONG and (marked.finding and expected.wrong in marked.finding.names):
        comment: Phrase = (f"known to be wrong: {title}",)
        return replace(marked, verdict=KNOWN, comment=comment)
    comment = (f"marked as wrong ({expected.wrong}), but it is {marked.verdict}",)
    if marked.verdict == WRONG:
        comment = (f"wrong, but not by the mistake that is named ({expected.wrong})",)
    return replace(marked, verdict=WRONG, comment=comment, finding=None)
