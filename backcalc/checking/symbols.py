"""The verdict on an answer that is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from backcalc.arithmetic.intervals import FAILURES, point, way
from backcalc.checking.formulas import Judgement, Points, is_same, judge, sample_points
from backcalc.checking.key import GIVEN, Key
from backcalc.checking.mistakes.form import Spot
from backcalc.checking.naming import Finding, copies, same
from backcalc.checking.own_work import NOTHING, OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.checking.verdict import CORRECT, FOLLOWS, UNDECIDED, WRONG, Answer, Marked
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import sample_names
from backcalc.formulas.expression import (
    Comparison,
    Expression,
    Name,
    Negation,
    Number,
    Power,
    Scalar,
    evaluate,
    holds,
    names_in,
    rebuilt,
    replaced,
    walk,
)
from backcalc.formulas.notation import Phrase, sentence

UNSURE: Phrase = ("We could neither prove nor refute this formula.",)
EQUAL_HERE: Phrase = ("With these numbers they are equal; in general they are not.",)
AIMS, PUT_IN, NEAR = "aims", "all", "near"
"""What is put in: targets and the learning rate, or the inputs too; or all is near the sheet's."""
ON_THIS_SIDE: Phrase = ("Correct here; on the other side of a kink it is not.",)
LONG, FEWEST_PLACES = 10**9, 4  # a number that sheets round, and the places that tell it
LONGEST = 1000  # nodes of a person's own formulas put into one another
MOST_COMPARED = 60_000  # nodes of formulas in which a mistake is looked for
OF_A_LINE = 5  # nodes, about, that a line before it has
OF_A_POWER = 500  # nodes that take as long as x**x


def judged_formula(work: OwnWork, answer: Answer) -> Marked:
    """The verdict on a formula; the work goes on from what it gives."""
    formula, name = answer.formula, answer.name
    assert formula is not None
    line, expected = work.key.lines[name].equation.expression, work.key.value(name)
    later = any(name in _rests_on(work.key, each) for each in names_in(formula))
    right, points = Name(name) if later else line, points_of(work.key)
    formula = _with_constants(work.key, formula)
    judgement = judge(formula, right, points)
    here, put_in = _true_here(work.key, formula, right, judgement)
    if not (judgement.same or here or put_in):
        named = with_names(work, formula, right)
        found = judge(named, right, points)
        put_in = bool(found.same) or any(_true_here(work.key, named, right, found))
    marked = Marked(answer, expected, CORRECT, formula=line, identity=later)
    if later or judgement.same or put_in or here:
        work.leave_out(name)
    if judgement.same or put_in or here:
        comment: Phrase = ("With the numbers of the sheet put in.",) if put_in else ()
        if here and not judgement.same:
            remark = judgement.remark
            comment = ("Correct here; in general ", *remark, ".") if remark else ON_THIS_SIDE
        return replace(marked, comment=comment)
    value = work.value(formula)
    if not later:
        work.off(name, None if value is None else work.own.image((way(formula),)) or point(value))
    elif _equal(work.key, formula, expected):
        return replace(marked, comment=EQUAL_HERE)
    marked = replace(marked, identity=False)
    if judgement.same is None:
        return replace(marked, verdict=UNDECIDED, comment=UNSURE)
    if later:
        untrue = sentence("{} and {} are not equal in this network.", right, formula)
        return replace(marked, verdict=WRONG, comment=untrue)
    own, sources = _own_formula(work, name)
    work.formulas[name] = formula
    if sources and judge(formula, own, points).same:
        comment = sentence("Right from your own {}.", Name(sources[0]))
        return replace(marked, verdict=FOLLOWS, comment=comment, sources=sources)
    finding = next(made_with(work, name, formula), None)
    told = _comment(judgement.remark, value, expected, finding)
    return replace(marked, verdict=WRONG, comment=told, finding=finding)


def _true_here(
    key: Key, formula: Expression, right: Expression, judgement: Judgement
) -> tuple[bool, bool]:
    """Return if a formula is right on this side of the kinks, and if with the sheet's numbers."""
    here = bool(judgement.remark) and _holds(key, judgement.remark)
    if judgement.same:
        return here, False
    if not here and is_same(formula, right, points_of(key, NEAR)):
        return True, False
    if is_same(formula, right, points_of(key, PUT_IN)):
        return here, True
    numbers = any(isinstance(part, Number) for part in walk(formula))
    filled = _filled(key, formula, right) if numbers else right
    return here, is_same(formula, filled, points_of(key, AIMS))


def _with_constants(key: Key, formula: Expression) -> Expression:
    """A formula with the long numbers of the equations for rounded ones: 2.5066 for sqrt(2π)."""
    exact = _long_numbers(key, len(key.lines))

    def put_in(node: Expression) -> Expression:
        if not isinstance(node, Number):
            return rebuilt(node, put_in)
        places = len(str(float(node.value)).partition(".")[2])
        room = Fraction(51, 100 * 10**places)
        near = (each for each in exact if abs(each - Fraction(node.value)) < room)
        value = next(near, None) if places >= FEWEST_PLACES else None
        return node if value is None else Number(value)

    return put_in(formula) if exact else formula


