"""Where everything in a picture stands: columns, the order in them, heights, ways of the edges."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backcalc.charts.scale import Point
from backcalc.drawing.graph import NO_NUMERALS, Numerals, graph
from backcalc.drawing.picture import PIXELS, Arrow, Box, Caption, Drawing, Ruler
from backcalc.equations.calculation import Calculation
from backcalc.equations.network import Network
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import BackcalcError

MOST_IN_COLUMN = 16
MOST_COLUMNS = 40
KEPT = 6  # boxes at either end of a column that has more
SWEEPS = 12
MOST_ARCS = 6  # edges past other columns that go around them all; more are sorted in

Slot = tuple[int, int] | str
"""A box by its name, or the place where an edge passes a column: the edge, the column."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Boxes in columns, and the ways of the edges through them."""

    nodes: Mapping[str, Box]
    """The boxes by name."""
    edges: tuple[Arrow, ...]
    """The edges."""
    order: tuple[tuple[Slot, ...], ...]
    """For each column from the left its boxes and passing edges, from the top."""
    ways: tuple[tuple[Slot, ...], ...]
    """For each edge the box that it leaves, the places where it passes, the box that it enters."""
    arcs: frozenset[int]
    """The edges that go around the columns between."""
    remarks: tuple[str, ...] = ()
    """Sentences about the boxes that are left out."""


def columns(nodes: Sequence[Box], edges: Sequence[Arrow], *, inputs_first: bool) -> Columns:
    """The boxes in columns, each right of what it reads, with few crossings."""
    placed, edges, remarks = _without_the_middle(_layered(nodes, edges, inputs_first), edges)
    edges = [replace(edge, skip=edge.skip or _span(edge, placed) > 1) for edge in edges]
    long = [number for number, edge in enumerate(edges) if _span(edge, placed) > 1]
    arcs = frozenset(long if len(long) <= MOST_ARCS else ())
    ways = tuple(_way(number, edge, placed) for number, edge in enumerate(edges))
    order: list[list[Slot]] = [[] for _ in range(max(n.layer for n in placed.values()) + 1)]
    for node in placed.values():
        order[node.layer].append(node.name)
    for way in ways:
        for key in way[1:-1]:
            order[key[1]].append(key)  # type: ignore[index]
    order = _sorted(order, ways)
    around = tuple(tuple(_around(column, placed, ways, arcs, order)) for column in order)
    return Columns(placed, tuple(edges), around, ways, arcs, remarks)


def _span(edge: Arrow, nodes: Mapping[str, Box]) -> int:
    return nodes[edge.target].layer - nodes[edge.source].layer


def _layered(nodes: Sequence[Box], edges: Sequence[Arrow], inputs_first: bool) -> dict[str, Box]:
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
    nodes: dict[str, Box], edges: Sequence[Arrow]
) -> tuple[dict[str, Box], list[Arrow], tuple[str, ...]]:
    """The picture without the middle of long columns, and without the middle columns of many."""
    into, remarks = _folded(nodes)
    kept: dict[str, Box] = {}
    for node in nodes.values():
        kept.setdefault(into[node.name].name, into[node.name])
    merged: dict[tuple[str, str, int], Arrow] = {}
    for number, edge in enumerate(edges):
        source, target = into[edge.source].name, into[edge.target].name
        if (source, target) == (edge.source, edge.target):
            merged[source, target, number] = edge
        elif source != target:
            merged.setdefault((source, target, -1), Arrow(source, target))
    return kept, list(merged.values()), remarks


def _folded(nodes: Mapping[str, Box]) -> tuple[dict[str, Box], tuple[str, ...]]:
    """Return the box that is drawn for each box, and sentences about those that are left out."""
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


def _more(count: int, layer: int) -> Box:
    """One box in the place of many."""
    words = f"… {count} more …"
    return Box(f"{words} {layer}", "more", (Caption((words,), "kind"),), (), layer)


