"""Text to expression: our own tokenizer and precedence climbing, an error for each column.

Nothing here runs text: a formula becomes a tree or an error, in time linear in its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction

from backcalc.errors import BackcalcError, Place, did_you_mean
from backcalc.formulas import record
from backcalc.formulas.expression import (
    RELATIONS,
    Call,
    Choice,
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
)
from backcalc.formulas.quantity import DERIVATIVE, QUANTITY

MAX_LENGTH = 100_000  # characters in one formula
MAX_DEPTH = 40  # brackets inside brackets
MAX_EXPONENT = 1000
MAX_POWERS = 100  # with names in the exponent, whose derivatives hold the whole power
MAX_FACTORS = 200  # of one product: its derivatives have as many factors each
MAX_ARGUMENTS = 32  # of max, min, softmax, ... written out in a formula
MAX_DIGITS = 400  # of a number, and of its power of ten

NAME = re.compile(r"[^\W\d]\w*")
NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
WRITTEN = "numbers are written as 0.5, -3, 1/2 or 1e-3"
SHORT = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,16})?")
TOKEN = re.compile(
    r"(?P<number>\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*)"
    rf"|(?P<name>{QUANTITY})"
    r"|(?P<operator>\*\*|[<>=!]=|[-+*/(),<>=·×−≥≤≠^])"
)
INDEXED = re.compile(r"(?P<name>[^\W\d]\w*\[[^\[\]]*\])")
QUOTIENT = re.compile(rf"(?P<name>{DERIVATIVE})")
SPELLINGS = {"·": "*", "×": "*", "−": "-", "≥": ">=", "≤": "<=", "≠": "!=", "^": "**"}
KEYWORDS = ("if", "else")

NUMBER_HINTS = {
    r"0[xob][0-9a-f_]+": "write the number in decimal digits",
    r"0[0-9][0-9_]*(\.[0-9_]*)?": "write it without the leading zero",
    r"[0-9][0-9_]*(\.[0-9_]*)?": "write it without underscores",
    r"[0-9]+,[0-9]+": "write the decimal point as a point",
    r"[0-9.]+[^\W\de_]\w*": "a product needs its sign: 2*x",
}
"""The hint for something that other programs read as a number."""


@record(frozen=True, slots=True, eq=False)
class Lexeme:
    """One word of a formula and where it starts and ends, counted from 0."""

    kind: str
    text: str
    start: int
    end: int


def parse(
    text: str, functions: Mapping[str, Function], *, names: Collection[str] | None = None,
    place: Place | None = None, derivatives: bool = False,
    indexed: Callable[[str], str] | None = None,
) -> Expression:  # fmt: skip
    """The expression that a formula stands for.

    `names` are those that it may use (None: any); with `place`, errors point into the file;
    with `derivatives`, `dL/dz2` is one name and no quotient; with `indexed`, names may have an
    index such as `h[t-1]`, and it gives the name that is meant or raises what is wrong with it.

    >>> parse("w2*h1 + ws*h0", {}) == Sum((
    ...     Product((Name("w2"), Name("h1"))), Product((Name("ws"), Name("h0")))))
    True
    """
    return FormulaReader(text, functions, names, place, derivatives, indexed).whole()


def parse_number(text: str, place: Place | None = None) -> Fraction:
    """An exact number: `0.5`, `1/2`, `-3e-2`; anything else is an error that says why.

    >>> parse_number("0.1")
    Fraction(1, 10)
    """
    if SHORT.fullmatch(text):  # nearly all numbers are; a file may hold a hundred thousand
        whole, _, decimals = text.partition(".")
        return Fraction(int(whole + decimals), 10 ** len(decimals))
    plain = text.strip().replace("−", "-")
    numerator, slash, denominator = plain.partition("/")
    sign = -1 if numerator.startswith("-") else 1
    unsigned = numerator.strip().removeprefix("-" if sign < 0 else "+").strip()
    value = _decimal(unsigned, place)
    if value is not None and slash:
        divisor = _decimal(denominator.strip(), place)
        if divisor == 0:
            raise BackcalcError(f"{text[:40]!r} divides by zero", place, WRITTEN)
        value = value / divisor if divisor is not None else None
    if value is None:
        raise BackcalcError(f"{text[:40]!r} is not a number", place, _number_hint(plain))
    return sign * value


def _decimal(text: str, place: Place | None) -> Fraction | None:
    """An unsigned decimal as a fraction, or None."""
    if not NUMBER.fullmatch(text) or re.match(r"0\d", text):
        return None
    digits, _, power = text.lower().partition("e")
    if len(digits) > MAX_DIGITS or len(power) > 5 or abs(int(power or 0)) > MAX_DIGITS:
        raise BackcalcError(f"the number {text[:20]!r} has too many digits", place)
    return Fraction(text)


def _number_hint(text: str) -> str | None:
    """Return the hint for something that YAML dialects read as a number."""
    unsigned = re.sub(r"^[-+]", "", text.lower())
    if unsigned in (".inf", ".nan", "inf", "nan", "infinity"):
        return "a number must be finite"
    for pattern, hint in NUMBER_HINTS.items():
        if re.fullmatch(pattern, unsigned):
            return hint
    return WRITTEN


def tokenized(
    text: str, derivatives: bool, error: Callable[..., BackcalcError],
    first: re.Pattern[str] | None = None, words: re.Pattern[str] = TOKEN,
) -> list[Lexeme]:  # fmt: skip
    """The words of a formula, an end mark last; what `first` matches is one word."""
    special = [pattern for pattern in (QUOTIENT if derivatives else None, first) if pattern]
    tokens: list[Lexeme] = []
    start = 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        found = (pattern.match(text, start) for pattern in (*special, words))
        match = next(filter(None, found), None)
        if not match:
            word = text[start : start + 1]
            raise error(f"{word!r} is not part of any formula", start, 1)
        kind, word = str(match.lastgroup), match.group()
        if kind == "name":
            kind = "keyword" if word in KEYWORDS else kind
            word = unicodedata.normalize("NFC", word).replace("∂", "d")
        tokens.append(Lexeme(kind, SPELLINGS.get(word, word), start, match.end()))
        start = match.end()
    return [*tokens, Lexeme("end", "", start, start + 1)]


class FormulaReader:
    """One pass over the tokens of one formula, by precedence climbing."""

    def __init__(
        self, text: str, functions: Mapping[str, Function], names: Collection[str] | None,
        place: Place | None, derivatives: bool, indexed: Callable[[str], str] | None,
    ) -> None:  # fmt: skip
        self.functions = functions
        self.names = names
        self.indexed = indexed
        self.place = place or Place("formula", 1, 1, text)
        self.depth = 0
        self.powers = 0
        self.position = 0
        if len(text) > MAX_LENGTH:
            raise self.error(f"the formula is longer than {MAX_LENGTH} characters")
        self.tokens = self.read(text, derivatives)

    def read(self, text: str, derivatives: bool) -> list[Lexeme]:
        """The words of the formula."""
        return tokenized(text, derivatives, self.error, INDEXED if self.indexed else None)

    def error(
        self, message: str, start: int = 0, length: int = 1, hint: str | None = None
    ) -> BackcalcError:
        """An error at an offset of the formula."""
        return BackcalcError(message, self.place.moved(start, length), hint)

    def wrong(self, token: Lexeme, message: str, hint: str | None = None) -> BackcalcError:
        """An error that marks one word."""
        return self.error(message, token.start, token.end - token.start, hint)

    @property
    def ahead(self) -> Lexeme:
        """The next word, not yet taken."""
        return self.tokens[self.position]

    def take(self, *texts: str) -> Lexeme | None:
        """The next word if it is one of these (and no number or name), else None."""
        token = self.ahead
        if token.text in texts and token.kind in ("operator", "keyword"):
            self.position += 1
            return token
        return None

    def expect(self, text: str, after: str) -> None:
        """Take this word or say that it is missing."""
        if not self.take(text):
            raise self.unexpected(f"expected {text!r} {after}")

    def unexpected(self, expected: str) -> BackcalcError:
        """An error that says what stands where something else should."""
        token = self.ahead
        found = f"found {token.text[:40]!r}" if token.kind != "end" else "the formula ends"
        hint = "conditions compare with ==" if token.text == "=" else None
        return self.wrong(token, f"{expected}, but {found}", hint)

    def whole(self) -> Expression:
        """The one expression that the text holds."""
        expression = self.choice()
        if self.ahead.kind != "end":
            raise self.unexpected("expected an operator")
        return expression

    def choice(self) -> Expression:
        """`sum`, or `sum if condition else choice`; each level of brackets comes through here."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(self.ahead, f"more than {MAX_DEPTH} levels of brackets or choices")
        then = self.sum()
        if self.take("if"):
            condition = self.comparison()
            self.expect("else", "after the condition")
            then = Choice(condition, then, self.choice())
        self.depth -= 1
        return then

    def comparison(self) -> Comparison:
        """`sum relation sum`."""
        left = self.sum()
        relation = self.take(*RELATIONS)
        if not relation:
            raise self.unexpected("expected a comparison such as > or <=")
        return Comparison(left, relation.text, self.sum())

    def sum(self) -> Expression:
        """Products with + and - between them."""
        terms = [self.product()]
        while sign := self.take("+", "-"):
            term = self.product()
            terms.append(Negation(term) if sign.text == "-" else term)
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def product(self) -> Expression:
        """Factors with * and / between them; a sign before them belongs to the whole product."""
        minus = self.signs()
        factors = [self.power()]
        while sign := self.take("*", "/"):
            factor = self.signed()
            factors.append(Inverse(factor) if sign.text == "/" else factor)
            if len(factors) > MAX_FACTORS:
                raise self.wrong(sign, f"more than {MAX_FACTORS} factors in one product")
        product = factors[0] if len(factors) == 1 else Product(tuple(factors))
        return Negation(product) if minus else product

    def signed(self) -> Expression:
        """A power, perhaps with signs before it: -x**2 is -(x**2)."""
        minus = self.signs()
        power = self.power()
        return Negation(power) if minus else power

    def signs(self) -> bool:
        """Take all signs that stand here; whether they make a minus."""
        minus = False
        while sign := self.take("+", "-"):
            minus ^= sign.text == "-"
        return minus

    def power(self) -> Expression:
        """`atom`, or `atom ** signed`: powers bind to the right."""
        base = self.atom()
        mark = self.take("**")
        if not mark:
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(mark, f"more than {MAX_DEPTH} levels of powers")
        exponent = self.signed()
        self.depth -= 1
        self.powers += bool(names_in(exponent))
        if self.powers > MAX_POWERS:
            raise self.wrong(mark, f"more than {MAX_POWERS} powers with a name in the exponent")
        self.check_exponent(exponent, mark)
        return Power(base, exponent)

    def check_exponent(self, exponent: Expression, mark: Lexeme) -> None:
        """A constant exponent must be small: nothing may grow to a million digits."""
        if names_in(exponent):
            return
        try:
            small = -MAX_EXPONENT <= evaluate(exponent, {}) <= MAX_EXPONENT
        except (ArithmeticError, ValueError):
            small = False
        if not small:
            raise self.wrong(mark, f"the exponent is larger than {MAX_EXPONENT}")

    def atom(self) -> Expression:
        """A number, a name, a call or a bracket."""
        token = self.ahead
        if token.kind == "number":
            self.position += 1
            return Number(parse_number(token.text, self.place.moved(token.start, len(token.text))))
        if token.kind == "name":
            self.position += 1
            return self.call(token) if self.take("(") else self.name(token)
        if self.take("("):
            inner = self.choice()
            self.expect(")", "to close the bracket")
            return inner
        raise self.unexpected("expected a number, a name or a bracket")

    def name(self, token: Lexeme) -> Expression:
        """A name that is known here."""
        if self.indexed:
            try:
                text = self.indexed(token.text)
            except BackcalcError as error:
                raise self.wrong(token, error.message, error.hint) from None
            if "[" in text:
                return Name(text)
        if self.names is not None and token.text not in self.names:
            hint = did_you_mean(token.text, self.names)
            if token.text in self.functions:
                hint = f"{token.text} is a function: write {token.text}(...)"
            raise self.wrong(token, f"unknown name {token.text[:60]!r}", hint)
        return Name(token.text)

    def call(self, token: Lexeme) -> Expression:
        """A function of the table with as many arguments as it takes."""
        function = self.functions.get(token.text)
        if function is None:
            hint = did_you_mean(token.text, self.functions)
            raise self.wrong(token, f"unknown function {token.text[:60]!r}", hint)
        arguments = [self.choice()]
        while self.take(","):
            arguments.append(self.choice())
        self.expect(")", f"to close {token.text}(")
        return Call(function, self.completed(function, arguments, token))

    def completed(
        self, function: Function, arguments: list[Expression], token: Lexeme
    ) -> tuple[Expression, ...]:
        """The arguments with the defaults of the table where they are left out."""
        if function.variadic:
            if len(arguments) > MAX_ARGUMENTS:
                raise self.wrong(token, f"{function.name} has more than {MAX_ARGUMENTS} arguments")
            return tuple(arguments)
        most, least = len(function.parameters), len(function.parameters) - len(function.defaults)
        if not least <= len(arguments) <= most:
            takes = f"{least} to {most}" if least < most else str(most)
            plural = "" if takes == "1" else "s"
            message = f"{function.name} takes {takes} argument{plural}, not {len(arguments)}"
            raise self.wrong(token, message)
        for setting, parameter in zip(arguments[least:], function.parameters[least:], strict=False):
            if names_in(setting):
                raise self.wrong(token, f"the {parameter} of {function.name} must be a number")
        return (*arguments, *map(Number, function.defaults[len(arguments) - least :]))
