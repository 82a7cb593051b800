"""Network files worked out by PyTorch from their text; nothing here reads backcalc.

Formulas are Python as they stand. What only some networks need (files of samples, `repeat:`,
drawn weights, most optimizers) is refused with NotPlainError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import torch
import yaml
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": lambda p, y: (p - y).abs().sum(),
    "l2": lambda p, y: ((p - y) ** 2).sum(),
    "half_l2": lambda p, y: ((p - y) ** 2).sum() / 2,
    "bce": lambda p, y: -(y * p.log() + (1 - y) * (1 - p).log()).sum(),
    "cross_entropy": lambda p, y: -p.log()[int(y)] if y.dim() < p.dim() else -(y * p.log()).sum(),
}
"""The losses of one sample."""
QUOTIENT = re.compile(r"(?<![\w.*])(\d+)/(\d+)(?![\w.])")


class NotPlainError(Exception):
    """A construct that is not read here."""


def tensor(value: Any) -> Tensor:
    """A number, a vector or a matrix as it is written."""
    if isinstance(value, list):
        return torch.stack([*map(tensor, value)])
    try:
        return torch.tensor(float(Fraction(str(value))), dtype=torch.float64)
    except ValueError:
        raise NotPlainError(value) from None


def _several(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of several numbers, or of a vector, a matrix or one of its axes."""

    def called(*of: Any, axis: int | None = None, keep: bool = False) -> Tensor:
        numbers = [each if torch.is_tensor(each) else tensor(each) for each in of]
        whole = torch.stack(numbers) if len(of) > 1 else numbers[0]
        return function(whole) if axis is None else function(whole, dim=axis, keepdim=keep)

    return called


def _softmax(*of: Tensor, axis: int = -1) -> Tensor:
    return torch.softmax(torch.stack(of) if len(of) > 1 else of[0], 0 if len(of) > 1 else axis)


