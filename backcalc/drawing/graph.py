"""Network to boxes and edges: what is drawn, not yet where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backcalc.drawing.picture import Edge, Line, Node
from backcalc.drawing.ruler import DIGITS
from backcalc.expression import Call, Expression, Name, Product, Scalar, Sum, names_in, walk
from backcalc.network import Network, Unit
from backcalc.notation import UNICODE, Decimal, Phrase, formula_text, rounded
from backcalc.program import Equation, derivative_name, loss_name, lower

LONGEST_FORMULA = 26  # letters of a formula that is written into its box


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """The numbers that go into a picture."""

    values: Mapping[str, Scalar]
    """The number of every name."""
    of: str
    """What the derivatives by values are of: `L`, `L[1]`."""
    total: str
    """What the derivatives by weights are of: `L`, or `J` over several samples."""
    mark: str = ""
    """What follows the names that differ by sample: `[1]`."""
    shared: frozenset[str] = frozenset()
    """The names that do not."""
    with_values: bool = False
    """Whether values are shown."""
    with_gradients: bool = False
    """Whether derivatives are shown."""

    def lines(self, *names: str, biases: Sequence[str] = ()) -> Iterator[Line]:
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
        return derivative_name(self.total if name in self.shared else self.of, name)

    def _line(self, name: str, role: str, kind: str = "") -> Line:
        said = (kind, Name(name)) if kind else (Name(name),)
        return Line((*said, *_number(self.values[name])), role)


def _number(value: Scalar) -> Phrase:
    """The number that something is, or nearly is."""
    return (" = " if rounded(value, DIGITS)[1] else " ≈ ", Decimal(value))


NO_FIGURES = Figures({}, "", "")


@dataclass(frozen=True, slots=True, eq=False)
class _Uses:
    """What the formula of an equation reads, and how."""

    edges: tuple[tuple[str, str | None], ...]
    """Values that come in, each with the weight that it is multiplied by, if there is one."""
    biases: tuple[str, ...]
    """Weights that are added to weighted terms."""
    loose: tuple[str, ...]
    """Weights that are used in any other way."""


def graph(network: Network, figures: Figures = NO_FIGURES) -> tuple[list[Node], list[Edge]]:
    """The boxes, each after those that it reads, and the edges in the order of the file."""
    loss, activations = loss_name(network), network.activations
    units = {activations[unit.name]: unit for unit in network.units}
    inside = {unit.pre_activation: name for name, unit in units.items()}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for equation in lower(network):
        name = equation.name
        if name in units:
            nodes.append(_unit(units[name], name, figures))
            edges += (Edge(e.source, name, e.weight, e.skip) for e in units[name].edges)
        elif name not in inside:
            uses = _uses(equation.expression, network)
            nodes.append(_equation(network, equation, uses.biases, figures))
            edges += (Edge(inside.get(read, read), name, weight) for read, weight in uses.edges)
            edges += (Edge(weight, name) for weight in uses.loose)
    drawn = {edge.weight for edge in edges} | {b for node in nodes for b in node.quantities}
    drawn &= {*network.weights}  # in the loss, as where it is regularised, they are not drawn again
    edges = [edge for edge in edges if edge.target != loss or edge.source not in drawn]
    leaves = [*_leaves(network, {edge.source for edge in edges}, figures)]
    return [*leaves, *nodes], _labelled(edges, figures)


def _leaves(network: Network, read: set[str], figures: Figures) -> Iterator[Node]:
    """What is given: inputs, and constants, targets and weights that stand alone."""
    kinds = (
        ("input", network.inputs),
        ("constant", network.constants),
        ("target", network.targets),
        ("weight", network.weights),
    )
    for kind, names in kinds:
        for name in names:
            if kind == "input" or name in read:
                lines = () if figures.with_values else (Line((Name(name),), "name"),)
                yield Node(name, kind, (*lines, *figures.lines(name)), (name,))


def _unit(unit: Unit, name: str, figures: Figures) -> Node:
    """The box of a unit: its activation's name, the function, the bias."""
    biases = (unit.bias,) if unit.bias else ()
    heads = (Line((Name(name),), "name"), Line((unit.activation.name,), "kind"))
    own = (unit.pre_activation, name)
    lines = (*heads, *_biases(biases, figures), *figures.lines(*own, biases=biases))
    return Node(name, "unit", lines, (*biases, *own))


