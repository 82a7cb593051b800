"""`nodes:`, `layers:` and `skip:` to units with their edges."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc import fields
from backcalc.document import Mapping, Node, Scalar, Sequence
from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.network import Edge, Unit

NODE_KEYS = ("from", "bias", "activation")
LAYER_KEYS = ("name", "units", "activation", "weights", "bias", "from")
SKIP_KEYS = ("from", "to", "weight")
MOST_UNITS = 100_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A unit as written: sources and weights are words whose meaning is not looked up yet."""

    unit: Unit
    """The unit, its edges still without resolved sources."""
    edges: tuple[tuple[Scalar, Scalar, bool], ...]
    """Source, weight and whether it is a skip edge."""
    bias: Scalar | None
    """The weight that is added."""


@dataclass(slots=True)
class Drafts:
    """All units of a file, and the weights that layers bring with them."""

    units: dict[str, Draft] = field(default_factory=dict)
    """By unit name, in file order."""
    weights: dict[str, tuple[Fraction, Place]] = field(default_factory=dict)
    """Weights whose numbers stand in a layer."""

    def add(self, draft: Draft) -> None:
        """Add a unit; its name must be new."""
        unit = draft.unit
        if unit.name in self.units:
            first = self.units[unit.name].unit.where
            line = f" and on line {first.line}" if first else ""
            raise BackcalcError(f"unit {unit.name!r} stands here{line}", unit.where)
        if len(self.units) >= MOST_UNITS:
            raise BackcalcError(f"more than {MOST_UNITS} units", unit.where)
        self.units[unit.name] = draft


def read_units(document: dict[str, Node], inputs: Collection[str]) -> Drafts:
    """The drafts of all units of a file."""
    drafts = Drafts()
    if "nodes" in document:
        _read_nodes(document["nodes"], drafts)
    if "layers" in document:
        _read_layers(document["layers"], drafts, inputs)
    if "skip" in document:
        for item in fields.sequence(document["skip"], "a list of skip edges").items:
            _read_skip(item, drafts)
    return drafts


def unit_name(scalar: Scalar) -> str:
    """A unit's name: digits or a name."""
    if scalar.text.isascii() and scalar.text.isdigit() and len(scalar.text) < 20:
        return scalar.text
    return fields.name(scalar, "a unit's name")


def _read_nodes(node: Node, drafts: Drafts) -> None:
    softmax: list[str] = []
    for key, value in fields.mapping(node, "a mapping of units").entries:
        found = fields.keyed(value, NODE_KEYS, "a unit such as {from: {x: w0}, activation: relu}")
        edges = tuple(
            (source, fields.word(weight, "the name of a weight"), False)
            for source, weight in fields.mapping(
                found.get("from", Mapping((), key.place)), "a mapping of sources to weights"
            ).entries
        )
        bias = fields.word(found["bias"], "the name of a weight") if "bias" in found else None
        if not edges and bias is None:
            raise BackcalcError(f"unit {key.text[:60]!r} has nothing coming in", key.place)
        word = fields.word(found.get("activation", Scalar("identity", key.place)), "an activation")
        function, settings = fields.activation(word)
        unit = Unit(unit_name(key), (), None, function, settings, where=key.place)
        drafts.add(Draft(unit, edges, bias))
        if function.outputs:
            softmax.append(unit.name)
    _group(drafts, softmax)


def _group(drafts: Drafts, names: list[str]) -> None:
    """Units that share one softmax."""
    for name in names:
        draft = drafts.units[name]
        drafts.units[name] = replace(draft, unit=replace(draft.unit, group=tuple(names)))


def _read_skip(node: Node, drafts: Drafts) -> None:
    found = fields.keyed(node, SKIP_KEYS, "a skip edge such as {from: 0, to: 2, weight: ws}")
    for key in SKIP_KEYS:
        if key not in found:
            raise BackcalcError(f"this skip edge has no {key!r}", node.place)
    source, to, weight = (fields.word(found[key], f"a word for {key!r}") for key in SKIP_KEYS)
    if to.text not in drafts.units:
        hint = did_you_mean(to.text, drafts.units) or f"the units are {listed(drafts.units)}"
        raise BackcalcError(f"edge to nowhere: there is no unit {to.text[:60]!r}", to.place, hint)
    draft = drafts.units[to.text]
    drafts.units[to.text] = replace(draft, edges=(*draft.edges, (source, weight, True)))


# Layers.


def _read_layers(node: Node, drafts: Drafts, inputs: Collection[str]) -> None:
    before = list(inputs)
    for item in fields.sequence(node, "a list of layers").items:
        before = _read_layer(item, drafts, before)


