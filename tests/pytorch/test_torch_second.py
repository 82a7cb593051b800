"""Second derivatives and Jacobian-vector products against PyTorch's double backward."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

torch = pytest.importorskip("torch")

from backcalc.explaining.hessian import hessian  # noqa: E402
from backcalc.explaining.tangent import tangent  # noqa: E402
from backcalc.loading.loader import loads  # noqa: E402

UNITS = ("tanh", "sigmoid", "softplus", "silu", "gelu")
HERE = {
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "silu": torch.nn.functional.silu,
    "softplus": lambda z: torch.nn.functional.softplus(z, threshold=40),
    "gelu": torch.nn.functional.gelu,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_the_hessian_of_a_random_net(seed: int) -> None:
    draw = random.Random(seed)
    first, second = draw.choice(UNITS), draw.choice(UNITS)
    numbers = [round(draw.uniform(-2, 2), 3) for _ in range(8)]
    names = ("a", "b", "c", "d", "e")
    weights = dict(zip(names, numbers, strict=False))
    x, y, z = numbers[5:]
    given = ", ".join(f"{name}: {value}" for name, value in weights.items())
    network = loads(
        f"inputs: {{x: {x}, z: {z}}}\ntargets: {{y: {y}}}\nweights: {{{given}}}\n"
        f"equations: {{u: {first}(a*x + b*z + c), yhat: d*{second}(e*u + a)}}\nloss: half_l2\n"
    )

    def loss(w: torch.Tensor) -> torch.Tensor:
        a, b, c, d, e = w
        u = HERE[first](a * x + b * z + c)
        return (d * HERE[second](e * u + a) - y) ** 2 / 2

    at = torch.tensor([weights[name] for name in names], dtype=torch.float64)
    wanted = torch.autograd.functional.hessian(loss, at)
    shown = hessian(network, names)
    for row, theirs in zip(shown.rows, wanted.tolist(), strict=True):
        for ours, other in zip(row, theirs, strict=True):
            assert float(ours) == pytest.approx(other, rel=1e-12, abs=1e-14)
    along = {name: Fraction(draw.randint(-9, 9), 4) for name in names}
    vector = torch.tensor([float(along[name]) for name in names], dtype=torch.float64)
    moved = tangent(network, along=along)
    _, theirs = torch.autograd.functional.jvp(loss, at, vector)
    assert float(moved.tangent("L")) == pytest.approx(theirs.item(), rel=1e-12, abs=1e-14)
