"""`variant`: the same network with other numbers, each with worksheet, key and answers file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from backcalc.commands.interruption import held
from backcalc.commands.options import network_argument, opened, options, rendered, say
from backcalc.commands.worksheet import (
    hand_digits_option,
    show_option,
    steps_option,
)
from backcalc.commands.writing import check_no_input
from backcalc.errors import BackcalcError, listed
from backcalc.formats import READABLE
from backcalc.sheets.worked import Wishes, title
from backcalc.worksheets import paper as views
from backcalc.worksheets.class_folder import SHEETS, checked_folder, write_folder
from backcalc.worksheets.conditions import CONDITIONS
from backcalc.worksheets.moodle import csv_text, moodle_text
from backcalc.worksheets.search import Variant, VariantSearch, search, variants
from backcalc.worksheets.variant_files import network_text

MOST = 1000


def conditions(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[str, ...]:
    """Words with commas between them, or a usage error."""
    words = tuple(word.strip() for word in (value or "").split(",") if word.strip())
    for word in words:
        if word not in CONDITIONS:
            raise click.BadParameter(f"{word!r} is none of {listed(CONDITIONS)}")
    return words


@click.command()
@network_argument
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), required=True, metavar="INTEGER",
              help="The same seed gives the same variants.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, MOST), default=1, show_default=True, metavar="N",
              help="How many; those with lower numbers do not depend on it.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(), required=True, metavar="DIR",
              help="The folder to make.")  # fmt: skip
@click.option(
    "--force",
    is_flag=True,
    help="Replace the variants that the folder holds, unless answers are filled in.",
)
@click.option("--allow", callback=conditions, metavar="WORDS",
              help=f"Do not mind {', '.join(CONDITIONS)} (several with commas).")  # fmt: skip
@click.option("--moodle", is_flag=True, help="A Moodle quiz too: moodle.xml.")
@click.option("--csv", is_flag=True, help="A table of all answers too: answers.csv.")
@options(steps_option, show_option, hand_digits_option)
@click.option("--format", "form", type=click.Choice(tuple(READABLE)), default="text",
              show_default=True, help="How to print the sheets.")  # fmt: skip
def variant(
    network: str, seed: int, count: int, output: str, force: bool, allow: tuple[str, ...],
    moodle: bool, csv: bool, steps: int, show: str, digits: int, form: str,
) -> None:  # fmt: skip
    """The same network with other numbers: a sheet for each person, its key, its answers file.

    Weights, inputs and targets vary in the style of the file's own; classes stay classes, zeros,
    constants and the learning rate stay. No unit is dead or saturated, no value at a kink, no
    answer 0, unless no numbers avoid it or --allow says so. DIR gets for each variant a folder
    variant-07 with network.yaml, worksheet, key and answers.txt; what comes back is marked with
    `backcalc check DIR/variant-07/network.yaml RETURNED...`.
    """
    if network == "-":
        raise BackcalcError("a network from standard input has no file to vary; name one")
    folder = checked_folder(output, force)
    net = opened(network)
    for path in folder.rglob("*"):
        check_no_input(os.path.join(output, path.relative_to(folder)))
    wanted = search(net, None, steps, allow)
    _tell(wanted)
    found = [*variants(wanted, seed, count)]
    wishes = Wishes(digits=digits, picture=READABLE[form].drawn)
    files = {
        name: text for each in found for name, text in _files(network, each, wishes, show, form)
    }
    files |= {"moodle.xml": moodle_text(title(net), found, digits)} if moodle else {}
    files |= {"answers.csv": csv_text(found)} if csv else {}
    write_folder(folder, files, output, held)


def _tell(wanted: VariantSearch) -> None:
    """What no numbers avoid, on stderr."""
    for word, count in wanted.unavoidable.items():
        times = "once" if count == 1 else f"{count} times"
        say(f"note: whatever the numbers, each sheet has {CONDITIONS[word]} {times} at least")


def _files(
    network: str, each: Variant, wishes: Wishes, show: str, form: str
) -> Iterator[tuple[str, str]]:
    """The files of one variant."""
    exercise, suffix = each.exercise, READABLE[form].suffixes[0]
    sheets = (views.worksheet(exercise, wishes, show), views.solution(exercise, wishes))
    yield f"{each.name}/network.yaml", network_text(network, exercise)
    for name, sheet in zip(SHEETS, sheets, strict=True):
        yield f"{each.name}/{name}{suffix}", rendered(form, sheet, wishes, each.network)
    yield f"{each.name}/answers.txt", views.skeleton(exercise)
