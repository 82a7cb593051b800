"""`step`, `forward`, `backward`, `report` and `symbolic`: the worked sheet and its parts."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import Any

import click

from backcalc.commands.options import (
    changes_option,
    deliver,
    digits_option,
    direction,
    format_of,
    format_option,
    init_option,
    kept,
    network_argument,
    online_option,
    opened,
    opening,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
    say,
    seed_option,
    tell_limits,
    work_option,
)
from backcalc.equations import calculation
from backcalc.equations.calculation import Calculation
from backcalc.equations.named import check_wrt, with_upstream
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.formats import REPORTS
from backcalc.sheets import worked
from backcalc.sheets.worked import BACKWARD, FORWARD, View, Wishes, closed_blocks, closed_data

VIEWS = {
    "scalar": ("worked", "LINES"),
    "matrix": ("matrix", "MATRICES"),
    "arrays": ("arrays", "MATRICES"),
}
"""Where each view is; that of a file with matrices has no name of its own."""

steps_option = click.option(
    "--steps", type=int, default=1, show_default=True, help="How many steps to take."
)
compact_option = click.option(
    "--compact", is_flag=True, help="One table with a row for each derivative."
)
expand_option = click.option(
    "--expand/--no-expand", default=None,
    help="Closed form of each derivative in inputs and weights, by sympy.",
)  # fmt: skip
layout_option = click.option(
    "--layout", type=click.Choice(("denominator", "numerator")), default="denominator",
    show_default=True, help="Derivatives by a matrix in its shape, or in the transposed one.",
)  # fmt: skip
numbers_options = options(changes_option, seed_option, init_option)
derivative_options = options(
    click.option(
        "--wrt", metavar="NAME", help="Only what the derivative by this weight or value needs."
    ),
    click.option("--inputs", "by_inputs", is_flag=True, help="Derivatives by the inputs too."),
    compact_option,
    expand_option,
)
shown_options = options(
    click.option(
        "--view", type=click.Choice(["scalar", "matrix"]),
        help="Line by line, or with matrices (which a file with matrices has unless asked); the"
        " figures are the same.",
    ),
    click.option("--brief", is_flag=True, help="Only the tables of results."),
    work_option,
    digits_option,
    format_option,
    output_options,
)  # fmt: skip


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(numbers_options, derivative_options, shown_options)
@opening
def step(
    net: Network, rate: Fraction | None, steps: int, online: bool, by_inputs: bool, work: str,
    **shown: Any,
) -> None:  # fmt: skip
    """Forward pass, every derivative, the update, and the loss after it."""
    _check_view(net, shown)
    worked_out = calculation.step(
        net, rate, steps, by_inputs=by_inputs, online=online, kept=kept(work, shown["digits"])
    )
    _show(worked_out, None, **shown)
    if worked_out.stopped:
        raise worked_out.stopped


@click.command()
@options(network_argument, numbers_options, shown_options)
@opening
def forward(net: Network, work: str, **shown: Any) -> None:
    """The forward pass alone."""
    _show(
        calculation.forward(net, kept=kept(work, shown["digits"])), FORWARD, expand=False, **shown
    )


@click.command()
@network_argument
@click.option("--of", metavar="NAME", help="The derivatives of this value instead of the loss's.")
@click.option(
    "--upstream", type=direction, metavar="NAME=NUMBER,...",
    help="Gradients that are given instead of the loss: a vector times the Jacobian.",
)  # fmt: skip
@options(numbers_options, derivative_options, shown_options)
@opening
def backward(
    net: Network, of: str | None, upstream: dict[str, Fraction] | None, by_inputs: bool,
    work: str, **shown: Any,
) -> None:  # fmt: skip
    """Every derivative of the loss, or of any other value."""
    if upstream:
        net = with_upstream(net, upstream)
    _check_view(net, {"of": of, **shown})
    digits = kept(work, shown["digits"])
    worked_out = calculation.backward(net, of=of, by_inputs=by_inputs, kept=digits)
    _show(worked_out, BACKWARD, **shown)


def _check_view(net: Network, asked: dict[str, Any]) -> None:
    """Say so where an option picks single lines, of which there are none among matrices."""
    for name in ("of", "wrt", "compact", "expand"):
        if asked["view"] == "matrix" and asked.get(name):
            message = f"--{name} is for single derivatives; the matrix view has none"
            raise BackcalcError(message, hint="leave it out, or take --view scalar")


def _show(
    worked_out: Calculation, only: str | None, *, expand: bool | None, view: str | None,
    brief: bool, digits: int, wrt: str | None = None, compact: bool = False, **out: Any,
) -> None:  # fmt: skip
    """Print a calculation as a sheet or as data, with closed forms as far as they are wanted."""
    check_wrt(worked_out.program, wrt)
    wishes = Wishes(compact, brief, wrt, digits)
    matrices = worked_out.network.matrices
    other = only == BACKWARD and worked_out.of != worked_out.program.loss
    alone = wrt or compact or expand or other
    if view is None:
        view = "scalar" if matrices is None or alone else "matrix"
    module, name = VIEWS["arrays" if view == "matrix" and matrices else view]
    lines: View = getattr(import_module(f"backcalc.sheets.{module}"), name)
    closed = False if view == "matrix" else expand
    deliver(
        sheet=lambda: worked.worked_sheet(
            worked_out, wishes, closed_blocks(worked_out, wishes, closed), only=only, view=lines
        ),
        data=lambda: _data(worked_out, wishes, expand, only),
        wishes=wishes, network=worked_out.network, **out,
    )  # fmt: skip


def _data(
    worked_out: Calculation, wishes: Wishes, expand: bool | None, only: str | None
) -> dict[str, Any]:
    """The same as data."""
    from backcalc.sheets.data import worked_data  # a sheet for people does without

    shown = worked.shown_names(worked_out, wishes)
    rows = worked_data(worked_out, shown, only=only)
    return {**rows, **closed_data(worked_out, wishes, expand)}


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(numbers_options, compact_option, expand_option, work_option, digits_option)
@click.option(
    "--format", "form", type=click.Choice(tuple(REPORTS)),
    help="What to make; the output's suffix says it unless given, and html is for stdout.",
)  # fmt: skip
@output_options
@opening
def report(
    net: Network, rate: Fraction | None, steps: int, online: bool, compact: bool,
    expand: bool | None, work: str, digits: int, form: str | None, **out: Any,
) -> None:  # fmt: skip
    """The whole worked sheet as a document, with a drawing: .html, .md or .tex."""
    row = REPORTS[format_of(form, out["output"], REPORTS, "html", "a report")]
    tell_limits(row, net)
    worked_out = calculation.step(net, rate, steps, online=online, kept=kept(work, digits))
    wishes = Wishes(compact, digits=digits, picture=True)
    sheet = worked.worked_sheet(worked_out, wishes, closed_blocks(worked_out, wishes, expand))
    notation = row.load("NOTATION").with_numbers(digits, net.fractions, net.names)
    printed(row.load(row.report)(sheet, notation), **out)
    if worked_out.stopped:
        raise worked_out.stopped


@click.command()
@click.argument("network", required=False)
@click.option("--expand", is_flag=True, help="Closed forms in inputs and weights, by sympy.")
@click.option(
    "--view", type=click.Choice(tuple(VIEWS)),
    help="With matrices and the steps of the derivation, or scalar by scalar; unless given as the"
    " file is written.",
)  # fmt: skip
@layout_option
@options(format_option, output_options)
def symbolic(network: str | None, expand: bool, view: str | None, layout: str, **out: Any) -> None:
    """Every equation and derivative as a formula; NETWORK is skip unless given."""
    if network is None:
        say("note: no NETWORK given, using the bundled network 'skip'")
    net = opened(network or "skip")
    if view == "matrix" and net.matrices is None:
        message = "this network is written in scalars, so its formulas have no matrices"
        raise BackcalcError(message, hint="write W: [[...]] and z: W @ x; see help matrices")
    if net.matrices is not None and view != "scalar" and not expand:
        from backcalc.equations.derivation import derive  # few networks have matrices
        from backcalc.sheets.derived import derivation_data, derivation_sheet

        told = derive(net, layout)
        deliver(
            sheet=lambda: derivation_sheet(net, told),
            data=lambda: derivation_data(net, told),
            wishes=Wishes(), network=net, **out,
        )  # fmt: skip
        return
    forward, backward = calculation.formulas(net)
    deliver(
        sheet=lambda: worked.symbolic_sheet(net, forward, backward, expand),
        data=lambda: worked.symbolic_data(net, forward, backward, expand),
        wishes=Wishes(), network=net, **out,
    )  # fmt: skip
