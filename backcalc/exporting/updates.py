"""The step and the figures that it must come to, as code that every target but torch shares."""

from __future__ import annotations

from backcalc.equations.optimizers import CLOCK, NORM, RATE, norm_line, update_lines
from backcalc.equations.program import TOTAL
from backcalc.exporting.lines import bracketed, defined, indented, mapping, parted, statement
from backcalc.exporting.target import ExportedCode
from backcalc.formulas.expression import names_in, parts, renamed
from backcalc.formulas.quantity import Derivative, Quantity, parsed

AGREE = [
    "def agree(what, found, expected):",
    '    """Every figure is the expected one."""',
    "    for name, figure in expected.items():",
    "        assert math.isclose(found[name], figure, rel_tol=1e-9, abs_tol=1e-12), (",
    '            f"{what} {name}: {found[name]} instead of {figure}"',
    "        )",
]


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
    main = [
        f"slopes = gradients(weights, {data})",
        "after = step(weights, slopes)",
        f'found = {{"before": loss(weights, {data}), "after": loss(after, {data})}}',
        *expected(code),
    ]
    return [
        parted(weights, values, numbers(code), _memory(code), gap=0),
        first,
        defined("loss", given, f"The loss{code.over_samples}.", [f"return {loss}"]),
        slopes,
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
        lines.append(f"memory = {{name: {start} for name in {each}}}  # {', '.join(states)}")
    return lines


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
