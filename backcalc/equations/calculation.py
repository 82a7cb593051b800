"""Calculations that a command asks for: forward, backward, steps, one derivative explained."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from decimal import Overflow
from fractions import Fraction
from functools import wraps
from typing import ParamSpec, TypeVar

from backcalc.arithmetic import Digits, LostError
from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network, needed_rate
from backcalc.equations.optimizers import RATE, own_names
from backcalc.equations.program import (
    LOSS,
    TOTAL,
    Equation,
    Program,
    after_steps,
    assemble,
    differentiate,
    loss_name,
    loss_terms,
    lower,
    one_by_one,
    sample_names,
    update,
)
from backcalc.errors import BackcalcError, UndefinedError, did_you_mean, listed
from backcalc.formulas import record
from backcalc.formulas.expression import Numbers, Scalar, Values, bounded, evaluate, finite
from backcalc.formulas.notation import PLAIN, formula_text, number_text
from backcalc.formulas.quantity import Derivative, Quantity, parsed

TOO_LARGE = "too large for a number"

SHEET = Digits(50, "nothing")
"""The arithmetic of a sheet."""
WIDE = Digits(400, "nothing")
"""That of a sheet on which too many digits cancel: all that a double can hold is then right, down
to 5e-324."""

FEW = 500  # equations that may be worked out again

P = ParamSpec("P")
T = TypeVar("T")
_chosen: ContextVar[Digits | None] = ContextVar("chosen", default=None)


@record(frozen=True, slots=True, eq=False)
class Step:
    """One equation worked out."""

    equation: Equation
    """The line that was worked out."""
    value: Scalar
    """The result: a Fraction where it is exact, else a float."""
    locals: tuple[Scalar, ...] = ()
    """For a derivative the number of each term's local derivative."""

    @property
    def name(self) -> Quantity:
        """The quantity's name."""
        return self.equation.name


def with_enough_digits(work: Callable[P, T]) -> Callable[P, T]:
    """Do the work, which calls `run`, again with more digits where too many have cancelled."""

    @wraps(work)
    def worked(*args: P.args, **kwargs: P.kwargs) -> T:
        before = _chosen.set(SHEET)
        try:
            return work(*args, **kwargs)
        except LostError:
            _chosen.set(WIDE)
            return work(*args, **kwargs)
        finally:
            _chosen.reset(before)

    return worked


def run(equations: Iterable[Equation], values: dict[str, Scalar]) -> tuple[Step, ...]:
    """Work the equations out in order, adding each result to `values`, in their arithmetic.

    Raises UndefinedError, naming the equation, where there is no answer that a double can hold.
    """
    equations = tuple(equations)
    known: dict[str, Scalar] = values
    if _chosen.get() is SHEET and isinstance(values, Numbers) and len(equations) <= FEW:
        known = Numbers(values, replace(SHEET, lost="error"))
    steps = []
    for equation in equations:
        try:
            value = bounded(evaluate(equation.expression, known))
            local_values = tuple(evaluate(term.local, known) for term in equation.terms)
        except (ArithmeticError, ValueError) as error:
            raise undefined(equation, values, _reason(error)) from None
        if not all(map(finite, (value, *local_values))):
            raise undefined(equation, values, f"the result is {TOO_LARGE}")
        values[equation.name] = known[equation.name] = value
        steps.append(Step(equation, value, local_values))
    return tuple(steps)


work_out = run


def undefined(equation: Equation, values: Values, reason: str) -> UndefinedError:
    """The error that shows an equation, in symbols and with its numbers, that has no answer."""
    formula = formula_text(equation.expression)
    try:
        numbers = formula_text(equation.expression, PLAIN, values)
    except (ArithmeticError, ValueError):
        numbers = formula
    shown = formula[:300] + (f" = {numbers[:300]}" if numbers != formula else "")
    return UndefinedError(f"{equation.name} is undefined: {equation.name} = {shown}: {reason}")


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    if isinstance(error, (OverflowError, Overflow)):
        return f"the result is {TOO_LARGE}"
    return "outside the function's domain (log or root of a number that has none)"


