"""Files made to hurt: each gets one clean error, soon and in little memory, and nothing runs."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, effort
from hostile import ATTACKS

from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.loading.document import MAX_BYTES, MAX_NODES
from backcalc.loading.loader import load, loads

pytestmark = pytest.mark.sweep

EFFORT = 3_000_000  # calls, for what takes half of that
MEGABYTES = 200

BOMBS = {
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "indentation": "\n".join(" " * depth + "a:" for depth in range(2000)),
    "formula brackets": f"loss: {'(' * 90_000}1{')' * 90_000}",
    "formula powers": f"loss: {'2**' * 30_000}2",
    "formula calls": f"loss: {'exp(' * 20_000}1{')' * 20_000}",
    "long formula": f"loss: {'1+' * 2_000_000}1",
    "tower": "loss: 9**9**9",
    "tall tower": "loss: 9**9**9**9**9",
    "long number": f"inputs: {{x: {'1' * 4_000_000}}}\nloss: l2",
    "large exponent": "inputs: {x: 1e999999999}\nloss: l2",
    "long name": f"inputs: {{{'x' * 900}: 1}}\nloss: l2",
    "alias": "inputs: *x",
    "aliases": "a: &a [x, x]\n"
    + "".join(f"{after}: &{after} [*{name}, *{name}]\n" for name, after in pairwise("abcdefghi")),
    "alias of itself": "inputs: &a [*a]",
    "merge": "inputs: {<<: {x: 1}}\nloss: l2",
    "tag": "inputs: !!python/object/apply:os.system ['true']",
    "documents": "---\na: 1\n" * 100_000,
    "many keys": "inputs: {" + "".join(f"a{place}: 1, " for place in range(300_000)),
    "many units": "layers: [{name: h, units: 99999999999, weights: []}]\nloss: l2",
    "quotes": "'" * 4_000_000,
    "comment": "#" * 4_000_000,
    "line ends": "\n" * 4_000_000,
    "ampersands": "&" * 1_000_000,
    "exclamation marks": "!" * 1_000_000,
    "colons": ": " * 1_000_000,
    "percent": "%" * 1_000_000,
}


@pytest.mark.parametrize("text", tuple(BOMBS.values()), ids=tuple(BOMBS))
def test_a_bomb_is_one_short_error(text: str) -> None:
    def refused() -> None:
        with pytest.raises(BackcalcError) as caught:
            loads(text, "net.yaml")
        errors.append(caught.value)

    errors: list[BackcalcError] = []
    assert effort(refused) < EFFORT
    lines = str(errors[0]).splitlines()
    assert lines[0].startswith("net.yaml:")
    assert len(lines) <= 4
    assert max(map(len, lines)) < 300


WHOLE_MESSAGES = {
    "brackets": (
        f"net.yaml:1:21: nested deeper than 20 levels\n1 | {'[' * 94}...\n  | {' ' * 20}^"
    ),
    "aliases": (
        "net.yaml:1:4: anchors and aliases are not supported here\n"
        "1 | a: &a [x, x]\n"
        "  |    ^^^^\n"
        "hint: write the value out"
    ),
    "merge": (
        "net.yaml:1:10: merge keys are not supported here\n"
        "1 | inputs: {<<: {x: 1}}\n"
        "  |          ^^\n"
        "hint: write the keys out"
    ),
    "tower": (
        "net.yaml:1:8: the exponent is larger than 1000\n"
        "1 | loss: 9**9**9\n"
        "  |        ^^"
    ),
    "large exponent": (
        "net.yaml:1:13: the number '1e999999999' has too many digits\n"
        "1 | inputs: {x: 1e999999999}\n"
        "  |             ^^^^^^^^^^^"
    ),
    "comment": "net.yaml:1:1: the file is empty\nhint: backcalc networks lists examples",
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_MESSAGES)
def test_the_whole_message(name: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        loads(BOMBS[name], "net.yaml")
    assert str(caught.value) == WHOLE_MESSAGES[name]


DEEP = {
    "a: {b: " + "[" * 1500: 26,
    "'[[[[': {'b': \"[[[[\", c: [" + "[{" * 1500: 44,
    "[[], {}, [], " + "[" * 1500: 33,
    "[" * 30 + "@": 21,
    "a:\n\n    " + "[" * 1500: 24,
    "[[[[[[ # [[[[\n" + "[" * 1500: 15,
}
"""Brackets that some scanners give up on before they tell of the first; where it is too deep."""


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize(("text", "column"), DEEP.items())
def test_every_scanner_of_yaml_says_where_it_is_too_deep(
    text: str, column: int, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backcalc.loading.document._LOADER", loader)
    with pytest.raises(BackcalcError) as caught:
        loads(text, "net.yaml")
    line = text.count("\n") + 1
    first = str(caught.value).splitlines()[0]
    assert first == f"net.yaml:{line}:{column}: nested deeper than 20 levels"


def test_too_many_words() -> None:
    with pytest.raises(BackcalcError) as caught:
        loads("data: [" + "1, " * (MAX_NODES + 10) + "]", "net.yaml")
    first, *_ = str(caught.value).splitlines()
    assert first == "net.yaml:1:599996: more than 200000 words and numbers in one file"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_bombs_take_little_memory(tmp_path: Path) -> None:
    """The most that one process takes to refuse them one after the other."""
    names = "brackets", "aliases", "many keys", "long formula", "formula brackets", "line ends"
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_text(BOMBS[path.name], encoding="utf-8")
    code = (
        "import sys\n"
        "from backcalc.errors import BackcalcError\n"
        "from backcalc.loading.loader import load\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n        load(path)\n"
        "    except BackcalcError:\n"
        "        status = open('/proc/self/status').read()\n"
        "        print(int(status.partition('VmHWM:')[2].split()[0]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], cwd=ROOT, capture_output=True, check=True
    )
    megabytes = [*map(int, done.stdout.split())]
    assert len(megabytes) == len(paths)
    assert max(megabytes) < MEGABYTES, megabytes


# Nothing runs.

PLACES = {
    "input": "inputs: {{{0}: 1}}\nloss: l2\n",
    "input value": "inputs: {{x: {0}}}\nloss: l2\n",
    "weight": "inputs: {{x: 1}}\nweights: {{w: {0}}}\nloss: w\n",
    "unit": "inputs: {{x: 1}}\nweights: {{w: 1}}\nnodes: {{{0}: {{from: {{x: w}}}}}}\nloss: yhat\n",
    "source": "weights: {{w: 1}}\nnodes: {{1: {{from: {{{0}: w}}}}}}\nloss: yhat\n",
    "edge": "inputs: {{x: 1}}\nnodes: {{1: {{from: {{x: {0}}}}}}}\nloss: yhat\n",
    "activation": (
        "inputs: {{x: 1}}\nweights: {{w: 1}}\n"
        "nodes: {{1: {{from: {{x: w}}, activation: {0}}}}}\nloss: yhat\n"
    ),
    "layer": "layers: [{{name: {0}, units: 1, weights: [[1]]}}]\nloss: yhat\n",
    "units": "inputs: [x]\nlayers: [{{name: h, units: {0}, weights: [[1]]}}]\nloss: yhat\n",
    "cell": "inputs: [x]\nlayers: [{{name: h, units: 1, weights: [[{0}]]}}]\nloss: yhat\n",
    "equation's name": "equations: {{{0}: 1}}\nloss: f\n",
    "equation": "inputs: {{x: 1}}\nequations: {{f: {0}}}\nloss: f\n",
    "loss": "inputs: {{x: 1}}\nloss: {0}\n",
    "output": "inputs: {{x: 1}}\nequations: {{f: x}}\noutputs: [{0}]\nloss: f\n",
    "data": "inputs: [x]\ndata: {0}\nloss: x\n",
    "sample": "inputs: [x]\ndata: [{{x: {0}}}]\nloss: x\n",
    "rate": "inputs: {{x: 1}}\nlearning_rate: {0}\nloss: x\n",
    "convention": "inputs: {{x: 1}}\nconventions: {{relu_at_zero: {0}}}\nloss: x\n",
    "figure": "inputs: {{x: 1}}\nloss: x\nexpect: {{{0}: 1}}\n",
    "figure's value": "inputs: {{x: 1}}\nloss: x\nexpect: {{L: {0}}}\n",
    "figure's mistake": "inputs: {{x: 1}}\nloss: x\nexpect: {{L: {{value: 1, wrong: {0}}}}}\n",
    "erratum": "inputs: {{x: 1}}\nloss: x\nerrata: [{{quantity: {0}, printed: 1, right: 2}}]\n",
    "erratum's figure": "inputs: {{x: 1}}\nloss: x\nerrata: [{{quantity: L, printed: {0}}}]\n",
    "key": "inputs: {{x: 1}}\nloss: x\n{0}: 1\n",
}


@pytest.mark.parametrize("place", PLACES)
def test_code_is_refused(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for attack in ATTACKS:
        quoted = "'" + attack.replace("'", "''") + "'"
        with pytest.raises(BackcalcError) as caught:
            loads(PLACES[place].format(quoted), "net.yaml")
        assert str(caught.value).startswith("net.yaml:"), attack
        assert list(tmp_path.iterdir()) == [], attack


def test_code_in_a_formula_is_shown_with_its_first_stray_word() -> None:
    with pytest.raises(BackcalcError) as caught:
        loads("inputs: {x: 1}\nloss: __import__('os').system('id')\n", "net.yaml")
    assert str(caught.value) == (
        'net.yaml:2:18: "\'" is not part of any formula\n'
        "2 | loss: __import__('os').system('id')\n"
        "  |                  ^"
    )


# Labels are data.

LABELS = (
    "[bold]red[/bold]",
    "<script>alert(1)</script>",
    "\\\\input{/etc/passwd}",
    "\\x1b[2J\\x1b[31mred",
    "a\\u202Eb",
    "a\\0b\\ab",
    "line\\nline",
    "=1+1",
)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("key", ["title", "topic", "about", "source"])
def test_a_label_is_kept_as_it_is(key: str, label: str) -> None:
    network = loads(f'{key}: "{label}"\ninputs: {{x: 1}}\nloss: x\n')
    assert getattr(network, key) == label.encode().decode("unicode_escape")


@pytest.mark.parametrize(
    ("word", "shown", "marked"),
    [
        ("\\e[31mred\\e[0m", "\\x1b[31mred\\x1b[0m", '"\\e[31mred\\e[0m"'),
        ("\\r", "\\r", '"\\r"'),
        ("a\u202eb", "a\\u202eb", '"a\\u202eb"'),
        ("[red]", "[red]", '"[red]"'),
        ("<b>", "<b>", '"<b>"'),
    ],
)
def test_an_error_prints_escapes_as_text(word: str, shown: str, marked: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        loads(f'"{word}": 1\n', "net.yaml")
    message, line, carets, hint = str(caught.value).splitlines()
    assert message == f"net.yaml:1:1: unknown key '{shown}'"
    assert line == f"1 | {marked}: 1"
    assert carets == f"  | {'^' * len(marked)}"
    assert hint.startswith("hint: known keys: title, ")


# Files that are no text.


def message_of(path: str) -> str:
    with pytest.raises(BackcalcError) as caught:
        load(path)
    return str(caught.value)


EMPTY = ":1:1: the file is empty\nhint: backcalc networks lists examples"
NO_NETWORKS = {
    b"": EMPTY,
    b"# nothing\n": EMPTY,
    b"\xef\xbb\xbf": EMPTY,
    b"title: x\nabout: caf\xe9\n": (
        ":2:11: not UTF-8: byte 0xe9 at offset 19\nhint: save it as UTF-8"
    ),
    b"\xff\xfei\0": ":1:1: not UTF-8: byte 0xff at offset 0\nhint: save it as UTF-8",
    b"title: a\0b\n": (
        ":1:9: the character U+0000 is not allowed in a file\n1 | title: a\\x00b\n  |         ^^^^"
    ),
    b"title: a\x1bb\n": (
        ":1:9: the character U+001B is not allowed in a file\n1 | title: a\\x1bb\n  |         ^^^^"
    ),
    b"just words\n": (
        ":1:1: expected a mapping with keys such as inputs, nodes, loss, found 'just words'\n"
        "1 | just words\n"
        "  | ^^^^^^^^^^"
    ),
}


@pytest.mark.parametrize(("data", "message"), tuple(NO_NETWORKS.items()))
def test_a_file_that_is_no_network(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    assert message_of(str(path)) == f"{path}{message}"


@pytest.mark.parametrize("change", [b"\xef\xbb\xbf", b"\r\n", b"\r"], ids=["bom", "crlf", "cr"])
def test_other_editors(change: bytes, tmp_path: Path) -> None:
    data = b"inputs: {x: 1}\nloss: x\n"
    whole = data.replace(b"\n", change) if b"\r" in change else change + data
    path = tmp_path / "net.yaml"
    path.write_bytes(whole)
    assert load(str(path)).inputs == ("x",)
    path.write_bytes(whole.replace(b"loss: x", b"loss: z"))
    assert message_of(str(path)).startswith(
        f"{path}:2:7: unknown loss 'z'\n2 | loss: z\n  |       ^"
    )


def test_a_folder(tmp_path: Path) -> None:
    assert message_of(str(tmp_path)) == f"{tmp_path} is a folder\nhint: name a file in it"


def test_a_name_that_no_file_can_have() -> None:
    assert message_of("x" * 5000).startswith(
        f"no such file: {'x' * 200}\nhint: `backcalc networks` "
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("loss: x", encoding="utf-8")
    path.chmod(0)
    assert message_of(str(path)) == f"cannot read {path}: Permission denied"


def test_a_file_of_10_megabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    with path.open("wb") as stream:
        stream.truncate(10_000_000)
    assert message_of(str(path)) == f"{path}:1:1: the file is larger than 5 MB"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_an_endless_file() -> None:
    assert message_of("/dev/zero") == "/dev/zero:1:1: the file is larger than 5 MB"


class Endless(io.RawIOBase):
    """Zeros without end, counted."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.given += len(buffer)
        return len(buffer)


