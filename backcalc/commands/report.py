"""`report`: the whole worked sheet as a document to hand out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import click

from backcalc.commands.letters import unset_letters
from backcalc.commands.options import (
    by_suffix,
    changes_option,
    compact_option,
    digits_option,
    expand_option,
    init_option,
    network_argument,
    online_option,
    opened,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
    say,
    seed_option,
    steps_option,
)
from backcalc.equations import calculation
from backcalc.equations.initial import Initial
from backcalc.equations.optimizers import Descent
from backcalc.formats import html, latex, markdown
from backcalc.formulas.notation import Notation
from backcalc.sheets import worked
from backcalc.sheets.blocks import Sheet
from backcalc.sheets.closed_forms import closed_blocks
from backcalc.sheets.worked import Wishes

DOCUMENTS: dict[str, tuple[str, Callable[[Sheet, Notation], str], Notation]] = {
    "html": (".html", html.render, html.NOTATION),
    "markdown": (".md", markdown.github, markdown.NOTATION),
    "latex": (".tex", latex.render, latex.NOTATION),
}
"""Each format: the suffix of its files, what makes it, how its formulas are written."""


@click.command()
@options(network_argument, rate_option, steps_option, optimizer_option, online_option)
@options(changes_option, seed_option, init_option, compact_option, expand_option, digits_option)
@click.option(
    "--format", "form", type=click.Choice(tuple(DOCUMENTS)),
    help="What to make; the output's suffix says it unless given, and html is for stdout.",
)  # fmt: skip
@output_options
def report(
    network: str, rate: Fraction | None, steps: int, descent: Descent | None, online: bool,
    changes: tuple[tuple[str, Fraction], ...], seed: int | None, initial: Initial | None,
    compact: bool, expand: bool | None, digits: int, form: str | None, **out: Any,
) -> None:  # fmt: skip
    """The whole worked sheet as a document, with a drawing: .html, .md or .tex."""
    suffixes = {name: suffix for name, (suffix, *_) in DOCUMENTS.items()}
    form = form or by_suffix(out["output"], suffixes, "a report", "html")
    _, render, notation = DOCUMENTS[form]
    net = opened(network, changes, descent, seed, initial)
    if form == "latex":
        for note in unset_letters(net):
            say(note)
    worked_out = calculation.step(net, rate, steps, online=online)
    wishes = Wishes(compact, digits=digits, picture=True)
    sheet = worked.step_sheet(worked_out, wishes, closed_blocks(worked_out, wishes, expand))
    printed(render(sheet, notation.with_numbers(digits, net.fractions)), **out)
    if worked_out.stopped:
        raise worked_out.stopped
