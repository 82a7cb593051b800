"""How names, numbers and formulas are written: one writer, one row of facts for each notation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, Inexact
from fractions import Fraction
from operator import attrgetter
from typing import Any, TypeAlias

from backcalc.errors import printable
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Power,
    Product,
    Rounded,
    Scalar,
    Sum,
    Values,
    holds,
    names_in,
    walk,
)
from backcalc.formulas.parser import MAX_ARGUMENTS
from backcalc.formulas.quantity import Derivative, called, parsed

DIGITS = 9
SURE = 25  # digits of what is Rounded that are right at least
CLEAN = 48  # of 50 digits, the last of which may be rounding: 0.12499...99 is a tie
MOST_NINES = 40  # more may be but rounding
ROUNDING = Decimal("1e-36")
"""What part of a number a difference is that says nothing: some of its 50 digits are rounded."""


def rounded(value: Scalar, digits: int = DIGITS) -> tuple[str, bool]:
    """The decimal at so many significant digits, half-up, and whether it is the value itself.

    >>> rounded(Fraction(3, 8)), rounded(2 / 3, 3)
    (('0.375', True), ('0.667', False))
    """
    if value == 0:
        return "0", True
    context = _half_up(digits)
    if isinstance(value, Rounded):
        found, exact = context.plus(_half_up(CLEAN).plus(value.digits)), False
    else:
        found = context.divide(*map(Decimal, value.as_integer_ratio()))
        exact = not context.flags[Inexact]
    found = found.normalize(context)
    if -5 < found.adjusted() < max(digits, 9):
        return f"{found:f}", exact
    return f"{found:e}".replace("+", ""), exact


def _half_up(digits: int) -> Context:
    return Context(digits, ROUND_HALF_UP, Emin=MIN_EMIN, Emax=MAX_EMAX)


def short_of_one(value: Rounded, digits: int) -> int:
    """The digits that tell a number from 1 or -1 where so many do not: 1 - 0.9999999999999998."""
    rest = 1 - abs(value.digits)
    zeros = -rest.adjusted() if rest else 0
    return zeros + 1 if digits <= zeros < MOST_NINES else digits


def _with_zeros(decimal: str, digits: int) -> str:
    """A decimal with zeros at its end, so that it has so many digits.

    >>> _with_zeros("-0.475", 4), _with_zeros("1.5e-7", 3), _with_zeros("10", 4)
    ('-0.4750', '1.50e-7', '10.00')
    """
    text, e, power = decimal.partition("e")
    lacking = digits - len(text.lstrip("-0.").replace(".", ""))
    point = "." if lacking > 0 and "." not in text else ""
    return f"{text}{point}{'0' * lacking}{e}{power}"


GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi chi psi omega",
)
CAPITALS = re.findall(r"\w+", "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega")
LETTERS = {
    **dict(zip(GREEK, "αβγδεζηθικλμνξπρστυφχψω", strict=True)),
    **dict(zip(CAPITALS, "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
    "ell": "ℓ",
}
"""Words for which a formula has a letter; LaTeX calls it by the word."""
STYLES = {
    "BLACK-LETTER": "mathfrak", "FRAKTUR": "mathfrak", "DOUBLE-STRUCK": "mathbb",
    "BOLD": "mathbf", "SCRIPT": "mathcal", "SANS-SERIF": "mathsf", "ITALIC": "mathit",
}  # fmt: skip
"""Words in the names of mathematical letters, and the type that LaTeX sets them in."""

NUMBERS = "\ue000"
"""The start of a name in whose place a matrix of numbers will stand; no file has such a letter."""


@record(frozen=True, slots=True)
class MatrixName:
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
    "by": ("×", "x", r" \times "),
    "times": ("·", "*", r" \cdot "),
    "slope": ("σ'", "sigma'", r"\sigma'"),
    "blank": ("_" * 12, "_" * 12, r"\rule{0pt}{8mm}\underline{\hspace{28mm}}"),
    "comma": (",  ", ",  ", r",\quad "),
    "transposed": ("ᵀ", "^T", r"{}^{\top}"),
    "dots": ("…", "...", r"\dots"),
    "cell": ("_" * 7, "_" * 7, r"\rule{0pt}{8mm}\underline{\hspace{16mm}}"),
    "working": ("_" * 22, "_" * 22, r"\rule{0pt}{8mm}\underline{\hspace{45mm}}"),
    "line": ("_" * 50, "_" * 50, r"\rule{0pt}{8mm}\underline{\hspace{110mm}}"),
}
"""How each sign between matrices, and each blank on a sheet, is written in Unicode, ASCII, LaTeX.

