"""The step and the figures that it must come to, as code that every target but torch shares."""

from __future__ import annotations

from collections.abc import Mapping

from backcalc.equations.optimizers import CLOCK, NORM, RATE, norm_line, update_lines
from backcalc.equations.program import TOTAL, primed
from backcalc.exporting.lines import assigned, bracketed, defined, indented, mapping
from backcalc.exporting.target import Code
from backcalc.formulas.expression import Expression, names_in, parts, renamed
from backcalc.formulas.quantity import Derivative, Quantity, parsed

AGREE = [
    "def agree(what, found, expected):",
    '    """Every figure is the expected one."""',
    "    for name, figure in expected.items():",
    "        assert math.isclose(found[name], figure, rel_tol=1e-9, abs_tol=1e-12), (",
    '            f"{what} {name}: {found[name]} instead of {figure}"',
    "        )",
]


def constants(code: Code) -> list[str]:
    """The known numbers that are no inputs."""
    known = {code.names[name]: float(n) for name, n in code.network.constants.items()}
    return [f"{name} = {code.target.number.format(value)}" for name, value in known.items()]


def numbers(code: Code) -> list[str]:
    """The constants, the learning rate and the optimizer's options."""
    network = code.network
    rate = float(code.calculation.values[RATE])
    options = {RATE: rate, **{name: float(n) for name, n in network.descent.numbers.items()}}
    return constants(code) + [f"{name} = {value}" for name, value in options.items()]


def step_functions(code: Code) -> list[list[str]]:
    """How one weight goes on, and how all do."""
    descent = code.network.descent
    states = descent.optimizer.states

    def name(text: str) -> str:
        return "t" if text == CLOCK else parsed(text).stem.removesuffix("_w")

    body: list[str] = []
    used: set[str] = set()
    result = ""
    for left, right, _ in update_lines(descent, Quantity("w"), Quantity("g"), None):
        text = code.written(renamed(right, name))
        used.update(names_in(right))
        result = text
        body += [] if left.stem == "w" else assigned(name(left), text)
    extra = [*([NORM] if NORM in used else ()), *states, *(["t"] if CLOCK in used else ())]
    title = "A weight after one step"
    title += f", and its {', '.join(states)} for the next." if states else "."
    if not body:
        return [_plain_step(code, right)]
    body += [f"return {', '.join((result, *states))}"]
    return [defined("updated", ["w", "g", *extra], title, body), _step(code, extra)]


def _plain_step(code: Code, formula: Expression) -> list[str]:
    """All weights after a step of one line."""
    whole = not code.network.frozen
    meaning = {"w": "w" if whole else "weights[name]", "g": "slopes[name]"}
    text = code.written(renamed(formula, lambda name: meaning.get(name, name)))
    each = "name, w in weights.items()" if whole else "name in trained"
    result = f"{{name: {text} for {each}}}"
    body = [f"return {result if whole else f'{{**weights, **{result}}}'}"]
    return defined("step", ["weights", "slopes"], "All weights after one step.", body)


def _step(code: Code, extra: list[str]) -> list[str]:
    """All weights after one step."""
    states, body = code.network.descent.optimizer.states, ["after = dict(weights)"]
    each = "weights" if not code.network.frozen else "trained"
    if NORM in extra:
        norm = parts(parts(norm_line(code.network.descent, ["g"]))[0])[0]
        square = code.written(renamed(norm, lambda text: "slopes[name]" if text == "g" else text))
        root = code.target.functions["sqrt"]
        body += assigned(NORM, f"{root}(sum({square} for name in {each}))")
    given = ["weights[name]", "slopes[name]", *([NORM] if NORM in extra else ())]
    given += ["*memory[name]"] if states else []
    given += ["t"] if "t" in extra else []
    left = "after[name], *memory[name]" if states else "after[name]"
    body += [f"for name in {each}:", f"    {left} = updated({', '.join(given)})", "return after"]
    clock = ["t=1"] if "t" in extra else []
    title = f"All weights after {'step t' if clock else 'one step'}."
    return defined("step", ["weights", "slopes", *clock], title, body)


def memory(code: Code) -> list[str]:
    """What the optimizer remembers of each weight, and which weights are trained."""
    lines = []
    if code.network.frozen:
        lines += bracketed("trained = [", [f'"{name}"' for name in code.trained], "]")
    states = code.network.descent.optimizer.states
    if states:
        start = f"({', '.join('0.0' for _ in states)}{',' * (len(states) == 1)})"
        each = "trained" if code.network.frozen else "weights"
        lines.append(f"memory = {{name: {start} for name in {each}}}  # {', '.join(states)}")
    return lines


def expected(code: Code) -> list[str]:
    """The figures of the calculation, asserted."""
    return [
        "# What backcalc works out.",
        *mapping('agree("the loss", found, ', losses(code), ")"),
        *mapping('agree("the gradient by", slopes, ', gradients(code), ")"),
        *mapping('agree("the new", after, ', new_weights(code), ")"),
        'print("all figures agree")',
    ]


def losses(code: Code) -> dict[str, str]:
    """The loss before and after the step."""
    first = code.calculation.rounds[0]
    return {"before": repr(float(first.loss_before)), "after": repr(float(first.loss_after))}


def gradients(code: Code) -> dict[str, str]:
    """The derivative by each weight."""
    of = TOTAL if code.several else code.calculation.of
    return _figures(code, {name: Derivative(of, name) for name in code.network.weights})


def new_weights(code: Code) -> dict[str, str]:
    """Each trained weight after the step."""
    network = code.network
    return _figures(code, {n: primed(n, 1) for n in network.weights if n not in network.frozen})


def _figures(code: Code, quantities: Mapping[str, str]) -> dict[str, str]:
    values = code.calculation.values
    return {code.names[own]: repr(float(values[name])) for own, name in quantities.items()}


def main(code: Code, data: str) -> list[str]:
    """One step, taken and checked."""
    return [
        'if __name__ == "__main__":',
        *indented(
            [
                f"slopes = gradients(weights, {data})",
                "after = step(weights, slopes)",
                f'found = {{"before": loss(weights, {data}), "after": loss(after, {data})}}',
                *expected(code),
            ]
        ),
    ]
