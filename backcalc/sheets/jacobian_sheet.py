"""The Jacobian of one quantity by another as a sheet, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from backcalc.equations.jacobian import MOST_PATHS, Jacobian, JacobianProduct, LocalJacobian
from backcalc.equations.network import Network
from backcalc.errors import counted
from backcalc.formulas.expression import Expression, Name, Operation, Scalar, multiplied
from backcalc.formulas.matrices import MATMUL, Shape, nested
from backcalc.formulas.notation import LATEX, Phrase, equation, formula_text
from backcalc.formulas.quantity import Derivative
from backcalc.sheets.blocks import Block, Factor, Heading, Matrix, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number
from backcalc.sheets.derived import shape_phrase
from backcalc.sheets.sizes import size_data
from backcalc.sheets.worked import joined

LAID_OUT = {
    "numerator": "A row for each element of {of}, a column for each element of {by}.",
    "denominator": "A row for each element of {by}, a column for each element of {of}.",
}
"""The sentence that says how a Jacobian is laid out."""
MOST_CELLS = 400  # cells of a matrix that is shown to people
MOST_LABELS = 12  # names of rows and columns that are listed


def jacobian_sheet(network: Network, found: Jacobian) -> SheetBlocks:
    """Return the Jacobian along each path, with its shape, its symbols and its numbers."""
    name = Name(Derivative(found.of, found.by))
    laid = LAID_OUT[found.layout].format(of=found.of, by=found.by)
    lines: list[Phrase] = [
        (name, " is ", *shape_phrase(found.shape), "."),
        (f"Layout: {found.layout}. {laid}",),
    ]
    for what, names in (("Rows", found.rows), ("Columns", found.columns)):
        if 1 < len(names) <= MOST_LABELS:
            lines.append((f"{what}: ", *joined([(Name(each),) for each in names]), "."))
    blocks: list[Block] = [Heading(("Jacobian",)), Sentences(tuple(lines))]
    if found.paths > 1:
        shown = f", of which {len(found.chains)} are shown" if found.paths > MOST_PATHS else ""
        words = f"{counted(found.paths, 'path')} lead there{shown}; their products are added."
        blocks.append(Sentences(((words,),)))
    for chain in found.chains:
        blocks += _chain_blocks(chain)
    if found.numbers is not None:
        blocks.append(Heading(("In numbers",)))
        blocks.append(_numbered((name,), found.numbers, found.shape))
    return SheetBlocks(network.title or network.file, tuple(blocks))


def _chain_blocks(chain: JacobianProduct) -> Iterator[Block]:
    """The local Jacobians of a path, their product, and what it costs in both orders."""
    names = [_name(each) for each in chain.factors]
    yield Heading((_joined(names),), 2)
    rows: list[tuple[Phrase, ...]] = [
        (
            (_name(each),),
            ("by element",) if each.expression is None else (each.expression,),
            shape_phrase(each.shape),
        )
        for each in chain.factors
    ]
    yield Table(("local Jacobian", "formula", "shape"), tuple(rows))
    for each in chain.factors:
        if each.numbers is not None and len(each.numbers) > 1:
            yield _numbered((_name(each),), each.numbers, each.shape)
    if len(chain.factors) > 1:
        whole = product(chain)
        lines: list[Phrase] = [] if whole is None else [(equation(_joined(names), whole),)]
        for order, cost in (
            ("left to right", chain.left_first), ("right to left", chain.right_first)
        ):  # fmt: skip
            lines.append((f"From {order} it takes ", cost, " multiplications."))
        yield Sentences(tuple(lines))


def product(chain: JacobianProduct) -> Expression | None:
    """The product of the local Jacobians in symbols; None where one has none."""
    result: Expression | None = None
    for each in chain.factors:
        if each.expression is None:
            return None
        if result is None:
            result = each.expression
        elif all(own.shape == (1, 1) for own in chain.factors):
            result = multiplied(result, each.expression)
        else:
            result = Operation(MATMUL, (result, each.expression))
    return result


def _name(each: LocalJacobian) -> Name:
    return Name(Derivative(each.of, each.by))


def _joined(names: Sequence[Name]) -> Expression:
    factors: list[Expression] = [*names]
    return reduce(lambda left, right: Operation(MATMUL, (left, right)), factors)


def _numbered(name: Phrase, numbers: Sequence[Scalar], shape: Shape) -> Block:
    if len(numbers) > MOST_CELLS:
        line: Phrase = (*name, f" has {len(numbers)} elements: --format json has them.")
        return Sentences((line,))
    width = int(shape[1])
    rows = tuple(tuple(numbers[at : at + width]) for at in range(0, len(numbers), width))
    return Matrix(name, ((Factor(None, rows),),))


def jacobian_data(network: Network, found: Jacobian) -> Data:
    """Return `backcalc/jacobian/1`: the Jacobian along each path, in symbols and numbers."""
    return {
        "schema": "backcalc/jacobian/1",
        "network": network_data(network),
        "of": found.of,
        "by": found.by,
        "layout": found.layout,
        "shape": list(found.shape),
        "rows": list(found.rows),
        "columns": list(found.columns),
        "values": _values(found),
        "paths": found.paths,
        "chains": [
            {
                "factors": [_local_data(each) for each in chain.factors],
                "multiplications": {
                    "left_to_right": size_data(chain.left_first),
                    "right_to_left": size_data(chain.right_first),
                },
            }
            for chain in found.chains
        ],
    }


def _local_data(each: LocalJacobian) -> Data:
    symbols = {} if each.expression is None else {
        "formula": formula_text(each.expression),
        "latex": formula_text(each.expression, LATEX),
    }  # fmt: skip
    return {
        "name": Derivative(each.of, each.by), "shape": list(each.shape), **symbols,
        "values": _values(each),
    }  # fmt: skip


def _values(found: Jacobian | LocalJacobian) -> list[list[Data]] | None:
    numbers = found.numbers
    return None if numbers is None else [*nested(map(number, numbers), found.shape)]
