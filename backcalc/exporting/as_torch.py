"""An export to PyTorch: a module whose parameters are the weights, and an optimizer's step."""

from __future__ import annotations

import re

from backcalc.equations.calculation import Calculation
from backcalc.equations.optimizers import OPTIMIZERS
from backcalc.errors import BackcalcError, texts
from backcalc.exporting.in_functions import AGREE, constants, expected, numbers
from backcalc.exporting.lines import bracketed, defined, indented, mapping, parted
from backcalc.exporting.target import ExportedCode, Target, at_ties
from backcalc.formulas.expression import names_in
from backcalc.formulas.functions import FUNCTIONS

STACKED = "def {}(*z):\n    z = torch.stack(torch.broadcast_tensors(*z))\n    return {}"
CLIPS = {"clip_value": "clip_grad_value_", "clip_norm": "clip_grad_norm_"}


def layout(code: ExportedCode) -> list[list[str]]:
    """Return the numbers that are given, and the functions that work with them."""
    optimizer = code.network.descent.optimizer
    if not optimizer.torch:
        message = f"torch has no optimizer {optimizer.name}"
        known = ", ".join(row.name for row in OPTIMIZERS.values() if row.torch)
        raise BackcalcError(message, hint=f"it has {known}; --to jax, numpy and python have all")
    if not code.trained:
        message = "torch takes no step where every weight is frozen"
        raise BackcalcError(message, hint="--to jax, numpy and python do")
    module = _module(code)  # the functions that it needs are then known
    return [[*_data(code), *numbers(code)], module, AGREE, _main(code)]


def gradients_alone(calculation: Calculation) -> str:
    """Return code that prints the derivative by each weight, and takes no step.

    It is run at once, so its names are v0, v1, ... and it holds no text of a file.
    """
    code = ExportedCode(calculation, TORCH, plain_names=True)
    module = _module(code)
    helpers = (source.splitlines() for source in code.helpers.values())
    lines = [
        *TORCH.opening,
        *_data(code),
        *constants(code),
        *parted(*helpers, module),
        "net = Network()",
        *_backward(code, "net.loss(**data)"),
        "for weight in net.parameters():",
        "    print(0.0 if weight.grad is None else repr(weight.grad.item()))",
    ]
    return "\n".join(lines) + "\n"


def _data(code: ExportedCode) -> list[str]:
    return mapping("data = ", code.columns(TORCH.number, TORCH.number))


def _module(code: ExportedCode) -> list[str]:
    names = code.names
    weights = [f"self.{n} = nn.Parameter(torch.tensor({v!r}))" for n, v in code.weights.items()]
    last = code.forward[-1]
    made = {equation.name for equation in code.forward} - {code.own}
    passed = [name for name in names_in(last.expression) if name in made]
    apart = not isinstance(code.network.loss, str) and bool(passed)
    equations = code.forward[:-1] if apart else code.forward
    results = [names[name] for name in passed] if apart else [names[code.own]]
    used = {name for equation in equations for name in names_in(equation.expression)}
    inputs = [names[name] for name in code.data if name in used]
    loss = [f"{', '.join(results)} = self({', '.join(inputs)})"]
    loss += code.lines([last]) if apart else []
    loss.append(f"return {code.reduced(names[code.own], '{1}.{0}()')}")
    first = ["def __init__(self):", *indented(["super().__init__()", *weights])]
    meaning = f"The outputs{' of all samples' if code.several else ''}."
    forward = [*code.lines(equations), f"return {', '.join(results)}"]
    own = ["self", *(names[name] for name in code.data)]
    parts = parted(
        ['"""The weights, the equations and the loss."""'],
        first,
        defined("forward", ["self", *inputs], meaning if apart else "The loss.", forward),
        defined("loss", own, f"The loss{code.over_samples}.", loss),
        gap=1,
    )
    return ["class Network(nn.Module):", *indented(parts)]


def _main(code: ExportedCode) -> list[str]:
    """One step by an optimizer of PyTorch, taken and checked."""
    options = code.network.descent.changes()
    trained = ["trained = list(net.parameters())"]
    if code.network.frozen:
        trained = bracketed("trained = [", [f"net.{name}" for name in code.trained], "]")
    chosen = code.network.descent
    optimizer = re.sub(r"\bw\b", "trained", chosen.optimizer.torch)
    if "weight_decay" not in chosen.numbers:
        optimizer = re.sub(r", (weight_decay=)?weight_decay\b(?!=)", "", optimizer)
    if chosen.maximise:
        optimizer = f"{optimizer[:-1]}, maximize=True)"
    memory = [
        line for name, numbers in code.memory.items() for line in mapping(
            f"optimizer.state[net.{name}] = ",
            {state: f"torch.tensor({number})" for state, number in zip(
                ("step", *chosen.optimizer.remembered), (0.0, *numbers), strict=True)})
    ]  # fmt: skip
    zeros = [  # PyTorch has no gradient of a weight that the loss does not depend on
        "for weight in net.parameters():",
        "    weight.grad = torch.zeros_like(weight)  # the loss may not depend on it",
    ]
    body = [
        "net = Network()",
        *trained,
        f"optimizer = {optimizer}",
        *memory,
        "before = net.loss(**data)",
        *(zeros if code.unused else ["optimizer.zero_grad()"]),
        *_backward(code, "before"),
        "slopes = {",
        "    name: 0.0 if weight.grad is None else weight.grad.item()",
        "    for name, weight in net.named_parameters()",
        "}",
        *(f"nn.utils.{CLIPS[name]}(trained, {name})" for name in options if name in CLIPS),
        "optimizer.step()",
        "after = {name: weight.item() for name, weight in net.named_parameters()}",
        'found = {"before": before.item(), "after": net.loss(**data).item()}',
        *expected(code),
    ]
    return ['if __name__ == "__main__":', *indented(body)]


def _backward(code: ExportedCode, loss: str) -> list[str]:
    """The backward pass; PyTorch refuses it of a loss that depends on no weight."""
    return [] if len(code.unused) == len(code.weights) else [f"{loss}.backward()"]


def _sources() -> dict[str, str]:
    """Functions that take several lines or arguments, from what their rows say."""
    sources = at_ties("PyTorch", "torch.where")
    for row in FUNCTIONS.values():
        text = row.torch.removeprefix("lambda z: ").replace("torch.nn.functional.", "F.")
        text = text.replace("'", '"')
        if row.outputs:
            sources[row.name] = STACKED.format(row.name, text)
        elif text != row.torch and not row.variadic and row.torch.startswith("lambda"):
            sources[row.name] = f"def {row.name}(z):\n    return {text}"
    return sources


TORCH = Target(
    "torch",
    "PyTorch",
    (
        "import math", "", "import torch", "from torch import nn",
        "from torch.nn import functional as F", "", "torch.set_default_dtype(torch.float64)",
    ),
    {
        row.name: row.torch.replace("torch.nn.functional.", "F.")
        for row in FUNCTIONS.values()
        if re.fullmatch(r"[\w.]+", row.torch) and not row.variadic
    },
    layout,
    _sources(),
    where="torch.where",
    autograd=True,
    number="torch.tensor({})",
    weight="self.{}",
    reserved=tuple(texts(__package__, "code.txt")["attributes of a torch module"].split()),
)  # fmt: skip
