"""Formulas as MathML: one more row of facts for the writer, and the marks around bare signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape

from backcalc.errors import printable
from backcalc.formulas.expression import Function
from backcalc.formulas.notation import Notation
from backcalc.formulas.typesetting import GREEK, name_parts

LETTERS = dict(zip(GREEK, "αβγδεζηθικλμνξπρστυφχψω", strict=True))
MOST_LETTERS = 16  # of a formula in one piece; a longer one may go on below itself at its signs

TOKEN = re.compile(
    r"(?P<whole><mi class=.*?</a></mi>|<(mi|mo|mn|mtext)\b[^>]*>.*?</\2>)"
    r"|(?P<closing></\w+>)|(?P<opening><[^>]+>)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d]\w*)|(?P<sign>&\w+;|[^\s\w])"
)
BRACKETS = {"(": ("opening", "<mrow><mo>(</mo>"), ")": ("closing", "<mo>)</mo></mrow>")}
"""What each bracket is, and how it is set where it grows with what is inside."""
BREAKS = "+-=≈·"
"""Signs before which a long formula may be broken."""


PRIME = '<mo lspace="0" rspace="0">′</mo>'


def mathml_name(name: str) -> str:
    """A quantity's name: subscript, hat, primes, Greek letters, a sample's number.

    >>> mathml_name("w0'")
    '<mrow><msub><mi>w</mi><mn>0</mn></msub><mo lspace="0" rspace="0">′</mo></mrow>'
    """
    head, subscript, index, primes = name_parts(name)
    if re.fullmatch("[a-z]hat", head):
        base = f'<mover accent="true"><mi>{head[0]}</mi><mo stretchy="false">^</mo></mover>'
    else:
        base = f"<mi>{_safe(LETTERS.get(head, head))}</mi>"
    kind = "mn" if subscript.isdecimal() else "mi"
    below = f"<{kind}>{_safe(subscript)}</{kind}>" if subscript else ""
    above = f"<mn>({index})</mn>" if index else ""
    tag = f"m{'sub' if below else ''}{'sup' if above else ''}"
    text = f"<{tag}>{base}{below}{above}</{tag}>" if below or above else base
    return f"<mrow>{text}{PRIME * len(primes)}</mrow>" if primes else text


def _safe(text: str) -> str:
    return escape(printable(text))


def _function(function: Function) -> str:
    """A function's name as LaTeX sets it, where that is more than the word."""
    if function.name == "sqrt":
        return "<msqrt>{}</msqrt>"
    return f"<mi>{LETTERS.get(function.latex[1:], function.name)}</mi>"


MATHML = Notation(
    "mathml",
    "·",
    "<msup><mrow>{}</mrow><mrow>{}</mrow></msup>",
    "<mfrac><mrow><mi>∂</mi>{}</mrow><mrow><mi>∂</mi>{}</mrow></mfrac>",
    mathml_name,
    '<mrow><mo form="prefix">|</mo>{}<mo form="postfix">|</mo></mrow>',
    "<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>",
    (("<=", "≤"), (">=", "≥"), ("==", "="), ("!=", "≠"), ("<", "&lt;"), (">", "&gt;")),
    "<mrow><mo>{{</mo><mtable><mtr><mtd>{then}</mtd><mtd><mtext>if\xa0</mtext>{condition}</mtd></mtr>"
    "<mtr><mtd>{otherwise}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
    "({})",
    "≈",
    "<mrow>{}·<msup><mn>10</mn><mrow>{}</mrow></msup></mrow>",
    _function,
    "<msub><mrow>{}</mrow><mn>{}</mn></msub>",
    "<msup><mrow>{}</mrow><mi>⊤</mi></msup>",
)


def linked(notation: Notation, place: Callable[[str], str | None]) -> Notation:
    """The notation with each name a link to the address that `place` has for it."""

    def link(name: str, text: str) -> str:
        address = place(name)
        if address is None:
            return text
        return f'<mi class="link"><a href="{address}"><math>{text}</math></a></mi>'

    return replace(notation, link=link)


def marked(text: str) -> str:
    """A formula as the writer wrote it, as one `math` element or several that a line may end after.

    >>> marked("-x")
    '<math><mo form="prefix">−</mo><mi>x</mi></math>'
    """
    return "<wbr/>".join(f"<math>{piece}</math>" for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """What the writer wrote with a mark around each number, word and sign."""
    tokens = list(TOKEN.finditer(text))
    tall = _around_fractions(tokens)
    long = len(re.sub("<[^>]*>", "", text)) > MOST_LETTERS
    depth, before, piece = 0, "opening", ""
    for token in tokens:
        kind, found = token.lastgroup or "", token[0]
        if kind == "opening":
            depth += 1
        elif kind == "closing":
            depth -= 1
        elif kind == "number":
            found = f"<mn>{found}</mn>"
        elif kind == "word":
            found = f"<mi>{_safe(found)}</mi>"
        elif found in BRACKETS:
            kind, growing = BRACKETS[found]
            if token.start() in tall:
                depth += 1 if kind == "opening" else -1
                found = growing
            else:
                found = f'<mo stretchy="false">{found}</mo>'
        elif kind == "sign":
            first = before in ("opening", "sign") and found == "-"
            if piece and not (first or depth) and found in BREAKS and long:
                yield piece
                piece = ""
            form = ' form="prefix"' if first else ' form="infix"' if not piece else ""
            found = f"<mo{form}>{'−' if found == '-' else found}</mo>"
        elif found.startswith("<mo"):  # a bar or a brace: what follows it is the first inside
            kind = "opening"
        piece += found
        before = kind
    yield piece


def _around_fractions(tokens: Sequence[re.Match[str]]) -> set[int]:
    """Where the brackets stand that must grow; what need not is left alone, since fonts differ."""
    tall: set[int] = set()
    left: list[int] = []
    for token in tokens:
        if token[0] == "(":
            left.append(token.start())
        elif token[0] == ")":
            if left.pop() in tall:
                tall.add(token.start())
        elif "<mfrac" in token[0] or "<mtable" in token[0]:
            tall.update(left)
    return tall
