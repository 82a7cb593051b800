"""How high everything stands: near the middle of its neighbours, and nothing overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from backcalc.drawing.columns import Columns, Key
from backcalc.drawing.picture import Node
from backcalc.drawing.ruler import Ruler

PASSES = 16
WEAK = 0.02  # how much what must give way counts: arcs, and targets beside the outputs


def height_of(key: Key, boxes: Mapping[str, Node], ruler: Ruler) -> float:
    """The height of a box, or of the place where an edge passes."""
    return boxes[key].height if isinstance(key, str) else ruler.passing


def tops_of(placed: Columns, boxes: Mapping[str, Node], ruler: Ruler) -> dict[Key, float]:
    """The upper side of every box and every place where an edge passes."""
    heights = {key: height_of(key, boxes, ruler) for column in placed.order for key in column}
    weak = {key for key in heights if _gives_way(key, placed)}
    weights = {key: WEAK if key in weak else 1.0 for key in heights}
    beside: dict[Key, list[Key]] = {key: [] for key in heights}
    for way in placed.ways:
        for left, right in pairwise(way):
            beside[left].append(right)
            beside[right].append(left)
    tops: dict[Key, float] = {}
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


def _gives_way(key: Key, placed: Columns) -> bool:
    if isinstance(key, str):
        return placed.nodes[key].kind == "target"
    return key[0] in placed.arcs


def _apart(
    column: Sequence[Key],
    wanted: Mapping[Key, float],
    heights: Mapping[Key, float],
    weights: Mapping[Key, float],
    ruler: Ruler,
) -> dict[Key, float]:
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
