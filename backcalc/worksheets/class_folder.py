"""The folder that holds the variants of a class, each in a folder of its own, the keys apart."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import TYPE_CHECKING

from backcalc.equations.calculation import start_values
from backcalc.equations.matrix_form import Nested, rows_of
from backcalc.equations.network import Asked, Network
from backcalc.equations.program import assemble
from backcalc.errors import BackcalcError, Place, listed
from backcalc.formats import READABLE
from backcalc.formulas.notation import EVERY_DIGIT, formula_text
from backcalc.loading.document import Entries, Items, Word, YamlNode, compose
from backcalc.loading.fields import NOWHERE
from backcalc.loading.loader import loads
from backcalc.training.saved import decimal, list_of, numbers_at, source, weight_edits
from backcalc.worksheets.asked import Exercise
from backcalc.worksheets.packages import PACKAGES, FileTexts

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = "|".join(re.escape(row.suffixes[0]) for row in READABLE.values())
OWN = re.compile(
    rf"variant-\d+(/(network\.yaml|answers\.txt|(worksheet|key)({ENDINGS})))?"
    rf"|keys(/variant-\d+({ENDINGS}))?|{'|'.join(row.owns for row in PACKAGES.values())}"
)
"""What stands in a folder of variants; the keys stood beside the sheets once."""

EMPTY = re.compile(r"\ufeff?\s*(#.*|variant\s*=.*|[^=:]*=\s*)?")
"""A line of an answers file that nobody has written on."""


def checked_folder(output: str, force: bool) -> Path:
    """Return the folder for variants, if it may be made.

    Raises BackcalcError where it holds anything else, or answers that are filled in.
    """
    from pathlib import Path  # it loads much that a sheet on stdout does not need

    folder = Path(os.path.realpath(output))
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise BackcalcError(f"{output} is no folder")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    if strange := [name for name in names if not OWN.fullmatch(name)]:
        message = f"{output} holds files that are no variants: {listed(strange, 4)}"
        raise BackcalcError(message, hint="name another folder")
    if names and not force:
        raise BackcalcError(f"{output} holds variants already", hint="add --force to replace them")
    for path in sorted(folder.glob("*/answers.txt")):
        if _filled_in(path):
            shown = os.path.join(output, path.relative_to(folder))
            raise BackcalcError(f"{shown} has been filled in", hint="name another folder")
    return folder


def is_nobodys(name: str) -> bool:
    """Return True if a name in a folder of variants is no person's: a key, a quiz and the like."""
    return bool(OWN.fullmatch(name)) and not name.startswith("variant-")


