"""An export to JAX: the loss as a pure function of a dictionary, and jax.grad of it."""

from __future__ import annotations

from backcalc.equations.program import loss_name
from backcalc.exporting import updates as descent
from backcalc.exporting.lines import defined, mapping, parted
from backcalc.exporting.numpy import columns
from backcalc.exporting.target import Code, Layout, Target

STACKED = "def {0}(*z):\n    return jax.nn.{0}(jnp.stack(jnp.broadcast_arrays(*z)), axis=0)"
EXTREME = (
    "def {name}(best, *others):\n    for each in others:  # at a tie JAX would share the gradient\n"
    "        best = jnp.where(best {sign}{} each, best, each)\n    return best"
)


def layout(code: Code) -> Layout:
    """What is given, and the functions that work with it."""
    names, own = code.names, loss_name(code.network)
    given = [names[name] for name in (*code.network.weights, *code.data)]
    reduced = code.reduced("forward(**weights, **data)", code.losses, "jnp.{}({})")
    return Layout(
        parted(
            mapping("weights = ", {name: repr(n) for name, n in code.weights.items()}),
            mapping("data = ", columns(code, "jnp.array({})")),
            descent.numbers(code), descent.memory(code), gap=0,
        ),
        defined(
            "forward", given, f"The loss{' of each sample' if code.several else ''}.",
            [*code.lines(code.forward), f"return {names[own]}"],
        ),
        defined(
            "loss", ["weights", "data"], f"The loss{code.over_samples}.", [f"return {reduced}"]
        ),
        ["gradients = jax.grad(loss)"],
        *descent.step_functions(code), descent.AGREE, descent.main(code, "data"),
    )  # fmt: skip


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
        "max": EXTREME.replace("{name}", "maximum").replace("{sign}", ">"),
        "min": EXTREME.replace("{name}", "minimum").replace("{sign}", "<"),
    },
    where="jnp.where",
    autograd=True,
)  # fmt: skip
