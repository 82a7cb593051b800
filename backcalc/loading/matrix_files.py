"""Files with vectors and matrices: shapes are inferred here, and the rest reads scalars.

`W1: [[1, 2]]` becomes `W1_11: 1` and `W1_12: 2`; a line between matrices becomes one for each of
their elements. The file in matrix notation is kept as the network's MatrixForm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction

from backcalc.equations.initial import RANDOM
from backcalc.equations.losses import Loss, loss_formula
from backcalc.equations.matrix_form import (
    MatrixForm,
    MatrixLine,
    SampleAxis,
    array_of,
    element_names,
    elements_called,
    shape_called,
)
from backcalc.equations.program import Equation, ordered
from backcalc.errors import BackcalcError, Place, counted, listed
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Product,
    added,
    multiplied,
    names_in,
    parts,
    rebuilt,
    renamed,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import (
    MATMUL,
    OPERATIONS,
    SCALAR,
    TRANSPOSE,
    Array,
    Shape,
    ShapeError,
    elements_of,
    shape_of,
    size_from,
    size_number,
    whole,
)
from backcalc.formulas.matrix_reader import MatrixFormula, parse_matrices, stems
from backcalc.formulas.quantity import Quantity, parsed
from backcalc.loading import fields
from backcalc.loading.definitions import (
    MOST_RANDOM,
    DraftFile,
    DraftLine,
    check_pairs,
    named_loss,
    read_lines,
    read_outputs,
    regularised,
)
from backcalc.loading.document import Entries, Items, Word, YamlNode
from backcalc.loading.fields import Sections, TakenNames
from backcalc.loading.repeat import read_repeated
from backcalc.loading.sections import GIVEN_KEYS

MOST_ELEMENTS = 100_000  # numbers in all vectors and matrices of a file together
MOST_PRODUCTS = 100_000  # multiplications of numbers in the forward pass of a file
MOST_AXES = 4


@record(slots=True, eq=False)
class GivenArray:
    """A vector, a matrix or a number as it is given."""

    name: Word
    shape: Shape
    """The lengths of its axes."""
    cells: tuple[Word, ...]
    """Its numbers, the last axis running fastest; none where a size is a letter."""
    place: Place
    """Where it stands."""


def read_given(name: Word, node: YamlNode) -> GivenArray:
    """Read a number, a vector or a matrix; raise BackcalcError where its rows differ."""
    if isinstance(node, Word) and (found := fields.DRAWN.fullmatch(node.text)):
        shape = Shape(_size(each, node.place) for each in re.split(r"\s*x\s*", found[1]))
        _check_elements(name.text, shape, node.place, MOST_RANDOM)
        cells = (Word(RANDOM, node.place),) * math.prod(map(whole, shape))
        return GivenArray(name, shape, cells, node.place)
    if isinstance(node, Word) and node.text.startswith(f"{RANDOM} "):
        hint = "the lengths of its axes, each 1 or more: random 3x2"
        raise BackcalcError(f"{node.text[:60]!r} has no shape", node.place, hint)
    if isinstance(node, Entries):
        raise fields.expected("a number, a vector or a matrix", node)
    if not isinstance(node, Items):
        return GivenArray(name, SCALAR, (node,), node.place)
    flat = [item for item in node.items if isinstance(item, Word)]
    if len(flat) == len(node.items) and any(map(_has_letters, flat)):
        shape = Shape(
            size_from("{}", each.text) if _has_letters(each) else _size(each.text, each.place)
            for each in flat
        )
        return GivenArray(name, shape, (), node.place)
    shape = _shape_of_rows(name.text, node)
    return GivenArray(name, shape, tuple(_cells(name.text, node, shape)), node.place)


SIZE = re.compile(r"[^\W\d]\w{0,20}(?: ?[-+*] ?\w{1,20}){0,9}")
"""The pattern of a size in letters: `d`, `n - k + 1`."""


def _has_letters(word: Word) -> bool:
    return SIZE.fullmatch(word.text) is not None and word.text != RANDOM


def _size(text: str, place: Place) -> int:
    if not re.fullmatch("[0-9]{1,12}", text) or int(text) < 1:
        raise BackcalcError(f"{text[:40]!r} is not the length of an axis", place, "it is 1 or more")
    return int(text)


def _shape_of_rows(name: str, node: Items) -> Shape:
    """The shape that the first of each level has."""
    sizes: list[int] = []
    level: YamlNode | None = node
    while isinstance(level, Items):
        if not level.items:
            raise BackcalcError(f"{name!r} has a row without numbers", level.place)
        sizes.append(len(level.items))
        level = next((each for each in level.items if isinstance(each, Items)), None)
        if len(sizes) > MOST_AXES:
            raise BackcalcError(f"{name!r} has more than {MOST_AXES} levels of lists", node.place)
    return Shape(sizes)


def _cells(name: str, node: YamlNode, shape: Sequence[object]) -> Iterator[Word]:
    """The numbers of a list of lists; `random` may stand for a row."""
    if not shape:
        yield fields.word(node, "a number")
    elif fields.is_random(node):
        yield from (node,) * math.prod(map(int, map(str, shape)))
    elif isinstance(node, Items) and len(node.items) == shape[0]:
        for item in node.items:
            yield from _cells(name, item, shape[1:])
    elif isinstance(node, Items):
        message = f"a row of {name!r} has {counted(len(node.items), 'number')}, not {shape[0]}"
        raise BackcalcError(message, node.place, "all rows of a matrix have one length")
    else:
        raise fields.expected(f"a row of {shape[0]} numbers in {name!r}", node)


def _check_elements(
    name: str, shape: Shape, place: Place | None, most: int = MOST_ELEMENTS
) -> None:
    """Raise BackcalcError for more numbers than a file may hold."""
    size = math.prod(each for each in shape if isinstance(each, int))
    if size > most:
        message = f"{name} is {shape}, which is {size} numbers"
        raise BackcalcError(message, place, f"at most {most} are allowed")


@record(slots=True)
class MatrixDraft:
    """A file with matrices on its way."""

    document: Sections
    """Its sections."""
    names: TakenNames
    """The names of its vectors and matrices, and of its other quantities."""
    shapes: dict[str, Shape] = field(default_factory=dict)
    """The shape of each name."""
    sections: dict[str, list[GivenArray]] = field(default_factory=dict)
    """What is given in each section."""
    formulas: dict[tuple[int, int], MatrixFormula] = field(default_factory=dict)
    """The right sides as they were read, by line and column."""

    classes: list[str] = field(default_factory=list)
    """The targets that are given as the numbers of classes."""
    looked: set[str] = field(default_factory=set)
    """The constants that stand as an index: the numbers of a sheet do not depend on them."""
    batch: SampleAxis | None = None
    """The samples over which the loss is the mean, where one output holds several."""

    @property
    def letters(self) -> set[str]:
        """The letters that stand for sizes."""
        sizes = (each for shape in self.shapes.values() for each in shape if isinstance(each, str))
        return {letter for each in sizes for letter in names_in(size_number(each))}

    @property
    def rows(self) -> dict[str, int]:
        """The constants that are whole numbers, which may stand as an index."""
        return {
            each.name.text: int(each.cells[0].text)
            for each in self.sections.get("constants", ())
            if not each.shape and each.cells and re.fullmatch("[0-9]{1,9}", each.cells[0].text)
        }

    def quantity(self, text: str) -> Quantity:
        """The quantity that a text names; the last index of a name may be a sample's number."""
        return parsed(text, several=isinstance(self.document.get("data"), (Items, Word)))

    def called(self, text: str) -> Shape:
        """The shape of a quantity by its name."""
        return shape_called(self.quantity(text), self.shapes)

    def given(self, key: str) -> tuple[str, ...]:
        """The names that a section gives."""
        return tuple(each.name.text for each in self.sections.get(key, ()))

    def read(
        self, text: str, functions: Mapping[str, Function], *, names: Collection[str], place: Place,
        indexed: Callable[[str], str] | None = None,
    ) -> Expression:  # fmt: skip
        """Read a formula of matrices; its places are kept for errors."""
        known, steps = {*names, *self.letters}, (*stems(names),)
        found = parse_matrices(
            text, functions, names=known, place=place, indexed=indexed, stepped=steps
        )
        self.formulas[place.line, place.column] = found
        return self.looked_up(found.expression, place)

    def looked_up(self, node: Expression, place: Place) -> Expression:
        """A formula with the numbers of rows put in for their names: E[i] where i is 2."""
        node = rebuilt(node, lambda each: self.looked_up(each, place))
        if not isinstance(node, Operation) or node.row.name != "index":
            return node
        (word, at), *_ = node.settings
        assert isinstance(at, tuple)
        numbers = tuple(self.rows.get(each, each) if isinstance(each, str) else each for each in at)
        self.looked |= self.rows.keys() & {*at}
        for each in numbers:
            if isinstance(each, str) and each not in self.letters:
                hint = f"give it under constants: {{{each}: 0}}, counted from 0"
                raise BackcalcError(f"the index {each!r} is not a whole number", place, hint)
        return replace(node, settings=((word, numbers),))

    def shape(self, expression: Expression, line: DraftLine) -> Shape:
        """The shape of a right side; an error stands where the parts do not fit."""
        try:
            return shape_of(expression, self.shapes)
        except ShapeError:
            place = line.formula.inside
            written = self.formulas[place.line, place.column]
            step = parsed(line.names[0]).element
            shapes = {**self.shapes}
            for name in names_in(written.expression) if step else ():
                there = name.replace("[t-1]", f"[{step[0] - 1}]").replace("[t]", f"[{step[0]}]")
                shapes[name] = self.shapes.get(there, SCALAR)
            given = {g.name.text: g.cells for each in self.sections.values() for g in each}
            cells = {name: [each.text for each in words] for name, words in given.items()}
            raise written.shape_error(shapes, cells) from None


