"""`variant`: the same network with other numbers, each with worksheet, key and answers file."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

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
from backcalc.worksheets.conditions import CONDITIONS
from backcalc.worksheets.moodle import csv_text, moodle_text
from backcalc.worksheets.search import Search, Variant, search, variants
from backcalc.worksheets.variant_files import network_text

if TYPE_CHECKING:
    from pathlib import Path

MOST = 1000
SHEETS = ("worksheet", "key")
ENDINGS = "|".join(re.escape(row.suffixes[0]) for row in READABLE.values())
OWN = re.compile(
    rf"variant-\d+(/(network\.yaml|answers\.txt|({'|'.join(SHEETS)})({ENDINGS})))?"
    r"|moodle\.xml|answers\.csv"
)
"""What stands in a folder of variants."""

EMPTY = re.compile(r"\ufeff?\s*(#.*|variant\s*=.*|[^=:]*=\s*)?")
"""A line of an answers file that nobody has written on."""

Files = Mapping[str, str]
"""Names in the folder, and what is written there."""


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
    folder = _checked(output, force)
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
    _written(folder, files, output)


def _tell(wanted: Search) -> None:
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


def _checked(output: str, force: bool) -> Path:
    """The folder, if it may be made; one that holds anything but variants stays."""
    from pathlib import Path  # it loads much that a sheet on stdout does not need

    folder = Path(os.path.realpath(output))
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise BackcalcError(f"{output} is no folder")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    strange = [name for name in names if not OWN.fullmatch(name)]
    if strange:
        message = f"{output} holds files that are no variants: {listed(strange, 4)}"
        raise BackcalcError(message, hint="name another folder")
    if names and not force:
        hint = "add --force to replace them"
        raise BackcalcError(f"{output} holds variants already", hint=hint)
    for path in sorted(folder.glob("*/answers.txt")):
        if _filled_in(path):
            shown = os.path.join(output, path.relative_to(folder))
            raise BackcalcError(f"{shown} has been filled in", hint="name another folder")
    return folder


def _filled_in(path: Path) -> bool:
    """Whether a file is more than a skeleton; one that cannot be read may be."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return True
    return not all(EMPTY.fullmatch(line) for line in text.splitlines())


def _written(folder: Path, files: Files, shown: str) -> None:
    """The whole folder or nothing: beside it first, then renamed."""
    import tempfile
    from pathlib import Path

    try:
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True
        ) as place:
            new, old = Path(place, "new"), Path(place, "old")
            for name, text in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8", newline="\n")
            with held():  # between the two renames there is no folder
                _renamed(new, folder, old)
    except OSError as error:
        raise BackcalcError(f"cannot write {shown[:200]}: {error.strerror}") from None


def _renamed(new: Path, folder: Path, old: Path) -> None:
    """The new folder in the place of the old one, which comes back where that fails."""
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            shutil.move(old, folder)
        raise
