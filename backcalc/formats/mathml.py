"""Formulas as MathML: one more row of facts for the writer, and where a long formula may end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape

from backcalc.errors import printable
from backcalc.formulas.expression import Function
from backcalc.formulas.notation import (
    LETTERS,
    NUMBERS,
    PLAIN,
    Cases,
    Notation,
    has_hat,
    is_weights,
    name_parts,
    name_text,
)

MOST_LETTERS = 16  # of a formula in one piece; a longer one may go on below itself at its signs
MOST_FACTORS = 24  # letters of a product, or of what is in brackets, in one piece

MAY_END = "\0"
"""Where a line may end, before a sign that stands in no element; no text of a file has it."""
START, NEXT, END = "\1", "\2", "\3"
"""Around a link: its address, its name in words, and its formula; no text of a file has them."""
LINK = re.compile(f"{START}([^{NEXT}]*){NEXT}([^{NEXT}]*){NEXT}([^{END}]*){END}")
LONG = 20  # letters of a blank to work in, which is a row by itself
BREAKS = "+-=≈·"  # the signs before which a long formula may go on in the next line

PRIME = '<mo lspace="0" rspace="0">′</mo>'


def mathml_name(name: str) -> str:
    """A quantity's name: subscript, hat, primes, Greek letters, a sample's number.

    >>> mathml_name("w0'")
    '<mrow><msub><mi>w</mi><mn>0</mn></msub><mo lspace="0" rspace="0">′</mo></mrow>'
    """
    head, subscript, index, primes = name_parts(name)
    if has_hat(head):
        base = f'<mover accent="true"><mi>{head[0]}</mi><mo stretchy="false">^</mo></mover>'
    else:
        base = f"<mi>{_safe(LETTERS.get(head, head))}</mi>"
    kind = "mn" if subscript.isdecimal() else "mi"
    below = f"<{kind}>{_safe(subscript)}</{kind}>" if subscript else ""
    below = mathml_name(subscript) if is_weights(head, subscript) else below
    above = f"<mn>({index})</mn>" if index else ""
    tag = f"m{'sub' if below else ''}{'sup' if above else ''}"
    text = f"<{tag}>{base}{below}{above}</{tag}>" if below or above else base
    return f"<mrow>{text}{PRIME * len(primes)}</mrow>" if primes else text


def _safe(text: str) -> str:
    return escape(printable(text))


def _function(function: Function) -> str:
    if function.name == "sqrt":
        return _Element("<msqrt>{}</msqrt>")
    return f"<mi>{LETTERS.get(function.latex[1:], function.name)}</mi>"


def _sign(text: str) -> str:
    """A sign between two parts, or the name of a slope or a blank to be filled in."""
    sign = text.strip()
    if sign[0] == "_":
        kind, width = ("cell", 28) if len(sign) < LONG else ("row", 110)
        return f'<mspace class="{kind}" width="{width}mm" height="8mm"/>'
    if sign[0].isalpha():
        name = sign.rstrip("'")
        return f"<mi>{name}</mi>{PRIME * (len(sign) - len(name))}"
    may_end = MAY_END if sign in BREAKS else ""
    return text.replace(sign, f"{may_end}<mo>{'−' if sign == '-' else sign}</mo>")


def _bracket(text: str) -> str:
    """Brackets: around fractions and tables they are drawn as high as those, since fonts differ."""
    if any(each in text for each in ("<mfrac", "<mtable", NUMBERS)):
        return TALL.format(text)
    text = text.replace(MAY_END, "") if _letters(text) <= MOST_FACTORS else text
    return f'<mo stretchy="false">(</mo>{text}<mo stretchy="false">)</mo>'


class _Element(str):
    """An element with parts put into it, within which no line ends and no link stands."""

    def format(self, *parts: object, **named: object) -> str:
        return bare(super().format(*parts, **named))


def bare(text: str) -> str:
    """Return a formula in one piece, without links."""
    return LINK.sub(r"\3", text).replace(MAY_END, "")


TALL = _Element(
    '<mtable class="round"><mtr><mtd><mo stretchy="false">(</mo>{}<mo stretchy="false">)</mo>'
    "</mtd></mtr></mtable>"
)
"""Brackets at the sides of a table; the letters in it are for those who hear or copy it."""

SECOND = "<mfrac><mrow><msup><mi>∂</mi><mn>2</mn></msup>{}</mrow><mrow>{}</mrow></mfrac>"

MATHML = Notation(
    "mathml", _sign("·"), _Element("<msup><mrow>{}</mrow><mrow>{}</mrow></msup>"),
    "<mfrac><mrow><mi>∂</mi>{}</mrow><mrow><mi>∂</mi>{}</mrow></mfrac>", mathml_name,
    _Element('<mrow><mo form="prefix">|</mo>{}<mo form="postfix">|</mo></mrow>'),
    _Element("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>"),
    (("<=", "≤"), (">=", "≥"), ("==", "="), ("!=", "≠"), ("<", "&lt;"), (">", "&gt;")),
    Cases(
        _Element("<mtr><mtd>{}</mtd><mtd><mtext>if\xa0</mtext>{}</mtd></mtr>"), "",
        _Element('<mrow><mtable class="cases">{}'
                 "<mtr><mtd>{}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>"),
        "<mtext>\xa0and\xa0</mtext>", atom=False,
    ),
    _bracket, "≈", "<mrow>{}<mo>·</mo><msup><mn>10</mn><mrow>{}</mrow></msup></mrow>",
    numeral="<mn>{}</mn>", minus='<mo form="prefix">−</mo>', sign=_sign, function=_function,
    output=_Element("<msub><mrow>{}</mrow><mn>{}</mn></msub>"),
    transposed=_Element("<msup><mrow>{}</mrow><mi>⊤</mi></msup>"),
    second=(SECOND.format("{}", "<mi>∂</mi>{}<mi>∂</mi>{}"),
            SECOND.format("{}", "<mi>∂</mi><msup><mrow>{}</mrow><mn>2</mn></msup>")),
)  # fmt: skip


def linked(notation: Notation, place: Callable[[str], str | None]) -> Notation:
    """The notation with each name a link to the address that `place` has for it."""

    def link(name: str, text: str) -> str:
        address = place(name)
        if address is None:
            return text
        said = escape(name_text(name, PLAIN.with_names(notation.names)))
        return f"{START}{address}{NEXT}{said}{NEXT}{text}{END}"

    return replace(notation, link=link)


def marked(text: str) -> str:
    """A formula as `math` elements: links between them, and places where a long one may end.

    >>> from backcalc.formulas.expression import Name, Negation
    >>> from backcalc.formulas.notation import formula_text
    >>> marked(formula_text(Negation(Name("x")), MATHML))
    '<math><mo form="prefix">−</mo><mi>x</mi></math>'
    """
    if _letters(text) <= MOST_LETTERS:
        return _linking(text.replace(MAY_END, ""))
    pieces: list[str] = []
    for piece in filter(str.strip, text.split(MAY_END)):
        product = piece.startswith("<mo>·") and pieces
        if product and _letters(pieces[-1] + piece) <= MOST_FACTORS:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return "<wbr/>".join(map(_linking, pieces))


def _letters(text: str) -> int:
    return len(re.sub(f"<[^>]*>|{MAY_END}", "", LINK.sub(r"\3", text)))


def _linking(text: str) -> str:
    """A piece of a formula that stays in one line, with its links."""
    parts = LINK.split(text)
    if len(parts) == 1:
        return f"<math>{_piece(text)}</math>"
    written = _between(parts[0])
    for place in range(1, len(parts), 4):
        address, said, formula, after = parts[place : place + 4]
        written += f'<a href="{address}" title="{said}"><math>{_piece(formula)}</math></a>'
        written += _between(after)
    return f'<span class="piece">{written}</span>'


def _between(text: str) -> str:
    return f"<math>{_piece(text)}</math>" if text.strip() else ""


def _piece(text: str) -> str:
    """Part of a formula; the sign at its start still stands between two parts."""
    text = re.sub("(?<=>) +| +(?=<)", "", text)
    return re.sub("^<mo>|<mo>(?=[^<]*</mo>$)", '<mo form="infix">', text)
