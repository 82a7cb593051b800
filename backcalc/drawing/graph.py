"""Network to boxes and edges: what is drawn, and how formulas read weights; not yet where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from backcalc.drawing.picture import DIGITS, Arrow, Box, Caption
from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network, Unit
from backcalc.equations.program import Equation, loss_name, lower
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Product,
    Scalar,
    Sum,
    evaluate,
    names_in,
    rebuilt,
    renamed,
    walk,
)
from backcalc.formulas.functions import partials
from backcalc.formulas.notation import UNICODE, InDigits, Part, Phrase, formula_text, rounded
from backcalc.formulas.quantity import Derivative, called, parsed

HOLE = "_" * 6  # the place of a number that is to be filled in
LONGEST_FORMULA = 26  # letters of a formula that is written into its box


@dataclass(frozen=True, slots=True, eq=False)
class Numerals:
    """The numbers that go into a picture."""

    values: Mapping[str, Scalar]
    """The number of every name."""
    of: str
    """Name of the loss in the derivatives by values: `L`, `L[1]`."""
    total: str
    """Name of the loss in the derivatives by weights: `L`, or `J` over several samples."""
    mark: str = ""
    """Suffix of the names that differ by sample: `[1]`."""
    shared: frozenset[str] = frozenset()
    """The names that do not."""
    with_values: bool = False
    """True if values are shown."""
    with_gradients: bool = False
    """True if derivatives are shown."""
    asked: frozenset[str] = frozenset()
    """The quantities whose numbers are left to be filled in."""

    def lines(self, *names: str, biases: Sequence[str] = ()) -> Iterator[Caption]:
        """The values of these quantities, then the derivatives by them, as far as wanted."""
        own = [name if name in self.shared else name + self.mark for name in names]
        if self.with_values:
            yield from (self._line(name, "value", "bias ") for name in biases)
            yield from (self._line(name, "value") for name in own if name in self.values)
        if self.with_gradients:
            found = (self.gradient_name(name) for name in reversed((*biases, *own)))
            yield from (self._line(name, "gradient") for name in found if name in self.values)

    def gradient_name(self, name: str) -> str:
        """The derivative by a weight, or by a value of the sample that is shown."""
        return Derivative(self.total if name in self.shared else self.of, name)

    def _line(self, name: str, role: str, kind: str = "") -> Caption:
        said = (kind, Name(name)) if kind else (Name(name),)
        if name in self.asked:
            return Caption((*said, " = ", HOLE), role)
        return Caption((*said, *_number(self.values[name])), role)


def _number(value: Scalar) -> Phrase:
    """The number that something is, or nearly is."""
    return (" = " if rounded(value, DIGITS)[1] else " ≈ ", InDigits(value))


NO_NUMERALS = Numerals({}, "", "")


def graph(network: Network, figures: Numerals = NO_NUMERALS) -> tuple[list[Box], list[Arrow]]:
    """The boxes, each after those that it reads, and the edges in the order of the file."""
    loss, activations = loss_name(network), network.activations
    units = {activations[unit.name]: unit for unit in network.units}
    inside = {unit.pre_activation: name for name, unit in units.items()}
    equations: dict[str, Equation] = {equation.name: equation for equation in lower(network)}
    read_by = uses(network, [e for n, e in equations.items() if n not in (*units, *inside)])
    shared: set[str] = set()  # weights that stand in more than one place
    if figures.with_gradients and not figures.asked:
        found = Counter(
            n.id for e in equations.values() for n in walk(e.expression) if isinstance(n, Name)
        )
        shared = {name for name in network.weights if found[name] > 1}
    nodes: list[Box] = []
    edges: list[Arrow] = []

    def flow(name: str, source: str, weight: str | None) -> Scalar | None:
        if weight not in shared:
            return None
        return share(network, figures.values, equations[name], source, weight)

    for name, equation in equations.items():
        if name in inside:  # a unit's box stands where z does, which others may read before h
            unit = units[inside[name]]
            nodes.append(_unit(unit, inside[name], figures))
            for e in unit.edges:
                own = flow(name, e.source, e.weight)
                edges.append(Arrow(e.source, inside[name], e.weight, e.skip, share=own))
        elif name not in units:
            nodes.append(_equation(network, equation, read_by[name].biases, figures))
            edges += (
                Arrow(inside.get(read, read), name, weight, share=flow(name, read, weight))
                for read, weight in read_by[name].edges
            )
            edges += (Arrow(weight, name) for weight in read_by[name].loose)
    drawn = {edge.weight for edge in edges} | {b for node in nodes for b in node.quantities}
    drawn &= {*network.weights}  # in the loss, as where it is regularised, they are not drawn again
    edges = [edge for edge in edges if edge.target != loss or edge.source not in drawn]
    leaves = [*_leaves(network, {edge.source for edge in edges}, figures)]
    boxes, arrows = [*leaves, *nodes], _labelled(edges, figures)
    if network.names:
        boxes = [replace(each, lines=_in_words(network, each.lines)) for each in boxes]
        arrows = [replace(each, lines=_in_words(network, each.lines)) for each in arrows]
    return boxes, arrows


def _in_words(network: Network, lines: Iterable[Caption]) -> tuple[Caption, ...]:
    def rename(name: str) -> str:
        return called(parsed(name), network.names)

    def part(each: Part) -> Part:
        return renamed(each, rename) if isinstance(each, Expression) else each

    return tuple(replace(line, text=tuple(map(part, line.text))) for line in lines)


def _leaves(network: Network, read: set[str], figures: Numerals) -> Iterator[Box]:
    """Yield the boxes of inputs, and of constants, targets and weights that stand alone."""
    kinds = (
        ("input", network.inputs), ("constant", network.constants),
        ("target", network.targets), ("weight", network.weights),
    )  # fmt: skip
    for kind, names in kinds:
        for name in names:
            if kind == "input" or name in read:
                lines = () if figures.with_values else (Caption((Name(name),), "name"),)
                yield Box(name, kind, (*lines, *figures.lines(name)), (name,))


def _unit(unit: Unit, name: str, figures: Numerals) -> Box:
    biases = (unit.bias,) if unit.bias else ()
    heads = (Caption((Name(name),), "name"), Caption((unit.activation.name,), "kind"))
    own = (unit.pre_activation, name)
    lines = (*heads, *_biases(biases, figures), *figures.lines(*own, biases=biases))
    return Box(name, "unit", lines, (*biases, *own))


def _biases(biases: Iterable[str], figures: Numerals) -> Iterator[Caption]:
    """The biases of a box whose numbers are not shown."""
    if not figures.with_values:
        yield from (Caption(("bias ", Name(bias)), "kind") for bias in biases)


def _equation(
    network: Network, equation: Equation, biases: tuple[str, ...], figures: Numerals
) -> Box:
    """The box of an equation's value: its name, and its formula or what kind of formula it is."""
    is_loss = equation.name == loss_name(network)
    heads = [Caption((Name(equation.name),), "name"), Caption((equation.expression,), "kind")]
    if len(formula_text(equation.expression, UNICODE)) > LONGEST_FORMULA:
        row = LOSSES.get(network.loss_name or "") if is_loss else None
        own = row.title if row else _kind(equation.expression)
        heads = [heads[0], Caption((own,), "kind"), *_biases(biases, figures)]
    lines = (*heads, *figures.lines(equation.name, biases=biases))
    return Box(equation.name, "loss" if is_loss else "equation", lines, (*biases, equation.name))