def _pooled(pool: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda x, size=2, stride=None: pool(x[None, None], size, stride or size)[0, 0]


def _conv(x: Tensor, k: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    run = F.conv2d if x.dim() == 2 else F.conv1d
    return run(x[None, None], k[None, None], stride=stride, padding=padding)[0, 0]


FUNCTIONS: dict[str, Any] = {
    **{name: getattr(torch, name) for name in ("tanh", "relu", "exp", "log", "sin", "abs")},
    "sigmoid": torch.sigmoid, "sqrt": lambda x: x**0.5, "identity": lambda x: x,
    "softmax": _softmax, "conv": _conv, "sum": _several(torch.sum), "mean": _several(torch.mean),
    "max": _several(torch.amax), "max_pool": _pooled(F.max_pool2d),
    "mean_pool": _pooled(F.avg_pool2d), "reshape": torch.flatten,
    "concat": lambda *of, axis=0: torch.cat(of, axis),
}  # fmt: skip
"""The functions of formulas."""


def _forward(file: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], Tensor]:
    """Every value of one sample, and the loss."""
    values, outputs = {**given}, []
    nodes = {str(name): node for name, node in file.get("nodes", {}).items()}
    activations: dict[str, Tensor] = {}
    read = {str(source) for node in nodes.values() for source in node["from"]}
    for name, node in nodes.items():
        if node.get("activation", "identity") not in FUNCTIONS or node["activation"] == "softmax":
            raise NotPlainError(node)
        terms = [(str(source), weight) for source, weight in node["from"].items()]
        terms += [(s["from"], s["weight"]) for s in file.get("skip", ()) if s["to"] == name]
        z = sum(values[weight] * activations.get(of, values.get(of)) for of, weight in terms)
        values[f"z{name}"] = z = z + values.get(node.get("bias"), 0)
        values[f"h{name}"] = activations[name] = FUNCTIONS[node.get("activation", "identity")](z)
        outputs += [activations[name]] if name not in read else []
    for number, output in enumerate(outputs, 1):
        values["yhat" if len(outputs) == 1 else f"yhat{number}"] = output
    formulas = file.get("equations", {})
    for left, right in formulas.items():
        value = _evaluated(right, values)
        names = [name.strip() for name in left.split(",")]
        values |= zip(names, value if len(names) > 1 else [value], strict=True)
    loss, targets = file["loss"], [values[name] for name in file.get("targets", {})]
    if loss not in LOSSES:
        return values, values[loss] if loss in values else _evaluated(loss, values)
    words = {word for right in formulas.values() for word in re.findall(r"\w+", right)}
    left = [name.strip() for names in formulas for name in names.split(",")]
    outputs = outputs or [values[name] for name in left if name not in words]
    if len(outputs) > 1:
        outputs = [torch.stack(outputs)]  # a single target is the number of the right class
        targets = [torch.stack(targets)] if len(targets) > 1 else targets
    if outputs[0].dim() < 2:
        return values, LOSSES[loss](outputs[0], targets[0])
    rows = torch.stack([LOSSES[loss](p, y) for p, y in zip(outputs[0], targets[0], strict=True)])
    return values, rows.sum() if file.get("reduction") == "sum" else rows.mean()


def _evaluated(formula: str, values: Mapping[str, Any]) -> Any:
    """A formula's value, the quotients of whole numbers as numbers."""
    return eval(QUOTIENT.sub(r"(\1./\2)", formula), {"__builtins__": {}}, {**FUNCTIONS, **values})


def worked(text: str) -> dict[str, Tensor]:
    """Work a file out: values, derivatives of the loss, new weights, what comes after the step.

    Raises NotPlainError where the file has what is not read here.
    """
    file = yaml.load(text, Loader=yaml.BaseLoader)
    if {"repeat", "layers", "init", "conventions", "optimizer", "upstream"} & {*file}:
        raise NotPlainError(file)
    one = isinstance(file.get("inputs", {}), dict) and "data" not in file
    samples = [{**file.get("inputs", {}), **file.get("targets", {})}] if one else file["data"]
    if isinstance(samples, str) or {"regularisation", "maximise"} & {*file}:
        raise NotPlainError(samples)
    weights = {k: tensor(v) for key in ("weights", "biases") for k, v in file.get(key, {}).items()}
    constants = {k: int(v) if str(v).isdigit() else tensor(v)
                 for k, v in file.get("constants", {}).items()}  # fmt: skip
    found: dict[str, Tensor] = {}
    for mark in ("", "'"):
        leaves = {name: value.clone().requires_grad_() for name, value in weights.items()}
        losses = []
        for number, sample in enumerate(samples, 1):
            given = {**leaves, **constants, **{k: tensor(v) for k, v in sample.items()}}
            values, loss = _forward(file, given)
            losses.append(loss)
            held = {k: v for k, v in values.items() if torch.is_tensor(v) and v.requires_grad}
            for value in held.values():
                value.retain_grad()
            found |= {f"{k}{mark}" if one else f"{k}{mark}[{number}]": v for k, v in values.items()
                      if k not in weights and torch.is_tensor(v)}  # fmt: skip
        total = torch.stack(losses)
        total = total.sum() if one or file.get("reduction") == "sum" else total.mean()
        name = "J" if not one else file["loss"] if file["loss"] in values else "L"
        found[f"{name}{mark}"] = total
        total.backward()
        if mark:
            break
        held = held if one else leaves
        slopes = {k: v.grad for k, v in held.items() if v.grad is not None}
        found |= {f"d{name}/d{k}": slope for k, slope in slopes.items()}
        rate = tensor(file.get("learning_rate", 1))
        for weight, value in weights.items():
            slope = leaves[weight].grad
            if weight not in file.get("frozen", ()) and slope is not None:
                weights[weight] = value - rate * slope
        found |= {f"{weight}'": value for weight, value in weights.items()}
    return {name: value.detach() for name, value in found.items()}
