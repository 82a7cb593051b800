"""Optimizers against torch.optim, with decay and clipping: every weight after every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from in_torch import NEAR, forward, leaves, spelled
from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from backcalc.equations.calculation import step
from backcalc.equations.network import Network
from backcalc.equations.optimizers import OPTIMIZERS, Descent
from backcalc.equations.program import assemble
from backcalc.exporting import export
from backcalc.exporting.as_torch import TORCH
from backcalc.formulas.quantity import parsed
from backcalc.loading.loader import load

STEPS = 5
RATE = Fraction(1, 10)
CLIPPED = {"weight_decay": "0.1", "clip_value": "0.03", "clip_norm": "0.02"}
EVERY_OPTION = [{}, *({key: text} for key, text in CLIPPED.items()), CLIPPED]


def in_torch(network: Network) -> Iterator[Mapping[str, Tensor]]:
    """The weights after each step, as a training loop in PyTorch makes them."""
    given, loss = leaves(network), assemble(network).loss
    trained = [given[name] for name in network.weights if name not in network.frozen]
    options = {name: float(number) for name, number in network.descent.numbers.items()}
    names = {"w": trained, "lr": float(RATE), "weight_decay": 0.0, **options}
    optimizer = spelled(network.descent.optimizer.torch, **names)
    for _ in range(STEPS):
        optimizer.zero_grad()
        forward(network, given)[loss].backward()
        if "clip_value" in options:
            clip_grad_value_(trained, options["clip_value"])
        if "clip_norm" in options:
            clip_grad_norm_(trained, options["clip_norm"])
        optimizer.step()
        yield {name: given[name] for name in network.weights}


@pytest.mark.parametrize("name", [row.name for row in OPTIMIZERS.values() if row.torch])
def test_a_memory_from_before_and_a_climb(name: str) -> None:
    """The exported code gives PyTorch's own optimizer the memory, and asserts our figures."""
    row, bundled = OPTIMIZERS[name], load("mazur")
    weights = [weight for weight in bundled.weights if weight not in bundled.frozen]
    start = {f"{state}_{weight}": Fraction(place, 50) for state in row.states
             for place, weight in enumerate(weights, 1)}  # fmt: skip
    network = replace(bundled, descent=Descent(row, {}, maximise=True, start=start or None))
    exec(export(network, TORCH, RATE), {"__name__": "__main__"})


@pytest.mark.parametrize("options", EVERY_OPTION, ids="+".join)
@pytest.mark.parametrize("name", [row.name for row in OPTIMIZERS.values() if row.torch])
@pytest.mark.parametrize("file", ["skip_bias", "mazur", "xor"])
def test_every_optimizer(file: str, name: str, options: dict[str, str]) -> None:
    numbers = {option: Fraction(text) for option, text in options.items()}
    network = replace(load(file), descent=Descent(OPTIMIZERS[name], numbers))
    values = step(network, RATE, STEPS).values
    for number, weights in enumerate(in_torch(network), 1):
        ours = {
            weight: float(
                values[weight if weight in network.frozen else parsed(weight).after(number)]
            )
            for weight in weights
        }
        theirs = {weight: value.item() for weight, value in weights.items()}
        assert theirs == pytest.approx(ours, **NEAR), number
