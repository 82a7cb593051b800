"""Sheets in the styles in which people hand them in, written from a worked network.

Each style takes the lines of a calculation and gives a document and its name. Nothing here reads
anything of the reader, so that what a sheet says is known beforehand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from backcalc.equations import calculation
from backcalc.equations.network import Network
from backcalc.formulas.expression import Expression
from backcalc.formulas.notation import LATEX, UNICODE, formula_text, name_text


@dataclass(frozen=True)
class Row:
    """One line of a sheet."""

    stage: str
    """forward, backward, update or after."""
    name: str
    """The quantity, primed after the update."""
    formula: Expression
    """Its right side."""
    numbers: str
    """The same with numbers put in, in Unicode."""
    value: str
    """The result, to six digits."""

    @property
    def old(self) -> str:
        """The name as people go on calling it after the update."""
        return self.name.replace("'", "")


def rows_of(network: Network) -> list[Row]:
    """Return the lines of one step of a network."""
    worked = calculation.step(network, network.learning_rate or Fraction(1, 2), 1)
    (turn,) = worked.rounds
    notation = UNICODE.with_numbers(6, False)
    found = []
    for stage, steps in (
        ("forward", worked.forward),
        ("backward", turn.backward),
        ("update", turn.update),
        ("after", turn.after),
    ):
        for each in steps:
            formula = each.equation.expression
            numbers = formula_text(formula, notation, worked.values)
            found.append(Row(stage, str(each.name), formula, numbers, number(each.value)))
    return found


def number(value: float) -> str:
    """Return a number as a plain decimal of at most six digits behind the point."""
    text = f"{float(value):.6f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def tex(row: Row, name: str | None = None) -> str:
    """Return a quantity's name in LaTeX."""
    return name_text(name or row.name, LATEX)


def formula(row: Row) -> str:
    """Return a right side in LaTeX, with the names of the old weights."""
    return formula_text(row.formula, LATEX)


def _sections(rows: list[Row], write: Callable[[Row], str], heads: dict[str, str]) -> str:
    lines: list[str] = []
    stage = ""
    for row in rows:
        if row.stage != stage:
            stage = row.stage
            lines += ["", heads[stage], ""]
        lines.append(write(row))
    return "\n".join(lines) + "\n"


ENGLISH = {
    "forward": "## Forward pass", "backward": "## Backward pass", "update": "## Update",
    "after": "## Forward pass after the update",
}  # fmt: skip
GERMAN = {
    "forward": "Vorwaerts:", "backward": "Rueckwaerts:", "update": "Neue Gewichte:",
    "after": "Damit noch einmal vorwaerts:",
}  # fmt: skip


def german_mail(rows: list[Row]) -> tuple[str, str]:
    """Plain text with decimal commas, new values as neu, two statements on a line."""

    def write(row: Row) -> str:
        name = re.sub(r"yhat(?!\d)", "y^", row.old) + (" neu" if row.stage == "update" else "")
        return f"{name} = {row.value}".replace(".", ",")

    text = _sections(rows, write, GERMAN)
    text = re.sub(r"(?<=\d)\n(?=z)", "    ", text)
    return f"Hallo,\nhier meine Werte.\n{text}\nGruss\n", "mail.txt"


def aligned(rows: list[Row]) -> tuple[str, str]:
    """LaTeX with align*, the result on a row of its own."""

    def write(row: Row) -> str:
        lines = rf"{tex(row)} &= {formula(row)} \\ &\approx {row.value}"
        return f"\\begin{{align*}}\n{lines}\n\\end{{align*}}"

    heads = {stage: rf"\section*{{{head[3:]}}}" for stage, head in ENGLISH.items()}
    return _sections(rows, write, heads), "sheet.tex"


def two_columns(rows: list[Row]) -> tuple[str, str]:
    """LaTeX with forward on the left and backward on the right of one align*."""
    left = [row for row in rows if row.stage == "forward"]
    right = [row for row in rows if row.stage == "backward"]
    lines = []
    for place in range(max(len(left), len(right))):
        cells = [
            f"{tex(side[place])} = {formula(side[place])} = {side[place].value}"
            if place < len(side)
            else ""
            for side in (left, right)
        ]
        lines.append(f"{cells[0]} && {cells[1]}")
    body = " \\\\\n".join(lines)
    text = f"\\documentclass{{article}}\n\\begin{{document}}\n\\begin{{align*}}\n{body}\n"
    rest = [row for row in rows if row.stage == "update"]
    updates = "\n".join(f"${tex(row, row.old)} \\leftarrow {row.value}$\n" for row in rest)
    return f"{text}\\end{{align*}}\n{updates}\\end{{document}}\n", "columns.tex"


def macros(rows: list[Row]) -> tuple[str, str]:
    """LaTeX with commands of its own."""

    def write(row: Row) -> str:
        name = tex(row)
        match = re.fullmatch(r"\\frac\{\\partial (.*)\}\{\\partial (.*)\}", name)
        name = rf"\pd{{{match[1]}}}{{{match[2]}}}" if match else name
        return rf"\[ {name} \is {row.value} \]"

    heads = {stage: rf"\subsection{{{head[3:]}}}" for stage, head in ENGLISH.items()}
    own = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}" + "\n\\def\\is{\\approx}\n"
    return own + _sections(rows, write, heads), "macros.tex"


def prose(rows: list[Row]) -> tuple[str, str]:
    """Markdown with formulas inside sentences."""

    def write(row: Row) -> str:
        return rf"So we get ${tex(row)} = {formula(row)} \approx {row.value}$, as expected."

    return "# My answers\n" + _sections(rows, write, ENGLISH), "prose.md"


