"""What the user is told where a format cannot show a letter."""

from __future__ import annotations

from collections.abc import Iterator

from backcalc.equations.network import Network
from backcalc.equations.program import lower
from backcalc.errors import listed


def unset_letters(network: Network) -> Iterator[str]:
    """A note on the letters of a network that LaTeX cannot set, where there are any."""
    from backcalc.formulas.latex_text import unset  # few sheets go to LaTeX

    given = (*network.inputs, *network.targets, *network.constants, *network.weights)
    names = (*given, *(equation.name for equation in lower(network)))
    lost = unset("".join((network.title or network.file, *names)))
    if lost:
        yield f"note: LaTeX cannot set {listed(lost)}: ? or a number stands in their place"