def start_values(network: Network) -> Numbers:
    """Return the numbers before the first equation: weights, constants, inputs and targets."""
    values = Numbers({**network.constants, **network.weights}, _chosen.get() or SHEET)
    values.update(network.descent.numbers)
    for weight in network.weights:
        if network.descent.optimizer.states and weight not in network.frozen:
            values.update(dict.fromkeys(network.descent.state_names(weight), Fraction(0)))
    for number, sample in enumerate(network.samples, 1):
        own = number if len(network.samples) > 1 else None
        values.update({parsed(name).of_sample(own): value for name, value in sample.items()})
    for name, value in values.items():
        check_given(name, value)
    return values


def check_given(name: str, value: Scalar) -> None:
    """Say so where a given number is beyond the largest float."""
    if isinstance(value, Fraction) and value.numerator.bit_length() > 1000:
        try:
            float(value)
        except OverflowError:
            message = f"{name} is undefined: {name} = {number_text(value)}: {TOO_LARGE}"
            raise UndefinedError(message) from None


MOST_STEPS = 1000
MOST_ONLINE = 200  # updates of one sample each


@record(frozen=True, slots=True, eq=False)
class Round:
    """One step of gradient descent and what came of it."""

    number: int
    """Which step, from 0: its quantities carry so many primes."""
    forward: tuple[Step, ...]
    """The forward pass before the step."""
    backward: tuple[Step, ...]
    """The derivatives."""
    update: tuple[Step, ...]
    """The new weights."""
    after: tuple[Step, ...]
    """The forward pass with the new weights."""
    of: Quantity
    """Name of the loss in this step; other values may be computed after it."""

    @property
    def loss_before(self) -> Scalar:
        """The loss before the step."""
        return next(step.value for step in self.forward if step.name == self.of)

    @property
    def loss_after(self) -> Scalar:
        """The loss after it."""
        new = self.of.after(1)
        return next(step.value for step in self.after if step.name == new)


@record(frozen=True, slots=True, eq=False)
class Calculation:
    """A network worked out: the equations, the numbers and the steps that were asked for."""

    network: Network
    """The network with the numbers that were used."""
    program: Program
    """Its equations."""
    values: Numbers
    """The number of every name."""
    forward: tuple[Step, ...]
    """The forward pass."""
    of: Quantity
    """The value that is differentiated: the loss unless another one was asked for."""
    backward: tuple[Step, ...] = ()
    """The derivatives, if they were asked for."""
    rounds: tuple[Round, ...] = ()
    """The steps of gradient descent, if they were asked for."""
    by_inputs: bool = False
    """True if derivatives by the inputs were asked for too."""
    stopped: UndefinedError | None = None
    """Why there are fewer steps than were asked for, if there are."""
    passes: tuple[Program, ...] = ()
    """With one update for each sample the equations of each."""

    @property
    def online(self) -> bool:
        """True if each sample has an update of its own."""
        return bool(self.passes)

    def at(self, number: int) -> Calculation:
        """The calculation as the round of this number sees it: all samples, or its own one."""
        if not self.passes:
            return self
        program = self.passes[number % len(self.passes)]
        return replace(self, program=program, of=program.loss, passes=())


def with_numbers(network: Network, changes: Mapping[str, Fraction]) -> Network:
    """The network with other numbers for some weights, constants, inputs or targets.

    With several samples `x[2]` is the x of sample 2 and `x` that of all.
    """
    weights, constants = dict(network.weights), dict(network.constants)
    samples = [dict(sample) for sample in network.samples]
    for name, value in changes.items():
        stem, _, index = name.rstrip("]").rpartition("[")  # x[2][1] is x[2] of sample 1
        stem, index = (name, "") if name in samples[0] else (stem, index)
        if name in weights:
            weights[name] = value
        elif name in constants:
            constants[name] = value
        elif stem in samples[0] and (not index or 0 < int(index) <= len(samples)):
            for sample in samples if not index else [samples[int(index) - 1]]:
                sample[stem] = value
        else:
            known = [*weights, *constants, *samples[0]]
            message = f"there is no number {name!r} to set"
            hint = did_you_mean(name, known) or f"the file gives numbers to {listed(known)}"
            if name in (RATE, *network.descent.numbers):
                hint = f"write --lr 0.5, or --optimizer {network.descent.optimizer.name},{name}=0.5"
            sequence = [each for each in known if each.startswith(f"{name}[")]
            hint = f"name the step too: {listed(sequence)}" if sequence else hint
            raise BackcalcError(message, hint=hint)
    changed = replace(network, weights=weights, constants=constants, samples=tuple(samples))
    check_class_numbers(changed)
    return changed


