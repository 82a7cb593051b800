"""Network file to Network: every name looked up, every error with its place."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Mappings
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Definition, Expected, Network, Unit
from backcalc.equations.optimizers import own_names
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import Expression, names_in
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS, default_conventions
from backcalc.formulas.parser import DERIVATIVE, QUANTITY, parse
from backcalc.loading import fields
from backcalc.loading.bundled import bundled
from backcalc.loading.definitions import (
    Outputs,
    check_classes,
    check_ends,
    definitions,
    name_lines,
    read_lines,
    read_loss,
    read_outputs,
)
from backcalc.loading.descent import read_descent, regularised
from backcalc.loading.document import Mapping, Node, Scalar, Sequence, compose, read_text
from backcalc.loading.drawn import given_weights, read_initial, started
from backcalc.loading.fields import Document, Names
from backcalc.loading.layers import read_layers
from backcalc.loading.repeat import ends_written_out, read_repeat, read_repeated, spread
from backcalc.loading.samples import read_givens, read_samples
from backcalc.loading.units import Drafts, known_weight, read_nodes, read_skips, resolved

LABELS = ("title", "topic", "about", "source")
GIVENS = ("inputs", "targets", "weights", "biases", "constants")
KEYS = (
    *LABELS, *GIVENS, "frozen", "nodes", "skip", "layers", "equations", "outputs", "loss", "data",
    "reduction", "learning_rate", "conventions", "expect", "points", "repeat",
    "optimizer", "regularisation", "init",
)  # fmt: skip

MOST_NAMED = 12  # weights that a remark is made on for each
MOST_FIGURES = 10_000  # printed answers in one file

FIGURE = re.compile(rf"(?:grad )?{QUANTITY}|{DERIVATIVE.pattern}")
SLIP = re.compile(r"[a-z][a-z0-9-]*")


def load(name: str) -> Network:
    """The network in a file, on stdin (`-`), or among the bundled ones by name."""
    if name == "-":
        return loads(read_text("-"), "<stdin>")
    if os.path.exists(name):
        return loads(read_text(name), name, os.path.dirname(name))
    for path in bundled():
        if path.stem == name:
            return loads(read_text(str(path)), name, str(path.parent))
    raise BackcalcError(f"no such file: {name[:200]}", hint=_nearest(name[:200]))


def by_topic() -> list[tuple[str, list[tuple[str, Network]]]]:
    """The bundled networks with their names, topic by topic, the largest topic first."""
    topics: dict[str, list[tuple[str, Network]]] = {}
    for path in bundled():
        network = load(str(path))
        topics.setdefault(network.topic, []).append((path.stem, network))
    return sorted(topics.items(), key=lambda entry: (-len(entry[1]), entry[0]))


def _nearest(name: str) -> str:
    """A hint for a file that is not there: files with such a name, or the bundled networks."""
    known = [path.stem for path in bundled()]
    folder = os.path.dirname(name)
    try:
        files = sorted(os.listdir(folder or "."))
    except (OSError, ValueError):
        files = []
    beside = [os.path.join(folder, file) for file in files if file.endswith((".yaml", ".yml"))]
    return (
        did_you_mean(name, [*known, *beside]) or "`backcalc networks` lists those that come along"
    )


def loads(text: str, file: str = "network", folder: str = "") -> Network:
    """The network that a text describes.

    `file` is what errors call it; `folder` is where a CSV file that it names stands.
    """
    with collector_paused():
        return _read(compose(text, file), file, folder)


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for reference cycles: trees have none, and it takes half of a large file's time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(node: Node, file: str, folder: str) -> Network:
    """The network that a document describes."""
    if not isinstance(node, Mapping):
        raise fields.expected("a mapping with keys such as inputs, nodes, loss", node)
    document = fields.keyed(node, KEYS, "a mapping")
    if "loss" not in document:
        hint = f"add loss: with an expression or one of {listed(LOSSES, 20)}"
        raise BackcalcError("the network has no loss", node.place, hint)
    return _network(document, file, folder)


def _network(document: Document, file: str, folder: str) -> Network:
    """The sections in the order in which they need each other."""
    names = Names(read_repeat(document))
    document = spread(document, names.steps)
    inputs, targets = (read_givens(document, key, names) for key in ("inputs", "targets"))
    constants = _numbers(document, "constants", names)
    drafts = _drafts(document, inputs)
    given, biases = given_weights(document, drafts, names)
    indexed = None
    if names.steps:
        lines, indices = read_repeated(document, names, drafts.units)
        document, indexed = ends_written_out(document, indices), indices.outside
    else:
        lines = read_lines(document, names, drafts.units)
    outputs = read_outputs(document, drafts.units, lines)
    activations = _name_units(drafts, outputs, names)
    name_lines(document, lines, names)
    values = dict.fromkeys(
        (*inputs, *targets, *constants, *(n for line in lines for n in line.names))
    )
    _check_unit_names(drafts, values, names)
    check_ends(outputs, drafts.units, lines)
    units = tuple(resolved(drafts, activations, values, given))
    biases.update(unit.bias for unit in units if unit.bias)
    initial = read_initial(document)
    weights = started(initial, given, units, biases, names)
    defined = definitions(lines, names)
    loss, row = read_loss(document, outputs, tuple(targets), lines, names, indexed)
    samples = read_samples(document, inputs, targets, folder)
    descent = read_descent(document)
    for name in sorted(own_names(descent, weights) & {*names}):
        hint = "give the network's own quantity another name"
        message = f"{descent.optimizer.name} needs the name {name!r} for itself"
        raise BackcalcError(message, document["optimizer"].place, hint)
    copies = len(samples) if _reduction(document) == "sum" else 1
    loss = regularised(document, loss, _decayed(document, weights, biases), copies)
    if row and row.classes:
        check_classes(document, outputs, tuple(targets), samples)
    return Network(
        file=file,
        inputs=tuple(inputs),
        targets=tuple(targets),
        weights=weights,
        biases=tuple(name for name in weights if name in biases),
        constants=constants,
        samples=samples,
        units=units,
        definitions=defined,
        outputs=outputs.names,
        output_units=outputs.units,
        loss=loss,
        descent=descent,
        loss_name=row.name if row else None,
        initial=initial,
        random=tuple(name for name, value in given.items() if value is None),
        fractions=None not in given.values() and _writes_fractions(document),
        remarks=_remarks(
            weights, units, defined, loss, outputs.units if row and row.classes else ()
        ),
        **_settings(document, weights),
    )


def _settings(document: Document, weights: Mappings[str, Fraction]) -> dict[str, Any]:
    """Labels, and the sections that need no other but the weights."""
    rate = document.get("learning_rate")
    labels = {key: _label(document, key) for key in LABELS}
    return labels | {
        "frozen": _frozen(document, weights),
        "reduction": _reduction(document),
        "learning_rate": None if rate is None else fields.number(rate),
        "conventions": _conventions(document),
        "expect": _expected(document),
        "points": _points(document),
    }


# Units and weights.


def _drafts(document: Document, inputs: Iterable[str]) -> Drafts:
    """All units of the file."""
    drafts = Drafts()
    if "nodes" in document:
        read_nodes(document["nodes"], drafts)
    if "layers" in document:
        read_layers(document["layers"], drafts, list(inputs))
    if "skip" in document:
        read_skips(document["skip"], drafts)
    return drafts


def _numbers(document: Document, key: str, names: Names) -> dict[str, Fraction]:
    """A section of names with numbers."""
    if key not in document:
        return {}
    entries = fields.mapping(document[key], "a mapping of names to numbers").entries
    return {names.read(name): fields.number(node) for name, node in entries}


def _name_units(drafts: Drafts, outputs: Outputs, names: Names) -> dict[str, str]:
    """The name of each unit's activation; pre-activations and activations become names."""
    ends = dict(zip(outputs.units, outputs.names, strict=True))
    activations = {}
    for name, draft in drafts.units.items():
        unit = draft.unit
        pair = unit.pre_activation, ends.get(name, unit.hidden)
        hint = f"unit {name!r} gives {pair[0]} and {pair[1]}"
        activations[name] = [names.add(each, unit.where, hint) for each in pair][1]
    return activations


