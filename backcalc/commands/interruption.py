"""Signals that end a run: each raised as KeyboardInterrupt, so that every clean-up runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
OWN = (signal.SIG_DFL, signal.default_int_handler)  # what answers a signal that nobody has ignored
PATIENCE = 1  # seconds after which a second signal is not held back

_arrived: list[tuple[int, float]] = []
_held = [0]
_raised: list[int] = []


@contextmanager
def answered() -> Iterator[None]:
    """Raise KeyboardInterrupt at a signal that ends a run; an ignored one (nohup) stays ignored."""
    _arrived.clear()
    _raised.clear()
    _held[0] = 0
    with ExitStack() as stack:
        for name in SIGNALS:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            with suppress(ValueError):  # only the main thread gets signals
                if number is not None and signal.getsignal(number) in OWN:
                    stack.callback(signal.signal, number, signal.signal(number, _arrive))
        yield


def _arrive(number: int, frame: FrameType | None) -> None:
    now = monotonic()
    _arrived.append((number, now))
    if not _held[0] or now - _arrived[0][1] > PATIENCE:
        _raised.append(number)
        raise KeyboardInterrupt


def arrived() -> bool:
    """Whether a signal has come that ends the run."""
    return bool(_arrived)


def ended() -> int:
    """The exit status of a run that was ended: 128 and the signal's number."""
    return 128 + (_arrived[0][0] if _arrived else signal.SIGINT)


@contextmanager
def held() -> Iterator[None]:
    """What must not stop halfway: a signal waits, unless it comes again after a second."""
    _held[0] += 1
    try:
        yield
    finally:
        _held[0] -= 1


@contextmanager
def loading() -> Iterator[None]:
    """What loads modules: one that is half loaded does not take a signal well, so it waits."""
    with held():
        yield
    if _arrived:
        raise KeyboardInterrupt


@contextmanager
def released() -> Iterator[None]:
    """Within `held`, what may stop anywhere; raises KeyboardInterrupt where a signal has waited."""
    before, _held[0] = _held[0], 0
    try:
        if _arrived:
            raise KeyboardInterrupt
        yield
        if _raised:  # a library has taken it for an error of its own
            raise KeyboardInterrupt
    finally:
        _held[0] = before
