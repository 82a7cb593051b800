"""`equations:`, `outputs:`, `loss:` and `regularisation:` to expressions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from backcalc.equations.losses import LOSSES, Loss, loss_expression
from backcalc.equations.network import Definition, Givens
from backcalc.errors import BackcalcError, Place, counted, listed
from backcalc.formulas.expression import (
    Call,
    Expression,
    Name,
    Number,
    Power,
    Sum,
    multiplied,
    names_in,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import parse
from backcalc.loading import fields
from backcalc.loading.document import Word, YamlNode
from backcalc.loading.fields import Field, Record, of
from backcalc.loading.units import DraftFile, DraftLine

MOST_EQUATIONS = 20_000
MOST_TEXT = 200_000  # characters in the equations of one file

PARAMETERS = {row.name: len(row.parameters) for row in LOSSES.values()}


def read_lines(file: DraftFile) -> None:
    """Read the equations. Outputs have no names yet, so any name that a unit may get will do."""
    if "equations" in file.document:
        node = file.document["equations"]
        entries = fields.mapping(node, "a mapping of names to formulas").entries
        file.lines = parsed_lines(file, entries, [left_side(key) for key, _ in entries])


def left_side(key: Word, steps: int = 0) -> tuple[str, ...]:
    """Read the names that an equation gives values to; in a file that repeats, h[0] is one too."""
    parts = [Word(part.strip(), key.place) for part in key.text.split(",")]
    return tuple(fields.name(part, "a quantity's name", steps) for part in parts)


def parsed_lines(
    file: DraftFile,
    entries: Sequence[tuple[Word, YamlNode]],
    sides: Sequence[tuple[str, ...]],
    indexed: Callable[[tuple[str, ...]], Callable[[str], str]] | None = None,
) -> list[DraftLine]:
    """Read the right sides of equations; `indexed` says what indices mean in each."""
    known = {*file.names, *(name for side in sides for name in side), "yhat"}
    for place, draft in enumerate(file.units.values(), 1):
        known.update((draft.unit.pre_activation, draft.unit.hidden, f"yhat{place}"))
    if len(entries) > MOST_EQUATIONS:
        raise BackcalcError(f"more than {MOST_EQUATIONS} equations", entries[-1][0].place)
    lines, size = [], 0
    for side, (key, value) in zip(sides, entries, strict=True):
        formula = fields.word(value, "a formula")
        size += len(formula.text)
        if size > MOST_TEXT:
            message = f"the equations are longer than {MOST_TEXT} characters in all"
            raise BackcalcError(message, key.place)
        own = indexed(side) if indexed else None
        expression = parse(formula.text, FUNCTIONS, names=known, place=formula.inside, indexed=own)
        lines.append(DraftLine(side, key, formula, expression, own))
    return lines


def name_lines(file: DraftFile) -> None:
    """Give the equations' names to their values; `L` only where it is the loss."""
    loss, names = file.document["loss"], file.names
    for line in file.lines:
        for text in line.names:
            if text == "L" and isinstance(loss, Word) and loss.text == "L":
                if text in names:
                    raise names.taken(text, line.key.place)
                names[text] = line.key.place
            else:
                names.add(text, line.key.place)


def definition(line: DraftLine, names: Collection[str]) -> Definition:
    """Return one equation, now that every name is given."""
    expression = line.expression
    if any(name not in names for name in names_in(expression)):
        place, indexed = line.formula.inside, line.indexed
        parse(line.formula.text, FUNCTIONS, names=names, place=place, indexed=indexed)
    inner = list(walk(expression))
    if isinstance(expression, Call) and expression.function.outputs:
        name, count = expression.function.name, len(expression.arguments)
        if len(line.names) != count:
            hint = f"one name for each: {listed(f'p{k + 1}' for k in range(count))}: {name}(...)"
            own = counted(len(line.names), "name")
            message = f"{name} gives {counted(count, 'value')}, but the left side has {own}"
            raise BackcalcError(message, line.key.place, hint)
        inner = [part for argument in expression.arguments for part in walk(argument)]
    elif len(line.names) > 1:
        several = listed(row.name for row in FUNCTIONS.values() if row.outputs)
        hint = f"functions with several values: {several}"
        raise BackcalcError("several names for one value", line.key.place, hint)
    _no_inner_softmax(inner, line.formula.inside)
    return Definition(line.names, expression, line.key.place)


def _no_inner_softmax(parts: Iterable[Expression], place: Place) -> None:
    """A function with several values has no value of its own."""
    for part in parts:
        if isinstance(part, Call) and part.function.outputs:
            name = part.function.name
            count = len(part.arguments)
            left, arguments = (listed(f"{p}{k + 1}" for k in range(count)) for p in "pz")
            hint = f"give its values names of their own: {left}: {name}({arguments})"
            message = f"{name} must stand alone on the right side of an equation"
            raise BackcalcError(message, place, hint)


# Outputs.


def read_outputs(file: DraftFile) -> dict[str, str]:
    """Return the units and equations that are outputs, each with the name of its value.

    They are those under `outputs:`, or all that nothing consumes.
    """
    ends: list[str] = []
    if "outputs" in file.document:
        known = dict.fromkeys([*file.units, *file.line_names])
        node = file.document["outputs"]
        words = fields.words(node, "a list of units", "the name of a unit", "output")
        ends = [fields.one_of(word, known, "output") for word in words]
    ends = ends or _unconsumed(file)
    inside = [end for end in ends if end in file.units]
    named = {end: f"yhat{place}" for place, end in enumerate(inside, 1)}
    if len(inside) == 1:
        named = {inside[0]: "yhat"}
    return {end: named.get(end, end) for end in ends}


