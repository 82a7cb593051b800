"""What is wrong where it is published: every erratum of some networks, as a sheet and as data."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

from backcalc.checking.examples import bare
from backcalc.checking.slips import SLIPS
from backcalc.equations.network import Erratum, Network
from backcalc.formulas.expression import Name, names_in
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import Phrase
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import typed
from backcalc.sheets.blocks import Block, Heading, Sentences, SheetBlocks, Table

COLUMNS = ("quantity", "printed", "right", "mistake")


def errata_sheet(networks: Iterable[tuple[str, Network]]) -> SheetBlocks:
    """Return the errata of some networks, place by place, each as it is printed and as it is."""
    blocks: list[Block] = []
    for name, network in networks:
        for place, found in groupby(network.errata, attrgetter("place")):
            blocks += [
                Heading((f"{name}: {network.title}",), 1),
                Sentences(((place,),)),
                Table(COLUMNS, tuple(map(_row, found)), prose=True),
            ]
    nothing = Sentences((("No figure of this network is known to be printed wrong.",),))
    return SheetBlocks("Errata", tuple(blocks) or (nothing,))


def _row(erratum: Erratum) -> tuple[Phrase, ...]:
    slip = SLIPS.get(erratum.mistake)
    said = f"{slip.name}: {bare(slip)}" if slip else erratum.mistake
    figures = _written(erratum.printed), _written(erratum.right)
    return (Name(typed(erratum.quantity)),), *figures, (said,)


def _written(text: str) -> Phrase:
    """A figure as it is written, a formula as formulas are."""
    formula = parse(text, FUNCTIONS, derivatives=True)
    return (formula,) if names_in(formula) else (text,)


def errata_data(networks: Iterable[tuple[str, Network]]) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "schema": "backcalc/errata/1",
        "errata": [
            {
                "network": name,
                **{key: getattr(each, key) for key in (*COLUMNS, "place")},
                "slip": each.mistake if each.mistake in SLIPS else None,
            }
            for name, network in networks
            for each in network.errata
        ],
    }