@record(frozen=True, slots=True, eq=False)
class Lowered:
    """What the rest of the loader needs of a file with matrices."""

    form: MatrixForm
    """The file in matrix notation."""
    loss: tuple[Expression | str, Loss | None] | None
    """The loss in scalars, and its row; None where units have the outputs."""
    words: Mapping[str, str]
    """The sheet's own words for vectors and matrices."""


def lower_file(file: DraftFile, folder: str) -> Lowered:
    """Rewrite a file with matrices as one of scalars: its document and its equations."""
    draft = MatrixDraft({**file.document}, TakenNames(file.names.steps))
    _check_names_alone(draft)
    if isinstance(table := draft.document.get("data"), Word) and table.text:
        from backcalc.loading.samples import vector_samples  # few files have a table

        lists = (draft.document.get(key) for key in ("inputs", "targets"))
        names = [word.text for node in lists if isinstance(node, Items)
                 for word in fields.words(node, "", "a name")]  # fmt: skip
        draft.document["data"] = vector_samples(table, names, folder)
    _read_sections(draft)
    lines, loss, outputs = _read_formulas(file, draft)
    constants = draft.sections["constants"]
    draft.sections["constants"] = [g for g in constants if g.name.text not in draft.looked]
    for name in draft.looked:
        del draft.shapes[name]
    letters = draft.letters
    for name in letters & draft.shapes.keys():
        hint = "take another letter for the size, or another name for the quantity"
        raise BackcalcError(f"{name!r} is a size and a quantity", None, hint)
    ends: tuple[Expression | str, Loss | None] | None = None
    end: DraftLine | None = None
    if loss is not None:
        expression, row = loss
        node = draft.document["loss"]
        assert isinstance(node, Word)
        if isinstance(expression, str):
            end = next(line for line in lines if line.names[0] == expression)
            lines = [*(line for line in lines if line is not end), end]
        else:
            draft.shapes["L"] = SCALAR
            end = DraftLine(("L",), Word("L", node.place), node, expression)
            lines = [*lines, end]
        ends = expression, row
    pieces = [piece for line in lines for piece in _pieces(draft, line)]
    written = (
        MatrixLine(parsed(name), line.expression, draft.shapes[name], where=line.key.place)
        for line in pieces
        for name in line.names
    )
    arrays = {} if letters else {n: array_of(n, shape) for n, shape in draft.shapes.items()}
    form = MatrixForm(
        draft.shapes, draft.given("inputs"), draft.given("targets"),
        (*draft.given("weights"), *draft.given("biases")), draft.given("constants"),
        tuple(written), arrays, tuple(draft.classes), tuple(outputs),
        ends[1].name if ends and ends[1] else None, draft.batch,
    )  # fmt: skip
    if letters:
        return Lowered(form, ends, {})
    _check_work(draft, pieces)
    lowered = [scalar for line in pieces for scalar in _scalar_lines(draft, line, form.elements)]
    if ends and not isinstance(ends[0], str):
        *lowered, last = lowered
        ends = last.expression, ends[1]
    file.lines = lowered
    file.document = _rewritten(draft, outputs)
    return Lowered(form, ends, _matrix_words(draft))


