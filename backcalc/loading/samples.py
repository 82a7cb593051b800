"""`data:` to samples: a number for every input and target."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import count, takewhile
from typing import TypeAlias

from backcalc.errors import BackcalcError, Place, counted, did_you_mean, listed
from backcalc.formulas.parser import parse_number
from backcalc.loading import fields
from backcalc.loading.document import LINE_END, Entries, Items, Word, YamlNode, bundled, read_text
from backcalc.loading.fields import Field, Record

MOST_SAMPLES = 100_000
MOST_CELLS = 200_000  # of a CSV file


def read_samples(
    node: YamlNode, wanted: Collection[str], folder: str
) -> tuple[Mapping[str, Fraction], ...]:
    """Read the numbers of all inputs and targets, sample by sample."""
    if isinstance(node, Word):
        return tuple(_csv_samples(node, wanted, folder))
    items = fields.sequence(node, "a list of samples, or the name of a CSV file").items
    if not items:
        raise BackcalcError("there are no samples", node.place)
    numbers = (Field(name, "", {}, fields.number, required=True) for name in wanted)
    sample = Record("a sample such as {x: 1, y: -3}", *numbers, thing="sample")
    return tuple({name: found[name] for name in wanted} for found in map(sample.read, items))


def _csv_samples(
    scalar: Word, wanted: Collection[str], folder: str
) -> Iterator[dict[str, Fraction]]:
    """Yield the samples of a CSV file."""
    place, header, rows = _table(scalar, folder)
    _check_header(header, wanted, place)
    columns = {each: header.index(each) for each in wanted}
    for place, row in rows:
        yield {each: _number(row, column, place)[0] for each, column in columns.items()}


def vector_samples(scalar: Word, wanted: Sequence[str], folder: str) -> Items:
    """Return the samples of a CSV file as if the network file had them.

    The columns x_1, x_2 or x1, x2 are the vector x; a column x is a number.
    """
    place, header, rows = _table(scalar, folder)
    columns = {name: own for name in wanted if (own := _elements(name, header, wanted))}
    _check_header(header, [each for own in columns.values() for each in own], place, wanted)
    found: list[YamlNode] = []
    for line, row in rows:
        cells: dict[str, list[Word]] = {
            name: [Word(*_number(row, header.index(each), line)[1:]) for each in own]
            for name, own in columns.items()
        }
        pairs = (
            (Word(name, line), own[0] if columns[name] == [name] else Items((*own,), line))
            for name, own in cells.items()
        )
        found.append(Entries((*pairs,), line))
    return Items((*found,), scalar.place)


def _elements(name: str, header: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The columns of an input or a target: its own one, or those of a vector's elements."""
    if name in header:
        return [name]
    free = {*header} - {*wanted}
    for between in ("_", ""):
        numbered = (f"{name}{between}{number}" for number in count(1))
        if own := [*takewhile(free.__contains__, numbered)]:
            return own
    return []


Rows: TypeAlias = "Iterator[tuple[Place, list[str]]]"  # rows of a table, each with its place


def _table(scalar: Word, folder: str) -> tuple[Place, list[str], Rows]:
    """Return the first line and the rows of a CSV file beside the file, or of a bundled one."""
    name = scalar.text
    if name in ("", ".", "..", "-") or any(mark in name for mark in "/\\:\0"):
        hint = "put it beside the network file and give its name"
        raise BackcalcError(f"{name[:60]!r} is not the name of a CSV file", scalar.place, hint)
    path = os.path.join(folder, name)
    come_along = {} if os.path.exists(path) else {each.name: str(each) for each in bundled(".csv")}
    path = come_along.get(name, path)
    if name not in come_along:
        _check_ordinary(path, folder, scalar)
    try:
        lines = LINE_END.split(read_text(path))
    except BackcalcError as error:
        if error.where:
            raise
        if come_along:
            error.hint = _nearest(name, folder, come_along)
        raise BackcalcError(error.message, scalar.place, error.hint) from None
    rows = _rows(lines, path)
    place, header = next(rows, (Place(path), []))
    header = [cell.strip() for cell in header]
    return place, header, _counted(rows, header, path)


