"""An export to JAX: the loss as a pure function of a dictionary, and jax.grad of it."""

from __future__ import annotations

from backcalc.exporting.lines import defined, mapping
from backcalc.exporting.target import ExportedCode, Target, at_ties
from backcalc.exporting.updates import functional

STACKED = "def {0}(*z):\n    return jax.nn.{0}(jnp.stack(jnp.broadcast_arrays(*z)), axis=0)"


def layout(code: ExportedCode) -> list[list[str]]:
    """Return the numbers that are given, and the functions that work with them."""
    meaning = f"The loss{' of each sample' if code.several else ''}."
    body = [*code.lines(code.forward), f"return {code.names[code.own]}"]
    return functional(
        code,
        "data",
        mapping("data = ", code.columns("jnp.array({})")),
        defined("forward", code.given, meaning, body),
        code.reduced("forward(**weights, **data)", "jnp.{}({})"),
    )


OWN = ("exp", "log", "expm1", "log1p", "sqrt", "tanh", "sin", "cos", "sign", "square")
NN = ("relu", "sigmoid", "softplus", "silu", "elu", "selu")

JAX = Target(
    "jax",
    "JAX",
    (
        "import math", "", "import jax", "import jax.numpy as jnp", "",
        'jax.config.update("jax_enable_x64", True)',
    ),
    {name: f"jnp.{name}" for name in OWN}
    | {name: f"jax.nn.{name}" for name in NN}
    | {name: f"jax.scipy.special.{name}" for name in ("erf", "erfc")},
    layout,
    {
        "abs": "def abs(z):  # at 0 jnp.abs has slope 1, and this has 0\n    return jnp.sign(z)*z",
        "softmax": STACKED.format("softmax"),
        "log_softmax": STACKED.format("log_softmax"),
        **at_ties("JAX", "jnp.where"),
    },
    where="jnp.where",
    autograd=True,
)  # fmt: skip
