"""Faults of numbers for a sheet: dead units, kinks, zeros, saturation, cancellation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from backcalc.checking.honest import Numeric, numeric
from backcalc.checking.key import FORWARD
from backcalc.equations.program import Equation
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Name,
    Scalar,
    Sum,
    Values,
    evaluate,
    names_in,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS, call_derivatives, kinks_of
from backcalc.formulas.notation import PLAIN, is_exact
from backcalc.worksheets.asked import Exercise

DEAD, KINK, ZERO, SATURATED = "dead", "kink", "zero", "saturated"
CANCELLED, SIZE = "cancelled", "size"
EQUAL, LONG = "equal", "long"
RISING = "rising"  # a loss that rises where the file's falls, which is of least weight
CONDITIONS = {
    DEAD: "a unit that passes nothing on in any sample",
    KINK: "a value at which a derivative jumps",
    ZERO: "an answer that is 0",
    SATURATED: "a unit so far out that almost nothing flows back through it",
    CANCELLED: "a sum that is almost nothing beside its terms",
    SIZE: "an answer that is far smaller or larger than the file's own",
}
"""Faults that no variant has, unless one is allowed by its word."""

BLEMISHES = {
    EQUAL: "a result equal to a number that its line starts from, where the file's differs",
    LONG: "an exact answer that is no short decimal or fraction, where the file's is",
}
"""Faults that a variant has as seldom as possible."""

HALF = Fraction(1, 2)
FLAT = 0.02  # a sigmoid's derivative at 4, a tanh's at 2.7
LEAST = 0.01  # of a softmax
FAR = 1000  # times as small or as large
FAR_OUT = 30  # where what saturates is flat
SHORT = 6  # significant digits


SHORT_NUMBERS = PLAIN.with_numbers(SHORT, fractions=False)


@dataclass(frozen=True, slots=True)
class _Watched:
    """One call of the forward pass that can be dead, at a kink or saturated."""

    group: str
    """The unit, which is one for all samples."""
    kinks: tuple[Expression, ...]
    """Expressions that are 0 where the derivative jumps."""
    slope: Expression | None
    """The derivative of a call of one argument."""
    share: Expression | None
    """The call itself where it is a softmax."""
    kept: bool
    """True if the file's own numbers give that share more than almost nothing."""

    def fault(self, values: Values, flat: Mapping[str, list[bool]]) -> str:
        """Return the fault of the call, or ""; note in `flat` if nothing flows back through it."""
        if any(evaluate(kink, values) == 0 for kink in self.kinks):
            return KINK
        if self.share is not None:
            share = evaluate(self.share, values)
            return SATURATED if share > 1 - FLAT or (self.kept and share < LEAST) else ""
        if self.slope is not None:
            slope = evaluate(self.slope, values)
            if self.kinks:
                flat[self.group].append(slope == 0)
            elif abs(float(slope)) < FLAT:
                return SATURATED
        return ""


_Total: TypeAlias = tuple[Expression, tuple[tuple[Expression, Numeric], ...]]
"""A sum, and its terms, each as a formula and in doubles."""


@dataclass(frozen=True, slots=True)
class Examiner:
    """The lines of a sheet, taken apart once, to judge many sets of numbers for them."""

    model: Exercise
    """The sheet with the file's own numbers."""
    lines: tuple[Equation, ...]
    """All its lines, each after those that it uses."""
    watched: tuple[_Watched, ...]
    """The calls of its forward passes."""
    sums: tuple[tuple[_Total, ...], ...]
    """The sums of each line."""
    short: frozenset[str]
    """The answers that the file's own numbers make short."""
    equal: frozenset[str]
    """The lines that they make trivial."""

    @classmethod
    def of(cls, model: Exercise) -> Examiner:
        """Take a sheet apart."""
        lines = tuple(replace(step.equation, terms=()) for step in model.steps)
        passes = [part.steps for part in model.parts if part.role == FORWARD]
        watched = (
            each for steps in passes for step in steps for each in _calls(step.equation, model)
        )
        sums = map(_totals, lines)
        short = {step.name for step in model.steps if is_exact(step.value, SHORT_NUMBERS)}
        equal = {line.name for line in lines if _is_trivial(line, model.values)}
        found = (each for each in sums if each)
        return cls(model, lines, tuple(watched), tuple(found), frozenset(short), frozenset(equal))

    def conditions(self, values: Values) -> Counter[str]:
        """Return how often each condition is met, in the arithmetic of the values."""
        flat: defaultdict[str, list[bool]] = defaultdict(list)
        found = Counter(each.fault(values, flat) for each in self.watched)
        found[DEAD] = sum(all(flags) for flags in flat.values())
        at = {name: float(value) for name, value in values.items()}
        found[CANCELLED] = sum(
            any(_cancels(total, values, terms, at) for total, terms in line) for line in self.sums
        )
        found[SIZE] = sum(_is_far(values[n.name], self.model.values[n.name]) for n in self.lines)
        whole = (line.name for line in self.lines if line.name.sample is None)  # of all samples
        found[ZERO] = sum(values[name] == 0 for name in whole)
        del found[""]
        return +found

    def blemishes(self, values: Values) -> Counter[str]:
        """Return how often each blemish is met, and how often the loss rises."""
        names = [line.name for line in self.lines]
        trivial = {line.name for line in self.lines if _is_trivial(line, values)}
        long = (n for n in names if n in self.short and not is_exact(values[n], SHORT_NUMBERS))
        rises = (
            values[each.of.after(1)] > values[each.of] and each.loss_after < each.loss_before
            for each in self.model.calculation.rounds
        )
        counts = {EQUAL: len(trivial - self.equal), LONG: sum(1 for _ in long), RISING: sum(rises)}
        return +Counter(counts)


