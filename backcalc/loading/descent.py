"""`optimizer:` and `regularisation:`: how weights go on from gradients, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from backcalc.equations.optimizers import OPTIMIZERS, Descent, Optimizer, known_options
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.formulas.expression import Call, Expression, Name, Number, Power, Sum, multiplied
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import parse_number
from backcalc.loading import fields
from backcalc.loading.document import Mapping, Scalar
from backcalc.loading.fields import Document

PENALTIES = ("l1", "l2")


def read_descent(document: Document) -> Descent:
    """The optimizer that a file names, gradient descent unless it does."""
    node = document.get("optimizer")
    if node is None:
        return Descent()
    if not isinstance(node, Mapping):
        word = fields.word(node, "the name of an optimizer, or a mapping with its name")
        return Descent(OPTIMIZERS[fields.one_of(word, OPTIMIZERS, "optimizer")])
    found = {key.text: (key, value) for key, value in node.entries}
    if "name" not in found:
        raise BackcalcError("this optimizer has no 'name'", node.place, listed(OPTIMIZERS))
    word = fields.word(found.pop("name")[1], "the name of an optimizer")
    optimizer = OPTIMIZERS[fields.one_of(word, OPTIMIZERS, "optimizer")]
    return Descent(
        optimizer, {_option(optimizer, key): _size(key, value) for key, value in found.values()}
    )


def parse_descent(text: str) -> Descent:
    """An optimizer as a command names it: `adam`, or `momentum,mu=0.5,clip_norm=1`."""
    word, settings = fields.settings(text, "mu=0.9")
    optimizer = OPTIMIZERS[fields.one_of(word, OPTIMIZERS, "optimizer")]
    return Descent(
        optimizer, {_option(optimizer, key): _size(key, value) for key, value in settings}
    )


def _option(optimizer: Optimizer, key: Scalar) -> str:
    """An option that this optimizer has."""
    known = known_options(optimizer)
    if key.text not in known:
        hint = did_you_mean(key.text, known) or f"its options are {listed(known)}"
        message = f"the optimizer {optimizer.name} has no option {key.text[:60]!r}"
        raise BackcalcError(message, key.place, hint)
    return key.text


def _size(key: Scalar, node: object) -> Fraction:
    """An option's number, which is never negative."""
    scalar = fields.word(node, "a number")  # type: ignore[arg-type]
    value = parse_number(scalar.text, scalar.place)
    if value < 0 or (value >= 1 and key.text in ("mu", "alpha", "beta1", "beta2")):
        wanted = "below 1 and not negative" if value > 0 else "not negative"
        raise BackcalcError(f"{key.text} must be {wanted}, not {scalar.text}", scalar.place)
    return value


def regularised(
    document: Document, loss: Expression | str, weights: Iterable[str], copies: int = 1
) -> Expression | str:
    """The loss with its penalties on the weights written out: l2*(w1**2 + ...).

    Of so many losses that are summed each has its share.
    """
    if "regularisation" not in document:
        return loss
    node = document["regularisation"]
    found = fields.keyed(node, PENALTIES, "a mapping such as {l2: 0.01}")
    if isinstance(loss, str):
        hint = "write the penalty into the equation"
        raise BackcalcError("regularisation needs a loss, not an equation's name", node.place, hint)
    names = [Name(weight) for weight in weights]
    costs: dict[str, list[Expression]] = {
        "l1": [Call(FUNCTIONS["abs"], (name,)) for name in names],
        "l2": [Power(name, Number(Fraction(2))) for name in names],
    }
    terms: list[Expression] = [*loss.terms] if isinstance(loss, Sum) else [loss]
    for key, value in found.items():
        size, cost = fields.number(value) / copies, tuple(costs[key])
        if size < 0:
            raise BackcalcError(f"{key} must not be negative", value.place)
        if cost and size:
            total = Sum(cost) if len(cost) > 1 else cost[0]
            terms.append(multiplied(Number(size), total))
    return Sum(tuple(terms)) if len(terms) > 1 else loss
