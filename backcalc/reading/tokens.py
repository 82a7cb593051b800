r"""A stretch of LaTeX or of plain text as tokens; own macros are expanded within a bound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias

from backcalc.errors.patterns import regex
from backcalc.formulas.notation import GREEK
from backcalc.reading.signs import (
    CHOICES,
    COMMANDS,
    DROPPED,
    LABELLED,
    LAYOUT,
    LOWERED,
    MATRICES,
    PROSE,
    RAISED,
    UNICODE,
)

FILLER = "\N{WORD JOINER}"  # stands for nothing, where a sign was longer
MAX_EXPANDED = 20_000  # characters that the macros of one document may grow to
MAX_NESTED = 12  # macros inside macros, groups that are looked into
MAX_GROUP = 20_000  # characters between braces
LONGEST_NUMBER = 200  # characters of one number; fractions on a key have up to 200 digits


class Token(NamedTuple):
    """One word or sign, and where it starts and ends in the document."""

    kind: str
    """What kind it is: number, word, sign, relation, open, close, stop, text, unknown, ..."""
    text: str
    """What it means, in the signs of formulas."""
    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last one."""
    spaced: bool = False
    """Whether there is a blank before it."""


Tokens: TypeAlias = Sequence[Token]
"""Tokens side by side."""
token = partial(tuple.__new__, Token)
"""A token from the values of its fields, which is made faster so."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A command that the document defines."""

    arguments: int
    """How many arguments it takes."""
    body: str
    """What it stands for, with #1 for the first argument."""

    def called(self, text: str, end: int) -> tuple[str, int]:
        """What it stands for with the arguments that begin at a place, and where they end."""
        given = [""]
        for _ in range(self.arguments):
            inner, end = argument(text, end)
            given.append(inner)
        return re.sub(r"#([1-9])", lambda m: [*given, *"?" * 9][int(m[1])], self.body), end


@dataclass(slots=True)
class Macros:
    """The commands that a document defines, and how much they may still grow."""

    rows: dict[str, Macro]
    """By name, without the backslash."""
    left: int = MAX_EXPANDED
    """How many characters may still come out of them."""


VOWEL_SIGNS = "".join(
    f"{chr(at)}-{chr(at + 3)}{chr(at + 0x3A)}-{chr(at + 0x3B)}{chr(at + 0x3E)}-{chr(at + 0x4D)}"
    for at in range(0x900, 0xE00, 0x80)
)
"""What stands around the letters of a word in the scripts of India, as ranges of characters."""
SCAN = regex(
    r"\s*(?:\\(?P<command>(?:operatorname|[hv]space|tag|(?:sub)*section|paragraph)\*"
    r"|[A-Za-z]+|[^A-Za-z])"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+(?!\w|\.\d))?|\.\d+(?:[eE][+-]?\d+(?!\w|\.\d))?)"
    rf"|(?P<word>[^\W\d_](?:[^\W_]|[{VOWEL_SIGNS}])*)"
    r"|(?P<joint>\{,\})"
    r"|(?P<digits>\.\.+)"
    r"|(?P<stop>={1,2}>|-{1,2}>|⇒)"
    r"|(?P<assign>:=|<-(?!\s?[\d.])|<--|(?<=\s)<-(?=\s))"
    r"|(?P<compare>[<>!]=|==|[<>])"
    r"|(?P<relation>=)|(?P<about>~=|[≈~])"
    r"|(?P<power>\*\*)"
    r"|(?P<sign>[-+*/·@])|(?P<root>√)"
    r"|(?P<other>.)|(?P<space>\Z))",
    re.DOTALL,
)
OTHERS = {"_": "low", "^": "power", "{": "open", "(": "open", "[": "open", "}": "close",
          ")": "close", "]": "close", "|": "bar", ",": "comma", ";": "semicolon", "&": "cell",
          ":": "colon", ".": "dot", "'": "prime", "∂": "differential", "%": "percent"}  # fmt: skip
PLAIN = {"number", "joint", "digits", "stop", "compare", "relation", "sign", "root",
         *OTHERS.values()} - {"power"}  # fmt: skip
