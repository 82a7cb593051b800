"""Feedback in a folder: marked copies, gradebook, report of the class, and what stood there."""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from unicodedata import normalize

from backcalc.checking.gradebook import csv_head, csv_row
from backcalc.checking.heads import MOODLE, Head
from backcalc.checking.report import Marking, Report
from backcalc.commands.check_many import called
from backcalc.commands.options import check_folder
from backcalc.commands.writing import beside, check_free
from backcalc.errors import BackcalcError, counted
from backcalc.formats import FORMATS
from backcalc.loading.document import note_input
from backcalc.sheets.blocks import SheetBlocks

if TYPE_CHECKING:
    from backcalc.checking.class_report import ClassResult
    from backcalc.checking.overruled import Correction


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
        self, written: Mapping[str, str], answers: Sequence[str], anew: bool,
        by_hand: Mapping[str, tuple[int, str]],
    ) -> None:  # fmt: skip
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


GRADEBOOK, CLASS = "gradebook.csv", "class"
"""The file for the gradebook, and the name of the report, without its ending."""

LONGEST = 200  # bytes of a name without its ending; most file systems take 255


@dataclass(frozen=True, slots=True, eq=False)
class Feedback:
    """Where the marked copy of each sheet is written."""

    form: str
    """The format of all copies."""
    force: bool
    """True if copies that are there are overwritten."""
    left: dict[str, str]
    """The file of each copy that is still to be written, by the sheet."""
    before: HandedBack
    """What earlier runs have left in the folder."""
    copies: Mapping[str, str]
    """The file of each copy, by the sheet."""
    answers: tuple[str, ...]
    """The files and folders that are marked, as they were named."""
    whole: ClassFeedback | None = None
    """What is written of the class, where it is one."""

    def write(self, file: str, report: Report) -> None:
        """Write the marked copy of a sheet; raises BackcalcError where that cannot be done."""
        from backcalc.checking.marked_copy import marked_copy  # most runs write none

        self._written(file, lambda: marked_copy(report), report.own_words)

    def refuse(
        self, file: str, marking: Marking, text: str, kind: str, error: BackcalcError, head: Head
    ) -> None:
        """Write the copy of a sheet in which nothing could be marked, which says why."""
        from backcalc.checking.marked_copy import refused_copy  # most runs write none

        hint = error.hint or ""
        why = f"{error.message}. {hint[:1].upper()}{hint[1:]}".rstrip(" .") + "."
        shown = called(file)
        made = lambda: refused_copy(marking, text, shown, kind, why, head)  # noqa: E731
        self._written(file, made, marking.network.names)

    def finish(
        self, network: str, done: bool, title: str, names: Mapping[str, str],
        by_hand: Mapping[str, Sequence[Correction]],
    ) -> Iterator[str]:  # fmt: skip
        """Write of the class when all is done, and clear up; yield what is to be said of it."""
        others = self._others
        written = {path: "" if sheet == "-" else sheet for sheet, path in self.copies.items()}
        if done and self.whole and not others:
            self.whole.write(self, title, names)
            written |= {self.whole.gradebook: "", self.whole.report: ""}
        if done and (self.whole or GRADEBOOK in self.before.files):
            if others:
                yield self._not_renewed(network, others)
            elif said := self.before.remove_stale(self.copies, FORMATS[self.form].suffixes[0]):
                yield said
        now = {
            os.path.basename(self.copies[sheet]): (len({e.line for e in own}), own[0].place.file)
            for sheet, own in by_hand.items()
        }
        if said := self.before.unset(self.copies.values(), now):
            yield said
        if any(map(os.path.exists, written)):
            self.before.note(written, self.answers, self.force, now)
        with suppress(OSError):
            os.rmdir(self.before.folder)  # where nothing was marked it is empty

    @property
    def _others(self) -> int:
        """How many more sheets have copies in the folder, where those stay."""
        return 0 if self.force else self.before.others(self.copies, self.answers)

    def _not_renewed(self, network: str, others: int) -> str:
        """Say that the class is another one, and what renews everything about it."""
        named = dict.fromkeys((*self.before.answers, *self.answers))
        ways = {each: os.path.realpath(each) for each in named if os.path.exists(each)}
        folders = [os.path.join(way, "") for way in ways.values()]
        answers = [each for each, way in ways.items() if not any(map(way.startswith, folders))]
        tables = {table for _, table in self.before.by_hand.values()}
        hand = ("--overrule", *tables) if len(tables) == 1 else ()
        line = shlex.join(("check", network, *answers, "--feedback", self.before.folder, *hand))
        many = counted(others, "more sheet")
        said = f"{self.before.folder} holds {many}, so gradebook and class report are not renewed"
        return f"{said}; for all together: backcalc {line}"

    def told(self, copies: Iterable[str]) -> str:
        """Say what was written, of the copies that should be there."""
        found = [counted(sum(map(os.path.exists, copies)), "marked copy", "marked copies")]
        names = [GRADEBOOK, os.path.basename(self.whole.report)] if self.whole else []
        names = [] if self._others else names  # then those of the class are not renewed
        listed = " and ".join([", ".join([*found, *names[:-1]]), *names[-1:]])
        return f"{self.before.folder}: {listed} written"

    def _written(
        self, file: str, made: Callable[[], SheetBlocks], names: Mapping[str, str]
    ) -> None:
        if file in self.left:
            row = FORMATS[self.form]
            copy = row.write(made(), row.load("NOTATION").with_names(names))
            with self.opened(self.left.pop(file)) as stream:
                stream.write(copy)

    def opened(self, path: str) -> AbstractContextManager[TextIO]:
        """Open a file of the folder to be written, an older one of the tool's own too."""
        return beside(path, self.force or self.before.is_own(path))


