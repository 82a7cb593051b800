"""An export to NumPy: arrays over the samples, the backward pass by hand."""

from __future__ import annotations

from backcalc.exporting import updates as descent
from backcalc.exporting.lines import defined, mapping, parted
from backcalc.exporting.python import backprop
from backcalc.exporting.target import Code, Layout, Target

STACKED = "def {name}(*z):\n    z = np.stack(np.broadcast_arrays(*z))\n"


def data(code: Code) -> list[str]:
    """The inputs and targets: numbers, or columns of all samples."""
    return mapping("data = ", columns(code, "np.array({})"))


def columns(code: Code, array: str, number: str = "{}") -> dict[str, str]:
    """The text of each input's and target's numbers."""
    found = {}
    for name in code.data:
        numbers = [float(sample[name]) for sample in code.network.samples]
        text = array.format(numbers) if code.several else number.format(numbers[0])
        found[code.names[name]] = text
    return found


def layout(code: Code) -> Layout:
    """What is given, and the functions that work with it."""
    parts = code.reduced("backprop(**weights, **data)[0]", code.losses, "np.{}({})")
    slopes = ["return backprop(**weights, **data)[1]"]
    if code.several:
        one = code.reduced("slope", code.slopes, "np.{}({})")
        slopes = [
            "_, slopes = backprop(**weights, **data)",
            f"return {{name: {one} for name, slope in slopes.items()}}",
        ]
    kept = code.over_samples
    given = ["weights", "data"]
    return Layout(
        parted(
            mapping("weights = ", {name: repr(n) for name, n in code.weights.items()}),
            data(code), descent.numbers(code), descent.memory(code), gap=0,
        ),
        backprop(code, "Of each sample: the" if code.several else "The"),
        defined("loss", given, f"The loss{kept}.", [f"return {parts}"]),
        defined("gradients", given, f"The derivative of the loss by each weight{kept}.", slopes),
        *descent.step_functions(code), descent.AGREE, descent.main(code, "data"),
    )  # fmt: skip


OWN = ("exp", "log", "expm1", "log1p", "sqrt", "tanh", "sin", "cos", "abs", "sign", "square")

NUMPY = Target(
    "numpy",
    "NumPy",
    ("import math", "", "import numpy as np"),
    {name: f"np.{name}" for name in OWN},
    layout,
    {
        "erf": "erf = np.vectorize(math.erf)",
        "erfc": "erfc = np.vectorize(math.erfc)",
        "max": "def maximum(*z):\n    return np.max(np.broadcast_arrays(*z), axis=0)",
        "min": "def minimum(*z):\n    return np.min(np.broadcast_arrays(*z), axis=0)",
        "softmax": STACKED.replace("{name}", "softmax")
        + "    powers = np.exp(z - z.max(axis=0))\n    return powers/powers.sum(axis=0)",
        "log_softmax": STACKED.replace("{name}", "log_softmax")
        + "    z = z - z.max(axis=0)\n    powers = np.sort(np.exp(z), axis=0)\n"
        "    return z - np.log1p(powers[:-1].sum(axis=0))  # the largest power is 1",
    },
    where="np.where",
    plain=True,
)