In LaTeX a blank is high enough for handwriting."""

ROW_OF_SIGNS = {"plain": 1, "code": 1, "latex": 2}
"""Which of them a notation takes, if not the first."""


def has_hat(head: str) -> bool:
    """True for the name of a letter with a hat: yhat."""
    return re.fullmatch("[a-z]hat", head) is not None


def latex_name(name: str) -> str:
    r"""A quantity's name in LaTeX: subscripts, hats, primes, Greek letters, a sample's number.

    >>> print(latex_name("w_h1_x1"), latex_name("yhat1"), latex_name("z0'[2]"))
    w_{\mathrm{h1,x1}} \hat{y}_{1} z_{0}^{(2) \prime}
    """
    head, subscript, index, primes = name_parts(name)
    if has_hat(head):
        head = rf"\hat{{{head[0]}}}"
    elif head in LETTERS:
        head = f"\\{head}"
    elif not head.isascii():
        head = _latex_letters(head)
    elif len(head) > 1 or head == "_":  # weight_decay is a word
        head = rf"\mathrm{{{head}}}".replace("_", r"\_")
    text = head
    if subscript:
        inner = subscript
        if not inner.isascii():
            inner = _latex_letters(inner)
        elif is_weights(head, inner):
            inner = latex_name(inner)
        elif len(inner) > 1 and not inner.replace(",", "").isdigit():
            inner = rf"\mathrm{{{inner}}}"
        text += f"_{{{inner}}}"
    if not index:
        return text + primes
    marks = r" \prime" if primes else ""
    return f"{text}^{{({index}){marks * len(primes)}}}"


def _latex_letters(text: str) -> str:
    """A word beyond ASCII: Greek letters by name, 𝒥 in its type, Latin ones as text, or numbers."""
    import unicodedata  # few networks need it

    written = ""
    for char in text.replace("_", " "):
        called = unicodedata.name(char, "")
        letter = next((word for word, own in LETTERS.items() if own == char), "")
        plain = unicodedata.normalize("NFKC", char)
        style = next((own for word, own in STYLES.items() if word in called), "")
        if letter:
            written += f"\\{letter} "
        elif style and plain.isascii() and (style != "mathcal" or plain.isupper()):
            written += rf"\{style}{{{plain}}}"
        else:
            written += rf"\text{{{char if ord(char) < 0x180 else f'U+{ord(char):04X}'}}}"
    return written.strip()


def name_parts(name: str) -> tuple[str, str, str, str]:
    """A name's head, its subscript, its sample's number and its primes.

    >>> name_parts("w_h1_x1"), name_parts("yhat1'[2]")
    (('w', 'h1,x1', '', ''), ('yhat', '1', '2', "'"))
    >>> name_parts("a_2^(1)")
    ('a', '2', '1', '')
    """
    quantity = parsed(name)
    places = quantity.element if quantity.sample is None else (*quantity.element, quantity.sample)
    stem, _, above = quantity.stem.partition("^")
    index = ")(".join(filter(None, (above.strip("()"), ",".join(map(str, places)))))
    found = re.fullmatch(r"([wb])([a-z])", stem) or re.fullmatch(HEAD, stem)
    head, subscript = found.groups() if found and stem not in WORDS else (stem, "")
    return head, subscript.strip("_").replace("_", ","), index, "'" * quantity.step


HEAD = r"([^\W\d_]+)(?:_(?=\w)|(?=\d)|$)(\w*)"
WORDS = ("weight_decay", "clip_norm", "clip_value")


def is_weights(head: str, subscript: str) -> bool:
    """True for what an optimizer keeps of a weight with a number, such as v_c11."""
    memory = head in ("v", "m", "s", "g", "vhat", "mhat")
    return memory and re.fullmatch(r"[a-z]\d+", subscript) is not None


def set_name(name: str) -> str:
    """A quantity's name as in a formula, with marks of HTML: for heads, links and pictures.

    >>> set_name("w_h1_x1"), set_name("theta5'[2]")
    ('w<sub>h1,x1</sub>', 'θ<sub>5</sub>′<sup>(2)</sup>')
    """
    from html import escape  # a sheet in letters does without

    head, subscript, index, primes = name_parts(name)
    if has_hat(head):
        from unicodedata import normalize  # few pages need it

        head = normalize("NFC", f"{head[0]}\u0302")
    below = f"<sub>{escape(printable(subscript))}</sub>" if subscript else ""
    above = f"<sup>({index})</sup>" if index else ""
    return f"{escape(printable(LETTERS.get(head, head)))}{below}{'′' * len(primes)}{above}"


@record(frozen=True, slots=True)
class Cases:
    """How a textbook sets values by cases."""

    piece: str
    """A value and its condition."""
    between: str
    """The sign between two pieces."""
    whole: str
    """All pieces, and the value otherwise."""
    both: str
    """The sign between conditions that must all hold."""
    atom: bool = True
    """True if it needs no brackets beside other factors."""


@record(frozen=True, slots=True, eq=False)
class Notation:
    """The facts of one way of writing."""

    name: str
    times: str
    """The sign between two factors."""
    power: str
    """A power, from its base and its exponent."""
    derivative: str
    """A derivative, from what is differentiated and by what."""
    quantity: Callable[[str], str]
    """How a name is set."""
    bars: str
    """The absolute value; empty: written as a call."""
    fraction: str
    """A quotient set as a fraction; empty: with a slash in the line."""
    relations: tuple[tuple[str, str], ...] = ()
    """Comparison signs that are not set as they are typed."""
    cases: Cases | None = None
    """How values by cases are set; None: as a choice between two that machines can read."""
    bracket: Callable[[str], str] = "({})".format
    """Brackets around a part."""
    about: str = "≈"
    """The sign before a rounded result."""
    scientific: str = "{}e{}"
    """A number from its digits and its power of ten."""
    numeral: str = "{}"
    """A number without its sign, from its digits."""
    minus: str = "-"
    """The sign of what is negative."""
    sign: Callable[[str], str] = str
    """How a sign between two parts is set, from the sign with its spaces."""
    function: Callable[[Function], str] = attrgetter("name")
    """How a function's name is set, with {} for its argument where that is inside."""
    output: str = "{}[{}]"
    """One of several outputs of a function, from the call and its place."""
    transposed: str = "{}ᵀ"
    """A matrix with its rows as columns."""
    link: Callable[[str, str], str] | None = None
    """A quantity's name as it is set, made a link to its place; None: nothing leads anywhere."""
    superscripts: str = ""
    """Raised digits for small exponents, 0 first; empty: exponents are written out."""
    second: tuple[str, str] = ("", "")
    """A second derivative, from what is differentiated and by which two, and from by which one
    twice; empty: as the derivative of a derivative."""
    digits: int = DIGITS
    """Significant digits of a rounded number."""
    label: Callable[[str], str] = printable
    """How words and letters of a file are written, which are data."""
    fractions: bool = False
    """True if substituted numbers are written as fractions, as the author of the file does."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The sheet's own words for quantities."""
    full: bool = False
    """True if a rounded number has all its digits, though the last ones are zeros: 0.4750."""

    def with_numbers(
        self, digits: int, fractions: bool, names: Mapping[str, str] | None = None,
        full: bool = False,
    ) -> Notation:  # fmt: skip
        """The same notation with other habits for numbers, and perhaps other names."""
        names = names or self.names
        return replace(self, digits=digits, fractions=fractions, names=names, full=full)

    def decimal(self, value: Scalar, digits: int = 0) -> tuple[str, bool]:
        """A number as a decimal, at so many digits or its own, and whether it is the value."""
        digits = digits or self.digits
        text, exact = rounded(value, digits)
        return (text if exact or not self.full else _with_zeros(text, digits)), exact

    def with_names(self, names: Mapping[str, str]) -> Notation:
        """The same notation with the sheet's own words for quantities."""
        return replace(self, names=names)


