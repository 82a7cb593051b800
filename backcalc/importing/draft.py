"""A network file that is being written: what is given, its equations, and their names.

While it is drafted every quantity has a number for a name; the names that people read are chosen
at the end, when it is known which lines are there.
"""

from __future__ import annotations

import json
import keyword
import math
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, TypeAlias

from backcalc.equations.losses import LOSSES
from backcalc.errors import BackcalcError, printable
from backcalc.formulas import record
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import OPERATIONS, Shape, nested, shape_of
from backcalc.formulas.matrix_reader import parse_matrices
from backcalc.loading.fields import RESERVED
from backcalc.loading.matrix_files import MOST_AXES

CONDITION, CHOICE, SUM, PRODUCT, POWER, ATOM = range(6)
"""How firmly the parts of a formula hold together; what is looser needs brackets."""

WIDTH = 100  # columns of the file
ID = re.compile(r"\bq\d+q\b")

Sizes: TypeAlias = tuple[int, ...]


class UnknownError(BackcalcError):
    """Something that backcalc cannot write as an equation."""


@record(frozen=True, slots=True, eq=False)
class Term:
    """A value as a formula writes it."""

    text: str
    """The formula: a name, `W.T`, a number."""
    shape: Sizes
    """The lengths of its axes."""
    level: int = ATOM
    """How firmly it holds together."""
    parts: tuple[Term, ...] = ()
    """For what was stacked along an axis, the parts."""
    axis: int = 0
    """That axis."""


@record(slots=True, eq=False)
class Held:
    """A number, a vector or a matrix that the file gives."""

    section: str
    """`inputs`, `targets`, `weights` or `constants`."""
    shape: Sizes
    """Its shape in the file."""
    numbers: Sequence[float]
    """Its elements, the last axis running fastest."""
    stem: str
    """Its name without a number."""
    number: int | None = None
    """The number of its layer."""
    own: bool = False
    """True if its name is the person's own."""
    note: str = ""
    """Where it comes from: `fc1.weight`."""
    frozen: bool = False
    """True for a weight that is not trained."""


@record(slots=True, eq=False)
class DraftEquation:
    """One equation of the file."""

    stem: str
    """Its name without a number."""
    text: str
    """The formula."""
    level: int
    """How firmly the formula holds together."""
    shape: Sizes
    """The shape of its value."""
    number: int | None = None
    """The number of its layer."""
    note: str = ""
    """Where it comes from: `fc1`."""


