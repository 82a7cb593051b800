"""An export to Python with its standard library: a sample at a time, the backward pass by hand."""

from __future__ import annotations

from backcalc.equations.program import loss_name
from backcalc.exporting import updates as descent
from backcalc.exporting.lines import defined, indented, mapping, parted
from backcalc.exporting.target import Code, Layout, Target
from backcalc.formulas.quantity import Derivative

SUM = "def softmax(*z):\n    top = max(z)\n    powers = [math.exp(each - top) for each in z]\n"


def backprop(code: Code, what: str) -> list[str]:
    """The function that holds the equations, forward and backward."""
    names, own = code.names, loss_name(code.network)
    slopes = {names[name]: names[Derivative(own, name)] for name in code.network.weights}
    body = [
        "# forward",
        *code.lines(code.forward),
        "# backward",
        *code.lines(code.backward),
        *mapping(f"return {names[own]}, ", slopes),
    ]
    given = [names[name] for name in (*code.network.weights, *code.data)]
    return defined("backprop", given, f"{what} loss, and its derivative by each weight.", body)


def layout(code: Code) -> Layout:
    """What is given, and the functions that work with it."""
    count = "/len(samples)" if code.network.reduction == "mean" and code.several else ""
    passed = "backprop(**weights, **sample)"
    loss = [f"return sum({passed}[0] for sample in samples){count}"]
    slopes = [
        f"each = [{passed}[1] for sample in samples]",
        f"return {{name: sum(own[name] for own in each){count} for name in weights}}",
    ]
    if not code.several:
        loss = ["return backprop(**weights, **sample)[0]"]
        slopes = ["return backprop(**weights, **sample)[1]"]
    data = "samples" if code.several else "sample"
    given = ["weights", data]
    kept = code.over_samples
    return Layout(
        parted(
            mapping("weights = ", {name: repr(n) for name, n in code.weights.items()}),
            samples(code), descent.numbers(code), descent.memory(code), gap=0,
        ),
        backprop(code, "Of one sample: the" if code.several else "The"),
        defined("loss", given, f"The loss{kept}.", loss),
        defined("gradients", given, f"The derivative of the loss by each weight{kept}.", slopes),
        *descent.step_functions(code), descent.AGREE, descent.main(code, data),
    )  # fmt: skip


def samples(code: Code) -> list[str]:
    """The inputs and targets: a dictionary for each sample."""
    rows = [
        {code.names[name]: repr(float(sample[name])) for name in code.data}
        for sample in code.network.samples
    ]
    if not code.several:
        return mapping("sample = ", rows[0])
    lines = [line for row in rows for line in mapping("", row, ",")]
    return ["samples = [", *indented(lines), "]"]


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
