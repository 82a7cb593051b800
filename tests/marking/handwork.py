"""Sheets as people work them, made by code that reads nothing of the checker.

A person has numbers of their own in memory and figures on paper. Each line is worked out from
either; lines that are left out are kept in memory, whole or to a few digits. Some lines hold a
mistake: one that people make, or a number that comes from nowhere.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from backcalc.equations.calculation import start_values
from backcalc.equations.network import Network
from backcalc.equations.program import ChainTerm, Equation, accumulated, after_steps, assemble
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    evaluate,
    names_in,
    negated,
)

FAILURES = (ArithmeticError, ValueError, KeyError)
SMALLEST, LARGEST = 1e-7, 1e7  # of figures that somebody would write by hand


@dataclass(frozen=True)
class Habits:
    """How a person works."""

    digits: int
    """Significant digits of what is written."""
    cut: str = "round"
    """How digits are left out: round, cut, or mixed."""
    carry: str = "written"
    """What later lines go on from: written, kept (in a calculator), or mixed."""
    trimmed: bool = False
    """True if zeros at the end are left out."""
    left_out: float = 0.0
    """The share of lines that are not written."""
    only_updates: bool = False
    """True if nothing but new weights is written."""
    local: bool = False
    """True if local derivatives are written and used."""


@dataclass(frozen=True)
class Line:
    """One line of a sheet, and what is known of it."""

    name: str
    text: str
    mistake: str = ""
    """The mistake made in it; empty: right work."""
    before: str = ""
    """A mistake in a line left out that it rests on."""
    off: float = 0.0
    """How far it is from right work and from the right figure, in units of its last digit."""
    change: float = 1.0
    """For a new weight how far it is off, in parts of the change."""


@dataclass
class Sheet:
    """A sheet with what is true of it."""

    habits: Habits
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The sheet as it is handed in."""
        return "".join(f"{line.name} = {line.text}\n" for line in self.lines)


def drawn_habits(draw: random.Random) -> Habits:
    """Somebody's way of working."""
    return Habits(
        digits=draw.choice([2, 3, 3, 4, 4, 4, 5, 6, 7, 8, 9]),
        cut=draw.choice(["round", "round", "cut", "mixed"]),
        carry=draw.choice(["written", "kept", "mixed"]),
        trimmed=draw.random() < 0.4,
        left_out=draw.choice([0, 0, 0, 0.2, 0.5, 0.8]),
        local=draw.random() < 0.25,
    )


def written(value: float, digits: int, cut: str, trimmed: bool) -> str:
    """A number at so many significant digits."""
    if not value:
        return "0"
    way = ROUND_DOWN if cut == "cut" else ROUND_HALF_UP
    found = Context(digits, way).plus(Decimal(f"{value:.12g}"))  # what a calculator shows
    text = format(found, "f")
    if "." in text:
        text += "0" * (digits - len(text.lstrip("-0.").replace(".", "")))
        text = text.rstrip("0").rstrip(".") if trimmed else text
    return text


def unit_of(text: str) -> float:
    """One unit of the last digit that is written."""
    return 10.0 ** -len(text.partition(".")[2])


def is_first(term: ChainTerm) -> bool:
    """True if a term comes straight from the loss."""
    of, _, by = term.upstream[1:].partition("/d")
    return of == by


# Mistakes that people make, each as what they work out instead.

Mistaken = Callable[[Equation, random.Random], Iterator[Expression]]


def _sign(line: Equation, draw: random.Random) -> Iterator[Expression]:
    if line.terms:
        yield negated(line.expression)


def _path(line: Equation, draw: random.Random) -> Iterator[Expression]:
    if len(line.terms) > 1:
        gone = draw.randrange(len(line.terms))
        kept = [term for place, term in enumerate(line.terms) if place != gone]
        yield accumulated(line.name[1:].partition("/d")[0], "x", kept).expression


