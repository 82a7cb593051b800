"""Work shared among processes: each takes its turn, and the answers come in order."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from signal import SIGTERM
from typing import BinaryIO, Generic, TypeVar

T = TypeVar("T")

FEWEST = 24  # items for which other processes are started
MOST_PROCESSES = 8
_LEFT = 130  # the exit status of a process whose work nobody wants any more


def processes() -> int:
    """Return how many processes can work at once; 1 where none can be started from this one."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return 1
    from backcalc.training.engines.engine import cores  # few commands work on many files

    return min(cores(), MOST_PROCESSES)


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, and the answers that it sends."""

    number: int
    """The process."""
    answers: BinaryIO
    """Pickled answers one after another."""


class Shared(Generic[T]):
    """The answers to some items, each worked out by the process whose turn it is."""

    def __init__(self, work: Callable[[str], T], items: Sequence[str], count: int) -> None:
        self.work = work
        self.items = items
        self.count = count
        self.workers: list[_Worker | None] = []

    def answer(self, place: int) -> T:
        """Return the answer to one item; they are asked for in order."""
        if not place:
            return self.work(self.items[0])  # what it loads is there in every process
        while len(self.workers) < self.count:
            self.workers.append(self._started(len(self.workers)))
        turn = (place - 1) % self.count
        worker = self.workers[turn]
        if worker:
            with suppress(EOFError, pickle.UnpicklingError, OSError):
                found: T = pickle.load(worker.answers)
                return found
            self._end(turn)  # it was killed: what it leaves is done here
        return self.work(self.items[place])

    def _started(self, turn: int) -> _Worker | None:
        """Start the process that takes every item of a turn; None where the system refuses one."""
        try:
            reading, writing = os.pipe()
        except OSError:
            return None
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()  # or each process would write what waits there
        try:
            number = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            return None
        if number:
            os.close(writing)
            return _Worker(number, os.fdopen(reading, "rb"))
        status = _LEFT
        try:
            os.close(reading)
            for worker in filter(None, self.workers):
                worker.answers.close()
            with os.fdopen(writing, "wb") as stream:
                for item in self.items[turn + 1 :: self.count]:
                    pickle.dump(self.work(item), stream, pickle.HIGHEST_PROTOCOL)
                    stream.flush()
            status = 0
        finally:
            os._exit(status)  # what went wrong happens again, and is told, in the first process

    def _end(self, turn: int) -> None:
        worker, self.workers[turn] = self.workers[turn], None
        if worker:
            worker.answers.close()
            with suppress(OSError):
                os.kill(worker.number, SIGTERM)
            with suppress(OSError):
                os.waitpid(worker.number, 0)

    def end(self) -> None:
        """End all processes, and wait until they are gone."""
        for turn in range(len(self.workers)):
            self._end(turn)


@contextmanager
def shared(work: Callable[[str], T], items: Sequence[str]) -> Iterator[Callable[[int], T]]:
    """Give the function that answers the items by their places, in order, from all processors.

    Few items, or some that stand twice,
    are worked out in this one.
    """
    count = processes() if len(items) >= FEWEST and len({*items}) == len(items) else 1
    if count == 1:
        yield lambda place: work(items[place])
        return
    together = Shared(work, items, count)
    try:
        yield together.answer
    finally:
        together.end()
