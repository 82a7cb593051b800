"""THE table of optimizers: one row each, PyTorch's formulas; every update is written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from backcalc.formulas import record
from backcalc.formulas.expression import (
    TWO,
    Choice,
    Comparison,
    Expression,
    Name,
    Number,
    Power,
    Sum,
    holds,
    negated,
    rebuilt,
    replaced,
)
from backcalc.formulas.functions import formula, simplified
from backcalc.formulas.quantity import Quantity, parsed

RATE = "lr"
CLOCK = "#t"
"""The number of the step where it is known only as the code runs; no quantity has such a name."""


@record(frozen=True, slots=True, eq=False)
class Optimizer:
    """One row: how a weight w goes on from its gradient g.

    The lines may use w, g, lr, the options, the number t of the step (from 1), and the states,
    which are 0 before the first step; a prime marks what comes after the step. `fresh` is the step
    that has no state yet: 1, or 0 where the file gives one.
    """

    name: str
    """The name that network files use."""
    lines: tuple[tuple[str, str], ...]
    """The lines for each weight, in order, the new weight w' last."""
    options: tuple[tuple[str, Fraction], ...] = ()
    """The further numbers with their defaults."""
    torch: str = ""
    """How PyTorch spells it, w being the list of the weights' tensors."""
    remembered: tuple[str, ...] = ()
    """How PyTorch calls the states, in their order."""
    ahead: str = ""
    """Where the gradient is taken; empty: at the weight itself."""

    @property
    def states(self) -> tuple[str, ...]:
        """The quantities that are remembered from step to step."""
        return tuple(left[:-1] for left, _ in self.lines if left.endswith("'") and left != "w'")


def _options(**numbers: str) -> tuple[tuple[str, Fraction], ...]:
    return tuple((name, Fraction(number)) for name, number in numbers.items())


_ADAM = (
    ("m'", "beta1*m + (1 - beta1)*g"),
    ("v'", "beta2*v + (1 - beta2)*g**2"),
    ("mhat", "m'/(1 - beta1**t)"),
    ("vhat", "v'/(1 - beta2**t)"),
)

_KERAS = "w - lr*weight_decay*w - lr*sqrt(1 - beta2**t)/(1 - beta1**t)*m'/(sqrt(v') + eps)"

