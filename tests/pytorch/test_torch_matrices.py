"""Random programs of matrices: every gradient is PyTorch's."""

from __future__ import annotations

import random

import pytest
import torch

from backcalc.equations.calculation import backward
from backcalc.equations.matrix_form import element_names
from backcalc.loading.loader import loads

STEPS = {  # how a matrix of n rows goes on: the formula, and the same in PyTorch
    "tanh": ("tanh({h})", lambda h: torch.tanh(h)),
    "sigmoid": ("sigmoid({h})", lambda h: torch.sigmoid(h)),
    "softmax": ("softmax({h})", lambda h: torch.softmax(h, 1)),
    "columns": ("softmax({h}, axis=0)", lambda h: torch.softmax(h, 0)),
    "log_softmax": ("log_softmax({h})", lambda h: torch.log_softmax(h, 1)),
    "square": ("{h}**2 / 2", lambda h: h**2 / 2),
    "gate": ("{h}*sigmoid({h})", lambda h: h * torch.sigmoid(h)),
    "centred": ("{h} - mean({h}, axis=0)", lambda h: h - h.mean(0)),
    "shares": ("{h} / (1 + sum({h}**2, axis=1, keep=True))",
               lambda h: h / (1 + (h**2).sum(1, keepdim=True))),
    "scores": ("softmax({h} @ {h}.T / 2) @ {h}",
               lambda h: torch.softmax(h @ h.T / 2, 1) @ h),
    "layer_norm": ("layer_norm({h}, eps=0.1)",
                   lambda h: torch.nn.functional.layer_norm(h, h.shape[1:], eps=0.1)),
    "batch_norm": ("batch_norm({h}, eps=0.1)",
                   lambda h: (h - h.mean(0)) / torch.sqrt(h.var(0, unbiased=False) + 0.1)),
    "halves": ("concat({h}[1:, :], {h}[0:1, :], axis=0)", lambda h: torch.cat([h[1:], h[:1]])),
    "gram": ("{h} @ ({h}.T @ {h})", lambda h: h @ (h.T @ h)),
}  # fmt: skip
ENDS = {
    "half_l2": lambda p, y: 0.5 * ((p - y) ** 2).sum(1).mean(),
    "mse": lambda p, y: ((p - y) ** 2).mean(),
    "sum": lambda p, y: (p * y).sum(),
    "huber": lambda p, y: torch.nn.functional.huber_loss(p, y, reduction="sum") / len(p),
}


@pytest.mark.parametrize("seed", range(24))
def test_random_programs(seed: int) -> None:
    torch.set_default_dtype(torch.float64)
    draw = random.Random(seed)
    rows, width = draw.choice([2, 3]), draw.choice([2, 3])
    given: dict[str, list[list[float]]] = {}

    def matrix(name: str, height: int, columns: int) -> torch.Tensor:
        given[name] = [[round(draw.uniform(-1, 1), 3) for _ in range(columns)]
                       for _ in range(height)]  # fmt: skip
        return torch.tensor(given[name], requires_grad=True)

    value = matrix("X", rows, width)
    weights: dict[str, torch.Tensor] = {}
    lines, name = [], "X"
    for place in range(draw.randint(2, 4)):
        after = draw.choice([2, 3])
        weights[f"W{place}"] = matrix(f"W{place}", width, after)
        weights[f"b{place}"] = matrix(f"b{place}", 1, after)
        turned = draw.random() < 0.5  # in the column convention, turned back
        product = f"{name} @ W{place}" if not turned else f"(W{place}.T @ {name}.T).T"
        formula, step = STEPS[draw.choice([*STEPS])]
        lines += [f"Z{place}: {product} + b{place}", f"H{place}: {formula.format(h=f'Z{place}')}"]
        value = step(value @ weights[f"W{place}"] + weights[f"b{place}"])
        name, width = f"H{place}", after
    target = matrix("Y", rows, width).detach()
    end = draw.choice([*ENDS])
    loss = ENDS[end](value, target)
    listed = ", ".join(f"{each}: {given[each]}" for each in weights)
    network = loads(
        f"inputs: {{X: {given['X']}}}\ntargets: {{Y: {given['Y']}}}\nweights: {{{listed}}}\n"
        f"equations:\n  " + "\n  ".join(lines) + f"\noutputs: [{name}]\n"
        f"loss: {end if end != 'sum' else f'sum({name}*Y)'}\n"
    )
    values = backward(network).values
    assert float(values["L"]) == pytest.approx(loss.item(), rel=1e-9)
    gradients = torch.autograd.grad(loss, list(weights.values()))
    assert network.matrices is not None
    for each, gradient in zip(weights, gradients, strict=True):
        names = element_names(each, network.matrices.shapes[each])
        found = [float(values[f"dL/d{element}"]) for element in names]
        assert found == pytest.approx(gradient.flatten().tolist(), rel=1e-7, abs=1e-12), each