def _check_names_alone(draft: MatrixDraft) -> None:
    """Raise BackcalcError for numbers, or names of columns, of what `data:` gives."""
    for key in ("inputs", "targets"):
        node = draft.document.get(key)
        if "data" in draft.document and isinstance(node, Entries) and node.entries:
            name, value = node.entries[0]
            alone = listed(name.text for name, _ in node.entries)
            hint = f"with data:, {key} is a list of names: [{alone}]"
            raise BackcalcError(f"{name.text!r} has a value here and in data:", value.place, hint)


def _read_sections(draft: MatrixDraft) -> None:
    """What is given, with the shapes; a section that only lists names has them from `data:`."""
    samples = draft.document.get("data")
    first: dict[str, YamlNode] = {}
    if isinstance(samples, Items) and samples.items and isinstance(samples.items[0], Entries):
        first = {name.text: value for name, value in samples.items[0].entries}
    for key in GIVEN_KEYS:
        node = draft.document.get(key)
        found: list[GivenArray] = []
        if isinstance(node, Entries):
            found = [read_given(name, value) for name, value in node.entries]
        elif isinstance(node, Items):
            for word in fields.words(node, "", "a name"):
                given = read_given(word, first.get(word.text, word))
                found.append(replace(given, cells=()))
        for given in found:
            name = draft.names.read(given.name)
            draft.shapes[name] = given.shape
            _check_elements(name, given.shape, given.place)
        draft.sections[key] = found


