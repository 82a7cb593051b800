"""The promise about hostile input, as one function for the soak, the tests and atheris.

Whatever the input: a value, or one clear message; nothing else is raised, nothing is run, nothing
is written, and nothing is read but what was named.
"""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hostile import READERS, ROOT, seeds

import backcalc
from backcalc.checking.heads import MAX_BYTES, headed
from backcalc.checking.report import Marking, check
from backcalc.commands.group import run
from backcalc.errors import UNSAFE, BackcalcError, Place
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import parse, parse_number
from backcalc.loading.document import LINE_END, read_text
from backcalc.loading.loader import load, loads

MOST_LINES = 4
WIDEST = 300
PYTHON = re.compile(
    r"NoneType|object at 0x|Traceback|invalid literal|<class|\w(?:Error|Exception)\b|unhashable"
    r"|unpack|codec|Fraction\(|<function|<lambda|\bself\b|positional argument|subscriptable"
)
"""Words of Python, which say nothing to a student."""

NETWORK = """\
inputs: {x: 1, x0: 2}
targets: {y: -3}
weights: {w: 0.5, w0: 0.5, b: -1}
nodes:
  0: {from: {x: w0, x0: b}, activation: tanh}
  1: {from: {0: w}, bias: b}
loss: l2
learning_rate: 1
"""
"""What answers are read against."""

TABLE = "inputs: [x, a]\ntargets: [y]\nloss: (x*a - y)**2\ndata: points.csv\n"
"""What reads the data."""

SYMPYS = re.compile(r"def|return|if|else|and|None|max|min|monomial_\w+|[AB]|[abckr]\d*")
"""The words of code that sympy makes for itself, of positional names, and runs."""


# Who listens while a reader works.


class StoppedError(BaseException):
    """Raised where a reader is about to do what it must not; no handler of errors catches it."""


class Watch:
    """Sees each file that is opened, each text that is compiled, each process that is started."""

    QUIET = frozenset({
        "os.listdir", "os.scandir", "glob.glob", "glob.glob/2", "pathlib.Path.glob", "import",
        "sys._getframe", "builtins.id", "object.__getattr__", "object.__setattr__",
        "marshal.loads", "code.__new__", "resource.setrlimit",
    })  # fmt: skip
    """Events that neither read, write nor run anything: folders are listed for hints."""
    OWN = tuple({str(ROOT / "backcalc"), str(ROOT / "networks"), sys.prefix, sys.base_prefix})
    """Where backcalc and what it imports stand."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.seen: list[str] = []
        sys.addaudithook(self.event)

    def event(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Stop what is not promised."""
        if self.text is None or event in self.QUIET:
            return
        if event == "open":
            if self.may_open(arguments[0], arguments[2]):
                return
        elif event in ("compile", "exec"):
            made = getattr(arguments[0], "co_filename", arguments[-1])
            if str(made).startswith(self.OWN):
                return  # a module that is imported when it is needed
            if made == "<string>" and (event == "exec" or self.is_sympys(arguments[0])):
                return  # what is run was compiled, and so was seen
        self.seen.append(f"{event} {arguments!r:.200}")
        raise StoppedError(self.seen[-1])

    def is_sympys(self, source: bytes) -> bool:
        """Whether a code is one of the few that sympy makes for itself."""
        words = re.findall(r"[^\W\d]\w*|['\"@.\\\\]", source.decode())
        return source.startswith(b"def monomial_") and all(map(SYMPYS.fullmatch, words))

    def may_open(self, path: object, flags: int) -> bool:
        """Whether a file is one that was named, and opened for reading."""
        if not isinstance(path, str) or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return False
        if path.startswith(self.OWN) or path == "/proc/self/statm":
            return True
        assert self.text is not None
        named = (
            "".join(path.split()) in "".join(self.text.split())
            or "\\" in self.text
            or not path.isascii()
        )
        beside = named and os.path.basename(path) == path
        ordinary = os.path.isfile(path) and not os.path.islink(path)
        return beside and (ordinary or os.path.isdir(path) or not os.path.exists(path))

    @contextmanager
    def over(self, text: str) -> Iterator[None]:
        """Watch what is done with a text, which may name files."""
        self.text, self.seen = text, []
        try:
            yield
        finally:
            self.text = None


