"""`data:` to samples: a number for every input and target."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction

from backcalc.errors import BackcalcError, Place, counted, did_you_mean, listed
from backcalc.formulas.parser import parse_number
from backcalc.loading import fields
from backcalc.loading.document import LINE_END, Word, YamlNode, bundled, read_text
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
    """Samples from a CSV file beside the network file, or else one that comes with backcalc.

    Its first line names the columns.
    """
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
    _check_header(header, wanted, place)
    columns = {each: header.index(each) for each in wanted}
    count = 0
    for place, row in rows:
        if len(row) != len(header):
            message = f"{counted(len(row), 'cell')} for {len(header)} columns"
            raise BackcalcError(message, place)
        yield {each: _cell(row, column, place) for each, column in columns.items()}
        count += 1
        if count > MOST_SAMPLES:
            raise BackcalcError(f"more than {MOST_SAMPLES} samples", place)
        if count * len(columns) > MOST_CELLS:
            raise BackcalcError(f"more than {MOST_CELLS} numbers", place)
    if not count:
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

    try:
        beside = sorted(file for file in os.listdir(folder or ".") if file.endswith(".csv"))
    except OSError:
        beside = []
    stems = {file[:-4]: file for file in [*beside, *come_along]}  # all endings are alike
    near = [f"{stems[stem]!r}" for stem in get_close_matches(name.removesuffix(".csv"), stems, 2)]
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}these come with backcalc: {listed(come_along)}"


def _cell(row: Sequence[str], column: int, place: Place) -> Fraction:
    """The number in one cell; an error marks the cell where its row stands as it reads."""
    try:
        return parse_number(row[column], place)
    except BackcalcError:
        if ",".join(row) == place.text:
            place = place.moved(len(",".join([*row[:column], ""])), max(len(row[column]), 1))
        return parse_number(row[column], place)


def _rows(lines: Sequence[str], path: str) -> Iterator[tuple[Place, list[str]]]:
    """The rows that are not empty, each with its place."""
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


def _check_header(header: list[str], wanted: Collection[str], place: Place) -> None:
    """Each input and target has its column, and there are no others."""
    columns: set[str] = set()
    if not wanted:
        hint = "list them, as in inputs: [x1, x2] and targets: [y]"
        raise BackcalcError("the network has no inputs or targets to read", place, hint)
    for name in header:
        if name not in wanted:
            hint = did_you_mean(name, wanted) or f"there are {listed(wanted)}"
            raise BackcalcError(
                f"the column {name[:60]!r} is neither an input nor a target", place, hint
            )
        if name in columns:
            raise BackcalcError(f"the column {name!r} appears twice", place)
        columns.add(name)
    for name in wanted:
        if name not in columns:
            hint = "the first line names the columns"
            raise BackcalcError(f"there is no column {name!r}", place, hint)
