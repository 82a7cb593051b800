"""The bundled networks: what each file says of itself, how they are found, the page about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from conftest import EXAMPLES, LIBRARY, TRAINED, Result, between

from backcalc.equations.network import Network
from backcalc.errors.lettering import columns_of
from backcalc.loading.library import library, structure
from backcalc.loading.loader import load, loads
from backcalc.sheets.bundled_list import MORE, WIDTH, flow_lines

Run = Callable[..., Result]

NAMES = [Path(path).stem for path in LIBRARY]


@cache
def found() -> dict[str, Network]:
    """All bundled networks, read when a test asks for them."""
    return dict(library())


def names(shown: str) -> list[str]:
    """The networks of a listing on a pipe, one a line."""
    return [line.split()[0] for line in shown.splitlines() if line.startswith("  ")]


def test_a_hundred_and_no_idea_twice() -> None:
    assert len(LIBRARY) >= 104
    for said in ("title", "about"):
        told = [getattr(network, said) for network in found().values()]
        assert len({*told}) == len(told), said
    assert {*EXAMPLES, *TRAINED} <= {*NAMES} == {*found()}


@pytest.mark.parametrize("name", NAMES)
def test_every_file_says_what_it_is(name: str) -> None:
    network = found()[name]
    assert network.title
    assert network.topic
    assert network.about.endswith(".")
    assert network.source
    assert network.expect


def test_the_kinds_of_networks_are_there() -> None:
    topics = {network.topic for network in found().values()}
    assert topics >= {
        "dense", "matrices", "recurrent", "convolution", "attention", "normalisation",
        "optimizers", "second order", "classification", "regression",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("max pooling", {"conv2d", "small_cnn"}),
        ("MAX_POOL", {"small_cnn"}),
        ("vaswani", {"multi_head", "cross_attention"}),
        ("adam", {"adam", "spiral"}),
    ],
)
def test_words_find_networks(words: str, first: set[str], run: Run) -> None:
    assert {*names(run("networks", "--search", words).stdout)} >= first


def test_every_word_must_be_there(run: Run) -> None:
    result = run("networks", "--search", "max pooling zebra")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("no bundled network fits\n")
    assert run("networks", "--search", "[(*").exit_code == 2  # no word at all


def test_a_topic(run: Run) -> None:
    shown = run("networks", "--topic", "second order").stdout
    assert shown.startswith("second order\n\n")
    assert names(shown) == ["gradient_penalty", "newton"]
    assert "did you mean 'attention'?" in run("networks", "--topic", "atention").stderr
    both = run("networks", "--topic", "attention", "--search", "decoder").stdout
    assert names(both) == ["cross_attention"]


SKIP_OF_OTHERS = """
inputs: {input: 7}
targets: {wanted: 2}
weights: {a: 1, b: 2, c: 3, d: 4}
nodes:
  first: {from: {input: a}, activation: relu}
  second: {from: {first: b}, activation: relu}
  last: {from: {second: c, first: d}}
loss: l1
"""


@pytest.mark.sweep
def test_a_like_structure_with_other_numbers_and_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(SKIP_OF_OTHERS, "utf-8")
    found = names(run("networks", "--like", "own.yaml", cwd=tmp_path).stdout)
    assert found[:2] == ["skip", "skip_equations"]
    assert structure(loads(SKIP_OF_OTHERS)) == structure(load("skip"))
    own = names(run("networks", "--like", "skip").stdout)
    assert own[0] == "skip_equations"
    assert "skip" not in own
    near = names(run("networks", "--like", "matrix_rows").stdout)
    assert "mazur" in near  # the same net, in matrix notation


def test_json_holds_the_same(run: Run) -> None:
    data = json.loads(run("networks", "--topic", "attention", "--format", "json").stdout)
    assert data["schema"] == "backcalc/networks/1"
    assert {row["name"] for row in data["networks"]} == {
        name for name, network in found().items() if network.topic == "attention"
    }
    (row,) = [each for each in data["networks"] if each["name"] == "additive_attention"]
    assert (row["inputs"], row["weights"], row["loss"]) == (4, 3, "half_l2")


@pytest.mark.parametrize("name", NAMES)
def test_drawings_fit_and_begin_with_what_is_given(name: str) -> None:
    network: Network = found()[name]
    lines = flow_lines(network)
    assert len(lines) <= 6
    assert max(map(columns_of, lines)) <= WIDTH
    assert lines[0].strip() == lines[0]
    assert MORE not in lines[0]


def test_a_drawing() -> None:
    assert flow_lines(found()["skip"]) == ("x ─▸ h0 ─▸ h1 ─▸ ŷ ─▸ L", "     └───────────┘")


def test_a_chain_that_is_too_wide_is_counted() -> None:
    units = "\n".join(f"  {k}: {{from: {{{k - 1 if k else 'x'}: w}}}}" for k in range(40))
    network = loads(
        f"inputs: {{x: 1}}\nweights: {{w: 1}}\nnodes:\n{units}\nloss: l1\ntargets: {{y: 0}}"
    )
    assert flow_lines(network) == ("x ─▸ 40 layers ─▸ L",)


def test_the_page_is_made_from_the_files(run: Run, renew: bool) -> None:
    """backcalc/manual/library.md is made from the files; `make golden` makes it anew."""
    written = run("networks", "--format", "markdown").stdout
    text = written.partition("\n\n")[2].strip("\n").replace("\\_", "_")
    assert between("library", text, renew) == text