@cache
def watch() -> Watch:
    """The one watch of this process, once all that is imported on demand is there."""
    for module in pkgutil.walk_packages(backcalc.__path__, "backcalc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for reader in READERS:
        for seed in seeds(reader)[:8]:
            prepare(reader, seed.encode())
            with suppress(BackcalcError):
                READ[reader](seed.encode())
    for words in ("step skip", "backward mazur --format json", "symbolic skip", "step nowhere"):
        with redirect_stdout(io.TextIOWrapper(io.BytesIO())), redirect_stderr(io.StringIO()):
            run(words.split())
    return Watch()


@contextmanager
def sandbox(parent: str | None = None) -> Iterator[Path]:
    """A folder to work in, with files that a hostile one may name."""
    before = os.getcwd()
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None  # no disk needs to turn
    folder = Path(tempfile.mkdtemp(prefix="backcalc-", dir=parent or memory))
    (folder / "folder.csv").mkdir()
    (folder / "secret").write_text("x,a,y\n1,2,3\n", "utf-8")
    for name in ("and.csv", "hours.csv"):
        shutil.copy(ROOT / "networks" / name, folder)
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.csv")
        (folder / "link.csv").symlink_to("/etc/passwd")
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)
        shutil.rmtree(folder)


# The readers.


def read_network(data: bytes) -> object:
    """A network file."""
    return load("net.yaml")


def read_expression(data: bytes) -> object:
    """A formula, read as each of those who ask for one reads it."""
    text = data.decode("utf-8", "surrogateescape")
    place = Place("formula", 1, 1, text)
    formula = None
    error = None
    ways = (
        lambda: parse(text, FUNCTIONS, place=place, names=("x", "w", "h")),
        lambda: parse(text, FUNCTIONS, place=place, derivatives=True),
        lambda: parse(text, FUNCTIONS, place=place, indexed=str.casefold),
        lambda: parse_number(text, place),
    )
    for way in (lambda: parse(text, FUNCTIONS, place=place), ways[len(data) % 4]):
        try:
            formula = way()
            continue
        except BackcalcError as each:
            error = each
        assert not (why := unclear(error, {"formula": text})), why
    if formula is None and error is not None:
        raise error
    return formula


@cache
def marking() -> Marking:
    """What answers are read against."""
    return Marking(loads(NETWORK))


def read_answers(data: bytes) -> object:
    """A sheet of answers."""
    text = read_text("answers.txt", MAX_BYTES)
    head, _ = headed(text, "answers.txt", marking().knows)
    return head, check(marking(), text, "answers.txt")


def read_data(data: bytes) -> object:
    """A file of samples, by the network that names it."""
    return loads(TABLE, "net.yaml")


READ: Mapping[str, Callable[[bytes], object]] = {
    "networks": read_network,
    "expressions": read_expression,
    "answers": read_answers,
    "data": read_data,
}
FILES = {"networks": "net.yaml", "answers": "answers.txt", "data": "points.csv"}
"""What the input of each reader is called."""


