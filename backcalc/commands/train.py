"""`train`: many epochs in one go, and what they tell."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from shutil import get_terminal_size
from typing import Any, TextIO

import click

from backcalc.commands.options import (
    changes_option,
    deliver,
    digits_option,
    network_argument,
    opened,
    optimizer_option,
    options,
    output_options,
    rate_option,
    write,
)
from backcalc.compiler.engine import Batches
from backcalc.errors import BackcalcError
from backcalc.network import Network
from backcalc.optimizers import Descent
from backcalc.training.diagnosis import Case, diagnose
from backcalc.training.goal import goal
from backcalc.training.run import ENGINES, Plan, Run, Watch, checked_rate
from backcalc.training.run import train as trained
from backcalc.views import text
from backcalc.views.trained import Look, train_data, train_sheet
from backcalc.views.worked import Wishes

INTERRUPTED = 130


def success(text: str) -> str | float:
    """`right` or a loss, or a usage error."""
    if text == "right":
        return text
    with suppress(ValueError):
        if 0 <= (loss := float(text)) < float("inf"):
            return loss
    raise click.BadParameter(f"{text!r} is neither `right` nor a loss such as 0.01")


engine_option = click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
    help="What runs the equations; every engine gives the same figures.",
)  # fmt: skip
success_option = click.option(
    "--success", "asked", type=success, metavar="right|LOSS",
    help="What counts as success: all predictions right, the default where targets are classes,"
    " or a loss; else 0.01.",
)  # fmt: skip
batch_options = options(
    click.option("--batch-size", type=click.IntRange(1), metavar="N",
                 help="Samples in an update; all unless given."),
    click.option("--online", is_flag=True, help="One update for each sample: --batch-size 1."),
    click.option("--shuffle", is_flag=True, help="Each epoch in an order of its own."),
)  # fmt: skip
table_format = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
    help="How to print the sheet.",
)  # fmt: skip
log_option = click.option("--log", is_flag=True, help="Equal factors of the loss equally far.")


@click.command()
@options(network_argument, rate_option)
@click.option(
    "--epochs", type=click.IntRange(1, 10**9), default=1000, show_default=True,
    help="How often to go through the samples.",
)  # fmt: skip
@options(optimizer_option, batch_options)
@click.option("--seed", type=click.IntRange(0, 10**9), default=0, show_default=True,
              help="What shuffles the samples.")  # fmt: skip
@options(changes_option, success_option)
@click.option("--until-loss", "until", type=float, metavar="LOSS",
              help="Stop at the first epoch with such a loss.")  # fmt: skip
@click.option("--save", type=click.Path(), metavar="FILE",
              help="Write the network file with the trained weights.")  # fmt: skip
@click.option("--history", type=click.Path(), metavar="FILE.csv",
              help="Write the loss after every epoch.")  # fmt: skip
@click.option("--plot", type=click.Path(), metavar="FILE.svg", help="Draw the curve as SVG.")
@options(engine_option, log_option, digits_option, table_format, output_options)
def train(
    network: str, rate: Fraction | None, epochs: int, descent: Descent | None,
    batch_size: int | None, online: bool, shuffle: bool, seed: int,
    changes: tuple[tuple[str, Fraction], ...], asked: str | float | None, until: float | None,
    save: str | None, history: str | None, plot: str | None, engine: str, log: bool, digits: int,
    **out: Any,
) -> int:  # fmt: skip
    """Train for many epochs: the loss curve, the weights, and a diagnosis.

    A run whose loss grows without bound is an answer too: it is diagnosed as diverging, naming
    the equation, with exit status 0. Ctrl-C shows and saves what was reached, with status 130.
    """
    net = opened(network, changes, descent)
    aim = goal(net, asked)
    batches = Batches(_size(batch_size, online), shuffle)
    plan = Plan(epochs, checked_rate(net, rate), batches, seed, until, engine)
    for path in filter(None, (save, history, plot, out["output"])):
        _check_free(path, out["force"])
    with ExitStack() as stack:
        watches = [stack.enter_context(progress(epochs))]
        if history:
            watches.append(stack.enter_context(recorded(history, out["force"])))
        run = trained(net, plan, _together(watches))
    case = Case(run, aim)
    found = diagnose(case)
    if save:
        write(save, _saved(network, run, save), out["force"])
    if plot:
        write(plot, _plotted(run, case.network, log), out["force"])
    deliver(
        sheet=lambda: train_sheet(case, found, look(log, digits, out["output"])),
        data=lambda: train_data(case, found),
        wishes=Wishes(digits=digits), network=net, **out,
    )  # fmt: skip
    return INTERRUPTED if run.interrupted else 0


def _together(watches: Sequence[Watch]) -> Watch:
    def watch(epoch: int, losses: Sequence[float]) -> None:
        for each in watches:
            each(epoch, losses)

    return watch


def _size(size: int | None, online: bool) -> int | None:
    if online and size not in (None, 1):
        raise BackcalcError("--online is --batch-size 1", hint="give one of the two")
    return 1 if online else size


def look(log: bool, digits: int, output: str | None) -> Look:
    """How charts are drawn for stdout, or for a file."""
    stream = sys.stdout
    width = get_terminal_size().columns if output is None and stream.isatty() else 80
    return Look(min(width, 100), output is not None or text.unicode_works(stream), log, digits)


def _check_free(path: str, force: bool) -> None:
    """Say so before a long run where a file could not be written after it."""
    if os.path.exists(path) and not force:
        raise BackcalcError(f"{path} exists already", hint="add --force to overwrite it")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise BackcalcError(f"cannot write {path}: there is no folder {folder}")


def _saved(file: str, run: Run, path: str) -> str:
    from backcalc.training.saved import saved_text  # few runs are saved

    numbers = dict(zip(run.network.weights, run.state.weights, strict=True))
    return saved_text(file, run.network, numbers, os.path.dirname(path))


def _plotted(run: Run, network: Network, log: bool) -> str:
    from backcalc.views.plot import curve_svg  # few runs are drawn

    points = [(float(epoch), loss) for epoch, loss in run.trace.points()]
    return curve_svg(points, network.title or network.file, log)


@contextmanager
def recorded(path: str, force: bool) -> Iterator[Watch]:
    """Write the losses as they come, beside the file first, then renamed."""
    beside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.part")
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as stream:
            stream.write("epoch,loss\n")
            yield lambda epoch, losses: _record(stream, epoch, losses)
        os.replace(beside, path)
    except OSError as error:
        raise BackcalcError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            os.unlink(beside)


def _record(stream: TextIO, epoch: int, losses: Sequence[float]) -> None:
    stream.writelines(f"{count},{loss!r}\n" for count, loss in enumerate(losses, epoch))


@contextmanager
def progress(total: int) -> Iterator[Watch]:
    """A bar on stderr, where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda epoch, losses: None
        return
    from rich.console import Console  # a pipe needs neither
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("epoch {task.completed} of {task.total}"), BarColumn(),
               TimeRemainingColumn(), TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda epoch, losses: bar.update(
            task, completed=epoch, description=f"loss {losses[-1]:.6g}" if losses else ""
        )
