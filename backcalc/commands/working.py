"""`step`, `forward`, `backward`, `report` and `symbolic`: the worked sheet and its parts."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from backcalc.commands.options import (
    Shown,
    changes_option,
    completing,
    digits_option,
    format_option,
    gradients,
    init_option,
    kept,
    layout_option,
    network_argument,
    online_option,
    opened,
    opening,
    optimizer_option,
    options,
    output_options,
    rate_option,
    say,
    seed_option,
    showing,
    unfold_option,
    work_option,
)
from backcalc.equations import calculation
from backcalc.equations.calculation import Calculation
from backcalc.equations.named import check_wrt, is_matrix, meant, with_upstream
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.formats import REPORTS
from backcalc.sheets import worked
from backcalc.sheets.worked import BACKWARD, FORWARD, View, Wishes, closed_blocks, closed_data

if TYPE_CHECKING:
    from backcalc.equations.matrix_form import NestedNumbers

VIEWS = {
    "scalar": ("worked", "LINES"),
    "matrix": ("dense_layers", "MATRICES"),
    "arrays": ("arrays", "MATRICES"),
}
"""Where each view is; that of a file with matrices is called matrix too."""

READ = 6  # digits that are read on paper

steps_option = click.option(
    "--steps", type=int, default=1, show_default=True, help="Take so many steps."
)
compact_option = click.option(
    "--compact", is_flag=True, help="Show the derivatives in a table, a row for each."
)
expand_option = click.option(
    "--expand/--no-expand", default=None,
    help="Show the closed form of each derivative in inputs and weights, by sympy.",
)  # fmt: skip
numbers_options = options(changes_option, seed_option, init_option)
derivative_options = options(
    click.option("--wrt", metavar="NAME", shell_complete=completing("values"),
                 help="Show only what the derivative by this weight or value needs."),
    click.option("--inputs", "by_inputs", is_flag=True, help="Show derivatives by the inputs too."),
    compact_option, expand_option, layout_option,
)  # fmt: skip
shown_options = options(
    click.option(
        "--view", type=click.Choice(["scalar", "matrix"]),
        help="Show single numbers, or matrices. Without it the sheet is as the file is written."
        " The numbers are the same.",
    ),
    click.option("--brief", is_flag=True, help="Show only the tables of results."),
    work_option,
    digits_option,
    format_option,
    output_options,
)  # fmt: skip


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(numbers_options, derivative_options, shown_options)
@showing()
@opening
def step(
    net: Network, rate: Fraction | None, steps: int, online: bool, by_inputs: bool, work: str,
    **asked: Any,
) -> Shown:  # fmt: skip
    """Work out one step: forward pass, every derivative, update, and the loss after it."""
    _check_view(net, asked)
    worked_out = calculation.step(
        net, rate, steps, by_inputs=by_inputs, online=online, kept=kept(work, asked["digits"])
    )
    return _shown(worked_out, None, **asked)


@click.command()
@options(network_argument, numbers_options, shown_options)
@showing()
@opening
def forward(net: Network, work: str, **asked: Any) -> Shown:
    """Work out the forward pass alone."""
    worked_out = calculation.forward(net, kept=kept(work, asked["digits"]))
    return _shown(worked_out, FORWARD, expand=False, **asked)


@click.command()
@network_argument
@click.option("--of", metavar="NAME", shell_complete=completing("values"),
              help="Differentiate this value instead of the loss.")  # fmt: skip
@click.option(
    "--upstream", type=gradients, metavar="NAME=NUMBER|ROWS,...",
    help="Start from given gradients instead of a loss: z1=0.3, z1=[0.3, -1], Z=[[1, 2], [3, 4]].",
)  # fmt: skip
@options(numbers_options, derivative_options, shown_options)
@showing()
@opening
def backward(
    net: Network, of: str | None, upstream: dict[str, NestedNumbers] | None, by_inputs: bool,
    work: str, **asked: Any,
) -> Shown:  # fmt: skip
    """Work out every derivative of the loss, or of any other value."""
    if upstream:
        net = with_upstream(net, upstream)
    _check_view(net, {"of": of, **asked})
    digits = kept(work, asked["digits"])
    worked_out = calculation.backward(net, of=of, by_inputs=by_inputs, kept=digits)
    return _shown(worked_out, BACKWARD, **asked)


def _check_view(net: Network, asked: dict[str, Any]) -> None:
    """Say so where an option picks single lines, of which there are none among matrices."""
    for name in ("of", "wrt", "expand", *(() if net.matrices else ("compact",))):
        whole = name == "wrt" and is_matrix(net, asked.get(name))
        if asked["view"] == "matrix" and asked.get(name) and not whole:
            message = f"--{name} is for single derivatives; the matrix view has none"
            raise BackcalcError(message, hint="leave it out, or add --view scalar")


def _shown(
    worked_out: Calculation, only: str | None, *, expand: bool | None, view: str | None,
    brief: bool, digits: int, wrt: str | None = None, compact: bool = False,
) -> Shown:  # fmt: skip
    """A calculation as a sheet or as data, with closed forms as far as they are wanted."""
    wrt = wrt and meant(wrt, worked_out.program)
    if wrt and not is_matrix(worked_out.network, wrt):
        check_wrt(worked_out.program, wrt)
    wishes = Wishes(compact, brief, wrt, digits)
    matrices = worked_out.network.matrices
    other = only == BACKWARD and worked_out.of != worked_out.program.loss
    single = wrt and not is_matrix(worked_out.network, wrt)
    alone = single or expand or other
    if view is None:
        view = "scalar" if matrices is None or alone else "matrix"
    module, name = VIEWS["arrays" if view == "matrix" and matrices else view]
    lines: View = getattr(import_module(f"backcalc.sheets.{module}"), name)
    closed = False if view == "matrix" else expand
    return Shown(
        worked_out.network,
        sheet=lambda _: worked.worked_sheet(
            worked_out, wishes, closed_blocks(worked_out, wishes, closed), only=only, view=lines
        ),
        data=lambda: _data(worked_out, wishes, expand, only),
        wishes=wishes, result=worked_out, stopped=worked_out.stopped,
    )  # fmt: skip


def _data(
    worked_out: Calculation, wishes: Wishes, expand: bool | None, only: str | None
) -> dict[str, Any]:
    from backcalc.sheets.data import worked_data  # a sheet for people does without

    rows = worked_data(worked_out, worked.shown_names(worked_out, wishes), only=only)
    return {**rows, **closed_data(worked_out, wishes, expand)}


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(numbers_options, compact_option, expand_option, layout_option, unfold_option)
@options(work_option)
@click.option("--digits", type=click.IntRange(1, 17), default=READ, show_default=True,
              help="Show so many significant digits of rounded numbers.")  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(tuple(REPORTS)),
    help="Format of the document. Without it the ending of FILE decides, and stdout gets html.",
)  # fmt: skip
@output_options
@showing(REPORTS, "html", "a report")
@opening
def report(
    net: Network, rate: Fraction | None, steps: int, online: bool, compact: bool,
    expand: bool | None, work: str, digits: int,
) -> Shown:  # fmt: skip
    """Write the whole worked sheet as a document with a drawing: .html, .md or .tex."""
    worked_out = calculation.step(net, rate, steps, online=online, kept=kept(work, digits))
    wishes = Wishes(compact, digits=digits, picture=True)
    if net.matrices is not None:
        expand = bool(expand)  # unasked, no closed forms stand among matrices
    return Shown(
        net,
        sheet=lambda _: worked.worked_sheet(
            worked_out, wishes, closed_blocks(worked_out, wishes, expand, handout=True)
        ),
        data=lambda: _data(worked_out, wishes, expand, None),
        wishes=wishes, result=worked_out, stopped=worked_out.stopped, report=True,
    )  # fmt: skip


@click.command()
@click.argument("network", required=False, shell_complete=completing("networks"))
@click.option("--expand", is_flag=True, help="Show closed forms in inputs and weights, by sympy.")
@click.option(
    "--view", type=click.Choice(("scalar", "matrix")),
    help="Show matrices and the steps of the derivation, or one scalar after another. Without it"
    " the sheet is as the file is written.",
)  # fmt: skip
@layout_option
@options(format_option, output_options)
@showing()
def symbolic(
    network: str | Network | None, expand: bool, view: str | None, layout: str | None
) -> Shown:
    """Write every equation and derivative as a formula; without NETWORK, those of `skip`."""
    if network is None:
        say("note: no NETWORK given, using the bundled network 'skip'")
    net = opened(network or "skip", layout=layout, letters=True)
    if view == "matrix" and net.matrices is None:
        message = "this network is written in scalars, so its formulas have no matrices"
        raise BackcalcError(message, hint="write W: [[...]] and z: W @ x; see help derivation")
    if net.matrices is not None and view != "scalar" and not expand:
        from backcalc.equations.derivation import derive  # few networks have matrices
        from backcalc.sheets.derived import derivation_data, derivation_sheet

        told = derive(net)
        return Shown(net, lambda _: derivation_sheet(net, told), lambda: derivation_data(net, told))
    forward, backward = calculation.formulas(net)
    return Shown(
        net,
        sheet=lambda _: worked.symbolic_sheet(net, forward, backward, expand),
        data=lambda: worked.symbolic_data(net, forward, backward, expand),
    )
