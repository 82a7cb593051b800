"""Items of a document to claims: which quantity, which chain of parts, said in which context."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import dropwhile, pairwise, takewhile
from typing import TypeAlias

from backcalc.equations.program import primed
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import (
    Call,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    names_in,
    negated,
)
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.changes import CHANGE
from backcalc.reading.defining import define_in_words, is_second_name, sign_for_all
from backcalc.reading.documents import Document, Item, Span
from backcalc.reading.figures import Claim, Figures, Part, bare_name, near, number_of, worked
from backcalc.reading.grammar import (
    PARTNER,
    PUNCTUATION,
    Reader,
    Value,
    closing,
    lone_symbol,
    says,
    split,
    transposed,
    trimmed,
)
from backcalc.reading.names import (
    SPELLINGS,
    Misplaced,
    Names,
    Quantities,
    Symbol,
    Unreadable,
    shown,
)
from backcalc.reading.signs import (
    AGAIN,
    COMMANDS,
    CONDITIONS,
    DESCENT,
    FUNCTION_NAMES,
    GRADIENT,
    LEAD_INS,
    NEW,
    NOUNS,
    OLD,
    OTHERWISE,
    REMARKS,
    RESULTS,
    SCALES,
    VERBS,
    words,
)
from backcalc.reading.tokens import Token, tokenized

MAX_STATEMENTS = 10_000
MAX_TOKENS = 4000  # of one line
MAX_SIDES = 60  # of one chain
MAX_HEARD = 12  # words of a line that says what follows
RELATIONS = ("relation", "assign")
BREAKS = ("row", "stop", "semicolon", "text")
EARLIER = words("before vor vorher avant antes prima voor")
SUPPOSED = words(
    "if were would show prove suppose assume wenn falls zeige zeigen zeigt angenommen si montrer "
    "montrez demuestre mostrare beispiel exemple example ejemplo esempio wäre würde angenommen "
    "assuming supposing imagine unless without ohne sans sin senza instead stattdessen statt "
    "mistake mistakes mistaken"
)
PATHS = words("path pfad chemin camino percorso weg")
UNREAL = words(
    "would were wäre würde serait sería sarebbe wrong falsch faux incorrect instead correction "
    "corrected korrektur corrigé"
)
UNITS = words(
    "unit units j i k node neuron einheit knoten neurone unité nœud unidad neurona nodo neurône"
)
SAMPLES = words("sample epoch t step iteration pass pattern beispiel muster epoche exemple muestra")
UNIT_WORDS = ("net", "out", "in")
NAMING = ("word", "number")
CELLS = ("row", "cell", "comma", "semicolon")
Digits: TypeAlias = "str | tuple[Digits, ...]"
"""A number with the digits that it has, or a vector or matrix of them; "" for anything else."""
SUMS = ("sum", "∑")
ALL_NOUNS = frozenset().union(*NOUNS.values())
BLANK = re.compile(r"[\s?_.\-–—…~]*")
NUMBER = re.compile(
    r"(?P<sign>-?)(?P<digits>\d+\.?\d*|\.\d+)(?:[*·]10\^(?P<power>-?\d+)|[eE](?P<e>-?\d+))?(?P<percent>%?)"
)
BROKEN_OFF = re.compile(
    r"[ \t]*(?:\n[ \t]*)?\.\d|\.[ \t]{2,}\d|\.[ \t]*\n[ \t]*\d+(?!\d*[.)][ \t])|\$\d"
)
"""The decimals of a number behind blanks or a new line."""
BROKEN_BEFORE = re.compile(r"/[ \t]*(?:d|∂|\\partial)?[ \t]*\n[ \t>]*\Z")
"""The start of a derivative on the line before."""
CLOSED = re.compile(r"[.,;\s]*(?:\$|\\\)|\\\])[^\n]*\n")
"""The end of a formula behind which a new line begins."""
DASH = re.compile(r"^[ \t>]*- ", re.M)
QUOTE = re.compile(
    r"(?P<by>(?:wrote|writes|schrieb|écrit|escribió|scritto|asked) ?:[ \t]*\n\s*)?"
    r"((?:^[ \t]*>[^\n]*(?:\n|\Z))+)",
    re.M,
)
"""Lines of another that are quoted, with the words before them."""
GLUE = re.compile(
    r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\\[|\\\]|\\\(|\\\)|[\s$>&*.,-]|\\qquad|\\quad"
)


def _parts_of(quantity: str) -> tuple[str, ...]:
    """Return a quantity, or what a derivative is of and by."""
    name = parsed(quantity)
    return (name.of, name.by) if isinstance(name, Derivative) else (name,)


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a chain before it is known of which quantity: a formula or a vector."""

    text: str
    """As it stands in the document."""
    value: Value
    """What it means."""
    plain: Digits
    """For a number how it is written in the signs of formulas; for a vector its elements so."""

    def turned(self) -> Piece:
        """The same part with its sign turned, also as it is written."""
        return replace(self, value=_turned(self.value), plain=_turned_digits(self.plain))


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement that was not taken for one, and why."""

    start: int
    """Where it begins."""
    end: int
    """Where it ends."""
    reason: str
    """Why."""
    quantity: str = ""
    """What it is about, where its name at least was read."""


@dataclass(slots=True)
class _Chain:
    """A statement while it is put together."""

    sides: list[tuple[str, list[Token]]]
    """The sign before each side, and its tokens."""
    math: bool
    said: str
    lead: tuple[str, ...] = ()
    broken: str = ""
    """Why it cannot be read, whatever its sides are."""
    slope: bool = False
    """Whether the words before it say that it is a derivative."""
    weak: bool = False
    """Whether the clause before it may suppose something."""
    noun: str = ""
    """The kind of quantity that the word before it says."""
    worded: bool = False
    """Whether words follow without a stop, so that a formula may go on."""
    newly: bool = False
    """Whether words before it on its line say that it comes after the update."""

    @property
    def start(self) -> int:
        """Where it begins."""
        return next(side[0].start for _, side in self.sides if side)

    @property
    def end(self) -> int:
        """Where it ends."""
        return max(side[-1].end for _, side in self.sides if side)


@dataclass(eq=False)
class Collector:
    """Reads the claims off a document."""

    document: Document
    names: Names
    figures: Figures
    claims: list[Claim] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    said: str = ""
    last: _Chain | None = None
    """The statement that may go on."""
    supposed: bool = False
    """Whether words before it on its line only suppose a statement."""
    partly: bool = False
    """Whether words before it on its line speak of a path, which a derivative may be a part for."""
    line_start: int = 0
    """Where the line begins that is being read."""
    line_said: str = ""
    """What words on this line say of the statements behind them."""
    heads: set[str] = field(default_factory=set)
    """The names that have stood on the left of a sign, in one word each."""
    later: str = ""
    """Why nothing below the last heading can be told from the passes before."""
    second_pass: bool = False
    """Whether the last heading is that of a pass after the first."""
    prose: bool = False
    """Whether there are words between the statements."""
    subject: list[Token] = field(default_factory=list)
    """The name that stood on a line of its own: what a result below it is of."""

    def __post_init__(self) -> None:
        text = self.document.text
        self.names.hear_marks(self.document.work)
        self.quotes = [m.span(2) for m in QUOTE.finditer(text) if m["by"] or "?" in m[2]]
        if not re.search(r"^(?![ \t]*>)[^\n]*=", text, re.M):
            self.quotes = []

    def forget_units(self, reason: str) -> None:
        """List each claim about a unit as unread."""
        own = {*self.names.forward} - {self.names.loss}
        kept = [claim for claim in self.claims if own.isdisjoint(_parts_of(claim.quantity))]
        gone = [claim for claim in self.claims if claim not in kept]
        self.unread += [Unread(c.start, c.end, reason, c.quantity) for c in gone if not c.second]
        self.claims = kept

    def read(self) -> None:
        """Read every item."""
        for item in self.document.items:
            if item.kind == "heading":
                self.finish()
                self.subject = []
                self.hear(self.words(item.spans), heading=True)
                title = " ".join(self.document.text[s.start : s.end] for s in item.spans)
                epoch = re.search(r"(?i)\b(?:epoch|epoche|époque|iteration)\D{0,3}(\d+)", title)
                self.second_pass = bool(epoch and int(epoch[1]) > 1)
                if epoch and int(epoch[1]) > 2:
                    self.later = f"it is of pass {int(epoch[1])}"
            elif item.kind == "table":
                self.finish()
                self.table(item)
            else:
                self.line(item)
        self.finish()

    # Words.

    def words(self, spans: Sequence[Span]) -> list[str]:
        """The words of some stretches."""
        text = " ".join(self.document.text[span.start : span.end] for span in spans)
        text = re.sub(r"\\[A-Za-z]+", " ", text)
        return [w.casefold() for w in re.findall(r"[^\W\d_]+|[一-鿿]", text)] + [
            w for w in ("更新", "梯度", "小结", "导数", "再次") if w in text
        ]

    def hear(self, words: Sequence[str], *, heading: bool = False) -> None:
        """Take in what words say of the statements after them: a heading, or a short line."""
        said = saying(words)
        if heading:
            self.later = ""
        if heading or (said and len(words) <= MAX_HEARD):
            self.said = said
        elif self.said == "gradient":
            self.said = ""

    # Lines.

    def tokens(self, spans: Sequence[Span], *, math: bool | None = None) -> list[Token]:
        """The tokens of some stretches; what is side by side is apart unless a sign joins it."""
        found: list[Token] = []
        before = False
        document, text = self.document, self.document.work
        for span in spans:
            own = span.math if math is None else math
            if (span, own) not in document.tokens:
                document.tokens[span, own] = tokenized(
                    text, span.start, span.end, math=own, macros=document.macros,
                    comma=document.comma,
                )  # fmt: skip
            new = document.tokens[span, own]
            new = self.with_words(new) if own else self.with_prose(new)
            if not new:
                continue
            if found:
                stated = any(t.kind in RELATIONS for t in found)
                joined = (new[0].kind in RELATIONS or found[-1].kind in RELATIONS) or (
                    "colon" in (found[-1].kind, new[0].kind) and not stated
                )
                dash = found[-1].kind == "sign" and found[-1].text in "+-" and own and not before
                if dash and text[span.start - 3 : span.start].endswith((" $", " $`")):
                    found[-1] = found[-1]._replace(kind="unknown")  # or the mark of a list
                elif not joined:
                    found.append(Token("stop", "", span.start, span.start))
            found += new
            before = own
        return found

    def with_words(self, tokens: Sequence[Token]) -> list[Token]:
        r"""Tokens of mathematics, with \text{...} of one word as a name or as words between."""
        found: list[Token] = []
        level = 0
        tokens = _without_damage(tokens)
        for place, token in enumerate(tokens):
            level += (token.kind == "open") - (token.kind == "close")
            word = token.text.casefold()
            if token.kind == "named":
                after = tokens[place + 1 : place + 2]
                before = found[-1:] and found[-1].kind in ("low", "power")
                scripts = after and (
                    after[0].kind in ("low", "power", "prime") or after[0].text == "("
                )
                name = self.names.knows(Symbol(token.text)) or word in FUNCTION_NAMES
                prose = not (level or before or scripts or name) or (
                    not level and word in CONDITIONS
                )
                found.append(token._replace(kind="text" if prose else "word"))
            else:
                found.append(token)
        return found

    def with_prose(self, tokens: Sequence[Token]) -> list[Token]:
        """Tokens of plain text with the words that are no names marked as text."""
        found: list[Token] = []
        choice = any(t.text == "if" for t in tokens) and any(t.text == "else" for t in tokens)
        at = 0
        tokens = [t._replace(kind="word") if t.kind == "named" else t for t in tokens]
        while at < len(tokens):
            token = tokens[at]
            if token.kind != "word" or (choice and token.text in ("if", "else")):
                found.append(token)
                at += 1
                continue
            end = self._name_at(tokens, at)
            after = tokens[at + 1] if at + 1 < len(tokens) else token
            both = after is not token and after.kind == "word" and after.spaced
            if both and token.text in UNIT_WORDS and re.fullmatch(r"[ho]\d", after.text):
                found.append(token._replace(text=token.text + after.text, end=after.end))
                at += 2
            elif both and token.text.casefold() in ALL_NOUNS and (
                self._name_at(tokens, at + 1) > at + 1
            ):  # fmt: skip
                found.append(token._replace(kind="text"))
                at += 1
            elif end > at:
                found += tokens[at:end]
                at = end
            else:
                found.append(token._replace(kind="text"))
                at += 1
        return found

    def with_subject(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a result with the name before it that stood on a line of its own."""
        related = any(t.kind in RELATIONS for t in tokens)
        if not related and tokens and not any(t.kind in ("text", "stop") for t in tokens):
            try:
                self.left_side(trimmed(tokens), False)
                self.subject = list(trimmed(tokens))
            except Unreadable:
                self.subject = []
            return tokens
        kept = [t for t in tokens if t.kind != "stop"]
        labelled = len(kept) > 2 and kept[0].text.casefold() in RESULTS
        if self.subject and labelled and kept[1].kind in RELATIONS:
            at = kept[1].start
            return [*(t._replace(start=at, end=at) for t in self.subject), *kept[1:]]
        return tokens

    def with_turned(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a number before the name that it is of, 3.375 = L, as L = 3.375."""
        sides = _sides([t for t in trimmed(tokens) if t.kind != "stop"])
        if len(sides) != 2 or not sides[0][1] or not sides[1][1] or sides[1][0] not in "=≈":
            return tokens
        (_, number), (sign, name) = sides
        before = self.last.sides[-1][1] if self.last else number
        if not before or before[-1].kind == "sign":
            return tokens  # the line before goes on here
        if re.fullmatch(r"|2\d?", written_plainly(number)) or name[0].kind == "number":
            return tokens
        try:
            self.left_side(name, False)
        except Unreadable:
            return tokens
        at = number[0].start
        placed = [t._replace(start=at, end=at) for t in name]
        return [*placed, Token("relation", sign, at, at), *number]

    def with_verbs(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a verb between a name and a number as an equals sign: L is 3.375."""
        found = [*tokens]
        for at, token in enumerate(tokens):
            if token.kind != "text" or token.text.casefold() not in VERBS:
                continue
            before, after = self._stretch(tokens[:at]), tokens[at + 1 :]
            after = after[1:] if after and after[0].kind == "stop" else after
            number = [*_number_at(after)]
            rest = [t for t in after[len(number) :] if t.kind not in ("stop", *PUNCTUATION)]
            ends = not rest or after[len(number)].kind in ("stop", *PUNCTUATION)
            joined = rest and rest[0].kind == "text" and rest[0].text.casefold() in LEAD_INS
            if number and (ends or joined) and self._is_left(before):
                found[at] = token._replace(kind="relation", text="=")
        return found

    def _stretch(self, tokens: Sequence[Token]) -> list[Token]:
        """What stands at the end of some tokens behind the last word or stop."""
        kept = [*tokens[:-1]] if tokens and tokens[-1].kind == "stop" else [*tokens]
        start = len(kept)
        while start and kept[start - 1].kind not in (*BREAKS, "comma", *RELATIONS):
            start -= 1
        return kept[start:]

    def _is_left(self, tokens: Sequence[Token]) -> bool:
        """True if some tokens are what a statement may be about."""
        try:
            self.left_side(trimmed(tokens), False)
        except Unreadable:
            return False
        return True

    def with_breaks(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a stop between statements that have only a blank between them.

        Of two, z1 = 0.5 h1 = 0.25, it must be sure from the figures that no product is meant.
        """
        places = [
            at + 1
            for at, (one, two) in enumerate(pairwise(tokens))
            if one.kind == "number" and two.kind == "word" and two.spaced
            and (end := self._name_at(tokens, at + 1)) > at + 1
            and end < len(tokens) and tokens[end].kind in RELATIONS
        ]  # fmt: skip
        ends = [*places, len(tokens)]
        for start, stop in zip([0, *places], ends, strict=True):
            sides = _sides(tokens[start:stop])
            if not places or len(sides) != 2 or not written_plainly(sides[1][1]):
                return tokens
        if len(places) == 1:
            (_, name), (_, said) = _sides(tokens[places[0] :])
            value = self.left_side(name, False) if self._is_left(name) else None
            own = self.figures.own(value.id) if isinstance(value, Name) else None
            one, two = float(tokens[places[0] - 1].text), float(written_plainly(said))
            if own is None or not near(own, two) or near(one * own, two):
                return tokens
        found = [*tokens]
        for at in reversed(places):
            found.insert(at, Token("stop", "", found[at].start, found[at].start))
        return found

    def with_changes(self, tokens: list[Token]) -> list[Token]:
        """The tokens with w: 0.5 -> 0.25 as its new value, and with *w = 0.25 as w* = 0.25."""
        found = [*tokens]
        for at in range(len(tokens) - 1, 0, -1):
            if tokens[at].text != "->" or tokens[at].kind != "stop":
                continue
            old = self._stretch(tokens[:at])
            place = next((n for n, t in enumerate(old) if t.kind == "colon"), 0)
            number = _number_at(old[place + 1 :])
            name = old[:place]
            if not place or len(number) != len(old) - place - 1 or not self._is_left(name):
                continue
            first = at - len(number) - 1
            if self._is_weight_name(name):
                found[first : at + 1] = [tokens[at]._replace(kind="assign", text=":=")]
        star = found[:1] and found[0].text == "*" and found[0].kind == "sign"
        name = [*takewhile(lambda t: t.kind not in RELATIONS, found[1:])] if star else []
        before = (
            self.document.work[self.last.end if self.last else 0 : found[0].start] if star else ""
        )
        apart = not self.last or re.search(r"[^\W\d_]{2}|\n\s*\n", before) or (
            [t.text for t in self.last.sides[0][1][-1:]] == ["*"]
        )  # fmt: skip
        if apart and len(name) < len(found) - 1 and self._is_left(name) and (
            self._is_weight_name(name)
        ):  # fmt: skip
            at = found[0].start
            return [
                *name,
                found[0]._replace(start=name[-1].end, end=name[-1].end),
                *found[len(name) + 1 :],
            ]
        return found

    def with_arrow(self, tokens: list[Token]) -> list[Token]:
        """The tokens with an arrow from a name to its value as a sign: z0 -> 0.5, w5 -> 0.4 - 0.1.

        A name other than a weight's must be alone with a number, since a -> b may be a mapping.
        """
        found, blanks = [*tokens], set[int]()
        places = [n for n, t in enumerate(tokens) if t.kind in ("stop", *RELATIONS)]
        blank = [n for n in places if (tokens[n].kind, tokens[n].text) == ("stop", "")]
        places = [n for n in places if n not in blank]  # beside what is bold
        for place, at in enumerate(places):
            if tokens[at].text != "->" or tokens[at].kind != "stop":
                continue
            before = self._stretch(tokens[:at])
            after = [t for t in tokens[at + 1 : at + 3] if (t.kind, t.text) != ("stop", "")][:1]
            if not after or after[0].kind not in ("number", "sign", "open", "word"):
                continue
            weight = self._is_left(before) and self._is_weight_name(before)
            alone = not place and all(tokens[n].kind != "stop" for n in places[1:])
            if weight or (alone and self._is_left(before) and after[0].kind in ("number", "sign")):
                plain = len(places) == 1
                kind, sign = ("relation", "=") if plain and not weight else ("assign", ":=")
                found[at] = tokens[at]._replace(kind=kind, text=sign)
                blanks |= {at - 1} & {*blank}
        return [token for n, token in enumerate(found) if n not in blanks]

    def _is_weight_name(self, tokens: Sequence[Token]) -> bool:
        """True if some tokens, which are a left side, name a weight."""
        value = self.left_side(trimmed(tokens), False)
        return isinstance(value, Name) and value.id in self.names.weights

    def _name_at(self, tokens: Sequence[Token], at: int) -> int:
        """Where the name that begins at a place ends; the place itself where it is a word."""
        word = tokens[at].text
        after = tokens[at + 1] if at + 1 < len(tokens) else Token("word", "", 0, 0, True)
        if after.kind == "word" and after.spaced and after.text.casefold() not in NEW and (
            word.isalpha() and len(word) > 2
        ):  # fmt: skip
            letter = COMMANDS.get(word, ("",))[0] == "word"
            return at + (letter or self.names.knows(Symbol(word)))
        reader = Reader(tokens[at : at + 40], self.names, False)
        try:
            symbol = reader.symbol()
        except Unreadable:
            return at + 1
        end = at + max(reader.at, 1)
        if symbol is None:
            return at
        key = f"{symbol.head}{symbol.low}".casefold()
        if [t.text for t in tokens[end : end + 2]] == [".", "grad"]:
            end += 2
        opens = end < len(tokens) and tokens[end].text == "("
        if self.names.knows(symbol) or (key in FUNCTION_NAMES and opens) or word == "nabla":
            return end
        if word.startswith("d") and end < len(tokens) and tokens[end].text == "/":
            return end
        letter = len(word) == 1 or COMMANDS.get(word, ("",))[0] == "word"
        if letter or symbol.low or symbol.layer or any(map(str.isdigit, word)):
            return end
        return at

    def line(self, item: Item) -> None:
        """The statements of a line or a display."""
        if self.quoted(item):
            return
        tokens = self.tokens(item.spans)
        if len(tokens) > MAX_TOKENS:
            self.finish()
            self.skip(tokens, "it is too long")
            return
        if item.kind == "code":
            tokens = _with_comments(_without_call_names(tokens))
        if item.kind != "math":
            tokens = _without_data(tokens)
        ends = [(t.kind, t.text.isdecimal()) for t in tokens[-2:]]
        breaks_off = ends == [("number", True), ("comma", False)] and self.document.comma == ","
        tokens = self.with_changes(_with_rows(_with_gaps(tokens)))
        if item.kind != "math":
            tokens = self.with_verbs(self.with_breaks(tokens))
        tokens = self.with_arrow(self.with_turned(tokens))
        tokens = self.with_subject(_with_columns(tokens))
        self.line_start = tokens[0].start if tokens else self.line_start
        self.line_said = ""
        math = item.kind == "math"
        define_in_words(tokens, self.names, math)
        self.prose |= math or any(t.kind == "text" for t in tokens)
        if self.last and tokens and (self.summed_on(tokens) or self.broken_off(tokens)):
            return
        if self.last and tokens and _goes_wrong(tokens):
            between = self.document.work[self.last.end : tokens[0].start]
            closed = tokens[0].kind not in ("sign", "number") and bool(CLOSED.match(between))
            if not closed and not re.search(r"\n[\s>]*\n|\\end *\{", between):
                self.last.broken = "the next line goes on in a way that cannot be read"
        if scaled := _scaled(tokens):
            self.finish()
            self.later = scaled
        chunks = list(_chunks(_with_remarks(tokens), math))
        heard: list[str] = []
        for number, chunk in enumerate(chunks):
            heard += chunk.lead
            words = {w.casefold() for text in chunk.lead for w in re.findall(r"\w+", text)}
            words |= {t.text.casefold() for t in chunk.tokens if t.kind == "word"} & UNREAL
            self.supposed = bool(number and self.supposed) or bool(SUPPOSED & words)
            self.partly = bool(number and self.partly) or bool(PATHS & words)
            if self.last and number and UNREAL & words:
                self.last.broken = "the words behind it only suppose it"
            follows = chunks[number + 1] if number + 1 < len(chunks) else None
            worded = bool(follows and follows.lead and follows.sep == "text")
            self.chunk(chunk, math, first=not number, item=item, worded=worded)
            plain = not (math or (chunk.tokens and _is_math(item, chunk.tokens)))
            plain = plain and any(t.kind not in PUNCTUATION for t in chunk.tokens)
            if self.last and plain and worded:
                self.last.worded = True
        glued = any(
            one.kind == "word" and two.kind in ("number", "dot") and one.end == two.start
            for one, two in pairwise(tokens)
        )  # grads: dw23.375 says nothing of the lines below
        if self.last and breaks_off and item.kind == "line":
            self.last.broken = "a number that breaks off behind its comma"
        if not glued and not any(t.kind in RELATIONS for t in tokens):
            self.hear([word.casefold() for text in heard for word in re.findall(r"\w+", text)] + (
                self.words(item.spans) if not math else []
            ))  # fmt: skip

    def quoted(self, item: Item) -> bool:
        """True for a line of the mail or post that this one answers, or for a question."""
        text, at = self.document.text, item.spans[0].start
        line = text[text.rfind("\n", 0, at) + 1 : item.spans[-1].end]
        place = bisect_right(self.quotes, (at, len(text))) - 1
        answered = place >= 0 and at < self.quotes[place][1]
        return answered or line.rstrip(" *_").endswith("?")

    def summed_on(self, tokens: list[Token]) -> bool:
        """Take in a line that goes on with a sum, and which looks like a point of a list."""
        assert self.last
        between = self.document.work[self.last.end : tokens[0].start]
        mark = re.fullmatch(r"[ \t]*\n[ \t>]*([-+*])[ \t]+", between)
        if not mark or any(t.kind in (*RELATIONS, "text", "stop", "comma") for t in tokens):
            if mark and (mark[1] == "+" or tokens[0].text == "("):
                self.last.broken = "the next line may go on with it"
            return False
        at = tokens[0].start
        if mark[1] == "+":
            self.last.sides[-1][1].extend([Token("sign", "+", at, at), *tokens])
        else:
            self.last.broken = "the next line may go on with it"
        return True

    def broken_off(self, tokens: list[Token]) -> bool:
        """Take in a line that goes on with one that broke off behind a sign: 0.5 - and 0.5 = 0."""
        assert self.last
        end = self.last.sides[-1][1]
        between = self.document.work[self.last.end : tokens[0].start]
        unfinished = not end or (end[-1].kind == "sign" and end[-1].text in "+-")
        known = any(t.kind == "text" for t in tokens) or tokens[0].kind not in ("number", "open")
        if not unfinished or known or not re.fullmatch(r"[ \t=≈]*\n[ \t]*", between):
            return False
        sides = _sides(tokens)
        end.extend(sides[0][1])
        self.last.sides += sides[1:]
        return True

    def chunk(self, chunk: _Chunk, math: bool, *, first: bool, item: Item, worded: bool) -> None:
        """One stretch between signs that part statements; `worded`: words follow it."""
        tokens = chunk.tokens
        if not tokens or (len(tokens) == 1 and tokens[0].kind in ("comma", "dot")):
            return
        if tokens[0].text == "{" and closing(tokens, 0) == len(tokens) - 1:
            tokens = _unboxed(tokens[1:-1])
        if tokens[0].kind in RELATIONS and tokens[0].text != ":=":
            if self.last and self._goes_on(chunk, first, item):
                self.last.sides += _sides(tokens)[1:]
            else:
                if self.last and chunk.lead and not first:
                    self.last.broken = "words stand in the middle of it"
                self.finish()
                if chunk.lead:
                    word = re.sub(r"\W+$", "", chunk.lead[-1])[-40:]
                    self.unread.append(
                        Unread(chunk.start, tokens[-1].end, f"no quantity here is called {word}")
                    )
                else:
                    self.skip(tokens, "it goes on from something that was not read", math)
            return
        signs = tokens[0].kind == "sign" and tokens[0].text in "+-*/·"
        if self.last and signs and (chunk.sep == "row" or (not first and chunk.sep == "text")):
            (_, term), *sides = _sides(tokens)
            if chunk.sep == "row" and (tokens[0].text != "-" or not sides):
                self.last.sides[-1][1].extend(term)
                self.last.sides += sides
                return
            self.last.broken = "words stand in the middle of it"
        command = tokens[0].kind == "word" and tokens[0].text in ("cdot", "times", "odot", "frac")
        torn = (tokens[0].kind, chunk.sep) == ("open", "stop") or (
            chunk.sep == "row" and (command or not any(t.kind in RELATIONS for t in tokens))
        )
        if self.last and not first and chunk.sep != "text" and (torn or not _begins(tokens)):
            self.last.broken = "what follows it begins with no name"
        if self.last and _condition(chunk) and not self._number(self.last.sides[-1][1]):
            self.last.broken = "it holds only under a condition"
        self.finish()
        if not any(t.kind in RELATIONS or t.kind == "colon" for t in tokens):
            return
        pieces = [trimmed(piece) for piece in split(tokens, ("comma",))]
        pieces = _rejoined(pieces)
        lead = tuple(chunk.lead)
        if lead and len(pieces) > 1 and len(_number_at(pieces[0])) == len(pieces[0]):
            pieces, lead = pieces[1:], ()  # with a rate of 0.1, a becomes 1.8
        apart = worded and len(pieces) > 1 and self._is_left(pieces[-1])
        pieces = pieces[:-1] if apart else pieces  # z = 1.8, w stays as it is
        for piece in pieces:
            if piece and not any(t.kind in RELATIONS or t.kind == "colon" for t in piece):
                self.skip(tokens, "a list before or behind the sign", math)
                self.last = None
                return
        for number, piece in enumerate(pieces):
            if number and pieces[number - 1] and pieces[number - 1][-1].kind == "sign":
                self.skip(tokens, "a comma behind a sign", math)
                self.last = None
                return
            if piece:
                if (
                    number
                    and self.last
                    and (piece[0].kind == "relation" or not self._named(piece, math))
                ):
                    self.last.broken = "what follows it begins with no name"
                self.finish()
                self.start(list(piece), math or _is_math(item, piece), lead if not number else ())
                if self.last:
                    clause = {w.casefold() for w in re.findall(r"\w+", chunk.clause)}
                    self.last.weak = self.partly or bool(clause & SUPPOSED)
        if apart:
            self.finish()

    def _named(self, tokens: Sequence[Token], math: bool) -> bool:
        """True if a stretch behind a comma is a statement of its own, or words."""
        lettered = tokens[0].kind == "word" and any(t.kind in RELATIONS for t in tokens)
        return _begins(tokens) and (tokens[0].spaced or math or lettered)

    def start(self, tokens: list[Token], math: bool, lead: tuple[str, ...]) -> None:
        """Begin a statement."""
        labelled, tokens = len(tokens), self.with_colon(tokens)
        if len({t.kind in RELATIONS for t in tokens}) < 2:
            return  # ~as expected
        words = [w.casefold() for text in lead for w in re.findall(r"\w+", text)]
        self.line_said = saying(words) or ("" if {*words} & EARLIER else self.line_said)
        chain = _Chain(_sides(tokens), math, self.line_said or self.said, lead)
        chain.newly = self.line_said == "new"
        if any((one.text, two.text) == ("=", "=") for one, two in pairwise(tokens)):
            chain.broken = "two signs side by side"
        if self.supposed:
            chain.broken = "the words before it only suppose it"
            self.last = chain
            return
        apart = not math and any(token.spaced for token in tokens[1:2])
        if tokens[0].kind == "sign" == tokens[-1 if len(tokens) < 2 else 1].kind:
            chain.broken = "several signs before it"  # a rule on the line
        elif tokens[0].kind == "sign" and (apart or self.may_be_listed(tokens[0].start)):
            chain.broken = "its minus may be the mark of a list"
        if lead and not math and len(tokens) == labelled:
            ends = lead[-1].rstrip()[-1:]
            word = (re.findall(r"\w+", lead[-1]) or [""])[-1].casefold()
            chain.slope = word in GRADIENT
            chain.noun = next((kind for kind, nouns in NOUNS.items() if word in nouns), "")
            chain.noun = "" if ends == ":" else chain.noun  # a title
            known = chain.slope or chain.noun or word in LEAD_INS | NEW | AGAIN | OLD
            if not known and ends != ":":
                chain.broken = f"what {word!r} says of it"
        self.last = chain

    def may_be_listed(self, at: int) -> bool:
        """True for a minus at the start of a line beside which others begin with "- "."""
        text = self.document.text
        start = text.rfind("\n", 0, at) + 1
        above = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start]
        below = text[text.find("\n", at) + 1 :][:20] if "\n" in text[at:] else ""
        return not text[start:at].strip() and bool(DASH.match(above) or DASH.match(below))

    def with_colon(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a colon behind a name at their start as an equals sign.

        A formula behind it that has a name of its own, Loss: yhat = 0.375, only has it as a title.
        """
        place = next((n for n, t in enumerate(tokens) if t.kind in ("colon", *RELATIONS)), None)
        if place is None or tokens[place].kind != "colon" or place + 1 == len(tokens):
            return tokens
        rest = tokens[place + 1 :]
        own = trimmed(_sides(rest)[0][1]) if any(t.kind in RELATIONS for t in rest) else []
        try:
            value = Reader(tokens[:place], self.names, False).whole()
            inner = self.left_side(own, True) if own and self._is_left(own) else None
        except Unreadable:
            return rest
        equation = self.figures.equation(value.id) if isinstance(value, Name) else None
        if inner is not None and inner not in (value, equation):
            return rest
        return [*tokens[:place], tokens[place]._replace(kind="relation", text="="), *rest]

    def _goes_on(self, chunk: _Chunk, first: bool, item: Item) -> bool:
        """True if a chunk that begins with a sign goes on with the statement before it."""
        if not first:
            return chunk.sep != "text"
        assert self.last
        between = self.document.work[self.last.end : chunk.tokens[0].start]
        return not chunk.lead and not GLUE.sub("", between)

    def _number(self, tokens: Sequence[Token]) -> bool:
        return all(t.kind in ("number", "sign", "open", "close", "fraction") for t in tokens)

    # Statements.

    def finish(self) -> None:
        """Read the statement that is complete."""
        chain, self.last = self.last, None
        if chain is None:
            return
        if len(self.claims) + len(self.unread) > MAX_STATEMENTS:
            raise BackcalcError(f"a sheet of more than {MAX_STATEMENTS} statements")
        if BROKEN_OFF.match(self.document.work, chain.end) and (
            [t.kind for t in chain.sides[-1][1][-1:]] == ["number"]
        ):  # fmt: skip
            chain.broken = chain.broken or "a number that breaks off"
        if BROKEN_BEFORE.search(self.document.work[max(chain.start - 20, 0) : chain.start]):
            chain.broken = chain.broken or "its name may begin on the line before"
        try:
            if chain.broken or self.later:
                raise Unreadable(chain.broken or self.later)
            made = self.understood(chain)
            if [each.strip() for each in chain.lead] in (["grad"], ["gradient"]):
                for claim in made:
                    if claim.quantity in self.names.weights and not claim.primes:
                        claim.quantity = str(self.names._by(self.names.loss, claim.quantity))
            if chain.slope and not all("/" in claim.quantity for claim in made):
                raise Unreadable("the words before it say that it is a derivative")
            if chain.noun and not all(self.names.is_kind(c.quantity, chain.noun) for c in made):
                raise Unreadable(f"the word before it says that it is of the kind {chain.noun}")
            self.names.accept()
            self.claims += made
            time = "".join(t.text for t in chain.sides[0][1]) == "t"  # and not the target
            here = chain.start >= self.line_start and not time
            self.supposed |= here and any(map(self.is_supposed, made))
            for claim in made:
                later = claim.primes or claim.second or claim.error == CHANGE
                if claim.parts and claim.numeric and not later:
                    self.figures.claim(claim)
        except (Unreadable, RecursionError) as error:
            leaves = (*self.names.network.inputs, *self.names.network.targets)
            time = "".join(t.text for t in chain.sides[0][1]) == "t"
            here = chain.start >= self.line_start and not time
            self.supposed |= here and len(chain.sides) == 2 and self.about(chain) in leaves
            lhs = trimmed(chain.sides[0][1])
            if chain.math or (len(lhs) < 16 and not (chain.lead and chain.broken and not lhs)):
                reason = str(error) if isinstance(error, Unreadable) else "it is nested too deeply"
                self.unread.append(Unread(chain.start, chain.end, reason, self.about(chain)))

    def is_supposed(self, claim: Claim) -> bool:
        """True for an input or a target with another number than the exercise gives."""
        given = self.figures.given.get(claim.quantity)
        leaf = claim.quantity in (*self.names.network.inputs, *self.names.network.targets)
        if not (leaf and given is not None and len(claim.parts) == 1 and claim.numeric):
            return False
        value = number_of(claim)
        return value is not None and abs(value - float(given)) > 1e-9

    def about(self, chain: _Chain) -> str:
        """The quantity that an unread statement is about; "" where that cannot be told."""
        try:
            value = self.left_side(trimmed(chain.sides[0][1]), chain.math)
        except (Unreadable, RecursionError):
            return ""
        return value.id if isinstance(value, Name) else ""

    def skip(self, tokens: Sequence[Token], reason: str, listed: bool = True) -> None:
        """List a stretch as unread."""
        if listed and tokens:
            self.unread.append(Unread(tokens[0].start, tokens[-1].end, reason))

    def understood(self, chain: _Chain) -> list[Claim]:
        """The claims of a statement, with a weight's damaged name told by its figures if need be.

        Raises Unreadable where there are none.
        """
        self.names.noted.clear()
        self.names.stepped |= self.is_step(chain)
        symbol = self.strange_weight(chain)
        guessed = self.guessed(chain, symbol) if symbol else None
        return list(self.claimed(chain)) if guessed is None else guessed

    def is_step(self, chain: _Chain) -> bool:
        """True for w^(1) = w^(0) - ..., where the number above a name counts steps."""
        symbols: list[Symbol | None] = [None, None]
        for place, (_, side) in enumerate(chain.sides[:2]):
            reader = Reader(side, self.names, chain.math)
            try:
                symbols[place] = reader.symbol()
            except Unreadable:
                return False
        new, old = symbols
        heads = (*SPELLINGS["weight"].split(), *SPELLINGS["bias"].split())
        return (
            new is not None
            and (new.head in heads or f"{new.head}{new.low}" in self.names.weights)
            and old == replace(new, layer="0")
            and new.layer == "1"
            and reader.ahead().text in ("+", "-")
        )

    def guessed(self, chain: _Chain, symbol: Symbol) -> list[Claim] | None:
        """The claims of a statement with the one weight that fits for a name; None: none does."""
        fitting: list[tuple[str, list[Claim]]] = []
        keys = [f"{head}{symbol.low}" for head in SPELLINGS["weight"].split()]
        for weight in self.names.weights:
            if weight in self.names.network.biases:
                continue
            self.names.alias(keys, weight)
            try:
                made = list(self.claimed(chain))
                if all(self.figures.bears_out(claim, weight) for claim in made):
                    fitting.append((weight, made))
            except Unreadable:
                continue
            finally:
                self.names.alias(keys, None)
        if len(fitting) != 1:
            return None
        weight, made = fitting[0]
        self.names.alias(keys, weight)
        self.names.settled |= {*keys}
        self.names.taken[shown(symbol)] = weight
        return made

    def strange_weight(self, chain: _Chain) -> Symbol | None:
        """The one name in a statement that looks like a weight's and is none; else None."""
        found: dict[str, Symbol] = {}
        for _, side in chain.sides:
            for place, token in enumerate(side):
                head = token.text.removeprefix("d") if token.kind == "word" else ""
                if head not in SPELLINGS["weight"].split():
                    continue
                reader = Reader(side[place : place + 12], self.names, chain.math)
                try:
                    symbol = reader.symbol()
                except Unreadable:
                    continue
                if symbol and symbol.low:
                    symbol = Symbol(head, symbol.low)
                    if not self.names.knows(symbol):
                        found[symbol.low] = symbol
        return next(iter(found.values())) if len(found) == 1 else None

    def claimed(self, chain: _Chain) -> Iterator[Claim]:
        """The claims that a statement makes."""
        left = trimmed(chain.sides[0][1])
        if not 1 < len(chain.sides) <= MAX_SIDES:
            raise Unreadable("a sign inside a bracket, or too many signs")
        assigned = chain.sides[1][0] == ":="
        if left and left[0].kind == "bar":
            raise Unreadable("the size of a quantity")
        general = sign_for_all(left, trimmed(chain.sides[1][1]))
        if general:
            self.names.defined[general[0]] = general[1]
            if general[0] != "bar" or len(chain.sides) == 2:
                return
        if len(chain.sides) == 2 and is_second_name(left, trimmed(chain.sides[1][1]), self.names):
            return
        change = len(left) > 1 and left[0].text == CHANGE
        left = left[1:] if change else left
        unit = takewhile(lambda token: token.text != "[", left)  # the sample is not its number
        word = "".join(t.text for t in unit if t.kind in NAMING)
        self.heads.add(word)
        parts, reasons = self.parts(chain)
        self.names.used.clear()
        doubtful = ""
        try:
            value = self.left_side(left, chain.math)
        except Unreadable as error:
            value, doubtful = self.damaged(left, chain, parts, error)
        doubtful = doubtful or " ".join(sorted(self.names.used))
        self.define(value, chain, parts)
        last = parts[-1] if parts else None
        if not parts and chain.worded:
            raise Unreadable("words stand where a number should")
        if not parts and isinstance(value, Name):
            name, primes = bare_name(value.id)
            yield Claim(name, primes, [], chain.start, chain.end, chain.said)
            return
        if last is None:
            raise Unreadable(reasons[-1] if reasons else "nothing stands behind the sign")
        if chain.worded and not isinstance(last.value, tuple) and names_in(last.value):
            raise Unreadable("words follow the formula")
        kept = [part for part in parts if part is not None]
        if isinstance(value, Negation):
            value = value.operand
            kept = [part.turned() for part in kept]
        alone = len(kept) == 1 == len(parts) and not change
        if alone and self.names_itself(left, value, kept[0].value, chain):
            return
        letter = next((t.text.rstrip("0123456789") for t in left if t.kind == "word"), "")
        number = _amount(kept[-1])
        if letter.casefold() == "error" and number is not None and number < 0:
            raise Unreadable("an error with a sign is no loss")
        model = Claim(
            "", 0, [], chain.start, chain.end, chain.said, assigned=assigned, doubtful=doubtful
        )
        model.newly = saying(re.findall(r"\w+", " ".join(chain.lead))) == "new"
        model.carried = chain.newly
        indexed = any(token.text == "[" for token in left)
        model.instead, model.word = () if indexed else self.names.instead(word), word
        model.error = CHANGE if change else letter if letter in SPELLINGS["error"].split() else ""
        model.supposed, model.second_pass = chain.weak, self.second_pass
        yield from self.spread(value, kept, model)

    def names_itself(self, left: Sequence[Token], value: Value, said: Value, chain: _Chain) -> bool:
        """True for a statement that only says what a name means: a_1 = h_0, E = L."""
        if value == said:
            return True
        if not (isinstance(value, Name) and isinstance(said, Name)) or len(chain.sides) != 2:
            return False
        symbol = lone_symbol(left, self.names, chain.math)
        equation = self.figures.equation(value.id)
        formula = equation is not None and said.id in names_in(equation)
        if symbol is None or formula or symbol.key in self.names.vocabulary.tiers[0]:
            return False
        self.names.define(symbol, said.id)
        return True

    def left_side(self, tokens: Sequence[Token], math: bool) -> Value:
        """The quantity, or the vector of them, that a statement is about."""
        if not tokens:
            raise Unreadable("no quantity before the sign")
        bracket = tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1
        if bracket and len(split(tokens[1:-1], ("comma",))) < 2:
            raise Unreadable("a bracket around the name: what stood before it?")
        if len(tokens) == 1 and tokens[0].text in ("o", "O"):
            self.names.left.add(tokens[0].text)
        last = tokens[-1].text if len(tokens) > 1 and tokens[-2].kind != "power" else ""
        plus = last == "+" or (last == "*" and tokens[-1].kind == "sign")  # w0+, w0*
        value = Reader(tokens[:-1] if plus else tokens, self.names, math).whole()
        starred = last == "*" and not (isinstance(value, Name) and value.id in self.names.weights)
        if starred:
            raise Unreadable("what the star says of it")
        if plus and isinstance(value, Name) and "'" not in value.id:
            return Name(primed(value.id, 1))
        if isinstance(value, Call) and isinstance(value.arguments[0], Name):
            unit = self.names.activation(value.arguments[0].id.replace("'", ""))
            if unit and unit.activation is value.function:
                primes = value.arguments[0].id.count("'")
                return Name(self.names.network.activations[unit.name] + "'" * primes)
        if not _all_names(value):
            raise Unreadable("the left side is no quantity")
        return value

    def parts(self, chain: _Chain) -> tuple[list[Piece | None], list[str]]:
        """The parts of a chain; None, with the reason, for one that cannot be read."""
        found: list[Piece | None] = []
        reasons: list[str] = []
        for number, (_, tokens) in enumerate(chain.sides[1:], 2):
            choice = any(t.text == "if" for t in tokens)
            inner = trimmed(tokens if choice else split(tokens, ("compare",))[0])  # 0.5 > 0
            ends = [t.kind for t in tokens[-2:]]
            if number < len(chain.sides) and ends == ["number", "dot"]:
                raise Misplaced("a number that breaks off")
            text = "".join(t.text for t in inner)
            if BLANK.fullmatch(text):
                continue
            text = self.document.text[inner[0].start : inner[-1].end]
            if any(t.kind == "unknown" and t.text in SUMS for t in inner):
                found.append(None)
                reasons.append("a sum over an index")
                continue
            try:
                try:
                    value = Reader(inner, self.names, chain.math).whole()
                    then = chain.sides[number : number + 1]
                    if then and _two_statements(inner, value) and not self._is_product(value, then):
                        raise Misplaced("a number and a name, which may begin another statement")
                    if then and self._two_lines(inner) and not self._comes_to(value, then):
                        raise Misplaced("a name on a new line, which may begin another statement")
                    if then and self._listed(value) and not self._comes_to(value, then):
                        raise Misplaced("a weight behind a sign, which may begin another statement")
                except Unreadable:
                    borne = self.borne_out(chain, number, inner)
                    if borne is None:
                        raise
                    inner, value = borne
                if number == len(chain.sides) and written_plainly(inner) == "-0":
                    raise Unreadable("the number breaks off")
                if number == len(chain.sides) and _raised_point(inner):
                    raise Unreadable("the dot may be a point or a sign of multiplication")
                found.append(Piece(text, value, _digits(inner, value)))
                reasons.append("")
            except Misplaced:
                raise
            except Unreadable as error:
                if inner[inner[0].kind == "sign" and len(inner) > 1].kind == "number":
                    raise Misplaced("a number before a name that is none") from error
                if self._is_word(inner):
                    raise Misplaced("a word between two signs") from error
                found.append(None)
                reasons.append(str(error))
        _check_one_value(found)
        return found, reasons

    def _two_lines(self, tokens: Sequence[Token]) -> bool:
        """True if a name stands at the end behind a new line, and no sign before it."""
        text = self.document.text
        for at, (one, two) in enumerate(pairwise(tokens), 1):
            if "\n" in text[one.end : two.start] and one.kind != "sign":
                return self._is_left(tokens[at:])
        return False

    def _listed(self, value: Value) -> bool:
        """True for 0.75 - w0: the sign may be that of a list."""
        if not isinstance(value, Sum) or len(value.terms) != 2:
            return False
        first, last = value.terms
        last = last.operand if isinstance(last, Negation) else last
        weight = isinstance(last, Name) and last.id in self.names.weights
        return isinstance(first, Number) and weight

    def _comes_to(self, value: Value, then: Sequence[tuple[str, list[Token]]]) -> bool:
        """True if a formula comes to what stands behind it."""
        said = self._amount(trimmed(then[0][1]), True)
        found = None if isinstance(value, tuple) else worked(value, self.figures.own)
        return said is not None and found is not None and near(found, said)

    def _is_product(self, value: Value, then: Sequence[tuple[str, list[Token]]]) -> bool:
        """True if a number beside a name comes to what stands behind, and the name does not."""
        if isinstance(value, tuple) or not isinstance(value, Product):
            return False
        said = self._amount(trimmed(then[0][1]), True)
        last = value.factors[-1]
        alone = last.operand if isinstance(last, Inverse) else last
        ways = [worked(each, self.figures.own) for each in (value, alone)]
        return said is not None and [each is not None and near(each, said) for each in ways] == [
            True, False,
        ]  # fmt: skip

    def borne_out(
        self, chain: _Chain, number: int, inner: Sequence[Token]
    ) -> tuple[Sequence[Token], Value] | None:
        """The one further reading of a part that comes to what another part of its chain says."""
        others = [
            amount
            for place, (_, tokens) in enumerate(chain.sides[1:], 2)
            if place != number and (amount := self._amount(trimmed(tokens), chain.math)) is not None
        ]
        for tokens in _further_readings(inner):
            try:
                value = Reader(tokens, self.names, chain.math).whole()
            except Unreadable:
                continue
            if isinstance(value, tuple) or (number == len(chain.sides) and names_in(value)):
                continue
            amount = worked(value, self.figures.own)
            bare = value.operand if isinstance(value, Negation) else value
            last = bare.factors[-1] if isinstance(bare, Product) else None
            name = None if last is None else worked(last, self.figures.own)
            other = next((o for o in others if amount is not None and near(amount, o)), None)
            if other is not None and not (name is not None and near(name, other)):
                return tokens, value  # else 0.5 z1 = 0 may be the ends of two statements
        return None

    def _amount(self, tokens: Sequence[Token], math: bool) -> float | None:
        """The number that a part of a chain is; None for any other."""
        try:
            value = Reader(tokens, self.names, math).whole()
        except Unreadable:
            return None
        return _amount(Piece("", value, ""))

    def _is_word(self, tokens: Sequence[Token]) -> bool:
        """True if a part is one name of several letters that is none here, such as a broken one."""
        if tokens[0].kind != "word" or len(tokens[0].text) < 2:
            return False
        symbol = lone_symbol(tokens, self.names, False, primed=True)
        return symbol is not None and COMMANDS.get(tokens[0].text, ("",))[0] != "word"

    def damaged(
        self, left: Sequence[Token], chain: _Chain,
        parts: list[Piece | None], error: Unreadable,
    ) -> tuple[Value, str]:  # fmt: skip
        """A left side that is no name here: a new name that the sheet defines, or z read as 2.

        Raises the error where it is neither.
        """
        number = "".join(t.text for t in left if t.kind not in ("low", "open", "close"))
        match = re.fullmatch(r"2(\d{1,2})", number)
        kinds = {t.kind for t in left}
        if match and kinds <= {"number", "low", "open", "close"}:
            symbol = Symbol("z", match[1])
            if self.names.knows(symbol):
                text = "".join(t.text for t in left)
                return Name(str(self.names.find(symbol).quantities)), text
        new = lone_symbol(left, self.names, chain.math)
        bare = [part.value for part in parts if part and _all_names(part.value)]
        if not new or len(bare) != 1 or new.key in self.names.aliases or len(parts) > 3:
            raise error
        if isinstance(bare[0], Negation):
            raise Unreadable("a name for what has its sign turned")
        self.names.define(new, _quantities(bare[0]))
        return bare[0], ""

    def define(self, value: Value, chain: _Chain, parts: list[Piece | None]) -> None:
        """Take in a new name that stands alone behind a quantity: dL/dy = D = -0.8."""
        sides = [trimmed(side) for _, side in chain.sides[1:]]
        if len(sides) < 2 or len(parts) < 2 or parts[0] is not None:
            return
        symbol = lone_symbol(sides[0], self.names, chain.math)
        if symbol and symbol.key not in self.names.aliases:
            self.names.define(symbol, _quantities(value))

    def spread(
        self, value: Value, parts: list[Piece], model: Claim, other: Value | None = None
    ) -> Iterator[Claim]:
        """Claims for one quantity, or for each element of a vector or a matrix."""
        if isinstance(value, tuple):
            last, across = parts[-1].value, transposed(value)
            if not _same_shape(last, value):
                value = across  # only the one reading fits
            if not isinstance(value, tuple) or not _same_shape(last, value):
                raise Unreadable("values of another shape than the quantity")
            others = other or (across if _same_shape(value, across) else value)
            assert isinstance(others, tuple)
            fitting = [part for part in parts if _same_shape(part.value, value)]
            for place, (each, another) in enumerate(zip(value, others, strict=True)):
                inner = [
                    replace(part, value=part.value[place], plain=part.plain[place])  # type: ignore[index]
                    for part in fitting
                ]
                yield from self.spread(each, inner, model, another)
            return
        if isinstance(value, Negation):
            value, parts = value.operand, [part.turned() for part in parts]
        assert isinstance(value, Name)
        kept = [
            Part(part.text, part.value, str(part.plain))
            for part in parts
            if not isinstance(part.value, tuple)
        ]
        if not kept or isinstance(parts[-1].value, tuple):
            raise Unreadable("values of another shape than the quantity")
        name, primes = bare_name(value.id)
        claim = replace(model, quantity=name, primes=primes, parts=kept)
        if isinstance(other, Name) and other.id != value.id:
            claim.other = bare_name(other.id)[0]
        numbers = [place for place, part in enumerate(kept) if not names_in(part.expression)]
        tail = kept[-1].expression
        if isinstance(tail, Name) and not numbers and self.comes_later(claim, tail):
            last_name, more = bare_name(tail.id)
            claim.parts = kept[:-1]  # z2 = w2 h1 + ws h0 = yhat
            yield claim
            yield replace(
                claim, quantity=last_name, primes=more, second=True, doubtful="", error="", other=""
            )
            return
        if isinstance(tail, Name) and numbers:  # z1 = 0.5 + 0.1 = 0.6 = h1
            last_name, more = bare_name(tail.id)
            claim.parts = kept[: numbers[-1] + 1]
            if last_name != name:
                yield claim
                yield replace(claim, quantity=last_name, primes=more, doubtful="", error="")
                return
        yield claim
        second = kept[0].expression
        if len(kept) > 1 and isinstance(second, Name) and claim.numeric and not model.doubtful:
            next_name, more = bare_name(second.id)
            if next_name != name:
                yield replace(
                    claim, quantity=next_name, primes=more, parts=kept[1:], second=True, error="",
                    other="",
                )  # fmt: skip

    def comes_later(self, claim: Claim, tail: Name) -> bool:
        """True if a chain goes from a formula to the name of what is worked out from it."""
        if len(claim.parts) < 2 or all(isinstance(p.expression, Name) for p in claim.parts):
            return False
        said, later = parsed(claim.quantity), parsed(bare_name(tail.id)[0])
        before = self.names.vocabulary.before
        if isinstance(said, Derivative) and isinstance(later, Derivative):
            same = said.of == later.of and said.by != later.by
            return same and later.by in before(said.by)
        if isinstance(said, Derivative) or isinstance(later, Derivative):
            return False
        return said != later and said in before(later)

    # Tables.

    def table(self, item: Item) -> None:
        """The rows of a table: chains, names above numbers, or columns that say what they hold."""
        torn = not item.headed and self.is_torn(item.rows[0])
        rows = tuple(r for r in item.rows if not (torn or self.is_cut(r, item.rows[0])))
        for row in item.rows if len(rows) < len(item.rows) else ():
            if row not in rows or item.rows[0] not in rows:
                self.skip([t for cell in row for t in self.tokens(cell)], "a row breaks off")
        if item.rows[0] not in rows:
            return
        head = rows[0]
        self.later = _scaled([t for cell in head for t in self.tokens(cell)]) or self.later
        value = self.tokens(head[1]) if len(rows) == 1 and len(head) == 2 else []
        if value and value[0].kind in RELATIONS:  # |dL/dw0| = 0.75
            self.skip([*self.tokens(head[0]), *value], "the size of a quantity")
            return
        if self.by_label(rows):
            return
        roles = [self._role(cell) for cell in head]
        titled = bool(head) and not head[0] and any(row and row[0] for row in rows[1:])
        names = all(self._is_name(cell) for cell in head if cell)
        if len(rows) > 1 and any(head) and names and not titled:
            for row in rows[1:]:
                if len(row) == len(head):
                    for name, cell in zip(head, row, strict=True):
                        self.pair(name, cell, "")
                else:
                    tokens = self.tokens([span for cell in row for span in cell])
                    self.skip(tokens, "not as many cells as the head has")
            return
        states = any(t.kind in RELATIONS for cell in head for t in self.tokens(cell))
        roles = [""] * len(roles) if states else roles
        body = rows[1:] if any(roles) or not (states or self._is_name(head[0])) else rows
        columns = [role for role in roles[1:] if role in ("gradient", "new", "old")]
        named = [n for n, cell in enumerate(head) if n and self._is_name(cell)]
        passes = {"old", "new"} <= {self._role(row[0]) for row in body if row}
        if passes and named:  # a gradient is of the pass before the step
            body = tuple(sorted(body, key=lambda row: bool(row) and self._role(row[0]) == "new"))
        for row in body:
            if not row or not row[0]:
                continue
            filled = [cell for cell in row if not BLANK.fullmatch(self._text(cell))]
            if (len(filled) > 2 or row is head) and all(map(self._is_name, filled)):
                self.skip(self.tokens(row[0]), "names without figures")
                continue
            if len(row) > len(head):
                self.skip(
                    self.tokens([s for cell in row for s in cell]), "more cells than the head"
                )
                continue
            if named and len(named) == len(head) - 1 and not self._is_name(row[0]):
                role = self._role(row[0])
                if len(row) != len(head):
                    self.skip(
                        [t for c in row for t in self.tokens(c)], "not as many cells as the head"
                    )
                    continue
                for n in named:
                    if n >= len(row) or (role == "old" and self._is_weight(head[n])):
                        continue
                    if passes and role in ("old", "new") and not self._is_weight(head[n]):
                        self.before_and_after(head[n], row[n], role)
                    else:
                        self.pair(head[n], row[n], role)
            elif self._is_name(row[0]) and len(columns) > 1 and len(row) == len(roles):
                for role, cell in zip(roles[1:], row[1:], strict=False):
                    if {*roles[1:]} == {"old", "new"} and not self._is_weight(row[0]):
                        self.before_and_after(row[0], cell, role)
                    elif role in ("gradient", "new") and cell:
                        self.pair(row[0], cell, role)
            elif self._is_name(row[0]):
                said = columns[0] if columns else ""
                whole = len(row) == len(roles)
                kept = [
                    c for n, c in enumerate(row) if not (whole and roles[n] in ("old", "remark"))
                ]
                self.row(kept, said if said != "old" else "")
            else:
                self.labelled(row)
        self.subject = []

    def is_torn(self, first: Sequence[tuple[Span, ...]]) -> bool:
        """True if a rule or a row that is none stands right above the first row of a table."""
        text = self.document.work
        start = text.rfind("\n", 0, min(s.start for c in first for s in c)) if any(first) else 0
        above = text[text.rfind("\n", 0, max(start, 0)) + 1 : max(start, 0)]
        return "|" in above or "--" in above

    def is_cut(self, row: Sequence[tuple[Span, ...]], head: Sequence[tuple[Span, ...]]) -> bool:
        """True if a row of a table in Markdown goes on on the next line, which is no row."""
        text, ends = self.document.work, []
        for each in (row, head):
            last = max((span.end for cell in each for span in cell), default=0)
            stop = text.find("\n", last)
            ends.append((text[last:stop].strip()[-1:], stop))
        (closing_, stop), (usual, other) = ends
        if -1 in (stop, other) or usual != "|" or closing_ == "|":
            return False
        below = text[stop + 1 : stop + 200].split("\n")[0].lstrip(" >\t")
        return bool(below) and below[0] != "|"

    def by_label(self, rows: Sequence[Sequence[tuple[Span, ...]]]) -> bool:
        """Read a table whose first column says which unit a row is of: | unit | net | out |."""
        head, *body = rows
        first = [t.text.casefold() for t in self.tokens(head[0]) if t.kind in ("word", "text")]
        several = len(self.names.network.samples) > 1 and {*first} & {*self.names.network.inputs}
        told_apart = all(self._role(row[0]) in ("old", "new", "gradient") for row in body if row)
        if several or ({*first} & SAMPLES and not (body and told_apart)):
            for row in body:
                tokens = [t for cell in row for t in self.tokens(cell)]
                self.skip(tokens, "its row may be another sample or pass")
            return True
        labels = [[t for t in self.tokens(row[0]) if t.kind != "stop"] for row in body]
        single = all(
            len(label) == 1 and (label[0].text.isdecimal() or label[0].text[:1] in ("h", "o"))
            for label in labels
        )
        told = {*first} & UNITS or (not first and not self._text(head[0]))
        if not (body and labels and single and told):
            return False
        for label, row in zip(labels, body, strict=True):
            if len(row) != len(head):
                self.skip([t for c in row for t in self.tokens(c)], "not as many cells as the head")
                continue
            stated = False
            for number, (cell, value) in enumerate(zip(head[1:], row[1:], strict=True), 2):
                after = row[number] if number < len(row) else ()
                if not stated and self.with_value(value, after):
                    stated = True  # the cell behind it is its value
                    continue
                if not stated:
                    self.of_unit(cell, value, label[0])
                stated = False
        return True

    def with_value(self, cell: Sequence[Span], after: Sequence[Span]) -> bool:
        """Read a cell with a name and a formula, z_0 = w_0 x, with the number in the next one."""
        said = [t for t in self.tokens(cell) if t.kind != "stop"]
        number = [t for t in self.tokens(after) if t.kind != "stop"]
        sides = _sides(said)
        if len(sides) < 2 or not number or not self._is_left(sides[0][1]):
            return False
        if not written_plainly(number) or written_plainly(sides[-1][1]):
            return False
        at = number[0].start
        self._one([*said, Token("relation", "=", at, at), *number], (cell, after), "")
        return True

    def _is_weight(self, cell: Sequence[Span]) -> bool:
        """True if a cell holds the name of a weight."""
        return self._is_weight_name([t for t in self.tokens(cell) if t.kind != "stop"])

    def before_and_after(self, name: Sequence[Span], cell: Sequence[Span], role: str) -> None:
        """A value in a column that says whether it is of the pass before or after the step."""
        value = [t for t in self.tokens(cell) if t.kind != "stop"]
        if not value or role not in ("old", "new") or BLANK.fullmatch(self._text(cell)):
            return
        at = value[0].start
        prime = [Token("prime", "'", at, at)] if role == "new" else []
        tokens = [t._replace(start=at, end=at) for t in self.tokens(name) if t.kind != "stop"]
        if any(t.text == "/" or t.kind in ("fraction", "differential") for t in tokens):
            self.skip(value, "a derivative before or after the step")
            return
        self._one([*tokens, *prime, Token("relation", "=", at, at), *value], (name, cell), "old")

    def of_unit(self, head: tuple[Span, ...], cell: tuple[Span, ...], label: Token) -> None:
        """One cell of a column such as O_j or net in the row of a unit."""
        value = [t for t in self.tokens(cell) if t.kind != "stop"]
        if not value or BLANK.fullmatch(self._text(cell)):
            return
        at = value[0].start
        signs = tuple(span for span in head if span.math) or head
        marked = [t for t in self.tokens(signs) if t.kind != "stop"]
        parts = [[t for t in part if t.kind != "text"] for part in split(marked, ("comma",))]
        name = next((part for part in reversed(parts) if part), marked)
        number = Token("number" if label.text.isdecimal() else "word", label.text, at, at)
        indexes = [n for n, t in enumerate(name) if n and t.text in ("i", "j", "k")]
        if len(indexes) == 1:
            name[indexes[0]] = number
        elif not indexes:
            name = [*name, Token("low", "_", at, at), number]
        kinds = {"text": "word"}
        name = [t._replace(kind=kinds.get(t.kind, t.kind), start=at, end=at) for t in name]
        try:
            quantity = self.left_side(name, any(span.math for span in head))
            own = _sides(value)[0][1] if any(t.kind in RELATIONS for t in value) else []
            if self._is_left(own) and self.left_side(own, True) == quantity:
                name = []
        except Unreadable as error:
            self.skip(value, str(error))
            return
        sign = [Token("relation", "=", at, at)] if name and value[0].kind not in RELATIONS else []
        self._one([*name, *sign, *value], (head, cell), "")

    def labelled(self, row: Sequence[tuple[Span, ...]]) -> None:
        """A row with a word before it: a statement, or more of the quantity that stands above."""
        tokens = [t for cell in row[1:] for t in self.tokens(cell)]
        names, values = (
            split([t for t in self.tokens(cell) if t.kind != "stop"], ("comma", "semicolon"))
            for cell in (row[0], row[1] if len(row) == 2 else ())
        )
        if len(names) > 1 and all(map(self._is_left, names)):  # | z0, h0 | 0.5, 0.5 |
            if len(names) != len(values):
                self.skip([*self.tokens(row[0]), *tokens], "a list of names for one value")
                return
            for name, value in zip(names, values, strict=True):
                at = name[-1].end
                self._one([*name, Token("relation", "=", at, at), *value], row, "")
            return
        rest = [t for t in tokens if t.kind not in ("text", "stop")]
        if not any(t.kind in RELATIONS for t in rest):
            return
        if rest[0].kind in RELATIONS:
            at = rest[0].start
            subject = [t._replace(start=at, end=at) for t in self.subject]
            self._one([*subject, *rest], row, "")
            return
        if not self.subject:
            self.subject = _sides(rest)[0][1]
        for cell in row[1:]:
            self.line(Item("line", cell))
        self.finish()

    def row(self, row: Sequence[Sequence[Span]], said: str) -> None:
        """A row as one chain: quantity, formula, value."""
        tokens = self.tokens(row[0])
        others: list[tuple[list[Token], Sequence[Span]]] = []
        for cell in row[1:]:
            whole = [t for t in self.tokens(cell) if t.kind != "stop"]
            more = [t for t in whole if t.kind != "text"]
            comments = len(more) < len(whole) and (
                not any(t.kind in ("word", "number") for t in more)
                or (cell is not row[1] and lone_symbol(more, self.names, True) is not None)
            )
            if not more or comments or BLANK.fullmatch(self._text(cell)):
                continue
            left = tokens[: next((n for n, t in enumerate(tokens) if t.kind in RELATIONS), None)]
            again = _sides(more)
            if len(again) > 1 and self._is_other(left, again[0][1]):
                others.append((more, cell))  # a statement of its own
                continue
            if len(again) > 1 and [t.text for t in again[0][1]] == [t.text for t in left]:
                more = more[len(again[0][1]) :]  # the rule says the name once more
            if more[0].kind not in RELATIONS:
                tokens = [*tokens, Token("relation", "=", more[0].start, more[0].start)]
            tokens = [*tokens, *more]
        self._one(tokens, row, said)
        for more, cell in others:
            self._one(more, (cell,), said)

    def _is_other(self, one: Sequence[Token], two: Sequence[Token]) -> bool:
        """True if two stretches are the names of two quantities."""
        try:
            left = [
                self.left_side(trimmed([t for t in each if t.kind != "stop"]), True)
                for each in (one, two)
            ]
        except Unreadable:
            return False
        return left[0] != left[1]

    def pair(self, name: Sequence[Span], cell: Sequence[Span], said: str) -> None:
        """A name in the head of a table and the value below it."""
        value = [t for t in self.tokens(cell) if t.kind != "stop"]
        if value and not BLANK.fullmatch(self._text(cell)):
            sign = (
                []
                if value[0].kind in RELATIONS
                else [Token("relation", "=", value[0].start, value[0].start)]
            )
            tokens = [
                t._replace(start=value[0].start, end=value[0].start) for t in self.tokens(name)
            ]
            self._one([*tokens, *sign, *value], (name, cell), said)

    def _one(self, tokens: list[Token], spans: Sequence[Sequence[Span]], said: str) -> None:
        tokens = [t for t in tokens if t.kind != "stop"]
        sides = _sides(tokens)
        if len(sides) < 2 or not sides[0][1]:
            return
        if any(len(split(side, ("text", "comma"))) > 1 for _, side in sides):
            self.skip(tokens, "words or a list in a cell", any(t.kind == "number" for t in tokens))
            return
        math = any(span.math for cell in spans for span in cell)
        self.last = _Chain(sides, math, said or self.said)
        self.finish()

    def _text(self, cell: Sequence[Span]) -> str:
        return " ".join(self.document.text[s.start : s.end] for s in cell).strip(" *`")

    def _role(self, cell: Sequence[Span]) -> str:
        """What a cell of a head says of its column."""
        words = self.words(cell)
        said = saying(words)
        if said:
            return said
        if words and set(words) & OLD:
            return "old"
        if {*words} & REMARKS:
            return "remark"
        return "value" if words and not self._is_name(cell) else ""

    def _is_name(self, cell: Sequence[Span]) -> bool:
        """True if a cell holds a quantity's name and nothing else."""
        try:
            tokens = trimmed([t for t in self.tokens(cell) if t.kind != "stop"])
            if not tokens or any(t.kind == "text" for t in tokens):
                return False
            self.left_side(tokens, any(span.math for span in cell))
        except Unreadable:
            return False
        return True


@dataclass(slots=True)
class _Chunk:
    """A stretch between signs that part statements."""

    tokens: list[Token]
    lead: list[str]
    """The words before it."""
    sep: str
    """The kind of sign before it."""
    start: int = 0
    """Where the last of these words begins."""
    clause: str = ""
    """The words of its sentence before the last comma."""


def _chunks(tokens: Sequence[Token], math: bool) -> Iterator[_Chunk]:
    """The stretches of a line; `&` beside a relation joins, elsewhere it parts."""
    chunk, lead, sep, level, start, clause = list[Token](), list[str](), "start", 0, 0, ""
    joined = _without_joints(tokens)
    for place, token in enumerate(joined):
        level += (token.kind == "open") - (token.kind == "close")
        cell = token.kind == "cell" and level <= 0
        if token.kind == "colon" and not token.spaced:
            after = next((t for t in joined[place + 1 :] if t.kind != "stop"), token)
            stated = (
                after.spaced and after.kind == "word" and any(t.kind in RELATIONS for t in chunk)
            )
            if stated and any(t.kind in RELATIONS for t in joined[place:]):
                token = token._replace(kind="stop")  # t=1: a1 = 0.6
        if token.kind == "stop" and chunk and chunk[-1].kind in (*RELATIONS, "sign", "colon"):
            continue
        if level <= 0 and (token.kind in BREAKS or cell):
            if chunk:
                yield _Chunk(chunk, lead, sep, start, clause)
                chunk, lead, clause = [], [], ""
            if token.kind == "text":
                colon = place + 1 < len(joined) and joined[place + 1].kind == "colon"
                lead = [*lead, token.text + (":" if colon else "")]
                sep, start = "text", token.start
            elif (token.kind != "stop" or sep != "text") and not (
                sep == "row" and not lead and (cell or token.kind == "stop")
            ):
                sep = "cell" if cell else token.kind
                lead = lead if token.kind == "stop" else []
            continue
        if lead and not chunk and token.kind in ("colon", "comma", "dot"):
            if token.kind != "colon":
                clause, lead = " ".join(lead) if token.kind == "comma" else "", []
            continue
        chunk.append(token)
    if chunk or lead:
        yield _Chunk(chunk, lead, sep, start, clause)


def _without_joints(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without each `&` that only aligns: one beside a relation."""
    found: list[Token] = []
    level = 0
    for place, token in enumerate(tokens):
        level += (token.kind == "open") - (token.kind == "close")
        if token.kind == "cell" and level <= 0:
            around = [*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2]]
            if any(t.kind in RELATIONS for t in around):
                continue
        found.append(token)
    return found


def _without_damage(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""Tokens with each function's name in one word, Re L U(z) or {m a x}(z), and bars bare."""
    found: list[Token] = []
    for token in tokens:
        found.append(token)
        if token.kind == "close" and [t.kind for t in found[-3:]] == ["open", "bar", "close"]:
            found[-3:] = [found[-2]]
        elif token.text == "(" and found[-2:-1]:
            run = [*takewhile(lambda t: t.kind == "word" or t.text in "{}", found[-2:-12:-1])]
            for size in range(len(run), 1, -1):
                texts = [t.text for t in reversed(run[:size])]
                letters = [t for t in reversed(run[:size]) if t.kind == "word"]
                word = "".join(t.text for t in letters)
                whole = texts.count("{") == texts.count("}") and texts[0] != "}"
                known = len(word) > 2 and word.casefold() in FUNCTION_NAMES
                if len(letters) > 1 and whole and known:
                    found[-size - 1 :] = [letters[0]._replace(text=word), token]
                    break
    return found


def _with_gaps(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of a line without what only sets it: gaps before a sign, an arrow to a remark."""
    found = [*dropwhile(lambda token: token.kind == "cell", tokens)]
    for at in range(len(found) - 3, -1, -1):
        one, two, three = found[at : at + 3]
        gap = one.kind == "stop" and not one.text and one.spaced
        if gap and two.kind == "sign" and two.text in "+*·/" and three.spaced:
            del found[at]
        elif gap and two.kind in RELATIONS and three.kind == "stop" and not three.text:
            del found[at]  # signs of equality set below each other, with gaps on both sides
        elif one.kind in ("stop", "number") and two.kind == "assign" and three.kind == "text":
            found[at + 1] = two._replace(kind="stop")
    return found


def _with_rows(tokens: list[Token]) -> list[Token]:
    r"""The tokens with an array whose rows are all statements as these rows below each other."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        start = at + (tokens[at].text == "\\{")
        array = start < len(tokens) and tokens[start].text in ("cases", "matrix")
        end = closing(tokens, start) if array and tokens[start].kind == "open" else -1
        first = not found or found[-1].kind in (*BREAKS, "comma", "colon")
        inner = tokens[start + 1 : end] if first and end > 0 else []
        rows = [row for row in split(inner, ("row",)) if row] if inner else []
        if rows and all(map(_is_row, rows)):
            for row in rows:
                found += [*row, Token("row", "", row[-1].end, row[-1].end)]
            end += tokens[end + 1 : end + 2] != [] and tokens[end + 1].text == "\\}"
            at = end + 1
            continue
        found.append(tokens[at])
        at += 1
    return found


def _is_row(row: Sequence[Token]) -> bool:
    """True if a row of an array is a statement, or words, and no piece of a formula."""
    inner = row[1:-1] if row[0].text == "{" and closing(row, 0) == len(row) - 1 else row
    left = next(iter(split(inner, RELATIONS)), [])
    stated = len(left) < len(inner) and bool(left)
    piece = any(t.kind == "compare" or says(t, CONDITIONS, OTHERWISE) for t in inner)
    return all(t.kind == "text" for t in row) or (
        stated and not piece and not any(t.kind in ("text", "comma") for t in left)
    )


def _with_columns(tokens: list[Token]) -> list[Token]:
    """A row of a table in plain text as one chain: z0   w0·x   0.5·1   = 0.5."""
    cells = [[*cell] for cell in split(tokens, ("stop",)) if cell]
    plain = [cell for cell in cells[:-1] if not any(t.kind in (*RELATIONS, "text") for t in cell)]
    if len(cells) < 2 or len(plain) < len(cells) - 1 or cells[-1][0].kind not in RELATIONS:
        return tokens
    joined = cells[0]
    for cell in cells[1:-1]:
        at = cell[0].start
        joined = [*joined, Token("relation", "=", at, at), *cell]
    return [*joined, *cells[-1]]


def _with_remarks(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with remarks in brackets as words, and statements in brackets set apart."""
    found: list[Token] = []
    ends: dict[int, int] = {}
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(place)
        elif token.kind == "close" and opened:
            ends[opened.pop()] = place
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = ends.get(at, -1) if token.text in ("(", "[") and token.kind == "open" else -1
        inner = tokens[at + 1 : end] if end > 0 else []
        calls = found and found[-1].kind == "word" and not token.spaced
        named = [t.text.casefold() for t in inner]
        noun = len(named) == 1 and any(named[0] in nouns for nouns in NOUNS.values())
        prose = (any(t.kind == "text" for t in inner) or (noun and token.spaced)) and not calls
        states = any(t.kind in RELATIONS for t in inner)
        if prose and any(a.text == "10" and b.kind == "power" for a, b in pairwise(inner)):
            found.append(Token("unknown", "10^", token.start, token.end))  # in units of 10^-3
            at = end + 1
            continue
        if inner and (prose or states):
            stop = Token("stop", "", token.start, token.end)
            after = tokens[end + 1 : end + 2]
            going = after and after[0].kind in ("sign", *RELATIONS)
            if going:
                found.append(Token("text", "(...)", token.start, token.end))
            elif states and not prose:
                found += [stop, *inner, stop]
            else:
                found += [stop, Token("text", "remark:", token.start, token.end)]
            at = end + 1
            continue
        found.append(token)
        at += 1
    return found


def _sides(tokens: Sequence[Token]) -> list[tuple[str, list[Token]]]:
    """The sides of a chain, each with the sign before it."""
    sides: list[tuple[str, list[Token]]] = [("", [])]
    level = 0
    for token in tokens:
        level += (token.kind == "open") - (token.kind == "close")
        if token.kind in RELATIONS and level <= 0:
            if sides[-1][1] or len(sides) == 1:
                sides.append((token.text, []))
        else:
            sides[-1][1].append(token)
    return sides


def _unboxed(tokens: Sequence[Token]) -> list[Token]:
    """What stands in a box, with a comma for each gap between its statements."""
    found: list[Token] = []
    for token in tokens:
        gap = token.kind == "stop"
        if not (gap and found and found[-1].kind == "comma"):
            found.append(token._replace(kind="comma", text=",") if gap else token)
    return found


def _rejoined(pieces: Sequence[Sequence[Token]]) -> list[Sequence[Token]]:
    """Pieces between commas; a piece that is a condition only goes away with its comma."""
    found: list[Sequence[Token]] = []
    for piece in pieces:
        kinds = {t.kind for t in piece}
        if found and "compare" in kinds and not kinds & {*RELATIONS}:
            continue
        found.append(piece)
    return found


def _begins(tokens: Sequence[Token]) -> bool:
    """True if a stretch may begin a statement, or words, and is not the rest of another one."""
    first, *rest = tokens
    if first.kind == "number":  # 20 for z0, a number before a heading
        damaged = re.fullmatch(r"2\d?", first.text) and any(t.kind in RELATIONS for t in rest)
        return bool(damaged) or (
            first.text.isdecimal() and bool(rest) and rest[0].kind in ("stop", "text", "low")
        )
    if first.kind == "comma" and rest:
        return rest[0].kind in ("word", "accent", "fraction", "stop")
    return first.kind in ("word", "accent", "fraction", "differential", "text", "open", "stop",
                          "row", "colon", *RELATIONS)  # fmt: skip


def _goes_wrong(tokens: Sequence[Token]) -> bool:
    """True if a line cannot begin a statement or words, and is no continuation either."""
    signed = tokens[0].kind == "sign" and tokens[0].text in "+-"
    if signed and not any(t.kind in RELATIONS for t in tokens):
        return False
    return not _begins(tokens)


def _condition(chunk: _Chunk) -> bool:
    words = {w.casefold() for text in chunk.lead for w in re.findall(r"\w+", text)}
    compares = any(t.kind == "compare" for t in chunk.tokens)
    return bool(words & CONDITIONS) and compares and not any(
        t.kind in RELATIONS for t in chunk.tokens
    )  # fmt: skip


def _without_call_names(tokens: Sequence[Token]) -> list[Token]:
    """Tokens of code without the module before a function: np.exp is exp."""
    found: list[Token] = []
    for token in tokens:
        if token.kind == "dot" and found and found[-1].text in ("np", "math", "torch", "jnp"):
            found.pop()
            continue
        found.append(token)
    return found


def _without_data(tokens: list[Token]) -> list[Token]:
    """The tokens without what asks an object for its number: z.data, loss.item()."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind == "dot" and [t.text for t in tokens[at + 1 : at + 2]] in (
            ["data"], ["item"], ["value"],
        ):  # fmt: skip
            at += 2
            at += 2 if [t.text for t in tokens[at : at + 2]] == ["(", ")"] else 0
            continue
        found.append(tokens[at])
        at += 1
    return found


def _with_comments(tokens: list[Token]) -> list[Token]:
    """Tokens of code with a comment as a statement of its own, or as the result: # 0.75."""
    place = next((n for n, t in enumerate(tokens) if t.text == "#"), None)
    if place is None:
        return tokens
    code, comment = tokens[:place], tokens[place + 1 :]
    while code and code[-1].kind == "stop":
        code = code[:-1]
    at = tokens[place].start
    result = [t for t in comment if t.kind != "stop" and t.kind not in RELATIONS]
    if code and result and len(_number_at(result)) == len(result):
        return [*code, Token("relation", "=", at, at), *result]
    return [*code, Token("semicolon", ";", at, at), *comment]


def _is_math(item: Item, piece: Sequence[Token]) -> bool:
    """True if a statement stands in mathematics."""
    return any(s.math and s.start <= piece[0].start < s.end for s in item.spans) or any(
        s.math and s.start <= piece[-1].start < s.end for s in item.spans
    )


def written_plainly(tokens: Sequence[Token]) -> str:
    """A number in the signs of formulas, with the digits that it has; "" for anything else.

    5.0 times ten to the power of -1 is 5.0e-1, and 37.5% is 0.375.
    """
    if any(a.kind == "number" and b.kind == "open" for a, b in pairwise(tokens)):
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


def _digits(tokens: Sequence[Token], value: Value) -> Digits:
    """The digits of a number, or of each number in a vector or matrix."""
    if not isinstance(value, tuple):
        return written_plainly(tokens)
    cells: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind in CELLS:
            cells.append([])
        elif token.text not in PARTNER and token.text not in PARTNER.values():
            cells[-1].append(token)
    left = iter([written_plainly(cell) for cell in cells if cell])

    def placed(inner: Value) -> Digits:
        if isinstance(inner, tuple):
            return tuple(map(placed, inner))
        digits, amount = next(left, ""), worked(inner, lambda name: None)
        return digits if digits and amount == float(digits) else ""

    return placed(value)


def _turned_digits(digits: Digits) -> Digits:
    """The digits with a minus before them, or without it."""
    if isinstance(digits, tuple):
        return tuple(map(_turned_digits, digits))
    return digits.removeprefix("-") if digits[:1] in ("-", "") else f"-{digits}"


def _two_statements(tokens: Sequence[Token], value: Value) -> bool:
    """True for 0.25 h_1 before a further sign: perhaps the row before it ends with 0.25."""
    value = value.operand if isinstance(value, Negation) else value
    if not isinstance(value, Product):
        return False
    first = next(n for n, t in enumerate(tokens) if t.kind not in ("sign", "open"))
    signed = tokens[first + 1 : first + 2] and tokens[first + 1].kind in ("sign", "close")
    number, name = value.factors[0], value.factors[-1]
    if len(value.factors) > 2:  # 3.37t y
        return isinstance(number, Number) and not any(t.kind == "sign" for t in tokens[first:])
    divided = isinstance(name, Inverse) and isinstance(name.operand, Name)  # / for a row's end
    return isinstance(number, Number) and (divided or (not signed and isinstance(name, Name)))


def _further_readings(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    r"""Other readings of a part, none of which is sure by itself.

    3 3/8 and 3\tfrac38 as mixed numbers, 3,375 with a decimal comma, 0.5w1 as a product.
    """
    sign = 1 if tokens[0].kind == "sign" and len(tokens) > 1 else 0
    first, after = tokens[sign], [*tokens[sign + 1 :]]
    at = first.start
    opening, plus, closing_ = (
        Token("open", "(", at, at),
        Token("sign", "+", at, at),
        Token("close", ")", at, at),
    )
    if first.kind == "number" and first.text.isdecimal() and after:
        kinds = [t.text if t.kind == "sign" else t.kind for t in after]
        if after[0].kind == "fraction" or kinds == ["number", "/", "number"]:
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


def _scaled(tokens: Sequence[Token]) -> str:
    """Why the figures beside these words cannot be told: they are given in units of 10^-3."""
    kept = [t for t in tokens if t.kind not in ("stop", "open")]
    for at, (ten, power) in enumerate(pairwise(kept)):
        before = [t.text.casefold() for t in kept[max(at - 2, 0) : at]]
        times = before and before[-1] in "*·" and (len(before) < 2 or kept[at - 2].kind == "text")
        if (ten.text, power.kind) == ("10", "power") and (times or {*before[-1:]} & SCALES):
            return "its figures may be multiples of a power of ten"
    return ""


def _number_at(tokens: Sequence[Token]) -> Sequence[Token]:
    """The number with its sign that some tokens begin with."""
    end = 1 if tokens and tokens[0].kind == "sign" and tokens[0].text in "+-" else 0
    return tokens[: end + 1] if tokens[end : end + 1] and tokens[end].kind == "number" else ()


def _raised_point(tokens: Sequence[Token]) -> bool:
    """True for 0·375 alone, which may be 0.375 or 0 times 375, and for 0.2554(1)."""
    kinds = [t.kind for t in tokens if t.text not in ("-", "+")]
    texts = [t.text for t in tokens if t.text not in ("-", "+")]
    if kinds == ["number", "open", "number", "close"] and texts[2].isdecimal():
        return not texts[0].isdecimal()
    tight = not any(t.spaced for t in tokens[-2:])
    return kinds == ["number", "sign", "number"] and texts[1] == "·" and tight and (
        texts[0].isdecimal() and texts[2].isdecimal()
    )  # fmt: skip


def _check_one_value(parts: Sequence[Piece | None]) -> None:
    """Raise Misplaced where a chain goes on to another number from one that was its result.

    So does what is behind a part that cannot be read.
    """
    result: float | None = None
    for place, part in enumerate(parts):
        if part is None:
            result = next(
                (v for p in reversed(parts[:place]) if p and (v := _amount(p)) is not None), result
            )
            continue
        amount = _amount(part)
        if amount is not None and result is not None and abs(amount - result) > 0.03 * abs(result):
            raise Misplaced("it goes on to another number")
        if isinstance(part.plain, str) and re.fullmatch(r"(?!2\d$).+", part.plain):
            result = amount


def _amount(part: Piece) -> float | None:
    """The number that a part is; None for a formula."""
    if isinstance(part.value, tuple) or names_in(part.value):
        return None
    return worked(part.value, lambda name: None)


def _all_names(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(map(_all_names, value))
    return isinstance(value.operand if isinstance(value, Negation) else value, Name)


def _turned(value: Value) -> Value:
    """The value with its sign turned."""
    return tuple(map(_turned, value)) if isinstance(value, tuple) else negated(value)


def _same_shape(one: Value, two: Value) -> bool:
    if not isinstance(one, tuple) or not isinstance(two, tuple):
        return not (isinstance(one, tuple) or isinstance(two, tuple))
    return len(one) == len(two) and all(map(_same_shape, one, two))


def _quantities(value: Value) -> Quantities:
    if isinstance(value, tuple):
        return tuple(map(_quantities, value))
    value = value.operand if isinstance(value, Negation) else value
    assert isinstance(value, Name)
    return value.id


def saying(words: Sequence[str]) -> str:
    """What words say of the statements after them: new, gradient, again or nothing."""
    heard = {word.casefold() for word in words if len(word) > 2 or not word.isascii()}
    heard -= GRADIENT if heard & DESCENT else set()
    found = [
        said for said, known in (("new", NEW), ("gradient", GRADIENT), ("again", AGAIN))
        if heard & known
    ]  # fmt: skip
    return found[0] if len(found) == 1 and not (found[0] == "new" and heard & EARLIER) else ""