@record(slots=True, eq=False)
class Draft:
    """The file so far."""

    held: dict[str, Held] = field(default_factory=dict)
    """What is given, by number."""
    lines: dict[str, DraftEquation] = field(default_factory=dict)
    """The equations, by number."""
    bases: dict[str, Term] = field(default_factory=dict)
    """What was reshaped, by the name of what came of it."""
    views: dict[tuple[str, Sizes], Term] = field(default_factory=dict)
    """What came of it, by the name of what was reshaped and the shape."""
    once: set[str] = field(default_factory=set)
    """Lines and givens that only one operation uses."""
    note: str = ""
    """Where the operation at hand comes from."""
    layers: int = 0
    """Layers with weights so far."""
    count: int = 0
    """Quantities so far."""
    loss: tuple[str, str] = ("", "")
    """The loss as the file writes it, and its reduction."""
    outputs: tuple[str, ...] = ()
    """What a named loss compares with the targets."""

    def give(
        self, section: str, shape: Sizes, numbers: Sequence[float], stem: str, note: str = "",
        *, own: bool = False, frozen: bool = False,
    ) -> Term:  # fmt: skip
        """Let the file give these numbers."""
        if len(shape) > MOST_AXES:
            raise UnknownError(f"{note or stem} with {len(shape)} axes; a file has {MOST_AXES}")
        if not all(map(math.isfinite, numbers)):
            raise UnknownError(f"{note or stem} holds inf or nan, which no file can")
        name = self._next()
        self.held[name] = Held(section, shape, numbers, stem, None, own, note, frozen)
        return Term(name, shape)

    def name(self, term: Term | None, stem: str, number: int | None = None) -> None:
        """Name a weight after its place in a layer, unless its name is the person's own."""
        found = self.held.get(term.text) if term else None
        if found and not found.own and found.section == "weights" and found.number is None:
            found.stem, found.number = stem, number

    def layer(self, weight: Term) -> int:
        """The number of the layer that has this weight; a new one for one that is new."""
        found = self.held.get(weight.text)
        if found and found.number is not None:
            return found.number
        self.layers += 1
        return self.layers

    def across(self, term: Term, sizes: Sizes) -> Term:
        """A given vector with further axes, so that it is one number for each channel."""
        found = self.held.get(term.text)
        if found is None or term.text not in self.once or found.section in ("inputs", "targets"):
            return self.reshaped(term, sizes)
        found.shape = sizes
        return Term(term.text, sizes)

    def _next(self) -> str:
        self.count += 1
        return f"q{self.count}q"

    def shape(self, text: str) -> Sizes:
        """The shape of a formula; BackcalcError where its parts do not fit."""
        shapes = {n: Shape((self.held.get(n) or self.lines[n]).shape) for n in ID.findall(text)}
        return tuple(
            int(size) for size in shape_of(parse_matrices(text, names=shapes).expression, shapes)
        )

    def line(
        self, stem: str, template: str, *terms: Term, level: int = ATOM, number: int | None = None
    ) -> Term:
        """A new equation; `{}` stands for each operand, in brackets unless it holds together."""
        text = template.format(*(self.inside(each, POWER) for each in terms))
        name = self._next()
        shape = self.shape(text)
        if len(shape) > MOST_AXES:
            raise UnknownError(f"a value with {len(shape)} axes; a file has {MOST_AXES}")
        self.lines[name] = DraftEquation(stem, text, level, shape, number, self.note)
        return Term(name, shape)

    def inside(self, term: Term, level: int) -> str:
        """An operand's formula, in brackets where it holds together less firmly than this."""
        return term.text if term.level >= level else f"({term.text})"

    def opened(self, term: Term) -> Term:
        """The formula behind a name that nothing else uses, where it is a sum or a product."""
        found = self.lines.get(term.text)
        if found is None or term.text not in self.once or not SUM <= found.level <= PRODUCT:
            return term
        if len(found.text) + sum(found.text.count(each) for each in "+-*/@") > 60:
            return term
        del self.lines[term.text]
        return Term(found.text, term.shape, found.level)

    def stem(self, term: Term) -> str:
        """The name of a line without its number; empty for what is none."""
        found = self.lines.get(term.text)
        return found.stem if found else ""

    def vector(self, row: Term) -> Term:
        """A row that stands alone as a vector, if it was one."""
        base = self.bases.get(row.text, row)
        return base if len(base.shape) == 1 else Term(f"{row.text}[0]", row.shape[1:])

    def reshaped(self, term: Term, sizes: Sizes, stem: str = "f") -> Term:
        """The same elements in another shape."""
        if term.parts and term.axis == 0 and len(sizes) > 1 and sizes[0] == len(term.parts):
            parts = tuple(self.reshaped(part, sizes[1:], stem) for part in term.parts)
            return replace(self._reshaped(replace(term, parts=()), sizes, stem), parts=parts)
        return self._reshaped(term, sizes, stem)

    def _reshaped(self, term: Term, sizes: Sizes, stem: str) -> Term:
        if term.shape == sizes:
            return term
        term = self.bases.get(term.text, term)
        if term.shape == sizes:
            return term
        if (term.text, sizes) not in self.views:
            self.views[term.text, sizes] = found = self._in_shape(term, sizes, stem)
            self.bases[found.text] = term
        return self.views[term.text, sizes]

    def _in_shape(self, term: Term, sizes: Sizes, stem: str) -> Term:
        if not sizes:
            return Term(f"{term.text}[{', '.join('0' for _ in term.shape)}]", ())
        if len(sizes) == 1 and len(term.shape) > 1:
            return self.line(stem, "reshape({})", term)
        return self.line(stem, f"reshape({{}}, shape={bracketed(sizes)})", term)

    def finished(self) -> None:
        """Leave out what the loss does not depend on."""
        wanted = {*ID.findall(self.loss[0]), *self.outputs}
        for name in reversed(self.lines):
            if name in wanted:
                wanted |= {*ID.findall(self.lines[name].text)}
        self.lines = {name: each for name, each in self.lines.items() if name in wanted}
        self.held = {name: each for name, each in self.held.items()
                     if name in wanted or each.section == "targets"}  # fmt: skip

    def named(self) -> dict[str, str]:
        """The name that each quantity has in the file."""
        names: dict[str, str] = {}
        everything: dict[str, Held | DraftEquation] = {**self.held, **self.lines}
        ends = {*self.outputs}
        wanted: dict[str, tuple[str, int | None]] = {}
        for name, each in everything.items():
            stem, number = each.stem, each.number
            if isinstance(each, DraftEquation):
                if name in ends and stem != "p":
                    stem, number = "yhat", None
                elif stem == "h":  # beside the z that it is an activation of
                    of = next((wanted[n] for n in ID.findall(each.text) if n in wanted), ("", 0))
                    number = of[1] if of[0] in ("z", "n", "s") else None
            if not isinstance(each, Held) or not (each.own or each.section == "weights"):
                stem = stem.upper() if len(each.shape) > 1 and len(stem) == 1 else stem
            wanted[name] = stem, number
        counts = Counter(stem for stem, _ in wanted.values())
        single = self.layers < 2
        taken: set[str] = set()
        order = sorted(everything, key=lambda name: not getattr(everything[name], "own", False))
        for name in order:
            stem, number = wanted[name]
            if counts[stem] == 1 and (single or number is None or stem not in LAYERED):
                number = None
            elif number is None:
                number = 1
            found = stem if number is None else f"{stem}{number}"
            while found in taken or found in RESERVED or not usable(found):
                number = (number or 0) + 1
                found = f"{stem}{number}"
            taken.add(found)
            names[name] = found
        return names

    def text(self, title: str, rate: str) -> tuple[str, dict[str, str]]:
        """The file, and the name that each quantity has in it."""
        self.finished()
        names = self.named()

        def said(text: str) -> str:
            return ID.sub(lambda found: names[found[0]], text)

        rows = [f"title: {json.dumps(printable(title), ensure_ascii=False)}", ""]
        for section in ("inputs", "targets", "constants", "weights"):
            found = {names[name]: each for name, each in self.held.items()
                     if each.section == section}  # fmt: skip
            if found:
                rows.append(f"{section}:{SAID.get(section, '')}")
                rows += [row for name, each in found.items() for row in _given_rows(name, each)]
        if frozen := [names[name] for name, each in self.held.items() if each.frozen]:
            rows.append(f"frozen: [{', '.join(frozen)}]")
        lines = [(f"  {names[name]}: {quoted(said(each.text))}", shape_note(each.shape, each.note))
                 for name, each in self.lines.items()]  # fmt: skip
        rows += ["", f"equations:{SAID['equations']}", *_beside(lines)]
        loss, reduction = self.loss
        used = {name for each in self.lines.values() for name in ID.findall(each.text)}
        if used.intersection(self.outputs):
            rows.append(f"outputs: [{', '.join(names[name] for name in self.outputs)}]")
        rows.append(f"loss: {quoted(said(loss))}")
        if reduction:
            rows.append(f"reduction: {reduction}")
        rows.append(f"learning_rate: {rate}   # yours to choose")
        return "\n".join(rows) + "\n", names