def check_class_numbers(network: Network) -> None:
    """One target for several outputs is the number of one of them."""
    row = LOSSES.get(network.loss_name or "")
    if row is None or not row.classes or not len(network.targets) == 1 < len(network.outputs):
        return
    for sample in network.samples:
        number = sample[network.targets[0]]
        if number not in range(len(network.outputs)):
            last = len(network.outputs) - 1
            message = (
                f"the class {network.targets[0]} = {number} is no whole number from 0 to {last}"
            )
            raise BackcalcError(message, hint="classes are counted from 0")


@with_enough_digits
def forward(network: Network) -> Calculation:
    """The forward pass."""
    program = assemble(network)
    values = start_values(network)
    return Calculation(network, program, values, run(program.forward, values), program.loss)


@with_enough_digits
def backward(network: Network, *, of: str | None = None, by_inputs: bool = False) -> Calculation:
    """The forward pass and the derivatives of the loss, or of any value `of`.

    `L2` is the second term of a loss that is a sum, where nothing else has that name.
    """
    program = assemble(network, by_inputs=by_inputs)
    if of is not None:
        program = _with_loss_term(program, quantity(of))
    result = program.loss if of is None else known_value(of, program, network)
    if result != program.loss:
        program = replace(program, backward=backward_equations(network, program, result, by_inputs))
    values = start_values(network)
    passed = run(program.forward, values)
    worked = run(program.backward, values)
    return Calculation(network, program, values, passed, result, worked, by_inputs=by_inputs)


def _with_loss_term(program: Program, name: str) -> Program:
    """The program with one term of the loss as an equation of its own, if that is what is named."""
    equations: dict[str, Equation] = {equation.name: equation for equation in program.forward}
    match = re.fullmatch(rf"{LOSS}([1-9]\d{{0,3}})((?:\[\d+\])?)", name)
    if not match or name in equations or LOSS + match[2] not in equations:
        return program
    place, terms = int(match[1]), loss_terms(equations[LOSS + match[2]].expression)
    if place > len(terms):
        return program
    return replace(program, forward=(*program.forward, Equation(parsed(name), terms[place - 1])))


def backward_equations(
    network: Network, program: Program, of: Quantity, by_inputs: bool
) -> tuple[Equation, ...]:
    """The derivatives of any value by the weights (and inputs) under the network's conventions."""
    if of == program.loss == TOTAL:
        return assemble(network, by_inputs=by_inputs).backward
    by = [*network.weights, *(sample_names(network, network.inputs) if by_inputs else ())]
    return differentiate(program.forward, of, by, network.conventions)


@with_enough_digits
def step(
    network: Network,
    rate: Fraction | None = None,
    steps: int = 1,
    *,
    by_inputs: bool = False,
    online: bool = False,
) -> Calculation:
    """So many steps of gradient descent, each with its forward pass, derivatives and update.

    With `online` each sample has an update of its own, and a step is one for each sample.
    """
    rate = needed_rate(network, rate)
    updates = steps * len(network.samples) if online else steps
    most = MOST_ONLINE if online and len(network.samples) > 1 else MOST_STEPS
    if not 0 < updates <= most:
        many = f": {updates} updates of one sample each" if online else ""
        raise BackcalcError(f"steps must be from 1 to {most}, not {updates}{many}"[:200])
    program = assemble(network, by_inputs=by_inputs)
    passes = one_by_one(network, by_inputs=by_inputs) if online else (program,)
    check_names(network)
    check_given(RATE, rate)
    values = start_values(network).having({RATE: rate})
    passed = first = run(passes[0].forward, values)
    rounds: list[Round] = []
    stopped = None
    for number in range(steps * len(passes)):
        now = passes[number % len(passes)]
        try:
            if online and number:
                passed = run(after_steps(now.forward, number, network), values)
            derived = run(after_steps(now.backward, number, network), values)
            changes = update(network, now.loss, number + 1)
            changed = run(after_steps(changes, number, network), values)
            after = run(after_steps(now.forward, number + 1, network), values)
        except UndefinedError as error:
            if not rounds:
                raise
            stopped = error
            break
        rounds.append(Round(number, passed, derived, changed, after, now.loss.after(number)))
        passed = after
    own, of = rounds[0].backward, passes[0].loss
    return Calculation(
        network,
        program,
        values,
        first,
        of,
        own,
        tuple(rounds),
        by_inputs,
        stopped,
        passes if online else (),
    )