@lru_cache(maxsize=16)
def _long_numbers(key: Key, lines: int) -> tuple[Fraction, ...]:
    """The numbers of equations that no sheet writes out; found again when lines were added."""
    parts = (part for line in key.lines.values() for part in walk(line.equation.expression))
    found = {Fraction(each.value) for each in parts if isinstance(each, Number)}
    return tuple(each for each in sorted(found) if each.denominator > LONG)


def with_names(work: OwnWork, formula: Expression, right: Expression) -> Expression:
    """A formula with names for the rounded values that stand in it: dL/dyhat*0.525 has h1."""
    values = {name: work.own.at[name] for name in names_in(right) if name in work.own.at}

    def named(node: Expression) -> Expression:
        text = str(float(node.value)) if isinstance(node, Number) else ""
        digits = text.strip("0.").replace(".", "")
        for name, value in values.items() if len(digits) > 1 and "e" not in text else ():
            if abs(abs(value) - float(text)) <= 10.0 ** -len(text.partition(".")[2]):
                return Name(name) if value > 0 else Negation(Name(name))
        return rebuilt(node, named)

    return named(formula)


def _equal(key: Key, formula: Expression, expected: Scalar) -> bool:
    """Return true if a formula comes to a number with the right values put in."""
    with suppress(*FAILURES):
        found = float(evaluate(formula, {name: key.value(name) for name in names_in(formula)}))
        return same(found, float(expected))
    return False


def is_identity(key: Key, name: str, formula: Expression) -> bool:
    """Return true for a true statement that names what comes from the quantity: z2 = yhat."""
    if not any(name in _rests_on(key, each) for each in names_in(formula)):
        return False
    judgement = judge(formula, Name(name), points_of(key))
    return bool(judgement.same) or any(_true_here(key, formula, Name(name), judgement))


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


def points_of(key: Key, put_in: str = "") -> Points:
    """Return where formulas are compared.

    Targets and the learning rate have the sheet's own numbers if these are put in, or also inputs.
    """
    return _points(key, len(key.lines), put_in)  # made again when lines were added to the key


@lru_cache(maxsize=16)
def _points(key: Key, lines: int, put_in: str) -> Points:
    network, near = key.network, dict[str, Fraction]()
    if put_in == NEAR:
        near = {name: Fraction(value) for name, value in key.given.items()}
    elif put_in:
        inputs = network.inputs if put_in == PUT_IN else ()
        fixed = [*sample_names(network, (*inputs, *network.targets)), RATE]
        numbers = {n: Fraction(key.given[n]) for n in fixed if n in key.given}
        network = replace(network, constants={**network.constants, **numbers})
    ordered = sorted(key.lines.values(), key=lambda line: key.order[line.name])
    return sample_points(network, [e.equation for e in ordered if e.role != GIVEN], near)


def _own_formula(work: OwnWork, name: str) -> tuple[Expression, tuple[str, ...]]:
    """A line with the person's own wrong formulas put in, and which those are."""
    meaning = dict(work.formulas)
    sources: dict[str, None] = {}
    for line in (*work.gap(name), name):
        expression = work.key.lines[line].equation.expression
        own = [used for used in names_in(expression) if used in meaning]
        if own:
            sources.update((used, None) for used in own if used in work.formulas)
            expression = replaced(expression, {used: meaning[used] for used in own})
            if sum(1 for _ in walk(expression)) > LONGEST:
                break
            meaning[line] = expression
    return meaning.get(name, work.key.lines[name].equation.expression), tuple(sources)


def made_with(work: OwnWork, name: str, formula: Expression) -> Iterator[Finding]:
    """Yield the mistakes whose form is the formula that was written for a line."""
    right, points = work.key.lines[name].equation.expression, points_of(work.key)
    size = OF_A_LINE * len(work.key.needs(name, NOTHING)) + sum(
        OF_A_POWER if isinstance(node, Power) and names_in(node.exponent) else 1
        for node in walk(formula)
    )
    room = MOST_COMPARED
    for line in (name, *(each for each in work.gap(name) if each in names_in(right))):
        spot = Spot(work.key.lines[line], work, 0)
        for slip in SLIPS.values():
            for form in () if slip.figure else slip.forms(spot):
                room -= size
                if room < 0:
                    return
                made = form.expression
                whole = made if line == name else replaced(right, {line: made})
                if is_same(formula, whole, points):
                    yield Finding(slip, name, {name: work.value(whole) or 0.0}, form.parts)
                    break
    for each in copies(work, name):
        if each.expression and is_same(formula, each.expression, points):
            yield each


def _comment(
    remark: Phrase, value: float | None, expected: Scalar, finding: Finding | None
) -> Phrase:
    """What is wrong with a formula, in one sentence."""
    if finding:
        return finding.comment
    if remark:
        return ("This is ", *remark, ".")
    if value is not None and same(value, float(expected)):
        return ("With these numbers it gives the right value; in general it does not.",)
    return ("This is not the formula for it.",)


def _holds(key: Key, remark: Phrase) -> bool:
    """Whether this sheet is on the side of the kinks where a wrong formula is right."""
    conditions = [part for part in remark if isinstance(part, Comparison)]
    names = {n for each in conditions for side in (each.left, each.right) for n in names_in(side)}
    for name in names:
        key.value(name)
    return all(holds(condition, key.right) for condition in conditions)
