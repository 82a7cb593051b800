"""The JSON Schema of network files agrees with the loader, and the starter files are right.

Every text in tests/ that reads as a network file is put to both. What the loader takes, the schema
takes. What the loader refuses, the schema refuses too, or the message is one that UNSEEN lists.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import test_initial
import yaml
from conftest import LIBRARY, ROOT, Result
from jsonschema import Draft202012Validator
from random_networks import random_network
from test_hostile_files import ATTACKS, PLACES, chain, dense
from test_loader import CASES
from test_repeat import CELL, MISTAKES, OTHERS, mistakes

from backcalc.commands.files import STARTERS, patterns
from backcalc.equations.calculation import step
from backcalc.equations.losses import LOSSES
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Function
from backcalc.formulas.functions import CONVENTIONS, FUNCTIONS
from backcalc.loading import fields
from backcalc.loading import schema as schemas
from backcalc.loading.document import Entries, Word, YamlNode, compose
from backcalc.loading.fields import Field, of
from backcalc.loading.loader import load, loads
from backcalc.loading.schema import schema
from backcalc.loading.sections import FIELDS, NETWORK

VALIDATOR = Draft202012Validator(schema())

UNSEEN = (
    # What takes the whole file to know.
    "expected a number, found a list",  # a matrix, where others are
    ".* needs the edges of a weight, and ",
    "edge from nowhere: ",
    "edge to nowhere: ",
    "(?:weight|bias) .* has no value",
    "unknown name ",
    "unknown output ",
    "unknown loss ",  # any word may be the name of an equation
    "the network has a cycle: ",
    "[0-9]+ outputs? .*for [0-9]+ targets?",
    ".* names two quantities",
    ".* names a unit and another quantity",
    "the class ",
    ".* has no value; (?:add|there is) ",  # a step's
    ".* which has no value",
    ".* has a value for each step",
    ".* is out of range",
    ".* is not a sequence",
    ".* stands in a line whose left side has no ",
    ".* is both one quantity and one for each step",
    "nothing is repeated",
    "written out [0-9]+ times, ",
    "t is not a number",
    # What fits only if something else does.
    "the weights are .*, but .* need ",
    "[0-9]+ bias(?:es)? for [0-9]+ units?",
    "the sequence .* has [0-9]+ numbers?, but repeat: ",
    ".* in the first sample",
    "this sample has no ",
    "unknown key .*; known keys: x, y$",  # of a sample
    # What is inside a formula.
    "expected .*, but (?:found|the formula ends)",
    "the exponent is larger than ",
    ".* is not part of any formula",
    ".* must stand alone on the right side of an equation",
    ".* gives [0-9]+ values, but the left side has ",
    "one value has several names",
    # What is outside the file.
    "cannot read ",
)
"""How the loader's messages start where neither reading of a file shows a schema the fault."""

UNSEEN_AS_WORDS = (
    *UNSEEN, "a layer has 1 to ", "expected a number of steps", "a seed is ", ".* must be at most "
)  # fmt: skip
"""The same where numbers are words: how large they are."""
UNSEEN_AS_NUMBERS = (*UNSEEN, ".* is not a number")  # YAML has read one: 010, 1_000, 1:30, .inf


# Two readings: every word as it is written, and numbers as an editor reads them.


class Editor(yaml.SafeLoader):
    """YAML with numbers and booleans, and dates left alone as in YAML 1.2."""