def _totals(line: Equation) -> tuple[_Total, ...]:
    """Return the sums of a line; that of a whole line is its result."""
    whole = line.expression
    return tuple(
        (Name(line.name) if node is whole else node,
         tuple((term, numeric(term)) for term in node.terms))
        for node in walk(whole) if isinstance(node, Sum)
    )  # fmt: skip


def _cancels(
    total: Expression,
    values: Values,
    terms: Iterable[tuple[Expression, Numeric]],
    at: Mapping[str, float],
) -> bool:
    """Return True if a sum is small beside its terms; one that is exactly 0 is a zero."""
    left = evaluate(total, values)
    if isinstance(left, Fraction) and left == 0:
        return False
    try:
        sizes = [abs(each(at)) for _, each in terms]
    except (ArithmeticError, ValueError):  # what has no value in doubles may have one in digits
        sizes = [abs(float(evaluate(term, values))) for term, _ in terms]
    return FAR * abs(float(left)) < sum(sizes)


def _is_far(value: Scalar, own: Scalar) -> bool:
    """Return True if a value is far smaller than the file's own and 1, or far larger than both.

    By chance the file's own may be almost 0; then other values are the better ones.
    """
    size, model = abs(float(value)), abs(float(own)) or 1.0
    return value != 0 and not min(model, 1) <= FAR * size <= FAR * FAR * max(model, 1)


def _is_trivial(line: Equation, values: Values) -> bool:
    """Return True if a result is one of the numbers that its line starts from: a factor was 1."""
    value = values[line.name]
    if isinstance(line.expression, (Call, Choice, Name)) or value == 0:
        return False
    return any(values[name] == value for name in names_in(line.expression))


def _calls(line: Equation, model: Exercise) -> Iterator[_Watched]:
    """Yield the calls of a line of the forward pass that may have a fault."""
    calls = [part for part in walk(line.expression) if isinstance(part, Call)]
    for place, call in enumerate(calls):
        answer: Expression = Name(line.name) if call is line.expression else call
        kinks = tuple(kink for kink in kinks_of(call) if names_in(kink))
        share = answer if call.function.name == "softmax" else None
        slope = None
        if saturates(call.function.name) or (call.function.kinks and not call.function.variadic):
            (slope, *_) = call_derivatives(call, [answer], model.network.conventions)
        if kinks or share or slope:
            kept = share is not None and evaluate(share, model.values) >= LEAST
            yield _Watched(f"{line.name.of_sample(None)} {place}", kinks, slope, share, kept)


@cache
def saturates(name: str) -> bool:
    """Return True if a function is flat on both sides: sigmoid, tanh."""
    function = FUNCTIONS[name]
    if function.parameters != ("z",) or function.kinks:
        return False
    call = Call(function, (Name("z"),))
    (slope,) = call_derivatives(call, [call], {})
    try:
        ends = [abs(float(evaluate(slope, {"z": Fraction(far)}))) for far in (-FAR_OUT, FAR_OUT)]
        return max(ends) < 1e-6 and abs(float(evaluate(slope, {"z": HALF}))) > FLAT
    except (ArithmeticError, ValueError):
        return False
