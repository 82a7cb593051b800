"""Network to equations: lower, differentiate, update; names in, names out, no numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from backcalc.equations.network import Network, Unit
from backcalc.equations.optimizers import (
    NORM,
    RATE,
    norm_line,
    own_names,
    points_ahead,
    update_lines,
)
from backcalc.errors import BackcalcError, Place
from backcalc.formulas import record
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
    replaced,
)
from backcalc.formulas.functions import partials
from backcalc.formulas.quantity import Derivative, Quantity, parsed

LOSS = Quantity("L")
TOTAL = Quantity("J")


@record(frozen=True, slots=True, eq=False)
class ChainTerm:
    """One use of a value: what flows back through one equation that uses it."""

    upstream: Derivative
    """The derivative of the result by the equation's value: `dL/dz2`."""
    local_name: Derivative
    """The derivative of that value by the one in question: `dz2/dh0`."""
    local: Expression
    """The local derivative worked out: `ws`."""

    @property
    def through(self) -> Quantity:
        """The value that the use goes through: z2."""
        return self.local_name.of

    @property
    def starts(self) -> bool:
        """True if nothing is upstream: the value in question is used by the result itself."""
        return self.upstream.of == self.upstream.by


@record(frozen=True, slots=True, eq=False)
class Equation:
    """One line of the program: a name, assigned once."""

    name: Quantity
    """The quantity that is computed: `z2`, `dL/dh0`, `w0'`."""
    expression: Expression
    """How, in the author's order."""
    siblings: tuple[Quantity, ...] = ()
    """For an output of softmax the names of all its outputs."""
    terms: tuple[ChainTerm, ...] = ()
    """For a derivative one term for each use; they add up to the expression."""
    before: Quantity | None = None
    """For an update the name of the old value."""
    where: Place | None = None
    """Where it stands in the file."""


LATEST: list[Any] = []
"""The definitions that were differentiated last, how, and their derivatives.

A network with other numbers has the same: the variants of a sheet share them.
"""


@record(frozen=True, slots=False, eq=False)
class Program:
    """All equations of one step, over all samples or of one; derivatives are found when asked."""

    network: Network
    """The network that they are of."""
    forward: tuple[Equation, ...]
    """The forward pass, the loss last."""
    loss: Quantity
    """The name of the loss: `L`, `J` over several samples, or the equation that the file names."""
    of: Quantity
    """The value that is differentiated: the loss unless another one is asked for."""
    inputs: tuple[Quantity, ...] = ()
    """The inputs by which there are derivatives too."""

    @cached_property
    def backward(self) -> tuple[Equation, ...]:
        """The derivatives, from the value that is differentiated down to the weights."""
        if self.of != TOTAL or len(self.network.samples) < 2:
            by, conventions = [*self.network.weights, *self.inputs], self.network.conventions
            lines = [(each.name, each.expression, each.siblings) for each in self.forward]
            asked = (self.of, by, conventions, lines)
            if not (LATEST and LATEST[0] is self.network.definitions and LATEST[1] == asked):
                found = differentiate(self.forward, self.of, by, conventions)
                LATEST[:] = self.network.definitions, asked, found
            derivatives: tuple[Equation, ...] = LATEST[2]
            return derivatives
        passes = one_by_one(self.network, by_inputs=bool(self.inputs))
        means = (
            _reduced(self.network, Derivative(TOTAL, by), [Derivative(p.loss, by) for p in passes])
            for by in self.network.weights
        )
        return (*(equation for each in passes for equation in each.backward), *means)

    @cached_property
    def update(self) -> tuple[Equation, ...]:
        """The new weights."""
        return update(self.network, self.loss)


def check_numbers(network: Network) -> None:
    """Raise BackcalcError for a network whose sizes are letters: it has nothing to work out."""
    form = network.matrices
    if form is not None and not form.elements:
        sized = (f": {name} is {shape}" for name, shape in form.shapes.items() if shape)
        message = f"this network has no numbers{next(sized, '')}"
        hint = "only symbolic, jacobian and shapes work with letters for sizes"
        raise BackcalcError(message, hint=hint)


@lru_cache(4)  # a run asks for them again and again
def lower(network: Network) -> tuple[Equation, ...]:
    """The forward equations of one sample, in an order in which each uses only earlier ones.

    Raises BackcalcError at a cycle, naming it.
    """
    check_numbers(network)
    equations = ordered([*_unit_equations(network), *_definition_equations(network)])
    if not isinstance(network.loss, str):
        equations = (*equations, Equation(LOSS, network.loss))
    return _ahead(network, equations) if network.descent.optimizer.ahead else equations


