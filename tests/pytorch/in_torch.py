"""backcalc's equations worked out by PyTorch in float64: the other side of each comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from backcalc.equations.calculation import start_values
from backcalc.equations.losses import LOSSES, Loss, loss_expression
from backcalc.equations.network import Network
from backcalc.equations.program import LOSS, assemble
from backcalc.formulas.expression import (
    RELATIONS,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Scalar,
    Sum,
)
from backcalc.formulas.functions import FUNCTIONS

NEAR = {"rel": 1e-9, "abs": 1e-12}
"""How close backcalc's numbers and PyTorch's have to be."""

Tensors = Mapping[str, Tensor]


def spelled(text: str, **names: object) -> Any:
    """What a text of the tables' torch columns stands for."""
    return eval(text, {"torch": torch, **names})


SPELLED: dict[str, Callable[..., Tensor]] = {
    row.name: spelled(row.torch) for row in FUNCTIONS.values()
}


def tensor(number: Scalar) -> Tensor:
    return torch.tensor(float(number), dtype=torch.float64, requires_grad=True)


def leaves(network: Network) -> dict[str, Tensor]:
    """Every number that the network's file gives."""
    return {name: tensor(value) for name, value in start_values(network).items()}


def worked(expression: Expression, values: Tensors) -> Tensor:
    """The expression in tensors, each function as its row says that PyTorch spells it."""

    def of(operand: Expression) -> Tensor:
        return worked(operand, values)

    match expression:
        case Number(value):
            return torch.tensor(float(value), dtype=torch.float64)
        case Name(name):
            return values[name]
        case Sum(terms):
            return sum(map(of, terms[1:]), start=of(terms[0]))
        case Product(factors):
            return math.prod(map(of, factors[1:]), start=of(factors[0]))
        case Negation(operand):
            return -of(operand)
        case Inverse(operand):
            return 1 / of(operand)
        case Power(base, Number(exponent)):
            return of(base) ** float(exponent)
        case Power(base, exponent):
            return of(base) ** of(exponent)
        case Choice(condition, then, otherwise):
            holds = RELATIONS[condition.relation](of(condition.left), of(condition.right))
            return of(then) if holds else of(otherwise)
        case Call(function, arguments, output):
            return called(function.name, [of(argument) for argument in arguments], output)


def called(name: str, arguments: list[Tensor], output: int | None = None) -> Tensor:
    """A function's value; settings are floats, any number of arguments are one tensor."""
    if not FUNCTIONS[name].variadic:
        first, *settings = arguments
        return SPELLED[name](first, *map(float, settings))
    answer = SPELLED[name](torch.stack(arguments))
    return answer if output is None else answer[output]


def lost(row: Loss, outputs: list[Tensor], targets: list[Tensor], **settings: float) -> Tensor:
    """A loss of the table; the number of the right class is made a target for each output."""
    p, y = torch.stack(outputs), torch.stack(targets)
    if row.classes and len(y) < len(p):
        y = torch.nn.functional.one_hot(y[0].long(), len(p)).to(p)
    return spelled(row.torch, p=p, y=y, **settings)


def named_loss(network: Network) -> Loss | None:
    """The row of the network's loss, if it is that and nothing more."""
    row = LOSSES.get(network.loss_name or "")
    if row and network.loss == loss_expression(row, network.outputs, network.targets):
        return row
    return None


def forward(network: Network, given: Tensors) -> dict[str, Tensor]:
    """The forward pass over all samples, each value a tensor of its own."""
    values, row = dict(given), named_loss(network)
    for equation in assemble(network).forward:
        stem, bracket, sample = equation.name.partition("[")
        if row and stem == LOSS:
            outputs, targets = (
                [values[name + bracket + sample] for name in names]
                for names in (network.outputs, network.targets)
            )
            defaults = {name: float(number) for name, number in row.parameters}
            answer = lost(row, outputs, targets, **defaults)
        else:
            answer = worked(equation.expression, values)
        values[equation.name] = answer.clone().requires_grad_()  # also where it is a mere number
    return values


def slopes(of: Tensor, by: Tensors) -> dict[str, float]:
    """Derivative of one value by each of the others, as autograd finds it, 0 past a detach."""
    if not of.requires_grad:
        return dict.fromkeys(by, 0.0)
    found = torch.autograd.grad(of, list(by.values()), retain_graph=True, allow_unused=True)
    return {
        name: 0.0 if slope is None else slope.item() for name, slope in zip(by, found, strict=True)
    }
