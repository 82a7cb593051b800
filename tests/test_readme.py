"""Every ```console example of the README and the manual is run again and compared.

`$ backcalc ...` is run, `$ cat FILE` is read, other commands are taken as they stand. `...` alone
on a line stands for any lines. Where nothing is on stdout, stderr is what is shown.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DOCS, ROOT, Result, between

from backcalc.checking.slips import SLIPS
from backcalc.equations.optimizers import OPTIMIZERS
from backcalc.formulas.matrices import OPERATIONS
from backcalc.formulas.matrix_reader import SPOKEN
from backcalc.loading.policies import POLICIES
from backcalc.loading.sections import NETWORK


def blocks(language: str) -> list[Any]:
    """Every block of a language, with the page on which it stands."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [
        pytest.param(page, found, id=f"{page.stem}: {found.partition(chr(10))[0]}")
        for page in DOCS
        for found in pattern.findall(page.read_text("utf-8"))
    ]


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


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the repository, for examples that write files."""
    folder = tmp_path_factory.mktemp("checkout")
    for entry in ROOT.iterdir():
        if not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.sweep
@pytest.mark.parametrize(
    "page", dict.fromkeys(each.values[0] for each in blocks("console")), ids=lambda page: page.stem
)
def test_the_examples_of_a_page(
    page: Path, run: Callable[..., Result], checkout: Path, renew: bool
) -> None:
    """In their order: one may read what another has written."""
    for each in blocks("console"):
        if each.values[0] == page:
            _check_example(page, str(each.values[1]), run, checkout, renew=renew)


def _check_example(
    page: Path, block: str, run: Callable[..., Result], checkout: Path, *, renew: bool
) -> None:
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
        text = page.read_text("utf-8")
        page.write_text(
            text.replace(f"```console\n{block}```", f"```console\n{renewed}```"), "utf-8"
        )


@pytest.mark.parametrize("page", [page for page in DOCS if "```python" in page.read_text("utf-8")])
def test_python_examples(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands behind an expression is what it comes to; a page is run from top to bottom."""
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    told = 0
    for block in (each.values[1] for each in blocks("python") if each.values[0] == page):
        for statement in ast.parse(block).body:
            code = ast.get_source_segment(block, statement) or ""
            comment = block.splitlines()[(statement.end_lineno or 1) - 1].partition("  # ")[2]
            if isinstance(statement, ast.Expr) and not code.startswith("print("):
                assert repr(eval(code, names)) == comment
                told += 1
            else:
                exec(code, names)
    assert told


TABLES = {
    "slips": (("name", "what was done"),
              [(f"`{slip.name}`", slip.title.replace("{}", "…")) for slip in SLIPS.values()]),
    "keys": (("key", "what it holds"),
             [(f"`{key.name}`", key.sentence) for key in NETWORK.keys.values()]),
    "optimizers": (("optimizer", "its own options, and what they are without a number of yours"),
                   [(f"`{row.name}`",
                     ", ".join(f"`{name}: {float(number):g}`" for name, number in row.options))
                    for row in OPTIMIZERS.values()]),
    "policies": (("policy", "what it decides", "unless you say otherwise", "strict"),
                 [(f"`{row.name}`", row.sentence, row.default, row.strict)
                  for row in POLICIES.values()]),
    "operations": (("operation", "words", "what flows back, G being the upstream gradient"),
                   [(f"`{name}`", ", ".join(f"`{word}`" for word, _ in OPERATIONS[name].settings),
                     f"`{OPERATIONS[name].rule}`") for name in ("@", ".T", *SPOKEN)]),
}  # fmt: skip
"""The tables of the manual that are tables of the package."""


@pytest.mark.parametrize("name", TABLES)
def test_the_manual_has_the_tables_of_the_package(name: str, renew: bool) -> None:
    head, rows = TABLES[name]
    lines = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    lines.insert(1, "|---" * len(head) + "|")
    shown = between(name, "\n".join(lines), renew).splitlines()
    assert [line for line in lines if line in shown] == shown  # new rows may wait


def test_the_readme_is_read_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("https://") or (page.parent / target).exists(), target


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
