"""A batch that is ended at any point loses no sheet that it has shown, and writes no half file."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import HANGS, LOOKS, ROOT, Result, in_a_copy

from backcalc.commands import check, check_many, writing
from backcalc.commands import train as progressing
from backcalc.errors import BackcalcError

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.skipif(sys.platform == "win32", reason="its signals are others"),
    pytest.mark.usefixtures("signals"),
]

Run = Callable[..., Result]
FORMS = ("text", "markdown", "json", "jsonl", "csv", "junit")
ENDING = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
COUNT, DONE = 8, 5

TEXTS = (
    "name = Person {0}\nz0 = 0.5\nL = 3.375",
    "name = Person {0}\nz0 = 0.5\nL = -3.375\ndL/dh0 = 0.5",
    "z0 = (",
    "name = =Person {0}, \u00e9\x1b<b>\nz0 = 0.{0}\ndL/dw1 = dL/dz2*h0",
)


@pytest.fixture
def sheets(tmp_path: Path) -> list[str]:
    """Sheets of all kinds: right ones, mistakes, one that cannot be read; one is not there."""
    files = [tmp_path / f"sheet-{number:02}.txt" for number in range(COUNT)]
    for number, file in enumerate(files[:-1]):
        file.write_text(TEXTS[number % len(TEXTS)].format(number), "utf-8")
    return [file.name for file in files]


@dataclass
class Process:
    """A run that has marked so many sheets and waits."""

    number: int
    folder: Path
    status: int | None = None

    def send(self, name: str) -> None:
        os.kill(self.number, getattr(signal, name))

    def end(self, name: str) -> Result:
        self.send(name)
        return self.result()

    def go(self) -> Result:
        (self.folder / "go").touch()
        return self.result()

    def has_ended(self, wait: bool = False) -> bool:
        if self.status is None:
            number, status = os.waitpid(self.number, 0 if wait else os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if number else None
        return self.status is not None

    def result(self) -> Result:
        self.has_ended(wait=True)
        assert self.status is not None
        texts = [(self.folder / name).read_text("utf-8") for name in ("stdout", "stderr")]
        return Result(*texts, self.status)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start a run as a process of its own; it waits when DONE sheets are marked."""
    running: list[Process] = []
    reached, go = tmp_path / "reached", tmp_path / "go"

    def start(
        *words: str, done: int = DONE, stdout: int | None = None, before: Any = None
    ) -> Process:
        def waits() -> None:
            marked, calls = check.checked, []

            def waiting(*arguments: Any) -> Any:
                calls.append(1)
                if len(calls) > done:
                    reached.touch()
                    while not go.exists():
                        time.sleep(0.005)
                    with open(go, "a") as log:
                        log.write("marked\n")
                return marked(*arguments)

            check.checked = waiting
            if before:
                before()

        with open(tmp_path / "stdout", "wb") as out, open(tmp_path / "stderr", "wb") as err:
            to = out.fileno() if stdout is None else stdout
            process = Process(in_a_copy(words, tmp_path, to, err.fileno(), waits), tmp_path)
        running.append(process)
        while not reached.exists() and not process.has_ended():
            time.sleep(0.005)
        return process

    yield start
    for process in running:
        if process.status is None:
            process.end("SIGKILL")


def asked(sheets: list[str], form: str, *more: str) -> tuple[str, ...]:
    """The command: sheets whose first DONE to be marked end before the middle of the list."""
    return "check", "skip", *sheets, "--lr", "1", "--format", form, *more


def names_in(form: str, text: str) -> list[str]:
    """The files in an output that is whole."""
    if form == "json":
        return [each["file"] for each in json.loads(text)["files"]]
    if form == "jsonl":
        return [json.loads(line)["file"] for line in text.splitlines()]
    if form == "csv":
        return [row["file"] for row in csv.DictReader(io.StringIO(text))]
    if form == "junit":
        suites = [str(suite.get("name")) for suite in ElementTree.fromstring(text)]
        return [name for name in suites if name != "interrupted"]
    return re.findall(r"^(?:\| )?(sheet-\d\d\.txt)", text, re.MULTILINE)


# By several processes.


