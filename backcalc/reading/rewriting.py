"""Tokens of a line rewritten, and parted where one statement ends and another begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import dropwhile, pairwise, takewhile

from backcalc.reading.grammar import closing, says, split
from backcalc.reading.items import Item
from backcalc.reading.pieces import RELATIONS, equated, number_at, sides_of, written_plainly
from backcalc.reading.signs import (
    AND_WORDS,
    COMMANDS,
    CONDITIONS,
    FUNCTION_NAMES,
    NOUNS,
    OTHERWISE,
    SAME,
    SCALES,
    THAT_IS,
    THERE,
)
from backcalc.reading.tokens import Token, Tokens

NAMED = ("word", "accent", "fraction", "differential")
LISTED = ("number", "sign", "comma", "semicolon", "stop")
"""Kinds of what stands in a list of numbers."""
BREAKS = ("row", "stop", "semicolon", "text")
DAMAGED = ("(", "|", "t", "r")  # beside which a word or a bar may be in pieces
PARTING = {*BREAKS, "open", "close", "cell", "colon", "comma", "dot"}
"""Kinds of signs that may part statements, or brackets in which none does."""


@dataclass(slots=True)
class Chunk:
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


def chunks_of(tokens: Tokens, math: bool) -> Iterator[Chunk]:
    """The stretches of a line; `&` beside a relation joins, elsewhere it parts."""
    chunk, lead, sep, level, start, clause = list[Token](), list[str](), "start", 0, 0, ""
    joined = without_joints(tokens) if any(t.kind == "cell" for t in tokens) else tokens
    for place, token in enumerate(joined):
        if token.kind not in PARTING:
            chunk.append(token)
            continue
        level += (token.kind == "open") - (token.kind == "close")
        cell = token.kind == "cell" and level <= 0
        if token.kind == "colon" and not token.spaced:
            after = next((t for t in joined[place + 1 :] if t.kind != "stop"), token)
            apart = after.spaced or joined[place + 1 : place + 2] != [after]
            stated = apart and after.kind in NAMED and any(t.kind in RELATIONS for t in chunk)
            if stated and any(t.kind in RELATIONS for t in joined[place:]):
                token = token._replace(kind="stop")  # t=1: a1 = 0.6
        if token.kind == "stop" and chunk and chunk[-1].kind in (*RELATIONS, "sign", "colon"):
            continue
        if level <= 0 and (token.kind in BREAKS or cell):
            if chunk:
                yield Chunk(chunk, lead, sep, start, clause)
                chunk, lead, clause = [], [], ""
            if token.kind == "text":
                behind = [t for t in joined[place + 1 : place + 3] if t.text or t.kind != "stop"]
                colon = [t.kind for t in behind[:1]] == ["colon"]  # of what is bold, too
                lead = [*lead, token.text + (":" if colon else "")]
                sep, start = "text", token.start
            elif (token.kind != "stop" or sep != "text") and not (
                sep == "row" and not lead and (cell or token.kind == "stop")
            ):
                sep = "cell" if cell else token.kind
                lead = lead if token.kind == "stop" else []
            continue
        if lead and not chunk and (token.kind, token.spaced) == ("dot", True):
            token = token._replace(kind="sign", text="·")  # of a product whose factor is unknown
        if lead and not chunk and token.kind in ("colon", "comma", "dot"):
            if token.kind != "colon":
                clause, lead = " ".join(lead) if token.kind == "comma" else "", []
            continue
        chunk.append(token)
    if chunk or lead:
        yield Chunk(chunk, lead, sep, start, clause)


def column_by_column(tokens: list[Token]) -> list[Token]:
    """The tokens of a display of two columns, the second below the first where one goes on below.

    A column is a name and what it is; two `&` may part them.
    """
    rows = [split(row, ("cell",)) for row in split(tokens, ("row",))]
    for row in rows:  # L &= (yhat - y)^2 &&= 0.25 goes on itself
        filled = [*map(bool, row)] == [True, True, False, True]
        further = filled and row[3][0].kind in RELATIONS
        if further and not written_plainly(sides_of(row[1])[-1][1]):
            row[1:] = [[*row[1], *row[3]]]
    middle = 3 if any(len(row) > 4 for row in rows) else 2
    full = [row for row in rows if len(row) == middle + 2]
    pairs = [(row[at], row[at + 1]) for row in full for at in (0, middle)]
    goes_on = any(two and not one and two[0].kind in RELATIONS for one, two in pairs)
    apart = middle == 2 or not any(row[2] for row in rows if len(row) > 2)
    if not (goes_on and apart) or max(map(len, rows)) != middle + 2:
        return tokens
    found: list[Token] = []
    for at in (0, middle):
        for row in rows:
            cells = [cell for cell in row[at : at + 2] if cell]
            for number, cell in enumerate(cells):
                joint = number and cell[0].kind not in RELATIONS
                found += [Token("cell", "&", cell[0].start, cell[0].start)] * bool(joint)
                found += cell
            if cells:
                found.append(Token("row", "", cells[-1][-1].end, cells[-1][-1].end))
    return found


def without_joints(tokens: Tokens) -> list[Token]:
    """The tokens without each `&` that only aligns: one beside a relation."""
    found, level = list[Token](), 0
    for place, token in enumerate(tokens):
        level += (token.kind == "open") - (token.kind == "close")
        if token.kind == "cell" and level <= 0:
            around = tokens[max(place - 1, 0) : place + 2]
            if any(each.kind in RELATIONS for each in around):
                continue
        found.append(token)
    return found


def without_damage(tokens: Tokens) -> Tokens:
    r"""Tokens with each function's name in one word, Re L U(z) or {m a x}(z), and bars bare."""
    signs, found = {token.text for token in tokens}, list[Token]()
    tokens = _with_cases(tokens) if "\\{" in signs else tokens
    if signs.isdisjoint(DAMAGED):
        return tokens
    for token in tokens:
        if token.kind == "low" and found and found[-1].text in ("t", "r"):
            letters = found[-3:]
            word = " ".join(t.text for t in letters if t.kind == "word")
            if word in ("n e t", "o u t", "E r r"):
                found[-3:] = [letters[0]._replace(text=word.replace(" ", ""), end=letters[-1].end)]
        found.append(token)
        if token.kind not in ("open", "close"):
            continue
        before = found[-2].kind if len(found) > 1 else ""
        if token.kind == "close" and before == "bar" and [t.kind for t in found[-3:-2]] == ["open"]:
            found[-3:] = [found[-2]]
        elif token.text == "(" and before in ("word", "close"):
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


