"""`equations:`, `outputs:`, `loss:` and `regularisation:` to expressions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction
from functools import partial
from string import digits

from backcalc.equations.initial import RANDOM
from backcalc.equations.losses import LOSSES, Loss, loss_expression
from backcalc.equations.network import Definition, Edge, Givens, Unit
from backcalc.equations.program import Equation, ordered
from backcalc.errors import BackcalcError, Place, counted, did_you_mean, listed
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Number,
    Power,
    Sum,
    multiplied,
    names_in,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import Quantity
from backcalc.loading import fields
from backcalc.loading.document import Word, YamlNode
from backcalc.loading.fields import Field, Record, listing, of, table

MOST_UNITS = 20_000
MOST_IN_SOFTMAX = 1000  # its derivatives are the square of that
MOST_RANDOM = 100_000  # one word may stand for many weights
NO_ACTIVATION = FUNCTIONS["identity"], ()
CELL = "a number or a weight's name"

WrittenEdge = tuple[Word, Word, bool]  # source, weight, and True for a skip edge


# What may be written.

EACH_SOURCE = "write a weight for each source: {x1: w1, x2: w2}"
SECTIONS = {"weight": "weights", "bias": "biases"}
HYPHENED = {name.replace("_", "-") for name in LOSSES if "_" in name}


def _edges(node: YamlNode) -> list[WrittenEdge]:
    entries = fields.mapping(node, "a mapping of sources to weights", EACH_SOURCE).entries
    return [
        (source, fields.word(weight, "the name of a weight"), False) for source, weight in entries
    ]


def _count(node: YamlNode) -> int:
    count = fields.number(node)
    if count.denominator != 1 or not 0 < count <= MOST_UNITS:
        raise BackcalcError(f"a layer has 1 to {MOST_UNITS} units", node.place)
    return int(count)


_LEFT_OPEN = {"const": RANDOM}
_CELL = {"anyOf": [of("number"), of("name"), _LEFT_OPEN]}
_ACTIVATION = Field("activation", "Activation of the unit. Without it: identity.",
    of("activation"), fields.activation)  # fmt: skip
NODE = Record(
    "a unit such as {from: {x: w0}, activation: relu}",
    Field("from", "Sources of the unit, each with its weight.", table(of("unit"), of("name")),
        _edges),
    Field("bias", "Weight that is added. Units may share it.", of("name"),
        partial(fields.word, what="the name of a weight")),
    _ACTIVATION,
    anyOf=[
        {"required": ["from"], "properties": {"from": {"type": "object", "minProperties": 1}}},
        {"required": ["bias"]},
    ],
)  # fmt: skip
SKIP = Record(
    "a skip edge such as {from: 0, to: 2, weight: ws}",
    *(
        Field(name, sentence, of(kind), partial(fields.word, what=f"a word for {name!r}"), True)
        for name, kind, sentence in (
            ("from", "unit", "Unit or input where the edge starts."),
            ("to", "unit", "Unit where the edge ends."),
            ("weight", "name", "Name of its weight."),
        )
    ),
    thing="skip edge",
)
LAYER = Record(
    "a layer such as {name: h, units: 2, weights: [...]}",
    Field("name", "Name of the layer. Its units have it too, with 1, 2, ... behind.", of("layer"),
        lambda node: fields.name(fields.word(node, "the layer's name"), "a layer's name"), True),
    Field("units", "Number of units.",
        of("number", minimum=1, maximum=MOST_UNITS, multipleOf=1), _count, True),
    _ACTIVATION,
    Field("weights",
        "A matrix with a row for each receiving unit: its name, or numbers, names, or random.",
        {"anyOf": [_LEFT_OPEN, of("name"),
                   listing({"anyOf": [_LEFT_OPEN, listing(_CELL)]}, minItems=1)]},
        required=True),
    Field("bias", "A bias for each unit, or the name of one bias for all.",
        {"anyOf": [of("name"), _LEFT_OPEN, listing(_CELL, minItems=1)]}),
    Field("from", "Sources of each unit. Without it: the layer before, or the inputs.",
        listing(of("unit"), uniqueItems=True),
        partial(fields.words, what="a list of sources", each="the name of a source",
            noun="source")),
    thing="layer",
)  # fmt: skip


@record(frozen=True, slots=True, eq=False)
class DraftUnit:
    """A unit as written: sources and weights are words whose meaning is not looked up yet."""

    unit: Unit
    """The unit, still without edges and bias."""
    edges: list[WrittenEdge]
    """The edges into it, those under `skip:` last."""
    bias: Word | None
    """The weight that is added."""

    @property
    def names(self) -> tuple[str, ...]:
        """The words that may mean its value."""
        return self.unit.name, self.unit.hidden, self.unit.pre_activation


@record(frozen=True, slots=True, eq=False)
class DraftLine:
    """One line under `equations:`."""

    names: tuple[str, ...]
    """The left side."""
    key: Word
    """The left side as written."""
    formula: Word
    """The right side as written."""
    expression: Expression
    """The right side; whether all its names exist is for `definition` to say."""
    indexed: Callable[[str], str] | None = None
    """In a file that repeats, what an index on the right side means."""


@record(slots=True)
class DraftFile:
    """A file on its way to a network, as far as it is read."""

    document: fields.Sections
    """Its sections."""
    names: fields.TakenNames
    """The names that are given so far."""
    units: dict[str, DraftUnit] = field(default_factory=dict)
    """The units by name, in file order."""
    weights: dict[str, tuple[Fraction | None, Place]] = field(default_factory=dict)
    """Weights whose numbers stand in a layer, None where they are drawn."""
    lines: list[DraftLine] = field(default_factory=list)
    """The equations; in a file that repeats, written out step by step."""
    indexed: Callable[[str], str] | None = None
    """In a file that repeats, what an index means in a line that stands once."""
    parse: Callable[..., Expression] = parse
    """What reads a formula."""

    @property
    def line_names(self) -> list[str]:
        """The names that equations give values to."""
        return [name for line in self.lines for name in line.names]

    def add(self, draft: DraftUnit) -> None:
        """Add a unit; its name must be new."""
        unit = draft.unit
        if unit.name in self.units:
            line = fields.and_on(self.units[unit.name].unit.where)
            raise BackcalcError(f"{unit.name!r} names two units{line}", unit.where)
        if len(self.units) >= MOST_UNITS:
            raise BackcalcError(f"more than {MOST_UNITS} units", unit.where)
        self.units[unit.name] = draft

    def group(self, names: list[str]) -> None:
        """Let these units share one softmax."""
        if len(names) > MOST_IN_SOFTMAX:
            message = f"softmax of more than {MOST_IN_SOFTMAX} units"
            raise BackcalcError(message, self.units[names[0]].unit.where)
        for name in names:
            draft = self.units[name]
            self.units[name] = replace(draft, unit=replace(draft.unit, group=tuple(names)))


def read_units(file: DraftFile, inputs: Collection[str]) -> None:
    """Read all units of the file."""
    document = file.document
    if "nodes" in document:
        _read_nodes(document["nodes"], file)
    before = list(inputs)
    if "layers" in document:
        for item in fields.sequence(document["layers"], "a list of layers").items:
            before = _read_layer(item, file, before)
    if "skip" in document:
        for item in fields.sequence(document["skip"], "a list of skip edges").items:
            found = SKIP.read(item)
            to = found["to"]
            if to.text not in file.units:
                hint = did_you_mean(to.text, file.units)
                hint = hint or f"the units are {listed(file.units)}"
                message = f"edge to nowhere: there is no unit {to.text[:60]!r}"
                raise BackcalcError(message, to.place, hint)
            file.units[to.text].edges.append((found["from"], found["weight"], True))


def _unit_name(scalar: Word) -> str:
    if scalar.text.isascii() and scalar.text.isdigit() and len(scalar.text) < 20:
        return scalar.text
    return fields.name(scalar, "a unit's name")


def _read_nodes(node: YamlNode, file: DraftFile) -> None:
    """The units of `nodes:`; those with the same function of several outputs share it."""
    groups: dict[str, list[str]] = {}
    hint = "write each unit as `name: {from: ...}`, without a dash before it"
    for key, value in fields.mapping(node, "a mapping of units", hint).entries:
        found = NODE.read(value)
        name, edges, bias = _unit_name(key), found.get("from", []), found.get("bias")
        if not edges and bias is None:
            hint = "from: {x: w0} says what comes in and with which weight"
            raise BackcalcError(f"nothing comes into unit {name!r}", key.place, hint)
        function, settings = found.get("activation", NO_ACTIVATION)
        unit = Unit(name, (), None, function, settings, where=key.place)
        file.add(DraftUnit(unit, edges, bias))
        if function.outputs:
            groups.setdefault(function.name, []).append(name)
    for names in groups.values():
        file.group(names)


# Layers: shorthand for many units.


def _read_layer(node: YamlNode, file: DraftFile, before: list[str]) -> list[str]:
    """One dense layer, which reads the one before; the names of its units."""
    found = LAYER.read(node)
    names = [f"{found['name']}{place}" for place in range(1, found["units"] + 1)]
    place = found["weights"].place
    sources = found.get("from", [Word(name, place) for name in before])
    function, settings = found.get("activation", NO_ACTIVATION)
    matrix = _matrix(found["weights"], len(names), len(sources), len(file.weights))
    rows = [
        [
            (source, _weight(file, cell, f"w_{name}_{source.text}"), False)
            for source, cell in zip(sources, row, strict=True)
        ]
        for name, row in zip(names, matrix, strict=True)
    ]
    biases = _biases(found.get("bias"), names, file)
    for name, edges, bias in zip(names, rows, biases, strict=True):
        unit = Unit(name, (), None, function, settings, layer=found["name"], where=node.place)
        file.add(DraftUnit(unit, edges, bias))
    if function.outputs:
        file.group(names)
    return names


def _matrix(node: YamlNode, rows: int, columns: int, before: int) -> list[list[Word]]:
    """Numbers or names, a row for each receiving unit; `random` may stand for a row, or for all."""
    parts: Sequence[YamlNode] = (node,) * rows
    if not fields.is_random(node):
        parts = fields.sequence(node, "a matrix of weights, or random").items
    if before + columns * sum(map(fields.is_random, parts)) > MOST_RANDOM:
        raise BackcalcError(f"more than {MOST_RANDOM} random weights", node.place)
    what = "a row of weights, or random"
    matrix = [
        [part] * columns if fields.is_random(part) else fields.words(part, what, CELL)
        for part in parts
    ]
    wrong = [part for part, row in zip(parts, matrix, strict=True) if len(row) != columns]
    if wrong or len(matrix) != rows:
        widths = list(dict.fromkeys(len(row) for row in matrix))
        shape = f"{len(matrix)}x{' or '.join(map(str, widths[:3]))}" if matrix else "empty"
        needed = f"{counted(rows, 'unit')} with {counted(columns, 'source')} need {rows}x{columns}"
        place = wrong[0].place if len(matrix) == rows else node.place
        hint = "a row for each receiving unit"
        raise BackcalcError(f"the weights are {shape}, but {needed}", place, hint)
    return matrix


def _biases(node: YamlNode | None, names: list[str], file: DraftFile) -> list[Word | None]:
    """One bias for each unit: a list, random ones, one shared name, or none."""
    if node is None:
        return [None] * len(names)
    what = "a list of biases, or one name that all units share"
    if isinstance(node, Word) and not fields.is_random(node):
        return [fields.word(node, what)] * len(names)
    if isinstance(node, Word):
        cells = [node] * len(names)
    elif len(cells := fields.words(node, what, CELL)) != len(names):
        counts = f"{counted(len(cells), 'bias', 'biases')} for {counted(len(names), 'unit')}"
        raise BackcalcError(counts, node.place)
    return [_weight(file, cell, f"b_{name}") for name, cell in zip(names, cells, strict=True)]


def _weight(file: DraftFile, cell: Word, own_name: str) -> Word:
    """A cell of a matrix: a weight's name as it stands, or a number that gets a name."""
    random = fields.is_random(cell)
    if not random and (cell.text[0].isalpha() or cell.text[0] == "_"):
        return cell
    value = None if random else fields.number(cell)
    if own_name in file.weights:
        message = f"this weight and another one would both be called {own_name!r}"
        raise BackcalcError(message, cell.place, "give the layers other names")
    file.weights[own_name] = value, cell.place
    return Word(own_name, cell.place)


