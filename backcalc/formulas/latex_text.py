"""Words, and words with formulas in them, as LaTeX sets them."""

from __future__ import annotations

from backcalc.errors import printable
from backcalc.formulas.notation import Notation, Phrase, latex_name, part_text

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
