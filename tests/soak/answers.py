"""A drawn network worked out from its structure: its values, derivatives and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from digits import UndefinedHereError
from drawn import LEVELS, RELATIONS, Drawn, Formula, Line, Named, Num, Ref, Unit
from reference import LOSS_SETTINGS, LOSSES
from tape import Node, Tape

SETTINGS = {
    "momentum": {"mu": "0.9"}, "heavy_ball": {"mu": "0.9"}, "nesterov": {"mu": "0.9"},
    "rmsprop": {"alpha": "0.99", "eps": "1e-8"}, "adagrad": {"eps": "1e-10"},
    "adam": {"beta1": "0.9", "beta2": "0.999", "eps": "1e-8"},
    "adamw": {"beta1": "0.9", "beta2": "0.999", "eps": "1e-8", "weight_decay": "0.01"},
}  # fmt: skip
"""What the options of the optimizers are unless given, as PyTorch documents them."""


@lru_cache(4096)
def parsed(text: str) -> Fraction:
    """A number as it is written."""
    return Fraction(text)


class Pass:
    """One forward pass over one sample: each quantity is worked out when it is asked for."""

    def __init__(self, ar: Any, network: Drawn, numbers: Mapping[str, Any]) -> None:
        self.ar, self.network = ar, network
        self.values: dict[str, Any] = dict(numbers)
        self.makers: dict[str, Callable[[], Any]] = {}
        for unit in network.units:
            self.makers[unit.pre] = lambda unit=unit: self.weighted(unit)
            self.makers[unit.post] = lambda unit=unit: self.activated(unit)
        for line in network.lines:
            for step in range(1, network.steps + 1) if line.names[0].step == "t" else [0]:
                for place, name in enumerate(line.names):
                    own = self.quantity(name, step)
                    self.makers[own] = lambda line=line, step=step, place=place: self.lined(
                        line, step, place
                    )
        self.several: dict[tuple[str, ...], tuple[Any, ...]] = {}

    def value(self, name: str) -> Any:
        """The value of a quantity."""
        if name not in self.values:
            self.values[name] = self.ar.named(self.makers[name]())
        return self.values[name]

    def everything(self) -> Any:
        """Every quantity, and the loss, which comes back."""
        loss = self.loss()
        for name in self.makers:
            self.value(name)
        return loss

    def quantity(self, name: Ref, step: int) -> str:
        """The quantity that a name stands for at a step."""
        if not name.step:
            return name.name
        steps = {"t": step, "t-1": step - 1, "T": self.network.steps}
        number = steps[name.step] if name.step in steps else int(name.step)
        return f"{name.name}[{number}]"

    # Units and equations.

    def weighted(self, unit: Unit) -> Any:
        """The weighted sum of what comes in, and the bias."""
        total = self.value(unit.bias) if unit.bias else self.ar.const(Fraction(0))
        for source, weight in unit.edges:
            total = total + self.value(weight) * self.value(source)
        return total

    def activated(self, unit: Unit) -> Any:
        """The activation, perhaps one that other units share."""
        if unit.group:
            if unit.group not in self.several:
                z = [self.value(name) for name in unit.group]
                self.several[unit.group] = self.ar.call(unit.activation, *z)
            return self.several[unit.group][unit.group.index(unit.pre)]
        settings = (self.ar.const(parsed(text)) for text in unit.settings)
        return self.ar.call(unit.activation, self.value(unit.pre), *settings)

    def lined(self, line: Line, step: int, place: int) -> Any:
        """One value of an equation."""
        own = (*(self.quantity(name, step) for name in line.names),)
        if own not in self.several:
            value = self.formula(line.formula, step)
            self.several[own] = value if isinstance(value, tuple) else (value,)
        return self.several[own][place]

    def formula(self, formula: Formula, step: int = 0) -> Any:
        """The value of a formula."""
        if isinstance(formula, Num):
            return self.ar.const(parsed(formula.text))
        if isinstance(formula, Ref):
            return self.value(self.quantity(formula, step))
        sign = formula.sign
        if sign in RELATIONS:
            left, right = (self.formula(part, step) for part in formula.parts[:2])
            return self.formula(formula.parts[2 if self.ar.holds(sign, left, right) else 3], step)
        parts = [self.formula(part, step) for part in formula.parts]
        if sign not in LEVELS:
            return self.ar.call(sign, *parts)
        return self.combined(sign, parts)

    def combined(self, sign: str, parts: list[Any]) -> Any:
        """The value of an operation."""
        match sign:
            case "+":
                return parts[0] + parts[1]
            case "-":
                return parts[0] - parts[1]
            case "*":
                return parts[0] * parts[1]
            case "/":
                return parts[0] / parts[1]
            case "neg":
                return -parts[0]
        return self.ar.power(*parts)

    # The loss.

    def loss(self) -> Any:
        """The loss of this sample, with the penalties on the weights."""
        network, ar = self.network, self.ar
        if isinstance(network.loss, Ref):
            return self.value(self.quantity(network.loss, 0))
        total = self.named_loss() if isinstance(network.loss, Named) else self.formula(network.loss)
        shares = len(network.samples) if network.reduction == "sum" else 1
        for kind, factor in network.penalty.items():
            for name in network.weights:
                if factor and name not in network.biases | network.frozen:
                    weight = self.value(name)
                    cost = weight * weight if kind == "l2" else ar.call("abs", weight)
                    total = total + ar.const(factor / shares) * cost
        return total

    def named_loss(self) -> Any:
        """A loss of the table."""
        network, ar = self.network, self.ar
        name, given = network.loss.name, [*map(parsed, network.loss.settings)]
        outputs = [self.value(each) for each in network.outputs]
        targets = [self.value(each) for each in network.targets]
        if len(targets) == 1 < len(outputs):
            return -ar.call("log", outputs[int(ar.whole(targets[0]))])
        settings = [*given, *LOSS_SETTINGS.get(name, ())[len(given) :]]
        terms = [
            LOSSES[name](ar, p, y, *map(ar.const, settings))
            for p, y in zip(outputs, targets, strict=True)
        ]
        total = sum(terms[1:], terms[0])
        return total / len(terms) if name == "mse" else total


# Steps.


@dataclass
class Round:
    """One update: what the reference knows before it."""

    values: dict[str, Node]
    """Every quantity of the forward pass, and the loss."""
    slopes: dict[str, tuple[Any, float]]
    """Every derivative with its bound, by its name."""
    weights: dict[str, Node]
    """The weights after it."""
    tapes: list[Tape]
    """Where it was worked out."""
    passes: list[Pass]
    """The forward pass over each sample."""

    @property
    def unsure(self) -> bool:
        """Whether rounding may take another branch."""
        return any(tape.unsure for tape in self.tapes)


@dataclass
class Reference:
    """What came of a network by the reference."""

    rounds: list[Round]
    """The updates, as far as all is defined."""
    end: dict[str, Node] | None = None
    """The values after the last update."""
    tapes: list[Tape] = field(default_factory=list)
    """What was begun last."""
    error: Exception | None = None
    """What is undefined, if anything is."""
    failed_forward: bool = False
    """Whether that is a value rather than a derivative or a weight."""

    @property
    def unsure(self) -> bool:
        """Whether rounding may have taken another branch before the end."""
        return any(round_.unsure for round_ in self.rounds) or any(t.unsure for t in self.tapes)

    @property
    def brittle(self) -> bool:
        """Whether doubles may have no value where the reference has one."""
        tapes = [*(tape for round_ in self.rounds for tape in round_.tapes), *self.tapes]
        beyond = self.error and type(self.error) is not UndefinedHereError
        return bool(beyond) or any(tape.brittle for tape in tapes)


def loss_name(network: Drawn) -> str:
    """What one sample's loss is called."""
    if not isinstance(network.loss, Ref):
        return "L"
    step = {"": "", "T": f"[{network.steps}]"}.get(network.loss.step, f"[{network.loss.step}]")
    return network.loss.name + step