def _filled_in(path: Path) -> bool:
    """Whether a file is more than a skeleton; one that cannot be read may be."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return True
    return not all(EMPTY.fullmatch(line) for line in text.splitlines())


def write_folder(
    folder: Path, files: FileTexts, shown: str, held: Callable[[], AbstractContextManager[None]]
) -> None:
    """Write a whole folder or nothing: beside it first, then renamed while signals are held."""
    import tempfile
    from pathlib import Path

    try:
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True
        ) as place:
            new, old = Path(place, "new"), Path(place, "old")
            for name, text in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode() if isinstance(text, str) else text)
                if isinstance(text, str) and text.startswith("#!"):
                    path.chmod(0o755)
            with held():  # between the two renames there is no folder
                _renamed(new, folder, old)
    except OSError as error:
        raise BackcalcError(f"cannot write {shown[:200]}: {error.strerror}") from None


def _renamed(new: Path, folder: Path, old: Path) -> None:
    """The new folder in the place of the old one, which comes back where that fails."""
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            shutil.move(old, folder)
        raise


# The files of one variant.

LEFT_OUT = ("expect", "errata", "init", "title")  # they are of the file's own numbers
WIDTH = 100
PLAIN_WORD = re.compile(r"[\w.+-][\w.+*/()'-]*(?: [\w.+*/()'=<>-]+)*")

PlacedWords = Mapping[Place, str]  # the new word at a place


def network_text(file: str, variant: Exercise) -> str:
    """Return the text of a file that gives a variant's network, comments left out.

    Raises BackcalcError where the file's text has no place for one of the numbers.
    """
    text, _ = source(file)
    tree = compose(text, file)
    assert isinstance(tree, Entries)
    network = variant.network
    numbers = {name: _number(value, network) for name, value in network.weights.items()}
    words = dict([*weight_edits(tree, network, numbers), *_givens(tree, network)])
    lines = [f"title: {_quoted(network.title)}\n"]
    chosen = [each for each in network.ask if each.where is None]
    if chosen:
        lines.append(f"ask: [{', '.join(map(_asked, chosen))}]\n")
    left_out = (*LEFT_OUT, *(("ask", "points") if chosen else ()))
    for key, node in tree.entries:
        if key.text == "data":
            lines += ["data:\n", *_data(network)]
        elif key.text not in left_out:
            lines.append(_section(key, node, words))
    written = "".join(lines)
    _check(loads(written, file), network)
    return written


def _asked(each: Asked) -> str:
    name = _word(Word(each.name, NOWHERE))
    return name if each.seed is None else f"{{{name}: {{seed: {each.seed}}}}}"


def _givens(tree: Entries, network: Network) -> Iterator[tuple[Place, str]]:
    """Yield the new numbers of inputs and targets that are given once."""
    if len(network.samples) > 1:
        return
    sample = network.samples[0]
    for key, node in tree.entries:
        if key.text in ("inputs", "targets") and isinstance(node, Entries):
            for name, value in node.entries:
                numbers = {own: _number(each, network) for own, each in sample.items()}
                form = network.matrices
                if form is not None and name.text in form.classes:
                    yield value.place, _classes(rows_of(form, name.text), numbers)
                elif form is not None and (names := rows_of(form, name.text)):
                    yield from numbers_at(value, names, numbers)
                elif isinstance(value, Items):
                    own = [f"{name.text}[{n}]" for n in range(1, len(value.items) + 1)]
                    yield from numbers_at(value, own, numbers)
                else:
                    yield value.place, numbers[name.text]


def _classes(rows: Nested | None, numbers: Mapping[str, str]) -> str:
    assert isinstance(rows, tuple)
    if isinstance(rows[0], str):
        return str([numbers[str(each)] for each in rows].index("1"))
    return f"[{', '.join(_classes(each, numbers) for each in rows)}]"


def _data(network: Network) -> Iterator[str]:
    """Yield the samples, one to a line; vectors, and the numbers of a sequence, as lists."""
    form = network.matrices
    given = (*network.inputs, *network.targets) if form is None else (*form.inputs, *form.targets)
    stems = [*dict.fromkeys(name.partition("[")[0] for name in given)]
    for sample in network.samples:
        numbers = {name: _number(value, network) for name, value in sample.items()}
        cells: dict[str, str] = {}
        for stem in stems:
            steps = tuple(name for name in numbers if name.partition("[")[0] == stem)
            if form is not None and stem in form.classes:
                cells[stem] = _classes(rows_of(form, stem), numbers)
            else:
                rows = rows_of(form, stem) if form is not None else None
                cells[stem] = list_of(rows or (stem if stem in numbers else steps), numbers)
        parts = (f"{_word(Word(name, NOWHERE))}: {text}" for name, text in cells.items())
        yield f"  - {{{', '.join(parts)}}}\n"


def _section(key: Word, node: YamlNode, words: PlacedWords) -> str:
    """Return a section of the file: one line, or a line for each of its parts where it is deep."""
    short = f"{_word(key)}: {_flow(node, words)}\n"
    match node:
        case Entries(entries) if entries:
            deep = any(not isinstance(value, Word) or " " in value.text for _, value in entries)
            if deep or len(short) > WIDTH:
                rows = (f"  {_word(name)}: {_flow(v, words)}\n" for name, v in entries)
                return f"{_word(key)}:\n{''.join(rows)}"
        case Items(items) if any(not isinstance(item, Word) for item in items):
            return f"{_word(key)}:\n" + "".join(_item(item, words) for item in items)
    return short


def _item(node: YamlNode, words: PlacedWords) -> str:
    """Return an item of a list: one line, or a line for each part where that is too long."""
    short = f"  - {_flow(node, words)}\n"
    if len(short) <= WIDTH or not isinstance(node, Entries):
        return short
    rows = (f"{_word(name)}: {_flow(value, words)}" for name, value in node.entries)
    return "  - " + "\n    ".join(rows) + "\n"


def _flow(node: YamlNode, words: PlacedWords) -> str:
    if node.place in words and not isinstance(node, Entries):
        return words[node.place]
    match node:
        case Word():
            return _word(node)
        case Items(items):
            return f"[{', '.join(_flow(item, words) for item in items)}]"
    pairs = (f"{_word(name)}: {_flow(value, words)}" for name, value in node.entries)
    return f"{{{', '.join(pairs)}}}"


def _number(value: Fraction, network: Network) -> str:
    """Return a number as the file's author writes numbers."""
    return str(value) if network.fractions else decimal(value)


def _word(scalar: Word) -> str:
    """Return a word as YAML reads it back, in quotes where it needs them."""
    if not scalar.quoted and PLAIN_WORD.fullmatch(scalar.text) and scalar.text != "---":
        return scalar.text
    return _quoted(scalar.text) if scalar.text or scalar.quoted else ""


def _quoted(text: str) -> str:
    """Return a text in double quotes, as YAML and JSON write it."""
    return json.dumps(text, ensure_ascii=False)


def _check(again: Network, network: Network) -> None:
    """Raise BackcalcError if the new text does not give the variant's network."""
    if _meaning(again) != _meaning(network):
        values, wanted = start_values(again), start_values(network)
        odd = next((name for name in wanted if values.get(name) != wanted[name]), "")
        message = "the file's text cannot be written with other numbers"
        raise BackcalcError(message + (f": it has no number of its own for {odd!r}" if odd else ""))


def _meaning(network: Network) -> tuple[object, ...]:
    """Return everything that a sheet is made of; its derivatives follow from the rest."""
    program = assemble(network)
    equations = (*program.forward, *program.update)
    lines = [(each.name, formula_text(each.expression, EVERY_DIGIT)) for each in equations]
    return (
        lines, start_values(network), network.learning_rate, network.conventions, network.points,
        network.frozen, network.title, network.inputs, network.targets, network.outputs,
    )  # fmt: skip
