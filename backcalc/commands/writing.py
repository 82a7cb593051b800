"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from backcalc.errors import BackcalcError
from backcalc.loading.document import INPUTS

ENDING = ".png"  # of a picture that is written as SVG and converted
LONGEST = 40  # letters of a file's name that stand in the one beside it


def check_no_input(path: str) -> None:
    """The error for a file that this run reads, or that stands in a folder which it reads."""
    for each in (path, os.path.dirname(os.path.realpath(path))):
        with suppress(OSError, ValueError):
            found = os.stat(each)
            if (found.st_dev, found.st_ino) in INPUTS:
                message = f"this command reads {path}, so it does not overwrite it"
                raise BackcalcError(message, hint="name another file")


def check_free(path: str, force: bool) -> None:
    """The error for a file that may not be written."""
    check_no_input(path)
    if os.path.isdir(path) or not os.path.basename(path):
        raise BackcalcError(f"{path} is a folder", hint="name a file in it")
    if os.path.exists(path) and not force:
        raise _taken(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise BackcalcError(f"{path} is not an ordinary file")
    if not os.path.isdir(os.path.dirname(os.path.realpath(path))):
        raise BackcalcError(f"cannot write {path}: there is no folder {os.path.dirname(path)}")


def _taken(path: str) -> BackcalcError:
    return BackcalcError(f"{path} exists already", hint="add --force to overwrite it")


@contextmanager
def beside(path: str, force: bool) -> Iterator[TextIO]:
    """Write a whole file or nothing: beside it first, then put in its place; links are followed.

    The name beside it is new each time: what a killed run left there is in nobody's way, and of
    two runs at once each has its own. Raises BackcalcError where it cannot be written, and where
    another run has written the same file meanwhile.
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
            if path.lower().endswith(ENDING):
                _convert(part, path)
            os.fsync(stream.fileno())
        (os.replace if force else _put)(part, target)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise BackcalcError(f"cannot write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            os.unlink(part)


def _convert(part: str, path: str) -> None:
    """Put a PNG in the place of the SVG that was written."""
    from backcalc.formats.png import png_of  # few pictures are

    with open(part, encoding="utf-8") as source:
        picture = png_of(source.read(), path)
    with open(part, "wb") as target:
        target.write(picture)


def _put(part: str, target: str) -> None:
    """Give a file its name; raises FileExistsError where the name is taken, in one step."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except (AttributeError, OSError):  # a system without hard links: the name is taken first
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))
        os.replace(part, target)
