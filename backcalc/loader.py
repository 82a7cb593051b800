"""Network file to Network: every name looked up, every error with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping as Mappings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from backcalc import fields
from backcalc.document import Mapping, Node, Scalar, Sequence, compose, read_text
from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.expression import Call, Expression, Name, names_in, walk
from backcalc.fields import Names
from backcalc.functions import CONVENTIONS, FUNCTIONS, LOSSES, default_conventions, loss_expression
from backcalc.network import Definition, Expected, Network, Unit
from backcalc.parser import parse, parse_number
from backcalc.units import Drafts, known_weight, read_units, resolved

KEYS = (
    "title", "topic", "about", "source", "inputs", "targets", "weights", "biases", "frozen",
    "constants", "nodes", "skip", "layers", "equations", "outputs", "loss", "data", "reduction",
    "learning_rate", "conventions", "expect", "points",
)  # fmt: skip

Document = dict[str, Node]


def load(name: str) -> Network:
    """The network in a file, on stdin (`-`), or among the bundled ones by name."""
    if name == "-":
        return loads(read_text("-"), "<stdin>")
    path = Path(name)
    if path.exists():
        return loads(read_text(name), name)
    for candidate in bundled():
        if candidate.stem == name:
            return loads(read_text(str(candidate)), str(candidate))
    beside = [str(each) for each in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
    known = [each.stem for each in bundled()]
    hint = did_you_mean(name, [*beside, *known]) or f"bundled networks: {listed(known, 40)}"
    raise BackcalcError(f"there is no file {name!r}", hint=hint)


def bundled() -> list[Path]:
    """The network files that come with backcalc: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "networks", package.parent / "networks"):
        if folder.is_dir():
            return sorted(folder.glob("*.yaml"))
    return []


def loads(text: str, file: str = "network") -> Network:
    """The network that a text describes; `file` is what errors call it."""
    node = compose(text, file)
    if not isinstance(node, Mapping):
        raise fields.expected("a mapping with keys such as inputs, nodes, loss", node)
    document = fields.keyed(node, KEYS, "a mapping")
    if "loss" not in document:
        hint = f"add loss: with an expression or one of {listed(LOSSES, 20)}"
        raise BackcalcError("the network has no loss", node.place, hint)
    return _network(document, file)


def _network(document: Document, file: str) -> Network:
    names = Names()
    inputs, targets = (_givens(document, key, names) for key in ("inputs", "targets"))
    constants = _numbers(document, "constants", names)
    drafts = read_units(document, inputs)
    weights = _weights(document, drafts, names)
    lines = _equation_lines(document)
    outputs, output_units = _outputs(document, drafts, lines)
    activations = _name_units(drafts, outputs, output_units, names)
    _name_equations(document, lines, names)
    values = (*inputs, *targets, *constants, *(text for line in lines for text in line.names))
    units = tuple(resolved(drafts, activations, values, weights))
    definitions = tuple(_definition(line, names) for line in lines)
    loss, loss_name = _loss(document, outputs, tuple(targets), definitions, names)
    return Network(
        file=file,
        inputs=tuple(inputs),
        targets=tuple(targets),
        weights=weights,
        constants=constants,
        samples=_samples(document, inputs, targets, file),
        units=units,
        definitions=definitions,
        outputs=outputs,
        output_units=output_units,
        loss=loss,
        loss_name=loss_name,
        frozen=_frozen(document, weights),
        reduction=_word(document, "reduction", ("mean", "sum")) or "mean",
        learning_rate=fields.number(document["learning_rate"])
        if "learning_rate" in document
        else None,
        conventions=_conventions(document),
        expect=_expected(document),
        fractions=_writes_fractions(document),
        remarks=_remarks(weights, units, definitions, loss),
        **{key: _text(document, key) for key in ("title", "topic", "about", "source")},
    )


# Numbers and words.


def _text(document: Document, key: str) -> str:
    """Free text: a label, never anything else."""
    node = document.get(key)
    return "" if node is None else fields.word(node, "a line of text").text


def _word(document: Document, key: str, known: tuple[str, ...]) -> str | None:
    """One of a few words, or None where the key is not given."""
    if key not in document:
        return None
    return fields.one_of(fields.word(document[key], f"one of {listed(known)}"), known, key)


