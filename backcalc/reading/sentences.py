"""Lines of a sheet to statements: what stands in words and what in formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile, pairwise, takewhile

from backcalc.errors.patterns import regex
from backcalc.formulas.expression import Name
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.reading.defining import define_in_words, described_step, described_unit
from backcalc.reading.figures import near, room_of
from backcalc.reading.grammar import PUNCTUATION, Reader, closing, lone_symbol, split, trimmed
from backcalc.reading.items import Item, Span
from backcalc.reading.names import ERRORS, NO_SUCH, Symbol, Unreadable
from backcalc.reading.phrases import (
    ASIAN,
    FROM,
    NUMERIC,
    STATING,
    TO,
    PhraseReader,
    in_brackets,
    spaced,
)
from backcalc.reading.pieces import (
    RELATIONS,
    Chain,
    Unread,
    equated,
    number_at,
    sides_of,
    written_plainly,
)
from backcalc.reading.rewriting import (
    NAMED,
    Chunk,
    begins,
    chunks_of,
    column_by_column,
    goes_wrong,
    in_math,
    is_condition,
    is_times,
    rejoined,
    scaling,
    with_columns,
    with_comments,
    with_gaps,
    with_indicators,
    with_lists,
    with_remarks,
    with_rows,
    with_steps,
    without_call_names,
    without_damage,
    without_data,
    without_same,
)
from backcalc.reading.sample_parts import OF_SAMPLE
from backcalc.reading.sessions import AROUND, FIGURE, shown_by
from backcalc.reading.signs import (
    AGAIN,
    AND_WORDS,
    ARTICLES,
    BECOMES,
    BY,
    CHANGES,
    CONDITIONS,
    CORRECTING,
    EARLIER,
    EXAMPLES,
    FALLS,
    FUNCTION_NAMES,
    GRADIENT,
    HAVING,
    LEAD_INS,
    NEW,
    NEW_ALONE,
    NOUNS,
    OF_ALONE,
    OLD,
    OVERALL,
    PASSES,
    PATHS,
    RESIDUALS,
    RESULTS,
    SAMPLE_NOUNS,
    SETTING,
    STAYING,
    SUPPOSED,
    THIS,
    THUS,
    UNREAL,
    phrases,
    saying,
    says_by,
    says_later,
    words,
)
from backcalc.reading.statements import BETWEEN, GOES_ON, STEP_PART
from backcalc.reading.tokens import FILLER, VOWEL_SIGNS, Token, Tokens, tokenized, tokens_of
from backcalc.reading.vocabulary import SPELLINGS

MAX_TOKENS = 4000  # of one line
ITALIAN = regex(rf"\b(?:{'|'.join(phrases('ITALIAN'))})\b", re.IGNORECASE)
WHETHER = regex(
    r"\b(?:tell|know|check|see|sure|wonder\w*|ask|say|verify|dis|dites|vérifi\w+|dime|avisa\w*)"
    r"(?: me| us| moi)? (?:if|si) \w+ \w"
)
"""Words that ask whether something is so, and suppose nothing."""
SUPPOSING = UNREAL | (SUPPOSED - CONDITIONS - FUNCTION_NAMES.keys())
"""Words that suppose something even where a dollar that is lost makes them mathematics."""
TELLING = SUPPOSING | CONDITIONS | NEW | OLD | CORRECTING - {"no"}
"""Words for which a remark between two signs of a chain may change what is said."""
OF_ERRORS = words(
    "local signal term delta lokale lokaler lokales locale sygnał señal sinal segnale fehlersignal"
)
"""Words right before the name of an error term."""
LETTERS = regex(rf"[^\W\d_](?:[^\W\d_]|[{VOWEL_SIGNS}])*")
UNIT_WORDS = ("net", "out", "in")
ALL_NOUNS = frozenset().union(*NOUNS.values())
CLOSED = regex(r"[.,;\s]*(?:\$|\\\)|\\\])[^\n]*\n")
"""The end of a formula behind which a new line begins."""
DASH = regex(r"^[ \t>]*-(?![\d.])", re.M)
GLUE = regex(r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\\[|\\\]|\\\(|\\\)|[\s$>&*.,-]|\\qquad|\\quad")

WRAPPED = regex(
    r"(?:[^\W\d_]|,)[ \t]*\n[ \t>]*(?:\$`?|\\\()?\Z|\b(?:and|und|et|y|e)[ \t]*\n[ \t>]*\$\$\Z"
)
"""A word or comma at the end of a line, whose sentence goes on in the next one, or a formula."""
JOINED = regex(r"[.,;]+[ \t]*$|(?:and|und|et|y|e)\b", re.M)
"""A line that can only go on with the sentence above it."""
SAMPLE = regex(r"\b(?:sample|beispiel|muster|exemple|muestra)\s+(\d+)\W*\Z", re.IGNORECASE)
"""Words for one sample, with its number."""
LABELLED = regex(r"\W*(?:[^\W\d_]+ ){0,2}?[^\W\d_]+ ?\d")
"""The start of a line with a word and a number: Example 2."""
TAIL = regex(r"(.*?)(\d{1,2})(\W*)")
"""A name with the number at its end."""
ACTIVATED = regex(
    rf"(?:{'|'.join(map(re.escape, FUNCTION_NAMES.keys() - {'log', 'ln', 'exp', 'sign'}))})\Z"
    r"|sigm|tanh|relu|logist|activ|aktiv|akty|актив|сигм"
)
"""A word for an activation function, alone or at the start of a longer one."""
DERIVED = regex(
    "deriv|dériv|ableit|slope|pochod|afgel|afled|pente|pend|türev|izvod|произв|导数|導関数"
)
"""The start of a word for a derivative, not for a gradient, which is rather the loss's."""
AT_WORDS = words("at in en em bei an am von of for für pour para por per w dans di da в при на")
"""Words between a function's derivative and the sum at which it is taken."""
PRE = regex(r"\bpre-\w+\W*\Z", re.IGNORECASE)
"""The end of what stands before pre-activation's value."""
BEFORE, BEHIND = ("|".join(sorted(filter(str.isalpha, each))) for each in (OLD, NEW | NEW_ALONE))
SAYING = r"(?:[ ][^\W\d_]+){0,2}[ )]*[:=]?[ ]*"
FIGURES = ("before", "old", "start", "was", "after", "new", "end", "now")
BEFORE_STEP, OLD_ONE, START, WAS, AFTER_STEP, NEW_ONE, END, NOW = (
    rf"[ ]*(?P<{name}>-?\d+[.,]\d+)" for name in FIGURES
)
BOTH_PASSES = regex(
    rf"(?P<name>[^\W\d]\w*)(?:[ (]+(?:{BEFORE}){SAYING}{BEFORE_STEP}[ ,;]+(?:(?:and|und|et|y)[ ]+)?"
    rf"(?:(?P=name)[ (]+)?(?:{BEHIND}){SAYING}{AFTER_STEP}"
    rf"|[ ]+(?:[^\W\d_]+[ ]+){{0,3}}?(?:{FROM}){OLD_ONE}[ ]+(?:{TO}|->|→){NEW_ONE}"
    rf"|[ ]+(?:was|war|était|era){WAS}(?:[ ]+(?:{BEFORE})(?:[ ][^\W\d_]+){{0,2}})?[ ,;]+"
    rf"(?:(?:and|but|und|aber|et|mais|y|e|ma)[ ]+)?(?:it[ ]+)?(?:now[ ]+)?(?:is|ist|est|es|è)"
    rf"(?:[ ]+(?:now|nun|jetzt|maintenant|ahora|ora))?{NOW}"
    rf"|(?:[ ]*[:=])?{START}[ ]*(?:->|→){END})(?![\w%]|[.,]\d|[ ]*[-+*/=·×^])",
    re.IGNORECASE,
)
"""A figure before the step and after it, in one sentence."""
WORDED_OR_NAMED = regex(r"(?<!\w)[^\W\d]\w*")
FOLLOWING = regex(
    rf"(?:[,;:.)]|[ ][—–-])?[ ]+(?:(?:and|und|et|y)[ ]+)?(?:{'|'.join(sorted(THUS))})[ ][^\d=≈]*\Z",
    re.IGNORECASE,
)
"""Words between what is new and the result that is said to follow from it."""
PLAIN_SIGNS = str.maketrans("*$`−", "   -")
SEVERAL = regex(rf"\b(?:\d\d+|[2-9])[ ]+(?:{'|'.join(sorted(PASSES))})", re.IGNORECASE)
CHANGE_WORDS = {phrase.split()[0] for phrase in CHANGES} | BECOMES
PRINTS = regex(r"^[^#\n]*(?:\bprint[ ]?\(|\bf['\"])[^#\n]*$", re.M)
"""Code that prints what it has worked out, and whose figures stand below it, if anywhere."""
UNNAMED = regex(rf"(?:{AROUND}|{FIGURE})+")
"""Figures of which no name is shown."""
KIND_OF_DATA = regex(
    r"\b(?:array|tensor)(?=\()|Parameter containing:"
    r"|,\s*(?:dtype|requires_grad|grad_fn)=[^(),\]\s]*"
)
"""What else than figures Python prints of an array or a tensor."""
LOOPS = regex(r"[ \t]*(?:for\b(?!.*\bin[ ]?(?:[(\[]+[ ]?['\"]?[^\W\d]|\w+\.parameters))|while\b)")
"""A line behind which what is shown may be of any pass; a loop over names is none."""
ASKED = "the line asks this, it does not state it"
SENTENCE = regex(
    r"(?:[.!。][*_)]*\s+[*_(]*(?=[^\W\d_]{2})|。(?=\w))(?!(?:who|which|wer|welche[rs]?|qui|chi|(?:la)?"
    r"quel\w*|quién|cuál|quem|qual[ei]?|wie|welke|vem|hvem|kto|kdo|кто|какой|хто|谁|哪)\b)",
    re.IGNORECASE,
)
"""The end of a sentence before another one that does not leave it open: who is right?"""
TORN = "a formula breaks off at the end of a line: this may be its rest"
JOINTS = [["and"], ["und"], ["et"], ["y"], ["e"]]
"""Words between two statements, each of which is whole."""
RATES = SPELLINGS["rate"]
MOST_BEFORE = 80  # characters in which words say by what a derivative is taken
Sides = Sequence[tuple[str, list[Token]]]
"""The sides of a chain, each with the sign before it."""
WORDED = regex(r"[^\W\d_]{2,}")
TORN_DISPLAY = regex(r"\$\$[^=≈\n]*\\[a-z]+[^=≈\n]*\Z")
"""The start of a display that has no end and says nothing."""
MOST_IF = 3  # words on the line below a statement that begin with its condition
MAX_HEARD = 12  # words of a line that says what follows

