"""The peers of `make bench`: the same training by other means, each in its fastest usual form.

A peer's `build` makes ready what a workload needs and gives back a function that takes every run
so many epochs from the start and returns the weights, in the order of the network file.
"""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SAMPLES = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
"""XOR: two inputs and the target."""

Weights = tuple[float, ...]
Run = Callable[[int], list[Weights]]
"""From the start through so many epochs: the weights of each run."""


@dataclass(frozen=True)
class Workload:
    """A network, where its runs start, and how far they go."""

    name: str
    text: str
    """The network file."""
    units: int
    """Hidden units of XOR's net; 0 is the net with the skip connection."""
    starts: tuple[Weights, ...]
    """The first weights of each run: those into unit 1, 2, ..., those out of them, the biases."""
    epochs: int
    rate: float


@dataclass(frozen=True)
class Peer:
    """Another way to train."""

    build: Callable[[Workload], Run]
    module: str | None
    """What must be installed; None is a C compiler or nothing at all."""
    compiled: bool = False
    """Whether a C compiler is needed."""
    slow: int = 1
    """Only one of so many epochs is run where a time per epoch is wanted."""

    def missing(self) -> bool:
        """Whether it cannot be measured here."""
        return (self.compiled and not COMPILER) or bool(self.module and not find_spec(self.module))


COMPILER = shutil.which("gcc") or shutil.which("cc")


def each_run(train: Callable[..., Weights], work: Workload) -> Run:
    """One run after the other."""
    return lambda epochs: [train(epochs, work.rate, *start) for start in work.starts]


# ---- Python by hand

SKIP_BY_HAND = """
def train(epochs, rate, w0, w1, w2, ws):
    for _ in range(epochs):
        z0 = w0
        h0 = z0 if z0 > 0 else 0.0
        z1 = w1 * h0
        h1 = z1 if z1 > 0 else 0.0
        u = w2 * h1 + ws * h0 + 3
        g = 1.0 if u > 0 else -1.0 if u < 0 else 0.0
        g1 = g * w2 if z1 > 0 else 0.0
        g0 = g1 * w1 + g * ws if z0 > 0 else 0.0
        w2 -= rate * (g * h1)
        ws -= rate * (g * h0)
        w1 -= rate * (g1 * h0)
        w0 -= rate * g0
    return w0, w1, w2, ws
"""


def xor_by_hand(units: int) -> str:
    """XOR's loop in Python, the four samples one after the other and their zeros left out."""
    places = range(units)
    into = [f"u{i}{j}" for i in places for j in "12"]
    out, bias = [f"v{i}" for i in places], [f"b{i}" for i in places]
    lines = []
    for s, (x1, x2, y) in enumerate(SAMPLES):
        for i in places:
            terms = [f"u{i}1"] * x1 + [f"u{i}2"] * x2 + [f"b{i}"]
            lines.append(f"h{i}{s} = 1 / (1 + exp(-({' + '.join(terms)})))")
        total = " + ".join(f"v{i} * h{i}{s}" for i in places)
        lines.append(f"p = 1 / (1 + exp(-({total} + c)))")
        lines.append(f"e{s} = {'-1 / p' if y else '1 / (1 - p)'} * (p * (1 - p))")
        lines += [f"d{i}{s} = e{s} * v{i} * (h{i}{s} * (1 - h{i}{s}))" for i in places]
    lines.append("k = rate / 4")
    for i in places:
        lines.append(f"u{i}1 -= k * (d{i}2 + d{i}3)")
        lines.append(f"u{i}2 -= k * (d{i}1 + d{i}3)")
        lines.append(f"v{i} -= k * (e0 * h{i}0 + e1 * h{i}1 + e2 * h{i}2 + e3 * h{i}3)")
        lines.append(f"b{i} -= k * (d{i}0 + d{i}1 + d{i}2 + d{i}3)")
    lines.append("c -= k * (e0 + e1 + e2 + e3)")
    names = ", ".join([*into, *out, *bias, "c"])
    body = "".join(f"\n        {line}" for line in lines)
    return (
        f"def train(epochs, rate, {names}):\n    for _ in range(epochs):{body}\n    return {names}"
    )


def python_by_hand(work: Workload) -> Run:
    """What someone writes who wants it fast: local names, no lists."""
    scope: dict[str, Any] = {"exp": math.exp}
    exec(xor_by_hand(work.units) if work.units else SKIP_BY_HAND, scope)
    return each_run(scope["train"], work)


# ---- C by hand

SKIP_IN_C = """
void train(double *w, long epochs, double rate) {
    double w0 = w[0], w1 = w[1], w2 = w[2], ws = w[3];
    for (long n = 0; n < epochs; n++) {
        double z0 = w0, h0 = z0 > 0 ? z0 : 0;
        double z1 = w1 * h0, h1 = z1 > 0 ? z1 : 0;
        double u = w2 * h1 + ws * h0 + 3;
        double g = u > 0 ? 1 : u < 0 ? -1 : 0;
        double g1 = z1 > 0 ? g * w2 : 0;
        double g0 = z0 > 0 ? g1 * w1 + g * ws : 0;
        w2 -= rate * (g * h1);
        ws -= rate * (g * h0);
        w1 -= rate * (g1 * h0);
        w0 -= rate * g0;
    }
    w[0] = w0; w[1] = w1; w[2] = w2; w[3] = ws;
}
"""

