"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from backcalc.errors import BackcalcError

LONGEST = 40  # letters of a file's name that stand in the one beside it


def check_free(path: str, force: bool) -> None:
    """The error for a file that may not be written."""
    if os.path.exists(path) and not force:
        raise BackcalcError(f"{path} exists already", hint="add --force to overwrite it")
    if os.path.exists(path) and not os.path.isfile(path):
        raise BackcalcError(f"{path} is no ordinary file")


@contextmanager
def beside(path: str, force: bool) -> Iterator[TextIO]:
    """Write a whole file or nothing: beside it first, then renamed; links are followed.

    The name beside it is new each time: what a killed run left there is in nobody's way, and of
    two runs at once each has its own. Raises BackcalcError where it cannot be written.
    """
    target = os.path.realpath(path)
    check_free(path, force)
    folder, name = os.path.split(target)
    part = os.path.join(folder, f".{name[:LONGEST]}.{os.urandom(6).hex()}.part")
    try:
        with open(part, "x", encoding="utf-8", newline="\n") as stream:
            if os.path.exists(target):  # what only its owner may read stays so
                os.chmod(part, os.stat(target).st_mode & 0o777)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, target)
    except OSError as error:
        raise BackcalcError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            os.unlink(part)
