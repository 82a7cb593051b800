"""What became of the loss, whether training goes on from here, and where exactness ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from backcalc.calculation import Calculation, Round, gradients_after
from backcalc.evaluate import Step
from backcalc.expression import Call, Name, Number, Power, Scalar, evaluate, walk
from backcalc.notation import Decimal, Phrase, sentence
from backcalc.notes import Note, conjoined
from backcalc.program import Equation, derivative_name, primed


def closing_notes(calculation: Calculation) -> list[Note]:
    """What became of the loss, and whether training goes on from here."""
    notes = [Note(None, _loss_change(calculation, each)) for each in calculation.rounds]
    if _goes_by_gradient(calculation) and _all_zero(calculation, gradients_after(calculation)):
        notes += (Note(None, text) for text in _stopped(calculation))
    return notes + exactness_notes(calculation)


def _goes_by_gradient(calculation: Calculation) -> bool:
    """Whether a zero gradient of the whole loss ends all change."""
    return calculation.network.descent.plain and not calculation.online


def _loss_change(calculation: Calculation, each: Round) -> Phrase:
    """What one step did to the loss."""
    before, after = each.loss_before, each.loss_after
    name, numbers = Name(each.forward[-1].name), (Decimal(before), Decimal(after))
    old = {primed(name, each.number): name for name in calculation.network.weights}
    new = {step.equation.before or "": step.value for step in each.update}
    if all(calculation.values[name] == new[name] for name in new if name in old):
        plain = calculation.network.descent.plain
        why = "every trained weight's derivative is 0" if plain else "no weight moves"
        return (f"step {each.number + 1} changes nothing: {why}.",)
    if before == after:
        return sentence(f"step {each.number + 1}: the loss {{}} stays at {{}}.", name, numbers[0])
    verb = "falls" if after < before else "rises"
    return sentence(
        f"step {each.number + 1}: the loss {{}} {verb} from {{}} to {{}}.", name, *numbers
    )


def _all_zero(calculation: Calculation, gradients: Sequence[Step]) -> bool:
    """Whether every weight that is trained has a zero derivative."""
    by_name = {step.name: step.value for step in gradients}
    steps = len(calculation.rounds)
    loss = primed(calculation.of, steps)
    network = calculation.network
    trained = [name for name in network.weights if name not in network.frozen]
    wanted = [derivative_name(loss, primed(name, steps)) for name in trained]
    return bool(wanted) and all(by_name.get(name) == 0 for name in wanted)


def _stopped(calculation: Calculation) -> Iterator[Phrase]:
    """Every gradient is zero: the dead units, and that training stops."""
    number = len(calculation.rounds)
    network = calculation.network
    values = calculation.values
    relu_at_zero = network.conventions["relu_at_zero"]
    for unit in network.units:
        if unit.activation.name != "relu":
            continue
        own = primed(unit.pre_activation, number)
        names = [name for name in values if name == own or name.partition("[")[0] == own]
        shown = conjoined([(Name(name), " = ", Number(values[name])) for name in names])
        if names and all(values[name] < 0 for name in names):
            yield sentence(
                f"unit {unit.name} is dead: {{}} {'is' if len(names) == 1 else 'are'} below 0, "
                "so its relu is closed and passes nothing on or back.", shown,
            )  # fmt: skip
        elif names and all(values[name] <= 0 for name in names) and not relu_at_zero:
            yield sentence(
                f"unit {unit.name} passes nothing on or back: {{}}, and relu'(0) is taken as 0.",
                shown,
            )
    loss = values[primed(calculation.of, number)]
    if loss == 0:
        yield ("every gradient is now 0 and so is the loss: there is nothing left to learn.",)
    else:
        yield sentence(
            "every trained weight's gradient is now 0, so no further step changes anything: "
            "training stops here, with the loss at {}.", Decimal(loss),
        )  # fmt: skip


def exactness_notes(calculation: Calculation) -> list[Note]:
    """Where exact fractions grew past 200 digits and the run went on in rounded numbers."""
    steps: list[Step] = [*calculation.forward, *calculation.backward]
    for each in calculation.rounds:
        steps += [*each.backward, *each.update, *each.after]
    for step in steps:
        if isinstance(step.value, float) and _was_exact(step.equation, calculation.values):
            words = "from {} on numbers are rounded: the exact fractions have more than 200 digits."
            return [Note(None, sentence(words, Name(step.name)))]
    return []


def _was_exact(equation: Equation, values: Mapping[str, Scalar]) -> bool:
    """Whether an equation has only fractions and operations that keep them in it."""
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