def _with_cases(tokens: Tokens) -> Tokens:
    r"""Tokens with an array behind a brace that \right. closes as a formula in pieces."""
    found = [*tokens]
    for at, (one, two) in enumerate(pairwise(tokens)):
        if one.text == "\\{" and (two.kind, two.text) == ("open", "matrix"):
            end = closing(tokens, at + 1)
            if end > 0 and [t.text for t in tokens[end + 1 : end + 2]] != ["\\}"]:
                found[at + 1], found[end] = (found[n]._replace(text="cases") for n in (at + 1, end))
                found[at] = one._replace(kind="space")
    return [token for token in found if token.kind != "space"]


def with_gaps(tokens: Tokens) -> list[Token]:
    """The tokens of a line without what only sets it: gaps before a sign.

    Tabs on both sides of an equals sign are the blanks of the line: they part no statements.
    """
    tabs = [t.kind == "stop" and not t.text and t.end - t.start == 1 for t in tokens]
    signs = (n for n, t in enumerate(tokens) if t.kind in RELATIONS)
    if any(tabs[n - 1 : n] == tabs[n + 1 : n + 2] == [True] for n in signs):
        tokens = [t for t, tab in zip(tokens, tabs, strict=True) if not tab]
    found = [*dropwhile(lambda token: token.kind == "cell", tokens)]
    for at in range(len(found) - 3, -1, -1):
        if at + 3 > len(found):
            continue
        one, two, three = found[at : at + 3]
        gap = one.kind == "stop" and not one.text and one.spaced
        signed = gap and two.kind == "sign" and three.spaced
        if signed and (two.text in "+*·/" or (at and goes_on(found[at - 1], found[at + 2 :]))):
            del found[at]
        elif gap and two.kind in RELATIONS and is_labelled(found[:at]):
            del found[at]  # Loss:   L  = 0.4
        elif one.kind in RELATIONS and two.kind == "stop" and not two.text:
            del found[at + 1]
            if at and found[at - 1].kind == "stop" and not found[at - 1].text:
                del found[at - 1]  # signs of equality below each other, with gaps on both sides
    return found