def resolved(
    file: DraftFile, activations: Mapping[str, str], values: Collection[str],
    weights: Collection[str], targets: Collection[str],
) -> Iterator[Unit]:  # fmt: skip
    """Look up the sources and weights of all units.

    `activations` names each unit's value; `values` are the others that may come in, also `targets`.
    """
    for draft in file.units.values():
        edges = tuple(
            Edge(_source(source, activations, values, targets), known_weight(weight, weights), skip)
            for source, weight, skip in draft.edges
        )
        bias = known_weight(draft.bias, weights, "bias") if draft.bias else None
        yield replace(draft.unit, edges=edges, bias=bias)


def _source(
    scalar: Word, activations: Mapping[str, str], values: Collection[str], targets: Collection[str]
) -> str:
    """The quantity that comes in over an edge."""
    text = scalar.text
    if text in activations:
        return activations[text]
    if text in values:
        return text
    known = [each for each in (*activations, *values) if each not in targets]
    raise _from_nowhere(scalar, activations, known)


def _from_nowhere(scalar: Word, activations: Mapping[str, str], known: list[str]) -> BackcalcError:
    """The error for an edge whose source is nothing known, and what may be meant."""
    text, units = scalar.text, {quantity: unit for unit, quantity in activations.items()}
    if text in units:
        hint: str | None = f"write {units[text]}: an edge names the unit that it comes from"
    else:
        letters = text.rstrip(digits)
        hint = did_you_mean(text, known) or f"there are {listed(known)}"
        if alike := [each for each in known if letters and each.rstrip(digits) == letters]:
            hint = f"did you mean {' or '.join(map(repr, alike[:2]))}?"
    message = f"edge from nowhere: there is no unit or input {text[:60]!r}"
    return BackcalcError(message, scalar.place, hint)


