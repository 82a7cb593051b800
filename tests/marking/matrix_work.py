"""Sheets of vectors and matrices as people work them, by code that reads nothing of the checker.

The arithmetic is plain lists of floats; the checker's own formulas are not asked.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from handwork import Habits, drawn_habits, written

Matrix: TypeAlias = list[list[float]]
Values: TypeAlias = dict[str, Matrix]

ACTIVATIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "tanh": (math.tanh, lambda h: 1 - h * h),
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), lambda h: h * (1 - h)),
    "relu": (lambda z: max(z, 0.0), lambda h: float(h > 0)),
}
VISIBLE = 0.02  # how far off, of the largest element, a mistake is that must be seen
RATE = 0.5


def times(a: Matrix, b: Matrix) -> Matrix:
    """The product of two matrices."""
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in flip(b)]
            for row in a]  # fmt: skip


def flip(a: Matrix) -> Matrix:
    """The transpose."""
    return [list(column) for column in zip(*a, strict=True)]


def both(change: Callable[[float, float], float], a: Matrix, b: Matrix) -> Matrix:
    """Two matrices element by element; one row serves all."""
    rows = b if len(b) == len(a) else b * len(a)
    return [[*map(change, *pair)] for pair in zip(a, rows, strict=True)]


def each(change: Callable[[float], float], a: Matrix) -> Matrix:
    """A matrix element by element."""
    return [[*map(change, row)] for row in a]


def largest(a: Matrix) -> float:
    """The size of the largest element."""
    return max((abs(x) for row in a for x in row), default=0.0)


@dataclass(frozen=True)
class Line:
    """One matrix on a sheet."""

    name: str
    text: str
    mistake: str = ""
    """The mistake made in it; empty: right work."""


@dataclass
class MatrixSheet:
    """A network with a sheet for it."""

    network: str
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The sheet as it is handed in."""
        return "".join(f"{line.name} = {line.text}\n" for line in self.lines)


@dataclass(frozen=True)
class Net:
    """Dense layers with rows for samples, in either convention: a column is one row turned."""

    columns: bool
    given: Values
    """Inputs, targets and weights; all as rows, W as inputs by outputs."""
    activations: tuple[str, ...]
    """One for each layer; empty for none."""

    def file(self) -> str:
        """The network file."""
        shown = {name: self.shown(name, value) for name, value in self.given.items()}
        weights = ", ".join(f"{n}: {text}" for n, text in shown.items() if n[0] in "Wb")
        lines, before = [], "x"
        for place, activation in enumerate(self.activations, 1):
            product = f"W{place} @ {before}" if self.columns else f"{before} @ W{place}"
            before = f"h{place}" if place < len(self.activations) else "yhat"
            lines += [f"  z{place}: {product} + b{place}",
                      f"  {before}: {activation}(z{place})"]  # fmt: skip
        return (f"inputs: {{x: {shown['x']}}}\ntargets: {{y: {shown['y']}}}\n"
                f"weights: {{{weights}}}\nequations:\n" + "\n".join(lines)
                + f"\nloss: half_l2\nlearning_rate: {RATE}\n")  # fmt: skip

    def shown(self, name: str, value: Matrix, text: Callable[[float], str] = str) -> str:
        """A quantity as it is written: a vector flat, in columns a weight turned."""
        cells = [[text(x) for x in row] for row in value]
        weight = name.strip("'").rpartition("/d")[2].startswith("W")
        if name.startswith("L"):
            return cells[0][0]
        if weight and self.columns:
            cells = [list(column) for column in zip(*cells, strict=True)]
        rows = [f"[{', '.join(row)}]" for row in cells]
        flat = not weight and (self.columns or name.strip("'").rpartition("/d")[2][0] == "b")
        return rows[0] if flat else f"[{', '.join(rows)}]"

    def lines(self) -> Iterator[tuple[str, Callable[[Values], Matrix]]]:
        """Each line of a step, worked out from the lines before it."""
        depth, count = len(self.activations), len(self.given["x"])
        names = ["x", *(f"h{place}" for place in range(1, depth)), "yhat"]
        for k in range(1, depth + 1):
            value = ACTIVATIONS.get(self.activations[k - 1], (float, float))[0]
            yield (
                f"z{k}",
                lambda v, k=k: both(
                    lambda a, b: a + b, times(v[names[k - 1]], v[f"W{k}"]), v[f"b{k}"]
                ),
            )
            yield names[k], lambda v, k=k, value=value: each(value, v[f"z{k}"])
        yield "L", lambda v: [[sum((a - b) ** 2 for p, q in zip(v["yhat"], v["y"], strict=True)
                                   for a, b in zip(p, q, strict=True)) / 2 / count]]  # fmt: skip
        yield "dL/dyhat", lambda v: both(lambda a, b: (a - b) / count, v["yhat"], v["y"])
        for k in range(depth, 0, -1):
            slope = ACTIVATIONS.get(self.activations[k - 1], (float, lambda h: 1.0))[1]
            yield (
                f"dL/dz{k}",
                lambda v, k=k, slope=slope: both(
                    lambda g, h: g * slope(h), v[f"dL/d{names[k]}"], v[names[k]]
                ),
            )
            yield f"dL/dW{k}", lambda v, k=k: times(flip(v[names[k - 1]]), v[f"dL/dz{k}"])
            yield f"dL/db{k}", lambda v, k=k: [[*map(sum, zip(*v[f"dL/dz{k}"], strict=True))]]
            if k > 1:
                yield f"dL/dh{k - 1}", lambda v, k=k: times(v[f"dL/dz{k}"], flip(v[f"W{k}"]))
        for weight in [f"{kind}{k}" for k in range(1, depth + 1) for kind in "Wb"]:
            yield (
                f"{weight}'",
                lambda v, w=weight: both(
                    lambda old, slope: old - RATE * slope, v[w], v[f"dL/d{w}"]
                ),
            )


