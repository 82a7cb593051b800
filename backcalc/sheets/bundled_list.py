"""The bundled networks as a sheet, each with a small drawing, and as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backcalc.drawing.graph import graph
from backcalc.equations.network import Network
from backcalc.errors import counted
from backcalc.errors.lettering import columns_of
from backcalc.formulas.expression import names_in
from backcalc.formulas.notation import UNICODE, Phrase, name_text
from backcalc.sheets.blocks import Block, Chart, Heading, Sentences, SheetBlocks
from backcalc.sheets.data import Data

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


def library_sheet(topics: Iterable[tuple[str, list[tuple[str, Network]]]]) -> SheetBlocks:
    """Return networks by topic: what each is, why it is here, where it is from, how it looks."""
    blocks: list[Block] = []
    count = 0
    for topic, found in topics:
        count += len(found)
        blocks += [Heading((topic.capitalize(),))] if topic else []
        for name, network in found:
            blocks += [
                Heading((f"{name}: {network.title}",), 2),
                Sentences(tuple(_words(network))),
                Chart(flow_lines(network)),
            ]
    return SheetBlocks(f"Library: {counted(count, 'worked network')}", tuple(blocks))


def _words(network: Network) -> Iterable[Phrase]:
    """Say why a network is here, where it comes from, and what is printed wrong there."""
    yield (network.about,)
    yield (f"Source: {network.source}",)
    if network.errata:
        yield (f"Printed wrong: {counted(len(network.errata), 'line')}, see errata",)


def library_data(found: Iterable[tuple[str, Network]]) -> Data:
    """Return networks for programs."""
    return {
        "schema": "backcalc/networks/1",
        "networks": [
            {
                "name": name, "title": network.title, "topic": network.topic,
                "about": network.about, "source": network.source, "inputs": len(network.inputs),
                "weights": len(network.weights), "samples": len(network.samples),
                "loss": network.loss_name, "optimizer": network.descent.optimizer.name,
                "figures": len(network.expect), "errata": len(network.errata),
            }
            for name, network in found
        ],
    }  # fmt: skip
