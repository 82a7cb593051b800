"""The directions of the imports (DESIGN section 2), read from the source."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "backcalc"

ROOMS = (
    "errors",
    "formulas",
    "arithmetic",
    "equations",
    "loading",
    "symbolic",
    "charts",
    "drawing",
    "sheets",
    "formats",
    "explaining",
    "exporting",
    "importing",
    "proving",
    "training",
    "reading",
    "checking",
    "worksheets",
    "commands",
)
"""Top to bottom: a room imports only from rooms above it."""

DOORS = {"__init__", "__main__"}
"""Modules of the package itself, which stand outside the rooms."""

IMPORTERS = {
    "yaml": {"loading"},
    "sympy": {"symbolic"},
    "click": {"commands"},
    "rich": {"formats", "commands"},
    "torch": {"importing"},
    "onnx": {"importing"},
    "numpy": {"importing"},  # which comes with onnx
}
"""The only rooms that may import each dependency."""


@dataclass(frozen=True)
class Import:
    """One import as the source states it."""

    target: str
    """The module or name in full: backcalc.errors.BackcalcError."""
    line: int
    at_import: bool
    """Whether it runs when the module is imported."""

    @property
    def room(self) -> str | None:
        """The room that it enters; None outside backcalc and for the package itself."""
        package, _, rest = self.target.partition(".")
        return rest.partition(".")[0] or None if package == "backcalc" else None


MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports_of(tree: ast.Module, package: str) -> Iterator[Import]:
    """All imports in a source of `package`, with those inside functions marked as late."""
    pending: list[tuple[ast.AST, bool]] = [(tree, True)]
    while pending:
        node, at_import = pending.pop()
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -(node.level - 1) or None] if node.level else []
            base = ".".join([*parents, *filter(None, [node.module])])
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, at_import)
        late = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        inside = at_import and not late
        if inside and isinstance(node, ast.If):
            inside = "TYPE_CHECKING" not in ast.unparse(node.test)
        holds = ast.stmt | ast.excepthandler | ast.match_case  # an expression has no import in it
        parts = (child for child in ast.iter_child_nodes(node) if isinstance(child, holds))
        pending.extend((part, inside) for part in parts)


@cache
def imports_in(path: Path) -> list[Import]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return list(imports_of(tree_of(path), package))


def complaints(room: str, imports: list[Import]) -> Iterator[str]:
    """What is wrong with a room's imports, one sentence each."""
    for each in imports:
        top = each.target.partition(".")[0]
        if top == "backcalc":
            if room in DOORS or each.room in {None, room}:
                continue
            if each.room not in ROOMS:
                # `from backcalc import __version__` and the like enter no room.
                if (PACKAGE / each.room).exists() or (PACKAGE / f"{each.room}.py").exists():
                    yield f"line {each.line}: {each.room} is in no list of rooms"
            elif ROOMS.index(each.room) > ROOMS.index(room):
                yield f"line {each.line}: {room} may not import from {each.room}, which is below it"
        elif top in IMPORTERS:
            if room not in IMPORTERS[top] | DOORS:
                yield f"line {each.line}: only {sorted(IMPORTERS[top])} may import {top}"
        elif top not in sys.stdlib_module_names:
            yield f"line {each.line}: {top} is no dependency of backcalc"
        if each.at_import and room != "symbolic" and (top == "sympy" or each.room == "symbolic"):
            yield f"line {each.line}: import {each.target} inside the function that uses it"


def test_imports_point_upwards() -> None:
    for path in MODULES:
        room = room_of(path)
        assert room in ROOMS or room in DOORS, f"{room} is in no list of rooms; give it its place"
        assert list(complaints(room, imports_in(path))) == [], path


@pytest.mark.parametrize(
    ("room", "source", "complaint"),
    [
        ("errors", "from backcalc.formats.text import show", "errors may not import from formats"),
        ("errors", "from backcalc import commands", "errors may not import from commands"),
        ("errors", "from . import loading", "errors may not import from loading"),
        ("errors", "from .loading import load", "errors may not import from loading"),
        (
            "errors",
            "def f():\n    import backcalc.explaining.explanation",
            "errors may not import from explaining",
        ),
        ("sheets", "import yaml", "only ['loading'] may import yaml"),
        ("sheets", "def f():\n    from sympy import S", "only ['symbolic'] may import sympy"),
        (
            "sheets",
            "from backcalc.symbolic import f",
            "import backcalc.symbolic.f inside the function",
        ),
        ("sheets", "import pandas", "pandas is no dependency of backcalc"),
    ],
)
def test_a_wrong_arrow_is_found(room: str, source: str, complaint: str) -> None:
    (found,) = complaints(room, list(imports_of(ast.parse(source), "backcalc")))
    assert complaint in found


