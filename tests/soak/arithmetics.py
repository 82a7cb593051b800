"""The reference's definitions read by sympy and by PyTorch: two more answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from answers import SETTINGS, Pass, parsed
from drawn import Drawn
from reference import Plain


class Symbols(Plain):
    """Expressions of sympy; comparisons come out as they did before."""

    def __init__(self, outcomes: Sequence[bool], exact: bool) -> None:
        super().__init__({})
        self.before: Iterator[bool] = iter(outcomes)
        self.exact = exact

    def const(self, value: Any) -> Any:
        import sympy

        if isinstance(value, Fraction) and (self.exact or value.denominator == 1):
            return sympy.Rational(value.numerator, value.denominator)
        return sympy.Float(str(decimal_text(value)), 40)

    def holds(self, relation: str, left: Any, right: Any) -> bool:
        return next(self.before)

    def power(self, base: Any, exponent: Any) -> Any:
        return base**exponent

    def whole(self, value: Any) -> int:
        return int(value)

    def __getattribute__(self, name: str) -> Any:
        import sympy

        if name == "pi":
            return lambda: sympy.pi
        if name == "root":
            return sympy.sqrt
        if name in ("exp", "log", "sin", "cos", "erf", "erfc"):
            return getattr(sympy, name)
        return super().__getattribute__(name)


def decimal_text(value: Fraction | Decimal) -> Decimal:
    """The number in digits."""
    return Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def sympy_slope(this: Pass, exact: bool, name: str) -> Any:
    """The derivative of one sample's loss by one name, by sympy's diff, as a number of sympy."""
    import sympy

    network = this.network
    ar = Symbols(this.ar.outcomes, exact)
    given = [*network.weights, *network.samples[0], *network.constants]
    numbers = {each: ar.const(this.values[each].value) for each in given}
    symbol = sympy.Symbol("u", real=True)
    point = numbers[name]
    loss = Pass(ar, network, {**numbers, name: symbol}).loss()
    slope = sympy.diff(loss, symbol).subs(symbol, point)
    return slope if exact else sympy.N(slope, 30)


class Tensors(Plain):
    """PyTorch's own numbers and functions."""

    def const(self, value: Any) -> Any:
        import torch

        return torch.tensor(float(value), dtype=torch.float64)

    def extreme(self, relation: str, *z: Any) -> Any:
        import torch

        stacked = torch.stack(z)
        return torch.max(stacked) if relation == "<" else torch.min(stacked)

    def power(self, base: Any, exponent: Any) -> Any:
        return base**exponent

    def whole(self, value: Any) -> int:
        return int(value.item())

    def call(self, name: str, *arguments: Any) -> Any:
        import torch

        own = torch_functions().get(name)
        if own is None:
            return super().call(name, *arguments)
        if name in ("softmax", "log_softmax"):
            return tuple(own(torch.stack(arguments)))
        return own(arguments[0], *(each.item() for each in arguments[1:]))


def torch_functions() -> Mapping[str, Callable[..., Any]]:
    """What PyTorch has under these names; the rest is read as the reference defines it."""
    if not _TORCH:
        import torch
        from torch.nn import functional

        for name in ("relu", "elu", "selu", "gelu", "silu", "leaky_relu"):
            _TORCH[name] = getattr(functional, name)
        for name in ("sigmoid", "tanh", "exp", "log", "expm1", "log1p", "sqrt", "square", "abs",
                     "sign", "sin", "cos", "erf"):  # fmt: skip
            _TORCH[name] = getattr(torch, name)
        _TORCH["erfc"] = torch.special.erfc
        _TORCH["hard_tanh"] = functional.hardtanh
        _TORCH["softplus"] = lambda z: functional.softplus(z, threshold=40)
        _TORCH["gelu_tanh"] = lambda z: functional.gelu(z, approximate="tanh")
        _TORCH["softmax"] = lambda z: torch.softmax(z, 0)
        _TORCH["log_softmax"] = lambda z: torch.log_softmax(z, 0)
    return _TORCH


_TORCH: dict[str, Callable[..., Any]] = {}


def torch_optimizer(network: Drawn, weights: Sequence[Any]) -> Any:
    """PyTorch's optimizer of that name, or None where it has no such."""
    from torch import optim

    o = {n: float(parsed(t)) for n, t in SETTINGS.get(network.optimizer, {}).items()}
    o |= {name: float(value) for name, value in network.options.items()}
    lr, decay = float(network.rate), o.get("weight_decay", 0.0)
    match network.optimizer:
        case "sgd":
            return optim.SGD(weights, lr, weight_decay=decay)
        case "momentum":
            return optim.SGD(weights, lr, o["mu"], weight_decay=decay)
        case "nesterov":
            return optim.SGD(weights, lr, o["mu"], weight_decay=decay, nesterov=True)
        case "rmsprop":
            return optim.RMSprop(weights, lr, o["alpha"], o["eps"], decay)
        case "adagrad":
            return optim.Adagrad(weights, lr, eps=o["eps"], weight_decay=decay)
        case "adam":
            return optim.Adam(weights, lr, (o["beta1"], o["beta2"]), o["eps"], decay)
        case "adamw":
            return optim.AdamW(weights, lr, (o["beta1"], o["beta2"]), o["eps"], decay)
    return None


def torch_steps(
    network: Drawn, start: Mapping[str, Fraction], steps: int
) -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    """For each step the derivatives by the weights, and the weights after it, by PyTorch."""
    import torch

    ar = Tensors()
    weights = {name: ar.const(value).requires_grad_() for name, value in start.items()}
    trained = [weights[name] for name in weights if name not in network.frozen]
    rule = torch_optimizer(network, trained) if trained else None
    if rule is None:
        return
    samples = [{n: ar.const(v) for n, v in sample.items()} for sample in network.samples]
    constants = {name: ar.const(value) for name, value in network.constants.items()}
    groups = [[sample] for sample in samples] if network.online else [samples]
    for number in range(steps * len(groups)):
        rule.zero_grad()
        chosen = groups[number % len(groups)]
        losses = [Pass(ar, network, {**weights, **constants, **each}).loss() for each in chosen]
        total = torch.stack([*map(torch.as_tensor, losses)]).sum()
        total = total / len(losses) if network.reduction == "mean" else total
        if total.requires_grad:
            total.backward()
        slopes = {n: 0.0 if w.grad is None else w.grad.item() for n, w in weights.items()}
        for name, weight in weights.items():
            if name in network.frozen:
                weight.grad = None
        for weight in trained:
            weight.grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
        if "clip_value" in network.options:
            torch.nn.utils.clip_grad_value_(trained, float(network.options["clip_value"]))
        if "clip_norm" in network.options:
            torch.nn.utils.clip_grad_norm_(trained, float(network.options["clip_norm"]))
        rule.step()
        yield slopes, {name: weight.item() for name, weight in weights.items()}