def _bias(line: Equation, draw: random.Random) -> Iterator[Expression]:
    match line.expression:
        case Sum((*kept, Name())) if not line.terms and not line.before and len(kept) > 1:
            yield Sum(tuple(kept))


def _activation(line: Equation, draw: random.Random) -> Iterator[Expression]:
    match line.expression:
        case Call(_, (Name() as z,)) if not line.terms:
            yield z


def _slope(line: Equation, draw: random.Random) -> Iterator[Expression]:
    match line.terms:
        case (term,) if not isinstance(term.local, (Name, Number)) and not is_first(term):
            yield Name(term.upstream)


def _update_sign(line: Equation, draw: random.Random) -> Iterator[Expression]:
    match line.expression:
        case Sum((Name() as old, Negation(change))) if line.before:
            yield Sum((old, change))


def _rate(line: Equation, draw: random.Random) -> Iterator[Expression]:
    match line.expression:
        case Sum((Name() as old, Negation(Product((Name("lr"), gradient))))) if line.before:
            yield Sum((old, Negation(gradient)))


SLIPS: dict[str, Mistaken] = {
    "sign": _sign,
    "path": _path,
    "bias": _bias,
    "activation": _activation,
    "slope": _slope,
    "update sign": _update_sign,
    "rate": _rate,
}
NAMES: dict[str, tuple[str, ...]] = {
    "sign": ("gradient-sign", "loss-sign", "softmax-sign"),
    "path": ("path-dropped", "input-dropped"),
    "bias": ("bias-omitted",),
    "activation": ("activation-omitted",),
    "slope": ("activation-derivative-omitted", "closed-relu-as-1", "input-omitted"),
    "update sign": ("update-sign",),
    "rate": ("rate-omitted",),
    "point": ("decimal-point",),
}
"""What the checker's own table calls each."""


def nowhere(value: float, draw: random.Random) -> float:
    """A number that comes from no mistake with a name."""
    way = draw.random()
    if way < 0.4:
        return value * (1 + draw.choice([-1, 1]) * draw.uniform(0.02, 0.5))
    if way < 0.7:
        return value * draw.uniform(0.1, 5)
    size = abs(value) or 1.0
    return draw.choice([-1, 1]) * size * 10 ** draw.uniform(-1, 1)


# Working a sheet.


def equations_of(network: Network) -> list[Equation]:
    """Every line of a sheet of one step."""
    program = assemble(network)
    lines = [*program.forward, *program.backward]
    if network.learning_rate is not None:
        lines += [*program.update, *after_steps(program.forward, 1, network)]
    return lines


def with_locals(lines: Sequence[Equation], draw: random.Random) -> list[Equation]:
    """The lines with local derivatives written out before some that use them."""
    found: list[Equation] = []
    seen: set[str] = set()
    for line in lines:
        usable = line.terms and all(names_in(t.local) and not is_first(t) for t in line.terms)
        if usable and draw.random() < 0.6:
            for term in line.terms:
                if term.local_name not in seen:
                    seen.add(term.local_name)
                    found.append(Equation(term.local_name, term.local))
            products = tuple(Product((Name(t.upstream), Name(t.local_name))) for t in line.terms)
            whole: Expression = Sum(products) if len(products) > 1 else products[0]
            line = replace(line, expression=whole)
        found.append(line)
    return found


@dataclass
class Person:
    """Somebody who works a sheet."""

    habits: Habits
    draw: random.Random
    kept: dict[str, float]
    """What the calculator holds."""
    paper: dict[str, float] = field(default_factory=dict)
    """What is written."""
    tainted: dict[str, str] = field(default_factory=dict)
    """Lines that rest on a mistake that no written line shows."""

    def number(self, name: str) -> float:
        """The number that a later line goes on from."""
        if name not in self.paper:
            return self.kept[name]
        match self.habits.carry:
            case "written":
                return self.paper[name]
            case "kept":
                return self.kept[name]
        return self.draw.choice([self.paper, self.kept])[name]

    def shorten(self) -> str:
        """How this figure loses its digits."""
        cut = self.habits.cut
        return self.draw.choice(["round", "cut"]) if cut == "mixed" else cut

    def keep(self, name: str, value: float) -> None:
        """A line that is left out: whole, or to three digits at least and those of the sheet."""
        if self.draw.random() < 0.5:
            value = float(written(value, max(3, self.habits.digits), self.shorten(), False))
        self.kept[name] = value