PLAIN = Notation("plain", "*", "{}**{}", "d{}/d{}", str, "", "", about="~", transposed="{}^T")
EVERY_DIGIT = replace(PLAIN, digits=40)
UNICODE = Notation(
    "unicode", "·", "{}**{}", "∂{}/∂{}",
    lambda name: re.sub(r"^yhat(?![^\W\d_])", "ŷ", name), "|{}|", "",
    (("<=", "≤"), (">=", "≥"), ("==", "="), ("!=", "≠")),
    cases=Cases("{} if {}", ", ", "{{{}, else {}}}", " and "),
    superscripts="⁰¹²³⁴⁵⁶⁷⁸⁹", second=("∂²{}/∂{}∂{}", "∂²{}/∂{}²"),
)  # fmt: skip
MARKED = replace(UNICODE, quantity=set_name)  # names alone, with marks of HTML
LATEX = Notation(
    "latex", r" \cdot ", "{}^{{{}}}", r"\frac{{\partial {}}}{{\partial {}}}", latex_name,
    r"\left\lvert {} \right\rvert", r"\frac{{{}}}{{{}}}",
    (("<=", r"\le"), (">=", r"\ge"), ("==", "="), ("!=", r"\ne")),
    Cases("{} & {}", r" \\ ", r"\begin{{cases}} {} \\ {} & \text{{otherwise}} \end{{cases}}",
          r" \text{ and } ", atom=False),
    r"\left({}\right)".format, r"\approx", r"{} \cdot 10^{{{}}}",
    function=lambda row: row.latex or rf"\operatorname{{{row.name}}}".replace("_", r"\_"),
    output="{}_{{{}}}", transposed=r"{{{}}}^{{\top}}",
    second=(r"\frac{{\partial^2 {}}}{{\partial {}\,\partial {}}}",
            r"\frac{{\partial^2 {}}}{{\partial {{{}}}^2}}"),
)  # fmt: skip


