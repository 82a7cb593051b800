"""THE table of losses: one row each; every loss is written out as an expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Comparison,
    Expression,
    Inverse,
    Name,
    Number,
    Product,
    Sum,
    chosen,
    negated,
    replaced,
)
from backcalc.formulas.functions import FUNCTIONS, formula, simplified


@record(frozen=True, slots=True, eq=False)
class Loss:
    """One row of the table of losses."""

    name: str
    """The name that network files use."""
    term: str
    """The loss of one output `p` with target `y`, and the parameters."""
    mean: bool = False
    """True if outputs are averaged; else they are summed."""
    parameters: tuple[tuple[str, Fraction], ...] = ()
    """Further numbers with their defaults: huber(delta)."""
    classes: bool = False
    """True if one target may give the number of the right output, counted from 0."""
    torch: str = ""
    """How PyTorch spells it, p and y being tensors of all outputs and all targets."""
    words: str = ""
    """How a sheet calls it; empty: by its name."""
    elsewhere: tuple[str, ...] = ()
    """How other programs call it, of one output."""

    @property
    def title(self) -> str:
        """Its words on a sheet."""
        return self.words or self.name.replace("_", " ")


MOST_IN_TURN = 32  # as many outputs are asked one after another whether they are the right one

LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("l1", "abs(p - y)", words="absolute error",
             elsewhere=("mae", "mean_absolute_error", "absolute_error", "l1_loss"),
             torch="torch.nn.functional.l1_loss(p, y, reduction='sum')"),
        Loss("l2", "(p - y)**2", words="squared error", elsewhere=("sse", "squared_error"),
             torch="torch.nn.functional.mse_loss(p, y, reduction='sum')"),
        Loss("half_l2", "1/2*(p - y)**2", words="half the squared error",
             torch="torch.nn.functional.mse_loss(p, y, reduction='sum') / 2"),
        Loss("mse", "(p - y)**2", mean=True, words="mean squared error",
             elsewhere=("mse_loss", "mean_squared_error"),
             torch="torch.nn.functional.mse_loss(p, y)"),
        Loss("bce", "-(y*log(p) + (1 - y)*log(1 - p))", words="binary cross entropy",
             elsewhere=("binary_crossentropy", "binary_cross_entropy", "log_loss", "logloss"),
             torch="torch.nn.functional.binary_cross_entropy(p, y, reduction='sum')"),
        Loss("cross_entropy", "-y*log(p)", classes=True, torch="-(y * torch.log(p)).sum()",
             elsewhere=("ce", "nll", "nll_loss", "crossentropy", "categorical_crossentropy",
                        "softmax_cross_entropy", "negative_log_likelihood")),
        Loss("hinge", "max(0, 1 - y*p)", torch="torch.clamp(1 - y * p, min=0).sum()"),
        # Rosenblatt's rule: at 0 the first argument of max has the gradient, so w moves there too.
        Loss("perceptron", "max(-(y*p), 0)", torch="torch.clamp(-y * p, min=0).sum()"),
        Loss("huber", "1/2*(p - y)**2 if abs(p - y) <= delta else delta*(abs(p - y) - 1/2*delta)",
             parameters=(("delta", Fraction(1)),),
             torch="torch.nn.functional.huber_loss(p, y, reduction='sum', delta=delta)"),
        Loss("log_cosh", "softplus(2*(p - y)) - (p - y) - log(2)",
             torch="torch.log(torch.cosh(p - y)).sum()"),
    )
}  # fmt: skip


def loss_formula(
    loss: Loss, output: Expression, target: Expression, parameters: Sequence[Fraction] = ()
) -> Expression:
    """The loss of one output with its target."""
    settings = {name: Number(default) for name, default in loss.parameters}
    settings |= {
        name: Number(value) for (name, _), value in zip(loss.parameters, parameters, strict=False)
    }
    term = formula(loss.term)
    if settings:
        term = simplified(replaced(term, settings))
    return replaced(term, {"p": output, "y": target})


def loss_expression(
    loss: Loss, outputs: Sequence[str], targets: Sequence[str], parameters: Sequence[Fraction] = ()
) -> Expression:
    """The loss of these outputs and targets, written out.

    One target for several outputs (where the row allows it) is the number of the right one.
    """
    if loss.classes and len(targets) == 1 and len(outputs) > 1:
        picked = _picked(Name(targets[0]), [Name(output) for output in outputs])
        return negated(Call(FUNCTIONS["log"], (picked,)))
    terms = [
        loss_formula(loss, Name(output), Name(target), parameters)
        for output, target in zip(outputs, targets, strict=True)
    ]
    if len(terms) == 1:
        return terms[0]
    total = Sum(tuple(terms))
    return Product((total, Inverse(Number(Fraction(len(terms)))))) if loss.mean else total


FLOW = "G"  # the name of a given gradient that is a vector or a matrix


def weighted(upstream: Mapping[str, Fraction]) -> Expression:
    """The sum of these quantities times their gradients: it has just these derivatives."""
    terms = tuple(Product((Number(slope), Name(name))) for name, slope in upstream.items())
    return terms[0] if len(terms) == 1 else Sum(terms)


def _picked(number: Name, outputs: Sequence[Expression], first: int = 0) -> Expression:
    """Return the output with this number; `first` is that of the first one.

    Few are asked one after another; many are halved, so that no formula is thousands deep.
    """
    middle = 1 if len(outputs) <= MOST_IN_TURN else len(outputs) // 2
    if not outputs[middle:]:
        return outputs[0]
    at = Number(Fraction(first + middle if middle > 1 else first))
    return chosen(
        Comparison(number, "<" if middle > 1 else "==", at),
        _picked(number, outputs[:middle], first),
        _picked(number, outputs[middle:], first + middle),
    )