def is_labelled(before: Tokens) -> bool:
    """True for a name alone behind a colon."""
    kinds = ("word", "low", "number", "accent", "posthat", "prime", "open", "close")
    name = [*takewhile(lambda t: t.kind in kinds, reversed(before))]
    rest = [t.kind for t in before[: len(before) - len(name)] if t.kind != "stop"]
    return bool(name) and name[-1].kind in ("word", "accent", "open") and rest[-1:] == ["colon"]


def goes_on(before: Token, after: Tokens) -> bool:
    """True for what stands behind a formula and a minus and names nothing: 0.5  - 0.1·0.6."""
    term = [*takewhile(lambda t: t.kind not in (*RELATIONS, *BREAKS, "comma", "colon"), after)]
    product = any(t.kind == "sign" and t.text in "*·" for t in term)
    numbered = term[:1] and term[0].kind == "number" and len(term) > 1
    return before.kind in ("number", "close", "word", "prime") and bool(product or numbered)


def without_same(tokens: Tokens) -> list[Token]:
    """The tokens of a chain without words that change nothing: = same as dL/dyhat = 1."""
    found, at = list[Token](), 0
    while at < len(tokens):
        run = [*takewhile(lambda t: t.kind == "text" or not (t.text or t.kind != "stop"),
                          tokens[at:])]  # fmt: skip
        said = {word.strip(".").casefold() for t in run for word in t.text.split()}
        behind = tokens[at + len(run)] if at + len(run) < len(tokens) else None
        if said & SAME and said <= SAME | THERE and found and behind and behind.kind != "stop":
            if found[-1].kind in RELATIONS:
                found[len(found) - (behind.kind in RELATIONS) :] = []
                at += len(run)
                continue
            comma = found[-1].kind == "comma"
            stated = said <= THAT_IS and any(t.kind in RELATIONS for t in found)
            if stated and (behind.kind in RELATIONS or number_at(tokens[at + len(run) :])):
                del found[len(found) - comma :]
                sign = Token("relation", "=", behind.start, behind.start)
                found += [] if behind.kind in RELATIONS else [sign]
                at += len(run)
                continue
        found += tokens[at : at + max(len(run), 1)]
        at += max(len(run), 1)
    return found


def with_rows(tokens: list[Token]) -> list[Token]:
    r"""The tokens with an array whose rows are all statements as these rows below each other."""
    found, at = list[Token](), 0
    while at < len(tokens):
        start = at + (tokens[at].text == "\\{")
        array = start < len(tokens) and tokens[start].text in ("cases", "matrix")
        end = closing(tokens, start) if array and tokens[start].kind == "open" else -1
        first = not found or found[-1].kind in (*BREAKS, "comma", "colon")
        inner = tokens[start + 1 : end] if first and end > 0 else []
        rows = [*map(without_braces, split(inner, ("row",)))] if inner else []
        rows = [row for row in rows if row]
        if rows and is_row(rows[0]) and all(is_row(row, further=True) for row in rows[1:]):
            for row in rows:
                found += [*row, Token("row", "", row[-1].end, row[-1].end)]
            end += tokens[end + 1 : end + 2] != [] and tokens[end + 1].text == "\\}"
            at = end + 1
            continue
        found.append(tokens[at])
        at += 1
    return found


def without_braces(row: Tokens) -> list[Token]:
    """A row of an array without the braces around its cells."""
    found: list[Token] = []
    for cell in split(row, ("cell",)):
        braced = bool(cell) and cell[0].text == "{" and closing(cell, 0) == len(cell) - 1
        found += [Token("cell", "&", found[-1].end, found[-1].end)] if found else []
        found += cell[1:-1] if braced else cell
    return found


def is_row(row: Tokens, *, further: bool = False) -> bool:
    """True if a row of an array is a statement, or words, and no piece of a formula.

    A `further` one may go on with the row above it.
    """
    left = next(iter(split(row, RELATIONS)), [])
    stated = len(left) < len(row) and (further or bool(left))
    piece = any(t.kind == "compare" or says(t, CONDITIONS, OTHERWISE) for t in row)
    return all(t.kind == "text" for t in row) or (
        stated and not piece and not any(t.kind in ("text", "comma") for t in left)
    )


