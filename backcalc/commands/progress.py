"""Runs while they go on: a bar, Ctrl-C, and losses that are written as they come."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from typing import TextIO

from backcalc.errors import BackcalcError
from backcalc.training.run import Watch

WORDS, WIDEST = 60, 40  # columns beside the bar, and of the bar where there are more


def together(watches: Sequence[Watch]) -> Watch:
    """One that tells them all, in this order."""

    def watch(epoch: int, losses: Sequence[float]) -> None:
        for each in watches:
            each(epoch, losses)

    return watch


@contextmanager
def recorded(path: str) -> Iterator[Watch]:
    """Write the losses as they come, beside the file first, then renamed; links are followed."""
    target = os.path.realpath(path)
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.part")
    try:
        with open(beside, "w", encoding="utf-8", newline="\n") as stream:
            stream.write("epoch,loss\n")
            yield lambda epoch, losses: _record(stream, epoch, losses)
        os.replace(beside, target)
    except OSError as error:
        raise BackcalcError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            os.unlink(beside)


def _record(stream: TextIO, epoch: int, losses: Sequence[float]) -> None:
    stream.writelines(f"{count},{loss!r}\n" for count, loss in enumerate(losses, epoch))


@contextmanager
def progress(total: int) -> Iterator[Watch]:
    """A bar on stderr, where that is a terminal; Ctrl-C is raised where a run can be ended."""
    stopped: list[float] = []
    told: list[bool] = []

    def watch(epoch: int, losses: Sequence[float]) -> None:
        show(epoch, losses)
        if stopped and not told:
            told.append(True)
            raise KeyboardInterrupt

    with ExitStack() as stack:
        show = stack.enter_context(_bar(total)) if _is_terminal() else _silent
        with suppress(ValueError):  # only the main thread gets signals
            before = signal.signal(signal.SIGINT, lambda *_: _stop(stopped))
            stack.callback(signal.signal, signal.SIGINT, before)
        yield watch


def _stop(stopped: list[float]) -> None:
    """Ask for the end of the run; who asks again after a second does not wait for it."""
    stopped.append(monotonic())
    if stopped[-1] - stopped[0] > 1:
        raise KeyboardInterrupt


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
