"""Equations and derivatives as formulas only, as a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.expression import Name
from backcalc.network import Network
from backcalc.notation import Phrase
from backcalc.program import Equation
from backcalc.views.sheet import Block, Heading, Sheet, Table
from backcalc.views.worked import chain_rule


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
