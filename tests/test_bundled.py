"""Every bundled network against the figures printed in its file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
from conftest import EXAMPLES, TRAINED, shared

from backcalc.checking.key import steps_named
from backcalc.equations.calculation import backward, run, start_values, step
from backcalc.formulas.notation import rounded
from backcalc.loading.loader import bundled, load, loads

NETWORKS = [str(path) for path in bundled()]


def significant(written: str) -> int:
    """How many significant digits a figure is written with."""
    digits = written.lower().split("e")[0].lstrip("+-").replace(".", "").lstrip("0")
    return len(digits) or 1


def same(value: Fraction | float, written: str) -> bool:
    """Whether a figure is right to the digits written, the last one rounded or cut off."""
    if "/" in written or Fraction(written) == 0:
        return value == Fraction(written)
    printed = Fraction(written)
    digits = significant(written)
    unit = Fraction(10) ** (len(str(abs(int(printed)))) - digits)
    if abs(printed) < 1:
        unit = Fraction(1, 10 ** len(written.partition(".")[2].partition("e")[0]))
    return Fraction(rounded(value, digits)[0]) == printed or abs(Fraction(value) - printed) < unit


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path, id=Path(path).stem, marks=pytest.mark.sweep if Path(path).stem in TRAINED else ()
        )
        for path in NETWORKS
    ],
)
def test_expected_figures(path: str) -> None:
    network = load(path)
    steps = max(steps_named((figure.name for figure in network.expect), network), 1)
    values = step(network, network.learning_rate or Fraction(1), steps).values
    assert network.expect, "a bundled network carries printed figures"
    for figure in network.expect:
        agrees = same(values[figure.name], figure.written)
        assert agrees is (figure.wrong is None), (figure.name, figure.written, values[figure.name])


@pytest.mark.sweep
@pytest.mark.parametrize(
    "path",
    shared([path for path in NETWORKS if Path(path).stem not in EXAMPLES], "differences", 3),
    ids=lambda path: Path(path).stem,
)
def test_derivatives_by_central_differences(path: str) -> None:
    """Every weight's derivative, of many weights 12 at even steps, of very many 4.

    Where a kink is near, the two one-sided ones must differ.
    """
    if "detach(" in Path(path).read_text("utf-8"):
        pytest.skip("a difference moves what is detached, a derivative does not")
    network = load(path)
    worked = backward(network)
    equations, starts = worked.program.forward, start_values(network)
    weights = [*network.weights.items()]
    few = 4 if len(equations) > 1000 else 12 if len(weights) > 12 else len(weights)
    for name, value in weights[:: -(-len(weights) // few)]:
        small = Fraction(1, 10**6) * max(abs(value), 1)
        up, down, now = (
            float(run(equations, starts | {name: value + shift})[-1].value)
            for shift in (small, -small, Fraction(0))
        )
        central = (up - down) / (2 * float(small))
        found = float(worked.values[f"d{worked.of}/d{name}"])
        bend = abs((up - now) - (now - down)) / float(small)
        assert found == pytest.approx(central, rel=1e-6, abs=1e-7 + bend), name


@pytest.mark.sweep
def test_what_is_to_be_trained_is_random() -> None:
    networks = {Path(path).stem: load(path) for path in NETWORKS}
    trained = {name for name, network in networks.items() if network.topic == "training"}
    assert trained >= set(TRAINED) == {name for name in networks if networks[name].random}


def test_the_skip_network_is_exact() -> None:
    """The figures of the sheet, as fractions."""
    values = step(load("skip"), Fraction(1)).values
    sheet = {
        "z0": "1/2", "h0": "1/2", "z1": "1/4", "h1": "1/4", "yhat": "3/8", "L": "27/8",
        "dL/dyhat": "1", "dL/dw2": "1/4", "dL/dws": "1/2", "dL/dh1": "1/2", "dL/dw1": "1/4",
        "dL/dh0": "3/4", "dL/dw0": "3/4", "w0'": "-1/4", "w1'": "1/4", "w2'": "1/4", "ws'": "0",
        "L'": "3",
    }  # fmt: skip
    assert {name: values[name] for name in sheet} == {
        name: Fraction(text) for name, text in sheet.items()
    }


def test_biases_move_like_the_sheet_says() -> None:
    values = step(load("skip_bias"), Fraction(1)).values
    sheet = {"b0'": "-3/4", "b1'": "-1/2", "b2'": "-1", "L'": "2"}
    assert {name: str(values[name]) for name in sheet} == sheet


def test_nodes_and_equations_are_the_same_network() -> None:
    nodes, equations = (step(load(name), Fraction(1)).values for name in ("skip", "skip_equations"))
    assert dict(nodes) == dict(equations)


CHAIN = """
inputs: {{x: 1}}
targets: {{y: 0}}
weights: {{w: 0.5}}
nodes:
{nodes}
loss: l2
learning_rate: 1
"""


@pytest.mark.sweep
def test_a_chain_of_5000_units() -> None:
    lines = [f"  {k}: {{from: {{{'x' if k == 0 else k - 1}: w}}}}" for k in range(5000)]
    network = loads(CHAIN.format(nodes="\n".join(lines)))
    calculation = step(network)
    shown = rounded(calculation.values["yhat"], 9)[0]
    assert shown == mpmath.nstr(mpmath.mpf(0.5) ** 5000, 9)
    assert len(calculation.backward) == 10001


@pytest.mark.sweep
def test_networks_readme_lists_every_file(renew: bool) -> None:
    """networks/README.md is made from the files; `make golden` makes it anew."""
    lines = [
        "# Bundled networks",
        "",
        "Each file is a worked example with its figures under `expect:`; a test holds all of them.",
        "",
        "| network | topic | why it is here | source |",
        "|---|---|---|---|",
    ]
    for path in bundled():
        network = load(str(path))
        cells = f"[{path.stem}]({path.name})", network.topic, network.about, network.source
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    text = "\n".join(lines) + "\n"
    readme = Path(NETWORKS[0]).parent / "README.md"
    if renew:
        readme.write_text(text, "utf-8")
    assert readme.read_text("utf-8") == text
