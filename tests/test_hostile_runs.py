"""Hostile files against the whole program: exit status, streams, memory, terminals.

A process of its own runs only what may take memory, or what is about its streams.
"""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import HANGS, LOOKS, ROOT, Result

Run = Callable[..., Result]

pytestmark = pytest.mark.sweep

MEMORY = 600_000_000  # bytes of address space: some ten times what a small network takes

NETWORK = """\
inputs: {x: 1}
targets: {y: -3}
weights: {w: 0.5}
nodes:
  0: {from: {x: w}}
loss: l1
learning_rate: 1
"""
CIRCUIT = "weights: {w: 0.9}\nequations:\n  z: FORMULA\nloss: z\nlearning_rate: 1\n"
COMMANDS = ("validate", "forward", "step", "symbolic", "explain")


def bounded(*args: str, cwd: Path) -> Result:
    """Run backcalc as a process of its own with a bound on its memory."""
    kept = {name: value for name, value in os.environ.items() if name not in LOOKS}
    code = (
        "try:\n import resource\n"
        f" resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))\n"
        "except ImportError:\n pass\n"  # Windows has no such limit
        "from backcalc.commands import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, cwd=cwd, check=False,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}, timeout=HANGS,
    )  # fmt: skip
    return Result(done.stdout.decode(), done.stderr.decode(), done.returncode)


def arguments(command: str, file: str) -> list[str]:
    return [command, file, *(["dL/dw"] if command == "explain" else [])]


# Bad input: status 2, one message on stderr, nothing on stdout.

BAD: dict[str, bytes] = {
    "empty": b"",
    "no UTF-8": b"title: caf\xe9\n",
    "UTF-16": "title: a".encode("utf-16"),
    "zeros": b"\0" * 1000,
    "10 MB": b"a: 1\n" * 2_000_000,
    "brackets": b"a: " + b"[" * 100_000,
    "formula brackets": CIRCUIT.replace("FORMULA", "(" * 90_000).encode(),
    "alias bomb": b"a: &a [x]\n"
    + b"".join(b"b%d: &b%d [*a, *a]\n" % (place, place) for place in range(20)),
    "merge bomb": b"inputs: {<<: {x: 1}}\nloss: l2\n",
    "tower": CIRCUIT.replace("FORMULA", "9**9**9").encode(),
    "import": CIRCUIT.replace("FORMULA", "__import__('os').system('id')").encode(),
    "import as activation": NETWORK.replace("{x: w}", "{x: w}, activation: __import__").encode(),
    "import as name": NETWORK.replace("{w: 0.5}", "{\"__import__('os')\": 0.5}").encode(),
    "python tag": b"loss: !!python/object/apply:os.system [id]\n",
    "unknown key": NETWORK.replace("inputs", "input").encode(),
    "cycle": NETWORK.replace("{x: w}", "{x: w, 1: w}}\n  1: {from: {0: w}").encode(),
    "10 000 equations in a circle": (
        "weights: {w: 1}\nequations:\n"
        + "".join(f"  a{place}: a{(place + 1) % 10_000}*w\n" for place in range(10_000))
        + "loss: a0\n"
    ).encode(),
    "many arguments": CIRCUIT.replace("FORMULA", f"max({'w, ' * 40}w)").encode(),
    "many factors": CIRCUIT.replace("FORMULA", f"w{'*w' * 300}").encode(),
    "many units": b"inputs: {x: 1}\nlayers: [{name: h, units: 1e5, weights: [[1]]}]\nloss: l2\n",
    "passwd": NETWORK.replace("{x: 1}", "[x]").replace("{y: -3}", "[y]").encode()
    + b"data: ../../../../etc/passwd\n",
    "escape": b'"\\e[31mred": 1\n',
    "raw escape": b"title: \x1b[31mred\n",
    "bidi": "\u202etitle: x\n".encode(),
    "markup": b'"[red]x[/red]": 1\n',
    "a tab": b"inputs:\n\tx: 1\n",
}

LARGE = ("10 MB", "10 000 equations in a circle")
"""Those that could take much memory, but for those of `test_hostile_files.py`."""


def assert_refused(result: Result, file: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "bug in backcalc" not in result.stderr
    first, *rest = result.stderr.splitlines()
    assert first.startswith(f"{file}:")
    assert len(rest) <= 3
    assert is_safe(result.stderr)


def is_safe(text: str) -> bool:
    """Whether nothing in a text can steer a terminal."""
    return all(char == "\n" or unicodedata.category(char)[0] != "C" for char in text)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_bytes(BAD[name])
    start = bounded if name in LARGE else run
    assert_refused(start("validate", "net.yaml", cwd=tmp_path), "net.yaml")


@pytest.mark.parametrize("name", ["empty", "no UTF-8", "10 MB", "alias bomb", "import", "escape"])
def test_bad_stdin(name: str, run: Run) -> None:
    assert_refused(run("validate", "-", stdin=BAD[name]), "<stdin>")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["unknown key", "cycle", "brackets", "bidi"])
def test_every_command_refuses(command: str, name: str, run: Run) -> None:
    assert_refused(run(*arguments(command, "-"), stdin=BAD[name]), "<stdin>")