# Order within columns.


def _way(number: int, edge: Arrow, nodes: Mapping[str, Box]) -> tuple[Slot, ...]:
    between = range(nodes[edge.source].layer + 1, nodes[edge.target].layer)
    return (edge.source, *((number, layer) for layer in between), edge.target)


def _sorted(order: list[list[Slot]], ways: Iterable[Sequence[Slot]]) -> list[list[Slot]]:
    """The columns with each box near the middle of its neighbours, the best of some sweeps."""
    before: dict[Slot, list[Slot]] = {key: [] for column in order for key in column}
    after: dict[Slot, list[Slot]] = {key: [] for column in order for key in column}
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
    column: list[Slot], neighbours: Mapping[Slot, list[Slot]], place: Mapping[Slot, int]
) -> list[Slot]:
    """A column sorted by the mean place of the neighbours; what has none stays where it is."""
    middles: dict[Slot, float] = {}
    for number, key in enumerate(column):
        found = [place[each] for each in neighbours[key]]
        share = number / max(len(column) - 1, 1) * max(len(place) - 1, 0)
        middles[key] = sum(found) / len(found) if found else share
    return sorted(column, key=middles.__getitem__)


def _crossings(order: Sequence[Sequence[Slot]], after: Mapping[Slot, Sequence[Slot]]) -> int:
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
    column: Sequence[Slot],
    nodes: Mapping[str, Box],
    ways: Sequence[Sequence[Slot]],
    arcs: frozenset[int],
    order: Sequence[Sequence[Slot]],
) -> list[Slot]:
    """A column with its arcs outside: above what comes from the upper half, below the rest.

    Targets stand below the outputs.
    """
    above: list[Slot] = []
    below: list[Slot] = []
    rest: list[Slot] = []
    targets: list[Slot] = []
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


PASSES = 16
WEAK = 0.02  # how much what must give way counts: arcs, and targets beside the outputs


def height_of(key: Slot, boxes: Mapping[str, Box], ruler: Ruler) -> float:
    """The height of a box, or of the place where an edge passes."""
    return boxes[key].height if isinstance(key, str) else ruler.passing


def tops_of(placed: Columns, boxes: Mapping[str, Box], ruler: Ruler) -> dict[Slot, float]:
    """The upper side of every box and every place where an edge passes."""
    heights = {key: height_of(key, boxes, ruler) for column in placed.order for key in column}
    weak = {key for key in heights if _gives_way(key, placed)}
    weights = {key: WEAK if key in weak else 1.0 for key in heights}
    beside: dict[Slot, list[Slot]] = {key: [] for key in heights}
    for way in placed.ways:
        for left, right in pairwise(way):
            beside[left].append(right)
            beside[right].append(left)
    tops: dict[Slot, float] = {}
    for column in placed.order:
        tops |= _apart(column, {key: -heights[key] / 2 for key in column}, heights, weights, ruler)
    for turn in range(PASSES):
        for column in placed.order if turn % 2 == 0 else reversed(placed.order):
            wanted = {}
            for key in column:
                total = sum(weights[each] for each in beside[key])
                middle = sum((tops[e] + heights[e] / 2) * weights[e] for e in beside[key])
                wanted[key] = middle / total - heights[key] / 2 if total else tops[key]
            tops |= _apart(column, wanted, heights, weights, ruler)
    return tops


def _gives_way(key: Slot, placed: Columns) -> bool:
    if isinstance(key, str):
        return placed.nodes[key].kind == "target"
    return key[0] in placed.arcs