def known_weight(scalar: Word, weights: Collection[str], what: str = "weight") -> str:
    """Return the name of a weight or bias; raise BackcalcError if it has no value."""
    if scalar.text in weights:
        return scalar.text
    if scalar.text[0] in "+-.0123456789":
        hint: str | None = "write a name here and its number under weights:"
        raise BackcalcError(f"{scalar.text[:60]!r} is not a weight's name", scalar.place, hint)
    text = fields.name(scalar, "a weight's name")
    near = [name for name in weights if what == "weight" or name[0] == text[0]]
    hint = did_you_mean(text, near) or f"give it a number under {SECTIONS[what]}:"
    if text == RANDOM:
        hint = "write a name here, and its number as random under weights:"
    raise BackcalcError(f"{what} {text!r} has no value", scalar.place, hint)


MOST_EQUATIONS = 20_000
MOST_TEXT = 200_000  # characters in the equations of one file

PARAMETERS = {row.name: len(row.parameters) for row in LOSSES.values()}


def read_lines(file: DraftFile) -> None:
    """Read the equations. Outputs have no names yet, so any name that a unit may get will do."""
    if "equations" in file.document:
        node = file.document["equations"]
        entries = fields.mapping(node, "a mapping of names to formulas").entries
        file.lines = parsed_lines(file, entries, [left_side(key) for key, _ in entries])


