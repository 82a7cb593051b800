"""`symbolic`: every equation and derivative as a formula, no numbers."""

from __future__ import annotations

from typing import Any

import click

from backcalc.commands.options import deliver, format_option, opened, options, output_options, say
from backcalc.equations import calculation
from backcalc.sheets.worked import Wishes, symbolic_data, symbolic_sheet


@click.command()
@click.argument("network", required=False)
@click.option("--expand", is_flag=True, help="Closed forms in inputs and weights, by sympy.")
@options(format_option, output_options)
def symbolic(network: str | None, expand: bool, **out: Any) -> None:
    """Every equation and derivative as a formula; NETWORK is skip unless given."""
    if network is None:
        say("note: no NETWORK given, using the bundled network 'skip'")
    net = opened(network or "skip")
    forward, backward = calculation.formulas(net)
    deliver(
        sheet=lambda: symbolic_sheet(net, forward, backward, expand),
        data=lambda: symbolic_data(net, forward, backward, expand),
        wishes=Wishes(), network=net, **out,
    )  # fmt: skip
