"""`check` and `lint`: hand-worked answers and printed ones, marked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import click

from backcalc.checking import lint as linting
from backcalc.checking.answers import MAX_BYTES, Head, headed
from backcalc.checking.report import CARRY, NAMELESS, Marking, Report
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
from backcalc.errors import BackcalcError, Place, listed
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
VARIANT = re.compile(r"variant-(\d{1,9})")

format_option = click.option(
    "--format", "form", type=click.Choice(("text", "markdown", *WRITERS)), default="text",
    show_default=True, help="How to print the verdicts.",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """What many sheets are marked against: one network, or in a folder of variants each its own."""

    network: str
    """The network or the folder, as it was named."""
    start: Callable[[str], Marking]
    """Opens a network."""
    variants: dict[int, str]
    """The networks of the variants, by their numbers; none where there is no folder."""
    opened: dict[str, Marking] = field(default_factory=dict)
    """The networks that were opened."""

    def marking(self, network: str) -> Marking:
        """How sheets of one network are marked."""
        if network not in self.opened:
            self.opened[network] = self.start(network)
        return self.opened[network]

    def head(self, text: str, file: str) -> Head:
        """What a sheet says of itself."""
        any_one = next(iter(self.variants.values()), self.network)
        return headed(text, file, self.marking(any_one).knows)[0]

    def of(self, head: Head, file: str) -> Marking:
        """How the sheet is marked that says this of itself.

        Raises BackcalcError where it names no variant that is in the folder.
        """
        if not self.variants:
            return self.marking(self.network)
        if head.variant is None:
            message = "the sheet does not say of which variant it is"
            hint = f"write a line such as variant = {min(self.variants)} at its top"
            raise BackcalcError(message, Place(file), hint)
        if head.variant not in self.variants:
            message = f"there is no variant {head.variant} in {self.network[:200]}"
            hint = f"it holds variant{_these([*self.variants])}"
            raise BackcalcError(message, head.place, hint)
        return self.marking(self.variants[head.variant])


def _these(numbers: Sequence[int]) -> str:
    """The numbers of variants, as a range where they are one."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and last - first == len(numbers) - 1:
        return f"s {first} to {last}"
    return f"{'s' if len(numbers) > 1 else ''} {listed(map(str, numbers), 40)}"


def _variants(folder: str) -> dict[int, str]:
    """The networks in a folder of variants, by their numbers."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise BackcalcError(f"cannot read {folder[:200]}: {error.strerror}") from None
    found: dict[int, str] = {}
    for name in names:
        match, path = VARIANT.fullmatch(name), os.path.join(folder, name, "network.yaml")
        if match and os.path.isfile(path):
            found[int(match[1])] = path
    if not found:
        own = os.path.join(folder, "network.yaml")
        hint = f"name {own}" if os.path.isfile(own) else "`backcalc variant` makes such a folder"
        raise BackcalcError(f"the folder {folder[:200]} holds no variants", hint=hint)
    return dict(sorted(found.items()))


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
    NETWORK may be a folder that `backcalc variant` made: each file is marked against the variant
    that it names (variant = 7), whatever the file is called.
    Exit status 0 when all are correct or rounded, 1 otherwise, 2 for unreadable answers.
    """

    def start(file: str) -> Marking:
        match = VARIANT.fullmatch(os.path.basename(os.path.dirname(os.path.abspath(file))))
        number = int(match[1]) if match else None
        return Marking(opened(file, changes, descent), rate, carry, steps, number)

    whole = Class(
        network, start, _variants(network) if network != "-" and os.path.isdir(network) else {}
    )
    if not whole.variants:
        whole.marking(network)  # a network that is wrong is so for all
    reports = [_marked(whole, file) for file in _in_turn(answers)]
    sheet = overview(reports) if len(reports) > 1 else report_sheet(reports[0])
    _deliver(reports, sheet, **out)
    return _status(reports)


def _marked(whole: Class, file: str) -> Report:
    """One file, marked; where that can't be done, why."""
    shown = "<stdin>" if file == "-" else file
    head = NAMELESS
    try:
        with limited(shown):
            text = read_text(file, MAX_BYTES)
            head = whole.head(text, shown)
            return checked(whole.of(head, shown), text, shown)
    except BackcalcError as error:
        say(error)
        return Report(shown, error=error, head=head)


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
        say(error)
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
    printed(written, **out, to_read=form == "text")


def _status(reports: Iterable[Report]) -> int:
    """0: all right; 1: something is wrong; 2 or 3: a file could not be read or worked out."""
    return max((r.error.exit_status if r.error else int(not r.right) for r in reports), default=0)
