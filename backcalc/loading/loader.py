"""Network file to Network: every name looked up, every error with its place."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Mapping as Mappings
from contextlib import contextmanager
from fractions import Fraction

from backcalc.equations.initial import Initial
from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Definition, Network, Unit
from backcalc.equations.optimizers import Descent, own_names
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import Expression, names_in
from backcalc.loading import fields
from backcalc.loading.definitions import (
    check_classes,
    check_cycle,
    definition,
    name_lines,
    read_lines,
    read_loss,
    read_outputs,
    regularised,
)
from backcalc.loading.document import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    bundled,
    compose,
    read_text,
)
from backcalc.loading.fields import NOWHERE, Document, Names
from backcalc.loading.sections import GIVEN_KEYS, NETWORK, read_settings
from backcalc.loading.units import Drafts, known_weight, read_units, resolved

MOST_NAMED = 12  # weights that a remark is made on for each

Given = dict[str, Fraction | None]
"""Names with their numbers, None where they are drawn or stand in `data:`."""


def load(name: str) -> Network:
    """Read the network in a file, on stdin (`-`), or among the bundled ones by name."""
    if name == "-":
        return loads(read_text("-"), "<stdin>")
    if os.path.exists(name):
        return loads(read_text(name), name, os.path.dirname(name))
    for path in bundled():
        if path.stem == name:
            return loads(read_text(str(path)), name, str(path.parent))
    raise BackcalcError(f"no such file: {name[:200]}", hint=_nearest(name[:200]))


def by_topic() -> list[tuple[str, list[tuple[str, Network]]]]:
    """Return the bundled networks with their names, topic by topic, the largest topic first."""
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
    """Read the network that a text describes.

    `file` is what errors call it; `folder` is where a CSV file that it names stands.
    """
    with collector_paused():
        return _read(compose(text, file), file, folder)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Do without the search for reference cycles: it takes half of a large file's time.

    Trees have no cycles.
    """
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
    document = NETWORK.entries(node)
    if "loss" not in document:
        hint = f"add loss: with an expression or one of {listed(LOSSES, 20)}"
        raise BackcalcError("the network has no loss", node.place, hint)
    return _network(document, file, folder)


def _network(document: Document, file: str, folder: str) -> Network:
    """The sections in the order in which they need each other."""
    names = Names()
    if "repeat" in document:
        from backcalc.loading import repeat  # few files have it

        names = Names(repeat.read_steps(document["repeat"]))
        document = repeat.spread(document, names.steps)
    inputs, targets = (_givens(document, key, names) for key in ("inputs", "targets"))
    constants = {n: v for n, v in _numbers(document, "constants", names).items() if v is not None}
    drafts = read_units(document, inputs)
    given, biases = _weights(document, drafts, names)
    indexed = None
    if names.steps:
        lines, indices = repeat.read_repeated(document, names, drafts.units)
        document, indexed = repeat.ends_written_out(document, indices), indices.read
    else:
        lines = read_lines(document, names, drafts.units)
    outputs = read_outputs(document, drafts.units, lines)
    activations = _name_units(drafts, outputs, names)
    name_lines(document, lines, names)
    values = dict.fromkeys(
        (*inputs, *targets, *constants, *(n for line in lines for n in line.names))
    )
    _check_unit_names(drafts, values, names)
    if not outputs and (drafts.units or lines):
        check_cycle(drafts.units, lines)
    units = tuple(resolved(drafts, activations, values, given))
    biases.update(unit.bias for unit in units if unit.bias)
    settings = read_settings(document)
    weights = _started(settings.get("initial"), given, units, biases, names)
    defined = tuple(definition(line, names) for line in lines)
    loss, row = read_loss(document, outputs, tuple(targets), lines, names, indexed)
    samples = _samples(document, inputs, targets, folder)
    _check_own_names(document, settings.get("descent"), weights, names)
    frozen = _frozen(document, weights)
    copies = len(samples) if settings.get("reduction") == "sum" else 1
    decayed = [weight for weight in weights if weight not in {*biases, *frozen}]
    loss = regularised(document, loss, decayed, copies)
    classes = row is not None and row.classes
    if classes:
        check_classes(document, outputs, tuple(targets), samples)
    ends = tuple(end if end in drafts.units else "" for end in outputs)
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
        outputs=tuple(outputs.values()),
        output_units=ends,
        loss=loss,
        loss_name=row.name if row else None,
        frozen=frozen,
        random=tuple(name for name, value in given.items() if value is None),
        fractions=None not in given.values() and _writes_fractions(document),
        remarks=tuple(_remarks(weights, units, defined, loss, ends if classes else ())),
        **settings,
    )


# Numbers that are given.


def _numbers(
    document: Document,
    key: str,
    names: Names,
    read: Callable[[Node], Fraction | None] = fields.number,
) -> Given:
    """A section of names with numbers."""
    if key not in document:
        return {}
    entries = fields.mapping(document[key], "a mapping of names to numbers").entries
    return {names.read(name): read(node) for name, node in entries}


def _givens(document: Document, key: str, names: Names) -> Given:
    """Inputs or targets: names with numbers, or names alone where `data:` gives the numbers."""
    node = document.get(key, Sequence((), NOWHERE))
    if isinstance(node, Sequence):
        return {names.read(word): None for word in fields.words(node, "", "a name")}
    entries = fields.mapping(node, "a mapping of names to numbers, or a list of names").entries
    given: Given = {}
    for name, value in entries:
        if isinstance(value, Sequence):
            count = len(value.items)
            hint = f"with repeat: {count} the list is a sequence, one number for each step"
            raise fields.expected("a number", value, hint)
        given[names.read(name)] = fields.number(value)
        if "data" in document:
            alone = listed(name.text for name, _ in entries)
            hint = f"with data:, {key} is a list of names: [{alone}]"
            raise BackcalcError(f"{name.text!r} has a number here and in data:", value.place, hint)
    return given


