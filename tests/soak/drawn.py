"""A network as it was drawn: what it means, from which its file is written and its answers follow.

Nothing here reads backcalc, so that a reference can work from it alone.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Num:
    """A number as it is written in a formula, without a sign."""

    text: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A quantity, in a file that repeats perhaps of a step: t, t-1, T or a number."""

    name: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Op:
    """An operation: + - * / ** neg, a function's name, or a comparison with its two outcomes."""

    sign: str
    parts: tuple[Formula, ...]


Formula: TypeAlias = Num | Ref | Op


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: z = weighted sum + bias, h = activation(z)."""

    pre: str
    """What its weighted sum is called."""
    post: str
    """What its activation is called."""
    edges: tuple[tuple[str, str], ...]
    """The quantities that come in, each with its weight."""
    bias: str | None
    """The weight that is added."""
    activation: str
    """The function."""
    settings: tuple[str, ...] = ()
    """The function's further numbers, where they are given."""
    group: tuple[str, ...] = ()
    """For a function of several outputs the weighted sums of all units that share it."""


@dataclass(frozen=True, slots=True)
class Line:
    """An equation; of names with t there is one for each step."""

    names: tuple[Ref, ...]
    formula: Formula


@dataclass(frozen=True, slots=True)
class Named:
    """A loss of the table."""

    name: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network, all of it."""

    seed: int
    """What it follows from."""
    text: str
    """Its file."""
    kind: str
    """Nodes, layers, equations, mixed or repeat."""
    inputs: tuple[str, ...]
    """The inputs, those of a sequence one by one."""
    targets: tuple[str, ...]
    """The targets, likewise."""
    samples: tuple[Mapping[str, Fraction], ...]
    """The numbers of both."""
    weights: Mapping[str, Fraction | None]
    """The weights, None where they are drawn as the file is read."""
    biases: frozenset[str]
    """The weights on which no penalty is."""
    constants: Mapping[str, Fraction]
    """The known numbers."""
    units: tuple[Unit, ...]
    """The units."""
    lines: tuple[Line, ...]
    """The equations."""
    outputs: tuple[str, ...]
    """What a loss of the table compares with the targets."""
    loss: Named | Ref | Formula
    """What is to become small; a Ref is an equation."""
    steps: int = 0
    """How often the file repeats."""
    reduction: str = "mean"
    """Mean or sum."""
    rate: Fraction = Fraction(1, 10)
    """The learning rate."""
    optimizer: str = "sgd"
    """The rule of the update."""
    options: Mapping[str, Fraction] = field(default_factory=dict)
    """Its options that are given."""
    penalty: Mapping[str, Fraction] = field(default_factory=dict)
    """The factors of the penalties."""
    frozen: frozenset[str] = frozenset()
    """The weights that stay as they are."""
    conventions: Mapping[str, Fraction] = field(default_factory=dict)
    """The conventions that are given."""
    online: bool = False
    """Whether each sample is to have an update of its own."""


# Formulas as text.

SPELLED = {"*": "*·×", "-": "-−", "**": ("**", "^"), ">=": (">=", "≥"), "<=": ("<=", "≤"),
           "!=": ("!=", "≠")}  # fmt: skip
LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "**": 4}
RELATIONS = (">", ">=", "<", "<=", "==", "!=")


def spelled(draw: random.Random, sign: str) -> str:
    """A sign, now and then as people type it."""
    ways = SPELLED.get(sign, (sign,))
    return ways[0] if draw.random() < 0.8 else draw.choice(ways)


def written(draw: random.Random, formula: Formula, level: int = 0) -> str:
    """A formula as text, in brackets where it binds less than `level` asks for, or by chance."""
    if isinstance(formula, Num):
        return formula.text
    if isinstance(formula, Ref):
        return formula.name + (f"[{formula.step}]" if formula.step else "")
    sign, parts = formula.sign, formula.parts
    own = 0 if sign in RELATIONS else LEVELS.get(sign, 5)
    if sign in RELATIONS:
        left, right, then = (written(draw, part, 1) for part in parts[:3])
        other = written(draw, parts[3])
        text = f"{then} if {left} {spelled(draw, sign)} {right} else {other}"
    elif sign == "neg":
        twice = isinstance(parts[0], Op) and parts[0].sign == "neg"
        text = spelled(draw, "-") + written(draw, parts[0], 3 if twice else 4)
    elif sign == "**":
        text = written(draw, parts[0], 5) + spelled(draw, sign) + written(draw, parts[1], 3)
    elif own < 5:
        gap = " " if own == 1 or draw.random() < 0.1 else ""
        first, second = written(draw, parts[0], own), written(draw, parts[1], own + 1)
        text = f"{first}{gap}{spelled(draw, sign)}{gap}{second}"
    else:
        text = f"{sign}({', '.join(written(draw, part) for part in parts)})"
    return f"({text})" if own < level or draw.random() < 0.03 else text


def names_in(formula: Formula) -> set[str]:
    """The names that a formula holds."""
    if isinstance(formula, Op):
        return {name for part in formula.parts for name in names_in(part)}
    return {formula.name} if isinstance(formula, Ref) else set()