def _kind(expression: Expression) -> str:
    """Return a word for a formula that is too long for its box."""
    match expression:
        case Call(function):
            return function.name
        case Sum():
            return "sum"
        case Product():
            return "product"
    return "formula"


def _labelled(edges: list[Arrow], figures: Numerals) -> list[Arrow]:
    """The edges with their weights' names and numbers, and how much flows back through each."""
    flows: list[float | None] = []
    for edge in edges:
        whole = figures.values.get(figures.gradient_name(edge.weight)) if edge.weight else None
        flow = whole if edge.share is None else edge.share
        known = figures.with_gradients and not figures.asked
        flows.append(float(flow) if known and flow is not None else None)
    largest = max((abs(flow) for flow in flows if flow is not None), default=0.0)
    finished: list[Arrow] = []
    told: set[str | None] = set()
    for edge, flow in zip(edges, flows, strict=True):
        if edge.weight:
            named = () if figures.with_values else (Caption((Name(edge.weight),), "name"),)
            only = replace(figures, with_gradients=False) if edge.weight in told else figures
            lines = (*named, *only.lines(edge.weight))
            if edge.share is not None:
                lines += (Caption(("share", *_number(edge.share)), "gradient"),)
                told.add(edge.weight)
            edge = replace(edge, lines=lines)
        if flow is not None:
            size = abs(flow) / largest if largest else 0.0
            edge = replace(edge, size=size, negative=flow < 0)
        finished.append(edge)
    return finished


