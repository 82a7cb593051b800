"""Training's speed against its bounds and its peers (tests/bench_peers.py): part of `make bench`.

The time of an epoch is a median of runs taken in turn in this process; set-up is measured in fresh
processes, from the network to the end of the first epoch, with nothing compiled or cached before.
"""

from __future__ import annotations

import gc
import math
import random
import re
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from statistics import median

from bench import BACKCALC, ROOT, BenchError, Measurement, dense, medians, python, report
from bench_peers import PEERS, Peer, Run, Weights, Workload

sys.path.insert(0, str(ROOT))
ROUNDS = 7
SETUPS = 3
SAME = 1e-9
PYTHON, C, AUTO = "Python engine", "C engine", "engine that auto takes"
WIDTHS = (2, 7, 22, 70)  # dense() has (2w + 1)(w + 1) weights: 15, 120, 1035, 10 011


def xor(units: int) -> str:
    """A network file: XOR with so many hidden units; the weights come from its runs."""
    into = {f"u{i}{j}": 0 for i in range(units) for j in (1, 2)}
    out = {f"v{i}": 0 for i in range(units)}
    biases = {f"b{i}": 0 for i in range(units)} | {"c": 0}
    nodes = "".join(
        f"  {i}: {{from: {{x1: u{i}1, x2: u{i}2}}, bias: b{i}, activation: sigmoid}}\n"
        for i in range(units)
    )
    total = ", ".join(f"{i}: v{i}" for i in range(units))

    def written(values: dict[str, int]) -> str:
        return ", ".join(f"{name}: {value}" for name, value in values.items())

    return (
        "inputs: [x1, x2]\ntargets: [y]\ndata:\n"
        "  - {x1: 0, x2: 0, y: 0}\n  - {x1: 0, x2: 1, y: 1}\n"
        "  - {x1: 1, x2: 0, y: 1}\n  - {x1: 1, x2: 1, y: 0}\n"
        f"weights: {{{written(into | out)}}}\nbiases: {{{written(biases)}}}\nnodes:\n{nodes}"
        f"  out: {{from: {{{total}}}, bias: c, activation: sigmoid}}\nloss: bce\n"
    )


def drawn(units: int, runs: int) -> tuple[Weights, ...]:
    """First weights of four digits, the same on each run of the bench."""
    draw = random.Random(units)
    return tuple(
        tuple(round(draw.gauss(0, 1), 4) for _ in range(4 * units + 1)) for _ in range(runs)
    )


def workloads() -> list[Workload]:
    """What is trained. Skip's first unit dies soon, as on the sheet; its loss does not bounce."""
    skip, bundled = (
        (ROOT / f"networks/{name}.yaml").read_text("utf-8") for name in ("skip", "xor")
    )
    return [
        Workload("skip", skip, 0, ((0.5,) * 4,), 10_000, 0.01),
        Workload(
            "XOR 2-2-1", bundled, 2, ((0.5, -0.4, -0.3, 0.6, 0.7, -0.8, 0.1, -0.1, 0.2),),
            10_000, 0.5,
        ),
        Workload("XOR 2-8-1", xor(8), 8, drawn(8, 1), 10_000, 0.5),
        Workload("200 restarts", xor(2), 2, drawn(2, 200), 2_000, 0.5),
    ]  # fmt: skip


def engine(name: str) -> Peer:
    """One of ours, asked as the peers are."""

    def build(work: Workload) -> Run:
        from backcalc.loading.loader import loads
        from backcalc.training.engines.engine import Batches, State
        from backcalc.training.run import engine_for

        runs = [State(start) for start in work.starts]
        network = loads(work.text)
        ours, note = engine_for(network, Batches(), name, epochs=work.epochs, runs=len(runs))
        if note:
            raise BenchError(note)
        seeds = range(len(runs))

        def run(epochs: int) -> list[Weights]:
            ends = ours.advance(runs, epochs, work.rate, seeds, keep=False)
            return [end.state.weights for end in ends]

        return run

    return Peer(build, "backcalc", compiled=name == "c")


