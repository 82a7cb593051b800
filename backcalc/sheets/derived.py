"""What stands in symbols of a network with matrices, as sheets and data.

The derivation of its gradients, the shapes and costs of its lines, and Jacobians along paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce

from backcalc.equations.costs import COUNTED, FLOAT, KEPT, Costs, Measured, total
from backcalc.equations.derivation import Derived, MatrixDerivation, Reason, changed
from backcalc.equations.jacobian import MOST_PATHS, Jacobian, JacobianProduct, LocalJacobian
from backcalc.equations.network import Network
from backcalc.errors import counted
from backcalc.formulas.expression import Expression, Name, Number, Operation, Scalar, multiplied
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.matrices import MATMUL, Row, Shape, nested, size_number
from backcalc.formulas.notation import LATEX, Phrase, Printed, equation, formula_text, sentence
from backcalc.formulas.quantity import Derivative
from backcalc.sheets.blocks import (
    Block,
    Derivation,
    Factor,
    Heading,
    Matrix,
    Sentences,
    SheetBlocks,
    Table,
)
from backcalc.sheets.data import Data, formula_data, network_data, number
from backcalc.sheets.worked import joined, title

SECTIONS = ("inputs", "targets", "weights", "constants")


def derivation_sheet(network: Network, told: MatrixDerivation) -> SheetBlocks:
    """Return the forward pass and every derivative with its steps, shapes beside each line."""
    form = told.form
    given: list[tuple[Phrase, ...]] = [
        ((Name(name),), shape_phrase(form.shapes[name]), (section.removesuffix("s"),))
        for section in SECTIONS
        for name in getattr(form, section)
    ]
    forward: list[tuple[Phrase, ...]] = [
        ((Name(line.name),), (line.expression,), shape_phrase(line.shape)) for line in told.lines
    ]
    results: list[tuple[Phrase, ...]] = [
        ((Name(each.name),), (each.expression,), _sizes(each)) for each in told.derived
    ]
    blocks: list[Block] = [
        Heading(("Given",)),
        Table(("quantity", "shape", "what it is"), tuple(given)),
        Heading(("Forward pass",)),
        Table(("quantity", "formula", "shape"), tuple(forward)),
        Heading(("Backward pass",)),
        Sentences(((f"Layout: {told.layout}. {LAYOUTS[told.layout]}",),)),
        *(_derivation(each, told.layout) for each in told.derived),
        Heading(("Derivatives",)),
        Table(("derivative", "formula", "shapes"), tuple(results)),
    ]
    return SheetBlocks(title(network), tuple(blocks))


def shape_formula(shape: Shape) -> Expression | None:
    """A shape as a formula for print, h×d; None for a scalar."""
    sizes = tuple(map(size_number, (1, *shape) if isinstance(shape, Row) else shape))
    return Operation(Printed("by"), sizes) if len(sizes) > 1 else sizes[0] if sizes else None


def shape_phrase(shape: Shape) -> Phrase:
    """A shape with the sign of the notation: h×d."""
    return (shape_formula(shape) or str(shape),)


def _sizes(each: Derived) -> Phrase:
    """The shapes of what is multiplied, and of the result."""
    factors = [shape_formula(factor) for factor in each.factors]
    whole = shape_formula(each.shape)
    known = [factor for factor in factors if factor is not None]
    if not known or whole is None:
        return shape_phrase(each.shape)
    product = reduce(lambda left, right: Operation(MATMUL, (left, right)), known)
    return (equation(product, whole),)


def _derivation(each: Derived, layout: str) -> Derivation:
    stages: list[tuple[str, Phrase]] = []
    for reason in each.reasons:
        stages += _stages(reason)
        if len(each.reasons) > 1:
            stages.append(("adds", (reason.term,)))
    label = "formula" if layout == "denominator" else "worked out"
    stages.append((label, (each.expression,)))
    stages.append(("shape", _sizes(each)))
    return Derivation((Name(each.name),), tuple(stages))


def _stages(reason: Reason) -> Iterator[tuple[str, Phrase]]:
    """The steps from one use of a quantity to what it adds."""
    use = reason.use
    yield "used in", (equation(Name(use.name), use.expression),)
    if reason.differential is not None:
        yield "differential", (equation(changed(use.name), reason.differential),)
    for place, change in enumerate(reason.changes):
        yield "" if place else reason.rule, (equation(changed(reason.loss), change),)
    if reason.words:
        yield reason.rule, (reason.words,)


def derivation_data(network: Network, told: MatrixDerivation) -> Data:
    """Return `backcalc/symbolic/1` in matrix notation: formulas with shapes and steps."""
    return {
        "schema": "backcalc/symbolic/1",
        "network": network_data(network),
        "layout": told.layout,
        "shapes": {name: list(shape) for name, shape in told.form.shapes.items()},
        "forward": [
            {**formula_data(line.name, line.expression), "shape": list(line.shape)}
            for line in told.lines
        ],
        "backward": [
            {
                **formula_data(each.name, each.expression),
                "shape": list(each.shape),
                "factors": [str(factor) for factor in each.factors],
                "steps": [_reason_data(reason) for reason in each.reasons],
            }
            for each in told.derived
        ],
    }


def _reason_data(reason: Reason) -> Data:
    """One use as data; what does not apply is left out."""
    found: Data = {"use": reason.use.name, "rule": reason.rule or reason.words}
    if reason.differential is not None:
        found["differential"] = formula_text(reason.differential)
    found["changes"] = [formula_text(each) for each in reason.changes]
    found["term"] = formula_text(reason.term)
    found["latex"] = formula_text(reason.term, LATEX)
    if reason.words:
        found["words"] = reason.words
    return found


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
    return SheetBlocks(title(network), tuple(blocks))


def _chain_blocks(chain: JacobianProduct) -> Iterator[Block]:
    """The local Jacobians of a path, their product, and what it costs in both orders."""
    names = [_name(each) for each in chain.factors]
    yield Heading((_joined(names),), 2)
    rows: list[tuple[Phrase, ...]] = [
        ((_name(each),), (each.expression or "by element",), shape_phrase(each.shape))
        for each in chain.factors
    ]
    yield Table(("local Jacobian", "formula", "shape"), tuple(rows))
    for each in chain.factors:
        if each.numbers is not None and len(each.numbers) > 1:
            yield _numbered((_name(each),), each.numbers, each.shape)
    if len(chain.factors) > 1:
        whole = product(chain)
        lines: list[Phrase] = [] if whole is None else [(equation(_joined(names), whole),)]
        orders = (("left to right", chain.left_first), ("right to left", chain.right_first))
        lines += ((f"From {order} it takes ", cost, " multiplications.") for order, cost in orders)
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
        "of": found.of, "by": found.by, "layout": found.layout, "shape": list(found.shape),
        "rows": list(found.rows), "columns": list(found.columns), "values": _values(found),
        "paths": found.paths,
        "chains": [
            {"factors": [_local_data(each) for each in chain.factors],
             "multiplications": {"left_to_right": size_data(chain.left_first),
                                 "right_to_left": size_data(chain.right_first)}}
            for chain in found.chains
        ],
    }  # fmt: skip


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


def sizes_sheet(network: Network, costs: Costs) -> SheetBlocks:
    """Return every shape, the parameters layer by layer, and what both passes cost."""
    layers: list[tuple[Phrase, ...]] = [
        ((Name(each.name),), _names(each.weights), (each.parameters,)) for each in costs.layers
    ]
    layers.append((("all",), ("",), (costs.parameters,)))
    passes = [costs.forward, costs.backward]
    forward, backward = (total(each.products for each in own) for own in passes)
    several = costs.copies > 1
    of_all = f" for {costs.copies} samples" if several else ""
    one: tuple[Phrase, ...] = (("They are for one sample.",),) if several else ()
    said = f"At {FLOAT} bytes a number that is {{}} bytes{of_all}."
    blocks: tuple[Block, ...] = (
        Heading(("Shapes",)),
        _table("what it is", [*costs.given, *costs.forward], lambda each: (each.kind,)),
        Heading(("Parameters",)),
        Table(("layer", "weights", "parameters"), tuple(layers)),
        Heading(("Multiplications",)),
        _table("multiplications", costs.forward, lambda each: (each.products,)),
        _table("multiplications", costs.backward, lambda each: (each.products,)),
        Sentences((sentence("Forward: {}. Backward: {}.", forward, backward), (COUNTED,), *one)),
        Heading(("Memory",)),
        Sentences((
            (KEPT,), (*_names(each.name for each in costs.kept), "."),
            sentence(said, costs.kept_bytes),
        )),
    )  # fmt: skip
    return SheetBlocks(title(network), blocks)


def _table(last: str, rows: Sequence[Measured], cell: Callable[[Measured], Phrase]) -> Table:
    cells = (((Name(each.name),), shape_phrase(each.shape), (each.elements,), cell(each))
             for each in rows)  # fmt: skip
    return Table(("quantity", "shape", "elements", last), tuple(cells))


def _names(names: Iterable[str]) -> Phrase:
    return joined([(Name(name),) for name in names]) or ("nothing",)


def sizes_data(network: Network, costs: Costs) -> Data:
    """Return `backcalc/shapes/1`: shapes, parameters and costs."""
    return {
        "schema": "backcalc/shapes/1",
        "network": network_data(network),
        "given": [_measured_data(each) for each in costs.given],
        "forward": [_measured_data(each) for each in costs.forward],
        "backward": [_measured_data(each) for each in costs.backward],
        "layers": [
            {"name": e.name, "weights": list(e.weights), "parameters": size_data(e.parameters)}
            for e in costs.layers
        ],
        "parameters": size_data(costs.parameters),
        "samples": costs.copies,
        "multiplications": {
            "forward": size_data(total(each.products for each in costs.forward)),
            "backward": size_data(total(each.products for each in costs.backward)),
        },
        "kept": [each.name for each in costs.kept],
        "kept_bytes": size_data(costs.kept_bytes),
    }


def _measured_data(each: Measured) -> Data:
    return {
        "name": each.name, "kind": each.kind, "shape": list(each.shape),
        "elements": size_data(each.elements), "multiplications": size_data(each.products),
    }  # fmt: skip


def size_data(number: Expression) -> int | str:
    """Return a number, or a formula of letters as text."""
    return int(number.value) if isinstance(number, Number) else formula_text(number)