def _samples(
    document: Document, inputs: Given, targets: Given, folder: str
) -> tuple[Mappings[str, Fraction], ...]:
    """The numbers of all inputs and targets, sample by sample."""
    wanted = {**inputs, **targets}
    if "data" in document:
        from backcalc.loading.samples import read_samples  # few files have them

        return read_samples(document["data"], wanted, folder)
    for name, value in wanted.items():
        if value is None:
            key = "inputs" if name in inputs else "targets"
            hint = f"write {key}: {{{name}: 1}}, or give samples under data:"
            raise BackcalcError(f"{name!r} has no number", document[key].place, hint)
    return ({name: value for name, value in wanted.items() if value is not None},)


def _weights(document: Document, drafts: Drafts, names: Names) -> tuple[Given, set[str]]:
    """Weights and biases, those of layers last; and which of them are listed as biases."""

    def read(node: Node) -> Fraction | None:
        return None if fields.is_random(node) else fields.number(node)

    weights, biases = (_numbers(document, key, names, read) for key in ("weights", "biases"))
    weights |= biases
    for own_name, (value, place) in drafts.weights.items():
        weights[names.add(own_name, place, "a number in a layer gets this name")] = value
    return weights, set(biases)


def _started(
    initial: Initial | None,
    given: Given,
    units: Collection[Unit],
    biases: Collection[str],
    names: Names,
) -> dict[str, Fraction]:
    """The weights in file order, those that are random drawn."""
    numbers = {name: value for name, value in given.items() if value is not None}
    if len(numbers) < len(given):
        from backcalc.equations.starts import start_numbers  # few files need it

        drawn = [name for name in given if name not in numbers]
        numbers |= start_numbers(initial or Initial(), drawn, units, biases, names)
    return {name: numbers[name] for name in given}


# Names.


def _name_units(drafts: Drafts, outputs: Mappings[str, str], names: Names) -> dict[str, str]:
    """The name of each unit's activation; pre-activations and activations become names."""
    activations = {}
    for name, draft in drafts.units.items():
        unit = draft.unit
        pair = unit.pre_activation, outputs.get(name, unit.hidden)
        hint = f"unit {name!r} gives {pair[0]} and {pair[1]}"
        activations[name] = [names.add(each, unit.where, hint) for each in pair][1]
    return activations


def _check_unit_names(drafts: Drafts, values: Iterable[str], names: Names) -> None:
    """A unit's name means nothing else, and h2 means unit 2 even where that is called yhat."""
    for name in values:
        if name in drafts.units:
            line = fields.and_on(names[name])
            message = f"{name!r} names a unit and another quantity{line}"
            raise BackcalcError(message, drafts.units[name].unit.where, "rename one of them")
    for draft in drafts.units.values():
        unit, place = draft.unit, names.get(draft.unit.hidden)
        if place and place is not unit.where:
            hint = f"{unit.hidden} would be the activation of unit {unit.name!r}"
            raise names.taken(unit.hidden, unit.where, hint)


def _check_own_names(
    document: Document, descent: Descent | None, weights: Iterable[str], names: Names
) -> None:
    """The optimizer's own names mean nothing else."""
    if descent:
        for name in sorted(own_names(descent, weights) & {*names}):
            hint = "give the network's own quantity another name"
            message = f"{descent.optimizer.name} needs the name {name!r} for itself"
            raise BackcalcError(message, document["optimizer"].place, hint)


def _frozen(document: Document, weights: Collection[str]) -> tuple[str, ...]:
    """Weights that the update leaves alone."""
    if "frozen" not in document:
        return ()
    words = fields.words(document["frozen"], "a list of weights", "the name of a weight")
    return tuple(dict.fromkeys(known_weight(word, weights) for word in words))


def _remarks(
    weights: Mappings[str, Fraction],
    units: Iterable[Unit],
    defined: Iterable[Definition],
    loss: Expression | str,
    ends: Collection[str] = (),
) -> Iterator[str]:
    """Weights that stand in no equation, and softmax where it does nothing."""
    used = {edge.weight for unit in units for edge in unit.edges}
    used.update(unit.bias for unit in units if unit.bias)
    formulas = [each.expression for each in defined]
    for formula in formulas if isinstance(loss, str) else [*formulas, loss]:
        used.update(names_in(formula))
    unused = [name for name in weights if name not in used]
    if len(unused) > MOST_NAMED:
        yield f"{len(unused)} weights are used nowhere: {listed(unused)}"
    else:
        yield from (f"weight {name!r} is used nowhere" for name in unused)
    for unit in units:
        if unit.group == (unit.name,):
            yield f"softmax of one unit ({unit.name}) is always 1"
    for unit in units:
        if unit.name in ends and unit.activation.name != "softmax":
            yield f"cross_entropy takes probabilities, and unit {unit.name} is no softmax"


def _writes_fractions(document: Document) -> bool:
    """Return True if the given numbers are written as fractions, with no decimal among them."""
    groups = [document[key] for key in (*GIVEN_KEYS, "layers") if key in document]
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
