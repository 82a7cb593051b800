"""Which column a box stands in, which boxes are left out, and the order within a column."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backcalc.drawing.picture import Edge, Line, Node

MOST_IN_COLUMN = 16
MOST_COLUMNS = 40
KEPT = 6  # boxes at either end of a column that has more
SWEEPS = 12
MOST_ARCS = 6  # edges past other columns that go around them all; more are sorted in

Key = tuple[int, int] | str
"""A box by its name, or the place where an edge passes a column: the edge, the column."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Boxes in columns, and the ways of the edges through them."""

    nodes: Mapping[str, Node]
    """The boxes by name."""
    edges: tuple[Edge, ...]
    """The edges."""
    order: tuple[tuple[Key, ...], ...]
    """For each column from the left its boxes and passing edges, from the top."""
    ways: tuple[tuple[Key, ...], ...]
    """For each edge the box that it leaves, the places where it passes, the box that it enters."""
    arcs: frozenset[int]
    """The edges that go around the columns between."""
    remarks: tuple[str, ...] = ()
    """What is left out."""


def columns(nodes: Sequence[Node], edges: Sequence[Edge], *, inputs_first: bool) -> Columns:
    """The boxes in columns, each right of what it reads, with few crossings."""
    placed, edges, remarks = _without_the_middle(_layered(nodes, edges, inputs_first), edges)
    edges = [replace(edge, skip=edge.skip or _span(edge, placed) > 1) for edge in edges]
    long = [number for number, edge in enumerate(edges) if _span(edge, placed) > 1]
    arcs = frozenset(long if len(long) <= MOST_ARCS else ())
    ways = tuple(_way(number, edge, placed) for number, edge in enumerate(edges))
    order: list[list[Key]] = [[] for _ in range(max(n.layer for n in placed.values()) + 1)]
    for node in placed.values():
        order[node.layer].append(node.name)
    for way in ways:
        for key in way[1:-1]:
            order[key[1]].append(key)  # type: ignore[index]
    order = _sorted(order, ways)
    around = tuple(tuple(_around(column, placed, ways, arcs, order)) for column in order)
    return Columns(placed, tuple(edges), around, ways, arcs, remarks)


def _span(edge: Edge, nodes: Mapping[str, Node]) -> int:
    return nodes[edge.target].layer - nodes[edge.source].layer


def _layered(nodes: Sequence[Node], edges: Sequence[Edge], inputs_first: bool) -> dict[str, Node]:
    """Each box as far right as its longest path from the left, what is given before its uses."""
    read: dict[str, list[str]] = {node.name: [] for node in nodes}
    used: dict[str, list[str]] = {node.name: [] for node in nodes}
    for edge in edges:
        read[edge.target].append(edge.source)
        used[edge.source].append(edge.target)
    layers: dict[str, int] = {}
    for node in nodes:
        layers[node.name] = max((layers[name] + 1 for name in read[node.name]), default=0)
    last = max(layers.values())
    for node in nodes:
        given = not read[node.name] and used[node.name]
        if node.kind == "loss" and not used[node.name]:
            layers[node.name] = last
        elif given and not (inputs_first and node.kind == "input"):
            layers[node.name] = min(layers[name] for name in used[node.name]) - 1
    first = min(layers.values())
    return {node.name: replace(node, layer=layers[node.name] - first) for node in nodes}


# Large networks.


def _without_the_middle(
    nodes: dict[str, Node], edges: Sequence[Edge]
) -> tuple[dict[str, Node], list[Edge], tuple[str, ...]]:
    """The picture without the middle of long columns, and without the middle columns of many."""
    into, remarks = _folded(nodes)
    kept: dict[str, Node] = {}
    for node in nodes.values():
        kept.setdefault(into[node.name].name, into[node.name])
    merged: dict[tuple[str, str, int], Edge] = {}
    for number, edge in enumerate(edges):
        source, target = into[edge.source].name, into[edge.target].name
        if (source, target) == (edge.source, edge.target):
            merged[source, target, number] = edge
        elif source != target:
            merged.setdefault((source, target, -1), Edge(source, target))
    return kept, list(merged.values()), remarks


