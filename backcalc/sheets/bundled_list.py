"""The bundled networks as a sheet, each with a small drawing, and as data."""

from __future__ import annotations

from collections.abc import Iterable

from backcalc.drawing.as_flow import flow_lines
from backcalc.equations.network import Network
from backcalc.errors import counted
from backcalc.formulas.notation import Phrase
from backcalc.sheets.blocks import Block, Chart, Heading, Sentences, SheetBlocks
from backcalc.sheets.data import Data


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
                "name": name,
                "title": network.title,
                "topic": network.topic,
                "about": network.about,
                "source": network.source,
                "inputs": len(network.inputs),
                "weights": len(network.weights),
                "samples": len(network.samples),
                "loss": network.loss_name,
                "optimizer": network.descent.optimizer.name,
                "figures": len(network.expect),
                "errata": len(network.errata),
            }
            for name, network in found
        ],
    }