def _check_unit_names(drafts: Drafts, values: Iterable[str], names: Names) -> None:
    """A unit's name means nothing else, and h2 means unit 2 even where that is called yhat."""
    for name in values:
        if name in drafts.units:
            where = names.places[name]
            line = f", here and on line {where.line}" if where else ""
            message = f"{name!r} names a unit and another quantity{line}"
            raise BackcalcError(message, drafts.units[name].unit.where, "rename one of them")
    for draft in drafts.units.values():
        unit, place = draft.unit, names.places.get(draft.unit.hidden)
        if place and place is not unit.where:
            hint = f"{unit.hidden} would be the activation of unit {unit.name!r}"
            raise names.taken(unit.hidden, unit.where, hint)


def _decayed(document: Document, weights: Collection[str], biases: Iterable[str]) -> Iterator[str]:
    """The weights that regularisation is on: all that are trained but the biases."""
    left_out = {*biases, *_frozen(document, weights)}
    yield from (weight for weight in weights if weight not in left_out)


def _frozen(document: Document, weights: Collection[str]) -> tuple[str, ...]:
    """Weights that the update leaves alone."""
    if "frozen" not in document:
        return ()
    items = fields.sequence(document["frozen"], "a list of weights").items
    words = [fields.word(item, "the name of a weight") for item in items]
    return tuple(dict.fromkeys(known_weight(word, weights) for word in words))


