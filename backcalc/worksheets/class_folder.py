"""The folder that holds the variants of a class, each in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from backcalc.errors import BackcalcError, listed
from backcalc.formats import READABLE

if TYPE_CHECKING:
    from pathlib import Path

SHEETS = ("worksheet", "key")
ENDINGS = "|".join(re.escape(row.suffixes[0]) for row in READABLE.values())
OWN = re.compile(
    rf"variant-\d+(/(network\.yaml|answers\.txt|({'|'.join(SHEETS)})({ENDINGS})))?"
    r"|moodle\.xml|answers\.csv"
)
"""What stands in a folder of variants."""

EMPTY = re.compile(r"\ufeff?\s*(#.*|variant\s*=.*|[^=:]*=\s*)?")
"""A line of an answers file that nobody has written on."""

FileTexts = Mapping[str, str]
"""Names in the folder, and what is written there."""


def checked_folder(output: str, force: bool) -> Path:
    """Return the folder for variants, if it may be made.

    Raises BackcalcError where it holds anything else, or answers that are filled in.
    """
    from pathlib import Path  # it loads much that a sheet on stdout does not need

    folder = Path(os.path.realpath(output))
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise BackcalcError(f"{output} is no folder")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    strange = [name for name in names if not OWN.fullmatch(name)]
    if strange:
        message = f"{output} holds files that are no variants: {listed(strange, 4)}"
        raise BackcalcError(message, hint="name another folder")
    if names and not force:
        hint = "add --force to replace them"
        raise BackcalcError(f"{output} holds variants already", hint=hint)
    for path in sorted(folder.glob("*/answers.txt")):
        if _filled_in(path):
            shown = os.path.join(output, path.relative_to(folder))
            raise BackcalcError(f"{shown} has been filled in", hint="name another folder")
    return folder


def _filled_in(path: Path) -> bool:
    """Whether a file is more than a skeleton; one that cannot be read may be."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return True
    return not all(EMPTY.fullmatch(line) for line in text.splitlines())


def write_folder(
    folder: Path, files: FileTexts, shown: str, held: Callable[[], AbstractContextManager[None]]
) -> None:
    """Write a whole folder or nothing: beside it first, then renamed while signals are held."""
    import tempfile
    from pathlib import Path

    try:
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True
        ) as place:
            new, old = Path(place, "new"), Path(place, "old")
            for name, text in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8", newline="\n")
            with held():  # between the two renames there is no folder
                _renamed(new, folder, old)
    except OSError as error:
        raise BackcalcError(f"cannot write {shown[:200]}: {error.strerror}") from None


def _renamed(new: Path, folder: Path, old: Path) -> None:
    """The new folder in the place of the old one, which comes back where that fails."""
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            shutil.move(old, folder)
        raise
