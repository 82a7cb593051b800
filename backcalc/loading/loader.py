"""Network file to Network: every name looked up, every error with its place."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from backcalc.equations.initial import Initial, start_numbers
from backcalc.equations.losses import FLOW, LOSSES
from backcalc.equations.named import with_words
from backcalc.equations.network import Givens, Network, Unit
from backcalc.equations.optimizers import RATE, Descent, own_names
from backcalc.errors import (
    BackcalcError,
    Place,
    UndefinedError,
    did_you_mean,
    listed,
    meant,
    nearest,
)
from backcalc.formulas.expression import ZERO, names_in
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.loading import definitions, fields
from backcalc.loading.definitions import DraftFile
from backcalc.loading.document import Entries, Items, Word, YamlNode, bundled, compose, read_text
from backcalc.loading.fields import NOWHERE, Sections, TakenNames
from backcalc.loading.sections import GIVEN_KEYS, NETWORK, points_at, read_settings, wrong_settings

if TYPE_CHECKING:
    from backcalc.equations.matrix_form import MatrixForm

MOST_NAMED = 12  # weights that a remark is made on for each
CLOSE_TO_1 = 0.01  # of shares that are rounded: three times 0.333

GivenNumbers = dict[str, Fraction | None]
"""Names with their numbers, None where they are drawn or stand in `data:`."""


def load(name: str) -> Network:
    """Read the network in a file, on stdin (`-`), or among the bundled ones by name."""
    if name == "-":
        return loads(read_text("-"), "<stdin>")
    if os.path.exists(name):
        return loads(read_text(name), name, os.path.dirname(name))
    for path in bundled(name=name):
        return loads(read_text(str(path)), name, str(path.parent))
    raise BackcalcError(f"no such file: {name[:200]}", hint=_nearest(name[:200]))


def _nearest(name: str) -> str:
    """A hint for a file that is not there: files with such a name, or the bundled networks."""
    if os.path.exists(f"{name}.yaml"):
        return f"did you mean '{name}.yaml'?"
    hint = nearest(name, [path.stem for path in bundled()])
    return hint or "`backcalc networks` lists the networks that come with it"


def loads(text: str | Mapping[str, Any], file: str = "network", folder: str = "") -> Network:
    """Read the network that a text describes, or a dictionary with the keys of a file.

    `file` is what errors call it; `folder` is where a CSV file that it names stands.
    """
    if isinstance(text, Mapping):
        text = _as_text(text)
    if not isinstance(text, str):
        kind = type(text).__name__
        raise TypeError(f"give the text of a network or a dictionary, not {kind}")
    with collector_paused():
        return _read(compose(text, file), file, folder, len(text))


def _as_text(document: Mapping[str, Any]) -> str:
    """A dictionary as the text of a file, which JSON is too; fractions and arrays as their own."""
    import json  # a file does without

    def plain(value: Any) -> Any:
        return value.tolist() if hasattr(value, "tolist") else str(value)

    return json.dumps(document, default=plain, ensure_ascii=False, indent=1)


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


def _read(node: YamlNode, file: str, folder: str, size: int) -> Network:
    """The network that a document of so many characters describes."""
    if not isinstance(node, Entries):
        raise fields.expected("a mapping with keys such as inputs, nodes, loss", node)
    try:
        document = NETWORK.entries(node)
    except BackcalcError as error:
        raise error.beside([*error.others, *_with_known_keys(node, file, folder, size)]) from None
    if "upstream" in document:
        if "loss" in document:
            hint = "a loss has its own gradient, so leave one of them out"
            raise BackcalcError("loss and upstream are both given", document["loss"].place, hint)
        document["loss"] = _weighted(document)
    elif "loss" not in document:
        hint = f"add loss: with an expression or one of {listed(LOSSES, 20)}"
        raise BackcalcError("the network has no loss", node.place, hint)
    try:
        return _network(document, file, folder)
    except UndefinedError:
        raise
    except BackcalcError as error:
        from backcalc.loading.further import further  # most files have no error

        others = further(error, document, size, lambda mended: _network(mended, file, folder))
        raise error.beside([*others, *wrong_settings(document)]) from None


def _with_known_keys(node: Entries, file: str, folder: str, size: int) -> list[BackcalcError]:
    """What else is wrong in a file with unknown keys, each taken for the one that it is near to."""
    written = {key.text for key, _ in node.entries}
    known: list[tuple[Word, YamlNode]] = []
    for key, value in node.entries:
        near = meant(fields.MEANT.get(key.text, key.text), NETWORK.keys)
        if key.text in NETWORK.keys:
            known.append((key, value))
        elif near and near[0] not in written:
            known.append((replace(key, text=near[0]), value))
            written.add(near[0])
    if not written & {"loss", "upstream"}:
        return []
    try:
        _read(Entries(tuple(known), node.place), file, folder, size)
    except UndefinedError:
        return []
    except BackcalcError as error:
        return [error, *error.others]
    return []


def _network(document: Sections, name: str, folder: str) -> Network:
    """The sections in the order in which they need each other."""
    file = DraftFile(document, TakenNames())
    if "repeat" in document:
        from backcalc.loading import repeat  # few files have it

        file.names.steps = repeat.read_steps(document["repeat"])
        without = {key: each for key, each in document.items() if key not in SEQUENCES}
        file.document = repeat.spread(document, file.names.steps, has_matrices(without))
    lowered = None
    if has_matrices(file.document):
        from backcalc.loading.matrix_files import lower_file  # few files have any

        lowered = lower_file(file, folder)
        if not lowered.form.elements:
            return _without_numbers(file, name, lowered.form)
    inputs, targets = (_givens(file, key) for key in ("inputs", "targets"))
    constants = _numbers(file, "constants", fields.number)
    definitions.read_units(file, inputs)
    given, biases = _weights(file)
    if lowered and lowered.loss:
        pass  # whose equations are read
    elif file.names.steps:
        repeat.read_repeated(file)
    else:
        definitions.read_lines(file)
    outputs = definitions.read_outputs(file)
    activations = _name_units(file, outputs)
    definitions.name_lines(file)
    values = dict.fromkeys((*inputs, *targets, *constants, *file.line_names))
    _check_unit_names(file, values)
    if not outputs and (file.units or file.lines):
        definitions.check_cycle(file)
    units = tuple(definitions.resolved(file, activations, values, given, targets))
    biases.update(unit.bias for unit in units if unit.bias)
    settings = read_settings(file.document)
    form = lowered.form if lowered and lowered.loss else None
    weights = _started(file, settings.get("initial"), given, units, biases, form)
    if "points" in document:
        settings["points_at"] = points_at(document["points"])
    if "maximise" in document or "state" in document:
        settings["descent"] = _climbing(file, settings.get("descent", Descent()), weights)
    if form:
        from backcalc.equations.matrix_form import with_memory  # few files have any

        form = with_memory(form, settings.get("descent", Descent()))
    defined = tuple(definitions.definition(line, file.names) for line in file.lines)
    if lowered and lowered.loss:
        loss, row = lowered.loss
    else:
        loss, row = definitions.read_loss(file, outputs, tuple(targets))
    samples = _samples(file, inputs, targets, folder)
    _check_own_names(file, settings.get("descent"), weights)
    frozen = _frozen(file, weights)
    if "regularisation" in document and not form:
        copies = len(samples) if settings.get("reduction") == "sum" else 1
        decayed = [weight for weight in weights if weight not in {*biases, *frozen}]
        loss = definitions.regularised(file, loss, decayed, copies)
    classes = row is not None and row.classes
    if classes:
        definitions.check_classes(file, outputs, tuple(targets), samples)
    network = Network(
        file=name, inputs=tuple(inputs), targets=tuple(targets), weights=weights,
        biases=tuple(name for name in weights if name in biases), constants=constants,
        samples=samples, units=units, definitions=defined, outputs=tuple(outputs.values()),
        output_units=tuple(end if end in file.units else "" for end in outputs), loss=loss,
        loss_name=row.name if row else None, upstream="upstream" in document, frozen=frozen,
        random=tuple(name for name, value in given.items() if value is None),
        fractions=None not in given.values() and _writes_fractions(file.document),
        matrices=form, **settings,
    )  # fmt: skip
    remarks = (*_remarks(network, file.names), *(_of_classes(network) if classes else ()))
    network = replace(network, remarks=remarks)
    if network.names:
        own = lowered.words if lowered else {}
        _check_own_words(file, network, own, fields.mapping(document["names"], "").entries)
    if lowered and lowered.words:
        network = replace(network, names={**network.names, **lowered.words})
    return with_words(network) if network.names else network


def _without_numbers(file: DraftFile, name: str, form: MatrixForm) -> Network:
    """A network whose sizes are letters: it has its matrix form, and nothing to work out."""
    left_out = ("expect", "errata", "points", "ask", "names", "init")
    sections = {key: node for key, node in file.document.items() if key not in left_out}
    return Network(
        file=name, inputs=(), targets=(), weights={}, biases=(), constants={}, samples=({},),
        units=(), definitions=(), outputs=(), output_units=(), loss=ZERO,
        loss_name=form.loss_name, matrices=form, **read_settings(sections),
    )  # fmt: skip


SEQUENCES = ("inputs", "targets", "constants", "data")
MATRIX_SIGN = re.compile(r"@|\.T(?!\w)|ᵀ")


def has_matrices(document: Sections) -> bool:
    """Return True if a file has vectors or matrices.

    A list under `repeat:` is a sequence, which has gone when this is asked. What reads matrices
    are formulas, and layers that name them.
    """
    if "nodes" in document and "equations" not in document and "layers" not in document:
        return False
    given = [document.get(key) for key in GIVEN_KEYS]
    samples = document.get("data")
    given += samples.items if isinstance(samples, Items) else ()
    values = [value for node in given if isinstance(node, Entries) for _, value in node.entries]
    if any(isinstance(value, Items) or fields.is_drawn(value) for value in values):
        return True
    node = document.get("equations")
    lines = [value for _, value in node.entries] if isinstance(node, Entries) else []
    formulas = [*lines, document.get("loss")]
    return any(isinstance(each, Word) and MATRIX_SIGN.search(each.text) for each in formulas)


# Numbers that are given.

T = TypeVar("T", Fraction, "Fraction | None")


def _numbers(file: DraftFile, key: str, read: Callable[[YamlNode], T]) -> dict[str, T]:
    node = file.document.get(key, Entries((), NOWHERE))
    entries = fields.mapping(node, "a mapping of names to numbers").entries
    return {file.names.read(name): read(node) for name, node in entries}


def _givens(file: DraftFile, key: str) -> GivenNumbers:
    """Inputs or targets: names with numbers, or names alone where `data:` gives the numbers."""
    node, names = file.document.get(key, Items((), NOWHERE)), file.names
    if isinstance(node, Items):
        return {names.read(word): None for word in fields.words(node, "", "a name")}
    entries = fields.mapping(node, "a mapping of names to numbers, or a list of names").entries
    given: GivenNumbers = {}
    for name, value in entries:
        if isinstance(value, Items):
            count = len(value.items)
            hint = f"with repeat: {count} the list is a sequence, one number for each step"
            raise fields.expected("a number", value, hint)
        given[names.read(name)] = fields.number(value)
        if "data" in file.document:
            alone = listed(name.text for name, _ in entries)
            hint = f"with data:, {key} is a list of names: [{alone}]"
            raise BackcalcError(f"{name.text!r} has a number here and in data:", value.place, hint)
    return given


def _samples(
    file: DraftFile, inputs: GivenNumbers, targets: GivenNumbers, folder: str
) -> tuple[Givens, ...]:
    """The numbers of all inputs and targets, sample by sample."""
    wanted, document = {**inputs, **targets}, file.document
    if "data" in document:
        from backcalc.loading.samples import read_samples  # few files have them

        return read_samples(document["data"], wanted, folder)
    for name, value in wanted.items():
        if value is None:
            key = "inputs" if name in inputs else "targets"
            hint = f"write {key}: {{{name}: 1}}, or give samples under data:"
            raise BackcalcError(f"{name!r} has no number", document[key].place, hint)
    return ({name: value for name, value in wanted.items() if value is not None},)


def _weights(file: DraftFile) -> tuple[GivenNumbers, set[str]]:
    """Weights and biases, those of layers last; and which of them are listed as biases."""

    def read(node: YamlNode) -> Fraction | None:
        return None if fields.is_random(node) else fields.number(node)

    weights, biases = (_numbers(file, key, read) for key in ("weights", "biases"))
    weights |= biases
    for name, (value, place) in file.weights.items():
        weights[file.names.add(name, place, "a number in a layer gets this name")] = value
    return weights, set(biases)


def _started(
    file: DraftFile, initial: Initial | None, given: GivenNumbers, units: Collection[Unit],
    biases: Collection[str], form: MatrixForm | None = None,
) -> dict[str, Fraction]:  # fmt: skip
    """The weights in file order, those that are random drawn."""
    drawn = [name for name, value in given.items() if value is None]
    numbers = {}
    if drawn:
        numbers = start_numbers(initial or Initial(), drawn, units, biases, file.names, form)
    return {name: numbers[name] if value is None else value for name, value in given.items()}


def _weighted(document: Sections) -> Word:
    """The loss whose gradients are those under `upstream:`, as an expression."""
    node = fields.mapping(document["upstream"], "a mapping of quantities to numbers")
    if not node.entries:
        raise BackcalcError("upstream is empty", node.place, "write upstream: {yhat: 0.3}")
    terms: list[str] = []
    flows: list[tuple[Word, YamlNode]] = []
    for name, value in node.entries:
        if isinstance(value, Items):  # a vector or a matrix is a constant of its own
            several = sum(isinstance(each, Items) for _, each in node.entries) > 1
            word = Word(f"{FLOW}{len(flows) + 1 if several else ''}", name.place)
            flows.append((word, value))
            terms.append(f"sum({word.text}*{name.text})")
            continue
        fields.number(value)
        text = value.text if isinstance(value, Word) else ""
        terms.append(f"{text if text.replace('.', '').isdecimal() else f'({text})'}*{name.text}")
    if flows:
        given = document.get("constants", Entries((), node.place))
        own = given.entries if isinstance(given, Entries) else ()
        document["constants"] = Entries((*own, *flows), node.place)
    return Word(" + ".join(terms), node.place)


def _climbing(file: DraftFile, descent: Descent, weights: Iterable[str]) -> Descent:
    """The optimizer with the direction and the memory that the file gives it."""
    document, start = file.document, {}
    maximise = False
    if "maximise" in document:
        word = fields.word(document["maximise"], "true or false")
        maximise = fields.one_of(word, ("true", "false"), "value of maximise") == "true"
    if "state" in document:
        known = [name for weight in weights for name in descent.state_names(weight)]
        node = fields.mapping(document["state"], "a mapping of names to numbers")
        for name, value in node.entries:
            if name.text not in known:
                hint = did_you_mean(name.text, known) or f"it keeps {listed(known, 6)}"
                hint = hint if known else f"{descent.optimizer.name} keeps no values"
                message = f"{descent.optimizer.name} keeps no value called {name.text[:60]!r}"
                raise BackcalcError(message, name.place, hint)
            start[name.text] = fields.number(value)
    return replace(descent, maximise=maximise, start=start or None)


def _name_units(file: DraftFile, outputs: Mapping[str, str]) -> dict[str, str]:
    """The name of each unit's activation; pre-activations and activations become names."""
    activations = {}
    for name, draft in file.units.items():
        unit = draft.unit
        pair = unit.pre_activation, outputs.get(name, unit.hidden)
        hint = f"unit {name!r} gives {pair[0]} and {pair[1]}"
        activations[name] = [file.names.add(each, unit.where, hint) for each in pair][1]
    return activations


