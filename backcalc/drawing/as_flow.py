"""A network as a small drawing in letters: its quantities layer by layer, and what jumps layers."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.drawing.graph import graph
from backcalc.equations.network import Network
from backcalc.errors.lettering import columns_of
from backcalc.formulas.expression import names_in
from backcalc.formulas.notation import UNICODE, name_text

WIDTH = 76
MOST_ROWS = 4  # of one layer
MOST_WAYS = 2  # past layers
LEAVES = ("input", "constant", "weight", "target")
ARROW, GAP, MORE = " ─▸ ", "    ", "⋮"

Ways = list[tuple[str, str]]  # the quantity that is read, and the one that reads it


def flow_lines(network: Network) -> tuple[str, ...]:
    """Return the lines of the drawing: layers from left to right, then ways past layers."""
    names, ways = _ways(network)
    layer: dict[str, int] = {}
    for name in names:
        layer[name] = 1 + max((layer[read] for read, by in ways if by == name), default=-1)
    columns = [[n for n in names if layer[n] == at] for at in range(max(layer.values()) + 1)]
    cells = [[name_text(name, UNICODE) for name in column] for column in columns]
    wide = [max(map(columns_of, column[:MOST_ROWS])) for column in cells]
    if sum(wide) + len(ARROW) * (len(wide) - 1) > WIDTH:
        return (f"{cells[0][0]}{ARROW}{len(cells) - 2} layers{ARROW}{cells[-1][0]}",)
    starts = [sum(wide[:at]) + len(ARROW) * at for at in range(len(wide))]
    rows = []
    for row in range(min(max(map(len, cells)), MOST_ROWS)):
        texts = zip((_cell(column, row) for column in cells), wide, strict=True)
        padded = (text + " " * (width - columns_of(text)) for text, width in texts)
        rows.append((GAP if row else ARROW).join(padded).rstrip())
    single = len(columns[0]) == 1  # else what is read later would lie below all the rest
    past = sorted(
        {(layer[a], layer[b]) for a, b in ways if layer[b] > layer[a] + 1 and (layer[a] or single)}
    )
    below = ((starts[first], starts[last]) for first, last in past[:MOST_WAYS])
    return (*rows, *(f"{' ' * begin}└{'─' * (end - begin - 1)}┘" for begin, end in below))


def _ways(network: Network) -> tuple[list[str], Ways]:
    """The quantities that are drawn, in the order of the file, and which reads which."""
    form = network.matrices
    if form is not None:
        lines = [str(line.name) for line in form.lines]
        ways = [(read, str(line.name)) for line in form.lines for read in names_in(line.expression)]
        inputs, weights = form.inputs, form.weights
    else:
        boxes, arrows = graph(network)
        lines = [box.name for box in boxes if box.kind not in LEAVES]
        ways = [(arrow.source, arrow.target) for arrow in arrows]
        inputs, weights = network.inputs, tuple(network.weights)
    reading = {by for read, by in ways if read in lines or read in inputs}
    alone = {read for read, by in ways if by not in reading}
    drawn = [*inputs, *(name for name in weights if name in alone), *lines]
    return drawn, [(read, by) for read, by in ways if read in drawn]


def _cell(column: Sequence[str], row: int) -> str:
    """What stands in one row of a layer; the last row says that there are more."""
    if row == MOST_ROWS - 1 and len(column) > MOST_ROWS:
        return MORE
    return column[row] if row < len(column) else ""
