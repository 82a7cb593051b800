"""A class that hands in its homework: sheets in many forms, with mistakes that the maker knows.

Nothing here reads anything of backcalc. The maker reads the numbers of each variant from its file
and does its own arithmetic, for this one network: two inputs, two hidden sigmoid units, one
output, half the squared error, one step of gradient descent.

A person works line by line with the figures that they wrote, or with those in their calculator.
Up to three lines hold a mistake, each of another kind, and each costs its line's point: later
lines are right from the person's own figures.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path

import yaml

HOMEWORK = """\
title: Homework 3
inputs: {x1: 0.5, x2: -1.5}
targets: {y: 0.8}
weights: {w1: 0.4, w2: -0.3, w3: 0.7, w4: 0.2, w5: 0.6, w6: -0.9}
biases: {b1: 0.2, b2: -0.4, b3: 0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: identity}
loss: half_l2
learning_rate: 0.5
ask: [forward, gradients, update]
"""

Numbers = dict[str, float]
INTO = {"z1": ("w1", "w2", "b1"), "z2": ("w3", "w4", "b2")}
UNITS = {"w1": ("z1", "x1"), "w2": ("z1", "x2"), "w3": ("z2", "x1"), "w4": ("z2", "x2"),
         "w5": ("z3", "h1"), "w6": ("z3", "h2")}  # fmt: skip
BIASES = {"b1": "z1", "b2": "z2", "b3": "z3"}
OUT = {"h1": "w5", "h2": "w6"}
RATE = 0.5


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def rules() -> dict[str, Callable[[Numbers], float]]:
    """Each line of the homework in order: how it comes from the lines before."""
    found: dict[str, Callable[[Numbers], float]] = {}
    for unit, (first, second, bias) in INTO.items():
        found[unit] = lambda n, a=first, b=second, c=bias: n[a] * n["x1"] + n[b] * n["x2"] + n[c]
        found[unit.replace("z", "h")] = lambda n, z=unit: sigmoid(n[z])
    found["z3"] = lambda n: n["w5"] * n["h1"] + n["w6"] * n["h2"] + n["b3"]
    found["yhat"] = lambda n: n["z3"]
    found["L"] = lambda n: (n["yhat"] - n["y"]) ** 2 / 2
    found["dL/dyhat"] = lambda n: n["yhat"] - n["y"]
    found["dL/dz3"] = lambda n: n["dL/dyhat"]
    found |= {f"dL/d{each}": weight(each) for each in ("w5", "w6")}
    found["dL/db3"] = lambda n: n["dL/dz3"]
    for hidden, out in OUT.items():
        z = hidden.replace("h", "z")
        found[f"dL/d{hidden}"] = lambda n, w=out: n["dL/dz3"] * n[w]
        found[f"dL/d{z}"] = lambda n, h=hidden: n[f"dL/d{h}"] * n[h] * (1 - n[h])
        first, second, bias = INTO[z]
        found |= {f"dL/d{each}": weight(each) for each in (first, second)}
        found[f"dL/d{bias}"] = lambda n, u=z: n[f"dL/d{u}"]
    for each in (*UNITS, *BIASES):
        found[f"{each}'"] = lambda n, w=each: n[w] - RATE * n[f"dL/d{w}"]
    return found


def weight(name: str) -> Callable[[Numbers], float]:
    unit, source = UNITS[name]
    return lambda n: n[f"dL/d{unit}"] * n[source]


RULES = rules()


# Mistakes: a kind, the lines in which it is made, and what stands there instead.


def forgets_bias(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    return right - n["b" + line[1]]


def forgets_half(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    return 2 * right


def turns_sign(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    return -right


def omits_derivative(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    return n[line.replace("z", "h")]


def adds_gradient(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    return 2 * n[line[:-1]] - right


def forgets_rate(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    return n[line[:-1]] - n[f"dL/d{line[:-1]}"]


def miscounts(n: Numbers, line: str, right: float, draw: random.Random) -> float:
    """A number that comes from no mistake that has a name."""
    return right * draw.uniform(1.17, 1.83)


GRADIENTS = tuple(f"dL/d{each}" for each in (*UNITS, *BIASES, "z1", "z2", "h1", "h2"))
MISTAKES: dict[str, tuple[tuple[str, ...], Callable[..., float] | None]] = {
    "bias forgotten": (("z1", "z2", "z3"), forgets_bias),
    "half forgotten": (("L",), forgets_half),
    "sign turned": (GRADIENTS, turns_sign),
    "derivative omitted": (("dL/dz1", "dL/dz2"), omits_derivative),
    "gradient added": (tuple(f"{each}'" for each in (*UNITS, *BIASES)), adds_gradient),
    "rate forgotten": (tuple(f"{each}'" for each in (*UNITS, *BIASES)), forgets_rate),
    "no sense": (("z1", "z2", "z3", "h1", "h2", *GRADIENTS), miscounts),
    "left out": (GRADIENTS, None),
}
CLEAR = 0.08  # how far off a mistake must be, in parts of the figure


@dataclass
class Handed:
    """What one person hands in."""

    file: str
    """Its name, with the folders."""
    text: str
    """What stands there."""
    variant: int
    """Whose numbers it has."""
    points: int
    """What it is worth, as the maker knows."""
    form: str
    """The kind of document."""
    mistakes: dict[str, str] = field(default_factory=dict)
    """The lines with a mistake, and its kind."""


@dataclass
class Worked:
    """The lines of a person's sheet."""

    written: dict[str, str]
    """The figure of each line that is there."""
    mistakes: dict[str, str]
    """The lines with a mistake, and its kind."""