def _read_layer(node: Node, drafts: Drafts, before: list[str]) -> list[str]:
    """One dense layer; the names of its units."""
    found = fields.keyed(node, LAYER_KEYS, "a layer such as {name: h, units: 2, weights: [...]}")
    for key in ("name", "units", "weights"):
        if key not in found:
            raise BackcalcError(f"this layer has no {key!r}", node.place)
    name = fields.name(fields.word(found["name"], "the layer's name"), "a layer's name")
    count = fields.number(found["units"])
    if count.denominator != 1 or not 0 < count <= MOST_UNITS:
        raise BackcalcError(f"a layer has 1 to {MOST_UNITS} units", found["units"].place)
    names = [f"{name}{place}" for place in range(1, int(count) + 1)]
    sources = _sources(found, before)
    function, settings = fields.activation(
        fields.word(found.get("activation", Scalar("identity", node.place)), "an activation")
    )
    rows = _matrix(found["weights"], len(names), len(sources))
    biases = _biases(found.get("bias"), len(names))
    for unit_name, row, bias in zip(names, rows, biases, strict=True):
        edges = tuple(
            (source, _weight(drafts, weight, f"w_{unit_name}_{source.text}"), False)
            for source, weight in zip(sources, row, strict=True)
        )
        own = bias if bias is None else _weight(drafts, bias, f"b_{unit_name}")
        unit = Unit(unit_name, (), None, function, settings, layer=name, where=node.place)
        drafts.add(Draft(unit, edges, own))
    if function.outputs:
        _group(drafts, names)
    return names


def _sources(found: dict[str, Node], before: list[str]) -> list[Scalar]:
    if "from" not in found:
        return [Scalar(name, found["weights"].place) for name in before]
    items = fields.sequence(found["from"], "a list of sources").items
    return [fields.word(item, "the name of a source") for item in items]


def _matrix(node: Node, rows: int, columns: int) -> list[list[Scalar]]:
    """Numbers or names, a row for each receiving unit."""
    matrix = [
        [fields.word(cell, "a number or a weight's name") for cell in
         fields.sequence(row, "a row of weights").items]
        for row in fields.sequence(node, "a matrix of weights").items
    ]  # fmt: skip
    for row, part in zip(matrix, node.items if isinstance(node, Sequence) else (), strict=True):
        if len(row) != columns or len(matrix) != rows:
            widths = dict.fromkeys(len(each) for each in matrix)
            shape = f"{len(matrix)}x{' or '.join(map(str, list(widths)[:3]))}"
            place = part.place if len(matrix) == rows else node.place
            message = f"the weights are {shape}, but {rows} units with {columns} sources need {rows}x{columns}"
            raise BackcalcError(message, place, "a row for each receiving unit")
    if not matrix:
        raise BackcalcError(f"the weights are empty, {rows}x{columns} are needed", node.place)
    return matrix


def _biases(node: Node | None, count: int) -> list[Scalar | None]:
    """One bias for each unit: a list, one shared name, or none."""
    if node is None:
        return [None] * count
    if isinstance(node, Scalar):
        fields.name(fields.word(node, "the name of a shared bias"), "the name of a shared bias")
        return [node] * count
    items = fields.sequence(node, "a list of biases or one name").items
    if len(items) != count:
        raise BackcalcError(f"{len(items)} biases for {count} units", node.place)
    return [fields.word(item, "a number or a weight's name") for item in items]


def _weight(drafts: Drafts, cell: Scalar, own_name: str) -> Scalar:
    """A cell of a matrix: a weight's name as it stands, or a number that gets a name."""
    if cell.text[0].isalpha() or cell.text[0] == "_":
        return cell
    drafts.weights[own_name] = fields.number(cell), cell.place
    return Scalar(own_name, cell.place)


def resolved(
    drafts: Drafts,
    activations: dict[str, str],
    values: Collection[str],
    weights: Collection[str],
) -> Iterable[Unit]:
    """The units with sources and weights looked up.

    `activations` names each unit's value; `values` are the other quantities that may come in.
    """
    for draft in drafts.units.values():
        edges = []
        for source, weight, skip in draft.edges:
            named = activations.get(source.text) or fields.name(source, "a source")
            if source.text not in activations and named not in values:
                known = [*activations, *values]
                hint = did_you_mean(named, known) or f"there are {listed(known)}"
                message = f"edge from nowhere: there is no unit or input {named[:60]!r}"
                raise BackcalcError(message, source.place, hint)
            edges.append(Edge(named, known_weight(weight, weights), skip))
        bias = known_weight(draft.bias, weights) if draft.bias else None
        yield replace(draft.unit, edges=tuple(edges), bias=bias)


def known_weight(scalar: Scalar, weights: Collection[str]) -> str:
    """A weight's name that has a value."""
    text = fields.name(scalar, "a weight's name")
    if text not in weights:
        hint = did_you_mean(text, weights) or "give it a number under weights:"
        raise BackcalcError(f"weight {text!r} has no value", scalar.place, hint)
    return text
