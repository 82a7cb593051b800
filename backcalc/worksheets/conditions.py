"""What is wrong with numbers for a sheet: dead units, kinks, zeros, saturation, cancellation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache

from backcalc.equations.program import Equation, after_steps
from backcalc.formulas.expression import Call, Choice, Name, Scalar, Sum, evaluate, names_in, walk
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
"""What a variant has not, unless it is allowed by this word."""

BLEMISHES = {
    EQUAL: "a result equal to a number that its line starts from, where the file's differs",
    LONG: "an exact answer that is no short decimal or fraction, where the file's is",
}
"""What a variant has as seldom as it can be found."""

HALF = Fraction(1, 2)
FLAT = 0.02  # a sigmoid's derivative at 4, a tanh's at 2.7
LEAST = 0.01  # of a softmax
FAR = 1000  # times as small or as large
FAR_OUT = 30  # where what saturates is flat
SHORT = 6  # significant digits


def complaints(exercise: Exercise, model: Exercise) -> Counter[str]:
    """How often each condition is met; `model` is the sheet with the file's own numbers."""
    found: Counter[str] = Counter()
    for number in range(len(exercise.calculation.rounds) + 1):
        found.update(_of_pass(exercise, model, number))
    found[CANCELLED] = sum(_is_cancelled(step.equation, exercise) for step in exercise.steps)
    found[SIZE] = sum(_is_far(step.value, model.values[step.name]) for step in exercise.steps)
    found[RISING] = sum(
        ours.loss_after > ours.loss_before and theirs.loss_after < theirs.loss_before
        for ours, theirs in zip(exercise.calculation.rounds, model.calculation.rounds, strict=True)
    )
    values = whole_answers(exercise)
    found[ZERO] = sum(value == 0 for value in values.values())
    found[EQUAL] = len({*_trivial(exercise)} - {*_trivial(model)})
    short = PLAIN.with_numbers(SHORT, fractions=False)
    wanted = {step.name for step in model.steps if is_exact(step.value, short)}
    found[LONG] = sum(
        step.name in wanted and not is_exact(step.value, short) for step in exercise.steps
    )
    return +found


def whole_answers(exercise: Exercise) -> dict[str, Scalar]:
    """The answers; where there are several samples, those that belong to all of them."""
    return {step.name: step.value for step in exercise.steps if step.name.sample is None}


def _is_cancelled(equation: Equation, exercise: Exercise) -> bool:
    """Whether a sum in an equation is small beside its terms; one that is exactly 0 is a zero."""
    for node in walk(equation.expression):
        if isinstance(node, Sum):
            values = [evaluate(term, exercise.values) for term in node.terms]
            total = evaluate(node, exercise.values)
            exact = isinstance(total, Fraction) and total == 0
            if not exact and FAR * abs(float(total)) < sum(abs(float(value)) for value in values):
                return True
    return False


def _is_far(value: Scalar, own: Scalar) -> bool:
    """Whether a value is far smaller than the file's own and 1, or far larger than both.

    By chance the file's own may be almost 0; then other values are the better ones.
    """
    size, model = abs(float(value)), abs(float(own)) or 1.0
    return value != 0 and not min(model, 1) <= FAR * size <= FAR * FAR * max(model, 1)


def _trivial(exercise: Exercise) -> Iterator[str]:
    """The lines whose result is one of the numbers that they start from: a factor was 1."""
    for step in exercise.steps:
        expression = step.equation.expression
        if isinstance(expression, (Call, Choice, Name)) or step.value == 0:
            continue
        if any(exercise.values[name] == step.value for name in names_in(expression)):
            yield step.name


def _of_pass(exercise: Exercise, model: Exercise, number: int) -> Iterator[str]:
    """Kinks, dead and saturated units of the forward pass after so many steps."""
    calculation = exercise.calculation
    network, values = calculation.network, calculation.values
    flat: defaultdict[str, list[bool]] = defaultdict(list)
    for equation in after_steps(calculation.program.forward, number, network):
        own = equation.name.of_sample(None)
        for place, call in enumerate(_calls(equation)):
            kinks = [kink for kink in kinks_of(call) if names_in(kink)]
            bent = any(evaluate(kink, values) == 0 for kink in kinks)
            if bent:
                yield KINK
            elif call.function.kinks and not call.function.variadic:
                flat[f"{own} {place}"].append(_slope(call, exercise) == 0)
            elif _is_saturated(call, exercise, model):
                yield SATURATED
    yield from (DEAD for flags in flat.values() if all(flags))


def _calls(equation: Equation) -> Iterable[Call]:
    return (part for part in walk(equation.expression) if isinstance(part, Call))


def _slope(call: Call, exercise: Exercise) -> Scalar:
    """The derivative of a call of one argument."""
    (slope, *_) = call_derivatives(call, [call], exercise.network.conventions)
    return evaluate(slope, exercise.values)


def _is_saturated(call: Call, exercise: Exercise, model: Exercise) -> bool:
    """Whether a call is so far out that it is almost flat, or a softmax almost all or nothing."""
    if call.function.outputs:
        share = evaluate(call, exercise.values)
        nothing = share < LEAST <= evaluate(call, model.values)
        return call.function.name == "softmax" and (nothing or share > 1 - FLAT)
    return saturates(call.function.name) and abs(float(_slope(call, exercise))) < FLAT


@cache
def saturates(name: str) -> bool:
    """Whether a function is flat on both sides: sigmoid, tanh."""
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
