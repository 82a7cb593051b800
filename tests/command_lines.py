"""Command lines that cover every command, run in bulk with real streams: pipes or terminals.

As a program it is the driver: one process under one environment reads backcalc once and forks
for each command, which gets descriptors 0, 1 and 2 of its own and fresh streams on them.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pty
import selectors
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backcalc.commands.group import COMMANDS

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent

LOOKS = (
    "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONIOENCODING", "LANG",
    "LC_ALL", "LC_CTYPE", "PYTHONUTF8", "PYTHONCOERCECLOCALE", "TZ", "PYTHONHASHSEED", "TERM",
    "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE",
)  # fmt: skip
"""What a test sets or leaves out, whatever the person who runs it has set."""
UTF8 = {"PYTHONIOENCODING": "utf-8", "TERM": "xterm-256color"}


@dataclass(frozen=True, slots=True)
class Line:
    """A command line and what is typed into it."""

    words: str
    """The words after `backcalc`; {out} stands for a folder to write in."""
    kind: str = "sheet"
    """sheet: in reading order; figure: shaped by the width; document: the same bytes anywhere;
    page: fitted to a terminal, else the same bytes; silent: nothing on stdout."""
    typed: str = ""
    """Standard input."""
    status: int = 0
    """How it ends."""

    @property
    def command(self) -> str:
        """The command's name."""
        return self.words.split(maxsplit=1)[0]

    def arguments(self, out: Path | None = None) -> list[str]:
        """The words one by one."""
        return [word.replace("{out}", str(out)) for word in self.words.split()]


ODD = """\
title: "Größe von θ über 変数"
inputs: {θ: 1, x: 2}
targets: {y: 1}
weights: {w変: 1/3, ws: 0.7}
nodes:
  a: {from: {θ: w変, x: ws}, activation: tanh}
loss: l2
learning_rate: 0.1
"""
WRONG = """\
weights: {größe: 1/3, 変: 0.5, a_name_that_is_long: 1, another_name_that_is_long: 2}
equations:
  z: größe*変 + größe*変 + a_name_that_is_long*anothr_name_that_is_long + größe*変 + größe
loss: z
"""
SHEET_A = (TESTS / "sheets" / "a.txt").read_text("utf-8")
FORMULAS = (TESTS / "sheets" / "formulas.txt").read_text("utf-8")