@pytest.mark.parametrize("form", FORMS[::2])
def test_several_processes_give_the_very_bytes_of_one(
    form: str, sheets: list[str], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_many, "FEWEST", 3)
    command, started = asked(sheets, form), list[int]()
    fork = os.fork

    def counting() -> int:
        started.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counting)
    for count, kept in ((1, "one"), (3, "three")):
        monkeypatch.setattr(check_many, "processes", lambda count=count: count)
        (tmp_path / kept).write_text(run(*command, cwd=tmp_path).stdout, "utf-8")
        assert len(started) == count - (count == 1)
    assert (tmp_path / "three").read_text("utf-8") == (tmp_path / "one").read_text("utf-8")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("fault", ["killed", "refused", "no pipe"])
def test_what_another_process_cannot_do_is_done_here(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = os.getpid()

    def work(item: str) -> str:
        if fault == "killed" and item == "7" and os.getpid() != own:
            os.kill(os.getpid(), signal.SIGKILL)
        return item * 2

    def refuse() -> int:
        raise BlockingIOError

    monkeypatch.setattr(check_many, "processes", lambda: 2)
    if fault != "killed":
        monkeypatch.setattr(os, "fork" if fault == "refused" else "pipe", refuse)
    items = [*map(str, range(40))]
    with check_many.shared(work, items) as answer:
        assert [answer(place) for place in range(40)] == [item * 2 for item in items]


def test_a_system_without_fork_has_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert check_many.processes() == 1


@pytest.mark.parametrize("name", ENDING)
def test_a_signal_ends_every_process(
    name: str, sheets: list[str], started: Callable[..., Process], tmp_path: Path
) -> None:
    for number in range(check_many.FEWEST):
        (tmp_path / f"more-{number:02}.txt").write_text("z0 = 0.5")
    more = [file.name for file in sorted(tmp_path.glob("more-*"))]
    process = started(*asked([*sheets, *more], "csv"))
    result = process.end(name)
    assert result.exit_code == ENDING[name]
    assert result.stderr.splitlines()[-1].startswith("interrupted: ")
    done = names_in("csv", result.stdout)
    assert done == [*sheets, *more][: len(done)]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.number, 0)


# On stdout.


@pytest.mark.parametrize(
    ("name", "form"), [*(("SIGINT", form) for form in FORMS), ("SIGTERM", "csv"), ("SIGHUP", "csv")]
)
def test_a_signal_ends_a_document_that_is_whole(
    name: str, form: str, sheets: list[str], started: Callable[..., Process]
) -> None:
    result = started(*asked(sheets, form)).end(name)
    assert names_in(form, result.stdout) == sheets[:DONE]
    assert result.exit_code == ENDING[name]
    last = result.stderr.splitlines()[-1]
    assert last == f"interrupted: {DONE} of {COUNT} sheets are marked"
    if form == "json":
        data = json.loads(result.stdout)
        assert data["interrupted"] is True
        assert {row["name"]: row["answers"] for row in data["totals"]}["z0"] == 4
    if form == "junit":
        (case,) = ElementTree.fromstring(result.stdout)[-1]
        (error,) = case
        assert (error.tag, error.get("message")) == (
            "error",
            f"interrupted: {DONE} of {COUNT} files are done",
        )
    if form in ("text", "markdown"):
        assert f"interrupted: {DONE} of {COUNT} sheets are marked" in result.stdout


@pytest.mark.parametrize("form", FORMS[1::2])
def test_what_is_killed_has_given_every_finished_sheet(
    form: str, sheets: list[str], started: Callable[..., Process], run: Run, tmp_path: Path
) -> None:
    result = started(*asked(sheets, form)).end("SIGKILL")
    whole = run(*asked(sheets, form), cwd=tmp_path).stdout
    assert result.exit_code == -signal.SIGKILL
    assert whole.startswith(result.stdout)
    rest = whole.removeprefix(result.stdout)
    rest = rest.partition('"groups"')[0].partition("did you mean")[0]  # which name files again
    assert [name in result.stdout for name in sheets] == [True] * DONE + [False] * (COUNT - DONE)
    assert all(name not in rest for name in sheets[:DONE])


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_document_names_every_sheet(
    form: str, sheets: list[str], run: Run, tmp_path: Path
) -> None:
    result = run(*asked(sheets, form), cwd=tmp_path)
    assert (names_in(form, result.stdout), result.exit_code) == (sheets, 2)
    assert "interrupted" not in result.stdout
    again = run(*asked([sheets[0], sheets[0]], form), cwd=tmp_path)
    assert names_in(form, again.stdout) == [sheets[0]] * 2


