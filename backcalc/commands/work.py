"""`step`, `forward` and `backward`: the worked sheet and its parts."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import Any

import click

from backcalc.commands.options import (
    Changes,
    brief_option,
    changes_option,
    compact_option,
    deliver,
    digits_option,
    expand_option,
    format_option,
    init_option,
    inputs_option,
    network_argument,
    online_option,
    opened,
    optimizer_option,
    options,
    output_options,
    rate_option,
    seed_option,
    steps_option,
    view_option,
    wrt_option,
)
from backcalc.equations import calculation
from backcalc.equations.calculation import Calculation
from backcalc.equations.initial import Initial
from backcalc.equations.named import check_wrt
from backcalc.equations.optimizers import Descent
from backcalc.errors import BackcalcError
from backcalc.sheets import worked
from backcalc.sheets.worked import BACKWARD, FORWARD, View, Wishes, closed_blocks, closed_data

VIEWS = {"scalar": ("worked", "LINES"), "matrix": ("matrix", "MATRICES")}
"""Where each view is."""

numbers_options = options(changes_option, seed_option, init_option)
shown_options = options(brief_option, digits_option, format_option, output_options)


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(numbers_options, wrt_option, inputs_option, compact_option, expand_option)
@options(view_option, shown_options)
def step(
    network: str, rate: Fraction | None, steps: int, descent: Descent | None, online: bool,
    changes: Changes, seed: int | None, initial: Initial | None, wrt: str | None,
    by_inputs: bool, compact: bool, expand: bool | None, view: str, brief: bool, digits: int,
    **out: Any,
) -> None:  # fmt: skip
    """Forward pass, every derivative, the update, and the loss after it."""
    net = opened(network, changes, descent, seed, initial)
    wishes = Wishes(compact, brief, wrt, digits)
    _check_view(view, wrt=wrt, compact=compact, expand=expand)
    worked_out = calculation.step(net, rate, steps, by_inputs=by_inputs, online=online)
    _show(worked_out, wishes, expand, view, None, out)
    if worked_out.stopped:
        raise worked_out.stopped


@click.command()
@options(network_argument, numbers_options, view_option, shown_options)
def forward(
    network: str, changes: Changes, seed: int | None, initial: Initial | None, view: str,
    brief: bool, digits: int, **out: Any,
) -> None:  # fmt: skip
    """The forward pass alone."""
    net = opened(network, changes, seed=seed, initial=initial)
    wishes = Wishes(brief=brief, digits=digits)
    worked_out = calculation.forward(net)
    _show(worked_out, wishes, False, view, FORWARD, out)


@click.command()
@network_argument
@click.option("--of", metavar="NAME", help="The derivatives of this value instead of the loss's.")
@options(numbers_options, wrt_option, inputs_option, compact_option, expand_option)
@options(view_option, shown_options)
def backward(
    network: str, of: str | None, changes: Changes, seed: int | None, initial: Initial | None,
    wrt: str | None, by_inputs: bool, compact: bool, expand: bool | None, view: str,
    brief: bool, digits: int, **out: Any,
) -> None:  # fmt: skip
    """Every derivative of the loss, or of any other value."""
    net = opened(network, changes, seed=seed, initial=initial)
    wishes = Wishes(compact, brief, wrt, digits)
    _check_view(view, of=of, wrt=wrt, compact=compact, expand=expand)
    worked_out = calculation.backward(net, of=of, by_inputs=by_inputs)
    _show(worked_out, wishes, expand, view, BACKWARD, out)


def _view(view: str) -> View:
    """A view, read when it is used."""
    module, name = VIEWS[view]
    found: View = getattr(import_module(f"backcalc.sheets.{module}"), name)
    return found


def _check_view(view: str, **asked: object) -> None:
    """Say so where an option picks single lines, of which there are none among matrices."""
    for name, value in asked.items():
        if view == "matrix" and value:
            message = f"--{name} is for single derivatives; the matrix view has none"
            raise BackcalcError(message, hint="leave it out, or take --view scalar")


def _show(
    worked_out: Calculation,
    wishes: Wishes,
    expand: bool | None,
    view: str,
    only: str | None,
    out: dict[str, Any],
) -> None:
    """Print a calculation as a sheet or as data, with closed forms as far as they are wanted."""
    check_wrt(worked_out.program, wishes.wrt)
    closed = False if view == "matrix" else expand
    deliver(
        sheet=lambda: worked.worked_sheet(
            worked_out,
            wishes,
            closed_blocks(worked_out, wishes, closed),
            only=only,
            view=_view(view),
        ),
        data=lambda: _data(worked_out, wishes, expand, only),
        wishes=wishes,
        network=worked_out.network,
        **out,
    )


def _data(
    worked_out: Calculation, wishes: Wishes, expand: bool | None, only: str | None
) -> dict[str, Any]:
    """The same as data."""
    from backcalc.sheets.data import worked_data  # a sheet for people does without

    shown = worked.shown_names(worked_out, wishes)
    rows = worked_data(worked_out, shown, only=only)
    return {**rows, **closed_data(worked_out, wishes, expand)}
