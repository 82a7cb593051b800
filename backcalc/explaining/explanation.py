"""One derivative as the sum over all its paths, beside what backpropagation accumulates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import nlargest
from math import log10
from typing import TypeAlias

from backcalc.equations.calculation import Calculation, run, start_values, with_enough_digits
from backcalc.equations.named import in_samples, known_value, meant, weights_called
from backcalc.equations.network import Network
from backcalc.equations.program import (
    Equation,
    Program,
    accumulated,
    assemble,
    dependents,
    differentiate,
    needed,
)
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import (
    ZERO,
    Expression,
    Name,
    Number,
    Product,
    Scalar,
    bounded,
    evaluate,
    replaced,
)
from backcalc.formulas.functions import partials, simplified
from backcalc.formulas.notation import PLAIN, Phrase, Result, Substituted, formula_text, sentence
from backcalc.formulas.quantity import Derivative, Quantity, called, parsed, typed
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number, rows
from backcalc.sheets.worked import Wishes, backward_blocks

MOST_PATHS = 64
LARGEST = 8  # of the paths, where there are too many to print all


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One factor of a path: the derivative of a value by one that it uses directly."""

    name: Derivative
    """The local derivative: `dz2/dh0`."""
    local: Expression
    """The local derivative worked out: `ws`."""
    value: Scalar
    """Its number."""


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One way from the result back to the value in question."""

    links: tuple[Link, ...]
    """The factors, from the result on."""
    value: Scalar
    """Their product."""

    @property
    def chain(self) -> Expression:
        """The product of the local derivatives by name."""
        return _product([Name(link.name) for link in self.links])

    @property
    def formula(self) -> Expression:
        """The product of the local derivatives worked out, ones left in."""
        return _product([link.local for link in self.links])


def _product(factors: Sequence[Expression]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One derivative as a sum over paths, beside what backpropagation accumulates."""

    calculation: Calculation
    """The forward pass and the derivatives on the way."""
    name: Derivative
    """The derivative."""
    value: Scalar
    """Its value by backpropagation."""
    count: int
    """The number of its paths."""
    paths: tuple[Route, ...]
    """All of them, or the largest where there are more than 64."""
    without: tuple[str, Explanation] | None = None
    """A weight and the same derivative with that weight's edges taken away."""

    @property
    def complete(self) -> bool:
        """True if all paths are listed."""
        return self.count == len(self.paths)

    @property
    def total(self) -> Scalar:
        """The sum of the listed paths."""
        return sum((path.value for path in self.paths), Fraction(0))

    @property
    def agrees(self) -> bool:
        """True if the paths add up to the value by backpropagation, to the last rounding."""
        total = self.total
        if isinstance(total, Fraction) and isinstance(self.value, Fraction):
            return total == self.value
        largest = max((abs(float(path.value)) for path in self.paths), default=0.0)
        return abs(float(total) - float(self.value)) <= 1e-12 * max(largest, 1e-300)


@with_enough_digits
def explain(network: Network, derivative: str, *, without: str | None = None) -> Explanation:
    """Explain a derivative `dL/dw0`, of any value by any, as the sum over all its paths."""
    program = assemble(network)
    name = _asked(derivative, program)
    values = start_values(network)
    passed = run(program.forward, values)
    equations = differentiate(program.forward, name.of, [name.by], network.conventions)
    kept = needed(equations, name)
    wanted = (_by_samples(equation, name.of) for equation in equations if equation.name in kept)
    worked = run(sorted(wanted, key=lambda equation: equation.name == name), values)
    calculation = Calculation(replace(program, of=name.of), values, passed, worked)
    value = Fraction(1) if name.of == name.by else worked[-1].value
    cut = None
    if without is not None:
        if without == name.by:
            raise BackcalcError(f"{without} cannot be taken away from the derivative by {without}")
        cut = without, explain(_without(network, without), name)
    return Explanation(calculation, name, value, *_paths(calculation, name), cut)


def _by_samples(equation: Equation, of: Quantity) -> Equation:
    """Return a derivative with its terms in the order of the samples."""
    assert isinstance(equation.name, Derivative)
    terms = sorted(equation.terms, key=lambda term: term.through.sample or 0)
    return accumulated(of, equation.name.by, terms)


_Links: TypeAlias = "tuple[Link, _Links | None]"
"""Links from the value in question up to the result."""


