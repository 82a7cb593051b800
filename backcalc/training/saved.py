"""The network file with the trained weights: the same text with other numbers in it."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

from backcalc.equations.initial import RANDOM
from backcalc.equations.matrix_form import rows_of
from backcalc.equations.network import Network
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
Wording = Mapping[str, str]  # the text of each weight's number
TextEdit = tuple[Place, str]  # a place, and the new word for the one that stands there


def saved_text(file: str, network: Network, numbers: SavedNumbers, folder: str) -> str:
    """The text of a network file with these weights, to be written to a folder.

    Samples from a CSV file are written out where the file is not beside the new one; `expect:` and
    `errata:` are left out, since their figures are those of the old weights. Raises
    BackcalcError where the new text would not give the trained network.
    """
    text, home = source(file)
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    lines = LINE_END.split(text)
    tree = compose(text, file)
    assert isinstance(tree, Entries)
    words = {name: repr(number) for name, number in numbers.items()}
    edits, old = [*weight_edits(tree, network, words)], _printed(tree, lines)
    result = _edited(lines, edits, old)
    found = None
    with suppress(BackcalcError):
        found = loads(result, file, folder).samples
    if found != network.samples:  # its data are not to be found from there
        for key, node in tree.entries:
            if key.text == "data" and isinstance(node, Word):
                rows = [", ".join(f"{name}: {decimal(value)}" for name, value in sample.items())
                        for sample in network.samples]  # fmt: skip
                edits.append((node.place, "[" + ",\n  ".join(f"{{{row}}}" for row in rows) + "]"))
        result = _edited(lines, edits, old)
    _check(loads(result, file, home), network, numbers)
    return result


def _printed(tree: Entries, lines: list[str]) -> list[slice]:
    """The lines of `expect:` and `errata:`, without the comments before the next section."""
    keys = [key for key, _ in tree.entries]
    found = []
    for place, key in enumerate(keys):
        if key.text in ("expect", "errata") and key.place.column == 1:
            start = key.place.line - 1
            end = keys[place + 1].place.line - 1 if place + 1 < len(keys) else len(lines)
            while end > start + 1 and lines[end - 1][:1] in ("", "#"):
                end -= 1
            found.append(slice(start, end))
    return found


def _edited(lines: list[str], edits: list[TextEdit], old: list[slice]) -> str:
    """The lines with other words in some places, and without the old figures."""
    lines = [*lines]
    for place, new in sorted(edits, key=lambda edit: (-edit[0].line, -edit[0].column)):
        line, start = lines[place.line - 1], place.column - 1
        lines[place.line - 1] = line[:start] + new + line[start + place.length :]
    for part in reversed(old):
        key = lines[part.start].partition(":")[0]
        lines[part] = [f"# {key}: is left out: its figures are those of other weights"]
    return "\n".join(lines)


def source(file: str) -> tuple[str, str]:
    """The text of a network file and the folder where it stands."""
    if file == "-":
        hint = "write it to a file first"
        raise BackcalcError("a network from standard input cannot be saved", hint=hint)
    if not os.path.exists(file):
        file = next(map(str, bundled(name=file)), file)
    return read_text(file), os.path.dirname(file)


def weight_edits(tree: Entries, network: Network, words: Wording) -> Iterator[TextEdit]:
    """The new number of each weight where its old one stands."""
    for key, node in tree.entries:
        if key.text in ("weights", "biases") and isinstance(node, Entries):
            for name, value in node.entries:
                form = network.matrices
                if name.text in words:
                    yield value.place, words[name.text]
                elif form is not None and (names := rows_of(form, name.text)):
                    yield from numbers_at(value, names, words)
        if key.text == "layers" and isinstance(node, Items):
            for layer in node.items:
                if isinstance(layer, Entries):
                    yield from _layer(layer, network, words)


def _layer(layer: Entries, network: Network, words: Wording) -> Iterator[TextEdit]:
    """The numbers in a layer's matrix and among its biases."""
    found: dict[str, YamlNode] = {key.text: value for key, value in layer.entries}
    name, biases = found["name"], found.get("bias")
    assert isinstance(name, Word)
    own = [unit for unit in network.units if unit.layer == name.text]
    matrix = [[edge.weight for edge in unit.edges if not edge.skip] for unit in own]
    yield from numbers_at(found["weights"], matrix, words)
    if isinstance(biases, Items) or (isinstance(biases, Word) and biases.text == RANDOM):
        yield from numbers_at(biases, [unit.bias or "" for unit in own], words)


NestedNames = str | Sequence["NestedNames"]  # a weight, a row of weights, or a matrix of them


def numbers_at(node: YamlNode, names: NestedNames, words: Wording) -> Iterator[TextEdit]:
    """The numbers of weights, one by one where a list has them; a name stands for its own."""
    if isinstance(node, Items):
        for part, name in zip(node.items, names, strict=True):
            yield from numbers_at(part, name, words)
    elif not (isinstance(node, Word) and node.text == names):
        yield node.place, list_of(names, words)


def list_of(names: NestedNames, words: Wording) -> str:
    """The numbers of weights as the file's lists have them."""
    if isinstance(names, str):
        return words[names]
    return f"[{', '.join(list_of(each, words) for each in names)}]"


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
