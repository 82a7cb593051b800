"""Exported modules in PyTorch itself, and PyTorch as one of the ways of verify."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import torch
from conftest import ROOT

from backcalc.exporting import TARGETS, export
from backcalc.loading.loader import load
from backcalc.proving.verification import AGREE, verify


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