def name_text(name: str, notation: Notation) -> str:
    """A quantity's name as this notation sets it: `dL/dw0` becomes `∂L/∂w0`."""
    quantity = called(parsed(name), notation.names) if notation.names else parsed(name)
    if isinstance(quantity, Derivative):
        text = _derivative_text(quantity, notation)
    else:
        text = notation.quantity(quantity)
    return text if notation.link is None else notation.link(name, text)


def _derivative_text(name: Derivative, notation: Notation) -> str:
    """A derivative's name; a second one by two quantities has a spelling of its own."""
    of, by = name.of, name.by
    if isinstance(of, Derivative) and not isinstance(by, Derivative) and notation.second[0]:
        sides = map(notation.quantity, (of.of, of.by, by))
        return notation.second[of.by == by].format(*sides)
    texts = [
        notation.bracket(_derivative_text(e, notation)) if isinstance(e, Derivative)
        else notation.quantity(e) for e in (of, by)
    ]  # fmt: skip
    return notation.derivative.format(*texts)


def number_text(value: Scalar, notation: Notation = PLAIN) -> str:
    """A number as it stands in a formula: a short decimal, a short fraction, or rounded."""
    if isinstance(value, Fraction) and value.denominator > 1:
        decimal, exact = notation.decimal(value)
        if (notation.fractions or not exact) and _is_short(value):
            return _exact_text(value, notation)
        return _decimal_text(decimal, notation)
    digits = notation.digits
    if isinstance(value, Rounded):
        digits = short_of_one(value, digits)
    return _decimal_text(notation.decimal(value, digits)[0], notation)


def _is_short(value: Fraction) -> bool:  # Python writes no number of thousands of digits
    return max(abs(value.numerator), value.denominator) < 10**9 and len(str(value)) <= 9


def is_exact(value: Scalar, notation: Notation) -> bool:
    """Return True if a number as it stands in a formula is the value itself."""
    text = number_text(value, PLAIN.with_numbers(notation.digits, notation.fractions))
    return isinstance(value, Fraction) and Fraction(text) == value


def _exact_text(value: Fraction, notation: Notation) -> str:
    """A short decimal where it ends and the file has no fractions, else the fraction."""
    decimal, ends = rounded(value, DIGITS)
    if ends and not notation.fractions:
        return _decimal_text(decimal, notation)
    return _fraction_text(value, notation)


def _fraction_text(value: Fraction, notation: Notation) -> str:
    if not notation.fraction:
        return str(value)
    parts = (notation.numeral.format(each) for each in (abs(value.numerator), value.denominator))
    return (notation.minus if value < 0 else "") + notation.fraction.format(*parts)


def _decimal_text(decimal: str, notation: Notation) -> str:
    digits, _, power = decimal.removeprefix("-").partition("e")
    text = notation.numeral.format(digits)
    if power:
        text = notation.scientific.format(text, _decimal_text(power, notation))
    return notation.minus + text if decimal.startswith("-") else text


