"""The examples in docstrings give what they show."""

from __future__ import annotations

import doctest
from importlib import import_module

from conftest import ROOT


def test_the_examples_in_docstrings() -> None:
    paths = [path.relative_to(ROOT) for path in sorted(ROOT.glob("backcalc/**/*.py"))
             if ">>> " in path.read_text("utf-8")]  # fmt: skip
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths]
    tried = {name: doctest.testmod(import_module(name)) for name in names}
    assert [name for name, found in tried.items() if found.failed] == []
    assert sum(found.attempted for found in tried.values()) > 70
