"""Network to equations: lower, differentiate, update; names in, names out, no numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.equations.network import Network, Unit
from backcalc.equations.optimizers import NORM, RATE, norm_line, update_lines
from backcalc.errors import BackcalcError, Place
from backcalc.formulas.calculus import partials
from backcalc.formulas.expression import (
    ZERO,
    Call,
    Expression,
    Inverse,
    Name,
    Number,
    Product,
    Sum,
    multiplied,
    names_in,
    renamed,
)

LOSS = "L"
TOTAL = "J"


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One use of a value: what flows back through one equation that uses it."""

    upstream: str
    """The derivative of the result by the equation's value: `dL/dz2`."""
    local_name: str
    """The derivative of that value by the one in question: `dz2/dh0`."""
    local: Expression
    """The local derivative worked out: `ws`."""

    @property
    def through(self) -> str:
        """The value that the use goes through: z2."""
        return numerator(self.local_name)


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """One line of the program: a name, assigned once."""

    name: str
    """What is computed: `z2`, `dL/dh0`, `w0'`."""
    expression: Expression
    """How, in the author's order."""
    siblings: tuple[str, ...] = ()
    """For an output of softmax the names of all its outputs."""
    terms: tuple[Term, ...] = ()
    """For a derivative one term for each use; they add up to the expression."""
    before: str | None = None
    """For an update the name of the old value."""
    where: Place | None = None
    """Where it stands in the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """All equations of one step, over all samples."""

    forward: tuple[Equation, ...]
    """The forward pass, the loss last."""
    backward: tuple[Equation, ...]
    """The derivatives, from the loss down to the weights."""
    update: tuple[Equation, ...]
    """The new weights."""
    loss: str
    """What is made smaller: `L`, `J` over several samples, or the equation that the file names."""


# Names of quantities.


def derivative_name(of: str, by: str) -> str:
    """The name of a derivative: dL/dw0."""
    return f"d{of}/d{by}"


def numerator(derivative: str) -> str:
    """What a derivative's name says is differentiated: dz2/dh0 gives z2."""
    return derivative[1 : derivative.index("/d")]


def denominator(derivative: str) -> str:
    """What a derivative's name says it is taken by: dz2/dh0 gives h0."""
    return derivative[derivative.index("/d") + 2 :]


def primed(name: str, steps: int) -> str:
    """A quantity after so many steps: z0', and z0'[2] for the second sample."""
    if not steps:
        return name
    if re.fullmatch(r"d[^/]+/d.+", name):
        return derivative_name(primed(numerator(name), steps), primed(denominator(name), steps))
    stem, bracket, index = name.partition("[")
    return f"{stem}{chr(39) * steps}{bracket}{index}"


# Lowering.


def lower(network: Network) -> tuple[Equation, ...]:
    """The forward equations of one sample, in an order in which each uses only earlier ones.

    Raises BackcalcError at a cycle, naming it.
    """
    equations = ordered([*_unit_equations(network), *_definition_equations(network)])
    if isinstance(network.loss, str):
        return equations
    return (*equations, Equation(LOSS, network.loss))


def loss_name(network: Network) -> str:
    """What one sample's loss is called: `L`, or the equation that the file names."""
    return network.loss if isinstance(network.loss, str) else LOSS


def loss_terms(loss: Expression) -> tuple[Expression, ...]:
    """The terms of a loss that is a sum or a mean; only one where it is neither."""
    match loss:
        case Sum(terms):
            return terms
        case Product((Sum(terms), *rest)):
            return tuple(Product((term, *rest)) for term in terms)
    return (loss,)


def _unit_equations(network: Network) -> list[Equation]:
    """Equations for z and h of every unit, in file order."""
    units = {unit.name: unit for unit in network.units}
    activations = network.activations
    equations = []
    for unit in network.units:
        terms: list[Expression] = [
            Product((Name(edge.weight), Name(edge.source))) for edge in unit.edges
        ]
        if unit.bias:
            terms.append(Name(unit.bias))
        weighted = Sum(tuple(terms)) if len(terms) > 1 else terms[0] if terms else ZERO
        equations.append(Equation(unit.pre_activation, weighted, where=unit.where))
        answer = activations[unit.name]
        siblings = tuple(activations[name] for name in unit.group)
        activation = _activation(unit, units)
        equations.append(Equation(answer, activation, siblings, where=unit.where))
    return equations


def _activation(unit: Unit, units: Mapping[str, Unit]) -> Expression:
    """A unit's activation of its pre-activation, or of those of its whole softmax layer."""
    if unit.activation.name == "identity":
        return Name(unit.pre_activation)
    if unit.group:
        arguments = tuple(Name(units[name].pre_activation) for name in unit.group)
        return Call(unit.activation, arguments, unit.group.index(unit.name))
    settings = unit.settings or unit.activation.defaults
    return Call(unit.activation, (Name(unit.pre_activation), *map(Number, settings)))


