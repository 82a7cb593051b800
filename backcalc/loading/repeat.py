"""`repeat:`, which unrolls a cell over a sequence: each line with t stands once for each step."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from backcalc.errors import BackcalcError, counted, did_you_mean, listed
from backcalc.formulas.expression import renamed
from backcalc.loading import fields
from backcalc.loading.definitions import DraftFile, DraftLine, parsed_lines
from backcalc.loading.document import Entries, Items, Word, YamlNode
from backcalc.loading.fields import Sections, TakenNames
from backcalc.loading.sections import MOST_STEPS

MOST_WRITTEN_OUT = 500_000  # characters of equations

OFFSETS = {"t": 0, "t-1": -1}
"""The indices that move with the steps, and how far from the step at hand they look."""


def read_steps(node: YamlNode) -> int:
    """Read how often the file repeats its lines with t."""
    if isinstance(node, Word) and re.fullmatch(r"[1-9][0-9]{0,4}", node.text):
        count = int(node.text)
        if count <= MOST_STEPS:
            return count
    wanted = f"a number of steps from 1 to {MOST_STEPS}"
    hint = "repeat: 3 writes each line with t on its left side for t = 1, 2 and 3"
    raise fields.expected(wanted, node, hint)


T = TypeVar("T")


def step_by_step(
    parts: Sequence[T], repeated: Callable[[T], bool], at: Callable[[T, int], T], count: int
) -> list[T]:
    """Return the parts, those that are repeated step by step in place of the first of them."""
    start = next((place for place, part in enumerate(parts) if repeated(part)), 0)
    cell = [part for part in parts if repeated(part)]
    once = [part for part in parts if not repeated(part)]
    return [
        *once[:start],
        *(at(part, step) for step in range(1, count + 1) for part in cell),
        *once[start:],
    ]


def spread(document: Sections, count: int, vectors: bool = False) -> Sections:
    """Return the document with each sequence `x: [1, 2]` as the numbers `x[1]: 1` and `x[2]: 2`.

    In a file with `vectors` a list of numbers of another length is one, and so is `h[0]: [0, 0]`.
    """
    repeat = document["repeat"]
    written = dict(document)
    for key in ("inputs", "targets", "constants"):
        if isinstance(node := document.get(key), Entries):
            written[key] = _spread(node, count, repeat, vectors)
    samples = document.get("data")
    if not isinstance(samples, Items) or not samples.items:
        return written
    first = samples.items[0].entries if isinstance(samples.items[0], Entries) else ()
    sequences = {entry[0].text for entry in first if _is_sequence(entry, count, vectors)}
    for sample in samples.items if not vectors else ():  # which are compared by their shapes
        _check_alike(sample, sequences)
    items = [
        _spread(sample, count, repeat, vectors) if isinstance(sample, Entries) else sample
        for sample in samples.items
    ]
    written["data"] = Items(tuple(items), samples.place)
    for key in ("inputs", "targets"):
        if isinstance(node := document.get(key), Items):
            names = [item for item in node.items if isinstance(item, Word)]
            if len(names) == len(node.items):
                steps = step_by_step(names, lambda name: name.text in sequences, _numbered, count)
                written[key] = Items(tuple(steps), node.place)
    return written


def _is_sequence(entry: tuple[Word, YamlNode], count: int, vectors: bool) -> bool:
    """Return True if a list has a part for each step, and is not one vector."""
    name, value = entry
    if not isinstance(value, Items) or name.text.endswith("]"):
        return False
    flat = all(isinstance(item, Word) for item in value.items)
    return not (vectors and flat and len(value.items) != count)


def _spread(node: Entries, count: int, repeat: YamlNode, vectors: bool) -> Entries:
    """A mapping with its sequences written out step by step."""

    def is_sequence(entry: tuple[Word, YamlNode]) -> bool:
        return _is_sequence(entry, count, vectors)

    for name, value in filter(is_sequence, node.entries):
        if isinstance(value, Items) and len(value.items) != count:
            message = f"the sequence {name.text[:60]!r} has {counted(len(value.items), 'number')}"
            needed = f"but repeat: {count} on line {repeat.place.line} needs {count}"
            hint = "a sequence has one number for each step"
            raise BackcalcError(f"{message}, {needed}", value.place, hint)

    def at(entry: tuple[Word, YamlNode], step: int) -> tuple[Word, YamlNode]:
        name, value = entry
        assert isinstance(value, Items)
        return _numbered(name, step), value.items[step - 1]

    return Entries(tuple(step_by_step(node.entries, is_sequence, at, count)), node.place)


def _numbered(name: Word, step: int) -> Word:
    return Word(f"{name.text}[{step}]", name.place)


def _check_alike(sample: YamlNode, first: Collection[str]) -> None:
    """Raise BackcalcError if something is a sequence in one sample and not in another."""
    for name, value in sample.entries if isinstance(sample, Entries) else ():
        if isinstance(value, Items) != (name.text in first):
            here, there = "a list", "one number"
            if not isinstance(value, Items):
                here, there = fields.described(value), "a list"
            message = f"{name.text[:60]!r} is {here} here, but {there} in the first sample"
            raise BackcalcError(message, value.place, "a sequence is one in every sample")


class Indices:
    """The meaning of indices in the formulas of one file."""

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
        """Return what reads the names on the right of this left side."""
        return partial(self.read, inside=repeats(side))

    def read(self, text: str, inside: bool = False) -> str:
        """Return the name that is meant; `inside` a line that is repeated, [t] and [t-1] are kept.

        Raises BackcalcError, without a place, if there is none.
        """
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
        """A name without an index is not a sequence, and not t."""
        if name in self.steps and name not in self.plain:
            step = "t" if inside else str(self.count)
            hint = f"write which step's value is meant: {name}[{step}]"
            raise BackcalcError(f"{name!r} has a value for each step", hint=hint)
        if name == "t" and name not in self.plain:
            hint = "t is an index and stands in brackets: h[t]"
            raise BackcalcError("t is not a number", hint=hint)

    def _no_sequence(self, name: str) -> BackcalcError:
        """The error for an index behind a name that has no steps."""
        if name not in self.plain:
            hint = did_you_mean(name, [*self.steps, *self.plain])
            return BackcalcError(f"unknown name {name[:60]!r}", hint=hint)
        hint = f"write {name}; a sequence is a list of {self.count}, or a line {name}[t]"
        return BackcalcError(f"{name!r} is not a sequence", hint=hint)

    def _no_value(self, name: str, step: int, index: str) -> BackcalcError:
        """The error for a step at which a name has no value."""
        message = f"{name}[{step}]"
        if index in OFFSETS:
            message = f"{name}[{index}] is {message} at t = {step - OFFSETS[index]}, which"
        hint = f"add {name}[0]: 0 under constants:, or under weights: to train it"
        if step:
            there = listed(f"{name}[{each}]" for each in sorted(self.steps[name]))
            hint = f"there is {there}"
        return BackcalcError(f"{message} has no value", hint=hint)

    def _fixed(self, name: str, index: str) -> int:
        """The step that a number or T names."""
        if re.fullmatch(r"t\+[0-9]+", index):
            hint = f"a line uses its own step, {name}[t], and the one before, {name}[t-1]"
            raise BackcalcError(f"{name}[{index[:20]}] comes after step t", hint=hint)
        if index != "T" and not re.fullmatch(r"0|[1-9][0-9]{0,8}", index):
            hint = "an index is t, t-1, the number of a step, or T for the last step"
            raise BackcalcError(f"{index[:20]!r} is not an index", hint=hint)
        step = self.count if index == "T" else int(index)
        if step > self.count:
            hint = f"repeat: {self.count} makes the steps 1 to {self.count}"
            raise BackcalcError(f"{name}[{index}] is out of range", hint=hint)
        if step not in self.steps[name]:
            raise self._no_value(name, step, index)
        return step


def read_repeated(file: DraftFile) -> None:
    """Read the equations; those with t on the left are written once for each step."""
    names, repeat = file.names, file.document["repeat"]
    node = file.document.get("equations", Entries((), repeat.place))
    entries = fields.mapping(node, "a mapping of names to formulas").entries
    sides = [_left_side(key, names.steps) for key, _ in entries]
    _check_names(names, sides, entries)
    indices = Indices(names.steps, [*names, *(name for side in sides for name in side)])
    lines = parsed_lines(file, entries, sides, indices.reader)
    cell = [line for line in lines if repeats(line.names)]
    if not cell:
        hint = "write a line for each step as h[t]: tanh(z[t])"
        message = "nothing is repeated: no equation has [t] on its left side"
        raise BackcalcError(message, repeat.place, hint)
    size = sum(len(line.key.text) + len(line.formula.text) for line in cell) * names.steps
    if size > MOST_WRITTEN_OUT:
        message = f"written out {names.steps} times, the equations take {size / 10**6:.1f} MB"
        hint = f"at most {MOST_WRITTEN_OUT / 10**6} MB are allowed"
        raise BackcalcError(message, repeat.place, hint)
    file.lines = step_by_step(lines, lambda line: repeats(line.names), _at, names.steps)
    file.document, file.indexed = _ends_written_out(file.document, indices), indices.read


def repeats(side: Sequence[str]) -> bool:
    """Return True if a left side stands for each step."""
    return side[0].endswith("[t]")


def _left_side(key: Word, count: int) -> tuple[str, ...]:
    """The names that an equation gives values to, with [t] where it does at each step."""
    what = "a quantity's name"
    names = []
    for part in key.text.split(","):
        text = re.sub(r"\s", "", part)
        stem, bracket, index = text.partition("[")
        if index == "t]":
            names.append(fields.name(Word(stem, key.place), what) + "[t]")
        elif bracket and not fields.INDEX.fullmatch(text):
            hint = f"write {stem[:60]}[t] for a line at each step, or the number of one step"
            raise BackcalcError(f"{text[:60]!r} cannot be {what}", key.place, hint)
        else:
            names.append(fields.name(Word(part.strip(), key.place), what, count))
    if len({repeats((name,)) for name in names}) > 1:
        message = f"{key.text[:60]!r} has names with [t] and names without"
        raise BackcalcError(message, key.place, "one line stands once, or once for each step")
    return tuple(names)


def _check_names(
    names: TakenNames, sides: Iterable[Sequence[str]], entries: Iterable[tuple[Word, YamlNode]]
) -> None:
    """No left side gives a value that has one, or is both one quantity and one for each step."""
    known = TakenNames(names.steps)
    known.update(names)
    known.stems.update(names.stems)
    for side, (key, _) in zip(sides, entries, strict=True):
        for name in side:
            if name not in fields.RESERVED:  # which may be the loss
                known.add(name, key.place)


def _at(line: DraftLine, step: int) -> DraftLine:
    """One line of the cell at one step."""

    def rename(name: str) -> str:
        if not name.endswith("]"):
            return name
        return name.replace("[t-1]", f"[{step - 1}]").replace("[t]", f"[{step}]")

    expression = renamed(line.expression, rename)
    return replace(line, names=tuple(map(rename, line.names)), expression=expression)


def _ends_written_out(document: Sections, indices: Indices) -> Sections:
    """Write `outputs: [p]` out as p[1], p[2], ... and `loss: E[T]` as the last step's."""
    written = dict(document)

    def last(node: YamlNode) -> YamlNode:
        if isinstance(node, Word) and node.text.endswith("[T]"):
            return replace(node, text=f"{node.text[:-3]}[{indices.count}]")
        return node

    if isinstance(node := document.get("outputs"), Items):
        cell: list[Word] = []
        once: list[YamlNode] = []
        for item in node.items:
            if isinstance(item, Word) and item.text in indices.steps:
                cell.append(item)
            else:
                once.append(last(item))
        steps = (_numbered(item, step) for step in range(1, indices.count + 1) for item in cell)
        written["outputs"] = Items((*steps, *once), node.place)
    loss = document["loss"]
    if isinstance(loss, Word) and loss.text.partition("[")[0] in indices.steps:
        written["loss"] = last(loss)
    return written
