"""Shapes, parameters and costs of a network as a sheet, and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from backcalc.equations.costs import COUNTED, FLOAT, KEPT, Costs, Measured, total
from backcalc.equations.network import Network
from backcalc.formulas.expression import Expression, Name, Number
from backcalc.formulas.notation import Phrase, formula_text, sentence
from backcalc.sheets.blocks import Block, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data
from backcalc.sheets.derived import shape_phrase
from backcalc.sheets.worked import joined


def sizes_sheet(network: Network, costs: Costs) -> SheetBlocks:
    """Return every shape, the parameters layer by layer, and what both passes cost."""
    layers: list[tuple[Phrase, ...]] = [
        ((Name(each.name),), _names(each.weights), (each.parameters,)) for each in costs.layers
    ]
    layers.append((("all",), ("",), (costs.parameters,)))
    passes = [costs.forward, costs.backward]
    forward, backward = (total(each.products for each in own) for own in passes)
    copies = costs.copies
    of_all = f" for {copies} samples" if copies > 1 else ""
    blocks: tuple[Block, ...] = (
        Heading(("Shapes",)),
        _table("what it is", [*costs.given, *costs.forward], lambda each: (each.kind,)),
        Heading(("Parameters",)),
        Table(("layer", "weights", "parameters"), tuple(layers)),
        Heading(("Multiplications",)),
        _table("multiplications", costs.forward, lambda each: (each.products,)),
        _table("multiplications", costs.backward, lambda each: (each.products,)),
        Sentences(
            (
                sentence("Forward: {}. Backward: {}.", forward, backward),
                (COUNTED,),
                *((("They are for one sample.",),) if copies > 1 else ()),
            )
        ),
        Heading(("Memory",)),
        Sentences(
            (
                (KEPT,),
                (*_names(each.name for each in costs.kept), "."),
                sentence(
                    f"At {FLOAT} bytes a number that is {{}} bytes{of_all}.", costs.kept_bytes
                ),
            )
        ),
    )
    return SheetBlocks(network.title or network.file, blocks)


def _table(last: str, rows: Sequence[Measured], cell: Callable[[Measured], Phrase]) -> Table:
    return Table(
        ("quantity", "shape", "elements", last),
        tuple(
            ((Name(each.name),), shape_phrase(each.shape), (each.elements,), cell(each))
            for each in rows
        ),
    )


def _names(names: Iterable[str]) -> Phrase:
    return joined([(Name(name),) for name in names]) or ("nothing",)


def sizes_data(network: Network, costs: Costs) -> Data:
    """Return `backcalc/shapes/1`: shapes, parameters and costs."""
    return {
        "schema": "backcalc/shapes/1",
        "network": network_data(network),
        "given": [_measured_data(each) for each in costs.given],
        "forward": [_measured_data(each) for each in costs.forward],
        "backward": [_measured_data(each) for each in costs.backward],
        "layers": [
            {"name": e.name, "weights": list(e.weights), "parameters": size_data(e.parameters)}
            for e in costs.layers
        ],
        "parameters": size_data(costs.parameters),
        "samples": costs.copies,
        "multiplications": {
            "forward": size_data(total(each.products for each in costs.forward)),
            "backward": size_data(total(each.products for each in costs.backward)),
        },
        "kept": [each.name for each in costs.kept],
        "kept_bytes": size_data(costs.kept_bytes),
    }


def _measured_data(each: Measured) -> Data:
    return {
        "name": each.name, "kind": each.kind, "shape": list(each.shape),
        "elements": size_data(each.elements), "multiplications": size_data(each.products),
    }  # fmt: skip


def size_data(number: Expression) -> int | str:
    """Return a number, or a formula of letters as text."""
    return int(number.value) if isinstance(number, Number) else formula_text(number)
