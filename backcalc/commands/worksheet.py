"""`worksheet` and `variant`: the sheet with blanks, and one with other numbers for each person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TextIO

import click

from backcalc.checking.key import FORWARD, MOST_STEPS
from backcalc.commands.interruption import held
from backcalc.commands.options import (
    Shown,
    ask_option,
    changes_option,
    check_folder,
    completing,
    kept,
    layout_option,
    names_typed,
    network_argument,
    opened,
    opening,
    options,
    output_options,
    rate_option,
    say,
    showing,
    tell,
    unfold_option,
    work_option,
)
from backcalc.commands.writing import check_no_input
from backcalc.equations.network import Asked, Network
from backcalc.errors import BackcalcError, counted, listed
from backcalc.formats import READABLE
from backcalc.formulas.quantity import called, parsed
from backcalc.sheets.worked import Wishes, title
from backcalc.worksheets import asked
from backcalc.worksheets import paper as views
from backcalc.worksheets.packages import PACKAGES
from backcalc.worksheets.search import CONDITIONS, DIGITS, Variant, lost, search, variants

MOST = 1000  # variants

format_option = click.option(
    "--format", "form", type=click.Choice(tuple(READABLE)),
    help="Format of the sheet. Without it the ending of FILE decides, and the screen gets text.",
)  # fmt: skip
steps_option = click.option(
    "--steps", type=click.IntRange(1, MOST_STEPS), default=1, show_default=True, metavar="N",
    help="Ask so many steps, if there is a learning rate.",
)  # fmt: skip
show_option = click.option(
    "--show", type=click.Choice(views.SHOW), default="formulas", show_default=True,
    help="Print beside each blank its name alone, the formulas of the forward pass, or chain rules"
    " and update rules too.",
)  # fmt: skip
hand_digits_option = click.option(
    "--digits", type=click.IntRange(1, 17), default=DIGITS, show_default=True,
    help="Ask for so many significant digits.",
)  # fmt: skip


@click.command()
@options(network_argument, ask_option, rate_option, steps_option, changes_option, show_option)
@options(layout_option, unfold_option)
@click.option("--key", is_flag=True, help="Print the solution instead.")
@click.option("--answers", is_flag=True,
              help="Print the answers file instead, to fill in for `backcalc check`.")  # fmt: skip
@options(work_option, hand_digits_option, format_option, output_options)
@showing(READABLE, what="a worksheet")
@opening
def worksheet(
    net: Network, rate: Fraction | None, steps: int, show: str, key: bool, answers: bool,
    work: str, digits: int,
) -> Shown:  # fmt: skip
    """Make the sheet with blanks, in the order of the work: to print and to hand out.

    Without a learning rate it asks the forward and the backward pass. It prints the formulas of
    the forward pass, as they are the network; chain rules and updates are for the person to find
    (see --show). --key gives the solution, --answers a file to fill in for `backcalc check`.
    """
    if key and answers:
        raise BackcalcError(
            "--key and --answers make two different files", hint="ask for one at a time"
        )
    exercise = asked.exercise(net, rate, steps, kept(work, digits))
    if not (key or answers):
        _tell_given_away(exercise, show)

    def written(form: str, stream: TextIO | None) -> str:
        if answers and form != "text":
            raise BackcalcError(f"--answers makes a text to fill in, not {form}")
        if answers:
            return views.skeleton(exercise)
        wishes = Wishes(digits=digits, picture=READABLE[form].drawn)
        sheet = views.solution(exercise, wishes) if key else views.worksheet(exercise, wishes, show)
        return Shown(exercise.network, lambda _: sheet, wishes=wishes).written(form, stream)

    return Shown(exercise.network, own=written, result=exercise, typed=answers)


package_options = options(
    *(click.option(f"--{row.name}", is_flag=True, help=row.sentence) for row in PACKAGES.values())
)


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
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="INTEGER",
              help="The same seed gives the same variants.")  # fmt: skip
@click.option("--same", is_flag=True,
              help="Keep the file's own numbers: one sheet for all, and no seed.")  # fmt: skip
@click.option("--count", type=click.IntRange(1, MOST), default=1, show_default=True, metavar="N",
              help="Make so many variants. More of them do not change the first ones.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(), required=True, metavar="DIR",
              help="The folder to make.")  # fmt: skip
@click.option("--force", is_flag=True,
              help="Replace the variants in the folder, unless somebody has filled in"
              " answers.")  # fmt: skip
@click.option("--allow", callback=conditions, metavar="WORDS",
              shell_complete=completing("conditions"),
              help=f"Allow {', '.join(CONDITIONS)} (several with commas).")  # fmt: skip
@click.option("--keep", type=names_typed, metavar="NAME,...",
              shell_complete=completing("some weights"),
              help="Keep these numbers as they are.")  # fmt: skip
@package_options
@options(ask_option, steps_option, show_option, unfold_option, hand_digits_option)
@click.option("--format", "form", type=click.Choice(tuple(READABLE)), default="text",
              show_default=True, help="Format of the sheets.")  # fmt: skip
def variant(
    network: str, seed: int | None, same: bool, count: int, output: str, force: bool,
    allow: tuple[str, ...], keep: list[str] | None, ask: tuple[Asked, ...] | None, steps: int,
    show: str,
    unfolded: str | None, digits: int, form: str, **asked_for: bool,
) -> None:  # fmt: skip
    """Make the network with other numbers for each person: a sheet, its key, its answers file.

    Weights, inputs and targets vary in the style of the file's own; classes stay classes, zeros,
    constants and the learning rate stay. No unit is dead or saturated, no value at a kink, no
    answer 0, unless no numbers avoid it or --allow says so; --keep keeps numbers that make one on
    purpose. DIR gets for each variant a folder
    variant-07 with network.yaml, worksheet and answers.txt; the keys are apart, in DIR/keys. What
    comes back is marked with `backcalc check DIR RETURNED`. With --same all get the exercise as it
    stands, and the platforms its questions.
    """
    from backcalc.worksheets.class_folder import checked_folder, network_text, write_folder
    from backcalc.worksheets.questions import Handout

    if network == "-":
        raise BackcalcError("a network from standard input has no file to vary; name one")
    if same == (seed is not None) or (same and count > 1):
        hint = (
            "--seed draws numbers, so that each person has others; with --same all have the file's"
        )
        raise BackcalcError("give either --seed or --same, and --count with --seed", hint=hint)
    check_folder(output)
    folder = checked_folder(output, force)
    net = opened(network)
    for path in folder.rglob("*"):
        check_no_input(os.path.join(output, path.relative_to(folder)))
    if seed is None:
        found = [Variant(1, {}, asked.exercise(opened(net, ask=ask), None, steps))]
    else:
        found = varied(net, seed, count, steps, allow, keep, ask, digits)
    wishes = Wishes(digits=digits, picture=READABLE[form].drawn)
    networks = {each.name: network_text(network, each.exercise) for each in found}
    files: dict[str, str | bytes] = {f"{name}/network.yaml": networks[name] for name in networks}
    for each in found:
        shown = replace(each, exercise=each.exercise.unfolded) if unfolded == "scalar" else each
        files |= _files(shown, wishes, show, form)
    handout = Handout(title(net), found, networks, digits)
    for name in PACKAGES:
        if asked_for[name]:
            files |= PACKAGES[name].files(handout)
    write_folder(folder, files, output, held)
    beside = listed([f"keys in {output}/keys", *(name for name in files if "/" not in name)])
    tell(f"{output}: {counted(len(found), 'variant')} written, {beside}")


def varied(
    network: Network, seed: int, count: int, steps: int, allow: tuple[str, ...],
    keep: list[str] | None = None, ask: tuple[Asked, ...] | None = None, digits: int = DIGITS,
) -> list[Variant]:  # fmt: skip
    """The variants of a network, with notes on what no numbers avoid, on what is lost or hides."""
    from backcalc.checking.examples import bare
    from backcalc.checking.slips import SLIPS

    network = opened(network, ask=ask)
    wanted = search(network, None, steps, allow, keep or (), digits)
    for word, least in wanted.unavoidable.items():
        times = "once" if least == 1 else f"{least} times"
        say(f"note: whatever the numbers, each sheet has {CONDITIONS[word]} {times} at least")
    _tell_given_away(wanted.model, "formulas")
    found = [*variants(wanted, seed, count)]
    if faults := lost(wanted, found):
        said = " and ".join(CONDITIONS[word] for word in faults)
        keeps = "--keep NAME,... keeps the numbers that make it so"
        say(f"note: your own sheet has {said}, and no variant has; {keeps}")
    hides: dict[tuple[str, str], list[str]] = {}
    for each in found:
        for line, mistake in wanted.hidden(each.exercise.values):
            name = called(parsed(line), network.names)
            hides.setdefault((name, bare(SLIPS[mistake])), []).append(str(each.index))
    if hides:
        lines = [f"{name} ({mistake}: variant {listed(own, 3)})"
                 for (name, mistake), own in hides.items()]  # fmt: skip
        say(f"note: in so many digits a common mistake does not show in {listed(lines, 5)}")
    return found


def _tell_given_away(exercise: asked.Exercise, show: str) -> None:
    """What one part of a sheet tells of another one, on stderr."""
    given = any(each.posed.beside for each in exercise.questions)
    if given and show != "rules" and any(part.role != FORWARD for part in exercise.parts):
        say("note: the worked sheet of slip shows the chain rules and updates that other lines of"
            " this sheet ask for; hand it out afterwards, or ask slip alone")  # fmt: skip


def _files(each: Variant, wishes: Wishes, show: str, form: str) -> Iterator[tuple[str, str]]:
    suffix = READABLE[form].suffixes[0]
    for name, sheet in (
        (f"{each.name}/worksheet", views.worksheet(each.exercise, wishes, show)),
        (f"keys/{each.name}", views.solution(each.exercise, wishes)),
    ):
        shown = Shown(each.network, lambda _: sheet, wishes=wishes)  # noqa: B023 - called at once
        yield f"{name}{suffix}", shown.written(form)
    yield f"{each.name}/answers.txt", views.skeleton(each.exercise)