def _givens(document: Document, key: str, names: Names) -> dict[str, Fraction | None]:
    """Inputs or targets: names with numbers, or names alone where `data:` gives the numbers."""
    node = document.get(key)
    if node is None:
        return {}
    if isinstance(node, Sequence):
        listed_names = [fields.word(item, "a name") for item in node.items]
        return {names.add(fields.name(item), item.place): None for item in listed_names}
    entries = fields.mapping(node, "a mapping of names to numbers").entries
    return {
        names.add(fields.name(name), name.place): fields.number(value) for name, value in entries
    }


def _numbers(document: Document, key: str, names: Names) -> dict[str, Fraction]:
    if key not in document:
        return {}
    entries = fields.mapping(document[key], "a mapping of names to numbers").entries
    return {
        names.add(fields.name(name), name.place): fields.number(value) for name, value in entries
    }


def _weights(document: Document, drafts: Drafts, names: Names) -> dict[str, Fraction]:
    """Weights and biases with their numbers, those of layers last."""
    weights = _numbers(document, "weights", names) | _numbers(document, "biases", names)
    for name, (value, place) in drafts.weights.items():
        weights[names.add(name, place)] = value
    return weights


def _frozen(document: Document, weights: Mappings[str, Fraction]) -> tuple[str, ...]:
    if "frozen" not in document:
        return ()
    items = fields.sequence(document["frozen"], "a list of weights").items
    return tuple(known_weight(fields.word(item, "the name of a weight"), weights) for item in items)


def _conventions(document: Document) -> dict[str, Fraction]:
    conventions = default_conventions()
    if "conventions" in document:
        found = fields.keyed(
            document["conventions"], CONVENTIONS, "a mapping of conventions to numbers"
        )
        conventions |= {name: fields.number(node) for name, node in found.items()}
    return conventions


def _writes_fractions(document: Document) -> bool:
    """Whether any number among the givens is written as a fraction."""
    groups = (document.get(key) for key in ("inputs", "targets", "weights", "biases", "constants"))
    return any(
        isinstance(value, Scalar) and "/" in value.text
        for group in groups
        if isinstance(group, Mapping)
        for _, value in group.entries
    )


def _expected(document: Document) -> tuple[Expected, ...]:
    """The printed answers; `points:` is checked along with them."""
    if "points" in document:
        for _, value in fields.mapping(
            document["points"], "a mapping of quantities to points"
        ).entries:
            fields.number(value)
    if "expect" not in document:
        return ()
    entries = fields.mapping(document["expect"], "a mapping of quantities to figures").entries
    return tuple(_figure(name, value) for name, value in entries)


def _figure(name: Scalar, node: Node) -> Expected:
    if not isinstance(node, Mapping):
        return Expected(name.text, fields.word(node, "a figure").text, where=name.place)
    found = fields.keyed(node, ("value", "wrong"), "a figure")
    if "value" not in found:
        raise BackcalcError(f"{name.text[:60]!r} has no value", node.place)
    wrong = fields.word(found["wrong"], "the name of a mistake").text if "wrong" in found else None
    return Expected(name.text, fields.word(found["value"], "a figure").text, wrong, name.place)


# Samples.


def _samples(
    document: Document,
    inputs: Mappings[str, Fraction | None],
    targets: Mappings[str, Fraction | None],
    file: str,
) -> tuple[dict[str, Fraction], ...]:
    """The numbers of all inputs and targets, sample by sample."""
    wanted = {**inputs, **targets}
    if "data" not in document:
        for name, value in wanted.items():
            if value is None:
                key = "inputs" if name in inputs else "targets"
                hint = f"write {key}: {{{name}: 1}}, or give samples under data:"
                raise BackcalcError(f"{name!r} has no number", document[key].place, hint)
        return ({name: value for name, value in wanted.items() if value is not None},)
    node = document["data"]
    if isinstance(node, Scalar):
        return tuple(_csv_samples(node, list(wanted), file))
    items = fields.sequence(node, "a list of samples or the name of a CSV file").items
    if not items:
        raise BackcalcError("there are no samples", node.place)
    return tuple(_sample(item, list(wanted)) for item in items)


def _sample(node: Node, wanted: list[str]) -> dict[str, Fraction]:
    found = fields.keyed(node, wanted, "a sample such as {x: 1, y: -3}")
    for name in wanted:
        if name not in found:
            raise BackcalcError(f"this sample has no {name!r}", node.place)
    return {name: fields.number(found[name]) for name in wanted}


