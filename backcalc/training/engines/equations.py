"""The equations that training runs: those that the loss needs, in floats, and their derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Network
from backcalc.equations.program import LOSS, Equation, differentiate, loss_name, lower, needed
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Sum,
    names_in,
    rebuilt,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import MAX_ARGUMENTS
from backcalc.formulas.quantity import parsed

SHARED = " of "
"""Part of the name of each line that is none of the author's."""
TOP = f"greatest argument{SHARED}"
"""Begins the name of what softmax subtracts for the sake of exponents, which changes no output."""
ROUNDED = Function("rounded", ("z",), float, "1", None)


def for_loss(network: Network, *names: str) -> tuple[Equation, ...]:
    """Return the forward equations that the loss and these values need: training runs no others.

    A softmax layer of more outputs than a formula may have arguments is written with a sum that
    all outputs share, so that there are no more operations than outputs.
    """
    forward = lower(network)
    wanted = needed(forward, loss_name(network), *names)
    wanted.update(*(each.siblings for each in forward if each.name in wanted))  # derivatives do
    return tuple(_shared((each for each in forward if each.name in wanted), network))


def derivatives(
    forward: Sequence[Equation], network: Network, by: Sequence[str]
) -> tuple[Equation, ...]:
    """Return the derivatives of the loss, given the equations that it needs."""
    varying = [each for each in forward if not each.name.startswith(TOP)]
    return differentiate(varying, loss_name(network), by, network.conventions)


def is_shared(name: str) -> bool:
    """Return True for a line that outputs of a large layer share, which no file names."""
    return SHARED in name


def in_floats(equations: Iterable[Equation], exact: set[str]) -> tuple[Equation, ...]:
    """Return the equations with floats from each function and choice that is not all exact.

    The names of what stays exact are added to `exact`.
    """

    def rounded(node: Expression) -> Expression:
        if exact.issuperset(names_in(node)):
            return node
        inner = rebuilt(node, rounded)
        return Call(ROUNDED, (inner,)) if isinstance(node, (Call, Choice)) else inner

    changed = []
    for equation in equations:
        changed.append(replace(equation, expression=rounded(equation.expression), terms=()))
        if exact.issuperset(names_in(equation.expression)):
            exact.add(equation.name)
    return tuple(changed)


def _shared(equations: Iterable[Equation], network: Network) -> Iterator[Equation]:
    """The equations with what the outputs of a large softmax layer share as lines of their own."""
    written: dict[str, tuple[Expression, ...]] = {}
    for equation in equations:
        call = equation.expression
        if isinstance(call, Call) and call.function.outputs and len(call.arguments) > MAX_ARGUMENTS:
            first = equation.siblings[0]
            if first not in written:
                lines, written[first] = _layer(first, call)
                yield from lines
            yield replace(equation, expression=written[first][call.output or 0], siblings=())
        elif equation.name == LOSS and _picks(network):
            yield from _picked(equation, network)
        else:
            yield equation


def _layer(first: str, call: Call) -> tuple[list[Equation], tuple[Expression, ...]]:
    """The lines that the outputs of a layer share, and each output by these."""
    top = Name(f"{TOP}{first}")
    powers = [Name(f"power {place}{SHARED}{first}") for place in range(len(call.arguments))]
    total, log_total = Name(f"sum{SHARED}{first}"), Name(f"log{SHARED}{first}")
    less: list[Expression] = [Sum((z, Negation(top))) for z in call.arguments]
    shares: list[Expression] = [Call(FUNCTIONS["exp"], (each,)) for each in less]
    sums: Expression = Sum(tuple(powers))
    outputs: list[Expression] = [Product((power, Inverse(total))) for power in powers]
    lines = []
    if call.function.name == "log_softmax":  # as its row computes it; see functions.py
        below = [Comparison(z, "<", top) for z in call.arguments]
        # The greatest one's power is left out of the sum: its place has the value 0, the slope 1.
        shares = [Choice(*each) for each in zip(below, shares, less, strict=True)]
        ties = (Choice(each, ZERO, ONE) for each in below)
        sums = Sum((*powers, Sum((*ties, Number(Fraction(-1))))))
        outputs = [Sum((z, Negation(top), Negation(log_total))) for z in call.arguments]
        lines = [Equation(parsed(log_total.id), Call(FUNCTIONS["log1p"], (total,)))]
    named = zip((top, *powers, total), (Call(FUNCTIONS["max"], call.arguments), *shares, sums),
                strict=True)  # fmt: skip
    return [*(Equation(parsed(name.id), meaning) for name, meaning in named), *lines], tuple(
        outputs
    )


def _picks(network: Network) -> bool:
    """True where a target is the number of one of very many outputs."""
    row = LOSSES.get(network.loss_name or "")
    return bool(row and row.classes) and len(network.targets) == 1 < MAX_ARGUMENTS < len(
        network.outputs
    )


def _picked(loss: Equation, network: Network) -> Iterator[Equation]:
    """The loss of the output that the target numbers, that output as a line of its own."""
    assert isinstance(loss.expression, Negation)
    assert isinstance(loss.expression.operand, Call)
    right, target = Name(f"output{SHARED}the right class"), Name(network.targets[0])
    terms = (
        Product((Choice(Comparison(target, "==", Number(Fraction(place))), ONE, ZERO), Name(name)))
        for place, name in enumerate(network.outputs)
    )
    yield Equation(parsed(right.id), Sum(tuple(terms)))
    log = Call(loss.expression.operand.function, (right,))
    yield replace(loss, expression=Negation(log))
