"""How LaTeX sets the name of a quantity; the names of matrices and the signs between them."""

from __future__ import annotations

import re

from backcalc.formulas.quantity import parsed
from backcalc.formulas.record import record

GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi chi psi omega",
)


@record(frozen=True, slots=True)
class Symbol:
    """The name of a matrix."""

    name: str
    """Its name: W1, dL/dW1, delta1."""
    transposed: bool = False
    """True if its rows are taken as columns."""


@record(frozen=True, slots=True)
class Sign:
    """A sign between matrices."""

    meaning: str
    """Its row in the table."""


SIGNS = {
    "equals": (" = ", " = ", " = "),
    "plus": (" + ", " + ", " + "),
    "minus": (" - ", " - ", " - "),
    "product": (" · ", " @ ", r" \cdot "),
    "entrywise": (" ⊙ ", " * ", r" \odot "),
    "product sign": ("·", "@", r"\cdot"),
    "entrywise sign": ("⊙", "*", r"\odot"),
    "times": ("·", "*", r" \cdot "),
    "slope": ("σ'", "sigma'", r"\sigma'"),
    "blank": ("_" * 12, "_" * 12, r"\rule{0pt}{8mm}\underline{\hspace{28mm}}"),
    "working": ("_" * 22, "_" * 22, r"\rule{0pt}{8mm}\underline{\hspace{45mm}}"),
    "line": ("_" * 50, "_" * 50, r"\rule{0pt}{8mm}\underline{\hspace{110mm}}"),
}
"""How each sign between matrices, and each blank on a sheet, is written in Unicode, ASCII, LaTeX.

In LaTeX a blank is high enough for handwriting."""


def latex_name(name: str) -> str:
    r"""A quantity's name in LaTeX: subscripts, hats, primes, Greek letters, a sample's number.

    >>> print(latex_name("w_h1_x1"), latex_name("yhat1"), latex_name("z0'[2]"))
    w_{\mathrm{h1,x1}} \hat{y}_{1} z_{0}^{(2) \prime}
    """
    head, subscript, index, primes = name_parts(name)
    if re.fullmatch("[a-z]hat", head):
        head = rf"\hat{{{head[0]}}}"
    elif head in GREEK:
        head = f"\\{head}"
    elif not head.isascii():
        head = _latex_letters(head)
    elif len(head) > 1 or head == "_":
        head = rf"\mathit{{{head}}}".replace("_", r"\_")
    text = head
    if subscript:
        inner = subscript
        if not inner.isascii():
            inner = _latex_letters(inner)
        elif len(inner) > 1 and not inner.isdigit():
            inner = rf"\mathrm{{{inner}}}"
        text += f"_{{{inner}}}"
    if not index:
        return text + primes
    marks = r" \prime" if primes else ""
    return f"{text}^{{({index}){marks * len(primes)}}}"


def _latex_letters(text: str) -> str:
    """A word beyond ASCII: Greek letters by name, Latin ones as text, others by number."""
    import unicodedata  # few networks need it

    written = ""
    for char in text.replace("_", " "):
        letter = unicodedata.name(char, "").removeprefix("GREEK SMALL LETTER ").lower()
        if letter in GREEK:
            written += f"\\{letter} "
        else:
            written += rf"\text{{{char if ord(char) < 0x180 else f'U+{ord(char):04X}'}}}"
    return written.strip()


def name_parts(name: str) -> tuple[str, str, str, str]:
    """A name's head, its subscript, its sample's number and its primes.

    >>> name_parts("w_h1_x1"), name_parts("yhat1'[2]")
    (('w', 'h1,x1', '', ''), ('yhat', '1', '2', "'"))
    """
    quantity = parsed(name)
    places = quantity.element if quantity.sample is None else (*quantity.element, quantity.sample)
    stem, index = quantity.stem, ",".join(map(str, places))
    found = re.fullmatch(r"([wb])([a-z])", stem) or re.fullmatch(
        r"([^\W\d_]+)(?:_(?=\w)|(?=\d)|$)(\w*)", stem
    )
    head, subscript = found.groups() if found else (stem, "")
    return head, subscript.strip("_").replace("_", ","), index, "'" * quantity.step
