"""Text to formulas of vectors and matrices: `W1 @ x`, `h.T`, `X[:, 1]`, `sum(h, axis=0)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Operation,
    Product,
    names_in,
    parts,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import (
    MATMUL,
    OPERATIONS,
    UPRIGHT,
    Shape,
    ShapeError,
    Shapes,
    shape_of,
    transposed,
)
from backcalc.formulas.notation import formula_text
from backcalc.formulas.parser import MAX_FACTORS, FormulaReader, Lexeme, tokenized

SIGNS = ("@", ".T")
UNSPOKEN = ("index", *(row.name for row in OPERATIONS.values() if row.derived))
"""Operations that no file names: they come from derivatives and from brackets."""

SPOKEN = [name for name in OPERATIONS if name not in {*UNSPOKEN, *SIGNS}]
"""The operations that files name."""

PRINTED = [row.name for row in OPERATIONS.values() if row.derived]
"""The operations that stand in derivatives only, which answers may have."""
SHAPED = ("zeros", "spread", "full_conv", "correlation", "max_unpool", "mean_unpool")
NEEDED = {name: {"shape"} for name in SHAPED} | {"placed": {"at", "shape"}, "eye": {"size"}}
"""The words that such an operation cannot do without."""

WORDS = re.compile(
    r"(?P<number>\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*)"
    r"|(?P<name>[^\W\d]\w*'*)"
    r"|(?P<operator>\.T(?!\w)|\*\*|[<>=!]=|[-+*/(),<>=·×−≥≤≠^@⊙ᵀ:]|\[|\])"
)
SPELLINGS = {"⊙": "*", "ᵀ": ".T"}

Cut = tuple["int | None", "int | None"]  # where a slice starts and ends, counted from 0


@record(frozen=True, slots=True, eq=False)
class MatrixFormula:
    """A formula of vectors and matrices, with the place of each of its parts."""

    expression: Expression
    """The formula."""
    spans: Mapping[int, tuple[Expression, int, int]]
    """Each part by its identity, with where it starts and ends in the text."""
    place: Place
    """Where the text stands."""

    def shape_error(
        self, shapes: Shapes, given: Mapping[str, Sequence[str]] | None = None
    ) -> BackcalcError:
        """The error for shapes that do not fit, at the smallest part that has none.

        The numbers that are given for a vector show how it is written as a column.
        """
        node, found = _culprit(self.expression, shapes)
        text = formula_text(node)
        message, hint = f"{text}: {found.message}", None
        if isinstance(node, Operation) and node.row.name == "@":
            sides = [shape_of(each, shapes) for each in node.arguments]
            if all(sides) and max(map(len, sides)) < 3:
                message = f"{text}: {sides[0]} by {sides[1]}"
            hint = _what_fits(node, shapes)
        elif not isinstance(node, (Operation, Call)):
            hint = _as_column(node, shapes, given or {})
        _, start, end = self.spans.get(id(node), (node, 0, len(self.place.text)))
        return BackcalcError(message, self.place.moved(start, end - start), hint)


def _as_column(node: Expression, shapes: Shapes, given: Mapping[str, Sequence[str]]) -> str:
    """The hint for a sum or its like that does not fit: a vector may be meant for each column."""
    sides = [shape_of(each, shapes) for each in parts(node)]
    tall = {side[0] for side in sides if len(side) > 1}
    for each, side in zip(parts(node), sides, strict=True):
        if isinstance(each, Name) and len(side) == 1 and side[0] in tall and each.id in given:
            rows = "], [".join(given[each.id])
            return f"a vector meets each row; for each column it is {each.id}: [[{rows}]]"
    return "element by element, axes count from the last: equal, or one of them 1"


def _culprit(node: Expression, shapes: Shapes) -> tuple[Expression, ShapeError]:
    """The smallest part of a formula whose shapes do not fit, and what is wrong with it."""
    for part in parts(node):
        try:
            shape_of(part, shapes)
        except ShapeError:
            return _culprit(part, shapes)
    try:
        shape_of(node, shapes)
    except ShapeError as error:
        return node, error
    raise AssertionError(node)


def _what_fits(node: Operation, shapes: Shapes) -> str | None:
    """The hint for a product that does not fit: what would."""
    left, right = node.arguments
    pairs = ((transposed(left), right), (left, transposed(right)), (right, left))
    others: list[Expression] = [
        *(Operation(MATMUL, pair) for pair in pairs),
        Product((left, right)),
    ]
    for other in others:
        with suppress(ShapeError):
            return f"did you mean {formula_text(other)}? It is {shape_of(other, shapes)}"
    return None


def parse_matrices(
    text: str, functions: Mapping[str, Function] = FUNCTIONS, *,
    names: Collection[str] | None = None, place: Place | None = None, derivatives: bool = False,
    indexed: Callable[[str], str] | None = None, stepped: Collection[str] = (),
) -> MatrixFormula:  # fmt: skip
    """The formula of vectors and matrices that a text stands for.

    As `parse`; `stepped` are the names whose first index is a step of `repeat:`.

    >>> formula_text(parse_matrices("softmax(X @ W + b)*X.T").expression)
    'softmax(X @ W + b)*X.T'
    """
    reader = MatrixReader(text, functions, names, place, derivatives, indexed, stepped)
    return MatrixFormula(reader.whole(), reader.spans, reader.place)


class MatrixReader(FormulaReader):
    """One pass over the words of a formula of matrices."""

    def __init__(
        self, text: str, functions: Mapping[str, Function], names: Collection[str] | None,
        place: Place | None, derivatives: bool, indexed: Callable[[str], str] | None,
        stepped: Collection[str],
    ) -> None:  # fmt: skip
        self.spans: dict[int, tuple[Expression, int, int]] = {}
        self.stepped = stepped
        self.spoken = [*SPOKEN, *PRINTED] if derivatives else SPOKEN
        super().__init__(text, functions, names, place, derivatives, indexed)

    def read(self, text: str, derivatives: bool) -> list[Lexeme]:
        """The words of the formula; h[t-1] is one of them."""
        stems = "|".join(map(re.escape, sorted(self.stepped, key=len, reverse=True)))
        first = re.compile(rf"(?P<name>(?:{stems})'*\[[^\[\]]*\])") if stems else None
        words = tokenized(text, derivatives, self.error, first, WORDS)
        return [replace(each, text=SPELLINGS.get(each.text, each.text)) for each in words]

    def marked(self, read: Callable[[], Expression]) -> Expression:
        """A part, whose place is kept."""
        start = self.ahead.start
        node = read()
        span = node, start, self.tokens[self.position - 1].end
        self.spans.setdefault(id(node), span)
        return node

    def sum(self) -> Expression:
        """Products with + and - between them."""
        return self.marked(super().sum)

    def product(self) -> Expression:
        """Factors with *, / and @ between them, from left to right."""
        minus = self.signs()
        start = self.ahead.start
        factors = [self.power()]
        while sign := self.take("*", "/", "@"):
            factor = self.signed()
            if sign.text == "@":
                left = factors[0] if len(factors) == 1 else Product(tuple(factors))
                factors = [Operation(MATMUL, (left, factor))]
                span = factors[0], start, self.tokens[self.position - 1].end
                self.spans.setdefault(id(factors[0]), span)
            else:
                factors.append(Inverse(factor) if sign.text == "/" else factor)
            if len(factors) > MAX_FACTORS:
                raise self.wrong(sign, f"more than {MAX_FACTORS} factors in one product")
        product = factors[0] if len(factors) == 1 else Product(tuple(factors))
        self.spans.setdefault(id(product), (product, start, self.tokens[self.position - 1].end))
        return Negation(product) if minus else product

    def signed(self) -> Expression:
        """A power, perhaps with signs before it."""
        return self.marked(super().signed)

    def power(self) -> Expression:
        """A part to a power."""
        return self.marked(super().power)

    def atom(self) -> Expression:
        """A number, a name, a call or a bracket, perhaps transposed or cut."""
        return self.marked(self.with_marks)

    def with_marks(self) -> Expression:
        """An atom with what stands behind it: `.T`, `[:, 1]`."""
        node = self.marked(super().atom)
        while mark := self.take(".T", "["):
            node = transposed(node) if mark.text == ".T" else self.cut(node)
        return node

    def cut(self, node: Expression) -> Expression:
        """What an index picks: `[:, 1]`, `[0:2]`, `[i]`."""
        cuts = self.cuts()
        if cuts[-1] == "None":  # a new axis
            return Operation(UPRIGHT, (node,), (("axis", len(cuts) - 1),))
        return Operation(OPERATIONS["index"], (node,), (("at", cuts),))

    def cuts(self) -> tuple[int | str | Cut | None, ...]:
        """What stands in brackets behind a matrix."""
        cuts = [self.index()]
        while self.take(","):
            cuts.append(self.index())
        self.expect("]", "to close the index")
        return tuple(cuts)

    def index(self) -> int | str | Cut | None:
        """One index, or where a slice starts and ends; None for all of an axis."""
        if self.ahead.kind == "name":
            self.position += 1
            return self.tokens[self.position - 1].text
        first = None if self.ahead.text == ":" else self.whole_number()
        if not self.take(":"):
            assert first is not None
            return first
        last = None if self.ahead.text in (",", "]") else self.whole_number()
        return None if first is last is None else (first, last)

    def whole_number(self) -> int:
        """A whole number, perhaps with a minus."""
        minus = self.signs()
        token = self.ahead
        if token.kind != "number" or not re.fullmatch("[0-9]{1,9}", token.text):
            raise self.unexpected("expected a whole number")
        self.position += 1
        return -int(token.text) if minus else int(token.text)

    def check_exponent(self, exponent: Expression, mark: Lexeme) -> None:
        """A constant exponent is a small number, and no operation on numbers alone."""
        whole = any(isinstance(each, Operation) for each in walk(exponent))
        if whole and not names_in(exponent):
            raise self.wrong(mark, "the exponent is no number")
        super().check_exponent(exponent, mark)

    def call(self, token: Lexeme) -> Expression:
        """An operation on whole arrays, or a function of the table element by element."""
        row = OPERATIONS[token.text] if token.text in self.spoken else None
        if row is None and token.text not in self.functions:
            hint = did_you_mean(token.text, [*self.functions, *SPOKEN])
            raise self.wrong(token, f"unknown function {token.text[:60]!r}", hint)
        operands: list[Expression] = []
        said: dict[str, object] = {}
        while not operands or self.take(","):
            word = self.ahead
            equals = self.tokens[self.position + 1 : self.position + 2]
            if word.kind == "name" and equals and equals[0].text == "=":
                self.position += 2
                takes = dict(row.settings) if row else {}
                printed = row and row.derived and word.text in ("at", "shape", "size")
                if word.text not in takes and not printed:
                    hint = f"it takes {listed(takes)}" if takes else None
                    raise self.wrong(word, f"{token.text} has no {word.text!r}", hint)
                value = self.setting()
                sizes = isinstance(value, tuple) and word.text != "at"
                said[word.text] = Shape(value) if sizes else value  # type: ignore[arg-type]
            else:
                operands.append(self.choice())
        self.expect(")", f"to close {token.text}(")
        function = self.functions.get(token.text)
        if row is None or (function and len(operands) > 1 and not said):
            assert function is not None
            return Call(function, self.completed(function, operands, token))
        if missing := NEEDED.get(row.name, set()) - said.keys():
            raise self.wrong(token, f"{row.name} needs {listed(sorted(missing))}")
        settings = {**dict(row.settings), **said}
        return Operation(row, tuple(operands), tuple(settings.items()))

    def setting(self) -> object:
        """What a further word says: a number, a pair of them, True or False."""
        word = self.ahead
        if word.text in ("True", "False", "None"):
            self.position += 1
            return {"True": True, "False": False, "None": None}[word.text]
        if self.take("["):
            return self.cuts()
        if self.take("("):
            numbers = [self.whole_number()]
            while self.take(",") and self.ahead.text != ")":
                numbers.append(self.whole_number())
            self.expect(")", "to close the bracket")
            return tuple(numbers)
        if word.kind == "number" and not re.fullmatch("[0-9]{1,9}", word.text):
            node = self.power()
            return getattr(node, "value", Fraction(0))
        value, bar = self.whole_number(), self.take("/")
        if bar and not (below := self.whole_number()):
            raise self.wrong(bar, "a division by 0")
        return Fraction(value, below) if bar else value


def stems(names: Collection[str]) -> Iterator[str]:
    """The names that have a value at each step."""
    yield from dict.fromkeys(name.partition("[")[0] for name in names if "[" in name)