def given_in(file: Path) -> Numbers:
    """The numbers of a variant."""
    data = yaml.safe_load(file.read_text("utf-8"))
    return {
        name: float(value)
        for part in ("inputs", "targets", "weights", "biases")
        for name, value in data[part].items()
    }


def figure(value: float, digits: int) -> str:
    """A number rounded to so many significant digits, as a calculator is read off."""
    rounded = Context(digits, ROUND_HALF_UP).plus(Decimal(f"{value:.11g}"))
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def work(given: Numbers, draw: random.Random) -> Worked:
    """Work out the sheet as one person does it."""
    digits, from_paper = draw.choice((4, 4, 5, 6)), draw.random() < 0.6
    kinds = draw.sample([*MISTAKES], draw.choice((0, 0, 1, 1, 2, 3)))
    planned: dict[str, str] = {}
    for kind in kinds:
        line = draw.choice(MISTAKES[kind][0])
        planned.setdefault(line, kind)
    numbers, written, made = dict(given), dict[str, str](), dict[str, str]()
    true = dict(given)
    for line, rule in RULES.items():
        true[line] = rule(true)
        right = value = rule(numbers)
        kind = planned.get(line, "")
        if kind == "left out":
            made[line] = kind
            numbers[line] = right
            continue
        if kind == "gradient added" and f"dL/d{line[:-1]}" in made:
            kind = ""  # nobody can tell it from a sign turned in the line left out
        if kind:
            other = MISTAKES[kind][1]
            assert other
            value = other(numbers, line, right, draw)
            if all(
                abs(value - each) > CLEAR * max(abs(each), 0.01) for each in (right, true[line])
            ):
                made[line] = kind
            else:  # too small to be seen, or two mistakes that undo each other
                value = right
        written[line] = figure(value, digits)
        numbers[line] = float(written[line]) if from_paper else value
    return Worked(written, made)


# Forms.

HEADS = {"z1": "Forward pass", "dL/dyhat": "Backward pass", "w1'": "Update"}


def plain(sheet: Worked, head: dict[str, str], draw: random.Random) -> tuple[str, str]:
    lines = [f"{word} = {value}" for word, value in head.items()]
    sign = draw.choice((" = ", ": ", "="))
    for name, text in sheet.written.items():
        lines += ["", f"# {HEADS[name]}"] if name in HEADS else []
        lines.append(f"{name}{sign}{text}")
    return "txt", "\n".join(lines) + "\n"


def tex(name: str) -> str:
    """A quantity in LaTeX."""
    prime = r"^{\text{new}}" if name.endswith("'") else ""
    if name.startswith("dL/d"):
        return rf"\frac{{\partial L}}{{\partial {tex(name[4:])}}}"
    bare = name.rstrip("'")
    return (r"\hat{y}" if bare == "yhat" else bare if len(bare) == 1 else
            f"{bare[0]}_{{{bare[1:]}}}{prime}")  # fmt: skip