Ending = tuple["Expression | str", "Loss | None"]


def _read_formulas(
    file: DraftFile, draft: MatrixDraft
) -> tuple[list[DraftLine], Ending | None, list[str]]:
    """The equations in an order in which each uses only earlier ones, the loss, the outputs."""
    reader = DraftFile(draft.document, draft.names, parse=draft.read)
    if file.names.steps:
        read_repeated(reader)
    else:
        read_lines(reader)
    draft.document = reader.document
    by_name = {name: line for line in reader.lines for name in line.names}
    for line in reader.lines:
        for name in line.names:
            if name not in fields.RESERVED:
                draft.names.add(name, line.key.place)
            for each in names_in(line.expression):
                if each not in draft.names and each not in by_name and each not in draft.letters:
                    place, known = line.formula.inside, [*draft.names, *by_name]
                    draft.read(
                        line.formula.text, FUNCTIONS, names=known, place=place,
                        indexed=line.indexed,
                    )  # fmt: skip
    firsts = {name: line.names[0] for line in reader.lines for name in line.names[1:]}
    equations = []
    for line in reader.lines:
        right = line.expression
        if firsts:
            right = renamed(right, lambda name: firsts.get(name, name))
        equations.append(Equation(parsed(line.names[0]), right, where=line.key.place))
    lines = [by_name[each.name] for each in ordered(equations)]
    for line in lines:
        shape = draft.shape(line.expression, line)
        if len(line.names) > 1 and shape:
            message = f"several names for one value, which is {shape}"
            raise BackcalcError(message, line.key.place, "give it one name")
        draft.shapes.update(dict.fromkeys(line.names, shape))
        _check_elements(line.names[0], shape, line.key.place)
    if "nodes" in draft.document or "layers" in draft.document:
        return lines, None, []
    reader.lines = lines
    outputs = [*read_outputs(reader)]
    return lines, _read_loss(draft, reader, lines, outputs), outputs


def _read_loss(
    draft: MatrixDraft, reader: DraftFile, lines: Sequence[DraftLine], outputs: Sequence[str]
) -> Ending:
    """The loss as a formula of matrices, or the equation that it is."""
    node = fields.word(draft.document["loss"], "the name of a loss, or an expression")
    defined = [name for line in lines for name in line.names]
    if node.text in defined:
        _check_scalar(node.text, draft.shapes[node.text], node)
        if "regularisation" in draft.document:
            regularised(reader, node.text, ())
        return node.text, None
    if named := named_loss(node, draft.names, defined):
        formula = _over_outputs(draft, *named, outputs, node, lines)
        return _penalised(draft, formula), named[0]
    formula = draft.read(
        node.text, FUNCTIONS, names=draft.names, place=node.inside, indexed=reader.indexed
    )
    line = DraftLine(("L",), Word("L", node.place), node, formula)
    _check_scalar(node.text, draft.shape(formula, line), node)
    return _penalised(draft, formula), None


