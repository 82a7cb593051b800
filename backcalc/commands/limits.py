"""What one file may take of the processor and of memory, so that a bad one is refused alone."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from backcalc.errors import BackcalcError

SECONDS = 5  # of the processor: a busy machine refuses no sheet, nor a person who types slowly
MEGABYTES = 512


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
        _free_memory(before)


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


def _free_memory(before: tuple[int, int] | None) -> None:
    if before is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, before)