def with_columns(tokens: list[Token]) -> list[Token]:
    """A row of a table in plain text as one chain: z0   w0·x   0.5·1   = 0.5."""
    cells = [[*cell] for cell in split(tokens, ("stop",)) if cell]
    plain = [cell for cell in cells[:-1] if not any(t.kind in (*RELATIONS, "text") for t in cell)]
    if len(cells) < 2 or len(plain) < len(cells) - 1 or cells[-1][0].kind not in RELATIONS:
        return tokens
    joined = cells[0]
    for cell in cells[1:-1]:
        joined = [*joined, *equated((), cell)]
    return [*joined, *cells[-1]]


def with_remarks(tokens: Tokens, telling: Set[str]) -> list[Token]:
    """The tokens with remarks in brackets as words, and statements in brackets set apart.

    A remark before a further sign of a chain goes away, unless a word of it is a `telling` one.
    """
    found: list[Token] = []
    brackets: list[tuple[int, int]] = []
    opened: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(place)
        elif token.kind == "close" and opened:
            brackets.append((opened.pop(), place))
    at = 0
    for place, end in sorted(brackets):
        token, inner = tokens[place], tokens[place + 1 : end]
        if place < at or not inner or token.text + tokens[end].text not in ("()", "[]"):
            continue
        before = tokens[place - 1 : place] if place > at else found[-1:]
        kinds = {t.kind for t in inner}
        calls = before and before[0].kind in ("word", "number", "close") and not token.spaced
        calls = calls and (before[0].kind != "number" or "text" not in kinds)
        noun = len(inner) == 1 and token.spaced and any(
            inner[0].text.casefold() in nouns for nouns in NOUNS.values()
        )  # fmt: skip
        apart = before and before[0].kind == "stop" and kinds == {"word"}  # 1 \\quad (too)
        word = apart and not any(len(t.text) < 3 or t.text in COMMANDS for t in inner)
        prose = ("text" in kinds or noun or word) and not calls
        states = not kinds.isdisjoint(RELATIONS)
        if not (prose or states):
            continue
        found += tokens[at:place]
        at = end + 1
        if prose and any(a.text == "10" and b.kind == "power" for a, b in pairwise(inner)):
            found.append(Token("unknown", "10^", token.start, token.end))  # in units of 10^-3
            continue
        stop = Token("stop", "", token.start, token.end)
        after = tokens[at : at + 1]
        going = after and after[0].kind in ("sign", *RELATIONS)
        times = before and before[0].kind == "sign" and before[0].text in "*·"
        first = before and before[0].kind in RELATIONS and going and after[0].text in ("*", "·")
        named = [t.text.casefold() for t in inner]
        told = telling.isdisjoint(named) or (named[0] == "for" and kinds == {"text", "word"})  # w5
        plain = prose and not states and told and "number" not in kinds
        if plain and (times or first):
            found.append(Token("worded", "(...)", token.start, tokens[end].end))
            continue  # (error at the output) * (input)
        if plain and going and after[0].kind in RELATIONS:
            continue
        if going:
            found.append(Token("text", "(...)", token.start, token.end))
        elif states and not prose:
            found += [stop, *inner, stop]
        else:
            found += [stop, Token("text", "remark:", token.start, token.end)]
    return [*found, *tokens[at:]]


def with_indicators(tokens: Tokens) -> Tokens:
    """The tokens with a factor 1 that holds under a condition alone, (1 if z > 0), as 1 or else 0.

    Behind a blank alone it is a remark.
    """
    found, end = list[Token](), -1
    for at, token in enumerate(tokens):
        said = tokens[at + 1 : at + 3] if token.text == "(" else ()
        if [t.text for t in said[:1]] == ["1"] and len(said) > 1 and _is_condition_word(said[1]):
            close = closing(tokens, at)
            inner = tokens[at + 3 : max(close, 0)]
            compared = [t.kind for t in inner].count("compare") == 1
            around = (*tokens[max(at - 1, 0) : at], *tokens[close + 1 : close + 2])
            factor = any(t.text in ("*", "·") or t.kind in RELATIONS for t in around)
            plain = not any(t.kind in ("text", "named", "comma") for t in inner)
            end = close if compared and factor and plain else end
        if at == end:
            place = token.start
            found += [Token("word", "else", place, place), Token("number", "0", place, place)]
        held = at < end and _is_condition_word(token)
        found.append(token._replace(kind="word", text="if") if held else token)
    return found


def _is_condition_word(token: Token) -> bool:
    """True for if, in text or in mathematics."""
    return token.kind in ("word", "text", "named") and token.text.casefold() in CONDITIONS


