"""Damage as character recognition and hasty fingers do it to a sheet, from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from styles import NETWORKS, STYLES, Row, rows_of

from backcalc.equations.network import Network
from backcalc.formulas.expression import Name, Number, replaced
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import formula_text
from backcalc.formulas.parser import parse
from backcalc.loading.loader import load
from backcalc.reading import Assertion, Reading, read
from backcalc.reading.documents import COMMENT, LATEX_COMMENT

Way: TypeAlias = Callable[[str, random.Random], str]
HANDED_IN = Path(__file__).parents[1] / "sheets" / "handed_in"
DEFINING = "more-31-let-names"
"""The sheet that says in one line what its names mean: its damage changes all that follows."""

ALIKE = {
    "0": "Oo", "1": "lI|", "2": "zZ", "5": "Ss", "6": "b", "8": "B", "9": "gq", "z": "2", "l": "1",
    "w": "ωvW", "y": "gv", "h": "n", "L": "l", "S": "5", "x": "χX", "-": "–~_", "=": "-:",
    ".": ", ",
    ",": ".",
    "(": "{[", ")": "}]", "{": "(", "}": ")", "_": "-", "^": "'", "'": "`", "\\": "/",
    "+": "t", "*": "x", "·": ".", "&": "8", "|": "1l", "$": "S", "∂": "d", "ŷ": "y",
}  # fmt: skip
"""Signs that are taken for each other."""


@dataclass(frozen=True, eq=False)
class Good:
    """A sheet that is not damaged."""

    text: str
    """What stands in it."""
    file: str
    """The name of its file."""
    network: Network
    """What it is about."""
    rate: Fraction | None
    """The learning rate, where the network has none."""
    reading: Reading
    """What is read of it."""
    stated: frozenset[tuple[str, str]] = frozenset()
    """What a perfect marker reads of it, whether or not it is read: the quantity and the value."""


def _sources() -> Iterator[tuple[str, Callable[[], Good]]]:
    """Each sheet's name, and what reads it."""
    for place, style in enumerate(STYLES):
        for shift in (0, 5):
            name = NETWORKS[(place + shift) % len(NETWORKS)]
            yield f"{style.__name__} of {name}", partial(_styled, style, name)
    for path in sorted(HANDED_IN.glob("*/truth.yaml")):
        if path.parent.name != DEFINING and not [*path.parent.glob("*.ipynb")]:
            yield path.parent.name, partial(_handed_in, path.parent)  # damage would break the JSON


def _styled(style: Callable[[list[Row]], tuple[str, str]], name: str) -> Good:
    network = load(name)
    rate = None if network.learning_rate else Fraction(1, 2)
    text, file = style(rows_of(network))
    return Good(text, file, network, rate, read(text, file, network, rate=rate))


def _handed_in(folder: Path) -> Good:
    truth = yaml.safe_load((folder / "truth.yaml").read_text("utf-8"))
    network, text = load(str(folder / "net.yaml")), (folder / truth["file"]).read_text("utf-8")
    whole = read(text, truth["file"], network)
    return Good(text, truth["file"], network, None, whole, frozenset(_stated_by(truth, network)))


def _stated_by(truth: dict[str, Any], network: Network) -> Iterator[tuple[str, str]]:
    """Each quantity with its value in the answers of a sheet, and the given numbers."""
    for row in [*truth["lines"], *truth["optional"]]:
        value = parse(str(row["written"]), FUNCTIONS, derivatives=True)
        yield row["quantity"], formula_text(value)
    rate = {} if network.learning_rate is None else {"lr": network.learning_rate}
    for name, number in {**network.weights, **rate}.items():
        yield name, formula_text(Number(number))


SHEETS = dict(_sources())
"""The sheets that are damaged: each style for two networks, and those handed in."""


@cache
def good(name: str) -> Good:
    """The sheet of that name."""
    return SHEETS[name]()


