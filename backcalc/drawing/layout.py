"""Where everything in a picture stands: columns, the order in them, heights, ways of the edges."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from backcalc.charts.scale import Point
from backcalc.drawing.graph import NO_NUMERALS, Numerals, graph
from backcalc.drawing.picture import PIXELS, Arrow, Box, Caption, Drawing, Ruler
from backcalc.equations.calculation import Calculation
from backcalc.equations.network import Network
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import BackcalcError
from backcalc.formulas.notation import UNICODE, formula_text

MOST_IN_COLUMN = 16
MOST_COLUMNS = 40
KEPT = 6  # boxes at either end of a column that has more
SWEEPS = 12
MOST_ARCS = 6  # edges past other columns that go around them all; more are sorted in

Slot = tuple[int, int] | str
"""A box by its name, or the place where an edge passes a column: the edge, the column."""


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
        kinds: dict[str, list[str]] = {}
        for name in names[KEPT:-KEPT]:
            kinds.setdefault(nodes[name].kind, []).append(name)
        for kind, middle in kinds.items():
            into |= dict.fromkeys(middle, _more(len(middle), layer, kind))
    if long:
        left_out = sum(len(names) - 2 * KEPT for names in long.values())
        columns_ = "a column" if len(long) == 1 else f"{len(long)} columns"
        remarks.append(f"{left_out} boxes in the middle of {columns_} are left out.")
    moved = {
        name: replace(node, layer=node.layer - shift) if node.layer > half else node
        for name, node in into.items()
    }
    return moved, tuple(remarks)


def _more(count: int, layer: int, kind: str = "") -> Box:
    words = f"… {count} more …"
    return Box(f"{words} {layer} {kind}", "more", (Caption((words,), "kind"),), (), layer)


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


PASSES = 16
WEAK = 0.02  # how much what must give way counts: arcs, and targets beside the outputs


class _Layout:
    """Boxes and edges while their places are found: columns, the order in them, heights, ways.

    Each box stands right of what it reads; what is too much is left out.
    """

    def __init__(
        self, nodes: Sequence[Box], edges: Sequence[Arrow], ruler: Ruler, *, inputs_first: bool
    ) -> None:
        self.ruler = ruler
        layered = _layered(nodes, edges, inputs_first)
        self.boxes, edges, self.remarks = _without_the_middle(layered, edges)
        self.ways = [self._way(number, edge) for number, edge in enumerate(edges)]
        """For each edge the box that it leaves, the places where it passes, the one it enters."""
        long = [number for number, way in enumerate(self.ways) if len(way) > 2]
        self.arcs = frozenset(long if len(long) <= MOST_ARCS else ())
        """The edges that go around the columns between."""
        pairs = zip(edges, self.ways, strict=True)
        self.edges = [replace(edge, skip=edge.skip or len(way) > 2) for edge, way in pairs]
        order: list[list[Slot]] = [[] for _ in range(max(n.layer for n in self.boxes.values()) + 1)]
        for node in self.boxes.values():
            order[node.layer].append(node.name)
        for way in self.ways:
            for key in way[1:-1]:
                order[key[1]].append(key)  # type: ignore[index]
        order = _sorted(order, self.ways)
        self.order = [self._around(column, order) for column in order]
        """For each column from the left its boxes and passing edges, from the top."""
        self._size()
        self.heights = {
            key: self.boxes[key].height if isinstance(key, str) else ruler.passing
            for column in self.order for key in column
        }  # fmt: skip
        """How high each box is, and each place where an edge passes."""

    def drawing(self, title: str, remarks: tuple[str, ...]) -> Drawing:
        margin, boxes = self.ruler.margin, self.boxes
        lefts, ends = self._across()
        tops = self._tops()
        least = min(tops.values())
        tops = {key: top - least + margin for key, top in tops.items()}
        for name, box in boxes.items():
            boxes[name] = replace(box, x=lefts[box.layer], y=tops[name])
        width = lefts[-1] + self.wide[-1] + margin
        height = max(top + self.heights[key] for key, top in tops.items()) + margin
        ordered = [boxes[key] for column in self.order for key in column if isinstance(key, str)]
        edges = tuple(self._routed(tops, lefts, ends))
        return Drawing(title, tuple(ordered), edges, width, height, (*remarks, *self.remarks))

    def _way(self, number: int, edge: Arrow) -> tuple[Slot, ...]:
        between = range(self.boxes[edge.source].layer + 1, self.boxes[edge.target].layer)
        return (edge.source, *((number, layer) for layer in between), edge.target)

    def _around(self, column: Sequence[Slot], order: Sequence[Sequence[Slot]]) -> list[Slot]:
        """A column with its arcs outside: above what comes from the upper half, below the rest."""
        above: list[Slot] = []
        below: list[Slot] = []
        rest: list[Slot] = []
        targets: list[Slot] = []
        for key in column:
            if isinstance(key, str) or key[0] not in self.arcs:
                target = isinstance(key, str) and self.boxes[key].kind == "target"
                (targets if target else rest).append(key)
                continue
            source = self.ways[key[0]][0]
            beside = next(each for each in order if source in each)
            boxes = [each for each in beside if isinstance(each, str)]
            upper = boxes.index(source) <= (len(boxes) - 1) / 2  # type: ignore[arg-type]
            (above if upper else below).append(key)
        return [*above, *rest, *targets, *below]

    def _size(self) -> None:
        """Give boxes room for their text and for the edges that enter; columns are even."""
        ruler, room = self.ruler, dict.fromkeys(self.boxes, 0.0)
        for edge in self.edges:
            room[edge.target] += self._pitch(edge)
        self.wide = [0.0] * len(self.order)
        for node in self.boxes.values():
            width = ruler.widest(node.lines) + 2 * ruler.pad[0]
            self.wide[node.layer] = max(self.wide[node.layer], width)
        for name, node in self.boxes.items():
            height = max(len(node.lines) * ruler.line, room[name]) + 2 * ruler.pad[1]
            self.boxes[name] = replace(node, width=self.wide[node.layer], height=height)

    def _pitch(self, edge: Arrow) -> float:
        """How much of a box's side an edge needs."""
        lines, ruler = len(edge.lines), self.ruler
        return max(lines * ruler.line + (ruler.between if lines > 1 else 0), ruler.port)

    def _across(self) -> tuple[list[float], list[float]]:
        """Where each column starts, and where the curves before it end."""
        ruler, count = self.ruler, len(self.order)
        labels = [0.0] * count
        starts: list[set[Slot]] = [set() for _ in range(count)]
        for edge, way in zip(self.edges, self.ways, strict=True):
            layer, text = self.boxes[edge.target].layer, ruler.widest(edge.lines)
            room = (text + ruler.label[0] if text else 0) + ruler.label[1]
            labels[layer] = max(labels[layer], room)
            for place, key in enumerate(way[:-1], self.boxes[edge.source].layer):
                starts[place].add(key)
        lefts, ends, x = [], [], ruler.margin
        for layer in range(count):
            if layer:
                x += self.wide[layer - 1] + ruler.curve + ruler.track * len(starts[layer - 1])
            ends.append(x)
            x += labels[layer]
            lefts.append(x)
        return lefts, ends

    def _tops(self) -> dict[Slot, float]:
        """The upper side of every box and every place where an edge passes."""
        weights = {key: WEAK if self._gives_way(key) else 1.0 for key in self.heights}
        beside: dict[Slot, list[Slot]] = {key: [] for key in self.heights}
        for way in self.ways:
            for left, right in pairwise(way):
                beside[left].append(right)
                beside[right].append(left)
        tops: dict[Slot, float] = {}
        for column in self.order:
            tops |= self._apart(column, {key: -self.heights[key] / 2 for key in column}, weights)
        for turn in range(PASSES):
            for column in self.order if turn % 2 == 0 else reversed(self.order):
                wanted = {}
                for key in column:
                    total = sum(weights[each] for each in beside[key])
                    middle = sum((tops[e] + self.heights[e] / 2) * weights[e] for e in beside[key])
                    wanted[key] = middle / total - self.heights[key] / 2 if total else tops[key]
                tops |= self._apart(column, wanted, weights)
        return tops

    def _gives_way(self, key: Slot) -> bool:
        return self.boxes[key].kind == "target" if isinstance(key, str) else key[0] in self.arcs

    def _apart(
        self, column: Sequence[Slot], wanted: Mapping[Slot, float], weights: Mapping[Slot, float]
    ) -> dict[Slot, float]:
        """The places nearest to those wanted at which nothing overlaps, in whole units."""
        offsets, offset = [], 0.0
        for key, following in zip(column, (*column[1:], None), strict=True):
            offsets.append(offset)
            both = isinstance(key, str) and isinstance(following, str)
            offset += self.heights[key] + (self.ruler.apart if both else self.ruler.passing)
        pools: list[tuple[float, float, int]] = []  # sum of places and of weights, how many members
        for key, before in zip(column, offsets, strict=True):
            weight = weights[key]
            total, count = (wanted[key] - before) * weight, 1
            while pools and pools[-1][0] / pools[-1][1] >= total / weight:
                above = pools.pop()
                total, weight, count = total + above[0], weight + above[1], count + above[2]
            pools.append((total, weight, count))
        starts = [round(total / weight) for total, weight, count in pools for _ in range(count)]
        places = zip(column, starts, offsets, strict=True)
        return {key: start + before for key, start, before in places}

    def _routed(
        self, tops: Mapping[Slot, float], lefts: Sequence[float], ends: Sequence[float]
    ) -> Iterator[Arrow]:
        ports = self._ports(tops)
        for number, (edge, way) in enumerate(zip(self.edges, self.ways, strict=True)):
            source, target = self.boxes[edge.source], self.boxes[edge.target]
            y = self._middle(source.y, source.height)
            bends: list[Point] = [(source.x + source.width, y)]
            for place, key in enumerate(way[1:], source.layer + 1):
                bends.append((lefts[place - 1] + self.wide[place - 1], y))
                last = key == edge.target
                y = ports[number] if last else self._middle(tops[key], self.ruler.passing)
                bends.append((ends[place], y))
            bends.append((target.x, y))
            label = (ends[target.layer] + self.ruler.label[0], y)
            yield replace(edge, bends=tuple(bends), label=label)

    def _whole(self, length: float) -> float:
        """A length, in whole lines where the ruler counts lines."""
        return length // 1 if self.ruler.line == 1 else length

    def _middle(self, top: float, height: float) -> float:
        return top + self._whole(height / 2)

    def _ports(self, tops: Mapping[Slot, float]) -> dict[int, float]:
        """The height at which each edge enters its box: in the order in which they come in."""
        entering: dict[str, list[int]] = {}
        for number, edge in enumerate(self.edges):
            entering.setdefault(edge.target, []).append(number)
        ports = {}

        def coming(number: int) -> float:
            key = self.ways[number][-2]
            return tops[key] + self.heights[key] / 2

        for name, numbers in entering.items():
            pitches = {number: self._pitch(self.edges[number]) for number in numbers}
            box = self.boxes[name]
            y = box.y + self._whole((box.height - sum(pitches.values())) / 2)
            for number in sorted(numbers, key=coming):
                lines = len(self.edges[number].lines)
                above = min(lines, self.ruler.above) * self.ruler.line
                ports[number] = y + self._whole(above if lines else pitches[number] / 2)
                y += pitches[number]
        return ports


