"""`draw` and `export`: the network as a picture, and as code of its own."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TextIO

import click

from backcalc.commands.options import (
    Shown,
    changes_option,
    network_argument,
    opening,
    optimizer_option,
    options,
    output_options,
    rate_option,
    showing,
)
from backcalc.drawing.layout import draw as drawn
from backcalc.equations import calculation
from backcalc.equations.network import Network
from backcalc.exporting import TARGETS
from backcalc.exporting import export as exported
from backcalc.formats import FILES, PICTURES
from backcalc.formats.terminal import columns, notation_for

WIDTH = 80  # of a text in a pipe or a file


@click.command()
@network_argument
@click.option(
    "--format", "form", type=click.Choice(tuple(PICTURES)),
    help="Format of the picture. Without it the ending of FILE decides, and the screen gets text.",
)  # fmt: skip
@click.option("--values", is_flag=True, help="Show the values of the forward pass in the boxes.")
@click.option(
    "--gradients", is_flag=True,
    help="Show the derivatives of the loss: at each edge the one by its weight (or the part that"
    " comes through this edge), in each box the one by its value. The larger a derivative, the"
    " wider its edge; negative ones are dashed.",
)  # fmt: skip
@click.option(
    "--sample", type=click.IntRange(1), default=1, show_default=True, metavar="N",
    help="Show the numbers of this sample. Derivatives by weights are over all samples.",
)  # fmt: skip
@changes_option
@output_options
@showing(PICTURES, what="a picture")
@opening
def draw(net: Network, values: bool, gradients: bool, sample: int) -> Shown:
    """Draw the network: inputs left, loss right, weights on the edges."""
    work_out = calculation.backward if gradients else calculation.forward
    worked_out = work_out(net) if values or gradients else None
    picture = partial(drawn, net, worked_out, values=values, gradients=gradients, sample=sample)

    def written(form: str, stream: TextIO | None) -> str:
        if form != "text":
            return PICTURES[form].write(picture())
        from backcalc.drawing.as_text import text_ruler

        notation = notation_for(stream).with_names(net.names)
        drawing = picture(ruler=text_ruler(notation))
        return PICTURES[form].write(drawing, notation, columns(stream) or WIDTH)

    return Shown(net, own=written, svg=lambda: written("svg", None))


@click.command()
@network_argument
@click.option("--to", "target", type=click.Choice([*TARGETS]), required=True,
              help="Library or language of the code.")  # fmt: skip
@options(rate_option, optimizer_option, changes_option, output_options)
@showing({"Python": FILES["Python"]}, "Python")
@opening
def export(net: Network, target: str, rate: Fraction | None) -> Shown:
    """Write code that takes the same step and asserts the same numbers.

    The code does not need backcalc. It uses PyTorch's module and optimizer, or jax.grad, or it
    works out the backward pass by hand, in NumPy or in plain Python.
    """
    code = exported(net, TARGETS[target], rate)
    return Shown(net, own=lambda form, stream: code)
