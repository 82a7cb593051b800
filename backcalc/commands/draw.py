"""`draw`: the network as a picture."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from importlib import import_module

import click

from backcalc.commands.letters import unset_letters
from backcalc.commands.options import (
    changes_option,
    network_argument,
    opened,
    output_options,
    printed,
    say,
)
from backcalc.drawing.layout import draw as drawn
from backcalc.equations import calculation
from backcalc.errors import BackcalcError, listed
from backcalc.formats.terminal import columns, notation_for
from backcalc.formulas.notation import UNICODE

WIDTH = 80  # of a text in a pipe or a file


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table of formats."""

    suffixes: tuple[str, ...]
    """The ends of file names that mean it."""
    module: str
    """The view that holds its function."""
    function: str
    """The function that writes a drawing."""


FORMATS = {
    "svg": Format((".svg",), "as_svg", "drawing_svg"),
    "dot": Format((".dot", ".gv"), "as_dot", "drawing_dot"),
    "mermaid": Format((".mmd", ".mermaid"), "as_dot", "drawing_mermaid"),
    "tikz": Format((".tex", ".tikz"), "as_tikz", "tikz_document"),
    "text": Format((".txt",), "as_text", "drawing_text"),
}


@click.command()
@network_argument
@click.option(
    "--format", "form", type=click.Choice(tuple(FORMATS)),
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
    changes: tuple[tuple[str, Fraction], ...], output: str | None, force: bool,
) -> None:  # fmt: skip
    """The network as a picture: inputs left, loss right, weights on the edges."""
    form = _chosen(form, output)
    net = opened(network, changes)
    if form == "tikz":
        for note in unset_letters(net):
            say(note)
    work_out = calculation.backward if gradients else calculation.forward
    worked_out = work_out(net) if values or gradients else None
    picture = partial(drawn, net, worked_out, values=values, gradients=gradients, sample=sample)
    row = FORMATS[form]
    write = getattr(import_module(f"backcalc.drawing.{row.module}"), row.function)
    if form != "text":
        printed(write(picture()), output, force)
        return
    from backcalc.drawing.as_text import text_ruler

    notation = notation_for(sys.stdout) if output is None else UNICODE
    width = (columns(sys.stdout) if output is None else None) or WIDTH
    drawing = picture(ruler=text_ruler(notation))
    printed(write(drawing, notation, width), output, force, to_read=True)


def _chosen(form: str | None, output: str | None) -> str:
    """The format that is asked for, by its name or by the end of the file's name."""
    if output is None:
        return form or "text"
    suffix = os.path.splitext(output)[1].lower()
    meant = next((name for name, row in FORMATS.items() if suffix in row.suffixes), None)
    if form and meant and form != meant:
        hint = f"let it end in {listed(FORMATS[form].suffixes)}, or leave out --format"
        raise BackcalcError(f"{output} would hold {form}, but its name means {meant}", hint=hint)
    if form or meant:
        return form or str(meant)
    known = [each for row in FORMATS.values() for each in row.suffixes]
    message = f"{output} does not say which format is meant"
    raise BackcalcError(message, hint=f"let it end in {listed(known)}, or add --format")