SHARE = "share: this edge's part of the derivative by a shared weight, shown by its width."


def _element(network: Network, drawn: Container[str | None]) -> Iterator[str]:
    """Yield how the elements of a matrix are called, where the picture shows any."""
    elements = network.matrices.elements if network.matrices else {}
    for name, array in elements.items():
        if len(array.shape) == 2 and array.shape[1] != 1:
            second = formula_text(array.elements[1], UNICODE)
            if second in drawn:
                place = second.removeprefix(name).strip("_")
                yield f"Behind {name}, {place} stands for row 1 and column 2."
                return


def draw(
    network: Network, worked: Calculation | None = None, *, values: bool = False,
    gradients: bool = False, sample: int = 1, asked: Iterable[str] = (), ruler: Ruler = PIXELS,
) -> Drawing:  # fmt: skip
    """The picture of a network, with the numbers of a calculation if they are wanted.

    `worked` must hold the values that are shown; of several samples one is. Derivatives by
    weights are of the whole loss. The numbers of what is `asked` are left to be filled in.
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
        left = frozenset(asked)
        figures = Numerals(worked.values, of, worked.of, mark, shared, values, gradients, left)
        said = f"The numbers are those of sample {sample} of {many}"
        if gradients and of != worked.of:
            said += f"; the derivatives of {worked.of} are the {network.reduction} over all samples"
        remarks = (f"{said}.",) if many > 1 else ()
    nodes, edges = graph(network, figures)
    if any(edge.share is not None for edge in edges):
        remarks += (SHARE,)
    remarks += (*_element(network, {edge.weight for edge in edges}),)
    layout = _Layout(nodes, edges, ruler, inputs_first=bool(network.units))
    return layout.drawing(network.title or network.file, remarks)
