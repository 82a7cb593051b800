"""`repeat:`, which unrolls a cell over a sequence: each line with t stands once for each step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Mappings
from dataclasses import replace

from backcalc.errors import BackcalcError, counted, did_you_mean, listed
from backcalc.formulas.expression import renamed
from backcalc.loading import fields
from backcalc.loading.definitions import Line, parsed_lines
from backcalc.loading.document import Mapping, Node, Scalar
from backcalc.loading.document import Sequence as List
from backcalc.loading.fields import Document, Names
from backcalc.loading.sections import MOST_STEPS
from backcalc.loading.units import Draft

MOST_WRITTEN_OUT = 500_000  # characters of equations

OFFSETS = {"t": 0, "t-1": -1}
"""The indices that move with the steps, and how far from the step at hand they look."""


def read_steps(node: Node) -> int:
    """How often the file repeats its lines with t."""
    if isinstance(node, Scalar) and re.fullmatch(r"[1-9][0-9]{0,4}", node.text):
        count = int(node.text)
        if count <= MOST_STEPS:
            return count
    wanted = f"a number of steps from 1 to {MOST_STEPS}"
    hint = "repeat: 3 writes each line with t on its left side for t = 1, 2 and 3"
    raise fields.expected(wanted, node, hint)


# Sequences.


def spread(document: Document, count: int) -> Document:
    """The document with each sequence `x: [1, 2]` as the numbers `x[1]: 1` and `x[2]: 2`."""
    repeat = document["repeat"]
    written = dict(document)
    for key in ("inputs", "targets", "constants"):
        if isinstance(node := document.get(key), Mapping):
            written[key] = _spread_mapping(node, count, repeat)
    samples = document.get("data")
    if not isinstance(samples, List) or not samples.items:
        return written
    lists = [_lists(sample) for sample in samples.items]
    for sample in samples.items:
        _check_alike(sample, lists[0])
    items = tuple(
        _spread_mapping(sample, count, repeat) if isinstance(sample, Mapping) else sample
        for sample in samples.items
    )
    written["data"] = List(items, samples.place)
    for key in ("inputs", "targets"):
        if isinstance(node := document.get(key), List):
            names = [item for item in node.items if isinstance(item, Scalar)]
            if len(names) == len(node.items):
                written[key] = List(tuple(_spread_names(names, lists[0], count)), node.place)
    return written


def _spread_mapping(node: Mapping, count: int, repeat: Node) -> Mapping:
    """A mapping with its sequences written out step by step, where the first of them stands."""
    sequences: list[tuple[Scalar, List]] = []
    entries: list[tuple[Scalar, Node]] = []
    start = 0
    for name, value in node.entries:
        if isinstance(value, List):
            _check_length(name, value, count, repeat)
            start = start if sequences else len(entries)
            sequences.append((name, value))
        else:
            entries.append((name, value))
    entries[start:start] = [
        (_numbered(name, step), value.items[step - 1])
        for step in range(1, count + 1)
        for name, value in sequences
    ]
    return Mapping(tuple(entries), node.place)


def _spread_names(names: Iterable[Scalar], lists: Mappings[str, Scalar], count: int) -> list[Node]:
    """A list of names with those of sequences written out in the same way."""
    listed_names: list[Node] = []
    sequences: list[Scalar] = []
    start = 0
    for name in names:
        if name.text in lists:
            start = start if sequences else len(listed_names)
            sequences.append(name)
        else:
            listed_names.append(name)
    listed_names[start:start] = [
        _numbered(name, step) for step in range(1, count + 1) for name in sequences
    ]
    return listed_names


def _numbered(name: Scalar, step: int) -> Scalar:
    """The name of one step's value: x[2]."""
    return Scalar(f"{name.text}[{step}]", name.place)


def _lists(sample: Node) -> dict[str, Scalar]:
    """The names that a sample gives a list."""
    entries = sample.entries if isinstance(sample, Mapping) else ()
    return {name.text: name for name, value in entries if isinstance(value, List)}


def _check_alike(sample: Node, first: Mappings[str, Scalar]) -> None:
    """What is a sequence in one sample is one in all."""
    for name, value in sample.entries if isinstance(sample, Mapping) else ():
        if isinstance(value, List) != (name.text in first):
            here, there = "a list", "one number"
            if not isinstance(value, List):
                here, there = fields.described(value), "a list"
            message = f"{name.text[:60]!r} is {here} here, but {there} in the first sample"
            raise BackcalcError(message, value.place, "a sequence is one in every sample")


def _check_length(name: Scalar, value: List, count: int, repeat: Node) -> None:
    """A sequence has one number for each step."""
    length = len(value.items)
    if length != count:
        message = (
            f"the sequence {name.text[:60]!r} has {counted(length, 'number')},"
            f" but repeat: {count} on line {repeat.place.line} needs {count}"
        )
        raise BackcalcError(message, value.place, "a sequence has one number for each step")


