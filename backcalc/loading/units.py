"""`nodes:` and `skip:` to units with their edges."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Mappings
from dataclasses import dataclass, field, replace
from fractions import Fraction

from backcalc.equations.initial import RANDOM
from backcalc.equations.network import Edge, Unit
from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.loading import fields
from backcalc.loading.document import Mapping, Node, Scalar

NODE_KEYS = ("from", "bias", "activation")
SKIP_KEYS = ("from", "to", "weight")
MOST_UNITS = 20_000
MOST_IN_SOFTMAX = 1000  # its derivatives are the square of that


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A unit as written: sources and weights are words whose meaning is not looked up yet."""

    unit: Unit
    """The unit, still without edges and bias."""
    edges: list[tuple[Scalar, Scalar, bool]]
    """Source, weight and whether it is a skip edge; those under `skip:` are put in last."""
    bias: Scalar | None
    """The weight that is added."""


@dataclass(slots=True)
class Drafts:
    """All units of a file, and the weights that layers bring with them."""

    units: dict[str, Draft] = field(default_factory=dict)
    """By unit name, in file order."""
    weights: dict[str, tuple[Fraction | None, Place]] = field(default_factory=dict)
    """Weights whose numbers stand in a layer, None where they are drawn."""

    def add(self, draft: Draft) -> None:
        """Add a unit; its name must be new."""
        unit = draft.unit
        if unit.name in self.units:
            first = self.units[unit.name].unit.where
            line = f", here and on line {first.line}" if first else ""
            raise BackcalcError(f"{unit.name!r} names two units{line}", unit.where)
        if len(self.units) >= MOST_UNITS:
            raise BackcalcError(f"more than {MOST_UNITS} units", unit.where)
        self.units[unit.name] = draft

    def group(self, names: list[str]) -> None:
        """Let these units share one softmax."""
        if len(names) > MOST_IN_SOFTMAX:
            message = f"softmax of more than {MOST_IN_SOFTMAX} units"
            raise BackcalcError(message, self.units[names[0]].unit.where)
        group = tuple(names)
        for name in names:
            draft = self.units[name]
            self.units[name] = replace(draft, unit=replace(draft.unit, group=group))


def unit_name(scalar: Scalar) -> str:
    """A unit's name: digits or a name."""
    if scalar.text.isascii() and scalar.text.isdigit() and len(scalar.text) < 20:
        return scalar.text
    return fields.name(scalar, "a unit's name")


def read_nodes(node: Node, drafts: Drafts) -> None:
    """The units of `nodes:`; those with the same function of several outputs share it."""
    groups: dict[str, list[str]] = {}
    for key, value in fields.mapping(node, "a mapping of units").entries:
        draft = _node(key, value)
        drafts.add(draft)
        if draft.unit.activation.outputs:
            groups.setdefault(draft.unit.activation.name, []).append(draft.unit.name)
    for names in groups.values():
        drafts.group(names)


def _node(key: Scalar, value: Node) -> Draft:
    """One unit."""
    found = fields.keyed(value, NODE_KEYS, "a unit such as {from: {x: w0}, activation: relu}")
    sources = found.get("from", Mapping((), key.place))
    edges = [
        (source, fields.word(weight, "the name of a weight"), False)
        for source, weight in fields.mapping(sources, "a mapping of sources to weights").entries
    ]
    bias = fields.word(found["bias"], "the name of a weight") if "bias" in found else None
    name = unit_name(key)
    if not edges and bias is None:
        hint = "from: {x: w0} says what comes in and with which weight"
        raise BackcalcError(f"nothing comes into unit {name!r}", key.place, hint)
    word = fields.word(found.get("activation", Scalar("identity", key.place)), "an activation")
    function, settings = fields.activation(word)
    return Draft(Unit(name, (), None, function, settings, where=key.place), edges, bias)


def read_skips(node: Node, drafts: Drafts) -> None:
    """The edges under `skip:`, each put into the unit that it leads to."""
    for item in fields.sequence(node, "a list of skip edges").items:
        found = fields.keyed(item, SKIP_KEYS, "a skip edge such as {from: 0, to: 2, weight: ws}")
        for key in SKIP_KEYS:
            if key not in found:
                raise BackcalcError(f"this skip edge has no {key!r}", item.place)
        source, to, weight = (fields.word(found[key], f"a word for {key!r}") for key in SKIP_KEYS)
        if to.text not in drafts.units:
            hint = did_you_mean(to.text, drafts.units) or f"the units are {listed(drafts.units)}"
            message = f"edge to nowhere: there is no unit {to.text[:60]!r}"
            raise BackcalcError(message, to.place, hint)
        drafts.units[to.text].edges.append((source, weight, True))


# Looking up.


def resolved(
    drafts: Drafts,
    activations: Mappings[str, str],
    values: Collection[str],
    weights: Collection[str],
) -> Iterator[Unit]:
    """The units with sources and weights looked up.

    `activations` names each unit's value; `values` are the other quantities that may come in.
    """
    for draft in drafts.units.values():
        edges = tuple(
            Edge(_source(source, activations, values), known_weight(weight, weights), skip)
            for source, weight, skip in draft.edges
        )
        bias = known_weight(draft.bias, weights) if draft.bias else None
        yield replace(draft.unit, edges=edges, bias=bias)


def _source(scalar: Scalar, activations: Mappings[str, str], values: Collection[str]) -> str:
    """The quantity that comes in over an edge."""
    text = scalar.text
    if text in activations:
        return activations[text]
    if text in values:
        return text
    units = {quantity: unit for unit, quantity in activations.items()}
    if text in units:
        hint: str | None = f"write {units[text]}: an edge names the unit that it comes from"
    else:
        known = [*activations, *values]
        hint = did_you_mean(text, known) or f"there are {listed(known)}"
    message = f"edge from nowhere: there is no unit or input {text[:60]!r}"
    raise BackcalcError(message, scalar.place, hint)


def known_weight(scalar: Scalar, weights: Collection[str]) -> str:
    """A weight's name that has a value."""
    if scalar.text in weights:
        return scalar.text
    if scalar.text[0] in "+-.0123456789":
        hint: str | None = "write a name here and its number under weights:"
        raise BackcalcError(f"{scalar.text[:60]!r} is not a weight's name", scalar.place, hint)
    text = fields.name(scalar, "a weight's name")
    hint = did_you_mean(text, weights) or "give it a number under weights:"
    if text == RANDOM:
        hint = "write a name here, and its number as random under weights:"
    raise BackcalcError(f"weight {text!r} has no value", scalar.place, hint)