LINES = (
    Line("step skip --lr 1"),
    Line("step mazur --brief", "figure"),
    Line("step softmax --compact", "figure"),
    Line("step adam --steps 2"),
    Line("step -", typed=ODD),
    Line("step skip --format json", "document"),
    Line("step - --format json", "document", typed=ODD),
    Line("step - --format html", "document", typed=ODD),
    Line("forward rnn"),
    Line("forward skip --format markdown", "document"),
    Line("backward softmax"),
    Line("backward mazur --view matrix", "figure"),
    Line("backward skip --format latex", "document"),
    Line("report skip", "document"),
    Line("train xor --epochs 60", "figure"),
    Line("train xor_2_8_1 --epochs 5 --restarts 3", "figure"),
    Line("train xor --epochs 20 --format json", "document"),
    Line("sweep xor_2_8_1 --lr 0.1,0.5 --epochs 5 --restarts 2", "figure"),
    Line("symbolic skip"),
    Line("jacobian skip --of z2 --by x", "figure"),
    Line("tangent skip --by w0"),
    Line("hessian skip --by w0,w1", "figure"),
    Line("gradcheck skip --by w0"),
    Line("shapes skip"),
    Line("explain skip dL/dw0", "figure"),
    Line("landscape skip w0 w1 --epochs 5 --size 9", "figure"),
    Line("landscape skip w0 w1 --epochs 2 --size 3 --format json", "document"),
    Line("draw skip --values --gradients", "figure"),
    Line("draw -", "figure", typed=ODD),
    Line("draw - --format svg", "document", typed=ODD),
    Line("draw skip --format tikz", "document"),
    Line("quiz skip --from dL/dw2", typed="0.5\n?\n7\n1/2\n"),
    Line("export skip --to torch", "document"),
    Line("verify skip --no-torch"),
    Line("worksheet skip"),
    Line("worksheet skip --key"),
    Line("worksheet - --answers", "document", typed=ODD),
    Line("variant skip --seed 7 --count 2 --moodle --csv --force -o {out}/all", "silent"),
    Line("check skip -", typed=SHEET_A, status=1),
    Line("check skip - --format csv", "document", typed=SHEET_A, status=1),
    Line("check skip - --format junit", "document", typed=SHEET_A, status=1),
    Line("check skip -", typed=FORMULAS, status=1),
    Line("lint mazur"),
    Line("slips"),
    Line("errata mazur"),
    Line("import nosuch.onnx --input 1", "silent", status=2),
    Line("slips path-dropped", "figure"),
    Line("forward skip --work rounded --digits 3", "figure"),
    Line("validate skip mazur"),
    Line("networks"),
    Line("init"),
    Line("init skip", "document"),
    Line("schema", "document"),
    Line("show skip", "document"),
    Line("help"),
    Line("help conventions", "page"),
    Line("step nosuch", "silent", status=2),
    Line("step skip --lr", "silent", status=2),
    Line("validate -", "silent", typed=WRONG, status=2),
    Line(
        "forward -",
        "silent",
        typed="weights: {w: 1}\nequations:\n  θ: w/(w - w)\nloss: θ\n",
        status=3,
    ),
)
LINES += tuple(
    Line(f"{name} --help") for name in COMMANDS if name not in {line.command for line in LINES}
)
"""Every command, in text and for programs, right and wrong; of a new one the help."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one command left behind."""

    status: int
    out: bytes
    err: bytes


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the commands run."""

    env: dict[str, str] = field(default_factory=dict)
    """Environment variables besides the usual ones."""
    columns: int | None = None
    """The width of the terminal that stdout and stderr are; None: pipes."""
    cwd: Path = ROOT
    """The folder."""
    flags: tuple[str, ...] = ()
    """Options of Python's."""
    cores: int | None = None
    """How many processor cores are to be had; None: all."""
    closed: tuple[int, ...] = ()
    """Descriptors that are closed."""


Job = tuple[Sequence[Line], Setting]


def run_all(lines: Sequence[Line], setting: Setting, out: Path | None = None) -> list[Seen]:
    """What every command leaves behind in a setting."""
    return run_jobs([(lines, setting)], out)[0]


