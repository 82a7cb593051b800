"""The verdict on an answer that is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from backcalc.checking.answers import Answer
from backcalc.checking.formulas import Points, judge, sample_points
from backcalc.checking.honest import Range, way
from backcalc.checking.key import GIVEN, Key
from backcalc.checking.mistakes.form import Spot
from backcalc.checking.naming import Finding, explained, told
from backcalc.checking.slips import SLIPS
from backcalc.checking.verdict import CORRECT, FOLLOWS, UNDECIDED, WRONG, Marked
from backcalc.checking.work import Work
from backcalc.checking.written import CLOSE, Written, written_number
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import sample_names
from backcalc.formulas.expression import (
    Comparison,
    Expression,
    Name,
    Number,
    Scalar,
    holds,
    names_in,
    replaced,
    walk,
)
from backcalc.formulas.notation import Phrase, sentence

LONGEST = 1000  # nodes of a person's own formulas put into one another


def judged_formula(work: Work, answer: Answer) -> Marked:
    """The verdict on a formula; the work goes on from what it gives."""
    formula, name = answer.formula, answer.name
    assert formula is not None
    right, expected = work.key.lines[name].equation.expression, work.key.value(name)
    circle = [each for each in names_in(formula) if name in _rests_on(work.key, each)]
    if circle:
        comment: Phrase = sentence(
            "{} comes from {}, not the other way round.", Name(circle[0]), Name(name)
        )
        if circle[0] == name:
            comment = sentence("{} is what is asked for.", Name(name))
        work.leave_out(name)
        return Marked(answer, expected, WRONG, comment, formula=right)
    lines = len(work.key.lines)
    points = _points(work.key, lines)
    judgement = judge(formula, right, points)
    remark = judgement.remark
    here = bool(remark) and _holds(work.key, remark)
    given = _points(work.key, lines, True)
    rights = [right]
    if any(isinstance(part, Number) for part in walk(formula)):
        rights.append(_filled(work.key, formula, right))  # else a factor of 1 might be forgotten
    put_in = not judgement.same and any(judge(formula, each, given).same for each in rights)
    if judgement.same or put_in or here:
        work.leave_out(name)
        comment = ("With the numbers of the sheet put in.",) if put_in else ()
        if here and not judgement.same:
            comment = ("Correct here; in general ", *remark, ".")
        return Marked(answer, expected, CORRECT, comment, formula=right)
    value = work.value(formula)
    own, sources = _own_formula(work, name)
    work.off(name, None if value is None else Range(value, value, value))
    if judgement.same is None:
        unsure = ("We could neither prove nor refute this formula.",)
        return Marked(answer, expected, UNDECIDED, unsure, formula=right)
    work.formulas[name] = formula
    if sources and judge(formula, own, points).same:
        comment = sentence("Right from your own {}.", Name(sources[0]))
        return Marked(answer, expected, FOLLOWS, comment, sources=sources, formula=right)
    finding = next(_findings(work, answer, points), None)
    told_so = _comment(remark, value, expected, finding)
    return Marked(answer, expected, WRONG, told_so, finding, formula=right)


def _filled(key: Key, formula: Expression, right: Expression) -> Expression:
    """The right formula with the right numbers for what the other one does not name."""
    if not any(isinstance(node, Number) for node in walk(formula)):
        return right
    named = {*names_in(formula)}

    def numbers(names: Iterable[str]) -> dict[str, Expression]:
        return {each: Number(Fraction(key.value(each))) for each in names if each not in named}

    through = {}  # tanh(0.3 + 0.8*h1) goes through z2, which it does not name
    for each in {*names_in(right)} - named:
        if not named.isdisjoint(_rests_on(key, each)):
            own = key.lines[each].equation.expression
            through[each] = replaced(own, numbers(names_in(own)))
    return replaced(right, {**numbers(names_in(right)), **through})


def _rests_on(key: Key, name: str) -> list[str]:
    """The lines that a quantity comes from, itself among them."""
    return key.needs(name, key.given) if name in key.lines else []


def doubts(work: Work, answer: Answer, written: Written) -> Phrase:
    """What is wrong with the working before a right figure, if anything is."""
    if not answer.working:
        return ()
    right, lines = work.key.lines[answer.name].equation.expression, len(work.key.lines)
    low, high = written.ends
    for part in answer.working:
        if not names_in(part):
            with suppress(ArithmeticError, ValueError):
                least, most = written_number(part, "").ends  # its decimals may be rounded ones
                if not (least <= high and low <= most):
                    return ("The figure is right, but ", part, " does not come to it.")
        elif (here := work.own.image((way(part),))) and here.meets(written.ends):
            continue  # right here: numbers put in, a factor of 1 left out, this side of a kink
        elif all(
            judge(part, right, _points(work.key, lines, put_in)).same is False
            for put_in in (False, True)
        ):
            return ("The figure is right, but ", part, " is not the formula for it.")
    return ()


@lru_cache(maxsize=16)
def _points(key: Key, lines: int, put_in: bool = False) -> Points:
    """Where formulas are compared; made again when lines were added to the key.

    With `put_in` the targets and the learning rate have the sheet's own numbers.
    """
    network = key.network
    if put_in:
        fixed = [*sample_names(network, network.targets), RATE]
        numbers = {n: Fraction(key.given[n]) for n in fixed if n in key.given}
        network = replace(network, constants={**network.constants, **numbers})
    ordered = sorted(key.lines.values(), key=lambda line: key.order[line.name])
    return sample_points(network, [line.equation for line in ordered if line.role != GIVEN])


def _own_formula(work: Work, name: str) -> tuple[Expression, tuple[str, ...]]:
    """A line with the person's own wrong formulas put in, and which those are."""
    meaning = dict(work.formulas)
    sources: dict[str, None] = {}
    for line in work.key.needs(name, work.listed):
        expression = work.key.lines[line].equation.expression
        own = [used for used in names_in(expression) if used in meaning]
        if own:
            sources.update((used, None) for used in own if used in work.formulas)
            expression = replaced(expression, {used: meaning[used] for used in own})
            if sum(1 for _ in walk(expression)) > LONGEST:
                break
            meaning[line] = expression
    return meaning.get(name, work.key.lines[name].equation.expression), tuple(sources)


def _findings(work: Work, answer: Answer, points: Points) -> Iterator[Finding]:
    """The slips whose form is the formula that was written."""
    assert answer.formula is not None
    spot = Spot(work.key.lines[answer.name], work, 0)
    for slip in SLIPS.values():
        for form in () if slip.figure else slip.forms(spot):
            if judge(answer.formula, form.equation.expression, points).same:
                value = work.value(form.equation.expression)
                yield Finding(slip, answer.name, {answer.name: value or 0.0}, *told(slip, form))
                break


def _comment(
    remark: Phrase, value: float | None, expected: Scalar, finding: Finding | None
) -> Phrase:
    """What is wrong with a formula, in one sentence."""
    if finding:
        return explained(finding.line, finding)
    if remark:
        return ("This is ", *remark, ".")
    if value is not None and abs(value - float(expected)) <= CLOSE * abs(float(expected)):
        return ("With these numbers it gives the right value; in general it does not.",)
    return ("This is not the formula for it.",)


def _holds(key: Key, remark: Phrase) -> bool:
    """Whether this sheet is on the side of the kinks where a wrong formula is right."""
    conditions = [part for part in remark if isinstance(part, Comparison)]
    names = {n for each in conditions for side in (each.left, each.right) for n in names_in(side)}
    for name in names:
        key.value(name)
    return all(holds(condition, key.right) for condition in conditions)