def without_asides(tokens: Tokens) -> list[Token]:
    """The tokens without what stands in brackets behind a blank: w_5 (from h_1 to o_1)."""
    found, at = list[Token](), 0
    while at < len(tokens):
        end = closing(tokens, at) if tokens[at].text == "(" and tokens[at].spaced else -1
        found += [] if end > 0 else [tokens[at]]
        at = max(end, at) + 1
    return found


def with_lists(tokens: Tokens) -> list[Token]:
    """The tokens with commas between the numbers of [0.1 -0.2; 0.4 0.3], as programs print them."""
    found, end = list[Token](), -1
    for at, token in enumerate(tokens):
        if at > end and token.text == "[":
            inside = tokens[at : max(closing(tokens, at), at)]
            plain = all(t.kind in LISTED or t.text in "[]" for t in inside)
            end = at + len(inside) - 1 if plain else end
        if at <= end and token.kind == "stop":
            continue
        signed = token.text in ("+", "-") and not tokens[at + 1].spaced if at < end else False
        next_one = token.kind == "number" or token.text == "[" or signed
        behind_one = found and (found[-1].kind == "number" or found[-1].text == "]")
        if at <= end and token.spaced and next_one and behind_one:
            found.append(Token("comma", ",", token.start, token.start))
        found.append(token)
    return found


def with_commas(tokens: Tokens) -> list[Token]:
    """The tokens of a list with a comma for each word before its last one: z0 and z1."""
    joints = [t.kind in ("text", "and") and t.text.casefold() in AND_WORDS for t in tokens]
    pairs = zip(tokens, joints, strict=True)
    return [t._replace(kind="comma") if joint else t for t, joint in pairs]


def rejoined(pieces: Sequence[Tokens]) -> list[Tokens]:
    """Pieces between commas; a piece that is a condition only goes away with its comma."""
    kinds = [{t.kind for t in piece} for piece in pieces]
    return [
        piece for n, piece in enumerate(pieces)
        if not n or "compare" not in kinds[n] or kinds[n] & {*RELATIONS}
    ]  # fmt: skip


def begins(tokens: Tokens) -> bool:
    """True if a stretch may begin a statement, or words, and is not the rest of another one."""
    first, rest = tokens[0], tokens[1:]
    if first.kind == "number":  # 20 for z0, a number before a heading
        damaged = (
            re.fullmatch(r"[28]\d?", first.text) and rest and rest[0].kind in (*RELATIONS, "low")
        )
        parted = bool(rest) and rest[0].kind in ("stop", "text", "low")
        if first.text == "1" and [t.text for t in rest[:1]] == ["-"] and rest[1:]:  # 1 - h^2 = ...
            return rest[1].kind in ("word", "open") and any(t.kind in RELATIONS for t in rest)
        return bool(damaged) or (first.text.isdecimal() and parted)
    if first.kind == "comma" and rest:
        return rest[0].kind in ("word", "accent", "fraction", "stop")
    return first.kind in ("word", "accent", "fraction", "differential", "text", "open", "stop",
                          "row", "colon", *RELATIONS)  # fmt: skip


def goes_wrong(tokens: Tokens) -> bool:
    """True if a line cannot begin a statement or words, and is no continuation either."""
    signed = tokens[0].kind == "sign" and tokens[0].text in "+-"
    if signed and not any(t.kind in RELATIONS for t in tokens):
        return False
    kinds = [t.kind for t in tokens[:3]]
    apart = kinds == ["number", "compare", "number"]  # 0.27 < 0.33, so it learns
    apart = apart or (kinds[:2] == ["number", "text"] and len(tokens[1].text) > 2)
    return not apart and not begins(tokens)


def is_condition(chunk: Chunk) -> bool:
    """True for a comparison behind a word such as if."""
    kinds = {token.kind for token in chunk.tokens}
    if "compare" not in kinds or kinds & {*RELATIONS}:
        return False
    words = {w.casefold() for text in chunk.lead for w in re.findall(r"\w+", text)}
    return bool((words | {chunk.tokens[0].text.casefold()}) & CONDITIONS)


def cut_off(tokens: Tokens) -> list[tuple[str, list[Token]]]:
    """The sides of a chain without what is only compared with it: L = 0.27 < 0.33."""
    kept = split(tokens, ("compare", "stop"))[0]
    return sides_of(kept)


