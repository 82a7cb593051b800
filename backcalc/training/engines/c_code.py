"""A plan as C code: one function `run` that takes many runs through many epochs."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.training.engines.code import Emitted, Writer, in_blocks, indented
from backcalc.training.engines.plan import Pieces
from backcalc.training.engines.source import C_ARRAYS, C, Statement

MOST_LOCAL = 3000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 100
"""Lines in one function, where values stand in arrays."""

START = """#include <fenv.h>
void *malloc(unsigned long), free(void *);
double exp(double), log(double), expm1(double), log1p(double), pow(double, double);
double sin(double), cos(double), tanh(double), erf(double), erfc(double);
#define abs __builtin_fabs
#define sqrt __builtin_sqrt
"""
"""The basic functions are the system's own, as Python calls them; none is worked out by the
compiler, which may round otherwise."""

HEAD = (
    "static int one(long epochs, double *weights, double *memory, double lr, double t,"
    " const double *rows, const int *order, long stride, double *losses)"
)
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

PARAMETERS = (
    "(double *weights, double *memory, double *g, double *v, const double *x,"
    " double lr, double t, double n)"
)
ARGUMENTS = "(weights, memory, g, v, x, lr, t, n)"


def source(plan: Pieces) -> str:
    """Return the C code of a plan."""
    sizes = {"weights": len(plan.network.weights), "memory": len(plan.remembered)}
    lines = "".join(f"{' ' * depth}{text}\n" for depth, text in _Code(plan).lines())
    return START + lines + RUN.format(**sizes)


class _Code:
    """The code of one plan while it is written."""

    def __init__(self, plan: Pieces) -> None:
        self.plan, self.indexed = plan, plan.statements > MOST_LOCAL
        language = C_ARRAYS if self.indexed else C
        self.writer = Writer(plan, language, indexed=self.indexed, column="x[{}]")
        self.functions: list[Statement] = []
        """Functions that the lines of `one` call."""

    def part(self, name: str, lines: Sequence[Statement], depth: int) -> list[Statement]:
        """Lines where they are to be run, or calls of functions that they are put into."""
        if not self.indexed:
            return indented(lines, depth)
        blocks = in_blocks(lines, BLOCK)
        for number, block in enumerate(blocks):
            self.functions += [(0, f"static int {name}{number}{PARAMETERS}"), (0, "{"),
                               (1, "int zero = 0;"), *indented(block, 1), (1, "return zero;"),
                               (0, "}")]  # fmt: skip
        return [(depth, f"zero |= {name}{number}{ARGUMENTS};") for number in range(len(blocks))]

    def lines(self) -> list[Statement]:
        """All functions."""
        writer = self.writer
        epoch = self.whole_epoch() if self.plan.epoch else self.batches()
        values: list[Statement] = [
            (1, f"double *v = malloc({writer.size + len(writer.sums)} * sizeof(double));"),
            (1, f"double *g = v + {writer.size}, n = 0.0;"),
            (1, "const double *x = 0;"),
        ]
        return [
            *self.functions,
            (0, HEAD),
            (0, "{"),
            (1, "int zero = 0;"),
            *(values if self.indexed else self.moved("double {} = {};", 1)),
            (1, "for (long e = 0; e < epochs; e++, order += stride) {"),
            *epoch,
            (1, "}"),
            *([(1, "free(v);")] if self.indexed else self.moved("{1} = {0};", 1)),
            (1, "return zero;"),
            (0, "}"),
        ]

    def moved(self, form: str, depth: int) -> list[Statement]:
        """The state between its arrays and variables."""
        writer = self.writer
        parts = (("weights", writer.weights), ("memory", writer.memory))
        return [
            (depth, form.format(name, f"{array}[{place}]"))
            for array, names in parts for place, name in enumerate(names)
        ]  # fmt: skip

    def whole_epoch(self) -> list[Statement]:
        """An epoch with all samples written out."""
        writer, plan = self.writer, self.plan
        assert plan.epoch
        epoch = writer.written(plan.epoch, writer.state, plan.loss)
        return [
            *self.part("epoch", [*epoch.lines, *_checked(epoch)], 2),
            (2, "if (losses) {"),
            *self.part("kept", epoch.loss_lines, 3),
            (3, f"losses[e] = {epoch.loss};"),
            (2, "}"),
            *self.part("update", writer.assigned(writer.state, epoch.results), 2),
            (2, f"t += {plan.batches.each(len(plan.network.samples))}.0;"),
        ]

    def batches(self) -> list[Statement]:
        """An epoch as a loop over batches and samples."""
        writer, plan = self.writer, self.plan
        assert plan.sample
        assert plan.update
        sample, update = writer.written(plan.sample), writer.written(plan.update, writer.state)
        loss = writer.written(plan.loss)
        added = writer.assigned(writer.sums, sample.results, "+=")
        changed = writer.assigned(writer.state, update.results)
        samples, width = len(plan.network.samples), len(writer.table)
        size = plan.batches.size or samples
        x = "x" if self.indexed else "const double *x"
        return [
            (2, "if (losses) {"),
            (3, "double total = 0.0;"),
            (3, f"for (long i = 0; i < {samples}; i++) {{"),
            (4, f"{x} = rows + {width} * i;"),
            *self.part("one_loss", [*loss.lines, *_checked(loss)], 4),
            (4, f"total += {loss.results[0]};"),
            (3, "}"),
            (3, f"losses[e] = {writer.reduced};"),
            (2, "}"),
            (2, f"for (long start = 0; start < {samples}; start += {size}) {{"),
            (3, f"const long end = start + {size} < {samples} ? start + {size} : {samples};"),
            (3, "t += 1.0;"),
            *((3, f"{'' if self.indexed else 'double '}{name} = 0.0;") for name in writer.sums),
            (3, "for (long i = start; i < end; i++) {"),
            (4, f"{x} = rows + {width} * order[i];"),
            *self.part("sample", [*sample.lines, *_checked(sample), *added], 4),
            (3, "}"),
            (3, f"{'' if self.indexed else 'const double '}n = (double)(end - start);"),
            *self.part("update", [*update.lines, *changed], 3),
            (2, "}"),
        ]  # fmt: skip


def _checked(piece: Emitted) -> list[Statement]:
    """A note where something is zero that must not be."""
    zeros = " || ".join(f"{each} == 0.0" for each in piece.checks)
    return [(0, f"if ({zeros}) zero = 1;")] if zeros else []
