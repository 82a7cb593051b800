"""Calculations that a command asks for: forward, backward, steps, one derivative explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import replace
from decimal import Overflow
from fractions import Fraction
from functools import wraps
from typing import ParamSpec, TypeVar

from backcalc.arithmetic import Digits, LostError
from backcalc.equations.named import differentiating
from backcalc.equations.network import Network, needed_rate
from backcalc.equations.optimizers import RATE, own_names
from backcalc.equations.program import (
    Equation,
    Program,
    after_steps,
    assemble,
    loss_name,
    lower,
    one_by_one,
    update,
)
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.formulas import record
from backcalc.formulas.expression import Numbers, Scalar, Values, bounded, evaluate, finite
from backcalc.formulas.notation import PLAIN, formula_text, number_text
from backcalc.formulas.quantity import Quantity, parsed

TOO_LARGE = "too large for a number"

SHEET = Digits(50, "nothing")  # the arithmetic of a sheet
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
        known = Numbers(values, replace(SHEET, lost="error", kept=values.arithmetic.kept))
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


def start_values(network: Network, kept: int = 0) -> Numbers:
    """Return the numbers before the first equation: weights, constants, inputs and targets.

    Each result that is worked out from them is rounded to the digits `kept`, 0: none is.
    """
    arithmetic = replace(_chosen.get() or SHEET, kept=kept)
    values = Numbers({**network.constants, **network.weights}, arithmetic)
    values.update(network.descent.numbers)
    for weight in network.weights:
        if network.descent.optimizer.states and weight not in network.frozen:
            before = network.descent.start or {}
            names = network.descent.state_names(weight)
            values.update({name: before.get(name, Fraction(0)) for name in names})
    for number, sample in zip(network.numbers, network.samples, strict=True):
        values.update({parsed(name).of_sample(number): value for name, value in sample.items()})
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
MOST_LOCAL = 200_000  # derivatives of softmax by its arguments


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

    program: Program
    """Its equations."""
    values: Numbers
    """The number of every name."""
    forward: tuple[Step, ...] = ()
    """The forward pass."""
    backward: tuple[Step, ...] = ()
    """The derivatives, if they were asked for."""
    rounds: tuple[Round, ...] = ()
    """The steps of gradient descent, if they were asked for."""
    stopped: UndefinedError | None = None
    """Why there are fewer steps than were asked for, if there are."""
    passes: tuple[Program, ...] = ()
    """With one update for each sample the equations of each."""

    @property
    def network(self) -> Network:
        """The network with the numbers that were used."""
        return self.program.network

    @property
    def of(self) -> Quantity:
        """The value that is differentiated: the loss unless another one was asked for."""
        return self.program.of

    @property
    def kept(self) -> int:
        """The digits to which each line was rounded before the work went on; 0: none was."""
        return self.values.arithmetic.kept

    @property
    def online(self) -> bool:
        """True if each sample has an update of its own."""
        return bool(self.passes)

    def at(self, number: int) -> Calculation:
        """The calculation as the round of this number sees it: all samples, or its own one."""
        if not self.passes:
            return self
        return replace(self, program=self.passes[number % len(self.passes)], passes=())


@with_enough_digits
def forward(network: Network, *, kept: int = 0) -> Calculation:
    """The forward pass; each line goes on from the digits `kept` of those before it, 0: all."""
    program = assemble(network)
    values = start_values(network, kept)
    return Calculation(program, values, run(program.forward, values))


@with_enough_digits
def backward(
    network: Network, *, of: str | None = None, by_inputs: bool = False, kept: int = 0
) -> Calculation:
    """The forward pass and the derivatives of the loss, or of any value `of`.

    `L2` is the second term of a loss that is a sum, where nothing else has that name.
    """
    program = assemble(network, by_inputs=by_inputs)
    if of is not None:
        program = differentiating(program, of)
    check_size(program)
    values = start_values(network, kept)
    passed = run(program.forward, values)
    return Calculation(program, values, passed, run(program.backward, values))


@with_enough_digits
def step(
    network: Network, rate: Fraction | None = None, steps: int = 1, *, by_inputs: bool = False,
    online: bool = False, kept: int = 0,
) -> Calculation:  # fmt: skip
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
    check_size(program)
    check_names(network)
    check_given(RATE, rate)
    values = start_values(network, kept).having({RATE: rate})
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
    if online:
        program = replace(program, of=passes[0].loss)
    return Calculation(
        program, values, first, rounds[0].backward, tuple(rounds), stopped,
        passes if online else (),
    )  # fmt: skip


def check_size(program: Program) -> None:
    """Say so before the work begins where it would take minutes: softmax over 1 000 outputs."""
    many = sum(len(equation.siblings) for equation in program.forward)
    if many > MOST_LOCAL:
        message = f"softmax has {many} local derivatives here; a sheet has at most {MOST_LOCAL}"
        raise BackcalcError(message, hint="forward and train take softmax over 1000 outputs")


def check_names(network: Network) -> None:
    """Say so where the optimizer needs a name that the network has given to something else."""
    taken = {*network.weights, *network.constants, *network.inputs, *network.targets}
    taken |= {equation.name for equation in lower(network)}
    for name in sorted(own_names(network.descent, network.weights) & taken):
        message = f"{network.descent.optimizer.name} needs the name {name!r} for itself"
        raise BackcalcError(message, hint="give the network's own quantity another name")


def formulas(network: Network) -> tuple[tuple[Equation, ...], tuple[Equation, ...]]:
    """The forward equations of one sample and the derivatives of its loss, without numbers."""
    loss = loss_name(network)
    program = Program(network, lower(network), loss, loss)
    return program.forward, program.backward
