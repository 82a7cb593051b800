"""A new row is one place: with one more row in every table, the tests that iterate them pass."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import ROOT

ITERATING = {
    "test_functions.py": "",
    "test_optimizers.py": "",
    "test_initial.py": "mistake or row",
    "test_schema.py": "sentence or one_of or the_schema_is_one",
    "test_loader.py": "mistake",
    "test_readme.py": "table",
    "test_determinism.py": "no_command_is_missing",
    "test_export.py": "drill and not bundled",
    "test_questions.py": "drill",
    "test_slips.py": "reads_well",
    "test_random_networks.py": "row_that or doubles",
    "test_commands.py": "format or networks_lists",
    "test_architecture.py": "found or let_through",
}
"""Tests that go over tables, by their files, and which of them; empty: all.

Of those that run once a row only the new row's run: the others are the same without it.
"""


@pytest.mark.sweep
def test_no_test_misses_a_new_row_elsewhere() -> None:
    words = " or ".join(
        f"({file.removesuffix('.py')} and ({chosen}))" if chosen else file.removesuffix(".py")
        for file, chosen in ITERATING.items()
    )
    files = [f"tests/{file}" for file in ITERATING]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.drill", "-p", "no:cacheprovider",
         "-k", words, *files],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 30  # type: ignore[index]


def test_the_recipes_are_the_rows_that_stand_in_the_tables() -> None:
    """What CONTRIBUTING.md shows is in the source, word for word."""
    recipes = re.findall(
        r"```text\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL
    )
    tables = ("formulas/functions.py", "equations/losses.py", "equations/optimizers.py")
    source = "".join((ROOT / "backcalc" / name).read_text("utf-8") for name in tables)
    assert len(recipes) == len(tables)
    for recipe in recipes:
        assert "".join(recipe.split()) in "".join(source.split())