def drawn_net(draw: random.Random) -> Net:
    """A random net of one to three layers, one to four wide."""
    columns, depth = draw.random() < 0.5, draw.choice([1, 2, 2, 3])
    sizes = [draw.randint(1, 4) for _ in range(depth + 1)]
    count = 1 if columns else draw.randint(1, 4)

    def numbers(rows: int, width: int) -> Matrix:
        return [[round(draw.uniform(-1.5, 1.5), 2) for _ in range(width)] for _ in range(rows)]

    given = {"x": numbers(count, sizes[0]), "y": numbers(count, sizes[-1])}
    for k in range(depth):
        given |= {f"W{k + 1}": numbers(sizes[k], sizes[k + 1]),
                  f"b{k + 1}": numbers(1, sizes[k + 1])}  # fmt: skip
    inner = [draw.choice([*ACTIVATIONS]) for _ in range(depth - 1)]
    return Net(columns, given, (*inner, draw.choice(["tanh", "sigmoid", "", ""])))


def mistaken(draw: random.Random, right: Matrix, old: Matrix | None) -> tuple[str, Matrix]:
    """A mistake and what it makes of a line; no name where it would hardly be seen."""
    kinds = ["sign", "element", "element"]
    if 1 < len(right) == len(right[0]):
        kinds += ["transposed", "transposed"]
    kind = draw.choice(kinds)
    if kind == "sign":
        found = each(lambda x: -x, right)
    elif kind == "transposed":
        found = flip(right)
    else:
        found = [[*row] for row in right]
        row = draw.choice(found)
        row[draw.randrange(len(row))] *= draw.choice([1.1, 0.85, 1.3])
    off = largest(both(lambda a, b: a - b, found, right))
    size = largest(both(lambda a, b: a - b, right, old)) * 5 if old else largest(right)
    return (kind, found) if off > VISIBLE * max(size, largest(right)) > 1e-4 else ("", right)


def worked(draw: random.Random) -> MatrixSheet:
    """One person's sheet, with a mistake in half of them."""
    net, habits = drawn_net(draw), drawn_habits(draw)
    digits = max(habits.digits, 3)
    lines = [*net.lines()]
    chosen = draw.choice(lines)[0] if draw.random() < 0.5 else ""
    sheet, values = MatrixSheet(net.file()), dict(net.given)
    for name, work in lines:
        value = work(values)
        mistake, value = (mistaken(draw, value, _before(name, values)) if name == chosen
                          else ("", value))  # fmt: skip
        left_out = not mistake and draw.random() < habits.left_out
        text = _figures(habits, max(digits, 5) if left_out else digits)
        kept = habits.carry == "kept" or (habits.carry == "mixed" and draw.random() < 0.5)
        values[name] = value if kept else each(lambda x, text=text: float(text(x)), value)
        if not left_out:
            sheet.lines.append(Line(name, net.shown(name, value, text), mistake))
    return sheet


def _before(name: str, values: Mapping[str, Matrix]) -> Matrix | None:
    """What a new weight was."""
    return values[name[:-1]] if name.endswith("'") else None


def _figures(habits: Habits, digits: int) -> Callable[[float], str]:
    """How this person writes a number."""
    cut = "round" if habits.cut == "mixed" else habits.cut
    return lambda x: written(x, digits, cut, habits.trimmed)