def _check_unit_names(file: DraftFile, values: Iterable[str]) -> None:
    """A unit's name means nothing else, and h2 means unit 2 even where that is called yhat."""
    for name in values:
        if name in file.units:
            line = fields.and_on(file.names[name])
            message = f"{name!r} names a unit and another quantity{line}"
            raise BackcalcError(message, file.units[name].unit.where, "rename one of them")
    for draft in file.units.values():
        unit, place = draft.unit, file.names.get(draft.unit.hidden)
        if place and place is not unit.where:
            hint = f"{unit.hidden} would be the activation of unit {unit.name!r}"
            raise file.names.taken(unit.hidden, unit.where, hint)


def _check_own_names(file: DraftFile, descent: Descent | None, weights: Iterable[str]) -> None:
    """The optimizer's own names mean nothing else."""
    if descent:
        for name in sorted(own_names(descent, weights) & {*file.names}):
            hint = "give the network's own quantity another name"
            message = f"{descent.optimizer.name} needs the name {name!r} for itself"
            raise BackcalcError(message, file.document["optimizer"].place, hint)


def _check_own_words(
    file: DraftFile,
    network: Network,
    of_matrices: Mapping[str, str],
    written: Iterable[tuple[Word, YamlNode]],
) -> None:
    """Each word of `names:` is of one quantity, and no quantity's own name."""
    from backcalc.equations.program import assemble  # few files have it

    program = assemble(network, by_inputs=True)
    stems = {parsed(each.name).stem for each in (*program.forward, *program.backward)}
    known = {*stems, *(parsed(name).stem for name in file.names), *network.descent.numbers, RATE}
    whole = {parsed(name).stem for name in network.matrices.shapes} if network.matrices else set()
    words: dict[str, str] = {}
    matrices = [(key, node) for key, node in written if key.text in of_matrices]
    for key, node in (*matrices, *fields.mapping(file.document["names"], "").entries):
        word = of_matrices.get(key.text) or network.names[key.text]
        name = parsed(key.text)
        parts = (name.of, name.by) if isinstance(name, Derivative) else (name,)
        if key.text not in of_matrices and not known.issuperset(parts):
            names = sorted(whole or known)
            hint = did_you_mean(key.text, known | whole) or f"quantities are {listed(names, 8)}"
            raise BackcalcError(f"there is no quantity {key.text[:60]!r}", key.place, hint)
        bare = word.replace("_", "")
        if word in known | whole and word not in network.names:
            message = f"{word!r} is the name of another quantity"
            raise BackcalcError(message, node.place, "choose a word that no quantity has")
        if bare in words:
            message = f"{word!r} names {words[bare]} and {key.text}"
            if words[bare] == key.text:
                message = f"{key.text} gets two names"
            raise BackcalcError(message, node.place, "each quantity needs a name of its own")
        words[bare] = key.text


