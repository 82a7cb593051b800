"""A network as code of its own, for the day that it outgrows paper; one table row per target."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from fractions import Fraction

from backcalc.equations.calculation import step
from backcalc.equations.network import Network
from backcalc.errors import printable
from backcalc.exporting.as_torch import TORCH
from backcalc.exporting.in_functions import JAX, NUMPY, PYTHON
from backcalc.exporting.lines import parted
from backcalc.exporting.target import ExportedCode, Target

TARGETS: dict[str, Target] = {row.name: row for row in (TORCH, JAX, NUMPY, PYTHON)}


def export(network: Network, target: Target, rate: Fraction | None = None) -> str:
    """Return code that takes the same step and asserts its figures.

    Raises BackcalcError if the target cannot say something of the network.
    """
    code = ExportedCode(step(network, rate), target)
    optimizer = network.descent.optimizer.name
    matrices = None
    if network.matrices is not None:
        from backcalc.exporting.in_matrices import matrix_layout  # few networks have matrices

        matrices = matrix_layout(code)
    given, *functions = matrices or target.layout(code)
    helpers = (source.splitlines() for source in code.helpers.values())
    body = parted(*helpers, *functions)
    imports = _imports(target, body) if matrices else target.opening
    # The title stands on the third line: a comment on the first two may name an encoding.
    opening = [
        f"# One step of {optimizer}, written by backcalc export. It needs {target.needs}.",
        "#",
        *textwrap.wrap(f"# {printable(network.title or network.file)}", 88, subsequent_indent="# "),
        "",
        *imports,
    ]
    return "\n".join([*parted(opening, given, gap=1), "", "", *body]) + "\n"


def _imports(target: Target, body: Sequence[str]) -> list[str]:
    """What code in matrix form imports: NumPy compares the figures, the rest as it is used."""
    text = "\n".join(body)
    lines = [line for line in target.opening if line not in UNUSED]
    while lines and not lines[0]:
        del lines[0]
    numpy = ["import numpy as np"]
    functional = ["from torch.nn import functional as F"] if "F." in text else []
    math = ["import math", ""] if "math." in text else []
    place = 1 if functional else 0
    return [*math, *numpy, *lines[:place], *functional, *lines[place:]]


UNUSED = (
    "import math", "import numpy as np", "from torch import nn",
    "from torch.nn import functional as F",
)  # fmt: skip
"""Imports of the targets that code in matrix form need not have."""