"""Kinds that mean what stands there."""
SIMPLE = {
    f"\\{name}": row for name, row in COMMANDS.items()
    if row[0] not in ("text", "space", "wrap") and name not in DROPPED.keys() | LABELLED.keys()
}  # fmt: skip
"""The LaTeX commands that are one token, whatever stands behind them."""
POSTFIX_HAT = regex(r"(?<!\be)\^(?!\s*\{)(?=\s*(?:[=≈~),;:/|*·\s]|$|-(?!\s*[\d({])))")
INDEXED = regex(r"[ho]?\d")
TILDE = "\N{COMBINING TILDE}"
HATTED = regex(r"([^\W\d_])\s?\N{COMBINING CIRCUMFLEX ACCENT}")
MARKED = regex(r"(?<![A-Za-z])(?:([A-Za-z])([\u0303-\u0305])|([āēōūȳḡ]))(?![A-Za-z])")
"""A letter alone with a bar or tilde above it."""
VULGAR = regex(r"(?<!\d)(?<!\d\s)[\u00bc-\u00be\u2150-\u215e]")
MIXED = regex(r"(?<![\w.,])(\d{1,3})([\u00bc-\u00be\u2150-\u215e])(?![\w\u2150-\u215e])")
"""A whole number with a fraction in one sign right behind it."""
GREEK_NAMES = {
    char: name.split()[-1].lower()
    for char, name in ((chr(code), unicodedata.name(chr(code), "")) for code in range(0x3B1, 0x3CA))
    if name.split()[-1].lower() in GREEK
} | {"Δ": "Delta", "ϕ": "phi", "ϵ": "epsilon", "ϑ": "theta"}
GREEK_WORD = regex(r"[\u0370-\u03ff\u1f00-\u1fff]{2,}")
IDEOGRAPHS = regex(
    r"(?P<words>[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]*?)(?P<verb>等于|为|是|は|が|은|는)"
    r"(?=[ ]?[-−]?\d+\.)|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?=[A-Za-z\u0370-\u03ff∂])"
)
"""Words of Chinese, Japanese or Korean right before a name, or with a verb before a number."""
SHORT_WORD = 3  # letters; so many may each stand for a quantity
ROW_GAP = regex(r"\*?\s*(?:\[[^\]\n]{0,12}(?:em|ex|pt|mm|cm)\])?")
OVERLAY = regex(r"<\d[\d,-]*>(?=\{)")
"""The slides on which a command of beamer shows what follows."""
ENVIRONMENT = regex(r"\s*\{\s*([A-Za-z]+)\*?\s*\}")
OPTION = regex(r"[ \t]*\[[^][\n]*\]")
"""How a list of LaTeX is to be numbered."""
SCRIPTS = regex(f"([{''.join(LOWERED)}]+)|([{''.join(RAISED)}]+)")


def translated(text: str) -> tuple[str, list[int]]:
    """The text in the signs of a keyboard, and for each of its characters the offset before it."""
    if text.isascii():
        return text, []
    written: list[str] = []
    origin: list[int] = []
    at = 0
    while at < len(text):
        hat, mark = HATTED.match(text, at), MARKED.match(text, at)
        script = None if hat or mark else SCRIPTS.match(text, at)
        mixed, word = MIXED.match(text, at), GREEK_WORD.match(text, at)
        if ideographs := IDEOGRAPHS.match(text, at):
            parted = " ".join(filter(None, ideographs.groups())) or ideographs[0]
            new, end = f" {parted} ", ideographs.end()
        elif word and (len(word[0]) > SHORT_WORD or not {*word[0]} <= GREEK_NAMES.keys()):
            new, end = word[0], word.end()
        elif mixed:
            part = unicodedata.normalize("NFKC", mixed[2]).replace("⁄", "/")
            new, end = f"({mixed[1]}+{part})", mixed.end()
        elif mark:
            letter, end = mark[1] or unicodedata.normalize("NFD", mark[3])[0], mark.end()
            low = "_" if INDEXED.match(text, end) else ""
            new = f"\\{'tilde' if mark[2] == TILDE else 'bar'}{{{letter}}}{low}"
        elif hat:
            new, end = unicodedata.normalize("NFKC", hat[1]) + "hat", hat.end()
        elif script and (script[1] or text[at] not in UNICODE):
            rows = LOWERED if script[1] else RAISED
            new = "".join(rows[char] for char in script[0])
            new, end = f"{'_' if script[1] else '^'}{{{new}}}", script.end()
        else:
            new, end = _typed(text, at), at + 1
        written.append(new)
        origin += [at] * len(new)
        at = end
    return "".join(written), [*origin, len(text)]


