"""What a sheet says of whole vectors and matrices: numbers in brackets, or a formula of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from backcalc.equations.matrices import MatrixForm, shape_called
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Expression, Negation, Number
from backcalc.formulas.matrices import SCALAR, Shape
from backcalc.formulas.matrix_reader import parse_matrices
from backcalc.formulas.parser import parse_number
from backcalc.formulas.quantity import Derivative, Quantity, parsed

MOST_CELLS = 10_000
MOST_LINE = 20_000  # characters of one statement

NUMBER = r"[-+−]?\s?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?:/\d+)?"
CELL = re.compile(NUMBER)
MATRIX = re.compile(
    r"\\begin\s*\{(?P<env>[bpBvV]?matrix|smallmatrix|array)\}(?:\{[lcr|]*\})?"
    r"(?P<cells>.*?)\\end\s*\{(?P=env)\}",
    re.DOTALL,
)
BRACKETS = re.compile(r"(?:np\.|numpy\.)?(?:array|matrix|tensor)?\s*\(?\s*(?P<open>\[)")
CALL_END = re.compile(r"\s*(?:,\s*dtype=[\w.]+)?\s*\)")
NAMED = re.compile(r"(?P<name>[^=:\n;&]{1,120}?)\s*(?P<sign>:=|=|≈|\\approx|:(?!=))\s*&?\s*$")
ROWS_BELOW = re.compile(
    rf"[ \t]*\n(?P<rows>(?:[ \t]*{NUMBER}(?:[ \t,;&]+{NUMBER})*[ \t]*(?:\n|\Z))+)"
)
FORMULA = re.compile(
    r"^[ \t]*(?:[-*•]\s+|\(?\w[.)]\s+)?(?P<name>[^=:\n]{1,120}?)\s*(?::=|=)\s*"
    r"(?P<formula>[^\n]+?)[ \t]*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a matrix as it was written."""

    text: str
    """What stands there."""
    value: Expression
    """What it means."""


@dataclass(frozen=True, slots=True, eq=False)
class MatrixAnswer:
    """One statement about a whole vector or matrix."""

    name: Quantity
    """The quantity, with a prime for each step that it comes after."""
    shape: Shape
    """The lengths of the axes of what was written; of a formula those of the quantity."""
    cells: tuple[Cell, ...]
    """The numbers, the last axis running fastest; none for a formula."""
    formula: str
    """The formula in our own signs; empty for numbers."""
    text: str
    """What stands there."""
    start: int
    """Where it begins in the text."""
    end: int
    """Where it ends."""


# Names.

LATEX = (
    (re.compile(r"\\(?:mathbf|boldsymbol|bm|vec|mathrm|mathit|text|mathcal|operatorname)\s*"), ""),
    (re.compile(r"\\(?:hat|widehat)\s*\{?\s*(\w)\s*\}?"), r"\1hat"),
    (re.compile(r"ŷ"), "yhat"),
    (re.compile(r"\\partial|∂"), "d"),
    (re.compile(r"\\nabla\s*_|∇_?|\\nabla"), "grad"),
    (re.compile(r"\\[dt]?frac\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"),
     r"(\1)/(\2)"),
    (re.compile(r"\\delta|δ"), "delta"),
    (re.compile(r"\\(?:left|right|displaystyle|quad|qquad|[,;:! ])"), " "),
)  # fmt: skip
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉′’", "0123456789''")
LAYER = re.compile(r"\^\s*\{?\s*[\[(]\s*(\w)\s*[\])]\s*\}?")
NEW = re.compile(r"(?:\^|_)\s*\{?\s*(?:new|\+|neu)\s*\}?$|\\leftarrow$")


def _plain(text: str) -> str:
    """A text without the marks of LaTeX."""
    for pattern, instead in LATEX:
        text = pattern.sub(instead, text)
    return text.translate(DIGITS)