def result_text(value: Scalar, notation: Notation, digits: int = 0) -> str:
    """A result with its sign: `= 3/8 = 0.375` where it is exact, `≈ 0.667` where it is rounded.

    It has so many digits, or those of the notation.
    """
    decimal, same = notation.decimal(value, digits)
    decimal = _decimal_text(decimal, notation)
    if not isinstance(value, Fraction):
        return notation.sign(f"{notation.about} ") + decimal
    mark = "=" if same else notation.about
    short = value.denominator <= 64 or (not same and _is_short(value))
    by_nature_decimal = value.denominator % 5 == 0 and same and not notation.fractions
    if value.denominator > 1 and short and not by_nature_decimal:
        nice = value.denominator <= 64 and value.denominator % 5
        exact = _fraction_text(value, notation) if nice else _exact_text(value, notation)
        return notation.sign("= ") + exact + notation.sign(f" {mark} ") + decimal
    return notation.sign(f"{mark} ") + decimal


# Phrases: what prose, tables and sheets are made of.


@record(frozen=True, slots=True)
class Substituted:
    """A formula with numbers put in for its names."""

    expression: Expression
    """The formula."""
    values: Values
    """The numbers."""


@record(frozen=True, slots=True)
class InDigits:
    """A number that is written as a decimal even where it is a short fraction."""

    value: Scalar
    """The number."""
    digits: int = 0
    """Its significant digits; 0: those of the notation."""


@record(frozen=True, slots=True)
class Result:
    """A result, shown with `=` where it is exact and `≈` where it is rounded."""

    value: Scalar
    """The number."""
    digits: int = 0
    """Its significant digits; 0: those of the notation."""


Part: TypeAlias = (
    str | Expression | Comparison | Substituted | InDigits | Result | MatrixName | Sign
)
Phrase: TypeAlias = tuple[Part, ...]
"""Words, and formulas and numbers among them that each notation sets in its own way."""


def sentence(template: str, *parts: Part | Phrase) -> Phrase:
    """A sentence with a part of a phrase for each `{}`.

    >>> sentence("{} is below 0", Name("z0"))
    (Name(id='z0'), ' is below 0')
    """
    words = template.split("{}")
    phrase: list[Part] = [words[0]]
    for part, following in zip(parts, words[1:], strict=False):
        phrase += part if isinstance(part, tuple) else (part,)
        phrase.append(following)
    return tuple(part for part in phrase if part != "")


def part_text(part: Part, notation: Notation) -> str:
    """One part of a phrase."""
    match part:
        case str():
            return part.replace("≈", notation.about)
        case Substituted(expression, values):
            return formula_text(expression, notation, values)
        case InDigits(value, digits):
            return _decimal_text(notation.decimal(value, digits)[0], notation)
        case Result(value, digits):
            return result_text(value, notation, digits)
        case MatrixName(name, transposed):
            return _symbol_text(name, notation, transposed)
        case Sign(meaning):
            return notation.sign(SIGNS[meaning][ROW_OF_SIGNS.get(notation.name, 0)])
    return formula_text(part, notation)


def _symbol_text(name: str, notation: Notation, transposed: bool) -> str:
    """A matrix's name, with the sign of the transpose where that is meant."""
    text = name_text(name, notation)
    if notation.name == "unicode" and name.startswith("delta"):
        text = f"δ{name[5:]}"
    if not transposed:
        return text
    if isinstance(parsed(name), Derivative):
        text = notation.bracket(text)
    return notation.transposed.format(text)


def phrase_text(phrase: Phrase, notation: Notation = PLAIN) -> str:
    """A phrase in a notation that needs no marks around its formulas."""
    return "".join(part_text(part, notation) for part in phrase)


# Places in vectors and matrices.


def place_text(at: object) -> str:
    """A place as NumPy writes it: `:, 1` or `0:2`."""
    parts: list[str] = []
    for own in at if isinstance(at, tuple) else (at,):
        ends = own if isinstance(own, tuple) else (None, None) if own is None else (own,)
        parts.append(":".join("" if end is None else str(end) for end in ends))
    return ", ".join(parts)


def said_text(word: str, said: object) -> str:
    """What a further word of an operation says."""
    if word == "at":
        return f"[{place_text(said)}]"
    return f"({', '.join(map(str, said))})" if isinstance(said, tuple) else str(said)


BRACKETS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "index": lambda settings: place_text(settings["at"]),
    "upright": lambda settings: ", ".join([*[":"] * settings["axis"], "None"]),
}
"""Operations that are written as a bracket behind their operand, with what stands in it."""


