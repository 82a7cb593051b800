"""`shapes` and `jacobian`: what a network's vectors and matrices are, and how they depend."""

from __future__ import annotations

from functools import partial

import click

from backcalc.commands.options import (
    Shown,
    completing,
    digits_option,
    format_option,
    network_argument,
    opening,
    options,
    output_options,
    showing,
)
from backcalc.equations.network import Network
from backcalc.formulas.functions import LAYOUTS
from backcalc.sheets.worked import Wishes


@click.command()
@options(network_argument, format_option, output_options)
@showing()
@partial(opening, letters=True)
def shapes(net: Network) -> Shown:
    """List every quantity's shape, the parameters layer by layer, and what both passes cost."""
    from backcalc.equations.costs import measure
    from backcalc.sheets.sizes import sizes_data, sizes_sheet

    costs = measure(net)
    return Shown(
        net, lambda _: sizes_sheet(net, costs),
        lambda: sizes_data(net, costs), Wishes(),
    )  # fmt: skip


@click.command()
@network_argument
@click.option("--of", metavar="NAME", required=True, shell_complete=completing("values"),
              help="Differentiate this quantity.")  # fmt: skip
@click.option("--by", metavar="NAME", required=True, shell_complete=completing("values"),
              help="Differentiate by this quantity.")  # fmt: skip
@click.option(
    "--layout", type=click.Choice([*LAYOUTS]),
    help="numerator: a row for each element of --of. denominator: a row for each element of --by."
    " Without it as the file says, or numerator.",
)  # fmt: skip
@options(digits_option, format_option, output_options)
@showing()
@partial(opening, letters=True)
def jacobian(net: Network, of: str, by: str, digits: int) -> Shown:
    """Work out the Jacobian of one quantity by another, along each path, in symbols and numbers."""
    from backcalc.equations import jacobian as jacobians
    from backcalc.formulas.quantity import typed
    from backcalc.sheets.jacobian_sheet import jacobian_data, jacobian_sheet

    layout = net.layout if "layout" in net.conventions else "numerator"
    found = jacobians.jacobian(net, typed(of), typed(by), layout)
    return Shown(
        net, lambda _: jacobian_sheet(net, found),
        lambda: jacobian_data(net, found), Wishes(digits=digits),
    )  # fmt: skip
