"""Names that people ask for, looked up in a network: values, derivatives, numbers to be set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from backcalc.equations.losses import weighted
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE, Descent
from backcalc.equations.program import LOSS, Equation, Program, loss_terms, lower, sample_names
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import Name
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.quantity import Derivative, Quantity, called, parsed, typed

if TYPE_CHECKING:
    from backcalc.equations.matrix_form import NestedNumbers


def with_numbers(network: Network, changes: Mapping[str, Fraction]) -> Network:
    """The network with other numbers for some weights, constants, inputs or targets.

    With several samples `x[2]` is the x of sample 2 and `x` that of all.
    """
    weights, constants = dict(network.weights), dict(network.constants)
    samples = [dict(sample) for sample in network.samples]
    words = {word: name for name, word in network.names.items()}
    for asked, value in changes.items():
        name = words.get(asked, asked)
        written = parsed(name, several=True)  # x[2][1] is x[2] of sample 1
        own = parsed(name) if name in samples[0] else written.of_sample(None)
        of = range(len(samples)) if own == name else [(written.sample or 0) - 1]
        if name in weights:
            weights[name] = value
        elif name in constants:
            constants[name] = value
        elif own in samples[0] and 0 <= of[0] < len(samples):
            for place in of:
                samples[place][own] = value
        else:
            raise _no_number(name, [*weights, *constants, *samples[0]], network)
    changed = replace(network, weights=weights, constants=constants, samples=tuple(samples))
    check_class_numbers(changed)
    return changed


def with_descent(network: Network, descent: Descent) -> Network:
    """The network with another optimizer, and with a matrix for what it keeps of each matrix."""
    form = network.matrices
    if form is not None:
        from backcalc.equations.matrix_form import with_memory  # few files have any

        form = with_memory(form, descent)
    return with_words(replace(network, descent=descent, matrices=form))


def with_words(network: Network) -> Network:
    """The network with its own words in the names that the optimizer makes of weights: v_omega."""
    weights = {*network.weights, *(network.matrices.weights if network.matrices else ())}
    own = {
        f"{each}_{name}": f"{each}_{word}"
        for name, word in network.names.items() if name in weights
        for each in network.descent.words
    }  # fmt: skip
    return replace(network, names={**own, **network.names}) if own else network


def with_layout(network: Network, layout: str | None) -> Network:
    """The network with its derivatives laid out in this way; None: as it is."""
    if layout is None:
        return network
    number = Fraction([*LAYOUTS].index(layout))
    return replace(network, conventions={**network.conventions, "layout": number})


def with_upstream(network: Network, upstream: Mapping[str, NestedNumbers]) -> Network:
    """The network with these gradients given instead of its loss.

    The gradient by a vector or a matrix becomes a constant.
    """
    known = {equation.name for equation in lower(network)}
    if not isinstance(network.loss, Name):  # it gives way to these
        known.discard(LOSS)
    for name in upstream:
        if name not in known and not is_matrix(network, name):
            hint = did_you_mean(name, known) or f"known values: {listed(sorted(known), 12)}"
            raise BackcalcError(f"there is no value {name[:60]!r} in this network", hint=hint)
    from backcalc.equations.matrix_form import by_element, with_flows  # few calls give gradients

    form = network.matrices
    numbers = by_element(form, upstream)
    network = replace(network, loss=weighted(numbers), loss_name=None, upstream=True)
    if form is None or not any(is_matrix(network, name) for name in upstream):
        return replace(network, matrices=None)
    form, constants = with_flows(form, upstream)
    return replace(network, constants={**network.constants, **constants}, matrices=form)


def weights_called(network: Network, names: Iterable[str] | None) -> tuple[Quantity, ...]:
    """Return the weights of these names, a matrix as its elements; None: all.

    Raises BackcalcError for a name that is none.
    """
    from backcalc.equations.matrix_form import elements_called  # few calls name weights

    shapes = network.matrices.shapes if network.matrices else {}
    found: list[Quantity] = []
    for name in network.weights if names is None else names:
        own = elements_called(parsed(name), shapes)
        if any(each not in network.weights for each in own):
            hint = did_you_mean(name, network.weights)
            hint = hint or f"the weights are {listed(network.weights)}"
            raise BackcalcError(f"there is no weight {name[:60]!r}", hint=hint)
        found += own
    return tuple(dict.fromkeys(found))


def _no_number(name: str, known: list[str], network: Network) -> BackcalcError:
    """The error for a number that is set and that the file does not give."""
    said = [called(parsed(each), network.names) for each in known]
    hint = did_you_mean(name, said) or f"the file gives numbers to {listed(said)}"
    if name in (RATE, *network.descent.numbers):
        hint = f"write --lr 0.5, or --optimizer {network.descent.optimizer.name},{name}=0.5"
    sequence = [each for each in known if each.startswith(f"{name}[")]
    hint = f"name the step too: {listed(sequence)}" if sequence else hint
    return BackcalcError(f"there is no number {name!r} to set", hint=hint)


def check_class_numbers(network: Network) -> None:
    """One target for several outputs is the number of one of them."""
    for sample in network.samples if network.target_is_class else ():
        number = sample[network.targets[0]]
        if number not in range(len(network.outputs)):
            last = len(network.outputs) - 1
            message = f"the class {network.targets[0]} = {number} is not a whole number"
            raise BackcalcError(f"{message} from 0 to {last}", hint="classes are counted from 0")


def differentiating(program: Program, of: str) -> Program:
    """The same program with the derivatives of any value, or of one term of the loss: `L2`."""
    name = parsed(typed(of), several=len(program.network.samples) > 1)
    values: dict[str, Equation] = {equation.name: equation for equation in program.forward}
    loss = values.get(LOSS.of_sample(name.sample))
    terms = loss_terms(loss.expression) if loss else ()
    for place, term in enumerate(terms, 1):
        if name not in values and name == Quantity(f"{LOSS}{place}", sample=name.sample):
            program = replace(program, forward=(*program.forward, Equation(name, term)))
    return replace(program, of=known_value(of, program))


def known_value(text: str, program: Program, *, leaves: bool = False) -> Quantity:
    """A value of the program by its name or its word, or an error that lists what there is."""
    name, network = meant(text, program), program.network
    known: dict[str, Quantity] = {equation.name: equation.name for equation in program.forward}
    given = [*network.weights, *network.constants]
    given += sample_names(network, [*network.inputs, *network.targets])
    if leaves:
        known |= {each: parsed(each) for each in given}
    if name in known:
        return known[name]
    words = [called(each, network.names) for each in known.values()]
    hint = did_you_mean(text, words) or f"known values: {listed(words, 20)}"
    if f"{name}[1]" in known:
        hint = index_hint(name, known, network)
    message = f"there is no value {text[:60]!r} in this network"
    if name in given:
        message = f"{text[:60]!r} is a given number, so it is not worked out from others"
        hint = f"these are worked out: {listed(words, 20)}"
    raise BackcalcError(message, hint=hint)


def meant(text: str, program: Program) -> Quantity:
    """The quantity that a text names, by its own name or by the course's word for it."""
    network = program.network
    words = {word: name for name, word in network.names.items()}
    return called(parsed(typed(text, program.loss), several=len(network.samples) > 1), words)


