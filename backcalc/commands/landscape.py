"""`landscape`: the loss over two weights, with the path of descent on it."""

from __future__ import annotations

import sys
from fractions import Fraction

import click

from backcalc.commands.interruption import ended
from backcalc.commands.options import (
    TABLES,
    Changes,
    changes_option,
    format_of,
    network_argument,
    number,
    opened,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
    table_format,
    write,
)
from backcalc.commands.train import note, uphill
from backcalc.equations.network import learning_rate
from backcalc.equations.optimizers import Descent
from backcalc.formats.terminal import columns, notation_for
from backcalc.formulas.notation import UNICODE
from backcalc.sheets.data import dumped
from backcalc.training.loss_landscape import Stretch, landscape_data, landscape_svg, landscape_text
from backcalc.training.loss_landscape import landscape as surveyed

WIDTH = 80  # of the chart in a pipe or a file


def ends(text: str) -> tuple[str, Stretch]:
    """NAME=FROM..TO, or a usage error."""
    name, _, values = text.partition("=")
    low, dots, high = values.partition("..")
    if not dots:
        raise click.BadParameter(f"{text!r} is not of the form w0=-3..3")
    return name.strip(), (number(low), number(high))


@click.command()
@network_argument
@click.argument("across", metavar="WEIGHT")
@click.argument("up", metavar="WEIGHT")
@click.option(
    "--range", "ranges", type=ends, multiple=True, metavar="NAME=FROM..TO",
    help="The values of an axis; chosen to cover the file's value and the path unless given.",
)  # fmt: skip
@click.option(
    "--size", type=click.IntRange(2, 200), default=33, show_default=True,
    help="How many values of each weight.",
)  # fmt: skip
@rate_option
@click.option(
    "--epochs", type=click.IntRange(0, 1_000_000), metavar="N",
    help="The path's epochs, 0 for none; 100 unless given.",
)  # fmt: skip
@optimizer_option
@click.option("--only", is_flag=True, help="Keep all other weights still on the path.")
@changes_option
@click.option("--log", is_flag=True, help="Shades in equal factors of the loss.")
@click.option("--plot", metavar="FILE", type=click.Path(), help="The chart as SVG in this file.")
@options(table_format, output_options)
def landscape(
    network: str, across: str, up: str, ranges: tuple[tuple[str, Stretch], ...], size: int,
    rate: Fraction | None, epochs: int | None, descent: Descent | None, only: bool,
    changes: Changes, log: bool, plot: str | None, form: str | None,
    output: str | None, force: bool,
) -> int:  # fmt: skip
    """The loss over two weights as a heat map, with kinks and the path of descent."""
    form = format_of(form, output, TABLES)
    net = opened(network, changes, descent)
    note(uphill(learning_rate(net, rate) or 0))
    shown = surveyed(net, (across, up), dict(ranges), size, rate, epochs, only=only)
    status = 0 if shown.rows is None else ended()
    if plot is not None:
        write(plot, landscape_svg(shown, log=log), force)
    if form == "json":
        printed(dumped(landscape_data(shown)), output, force)
        return status
    notation = notation_for(sys.stdout) if output is None else UNICODE
    width = (columns(sys.stdout) if output is None else None) or WIDTH
    printed(landscape_text(shown, notation, width, log=log), output, force, to_read=True)
    return status
