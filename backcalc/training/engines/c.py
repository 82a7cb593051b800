"""The engine that runs the equations as C code, where the machine has a C compiler.

It gives the bits that Python gives: the compiler neither fuses nor reorders, and calls the same
functions of the system's library. Where the processor notes undefined arithmetic, Python decides.
The code is one function `run` that takes many runs through many epochs.
"""

from __future__ import annotations

import ctypes
import math
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Thread

from backcalc.errors import BackcalcError, texts
from backcalc.training.engines.code import IN_C, Statement, Writer, columns
from backcalc.training.engines.engine import Advance, State, cores
from backcalc.training.engines.plan import Fragments
from backcalc.training.engines.python import Python

MOST_LOCAL = 3000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 100  # lines in one function, where values stand in arrays

SOURCE = texts(__package__, "engine.c")
"""What stands before a plan's code and behind it.

The basic functions are the system's own, as Python calls them; none is worked out by the compiler,
which may round otherwise. What the processor noted of undefined arithmetic says whether a run's
figures hold.
"""

HEAD = (
    "static int one(long epochs, double *weights, double *memory, double lr, double t,"
    " const double *rows, const int *order, long stride, double *losses)"
)
PARAMETERS = (
    "(double *weights, double *memory, double *g, double *v, const double *x,"
    " double lr, double t, double n)"
)
ARGUMENTS = "(weights, memory, g, v, x, lr, t, n)"


def c_source(plan: Fragments) -> str:
    """Return the C code of a plan."""
    sizes = {"weights": len(plan.network.weights), "memory": len(plan.remembered)}
    code = _CCode(plan, IN_C, MOST_LOCAL, BLOCK).lines()
    lines = "".join(f"{' ' * depth}{text}\n" for depth, text in code)
    return SOURCE["start"] + lines + "\n" + SOURCE["run"].format(**sizes)


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
        x = "x" if self.indexed else "const double *x"
        row = (0, f"{x} = rows + {len(self.table)} * {place};")
        return self.language.block(f"for (long i = {head}; i++)", [row, *lines])

    def total(self) -> tuple[list[Statement], str]:
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


FLAGS = ("-Og", "-ffp-contract=off", "-fno-builtin", "-fno-math-errno",
         "-shared", "-fPIC", "-pipe", "-nostdlib")  # fmt: skip
"""-O1 takes a quarter longer to compile, and gives code that is no faster."""
LIBRARIES = ("-lm", "-lc")
PATIENCE = 30.0  # seconds that a compiler is given
MOST_PLACES = 1_000_000
"""Places of samples that are handed over at a time, where each epoch has its own order."""
BASIC = ("exp", "log", "expm1", "log1p", "tanh", "sin", "cos", "erf", "erfc")
PROBES = tuple(k / 7 + 0.01 for k in range(100))


class CompilerError(BackcalcError):
    """There is no C compiler that works, so that another engine is taken."""


