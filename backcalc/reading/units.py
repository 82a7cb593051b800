"""The units that people see in a network which its file writes as equations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from backcalc.equations.network import Definition, Edge, Network, Unit
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Call, Expression, Name, Product, Sum, names_in
from backcalc.formulas.functions import FUNCTIONS

SUM_OF = regex(r"(?:z|Z|net|s|u|v|n|a)_?(?=[\w])")
"""What stands before the name of a unit in that of its weighted sum: z1, net_h1."""
LETTER_OF = regex(r"(?:a|h|out|o)_?(?=\w)|y(?=\d)")
"""The same in the name of its activation."""
IDENTITY = FUNCTIONS["identity"]


@lru_cache(maxsize=8)
def in_units(network: Network) -> Network:
    """Return a network of equations with the units that they are, if all of them are units'.

    A unit is a weighted sum, and a function of nothing but this sum, which nothing else reads; a
    sum that the loss compares with a target is one by itself. Units that share a weight are of
    steps in time or of samples, and no layers.
    """
    if network.units or network.matrices or not network.definitions:
        return network
    lines: dict[str, Expression] = {}
    for definition in network.definitions:
        if "[" in definition.names[0]:
            return network
        lines |= dict.fromkeys(definition.names, definition.expression)
    read = [n for each in network.definitions for n in names_in(each.expression)]
    units: list[Unit] = []
    for definition in network.definitions:
        for unit in _units(network, definition, lines):
            inner, answer = ends = unit.lines or ("", "")
            if inner != answer and (read.count(inner) > 1 or inner in network.outputs):
                return network
            units.append(replace(unit, name=_called(ends) or str(len(units) + 1)))
    group = tuple(unit.name for unit in units if unit.group)
    units = [replace(unit, group=group) if unit.group else unit for unit in units]
    names = {unit.name for unit in units}
    own = {each for unit in units for each in unit.lines or ()}
    edges = [edge for unit in units for edge in unit.edges]
    sources, shared = {e.source for e in edges}, len({e.weight for e in edges}) < len(edges)
    behind = lines.keys() - own  # the loss, where it is an equation
    if not units or shared or len(names) < len(units) or behind & sources or (
        behind and network.loss not in behind
    ):  # fmt: skip
        return network
    acts = {unit.hidden: unit.name for unit in units}
    put_out = [each for each in acts if each not in sources] if behind else [*network.outputs]
    at_end = tuple(acts.get(each, "") for each in put_out)
    return replace(network, units=(*units,), outputs=(*put_out,), output_units=at_end)


def _units(network: Network, definition: Definition, lines: Mapping[str, Expression]) -> list[Unit]:
    """The units whose activation an equation is, still without names; of softmax there are several.

    Each has something in its `group` then.
    """
    names = definition.names
    match definition.expression:
        case Call(function, (Name(sum_), other) | (other, Name(sum_))) if (
            function.name == "max" and (names_in(other) in ([], [sum_]))
        ):  # max(z, 0.1 z)
            inner, function = [sum_], FUNCTIONS["leaky_relu" if names_in(other) else "relu"]
        case Call(function, arguments) if function.activation and len(names) <= len(arguments):
            inner = [each.id for each in arguments[: len(names)] if isinstance(each, Name)]
        case _ if names[0] in network.outputs:
            inner, function = [names[0]], IDENTITY
        case _:
            return []
    sums = (_unit(network, lines[each], lines) if each in lines else None for each in inner)
    group = names if len(names) > 1 else ()
    return [
        replace(unit, activation=function, lines=(one, two), group=group)
        for unit, one, two in zip(sums, inner, names, strict=False)
        if unit
    ]


def _unit(network: Network, sum_: Expression, lines: Mapping[str, Expression]) -> Unit | None:
    """The unit that a weighted sum is of: weights times inputs or answers, and a bias."""
    edges: list[Edge] = []
    bias: str | None = None
    terms = sum_.terms if isinstance(sum_, Sum) else (sum_,)
    for term in terms:
        match term:
            case Product((Name(one), Name(two))):
                weight, source = (one, two) if one in network.weights else (two, one)
                known = source in {*lines, *network.inputs, *network.constants}
                if weight not in network.weights or not known:
                    return None
                edges.append(Edge(source, weight))
            case Name(name) if name in network.weights and bias is None:
                bias = name
            case _:
                return None
    return Unit("", (*edges,), bias, IDENTITY) if edges else None


def _called(lines: tuple[str, str]) -> str:
    """The name of a unit by those of its two lines: 1 of z1 and h1, h1 of net_h1, none of yhat."""
    inner, answer = lines
    if inner != answer and (head := SUM_OF.match(inner)):
        return inner[head.end() :]
    head = LETTER_OF.match(answer)
    return answer[head.end() :] if head else ""