def commented(text: str, notes: Sequence[str]) -> str:
    """A file with notes as comments on top."""
    rows = [row for note in notes for row in textwrap.wrap(
        printable(note), WIDTH, initial_indent="# ", subsequent_indent="#   ",
        break_long_words=False, break_on_hyphens=False,
    )]  # fmt: skip
    return "\n".join([*rows, text])


SAID = {
    "weights": "   # behind each its shape, and its name where it comes from",
    "equations": "   # behind each the shape of its result, and the part it comes from",
}
LAYERED = {"W", "b", "bh", "K", "c", "z", "Z", "h", "H", "U", "E"}
"""Names that carry the number of their layer."""


def usable(name: str) -> bool:
    """True if a file may call a quantity so."""
    known = name in FUNCTIONS or name in OPERATIONS or name in LOSSES or keyword.iskeyword(name)
    return not known and re.fullmatch(r"[^\W\d_][^\W_]*", name) is not None


def plain(path: str, otherwise: str) -> str:
    """The last part of a person's own name, without dashes, if it is a name here too."""
    found = re.sub(r"_", "", path.rpartition(".")[2])
    return found if usable(found) and len(found) < 20 else otherwise


def bracketed(sizes: Sequence[int]) -> str:
    """Several whole numbers as a formula writes them."""
    return f"({', '.join(map(str, sizes))})"