def check_names(network: Network) -> None:
    """Say so where the optimizer needs a name that the network has given to something else."""
    taken = {*network.weights, *network.constants, *network.inputs, *network.targets}
    taken |= {equation.name for equation in lower(network)}
    for name in sorted(own_names(network.descent, network.weights) & taken):
        message = f"{network.descent.optimizer.name} needs the name {name!r} for itself"
        raise BackcalcError(message, hint="give the network's own quantity another name")


def formulas(network: Network) -> tuple[tuple[Equation, ...], tuple[Equation, ...]]:
    """The forward equations of one sample and the derivatives of its loss, without numbers."""
    forward_equations = lower(network)
    loss = loss_name(network)
    by = tuple(network.weights)
    return forward_equations, differentiate(forward_equations, loss, by, network.conventions)


def check_wrt(calculation: Calculation, name: str | None) -> None:
    """Say so where there is no derivative by this name, with those that there are."""
    if name is None:
        return
    known = [step.name.by for step in calculation.backward if isinstance(step.name, Derivative)]
    if name not in known:
        hint = did_you_mean(name, known) or f"there are derivatives by {listed(known, 20)}"
        if name in sample_names(calculation.network, calculation.network.inputs):
            hint = "add --inputs for the derivatives by the inputs"
        raise BackcalcError(f"there is no derivative by {name[:60]!r}", hint=hint)


@with_enough_digits
def gradients_after(calculation: Calculation) -> tuple[Step, ...]:
    """The derivatives that one more step would start from, or none where one is undefined."""
    steps = len(calculation.rounds)
    equations = after_steps(calculation.program.backward, steps, calculation.network)
    try:
        return run(equations, calculation.values.having({}))
    except BackcalcError:
        return ()


_SPELLINGS = str.maketrans("∂₀₁₂₃₄₅₆₇₈₉′’", "d0123456789''")
"""How names of quantities are typed and printed, and how they are spelled here."""


def quantity(text: str, loss: str = "L") -> str:
    """A quantity's name as people type it: `∂L/∂ŷ` and `grad w0` are understood.

    >>> quantity("∂L/∂ŷ1"), quantity("grad w0")
    ('dL/dyhat1', 'dL/dw0')
    """
    name = unicodedata.normalize("NFC", text).strip().replace("ŷ", "yhat").translate(_SPELLINGS)
    match = re.fullmatch(r"grad[ (]+([^ )]+)\)?", name)
    if match:
        return Derivative(loss, match[1])
    name = re.sub(r"(?<!\])((?:\[\d+\])+)('+)", r"\2\1", name)  # z0[2]' is z0'[2]
    return re.sub(r"(?<!\s)\s*/\s*", "/", name)


def known_value(text: str, program: Program, network: Network, *, leaves: bool = False) -> Quantity:
    """A value of the program by its name, or an error that lists what there is."""
    name = quantity(text, program.loss)
    known: dict[str, Quantity] = {equation.name: equation.name for equation in program.forward}
    if leaves:
        given = [*network.weights, *network.constants]
        given += sample_names(network, [*network.inputs, *network.targets])
        known |= {each: parsed(each) for each in given}
    if name in known:
        return known[name]
    hint = did_you_mean(name, known) or f"known values: {listed(known, 20)}"
    if f"{name}[1]" in known:
        hint = index_hint(name, known, network)
    raise BackcalcError(f"there is no value {text[:60]!r} in this network", hint=hint)


def index_hint(name: str, known: Iterable[str], network: Network) -> str:
    """Return the hint for a name with a value for each sample, or for each step of `repeat:`."""
    if len(network.samples) > 1:
        return f"name the sample too: {name}[1] to {name}[{len(network.samples)}]"
    steps = sum(each.startswith(f"{name}[") and each != f"{name}[0]" for each in known)
    return f"name the step too: {name}[1] to {name}[{steps}]"