ALL = PEERS | {PYTHON: engine("python"), C: engine("c"), AUTO: engine("auto")}
OURS = (
    "backcalc.loading.loader",
    "backcalc.training.run",
    "backcalc.training.engines.c",
)
"""What a peer's one import does, these do for our engines."""


def present(work: Workload) -> list[str]:
    """Who can be measured on this workload."""
    return [
        name
        for name, peer in ALL.items()
        if not peer.missing() and (len(work.starts) == 1 or name != "micrograd")
    ]


def setup(place: str, name: str) -> None:
    """Print the seconds of the import and of the set-up: run in a fresh process."""
    work = workloads()[int(place)]
    start = time.perf_counter()
    modules = (str(ALL[name].module),) if ALL[name].module else ()
    for module in modules if name in PEERS else OURS:
        import_module(module)
    imported = time.perf_counter()
    ALL[name].build(work)(1)
    print(imported - start, time.perf_counter() - imported)


def fresh(place: int, name: str) -> tuple[float, float]:
    """The medians of import and set-up over fresh processes."""
    told = [python(__file__, "setup", str(place), name).stdout.split() for _ in range(SETUPS)]
    return median(float(each[0]) for each in told), median(float(each[1]) for each in told)


def same(work: Workload, runs: dict[str, Run]) -> None:
    """All end at the same weights: few epochs against the equations, all against the rest."""
    from backcalc.loading.loader import loads
    from backcalc.training.engines.engine import Batches, State
    from backcalc.training.engines.equations import Equations

    few = work.starts[:5]
    states = [State(start) for start in few]
    reference = Equations(loads(work.text), Batches())
    ends = reference.advance(states, 20, work.rate, range(len(few)), keep=False)
    short = [end.state.weights for end in ends]
    for name, run in runs.items():
        epochs = work.epochs // ALL[name].slow
        for count, expected in ((20, short), (epochs, runs["Python by hand"](epochs))):
            pairs = zip(run(count), expected, strict=False)
            off = max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True))
            if not off <= SAME:
                raise BenchError(f"{name} on {work.name}: off by {off:.2g} after {count} epochs")


def epochs(work: Workload) -> dict[str, float]:
    """Seconds of one epoch by name, the medians of runs taken in turn.

    A single run of compiled code is long enough that what it costs to call it does not count.
    """
    runs = {name: ALL[name].build(work) for name in present(work)}
    same(work, runs)
    gc.collect()
    gc.freeze()  # or micrograd's cycles would pay for what other peers keep in memory
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS if len(work.starts) == 1 else 3):
        for name, run in runs.items():
            count = work.epochs // ALL[name].slow
            count *= 30 if ALL[name].compiled and len(work.starts) == 1 else 1
            start = time.perf_counter()
            run(count)
            times[name].append((time.perf_counter() - start) / count)
    return {name: median(each) for name, each in times.items()}


def facts(place: int, work: Workload) -> Iterator[str | Measurement]:
    """What was measured on one workload, then its bounds."""
    epoch = epochs(work)
    whole = {}
    for name, each in epoch.items():
        imported, prepared = fresh(place, name)
        whole[name] = prepared + each * work.epochs
        yield (
            f"| {work.name}, {name}: import {imported:.3f} s, set-up {prepared:.3f} s,"
            f" epoch {each * 1e6:.3f} us; set-up and run | {whole[name]:.3f} s | |"
        )
    yield from bounds(place, work, epoch, whole)


STEPS = (
    (PYTHON, "micrograd", (1 / 80, 1 / 80, 1 / 80, None)),
    (PYTHON, "PyTorch", (1 / 30, 1 / 30, 1 / 12, None)),
    (PYTHON, "Python by hand", (1.2, 1.2, 1.2, 1.2)),
    (C, "C by hand", (1.1, 1.1, 1.1, 1.1)),
    (C, "CasADi", (1, 1, 1, 1)),
)
"""Per epoch: who, against whom, and the most for each workload."""

