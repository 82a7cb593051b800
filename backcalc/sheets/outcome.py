"""Remarks on the loss after the steps, on whether training goes on, and where exactness ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from backcalc.equations.calculation import Calculation, Round, gradients_after
from backcalc.equations.evaluate import Step
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import Equation, sample_names
from backcalc.formulas.expression import (
    Call,
    Name,
    Number,
    Power,
    Scalar,
    evaluate,
    walk,
)
from backcalc.formulas.notation import InDigits, Phrase, sentence
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.sheets.remarks import Note, conjoined


def closing_notes(calculation: Calculation) -> list[Note]:
    """Return the remarks on the loss, and on whether training goes on from here."""
    notes = [Note(None, _loss_change(calculation, each)) for each in calculation.rounds]
    if _goes_by_gradient(calculation) and calculation.values[RATE] != 0:
        number = len(calculation.rounds)
        loss = calculation.of.after(number)
        slopes = _slopes(calculation, gradients_after(calculation), loss, number)
        if slopes and not any(slopes):
            now = "is now" if _is(slopes) == "is" else "now counts as"
            notes += (Note(None, text) for text in _stopped(calculation, now))
    return notes + exactness_notes(calculation)


def _goes_by_gradient(calculation: Calculation) -> bool:
    """Return True if a zero gradient of the whole loss ends all change."""
    return calculation.network.descent.plain and not calculation.online


def _loss_change(calculation: Calculation, each: Round) -> Phrase:
    """Return what one step did to the loss."""
    before, after = each.loss_before, each.loss_after
    name, numbers = Name(each.of), (InDigits(before), InDigits(after))
    old = {parsed(name).after(each.number) for name in calculation.network.weights}
    new = {step.equation.before: step.value for step in each.update}
    if all(calculation.values[name] == new[name] for name in old if name in new):
        return (f"step {each.number + 1} changes nothing: {_why_still(calculation, each)}.",)
    if before == after:
        return sentence(f"step {each.number + 1}: the loss {{}} stays at {{}}.", name, numbers[0])
    verb = "falls" if after < before else "rises"
    return sentence(
        f"step {each.number + 1}: the loss {{}} {verb} from {{}} to {{}}.", name, *numbers
    )


def _why_still(calculation: Calculation, each: Round) -> str:
    """Why a step has moved no weight."""
    if calculation.values[RATE] == 0:
        return "the learning rate is 0"
    if not calculation.network.descent.plain:
        return "no weight moves"
    slopes = _slopes(calculation, each.backward, each.forward[-1].name, each.number)
    if any(slopes):
        return "its changes are lost in the rounding of the weights"
    return f"every trained weight's derivative {_is(slopes)} 0"


def _slopes(
    calculation: Calculation, gradients: Sequence[Step], loss: Quantity, number: int
) -> list[Scalar]:
    """The derivatives of the loss by the weights that are trained, as they are called by then."""
    by_name = {step.name: step.value for step in gradients}
    network = calculation.network
    trained = [parsed(name).after(number) for name in network.weights if name not in network.frozen]
    names = [Derivative(loss, name) for name in trained]
    return [by_name[name] for name in names if name in by_name]


def _is(values: Iterable[Scalar]) -> str:
    """Return the verb for zeros: one that was rounded may hide something small."""
    return "is" if all(isinstance(value, Fraction) for value in values) else "counts as"


def _stopped(calculation: Calculation, now: str) -> Iterator[Phrase]:
    """Every gradient is zero: the dead units, and that training stops."""
    number = len(calculation.rounds)
    network = calculation.network
    values = calculation.values
    relu_at_zero = network.conventions["relu_at_zero"]
    for unit in network.units:
        if unit.activation.name != "relu":
            continue
        own = sample_names(network, [unit.pre_activation])
        names = [name.after(number) for name in own]
        shown = conjoined([(Name(name), " = ", Number(values[name])) for name in names])
        if names and all(values[name] < 0 for name in names):
            yield sentence(
                f"unit {unit.name} is dead: {{}} {'is' if len(names) == 1 else 'are'} below 0, "
                "so its relu is closed and passes nothing forward or back.", shown,
            )  # fmt: skip
        elif names and all(values[name] <= 0 for name in names) and not relu_at_zero:
            yield sentence(
                f"unit {unit.name} passes nothing forward or back: "
                "{}, and relu'(0) is taken as 0.",
                shown,
            )
    loss = values[calculation.of.after(number)]
    if loss == 0:
        so = "is" if now == "is now" else "does"
        yield (f"every gradient {now} 0 and so {so} the loss: there is nothing left to learn.",)
    else:
        yield sentence(
            f"every trained weight's gradient {now} 0, so no further step changes anything: "
            "training stops here, with the loss at {}.", InDigits(loss),
        )  # fmt: skip


def exactness_notes(calculation: Calculation) -> list[Note]:
    """Where exact fractions grew past 200 digits and the run went on in rounded numbers."""
    steps: list[Step] = [*calculation.forward]
    if not calculation.rounds:
        steps += calculation.backward
    for each in calculation.rounds:
        steps += [*each.backward, *each.update, *each.after]
    for step in steps:
        if isinstance(step.value, float) and _was_exact(step.equation, calculation.values):
            words = "from {} on numbers are rounded: the exact fractions have more than 200 digits."
            return [Note(None, sentence(words, Name(step.name)))]
    return []


def _was_exact(equation: Equation, values: Mapping[str, Scalar]) -> bool:
    """Return True if an equation has only fractions and operations that keep them in it."""
    for part in walk(equation.expression):
        match part:
            case Name(name) if not isinstance(values[name], Fraction):
                return False
            case Call(function) if not function.exact:
                return False
            case Power(_, exponent):
                power = evaluate(exponent, values)
                if not isinstance(power, Fraction) or power.denominator != 1:
                    return False
    return True
