"""Derivatives looked at in other ways: over their paths, in both modes, as Jacobians, proved."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import click

from backcalc.commands.options import (
    Shown,
    changes_option,
    completing,
    digits_option,
    direction,
    format_option,
    names_typed,
    network_argument,
    number,
    opening,
    options,
    output_options,
    rate_option,
    showing,
    unfold_option,
)
from backcalc.equations.named import is_matrix, meant
from backcalc.equations.network import Network
from backcalc.equations.program import assemble
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.quantity import Derivative, typed
from backcalc.sheets.worked import Wishes


@click.command()
@network_argument
@click.argument("derivative", metavar="DERIVATIVE", shell_complete=completing("derivatives"))
@click.option("--without", metavar="WEIGHT", shell_complete=completing("weights"),
              help="Show beside it the derivative without this weight's edges.")  # fmt: skip
@options(changes_option, unfold_option, digits_option, format_option, output_options)
@showing()
@opening
def explain(net: Network, derivative: str, without: str | None, digits: int) -> Shown:
    """Explain one derivative (dL/dw0, dz2/dh0, ...) as the sum over all its paths."""
    from backcalc.explaining.explanation import explain, explain_data, explain_sheet

    wishes = Wishes(digits=digits)
    by = meant(derivative, assemble(net))
    if isinstance(by, Derivative) and is_matrix(net, by.by) and without is None:
        from backcalc.equations import calculation
        from backcalc.sheets.data import worked_data
        from backcalc.sheets.worked import BACKWARD, shown_names, worked_sheet

        whole, wishes = calculation.backward(net), Wishes(brief=True, wrt=by.by, digits=digits)
        return Shown(
            net, lambda _: worked_sheet(whole, wishes, only=BACKWARD),
            lambda: worked_data(whole, shown_names(whole, wishes), only=BACKWARD), wishes,
            result=whole,
        )  # fmt: skip
    explanation = explain(net, derivative, without=without)
    return Shown(
        net, lambda _: explain_sheet(explanation, wishes),
        lambda: explain_data(explanation), wishes, result=explanation.calculation,
    )  # fmt: skip


@click.command()
@network_argument
@click.option("--by", metavar="NAME", shell_complete=completing("values"),
              help="Differentiate by this input, target, weight or constant.")  # fmt: skip
@click.option(
    "--along", type=direction, metavar="NAME=NUMBER,...",
    help="Differentiate along a direction of several of them: a Jacobian times a vector.",
)  # fmt: skip
@click.option("--dual", is_flag=True, help="Show the trace in dual numbers.")
@click.option("--reverse", is_flag=True, help="Show reverse mode beside it.")
@options(changes_option, digits_option, format_option, output_options)
@showing()
@opening
def tangent(
    net: Network, by: str | None, along: dict[str, Fraction] | None, dual: bool, reverse: bool,
    digits: int,
) -> Shown:  # fmt: skip
    """Work in forward mode: each value with its tangent, in the order of the forward pass."""
    from backcalc.explaining.tangent import tangent, tangent_data, tangent_sheet

    shown = tangent(net, by, along=along, reverse=reverse)
    return Shown(
        net, lambda _: tangent_sheet(shown, dual=dual),
        lambda: tangent_data(shown), Wishes(digits=digits),
    )  # fmt: skip


by_option = click.option(
    "--by", type=names_typed, metavar="NAME,...", shell_complete=completing("some weights"),
    help="Take only these weights, not all.",
)  # fmt: skip


@click.command()
@network_argument
@by_option
@click.option(
    "--times", type=direction, metavar="NAME=NUMBER,...",
    help="Multiply the Hessian by this vector too. Weights that you do not name count as 0.",
)  # fmt: skip
@options(rate_option, changes_option, digits_option, format_option, output_options)
@showing()
@opening
def hessian(
    net: Network, by: list[str] | None, times: dict[str, Fraction] | None,
    rate: Fraction | None, digits: int
) -> Shown:  # fmt: skip
    """Work out second derivatives, whether they are definite, and the Newton step."""
    from backcalc.explaining.hessian import hessian, hessian_data, hessian_sheet

    shown = hessian(net, by, times=times)
    return Shown(
        net, lambda _: hessian_sheet(shown, rate),
        lambda: hessian_data(shown), Wishes(digits=digits),
    )  # fmt: skip


@click.command()
@network_argument
@options(changes_option, digits_option)
@click.option("--torch/--no-torch", default=True, help="Ask PyTorch too, if it is installed.")
@options(format_option, output_options)
@showing()
@opening
def verify(net: Network, digits: int, torch: bool) -> Shown:
    """Check every derivative with sympy, with central differences, and with PyTorch.

    Exit status 1 if one of them disagrees.
    """
    from backcalc.proving.verification import verify, verify_data, verify_sheet

    found = verify(net, torch=torch)
    return Shown(
        net, lambda _: verify_sheet(found), lambda: verify_data(found), Wishes(digits=digits),
        result=found.calculation, status=lambda: 0 if found.agreed else 1,
    )  # fmt: skip


@click.command()
@network_argument
@click.option("--h", "width", type=number, default="0.01", show_default=True, metavar="NUMBER",
              help="Move each weight by so much.")  # fmt: skip
@click.option("--one-sided", is_flag=True, help="Take (L(w + h) - L(w))/h instead of both sides.")
@by_option
@options(changes_option, digits_option, format_option, output_options)
@showing()
@opening
def gradcheck(
    net: Network, width: Fraction, one_sided: bool, by: list[str] | None, digits: int
) -> Shown:
    """Compare slopes of the loss with the derivatives, by their relative errors."""
    from backcalc.proving.gradcheck import gradcheck, gradcheck_data, gradcheck_sheet

    shown = gradcheck(net, width, by, one_sided=one_sided)
    return Shown(
        net, lambda _: gradcheck_sheet(shown),
        lambda: gradcheck_data(shown), Wishes(digits=digits),
    )  # fmt: skip


@click.command()
@options(network_argument, format_option, output_options)
@showing()
@partial(opening, letters=True)
def shapes(net: Network) -> Shown:
    """List every quantity's shape, the parameters layer by layer, and what both passes cost."""
    from backcalc.equations.costs import measure
    from backcalc.sheets.derived import sizes_data, sizes_sheet

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
    from backcalc.sheets.derived import jacobian_data, jacobian_sheet

    layout = net.layout if "layout" in net.conventions else "numerator"
    found = jacobians.jacobian(net, typed(of), typed(by), layout)
    return Shown(
        net, lambda _: jacobian_sheet(net, found),
        lambda: jacobian_data(net, found), Wishes(digits=digits),
    )  # fmt: skip