IDEOGRAPH = regex(rf"{ASIAN.pattern}|[èÈéà]\Z")
"""The start of a word without blanks around it, or a word of one letter."""

SECOND_TITLE = regex(
    rf"[;.][ ]+(?P<unit>[^\W\d_][^:;.=\n]{{0,30}}|t ?= ?\d):[ {FILLER}]+(?=[$*]*[^\W\d])"
)
"""The start of a stretch of a line that names a unit, or anything, before a colon."""
POINT = regex(r"\(?([1-8]|[a-h])\)[ ]+")
"""The mark of a point of a list."""
SECOND_POINT = regex(
    r"[=≈][^=≈\n]*?\d\$?[ ,;.]+(?P<point>\(?(?P<mark>[2-9]|[b-i])\)[ ]+)(?=[$*]*[^\W\d])"
)
"""The mark of a point within its line, behind a statement."""
NUMERATOR = regex(r"(?<![\w/])[d∂][A-Zℓ]\w{0,5}[ ]\Z")
"""What stands above a derivative's fraction, right before another name: dL dz2."""
CONTRIBUTION = regex(
    rf"\b(?:{'|'.join(phrases('CONTRIBUTIONS'))})\b(?:[^.;:=\n]|\.(?=\d))*\Z", re.IGNORECASE
)
"""Words that speak of a part of what stands behind them: the contribution of h1 to the output."""
OF_STEP = regex(
    r"\b(?:(?:time[ ]?)?steps?|(?:zeit)?schritt|pas|paso|passo|шаг|t)[ ]?=?[ ]?\d\b[^;=]*\Z",
    re.IGNORECASE,
)
"""Words of one step in time before what may be its part of a sum."""
BEFORE_A = {phrase.split()[-2] for phrase in BY if phrase.endswith(" a")} | {"on"}
"""Words before an a that is no name: respecto a w1."""
PARAGRAPH = regex(r"\n[ \t>]*\n")
"""The gap between two paragraphs."""
SHORT = regex(r"w\.[ ]?r\.[ ]?t\.?(?!\w)")
"""With respect to, in three letters."""
BEHIND_CODE = regex(r"\A[ \t]*#[^\n]*\n[ \t]*\Z")
CONTINUED = regex(r"[ \t]*\n[ \t]*[=≈](?!=)")
"""The end of a line of code whose statement goes on below it."""


