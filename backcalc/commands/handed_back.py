"""A folder of feedback as earlier runs left it: which files are the tool's own, of which sheets."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from backcalc.commands.writing import beside, check_free
from backcalc.errors import BackcalcError, counted

RECORD = ".backcalc.json"
SCHEMA = "backcalc/feedback/1"
EDITED = "was edited since backcalc wrote it"


@dataclass(frozen=True, slots=True)
class Written:
    """A file that an earlier run wrote."""

    digest: str
    """The SHA-256 of what it wrote."""
    sheet: str = ""
    """The sheet of which it is a copy, as seen from the folder; nothing for one about the class."""


@dataclass(frozen=True, slots=True, eq=False)
class HandedBack:
    """What stands in a folder of feedback."""

    folder: str
    """The folder."""
    files: Mapping[str, Written]
    """What earlier runs wrote, by its name."""
    answers: tuple[str, ...] = ()
    """The files and folders that were marked, as they were named."""
    by_hand: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """How many marks of each copy were set by hand, and in which table."""

    def is_own(self, path: str) -> bool:
        """Return true for a file that an earlier run wrote and nobody has edited."""
        known = self.files.get(os.path.basename(path))
        return known is not None and _digest(path) == known.digest

    def check_free(self, path: str, force: bool) -> None:
        """Raise BackcalcError where a file may not be written: another's, or an edited one."""
        edited = os.path.basename(path) in self.files and not self.is_own(path)
        if edited and os.path.isfile(path) and not force:
            hint = "keep corrections in a file for --overrule; --force writes the file anew and"
            raise BackcalcError(f"{path} {EDITED}", hint=f"{hint} keeps yours beside it")
        check_free(path, force or self.is_own(path))

    def kept(self, path: str, gradebook: bool) -> str:
        """Give an edited file that is to be overwritten another name; return what to say of it.

        A gradebook of which nothing is known may be edited too.
        """
        known = os.path.basename(path) in self.files
        if not os.path.isfile(path) or self.is_own(path) or not (known or gradebook):
            return ""
        start, ending = os.path.splitext(path)
        names = (f"{start}.edited{n or ''}{ending}" for n in range(1000))
        free = next(name for name in names if not os.path.exists(name))
        os.rename(path, free)
        return f"{path} {EDITED if known else 'was there already'}: it is kept as {free}"

    def names_of_others(self, files: Iterable[str]) -> list[str]:
        """Return the names of copies of sheets that are there and not among some files."""
        named = {os.path.realpath(each) for each in files}
        sheets = self._sheets().items()
        return [name for name, own in sheets if own not in named and os.path.exists(own)]

    def others(self, copies: Mapping[str, str], answers: Iterable[str]) -> int:
        """Return how many sheets have copies here that a run renews not, and that are not gone.

        A sheet is gone if a folder that is named does not hold it any more.
        """
        named = {os.path.realpath(each) for each in copies}
        written = {os.path.basename(path) for path in copies.values()}
        folders = [os.path.join(os.path.realpath(each), "") for each in answers]
        return sum(
            os.path.exists(sheet) or not any(map(sheet.startswith, folders))
            for name, sheet in self._sheets().items()
            if sheet not in named and name not in written
        )

    def remove_stale(self, copies: Mapping[str, str], ending: str) -> str:
        """Remove the copies of sheets that are gone or have another copy now; say so.

        One that somebody has edited stays.
        """
        named = {os.path.realpath(each) for each in copies}
        stale = [
            path for name, sheet in self._sheets().items()
            if (path := os.path.join(self.folder, name)) not in copies.values()
            and (name.endswith(ending) if sheet in named else not os.path.exists(sheet))
            and self.is_own(path)
        ]  # fmt: skip
        for path in stale:
            with suppress(OSError):
                os.unlink(path)
        gone = counted(len(stale), "old marked copy", "old marked copies")
        return f"{self.folder}: {gone} of sheets that are gone or renamed removed" if stale else ""

    def unset(self, copies: Iterable[str], now: Mapping[str, tuple[int, str]]) -> str:
        """Say how many marks by hand of earlier runs a run has not that renews some copies."""
        lost, tables = 0, dict[str, None]()
        for name in map(os.path.basename, copies):
            count, table = self.by_hand.get(name, (0, ""))
            gone = count - now.get(name, (0, ""))[0]
            if gone > 0:
                lost, tables[table] = lost + gone, None
        if not lost:
            return ""
        left = [table for table in tables if all(table != used for _, used in now.values())]
        hint = f"; add --overrule {shlex.join(left)}" if len(left) == 1 else ""
        marks, are = counted(lost, "mark"), "is" if lost == 1 else "are"
        return f"{self.folder}: {marks} by hand of the last run {are} not in this one{hint}"

    def note(
        self,
        written: Mapping[str, str],
        answers: Sequence[str],
        anew: bool,
        by_hand: Mapping[str, tuple[int, str]],
    ) -> None:
        """Keep in mind what a run has written, each file with its sheet; `anew`: and no more."""
        before = {} if anew else self.files
        found = {n: e for n, e in before.items() if os.path.exists(os.path.join(self.folder, n))}
        for path, sheet in written.items():
            if digest := _digest(path):
                own = os.path.relpath(os.path.realpath(sheet), self._real) if sheet else ""
                found[os.path.basename(path)] = Written(digest, own.replace(os.sep, "/"))
        renewed = {*map(os.path.basename, written)}
        hand = {n: e for n, e in self.by_hand.items() if n not in renewed} | {**by_hand}
        data = {
            "schema": SCHEMA,
            "answers": [*dict.fromkeys((*(() if anew else self.answers), *answers))],
            "by_hand": {name: each for name, each in hand.items() if name in found},
            "files": {name: [each.digest, each.sheet] for name, each in sorted(found.items())},
        }
        with (
            suppress(OSError, BackcalcError),
            beside(os.path.join(self.folder, RECORD), True) as stream,
        ):
            stream.write(json.dumps(data, indent=1, ensure_ascii=False) + "\n")

    @property
    def _real(self) -> str:
        return os.path.realpath(self.folder)

    def _sheets(self) -> dict[str, str]:
        found = {name: each.sheet for name, each in self.files.items() if each.sheet}
        return {n: os.path.normpath(os.path.join(self._real, own)) for n, own in found.items()}


def handed_back(folder: str) -> HandedBack:
    """Return what earlier runs have left in a folder; where nothing tells, nothing is known."""
    files: dict[str, Written] = {}
    answers: tuple[str, ...] = ()
    by_hand: dict[str, tuple[int, str]] = {}
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        with open(os.path.join(folder, RECORD), encoding="utf-8") as stream:
            data = json.load(stream)
        if data["schema"] == SCHEMA:
            answers = tuple(map(str, data["answers"]))
            for name, (digest, sheet) in data["files"].items():
                if name == os.path.basename(name) and name != RECORD:
                    files[name] = Written(str(digest), str(sheet))
            for name, (count, table) in data.get("by_hand", {}).items():
                by_hand[name] = (int(count), str(table))
    return HandedBack(folder, files, answers, by_hand)


def own_names(folder: str, names: Iterable[str]) -> list[str]:
    """Return the names of files in a folder, those left out that `--feedback` wrote there."""
    known = handed_back(folder).files
    return [name for name in names if name not in known]


def _digest(path: str) -> str:
    """The SHA-256 of a file; nothing for one that cannot be read."""
    with suppress(OSError, ValueError), open(path, "rb") as stream:
        return sha256(stream.read()).hexdigest()
    return ""
