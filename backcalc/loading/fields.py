"""Typed reading of a document: this must be a mapping, that a number, these are the known keys."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import Any, TypeAlias, TypeGuard

from backcalc.equations.initial import RANDOM
from backcalc.errors import BackcalcError, Place, counted, did_you_mean, listed
from backcalc.formulas import record
from backcalc.formulas.expression import Function
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import KEYWORDS, NAME, parse_number
from backcalc.loading.document import Entries, Items, Word, YamlNode

Sections = dict[str, YamlNode]  # the sections of a file by key

Schema: TypeAlias = "dict[str, Any] | Record | Callable[[], dict[str, Any] | Record]"
"""A part of the JSON Schema, or what makes it if it is long; `$kind` is a kind of `schema.py`."""

MEANT = dict.fromkeys(("lr", "eta", "alpha"), "learning_rate")
STAYS = "for an edge that only adds, name a weight that is 1 and list it under frozen:"
RESERVED = {
    "lr": "the learning rate",
    "L": "the loss",
    "J": "the loss over all samples",
    RANDOM: "a number that is drawn",
}
ACTIVATIONS = {row.name: len(row.defaults) for row in FUNCTIONS.values() if row.activation}
NOWHERE = Place("")  # of a word that stands in no file
MOST_LETTERS = 100  # of a name
DRAWN = re.compile(rf"{RANDOM}\s+([0-9]+(?:\s*x\s*[0-9]+)*)")
ABOVE = re.compile(r"\^\(\w{1,9}\)(?=_|$|[/'\[])")  # a number above a name
INDEX = re.compile(r"([^\[\]]*)\[(0|[1-9][0-9]{0,8})\]")


# What may stand in a file, as data: the loader reads by it, and the JSON Schema is made of it.


def of(kind: str, **more: Any) -> Schema:
    """The schema of one word: a number, a name, a formula, ..."""
    return {"$kind": kind, **more}


def listing(items: Schema, **more: Any) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items, **more}


def table(keys: Schema, values: Schema, **more: Any) -> dict[str, Any]:
    """The schema of a mapping whose keys the author chooses; nothing at all is an empty one."""
    return {
        "type": ["object", "null"], "propertyNames": keys, "additionalProperties": values, **more
    }  # fmt: skip


@record(frozen=True, slots=True, eq=False)
class Field:
    """One key of a mapping: of the whole file, or of a part such as a layer."""

    name: str
    """The key."""
    sentence: str
    """Its meaning in a sentence, for editors and for help."""
    schema: Schema
    """The schema of its value."""
    read: Callable[[YamlNode], Any] | None = None
    """Makes its value; None if other parts of the file are needed for that."""
    required: bool = False
    """True if there is no value without it."""


class Record:
    """A mapping with known keys."""

    def __init__(
        self, what: str, *keys: Field, thing: str = "", unknown: str = "unknown key",
        hint: str = "", **more: Any,
    ) -> None:  # fmt: skip
        self.what = what
        """The words of an error for something else: a layer such as {name: h, ...}."""
        self.keys = {key.name: key for key in keys}
        """The rows, in the order in which errors list them."""
        self.thing = thing
        """The noun of an error about a key that is missing: this layer has no 'name'."""
        self.unknown, self.hint = unknown, hint or f"known keys: {listed(self.keys, 30)}"
        """The error for a key that is in no row, and its hint if no row has such a name."""
        self.more = more
        """Further rules of the JSON Schema."""

    def entries(self, node: YamlNode) -> Sections:
        """Return what is written under each key; raise BackcalcError for all unknown keys."""
        found: Sections = {}
        unknown: list[BackcalcError] = []
        for key, value in mapping(node, self.what).entries:
            if key.text not in self.keys:
                hint = did_you_mean(MEANT.get(key.text, key.text), self.keys) or self.hint
                unknown.append(BackcalcError(f"{self.unknown} {key.text[:60]!r}", key.place, hint))
                continue
            found[key.text] = value
        if unknown:
            raise unknown[0].beside(unknown[1:])
        return found

    def read(self, node: YamlNode) -> dict[str, Any]:
        """Return the values by key: read if the key has a reader, else as they are written."""
        found = self.entries(node)
        for key in self.keys.values():
            if key.required and key.name not in found:
                hint = STAYS if key.name == "weight" else None
                raise BackcalcError(f"this {self.thing} has no {key.name!r}", node.place, hint)
        return {
            name: read(value) if (read := self.keys[name].read) else value
            for name, value in found.items()
        }


# Words, lists and mappings.

LISTED = {1: "write it without [ ]"}
"""What to do where a list of so many stands for a word."""


def described(node: YamlNode) -> str:
    """Describe a node for an error."""
    match node:
        case Entries():
            return "a mapping"
        case Items():
            return "a list"
        case Word("", quoted=False):
            return "nothing"
    return repr(node.text[:60])


def expected(what: str, node: YamlNode, hint: str | None = None) -> BackcalcError:
    """Return the error for a node of the wrong kind."""
    return BackcalcError(f"expected {what}, found {described(node)}", node.place, hint)


def mapping(node: YamlNode, what: str, hint: str | None = None) -> Entries:
    """Return the node as a mapping; no value is an empty one."""
    if isinstance(node, Word) and not node.text and not node.quoted:
        return Entries((), node.place)
    if not isinstance(node, Entries):
        raise expected(what, node, hint)
    return node


def sequence(node: YamlNode, what: str) -> Items:
    """Return the node as a list."""
    if not isinstance(node, Items):
        raise expected(what, node, "put it in [ ]" if isinstance(node, Entries) else None)
    return node


def word(node: YamlNode, what: str) -> Word:
    """Return the node as one word."""
    if not isinstance(node, Word) or not node.text:
        raise expected(what, node, LISTED.get(len(node.items)) if isinstance(node, Items) else None)
    return node


def number(node: YamlNode) -> Fraction:
    """Return the node as an exact number."""
    scalar = word(node, "a number")
    return parse_number(scalar.text, scalar.place)


def bounded(name: str, must: Callable[[Fraction], str | None]) -> Callable[[YamlNode], Fraction]:
    """Return the reader of a number; `must` gives what is wrong with it, if anything is."""

    def read(node: YamlNode) -> Fraction:
        value = number(node)
        if wrong := must(value):
            assert isinstance(node, Word)
            raise BackcalcError(f"{name} must {wrong}, not {node.text[:60]}", node.place)
        return value

    return read


def not_negative(value: Fraction) -> str | None:
    """Return what is wrong with a number below 0."""
    return "be at least 0" if value < 0 else None


def words(node: YamlNode, what: str, each: str, noun: str = "") -> list[Word]:
    """Return the node as a list of words; with a `noun` for an error, each may stand there once."""
    found: dict[str, Word] = {}
    scalars = [word(item, each) for item in sequence(node, what).items]
    for scalar in scalars if noun else ():
        if found.setdefault(scalar.text, scalar) is not scalar:
            raise BackcalcError(f"the {noun} {scalar.text[:60]!r} is listed twice", scalar.place)
    return scalars


def is_random(node: YamlNode) -> TypeGuard[Word]:
    """Return True if the node leaves a number to be drawn."""
    return isinstance(node, Word) and node.text == RANDOM


def is_drawn(node: YamlNode) -> bool:
    """Return True if the node leaves a whole matrix to be drawn: `random 3x2`."""
    return isinstance(node, Word) and DRAWN.fullmatch(node.text) is not None


def settings(text: str, example: str) -> tuple[Word, Entries]:
    """Read a word of a command with its settings: `momentum,mu=0.5,clip_norm=1`."""
    head, *parts = (Word(part.strip(), NOWHERE) for part in text.split(","))
    found: dict[str, tuple[Word, Word]] = {}
    for part in parts:
        key, equals, value = (word.strip() for word in part.text.partition("="))
        if not equals:
            raise BackcalcError(f"{part.text!r} is not of the form {example}")
        if key in found:
            raise BackcalcError(f"{key} is given twice")
        found[key] = Word(key, NOWHERE), Word(value, NOWHERE)
    return head, Entries(tuple(found.values()), NOWHERE)


def name(scalar: Word, what: str = "a name", steps: int = 0) -> str:
    """Read a name: a letter or underscore, then letters, digits, underscores; NFC.

    In a file that repeats, `h[0]` up to the number of its steps is one too.
    """
    if steps and (indexed := INDEX.fullmatch(scalar.text)):
        if int(indexed[2]) > steps:
            hint = f"repeat: {steps} makes the steps 1 to {steps}; [0] is what comes before"
            raise BackcalcError(f"{scalar.text[:60]!r} is out of range", scalar.place, hint)
        return f"{name(Word(indexed[1], scalar.place), what)}[{indexed[2]}]"
    text = unicodedata.normalize("NFC", scalar.text)
    if not NAME.fullmatch(text) or not text.isidentifier():  # x² and w₀ are no identifiers
        hint = "a name is a letter or _, then letters, digits and _"
        if text.isdecimal():  # 0,4 in braces is 0 and a name
            hint = f"a number has a point in a file, as 0.{text}; {hint}"
        if re.fullmatch(r"\w+\^?[{]?[(\[]?\d+[)\]]?[}]?(?:_\d+)?", text) and "^" in text:
            hint = "write a1 for the layer a^(1), and a1_2 for its unit 2"
        if text.endswith("[t]"):
            hint = "a line for each step needs repeat: with the number of steps"
        raise BackcalcError(f"{text[:60]!r} cannot be {what}", scalar.place, hint)
    if len(text) > MOST_LETTERS:
        message = f"{text[:20] + '...'!r} is longer than {MOST_LETTERS} letters"
        raise BackcalcError(message, scalar.place)
    if text in KEYWORDS:
        raise BackcalcError(f"{text!r} is a word of formulas and cannot be {what}", scalar.place)
    return text


def own_word(scalar: Word) -> str:
    """Read a word for a quantity: a name, also with a number above it: a^(1), a_2^(1), a^(1)_2.

    >>> own_word(Word("a^{(1)}_2", NOWHERE))
    'a_2^(1)'
    """
    text = scalar.text.replace("{", "").replace("}", "")
    above = ABOVE.search(text)
    if not above:
        return name(scalar, "the name of a quantity")
    base = text[: above.start()] + text[above.end() :]
    return f"{name(Word(base, scalar.place), 'the name of a quantity')}{above[0]}"


def one_of(scalar: Word, known: Collection[str], what: str) -> str:
    """Return the word; raise BackcalcError if it is not among the known ones."""
    if scalar.text not in known:
        hint = did_you_mean(scalar.text, known) or f"there are {listed(known, 40)}"
        raise BackcalcError(f"unknown {what} {scalar.text[:60]!r}", scalar.place, hint)
    return scalar.text


def call(scalar: Word, known: Mapping[str, int], what: str) -> tuple[str, tuple[Fraction, ...]]:
    """Read the name of a table's row with numbers for its settings: `leaky_relu(0.2)`, `huber(1)`.

    `known` says how many settings each name takes.
    """
    head, bracket, rest = scalar.text.partition("(")
    head = head.strip()
    if head not in known:
        one_of(Word(head, scalar.place), known, what)
    if not bracket:
        return head, ()
    inside, close, after = rest.rpartition(")")
    if not close or after.strip():
        raise BackcalcError(f"{scalar.text[:60]!r} must end with a closing bracket", scalar.place)
    words = inside.split(",")
    if len(words) > known[head]:
        message = f"{head} takes {counted(known[head], 'number')}, not {len(words)}"
        raise BackcalcError(message, scalar.place)
    offset = scalar.text.index("(") + 1
    settings = []
    for each in words:
        settings.append(parse_number(each, scalar.inside.moved(offset, max(len(each), 1))))
        offset += len(each) + 1
    return head, tuple(settings)


def activation(node: YamlNode) -> tuple[Function, tuple[Fraction, ...]]:
    """Read an activation and its settings."""
    head, settings = call(word(node, "an activation"), ACTIVATIONS, "activation")
    row = FUNCTIONS[head]
    return row, (*settings, *row.defaults[len(settings) :]) if settings else ()


def and_on(first: Place | None) -> str:
    """Return where else a name is given, for an error."""
    return f", here and on line {first.line}" if first else ""


class TakenNames(dict[str, "Place | None"]):
    """Every quantity's name with the place that gave it, so that none is given twice."""

    def __init__(self, steps: int = 0) -> None:
        super().__init__()
        self.steps = steps
        """How often the file repeats, 0 where it does not."""
        self.stems: dict[str, Place | None] = {}
        """The names that have a value at each step: h of h[1]."""

    def read(self, scalar: Word) -> str:
        """Give the name that is written here to a quantity."""
        return self.add(name(scalar, steps=self.steps), scalar.place)

    def add(self, text: str, place: Place | None, hint: str | None = None) -> str:
        """Give a name to a quantity."""
        if text in self:
            raise self.taken(text, place, hint)
        stem, bracket, _ = text.partition("[")
        if stem in RESERVED:
            message = f"{stem!r} is the name of {RESERVED[stem]}"
            raise BackcalcError(message, place, "choose another name")
        if bracket:
            self.stems.setdefault(stem, place)
        others = self if bracket else self.stems
        if stem in others:
            message = f"{stem!r} is both one quantity and one for each step{and_on(others[stem])}"
            raise BackcalcError(message, place, "rename one of them")
        self[text] = place
        return text

    def taken(self, text: str, place: Place | None, hint: str | None = None) -> BackcalcError:
        """Return the error for a name that is given twice."""
        hint = hint or "each quantity needs a name of its own"
        return BackcalcError(f"{text!r} names two quantities{and_on(self[text])}", place, hint)
