"""`check` and `lint`: hand-worked answers and printed ones, marked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import click

from backcalc.checking import lint as linting
from backcalc.checking.answers import MAX_BYTES
from backcalc.checking.report import CARRY, Marking, Report
from backcalc.checking.report import check as checked
from backcalc.commands.limits import limited
from backcalc.commands.options import (
    changes_option,
    network_argument,
    opened,
    optimizer_option,
    options,
    output_options,
    printed,
    rate_option,
    say,
)
from backcalc.document import read_text
from backcalc.errors import BackcalcError
from backcalc.notation import UNICODE
from backcalc.optimizers import Descent
from backcalc.views import gradebook, markdown, text
from backcalc.views.checked import lint_sheet, overview, report_sheet
from backcalc.views.data import dumped
from backcalc.views.sheet import Sheet

WRITERS: dict[str, Callable[[Sequence[Report]], str]] = {
    "json": lambda reports: dumped(gradebook.report_data(reports)),
    "csv": gradebook.csv_text,
    "junit": gradebook.junit_text,
}
"""The formats for programs."""

MANY = 10  # files that somebody waits for

format_option = click.option(
    "--format", "form", type=click.Choice(("text", "markdown", *WRITERS)), default="text",
    show_default=True, help="How to print the verdicts.",
)  # fmt: skip


@click.command()
@network_argument
@click.argument("answers", nargs=-1, required=True, metavar="ANSWERS...")
@options(rate_option, changes_option, optimizer_option)
@click.option("--steps", type=click.IntRange(0, 100), default=0,
              help="Steps to work at least; the names of the answers ask for more.")  # fmt: skip
@click.option("--carry", type=click.Choice(tuple(CARRY)), default="full", show_default=True,
              help="What a line earns that follows from a wrong one.")  # fmt: skip
@options(format_option, output_options)
def check(
    network: str, answers: tuple[str, ...], rate: Fraction | None,
    changes: tuple[tuple[str, Fraction], ...], descent: Descent | None, steps: int, carry: str,
    **out: Any,
) -> int:  # fmt: skip
    """Check hand-worked answers: what is right, what follows, which mistake came first.

    ANSWERS are files, or - for standard input, with lines such as z0 = 0.5 or z0: 0.5.
    Exit status 0 when all are correct or rounded, 1 otherwise, 2 for unreadable answers.
    """
    marking = Marking(opened(network, changes, descent), rate, carry, steps)
    reports = [_marked(marking, file) for file in _in_turn(answers)]
    sheet = overview(reports) if len(reports) > 1 else report_sheet(reports[0])
    _deliver(reports, sheet, **out)
    return _status(reports)


def _marked(marking: Marking, file: str) -> Report:
    """One file, marked; where that can't be done, why."""
    shown = "<stdin>" if file == "-" else file
    try:
        with limited(shown):
            return checked(marking, read_text(file, MAX_BYTES), shown)
    except BackcalcError as error:
        say(str(error))
        return Report(shown, error=error)


@click.command()
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...")
@options(format_option, output_options)
def lint(networks: tuple[str, ...], **out: Any) -> int:
    """Test the printed answers under `expect:` in network files; for CI.

    A figure that is marked as wrong in its source must be wrong in the way that is named.
    """
    reports = [_linted(file) for file in _in_turn(networks)]
    _deliver(reports, lint_sheet(reports), **out)
    return _status(reports)


def _linted(file: str) -> Report:
    """The printed answers of one network file, marked; where that can't be done, why."""
    try:
        with limited(file):
            return linting.lint(opened(file), file)
    except BackcalcError as error:
        say(str(error))
        return Report(file, error=error)


def _in_turn(files: Sequence[str]) -> Iterator[str]:
    """The files, with a bar on stderr while somebody waits for many."""
    if len(files) < MANY or sys.stderr is None or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, label="checking", file=sys.stderr) as bar:
        yield from bar


def _deliver(reports: Sequence[Report], sheet: Sheet, form: str, **out: Any) -> None:
    """Print the verdicts in the format that was asked for, or write them to a file."""
    if all(report.error for report in reports) and form not in WRITERS:
        return  # stderr has said what is wrong
    if form in WRITERS:
        written = WRITERS[form](reports)
    elif form == "markdown":
        written = markdown.render(sheet)
    elif out["output"]:
        written = text.render(sheet, UNICODE)
    else:
        written = text.render(sheet, text.notation_for(sys.stdout), sys.stdout)
    printed(written, **out)


def _status(reports: Iterable[Report]) -> int:
    """0: all right; 1: something is wrong; 2 or 3: a file could not be read or worked out."""
    return max((r.error.exit_status if r.error else int(not r.right) for r in reports), default=0)