# Lines.


class Indices:
    """What the indices in the formulas of one file mean."""

    def __init__(self, count: int, names: Iterable[str]) -> None:
        self.count = count
        """How many steps there are."""
        self.plain: set[str] = set()
        """The names without steps."""
        self.steps: dict[str, set[int]] = {}
        """For each other name the steps at which it has a value."""
        for name in names:
            stem, bracket, index = name.rstrip("]").partition("[")
            if bracket:
                steps = range(1, count + 1) if index == "t" else (int(index),)
                self.steps.setdefault(stem, set()).update(steps)
            else:
                self.plain.add(stem)

    def reader(self, side: Sequence[str]) -> Callable[[str], str]:
        """How the names on the right of this left side are read."""
        return self.inside if repeats(side) else self.outside

    def outside(self, text: str) -> str:
        """The name that is meant in a line that stands once."""
        return self.read(text, False)

    def inside(self, text: str) -> str:
        """The name that is meant in a line that is repeated; [t] and [t-1] are kept."""
        return self.read(text, True)

    def read(self, text: str, inside: bool) -> str:
        """The name that is meant. Raises BackcalcError, without a place, where there is none."""
        stem, bracket, index = re.sub(r"\s", "", text).rstrip("]").partition("[")
        if not bracket:
            self._check_plain(stem, inside)
            return stem
        if stem not in self.steps:
            raise self._no_sequence(stem)
        if index in OFFSETS:
            if not inside:
                last = f"{stem}[{self.count}], or {stem}[T] for the last step"
                message = f"{stem}[{index}] stands in a line whose left side has no [t]"
                raise BackcalcError(message, hint=f"write a step's number: {last}")
            offset = OFFSETS[index]
            for step in range(1 + offset, self.count + 1 + offset):
                if step not in self.steps[stem]:
                    raise self._no_value(stem, step, index)
            return f"{stem}[{index}]"
        return f"{stem}[{self._fixed(stem, index)}]"

    def _check_plain(self, name: str, inside: bool) -> None:
        """A name without an index is no sequence, and not t."""
        if name in self.steps and name not in self.plain:
            step = "t" if inside else str(self.count)
            hint = f"write which step's value is meant: {name}[{step}]"
            raise BackcalcError(f"{name!r} has a value for each step", hint=hint)
        if name == "t" and name not in self.plain:
            raise BackcalcError("t is no number", hint="t is an index and stands in brackets: h[t]")

    def _no_sequence(self, name: str) -> BackcalcError:
        """The error for an index behind a name that has no steps."""
        if name not in self.plain:
            hint = did_you_mean(name, [*self.steps, *self.plain])
            return BackcalcError(f"unknown name {name[:60]!r}", hint=hint)
        hint = f"write {name}; a sequence is a list of {self.count}, or a line {name}[t]"
        return BackcalcError(f"{name!r} is no sequence", hint=hint)

    def _no_value(self, name: str, step: int, index: str) -> BackcalcError:
        """The error for a step at which a name has no value."""
        if step == 0:
            first = f"{name}[t-1] is {name}[0] at t = 1" if index == "t-1" else f"{name}[0]"
            verb = ", which" if index == "t-1" else ""
            hint = f"add {name}[0]: 0 under constants:, or under weights: to train it"
            return BackcalcError(f"{first}{verb} has no value", hint=hint)
        at = listed(f"{name}[{each}]" for each in sorted(self.steps[name]))
        message = f"{name}[{step}] has no value"
        if index in OFFSETS:
            message = f"{name}[{index}] is {name}[{step}] at t = {step - OFFSETS[index]}, which"
            message += " has no value"
        return BackcalcError(message, hint=f"there is {at}")

    def _fixed(self, name: str, index: str) -> int:
        """The step that a number or T names."""
        if re.fullmatch(r"t\+[0-9]+", index):
            hint = f"a line uses its own step, {name}[t], and the one before, {name}[t-1]"
            raise BackcalcError(f"{name}[{index[:20]}] comes after step t", hint=hint)
        if index != "T" and not re.fullmatch(r"0|[1-9][0-9]{0,8}", index):
            hint = "an index is t, t-1, the number of a step, or T for the last step"
            raise BackcalcError(f"{index[:20]!r} is no index", hint=hint)
        step = self.count if index == "T" else int(index)
        if step > self.count:
            hint = f"repeat: {self.count} makes the steps 1 to {self.count}"
            raise BackcalcError(f"{name}[{index}] is out of range", hint=hint)
        if step not in self.steps[name]:
            raise self._no_value(name, step, index)
        return step


