"""Equations of matrices as LaTeX sets them, alone and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from backcalc.formulas.notation import Notation, part_text
from backcalc.sheets.blocks import Factor, Matrix

MOST_LETTERS = 70  # on a line of a page; a longer equation gets a line for each matrix


def aligned(matrix: Matrix, notation: Notation) -> str:
    """The equation in symbols and below it each line of matrices."""
    words = (
        rf"\text{{{part}}}" if isinstance(part, str) else part_text(part, notation)
        for part in matrix.name
    )
    lines = ["&" + "".join(words)]
    for factors in matrix.lines:
        lines += _lines(factors, notation)
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _lines(factors: tuple[Factor, ...], notation: Notation) -> Iterator[str]:
    """One line of matrices, or one for each where they are too wide for a page."""
    parts, letters = [], 0
    for factor in factors:
        rows = factor.texts(notation)
        inside = r" \\ ".join(" & ".join(row) for row in rows)
        sign = factor.sign_text(notation).strip()
        parts.append(rf"{sign} \begin{{pmatrix}} {inside} \end{{pmatrix}}".strip())
        letters += max(sum(map(len, row)) for row in rows)
    if letters > MOST_LETTERS:
        yield from (f"&{part}" for part in parts)
    else:
        yield "&" + " ".join(parts)
