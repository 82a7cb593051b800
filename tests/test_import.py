"""`import` where PyTorch and ONNX are not there, and what it reads before it needs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import Result

import backcalc
from backcalc.commands.imported import numbers
from backcalc.importing.draft import Draft, Imported, Term
from backcalc.importing.proof import DifferentError, documented

Run = Callable[..., Result]
INSTALL = "PyTorch is not installed; `pip install torch` brings it"


def test_without_pytorch_one_line_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("backcalc.importing.child.find_spec", lambda name: None)
    result = run("import", "model.py:net", "--input", "1,2", "--loss", "mse", cwd=tmp_path)
    assert (result.stderr, result.stdout, result.exit_code) == (f"{INSTALL}\n", "", 2)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(backcalc.BackcalcError) as caught:
        backcalc.from_torch(None, [1], [2], "mse")
    assert str(caught.value) == INSTALL


def test_without_onnx_one_line_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    result = run("import", "model.onnx", "--input", "1,2", "--loss", "mse")
    expected = "onnx is not installed; `pip install onnx torch` brings what an ONNX file takes\n"
    assert (result.stderr, result.stdout, result.exit_code) == (expected, "", 2)


def test_what_is_missing_is_said_first(run: Run, tmp_path: Path) -> None:
    result = run("import", "model.py:net")
    assert result.stderr == "an input is needed\nhint: for example --input 1,2\n"
    there = tmp_path / "net.yaml"
    there.write_text("", "utf-8")
    result = run("import", "model.py:net", "--input", "1", "-o", str(there))
    assert "exists already" in result.stderr
    result = run("import", "model.py:net", "--input", "1", "-o", "net.json")
    assert "known: .yaml, .yml" in result.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2", [1, 2]), ("0.5", [0.5]), ("-1, 1/4", [-1, 0.25]), ("1,2; 3,4", [[1, 2], [3, 4]]),
        ("[[[1, 2.5]]]", [[[1, 2.5]]]), ("0;1", [[0], [1]]),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: object) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize("text", ["1,2;3", "[1, [2]]", "[]", "[true]", "1,,2", "{}", "nan", "[x"])
def test_no_numbers(text: str, run: Run) -> None:
    result = run("import", "model.py:net", "--input", text)
    assert "Invalid value for '--input'" in result.stderr
    assert result.exit_code == 2


def small() -> tuple[Draft, Term]:
    """A draft of tanh(W @ x + b), with names that clash."""
    d = Draft()
    x = d.give("inputs", (2,), (1, 2), "x")
    d.give("weights", (2,), (0, 0), "z", "left out")
    w = d.give("weights", (1, 2), (0.5, 0.25), "W", "fc.weight\n# evil: [")
    b = d.give("weights", (1,), (0.125,), "x", "x", own=True)
    z = d.line("z", "{} @ {} + {}", w, x, b)
    h = d.line("h", f"tanh({z.text})")
    y = d.give("targets", (1,), (0,), "y")
    d.loss, d.outputs = ("half_l2", ""), (h.text,)
    assert y.shape == h.shape
    return d, h


def test_a_draft_has_names_that_do_not_clash_and_loads() -> None:
    d, h = small()
    text, names = d.text("a: [b", "0.1")
    assert names[h.text] == "yhat"
    network = backcalc.loads(text)
    assert network.title == "a: [b"
    assert network.matrices is not None
    assert network.matrices.weights == ("W", "x1")
    assert network.matrices.inputs == ("x2",)


def test_a_file_with_another_figure_is_not_given() -> None:
    text, _ = small()[0].text("net", "0.1")
    with pytest.raises(DifferentError) as caught:
        documented(Imported(text, {"z": [1.2]}, {}), "net")
    assert caught.value.message == "z_1 is 1.125 in the file, and 1.2 by PyTorch's"
    assert caught.value.exit_status == 1
    said = documented(Imported(text, {"z": [1.125]}, {}), "net")[0].splitlines()[:2]
    assert said == [
        "# From net.",
        "# proved: 1 value of the forward pass and 0 derivatives equal PyTorch's to 1e-12",
    ]


@pytest.mark.skipif(not find_spec("onnx"), reason="without ONNX it is what is said to be missing")
def test_a_missing_file_is_said_before_pytorch_is_loaded(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backcalc.importing.tracing.library", lambda: pytest.fail("loaded"))
    result = run("import", "nosuch.onnx", "--input", "1")
    assert (result.stderr, result.exit_code) == ("no such file: nosuch.onnx\n", 2)