def number_text(value: float) -> str:
    """A number as a file writes it, to its last digit.

    >>> number_text(2.0), number_text(0.1), number_text(1e-05)
    ('2', '0.1', '1e-05')
    """
    if not math.isfinite(value):
        raise UnknownError(f"a file has no {value}")
    return repr(float(value)).removesuffix(".0")


def quoted(text: str) -> str:
    """A formula as a value of YAML."""
    return text if not re.search(r"^[\[{&*!|>'\"%@`]|: | #", text) else f"'{text}'"


def list_text(numbers: Any) -> str:
    """Nested lists as a file writes them."""
    if isinstance(numbers, list):
        return f"[{', '.join(map(list_text, numbers))}]"
    return number_text(numbers)


def shape_note(shape: Sizes, note: str) -> str:
    """The comment behind a line: the shape, and where it comes from."""
    if note and not shape:
        return f"# {printable(note)}"
    size = "x".join(map(str, shape)) or "a number"
    return f"# {size}" + (f", {printable(note)}" if note else "")


def _given_rows(name: str, each: Held) -> Iterator[str]:
    """The lines of a file that give a vector or a matrix."""
    numbers = nested(each.numbers, each.shape)
    text = f"  {name}: {list_text(numbers)}"
    note = shape_note(each.shape, each.note)
    if len(text) + len(note) + 3 <= WIDTH:
        yield f"{text}   {note}"
        return
    yield f"  {name}:   {note}"
    for row in numbers if isinstance(numbers, list) and len(each.shape) > 1 else [numbers]:
        first = "    - " if len(each.shape) > 1 else "    "
        yield from textwrap.wrap(
            list_text(row), WIDTH, initial_indent=first, subsequent_indent="       ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def _beside(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Lines with their comments in one column, as far as they are short."""
    column = max((len(text) for text, _ in lines if len(text) < 50), default=0) + 3
    for text, note in lines:
        yield f"{text:<{column}}{note}" if len(text) < column else f"{text}   {note}"


ArrayFigures: TypeAlias = Mapping[str, Sequence[float]]
"""The elements of each quantity by its name, the last axis running fastest."""

NEAR = 1e-12
"""The largest difference between equal figures, absolute or as a share of the larger one."""


@record(frozen=True, slots=True, eq=False)
class ImportRequest:
    """What a person asks of an import."""

    title: str
    """The title of the file."""
    reduction: str = "mean"
    """What a loss of PyTorch's does with all its numbers: mean or sum."""
    rate: str = "0.1"
    """The learning rate of the file."""
    digits: int | None = None
    """The significant digits that weights are rounded to; None: they are not."""
    output: str | int | None = None
    """The output that the loss compares, by its name or its place; None: the only one."""
    names: tuple[str, ...] = ()
    """The names of the inputs; none: as `forward` calls them."""


@record(frozen=True, slots=True, eq=False)
class Imported:
    """A network file, with PyTorch's figures for its quantities."""

    text: str
    """The file."""
    values: ArrayFigures
    """The values of the forward pass by their names in the file, the loss as `L`."""
    gradients: ArrayFigures
    """The derivatives of the loss by these names."""
    notes: tuple[str, ...] = ()
    """What a person has to know of it."""