# Formulas. A part is written together with how tightly it binds.

CHOICE, SUM, PRODUCT, POWER, ATOM = range(5)

INFIX = {"entrywise": (POWER, PRODUCT), "by": (POWER, POWER), "equals": (CHOICE, CHOICE)}
"""Signs between any number of operands: how tightly these must bind, and the whole does."""


@record(frozen=True, slots=True)
class Printed:
    """An operation that stands in print only: `h×d`, `dL = ...`."""

    name: str
    """Its sign between the operands."""
    settings: tuple[tuple[str, object], ...] = ()
    """It has no further words."""


def equation(left: Expression, right: Expression) -> Expression:
    """Two formulas with = between them, as one formula for print."""
    return Operation(Printed("equals"), (left, right))


def formula_text(
    expression: Expression | Comparison, notation: Notation = PLAIN, values: Values | None = None
) -> str:
    """A formula in symbols, or with `values` substituted for its names (and choices made).

    >>> product = Product((Name("w0"), Name("x")))
    >>> formula_text(product), formula_text(product, UNICODE, {"w0": Fraction(-1, 2), "x": 2.0})
    ('w0*x', '(-0.5)·2')
    """
    return FormulaWriter(notation, values).text(expression)


@record(frozen=True, slots=True, eq=False)
class FormulaWriter:
    """Writes formulas in one notation; what is written for a name is found once."""

    notation: Notation
    values: Values | None = None
    """The numbers to be put in for names, if any."""
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Texts of the names that were met, with how tightly they bind."""

    def text(self, formula: Expression | Comparison) -> str:
        """A formula."""
        if isinstance(formula, Comparison):
            return self.comparison(formula)
        return self.write(formula)[0]

    def write(self, node: Expression) -> tuple[str, int]:
        """The text and its binding strength."""
        if self.notation.cases is not None and not self.values:
            node = _by_cases(node)
        match node:
            case Name(name):
                if name not in self.seen:
                    self.seen[name] = self.quantity(name)
                return self.seen[name]
            case Number(value):
                return self.number(value, literal=True)
            case Sum(terms):
                return self.sum(terms), SUM
            case Product(factors):
                return self.product(factors)
            case Negation(operand):
                return self.turned(operand), SUM
            case Inverse():
                return self.product((Number(Fraction(1)), node))
            case Power(base, exponent):
                return self.power(base, exponent), POWER
            case Call(_, arguments):
                return self.call(node, arguments), ATOM
            case Operation():
                return self.operation(node)
        return self.choice(node)

    def operation(self, node: Operation) -> tuple[str, int]:
        """An operation on whole matrices: a product with its sign, a transpose, else a call."""
        name, operands = node.row.name, node.arguments
        if name == "@":
            chain = isinstance(operands[0], Operation) and operands[0].row is node.row
            left = self.bracketed(operands[0], PRODUCT if chain else POWER)
            sign = part_text(Sign("product"), self.notation)
            return left + sign + self.bracketed(operands[1], POWER), PRODUCT
        if name == ".T":
            typed = self.notation.name in ("plain", "code")
            pattern = "{}.T" if typed else self.notation.transposed
            text = self.bracketed(operands[0], ATOM)
            quotient = isinstance(operands[0], Name) and "/" in operands[0].id
            if quotient and not typed:
                text = self.notation.bracket(text)
            return pattern.format(text), POWER
        if name == "d":
            sign = r"\mathrm{d}" if self.notation.name == "latex" else self.notation.sign("d")
            return sign + self.bracketed(operands[0], ATOM), ATOM
        if name in INFIX:
            inner, own = INFIX[name]
            between = part_text(Sign(name), self.notation)
            return between.join(self.bracketed(each, inner) for each in operands), own
        if name == "zeros":
            return self.number(Fraction(0))
        if name == "eye":
            size = said_text("size", dict(node.settings)["size"])
            return f"I_{{{size}}}" if self.notation.name == "latex" else "I", ATOM
        if name in BRACKETS:
            text = self.bracketed(operands[0], ATOM)
            return text + self.notation.sign(f"[{BRACKETS[name](dict(node.settings))}]"), ATOM
        usual = dict(node.row.settings)
        words = [f"{word}={said_text(word, said)}" for word, said in node.settings
                 if word not in usual or usual[word] != said]  # fmt: skip
        if self.notation.name == "latex":
            name = rf"\operatorname{{{name}}}".replace("_", r"\_")
            words = [rf"\text{{{escaped(word)}}}" for word in words]
        else:
            name, words = self.notation.sign(name), [*map(self.notation.sign, words)]
        comma = self.notation.sign(", ")
        inside = comma.join([*(self.write(each)[0] for each in operands), *words])
        return f"{name}{self.notation.bracket(inside)}", ATOM

    def quantity(self, name: str) -> tuple[str, int]:
        """A name, or the number that is put in for it."""
        if self.values is not None and name in self.values:
            return self.number(self.values[name])
        return name_text(name, self.notation), ATOM

    def number(self, value: Scalar, *, literal: bool = False) -> tuple[str, int]:
        """A number; a negative one binds like a sum, a fraction like a product.

        In the plain notation, which machines read too, a formula's own constants are whole.
        """
        whole = literal and self.notation is PLAIN
        text = number_text(value, EVERY_DIGIT if whole else self.notation)
        if text.startswith(self.notation.minus):
            return text, SUM
        before, _, after = self.notation.numeral.partition("{}")
        digits = text.removeprefix(before).removesuffix(after)
        return text, PRODUCT if "/" in digits or "cdot" in digits else ATOM

    def bracketed(self, node: Expression, strength: int) -> str:
        """A part, in brackets where it binds less than its place needs."""
        text, own = self.write(node)
        return text if own >= strength else self.notation.bracket(text)

    def turned(self, operand: Expression) -> str:
        """A part with its sign turned; one that starts with a 0 put in has no sign to turn."""
        first = operand.factors[0] if isinstance(operand, Product) else operand
        nought = self.values and isinstance(first, Name) and self.values.get(first.id) == 0
        return ("" if nought else self.notation.minus) + self.bracketed(operand, PRODUCT)

    def sum(self, terms: tuple[Expression, ...]) -> str:
        """Terms with their signs; a formula's own negative number is subtracted."""
        written = ""
        for position, term in enumerate(terms):
            sign = "+"
            if isinstance(term, Negation):
                sign, term = "-", term.operand
            elif position and isinstance(term, Number) and term.value < 0:
                sign, term = "-", Number(-term.value)
            if position:
                written += self.notation.sign(f" {sign} ") + self.bracketed(term, PRODUCT)
            elif sign == "-":
                written = self.turned(term)
            else:
                written = self.bracketed(term, SUM)
        return written

    def product(self, factors: tuple[Expression, ...]) -> tuple[str, int]:
        """Factors with times signs; divisors after a slash, or below a bar."""
        if self.notation.fraction and any(isinstance(factor, Inverse) for factor in factors):
            above = tuple(factor for factor in factors if not isinstance(factor, Inverse))
            above = above[1:] if len(above) > 1 and above[0] == ONE else above
            below = tuple(factor.operand for factor in factors if isinstance(factor, Inverse))
            parts = (
                self.write(Product(side) if len(side) > 1 else side[0] if side else ONE)[0]
                for side in (above, below)
            )
            return self.notation.fraction.format(*parts), PRODUCT
        text = ""
        for position, factor in enumerate(factors):
            if isinstance(factor, Inverse):
                text += f"{'' if position else '1'}/{self.bracketed(factor.operand, POWER)}"
            elif position:
                text += f"{self.notation.times}{self.bracketed(factor, POWER)}"
            else:
                bare = isinstance(factor, Number)  # a formula's own -2; a substituted one is (-2)
                text = self.write(factor)[0] if bare else self.bracketed(factor, PRODUCT)
        return text, PRODUCT

    def power(self, base: Expression, exponent: Expression) -> str:
        """Base and exponent."""
        match exponent:
            case Number(value) if self.notation.superscripts and value in range(10):
                return self.raised(base) + self.notation.superscripts[int(value)]
        strength = ATOM if self.notation.superscripts else POWER
        raised = CHOICE if self.notation.fraction else strength
        written = self.raised(base)
        return self.notation.power.format(written, self.bracketed(exponent, raised))

    def raised(self, base: Expression) -> str:
        """A base, in brackets where an exponent would seem to belong to its last part."""
        written = self.bracketed(base, ATOM)
        if isinstance(base, Name) and not (self.values and base.id in self.values):
            name = called(parsed(base.id), self.notation.names)
            indexed = name.element or name.sample is not None
            raises = indexed and self.notation.fraction  # in LaTeX two superscripts are an error
            if isinstance(name, Derivative) or raises or "^" in name.stem:
                return self.notation.bracket(written)
        return written

    def call(self, node: Call, arguments: tuple[Expression, ...]) -> str:
        """A function with its arguments; the absolute value between bars."""
        long = len(arguments) > MAX_ARGUMENTS and self.notation is not PLAIN
        first = arguments[:3] if long else arguments
        written = [self.write(argument)[0] for argument in first]
        if long:  # for people; machines read PLAIN
            written += self.notation.sign("..."), self.write(arguments[-1])[0]
        inner = self.notation.sign(", ").join(written)
        if node.function.name == "abs" and self.notation.bars:
            nested = (part for part in walk(arguments[0]) if isinstance(part, Call))
            if all(part.function is not node.function for part in nested):
                return self.notation.bars.format(inner)
        name = self.notation.function(node.function)
        if "{}" in name:
            return name.format(inner)
        text = name + self.notation.bracket(inner)
        return text if node.output is None else self.notation.output.format(text, node.output + 1)

    def comparison(self, condition: Comparison) -> str:
        """A condition."""
        relation = dict(self.notation.relations).get(condition.relation, condition.relation)
        left, right = (self.bracketed(side, SUM) for side in (condition.left, condition.right))
        return left + self.notation.sign(f" {relation} ") + right

    def choice(self, node: Choice) -> tuple[str, int]:
        """Both outcomes and the condition, or with numbers the outcome that it has."""
        sides = (node.condition.left, node.condition.right)
        if self.values and all(name in self.values for each in sides for name in names_in(each)):
            return self.write(node.then if holds(node.condition, self.values) else node.otherwise)
        cases = self.notation.cases
        if cases is None:
            then, otherwise = self.bracketed(node.then, SUM), self.write(node.otherwise)[0]
            return f"{then} if {self.comparison(node.condition)} else {otherwise}", CHOICE
        found, rest = pieces(node)
        written = (
            cases.piece.format(self.bracketed(value, SUM), cases.both.join(
                map(self.comparison, conditions)))
            for conditions, value in found
        )  # fmt: skip
        text = cases.whole.format(cases.between.join(written), self.write(rest)[0])
        return text, ATOM if cases.atom else CHOICE