def damaged(text: str, seed: int, ways: Sequence[Way] = ()) -> str:
    """Return the text with one to four places damaged, in one of these ways."""
    draw = random.Random(seed)
    ways = ways or (PAGES if seed // len(SHEETS) % 2 else WAYS)
    for _ in range(draw.choice((1, 1, 2, 3, 4))):
        text = draw.choice(ways)(text, draw)
    return text


def _at(text: str, draw: random.Random) -> int:
    return draw.randrange(max(len(text), 1))


def _dropped(text: str, draw: random.Random) -> str:
    """A sign or a few are lost."""
    at = _at(text, draw)
    return text[:at] + text[at + draw.choice((1, 1, 1, 2, 5)) :]


def _doubled(text: str, draw: random.Random) -> str:
    """A stretch stands twice."""
    at = _at(text, draw)
    end = at + draw.randrange(1, 30)
    return text[:end] + text[at:end] + text[end:]


def _exchanged(text: str, draw: random.Random) -> str:
    """A sign is taken for one that looks alike."""
    places = [place for place, sign in enumerate(text) if sign in ALIKE]
    if not places:
        return text
    at = draw.choice(places)
    return text[:at] + draw.choice(ALIKE[text[at]]) + text[at + 1 :]


def _swapped(text: str, draw: random.Random) -> str:
    """Two signs change places."""
    at = _at(text, draw)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _merged(text: str, draw: random.Random) -> str:
    """Two lines become one."""
    places = [place for place, sign in enumerate(text) if sign == "\n"]
    if not places:
        return text
    at = draw.choice(places)
    return text[:at] + " " + text[at + 1 :]


def _parted(text: str, draw: random.Random) -> str:
    """A blank or a new line where there was none."""
    at = _at(text, draw)
    return text[:at] + draw.choice((" ", " ", "  ", "\n")) + text[at:]


def _line(text: str, draw: random.Random) -> str:
    """A line is lost or stands twice."""
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    return "\n".join(lines[:at] + draw.choice(([], [lines[at]] * 2)) + lines[at + 1 :])


def _noise(text: str, draw: random.Random) -> str:
    """A sign that was a speck of dust."""
    at = _at(text, draw)
    return text[:at] + draw.choice("'`.,:;-_~^|\\/*#?!%&$(){}[]oOlI10") + text[at:]


REPLACED: tuple[tuple[str, tuple[str, ...]], ...] = (
    # numbers: torn, without their point, their minus, with another digit, with a speck before them
    (r"(?<=[\d.,])(?=[\d.,])", ("\n", "\n", " ", "\n  ", "-\n", "\u00ad", "\u2009")),
    (r"(?<=\d)(?:[.,]|\{,\})(?=\d)", ("", " ", "·", "'", ",", ".", ". ", ":")),
    (r"[-−](?=[ {]*[\d.\\(])", ("", " ", "--", "- -", "–", "~", "_", "=", "- ", "·")),
    (r"0(?=[.,\d])|(?<=[.,\d])0", ("O", "o", "D", "Q", "6", "8")),
    (r"1(?=[.,\d])|(?<=[.,\d_])1", ("l", "I", "|", "!", "7", "i")),
    (r"(?<=[=≈\d] )(?=\d)", ("-", "- ", "–", ".", "'")),
    (r"(?:\\times|\\cdot|[·×*]) ?10(?:\^\{?|e|⁻)-?\d\}?", ("", "·10", " 10-3")),
    # names: without their index, their prime, their hat, or with these on another line
    (r"(?<=[A-Za-zŷ])(?:_\{?|)(\d)\}?", (r"\n\1\n", r"\n\1 ", r" \1", r"", r"_", r"^\1")),
    (r"(?<=[A-Za-z}\d])(?:'|\^\{?(?:new|neu|\+|\\prime|\(1\))\}?)", ("", " '", "1", "\n'", "^")),
    (r"\\hat ?\{?y\}?|ŷ|yhat", ("y", "ý", "y^", "^\ny", "9")),
    (r"\^\{?\(?(-?\d)\)?\}?|([²³])", (r"\1\2", r" \1\2", r"\n\1\2", "")),
    # fractions: without their bar, or above and below a line
    (r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", (r"\1\n\2", r"\1 \2", r"\1/\2", r"\1")),
    (r"(\w+)/(\w+)", (r"\1\n\2", r"\1 \2", r"\1|\2", r"\1")),
    (r"(?m)^(.*)\b(d\w+)/(d\w+)(.*)$", (r"\2\n\1\4\n\3", r"\1\2\4\n\3")),
    # signs of LaTeX, of equality, brackets
    (r"&+", ("", " ", "8", "\n")),
    (r"\\\\(?:\n|$)", ("", " ", "\\\\ ", "\\", "\n")),
    (r"\\(?=[A-Za-z])", ("", " ", "/", "l")),
    (r"[{}]", ("", "(", ")", " ")),
    (r"\$+", ("", " ", "S")),
    (r" ?[=≈] ?|\\approx", (" ", "", " - ", " : ", "\n", " = = ", "~", " =\n", "\n= ")),
    (r"[()]", ("", "[", "l", "1")),
    # blanks and lines: lost, wrapped, joined, words divided, ligatures, what stands between pages
    (r"(?<=\S) (?=\S)", ("", "\n", "    ", "\t", "\u00a0", " \n> ")),
    (r"\n+(?=\S)", ("", " ", "   ", "; ", ", ", "\n\n", " - ", "\t")),
    (r"(?<=\s[^\W\d_]{3})(?=[^\W\d_]{3})", ("-\n", "\u00ad\n", "\u00ad", "- ")),
    (r"fi|fl|ff", ("ﬁ", "ﬂ", "ﬀ")),
    (r"\n", ("\n3\n", "\n\n- 2 -\n\n", "\nPage 2 of 3\n", "\n\f", "\n2/4\n", "\nSeite 2\n\n")),
    # tables and lists
    (r"[|]", ("", " ", "l", "1", "I")),
    (r"(?<=[|&])[^|&\n]+(?=[|&])", (" ", "", "?", "..", "-")),
    (r"(?m)^[-*+] |^\d+[.)] ", ("", "-", "\u2022", "1", "— ")),
)
"""Signs and what becomes of them: in scans, in text taken from a PDF, in what is typed off."""


def _replaced(text: str, draw: random.Random) -> str:
    """One of these signs is another, or all such in a line or in the whole sheet."""
    pattern, others = draw.choice(REPLACED)
    matches = [*re.finditer(pattern, text)]
    if not matches:
        return text
    match, other = draw.choice(matches), draw.choice(others)
    wide = draw.choice(("", "", "", "line", "sheet"))
    line = text.count("\n", 0, match.start())
    for each in reversed(matches):
        near = each is match or wide == "sheet"
        if near or (wide == "line" and text.count("\n", 0, each.start()) == line):
            now = each.expand(re.sub(r"\\(?!\d)", r"\\\\", other))
            text = text[: each.start()] + now + text[each.end() :]
    return text


def _stretch(lines: list[str], draw: random.Random, most: int = 8) -> tuple[int, int]:
    """Where some lines begin and end."""
    start = draw.randrange(len(lines))
    return start, min(start + draw.randrange(1, most), len(lines))


def _moved(text: str, draw: random.Random) -> str:
    """Lines that stand elsewhere: two rows swapped, a paragraph further down, or once more."""
    lines = text.split("\n")
    start, end = _stretch(lines, draw, draw.choice((2, 8)))
    part, rest = lines[start:end], lines[:start] + lines[end:]
    to = min(start + draw.choice((1, 1, 2, 5)), len(rest))
    if draw.randrange(4) == 0:
        rest = lines  # the foot or the head of a page
    return "\n".join(rest[:to] + part + rest[to:])


def _lost(text: str, draw: random.Random) -> str:
    """Some lines are lost."""
    lines = text.split("\n")
    start, end = _stretch(lines, draw)
    return "\n".join(lines[:start] + lines[end:])


def _interleaved(text: str, draw: random.Random) -> str:
    """Two columns of a page are read as one, line by line beside each other or below."""
    lines = text.split("\n")
    start, end = _stretch(lines, draw, 14)
    middle = (start + end) // 2
    left, right = lines[start:middle], lines[middle : 2 * middle - start]
    gap = draw.choice(("  ", "    ", "\t", "\n", " "))
    rows = [f"{one}{gap}{two}" for one, two in zip(left, right, strict=True)]
    return "\n".join(lines[:start] + rows + lines[start + 2 * len(left) :])


def _column(text: str, draw: random.Random) -> str:
    """A column of a table is lost, in all its rows or in some, or a cell is in the row below."""
    sign = "|" if text.count("|") > 8 else "&"
    lines = text.split("\n")
    rows = [n for n, line in enumerate(lines) if line.count(sign) > 1]
    if not rows:
        return text
    at = draw.randrange(lines[rows[0]].count(sign))
    for n in rows if draw.randrange(2) else draw.sample(rows, min(2, len(rows))):
        cells = lines[n].split(sign)
        lines[n] = sign.join(cells[:at] + cells[at + 1 :])
    return "\n".join(lines)


WAYS: tuple[Way, ...] = (_dropped, _doubled, *[_exchanged] * 3, _swapped, _merged, _parted, _line,
        _noise)  # fmt: skip
"""Damage of single signs and lines."""
PAGES: tuple[Way, ...] = (*[_replaced] * 12, _moved, _lost, _interleaved, _column)
"""Damage as scans, PDFs and pages show it."""


# Whether what was read of a damaged sheet is a misreading.


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _cut(hurt: Reading, end: int, rest: str) -> bool:
    """True if the rest stands behind a statement, perhaps after a stray sign, and was not read."""
    behind = re.split(r"[|&]", _bare(hurt.document.text[end : end + 30]))[0]
    return len(rest) > 1 and rest[:4] in behind[: len(rest[:4]) + 3]


def _named(each: Assertion) -> list[str]:
    """The quantities that stand in a chain by themselves: z2 in yhat = z2 = 0.375."""
    return [p.expression.id for p in each.chain if isinstance(p.expression, Name)]


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    """The signs before and behind a stretch, blanks and the marks of lists aside."""
    before = _unlisted(f"\n{text}"[max(start - 60, 0) : start + 2])
    behind = _unlisted(text[end - 1 : end + 60])
    return _bare(_numbers_apart(before))[:-1][-2:], _bare(_numbers_apart(behind))[1:3]


def _unlisted(text: str) -> str:
    """A text without the marks of lists: a star on the next line is none behind a statement."""
    return re.sub(r"\n[ \t]*[-*+] ", "\n", text)


def _stated(whole: Reading) -> str:
    """The signs of a sheet without its comments, which state nothing until damage frees them."""
    latex = whole.document.kind == "latex"
    text = (LATEX_COMMENT if latex else COMMENT).sub("", whole.document.text)
    return _bare(_numbers_apart(_unlisted(f"\n{text}")))


def _numbers_apart(text: str) -> str:
    """A text with a sign between digits on two lines, which are no digits of one number."""
    return re.sub(r"(?<=\d)\s*\n\s*(?=\d)", "¶", text)


def _redefined(whole: Reading, hurt: Reading, text: str) -> bool:
    """True for a statement with a macro whose definition is damaged, so that it says another."""
    one, two = whole.document.macros.rows, hurt.document.macros.rows
    return any(one.get(each) != two.get(each) for each in re.findall(r"\\([A-Za-z]+)", text))


def _moved_past(whole: Reading, hurt: Reading, each: Assertion) -> bool:
    """True for a statement that was put on the other side of one that says a new value.

    It has the same signs in the whole sheet, and its quantity there differs in primes alone.
    There the new value, of a weight or of the next pass, stands behind it, and here before it, or
    the other way round. So a person who sees this sheet alone takes it for the other pass too.
    """
    text, name = _bare(hurt.document.text[each.start : each.end]), each.quantity.replace("'", "")
    here, now = (_bare(part) for part in _parted_at(hurt, each))
    for one in whole.assertions:
        there, then = (_bare(part) for part in _parted_at(whole, one))
        if one.quantity.replace("'", "") != name or not then.startswith(text):
            continue
        for other in whole.assertions:
            said = _bare(whole.document.text[other.start : other.end])
            told = "'" in other.quantity and len(said) > 4 and said in here + now
            if told and (said in here) != (said in there):
                return True
    return False


def _below_another_head(whole: Reading, hurt: Reading, each: Assertion) -> bool:
    """True for a cell of a table's first row that now stands below the head of another table.

    Head, rule and row are as in the whole sheet and fit each other: all lines from the one rule
    to the other are lost. So a person who sees this sheet alone reads it so too.
    """
    text, lines = hurt.document.text, whole.document.text.split("\n")
    head, rule, row = ["", "", *text.split("\n")][(at := hurt.document.row(each.start)) : at + 3]
    number = re.fullmatch(r"[-−\d.,{}$]*", text[each.start : each.end])
    if not (number and head in lines and row in lines and head.count("|") == row.count("|") > 1):
        return False
    own, above = ["", "", *lines][(at := lines.index(row)) : at + 2]
    return rule == above and not re.sub(r"[\s|:-]", "", rule) and own != head


def _parted_at(reading: Reading, each: Assertion) -> tuple[str, str]:
    """The text before a statement, and that from its beginning on."""
    return reading.document.text[: each.start], reading.document.text[each.start :]


def _in_a_row_of_another_name(whole: Reading, hurt: Reading, each: Assertion) -> bool:
    """True for a cell whose row is as it was but for one sign of the name, and is read as it says.

    The name has become that of another quantity: v_{12} for w_{12}.
    """
    row = hurt.document.text.split("\n")[hurt.document.row(each.start)].split("|")[1:]
    rows = [line.split("|")[1:] for line in whole.document.text.split("\n")]
    by = each.quantity.rpartition("/d")[2].strip("'")
    return len(row) > 1 and re.sub(r"\W|_", "", row[0]) == by and any(
        one[1:] == row[1:] and one[0] != row[0] and _signs_off(one[0], row[0])
        for one in rows
        if one
    )  # fmt: skip


def _heading(reading: Reading, start: int) -> str:
    """The nearest heading above a place."""
    found = re.findall(r"(?m)^#+[ \t]+.*$", reading.document.text[:start])
    return found[-1] if found else ""


def _below_another_heading(whole: Reading, hurt: Reading, each: Assertion) -> bool:
    """True for a whole line that now stands below the heading of another pass, which is whole too.

    It has the same signs in the whole sheet, where its quantity differs in primes alone.
    """
    text, name = hurt.document.text[each.start : each.end], each.quantity.replace("'", "")
    heading, lines = _heading(hurt, each.start), whole.document.text.split("\n")
    row = hurt.document.text.split("\n")[hurt.document.row(each.start)]
    return heading != "" and heading in lines and row in lines and any(
        one.quantity.replace("'", "") == name
        and whole.document.text[one.start : one.end] == text
        and heading != _heading(whole, one.start)
        for one in whole.assertions
    )  # fmt: skip


NEW = re.compile(r"'|\^\{?(?:new|neu|\+|\\prime|\(1\))\}?")
"""What says behind a name that it is new, or of the first layer."""


def _with_another_mark(whole: Reading, hurt: Reading, each: Assertion) -> bool:
    """True for a statement that is another by nothing but such marks, and is read as they say."""
    text, name = _bare(hurt.document.text[each.start : each.end]), each.quantity.replace("'", "")
    said = "'" in text.partition("=")[0]
    return said == ("'" in each.quantity) and any(
        one.quantity.replace("'", "") == name
        and NEW.sub("", stated) == NEW.sub("", text) != stated != text
        for one in whole.assertions
        if (stated := _bare(whole.document.text[one.start : one.end]))
    )


def _untouched(whole: Reading, hurt: Reading, each: Assertion) -> bool:
    """True if a statement stands in the whole sheet too, between the same signs."""
    text = _bare(_numbers_apart(hurt.document.text[each.start : each.end]))
    inside = _stated(whole)
    if re.fullmatch(r"[-−\d.,{}$]*", text):  # a cell holds a number only
        return False
    beside = _beside(hurt.document.text, each.start, each.end)
    return any(
        (inside[: m.start()][-2:], inside[m.start() + len(text) :][:2]) == beside
        for m in re.finditer(re.escape(text), inside)
    )


def _literal(hurt: Reading, each: Assertion) -> bool:
    """True if a statement stands on one line, from its name to an end that is seen."""
    text = hurt.document.text
    before = re.split("\n", text[: each.start])[-1]
    behind = re.split("\n", text[each.end :])[0]
    alone = re.fullmatch(
        r"(?:.*([;|`$&,>]|[ ]{2})|\W*)(?:\s|\\quad|\\qquad)*", before
    ) and re.match(r"\s*(?:[;|`$&,\\]|\.\s|$)|[ ]{2}", behind)
    return "\n" not in text[each.start : each.end] and bool(alone)


def _signs_off(one: str, two: str) -> bool:
    """True if only single signs are lost, added or others, so that the damage made the number.

    No other statement can have run into such a one.
    """
    changes = SequenceMatcher(None, one, two, autojunk=False).get_opcodes()
    return all(max(b - a, d - c) < 2 for kind, a, b, c, d in changes if kind != "equal")


def _digits_lost(one: str, two: str) -> bool:
    """True if a few digits of a number are lost, 0.5 of 0.375, so that the damage made it."""
    lost = len(two) - len(one)
    return 0 < lost < 6 and any(
        two[:at] + two[at + lost :] == one and re.fullmatch(r"[\d.,]+", two[at : at + lost])
        for at in range(len(one) + 1)
    )


def _goes_into(text: str, other: str) -> bool:
    """True if a statement goes on, behind a sign of equality, with the rest of another one."""
    sign = re.search("[=≈]|approx", other)
    rest = other[sign.start() :] if sign else ""
    inside = len(rest.replace(r"\num", "")) > 10 and text.endswith(rest)  # more than a number
    return inside and bool(re.search("[=≈]|approx", text[: -len(rest)]))


def misread(good: Good, hurt: Reading) -> Iterator[str]:
    """What a damaged sheet was taken to say that neither the whole one says nor the damaged signs.

    A statement whose own signs are not damaged must be about the same quantity and say the same.
    One that is cut off must not be read, nor one that goes on over a line's end to the result of
    another quantity.
    """
    whole = good.reading
    given = {name: Number(number) for name, number in good.network.weights.items()}
    said = good.stated | {
        (name, formula_text(said))
        for each in whole.assertions
        for name in (each.quantity, *_named(each))
        for part in each.chain
        for said in (part.expression, replaced(part.expression, given))
    }
    stated = {
        (each.quantity, _bare(whole.document.text[each.start : each.end]))
        for each in whole.assertions
    }
    texts = {text for _, text in stated}
    results = {(each.quantity, formula_text(each.said.expression)) for each in whole.assertions}
    for each in hurt.assertions:
        value = formula_text(each.said.expression)
        if (each.quantity, value) in said:
            continue
        text = _bare(hurt.document.text[each.start : each.end])
        if _redefined(whole, hurt, text) or _moved_past(whole, hurt, each):
            continue
        if _below_another_head(whole, hurt, each) or _below_another_heading(whole, hurt, each):
            continue
        if _with_another_mark(whole, hurt, each) or _in_a_row_of_another_name(whole, hurt, each):
            continue
        number = re.fullmatch(r"[-−\d.,{}$]*", text)  # a cell whose sign is lost
        if number and any(q == each.quantity and _signs_off(text, t) for q, t in stated):
            continue
        if (text in texts and len(text) > 4) or _untouched(whole, hurt, each):
            yield f"{each.quantity} = {value}: not what the whole sheet says: {text}"
        elif any(
            _cut(hurt, each.end, other[len(text) :])
            for other in texts
            if other[: len(text)] == text
        ):
            yield f"{each.quantity} = {value}: cut off: {text}"
        elif any(
            q not in (each.quantity, *_named(each)) and _goes_into(text, t) for q, t in stated
        ) and not any(q == each.quantity and _signs_off(text, t) for q, t in stated):
            yield f"{each.quantity} = {value}: goes on with another statement: {text}"
        elif (
            len(re.findall("[=≈]|approx", text)) > 1
            and len(value) > 2
            and not _literal(hurt, each)
            and not any(
                q == each.quantity and v.strip("-()") == value.strip("-()") for q, v in results
            )
            and not any(_signs_off(text, t) or _digits_lost(text, t) for t in texts)
            and any(v == value and q not in (each.quantity, *_named(each)) for q, v in results)
        ):
            yield f"{each.quantity} = {value}: the result of another quantity: {text}"