def _apart(
    column: Sequence[Slot],
    wanted: Mapping[Slot, float],
    heights: Mapping[Slot, float],
    weights: Mapping[Slot, float],
    ruler: Ruler,
) -> dict[Slot, float]:
    """The places nearest to those wanted at which nothing overlaps, in whole units.

    What is too near is pooled, and the pool stands where its members want it on the average.
    """
    offsets, offset = [], 0.0
    for key, following in zip(column, (*column[1:], None), strict=True):
        offsets.append(offset)
        both = isinstance(key, str) and isinstance(following, str)
        offset += heights[key] + (ruler.apart if both else ruler.passing)
    pools: list[tuple[float, float, int]] = []  # sum of places and of weights, number of members
    for key, before in zip(column, offsets, strict=True):
        weight = weights[key]
        total, count = (wanted[key] - before) * weight, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / weight:
            above = pools.pop()
            total, weight, count = total + above[0], weight + above[1], count + above[2]
        pools.append((total, weight, count))
    starts = [round(total / weight) for total, weight, count in pools for _ in range(count)]
    return {key: start + before for key, start, before in zip(column, starts, offsets, strict=True)}


SHARE = "share: this edge's part of the derivative by a shared weight, shown by its width."


def draw(
    network: Network,
    worked: Calculation | None = None,
    *,
    values: bool = False,
    gradients: bool = False,
    sample: int = 1,
    ruler: Ruler = PIXELS,
) -> Drawing:
    """The picture of a network, with the numbers of a calculation if they are wanted.

    `worked` must hold the values that are shown; of several samples one is. Derivatives by
    weights are of the whole loss.
    """
    many = len(network.samples)
    if not 1 <= sample <= many:
        raise BackcalcError(f"there is no sample {sample}", hint=f"the network has {many}")
    figures = NO_NUMERALS
    remarks: tuple[str, ...] = ()
    if worked is not None and (values or gradients):
        mark = f"[{sample}]" if many > 1 else ""
        shared = frozenset((*network.weights, *network.constants))
        of = loss_name(network) + mark if worked.of == TOTAL and many > 1 else worked.of
        figures = Numerals(worked.values, of, worked.of, mark, shared, values, gradients)
        remarks = (f"The numbers are those of sample {sample} of {many}.",) if many > 1 else ()
    nodes, edges = graph(network, figures)
    if any(edge.share is not None for edge in edges):
        remarks += (SHARE,)
    placed = columns(nodes, edges, inputs_first=bool(network.units))
    title = network.title or network.file
    return _arranged(placed, title, (*remarks, *placed.remarks), ruler)


def _arranged(placed: Columns, title: str, remarks: tuple[str, ...], ruler: Ruler) -> Drawing:
    """The picture with all its places."""
    boxes = _sized(placed, ruler)
    lefts, ends = _across(placed, boxes, ruler)
    tops = tops_of(placed, boxes, ruler)
    least = min(tops.values())
    tops = {key: top - least + ruler.margin for key, top in tops.items()}
    boxes = {name: replace(box, x=lefts[box.layer], y=tops[name]) for name, box in boxes.items()}
    edges = [*_routed(placed, boxes, tops, lefts, ends, ruler)]
    last = max(lefts)
    heights = {key: height_of(key, boxes, ruler) for key in tops}
    width = last + max(b.width for b in boxes.values() if b.x == last) + ruler.margin
    height = max(tops[key] + heights[key] for key in tops) + ruler.margin
    ordered = [boxes[key] for column in placed.order for key in column if isinstance(key, str)]
    return Drawing(title, tuple(ordered), tuple(edges), width, height, remarks)


# Sizes.


def _sized(placed: Columns, ruler: Ruler) -> dict[str, Box]:
    """The boxes with room for their text and for the edges that enter; columns are even."""
    room: dict[str, float] = dict.fromkeys(placed.nodes, 0.0)
    for edge in placed.edges:
        room[edge.target] += _pitch(edge, ruler)
    wide = [0.0] * len(placed.order)
    for node in placed.nodes.values():
        wide[node.layer] = max(wide[node.layer], ruler.widest(node.lines) + 2 * ruler.pad[0])
    return {
        name: replace(
            node,
            width=wide[node.layer],
            height=max(len(node.lines) * ruler.line, room[name]) + 2 * ruler.pad[1],
        )
        for name, node in placed.nodes.items()
    }


