"""Every derivative proved in other ways; a wrong one is found, a kink is said."""

from __future__ import annotations

import json
import math
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
import sympy
from conftest import ROOT, Result, mostly_swept
from random_networks import random_network

from backcalc.equations.calculation import backward
from backcalc.errors import UndefinedError
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import phrase_text
from backcalc.loading.loader import load, loads
from backcalc.proving import verification
from backcalc.proving.verification import AGREE, DISAGREE, KINK, UNPROVED, by_sympy, verify

Run = Callable[..., Result]
SAID = "z0 = 0 is a kink: the slope of the loss is 0 on one side, 0.75 on the other"


@pytest.mark.sweep
def test_every_bundled_network(network_file: str) -> None:
    """Both ways reach every derivative, and no network stands at a kink that matters."""
    found = verify(load(ROOT / network_file), torch=False)
    assert [way.why for way in found.ways] == ["", ""]
    assert {proof.verdict for proof in found.proofs} == {AGREE}
    assert {len(proof.others) for proof in found.proofs} == {2}


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_a_wrong_row_of_the_table_is_found(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"weights: {{w: 0.5}}\nequations: {{f: 3*{name}(w)}}\nloss: f\n"
    wrong = replace(FUNCTIONS[name], derivative="2*a + 1")
    monkeypatch.setitem(FUNCTIONS, name, wrong)
    found = verify(loads(text), torch=False)
    assert [proof.verdict for proof in found.proofs] == [DISAGREE]
    assert not found.agreed
    told = run("verify", "-", "--no-torch", stdin=text)
    assert told.exit_code == 1
    assert "  the derivative is not confirmed.\n" in told.stdout


def test_a_kink_is_said(run: Run) -> None:
    told = run("verify", "skip", "--set", "w0=0", "--no-torch")
    assert told.exit_code == 0
    assert told.stdout.splitlines()[5:] == [
        "derivative   equations   sympy   differences   verdict",
        "───────────────────────────────────────────────────────────────",
        "∂L/∂w0       0           0       0.38          kink: convention",
        "∂L/∂w1       0           0       0             agree",
        "∂L/∂w2       0           0       0             agree",
        "∂L/∂ws       0           0       0             agree",
        f"▸ ∂L/∂w0: {SAID}; a convention chooses.",
        "  all 4 derivatives are confirmed, 1 of them at a kink.",
    ]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        ("relu(w) - relu(-w)", KINK),  # it is w, but relu'(0) = 0 on both sides makes 0 of it
        ("abs(w)*w", AGREE),  # smooth after all
        ("abs(w)", KINK),
        ("max(w, 2*w)", KINK),
        ("w if w > 0 else 2*w", KINK),
        ("relu(w - 1/10**30)", AGREE),  # near is not at
        ("relu(w - 1/10**9)", AGREE),
        ("relu(exp(w) - 1)", KINK),
        ("relu(log(3 + w) - log(3))*2", KINK),
        ("abs(cos(w) - 1 + w)", KINK),
    ],
)
def test_what_a_kink_is(formula: str, verdict: str) -> None:
    text = f"weights: {{w: 0}}\nequations: {{f: '{formula}'}}\nloss: f\n"
    assert [proof.verdict for proof in verify(loads(text), torch=False).proofs] == [verdict]


@pytest.mark.parametrize("weight", ["1e-30", "-1e-17", "1e-100", "1e-300"])
@pytest.mark.parametrize("formula", ["relu(w*x)", "3*abs(w)", "max(w, 2*w)", "tanh(relu(x*w))"])
def test_a_tiny_weight_is_no_kink(formula: str, weight: str) -> None:
    """The step of the differences is small beside the weight, however small that is."""
    text = f"inputs: {{x: 1}}\nweights: {{w: {weight}}}\nequations: {{f: '{formula}'}}\nloss: f\n"
    assert [proof.verdict for proof in verify(loads(text), torch=False).proofs] == [AGREE]


def test_what_is_zero_to_doubles_only_is_no_kink() -> None:
    """Doubles see 0 and would follow the convention; 50 digits see 2.4e-16."""
    network = loads("weights: {w: 1}\nequations: {f: relu(exp(w) - 2.718281828459045)}\nloss: f\n")
    (proof,) = verify(network, torch=False).proofs
    assert float(proof.value) == math.e
    assert float(proof.others["differences"]) == math.e


SMALL = {
    "(1/3)**v": ("v", "12345", "-9.52697309e-5891"),
    "sigmoid(v)**2": ("v", "20000", "0"),
    "v/v": ("v", "-1e150", "0"),
    "tanh(v)": ("v", "-10", "8.24461446e-9"),
    "exp(40 - v + softplus(v))": ("v", "30", "-22026.4658"),
}