def left_side(key: Word, steps: int = 0) -> tuple[str, ...]:
    """Read the names that an equation gives values to; in a file that repeats, h[0] is one too."""
    parts = [Word(part.strip(), key.place) for part in key.text.split(",")]
    return tuple(fields.name(part, "a quantity's name", steps) for part in parts)


def parsed_lines(
    file: DraftFile,
    entries: Sequence[tuple[Word, YamlNode]],
    sides: Sequence[tuple[str, ...]],
    indexed: Callable[[tuple[str, ...]], Callable[[str], str]] | None = None,
) -> list[DraftLine]:
    """Read the right sides of equations; `indexed` says what indices mean in each."""
    known = {*file.names, *(name for side in sides for name in side), "yhat"}
    for place, draft in enumerate(file.units.values(), 1):
        known.update((draft.unit.pre_activation, draft.unit.hidden, f"yhat{place}"))
    if len(entries) > MOST_EQUATIONS:
        raise BackcalcError(f"more than {MOST_EQUATIONS} equations", entries[-1][0].place)
    lines, size = [], 0
    for side, (key, value) in zip(sides, entries, strict=True):
        formula = fields.word(value, "a formula")
        size += len(formula.text)
        if size > MOST_TEXT:
            message = f"the equations are longer than {MOST_TEXT} characters in all"
            raise BackcalcError(message, key.place)
        own = indexed(side) if indexed else None
        inside = formula.inside
        expression = file.parse(formula.text, FUNCTIONS, names=known, place=inside, indexed=own)
        lines.append(DraftLine(side, key, formula, expression, own))
    return lines


def name_lines(file: DraftFile) -> None:
    """Give the equations' names to their values; `L` and `J` only where one of them is the loss."""
    loss, names = file.document["loss"], file.names
    named = isinstance(loss, Word) and loss.text in file.line_names
    free = ("L",) if "data" in file.document else ("L", "J")  # J is that of all samples
    for line in file.lines:
        for text in line.names:
            if text in free and named:
                if text in names:
                    raise names.taken(text, line.key.place)
                names[text] = line.key.place
            else:
                names.add(text, line.key.place)