class C:
    """One network's equations as a library made by a C compiler."""

    name = "c"

    def __init__(self, plan: Fragments, *, patience: float | None = None) -> None:
        self.plan = plan
        self.samples = len(plan.network.samples)
        rows = [number for row in zip(*columns(plan), strict=True) for number in row]
        self.rows = (ctypes.c_double * len(rows))(*rows)
        self.in_order = (ctypes.c_int * self.samples)(*range(self.samples))
        self.library = built(c_source(plan), patience or PATIENCE)

    @cached_property
    def python(self) -> Python:
        """The engine that decides what is undefined."""
        return Python(self.plan)

    def advance(
        self, runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], *, keep: bool
    ) -> list[Advance]:
        """Take each run so many epochs further, on all cores."""
        many = min(cores(), len(runs))
        if many < 2:
            return self._advance(list(runs), epochs, rate, seeds, keep)
        reached: list[Advance | None] = [None] * len(runs)

        def work(part: slice) -> None:
            reached[part] = self._advance(list(runs[part]), epochs, rate, seeds[part], keep)

        threads = [Thread(target=work, args=(slice(core, None, many),)) for core in range(many)]
        for step in (Thread.start, Thread.join):
            for thread in threads:
                step(thread)
        return [each for each in reached if each]

    def _advance(
        self, runs: list[State], epochs: int, rate: float, seeds: Sequence[int], keep: bool
    ) -> list[Advance]:
        """Runs one after the other, in as many calls as their orders of samples take."""
        shuffled = self.plan.batches.shuffled and self.samples > 1
        most = max(1, MOST_PLACES // (self.samples * len(runs))) if shuffled else epochs
        reached = [Advance(state) for state in runs]
        for start in range(0, epochs if runs else 0, most or 1):
            many = min(most, epochs - start)
            going = [place for place, each in enumerate(reached) if not each.undefined]
            states = [reached[place].state for place in going]
            called = self._call(states, many, rate, [seeds[place] for place in going], keep)
            for place, more in zip(going, called, strict=True):
                losses = reached[place].losses + more.losses
                reached[place] = Advance(more.state, losses, more.undefined)
        return reached

    def _call(
        self, runs: list[State], epochs: int, rate: float, seeds: Sequence[int], keep: bool
    ) -> list[Advance]:
        updates = self.plan.batches.each(self.samples)
        weights = _doubles(number for state in runs for number in state.weights)
        memory = _doubles(number for state in runs for number in state.memory)
        clocks = _doubles(float(state.epoch * updates) for state in runs)
        losses = (ctypes.c_double * (epochs * len(runs) if keep else 0))()
        failed = (ctypes.c_ubyte * len(runs))()
        order, stride = self._order(runs, epochs, seeds)
        self.library.run(
            ctypes.c_long(len(runs)), ctypes.c_long(epochs), weights, memory, ctypes.c_double(rate),
            clocks, self.rows, order, ctypes.c_long(stride), losses if keep else None, failed,
        )  # fmt: skip
        results = []
        for place, state in enumerate(runs):
            if failed[place]:
                results.append(self.python.further(state, epochs, rate, seeds[place], keep))
                continue
            sizes = len(state.weights), len(state.memory), epochs if keep else 0
            own_weights, own_memory, own_losses = (
                tuple(array[place * size : (place + 1) * size])
                for array, size in zip((weights, memory, losses), sizes, strict=True)
            )
            reached = State(own_weights, own_memory, state.epoch + epochs)
            results.append(Advance(reached, own_losses))
        return results

    def _order(
        self, runs: list[State], epochs: int, seeds: Sequence[int]
    ) -> tuple[ctypes.Array[ctypes.c_int], int]:
        """The places of the samples in the order of each epoch, and how far the next one's are."""
        batches = self.plan.batches
        if not batches.shuffled or self.samples == 1:
            return self.in_order, 0
        places = [
            place
            for state, seed in zip(runs, seeds, strict=True)
            for epoch in range(state.epoch, state.epoch + epochs)
            for batch in batches.order(self.samples, epoch, seed)
            for place in batch
        ]
        return (ctypes.c_int * len(places))(*places), self.samples

    def loss(self, state: State) -> float:
        """The loss over all samples; nan where it has no finite value."""
        return self.python.loss(state)


def _doubles(numbers: Iterable[float]) -> ctypes.Array[ctypes.c_double]:
    each = list(numbers)
    return (ctypes.c_double * len(each))(*each)


def compiler() -> str | None:
    """The C compiler: the one that CC names, else the system's."""
    named = os.environ.get("CC")
    found = (shutil.which(name) for name in ((named,) if named else ("cc", "gcc", "clang")))
    return next(filter(None, found), None)


def built(code: str, patience: float) -> ctypes.CDLL:
    """The code as a loaded library; raises CompilerError where that does not work."""
    program = compiler()
    if program is None:
        raise CompilerError("there is no C compiler")
    with tempfile.TemporaryDirectory(prefix="backcalc-", ignore_cleanup_errors=True) as folder:
        path = os.path.join(folder, "equations.so")
        command = [program, *FLAGS, "-x", "c", "-", "-o", path, *LIBRARIES]
        try:
            _compiled(command, code, patience)
            library = ctypes.CDLL(path)
        except OSError as error:
            why = str(error).replace(folder + os.sep, "")  # another one each time
            raise CompilerError(f"the C compiler {program} failed: {why}") from None
    if missing := [name for name in ("run", *BASIC) if not hasattr(library, name)]:
        raise CompilerError(f"the C compiler {program} made a library without {missing[0]}")
    for name in BASIC:
        function, own = getattr(library, name), getattr(math, name)
        function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double]
        if any(function(probe) != own(probe) for probe in PROBES):
            raise CompilerError(f"the C library's {name} is not the one that Python calls")
    return library


def _compiled(command: Sequence[str], code: str, patience: float) -> None:
    """Run a compiler; where it takes too long, or the person does not wait, all of it is ended.

    Raises OSError where it cannot be run or fails.
    """
    program = command[0]
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:  # fmt: skip
            try:
                _, told = process.communicate(code.encode(), timeout=patience)
            except BaseException:
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)  # its parts too
                raise
    except subprocess.TimeoutExpired:
        message = f"the C compiler {program} took more than {patience:g} seconds"
        raise CompilerError(message) from None
    if process.returncode:
        lines = told.decode(errors="replace").strip().splitlines()
        raise OSError(lines[0][:200] if lines else f"exit status {process.returncode}")