def _biases(biases: Iterable[str], figures: Figures) -> Iterator[Line]:
    """The biases of a box whose numbers are not shown."""
    if not figures.with_values:
        yield from (Line(("bias ", Name(bias)), "kind") for bias in biases)


def _equation(
    network: Network, equation: Equation, biases: tuple[str, ...], figures: Figures
) -> Node:
    """The box of an equation's value: its name, and its formula or what kind of formula it is."""
    is_loss = equation.name == loss_name(network)
    heads = [Line((Name(equation.name),), "name"), Line((equation.expression,), "kind")]
    if len(formula_text(equation.expression, UNICODE)) > LONGEST_FORMULA:
        own = network.loss_name if is_loss and network.loss_name else _kind(equation.expression)
        heads = [heads[0], Line((own,), "kind"), *_biases(biases, figures)]
    lines = (*heads, *figures.lines(equation.name, biases=biases))
    return Node(equation.name, "loss" if is_loss else "equation", lines, (*biases, equation.name))


def _kind(expression: Expression) -> str:
    """What a long formula is, in a word."""
    match expression:
        case Call(function):
            return function.name
        case Sum():
            return "sum"
        case Product():
            return "product"
    return "formula"


def _uses(expression: Expression, network: Network) -> _Uses:
    """How a formula reads weights and values."""
    left = Counter(part.id for part in walk(expression) if isinstance(part, Name))
    edges: list[tuple[str, str | None]] = []
    biases: list[str] = []
    linked: set[str] = set()
    for part in walk(expression):
        match part:
            case Product(factors):
                names = [each.id for each in factors if isinstance(each, Name)]
                linked.update(names if len(names) > 1 else ())
                pair = _pair(part, network)
                if pair:
                    edges.append(pair)
                    left.subtract(pair)
            case Sum(terms) if any(_pair(term, network) for term in terms):
                added = [t.id for t in terms if isinstance(t, Name) and t.id in network.weights]
                biases += (name for name in added if name not in biases)
                left.subtract(added)
    rest = [name for name in names_in(expression) if left[name] > 0]
    hidden = {*network.constants} - linked
    edges += ((n, None) for n in rest if n not in network.weights and n not in hidden)
    loose = tuple(name for name in rest if name in network.weights)
    return _Uses(tuple(edges), tuple(biases), loose)


def _pair(expression: Expression, network: Network) -> tuple[str, str] | None:
    """The value and the weight that a product of just these two is made of."""
    match expression:
        case Product((Name(a), Name(b))) if (a in network.weights) != (b in network.weights):
            return (b, a) if a in network.weights else (a, b)
    return None


def _labelled(edges: list[Edge], figures: Figures) -> list[Edge]:
    """The edges with their weights' names and numbers, and how large each gradient is."""
    gradients: dict[str, float] = {}
    if figures.with_gradients:
        names = {edge.weight: figures.gradient_name(edge.weight) for edge in edges if edge.weight}
        gradients = {weight: float(figures.values[name]) for weight, name in names.items()
                     if name in figures.values}  # fmt: skip
    largest = max(map(abs, gradients.values()), default=0.0)
    finished = []
    for edge in edges:
        if edge.weight:
            named = () if figures.with_values else (Line((Name(edge.weight),), "name"),)
            edge = replace(edge, lines=(*named, *figures.lines(edge.weight)))
            if edge.weight in gradients:
                value = gradients[edge.weight]
                size = abs(value) / largest if largest else 0.0
                edge = replace(edge, size=size, negative=value < 0)
        finished.append(edge)
    return finished
