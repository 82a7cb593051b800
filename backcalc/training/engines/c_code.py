"""A plan as C code: one function `run` that takes many runs through many epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
from backcalc.training.engines.source import C_LANES, C_LIST, C, Line, NoBranchesError

MOST_LOCAL = 3000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 100
"""Lines in one function, where values stand in an array."""

START = """#include <fenv.h>
double exp(double), log(double), expm1(double), log1p(double), pow(double, double);
double sin(double), cos(double), tanh(double), erf(double), erfc(double);
#define abs __builtin_fabs
#define sqrt __builtin_sqrt
"""
"""The basic functions are the system's own, as Python calls them; none is worked out by the
compiler, which may round otherwise."""

RUN = """
void run(long runs, long epochs, double *weights, double *memory, double lr, const double *t,
         const double *rows, const int *order, long stride, double *losses, unsigned char *failed)
{{
  for (long r = 0; r < runs; r++) {{
    feclearexcept(FE_ALL_EXCEPT);
    int zero = one(epochs, weights + {weights} * r, memory + {memory} * r, lr, t[r],
        rows, order + stride * epochs * r, stride, losses ? losses + epochs * r : 0);
    failed[r] = zero || fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW) != 0;
  }}
}}
"""
"""Every run by itself; what the processor noted of undefined arithmetic on the way says whether
its figures hold."""

LANES = 8

RUN_LANES = """
void run(long runs, long epochs, double *weights, double *memory, double lr, const double *t,
         const double *rows, const int *order, long stride, double *losses, unsigned char *failed)
{{
  for (long r = 0; r < runs; r += LANES) {{
    feclearexcept(FE_ALL_EXCEPT);
    int zero = eight(epochs, weights + {weights} * r, memory + {memory} * r, lr, t + r,
                     losses ? losses + epochs * r : 0);
    int noted = zero || fetestexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW) != 0;
    for (int k = 0; k < LANES; k++) failed[r + k] = noted;
  }}
}}
"""
"""Eight runs side by side, for the processor's lanes; the number of runs is a multiple of that."""

HEAD = (
    "static int one(long epochs, double *weights, double *memory, double lr, double t,"
    " const double *rows, const int *order, long stride, double *losses)"
)


def source(plan: Plan) -> str:
    """The C code of a plan."""
    if plan.epoch:
        lines = _unrolled(plan)
    elif plan.statements <= MOST_LOCAL:
        lines = _looped(plan)
    else:
        lines = _in_blocks(plan)
    sizes = {"weights": len(plan.network.weights), "memory": len(plan.remembered)}
    return _joined(lines) + RUN.format(**sizes)


def _joined(lines: Sequence[Line]) -> str:
    return START + "".join(f"{' ' * depth}{text}\n" for depth, text in lines)


def in_lanes(plan: Plan) -> str | None:
    """The C code that does eight runs side by side, where all samples are written out."""
    if not plan.epoch:
        return None
    names = Names(
        plan, "w[{}][k]".format, "m[{}][k]".format,
        computed="v[{}][k]".format, others=("lr", "t[k]", "n"),
    )  # fmt: skip
    try:
        epoch = written(plan.epoch, names, C_LANES, renewed=names.state)
    except NoBranchesError:
        return None
    sizes = {"weights": len(plan.network.weights), "memory": len(plan.remembered)}
    lines: list[Line] = [
        (0, f"#define LANES {LANES}"),
        (0, "#define EACH for (int k = 0; k < LANES; k++)"),
        (0, "static int eight(long epochs, double *weights, double *memory, double lr,"),
        (0, "                 const double *start, double *losses)"),
        (0, "{"),
        (1, "int zero = 0;"),
        (1, f"double v[{len(plan.epoch.graph.nodes)}][LANES], t[LANES];"),
        (1, f"double w[{sizes['weights']} + 1][LANES], m[{sizes['memory']} + 1][LANES];"),
        (1, "EACH t[k] = start[k];"),
        *((1, f"EACH {name} = {place};") for name, place in _places(names, sizes)),
        (1, "for (long e = 0; e < epochs; e++) {"),
        *indented(epoch.lines, 2),
        *((2, f"EACH {text}") for _, text in _checked(epoch)),
        (2, "if (losses) {"),
        *indented(epoch.loss_lines, 3),
        (3, f"EACH losses[epochs * k + e] = {epoch.loss};"),
        (2, "}"),
        *((2, f"EACH {text}") for _, text in renewed(epoch, names, C)),
        (2, f"EACH t[k] += {plan.batches.each(len(plan.network.samples))}.0;"),
        (1, "}"),
        *((1, f"EACH {place} = {name};") for name, place in _places(names, sizes)),
        (1, "return zero;"),
        (0, "}"),
    ]
    return _joined(lines) + RUN_LANES.format(**sizes)