def _csv_samples(scalar: Scalar, wanted: list[str], file: str) -> Iterator[dict[str, Fraction]]:
    """Samples from a CSV file beside the network file; its first line names the columns."""
    if not scalar.text or Path(scalar.text).name != scalar.text or scalar.text in (".", ".."):
        hint = "put it beside the network file and give its name"
        raise BackcalcError(f"{scalar.text[:60]!r} is not the name of a file", scalar.place, hint)
    path = str(Path(file).parent / scalar.text)
    text = read_text(path)
    lines = text.splitlines()
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip() for cell in next(reader, [])]
    for name in wanted:
        if name not in header:
            place = Place(path, 1, 1, lines[0] if lines else "")
            raise BackcalcError(
                f"there is no column {name!r}", place, "the first line names the columns"
            )
    count = 0
    for row in reader:
        if row:
            place = Place(path, reader.line_num, 1, lines[reader.line_num - 1][:2000])
            if len(row) != len(header):
                raise BackcalcError(f"{len(row)} cells under {len(header)} columns", place)
            cells = dict(zip(header, row, strict=True))
            yield {name: parse_number(cells[name], place) for name in wanted}
            count += 1
    if not count:
        raise BackcalcError("there are no samples", Place(path))


# Equations.


@dataclass(frozen=True, slots=True)
class _Line:
    """One line under `equations:` as written."""

    names: tuple[str, ...]
    key: Scalar
    formula: Scalar

    @property
    def place(self) -> Place:
        """Where the formula's text starts."""
        return self.formula.place.moved(1 if self.formula.quoted else 0)


def _equation_lines(document: Document) -> list[_Line]:
    if "equations" not in document:
        return []
    lines = []
    for key, value in fields.mapping(
        document["equations"], "a mapping of names to formulas"
    ).entries:
        parts = [Scalar(part.strip(), key.place) for part in key.text.split(",")]
        names = tuple(fields.name(part, "a quantity's name") for part in parts)
        lines.append(_Line(names, key, fields.word(value, "a formula")))
    return lines


def _name_equations(document: Document, lines: list[_Line], names: Names) -> None:
    loss = document["loss"]
    for line in lines:
        for text in line.names:
            if text == "L" and isinstance(loss, Scalar) and loss.text == "L":
                names.places[text] = line.key.place
            else:
                names.add(text, line.key.place)


def _definition(line: _Line, names: Names) -> Definition:
    """An equation with its formula parsed."""
    expression = parse(line.formula.text, FUNCTIONS, names=names, place=line.place)
    top = isinstance(expression, Call) and expression.function.outputs
    if top and isinstance(expression, Call):
        name, count = expression.function.name, len(expression.arguments)
        if len(line.names) != count:
            hint = f"write {', '.join(f'p{place}' for place in range(1, min(count, 5) + 1))}: {name}(...)"
            message = f"{name} of {count} values gives {count} names, not {len(line.names)}"
            raise BackcalcError(message, line.key.place, hint)
        inner = [part for argument in expression.arguments for part in walk(argument)]
    else:
        if len(line.names) > 1:
            raise BackcalcError("only softmax and its like give several values", line.key.place)
        inner = list(walk(expression))
    _no_inner_softmax(inner, line.place)
    return Definition(line.names, expression, line.key.place)


def _no_inner_softmax(parts: list[Expression], place: Place) -> None:
    for part in parts:
        if isinstance(part, Call) and part.function.outputs:
            name = part.function.name
            hint = f"give its values names of their own: p1, p2: {name}(z1, z2)"
            raise BackcalcError(f"{name} must stand alone on the right side", place, hint)


# Outputs and the loss.