ODD = (
    "new line", "new\nline", "new\\x0aline", "new\\\\x0aline", "b\udcff", "b\\udcff", "b\\\\udcff",
    "-x", "'-x", "''-x", "=1+1", "\t=1", "\r", "\\r", "e\x1b[31m", "<&>", "e\u0301\u202e", "a\\b",
    '"', "a,b", "(",
)  # fmt: skip
"""Names of sheets; the last one cannot be marked."""


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "junit"])
def test_programs_get_the_very_names(form: str, run: Run, tmp_path: Path) -> None:
    for name in ODD:
        (tmp_path / name).write_text("z0 = (" if name == "(" else "z0 = 0.5")
    command = ("check", "skip", "--format", form)
    text = run(*command, "--", *ODD, cwd=tmp_path).stdout
    named = names_in(form, text)
    assert named == names_in(form, text.encode().decode())
    if "json" in form:
        assert named == [*ODD]
        assert text.isascii()
        return
    assert len({*named}) == len(ODD)
    assert all(name.isprintable() for name in named)
    written = dict(zip(ODD, named, strict=True))
    for name in ("new line", "<&>", "a\\b", "\\r", '"', "a,b"):
        assert written[name] == name
    if form == "csv":
        assert not [name for name in named if name.startswith(("=", "+", "-", "@"))]
        assert len(text.splitlines()) == len(ODD) + 1
    run(*command, "-o", "kept", "--", *ODD, cwd=tmp_path)
    assert (tmp_path / "kept").read_text("utf-8") == text


def test_a_sheet_that_is_not_marked_has_no_score(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "wrong").write_text("z0 = 9")
    for form in ("json", "jsonl", "csv"):
        text = run("check", "skip", "empty", "wrong", "none", "--format", form, cwd=tmp_path).stdout
        rows = (
            json.loads(text)["files"] if form == "json"
            else [json.loads(line) for line in text.splitlines()] if form == "jsonl"
            else [*csv.DictReader(io.StringIO(text))]
        )  # fmt: skip
        unmarked, nought, hundred = ("", "0", "1") if form == "csv" else (None, 0, 1)
        earned = [(row["score"], row["points"], row["percent"]) for row in rows]
        none = (unmarked,) * 3
        assert earned == [none, (nought, hundred, nought), none]


@pytest.mark.parametrize(("width", "bar"), [(200, 36), (66, 36), (40, 10), (31, 1), (30, 0)])
def test_a_bar_never_takes_more_than_a_line(
    width: int, bar: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(width))
    with check_many._bar(40) as shown:
        for _ in range(40 if bar else 0):
            shown.update(1)
    drawn = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", terminal.getvalue())
    lines = re.split(r"[\r\n]+", drawn.rstrip())
    assert max(map(len, lines)) < width
    assert bar == 0 or "[" + "#" * bar + "]" in lines[-1]
    assert "\n" not in drawn.rstrip()


def test_a_closed_pipe_ends_the_work_at_once_and_quietly(
    sheets: list[str], started: Callable[..., Process], tmp_path: Path
) -> None:
    read, write = os.pipe()
    process = started(*asked(sheets, "csv"), stdout=write)
    os.close(write)
    os.close(read)
    result = process.go()
    assert (result.exit_code, result.stderr.count("\n")) == (2, 3)  # of the sheet with a bracket
    assert (tmp_path / "go").read_text() == "marked\n"


UNREAD = {
    "step skip --lr 1": 0,
    "check skip right": 0,
    "check skip right --format json": 1,  # left before it is marked
    "check skip wrong": 1,
    "check skip wrong --format markdown": 1,
    "check skip wrong right --format csv": 1,
    "check skip right right --format csv": 1,  # which of them was left unmarked
    "check skip broken right": 1,
    "check skip broken": 2,
    "lint off skip": 1,
    "lint skip": 0,
    "validate skip": 0,
    "validate skip off": 1,
    "validate wrong skip": 2,
    "verify skip --no-torch": 0,
}
"""Commands, and what they leave with where nobody reads."""