def definition(line: DraftLine, names: Collection[str]) -> Definition:
    """Return one equation, now that every name is given."""
    expression = line.expression
    if any(name not in names for name in names_in(expression)):
        place, indexed = line.formula.inside, line.indexed
        parse(line.formula.text, FUNCTIONS, names=names, place=place, indexed=indexed)
    inner = list(walk(expression))
    if isinstance(expression, Call) and expression.function.outputs:
        name, count = expression.function.name, len(expression.arguments)
        if len(line.names) != count:
            hint = f"one name for each: {listed(f'p{k + 1}' for k in range(count))}: {name}(...)"
            own = counted(len(line.names), "name")
            message = f"{name} gives {counted(count, 'value')}, but the left side has {own}"
            raise BackcalcError(message, line.key.place, hint)
        inner = [part for argument in expression.arguments for part in walk(argument)]
    elif len(line.names) > 1:
        several = listed(row.name for row in FUNCTIONS.values() if row.outputs)
        hint = f"functions with several values: {several}"
        raise BackcalcError("one value has several names", line.key.place, hint)
    _no_inner_softmax(inner, line.formula.inside)
    return Definition(line.names, expression, line.key.place)


def _no_inner_softmax(parts: Iterable[Expression], place: Place) -> None:
    """A function with several values has no value of its own."""
    for part in parts:
        if isinstance(part, Call) and part.function.outputs:
            name = part.function.name
            count = len(part.arguments)
            left, arguments = (listed(f"{p}{k + 1}" for k in range(count)) for p in "pz")
            hint = f"give its values names of their own: {left}: {name}({arguments})"
            message = f"{name} must stand alone on the right side of an equation"
            raise BackcalcError(message, place, hint)


def read_outputs(file: DraftFile) -> dict[str, str]:
    """Return the units and equations that are outputs, each with the name of its value.

    They are those under `outputs:`, or all that nothing consumes.
    """
    ends: list[str] = []
    if "outputs" in file.document:
        known = dict.fromkeys([*file.units, *file.line_names])
        node = file.document["outputs"]
        what = ("a list of names", "the name of an equation")
        what = ("a list of units", "the name of a unit") if file.units else what
        words = fields.words(node, *what, "output")
        ends = [fields.one_of(word, known, "output") for word in words]
    ends = ends or _unconsumed(file)
    inside = [end for end in ends if end in file.units]
    named = {end: f"yhat{place}" for place, end in enumerate(inside, 1)}
    if len(inside) == 1:
        named = {inside[0]: "yhat"}
    return {end: named.get(end, end) for end in ends}


def _unconsumed(file: DraftFile) -> list[str]:
    """Units and equations whose value nothing else takes in, in file order."""
    used = {value for value, _ in _uses(file)}
    ends = [name for name, draft in file.units.items() if used.isdisjoint(draft.names)]
    ends += [name for name in file.line_names if name not in used]
    loss = file.document["loss"]
    if isinstance(loss, Word) and loss.text not in file.units and len(ends) > 1:
        ends = [end for end in ends if end != loss.text]  # no output beside others
    return ends


def _uses(file: DraftFile) -> Iterator[tuple[str, str]]:
    """Yield each value that comes in, with the unit or equation that takes it."""
    for name, draft in file.units.items():
        yield from ((source.text, name) for source, _, _ in draft.edges)
    for line in file.lines:
        yield from ((each, line.names[0]) for each in names_in(line.expression))


def check_cycle(file: DraftFile) -> None:
    """Raise BackcalcError with the cycle that there must be if something consumes every value."""
    lines = {name: (draft.names, draft.unit.where) for name, draft in file.units.items()}
    lines |= {line.names[0]: (line.names, line.key.place) for line in file.lines}
    own = {each: name for name, (names, _) in lines.items() for each in names}
    reads: dict[str, list[Expression]] = {name: [] for name in lines}
    for value, name in _uses(file):
        if value in own:
            reads[name].append(Name(own[value]))
    ordered([Equation(Quantity(name), Sum(tuple(reads[name])), where=place)
             for name, (_, place) in lines.items()])  # fmt: skip