def test_several_files_are_all_checked(tmp_path: Path, run: Run) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(NETWORK, encoding="utf-8")
    bad.write_bytes(BAD["unknown key"])
    result = run("validate", str(bad), str(good))
    assert result.exit_code == 2
    assert result.stdout == f"{good}: ok (1 unit, 1 weight, 1 sample)\n"
    assert result.stderr.startswith(f"{bad}:1:1: unknown key 'input'\n")


def test_an_unused_weight_is_a_note(run: Run) -> None:
    result = run("validate", "-", stdin=NETWORK.replace("w: 0.5", "w: 0.5, v: 1").encode())
    assert result.exit_code == 0
    assert result.stderr == "note: <stdin>:3:19: weight 'v' is used nowhere\n"


def test_a_folder(tmp_path: Path, run: Run) -> None:
    result = run("step", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path} is a folder\nhint: name a file in it\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no such redirection")
def test_closed_stdin() -> None:
    command = f'"{sys.executable}" -m backcalc validate - <&-'
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cannot read <stdin>: it is closed\n"


# Arithmetic without an answer: status 3, naming the equation.


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("w/(w - w)", "z = w/(w - w) = 0.9/(0.9 - 0.9): division by zero"),
        ("(w - w)**-1", "z = (w - w)**(-1) = (0.9 - 0.9)**(-1): division by zero"),
        ("exp(1000*w)", "z = exp(1000*w) = exp(1000*0.9): the result is too large for a number"),
        ("1e400*1e400*w", None),
        ("log(w - w)", None),
        ("log(-w)", None),
        ("sqrt(-w)", None),
        ("(-w)**0.5", None),
        ("0*log(w - w)", None),
        ("w if 1/(w - w) > 0 else 2*w", None),
    ],
)
@pytest.mark.parametrize("command", ["forward", "step"])
def test_undefined_arithmetic(command: str, formula: str, message: str | None, run: Run) -> None:
    result = run(command, "-", stdin=CIRCUIT.replace("FORMULA", formula).encode())
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("z is undefined: z = ")
    if message:
        assert result.stderr == f"z is undefined: {message}\n"


# What a terminal gets.

LABELS = (
    'title: "[red]x[/red] \\e[31m \\u202e $x$ \\\\input{/etc/passwd}'
    ' # <b>|`*_ \\n\\n# H \\x9b \\0"\n'
    'about: "\\e]8;;http://x\\a"\n'
    'source: "\\u2066"\n'
)


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
@pytest.mark.parametrize("command", COMMANDS[1:])
def test_labels_reach_no_terminal_raw(command: str, form: str, run: Run) -> None:
    data = (LABELS + NETWORK).encode()
    result = run(*arguments(command, "-"), "--format", form, stdin=data)
    assert (result.exit_code, result.stderr) == (0, "")
    assert is_safe(result.stdout)


def test_a_label_is_one_line_and_no_command_in_latex(run: Run) -> None:
    result = run("forward", "-", "--format", "latex", stdin=(LABELS + NETWORK).encode())
    (title,) = [line for line in result.stdout.splitlines() if "section*{[red]" in line]
    assert title.endswith("}")
    assert "\\input" not in title
    assert "\\$x\\$" in title


@pytest.mark.skipif(sys.platform == "win32", reason="no file can have such a name")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x1b[31m.yaml", "a\\x1b[31m.yaml"),
        ("\u202eb.yaml", "\\u202eb.yaml"),
        ("n\nl.yaml", "n l.yaml"),
        ("[red]x.yaml", "[red]x.yaml"),
        ("\udcff.yaml", "\\udcff.yaml"),
    ],
)
def test_file_names_are_spelled_out(name: str, shown: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / name
    path.write_text("a: 1\n", encoding="utf-8")
    result = run("step", name, cwd=tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{shown}:1:1: unknown key 'a'\n1 | a: 1\n  | ^\n")
    assert is_safe(result.stderr)
    path.write_text(NETWORK, encoding="utf-8")
    result = run("step", name, cwd=tmp_path)
    assert result.stdout.partition("\n")[0] == shown
    assert is_safe(result.stdout)


# Pipes and files.


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes")
@pytest.mark.parametrize("command", ["networks", "step skip --format json"])
def test_a_reader_that_leaves(command: str) -> None:
    line = f'"{sys.executable}" -m backcalc {command} | true'
    done = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, check=False)
    assert done.stderr == b""


def test_an_existing_file_is_kept(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "sheet.txt"
    path.write_text("mine", encoding="utf-8")
    result = run("forward", "skip", "-o", str(path))
    assert result.exit_code == 2
    assert result.stderr == f"{path} exists already\nhint: add --force to overwrite it\n"
    assert path.read_text("utf-8") == "mine"
    assert run("forward", "skip", "-o", str(path), "--force").exit_code == 0
    assert path.read_text("utf-8").startswith("Skip connection\n")
    assert [each.name for each in tmp_path.iterdir()] == ["sheet.txt"]


def test_a_file_that_cannot_be_written(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "nowhere" / "sheet.md"
    result = run("forward", "skip", "-o", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"cannot write {path}: there is no folder {path.parent}\n"
