"""A plan as C code: one function `run` that takes many runs through many epochs."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.training.engines.code import C, Statement, Writer
from backcalc.training.engines.plan import Pieces

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
    code = _CCode(plan, C, MOST_LOCAL, BLOCK).lines()
    lines = "".join(f"{' ' * depth}{text}\n" for depth, text in code)
    return START + lines + RUN.format(**sizes)


class _CCode(Writer):
    """The code of one plan while it is written."""

    kept_if, kept, call = "losses", "losses[e] = {}", f"zero |= {{}}{ARGUMENTS}"

    def function(self, name: str, lines: Sequence[Statement]) -> list[Statement]:
        """Lines as a function, which returns whether something was zero that must not be."""
        body = [(0, "int zero = 0;"), *lines, (0, "return zero;")]
        return self.language.block(f"static int {name}{PARAMETERS}", body)

    def checked(self, values: Sequence[str]) -> list[Statement]:
        """A note where one of these is zero."""
        return [(0, f"if ({' || '.join(f'{each} == 0.0' for each in values)}) zero = 1;")]

    def lines(self) -> list[Statement]:
        """All functions."""
        epoch = self.epoch()
        states = (("weights", self.weights), ("memory", self.memory))
        places = [(n, f"{array}[{k}]") for array, names in states for k, n in enumerate(names)]
        opening = [(0, f"double {name} = {place};") for name, place in places]
        closing = [(0, f"{place} = {name};") for name, place in places]
        if self.indexed:
            closing = [(0, "free(v);")]
            opening = [
                (0, f"double *v = malloc({self.size + len(self.sums)} * sizeof(double));"),
                (0, f"double *g = v + {self.size}, n = 0.0;"),
                (0, "const double *x = 0;"),
            ]
        loop = self.language.block("for (long e = 0; e < epochs; e++, order += stride)", epoch)
        body = [(0, "int zero = 0;"), *opening, *loop, *closing, (0, "return zero;")]
        return [*self.functions, *self.language.block(HEAD, body)]

    def over(self, head: str, place: str, lines: Sequence[Statement]) -> list[Statement]:
        """Lines for each of some samples."""
        x = "x" if self.indexed else "const double *x"
        row = (0, f"{x} = rows + {len(self.table)} * {place};")
        return self.language.block(f"for (long i = {head}; i++)", [row, *lines])

    def total(self) -> tuple[list[Statement], str]:
        """Lines that add up the losses of all samples."""
        loss = self.written(self.plan.loss)
        own = [*self.part("one_loss", loss.lines), (0, f"total += {loss.results[0]};")]
        samples = len(self.plan.network.samples)
        return [(0, "double total = 0.0;"), *self.over(f"0; i < {samples}", "i", own)], self.reduced

    def batches(self, sample: Sequence[Statement], update: Sequence[Statement]) -> list[Statement]:
        """An epoch as a loop over batches, with the lines for a sample and for an update."""
        samples = len(self.plan.network.samples)
        size, double = self.plan.batches.size or samples, "" if self.indexed else "double "
        body = [
            (0, f"const long end = start + {size} < {samples} ? start + {size} : {samples};"),
            (0, "t += 1.0;"),
            *((0, f"{double}{name} = 0.0;") for name in self.sums),
            *self.over("start; i < end", "order[i]", sample),
            (0, f"{double}n = (double)(end - start);"),
            *update,
        ]
        return self.language.block(
            f"for (long start = 0; start < {samples}; start += {size})", body
        )