XOR_IN_C = """
#include <math.h>
static const double X[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, Y[4] = {0, 1, 1, 0};
static double sigmoid(double z) { return 1 / (1 + exp(-z)); }
void train(double *w, long epochs, double rate) {
    double *u = w, *v = w + 2 * N, *b = w + 3 * N, *c = w + 4 * N;
    for (long n = 0; n < epochs; n++) {
        double g[4 * N + 1] = {0};
        for (int s = 0; s < 4; s++) {
            double h[N], z = *c;
            for (int i = 0; i < N; i++) {
                h[i] = sigmoid(u[2 * i] * X[s][0] + u[2 * i + 1] * X[s][1] + b[i]);
                z += v[i] * h[i];
            }
            double p = sigmoid(z);
            double e = ((1 - Y[s]) / (1 - p) - Y[s] / p) * (p * (1 - p));
            for (int i = 0; i < N; i++) {
                double d = e * v[i] * (h[i] * (1 - h[i]));
                g[2 * i] += d * X[s][0];
                g[2 * i + 1] += d * X[s][1];
                g[2 * N + i] += e * h[i];
                g[3 * N + i] += d;
            }
            g[4 * N] += e;
        }
        for (int i = 0; i < 4 * N + 1; i++) w[i] -= rate * (g[i] / 4);
    }
}
"""


