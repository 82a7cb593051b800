"""What the user is told where a format cannot show a letter."""

from __future__ import annotations

from backcalc.errors import listed
from backcalc.network import Network
from backcalc.program import lower


def say_unset(network: Network) -> None:
    """Say which letters of a network LaTeX cannot set: on stderr, once."""
    from backcalc.commands.options import say
    from backcalc.views.typeset import unset

    given = (*network.inputs, *network.targets, *network.constants, *network.weights)
    names = (*given, *(equation.name for equation in lower(network)))
    lost = unset("".join((network.title or network.file, *names)))
    if lost:
        say(f"note: LaTeX cannot set {listed(lost)}: ? or a number stands in their place")
