"""Derivatives as formulas without numbers: chain rules, and closed forms by sympy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backcalc.equations.calculation import Calculation
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, loss_name
from backcalc.formulas.expression import Expression, Name, Values
from backcalc.formulas.notation import Phrase, formula_text
from backcalc.formulas.quantity import Derivative
from backcalc.sheets.blocks import Block, Heading, Sentences, Sheet, Table
from backcalc.sheets.worked import Wishes, chain_rule, joined

if TYPE_CHECKING:
    from backcalc.sheets.data import Data
    from backcalc.symbolic import ClosedForm

MOST_EQUATIONS = 150  # of a network whose closed forms are printed unasked
MOST_WEIGHTS = 12  # whose closed forms are printed unasked

Lines = Sequence[Equation]


def symbolic_sheet(network: Network, forward: Lines, backward: Lines, expand: bool) -> Sheet:
    """Return every equation, every derivative with its chain rule, and closed forms if asked."""
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
        *(_blocks(_of_network(network, forward, backward)) if expand else ()),
    )
    return Sheet(network.title or network.file, blocks)


def symbolic_data(network: Network, forward: Lines, backward: Lines, expand: bool) -> Data:
    """Return `backcalc/symbolic/1`: every equation and derivative as a formula."""
    from backcalc.sheets.data import formula_data, network_data  # a sheet does without

    data: Data = {
        "schema": "backcalc/symbolic/1",
        "network": network_data(network),
        "forward": [formula_data(each.name, each.expression) for each in forward],
        "backward": [formula_data(each.name, each.expression) for each in backward],
    }
    if expand:
        data["expanded"] = _data(_of_network(network, forward, backward))
    return data


def closed_blocks(calculation: Calculation, wishes: Wishes, expand: bool | None) -> list[Block]:
    """Return the closed form of each weight's derivative on the branch that the numbers took."""
    wanted = _wanted(calculation, wishes)
    if wishes.brief or expand is False or not wanted:
        return []
    if len(calculation.network.samples) > 1:
        return (
            [_hint("For closed forms of one sample, see backcalc symbolic --expand.")]
            if expand
            else []
        )
    lines = len(calculation.program.forward) + len(calculation.program.backward)
    if expand is None and (len(wanted) > MOST_WEIGHTS or lines > MOST_EQUATIONS):
        many = len(wanted)
        return [_hint(f"The closed forms of {many} derivatives are left out: add --expand.")]
    return _blocks(_of_calculation(calculation, wanted))


def closed_data(calculation: Calculation, wishes: Wishes, expand: bool | None) -> Data:
    """Return the closed forms of a calculation under `expanded`, where they are asked for."""
    if not expand or len(calculation.network.samples) > 1:
        return {}
    return {"expanded": _data(_of_calculation(calculation, _wanted(calculation, wishes)))}


def _hint(words: str) -> Block:
    return Sentences(((words,),))


def _wanted(calculation: Calculation, wishes: Wishes) -> list[Derivative]:
    """Return the derivatives by weights that the reader wants to see."""
    weights = [name for name in calculation.network.weights if wishes.wrt in (None, name)]
    return [Derivative(calculation.of, name) for name in weights]


def _of_network(network: Network, forward: Lines, backward: Lines) -> list[ClosedForm]:
    wanted = [Derivative(loss_name(network), name) for name in network.weights]
    return _forms([*forward, *backward], wanted, None)


def _of_calculation(calculation: Calculation, wanted: Sequence[str]) -> list[ClosedForm]:
    equations = [*calculation.program.forward, *calculation.program.backward]
    return _forms(equations, wanted, calculation.values)


def _forms(equations: Lines, wanted: Sequence[str], values: Values | None) -> list[ClosedForm]:
    from backcalc.symbolic import closed_forms  # sympy takes longer to load than all the rest

    return closed_forms(equations, wanted, values)


def _blocks(forms: Sequence[ClosedForm]) -> list[Block]:
    """Return the table of closed forms, and the meaning of the names that they keep."""
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


def _data(forms: Sequence[ClosedForm]) -> list[Data]:
    """Return closed forms as plain data."""
    from backcalc.sheets.data import formula_data  # a sheet for people does without

    return [
        {
            **formula_data(form.name, form.expression),
            "conditions": [formula_text(condition) for condition in form.conditions],
            "shared": [formula_data(each.name, each.expression) for each in form.shared],
        }
        for form in forms
    ]