def _paths(calculation: Calculation, name: Derivative) -> tuple[int, tuple[Route, ...]]:
    """Return the number of paths, and those to list, in the order of backpropagation.

    Each value keeps at most its 64 largest ways to the result, so the cost is linear in the
    number of equations however many paths there are.
    """
    equations, of, by = calculation.program.forward, name.of, name.by
    carries = dependents(equations, [by])
    reached = needed(equations, of)
    counts: dict[str, int] = {of: 1}
    ways: dict[str, list[tuple[Scalar, _Links | None]]] = {of: [(Fraction(1), None)]}
    for equation in reversed(equations):
        own = equation.name
        if own not in counts or own not in carries or own not in reached or own == by:
            continue
        answers, conventions = equation.siblings or (own,), calculation.network.conventions
        for used, local in partials(equation.expression, answers, conventions).items():
            if used in carries:
                link = Link(Derivative(own, used), local, evaluate(local, calculation.values))
                counts[used] = counts.get(used, 0) + counts[own]
                found = ways.setdefault(used, [])
                found += [(_times(value, link.value), (link, rest)) for value, rest in ways[own]]
                if len(found) > MOST_PATHS:
                    ways[used] = nlargest(MOST_PATHS, found, key=lambda way: abs(way[0]))
    count = counts.get(by, 0) if of != by else 1
    kept = ways.get(by, [])
    if count > MOST_PATHS:
        kept = nlargest(LARGEST, kept, key=lambda way: abs(way[0]))
    elif len(calculation.network.samples) > 1:
        kept = sorted(kept, key=lambda way: way[1][0].name.sample or 0 if way[1] else 0)
    return count, tuple(Route(_links(chain), value) for value, chain in kept)


def _times(value: Scalar, factor: Scalar) -> Scalar:
    """Their product; 0 times a rounded number is exactly 0."""
    nought = any(isinstance(each, Fraction) and not each for each in (value, factor))
    return Fraction(0) if nought else bounded(value * factor)


def _links(chain: _Links | None) -> tuple[Link, ...]:
    """Return the links of a chain from the result on."""
    links = []
    while chain is not None:
        link, chain = chain
        links.append(link)
    return tuple(reversed(links))


def _without(network: Network, weight: str) -> Network:
    """Return the network with a weight's edges, and its terms in equations, taken away."""
    weights_called(replace(network, matrices=None), [weight])  # there is one
    units = tuple(
        replace(
            unit,
            edges=tuple(edge for edge in unit.edges if edge.weight != weight),
            bias=None if unit.bias == weight else unit.bias,
        )
        for unit in network.units
    )
    definitions = tuple(
        replace(line, expression=simplified(replaced(line.expression, {weight: ZERO})))
        for line in network.definitions
    )
    loss = network.loss
    if not isinstance(loss, str):
        loss = simplified(replaced(loss, {weight: ZERO}))
    weights = {name: value for name, value in network.weights.items() if name != weight}
    frozen = tuple(name for name in network.frozen if name != weight)
    return replace(
        network, units=units, definitions=definitions, loss=loss, weights=weights, frozen=frozen
    )


def _asked(text: str, program: Program) -> Derivative:
    """Return the derivative that a text names, or raise BackcalcError."""
    name, whole = parsed(typed(text, program.loss)), meant(text, program)
    names = program.network.names
    if not isinstance(name, Derivative) and isinstance(whole, Derivative):
        values = {str(equation.name) for equation in program.forward}
        if len(program.network.samples) > 1 and str(whole.of) not in values:
            words = [called(each, names) for each in in_samples(whole, program.network)]
            hint = f"name the sample too: {words[0]} to {words[-1]}"
            raise BackcalcError(f"there is one {text[:60]!r} for each sample", hint=hint)
        return whole
    if not isinstance(name, Derivative):
        some = Derivative(program.loss, next(iter(program.network.weights), "w0"))
        hint = f"write it as {called(some, names)}"
        raise BackcalcError(f"{text[:60]!r} is not a derivative", hint=hint)
    of: str = name.of
    if f"d{of}" in names.values():  # delta_1/dv, which is read as that of elta_1
        of = f"d{of}"
    if isinstance(slope := meant(of, program), Derivative):
        of_loss = Derivative(*(called(each, names) for each in (slope.of, slope.by)))
        message = f"{of[:60]!r} is itself a derivative, {of_loss}"
        raise BackcalcError(message, hint="`backcalc hessian` gives second derivatives")
    _check_sample(slope, meant(name.by, program), program)
    return Derivative(known_value(of, program), known_value(name.by, program, leaves=True))


def _check_sample(of: Quantity, by: Quantity, program: Program) -> None:
    """Say so where a value has to be that of a sample."""
    known, network = {equation.name for equation in program.forward}, program.network
    if len(network.samples) < 2 or of in known or of.of_sample(1) not in known:
        return
    shared = by in network.weights
    numbers = [by.sample] if by.sample else [1, len(network.samples)]
    own = [
        called(Derivative(of.of_sample(n), by if shared else by.of_sample(n)), network.names)
        for n in numbers
    ]
    message = f"each sample has its own {called(of, network.names)}"
    raise BackcalcError(message, hint=f"name the sample too: {' to '.join(own)}")