class SentenceReader(PhraseReader):
    """Reads the statements off a line or a display."""

    def supposing(self, text: str) -> set[str]:
        """The words before a statement, some of which may suppose it."""
        words = {w.casefold() for w in re.findall(r"\b(?!si bien que)\w+", text)}
        return words - {"si"} if "si" in words and ITALIAN.search(self.document.work) else words

    def words(self, spans: Sequence[Span]) -> list[str]:
        """The words of some stretches."""
        text = " ".join(self.document.text[span.start : span.end] for span in spans)
        text = re.sub(r"\\[A-Za-z]+", " ", text)
        found = [w.casefold() for w in LETTERS.findall(text)]
        return found + in_pieces(text)

    def tokens(self, spans: Sequence[Span]) -> list[Token]:
        """The tokens of some stretches; what is side by side is apart unless a sign joins it."""
        found: list[Token] = []
        before = False
        document, text = self.document, self.document.work
        for span in spans:
            own = span.math
            if span not in document.tokens:
                made = tokenized(
                    text, span.start, span.end, math=own, macros=document.macros,
                    comma=document.comma,
                )  # fmt: skip
                document.tokens[span] = [*without_damage(made)] if own else made
            new: Tokens = document.tokens[span]
            new = with_indicators(new) if any(t.text == "1" for t in new) else new
            new = self.with_words(self.with_letters(new)) if own else self.with_prose(new)
            if not new:
                continue
            if found:
                stated = any(t.kind in RELATIONS for t in found)
                named = any(t.kind in RELATIONS for t in new)  # < L_old = 1.3
                ends = {found[-1].kind, new[0].kind}
                joined = not ends.isdisjoint(RELATIONS) or (
                    ("compare" in ends and not named) if stated else "colon" in ends
                )
                dash = found[-1].kind == "sign" and found[-1].text in "+-" and own and not before
                if dash and text[span.start - 3 : span.start].endswith((" $", " $`", " \\(")):
                    found[-1] = found[-1]._replace(kind="unknown")  # or the mark of a list
                elif own and before and not joined and new[0].kind == "sign":  # or a new cell
                    new = [new[0]._replace(kind="unknown"), *new[1:]]
                elif not joined:
                    found.append(Token("stop", "", span.start, span.start))
            found += new
            before = own
        return found

    def with_letters(self, tokens: Tokens) -> Tokens:
        """Tokens of mathematics with the z that is read as a 2, 2_1, and the sigma read as a 6.

        At the start of a statement the figures must bear it out, and it stays as it is.
        """
        if not any(t.kind == "number" and t.text in "26" for t in tokens):
            return tokens
        found, gone, sigma = [*tokens], set[int](), False
        for at, token in enumerate(tokens[1:-1], 1):
            before, after = tokens[at - 1], tokens[at + 1]
            behind = before.kind in RELATIONS
            low = "".join(t.text for t in tokens[at + 2 : at + 5] if t.text not in "{}")[:1]
            letter = (token.kind, token.text, after.kind) == ("number", "2", "low") and (
                behind or before.kind in ("open", "differential", "sign")
            )
            if letter and low and self.names.knows(Symbol("z", low)):
                found[at] = token._replace(kind="word", text="z")
                end = (closing(tokens, at + 2) if tokens[at + 2].kind == "open" else at + 2) + 1
                alone = behind and end < len(tokens) and tokens[end].kind in RELATIONS
                gone |= {*range(at, end + 1)} if alone else set()  # of yhat = 2_3 = 0.4
            elif behind and (token.text, after.text) == ("6", "("):
                inner = tokens[at + 2 : max(closing(tokens, at + 1), 0)]
                sigma = [t.text for t in inner[:2]] in (["2", "_"], ["z", "_"]) or (
                    sigma and bool(written_plainly(inner))
                )
                found[at] = token._replace(kind="word", text="sigma") if sigma else token
        return [token for at, token in enumerate(found) if at not in gone]

    def with_words(self, tokens: Tokens) -> list[Token]:
        r"""Tokens of mathematics, with \text{...} of one word as a name or as words between."""
        found: list[Token] = []
        level = 0
        if {"named", "text"}.isdisjoint([token.kind for token in tokens]):
            return [*tokens]
        for place, token in enumerate(tokens):
            level += (token.kind == "open") - (token.kind == "close")
            if token.kind == "text" and (parted := self.in_two_words(token)):
                found += parted
            elif token.kind == "named":
                word = token.text.casefold()
                after = tokens[place + 1 : place + 2]
                before = found[-1:] and found[-1].kind in ("low", "power")
                scripts = any(t.kind in ("low", "power", "prime") or t.text == "(" for t in after)
                name = self.names.knows(Symbol(token.text)) or word in FUNCTION_NAMES
                stated = not found and any(t.kind in RELATIONS for t in after)
                name = name or (stated and word[-1:].isdecimal())  # y1 = ...
                prose = not level and (not (before or scripts or name) or word in CONDITIONS)
                found.append(token._replace(kind="text" if prose else "word"))
            else:
                found.append(token)
        return found

    def in_two_words(self, token: Token) -> list[Token]:
        r"""The tokens of \text{out h1} as those of out_{h1}, where that is a name; else none."""
        head, *low = token.text.split() or [""]
        head = head.casefold()
        if len(low) != 1 or head not in UNIT_WORDS or not self.names.knows(Symbol(head, low[0])):
            return []
        made = zip(("word", "low", "word"), (head, "_", low[0]), strict=True)
        return [token._replace(kind=kind, text=text) for kind, text in made]

    def with_prose(self, tokens: Tokens) -> list[Token]:
        """Tokens of plain text with the words that are no names marked as text."""
        found: list[Token] = []
        choice = any(t.text == "if" for t in tokens) and any(t.text == "else" for t in tokens)
        at = 0
        tokens = [t._replace(kind="word") if t.kind == "named" else t for t in tokens]
        while at < len(tokens):
            token, taken = tokens[at], 1
            elided = token.text in ("d", "l") and [t.kind for t in tokens[at + 1 : at + 3]]
            if token.kind != "word" or (choice and token.text in ("if", "else", "and")):
                found.append(token._replace(kind="and") if token.text == "and" else token)
            elif token.text in ("x", "X") and is_times(tokens, at):
                found.append(token._replace(kind="sign", text="*"))
            elif short := SHORT.match(self.document.work, token.start):
                found.append(token._replace(kind="text", text="wrt", end=short.end()))
                taken = sum(t.start < short.end() for t in tokens[at:])
            elif elided == ["prime", "word"] and len(tokens[at + 2].text) > 1 and (
                tokens[at + 2].text.isalpha() and not tokens[at + 2].spaced
            ):  # fmt: skip
                found.append(token._replace(kind="text", end=tokens[at + 2].end))  # d'où
                taken = 3
            elif self.joins(tokens, at) or (IDEOGRAPH.match(token.text) and self.is_strange(token)):
                found.append(token._replace(kind="text"))
            elif self.says_new(found, token):
                found[-1] = found[-1]._replace(kind="prime", text="'", end=token.end)
            else:
                made, taken = self.named_or_prose(found, tokens, at)
                found += made
            at += taken
        return found

    def named_or_prose(self, found: Tokens, tokens: Tokens, at: int) -> tuple[Tokens, int]:
        """What a word means behind what was found, and how many tokens are taken for it."""
        token, end = tokens[at], self._name_at(tokens, at)
        after = tokens[at + 1] if at + 1 < len(tokens) else token
        both = after is not token and after.kind == "word" and after.spaced
        start = token.text.removeprefix("d") if both else ""
        if (start in UNIT_WORDS and re.fullmatch(r"[ho]\d?", after.text)) or (
            start and after.text == "total" and self.names.knows(Symbol(f"{start}total"))
        ):  # fmt: skip
            return [token._replace(text=token.text + after.text, end=after.end)], 2
        noun = both and token.text.casefold() in ALL_NOUNS
        if noun and self._name_at(tokens, at + 1) > at + 1:
            return [token._replace(kind="text")], 1
        if end > at:
            return tokens[at:end], end - at
        if self.is_product(found, token, after):
            middle = token.start + 1
            other = token._replace(text=token.text[1], start=middle, spaced=False)
            return [token._replace(text=token.text[0], end=middle), other], 1
        first = len(found) == 2 or {t.kind for t in found[-3:-2]} & {"comma", "semicolon"}
        below = first and found[-1].text == "/" and found[-2].text.startswith("d")
        below = below and token.text[0] == "d"  # dL/dq = 1
        named = token.text.casefold() in RESIDUALS or self.is_slope_of_step(token.text)
        kept = (below or named) and after.kind in RELATIONS
        return [token if kept else token._replace(kind="text")], 1

    def is_product(self, found: Tokens, token: Token, after: Token) -> bool:
        """True for the letters of two names between the signs of a formula: = wx + b."""
        signs = ("sign", *RELATIONS)
        between = found and found[-1].kind in signs and (after is token or after.kind in signs)
        return bool(between) and len(token.text) == 2 and not any(map(self.is_strange, [
            token._replace(text=letter) for letter in token.text
        ]))  # fmt: skip

    def is_slope_of_step(self, word: str) -> bool:
        """True for dh, where h has a number for each step in time."""
        numbers = self.names.vocabulary.numbers if not self.names.network.units else ()
        return word[:1] == "d" and any(self.names.knows(Symbol(word[1:], n)) for n in numbers)

    def is_strange(self, token: Token) -> bool:
        """True for a word that is no name here."""
        return not self.names.knows(Symbol(token.text))

    def joins(self, tokens: Tokens, at: int) -> bool:
        """True for a word of one letter that is none: z1 = 1 e h1 = 1, rispetto a w1."""
        one, two = tokens[max(at - 1, 0)], tokens[at + 1] if at + 1 < len(tokens) else None
        if two and tokens[at].text in "OoAa" and two.text.casefold() in NEW:
            return [t.kind for t in tokens[at + 2 : at + 3]] == ["word"]  # o novo peso w1
        if tokens[at].text == "a" and one.text.casefold() in ("passa", "pasa"):
            return True  # o erro passa a E = 2.9
        if not two or not tokens[at].spaced or not two.spaced or two.kind not in NAMED:
            return False
        if tokens[at].text == "a" and one.text.casefold() in BEFORE_A:
            return True
        joint = tokens[at].text in {*"eyaiиі"} and one.kind in ("number", "comma")
        joint &= two.text.casefold() not in CHANGE_WORDS  # w1, a becomes 2
        behind = tokens[at + 1 :] if joint else ()
        return any(t.kind in RELATIONS or t.text.casefold() in CHANGE_WORDS for t in behind)

    def says_new(self, found: Tokens, token: Token) -> bool:
        """True for a word such as new right behind a name and a comma: w5,new."""
        tight = [t.kind for t in found[-2:]] in (["word", "comma"], ["number", "comma"])
        tight = tight and not (token.spaced or found[-1].spaced)
        return tight and len(token.text) > 2 and token.text.casefold() in NEW

    def for_sample(self, number: str, tokens: Tokens) -> None:
        """Read what is said of one sample: of the derivative that stands above."""
        self.finish()
        with self.names.of_sample(number):
            self.last = Chain(sides_of(equated(self.subject, tokens)), True, self.said)
            self.finish()

    def with_subject(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a result with the name before it that stood on a line of its own."""
        kinds = {t.kind for t in tokens}
        if tokens and kinds.isdisjoint(("text", "stop", *RELATIONS)):
            self.subject = list(trimmed(tokens)) if self._is_left(tokens) else []
            return tokens
        kept = [t for t in tokens if t.kind != "stop"] if self.subject else []
        if kept and not self.last and kept[0].kind in RELATIONS:
            between = self.document.work[self.subject[-1].end : kept[0].start]
            if re.fullmatch(r"[ \t]*\n[ \t]*", between):
                return [*self.subject, *tokens]
        label = [t.text.casefold() for t in takewhile(lambda t: t.kind == "text", kept)]
        rest = kept[len(label) :]
        if len(rest) < 2 or rest[0].kind not in RELATIONS:
            return tokens
        new = label == ["new"] and tokens[1].kind == "stop"
        if new and self._is_weight_name(self.subject) and self.subject[-1].kind != "prime":
            return equated([*self.subject, Token("prime", "'", kept[0].start, kept[0].end)], rest)
        named = "_".join(label) in RESULTS or new
        return equated(self.subject, rest) if named else tokens

    def with_turned(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a number before the name that it is of, 3.375 = L, as L = 3.375."""
        if tokens and tokens[0].kind in ("word", "fraction", "differential", "accent"):
            return tokens
        sides = sides_of([t for t in trimmed(tokens) if t.kind != "stop"])
        if len(sides) != 2 or not sides[0][1] or not sides[1][1] or sides[1][0] not in "=≈":
            return tokens
        (_, number), (sign, name) = sides
        before = self.last.sides[-1][1] if self.last else number
        above = self.document.work[max(number[0].start - MOST_BEFORE, 0) : number[0].start]
        digits = re.search(r"^[ \t]*[\d.,]+[ \t]*\n[ \t]*\Z", above, re.M)
        if not before or before[-1].kind == "sign" or digits:
            return tokens  # the line before goes on here
        if re.fullmatch(r"|2\d?", written_plainly(number)) or name[0].kind == "number":
            return tokens
        whole = [*number[:-1], number[-1]._replace(end=name[-1].end)]
        return equated(name, whole, sign) if self._is_left(name) else tokens

    def without_ornaments(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a tilde around words, and a dash before them, as a stop.

        So is an exclamation mark before a statement: forgot b! z = 0.5.
        """
        text, found = self.document.work, [*tokens]
        for at, token in enumerate(tokens):
            stated = any(t.kind in RELATIONS for t in found[:at])
            if token.text == "!" and at and (not stated or at == len(tokens) - 1):
                found[at] = token._replace(kind="stop", text="")
            worded = [t.kind for t in tokens[at + 1 : at + 2]] == ["text"]
            tilde = text[token.start : token.end] == "~" and (worded or at == len(tokens) - 1)
            closed = token.text == "-" and text.endswith("` ", 0, token.start)
            closed |= (token.kind, token.text) == ("sign", "/")  # between two statements
            twice = stated and worded and found[at - 1].text + token.text in ("--", "//")
            if twice:
                found[at - 1] = found[at - 1]._replace(kind="stop", text="")  # of a remark
            closed |= token.text == "—" or (stated and token.text == "#")
            if tilde or twice or (worded and at and token.spaced and closed):
                found[at] = token._replace(kind="stop", text="")
        return found

    def with_slashes(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a slash or bar between blanks as a stop, if it parts whole statements.

        dL/dyhat = -1 / yhat = -1.6 has a quotient; where the figures do not tell, none is read.
        """
        places = [
            at
            for at, (one, two) in enumerate(pairwise(tokens))
            if one.text in ("/", "|") and one.kind in ("sign", "bar") and one.spaced and two.spaced
        ]
        parts = [tokens[a + 1 : b] for a, b in pairwise([-1, *places, len(tokens)])]
        sides = [sides_of(trimmed(part)) for part in parts] if places else []
        if not all(len(each) > 1 and each[-1][1] and self._is_left(each[0][1]) for each in sides):
            return tokens
        found = [*tokens]
        for at, (left, right) in zip(places, pairwise(sides), strict=True):
            parts_them = True if tokens[at].kind == "bar" else self.is_no_quotient(left, right)
            if parts_them is not False:
                kind, text = ("stop", "") if parts_them else ("unknown", "/")
                found[at] = tokens[at]._replace(kind=kind, text=text)
        return found

    def is_no_quotient(self, left: Sides, right: Sides) -> bool | None:
        """True if a slash parts two statements, false if it divides; None where neither is so."""
        over, result = (self._amount(trimmed(sides[-1][1]), False) for sides in (left, right))
        ways = self.ways(right[0][1], False)
        if over is None:
            return False
        before = self._amount(trimmed(left[-2][1]), False) if len(left) > 2 else None
        if before is not None and near(before, over):
            return True  # it came to this already: = 0.07·0.5 = 0.035
        if result is None or any(near(way, result) for way in ways):
            return True
        return False if any(way and near(over / way, result) for way in ways) else None

    def with_names(self, tokens: list[Token]) -> list[Token]:
        """The tokens without the gap between a name, perhaps in bold, and the sign behind it."""
        found: list[Token] = []
        for token in tokens:
            gap = found and (found[-1].kind, found[-1].text) == ("stop", "")
            if gap and token.kind in RELATIONS and self._is_left(self._stretch(found)):
                del found[-1]
            found.append(token)
        return found

    def without_staying(self, tokens: list[Token]) -> list[Token]:
        """A line without weights at its end that are said to stay as they are, which are listed."""
        last = max((n for n, t in enumerate(tokens) if t.kind in RELATIONS), default=-1)
        parts = [p for p in split(tokens[last + 1 :], ("text", "comma", "stop")) if p]
        named = [p for p in parts[last >= 0 :] if self._is_left(p) and self._is_weight_name(p)]
        if not named:
            return tokens
        start = tokens.index(named[0][0]) if last >= 0 else 0
        self.skip(tokens[start:], "this says that a weight stays: write its new value", True)
        return tokens[:start]

    def line(self, item: Item, saying_so: str = "", tokens: list[Token] | None = None) -> None:
        """The statements of a line or a display; `saying_so`: what words behind it say of them.

        Those of the cells of a row are given, as `tokens`.
        """
        tokens = tokens or self.tokens(item.spans)
        if question := [t for t in tokens if t.start >= self.asked_from(item)]:
            self.skip(question, ASKED, any(t.kind in RELATIONS for t in question))
            tokens = tokens[: -len(question)]
            if not tokens:
                return
        if len(tokens) > MAX_TOKENS:
            self.finish()
            self.skip(tokens, "this line is too long")
            return
        if item.kind == "line" and self.of_both_passes(item):
            return
        if item.kind == "line" and (cut := self.second_point(item)):
            stop, start = cut
            before = (s._replace(end=min(s.end, stop)) for s in item.spans if s.start < stop)
            behind = (s._replace(start=max(s.start, start)) for s in item.spans if s.end > start)
            self.line(replace(item, spans=(*before,)), saying_so)
            if self.last:
                self.last.tabled = True  # what stands behind is no part of it
            self.line(replace(item, spans=(*behind,)), saying_so)
            return
        if TORN_DISPLAY.match(self.document.work, item.start, item.spans[-1].end):
            self.skip(tokens, "this formula breaks off")
            return
        self.coded = item.kind == "code"
        if self.coded and self.is_shown(tokens, item):
            return
        if self.coded and PRINTS.search(self.document.work, item.start, item.spans[-1].end):
            self.finish()
            return
        if self.coded:
            goes_on = CONTINUED.match(self.document.work, item.spans[-1].end) is not None
            tokens = with_steps(with_comments(without_call_names(tokens), goes_on))
        if item.kind != "math":
            tokens = without_data(tokens) if any(t.kind == "dot" for t in tokens) else tokens
            tokens = self.with_slashes(self.without_ornaments(tokens))
        kinds, texts = {t.kind for t in tokens}, {t.text for t in tokens}
        staying = texts & STAYING and "->" not in texts
        tokens = self.without_staying(tokens) if staying else tokens
        tokens = self.rewritten(tokens, item.kind, kinds, texts)
        kept = [t for t in tokens if t.kind != "stop"] if self.subject else []
        label = SAMPLE.search(" ".join(t.text for t in kept[:2]))
        if label and kept[2:] and kept[0].kind == "text" and label[1] == kept[1].text:
            self.for_sample(label[1], kept[2:])
            return
        tokens = self.with_names(with_columns(tokens)) if kinds & {"stop", "text"} else tokens
        tokens = self.with_subject(tokens)
        self.line_start = tokens[0].start if tokens else self.line_start
        self.line_said = saying_so
        math = item.kind == "math"
        if "text" in kinds:
            define_in_words(tokens, self.names, math)
        self.prose = self.prose or math or any(t.kind == "text" for t in tokens)
        if self.last and tokens and item.column == "on" and tokens[0].kind == "sign":
            (_, term), *sides = sides_of([t for t in tokens if t.kind != "stop"])
            self.last.sides[-1][1].extend(term)
            self.last.sides += sides
            return
        if self.last and tokens and (self.summed_on(tokens) or self.broken_off(tokens)):
            return
        if self.last and tokens and goes_wrong(tokens):
            between = self.document.work[self.last.end : tokens[0].start]
            closed = tokens[0].kind not in ("sign", "number") and bool(CLOSED.match(between))
            if not closed and not re.search(r"\n[\s>]*\n|\\end *\{", between):
                self.last.broken = "the next line goes on with it and cannot be read"
        torn = self.stops_behind_sign(tokens)
        if "10" in texts and (scaled := scaling(tokens)):
            self.finish()
            self.later = scaled
        chunks = [*chunks_of(with_remarks(tokens, TELLING) if texts & {"(", "["} else tokens, math)]
        heard: list[str] = []
        self.supposed = self.supposed and bool(item.spans) and self.wrapped(item.spans[0].start)
        whole = self.document.text[item.start : item.spans[-1].end] if item.spans else ""
        redone = {"forward", "again"} <= {*re.findall(r"\w+", whole.casefold())}  # if I do it again
        for number, chunk in enumerate(chunks):
            heard += chunk.lead
            words = self.supposing(" ".join(chunk.lead))
            words |= {t.text.casefold() for t in chunk.tokens if t.kind == "word"} & SUPPOSING
            labelled = self.names.sample and LABELLED.match(self.document.work, item.start)
            told = words & THIS or labelled
            supposed = SUPPOSED - EXAMPLES if told else SUPPOSED
            supposed = supposed - FALLS if words & {"to", "from"} else supposed
            supposed = supposed - CONDITIONS if redone else supposed
            self.supposed = self.supposed or bool(supposed & words)
            self.partly = bool(number and self.partly) or bool(PATHS & words)
            if self.last and number and UNREAL & words:
                self.last.broken = "the words behind it may only assume this, not state it"
            hanging = number and chunk.sep == "text" and chunks[number - 1].tokens[-1:]
            if hanging and hanging[0].kind == "relation" and not self.coded and (
                any(t.kind in RELATIONS for t in chunk.tokens) and chunk.tokens[0].kind in NAMED
            ):  # fmt: skip
                self.finish()
                self.skip(chunk.tokens, BETWEEN)
                continue  # minus dL/dyhat = 1
            if "text" in kinds and any(t.kind in RELATIONS for t in chunk.tokens):
                self.hear_doubt(chunk.tokens[0].start)
            follows = chunks[number + 1] if number + 1 < len(chunks) else None
            worded = bool(follows and follows.lead and follows.sep == "text")
            if follows and [w.casefold() for w in follows.lead] in JOINTS:  # and d2 = dL/dz4
                worded &= not any(t.kind in RELATIONS for t in follows.tokens)
            self.chunk(chunk, first=not number, item=item, worded=worded, rest=torn)
            above = chunks[number - 1].tokens if number and chunk.sep == "cell" else ()
            if self.last and self._is_left(above):
                self.last.broken = "two names stand before one equals sign"
            plain = not (math or (chunk.tokens and in_math(item, chunk.tokens)))
            plain = plain and any(t.kind not in PUNCTUATION for t in chunk.tokens)
            if self.last and plain and worded:
                self.last.worded = True
        spoken = [word.casefold() for text in heard for word in re.findall(r"\w+", text)]
        if {*spoken[-1:]} & EXAMPLES and not {*spoken} & (SUPPOSED - EXAMPLES):
            self.supposed = False  # a line that ends with "for example" supposes nothing below it
        if WHETHER.search(" ".join(spoken)) and {*spoken}.isdisjoint(SUPPOSED - CONDITIONS):
            self.supposed &= spoken[-1] in LEAD_INS | OF_ALONE
        rated = bool(heard) and all(  # New weights (lr = 0.5)
            [t.kind for t in said] == ["word", "relation", "number"] and said[0].text in RATES
            for chunk in chunks if (said := trimmed(chunk.tokens))
        )  # fmt: skip
        listed = self.last and self.last.titled and self.is_here(self.last)  # w1: 0.25
        if not rated and (listed or any(t.kind in RELATIONS for t in tokens)):
            return
        glued = any(
            one.kind == "word" and one.end == two.start and "number" in (two.kind, three.kind)
            and two.kind in ("number", "dot") and not three.spaced
            for one, two, three in zip(tokens, tokens[1:], tokens[2:], strict=False)
        )  # fmt: skip  # grads: dw23.375 says nothing of the lines below
        if not glued:
            self.hear([*dict.fromkeys(spoken + (self.words(item.spans) if not math else []))])

    def rewritten(
        self, tokens: list[Token], kind: str, kinds: set[str], texts: set[str]
    ) -> list[Token]:
        """The tokens of a line with the signs that its words stand for.

        Most lines are plain: each rewriting is tried where its signs or words stand at all.
        """
        tokens = with_lists(tokens) if "[" in texts else tokens
        tokens = self.with_calls(tokens) if "(" in texts and kind != "code" else tokens
        tokens = column_by_column(tokens) if kinds >= {"row", "cell"} else tokens
        tokens = with_gaps(tokens) if kinds & {"stop", "cell"} else tokens
        tokens = without_same(tokens) if "text" in kinds else tokens
        tokens = with_rows(tokens) if texts & {"cases", "matrix"} else tokens
        changes = "->" in texts or [t.text for t in tokens[:1]] == ["*"]
        tokens = self.with_changes(tokens) if changes else tokens
        if "text" in kinds and ("colon" in kinds or texts & HAVING):
            tokens = self.with_roles(tokens)
        added = next((a for a, b in pairwise(tokens) if b.kind in RELATIONS), None)
        if added and not self.coded and added.text in ("+", "-") and added.spaced:
            tokens = with_steps(tokens)  # w5 += -0.04; but w5+= 0.36 is a new one
        if kind != "math":
            tokens = self.with_time(tokens) if "text" in kinds or texts & NEW else tokens
            tokens = self.with_sample(tokens) if texts & SAMPLE_NOUNS else tokens
            tokens = self.with_described(self.with_title(tokens)) if kinds & {*STATING} else tokens
            tokens = self.with_role_of_title(tokens)
            tokens = self.with_pairs(self.with_listed(tokens))
            tokens = self.with_breaks(tokens)
            if "text" in kinds:
                tokens = self.with_phrases(self.with_for(tokens))
                tokens = self.with_verbs(self.with_elided(self.with_several(tokens)))
        tokens = self.with_turned(tokens)
        return self.with_arrow(tokens) if "->" in texts else tokens

    def second_point(self, item: Item) -> tuple[int, int] | None:
        """Where a line ends to speak of one thing and begins to speak of another, if it does.

        It may be another unit, Unit 1: z = 0.5; unit 2: z = 0.6, or a point of a list within it,
        (1) z = 0.5 (2) h = 0.6, whose mark belongs to neither.
        """
        start, end, text = item.start, item.spans[-1].end, self.document.text
        line = text.rfind("\n", 0, start) + 1
        mark = next(reversed([*POINT.finditer(text, line, start)]), POINT.match(text, start))
        for point in SECOND_POINT.finditer(text, start, end) if mark else ():
            if mark and ord(point["mark"]) == ord(mark[1]) + 1:
                return point.span("point")
        for title in SECOND_TITLE.finditer(self.document.work, start, end):
            named = title["unit"]
            if described_unit(named, self.names) or described_step(spaced(named), self.names):
                return (title.start("unit"),) * 2
        return None

    def is_shown(self, tokens: Tokens, item: Item) -> bool:
        """Read numbers that a cell of a notebook shows, if it prints as many names."""
        text = self.document.work[item.start : item.spans[-1].end]
        place = self.document.within(item.start)
        if place.partition(",")[0] != self.cell:
            self.cell, self.prints = place.partition(",")[0], []
            self.ends_with, self.torn_from = ("", ()), -1
        if ", output" not in place:
            printing = re.match(r"\s*print\b", text) is not None
            self.looped |= LOOPS.match(text) is not None
            self.ends_with = ("", ()) if printing else shown_by(text)
            self.prints += [("?", ()) if text[0] in " \t" else shown_by(text)] * printing
            return False
        pattern, names = self.prints[0] if self.prints else self.ends_with
        start = item.start if self.torn_from < 0 else self.torn_from
        shown = KIND_OF_DATA.sub(
            lambda m: " " * len(m[0]), self.document.work[start : item.spans[-1].end]
        )
        opened = sum(shown.count(sign) for sign in "([") - sum(shown.count(s) for s in ")]")
        if opened > 0 and names and UNNAMED.fullmatch(shown):
            self.torn_from = start  # it goes on in the next line
            return True
        self.torn_from = -1
        del self.prints[: pattern != "?"]
        found = re.fullmatch(pattern, shown) if names else None
        if not found:
            return False
        lefts = [tokens_of(name) for name in names]
        places = [found.span(n) for n, _ in enumerate(names, 1)]
        work = self.document.work
        numbers = [tokenized(work, start + a, start + b, math=False) for a, b in places]
        if self.looped or not all(map(self._is_left, lefts)):
            return False
        for left, number in zip(lefts, numbers, strict=True):
            name = self.quantity_called(left)
            before = None if name in self.names.weights else self.figures.claimed.get(name)
            if before is not None and not near(before, float(written_plainly(number))):
                return False  # it may be of a later pass
        for left, number in zip(lefts, numbers, strict=True):
            self.finish()
            self.last = Chain(sides_of(equated(left, number)), False, self.said)
            self.last.tabled = True  # it says itself where it ends
        self.finish()
        return True

    def of_both_passes(self, item: Item) -> bool:
        """Read a line that says a result before the step and after it: the loss fell from 2 to 1.

        The first figure must be that of the first pass, and nothing else may stand on the line but
        what the second follows from: yhat = 2.2, so the loss drops from 1.28 to 0.72.
        """
        start, end = item.start, item.spans[-1].end
        line = self.document.work[start:end].translate(PLAIN_SIGNS)
        places = [m.start() for m in WORDED_OR_NAMED.finditer(line)]
        matches = filter(None, (BOTH_PASSES.match(line, at) for at in places))
        tried = [(match, self.result_called(match["name"])) for match in matches]
        found, quantity = next((each for each in tried if each[1]), (None, ""))
        supposed = SUPPOSED.intersection(re.findall(r"\b(?!falls from)\w+", line.casefold()))
        if not found or supposed or SEVERAL.search(line) or len(self.names.network.samples) > 1:
            return False
        first, second = (key for key in found.re.groupindex if found[key] and key in FIGURES)
        said, after = (found[key].replace(",", ".") for key in (first, second))
        ways = (self.figures.own(quantity), self.figures.right(quantity))
        borne = any(near(way, float(said)) for way in ways)
        rounds = abs(float(said) - float(after)) < room_of(after)
        cause = FOLLOWING.search(line, 0, found.start())
        rest = line[cause.start() if cause else 0 : found.start()] + line[found.end() :]
        if rounds or not borne or re.search(r"[\d=≈]", rest):
            return False
        if cause:
            cut = start + cause.start()
            spans = (s._replace(end=min(s.end, cut)) for s in item.spans if s.start < cut)
            self.line(replace(item, spans=(*spans,)), "new")
        self.finish()
        figures = ((quantity, first), (f"{quantity}'", second))
        for named, key in figures[quantity in self.names.weights :]:
            name = tokens_of(named)
            place = (start + each for each in found.span(key))
            number = tokenized(self.document.work, *place, math=False, comma=",")
            at = start + found.start(first if quantity in self.names.weights else key)
            sign = Token("relation", "=", at, at)
            self.last = Chain(sides_of([*equated(name, [sign]), *number]), False, "old")
            self.last.tabled = True  # it says itself where it ends
            self.finish()
        return True

    def result_called(self, word: str) -> str:
        """The result of the forward pass that a word means, be it a noun or a name; "" for none."""
        outputs, noun = self.names.network.outputs, word.casefold()
        if noun in NOUNS["loss"]:
            return self.names.loss
        if noun in NOUNS["output"] and len(outputs) == 1:
            return outputs[0]
        if noun in LEAD_INS and len(noun) > 1:
            return ""  # so, where s_o might be a sum
        name = tokens_of(word)
        meant = self.quantity_called(name)
        return meant if meant in (*self.names.forward, *self.names.weights) else ""

    def hear_doubt(self, at: int) -> None:
        """Take in words of a mistake before a statement: the one above may be made anew."""
        before = self.document.work[max(self.line_start, at - MOST_BEFORE) : at]
        above = not self.last or self.last.end <= self.line_start
        if above and CORRECTING & {w.casefold() for w in WORDED.findall(before)}:
            self.finish()
            self.doubted = self.claims[-1] if self.claims else None

    def wrapped(self, at: int) -> bool:
        """True if a line only goes on with the sentence that the line above it has begun."""
        above = self.document.work[max(at - 200, 0) : at]
        return bool(WRAPPED.search(above) or JOINED.match(self.document.text, at))

    def asked_from(self, item: Item) -> int:
        """Where the sentence begins with whose question mark a line ends; else the line's end."""
        text, at, end = self.document.text, item.spans[0].start, item.spans[-1].end
        line = text[text.rfind("\n", 0, at) + 1 : end]
        if not line.rstrip(" *_").endswith(("?", "？")):
            return end
        said = [m.start() + 1 for m in SENTENCE.finditer(line) if not line[m.end()].islower()]
        return max([at, *(end - len(line) + each for each in said)])

    def summed_on(self, tokens: list[Token]) -> bool:
        """Take in a line that goes on with a sum, and which looks like a point of a list."""
        assert self.last
        between = self.document.work[self.last.end : tokens[0].start]
        mark = re.fullmatch(r"[ \t]*\n[ \t>]*([-+*])[ \t]+", between)
        if not mark:
            return False
        if any(t.kind in (*RELATIONS, "text", "stop", "comma", "colon") for t in tokens):
            left = sides_of(tokens)[0][1]
            work, at = self.document.work, self.document.work.rfind("\n", 0, self.last.start) + 1
            named = {t.kind for t in left} <= {"word", "low"} and work[
                at : self.last.start
            ].lstrip().startswith(f"{mark[1]} ")
            factor = not any(t.kind in ("text", "stop", "colon") for t in tokens) and (
                not (named or self._is_left(left))
            )  # * a3 * (1 - a3) = 0.03
            if mark[1] == "+" or tokens[0].text == "(" or factor:
                self.last.broken = "the next line may go on with it, or be a point of a list"
            return False
        at = tokens[0].start
        if mark[1] == "+":
            self.last.sides[-1][1].extend([Token("sign", "+", at, at), *tokens])
        else:
            self.last.broken = "the next line may go on with it, or be a point of a list"
        return True

    def stops_behind_sign(self, tokens: Tokens) -> bool:
        """True if the statement above breaks off behind a sign: this line may be its rest."""
        end = self.last.sides[-1][1] if self.last else []
        between = self.document.work[end[-1].end : tokens[0].start] if end and tokens else ""
        if not end or end[-1].kind != "sign" or not re.fullmatch(r"[ \t]*\n[ \t>]*", between):
            return False
        assert self.last
        (_, name), *rest = sides_of(trimmed(tokens))
        pair = len(rest) == 1 and bool(written_plainly(rest[0][1])) and self._is_left(name)
        if pair and len(end) == 1 and self.is_pair(name, rest[0][1]):
            return False  # a dash stands for no answer
        self.last.broken = self.last.broken or TORN
        return True

    def broken_off(self, tokens: list[Token]) -> bool:
        """Take in a line that goes on with one that broke off behind a sign: 0.5 - and 0.5 = 0."""
        assert self.last
        end = self.last.sides[-1][1]
        if end and (end[-1].kind != "sign" or end[-1].text not in "+-"):
            return False
        between = self.document.work[self.last.end : tokens[0].start]
        known = any(t.kind == "text" for t in tokens) or tokens[0].kind not in ("number", "open")
        if known or not re.fullmatch(r"[ \t=≈]*\n[ \t]*", between):
            return False
        sides = sides_of(tokens)
        end.extend(sides[0][1])
        self.last.sides += sides[1:]
        return True

    def chunk(self, chunk: Chunk, *, first: bool, item: Item, worded: bool, rest: bool) -> None:
        """One stretch between signs that part statements; `worded`: words follow it.

        `rest`: the first statement of its line may be the rest of one that broke off.
        """
        tokens, math = chunk.tokens, item.kind == "math"
        if not tokens or (len(tokens) == 1 and tokens[0].kind in ("comma", "dot")):
            return
        if tokens[0].text == "}" and all(token.text == "}" for token in tokens):
            return  # of a command around a display
        if tokens[0].text == "{" and closing(tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
            if not tokens:
                return  # of a rule to write on
        bare = [t for t in tokens if t.kind != "stop"] if self.last and not first else []
        if bare and bare[0].text in ("(", "[", "\\{") and (
            closing(bare, 0) == len(bare) - 1 and self.holds(bare[1:-1], math)
        ):  # fmt: skip
            return  # (z1 > 0) behind a result
        further = self.last and [sign for sign, _ in self.last.sides[1:2]] == [
            ":="
        ]  # W <- .. <- ..
        if tokens[0].kind in RELATIONS and (tokens[0].text != ":=" or further):
            if self.last and self._goes_on(chunk, first, item):
                self.last.sides += sides_of(tokens)[1:]
            else:
                if self.last and chunk.lead and not first:
                    self.last.broken = BETWEEN
                self.finish()
                if self.coded and not any(t.kind == "number" for t in tokens):
                    return
                if chunk.lead:
                    word = re.sub(r"\W+$", "", chunk.lead[-1])[-40:]
                    pieces = split(tokens, ("comma",))
                    whole = [self._is_left(sides_of(trimmed(piece))[0][1]) for piece in pieces]
                    own = next((n for n in range(1, len(pieces)) if all(whole[n:])), len(pieces))
                    reason = NO_SUCH.format(word)
                    stop = (pieces[own - 1] or tokens)[-1].end
                    self.unread.append(Unread(chunk.start, stop, reason))
                    for piece in pieces[own:]:
                        self.start(list(trimmed(piece)), math, ())
                        self.finish()
                elif any(t.kind not in (*RELATIONS, "stop") for t in tokens):
                    self.skip(tokens, "this goes on from a line that was not read")
                    ended = written_plainly(sides_of(tokens)[-1][1])
                    self.torn_at = -1 if ended else tokens[-1].end
            return
        signs = tokens[0].kind == "sign" and tokens[0].text in "+-*/·"
        if self.last and signs and (chunk.sep == "row" or (not first and chunk.sep == "text")):
            (_, term), *sides = sides_of(tokens)
            if chunk.sep == "row" and (tokens[0].text not in "-/" or not sides):
                self.last.sides[-1][1].extend(term)
                self.last.sides += sides
                return
            self.last.broken = BETWEEN
        command = tokens[0].kind == "word" and tokens[0].text in ("cdot", "times", "odot", "frac")
        end = closing(tokens, 0) + 1
        behind = (
            (*RELATIONS, "low", "power", "prime") if tokens[0].text == "{" else RELATIONS
        )  # {w'}_0 = ...
        named = 0 < end < len(tokens) and tokens[end].kind in behind  # (z1, z2) = ...
        opened = (tokens[0].kind, chunk.sep) == ("open", "stop") and not named
        torn = (opened and not self._is_left(sides_of(tokens)[0][1])) or (  # (dL)/(dw) = ...
            chunk.sep == "row" and (command or not any(t.kind in RELATIONS for t in tokens))
        )
        if self.last and chunk.sep == "stop" and {t.kind for t in tokens}.isdisjoint(STATING):
            side = self.last.sides[-1][1]
            compared = "compare" in [t.kind for t in tokens]  # 1/8 \quad z_2 > 0
            sure = compared and all(t.kind in NUMERIC for t in side)
            joint = [t.text.casefold() in AND_WORDS for t in tokens] == [True]  # 1/2 e dL/db = 1/8
            torn = torn or not (sure or joint or written_plainly(side))  # it goes on behind a gap
        if self.last and chunk.sep in ("cell", "row") and tokens[0].text in FUNCTION_NAMES:
            torn = torn or not written_plainly(self.last.sides[-1][1])  # & sigma'(z) behind a name
        if self.last and not first and chunk.sep != "text" and (torn or not begins(tokens)):
            self.last.broken = GOES_ON
        below = first and (len(chunk.lead) > MOST_IF or self.leads_on(item))
        said = " ".join(chunk.lead).casefold().split()[-1:] if self.last and not below else []
        garbled = said and said[0] in CONDITIONS and not self._is_left(sides_of(tokens)[0][1])
        if self.last and not below and (garbled or is_condition(chunk)) and not (
            all(t.kind in NUMERIC for t in self.last.sides[-1][1])
        ):  # fmt: skip
            self.last.broken = "this holds only under a condition"
        self.finish()
        if {t.kind for t in tokens}.isdisjoint(STATING):
            return
        pieces = [trimmed(piece) for piece in split(tokens, ("comma",))]
        pieces = rejoined(pieces) if len(pieces) > 1 else pieces
        lead = tuple(chunk.lead)
        if says_later(self.names.without_steps_in_time(chunk.clause.casefold().split())):
            lead = (f"{chunk.clause},", *lead)  # after one step, w = 0.25
        if lead and len(pieces) > 1 and len(number_at(pieces[0])) == len(pieces[0]):
            pieces, lead = pieces[1:], ()  # with a rate of 0.1, a becomes 1.8
        if lead and len(pieces) > 1 and [t.text in FUNCTION_NAMES for t in pieces[0]] == [True]:
            pieces, lead = pieces[1:], ()  # through the tanh, dL/dz1 = 0.4
        spoken = lead[-1].casefold().split()[-1:] if lead else []
        alone = len(pieces) == 2 and [t.kind for t in pieces[0]] == ["word"]
        if alone and spoken and spoken[0] in OF_ALONE:
            pieces, lead = pieces[1:], ()  # the same as those of z, dL/db = 0.4
        apart = worded and len(pieces) > 1 and self._is_left(pieces[-1])
        pieces = pieces[:-1] if apart else pieces  # z = 1.8, w stays as it is
        pieces = self.unpacked(pieces, worded)
        for piece in pieces:
            if piece and {t.kind for t in piece}.isdisjoint(STATING):
                self.skip(tokens, "a list of names or values stands beside one equals sign", math)
                self.last = None
                return
        for number, piece in enumerate(pieces):
            ends = pieces[number - 1][-2:] if number else ()
            rate = len(ends) > 1 and ends[0].text == "-" and ends[1].text in RATES
            if rate or (ends and ends[-1].kind == "sign"):
                self.skip(tokens, "a comma stands behind a sign: is something missing?", math)
                self.last = None
                return
            if piece:
                nameless = piece[0].kind == "relation" or not self._named(piece, math)
                if number and self.last and nameless:
                    self.last.broken = GOES_ON
                self.finish()
                self.start(list(piece), math or in_math(item, piece), lead if not number else ())
                if self.last:
                    self.last.tabled |= item.column == "right"  # what follows is the left column
                    self.last.broken = TORN if rest and first and not number else self.last.broken
                    self.last.weak |= self.partly or bool(self.supposing(chunk.clause) & SUPPOSED)
        if apart:
            self.finish()

    def leads_on(self, item: Item) -> bool:
        """True for a line that only leads to what stands below it: For layer 2, behind a gap."""
        before = self.document.work[self.last.end if self.last else 0 : item.start]
        whole = self.document.work[item.start : item.spans[-1].end].rstrip(" $*_")
        return whole.endswith((",", ":", "，", "：")) and bool(PARAGRAPH.search(before))

    def unpacked(self, pieces: list[Tokens], worded: bool) -> list[Tokens]:
        """The pieces of a, b = 1, 2 as a = 1 and b = 2, where each name has one number.

        A colon may stand between them too; `worded`: words follow them.
        """
        if len(pieces) < 2:
            return pieces
        colons = [t for piece in pieces for t in piece if t.kind in ("colon", *RELATIONS)]
        if len(colons) == 1 and colons[0].kind == "colon":
            sign = colons[0]._replace(kind="relation", text="=")
            signed = [[sign if t is colons[0] else t for t in piece] for piece in pieces]
            parted = self.unpacked([*signed], worded)
            return pieces if parted == signed else parted
        pieces = self.ranged(pieces)
        pieces = pieces if worded else self.listed(pieces)
        count = len(pieces) // 2 + 1
        middle = sides_of(pieces[count - 1])
        if len(pieces) < 3 or len(pieces) % 2 == 0 or len(middle) != 2:
            return pieces
        names = [*pieces[: count - 1], middle[0][1]]
        values = [middle[1][1], *pieces[count:]]
        plain = all(map(written_plainly, values))
        if not (plain and all(each and self._is_left(each) for each in names)):
            return pieces
        return [[*n, *equated((), v)] for n, v in zip(names, values, strict=True)]

    def listed(self, pieces: list[Tokens]) -> list[Tokens]:
        """The pieces of a = 0.68, -0.64 as those of a = (0.68, -0.64), where a is such a vector."""
        (_, name), *sides = sides_of(pieces[0])
        values = [side for _, side in sides] + pieces[1:]
        apart = all(each and each[0].spaced for each in values[1:])  # and no comma in a number
        several = len(sides) == 1 < len(values) and apart and all(map(written_plainly, values))
        whole = several and self._is_vector(name, len(values))
        return [equated(name, in_brackets(values))] if whole else pieces

    def ranged(self, pieces: list[Tokens]) -> list[Tokens]:
        """The pieces of w1 .. w4 = 1, 2, 3, 4, or w1, ..., w4 and w1-w4, with each name said."""
        gap = len(pieces) > 2 and not pieces[1]  # of dots
        (_, left), *value = sides_of(pieces[2 if gap else 0])
        at = next((n for n, t in enumerate(left) if t.kind == "digits" or t.text == "-"), 0)
        first, last = (pieces[0], left) if gap else (left[:at], left[at + 1 :])
        ends = [TAIL.fullmatch("".join(t.text for t in each)) for each in (first, last)]
        if len(value) != 1 or not (ends[0] and ends[1]) or (
            ends[0].group(1, 3) != ends[1].group(1, 3)
        ):  # fmt: skip
            return pieces
        values = [value[0][1], *pieces[3 if gap else 1 :]]
        numbers = range(int(ends[0][2]), int(ends[1][2]) + 1)
        place = max((n for n, t in enumerate(first) if t.text.endswith(ends[0][2])), default=-1)
        counts = len(numbers) == len(values) > 1 and place >= 0
        if not (counts and self._is_left(first)):
            return pieces
        head, counted = first[place].text.removesuffix(ends[0][2]), first[place]
        names: list[Tokens] = [
            [*first[:place], counted._replace(text=f"{head}{number}"), *first[place + 1 :]]
            for number in numbers
        ]
        return [*names[:-1], [*names[-1], *equated((), values[0])], *values[1:]]

    def _named(self, tokens: Tokens, math: bool) -> bool:
        """True if a stretch behind a comma is a statement of its own, or words."""
        lettered = tokens[0].kind == "word" and any(t.kind in RELATIONS for t in tokens)
        return begins(tokens) and (tokens[0].spaced or math or lettered)

    def start(self, tokens: list[Token], math: bool, lead: tuple[str, ...]) -> None:
        """Begin a statement."""
        if [t.kind for t in tokens] == ["number", "colon", "number"]:
            return  # on Tuesday, 10:00
        labelled = len(tokens)
        first = next((t for t in tokens if t.kind in STATING), None)
        tokens = self.with_colon(tokens) if first and first.kind == "colon" else tokens
        signs = sum([t.kind in RELATIONS for t in tokens])
        if not 0 < signs < len(tokens):
            return  # ~as expected
        words = [w.casefold() for text in lead for w in re.findall(r"\w+", text)]
        words += in_pieces(" ".join(words))
        words = self.names.without_steps_in_time(words)
        self.line_said = saying(words) or ("" if {*words} & EARLIER else self.line_said)
        begun = self.document.work[max(tokens[0].start - MOST_BEFORE, 0) : tokens[0].start]
        clause = re.split(r"[;\n]|\.(?!\d)", begun)[-1]
        tokens = self.with_slope(tokens, clause)
        chain = Chain(sides_of(tokens), math, self.line_said or self.said, lead)
        chain.newly, chain.coded = self.line_said == "new", self.coded
        chain.titled = first is not None and first.kind == "colon" and len(tokens) == labelled
        if signs > 1 and ("=", "=") in pairwise(token.text for token in tokens):
            chain.broken = "two equals signs stand side by side: is something missing?"
        if self.supposed:
            chain.broken = "the words before it may only assume this, not state it"
            self.last = chain
            return
        sample = OF_SAMPLE.search(clause) if self.names.network.samples[1:] else None
        if not math and tokens[0].text[:1] in ("d", "∂") and NUMERATOR.search(begun):
            chain.broken = "the sign of a fraction may be missing before it"
        elif not math and CONTRIBUTION.search(begun):
            chain.broken = "this may be a part of it, as the words before it say"
        elif sample and self.names.sample != sample[1]:
            chain.broken = f"the words before it name sample {sample[1]}, its name does not"
        elif OF_STEP.search(clause) and self.may_be_of_step(chain):
            chain.broken = STEP_PART
        if chain.broken:
            self.last = chain
            return
        apart = not math and any(token.spaced for token in tokens[1:2])
        if tokens[0].kind == "sign" == tokens[-1 if len(tokens) < 2 else 1].kind:
            chain.broken = "several signs stand before it"  # a rule on the line
        elif tokens[0].kind == "sign" and (apart or self.may_be_listed(*tokens[:2])):
            meant = "dash may be a minus" if tokens[0].text == "-" else "sign may be of a product"
            chain.broken = f"the {meant} or the mark of a list"
        if lead and not math and len(tokens) == labelled:
            ends = lead[-1].rstrip()[-1:]
            word = (re.findall(r"\w+", lead[-1]) or [""])[-1].casefold()
            chain.slope = word in GRADIENT and ends not in (",", ":")
            before = self.document.work[max(tokens[0].start - MOST_BEFORE, 0) : tokens[0].start]
            said = re.findall(r"\w+", before.casefold())
            that = said[-2:] == ["that", "of"] and self.by_line == self.line_start
            chain.by = that or says_by(said)
            self.by_line = self.line_start if chain.by else self.by_line
            noun = [*dropwhile((ARTICLES | OF_ALONE | {"at"}).__contains__, reversed(said))]
            of_loss = len(noun) < len(said) and {*noun[:1]} & NOUNS["loss"]
            if of_loss and not chain.by:  # the error at the output
                chain.broken = f"it is not clear what {' '.join(words)!r} says of it"
            word = f"pre{word}" if PRE.search(before) else word
            chain.noun = next((kind for kind, nouns in NOUNS.items() if word in nouns), "")
            chain.noun = "" if ends in ":," else chain.noun  # a title, or a clause
            known = chain.slope or chain.by or chain.noun or self.line_said == "new"
            known = known or word in LEAD_INS | AGAIN | OLD | BECOMES
            known = known or (word in SETTING and any(t.kind == "assign" for t in tokens))
            known = known or (word in OVERALL and tokens[0].text in SPELLINGS["loss"])
            symbol = lone_symbol(chain.sides[0][1], self.names, math)
            if symbol and symbol.head in ERRORS and (word in OF_ERRORS or chain.noun == "loss"):
                chain.noun, known = "", True  # the local error delta_1
            if not known and ends != ":":
                left = chain.sides[0][1]
                chain.weak = not self._is_left(left) or not self._is_weight_name(left)
                chain.broken = "" if chain.weak else f"it is not clear what {word!r} says of it"
        self.last = chain

    def with_slope(self, tokens: list[Token], clause: str) -> list[Token]:
        """The tokens of a sum with f' around it, behind a clause of its activation's derivative.

        The derivative of tanh at z1 is 0.4, and at z2 0.2.
        """
        words = re.findall(r"\w+", clause.casefold())
        if not words or words[-1] not in AT_WORDS:
            return tokens
        of_loss = not NOUNS["loss"].isdisjoint(words) or re.search(r"\b[CEJL]\b", clause)
        if not of_loss and any(map(DERIVED.match, words)) and any(map(ACTIVATED.match, words)):
            self.sloped_line = self.line_start
        (_, name), *_ = sides_of(tokens)
        unit = self.names.activation(self.quantity_called(name)) if name else None
        if self.sloped_line != self.line_start or not unit:
            return tokens
        if self.quantity_called(name) != unit.pre_activation:
            return tokens
        start, end = name[0].start, name[-1].end
        before = [
            Token(*each, start, start) for each in (("word", "f"), ("prime", "'"), ("open", "("))
        ]
        return [*before, *name, Token("close", ")", end, end), *tokens[len(name) :]]

    def may_be_of_step(self, chain: Chain) -> bool:
        """True for a figure that is not the whole of a derivative which is a sum over steps."""
        name, number = self.quantity_called(chain.sides[0][1]), written_plainly(chain.sides[-1][1])
        if not number or not isinstance(said := parsed(name), Derivative):
            return False
        program = self.names.vocabulary.program
        terms = next((each.terms for each in program.backward if each.name == name), ())
        shared = said.by in self.names.weights and len(terms) > 1
        return shared and not self.figures.fits(float(number), name)

    def may_be_listed(self, sign: Token, name: Token) -> bool:
        """True for a minus before a formula, or where lines beside it begin with "- "."""
        text, at = self.document.text, sign.start
        if re.search(r"[$`]|\\\(|\\begin", text[sign.end : name.start]):
            return True
        start = text.rfind("\n", 0, at) + 1
        above = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start]
        below = text[text.find("\n", at) + 1 :][:20] if "\n" in text[at:] else ""
        return not text[start:at].strip() and bool(DASH.match(above) or DASH.match(below))

    def with_colon(self, tokens: list[Token]) -> list[Token]:
        """The tokens with the colon that is their first sign as an equals sign, behind a name.

        A formula behind it that has a name of its own, Loss: yhat = 0.375, only has it as a title.
        """
        place = next(n for n, t in enumerate(tokens) if t.kind == "colon")
        if place + 1 == len(tokens):
            return tokens
        rest = tokens[place + 1 :]
        own = trimmed(sides_of(rest)[0][1]) if any(t.kind in RELATIONS for t in rest) else []
        symbol = lone_symbol(own, self.names, True) if own else None
        if symbol and self.names.of_one_output(symbol):
            return rest
        try:
            value = Reader(tokens[:place], self.names, False).whole()
            inner = self.left_side(own, True) if own and self._is_left(own) else None
        except Unreadable:
            return rest
        equation = self.figures.equation(value.id) if isinstance(value, Name) else None
        title = lone_symbol(tokens[:place], self.names, True)
        slope = parsed(inner.id) if isinstance(inner, Name) else None
        if title and title.key in RESIDUALS and isinstance(slope, Derivative) and (
            slope.by in self.names.network.outputs
        ):  # fmt: skip
            return [*tokens[:place], tokens[place]._replace(kind="relation", text="="), *rest]
        if (inner is not None and inner != equation) or self._is_left(rest):
            return rest  # in d: dd/db counts both
        return [*tokens[:place], tokens[place]._replace(kind="relation", text="="), *rest]

    def _goes_on(self, chunk: Chunk, first: bool, item: Item) -> bool:
        """True if a chunk that begins with a sign goes on with the statement before it."""
        assert self.last
        work, start = self.document.work, self.last.start
        between = work[self.last.end : chunk.tokens[0].start]
        if not first:
            row = max(work.rfind("\\\\", item.start, start), item.start)
            if chunk.sep == "row" and "&" in work[row:start] and "&" not in between:
                self.last.broken = "this is of another column: its name may be lost"
            return chunk.sep != "text" and chunk.tokens[0].start > start  # in the same column
        if item.column == "on":
            return not chunk.lead
        between = BEHIND_CODE.sub("", between) if self.coded else between
        return not chunk.lead and not GLUE.sub("", between)

    def hear(self, words: Sequence[str], *, heading: bool = False) -> None:
        """Take in what words say of the statements after them: a heading, or a short line."""
        words = self.names.without_steps_in_time(words)
        said = saying(words)
        if not said and not heading and CORRECTING & {*words}:
            self.finish()
            self.doubted = self.claims[-1] if self.claims else None
        if heading:
            self.later = ""
        if heading or (said and len(words) <= MAX_HEARD):
            self.said = said
        elif self.said == "gradient":
            self.said = ""


def in_pieces(text: str) -> list[str]:
    """What may be the words of Chinese or Japanese, which has no blanks between them."""
    runs = re.findall(r"[一-鿿]+", text)
    return [run[at : at + size] for run in runs for size in (1, 2, 3) for at in range(len(run))]
