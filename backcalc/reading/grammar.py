"""Tokens to the formula tree, strictly, in the names of one network; two readings are none."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from itertools import takewhile

from backcalc.equations.calculation import start_values
from backcalc.equations.optimizers import CLOCK
from backcalc.errors.patterns import regex
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    evaluate,
    names_in,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS, call_derivatives
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.figures import called_by, near
from backcalc.reading.names import (
    UNKNOWN_MARK,
    Meaning,
    Misplaced,
    NameReader,
    OfMatrices,
    Symbol,
    Unreadable,
)
from backcalc.reading.signs import (
    ACTIVATIONS,
    BY_ALONE,
    CONDITIONS,
    FILLING,
    FUNCTION_NAMES,
    NEW,
    OLD,
    OTHERWISE,
    PASSES,
    phrases,
)
from backcalc.reading.tokens import LONGEST_NUMBER, Token, Tokens
from backcalc.reading.values import (
    Value,
    applied,
    chosen,
    mapped,
    multiplied,
    named_by,
    together,
    transposed,
)
from backcalc.reading.vocabulary import SPELLINGS, lengths

TWO = Fraction(2)
MAX_DEPTH = 30  # brackets inside brackets
MAX_EXPONENT = 1000
MAX_POWER = 400  # of ten
LONGEST_FACTOR = 5  # characters of a number right before a letter, which may be a stray one
MAX_TOKENS = 3000  # of one part of a chain
PARTNER = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "cases": "cases", "matrix": "matrix"}
OPPOSITE = {">": ("<", "<="), ">=": ("<", "<="), "<": (">", ">="), "<=": (">", ">=")}
WEIGHTS, BIASES = SPELLINGS["weight"], SPELLINGS["bias"]
HYPOTHESES = ("f", "F", "h", "H", "g")
"""Letters for what a network of one layer puts out, before its inputs."""
SLOPE_CALLED = regex(
    rf"d(?P<before>[^\W\d_]{{2,}})|(?P<behind>[^\W\d_]{{2,}}?)(?i:{'|'.join(phrases('DERIVED'))})"
)
"""A function's name in code with a word in it that says its derivative: sigmoid_prime, dtanh."""
NAMED = ("word", "accent", "open")
NAMED_OR_NUMBER = ("word", "number")
SCRIPTING = {"open", "low", "prime", "posthat", "power", "word"}
"""Kinds of what may stand below or above a name, or say right behind it that it is new."""
BARE_CALLS = ("exp", "log", "ln", "tanh", "sin", "cos", "cosh", "sech")
"""Functions that may stand without a bracket, or with their square behind the name."""
END = Token("end", "", 0, 0)
TURNS = ("T", "top", "intercal")
"""What stands above a matrix that is transposed."""
EDGES = ("-", "->")
"""Signs between the two units of an edge, whose weight has both below its letter."""
NO_LETTERS = ("open", "close", "low", "comma")
MARKED_LAYER = regex(
    r"(?:(?P<first>[^\W\d_]+|[+*]),?)?[(\[](?P<layer>\d)[)\]](?(first)|,?(?P<mark>[^\W\d_]+|[+*]))"
)
"""The number of a layer above a name, with a sign or word beside it that says new."""
EXPONENT, NO_NUMBER = regex(r"[eE]([+-]?\d+)$"), regex(r"0\d|\.$")
PUNCTUATION = ("dot", "comma", "semicolon", "colon", "digits")


def closing(tokens: Tokens, at: int) -> int:
    """The place of the token that closes the bracket at a place; -1 where there is none."""
    waiting: list[str] = []
    for place in range(at, len(tokens)):
        token = tokens[place]
        if token.kind == "open":
            waiting.append(PARTNER[token.text])
        elif token.kind == "close":
            if not waiting or waiting.pop() != token.text:
                return -1
            if not waiting:
                return place
    return -1


def lone_symbol(
    tokens: Tokens, names: NameReader, math: bool, *, primed: bool = False
) -> Symbol | None:
    """Return the one name that some tokens are; None for anything else, and for a new value's."""
    reader = Reader(tokens, names, math)
    try:
        symbol = reader.symbol()
    except Unreadable:
        return None
    whole = symbol is not None and reader.ahead().kind == "end"
    return symbol if whole and symbol and (primed or not symbol.primes) else None


def without_index(tokens: Tokens) -> list[Token]:
    """The tokens of a name without the index of its sample: yhat_i, y^(i), dL_i/dz_i."""
    left, found = [*trimmed(tokens)], list[Token]()
    while left:
        depth = len([*takewhile(lambda t: t.kind == "open", left[1:])])  # y^{(i)}
        index, behind = left[1 + depth : 2 + depth], left[2 + depth : 2 + 2 * depth]
        closed = len(behind) == depth and all(t.kind == "close" for t in behind)
        above = bool(found) and left[0].kind in ("low", "power") and closed
        indexed = above and bool(index) and index[0].text in ("i", "n", "k")
        found += [] if indexed else left[:1]
        left = left[2 + 2 * depth if indexed else 1 :]
    return found


def trimmed(tokens: Tokens) -> Tokens:
    """The tokens without punctuation around them."""
    if not tokens or not (tokens[0].kind in PUNCTUATION or tokens[-1].kind in PUNCTUATION):
        return tokens
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind in PUNCTUATION:
        start += 1
    while end > start and tokens[end - 1].kind in PUNCTUATION:
        end -= 1
    return tokens[start:end]


