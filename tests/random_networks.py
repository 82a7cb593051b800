"""Networks drawn at random, as the text of network files: the raw material of the proofs."""

from __future__ import annotations

import random
from collections.abc import Sequence

from backcalc.functions import FUNCTIONS
from backcalc.losses import LOSSES

ACTIVATIONS = [row.name for row in FUNCTIONS.values() if row.activation and not row.outputs]
POSITIVE_ONLY = {"log", "log1p", "sqrt"}  # defined on part of the line only
SMOOTH = [name for name in ACTIVATIONS if not FUNCTIONS[name].kinks and name != "sign"]
EXACT = [name for name in ACTIVATIONS if FUNCTIONS[name].exact]
BETWEEN_0_AND_1 = {"bce", "cross_entropy"}  # losses of outputs that are probabilities


def number(draw: random.Random) -> str:
    """A short decimal, seldom zero."""
    return f"{draw.choice([-1, 1]) * draw.randint(1, 15) / 10}"


def random_network(seed: int, functions: Sequence[str] = ACTIVATIONS) -> str:
    """A network file: units with skip edges, shared weights and biases, one to three outputs.

    Of exact functions only, the loss is exact too; of smooth ones, smooth.
    """
    draw = random.Random(seed)
    losses = list(LOSSES)
    if functions is EXACT:
        losses = ["l1", "l2", "half_l2", "mse", "hinge", "huber"]
    if functions is SMOOTH:
        losses = ["l2", "half_l2", "mse", "bce", "cross_entropy"]
    loss = draw.choice(losses)
    inputs = [f"x{place}" for place in range(1, draw.randint(1, 3) + 1)]
    outputs = draw.choice([1, 1, 2, 3])
    hidden = draw.randint(0, 4)
    weights: list[str] = []

    def weight() -> str:
        if weights and draw.random() < 0.25:
            return draw.choice(weights)
        weights.append(f"w{len(weights)}")
        return weights[-1]

    nodes, sources = [], list(inputs)
    names = sorted(set(functions) - POSITIVE_ONLY)
    for unit in range(hidden + outputs):
        if unit < hidden:
            activation, chosen = draw.choice(names), pick(draw, sources)
            sources.append(str(unit))
        else:
            chosen = pick(draw, [*sources, *(str(place) for place in range(hidden))])
            activation = output_activation(draw, loss, outputs, names)
        edges = ", ".join(f"{source}: {weight()}" for source in chosen)
        bias = f", bias: {weight()}" if draw.random() < 0.5 else ""
        nodes.append(f"  {unit}: {{from: {{{edges}}}{bias}, activation: {activation}}}")
    return "\n".join([
        f"inputs: {{{listed(draw, inputs)}}}",
        f"targets: {{{target_values(draw, loss, outputs)}}}",
        f"weights: {{{listed(draw, weights)}}}",
        "nodes:",
        *nodes,
        f"outputs: [{', '.join(str(hidden + place) for place in range(outputs))}]",
        f"loss: {loss}",
        "learning_rate: 0.1",
    ])  # fmt: skip


def pick(draw: random.Random, sources: Sequence[str]) -> list[str]:
    """Some of the sources, each once, the latest among them."""
    sources = list(dict.fromkeys(sources))
    others = draw.sample(sources[:-1], draw.randint(0, min(2, len(sources) - 1)))
    return [sources[-1], *others]


def output_activation(draw: random.Random, loss: str, outputs: int, names: Sequence[str]) -> str:
    """An activation whose values the loss can take."""
    if loss == "cross_entropy" and outputs > 1:
        return "softmax"
    return "sigmoid" if loss in BETWEEN_0_AND_1 else draw.choice(names)


def listed(draw: random.Random, names: Sequence[str]) -> str:
    """Names with numbers."""
    return ", ".join(f"{name}: {number(draw)}" for name in names)


def target_values(draw: random.Random, loss: str, outputs: int) -> str:
    """Targets that the loss can take."""
    if loss == "cross_entropy" and outputs > 1:
        right = draw.randrange(outputs)
        return ", ".join(f"y{place + 1}: {int(place == right)}" for place in range(outputs))
    if loss in BETWEEN_0_AND_1:
        return ", ".join(f"y{place + 1}: {draw.choice([0, 1])}" for place in range(outputs))
    return ", ".join(f"y{place + 1}: {number(draw)}" for place in range(outputs))