def latex(sheet: Worked, head: dict[str, str], draw: random.Random) -> tuple[str, str]:
    lines = [r"\documentclass{article}", r"\usepackage{amsmath}", r"\begin{document}"]
    lines += [rf"\textbf{{{word.capitalize()}:}} {value} \\" for word, value in head.items()]
    for name, text in sheet.written.items():
        if name in HEADS:
            lines += [r"\end{align*}"] if name != "z1" else []
            lines += [rf"\section*{{{HEADS[name]}}}", r"\begin{align*}"]
        lines.append(rf"  {tex(name)} &= {text} \\")
    return "tex", "\n".join([*lines, r"\end{align*}", r"\end{document}"]) + "\n"


def markdown(sheet: Worked, head: dict[str, str], draw: random.Random) -> tuple[str, str]:
    lines = ["# Homework", ""]
    lines += [line for word, value in head.items() for line in (f"**{word}:** {value}", "")]
    table = draw.random() < 0.4
    for name, text in sheet.written.items():
        if name in HEADS:
            lines += ["", f"## {HEADS[name]}", ""]
            lines += ["| quantity | result |", "| --- | --- |"] if table else []
        lines.append(f"| ${tex(name)}$ | ${text}$ |" if table else f"- ${tex(name)} = {text}$")
    return "md", "\n".join(lines) + "\n"


def notebook(sheet: Worked, head: dict[str, str], draw: random.Random) -> tuple[str, str]:
    cells = [[f"{word}: {value}\n" for word, value in head.items()]]
    for name, text in sheet.written.items():
        if name in HEADS:
            cells.append([f"### {HEADS[name]}\n", "\n"])
        cells[-1] += [f"${tex(name)} = {text}$\n", "\n"]
    data = {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": each} for each in cells if each
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    return "ipynb", json.dumps(data, indent=1, ensure_ascii=draw.random() < 0.5)


def scanned(sheet: Worked, head: dict[str, str], draw: random.Random) -> tuple[str, str]:
    """Text as a program reads it off a photograph: with characters apart, or with wide gaps."""
    lines = ["Homework 3   page 1 of 2", ""]
    lines += [f"{word.capitalize()}: {value}" for word, value in head.items()]
    apart = draw.random() < 0.5
    for name, text in sheet.written.items():
        lines += ["", HEADS[name], ""] if name in HEADS else []
        if apart:
            said = " ".join(tex(name).replace("{", " { ").replace("}", " } ").split())
            lines.append(f"$ {said} = {' '.join(text)} $")
        else:
            text = text.replace("-", "\N{MINUS SIGN}")
            lines.append(f"{name.replace('dL/d', '∂L/∂').replace('yhat', 'ŷ')}  =  {text}")
    return "txt", "\n".join(lines) + "\n"


FORMS = (plain, latex, markdown, notebook, scanned)
NAMES = ("Ada Byron", "Ben Osei", "Núria Vidal", "O'Brien, Pat", 'Zoë "Zo" Ek', "李 明", "Ivan Ш")


def handed_in(folder: Path, seed: int, count: int) -> list[Handed]:
    """What a class of so many people hands in, who got the variants of a folder by turns."""
    networks = sorted(folder.glob("variant-*/network.yaml"))
    found = []
    for number in range(count):
        draw = random.Random(f"{seed}, {number}")
        own = networks[number % len(networks)]
        variant = int(own.parent.name.removeprefix("variant-"))
        form = FORMS[number % len(FORMS)]
        sheet = work(given_in(own), draw)
        told = draw.random() < 0.6  # others have it in the file's name, or in the folder's
        head = {"name": f"{NAMES[number % len(NAMES)]} {number}"}
        head |= {"variant": str(variant)} if told else {}
        suffix, text = form(sheet, head, draw)
        place, stem = f"{number:03} {NAMES[number % len(NAMES)]}", "sheet"
        if not told:
            place, stem = draw.choice(
                ((place, f"variant-{variant:02}"), (f"{place} variant {variant}", stem))
            )
        points = len(RULES) - len(sheet.mistakes)
        file = f"{place}/{stem}.{suffix}"
        found.append(Handed(file, text, variant, points, form.__name__, sheet.mistakes))
    return found
