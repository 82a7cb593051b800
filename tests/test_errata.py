"""What is wrong where it is published: the data in the files, the command, the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Result

from backcalc.checking.errata import errata_data
from backcalc.checking.lint import lint
from backcalc.checking.slips import SLIPS
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.loading.library import library
from backcalc.loading.loader import load, loads
from backcalc.loading.sections import SLIP

Run = Callable[..., Result]

NETWORKS = dict(library())
WITH_ERRATA = [name for name, network in NETWORKS.items() if network.errata]


def net(errata: str, extra: str = "") -> Network:
    return loads(
        "inputs: {x: 2}\ntargets: {y: 1}\nweights: {w: 3}\nnodes: {0: {from: {x: w}}}\n"
        f"loss: half_l2\nlearning_rate: 0.1\n{extra}errata:\n{errata}"
    )


def row(quantity: str, printed: str, right: str, mistake: str) -> str:
    return (
        f"  - {{quantity: {quantity}, printed: '{printed}', right: '{right}',"
        f" mistake: {mistake}, place: A page}}\n"
    )


def test_there_are_many() -> None:
    assert sum(len(network.errata) for network in NETWORKS.values()) >= 50


@pytest.mark.parametrize("name", WITH_ERRATA)
def test_each_is_wrong_as_printed_and_right_as_corrected(name: str) -> None:
    network = NETWORKS[name]
    answers = lint(network, name).answers[: len(network.errata)]
    assert {each.verdict for each in answers} == {"known"}
    for each in network.errata:
        assert each.place.strip()
        if not SLIP.fullmatch(each.mistake):
            assert each.mistake.endswith((".", ")")), "a sentence, or the name of a mistake"


def test_where_the_checker_is_sure_of_the_mistake_the_file_names_it() -> None:
    named = {each.mistake for network in NETWORKS.values() for each in network.errata}
    assert len(named & {*SLIPS}) >= 7


@pytest.mark.parametrize(
    ("errata", "comment"),
    [
        (row("yhat", "6", "6", "A sentence."), "given as wrong under errata:, but it is correct"),
        (row("yhat", "7", "8", "A sentence."), "given as right under errata:, but it is wrong"),
        (row("w'", "4", "2", "loss-for-weight"), ""),
        (row("w'", "4", "2", "digit-wrong"), "wrong, but not by the mistake that is named"),
    ],
)
def test_lint_finds_what_is_no_erratum(errata: str, comment: str) -> None:
    if "loss-for" in errata:
        with pytest.raises(BackcalcError, match="unknown mistake 'loss-for-weight'"):
            lint(net(errata), "net.yaml")
        return
    wrong = [each for each in lint(net(errata), "net.yaml").answers if each.verdict == "wrong"]
    assert wrong
    assert any(str(part).startswith(comment) for each in wrong for part in each.comment)


def test_a_mistake_may_need_the_right_lines_before_it() -> None:
    network = net(row("w'", "4", "2", "update-sign"), "expect: {dL/dw: 10}\n")
    assert lint(network, "net.yaml").answers[0].verdict == "known"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  yhat: 7\n", "expected a list of errata, found a mapping"),
        ("  - {quantity: yhat, printed: 7}\n", "this erratum has no 'right'"),
        (row("yhat", "7+", "6", "A sentence."), "but the formula ends"),
        ("  - 7\n", "expected a mapping such as {quantity"),
        (row("yhat", "7", "6", "A sentence.").replace("place", "page"), "unknown key 'page'"),
    ],
)
def test_what_is_no_erratum_is_said_at_its_place(text: str, message: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        net(text)
    assert message in str(caught.value)
    assert caught.value.where


def test_an_erratum_of_no_quantity(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "weights: {w: 1}\nequations: {f: 2*w}\nloss: f\nerrata:\n" + row("g", "1", "2", "Off."),
        "utf-8",
    )
    result = run("lint", "net.yaml", cwd=tmp_path)
    assert (result.exit_code, "there is no quantity 'g'" in result.stderr) == (2, True)


def test_the_command_lists_them(run: Run) -> None:
    shown = run("errata", "mazur").stdout
    assert "0.291027924   0.291027774   updated-weights: updated weights used" in shown
    assert "Matt Mazur" in shown
    assert run("errata", "or_gate").stdout.endswith("known to be printed wrong.\n")
    everything = json.loads(run("errata", "--format", "json").stdout)
    assert everything == errata_data([*NETWORKS.items()])
    assert len(everything["errata"]) == sum(len(each.errata) for each in NETWORKS.values())


@pytest.mark.sweep
def test_other_numbers_have_no_errata(run: Run, tmp_path: Path) -> None:
    assert run("train", "mazur", "--epochs", "1", "--save", "m.yaml", cwd=tmp_path).exit_code == 0
    text = (tmp_path / "m.yaml").read_text("utf-8")
    assert "# errata: is left out" in text
    assert load(str(tmp_path / "m.yaml")).errata == ()
    assert run("variant", "mazur", "--seed", "1", "-o", "v", cwd=tmp_path).exit_code == 0
    (other,) = tmp_path.glob("v/*/network.yaml")
    assert "errata" not in other.read_text("utf-8")


def test_the_page_lists_them_all(run: Run) -> None:
    """The example of the page is the whole list, which test_readme runs again."""
    page = (ROOT / "backcalc" / "manual" / "errata.md").read_text("utf-8")
    assert f"$ backcalc errata\n{run('errata').stdout}```\n" in page
