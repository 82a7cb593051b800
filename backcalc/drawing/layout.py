"""Where everything stands: `draw` makes the whole picture of a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from backcalc.drawing.columns import Columns, Key, columns
from backcalc.drawing.graph import NO_FIGURES, Figures, graph
from backcalc.drawing.levels import height_of, tops_of
from backcalc.drawing.picture import Drawing, Edge, Node, Point
from backcalc.drawing.ruler import PIXELS, Ruler
from backcalc.equations.calculation import Calculation
from backcalc.equations.network import Network
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import BackcalcError

SHARE = "share: what this use of a weight adds to the derivative by it; it makes the edge wide."


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
    figures = NO_FIGURES
    remarks: tuple[str, ...] = ()
    if worked is not None and (values or gradients):
        mark = f"[{sample}]" if many > 1 else ""
        shared = frozenset((*network.weights, *network.constants))
        of = loss_name(network) + mark if worked.of == TOTAL and many > 1 else worked.of
        figures = Figures(worked.values, of, worked.of, mark, shared, values, gradients)
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


def _sized(placed: Columns, ruler: Ruler) -> dict[str, Node]:
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


def _pitch(edge: Edge, ruler: Ruler) -> float:
    """How much of a box's side an edge needs."""
    lines = len(edge.lines)
    return max(lines * ruler.line + (ruler.between if lines > 1 else 0), ruler.port)


def _across(
    placed: Columns, boxes: Mapping[str, Node], ruler: Ruler
) -> tuple[list[float], list[float]]:
    """Where each column starts, and where the curves before it end."""
    count = len(placed.order)
    wide, labels = [0.0] * count, [0.0] * count
    for box in boxes.values():
        wide[box.layer] = max(wide[box.layer], box.width)
    starts: list[set[Key]] = [set() for _ in range(count)]
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
    boxes: Mapping[str, Node],
    tops: Mapping[Key, float],
    lefts: Sequence[float],
    ends: Sequence[float],
    ruler: Ruler,
) -> Iterator[Edge]:
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
    placed: Columns, boxes: Mapping[str, Node], tops: Mapping[Key, float], ruler: Ruler
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
