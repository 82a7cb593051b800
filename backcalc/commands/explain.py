"""`explain`: one derivative as the sum over all paths."""

from __future__ import annotations

from typing import Any

import click

from backcalc.commands.options import (
    Changes,
    changes_option,
    deliver,
    digits_option,
    format_option,
    network_argument,
    opened,
    options,
    output_options,
)
from backcalc.explaining.explanation import explain as explained
from backcalc.explaining.explanation_sheet import explain_data, explain_sheet
from backcalc.sheets.worked import Wishes


@click.command()
@network_argument
@click.argument("derivative", metavar="DERIVATIVE")
@click.option("--without", metavar="WEIGHT", help="Beside it the same without this weight's edges.")
@options(changes_option, digits_option, format_option, output_options)
def explain(
    network: str, derivative: str, without: str | None,
    changes: Changes, digits: int, **out: Any,
) -> None:  # fmt: skip
    """One derivative (dL/dw0, dz2/dh0, ...) as the sum over all its paths."""
    net = opened(network, changes)
    wishes = Wishes(digits=digits)
    explanation = explained(net, derivative, without=without)
    deliver(
        sheet=lambda: explain_sheet(explanation, wishes),
        data=lambda: explain_data(explanation),
        wishes=wishes, network=net, **out,
    )  # fmt: skip
