"""Derivatives as formulas without numbers: chain rules, and closed forms by sympy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backcalc.equations.calculation import Calculation
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, loss_name
from backcalc.formulas.expression import Expression, Name
from backcalc.formulas.notation import Phrase, formula_text
from backcalc.formulas.quantity import Derivative
from backcalc.sheets.blocks import Block, Heading, Sentences, Sheet, Table
from backcalc.sheets.worked import Wishes, chain_rule, joined

if TYPE_CHECKING:
    from backcalc.sheets.data import Data


def symbolic_sheet(
    network: Network,
    forward: Sequence[Equation],
    backward: Sequence[Equation],
    closed: Sequence[Block] = (),
) -> Sheet:
    """Every equation, every derivative with its chain rule, and the closed forms if asked for."""
    formulas: tuple[tuple[Phrase, ...], ...] = tuple(
        ((Name(each.name),), (each.expression,)) for each in forward
    )
    derivatives = tuple(
        ((Name(each.name),), chain_rule(each), (each.expression,)) for each in backward
    )
    blocks = (
        Heading(("Forward pass",)),
        Table(("quantity", "formula"), formulas),
        Heading(("Backward pass",)),
        Table(("derivative", "chain rule", "worked out"), derivatives),
        *closed,
    )
    return Sheet(network.title or network.file, blocks)


MOST_EQUATIONS = 150  # of a network whose closed forms are printed unasked
MOST_WEIGHTS = 12  # whose closed forms are printed unasked


def closed_blocks(calculation: Calculation, wishes: Wishes, expand: bool | None) -> list[Block]:
    """The closed form of each weight's derivative on the branch that the numbers took."""
    network = calculation.network
    if wishes.brief or expand is False:
        return []
    wanted = _asked(calculation, wishes)
    if not wanted:
        return []
    if len(network.samples) > 1:
        return [_hint("for one sample, see", "backcalc symbolic --expand")] if expand else []
    equations = [*calculation.program.forward, *calculation.program.backward]
    if expand is None and (len(wanted) > MOST_WEIGHTS or len(equations) > MOST_EQUATIONS):
        return [_hint(f"of {len(wanted)} derivatives are left out; to see them add", "--expand")]
    return _blocks(equations, wanted, calculation.values)


def _hint(why: str, how: str) -> Block:
    return Sentences(((f"closed forms {why} {how}.",),))


def symbolic_blocks(
    network: Network, forward: Sequence[Equation], backward: Sequence[Equation]
) -> list[Block]:
    """The closed form of each weight's derivative, with its pieces."""
    return _blocks([*forward, *backward], _wanted(network), None)


def _wanted(network: Network) -> list[str]:
    return [Derivative(loss_name(network), name) for name in network.weights]


def _blocks(equations: Sequence[Equation], wanted: Sequence[str], values: Any) -> list[Block]:
    from backcalc.symbolic import closed_forms  # sympy takes longer to load than all the rest

    forms = closed_forms(equations, wanted, values)
    rows: list[tuple[Phrase, ...]] = []
    shared: dict[str, Expression] = {}
    branches = any(form.conditions for form in forms)
    for form in forms:
        conditions = joined([(condition,) for condition in form.conditions])
        branch = (("for ", *conditions) if conditions else (),) if branches else ()
        rows.append(((Name(form.name),), ("= ", form.expression), *branch))
        shared |= {equation.name: equation.expression for equation in form.shared}
    heads = ("derivative", "closed form", *(("on this branch",) if branches else ()))
    blocks: list[Block] = [Heading(("Closed forms, by sympy",), 2), Table(heads, tuple(rows))]
    if shared:
        lines = [("with ", Name(name), " = ", each) for name, each in shared.items()]
        blocks.append(Sentences(tuple(lines)))
    return blocks


def closed_data(
    network: Network, forward: Sequence[Equation], backward: Sequence[Equation]
) -> list[Data]:
    """The closed forms as plain data."""
    return _data([*forward, *backward], _wanted(network), None)


def expanded_data(calculation: Calculation, wishes: Wishes, expand: bool | None) -> Data:
    """The closed forms of a calculation under the key `expanded`, where they are asked for."""
    if not expand or len(calculation.network.samples) > 1:
        return {}
    equations = [*calculation.program.forward, *calculation.program.backward]
    return {"expanded": _data(equations, _asked(calculation, wishes), calculation.values)}


def _asked(calculation: Calculation, wishes: Wishes) -> list[str]:
    """The derivatives by weights that the reader wants to see."""
    return [
        Derivative(calculation.of, name)
        for name in calculation.network.weights
        if wishes.wrt in (None, name)
    ]


def _data(equations: Sequence[Equation], wanted: Sequence[str], values: Any) -> list[Data]:
    from backcalc.sheets.data import formula_data  # a sheet for people does without
    from backcalc.symbolic import closed_forms  # sympy takes longer to load than all the rest

    return [
        {
            **formula_data(form.name, form.expression),
            "conditions": [formula_text(condition) for condition in form.conditions],
            "shared": [formula_data(each.name, each.expression) for each in form.shared],
        }
        for form in closed_forms(equations, wanted, values)
    ]
