"""Many files marked one after another, in as many processes as the machine has cores."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from signal import SIGTERM
from types import FrameType
from typing import Any, BinaryIO, Generic, Protocol, TypeAlias, TypeVar

import click

from backcalc.checking.checked import Whose
from backcalc.checking.heads import Head, named_by_file
from backcalc.checking.report import NAMELESS, Report
from backcalc.commands.interruption import arrived, ended, held, released
from backcalc.commands.options import judged, printed, say, tell
from backcalc.commands.writing import beside, check_free
from backcalc.errors import BackcalcError, BugError
from backcalc.formats.terminal import columns
from backcalc.loading.document import note_input

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
        if worker := self.workers[turn]:
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


SECONDS = 5  # of the processor: a busy machine refuses no sheet, nor a person who types slowly
MEGABYTES = 512
MANY = 10  # files that somebody waits for
BESIDE, WIDEST = 30, 36  # columns beside the bar, and of the bar where there are more
CLEAR = "\r\x1b[K"  # the line of the bar, emptied

ReportFormat: TypeAlias = Callable[[Iterable[Report], Sequence[Whose]], Iterator[str]]
"""A format: reports as they come, and what is known of all before, to text piece by piece."""


# What one file may take, so that a bad one is refused alone.


class _TimeUp(BaseException):
    """Raised where the time is up; no handler of ordinary errors catches it."""


@contextmanager
def limited(file: str) -> Iterator[None]:
    """Work on one file, for at most 5 seconds of the processor and with 512 MB more than before.

    Raises BackcalcError past either; where the system sets no such limits there are none.
    """
    before = _limit_memory()
    timed = hasattr(signal, "setitimer")
    if timed:
        was = signal.signal(signal.SIGPROF, _ring)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    except _TimeUp:
        raise BackcalcError(f"{file} takes longer than {SECONDS} s") from None
    except (MemoryError, RecursionError):
        raise BackcalcError(f"{file} takes more than {MEGABYTES} MB") from None
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, was)
        if before is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, before)


def _ring(number: int, frame: FrameType | None) -> None:
    raise _TimeUp


def _limit_memory() -> tuple[int, int] | None:
    """Lower the limit on this process's memory; what it was before."""
    if not sys.platform.startswith("linux"):
        return None
    import resource

    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as pages:
        used = int(pages.read().split()[0]) * resource.getpagesize()
    most = used + MEGABYTES * 1_000_000
    if before[1] != resource.RLIM_INFINITY:
        most = min(most, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    return before


# Files, one after another.


class Kind(Protocol):
    """What is done with each file."""

    marked: str
    """What becomes of them: `sheets are marked`."""

    def read(self, file: str) -> str:
        """What stands in it."""

    def head(self, text: str, file: str) -> Head:
        """What it says of itself."""

    def report(self, text: str, head: Head, file: str) -> Report:
        """Mark it."""

    def refuse(self, text: str, head: Head, file: str, error: BackcalcError) -> None:
        """Tell its author why it could not be marked."""


@dataclass(slots=True, eq=False)
class Batch:
    """Files, and how far they are."""

    kind: Kind
    """What is done with each."""
    files: Sequence[str]
    """The files, - for standard input."""
    texts: dict[str, str] = field(default_factory=dict)
    """What stands in those that can be read only once."""
    heads: dict[str, Head] = field(default_factory=dict)
    """What those say of themselves that were asked before they are marked."""
    limits: Callable[[str], AbstractContextManager[object]] = limited
    """What one file may take."""
    done: int = 0
    """How many are finished."""
    status: int = 0
    """The exit status that the files so far ask for."""
    stopped: bool = False
    """Whether a signal has ended it."""
    refused: list[BackcalcError] = field(default_factory=list)
    """Why files were refused, which is said below a table that somebody watches."""

    def report(self, file: str) -> Report:
        """One file, marked; where that can't be done, why."""
        shown, head, text = called(file), NAMELESS, ""
        try:
            with self.limits(shown):
                text = self._text(file)
                head = self.heads.get(file) or self.kind.head(text, file)
                return self.kind.report(text, head, file)
        except BackcalcError as error:
            reason = error
        except Exception as error:  # one sheet does not keep a class from being marked
            if len(self.files) < 2 or arrived():
                raise
            reason = BugError(error, shown)
        for each in dict.fromkeys((text, "")):  # what took too long to read may do so again
            with suppress(Exception), self.limits(shown):
                self.kind.refuse(each, head, file, reason)
                break
        return Report(shown, error=reason, head=head)

    def streamed(self, rows: ReportFormat, *, known: bool, to_read: bool) -> int:
        """Every finished file to stdout at once; `known`: the heads are to be read before."""
        sheets = [self._whose(file) if known else Whose(called(file)) for file in self.files]
        with judged(lambda: max(self.status, int(self.done < len(self.files)))), held():
            reports = self._reports(waits=not sys.stdout.isatty())
            for piece in rows(reports, sheets):
                printed(piece, to_read=to_read)
                sys.stdout.flush()
        return self._ended("")

    def kept(self, rows: ReportFormat, output: str, force: bool) -> int:
        """All files in one that is written when the last is finished; none where a signal comes."""
        for file in self.files:
            with suppress(OSError, ValueError):  # the error is that of the file, when it is read
                note_input(file)
        check_free(output, force)
        with held():
            reports = [*self._reports(waits=True)]
            if not self.stopped:
                sheets = [Whose(each.file, each.person, each.head.variant) for each in reports]
                with beside(output, force) as stream:
                    stream.writelines(rows(reports, sheets))
                tell(f"{output} written")
        return self._ended(f"; {output} is not written")

    def _reports(self, waits: bool) -> Iterator[Report]:
        """The files' reports, each when it is finished, until a signal ends it."""
        with (
            shared(self._released, self.files) as answer,
            _bar(len(self.files) if waits else 0) as bar,
        ):
            for place in range(len(self.files)):
                try:
                    with released():
                        found = answer(place)
                except KeyboardInterrupt:
                    self.stopped = True
                    return
                self.done += 1
                self.status = max(self.status, found.status)
                if found.error and waits:
                    say(f"{CLEAR if bar else ''}{found.error}")
                elif found.error:
                    self.refused.append(found.error)
                yield found
                if bar:
                    bar.update(1)

    def _released(self, file: str) -> Report:
        """One file, marked in whatever process; a signal that has waited ends it."""
        with released():
            return self.report(file)

    def _text(self, file: str) -> str:
        """What stands in a file; a pipe is read once, though it may be asked for twice."""
        return self.texts[file] if file in self.texts else self.kind.read(file)

    def _whose(self, file: str) -> Whose:
        """What a file says of itself before it is marked."""
        shown = called(file)
        try:
            with self.limits(shown):
                text = self._text(file)
                if file == "-" or not os.path.isfile(file):  # a pipe
                    self.texts[file] = text
                head = self.heads[file] = self.kind.head(text, file)
        except BackcalcError:
            return Whose(shown)
        return Whose(shown, head.name or named_by_file(file), head.variant)

    def _ended(self, how: str) -> int:
        """Say what is left to say, and how far it came where it was ended; the exit status."""
        for error in self.refused:
            say(str(error))
        if not self.stopped:
            return self.status
        say(f"interrupted: {self.done} of {len(self.files)} {self.kind.marked}{how}")
        return ended()


def called(file: str) -> str:
    """What a file is called in messages."""
    return "<stdin>" if file == "-" else file


def _bar(count: int) -> Any:
    """A bar on stderr while somebody waits for many files and sees nothing else."""
    if count < MANY or sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    room = (columns(sys.stderr) or WIDEST) - BESIDE
    if room < 1:
        return nullcontext()
    return click.progressbar(
        length=count, label="checking", file=sys.stderr, width=min(room, WIDEST)
    )
