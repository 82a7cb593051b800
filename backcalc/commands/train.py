"""`train`, `sweep` and `landscape`: many epochs in one go, and what they tell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TextIO

import click

from backcalc.charts.plot import curve_svg, curves_svg
from backcalc.commands.interruption import arrived, ended, held, released
from backcalc.commands.options import (
    Changes,
    Shown,
    assigned,
    changes_option,
    check_kind,
    completing,
    digits_option,
    first_seed,
    format_option,
    init_option,
    network_argument,
    number,
    numbered,
    opened,
    opening,
    optimizer,
    optimizer_option,
    options,
    output_options,
    rate_option,
    say,
    showing,
    write,
)
from backcalc.commands.writing import beside, check_free
from backcalc.equations.initial import MOST_SEED, Initial, drawn
from backcalc.equations.named import with_numbers
from backcalc.equations.network import Network, learning_rate
from backcalc.equations.optimizers import Descent
from backcalc.errors import BackcalcError
from backcalc.formats.terminal import columns, notation_for, unicode_works
from backcalc.sheets.blocks import SheetBlocks
from backcalc.sheets.data import Data
from backcalc.sheets.worked import Wishes
from backcalc.training import loss_landscape as maps
from backcalc.training.diagnosis import Case, diagnose
from backcalc.training.engines.engine import Batches, Engine, State, start
from backcalc.training.goal import Goal, goal
from backcalc.training.loss_landscape import AxisEnds
from backcalc.training.restarts import Setting, WeightDraw, restarts
from backcalc.training.restarts import sweep as swept
from backcalc.training.run import (
    ENGINES,
    LossPoint,
    Plan,
    Watch,
    check_trained,
    checked_rate,
    chosen_engine,
)
from backcalc.training.run import train as trained
from backcalc.training.saved import saved_text
from backcalc.training.trained import (
    Look,
    restarts_data,
    restarts_sheet,
    setting_words,
    sweep_data,
    sweep_sheet,
    train_data,
    train_sheet,
)

Compared = tuple[str, list[Fraction]]

FEW = 20  # runs for each setting of a sweep unless a number is given
WORDS, WIDEST = 60, 40  # columns beside the bar, and of the bar where there are more
WIDTH = 80  # of a chart in a pipe or a file


def loss(text: str) -> float:
    """A loss, or a usage error."""
    try:
        return float(number(text))
    except OverflowError:
        raise click.BadParameter(f"{text!r} is too large; 1e308 is the most") from None


def success(text: str) -> str | float:
    """`right` or a loss, or a usage error."""
    return text if text == "right" else loss(text)


engine_option = click.option(
    "--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
    help="Program that runs the equations. Every engine gives the same numbers.",
)  # fmt: skip
success_option = click.option(
    "--success", "asked", type=success, metavar="right|LOSS",
    help="Goal of a run: `right` if all predictions are right, or a loss. Without it the goal is"
    " `right` if the targets are classes, 0.01 for a loss with a name such as l2, else none.",
)  # fmt: skip
batch_options = options(
    click.option("--batch-size", "size", type=click.IntRange(1), metavar="N",
                 help="Samples in each update. Without it all are used."),
    click.option("--online", is_flag=True, help="Update after each sample: --batch-size 1."),
    click.option("--shuffle", is_flag=True, help="Take the samples in a new order in each epoch."),
)  # fmt: skip
epochs_option = click.option(
    "--epochs", type=click.IntRange(1, 10**9), default=1000, show_default=True,
    help="Go through the samples so many times.",
)  # fmt: skip
seed_option = click.option(
    "--seed", type=click.IntRange(0, MOST_SEED), metavar="INTEGER",
    help="Seed for random weights and for --shuffle; of many runs the first has it.",
)  # fmt: skip
restarts_option = click.option(
    "--restarts", "count", type=click.IntRange(1, 100_000), metavar="N",
    help="Make so many runs from random weights, with seeds from --seed on.",
)  # fmt: skip
log_option = click.option("--log", is_flag=True, help="Show the loss on a log axis.")


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Where a run is to be written besides the sheet, each None where it is not."""

    save: str | None
    """The network file with the trained weights."""
    history: str | None
    """The loss after every epoch."""
    plot: str | None
    """The curve."""
    output: str | None
    """The sheet."""
    force: bool
    """True if files that are there may be overwritten."""

    @property
    def named(self) -> dict[str, str]:
        """The files that were asked for, by their options."""
        each = {"--save": self.save, "--history": self.history, "--plot": self.plot,
                "--output": self.output}  # fmt: skip
        return {option: path for option, path in each.items() if path is not None}

    def check(self, file: str, network: Network) -> None:
        """Say so before a long run where its files could not be written after it."""
        check_kind(self.save, "YAML")
        check_kind(self.history, "CSV")
        check_kind(self.plot, "SVG")
        taken: dict[str, str] = {}
        for option, path in self.named.items():
            other = taken.setdefault(os.path.realpath(path), option)
            if other != option:
                message = f"{other} and {option} name the same file, {path}"
                raise BackcalcError(message, hint="give each a file of its own")
            check_free(path, self.force)
        if self.save:
            _saved(file, network, start(network), self.save)

    def write(
        self, file: str, network: Network, state: State, curve: list[LossPoint], log: bool
    ) -> None:
        """Write the trained network and the curve."""
        if self.save:
            write(self.save, _saved(file, network, state, self.save), self.force)
        if self.plot:
            write(self.plot, _curve(network, curve, log), self.force)


