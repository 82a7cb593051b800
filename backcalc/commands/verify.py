"""`explain` and `verify`: one derivative over its paths, and all of them proved in other ways."""

from __future__ import annotations

import click

from backcalc.commands.options import (
    Shown,
    changes_option,
    digits_option,
    format_option,
    network_argument,
    opening,
    options,
    output_options,
    showing,
)
from backcalc.equations.network import Network
from backcalc.sheets.worked import Wishes


@click.command()
@network_argument
@click.argument("derivative", metavar="DERIVATIVE")
@click.option("--without", metavar="WEIGHT", help="Beside it the same without this weight's edges.")
@options(changes_option, digits_option, format_option, output_options)
@showing()
@opening
def explain(net: Network, derivative: str, without: str | None, digits: int) -> Shown:
    """One derivative (dL/dw0, dz2/dh0, ...) as the sum over all its paths."""
    from backcalc.explaining.explanation import explain, explain_data, explain_sheet

    wishes = Wishes(digits=digits)
    explanation = explain(net, derivative, without=without)
    return Shown(
        net, lambda _: explain_sheet(explanation, wishes), lambda: explain_data(explanation),
        wishes, result=explanation.calculation,
    )  # fmt: skip


@click.command()
@network_argument
@options(changes_option, digits_option)
@click.option(
    "--torch/--no-torch", default=True, help="Whether PyTorch is asked too, where it is installed."
)
@options(format_option, output_options)
@showing()
@opening
def verify(net: Network, digits: int, torch: bool) -> Shown:
    """Every derivative by sympy, central differences and PyTorch too.

    Exit status 1 where one of them disagrees.
    """
    from backcalc.proving.verification import verify, verify_data, verify_sheet

    found = verify(net, torch=torch)
    return Shown(
        net, lambda _: verify_sheet(found), lambda: verify_data(found), Wishes(digits=digits),
        result=found.calculation, status=lambda: 0 if found.agreed else 1,
    )  # fmt: skip
