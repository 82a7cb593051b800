"""Exports in functions of dictionaries: to JAX, to NumPy, to Python with its standard library."""

from __future__ import annotations

from backcalc.equations.optimizers import CLOCK, NORM, RATE, norm_line, update_lines
from backcalc.equations.program import TOTAL
from backcalc.exporting.lines import bracketed, defined, indented, mapping, parted, statement
from backcalc.exporting.target import ExportedCode, Target, at_ties, sources
from backcalc.formulas.expression import names_in, parts, renamed
from backcalc.formulas.functions import formula
from backcalc.formulas.quantity import Derivative, Quantity, parsed

AGREE = sources("scalars")["agree"].splitlines()


def functional(
    code: ExportedCode,
    data: str,
    values: list[str],
    first: list[str],
    loss: str,
    gradients: list[str] | None = None,
) -> list[list[str]]:
    """Return the parts of code in functions of dictionaries: the numbers, then the functions.

    `data` is the name of the inputs and targets, and `values` are the lines that give them;
    `first` is the function with the equations, `loss` the reduced loss that calls it, `gradients`
    the body of the function of the gradients, None if JAX makes it.
    """
    given = ["weights", data]
    weights = mapping("weights = ", {name: repr(n) for name, n in code.weights.items()})
    slopes = ["gradients = jax.grad(loss)"]
    if gradients:
        meaning = f"The derivative of the loss by each weight{code.over_samples}."
        slopes = defined("gradients", given, meaning, gradients)
    ahead = _ahead(code)
    main = [
        f"slopes = gradients(weights, {data})",
        "after = step(weights, slopes)",
        f'found = {{"before": loss(weights, {data}), "after": loss(after, {data})}}',
        *expected(code),
    ]
    if ahead:  # and what is remembered changes with the step
        main[:3] = [
            "at = ahead(weights)",
            f'slopes, found = gradients(at, {data}), {{"before": loss(at, {data})}}',
            "after = step(weights, slopes)",
            f'found["after"] = loss(ahead(after), {data})',
        ]
    return [
        parted(weights, values, numbers(code), _memory(code), gap=0),
        first,
        defined("loss", given, f"The loss{code.over_samples}.", [f"return {loss}"]),
        slopes,
        ahead,
        *_step_functions(code),
        AGREE,
        ['if __name__ == "__main__":', *indented(main)],
    ]


def constants(code: ExportedCode) -> list[str]:
    """The known numbers that are no inputs."""
    known = {code.names[name]: float(n) for name, n in code.network.constants.items()}
    return [f"{name} = {code.target.number.format(value)}" for name, value in known.items()]


def numbers(code: ExportedCode) -> list[str]:
    """The constants, the learning rate and the optimizer's options."""
    options = {RATE: code.calculation.values[RATE], **code.network.descent.numbers}
    return constants(code) + [f"{name} = {float(value)}" for name, value in options.items()]


def expected(code: ExportedCode) -> list[str]:
    """The figures of the calculation, asserted."""
    values, weights = code.calculation.values, code.network.weights
    first = code.calculation.rounds[0]
    of = TOTAL if code.several else code.calculation.of
    trained = [name for name in weights if name not in code.network.frozen]
    figures = (
        ("the loss", "found", {"before": first.loss_before, "after": first.loss_after}),
        ("the gradient by", "slopes", {n: values[Derivative(of, n)] for n in weights}),
        ("the new", "after", {n: values[parsed(n).after(1)] for n in trained}),
    )
    lines = ["# What backcalc works out."]
    for what, found, numbers in figures:
        texts = {code.names.get(name, name): repr(float(n)) for name, n in numbers.items()}
        lines += mapping(f'agree("{what}", {found}, ', texts, ")")
    return [*lines, 'print("all figures agree")']


def _memory(code: ExportedCode) -> list[str]:
    """Return the optimizer's memory of each weight, and the weights that are trained."""
    lines = []
    if code.network.frozen:
        lines += bracketed("trained = [", [f'"{name}"' for name in code.trained], "]")
    states = code.network.descent.optimizer.states
    if states:
        start = f"({', '.join('0.0' for _ in states)}{',' * (len(states) == 1)})"
        each = "trained" if code.network.frozen else "weights"
        if code.memory:
            given = {name: f"({', '.join(map(repr, n))},)" for name, n in code.memory.items()}
            return [*lines, f"# of each weight {', '.join(states)}", *mapping("memory = ", given)]
        lines.append(f"memory = {{name: {start} for name in {each}}}  # {', '.join(states)}")
    return lines


def _ahead(code: ExportedCode) -> list[str]:
    """The points at which the optimizer takes the gradient, where these are others."""
    optimizer = code.network.descent.optimizer
    if not optimizer.ahead:
        return []
    meaning = {"w": "weights[name]"}
    meaning |= {state: f"memory[name][{n}]" for n, state in enumerate(optimizer.states)}
    point = code.written(renamed(formula(optimizer.ahead), lambda name: meaning.get(name, name)))
    return defined("ahead", ["weights"], "The point where the gradient is taken.", [
        f"return {{**weights, **{{name: {point} for name in memory}}}}",
    ])  # fmt: skip


