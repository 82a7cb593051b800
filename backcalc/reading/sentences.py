"""Lines of a sheet to statements: what stands in words and what in formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import dropwhile, pairwise, takewhile

from backcalc.equations.network import Unit
from backcalc.formulas.expression import Name
from backcalc.reading.defining import define_in_words, described, described_step, described_unit
from backcalc.reading.documents import Item, Span
from backcalc.reading.figures import near
from backcalc.reading.grammar import PUNCTUATION, Reader, closing, lone_symbol, split, trimmed
from backcalc.reading.names import NO_SUCH, SPELLINGS, Symbol, Unreadable, lengths
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
    BREAKS,
    NAMED,
    Chunk,
    begins,
    chunks_of,
    column_by_column,
    cut_off,
    goes_wrong,
    in_math,
    is_condition,
    is_times,
    rejoined,
    scaling,
    with_columns,
    with_comments,
    with_gaps,
    with_lists,
    with_remarks,
    with_rows,
    with_steps,
    without_call_names,
    without_damage,
    without_data,
    without_same,
)
from backcalc.reading.signs import (
    AGAIN,
    ALSO,
    AND,
    AND_WORDS,
    ARTICLES,
    BECOMES,
    BY_ALONE,
    CHANGES,
    COMES,
    COMMANDS,
    CONDITIONS,
    EARLIER,
    ERROR_WORDS,
    FOR_ALONE,
    FUNCTION_NAMES,
    GETTING,
    GIVING,
    GRADIENT,
    LEAD_INS,
    NEW,
    NEW_ALONE,
    NOUNS,
    OF_ALONE,
    OLD,
    PASSES,
    PRONOUNS,
    RESIDUALS,
    RESULTS,
    SETTING,
    THUS,
    VERBS,
    saying,
    says_by,
    says_later,
    words,
)
from backcalc.reading.statements import BETWEEN, GOES_ON, Statements, undamaged
from backcalc.reading.tokens import Token, tokenized

MAX_TOKENS = 4000  # of one line
WERE = OLD | words("was war previously formerly vorher avant antes prima")
"""Words in brackets before the old number of a weight."""
SAMPLE_NOUNS = words("sample example beispiel exemple muestra ejemplo esempio campione voorbeeld")
"""Words before the number of a sample."""
HAVING = words("has receives gets hat erhält a tiene ha tem")
"""Words between a unit and what goes in and comes out of it."""
SEVERAL_ARE = words("are were sind waren sont son sono são")
"""Words between several names and their numbers."""
ITS = words("its seine ihre son sa su")
"""Words before a quantity of the unit that was spoken of last."""
SUPPOSED = words(
    "if were would show prove suppose assume wenn falls zeige zeigen zeigt angenommen si montrer "
    "montrez demuestre mostrare beispiel exemple example ejemplo esempio wäre würde angenommen "
    "assuming supposing imagine unless without ohne sans sin senza instead stattdessen statt "
    "mistake mistakes mistaken"
)
ITALIAN = re.compile(
    r"\b(?:della|dello|degli|gli|nell[ao]|quindi|poi|infine|rispetto|derivata|uscita|perdita|"
    r"ottiene|calcola|ricava|trova|aggiorna|cio[eè]|poich[eé]|perci[oò])\b",
    re.IGNORECASE,
)
"""Words that show a sheet to be in Italian, where si is no if: si ha, si ottiene."""
WHETHER = re.compile(
    r"\b(?:tell|know|check|see|sure|wonder\w*|ask|say|verify|dis|dites|vérifi\w+|dime|avisa\w*)"
    r"(?: me| us| moi)? (?:if|si) \w+ \w"
)
"""Words that ask whether something is so, and suppose nothing."""
FALLS = words("falls")
"""If in German; the loss falls to 0.2 in English."""
EXAMPLES = words("beispiel exemple example ejemplo esempio")
THIS = words("this one diesem dieses cet este questo")
"""Words before an example that is the exercise itself."""
PATHS = words("path pfad chemin camino percorso weg")
OVERALL = words(
    "mean average avg total overall combined mittlerer mittlere durchschnittlicher "
    "durchschnittliche gesamter mittelwert moyenne totale media medio promedio gemiddelde "
    "średnia średni całkowita"
)
"""Words before the loss of all samples or outputs."""
UNREAL = words(
    "would were wäre würde serait sería sarebbe wrong falsch faux incorrect instead correction "
    "corrected korrektur corrigé"
)
CORRECTING = words(
    "stop no nein non wrong falsch faux oops sorry mistake fehler correct correction corrected "
    "richtig korrekt korrektur correctif corrigé correcto erreur actually scratch redo "
    "recompute ups oups"
)
"""Words of a line behind which the statement above it may be made anew."""
SUPPOSING = UNREAL | (SUPPOSED - CONDITIONS - FUNCTION_NAMES.keys())
"""Words that suppose something even where a dollar that is lost makes them mathematics."""
TELLING = SUPPOSING | CONDITIONS | NEW | OLD | CORRECTING - {"no"}
"""Words for which a remark between two signs of a chain may change what is said."""
UNIT_WORDS = ("net", "out", "in")
ALL_NOUNS = frozenset().union(*NOUNS.values())
CLOSED = re.compile(r"[.,;\s]*(?:\$|\\\)|\\\])[^\n]*\n")
"""The end of a formula behind which a new line begins."""
DASH = re.compile(r"^[ \t>]*-(?![\d.])", re.M)
GLUE = re.compile(
    r"\\begin\{\w+\*?\}|\\end\{\w+\*?\}|\\\[|\\\]|\\\(|\\\)|[\s$>&*.,-]|\\qquad|\\quad"
)

WRAPPED = re.compile(
    r"(?:[^\W\d_]|,)[ \t]*\n[ \t>]*(?:\$`?|\\\()?\Z|\b(?:and|und|et|y|e)[ \t]*\n[ \t>]*\$\$\Z"
)
"""A word or comma at the end of a line, whose sentence goes on in the next one, or a formula."""
JOINED = re.compile(r"[.,;]+[ \t]*$|(?:and|und|et|y|e)\b", re.M)
"""A line that can only go on with the sentence above it."""
SAMPLE = re.compile(r"\b(?:sample|beispiel|muster|exemple|muestra)\s+(\d+)\W*\Z", re.IGNORECASE)
"""Words for one sample, with its number."""
LABELLED = re.compile(r"\W*[^\W\d_]+ ?\d")
"""The start of a line with a word and a number: Example 2."""
TAIL = re.compile(r"(.*?)(\d{1,2})(\W*)")
"""A name with the number at its end."""
PRE = re.compile(r"\bpre-\w+\W*\Z", re.IGNORECASE)
"""The end of what stands before pre-activation's value."""
FROM, TO = (
    "from|da|de|von|van|från|fra|z|ze|od|с|от|з",
    "to|a|à|auf|zu|naar|till|til|na|do|до|на|para",
)
CHANGING = re.compile(
    rf"(?:{'|'.join(sorted({*CHANGES} | BECOMES, key=len)[::-1]).replace(' ', '[ ]+')})(?!\w)"
    rf"|(?:[^\W\d_]+[ ]+){{1,2}}?(?:{FROM})[ ]+\$?"
    rf"(?P<old>[-−]?\d+(?:(?:[.,]|\{{,\}})\d+)?)\$?[ ]+(?:{TO})(?=[ ]+[-−$\d])",
    re.IGNORECASE,
)
"""Words that say that something changes, perhaps with its number before."""
BEFORE, BEHIND = ("|".join(filter(str.isalpha, each)) for each in (OLD, NEW | NEW_ALONE))
SAYING = r"(?:[ ][^\W\d_]+){0,2}[ )]*[:=]?[ ]*"
FIGURES = ("before", "old", "start", "was", "after", "new", "end", "now")
BEFORE_STEP, OLD_ONE, START, WAS, AFTER_STEP, NEW_ONE, END, NOW = (
    rf"[ ]*(?P<{name}>-?\d+[.,]\d+)" for name in FIGURES
)
BOTH_PASSES = re.compile(
    rf"(?P<name>[^\W\d]\w*)(?:[ (]+(?:{BEFORE}){SAYING}{BEFORE_STEP}[ ,;]+(?:(?:and|und|et|y)[ ]+)?"
    rf"(?:(?P=name)[ (]+)?(?:{BEHIND}){SAYING}{AFTER_STEP}"
    rf"|[ ]+(?:[^\W\d_]+[ ]+){{0,3}}?(?:{FROM}){OLD_ONE}[ ]+(?:{TO}){NEW_ONE}"
    rf"|[ ]+(?:was|war|était|era){WAS}(?:[ ]+(?:{BEFORE})(?:[ ][^\W\d_]+){{0,2}})?[ ,;]+"
    rf"(?:(?:and|but|und|aber|et|mais|y|e|ma)[ ]+)?(?:it[ ]+)?(?:now[ ]+)?(?:is|ist|est|es|è)"
    rf"(?:[ ]+(?:now|nun|jetzt|maintenant|ahora|ora))?{NOW}"
    rf"|(?:[ ]*[:=])?{START}[ ]*(?:->|→){END})(?![\w%]|[.,]\d|[ ]*[-+*/=·×^])",
    re.IGNORECASE,
)
"""A figure before the step and after it, in one sentence."""
WORDED_OR_NAMED = re.compile(r"(?<!\w)[^\W\d]\w*")
FOLLOWING = re.compile(
    rf"(?:[,;:.)]|[ ][—–-])?[ ]+(?:(?:and|und|et|y)[ ]+)?(?:{'|'.join(THUS)})[ ][^\d=≈]*\Z",
    re.IGNORECASE,
)
"""Words between what is new and the result that is said to follow from it."""
PLAIN_NUMBER = str.maketrans({"−": "-", ",": ".", "{": None, "}": None})
PLAIN_SIGNS = str.maketrans("*$`−", "   -")
SEVERAL = re.compile(rf"\b(?:\d\d+|[2-9])[ ]+(?:{'|'.join(PASSES)})", re.IGNORECASE)
WHICH = re.compile(
    r"(?:which (?:is|gives|equals|makes|comes to)|(?:was|das|dies) (?:ergibt|ist|macht)|or|that is,"
    r"|ce qui (?:donne|fait)|lo que da|che (?:dà|fa)|o que dá|i\.e\.,?)(?=[ ]+\$?[-−]?\d)",
    re.IGNORECASE,
)
"""Words between a formula and the number that it comes to."""
COMING = re.compile(rf"(?:{'|'.join(COMES).replace(' ', '[ ]+')})(?!\w)", re.IGNORECASE)
CHANGE_WORDS = {phrase.split()[0] for phrase in CHANGES} | BECOMES
PRINTS = re.compile(r"^[^#\n]*(?:\bprint[ ]?\(|\bf['\"])[^#\n]*$", re.M)
"""Code that prints what it has worked out, and whose figures stand below it, if anywhere."""
NAMES = re.compile(r"(?:print[ ]?\()?\(?(?P<names>[\w.]+(?:,[ ]*[\w.]+)*)\)*;?")
"""A line of code that shows names: print(a, b), or (a, b) as the last one of its cell."""
LOOPS = re.compile(r"[ \t]*(?:for|while)\b|[ \t]+print\b")
"""A line behind which what is shown may be of any pass."""
ASKED = "the line asks this, it does not state it"
SENTENCE = re.compile(
    r"(?:[.!。][*_)]*\s+[*_(]*(?=[^\W\d_]{2})|。(?=\w))(?!(?:who|which|wer|welche[rs]?|qui|chi|(?:la)?"
    r"quel\w*|quién|cuál|quem|qual[ei]?|wie|welke|vem|hvem|kto|kdo|кто|какой|хто|谁|哪)\b)",
    re.IGNORECASE,
)
"""The end of a sentence before another one that does not leave it open: who is right?"""
TORN = "a formula breaks off at the end of a line: this may be its rest"
JOINTS = [["and"], ["und"], ["et"], ["y"], ["e"]]
"""Words between two statements, each of which is whole."""
RATES = SPELLINGS["rate"].split()
MOST_BEFORE = 80  # characters in which words say by what a derivative is taken
NUMERIC = ("number", "sign", "open", "close", "fraction")
STATING = ("colon", *RELATIONS)
WORDS = ("text", "word")
Sides = Sequence[tuple[str, list[Token]]]
"""Kinds of signs between a name and what is said of it."""
WORDED = re.compile(r"[^\W\d_]{2,}")
TORN_DISPLAY = re.compile(r"\$\$[^=≈\n]*\\[a-z]+[^=≈\n]*\Z")
"""The start of a display that has no end and says nothing."""
MOST_IF = 3  # words on the line below a statement that begin with its condition
MAX_HEARD = 12  # words of a line that says what follows