def in_samples(name: Quantity, network: Network) -> list[Quantity]:
    """Return a name without a sample as that of each sample, also of what it is derived by."""
    samples = range(1, len(network.samples) + 1)
    if isinstance(name, Derivative):
        return [Derivative(name.of.of_sample(each), name.by.of_sample(each)) for each in samples]
    return [name.of_sample(each) for each in samples]


def index_hint(name: str, known: Iterable[str], network: Network) -> str:
    """Return the hint for a name with a value for each sample, or for each step of `repeat:`."""
    if len(network.samples) > 1:
        own = [called(each, network.names) for each in in_samples(parsed(name), network)]
        return f"name the sample too: {own[0]} to {own[-1]}"
    steps = sum(each.startswith(f"{name}[") and each != f"{name}[0]" for each in known)
    own = [called(parsed(f"{name}[{each}]"), network.names) for each in (1, steps)]
    return f"name the step too: {own[0]} to {own[1]}"


def whole_lines(names: Iterable[str], network: Network) -> list[str]:
    """The names of a sheet's lines, each vector or matrix being one where the file has them."""
    if network.matrices is None:
        return [*names]
    from backcalc.equations.matrix_form import in_wholes  # few files have any

    return in_wholes([*names], network.matrices)


def elements_named(network: Network, name: str) -> tuple[str, ...]:
    """The names of the elements of a vector or a matrix; a scalar is its own one."""
    if network.matrices is None:
        return (name,)
    from backcalc.equations.matrix_form import elements_called  # few files have any

    return elements_called(parsed(name), network.matrices.shapes)


def whole_named(network: Network, name: str) -> Quantity:
    """The vector or the matrix that a quantity is an element of, or the quantity itself."""
    if network.matrices is None:
        return parsed(name)
    from backcalc.equations.matrix_form import whole_name  # few files have any

    return whole_name(name, network.matrices)


def is_matrix(network: Network, name: str | None) -> bool:
    """True if this is the name of a vector or a matrix, or of a derivative by one."""
    if network.matrices is None or name is None:
        return False
    from backcalc.equations.matrix_form import shape_called  # as above

    return bool(shape_called(parsed(name), network.matrices.shapes))


def check_wrt(program: Program, name: str) -> None:
    """Say so where there is no derivative by this name, with those that there are."""
    known = [each.name.by for each in program.backward if isinstance(each.name, Derivative)]
    if name not in known:
        words = [called(each, program.network.names) for each in known]
        hint = did_you_mean(name, words) or f"there are derivatives by {listed(words, 20)}"
        if name in sample_names(program.network, program.network.inputs):
            hint = "add --inputs for the derivatives by the inputs"
        raise BackcalcError(f"there is no derivative by {name[:60]!r}", hint=hint)
