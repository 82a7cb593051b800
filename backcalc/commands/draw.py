"""`draw`: the network as a picture."""

from __future__ import annotations

import sys
from functools import partial

import click

from backcalc.commands.options import (
    Changes,
    changes_option,
    format_of,
    network_argument,
    opened,
    output_options,
    printed,
    tell_limits,
)
from backcalc.drawing.layout import draw as drawn
from backcalc.equations import calculation
from backcalc.formats import PICTURES
from backcalc.formats.terminal import columns, notation_for
from backcalc.formulas.notation import UNICODE

WIDTH = 80  # of a text in a pipe or a file


@click.command()
@network_argument
@click.option(
    "--format", "form", type=click.Choice(tuple(PICTURES)),
    help="How to write it; what the file's name ends with unless given, text without a file.",
)  # fmt: skip
@click.option("--values", is_flag=True, help="The values of the forward pass in the boxes.")
@click.option(
    "--gradients", is_flag=True,
    help="The derivatives of the loss: on each edge that by its weight, or its share of it, in each"
    " box that by its value. The larger, the wider the edge; negative ones are dashed.",
)  # fmt: skip
@click.option(
    "--sample", type=click.IntRange(1), default=1, show_default=True, metavar="N",
    help="The sample whose numbers are shown; derivatives by weights are over all samples.",
)  # fmt: skip
@changes_option
@output_options
def draw(
    network: str, form: str | None, values: bool, gradients: bool, sample: int,
    changes: Changes, output: str | None, force: bool,
) -> None:  # fmt: skip
    """The network as a picture: inputs left, loss right, weights on the edges."""
    form = format_of(form, output, PICTURES, what=None if form else "a picture")
    net = opened(network, changes)
    tell_limits(PICTURES[form], net)
    work_out = calculation.backward if gradients else calculation.forward
    worked_out = work_out(net) if values or gradients else None
    picture = partial(drawn, net, worked_out, values=values, gradients=gradients, sample=sample)
    write = PICTURES[form].write
    if form != "text":
        printed(write(picture()), output, force)
        return
    from backcalc.drawing.as_text import text_ruler

    notation = (notation_for(sys.stdout) if output is None else UNICODE).with_names(net.names)
    width = (columns(sys.stdout) if output is None else None) or WIDTH
    drawing = picture(ruler=text_ruler(notation))
    printed(write(drawing, notation, width), output, force, to_read=True)
