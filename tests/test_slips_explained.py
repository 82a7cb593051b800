"""`backcalc slips`: every mistake explained with an example that the checker itself names."""

from __future__ import annotations

import re

import pytest
from conftest import mostly_swept

from backcalc.checking.examples import DIGITS, IN_GENERAL, bare, example, in_groups
from backcalc.checking.mistakes.whole_matrices import no_forms
from backcalc.checking.slips import SLIPS
from backcalc.formulas.notation import rounded


@pytest.mark.parametrize("name", mostly_swept(SLIPS, 4))
def test_every_mistake_has_an_example_on_a_bundled_network(name: str, run) -> None:
    found = example(SLIPS[name])
    if SLIPS[name].forms is no_forms:
        shown = run("slips", name).stdout
        line, check = re.findall(r'(?m)^  echo "(.*)" \| backcalc (.*)$', shown)[0]
        assert bare(SLIPS[name]) in run(*check.split(), stdin=line).stdout
        return
    assert found
    assert found.right != found.wrong
    place = [*SLIPS].index(name)
    if place % 3:
        return  # a third shows how the command prints it
    shown = run("slips", name, "--digits", str(DIGITS)).stdout
    rows = dict(re.findall(r"(?m)^(right|wrong) .*[=≈] (\S+)$", shown))
    assert {side: float(figure) for side, figure in rows.items()} == {
        side: float(rounded(each, DIGITS)[0])
        for side, each in (("right", found.right), ("wrong", found.wrong))
    }
    assert rows["right"] != rows["wrong"]
    if place % 6:
        return  # a sixth shows that the commands work
    line, check = re.findall(r'(?m)^  echo "(.*)" \| backcalc (.*)$', shown)[0]
    marked = run(*check.split(), stdin=line).stdout
    assert re.search(r"\b(wrong|close)\b", marked), marked


def test_the_list_has_every_row_once_and_no_gap(run) -> None:
    shown = run("slips").stdout
    grouped = [each.name for _, group in in_groups() for each in group]
    assert sorted(grouped) == sorted(SLIPS)
    assert "{}" not in shown
    for name, slip in SLIPS.items():
        assert re.search(rf"(?m)^{name}   +{re.escape(bare(slip))}$", shown)
        assert len(IN_GENERAL.get(name, ())) >= slip.title.count("{}")


def test_an_unknown_name_is_guessed(run) -> None:
    said = run("slips", "path-droped")
    assert said.exit_code == 2
    assert said.stderr == "no such mistake: path-droped\nhint: did you mean 'path-dropped'?\n" or (
        "did you mean 'path-dropped'" in said.stderr
    )


@pytest.mark.parametrize(("said", "name"), [
    ("path", "path-dropped"), ("the path through z2 left out", "path-dropped"),
    ("sign of the loss's derivative flipped", "loss-sign"),
])  # fmt: skip
def test_a_mistake_is_found_by_the_words_of_the_verdict(said: str, name: str, run) -> None:
    assert f"'{name}'" in run("slips", said).stderr


def test_a_drilled_row_without_an_example_is_shown_too(run, monkeypatch) -> None:
    """A new row has no example until a network shows it; its sentences are shown all the same."""
    from dataclasses import replace

    row = replace(SLIPS["copied"], name="novel", title="novel", comment="New.", forms=lambda _: [])
    monkeypatch.setitem(SLIPS, "novel", row)
    assert "New." in run("slips", "novel").stdout