def _outputs(
    document: Document, drafts: Drafts, lines: list[_Line]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The outputs' names and, beside each, its unit or ""."""
    ends = _named_outputs(document, drafts, lines) or _unconsumed(drafts, lines)
    units = [end for end in ends if end in drafts.units]
    numbered = iter(
        ["yhat"] if len(ends) == 1 else [f"yhat{place}" for place in range(1, len(units) + 1)]
    )
    outputs = tuple(next(numbered) if end in drafts.units else end for end in ends)
    return outputs, tuple(end if end in drafts.units else "" for end in ends)


def _named_outputs(document: Document, drafts: Drafts, lines: list[_Line]) -> list[str]:
    if "outputs" not in document:
        return []
    known = [*drafts.units, *(name for line in lines for name in line.names)]
    items = fields.sequence(document["outputs"], "a list of units").items
    words = [fields.word(item, "the name of a unit") for item in items]
    ends = [fields.one_of(word, known, "output") for word in words]
    for word, end in zip(words, ends, strict=True):
        if ends.count(end) > 1:
            raise BackcalcError(f"output {end!r} is listed twice", word.place)
    return ends


def _unconsumed(drafts: Drafts, lines: list[_Line]) -> list[str]:
    """Units and equations whose value nothing else takes in, in file order."""
    used = {source.text for draft in drafts.units.values() for source, _, _ in draft.edges}
    for line in lines:
        used.update(names_in(parse(line.formula.text, FUNCTIONS, place=line.place)))
    return [
        *(name for name, draft in drafts.units.items()
          if used.isdisjoint((name, draft.unit.hidden, draft.unit.pre_activation))),
        *(name for line in lines for name in line.names if name not in used),
    ]  # fmt: skip


def _name_units(
    drafts: Drafts, outputs: tuple[str, ...], output_units: tuple[str, ...], names: Names
) -> dict[str, str]:
    """The name of each unit's activation; pre-activations and activations become names."""
    ends = dict(zip(output_units, outputs, strict=True))
    activations = {}
    for name, draft in drafts.units.items():
        if name in names:
            raise BackcalcError(f"{name!r} names a unit and another quantity", draft.unit.where)
        names.add(draft.unit.pre_activation, draft.unit.where)
        activations[name] = names.add(ends.get(name, draft.unit.hidden), draft.unit.where)
    return activations


def _loss(
    document: Document,
    outputs: tuple[str, ...],
    targets: tuple[str, ...],
    definitions: tuple[Definition, ...],
    names: Names,
) -> tuple[Expression | str, str | None]:
    """The loss written out, or the equation that is it; and its name in the table, if it has one."""
    scalar = fields.word(document["loss"], "the name of a loss, or an expression")
    defined = [name for definition in definitions for name in definition.names]
    if scalar.text in defined:
        return scalar.text, None
    head = scalar.text.partition("(")[0].strip()
    if head in LOSSES and head not in names:
        known = {row.name: len(row.parameters) for row in LOSSES.values()}
        head, settings = fields.call(scalar, known, "loss")
        _check_pairs(scalar, outputs, targets, LOSSES[head].classes)
        return loss_expression(LOSSES[head], outputs, targets, settings), head
    place = scalar.place.moved(1 if scalar.quoted else 0)
    if scalar.text.isidentifier() and scalar.text not in names:
        fields.one_of(scalar, [*LOSSES, *defined], "loss")
    expression = parse(scalar.text, FUNCTIONS, names=names, place=place)
    _no_inner_softmax(list(walk(expression)), place)
    return expression, None


def _check_pairs(
    scalar: Scalar, outputs: tuple[str, ...], targets: tuple[str, ...], classes: bool
) -> None:
    """Each output needs its target."""
    if len(outputs) == len(targets) or (classes and len(targets) == 1 and len(outputs) > 1):
        return
    counts = [
        f"{len(group)} {what}{'' if len(group) == 1 else 's'}{f' ({listed(group)})' if group else ''}"
        for group, what in ((outputs, "output"), (targets, "target"))
    ]
    hint = "each output needs one target; outputs: [...] says which units are outputs"
    raise BackcalcError(f"{counts[0]} for {counts[1]}", scalar.place, hint)


def _remarks(
    weights: Mappings[str, Fraction],
    units: tuple[Unit, ...],
    definitions: tuple[Definition, ...],
    loss: Expression | str,
) -> tuple[str, ...]:
    """Weights that stand in no equation."""
    used = {edge.weight for unit in units for edge in unit.edges}
    used.update(unit.bias for unit in units if unit.bias)
    for expression in [*(each.expression for each in definitions), loss]:
        used.update(names_in(Name(expression) if isinstance(expression, str) else expression))
    return tuple(f"weight {name!r} is used nowhere" for name in weights if name not in used)