OPTIMIZERS: dict[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("sgd", (("w'", "w - lr*g"),),
                  torch="torch.optim.SGD(w, lr, weight_decay=weight_decay)"),
        Optimizer("momentum", (("v'", "mu*v + g"), ("w'", "w - lr*v'")), _options(mu="0.9"),
                  torch="torch.optim.SGD(w, lr, mu, weight_decay=weight_decay)",
                  remembered=("momentum_buffer",)),
        Optimizer("heavy_ball", (("v'", "mu*v - lr*g"), ("w'", "w + v'")), _options(mu="0.9")),
        Optimizer("nesterov", (("v'", "mu*v + g"), ("w'", "w - lr*(g + mu*v')")),
                  _options(mu="0.9"),
                  torch="torch.optim.SGD(w, lr, mu, weight_decay=weight_decay, nesterov=True)",
                  remembered=("momentum_buffer",)),
        # Sutskever et al. 2013, equations 3 and 4: the gradient is that of the point ahead.
        Optimizer("nesterov_ahead", (("v'", "mu*v - lr*g"), ("w'", "w + v'")), _options(mu="0.9"),
                  ahead="w + mu*v"),
        Optimizer("averaged_momentum", (("v'", "beta*v + (1 - beta)*g"), ("w'", "w - lr*v'")),
                  _options(beta="0.9")),
        Optimizer("dampened_momentum",
                  (("v'", "g if t == fresh else mu*v + (1 - dampening)*g"), ("w'", "w - lr*v'")),
                  _options(mu="0.9", dampening="0.1"),
                  torch="torch.optim.SGD(w, lr, mu, dampening, weight_decay)",
                  remembered=("momentum_buffer",)),
        Optimizer("rmsprop", (("s'", "alpha*s + (1 - alpha)*g**2"),
                              ("w'", "w - lr*g/(sqrt(s') + eps)")),
                  _options(alpha="0.99", eps="1e-8"),
                  torch="torch.optim.RMSprop(w, lr, alpha, eps, weight_decay)",
                  remembered=("square_avg",)),
        Optimizer("adagrad", (("s'", "s + g**2"), ("w'", "w - lr*g/(sqrt(s') + eps)")),
                  _options(eps="1e-10"),
                  torch="torch.optim.Adagrad(w, lr, eps=eps, weight_decay=weight_decay)",
                  remembered=("sum",)),
        Optimizer("adam", (*_ADAM, ("w'", "w - lr*mhat/(sqrt(vhat) + eps)")),
                  _options(beta1="0.9", beta2="0.999", eps="1e-8"),
                  torch="torch.optim.Adam(w, lr, (beta1, beta2), eps, weight_decay)",
                  remembered=("exp_avg", "exp_avg_sq")),
        Optimizer("adamw", (*_ADAM, ("w'", "w - lr*weight_decay*w - lr*mhat/(sqrt(vhat) + eps)")),
                  _options(beta1="0.9", beta2="0.999", eps="1e-8", weight_decay="0.01"),
                  torch="torch.optim.AdamW(w, lr, (beta1, beta2), eps, weight_decay)",
                  remembered=("exp_avg", "exp_avg_sq")),
        # Keras: the bias corrections belong to the rate, so epsilon stands beside the bare root.
        Optimizer("keras_adamw", (*_ADAM[:2],
                  ("w'", _KERAS)),
                  _options(beta1="0.9", beta2="0.999", eps="1e-7", weight_decay="0.004")),
        Optimizer("lion", (("c", "beta1*m + (1 - beta1)*g"), ("m'", "beta2*m + (1 - beta2)*g"),
                           ("w'", "w - lr*(sign(c) + weight_decay*w)")),
                  _options(beta1="0.9", beta2="0.99", weight_decay="0.001")),
    )
}  # fmt: skip

COMMON = {
    "weight_decay": "g + weight_decay*w",
    "clip_value": "min(max(g, -clip_value), clip_value)",
    "clip_norm": "g*min(1, clip_norm/(gnorm + 1e-6))",
}
"""Options that every optimizer takes, and what they make of a gradient g before it is used."""

NORM = "gnorm"  # the length of all gradients together, for clip_norm


@record(frozen=True, slots=True, eq=False)
class Descent:
    """An optimizer with its options, as a file or a command asks for it."""

    optimizer: Optimizer = OPTIMIZERS["sgd"]
    """The row."""
    options: Mapping[str, Fraction] | None = None
    """Those that were given."""
    maximise: bool = False
    """True if the weights climb: the gradient is turned around first."""
    start: Mapping[str, Fraction] | None = None
    """What is remembered before the first step: {"v_w0": 1/5}; 0 where nothing is said."""

    @property
    def numbers(self) -> dict[str, Fraction]:
        """Every option that has a number."""
        return {**dict(self.optimizer.options), **(self.options or {})}

    @property
    def plain(self) -> bool:
        """True if it is gradient descent and nothing else."""
        return not (self.numbers or self.maximise) and self.optimizer.name == "sgd"

    def changes(self) -> tuple[str, ...]:
        """The options that change the gradient first: clipped, then decayed, as in PyTorch."""
        own = dict(self.optimizer.options)
        order = ("clip_value", "clip_norm", "weight_decay")
        return tuple(name for name in order if name in self.numbers and name not in own)

    @property
    def words(self) -> tuple[str, ...]:
        """What it works out for each weight on the way: v, mhat; g for a changed gradient."""
        own = (left.rstrip("'") for left, _ in self.optimizer.lines[:-1])
        return (*(("g",) if self.changes() else ()), *own)

    def state_names(self, weight: str) -> tuple[str, ...]:
        """Return the quantities that are remembered of a weight: v_w0."""
        return tuple(f"{state}_{weight}" for state in self.optimizer.states)