@dataclass(frozen=True, slots=True, eq=False)
class ClassFeedback:
    """What is written of a class when all its sheets are marked."""

    gradebook: str
    """The file for the gradebook."""
    report: str
    """The file of the report."""
    rows: list[str]
    """The rows of the gradebook so far."""
    found: ClassResult
    """What is known of the class so far."""

    def noted(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Yield the reports, each noted."""
        for each in reports:
            self.rows.append(csv_row(each))
            self.found.add(each)
            yield each

    def write(self, feedback: Feedback, title: str, names: Mapping[str, str]) -> None:
        """Write both files."""
        from backcalc.checking.class_report import class_report

        row = FORMATS[feedback.form]
        text = row.write(class_report(self.found, title), row.load("NOTATION").with_names(names))
        for path, written in ((self.gradebook, csv_head() + "".join(self.rows)),
                              (self.report, text)):  # fmt: skip
            with feedback.opened(path) as stream:
                stream.write(written)


def check_apart(folder: str, answers: Iterable[str], files: Iterable[str]) -> None:
    """Raise BackcalcError where the folder of the copies is one, or in one, that holds sheets."""
    own = os.path.join(os.path.realpath(folder), "")
    within = {os.path.join(os.path.dirname(os.path.realpath(each)), "") for each in files}
    if own in within or any(
        own.startswith(os.path.join(os.path.realpath(each), "")) for each in answers
    ):
        hint = "name another folder, so that no copy is taken for a sheet"
        raise BackcalcError(f"the folder {folder[:200]} holds the sheets", hint=hint)


def feedback_in(
    folder: str, answers: Sequence[str], files: Sequence[str], form: str, force: bool
) -> tuple[Feedback, list[str]]:
    """Make the folder where it is missing, and find a name in it for the copy of each sheet.

    Two sheets or more are a class. Second: what is to be said of files that were edited by hand.
    Raises BackcalcError, before anything is marked, where a file cannot be written.
    """
    check_folder(folder)
    ending, many, before = FORMATS[form].suffixes[0], len(files) > 1, handed_back(folder)
    others = (each.removesuffix(ending) for each in before.names_of_others(files))
    names = copy_names(files, [*others, *([CLASS] if many else [])])
    for file in names:
        with suppress(OSError, ValueError):  # the error is that of the file, when it is read
            note_input(file)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise BackcalcError(f"cannot make the folder {folder[:200]}: {error.strerror}") from None
    left = {file: os.path.join(folder, name + ending) for file, name in names.items()}
    whole = None
    if many:
        from backcalc.checking.class_report import ClassResult

        there = (each for each in names.items() if each[0] == "-" or os.path.exists(each[0]))
        copies = {called(file): name + ending for file, name in there}
        gradebook, report = (os.path.join(folder, name) for name in (GRADEBOOK, CLASS + ending))
        whole = ClassFeedback(gradebook, report, [], ClassResult(copies=copies))
    paths = (*left.values(), *((whole.gradebook, whole.report) if whole else ()))
    for path in paths:
        before.check_free(path, force)
    said = [before.kept(path, gradebook=bool(whole and path == whole.gradebook)) for path in paths]
    feedback = Feedback(form, force, left, before, {**left}, tuple(answers), whole)
    return feedback, [*filter(None, said)]


def copy_names(files: Iterable[str], reserved: Sequence[str] = ()) -> dict[str, str]:
    """Return a name for each file: its own, or with its folders where another has that name too.

    >>> copy_names(["in/ada.tex", "in/ben/a.md", "in/cleo/a.md", "-"]).values()
    dict_values(['ada.tex', 'ben-a.md', 'cleo-a.md', 'stdin'])
    """
    ways = {each: ("stdin",) if each == "-" else Path(each).absolute().parts for each in files}
    known = Counter(end for parts in {*ways.values()} for end in _ends(parts))
    found: dict[str, str] = {}
    taken = {*reserved}
    for file, parts in ways.items():
        deep = next((n for n, end in enumerate(_ends(parts), 1) if known[end] == 1), len(parts))
        deep = max(deep, 2) if MOODLE.fullmatch("".join(parts[-2:-1])) else deep
        own = name = _short("-".join(parts[-deep:]).replace(os.sep, ""))
        number = 2
        while _folded(name) in taken:
            name, number = f"{number}-{own}", number + 1
        taken.add(_folded(name))
        found[file] = name
    return found


def _ends(parts: Sequence[str]) -> Iterator[str]:
    return (_folded("/".join(parts[-count:])) for count in range(1, len(parts) + 1))


def _folded(name: str) -> str:
    """A name in the one spelling of all that some file system takes for the same."""
    return normalize("NFC", name.casefold())


def _short(name: str) -> str:
    """A name that a file system takes, with as much of its start as of its end."""
    while len(os.fsencode(name)) > LONGEST:
        name = name[: len(name) // 2 - 1] + name[len(name) // 2 :]
    return name