def worked(network: Drawn, weights: Mapping[str, Fraction], steps: int) -> Reference:
    """So many steps (of one update, or of one for each sample), as far as all is defined."""
    online = network.online
    found = Reference([])
    now: dict[str, tuple[Any, float]] = {name: (value, 0.0) for name, value in weights.items()}
    states: dict[str, Any] = {}
    every = [*range(len(network.samples))]
    groups = [[sample] for sample in every] if online else [every]
    try:
        for number in range(steps * len(groups)):
            chosen = groups[number % len(groups)]
            round_ = one_round(network, now, chosen, states, number + 1, found)
            found.rounds.append(round_)
            now = {name: (node.value, node.off) for name, node in round_.weights.items()}
            chosen = groups[number % len(groups)]
        found.end = forward(network, now, chosen, found)[0]
    except (ArithmeticError, ValueError) as error:
        found.error = error
    return found


def one_round(
    network: Drawn, weights: Mapping[str, tuple[Any, float]], chosen: list[int],
    states: dict[str, Any], number: int, found: Reference,
) -> Round:  # fmt: skip
    """One update from these samples."""
    loss, several = loss_name(network), len(network.samples) > 1
    values, passes = forward(network, weights, chosen, found)
    update = Tape({})
    slopes: dict[str, tuple[Any, float]] = {}
    totals = {name: [] for name in weights}
    for sample, this in zip(chosen, passes, strict=True):
        mark = f"[{sample + 1}]" if several else ""
        end = values[f"{loss}{mark}"]
        end.tape.backward(end)
        for name, node in this.values.items():
            own = name if name in weights else f"{name}{mark}"
            if name != loss:
                slopes[f"d{loss}{mark}/d{own}"] = node.gradient, node.gradient_off
        for name, each in totals.items():
            leaf = this.values[name]
            each.append(Node(update, leaf.gradient, leaf.gradient_off))
    reduced = {name: reduce(network, each) for name, each in totals.items()}
    if len(chosen) > 1:
        slopes |= {f"dJ/d{name}": (node.value, node.off) for name, node in reduced.items()}
    found.tapes.append(update)
    after = updated(network, update, weights, reduced, states, number)
    return Round(values, slopes, after, found.tapes, passes)