def _definition_equations(network: Network) -> list[Equation]:
    """The written equations, one for each name on a left side."""
    equations = []
    for definition in network.definitions:
        call, siblings = definition.expression, definition.names
        if isinstance(call, Call) and call.function.outputs:
            for place, name in enumerate(siblings):
                output = Call(call.function, call.arguments, place)
                equations.append(Equation(name, output, siblings, where=definition.where))
        else:
            equations.append(Equation(siblings[0], call, where=definition.where))
    return equations


def ordered(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The equations with each after those that it uses, otherwise in the given order."""
    waiting = {equation.name: equation for equation in equations}
    done: dict[str, Equation] = {}
    for start in equations:
        path: dict[str, list[str]] = {}
        current = start.name if start.name not in done else None
        while current is not None:
            if current not in path:
                names = names_in(waiting[current].expression)
                path[current] = [name for name in reversed(names) if name in waiting]
            missing = path[current]
            while missing and missing[-1] in done:
                missing.pop()
            if missing:
                if missing[-1] in path:
                    raise _cycle(list(path), missing[-1], waiting)
                current = missing[-1]
            else:
                done[current] = waiting[current]
                del path[current]
                current = next(reversed(path), None)
    return tuple(done.values())


def _cycle(path: list[str], back_to: str, waiting: Mapping[str, Equation]) -> BackcalcError:
    """The error that names a cycle in the direction in which values flow."""
    loop = path[path.index(back_to) :]
    around = [back_to, *reversed(loop)]
    shown = around if len(around) < 14 else [*around[:6], "...", *around[-6:]]
    message = f"the network has a cycle: {' -> '.join(shown)}"
    return BackcalcError(message, waiting[back_to].where, "every value must come before its uses")


# Differentiating.


def dependents(equations: Iterable[Equation], names: Collection[str]) -> set[str]:
    """These names and every value that depends on one of them."""
    reached = set(names)
    for equation in equations:
        if not reached.isdisjoint(names_in(equation.expression)):
            reached.add(equation.name)
    return reached


def needed(equations: Sequence[Equation], *names: str) -> set[str]:
    """These names and every value that they are computed from."""
    reached = set(names)
    for equation in reversed(equations):
        if equation.name in reached:
            reached.update(names_in(equation.expression))
    return reached


def differentiate(
    equations: Sequence[Equation],
    of: str,
    by: Sequence[str],
    conventions: Mapping[str, Fraction],
) -> tuple[Equation, ...]:
    """The derivatives of one value by `by` and by all that lies between, last equation first.

    Each is a sum with one term for each use of the value. A leaf's derivative follows that of
    the first equation that uses it.
    """
    carries = dependents(equations, by)
    reached = needed(equations, of)
    uses: dict[str, list[Term]] = {}
    leaves = _leaves_by_first_use(equations, by, reached)
    derivatives: list[Equation] = []
    for equation in reversed(equations):
        name = equation.name
        if name not in reached or name not in carries or not (name == of or name in uses):
            continue
        if name != of:
            derivatives.append(accumulated(of, name, uses.pop(name)))
        answers = equation.siblings or (name,)
        for used, local in partials(equation.expression, answers, conventions).items():
            if used in carries:
                term = Term(derivative_name(of, name), derivative_name(name, used), local)
                uses.setdefault(used, []).append(term)
        own = leaves.pop(name, ())
        derivatives += [accumulated(of, leaf, uses.pop(leaf, [])) for leaf in own]
    found = {equation.name for equation in derivatives}
    rest = [leaf for leaf in by if leaf != of and derivative_name(of, leaf) not in found]
    return (*derivatives, *(accumulated(of, leaf, uses.pop(leaf, [])) for leaf in rest))


def _leaves_by_first_use(
    equations: Iterable[Equation], by: Iterable[str], reached: Collection[str]
) -> dict[str, list[str]]:
    """For each equation the leaves among `by` that no earlier one uses."""
    waiting = set(by) - {equation.name for equation in equations}
    leaves: dict[str, list[str]] = {}
    for equation in equations:
        if equation.name in reached and waiting:
            first = [name for name in names_in(equation.expression) if name in waiting]
            waiting.difference_update(first)
            leaves[equation.name] = first
    return leaves


def accumulated(of: str, by: str, terms: Sequence[Term]) -> Equation:
    """A derivative from the uses of a value: upstream times local, added."""
    products = [_flow(of, term) for term in terms]
    expression = Sum(tuple(products)) if len(products) > 1 else products[0] if products else ZERO
    return Equation(derivative_name(of, by), expression, terms=tuple(terms))


def _flow(of: str, term: Term) -> Expression:
    """Upstream times local; at the result itself the upstream is 1."""
    if term.upstream == derivative_name(of, of):
        return term.local
    return multiplied(Name(term.upstream), term.local)


# Samples.


def unrolled(network: Network) -> tuple[tuple[Equation, ...], ...]:
    """The forward equations of each sample, with the sample's number on what differs by sample."""
    equations = lower(network)
    if len(network.samples) == 1:
        return (equations,)
    shared = {*network.weights, *network.constants}
    return tuple(
        tuple(_renamed(equation, lambda name: name if name in shared else f"{name}[{number}]")  # noqa: B023
              for equation in equations)
        for number in range(1, len(network.samples) + 1)
    )  # fmt: skip


def _renamed(equation: Equation, rename: Callable[[str], str]) -> Equation:
    """The equation with every name changed, a derivative's parts one by one."""

    def whole(name: str) -> str:
        if re.fullmatch(r"d[^/]+/d.+", name):
            return derivative_name(rename(numerator(name)), rename(denominator(name)))
        return rename(name)

    return replace(
        equation,
        name=whole(equation.name),
        expression=renamed(equation.expression, whole),
        siblings=tuple(map(whole, equation.siblings)),
        terms=tuple(
            Term(whole(term.upstream), whole(term.local_name), renamed(term.local, whole))
            for term in equation.terms
        ),
        before=equation.before and whole(equation.before),
    )


def _reduced(network: Network, name: str, each: Sequence[str]) -> Equation:
    """One value for all samples: the mean or the sum of the samples' own."""
    total = Sum(tuple(map(Name, each)))
    if network.reduction == "sum":
        return Equation(name, total)
    return Equation(name, Product((total, Inverse(Number(Fraction(len(each)))))))


def assemble(network: Network, *, by_inputs: bool = False) -> Program:
    """The whole program of one step: forward and backward for each sample, reduction, update."""
    samples = unrolled(network)
    own_loss = loss_name(network)
    if len(samples) == 1:
        by = (*network.weights, *(network.inputs if by_inputs else ()))
        backward = differentiate(samples[0], own_loss, by, network.conventions)
        return Program(samples[0], backward, update(network, own_loss), own_loss)
    forward = [equation for equations in samples for equation in equations]
    backward_all: list[Equation] = []
    losses = [f"{own_loss}[{number}]" for number in range(1, len(samples) + 1)]
    for number, (equations, loss) in enumerate(zip(samples, losses, strict=True), 1):
        inputs = [f"{name}[{number}]" for name in network.inputs] if by_inputs else []
        by = (*network.weights, *inputs)
        backward_all += differentiate(equations, loss, by, network.conventions)
    forward.append(_reduced(network, TOTAL, losses))
    for weight in network.weights:
        own = [derivative_name(loss, weight) for loss in losses]
        backward_all.append(_reduced(network, derivative_name(TOTAL, weight), own))
    return Program(tuple(forward), tuple(backward_all), update(network, TOTAL), TOTAL)


def one_by_one(network: Network, *, by_inputs: bool = False) -> tuple[Program, ...]:
    """A program for each sample, with an update of its own."""
    programs = []
    several = len(network.samples) > 1
    for number, equations in enumerate(unrolled(network), 1):
        mark = f"[{number}]" if several else ""
        loss = f"{loss_name(network)}{mark}"
        inputs = [f"{name}{mark}" for name in network.inputs] if by_inputs else []
        by = (*network.weights, *inputs)
        backward = differentiate(equations, loss, by, network.conventions)
        programs.append(Program(equations, backward, update(network, loss), loss))
    return tuple(programs)


# Updating.


def update(network: Network, loss: str, step: int | None = 1) -> tuple[Equation, ...]:
    """Each new weight under a new name, from old values only.

    `step` counts from 1; where it is None the equations call it CLOCK.
    """
    trained = [weight for weight in network.weights if weight not in network.frozen]
    gradients = {weight: derivative_name(loss, weight) for weight in trained}
    equations = []
    if "clip_norm" in network.descent.changes() and trained:
        equations.append(Equation(NORM, norm_line(network.descent, gradients.values())))
    for weight, gradient in gradients.items():
        lines = update_lines(network.descent, weight, gradient, step, lambda name: primed(name, 1))
        for name, expression, before in lines:
            equations.append(Equation(name, expression, before=before))
    return tuple(equations)


def after_steps(
    equations: Sequence[Equation], steps: int, network: Network
) -> tuple[Equation, ...]:
    """The same equations after so many steps: every name that changes gets its primes."""
    if not steps:
        return tuple(equations)
    given = {RATE, *network.descent.numbers, *network.constants, *network.frozen}
    numbers = range(1, len(network.samples) + 1)
    for name in (*network.inputs, *network.targets):
        given.update([name] if len(numbers) == 1 else (f"{name}[{number}]" for number in numbers))

    def rename(name: str) -> str:
        return name if name in given else primed(name, steps)

    return tuple(_renamed(equation, rename) for equation in equations)
