"""How formulas read weights and values, and what flows back through each use of a weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from backcalc.equations.network import Network
from backcalc.equations.program import Equation, loss_name
from backcalc.formulas.calculus import partials
from backcalc.formulas.expression import (
    Expression,
    Name,
    Product,
    Scalar,
    Sum,
    evaluate,
    names_in,
    rebuilt,
    walk,
)
from backcalc.formulas.quantity import Derivative


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """What the formula of an equation reads, and how."""

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
                pair = _pair(part, weights)
                if pair:
                    edges += [] if pair in edges else [pair]
                    left.subtract(pair)
            case Sum(terms) if any(_pair(term, weights) for term in terms):
                added = [t.id for t in terms if isinstance(t, Name) and t.id in weights]
                biases += (name for name in added if name not in biases)
                left.subtract(added)
    rest = [name for name in names_in(expression) if left[name] > 0]
    hidden = {*network.constants} - linked
    edges += ((n, None) for n in rest if n not in weights and n not in hidden)
    loose = tuple(name for name in rest if name in weights)
    return Uses(tuple(edges), tuple(biases), loose)


def _pair(expression: Expression, weights: Collection[str]) -> tuple[str, str] | None:
    """The value and the weight that a product of just these two is made of."""
    match expression:
        case Product((Name(a), Name(b))) if (a in weights) != (b in weights):
            return (b, a) if a in weights else (a, b)
    return None


def shared_weights(network: Network, equations: Sequence[Equation]) -> set[str]:
    """The weights that stand in more than one place."""
    parts = (part for each in equations for part in walk(each.expression))
    found = Counter(part.id for part in parts if isinstance(part, Name))
    return {name for name in network.weights if found[name] > 1}


def share(
    network: Network, values: Mapping[str, Scalar], equation: Equation, source: str, weight: str
) -> Scalar:
    """What one use of a weight adds to its derivative: upstream times local, over all samples."""
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