def _bare(name: str) -> str:
    """A name without what people write in different ways: w_1, W1 and W^{(1)} are one."""
    name = LAYER.sub(r"\1", name)
    return re.sub(r"[\s_{}()*$`|\\]", "", name)


@lru_cache(maxsize=16)
def known_names(network: Network) -> Mapping[str, Quantity]:
    """Every spelling of a vector's or matrix's name, with the quantity that it means."""
    form = network.matrices
    assert form is not None
    found: dict[str, Quantity] = {}
    for name, shape in form.shapes.items():
        own = parsed(name)
        if isinstance(own, Derivative) or (shape == SCALAR and name != form.loss):
            continue
        derivative = Derivative(form.loss, own)
        spelled = {_bare(name): own} if shape != SCALAR else {}
        for each in {name, network.names.get(name, name)}:
            for text in (
                f"d{form.loss}/d{each}",
                f"d{each}",
                f"grad{each}",
                f"grad{each}{form.loss}",
            ):
                spelled[_bare(text)] = derivative
        if name.startswith("z") and shape != SCALAR:
            spelled[f"delta{_bare(name[1:])}"] = derivative
        for quantity in (own, derivative):
            if quantity in network.names:
                spelled[_bare(network.names[quantity])] = quantity
        for text, quantity in spelled.items():
            found.setdefault(text, quantity)
    return found


def quantity_named(text: str, network: Network) -> Quantity | None:
    """The vector or matrix that a text names, or None."""
    name = re.sub(r"^[\s$&*`>|-]*(?:\\\[|\$\$|\\\()?", "", text)
    plain = _plain(name).strip().rstrip("$&` ")
    new = NEW.search(plain)
    primes = len(plain) - len(plain.rstrip("'")) + (1 if new else 0)
    bare = _bare(NEW.sub("", plain).rstrip("'"))
    found = known_names(network).get(bare)
    if found is None:
        bare = re.sub(r"[^\w/]", "", bare)
        found = known_names(network).get(bare)
    return found.after(primes) if found is not None else None


# Statements.


def matrix_answers(text: str, network: Network) -> tuple[tuple[MatrixAnswer, ...], str]:
    """Return what a text says of whole matrices, and the text with that blanked out."""
    form = network.matrices
    if form is None or not form.elements:
        return (), text
    found: list[MatrixAnswer] = []
    left = list(text)
    for answer in sorted(_numbers(text, network, form), key=lambda each: each.start):
        if all(answer.start >= other.end for other in found):
            found.append(answer)
            _blank(left, answer)
    rest = "".join(left)
    for answer in _formulas(rest, network, form):
        found.append(answer)
        _blank(left, answer)
    found.sort(key=lambda each: each.start)
    return tuple(found), "".join(left)


def _blank(text: list[str], answer: MatrixAnswer) -> None:
    for place in range(answer.start, answer.end):
        if text[place] != "\n":
            text[place] = " "


def _numbers(text: str, network: Network, form: MatrixForm) -> Iterator[MatrixAnswer]:
    """Yield matrices of numbers."""
    for match in MATRIX.finditer(text):
        lines = re.split(r"\\\\(?:\[[^\]]*\])?", match["cells"])
        table = [row.split("&") for row in lines if row.strip()]
        yield from _answer(text, match.start(), match.end(), _cells(table), network, form)
    place = 0
    while opening := BRACKETS.search(text, place):
        place = opening.end()
        end = _closing(text, opening.start("open"))
        rows = None if end is None else _bracketed(text[opening.start("open") : end])
        if end is None or rows is None:
            continue
        place = end
        called = "(" in text[opening.start() : opening.start("open")]
        tail = CALL_END.match(text, end)
        stop = tail.end() if called and tail else end
        yield from _answer(text, opening.start(), stop, _cells(rows), network, form)
    for match in ROWS_BELOW.finditer(text):
        below = [re.split(r"[\s,;&]+", row.strip()) for row in match["rows"].splitlines()]
        below = [row for row in below if row != [""]]
        yield from _answer(text, match.start(), match.end("rows"), _cells(below), network, form)


