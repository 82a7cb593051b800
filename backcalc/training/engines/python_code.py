"""A plan as Python code: two functions, `run` for epochs and `loss`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from backcalc.training.engines.code import (
    Names,
    Written,
    columns,
    indented,
    pieces,
    reduced,
    renewed,
    summed,
    written,
)
from backcalc.training.engines.plan import Plan
from backcalc.training.engines.source import PYTHON, Line

MOST_LOCAL = 120_000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 500
"""Lines in one function, where values stand in a list."""
NOTHING: list[Line] = [(0, "pass")]
"""What stands where there is nothing to do: no weight is trained."""


def source(plan: Plan) -> tuple[str, ...]:
    """The Python code of a plan, function by function, which compiles in less memory."""
    if plan.epoch:
        lines = _unrolled(plan)
    elif plan.statements <= MOST_LOCAL:
        lines = _looped(plan)
    else:
        lines = _in_blocks(plan)
    functions: list[list[str]] = []
    for depth, text in lines:
        if depth == 0 and not text.startswith("else"):
            functions.append([])
        functions[-1].append(f"{' ' * depth}{text}\n")
    return tuple("".join(function) for function in functions)


def _unrolled(plan: Plan) -> list[Line]:
    """All samples of an epoch written out."""
    names = Names(plan)
    assert plan.epoch
    epoch = written(plan.epoch, names, PYTHON, renewed=names.state)
    loss = written(plan.loss, names, PYTHON)
    weights, memory = _state(names)
    updates = plan.batches.each(len(plan.network.samples))
    return [
        (0, "def run(weights, memory, lr, t, epochs, keep):"),
        (1, f"{weights} = weights"),
        (1, f"{memory} = memory"),
        (1, "losses = []"),
        (1, "for _ in epochs:"),
        *indented(epoch.lines, 2),
        *indented(_checked(epoch), 2),
        (2, "if keep:"),
        *indented(epoch.loss_lines, 3),
        (3, f"losses.append({epoch.loss})"),
        *indented(renewed(epoch, names, PYTHON), 2),
        (2, f"t += {updates}.0"),
        (1, f"return ({weights}), ({memory}), losses"),
        (0, "def loss(weights):"),
        (1, f"{weights} = weights"),
        *indented(loss.lines, 1),
        (1, f"return {loss.results[0]}"),
    ]


def _looped(plan: Plan) -> list[Line]:
    """A loop over the samples, with values in local variables."""
    names = Names(plan)
    table, sample, loss, update = pieces(plan, names, PYTHON)
    weights, memory = _state(names)
    row = _listed(map(names.column, range(len(table))))
    return [
        (0, "def run(weights, memory, lr, t, orders, keep):"),
        (1, f"{weights} = weights"),
        (1, f"{memory} = memory"),
        (1, "losses = []"),
        (1, "for batches in orders:"),
        (2, "if keep:"),
        (3, f"losses.append(loss(({weights})))"),
        (2, "for batch in batches:"),
        (3, "t += 1.0"),
        (3, " = ".join([*names.sums, "0.0"])),
        (3, f"for {row} in batch:"),
        *indented([*sample.lines, *_checked(sample), *summed(sample, names, PYTHON)] or NOTHING, 4),
        (3, "n = float(len(batch))"),
        *indented([*update.lines, *renewed(update, names, PYTHON)], 3),
        (1, f"return ({weights}), ({memory}), losses"),
        (0, "def loss(weights):"),
        (1, f"{weights} = weights"),
        (1, "total = 0.0"),
        (1, f"for {row} in rows:"),
        *indented(loss.lines, 2),
        (2, f"total += {loss.results[0]}"),
        (1, f"return {reduced(plan)}"),
    ]


def _in_blocks(plan: Plan) -> list[Line]:
    """A loop over the samples, with values in a list and the lines in many functions."""
    table = columns(plan.loss.graph, plan.sample.graph) if plan.sample else []
    sizes = len(plan.network.weights), len(plan.remembered), len(plan.trained), len(table), 3
    start = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    weights, memory, sums, row = (f"v[{start[k]}:{start[k + 1]}]" for k in range(4))
    rate, clock, count = (f"v[{start[4] + place}]" for place in range(3))

    def slot(first: int) -> Callable[[int], str]:
        return lambda place: f"v[{first + place}]"

    starts = start[0], start[1], start[2], start[3], start[5]
    weight, state, derivative, column, computed = map(slot, starts)
    names = Names(plan, weight, state, derivative, column, computed, (rate, clock, count))
    _, sample, loss, update = pieces(plan, names, PYTHON)
    size = start[5] + max(len(p.graph.nodes) for p in (plan.loss, plan.sample, plan.update) if p)
    return [
        *_blocks("sample", [*sample.lines, *_checked(sample), *summed(sample, names, PYTHON)]),
        *_blocks("update", [*update.lines, *renewed(update, names, PYTHON)]),
        *_blocks("one_loss", [*loss.lines, (0, f"{count} = {loss.results[0]}")]),
        (0, "def run(weights, memory, lr, t, orders, keep):"),
        (1, f"v = [0.0] * {size}"),
        (1, f"{weights} = weights"),
        (1, f"{memory} = memory"),
        (1, f"{rate} = lr"),
        (1, "losses = []"),
        (1, "for batches in orders:"),
        (2, "if keep:"),
        (3, f"losses.append(loss({weights}))"),
        (2, "for batch in batches:"),
        (3, f"{clock} = t = t + 1.0"),
        (3, f"{sums} = [0.0] * {sizes[2]}"),
        (3, f"for {row} in batch:"),
        (4, "for block in sample:"),
        (5, "block(v)"),
        (3, f"{count} = float(len(batch))"),
        (3, "for block in update:"),
        (4, "block(v)"),
        (1, f"return {weights}, {memory}, losses"),
        (0, "def loss(weights):"),
        (1, f"v = [0.0] * {size}"),
        (1, f"{weights} = weights"),
        (1, "total = 0.0"),
        (1, f"for {row} in rows:"),
        (2, "for block in one_loss:"),
        (3, "block(v)"),
        (2, f"total += {count}"),
        (1, f"return {reduced(plan)}"),
    ]


def _blocks(name: str, lines: Sequence[Line]) -> list[Line]:
    """Lines as functions of the list of values, and a tuple of these functions."""
    functions: list[list[Line]] = [[]]
    for line in lines:
        if len(functions[-1]) >= BLOCK and line[0] == 0 and line[1] != "else:":
            functions.append([])
        functions[-1].append(line)
    code: list[Line] = []
    for number, block in enumerate(functions):
        code += [(0, f"def {name}{number}(v):"), *indented(block or NOTHING, 1)]
    return [*code, (0, f"{name} = {_listed(f'{name}{k}' for k in range(len(functions)))}")]


def _state(names: Names) -> tuple[str, str]:
    """All weights, and all that is remembered, as tuples."""
    weights = map(names.weight, range(len(names.plan.network.weights)))
    return _listed(weights), _listed(map(names.memory, range(len(names.plan.remembered))))


def _checked(piece: Written) -> list[Line]:
    """A failure where something is zero that must not be."""
    if not piece.checks:
        return []
    return [(0, f"if not ({' and '.join(piece.checks)}):"), (1, "raise ZeroDivisionError")]


def _listed(names: Iterable[str]) -> str:
    """Names as a tuple, also where there is one or none."""
    return "".join(f"{name}, " for name in names) or "()"
