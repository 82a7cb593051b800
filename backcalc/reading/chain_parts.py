"""The parts of a chain behind a name: formulas, their results, and readings that only fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import dropwhile, pairwise, product
from math import prod
from operator import add

from backcalc.errors.patterns import regex
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    names_in,
    rebuilt,
    walk,
)
from backcalc.reading.figures import near, worked
from backcalc.reading.grammar import END, Reader, closing, lone_symbol, says, split, trimmed
from backcalc.reading.left_sides import NameTeller
from backcalc.reading.names import Misplaced, OfMatrices, Unreadable
from backcalc.reading.pieces import (
    BLANK,
    Chain,
    Piece,
    before_word,
    check_one_value,
    digits_of,
    further_readings,
    numeric,
    raised_point,
    two_statements,
    with_digits,
    with_powers,
    written_plainly,
)
from backcalc.reading.signs import ACTIVATIONS, COMMANDS, CONDITIONS, FUNCTION_NAMES, LEAD_INS
from backcalc.reading.tokens import Token, Tokens
from backcalc.reading.values import Value
from backcalc.reading.vocabulary import lengths

NO_STARTS = ("number", "low", "power", "close", "prime")
"""Kinds of what no name begins with."""
COMPARED = ("<", ">", "<=", ">=")
SUMS = ("sum", "∑")
FACTOR = regex(r"-?(?:[1-9]\d*(?:\.\d+)?|0\.\d+)")
DOTTED = regex(r"-?\d+(?:\.\d+)+")
"""A number that may be two, with a dot of multiplication between them."""
TWO_POINTS = regex(r"\d+\.\d+\.\d+")
"""Two numbers that have run into each other where a scan has lost the sign between them."""
MOST_FACTORS = 4
FARTHEST_ROUNDED = Fraction(3, 100)
"""How far from a number, as a part of it, a rounded one may be."""
JOINED = regex(r" ?(?:=|≈|\\approx) ?")
"""A sign of equality between two parts, and no gap or new line beside it."""
APART = regex(r"\n|\\q?quad|[ ]{3}")
"""A new line or a gap, behind which the next statement may begin."""


class ChainReader(NameTeller):
    """Reads the parts of a chain behind the name that they are said of."""

    def parts(self, chain: Chain) -> tuple[list[Piece | None], list[Unreadable]]:
        """The parts of a chain, None for each that cannot be read; and why these cannot."""
        found: list[Piece | None] = []
        reasons: list[Unreadable] = []
        for number, (_, tokens) in enumerate(chain.sides[1:], 2):
            texts = {t.text for t in tokens}
            compared = not texts.isdisjoint(COMPARED)
            if compared:
                behind = number > 2 and bool(written_plainly(trimmed(chain.sides[number - 2][1])))
                tokens = self.without_condition([*trimmed(tokens)], chain.math, behind)
            choice = "if" in texts
            inner = trimmed(tokens if choice else split(tokens, ("compare",))[0])  # 0.5 > 0
            ends = [t.kind for t in tokens[-2:]]
            if number < len(chain.sides) and ends == ["number", "dot"]:
                raise Misplaced("the number breaks off")
            if all(BLANK.fullmatch(t.text) for t in inner):
                continue
            text = self.document.text[inner[0].start : inner[-1].end]
            if any(t.kind == "unknown" and t.text in SUMS for t in inner):
                found.append(None)
                reasons.append(OfMatrices("this is a sum over an index"))
                continue
            noted, glued = dict(self.names.noted), self.glued(chain, number, inner)
            try:
                try:
                    value = glued or Reader(inner, self.names, chain.math).whole()
                    value = self.decided(value) if compared else value
                    self.check_part(chain, number, inner, value)
                except Unreadable:
                    borne = self.borne_out(chain, number, inner) or self.shaped(chain, inner)
                    if borne is None:
                        raise
                    inner, value = borne
                if inner[-1].text == "}" and raised_point(inner):
                    raise Misplaced("a number stands beside another")  # 0.5 {1} of z_{1}
                digits = digits_of(inner, value)
                if number == len(chain.sides) and digits == "-0":
                    raise Unreadable("the number breaks off")
                found.append(Piece(text, value, "" if glued else digits))
            except Misplaced as error:
                torn = any(TWO_POINTS.fullmatch(t.text) for t in inner)
                figures = all(t.kind != "word" for t in inner)
                torn |= figures and self.is_told(chain, found)
                if not (torn and number < len(chain.sides) and self.comes_right(chain)):
                    raise
                found.append(None)  # signs are lost: two numbers have run into each other
                reasons.append(error)
            except Unreadable as error:
                self.names.noted = noted
                if numeric(inner) and error.meant:
                    raise Misplaced(str(error)) from error
                joined = inner[1:2] and inner[1].kind == "sign"  # 2/2 * (e1*x1 + e2*x2)
                if before_word(inner) and not (joined or isinstance(error, OfMatrices)):
                    raise Misplaced("a number stands before a word that is no quantity") from error
                stated = "\\\\" in text and any(t.kind == "relation" for t in inner)
                if stated and texts.isdisjoint(("cases", "matrix")):
                    raise Misplaced("further rows stand in a bracket of it") from error
                aligned = re.match(r"\s*&\s*[=≈]", self.document.work[inner[-1].end :][:9])
                if number < len(chain.sides) and (aligned or self._two_lines(inner)):
                    raise Misplaced(
                        "the name on the new line may begin the next statement"
                    ) from error
                if self._is_word(inner):
                    raise Misplaced(
                        "a word that is no quantity stands between two equals signs"
                    ) from error
                found.append(None)
                reasons.append(error)
        joint = [side for _, side in chain.sides[-2:]]
        between = self.document.work[joint[0][-1].end : joint[-1][0].start] if all(joint) else ""
        check_one_value(found, bool(JOINED.fullmatch(between)))
        return found, reasons

    def check_part(self, chain: Chain, number: int, inner: Tokens, value: Value) -> None:
        """Raise Unreadable where a part may be no whole one, or may mean something else."""
        if number == len(chain.sides):
            if raised_point(inner):
                raise Unreadable("the dot may be a decimal point or a sign of multiplication")
            return
        then = chain.sides[number : number + 1]
        ends = chain.sides[-1:] if any(t.kind == "dot" for t in inner) else then
        if two_statements(inner, value) and not self._is_product(value, ends):
            raise Misplaced("the name may belong to this formula or begin the next statement")
        lines = self._two_lines(inner) and not self._comes_to(value, then)
        if lines or self._begins_next(inner, then[0][1], chain.math):
            raise Misplaced("the name at its end may begin the next statement")
        marked = inner[0].kind == "sign" and len(inner) > 1 and inner[1].spaced
        if self._listed(value, marked) and not self._comes_to(value, then):
            raise Misplaced("the dash may be a minus or the mark of a list")

    def is_told(self, chain: Chain, parts: Sequence[Piece | None]) -> bool:
        """True if the formula of the quantity stands right behind its name."""
        name = self.quantity_called(chain.sides[0][1], chain.math)
        first = parts[0].value if parts and parts[0] else ()
        return not isinstance(first, tuple) and self.figures.is_formula_of(name, first)

    def cut_remark(self, chain: Chain) -> None:
        """Cut a comment off a statement that goes on with the working of something else."""
        for place in range(2, len(chain.sides) - 1):
            before, behind = (side for _, side in chain.sides[place - 1 : place + 1])
            gap = self.document.text[before[-1].end : behind[0].start] if before and behind else ""
            name = self.quantity_called(chain.sides[0][1], chain.math) if "#" in gap else ""
            if not name:
                continue
            said = self._amount(trimmed(chain.sides[-1][1]), chain.math)
            with suppress(Unreadable):
                made = Reader(trimmed(behind), self.names, chain.math).whole()
                own = not isinstance(made, tuple) and self.figures.is_working_of(name, made)
                ways = self.figures.ways(name)
                if own or (said is not None and any(near(way, said) for way in ways)):
                    return
            chain.sides, chain.tabled = chain.sides[:place], True
            return

    def comes_right(self, chain: Chain) -> bool:
        """True if a chain ends with what its name should be."""
        said = self._amount(trimmed(chain.sides[-1][1]), chain.math)
        return any(near(way, said) for way in self.ways(chain.sides[0][1], chain.math))

    def shaped(self, chain: Chain, inner: Tokens) -> tuple[Tokens, Value] | None:
        """A formula of vectors of the length of that with which a chain ends: 1 - h^2."""
        with suppress(Unreadable):
            size = lengths(Reader(trimmed(chain.sides[-1][1]), self.names, chain.math).whole())
            with self.names.shaped(False, size):
                value = Reader(inner, self.names, chain.math).whole()
            return (inner, value) if size and lengths(value) == size else None
        return None

    def glued(self, chain: Chain, number: int, inner: Tokens) -> Product | None:
        """The product that -1.1 = -1 is: a scanned dot between two numbers looks like a point.

        The one product must be just what the chain ends with, which the number is not.
        """
        text = "".join(t.text for t in inner) if number < len(chain.sides) else ""
        if not (DOTTED.fullmatch(text) and (end := written_plainly(trimmed(chain.sides[-1][1])))):
            return None
        said, whole = Fraction(end), Fraction(text) if text.count(".") < 2 else None
        if whole is not None and abs(whole - said) <= abs(whole) * FARTHEST_ROUNDED:
            return None
        pieces = text.split(".")
        fitting = []
        for signs in product(".·", repeat=len(pieces) - 1) if len(pieces) <= MOST_FACTORS else ():
            joined = "".join(map(add, pieces, (*signs, "")))
            factors = joined.split("·")
            made = all(map(FACTOR.fullmatch, factors)) and len(factors) > 1
            if made and prod(map(Fraction, factors)) == said:
                fitting.append((joined, factors))
        if len(fitting) != 1:
            return None
        ((self.names.noted[text], factors),) = fitting
        return Product(tuple(Number(Fraction(each)) for each in factors))

    def holds(self, tokens: Tokens, math: bool) -> bool:
        """True for a comparison, perhaps behind a word, that is so by the sheet's own figures."""
        asked = [*dropwhile(lambda t: t.kind == "stop" or says(t, CONDITIONS, LEAD_INS), tokens)]
        with suppress(Unreadable):
            if any(t.kind == "compare" for t in asked):
                condition = Reader(asked, self.names, math).condition(named=False)
                return worked(Choice(condition, ONE, ZERO), self.figures.stated) == 1
        return False

    def without_condition(self, tokens: list[Token], math: bool, behind: bool) -> list[Token]:
        """The tokens of a part without a condition behind it that holds: -3 (z_2 > 0).

        Behind names it is a factor, 1 where it holds, but not `behind` a result: = -0.17 = dL/dz1
        """
        last = len(tokens) - 1
        at = next((n for n, t in enumerate(tokens) if t.kind == "open" and
                   n and closing(tokens, n) == last), 0)  # fmt: skip
        one, before = tokens[at - 2 : at] if at > 1 else (END, tokens[0])
        indicator = before.text == "1" and one.kind != "sign" and not tokens[at].spaced
        bare = at > 0 and tokens[at + 1].kind == "compare"  # 0.6 (> 0)
        called = before.text in ACTIVATIONS or before.text in FUNCTION_NAMES
        if not at or indicator or called or before.kind in ("sign", "low", "power", "root") or (
            not self.holds([*tokens[: at * bare], *tokens[at + 1 : -1]], math)
        ):  # fmt: skip
            return tokens
        named = any(t.kind in ("word", "accent", "differential") for t in tokens[:at])
        told = not named or says(tokens[at + 1], CONDITIONS, LEAD_INS)
        if told or (behind and self._is_left(tokens[:at])):
            return tokens[:at]
        return [*tokens[:at], Token("sign", "·", before.end, before.end), *tokens[at:]]

    def decided(self, value: Value) -> Value:
        """A number times an indicator, -3 * 1[z_2 > 0], as what it is by the sheet's figures."""
        factors = [n for n in walk(value) if isinstance(n, (Choice, Number))] if (
            isinstance(value, (Product, Negation))
        ) else ()  # fmt: skip
        if all(isinstance(n, Choice) or abs(n.value) == 1 for n in factors):
            return value  # which is a formula

        def settled(node: Expression) -> Expression:
            held = worked(node, self.figures.stated) if isinstance(node, Choice) else None
            whole = isinstance(node, Choice) and (node.then, node.otherwise) == (ONE, ZERO)
            if whole and held is not None:
                return ONE if held else ZERO
            return rebuilt(node, settled)

        made = settled(value)  # type: ignore[arg-type]
        return value if names_in(made) else made

    def _two_lines(self, tokens: Tokens) -> bool:
        """True if a name stands at the end behind a new line, a gap, or what may mark a point."""
        text = self.document.text
        starred = any(t.text == "*" for t in tokens) and re.search(r"^[ \t>]*\* ", text, re.M)
        if not starred and not APART.search(text, tokens[0].end, tokens[-1].start):
            return False
        for at, (one, two) in enumerate(pairwise(tokens), 1):
            star = starred and one.text == "*" and written_plainly(tokens[: at - 1])
            if star or (two.text != "*" and APART.search(text[one.end : two.start])):
                return self._is_left(tokens[at:])
        return False

    def _begins_next(self, inner: Tokens, then: Tokens, math: bool) -> bool:
        """True if the name at the end has the formula behind, and no sign before it: 1 h1 = g(z1).

        The end of a row before it is lost.
        """
        level = 0
        for at in range(len(inner) - 1, 0, -1):
            kind, text = inner[at].kind, inner[at].text
            level += (kind == "close") - (kind == "open")
            if level or inner[at - 1].kind not in ("number", "word", "close"):
                continue
            begun = kind not in NO_STARTS and text not in ("*", "·", "/")
            if begun and self._is_left(inner[at:]):
                with suppress(Unreadable):
                    name = self.left_side(inner[at:], math)
                    Reader(inner[:at], self.names, math).whole()  # else it begins before
                    said = Reader(trimmed(then), self.names, math).whole()
                    if isinstance(name, Name) and not isinstance(said, tuple):
                        return self.figures.is_formula_of(name.id, said)
            if kind == "sign" and text != "/" and at < len(inner) - 1:
                return False  # what begins further up is a product or a sum
        return False

    def _listed(self, value: Value, marked: bool) -> bool:
        """True for 0.75 - w0, and for - w0 with a gap: the sign may be that of a list."""
        if isinstance(value, Negation):
            return marked and isinstance(value.operand, Name)
        if not isinstance(value, Sum) or len(value.terms) != 2:
            return False
        first, last = (t.operand if isinstance(t, Negation) else t for t in value.terms)
        return isinstance(first, Number) and isinstance(last, Name)

    def _comes_to(self, value: Value, then: Sequence[tuple[str, list[Token]]]) -> bool:
        """True if a formula comes to what stands behind it."""
        said = self._amount(trimmed(then[0][1]), True)
        return any(near(found, said) for found in self._amounts(value))

    def _amounts(self, value: Value) -> list[float]:
        """What a formula comes to by what the sheet says of its names, and by what it should."""
        lookups = () if isinstance(value, tuple) else (self.figures.stated, self.figures.own)
        found = [worked(value, each) for each in lookups]  # type: ignore[arg-type]
        return [each for each in found if each is not None]

    def _is_product(self, value: Value, then: Sequence[tuple[str, list[Token]]]) -> bool:
        """True if a number beside a name comes to what stands behind, and the name does not."""
        bare = value.operand if isinstance(value, Negation) else value
        if isinstance(value, tuple) or not isinstance(bare, Product):
            return False
        said = self._amount(trimmed(then[0][1]), True)
        last = bare.factors[-1]
        alone = last.operand if isinstance(last, Inverse) else last
        whole, single = self._amounts(value), self._amounts(alone)
        pairs = zip(whole, single, strict=False)
        return any(near(one, said) and not near(two, said) for one, two in pairs)

    def borne_out(self, chain: Chain, number: int, inner: Tokens) -> tuple[Tokens, Value] | None:
        """The one further reading of a part that comes to what another part of its chain says."""
        others = [
            amount
            for place, (_, tokens) in enumerate(chain.sides[1:], 2)
            if place != number and (amount := self._amount(trimmed(tokens), chain.math)) is not None
        ]
        start, end = inner[0].start, inner[-1].end
        lettered = with_digits(self.document.work, start, end, chain.math)
        if lettered:
            others += self.ways(chain.sides[0][1], chain.math)
        raised = with_powers(self.document.work, start, end, self.document.comma)
        if raised:  # which must come to what the sheet says, or what it makes of its own figures
            others += self.ways(chain.sides[0][1], chain.math)
        further = [*further_readings(inner), *([raised] * bool(raised))]
        for tokens in [lettered] if lettered else further:
            try:
                value = Reader(tokens, self.names, chain.math).whole()
            except Unreadable:
                continue
            if isinstance(value, tuple) or (number == len(chain.sides) and names_in(value)):
                continue
            amounts = self._amounts(value)
            bare = value.operand if isinstance(value, Negation) else value
            last = bare.factors[-1] if isinstance(bare, Product) else None
            name = None if last is None else worked(last, self.figures.own)
            other = next((o for o in others for amount in amounts if near(amount, o)), None)
            end_of_two = name is not None and (near(name, other or 0) or near(name, 1))
            if other and (tokens is raised or not end_of_two):
                return tokens, value  # else 0.5 z1 or 0 z1 may be the ends of two statements
        return None

    def _is_word(self, tokens: Tokens) -> bool:
        """True if a part is one name of several letters that is none here, such as a broken one."""
        if tokens[0].kind != "word" or len(tokens[0].text) < 2:
            return False
        symbol = lone_symbol(tokens, self.names, False, primed=True)
        return symbol is not None and COMMANDS.get(tokens[0].text, ("",))[0] != "word"