def _folded(nodes: Mapping[str, Node]) -> tuple[dict[str, Node], tuple[str, ...]]:
    """What stands in the picture for each box: itself, or one box for many; and what is said."""
    by_column: dict[int, list[str]] = {}
    for node in nodes.values():
        by_column.setdefault(node.layer, []).append(node.name)
    into, remarks = dict(nodes), []
    count, half = max(by_column) + 1, MOST_COLUMNS // 2
    shift = max(count - 2 * half - 1, 0)
    if count > MOST_COLUMNS:
        away = [by_column.pop(layer) for layer in range(half, count - half)]
        names = [name for column in away for name in column]
        remarks.append(f"{len(away)} columns with {len(names)} boxes in the middle are left out.")
        into |= dict.fromkeys(names, _more(len(names), half))
    long = {layer: names for layer, names in by_column.items() if len(names) > MOST_IN_COLUMN}
    for layer, names in long.items():
        middle = names[KEPT:-KEPT]
        into |= dict.fromkeys(middle, _more(len(middle), layer))
    if long:
        left_out = sum(len(names) - 2 * KEPT for names in long.values())
        columns_ = "a column" if len(long) == 1 else f"{len(long)} columns"
        remarks.append(f"{left_out} boxes in the middle of {columns_} are left out.")
    moved = {
        name: replace(node, layer=node.layer - shift) if node.layer > half else node
        for name, node in into.items()
    }
    return moved, tuple(remarks)


def _more(count: int, layer: int) -> Node:
    """One box in the place of many."""
    words = f"… {count} more …"
    return Node(f"{words} {layer}", "more", (Line((words,), "kind"),), (), layer)


# Order within columns.


def _way(number: int, edge: Edge, nodes: Mapping[str, Node]) -> tuple[Key, ...]:
    between = range(nodes[edge.source].layer + 1, nodes[edge.target].layer)
    return (edge.source, *((number, layer) for layer in between), edge.target)


def _sorted(order: list[list[Key]], ways: Iterable[Sequence[Key]]) -> list[list[Key]]:
    """The columns with each box near the middle of its neighbours, the best of some sweeps."""
    before: dict[Key, list[Key]] = {key: [] for column in order for key in column}
    after: dict[Key, list[Key]] = {key: [] for column in order for key in column}
    for way in ways:
        for left, right in pairwise(way):
            after[left].append(right)
            before[right].append(left)
    best, fewest = [list(column) for column in order], _crossings(order, after)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        neighbours = before if down else after
        for layer in range(1, len(order)) if down else range(len(order) - 2, -1, -1):
            beside = order[layer - 1 if down else layer + 1]
            place = {key: number for number, key in enumerate(beside)}
            order[layer] = _by_middle(order[layer], neighbours, place)
        count = _crossings(order, after)
        if count < fewest:
            best, fewest = [list(column) for column in order], count
    return best


def _by_middle(
    column: list[Key], neighbours: Mapping[Key, list[Key]], place: Mapping[Key, int]
) -> list[Key]:
    """A column sorted by the mean place of the neighbours; what has none stays where it is."""
    middles: dict[Key, float] = {}
    for number, key in enumerate(column):
        found = [place[each] for each in neighbours[key]]
        share = number / max(len(column) - 1, 1) * max(len(place) - 1, 0)
        middles[key] = sum(found) / len(found) if found else share
    return sorted(column, key=middles.__getitem__)


def _crossings(order: Sequence[Sequence[Key]], after: Mapping[Key, Sequence[Key]]) -> int:
    """How many pairs of edges cross between neighbouring columns."""
    total = 0
    for left, right in pairwise(order):
        place = {key: number for number, key in enumerate(right)}
        ends: list[int] = []
        for key in left:
            found = sorted(place[each] for each in after[key])
            total += sum(len(ends) - bisect_right(ends, new) for new in found)
            for new in found:
                insort(ends, new)
    return total


def _around(
    column: Sequence[Key],
    nodes: Mapping[str, Node],
    ways: Sequence[Sequence[Key]],
    arcs: frozenset[int],
    order: Sequence[Sequence[Key]],
) -> list[Key]:
    """A column with its arcs outside: above what comes from the upper half, below the rest.

    Targets stand below the outputs.
    """
    above: list[Key] = []
    below: list[Key] = []
    rest: list[Key] = []
    targets: list[Key] = []
    for key in column:
        if isinstance(key, str) or key[0] not in arcs:
            target = isinstance(key, str) and nodes[key].kind == "target"
            (targets if target else rest).append(key)
            continue
        source = ways[key[0]][0]
        beside = next(each for each in order if source in each)
        boxes = [each for each in beside if isinstance(each, str)]
        upper = boxes.index(source) <= (len(boxes) - 1) / 2  # type: ignore[arg-type]
        (above if upper else below).append(key)
    return [*above, *rest, *targets, *below]