def in_c(source: str, work: Workload, *options: str) -> Run:
    """A compiled `train`, called once for each run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.c"
        path.write_text(source, "utf-8")
        library = path.with_suffix(".so")
        subprocess.run(
            [str(COMPILER), *options, "-fPIC", "-shared", path, "-o", library, "-lm"], check=True
        )
        train = ctypes.CDLL(str(library)).train
    train.argtypes = [ctypes.POINTER(ctypes.c_double), ctypes.c_long, ctypes.c_double]

    def run(epochs: int) -> list[Weights]:
        ends = []
        for start in work.starts:
            weights = (ctypes.c_double * len(start))(*start)
            train(weights, epochs, work.rate)
            ends.append(tuple(weights))
        return ends

    return run


def c_by_hand(work: Workload) -> Run:
    """Loops over epochs, samples and units."""
    return in_c(XOR_IN_C if work.units else SKIP_IN_C, work, "-O2", f"-DN={work.units}")


# ---- micrograd


def micrograd(work: Workload) -> Run:
    """Its Value objects, with the functions that it lacks written as its relu is."""
    from micrograd.engine import Value

    def function(value: Any, data: float, slope: float) -> Any:
        out = Value(data, (value,))

        def backward() -> None:
            value.grad += slope * out.grad

        out._backward = backward
        return out

    def sigmoid(z: Any) -> Any:
        a = 1 / (1 + math.exp(-z.data))
        return function(z, a, a * (1 - a))

    def log(p: Any) -> Any:
        return function(p, math.log(p.data), 1 / p.data)

    def skip(w: list[Any]) -> Any:
        h0 = (w[0] * 1).relu()
        h1 = (w[1] * h0).relu()
        u = w[2] * h1 + w[3] * h0 + 3
        return u.relu() + (-u).relu()

    def xor(w: list[Any]) -> Any:
        n = work.units
        losses = []
        for x1, x2, y in SAMPLES:
            z = w[4 * n]
            for i in range(n):
                z = z + w[2 * n + i] * sigmoid(w[2 * i] * x1 + w[2 * i + 1] * x2 + w[3 * n + i])
            p = sigmoid(z)
            losses.append(log(p if y else 1 - p))
        return sum(losses[1:], losses[0]) * -0.25

    loss = xor if work.units else skip

    def train(epochs: int, rate: float, *start: float) -> Weights:
        weights = [Value(weight) for weight in start]
        for _ in range(epochs):
            for weight in weights:
                weight.grad = 0
            loss(weights).backward()
            for weight in weights:
                weight.data -= rate * weight.grad
        return tuple(weight.data for weight in weights)

    return each_run(train, work)


# ---- PyTorch


def pytorch(work: Workload) -> Run:
    """Eager tensors and autograd; several runs are one batch."""
    import torch

    torch.set_num_threads(1)
    n = work.units
    inputs = torch.tensor([sample[:2] for sample in SAMPLES], dtype=torch.float64)
    targets = torch.tensor([sample[2:] for sample in SAMPLES], dtype=torch.float64)
    entropy = torch.nn.functional.binary_cross_entropy_with_logits

    def skip(w0: Any, w1: Any, w2: Any, ws: Any) -> Any:
        h0 = torch.relu(w0)
        return (w2 * torch.relu(w1 * h0) + ws * h0 + 3).abs()

    def xor(u: Any, v: Any, b: Any, c: Any) -> Any:
        return entropy(torch.addmm(c, torch.sigmoid(torch.addmm(b, inputs, u)), v), targets)

    wide = targets.expand(len(work.starts), 4, 1)

    def batch(u: Any, v: Any, b: Any, c: Any) -> Any:
        h = torch.sigmoid(torch.baddbmm(b, inputs.expand(len(u), 4, 2), u))
        return entropy(torch.baddbmm(c, h, v), wide, reduction="sum") / 4

    def leaves() -> list[Any]:
        w = torch.tensor(work.starts, dtype=torch.float64)
        if not n:
            parts = list(w[0])
        elif len(w) == 1:
            w = w[0]
            parts = [w[: 2 * n].view(n, 2).T, w[2 * n : 3 * n].view(n, 1), w[3 * n : 4 * n], w[-1:]]
        else:
            r = len(w)
            parts = [w[:, : 2 * n].view(r, n, 2).mT, w[:, 2 * n : 3 * n].view(r, n, 1),
                     w[:, 3 * n : 4 * n].view(r, 1, n), w[:, -1:].view(r, 1, 1)]  # fmt: skip
        return [part.clone().contiguous().requires_grad_() for part in parts]

    loss = skip if not n else xor if len(work.starts) == 1 else batch

    def run(epochs: int) -> list[Weights]:
        weights = leaves()
        for _ in range(epochs):
            slopes = torch.autograd.grad(loss(*weights), weights)
            with torch.no_grad():
                for weight, slope in zip(weights, slopes, strict=True):
                    weight.sub_(slope, alpha=work.rate)
        rows = len(work.starts)
        if n:
            weights[0] = weights[0].mT
        ends = torch.cat([weight.detach().reshape(rows, -1) for weight in weights], dim=1)
        return [tuple(row) for row in ends.tolist()]

    return run


# ---- JAX


def jax(work: Workload) -> Run:
    """One compiled loop over the epochs; several runs by vmap."""
    import jax
    import jax.numpy as np

    jax.config.update("jax_enable_x64", True)
    n = work.units
    inputs = np.array([sample[:2] for sample in SAMPLES], dtype=float)
    targets = np.array([sample[2] for sample in SAMPLES], dtype=float)

    def skip(w: Any) -> Any:
        h0 = jax.nn.relu(w[0])
        return abs(w[2] * jax.nn.relu(w[1] * h0) + w[3] * h0 + 3)

    def xor(w: Any) -> Any:
        h = jax.nn.sigmoid(inputs @ w[: 2 * n].reshape(n, 2).T + w[3 * n : 4 * n])
        z = h @ w[2 * n : 3 * n] + w[4 * n]
        return np.mean(jax.nn.softplus(z) - targets * z)

    slope = jax.grad(xor if n else skip)

    def train(w: Any, epochs: Any) -> Any:
        return jax.lax.fori_loop(0, epochs, lambda _, w: w - work.rate * slope(w), w)

    compiled = jax.jit(jax.vmap(train, (0, None)) if len(work.starts) > 1 else train)
    starts = np.array(work.starts if len(work.starts) > 1 else work.starts[0])

    def run(epochs: int) -> list[Weights]:
        return [tuple(row) for row in np.atleast_2d(compiled(starts, epochs)).tolist()]

    return run


# ---- CasADi

CASADI_LOOP = """
void train(double *w, long epochs, double rate) {
    const double *from[] = {w, &rate}; double *to[] = {w};
    for (long n = 0; n < epochs; n++) descend(from, to, 0, 0, 0);
}
"""


def casadi(work: Workload) -> Run:
    """One update as an SX function, its generated C compiled with a loop around it."""
    import casadi

    n = work.units
    w = casadi.SX.sym("w", len(work.starts[0]))
    if n:
        loss = 0
        for x1, x2, y in SAMPLES:
            z = w[4 * n]
            for i in range(n):
                inner = w[2 * i] * x1 + w[2 * i + 1] * x2 + w[3 * n + i]
                z += w[2 * n + i] / (1 + casadi.exp(-inner))
            p = 1 / (1 + casadi.exp(-z))
            loss -= casadi.log(p if y else 1 - p) / 4
    else:
        h0 = casadi.fmax(w[0], 0)
        loss = casadi.fabs(w[2] * casadi.fmax(w[1] * h0, 0) + w[3] * h0 + 3)
    rate = casadi.SX.sym("rate")
    after = w - rate * casadi.gradient(loss, w)
    generator = casadi.CodeGenerator("train.c")
    generator.add(casadi.Function("descend", [w, rate], [after]))
    return in_c(generator.dump() + CASADI_LOOP, work, "-O3")


PEERS = {
    "micrograd": Peer(micrograd, "micrograd", slow=50),
    "PyTorch": Peer(pytorch, "torch", slow=20),
    "JAX": Peer(jax, "jax"),
    "CasADi": Peer(casadi, "casadi", compiled=True),
    "Python by hand": Peer(python_by_hand, None),
    "C by hand": Peer(c_by_hand, None, compiled=True),
}
