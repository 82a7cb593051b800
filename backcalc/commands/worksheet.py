"""`worksheet`: the sheet with blanks, its solution, and the file for the answers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from backcalc.checking.key import MOST_STEPS
from backcalc.commands.options import (
    Changes,
    changes_option,
    deliver,
    format_of,
    network_argument,
    opened,
    options,
    output_options,
    printed,
    rate_option,
)
from backcalc.errors import BackcalcError
from backcalc.formats import READABLE
from backcalc.sheets.worked import Wishes
from backcalc.worksheets import asked
from backcalc.worksheets import paper as views

DIGITS = 4  # of a figure worked by hand

format_option = click.option(
    "--format", "form", type=click.Choice(tuple(READABLE)),
    help="How to print the sheet; the output's suffix says it unless given, and text is for"
    " stdout.",
)  # fmt: skip
steps_option = click.option(
    "--steps", type=click.IntRange(1, MOST_STEPS), default=1, show_default=True, metavar="N",
    help="How many steps to ask, where there is a learning rate.",
)  # fmt: skip
show_option = click.option(
    "--show", type=click.Choice(views.SHOW), default="formulas", show_default=True,
    help="What is printed beside each blank: the name alone, the formulas of the forward pass, or"
    " chain rules and update rules as well.",
)  # fmt: skip
hand_digits_option = click.option(
    "--digits", type=click.IntRange(1, 17), default=DIGITS, show_default=True,
    help="Significant digits of rounded numbers.",
)  # fmt: skip


@click.command()
@options(network_argument, rate_option, steps_option, changes_option, show_option)
@click.option("--key", is_flag=True, help="The solution instead.")
@click.option("--answers", is_flag=True,
              help="The answers file to be filled in, for `backcalc check`, instead.")  # fmt: skip
@options(hand_digits_option, format_option, output_options)
def worksheet(
    network: str, rate: Fraction | None, steps: int, changes: Changes,
    show: str, key: bool, answers: bool, digits: int, form: str | None, **out: Any,
) -> None:  # fmt: skip
    """The sheet with blanks, in the order of the work: to print and to hand out.

    Without a learning rate it asks the forward and the backward pass. The formulas of the forward
    pass are printed, as they are the network; chain rules and updates are left to find (--show).
    --key gives the solution, --answers a file that `backcalc check` takes back.
    """
    if key and answers:
        raise BackcalcError("--key and --answers are two files", hint="ask for one at a time")
    form = "text" if answers else format_of(form, out["output"], READABLE, what="a worksheet")
    exercise = asked.exercise(opened(network, changes), rate, steps)
    wishes = Wishes(digits=digits, picture=READABLE[form].drawn)
    if answers:
        printed(views.skeleton(exercise), out["output"], out["force"])
        return
    deliver(
        form,
        sheet=lambda: (
            views.solution(exercise, wishes) if key else views.worksheet(exercise, wishes, show)
        ),
        data=dict, wishes=wishes, network=exercise.network, **out,
    )  # fmt: skip
