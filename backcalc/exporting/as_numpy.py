"""An export to NumPy: arrays over the samples, the backward pass by hand."""

from __future__ import annotations

from backcalc.exporting.as_python import backprop
from backcalc.exporting.lines import mapping
from backcalc.exporting.target import ExportedCode, Target
from backcalc.exporting.updates import functional

STACKED = "def {name}(*z):\n    z = np.stack(np.broadcast_arrays(*z))\n"


def layout(code: ExportedCode) -> list[list[str]]:
    """Return the numbers that are given, and the functions that work with them."""
    slopes = ["return backprop(**weights, **data)[1]"]
    if code.several:
        one = code.reduced("slope", "np.{}({})", code.slopes.values())
        slopes = [
            "_, slopes = backprop(**weights, **data)",
            f"return {{name: {one} for name, slope in slopes.items()}}",
        ]
    return functional(
        code,
        "data",
        mapping("data = ", code.columns("np.array({})")),
        backprop(code, "Of each sample: the" if code.several else "The"),
        code.reduced("backprop(**weights, **data)[0]", "np.{}({})"),
        slopes,
    )


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
