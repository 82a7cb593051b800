"""The pieces of a statement before it is known what it says: sides, parts, numbers, chains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, islice, pairwise, product
from typing import TypeAlias

from backcalc.errors.patterns import regex
from backcalc.formulas import record
from backcalc.formulas.expression import Inverse, Name, Negation, Number, Product, names_in
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.figures import worked
from backcalc.reading.grammar import PARTNER
from backcalc.reading.names import Misplaced
from backcalc.reading.tokens import Token, Tokens, tokenized, tokens_of
from backcalc.reading.values import Value, turned_value

RELATIONS = ("relation", "assign")
BLANK = regex(r"[\s?_.\-–—…~]*")
CELLS = ("row", "cell", "comma", "semicolon")
WrittenDigits: TypeAlias = "str | tuple[WrittenDigits, ...]"
"""A number with the digits that it has, or a vector or matrix of them; "" for anything else."""
NUMBER = regex(
    r"(?P<sign>-?)(?P<digits>\d+\.?\d*|\.\d+)(?:[*·]10\^(?P<power>-?\d+)|[eE](?P<e>-?\d+))?(?P<percent>%?)"
)

LETTERED = regex(
    r"(?<![\w.\\])(?=[^.]*\d|[^.]+\.[^.]*\d)(?:[\dOolISB] ?)+\. ?[\dOolISB](?: ?[\dOolISB])*(?!\w)"
)
GLUED = regex(r"(\d+)\.(\d+)\.(\d+)")
MOST_PARTED = 16
LOOSE_POINT = regex(r"(?<![\w.,·*])(\d+)(?: \.|·)(\d{2,})(?![\w.,·*])")
"""A number whose point stands apart from it, 0 .0559, or in the middle of the line, 0·1986."""
CROSSED = regex(r"(?<=[\d)\u2060]) [.x] (?=[(\d-])")
FALLEN = regex(
    r"(?<![^\W_])e ?(?P<power>[-−–]?[ ]?"
    r"(?:\d+(?:[.,]\d+)?|\([A-Za-z]\d{0,2}\)|[A-Za-z]\d{0,2}))(?![\w.,(])"
)
"""A power of e whose exponent has fallen to the line, off a page of a PDF: 1/(1 + e−0.9)."""
FALLEN_SQUARE = regex(r"\)2(?![\w.,(])")
RESULT = regex(r"(?!2\d$).+")
"""A number that may be a result; 21 is rather z1."""
LIKE_DIGITS = str.maketrans("OolISB", "001158")
"""Letters that are taken for digits, and for which."""


def parts_of(quantity: str) -> tuple[str, ...]:
    """Return a quantity, or what a derivative is of and by."""
    name = parsed(quantity)
    return (name.of, name.by) if isinstance(name, Derivative) else (name,)


@record(frozen=True, slots=True)
class Piece:
    """One part of a chain before it is known of which quantity: a formula or a vector."""

    text: str
    """As it stands in the document."""
    value: Value
    """What it means."""
    plain: WrittenDigits
    """For a number how it is written in the signs of formulas; for a vector its elements so."""

    @property
    def amount(self) -> float | None:
        """The number that it is; None for a formula."""
        return None if isinstance(self.value, tuple) else worked(self.value)

    def turned(self) -> Piece:
        """The same part with its sign turned, also as it is written."""
        return replace(self, value=turned_value(self.value), plain=turned_digits(self.plain))


STRIKING, CORRECTED = "it looks crossed out", "it is corrected below"
WITHDRAWN = (STRIKING, CORRECTED)
REMARK = "this is a remark beside an answer, and is not marked"
"""Why a statement is left out that nobody stands by, so that nothing is open about it."""


@record(frozen=True, slots=True)
class Unread:
    """A statement that was not taken for one, and why."""

    start: int
    """Where it begins."""
    end: int
    """Where it ends."""
    reason: str
    """Why."""
    meant: tuple[str, ...] = ()
    """The quantity that it is about, or those that its name may mean, where that is known."""


@dataclass(slots=True)
class Chain:
    """A statement while it is put together."""

    sides: list[tuple[str, list[Token]]]
    """The sign before each side, and its tokens."""
    math: bool
    said: str
    lead: tuple[str, ...] = ()
    broken: str = ""
    """Why it cannot be read, whatever its sides are."""
    slope: bool = False
    """Whether the words before it call it a derivative, its name does not."""
    by: bool = False
    """Whether the words before it say that it is what a derivative is taken by."""
    weak: bool = False
    """Whether the clause before it may suppose something."""
    noun: str = ""
    """The kind of quantity that the word before it says."""
    worded: bool = False
    """Whether words follow without a stop, so that a formula may go on."""
    titled: bool = False
    """Whether a colon stands behind its name."""
    tabled: bool = False
    """Whether it stands in cells of a table, which say where it begins and ends."""
    sampled: bool = False
    """Whether the row or the column of a table says of which sample it is."""
    steps: int = 0
    """The steps after which the row of a table is, where its name has no primes for them."""
    newly: bool = False
    """Whether words before it on its line say that it comes after the update."""
    coded: bool = False
    """Whether it is code, which need not say a figure."""

    @property
    def start(self) -> int:
        """Where it begins."""
        return next(side[0].start for _, side in self.sides if side)

    @property
    def end(self) -> int:
        """Where it ends."""
        return max([side[-1].end for _, side in self.sides if side])


def sides_of(tokens: Tokens) -> list[tuple[str, list[Token]]]:
    """The sides of a chain, each with the sign before it."""
    sides: list[tuple[str, list[Token]]] = [("", [])]
    level, start = 0, 0
    for place, token in enumerate(tokens):
        if token.kind == "open":
            level += 1
        elif token.kind == "close":
            level -= 1
        elif token.kind in RELATIONS and level <= 0:
            sides[-1][1].extend(tokens[start:place])
            start = place + 1
            if sides[-1][1] or len(sides) == 1:
                sides.append((token.text, []))
    sides[-1][1].extend(tokens[start:])
    return sides


def equated(name: Tokens, value: Tokens, sign: str = "=") -> list[Token]:
    """A name from elsewhere, an equals sign unless the value has one, and the value."""
    at = value[0].start
    placed = [token._replace(start=at, end=at) for token in name]
    relation = [] if value[0].kind in RELATIONS else [Token("relation", sign, at, at)]
    return [*placed, *relation, *value]


def number_at(tokens: Tokens) -> Tokens:
    """The number with its sign that some tokens begin with."""
    end = 1 if tokens and tokens[0].kind == "sign" and tokens[0].text in "+-" else 0
    return tokens[: end + 1] if tokens[end : end + 1] and tokens[end].kind == "number" else ()


def numeric(tokens: Tokens) -> bool:
    """True if a number or a fraction of numbers stands first, perhaps with a sign."""
    first, *rest = tokens[tokens[0].kind == "sign" and len(tokens) > 1 :]
    above = next((t for t in rest if t.kind != "open"), first)
    return "number" in (first.kind, above.kind if first.kind == "fraction" else "")


def before_word(tokens: Tokens) -> bool:
    """True if a number, or a fraction of two numbers, stands first and may be before a word."""
    kinds = [t.kind for t in tokens if t.kind not in ("open", "close", "sign")]
    return numeric(tokens) and (kinds[0] == "number" or kinds[1:4] == ["number", "number", "word"])


def written_plainly(tokens: Tokens) -> str:
    """A number in the signs of formulas, with the digits that it has; "" for anything else.

    5.0 times ten to the power of -1 is 5.0e-1, and 37.5% is 0.375.
    """
    if tokens and tokens[0].text[:1].isalpha():
        return ""  # as most formulas begin
    if any(a.kind == "number" and (b.kind == "open" or b.text == "+") for a, b in pairwise(tokens)):
        return ""
    text = "".join(t.text for t in tokens if t.text not in ("{", "}", "(", ")", "+"))
    match = NUMBER.fullmatch(text)
    if not match:
        return ""
    power = match["power"] or match["e"] or ""
    digits = f"{match['sign']}{match['digits']}"
    if match["percent"]:
        return format(Decimal(digits).scaleb(-2), "f")
    return f"{digits}e{power}" if power else digits


def digits_of(tokens: Tokens, value: Value) -> WrittenDigits:
    """The digits of a number, or of each number in a vector or matrix."""
    if not isinstance(value, tuple):
        return written_plainly(tokens)
    cells: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind in CELLS:
            cells.append([])
        elif token.text in PARTNER or token.text in PARTNER.values():
            depth += 1 if token.kind == "open" else -1
        elif depth > 0 or tokens[0].text not in PARTNER:  # not the T behind the last bracket
            cells[-1].append(token)
    left = iter([written_plainly(cell) for cell in cells if cell])

    def placed(inner: Value) -> WrittenDigits:
        if isinstance(inner, tuple):
            return tuple(map(placed, inner))
        digits, amount = next(left, ""), worked(inner)
        return digits if digits and amount == float(digits) else ""

    return placed(value)


def turned_digits(digits: WrittenDigits) -> WrittenDigits:
    """The digits with a minus before them, or without it."""
    if isinstance(digits, tuple):
        return tuple(map(turned_digits, digits))
    return digits.removeprefix("-") if digits[:1] in ("-", "") else f"-{digits}"


def two_statements(tokens: Tokens, value: Value) -> bool:
    """True for 0.25 h_1 before a further sign: perhaps the row before it ends with 0.25."""
    value = value.operand if isinstance(value, Negation) else value
    if not isinstance(value, Product):
        return False
    pieces = (t.kind == "word" for c, t in pairwise(tokens) if c[:2] == ("close", "cases"))
    if any(pieces):
        return True  # a name right behind a formula in pieces
    first = next(n for n, t in enumerate(tokens) if t.kind not in ("sign", "open"))
    after = tokens[first + 1 : first + 2]
    signed = any(t.kind == "sign" or t.text == ")" for t in after)
    number, name = value.factors[0], value.factors[-1]
    number = number.operand if isinstance(number, Negation) else number
    if isinstance(name, Negation) and not any(t.kind == "sign" for t in tokens[first:]):
        name = name.operand  # of an error term whose sign is turned
    if tokens[first].kind == "fraction" and not names_in(number) and isinstance(name, Name):
        return len(value.factors) == 2 and not any(t.text in ("*", "·") for t in tokens[first:])
    if len(value.factors) > 2:  # 3.37t y, -1.8L/dw2
        signs = (t.text for t in tokens[first:] if t.kind == "sign")
        named = isinstance(number, Number) and any(names_in(each) for each in value.factors)
        return named and all(sign == "/" for sign in signs)
    divided = isinstance(name, Inverse) and isinstance(name.operand, Name)  # / for a row's end
    return isinstance(number, Number) and (divided or (not signed and isinstance(name, Name)))


def further_readings(tokens: Tokens) -> Iterator[list[Token]]:
    r"""Other readings of a part, none of which is sure by itself.

    3 3/8 and 3\tfrac38 as mixed numbers, 3,375 with a decimal comma, 0.5w1 and 0.5.2 as products.
    """
    sign = 1 if tokens[0].kind == "sign" and len(tokens) > 1 else 0
    first, after = tokens[sign], [*tokens[sign + 1 :]]
    at = first.start
    signs = (("open", "("), ("sign", "+"), ("close", ")"))
    opening, plus, closing_ = (Token(*sign, at, at) for sign in signs)
    if first.kind == "number" and first.text.isdecimal() and after:
        kinds = [t.text if t.kind == "sign" else t.kind for t in after]
        mixed = after[0].kind == "fraction" and numeric(after)
        if mixed or kinds == ["number", "/", "number"]:
            yield [*tokens[:sign], opening, first, plus, *after, closing_]
    if len(tokens) == sign + 1 and first.kind == "unknown" and NUMBER.fullmatch(first.text):
        yield [*tokens[:sign], first._replace(kind="number")]
    joined: list[Token] = []
    for token in tokens:
        if joined and joined[-1].kind == "number" and token.kind == "word":
            joined.append(Token("sign", "·", token.start, token.start))
        joined.append(token)
    if len(joined) > len(tokens):
        yield joined
    yield from parted_factors(tokens)


def parted_factors(tokens: Tokens) -> Iterator[list[Token]]:
    """The readings of a part with a dot between factors: 0.5.2 as 0.5 times 2, or 0 times 5.2."""
    ways: list[list[list[Token]]] = []
    for at, token in enumerate(tokens):
        dot, number = Token("sign", "·", token.start, token.start), token._replace(kind="number")
        behind = at > 0 and token.kind == tokens[at - 1].kind == "number"
        if glued := GLUED.fullmatch(token.text):
            one, two, three = glued.groups()
            cuts = ((f"{one}.{two}", three), (one, f"{two}.{three}"))
            each = [[number._replace(text=a), dot, number._replace(text=b)] for a, b in cuts]
        elif behind and token.text.startswith("."):
            each = [[dot, number._replace(text=token.text[1:])]]
        else:
            each = [[token]]
        ways.append(each)
    if any(len(each[0]) > 1 for each in ways):
        for chosen in islice(product(*ways), MOST_PARTED):
            yield [*chain.from_iterable(chosen)]


def with_powers(text: str, start: int, end: int, comma: str) -> list[Token]:
    """The tokens of a stretch with the powers raised that have fallen to the line, if any."""
    raised = FALLEN.sub(r"e^{\g<power>}", text[start:end])
    raised = FALLEN_SQUARE.sub(")^2", raised)
    if raised == text[start:end]:
        return []
    made = tokenized(raised, 0, len(raised), math=False, comma=comma)
    return [t._replace(start=t.start + start, end=t.end + start) for t in made]


def with_digits(text: str, start: int, end: int, math: bool) -> list[Token]:
    """The tokens of a stretch with its numbers mended, 0.l389, 0. 1 or 0·1389, if there are some.

    A cross or a dot between two of them multiplies.
    """
    digits = LETTERED.sub(
        lambda m: m[0].translate(LIKE_DIGITS).replace(". ", ".").ljust(len(m[0]), "\u2060"),
        text[start:end],
    )
    digits = CROSSED.sub(" · ", digits)
    digits = LOOSE_POINT.sub(lambda m: f"{m[1]}.{m[2]}".rjust(len(m[0])), digits)
    if digits == text[start:end]:
        return []
    made = tokens_of(digits, math=math)
    return [t._replace(start=t.start + start, end=t.end + start) for t in made]


def raised_point(tokens: Tokens) -> bool:
    """True for 0·375 alone, which may be 0.375 or 0 times 375, and for 0.2554(1)."""
    if len(tokens) < 3 or tokens[0].kind not in ("number", "sign"):
        return False
    kinds = [t.kind for t in tokens if t.text not in ("-", "+")]
    texts = [t.text for t in tokens if t.text not in ("-", "+")]
    if kinds == ["number", "open", "number", "close"] and texts[2].isdecimal():
        return not texts[0].isdecimal()
    tight = not any(t.spaced for t in tokens[-2:])
    return kinds == ["number", "sign", "number"] and texts[1] == "·" and tight and (
        texts[0].isdecimal() and texts[2].isdecimal()
    )  # fmt: skip


def check_one_value(parts: Sequence[Piece | None], converted: bool = False) -> None:
    """Raise Misplaced where a chain goes on to another number from one that was its result.

    So does a name of another quantity between them, which may begin the next statement, and what
    is behind a part that cannot be read. `converted`: the last two parts are joined by
    no more than a sign of equality, so that a fraction there may be worked out wrongly: 1/4 = 0.75.
    """
    result: float | None = None
    before: float | None = None  # the last number, be it worked out or not
    exact = False  # a fraction, which a number behind it may round
    last = 0.0  # the unit of the last digit of the number before
    for place, part in enumerate(parts):
        if part is None or isinstance(part.value, Name):
            result = result if before is None else before
            continue
        amount = part.amount
        before = before if amount is None else amount
        off = 0.03 * abs(result or 0)
        if isinstance(part.plain, str) and part.plain:
            digits, _, power = part.plain.partition("e")
            unit = float(f"1e{int(power or 0) - len(digits.partition('.')[2])}")
            off = max(off, unit) if exact else min(off, 1.01 * max(unit, last)) if last else off
            last = unit
        wrongly = converted and exact and place == len(parts) - 1
        if amount is not None and result is not None and abs(amount - result) > off and not wrongly:
            raise Misplaced("two different numbers stand in one chain: which one is the result?")
        fraction = is_fraction(part.value)
        if fraction or (isinstance(part.plain, str) and RESULT.fullmatch(part.plain)):
            result, exact = amount, fraction


def is_fraction(value: Value) -> bool:
    """True for one number over another, perhaps with its sign turned."""
    value = value.operand if isinstance(value, Negation) else value
    if not isinstance(value, Product) or len(value.factors) != 2:
        return False
    over, under = value.factors
    inverse = isinstance(under, Inverse) and isinstance(under.operand, Number)
    return isinstance(over, Number) and inverse