@pytest.mark.parametrize("command", UNREAD)
def test_a_reader_that_leaves_early_makes_no_failed_check_a_good_one(
    command: str, tmp_path: Path
) -> None:
    (tmp_path / "right").write_text("z0 = 0.5")
    (tmp_path / "wrong").write_text("z0 = 9")
    (tmp_path / "broken").write_text("z0 = (")
    off = (ROOT / "networks" / "skip.yaml").read_text("utf-8").replace("L: 27/8", "L: 28/8")
    (tmp_path / "off").write_text(off)
    reader, writer = os.pipe()
    os.close(reader)
    with open(tmp_path / "stderr", "w+b") as said:
        if UNREAD[command] == 2 or "json" in command:  # where Python itself is what ends
            status = subprocess.run(
                [sys.executable, "-m", "backcalc", *command.split()], cwd=tmp_path, check=False,
                env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=writer, stderr=said,
            ).returncode  # fmt: skip
        else:
            number = in_a_copy(command.split(), tmp_path, writer, said.fileno(), bool)
            status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    os.close(writer)
    assert status == UNREAD[command]
    assert b"rror" not in (tmp_path / "stderr").read_bytes()


def test_what_disagrees_is_said_to_a_reader_that_leaves_early(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*arguments: Any, **options: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("backcalc.proving.verification.Verification.agreed", False)
    monkeypatch.setattr("backcalc.commands.options.printed", closed)
    monkeypatch.setattr("backcalc.commands.group._leave_stdout", lambda: None)
    assert run("verify", "skip", "--no-torch").exit_code == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
@pytest.mark.parametrize("form", FORMS)
def test_a_full_stdout_is_said_in_a_line(
    form: str, sheets: list[str], started: Callable[..., Process]
) -> None:
    with open("/dev/full", "wb") as full:
        result = started(*asked(sheets, form), stdout=full.fileno()).result()
    assert result.exit_code == 2
    assert result.stderr == "cannot write the output: No space left on device\n"


def test_a_signal_that_is_ignored_stays_ignored(
    sheets: list[str], started: Callable[..., Process], run: Run, tmp_path: Path
) -> None:
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = started(*asked(sheets, "csv"), before=ignore)
    process.send("SIGHUP")
    result = process.go()
    assert (result.stdout, result.exit_code) == (run(*asked(sheets, "csv"), cwd=tmp_path).stdout, 2)


def test_a_pipe_among_the_sheets_is_read_once(run: Run, tmp_path: Path, sheets: list[str]) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"name = Piped\nz0 = 0.5\n")
    os.close(writer)
    result = run("check", "skip", f"/dev/fd/{reader}", "-", sheets[0], cwd=tmp_path, stdin="L = 3")
    os.close(reader)
    assert [re.split("  +", line)[1] for line in result.stdout.splitlines()[3:6]] == [
        "Piped", "-", "Person 0",
    ]  # fmt: skip
    twice = run("check", "skip", "-", "-", stdin="L = 3")
    said = "you named - twice, but standard input can be read only once\n"
    assert (twice.exit_code, twice.stdout, twice.stderr) == (2, "", said)


# From the first line on.

STARTING = """
import os, sys, _signal

class Finder:
    sent = []

    def find_spec(self, name, path=None, target=None):
        if name == os.environ["MODULE"] and not self.sent:
            self.sent.append(name)
            os.kill(os.getpid(), getattr(_signal, os.environ["NAME"]))

sys.modules.pop("signal", None)
sys.meta_path.insert(0, Finder())
from backcalc.commands import main
main(["step", "skip", "--lr", "1"])
"""
"""backcalc that gets a signal while it looks for a module."""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("signal", "SIGINT"),  # before any handler stands
        *((module, "SIGINT") for module in ("click", "fractions", "backcalc.commands.working")),
        *(("backcalc.equations.calculation", name) for name in ENDING),
    ],
)
def test_a_signal_ends_a_run_that_still_loads(module: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTING], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MODULE": module, "NAME": name},
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("", "interrupted\n", ENDING[name])


def test_an_error_that_a_library_makes_of_a_signal_is_none(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*arguments: Any, **options: Any) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise RuntimeError("Error calling __set_name__") from None

    monkeypatch.setattr("backcalc.equations.calculation.step", dies)
    result = run("step", "skip", "--lr", "1")
    assert (result.stdout, result.stderr, result.exit_code) == ("", "interrupted\n", 143)


# In a file.


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"stdout", "stderr", "reached", "go"}