NOUN_OF = re.compile(r"\b(delta|output|activation|net input|error term) of\b")
THAT_OF = re.compile(r"(?:and )?that of (?:the )?")


ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""The start of a word in Chinese, Japanese or Korean."""
IDEOGRAPH = re.compile(rf"{ASIAN.pattern}|[èÈéà]\Z")
"""The start of a word without blanks around it, or a word of one letter."""


SECOND_TITLE = re.compile(
    r"[;.][ ]+(?P<unit>[^\W\d_][^:;.=\n]{0,30}|t ?= ?\d):[ ]+(?=[$*]*[^\W\d])"
)
"""The start of a stretch of a line that names a unit, or anything, before a colon."""
STEP_CLAUSE = re.compile(r"(?:at|for|in|bei|für|à|pour) (?:time )?(t ?= ?\d),? ", re.IGNORECASE)
"""The start of a line that says of which step in time it is."""
POINT = re.compile(r"\(?([1-8]|[a-h])\)[ ]+")
"""The mark of a point of a list."""
SECOND_POINT = re.compile(
    r"[=≈][^=≈\n]*?\d\$?[ ,;.]+(?P<point>\(?(?P<mark>[2-9]|[b-i])\)[ ]+)(?=[$*]*[^\W\d])"
)
"""The mark of a point within its line, behind a statement."""
SHORT = re.compile(r"w\.[ ]?r\.[ ]?t\.?(?!\w)")
"""With respect to, in three letters."""


class SentenceReader(Statements):
    """Reads the statements off a line or a display."""

    def supposing(self, text: str) -> set[str]:
        """The words before a statement, some of which may suppose it."""
        words = {w.casefold() for w in re.findall(r"\b(?!si bien que)\w+", text)}
        return words - {"si"} if "si" in words and ITALIAN.search(self.document.work) else words

    def words(self, spans: Sequence[Span]) -> list[str]:
        """The words of some stretches."""
        text = " ".join(self.document.text[span.start : span.end] for span in spans)
        text = re.sub(r"\\[A-Za-z]+", " ", text)
        found = [w.casefold() for w in re.findall(r"[^\W\d_]+", text)]
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
            new = document.tokens[span]
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

    def with_letters(self, tokens: Sequence[Token]) -> Sequence[Token]:
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

    def with_words(self, tokens: Sequence[Token]) -> list[Token]:
        r"""Tokens of mathematics, with \text{...} of one word as a name or as words between."""
        found: list[Token] = []
        level = 0
        if "named" not in [token.kind for token in tokens]:
            return [*tokens]
        for place, token in enumerate(tokens):
            level += (token.kind == "open") - (token.kind == "close")
            if token.kind == "named":
                word = token.text.casefold()
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
            if token.kind != "word" or (choice and token.text in ("if", "else", "and")):
                found.append(token._replace(kind="and") if token.text == "and" else token)
                at += 1
                continue
            if token.text in ("x", "X") and is_times(tokens, at):
                found.append(token._replace(kind="sign", text="*"))
                at += 1
                continue
            if short := SHORT.match(self.document.work, token.start):
                found.append(token._replace(kind="text", text="wrt", end=short.end()))
                at += sum(t.start < short.end() for t in tokens[at:])
                continue
            elided = token.text in ("d", "l") and [t.kind for t in tokens[at + 1 : at + 3]]
            if elided == ["prime", "word"] and len(tokens[at + 2].text) > 1 and (
                tokens[at + 2].text.isalpha() and not tokens[at + 2].spaced
            ):  # fmt: skip
                found.append(token._replace(kind="text", end=tokens[at + 2].end))  # d'où
                at += 3
                continue
            if self.joins(tokens, at) or (IDEOGRAPH.match(token.text) and self.is_strange(token)):
                found.append(token._replace(kind="text"))
                at += 1
                continue
            if self.says_new(found, token):
                found[-1] = found[-1]._replace(kind="prime", text="'", end=token.end)
                at += 1
                continue
            end = self._name_at(tokens, at)
            after = tokens[at + 1] if at + 1 < len(tokens) else token
            both = after is not token and after.kind == "word" and after.spaced
            start = token.text.removeprefix("d") if both else ""
            if (start in UNIT_WORDS and re.fullmatch(r"[ho]\d?", after.text)) or (
                start and after.text == "total" and self.names.knows(Symbol(f"{start}total"))
            ):  # fmt: skip
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
            elif self.is_product(found, token, after):
                middle = token.start + 1
                found.append(token._replace(text=token.text[0], end=middle))
                found.append(token._replace(text=token.text[1], start=middle, spaced=False))
                at += 1
            else:
                first = (
                    found[-3].kind in ("comma", "semicolon") if len(found) > 2 else found[1:] != []
                )
                below = first and found[-1].text == "/" and found[-2].text.startswith("d")
                below = below and token.text[0] == "d" and after.kind in RELATIONS  # dL/dq = 1
                named = token.text.casefold() in RESIDUALS or self.is_slope_of_step(token.text)
                below |= named and after.kind in RELATIONS
                found.append(token if below else token._replace(kind="text"))
                at += 1
        return found

    def is_product(self, found: Sequence[Token], token: Token, after: Token) -> bool:
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

    def joins(self, tokens: Sequence[Token], at: int) -> bool:
        """True for a word of one letter that is none: z1 = 1 e h1 = 1, rispetto a w1."""
        one, two = tokens[max(at - 1, 0)], tokens[at + 1] if at + 1 < len(tokens) else None
        if two and tokens[at].text in "OoAa" and two.text.casefold() in NEW:
            return [t.kind for t in tokens[at + 2 : at + 3]] == ["word"]  # o novo peso w1
        if tokens[at].text == "a" and one.text.casefold() in ("passa", "pasa"):
            return True  # o erro passa a E = 2.9
        if not two or not tokens[at].spaced or not two.spaced or two.kind not in NAMED:
            return False
        if tokens[at].text == "a" and one.text.casefold() in ("rispetto", "respecto", "on"):
            return True
        joint = tokens[at].text in {*"eyaiиі"} and one.kind in ("number", "comma")
        joint &= two.text.casefold() not in CHANGE_WORDS  # w1, a becomes 2
        behind = tokens[at + 1 :] if joint else ()
        return any(t.kind in RELATIONS or t.text.casefold() in CHANGE_WORDS for t in behind)

    def says_new(self, found: Sequence[Token], token: Token) -> bool:
        """True for a word such as new right behind a name and a comma: w5,new."""
        tight = [t.kind for t in found[-2:]] in (["word", "comma"], ["number", "comma"])
        tight = tight and not (token.spaced or found[-1].spaced)
        return tight and len(token.text) > 2 and token.text.casefold() in NEW

    def for_sample(self, number: str, tokens: Sequence[Token]) -> None:
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
        labelled = len(kept) > 2 and kept[0].text.casefold() in RESULTS
        if labelled and kept[1].kind in RELATIONS:
            return equated(self.subject, kept[1:])
        return tokens

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

    def with_phrases(self, tokens: list[Token]) -> list[Token]:
        """The tokens with what says that a weight changes, goes to or goes from 0.5 to, as becomes.

        Of anything else it may speak of the pass before or after the step. What comes out as is.
        """
        found: list[Token] = []
        text, end = self.document.work, 0
        for token in tokens:
            if token.start < end:
                continue  # of the phrase
            worded = bool(found) and token.spaced and token.kind in ("text", "word")
            phrase = CHANGING.match(text, token.start) if worded else None
            comes = COMING.match(text, token.start) if worded and not phrase else None
            name = self._stretch(found) if phrase or comes else []
            if comes and self._is_left(name):
                end = comes.end()
                token = token._replace(kind="text", text="is", end=end)
            old = (phrase["old"] or "").translate(PLAIN_NUMBER) if phrase else ""
            known = phrase and self._is_left(name) and self._is_weight_name(name)
            if phrase and known and (not old or self.is_old(name, old)):
                end = phrase.end()
                token = token._replace(kind="text", text="becomes", end=end)
            before = len(found) - len(name) - 1
            if token.end == end and before >= 0 and found[before].kind == "dot":
                found[before] = found[before]._replace(kind="stop", text="")  # of a sentence before
            if phrase and not (known or old) and self._is_left(name):
                number = number_at([t for t in tokens if t.start >= phrase.end()])
                if number and self.is_after(name, written_plainly(number)):
                    found.append(Token("prime", "'", name[-1].end, name[-1].end))
            if self.is_set(found, token) and number_at([t for t in tokens if t.start >= token.end]):
                token = token._replace(kind="text", text="becomes")
            which = WHICH.match(text, token.start) if worded and not (phrase or comes) else None
            if which and self.is_worked(found):
                end = which.end()
                found = found[:-1] if found[-1].kind == "comma" else found
                token = token._replace(kind="relation", text="=", end=end)
            found.append(token)
        return found

    def with_time(self, tokens: list[Token]) -> list[Token]:
        """The tokens with words that tell of the time after the step as a prime of the name.

        They stand behind the name or its number: w5 (after 1 step) = 0.36, w5 = 0.36 (new). The
        old number may say it too: w5 = 0.36 (was 0.4).
        """
        found = [*tokens]
        for at in reversed(range(1, len(tokens))):
            end = closing(tokens, at) + 1 if tokens[at].kind == "open" else 0
            inner = tokens[at + 1 : end - 1]
            old = written_plainly(number_at(inner[-2:]) or inner[-1:]) if inner else ""
            was = bool(old) and inner[0].text.casefold() in WERE
            end = end if was else at + self.clause_at(tokens, at)
            if end == at or tokens[at - 1].kind in ("text", "stop"):
                continue
            after = tokens[end : end + 1]
            sign = after and (after[0].kind in STATING or after[0].text.casefold() in VERBS)
            name = self._stretch(tokens[:at])
            if not sign and (not after or after[0].kind in (*BREAKS, "comma", "dot", "and")):
                statement = [*split(tokens[:at], (*BREAKS, "comma"))[-1]]
                place = next((n for n, t in enumerate(statement) if t.kind in STATING), 0)
                name, value = statement[:place], sides_of(statement[place + 1 :])[-1][1]
                number = written_plainly(value)
                weight = self._is_left(name) and self._is_weight_name(name)
                later = self.is_old(name, old) if was and weight else weight
                if not (number and self._is_left(name)) or not (
                    later if weight else not was and self.is_after(name, number)
                ):  # fmt: skip
                    continue
            elif was or not (sign and self._is_left(name)):
                continue
            if name[-1].kind != "prime":
                del found[at:end]
                place = name[-1].end
                found.insert(tokens.index(name[-1]) + 1, Token("prime", "'", place, place))
        return found

    def clause_at(self, tokens: Sequence[Token], at: int) -> int:
        """How many tokens from a place on tell of the time after the step: after the update."""
        end = closing(tokens, at) if tokens[at].kind == "open" else -1
        inner = tokens[at + 1 : end] if end > 0 else [*takewhile(_is_said, tokens[at:])]
        if not inner or not all(map(_is_said, inner)):
            return 0
        later = says_later([t.text.casefold() for t in inner])
        return (len(inner) + 2 * (end > 0)) * (later and (end > 0 or len(inner) > 1))

    def is_set(self, tokens: Sequence[Token], token: Token) -> bool:
        """True for the to behind a weight that is told to change: update w5 to 0.36, or gives."""
        name = self._stretch(tokens) if token.text.casefold() in {*TO.split("|"), *GIVING} else []
        verb = tokens[: len(tokens) - len(name)][-1:] if name else ()
        told = bool(verb) and verb[0].text.casefold() in SETTING
        return told and self._is_weight_name(name)

    def with_for(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a number that is got for a name as a statement of it.

        We get 0.38 for z1; for z1 we get 0.38.
        """
        found = [*tokens]
        for at in reversed([n for n, t in enumerate(tokens) if t.text.casefold() in FOR_ALONE]):
            back = takewhile(lambda t: t.kind in ("number", "sign"), reversed(found[:at]))
            before = at - len([*back]) - 1
            number = found[before + 1 : at]
            name = [*takewhile(lambda t: t.kind not in (*BREAKS, "comma", "dot"), found[at + 1 :])]
            end = at + 1 + len(name)
            got = before >= 0 and found[before].text.casefold() in GETTING
            if not number:
                said = [*takewhile(lambda t: t.kind in ("text", "stop"), found[end:])]
                before, end = at, end + len(said)
                got = len(said) < 4 and bool(GETTING & {t.text.casefold() for t in said})
                number = [*number_at(found[end : end + 2])]
                end += len(number)
            if got and name and written_plainly(number) and self._is_left(name):
                stop = Token("stop", "", found[before].start, found[before].start)
                found[before:end] = [stop, *equated(name, number)]
        return found

    def with_several(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a and b are 1 and 2 as a = 1 and b = 2, where each name has one number.

        One name may have them all: the scores are 1 and 2.
        """
        for at in [
            n for n, t in enumerate(tokens) if t.kind in STATING or t.text in SEVERAL_ARE | {"is"}
        ]:
            sides = (reversed(tokens[:at]), tokens[at + 1 :])
            before, after = (
                split([*side], ("row", "stop", "semicolon", *RELATIONS))[0] for side in sides
            )
            names = [name[::-1] for name in listing(before)]
            values = listing(after) or [*filter(None, split(after, ("comma",)))]
            values[-1:] = [[*takewhile(lambda t: t.kind in NUMERIC, values[-1])]] if values else []
            if len(values) < 2 or not all(map(written_plainly, values)):
                continue
            whole, end = self._stretch(tokens[:at]), tokens.index(values[-1][-1]) + 1
            if not names and self._is_vector(whole, len(values)):
                said = [Token("stop", "", whole[0].start, whole[0].start)]
                said += equated(whole, in_brackets(values))
                return [*tokens[: at - len(whole)], *said, *self.with_several(tokens[end:])]
            names = names[: len(values)][::-1]
            if not listing(after) or len(names) < len(values):
                continue
            names[0] = self._stretch(names[0])
            if all(map(self._is_left, names)):
                each = zip(names, values, strict=True)
                said = [t for name, value in each for t in told(name, value, "")]
                start = tokens.index(names[0][0])
                return [*tokens[:start], *said, *self.with_several(tokens[end:])]
        return tokens

    def _is_vector(self, name: Sequence[Token], length: int) -> bool:
        """True if some tokens name a vector of so many elements, or a number of each sample."""
        symbol = lone_symbol(name, self.names, False) if name else None
        own = symbol and symbol.key in self.names.vocabulary.tiers[0]
        if not symbol or (own and length != len(self.names.network.samples)):
            return False
        with suppress(Unreadable), self.names.shaped(False, (length,)):
            return lengths(self.left_side(trimmed(name), False)) == (length,)
        return False

    def is_worked(self, tokens: Sequence[Token]) -> bool:
        """True if some tokens end in a formula that something is said to be, z = w*x + b."""
        kept = tokens[:-1] if tokens[-1].kind == "comma" else tokens
        side = self._stretch(kept)
        before = kept[len(kept) - len(side) - 1 : len(kept) - len(side)]
        stated = bool(before) and (before[0].kind in RELATIONS or before[0].text in VERBS)
        return stated and any(t.kind == "sign" for t in side[1:]) and not written_plainly(side)

    def with_verbs(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a verb between a name and a number as an equals sign: L is 3.375."""
        found = [*tokens]
        for at, token in enumerate(tokens):
            verb = token.text.casefold()
            if token.kind != "colon" and (token.kind != "text" or verb not in VERBS | GIVING):
                continue
            it = at > 0 and tokens[at - 1].text.casefold() in PRONOUNS
            if (turned := self.subject_behind(tokens, at)) and verb in VERBS:
                return self.with_verbs(turned)
            before, after = self._stretch(tokens[: at - it]), tokens[at + 1 :]
            more = [
                *takewhile(
                    lambda t: t.kind == "stop" or t.text.strip(".").casefold() in ALSO, after
                )
            ]
            after = after[len(more) :]
            number = [*number_at(after)]
            rest = [t for t in after[len(number) :] if t.kind not in ("stop", *PUNCTUATION)]
            ends = not rest or after[len(number)].kind in ("stop", *PUNCTUATION)
            joined = (
                rest
                and rest[0].kind == "text"
                and (
                    rest[0].text.casefold() in LEAD_INS or ASIAN.match(rest[0].text)  # 0.38です
                )
            )
            # z1 is 0.4*0.5 + 0.1 = 0.3
            sides = sides_of(split(after, (*BREAKS, "comma"))[0])
            plain = all(t.kind != "differential" for t in sides[0][1])
            worked = len(sides) > 1 and plain and not self._is_left(sides[0][1])
            told = worked or (number and (ends or joined))
            if told and (subject := self.subject_of(verb, found[:at]))[0]:
                start = tokens[at - subject[1]].start if token.kind == "colon" else token.start
                sign = token._replace(kind="relation", text="=", start=start)
                stop = Token("stop", "", start, start)
                kept = [stop, *equated(subject[0], [sign]), *after]
                return self.with_verbs([*tokens[: at - subject[1]], *kept])
            if (
                verb in VERBS
                and told
                and self._is_left(before)
                and not self._is_last(before, found)
            ):
                if it:
                    found[at - 1] = found[at - 1]._replace(kind="stop", text="")
                newly = verb in BECOMES and self._is_weight_name(before)
                kind, text = ("assign", ":=") if newly else ("relation", "=")
                stops = (t._replace(kind="stop", text="") for t in more)
                found[at : at + len(more) + 1] = [token._replace(kind=kind, text=text), *stops]
        return found

    def _is_last(self, name: Sequence[Token], tokens: Sequence[Token]) -> bool:
        """True for the second one of two names that one number is said of: z1 and z2 are 0.5."""
        at = tokens.index(name[0])
        joint = at > 1 and tokens[at - 1].text.casefold() in AND_WORDS
        return bool(joint) and self._is_left(self._stretch(tokens[: at - 1]))

    def subject_behind(self, tokens: Sequence[Token], verb: int) -> list[Token] | None:
        """The tokens with the words behind a verb as its subject: nach dem Schritt ist L 0.3."""
        said = [*takewhile(lambda t: t.kind in WORDS, tokens[verb + 1 :])]
        end = verb + 1 + len(said)
        number = number_at(tokens[end : end + 2])
        ends = tokens[end + len(number) : end + len(number) + 1]
        if not number or len(said) < 2 or (ends and ends[0].kind not in ("stop", *PUNCTUATION)):
            return None
        meant = described(" ".join(t.text.casefold() for t in said), self.names)
        if not meant:
            return None
        at = tokens[verb].start
        name = tokenized(meant, 0, len(meant), math=False)
        return [*tokens[:verb], Token("stop", "", at, at), *equated(name, tokens[end:])]

    def with_title(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a line that says of which unit or time its names are: Unit 1: z = 0.5.

        A title before the colon is left out; words may say it too: hidden unit 1 has z = 0.5.
        """
        colon = next((n for n, t in enumerate(tokens) if t.kind == "colon"), 0)
        said = [*takewhile(_is_worded, tokens)]
        step = described_step(" ".join(t.text for t in tokens[:colon]), self.names)
        titled = bool(step) or 0 < len(said) == colon
        at = colon + 1 if titled else max(len(said) - 1, 0)
        if clause := STEP_CLAUSE.match(self.document.work, tokens[0].start):
            step = described_step(spaced(clause[1]), self.names)
            titled, at = True, sum(t.start < clause.end() for t in tokens)
        ends = ("row", "stop", "semicolon", *RELATIONS)
        left = trimmed([*takewhile(lambda t: t.kind not in ends, tokens[at:])])
        before = said if titled else tokens[:at]
        name, text = (" ".join(t.text for t in part) for part in (left, before))
        unit = described_unit(text, self.names, whole=titled) if left and text else None
        below = step or (unit.name if unit else "")
        if not below or not left or (self._is_one(left) and not (step or self.names.below)):
            return tokens
        with self.names.numbered(below):
            named = self._is_left(left) or (titled and described(name, self.names))
        if not named:
            return tokens
        self.finish()
        self.names.below, self.of_line = below, True
        return tokens[at:]

    def _is_one(self, tokens: Sequence[Token]) -> bool:
        """True if some tokens name one quantity, and no vector."""
        return self._is_left(tokens) and isinstance(self.left_side(tokens, False), Name)

    def with_described(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a name for words that describe it: net input of hidden unit 1 = 0.5."""
        for at, token in enumerate(tokens):
            if token.kind not in STATING:
                continue
            name, size = self.slope_named(tokens[:at]) or self.subject_of("", tokens[:at])
            behind = trimmed([*takewhile(lambda t: t.kind not in BREAKS, tokens[at + 1 :])])
            if name and behind and not self._is_left(sides_of(behind)[0][1]):
                start = tokens[at - size].start
                sign = token._replace(start=start)
                if token.kind == "colon":
                    sign = sign._replace(kind="relation", text="=")
                found = [Token("stop", "", start, start), *equated(name, [sign])]
                rest = self.with_described(tokens[at + 1 :])
                return [*tokens[: at - size], *found, *rest]
        return tokens

    def slope_named(self, tokens: Sequence[Token]) -> tuple[list[Token], int] | None:
        """The derivative that a weight and the word behind it mean, w5 gradient; their number."""
        weight = self._stretch(tokens[:-1])
        if not (weight and tokens[-1].text.casefold() in GRADIENT and self._is_weight_name(weight)):
            return None
        value = self.left_side(trimmed(weight), False)
        assert isinstance(value, Name)
        meant = str(self.names._by(self.names.loss_of(value.id, ""), value.id))
        return tokenized(meant, 0, len(meant), math=False), len(weight) + 1

    def subject_of(self, verb: str, tokens: Sequence[Token]) -> tuple[list[Token], int]:
        """The name of what the words before a verb mean, and how many these words are.

        "The delta of output neuron 1 is"; "that of" repeats the noun; "and gives" behind z3 = 1.1
        is of what this unit puts out.
        """
        said = [*takewhile(_is_worded, reversed(tokens))][::-1]
        text = " ".join(t.text.casefold() for t in said if t.kind != "sign")
        its = ITS.intersection(text.split())
        before = self._unit_told(tokens[: -len(said)]) if said and (its or text in AND) else None
        if verb in GIVING:
            unit = before or described_unit(text, self.names)  # hidden unit 1 outputs 0.6
            meant = self.names.network.activations[unit.name] if unit else None
        else:
            if said and (that := THAT_OF.match(text)):
                nouns = NOUN_OF.findall(self.document.work, said[0].start - 120, said[0].start)
                text = f"{nouns[-1]} of {text[that.end() :]}" if nouns else text
            told = len(said) > 1 or (said and (self.names.below or ASIAN.match(text)))
            with self.names.numbered(before.name if before else self.names.below):
                meant = described(text, self.names) if told and (before or not its) else None
        if meant and meant.rstrip("'") == self.names.loss and ERROR_WORDS & {*text.split()}:
            meant = meant.replace(self.names.loss, "error")  # which may be a difference, too
        return (tokenized(meant, 0, len(meant), math=False) if meant else []), len(said)

    def _unit_told(self, tokens: Sequence[Token]) -> Unit | None:
        """The unit whose weighted sum or activation the end of some tokens gives a number."""
        sides = sides_of(trimmed(tokens)[-12:])
        name = self._stretch(sides[-2][1]) if len(sides) > 1 else []
        if not name or not written_plainly(sides[-1][1]) or not self._is_left(name):
            return None
        value, acts = self.left_side(name, False), self.names.network.activations
        of = value.id if isinstance(value, Name) else ""
        units = self.names.network.units
        return next((u for u in units if of in (u.pre_activation, acts[u.name])), None)

    def _stretch(self, tokens: Sequence[Token]) -> list[Token]:
        """What stands at the end of some tokens behind the last word or stop."""
        kept = [*tokens[:-1]] if tokens and tokens[-1].kind == "stop" else [*tokens]
        start = len(kept)
        while start and kept[start - 1].kind not in (*BREAKS, "comma", *RELATIONS):
            ended = kept[start - 1].kind == "dot" and not kept[start - 1].spaced
            if ended and kept[start : start + 1] and kept[start].spaced:
                break  # of a sentence
            start -= 1
        return kept[start:]

    def with_sample(self, tokens: list[Token]) -> list[Token]:
        """The tokens of the loss of sample 2 as those of loss[2]."""
        found = [*tokens]
        for at in reversed(range(1, len(tokens) - 2)):
            of, noun, number = tokens[at : at + 3]
            said = of.text.casefold() in OF_ALONE and noun.text.casefold() in SAMPLE_NOUNS
            name = self._stretch(tokens[:at]) if said and number.text.isdecimal() else []
            if name and lone_symbol(name, self.names, False) and name[-1].kind == "word":
                opens = of._replace(kind="open", text="[", spaced=False)
                closes = number._replace(kind="close", text="]", spaced=False)
                found[at : at + 3] = [opens, number._replace(spaced=False), closes]
        return found

    def with_breaks(self, tokens: list[Token]) -> list[Token]:
        """The tokens with a stop between statements that have only a blank between them.

        Of two, z1 = 0.5 h1 = 0.25, it must be sure from the figures that no product is meant. So
        must it be where a dot ends the first one: z1 = 0.5. h1 = 0.25.
        """
        dots = {
            at + 1
            for at, (one, dot, two) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False))
            if one.kind == "number" and (dot.kind, dot.spaced, two.spaced) == ("dot", False, True)
            and two.kind in ("word", "differential")
        }  # fmt: skip
        if dots:
            dots |= {len(tokens) - 1} if tokens[-1].kind == "dot" else set()
            bare = [t for at, t in enumerate(tokens) if at not in dots]
            parted = self.with_breaks(bare)
            return parted if len(parted) > len(bare) else tokens
        places = [
            at + 1
            for at, (one, two) in enumerate(pairwise(tokens))
            if one.kind == "number" and two.kind in ("word", "differential") and two.spaced
            and tokens[at - 1].kind != "low"
            and (end := self._name_at(tokens, at + 1)) > at + 1
            and self._is_related([*tokens[end : end + 2]])
        ]  # fmt: skip
        ends = [*places, len(tokens)]
        names = ["".join(t.text for t in cut_off(tokens[at:])[0][1]) for at in places]
        if len({*names}) < len(names):
            return tokens  # one of them may be a copy
        for start, stop in zip([0, *places], ends, strict=True):
            sides = cut_off(tokens[start:stop])
            if not places or len(sides) < 2 or not written_plainly(sides[-1][1]):
                return tokens
        if len(places) == 1 and not self.is_no_product(tokens, places[0]):
            return tokens
        found = [*tokens]
        for at in reversed(places):
            found.insert(at, Token("stop", "", found[at].start, found[at].start))
        return found

    def _is_related(self, behind: Sequence[Token]) -> bool:
        """True if a sign of equality stands behind a name, or behind the star of a new one."""
        marked = len(behind) > 1 and behind[0].text in ("*", "+")
        return bool(behind) and behind[marked].kind in RELATIONS

    def is_no_product(self, tokens: Sequence[Token], at: int) -> bool:
        """True if a number ends one statement by the figures, and the name behind begins another.

        In w1* = 0.4 - 0.02 = 0.38 b1* = 0.1 their product is neither what stands before nor behind.
        """
        (_, first), *before = cut_off(tokens[:at])
        (_, name), *after = cut_off(tokens[at:])
        value = self.left_side(name, False) if self._is_left(name) else None
        each = value.id if isinstance(value, Name) else ""
        ways = self.figures.ways(each, f"{each}'")
        number = float(written_plainly(before[-1][1]))
        left, right = (
            [way for _, side in sides if (way := self._amount(trimmed(side), False)) is not None]
            for sides in (before[:-1], after)
        )
        left += self.ways(first, False)
        product = any(near(number * way, told) for way in ways for told in (*left, *right))
        told = any(near(number, each) for each in left) or any(
            near(way, each) for way in ways for each in right
        )
        told |= name[-1].text in ("*", "+") or (len(right) > 1 and near(right[0], right[-1]))
        return bool(ways) and told and not product

    def with_pairs(self, tokens: list[Token]) -> list[Token]:
        """The tokens of a line of names and numbers, z1 0.8, with an equals sign in each pair.

        Other lines of the sheet must be such, or the figures bear it out.
        """
        found: list[Token] = []
        name: list[Token] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            number = number_at(tokens[at : at + 2]) if name and token.spaced else ()
            if number:
                tight = not (token.kind == "sign" and number[-1].spaced)
                if not (tight and "." in number[-1].text and self.is_pair(name, number)):
                    return tokens
                stop = [Token("stop", "", name[0].start, name[0].start)] if found else []
                found += [*stop, *equated(name, number)]
                at, name = at + len(number), []
            elif (token.kind, token.text) == ("stop", "") and (self.paired if name else found):
                at += 1
            elif token.kind in ("text", "stop", "comma", "colon", *RELATIONS) or (
                token.kind == "number" and not name
            ):
                return tokens
            else:
                name.append(token)
                at += 1
        return found if found and not name else tokens

    def is_pair(self, name: Sequence[Token], number: Sequence[Token]) -> bool:
        """True if a number is surely said of the name before it."""
        value = self.left_side(name, False) if self._is_left(name) else None
        if not isinstance(value, Name) or self.paired:
            return isinstance(value, Name)
        ways = self.figures.ways(value.id, f"{value.id}'")
        return any(near(way, float(written_plainly(number))) for way in ways)

    def with_roles(self, tokens: list[Token]) -> list[Token]:
        """The tokens of w5: gradient -0.2, new value 0.7 as a statement for each number.

        Of a unit it says what goes in and comes out: Hidden unit 1 has net 0.3 and out 0.57.
        """
        signs = (n for n, t in enumerate(tokens) if t.kind == "colon" or t.text in HAVING)
        place = next(signs, 0)
        name, found = tokens[:place], list[Token]()
        known = place and self._is_left(name)
        title = "" if known else " ".join(t.text for t in name)
        titled = bool(title) and described_unit(title, self.names) is not None
        rest = [t._replace(kind="comma") if t.text in AND_WORDS else t for t in tokens[place + 1 :]]
        pieces = [*filter(None, split(rest, ("comma", "semicolon")))] if known or titled else []
        for piece in pieces:
            words = [*takewhile(lambda t: t.kind in ("text", "word", "stop"), piece)]
            number = trimmed([*dropwhile(lambda t: t.kind in RELATIONS, piece[len(words) :])])
            said = [t.text for t in words if t.text and t.text not in OF_ALONE]
            role = saying(said)
            meant = described(f"{title} {' '.join(said)}", self.names) if titled else None
            figure = written_plainly(number)
            if known and figure and OLD & {*said} and self.is_old(name, figure):
                continue
            if not (meant or role in ("gradient", "new")) or not figure:
                return tokens
            named = tokenized(meant, 0, len(meant), math=False) if meant else name
            found += told(named, number, "" if meant else role)
        return found or tokens

    def with_listed(self, tokens: list[Token]) -> list[Token]:
        """The tokens of new weights: w5 0.36, w6 0.41 with an equals sign in each pair."""
        title = [*takewhile(lambda t: t.kind == "text", tokens)]
        if [t.kind for t in tokens[len(title) : len(title) + 1]] != ["colon"]:
            return tokens
        pieces = [*map(trimmed, split(tokens[len(title) + 1 :], ("comma", "semicolon")))]
        role, found = saying([t.text for t in title]), list[Token]()
        for piece in pieces:
            number = number_at(piece[-2:]) or piece[-1:]
            name = piece[: -len(number)]
            apart = number and number[0].spaced and "." in number[-1].text
            sign = any(t.kind in STATING for t in piece)
            if sign or not (apart and written_plainly(number) and self._is_left(name)):
                return tokens
            found += told(name, number, role)
        return found if len(pieces) > 1 else tokens

    def with_calls(self, tokens: list[Token]) -> list[Token]:
        """The tokens of net(h1) and delta(o1) as net_h1 and delta_o1, of grad(w1) as grad w1."""
        found, at = list[Token](), 0
        while at < len(tokens):
            head, *call = tokens[at : at + 4]
            tight = [t.text for t in call[::2]] == ["(", ")"] and not call[0].spaced
            at += 1
            found.append(head)
            timed = not self.names.network.units and tight and call[1].text.isdecimal()  # h(2)
            if not tight or head.kind not in WORDS or not (timed or call[1].kind == "word"):
                continue
            word, inner = head.text, call[1].text
            short = (timed or len(word) < 3) and self.names.knows(Symbol(word))  # of a product
            known = short or word in FUNCTION_NAMES or word == "d"
            if not known and self.names.knows(Symbol(word, inner)):
                name = tokenized(f"{word}_{inner}", 0, len(f"{word}_{inner}"), math=False)
                found[-1:] = [t._replace(start=head.start, end=call[2].end) for t in name]
                found[-len(name)] = found[-len(name)]._replace(spaced=head.spaced)
                at += 3
            elif word.casefold() in GRADIENT and self._is_weight_name(call[1:2]):
                found.append(call[1]._replace(spaced=True))
                at += 3
        return found

    def with_changes(self, tokens: list[Token]) -> list[Token]:
        """The tokens with w: 0.5 -> 0.25 as its new value, and with *w = 0.25 as w* = 0.25.

        Behind an equals sign the number must be the old one.
        """
        found = [*tokens]
        arrows = [n for n, t in enumerate(tokens) if n and (t.text, t.kind) == ("->", "stop")]
        for at in reversed(arrows):
            back = takewhile(lambda t: t.kind in ("number", "sign"), reversed(tokens[:at]))
            number = [*back][::-1]
            first = at - len(number) - 1
            sign, name = tokens[first], self._stretch(tokens[: max(first, 0)])
            bold = [(t.kind, t.text) for t in tokens[at + 1 : at + 2]] == [("stop", "")]
            said = written_plainly(number) if number_at(tokens[at + 1 + bold :]) else ""
            if not said or sign.kind not in ("colon", "relation") or not self._is_left(name):
                continue
            if self._is_weight_name(name) and (sign.kind == "colon" or self.is_old(name, said)):
                found[first : at + 1 + bold] = [tokens[at]._replace(kind="assign", text=":=")]
        star = found[:1] and found[0].text == "*" and found[0].kind == "sign"
        name = [*takewhile(lambda t: t.kind not in RELATIONS, found[1:])] if star else []
        end = self.last.end if self.last else 0
        before = self.document.work[end : found[0].start] if star else ""
        apart = not self.last or re.search(r"[^\W\d_]{2}|\n\s*\n", before) or (
            [t.text for t in self.last.sides[0][1][-1:]] == ["*"]
        )  # fmt: skip
        if apart and len(name) < len(found) - 1 and self._is_weight_name(name):
            sign = found[0]._replace(start=name[-1].end, end=name[-1].end)
            return [*name, sign, *found[len(name) + 1 :]]
        return found

    def is_old(self, name: Sequence[Token], said: str) -> bool:
        """True if a number is what a weight is before the step."""
        value = self.left_side(trimmed(name), False)
        old = self.figures.own(value.id) if isinstance(value, Name) else None
        return old is not None and near(old, float(said))

    def is_after(self, name: Sequence[Token], said: str) -> bool:
        """True if a number is rather what a quantity is after the step: L is now 0.3."""
        value = self.left_side(trimmed(name), False)
        if not isinstance(value, Name):
            return False
        here, later = self.figures.stated(value.id), self.figures.own(f"{value.id}'")
        if here is None or later is None:
            return False
        return abs(float(said) - later) < abs(float(said) - here)

    def with_arrow(self, tokens: list[Token]) -> list[Token]:
        """The tokens with an arrow from a name to its value as a sign: z0 -> 0.5, w5 -> 0.4 - 0.1.

        A name other than a weight's must be alone with a number, since a -> b may be a mapping.
        """
        tokens, blanks = self.with_results(tokens), set[int]()
        found = [*tokens]
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

    def with_results(self, tokens: list[Token]) -> list[Token]:
        """The tokens with an arrow from a formula, which a name has, to its number as a sign."""
        found, start = [*tokens], 0
        for at, token in enumerate(tokens):
            if token.kind not in ("stop", "semicolon", "row"):
                continue
            before, start = tokens[start:at], at + 1
            number = number_at(tokens[start:]) if token.text == "->" else ()
            after = tokens[start + len(number) :][:1]
            if not number or any(t.kind not in (*BREAKS, "comma") for t in after):
                continue
            sign = next((n for n, t in enumerate(before) if t.kind in STATING), len(before))
            name = [*takewhile(lambda t: t.kind != "open", before[:sign])]
            formula = before[sign + 1 :]
            stated = bool(formula) and not written_plainly(formula)
            if self._is_left(name) and (stated or (not formula and not self._is_weight_name(name))):
                found[at] = token._replace(kind="relation", text="=")
        return found

    def _name_at(self, tokens: Sequence[Token], at: int) -> int:
        """Where the name that begins at a place ends; the place itself where it is a word."""
        word = tokens[at].text
        slope = tokens[at].kind == "differential" or (
            word[0] == "d" and [t.text for t in tokens[at + 1 : at + 2]] == ["/"]
        )
        if slope and any(t.kind in RELATIONS for t in tokens[at : at + 9]):
            name = [*takewhile(lambda t: t.kind not in (*BREAKS, *RELATIONS), tokens[at:])]
            if tokens[at].kind == "differential" or self._is_left(name):
                return at + len(name) * self._is_left(name)
        after = tokens[at + 1] if at + 1 < len(tokens) else Token("word", "", 0, 0, True)
        worded = word.isalpha() and len(word) > 2
        if worded and after.kind == "word" and after.text.casefold() not in NEW:
            letter = COMMANDS.get(word, ("",))[0] == "word"
            return at + (letter or self.names.knows(Symbol(word)))
        said = word.casefold() in LEAD_INS | BY_ALONE and len(word) > 1 and after.spaced
        begun = after.kind in ("word", "differential", "accent", "fraction")
        if said and begun and word not in self.names.vocabulary.tiers[0]:
            return at  # so h1 = 0.5, where s_o might be a sum
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
        below = word[0] == "d" and at > 1 and tokens[at - 1].text == "/"
        above = any(each.text.startswith("d") for each in tokens[max(at - 5, 0) : at - 1])
        whole = word[1:] in self.names.vocabulary.whole or self.names.sampled(word[1:])
        if below and above and whole:  # dE/dw, dL[1]/dyhat
            return end
        stated = end < len(tokens) and tokens[end].kind in RELATIONS
        if stated and self.names.knows(Symbol(undamaged(word))):  # hZ = 0.5
            return end
        letter = len(word) == 1 or COMMANDS.get(word, ("",))[0] == "word"
        if letter or symbol.low or symbol.layer or any(map(str.isdigit, word)):
            return end
        return at

    def line(self, item: Item, saying_so: str = "") -> None:
        """The statements of a line or a display; `saying_so`: what words behind it say of them."""
        tokens = self.tokens(item.spans)
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
        if self.coded:
            if self.is_shown(tokens, item):
                return
            products = "@" in [t.text for t in tokens]  # of matrices, with their figures elsewhere
            if products or PRINTS.search(
                self.document.work, item.spans[0].start, item.spans[-1].end
            ):  # fmt: skip
                self.finish()
                return
            tokens = with_steps(with_comments(without_call_names(tokens)))
        if item.kind != "math":
            tokens = without_data(tokens) if any(t.kind == "dot" for t in tokens) else tokens
            tokens = self.with_slashes(self.without_ornaments(tokens))
        ends = [(t.kind, t.text.isdecimal()) for t in tokens[-2:]]
        breaks_off = ends == [("number", True), ("comma", False)] and self.document.comma == ","
        kinds, texts = {t.kind for t in tokens}, {t.text for t in tokens}  # most lines are plain
        tokens = with_lists(tokens) if "[" in texts else tokens
        tokens = self.with_calls(tokens) if "(" in texts and item.kind != "code" else tokens
        tokens = column_by_column(tokens) if kinds >= {"row", "cell"} else tokens
        tokens = with_gaps(tokens) if kinds & {"stop", "assign", "cell"} else tokens
        tokens = without_same(tokens) if "text" in kinds else tokens
        tokens = with_rows(tokens) if texts & {"cases", "matrix"} else tokens
        changes = "->" in texts or [t.text for t in tokens[:1]] == ["*"]
        tokens = self.with_changes(tokens) if changes else tokens
        if "text" in kinds and ("colon" in kinds or texts & HAVING):
            tokens = self.with_roles(tokens)
        added = next((a for a, b in pairwise(tokens) if b.kind in RELATIONS), None)
        if added and not self.coded and added.text in ("+", "-") and added.spaced:
            tokens = with_steps(tokens)  # w5 += -0.04; but w5+= 0.36 is a new one
        if item.kind != "math":
            tokens = self.with_time(tokens) if "text" in kinds or texts & NEW else tokens
            tokens = self.with_sample(tokens) if texts & SAMPLE_NOUNS else tokens
            tokens = self.with_described(self.with_title(tokens)) if kinds & {*STATING} else tokens
            tokens = self.with_pairs(self.with_listed(tokens))
            tokens = self.with_breaks(tokens)
            if "text" in kinds:
                tokens = self.with_phrases(self.with_for(tokens))
                tokens = self.with_verbs(self.with_several(tokens))
        tokens = self.with_turned(tokens)
        tokens = self.with_arrow(tokens) if "->" in texts else tokens
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
        for number, chunk in enumerate(chunks):
            heard += chunk.lead
            words = self.supposing(" ".join(chunk.lead))
            words |= {t.text.casefold() for t in chunk.tokens if t.kind == "word"} & SUPPOSING
            labelled = self.names.sample and LABELLED.match(self.document.work, item.start)
            told = words & THIS or labelled
            supposed = SUPPOSED - EXAMPLES if told else SUPPOSED
            supposed = supposed - FALLS if words & {"to", "from"} else supposed
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
            self.chunk(chunk, math, first=not number, item=item, worded=worded)
            above = chunks[number - 1].tokens if number and chunk.sep == "cell" else ()
            if self.last and self._is_left(above):
                self.last.broken = "two names stand before one equals sign"
            if torn and self.last and not number:
                self.last.broken = TORN
            plain = not (math or (chunk.tokens and in_math(item, chunk.tokens)))
            plain = plain and any(t.kind not in PUNCTUATION for t in chunk.tokens)
            if self.last and plain and worded:
                self.last.worded = True
        spoken = [word.casefold() for text in heard for word in re.findall(r"\w+", text)]
        if {*spoken[-1:]} & EXAMPLES and not {*spoken} & (SUPPOSED - EXAMPLES):
            self.supposed = False  # a line that ends with "for example" supposes nothing below it
        if WHETHER.search(" ".join(spoken)) and {*spoken}.isdisjoint(SUPPOSED - CONDITIONS):
            self.supposed &= spoken[-1] in LEAD_INS | OF_ALONE
        if self.last and breaks_off and item.kind == "line":
            self.last.broken = "the number breaks off behind its comma"
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
            self.hear(spoken + (self.words(item.spans) if not math else []))

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

    def is_shown(self, tokens: Sequence[Token], item: Item) -> bool:
        """Read numbers that a cell of a notebook shows, if it prints as many names."""
        text = self.document.work[item.start : item.spans[-1].end]
        place = self.document.within(item.start)
        if place.partition(",")[0] != self.cell:
            self.cell, self.prints, self.ends_with = place.partition(",")[0], [], ""
        if ", output" not in place:
            named, printing = NAMES.fullmatch(text), "print" in text
            self.looped |= LOOPS.match(text) is not None
            self.ends_with = named["names"] if named and not printing else ""
            self.prints += [named["names"] if named else ""] * printing
            return False
        names = re.findall(r"[\w.]+", self.prints.pop(0) if self.prints else self.ends_with)
        lefts = [tokenized(name, 0, len(name), math=False) for name in names]
        numbers, at = list[Sequence[Token]](), 0
        while at < len(tokens):
            if number := number_at(tokens[at:]):
                numbers.append(number)
            elif tokens[at].kind not in ("comma", "open", "close", "stop"):
                return False
            at += len(number) or 1
        if self.looped or len(names) != len(numbers) or not all(map(self._is_left, lefts)):
            return False
        for left, number in zip(lefts, numbers, strict=True):
            value = self.left_side(left, False)
            name = value.id if isinstance(value, Name) else ""
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
        tried = [
            (m, self.result_called(m["name"]))
            for at in places
            if (m := BOTH_PASSES.match(line, at))
        ]
        found, quantity = next((each for each in tried if each[1]), (None, ""))
        supposed = SUPPOSED.intersection(re.findall(r"\b(?!falls from)\w+", line.casefold()))
        if not found or supposed or SEVERAL.search(line) or len(self.names.network.samples) > 1:
            return False
        first, second = (key for key in found.re.groupindex if found[key] and key in FIGURES)
        said, after = (found[key].replace(",", ".") for key in (first, second))
        ways = (self.figures.own(quantity), self.figures.right(quantity))
        borne = any(way is not None and near(way, float(said)) for way in ways)
        rounds = abs(float(said) - float(after)) < 0.51 * 10.0 ** -len(after.partition(".")[2])
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
            name = tokenized(named, 0, len(named), math=False)
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
        name = tokenized(word, 0, len(word), math=False)
        value = self.left_side(name, False) if self._is_left(name) else None
        known = isinstance(value, Name) and value.id in (*self.names.forward, *self.names.weights)
        return value.id if isinstance(value, Name) and known else ""

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

    def stops_behind_sign(self, tokens: Sequence[Token]) -> bool:
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

    def chunk(self, chunk: Chunk, math: bool, *, first: bool, item: Item, worded: bool) -> None:
        """One stretch between signs that part statements; `worded`: words follow it."""
        tokens = chunk.tokens
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
        if tokens[0].kind in RELATIONS and tokens[0].text != ":=":
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
            torn = torn or not (sure or written_plainly(side))  # it goes on behind a gap
        if self.last and not first and chunk.sep != "text" and (torn or not begins(tokens)):
            self.last.broken = GOES_ON
        below = first and len(chunk.lead) > MOST_IF  # a sentence of its own
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
        if says_later(chunk.clause.split()):
            lead = (f"{chunk.clause},", *lead)  # after one step, w = 0.25
        if lead and len(pieces) > 1 and len(number_at(pieces[0])) == len(pieces[0]):
            pieces, lead = pieces[1:], ()  # with a rate of 0.1, a becomes 1.8
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
                if (
                    number
                    and self.last
                    and (piece[0].kind == "relation" or not self._named(piece, math))
                ):
                    self.last.broken = GOES_ON
                self.finish()
                self.start(list(piece), math or in_math(item, piece), lead if not number else ())
                if self.last:
                    self.last.weak |= self.partly or bool(self.supposing(chunk.clause) & SUPPOSED)
        if apart:
            self.finish()

    def unpacked(self, pieces: list[Sequence[Token]], worded: bool) -> list[Sequence[Token]]:
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

    def listed(self, pieces: list[Sequence[Token]]) -> list[Sequence[Token]]:
        """The pieces of a = 0.68, -0.64 as those of a = (0.68, -0.64), where a is such a vector."""
        (_, name), *sides = sides_of(pieces[0])
        values = [side for _, side in sides] + pieces[1:]
        apart = all(each and each[0].spaced for each in values[1:])  # and no comma in a number
        several = len(sides) == 1 < len(values) and apart and all(map(written_plainly, values))
        whole = several and self._is_vector(name, len(values))
        return [equated(name, in_brackets(values))] if whole else pieces

    def ranged(self, pieces: list[Sequence[Token]]) -> list[Sequence[Token]]:
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
        names: list[Sequence[Token]] = [
            [*first[:place], counted._replace(text=f"{head}{number}"), *first[place + 1 :]]
            for number in numbers
        ]
        return [*names[:-1], [*names[-1], *equated((), values[0])], *values[1:]]

    def _named(self, tokens: Sequence[Token], math: bool) -> bool:
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
        self.line_said = saying(words) or ("" if {*words} & EARLIER else self.line_said)
        chain = Chain(sides_of(tokens), math, self.line_said or self.said, lead)
        chain.newly, chain.coded = self.line_said == "new", self.coded
        chain.titled = first is not None and first.kind == "colon" and len(tokens) == labelled
        if signs > 1 and ("=", "=") in pairwise(token.text for token in tokens):
            chain.broken = "two equals signs stand side by side: is something missing?"
        if self.supposed:
            chain.broken = "the words before it may only assume this, not state it"
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
            if len(noun) < len(said) and {*noun[:1]} & NOUNS["loss"]:  # the error at the output
                chain.broken = f"it is not clear what {' '.join(words)!r} says of it"
            word = f"pre{word}" if PRE.search(before) else word
            chain.noun = next((kind for kind, nouns in NOUNS.items() if word in nouns), "")
            chain.noun = "" if ends in ":," else chain.noun  # a title, or a clause
            known = chain.slope or chain.by or chain.noun or self.line_said == "new"
            known = known or word in LEAD_INS | AGAIN | OLD
            known = known or (word in SETTING and any(t.kind == "assign" for t in tokens))
            known = known or (word in OVERALL and tokens[0].text in SPELLINGS["loss"].split())
            if not known and ends != ":":
                left = chain.sides[0][1]
                chain.weak = not self._is_left(left) or not self._is_weight_name(left)
                chain.broken = "" if chain.weak else f"it is not clear what {word!r} says of it"
        self.last = chain

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
            return chunk.sep != "text"
        return not chunk.lead and not GLUE.sub("", between)

    def hear(self, words: Sequence[str], *, heading: bool = False) -> None:
        """Take in what words say of the statements after them: a heading, or a short line."""
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