# The promise.


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader made of an input."""

    value: object = None
    """What it says, where it was accepted."""
    error: BackcalcError | None = None
    """Why it was refused."""
    why: str = ""
    """How the promise was broken; empty where it was kept."""


def prepare(reader: str, data: bytes) -> None:
    """Write the file that a reader reads."""
    if reader in FILES:
        with open(FILES[reader], "wb") as file:
            file.write(data)


def outcome(reader: str, data: bytes) -> Outcome:
    """What a reader makes of an input, within a sandbox."""
    prepare(reader, data)
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    value, refused = None, None
    with guarded(f"{TABLE if reader == 'data' else text} {' '.join(FILES.values())}") as broken:
        try:
            value = READ[reader](data)
        except BackcalcError as error:
            refused = error
    if broken:
        return Outcome(why=broken[0])
    texts = {FILES.get(reader, "formula"): text}
    return Outcome(
        value, refused, unclear(refused, {"net.yaml": TABLE, **texts}) if refused else ""
    )


@contextmanager
def guarded(text: str) -> Iterator[list[str]]:
    """Catch what must not be raised, and see what must not be done."""
    broken: list[str] = []
    try:
        with watch().over(text):
            yield broken
    except (Exception, StoppedError) as error:  # noqa: BLE001 - whatever it is, it is the finding
        broken.append(f"{type(error).__name__}: {str(error)[:300]}")
    broken += watch().seen[:1]


def unclear(error: BackcalcError, texts: Mapping[str, str]) -> str:
    """What is wrong with a message, in the texts of the files that it may speak of."""
    shown = str(error)
    lines = shown.split("\n")
    said = f"{error.message} {error.hint or ''}"
    for word in PYTHON.finditer(said):
        if not any(word[0] in text for text in texts.values()):
            return f"speaks of Python: {word[0]!r} in {shown!r}"
    for other in error.others:
        if problem := unclear(other, texts):
            return problem
    most = MOST_LINES if not error.others else len(lines)
    if len(lines) > most or max(map(len, lines)) >= WIDEST:
        return f"{len(lines)} lines, {max(map(len, lines))} columns: {shown!r:.600}"
    if not error.message.strip() or not is_printable(shown):
        return f"not printable: {shown!r}"
    return misplaced(error, lines, texts)


def misplaced(error: BackcalcError, lines: list[str], texts: Mapping[str, str]) -> str:
    """What is wrong with the place that a message names."""
    where = error.where
    if where is None:
        return f"no place: {error}"
    text = texts[where.file] if where.file in texts else other_data(where.file)
    if text is None or not lines[0].startswith(f"{where}: "):
        return f"another file: {error}"
    found = [LINE_END.split(each) for each in (text, unicodedata.normalize("NFC", text))]
    if not 1 <= where.line <= len(found[0]):
        return f"no such line: {error}"
    source = [each[where.line - 1] for each in found]
    if where.text and where.text not in source:
        source = [where.text]  # a formula in an escaped or folded text
    if not 1 <= where.column <= max(map(len, source)) + 1:
        return f"no such column: {error}"
    if where.text and len(lines) > 2 and "^" not in lines[2]:
        return f"no caret: {error}"
    blank = where.text != where.text.rstrip() or lines[1:2] == [f"{where.line} |"]
    if where.text and not blank and width(lines[2]) > width(lines[1]) + 1:
        return f"the caret stands behind the line: {error}"
    return ""


def other_data(path: str) -> str | None:
    """What stands in another file of samples: one in the folder, or one that comes along."""
    beside = os.path.basename(path) == path or path.startswith(Watch.OWN)
    return Path(path).read_text("utf-8") if beside and os.path.isfile(path) else None


def is_printable(text: str) -> bool:
    """Whether nothing in a text steers a terminal."""
    plain = text.replace("\n", "")
    if plain.isascii():
        return plain.isprintable()
    return all(unicodedata.category(char) not in UNSAFE for char in plain)


def width(text: str) -> int:
    """The columns of a line on a terminal."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


# What follows on a reader.


def command_broken(arguments: list[str], text: str) -> str:
    """How a command broke the promise, run in this process; empty where it kept it."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2)]
    status = 70
    named = f"{text} {' '.join(FILES.values())}"
    with guarded(named) as broken, redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        status = run(arguments)
    out, talk = (_written(stream) for stream in streams)
    if broken:
        return f"{' '.join(arguments)}: {broken[0]}"
    return run_broken(arguments, status, out, talk)


def run_broken(arguments: list[str], status: int, out: str, talk: str) -> str:
    """How a run broke the promise, by what it left behind."""
    what = " ".join(arguments)
    if status not in (0, 1, 2, 3):
        return f"{what}: status {status}: {talk[-500:]!r}"
    if not is_printable(out + talk):
        return f"{what}: not printable"
    said = [line for line in talk.splitlines() if not line.startswith("note: ")]
    if status > 1 and (not said or len(said) > MOST_LINES or "Traceback" in talk):
        return f"{what}: no clear message: {talk[:500]!r}"
    if status > 1 and out and arguments[0] != "check":
        return f"{what}: status {status}, but something on stdout"
    return ""


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