def read_loss(
    file: DraftFile, outputs: Mapping[str, str], targets: Sequence[str]
) -> tuple[Expression | str, Loss | None]:
    """Return the loss written out, or the equation that is it; and its row, if it has one."""
    names, defined = file.names, file.line_names
    scalar = fields.word(file.document["loss"], "the name of a loss, or an expression")
    if scalar.text in defined:
        return scalar.text, None
    if named := named_loss(scalar, names, defined):
        row, settings = named
        if not (row.classes and len(targets) == 1 < len(outputs)):
            check_pairs(scalar, outputs, targets, "units")
        return loss_expression(row, list(outputs.values()), targets, settings), row
    place = scalar.inside
    expression = parse(scalar.text, FUNCTIONS, names=names, place=place, indexed=file.indexed)
    _no_inner_softmax(walk(expression), place)
    return expression, None


def named_loss(
    scalar: Word, names: Collection[str], defined: Iterable[str]
) -> tuple[Loss, Sequence[Fraction]] | None:
    """Return the row of a loss of the table, and its numbers; None for a formula."""
    head = scalar.text.partition("(")[0].strip()
    if head in LOSSES and head not in names:
        head, settings = fields.call(scalar, PARAMETERS, "loss")
        if any(setting <= 0 for setting in settings):
            raise BackcalcError(f"the number of {head} must be above 0", scalar.place)
        return LOSSES[head], settings
    if head in HYPHENED or (scalar.text.isidentifier() and scalar.text not in names):
        for row in LOSSES.values():
            if scalar.text.casefold() in row.elsewhere:
                summed = "" if row.mean else ", summed over the outputs"
                hint = f"here it is {row.name!r}{summed}"
                raise BackcalcError(f"unknown loss {scalar.text!r}", scalar.place, hint)
        fields.one_of(scalar, [*LOSSES, *defined], "loss")
    return None


def check_pairs(scalar: Word, outputs: Collection[str], targets: Sequence[str], what: str) -> None:
    """Each output needs its target."""
    if outputs and len(outputs) == len(targets):
        return
    counts = [
        counted(len(group), kind) + (f" ({listed(group)})" if group else "")
        for group, kind in ((outputs, "output"), (targets, "target"))
    ]
    hint = f"each output needs one target; outputs: [...] says which {what} are outputs"
    raise BackcalcError(f"{counts[0]} for {counts[1]}", scalar.place, hint)


def check_classes(
    file: DraftFile, outputs: Collection[str], targets: Sequence[str], samples: Iterable[Givens]
) -> None:
    """Raise BackcalcError if one target for several outputs is not the number of one of them."""
    if len(targets) != 1 or len(outputs) < 2:
        return
    for sample in samples:
        value = sample[targets[0]]
        if value not in range(len(outputs)):
            known = f"a number from 0 to {len(outputs) - 1}"
            message = f"the class {targets[0]} = {value} is not {known}"
            raise BackcalcError(message, file.document["loss"].place, "classes are counted from 0")


PENALTIES = Record(
    "a mapping such as {l2: 0.01}",
    *(
        Field(name, f"The factor of the {name} penalty.", of("points"),
            fields.bounded(name, fields.not_negative))
        for name in ("l1", "l2")
    ),
)  # fmt: skip


def regularised(
    file: DraftFile, loss: Expression | str, weights: Iterable[str], copies: int = 1,
    over: Callable[[str, Expression], Expression] = lambda _, cost: cost,
) -> Expression | str:  # fmt: skip
    """Return the loss with its penalties on the weights: l2*(w1**2 + ...).

    If the losses of samples are summed, each of these `copies` has its share. `over` adds up the
    costs of a whole matrix.
    """
    node = file.document["regularisation"]
    found = PENALTIES.read(node)
    if isinstance(loss, str):
        hint = "write the penalty into the equation"
        raise BackcalcError("regularisation needs a loss, not an equation's name", node.place, hint)
    names = [Name(weight) for weight in weights]
    costs: dict[str, list[Expression]] = {
        "l1": [over(name.id, Call(FUNCTIONS["abs"], (name,))) for name in names],
        "l2": [over(name.id, Power(name, Number(Fraction(2)))) for name in names],
    }
    terms: list[Expression] = [*loss.terms] if isinstance(loss, Sum) else [loss]
    for name, size in found.items():
        if size and (cost := tuple(costs[name])):
            total = Sum(cost) if len(cost) > 1 else cost[0]
            terms.append(multiplied(Number(size / copies), total))
    return Sum(tuple(terms)) if len(terms) > 1 else loss