def _curve(network: Network, curve: list[LossPoint], log: bool) -> str:
    points = [(float(epoch), loss) for epoch, loss in curve]
    return curve_svg(points, network.title or network.file, log)


def _saved(file: str, network: Network, state: State, path: str) -> str:
    numbers = dict(zip(network.weights, state.weights, strict=True))
    return saved_text(file, network, numbers, os.path.dirname(path))


file_options = options(
    click.option("--save", type=click.Path(), metavar="FILE",
                 help="Write the network file with the trained weights (of many runs the best)."),
    click.option("--history", type=click.Path(), metavar="FILE.csv",
                 help="Write the loss after every epoch of a single run."),
    click.option("--plot", type=click.Path(), metavar="FILE.svg",
                 help="Draw the curve as .svg or .png."),
)  # fmt: skip


@click.command()
@options(network_argument, rate_option, epochs_option, optimizer_option, batch_options)
@options(restarts_option, seed_option, init_option, changes_option, success_option)
@click.option("--until-loss", "until", type=loss, metavar="LOSS",
              help="Stop at the first epoch whose loss is this or less.")  # fmt: skip
@options(file_options, engine_option, log_option, digits_option, format_option, output_options)
@showing(early=True)
def train(
    network: str | Network, rate: Fraction | None, epochs: int, descent: Descent | None,
    size: int | None, online: bool, shuffle: bool, count: int | None, seed: int | None,
    initial: Initial | None, changes: Changes, asked: str | float | None, until: float | None,
    save: str | None, history: str | None, plot: str | None, engine: str, log: bool, digits: int,
    output: str | None = None, force: bool = False,
) -> Shown:  # fmt: skip
    """Train for many epochs: show the loss curve, the weights, and a diagnosis.

    If the loss grows without bound, the diagnosis says so and names the equation; the exit status
    is 0. Ctrl-C shows and saves what the run has reached, with exit status 130.

    With --restarts many runs start from random weights. The sheet says how many succeed, and why
    the others fail.
    """
    known = opened(network, (), descent)
    check_trained(known)
    draw, first = draws(initial, changes), first_seed(known, seed)
    if not (initial or known.random or known.initial.asked):
        seed = None  # it shuffles the samples; there is nothing to draw
    net = draw(known, first) if count else numbered(known, seed, initial, changes)
    batches = Batches(batch_size(size, online), shuffle)
    plan = Plan(epochs, checked_rate(net, rate), batches, first, until, engine)
    note(uphill(plan.rate))
    files = RunFiles(save, history, plot, output, force)
    source = network if isinstance(network, str) else network.file
    files.check(source, net)
    aim = goal(net, asked)
    if count:
        done = _many(net, plan, aim, count, draw, files, _again(net, initial))
    else:
        done = _one(net, plan, aim, files)
    files.write(source, net, done.state, done.curve, log)
    return Shown(
        net, lambda stream: done.sheet(look(log, stream)), done.data, Wishes(digits=digits),
        result=done, status=ended if done.interrupted else int,
        svg=lambda: _curve(net, done.curve, log),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """The results of one run or of many, as they are shown and written."""

    state: State
    """The weights to save."""
    curve: list[LossPoint]
    """The curve to draw."""
    sheet: Callable[[Look], SheetBlocks]
    """For people."""
    data: Callable[[], Data]
    """For programs."""
    interrupted: bool
    """True if the person stopped it."""


def _one(network: Network, plan: Plan, aim: Goal, files: RunFiles) -> Done:
    chosen = chosen_engine(network, plan)  # first, while a signal still ends all at once
    with ExitStack() as stack:
        watches = [stack.enter_context(progress(plan.epochs))]
        if files.history:  # first, so that it has what was done before Ctrl-C ends the run
            watches.insert(0, stack.enter_context(recorded(files.history, files.force)))
        run = trained(network, plan, together(watches), chosen)
    note(run.note)
    case = Case(run, aim)
    found = diagnose(case)
    return Done(
        run.state, run.trace.points(), lambda look: train_sheet(case, found, look),
        lambda: train_data(case, found), run.interrupted,
    )  # fmt: skip


def _many(
    network: Network, plan: Plan, aim: Goal, count: int, draw: WeightDraw, files: RunFiles,
    again: str,
) -> Done:  # fmt: skip
    if files.history or plan.until is not None:
        option = "--history" if files.history else "--until-loss"
        hint = "--success 0.01 says when such a loss was reached, --format json has the curves"
        raise BackcalcError(f"{option} is for a single run", hint=hint)
    chosen = chosen_engine(network, plan, count)
    with progress(plan.epochs) as watch:
        told = lambda done: watch(done, ())  # noqa: E731 - said once
        found = restarts(network, plan, aim, count, draw, chosen=chosen, told=told)
    note(found.note)
    best = found.told["best"]
    return Done(
        best.state, best.points, lambda look: restarts_sheet(found, look, again),
        lambda: restarts_data(found), found.interrupted,
    )  # fmt: skip


def _again(network: Network, initial: Initial | None) -> str:
    """The command that starts from the same weights, but for the seed."""
    options = (f",{name}={value}" for name, value in ((initial and initial.options) or {}).items())
    init = f" --init {initial.row.name}{''.join(options)}" if initial else ""
    return f"backcalc step {network.file}{init}"


def draws(initial: Initial | None, changes: Changes) -> WeightDraw:
    """Return a function that draws random weights, but for those that are set."""
    return lambda network, seed: with_numbers(drawn(network, seed, initial), dict(changes))


def uphill(rate: float | Fraction) -> str:
    """Return a note about a learning rate that cannot be meant."""
    return "the learning rate is below 0: every step goes uphill" if rate < 0 else ""


def note(text: str) -> None:
    """Say what is to be said of the engine or the learning rate."""
    if text:
        say(f"note: {text}")


def batch_size(size: int | None, online: bool) -> int | None:
    """How many samples an update takes; None: all."""
    if online and size not in (None, 1):
        raise BackcalcError("--online is --batch-size 1", hint="give one of the two")
    return 1 if online else size


def look(log: bool, stream: TextIO | None) -> Look:
    """How charts are drawn for a stream, or for a file."""
    width = columns(stream) or WIDTH
    return Look(min(width, 100), stream is None or unicode_works(stream), log)


def numbers(text: str) -> list[Fraction]:
    """Numbers with commas between them, or a usage error."""
    return [number(each) for each in text.split(",")]


def optimizers(text: str) -> list[Descent]:
    """Optimizers with commas between them, each with its options after it."""
    found: list[str] = []
    for part in text.split(","):
        if "=" in part and found:
            found[-1] += f",{part}"
        else:
            found.append(part)
    return [optimizer(each) for each in found]


def values(text: str) -> Compared:
    """NAME=NUMBER,NUMBER,..., or a usage error."""
    name, rest = assigned(text, "w0=0.1,0.3,1")
    return name, numbers(rest)


@click.command()
@network_argument
@click.option("--lr", "rates", type=numbers, metavar="NUMBER,...",
              help="Compare these learning rates. Without it the file's own is used.")  # fmt: skip
@click.option("--optimizer", "descents", type=optimizers, metavar="NAME[,OPTION=NUMBER...],...",
              shell_complete=completing("optimizers"),
              help="Compare these optimizers, each with every learning rate.")  # fmt: skip
@click.option("--set", "changes", type=values, multiple=True, metavar="NAME=NUMBER,...",
              shell_complete=completing("settings"),
              help="Compare these numbers, each with all other settings.")  # fmt: skip
@click.option("--restarts", "count", type=click.IntRange(1, 100_000), metavar="N",
              help="Make so many runs from random weights for each setting. Without it there are"
              " 20 if weights are random, else one from the file's numbers.")  # fmt: skip
@options(epochs_option, batch_options, seed_option, init_option, success_option)
@click.option("--plot", type=click.Path(), metavar="FILE.svg",
              help="Draw the curve of each setting's median run as .svg or .png.")  # fmt: skip
@options(engine_option, log_option, digits_option, format_option, output_options)
@showing(early=True)
def sweep(
    network: str | Network, rates: list[Fraction] | None, descents: list[Descent] | None,
    changes: tuple[Compared, ...], count: int | None, epochs: int, size: int | None, online: bool,
    shuffle: bool, seed: int | None, initial: Initial | None, asked: str | float | None,
    engine: str, log: bool, digits: int,
    plot: str | None = None, output: str | None = None, force: bool = False,
) -> Shown:  # fmt: skip
    """Compare learning rates, optimizers or any numbers, by many runs each.

    Each setting has a row. It says how many runs reach the goal, how many epochs they take (the
    median), how many runs diverge, the median loss, and the curve of the run with that loss.
    """
    net = opened(network)
    RunFiles(None, None, plot, output, force).check(net.file, net)
    check_trained(net)
    aim = goal(net, asked)
    batches = Batches(batch_size(size, online), shuffle)
    plan = Plan(epochs, 0.0, batches, first_seed(net, seed), engine=engine)
    random = bool(initial or count or net.random or net.initial.asked)
    count = count or (FEW if random else 1)
    if random:
        net = drawn(net, plan.seed, initial)
    settings = list(_settings(net, plan, rates or [None], descents or [net.descent], changes))
    note(uphill(min(each.plan.rate for each in settings)))
    with progress(len(settings) * epochs) as watch:
        rows = swept(
            settings, aim, count,
            lambda each: draws(initial, tuple(each.changes.items())) if random else
            lambda network, seed: network,  # the file's own weights
            engine=_engine,
            told=lambda place: lambda done: watch(place * epochs + done, ()),
        )  # fmt: skip
    note(rows[0].note)

    def drawn_curves() -> str:
        curves = [(setting_words(each, rows), each.told["median"].curve) for each in rows]
        return curves_svg(curves, net.title or net.file, log)

    if plot is not None:
        write(plot, drawn_curves(), force)
    return Shown(
        net, lambda stream: sweep_sheet(rows, look(log, stream)), lambda: sweep_data(rows),
        Wishes(digits=digits), result=rows, status=ended if rows[-1].interrupted else int,
        svg=drawn_curves,
    )  # fmt: skip


def _engine(network: Network, plan: Plan, runs: int) -> tuple[Engine, str]:
    """Make an engine; a signal is answered while code is generated and compiled."""
    with released():
        return chosen_engine(network, plan, runs)


def _settings(
    network: Network, plan: Plan, rates: Sequence[Fraction | None], descents: Sequence[Descent],
    changes: Sequence[Compared],
) -> Iterator[Setting]:  # fmt: skip
    """Everything with everything, the learning rate changing fastest."""
    names = [name for name, _ in changes]
    for descent, chosen in product(descents, product(*(found for _, found in changes))):
        numbers = dict(zip(names, chosen, strict=True))
        changed = with_numbers(replace(network, descent=descent), numbers)
        for rate in rates:
            yield Setting(changed, replace(plan, rate=checked_rate(changed, rate)), numbers)


def ends(text: str) -> tuple[str, AxisEnds]:
    """NAME=FROM..TO, or a usage error."""
    name, _, values = text.partition("=")
    low, dots, high = values.partition("..")
    if not dots:
        raise click.BadParameter(f"{text!r} is not of the form w0=-3..3")
    return name.strip(), (number(low), number(high))


@click.command()
@network_argument
@click.argument("across", metavar="WEIGHT", shell_complete=completing("weights"))
@click.argument("up", metavar="WEIGHT", shell_complete=completing("weights"))
@click.option(
    "--range", "ranges", type=ends, multiple=True, metavar="NAME=FROM..TO",
    help="Values of an axis. Without it the axis covers the file's value and the path.",
)  # fmt: skip
@click.option("--size", type=click.IntRange(2, 200), default=33, show_default=True,
              help="Take so many values of each weight.")  # fmt: skip
@rate_option
@click.option("--epochs", type=click.IntRange(0, 1_000_000), metavar="N",
              help="Epochs of the path: 0 for no path, 100 without this option.")  # fmt: skip
@optimizer_option
@click.option("--only", is_flag=True, help="Let the path change only the two weights.")
@changes_option
@click.option("--log", is_flag=True, help="Let each shade stand for an equal factor of the loss.")
@click.option("--plot", metavar="FILE", type=click.Path(), help="Draw the chart as .svg or .png.")
@options(format_option, output_options)
@showing(early=True)
@opening
def landscape(
    net: Network, across: str, up: str, ranges: tuple[tuple[str, AxisEnds], ...], size: int,
    rate: Fraction | None, epochs: int | None, only: bool, log: bool, plot: str | None,
    output: str | None = None, force: bool = False,
) -> Shown:  # fmt: skip
    """Show the loss over two weights as a heat map, with kinks and the path of descent."""
    check_kind(plot, "SVG")
    note(uphill(learning_rate(net, rate) or 0))
    found = maps.landscape(net, (across, up), dict(ranges), size, rate, epochs, only=only)
    picture = partial(maps.landscape_svg, found, log=log)
    if plot is not None:
        write(plot, picture(), force)

    def written(form: str, stream: TextIO | None) -> str:
        if form == "svg":
            return picture()
        if form != "text":
            return page.written(form)
        notation, width = notation_for(stream), columns(stream) or WIDTH
        return maps.landscape_text(found, notation, width, log=log)

    sheet, data = maps.landscape_sheet(found, log=log), partial(maps.landscape_data, found)
    page = Shown(net, lambda _: sheet, data)
    return Shown(
        net, data=data, own=written, result=found, svg=picture,
        status=int if found.rows is None else ended,
    )  # fmt: skip


# Runs while they go on: a bar, Ctrl-C, and losses that are written as they come.


def together(watches: Sequence[Watch]) -> Watch:
    """One that tells them all, in this order."""

    def watch(epoch: int, losses: Sequence[float]) -> None:
        for each in watches:
            each(epoch, losses)

    return watch


@contextmanager
def recorded(path: str, force: bool) -> Iterator[Watch]:
    """Write the losses as they come, to be a file once the run has ended."""
    with beside(path, force) as stream:
        stream.write("epoch,loss\n")
        yield lambda epoch, losses: stream.writelines(
            f"{count},{loss!r}\n" for count, loss in enumerate(losses, epoch)
        )


@contextmanager
def progress(total: int) -> Iterator[Watch]:
    """A bar on stderr, where that is a terminal; a signal is raised where a run can be ended."""
    told: list[bool] = []

    def watch(epoch: int, losses: Sequence[float]) -> None:
        show(epoch, losses)
        if arrived() and not told:
            told.append(True)
            raise KeyboardInterrupt

    with ExitStack() as stack:
        terminal = sys.stderr is not None and sys.stderr.isatty()
        show = stack.enter_context(_bar(total)) if terminal else _silent
        stack.enter_context(held())
        yield watch


def _silent(epoch: int, losses: Sequence[float]) -> None:
    """No bar."""


@contextmanager
def _bar(total: int) -> Iterator[Watch]:
    from rich.console import Console  # a pipe needs neither
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    words = ("epoch {task.completed} of {task.total}", "{task.description}")
    epochs, loss = map(TextColumn, words)
    room = console.width - WORDS
    drawn = (BarColumn(min(room, WIDEST)), TimeRemainingColumn()) if room > 0 else ()
    with Progress(epochs, *drawn, loss, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda epoch, losses: bar.update(
            task, completed=epoch, description=f"loss {losses[-1]:.6g}" if losses else ""
        )
