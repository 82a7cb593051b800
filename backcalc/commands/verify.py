"""`verify`: every derivative proved in other ways."""

from __future__ import annotations

from typing import Any

import click

from backcalc.commands.options import (
    Changes,
    changes_option,
    deliver,
    digits_option,
    format_option,
    judged,
    network_argument,
    opened,
    options,
    output_options,
)
from backcalc.proving.verification import verify as verified
from backcalc.proving.verification import verify_data, verify_sheet
from backcalc.sheets.worked import Wishes


@click.command()
@network_argument
@options(changes_option, digits_option)
@click.option(
    "--torch/--no-torch", default=True, help="Whether PyTorch is asked too, where it is installed."
)
@options(format_option, output_options)
def verify(network: str, changes: Changes, digits: int, torch: bool, **out: Any) -> int:
    """Every derivative by sympy, central differences and PyTorch too.

    Exit status 1 where one of them disagrees.
    """
    net = opened(network, changes)
    shown = verified(net, torch=torch)
    status = 0 if shown.agreed else 1
    with judged(lambda: status):
        deliver(
            sheet=lambda: verify_sheet(shown), data=lambda: verify_data(shown),
            wishes=Wishes(digits=digits), network=net, **out,
        )  # fmt: skip
    return status