def test_endless_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = Endless()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(zeros)))
    assert message_of("-") == "<stdin>:1:1: the file is larger than 5 MB"
    assert zeros.given < 2 * MAX_BYTES


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(b"inputs: {x: 1}\nloss: x\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    assert load("-").file == "<stdin>"


# Honest files that are large.


def dense(width: int) -> str:
    inputs = ", ".join(f"x{place}: 1" for place in range(width))
    rows = f"      - [{', '.join(['0.25'] * width)}]\n" * width
    layer = f"  - name: h\n    units: {width}\n    weights:\n{rows}"
    return f"inputs: {{{inputs}}}\nlayers:\n{layer}loss: w_h1_x0\n"


def chain(length: int) -> str:
    weights = "".join(f"  w{place}: 0.5\n" for place in range(length))
    nodes = "".join(
        f"  {place}: {{from: {{{place - 1 if place else 'x'}: w{place}}}}}\n"
        for place in range(length)
    )
    return f"inputs: {{x: 1}}\ntargets: {{y: 0}}\nweights:\n{weights}nodes:\n{nodes}loss: l2\n"


@pytest.mark.parametrize(
    ("text", "weights"),
    [(dense(316), 316 * 316), (chain(15_000), 15_000)],
    ids=["100 000 weights in a layer", "15 000 units in a chain"],
)
def test_a_large_network_loads_soon(text: str, weights: int) -> None:
    loaded: list[Network] = []
    assert effort(lambda: loaded.append(loads(text))) < 2 * EFFORT
    assert len(loaded[0].weights) == weights