def _by_cases(node: Expression) -> Expression:
    """Return log(a if c else b) as log(a) if c else log(b), as a textbook sets cases."""
    match node:
        case Call(_, (Choice(condition, then, rest),)):
            outcomes: list[Expression] = [replace(node, arguments=(each,)) for each in (then, rest)]
        case Negation(operand) if isinstance(inner := _by_cases(operand), Choice):
            condition, outcomes = inner.condition, [*map(Negation, (inner.then, inner.otherwise))]
        case _:
            return node
    return Choice(condition, *map(_by_cases, outcomes))


def pieces(node: Choice) -> tuple[list[tuple[list[Comparison], Expression]], Expression]:
    """Return the cases of a choice, each with all its conditions, and the value otherwise."""
    found: list[tuple[list[Comparison], Expression]] = []
    rest: Expression = node
    while isinstance(rest, Choice):
        conditions, value, otherwise = [rest.condition], rest.then, rest.otherwise
        while isinstance(value, Choice) and value.otherwise == otherwise:
            conditions.append(value.condition)
            value = value.then
        found.append((conditions, value))
        rest = otherwise
    return found, rest


# Words, and words with formulas in them, as LaTeX sets them.

SPECIAL = {
    "|": r"\textbar{}", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "'": r"\textquotesingle{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "≈": r"$\approx$", **{char: f"\\{char}" for char in "{}&%$#_"},
}  # fmt: skip


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


LYING = re.compile(r"\$([^$]+)\$ = \(((?:\$[^$]+\$(?:, )?)+)\)\$\{\}\^\{\\top\}\$")
"""A column of numbers on one line, which is one formula."""


def phrase(parts: Phrase, notation: Notation) -> str:
    """Words escaped, formulas in mathematics."""
    written = "".join(
        escaped(part) if isinstance(part, str) else f"${part_text(part, notation)}$"
        for part in parts
    )
    return LYING.sub(lambda m: f"${m[1]} = ({m[2].replace('$', '')})^{{\\top}}$", written)