def is_times(tokens: Tokens, at: int) -> bool:
    """True for an x that stands for a cross between two numbers, 0.5 x 0.25; or behind a gap."""
    gap = at > 1 and (tokens[at - 1].kind, tokens[at - 1].text) == ("stop", "")
    gap = gap and any(t.kind in RELATIONS for t in tokens[:at])
    around = [*tokens[max(at - 1 - gap, 0) : max(at - gap, 0)], *tokens[at : at + 4]]
    if len(around) < 3 or not (around[1].spaced and around[2].spaced):
        return False
    after = around[3 if around[2].kind == "sign" else 2 :]
    kinds, texts = [t.kind for t in after[:1]], [t.text for t in after[:2]]
    called = texts[1:] == ["("] and texts[0] in FUNCTION_NAMES
    return around[0].kind in ("number", "close") and (called or kinds in (["number"], ["open"]))


def without_call_names(tokens: Tokens) -> list[Token]:
    """Tokens of code without the module before a function: np.exp is exp."""
    modules = ("np", "math", "torch", "jnp")
    pairs = enumerate(pairwise(tokens))
    gone = {n for n, (one, two) in pairs if one.text in modules and two.kind == "dot"}
    return [token for n, token in enumerate(tokens) if gone.isdisjoint((n, n - 1))]


def without_data(tokens: list[Token]) -> list[Token]:
    """The tokens without what asks an object for its number: z.data, loss.item()."""
    found, at = list[Token](), 0
    while at < len(tokens):
        texts = [t.text for t in tokens[at + 1 : at + 4]]
        data = tokens[at].kind == "dot" and texts[:1] in (["data"], ["item"], ["value"])
        found += [] if data else [tokens[at]]
        at += 1 if not data else 4 if texts[1:] == ["(", ")"] else 2
    return found


def with_steps(tokens: list[Token]) -> list[Token]:
    """The tokens of code that takes something off a name, w -= lr*dw, as w = w - (lr*dw)."""
    at = next((n for n, t in enumerate(tokens) if t.kind in RELATIONS), 0)
    if at < 2 or tokens[at - 1].text not in ("+", "-") or tokens[at].spaced:
        return tokens
    name, sign = tokens[: at - 1], tokens[at - 1]
    step = [*takewhile(lambda t: t.kind not in (*RELATIONS, *BREAKS), tokens[at + 1 :])]
    rest = tokens[at + 1 + len(step) :]
    end = step[-1].end if step else sign.end
    opening, closing_ = Token("open", "(", sign.end, sign.end), Token("close", ")", end, end)
    copied = equated(name, [sign])[:-2]
    return [*name, tokens[at], *copied, sign, opening, *step, closing_, *rest]


def with_comments(tokens: list[Token], goes_on: bool) -> list[Token]:
    """Tokens of code with a comment as a statement of its own, or as the result: # 0.75.

    Without it where the statement before it `goes_on` on the next line.
    """
    place = next((n for n, t in enumerate(tokens) if t.text == "#"), None)
    if place is None:
        return tokens
    code, comment = tokens[:place], tokens[place + 1 :]
    while code and code[-1].kind == "stop":
        code = code[:-1]
    result = [t for t in comment if t.kind != "stop" and t.kind not in RELATIONS]
    if code and result and len(number_at(result)) == len(result):
        return [*code, *equated((), result)]
    if code and goes_on:
        return code
    return [*code, tokens[place]._replace(kind="semicolon"), *comment] if code else comment


def in_math(item: Item, piece: Tokens) -> bool:
    """True if a statement stands in mathematics."""
    ends, math = (piece[0].start, piece[-1].start), [span for span in item.spans if span.math]
    return any(span.start <= at < span.end for span in math for at in ends)


def scaling(tokens: Tokens) -> str:
    """Why the figures beside these words cannot be told: they are given in units of 10^-3."""
    if not any(token.text == "10" for token in tokens):
        return ""
    kept = [t for t in tokens if t.kind not in ("stop", "open")]
    for at, (ten, power) in enumerate(pairwise(kept)):
        before = [t.text.casefold() for t in kept[max(at - 2, 0) : at]]
        times = before and before[-1] in "*·" and (len(before) < 2 or kept[at - 2].kind == "text")
        if (ten.text, power.kind) == ("10", "power") and (times or {*before[-1:]} & SCALES):
            return "these figures may be in units of a power of ten"
    return ""
