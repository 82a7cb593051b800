"""The derivation of a network in matrix notation as a sheet, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from backcalc.equations.derivation import Derived, MatrixDerivation, Reason
from backcalc.equations.network import Network
from backcalc.formulas.differential import changed
from backcalc.formulas.expression import Expression, Name, Operation
from backcalc.formulas.functions import LAYOUTS
from backcalc.formulas.matrices import MATMUL, Row, Shape, size_number
from backcalc.formulas.notation import LATEX, Phrase, Printed, equation, formula_text
from backcalc.sheets.blocks import Block, Derivation, Heading, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, formula_data, network_data

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
    return SheetBlocks(network.title or network.file, tuple(blocks))


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