@pytest.mark.parametrize("formula", SMALL)
def test_figures_of_every_size_are_compared(formula: str, run: Run) -> None:
    """Also those far below every double, and those whose terms cancel."""
    weight, number, shown = SMALL[formula]
    text = f"weights: {{{weight}: {number}}}\nequations: {{f: {formula}}}\nloss: f\n"
    told = run("verify", "-", "--no-torch", stdin=text)
    assert told.exit_code == 0
    (row,) = [line for line in told.stdout.splitlines() if line.startswith("∂f/∂v")]
    assert row.split()[1] == shown
    assert row.endswith("agree")


@pytest.mark.parametrize("wrong", ["2*a*(1 - a)", "a*(1 - a) + a*(1 - a)*1e-8", "0*a"])
def test_a_small_figure_that_is_wrong_is_found(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """sigmoid'(40) is 4e-18, and twice that or nothing at all is another figure."""
    monkeypatch.setitem(FUNCTIONS, "sigmoid", replace(FUNCTIONS["sigmoid"], derivative=wrong))
    network = loads("weights: {w: 40}\nequations: {f: sigmoid(w)}\nloss: f\n")
    assert [proof.verdict for proof in verify(network, torch=False).proofs] == [DISAGREE]


def test_what_pytorch_loses_in_doubles_proves_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 - tanh(-19)**2 is 1e-16, of which doubles keep no digit; any other figure counts."""
    text = "weights: {w: -19, v: 2}\nequations: {f: tanh(w) + v**2}\nloss: f\n"
    said = {"1.1e-16 4": 0, "nan 4": 0, "1e-3 4": 1, "0.0 3": 1}
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr("backcalc.exporting.as_torch.gradients_alone", lambda calculation: "")
    for slopes, status in said.items():
        done = subprocess.CompletedProcess([], 0, slopes.replace(" ", "\n").encode(), b"")
        monkeypatch.setattr("subprocess.run", lambda *_, **__: done)  # noqa: B023
        told = run("verify", "-", stdin=text)
        assert told.exit_code == status, slopes
        lost = "PyTorch's doubles have lost digits of df/dw: they prove nothing there.\n"
        assert (lost in told.stdout) is (slopes in ("1.1e-16 4", "0.0 3"))
        missing = "without PyTorch: no finite value for df/dw in its doubles.\n"
        assert (missing in told.stdout) is (slopes == "nan 4")


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_random_networks_agree(seed: int) -> None:
    with suppress(UndefinedError):
        verdicts = {
            proof.verdict for proof in verify(loads(random_network(seed)), torch=False).proofs
        }
        assert verdicts <= {AGREE, KINK}


def test_the_slopes_beside_a_kink_have_no_noise() -> None:
    network = loads("weights: {w: 0}\nequations: {f: (relu(w) - 1)**2 + 0.75*w**3}\nloss: f\n")
    (proof,) = verify(network, torch=False).proofs
    text = "w = 0 is a kink: the slope of the loss is 0 on one side, -2 on the other"
    assert phrase_text(proof.kink) == text


def test_an_edge_of_the_domain_is_said() -> None:
    network = loads("weights: {w: 0, v: 1}\nequations: {f: v*w**1.5}\nloss: f\n")
    found = verify(network, torch=False)
    assert found.ways[1].why == "no value on both sides of w"
    assert found.proofs[1].verdict == AGREE
    assert found.proofs[0].verdict in (AGREE, UNPROVED)


def test_formulas_too_long_for_sympy_go_without_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backcalc.symbolic.MOST_WORK", 30)
    told = run("verify", "softmax", "--no-torch")
    assert told.exit_code == 0
    assert "sympy  " not in told.stdout
    assert "without sympy: its formulas are too long for sympy.\n" in told.stdout


def chain(function: str, units: int) -> str:
    """A network of so many units, one after another."""
    weights = ", ".join(f"w{unit}: 0.{unit % 9 + 1}" for unit in range(units))
    lines = (f"  h{unit + 1}: {function}(w{unit}*h{unit})\n" for unit in range(units))
    return (
        f"inputs: {{h0: 0.5}}\nweights: {{{weights}}}\nequations:\n{''.join(lines)}loss: h{units}\n"
    )


@pytest.mark.parametrize(
    ("function", "units"),
    mostly_swept([("tanh", 100), ("sigmoid", 200), ("silu", 40), ("gelu_tanh", 10)], each=4),
)
def test_sympy_differentiates_a_line_once_however_long_the_chain(
    function: str, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All lines of a chain have one shape; its derivatives are chained, not written out."""
    asked = []
    diff = sympy.diff
    monkeypatch.setattr("sympy.diff", lambda *args: asked.append(args) or diff(*args))
    calculation = backward(loads(chain(function, units)))
    ours = {name: calculation.values[name] for name in calculation.values if "/" in name}
    way = by_sympy(calculation, {name: Decimal(float(ours[name])) for name in ours})
    assert len(asked) in (2, 4)  # by the weight and by the value; once more with more digits
    assert len(way.figures) == units
    for name, figure in way.figures.items():
        assert float(figure) == pytest.approx(float(ours[name]), rel=1e-12, abs=0), name


@pytest.mark.sweep
def test_differences_work_out_each_line_a_few_times_for_each_weight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = 0
    forward = verification._forward

    def counted(equations: list, *rest: object) -> dict:
        nonlocal lines
        lines += len(equations)
        return forward(equations, *rest)

    monkeypatch.setattr(verification, "_forward", counted)
    assert verify(loads(chain("tanh", 40)), torch=False).agreed
    assert lines <= 5 * 40 + 2 * sum(range(41))


@pytest.mark.sweep
def test_a_recurrent_net_of_twenty_steps() -> None:
    text = (
        "repeat: 20\ninputs: {x: 0.5}\nconstants: {'h[0]': 0}\nweights: {w: 0.9, u: 0.4}\n"
        "equations: {'h[t]': 'tanh(w*h[t-1] + u*x)', L: '(h[20] - 1)**2'}\nloss: L\n"
    )
    found = verify(loads(text), torch=False)
    assert [way.why for way in found.ways] == ["", ""]
    assert [proof.verdict for proof in found.proofs] == [AGREE, AGREE]


@pytest.mark.parametrize("weight", ["1e15", "1e18", "1e45", "1e70"])
@pytest.mark.parametrize("formula", ["sin(w*0.7)", "w0*sin(w*x/1e30)", "sin(w*x)/w0"])
def test_a_large_weight_of_a_wave(weight: str, formula: str) -> None:
    """The step of the differences is small beside the wave, however large the weight."""
    text = f"inputs: {{x: 1e20}}\nweights: {{w: {weight}, w0: 3}}\nequations: {{f: {formula}}}\n"
    found = verify(loads(text + "loss: f\n"), torch=False)
    assert {proof.verdict for proof in found.proofs} == {AGREE}


def test_a_network_without_weights_has_nothing_to_check(run: Run) -> None:
    told = run("verify", "-", "--no-torch", stdin="inputs: {x: 1}\nequations: {f: 2*x}\nloss: f\n")
    assert told.exit_code == 0
    assert told.stdout.endswith("  there is nothing to check: this network has no weights.\n")
    assert "confirmed" not in told.stdout


@pytest.mark.parametrize(
    ("formula", "end"),
    [("f: w*w", "is confirmed"), ("f: relu(w - 0.5)", "is confirmed, at a kink")],
)
def test_one_derivative_is_no_count(formula: str, end: str, run: Run) -> None:
    text = f"weights: {{w: 0.5}}\nequations: {{{formula}}}\nloss: f\n"
    told = run("verify", "-", "--no-torch", stdin=text)
    assert told.exit_code == 0
    assert told.stdout.endswith(f"\n  the derivative {end}.\n")


def test_json(run: Run) -> None:
    told = run("verify", "skip", "--set", "w0=0", "--no-torch", "--format", "json")
    data = json.loads(told.stdout, parse_constant=pytest.fail)
    assert data["schema"] == "backcalc/verify/1"
    assert [*data] == ["schema", "network", "of", "ways", "derivatives", "agree"]
    assert data["agree"] is True
    assert [way["name"] for way in data["ways"]] == ["sympy", "differences"]
    rows = {row["name"]: row for row in data["derivatives"]}
    assert [row["verdict"] for row in rows.values()].count("agree") == 3
    assert rows["dL/dw0"] == {
        "name": "dL/dw0",
        "value": 0.0,
        "exact": "0",
        "ways": {
            "sympy": {"value": 0.0, "difference": 0.0},
            "differences": {"value": 0.375, "difference": 0.375},
        },
        "verdict": "kink: convention",
        "kink": SAID,
    }


def test_pytorch_is_asked_where_it_is_installed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = run("verify", "skip")
    assert told.exit_code == 0
    assert "without PyTorch: it is not installed.\n" in told.stdout


def test_it_fits_a_terminal(run: Run) -> None:
    told = run("verify", "mazur", "--no-torch")
    assert max(map(len, told.stdout.splitlines())) <= 80


def test_pytorch_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr("backcalc.proving.verification.PATIENCE", 1e-9)
    (way,) = [way for way in verify(load("skip")).ways if way.name == "PyTorch"]
    assert (way.figures, way.why) == ({}, "it took more than 1e-09 s")


def test_a_difference_that_is_but_rounding_is_0(run: Run) -> None:
    verified = run("verify", "mazur").stdout
    checked = run("gradcheck", "mazur").stdout
    assert not re.search(r"e-[4-9]\d", verified + checked)
    assert "most of their 16 digits, and what is left of their difference is rounding." in checked
