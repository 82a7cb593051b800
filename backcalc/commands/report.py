"""`report`: the whole worked sheet as a document to hand out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from backcalc.commands.options import (
    Changes,
    changes_option,
    compact_option,
    digits_option,
    expand_option,
    format_of,
    init_option,
    network_argument,
    online_option,
    opened,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
    seed_option,
    steps_option,
    tell_limits,
)
from backcalc.equations import calculation
from backcalc.equations.initial import Initial
from backcalc.equations.optimizers import Descent
from backcalc.formats import REPORTS
from backcalc.sheets import worked
from backcalc.sheets.worked import Wishes, closed_blocks


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(changes_option, seed_option, init_option, compact_option, expand_option, digits_option)
@click.option(
    "--format", "form", type=click.Choice(tuple(REPORTS)),
    help="What to make; the output's suffix says it unless given, and html is for stdout.",
)  # fmt: skip
@output_options
def report(
    network: str, rate: Fraction | None, steps: int, descent: Descent | None, online: bool,
    changes: Changes, seed: int | None, initial: Initial | None,
    compact: bool, expand: bool | None, digits: int, form: str | None, **out: Any,
) -> None:  # fmt: skip
    """The whole worked sheet as a document, with a drawing: .html, .md or .tex."""
    row = REPORTS[format_of(form, out["output"], REPORTS, "html", "a report")]
    net = opened(network, changes, descent, seed, initial)
    tell_limits(row, net)
    worked_out = calculation.step(net, rate, steps, online=online)
    wishes = Wishes(compact, digits=digits, picture=True)
    sheet = worked.worked_sheet(worked_out, wishes, closed_blocks(worked_out, wishes, expand))
    notation = row.load("NOTATION").with_numbers(digits, net.fractions, net.names)
    printed(row.load(row.report)(sheet, notation), **out)
    if worked_out.stopped:
        raise worked_out.stopped
