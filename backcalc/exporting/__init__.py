"""A network as code of its own, for the day that it outgrows paper; one table row per target."""

from __future__ import annotations

import textwrap
from fractions import Fraction

from backcalc.equations.calculation import step
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, printable
from backcalc.exporting.as_torch import TORCH
from backcalc.exporting.in_functions import JAX, NUMPY, PYTHON
from backcalc.exporting.lines import parted
from backcalc.exporting.target import ExportedCode, Target

TARGETS: dict[str, Target] = {row.name: row for row in (TORCH, JAX, NUMPY, PYTHON)}


def export(network: Network, target: Target, rate: Fraction | None = None) -> str:
    """Return code that takes the same step and asserts its figures.

    Raises BackcalcError if the target cannot say something of the network.
    """
    descent = network.descent
    for asked, what in (
        (descent.optimizer.ahead, f"the point ahead of {descent.optimizer.name}"),
        (descent.maximise, "maximise"),
        (descent.start, "state"),
    ):
        if asked:
            hint = "leave it out, or take the sheet's own figures"
            raise BackcalcError(f"exported code does not know {what}", hint=hint)
    code = ExportedCode(step(network, rate), target)
    optimizer = network.descent.optimizer.name
    # The title stands on the third line: a comment on the first two may name an encoding.
    opening = [
        f"# One step of {optimizer}, written by backcalc export. It needs {target.needs}.",
        "#",
        *textwrap.wrap(f"# {printable(network.title or network.file)}", 88, subsequent_indent="# "),
        "",
        *target.opening,
    ]
    given, *functions = target.layout(code)
    helpers = (source.splitlines() for source in code.helpers.values())
    body = parted(*helpers, *functions)
    return "\n".join([*parted(opening, given, gap=1), "", "", *body]) + "\n"
