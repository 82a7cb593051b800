"""Words and equations of matrices as LaTeX sets them, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from backcalc.errors import printable
from backcalc.notation import Notation, Phrase, part_text
from backcalc.typesetting import latex_name
from backcalc.views.sheet import Factor, Matrix

MOST_LETTERS = 70  # on a line of a page; a longer equation gets a line for each matrix

SPECIAL = {
    "|": r"\textbar{}",
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "'": r"\textquotesingle{}",
    "≈": r"$\approx$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}


def escaped(text: str) -> str:
    r"""Text from a file as LaTeX that shows it and nothing else.

    >>> print(escaped("50% of $x_1$"))
    50\% of \$x\_1\$
    """
    safe = "".join(map(_letter, printable(text)))
    return safe.replace("--", "-{}-")  # two hyphens would become a dash


def unset(text: str) -> str:
    """The letters of a text that pdflatex has not, each once; `escaped` puts ? for them.

    >>> unset("café, Привет, β")
    'Привет'
    """
    lost = (char for char in printable(text) if char != "?" and _letter(char) == "?")
    return "".join(dict.fromkeys(lost))


def _letter(char: str) -> str:
    """One letter: Latin ones with accents as they are, small Greek ones as in formulas."""
    if char in SPECIAL or ord(char) < 0x180:
        return SPECIAL.get(char, char)
    name = latex_name(char) if char.isalpha() else "U+"
    return "?" if "U+" in name else f"${name}$"


def phrase(parts: Phrase, notation: Notation) -> str:
    """Words escaped, formulas in mathematics."""
    return "".join(
        escaped(part) if isinstance(part, str) else f"${part_text(part, notation)}$"
        for part in parts
    )


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