def _unrolled(plan: Plan) -> list[Line]:
    """All samples of an epoch written out."""
    names = Names(plan)
    assert plan.epoch
    epoch = written(plan.epoch, names, C, renewed=names.state)
    return [
        (0, HEAD),
        (0, "{"),
        (1, "int zero = 0;"),
        *indented(_loaded(names), 1),
        (1, "for (long e = 0; e < epochs; e++) {"),
        *indented(epoch.lines, 2),
        *indented(_checked(epoch), 2),
        (2, "if (losses) {"),
        *indented(epoch.loss_lines, 3),
        (3, f"losses[e] = {epoch.loss};"),
        (2, "}"),
        *indented(renewed(epoch, names, C), 2),
        (2, f"t += {plan.batches.each(len(plan.network.samples))}.0;"),
        (1, "}"),
        *indented(_stored(names), 1),
        (1, "return zero;"),
        (0, "}"),
    ]


def _looped(plan: Plan) -> list[Line]:
    """A loop over the samples, with values in local variables."""
    names = Names(plan, column="x[{}]".format)
    table, sample, loss, update = pieces(plan, names, C)
    weights = [names.weight(place) for place in range(len(plan.network.weights))]
    return [
        (0, "static double total_loss(const double *weights, const double *rows)"),
        (0, "{"),
        *((1, f"const double {name} = weights[{k}];") for k, name in enumerate(weights)),
        (1, "double total = 0.0;"),
        (1, f"for (long i = 0; i < {len(plan.network.samples)}; i++) {{"),
        (2, f"const double *x = rows + {len(table)} * i;"),
        *indented(loss.lines, 2),
        (2, f"total += {loss.results[0]};"),
        (1, "}"),
        (1, f"return {reduced(plan)};"),
        (0, "}"),
        (0, HEAD),
        (0, "{"),
        (1, "int zero = 0;"),
        *indented(_loaded(names), 1),
        (1, "for (long e = 0; e < epochs; e++, order += stride) {"),
        (2, "if (losses) {"),
        *indented(_stored(names), 3),
        (3, "losses[e] = total_loss(weights, rows);"),
        (2, "}"),
        *indented(_batches(plan), 2),
        *((3, f"double {name} = 0.0;") for name in names.sums),
        (3, "for (long i = start; i < end; i++) {"),
        (4, f"const double *x = rows + {len(table)} * order[i];"),
        *indented([*sample.lines, *_checked(sample), *summed(sample, names, C)], 4),
        (3, "}"),
        (3, "const double n = (double)(end - start);"),
        *indented([*update.lines, *renewed(update, names, C)], 3),
        (2, "}"),
        (1, "}"),
        *indented(_stored(names), 1),
        (1, "return zero;"),
        (0, "}"),
    ]