def read_repeated(
    document: Document, names: Names, units: Mappings[str, Draft]
) -> tuple[list[Line], Indices]:
    """The equations with those that have t on the left written once for each step."""
    node = document.get("equations", Mapping((), document["repeat"].place))
    entries = fields.mapping(node, "a mapping of names to formulas").entries
    sides = [_left_side(key, names.steps) for key, _ in entries]
    _check_names(names, sides, entries)
    indices = Indices(names.steps, [*names, *(name for side in sides for name in side)])
    lines = parsed_lines(entries, sides, names, units, indices.reader)
    cell = [line for line in lines if repeats(line.names)]
    if not cell:
        hint = "write a line for each step as h[t]: tanh(z[t])"
        message = "nothing is repeated: no equation has [t] on its left side"
        raise BackcalcError(message, document["repeat"].place, hint)
    size = sum(len(line.key.text) + len(line.formula.text) for line in cell) * names.steps
    if size > MOST_WRITTEN_OUT:
        message = f"written out {names.steps} times, the equations take {size / 10**6:.1f} MB"
        hint = f"at most {MOST_WRITTEN_OUT / 10**6} MB are worked with"
        raise BackcalcError(message, document["repeat"].place, hint)
    return list(_unrolled(lines, cell, names.steps)), indices


def repeats(side: Sequence[str]) -> bool:
    """Whether a left side is one for each step."""
    return side[0].endswith("[t]")


def _left_side(key: Scalar, count: int) -> tuple[str, ...]:
    """The names that an equation gives values to, with [t] where it does at each step."""
    what = "a quantity's name"
    names = []
    for part in key.text.split(","):
        text = re.sub(r"\s", "", part)
        stem, bracket, index = text.partition("[")
        if index == "t]":
            names.append(fields.name(Scalar(stem, key.place), what) + "[t]")
        elif bracket and not fields.INDEX.fullmatch(text):
            hint = f"write {stem[:60]}[t] for a line at each step, or the number of one step"
            raise BackcalcError(f"{text[:60]!r} cannot be {what}", key.place, hint)
        else:
            names.append(fields.name(Scalar(part.strip(), key.place), what, count))
    if len({repeats((name,)) for name in names}) > 1:
        message = f"{key.text[:60]!r} has names with [t] and names without"
        raise BackcalcError(message, key.place, "one line stands once, or once for each step")
    return tuple(names)


def _check_names(
    names: Names, sides: Iterable[Sequence[str]], entries: Iterable[tuple[Scalar, Node]]
) -> None:
    """No left side gives a value that has one, or is both one quantity and one for each step."""
    known = Names(names.steps)
    known.places, known.stems = dict(names.places), dict(names.stems)
    for side, (key, _) in zip(sides, entries, strict=True):
        for name in side:
            if name not in fields.RESERVED:  # which may be the loss
                known.add(name, key.place)


def _unrolled(lines: Iterable[Line], cell: Sequence[Line], count: int) -> Iterator[Line]:
    """The cell step by step where its first line stands, the other lines around it."""
    for line in lines:
        if line is cell[0]:
            for step in range(1, count + 1):
                yield from (_at(each, step) for each in cell)
        elif not repeats(line.names):
            yield line


def _at(line: Line, step: int) -> Line:
    """One line of the cell at one step."""
    before = f"[{step - 1}]"
    now = f"[{step}]"

    def rename(name: str) -> str:
        if not name.endswith("]"):
            return name
        return name.replace("[t-1]", before).replace("[t]", now)

    expression = renamed(line.expression, rename)
    return replace(line, names=tuple(map(rename, line.names)), expression=expression)


def ends_written_out(document: Document, indices: Indices) -> Document:
    """The document with `outputs: [p]` as p[1], p[2], ... and `loss: E[T]` as the last step's."""
    written = dict(document)
    if isinstance(node := document.get("outputs"), List):
        written["outputs"] = List(tuple(_outputs(node.items, indices)), node.place)
    loss = document["loss"]
    if isinstance(loss, Scalar) and loss.text.partition("[")[0] in indices.steps:
        written["loss"] = replace(loss, text=re.sub(r"\[T\]$", f"[{indices.count}]", loss.text))
    return written


def _outputs(items: Iterable[Node], indices: Indices) -> Iterator[Node]:
    """The outputs, those that are repeated step by step."""
    repeated: list[Scalar] = []
    others: list[Node] = []
    for item in items:
        if isinstance(item, Scalar) and item.text in indices.steps:
            repeated.append(item)
        elif isinstance(item, Scalar) and item.text.endswith("[T]"):
            others.append(replace(item, text=f"{item.text[:-3]}[{indices.count}]"))
        else:
            others.append(item)
    for step in range(1, indices.count + 1):
        yield from (_numbered(item, step) for item in repeated)
    yield from others
