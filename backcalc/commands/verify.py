"""`explain` and `verify`: one derivative over its paths, and all of them proved in other ways."""

from __future__ import annotations

from typing import Any

import click

from backcalc.commands.options import (
    changes_option,
    completing,
    deliver,
    digits_option,
    format_option,
    judged,
    network_argument,
    opening,
    options,
    output_options,
)
from backcalc.equations.network import Network
from backcalc.sheets.worked import Wishes


@click.command()
@network_argument
@click.argument("derivative", metavar="DERIVATIVE", shell_complete=completing("derivatives"))
@click.option("--without", metavar="WEIGHT", help="Beside it the same without this weight's edges.")
@options(changes_option, digits_option, format_option, output_options)
@opening
def explain(net: Network, derivative: str, without: str | None, digits: int, **out: Any) -> None:
    """One derivative (dL/dw0, dz2/dh0, ...) as the sum over all its paths."""
    from backcalc.explaining.explanation import explain, explain_data, explain_sheet

    wishes = Wishes(digits=digits)
    explanation = explain(net, derivative, without=without)
    deliver(
        sheet=lambda: explain_sheet(explanation, wishes),
        data=lambda: explain_data(explanation),
        wishes=wishes, network=net, **out,
    )  # fmt: skip


@click.command()
@network_argument
@options(changes_option, digits_option)
@click.option(
    "--torch/--no-torch", default=True, help="Whether PyTorch is asked too, where it is installed."
)
@options(format_option, output_options)
@opening
def verify(net: Network, digits: int, torch: bool, **out: Any) -> int:
    """Every derivative by sympy, central differences and PyTorch too.

    Exit status 1 where one of them disagrees.
    """
    from backcalc.proving.verification import verify, verify_data, verify_sheet

    shown = verify(net, torch=torch)
    status = 0 if shown.agreed else 1
    with judged(lambda: status):
        deliver(
            sheet=lambda: verify_sheet(shown), data=lambda: verify_data(shown),
            wishes=Wishes(digits=digits), network=net, **out,
        )  # fmt: skip
    return status
