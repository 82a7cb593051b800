"""A thousand epochs of XOR against a training loop in PyTorch, for every engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from in_torch import spelled

from backcalc.equations.optimizers import OPTIMIZERS, Descent
from backcalc.loading.loader import load
from backcalc.training.engines import c
from backcalc.training.engines.engine import Batches, start
from backcalc.training.run import engine_for

EPOCHS = 1000
ENGINES = ("python", "c") if c.compiler() else ("python",)


def in_torch(name: str, rate: float, batches: Batches) -> list[float]:
    """The weights w1 to w6 and b1 to b3 of networks/xor.yaml after so many epochs."""
    network = load("xor")
    samples = [[float(sample[key]) for key in ("x1", "x2", "y")] for sample in network.samples]
    rows = torch.tensor(samples, dtype=torch.float64)
    weights = [float(number) for number in network.weights.values()]
    w1, w2, w3, w4, w5, w6, b1, b2, b3 = weights
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1), torch.nn.Sigmoid()
    ).double()
    numbers = ([[w1, w2], [w3, w4]], [b1, b2], [[w5, w6]], [b3])
    for parameter, number in zip(net.parameters(), numbers, strict=True):
        parameter.data = torch.tensor(number, dtype=torch.float64)
    options = {key: float(value) for key, value in OPTIMIZERS[name].options}
    names = {"w": net.parameters(), "lr": rate, "weight_decay": 0.0, **options}
    optimizer = spelled(OPTIMIZERS[name].torch, **names)
    for epoch in range(EPOCHS):
        for batch in batches.order(len(samples), epoch, 7):
            optimizer.zero_grad()
            picked = rows[batch]
            loss = torch.nn.functional.binary_cross_entropy(net(picked[:, :2]), picked[:, 2:])
            loss.backward()
            optimizer.step()
    (u, b, v, last) = (parameter.detach() for parameter in net.parameters())
    return [*u.flatten().tolist(), *v.flatten().tolist(), *b.tolist(), *last.tolist()]


@pytest.mark.parametrize("batches", [Batches(), Batches(3, shuffled=True)], ids=["all", "batches"])
@pytest.mark.parametrize(("name", "rate"), [("sgd", 0.5), ("momentum", 0.1), ("adam", 0.05)])
def test_a_thousand_epochs(name: str, rate: float, batches: Batches) -> None:
    network = replace(load("xor"), descent=Descent(OPTIMIZERS[name]))
    theirs = in_torch(name, rate, batches)
    for engine in ENGINES:
        ours, _ = engine_for(network, batches, engine, epochs=EPOCHS)
        (reached,) = ours.advance([start(network)], EPOCHS, rate, [7], keep=False)
        assert list(reached.state.weights) == pytest.approx(theirs, rel=0, abs=1e-9)