def _check_scalar(text: str, shape: Shape, node: Word) -> None:
    if shape:
        hint = f"write sum({text}), or mean({text})"
        raise BackcalcError(f"the loss is one number, but {text} is {shape}", node.place, hint)


def _over_outputs(
    draft: MatrixDraft, row: Loss, settings: Sequence[Fraction], outputs: Sequence[str],
    node: Word, lines: Sequence[DraftLine],
) -> Expression:  # fmt: skip
    """A loss of the table over vectors, and over the samples of a batch."""
    targets = draft.given("targets")
    check_pairs(node, outputs, targets, "values")
    terms: list[Expression] = []
    sizes: list[Expression] = []
    batch: SampleAxis | None = None
    meanings = {name: line.expression for line in lines for name in line.names}
    weights = (*draft.given("weights"), *draft.given("biases"))
    for output, target in zip(outputs, targets, strict=True):
        shape, own = draft.shapes[output], draft.shapes[target]
        several = len(shape) > 1
        batch = _sample_axis(output, meanings, draft.shapes, weights) if several else None
        numbered = row.classes and shape and own != shape and not (batch and batch.axis)
        if numbered and tuple(own) == tuple(shape[:-1]):
            _one_hot(draft, target, shape)
            own = shape
        if own != shape:
            message = f"{output} is {shape}, but its target {target} is {own}"
            place = next(g.place for g in draft.sections["targets"] if g.name.text == target)
            raise BackcalcError(message, place, "a target has the shape of its output")
        terms.append(_over_all(loss_formula(row, Name(output), Name(target), settings), shape))
        across = batch.axis if batch else len(shape)
        sizes += map(size_number, shape[:across] + shape[across + 1 :])
    total = added(*terms) if len(terms) > 1 else terms[0]
    shares: list[Expression] = []
    if batch is not None and not _is_sum(draft.document):
        draft.batch = batch if batch.size != 1 or not batch.told else None
        shares.append(size_number(batch.size))
    if row.mean:
        if len(outputs) > 1:
            shares.append(Number(Fraction(len(outputs))))
        shares += sizes[: len(sizes) // len(outputs)]
    shares = [each for each in shares if each != Number(Fraction(1))]
    return multiplied(total, *map(Inverse, shares)) if shares else total


def _sample_axis(
    output: str,
    meanings: Mapping[str, Expression],
    shapes: Mapping[str, Shape],
    weights: Collection[str],
) -> SampleAxis:
    """Return along which axis of an output, a matrix, its samples stand.

    Units go along the axis that a weight brings: the columns of `W @ X` are samples, and so are
    the rows of `X @ W`. Classes go along the axis of a softmax. Where the two differ, rows are
    taken.
    """
    found: dict[str, int | None] = {}

    def axis(node: Expression) -> int | None:
        if isinstance(node, Name):
            if node.id not in found:
                found[node.id] = None
                found[node.id] = axis(meanings[node.id]) if node.id in meanings else None
            return found[node.id]
        if isinstance(node, Operation):
            if node.row.name in ("softmax", "log_softmax"):
                along, inner = dict(node.settings).get("axis", 1), axis(node.arguments[0])
                told = 1 - along % 2 if isinstance(along, int) else None
                return told if inner in (None, told) else 0
            if node.row is TRANSPOSE:
                inner = axis(node.arguments[0])
                return None if inner is None else 1 - inner
            if node.row is MATMUL:
                fixed = [{*names_in(each)} <= {*weights} for each in node.arguments]
                if fixed[0] != fixed[1]:
                    return 1 if fixed[0] else 0
        shape = shape_of(node, shapes)
        same = (axis(each) for each in parts(node) if len(shape_of(each, shapes)) == len(shape))
        return next((each for each in same if each is not None), None)

    found_at = axis(Name(output))
    place = found_at or 0
    return SampleAxis(output, place, shapes[output][place], found_at is not None)


def _over_all(term: Expression, shape: Shape) -> Expression:
    """The sum of a formula over all elements, with numbers and signs before it."""
    if not shape:
        return term
    match term:
        case Product(factors):
            if first := next(place for place, each in enumerate(factors) if names_in(each)):
                inner = factors[first] if len(factors) == first + 1 else Product(factors[first:])
                return Product((*factors[:first], _over_all(inner, shape)))
        case Negation():
            return rebuilt(term, lambda each: _over_all(each, shape))
    row = OPERATIONS["sum"]
    return Operation(row, (term,), row.settings)


def _penalised(draft: MatrixDraft, loss: Expression) -> Expression:
    """The loss with its penalties on the weights."""
    document = draft.document
    if "regularisation" not in document:
        return loss
    samples = document.get("data") if _is_sum(document) else None
    copies = len(samples.items) if isinstance(samples, Items) else 1
    frozen = document.get("frozen")
    left_out = {each.text for each in fields.words(frozen, "a list", "a name")} if frozen else set()
    decayed = [name for name in draft.given("weights") if name not in left_out]
    reader = DraftFile(document, draft.names)
    penalised = regularised(
        reader, loss, decayed, copies, lambda name, cost: _over_all(cost, draft.shapes[name])
    )
    assert not isinstance(penalised, str)
    return penalised


def _is_sum(document: Sections) -> bool:
    node = document.get("reduction")
    return isinstance(node, Word) and node.text == "sum"


def _one_hot(draft: MatrixDraft, target: str, shape: Shape) -> None:
    """Let a target of class numbers have a 1 at each class and 0 elsewhere."""
    classes = shape[-1]
    draft.shapes[target] = shape
    draft.classes.append(target)
    for given in draft.sections["targets"]:
        if given.name.text == target:
            given.shape = shape
            given.cells = tuple(_hot_cells(given.cells, classes))


def _hot_cells(cells: Iterable[Word], classes: int | str) -> Iterator[Word]:
    for cell in cells:
        number = fields.number(cell)
        if number not in range(whole(classes)):
            message = f"the class {cell.text} is not a number from 0 to {whole(classes) - 1}"
            raise BackcalcError(message, cell.place, "classes are counted from 0")
        yield from (
            Word("1" if place == number else "0", cell.place) for place in range(whole(classes))
        )


# Lines that hold several steps.

ONCE = {".T", "sum", "mean", "trace", "dot", "norm", "index", "concat", "reshape", "permute"}
"""Operations whose result has each element of an operand at most once."""


def _pieces(draft: MatrixDraft, line: DraftLine) -> list[DraftLine]:
    """A line as several, so that no formula of elements stands in many others."""
    if len(line.names) > 1:
        return [line]
    found: list[DraftLine] = []

    def named(node: Expression) -> Expression:
        node = inside(node, top=True)
        name = _free_name(draft, line.names[0], len(found))
        draft.names.add(name, line.key.place)
        draft.shapes[name] = shape_of(node, draft.shapes)
        found.append(replace(line, names=(name,), expression=node))
        return Name(name)

    def inside(node: Expression, *, top: bool = False) -> Expression:
        if isinstance(node, Operation):
            many = node.row.name not in ONCE
            function = FUNCTIONS.get(node.row.name)
            if not top and function and function.outputs:  # softmax and its like stand alone
                return named(node)
            return rebuilt(
                node, lambda each: named(each) if many and not _moved(each) else inside(each)
            )
        shape = shape_of(node, draft.shapes)

        def operand(each: Expression) -> Expression:
            if shape_of(each, draft.shapes) != shape and not _moved(each) and _has_operation(each):
                return named(each)
            return inside(each)

        return rebuilt(node, operand)

    last = inside(line.expression, top=True)
    return [*found, replace(line, expression=last)]


def _has_operation(node: Expression) -> bool:
    return isinstance(node, Operation) or any(map(_has_operation, parts(node)))


def _moved(node: Expression) -> bool:
    """True for names, perhaps transposed or cut, and numbers times them."""
    match node:
        case Name() | Number():
            return True
        case Operation(row, arguments):
            return row.name in {".T", "index"} and all(map(_moved, arguments))
        case Product(factors):
            named = [each for each in factors if names_in(each)]
            return len(named) <= 1 and all(map(_moved, named))
    return hasattr(node, "operand") and _moved(node.operand)


def _free_name(draft: MatrixDraft, name: str, number: int) -> str:
    """A name for a part of a line: `out_a` for the first of `out`."""
    quantity = parsed(name)
    tail = f"[{quantity.element[0]}]" if quantity.element else ""
    for letter in "abcdefghijklmnopqrstuvwxyz"[number:]:
        found = f"{quantity.stem}_{letter}{tail}"
        if found not in draft.names:
            return found
    raise BackcalcError(f"the line {name} holds more than 26 steps", hint="write it as several")


def _check_work(draft: MatrixDraft, lines: Iterable[DraftLine]) -> None:
    """Raise BackcalcError before the work begins if it would take too long."""
    size = sum(math.prod(map(whole, shape)) for shape in draft.shapes.values())
    last: Place | None = None
    work = 0
    for line in lines:
        own = _products(line.expression, draft.shapes)
        work, last = work + own, line.key.place
        if work > MOST_PRODUCTS:
            message = f"{line.names[0]} brings the forward pass to {work} multiplications"
            hint = f"a file with matrices has at most {MOST_PRODUCTS}: take fewer rows"
            raise BackcalcError(message, last, hint)
    if size > MOST_ELEMENTS:
        message = f"the vectors and matrices of this file hold {size} numbers"
        raise BackcalcError(message, last, f"at most {MOST_ELEMENTS} are allowed")


def _products(node: Expression, shapes: Mapping[str, Shape]) -> int:
    """How many multiplications a formula takes, about."""
    own = sum(_products(each, shapes) for each in parts(node))
    if not isinstance(node, Operation):
        return own
    sides = [shape_of(each, shapes) for each in node.arguments]
    result = math.prod(map(whole, shape_of(node, shapes)))
    if node.row.name == "@":
        left, right = (math.prod(map(whole, side)) for side in sides)
        return own + max(result, round(math.sqrt(left * right * result)))
    if node.row.name in ONCE:
        return own
    return own + result * min(math.prod(map(whole, side)) for side in sides)


def _scalar_lines(
    draft: MatrixDraft, line: DraftLine, arrays: Mapping[str, Array]
) -> Iterator[DraftLine]:
    """A line between matrices as one for each element, for softmax as one for each row."""
    if len(line.names) > 1:
        yield line
        return
    name = line.names[0]
    found = elements_of(line.expression, arrays)
    names = element_names(name, draft.shapes[name])
    rows: dict[tuple[int, ...], list[str]] = {}
    for own, element in zip(names, found.elements, strict=True):
        if isinstance(element, Call) and element.function.outputs:
            rows.setdefault(tuple(map(id, element.arguments)), []).append(own)
    for own, element in zip(names, found.elements, strict=True):
        siblings: tuple[str, ...] = (own,)
        if isinstance(element, Call) and element.function.outputs:
            siblings = tuple(rows.pop(tuple(map(id, element.arguments)), ()))
            element = replace(element, output=None)
        if siblings:
            key = replace(line.key, text=siblings[0])
            yield replace(line, names=siblings, key=key, expression=element)


def _rewritten(draft: MatrixDraft, outputs: Sequence[str]) -> Sections:
    """The document as one of scalars."""
    written = dict(draft.document)
    for key in GIVEN_KEYS:
        node = written.get(key)
        if isinstance(node, Entries):
            pairs = [pair for given in draft.sections[key] for pair in _spread_out(given)]
            written[key] = Entries(tuple(pairs), node.place)
        elif isinstance(node, Items):
            words = [word for given in draft.sections[key] for word in _own_words(given)]
            written[key] = Items(tuple(words), node.place)
    if isinstance(samples := written.get("data"), Items):
        items = tuple(_sample(draft, item) for item in samples.items)
        written["data"] = Items(items, samples.place)
    if isinstance(layers := written.get("layers"), Items):
        written["layers"] = Items(tuple(_layer(draft, item) for item in layers.items), layers.place)
    if isinstance(frozen := written.get("frozen"), Items):
        names = [each for item in frozen.items for each in _elements(draft, item)]
        written["frozen"] = Items(tuple(names), frozen.place)
    if isinstance(state := written.get("state"), Entries):
        pairs = [pair for each in state.entries for pair in _remembered(draft, *each)]
        written["state"] = Entries(tuple(pairs), state.place)
    for key in ("expect", "points", "names"):
        if key in written:
            written[key] = _by_element(draft, key, written[key])
    if outputs:
        place = written["outputs"].place if "outputs" in written else written["loss"].place
        ends = [Word(each, place) for name in outputs
                for each in element_names(name, draft.shapes[name])]  # fmt: skip
        written["outputs"] = Items(tuple(ends), place)
    return written


def _own_words(given: GivenArray) -> list[Word]:
    return [Word(name, given.name.place) for name in element_names(given.name.text, given.shape)]


def _spread_out(given: GivenArray) -> Iterator[tuple[Word, YamlNode]]:
    """A given matrix as its elements with their numbers."""
    return zip(_own_words(given), given.cells, strict=True)


def _remembered(draft: MatrixDraft, name: Word, value: YamlNode) -> Iterable[tuple[Word, YamlNode]]:
    """What an optimizer keeps of a matrix, v_W1, as its elements; another name as it is."""
    weight = name.text.partition("_")[2]
    shape = draft.shapes.get(weight)
    if not shape:
        return ((name, value),)
    given = read_given(name, value)
    if given.shape != shape:
        message = f"{name.text!r} is {given.shape} here, but {weight} is {shape}"
        raise BackcalcError(message, value.place, "it has a number for each of its elements")
    return _spread_out(given)


def _sample(draft: MatrixDraft, node: YamlNode) -> YamlNode:
    """A sample with its vectors and matrices as elements."""
    if not isinstance(node, Entries):
        return node
    pairs: list[tuple[Word, YamlNode]] = []
    for name, value in node.entries:
        shape = draft.shapes.get(name.text)
        given = read_given(name, value)
        if shape is not None and given.shape != shape and tuple(given.shape) == shape[:-1]:
            given.cells = tuple(_hot_cells(given.cells, shape[-1]))
            given.shape = shape
        if shape is not None and given.shape != shape:
            message = f"{name.text!r} is {given.shape} here, but {shape} in the first sample"
            raise BackcalcError(message, value.place, "a vector has one length in all samples")
        pairs += _spread_out(given)
    return Entries(tuple(pairs), node.place)


def _layer(draft: MatrixDraft, node: YamlNode) -> YamlNode:
    """A layer whose weights and bias are named as matrices: the same with their elements."""
    if not isinstance(node, Entries):
        return node
    pairs: list[tuple[Word, YamlNode]] = []
    for key, value in node.entries:
        shape = draft.shapes.get(value.text, SCALAR) if isinstance(value, Word) else SCALAR
        if isinstance(value, Word) and shape:
            words: list[YamlNode] = [*_elements(draft, value)]
            if key.text == "weights" and len(shape) == 2:
                width = whole(shape[1])
                words = [
                    Items(tuple(words[start : start + width]), value.place)
                    for start in range(0, len(words), width)
                ]
            value = Items(tuple(words), value.place)
        pairs.append((key, value))
    return Entries(tuple(pairs), node.place)


def _elements(draft: MatrixDraft, node: YamlNode) -> list[Word]:
    """The elements of a quantity that is written here; itself if it is a scalar."""
    if not isinstance(node, Word):
        return []
    name = draft.quantity(node.text)
    return [Word(each, node.place) for each in elements_called(name, draft.shapes)]


def _by_element(draft: MatrixDraft, key: str, node: YamlNode) -> YamlNode:
    """Figures, points and words of matrices as those of their elements."""
    if not isinstance(node, Entries):
        return node
    pairs: list[tuple[Word, YamlNode]] = []
    own = {word: name for name, word in _matrix_words(draft).items() if key != "names"}
    for said, value in node.entries:
        name = Word(own.get(said.text, said.text), said.place, said.quoted)
        words = _elements(draft, name)
        if len(words) == 1 and words[0].text == name.text:
            pairs.append((name, value))
            continue
        pairs += zip(words, _values(draft, key, name, value, words), strict=True)
    return Entries(tuple(pairs), node.place)


def _values(
    draft: MatrixDraft, key: str, name: Word, value: YamlNode, words: Sequence[Word]
) -> list[YamlNode]:
    """What stands behind the name of a matrix, for each of its elements."""
    if key == "expect":
        shape = draft.called(name.text)
        given = read_given(name, value)
        if tuple(given.shape) != tuple(shape):
            message = f"{name.text} is {shape}, but its figures are {given.shape}"
            raise BackcalcError(message, value.place)
        return [*given.cells]
    if key == "names" and isinstance(value, Word):
        word, above, number = fields.own_word(value).partition("^")
        names = element_names(word, draft.called(name.text))
        return [Word(f"{each}{above}{number}", value.place) for each in names]
    if isinstance(value, Word) and value.text:  # each has its share of the points
        value = replace(value, text=str(fields.number(value) / len(words)))
    return [value] * len(words)


def _matrix_words(draft: MatrixDraft) -> dict[str, str]:
    node = draft.document.get("names")
    if not isinstance(node, Entries):
        return {}
    return {
        name.text: fields.own_word(value)
        for name, value in node.entries
        if isinstance(value, Word) and draft.called(name.text)
    }