def _typed(text: str, at: int) -> str:
    """One character as it is typed."""
    char = text[at]
    if char in UNICODE:
        return UNICODE[char]
    if char.isascii():
        return char
    if VULGAR.match(text, at):
        return f"({unicodedata.normalize('NFKC', char)})".replace("⁄", "/")
    plain = unicodedata.normalize("NFKC", char)
    if plain in GREEK_NAMES:
        low = "_" if INDEXED.match(text, at + 1) else ""
        return f"\\{GREEK_NAMES[plain]} {low}"
    decomposed = unicodedata.normalize("NFD", plain)
    if len(decomposed) == 2 and decomposed[1] == "\N{COMBINING CIRCUMFLEX ACCENT}":
        within = text[at - 1 : at].strip("d").isalpha() or text[at + 1 : at + 3].isalpha()
        hatted = decomposed[0] in "yY" or (decomposed[0] in "aoLh" and not within)
        return f"{decomposed[0]}hat" if hatted else plain  # but a letter of neurônio
    if len(plain) == 1 and (plain.isalpha() or plain.isdecimal() or plain in UNICODE):
        return UNICODE.get(plain, plain)
    return char if unicodedata.category(char)[0] in "LMNPSZ" else " "


def tokenized(
    text: str, start: int, end: int, *, math: bool, macros: Macros | None = None, comma: str = ""
) -> list[Token]:
    """The tokens of a stretch of a document.

    In `math` blanks mean nothing, as in TeX; in plain text two blanks part statements. `comma` is
    "," where the document writes 0,5 for a half.
    """
    piece = text[start:end]
    found = list(_Scanner(math, macros or Macros({})).tokens(piece, 0, start))
    return _with_numbers(found, math, comma)


def tokens_of(text: str, *, math: bool = False) -> list[Token]:
    """The tokens of a text that stands in no document, such as a quantity's name."""
    return tokenized(text, 0, len(text), math=math)


