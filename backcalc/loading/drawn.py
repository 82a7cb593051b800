"""`init:` and the weights given as `random`."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Mappings
from fractions import Fraction

from backcalc.equations.initial import INITIALISATIONS, MOST_SEED, Initial, Initialisation
from backcalc.equations.network import Unit
from backcalc.equations.starts import start_numbers
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.parser import parse_number
from backcalc.loading import fields
from backcalc.loading.document import Mapping, Node, Scalar
from backcalc.loading.fields import Document, Names
from backcalc.loading.units import Drafts

DEFAULT = "normal"
MOST_SPREAD = 10**6
KIND = "initialisation"

Given = dict[str, Fraction | None]
"""Weights with their numbers, None where they are drawn."""


def read_initial(document: Document) -> Initial:
    """How a file's random weights are drawn."""
    node = document.get("init")
    if node is None:
        return Initial(asked=False)
    if not isinstance(node, Mapping):
        word = fields.word(node, "the name of an initialisation, or a mapping with it")
        return Initial(INITIALISATIONS[fields.one_of(word, INITIALISATIONS, KIND)])
    found = {key.text: (key, value) for key, value in node.entries}
    row, seed = INITIALISATIONS[DEFAULT], 0
    if "distribution" in found:
        word = fields.word(found.pop("distribution")[1], "the name of an initialisation")
        row = INITIALISATIONS[fields.one_of(word, INITIALISATIONS, KIND)]
    if "seed" in found:
        seed = _seed(found.pop("seed")[1])
    others = "seed", "distribution"
    options = {_option(row, key, others): _size(row, key, value) for key, value in found.values()}
    return Initial(row, options, seed)


def parse_initial(text: str) -> Initial:
    """An initialisation as a command names it: `xavier`, or `normal,std=0.5`."""
    word, settings = fields.settings(text, "std=0.5")
    row = INITIALISATIONS[fields.one_of(word, INITIALISATIONS, KIND)]
    return Initial(row, {_option(row, key): _size(row, key, value) for key, value in settings})


def _option(row: Initialisation, key: Scalar, others: tuple[str, ...] = ()) -> str:
    """An option that this initialisation has; `others` are keys that may be meant."""
    known = tuple(dict(row.options))
    if key.text not in known:
        hint = did_you_mean(key.text, (*known, *others))
        hint = hint or (f"it takes {listed(known)}" if known else f"it is {row.words}")
        if key.text == "seed":
            hint = "--seed gives the seed"
        message = f"the initialisation {row.name} has no option {key.text[:60]!r}"
        raise BackcalcError(message, key.place, hint)
    return key.text


def _size(row: Initialisation, key: Scalar, node: Node) -> Fraction:
    """An option's number."""
    scalar = fields.word(node, "a number")
    value = parse_number(scalar.text, scalar.place)
    if key.text == row.spread and not 0 < value <= MOST_SPREAD:
        wanted = "above 0" if value <= 0 else f"at most {MOST_SPREAD}"
        raise BackcalcError(f"{key.text} must be {wanted}, not {scalar.text[:60]}", scalar.place)
    return value


def _seed(node: Node) -> int:
    """Where the stream starts."""
    value = fields.number(node)
    if value.denominator != 1 or not 0 <= value <= MOST_SEED:
        raise BackcalcError(f"a seed is a whole number from 0 to {MOST_SEED}", node.place)
    return int(value)


def read_weights(document: Document, key: str, names: Names) -> Given:
    """A section of weights, each with its number or `random`."""
    if key not in document:
        return {}
    entries = fields.mapping(document[key], "a mapping of names to numbers").entries
    return {
        names.read(name): None if fields.is_random(node) else fields.number(node)
        for name, node in entries
    }


def given_weights(document: Document, drafts: Drafts, names: Names) -> tuple[Given, set[str]]:
    """Weights and biases, those of layers last; and which of them are listed as biases."""
    weights = read_weights(document, "weights", names)
    biases = read_weights(document, "biases", names)
    weights |= biases
    for name, (value, place) in drafts.weights.items():
        weights[names.add(name, place, "a number in a layer gets this name")] = value
    return weights, set(biases)


def started(
    initial: Initial,
    given: Given,
    units: Collection[Unit],
    biases: Collection[str],
    names: Names,
) -> Mappings[str, Fraction]:
    """The weights in file order, those that are random drawn."""
    drawn = [name for name, value in given.items() if value is None]
    numbers = start_numbers(initial, drawn, units, biases, names.places) if drawn else {}
    return {name: numbers[name] if value is None else value for name, value in given.items()}