def run_jobs(jobs: Sequence[Job], out: Path | None = None) -> list[list[Seen]]:
    """The same for settings that differ in nothing that Python reads when it starts.

    Encodings of streams may differ: a child opens its own.
    """
    kept = {name: value for name, value in os.environ.items() if name not in LOOKS}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    asked = [
        {
            "lines": [(line.arguments(out), line.typed) for line in lines], "env": each.env,
            "columns": each.columns, "cores": each.cores, "closed": each.closed,
            "cwd": str(each.cwd),
        }
        for lines, each in jobs
    ]  # fmt: skip
    shared = dict(set.intersection(*({*each.env.items()} for _, each in jobs)))
    done = subprocess.run(
        [sys.executable, *jobs[0][1].flags, __file__],
        input=json.dumps(asked).encode(),
        capture_output=True,
        env={**kept, "PYTHONPATH": path, **UTF8, **shared},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [
        [Seen(each[0], *(part.encode("latin-1") for part in each[1:])) for each in found]
        for found in json.loads(done.stdout)
    ]


# The driver.


AT_ONCE = 40
"""So many commands run in one child, for each of which descriptors are open."""


def drive() -> None:
    """Run the jobs that stdin asks for; their statuses and outputs on stdout."""
    jobs = json.load(sys.stdin.buffer)
    _read_ahead()
    found = [
        [
            each
            for start in range(0, len(job["lines"]), AT_ONCE)
            for each in _forked(job["lines"][start : start + AT_ONCE], job)
        ]
        for job in jobs
    ]
    sys.stdout.buffer.write(json.dumps(found).encode())


def _read_ahead() -> None:
    """Load once what the commands load when they are used, in each child that would be."""
    from importlib import import_module
    from pkgutil import walk_packages

    import backcalc

    for module in walk_packages(backcalc.__path__, "backcalc."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for library in ("csv", "difflib", "rich.console", "rich.table", "sympy", "traceback",
                    "xml.etree.ElementTree"):  # fmt: skip
        import_module(library)
    import_module("backcalc.loading.library").library()
    gc.disable()  # as `main` does
    gc.freeze()


def _forked(lines: list[Any], asked: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Commands one after the other in a child: of each its status, its stdout and its stderr."""
    typed = [_holding(text) for _, text in lines]
    pairs = [_channel(asked["columns"]) for _ in lines for _ in range(2)]
    told, statuses = os.pipe()
    child = os.fork()
    if not child:
        os.environ.update(asked["env"])
        os.chdir(asked["cwd"])
        if asked["cores"]:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked["cores"]])
        looks = dict(os.environ)
        for place, (words, _) in enumerate(lines):
            streams = [typed[place], *(inner for _, inner in pairs[2 * place : 2 * place + 2])]
            os.environ.clear()  # the command before may have changed them
            os.environ.update(looks)
            os.write(statuses, b"%d " % _status(words, streams, asked))
        os._exit(0)
    for each in (*typed, statuses, *(inner for _, inner in pairs)):
        os.close(each)
    said, *shown = _collected([told, *(outer for outer, _ in pairs)])
    os.waitpid(child, 0)
    texts = [each.decode("latin-1") for each in shown]
    return [*zip(map(int, said.split()), texts[::2], texts[1::2], strict=True)]


def _holding(text: str) -> int:
    """The end to read from of a pipe that holds a text."""
    read, write = os.pipe()
    os.write(write, text.encode())
    os.close(write)
    return read


def _channel(columns: int | None) -> tuple[int, int]:
    """Both ends of a pipe, or of a terminal that changes no byte on its way."""
    if columns is None:
        return os.pipe()
    outer, inner = pty.openpty()
    facts = termios.tcgetattr(inner)
    facts[1] &= ~termios.OPOST
    termios.tcsetattr(inner, termios.TCSANOW, facts)
    rows = 24 if columns else 0
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return outer, inner


def _status(words: list[str], descriptors: list[int], asked: dict[str, Any]) -> int:
    """Run the command with streams as Python would have made them; how it ends."""
    from backcalc.commands.group import run

    streams: list[Any] = []
    usual = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    for number, (descriptor, like) in enumerate(zip(descriptors, usual, strict=True)):
        os.dup2(descriptor, number)
        os.close(descriptor)
        if number in asked["closed"]:
            os.close(number)
            streams.append(None)
        else:
            mode = "w" if number else "r"
            encoding = asked["env"].get("PYTHONIOENCODING") or like.encoding
            streams.append(open(number, mode, -1, encoding, like.errors, closefd=False))  # noqa: SIM115
    sys.stdin, sys.stdout, sys.stderr = streams
    status = run(words)
    for stream in streams[1:]:
        if stream:
            stream.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    if nothing > 2:
        os.close(nothing)
    return status


def _collected(descriptors: Sequence[int]) -> Iterator[bytes]:
    """What comes out of each, to its end."""
    parts: dict[int, bytes] = dict.fromkeys(descriptors, b"")
    with selectors.DefaultSelector() as ready:
        for descriptor in descriptors:
            ready.register(descriptor, selectors.EVENT_READ)
        while ready.get_map():
            for key, _ in ready.select():
                try:
                    data = os.read(key.fd, 65536)
                except OSError:  # the other end of a terminal is closed
                    data = b""
                parts[key.fd] += data
                if not data:
                    ready.unregister(key.fd)
                    os.close(key.fd)
    return iter(parts.values())


if __name__ == "__main__":
    drive()