class _Scanner:
    """Reads tokens off a text; macros are read by scanners of their own."""

    def __init__(self, math: bool, macros: Macros) -> None:
        self.math = math
        self.macros = macros

    def tokens(self, source: str, depth: int, base: int = 0) -> Iterator[Token]:
        """The tokens of a text, with offsets into it, counted from `base`."""
        work, origin = translated(source)
        before, size, spaced = 0, len(work), False
        place = [base + each for each in origin] or range(base, base + size + 1)
        while before < size and (match := SCAN.match(work, before)):
            kind, end = match.lastgroup or "", match.end()
            at = match.start(kind) - (kind == "command")
            word = work[at:end]
            if at > before:
                spaced = True
                if not self.math and work[before:at] != " ":
                    blank = source[place[before] - base : place[at] - base].replace(FILLER, "")
                    if blank.isspace() and (len(blank) > 1 or blank == "\t"):
                        yield Token("stop", "", place[before], place[at], True)
            if kind == "other" and word != "^":
                kind = OTHERS.get(word, kind)
            if kind in PLAIN or (kind == "word" and word not in COMMANDS):
                word = "->" if word == "-->" else word
                yield token((kind, word, place[at], place[end], spaced))
                spaced, before = False, end
                continue
            if kind == "command" and word in SIMPLE and word[1:] not in self.macros.rows:
                kind, word = SIMPLE[word]
                yield token((kind, word, place[at], place[end], spaced))
                spaced, before = False, end
                continue
            if kind == "command":
                made, end = self.command(work, match, depth)
            else:
                made = [self.plain(work, at, kind, word)] if word else ()
            for each in made:
                yield token((each.kind, each.text, place[at], place[end], spaced))
                spaced = False
            before = end

    def plain(self, work: str, at: int, kind: str, word: str) -> Token:
        """A token that is no command."""
        if kind == "other":
            drawn = not (self.math or word.isascii()) and (
                unicodedata.category(word) in ("So", "Sk") or word in "\ufe0e\ufe0f"
            )
            kind = OTHERS.get(word, "text" if drawn else "unknown")
            if word == "^" and not self.math and POSTFIX_HAT.match(work, at):
                kind, word = "posthat", "hat"
        elif kind == "word" and word in COMMANDS and COMMANDS[word][0] == "word":
            word = COMMANDS[word][1]
        elif kind == "about":
            if word == "~" and self.math:
                return Token("space", "", 0, 0)
            kind, word = "relation", "≈"
        elif kind == "assign":
            word = ":="
        elif kind == "power":
            word = "^"
        return Token(kind, word, 0, 0)

    def command(self, work: str, match: re.Match[str], depth: int) -> tuple[Tokens, int]:
        """What a LaTeX command stands for, and where it ends."""
        name, end = match["command"], match.end()
        if name in self.macros.rows and name not in DROPPED:
            return self.expanded(work, name, end, depth)
        if name == "\\":
            skipped = ROW_GAP.match(work, end)
            return [Token("row", "", 0, 0)], skipped.end() if skipped else end
        if name in ("begin", "end"):
            return self.environment(work, name, end)
        if name in ("left", "right") and work[end : end + 1] == ".":
            return [], end + 1
        if name == "not":
            equals = regex(r"\s*=").match(work, end)
            if equals:
                return [Token("compare", "!=", 0, 0)], equals.end()
        if name in DROPPED:
            for _ in range(DROPPED[name]):
                end = _behind_argument(work, end)
            return [], end
        if name in ("stackrel", "overset", "underset"):
            inner, after = argument(work, _behind_argument(work, end))
            wedge = argument(work, end)[0].strip() in (r"\wedge", "^")
            if name != "underset" and wedge and inner.strip() != "=":
                letter = self.tokens(f"{{{inner}}}", depth + 1)
                return [Token("accent", "hat", 0, 0), *letter], after
            sign = list(self.tokens(inner, depth + 1)) if depth < MAX_NESTED else []
            if [each.kind for each in sign] == ["relation"]:
                return sign, after
        if name in ("SI", "qty"):
            inner, end = argument(work, end)
            return [*self.tokens(f"{{{inner}}}", depth + 1)], _behind_argument(work, end)
        if name in LABELLED and depth < MAX_NESTED:
            for _ in range(LABELLED[name]):
                end = _behind_argument(work, end)
            inner, end = argument(work, end)
            if _is_unclosed(work, inner, end):
                return [Token("unknown", "{", 0, 0)], end
            label = regex(r"\s*[_^]\s*(?=\{)").match(work, end)
            if label and name.endswith("brace"):
                end = _behind_argument(work, label.end())
            return [*self.tokens(f"{{{inner}}}", depth + 1)], end
        kind, text = COMMANDS.get(name, ("unknown", name))
        if name in ("_", "#", "&", "$"):
            kind = "low" if name == "_" else "unknown"
        if name.isspace():
            kind = "space"
        if kind == "text":
            inner, end = argument(work, end)
            unclosed = _is_unclosed(work, inner, end)
            return [Token("unknown", "{", 0, 0)] if unclosed else self.worded(inner), end
        if kind in ("space", "wrap"):
            shown = OVERLAY.match(work, end)
            return [], shown.end() if shown else end
        return [Token(kind, text, 0, 0)], end

    def worded(self, inner: str) -> list[Token]:
        r"""What \text{...} holds: one word is a name, several are prose."""
        plain = inner.replace("\\_", "_").replace("~", " ").strip(" ()[]:.")
        if not plain:
            return []
        if plain in ",;":
            return [Token("comma", ",", 0, 0)]
        if re.fullmatch(r"[^\W\d_]\w*\.?", plain):
            head, *rest = plain.rstrip(".").split("_")
            tokens = [Token("named", head, 0, 0)]
            for each in rest:
                tokens += [Token("low", "_", 0, 0), Token("word", each, 0, 0)]
            return tokens
        return [Token("text", plain, 0, 0)]

    def environment(self, work: str, name: str, end: int) -> tuple[Tokens, int]:
        """The start or the end of an environment."""
        match = ENVIRONMENT.match(work, end)
        if not match:
            return [Token("unknown", name, 0, 0)], end
        inner, end = match[1], match.end()
        if name == "begin" and inner in ("array", "alignat", "tabular", "IEEEeqnarray"):
            end = _behind_argument(work, end)
        if inner in LAYOUT:
            return ([Token("row", "", 0, 0)] if name == "end" else []), end
        found = "cases" if inner in CHOICES else "matrix" if inner in MATRICES else ""
        if inner in PROSE or not (found or self.math):
            option = OPTION.match(work, end)
            end = option.end() if option and name == "begin" else end
            return [Token("stop", "", 0, 0)], end
        if not found:
            return [Token("unknown", inner, 0, 0)], end
        return [Token("open" if name == "begin" else "close", found, 0, 0)], end

    def expanded(self, work: str, name: str, end: int, depth: int) -> tuple[list[Token], int]:
        """What a command of the document stands for."""
        body, end = self.macros.rows[name].called(work, end)
        self.macros.left -= len(body) + 1
        if self.macros.left < 0 or depth >= MAX_NESTED:
            return [Token("unknown", name, 0, 0)], end
        return [*self.tokens(body, depth + 1)], end