def _step_functions(code: ExportedCode) -> list[list[str]]:
    """How one weight goes on, and how all do."""
    descent = code.network.descent
    states = descent.optimizer.states
    *before, (_, last, _) = lines = list(update_lines(descent, Quantity("w"), Quantity("g"), None))
    if not before:
        whole = not code.network.frozen
        meaning = {"w": "w" if whole else "weights[name]", "g": "slopes[name]"}
        text = code.written(renamed(last, lambda name: meaning.get(name, name)))
        each = "name, w in weights.items()" if whole else "name in trained"
        result = f"{{name: {text} for {each}}}"
        body = [f"return {result if whole else f'{{**weights, **{result}}}'}"]
        return [defined("step", ["weights", "slopes"], "All weights after one step.", body)]

    def name(text: str) -> str:
        return "t" if text == CLOCK else parsed(text).stem.removesuffix("_w")

    used = {each for _, right, _ in lines for each in names_in(right)}
    body = []
    for left, right, _ in before:
        body += statement(f"{name(left)} = ", code.written(renamed(right, name)))
    body.append(f"return {', '.join((code.written(renamed(last, name)), *states))}")
    extra = [*([NORM] if NORM in used else ()), *states, *(["t"] if CLOCK in used else ())]
    title = f"A weight after one step, and its {', '.join(states)} for the next."
    updated = defined(
        "updated", ["w", "g", *extra], title if states else "A weight after one step.", body
    )
    return [updated, _step(code, extra)]


def _step(code: ExportedCode, extra: list[str]) -> list[str]:
    """All weights after one step by `updated`, which takes this beside weight and gradient."""
    body = ["after = dict(weights)"]
    each = "trained" if code.network.frozen else "weights"
    if NORM in extra:
        norm = parts(parts(norm_line(code.network.descent, ["g"]))[0])[0]
        square = code.written(renamed(norm, lambda text: "slopes[name]" if text == "g" else text))
        root = code.target.functions["sqrt"]
        body += statement(f"{NORM} = ", f"{root}(sum({square} for name in {each}))")
    states = code.network.descent.optimizer.states
    memory = ["*memory[name]"] if states else []
    clock = [name for name in extra if name == "t"]
    given = ["weights[name]", "slopes[name]", *(name for name in extra if name == NORM)]
    given += [*memory, *clock]
    left = ", ".join(["after[name]", *memory])
    body += [f"for name in {each}:", f"    {left} = updated({', '.join(given)})", "return after"]
    title = f"All weights after {'step t' if clock else 'one step'}."
    return defined("step", ["weights", "slopes", *(f"{name}=1" for name in clock)], title, body)


BASIC = ("exp", "log", "expm1", "log1p", "sqrt", "tanh", "sin", "cos")


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


def in_python(code: ExportedCode) -> list[list[str]]:
    """Lay out code for Python alone: a sample at a time, the backward pass by hand."""
    rows = [
        {code.names[name]: repr(float(sample[name])) for name in code.data}
        for sample in code.network.samples
    ]
    if not code.several:
        loss, slopes = ("backprop(**weights, **sample)[0]", "backprop(**weights, **sample)[1]")
        given, first = mapping("sample = ", rows[0]), backprop(code, "The")
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


PYTHON = Target(
    "python",
    "Python and nothing else",
    ("import math",),
    {name: f"math.{name}" for name in (*BASIC, "erf", "erfc")}
    | {name: name for name in ("abs", "max", "min")},
    in_python,
    sources("python"),
)


def in_numpy(code: ExportedCode) -> list[list[str]]:
    """Lay out code for NumPy: arrays over the samples, the backward pass by hand."""
    slopes = ["return backprop(**weights, **data)[1]"]
    if code.several:
        one = code.reduced("slope", "np.{}({})", code.slopes.values())
        slopes = [
            "_, slopes = backprop(**weights, **data)",
            f"return {{name: {one} for name, slope in slopes.items()}}",
        ]
    given = mapping("data = ", code.columns("np.array({})"))
    first = backprop(code, "Of each sample: the" if code.several else "The")
    loss = code.reduced("backprop(**weights, **data)[0]", "np.{}({})")
    return functional(code, "data", given, first, loss, slopes)


NUMPY = Target(
    "numpy",
    "NumPy",
    ("import math", "", "import numpy as np"),
    {name: f"np.{name}" for name in (*BASIC, "abs", "sign", "square")},
    in_numpy,
    sources("numpy"),
    where="np.where",
    plain=True,
)


def in_jax(code: ExportedCode) -> list[list[str]]:
    """Lay out code for JAX: the loss as a pure function of a dictionary, and jax.grad of it."""
    meaning = f"The loss{' of each sample' if code.several else ''}."
    body = [*code.lines(code.forward), f"return {code.names[code.own]}"]
    given = mapping("data = ", code.columns("jnp.array({})"))
    first = defined("forward", code.given, meaning, body)
    loss = code.reduced("forward(**weights, **data)", "jnp.{}({})")
    return functional(code, "data", given, first, loss)


NN = ("relu", "sigmoid", "softplus", "silu", "elu", "selu")

JAX = Target(
    "jax",
    "JAX",
    (
        "import math", "", "import jax", "import jax.numpy as jnp", "",
        'jax.config.update("jax_enable_x64", True)',
    ),
    {name: f"jnp.{name}" for name in (*BASIC, "sign", "square")}
    | {name: f"jax.nn.{name}" for name in NN}
    | {name: f"jax.scipy.special.{name}" for name in ("erf", "erfc")}
    | {"detach": "jax.lax.stop_gradient"},
    in_jax,
    {**sources("jax"), **at_ties("JAX", "jnp.where")},
    where="jnp.where",
    autograd=True,
)  # fmt: skip