Editor.yaml_implicit_resolvers = {
    start: [rule for rule in rules if not rule[0].endswith(("timestamp", "value", "merge"))]
    for start, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_numbers(text: str) -> Any:
    return yaml.load(text, Editor)


def data(node: YamlNode, read: Callable[[str], Any]) -> Any:
    """A document as JSON has it: plain words are read, and None where nothing stands."""
    if isinstance(node, Word):
        return node.text if node.quoted else read(node.text) if node.text else None
    if isinstance(node, Entries):
        entries = [(data(key, read), data(value, read)) for key, value in node.entries]
        return {key if isinstance(key, str) else json.dumps(key): each for key, each in entries}
    return [data(item, read) for item in node.items]


def readings(text: str) -> tuple[Any, Any] | None:
    """A file as words and as an editor reads it; None where it is no YAML that backcalc takes."""
    try:
        node = compose(text, "net.yaml")
    except BackcalcError:
        return None
    return data(node, str), data(node, as_numbers)


def fault(text: str) -> str:
    """What the loader says of a file, its hint last; nothing where the file is right."""
    try:
        loads(text, "net.yaml", str(ROOT / "networks"))
    except BackcalcError as error:
        return f"{error.message}; {error.hint}"
    return ""


# The texts.


KEY = rf"^(?:{'|'.join(NETWORK.keys)}):"


def strings() -> Iterator[str]:
    """Every string in the tests that reads as a mapping with a key of a network file."""
    for path in sorted((ROOT / "tests").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.search(KEY, text, re.MULTILINE):
                yield text


BLOCKS = """\
inputs: {x: 1/2, z: ' - 3 / 4e−1 '}
equations: {h: '2·(x + 1)×max(x, z)'}
loss: 1e3*h·(x)

inputs:
weights: {w: -0.5e1, v: .5, u: 1.}
loss: w if (v) > 0 else (2)

inputs: [y, no]
targets: [on]
data:
  - {y: 1, no: 2, on: 3}
weights: {yes: 1, true: 2}
layers:
  - {name: h, units: 2.0, weights: [[yes, 1], [true, 1/3]], bias: yes}
  - {name: if1, units: 1, from: [h1, h2], weights: [[1, 2]], activation: ' elu ( 1/2 )'}
frozen: [yes, true]
outputs: [if11]
loss: huber(0.5)
title: 2024-01-01

inputs: {x: 1}
weights: {w: 1}
nodes:
  010: {from: {x: w}}
  lr: {from: , bias: w}
skip:
  - {from: 010, to: lr, weight: w}
equations: {L: (yhat - x)**2}
loss: L

weights: {ŵ: 1}
conventions:
expect:
points:
nodes:
equations:
loss: ŵ

weights: {w: 1}
loss: w**2
expect:
  ∂L/∂w: dL/dw + 0
  w'[1]: {value: 1, wrong: a-b}
points: {grad w: 2, L: -0}
"""
RIGHT = tuple(BLOCKS.split("\n\n"))
"""Right files with what the others lack."""

WRONG = (
    "inputs: {x: 1}\nloss: huberr(x)\n",
    "inputs: {x: 1}\nloss: 3x\n",
    "inputs: {x: 1}\nloss: x\npoints: {L: -1/2}\n",
    "inputs: {x: 1}\nloss:\n",
    "inputs: {x: 1}\nloss: x\nlayers:\n",
    "inputs: {x: 1}\nloss: x\nconventions: [1]\n",
    "targets: {y: 1}\nweights: {w: 1}\nequations: {p: w}\nloss: huber(-1)\n",
    "constants: {h[0]: 1}\nloss: 1\n",
    "weights: {w: 1}\nequations:\n  h[t]: w\nloss: w\n",
)
"""Wrong files whose fault is to be seen."""

CLASS = (
    "inputs: {x: 1}\ntargets: {y: 2}\nequations: {'p, q': 'softmax(x, 2*x)'}\nloss: cross_entropy\n"
)
"""A wrong file whose fault is out of sight."""


def files() -> Iterator[str]:
    """Every text that is tried."""
    yield from (*RIGHT, *WRONG, CLASS)
    yield from (text for text, _ in (*CASES, *test_initial.cases()))
    yield from test_initial.FILES.values()
    yield from (CELL.replace(old, new, 1) for old, new, _ in mistakes(MISTAKES))
    yield from OTHERS
    for place in PLACES.values():
        yield from (place.format("'" + attack.replace("'", "''") + "'") for attack in ATTACKS)
    yield from strings()
    yield from (random_network(seed) for seed in range(40))
    yield from (dense(10), chain(100))
    for path in (*LIBRARY, *patterns().values()):
        yield (ROOT / path).read_text("utf-8")


@cache
def verdicts() -> list[tuple[str, str, bool, bool]]:
    """Each text with what the loader says, and whether the schema takes it as words and numbers."""
    return [
        (text, fault(text), *map(VALIDATOR.is_valid, both))
        for text in dict.fromkeys(files())
        if (both := readings(text)) is not None
    ]


@pytest.mark.sweep
def test_what_the_loader_takes_the_schema_takes() -> None:
    right = [verdict for verdict in verdicts() if not verdict[1]]
    assert [text for text, _, *taken in right if not all(taken)] == []
    assert len(right) > 60
    assert {text for text, *_ in right}.issuperset(RIGHT)


@pytest.mark.sweep
def test_what_the_loader_refuses_the_schema_refuses_or_cannot_see() -> None:
    """A message that is new here: let the schema see its fault, or put it into UNSEEN."""
    silent = [
        (message, text)
        for text, message, as_words, as_numbers in verdicts()
        for taken, unseen in ((as_words, UNSEEN_AS_WORDS), (as_numbers, UNSEEN_AS_NUMBERS))
        if message and taken and not any(re.match(kind, message) for kind in unseen)
    ]
    assert silent == []


@pytest.mark.sweep
def test_what_is_listed_as_unseen_is_unseen() -> None:
    messages = [message for _, message, *taken in verdicts() if any(taken)]
    assert [kind for kind in UNSEEN if not any(re.match(kind, each) for each in messages)] == []


@pytest.mark.parametrize("text", WRONG)
def test_a_fault_is_seen(text: str) -> None:
    assert fault(text)
    assert not any(VALIDATOR.is_valid(reading) for reading in readings(text) or ())


# The tables.


@pytest.mark.parametrize("row", [row for row in FUNCTIONS.values() if row.activation])
def test_every_activation_is_known(row: Function) -> None:
    text = "inputs: {x: 1}\nweights: {w: 1}\nnodes: {0: {from: {x: w}, activation: %s}}\nloss: x\n"
    settings = ", ".join(map(str, row.defaults))
    for word in (row.name, f"{row.name}({settings})" if settings else row.name):
        assert [VALIDATOR.is_valid(each) for each in readings(text % word) or ()] == [True] * 2
    for word in (f"{row.name}s", f"{row.name}({settings}, 1)", f"{row.name}()"):
        refused = [not VALIDATOR.is_valid(each) for each in readings(text % f"'{word}'") or ()]
        assert refused == [True] * 2


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_known_and_completed(name: str) -> None:
    assert VALIDATOR.is_valid({"loss": name})
    assert name in schema()["properties"]["loss"]["anyOf"][0]["enum"]


def test_a_new_section_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reader, its place in the schema and in the errors all come from there."""
    row = Field(
        "motto", "A line for the foot.", of("text"), lambda node: fields.word(node, "words").text
    )
    monkeypatch.setitem(NETWORK.keys, "motto", row)
    monkeypatch.setitem(FIELDS, "motto", "source")  # a new section has a field of its own
    text = "inputs: {x: 1}\nweights: {w: 1}\nloss: w*x\nmotto: Onwards\n"
    assert loads(text).source == "Onwards"
    section = schema()["properties"]["motto"]
    assert section == {"description": row.sentence, "$ref": "#/$defs/text"}
    assert fault(text.replace("motto", "mottoe")).endswith("did you mean 'motto'?")
    assert (
        fault(text.replace("Onwards", "[1]"))
        == "expected words, found a list; write it without [ ]"
    )


def keyed(part: Any) -> Iterator[tuple[str, Any]]:
    """Every key with a place of its own in the schema, and what it says of it."""
    if isinstance(part, dict):
        if part.get("additionalProperties") is False:
            yield from part["properties"].items()
        for each in part.values():
            yield from keyed(each)
    elif isinstance(part, list):
        for each in part:
            yield from keyed(each)


def test_every_key_has_a_sentence() -> None:
    found = list(keyed(schema()))
    assert len(found) > len(NETWORK.keys) + len(CONVENTIONS)
    for key, part in found:
        assert re.fullmatch("[A-Z|a-z].*[.]", part.get("description", "")), key


def test_the_patterns_are_javascript_too() -> None:
    """No named groups, no look-behind, no classes such as \\w that mean ASCII there."""
    text = schemas.written()
    assert not re.search(r"\(\?(?:P|<)|\\\\[wWdDAZ]", text)


@pytest.mark.sweep
def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(schemas.written()))


def test_schema_prints_it(run: Callable[..., Result]) -> None:
    result = run("schema")
    assert (result.stdout, result.stderr, result.exit_code) == (schemas.written(), "", 0)


# The starter files.


@pytest.mark.sweep
@pytest.mark.parametrize("name", patterns())
def test_a_starter(name: str, run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("init", name, "-o", "net.yaml", cwd=tmp_path)
    assert result == Result("", "net.yaml written\n", 0)
    written = tmp_path / "net.yaml"
    assert written.read_text("utf-8") == run("init", name).stdout
    first, second, *rest = written.read_text("utf-8").splitlines()
    assert first == f"# yaml-language-server: $schema={schemas.FILE}"
    assert f"`backcalc schema > {schemas.FILE}`" in second
    assert len(rest) < 40
    assert max(map(len, rest)) <= 100
    assert yaml.safe_load(written.read_text("utf-8"))["loss"]
    assert run("validate", "net.yaml", cwd=tmp_path).exit_code == 0
    assert run("lint", "net.yaml", cwd=tmp_path).exit_code == 0
    stepped = run("step", "net.yaml", cwd=tmp_path)
    assert (stepped.stderr, stepped.exit_code) == ("", 0)


@pytest.mark.parametrize("name", patterns())
def test_a_step_from_a_starter_lowers_its_loss(name: str) -> None:
    network = load(str(STARTERS / f"{name}.yaml"))
    (turn,) = step(network).rounds
    assert (network.title, network.topic, network.remarks) > ("", "", ())
    assert turn.loss_after < turn.loss_before


def test_init_lists_the_patterns(run: Callable[..., Result]) -> None:
    result = run("init")
    assert run("init", "--list") == result
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        "attention", "batch", "cnn", "equations", "lstm", "mlp", "rnn", "skip", "softmax"
    ]  # fmt: skip
    assert all(line.endswith(".") for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["skp"], "no such pattern: skp\nhint: did you mean 'skip'?\n"),
        (
            ["gpt"],
            (
                "no such pattern: gpt\n"
                "hint: there are attention, batch, cnn, equations, lstm, mlp, rnn, skip, softmax\n"
            ),
        ),
        (["skip", "-o", "old"], "old exists already\nhint: add --force to overwrite it\n"),
    ],
)
def test_init_refuses(
    arguments: list[str], message: str, run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "old").write_text("mine")
    assert run("init", *arguments, cwd=tmp_path) == Result("", message, 2)
    assert (tmp_path / "old").read_text() == "mine"


def test_init_overwrites_by_force(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "old").write_text("mine")
    assert run("init", "skip", "-o", "old", "--force", cwd=tmp_path).exit_code == 0
    assert load(str(tmp_path / "old")).title == "Skip connection"
