"""A throw-away row of every table, for `pytest -p drill`: no test may miss it elsewhere."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from textwrap import indent
from types import ModuleType

import click
import pytest

from backcalc.equations import initial, losses, optimizers
from backcalc.formats import FORMATS, PICTURES, Format, text
from backcalc.formulas import functions
from backcalc.formulas.expression import Function, Number, multiplied
from backcalc.formulas.notation import UNICODE

functions.FUNCTIONS["drill_function"] = Function(
    "drill_function", ("z",), functions.Formula("z*tanh(z)"), "tanh(z) + z*(1 - tanh(z)**2)",
    "z*tanh(z)", exact_at=((0, Fraction(0)),), torch="lambda z: z * torch.tanh(z)",
)  # fmt: skip
losses.LOSSES["drill_loss"] = losses.Loss("drill_loss", "(p - y)**4", torch="((p - y)**4).sum()")
optimizers.OPTIMIZERS["drill_optimizer"] = optimizers.Optimizer(
    "drill_optimizer", (("k'", "pull*k + g"), ("w'", "w - lr*(g + k')/2")),
    (("pull", Fraction(1, 2)),),
)  # fmt: skip
initial.INITIALISATIONS["drill_start"] = replace(
    initial.INITIALISATIONS["constant"], name="drill_start"
)

rst = ModuleType("backcalc.formats.drill_rst")
"""A format is a module with a notation of its own and a function that writes, and a row."""
rst.NOTATION = replace(UNICODE, name="drill_rst", times=" * ", power="{}^{}")  # type: ignore[attr-defined]
rst.render = lambda sheet, notation: "::\n\n" + indent(text.render(sheet, notation), "   ")  # type: ignore[attr-defined]
sys.modules[rst.__name__] = rst
FORMATS["drill_rst"] = Format((".rst",), ".drill_rst")
FORMATS["drill_format"] = replace(FORMATS["markdown"], suffixes=(".drill",))
PICTURES["drill_picture"] = replace(PICTURES["dot"], suffixes=(".drill",))

# These read the tables above as they are imported.
from backcalc.checking import kinds, slips  # noqa: E402
from backcalc.checking.key import Key  # noqa: E402
from backcalc.checking.mistakes.form import Forms, Spot, reads  # noqa: E402
from backcalc.checking.queries import WHOLE_NUMBER, Query  # noqa: E402
from backcalc.commands import group  # noqa: E402
from backcalc.exporting import TARGETS  # noqa: E402


def tripled(spot: Spot) -> Forms:
    """The figure times 3."""
    yield reads(spot, multiplied(Number(Fraction(3)), spot.equation.expression))


@click.command()
def drill_command() -> None:
    """Say that it works."""
    sys.stdout.write("it works\n")


slips.SLIPS["drill-slip"] = slips.Slip(
    "drill-slip",
    "taken three times",
    "You took it three times: take it once.",
    tripled,
    figure=True,
)


def outputs(key: Key, seed: int) -> kinds.Posed:
    """How many outputs there are."""
    right = len(key.network.outputs)
    asked = Query("outputs", ("outputs",), ("How many outputs?",), WHOLE_NUMBER, right, ("",))
    return kinds.Posed((asked,))


kinds.QUESTIONS["drill_kind"] = kinds.QuestionKind(
    "drill_kind", "Outputs", "How many outputs are there?", outputs, "outputs"
)
TARGETS["drill_target"] = replace(TARGETS["python"], name="drill_target")
module = ModuleType("backcalc.commands.drill_command")
module.drill_command = drill_command  # type: ignore[attr-defined]
sys.modules[module.__name__] = module
group.COMMANDS["drill_command"] = "drill_command"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests of other rows, which are the same without the new ones."""
    items[:] = [each for each in items if not hasattr(each, "callspec") or "drill" in each.name]
