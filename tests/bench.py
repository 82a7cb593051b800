"""Speed against its bounds: `make bench`. Exit status 1 if one is broken.

Ratios compare runs taken in turn in one go, by the medians of their processor time, so that they
hold on any machine.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent
BACKCALC = ("-m", "backcalc")
ROUNDS = 15
WIDTHS = (21, 70, 223)  # two hidden layers this wide: about 1 000, 10 000, 100 000 weights

# Bytecode is written, as on a machine where backcalc is installed.
ENVIRONMENT = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT["PYTHONPATH"] = str(ROOT)


@dataclass(frozen=True)
class Measurement:
    """One line of the table."""

    what: str
    measured: float
    bound: float
    """The most that is allowed."""
    unit: str = "x"
    """`x` for a ratio, `s` for seconds."""


class BenchError(Exception):
    """A command did not work, so there is nothing to measure."""


def python(*args: str) -> subprocess.CompletedProcess[str]:
    """Run Python from the repository root; an exit status other than 0 is an error."""
    done = subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        words = " ".join(arg.partition(";")[0] for arg in args)
        lines = done.stderr.strip().splitlines() or ["nothing on stderr"]
        raise BenchError(f"{words}: exit status {done.returncode}: {lines[-1]}")
    return done


def spent() -> float:
    """The processor time of all processes that were run; where none is told, the clock."""
    if resource is None:
        return time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(*args: str) -> float:
    """The processor time of one run, which other work on the machine does not lengthen."""
    start = spent()
    python(*args)
    return spent() - start


def medians(*runs: Sequence[str], rounds: int = ROUNDS) -> list[float]:
    """The median time of each run, all taken in turn after one round that does not count."""
    for run in runs:
        python(*run)
    times = [[seconds(*run) for run in runs] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def dense(width: int) -> str:
    """A network file: as many inputs as units in each of two hidden layers, one output."""
    draw = random.Random(width)  # the same network on each run

    def number() -> str:
        return f"{draw.uniform(-1, 1):.2f}"

    def layer(name: str, units: int, activation: str) -> str:
        rows = ", ".join(f"[{', '.join(number() for _ in range(width))}]" for _ in range(units))
        bias = ", ".join(number() for _ in range(units))
        return (
            f"  - {{name: {name}, units: {units}, activation: {activation},\n"
            f"     weights: [{rows}],\n     bias: [{bias}]}}\n"
        )

    inputs = ", ".join(f"x{place}: {number()}" for place in range(1, width + 1))
    return (
        f"inputs: {{{inputs}}}\ntargets: {{y: 0.5}}\nlayers:\n"
        + layer("a", width, "relu")
        + layer("b", width, "relu")
        + layer("o", 1, "identity")
        + "loss: half_l2\n"
    )


def chain(length: int) -> str:
    """A network file: units in a row, each with a weight of its own."""
    weights = ", ".join(f"w{place}: 1" for place in range(length))
    nodes = "".join(
        f"  {place}: {{from: {{{place - 1 if place else 'x'}: w{place}}}, activation: relu}}\n"
        for place in range(length)
    )
    return (
        f"inputs: {{x: 1}}\ntargets: {{y: -3}}\nweights: {{{weights}}}\nnodes:\n{nodes}loss: l1\n"
    )


def starts() -> Iterator[Measurement]:
    """Whole commands against the bare import of what they stand on."""
    for name, args, imports, bound in (
        ("step", ("networks/skip.yaml", "--lr", "1"), "click, rich.table, yaml, sympy", 1.1),
        ("forward", ("networks/skip.yaml",), "click, rich.table, yaml", 1.3),
    ):
        ours, bare = medians((*BACKCALC, name, *args), ("-c", f"import {imports}"))
        what = f"{name} skip.yaml ({ours * 1000:.0f} ms) against import {imports}"
        yield Measurement(what, ours / bare, bound)


def growth(folder: Path) -> Iterator[Measurement]:
    """Ten times the weights, at most twelve times the time."""
    code = (
        "import sys, time; from backcalc.loading.loader import load;"
        "start = time.process_time(); load(sys.argv[1]); print(time.process_time() - start)"
    )
    sizes, loads, passes = [], [], []
    for width in WIDTHS:
        path = folder / f"dense{width}.yaml"
        path.write_text(dense(width), "utf-8")
        sizes.append((2 * width + 1) * (width + 1))
        rounds = 3 if width < WIDTHS[-1] else 1
        loads.append(median(float(python("-c", code, str(path)).stdout) for _ in range(rounds)))
        run = (*BACKCALC, "backward", str(path), "--format", "json")
        passes.append(median(seconds(*run) for _ in range(rounds)))
    yield Measurement(f"backward of {sizes[1]} weights", passes[1], 2, "s")
    for name, times in (("load", loads), ("backward", passes)):
        for place in (1, 2):
            factor = times[place] / times[place - 1] * 10 / (sizes[place] / sizes[place - 1])
            what = f"{name}, {sizes[place - 1]} to {sizes[place]} weights ({times[place]:.2f} s)"
            yield Measurement(f"{what}, per tenfold", factor, 12)


def depth(folder: Path) -> Iterator[Measurement]:
    """A long chain; that it works is the point, and that its time is no square."""
    times = []
    for length in (1_500, 15_000):  # more words than such a chain has are refused in one file
        path = folder / f"chain{length}.yaml"
        path.write_text(chain(length), "utf-8")
        times.append(seconds(*BACKCALC, "backward", str(path), "--format", "json"))
    yield Measurement(f"chain of 1500 to 15000 units ({times[1]:.2f} s)", times[1] / times[0], 12)


def expansion() -> Iterator[Measurement]:
    """The longest symbolic answer among the bundled networks."""
    run = (*BACKCALC, "symbolic", "networks/mazur.yaml", "--expand")
    yield Measurement("symbolic mazur.yaml --expand", *medians(run, rounds=3), bound=3, unit="s")


def checking(folder: Path) -> Iterator[Measurement]:
    """One sheet inside the process, a thousand by one command."""
    sheet = ROOT / "tests" / "sheets" / "forty.txt"
    code = (
        "import sys, time; from backcalc.checking.report import Marking, check;"
        "from backcalc.loading.loader import load;"
        "text = open(sys.argv[1]).read(); marking = Marking(load('mazur')); times = [];\n"
        "for _ in range(30):\n"
        "    start = time.process_time(); check(marking, text, 'sheet')\n"
        "    times.append(time.process_time() - start)\n"
        "print(sorted(times)[15])"
    )
    alone = float(python("-c", code, str(sheet)).stdout)
    yield Measurement("a sheet of 40 answers with a mistake, in the process", alone, 0.01, "s")
    code = (
        "import sys, time; sys.path.insert(0, 'tests/reading');"
        "from styles import aligned, german_mail, notebook, rows_of, table;"
        "from backcalc.checking.report import Marking, check;"
        "from backcalc.loading.loader import load;"
        "network = load('two_hidden_layers'); marking = Marking(network); slowest = 0\n"
        "for style in (german_mail, aligned, table, notebook):\n"
        "    text, file = style(rows_of(network)[:60]); times = []\n"
        "    for _ in range(12):\n"
        "        start = time.process_time(); check(marking, text, file)\n"
        "        times.append(time.process_time() - start)\n"
        "    slowest = max(slowest, min(times))\n"
        "print(slowest)"
    )
    what = "60 lines as plain text, LaTeX, a table or a notebook, the slowest, in the process"
    yield Measurement(what, float(python("-c", code).stdout), 0.05, "s")
    files = [folder / f"sheet{number}.txt" for number in range(1000)]
    for file in files:
        file.write_text(sheet.read_text("utf-8"), "utf-8")
    start = spent()
    status = subprocess.run(
        [sys.executable, *BACKCALC, "check", "mazur", *map(str, files)],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False,
    ).returncode  # fmt: skip
    if status != 1:
        raise BenchError(f"check mazur: exit status {status}")
    # 6 s by the clock on two cores, which share the work but for its first and its last half second
    yield Measurement("1000 such sheets by one command, on all cores", spent() - start, 11, "s")


def large(folder: Path) -> Iterator[Measurement]:
    """A dense 784-32-10 softmax net with its time and memory, and a cell over 1 000 steps."""
    draw = random.Random(784)
    layers = ""
    for name, units, before, activation in (("h", 32, 784, "relu"), ("o", 10, 32, "softmax")):
        rows = ", ".join(
            f"[{', '.join(f'{draw.uniform(-0.1, 0.1):.3f}' for _ in range(before))}]"
            for _ in range(units)
        )
        bias = ", ".join("0" for _ in range(units))
        layers += (
            f"  - {{name: {name}, units: {units}, activation: {activation},\n"
            f"     weights: [{rows}],\n     bias: [{bias}]}}\n"
        )
    inputs = ", ".join(f"x{place}: {draw.uniform(0, 1):.3f}" for place in range(1, 785))
    path = folder / "digits.yaml"
    path.write_text(
        f"inputs: {{{inputs}}}\ntargets: {{y: 3}}\nlayers:\n{layers}loss: cross_entropy\n",
        "utf-8",
    )
    code = (
        "import resource as r, sys, time; from backcalc.commands import main\n"
        "start = time.process_time()\n"
        "try: main(['backward', sys.argv[1], '--format', 'json', '-o', sys.argv[2], '--force'])\n"
        "except SystemExit: pass\n"
        "print(time.process_time() - start, r.getrusage(r.RUSAGE_SELF).ru_maxrss / 1000)"
    )
    took, megabytes = python("-c", code, str(path), str(folder / "out.json")).stdout.split()
    yield Measurement("dense 784-32-10, 25 000 weights, JSON", float(took), 5, "s")
    yield Measurement("its memory", float(megabytes), 500, "MB")
    cell = (
        "repeat: {0}\ninputs: {{x: [{1}]}}\ntargets: {{y: 0.5}}\n"
        "weights: {{wx: 0.6, wh: 0.8, wy: 1.5}}\nconstants:\n  h[0]: 0\n"
        "equations:\n  h[t]: tanh(wx*x[t] + wh*h[t-1])\n  yhat: wy*h[T]\nloss: half_l2\n"
    )
    times = []
    for steps in (1000, 4000):
        path = folder / f"cell{steps}.yaml"
        path.write_text(cell.format(steps, ", ".join("1" for _ in range(steps))), "utf-8")
        times.append(seconds(*BACKCALC, "backward", str(path), "--format", "json"))
    what = f"recurrent net of 1000 ({times[0]:.2f} s) to 4000 steps"
    yield Measurement(what, times[1] / times[0], 5)


def imports_of_sympy() -> Iterator[Measurement]:
    """Modules of sympy that commands import which need none."""
    for args in (
        ("--help",),
        ("forward", "networks/skip.yaml"),
        ("validate", "networks/skip.yaml"),
    ):
        told = python("-X", "importtime", *BACKCALC, *args).stderr
        count = len(re.findall(r"\| +sympy\b", told))
        yield Measurement(f"modules of sympy that {args[0]} imports", count, 0, "")


def report(parts: Iterable[Iterable[Measurement | str]], table: str) -> int:
    """Print the table, a text as its own line; 1 if a bound is broken.

    With --readme the table of this name in the manual becomes what was measured; the bounds are
    for those who work on the package.
    """
    status = 0
    lines = ["| what | measured |\n|---|---|"]

    told = partial(print, flush=True)
    told("| what | measured | bound |\n|---|---|---|")
    for part in parts:
        try:
            for row in part:
                if isinstance(row, str):
                    told(row)
                    continue
                over = "" if row.measured <= row.bound else " OVER"
                status |= bool(over)
                told(f"| {row.what} | {row.measured:.3g} {row.unit}{over} | {row.bound:.3g} |")
                lines.append(f"| {row.what} | {row.measured:.3g} {row.unit}".rstrip() + " |")
        except BenchError as error:
            status = 1
            told(f"FAILED {error}")
    if "--readme" in sys.argv:
        readme = ROOT / "backcalc" / "manual" / "speed.md"
        begin, end = f"<!-- {table}, made by make bench-peers -->\n", f"<!-- end of {table} -->"
        before, rest = readme.read_text("utf-8").split(begin)
        text = "\n".join(lines)
        readme.write_text(f"{before}{begin}{text}\n{end}{rest.partition(end)[2]}", "utf-8")
    return status


def main() -> int:
    """Measure everything; 1 if a bound is broken."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return report(
            (
                imports_of_sympy(),
                starts(),
                expansion(),
                checking(folder),
                growth(folder),
                depth(folder),
                large(folder),
            ),
            "speed of commands",
        )


if __name__ == "__main__":
    sys.exit(main())
