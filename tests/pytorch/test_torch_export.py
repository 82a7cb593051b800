"""Exported modules in PyTorch itself, and PyTorch as one of the ways of verify."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from test_export import (
    CONSTANT,
    LIBRARIES,
    test_a_loss_that_does_not_depend_on_a_weight,  # noqa: F401
    test_a_loss_that_is_hit_exactly,  # noqa: F401
    test_every_bundled_network,  # noqa: F401
    test_every_function_and_every_optimizer,  # noqa: F401
    test_every_function_is_exported_at_its_kinks,  # noqa: F401
    test_hostile_names_run,  # noqa: F401
    test_the_convention_at_a_kink_is_kept,  # noqa: F401
)

from backcalc.equations.calculation import backward
from backcalc.exporting import TARGETS, export
from backcalc.exporting.as_torch import gradients_alone
from backcalc.loading.loader import load, loads
from backcalc.proving.verification import AGREE, verify


@pytest.fixture(params=LIBRARIES)
def target(request: pytest.FixtureRequest) -> str:
    """A target whose code needs a library: what tests of exports try without one runs in it too."""
    pytest.importorskip(request.param)
    pytest.importorskip("numpy")  # in matrix form figures are compared as its arrays
    return str(request.param)


@pytest.mark.parametrize("name", ["skip", "mazur", "xor", "attention", "max_gate", "huber"])
def test_pytorch_proves_every_derivative(name: str) -> None:
    found = verify(load(name))
    assert [way.why for way in found.ways] == ["", "", ""]
    assert {proof.verdict for proof in found.proofs} == {AGREE}
    assert all("PyTorch" in proof.others for proof in found.proofs)


def test_the_module_trains(tmp_path: Path) -> None:
    """As any module does: with an optimizer of one's own, to a small loss."""
    import runpy

    path = tmp_path / "xor.py"
    network = load(ROOT / "networks/xor.yaml")
    path.write_text(export(network, TARGETS["torch"], Fraction(1, 2)), "utf-8")
    before = torch.get_default_dtype()
    try:
        code = runpy.run_path(str(path))
        net = code["Network"]()
        optimizer = torch.optim.Adam(net.parameters(), 0.1)
        losses = []
        for _ in range(300):
            optimizer.zero_grad()
            loss = net.loss(**code["data"])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    finally:
        torch.set_default_dtype(before)
    assert losses[-1] < 0.5 * losses[0]


def test_the_gradients_alone_of_a_loss_that_does_not_depend_on_a_weight(tmp_path: Path) -> None:
    expected = []
    for name, text in CONSTANT.items():
        worked = backward(loads(text))
        (tmp_path / f"{name}.py").write_text(gradients_alone(worked), "utf-8")
        of = "J" if len(worked.network.samples) > 1 else worked.of
        expected += [worked.values[f"d{of}/d{weight}"] for weight in worked.network.weights]
    runner = "import runpy, sys; [runpy.run_path(path) for path in sys.argv[1:]]"
    command = [sys.executable, "-c", runner, *(tmp_path / f"{name}.py" for name in CONSTANT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [float(line) for line in done.stdout.split()] == list(map(float, expected))