def _closing(text: str, start: int) -> int | None:
    """Where the bracket that opens at a place is closed."""
    depth = 0
    for place in range(start, min(len(text), start + MOST_LINE)):
        depth += (text[place] == "[") - (text[place] == "]")
        if not depth:
            return place + 1
    return None


def _bracketed(text: str) -> list[list[str]] | None:
    """The rows of `[[1, 2], [3, 4]]`, as Python or NumPy prints it; one row for a vector."""
    inner = text[1:-1].strip()
    if "[" in inner:
        rows = re.findall(r"\[([^\[\]]*)\]", inner)
        if re.sub(r"\[[^\[\]]*\]|[\s,;]", "", inner):
            return None
        return [_split(row) for row in rows]
    if ";" in inner:  # as MATLAB writes it
        return [_split(row) for row in inner.split(";") if row.strip()]
    return [_split(inner)]


def _split(row: str) -> list[str]:
    return [each for each in re.split(r"\s*[,&]\s*|\s+", row.strip()) if each]


def _cells(rows: list[list[str]]) -> tuple[tuple[Cell, ...], ...] | None:
    """Rows of words as rows of numbers; None where one is none, or they differ in length."""
    if not rows or len({len(row) for row in rows}) != 1 or len(rows) * len(rows[0]) > MOST_CELLS:
        return None
    found = []
    for row in rows:
        cells = []
        for text in row:
            text = _plain(text).strip().strip("$").replace("−", "-")
            text = re.sub(r"^([-+]?)\((\d+)\)/\((\d+)\)$", r"\1\2/\3", text)
            if not CELL.fullmatch(text):
                return None
            try:
                value = parse_number(text)
            except BackcalcError:
                return None
            number = Number(abs(Fraction(value)))
            cells.append(Cell(text, Negation(number) if text.startswith("-") else number))
        found.append(tuple(cells))
    return tuple(found)


def _answer(
    text: str,
    start: int,
    end: int,
    rows: tuple[tuple[Cell, ...], ...] | None,
    network: Network,
    form: MatrixForm,
) -> Iterator[MatrixAnswer]:
    """Yield the statement whose numbers stand here, where a name stands before them."""
    if rows is None:
        return
    line = text.rfind("\n", 0, start) + 1
    before = NAMED.search(text, line, start)
    while before is None and line:  # the name may stand on the line before
        stop = line - 1
        line = text.rfind("\n", 0, stop) + 1
        if text[stop:start].strip():
            return
        before = NAMED.search(text, line, stop)
        break
    if before is None:
        return
    begin = line
    name = quantity_named(before["name"], network)
    if name is None:  # a chain: dL/dW = delta x^T = [[...]]
        first = FORMULA.match(text[line : before.end("name")] + " = .")
        name = quantity_named(first["name"], network) if first else None
    if name is None:
        return
    shape = shape_called(name, form.shapes)
    flat = tuple(cell for row in rows for cell in row)
    written = Shape((len(rows), len(rows[0])))
    if len(shape) == 1 and 1 in written:
        written = Shape((len(flat),))
    elif len(shape) == 2 and len(rows) == 1 and len(flat) == shape[0] and shape[1] == 1:
        written = shape
    tail = re.match(r"\s*(?:\$+|\\\]|\\\)|\\\\|[.,;])*", text[end:])
    stop = end + (len(tail[0].rstrip()) if tail and "\n" not in tail[0].rstrip() else 0)
    yield MatrixAnswer(name, written, flat, "", " ".join(text[start:end].split()), begin, stop)


# Formulas.