def _counted(rows: Rows, header: Sequence[str], path: str) -> Rows:
    """Yield the rows, as long as the first line and not too many."""
    number = 0
    for place, row in rows:
        if len(row) != len(header):
            raise BackcalcError(f"{counted(len(row), 'cell')} for {len(header)} columns", place)
        yield place, row
        number += 1
        if number > MOST_SAMPLES:
            raise BackcalcError(f"more than {MOST_SAMPLES} samples", place)
        if number * len(header) > MOST_CELLS:
            raise BackcalcError(f"more than {MOST_CELLS} numbers", place)
    if not number:
        raise BackcalcError("there are no samples", Place(path))


def _check_ordinary(path: str, folder: str, scalar: Word) -> None:
    """Raise BackcalcError for a pipe, which may never end, and for a link out of the folder."""
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise BackcalcError(f"cannot read {path[:200]}: it is not an ordinary file", scalar.place)
    inside = os.path.join(os.path.realpath(folder or "."), "")
    if os.path.islink(path) and not os.path.realpath(path).startswith(inside):
        message = f"cannot read {path[:200]}: it is a link that leads out of its folder"
        raise BackcalcError(message, scalar.place, "put the file itself beside the network file")


def _nearest(name: str, folder: str, come_along: Collection[str]) -> str:
    """A hint for a CSV file that is not there: such names, and those that come with backcalc."""
    from difflib import get_close_matches

    beside: list[str] = []
    with suppress(OSError):
        beside = sorted(file for file in os.listdir(folder or ".") if file.endswith(".csv"))
    stems = {file[:-4]: file for file in [*beside, *come_along]}  # all endings are alike
    near = [f"{stems[stem]!r}" for stem in get_close_matches(name.removesuffix(".csv"), stems, 2)]
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}these come with backcalc: {listed(come_along)}"


def _number(row: Sequence[str], column: int, place: Place) -> tuple[Fraction, str, Place]:
    """Return the number in one cell, its text and its place where its row stands as it reads."""
    text = row[column]
    if ",".join(row) == place.text:
        place = place.moved(len(",".join([*row[:column], ""])), max(len(text), 1))
    if not text.strip():
        raise BackcalcError("this cell is empty", place, "write a number in each cell")
    try:
        return parse_number(text, place), text, place
    except BackcalcError as error:
        if text.lstrip().startswith("["):
            error.hint = "a vector has a column for each of its numbers: x_1, x_2"
        raise


def _rows(lines: Sequence[str], path: str) -> Iterator[tuple[Place, list[str]]]:
    import csv  # few networks have one

    reader = csv.reader(lines)
    while True:
        line = reader.line_num
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise BackcalcError(f"not CSV: {error}", Place(path, line + 1)) from None
        if row is None:
            return
        if row:
            text = lines[line]
            yield Place(path, line + 1, 1, text, max(len(text), 1)), row


def _check_header(
    header: list[str], columns: Collection[str], place: Place, wanted: Sequence[str] = ()
) -> None:
    """Each input and target has its column, and there are no others; `wanted` may be vectors."""
    if not (wanted or columns):
        hint = "list them, as in inputs: [x1, x2] and targets: [y]"
        raise BackcalcError("the network has no inputs or targets to read", place, hint)
    vector = "the columns {0}_1, {0}_2 or {0}1, {0}2 are the vector {0}"
    for name in header:
        if name not in columns:
            hint = did_you_mean(name, columns) or f"there are {listed(columns or wanted)}"
            stems = {name.rstrip("0123456789"), name.rstrip("0123456789_")}
            lower = {each.lower(): each for each in wanted}
            near = next((lower[each] for each in map(str.lower, stems) if each in lower), "")
            hint = "put commas between the columns" if ";" in name or "\t" in name else hint
            message = f"the column {name[:60]!r} is neither an input nor a target"
            raise BackcalcError(message, place, vector.format(near) if near else hint)
        if header.count(name) > 1:
            raise BackcalcError(f"the column {name!r} appears twice", place)
    for name in columns:
        if name not in header:
            hint = "the first line names the columns"
            raise BackcalcError(f"there is no column {name!r}", place, hint)
    for name in wanted:
        if not _elements(name, header, wanted):
            raise BackcalcError(f"there is no column {name!r}", place, vector.format(name))