def spaced(text: str) -> str:
    """Words with blanks around their equals sign: t = 2."""
    return re.sub(r" ?= ?", " = ", text)


def told(name: Sequence[Token], number: Sequence[Token], role: str) -> list[Token]:
    """A statement of its own, of the new value or of the gradient where a word said so."""
    at = number[0].start
    before = [Token("text", role, at, at)] if role == "gradient" else []
    behind = [Token("prime", "'", at, at)] if role == "new" else []
    return [Token("stop", "", at, at), *before, *equated([*name, *behind], number)]


def in_brackets(values: Sequence[Sequence[Token]]) -> list[Token]:
    """Numbers as the elements of one vector."""
    first, last = values[0][0].start, values[-1][-1].end
    inner = [t for value in values for t in (*value, Token("comma", ",", last, last))]
    return [Token("open", "(", first, first), *inner[:-1], Token("close", ")", last, last)]


def listing(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The parts of a list whose last ones have "and" between them; none if there is no such."""
    joints = [t.kind in ("text", "and") and t.text.casefold() in AND_WORDS for t in tokens]
    parts = split([t._replace(kind="comma") if joint else t
                   for t, joint in zip(tokens, joints, strict=True)], ("comma",))  # fmt: skip
    return [*filter(None, parts)] if any(joints) else []


def _is_said(token: Token) -> bool:
    """True for a word that says when, and for a number among such words: after 1 step."""
    worded = token.kind == "text" and token.text.casefold() not in VERBS
    return worded or token.text.casefold() in NEW or token.text.isdecimal()


def _is_worded(token: Token) -> bool:
    """True for a word, a number that counts something, and the hyphen of pre-activation."""
    hyphen = token.text == "-" and not token.spaced
    return token.kind in WORDS or token.text.isdecimal() or hyphen
