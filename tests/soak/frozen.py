"""The rows that networks and formulas are drawn from: a new row changes no network of a seed.

A row that is not named here is drawn with `always=`, so that it is tested all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from backcalc.equations import initial, losses, optimizers
from backcalc.formulas import functions

Row = TypeVar("Row")


def _named(table: Mapping[str, Row], names: str) -> dict[str, Row]:
    return {name: table[name] for name in names.split()}


FUNCTIONS = _named(
    functions.FUNCTIONS,
    "identity relu leaky_relu elu selu gelu gelu_tanh softplus silu sigmoid tanh hard_tanh softmax"
    " log_softmax exp log expm1 log1p sqrt square abs sign sin cos erf erfc max min product mean"
    " variance",
)
LOSSES = _named(losses.LOSSES, "l1 l2 half_l2 mse bce cross_entropy hinge huber")
OPTIMIZERS = _named(
    optimizers.OPTIMIZERS, "sgd momentum heavy_ball nesterov rmsprop adagrad adam adamw"
)
INITIALISATIONS = _named(initial.INITIALISATIONS, "normal uniform xavier he constant")