SIGNS = (
    (
        re.compile(r"\^\s*\{?\s*(?:\\top|\\intercal|\\mathrm\{T\}|⊤|T|ᵀ)\s*\}?|ᵀ|\.transpose\(\)"),
        ".T",
    ),
    (re.compile(r"\\odot|\\circ|⊙|∘|\\ast"), "*"),
    (re.compile(r"\\times|×"), "@"),
    (re.compile(r"\\cdot|·|⋅"), " ⋅ "),
    (re.compile(r"−"), "-"),
    (re.compile(r"(?:np|numpy|torch|jnp)\."), ""),
)
WORD = re.compile(r"d[A-Za-z]\w*/d[A-Za-z]\w*'*|[A-Za-z]\w*'*|\d+\.?\d*|\*\*|\.T|[-+*/@()\[\],=⋅:]")
SIZES = ("N", "m", "n", "B", "batch_size")


def _formulas(text: str, network: Network, form: MatrixForm) -> Iterator[MatrixAnswer]:
    """Yield statements that say a vector or matrix by a formula."""
    for match in FORMULA.finditer(text):
        name = quantity_named(match["name"], network)
        if name is None or len(match["formula"]) > MOST_LINE:
            continue
        said = re.split(r"\s=\s|(?<![=!<>])=(?!=)", match["formula"])[-1]
        formula = formula_in_signs(said, network)
        if formula is None:
            continue
        shape = shape_called(name, form.shapes)
        shown = " ".join(said.strip().strip("$\\,.;& ").split())
        yield MatrixAnswer(name, shape, (), formula, shown, match.start(), match.end())


def formula_in_signs(text: str, network: Network) -> str | None:
    r"""A formula as people write it in our own signs: `\delta_2 h_1^T` is `dL/dz2 @ h1.T`.

    None where a word of it is no quantity of the network.
    """
    form = network.matrices
    assert form is not None
    text = LAYER.sub(r"\1", text)
    for pattern, instead in (*SIGNS, *LATEX):
        text = pattern.sub(instead, text)
    text = re.sub(r"\\(tanh|exp|log|ln|sigma|max|min|sum)\b", r" \1", text)
    text = text.replace("{", "").replace("}", "").translate(DIGITS).strip().strip("$\\.,;& ")
    text = re.sub(r"(?<=\w)_(?=\d)", "", text)
    text = re.sub(r"\(d\s*(\w+)\)/\(d\s*(\w+)\)", r"d\1/d\2", text)
    words: list[str] = []
    functions = {"sum", "mean", "outer", "dot", "softmax", "tanh", "sigmoid", "relu", "exp", "log"}
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = WORD.match(text, place)
        if match is None:
            return None
        word = match[0]
        place = match.end()
        if word[0].isalpha() and word not in functions and word not in ("axis", "keepdims", "True"):
            primes = len(word) - len(word.rstrip("'"))
            found = known_names(network).get(_bare(word.rstrip("'")))
            scalar = word if word in form.shapes or word in SIZES else None
            if found is None and scalar is None:
                return None
            word = str(found.after(primes)) if found is not None else word
        juxtaposed = words and _ends(words[-1]) and _begins(word)
        if juxtaposed and not (words[-1] in functions and word == "("):
            words.append("⋅")
        words.append(word)
    return " ".join(words) if words else None


def _ends(word: str) -> bool:
    return word[-1].isalnum() or word in (")", ".T") or word.endswith("'")


def _begins(word: str) -> bool:
    return word[0].isalnum() or word == "("


def readings(formula: str, form: MatrixForm) -> Iterator[Expression]:
    """Yield what a formula may mean: a dot, or nothing, is a product of matrices or of elements."""
    shapes = {**form.shapes}
    for name in form.shapes:
        derivative = Derivative(form.loss, name)
        shapes[derivative] = shape_called(derivative, form.shapes)
    for sign in ("@", "*"):
        try:
            yield parse_matrices(formula.replace("⋅", sign), derivatives=True).expression
        except BackcalcError:
            continue