class Uses(NamedTuple):
    """The values and weights that an equation reads, and how."""

    edges: tuple[tuple[str, str | None], ...]
    """Values that come in, each with the weight that it is multiplied by, if there is one."""
    biases: tuple[str, ...]
    """Weights that are added to weighted terms."""
    loose: tuple[str, ...]
    """Weights that are used in any other way."""


def uses(network: Network, equations: Sequence[Equation]) -> dict[str, Uses]:
    """How each equation reads weights and values.

    A weight that one of them multiplies with a value and another reads in any other way is a
    value for all of them, as the state before the first step is.
    """
    weights = {*network.weights}
    while True:
        found: dict[str, Uses] = {
            each.name: _uses(each.expression, network, weights) for each in equations
        }
        loose = {w for name, each in found.items() if name != loss_name(network)
                 for w in each.loose}  # fmt: skip
        both = loose & {weight for each in found.values() for _, weight in each.edges if weight}
        if not both:
            return found
        weights -= both


def _uses(expression: Expression, network: Network, weights: Collection[str]) -> Uses:
    left = Counter(part.id for part in walk(expression) if isinstance(part, Name))
    edges: list[tuple[str, str | None]] = []
    biases: list[str] = []
    linked: set[str] = set()
    for part in walk(expression):
        match part:
            case Product(factors):
                names = [each.id for each in factors if isinstance(each, Name)]
                linked.update(names if len(names) > 1 else ())
                if pair := _pair(part, weights):
                    edges += [] if pair in edges else [pair]
                    left.subtract(pair)
            case Sum(terms) if any(_pair(term, weights) for term in terms):
                added = [t.id for t in terms if isinstance(t, Name) and t.id in weights]
                biases += (name for name in added if name not in biases)
                left.subtract(added)
    rest = [name for name in names_in(expression) if left[name] > 0]
    hidden = {*network.constants} - linked
    edges += ((n, None) for n in rest if n not in weights and n not in hidden)
    return Uses(tuple(edges), tuple(biases), tuple(name for name in rest if name in weights))


def _pair(expression: Expression, weights: Collection[str]) -> tuple[str, str] | None:
    """The value and the weight that a product of just these two is made of."""
    match expression:
        case Product((Name(a), Name(b))) if (a in weights) != (b in weights):
            return (b, a) if a in weights else (a, b)
    return None


def share(
    network: Network, values: Mapping[str, Scalar], equation: Equation, source: str, weight: str
) -> Scalar:
    """Return what one use of a weight adds to its derivative: upstream times local, summed up."""
    use = f"{weight} times {source}"

    def marked(node: Expression) -> Expression:
        if _pair(node, {weight}) == (source, weight):
            return Product((Name(use), Name(source)))
        return rebuilt(node, marked)

    answers = equation.siblings or (equation.name,)
    found = partials(marked(equation.expression), answers, network.conventions)
    if use not in found:
        return 0
    many, own = len(network.samples), loss_name(network)
    total: Scalar = 0
    for mark in [f"[{number + 1}]" for number in range(many)] if many > 1 else [""]:
        upstream = values.get(Derivative(own + mark, equation.name + mark), 0)
        here = {n: values[n + mark if n + mark in values else n]
                for n in names_in(found[use]) if n != use}  # fmt: skip
        total += upstream * evaluate(found[use], {**here, use: values[weight]})
    return total if network.reduction == "sum" else total / many