def argument(text: str, at: int) -> tuple[str, int]:
    """The argument of a command, without braces, and where it ends."""
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] != "{":
        match = regex(r"\\[A-Za-z]+|.", re.DOTALL).match(text, at)
        return (match[0], match.end()) if match else ("", at)
    level = 0
    for end in range(at, min(len(text), at + MAX_GROUP)):
        if text[end] in "{}" and text[end - 1 : end] != "\\":
            level += 1 if text[end] == "{" else -1
            if not level:
                return text[at + 1 : end], end + 1
    return "", len(text)


def _is_unclosed(text: str, inner: str, end: int) -> bool:
    """True if the brace of an argument is never closed, so that the rest of the text is in it."""
    return not inner and end == len(text) and not text.endswith("{}")


def _behind_argument(text: str, at: int) -> int:
    """Where an argument in braces ends, with options in square brackets before it."""
    option = regex(r"\s*\[[^\]]*\]").match(text, at)
    at = option.end() if option else at
    return argument(text, at)[1] if regex(r"\s*\{").match(text, at) else at


DEFINITION = regex(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*\{?\s*\\(?P<name>[A-Za-z]+)"
    r"\s*\}?\s*(?:\[(?P<count>[0-9])\])?(?P<default>\[[^\]]*\])?\s*(?=\{)"
    r"|\\def\s*\\(?P<defined>[A-Za-z]+)\s*(?P<marks>(?:#[1-9])*)\s*(?=\{)"
    r"|\\DeclareMathOperator\*?\s*\{?\s*\\(?P<operator>[A-Za-z]+)\s*\}?\s*(?=\{)"
)

USUAL = {
    **dict.fromkeys(("dv", "odv"), Macro(2, r"\frac{d #1}{d #2}")),
    **dict.fromkeys(("pdv", "partialderivative"), Macro(2, r"\frac{\partial #1}{\partial #2}")),
}
"""Commands of the usual packages for derivatives, which a document may define otherwise."""

PAGE_FILLING = regex(r"\\(?:penalty|dimen|vskip|hskip)(?![a-z])")
"""A command that only breaks and fills pages."""


def macros_in(text: str) -> tuple[Macros, list[tuple[int, int]]]:
    """The commands that a document defines, and where the definitions stand."""
    rows = dict(USUAL)
    places: list[tuple[int, int]] = []
    for match in DEFINITION.finditer(text):
        body, end = argument(text, match.end())
        places.append((match.start(), end))
        name = match["name"] or match["defined"] or match["operator"]
        count = int(match["count"] or 0) if match["name"] else len(match["marks"] or "") // 2
        if match["default"]:
            body = r"\unreadable"  # optional arguments are rare, and easily taken amiss
        elif PAGE_FILLING.search(body):
            body = ""
        if len(rows) < 200 and len(body) <= 500:
            rows[name] = Macro(count, body)
    return Macros(rows), places


BRACKETED = regex(r"_\{(?:[^{}]|\{[^{}]*\})*\}|(?<!\\)[(\[][^()\[\]]*(?<!\\)[)\]]|\\\{[^{}]*\\\}")
"""What stands in brackets or below a name, where a comma parts numbers."""

WITH_COMMA = regex(r"(?<![\d,.])\d+(?:,|\{,\})\d+(?![\d]|[,.]\d)")
WITH_POINT = regex(r"(?<![\d.])\d*\s?\.\s?\d+(?![\d.])")
"""A number with decimals behind a comma, or behind a point."""


def comma_in(text: str) -> str:
    """The sign between whole and decimals in a document: "," or "." or, if neither occurs, ""."""
    dated = re.sub(r"\d{1,4}[.:/]\d{1,2}[.:/]\d{2,4}", " ", text)
    outside = BRACKETED.sub(" ", dated) if "," in dated else ""
    commas = len(WITH_COMMA.findall(outside)) if outside else 0
    points = bool(WITH_POINT.search(dated))
    if points and commas and "{,}" not in text:
        return "." if len(WITH_POINT.findall(dated)) * 2 >= commas else ","
    return "," if commas and not points else "." if points else ""


FALLEN = regex(r"e\d{1,2}")


def _with_numbers(tokens: Tokens, math: bool, comma: str) -> list[Token]:
    """The tokens with the parts of each number joined: `0 . 6 4` in mathematics, `0,5`."""
    found: list[Token] = []
    kinds = [each.kind for each in tokens]
    if "space" in kinds:
        tokens = [each for each in tokens if each.kind != "space"]
        kinds = [each.kind for each in tokens]
    at = 0
    for place in [place for place, kind in enumerate(kinds) if kind == "number"]:
        if place < at:
            continue  # it is a part of the number before it
        token = tokens[place]
        found += tokens[at:place]
        at = place + 1
        if found and found[-1].kind == "low":
            found.append(token)
            continue
        kinds = [t.kind for t in found[-2:]]
        fallen = kinds == ["word", "comma"] and FALLEN.fullmatch(found[-2].text)
        if fallen and not (found[-1].spaced or token.spaced):  # e0,5 for e^0.5, off a page
            found[-2:] = [found[-2]._replace(text=f"{found[-2].text}.{token.text}", end=token.end)]
            continue
        text, end, kind = token.text, token.end, "number"
        raised = bool(found) and found[-1].kind == "power"
        while at < len(tokens) and not raised:
            one = tokens[at]
            if one.kind not in ("number", "dot", "comma", "joint"):
                break
            inside = [t.kind for t in found[-2:]] == ["low", "open"]
            if one.kind == "comma" and not inside:
                brackets = [t.kind for t in found if t.text not in "{}"]
                inside = brackets.count("open") != brackets.count("close")
            two = tokens[at + 1] if at + 1 < len(tokens) else one
            tight = not (one.spaced or two.spaced)
            apart = math and one.spaced and two.spaced  # 0 , 5 as character recognition has it
            if one.kind == "number" and math:
                digits = "." in text or len(token.text) == len(one.text) == 1  # 27 8 is rather 27/8
                kind = kind if digits and not ("." in one.text and "." in text) else "unknown"
                text, step = text + one.text, 1
            elif one.text[0] == "." and one.start == end + 1 and text.isdecimal():  # 0 .415
                text, step = text + one.text, 1
            elif two.kind != "number" or one is two:
                break
            else:
                sure = one.text == "{,}" or (one.kind == "dot" and (math or tight))
                point = one.kind == "comma" and (tight or (apart and comma == ","))
                sure |= point and comma == "," and (tight or not inside)
                if not (sure or (point and not inside)):
                    break
                thousands = not sure and text.lstrip("0") and len(two.text) == 3
                kind = "unknown" if thousands or "." in text + two.text else kind
                text, step = f"{text}.{two.text}", 2
            at += step
            end = tokens[at - 1].end
        if len(text) > LONGEST_NUMBER:
            kind = "unknown"
        found.append(Token(kind, text, token.start, end, token.spaced))
    return [*found, *tokens[at:]]


def blanked(text: str, places: Sequence[tuple[int, int]]) -> str:
    """Return the text with some stretches blanked, so that offsets stay as they are."""
    found: list[str] = []
    at = 0
    for start, end in sorted(places):
        if start >= at:
            found += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join([*found, text[at:]])