def right_values(network: Network, lines: Sequence[Equation]) -> dict[str, float] | None:
    """Every number of a sheet; None where one has none, or none that people would write."""
    values = {name: float(value) for name, value in start_values(network).items()}
    if network.learning_rate is not None:
        values["lr"] = float(network.learning_rate)
    for line in lines:
        try:
            value = values[line.name] = float(evaluate(line.expression, values))
        except FAILURES:
            return None
        if not math.isfinite(value) or (value and not SMALLEST < abs(value) < LARGEST):
            return None
    return values


def worked(
    network: Network, habits: Habits, draw: random.Random, mistakes: int = 0, kind: str = ""
) -> Sheet | None:
    """One sheet with so many mistakes; None where the network has no value or no such line."""
    lines = equations_of(network)
    if habits.local:
        lines = with_locals(lines, draw)
    right = right_values(network, lines)
    if right is None:
        return None
    shown = [
        line.name for line in lines
        if draw.random() >= habits.left_out and ((line.before == line.name.rstrip("'") != ""
        and not line.name.startswith(("m_", "v_", "s_"))) or not habits.only_updates)
    ]  # fmt: skip
    if not shown:
        return None
    candidates = [line.name for line in lines if not habits.only_updates or line.name in shown]
    at = set(draw.sample(candidates, min(mistakes, len(candidates))))
    made = {line.name for line in lines}
    person = Person(habits, draw, {n: v for n, v in right.items() if n not in made})
    sheet = Sheet(habits)
    for line in lines:
        used = names_in(line.expression)
        values = {name: person.number(name) for name in used}
        before = next((person.tainted[n] for n in used if n in person.tainted), "")
        try:
            value = honest = float(evaluate(line.expression, values))
            mistake = ""
            if line.name in at:
                value, mistake = _mistaken(line, honest, {**right, **values}, draw, kind)
        except FAILURES:
            return None
        size = abs(value)
        if not math.isfinite(value) or (size and not SMALLEST / 100 < size < 100 * LARGEST):
            return None
        if line.name not in shown:
            person.keep(line.name, value)
            if mistake or before:
                person.tainted[line.name] = mistake or before
            continue
        text = written(value, habits.digits, person.shorten(), habits.trimmed)
        told = mistake or before
        if told and value != right[line.name] and not _differs(text, right[line.name]):
            person.tainted[line.name] = told  # with so few digits it does not show
        person.kept[line.name], person.paper[line.name] = value, float(text)
        off = min(abs(float(text) - honest), abs(float(text) - right[line.name]))
        change = 1.0
        if line.before and line.before in right:
            change = off / (abs(right[line.name] - right[line.before]) or 1)
        sheet.lines.append(Line(line.name, text, mistake, before, off / unit_of(text), change))
    return sheet


def _differs(text: str, value: float) -> bool:
    """True if a figure is not what this value would be written as."""
    return abs(float(text) - value) >= unit_of(text)


def _mistaken(
    line: Equation, honest: float, values: dict[str, float], draw: random.Random, kind: str
) -> tuple[float, str]:
    """A wrong value for a line and what was done; the right one where nothing can be."""
    for name in [kind] if kind else draw.sample([*SLIPS, "point", "nowhere", "nowhere"], 6):
        if name == "nowhere":
            base = values[line.before] if line.before else 0.0
            return base + nowhere(honest - base, draw), name
        if name == "point" and honest:
            return honest * draw.choice([10, 0.1]), name
        for form in SLIPS[name](line, draw) if name in SLIPS else ():
            value = float(evaluate(form, values))
            if value != honest:
                return value, name
    return honest, ""
