"""`layers:` to units: shorthand for dense layers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backcalc.equations.network import Unit
from backcalc.errors import BackcalcError
from backcalc.loading import fields
from backcalc.loading.document import Node, Scalar
from backcalc.loading.units import MOST_UNITS, Draft, Drafts

LAYER_KEYS = ("name", "units", "activation", "weights", "bias", "from")
CELL = "a number or a weight's name"
MOST_RANDOM = 100_000  # one word may stand for many weights


def read_layers(node: Node, drafts: Drafts, inputs: Collection[str]) -> None:
    """The units of all layers; each layer reads the one before, the first one the inputs."""
    before = list(inputs)
    for item in fields.sequence(node, "a list of layers").items:
        before = _read_layer(item, drafts, before)


def _read_layer(node: Node, drafts: Drafts, before: list[str]) -> list[str]:
    """One dense layer; the names of its units."""
    found = fields.keyed(node, LAYER_KEYS, "a layer such as {name: h, units: 2, weights: [...]}")
    for key in ("name", "units", "weights"):
        if key not in found:
            raise BackcalcError(f"this layer has no {key!r}", node.place)
    layer = fields.name(fields.word(found["name"], "the layer's name"), "a layer's name")
    names = [f"{layer}{place}" for place in range(1, _count(found["units"]) + 1)]
    sources = _sources(found, before)
    word = fields.word(found.get("activation", Scalar("identity", node.place)), "an activation")
    function, settings = fields.activation(word)
    matrix = _matrix(found["weights"], len(names), len(sources), len(drafts.weights))
    rows = [
        [
            (source, _weight(drafts, cell, f"w_{name}_{source.text}"), False)
            for source, cell in zip(sources, row, strict=True)
        ]
        for name, row in zip(names, matrix, strict=True)
    ]
    biases = _biases(found.get("bias"), names, drafts)
    for name, edges, bias in zip(names, rows, biases, strict=True):
        unit = Unit(name, (), None, function, settings, layer=layer, where=node.place)
        drafts.add(Draft(unit, edges, bias))
    if function.outputs:
        drafts.group(names)
    return names


def _count(node: Node) -> int:
    """How many units a layer has."""
    count = fields.number(node)
    if count.denominator != 1 or not 0 < count <= MOST_UNITS:
        raise BackcalcError(f"a layer has 1 to {MOST_UNITS} units", node.place)
    return int(count)


def _sources(found: fields.Document, before: list[str]) -> list[Scalar]:
    """What each unit of the layer reads."""
    if "from" not in found:
        return [Scalar(name, found["weights"].place) for name in before]
    items = fields.sequence(found["from"], "a list of sources").items
    sources: dict[str, Scalar] = {}
    for item in items:
        source = fields.word(item, "the name of a source")
        if source.text in sources:
            message = f"the source {source.text[:60]!r} is listed twice"
            raise BackcalcError(message, source.place)
        sources[source.text] = source
    return list(sources.values())


def _matrix(node: Node, rows: int, columns: int, before: int) -> list[list[Scalar]]:
    """Numbers or names, a row for each receiving unit; `random` may stand for a row, or for all."""
    parts: Sequence[Node] = (node,) * rows
    if not fields.is_random(node):
        parts = fields.sequence(node, "a matrix of weights, or random").items
    if before + columns * sum(map(fields.is_random, parts)) > MOST_RANDOM:
        raise BackcalcError(f"more than {MOST_RANDOM} random weights", node.place)
    matrix = [_row(part, columns) for part in parts]
    wrong = [part for part, row in zip(parts, matrix, strict=True) if len(row) != columns]
    if wrong or len(matrix) != rows:
        widths = list(dict.fromkeys(len(row) for row in matrix))
        shape = f"{len(matrix)}x{' or '.join(map(str, widths[:3]))}" if matrix else "empty"
        units = f"{rows} unit{'' if rows == 1 else 's'}"
        sources = f"{columns} source{'' if columns == 1 else 's'}"
        message = f"the weights are {shape}, but {units} with {sources} need {rows}x{columns}"
        place = wrong[0].place if len(matrix) == rows else node.place
        raise BackcalcError(message, place, "a row for each receiving unit")
    return matrix


def _row(node: Node, columns: int) -> list[Scalar]:
    """What stands for each source of one unit."""
    if isinstance(node, Scalar) and fields.is_random(node):
        return [node] * columns
    cells = fields.sequence(node, "a row of weights, or random").items
    return [fields.word(cell, CELL) for cell in cells]


def _biases(node: Node | None, names: list[str], drafts: Drafts) -> list[Scalar | None]:
    """One bias for each unit: a list, random ones, one shared name, or none."""
    if node is None:
        return [None] * len(names)
    what = "a list of biases, or one name that all units share"
    if isinstance(node, Scalar) and not fields.is_random(node):
        return [fields.word(node, what)] * len(names)
    items: Sequence[Node] = (node,) * len(names)
    if not isinstance(node, Scalar):
        items = fields.sequence(node, what).items
    if len(items) != len(names):
        counts = f"{len(items)} bias{'' if len(items) == 1 else 'es'} for {len(names)} unit"
        raise BackcalcError(counts + ("" if len(names) == 1 else "s"), node.place)
    cells = [fields.word(item, CELL) for item in items]
    return [_weight(drafts, cell, f"b_{name}") for name, cell in zip(names, cells, strict=True)]


def _weight(drafts: Drafts, cell: Scalar, own_name: str) -> Scalar:
    """A cell of a matrix: a weight's name as it stands, or a number that gets a name."""
    random = fields.is_random(cell)
    if not random and (cell.text[0].isalpha() or cell.text[0] == "_"):
        return cell
    value = None if random else fields.number(cell)
    if own_name in drafts.weights:
        message = f"this weight and another one would both be called {own_name!r}"
        raise BackcalcError(message, cell.place, "name the layers otherwise")
    drafts.weights[own_name] = value, cell.place
    return Scalar(own_name, cell.place)
