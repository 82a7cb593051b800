"""`export`: the network as code of its own."""

from __future__ import annotations

from fractions import Fraction

import click

from backcalc.commands.options import (
    Changes,
    changes_option,
    network_argument,
    opened,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
)
from backcalc.equations.optimizers import Descent
from backcalc.exporting import TARGETS
from backcalc.exporting import export as exported


@click.command()
@network_argument
@click.option(
    "--to", "target", type=click.Choice([*TARGETS]), required=True,
    help="What the code is written for.",
)  # fmt: skip
@options(rate_option, optimizer_option, changes_option, output_options)
def export(
    network: str, target: str, rate: Fraction | None, descent: Descent | None,
    changes: Changes, output: str | None, force: bool,
) -> None:  # fmt: skip
    """Code that takes the same step, and asserts the same figures.

    It stands alone: PyTorch's module and optimizer, jax.grad, or a backward pass by hand for
    NumPy or for nothing but Python.
    """
    net = opened(network, changes, descent)
    printed(exported(net, TARGETS[target], rate), output, force)