@pytest.mark.parametrize("name", [*ENDING, "SIGKILL"])
def test_a_file_is_not_there_before_all_are_marked(
    name: str, sheets: list[str], started: Any, run: Run, tmp_path: Path
) -> None:
    command = asked(sheets, "csv", "-o", "out")
    result = started(*command).end(name)
    assert (result.stdout, result.exit_code) == ("", ENDING.get(name, -signal.SIGKILL))
    if name in ENDING:
        told = f"interrupted: {DONE} of {COUNT} sheets are marked; out is not written"
        assert result.stderr.splitlines()[-1] == told
    assert files_in(tmp_path) == {*sheets[:-1]}
    assert run(*command, cwd=tmp_path).exit_code == 2
    assert files_in(tmp_path) == {*sheets[:-1], "out"}


@pytest.mark.parametrize("form", FORMS[::2])
def test_a_file_has_what_stdout_has(form: str, sheets: list[str], run: Run, tmp_path: Path) -> None:
    shown = run(*asked(sheets, form), cwd=tmp_path)
    kept = run(*asked(sheets, form, "-o", "out"), cwd=tmp_path)
    said = f"{shown.stderr}out written\n"
    assert (kept.stdout, kept.stderr, kept.exit_code) == ("", said, shown.exit_code)
    assert (tmp_path / "out").read_text("utf-8") == shown.stdout


def test_a_full_disk_is_said_in_a_line(sheets: list[str], started: Any, tmp_path: Path) -> None:
    import resource

    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))  # noqa: E731
    result = started(*asked(sheets[:2], "csv", "-o", "out"), done=99, before=limit).result()
    said = "cannot write out: File too large\n"
    assert (result.exit_code, result.stderr, files_in(tmp_path)) == (2, said, {*sheets[:-1]})


# Other commands.