class Reader:
    """One pass over the tokens of one part of a statement."""

    def __init__(self, tokens: Tokens, names: NameReader, math: bool, depth: int = 0) -> None:
        self.tokens, self.names, self.math, self.depth = trimmed(tokens), names, math, depth
        self.at = 0
        self.bars = 0
        self.matrices = False  # whether a matrix beside a vector is their product
        if len(self.tokens) > MAX_TOKENS:
            raise Misplaced("this formula is too long")
        if depth > MAX_DEPTH:
            raise Unreadable(f"more than {MAX_DEPTH} brackets stand inside each other")

    # Looking ahead.

    def ahead(self, offset: int = 0) -> Token:
        """A token that is not yet taken."""
        try:
            return self.tokens[self.at + offset]
        except IndexError:
            return END

    def take(self, kind: str, *texts: str) -> Token | None:
        """The next token if it is of a kind, and one of these."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else END
        if token.kind == kind and (not texts or token.text in texts):
            self.at += 1
            return token
        return None

    def inside(self, tokens: Tokens) -> Reader:
        """A reader of what stands in brackets."""
        reader = Reader(tokens, self.names, self.math, self.depth + 1)
        reader.matrices = self.matrices
        return reader

    def group(self) -> Tokens:
        """The tokens in the bracket that opens here, taken."""
        end = closing(self.tokens, self.at)
        if end < 0:
            raise Misplaced("a bracket is opened and never closed")
        inner = self.tokens[self.at + 1 : end]
        self.at = end + 1
        return inner

    def argument(self) -> Tokens:
        """The argument of a command or a script: a group in braces or one token."""
        token = self.ahead()
        if token.kind == "open" and token.text == "{":
            return self.group()
        if token.kind == "end":
            raise Misplaced("the formula stops in the middle")
        self.at += 1
        if token.kind == "accent":
            return [token, *self.argument()]
        return [token]

    # Formulas.

    def whole(self) -> Value:
        """The one formula that the tokens are. Raises Unreadable where they are none."""
        if not self.tokens:
            raise Misplaced("nothing stands on one side of the equals sign")
        lone = len(self.tokens) == 1 and self.tokens[0].kind in NAMED_OR_NUMBER
        if not lone and self.tokens[0].kind == self.ahead(1).kind == "sign":
            raise Misplaced("two signs stand before it")
        value = self.atom() if lone else self.choice()
        if self.ahead().kind != "end":
            raise Misplaced(f"{self.ahead().text[:20]!r} cannot stand at this place")
        return value

    def choice(self) -> Value:
        """A sum, or `then if condition else otherwise`."""
        then = self.sum()
        if not self.take("word", "if"):
            return then
        start, depth = self.at, 0
        while (token := self.ahead()).kind != "end" and token.text != "else":
            depth += (token.kind == "open") - (token.kind == "close")
            if token.kind == "comma" and not depth:
                break
            self.at += 1
        asked = split(self.tokens[start : self.at], ("and",))
        conditions = [self.inside(each).condition() for each in asked]
        comma = self.ahead().kind == "comma"
        self.at += comma
        if not self.take("word", "else") and not comma:
            raise Unreadable("this says what holds if ..., but not what holds otherwise")
        otherwise, value = self.choice(), then
        for condition in reversed(conditions):
            value = chosen(condition, value, otherwise)
        return value

    def sum(self) -> Value:
        """Products with + and - between them."""
        total = self.product()
        terms = [total]
        while sign := self.take("sign", "+", "-"):
            term = self.product()
            terms.append(mapped(Negation, term) if sign.text == "-" else term)
        return together(lambda *each: Sum(each), terms) if len(terms) > 1 else total

    def product(self) -> Value:
        """Factors with signs between them or none; a minus belongs to the whole product."""
        minus = self.signs()
        factors = [self.power()]
        divided, signed = False, True
        while self.at < len(self.tokens):
            sign = self.tokens[self.at]
            if sign.kind == "sign" and sign.text in "*·/":
                self.at += 1
                negative = self.signs()
                factor = mapped(Negation, self.power()) if negative else self.power()
                divided = sign.text == "/"
                bare = divided and isinstance(factor, (Name, Power, Call))
                factors.append(mapped(Inverse, factor) if divided else factor)
                divided = bare
            elif sign.kind == "sign" and sign.text == "@":
                raise OfMatrices("this is a product of matrices")
            elif self.starts():
                if divided:
                    raise Unreadable("a/b c may be a/(b c) or (a/b) c: put brackets")
                self.check_side_by_side(factors)
                signed = False
                if self.ahead().kind == "dot":
                    self.at += 1
                mixed = self.ahead().kind == "fraction" and isinstance(factors[-1], Number)
                factors.append(self.power())
                last = factors[-1]
                if mixed and not isinstance(last, tuple) and not names_in(last):
                    raise Misplaced("this may be a mixed number or a product")
            else:
                break
        if self.matrices and len(factors) == 2:
            factors = applied(factors[0], factors[1], self.names.size)
        value = factors[0] if len(factors) == 1 else multiplied(factors, signed)
        return mapped(Negation, value) if minus else value

    def check_side_by_side(self, factors: Sequence[Value]) -> None:
        """Raise Misplaced where a factor without a sign may be something else.

        In plain text a blank behind a number parts what is said; 1y may be |y, and 0.5z1 0.521.
        """
        token, after = self.ahead(), self.ahead(1)
        if not isinstance(factors[-1], Number) or len(factors) > 1:
            return
        called = token.text in FUNCTION_NAMES and after.text == "("
        apart = self.tokens[self.at - 1].text == ")" or called  # (1)log(0.5)
        lettered = token.kind == "word" and not (token.spaced or apart)
        doubtful = lettered and (factors[-1] == ONE or any(map(str.isdigit, token.text)))
        single = len(token.text) == 1 and after.kind not in ("low", "prime", "power", "number")
        doubtful |= lettered and single and token.text not in self.names.vocabulary.tiers[0]
        long = not self.math and len(self.tokens[self.at - 1].text) > LONGEST_FACTOR
        doubtful |= lettered and long
        crossed = lettered and token.text in ("x", "X") and after.kind == "number"
        end = closing(self.tokens, self.at) + 1 if token.text == "(" else 0
        squared = self.tokens[end : end + 1] and self.tokens[end].kind == "power"
        apart = token.spaced and not (self.math or (end and squared))
        apart = apart and not (end and self.is_factor(factors[-1].value, end))
        if doubtful or crossed or apart:
            raise Misplaced("a number and a name stand side by side: a product, or two statements?")

    def is_factor(self, number: float | Fraction, end: int) -> bool:
        """True for a whole number before a bracket with what it is multiplied by.

        2 (yhat - y), and 2 (0.5 - 1) = -1; but 5 (3 + 2) is a result and how it came.
        """
        inner = self.tokens[self.at + 1 : end - 1]
        if number <= 1 or number != int(number):
            return False
        if [t.kind for t in inner] == ["word", "sign", "word"]:
            return inner[1].text == "-"
        if not {t.kind for t in inner} <= {"number", "sign"}:
            return False
        with suppress(Unreadable, ArithmeticError):
            value = self.inside(inner).whole()
            return isinstance(value, Sum) and not near(float(evaluate(value, {})), float(number))
        return False

    def signs(self) -> bool:
        """Take all signs that stand here, and tell whether they make a minus."""
        minus = False
        while self.at < len(self.tokens) and (sign := self.take("sign", "+", "-")):
            minus ^= sign.text == "-"
        return minus

    def starts(self) -> bool:
        """True if a factor without a sign of multiplication follows."""
        token = self.ahead()
        if token.kind == "dot":
            return self.ahead(1).kind in ("open", "word", "fraction", "accent")
        if token.kind == "bar" and not self.bars:
            if self.ahead(1).kind != "low":
                return True
            self.at += 2
            self.check_point(self.argument())
            return self.starts()
        if token.kind == "word" and token.text in ("if", "else"):
            return False
        return token.kind in ("open", "word", "fraction", "accent", "root", "differential")

    def check_point(self, tokens: Tokens) -> None:
        """Raise Unreadable unless a formula is only said to be evaluated where the sheet is.

        dL/dw at w = 0.5 is no other quantity; dL/dh0 over the skip edge is.
        """
        for piece in split(tokens, ("comma", "semicolon")):
            name, *values = split(piece, ("relation",))
            if not values:
                raise Unreadable("this may be a part of the quantity or its value at another point")
            found, number = (self.inside(each).whole() for each in (name, values[-1]))
            start = start_values(self.names.network)
            given = start.get(found.id) if isinstance(found, Name) else None
            if given is not None and isinstance(number, Number) and number.value != given:
                own = f"{float(given):g}"
                raise Unreadable(f"this is a value at another point: the exercise gives {own}")

    def power(self) -> Value:
        """An atom, perhaps with an exponent."""
        base = self.atom()
        while self.ahead().kind in ("power", "percent"):
            if self.take("percent"):
                base = mapped(lambda each: Product((each, Inverse(Number(Fraction(100))))), base)
                continue
            self.at += 1
            start, inner = self.at, self.argument()
            if len(inner) == 1 and inner[0].text in TURNS:
                base = transposed(base)
                continue
            options = self.names.network.descent.numbers
            if isinstance(base, Name) and base.id in options and [t.text for t in inner] == ["t"]:
                return Power(base, Name(CLOCK))  # of the step that the update is
            self.at = start
            exponent = self.exponent()
            if isinstance(exponent, tuple) or lengths(base) not in ((), self.names.size):
                raise Unreadable("a vector is raised to a power")
            _check_exponent(exponent)
            base = mapped(partial(Power, exponent=exponent), base)
            if self.ahead().kind == "power":
                raise Misplaced("a power of a power has two readings: put brackets")
        return base

    def exponent(self) -> Value:
        """What stands in an exponent, taken."""
        minus = self.signs()
        inner = self.group() if self.ahead().text == "(" else self.argument()
        value = self.inside(inner).whole()
        return mapped(Negation, value) if minus else value

    def atom(self) -> Value:
        """A number, a name, a call, a fraction, a bracket, bars."""
        token = self.ahead()
        match token.kind:
            case "number":
                self.at += 1
                power = EXPONENT.search(token.text)
                digits = len(token.text) > LONGEST_NUMBER
                huge = digits or (power and abs(int(power[1])) > MAX_POWER)
                if huge or NO_NUMBER.match(token.text):
                    raise Misplaced(f"{token.text[:20]} cannot be read as a number")
                if token.text == "1" and (indicator := self.indicator()):
                    return indicator
                whole, _, after = token.text.partition(".")
                if (whole + after).isdecimal():  # as nearly all are
                    return Number(Fraction(int(whole + after), 10 ** len(after)))
                return Number(Fraction(token.text))
            case "fraction":
                return self.fraction()
            case "root":
                self.at += 1
                if self.ahead().kind == "open" and self.ahead().text == "[":
                    raise Unreadable("only square roots are read")
                return self.called(FUNCTIONS["sqrt"], [self.inside(self.bracketed()).whole()])
            case "bar":
                return self.absolute()
            case "open":
                return self.bracket()
            case "differential" if self.ahead(1).kind == "low":
                return self.by_lower()
            case "differential":
                return self.quotient()
            case "word" | "accent":
                start = self.at
                if token.text == "D" and self.ahead(1).kind == "low":  # D_{w_1} L, or a name
                    with suppress(Unreadable):
                        return self.by_lower()
                    self.at = start
                return self.word()
            case "worded":
                raise Unreadable("words stand for a factor of it")
        raise Misplaced(f"{token.text[:20] or token.kind!r} cannot stand at this place")

    def indicator(self) -> Value | None:
        """The 1 that holds under a condition and is 0 elsewhere: 1[z > 0]; None for a number."""
        start = self.at
        if self.take("low") is None and self.ahead().text not in ("[", "(", "\\{"):
            return None
        if self.ahead().kind == "open" and closing(self.tokens, self.at) > 0:
            inner = self.group()
            if any(each.kind == "compare" for each in inner):
                return chosen(self.inside(inner).condition(), ONE, ZERO)
        self.at = start
        return None

    def bracketed(self) -> Tokens:
        """What stands in the bracket that follows, or the one token."""
        return self.group() if self.ahead().kind == "open" else self.argument()

    def absolute(self) -> Value:
        """What stands between two bars."""
        self.at += 1
        doubled = bool(self.take("bar"))
        if self.bars:
            raise Misplaced("bars stand inside bars")
        self.bars += 1
        value = self.sum()
        self.bars -= 1
        if not self.take("bar") or (doubled and not self.take("bar")):
            raise Misplaced("a bar is opened and never closed")
        norm = self.ahead(1).text if self.ahead().kind == "low" else ""
        if norm in ("1", "2"):
            self.at += 2  # of one number every norm is its size
        if isinstance(value, tuple):
            return self.squared(value)
        return Call(FUNCTIONS["abs"], (value,))

    def squared(self, vector: tuple[Value, ...]) -> Value:
        """The square of the length of a vector, taken with its exponent."""
        after = [t.text for t in self.tokens[self.at : self.at + 4] if t.text not in "{}"]
        if after[:2] != ["^", "2"] or any(isinstance(each, tuple) for each in vector):
            raise Unreadable("this is the length of a vector, which is not read")
        self.at += 1
        self.argument()
        return Sum(tuple(Power(each, Number(TWO)) for each in vector))  # type: ignore[arg-type]

    def bracket(self) -> Value:
        """A formula in brackets, a vector, an array, or a formula in pieces."""
        token = self.ahead()
        if token.text == "\\{" and self.ahead(1).text == "matrix":
            self.at += 1
            pieces = self.pieces(self.group())
            self.take("close", "\\}")
            return pieces
        if token.text == "{" and (symbol := self.grouped()):
            return self.function(symbol) or self.meant(symbol)
        start = self.at
        inner = self.group()
        over = split(inner, ("over",))
        if token.text == "{" and len(over) == 2:
            braces = Token("open", "{", 0, 0), Token("close", "}", 0, 0)
            sides = [each for side in over for each in (braces[0], *side, braces[1])]
            return self.inside([Token("fraction", "frac", 0, 0), *sides]).whole()
        if token.text == "{" and [each.text for each in inner] == ["1"]:
            return self.indicator() or ONE
        if token.text == "cases":
            return self.pieces(inner)
        if token.text == "matrix":
            return self.array(inner)
        whole = not any(each.kind == "sign" for each in inner)  # (∂L)/(∂w), not (∂L/∂w + 1)
        if inner and inner[0].kind == "differential" and token.text == "(" and whole:
            self.at = start
            return self.quotient()
        return self.listed(inner, token.text, start)

    def listed(self, inner: Tokens, bracket: str, start: int) -> Value:
        """One formula in brackets, or several with commas between them as a vector."""
        choice = any(each.kind == "word" and each.text == "if" for each in inner)
        rows = [split(row, ("comma",)) for row in split(inner, ("semicolon",))]
        if len(rows) > 1 and len(rows[0]) > 1:  # [0.1, -0.2; 0.4, 0.3]
            return self.rowed(rows)
        parts = [inner] if choice else split(inner, ("comma", "semicolon"))
        factor = self.tokens[start - 1] if start else END
        kinds = {each.kind for each in inner}
        compared = not choice and "compare" in kinds and "cell" not in kinds
        if compared and factor.kind == "sign" and factor.text in "*·":
            return chosen(self.inside(inner).condition(), ONE, ZERO)  # dh * (z > 0)
        values = [self.inside(part).whole() for part in parts]
        if len(values) == 1:
            return values[0]
        if bracket == "{":
            raise Misplaced("a list stands in braces")
        return tuple(values)

    def array(self, inner: Tokens) -> Value:
        """A matrix by rows; one row or one column is a vector."""
        rows = [row for row in split(inner, ("row",)) if row]
        return self.rowed([split(row, ("cell",)) for row in rows])

    def rowed(self, rows: Sequence[Sequence[Tokens]]) -> Value:
        """A matrix by the cells of its rows."""
        cells = [[self.inside(cell).whole() for cell in row] for row in rows]
        if len({len(row) for row in cells}) != 1:
            raise Misplaced("the rows of this matrix have different lengths")
        if len(cells) == 1:
            return tuple(cells[0]) if len(cells[0]) > 1 else cells[0][0]
        return tuple(row[0] if len(row) == 1 else tuple(row) for row in cells)

    # Pieces.

    def pieces(self, inner: Tokens) -> Value:
        """A formula in pieces, each with its condition, as a choice."""
        rows = [row for row in split(inner, ("row",)) if row]
        read = [self.piece(row) for row in rows]
        if len(read) < 2 or len(read) > 6 or any(c is None for _, c in read[:-1]):
            raise Misplaced("a condition is missing in this formula in pieces")
        conditions = [condition for _, condition in read if condition]
        first, open_ended = conditions[0], read[-1][1] is None  # classes, and one for the rest
        for each in conditions[1:]:
            classes = open_ended and first.relation == each.relation == "=="
            if each.left != first.left or (each.right != first.right and not classes):
                raise Unreadable("the conditions of this formula are about different quantities")
        if read[-1][1] is not None:
            relations = [each.relation for each in conditions]
            covers = relations[-1] in OPPOSITE.get(relations[0], ()) or "==" in relations[1:]
            if not covers or len(set(relations)) < len(relations):
                raise Misplaced("the conditions of this formula leave a case open")
        value = read[-1][0]
        for then, condition in reversed(read[:-1]):
            assert condition
            value = chosen(condition, then, value)
        return value

    def piece(self, row: Tokens) -> tuple[Value, Comparison | None]:
        """One piece and its condition; None where it is for all else."""
        cells = split(row, ("cell",))
        if len(cells) == 1:
            cells = split(row, ("comma", "semicolon"))
        if len(cells) == 1:
            place = next((n for n, t in enumerate(row) if says(t, CONDITIONS, OTHERWISE)), None)
            cells = [row] if place is None else [row[:place], row[place:]]
        condition = [token for cell in cells[1:] for token in cell]
        while condition and (says(condition[0], CONDITIONS) or condition[0].kind in PUNCTUATION):
            condition = condition[1:]
        value = self.inside(cells[0]).whole()
        if not condition or (len(condition) == 1 and says(condition[0], OTHERWISE)):
            return value, None
        return value, self.inside(condition).condition()

    def condition(self, named: bool = True) -> Comparison:
        """A comparison, of quantities unless numbers alone will do."""
        places = [n for n, t in enumerate(self.tokens) if t.kind in ("compare", "relation")]
        if len(places) != 1:
            raise Misplaced("the condition is not a comparison")
        (place,) = places
        left = self.inside(self.tokens[:place]).whole()
        right = self.inside(self.tokens[place + 1 :]).whole()
        relation = self.tokens[place].text
        if isinstance(left, tuple) or isinstance(right, tuple):
            raise Unreadable("the condition is about a vector")
        if named and not names_in(left) and not names_in(right):
            raise Misplaced("the condition names no quantity")
        return Comparison(left, "==" if relation in ("=", "≈") else relation, right)

    # Fractions and derivatives.

    def fraction(self) -> Value:
        r"""A fraction, or a derivative where both sides say so."""
        self.at += 1
        if self.ahead().kind == "number" and len(self.ahead().text) > 1:
            digits = self.ahead().text  # \frac12: each digit is an argument
            if len(digits) != 2 or not digits.isdecimal():
                raise Misplaced("where do the two sides of this fraction end? Put braces")
            self.at += 1
            return Product((Number(Fraction(digits[0])), Inverse(Number(Fraction(digits[1])))))
        above, below = self.argument(), self.argument()
        if len(sign := trimmed(above)) == 1 and sign[0].text in ("d", "\\partial", "∂"):
            above = [*above, *self.operand()]
        of = self.differential(above, of=True)
        by = self.beside(of, below)
        if of and by:
            return named_by(self.names.derivative(of, by))
        over, under = self.inside(above).whole(), self.inside(below).whole()
        if isinstance(under, tuple):
            raise Unreadable("something is divided by a vector")
        if over == ONE:
            return Inverse(under) if names_in(under) else Product((ONE, Inverse(under)))
        return mapped(lambda each: Product((each, Inverse(under))), over)

    def operand(self) -> Tokens:
        """The name, or the formula of a quantity in brackets, behind a differential operator."""
        start = self.at
        if self.ahead().text in ("(", "["):
            inner = self.group()
            self.inside(inner).quantity()
            return inner
        if self.symbol() is None:
            raise Misplaced("it is not said what the derivative is of")
        return self.tokens[start : self.at]

    def differential(self, tokens: Tokens, *, of: bool = False) -> Meaning | None:
        r"""What \partial or d stands before; None where neither does."""
        tokens = trimmed(tokens)
        while len(tokens) > 1 and tokens[0].kind == "open" and closing(tokens, 0) == 2:
            tokens = [tokens[1], *tokens[3:]]  # {d}L
        while len(tokens) > 2 and tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
        if not tokens:
            return None
        first = tokens[0]
        curly = first.text == "delta" and [t.kind in NAMED for t in tokens[1:2]] == [True]
        if curly or first.kind == "differential" or (first.kind == "word" and first.text == "d"):
            rest = tokens[1:]
        elif first.kind == "word" and first.text.startswith("d") and len(first.text) > 1:
            name = re.sub("^2", "z", first.text[1:])  # as a scanner sees it
            rest = [Token("word", name, first.start, first.end), *tokens[1:]]
        else:
            return None
        whole = len(rest) > 2 and rest[0].text in ("(", "[") and closing(rest, 0) == len(rest) - 1
        rest = rest[1:-1] if whole else rest
        if not rest:
            return None
        if [t.kind for t in rest] == ["word", "number"] and not self.names.knows(
            Symbol(rest[0].text)
        ):  # fmt: skip
            rest = [rest[0]._replace(text=f"{rest[0].text}{rest[1].text}")]  # d w 2
        reader = self.inside(rest)
        try:
            symbol = reader.symbol()
            if of and symbol and symbol.key in ("l", "e", "c", "j"):  # dl/dw: which is no 1 here
                symbol = symbol if self.names.knows(symbol) else Symbol(symbol.key.upper())
            part = self.names.of_one_output(symbol) if of and symbol else None
            if part and symbol and not self.names.knows(symbol) and reader.ahead().kind == "end":
                return part
            meaning = reader.found(symbol) if symbol else None
            if meaning and reader.ahead().kind == "end":
                return meaning
        except Unreadable:
            if first.kind == "word":
                return None
            if not of:
                raise
        return self.inside(rest).quantity() if of or whole else None

    def beside(self, of: Meaning | None, tokens: Tokens) -> Meaning | None:
        """What a derivative is by; a sum without a number is that of its unit: dy1/dnet."""
        acts, out = self.names.network.activations, of.quantities if of else ""
        unit = next((u.name for u in self.names.network.units if acts[u.name] == out), "")
        bare = "".join(t.text for t in tokens[-1:]).removeprefix("d") in SPELLINGS["pre-activation"]
        with self.names.numbered(unit if unit and bare else self.names.below):
            return self.differential(tokens)

    def quantity(self) -> Meaning:
        """The quantity that a formula is of, the sum w_1 x + b or the activation sigma(z_2)."""
        value = self.whole()
        if isinstance(value, Call) and isinstance(value.arguments[0], Name):
            unit = self.names.activation(value.arguments[0].id)
            if unit and unit.activation is value.function:
                return Meaning(self.names.network.activations[unit.name])
        found = () if isinstance(value, tuple) else called_by(value, self.names)
        if found:
            return Meaning(found[0])
        raise Unreadable("this is the derivative of a formula, not of a quantity")

    def quotient(self) -> Value:
        """A derivative in one line: ∂L/∂w, dL/dw, ∂L/(∂w)."""
        of = self.differential(self.one_side(), of=True)
        if not self.take("sign", "/"):
            raise Misplaced("one side of this derivative is missing")
        by = self.beside(of, self.one_side())
        if not of or not by:
            raise Unreadable("one side of this derivative is no quantity")
        return named_by(self.names.derivative(of, by))

    def one_side(self) -> Tokens:
        """The tokens of one side of a derivative in one line."""
        start = self.at
        if self.ahead().kind == "open":
            self.group()
            return self.tokens[start : self.at]
        if not self.take("differential"):
            self.take("word", "d", "delta")
        if self.ahead().text == "(":  # a name in brackets below the stroke
            self.group()
            return self.tokens[start : self.at]
        symbol = self.symbol()
        if symbol is None:
            raise Misplaced("no quantity stands behind the d of a derivative")
        self.found(symbol, check=False)
        return self.tokens[start : self.at]

    # Names and calls.

    def word(self) -> Value:
        """A name, a function or a derivative, whichever the word begins."""
        start, first = self.at, None
        token = self.ahead()
        if token.kind == "word" and token.text in ("nabla", "grad"):
            return self.nabla()
        if token.kind == "word" and token.text.startswith("d") and self._in_line():
            try:
                return self.quotient()
            except Unreadable as error:
                self.at, first = start, error
        if token.text == "e" and self.ahead(1).kind == "power":
            own = "e" in self.names.vocabulary.tiers[0] and not self._is_negative()
            errors = "e" in {*self.names.aliases, *self.names.formulas}
            if not own and not (errors and "2" in (self.ahead(2).text, self.ahead(3).text)):
                self.at += 2  # not where it is the square of an error
                return self.called(FUNCTIONS["exp"], [self.exponent()])
        symbol = self.symbol()
        if symbol is None:
            raise Unreadable(f"{token.text[:20]!r} is not the name of a quantity")
        if self.ahead().kind == "dot" and self.ahead(1).text == "grad":  # as PyTorch calls it
            self.at += 2
            return named_by(self.names.derivative_by(self.names.find(symbol)))
        try:
            value = self.function(symbol) or self.meant(symbol)
        except Unreadable as error:
            raise (type(error)(str(first)) if first else error) from None
        slope = isinstance(value, Name) and isinstance(parsed(value.id), Derivative)
        if first and slope and self.ahead().text == "/" and self.ahead(1).text.startswith("d"):
            raise first  # dh/dw2, where h does not depend on it, is no quotient of dL/dh
        return value

    def _is_negative(self) -> bool:
        """True for e^-x, which is no power of an e that the network has."""
        after = [t.text for t in (self.ahead(2), self.ahead(3))]
        return "-" in after[: 1 + (after[0] in ("{", "("))]

    def _in_line(self) -> bool:
        """True if a derivative such as dL/dw begins here."""
        for place in range(self.at + 1, min(len(self.tokens), self.at + 14)):
            token = self.tokens[place]
            if token.kind == "sign" and token.text == "/":
                after = self.tokens[place + 1 : place + 3]
                after = after[1:] if after and after[0].text == "(" else after
                first = after[0] if after else END
                return first.kind == "differential" or first.text.startswith("d")
            if token.kind in ("sign", "relation", "end"):
                return False
        return False

    def nabla(self) -> Value:
        """A gradient of the loss by what stands below the sign or behind it."""
        self.at += 1
        if self.ahead().kind == "low":
            by = self.lower_name()
            if self.ahead().kind in ("word", "open"):
                start = self.at
                loss = self.grouped() if self.ahead().kind == "open" else self.symbol()
                if loss and self.found(loss).quantities == self.names.loss:
                    return named_by(self.names.derivative(Meaning(self.names.loss), by))
                self.at = start
        else:
            inner = self.bracketed() if self.ahead().text == "(" else self.rest()
            reader = self.inside(inner)
            loss = reader.symbol() if "(" in {t.text for t in inner} else None
            at = loss and self.names.knows(loss) and self.names.find(loss).quantities
            called = at == self.names.loss and reader.ahead().text == "("  # nabla L(z)
            by = (self.inside(reader.bracketed()) if called else self.inside(inner)).taken_by()
        return named_by(self.names.derivative_by(by))

    def by_lower(self) -> Value:
        r"""A derivative by what stands below its sign: \partial_{w_1} L."""
        self.at += 1
        by = self.lower_name()
        of = self.symbol()
        if of is None:
            raise Misplaced("it is not said what the derivative is of")
        return named_by(self.names.derivative(self.found(of), by))

    def lower_name(self) -> Meaning:
        """The quantity, or the list of them, below the sign of a derivative, taken."""
        self.at += 1
        inner = self.argument()
        whole = bool(inner) and inner[0].text == "(" and closing(inner, 0) == len(inner) - 1
        parts = split(inner[1:-1] if whole else inner, ("comma",))
        found = [self.inside(part).taken_by() for part in parts]
        several = Meaning(tuple(each.quantities for each in found))
        return found[0] if len(found) == 1 else several

    def taken_by(self) -> Meaning:
        """What the one name means that a derivative is taken by."""
        symbol = self.symbol()
        if symbol is None or self.ahead().kind != "end":
            raise Unreadable("it does not say what the gradient is taken by")
        return self.names.find(symbol)

    def rest(self) -> Tokens:
        """All tokens that are left, taken."""
        start, self.at = self.at, len(self.tokens)
        return self.tokens[start:]

    def grouped(self) -> Symbol | None:
        """A name in braces, with what is written at the braces; None where they hold no name."""
        start = self.at
        end = closing(self.tokens, start)
        inner = self.tokens[start + 1 : end] if end > 0 else []
        if not inner or inner[0].kind not in ("word", "accent", "open"):
            return None
        reader = self.inside(inner)
        try:
            symbol = reader.symbol()
        except Unreadable:
            return None
        if symbol is None or reader.ahead().kind != "end":
            return None
        self.at = end + 1
        return self.scripts(symbol)

    def symbol(self) -> Symbol | None:
        """A name with its hat and what stands below and above it; None where there is none."""
        token = self.ahead()
        if token.kind == "accent":
            self.at += 1
            newly = token.text in self.names.marks
            known = token.text in ("hat", "tilde") or token.text in self.names.defined
            if not (known or newly):
                raise Unreadable(UNKNOWN_MARK)
            inner = self.inside(self.argument()).symbol()
            if inner is None:
                raise Misplaced("a hat stands on no letter")
            match = re.fullmatch(r"([^\W\d_])(\d)", inner.head) if not inner.low else None
            if match and not self.names.knows(Symbol(f"{inner.head}hat")):
                inner = inner._replace(head=match[1], low=match[2])  # \\hat{y1}
            if newly:
                hatted = inner._replace(head=f"{inner.head}hat")
                loose = inner.head == "y" and self.names.knows(hatted)
                inner = hatted if loose else inner
                return self.scripts(inner._replace(primes=inner.primes + 1))
            if token.text in ("bar", "tilde"):
                return self.scripts(inner._replace(head=f"{token.text}{inner.head}"))
            return self.scripts(inner._replace(head=f"{inner.head}hat"))
        if token.kind == "open" and token.text == "{":
            return self.grouped()
        if token.kind != "word":
            return None
        self.at += 1
        return self.scripts(Symbol(token.text))

    def scripts(self, symbol: Symbol) -> Symbol:
        """The name with what stands below and above it."""
        if self.ahead().kind not in SCRIPTING:
            return symbol
        (head, low, layer, primes, indexed, sample), owned = symbol, ""
        while True:
            token = self.ahead()
            if token.kind not in SCRIPTING:
                break
            if token.text == "{" and self.ahead(1).kind in ("low", "power"):
                start = self.at
                inner = self.group()
                self.tokens = [*self.tokens[:start], *inner, *self.tokens[self.at :]]
                self.at = start
            elif token.text == "{" and self.ahead(1).text == "}":  # a^{(1)}{}^T
                self.at += 2
            elif token.kind == "low":
                self.at += 1
                self._one_letter(f"{head}{low}")
                below = self.argument()
                layered = self._above(below) if below and below[0].kind == "power" else None
                if layered:
                    layer = layered[0]
                else:
                    low += "".join(self._below(below, f"{head}{low}"))
            elif token.kind == "prime":
                self.at += 1
                primes += len(token.text)
                after = self.ahead()  # b'1
                if not (low or after.spaced or self.math) and after.kind == "number":
                    self.at += 1
                    low = after.text
            elif token.kind == "posthat":
                self.at += 1
                head += "hat"
            elif token.kind == "power" and (own := self._own_layer(f"{head}{low}")):
                layer = owned = own
                self.at += 4
            elif token.kind == "power":
                start = self.at
                self.at += 1
                inner = self.argument() if self.ahead().kind == "open" else []
                if [t.kind for t in inner] == ["angle", "number", "angle"] and not low:
                    low = inner[1].text  # a step in time
                    continue
                if [t.text for t in inner if t.kind != "number"] == ["[", "]", "(", ")"]:
                    numbers = [t.text for t in inner if t.kind == "number"]  # z^{[1](2)}
                    if len(numbers) == 2:
                        layer, sample = numbers
                        continue
                self.at = start + 1
                if self.names.starred and head == "y" and self._is_star():
                    head = "ystar"
                    continue
                try:
                    said = self._above(self.argument(), head, low)
                except Unreadable:
                    said = None
                if said is None or (primes and said[1]):  # w^{*}^{*}
                    above = self.tokens[start + 1 : self.at]
                    if not (low or layer) and (low := self._letter_above(above, head)):
                        continue
                    self.at = start
                    break
                layer, primes = said[0] or layer, primes + said[1]
            elif token.text == "[" and layer == owned != "" and (index := self._index(token)):
                sample = index
            elif token.text == "[" and (index := self._index(token)) and not layer:
                if self.names.from_nought:  # a1[0], as arrays of code count
                    if low.casefold() in NEW:
                        low, primes = "", max(primes, 1)
                    whole = f"{head}{low}"
                    head = whole.rstrip(string.digits)
                    layer = whole[len(head) :]
                    low = "".join(str(int(n) + 1) for n in index.split(","))
                else:
                    layer, indexed = index, True
            elif token.text == "(" and self._newly():
                primes = max(primes, 1)  # w1' (new) says it twice
            elif self.names.stepped_behind and head in (*WEIGHTS, *BIASES) and (
                [t.text for t in self.tokens[self.at : self.at + 3]] == ["(", "0", ")"]
            ):  # fmt: skip
                self.at += 3
            elif token.kind == "word" and token.spaced and (count := self._new_words()):
                self.at += count
                primes = max(primes, 1)
            else:
                break
        return Symbol(head, low, layer, primes, indexed, sample)

    def _below(self, tokens: Tokens, key: str) -> Iterator[str]:
        """What stands below a name, without the sign between the two units of an edge, H1-O1."""
        kept = [t.text for t in tokens if t.kind not in NO_LETTERS]
        if len(kept) == 1 and not (self.math or self.names.knows(Symbol(key, kept[0]))):
            joint, after = self.ahead(), self.ahead(1)
            if joint.text in EDGES and not (joint.spaced or after.spaced) and (
                self.names.knows(Symbol(key, kept[0] + after.text))
            ):  # fmt: skip
                self.at += 2
                kept.append(after.text)  # W_H1-O1, without braces
        bare = [text for text in kept if text not in EDGES]
        edge = kept[1:-1] and len(bare) < len(kept) and any(map(str.isalpha, "".join(bare)))
        yield from bare if edge and self.names.knows(Symbol(key, "".join(bare))) else kept

    def _is_star(self) -> bool:
        """Take a star that stands above a name, in braces or not."""
        braced = self.ahead().text == "{"
        if self.ahead(braced).text != "*":
            return False
        self.at += 3 if braced else 1
        return True

    def _one_letter(self, key: str) -> None:
        """Where TeX sets only the first letter low, take so much, unless the whole is a name."""
        token = self.ahead()
        if self.math and token.kind in ("word", "number") and len(token.text) > 1:
            first, rest = token.text[0], token.text[1:]
            known = self.names.knows(Symbol(key, token.text))
            if not known and self.names.knows(Symbol(key, first)):
                kind = "number" if rest.isdecimal() else "word"
                both = [token._replace(text=first), token._replace(kind=kind, text=rest)]
                self.tokens = [*self.tokens[: self.at], *both, *self.tokens[self.at + 1 :]]

    def _own_layer(self, start: str) -> str:
        """The number in brackets above a name, where a word of the file's own is so: a_1^(2)."""
        opens, number, closes = (self.ahead(after).text for after in (1, 2, 3))
        words = (word.partition("^") for word in self.names.network.names.values())
        starts = (start, start.removeprefix("d"))  # dW_1^(2) of a derivative in one line
        own = any(above == f"({number})" and word.replace("_", "").startswith(starts)
                  for word, _, above in words)  # fmt: skip
        return number if own and f"{opens}{closes}" in ("()", "[]") else ""

    def _above(self, tokens: Tokens, head: str = "", low: str = "") -> tuple[str, int] | None:
        """The layer and the primes that are written above a name; None for an exponent."""
        texts = [t.text for t in tokens if t.text not in ("{", "}") and t.kind != "power"]
        primes = sum(len(t.text) for t in tokens if t.kind == "prime")
        rest = [text for text in texts if not text.startswith("'")]
        if not rest:
            return ("", primes) if primes else None
        joined = "".join(rest).strip("()[]").casefold()
        weight = head in (*WEIGHTS, *BIASES) or f"{head}{low}" in self.names.weights
        starred = joined == "*" and ("*" in self.names.marks or weight)
        if joined == "+" or starred or (joined in NEW and joined not in ("k", "n")):
            return "", primes + 1
        if marked := MARKED_LAYER.fullmatch(above := "".join(rest)):
            mark = marked["mark"] or marked["first"]
            said = self._above([Token("word", mark, 0, 0)], head, low) if head else None
            if said == ("", 1) or mark.casefold() in OLD:  # w_{11}^{(2)+}, ^{(2),new}
                return marked["layer"], primes + (said == ("", 1))
        bracketed = rest[0] in ("(", "[") and rest[-1] in (")", "]")
        if bracketed and re_digits(joined):
            return joined, primes
        numbered = re_digits(joined) or re.fullmatch(r"L(?:-[1-9])?", above)
        if numbered and (layer := self.names.layer_above(head, low, above)):
            return layer, primes
        if joined in OLD and (bracketed or len(joined) > 1):
            return "", primes
        return None

    def _letter_above(self, tokens: Tokens, head: str) -> str:
        """The letter of a layer that stands above a name and not below it, b^h, b^y; "" for none.

        The output layer may have that of what it puts out.
        """
        texts = [t.text for t in tokens if t.text not in "{}()"]
        if len(texts) != 1 or texts[0] not in ("h", "o", "y"):
            return ""
        lows = ("o",) if texts[0] == "y" else (texts[0],)
        return next((low for low in lows if self.names.knows(Symbol(head, low))), "")

    def _index(self, token: Token) -> str:
        """The number in square brackets right behind a name, taken: a sample or a step."""
        if token.spaced or self.math:
            return ""
        numbers: list[str] = []
        ends = ("]", ",") if self.names.from_nought else ("]",)
        while self.ahead().text == "[" and self.ahead(1).kind == "number" and (
            self.ahead(2).text in ends
        ):  # fmt: skip
            numbers.append(self.ahead(1).text)
            if self.ahead(2).text == "," and self.ahead(3).kind == "number":
                numbers.append(self.ahead(3).text)
                self.at += 2
            self.at += 3
        return ",".join(numbers)

    def _newly(self) -> bool:
        """Take a bracket that says new: w1 (neu), w_1(t+1)."""
        end = closing(self.tokens, self.at)
        inner = "".join(t.text for t in self.tokens[self.at + 1 : max(end, 0)]).casefold()
        counted = self.names.stepped_behind and inner == "1" and not self.ahead().spaced
        if end > 0 and (counted or (inner in NEW and inner not in ("k", "n", "t"))):
            self.at = end + 1
            return True
        return False

    def _new_words(self) -> int:
        """The number of words here that say new: neu, after the first step."""
        word = self.ahead().text
        told = len(word) > 2 or (len(word) > 1 and self.ahead(1).kind in ("relation", "end"))
        new = not self.math and word.casefold() in NEW and told
        if not new or self.names.knows(Symbol(word)):
            return 0
        run = [*takewhile(lambda t: t.kind == "word" and t.spaced, self.tokens[self.at :])]
        others = [token.text.casefold() for token in run[1:]]
        if word.casefold() in BY_ALONE and others and others[0] not in PASSES | FILLING | NEW:
            return 0  # die Ableitung von L nach w1
        ends = self.ahead(len(run)).kind in ("colon", "relation", "end", "close")
        whole = any(each in PASSES for each in others) and {*others} <= PASSES | FILLING | NEW
        return len(run) if ends and whole else 1

    def found(self, symbol: Symbol, *, check: bool = True) -> Meaning:
        """What a name means; the loss may have its arguments behind it."""
        outputs = self.names.network.outputs
        whole = check and self.is_hypothesis(symbol)
        known = not whole or self.names.knows(symbol)
        meaning = Meaning("") if not check else (
            self.names.find(symbol) if known else Meaning(outputs[0])
        )  # fmt: skip
        called = self.names.loss, *(outputs if whole or symbol.low == "theta" else ())
        losses = meaning.quantities in called if check else self.ahead().text == "("
        if losses and self.ahead().text == "(" and self.ahead().kind == "open":
            end = closing(self.tokens, self.at)
            inner = self.tokens[self.at + 1 : max(end, 0)]
            kinds = {token.kind for token in inner}
            named = kinds <= {"word", "comma", "bar", "semicolon", "low", "accent", "open", "close",
                              "number", "prime", "power"}  # fmt: skip
            lettered = any(t.kind in ("word", "accent") for t in inner)
            if end > 0 and named and lettered and inner[0].kind != "number":
                slope = symbol.primes == 1 and self.slope_at(inner)
                if symbol.primes and "comma" not in kinds and not slope:
                    raise Unreadable("this may be a derivative, or the loss after the step")
                self.at = end + 1
                if slope:
                    return slope
                for place, _ in enumerate(inner):  # of L(\tilde{y}, y) it must be known as well
                    if inner[place].kind == "accent":
                        self.inside(inner[place:]).symbol()
        return meaning

    def slope_at(self, argument: Tokens) -> Meaning | None:
        """The derivative of the loss by the only weight there is, f'(w) and f'(w_1)."""
        reader, weights = self.inside(argument), self.names.weights
        symbol = reader.symbol()
        if len(weights) != 1 or symbol is None or symbol.primes or reader.ahead().kind != "end":
            return None
        meaning = self.names.find(symbol)
        return self.names.derivative_by(meaning) if meaning.quantities == weights[0] else None

    def is_hypothesis(self, symbol: Symbol) -> bool:
        """True for f(x), h_w(x) and yhat(x), what the network puts out for its inputs."""
        network = self.names.network
        inner = self.tokens[self.at + 1 : max(closing(self.tokens, self.at), 0)] if (
            self.ahead().text == "(" and len(network.outputs) == 1
        ) else ()  # fmt: skip
        words = [t.text for t in inner if t.kind == "word"]
        inputs = {"x", "X", *network.inputs}
        stems = {word.rstrip(string.digits) for word in words if word not in inputs}
        if not words or inner[0].kind != "word" or not stems <= inputs or (
            {t.kind for t in inner} - {"word", "low", "number", "comma"}
        ):  # fmt: skip
            return False
        known = self.names.knows(symbol)
        of_output = known and self.names.find(symbol).quantities == network.outputs[0]
        layers = self.names.vocabulary.layers if network.units else 1
        if symbol.head in HYPOTHESES and (layers == 1 or symbol.low in ("theta", "w", "W")):
            return of_output or not known
        before = [t.kind for t in self.tokens[: self.at] if t.kind not in ("open", "close")]
        alone = before in (["word"], ["accent", "word"])
        return of_output and alone and closing(self.tokens, self.at) == len(self.tokens) - 1

    def meant(self, symbol: Symbol) -> Value:
        """The quantity that a name means, or the product of the letters of a word."""
        if symbol.key in ("o", "O", "l", "I") and not self.names.stated(symbol.key):
            raise Misplaced(f"{symbol.key} may be a letter or a digit")
        if symbol.key in self.names.formulas and not symbol.primes:
            return self.names.formulas[symbol.key]
        try:
            return named_by(self.found(symbol))
        except Unreadable:
            count = symbol.key in ("m", "N") and self.names.vocabulary.sampled
            if count and not any(n.startswith(f"{symbol.key}[") for n in self.names.forward):
                return Number(Fraction(len(self.names.network.samples)))
            lettered = self.math or any(map(str.isdigit, symbol.head))
            if len(symbol.head) < 2 or not lettered or symbol.head == "to":  # an arrow, perhaps
                raise
            noted = dict(self.names.noted)
            ways = list(self._letters(symbol))
            if len(ways) != 1:
                self.names.noted = noted
                raise
            return Product(tuple(ways[0]))

    def _letters(self, symbol: Symbol) -> list[list[Expression]]:
        """The ways in which a word is a product of names."""
        head = symbol.head[:24]
        ways: dict[int, list[list[Expression]]] = {0: [[]]}
        for end in range(1, len(head) + 1):
            found: list[list[Expression]] = []
            for start in range(max(0, end - 6), end):
                last = end == len(head)
                piece = symbol._replace(head=head[start:end])
                piece = piece if last else Symbol(head[start:end])
                if not ways.get(start) or head[start].isdigit() or (start, last) == (0, True):
                    continue
                try:
                    value = named_by(self.names.find(piece))
                except Unreadable:
                    continue
                if not isinstance(value, tuple):
                    found += [[*way, value] for way in ways[start]][:4]
            ways[end] = found[:4]
        return ways[len(head)] if len(head) == len(symbol.head) else []

    def function(self, symbol: Symbol) -> Value | None:
        """The call that begins with a word; None where the word is no function here."""
        token = self.ahead()
        opens = token.kind == "open" and token.text in ("(", "[", "{", "\\{")
        if not opens and symbol.head not in BARE_CALLS:
            return None
        key = f"{symbol.head}{symbol.low}".replace("_", "")
        turning = symbol.head in BARE_CALLS[3:]
        above = [t.text for t in self.tokens[self.at : self.at + 5]] if turning else []
        if [t for t in above if t not in "{}"][:3] == ["^", "2", "("]:
            self.at += above.index("(")  # tanh^2(x)
            return Power(self.called(FUNCTIONS[symbol.head], self.arguments(True)), Number(TWO))  # type: ignore[arg-type]
        row = FUNCTION_NAMES.get(key) or FUNCTION_NAMES.get(key.casefold())
        slope = slope_called(key) if opens and not row else ""
        if slope and key not in self.names.vocabulary.tiers[0]:
            return self.slope(FUNCTIONS[slope], self.arguments(opens), of_output=True)
        if row == "sigmoid" and symbol.head in ("sigma", "σ"):
            row = self.names.sigma or row
        if key in self.names.vocabulary.tiers[0] and not (row and opens):
            return None
        if row and (opens or (self.math and symbol.head in ("exp", "log", "ln", "tanh"))):
            arguments = self.arguments(opens)
            if FUNCTIONS[row].outputs and (place := self.place_of_output(arguments)):
                return Call(FUNCTIONS[row], tuple(arguments), place - 1)  # type: ignore[arg-type]
            of = self.names.activation(arguments[0].id) if isinstance(arguments[0], Name) else None
            if of and of.group and of.activation.name == row and len(arguments) == 1:
                return Name(self.names.network.activations[of.name])  # softmax(z_1), one share
            if symbol.primes:
                return self.slope(FUNCTIONS[row], arguments)
            return self.called(FUNCTIONS[row], arguments)
        hypothesis = symbol.low == "theta" or self.is_hypothesis(symbol)  # h_theta(x), f(x)
        if symbol.head in ACTIVATIONS and opens and self.ahead().text == "(" and not hypothesis:
            start = self.at
            arguments = self.arguments(opens)
            among = arguments[0] if isinstance(arguments[0], tuple) else arguments
            units = [self.names.activation(n.id) if isinstance(n, Name) else None for n in among]
            functions = {unit.activation if unit and not unit.group else None for unit in units}
            unit = units[0] if len(arguments) == len(functions) == 1 else None
            if unit and not unit.group and symbol.primes:
                return self.slope(unit.activation, arguments)
            if unit and not unit.group and among is arguments:
                return Call(unit.activation, (arguments[0], *map(Number, unit.settings)))  # type: ignore[arg-type]
            by, lines = among[0] if len(among) == 1 else None, self.names.forward.items()
            made = [n for n, line in lines if {*map(Name, names_in(line.expression))} == {by}]
            if symbol.primes and isinstance(by, Name) and len(made) == 1:  # of an equation's sum
                return named_by(self.names.derivative(Meaning(made[0]), Meaning(by.id)))
            if not self.names.knows(symbol):
                own = self.names.network.units
                every = {u.activation for u in own}
                whole = isinstance(arguments[0], (Sum, Product, Number, Negation))  # no f(x)
                if len(every) != 1 or len(arguments) != 1 or not whole or (
                    any(u.settings or u.group for u in own)
                ):  # fmt: skip
                    raise Unreadable(f"it does not say which function {symbol.head} is")
                make = self.slope if symbol.primes else self.called
                return make(every.pop(), arguments)  # that of every unit
            self.at = start
        return None

    def place_of_output(self, arguments: Sequence[Value]) -> int:
        """Which of its values a function with several stands for, softmax(a, b)[2]; 0 for none."""
        start, below = self.at, bool(self.take("low"))
        inner = self.argument() if below else list(self.tokens[start + 1 : start + 2])
        number = "".join(t.text for t in inner)
        around = [t.text for t in self.tokens[start : start + 3 : 2]]
        told = number.isdecimal() and (below or around == ["[", "]"])
        plain = not any(isinstance(each, tuple) for each in arguments)
        place = int(number) if told and plain and len(number) < 4 else 0
        known = 0 < place <= len(arguments)
        self.at = start if not known else self.at if below else start + 3
        return place if known else 0

    def arguments(self, opens: bool) -> list[Value]:
        """The arguments of a call; without a bracket the one factor that follows."""
        if not opens:
            value = self.power()
            if self.starts():
                raise Misplaced("where does the argument of this function end? Put brackets")
            return [value]
        inner = self.group()
        return [self.inside(part).whole() for part in split(inner, ("comma", "semicolon"))]

    def called(self, function: Function, arguments: Sequence[Value]) -> Value:
        """A function of the table on its arguments; of one argument element by element."""
        if len(arguments) == 1 and isinstance(arguments[0], tuple) and not function.variadic:
            return tuple(self.called(function, [each]) for each in arguments[0])
        plain = [each for each in arguments if not isinstance(each, tuple)]
        most = len(function.parameters)
        least = most - len(function.defaults)
        vectors = [each for each in arguments if isinstance(each, tuple)]
        if self.matrices and function.variadic and len(vectors) == 1:
            return tuple(self.called(function, [*plain, each]) for each in vectors[0])
        if len(plain) < len(arguments) or function.outputs:
            raise Unreadable(f"{function.name} is taken of a vector")
        if function.variadic:
            return Call(function, tuple(plain))
        if not least <= len(plain) <= most:
            raise Unreadable(f"{function.name} does not take {len(plain)} arguments")
        return Call(function, (*plain, *map(Number, function.defaults[len(plain) - least :])))

    def slope(
        self, function: Function, arguments: Sequence[Value], *, of_output: bool = False
    ) -> Value:
        """The derivative of a function at its argument; at a weighted sum the local derivative.

        So it is `of_output` where code works it out from what the unit puts out.
        """
        if len(arguments) != 1:
            raise Unreadable("this is the derivative of a function of several arguments")
        (argument,) = arguments
        if isinstance(argument, tuple):
            return tuple(self.slope(function, [each], of_output=of_output) for each in argument)
        if of_output and isinstance(argument, Name):
            network, output = self.names.network, argument.id
            for each in network.units:
                if network.activations[each.name] == output and each.activation is function:
                    argument = Name(each.pre_activation)
        if isinstance(argument, Name) and (unit := self.names.activation(argument.id)):
            if unit.activation is not function:
                raise Unreadable(f"{function.name} is not the function of this unit")
            of = Meaning(self.names.network.activations[unit.name])
            return named_by(self.names.derivative(of, Meaning(argument.id)))
        call = self.called(function, [argument])
        if not isinstance(call, Call) or function.variadic:
            raise Unreadable("this is the derivative of a function, not of a quantity")
        same = [name for name, line in self.names.forward.items() if line.expression == call]
        if isinstance(argument, Name) and len(same) == 1:
            return named_by(self.names.derivative(Meaning(same[0]), Meaning(argument.id)))
        return call_derivatives(call, [call], self.names.network.conventions)[0]


