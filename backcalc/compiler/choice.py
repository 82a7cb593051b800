"""Which engine to take: by an estimate of what preparing and running each would cost."""

from __future__ import annotations

from backcalc.compiler.engine import Batches, Engine
from backcalc.compiler.equations import Equations
from backcalc.compiler.plan import Plan, Planner
from backcalc.errors import BackcalcError
from backcalc.network import Network

ENGINES = ("auto", "python", "c", "equations")


def engine_for(
    network: Network, batches: Batches, wish: str = "auto", *, epochs: int, runs: int = 1
) -> tuple[Engine, str]:
    """An engine, and a note where it is not the one that was to be taken."""
    if wish == "equations":
        return Equations(network, batches), ""
    plan = Planner(network, batches).plan()
    from backcalc.compiler.python import Python

    if wish == "c" or (wish == "auto" and worth_compiling(plan, epochs * runs)):
        from backcalc.compiler.c import C, CompilerError

        try:
            return C(plan), ""
        except CompilerError as error:
            return Python(plan), f"{error.message}; Python runs the equations, more slowly"
    return Python(plan), ""


def worth_compiling(plan: Plan, epochs: int) -> bool:
    return False