@pytest.mark.parametrize("name", ENDING)
@pytest.mark.parametrize(
    "command",
    [("train", "xor"), ("train", "xor_2_8_1", "--restarts", "3"), ("sweep", "xor", "--lr", "1,2")],
    ids=" ".join,
)
def test_training_that_is_ended_shows_and_saves_what_was_reached(
    name: str, command: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(epoch: int, losses: Any) -> None:
        if epoch > 500:
            signal.raise_signal(getattr(signal, name))

    monkeypatch.setattr(progressing, "_silent", show)
    saved = ("--save", str(tmp_path / "net.yaml")) if command[0] == "train" else ()
    history = ("--history", str(tmp_path / "h.csv")) if len(command) == 2 else ()
    result = run(*command, "--epochs", "100000", *saved, *history)
    assert result.exit_code == ENDING[name]
    assert "interrupted" in result.stdout
    wanted = {"net.yaml"} if saved else set()
    assert files_in(tmp_path) == wanted | ({"h.csv"} if history else set())


@pytest.mark.parametrize("name", ENDING)
def test_a_landscape_that_is_ended_shows_the_rows_that_are_done(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backcalc.training import loss_landscape

    finite, calls = loss_landscape.if_finite, []

    def ends(loss: float) -> float | None:
        calls.append(loss)
        if len(calls) == 13:
            signal.raise_signal(getattr(signal, name))
        return finite(loss)

    monkeypatch.setattr(loss_landscape, "if_finite", ends)
    result = run("landscape", "skip", "w0", "w1", "--size", "5")
    assert result.exit_code == ENDING[name]
    assert "Interrupted: 2 of 5 rows are done" in result.stdout


WRITERS = (
    ("step", "skip", "--lr", "1", "-o"),
    ("report", "skip", "--lr", "1", "-o", ".html"),
    ("draw", "skip", "-o", ".svg"),
    ("export", "skip", "--to", "python", "-o"),
    ("worksheet", "skip", "-o", ".txt"),
    ("init", "-o"),
    ("check", "skip", "sheet-00.txt", "-o"),
    ("check", "skip", "sheet-00.txt", "sheet-01.txt", "--format", "csv", "-o"),
    ("lint", "networks/skip.yaml", "-o"),
    ("train", "skip", "--lr", "0.1", "--epochs", "3", "--save"),
    ("train", "skip", "--lr", "0.1", "--epochs", "3", "--history"),
    ("train", "skip", "--lr", "0.1", "--epochs", "3", "--plot"),
    ("landscape", "skip", "w0", "w1", "--size", "3", "--plot"),
)


@pytest.mark.parametrize("command", WRITERS, ids=lambda each: " ".join(each[::2]))
def test_every_file_is_old_or_whole(
    command: tuple[str, ...], sheets: list[str], run: Run, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    suffix = command[-1] if command[-1].startswith(".") else ""
    target = tmp_path / f"target{suffix}"
    words = [str(tmp_path / each) if each in sheets else each for each in command]
    arguments = (*(words[:-1] if suffix else words), str(target))
    seen: list[tuple[bool, bytes]] = []
    put = writing._put

    def watched(part: str, whole: str) -> None:
        seen.append((target.exists(), Path(part).read_bytes()))
        put(part, whole)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "_put", watched)
        assert run(*arguments).exit_code in (0, 1)
    assert seen == [(False, target.read_bytes())]
    assert files_in(tmp_path) == {*sheets[:-1], target.name}

    def dies(part: str, whole: str) -> None:
        raise KeyboardInterrupt

    before = target.read_bytes()
    monkeypatch.setattr(os, "replace", dies)
    assert run(*arguments, "--force").exit_code == 130
    assert target.read_bytes() == before
    assert files_in(tmp_path) == {*sheets[:-1], target.name}


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without"])
def test_of_two_runs_that_write_one_file_the_later_says_so(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "sheet"

    def refused(part: str, whole: str) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refused)
    late = writing.beside(str(target), False)
    late.__enter__().write("late")
    with writing.beside(str(target), False) as early:
        early.write("early")
    with pytest.raises(BackcalcError) as caught:
        late.__exit__(None, None, None)
    assert str(caught.value) == f"{target} exists already\nhint: add --force to overwrite it"
    assert (target.read_text(), files_in(tmp_path)) == ("early", {"sheet"})
    with writing.beside(str(target), True) as forced:
        forced.write("forced")
    assert (target.read_text(), files_in(tmp_path)) == ("forced", {"sheet"})


RACING = """
import os, sys, time
from backcalc.commands import main, writing

put, ready = writing._put, sys.argv.pop()

def waiting(part, target):
    open(ready, "w").close()
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.005)
    put(part, target)

writing._put = waiting
main()
"""
"""backcalc that waits for GO where it has found the file free and written its own beside it."""


def test_of_two_processes_that_write_one_file_one_says_so(run: Run, tmp_path: Path) -> None:
    target, go = tmp_path / "sheet.txt", tmp_path / "go"
    env = {name: value for name, value in os.environ.items() if name not in LOOKS}
    env |= {"PYTHONPATH": str(ROOT), "GO": str(go), "PYTHONDONTWRITEBYTECODE": "1"}
    asked = [("step", "skip", "--lr", "1", "--digits", digits) for digits in ("4", "8")]
    ready = [tmp_path / "first", tmp_path / "second"]
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RACING, *words, "-o", target, flag],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for words, flag in zip(asked, ready, strict=True)
    ]  # fmt: skip
    try:
        while not all(flag.exists() for flag in ready):
            assert all(process.poll() is None for process in both)
            time.sleep(0.005)
        go.touch()
        told = [process.communicate(timeout=HANGS) for process in both]
    finally:
        for process in both:
            process.kill()
    won = [process.returncode for process in both].index(0)
    assert both[1 - won].returncode == 2
    said = f"{target} exists already\nhint: add --force to overwrite it\n"
    done = f"{target} written\n"
    assert [each[1].decode() for each in told] == ([said, done] if won else [done, said])
    alone = tmp_path / "alone.txt"
    assert run(*asked[won], "-o", str(alone)).exit_code == 0
    assert target.read_bytes() == alone.read_bytes()
    assert files_in(tmp_path) == {"sheet.txt", "alone.txt", "first", "second"}


