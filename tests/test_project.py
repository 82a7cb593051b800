"""Promises of the project that no single module can keep."""

from __future__ import annotations

import ast
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

import backcalc
from backcalc.commands import api
from backcalc.formulas.expression import Name, Product, Sum

MODULES = sorted((ROOT / "backcalc").rglob("*.py"))
FORBIDDEN = {
    "eval", "exec", "__import__", "sympify", "parse_expr", "lambdify", "unsafe_load", "full_load",
    "pickle", "marshal", "shelve", "runpy", "popen",
}  # fmt: skip
"""What runs a text as code."""


def names_in(source: ast.Module) -> Iterator[str]:
    """Every name that a source mentions, attributes of yaml with their module."""
    for node in ast.walk(source):
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Attribute(value=ast.Name(id="yaml"), attr="load"):
                yield "yaml.load"
            case ast.Attribute(attr=name):
                yield name
            case ast.ImportFrom(module="yaml", names=aliases):
                yield from (f"yaml.{alias.name}" for alias in aliases)
                yield from (alias.name for alias in aliases)
            case ast.alias(name=name):
                yield from name.split(".")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@cache
def names_of(path: Path) -> set[str]:
    return {*names_in(parsed(path))}


RUNS_CODE = {
    "backcalc/training/engines/python.py": {"exec"},  # positional names and numbers only
    "backcalc/formulas/__init__.py": {"exec"},  # the names of a class's fields, as dataclass does
    "backcalc/commands/check_many.py": {"pickle"},  # what processes send that this one has forked
}
"""What runs code that backcalc writes itself."""


@pytest.mark.sweep
def test_no_text_is_run_as_code() -> None:
    forbidden, words = {*FORBIDDEN, "yaml.load"}, re.compile(rf"\b({'|'.join(FORBIDDEN)}|yaml)\b")
    suspects = [path for path in MODULES if words.search(path.read_text("utf-8"))]
    found = {path.relative_to(ROOT).as_posix(): forbidden & names_of(path) for path in suspects}
    assert {name: words for name, words in found.items() if words} == RUNS_CODE


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "import sympy; sympy.sympify('x')",
        "from sympy import lambdify as f",
        "yaml.load(text, Loader=yaml.SafeLoader)",
        "from yaml import load",
        "import pickle",
        "__import__('os')",
    ],
)
def test_running_text_as_code_is_found(source: str) -> None:
    assert {*FORBIDDEN, "yaml.load"}.intersection(names_in(ast.parse(source)))


STARTS = {
    "backcalc/training/engines/c.py", "backcalc/proving/verification.py",
    "backcalc/importing/child.py", "backcalc/formats/png.py",
}  # fmt: skip
"""What starts another program, by its arguments: the C compiler, Python with PyTorch, PNG."""


COMPILED = {
    "backcalc/training/engines/python.py": ['compile(part, "<equations>", "exec"), functions)'],
    "backcalc/formulas/__init__.py": ['compile(source, __file__, "exec"), scope)'],
}
"""What is made of source code: a network's equations, and the constructors of records."""


@pytest.mark.sweep
def test_no_program_is_started_through_a_shell() -> None:
    starters = {"subprocess", "system", "execv", "spawnv"}
    words = rf"\b({'|'.join(starters)})\b"
    for path in MODULES:
        source = path.read_text("utf-8")
        starts = re.search(words, source) and starters & names_of(path)
        assert not starts or path.relative_to(ROOT).as_posix() in STARTS, path
        assert "shell=True" not in source, path
        compiled = re.findall(r"(?<![\w.])compile\(.*", source)
        assert compiled == COMPILED.get(path.relative_to(ROOT).as_posix(), []), path


@pytest.mark.sweep
def test_every_module_says_what_it_is() -> None:
    assert [path for path in MODULES if not ast.get_docstring(parsed(path))] == []


