r"""Tables of the signs and words that people write: LaTeX commands, Unicode, many languages.

`COMMANDS` says for each LaTeX command what kind of token it is and what it means. A command that
stands in no table makes its statement unread: nothing is dropped that might mean something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile, takewhile

from backcalc.errors import texts
from backcalc.errors.patterns import regex
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import GREEK


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(re.findall(r"\S+", text))


def _rows(name: str) -> list[list[str]]:
    """Return the rows of a list that has columns."""
    return [row.split() for row in _TEXTS[name].splitlines()]


_TEXTS = {
    head.partition(":")[0]: text
    for file in ("signs.txt", "words.txt")
    for head, text in texts(__package__, file).items()
}
"""The lists of the two files, which say what each of them means, by name."""
_LISTS = {name: words(text) for name, text in _TEXTS.items()}


def __getattr__(name: str) -> frozenset[str]:
    """Return the words of the list of this name, so that any of them can be imported from here."""
    if name in _LISTS:
        return _LISTS[name]
    raise AttributeError(name)


COMMANDS: Mapping[str, tuple[str, str]] = {name: ("word", name) for name in GREEK} | {
    name: (kind, name if meaning == "." else meaning)
    for kind, meaning, *names in _rows("COMMANDS")
    for name in names
}
"""The kind and the meaning of each LaTeX command that is read."""
DROPPED, LABELLED = (
    {name: int(count) for count, *names in _rows(table) for name in names}
    for table in ("DROPPED", "LABELLED")
)
"""Commands that are read as nothing, or as their last argument, with the number of the others."""

UNICODE = {
    sign: typed.replace("_", " ") for typed, *signs in _rows("UNICODE") for sign in signs
} | {
    "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{THIN SPACE}": " ",
    "\N{IDEOGRAPHIC SPACE}": " ", "\N{FIGURE SPACE}": " ", "\N{ZERO WIDTH SPACE}": "",
    "\N{WORD JOINER}": "", "\N{ZERO WIDTH NO-BREAK SPACE}": "", "\N{INVISIBLE TIMES}": "*",
    "├": "", "┤": "", "▒": " ", "\N{INVISIBLE SEPARATOR}": ",",
    "\N{INVISIBLE PLUS}": "+", "\N{FUNCTION APPLICATION}": "", "\N{SOFT HYPHEN}": "",
    "\N{LEFT-TO-RIGHT MARK}": "",
}  # fmt: skip
"""Signs beyond ASCII as they are typed on a keyboard."""

LOW, HIGH = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾"
LOWERED = {**dict(zip(LOW, "0123456789+-()", strict=True)),
           **dict(zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx", strict=True))}  # fmt: skip
RAISED = {**dict(zip(HIGH, "0123456789+-()", strict=True)), "ᵀ": "T", "ⁿ": "n",
          **dict(zip("ᵃᵉˡᵗᵘʷ", "aeltuw", strict=True))}  # fmt: skip
"""Digits and letters below and above the line."""

FUNCTION_NAMES = {name.replace("_", ""): name for name in FUNCTIONS} | {
    word: name for name, *others in _rows("FUNCTION_NAMES") for word in others
}
"""Functions of the table by the words that people use, small letters, without underscores."""

_ROWS = [row.split("|") for row in re.split(r"\n(?=[a-z])", _TEXTS["PASSES BY LANGUAGE"])]
NEW, _OLD, _BEFORE = (words(" ".join(row[column] for row in _ROWS)) for column in (1, 2, 3))
"""Words that say that what follows comes after the update, and that it comes before it."""
OLD = _OLD | _BEFORE
EARLIER = _BEFORE | {"prima"}  # which behind w is a prime


def phrases(name: str) -> list[str]:
    """Return the phrases of a list, or their patterns."""
    return re.split(r",\s+", _TEXTS[name].strip())


CHANGES = phrases("CHANGES")
AND = ("and", "and it", "which", "so it", "and so it")
"""What stands before GIVING."""
BY = tuple(phrases("BY"))
"""Words behind a derivative that say by what it is taken."""

AFTER = _LISTS["AFTER"]
GRADIENT = _LISTS["GRADIENT"]
PASSES = _LISTS["PASSES"]
ORDINALS = _LISTS["ORDINALS"]
HALF_PASSES = _LISTS["HALF_PASSES"]
LEARNING = _LISTS["LEARNING"]
AGAIN = _LISTS["AGAIN"]
CHECKS = _LISTS["CHECKS"]
LEAD_INS = _LISTS["LEAD_INS"]
OF_ALONE = _LISTS["OF_ALONE"]
SAME = _LISTS["ALSO"] | _LISTS["SAME"]
WERE = OLD | _LISTS["WERE"]
LEADING = LEAD_INS - _LISTS["NOT_LEADING"] | words("item layer schicht couche capa")
"""Words right behind which a name begins a statement."""
STEPS = _LISTS["STEPS"] | PASSES - words(
    "forward values weights update vorwärts vorwärtslauf propagation"
)


def by_kind(name: str) -> dict[str, tuple[str, ...]]:
    """Return the words of a list in which there are some for each of several kinds."""
    rows = re.findall(r"^([\w-]+): ((?:.|\n )+)", _TEXTS[name], re.MULTILINE)
    return {kind: tuple(said.split()) for kind, said in rows}


NOUNS = {kind: frozenset(said) for kind, said in by_kind("NOUNS").items()}
ARE_NEW = regex(
    rf"\b(?:{'|'.join(_LISTS['PARAMETERS'] | NOUNS['weight'] | NOUNS['bias'])})"
    rf" (?:\w+ )?(?:{'|'.join(phrases('BECOME'))})\Z"
)
"""Words that end in saying that all weights have new values."""


def says_by(said: Sequence[str]) -> bool:
    """Return true if the name behind some words is what the loss is differentiated by."""
    *before, last = [*said] or [""]
    while before and last in _LISTS["ARTICLES"]:
        *before, last = before
    said = [*before, last]
    if last in OF_ALONE:
        return bool(before) and before[-1].startswith("grad")
    if last not in _LISTS["BY_ALONE"] | {"at"}:
        return " ".join(said).endswith(BY)
    between = OF_ALONE | LEAD_INS | NOUNS["loss"]
    of = [*takewhile(lambda w: w in between or len(w) < 3, reversed(before))]
    noun = before[-len(of) - 1 : len(before) - len(of)]
    of_loss = OF_ALONE.intersection(of) and _LISTS["SCALING"].isdisjoint(before)
    by = bool(of_loss) or last in ("at", "nach", "по", "за", "po")
    return by and not GRADIENT.isdisjoint(noun)


def saying(words: Sequence[str]) -> str:
    """What words say of the statements after them: new, gradient, again or nothing."""
    heard = {word.casefold() for word in words if len(word) > 2 or not word.isascii()}
    heard -= GRADIENT if heard & _LISTS["DESCENT"] else set()
    low = [word.casefold() for word in words]
    heard |= {"new"} if ARE_NEW.search(" ".join(low)) else set()
    for place, word in enumerate(low):
        of = [*dropwhile(_LISTS["FILLING"].__contains__, low[place + 1 : place + 4])][:1]
        heard -= {word} if word in AFTER and _LISTS["ACTIVATING"] & {*of} else set()
    heard -= set() if heard & PASSES else ORDINALS
    found = [
        said for said, known in (("new", NEW), ("gradient", GRADIENT), ("again", AGAIN - CHECKS))
        if heard & known
    ]  # fmt: skip
    return found[0] if len(found) == 1 and not (found[0] == "new" and heard & EARLIER) else ""


def says_later(words: Sequence[str]) -> bool:
    """Return true if a clause is of the time behind the update: after one step, as a new pass."""
    heard = {word.casefold() for word in words}
    if saying(words) != "new" or heard & NEW - AFTER - ORDINALS:
        return saying(words) == "new"
    if heard & ORDINALS:
        return bool(heard & AFTER) or heard.isdisjoint(_LISTS["STEPS_OF_WORK"])
    return not heard.isdisjoint(PASSES | LEARNING) and heard.isdisjoint(HALF_PASSES)