def _pitch(edge: Arrow, ruler: Ruler) -> float:
    """How much of a box's side an edge needs."""
    lines = len(edge.lines)
    return max(lines * ruler.line + (ruler.between if lines > 1 else 0), ruler.port)


def _across(
    placed: Columns, boxes: Mapping[str, Box], ruler: Ruler
) -> tuple[list[float], list[float]]:
    """Where each column starts, and where the curves before it end."""
    count = len(placed.order)
    wide, labels = [0.0] * count, [0.0] * count
    for box in boxes.values():
        wide[box.layer] = max(wide[box.layer], box.width)
    starts: list[set[Slot]] = [set() for _ in range(count)]
    for edge, way in zip(placed.edges, placed.ways, strict=True):
        layer = boxes[edge.target].layer
        text = ruler.widest(edge.lines)
        labels[layer] = max(labels[layer], (text + ruler.label[0] if text else 0) + ruler.label[1])
        for place, key in enumerate(way[:-1]):
            starts[boxes[edge.source].layer + place].add(key)
    lefts, ends, x = [], [], ruler.margin
    for layer in range(count):
        if layer:
            x += wide[layer - 1] + ruler.curve + ruler.track * len(starts[layer - 1])
        ends.append(x)
        x += labels[layer]
        lefts.append(x)
    return lefts, ends


# Edges.


def _routed(
    placed: Columns,
    boxes: Mapping[str, Box],
    tops: Mapping[Slot, float],
    lefts: Sequence[float],
    ends: Sequence[float],
    ruler: Ruler,
) -> Iterator[Arrow]:
    """The edges with their ways and the places of their text."""
    ports = _ports(placed, boxes, tops, ruler)
    for number, (edge, way) in enumerate(zip(placed.edges, placed.ways, strict=True)):
        source, target = boxes[edge.source], boxes[edge.target]
        right = source.x + source.width
        y = _middle(source.y, source.height, ruler)
        bends: list[Point] = [(right, y)]
        for place, key in enumerate(way[1:], source.layer + 1):
            wide = max(box.width for box in boxes.values() if box.layer == place - 1)
            bends.append((lefts[place - 1] + wide, y))
            y = ports[number] if key == edge.target else _middle(tops[key], ruler.passing, ruler)
            bends.append((ends[place], y))
        bends.append((target.x, y))
        label = (ends[target.layer] + ruler.label[0], y)
        yield replace(edge, bends=tuple(bends), label=label)


def _middle(top: float, height: float, ruler: Ruler) -> float:
    """The middle of something, on a whole line where the ruler counts lines."""
    return top + (height // 2 if ruler.line == 1 else height / 2)


def _ports(
    placed: Columns, boxes: Mapping[str, Box], tops: Mapping[Slot, float], ruler: Ruler
) -> dict[int, float]:
    """The height at which each edge enters its box: in the order in which they come in."""
    entering: dict[str, list[int]] = {}
    for number, edge in enumerate(placed.edges):
        entering.setdefault(edge.target, []).append(number)
    ports = {}
    for name, numbers in entering.items():

        def coming(number: int) -> float:
            key = placed.ways[number][-2]
            return tops[key] + height_of(key, boxes, ruler) / 2

        numbers.sort(key=coming)
        box = boxes[name]
        needed = sum(_pitch(placed.edges[number], ruler) for number in numbers)
        free = (box.height - needed) / 2
        y = box.y + (free // 1 if ruler.line == 1 else free)
        for number in numbers:
            edge = placed.edges[number]
            lines = len(edge.lines)
            above = min(lines, ruler.above) * ruler.line if lines else _pitch(edge, ruler) / 2
            ports[number] = y + (above // 1 if ruler.line == 1 else above)
            y += _pitch(edge, ruler)
    return ports