def bullets(rows: list[Row]) -> tuple[str, str]:
    """Markdown of a chat program: bold names, lists, the old names after the update."""

    def write(row: Row) -> str:
        name = row.name if row.stage != "after" else row.old
        return f"* **Step:** $ {tex(row, name)} = {row.value} $"

    heads = {stage: head.replace("## ", "## 🔁 ") for stage, head in ENGLISH.items()}
    return _sections(rows, write, heads), "chat.md"


def table(rows: list[Row]) -> tuple[str, str]:
    """Markdown tables in French, with decimal commas in braces."""
    heads = {"forward": "Passe avant", "backward": "Passe arrière", "update": "Mise à jour",
             "after": "Après la mise à jour"}  # fmt: skip
    text, stage = "# Devoir\n", ""
    for row in rows:
        if row.stage != stage:
            stage = row.stage
            text += f"\n## {heads[stage]}\n\n| Grandeur | Formule | Valeur |\n|:---|:---|---:|\n"
        value = row.value.replace(".", "{,}")
        name = tex(row, row.old if row.stage in ("update", "after") else None)
        text += f"| ${name}$ | ${_old(row)}$ | ${value}$ |\n"
    return text, "tableau.md"


def _old(row: Row) -> str:
    """A right side in LaTeX with the old names, as people write it after the update too."""
    return re.sub(r"'| \\prime", "", formula(row)) if row.stage == "after" else formula(row)


LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def pasted(rows: list[Row]) -> tuple[str, str]:
    """A paste from a word processor: mathematical letters, low digits, U+2212, semicolons."""

    def letter(match: re.Match[str]) -> str:
        char = match[1]
        italic = "ℎ" if char == "h" else chr(0x1D44E + ord(char) - 97) if char.islower() else (
            chr(0x1D434 + ord(char) - 65)
        )  # fmt: skip
        return italic + match[2].translate(LOW)

    def write(row: Row) -> str:
        name = row.name.replace("yhat", "ŷ")
        match = re.fullmatch(r"d(.*)/d(.*)", name)
        parts = match.groups() if match else (name,)
        spelled = [re.sub(r"([A-Za-z])(\d*)", letter, part) for part in parts]
        name = "/".join(f"∂{part}" for part in spelled) if match else spelled[0]
        value = row.value.replace("-", "−").replace(".", ",")
        return f"{name} = {value}".replace("'", "′")

    return _sections(rows, write, {s: h[3:] for s, h in ENGLISH.items()}), "paste.txt"


def recognised(rows: list[Row]) -> tuple[str, str]:
    """Character recognition in the manner that puts blanks between all signs."""

    def write(row: Row) -> str:
        text = re.sub(r"(\\[A-Za-z]+|[^\s\\])", r"\1 ", f"{tex(row)} = {row.value}")
        return rf"\( {text}\)"

    return _sections(rows, write, ENGLISH), "scan.md"


def blocks(rows: list[Row]) -> tuple[str, str]:
    """Displays of which each goes on with the one before it."""

    def write(row: Row) -> str:
        return f"$$\n{tex(row)} = {formula(row)}\n$$\n\n$$= {row.value}$$\n"

    return _sections(rows, write, ENGLISH), "blocks.md"


def notebook(rows: list[Row]) -> tuple[str, str]:
    """A notebook with eqnarray in Markdown cells and a cell of code."""
    cells = []
    for stage, head in ENGLISH.items():
        lines = [f"{head}\n", "$\\begin{eqnarray}\n"]
        lines += [f"{tex(row)} &=& {row.value} \\\\\n" for row in rows if row.stage == stage]
        lines.append("\\end{eqnarray}$")
        cells.append({"cell_type": "markdown", "metadata": {}, "source": lines})
    code = {"cell_type": "code", "source": ["import numpy as np\n", "print(1)"], "outputs": []}
    return json.dumps({"cells": [*cells, code], "nbformat": 4}, indent=1), "sheet.ipynb"


def answers(rows: list[Row]) -> tuple[str, str]:
    """The program's own list of answers."""
    return "".join(f"{row.name}: {row.value}\n" for row in rows), "answers.yaml"


def code(rows: list[Row]) -> tuple[str, str]:
    """Python in a fenced block."""

    def written(row: Row) -> str:
        match = re.fullmatch(r"d(.*)/d(.*)", row.name)
        name = f"d{match[1]}_d{match[2]}" if match else row.name.replace("'", "_new")
        return f"{name} = {row.value}"

    return "```python\n" + "\n".join(map(written, rows)) + "\n```\n", "code.md"


def wide(rows: list[Row]) -> tuple[str, str]:
    """Markdown tables with the names above the numbers."""
    text = ""
    for stage, head in ENGLISH.items():
        part = [row for row in rows if row.stage == stage]
        for at in range(0, len(part), 5):
            some = part[at : at + 5]
            text += f"\n{head}\n\n| " + " | ".join(f"${tex(row)}$" for row in some) + " |\n"
            text += "|---" * len(some) + "|\n| " + " | ".join(r.value for r in some) + " |\n"
    return text, "wide.md"


STYLES = (german_mail, aligned, two_columns, macros, prose, bullets, table, pasted, recognised,
          blocks, notebook, answers, code, wide)  # fmt: skip

NETWORKS = ("skip", "skip_bias", "mazur", "tree_sigmoid", "closed_relu", "leaky_relu", "vanishing",
            "linear_net", "saturated", "softmax", "sigmoid_neuron", "residual_block",
            "fine_tuning")  # fmt: skip