def explain_sheet(explanation: Explanation, wishes: Wishes) -> SheetBlocks:
    """Return every path, the accumulated form, and a sentence that compares them."""
    network = explanation.calculation.network
    blocks = [*_sum(explanation), *_accumulated(explanation, wishes)]
    if explanation.without:
        blocks += _comparison(explanation)
    return SheetBlocks(network.title or network.file, tuple(blocks))


def _sum(explanation: Explanation) -> Iterator[Block]:
    """Yield the sum over all paths, a block for each."""
    name, paths, listed = explanation.name, explanation.paths, len(explanation.paths)
    yield Heading((Name(name), " as the sum over all paths"))
    if not explanation.count:
        words = sentence("{} does not depend on {}: no path, so 0.", Name(name.of), Name(name.by))
        yield Sentences((words,))
        return
    if not explanation.complete:
        many = f"there are {count_text(explanation.count)} paths, more than {MOST_PATHS}; "
        yield Sentences(((f"{many}these are the {listed} largest.",),))
    if any(len(path.links) > 1 for path in paths):
        yield Sentences(
            (("each factor is a local derivative: everything else in its line is held fixed.",),)
        )
    for place, path in enumerate(paths, 1):
        yield _path(explanation, place, path)
    if explanation.complete:
        start = "one path: " if listed == 1 else f"the {listed} paths added: "
        yield Sentences(((start, Name(name), " ", Result(explanation.total)),))


def count_text(count: int) -> str:
    """Return a number of paths, as a power of ten where nobody would read the digits."""
    return str(count) if count < 10**12 else f"about 10^{int(log10(count))}"


def _path(explanation: Explanation, place: int, path: Route) -> Derivation:
    """Return one path: its stops, its factors in symbols and numbers, its product."""
    product = ("subtotal", (Result(path.value),))
    if not path.links:
        return Derivation((f"path {place}",), (product,))
    stops = [link.name.of for link in path.links[1:]] + [explanation.name.by]
    route = (part for stop in stops for part in (" <- ", Name(stop)))
    return Derivation((f"path {place}: ", Name(explanation.name.of), *route), (
        ("factors", (path.chain,)),
        ("worked out", (path.formula,)),
        ("numbers", (Substituted(path.formula, explanation.calculation.values),)),
        product,
    ))  # fmt: skip


def _accumulated(explanation: Explanation, wishes: Wishes) -> Iterator[Block]:
    """Yield the work of backpropagation, and whether its result is the same."""
    calculation = explanation.calculation
    if not calculation.backward:
        return
    yield Heading(("The same, accumulated by backpropagation",))
    compact = Wishes(compact=True, digits=wishes.digits)
    yield from backward_blocks(calculation, calculation.backward, None, compact)
    result = Name(explanation.name), Result(explanation.value)
    if not explanation.complete:
        words = f"the {len(explanation.paths)} listed paths add up to {{}}; all, {{}} {{}}"
        verdict = sentence(words, Number(explanation.total), *result)
    elif explanation.agrees:
        verdict = sentence("both agree: {} {}", *result)
    else:
        verdict = sentence("the two do NOT agree: please report this: {} {}", *result)
    yield Sentences((verdict,), marked=True)


def _comparison(explanation: Explanation) -> Iterator[Block]:
    assert explanation.without
    weight, other = explanation.without
    sides = (explanation, other)
    yield Heading(("What ", Name(weight), " contributes"))
    names = dict.fromkeys([*explanation.calculation.network.outputs, explanation.calculation.of])
    rows: list[tuple[Phrase, ...]] = [
        ((Name(name),), *((Result(side.calculation.values[name]),) for side in sides))
        for name in names
        if all(name in side.calculation.values for side in sides)
    ]
    rows.append((("paths",), *((count_text(side.count),) for side in sides)))
    rows.append(((Name(explanation.name),), *((Result(side.value),) for side in sides)))
    yield Table(("quantity", f"with {weight}", f"without {weight}"), tuple(rows))


def explain_data(explanation: Explanation) -> Data:
    """Return `backcalc/explain/1`: a derivative's paths and its value."""
    values = explanation.calculation.values
    paths = [
        {
            "factors": [
                {"name": link.name, "formula": formula_text(link.local), **number(link.value)}
                for link in path.links
            ],
            "formula": formula_text(path.formula),
            "substituted": formula_text(path.formula, PLAIN, values),
            **number(path.value),
        }
        for path in explanation.paths
    ]
    data = {
        "schema": "backcalc/explain/1",
        "network": network_data(explanation.calculation.network),
        "name": explanation.name,
        **number(explanation.value),
        "count": explanation.count,
        "complete": explanation.complete,
        "paths": paths,
        "backward": rows(explanation.calculation.backward, values),
    }
    if explanation.without:
        weight, other = explanation.without
        data["without"] = {"weight": weight, **explain_data(other)}
    return data
