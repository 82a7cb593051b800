"""Runs while they go on: a bar, Ctrl-C, and losses that are written as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TextIO

from backcalc.commands.interruption import arrived, held
from backcalc.commands.writing import beside
from backcalc.training.run import Watch

WORDS, WIDEST = 60, 40  # columns beside the bar, and of the bar where there are more


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
        yield lambda epoch, losses: _record(stream, epoch, losses)


def _record(stream: TextIO, epoch: int, losses: Sequence[float]) -> None:
    stream.writelines(f"{count},{loss!r}\n" for count, loss in enumerate(losses, epoch))


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
        show = stack.enter_context(_bar(total)) if _is_terminal() else _silent
        stack.enter_context(held())
        yield watch


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _silent(epoch: int, losses: Sequence[float]) -> None:
    """No bar."""


@contextmanager
def _bar(total: int) -> Iterator[Watch]:
    from rich.console import Console  # a pipe needs neither
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    epochs, loss = (
        TextColumn("epoch {task.completed} of {task.total}"),
        TextColumn("{task.description}"),
    )
    room = console.width - WORDS
    drawn = (BarColumn(min(room, WIDEST)), TimeRemainingColumn()) if room > 0 else ()
    with Progress(epochs, *drawn, loss, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda epoch, losses: bar.update(
            task, completed=epoch, description=f"loss {losses[-1]:.6g}" if losses else ""
        )