WHOLES = (
    *((PYTHON, name, (1, 1, 1, None)) for name in ("micrograd", "PyTorch", "JAX", "CasADi")),
    *((C, name, (1, 1, 1, 1)) for name in ("PyTorch", "JAX", "CasADi")),
    *((AUTO, name, (1, 1, 1, 1)) for name in ("micrograd", "PyTorch", "JAX", "CasADi")),
    (C, PYTHON, (None, None, None, 0.15)),
)
"""The same for set-up and run."""


def bounds(
    place: int, work: Workload, epoch: dict[str, float], whole: dict[str, float]
) -> Iterator[Measurement]:
    """The rows of both tables for which there is something measured."""
    for what, rows, times in (("epoch", STEPS, epoch), ("set-up and run", WHOLES, whole)):
        for ours, other, most in rows:
            if (bound := most[place]) and ours in times and other in times:
                text = f"{work.name}: {what} of the {ours} against {other}"
                yield Measurement(text, times[ours] / times[other], bound)


def command() -> Iterator[Measurement]:
    """The whole process against the bare import of what it stands on."""
    args = (*BACKCALC, "train", "networks/xor.yaml", "--epochs", "10000")
    imports = "click, rich.table, yaml"
    ours, bare = medians(args, ("-c", f"import {imports}"))
    what = f"train xor.yaml ({ours * 1000:.0f} ms) against import {imports}"
    yield Measurement(what, ours / bare, 3)
    count = len(re.findall(r"\| +sympy\b", python("-X", "importtime", *args).stderr))
    yield Measurement("modules of sympy that train imports", count, 0, "")


def sampled(width: int, count: int) -> str:
    """A dense network with so many samples."""
    draw = random.Random(count)
    text = dense(width)
    names = [f"x{place}" for place in range(1, width + 1)]
    rows = "".join(
        f"  - {{{', '.join(f'{name}: {draw.uniform(-1, 1):.2f}' for name in (*names, 'y'))}}}\n"
        for _ in range(count)
    )
    layers = text[text.index("layers:") :]
    return f"inputs: [{', '.join(names)}]\ntargets: [y]\ndata:\n{rows}{layers}"


def growth() -> Iterator[Measurement]:
    """Ten times the weights or the samples, at most twelve times the time of an epoch.

    Of C from 1035 weights on: an epoch of 15 takes 20 ns in the processor's registers, and up to
    some 500 its code stays in the first cache, so that smaller nets measure those and no growth.
    """
    from backcalc.loading.loader import loads
    from backcalc.training.engines.engine import start

    weights = [(dense(width), (2 * width + 1) * (width + 1)) for width in WIDTHS]
    samples = [(sampled(7, count), count) for count in (10, 100, 1000)]
    for name in (PYTHON, C):
        for what, cases in (("weights", weights), ("samples", samples)):
            cases = cases[2:] if name == C and what == "weights" else cases
            times = []
            for text, size in cases:
                first = start(loads(text)).weights
                count = max(20, 200_000 // size) * (50 if name == C else 1)  # a call costs as much
                work = Workload(what, text, 0, (first,), count, 1e-6)
                run = ALL[name].build(work)
                run(1)
                times.append(min(timed(run, work.epochs) for _ in range(3)))
            before, after = cases[0][1], cases[-1][1]
            factor = (times[-1] / times[0]) ** (1 / math.log10(after / before))
            text = f"{name}: epoch, {before} to {after} {what} ({times[-1] * 1e6:.0f} us)"
            yield Measurement(f"{text}, per tenfold", factor, 12)


def timed(run: Run, count: int) -> float:
    """Seconds of an epoch."""
    start = time.perf_counter()
    run(count)
    return (time.perf_counter() - start) / count


def main() -> int:
    """Print the tables; 1 if a bound is broken."""
    absent = [name for name, peer in PEERS.items() if peer.missing()]
    notes = [f"{name}: not installed" for name in absent]
    parts = [facts(place, work) for place, work in enumerate(workloads())]
    parts += [command(), growth()]
    for note in notes:
        print(note)
    return report(parts, "speed of training")


if __name__ == "__main__":
    sys.exit(setup(*sys.argv[2:]) if sys.argv[1:2] == ["setup"] else main())
