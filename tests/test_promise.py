"""Every hostile input gets a value or one clear message, and nothing is run, read or written.

The soak tries a million; here are some thousand, every input that ever broke the promise, and
proof that whoever watches would see it broken.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import promise
import pytest
from hostile import CORPUS, READERS, ROOT, hostile
from hypothesis import given, settings
from hypothesis import strategies as st

from backcalc.errors import BackcalcError, Place
from backcalc.loading.loader import loads

pytestmark = pytest.mark.sweep

KEPT = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*"))


@pytest.fixture(scope="module", autouse=True)
def folder() -> Iterator[Path]:
    with promise.sandbox() as folder:
        promise.watch()
        yield folder


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=20)  # the soak goes on
@given(draw=st.randoms(use_true_random=False))
def test_the_promise(reader: str, draw: random.Random) -> None:
    assert promise.outcome(reader, hostile(draw, reader)).why == ""


@pytest.mark.parametrize("name", KEPT)
def test_the_corpus(name: str) -> None:
    reader = name.partition("/")[0]
    assert promise.outcome(reader, (CORPUS / name).read_bytes()).why == ""


MESSAGES = {
    "networks/end-of-file.yaml": """\
net.yaml:1:7: not YAML: this [ is not closed
1 | loss: [yes
  |       ^
hint: put a ] where it ends""",
    "networks/data-from-stdin.yaml": """\
net.yaml:1:7: '-' is not the name of a CSV file
1 | data: "-"
  |       ^^^
hint: put it beside the network file and give its name""",
    "networks/data-a-pipe.yaml": """\
net.yaml:3:7: cannot read pipe.csv: it is not an ordinary file
3 | data: pipe.csv
  |       ^^^^^^^^""",
    "networks/data-a-link.yaml": """\
net.yaml:3:7: cannot read link.csv: it is a link that leads out of its folder
3 | data: link.csv
  |       ^^^^^^^^
hint: put the file itself beside the network file""",
    "networks/data-without-inputs.yaml": """\
and.csv:1:1: the network has no inputs or targets to read
1 | x1,x2,y
  | ^^^^^^^
hint: list them, as in inputs: [x1, x2] and targets: [y]""",
    "networks/bom-and-no-utf8.yaml": """\
net.yaml:1:10: not UTF-8: byte 0xe9 at offset 12
hint: save it as UTF-8""",
    "networks/no-utf8-after-wide.yaml": """\
net.yaml:1:12: not UTF-8: byte 0xff at offset 15
hint: save it as UTF-8""",
    "networks/no-utf8-after-cr.yaml": """\
net.yaml:2:7: not UTF-8: byte 0xff at offset 15
hint: save it as UTF-8""",
    "networks/units.yaml": """\
net.yaml:3:27: a layer has 1 to 20000 units
3 | layers: [{name: o, units: 100000, weights: random}]
  |                           ^^^^^^""",
    "answers/halves.txt": """\
answers.txt:1:1: there is no quantity "w'" in this network
1 | w' = ⅐⋅∙•
  | ^^
hint: the sheet starts with z0, h0, z1, yhat, L, dL/dyhat, dL/dz1, dL/dw, ...""",
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files")
@pytest.mark.parametrize("name", MESSAGES)
def test_the_whole_message(name: str) -> None:
    error = promise.outcome(name.partition("/")[0], (CORPUS / name).read_bytes()).error
    assert str(error) == MESSAGES[name]


def test_a_link_within_the_folder_is_read(folder: Path) -> None:
    (folder / "beside.csv").symlink_to("secret")
    try:
        text = promise.TABLE.replace("points.csv", "beside.csv")
        assert len(loads(text).samples) == 1
        assert len(loads(text, "net.yaml", str(folder)).samples) == 1
    finally:
        (folder / "beside.csv").unlink()


# Whoever watches sees it.


def bad(data: bytes) -> object:
    """A reader that does what a hostile text asks for."""
    return eval(data.decode())


@pytest.mark.parametrize(
    "text",
    [
        "1 + 1",
        "open('/etc/passwd')",
        "open('ran', 'w')",
        "__import__('os').system('true')",
        "1/0",
        "[][1]",
        "int('x')",
    ],
)
def test_what_runs_a_text_is_seen(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(promise.READ, "expressions", bad)  # type: ignore[arg-type]
    assert promise.outcome("expressions", text.encode()).why
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    ("action", "event"),
    [
        (lambda: Path("/etc/passwd").read_text("utf-8"), "open"),
        (lambda: Path("secret").read_text("utf-8"), "open"),
        (lambda: Path("net.yaml").write_text("", "utf-8"), "open"),
        (lambda: Path("pipe.csv").read_text("utf-8"), "open"),
        (lambda: os.remove("secret"), "os.remove"),
        (lambda: os.rename("secret", "x"), "os.rename"),
        (lambda: os.mkdir("x"), "os.mkdir"),
        (lambda: os.system("true"), "os.system"),
        (lambda: subprocess.run(["true"], check=False), "subprocess.Popen"),
        (lambda: __import__("socket").socket(), "socket"),
        (lambda: compile("1", "<equations>", "eval"), "compile"),
        (lambda: exec("x = 1"), "compile"),
    ],
)
def test_what_must_not_be_done_is_stopped(action: object, event: str) -> None:
    with promise.guarded("net.yaml") as broken:
        action()  # type: ignore[operator]
    assert event in broken[0]
    assert Path("secret").exists()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (BackcalcError("'NoneType' has no length", Place("net.yaml")), "speaks of Python"),
        (BackcalcError("bad", Place("net.yaml", 3)), "no such line"),
        (BackcalcError("bad", Place("net.yaml", 1, 9)), "no such column"),
        (BackcalcError("bad"), "no place"),
        (BackcalcError("bad", Place("other.yaml")), "another file"),
        (BackcalcError("", Place("net.yaml")), "not printable"),
        (BackcalcError("bad", Place("net.yaml", 1, 2, "loss", 9)), ""),
    ],
)
def test_a_message_that_is_not_clear_is_seen(error: BackcalcError, why: str) -> None:
    found = promise.unclear(error, {"net.yaml": "loss"})
    assert found.startswith(why) if not why else why in found


# As a process.


@pytest.mark.parametrize("name", [name for name in KEPT if name.startswith("networks/")][:2])
def test_a_process_refuses(name: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    promise.prepare("networks", (CORPUS / name).read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "backcalc", "step", "net.yaml"],
        cwd=folder,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert promise.run_broken(["step"], 2, "", done.stderr.decode()) == ""
    assert set(folder.iterdir()) - {*before} <= {folder / "net.yaml"}