def test_the_runtime_dependencies_are_four() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = re.search(r"^dependencies = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert listed
    assert set(re.findall(r'"([\w-]+)', listed[1])) == {"click", "rich", "pyyaml", "sympy"}


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        ".pre-commit-config.yaml",
        "backcalc/py.typed",
    ],
)
def test_the_file_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_python_says_what_figures_there_are_none_of(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes((ROOT / "networks" / "skip.yaml").read_bytes())
    worked = backcalc.forward(backcalc.load(tmp_path / "own.yaml"))
    with pytest.raises(backcalc.BackcalcError) as caught:
        worked.number("z00")
    assert str(caught.value) == "there is no figure 'z00' here\nhint: did you mean 'z0'?"


SKIP = backcalc.load("skip")
MISTAKEN = {
    "a Network is needed and not str; backcalc.load('skip') gives one": (
        lambda: backcalc.step("skip"),
        lambda: backcalc.forward("skip"),
        lambda: backcalc.backward("skip"),
        lambda: backcalc.check("skip", "L = 1"),
        lambda: backcalc.explain("skip", "dL/dw0"),
        lambda: backcalc.formulas("skip"),
    ),
    "a Network is needed and not PosixPath; backcalc.load('skip') gives one": (
        lambda: backcalc.step(Path("skip")),
    ),
    "answers must be a text, a Path, a list of paths or a dictionary of figures and not bytes": (
        lambda: backcalc.check(SKIP, b"L = 1"),
    ),
    "of must be a text and not int": (lambda: backcalc.backward(SKIP, of=3),),
    "derivative must be a text and not int": (lambda: backcalc.explain(SKIP, 3),),
    "carry cannot be 'hal'\nhint: did you mean 'half'?": (
        lambda: backcalc.check(SKIP, "L = 1", carry="hal"),
    ),
    "carry cannot be '2'\nhint: it is full, half, none or a number from 0 to 1": (
        lambda: backcalc.check(SKIP, "L = 1", carry=2),
    ),
}
"""What Python code may get wrong, and what it is told."""


@pytest.mark.parametrize("message", MISTAKEN)
def test_python_says_what_is_wrong_with_an_argument(message: str) -> None:
    for call in MISTAKEN[message]:
        with pytest.raises(backcalc.BackcalcError if "hint" in message else TypeError) as caught:
            call()
        assert str(caught.value) == message


def test_a_network_goes_to_another_process(network_file: str) -> None:
    network = backcalc.load(ROOT / network_file)
    again = pickle.loads(pickle.dumps(network))
    assert backcalc.formulas(again) == backcalc.formulas(network)
    assert again.initial.row is network.initial.row


def test_every_name_is_there_and_no_other() -> None:
    for name in backcalc.__all__:
        assert getattr(backcalc, name).__module__.startswith("backcalc.")
    assert {*backcalc.__all__, "__version__"} <= {*dir(backcalc)}
    assert {each for each in dir(backcalc) if not each.startswith("_")} == {*backcalc.__all__}
    with pytest.raises(AttributeError, match="module 'backcalc' has no attribute 'stpe'"):
        _ = backcalc.stpe
    code = "import backcalc, sys; print(*sys.modules); from backcalc import *; print(step)\n"
    code += "load('skip'); print('click' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [name for name in loaded[0].split() if name.startswith("backcalc")] == ["backcalc"]
    assert loaded[1].startswith("<function step")
    assert loaded[2] == "False", "a network is loaded without the command line"


def test_the_names_are_the_same_for_type_checkers() -> None:
    module = parsed(ROOT / "backcalc" / "__init__.py")
    (names,) = [node for node in ast.walk(module) if isinstance(node, ast.ImportFrom)][:1]
    assert (names.module, names.names[0].name) == ("backcalc.commands.api", "*")
    assert backcalc.__all__ is api.__all__


def test_a_record_is_what_a_dataclass_is() -> None:
    name = Name("w0")
    assert repr(Sum((name, name))) == "Sum(terms=(Name(id='w0'), Name(id='w0')))"
    assert (name, hash(name)) == (Name("w0"), hash(Name("w0")))
    assert name != Name("w1")
    assert Sum((name,)) != Product((name,))
    assert replace(name, id="w1") == Name("w1")
    assert pickle.loads(pickle.dumps(Product((name,)))) == Product((name,))
    assert not hasattr(name, "__dict__")