def inside_names(descent: Descent, weights: Iterable[str]) -> set[str]:
    """Return the names without a prime on the way to new weights: g_w0, vhat_w0."""
    steps = [left for left, _ in descent.optimizer.lines if not left.endswith("'")]
    steps += ["g"] if descent.changes() else []
    norm = {NORM} if "clip_norm" in descent.changes() else set()
    return norm | {f"{step}_{weight}" for step in steps for weight in weights}


def own_names(descent: Descent, weights: Iterable[str]) -> set[str]:
    """Every name that the update needs for itself, beside those of the network."""
    weights = tuple(weights)
    states = {state for weight in weights for state in descent.state_names(weight)}
    return {*descent.numbers, *states, *inside_names(descent, weights)}


def known_options(optimizer: Optimizer) -> tuple[str, ...]:
    """The options that an optimizer takes."""
    return tuple(dict.fromkeys((*dict(optimizer.options), *COMMON)))


def norm_line(descent: Descent, gradients: Iterable[str]) -> Expression:
    """The length of all gradients together, each clipped first if that is asked for too."""
    bound = formula(COMMON["clip_value"] if "clip_value" in descent.changes() else "g")
    squares = tuple(Power(replaced(bound, {"g": Name(each)}), TWO) for each in gradients)
    return replaced(formula("sqrt(total)"), {"total": Sum(squares)})


def update_lines(
    descent: Descent, weight: Quantity, gradient: Quantity, step: int | None
) -> Iterator[tuple[Quantity, Expression, Quantity | None]]:
    """The lines of one weight's update: name, right side, and what it was before.

    `step` counts from 1, and is called CLOCK where it is None.
    """
    used: Expression = negated(Name(gradient)) if descent.maximise else Name(gradient)
    for option in descent.changes():
        used = replaced(formula(COMMON[option]), {"g": used, "w": Name(weight)})
    if descent.changes():
        clipped = _own("g", weight)
        yield clipped, used, None
        used = Name(clipped)
    clock = Name(CLOCK) if step is None else Number(Fraction(step))
    fresh = Number(Fraction(0 if descent.start else 1))
    meaning: dict[str, Expression] = {"g": used, "w": Name(weight), "t": clock, "fresh": fresh}
    meaning |= {state: Name(_own(state, weight)) for state in descent.optimizer.states}
    for left, right in descent.optimizer.lines:
        plain = left.rstrip("'")
        own = weight if plain == "w" else _own(plain, weight)
        name, before = (own.after(1), own) if left != plain else (own, None)
        line = _settled(replaced(formula(right), meaning))
        yield name, simplified(line) if descent.maximise else line, before
        meaning[left] = Name(name)


def _settled(expression: Expression) -> Expression:
    """The formula with what depends on the number of the step chosen, once that is known."""
    match expression:
        case Choice(Comparison(Number(), _, Number()) as condition, then, other):
            return _settled(then if holds(condition, {}) else other)
    return rebuilt(expression, _settled)


def points_ahead(descent: Descent, weights: Iterable[str]) -> dict[str, tuple[str, Expression]]:
    """For each weight the name of the point at which its gradient is taken, and its formula.

    No point where the gradient is taken at the weights themselves.
    """
    ahead, found = descent.optimizer.ahead, dict[str, tuple[str, Expression]]()
    for weight in map(parsed, weights if ahead else ()):
        meaning = {"w": Name(weight), "v": Name(_own("v", weight))}
        found[weight] = _own("ahead", weight), replaced(formula(ahead), meaning)
    return found


def _own(name: str, weight: Quantity) -> Quantity:
    """The quantity of this name that belongs to a weight: v_w0."""
    return Quantity(f"{name}_{weight.stem}", weight.step, weight.sample, weight.element)