@pytest.mark.parametrize(
    ("room", "source"),
    [
        (
            "sheets",
            "from backcalc.sheets.blocks import Table\nfrom backcalc.errors import listed",
        ),
        ("sheets", "def f():\n    from backcalc.symbolic import closed_form"),
        ("commands", "from backcalc import __version__\nimport click, json"),
        ("symbolic", "import sympy"),
    ],
)
def test_a_right_arrow_is_let_through(room: str, source: str) -> None:
    assert list(complaints(room, list(imports_of(ast.parse(source), "backcalc")))) == []


@pytest.mark.sweep
def test_importing_every_room_but_symbolic_leaves_sympy_alone() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if room_of(path) not in {"symbolic", "__main__"}
    ]
    code = f"import {', '.join(names)}, sys; sys.exit('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def floors() -> dict[str, int]:
    """The floor of each room: one below the lowest room that it imports from."""
    arrows: dict[str, set[str]] = {}
    for path in MODULES:
        found = {each.room for each in imports_in(path) if each.room in ROOMS}
        arrows.setdefault(room_of(path), set()).update(found - {room_of(path)})
    floor: dict[str, int] = {}
    for room in (*ROOMS, "__init__", "__main__"):
        floor[room] = 1 + max((floor[above] for above in arrows[room]), default=0)
    return floor


def test_the_house_stays_small() -> None:
    assert len(ROOMS) <= 20
    assert max(floors().values()) <= 10


@pytest.mark.sweep
def test_a_sheet_reads_few_modules() -> None:
    """Those that import statements read; its command and its format are looked up in tables."""
    args = ["-X", "importtime", "-m", "backcalc", "step", "networks/skip.yaml", "--lr", "1"]
    done = subprocess.run(
        [sys.executable, *args], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    read = re.findall(r"\| +(backcalc[a-z._]*)$", done.stderr, re.MULTILINE)
    assert "backcalc.symbolic" in read
    assert len(read) <= 35, read


RUNS = """
import json, sys
from fractions import Fraction
from backcalc.equations.calculation import step
from backcalc.loading.loader import load

called, filled = set(), set()

def note(frame, event, _):
    code = frame.f_code
    if event == "call":
        called.add((code.co_filename, code.co_firstlineno))
        own = frame.f_locals.get("cls") or type(frame.f_locals.get("self"))
        if code.co_name in ("__init__", "__new__"):
            filled.add((own.__module__, own.__name__))

sys.setprofile(note)
step(load("networks/skip.yaml"), Fraction(1))
sys.setprofile(None)
print(json.dumps([sorted(called), sorted(filled)]))
"""
"""Loads a network and works out one step: the functions that run, and the classes they fill."""


def code_of(node: ast.AST, without: tuple[type[ast.AST], ...] = ()) -> set[int]:
    """The lines of a function or a class, but for docstrings and the parts left out."""
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    lines = {*range(first, node.end_lineno + 1)}
    for each in ast.walk(node):
        text = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        if text or (each is not node and isinstance(each, without)):
            lines -= {*range(each.lineno, each.end_lineno + 1)}
    return lines


@pytest.mark.sweep
def test_the_core_can_be_read_in_an_evening() -> None:
    """Whatever runs from the file to the numbers of a step, and the data that it makes."""
    done = subprocess.run(
        [sys.executable, "-c", RUNS], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    called, filled = ({tuple(each) for each in found} for found in json.loads(done.stdout))
    run, made = ({file for file, _ in called}, {module for module, _ in filled})
    count = 0
    for path in MODULES:
        source = path.read_text("utf-8")
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if str(path) not in run and module not in made:
            continue
        core: set[int] = set()
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                core |= code_of(node) if (str(path), first) in called else set()
            elif isinstance(node, ast.ClassDef) and (module, node.name) in filled:
                core |= code_of(node, (ast.FunctionDef,))
        count += sum(bool(source.splitlines()[line - 1].strip()) for line in core)
    assert 1500 < count <= 2000, count


def types_in(tree: ast.Module) -> Iterator[str]:
    """The classes and the aliases of types of a module, by their names in capitals and letters."""
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for each in targets:
            if isinstance(each, ast.Name) and each.id[0].isupper() and not each.id.isupper():
                yield each.id


def test_a_name_means_one_thing_in_the_whole_house() -> None:
    """No two types have one name, and no two files."""
    types: dict[str, list[str]] = {}
    files: dict[str, list[str]] = {}
    for path in MODULES:
        shown = str(path.relative_to(PACKAGE))
        if path.name != "__init__.py":
            files.setdefault(path.name, []).append(shown)
        for name in types_in(tree_of(path)):
            types.setdefault(name, []).append(shown)
    for path in (ROOT / "tests").rglob("test_*.py"):  # two of one name, and pytest reads neither
        files.setdefault(path.name, []).append(str(path.relative_to(ROOT)))
    twice = {name: found for name, found in {**types, **files}.items() if len(found) > 1}
    assert not twice, twice