def reduce(network: Drawn, each: list[Node]) -> Node:
    """The mean or the sum over samples."""
    total = sum(each[1:], each[0])
    return total / len(each) if network.reduction == "mean" and len(each) > 1 else total


def forward(
    network: Drawn, weights: Mapping[str, tuple[Any, float]], chosen: list[int], found: Reference
) -> tuple[dict[str, Node], list[Pass]]:
    """The values of a forward pass over these samples, and the pass over each."""
    loss, several = loss_name(network), len(network.samples) > 1
    found.tapes, found.failed_forward = [], True
    values: dict[str, Node] = {}
    passes, ends = [], []
    for sample in chosen:
        tape = Tape(network.conventions)
        found.tapes.append(tape)
        this = Pass(tape, network, leaves_of(network, tape, weights, network.samples[sample]))
        end = tape.copy(tape.node(this.everything()))
        end = this.values[loss] if isinstance(network.loss, Ref) else end
        mark = f"[{sample + 1}]" if several else ""
        values |= {f"{name}{mark}": node for name, node in this.values.items()}
        values[f"{loss}{mark}"] = end
        passes.append(this)
        ends.append(end)
    if len(chosen) > 1:
        both = Tape({})
        values["J"] = reduce(network, [Node(both, end.value, end.off) for end in ends])
    found.failed_forward = False
    return values, passes


def leaves_of(
    network: Drawn, tape: Tape, weights: Mapping[str, tuple[Any, float]], sample: Mapping[str, Any]
) -> dict[str, Node]:
    """What is known before the first equation; derivatives are by weights and inputs."""
    leaves = {name: Node(tape, value, off) for name, (value, off) in weights.items()}
    leaves |= {name: Node(tape, value) for name, value in sample.items()}
    for name in [*weights, *network.inputs]:
        leaves[name].wanted = True
    return leaves | {name: Node(tape, value) for name, value in network.constants.items()}


