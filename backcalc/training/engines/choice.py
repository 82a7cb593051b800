"""Which engine to take: by an estimate of what preparing and running each would cost."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fractions import Fraction

from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.training.engines.engine import Batches, Engine
from backcalc.training.engines.equations import Equations
from backcalc.training.engines.plan import Fragments, Planner

ENGINES = ("auto", "python", "c", "equations")

# Seconds, as measured on one machine; what counts is how they compare.
PYTHON_OPERATION = 7e-9
C_START, C_STATEMENT, C_OPERATION = 0.05, 80e-6, 0.5e-9

LARGEST = sys.float_info.max
FEW, LARGE = 25, 500
"""Passes through a network of so many weights that are over before code for it is made."""
MOST_STATEMENTS = 50_000
"""Operations beyond which a C compiler takes longer than any run; it is used only by name then."""


def engine_for(
    network: Network, batches: Batches, wish: str = "auto", *, epochs: int, runs: int = 1
) -> tuple[Engine, str]:
    """An engine for so many epochs of so many runs, and a note where it is not what was wished.

    `wish` is one of ENGINES.
    """
    _check_sizes(network)
    passes = epochs * runs * len(network.samples)
    few = passes <= FEW and len(network.weights) >= LARGE
    if wish == "equations" or (wish == "auto" and few):
        return Equations(network, batches), ""
    from backcalc.training.engines.python import Python

    plan, note = Planner(network, batches).plan(), ""
    if wish == "c" or (wish == "auto" and worth_c(plan, epochs * runs)):
        from backcalc.training.engines.c import PATIENCE, C, CompilerError

        try:
            return C(plan, patience=PATIENCE if wish == "c" else PATIENCE / 3), ""
        except CompilerError as error:
            note = f"{error.message}; the equations run as Python, to the same figures"
    return Python(plan), note


def _check_sizes(network: Network) -> None:
    """Say so where a number of the file is too large for a float, in which training works."""
    several = len(network.samples) > 1
    given: list[tuple[str, Mapping[str, Fraction]]]
    given = [("", {**network.weights, **network.constants, **network.descent.numbers})]
    given += [(f"[{n}]" if several else "", s) for n, s in enumerate(network.samples, 1)]
    for index, numbers in given:
        for name, number in numbers.items():
            if abs(number) > LARGEST:
                message = f"{name}{index} is too large to train with"
                raise BackcalcError(message, hint="floats end at 1.8e308")


def worth_c(plan: Fragments, epochs: int) -> bool:
    """True if a C compiler pays for itself within so many epochs."""
    operations = plan.operations * epochs
    saved = operations * (PYTHON_OPERATION - C_OPERATION)
    cost = C_START + C_STATEMENT * plan.statements
    return plan.statements <= MOST_STATEMENTS and cost < saved
