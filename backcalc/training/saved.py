"""The network file with the trained weights: the same text with other numbers in it."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction

from backcalc.equations.initial import RANDOM
from backcalc.equations.network import Network, Unit
from backcalc.errors import BackcalcError, Place
from backcalc.formulas.notation import rounded
from backcalc.loading.document import (
    LINE_END,
    Entries,
    Items,
    Word,
    YamlNode,
    bundled,
    compose,
    read_text,
)
from backcalc.loading.loader import loads

SavedNumbers = Mapping[str, float]
Wording = Mapping[str, str]
"""The text of each weight's number."""
Edit = tuple[Place, str]
"""A place, and the new word for the one that stands there."""


def saved_text(file: str, network: Network, numbers: SavedNumbers, folder: str) -> str:
    """The text of a network file with these weights, to be written to a folder.

    Samples from a CSV file are written out where the file is not beside the new one; `expect:` is
    left out, since its figures are those of the old weights. Raises
    BackcalcError where the new text would not give the trained network.
    """
    text, home = source(file)
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    lines = LINE_END.split(text)
    tree = compose(text, file)
    assert isinstance(tree, Entries)
    words = {name: repr(number) for name, number in numbers.items()}
    edits, old = [*weight_edits(tree, network, words)], _expected(tree, lines)
    result = _edited(lines, edits, old)
    if not _gives(result, file, folder, network):  # its data are not to be found from there
        result = _edited(lines, [*edits, *_samples(tree, network)], old)
    _check(loads(result, file, home), network, numbers)
    return result


def _expected(tree: Entries, lines: list[str]) -> slice:
    """The lines of `expect:`, without the comments before the next section; none if it has none."""
    keys = [key for key, _ in tree.entries]
    found = [place for place, key in enumerate(keys) if key.text == "expect"]
    if not found or keys[found[0]].place.column > 1:
        return slice(0, 0)
    start = keys[found[0]].place.line - 1
    end = keys[found[0] + 1].place.line - 1 if found[0] + 1 < len(keys) else len(lines)
    while end > start + 1 and lines[end - 1][:1] in ("", "#"):
        end -= 1
    return slice(start, end)


def _edited(lines: list[str], edits: list[Edit], old: slice) -> str:
    """The lines with other words in some places, and without the old ones."""
    lines = [*lines]
    for place, new in sorted(edits, key=lambda edit: (-edit[0].line, -edit[0].column)):
        line, start = lines[place.line - 1], place.column - 1
        lines[place.line - 1] = line[:start] + new + line[start + place.length :]
    if old.stop:
        lines[old] = ["# expect: is left out: its figures are those of other weights"]
    return "\n".join(lines)


def _gives(text: str, file: str, folder: str, network: Network) -> bool:
    """True if a text that stands in a folder gives the network's samples."""
    try:
        return loads(text, file, folder).samples == network.samples
    except BackcalcError:
        return False


def source(file: str) -> tuple[str, str]:
    """The text of a network file and the folder where it stands."""
    if file == "-":
        hint = "write it to a file first"
        raise BackcalcError("a network from standard input cannot be saved", hint=hint)
    if not os.path.exists(file):
        file = next((str(path) for path in bundled() if path.stem == file), file)
    return read_text(file), os.path.dirname(file)


def weight_edits(tree: Entries, network: Network, words: Wording) -> Iterator[Edit]:
    """The new number of each weight where its old one stands."""
    units = {unit.name: unit for unit in network.units}
    for key, node in tree.entries:
        if key.text in ("weights", "biases") and isinstance(node, Entries):
            for name, value in node.entries:
                if name.text in words:
                    yield value.place, words[name.text]
        if key.text == "layers" and isinstance(node, Items):
            for layer in node.items:
                if isinstance(layer, Entries):
                    yield from _layer(layer, units, words)


def _layer(layer: Entries, units: Mapping[str, Unit], words: Wording) -> Iterator[Edit]:
    """The numbers in a layer's matrix and among its biases."""
    found: dict[str, YamlNode] = {key.text: value for key, value in layer.entries}
    name, biases = found["name"], found.get("bias")
    assert isinstance(name, Word)
    own = [units[f"{name.text}{count}"] for count in range(1, _rows(name.text, units) + 1)]
    matrix = [[edge.weight for edge in unit.edges if not edge.skip] for unit in own]
    yield from _matrix(found["weights"], matrix, words)
    if isinstance(biases, Items) or (isinstance(biases, Word) and biases.text == RANDOM):
        yield from _row(biases, [unit.bias or "" for unit in own], words)


def _rows(name: str, units: Mapping[str, Unit]) -> int:
    return sum(unit.layer == name for unit in units.values())


def _matrix(node: YamlNode, rows: list[list[str]], words: Wording) -> Iterator[Edit]:
    if isinstance(node, Items):
        for part, names in zip(node.items, rows, strict=True):
            yield from _row(part, names, words)
    else:
        yield node.place, f"[{', '.join(_written(names, words) for names in rows)}]"


def _row(node: YamlNode, names: list[str], words: Wording) -> Iterator[Edit]:
    if not isinstance(node, Items):
        yield node.place, _written(names, words)
        return
    for cell, name in zip(node.items, names, strict=True):
        is_name = isinstance(cell, Word) and cell.text == name
        if not is_name:
            yield cell.place, words[name]


def _written(names: list[str], words: Wording) -> str:
    return f"[{', '.join(words[name] for name in names)}]"


def _samples(tree: Entries, network: Network) -> Iterator[Edit]:
    """The samples themselves instead of the name of a CSV file."""
    for key, node in tree.entries:
        if key.text == "data" and isinstance(node, Word):
            rows = [", ".join(f"{name}: {decimal(value)}" for name, value in sample.items())
                    for sample in network.samples]  # fmt: skip
            yield node.place, "[" + ",\n  ".join(f"{{{row}}}" for row in rows) + "]"


def decimal(value: Fraction) -> str:
    """A number as a decimal where it is one."""
    text, same = rounded(value, 60)
    return text if same else str(value)


def _check(again: Network, network: Network, numbers: SavedNumbers) -> None:
    """The new text gives the trained network and no other."""
    wanted = {name: float(value) for name, value in again.weights.items()}
    if wanted != dict(numbers):
        odd = next(name for name in numbers if wanted.get(name) != numbers[name])
        raise BackcalcError(f"the file's text has no place for the number of {odd!r}")
    if (again.samples, again.constants) != (network.samples, network.constants):
        message = "--save writes the trained weights and no other number"
        raise BackcalcError(message, hint="put the numbers of --set into the network file first")