def _unconsumed(file: DraftFile) -> list[str]:
    """Units and equations whose value nothing else takes in, in file order."""
    used = _consumers(file)
    ends = [name for name, draft in file.units.items() if used.keys().isdisjoint(draft.names)]
    ends += [name for name in file.line_names if name not in used]
    loss = file.document["loss"]
    if isinstance(loss, Word) and loss.text not in file.units and len(ends) > 1:
        ends = [end for end in ends if end != loss.text]  # no output beside others
    return ends


def _consumers(file: DraftFile) -> dict[str, str]:
    """The unit or equation that takes a value in, the first of them, by the value's name."""
    found: dict[str, str] = {}
    for name, draft in file.units.items():
        for source, _, _ in draft.edges:
            found.setdefault(source.text, name)
    for line in file.lines:
        for each in names_in(line.expression):
            found.setdefault(each, line.names[0])
    return found


def check_cycle(file: DraftFile) -> None:
    """Raise BackcalcError with the cycle that there must be if something consumes every value."""
    consumers = _consumers(file)
    parts = {name: (draft.names, draft.unit.where) for name, draft in file.units.items()}
    parts |= {line.names[0]: (line.names, line.key.place) for line in file.lines}
    walk: dict[str, None] = {}
    here = next(iter(parts))
    while here not in walk:
        walk[here] = None
        here = next(consumers[name] for name in parts[here][0] if name in consumers)
    around = [*list(walk)[list(walk).index(here) :], here]
    shown = around if len(around) < 14 else [*around[:6], "...", *around[-6:]]
    message = f"the network has a cycle: {' -> '.join(shown)}"
    raise BackcalcError(message, parts[here][1], "every value must come before its uses")


# The loss.


def read_loss(
    file: DraftFile, outputs: Mapping[str, str], targets: Sequence[str]
) -> tuple[Expression | str, Loss | None]:
    """Return the loss written out, or the equation that is it; and its row, if it has one."""
    names, defined = file.names, file.line_names
    scalar = fields.word(file.document["loss"], "the name of a loss, or an expression")
    if scalar.text in defined:
        return scalar.text, None
    head = scalar.text.partition("(")[0].strip()
    if head in LOSSES and head not in names:
        head, settings = fields.call(scalar, PARAMETERS, "loss")
        if any(setting <= 0 for setting in settings):
            raise BackcalcError(f"the number of {head} must be above 0", scalar.place)
        _check_pairs(scalar, outputs, targets, LOSSES[head].classes)
        values = list(outputs.values())
        return loss_expression(LOSSES[head], values, targets, settings), LOSSES[head]
    if scalar.text.isidentifier() and scalar.text not in names:
        fields.one_of(scalar, [*LOSSES, *defined], "loss")
    place = scalar.inside
    expression = parse(scalar.text, FUNCTIONS, names=names, place=place, indexed=file.indexed)
    _no_inner_softmax(walk(expression), place)
    return expression, None


def _check_pairs(
    scalar: Word, outputs: Collection[str], targets: Sequence[str], classes: bool
) -> None:
    """Each output needs its target."""
    if (outputs and len(outputs) == len(targets)) or (classes and len(targets) == 1 < len(outputs)):
        return
    counts = [
        counted(len(group), what) + (f" ({listed(group)})" if group else "")
        for group, what in ((outputs, "output"), (targets, "target"))
    ]
    hint = "each output needs one target; outputs: [...] says which units are outputs"
    raise BackcalcError(f"{counts[0]} for {counts[1]}", scalar.place, hint)


def check_classes(
    file: DraftFile, outputs: Collection[str], targets: Sequence[str], samples: Iterable[Givens]
) -> None:
    """Raise BackcalcError if one target for several outputs is not the number of one of them."""
    if len(targets) != 1 or len(outputs) < 2:
        return
    for sample in samples:
        value = sample[targets[0]]
        if value not in range(len(outputs)):
            known = f"a number from 0 to {len(outputs) - 1}"
            message = f"the class {targets[0]} = {value} is not {known}"
            raise BackcalcError(message, file.document["loss"].place, "classes are counted from 0")


# Penalties.


PENALTIES = Record(
    "a mapping such as {l2: 0.01}",
    *(
        Field(name, f"The factor of the {name} penalty.", of("points"),
            fields.bounded(name, fields.not_negative))
        for name in ("l1", "l2")
    ),
)  # fmt: skip


def regularised(
    file: DraftFile, loss: Expression | str, weights: Iterable[str], copies: int = 1
) -> Expression | str:
    """Return the loss with its penalties on the weights: l2*(w1**2 + ...).

    If the losses of samples are summed, each of these `copies` has its share.
    """
    if "regularisation" not in file.document:
        return loss
    node = file.document["regularisation"]
    found = PENALTIES.read(node)
    if isinstance(loss, str):
        hint = "write the penalty into the equation"
        raise BackcalcError("regularisation needs a loss, not an equation's name", node.place, hint)
    names = [Name(weight) for weight in weights]
    costs: dict[str, list[Expression]] = {
        "l1": [Call(FUNCTIONS["abs"], (name,)) for name in names],
        "l2": [Power(name, Number(Fraction(2))) for name in names],
    }
    terms: list[Expression] = [*loss.terms] if isinstance(loss, Sum) else [loss]
    for name, size in found.items():
        if size and (cost := tuple(costs[name])):
            total = Sum(cost) if len(cost) > 1 else cost[0]
            terms.append(multiplied(Number(size / copies), total))
    return Sum(tuple(terms)) if len(terms) > 1 else loss