def _remarks(
    weights: Mappings[str, Fraction],
    units: Iterable[Unit],
    defined: Iterable[Definition],
    loss: Expression | str,
    ends: Collection[str] = (),
) -> tuple[str, ...]:
    """Weights that stand in no equation, and softmax where it does nothing."""
    used = {edge.weight for unit in units for edge in unit.edges}
    used.update(unit.bias for unit in units if unit.bias)
    formulas = [each.expression for each in defined]
    for formula in formulas if isinstance(loss, str) else [*formulas, loss]:
        used.update(names_in(formula))
    bare = [u.name for u in units if u.name in ends and u.activation.name != "softmax"]
    alone = [unit.name for unit in units if unit.group == (unit.name,)]
    return (
        *_unused([name for name in weights if name not in used]),
        *(f"softmax of one unit ({name}) is always 1" for name in alone),
        *(f"cross_entropy takes probabilities, and unit {name} is no softmax" for name in bare),
    )


def _unused(weights: Collection[str]) -> Iterator[str]:
    """What is said of weights that stand in no equation; in one sentence where they are many."""
    if len(weights) > MOST_NAMED:
        yield f"{len(weights)} weights are used nowhere: {listed(weights)}"
    else:
        yield from (f"weight {name!r} is used nowhere" for name in weights)


# Words and settings.


def _label(document: Document, key: str) -> str:
    """Free text: a label, never anything else."""
    node = document.get(key)
    return "" if node is None else fields.word(node, "a line of text").text


def _reduction(document: Document) -> str:
    """How the losses of several samples become one."""
    if "reduction" not in document:
        return "mean"
    word = fields.word(document["reduction"], "mean or sum")
    return fields.one_of(word, ("mean", "sum"), "reduction")


def _conventions(document: Document) -> dict[str, Fraction]:
    """The derivative at each kind of kink, every one given."""
    conventions = default_conventions()
    if "conventions" in document:
        what = "a mapping of conventions to numbers"
        found = fields.keyed(document["conventions"], CONVENTIONS, what)
        conventions |= {name: fields.number(node) for name, node in found.items()}
    return conventions


def _writes_fractions(document: Document) -> bool:
    """Whether the givens are written as fractions, with no decimal among them."""
    groups = [document[key] for key in (*GIVENS, "layers") if key in document]
    texts = [text for group in groups for text in _words(group)]
    return any("/" in text for text in texts) and not any("." in text for text in texts)


def _words(node: Node) -> Iterator[str]:
    """Every word of a section but its keys and the settings of activations."""
    match node:
        case Scalar(text):
            yield text
        case Sequence(items):
            for item in items:
                yield from _words(item)
        case Mapping(entries):
            for key, value in entries:
                if key.text != "activation":
                    yield from _words(value)


def _expected(document: Document) -> tuple[Expected, ...]:
    """The printed answers."""
    if "expect" not in document:
        return ()
    entries = fields.mapping(document["expect"], "a mapping of quantities to figures").entries
    if len(entries) > MOST_FIGURES:
        raise BackcalcError(f"more than {MOST_FIGURES} printed answers", entries[-1][0].place)
    return tuple(_figure(name, value) for name, value in entries)


def _points(document: Document) -> dict[str, Fraction]:
    """What the answer to each quantity earns."""
    if "points" not in document:
        return {}
    entries = fields.mapping(document["points"], "a mapping of quantities to points").entries
    points = {_quantity(name): fields.number(value) for name, value in entries}
    for name, value in entries:
        if points[name.text] < 0:
            raise BackcalcError(f"{name.text!r} has negative points", value.place)
    return points


def _quantity(scalar: Scalar) -> str:
    """What a figure is of: z0, dL/dw0, w0', yhat[2]."""
    if not FIGURE.fullmatch(scalar.text):
        hint = "quantities are written z0, dL/dw0, w0', yhat[2]"
        raise BackcalcError(f"{scalar.text[:60]!r} is no quantity", scalar.place, hint)
    return scalar.text


def _figure(name: Scalar, node: Node) -> Expected:
    """One printed answer: a number or a formula, perhaps known to be wrong."""
    quantity = _quantity(name)
    wrong = None
    if isinstance(node, Mapping):
        found = fields.keyed(node, ("value", "wrong"), "a figure")
        if "value" not in found:
            raise BackcalcError(f"the figure of {quantity!r} has no value", node.place)
        if "wrong" in found:
            word = fields.word(found["wrong"], "the name of a mistake")
            if not SLIP.fullmatch(word.text):
                raise BackcalcError(f"{word.text[:60]!r} is no name of a mistake", word.place)
            wrong = word.text
        node = found["value"]
    figure = fields.word(node, "a number or a formula")
    parse(figure.text, FUNCTIONS, place=figure.inside, derivatives=True)
    return Expected(quantity, figure.text, wrong, name.place)
