"""Derivatives by PyTorch: the exported module's own gradients, from a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from math import isfinite

from backcalc.equations.calculation import Calculation, run, start_values
from backcalc.errors import BackcalcError, UndefinedError, listed
from backcalc.formulas.expression import Scalar
from backcalc.proving.way import Figures, Way, differing, same

PYTORCH = "PyTorch"
DOUBLES = 1000
"""Times that PyTorch's doubles may be off by the error of our own, as its code is other code."""
PATIENCE = 120
"""Seconds to wait for PyTorch; most of them go into loading it."""


def by_pytorch(calculation: Calculation, ours: Figures) -> Way:
    """Run the exported network, where PyTorch is installed, and read its gradients."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return Way(PYTORCH, {}, "it is not installed")
    import subprocess
    import sys

    from backcalc.exporting.as_torch import gradients_alone

    command = [sys.executable, "-I", "-X", "utf8", "-"]
    try:
        code = gradients_alone(calculation)
        done = subprocess.run(
            command, input=code.encode(), capture_output=True, check=False, timeout=PATIENCE
        )
    except BackcalcError as error:
        return Way(PYTORCH, {}, error.message)
    except subprocess.TimeoutExpired:
        return Way(PYTORCH, {}, f"it took more than {PATIENCE} s")
    if done.returncode:
        return Way(PYTORCH, {}, "it could not run the exported network")
    slopes = map(float, done.stdout.split())
    return _in_doubles(calculation, ours, dict(zip(ours, slopes, strict=True)))


def _in_doubles(calculation: Calculation, ours: Figures, theirs: Mapping[str, float]) -> Way:
    """Return PyTorch's figures, with those set apart that no double could come nearer to.

    The equations themselves, worked out in doubles, show how near doubles come.
    """
    figures = {name: Decimal(slope) for name, slope in theirs.items() if isfinite(slope)}
    missing = [name for name in theirs if name not in figures]
    why = f"no finite value for {listed(missing)} in its doubles" if missing else ""
    odd = differing(ours, figures)
    if not odd:
        return Way(PYTORCH, figures, why)
    values: dict[str, Scalar] = {n: float(v) for n, v in start_values(calculation.network).items()}
    with suppress(UndefinedError):
        run((*calculation.program.forward, *calculation.program.backward), values)
    own = {name: Decimal(float(values[name])) for name in odd if name in values}
    lost = tuple(
        name for name in odd
        if name not in own or same(ours[name], figures[name], DOUBLES * abs(own[name] - ours[name]))
    )  # fmt: skip
    return Way(PYTORCH, figures, why, lost=lost)
