"""Equations and derivatives as formulas only, as a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.equations.network import Network
from backcalc.equations.program import Equation
from backcalc.formulas.expression import Name
from backcalc.formulas.notation import Phrase
from backcalc.sheets.blocks import Block, Heading, Sheet, Table
from backcalc.sheets.worked import chain_rule


def symbolic_sheet(
    network: Network,
    forward: Sequence[Equation],
    backward: Sequence[Equation],
    closed: Sequence[Block] = (),
) -> Sheet:
    """Every equation, every derivative with its chain rule, and the closed forms if asked for."""
    formulas: tuple[tuple[Phrase, ...], ...] = tuple(
        ((Name(each.name),), (each.expression,)) for each in forward
    )
    derivatives = tuple(
        ((Name(each.name),), chain_rule(each), (each.expression,)) for each in backward
    )
    blocks = (
        Heading(("Forward pass",)),
        Table(("quantity", "formula"), formulas),
        Heading(("Backward pass",)),
        Table(("derivative", "chain rule", "worked out"), derivatives),
        *closed,
    )
    return Sheet(network.title or network.file, blocks)