def _in_blocks(plan: Plan) -> list[Line]:
    """A loop over the samples, with values in an array and the lines in many functions."""
    table = columns(plan.loss.graph, plan.sample.graph) if plan.sample else []
    sizes = len(plan.network.weights), len(plan.remembered), len(plan.trained), 3
    start = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    rate, clock, count = (f"v[{start[3] + place}]" for place in range(3))

    def slot(first: int) -> Callable[[int], str]:
        return lambda place: f"v[{first + place}]"

    weight, state, derivative, computed = (slot(start[place]) for place in (0, 1, 2, 4))
    column = "x[{}]".format
    names = Names(plan, weight, state, derivative, column, computed, (rate, clock, count))
    _, sample, loss, update = pieces(plan, names, C_LIST)
    size = start[4] + max(len(p.graph.nodes) for p in (plan.loss, plan.sample, plan.update) if p)
    return [
        (0, "void *malloc(unsigned long), free(void *);"),
        *_blocks("sample", [*sample.lines, *summed(sample, names, C)]),
        *_blocks("update", [*update.lines, *renewed(update, names, C)]),
        *_blocks("one_loss", [*loss.lines, (0, f"{count} = {loss.results[0]};")]),
        (0, HEAD),
        (0, "{"),
        (1, "int zero = 0;"),
        (1, f"double *v = malloc({size} * sizeof(double));"),
        *_copied("v[i]", "weights[i]", sizes[0]),
        *_copied(f"v[{start[1]} + i]", "memory[i]", sizes[1]),
        (1, f"{rate} = lr;"),
        (1, "for (long e = 0; e < epochs; e++, order += stride) {"),
        (2, "if (losses) {"),
        (3, "double total = 0.0;"),
        (3, f"for (long i = 0; i < {len(plan.network.samples)}; i++) {{"),
        (4, f"one_loss(v, rows + {len(table)} * i);"),
        (4, f"total += {count};"),
        (3, "}"),
        (3, f"losses[e] = {reduced(plan)};"),
        (2, "}"),
        *indented(_batches(plan), 2),
        (3, f"{clock} = t;"),
        *_copied(f"v[{start[2]} + i]", "0.0", sizes[2]),
        (3, f"for (long i = start; i < end; i++) sample(v, rows + {len(table)} * order[i]);"),
        (3, f"{count} = (double)(end - start);"),
        (3, "update(v, rows);"),
        (2, "}"),
        (1, "}"),
        *_copied("weights[i]", "v[i]", sizes[0]),
        *_copied("memory[i]", f"v[{start[1]} + i]", sizes[1]),
        (1, "free(v);"),
        (1, "return 0;"),
        (0, "}"),
    ]


def _batches(plan: Plan) -> list[Line]:
    """The loop over the batches of an epoch, from its opening."""
    samples = len(plan.network.samples)
    size = plan.batches.size or samples
    return [
        (0, f"for (long start = 0; start < {samples}; start += {size}) {{"),
        (1, f"const long end = start + {size} < {samples} ? start + {size} : {samples};"),
        (1, "t += 1.0;"),
    ]


def _blocks(name: str, lines: Sequence[Line]) -> list[Line]:
    """Lines as functions of the array of values, and one function that calls these in turn."""
    functions: list[list[Line]] = [[]]
    for line in lines:
        inside = line[0] > 0 or line[1].startswith("}")
        if len(functions[-1]) >= BLOCK and not inside:
            functions.append([])
        functions[-1].append(line)
    code: list[Line] = []
    head = "static void {}(double *v, const double *x)"
    for number, block in enumerate(functions):
        code += [(0, head.format(f"{name}{number}")), (0, "{"), *indented(block, 1), (0, "}")]
    calls = [(1, f"{name}{number}(v, x);") for number in range(len(functions))]
    return [*code, (0, head.format(name)), (0, "{"), *calls, (0, "}")]


def _copied(target: str, value: str, count: int) -> list[Line]:
    return [(1, f"for (long i = 0; i < {count}; i++) {target} = {value};")]


def _loaded(names: Names) -> list[Line]:
    """The state from its arrays into variables."""
    return [(0, f"double {name} = {place};") for name, place in _places(names)]


def _stored(names: Names) -> list[Line]:
    """The state back into its arrays."""
    return [(0, f"{place} = {name};") for name, place in _places(names)]


def _places(names: Names, strides: Mapping[str, int] | None = None) -> list[tuple[str, str]]:
    """Every part of the state with its place in the arrays; with strides that of each lane."""
    plan = names.plan
    parts = (
        ("weights", names.weight, len(plan.network.weights)),
        ("memory", names.memory, len(plan.remembered)),
    )
    return [
        (name(k), f"{array}[{strides[array]} * k + {k}]" if strides else f"{array}[{k}]")
        for array, name, count in parts
        for k in range(count)
    ]


def _checked(piece: Written) -> list[Line]:
    """A note where something is zero that must not be."""
    zeros = " || ".join(f"{each} == 0.0" for each in piece.checks)
    return [(0, f"if ({zeros}) zero = 1;")] if zeros else []
