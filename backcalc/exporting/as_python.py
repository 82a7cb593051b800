"""An export to Python with its standard library: a sample at a time, the backward pass by hand."""

from __future__ import annotations

from backcalc.exporting.lines import defined, indented, mapping
from backcalc.exporting.target import ExportedCode, Target
from backcalc.exporting.updates import functional

SUM = "def softmax(*z):\n    top = max(z)\n    powers = [math.exp(each - top) for each in z]\n"


def backprop(code: ExportedCode, what: str) -> list[str]:
    """The function that holds the equations, forward and backward."""
    names = code.names
    slopes = {names[weight]: names[slope] for weight, slope in code.slopes.items()}
    body = [
        "# forward",
        *code.lines(code.forward),
        "# backward",
        *code.lines(code.backward),
        *mapping(f"return {names[code.own]}, ", slopes),
    ]
    return defined("backprop", code.given, f"{what} loss, and its derivative by each weight.", body)


def layout(code: ExportedCode) -> list[list[str]]:
    """Return the numbers that are given, and the functions that work with them."""
    rows = [
        {code.names[name]: repr(float(sample[name])) for name in code.data}
        for sample in code.network.samples
    ]
    if not code.several:
        loss, slopes = ("backprop(**weights, **sample)[0]", "backprop(**weights, **sample)[1]")
        given = mapping("sample = ", rows[0])
        first = backprop(code, "The")
        return functional(code, "sample", given, first, loss, [f"return {slopes}"])
    count = "/len(samples)" if code.network.reduction == "mean" else ""
    loss = f"sum(backprop(**weights, **sample)[0] for sample in samples){count}"
    body = [
        "each = [backprop(**weights, **sample)[1] for sample in samples]",
        f"return {{name: sum(own[name] for own in each){count} for name in weights}}",
    ]
    lines = [line for row in rows for line in mapping("", row, ",")]
    given = ["samples = [", *indented(lines), "]"]
    return functional(code, "samples", given, backprop(code, "Of one sample: the"), loss, body)


OWN = ("exp", "log", "expm1", "log1p", "sqrt", "tanh", "sin", "cos", "erf", "erfc")

PYTHON = Target(
    "python",
    "Python and nothing else",
    ("import math",),
    {name: f"math.{name}" for name in OWN} | {name: name for name in ("abs", "max", "min")},
    layout,
    {
        "softmax": SUM + "    return [power/sum(powers) for power in powers]",
        "log_softmax": SUM.replace("softmax", "log_softmax")
        + "    total = math.log1p(sum(sorted(powers)[:-1]))  # the largest power is 1\n"
        + "    return [each - top - total for each in z]",
    },
)