def _ahead(network: Network, equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """The equations at the points where the optimizer takes the gradient, those points first."""
    trained = [weight for weight in network.weights if weight not in network.frozen]
    points = points_ahead(network.descent, trained)
    meaning = {weight: Name(name) for weight, (name, _) in points.items()}
    lines = [Equation(parsed(name), expression) for name, expression in points.values()]
    moved = (replace(e, expression=replaced(e.expression, meaning)) for e in equations)
    return (*lines, *moved)


def loss_name(network: Network) -> Quantity:
    """The name of one sample's loss: `L`, or the equation that the file names."""
    return parsed(network.loss) if isinstance(network.loss, str) else LOSS


def loss_terms(loss: Expression) -> tuple[Expression, ...]:
    """The terms of a loss that is a sum or a mean; only one where it is neither."""
    match loss:
        case Sum(terms):
            return terms
        case Product((Sum(terms), *rest)):
            return tuple(Product((term, *rest)) for term in terms)
    return (loss,)


def _unit_equations(network: Network) -> list[Equation]:
    units = {unit.name: unit for unit in network.units}
    activations = network.activations
    layers = {
        group: (
            tuple(Name(units[name].pre_activation) for name in group),
            tuple(parsed(activations[name]) for name in group),
        )
        for group in {unit.group for unit in network.units}
    }
    equations = []
    for unit in [unit for unit in network.units if not unit.lines]:
        terms: list[Expression] = [
            Product((Name(edge.weight), Name(edge.source))) for edge in unit.edges
        ]
        if unit.bias:
            terms.append(Name(unit.bias))
        weighted = Sum(tuple(terms)) if len(terms) > 1 else terms[0] if terms else ZERO
        equations.append(Equation(parsed(unit.pre_activation), weighted, where=unit.where))
        answer = parsed(activations[unit.name])
        layer, siblings = layers[unit.group]
        equations.append(Equation(answer, _activation(unit, layer), siblings, where=unit.where))
    return equations


def _activation(unit: Unit, layer: tuple[Name, ...]) -> Expression:
    """A unit's activation of its pre-activation, or of those of its whole softmax layer."""
    if unit.activation.name == "identity":
        return Name(unit.pre_activation)
    if unit.group:
        return Call(unit.activation, layer, unit.group.index(unit.name))
    settings = unit.settings or unit.activation.defaults
    return Call(unit.activation, (Name(unit.pre_activation), *map(Number, settings)))


def _definition_equations(network: Network) -> list[Equation]:
    equations = []
    for definition in network.definitions:
        call, siblings = definition.expression, tuple(map(parsed, definition.names))
        if isinstance(call, Call) and call.function.outputs:
            for place, name in enumerate(siblings):
                output = Call(call.function, call.arguments, place)
                equations.append(Equation(name, output, siblings, where=definition.where))
        else:
            equations.append(Equation(siblings[0], call, where=definition.where))
    return equations


def ordered(equations: Sequence[Equation]) -> tuple[Equation, ...]:
    """The equations with each after those that it uses, otherwise in the given order."""
    waiting: dict[str, Equation] = {equation.name: equation for equation in equations}
    done: dict[str, Equation] = {}
    for start in equations:
        path: dict[str, list[str]] = {}
        current: str | None = start.name if start.name not in done else None
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
    of: Quantity,
    by: Iterable[str],
    conventions: Mapping[str, Fraction],
) -> tuple[Equation, ...]:
    """The derivatives of one value by `by` and by all that lies between, last equation first.

    Each is a sum with one term for each use of the value. A leaf's derivative follows that of
    the first equation that uses it.
    """
    by = tuple(map(parsed, by))
    carries = dependents(equations, by)
    reached = needed(equations, of)
    uses: dict[str, list[ChainTerm]] = {}
    leaves = _leaves_by_first_use(equations, by, reached)
    derivatives: list[Equation] = []
    for equation in reversed(equations):
        name = equation.name
        if name not in reached or name not in carries or not (name == of or name in uses):
            continue
        if name != of:
            derivatives.append(accumulated(of, name, uses.pop(name)))
        upstream = Derivative(of, name)
        answers = equation.siblings or (name,)
        for used, local in partials(equation.expression, answers, conventions).items():
            if used in carries:
                uses.setdefault(used, []).append(ChainTerm(upstream, Derivative(name, used), local))
        own = leaves.pop(name, ())
        derivatives += [accumulated(of, leaf, uses.pop(leaf, [])) for leaf in own]
    found = {of, *(each.name.by for each in derivatives if isinstance(each.name, Derivative))}
    rest = [leaf for leaf in by if leaf not in found]
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


def accumulated(of: str, by: str, terms: Sequence[ChainTerm]) -> Equation:
    """A derivative from the uses of a value: upstream times local, added."""
    products = [  # at the result itself the upstream is 1
        term.local if term.starts else multiplied(Name(term.upstream), term.local) for term in terms
    ]
    expression = Sum(tuple(products)) if len(products) > 1 else products[0] if products else ZERO
    return Equation(Derivative(of, by), expression, terms=tuple(terms))