def _frozen(file: DraftFile, weights: Collection[str]) -> tuple[str, ...]:
    node = file.document.get("frozen", Items((), NOWHERE))
    words = fields.words(node, "a list of weights", "the name of a weight")
    return tuple(dict.fromkeys(definitions.known_weight(word, weights) for word in words))


def _remarks(network: Network, where: Mapping[str, Place | None]) -> Iterator[str]:
    """Weights that stand in no equation, and softmax where it does nothing."""
    units, loss, form = network.units, network.loss, network.matrices
    used = {edge.weight for unit in units for edge in unit.edges}
    used.update(unit.bias for unit in units if unit.bias)
    formulas = [each.expression for each in network.definitions]
    for formula in formulas if isinstance(loss, str) else [*formulas, loss]:
        used.update(names_in(formula))
    if form is not None:  # single rows of a matrix may be left out
        for line in form.lines:
            for name in names_in(line.expression):
                for element in form.elements[name].elements if name in form.elements else ():
                    used.update(names_in(element))
    unused = [name for name in network.weights if name not in used]
    if len(unused) > MOST_NAMED:
        yield f"{len(unused)} weights are used nowhere: {listed(unused)}"
    else:
        yield from (f"{where.get(n) or network.file}: weight {n!r} is used nowhere" for n in unused)
    for unit in units:
        if unit.group == (unit.name,):
            yield f"softmax of one unit ({unit.name}) is always 1"