OVERWRITING = {
    "step own.yaml --format text -o own.yaml": "own.yaml",
    "step own.yaml -o link.txt": "link.txt",
    "step own.yaml --format text -o link.yaml": "link.yaml",
    "lint own.yaml --format text -o own.yaml": "own.yaml",
    "lint skip own.yaml --format text -o other/../own.yaml": "other/../own.yaml",
    "check own.yaml a.txt --format text -o own.yaml": "own.yaml",
    "check own.yaml a.txt -o a.txt": "a.txt",
    "check own.yaml a.txt c.txt -o c.txt": "c.txt",
    "check own.yaml a.txt c.txt -o data.csv": "data.csv",
    "check variants a.txt c.txt -o variants/variant-02/answers.txt":
        "variants/variant-02/answers.txt",
    "check variants a.txt c.txt -o variants/variant-02/new.txt": "variants/variant-02/new.txt",
    "train own.yaml --epochs 2 --save own.yaml": "own.yaml",
    "train own.yaml --epochs 2 --history data.csv": "data.csv",
    "train own.yaml --epochs 2 --plot link.svg": "link.svg",
    "landscape own.yaml w b --size 2 --plot link.svg": "link.svg",
    "draw own.yaml --format text -o link.yaml": "link.yaml",
    "variant variants/variant-01/network.yaml --seed 1 -o variants":
        "variants/variant-01/network.yaml",
}  # fmt: skip
"""Commands that would write over what they read, and the file."""


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of variants, made once."""
    folder = tmp_path_factory.mktemp("class") / "variants"
    made = ["variant", "skip", "--seed", "7", "--count", "2", "-o", str(folder)]
    subprocess.run([sys.executable, "-m", "backcalc", *made], cwd=ROOT, check=True)
    return folder


@pytest.fixture
def own(variants: Path, tmp_path: Path) -> dict[Path, bytes]:
    """A network with its samples in a file, variants, sheets; every file's bytes."""
    text = (
        "inputs: [x]\ntargets: [y]\nweights: {w: 0.5, b: 0.25}\nnodes:\n"
        "  out: {from: {x: w}, bias: b}\nloss: half_l2\nlearning_rate: 0.1\ndata: data.csv\n"
    )
    (tmp_path / "own.yaml").write_text(text)
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,3\n")
    for name in ("link.yaml", "link.txt", "link.svg"):
        (tmp_path / name).symlink_to("own.yaml")
    (tmp_path / "other").mkdir()
    for name in ("a.txt", "c.txt"):
        (tmp_path / name).write_text("J = 1\n")
    shutil.copytree(variants, tmp_path / "variants")
    return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", OVERWRITING)
@pytest.mark.parametrize("force", [True, False])
def test_what_is_read_is_never_overwritten(
    command: str, force: bool, own: dict[Path, bytes], run: Run, tmp_path: Path
) -> None:
    words = [*command.split(), *(["--force"] if force else [])]
    result = run(*words, cwd=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == own
    assert (result.exit_code, result.stdout) == (2, "")
    if force or not command.startswith("variant"):
        said = f"this command reads {OVERWRITING[command]}, so it does not overwrite it\n"
        assert result.stderr == f"{said}hint: name another file\n"


def test_what_stands_for_standard_input_is_never_overwritten(tmp_path: Path) -> None:
    sheet = tmp_path / "a.txt"
    sheet.write_text("z0 = 0.5\n")
    with open(sheet, "rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-m", "backcalc", "check", "skip", "-", "-o", "a.txt", "--force"],
            cwd=tmp_path, capture_output=True, text=True, check=False, stdin=stdin,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert (done.returncode, sheet.read_text()) == (2, "z0 = 0.5\n")
    assert done.stderr.startswith("this command reads a.txt")


def test_what_a_killed_run_left_is_in_nobody_s_way(run: Run, tmp_path: Path) -> None:
    left = [tmp_path / name for name in (".s.txt.part", ".s.txt.000000000000.part")]
    left[0].mkdir()
    left[1].write_text("half")
    target = tmp_path / "s.txt"
    assert run("step", "skip", "--lr", "1", "-o", str(target)).exit_code == 0
    assert target.read_text("utf-8") == run("step", "skip", "--lr", "1").stdout
    target.chmod(0o600)
    assert run("step", "skip", "--lr", "1", "-o", str(target), "--force").exit_code == 0
    assert target.stat().st_mode & 0o777 == 0o600


def test_only_the_rooms_that_write_whole_files_write_files() -> None:
    writes = re.compile(
        r"""write_text\(|write_bytes\(|open\([^)\n]*["'][wax]b?\+?["']|os\.open\("""
    )
    found = {
        path.relative_to(ROOT / "backcalc").as_posix()
        for path in (ROOT / "backcalc").rglob("*.py")
        if writes.search(path.read_text("utf-8"))
    }
    allowed = {"commands/writing.py", "worksheets/class_folder.py"}
    others = {"commands/group.py", "commands/check_many.py", "formats/png.py"}
    # the null device, a pipe, and a folder that is gone again
    assert found <= allowed | others