def tangents(
    equations: Sequence[Equation],
    by: str,
    seeds: Mapping[str, Fraction],
    conventions: Mapping[str, Fraction],
) -> tuple[Equation, ...]:
    """The derivatives of all values by one, first equation first: forward mode.

    `seeds` say how fast what is given moves: 1 for `by` itself, or one number for each name of a
    direction. What does not move has no tangent. The sister of `differentiate`.
    """
    moving = {name: Number(speed) for name, speed in seeds.items()}
    found = [Equation(Derivative(name, by), speed) for name, speed in moving.items()]
    carries = {*moving}
    for equation in equations:
        answers = equation.siblings or (equation.name,)
        used = partials(equation.expression, answers, conventions)
        terms = tuple(
            ChainTerm(Derivative(name, by), Derivative(equation.name, name), local)
            for name, local in used.items()
            if name in carries
        )
        if terms:
            carries.add(equation.name)
            products = tuple(multiplied(each.local, Name(each.upstream)) for each in terms)
            total = Sum(products) if len(products) > 1 else products[0]
            found.append(Equation(Derivative(equation.name, by), total, terms=terms))
    return tuple(found)


def _of_sample(network: Network, number: int) -> tuple[Equation, ...]:
    """The forward equations with a sample's number on what differs by sample."""
    shared = {*network.weights, *network.constants}
    if network.descent.optimizer.ahead:
        shared |= own_names(network.descent, network.weights)

    def rename(name: Quantity) -> Quantity:
        return name if name in shared else name.of_sample(number)

    return tuple(_renamed(each, rename, several=False) for each in lower(network))


def _renamed(
    equation: Equation, rename: Callable[[Quantity], Quantity], *, several: bool
) -> Equation:
    """The equation with every name changed, a derivative's parts one by one."""

    def whole(text: str) -> Quantity:
        name = parsed(text, several=several)
        if isinstance(name, Derivative):
            return derivative(name)
        return rename(name)

    def derivative(name: Derivative) -> Derivative:
        return Derivative(whole(name.of), whole(name.by))

    terms = tuple(
        ChainTerm(derivative(e.upstream), derivative(e.local_name), renamed(e.local, whole))
        for e in equation.terms
    )
    return replace(
        equation, name=whole(equation.name), expression=renamed(equation.expression, whole),
        siblings=tuple(map(whole, equation.siblings)), terms=terms,
        before=equation.before and whole(equation.before),
    )  # fmt: skip


def _reduced(network: Network, name: Quantity, each: Sequence[str]) -> Equation:
    """One value for all samples: the mean or the sum of the samples' own."""
    total = Sum(tuple(map(Name, each)))
    if network.reduction == "sum":
        return Equation(name, total)
    return Equation(name, Product((total, Inverse(Number(Fraction(len(each)))))))


def sample_names(network: Network, names: Iterable[str]) -> list[Quantity]:
    """Names that differ by sample, with each sample's number where there are several."""
    return [parsed(name).of_sample(number) for number in network.numbers for name in names]


def assemble(network: Network, *, by_inputs: bool = False) -> Program:
    """The whole program of one step: forward and backward for each sample, reduction, update."""
    passes = one_by_one(network, by_inputs=by_inputs)
    if len(passes) == 1:
        return passes[0]
    forward = [equation for each in passes for equation in each.forward]
    forward.append(_reduced(network, TOTAL, [each.loss for each in passes]))
    inputs = tuple(name for each in passes for name in each.inputs)
    return Program(network, tuple(forward), TOTAL, TOTAL, inputs)


def one_by_one(network: Network, *, by_inputs: bool = False) -> tuple[Program, ...]:
    """A program for each sample, with an update of its own."""
    programs = []
    for number in network.numbers:
        equations = _of_sample(network, number) if number else lower(network)
        loss = loss_name(network).of_sample(number)
        inputs = [parsed(name).of_sample(number) for name in network.inputs if by_inputs]
        programs.append(Program(network, equations, loss, loss, tuple(inputs)))
    return tuple(programs)


def update(network: Network, loss: Quantity, step: int | None = 1) -> tuple[Equation, ...]:
    """Each new weight under a new name, from old values only.

    `step` counts from 1; where it is None the equations call it CLOCK.
    """
    trained = [parsed(weight) for weight in network.weights if weight not in network.frozen]
    gradients = {weight: Derivative(loss, weight) for weight in trained}
    equations = []
    if "clip_norm" in network.descent.changes() and trained:
        equations.append(Equation(Quantity(NORM), norm_line(network.descent, gradients.values())))
    for weight, gradient in gradients.items():
        for name, expression, before in update_lines(network.descent, weight, gradient, step):
            equations.append(Equation(name, expression, before=before))
    return tuple(equations)


def after_steps(
    equations: Iterable[Equation], steps: int, network: Network
) -> tuple[Equation, ...]:
    """The same equations after so many steps: every name that changes gets its primes."""
    return tuple(map(later(steps, network), equations))


def later(steps: int, network: Network) -> Callable[[Equation], Equation]:
    """Return a function that makes of an equation the same one after so many steps."""
    if not steps:
        return lambda equation: equation
    given = {RATE, *network.descent.numbers, *network.constants, *network.frozen}
    given.update(sample_names(network, [*network.inputs, *network.targets]))
    several = len(network.samples) > 1

    def rename(name: Quantity) -> Quantity:
        return name if name in given else name.after(steps)

    return lambda equation: _renamed(equation, rename, several=several)