def _of_classes(network: Network) -> Iterator[str]:
    """Outputs of a loss of classes that are no shares of 1, and targets that are none."""
    units, ends, form = network.units, network.output_units, network.matrices
    for unit in units:
        if unit.name in ends and unit.activation.name != "softmax":
            yield f"cross_entropy takes probabilities, but unit {unit.name} has no softmax"
    groups = [[*network.targets]]
    if form is None or [len(form.shapes[name]) for name in form.targets] != [1]:
        named = [*zip(network.targets, ends, strict=False)]
        parts = dict.fromkeys(unit.group for unit in units if unit.group)
        groups = [[name for name, end in named if end in part] for part in parts]
    for own in groups if len(network.targets) == len(ends) else ():
        sums = [sum((sample[name] for name in own), Fraction(0)) for sample in network.samples]
        for number, total in [*enumerate(sums, 1)] if own else ():
            if abs(total - 1) > CLOSE_TO_1:
                where = f" in sample {number}" if len(sums) > 1 else ""
                said = f"the targets {listed(own)} sum to {float(total):g}{where}"
                yield f"{said}: those of a softmax with cross_entropy should sum to 1"
                break


def _writes_fractions(document: Sections) -> bool:
    """Return True if the given numbers are written as fractions, with no decimal among them."""
    parts = [document[key] for key in (*GIVEN_KEYS, "layers") if key in document]
    texts = []
    while parts:
        match parts.pop():
            case Word(text):
                texts.append(text)
            case Items(items):
                parts += items
            case Entries(entries):  # but the settings of activations
                parts += [value for key, value in entries if key.text != "activation"]
    return any("/" in text for text in texts) and not any("." in text for text in texts)
