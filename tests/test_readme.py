"""Every ```console example of the README is run again and compared.

`$ backcalc ...` is run, `$ cat FILE` is read, other commands are taken as they stand. `...` alone
on a line stands for any lines. Where nothing is on stdout, stderr is what is shown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result, between

from backcalc.checking.slips import SLIPS

README = ROOT / "README.md"
TEXT = README.read_text("utf-8") if README.exists() else ""
PYTHON = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PAGES: dict[str, dict[str, str]] = {
    "conventions": {"Conventions": "What backcalc takes for granted"},
    "drawing": {"Drawings": "Draw a network"},
    "errors": {"When something is wrong": ""},
    "files": {"Network files": "A network file"},
    "marking": {"Marking sheets": "Checking answers", "A sheet as it was handed in": ""},
    "proof": {
        "Proof, and code for a larger net": "Proof, and code for the day the net outgrows paper"
    },
    "python": {"Formats and Python": ""},
    "speed": {"Speed": ""},
    "step": {
        "One step, worked out": "",
        "Optimizers, batches, sequences": "More than one step: optimizers, batches, sequences",
        "Dense layers as matrices": "",
    },
    "symbols": {"Derivatives in symbols": "Formulas only", "One derivative explained": ""},
    "training": {"Training and experiments": ""},
    "worksheets": {"Worksheets, variants and reports": "Sheets to hand out"},
}
"""The headings of each page of `backcalc help`, with the README's own where it has another."""
UNSHOWN = re.compile(r"^(?:<!-- (?:/|end of )?(?:slips|measured|speed)\b.*-->|!\[.*)\n+", re.M)
"""Marks for programs, and pictures, which a terminal has no use for."""
BLOCKS = re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def examples(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with the output below it."""
    start, *parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert not start.strip(), "a console block starts with `$ `"
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def tidy(text: str) -> str:
    """A text without spaces that nobody sees."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def matches(expected: str, actual: str) -> bool:
    """Whether they are equal, `...` alone on a line standing for any lines."""
    pieces = (
        r"(?:.*\n)*" if line == "..." else f"{re.escape(line)}\n"
        for line in tidy(expected).split("\n")
    )
    return re.fullmatch("".join(pieces), tidy(actual) + "\n") is not None


def output_of(command: str, run: Callable[..., Result], cwd: Path) -> str | None:
    """What a command shows; None if it is none that can be tried here."""
    program, *args = shlex.split(command, comments=True)
    if program == "backcalc":
        result = run(*args, env={"COLUMNS": "80"}, cwd=cwd)
        return result.stdout or result.stderr
    if program == "cat":
        return "".join((cwd / name).read_text("utf-8") for name in args)
    return None


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the repository, for examples that write files."""
    folder = tmp_path_factory.mktemp("checkout")
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.sweep
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.partition("\n")[0])
def test_example(block: str, run: Callable[..., Result], checkout: Path, renew: bool) -> None:
    renewed = ""
    keep = not renew or re.search(r"^\.\.\.$", block, re.MULTILINE)
    for command, expected in examples(block):
        actual = output_of(command, run, checkout)
        if actual is None:
            actual = expected
        if keep:
            assert matches(expected, actual), f"$ {command}\n{actual}"
        blank = re.search(r"\n*\Z", expected)[0][1:] if expected.strip() else ""
        renewed += f"$ {command}\n" + (f"{tidy(actual)}\n{blank}" if tidy(actual) else "")
    if not keep:
        text = README.read_text("utf-8")
        README.write_text(
            text.replace(f"```console\n{block}```", f"```console\n{renewed}```"), "utf-8"
        )


@pytest.mark.parametrize("block", PYTHON)
def test_python_example(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    told = 0
    for line in block.splitlines():
        code, _, comment = line.partition("  # ")
        if " = " in code or code.startswith("import ") or not code:
            exec(code, names)
        else:
            assert repr(eval(code, names)) == comment
            told += 1
    assert told


def test_the_readme_has_the_table_of_slips(renew: bool) -> None:
    rows = [f"| `{slip.name}` | {slip.title.replace('{}', '…')} |" for slip in SLIPS.values()]
    table = "\n".join(("| name | what was done |", "|---|---|", *rows))
    shown = between("slips", table, renew).splitlines()
    assert [line for line in table.splitlines() if line in shown] == shown  # new rows may wait


def test_the_manual_is_the_readme(renew: bool) -> None:
    parts = re.split(r"^## (.*)\n+", README.read_text("utf-8"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    folder = ROOT / "backcalc" / "manual"
    assert {each.stem for each in folder.iterdir()} == PAGES.keys()
    for name, headings in PAGES.items():
        texts = (f"## {head}\n\n{sections[own or head]}" for head, own in headings.items())
        page = UNSHOWN.sub("", "".join(texts)).removeprefix("#").rstrip() + "\n"
        if renew:
            (folder / f"{name}.md").write_text(page, "utf-8")
        assert (folder / f"{name}.md").read_text("utf-8") == page, f"renew the manual: {name}"


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\n", True),
        ("...\nb\n", "a\nc\n", False),
        ("", "", True),
        ("", "a\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_matching(expected: str, actual: str, same: bool) -> None:
    assert matches(expected, actual) is same


def test_a_block_falls_into_its_examples() -> None:
    assert examples("$ a\n1\n2\n\n$ b\n") == [("a", "1\n2\n\n"), ("b", "")]