def slope_called(word: str) -> str:
    """The function whose derivative a word of code is, sigmoid_prime or dtanh; "" for none."""
    found = SLOPE_CALLED.fullmatch(word.replace("_", ""))
    name = (found["before"] or found["behind"]).casefold() if found else ""
    return FUNCTION_NAMES.get(name, "")


def says(token: Token, *words: frozenset[str]) -> bool:
    """True if a token is one of some words, or prose that begins with one."""
    first = token.text.casefold().split()[:1]
    return token.kind in ("word", "text") and any(first and first[0] in each for each in words)


def _check_exponent(exponent: Expression) -> None:
    """A constant exponent must be small: nothing may grow to a million digits."""
    if any(isinstance(node, Power) for node in walk(exponent)):
        raise Unreadable("a power stands in an exponent")
    if not names_in(exponent):
        try:
            small = -MAX_EXPONENT <= evaluate(exponent, {}) <= MAX_EXPONENT
        except (ArithmeticError, ValueError):
            small = False
        if not small:
            raise Unreadable(f"the exponent is larger than {MAX_EXPONENT}")


def re_digits(text: str) -> bool:
    """True if the text is one or two digits, or several with commas between them."""
    parts = text.split(",")
    return len(parts) <= 3 and all(part.isdecimal() and len(part) <= 3 for part in parts)


def split(tokens: Tokens, kinds: Sequence[str]) -> list[Tokens]:
    """The stretches between tokens of some kinds that stand in no bracket."""
    if {token.kind for token in tokens}.isdisjoint(kinds):
        return [tokens]
    found: list[Tokens] = []
    level, start = 0, 0
    for place, token in enumerate(tokens):
        level += (token.kind == "open") - (token.kind == "close")
        if token.kind in kinds and not level:
            found.append(tokens[start:place])
            start = place + 1
    return [*found, tokens[start:]]