def updated(
    network: Drawn, tape: Tape, weights: Mapping[str, tuple[Any, float]],
    gradients: Mapping[str, Node], states: dict[str, Any], number: int,
) -> dict[str, Node]:  # fmt: skip
    """The weights after one update."""
    named = {name: parsed(text) for name, text in SETTINGS.get(network.optimizer, {}).items()}
    options = {name: Node(tape, each) for name, each in {**named, **network.options}.items()}
    now = {name: Node(tape, value, off) for name, (value, off) in weights.items()}
    trained = [name for name in weights if name not in network.frozen]
    used = {name: gradients[name] for name in trained}
    if "clip_value" in options:
        most = options["clip_value"]
        used = {n: tape.call("min", tape.call("max", g, -most), most) for n, g in used.items()}
    if "clip_norm" in options and trained:
        squares = [g * g for g in used.values()]
        norm = tape.call("sqrt", sum(squares[1:], squares[0]))
        factor = tape.call("min", Fraction(1), options["clip_norm"] / (norm + Fraction("1e-6")))
        used = {name: g * factor for name, g in used.items()}
    if "weight_decay" in options and network.optimizer != "adamw":
        used = {name: g + options["weight_decay"] * now[name] for name, g in used.items()}
    rule = RULES[network.optimizer]
    rate = Node(tape, network.rate)
    for name in trained:
        before = {key: Node(tape, *states.get((name, key), (Fraction(0), 0.0))) for key in "mvs"}
        now[name] = rule(tape, now[name], used[name], before, rate, options, number)
        states |= {(name, key): (node.value, node.off) for key, node in before.items()}
    return now


def _momentum(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    s["v"] = o["mu"] * s["v"] + g
    return w - lr * s["v"]


def _heavy_ball(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    s["v"] = o["mu"] * s["v"] - lr * g
    return w + s["v"]


def _nesterov(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    s["v"] = o["mu"] * s["v"] + g
    return w - lr * (g + o["mu"] * s["v"])


def _rmsprop(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    s["s"] = o["alpha"] * s["s"] + (1 - o["alpha"]) * (g * g)
    return w - lr * g / (tape.call("sqrt", s["s"]) + o["eps"])


def _adagrad(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    s["s"] = s["s"] + g * g
    return w - lr * g / (tape.call("sqrt", s["s"]) + o["eps"])


def _adam(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    s["m"] = o["beta1"] * s["m"] + (1 - o["beta1"]) * g
    s["v"] = o["beta2"] * s["v"] + (1 - o["beta2"]) * (g * g)
    first = s["m"] / (1 - tape.power(o["beta1"], Fraction(t)))
    second = s["v"] / (1 - tape.power(o["beta2"], Fraction(t)))
    return w - lr * first / (tape.call("sqrt", second) + o["eps"])


def _adamw(tape: Tape, w: Node, g: Node, s: dict[str, Node], lr: Node, o: Any, t: int) -> Node:
    return _adam(tape, w - lr * o["weight_decay"] * w, g, s, lr, o, t)


RULES: dict[str, Callable[..., Node]] = {
    "sgd": lambda tape, w, g, s, lr, o, t: w - lr * g,
    "momentum": _momentum,
    "heavy_ball": _heavy_ball,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adam": _adam,
    "adamw": _adamw,
}
"""How a weight goes on from its gradient, as published (and as PyTorch has it)."""


# Central differences.

NUDGE = Decimal(10) ** -15


def central_differences(
    ar: Any, network: Drawn, numbers: Mapping[str, Any], names: Iterable[str]
) -> dict[str, Decimal]:
    """The slope of one sample's loss by each name, from two values of the loss."""
    found = {}
    for name in names:
        ends = [
            Pass(ar, network, {**numbers, name: numbers[name] + nudge}).loss()
            for nudge in (NUDGE, -NUDGE)
        ]
        found[name] = (ends[0] - ends[1]) / (2 * NUDGE)
    return found
